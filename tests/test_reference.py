"""The slow reference against cases worked by hand, one rule at a time, and against NumPy where NumPy says the same.

Every other test trusts `cypool.reference`; this file is what that trust rests on. Expected values are written out, or
come from np.pad and numpy reductions over explicit windows, never from the reference's own pieces.
"""

import math
from fractions import Fraction

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from cypool import reference

NAN, INF = math.nan, math.inf
LAYOUTS = ("plane", "global", "global_column_major", "channels_last", "window")


def named(name):
    return getattr(reference, name)


def line(*values, dtype=np.float64):
    return np.array(values, dtype)


def half_dtype(name):
    """float16, or bfloat16 where ml_dtypes is installed."""
    return np.dtype(np.float16 if name == "float16" else pytest.importorskip("ml_dtypes").bfloat16)


def assert_same(actual, expected, dtype=None):
    np.testing.assert_array_equal(actual, expected, strict=isinstance(expected, np.ndarray) and dtype is None)
    assert dtype is None or actual.dtype == dtype


# ---- rules 1 and 2: output extents


@pytest.mark.parametrize(
    ("n", "k", "s", "padding", "d", "ceil_mode", "out"),
    [
        (8, 3, 2, (0, 0), 1, False, 3),
        (8, 3, 2, (0, 0), 1, True, 4),
        (8, 3, 2, (0, 1), 1, False, 4),
        (8, 2, 1, (1, 0), 3, False, 6),
        (7, 5, 2, (0, 0), 1, True, 2),
        (5, 2, 3, (1, 1), 1, True, 2),  # a third window would start where the input ends
        (4, 2, 3, (1, 1), 1, False, 2),
        (4, 2, 3, (1, 1), 1, True, 2),  # a third window would start at the right padding
        (4, 2, 3, (1, 1), 1, "keep", 3),
        (5, 3, 1, "valid", 1, False, 3),
        (5, 2, 2, "valid", 3, True, 1),
        (7, 3, 1, "same", 2, False, 7),
        (7, 3, 2, "same", 2, False, 4),
        (7, 3, 3, "same_lower", 1, True, 3),
        (6, 1, 4, "same", 1, False, 2),
        (1, 2**62, 1, (0, 2**62), 1, False, 2),
    ],
)
def test_output_extent(n, k, s, padding, d, ceil_mode, out):
    assert reference.output_extent(n, k, s, padding, d, ceil_mode)[0] == out


@pytest.mark.parametrize("arguments", [{"kernel_size": (4,)}, {"kernel_size": (2,), "dilation": 3}])
def test_no_window_is_an_error(arguments):
    with pytest.raises(ValueError, match="output extent 0 < 1"):
        reference.max_pool(line(1, 2, 3), stride=1, **arguments)


def test_an_axis_without_cells_is_an_error():
    with pytest.raises(ValueError, match="extent 0"):
        reference.sum_pool(np.zeros((3, 0)), (1,), padding=1)
    with pytest.raises(ValueError, match="extent 0"):
        reference.adaptive_sum_pool(np.zeros((3, 0)), (1,))


def test_an_empty_batch_is_none():
    assert reference.max_pool(np.zeros((0, 3, 4, 4)), 2).shape == (0, 3, 2, 2)
    assert reference.avg_pool_backward(np.zeros((2, 0, 2, 2)), (2, 0, 4, 4), 2).shape == (2, 0, 4, 4)


@pytest.mark.parametrize(
    ("padding", "k", "d", "expected"),
    [
        ("same", 2, 1, [3, 6, 12, 8]),
        ("same_lower", 2, 1, [1, 3, 6, 12]),
        ("same", 3, 2, [5, 10, 5, 10]),
        ("same", 2, 3, [4, 9, 2, 4]),
        ("same_lower", 2, 3, [2, 4, 9, 2]),
        (((0, 2),), 3, 1, [7, 14, 12, 8]),
        (((2, 0),), 3, 1, [1, 3, 7, 14]),
    ],
)
def test_where_padding_lies(padding, k, d, expected):
    assert_same(reference.sum_pool(line(1, 2, 4, 8), (k,), 1, padding, dilation=d), line(*expected))


def test_named_padding_is_never_negative():
    assert_same(reference.sum_pool(np.arange(6.0), (1,), 4, "same"), line(0, 4))


def test_ceil_keep_window_in_the_right_padding_sees_nothing():
    values, indices = reference.max_pool(line(1, 2, 4, 8), (2,), 3, 1, 1, "keep", True)
    assert_same(values, line(1, 8, -INF))
    assert_same(indices, [0, 3, -1])


# ---- rule 3: the divisor


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [3 / 3, 14 / 3, 8 / 2]),  # the last window has a cell, a padding, and nothing
        ({"count_include_pad": False}, [3 / 2, 14 / 3, 8 / 1]),
        ({"divisor_override": 2}, [3 / 2, 14 / 2, 8 / 2]),
        ({"divisor_override": -1, "count_include_pad": False}, [-3, -14, -8]),
    ],
)
def test_divisor(options, expected):
    assert_same(reference.avg_pool(line(1, 2, 4, 8), (3,), 2, 1, True, **options), line(*expected))


def test_divisor_is_the_product_of_the_axes():
    assert_same(reference.avg_pool(np.ones((2, 3)), 3, 1, 1), np.array([[4, 6, 4], [4, 6, 4]]) / 9)
    assert_same(reference.avg_pool(np.ones((2, 3)), 3, 1, 1, count_include_pad=False), np.ones((2, 3)))
    with pytest.raises(ValueError, match="divisor_override"):
        reference.avg_pool(np.ones((2, 3)), 2, divisor_override=0)


# ---- rules 4 and 6: padding and empty windows


@pytest.mark.parametrize(("op", "x"), [("max", (-INF, -INF)), ("max", (-5, -7)), ("min", (INF, INF)), ("min", (5, 7))])
def test_padding_is_never_selected(op, x):
    values, indices = named(f"{op}_pool")(line(*x), (2,), 1, 1, return_indices=True)
    assert_same(values, line(x[0], x[0], x[1]))
    assert_same(indices, np.array([0, 0, 1]))


@pytest.mark.parametrize(
    ("dtype", "lowest", "highest"),
    [(np.float32, -INF, INF), (np.int8, -128, 127), (np.uint64, 0, 2**64 - 1), (bool, False, True)],
)
def test_empty_windows_of_max_and_min(dtype, lowest, highest):
    for op, identity in (("max", lowest), ("min", highest)):
        run = named(f"{op}_pool")
        values, indices = run(line(1, dtype=dtype), (1,), 1, 1, return_indices=True)
        assert_same(values, line(identity, 1, identity, dtype=dtype))
        assert_same(indices, np.array([-1, 0, -1]))
        assert_same(run(line(1, dtype=dtype), (1,), 1, 1, empty=1), line(1, 1, 1, dtype=dtype))
        gradient = named(f"{op}_pool_backward")(line(2, 3, 5), line(1, dtype=dtype), (1,), 1, 1)
        assert_same(gradient, line(3))


def test_empty_windows_of_sum_and_avg():
    x = line(5)
    assert_same(reference.sum_pool(x, (1,), 1, 1), line(0, 5, 0))
    assert_same(reference.avg_pool(x, (1,), 1, 1), line(0, 5, 0))
    assert_same(reference.avg_pool(x, (1,), 1, 1, count_include_pad=False), line(NAN, 5, NAN))
    assert_same(reference.avg_pool(x, (1,), 1, 1, count_include_pad=False, divisor_override=5), line(0, 1, 0))
    assert_same(reference.avg_pool(x, (1,), 1, 1, count_include_pad=False, empty=-1), line(-1, 5, -1))
    assert_same(reference.avg_pool(np.array([5]), (1,), 1, 1, count_include_pad=False), np.array([0, 5, 0]))
    assert_same(reference.avg_pool_backward(line(2, 3, 7), (1,), (1,), 1, 1, count_include_pad=False), line(3))
    gradient = reference.avg_pool_double_backward(line(4), line(0, 0, 0), x, (1,), 1, 1, count_include_pad=False)
    assert_same(gradient, line(0, 4, 0))


# ---- rules 7 and 8: NaN and ties


@pytest.mark.parametrize("op", ["max", "min"])
def test_the_last_nan_wins(op):
    values, indices = named(f"{op}_pool")(line(NAN, 1, NAN, 2, 3), (3,), 1, return_indices=True)
    assert_same(values, line(NAN, NAN, NAN))
    assert_same(indices, np.array([2, 2, 2]))
    x = np.array([[1, NAN], [NAN, INF]])
    assert_same(named(f"{op}_pool")(x, 2, return_indices=True)[1], np.array([[2]]))
    assert_same(named(f"{op}_pool_backward")(np.array([[7.0]]), x, 2), np.array([[0.0, 0], [7, 0]]))


def test_nan_ignored():
    x = line(NAN, 1, NAN, NAN, 4, 6)
    values, indices = reference.max_pool(x, (2,), nan="ignore", return_indices=True)
    assert_same(values, line(1, -INF, 6))
    assert_same(indices, np.array([1, -1, 5]))
    assert_same(reference.avg_pool(x, (2,), nan="ignore"), line(1, NAN, 5))
    assert_same(reference.sum_pool(x, (2,), nan="ignore"), line(1, 0, 10))
    assert_same(reference.avg_pool_backward(line(1, 2, 4), x, (2,), nan="ignore"), line(0, 1, 0, 0, 2, 2))


@pytest.mark.parametrize("op", ["max", "min"])
def test_the_first_of_equals_wins(op):
    sign = 1 if op == "max" else -1
    x = sign * np.array([[1.0, 3, 2], [3, 3, 1]])
    values, indices = named(f"{op}_pool")(x, 2, 1, return_indices=True)
    assert_same(values, sign * np.array([[3.0, 3]]))
    assert_same(indices, np.array([[1, 1]]))
    for zeros in ((-0.0, 0.0), (0.0, -0.0)):
        assert_same(named(f"{op}_pool")(line(*zeros), (2,), return_indices=True)[1], np.array([0]))


def test_nan_and_infinity_touch_only_their_windows():
    x = line(1, INF, -INF, 2, 3, NAN)
    assert_same(reference.sum_pool(x, (2,), 1), line(INF, NAN, -INF, 5, NAN))
    assert_same(reference.avg_pool(x, (2,), 1, divisor_override=-1), line(-INF, NAN, INF, -5, NAN))


# ---- rule 11: adaptive, and global


def test_adaptive_113_to_5():
    x = np.arange(113.0)
    starts, ends = (0, 22, 45, 67, 90), (23, 46, 68, 91, 113)
    assert_same(reference.adaptive_sum_pool(x, (5,)), line(*(x[a:b].sum() for a, b in zip(starts, ends, strict=True))))
    assert_same(reference.adaptive_min_pool(x, (5,)), line(*starts))
    values, indices = reference.adaptive_max_pool(x, (5,), True, index_layout="window")
    assert_same(values, line(*ends) - 1)
    assert_same(indices, np.array([22, 23, 22, 23, 22], np.uint8))


def test_adaptive_extents():
    assert_same(reference.adaptive_avg_pool(line(2, 6), (3,)), line(2, 4, 6))
    assert_same(reference.adaptive_avg_pool_backward(line(1, 2, 4), (2,), (3,)), line(2, 5))
    assert reference.adaptive_max_pool(np.ones((2, 4, 4)), (0, 3)).shape == (2, 0, 3)
    assert_same(reference.adaptive_sum_pool(np.array([[1.0, 2], [3, 4]]), (None, 1)), np.array([[3.0], [7]]))


def test_global():
    x = np.arange(2 * 3 * 4.0).reshape(2, 3, 4)
    assert_same(reference.global_avg_pool(x), x.mean(2, keepdims=True))
    assert_same(reference.global_sum_pool(x, keepdims=False, data_format="channels_last"), x.sum(1))
    assert_same(reference.global_max_pool(x, (0, 2), False), line(15, 19, 23))
    assert_same(reference.global_max_pool(x, (0, 2), False, True)[1], np.array([7, 7, 7]))
    expected = np.zeros((2, 3, 4))
    expected[0, :, 0] = 1, 2, 3
    assert_same(reference.global_min_pool_backward(line(1, 2, 3), x, (0, 2), False), expected)
    assert_same(reference.global_min_pool_double_backward(x + 1, line(1, 2, 3), x, (0, 2), False), line(1, 5, 9))


# ---- rule 15: integers


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        ("trunc", [-1, 1, 2, -2, -1]),
        ("floor", [-2, 1, 2, -3, -1]),
        ("nearest", [-2, 2, 2, -2, -1]),
        ("half_up", [-1, 2, 3, -2, -1]),
    ],
)
def test_integer_averages_round(rounding, expected):
    x = line(-3, 0, 0, 3, 5, 0, 0, -5, -1, -1, dtype=np.int16)
    assert_same(reference.avg_pool(x, (2,), rounding=rounding), line(*expected, dtype=np.int16))


def test_integer_sums():
    for dtype, wide in ((bool, np.int64), (np.int8, np.int64), (np.uint8, np.uint64), (np.uint32, np.uint64)):
        assert_same(reference.sum_pool(line(1, 1, 0, 1, dtype=dtype), (2,)), line(2, 1, dtype=wide))
    assert_same(reference.avg_pool(np.full(4, 127, np.int8), (4,)), line(127, dtype=np.int8))
    assert_same(reference.sum_pool(np.array([2**63 - 1, 1]), (2,)), np.array([-(2**63)]))
    assert_same(reference.avg_pool(np.array([2**63 - 1, 1]), (2,)), np.array([-(2**62)]))
    assert_same(reference.sum_pool(np.array([2**64 - 1, 2], np.uint64), (2,)), np.array([1], np.uint64))
    assert_same(reference.max_pool(np.array([2**53, 2**53 + 1]), (2,)), np.array([2**53 + 1]))
    with pytest.raises(TypeError, match="bool"):
        reference.avg_pool(np.ones(4, bool), (2,))


# ---- rule 16: every float result is the exact one, rounded once


@pytest.mark.parametrize(
    ("dtype", "bits", "tiny"),
    [("float16", 11, -24), ("bfloat16", 8, -40), ("float32", 24, -149), ("float64", 53, -1074)],
)
def test_sums_are_rounded_once(dtype, bits, tiny):
    dtype = half_dtype(dtype) if "16" in dtype else np.dtype(dtype)
    one, half, least = 1.0, 2.0**-bits, 2.0**tiny
    up = 1 + 2 * half
    x = line(one, half, 0, one, half, least, up, half, 0, up, half, -least).astype(dtype)
    # a tie goes to even; what lies beyond a tie, however little, decides
    assert_same(reference.sum_pool(x, (3,)).astype(np.float64), line(1, up, up + 2 * half, up))


def test_sums_do_not_stagnate_cancel_or_overflow_underway():
    assert_same(reference.sum_pool(line(1e16, 1, -1e16), (3,)), line(1))
    assert_same(reference.avg_pool(line(1e308, 1e308, 1e308), (3,)), line(1e308))
    assert_same(reference.sum_pool(line(1e308, 1e308, -1e308), (3,)), line(1e308))
    assert_same(reference.sum_pool(line(3e38, 3e38, dtype=np.float32), (2,)), line(INF, dtype=np.float32))
    x = line(65504, 8, 7.96875, 65504, 8, 8, dtype=np.float16)
    assert_same(reference.sum_pool(x, (3,)), line(65504, INF, dtype=np.float16))
    assert_same(reference.avg_pool(line(5e-324, 0, 0, 5e-324, 5e-324, 0), (3,)), line(0, 5e-324))


def test_rounded_is_what_numpy_and_python_round_to():
    rng = np.random.default_rng(16)
    values = rng.standard_normal(300) * 2.0 ** rng.integers(-160, 130, 300)
    with np.errstate(over="ignore", under="ignore"):
        for dtype in map(np.dtype, (np.float16, np.float32)):
            assert_same(
                line(*(reference.rounded(Fraction(v), dtype) for v in values.tolist())), values.astype(dtype), float
            )
    for a, b in rng.integers(-(2**62), 2**62, (300, 2)).tolist():
        assert reference.rounded(Fraction(a, b), np.dtype(float)) == a / b


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_halves_keep_their_dtype(name):
    dtype = half_dtype(name)
    x = line(1, 2, NAN, -INF).astype(dtype)
    assert_same(reference.max_pool(x, (2,)).astype(float), line(2, NAN))
    assert reference.max_pool(x, (2,)).dtype == reference.avg_pool(x, (2,)).dtype == dtype
    assert_same(reference.avg_pool(x, (2,), nan="ignore").astype(float), line(1.5, -INF))
    gradient = reference.max_pool_backward(line(3, 4).astype(dtype), x, (2,))
    assert_same(gradient.astype(float), line(0, 3, 4, 0))
    assert gradient.dtype == dtype


# ---- boundary


@pytest.mark.parametrize("boundary", ["edge", "reflect", "wrap"])
@pytest.mark.parametrize("shape", [(1, 4), (3, 2), (4, 5)])
def test_boundary_sees_what_np_pad_puts_there(boundary, shape):
    rng = np.random.default_rng(4)
    x = rng.integers(0, 6, shape).astype(float)
    padding = ((1, 2), (4, 3))
    cells = np.pad(np.arange(x.size).reshape(shape), padding, boundary)
    seen = sliding_window_view(cells, (2, 3))[::1, ::2].reshape(-1, 6)
    out = (shape[0] + 2, (shape[1] + 4) // 2 + 1)
    for op, arg in (("max", np.argmax), ("min", np.argmin)):
        values, indices = named(f"{op}_pool")(x, (2, 3), (1, 2), padding, return_indices=True, boundary=boundary)
        chosen = np.take_along_axis(seen, arg(x.flat[seen], 1)[:, None], 1).reshape(out)
        assert_same(indices, chosen)
        assert_same(values, x.flat[chosen])
    keywords = {"boundary": boundary, "count_include_pad": False}
    assert_same(reference.avg_pool(x, (2, 3), (1, 2), padding, **keywords), (x.flat[seen].sum(1) / 6).reshape(out))
    gradient = rng.integers(-8, 9, out).astype(float)
    expected = np.bincount(seen.ravel(), np.repeat(gradient.ravel(), 6), x.size).reshape(shape)
    assert_same(reference.sum_pool_backward(gradient, shape, (2, 3), (1, 2), padding, boundary=boundary), expected)


def test_boundary_ends_with_the_padding_and_carries_mask_and_weights():
    x, mask = line(1, 2, 4, 8), np.array([True, True, True, False])
    # windows at -1, 1 and 3 of positions -1..4; position 5 is no tap
    assert_same(reference.sum_pool(x, (3,), 2, 1, True, boundary="wrap"), line(8 + 1 + 2, 2 + 4 + 8, 8 + 1))
    assert_same(reference.avg_pool(x, (3,), 2, 1, True, boundary="wrap"), line(11 / 3, 14 / 3, 9 / 2))
    assert_same(reference.avg_pool(x, (3,), 2, 1, True, boundary="wrap", mask=mask), line(3 / 2, 6 / 2, 1))
    weights = line(1, 1, 1, 3)
    assert_same(reference.avg_pool(x, (3,), 2, 1, True, boundary="wrap", weights=weights), line(27 / 5, 30 / 5, 25 / 4))


# ---- mask and weights


def test_mask():
    x, mask = line(1, 2, 4, 8), np.array([True, False, True, True])
    assert_same(reference.sum_pool(x, (2,), mask=mask), line(1, 12))
    assert_same(reference.avg_pool(x, (2,), mask=mask), line(1, 6))
    assert_same(reference.avg_pool(x.astype(int), (2,), 1, mask=mask), np.array([1, 4, 6]))
    values, indices = reference.max_pool(x, (2,), mask=mask, return_indices=True)
    assert_same(values, line(1, 8))
    assert_same(indices, np.array([0, 3]))
    assert_same(reference.max_pool(x, (2,), mask=False), line(-INF, -INF))
    assert_same(reference.avg_pool_backward(line(3, 4), (4,), (2,), mask=mask), line(3, 0, 2, 2))
    # padding that counts is valid: two taps of three
    assert_same(reference.avg_pool(line(6, 3), (3,), 1, 1, mask=mask[:2]), line(3, 3))
    assert_same(reference.avg_pool(line(6, 3), (3,), 1, 1, count_include_pad=False, mask=mask[:2]), line(6, 6))


def test_weights():
    x, weights = line(1, 2, 4, 8), line(1, 3, 0, 0.5)
    assert_same(reference.sum_pool(x, (2,), weights=weights), line(7, 4))
    assert_same(reference.avg_pool(x, (2,), weights=weights), line(7 / 4, 8))
    assert_same(reference.avg_pool(x, (2,), divisor_override=2, weights=weights), line(3.5, 2))
    assert_same(reference.avg_pool(line(4), (2,), 1, ((1, 0),), weights=line(0.5)), line(2 / 1.5))
    assert_same(reference.avg_pool(line(1, 2), (2,), weights=line(1, -1)), line(NAN))
    with pytest.raises(TypeError, match="weights"):
        reference.sum_pool(np.arange(4), (2,), weights=weights)


def test_gradients_of_weighted_windows():
    x, weights = line(1, 2), line(1, 3)
    grad_x, grad_weights = reference.avg_pool_backward(line(1), x, (2,), weights=weights)
    assert_same(grad_x, line(1 / 4, 3 / 4))
    assert_same(grad_weights, line((1 - 7 / 4) / 4, (2 - 7 / 4) / 4))
    assert_same(reference.sum_pool_backward(line(2), x, (2,), weights=weights)[1], line(2, 4))
    assert_same(reference.avg_pool_backward(line(2), x, (2,), divisor_override=4, weights=weights)[1], line(0.5, 1))
    assert_same(reference.avg_pool_double_backward(line(5, 1), line(0), x, (2,), weights=weights), line(2))
    # weights that broadcast receive the sum
    x = np.array([[1.0, 2], [5, 3]])
    assert_same(reference.sum_pool_backward(np.array([[1.0], [2]]), x, (2,), weights=weights)[1], line(11, 8))


@pytest.mark.parametrize("boundary", ["constant", "reflect"])
@pytest.mark.parametrize("include", [True, False])
def test_weighted_gradients_by_central_differences(boundary, include):
    rng = np.random.default_rng(8)
    x, weights, mask = rng.standard_normal((4, 5)), rng.uniform(0.5, 2, (4, 5)), rng.random((4, 5)) < 0.8
    arguments = {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True, "count_include_pad": include}
    arguments |= {"boundary": boundary, "mask": mask}
    y = reference.avg_pool(x, weights=weights, **arguments)
    gradient = rng.standard_normal(y.shape)
    found = reference.avg_pool_backward(gradient, x, weights=weights, **arguments)
    step = 2.0**-20
    for source, grad in zip((x, weights), found, strict=True):
        for at in np.ndindex(x.shape):
            kept = source[at]
            source[at] = kept + step
            above = reference.avg_pool(x, weights=weights, **arguments)
            source[at] = kept - step
            below = reference.avg_pool(x, weights=weights, **arguments)
            source[at] = kept
            # truncation step**2 and cancellation 2**-53 / step are both below 2**-30, times a few units
            assert abs(((above - below) * gradient).sum() / (2 * step) - grad[at]) < 2.0**-25


# ---- rule 9: indices


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("plane", 2),
        ("global", (1 * 3 + 2) * 6 + 2),
        ("global_column_major", (1 * 3 + 2) * 6 + 1),
        ("channels_last", 2 * 3 + 2),
        ("window", 3),
    ],
)
def test_index_layouts(layout, expected):
    x = np.zeros((2, 3, 3, 2))
    x[1, 2, 1, 0] = 1  # plane 5, row 1, column 0; in a window of 2 rows and 3 columns whose column 0 is padding
    arguments = {"kernel_size": (2, 2), "stride": 1, "padding": ((0, 0), (1, 0)), "index_layout": layout}
    indices = reference.max_pool(x, return_indices=True, **arguments)[1]
    assert indices[1, 2, 0, 0] == expected
    assert indices.dtype == (np.uint8 if layout == "window" else np.int64)
    moved = reference.max_pool(np.moveaxis(x, 1, -1), return_indices=True, data_format="channels_last", **arguments)[1]
    assert moved[1, 0, 0, 2] == expected
    # and back: the gradient by these indices is the one by search
    gradient = np.arange(1.0, 1 + indices.size).reshape(indices.shape)
    by_indices = reference.max_pool_backward(gradient, np.zeros_like(x), indices=indices, **arguments)
    assert_same(by_indices, reference.max_pool_backward(gradient, x, **arguments))
    assert by_indices[1, 2, 1, 0] == gradient[1, 2, :, :].sum()  # every window of that plane sees it


def test_indices_follow_the_order_of_axes():
    x = np.zeros((3, 4))
    x[2, 1] = x[1, 3] = 1
    assert_same(reference.max_pool(x, (3, 4), axes=(0, 1), return_indices=True)[1], np.array([[7]]))
    assert_same(reference.max_pool(x, (4, 3), axes=(1, 0), return_indices=True)[1], np.array([[1 * 3 + 2]]))


@pytest.mark.parametrize(
    ("window", "dtype", "empty"),
    [
        ((15, 17), np.uint8, 255),
        ((16, 16), np.uint16, 65535),
        ((5, 13107), np.uint16, 65535),
        ((4, 16384), np.int32, -1),
    ],
)
def test_window_indices_are_narrow(window, dtype, empty):
    x = np.zeros((3, 3))
    x[1, 2] = 1
    above, left = (window[0] - 3) // 2, (window[1] - 3) // 2  # the padding that "same" puts there
    arguments = {"kernel_size": window, "padding": "same", "index_layout": "window"}
    for mask, expected in ((True, (above + 1) * window[1] + left + 2), (False, empty)):
        indices = reference.max_pool(x, mask=mask, return_indices=True, **arguments)[1]
        assert_same(indices, np.array([[expected]], dtype))
        gradient = reference.max_pool_backward(np.ones((1, 1)), x, indices=indices, **arguments)
        assert_same(gradient, x * mask)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_indices_are_checked_and_minus_one_is_skipped(layout):
    arguments = {"kernel_size": (2,), "index_layout": layout}
    skipped = reference.max_pool_backward(np.ones((1, 2)), np.ones((1, 4)), indices=np.array([[-1, -1]]), **arguments)
    assert_same(skipped, np.zeros((1, 4)))
    for wrong in (4, -2):
        with pytest.raises(ValueError, match="in range"):
            reference.max_pool_backward(np.ones((1, 2)), np.ones((1, 4)), indices=np.array([[0, wrong]]), **arguments)


# ---- gradients


@pytest.mark.parametrize(
    ("op", "expected"), [("max", (0, 30, 0)), ("min", (10, 0, 20)), ("avg", (5, 15, 10)), ("sum", (10, 30, 20))]
)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gradient(op, expected, dtype):
    x = line(1, 3, 2, dtype=np.float32)
    assert_same(named(f"{op}_pool_backward")(line(10, 20, dtype=dtype), x, (2,), 1), line(*expected, dtype=dtype))
    with pytest.raises(ValueError, match="output's shape"):
        named(f"{op}_pool_backward")(line(10, 20, 30, dtype=dtype), x, (2,), 1)


FORMS = [
    ("avg_pool", (2, 7, 5), {"kernel_size": (3, 2), "stride": 2, "padding": 1, "ceil_mode": True}),
    ("avg_pool", (2, 7, 5), {"kernel_size": 3, "stride": 1, "padding": 2, "dilation": 2, "count_include_pad": False}),
    ("avg_pool", (7, 2, 5), {"kernel_size": (2, 3), "axes": (2, 0), "divisor_override": -3}),
    ("sum_pool", (2, 7, 5, 3), {"kernel_size": 3, "padding": "same", "stride": 2, "data_format": "channels_last"}),
    ("sum_pool", (2, 9), {"kernel_size": (4,), "stride": 1, "padding": 5, "boundary": "reflect"}),
    ("adaptive_avg_pool", (2, 7, 5), {"output_size": (3, 6)}),
    ("adaptive_sum_pool", (4, 7, 5), {"output_size": (3, 2), "axes": (0, 1)}),
    ("global_avg_pool", (2, 3, 4, 5), {"keepdims": False}),
    ("global_sum_pool", (2, 3, 4), {"axes": (0, -1)}),
]


@pytest.mark.parametrize(("name", "shape", "arguments"), FORMS)
def test_adjoint_identity(name, shape, arguments):
    rng = np.random.default_rng(1)
    x = rng.integers(-9, 10, shape).astype(float)
    y = named(name)(x, **arguments)
    gradient = rng.integers(-9, 10, y.shape).astype(float)
    back = named(f"{name}_backward")(gradient, shape, **arguments)
    # both sides round each of their terms once; np.sum adds at most an ulp a term
    size = np.abs(y * gradient).sum() + np.abs(x * back).sum()
    assert abs((y * gradient).sum() - (x * back).sum()) <= (y.size + x.size) * 2.0**-53 * size
    assert_same(named(f"{name}_double_backward")(x, gradient, shape, **arguments), y)


@pytest.mark.parametrize("op", ["max", "min"])
def test_gradients_of_selections_by_one_hot_planes(op):
    rng = np.random.default_rng(2)
    x = rng.permutation(2 * 6 * 5).reshape(2, 6, 5).astype(float)
    arguments = {"kernel_size": (3, 2), "stride": (2, 1), "padding": 1, "dilation": (1, 2)}
    y, indices = named(f"{op}_pool")(x, return_indices=True, **arguments)
    gradient, other = rng.standard_normal(y.shape), rng.standard_normal(x.shape)
    chosen = np.equal.outer(y, x)  # values are distinct, so the value names the cell
    double = named(f"{op}_pool_double_backward")(other, gradient, x, **arguments)
    assert_same(double, (chosen * other).sum((3, 4, 5)))
    assert_same(double, named(f"{op}_pool_double_backward")(other, gradient, x, indices=indices, **arguments))
    back = named(f"{op}_pool_backward")(gradient, x, **arguments)
    terms = chosen * gradient[..., None, None, None]
    bound = y.size * 2.0**-53 * np.abs(terms).sum((0, 1, 2))
    assert (np.abs(back - terms.sum((0, 1, 2))) <= bound).all()


# ---- axes, formats, parameters, and what the tolerances need


def test_any_axes_against_sliding_windows():
    x = np.random.default_rng(3).integers(-50, 50, (4, 3, 5, 2))
    windows = sliding_window_view(x, (2, 3), (0, 2))[::2, :, ::1]
    for op, reduced in (("max", windows.max), ("min", windows.min), ("sum", windows.sum)):
        assert_same(named(f"{op}_pool")(x, (2, 3), (2, 1), axes=(0, 2)), reduced((-2, -1)))
        assert_same(named(f"{op}_pool")(x, (3, 2), (1, 2), axes=(-2, 0)), reduced((-2, -1)))


def test_parameters_expand():
    x = np.arange(36.0).reshape(6, 6)
    assert_same(reference.max_pool(x, 2), x[1::2, 1::2])
    assert_same(reference.max_pool(x, (2, 2), [], (0,)), x[1::2, 1::2])
    assert_same(reference.max_pool(x, (2,), axes=(0, 1)), x[1::2, 1::2])
    assert_same(reference.max_pool(x.astype(">f4"), 2), x[1::2, 1::2].astype("f4"))
    for axes in ((), (0, 0), (1, -1), (2,)):
        with pytest.raises(ValueError, match="axes must be distinct"):
            reference.max_pool(x, 2, axes=axes)
    with pytest.raises(ValueError, match="padding must have 1 or 2 entries"):
        reference.max_pool(x, 2, padding=(1, 1, 1))


def test_abs_sum_pool():
    x = line(1, -2, 4, NAN)
    sums, counts = reference.abs_sum_pool(reference.avg_pool, x, (3,), 2, 1, nan="ignore")
    assert_same(sums, line(3 / 3, 6 / 2))
    assert_same(counts, np.array([2, 2]))
    sums, counts = reference.abs_sum_pool(reference.avg_pool, x[:2], (2,), divisor_override=-4)
    assert_same(sums, line(3 / 4))
    sums, counts = reference.abs_sum_pool(reference.adaptive_sum_pool, x[:3], (2,), weights=line(1, -3, 0.5))
    assert_same(sums, line(7, 8))
    assert_same(counts, np.array([2, 2]))


def test_inputs_are_not_changed():
    x = np.arange(16.0).reshape(4, 4)
    x.flags.writeable = False
    gradient = np.ones((2, 2))
    gradient.flags.writeable = False
    for op in ("max", "min", "avg", "sum"):
        named(f"{op}_pool")(x, 2)
        named(f"{op}_pool_backward")(gradient, x, 2)
    assert_same(x, np.arange(16.0).reshape(4, 4))
