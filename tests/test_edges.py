"""The edges of the contract: NaN, ties, zeros, infinities, empty windows, empty arrays, huge geometry, extreme numbers.

Expected values are worked by hand or told by one line of NumPy; the random comparison with the reference is test_fuzz.py.
"""

import itertools
import tracemalloc
from math import inf, nan, prod

import ml_dtypes
import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.testing import assert_array_equal

import cypool

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
FLOATS = [np.dtype(np.float16), BFLOAT16, np.dtype(np.float32), np.dtype(np.float64)]
INTEGERS = [np.dtype(f"{sign}int{bits}") for sign in ("", "u") for bits in (8, 16, 32, 64)]
DTYPES = [np.dtype(bool), *INTEGERS, *FLOATS]
OPS = ("max", "min", "avg", "sum")
FORMATS = ("channels_first", "channels_last")
HUGE = 2**62

by_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: d.name)
by_float = pytest.mark.parametrize("dtype", FLOATS, ids=lambda d: d.name)
by_selection = pytest.mark.parametrize("op", ["max", "min"])
by_op = pytest.mark.parametrize("op", OPS)
by_format = pytest.mark.parametrize("data_format", FORMATS)


def function(name, suffix=""):
    return getattr(cypool, name + suffix)


def equal(got, want):
    """Equal to the bit, up to the sign of zero and what a NaN carries; the dtype is the caller's to check."""
    assert_array_equal(np.asarray(got).astype(np.float64) if np.asarray(got).dtype == BFLOAT16 else got, want)


def extremes(dtype):
    """The lowest and the highest value."""
    if dtype.kind == "b":
        return False, True
    if dtype in FLOATS:
        return -inf, inf
    return np.iinfo(dtype).min, np.iinfo(dtype).max


# ---- NaN -------------------------------------------------------------------------------------------------------------

# plane, kernel_size, further parameters, index of the last NaN of the only window
NANS = [
    ([[1, nan, 3, nan, 2]], (1, 5), {}, 3),
    ([[1, 2, nan], [nan, 5, 6], [7, 8, 9]], 3, {}, 3),  # the row decides before the column
    ([[nan, 2, 3], [4, 5, 6], [7, 8, 9]], 3, {}, 0),
    ([[1, nan, 3], [nan, nan, 6], [7, nan, 9]], 2, {"dilation": 2}, -1),  # no tap sees one
    ([[nan, 9, 3], [9, 9, 9], [nan, 9, 9]], 2, {"dilation": 2}, 6),
    ([[nan, 1], [2, 3]], 4, {"padding": 1}, 0),
    ([[inf, nan], [-inf, 3]], 2, {}, 1),
]


@pytest.mark.parametrize(("plane", "kernel_size", "p", "last"), NANS)
@by_float
@by_selection
@by_format
def test_nan_propagates_with_the_last_index(op, dtype, data_format, plane, kernel_size, p, last):
    lanes = np.array([plane, plane, plane], dtype)
    x = lanes if data_format == "channels_first" else np.moveaxis(lanes, 0, -1).copy()
    pool = function(f"{op}_pool2d")
    value, index = pool(x, kernel_size, **p, return_indices=True, data_format=data_format)
    assert value.dtype == dtype and value.size == 3
    equal(pool(x, kernel_size, **p, data_format=data_format), np.asarray(value, np.float64))
    if last < 0:
        assert not np.isnan(value.astype(np.float64)).any()
        return
    assert np.isnan(value.astype(np.float64)).all()
    assert (index == last).all()
    gradient = function(f"{op}_pool2d_backward")(
        np.full(value.shape, 5, dtype), x, kernel_size, **p, data_format=data_format
    )
    want = np.zeros((np.size(plane), 1))
    want[last] = 5
    channels_last = gradient if data_format == "channels_last" else np.moveaxis(gradient, 0, -1)
    equal(channels_last.reshape(-1, 3), np.repeat(want, 3, axis=1))


@pytest.mark.parametrize(("kernel_size", "stride"), [(2, 1), (3, 1), (8, 1), (17, 2), (40, 1), (40, 7)])
@by_float
@by_selection
def test_nan_in_overlapping_windows(op, dtype, kernel_size, stride):
    """Every window by itself: its last NaN, or else its first best cell."""
    rng = np.random.default_rng(7)
    x = rng.integers(-3, 4, 200).astype(dtype)
    x[[0, 50, 53, 54, 91, 199]] = nan
    windows = sliding_window_view(x.astype(np.float64), kernel_size)[::stride]
    holes = np.isnan(windows)
    best = windows.argmax(1) if op == "max" else windows.argmin(1)
    best = np.where(holes.any(1), kernel_size - 1 - holes[:, ::-1].argmax(1), best)
    want = np.arange(len(windows)) * stride + best
    value, index = function(f"{op}_pool1d")(x[None], kernel_size, stride, return_indices=True)
    assert_array_equal(index[0], want)
    equal(value[0], x[want].astype(np.float64))
    equal(function(f"{op}_pool1d")(x[None], kernel_size, stride)[0], x[want].astype(np.float64))


@by_float
@pytest.mark.parametrize("op", ["avg", "sum"])
@pytest.mark.parametrize("bad", [nan, inf, -inf])
def test_what_is_not_finite_touches_its_own_windows_only(op, dtype, bad):
    x = np.ones((1, 40), dtype)
    x[0, 20] = bad
    value = function(f"{op}_pool1d")(x, 3, 1)[0].astype(np.float64)
    equal(value[18:21], [bad] * 3)
    equal(np.delete(value, [18, 19, 20]), [1 if op == "avg" else 3] * 35)
    assert np.isnan(function(f"{op}_pool1d")(np.array([[inf, -inf]], dtype), 2).astype(np.float64)).all()


@by_float
def test_nan_ignored(dtype):
    x = np.array([[1, nan, 4, nan, nan, nan]], dtype)
    ignore = {"nan": "ignore"}
    equal(cypool.max_pool1d(x, 3, **ignore), [[4, -inf]])
    equal(cypool.min_pool1d(x, 3, **ignore, return_indices=True)[1], [[0, -1]])
    equal(cypool.sum_pool1d(x, 3, **ignore), [[5, 0]])
    equal(cypool.avg_pool1d(x, 3, **ignore), [[2.5, nan]])
    equal(cypool.avg_pool1d(x, 3, **ignore, empty=-1), [[2.5, -1]])
    equal(cypool.avg_pool1d_backward(np.ones((1, 2), dtype), x, 3, **ignore), [[0.5, 0, 0.5, 0, 0, 0]])
    equal(cypool.max_pool1d_backward(np.ones((1, 2), dtype), x, 3, **ignore), [[0, 0, 1, 0, 0, 0]])


# ---- ties ------------------------------------------------------------------------------------------------------------

# kernel_size, stride, padding
TIES = [
    ((2, 2), 1, 0),
    ((3, 3), 2, 1),
    ((1, 17), 1, 0),
    ((17, 1), 3, 0),
    ((40, 40), 1, 0),
    ((24, 37), 1, 5),
    ((7, 40), 40, 0),
]


@pytest.mark.parametrize("level", ["lowest", "one", "highest"])
@pytest.mark.parametrize(("kernel_size", "stride", "padding"), TIES)
@by_dtype
@by_selection
def test_the_first_of_equals_wins(op, dtype, level, kernel_size, stride, padding):
    """In a constant plane every window's first cell has the index and the gradient, identities included."""
    value = {"lowest": extremes(dtype)[0], "one": 1, "highest": extremes(dtype)[1]}[level]
    x = np.full((1, 42, 41), value, dtype)
    got, index = function(f"{op}_pool2d")(x, kernel_size, stride, padding, return_indices=True)
    rows, columns = (np.maximum(np.arange(n) * stride - padding, 0) for n in got.shape[1:])
    want = rows[:, None] * 41 + columns
    assert (got == x[0, 0, 0]).all()
    assert_array_equal(index[0], want)
    gradient = function(f"{op}_pool2d_backward")(np.ones(got.shape, np.float32), x, kernel_size, stride, padding)
    assert_array_equal(gradient.ravel(), np.bincount(want.ravel(), minlength=x.size))


@pytest.mark.parametrize("lanes", [1, 3, 8, 40])
@by_selection
@by_format
def test_ties_between_rows_and_columns(op, data_format, lanes):
    """Equal cells at (1, 30) and (2, 0): the row decides, not the column."""
    plane = np.zeros((33, 35), np.int32)
    plane[1, 30] = plane[2, 0] = 1 if op == "max" else -1
    x = np.repeat(plane[None], lanes, 0) if data_format == "channels_first" else np.repeat(plane[..., None], lanes, -1)
    index = function(f"{op}_pool2d")(x, (33, 35), return_indices=True, data_format=data_format)[1]
    assert_array_equal(index.ravel(), [35 + 30] * lanes)


@pytest.mark.parametrize("row", [[-0.0, 0.0], [0.0, -0.0], [-0.0, -0.0, 0.0]])
@by_float
@by_selection
def test_zeros_of_both_signs_tie(op, dtype, row):
    value, index = function(f"{op}_pool1d")(np.array([row], dtype), len(row), return_indices=True)
    assert value[0, 0] == 0
    assert index[0, 0] == 0


@by_float
@by_selection
@pytest.mark.parametrize("kernel_size", [3, 20])
def test_windows_of_real_infinity(op, dtype, kernel_size):
    """They are no padding: the first cell has the index and the gradient."""
    worst = -inf if op == "max" else inf
    x = np.full((2, 4, 4), worst, dtype)
    padding = kernel_size // 2
    value, index = function(f"{op}_pool2d")(x, kernel_size, 1, padding, return_indices=True)
    equal(value, np.full(value.shape, worst))
    first = np.maximum(np.arange(value.shape[1]) - padding, 0)
    assert_array_equal(index, np.broadcast_to(first[:, None] * 4 + first, value.shape))
    equal(
        function(f"{op}_pool2d_backward")(np.ones(value.shape, dtype), x, kernel_size, 1, padding).sum((1, 2)),
        [value[0].size] * 2,
    )


# ---- empty windows ---------------------------------------------------------------------------------------------------

BORDERS = {"kernel_size": 2, "stride": 2, "padding": ((2, 2),)}  # windows: padding, cells, padding


@by_dtype
@by_op
def test_empty_windows_of_padding(op, dtype):
    if op == "avg" and dtype.kind == "b":
        with pytest.raises(TypeError, match="bool"):
            cypool.avg_pool1d(np.ones((1, 2), dtype), **BORDERS)
        return
    x = np.ones((1, 2), dtype)
    lowest, highest = extremes(dtype)
    middle, nothing = {"max": (1, lowest), "min": (1, highest), "avg": (1, 0), "sum": (2, 0)}[op]
    pool = function(f"{op}_pool1d")
    equal(pool(x, **BORDERS), [[nothing, middle, nothing]])
    equal(pool(x, **BORDERS, empty=1), [[1, middle, 1]])
    gradient = function(f"{op}_pool1d_backward")(np.array([[9.0, 1, 9]]), x, **BORDERS)
    assert_array_equal(gradient, [[0.5, 0.5] if op == "avg" else [1, 1] if op == "sum" else [1, 0]])
    if op in ("max", "min"):
        assert_array_equal(pool(x, **BORDERS, return_indices=True)[1], [[-1, 0, -1]])
    if op == "avg":
        nothing = nan if dtype in FLOATS else 0
        equal(pool(x, **BORDERS, count_include_pad=False), [[nothing, 1, nothing]])
        equal(pool(x, **BORDERS, count_include_pad=False, divisor_override=2), [[0, 1, 0]])
        equal(pool(x, **BORDERS, count_include_pad=False, empty=3), [[3, 1, 3]])


@pytest.mark.parametrize("op", OPS)
def test_empty_windows_of_masked_cells(op):
    x, mask = np.array([[1.0, 2, 3, 4]]), np.array([True, True, False, False])
    nothing = {"max": -inf, "min": inf, "avg": nan, "sum": 0}[op]
    some = {"max": 2, "min": 1, "avg": 1.5, "sum": 3}[op]
    pool, backward = function(f"{op}_pool1d"), function(f"{op}_pool1d_backward")
    equal(pool(x, 2, mask=mask), [[some, nothing]])
    equal(pool(x, 2, mask=mask, empty=9), [[some, 9]])
    assert_array_equal(backward(np.array([[0.0, 7]]), x, 2, mask=mask), np.zeros((1, 4)))


# index_layout, taps of the window -> dtype and mark of an empty one
MARKS = [("window", 255, np.uint8, 255), ("window", 256, np.uint16, 65535), ("window", 65535, np.uint16, 65535),
         ("window", 65536, np.int32, -1), ("plane", 4, np.int64, -1), ("global", 4, np.int64, -1),
         ("global_column_major", 4, np.int64, -1), ("channels_last", 4, np.int64, -1)]  # fmt: skip


@pytest.mark.parametrize(("layout", "taps", "dtype", "mark"), MARKS)
@by_selection
def test_marks_of_empty_windows(op, layout, taps, dtype, mark):
    x = np.zeros((1, 1, 1), np.float32)
    p = {"kernel_size": taps, "stride": taps, "padding": ((taps, 2 * taps - 1),), "index_layout": layout}
    value, index = function(f"{op}_pool1d")(x, **p, return_indices=True)
    assert index.dtype == dtype
    assert_array_equal(index, [[[mark, 0, mark]]])
    worst = -inf if op == "max" else inf
    assert_array_equal(value, [[[worst, 0, worst]]])
    gradient = function(f"{op}_pool1d_backward")(np.array([[[5.0, 2, 5]]]), x, **p, indices=index)
    assert_array_equal(gradient, [[[2]]])
    twice = function(f"{op}_pool1d_double_backward")(np.full(x.shape, 3.0), np.ones((1, 1, 3)), x, **p, indices=index)
    assert_array_equal(twice, [[[0, 3, 0]]])


# index_layout -> the index of the cell at row 1, column 0 of image 1, channel 0 in (2, 2, 2, 3), pooled by (4, 5) padded by 1
LAYOUTS = {"plane": 3, "global": 2 * 6 + 3, "global_column_major": 2 * 6 + 1, "channels_last": 3 * 2 + 0,
           "window": (1 + 1) * 5 + (0 + 1)}  # fmt: skip


@pytest.mark.parametrize(("layout", "want"), LAYOUTS.items())
def test_index_layouts(layout, want):
    x = np.zeros((2, 2, 2, 3))
    x[1, 0, 1, 0] = 1
    p = {"kernel_size": (4, 5), "padding": 1, "index_layout": layout}
    index = cypool.max_pool2d(x, **p, return_indices=True)[1]
    assert index[1, 0].item() == want
    gradient = cypool.max_pool2d_backward(np.ones((2, 2, 1, 1)), x, **p, indices=index)
    assert gradient[1, 0, 1, 0] == 1 and gradient.sum() == 4


# ---- arrays without elements -----------------------------------------------------------------------------------------

FORMS = [("{}_pool2d", (2,), (2, 2)), ("adaptive_{}_pool2d", ((2, 0),), (2, 0)), ("adaptive_{}_pool2d", (3,), (3, 3)),
         ("global_{}_pool", (), (1, 1))]  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int8], ids=lambda d: d.__name__)
@pytest.mark.parametrize(("name", "arguments", "spatial"), FORMS)
@pytest.mark.parametrize("batch", [(0, 3), (2, 0), (0, 0), (2, 3)])
@by_op
@by_format
def test_no_elements(op, data_format, batch, name, arguments, spatial, dtype):
    """N = 0, C = 0 and output extents of 0, through all three derivatives."""

    def shape(extents):
        return (*batch, *extents) if data_format == "channels_first" else (batch[0], *extents, batch[1])

    name = name.format(op)
    x = np.zeros(shape((4, 4)), dtype)
    p = {"data_format": data_format, **({"return_indices": True} if op in ("max", "min") else {})}
    result = function(name)(x, *arguments, **p)
    for part in result if isinstance(result, tuple) else (result,):
        assert part.shape == shape(spatial)
    gradient = np.zeros(shape(spatial), np.float32)
    back = function(name, "_backward")(gradient, x, *arguments, **p)
    assert back.shape == x.shape and not back.any()
    twice = function(name, "_double_backward")(back, gradient, x, *arguments, **p)
    assert (twice[0] if isinstance(twice, tuple) else twice).shape == shape(spatial)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("{}_pool2d", (1,)),
        ("{}_pool2d", (1, 1, 1)),
        ("{}_pool", (1,)),
        ("adaptive_{}_pool2d", (1,)),
        ("global_{}_pool", ()),
    ],
)
@by_op
def test_a_spatial_extent_of_zero_is_refused(op, name, arguments):
    with pytest.raises(ValueError, match=r"axis 2.*extent is 0"):
        function(name.format(op))(np.zeros((1, 1, 0, 3)), *arguments)
    assert function(f"adaptive_{op}_pool2d")(np.zeros((1, 1, 0, 3)), 0).shape == (1, 1, 0, 0)


# ---- strides of zero ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extents", [(9, 7, 1), (9, 1, 7), (1, 1, 7), (3, 9, 1, 2), (2, 1, 5, 1)], ids=str)
@by_dtype
@by_op
def test_whole_planes_of_repeated_cells(op, dtype, extents):
    if op == "avg" and dtype.kind == "b":
        return
    axes = tuple(range(1, len(extents)))
    cells = np.arange(prod(extents)).reshape(extents) % 5
    repeated = np.broadcast_to(cells.astype(dtype), [n if n > 1 else 7 for n in extents])
    before = repeated.strides
    pool = function(f"global_{op}_pool")
    equal(pool(repeated, axes), np.asarray(pool(repeated.copy(), axes), np.float64 if dtype == BFLOAT16 else None))
    assert repeated.strides == before and 0 in before


@by_float
def test_gradients_that_repeat_one_row(dtype):
    """A row that stands for several outputs has a divisor at each of them."""
    shape, parameters = (1, 6, 4), {"stride": (1, 2), "padding": (2, 1), "axes": (1, 2), "count_include_pad": False}
    pooled = cypool.avg_pool(np.zeros(shape, dtype), (3, 4), **parameters).shape
    row = np.arange(1, pooled[2] + 1).astype(dtype)
    repeated = np.broadcast_to(row, pooled)
    want = cypool.avg_pool_backward(repeated.copy(), shape, (3, 4), **parameters)
    equal(cypool.avg_pool_backward(repeated, shape, (3, 4), **parameters), want.astype(np.float64))


# ---- geometry by hand ------------------------------------------------------------------------------------------------

# n, k, s, d, padding -> output extents for ceil_mode False, True, "keep"
EXTENTS = [
    (5, 2, 2, 1, 0, (2, 3, 3)),
    (6, 3, 2, 1, 0, (2, 3, 3)),
    (4, 1, 3, 1, 1, (2, 2, 3)),  # rule 1's correction: a third window would start in the right padding
    (4, 2, 2, 1, ((0, 2),), (3, 2, 3)),  # floor keeps a window in the right padding, ceil drops it: as PyTorch
    (3, 2, 2, 1, ((0, 3),), (3, 2, 3)),
    (9, 3, 2, 2, 0, (3, 3, 3)),
    (7, 3, 1, 2, "same", (7, 7, 7)),
    (7, 3, 2, 1, "same", (4, 4, 4)),
    (7, 3, 2, 1, "valid", (3, 3, 3)),
    (6, 3, 2, 1, "valid", (2, 2, 2)),  # ceil_mode is without effect
    (2, 1, 3, 1, "same", (1, 1, 1)),  # a negative total is clamped
]


@pytest.mark.parametrize(("n", "k", "s", "d", "padding", "extents"), EXTENTS)
@by_op
def test_output_extents(op, n, k, s, d, padding, extents):
    for ceil_mode, extent in zip((False, True, "keep"), extents, strict=True):
        result = function(f"{op}_pool1d")(np.ones((1, n)), k, s, padding, ceil_mode=ceil_mode, dilation=d)
        assert result.shape == (1, extent)


ONE_TO_SIX = np.arange(1.0, 7)[None]

# operator, parameters -> result over 1..6
BY_HAND = [
    ("avg", {"kernel_size": 3, "stride": 2, "ceil_mode": True}, [2, 4, 5.5]),  # beyond the padding nothing counts
    ("avg", {"kernel_size": 4, "stride": 3, "padding": 1, "ceil_mode": True}, [1.5, 4.5, 3]),
    ("avg", {"kernel_size": 4, "stride": 3, "padding": 1, "ceil_mode": True, "count_include_pad": False}, [2, 4.5, 6]),
    ("avg", {"kernel_size": 4, "stride": 3, "padding": 1, "ceil_mode": True, "divisor_override": -2}, [-3, -9, -3]),
    ("sum", {"kernel_size": 2, "stride": 1, "padding": "same"}, [3, 5, 7, 9, 11, 6]),  # the odd cell after
    ("sum", {"kernel_size": 2, "stride": 1, "padding": "same_lower"}, [1, 3, 5, 7, 9, 11]),
    ("sum", {"kernel_size": 3, "stride": 1, "padding": "same", "dilation": 2}, [4, 6, 9, 12, 8, 10]),
    ("sum", {"kernel_size": 2, "stride": 3, "padding": ((0, 5),)}, [3, 9, 0, 0]),  # padding beyond the window
    ("max", {"kernel_size": 2, "stride": 3, "padding": ((0, 5),)}, [2, 5, -inf, -inf]),
    ("min", {"kernel_size": 3, "stride": 3, "padding": 4}, [inf, 1, 3, 6]),
    ("max", {"kernel_size": 3, "padding": 1, "boundary": "edge"}, [2, 5]),
    ("sum", {"kernel_size": 3, "stride": 1, "padding": 1, "boundary": "wrap"}, [9, 6, 9, 12, 15, 12]),
    ("sum", {"kernel_size": 3, "stride": 1, "padding": 1, "boundary": "reflect"}, [5, 6, 9, 12, 15, 16]),
    ("sum", {"kernel_size": 3, "stride": 1, "padding": 1, "boundary": "edge"}, [4, 6, 9, 12, 15, 17]),
]


@pytest.mark.parametrize(("op", "p", "want"), BY_HAND)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_geometry_by_hand(op, p, want, dtype):
    assert_array_equal(function(f"{op}_pool1d")(ONE_TO_SIX.astype(dtype), **p), [want])


# m -> max, avg and the gradient of avg's sum over [1, 2, 3]: more outputs than cells repeat them
ADAPTIVE = [
    (5, [1, 2, 2, 3, 3], [1, 1.5, 2, 2.5, 3], [1.5, 2, 1.5]),
    (2, [2, 3], [1.5, 2.5], [0.5, 1, 0.5]),
    (3, [1, 2, 3], [1, 2, 3], [1, 1, 1]),
    (None, [1, 2, 3], [1, 2, 3], [1, 1, 1]),
    (1, [3], [2], [1 / 3] * 3),
    (0, [], [], [0, 0, 0]),
]


@pytest.mark.parametrize(("m", "largest", "mean", "gradient"), ADAPTIVE)
def test_adaptive_by_hand(m, largest, mean, gradient):
    x = np.array([[1.0, 2, 3]])
    value, index = cypool.adaptive_max_pool1d(x, m, return_indices=True)
    assert_array_equal(value, [largest])
    assert_array_equal(index, value - 1)
    assert_array_equal(cypool.adaptive_avg_pool1d(x, m), [mean])
    assert_array_equal(cypool.adaptive_avg_pool1d_backward(np.ones((1, len(mean))), x, m), [gradient])


# ---- ranks and axes --------------------------------------------------------------------------------------------------

SHAPE = (2, 3, 4, 2, 3)
AXES = [axes for r in range(1, 6) for axes in [tuple(range(r)), tuple(range(5 - r, 5)), tuple(range(4, 4 - r, -1))]]
AXES += [(2, 0), (1, 4, 2), (3, 0, 4, 1), (2, 4, 0, 3, 1)]


@pytest.mark.parametrize("axes", AXES, ids=str)
def test_any_axes(axes):
    """Whole axes at once, where NumPy tells the result; indices count in the order of `axes`."""
    x = np.random.default_rng(3).permutation(prod(SHAPE)).reshape(SHAPE)
    extents = [SHAPE[a] for a in axes]
    value, index = cypool.max_pool(x, extents, axes=axes, return_indices=True)
    rest = [a for a in range(5) if a not in axes]
    flat = x.transpose(*rest, *axes).reshape([SHAPE[a] for a in rest] + [-1])
    assert_array_equal(value, x.max(axes, keepdims=True))
    assert_array_equal(index.ravel(), flat.argmax(-1).ravel())
    assert_array_equal(cypool.sum_pool(x, extents, axes=axes), x.sum(axes, keepdims=True))
    assert_array_equal(cypool.global_min_pool(x, axes, keepdims=False), x.min(axes))
    assert_array_equal(cypool.adaptive_avg_pool(x * 1.0, 1, axes=axes), x.sum(axes, keepdims=True) / prod(extents))
    negative = tuple(a - 5 for a in axes)
    assert_array_equal(cypool.max_pool(x, extents, axes=negative), value)


@pytest.mark.parametrize("axes", AXES, ids=str)
def test_any_axes_windows(axes):
    x = np.random.default_rng(4).permutation(prod(SHAPE)).reshape(SHAPE).astype(np.float64)
    windows = sliding_window_view(x, [2] * len(axes), axes)
    inner = tuple(range(5, 5 + len(axes)))
    assert_array_equal(cypool.max_pool(x, [2] * len(axes), 1, axes=axes), windows.max(inner))
    assert_array_equal(cypool.sum_pool(x, [2] * len(axes), 1, axes=axes), windows.sum(inner))
    gradient = cypool.sum_pool_backward(np.ones(windows.shape[:5]), x, [2] * len(axes), 1, axes=axes)
    assert gradient.sum() == prod(windows.shape)


@by_op
def test_default_axes(op):
    x = np.arange(2.0 * 4 * 6 * 3).reshape(2, 4, 6, 3)
    pool = function(f"{op}_pool")
    assert pool(x, 2).shape == (2, 4, 3, 1)
    assert pool(x, (2,)).shape == (2, 4, 6, 1)
    assert pool(x, (2, 2, 2)).shape == (2, 2, 3, 1)
    assert pool(x, 2, data_format="channels_last").shape == (2, 2, 3, 3)
    assert function(f"global_{op}_pool")(x).shape == (2, 4, 1, 1)
    assert function(f"global_{op}_pool")(x, data_format="channels_last", keepdims=False).shape == (2, 3)


# ---- huge parameters -------------------------------------------------------------------------------------------------

SMALL = np.arange(30, dtype=np.float32).reshape(1, 5, 6)

# function, parameters: refused by a message that names one of these words
REFUSED = [
    ("max_pool2d", {"kernel_size": HUGE}, "kernel_size"),
    ("max_pool2d", {"kernel_size": 2**63 - 1}, "kernel_size"),
    ("max_pool2d", {"kernel_size": 2**63}, "kernel_size"),
    ("avg_pool2d", {"kernel_size": 10**30}, "kernel_size"),
    ("sum_pool2d", {"kernel_size": HUGE, "padding": "same"}, "axis 1"),
    ("max_pool2d", {"kernel_size": HUGE, "padding": HUGE}, "axis 1"),
    ("max_pool2d", {"kernel_size": 2, "dilation": HUGE}, "dilation"),
    ("min_pool2d", {"kernel_size": 3, "dilation": HUGE}, "dilation"),
    ("avg_pool2d", {"kernel_size": 3, "dilation": HUGE, "padding": "same"}, "dilation"),
    ("max_pool2d", {"kernel_size": 2, "dilation": 2**63}, "dilation"),
    ("sum_pool2d", {"kernel_size": 2, "padding": HUGE}, "axis 1"),
    ("sum_pool2d", {"kernel_size": 2, "padding": 2**63}, "padding"),
    ("max_pool2d", {"kernel_size": 2, "stride": 2**63}, "stride"),
    ("avg_pool2d", {"kernel_size": 2, "divisor_override": 2**63}, "divisor_override"),
    ("max_pool2d", {"kernel_size": 2, "num_threads": 2**63}, "num_threads"),
    ("adaptive_max_pool2d", {"output_size": 2**63}, "output_size"),
    ("adaptive_max_pool2d", {"output_size": 2**63 - 1}, "output_size|allocate|memory"),
    ("adaptive_avg_pool2d", {"output_size": HUGE}, "output_size|allocate|memory"),
    ("adaptive_avg_pool2d", {"output_size": 2**50}, "output_size|allocate|memory"),
    ("adaptive_sum_pool2d", {"output_size": (3, HUGE + 1)}, "output_size|allocate|memory"),
    ("max_pool2d", {"kernel_size": 1, "padding": 2**50}, "allocate|memory"),
    ("max_pool2d", {"kernel_size": HUGE // 4, "stride": 3, "padding": "same", "index_layout": "window",
                    "return_indices": True}, "window"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "p", "words"), REFUSED, ids=str)
def test_huge_parameters_are_refused(name, p, words):
    with pytest.raises((ValueError, MemoryError), match=words):
        function(name)(SMALL, **p)


# parameters -> the result of max and of sum; windows are clipped to the plane of 0..29
CLIPPED = [
    ({"kernel_size": HUGE // 4, "stride": 3, "padding": "same"}, np.full((2, 2), 29), np.full((2, 2), 435)),
    ({"kernel_size": 1, "stride": HUGE, "dilation": HUGE}, [[0]], [[0]]),
    ({"kernel_size": 2, "stride": HUGE}, [[7]], [[14]]),
    ({"kernel_size": 2, "stride": HUGE, "ceil_mode": True}, [[7]], [[14]]),
    (
        {"kernel_size": 3, "stride": 3, "dilation": HUGE // 4, "padding": "same"},
        [[7, 10], [25, 28]],
        [[7, 10], [25, 28]],
    ),
    ({"kernel_size": 2**40, "stride": 2**61 - 1, "dilation": 3, "padding": ((0, 2**42), (0, 2**42))}, [[21]], [[42]]),
    ({"kernel_size": 2**40, "stride": 2**61 - 1, "dilation": 3, "padding": 2**42}, [[-inf]], [[0]]),
]


@pytest.mark.parametrize(("p", "largest", "total"), CLIPPED, ids=str)
def test_huge_parameters_are_clipped(p, largest, total):
    """No table, scratch or result grows with the parameters; gradients come home."""
    tracemalloc.start()
    try:
        assert_array_equal(cypool.max_pool2d(SMALL, **p, return_indices=True)[0], [largest])
        result = cypool.sum_pool2d(SMALL, **p)
        assert_array_equal(result, [total])
        # <S x, 1> = <x, S^T 1>
        gradient = cypool.sum_pool2d_backward(np.ones_like(result), SMALL, **p)
        assert (gradient * SMALL).sum() == result.sum()
        cypool.avg_pool2d_backward(np.ones_like(result), SMALL, **p, count_include_pad=True)
        back = cypool.max_pool2d_backward(np.ones_like(result), SMALL, **p)
        assert back.sum() == np.isfinite(np.array(largest, float)).sum()
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


# windows on an axis of a million cells: function, arguments
LONG_AXES = [
    ("adaptive_max_pool1d", (7,)), ("global_avg_pool", (1,)), ("max_pool1d", (900_000, 30_000)), ("avg_pool1d", (500_000,)),
    ("max_pool1d", (200_000,)), ("sum_pool1d", (3, 100_003)), ("max_pool1d", (9, 100_000, 4, 100_000)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), LONG_AXES)
@pytest.mark.parametrize(("derivative", "extent"), [("", 10**6 + 1), ("_backward", 10**6 + 3)])
def test_tables_are_short(name, arguments, derivative, extent):
    """Plans are cached, so one must not grow with the axis: 4 MB of input leave at most 256 KB behind."""
    x = np.broadcast_to(np.float32(1), (1, extent))
    gradient = function(name)(x[:, : 10**6], *arguments)  # the windows of another extent, and as many
    leading = [gradient] if derivative else []
    tracemalloc.start()
    try:
        function(name, derivative)(*leading, x, *arguments)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1 << 18
    assert peak < 6 << 20


# ---- extreme numbers -------------------------------------------------------------------------------------------------


@by_float
def test_order_of_floats(dtype):
    """From one infinity to the other, subnormal numbers included: every pair is compared as it should be."""
    info = ml_dtypes.finfo(dtype)
    tiny, small, large = (float(v) for v in (info.smallest_subnormal, info.tiny, info.max))
    line = [-inf, -large, -1, -small, -tiny, 0, tiny, small, 1, large, inf]
    for a, b in itertools.combinations(line, 2):
        pairs = np.array([[a, b], [b, a]], dtype)
        value, index = cypool.max_pool1d(pairs, 2, return_indices=True)
        equal(value, [[b], [b]])
        assert_array_equal(index, [[1], [0]])
        value, index = cypool.min_pool1d(pairs, 2, return_indices=True)
        equal(value, [[a], [a]])
        assert_array_equal(index, [[0], [1]])


@by_float
def test_extreme_sums(dtype):
    info = ml_dtypes.finfo(dtype)
    large, tiny = info.max, info.smallest_subnormal
    equal(cypool.sum_pool1d(np.array([[large, large]], dtype), 2), [[inf]])
    equal(cypool.sum_pool1d(np.array([[large, -large]], dtype), 2), [[0]])
    equal(cypool.sum_pool1d(np.array([[tiny, tiny]], dtype), 2), [[2 * float(tiny)]])
    equal(cypool.avg_pool1d(np.array([[tiny, tiny]], dtype), 2), [[float(tiny)]])
    if dtype.itemsize == 2 and dtype != BFLOAT16:  # the accumulator has room above float16 only
        equal(cypool.avg_pool1d(np.array([[large] * 4], dtype), 4), [[float(large)]])


@pytest.mark.parametrize(
    ("dtype", "shape"), [(np.float16, (2048, 2048)), (BFLOAT16, (2048, 2048)), (np.float32, (8192, 4096))]
)
def test_the_mean_of_tenths_over_a_huge_window(dtype, shape):
    """Sums do not stagnate: torch's float32 mean is 0.0625, its float16 mean 0.0960."""
    x = np.broadcast_to(np.array(0.1, dtype), (1, 1, *shape))  # one element, no memory
    assert cypool.global_avg_pool(x).item() == x[0, 0, 0, 0]


@pytest.mark.parametrize("dtype", INTEGERS, ids=lambda d: d.name)
def test_extreme_integers(dtype):
    lowest, highest = (int(v) for v in extremes(dtype))
    x = np.array([[highest - 1, highest, lowest, lowest + 1]], dtype)  # float64 could not tell them apart
    assert cypool.max_pool1d(x, 4, return_indices=True)[1].item() == 1
    assert cypool.min_pool1d(x, 4, return_indices=True)[1].item() == 2
    assert cypool.max_pool1d(x[:, 2:], 2).item() == lowest + 1
    assert cypool.min_pool1d(x[:, :2], 2).item() == highest - 1
    for value in (lowest, highest):
        same = np.full((1, 300), value, dtype)
        total = cypool.sum_pool1d(same, 300)
        assert total.dtype == (np.int64 if dtype.kind == "i" else np.uint64)
        with np.errstate(over="ignore"):
            assert_array_equal(total, same.sum(1, keepdims=True))  # exact, and wraps in 64 bits as NumPy's do
        if dtype.itemsize < 8:
            assert total.item() == 300 * value
            assert cypool.avg_pool1d(same, 300).item() == value


@pytest.mark.parametrize(("dtype", "pair", "total", "mean"), [
    (np.int64, (2**63 - 1, 1), -(2**63), -(2**62)), (np.int64, (2**63 - 1, 2**63 - 1), -2, -1),
    (np.int64, (-(2**63), -1), 2**63 - 1, 2**62 - 1),
    (np.uint64, (2**64 - 1, 1), 0, 0), (np.uint64, (2**64 - 1, 2**64 - 1), 2**64 - 2, 2**63 - 1)])  # fmt: skip
def test_sums_of_64_bits_wrap(dtype, pair, total, mean):
    x = np.array([pair], dtype)
    assert cypool.sum_pool1d(x, 2).item() == total
    assert cypool.avg_pool1d(x, 2).item() == mean


# window -> mean by "trunc", "floor", "nearest", "half_up"
ROUNDED = [((-3, -4), (-3, -4, -4, -3)), ((-1, -2), (-1, -2, -2, -1)), ((-1, 0), (0, -1, 0, 0)), ((0, 1), (0, 0, 0, 1)),
           ((1, 2), (1, 1, 2, 2)), ((2, 3), (2, 2, 2, 3)), ((-1, -1, 0), (0, -1, -1, -1)), ((-1, 0, 0), (0, -1, 0, 0)),
           ((1, 1, 0), (0, 0, 1, 1)), ((-6, -6), (-6, -6, -6, -6))]  # fmt: skip


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64])
@pytest.mark.parametrize(("window", "means"), ROUNDED)
def test_rounding_of_integer_means(window, means, dtype):
    x = np.array([window], dtype)
    for rounding, mean in zip(("trunc", "floor", "nearest", "half_up"), means, strict=True):
        assert cypool.avg_pool1d(x, len(window), rounding=rounding).item() == mean
        # the same quotient by a negative divisor, and through the masked path
        assert cypool.avg_pool1d(-x, len(window), rounding=rounding, divisor_override=-len(window)).item() == mean
        assert cypool.avg_pool1d(x, len(window), rounding=rounding, mask=np.array(True)).item() == mean


@by_float
def test_infinities_and_overflows_are_results(dtype):
    """No NumPy error, whatever the caller's settings."""
    most = float(ml_dtypes.finfo(dtype).max)
    x = np.array([most, most, inf, -inf, nan, 1, -most, most]).astype(dtype).reshape(1, 1, 8)
    weights = np.array([4, 4, 0, inf, 1, most, most, 0]).astype(dtype)
    gradient = np.full((1, 1, 4), most).astype(dtype)
    calls = [{"mask": x == x}, {"nan": "ignore"}, {"weights": weights}, {"boundary": "edge", "padding": 1, "stride": 2}]
    for name, p in itertools.product(("sum_pool1d", "avg_pool1d"), calls):
        k = 4 if "boundary" in p else 2
        with np.errstate(all="raise"):
            got = function(name)(x, k, **p)
            back = function(name, "_backward")(gradient, x, k, **p)
            function(name, "_double_backward")(x, gradient, x, k, **p)
        with np.errstate(all="ignore"):
            equal(got, np.asarray(function(name)(x.astype(float), k, **p)).astype(dtype).astype(float))
        assert len(back) == (2 if "weights" in p else 1)


def test_bool():
    x = np.array([[False, True, False, False]])
    value, index = cypool.max_pool1d(x, 2, return_indices=True)
    assert value.dtype == bool
    assert_array_equal(value, [[True, False]])
    assert_array_equal(index, [[1, 2]])
    assert_array_equal(cypool.min_pool1d(x, 2, return_indices=True)[1], [[0, 2]])
    total = cypool.sum_pool1d(np.ones((1, 1000), bool), 1000)
    assert total.dtype == np.int64 and total.item() == 1000
    with pytest.raises(TypeError, match="bool"):
        cypool.avg_pool1d(x, 2)


@by_float
def test_negative_divisor(dtype):
    x = np.array([[1, 2, 3, 4]], dtype)
    equal(cypool.avg_pool1d(x, 2, divisor_override=-2), [[-1.5, -3.5]])
    equal(cypool.avg_pool1d_backward(np.ones((1, 2), dtype), x, 2, divisor_override=-2), [[-0.5] * 4])


def test_only_empty_windows_send_nothing():
    """A window whose taps all miss the input has divisor 0; its gradient goes nowhere, it does not become 0/0."""
    got = cypool.avg_pool1d_backward(np.ones((1, 1)), (1, 1), 2, None, "same", False, False, dilation=2)
    assert_array_equal(got, [[0.0]])


@pytest.mark.parametrize("empty", [None, 7.0])
@pytest.mark.parametrize("op", ["avg", "sum"])
def test_empty_windows_send_nothing_back_twice(op, empty):
    x, outer, gradient = np.full((1, 4), np.nan), np.arange(1.0, 5).reshape(1, 4), np.ones((1, 2))
    x[0, :2] = 1
    for p in ({"nan": "ignore"}, {"mask": ~np.isnan(x)}):
        p = {"kernel_size": 2, "axes": (1,), "empty": empty, **p}
        got = getattr(cypool, f"{op}_pool_double_backward")(outer, gradient, x, **p)
        assert got.tolist() == [[1.5 if op == "avg" else 3.0, 0.0]]
