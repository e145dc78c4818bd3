"""Mixed and gated pooling: against the slow reference in exact fractions, PyTorch's composition, and central differences."""

import math

import ml_dtypes
import numpy as np
import pytest
import shapes
import ways
from hypothesis import given, settings
from hypothesis import strategies as st
from mixed_calls import DTYPES, EPS, FLOATS, close, gates, mixtures
from numpy.testing import assert_allclose, assert_array_equal

import cypool
from cypool import mixed
from cypool import reference_filters as reference

INF, NAN = math.inf, math.nan
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)


def same(got, want):
    assert got.dtype == want.dtype and got.shape == want.shape
    assert_array_equal(got.astype(float), want.astype(float))


@settings(max_examples=100)
@given(mixtures(), st.sampled_from(DTYPES), st.sampled_from([1, 2]), st.booleans())
def test_mixed_against_the_reference(call, dtype, threads, small):
    name, x, positional, p = call
    x = shapes.converted(x, dtype, 1e4)
    cells, mixed.CELLS = mixed.CELLS, 8 if small else mixed.CELLS
    try:
        with ways.setting(grain=1.0):
            got = getattr(cypool, name)(x, *positional, **p, num_threads=threads)
            close(got, getattr(reference, name)(x, *positional, **p), 300)
            out = np.zeros_like(got)
            assert getattr(cypool, name)(ways.strided(x), *positional, **p, num_threads=1, out=out) is out
            same(out, got)
            real = dtype if dtype in FLOATS else np.dtype("f")
            gradient = np.random.default_rng(1).standard_normal(got.shape).astype(real)
            to_x, to_alpha = getattr(cypool, name + "_backward")(gradient, x, *positional, **p, num_threads=threads)
            want_x, want_alpha = getattr(reference, name + "_backward")(gradient, x, *positional, **p)
            close(to_x, want_x, 300)
            assert to_alpha.dtype == np.float64 and to_alpha.shape == want_alpha.shape
            eps = EPS["float32"] if x.dtype.itemsize < 8 and dtype in FLOATS else 2.0**-45
            total = 1 + float(np.abs(gradient.astype(float)).sum()) * 100
            assert_allclose(to_alpha, want_alpha, rtol=eps, atol=eps * total)
            out = np.zeros_like(to_x)
            again = getattr(cypool, name + "_backward")(gradient, x, *positional, **p, num_threads=1, out=out)
            assert again[0] is out
            same(out, to_x)
            assert_array_equal(again[1], to_alpha)
    finally:
        mixed.CELLS = cells


@settings(max_examples=50)
@given(gates(), st.sampled_from(FLOATS), st.sampled_from([1, 2]), st.booleans())
def test_gated_against_the_reference(call, dtype, threads, small):
    x, w, p = call
    x, w = x.astype(dtype), w.astype(dtype)
    cells, mixed.CELLS = mixed.CELLS, 8 if small else mixed.CELLS
    try:
        with ways.setting(grain=1.0):
            got = cypool.gated_pool(x, w, **p, num_threads=threads)
            close(got, reference.gated_pool(x, w, **p), 50)
            gradient = np.random.default_rng(1).standard_normal(got.shape).astype(dtype)
            results = cypool.gated_pool_backward(gradient, x, w, **p, num_threads=threads)
            want = reference.gated_pool(x, w, **p, grad_output=gradient)
            assert len(results) == len(want) == (2 if p["bias"] is None else 3)
            total = 10 + float(np.abs(gradient.astype(float)).sum()) * 10
            for back, expected in zip(results[:2], want, strict=False):
                close(back, expected, total)
            if p["bias"] is not None:
                eps = 2.0**-45 if dtype == np.float64 else EPS["float32"]
                assert_allclose(results[2], want[2], rtol=eps, atol=eps * total)
            out = tuple(np.zeros_like(back) for back in results[:2])
            again = cypool.gated_pool_backward(gradient, ways.strided(x), w, **p, num_threads=1, out=out)
            for i, back in enumerate(again):
                assert i > 1 or back is out[i]
                assert_array_equal(np.asarray(back).astype(float), np.asarray(results[i]).astype(float))
    finally:
        mixed.CELLS = cells


def central(value, arrays):
    for array in arrays:
        want = np.zeros(array.shape)
        for i in np.ndindex(array.shape):
            kept, ends = array[i], []
            for step in (1e-6, -1e-6):
                array[i] = kept + step
                ends.append(value())
            array[i] = kept
            want[i] = (ends[0] - ends[1]) / 2e-6
        yield want


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_the_gate_does_not_depend_on_numpys_exponential(dtype, monkeypatch):
    """Its bits are those of the vectors that NumPy finds on a machine."""
    x = np.linspace(-3, 3, 48).reshape(1, 3, 4, 4).astype(dtype)
    w = np.array([[0.5, -1], [0.25, 2]], dtype)
    want = cypool.gated_pool2d(x, w, 1)
    monkeypatch.setattr(np, "exp", None)
    same(cypool.gated_pool2d(x, w, 1), want)
    for gradient in cypool.gated_pool2d_backward(np.ones_like(want), x, w, 1):
        assert np.isfinite(gradient.astype(float)).all()


@pytest.mark.parametrize("form", ["mixed_pool2d", "adaptive_mixed_pool2d", "global_mixed_pool", "gated_pool2d"])
def test_gradients_by_central_differences(form):
    rng = np.random.default_rng(5)
    x = rng.permutation(2 * 3 * 5 * 6).reshape(2, 3, 5, 6) / 30
    p = {"stride": 2, "padding": 1} if form in ("mixed_pool2d", "gated_pool2d") else {}
    if form == "gated_pool2d":
        given = {"w": rng.standard_normal((3, 2, 3)), "bias": rng.standard_normal((2, 1))}
    else:
        p |= {"kernel_size": 3} if p else {"output_size": 2} if "adaptive" in form else {}
        given = {"alpha": rng.random((3, 1, 1))}
    y = getattr(cypool, form)(x, **p, **given)
    g = rng.standard_normal(y.shape)
    back = getattr(cypool, form + "_backward")(g, x, **p, **given)
    arrays = [x, *given.values()]
    wants = central(lambda: (getattr(cypool, form)(x, **p, **given) * g).sum(), arrays)
    for got, want in zip(back, wants, strict=True):
        assert_allclose(got, want, atol=1e-7)


def test_against_pytorch():
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    rng = np.random.default_rng(7)
    x, w, bias = (rng.standard_normal(s) for s in ((2, 3, 13, 12), (3, 3, 2), 3))
    tensors = [torch.tensor(a, requires_grad=True) for a in (x, w, bias)]
    gate = torch.sigmoid(functional.conv2d(tensors[0], tensors[1][:, None], tensors[2], stride=(2, 1), groups=3))
    parts = functional.max_pool2d(tensors[0], (3, 2), (2, 1)), functional.avg_pool2d(tensors[0], (3, 2), (2, 1))
    want = gate * parts[0] + (1 - gate) * parts[1]
    g = rng.standard_normal(tuple(want.shape))
    want.backward(torch.from_numpy(g))
    assert_allclose(cypool.gated_pool2d(x, w, (2, 1), bias=bias), want.detach().numpy(), atol=1e-14)
    for got, tensor in zip(cypool.gated_pool2d_backward(g, x, w, (2, 1), bias=bias), tensors, strict=True):
        assert_allclose(got, tensor.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("kind", "?bBhHiIlL")
def test_every_integer(kind):
    x = np.arange(96).reshape(1, 2, 6, 8).astype(kind)
    for p in ({}, {"mask": x > 3}):
        got = cypool.mixed_pool2d(x, (2, 4), alpha=0.25, **p)
        assert got.dtype == np.float64
        same(got, cypool.mixed_pool2d(x.astype(float), (2, 4), alpha=0.25, **p))
        gradients = [cypool.mixed_pool2d_backward(got, of, (2, 4), alpha=0.25, **p) for of in (x, x.astype(float))]
        for one, other in zip(*gradients, strict=True):
            same(one, other)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_the_ends_are_maximum_and_average(dtype):
    x = np.random.default_rng(1).standard_normal((2, 3, 9, 11)).astype(dtype)
    most = cypool.max_pool2d(x, 3, 2, 1)
    mean = cypool.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
    same(cypool.mixed_pool2d(x, 3, 2, 1, alpha=1), most)
    same(cypool.mixed_pool2d(x, 3, 2, 1, alpha=0), mean)
    choice = np.random.default_rng(2).integers(0, 2, most.shape)
    same(cypool.mixed_pool2d(x, 3, 2, 1, alpha=choice), np.where(choice, most, mean))
    same(cypool.mixed_pool2d(x, 3, 2, 1, alpha=choice.astype(bool)), np.where(choice, most, mean))
    g = np.ones_like(most)
    to_most = cypool.mixed_pool2d_backward(g, x, 3, 2, 1, alpha=1)[0]
    same(to_most, cypool.max_pool2d_backward(g, x, 3, 2, 1))
    heavy = np.full((3, 3, 3), 1000.0)
    same(cypool.gated_pool2d(np.abs(x), heavy, 2, 1), cypool.max_pool2d(np.abs(x), 3, 2, 1))


def test_infinities_and_nothing():
    x = np.array([[INF, 1, -INF, 3, NAN, 1, INF, -INF]])
    assert_array_equal(cypool.mixed_pool(x, (2,)), [[INF, -INF, NAN, NAN]])
    assert_array_equal(cypool.mixed_pool(x, (2,), alpha=[[1, 1, 0, 1]]), [[INF, 3, NAN, INF]])
    assert_array_equal(cypool.mixed_pool(x, (2,), alpha=1), [[INF, 3, NAN, INF]])
    assert_array_equal(cypool.mixed_pool(np.ones((1, 2)), (2,), 2, 2), [[NAN, 1, NAN]])
    assert_array_equal(cypool.mixed_pool(np.ones((1, 2)), (2,), 2, 2, empty=7), [[7, 1, 7]])
    assert_array_equal(cypool.mixed_pool(np.array([[2, 3, 5, 6]], np.int8), (2,)), [[2.75, 5.75]])
    assert cypool.mixed_pool2d(np.zeros((0, 3, 4, 4)), 2).shape == (0, 3, 2, 2)
    to_x, to_alpha = cypool.mixed_pool2d_backward(np.zeros((0, 3, 2, 2)), np.zeros((0, 3, 4, 4)), 2)
    assert to_x.shape == (0, 3, 4, 4) and to_alpha == 0
    assert cypool.gated_pool2d(np.zeros((2, 0, 4, 4)), np.zeros((2, 2))).shape == (2, 0, 2, 2)
    to_x, to_w, to_bias = cypool.gated_pool2d_backward(
        np.zeros((0, 3, 2, 2)), np.zeros((0, 3, 4, 4)), np.zeros((3, 2, 2)), bias=np.zeros(3)
    )
    assert to_x.shape == (0, 3, 4, 4) and not to_w.any() and not to_bias.any() and to_bias.shape == (3,)
    assert_array_equal(cypool.gated_pool(np.ones((1, 2)), np.ones(2), 2, 2), [[NAN, 1, NAN]])


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("op", ["mixed", "gated"])
def test_forms_agree(op, rank):
    x = np.random.default_rng(3).random((2, 3, 7, 6, 5)[: rank + 2]).astype(np.float32)
    given = 3 if op == "mixed" else np.random.default_rng(4).standard_normal((3,) * rank)
    pool = getattr(cypool, f"{op}_pool{rank}d")
    y = pool(x, given, 2, 1)
    windows = (3,) * rank if op == "mixed" else given
    same(getattr(cypool, op + "_pool")(x, windows, 2, 1), y)
    last = pool(np.moveaxis(x, 1, -1).copy(), given, 2, 1, data_format="channels_last")
    assert_allclose(np.moveaxis(last, -1, 1), y, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "arguments", "p", "error", "text"),
    [
        ("mixed_pool", (2,), {"alpha": "a"}, TypeError, "alpha must be a real number"),
        ("mixed_pool", (2,), {"alpha": INF}, ValueError, "alpha must be finite"),
        ("mixed_pool", (2,), {"alpha": [0.5, NAN]}, ValueError, "alpha must be finite"),
        ("mixed_pool", (2,), {"alpha": np.ones(5)}, ValueError, "alpha must be broadcastable to the result's shape"),
        ("mixed_pool", (0,), {}, ValueError, "kernel_size must be at least 1"),
        ("mixed_pool", (2,), {"out": np.zeros(3)}, ValueError, "out must have the result's shape"),
        ("mixed_pool", (2,), {"count_include_pad": True}, TypeError, "count_include_pad"),
        ("gated_pool", (np.zeros((2, 2), int),), {}, TypeError, "w must be floating"),
        ("gated_pool", (np.full((2, 2), NAN),), {}, ValueError, "w must be finite"),
        ("gated_pool", (np.zeros((0, 2)),), {}, ValueError, "w must have at least one tap"),
        ("gated_pool", (np.zeros(2),), {"axes": (0, 1)}, ValueError, "w must have an axis for each of 2"),
        ("gated_pool", (np.zeros((5, 2, 2)),), {"axes": (1, 2)}, ValueError, "w must have the window's axes last"),
        ("gated_pool", (np.zeros((2, 2)),), {"bias": np.zeros(2)}, ValueError, "bias must be a number or have"),
        ("gated_pool", (np.zeros((2, 2)),), {"bias": "a"}, TypeError, "bias must be a real number"),
        ("gated_pool", (np.zeros((2, 2)),), {"bias": INF}, ValueError, "bias must be finite"),
    ],
)
def test_refusals(name, arguments, p, error, text):
    with pytest.raises(error, match=text):
        getattr(cypool, name)(np.zeros((3, 4, 4)), *arguments, **p)


def test_refusals_of_gradients():
    x, w = np.zeros((3, 4, 4)), np.zeros((2, 2))
    for name, windows in (("mixed_pool", 2), ("gated_pool", w)):
        with pytest.raises(ValueError, match="grad_output must have the shape"):
            getattr(cypool, name + "_backward")(np.zeros((3, 2, 3)), x, windows)
    with pytest.raises(TypeError, match="out must be a pair"):
        cypool.gated_pool_backward(np.zeros((3, 2, 2)), x, w, out=x)
    with pytest.raises(ValueError, match="out must not share memory with an input"):
        cypool.mixed_pool_backward(np.zeros((3, 2, 2)), x, 2, out=x)
