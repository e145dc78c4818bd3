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
import sys
import warnings
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

import cypool.cuda
from cypool import engine, functional, reference
from cypool.arrays import storage_of
from cypool.cuda.source import text as source
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


def masked_kernels(dtypes=tuple(_NAMES), offsets=("int", "long long")):
    """The same of those for masks and weights, which are float64 if there are any."""
    names = []
    for name in kernels(dtypes, ("{}",)):
        if "select<" in name:
            names.append(name.replace("select<", "select_valid<"))
        elif "total<" in name and "long long," in name:
            names.append(name.replace("total<", "total_valid<").replace(", {}>", ", float, {}>"))
    for t in (_NAMES[d] for d in dtypes if d in FLOATING):
        names += [f"cypool_numbers<{t}, {{}}>", f"cypool_weights_gradient<{t}, {{}}>"]
        for weight in ("float", "double"):
            names += [f"cypool_{kernel}<{t}, {weight}, {{}}>" for kernel in ("sent", "received_valid")]
            names += [f"cypool_total_valid<{t}, double, {out}, {weight}, {{}}>" for out in dict.fromkeys((t, "double"))]
    return [name.format(offset) for name, offset in itertools.product(names, offsets)]


def build(folder, text, names):
    """Compile kernels into a library and load it."""
    return ctypes.CDLL(str(compiled(folder, text, names)))


def compiled(folder, text, names, flags=("-O0",)):
    """Compile kernels into a library."""
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
    return library


def no_gpu():
    """Why there is no GPU, None if there is one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # CuPy warns at its import where it finds no CUDA
        try:
            cypool.cuda.device()
        except (ImportError, RuntimeError) as error:
            return str(error)
    return None


NO_GPU = no_gpu()


def host_fixture(names):
    """A fixture: these kernels on the host."""

    @pytest.fixture(scope="module")
    def host(tmp_path_factory):
        if compiler() is None:
            pytest.skip("no C++ compiler that knows _Float16")
        return HostDevice(build(tmp_path_factory.mktemp("kernels"), source(), names))

    return host


def there(device, array):
    """A NumPy array (or indices, or None) on the device."""
    return device.xp.asarray(array)


def here(array):
    return array if isinstance(array, np.ndarray) else array.get()


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

    def address(self, array):
        return array.ctypes.data

    def launch(self, name, threads, arguments):
        assert threads > 0
        self.launched.add(name)
        # Arrays are passed by their address, scalars by value.
        values = [
            np.array(a.ctypes.data, np.uint64) if isinstance(a, np.ndarray) and a.ndim else np.asarray(a)
            for a in arguments
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


# ---- calls that reach every kind of bound ------------------------------------------------------------------------------

CASES = [
    ("max_pool", (2, 3, 9, 7), {"kernel_size": (3, 3), "stride": 2, "padding": 1}),
    ("min_pool", (2, 9, 7, 3), {"kernel_size": (2, 3), "data_format": "channels_last", "ceil_mode": True}),
    ("max_pool", (1, 2, 23), {"kernel_size": (4,), "stride": 3, "dilation": 2, "padding": 3, "index_layout": "window"}),
    ("max_pool", (1, 2, 5, 4, 6), {"kernel_size": (2, 2, 2), "padding": "same", "index_layout": "global"}),
    ("min_pool", (3, 4, 3, 5, 2), {"kernel_size": 2, "axes": (3, 0, 1, 2), "stride": 1, "padding": 1}),
    ("adaptive_max_pool", (2, 2, 7, 5), {"output_size": (3, 7)}),
    ("global_min_pool", (2, 3, 4, 5), {"keepdims": False}),
    ("avg_pool", (2, 3, 9, 8), {"kernel_size": (3, 3), "stride": 2, "padding": 1, "count_include_pad": False}),
    ("avg_pool", (1, 1, 20, 21), {"kernel_size": (9, 9), "stride": 1, "padding": 5, "ceil_mode": True}),
    ("avg_pool", (3, 4, 3, 5, 2), {"kernel_size": 2, "axes": (3, 0, 1, 2), "stride": (1, 2, 2, 1), "padding": 1}),
    ("sum_pool", (4, 2, 30), {"kernel_size": (5,), "stride": 2, "dilation": 3, "padding": 7}),
    ("adaptive_avg_pool", (2, 3, 4, 5, 6), {"output_size": (2, 3, 8)}),
    ("global_avg_pool", (2, 3, 4, 5), {"data_format": "channels_last"}),
    ("avg_pool", (1, 2, 8), {"kernel_size": (2,), "divisor_override": 3}),
    ("max_pool", (1, 2, 3, 4), {"kernel_size": (5, 3), "stride": 1, "padding": (5, 3), "boundary": "reflect"}),
    ("min_pool", (2, 4), {"kernel_size": (6,), "stride": 1, "padding": 3, "boundary": "wrap", "index_layout": "window"}),
    ("avg_pool", (2, 3, 4), {"kernel_size": (3, 3), "stride": (1, 2), "padding": 4, "dilation": 2, "boundary": "edge"}),
]  # fmt: skip


def same_as_reference(device, name, shape, parameters, there=np.asarray, here=np.asarray):
    """One case, forward and backward, against the slow reference; `there` and `here` move arrays to the device and back."""
    rng = np.random.default_rng(sum(shape))
    x = (rng.integers(-4, 5, shape) / 2).astype(np.float32)
    selecting = "max" in name or "min" in name
    more = {"return_indices": True} if selecting else {}
    placed = there(x)
    got = call(device, name, placed, **parameters, **more)
    want = getattr(reference, name)(x, **parameters, **more)
    for one, other in zip(got, want, strict=True) if selecting else [(got, want)]:
        np.testing.assert_allclose(here(one), other, rtol=1e-6)
    gradient = rng.integers(-8, 9, (got[0] if selecting else got).shape).astype(np.float32)
    want = getattr(reference, name + "_backward")(gradient, x, **parameters)
    for options in ({}, {"indices": got[1]}) if selecting else ({},):
        back = call(device, name + "_backward", there(gradient), placed, **parameters, **options)
        np.testing.assert_allclose(here(back), want, rtol=1e-6, atol=1e-6)


def main(library):
    """Every case by a library of kernels for float32: what an address sanitizer watches, in a process of its own."""
    device = HostDevice(ctypes.CDLL(library))
    for case in CASES:
        same_as_reference(device, *case)
    print("all cases agree")


if __name__ == "__main__":
    main(*sys.argv[1:])
