"""Boxes of region pooling: from what users write to the tables' numbers, and the calls of the kernels.

A box is a row of five numbers, or of four in the list of its image.  `Boxes` reads and checks them; `cell_regions` and
`sample_regions` make of them what the kernels take: for each box and axis, in float64, the start, the size of a bin (for
whole cells: of the box) and the samples along a bin.  Everything that can fail fails here, before a result is written.
"""

import importlib
from typing import NamedTuple

import numpy as np

from cypool import config
from cypool import parameters as read
from cypool.arrays import as_array, entered, fetched, on_gpu
from cypool.kernels import core

kernels = importlib.import_module(f"cypool.kernels.regions_{config.ISA}")
kernels.use_rows(importlib.import_module(f"cypool.kernels.rows_{config.ISA}").table)

FARTHEST = 2**30
"""What scaled corners may not exceed: cells are counted exactly, and nothing overflows."""

MOST_BINS = 2**31 - 1
MOST_SAMPLES = 1024
"""Samples along one axis of one bin that may be asked for; `MOST_ALONG` along all bins of an axis."""

MOST_ALONG = 2**22


class Boxes(NamedTuple):
    """Checked boxes: corners (K, 4) in float64, and the image of each."""

    corners: np.ndarray
    images: np.ndarray
    given: list
    """The caller's arrays, which a result must not overlap."""


class Regions(NamedTuple):
    """What the kernels take."""

    sampled: bool
    table: np.ndarray
    """(K, 2, 3): of y and x the start, the bin's (cells: the box's) size, and the samples."""
    reach: np.ndarray
    """(K, 2): cells along y and x that a box touches at most."""


def _array_of_boxes(boxes, columns, name, device):
    """A float32 or float64 array of one box a row, where the caller has it."""
    if isinstance(boxes, (list, tuple)):
        try:
            array = np.asarray(boxes, np.float64)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{name} cannot be read as an array of numbers: {error}") from None
    else:
        array = as_array(boxes, name, device if on_gpu(boxes) else None)
    if array.dtype.newbyteorder("=") not in (np.float32, np.float64):
        raise TypeError(f"{name} must be float32 or float64, got {array.dtype}")
    if array.ndim != 2 or array.shape[1] != columns:
        raise ValueError(f"{name} must have shape (K, {columns}), got {array.shape}")
    return array


def read_boxes(boxes, n_images, device=None):
    """Check boxes: one (K, 5) array, or one (L, 4) array for each image.

    For a call on a device they may lie there: it is waited for, and they are copied to the host's memory.
    """
    if isinstance(boxes, (list, tuple)) and boxes and all(getattr(item, "ndim", 0) == 2 for item in boxes):
        if len(boxes) != n_images:
            raise ValueError(f"boxes must be one array for each of {n_images} images, got {len(boxes)}")
        given = [_array_of_boxes(item, 4, f"boxes[{i}]", device) for i, item in enumerate(boxes)]
        corners = np.concatenate([fetched(array).astype(np.float64) for array in given])
        images = np.repeat(np.arange(n_images, dtype=np.int64), [len(array) for array in given])
    else:
        if isinstance(boxes, (list, tuple)) and not boxes:
            boxes = np.empty((0, 5))
        given = [_array_of_boxes(boxes, 5, "boxes", device)]
        numbers = fetched(given[0]).astype(np.float64)
        corners, batch = np.ascontiguousarray(numbers[:, 1:]), numbers[:, 0]
        wrong = ~((batch >= 0) & (batch < n_images) & (batch == np.floor(batch)))
        if wrong.any():
            k = int(wrong.argmax())
            raise ValueError(
                f"boxes must begin with a batch index, an integer in [0, {n_images}), got {batch[k]} in box {k}"
            )
        images = batch.astype(np.int64)
    if not np.isfinite(corners).all():
        k = int(np.isfinite(corners).all(axis=1).argmin())
        raise ValueError(f"boxes must be finite, got {corners[k].tolist()} in box {k}")
    return Boxes(corners, images, given)


def _scaled(boxes, spatial_scale):
    sizes = np.abs(boxes.corners)
    if float(sizes.max(initial=0)) * spatial_scale > FARTHEST:
        k = int(sizes.max(axis=1).argmax())
        raise ValueError(
            f"boxes times spatial_scale must not exceed {FARTHEST} in magnitude, got {boxes.corners[k].tolist()}"
            f" times {spatial_scale} in box {k}"
        )
    return boxes.corners * spatial_scale


def _rounded(a):
    """To the nearest integer, halves away from zero."""
    whole = np.trunc(a)
    return whole + np.where(np.abs(a - whole) >= 0.5, np.sign(a), 0.0)


def cell_regions(boxes, spatial_scale, extra):
    """Boxes of whole cells: corners rounded, `extra` cells (0 or 1) added to each extent, at least one cell."""
    corners = _rounded(_scaled(boxes, spatial_scale))
    table = np.zeros((len(corners), 2, 3))
    table[:, :, 0] = corners[:, 1::-1]
    table[:, :, 1] = np.maximum(corners[:, 3:1:-1] - corners[:, 1::-1] + extra, 1.0)
    return Regions(False, table, table[:, :, 1] + 1)


def sample_regions(boxes, bins, spatial_scale, sampling_ratio, shift, at_least):
    """Boxes of sample points: corners less `shift`, extents of `at_least`; one of negative extent has no samples."""
    corners = _scaled(boxes, spatial_scale) - shift
    table = np.zeros((len(corners), 2, 3))
    extent = corners[:, 3:1:-1] - corners[:, 1::-1]
    empty = None
    if at_least is not None:
        extent = np.maximum(extent, at_least)
    elif extent.min(initial=0) < 0:
        empty = (extent < 0).any(axis=1)
        extent[empty] = 0.0
    table[:, :, 0] = corners[:, 1::-1]
    if min(bins) > 0:
        table[:, :, 1] = extent / bins
        table[:, :, 2] = sampling_ratio if sampling_ratio > 0 else np.ceil(table[:, :, 1])
    if empty is not None:
        table[empty, :, 2] = 0.0
    return Regions(True, table, extent + 3)


# ---- parameters ------------------------------------------------------------------------------------------------------


def scale_of(value):
    """spatial_scale: a finite number above 0."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"spatial_scale must be a number, got {value!r} of type {type(value).__name__}")
    if not 0 < value < np.inf:
        raise ValueError(f"spatial_scale must be finite and above 0, got {value!r}")
    return float(value)


def bins_of(output_size, least=0):
    """output_size: bins along y and x."""
    bins = read.per_axis(output_size, 2, "output_size", least)
    if max(bins) > MOST_BINS:
        raise ValueError(f"output_size must not exceed {MOST_BINS} along any axis, got {bins}")
    return bins


def ratio_of(value, bins):
    """sampling_ratio: samples along a bin; 0 and less leave it to the box."""
    value = read.integer(value, "sampling_ratio")
    if value > MOST_SAMPLES:
        raise ValueError(f"sampling_ratio must not exceed {MOST_SAMPLES}, got {value}")
    if value * max(bins) > MOST_ALONG:
        raise ValueError(f"sampling_ratio times output_size must not exceed {MOST_ALONG}, got {value} and {bins}")
    return value


# ---- the kernels -----------------------------------------------------------------------------------------------------


def _most_taps(op, regions, touched, samples, extent, bins):
    """What the table of one axis must hold at most: its sizes follow from the rules that regions_bins.pxi writes."""
    if not regions.sampled:
        return touched + 2 * bins
    if op == "mean":  # neighbouring bins share two cells at most
        return touched + 3 * bins
    # with what lies outside before and after; samples that the box chooses are more than half a cell apart
    asked = (samples + 2) * bins
    return asked if samples <= MOST_SAMPLES else min(asked, 2 * (extent + 2) + 4 * bins)


def _taps(op, regions, x_shape, bins):
    """Taps along y and x, and columns, at most."""
    reach, samples = (a.max(axis=0, initial=0).tolist() for a in (regions.reach, regions.table[:, :, 2]))
    touched = [min(extent, int(n)) for extent, n in zip(x_shape[2:], reach, strict=True)]
    taps = (_most_taps(op, regions, touched[a], int(samples[a]), x_shape[2 + a], bins[a]) for a in (0, 1))
    return (*taps, touched[1])


def _kernel_boxes(boxes, regions, n_images):
    order = np.argsort(boxes.images, kind="stable").astype(np.int64, copy=False)
    offsets = np.zeros(n_images + 1, np.int64)
    np.cumsum(np.bincount(boxes.images, minlength=n_images), out=offsets[1:])
    return regions.table, boxes.images, order, offsets


def _moved(regions, x_shape, itemsize, channels):
    """Bytes of the cells that boxes touch, for the number of threads."""
    rows, columns = np.minimum(regions.reach, x_shape[2:]).T
    return float(rows @ columns) * channels * itemsize


def forward(op, sensitive, x, boxes, regions, out, indices, num_threads):
    """Fill `out` and, if given, `indices`; all arrays channels first."""
    bins = out.shape[2:]
    if out.size == 0:
        return
    moved = out.nbytes + _moved(regions, x.shape, x.itemsize, out.shape[1])
    kernels.forward(
        kernels.OPS[op],
        regions.sampled,
        sensitive,
        entered(x),
        entered(out),
        indices,
        _kernel_boxes(boxes, regions, x.shape[0]),
        _taps(op, regions, x.shape, bins),
        core.threads_for(moved, num_threads),
    )


def backward(op, sensitive, grad, indices, out, boxes, regions, num_threads):
    """Fill `out`, the gradient of x; all arrays channels first."""
    if out.size == 0:
        return
    if grad.size == 0:
        out[...] = 0
        return
    moved = 3.0 * out.nbytes + grad.nbytes + _moved(regions, out.shape, 8, grad.shape[1])
    kernels.backward(
        kernels.OPS[op],
        regions.sampled,
        sensitive,
        entered(grad),
        indices,
        entered(out),
        _kernel_boxes(boxes, regions, out.shape[0]),
        _taps(op, regions, out.shape, grad.shape[2:]),
        core.threads_for(moved, num_threads),
    )
