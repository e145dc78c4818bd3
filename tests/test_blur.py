"""Blur pooling: against the slow reference in exact fractions, PyTorch's composition, its adjoint, and differences."""

import math

import ml_dtypes
import numpy as np
import pytest
import ways
from blur_calls import EPS, FLOATS, calls
from dtypes import near
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import cypool
from cypool import blur, filters, geometry
from cypool import reference_filters as reference
from cypool.kernels import core

INF, NAN = math.inf, math.nan
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)


def same(got, want):
    assert got.dtype == want.dtype and got.shape == want.shape
    assert_array_equal(got.astype(np.float64), want.astype(np.float64))


@settings(max_examples=100)
@given(calls(), st.sampled_from(FLOATS), st.sampled_from([1, 2]))
def test_against_the_reference(call, dtype, threads):
    x, p = call
    x = x.astype(dtype)
    want = reference.blur_pool(x, **p)
    with ways.setting(grain=1.0):
        got = cypool.blur_pool(x, **p, num_threads=threads)
        near(got, want, EPS, 200)
        others = [ways.strided(x), x.T.copy().T, x[:, ::-1].copy()[:, ::-1]]
        if dtype != BFLOAT16:
            others.append(x.astype(dtype.newbyteorder()))
        for other in others:
            assert_array_equal(cypool.blur_pool(other, **p, num_threads=threads).astype(float), got.astype(float))
        out = ways.strided(np.zeros_like(got))
        assert cypool.blur_pool(x, **p, num_threads=1, out=out) is out
        same(out, got)
        gradient = np.random.default_rng(0).standard_normal(got.shape).astype(dtype)
        back = cypool.blur_pool_backward(gradient, x, **p, num_threads=threads)
        near(back, reference.blur_pool(x, **p, grad_output=gradient), EPS, 400)
        out = ways.strided(np.zeros_like(back))
        assert cypool.blur_pool_backward(ways.strided(gradient), x, **p, num_threads=1, out=out) is out
        same(out, back)


@pytest.mark.parametrize("max_size", [1, 2])
@pytest.mark.parametrize("overlap", [1, 2, 3])
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_planes_that_overlap(dtype, overlap, max_size):
    """A plane begins at the address where a block of rows of another one did, of which there were fewer."""
    columns = 300
    rows = 1024 // columns  # of a block, by the rule in filters.pyx
    cells = np.random.default_rng(8).standard_normal((6 * rows + rows + overlap, columns)).astype(dtype)
    row = cells.strides[0]
    x = np.lib.stride_tricks.as_strided(cells, (6, rows + overlap, columns), (rows * row, row, cells.itemsize))
    for k in (2, 3):
        same(cypool.blur_pool2d(x, k, 1, max_size=max_size), cypool.blur_pool2d(x.copy(), k, 1, max_size=max_size))


@pytest.mark.parametrize("dtype", ["?", "b", "B", "i", "q", "Q"])
def test_integers(dtype):
    x = np.random.default_rng(2).integers(0, 2 if dtype == "?" else 100, (2, 3, 7, 8)).astype(dtype)
    for p in ({}, {"max_size": 2}, {"mask": x > 0}, {"boundary": "constant", "count_include_pad": False}):
        same(cypool.blur_pool2d(x, **p), cypool.blur_pool2d(x.astype(float), **p))
        g = np.ones(cypool.blur_pool2d(x, **p).shape, np.float32)
        same(cypool.blur_pool2d_backward(g, x, **p), cypool.blur_pool2d_backward(g, x.astype(float), **p))


def composed(x, k, stride, padding, mode):
    """PyTorch's way: pad, then a convolution of each channel by itself."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    taps = torch.tensor(reference.binomial(k), dtype=torch.float64)
    kernel = torch.outer(taps, taps).expand(x.shape[1], 1, k, k)
    padded = functional.pad(torch.from_numpy(x), padding, **mode)
    return functional.conv2d(padded, kernel, stride=stride, groups=x.shape[1]).numpy()


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 7])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_others_conventions(k, stride):
    x = np.random.default_rng(k).standard_normal((2, 3, 17, 22))
    one, rest = (k - 1) // 2, k // 2
    # antialiased-cnns
    want = composed(x, k, stride, (one, rest, one, rest), {"mode": "reflect"})
    assert_allclose(cypool.blur_pool2d(x, k, stride), want, atol=1e-14)
    # timm.layers.BlurPool2d
    both = (stride - 1 + k - 1) // 2
    want = composed(x, k, stride, (both,) * 4, {"mode": "reflect"})
    assert_allclose(cypool.blur_pool2d(x, k, stride, both), want, atol=1e-14)
    # kornia's blur_pool2d and max_blur_pool2d
    want = composed(x, k, stride, (one,) * 4, {})
    assert_allclose(cypool.blur_pool2d(x, k, stride, one, boundary="constant"), want, atol=1e-14)
    want = composed(cypool.max_pool2d(x, 2, 1), k, stride, (one,) * 4, {})
    assert_allclose(cypool.blur_pool2d(x, k, stride, one, boundary="constant", max_size=2), want, atol=1e-14)


@pytest.mark.parametrize("boundary", ["constant", "reflect", "edge", "wrap"])
@pytest.mark.parametrize(
    ("shape", "p"),
    [
        ((3, 2, 29, 40), {}),
        ((1, 1, 300), {"kernel_size": 5, "stride": 3}),
        ((2, 40, 33, 5), {"kernel_size": (3, 4), "stride": (2, 1), "axes": (1, 2)}),
        ((2, 2, 9, 12, 31), {"kernel_size": (3, 2, 3), "stride": (2, 1, 2)}),
        ((2, 70, 90), {"filter": list(np.hanning(33)[1:]), "stride": 4, "axes": (1, 2)}),
        ((2, 31, 26), {"kernel_size": 3, "stride": 2, "dilation": 3, "padding": 11, "axes": (1, 2)}),
    ],
)
def test_the_gradient_is_the_adjoint(shape, p, boundary):
    p = {"axes": tuple(range(2, len(shape))), "boundary": boundary, **p}
    rng = np.random.default_rng(4)
    x = rng.standard_normal(shape)
    y = cypool.blur_pool(x, **p)
    g = rng.standard_normal(y.shape)
    back = cypool.blur_pool_backward(g, x, **p)
    assert_allclose((y * g).sum(), (x * back).sum(), rtol=1e-12)
    same(cypool.blur_pool_backward(g, shape, **p), back)
    ones = cypool.blur_pool(np.ones(shape), **p)
    if boundary != "constant" and "filter" not in p:
        assert_allclose(ones, 1, rtol=1e-14)
    assert_allclose(cypool.blur_pool_backward(g, x, **p).sum(), (ones * g).sum(), rtol=1e-10)


@pytest.mark.parametrize(
    "p", [{}, {"max_size": 2}, {"max_size": 2, "nan": "ignore"}, {"count_include_pad": False}, {"mask": 1}]
)
def test_gradients_by_central_differences(p):
    rng = np.random.default_rng(5)
    x = rng.permutation(2 * 5 * 6).reshape(1, 2, 5, 6) / 20
    p = {"boundary": "constant", **p}
    if "mask" in p:
        p["mask"] = rng.random(x.shape) < 0.7
    y = cypool.blur_pool2d(x, **p)
    g, want = rng.standard_normal(y.shape), np.empty(x.shape)
    for i in np.ndindex(x.shape):
        kept, ends = x[i], []
        for x[i] in (kept + 1e-6, kept - 1e-6):
            ends.append((cypool.blur_pool2d(x, **p) * g).sum())
        x[i], want[i] = kept, (ends[0] - ends[1]) / 2e-6
    assert_allclose(cypool.blur_pool2d_backward(g, x, **p), want, atol=1e-8)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_forms_and_layouts_agree(rank, dtype):
    x = np.random.default_rng(3).random((2, 9, 21, 14, 12)[: rank + 2]).astype(dtype)
    for p in ({}, {"max_size": 2}, {"max_size": (2, 1, 1)[:rank]}, {"kernel_size": 4, "stride": 1}, {"stride": 5}):
        y = getattr(cypool, f"blur_pool{rank}d")(x, **p)
        same(cypool.blur_pool(x, **p, axes=tuple(range(2, rank + 2))), y)
        same(getattr(cypool, f"blur_pool{rank}d")(x[0], **p), y[0])
        g = np.random.default_rng(4).random(y.shape).astype(dtype)
        back = getattr(cypool, f"blur_pool{rank}d_backward")
        last = {"data_format": "channels_last", **p}
        x_last, g_last = (np.moveaxis(a, 1, -1).copy() for a in (x, g))
        same(np.moveaxis(getattr(cypool, f"blur_pool{rank}d")(x_last, **last), -1, 1), y)  # even to the bit
        same(np.moveaxis(back(g_last, x_last, **last), -1, 1), back(g, x, **p))
        spread = getattr(cypool, f"blur_pool{rank}d")(np.repeat(x_last, 2, -2)[..., ::2, :], **last)
        same(np.moveaxis(spread, -1, 1), y)


def test_the_same_bits(monkeypatch):
    """For every instruction set and number of threads; inputs are left alone."""
    import importlib

    from cypool import config

    x = np.random.default_rng(6).standard_normal((3, 5, 37, 43)).astype(np.float32)
    x.flags.writeable = False
    found = []
    for level in config._built():
        module = importlib.import_module(f"cypool.kernels.filters_{level}")
        if not [name for name in (config.ISA, "x86_64", "baseline") if name == level]:
            continue  # this processor may not have it
        module.use_rows(importlib.import_module(f"cypool.kernels.rows_{level}").table)
        monkeypatch.setattr(filters, "kernels", module)
        for threads in (1, 2, 3):
            with ways.setting(grain=1.0):
                y = [cypool.blur_pool2d(x.astype(t), k, s, max_size=m, num_threads=threads)
                     for t in "efd" for k, s, m in ((3, 2, 1), (5, 1, 2), (4, 3, 1), (9, 2, 1))]  # fmt: skip
                y += [cypool.blur_pool2d_backward(y[4], x.shape, 3, 2) if y[4].shape[-1] == 22 else y[0]]
            found.append(b"".join(one.tobytes() for one in y))
    assert len(set(found)) == 1


def test_accuracy_of_large_filters():
    x = np.full((1, 1, 600, 600), 0.1, np.float32)
    y = cypool.blur_pool2d(x, 101, 3)
    assert_array_equal(y, np.float32(0.1))
    assert_array_equal(cypool.blur_pool2d(x.astype(np.float16), 101, 3), np.float16(0.1))


def test_nothing_and_infinities():
    assert cypool.blur_pool2d(np.zeros((0, 3, 5, 5))).shape == (0, 3, 3, 3)
    assert cypool.blur_pool2d(np.zeros((2, 5, 5, 0), "f"), data_format="channels_last").shape == (2, 3, 3, 0)
    assert cypool.blur_pool2d_backward(np.zeros((0, 3, 3, 3)), (0, 3, 5, 5)).shape == (0, 3, 5, 5)
    x = np.array([[INF, 1, 2, 3, 4, -INF, 5, 6, NAN, 7, 8]])
    assert_array_equal(cypool.blur_pool(x, (3,)), [[INF, 2.0, -INF, -INF, NAN, 7.5]])
    y = cypool.blur_pool(np.ones((1, 2)), (2,), 2, 2, boundary="constant")
    assert_array_equal(y, [[0, 1, 0]])
    p = {"boundary": "constant", "count_include_pad": False}
    assert_array_equal(cypool.blur_pool(np.ones((1, 2)), (2,), 2, 2, **p), [[NAN, 1, NAN]])
    assert_array_equal(cypool.blur_pool(np.ones((1, 2)), (2,), 2, 2, **p, empty=7), [[7, 1, 7]])
    assert_array_equal(cypool.blur_pool_backward(np.ones((1, 3)), (1, 2), (2,), 2, 2, **p), [[0.5, 0.5]])


@pytest.mark.parametrize("boundary", geometry.BOUNDARIES)
def test_matrices_are_short(boundary):
    """Long axes have no longer matrices than short ones, and every row of them is what the table says."""
    for n, k, s, d, padding in ((1000, 3, 2, 1, (1, 1)), (999, 5, 3, 2, (7, 2)), (1000, 2, 5, 1, (0, 0))):
        table = geometry.windowed(n, k, s, d, padding, False, True, boundary, 0)
        taps = tuple(np.arange(1.0, k + 1))
        forward, back = filters.matrices(table, taps, False)
        assert len(forward.cell) < 200 and len(back.cell) < 200
        dense = np.zeros((2, forward.n_out, n))
        for which, m in enumerate((forward, back)):
            for row in range(m.n_out):
                entry, shift = row, 0
                if row >= m.hi:
                    entry = row - m.hi + m.lo + m.period
                elif row >= m.lo:
                    entry = m.lo + (row - m.lo) % m.period
                    shift = (row - entry) // m.period * m.advance
                for t in range(m.begin[entry], m.begin[entry + 1]):
                    at = (row, m.cell[t] + shift) if which == 0 else (m.cell[t] + shift, row)
                    dense[which][at] += m.weight[t]
        assert_array_equal(dense[0], dense[1])
        first, count = table.expand()
        for row in (0, 1, forward.n_out // 2, forward.n_out - 1):
            want = np.zeros(n)
            for t in range(count[row]):
                cell = first[row] + t * d
                skip = table.skip[table.entries()][row]
                want[cell if table.source is None else table.source[cell]] += taps[skip + t]
            assert_array_equal(dense[0][row], want)


@pytest.mark.parametrize(
    ("p", "error", "text"),
    [
        ({"kernel_size": 0}, ValueError, "kernel_size must be at least 1"),
        ({"kernel_size": 2**62}, ValueError, "kernel_size must be at most 4096 along every axis unless filter="),
        ({"kernel_size": 5, "padding": 0, "stride": 1}, ValueError, "does not fit axis"),
        ({"filter": "abc"}, TypeError, "filter must be a sequence of numbers"),
        ({"filter": []}, ValueError, "filter must be a sequence of numbers"),
        ({"filter": [1, "a"]}, TypeError, "filter must be a real number"),
        ({"filter": [1, INF]}, ValueError, "filter must be finite"),
        ({"filter": [[1, 2], [1], [3]]}, ValueError, "filter must be an int or have one entry for each of 2 axes"),
        ({"filter": [1, 2], "kernel_size": 4}, ValueError, "kernel_size must be left out with filter="),
        ({"filter": [1, -1], "count_include_pad": False}, ValueError, "filter must have a positive sum"),
        ({"filter": [1, -1], "mask": np.ones(4, bool)}, ValueError, "filter must have a positive sum"),
        ({"max_size": 0}, ValueError, "max_size must be at least 1"),
        ({"max_size": 5}, ValueError, "does not fit axis"),
        ({"max_size": 1.5}, TypeError, "max_size must be an integer"),
        ({"boundary": "zeros"}, ValueError, "boundary must be one of"),
        ({"count_include_pad": 1}, TypeError, "count_include_pad must be a bool"),
        ({"out": np.ones((1, 2, 2))}, TypeError, "out must have the result's dtype float32"),
        ({"out": np.ones((1, 2, 3), "f")}, ValueError, "out must have the result's shape"),
        ({"padding": -1}, ValueError, "padding must be at least 0"),
    ],
)
def test_refusals(p, error, text):
    with pytest.raises(error, match=text):
        cypool.blur_pool2d(np.ones((1, 4, 4), np.float32), **p)


@pytest.mark.parametrize("stride", [2**31, 2**61, 2**62])
def test_strides_beyond_all_cells(stride):
    x = np.arange(36.0).reshape(1, 1, 6, 6)
    want = cypool.blur_pool2d(x, 3, 6)
    assert_array_equal(cypool.blur_pool2d(x, 3, stride), want)
    assert_array_equal(cypool.gated_pool2d(x, np.ones((2, 2)), stride), cypool.gated_pool2d(x, np.ones((2, 2)), 6))
    assert_array_equal(cypool.blur_pool2d_backward(want, x, 3, stride), cypool.blur_pool2d_backward(want, x, 3, 6))


@pytest.mark.parametrize(("boundary", "before"), [("wrap", 3), ("reflect", 35)])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_rows_that_are_one_in_memory(boundary, before, dtype):
    """The last rows are asked for before the first ones, from the same address."""
    row = np.random.default_rng(2).standard_normal((1, 1, 1, 39)).astype(dtype)
    repeated = np.broadcast_to(row, (1, 1, 50, 39))
    p = {"padding": ((before, 3), (1, 2)), "boundary": boundary}
    want = cypool.blur_pool2d(repeated.copy(), 3, 1, **p, max_size=2)
    assert_array_equal(cypool.blur_pool2d(repeated, 3, 1, **p, max_size=2), want)
    w = np.ones((4, 4), dtype)
    assert_array_equal(cypool.gated_pool2d(repeated, w, 3, **p), cypool.gated_pool2d(repeated.copy(), w, 3, **p))


def test_long_binomial_filters():
    taps = np.array(blur.binomial(4096))
    assert abs(taps.sum() - 1) < 2.0**-50 and (taps == taps[::-1]).all() and (taps[1000:3000] > 0).all()


def test_refusals_of_gradients():
    with pytest.raises(ValueError, match="grad_output must have the shape"):
        cypool.blur_pool2d_backward(np.ones((1, 2, 3)), np.ones((1, 4, 4)))
    for p in ({"max_size": 2}, {"nan": "ignore"}):
        with pytest.raises(TypeError, match="x must be the array itself"):
            cypool.blur_pool2d_backward(np.ones((1, 2, 2)), (1, 4, 4), **p)


def test_the_kernel_refuses_what_leaves_its_arrays():
    table = geometry.windowed(9, 3, 2, 1, (1, 1), False, True, "reflect", 0)
    good = filters.matrices(table, (1.0, 2.0, 1.0), False)[0]
    x, y = np.ones((2, 9)), np.ones((2, 5))

    def run(matrix, y=y):
        work = core.CODES["float64"]
        filters.kernels.apply((x, work, False), (y, work, False), (2,), False, [matrix], (3,), work, None, (), [], 1)

    run(good)
    for bad, text in (
        (good._replace(cell=good.cell + 9), "names cell"),
        (good._replace(hi=good.hi + 1), "cannot have"),
        (good._replace(advance=9), "names cell"),
        (good._replace(tap=good.tap + 3), "tap"),
        (good._replace(n_in=8), "names cell|extent"),
        (good._replace(begin=good.begin[::-1].copy()), "terms|begins"),
        (good._replace(weight=good.weight[1:]), "terms are needed"),
    ):
        with pytest.raises(ValueError, match=text):
            run(bad)
    with pytest.raises(ValueError, match="extent"):
        run(good, np.ones((2, 6)))
