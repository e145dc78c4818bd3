"""Region pooling: the compiled operators against the slow reference, their gradients, and the same bits."""

import concurrent.futures
import importlib
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl
from hypothesis import given
from numpy.testing import assert_array_equal
from region_cases import (
    BINS,
    DTYPES,
    LAYOUTS,
    OPERATORS,
    calls,
    close,
    every_operator,
    example,
    function,
    gradient_like,
    rng,
    same_bits,
)

import cypool
from cypool import config
from cypool import reference_regions as reference
from cypool.kernels import core

# ---- against the reference -------------------------------------------------------------------------------------------


@every_operator
@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_values_and_gradients(name, data_format, dtype):
    """Taps are at most 6 x 6 of magnitude 4 at most; a cell has at most 7 x 6 bins' gradients."""
    x, boxes, options = example(name, dtype, data_format)
    got = function(name)(x, boxes, BINS, 0.9, **options)
    want = function(name, module=reference)(x, boxes, BINS, 0.9, **options)
    close(got, want, dtype, 36, 4)
    assert np.count_nonzero(got) > got.size / 2
    gradient = gradient_like(got)
    if name.startswith("roi_align ") and dtype != np.float64:
        return  # which of two samples is the larger may depend on the work dtype's rounding
    back = function(name, "_backward")(gradient, x, boxes, BINS, 0.9, **options)
    close(back, function(name, "_backward", reference)(gradient, x, boxes, BINS, 0.9, **options), dtype, 42, 4)
    assert np.count_nonzero(back)


@given(calls())
def test_any_geometry(call):
    """float64: the same positions, so maxima agree to the bit, and so do the places where they are found."""
    x, boxes, bins, scale, ratio, aligned, data_format = call
    few = x[:, :2]
    if data_format == "channels_last":
        x, few = np.moveaxis(x, 1, -1), np.moveaxis(few, 1, -1)
    options = {"data_format": data_format}

    def check(got, want, exact=False):
        assert_array_equal(np.isnan(got), np.isnan(want))
        np.testing.assert_allclose(got, want, rtol=0 if exact else 1e-12, atol=0 if exact else 1e-12)

    got, want = (
        module.roi_pool(few, boxes, bins, scale, return_indices=True, **options) for module in (cypool, reference)
    )
    check(got[0], want[0], exact=True)
    assert_array_equal(got[1], want[1])
    assert_array_equal(cypool.roi_pool(few, boxes, bins, scale, **options), got[0])
    check(cypool.ps_roi_pool(x, boxes, bins, scale, **options), reference.ps_roi_pool(x, boxes, bins, scale, **options))
    arguments = (boxes, bins, scale, ratio)
    check(cypool.ps_roi_align(x, *arguments, **options), reference.ps_roi_align(x, *arguments, **options))
    for mode in ("avg", "max", "onnx_max"):
        more = {**options, "mode": mode}
        got, want = (module.roi_align(few, *arguments, aligned, **more) for module in (cypool, reference))
        check(got, want, exact=mode != "avg")
        gradient = gradient_like(got)
        got, want = (m.roi_align_backward(gradient, few, *arguments, aligned, **more) for m in (cypool, reference))
        check(got, want)


def test_large_bins_add_up_in_float64():
    """More than 64 cells: float32's mean of tenths is within one unit in the last place, as float16's is."""
    for dtype in (np.float32, np.float16):
        x = np.broadcast_to(np.array(0.1, dtype), (1, 1, 4096, 2048))
        for got in (
            cypool.roi_align(x, [[0, 0, 0, 2048, 4096]], 1),
            cypool.ps_roi_pool(x, [[0, 0, 0, 2048, 4096]], 1),
            cypool.roi_align(x, [[0, 64, 64, 1024, 1024]], 1, sampling_ratio=1024),
        ):
            assert got.dtype == dtype
            np.testing.assert_array_max_ulp(got, np.full_like(got, 0.1), maxulp=1)


def test_a_gradient_adds_up_in_float64():
    """A thousand boxes over the same cells."""
    boxes = np.tile([[0, 0.0, 0.0, 2.0, 2.0]], (100_000, 1))
    gradient = np.full((len(boxes), 1, 1, 1), 0.1, np.float32)
    got = cypool.ps_roi_pool_backward(gradient, (1, 1, 3, 3), boxes, 1)
    want = np.float64(np.float32(0.1)) * len(boxes) / 4
    np.testing.assert_array_max_ulp(got[0, 0, :2, :2], np.full((2, 2), want, np.float32), maxulp=1)


@every_operator
@pytest.mark.parametrize("data_format", LAYOUTS)
def test_gradients_in_bands(name, data_format):
    """Planes larger than what a unit collects in: boxes lie across the bands' borders."""
    x, boxes, options = example(name, np.float64, data_format, n=1, channels=2, h=300, w=300, k=25)
    boxes[:, 1:3] = rng(3).uniform(-5, 295, (25, 2))
    boxes[:, 3:] = boxes[:, 1:3] + rng(4).uniform(5, 30, (25, 2))
    gradient = gradient_like(function(name)(x, boxes, BINS, **options))
    back = function(name, "_backward")(gradient, x, boxes, BINS, **options)
    want = function(name, "_backward", reference)(gradient, x, boxes, BINS, **options)
    np.testing.assert_allclose(back, want, rtol=1e-13, atol=1e-13)


def test_indices_in_bands():
    """A plane of more than a million cells, and indices anywhere in it."""
    shape = (1, 1, 1200, 1000)
    indices = rng(0).integers(-1, 1200 * 1000, (50, 1, 4, 5))
    gradient = rng(1).standard_normal(indices.shape)
    boxes = np.zeros((50, 5))
    want = np.zeros(shape)
    np.add.at(want.reshape(-1), indices[indices >= 0], gradient[indices >= 0])
    stand_in = np.broadcast_to(np.float32(0), shape)
    same_bits(cypool.roi_pool_backward(gradient, stand_in, boxes, (4, 5), indices=indices), want)


@pytest.mark.parametrize("mode", ["max", "onnx_max"])
def test_a_maximum_of_minus_infinity_has_a_gradient(mode):
    """The first sample's cells have it."""
    x = np.full((1, 1, 4, 4), -np.inf)
    box = [[0, 0.25, 0.25, 2.25, 2.25]]
    assert cypool.roi_align(x, box, 1, 1.0, 2, mode=mode).item() == -np.inf
    back = cypool.roi_align_backward(np.ones((1, 1, 1, 1)), x, box, 1, 1.0, 2, mode=mode)
    assert_array_equal(back, reference.roi_align_backward(np.ones((1, 1, 1, 1)), x, box, 1, 1.0, 2, mode=mode))
    assert back.sum() == (1 if mode == "max" else 0.25 * 0.25)


# ---- gradients -------------------------------------------------------------------------------------------------------


@every_operator
@pytest.mark.parametrize("data_format", LAYOUTS)
def test_central_differences(name, data_format):
    """Without ties: cells differ by far more than the step."""
    x, boxes, options = example(name, np.float64, data_format, n=1, channels=2, h=4, w=5, k=3)
    gradient = gradient_like(function(name)(x, boxes, BINS, **options))
    got = function(name, "_backward")(gradient, x, boxes, BINS, **options)
    step = 1e-6
    for at in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[at] += step
        below[at] -= step
        change = function(name)(above, boxes, BINS, **options) - function(name)(below, boxes, BINS, **options)
        assert abs((gradient * change).sum() / (2 * step) - got[at]) < 1e-7


@pytest.mark.parametrize("name", [name for name, (_, _, linear) in OPERATORS.items() if linear])
@pytest.mark.parametrize("data_format", LAYOUTS)
def test_adjoint(name, data_format):
    """<S x, y> = <x, S^T y>, and the gradient needs no more than the shape of x."""
    x, boxes, options = example(name, np.float64, data_format, k=20)
    value = function(name)(x, boxes, BINS, 1.1, **options)
    gradient = gradient_like(value)
    back = function(name, "_backward")(gradient, x.shape, boxes, BINS, 1.1, **options)
    assert abs((value * gradient).sum() - (x * back).sum()) < 1e-12 * np.abs(value * gradient).sum()
    same_bits(back, function(name, "_backward")(gradient, x, boxes, BINS, 1.1, **options))


def test_given_indices_spare_the_search():
    x, boxes, _ = example("roi_pool")
    value, indices = cypool.roi_pool(x, boxes, BINS, return_indices=True)
    gradient = gradient_like(value)
    want = cypool.roi_pool_backward(gradient, x, boxes, BINS)
    stand_in = np.broadcast_to(np.float32(0), x.shape)
    for given_ in (indices, indices.astype(np.int32), indices.tolist(), indices.astype(">i8")):
        same_bits(cypool.roi_pool_backward(gradient, stand_in, boxes, BINS, indices=given_), want)
    same_bits(cypool.roi_pool_backward(gradient, x, boxes, BINS, return_indices=True), want)
    nowhere = np.full_like(indices, -1)
    assert not cypool.roi_pool_backward(gradient, x, boxes, BINS, indices=nowhere).any()


# ---- the same bits ---------------------------------------------------------------------------------------------------


@every_operator
@pytest.mark.parametrize("dtype", DTYPES[:3], ids=str)
def test_any_number_of_threads(name, dtype):
    before = core.set_grain(1.0)
    try:
        with threadpoolctl.threadpool_limits(4, "openmp"):
            for data_format in LAYOUTS:
                x, boxes, options = example(name, dtype, data_format, channels=5, k=40, h=30)
                values = [function(name)(x, boxes, BINS, **options, num_threads=t) for t in (1, 2, 3, 4)]
                gradient = gradient_like(values[0])
                back = function(name, "_backward")
                gradients = [back(gradient, x, boxes, BINS, **options, num_threads=t) for t in (1, 2, 3, 4)]
                for results in (values, gradients):
                    for result in results[1:]:
                        same_bits(result, results[0])
    finally:
        core.set_grain(before)


@every_operator
@pytest.mark.parametrize("level", config.get_config()["isa_built"])
def test_instruction_sets(name, level, monkeypatch):
    if config.LEVELS[level] > core.x86_level():
        pytest.skip("this processor has it not")
    cases = [example(name, dtype, channels=c, k=20, seed=c) for dtype in DTYPES for c in (3, 20)]
    back = function(name, "_backward")
    want = [function(name)(x, b, BINS, **options) for x, b, options in cases]
    slopes = [back(gradient_like(y), x, b, BINS, **options) for y, (x, b, options) in zip(want, cases, strict=True)]
    kernels = importlib.import_module(f"cypool.kernels.regions_{level}")
    kernels.use_rows(importlib.import_module(f"cypool.kernels.rows_{level}").table)
    monkeypatch.setattr(cypool.boxes, "kernels", kernels)
    for y, slope, (x, b, options) in zip(want, slopes, cases, strict=True):
        same_bits(function(name)(x, b, BINS, **options), y)
        same_bits(back(gradient_like(y), x, b, BINS, **options), slope)


def arrangements(x):
    """The same numbers in other places of memory, and in the other byte order."""
    yield "channels nearest", np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)
    yield "Fortran", np.asfortranarray(x)
    wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
    wide[..., ::2] = x
    yield "every second", wide[..., ::2]
    yield "backward", np.ascontiguousarray(x[:, ::-1, ::-1, ::-1])[:, ::-1, ::-1, ::-1]
    raw = np.zeros(x.nbytes + 1, np.uint8)
    moved = raw[1:].view(x.dtype).reshape(x.shape)
    moved[...] = x
    yield "misaligned", moved
    if x.dtype.kind == "f" and x.dtype.name != "bfloat16":
        yield "swapped", x.astype(x.dtype.newbyteorder(">"))
    read_only = x.copy()
    read_only.flags.writeable = False
    yield "read-only", read_only


@every_operator
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("channels", [1, 3, 40])
def test_any_strides_and_layout(name, dtype, channels):
    """Each lane is computed by itself, so that even the layouts agree to the bit."""
    x, boxes, options = example(name, dtype, channels=channels, w=37)
    del options["data_format"]
    call, back = function(name), function(name, "_backward")
    value = call(x, boxes, BINS, **options)
    gradient = gradient_like(value)
    grad_x = back(gradient, x, boxes, BINS, **options)
    last = {**options, "data_format": "channels_last"}
    for _, array in arrangements(x):
        before = array.tobytes()
        same_bits(call(array, boxes, BINS, **options), value)
        same_bits(np.ascontiguousarray(np.moveaxis(call(np.moveaxis(array, 1, -1), boxes, BINS, **last), -1, 1)), value)
        same_bits(back(gradient, array, boxes, BINS, **options), grad_x)
        assert array.tobytes() == before
    for _, array in arrangements(gradient):
        same_bits(back(array, x, boxes, BINS, **options), grad_x)
        there = np.moveaxis(array, 1, -1)
        same_bits(
            np.ascontiguousarray(np.moveaxis(back(there, np.moveaxis(x, 1, -1), boxes, BINS, **last), -1, 1)), grad_x
        )


@every_operator
@pytest.mark.parametrize("data_format", LAYOUTS)
def test_out(name, data_format):
    """Any strides; exactly the dtype and shape; what is there is overwritten."""
    x, boxes, options = example(name, np.float32, data_format)
    call, back = function(name), function(name, "_backward")
    value = call(x, boxes, BINS, **options)
    gradient = gradient_like(value)
    grad_x = back(gradient, x, boxes, BINS, **options)
    for want, run in (
        (value, lambda out: call(x, boxes, BINS, **options, out=out)),
        (grad_x, lambda out: back(gradient, x, boxes, BINS, **options, out=out)),
    ):
        for what, array in arrangements(np.full_like(want, np.nan)):
            if what in ("read-only", "swapped"):
                continue
            assert run(array) is array
            assert_array_equal(array, want)
        for wrong, error in (
            (np.empty(want.shape, np.float64), TypeError),
            (np.empty((*want.shape, 1), np.float32), ValueError),
            (np.broadcast_to(np.float32(0), want.shape), ValueError),
            ([0.0], TypeError),
        ):
            with pytest.raises(error, match="out must"):
                run(wrong)
    shared = np.zeros(2 * x.size, np.float32)
    into = shared[: value.size].reshape(value.shape)
    with pytest.raises(ValueError, match="out must not share memory"):
        call(shared[: x.size].reshape(x.shape), boxes, BINS, **options, out=into)
    with pytest.raises(ValueError, match="out must not share memory"):
        call(x, into.reshape(-1)[:35].reshape(7, 5), BINS, **options, out=into)


def test_out_is_a_pair_with_indices():
    x, boxes, _ = example("roi_pool", np.float32)
    value, indices = cypool.roi_pool(x, boxes, BINS, return_indices=True)
    raw = np.zeros(indices.nbytes + 4, np.uint8)
    for places in (
        np.zeros_like(indices),
        np.asfortranarray(indices) * 0,
        raw[4:].view(np.int64).reshape(indices.shape),
    ):
        out = np.zeros_like(value), places
        got = cypool.roi_pool(x, boxes, BINS, return_indices=True, out=out)
        assert got[0] is out[0] and got[1] is out[1]
        assert_array_equal(got[0], value)
        assert_array_equal(got[1], indices)
    with pytest.raises(TypeError, match="out must be a pair"):
        cypool.roi_pool(x, boxes, BINS, return_indices=True, out=value)
    with pytest.raises(TypeError, match=r"out\[1\] must"):
        cypool.roi_pool(x, boxes, BINS, return_indices=True, out=(value, value.copy()))


# ---- processes and Python threads ------------------------------------------------------------------------------------

FORK = """
    import os
    import numpy as np
    import cypool
    from cypool.kernels import core
    core.set_grain(1.0)
    x = np.random.default_rng(0).standard_normal((2, 6, 20, 20))
    boxes = np.array([[k % 2, k, k, k + 5.5, k + 7.5] for k in range(10)], float)
    def work():
        y = cypool.roi_align(x, boxes, 3, num_threads=2)
        return y.tobytes() + cypool.roi_align_backward(y, x, boxes, 3, num_threads=2).tobytes()
    before = work()
    child = os.fork()
    if child == 0:
        os._exit(0 if work() == before else 1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), work() == before)
    """


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork_after_parallel_regions():
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(FORK)], cwd=Path(__file__).parent, check=True,
                          capture_output=True, text=True, timeout=120)  # fmt: skip
    assert done.stdout.split() == ["0", "True"]


def test_the_gil_is_released():
    """Another Python thread runs while a call of a hundred milliseconds does."""
    x = np.zeros((1, 8, 300, 300), np.float32)
    boxes = np.tile(np.array([[0, 0, 0, 299, 299]], np.float32), (40, 1))
    cypool.roi_align(x, boxes[:1], 7, sampling_ratio=64, mode="max")
    turns, done = [], threading.Event()

    def count():
        while not done.wait(1e-3):
            turns.append(time.perf_counter())

    thread = threading.Thread(target=count)
    thread.start()
    start = time.perf_counter()
    cypool.roi_align(x, boxes, 7, sampling_ratio=64, mode="max", num_threads=1)
    end = time.perf_counter()
    done.set()
    thread.join()
    assert sum(start < turn < end for turn in turns) >= 3


def test_python_threads():
    """Several of them pool at once."""
    x, boxes, options = example("roi_align", np.float32, k=50, h=30)
    want = cypool.roi_align(x, boxes, BINS, **options)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for got in pool.map(lambda _: cypool.roi_align(x, boxes, BINS, **options), range(100)):
            same_bits(got, want)
