"""The slow reference of region pooling against bins worked by hand: every other test of regions trusts it."""

import math

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from cypool import reference_regions as reference

NAN, INF = math.nan, math.inf
SQUARE = np.arange(16.0).reshape(1, 1, 4, 4)  # cell (y, x) holds 4 y + x: a plane, so interpolation is exact
NEGATIVE = np.full((1, 1, 3, 3), -2.0)


def box(*corners, batch=0):
    return np.array([[batch, *corners]], np.float64)


def plane(values):
    return np.array(values, np.float64)[None, None]


# ---- roi_pool


@pytest.mark.parametrize(
    ("corners", "bins", "values", "indices"),
    [
        ((0, 0, 3, 3), 2, [[5, 7], [13, 15]], [[5, 7], [13, 15]]),
        ((1, 1, 2, 2), 1, [[10]], [[10]]),  # both corners belong to the box
        ((0, 0, 2, 2), 2, [[5, 6], [9, 10]], [[5, 6], [9, 10]]),  # three cells, bins 0..2 and 1..3
        ((0.5, 0.49, 2.5, 1.5), 1, [[11]], [[11]]),  # 0.5 and 2.5 are rounded away from zero: columns 1..3, rows 0..2
        ((-0.5, -1.5, 0.4, 0.4), 1, [[0]], [[0]]),  # -0.5 is rounded to -1
        ((2, 2, 0, 1), 1, [[10]], [[10]]),  # malformed: one cell
        ((3, 3, 6, 6), 2, [[15, 0], [0, 0]], [[15, -1], [-1, -1]]),  # bins beyond the image are empty
        ((-9, -9, -5, -5), 1, [[0]], [[-1]]),
        ((1, 0, 1, 0), (2, 3), [[1, 1, 1], [1, 1, 1]], [[1, 1, 1], [1, 1, 1]]),  # more bins than cells
    ],
)
def test_roi_pool(corners, bins, values, indices):
    got, where = reference.roi_pool(SQUARE, box(*corners), bins, return_indices=True)
    assert_array_equal(got[0, 0], values)
    assert_array_equal(where[0, 0], indices)


def test_roi_pool_scales():
    """By 1/2: corners 0 and 1.5, rounded to 2."""
    assert reference.roi_pool(SQUARE, box(0, 0, 3, 3), 1, 0.5).item() == 10


@pytest.mark.parametrize(
    ("values", "index"),
    [
        ([[1, 5], [5, 2]], 1),  # the first of a tie
        ([[-INF, -INF], [-INF, -INF]], 0),
        ([[1, NAN], [NAN, 9]], 2),  # the last NaN
    ],
)
def test_roi_pool_ties(values, index):
    value, where = reference.roi_pool(plane(values), box(0, 0, 1, 1), 1, return_indices=True)
    assert where.item() == index
    assert_array_equal(value.item(), np.ravel(values)[index])
    gradient = reference.roi_pool_backward(np.full((1, 1, 1, 1), 3.0), plane(values), box(0, 0, 1, 1), 1)
    assert gradient.ravel().tolist() == [3.0 if i == index else 0.0 for i in range(4)]


# ---- roi_align


@pytest.mark.parametrize(
    ("corners", "bins", "ratio", "aligned", "values"),
    [
        ((0, 0, 2, 2), 1, 1, False, [[5]]),  # one sample at (1, 1)
        ((0, 0, 2, 2), 1, 2, False, [[5]]),  # (0.5, 0.5) to (1.5, 1.5), whose mean is the centre's
        ((0, 0, 2, 2), 2, 1, False, [[2.5, 3.5], [6.5, 7.5]]),
        ((0.5, 0.5, 2.5, 2.5), 1, 1, True, [[5]]),  # half a cell: the same
        ((1, 1, 1.25, 1.5), 1, 1, False, [[7.5]]),  # clamped to 1 x 1: the sample is (1.5, 1.5)
        ((1, 1, 1.25, 1.5), 1, 1, True, [[4 * 0.75 + 0.625]]),  # not clamped
        ((2, 2, 1, 3), 1, 2, True, [[0]]),  # negative
        ((1, 1, 1, 1), 1, -1, True, [[0]]),  # no extent, so no samples of its own
        ((1.5, 1.5, 1.5, 1.5), 1, 2, True, [[5]]),  # but four at one point if asked
        ((0, 0, 3, 2), 1, -1, False, [[4 * 1 + 1.5]]),  # 2 rows of 3 samples
        ((-4, -4, 0, 0), 2, 1, False, [[0, 0], [0, 0]]),  # samples at -3 are outside; that at -1 is moved to cell 0
        ((3.5, 3.5, 4.5, 4.5), 1, 1, False, [[15]]),  # at 4 = H: moved to the last cell
        ((3.6, 3.6, 4.6, 4.6), 1, 1, False, [[0]]),  # at 4.1: outside
        ((2, 0, 6, 0), 1, 2, False, [[4 * 0.5 * 0.5 + 3 * 0.5]]),  # columns 3 and 5: half of the samples are 0
    ],
)
def test_roi_align(corners, bins, ratio, aligned, values):
    got = reference.roi_align(SQUARE, box(*corners), bins, 1.0, ratio, aligned)
    np.testing.assert_allclose(got[0, 0], values, rtol=1e-15)


def test_roi_align_gradient_by_hand():
    """A sample at (0.25, 1.5) of a 2 x 3 plane."""
    got = reference.roi_align_backward(np.full((1, 1, 1, 1), 8.0), (1, 1, 2, 3), box(1, -0.25, 2, 0.75), 1, 1.0, 1)
    assert_array_equal(got[0, 0], [[0, 3, 3], [0, 1, 1]])


def test_roi_align_maxima():
    """Samples at columns 0.5 and 1.5 of one row: [0, 4, 2] interpolates to 2 and 3; corners are 0, 2 and 2, 1."""
    x, b = plane([[0, 4, 2]]), box(0, -0.5, 2, 0.5)
    assert reference.roi_align(x, b, 1, 1.0, 2, mode="max").item() == 3
    assert reference.roi_align(x, b, 1, 1.0, 2, mode="onnx_max").item() == 2
    one = np.ones((1, 1, 1, 1))
    assert_array_equal(reference.roi_align_backward(one, x, b, 1, 1.0, 2, mode="max")[0, 0], [[0, 0.5, 0.5]])
    assert_array_equal(reference.roi_align_backward(one, x, b, 1, 1.0, 2, mode="onnx_max")[0, 0], [[0, 0.5, 0]])


def test_what_is_zero_in_maxima():
    """A sample outside is 0, and so are ONNX's corners of weight 0; the gradient of either goes nowhere."""
    inside, across = box(0, 0, 2, 2), box(-6, 0, 2, 2)
    assert reference.roi_align(NEGATIVE, inside, 1, 1.0, 1, mode="max").item() == -2
    assert reference.roi_align(NEGATIVE, across, 1, 1.0, 2, mode="max").item() == 0
    assert not reference.roi_align_backward(np.ones((1, 1, 1, 1)), NEGATIVE, across, 1, 1.0, 2, mode="max").any()
    assert reference.roi_align(NEGATIVE, inside, 1, 1.0, 1, mode="onnx_max").item() == 0
    assert reference.roi_align(NEGATIVE, box(0.5, 0.5, 2.5, 2.5), 1, 1.0, 1, mode="onnx_max").item() == -0.5


def test_a_cell_of_weight_0_spoils_nothing():
    x = plane([[1, 2, INF], [3, 4, NAN], [INF, NAN, INF]])
    assert reference.roi_align(x, box(0, 0, 2, 2), 1, 1.0, 1).item() == 4
    assert reference.roi_align(x, box(0.5, 0.5, 1.5, 1.5), 1, 1.0, 1).item() == 4
    assert reference.roi_align(x, box(1, -0.5, 3, 0.5), 1, 1.0, 1).item() == INF


# ---- position-sensitive


def test_ps_roi_pool():
    """Bin (i, j) of channel c takes channel (c m + i) n + j; the last corner belongs to the box no more."""
    x = np.arange(12.0)[None, :, None, None] * 100 + SQUARE[:, :, :3, :3]
    got = reference.ps_roi_pool(x, box(0, 0, 3, 2), (2, 3))
    assert_array_equal(got[0, 0], [[0, 101, 202], [304, 405, 506]])
    assert_array_equal(got[0, 1], [[600, 701, 802], [904, 1005, 1106]])


def test_ps_roi_pool_serves_the_last_row():
    """All four rows: torchvision's forward leaves out the last one, against its own backward."""
    assert reference.ps_roi_pool(SQUARE, box(0, 0, 4, 4), 1).item() == 7.5
    got = reference.ps_roi_pool_backward(np.full((1, 1, 1, 1), 16.0), (1, 1, 4, 4), box(0, 0, 4, 4), 1)
    assert_array_equal(got[0, 0], np.ones((4, 4)))
    assert reference.ps_roi_pool(SQUARE, box(2, 2, 2, 2), 1).item() == 10  # at least one cell
    assert reference.ps_roi_pool(SQUARE, box(9, 9, 12, 12), 1).item() == 0


def test_ps_roi_align():
    x = np.arange(4.0)[None, :, None, None] * 100 + SQUARE
    got = reference.ps_roi_align(x, box(0.5, 0.5, 2.5, 2.5), 2, 1.0, 1)
    assert_array_equal(got[0, 0], [[2.5, 103.5], [206.5, 307.5]])
    assert reference.ps_roi_align(SQUARE, box(2, 2, 1, 3), 1, 1.0, 2).item() == 0  # negative


def test_layouts_and_images():
    x = np.stack([SQUARE[0], SQUARE[0] + 100])
    b = np.concatenate([box(0, 0, 1, 1, batch=1), box(0, 0, 3, 3)])
    first = reference.roi_pool(x, b, 2)
    assert first[:, 0, 1, 1].tolist() == [105, 15]
    last = reference.roi_pool(np.moveaxis(x, 1, -1), b, 2, data_format="channels_last")
    assert_array_equal(np.moveaxis(last, -1, 1), first)
