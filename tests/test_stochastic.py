"""Stochastic pooling: winners equal to the slow reference's to the bit, frequencies, averages, gradients, layers."""

import importlib
import math

import numpy as np
import pytest
import shapes
import ways
from dtypes import same
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from stochastic_calls import INF, NAN, calls, whole

import cypool
from cypool import config, stochastic, windows
from cypool import reference_stochastic as reference
from cypool.kernels import core


@settings(max_examples=120)
@given(
    calls(),
    st.integers(0, 3),
    st.sampled_from(["plane", "global", "global_column_major", "channels_last", "window"]),
    st.sampled_from([1, 2]),
    st.sampled_from([1, 8]),
)
def test_draws_are_the_references(call, seed, layout, threads, lanes):
    name, x, positional, p = call
    p = {**whole(p, x.dtype), "rng": seed}
    grain, windows.LEAST_LANES = core.set_grain(1), lanes
    try:
        got = getattr(cypool, name)(x, *positional, **p, return_indices=True, index_layout=layout, num_threads=threads)
        alone = getattr(cypool, name)(x, *positional, **p)
    finally:
        core.set_grain(grain)
        windows.LEAST_LANES = 8
    native = x.astype(x.dtype.newbyteorder("="))
    want = getattr(reference, name)(native, *positional, **p, return_indices=True, index_layout=layout)
    for one, other in zip(got, want, strict=True):
        same(one, other)
    same(alone, want[0])
    for dtype in (np.dtype("f"), np.dtype("d")):
        gradient = np.random.default_rng(seed).integers(-9, 9, alone.shape).astype(dtype)
        back, slow = getattr(cypool, name + "_backward"), getattr(reference, name + "_backward")
        slopes = slow(gradient, native, *positional, **p)
        same(back(gradient, x, *positional, **p), slopes)
        more = {**p, "rng": None, "indices": got[1], "index_layout": layout}
        same(back(gradient, x, *positional, **more), slopes)


@pytest.mark.parametrize("p", [{"padding": 1}, {"padding": ((2, 0), (1, 3)), "ceil_mode": True, "dilation": (1, 2)}])
@pytest.mark.parametrize("layout", ["plane", "window"])
def test_borders_are_the_references(p, layout):
    """Windows that share a block although their taps lie otherwise, on maps that are larger than hypothesis draws."""
    x = np.maximum(np.random.default_rng(0).standard_normal((1, 9, 13, 14)), 0).astype(np.float32)
    p = {"stride": 2, "rng": 1, "return_indices": True, "index_layout": layout, **p}
    want = reference.stochastic_pool(x, 3, axes=(2, 3), **p)
    for one, other in zip(cypool.stochastic_pool2d(x, 3, **p), want, strict=True):
        same(one, other)
    last = np.ascontiguousarray(np.moveaxis(x, 1, -1))
    for one, other in zip(cypool.stochastic_pool2d(last, 3, data_format="channels_last", **p), want, strict=True):
        same(np.moveaxis(one, -1, 1), other)


@settings(max_examples=120)
@given(calls(), st.sampled_from([1, 2]), st.sampled_from([1, 8]))
def test_averages(call, threads, lanes):
    name, x, positional, p = call
    p = {**p, "training": False}
    grain, windows.LEAST_LANES = core.set_grain(1), lanes
    try:
        got = getattr(cypool, name)(x, *positional, **p, num_threads=threads)
        native = x.astype(x.dtype.newbyteorder("="))
        want = getattr(reference, name)(native, *positional, **p)
        # two sums of at most 36 cells, and a quotient
        shapes.close(
            got, want, got.dtype, 80 * 2.0**-53 * np.abs(np.nan_to_num(want.astype(float), posinf=0, neginf=0))
        )
        gradient = np.random.default_rng(0).standard_normal(got.shape)
        slopes = getattr(cypool, name + "_backward")(gradient, x, *positional, **p, num_threads=threads)
    finally:
        core.set_grain(grain)
        windows.LEAST_LANES = 8
    want = getattr(reference, name + "_backward")(gradient, native, *positional, **p)
    with np.errstate(all="ignore"):
        sizes = np.abs(native.astype(float))
        least = sizes[np.isfinite(sizes) & (sizes > 0)].min(initial=1e300)
    shapes.close(slopes, want, slopes.dtype, 2.0**-48 * (1 + 1 / least) * (1 + np.abs(gradient).sum()))


# ---- chance --------------------------------------------------------------------------------------------------------------


def test_the_generator_is_splitmix64():
    """The numbers that the authors' program gives for the key 1234567."""
    want = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
    assert [reference.splitmix64(1234567, n) for n in range(1, 6)] == want


@pytest.mark.parametrize("shape", ["columns", "lanes", "single"])
def test_frequencies(shape):
    """Each cell is chosen as often as its share says, within five standard deviations."""
    cells, n = np.array([3.0, 0.0, 1.0, -5.0, 2.5, 0.5]), 40_000
    x = np.tile(cells, n)
    p = {"axes": 0, "return_indices": True, "index_layout": "window", "rng": 7}
    if shape == "lanes":
        x, p["axes"] = np.ascontiguousarray(x.reshape(-1, 6).T), 0
    elif shape == "single":
        x, p["axes"] = x.reshape(-1, 6), 1
    _, taps = stochastic.stochastic_pool(x, (6,), **p)
    found = np.bincount(taps.ravel(), minlength=6)
    share = np.maximum(cells, 0) / 7
    assert (np.abs(found - n * share) <= 5 * np.sqrt(n * share * (1 - share))).all()
    # neighbours know nothing of each other
    chosen = (taps.ravel() == 0).astype(float) - 3 / 7
    assert abs((chosen[1:] * chosen[:-1]).sum()) <= 5 * (3 / 7 * 4 / 7) * math.sqrt(n)


def test_seeds_and_generators():
    x = np.abs(np.random.default_rng(1).standard_normal((2, 3, 20, 20)))
    one, other = (cypool.stochastic_pool2d(x, 4, rng=rng) for rng in (5, np.random.default_rng(5)))
    assert_array_equal(one, other)
    rng = np.random.default_rng(5)
    first, second = (cypool.stochastic_pool2d(x, 4, rng=rng) for _ in range(2))
    assert_array_equal(one, first)
    assert (first != second).any()
    assert (cypool.stochastic_pool2d(x, 4) != cypool.stochastic_pool2d(x, 4)).any()
    assert_array_equal(one, cypool.stochastic_pool2d(x, 4, rng=np.int64(5)))


def test_draws_have_the_mean_that_the_average_is():
    x = np.abs(np.random.default_rng(2).standard_normal((1, 6, 6)))
    y = cypool.stochastic_pool2d(x, 3, training=False)
    many = cypool.stochastic_pool2d(np.broadcast_to(x, (20_000, 6, 6)), 3, rng=0)
    spread = many.std(axis=0) / math.sqrt(len(many))
    assert (np.abs(many.mean(axis=0) - y[0]) <= 5 * spread).all()


# ---- by hand -------------------------------------------------------------------------------------------------------------


def test_windows_without_positive_cells():
    x = np.array([[0.0, 0, -3, -2, -1, -1, NAN, 1, INF, 5, -INF, -INF]])
    y, taps = cypool.stochastic_pool(x, (2,), rng=0, return_indices=True)
    assert_array_equal(y, [[0, -2, -1, NAN, INF, -INF]])
    assert_array_equal(taps, [[0, 3, 4, 6, 8, 10]])
    assert_array_equal(cypool.stochastic_pool(x, (2,), training=False), y)
    g = np.arange(1.0, 7).reshape(1, 6)
    assert_array_equal(
        cypool.stochastic_pool_backward(g, x, (2,), training=False), [[1, 0, 0, 2, 3, 0, NAN, NAN, NAN, NAN, 6, 0]]
    )
    assert_array_equal(cypool.stochastic_pool_backward(g, x, (2,), rng=0), [[1, 0, 0, 2, 3, 0, 4, 0, 5, 0, 6, 0]])


def test_extreme_sizes():
    """Neither sums nor squares leave float64's range, and no sum is a part of itself."""
    most, least = np.finfo(float).max, 5e-324
    for seed in range(20):
        _, taps = cypool.stochastic_pool(
            np.array([[most, most, 0, least, INF, INF]]), (2,), rng=seed, return_indices=True, index_layout="window"
        )
        assert taps[0, 1] == 1
        assert_array_equal(
            reference.stochastic_pool(
                np.array([[most, most, 0, least, INF, INF]]), (2,), rng=seed, return_indices=True, index_layout="window"
            )[1],
            taps,
        )
    x = np.array([[most, most, 1e-200, 2e-200, 1e200, 1e200, least, 0]])
    assert_allclose(cypool.stochastic_pool(x, (2,), training=False), [[most, 5e-200 / 3, 1e200, least]], rtol=1e-15)
    slopes = cypool.stochastic_pool_backward(np.ones((1, 4)), x, (2,), training=False)
    assert_allclose(slopes[0, 2:6], [1 / 9, 7 / 9, 0.5, 0.5], rtol=1e-14)


def test_enormous_windows():
    """Taps that no 64 bits count, of which few see a cell."""
    x = np.arange(12.0).reshape(1, 3, 4)
    for rng in range(3):
        p = {"axes": (1, 2), "rng": rng}
        y, at = cypool.stochastic_pool(x, 2**61, 1, "same", return_indices=True, **p)
        assert_array_equal(x.ravel()[at], y)
        slopes = cypool.stochastic_pool_backward(np.ones(y.shape), x, 2**61, 1, "same", **p)
        assert_array_equal(slopes.ravel(), np.bincount(at.ravel(), minlength=12))
    want = (x * x).sum() / x.sum()
    assert_allclose(cypool.stochastic_pool(x, 2**61, 1, "same", axes=(1, 2), training=False), np.full(x.shape, want))


def test_empty_windows():
    x = np.ones((1, 2), np.float32)
    y, taps = cypool.stochastic_pool(x, (2,), 2, 2, rng=0, return_indices=True)
    assert_array_equal(y, [[-INF, 1, -INF]])
    assert taps[0, 0] == taps[0, 2] == -1
    assert_array_equal(cypool.stochastic_pool(x, (2,), 2, 2, training=False, empty=0), [[0, 1, 0]])
    assert_array_equal(cypool.stochastic_pool(x, (2,), mask=np.zeros(2, bool), empty=3), [[3]])
    assert_array_equal(cypool.stochastic_pool(np.ones((1, 2), np.int8), (2,), 2, 2), [[-128, 1, -128]])
    assert cypool.adaptive_stochastic_pool2d(np.ones((1, 4, 4)), 0).shape == (1, 0, 0)
    assert cypool.stochastic_pool2d(np.ones((0, 3, 4, 4)), 2).shape == (0, 3, 2, 2)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_forms_agree(rank):
    x = np.random.default_rng(3).random((2, 3, 7, 6, 5)[: rank + 2]).astype(np.float32)
    one, other = getattr(cypool, f"stochastic_pool{rank}d"), cypool.stochastic_pool
    axes = tuple(range(2, rank + 2))
    for p in ({"rng": 1}, {"training": False}):
        y = one(x, 3, 2, 1, **p)
        assert_array_equal(y, other(x, (3,) * rank, 2, 1, **p))
        last = one(np.ascontiguousarray(np.moveaxis(x, 1, -1)), 3, 2, 1, data_format="channels_last", **p)
        assert_array_equal(np.moveaxis(last, -1, 1), y)
        whole = cypool.global_stochastic_pool(x, **p)
        assert_array_equal(getattr(cypool, f"adaptive_stochastic_pool{rank}d")(x, 1, **p), whole)
        assert_array_equal(cypool.global_stochastic_pool(x, keepdims=False, **p), whole.squeeze(axes))


def test_out():
    x = np.random.default_rng(4).random((2, 3, 8, 8)).astype(np.float32)
    want = cypool.stochastic_pool2d(x, 3, rng=2, return_indices=True)
    out = tuple(np.empty_like(one) for one in want)
    got = cypool.stochastic_pool2d(x, 3, rng=2, return_indices=True, out=out)
    for one, other, made in zip(got, want, out, strict=True):
        assert one is made
        assert_array_equal(one, other)
    gradient, slopes = np.ones_like(want[0]), np.empty_like(x)
    for p in ({"rng": 2}, {"indices": want[1]}, {"training": False}):
        assert cypool.stochastic_pool2d_backward(gradient, x, 3, out=slopes, **p) is slopes
        assert_array_equal(slopes, cypool.stochastic_pool2d_backward(gradient, x, 3, **p))


@pytest.mark.parametrize("p", [{}, {"mask": True}, {"boundary": "reflect"}, {"dilation": 2}])
def test_gradients_by_central_differences(p):
    rng = np.random.default_rng(5)
    x = rng.permutation(60).reshape(1, 2, 5, 6) / 20 - 0.87
    if "mask" in p:
        p = {"mask": rng.random(x.shape) < 0.8}

    def run(at):
        return cypool.stochastic_pool2d(at, 2, 1, 1, training=False, **p)

    gradient, step, want = rng.standard_normal(run(x).shape), 1e-5, np.empty(x.shape)
    for i in np.ndindex(x.shape):
        ends = []
        for moved in (x[i] + step, x[i] - step):
            at = x.copy()
            at[i] = moved
            ends.append((run(at) * gradient)[np.isfinite(run(x))].sum())
        want[i] = (ends[0] - ends[1]) / (2 * step)
    got = cypool.stochastic_pool2d_backward(gradient, x, 2, 1, 1, training=False, **p)
    assert_allclose(got, want, atol=1e-8)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "uint8", "int64"])
def test_the_same_bits(dtype):
    """For every number of threads, instruction set and order of memory; inputs are left alone."""
    x = np.maximum(np.random.default_rng(6).standard_normal((3, 12, 13, 14)) * 40, 0).astype(dtype)
    x[0, 0, :3, :3] = 0
    x.flags.writeable = False
    forward = [{"rng": 3, "return_indices": True}, {"training": False}]

    def run():
        (y, taps), mean = (cypool.stochastic_pool2d(x, 3, 2, 1, **p) for p in forward)
        slopes = cypool.stochastic_pool2d_backward(mean.astype(float), x, 3, 2, 1, training=False)
        return y, taps, mean, slopes

    want = run()
    with ways.setting(grain=1.0):
        for threads in (1, 2):
            for one, other in zip(run(), want, strict=True):
                assert_array_equal(one, other)
            for moved in ways.orders(x):
                for p in forward:
                    got = cypool.stochastic_pool2d(moved, 3, 2, 1, num_threads=threads, **p)
                    once = cypool.stochastic_pool2d(x, 3, 2, 1, **p)
                    for one, other in zip(got, once, strict=True):
                        assert_array_equal(one, other)
    kept = stochastic.kernels
    for level in config._built():
        if config.LEVELS[level] <= core.x86_level():
            stochastic.kernels = importlib.import_module(f"cypool.kernels.ranks_{level}")
            stochastic.kernels.use_rows(importlib.import_module(f"cypool.kernels.rows_{level}").table)
        try:
            for one, other in zip(run(), want, strict=True):
                assert_array_equal(one, other)
        finally:
            stochastic.kernels = kept


# ---- layers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_layers(rank):
    x = np.random.default_rng(8).random((2, 3, 7, 6, 5)[: rank + 2]).astype(np.float32)
    layer = getattr(cypool, f"StochasticPool{rank}d")(2, 1, rng=4)
    pool = getattr(cypool, f"stochastic_pool{rank}d")
    rng = np.random.default_rng(4)
    for _ in range(2):
        y, where = pool(x, 2, 1, rng=rng, return_indices=True)
        assert_array_equal(layer(x), y)
        gradient = np.random.default_rng(9).random(y.shape, np.float32)
        want = getattr(cypool, f"stochastic_pool{rank}d_backward")(gradient, x, 2, 1, indices=where)
        assert_array_equal(layer.backward(gradient), want)
    assert_array_equal(layer.eval()(x), pool(x, 2, 1, training=False))
    with pytest.raises(RuntimeError, match="backward needs a forward in training mode"):
        layer.backward(gradient)
    assert (layer.train()(x) != y).any()
    assert repr(layer).startswith(f"StochasticPool{rank}d(kernel_size=2, stride=1, padding=0")


@pytest.mark.parametrize(
    ("p", "error", "text"),
    [
        ({"training": 1}, TypeError, "training must be a bool"),
        ({"rng": "0"}, TypeError, "rng must be an integer"),
        ({"rng": -1}, ValueError, "rng must be at least 0, got -1"),
        ({"rng": 0.5, "training": False}, TypeError, "rng must be an integer"),
        ({"training": False, "return_indices": True}, ValueError, "return_indices must be False with training=False"),
        ({"return_indices": True, "out": np.ones((1, 2, 2))}, TypeError, "out must be a pair"),
        ({"out": np.ones((1, 2, 2))}, TypeError, "out must have the result's dtype float32"),
        ({"kernel_size": 5}, ValueError, "does not fit axis"),
        ({"mask": np.ones(4)}, TypeError, "mask must be bool"),
        ({"empty": "0"}, TypeError, "empty"),
        ({"nan": "skip"}, ValueError, "nan"),
        ({"index_layout": "tap"}, ValueError, "index_layout"),
    ],
)
def test_refusals(p, error, text):
    with pytest.raises(error, match=text):
        cypool.stochastic_pool2d(np.ones((1, 4, 4), np.float32), **{"kernel_size": 2, **p})


@pytest.mark.parametrize(
    ("p", "error", "text"),
    [
        (
            {},
            ValueError,
            "indices, or rng as the forward's seed, must tell what was drawn, got indices=None and rng=None",
        ),
        ({"rng": np.random.default_rng(0)}, ValueError, "a Generator, which has moved on"),
        (
            {"training": False, "indices": np.zeros((1, 2, 2), int)},
            ValueError,
            "indices must be None with training=False",
        ),
        ({"indices": np.full((1, 2, 2), 99)}, ValueError, "indices must name cells of their own windows"),
        ({"indices": np.zeros((1, 2, 3), int)}, ValueError, "indices must have the shape"),
        ({"rng": 0, "grad_output": np.ones((1, 2, 3))}, ValueError, "grad_output must have the shape"),
        ({"rng": 0, "grad_output": np.ones((1, 2, 2), int)}, TypeError, "grad_output must be floating"),
    ],
)
def test_gradient_refusals(p, error, text):
    p = {"grad_output": np.ones((1, 2, 2)), "x": np.ones((1, 4, 4)), "kernel_size": 2, **p}
    with pytest.raises(error, match=text):
        cypool.stochastic_pool2d_backward(**p)
