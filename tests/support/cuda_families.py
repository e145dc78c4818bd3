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


def as_on_the_host(device, name, x, *arguments, **p):
    """Forward and gradients of a call for float32, which on the host are held to the reference by tests of their own."""
    there = [placed(device, a) for a in (x, *arguments)]
    want = getattr(cypool, name)(x, *arguments, **p)
    got = cuda_on_host.public(device, name, *there, **placed(device, p))
    np.testing.assert_allclose(cuda_on_host.here(got), want, rtol=2e-6, atol=2e-6)
    gradient = np.random.default_rng(4).integers(-8, 9, want.shape).astype(np.float32)
    want = getattr(cypool, name + "_backward")(gradient, x, *arguments, **p)
    got = fetched(
        cuda_on_host.public(device, name + "_backward", placed(device, gradient), *there, **placed(device, p))
    )
    for one, other in zip(got, want, strict=True) if isinstance(want, tuple) else [(got, want)]:
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5 * max(1, np.abs(other).max()))


def nvcc_has_nothing_to_warn_of(folder, architecture, names):
    """Compile kernels for a device, and no warning."""
    cuda_on_host.compile_for(folder, architecture, names)


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
