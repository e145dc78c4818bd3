"""Long windows, whose cost does not grow with them: the values, the indices and the gradients of any other way.

The geometry alone decides on this way, so what is compared is NumPy, other dtypes, memory orders, threads and instruction
sets.
"""

import numpy as np
import pytest
from dtypes import same
from numpy.lib.stride_tricks import sliding_window_view
from numpy.testing import assert_array_equal
from ways import OPS, SETTINGS, numbers, orders, setting

import cypool
from cypool import config

# shape, kernel_size, stride, padding, dilation
LONG = [
    ((2, 2, 40, 90), 13, 1, 6, 1),
    ((1, 1, 150, 170), 31, 1, 15, 1),
    ((1, 2, 70, 200), (3, 64), (1, 2), (1, 30), 1),
    ((1, 2, 200, 7), (64, 3), (2, 1), (31, 1), 1),
    ((2, 3, 66, 77), (20, 17), (3, 5), (9, 0), 1),
    ((1, 1, 90, 600), (40, 11), 1, (39, 10), 1),
    ((1, 1, 60, 120), 12, 1, 5, (1, 3)),
    ((1, 1, 1, 3000), (1, 700), (1, 1), (0, 699), 1),
    ((2, 11, 3, 300), (1, 40), (1, 1), (0, 20), 1),
    ((1, 1, 120, 33), (50, 1), (3, 1), (25, 0), 1),
    ((1, 1, 50, 5), 17, 1, 8, 1),
    ((1, 1, 41, 60), (9, 33), (1, 2), (8, 32), 1),
]


@pytest.mark.filterwarnings("ignore:(invalid|overflow)")
@pytest.mark.parametrize(("shape", "k", "s", "p", "d"), LONG)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "uint8", "int32"])
@pytest.mark.parametrize("op", OPS)
def test_long_windows(op, dtype, shape, k, s, p, d):
    """Against NumPy's windows of a padded array; the same bits for all memory orders, threads and instruction sets."""
    x = numbers(np.random.default_rng(3), shape, dtype)
    pool = getattr(cypool, f"{op}_pool2d")
    got = pool(x, k, s, p, dilation=d)
    for y in orders(x):
        same(pool(y, k, s, p, dilation=d), got)
    for choice in [*SETTINGS, *({"level": level} for level in config.get_config()["isa_built"])]:
        with setting(**choice):
            same(pool(x, k, s, p, dilation=d), got)
    (ky, kx), (sy, sx), (py, px), (dy, dx) = ((n, n) if isinstance(n, int) else n for n in (k, s, p, d))
    empty = {"max": -np.inf, "min": np.inf}.get(op, 0)
    wide = np.pad(x.astype(np.float64), [(0, 0), (0, 0), (py, py), (px, px)], constant_values=empty)
    windows = sliding_window_view(wide, (dy * (ky - 1) + 1, dx * (kx - 1) + 1), (2, 3))[:, :, ::sy, ::sx, ::dy, ::dx]
    if op in ("max", "min"):
        assert_array_equal(got.astype(np.float64), getattr(np, op)(windows, axis=(-2, -1)))
        return
    taps = ky * kx if op == "avg" else 1
    exact, size = windows.sum((-2, -1)) / taps, np.abs(windows).sum((-2, -1)) / taps
    if np.dtype(dtype).kind != "f":
        assert_array_equal(got, np.trunc(exact))
        return
    finite = np.isfinite(exact)
    with np.errstate(over="ignore"):
        rounded = exact.astype(dtype)
    assert_array_equal(got[~finite], rounded[~finite])
    bound = np.spacing(np.abs(rounded[finite])).astype(np.float64) + (ky + kx) * 2.0**-53 * size[finite]
    assert (np.abs(got[finite].astype(np.float64) - exact[finite]) <= bound).all()


def test_one_bad_cell_touches_its_own_windows():
    """Nothing is subtracted: what is huge or infinite leaves no trace outside its windows."""
    x = np.random.default_rng(1).random((1, 1, 100, 130), np.float32)
    want = cypool.avg_pool2d(x, 21, 1, 10)
    for bad in (np.nan, np.inf, 1e30):
        y = x.copy()
        y[0, 0, 50, 60] = bad
        got = cypool.avg_pool2d(y, 21, 1, 10)
        touched = np.zeros(got.shape, bool)
        touched[0, 0, 40:61, 50:71] = True
        same(got[~touched], want[~touched])
        assert not np.isclose(got[touched], want[touched]).any()


PLACED = ("float16", "float32", "int8", "uint8", "int16", "uint16", "int32", "uint32")


@pytest.mark.parametrize("layout", ["plane", "window"])
@pytest.mark.parametrize(("shape", "k", "s", "p", "d"), LONG)
@pytest.mark.parametrize("dtype", PLACED)
@pytest.mark.parametrize("op", ["max", "min"])
def test_indices(op, dtype, shape, k, s, p, d, layout):
    """Against float64, whose values do not fit one number with their places; many ties, NaNs, infinities and zeros."""
    rng = np.random.default_rng(4)
    x = rng.integers(0, 6, shape).astype(dtype)
    if np.dtype(dtype).kind == "f":
        x *= rng.choice([-1, 1], shape).astype(dtype)
        for odd, share in ((np.nan, 0.0005), (-np.inf, 0.1), (np.inf, 0.0005), (-0.0, 0.05)):
            x[rng.random(shape) < share] = odd
    pool = getattr(cypool, f"{op}_pool2d")
    more = {"dilation": d, "return_indices": True, "index_layout": layout}
    values, indices = pool(x.astype(np.float64), k, s, p, **more)
    values = values.astype(dtype)
    ways = [{}, *SETTINGS, *({"level": level} for level in config.get_config()["isa_built"])]
    for y, choice in [*((y, {}) for y in orders(x)), *((x, choice) for choice in ways)]:
        with setting(**choice):
            got = pool(y, k, s, p, **more)
        same(got[0], values)
        same(got[1], indices)
    apart = np.zeros((*values.shape, 2), dtype)[..., 0], np.zeros((*values.shape, 2), indices.dtype)[..., 0]
    pool(x, k, s, p, **more, out=apart)
    same(apart[0], values)
    same(apart[1], indices)


def test_indices_of_a_long_row():
    row = np.zeros((1, 1, 1 << 20), np.uint8)
    row[0, 0, 1_000_000] = 9
    values, indices = cypool.max_pool1d(row, 300_000, 1, return_indices=True)
    assert (values[0, 0, 700_001:] == 9).all() and (indices[0, 0, 700_001:] == 1_000_000).all()
    assert (indices[0, 0, :700_001] == np.arange(700_001)).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("shape", "k", "s", "p", "d"), LONG)
def test_gradients(dtype, shape, k, s, p, d):
    """Of integers, whose sums are exact, window by window."""
    rng = np.random.default_rng(5)
    (ky, kx), (sy, sx), (py, px), (dy, dx) = ((n, n) if isinstance(n, int) else n for n in (k, s, p, d))
    gradient = rng.integers(-9, 10, cypool.sum_pool2d(np.zeros(shape, dtype), k, s, p, dilation=d).shape).astype(dtype)
    wide = np.zeros((*shape[:2], shape[2] + 2 * py, shape[3] + 2 * px))
    for o, j in np.ndindex(gradient.shape[2:]):
        rows, columns = slice(o * sy, o * sy + dy * (ky - 1) + 1, dy), slice(j * sx, j * sx + dx * (kx - 1) + 1, dx)
        wide[:, :, rows, columns] += gradient[:, :, o, j, None, None]
    want = wide[:, :, py : py + shape[2], px : px + shape[3]].astype(dtype)
    for g in (gradient, *orders(gradient)):
        same(cypool.sum_pool2d_backward(g, shape, k, s, p, dilation=d), want)


@pytest.mark.parametrize(("side", "k", "stride"), [(640, 512, 64), (4160, 4096, 32)])
def test_accuracy(side, k, stride):
    """Numbers of both signs: one unit in the last place of the exact mean, and what cancels."""
    x = np.random.default_rng(k).standard_normal((1, 1, side, side), np.float32)
    got = cypool.avg_pool2d(x, k, stride)
    windows = sliding_window_view(x, (k, k), (2, 3))[:, :, ::stride, ::stride]
    exact = windows.sum((-2, -1), dtype=np.longdouble) / k**2
    size = np.abs(windows).sum((-2, -1), dtype=np.float64) / k**2
    bound = np.spacing(np.abs(exact).astype(np.float32)) + 2 * k * 2.0**-53 * size
    assert (np.abs(got - exact) <= bound).all()
