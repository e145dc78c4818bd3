"""Region pooling where CuPy's arrays lie: from checked boxes to the arguments of ``regions.cu``.

Boxes are read and checked in the host's memory (`cypool.boxes`), for that has to be known before a result is written.  What
the kernels need of them, `BOX` for each, is copied to the device, sorted by image.
"""

import numpy as np

from cypool.cuda import windows

_SAMPLED = {"mean": "SAMPLES_MEAN", "max": "SAMPLES_MAX", "onnx_max": "CORNERS_MAX"}
_WHOLE = {"mean": "CELLS_MEAN", "cells": "CELLS_MAX"}
"""The kernels' names of operations, over sample points and over whole cells."""

BINS = np.dtype([("start", "f8"), ("size", "f8"), ("samples", "f8"), ("from", "i8"), ("end", "i8")])
"""struct RegionBins."""

BOX = np.dtype([("number", "i8"), ("image", "i8"), ("wide", "i8"), ("axis", BINS, (2,))])
"""struct RegionBox."""

REGIONS = np.dtype(
    [("total", "i8"), ("channels", "i8"), ("height", "i8"), ("width", "i8"), ("lanes", "i8"), ("bins", "i8", (2,))]
    + [(name, "i8", (4,)) for name in ("image", "pooled", "codes")]
    + [(name, "i4") for name in ("sensitive", "last", "everywhere", "tracked")]
)
"""struct Regions."""

MOST_NARROW = 64
"""Cells of a bin, and reads of its samples, up to which means of float32 and halves add up in float32."""


def forward(device, op, sensitive, x, boxes, regions, out, indices):
    """Fill `out` and, if given, `indices`; all arrays channels first."""
    call = _Call(device, op, sensitive, x, out, indices, boxes, regions)
    codes = out if indices is None else indices  # no indices: any pointer will do, for nothing is written
    call.launch("cypool_regions_pool", out, (call.rows, x, out, codes), x.dtype)


def backward(device, op, sensitive, grad, indices, out, boxes, regions, given):
    """Fill `out`, the gradient of x; all arrays channels first.  `given`: whether `indices` are the caller's.

    Positions that a caller gives may be of any cells: then a cell's thread looks at all bins of its image, else at those near it.
    To know that, the host waits for the device.
    """
    call = _Call(device, op, sensitive, out, grad, indices, boxes, regions)
    if given and op == "cells" and grad.size:
        xp = device.xp
        none = np.iinfo(np.uint64).max
        first = xp.full(1, none, np.uint64)
        call.launch("cypool_regions_strays", grad, (call.rows, indices, first))
        call.layout["everywhere"] = int(first[0]) != none
    codes = grad if indices is None else indices
    call.launch("cypool_regions_back", out, (call.rows, call.begins, grad, codes, out), grad.dtype)


class _Call:
    """Layout and boxes of a call: of `image` (n, c, h, w) and `pooled` (boxes, channels, bins, bins)."""

    def __init__(self, device, op, sensitive, image, pooled, codes, boxes, regions):
        self.device, self.arrays = device, [a for a in (image, pooled, codes) if a is not None]
        self.op = (_SAMPLED if regions.sampled else _WHOLE)[op]
        self.layout = layout = np.zeros((), REGIONS)
        n_images, layout["channels"], layout["height"], layout["width"] = image.shape
        _, layout["lanes"], *bins = pooled.shape
        layout["bins"] = bins
        for name, array in (("image", image), ("pooled", pooled), ("codes", codes)):
            layout[name] = (0,) * 4 if array is None else windows.strides_in_elements(device, array)
        layout["sensitive"], layout["tracked"] = sensitive, codes is not None
        order = np.argsort(boxes.images, kind="stable")
        rows = _rows(boxes, regions, image.shape[2:], bins)[order]
        begins = np.zeros(n_images + 1, np.int64)
        np.cumsum(np.bincount(boxes.images, minlength=n_images), out=begins[1:])
        self.rows, self.begins = device.xp.asarray(rows.view(np.uint8)), device.xp.asarray(begins)

    def launch(self, kernel, target, arguments, dtype=None):
        """A thread for each element of the target; neighbouring threads take neighbours in memory."""
        layout = self.layout
        layout["total"] = target.size
        if target.size == 0:
            return
        _, lane, _, column = (abs(s) for s in target.strides)
        layout["last"] = target.shape[1] > 1 and lane < column
        small = target.size <= windows._INT_MAX and all(
            windows._reach(array) <= windows._INT_MAX for array in self.arrays
        )
        types = [] if dtype is None else [windows.name_of(dtype), self.op]
        name = f"{kernel}<{', '.join([*types, 'int' if small else 'long long'])}>"
        self.device.launch(name, target.size, (layout, *arguments))


def _rows(boxes, regions, extents, bins):
    """A `BOX` for each box, in the caller's order."""
    rows = np.zeros(len(boxes.images), BOX)
    rows["number"], rows["image"] = np.arange(len(rows)), boxes.images
    axes = rows["axis"]
    for i, name in enumerate(("start", "size", "samples")):
        axes[name] = regions.table[:, :, i]
    start, size, samples = axes["start"], axes["size"], axes["samples"]
    if regions.sampled:
        first, end = np.floor(start) - 1, np.ceil(start + size * bins) + 2
        end = np.where((samples > 0).all(axis=1, keepdims=True), end, first)
        terms = 4 * samples.prod(axis=1)
    else:
        first, end = start, start + size
        terms = (size // np.maximum(bins, 1) + 2).prod(axis=1)
    axes["from"], axes["end"] = np.clip(first, 0, extents), np.clip(end, 0, extents)
    rows["wide"] = terms > MOST_NARROW
    return rows
