"""The slow reference of region pooling: every bin as a list of candidates, by the rules as they are written.

This file is the oracle for `cypool.regions`, and a description of what the operators compute; it shares no code with the
rest of the package.  How data runs through it:

1. *Boxes* are rows of five numbers.  `_cell_axis` and `_sample_axis` list, for every bin along one axis, its cells, or its
   sample points; a sample point is a list of (cell, weight), empty if it lies outside the image.
2. *A bin* is a list of candidates in row-major order: its cells (`roi_pool`, `ps_roi_pool`), its samples (`roi_align`) or the
   weighted corners of these (ONNX's maximum).  A candidate is a list of (cell, (weight along y, weight along x)): its value
   is their weighted sum, first along y, then along x, and 0 for an empty list.  A cell of weight 0 is never listed, so that
   an infinity there spoils nothing.
3. *One bin* is the sum of its candidates over a divisor, or the largest of them: the first of equals, the last NaN.
4. *Gradients* give each cell its weight times what the bin was given.

All is computed in float64, one Python number after the other, and rounded to the result's dtype at the end.
"""

import math
from fractions import Fraction

import numpy as np


def _round(a):
    """To the nearest integer, halves away from zero."""
    a = Fraction(a)
    return math.floor(a + Fraction(1, 2)) if a >= 0 else math.ceil(a - Fraction(1, 2))


def _cell_axis(start, cells, bins, extent):
    """For each bin the cells of the image that it holds."""
    return [
        [c for c in range(start + cells * p // bins, start - (-cells * (p + 1) // bins)) if 0 <= c < extent]
        for p in range(bins)
    ]


def _sample(at, extent):
    """The cells and weights of a sample point; none outside."""
    if at < -1 or at > extent:
        return []
    at = min(max(at, 0.0), extent - 1.0)
    low = math.floor(at)
    return [(cell, weight) for cell, weight in ((low, 1 - (at - low)), (low + 1, at - low)) if weight > 0]


def _sample_axis(start, size, grid, bins, extent):
    """For each bin its sample points."""
    return [[_sample(start + p * size + (i + 0.5) * size / grid, extent) for i in range(grid)] for p in range(bins)]


def _pairs(y, x):
    """A sample of two axes, from those of one."""
    return [((cy, cx), (wy, wx)) for cy, wy in y for cx, wx in x]


def _corners(y, x):
    """The four corners of a sample, each a candidate; one of weight 0 is 0."""
    if not y or not x:
        return [[]]
    return [
        [((y[a][0], x[b][0]), (y[a][1] * x[b][1], 1.0))] if a < len(y) and b < len(x) else []
        for a in (0, 1)
        for b in (0, 1)
    ]


class _Bins:
    """The candidates of every bin of every box, and the means' divisors."""

    def __init__(self, boxes, output_size, extents, mode):
        self.boxes = np.asarray(boxes, np.float64)
        self.bins = (output_size,) * 2 if isinstance(output_size, int) else tuple(output_size)
        self.extents, self.mode = extents, mode

    def _of(self, axes, divisor=None):
        """{(py, px): (candidates, divisor)} of a box, given its bins along each axis."""
        found = {}
        for py, ys in enumerate(axes[0]):
            for px, xs in enumerate(axes[1]):
                if divisor is None:
                    candidates = [[((y, x), (1.0, 1.0))] for y in ys for x in xs]
                elif self.mode == "onnx_max":
                    candidates = [corner for y in ys for x in xs for corner in _corners(y, x)]
                else:
                    candidates = [_pairs(y, x) for y in ys for x in xs]
                found[py, px] = candidates, max(len(candidates), 1) if divisor is None else divisor
        return found

    def of_cells(self, spatial_scale, extra):
        for batch, *corners in self.boxes.tolist():
            x1, y1, x2, y2 = (_round(c * spatial_scale) for c in corners)
            axes = [
                _cell_axis(a, max(b - a + extra, 1), self.bins[axis], self.extents[axis])
                for axis, (a, b) in enumerate(((y1, y2), (x1, x2)))
            ]
            yield int(batch), self._of(axes)

    def of_samples(self, spatial_scale, sampling_ratio, shift, at_least):
        for batch, *corners in self.boxes.tolist():
            x1, y1, x2, y2 = (c * spatial_scale - shift for c in corners)
            sizes = [max(b - a, at_least) for a, b in ((y1, y2), (x1, x2))]
            grids = [
                sampling_ratio if sampling_ratio > 0 else math.ceil(s / m)
                for s, m in zip(sizes, self.bins, strict=True)
            ]
            if min(sizes) < 0:
                sizes, grids = [0.0, 0.0], [0, 0]
            axes = [
                _sample_axis(start, sizes[a] / self.bins[a], grids[a], self.bins[a], self.extents[a])
                for a, start in enumerate((y1, x1))
            ]
            yield int(batch), self._of(axes, max(grids[0] * grids[1], 1))


def _value(candidate, plane):
    columns = {}
    for (y, x), (along_y, along_x) in candidate:
        columns[x, along_x] = columns.get((x, along_x), 0.0) + along_y * plane[y, x]
    return sum(along_x * value for (_, along_x), value in columns.items())


def _largest(candidates, plane):
    """The number of the largest candidate, and its value; -1 and 0 if there is none."""
    best, where = 0.0, -1
    for i, candidate in enumerate(candidates):
        value = _value(candidate, plane)
        if where < 0 or value > best or math.isnan(value):
            best, where = value, i
    return best, where


def _derivatives(bins, op, x, sensitive):
    """For every result (box, channel, py, px): its value, the plane (image, channel), and [(cell, derivative)]."""
    m, n = bins.bins
    planes = {}
    for k, (image, of_box) in enumerate(bins.found):
        for c in range(x.shape[1] // (m * n) if sensitive else x.shape[1]):
            for (py, px), (candidates, divisor) in of_box.items():
                channel = (c * m + py) * n + px if sensitive else c
                if (image, channel) not in planes:
                    cells = x[image, channel].astype(np.float64)
                    planes[image, channel] = {at: float(v) for at, v in np.ndenumerate(cells)}
                plane = planes[image, channel]
                if op == "mean":
                    value = sum(_value(candidate, plane) for candidate in candidates) / divisor
                    slopes = [(cell, y * x / divisor) for candidate in candidates for cell, (y, x) in candidate]
                else:
                    value, where = _largest(candidates, plane)
                    slopes = [(cell, y * x) for cell, (y, x) in candidates[where]] if where >= 0 else []
                yield (k, c, py, px), value, (image, channel), slopes


def _first(array, data_format):
    return np.moveaxis(array, -1, 1) if data_format == "channels_last" else array


def _result(array, dtype, data_format):
    with np.errstate(over="ignore"):
        array = array.astype(dtype.newbyteorder("="))
    return np.ascontiguousarray(np.moveaxis(array, 1, -1)) if data_format == "channels_last" else array


def _operator(op, make, sensitive=False):
    """An operator and its gradient; `make` gives the bins of a call."""

    def prepared(x, boxes, output_size, args, options):
        data_format = options.pop("data_format", "channels_first")
        planes = _first(x, data_format)
        bins = make(boxes, output_size, planes.shape[2:], *args, **options)
        return bins, planes, data_format

    def forward(x, boxes, output_size, *args, return_indices=False, **options):
        x = np.asarray(x)
        bins, planes, data_format = prepared(x, boxes, output_size, args, options)
        channels = planes.shape[1] // math.prod(bins.bins) if sensitive else planes.shape[1]
        values = np.zeros((len(bins.boxes), channels, *bins.bins))
        indices = np.full(values.shape, -1, np.int64)
        for at, value, _, slopes in _derivatives(bins, op, planes, sensitive):
            values[at] = value
            if return_indices and slopes:
                y, x_ = slopes[0][0]
                indices[at] = y * planes.shape[3] + x_
        values = _result(values, x.dtype, data_format)
        return (values, _result(indices, indices.dtype, data_format)) if return_indices else values

    def backward(grad_output, x, boxes, output_size, *args, **options):
        x = np.zeros(x) if isinstance(x, tuple) else np.asarray(x)
        bins, planes, data_format = prepared(x, boxes, output_size, args, options)
        grad_output = np.asarray(grad_output)
        gradients = _first(grad_output, data_format).astype(np.float64)
        grad_x = np.zeros(planes.shape)
        for at, _, plane, slopes in _derivatives(bins, op, planes, sensitive):
            for cell, slope in slopes:
                grad_x[(*plane, *cell)] += slope * gradients[at]
        return _result(grad_x, grad_output.dtype, data_format)

    return forward, backward


def _made(bins, found):
    bins.found = list(found)
    return bins


def _pool(boxes, output_size, extents, spatial_scale=1.0):
    bins = _Bins(boxes, output_size, extents, "avg")
    return _made(bins, bins.of_cells(spatial_scale, 1))


def _ps_pool(boxes, output_size, extents, spatial_scale=1.0):
    bins = _Bins(boxes, output_size, extents, "avg")
    return _made(bins, bins.of_cells(spatial_scale, 0))


def _align(mode):
    def make(boxes, output_size, extents, spatial_scale=1.0, sampling_ratio=-1, aligned=False):
        bins = _Bins(boxes, output_size, extents, mode)
        shift, at_least = (0.5, -math.inf) if aligned else (0.0, 1.0)
        return _made(bins, bins.of_samples(spatial_scale, sampling_ratio, shift, at_least))

    return make


def _ps_align(boxes, output_size, extents, spatial_scale=1.0, sampling_ratio=-1):
    return _align("avg")(boxes, output_size, extents, spatial_scale, sampling_ratio, True)


_ALIGN = {mode: _operator("mean" if mode == "avg" else "max", _align(mode)) for mode in ("avg", "max", "onnx_max")}


def roi_align(x, boxes, output_size, spatial_scale=1.0, sampling_ratio=-1, aligned=False, *, mode="avg", **options):
    """Mean or maximum of the interpolated samples of each bin."""
    return _ALIGN[mode][0](x, boxes, output_size, spatial_scale, sampling_ratio, aligned, **options)


def roi_align_backward(grad_output, x, boxes, output_size, spatial_scale=1.0, sampling_ratio=-1, aligned=False, *,
                       mode="avg", **options):  # fmt: skip
    """Gradient of x."""
    return _ALIGN[mode][1](grad_output, x, boxes, output_size, spatial_scale, sampling_ratio, aligned, **options)


roi_pool, roi_pool_backward = _operator("max", _pool)
ps_roi_pool, ps_roi_pool_backward = _operator("mean", _ps_pool, sensitive=True)
ps_roi_align, ps_roi_align_backward = _operator("mean", _ps_align, sensitive=True)
