"""Norms and power means: against the slow reference in decimal numbers, by hand at the edges, and against PyTorch."""

import inspect
import math

import float32
import numpy as np
import pytest
from dtypes import DTYPES, FLOATS, ROUNDING, TINY, converted
from hypothesis import given
from hypothesis import strategies as st
from norm_calls import INF, NAN, SIDES, calls, close, gradients_close, of_one_size, second_derivatives
from numpy.testing import assert_allclose, assert_array_equal
from ways import pieces

import cypool
from cypool import blocks
from cypool import reference_powers as reference


@given(calls(), st.sampled_from(DTYPES), st.sampled_from([1, 2]), st.booleans())
def test_forward(call, dtype, threads, small):
    name, x, positional, p = call
    if dtype not in FLOATS:
        p = {k: v for k, v in p.items() if k != "weights"}
    x = converted(x, dtype)
    with pieces(small):
        got = getattr(cypool, name)(x, *positional, **p, num_threads=threads)
    result = dtype if dtype in FLOATS else np.dtype(np.float64)
    with np.errstate(all="ignore"):
        want = getattr(reference, name)(x, *positional, **p)
        size = np.abs(x.astype(np.float64))
        scale = size[np.isfinite(size)].sum() if p.get("signed") and positional[0] == 1 else 0.0
    assert got.dtype == result
    single = 0.0
    if float32.applies(dtype) and not math.isinf(positional[0] if "lp" in name else 2):
        single = float32.forward("norm", want.astype(float), 0, 1, SIDES)
    close(got, want, result, scale, single=single)
    out = np.empty(got.shape, result)
    assert getattr(cypool, name)(x, *positional, **p, out=out) is out
    assert_array_equal(out.astype(np.float64), got.astype(np.float64))


@given(calls(), st.sampled_from(FLOATS), st.sampled_from([np.dtype("f"), np.dtype("d")]), st.booleans())
def test_backward(call, dtype, real, small):
    name, x, positional, p = call
    x = converted(np.where(np.isinf(converted(x, dtype).astype(float)), 1, x), dtype)
    if p.get("signed") and positional[0] == 1:
        x = np.abs(x)  # a total that cancels is 0 in one arithmetic only
    norm = positional[0] if "lp" in name else 2
    if norm < 1:
        x = np.where(x == 0, dtype.type(1), x)  # infinite slopes
    with np.errstate(all="ignore"):
        shape = getattr(reference, name)(x, *positional, **p).shape
    gradient = np.random.default_rng(1).standard_normal(shape).astype(real)
    with pieces(small):
        got = getattr(cypool, name + "_backward")(gradient, x, *positional, **p)
    want = getattr(reference, name + "_backward")(gradient, x, *positional, **p)
    gradients_close(got, want, x, p, norm, gradient)


@given(calls())
def test_double_backward(call):
    name, x, positional, p = call
    x = of_one_size(*call)
    gradient, outer, want, scale = second_derivatives(name, x, positional, p)
    got = getattr(cypool, name + "_double_backward")(outer, gradient, x, *positional, **p)
    for one, other in zip(got, want, strict=True):
        close(one, other, np.dtype("d"), scale, loose=16)


# ---- derivatives by differences ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "positional", "p"),
    [
        ("lp_pool2d", (2, 3, 2), {"padding": 1}),
        ("lp_pool2d", (3, 2), {"signed": True, "ceil_mode": True}),
        ("lp_pool2d", (1, 2, 1), {"signed": False}),
        ("lp_pool2d", (2.5, (2, 3)), {"signed": False, "padding": "same", "boundary": "reflect"}),
        ("lp_pool2d", (INF, 2), {}),
        ("lp_pool2d", (-1, 2), {}),
        ("lp_pool2d", (-INF, 2), {}),
        ("adaptive_lp_pool2d", (3, 3), {}),
        ("global_lp_pool", (4,), {"keepdims": False}),
        ("rms_pool2d", (3, 2, 1), {"count_include_pad": False}),
        ("rms_pool2d", (3, 1, 1), {"dilation": 2}),
        ("adaptive_rms_pool2d", ((2, 3),), {}),
        ("global_rms_pool", (), {}),
    ],
)
@pytest.mark.parametrize("more", [{}, {"mask": True}, {"weights": True}])
def test_gradients_by_central_differences(name, positional, p, more):
    rng = np.random.default_rng(5)
    x = rng.permutation(2 * 5 * 6).reshape(1, 2, 5, 6) / 10 + 0.35  # no ties, no zero
    if "mask" in more:
        more = {"mask": rng.random(x.shape) < 0.8}
    if "weights" in more:
        if positional[:1] in ((INF,), (-INF,)):
            return
        more = {"weights": rng.random(x.shape) + 0.5}
    run, p = getattr(cypool, name), {**p, **more}
    y = run(x, *positional, **p)
    gradient, outer, step = rng.standard_normal(y.shape), rng.standard_normal(x.shape), 1e-5

    def numerically(of, at):
        result = np.empty(at.shape)
        for i in np.ndindex(at.shape):
            kept = at[i]
            at[i] = kept + step
            high = of()
            at[i] = kept - step
            result[i] = (high - of()) / (2 * step)
            at[i] = kept
        return result

    back = getattr(cypool, name + "_backward")
    got = back(gradient, x, *positional, **p)
    got, by_weights = got if "weights" in p else (got, None)
    assert_allclose(got, numerically(lambda: (run(x, *positional, **p) * gradient).sum(), x), atol=2e-8)
    if by_weights is not None:
        assert_allclose(
            by_weights, numerically(lambda: (run(x, *positional, **p) * gradient).sum(), p["weights"]), atol=2e-8
        )

    def pushed():
        result = back(gradient, x, *positional, **p)
        return ((result[0] if "weights" in p else result) * outer).sum()

    to_gradient, to_x = getattr(cypool, name + "_double_backward")(outer, gradient, x, *positional, **p)
    assert_allclose(to_x, numerically(pushed, x), atol=2e-8)
    assert_allclose(to_gradient, numerically(pushed, gradient), atol=2e-8)


# ---- rule 10, by hand --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [1, 2, 3, 5, 1.5, 9, 100, 5000.0, INF])
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_nothing_vanishes_or_overflows(dtype, p):
    ends = {"float16": (1e-7, 1e4), "bfloat16": (1e-38, 1e37), "float32": (1e-45, 1e37), "float64": (5e-324, 1e307)}
    for size in (*ends[dtype.name], 1e-30, 1e25):
        with np.errstate(over="ignore"):
            value = float(np.array(size).astype(dtype))
        if not 0 < value < INF:
            continue
        x = np.zeros((2, 4, 4), dtype)
        x[0] = value
        x[1, ::2, ::2] = value
        norms = cypool.lp_pool(x, p, 2).astype(float)
        whole = value * 4.0 ** (1 / p)
        assert_allclose(norms[0], whole, rtol=4 * ROUNDING[dtype.name], atol=TINY[dtype.name])
        assert_allclose(norms[1], value, rtol=4 * ROUNDING[dtype.name])
        slopes = cypool.lp_pool_backward(np.ones((2, 2, 2)), x, p, 2)
        if not math.isinf(p):
            assert_allclose(slopes[0], 4.0 ** (1 / p - 1), rtol=1e-9)
        assert_allclose(slopes[1], (x[1] != 0).astype(float), rtol=1e-12)


def test_windows_of_different_sizes_in_one_plane():
    x = np.array([[1e200, 2e200, 1e-200, 2e-200, 3, 4, 0, 0, 1e-320, 0]])
    assert_allclose(cypool.lp_pool1d(x, 2, 2)[0], [5**0.5 * 1e200, 5**0.5 * 1e-200, 5, 0, 1e-320], rtol=1e-15)
    got = cypool.lp_pool1d_backward(np.ones((1, 5)), x, 2, 2)[0]
    assert_allclose(got, [5**-0.5, 2 * 5**-0.5] * 2 + [0.6, 0.8, 0, 0, 1, 0], rtol=1e-15)
    got = cypool.lp_pool_backward(np.ones((1, 5)), x, 4, (2,))[0]
    assert_allclose(got[:4], [17**-0.75, 8 * 17**-0.75] * 2, rtol=1e-12)


def test_what_is_not_finite():
    x = np.array([[INF, 1, NAN, 2, -INF, INF, 3, 4]])
    assert_array_equal(cypool.lp_pool(x, 2, (2,)), [[INF, NAN, INF, 5]])
    assert_array_equal(cypool.lp_pool(x, INF, (2,)), [[INF, NAN, INF, 4]])
    assert_array_equal(cypool.lp_pool(x, 2, (2,), nan="ignore"), [[INF, 2, INF, 5]])
    assert_array_equal(cypool.lp_pool1d(x, 1, 2), [[INF, NAN, NAN, 7]])
    got = cypool.lp_pool_backward(np.ones((1, 4)), x, 2, (2,))[0]
    assert_allclose(got, [NAN, 0, NAN, NAN, NAN, NAN, 0.6, 0.8])


def test_a_cell_without_weight_adds_nothing():
    """However large its power."""
    x, w, g = np.array([[1e200, 2, 1e-200, 3]]), np.array([[0.0, 1, 0, 1]]), np.ones((1, 2))
    assert_array_equal(cypool.rms_pool(x, (2,), weights=w), [[2, 3]])
    for p in (2, 5, 33):
        assert_allclose(cypool.lp_pool(x, p, (2,), weights=w), [[2, 3]], rtol=1e-14)
        by_x, by_weights = cypool.lp_pool_backward(g, x, p, (2,), weights=w)
        assert_allclose(by_x, [[0, 1, 0, 1]], rtol=1e-14)
        assert_allclose(by_weights[0, 1:], [2 / p, 0, 3 / p], rtol=1e-14)
    assert_array_equal(cypool.rms_pool_backward(g, x, (2,), weights=w)[0], [[0, 1, 0, 1]])


def test_the_slope_of_small_cells_beside_large_ones():
    """Of order 1 it is their sign, however small their share of the norm."""
    x, w = np.array([[1e300, -1e-300]]), np.array([[0.5, 0.25]])
    by_x, _ = cypool.lp_pool_backward(np.ones((1, 1)), x, 1, (2,), weights=w)
    assert_array_equal(by_x, [[0.5, -0.25]])


def test_signs():
    x = np.array([[-3.0, 4, -1, -2]])
    assert_allclose(cypool.lp_pool1d(x, 2, 2), [[5, 5**0.5]])
    assert_array_equal(cypool.lp_pool1d(x, 1, 2), [[1, -3]])
    assert_array_equal(cypool.lp_pool1d(x, 1, 2, signed=False), [[7, 3]])
    assert_allclose(cypool.lp_pool1d(x, 3, 2), [[37 ** (1 / 3), NAN]])
    assert_allclose(cypool.lp_pool1d(x, 3, 2, signed=False), [[91 ** (1 / 3), 9 ** (1 / 3)]])
    assert_array_equal(cypool.lp_pool1d(x, 0.5, 2), [[NAN, NAN]])
    assert_array_equal(cypool.lp_pool1d(x, -1, 1, 1), [[-3, 4, -1, -2]])
    assert_array_equal(cypool.lp_pool1d(x, -INF, 2), [[3, 1]])
    assert_array_equal(cypool.lp_pool1d(x, INF, 2), [[4, 2]])


def test_partial_windows():
    """The true norm takes what is there; PyTorch's rule makes up for what is missing."""
    x = np.full((1, 3), 2.0)
    assert_allclose(cypool.lp_pool1d(x, 2, 2, ceil_mode=True), [[8**0.5, 8**0.5]])
    assert_allclose(cypool.lp_pool(x, 2, (2,), ceil_mode=True), [[8**0.5, 2]])
    assert_allclose(cypool.lp_pool(x, 2, (2,), padding=1), [[2, 8**0.5]])
    assert_array_equal(cypool.lp_pool(x, 2, (2,), 2, padding=4)[0, [0, 1]], [0, 0])
    assert_array_equal(cypool.lp_pool(x, 2, (2,), 2, padding=4, empty=-1)[0, [0, 1]], [-1, -1])
    assert_array_equal(cypool.lp_pool(x, INF, (2,), 2, padding=4, empty=-1)[0], [-1, -1, 2, 2, -1])
    assert_allclose(cypool.rms_pool(x, (2,), padding=1), [[2**0.5, 2]])
    assert_allclose(cypool.rms_pool(x, (2,), padding=1, count_include_pad=False), [[2, 2]])
    assert_array_equal(cypool.rms_pool(x, (2,), 2, 4, count_include_pad=False)[0, 0], NAN)
    assert_array_equal(cypool.rms_pool(x, (2,), 2, 4)[0, 0], 0)


@pytest.mark.parametrize("p", [5e-324, 1e-310, 1e-9, 1e9, 1e308, -5e-324, -1e308])
def test_orders_of_any_size(p):
    """Nothing raises; a large order is nearly the maximum."""
    x = np.array([[1.0, 1.5, 0, 2]])
    got = cypool.lp_pool1d(x, p, 2, signed=True)
    assert got.shape == (1, 2)
    assert cypool.lp_pool1d_backward(np.ones((1, 2)), x, p, 2, signed=True).shape == (1, 4)
    assert len(cypool.lp_pool1d_double_backward(x, np.ones((1, 2)), x, p, 2, signed=True)) == 2
    if p > 1:
        assert_allclose(got, [[1.5, 2]], rtol=1e-8)
        assert_allclose(cypool.lp_pool1d_backward(np.ones((1, 2)), x, p, 2), [[0, 1, 0, 1]], atol=1e-8)


def test_where_the_norm_is_0_the_gradient_is():
    x = np.zeros((1, 4))
    for p in (1, 2, 3.5, INF):
        assert_array_equal(cypool.lp_pool_backward(np.ones((1, 2)), x, p, (2,)), x)
        one, other = cypool.lp_pool_double_backward(np.ones((1, 4)), np.ones((1, 2)), x, p, (2,))
        assert_array_equal(one, np.zeros((1, 2)))
        assert_array_equal(other, x)
    by_x, by_weights = cypool.lp_pool_backward(np.ones((1, 2)), x, 2, (2,), weights=np.ones(4))
    assert_array_equal(by_x, x)
    assert_array_equal(by_weights, np.zeros(4))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_dtypes(dtype):
    x = np.array([[[3, 4], [0, 0]]]).astype(dtype)
    want = dtype if dtype in FLOATS else np.float64
    for name, positional in (
        ("lp_pool2d", (2, 2)),
        ("rms_pool2d", (2,)),
        ("global_lp_pool", (INF,)),
        ("adaptive_lp_pool2d", (1, 1)),
    ):
        p = {"axes": (1, 2)} if "global" in name else {}
        assert getattr(cypool, name)(x, *positional, **p).dtype == want
    x = np.array([[2**62, 2**62]], np.int64)
    assert_allclose(cypool.lp_pool1d(x, 2, 2), [[2**62.5]], rtol=1e-15)


def test_the_same_bits():
    """For every number of threads, every size of blocks and all strides of one layout."""
    x = np.random.default_rng(6).standard_normal((6, 7, 20, 23)).astype(np.float32)
    with pieces(False):
        for name, positional in (("lp_pool2d", (2, 3, 2)), ("lp_pool2d", (2.2, 3, 2)), ("rms_pool2d", (3, 2, 1))):
            run = getattr(cypool, name)
            source = np.abs(x) if positional[0] == 2.2 else x
            want = run(source, *positional, num_threads=1)
            back = getattr(cypool, name + "_backward")
            for real in "fd":
                gradient = np.random.default_rng(7).standard_normal(want.shape).astype(real)
                slopes = back(gradient, source, *positional)
                for blocks.CELLS in (1, 1000, 1 << 28):
                    for threads in (1, 2, 3):
                        assert_array_equal(run(source, *positional, num_threads=threads), want)
                        assert_array_equal(back(gradient, source, *positional, num_threads=threads), slopes)
                    for view in (source[::-1].copy()[::-1], np.repeat(source, 2, axis=3)[..., ::2]):
                        assert_array_equal(run(view, *positional), want)
                        assert_array_equal(back(gradient, view, *positional), slopes)
            last = np.moveaxis(source, 1, -1).copy()
            got = run(last, *positional, data_format="channels_last")
            assert_allclose(np.moveaxis(got, -1, 1), want, rtol=2e-7)


def test_memory_does_not_grow_with_the_batch():
    import tracemalloc

    x = np.ones((64, 16, 32, 32), np.float32)
    out = np.empty((64, 16, 16, 16), np.float32)
    cypool.lp_pool2d(x[:1], 2, 2)
    tracemalloc.start()
    try:
        cypool.lp_pool2d(x, 2, 2, out=out)
        assert tracemalloc.get_traced_memory()[1] < x.nbytes / 2
    finally:
        tracemalloc.stop()


# ---- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "p", "error", "text"),
    [
        ("lp_pool2d", {"norm_type": 0}, ValueError, "norm_type must not be 0"),
        ("lp_pool2d", {"norm_type": NAN}, ValueError, "norm_type must not be NaN"),
        ("lp_pool2d", {"norm_type": "2"}, TypeError, "norm_type must be a real number, got '2'"),
        ("lp_pool2d", {"norm_type": True}, TypeError, "norm_type must be a real number"),
        ("lp_pool2d", {"norm_type": 10**400}, ValueError, "norm_type must fit a float"),
        ("lp_pool2d", {"norm_type": 0.5, "signed": False}, ValueError, r"at least 1 for a true norm .*got 0.5"),
        ("lp_pool", {"norm_type": -INF}, ValueError, "at least 1 for a true norm"),
        ("lp_pool2d", {"signed": 1}, TypeError, "signed must be a bool"),
        ("lp_pool2d", {"norm_type": INF, "weights": np.ones(4)}, ValueError, "weights mean nothing"),
        ("lp_pool2d", {"kernel_size": 0}, ValueError, "kernel_size"),
        ("lp_pool2d", {"kernel_size": 5}, ValueError, "does not fit axis"),
        ("lp_pool2d", {"out": np.ones((1, 2, 2))}, TypeError, "out must have the result's dtype float32"),
        ("lp_pool2d", {"mask": np.ones(4)}, TypeError, "mask must be bool"),
        ("lp_pool2d", {"weights": np.ones(4, int)}, TypeError, "weights must be floating"),
        ("lp_pool2d", {"empty": "0"}, TypeError, "empty"),
        ("lp_pool2d", {"nan": "skip"}, ValueError, "nan"),
        ("rms_pool2d", {"divisor_override": -2}, ValueError, "divisor_override must be positive"),
        ("rms_pool2d", {"divisor_override": 0}, ValueError, "divisor_override must not be 0"),
    ],
)
def test_refusals(name, p, error, text):
    p = {"kernel_size": 2, **({"norm_type": 2} if "lp" in name else {}), **p}
    with pytest.raises(error, match=text):
        getattr(cypool, name)(np.ones((1, 4, 4), np.float32), **p)


def test_gradients_need_x_itself():
    with pytest.raises(ValueError, match="x must"):
        cypool.lp_pool2d_backward(np.ones((1, 2, 2)), (1, 4, 4), 2, 2)
    with pytest.raises(ValueError, match="grad_output must have the shape"):
        cypool.lp_pool2d_backward(np.ones((1, 2, 3)), np.ones((1, 4, 4)), 2, 2)
    with pytest.raises(ValueError, match="grad_grad_x must have the shape of x"):
        cypool.lp_pool2d_double_backward(np.ones((1, 2, 2)), np.ones((1, 2, 2)), np.ones((1, 4, 4)), 2, 2)
    out = np.ones((1, 4, 4))
    with pytest.raises(TypeError, match="out must be a pair"):
        cypool.lp_pool2d_backward(np.ones((1, 2, 2)), np.ones((1, 4, 4)), 2, 2, weights=np.ones(4), out=out)


# ---- layers and PyTorch ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_layers(rank):
    x = np.random.default_rng(8).standard_normal((2, 3, *(7, 6, 5)[:rank]))
    layer = getattr(cypool, f"LPPool{rank}d")(2, 3, 2, True, padding=1)
    with pytest.raises(RuntimeError, match="needs a forward"):
        layer.backward(x)
    y = layer(x)
    assert_array_equal(y, getattr(cypool, f"lp_pool{rank}d")(x, 2, 3, 2, True, padding=1))
    gradient = np.ones_like(y)
    want = getattr(cypool, f"lp_pool{rank}d_backward")(gradient, x, 2, 3, 2, True, padding=1)
    assert_array_equal(layer.backward(gradient), want)
    layer.eval()(x)
    with pytest.raises(RuntimeError, match="needs a forward"):
        layer.backward(gradient)
    assert repr(layer).startswith(f"LPPool{rank}d(norm_type=2, kernel_size=3, stride=2, ceil_mode=True, padding=1,")


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_torch_modules(rank):
    """The samples of PyTorch's own tests of its modules: values, gradients, signatures."""
    torch = pytest.importorskip("torch")
    database = pytest.importorskip("torch.testing._internal.common_modules").module_db
    name, count = f"LPPool{rank}d", 0
    (info,) = [i for i in database if i.name == f"nn.{name}"]
    for dtype in (torch.float32, torch.float64):
        for sample in info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=True, training=True):
            made, given = sample.constructor_input, sample.forward_input
            theirs, ours = (
                getattr(torch.nn, name)(*made.args, **made.kwargs),
                getattr(cypool, name)(*made.args, **made.kwargs),
            )
            (x,) = given.args
            want = theirs(x)
            got = ours(x.detach().numpy())
            tolerance = 1e-5 if dtype is torch.float32 else 1e-12
            assert got.dtype == want.detach().numpy().dtype
            assert_allclose(got, want.detach().numpy(), rtol=tolerance, atol=tolerance)
            gradient = torch.rand(want.shape, dtype=dtype)
            (slopes,) = torch.autograd.grad(want, x, gradient)
            p = {k: v for k, v in ours._parameters.items() if k in ("kernel_size", "stride", "ceil_mode")}
            held = getattr(cypool, f"sum_pool{rank}d_backward")(gradient.numpy() + 1, tuple(x.shape), **p) > 0
            slopes = np.where(held, slopes.numpy(), 0)  # where no window is, torch has NaN for powers that do not exist
            assert_allclose(ours.backward(gradient.numpy()), slopes, rtol=10 * tolerance, atol=10 * tolerance)
            count += 1
    assert count >= 4
    pairs = ((getattr(cypool, f"lp_pool{rank}d"), getattr(torch.nn.functional, f"lp_pool{rank}d")),
             (getattr(cypool, name), getattr(torch.nn, name)))  # fmt: skip
    for ours, theirs in pairs:
        parameters = inspect.signature(ours).parameters.values()
        order = [(p.name, p.default) for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        assert order == [(n.replace("input", "x"), p.default) for n, p in inspect.signature(theirs).parameters.items()]


@pytest.mark.peers
@pytest.mark.parametrize("p", [1, 2, 3, 4, 1.5, -1, 0.5, INF, -INF])
def test_torch_functions(p):
    """Negative cells, zeros and windows cut short, in every rank; gradients and gradients of gradients."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(9)
    for rank in (1, 2, 3):
        for ceil_mode in (False, True):
            x = rng.standard_normal((2, 2, *(8, 7, 6)[:rank]))
            if p in (1.5, 0.5, -1, 3):
                x = np.abs(x) + 0.1
            tensor = torch.from_numpy(x).requires_grad_()
            want = getattr(torch.nn.functional, f"lp_pool{rank}d")(tensor, p, 3, 2, ceil_mode)
            ours = f"lp_pool{rank}d"
            assert_allclose(getattr(cypool, ours)(x, p, 3, 2, ceil_mode), want.detach().numpy(), rtol=1e-12)
            gradient = torch.from_numpy(rng.standard_normal(tuple(want.shape))).requires_grad_()
            outer = torch.from_numpy(rng.standard_normal(x.shape))
            (slopes,) = torch.autograd.grad(want, tensor, gradient, create_graph=True)
            g = gradient.detach().numpy()
            got = getattr(cypool, ours + "_backward")(g, x, p, 3, 2, ceil_mode)
            assert_allclose(got, slopes.detach().numpy(), rtol=1e-9, atol=1e-11)
            both = torch.autograd.grad(slopes, (gradient, tensor), outer, allow_unused=True)
            got = getattr(cypool, ours + "_double_backward")(outer.numpy(), g, x, p, 3, 2, ceil_mode)
            for mine, theirs in zip(got, both, strict=True):
                assert_allclose(mine, 0 * mine if theirs is None else theirs.numpy(), rtol=1e-8, atol=1e-9)


@pytest.mark.peers
@pytest.mark.parametrize("seed", range(20))
def test_onnxruntime(seed):
    """ONNX's LpPool and GlobalLpPool are true norms."""
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    rng = np.random.default_rng(seed)
    rank, p = int(rng.integers(1, 4)), int(rng.integers(1, 5))
    kernel_size, stride, dilation = (tuple(map(int, rng.integers(1, 4, rank))) for _ in range(3))
    before, after = (tuple(int(rng.integers(0, k)) for k in kernel_size) for _ in range(2))
    x = rng.standard_normal((2, 3, *rng.integers(7, 10, rank))).astype(np.float32)

    def run(kind, **attributes):
        shapes = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, None) for n in "xy"]
        graph = onnx.helper.make_graph(
            [onnx.helper.make_node(kind, ["x"], ["y"], **attributes)], "g", shapes[:1], shapes[1:]
        )
        model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=9)
        session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        return session.run(None, {"x": x})[0]

    want = run("LpPool", kernel_shape=kernel_size, strides=stride, dilations=dilation, pads=before + after, p=p)
    padding = tuple(zip(before, after, strict=True))
    got = cypool.lp_pool(x, p, kernel_size, stride, padding=padding, dilation=dilation)
    assert_allclose(got, want, rtol=2e-6, atol=1e-6)
    assert_allclose(cypool.global_lp_pool(x, p), run("GlobalLpPool", p=p), rtol=1e-5)


def test_inputs_are_left_alone():
    rng = np.random.default_rng(10)
    x, gradient, outer = rng.random((2, 3, 4, 4)), rng.random((2, 3, 2, 2)), rng.random((2, 3, 4, 4))
    mask, weights = rng.random(x.shape) < 0.9, rng.random(x.shape)
    for array in (x, gradient, outer, mask, weights):
        array.flags.writeable = False  # an attempt to write raises
    for p in (1, 2, 3, 2.5, INF):
        more = {"mask": mask} if math.isinf(p) else {"mask": mask, "weights": weights}
        for options in ({}, more):
            cypool.lp_pool2d(x, p, 2, **options)
            cypool.lp_pool2d_backward(gradient, x, p, 2, **options)
            cypool.lp_pool2d_double_backward(outer, gradient, x, p, 2, **options)
