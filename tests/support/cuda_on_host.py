"""A device that is the host: the GPU's kernels, compiled by the C++ compiler, over NumPy arrays.

`HostDevice` has what `cypool.cuda.cupy_device.CupyDevice` has; the engine and `cypool.cuda.windows` do not know the
difference.  `call` is a public function of cypool on it.
"""

import ctypes
import inspect
import itertools
import os
import re
import shutil
import subprocess
import warnings
from functools import lru_cache
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

import cypool
import cypool.cuda
from cypool import engine, functional, reference
from cypool.arrays import storage_of
from cypool.cuda import large, paths
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


ARCHITECTURES = ("sm_75", "sm_80", "sm_90")
TOLD = r"ptxas info +: (\d+ bytes gmem|Compiling|Function properties|Used|Compile time)|    \d+ bytes stack frame"
"""What ptxas says of every kernel, which is no warning."""


def compile_for(folder, architecture, names, stack=False):
    """Have nvcc compile kernels for a device: nothing to warn of, no register spilled, no stack but where it may be.

    Where there is no nvcc the test ends here.
    """
    nvcc = shutil.which("nvcc")
    if nvcc is None:
        pytest.skip("no nvcc")
    pointers = ",\n".join(f"    (const void *)&{name}" for name in names)
    text = f"{source()}\nextern const void *const kernels[];\nconst void *const kernels[] = {{\n{pointers}\n}};\n"
    (folder / "kernels.cu").write_text(text, encoding="utf-8")
    command = [nvcc, "-std=c++17", f"-arch={architecture}", "--fmad=false", "-Werror", "all-warnings", "-Xptxas", "-v"]
    command += ["-Wno-deprecated-gpu-targets", "-cubin", "-o", folder / "kernels.cubin", folder / "kernels.cu"]
    environment = {key: value for key, value in os.environ.items() if key != "LD_PRELOAD"}  # a sanitizer's stops nvcc
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    others = [line for line in done.stderr.splitlines() if not re.match(TOLD, line)]
    assert done.returncode == 0 and not others, done.stderr
    assert len(re.findall("Compiling entry function", done.stderr)) == len(names), done.stderr
    used = re.findall(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", done.stderr)
    assert len(used) >= len(names), done.stderr  # functions that are called have frames of their own
    assert all((stack or frame == "0") and stores == loads == "0" for frame, stores, loads in used), done.stderr


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
        "            return e.run(blocks, threads, arguments);\n    return 1;\n}\n"
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


def host_fixture(names, device=None):
    """A fixture: these kernels on the host, by `HostDevice` or what is made of a library as that is."""

    @pytest.fixture(scope="module")
    def host(tmp_path_factory):
        if compiler() is None:
            pytest.skip("no C++ compiler that knows _Float16")
        return (device or HostDevice)(build(tmp_path_factory.mktemp("kernels"), source(), names))

    return host


def there(device, array):
    """A NumPy array (or indices, or None) on the device."""
    return device.xp.asarray(array)


def here(array):
    return array.get() if hasattr(array, "get") else np.asarray(array)


class HostDevice:
    """NumPy in CuPy's place."""

    xp = np

    def __init__(self, library, blocks=3, threads=16, paths=()):
        self.library, self.blocks, self.threads, self.paths = library, blocks, threads, paths
        self.launched = set()
        self.windows = lru_cache(maxsize=64)(lambda found: DeviceWindows(found, self))

    def as_array(self, x, name):
        storage_of(np.asarray(x).dtype, name)
        return np.asarray(x)

    def address(self, array):
        return array.ctypes.data

    def launch(self, name, threads, arguments, block=None):
        """As `CupyDevice.launch`; without a size of its own a block is small, so that several have something to do."""
        assert threads > 0
        blocks = self.blocks if block is None else -(-threads // block)
        self.launched.add(name)
        # Arrays are passed by their address, scalars by value.
        values = [
            np.array(a.ctypes.data, np.uint64) if isinstance(a, np.ndarray) and a.ndim else np.asarray(a)
            for a in arguments
        ]
        pointers = (ctypes.c_void_p * len(values))(*(v.ctypes.data for v in values))
        assert self.library.run(name.encode(), blocks, block or self.threads, pointers) == 0, name


class Recorder(HostDevice):
    """A device that computes nothing, and notes what it is asked for."""

    def launch(self, name, threads, arguments, block=None):
        self.launched.add(name)


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


def public(device, name, *arguments, **parameters):
    """A function of a family, by its public name, on a device."""
    with mock.patch.object(engine, "device_of", return_value=device):
        return getattr(cypool, name)(*arguments, **parameters)


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


SPECIAL_CASES = [
    ("max_pool", (2, 3, 8, 16), {"kernel_size": 2}),
    ("max_pool", (2, 3, 9, 16), {"kernel_size": 3, "stride": 2, "padding": 1}),
    ("min_pool", (1, 3, 5, 12), {"kernel_size": 3, "stride": 1, "padding": 1}),
    ("avg_pool", (1, 3, 6, 14), {"kernel_size": 3, "stride": 1, "padding": 1}),
    ("avg_pool", (2, 2, 7, 9), {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False, "ceil_mode": True}),
    ("avg_pool", (1, 5, 7, 8), {"kernel_size": 3, "stride": 2, "padding": 1, "data_format": "channels_last"}),
    ("max_pool", (1, 5, 7, 8), {"kernel_size": 3, "stride": 2, "padding": 1, "data_format": "channels_last"}),
    ("max_pool", (1, 2, 4, 6, 8), {"kernel_size": 2}),
    ("max_pool", (1, 2, 9, 12), {"kernel_size": (5, 3), "stride": (1, 2), "padding": (2, 1)}),
    ("global_avg_pool", (2, 3, 7, 7), {}),
    ("global_max_pool", (2, 3, 8, 8), {}),
    ("global_avg_pool", (2, 7, 5, 8), {"data_format": "channels_last"}),
    ("global_max_pool", (2, 7, 5, 8), {"data_format": "channels_last"}),
    ("global_max_pool", (1, 1, 32, 64), {}),
    ("max_pool", (1, 2, 6, 6), {"kernel_size": 8, "padding": 1, "index_layout": "window"}),
    ("global_avg_pool", (1, 1, 32, 64), {}),
    ("adaptive_max_pool", (1, 2, 33, 32), {"output_size": (3, 4)}),
    ("adaptive_avg_pool", (1, 2, 33, 33), {"output_size": 3}),
    ("avg_pool", (1, 2, 9, 11), {"kernel_size": 6, "stride": 1, "padding": 3, "count_include_pad": False}),
    ("max_pool", (1, 2, 9, 11), {"kernel_size": 6, "stride": 1, "padding": 3}),
    ("max_pool", (1, 11, 9, 3), {"kernel_size": (6, 7), "stride": 2, "padding": 3, "data_format": "channels_last"}),
    ("sum_pool", (1, 1, 6, 6, 7), {"kernel_size": (4, 3, 4), "stride": 1, "padding": 1}),
    ("max_pool", (1, 2, 7, 12), {"kernel_size": 5, "stride": 1, "padding": 2}),
    ("avg_pool", (1, 1, 5, 6), {"kernel_size": 5, "stride": 1, "padding": 2, "count_include_pad": False}),
]  # fmt: skip
"""Calls that the special ways take (`cypool.cuda.paths`)."""


def run_case(device, name, shape, parameters, there=np.asarray):
    """One case, forward and backward: pairs of what the device gives and a function that gives what it should, slowly."""
    rng = np.random.default_rng(sum(shape))
    x = (rng.integers(-4, 5, shape) / 2).astype(np.float32)
    selecting = "max" in name or "min" in name
    more = {"return_indices": True} if selecting else {}
    placed, results = there(x), []
    got = call(device, name, placed, **parameters, **more)
    results.append((got if selecting else (got,), lambda: getattr(reference, name)(x, **parameters, **more)))
    if selecting:
        value = call(device, name, placed, **parameters)
        results.append(((value,), lambda: getattr(reference, name)(x, **parameters)))
    gradient = rng.integers(-8, 9, (got[0] if selecting else got).shape).astype(np.float32)
    for options in ({}, {"indices": got[1]}) if selecting else ({},):
        back = call(device, name + "_backward", there(gradient), placed, **parameters, **options)
        results.append(((back,), lambda: getattr(reference, name + "_backward")(gradient, x, **parameters)))
    return results


def same_as_reference(device, *case, there=np.asarray, here=np.asarray):
    """One case against the slow reference; `there` and `here` move arrays to the device and back."""
    for got, slow in run_case(device, *case, there=there):
        want = slow()
        for one, other in zip(got, want if isinstance(want, tuple) else (want,), strict=True):
            np.testing.assert_allclose(here(one), other, rtol=1e-6, atol=1e-6)


def small_parts(patch):
    """Let small arrays be cut into parts, as only large ones are."""
    patch.setattr(large, "TAPS_A_PART", 1 / 16)


def asked(cases, ways=paths.PATHS):
    """The names of the kernels that cases ask for."""
    device = Recorder(None, paths=ways)
    for case in cases:
        with np.errstate(all="ignore"):
            run_case(device, *case)
    return sorted(device.launched)
