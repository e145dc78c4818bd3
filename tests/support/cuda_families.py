"""Public functions of families that `cypool.functional` does not make, on a device that no array betrays."""

import ctypes
import importlib
import inspect
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cuda_on_host
import numpy as np
import pytest

import cypool

NVCC = shutil.which("nvcc")
needs_compiler = pytest.mark.skipif(cuda_on_host.compiler() is None, reason="no C++ compiler that knows _Float16")


def call(device, name, *arguments, **keywords):
    """``cypool.NAME(*arguments, **keywords)``, as that function calls what does the work, on a device."""
    inside = inspect.getclosurevars(getattr(cypool, name)).nonlocals
    return inside["run"](inside["bind"](arguments, keywords), device=device)


def placed(device, value):
    """Arrays moved to the device, wherever they are among arguments."""
    if isinstance(value, dict):
        return {name: placed(device, one) for name, one in value.items()}
    return cuda_on_host.there(device, value) if isinstance(value, np.ndarray) else value


def fetched(result):
    return tuple(map(cuda_on_host.here, result)) if isinstance(result, tuple) else cuda_on_host.here(result)


def nvcc_has_nothing_to_warn_of(folder, architecture, names):
    """Compile kernels for a device, and no warning."""
    pointers = ",\n".join(f"    (const void *)&{name}" for name in names)
    text = f"{cuda_on_host.source()}\nextern const void *const kernels[];\nconst void *const kernels[] = {{\n{pointers}\n}};\n"
    (folder / "kernels.cu").write_text(text, encoding="utf-8")
    command = [NVCC, "-std=c++17", f"-arch={architecture}", "--fmad=false", "-Werror", "all-warnings"]
    command += ["-Wno-deprecated-gpu-targets", "-cubin", "-o", folder / "kernels.cubin", folder / "kernels.cu"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr


def planted(right, wrong, kernel=None):
    """The source with a fault, which stands in it once (of the kernel, if one is named: once behind its name)."""
    text = cuda_on_host.source()
    begin = 0 if kernel is None else re.search(rf"\b{kernel}\b", text).start()
    assert text.count(right, begin) >= 1 and (kernel is not None or text.count(right) == 1), right
    return text[:begin] + text[begin:].replace(right, wrong, 1)


def sanitized(folder, text, kernels, module):
    """What an address sanitizer says while every case of a test module runs, in a process of its own."""
    library = subprocess.run([cuda_on_host.compiler(), "-print-file-name=libasan.so"], capture_output=True, text=True)
    if not Path(library.stdout.strip()).is_absolute() or sys.platform != "linux":
        pytest.skip("no libasan.so, which is preloaded as Linux does it")
    built = cuda_on_host.compiled(folder, text, kernels, ("-O0", "-g", "-fsanitize=address"))
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[1]), str(Path(cypool.__file__).parents[1])]
    environment = {
        **os.environ, "LD_PRELOAD": library.stdout.strip(), "ASAN_OPTIONS": "detect_leaks=0",
        "PYTHONPATH": os.pathsep.join(paths),
    }  # fmt: skip
    command = [sys.executable, __file__, module.rpartition(".")[2], str(built)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder)


def main(module, library):
    """Every case of a test module by a library of kernels."""
    importlib.import_module(module).every_case(cuda_on_host.HostDevice(ctypes.CDLL(library)))
    print("all cases agree")


if __name__ == "__main__":
    main(*sys.argv[1:])
