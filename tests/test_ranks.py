"""Rank operators: against the slow reference, NumPy, central differences, and by hand where rules meet."""

import math

import numpy as np
import pytest
from drawing_ranks import EPS, rank_calls
from dtypes import BFLOAT16, same
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from numpy.testing import assert_allclose, assert_array_equal

import cypool
from cypool import networks, ranks
from cypool import reference_ranks as reference
from cypool.kernels import core

INF, NAN = math.inf, math.nan


def odd(x):
    """The same array with other strides: reversed, transposed, byte-swapped, misaligned."""
    yield x[..., ::-1].copy()[..., ::-1]
    yield x.T.copy().T
    if x.dtype != BFLOAT16:
        yield x.astype(x.dtype.newbyteorder())
    room = np.zeros(x.nbytes + 1, np.uint8)[1:]
    moved = room[: x.nbytes].view(x.dtype).reshape(x.shape)
    moved[...] = x
    yield moved


@given(rank_calls(), st.sampled_from([1, 3]))
def test_against_the_reference(call, threads):
    op, x, kernel_size, p = call
    name = f"{op}_pool"
    with np.errstate(all="ignore"):
        want = getattr(reference, name)(x, kernel_size, **p)
    pool, grain = getattr(cypool, name), core.set_grain(1)
    try:
        got = pool(x, kernel_size, **p, num_threads=threads)
        same(got, want)
        for other in odd(x):
            same(pool(other, kernel_size, **p), want)
        out = np.empty_like(got[..., ::-1])[..., ::-1]
        assert pool(x, kernel_size, **p, out=out) is out
        same(out, want)
        if op == "mode":
            return
        gradient = np.random.default_rng(0).standard_normal(got.shape).astype(got.dtype)
        expected = reference.backward(name, gradient, x, kernel_size, **p).astype(np.float64)
        back = getattr(cypool, name + "_backward")(gradient, x, kernel_size, **p, num_threads=threads)
        assert back.dtype == gradient.dtype and back.shape == x.shape
        eps = EPS[back.dtype.name]
        assert_allclose(back.astype(np.float64), expected, rtol=eps, atol=eps * 30)
        other = next(odd(x))
        again = getattr(cypool, name + "_backward")(gradient[..., ::-1].copy()[..., ::-1], other, kernel_size, **p)
        same(again, back)
    finally:
        core.set_grain(grain)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint64", "float32", "float64"])
@pytest.mark.parametrize("kernel_size", [3, 5, 8, 17])
def test_larger_arrays_against_numpy(dtype, kernel_size):
    rng = np.random.default_rng(1)
    x = rng.integers(0, 200, (70, 90)).astype(dtype)
    if x.dtype.kind == "f":
        x += rng.random(x.shape).astype(dtype)
    cells = sliding_window_view(x, (kernel_size, kernel_size)).reshape(71 - kernel_size, 91 - kernel_size, -1)
    assert_allclose(cypool.median_pool(x, kernel_size, 1), np.median(cells, -1), rtol=1e-7)
    for method in ranks.METHODS:
        want = np.quantile(cells.astype(float), 0.3, axis=-1, method=method)
        assert_allclose(cypool.quantile_pool(x, kernel_size, 1, q=0.3, method=method), want, rtol=1e-6)
    assert_allclose(cypool.topk_pool(x, kernel_size, 1, k=4), np.sort(cells, -1)[..., -4:].mean(-1), rtol=1e-6)
    if x.dtype.kind == "f":
        x[rng.random(x.shape) < 0.02] = NAN
        cells = sliding_window_view(x, (kernel_size, kernel_size)).reshape(71 - kernel_size, 91 - kernel_size, -1)
        assert_allclose(cypool.median_pool(x, kernel_size, 1), np.median(cells, -1), rtol=1e-7)
        assert_allclose(cypool.median_pool(x, kernel_size, 1, nan="ignore"), np.nanmedian(cells, -1), rtol=1e-7)
        return
    few = x % 7
    cells = sliding_window_view(few, (kernel_size, kernel_size)).reshape(71 - kernel_size, 91 - kernel_size, -1)
    counts = np.stack([(cells == label).sum(-1) for label in range(7)])
    assert_array_equal(cypool.mode_pool(few, kernel_size, 1), counts.argmax(0))
    counts[3] = 0
    assert_array_equal(cypool.mode_pool(few, kernel_size, 1, background=3), counts.argmax(0))


def test_labels_beyond_float64():
    labels = np.array([2**63 + 1, 2**63, 2**63 + 1, 2**64 - 1], np.uint64)
    assert cypool.mode_pool(labels.reshape(2, 2), 2)[0, 0] == 2**63 + 1
    assert cypool.mode_pool(labels.reshape(2, 2), 2, background=2**63 + 1)[0, 0] == 2**63
    assert cypool.mode_pool(-labels.view(np.int64).reshape(2, 2), 2).dtype == np.int64


def test_by_hand():
    x = np.array([5.0, 1, 4, 2, NAN, 3])
    assert_array_equal(cypool.median_pool(x, 3, 1, axes=0), [4, 2, NAN, NAN])
    assert_array_equal(cypool.median_pool(x, 3, 1, axes=0, nan="ignore"), [4, 2, 3, 2.5])
    assert_array_equal(cypool.median_pool(x, 3, 1, 1, axes=0), [3, 4, 2, NAN, NAN, NAN])
    assert_array_equal(cypool.median_pool(x[4:5], 1, axes=0, nan="ignore"), [NAN])
    assert_array_equal(cypool.median_pool(x[4:5], 1, axes=0, nan="ignore", empty=7), [7])
    assert_array_equal(cypool.topk_pool([-INF, 1, INF, 2], 2, axes=0, k=1), [1, INF])
    assert_array_equal(cypool.median_pool([INF, INF, -INF, INF], 2, axes=0), [INF, NAN])
    assert_array_equal(cypool.mode_pool([3, 1, 3, 1], 4, axes=0), [1])  # the smaller of equally frequent labels
    assert cypool.median_pool(np.array([1, 2], np.uint8), 2, axes=0).tolist() == [1.5]
    # the first of equal cells in row-major order is chosen, as by max_pool
    assert cypool.topk_pool_backward([1.0], [2.0, 7, 7, 7], 4, axes=0, k=2).tolist() == [0, 0.5, 0.5, 0]
    assert cypool.median_pool_backward([1.0], [7.0, 7, 7, 0], 4, axes=0).tolist() == [0.5, 0.5, 0, 0]
    assert cypool.median_pool_backward([1.0], [NAN, 7, NAN, 0], 4, axes=0).tolist() == [0, 0, 1, 0]


def test_one_largest_cell_is_the_maximum():
    x = np.random.default_rng(2).integers(0, 9, (2, 3, 10, 11)).astype(np.float32)
    y = cypool.max_pool2d(x, 3, 2, 1)
    assert_array_equal(cypool.topk_pool2d(x, 3, 2, 1, k=1), y)
    assert_array_equal(cypool.topk_pool2d_backward(y, x, 3, 2, 1, k=1), cypool.max_pool2d_backward(y, x, 3, 2, 1))
    mean = cypool.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
    assert_allclose(cypool.topk_pool2d(x, 3, 2, 1, k=9), mean, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("median_pool", {}),
        ("quantile_pool", {"q": 0.3}),
        ("quantile_pool", {"q": 0.7, "method": "midpoint"}),
        ("quantile_pool", {"q": 0.7, "method": "higher"}),
        ("topk_pool", {"k": 3}),
    ],
)
def test_gradients_by_central_differences(name, terms):
    rng = np.random.default_rng(3)
    x = rng.permutation(42).reshape(6, 7) / 7.0
    p = {"stride": (1, 2), "padding": 1, "boundary": "reflect", **terms}
    y = getattr(cypool, name)(x, 3, **p)
    g = rng.standard_normal(y.shape)
    want = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        ends = []
        for step in (0.01, -0.01):
            moved = x.copy()
            moved[i] += step
            ends.append((getattr(cypool, name)(moved, 3, **p) * g).sum())
        want[i] = (ends[0] - ends[1]) / 0.02
    assert_allclose(getattr(cypool, name + "_backward")(g, x, 3, **p), want, atol=1e-9)


@pytest.mark.parametrize("n", range(1, 13))
def test_programs_sort(n):
    """A network that sorts all rows of zeros and ones sorts all rows."""
    bits = np.array([[b >> i & 1 for b in range(2**n)] for i in range(n)])

    def run(program):
        rows = bits.copy()
        for a, b, kind in program:
            low, high = np.minimum(rows[a], rows[b]), np.maximum(rows[a], rows[b])
            rows[a], rows[b] = low if kind != 2 else -9, high if kind != 1 else -9
        return rows

    want = np.sort(bits, axis=0)
    assert_array_equal(run(networks.program(n, tuple(range(n)))), want)
    for rank in range(n):
        assert_array_equal(run(networks.program(n, (rank,)))[rank], want[rank])
        for ranks_ in (range(rank + 1), range(rank, n)):
            assert_array_equal(run(networks.program(n, tuple(ranks_)))[list(ranks_)], want[list(ranks_)])


@pytest.mark.parametrize("dtype", ["float32", "uint64"])
def test_selection_takes_no_quadratic_time(dtype):
    """Windows on which the median of three finds the worst pivots, and constant ones, are sorted all the same."""
    n = 4096
    killer = np.zeros(n)
    for i in range(n // 2):
        killer[i] = i + (i % 2 == 0)
        killer[n // 2 + i] = 2 * (i + 1)
    for cells in (killer, np.zeros(n), np.arange(n)[::-1], np.arange(n) % 2):
        x = np.ascontiguousarray(cells.astype(dtype))
        assert cypool.median_pool(x, n, axes=0)[0] == np.median(x.astype(float))
        assert cypool.topk_pool(x, n, axes=0, k=9)[0] == pytest.approx(np.sort(x)[-9:].astype(float).mean())
        if dtype == "uint64":
            assert cypool.mode_pool(x, n, axes=0)[0] == np.bincount(x.astype(int)).argmax()


def test_forms_layouts_and_threads():
    rng = np.random.default_rng(4)
    x = rng.standard_normal((2, 16, 5, 12, 13)).astype(np.float32)
    grain = core.set_grain(1)
    try:
        want = cypool.median_pool3d(x, 3, 2, 1)
        for threads in (2, 3, 8):
            assert_array_equal(cypool.median_pool3d(x, 3, 2, 1, num_threads=threads), want)
        assert_array_equal(cypool.median_pool(x, 3, 2, 1, axes=(2, 3, 4)), want)
        last = cypool.median_pool3d(np.moveaxis(x, 1, -1).copy(), 3, 2, 1, data_format="channels_last")
        assert_array_equal(np.moveaxis(last, -1, 1), want)
        back = cypool.median_pool3d_backward(want, x, 3, 2, 1, num_threads=1)
        assert_array_equal(cypool.median_pool3d_backward(want, x, 3, 2, 1, num_threads=3), back)
        assert_array_equal(cypool.median_pool2d(x[0], 2), cypool.median_pool(x[0], (2, 2)))
        assert_array_equal(cypool.median_pool1d(x[0, 0], 2), cypool.median_pool(x[0, 0], (2,)))
    finally:
        core.set_grain(grain)


@pytest.mark.parametrize(("name", "terms"), [("median", {}), ("quantile", {"q": 0.8}), ("topk", {"k": 3})])
def test_layouts_have_the_same_gradients(name, terms):
    rng = np.random.default_rng(6)
    x = np.round(rng.standard_normal((2, 37, 9, 70)) * 3).astype(np.float32)
    x[:, :5][rng.random((2, 5, 9, 70)) < 0.01] = NAN
    pool, back = getattr(cypool, f"{name}_pool2d"), getattr(cypool, f"{name}_pool2d_backward")
    last = np.moveaxis(np.moveaxis(x, 1, -1).copy(), -1, 1)
    for p in ({"stride": 1, "padding": 1}, {"stride": (2, 2), "dilation": 2}):
        g = rng.standard_normal(pool(x, 3, **p, **terms).shape)
        assert_array_equal(back(g, last, 3, **p, **terms), back(g, x, 3, **p, **terms))


def test_a_valid_nan_beside_a_mask():
    x, mask = np.array([1, NAN, 3, NAN, 5, 6]), np.array([1, 1, 1, 0, 1, 1], bool)
    assert_array_equal(cypool.median_pool(x, (2,), mask=mask), [NAN, 3, 5.5])
    back = cypool.median_pool_backward(np.array([1.0, 2, 4]), x, (2,), mask=mask)
    assert_array_equal(back, [0, 1, 2, 0, 2, 2])


def test_empty_arrays():
    assert cypool.median_pool2d(np.zeros((0, 3, 4, 4)), 2).shape == (0, 3, 2, 2)
    assert cypool.median_pool2d_backward(np.zeros((0, 3, 2, 2)), np.zeros((0, 3, 4, 4)), 2).shape == (0, 3, 4, 4)
    assert cypool.mode_pool2d(np.zeros((0, 4, 4), np.uint8), 2).shape == (0, 2, 2)
    assert_array_equal(cypool.mode_pool([5], 1, padding=2, axes=0, empty=9), [9, 9, 5, 9, 9])
    assert_array_equal(cypool.median_pool([5], 1, padding=1, axes=0), [NAN, 5, NAN])


@pytest.mark.parametrize(
    ("error", "says", "call"),
    [
        (ValueError, r"q must lie in \[0, 1\], got 1.5", lambda x: cypool.quantile_pool(x, 2, q=1.5)),
        (ValueError, "q must not be NaN", lambda x: cypool.quantile_pool(x, 2, q=NAN)),
        (TypeError, "q must be a real number, got 'a'", lambda x: cypool.quantile_pool(x, 2, q="a")),
        (TypeError, "missing a required.*'q'", lambda x: cypool.quantile_pool(x, 2)),
        (ValueError, "method must be one of", lambda x: cypool.quantile_pool(x, 2, q=0, method="hazen")),
        (ValueError, "k must be at least 1, got 0", lambda x: cypool.topk_pool(x, 2, k=0)),
        (ValueError, "k must not exceed the window's 4 taps, got 5", lambda x: cypool.topk_pool(x, 2, k=5)),
        (TypeError, "k must be an integer", lambda x: cypool.topk_pool(x, 2, k=1.0)),
        (TypeError, "x must be bool or an integer", lambda x: cypool.mode_pool(x, 2)),
        (ValueError, "background must fit", lambda x: cypool.mode_pool(x.astype(np.uint8), 2, background=-1)),
        (
            TypeError,
            "background must be of x's kind uint8, got 1.5",
            lambda x: cypool.mode_pool(x.astype("B"), 2, background=1.5),
        ),
        (ValueError, "out must have the result's shape", lambda x: cypool.median_pool(x, 2, out=np.zeros(3))),
        (TypeError, "out must have the result's dtype", lambda x: cypool.median_pool(x, 2, out=np.zeros((2, 2), "f"))),
        (ValueError, "share memory", lambda x: cypool.median_pool(x, 1, out=x)),
        (ValueError, "nan must be one of", lambda x: cypool.median_pool(x, 2, nan="omit")),
        (ValueError, "grad_output must have the shape", lambda x: cypool.median_pool_backward(np.zeros(3), x, 2)),
        (TypeError, "grad_output must be floating", lambda x: cypool.median_pool_backward([[1, 1], [1, 1]], x, 2)),
        (TypeError, "one of the dtypes", lambda x: cypool.median_pool(x.astype(complex), 2)),
        (ValueError, "does not fit axis 0", lambda x: cypool.median_pool(x, 9)),
        (TypeError, "empty must be a number", lambda x: cypool.median_pool(x, 2, empty="no")),
    ],
)
def test_bad_input(error, says, call):
    x = np.arange(16.0).reshape(4, 4)
    with pytest.raises(error, match=says):
        call(x)
    assert_array_equal(x, np.arange(16.0).reshape(4, 4))
