"""Range and standard deviation: against the slow reference in exact numbers, by differences, and by hand at the edges."""

import ml_dtypes
import numpy as np
import pytest
from dtypes import FEW, FLOATS, ROUNDING
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from spread_calls import INF, NAN, calls, converted
from ways import pieces

import cypool
from cypool import blocks
from cypool import reference_spread as reference


def run(name, x, positional, p, threads, small):
    with pieces(small):
        return getattr(cypool, name)(x, *positional, **p, num_threads=threads)


@given(calls("range"), st.sampled_from(FEW), st.sampled_from([1, 2]))
def test_range(call, dtype, threads):
    name, x, positional, p = call
    x = converted(x, dtype)
    if "empty" in p:
        p["empty"] = 1 if dtype in FLOATS else True
    got, want = run(name, x, positional, p, threads, False), getattr(reference, name)(x, *positional, **p)
    assert got.dtype == want.dtype
    assert_array_equal(got.astype(float), want.astype(float))


@settings(max_examples=100)
@given(calls("range"), st.sampled_from(FEW), st.sampled_from(FLOATS))
def test_range_backward(call, dtype, real):
    name, x, positional, p = call
    x = converted(x, dtype)
    if "empty" in p:
        p["empty"] = 1
    shape = getattr(reference, name)(x, *positional, **p).shape
    gradient = np.random.default_rng(1).integers(-8, 9, shape).astype(real)  # sums without rounding
    got = getattr(cypool, name + "_backward")(gradient, x, *positional, **p)
    want = getattr(reference, name + "_backward")(gradient, x, *positional, **p)
    assert got.dtype == real
    assert_array_equal(got.astype(float), want.astype(float))


@given(calls("std"), st.sampled_from(FEW), st.sampled_from([1, 2]), st.booleans())
def test_std(call, dtype, threads, small):
    name, x, positional, p = call
    x = converted(x, dtype)
    got, want = run(name, x, positional, p, threads, small), getattr(reference, name)(x, *positional, **p)
    assert got.dtype == want.dtype and got.shape == want.shape
    eps = ROUNDING.get(dtype.name, 2.0**-53)
    tiny = float(ml_dtypes.finfo(dtype if dtype in FLOATS else np.float64).smallest_subnormal)
    assert_allclose(got.astype(float), want.astype(float), rtol=2 * eps + 2.0**-26, atol=2 * tiny)
    exact = want == 0
    assert_array_equal(got[exact].astype(float), 0)


@settings(max_examples=100)
@given(calls("std"), st.sampled_from(FLOATS), st.sampled_from([np.dtype("f"), np.dtype("d")]), st.booleans())
def test_std_backward(call, dtype, real, small):
    name, x, positional, p = call
    x = converted(x, dtype)
    shape = getattr(reference, name)(x, *positional, **p).shape
    gradient = np.random.default_rng(1).standard_normal(shape).astype(real)
    with pieces(small):
        got = getattr(cypool, name + "_backward")(gradient, x, *positional, **p)
    want = getattr(reference, name + "_backward")(gradient, x, *positional, **p)
    total = float(np.abs(gradient).sum(dtype=float))
    assert got.dtype == real and got.shape == x.shape
    assert_allclose(got, want, rtol=2 * ROUNDING[real.name], atol=total * 2.0**-24)


@pytest.mark.parametrize("op", ["range", "std"])
@pytest.mark.parametrize(
    ("form", "positional", "p"),
    [
        ("{}_pool2d", (3, 2), {"padding": 1}),
        ("{}_pool2d", (2, 1), {"ceil_mode": True, "dilation": 2}),
        ("{}_pool2d", ((2, 3),), {"padding": "same", "boundary": "reflect"}),
        ("adaptive_{}_pool2d", (3,), {}),
        ("global_{}_pool", (), {"keepdims": False}),
    ],
)
@pytest.mark.parametrize("more", ["", "mask", "ddof"])
def test_gradients_by_central_differences(op, form, positional, p, more):
    rng = np.random.default_rng(5)
    x = rng.permutation(2 * 5 * 6).reshape(1, 2, 5, 6) / 20 + 0.35
    name, p = form.format(op), dict(p)
    if more == "mask":
        p["mask"] = rng.random(x.shape) < 0.8
    elif more and op == "std":
        p["ddof"] = 1
    pool = getattr(cypool, name)
    y = pool(x, *positional, **p)
    gradient, step = np.where(np.isnan(y) | (y == 0), 0, rng.standard_normal(y.shape)), 1e-5

    def value():
        return (np.nan_to_num(pool(x, *positional, **p)) * gradient).sum()

    want = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        kept, ends = x[i], []
        for x[i] in (kept + step, kept - step):
            ends.append(value())
        x[i], want[i] = kept, (ends[0] - ends[1]) / (2 * step)
    assert_allclose(getattr(cypool, name + "_backward")(gradient, x, *positional, **p), want, atol=5e-9)


def test_ranges_by_hand():
    x = np.array([[-128, 127, 5, 5, -3, 0]], np.int8)
    y = cypool.range_pool(x, (2,))
    assert y.dtype == np.uint8
    assert_array_equal(y, [[255, 0, 3]])
    assert_array_equal(cypool.range_pool(np.array([[2**63 - 1, -(2**63)]]), (2,)), np.array([[2**64 - 1]], np.uint64))
    assert_array_equal(cypool.range_pool(np.array([[True, False, True, True]]), (2,)), [[True, False]])
    x = np.array([[INF, 1, NAN, 2, INF, INF, -INF, INF]])
    assert_array_equal(cypool.range_pool(x, (2,)), [[INF, NAN, NAN, INF]])
    assert_array_equal(cypool.range_pool(np.ones((1, 2)), (2,), 2, 2, empty=7), [[7, 0, 7]])
    assert_array_equal(cypool.range_pool(np.ones((1, 2)), (2,), 2, 2), [[NAN, 0, NAN]])
    assert_array_equal(cypool.range_pool_backward(np.ones((1, 1)), np.array([[2, 2, 2]]), (3,)), np.zeros((1, 3)))
    assert_array_equal(cypool.range_pool_backward(np.ones((1, 1)), np.array([[1, 2, 1]]), (3,)), [[-1, 1, 0]])


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("value", [0.1, 3e4, -7.3, 1e-5])
def test_equal_cells_have_no_deviation(dtype, value):
    x = np.full((2, 3, 9, 9), value).astype(dtype)
    x[0, 0] = np.arange(81).reshape(9, 9)
    x[0, 1, :4] *= 2
    for p in ({}, {"ddof": 1}, {"padding": 1}):
        y = cypool.std_pool2d(x, 3, 2, **p).astype(float)
        assert_array_equal(y[1], np.zeros_like(y[1]))
        assert_array_equal(y[0, 1, -1], np.zeros(y.shape[-1]))
        assert (y[0, 0] > 0).all()
    assert_array_equal(cypool.std_pool2d_backward(np.ones((2, 3, 4, 4)), x, 3, 2)[1], np.zeros((3, 9, 9)))


def test_deviations_by_hand():
    x = 1e9 + np.array([[4.0, 7, 13, 16]])
    assert_allclose(cypool.std_pool(x, (4,), ddof=1), [[30**0.5]], rtol=1e-15)
    assert_allclose(cypool.std_pool(np.array([[1e15, 1e15 + 2, 1e-200, 3e-200]]), (2,)), [[1, 1e-200]], rtol=1e-15)
    assert_allclose(cypool.std_pool(np.array([[-1.7e308, 1.7e308]]), (2,)), [[1.7e308]], rtol=1e-15)
    assert_array_equal(cypool.std_pool(np.ones((1, 3)), (1,), ddof=1), [[NAN] * 3])
    assert_array_equal(cypool.std_pool_backward(np.ones((1, 3)), np.ones((1, 3)), (1,), ddof=1), [[0] * 3])
    assert_array_equal(cypool.std_pool(np.array([[INF, 1, NAN, 2, 3, 3]]), (2,)), [[NAN, NAN, 0]])
    assert_array_equal(cypool.std_pool(np.ones((1, 2)), (2,), 2, 2, empty=7), [[7, 0, 7]])
    x = np.random.default_rng(1).standard_normal((2, 3, 40, 40)).astype(np.float32) + 100
    assert_allclose(cypool.global_std_pool(x, keepdims=False), x.std((2, 3), dtype=float), rtol=2e-7)
    assert_allclose(cypool.global_std_pool(x, ddof=1), x.std((2, 3), dtype=float, ddof=1, keepdims=True), rtol=2e-7)


def test_integers_that_float64_does_not_tell_apart_do_not_deviate():
    for x in (np.array([[2**64 - 1, 2**64 - 2]], np.uint64), np.array([[-(2**63), 1 - 2**63]])):
        for more in ({}, {"mask": np.ones((1, 2), bool)}):
            assert_array_equal(cypool.std_pool(x, (2,), **more), [[0]])
            assert_array_equal(cypool.std_pool_backward(np.ones((1, 1)), x, (2,), **more), [[0, 0]])


@pytest.mark.parametrize("dtype", FLOATS)
def test_cells_of_no_window_have_no_gradient(dtype):
    """Whatever they are."""
    for value in (INF, -INF, NAN):
        x = np.array([[1, 2, value, 3, 5]], dtype)
        by_x = cypool.std_pool_backward(np.ones((1, 2), dtype), x, (2,), 3)
        assert_array_equal(by_x.astype(float), [[-0.5, 0.5, 0, -0.5, 0.5]])


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("op", ["range", "std"])
def test_forms_agree(op, rank):
    x = np.random.default_rng(3).random((2, 3, 7, 6, 5)[: rank + 2]).astype(np.float32)
    pool = getattr(cypool, f"{op}_pool{rank}d")
    y = pool(x, 3, 2, 1)
    assert_array_equal(y, getattr(cypool, op + "_pool")(x, (3,) * rank, 2, 1))
    last = pool(np.moveaxis(x, 1, -1), 3, 2, 1, data_format="channels_last")
    assert_allclose(np.moveaxis(last, -1, 1), y, rtol=2e-7)
    whole = getattr(cypool, f"global_{op}_pool")(x)
    assert_allclose(getattr(cypool, f"adaptive_{op}_pool{rank}d")(x, 1), whole, rtol=2e-7)
    out = np.empty_like(whole)
    assert getattr(cypool, f"global_{op}_pool")(x, out=out) is out
    assert_array_equal(out, whole)


def test_the_same_bits():
    """For every number of threads, every size of blocks and all strides of one layout; inputs are left alone."""
    x = np.random.default_rng(6).random((2, 4, 11, 10)).astype(np.float32)
    x[:, ::2, 4:] += 1e5
    x.flags.writeable = False
    with pieces(False):
        for op in ("range", "std"):
            pool, back = getattr(cypool, op + "_pool2d"), getattr(cypool, op + "_pool2d_backward")
            want = pool(x, 3, 2, num_threads=1)
            gradient = np.random.default_rng(7).standard_normal(want.shape)
            slopes = back(gradient, x, 3, 2)
            for blocks.CELLS in (1, 200, 1 << 30):
                for threads in (1, 2):
                    assert_array_equal(pool(x, 3, 2, num_threads=threads), want)
                    assert_array_equal(back(gradient, x, 3, 2, num_threads=threads), slopes)
                assert_array_equal(pool(np.repeat(x, 2, axis=3)[..., ::2], 3, 2), want)
                assert_array_equal(pool(x[::-1].copy()[::-1], 3, 2), want)


@pytest.mark.parametrize(
    ("op", "p", "error", "text"),
    [
        ("std", {"ddof": -1}, ValueError, "ddof must be at least 0, got -1"),
        ("std", {"ddof": 0.5}, TypeError, "ddof must be an integer"),
        ("std", {"kernel_size": 5}, ValueError, "does not fit axis"),
        ("range", {"kernel_size": 0}, ValueError, "kernel_size"),
        ("range", {"out": np.ones((1, 2, 2))}, TypeError, "out must have the result's dtype float32"),
        ("range", {"mask": np.ones(4)}, TypeError, "mask must be bool"),
        ("std", {"empty": "0"}, TypeError, "empty"),
        ("range", {"nan": "skip"}, ValueError, "nan"),
    ],
)
def test_refusals(op, p, error, text):
    p = {"kernel_size": 2, **p}
    with pytest.raises(error, match=text):
        getattr(cypool, op + "_pool2d")(np.ones((1, 4, 4), np.float32), **p)
    with pytest.raises(ValueError, match="grad_output must have the shape"):
        getattr(cypool, op + "_pool2d_backward")(np.ones((1, 2, 3)), np.ones((1, 4, 4)), 2)
