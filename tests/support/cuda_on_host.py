"""A device that is the host: the GPU's kernels, compiled by the C++ compiler, over NumPy arrays.

`HostDevice` has what `cypool.cuda.cupy_device.CupyDevice` has; the engine and `cypool.cuda.windows` do not know the
difference.  `call` is a public function of cypool on it.
"""

import ctypes
import inspect
import itertools
import os
import shutil
import subprocess
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np

from cypool import engine, functional
from cypool.arrays import storage_of
from cypool.cuda.windows import _NAMES, DeviceWindows

HERE = Path(__file__).parent
WHOLE = [name for name in _NAMES if "float" not in name]
FLOATING = [name for name in _NAMES if "float" in name]


def compiler():
    """The C++ compiler, None if there is none that knows halves."""
    found = shutil.which(os.environ.get("CXX", "c++").split()[0])
    if found is None:
        return None
    probe = subprocess.run(
        [found, "-x", "c++", "-std=c++17", "-fsyntax-only", "-"], input=b"_Float16 half;", capture_output=True
    )
    return found if probe.returncode == 0 else None


def source():
    """The text of kernels.cu."""
    return resources.files("cypool.cuda").joinpath("kernels.cu").read_text(encoding="utf-8")


def kernels(dtypes=tuple(_NAMES), offsets=("int", "long long")):
    """The name of every kernel that these dtypes can ask for."""
    whole = [_NAMES[d] for d in dtypes if d in WHOLE]
    sums = {_NAMES[d]: ("double",) if d == "float64" else ("float", "double") for d in dtypes if d in FLOATING}
    names = [f"cypool_select<{t}, {sign}, {{}}>" for t in dict.fromkeys([*whole, *sums]) for sign in (1, -1)]
    for t in dict.fromkeys(whole):
        out = "long long" if t in ("signed char", "short", "int", "long long") else "unsigned long long"
        outs = dict.fromkeys([t, out, *(["long long"] if t == "unsigned char" else [])])
        names += [f"cypool_total<{t}, unsigned long long, {o}, {{}}>" for o in outs]
    for t, wide in sums.items():
        names += [f"cypool_total<{t}, {s}, {t}, {{}}>" for s in wide]
        names += [f"cypool_adjoint<{t}, {s}, {shares}, {{}}>" for s in wide for shares in ("true", "false")]
        names += [f"cypool_scatter<{t}, {s}, {{}}>" for s in wide]
        names += [f"cypool_gather<{t}, {{}}>"]
    names.append("cypool_planes<{}>")
    return [name.format(offset) for name, offset in itertools.product(names, offsets)]


def build(folder, text, names, flags=("-O1",)):
    """Compile kernels into a library and load it."""
    folder = Path(folder)
    rows = "\n".join(f"    KERNEL({name})," for name in names)
    table = f"static const Entry TABLE[] = {{\n{rows}\n}};\n"
    run = (
        'extern "C" int run(const char *name, unsigned int blocks, unsigned int threads, void **arguments) {\n'
        "    for (const Entry &e : TABLE)\n        if (!__builtin_strcmp(e.name, name))\n"
        "            return e.run(blocks, threads, arguments), 0;\n    return 1;\n}\n"
    )
    (folder / "kernels.cpp").write_text(f'#include "{HERE / "cuda_on_host.h"}"\n{text}\n{table}{run}', encoding="utf-8")
    library = folder / "kernels.so"
    command = [compiler(), "-std=c++17", "-fPIC", "-shared", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([*command, *flags, "-o", library, folder / "kernels.cpp"], check=True)
    return ctypes.CDLL(str(library))


class HostDevice:
    """NumPy in CuPy's place."""

    xp = np

    def __init__(self, library, blocks=3, threads=16):
        self.library, self.blocks, self.threads = library, blocks, threads
        self.launched = set()
        self.windows = lru_cache(maxsize=64)(lambda found: DeviceWindows(found, self))

    def as_array(self, x, name):
        storage_of(np.asarray(x).dtype, name)
        return np.asarray(x)

    def launch(self, name, threads, arguments):
        assert threads > 0
        self.launched.add(name)
        # Arrays are passed by their address, scalars by value.
        values = [
            np.array(a.ctypes.data, np.uint64) if isinstance(a, np.ndarray) and a.ndim else np.asarray(a) for a in arguments
        ]
        pointers = (ctypes.c_void_p * len(values))(*(v.ctypes.data for v in values))
        assert self.library.run(name.encode(), self.blocks, self.threads, pointers) == 0, name


def call(device, name, *arrays, indices=None, **parameters):
    """``cypool.NAME(*arrays, **parameters)`` on a device."""
    forward = name.removesuffix("_backward").removesuffix("_double")
    function = getattr(functional, forward)
    bound = inspect.signature(function).bind(arrays[-1], **parameters)
    bound.apply_defaults()
    operator = functional._OPERATOR_OF[function]
    if name == forward:
        return engine.forward(operator, bound.arguments, device)
    run = engine.double_backward if name.endswith("_double_backward") else engine.backward
    gradients = arrays[:-1]
    return run(operator, bound.arguments, *gradients, indices, device)
