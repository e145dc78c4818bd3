"""Pooling by importance: against the slow reference in decimal numbers, by central differences, and by hand at the edges."""

import math

import float32
import numpy as np
import pytest
import shapes
import ways
from dtypes import FEW, FLOATS, same
from hypothesis import given, settings
from hypothesis import strategies as st
from importance_calls import INF, NAN, calls, converted, sizes
from numpy.testing import assert_allclose, assert_array_equal
from ways import pieces

import cypool
from cypool import blocks
from cypool import reference_importance as reference


@settings(max_examples=80)
@given(calls(), st.sampled_from(FEW), st.sampled_from([1, 2]), st.booleans())
def test_forward(call, dtype, threads, small):
    name, x, logits, positional, p = call
    x = converted(x, dtype)
    with pieces(small):
        got = getattr(cypool, name)(x, logits, *positional, **p, num_threads=threads)
    size, error = sizes(x, logits)
    if float32.applies(x.dtype, logits.dtype):
        error += float32.forward("lip", None, 1, 1, 64)
    result = dtype if dtype in FLOATS else np.dtype(np.float64)
    shapes.close(got, getattr(reference, name)(x, logits, *positional, **p), result, size * error)
    out = np.empty(got.shape, result)
    assert getattr(cypool, name)(x, logits, *positional, **p, out=out) is out
    same(out, got)


@settings(max_examples=80)
@given(calls(), st.sampled_from(FLOATS), st.sampled_from([np.dtype("f"), np.dtype("d")]), st.booleans())
def test_backward(call, dtype, real, small):
    name, x, logits, positional, p = call
    x = converted(x, dtype)
    shape = getattr(reference, name)(x, logits, *positional, **p).shape
    gradient = np.random.default_rng(1).standard_normal(shape).astype(real)
    back = getattr(cypool, name + "_backward")
    with pieces(small):  # which may change in which order a logit's gradient adds up
        got = back(gradient, x, logits, *positional, **p)
        out = np.empty_like(got[0]), np.empty_like(got[1])
        made = back(gradient, x, logits, *positional, **p, out=out)
    want = getattr(reference, name + "_backward")(gradient, x, logits, *positional, **p)
    size, error = sizes(x, logits)
    total = float(np.abs(gradient).sum(dtype=float))
    if float32.applies(x.dtype, logits.dtype, gradient.dtype):
        error += float32.backward("lip", 1, size, 1, 64)
    assert got[1].shape == logits.shape
    shapes.close(got[0], want[0], real, 4 * total * error)
    shapes.close(got[1], want[1], real, 16 * total * size * error)
    for one, other, again in zip(made, out, got, strict=True):
        assert one is other
        same(one, again)


@pytest.mark.parametrize(
    ("form", "positional", "p"),
    [
        ("lip_pool2d", (3, 2), {"padding": 1}),
        ("lip_pool2d", ((2, 3),), {"padding": "same", "boundary": "reflect"}),
        ("adaptive_lip_pool2d", (3,), {}),
        ("global_lip_pool", (), {"keepdims": False}),
        ("lip_pool2d", (2, 1), {"mask": True}),
    ],
)
@pytest.mark.parametrize("shape", [(1, 2, 5, 6), (1, 1, 5, 6), (5, 1)])
def test_gradients_by_central_differences(form, positional, p, shape):
    rng = np.random.default_rng(5)
    x, logits = rng.standard_normal((1, 2, 5, 6)), rng.standard_normal(shape)
    if "mask" in p:
        p = {"mask": rng.random(x.shape) < 0.8}
    run = getattr(cypool, form)
    gradient, step = rng.standard_normal(run(x, logits, *positional, **p).shape), 1e-5

    def numerically(at):
        result = np.empty(at.shape)
        for i in np.ndindex(at.shape):
            kept, ends = at[i], []
            for at[i] in (kept + step, kept - step):
                ends.append(np.nansum(run(x, logits, *positional, **p) * gradient))
            at[i], result[i] = kept, (ends[0] - ends[1]) / (2 * step)
        return result

    by_x, by_logits = getattr(cypool, form + "_backward")(gradient, x, logits, *positional, **p)
    assert_allclose(by_x, numerically(x), atol=5e-9)
    assert_allclose(by_logits, numerically(logits), atol=5e-9)


# ---- by hand ------------------------------------------------------------------------------------------------------------


def test_what_it_generalises():
    x = np.random.default_rng(2).standard_normal((2, 3, 8, 9)).astype(np.float32)
    for p in ({}, {"padding": 1}, {"mask": x > -1}, {"boundary": "wrap"}):
        soft = cypool.soft_pool2d(x, 3, 2, beta=-1.5, **p)
        assert_allclose(cypool.lip_pool2d(x, -1.5 * x.astype(float), 3, 2, **p), soft, rtol=3e-7, atol=1e-7)
    assert_allclose(cypool.lip_pool2d(x, 7, 3, 2), cypool.avg_pool2d(x, 3, 2), rtol=3e-7, atol=1e-7)
    assert_allclose(cypool.lip_pool2d(x, x * 1e9, 3, 2), cypool.max_pool2d(x, 3, 2), rtol=3e-7)


def test_what_is_not_finite():
    x = np.array([[1, 2, 3, 4, INF, 5, NAN, 6, 7, 8, 1, NAN]])
    z = np.array([[INF, 0, -INF, 0, -2000, 0, -INF, 0, NAN, 0, INF, INF]])
    assert_array_equal(cypool.lip_pool(x, z, (2,)), [[1, 4, 5, 6, NAN, NAN]])
    assert_array_equal(cypool.lip_pool(x, z, (2,), nan="ignore"), [[1, 4, 5, 6, 8, 1]])
    assert_array_equal(cypool.lip_pool(x, z, (4,))[0, 0], 1)
    by_x, by_z = cypool.lip_pool_backward(np.ones((1, 6)), x, z, (2,))
    assert_array_equal(by_x[0, :8], [1, 0, 0, 1, 0, 1, 0, 1])
    assert_array_equal(by_z[0, :8], np.zeros(8))
    assert np.isnan(by_x[0, 8:10]).all() and np.isnan(by_z[0, 8:10]).all()
    x = np.array([[1.5e308, 1.7e308, 1.0, INF]])
    assert_allclose(cypool.lip_pool(x, [[0, 0, 0, 0]], (2,)), [[1.6e308, INF]])


def test_windows_far_below_the_planes_largest():
    x, z = np.array([[1.0, 2, 3, 5, 7, 9]]), np.array([[0.0, 0, -1000, -1000, -5e5, -5e5 + math.log(3)]])
    assert_allclose(cypool.lip_pool(x, z, (2,)), [[1.5, 4, 8.5]], rtol=1e-10)
    by_x, by_z = cypool.lip_pool_backward(np.array([[1.0, 2, 4]]), x, z, (2,))
    assert_allclose(by_x, [[0.5, 0.5, 1, 1, 1, 3]], rtol=1e-10)
    assert_allclose(by_z, [[-0.25, 0.25, -1, 1, -1.5, 1.5]], rtol=1e-10)


def test_small_cells_with_small_weights():
    """Products of both are no numbers of float64, averages are."""
    x, logits = np.array([[1e-200, 2e-200, 0, -4e-310, 1, 1]]), np.array([[0, 0, 0, 0, 340, 0]])
    assert_allclose(cypool.lip_pool(x, logits, (2,)), [[1.5e-200, -2e-310, 1]], rtol=1e-12)
    _, by_logits = cypool.lip_pool_backward(np.ones((1, 3)), x, logits, (2,))
    assert_allclose(by_logits[0, :2], [-2.5e-201, 2.5e-201], rtol=1e-14)


def test_planes_do_not_change_each_other():
    """Nor how they are put together: an infinite cell changes no bit of another plane."""
    rng = np.random.default_rng(3)
    x, logits = rng.standard_normal((2, 1, 5, 40)), rng.standard_normal((2, 1, 5, 40))
    want = cypool.lip_pool2d(x, logits, 4, 1)
    x[0] = np.inf
    assert_array_equal(cypool.lip_pool2d(x, logits, 4, 1)[1], want[1])


def test_empty_windows():
    x = np.ones((1, 2))
    for p in ({"mask": np.zeros(2, bool)}, {}):
        z = np.zeros(2) if p else np.full(2, -INF)
        assert_array_equal(cypool.lip_pool(x, z, (2,), **p), [[NAN]])
        assert_array_equal(cypool.lip_pool(x, z, (2,), **p, empty=3), [[3]])
        for one in cypool.lip_pool_backward(np.ones((1, 1)), x, z, (2,), **p):
            assert_array_equal(one, np.zeros(one.shape))
    assert_array_equal(cypool.lip_pool(x, np.zeros(2), (2,), 2, 2), [[NAN, 1, NAN]])
    assert [g.shape for g in cypool.lip_pool2d_backward(np.ones((0, 1, 2, 2)), np.ones((0, 1, 4, 4)), 0.0, 2)] == [
        (0, 1, 4, 4),
        (),
    ]


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_forms_agree(rank):
    rng, axes = np.random.default_rng(3), tuple(range(2, rank + 2))
    x = rng.random((2, 3, 7, 6, 5)[: rank + 2]).astype(np.float32)
    z = rng.random((2, 1, 7, 6, 5)[: rank + 2])
    one = getattr(cypool, f"lip_pool{rank}d")
    y = one(x, z, 3, 2, 1)
    assert_array_equal(y, cypool.lip_pool(x, z, (3,) * rank, 2, 1))
    last = one(np.moveaxis(x, 1, -1), np.moveaxis(z, 1, -1), 3, 2, 1, data_format="channels_last")
    assert_allclose(np.moveaxis(last, -1, 1), y, rtol=2e-7)
    whole = cypool.global_lip_pool(x, z)
    assert_allclose(getattr(cypool, f"adaptive_lip_pool{rank}d")(x, z, 1), whole, rtol=2e-7)
    assert_array_equal(cypool.global_lip_pool(x, z, keepdims=False), whole.squeeze(axes))


def test_the_same_bits():
    """For every number of threads, every size of blocks and all strides of one layout; inputs are left alone."""
    rng = np.random.default_rng(6)
    x, z = rng.random((3, 5, 12, 13)).astype(np.float32), rng.standard_normal((3, 5, 12, 13)) * 300
    x.flags.writeable = z.flags.writeable = False
    gradient = rng.standard_normal(cypool.lip_pool2d(x, z, 3, 2).shape)
    want = cypool.lip_pool2d(x, z, 3, 2), *cypool.lip_pool2d_backward(gradient, x, z, 3, 2)
    with pieces(False):
        for blocks.CELLS in (1, 300, 1 << 30):
            for threads in (1, 2):
                for a in (x, ways.strided(x), x[::-1].copy()[::-1]):
                    p = {"num_threads": threads}
                    got = cypool.lip_pool2d(a, z, 3, 2, **p), *cypool.lip_pool2d_backward(gradient, a, z, 3, 2, **p)
                    for one, other in zip(got, want, strict=True):
                        assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("p", "error", "text"),
    [
        ({"logits": np.ones((3, 4, 4))}, ValueError, r"logits must be broadcastable to x's shape \(1, 4, 4\)"),
        ({"logits": np.ones((1, 4, 4), bool)}, TypeError, "logits must be real numbers, got bool"),
        ({"logits": np.ones(4, complex)}, TypeError, "logits must have one of the dtypes"),
        ({"kernel_size": 5}, ValueError, "does not fit axis"),
        ({"out": np.ones((1, 2, 2))}, TypeError, "out must have the result's dtype float32"),
        ({"mask": np.ones(4)}, TypeError, "mask must be bool"),
        ({"empty": "0"}, TypeError, "empty"),
        ({"nan": "skip"}, ValueError, "nan"),
    ],
)
def test_refusals(p, error, text):
    p = {"logits": 0.0, "kernel_size": 2, **p}
    with pytest.raises(error, match=text):
        cypool.lip_pool2d(np.ones((1, 4, 4), np.float32), **p)


def test_gradient_refusals():
    x = np.ones((1, 4, 4))
    with pytest.raises(ValueError, match="grad_output must have the shape"):
        cypool.lip_pool2d_backward(np.ones((1, 2, 3)), x, x, 2)
    with pytest.raises(TypeError, match=r"out must be a pair \(grad_x, grad_logits\), got ndarray"):
        cypool.lip_pool2d_backward(np.ones((1, 2, 2)), x, x, 2, out=np.ones((1, 4, 4)))
    with pytest.raises(ValueError, match=r"out\[1\] must have the result's shape \(4, 4\)"):
        cypool.lip_pool2d_backward(np.ones((1, 2, 2)), x, x[0], 2, out=(np.ones((1, 4, 4)), np.ones((1, 4, 4))))
    both = np.ones((1, 4, 4))
    with pytest.raises(ValueError, match=r"out\[1\] must not share memory"):
        cypool.lip_pool2d_backward(np.ones((1, 2, 2)), x, x, 2, out=(both, both))
