"""Calls and arrays as the special kernels see them: what the ways of `paths` share.

A `Call` is a kernel's call but for its geometry, a `View` tells the strides of its arrays, `Geometry` the windows' tables.  None
stands for arrays or numbers that are not plain enough: at most one axis of planes, three pooled axes and one of lanes, and
offsets within a plane that fit 32 bits.
"""

from math import prod
from typing import NamedTuple

import numpy as np

PACK_BYTES = 16
"""The most that a thread loads at once."""

INT_MAX = 2**31 - 1

QUICK = np.dtype([("divisor", "u4"), ("multiplier", "u4"), ("shift", "u4"), ("unused", "u4")])

SMALL = np.dtype(
    [(name, "u4") for name in ("items", "wide", "wide_third", "log_rows")]
    + [(name, QUICK) for name in ("lanes", "columns", "rows", "depths")]
    + [(name, "i8") for name in ("source_plane", "target_plane", "third_plane")]
    + [(name, "i4", 3) for name in ("source", "target", "third", "table", "step", "forward", "forward_step")]
    + [(name, "i4", 3) for name in ("cells", "window", "extent")]
    + [(name, QUICK) for name in ("by_columns", "by_rows")]
)
"""struct Small."""


def quick(divisor):
    """How kernels divide numbers below 2**31 by this one: multiply, and shift right."""
    log = (divisor - 1).bit_length()
    return divisor, -(-(1 << (31 + log)) // divisor), 31 + log, 0


class Call(NamedTuple):
    """A kernel's call but for its geometry: what all ways have in common.

    `verb` and `types` name it, `before` and `after` are arguments around those that a way has of its own.
    """

    verb: str
    types: tuple
    source: object
    target: object
    third: object
    terms: tuple

    @property
    def gradient(self):
        """Whether targets are cells, and sources windows."""
        return self.verb in ("adjoint", "scatter")

    @property
    def cells(self):
        """The array of cells."""
        return self.target if self.gradient else self.source


def arguments_of(call):
    """A kernel's arguments from the source on, where a way has none of its own between them."""
    if call.verb == "scatter":
        return (call.source, call.third, call.target)
    third = () if call.third is None else (call.third,)
    return (call.source, call.target, *third, *call.terms)


class View(NamedTuple):
    """Arrays as kernels see them; strides in elements, (plane, (depth, row, column), lane) for each array."""

    planes: int
    extent: tuple
    lanes: int
    strides: tuple
    across: bool
    """Whether lanes lie side by side."""


def view_of(windows, call):
    """The arrays of a call, or None if they are not plain enough."""
    from cypool.cuda.windows import _collapsed, _lanes, _missing

    pooled, shape = windows.axes, call.target.shape
    if len(pooled) > 3:
        return None
    arrays = (call.source, call.target, call.third)
    strides = [windows._strides(array, len(shape)) for array in arrays]
    batch = [a for a in windows.batch_axes if shape[a] != 1]
    cells = strides[1] if call.gradient else strides[0]
    lanes = _lanes(batch, [a for a in pooled if call.cells.shape[a] > 1], cells)
    planes = _collapsed([a for a in batch if a not in lanes], shape, strides)
    lanes = _collapsed(lanes, shape, strides)
    if len(planes) > 1 or len(lanes) > 1:
        return None
    (n_planes, plane) = planes[0] if planes else (1, (0, 0, 0))
    (n_lanes, lane) = lanes[0] if lanes else (1, (0, 0, 0))
    if lanes and any(step != 1 for step, array in zip(lane, arrays, strict=True) if array is not None):
        return None
    ones = (0,) * _missing(pooled)
    inner = [(*ones, *(s[a] for a in pooled)) for s in strides]
    for array, steps in zip(arrays, inner, strict=True):
        if array is not None:
            extents = [1] * len(ones) + [array.shape[a] for a in pooled]
            if sum(abs(s) * (n - 1) for s, n in zip(steps, extents, strict=True)) + n_lanes > INT_MAX:
                return None
            if max(map(abs, steps)) > INT_MAX:  # along an extent of 1, which may have any stride
                return None
    extent = (*(1 for _ in ones), *(shape[a] for a in pooled))
    return View(n_planes, extent, n_lanes, tuple(zip(plane, inner, lane, strict=True)), bool(lanes))


def aligned(windows, array, steps, n):
    """Whether packs of n elements may be loaded from all multiples of these strides."""
    if n == 1 or array is None:
        return True
    size = array.dtype.itemsize
    width = min(PACK_BYTES, n * size)
    return all(number % width == 0 for number in (windows.device.address(array), *(s * size for s in steps)))


def pack_of(windows, arrays, extent, steps):
    """The most elements of the first array that every array has packs of, along an axis of this extent."""
    n = PACK_BYTES // arrays[0].dtype.itemsize
    while n > 1 and (
        extent % n or not all(aligned(windows, a, s, n) for a, s in zip(arrays, steps, strict=True) if a is not None)
    ):
        n //= 2
    return n


class Geometry(NamedTuple):
    """What kernels are told of windows along three axes: `Small`'s fields of these names, and the tables on the device."""

    cells: tuple
    window: tuple
    table: tuple
    step: tuple
    forward: tuple
    forward_step: tuple
    copy: object


def geometry_of(windows, gradient):
    """Of the windows themselves; None if numbers do not fit."""
    tables, axes = windows._tables(gradient), windows.tables
    ones = (1,) * (3 - len(axes))
    cells = (*ones, *(t.n_out if gradient else t.n_in for t in axes))
    if not tables.small or prod(cells) > INT_MAX:
        return None
    window = (*ones, *(min(t.window, INT_MAX) for t in axes))
    fields = (tables.columns[name] for name in ("table", "step", "forward", "forward_step"))
    return Geometry(cells, window, *fields, tables.on(windows.device, np.int32))


def one_axis(windows, cells, rows):
    """Of one axis with these rows (first, count, skip, share)."""
    key = ("rows", cells, len(rows), rows[0][1])
    if key not in windows._cached:
        ones = [(0, 1, 0, 1)] * 2
        windows._cached[key] = windows.xp.asarray(np.array([*ones, *rows], np.int32).ravel())
    begins, steps = (0, 4, 8), (0, 0, 1)
    return Geometry((1, 1, cells), (1, 1, cells), begins, steps, begins, steps, windows._cached[key])


def small_of(view, geometry, packs, lanes, log_rows=0):
    """struct Small for `packs` of columns and `lanes` packs of lanes, or None if there are too many items."""
    counts = (lanes, packs, -(-view.extent[1] >> log_rows), view.extent[0])
    items = view.planes * prod(counts) << log_rows
    if items > INT_MAX or prod(view.extent) > INT_MAX:
        return None
    small = np.zeros((), SMALL)
    small["items"], small["log_rows"] = items, log_rows
    for name, count in zip(("lanes", "columns", "rows", "depths"), counts, strict=True):
        small[name] = quick(count)
    for name, (plane, inner, _) in zip(("source", "target", "third"), view.strides, strict=True):
        small[f"{name}_plane"], small[name] = plane, inner
    small["extent"] = view.extent
    for name in Geometry._fields[:-1]:
        small[name] = getattr(geometry, name)
    small["by_columns"], small["by_rows"] = quick(max(geometry.cells[2], 1)), quick(max(geometry.cells[1], 1))
    return small


def most_taps(windows, gradient):
    """Most taps along each of three axes."""
    tables = windows.tables
    if gradient:
        tables = [t.transposed() for t in tables]
    return [1] * (3 - len(tables)) + [int(t.count.max(initial=0)) for t in tables]


def lane_pack(windows, call, view):
    """Lanes that a thread has."""
    if not view.across:
        return 1
    there = [i for i, array in enumerate((call.source, call.target, call.third)) if array is not None]
    arrays = [(call.source, call.target, call.third)[i] for i in there]
    return pack_of(windows, arrays, view.lanes, [(view.strides[i][0], *view.strides[i][1]) for i in there])


class Launch(NamedTuple):
    """A kernel with a thread for each item, without its arrays: the same for all calls that differ in nothing else."""

    name: str
    items: int
    first: tuple


def name_of(call, way, numbers):
    return f"cypool_{way}_{call.verb}<{', '.join(map(str, (*call.types, *numbers)))}>"


def launch_of(call, way, numbers, small, geometry):
    return Launch(name_of(call, way, numbers), int(small["items"]), (small, geometry.copy))
