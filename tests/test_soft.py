"""Smooth maxima: against the slow reference in decimal numbers, by central differences, and by hand at the edges."""

import math

import numpy as np
import pytest
from dtypes import FEW, FLOATS
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from shapes import close
from soft_calls import EXPONENT, INF, NAN, OPS, calls, converted, room_backward, room_forward
from ways import pieces

import cypool
from cypool import blocks
from cypool import reference_soft as reference


@given(calls(), st.sampled_from(FEW), st.sampled_from([1, 2]), st.booleans())
def test_forward(call, dtype, threads, small):
    op, name, x, positional, p = call
    x = converted(x, dtype)
    with pieces(small):
        got = getattr(cypool, name)(x, *positional, **p, num_threads=threads)
    want = getattr(reference, name)(x, *positional, **p)
    result = dtype if dtype in FLOATS else np.dtype(np.float64)
    assert got.dtype == result
    close(got, want, result, room_forward(op, x, p, dtype, want))
    out = np.empty(got.shape, result)
    assert getattr(cypool, name)(x, *positional, **p, out=out) is out
    assert_array_equal(out.astype(np.float64), got.astype(np.float64))


@settings(max_examples=120)
@given(calls(), st.sampled_from(FLOATS), st.sampled_from([np.dtype("f"), np.dtype("d")]), st.booleans())
def test_backward(call, dtype, real, small):
    op, name, x, positional, p = call
    x = converted(x, dtype)
    shape = getattr(reference, name)(x, *positional, **p).shape
    gradient = np.random.default_rng(1).standard_normal(shape).astype(real)
    with pieces(small):
        got = getattr(cypool, name + "_backward")(gradient, x, *positional, **p)
    want = getattr(reference, name + "_backward")(gradient, x, *positional, **p)
    to_x, to_exponent = room_backward(op, x, p, dtype, gradient)
    close(got[0], want[0], real, to_x)
    assert np.shape(got[1]) == np.shape(p[EXPONENT[op]])
    close(np.asarray(got[1]), want[1], np.dtype("d"), to_exponent)


@pytest.mark.parametrize("op", OPS)
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
@pytest.mark.parametrize("more", ["", "mask", "planes", "mean"])
def test_gradients_by_central_differences(op, form, positional, p, more):
    rng = np.random.default_rng(5)
    x = rng.permutation(2 * 5 * 6).reshape(1, 2, 5, 6) / 20 + 0.35
    name, exponent, p = form.format(op), EXPONENT[op], dict(p)
    p[exponent] = np.array(1.7)
    if more == "mask":
        p["mask"] = rng.random(x.shape) < 0.8
    elif more == "planes":
        p[exponent] = np.array([1.3, -0.8]).reshape(2, 1, 1)
    elif more == "mean" and op == "lse":
        p["mean"] = True
    run = getattr(cypool, name)
    gradient, step = rng.standard_normal(run(x, *positional, **p).shape), 1e-5

    def numerically(at):
        result = np.empty(at.shape)
        for i in np.ndindex(at.shape):
            kept = at[i]
            ends = []
            for at[i] in (kept + step, kept - step):
                ends.append((run(x, *positional, **p) * gradient).sum())
            at[i], result[i] = kept, (ends[0] - ends[1]) / (2 * step)
        return result

    by_x, by_exponent = getattr(cypool, name + "_backward")(gradient, x, *positional, **p)
    assert_allclose(by_x, numerically(x), atol=5e-9)
    assert_allclose(by_exponent, numerically(p[exponent]), atol=5e-9)


# ---- by hand ------------------------------------------------------------------------------------------------------------


def test_windows_of_different_sizes_in_one_plane():
    x = np.array([[1e6, 1e6, -1e6, -1e6, 0, 1, 1e300, 0]])
    log2, weight = math.log(2), 1 / (1 + math.e)
    assert_allclose(cypool.lse_pool(x, (2,))[0], [1e6 + log2, log2 - 1e6, math.log(1 + math.e), 1e300], rtol=1e-15)
    assert_array_equal(cypool.lse_pool(x, (2,), mean=True)[0, :2], [1e6, -1e6])
    assert_allclose(cypool.soft_pool(x, (2,))[0], [1e6, -1e6, 1 - weight, 1e300], rtol=1e-15)
    assert_allclose(cypool.soft_pool(x, (2,), beta=-1)[0], [1e6, -1e6, weight, 0], rtol=1e-15)
    by_x, by_beta = cypool.lse_pool_backward(np.ones((1, 4)), x, (2,))
    assert_allclose(by_x[0], [0.5, 0.5, 0.5, 0.5, weight, 1 - weight, 1, 0], rtol=1e-15)
    assert_allclose(
        by_beta, -2 * log2 - (weight * math.log(weight) + (1 - weight) * math.log(1 - weight)) * -1, rtol=1e-9
    )
    y = cypool.gem_pool(np.array([[1e200, 1e200, 1e-200, 1e-200, 3, 4]]), (2,), p=3, eps=1e-300)[0]
    assert_allclose(y, [1e200, 1e-200, 45.5 ** (1 / 3)], rtol=1e-12)
    by_x, _ = cypool.gem_pool_backward(np.ones((1, 1)), np.array([[1e200, 1e200]]), (2,), p=3)
    assert_allclose(by_x, [[0.5, 0.5]], rtol=1e-12)


def test_what_is_not_finite():
    x = np.array([[INF, 1, NAN, 2, -INF, 3, -INF, -INF]])
    assert_array_equal(cypool.lse_pool(x, (2,)), [[INF, NAN, 3, -INF]])
    assert_array_equal(cypool.soft_pool(x, (2,)), [[INF, NAN, 3, -INF]])
    assert_array_equal(cypool.soft_pool(x, (2,), nan="ignore"), [[INF, 2, 3, -INF]])
    assert_allclose(cypool.gem_pool(x, (2,), eps=2), [[INF, NAN, 17.5 ** (1 / 3), 2]], rtol=1e-15)
    for op in OPS:
        p = {"eps": 2} if op == "gem" else {}
        by_x, _ = getattr(cypool, op + "_pool_backward")(np.ones((1, 4)), x, (2,), **p)
        assert np.isnan(by_x[0, [0, 2]]).all() and np.isfinite(by_x[0, 4:6]).all()


def test_limits():
    """Large exponents select, small ones average; equal cells give themselves."""
    x = np.random.default_rng(2).random((2, 3, 8, 8))
    for op, p in (("lse", {"beta": 1e9}), ("soft", {"beta": 1e9}), ("gem", {"p": 1e9})):
        assert_allclose(getattr(cypool, op + "_pool2d")(x, 2, **p), cypool.max_pool2d(x, 2), rtol=1e-8)
        p = {k: -v for k, v in p.items()}
        assert_allclose(getattr(cypool, op + "_pool2d")(x, 2, **p), cypool.min_pool2d(x, 2), rtol=1e-8)
    assert_allclose(cypool.soft_pool2d(x, 3, 2, 1, beta=0), cypool.avg_pool2d(x, 3, 2, 1, False, False), rtol=1e-14)
    assert_allclose(cypool.gem_pool2d(x, 2, p=1), cypool.avg_pool2d(x, 2), rtol=1e-14)
    assert_allclose(cypool.lse_pool2d(x, 2, beta=1e-4, mean=True), cypool.avg_pool2d(x, 2), atol=1e-4)
    for op, p in (("lse", {"mean": True}), ("soft", {}), ("gem", {})):
        for value in (2.0**-10, 1.0, 3e4):
            y = getattr(cypool, op + "_pool2d")(np.full((1, 4, 4), value, np.float32), 3, 1, 1, **p)
            assert_allclose(y, value, rtol=2e-7)


def test_the_ends_of_float64s_range():
    """Sums and distances of large cells would leave it above, products of small ones with small weights below."""
    x = np.array([[1e308, 1e308, -1e308, 1.2e308]])
    assert_array_equal(cypool.soft_pool(x, (2,)), [[1e308, 1.2e308]])
    assert_allclose(cypool.soft_pool(x, (2,), beta=0), [[1e308, 1e307]], rtol=1e-14)
    assert_array_equal(cypool.soft_pool_backward(np.ones((1, 2)), x, (2,), beta=0)[0], np.full((1, 4), 0.5))
    small = 1 / (1 + np.exp(2.2))
    assert_allclose(cypool.soft_pool(x, (2,), beta=1e-308), [[1e308, 1.2e308 - 1e308 * small * 2.2]], rtol=1e-14)
    log = np.log1p(np.exp(-2.2)) / 1e-308
    assert_allclose(cypool.lse_pool(x[:, 2:], (2,), beta=1e-308), [[1.2e308 + log]], rtol=1e-14)
    by_x, _ = cypool.lse_pool_backward(np.ones((1, 1)), x[:, 2:], (2,), beta=1e-308)
    assert_allclose(by_x, [[small, 1 - small]], rtol=1e-14)
    x = np.array([[1e-200, 2e-200, 340, 1], [0, 1e-310, -3e-310, 200]])
    assert_allclose(cypool.soft_pool(x, (2,)), [[1.5e-200, 340], [5e-311, 200]], rtol=1e-12)


def test_empty_windows():
    x = np.ones((1, 2))
    want = {"lse": -INF, "soft": NAN, "gem": NAN}
    for op in OPS:
        pool, back = getattr(cypool, op + "_pool"), getattr(cypool, op + "_pool_backward")
        assert_array_equal(pool(x, (2,), 2, 2)[0, 0], want[op])
        assert_array_equal(pool(x, (2,), 2, 2, empty=7)[0, [0, 2]], [7, 7])
        assert_array_equal(pool(x, (2,), mask=np.zeros(2, bool)), [[want[op]]])
        by_x, by_exponent = back(np.ones((1, 1)), x, (2,), mask=np.zeros(2, bool))
        assert_array_equal(by_x, np.zeros((1, 2)))
        assert by_exponent == 0
    assert_array_equal(cypool.lse_pool(x, (2,), 2, 2, beta=-1)[0, 0], INF)
    assert_array_equal(cypool.lse_pool(x, (2,), 2, 2, mean=True)[0, 0], NAN)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("op", OPS)
def test_forms_agree(op, rank):
    x = np.random.default_rng(3).random((2, 3, 7, 6, 5)[: rank + 2]).astype(np.float32)
    run = {n: getattr(cypool, n.format(op)) for n in (f"{{}}_pool{rank}d", "{}_pool", f"adaptive_{{}}_pool{rank}d")}
    one, other, adaptive = run.values()
    axes = tuple(range(2, rank + 2))
    y = one(x, 3, 2, 1)
    assert_array_equal(y, other(x, (3,) * rank, 2, 1))
    last = one(np.moveaxis(x, 1, -1), 3, 2, 1, data_format="channels_last")
    assert_allclose(np.moveaxis(last, -1, 1), y, rtol=2e-7)
    whole = getattr(cypool, f"global_{op}_pool")(x)
    assert_allclose(adaptive(x, 1), whole, rtol=2e-7)
    assert_array_equal(getattr(cypool, f"global_{op}_pool")(x, keepdims=False), whole.squeeze(axes))


def test_the_same_bits():
    """For every number of threads, every size of blocks and all strides of one layout; inputs are left alone."""
    x = np.random.default_rng(6).random((3, 5, 12, 13)).astype(np.float32)
    x[0, 1] *= 300  # beyond float32's range: a plane by itself
    x[2, 3, 4, 5] = INF
    x.flags.writeable = False
    with pieces(False):
        for op in OPS:
            run, back = getattr(cypool, op + "_pool2d"), getattr(cypool, op + "_pool2d_backward")
            want = run(x, 3, 2, num_threads=1)
            gradients = [np.random.default_rng(7).standard_normal(want.shape).astype(real) for real in "fd"]
            slopes = [back(gradient, x, 3, 2) for gradient in gradients]
            for blocks.CELLS in (1, 300, 1 << 28):
                for threads in (1, 2):
                    assert_array_equal(run(x, 3, 2, num_threads=threads), want)
                    for gradient, (by_x, by_exponent) in zip(gradients, slopes, strict=True):
                        got = back(gradient, x, 3, 2, num_threads=threads)
                        assert_array_equal(got[0], by_x)
                        assert_array_equal(got[1], by_exponent)
                assert_array_equal(run(np.repeat(x, 2, axis=3)[..., ::2], 3, 2), want)
                assert_array_equal(run(x[::-1].copy()[::-1], 3, 2), want)


@pytest.mark.parametrize("op", OPS)
def test_strides_do_not_change_the_exponents_gradient(op):
    """In float64 too: it is a sum over windows, whose order is not that of memory."""
    x = np.random.default_rng(8).random((2, 19, 23))
    gradient = np.random.default_rng(9).standard_normal((2, 17, 21))
    back = getattr(cypool, op + "_pool2d_backward")
    want = back(gradient, x, 3, 1)
    for other in (np.asfortranarray(x), x[..., ::-1].copy()[..., ::-1], np.repeat(x, 2, axis=2)[..., ::2]):
        for one, two in zip(back(np.asfortranarray(gradient), other, 3, 1), want, strict=True):
            assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("op", "p", "error", "text"),
    [
        ("lse", {"beta": 0}, ValueError, "beta must not be 0, got 0"),
        ("lse", {"beta": NAN}, ValueError, "beta must not be NaN"),
        ("soft", {"beta": INF}, ValueError, "beta must be finite, got inf"),
        ("soft", {"beta": "1"}, TypeError, "beta must be a real number, got '1'"),
        (
            "soft",
            {"beta": np.ones(4)},
            ValueError,
            r"beta must be a number, or one for each plane.*\(1, 1, 1\).*\(4,\)",
        ),
        ("soft", {"beta": True}, TypeError, "beta must be a real number"),
        ("lse", {"mean": 1}, TypeError, "mean must be a bool"),
        ("gem", {"p": 0}, ValueError, "p must not be 0"),
        ("gem", {"p": [0.0, 1.0]}, ValueError, "p must not be 0"),
        ("gem", {"eps": 0}, ValueError, "eps must be positive and finite, got 0"),
        ("gem", {"eps": None}, TypeError, "eps must be a real number"),
        ("gem", {"kernel_size": 5}, ValueError, "does not fit axis"),
        ("gem", {"out": np.ones((1, 2, 2))}, TypeError, "out must have the result's dtype float32"),
        ("gem", {"mask": np.ones(4)}, TypeError, "mask must be bool"),
        ("lse", {"empty": "0"}, TypeError, "empty"),
        ("lse", {"nan": "skip"}, ValueError, "nan"),
    ],
)
def test_refusals(op, p, error, text):
    p = {"kernel_size": 2, **p}
    with pytest.raises(error, match=text):
        getattr(cypool, op + "_pool2d")(np.ones((1, 4, 4), np.float32), **p)
    with pytest.raises(ValueError, match="grad_output must have the shape"):
        getattr(cypool, op + "_pool2d_backward")(np.ones((1, 2, 3)), np.ones((1, 4, 4)), 2)
