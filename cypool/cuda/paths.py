"""Which way a call takes on a GPU: the special kernels of `small.cu`, `whole.cu` and `slide.cu`, or the general ones.

`PATHS` is the table, and a device has it: the first way that takes a call computes it, and the general kernels compute what
none takes.  A way looks at geometry and at strides alone, and is held to the general kernels by the tests
(``tests/test_cuda_paths.py``).  What all of them ask for is a `View`: at most one axis of planes, three pooled axes and one of
lanes, and offsets within a plane that fit 32 bits.
"""

from math import prod
from typing import NamedTuple

import numpy as np

from cypool.windows import _division

NEAR = ((2, 2, 0), (3, 2, 0), (3, 2, 1), (3, 1, 0), (3, 1, 1), (4, 4, 0))
"""Columns' windows, strides and paddings that `near` kernels are compiled for, when one is first used; rows are free."""

PACK_BYTES = 16
"""The most that a thread loads at once."""

AT_ONCE = 3
"""Rows that a `near` kernel loads before it folds them."""

GROUPED = 256
"""Threads of a block whose threads share work: GROUPED of the kernels."""

LOG_ROWS = 2
"""Of the rows that `lanes` kernels compute side by side."""

WHOLE_TAPS = 32
"""Windows from so many taps on are folded by several threads, if they overlap little,"""

WHOLE_OVERLAP = 1.5
"""at most so often as often as there are cells."""

TAPS_A_THREAD = 4
"""Packs that a thread folds before it meets others."""

SLIDE_TAPS = 36
"""Windows from so many taps on are folded axis by axis."""

MOST_THREADS = 1 << 18
"""More do not make a GPU busier: whole planes are cut into parts until there are so many,"""

TAPS_A_PART = 16
"""each with at least so many packs for a thread."""

_INT_MAX = 2**31 - 1

_QUICK = np.dtype([("divisor", "u4"), ("multiplier", "u4"), ("shift", "u4"), ("unused", "u4")])

SMALL = np.dtype(
    [(name, "u4") for name in ("items", "wide", "wide_third", "log_rows")]
    + [(name, _QUICK) for name in ("lanes", "columns", "rows", "depths")]
    + [(name, "i8") for name in ("source_plane", "target_plane", "third_plane")]
    + [(name, "i4", 3) for name in ("source", "target", "third", "table", "step", "forward", "forward_step")]
    + [(name, "i4", 3) for name in ("cells", "window", "extent")]
    + [(name, _QUICK) for name in ("by_columns", "by_rows")]
)
"""struct Small."""

SLIDE = np.dtype(
    [(name, _QUICK) for name in ("lane_tiles", "axis_tiles")]
    + [(f"{side}_{name}", "i8") for name in ("outer", "position", "lane") for side in ("source", "target")]
    + [(name, "i4") for name in ("cells", "windows", "lanes", "table", "step", "stride", "before", "levels")]
    + [(name, "i4") for name in ("log_fast", "slow_axis", "per_tile", "scale")]
    + [(name, _QUICK) for name in ("beside", "columns")]
    + [(name, "i4") for name in ("row_shares", "column_shares")]
)
"""struct Slide."""


def quick(divisor):
    """How kernels divide numbers below 2**31 by this one: multiply, and shift right."""
    log = (divisor - 1).bit_length()
    return divisor, -(-(1 << (31 + log)) // divisor), 31 + log, 0


# ---- calls -----------------------------------------------------------------------------------------------------------


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


def _arguments(call):
    """A kernel's arguments from the source on, where a way has none of its own between them."""
    if call.verb == "scatter":
        return (call.source, call.third, call.target)
    third = () if call.third is None else (call.third,)
    return (call.source, call.target, *third, *call.terms)


# ---- views -----------------------------------------------------------------------------------------------------------


class View(NamedTuple):
    """Arrays as kernels see them; strides in elements, (plane, (depth, row, column), lane) for each array."""

    planes: int
    extent: tuple
    lanes: int
    strides: tuple
    across: bool
    """Whether lanes lie side by side."""


def _view(windows, call):
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
            if sum(abs(s) * (n - 1) for s, n in zip(steps, extents, strict=True)) + n_lanes > _INT_MAX:
                return None
    extent = (*(1 for _ in ones), *(shape[a] for a in pooled))
    return View(n_planes, extent, n_lanes, tuple(zip(plane, inner, lane, strict=True)), bool(lanes))


def _aligned(windows, array, steps, n):
    """Whether packs of n elements may be loaded from all multiples of these strides."""
    if n == 1 or array is None:
        return True
    size = array.dtype.itemsize
    width = min(PACK_BYTES, n * size)
    return all(number % width == 0 for number in (windows._device.address(array), *(s * size for s in steps)))


def _pack(windows, arrays, extent, steps):
    """The most elements of the first array that every array has packs of, along an axis of this extent."""
    n = PACK_BYTES // arrays[0].dtype.itemsize
    while n > 1 and (
        extent % n or not all(_aligned(windows, a, s, n) for a, s in zip(arrays, steps, strict=True) if a is not None)
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


def _geometry(windows, gradient):
    """Of the windows themselves; None if numbers do not fit."""
    tables, axes = windows._tables(gradient), windows.tables
    ones = (1,) * (3 - len(axes))
    cells = (*ones, *(t.n_out if gradient else t.n_in for t in axes))
    if not tables.small or prod(cells) > _INT_MAX:
        return None
    window = (*ones, *(min(t.window, _INT_MAX) for t in axes))
    fields = (tables.table, tables.step, tables.forward, tables.forward_step)
    return Geometry(cells, window, *fields, tables.on(windows._device, np.int32))


def _one_axis(windows, cells, rows):
    """Of one axis with these rows (first, count, skip, share)."""
    key = ("rows", cells, len(rows))
    if key not in windows._cached:
        ones = [(0, 1, 0, 1)] * 2
        windows._cached[key] = windows.xp.asarray(np.array([*ones, *rows], np.int32).ravel())
    begins, steps = (0, 4, 8), (0, 0, 1)
    return Geometry((1, 1, cells), (1, 1, cells), begins, steps, begins, steps, windows._cached[key])


def _small(view, geometry, packs, lanes, log_rows=0):
    """struct Small for `packs` of columns and `lanes` packs of lanes, or None if there are too many items."""
    counts = (lanes, packs, -(-view.extent[1] >> log_rows), view.extent[0])
    items = view.planes * prod(counts) << log_rows
    if items > _INT_MAX or prod(view.extent) > _INT_MAX:
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


# ---- ways ------------------------------------------------------------------------------------------------------------


def near(windows, call, view):
    """Columns side by side, their windows among those that kernels are compiled for."""
    axis = windows.tables[-1]
    shape = next(((k, s, p) for k, s, p in NEAR if axis.reach == (-p, s, k) and axis.window == k), None)
    arrays = (call.source, call.target, call.third)
    columns = [strides[1][2] for strides, array in zip(view.strides, arrays, strict=True) if array is not None]
    geometry = _geometry(windows, call.gradient)
    if shape is None or view.across or geometry is None or any(step != 1 for step in columns):
        return False
    steps = [[plane, *inner[:2]] for plane, inner, _ in view.strides]
    n = _pack(windows, [call.cells], axis.n_in, [steps[1 if call.gradient else 0]])
    per_thread = max(n // shape[1], 1)
    packs = -(-axis.n_in // (per_thread * shape[1])) if call.gradient else -(-axis.n_out // per_thread)
    small = _small(view, geometry, packs, 1)
    if small is None:
        return False
    inside, other = axis.n_out % per_thread == 0, 0 if call.gradient else 1
    small["wide"] = inside and _aligned(windows, arrays[other], steps[other], per_thread)
    small["wide_third"] = inside and _aligned(windows, call.third, steps[2], per_thread)
    rows = min(AT_ONCE, max(1, _most(windows, call.gradient)[1]))
    return _launch(call, "near", (rows, *shape, n), small, geometry)


def _most(windows, gradient):
    """Most taps along each of three axes."""
    tables = windows.tables
    if gradient:
        tables = [t.transposed() for t in tables]
    return [1] * (3 - len(tables)) + [int(t.count.max(initial=0)) for t in tables]


def lanes(windows, call, view):
    """Everything else that is plain; packs of lanes where they lie side by side."""
    geometry = _geometry(windows, call.gradient)
    n = _lane_pack(windows, call, view)
    if geometry is None:
        return False
    # Windows that share rows: a block of several rows of windows finds more of its cells in its own cache.
    rows, shared = view.extent[1], _most(windows, call.gradient)[1] * view.extent[1] > geometry.cells[1]
    small = _small(
        view, geometry, view.extent[2], view.lanes // n, LOG_ROWS if view.across and shared and rows > 2 else 0
    )
    if small is None:
        return False
    small["wide"] = small["wide_third"] = 1
    return _launch(call, "lanes", (n,), small, geometry)


def _lane_pack(windows, call, view):
    """Lanes that a thread has."""
    if not view.across:
        return 1
    there = [i for i, array in enumerate((call.source, call.target, call.third)) if array is not None]
    arrays = [(call.source, call.target, call.third)[i] for i in there]
    return _pack(windows, arrays, view.lanes, [(view.strides[i][0], *view.strides[i][1]) for i in there])


def whole(windows, call, view):
    """Windows of many taps that overlap little: several threads for each.  Whole planes: N cells for each thread's gradient."""
    cells = _whole_plane(windows, call, view)
    if call.gradient:
        return cells is not None and not view.across and _spread(windows, call, view, cells)
    taps = prod(_most(windows, False))
    results, of = prod(t.n_out for t in windows.tables), prod(t.n_in for t in windows.tables)
    if taps < WHOLE_TAPS or taps * results > WHOLE_OVERLAP * of:
        return False
    if cells is not None:
        return _planes(windows, call, view, cells)
    geometry = _geometry(windows, False)
    return geometry is not None and _group(windows, call, view, geometry, _columns(windows), taps)


def _whole_plane(windows, call, view):
    """Cells of a plane, if they are one window and lie in one piece; else None."""
    if any(t.n_out != 1 or int(t.count[0]) != t.n_in or (t.step > 1 and t.n_in > 1) for t in windows.tables):
        return None
    if call.verb == "find" and call.third.dtype != np.int64 and any(t.window != t.n_in for t in windows.tables):
        return None  # offsets in the windows are no positions in the plane
    inner = view.strides[1 if call.gradient else 0][1]
    step, extents = view.lanes if view.across else 1, [t.n_in for t in windows.tables]
    for stride, n in zip(inner[::-1], extents[::-1], strict=False):
        if n > 1 and stride != step:
            return None
        step *= n
    return prod(extents) if prod(extents) <= _INT_MAX else None


def _columns(windows):
    """Where packs of columns may begin and end: a number that all of these are multiples of."""
    axis = windows.tables[-1]
    first, count = axis.expand()
    return int(np.gcd.reduce(np.concatenate([first, count]))) if axis.step == 1 else 1


def _group(windows, call, view, geometry, columns, taps, places=None, raw=False):
    """Launch a kernel that has several threads for each window."""
    plane, inner, _ = view.strides[0]
    if view.across:
        n = _lane_pack(windows, call, view)
    else:
        n = _pack(windows, [call.source], columns if inner[2] == 1 else 1, [(plane, *inner[:2])])
    small = _small(view, geometry, view.extent[2], view.lanes // n if view.across else 1)
    if small is None:
        return False
    small["wide"] = small["wide_third"] = 1
    group = min(_threads(view, n), _power(max(taps // (TAPS_A_THREAD * (1 if view.across else n)), 1) + 1) // 2)
    arguments = (call.source, call.target, *call.terms)
    if call.verb == "find":
        size, lowest = call.terms
        places = np.uint64(0) if places is None else places
        arguments = (call.source, places, call.target, call.third, size, np.int32(raw), lowest)
    per_block = GROUPED // group
    name = _name(call, "whole", ("true" if view.across else "false", n))
    blocks = -(-int(small["items"]) // per_block)
    windows._device.launch(name, blocks * GROUPED, (small, geometry.copy, np.int32(group), *arguments), GROUPED)
    return True


def _threads(view, pack):
    """The most threads that share a window: of a block, or where lanes lie side by side what up to 32 packs of them leave."""
    return GROUPED // min(32, _power(view.lanes // pack)) if view.across else GROUPED


def _power(n):
    """The least power of two that is not less."""
    return 1 << (n - 1).bit_length()


def _planes(windows, call, view, cells):
    """Windows that are whole planes: in two passes, over parts of planes first, where there are few planes."""
    step = view.lanes if view.across else 1
    source, target, third = view.strides
    flat = view._replace(extent=(1, 1, 1), strides=((source[0], (0, 0, step), source[2]), target, third))
    pack = _lane_pack(windows, call, flat) if view.across else _pack(windows, [call.source], cells, [(source[0],)])
    threads, packs = _threads(view, pack), view.lanes // pack if view.across else 1
    least = max(int(threads * TAPS_A_PART * (1 if view.across else pack)), 1)
    parts = min(MOST_THREADS // (threads * view.planes * packs), cells // least)
    if parts < 2:
        geometry = _one_axis(windows, cells, [(0, cells, 0, 1)])
        return _group(windows, call, flat, geometry, cells, cells)
    unit = 1 if view.across else pack
    each = -(-cells // (parts * unit)) * unit
    parts = -(-cells // each)
    rows = [(j * each, min(each, cells - j * each), 0, 1) for j in range(parts)]
    xp, shape = windows.xp, (view.planes, parts, view.lanes)
    between = (parts * view.lanes, (0, 0, view.lanes), 1 if view.across else 0)
    first = flat._replace(extent=(1, 1, parts), strides=(flat.strides[0], between, between))
    second = flat._replace(strides=(between, target, third))
    partial = xp.empty(shape, _scratch(call))
    found = xp.empty(shape, np.int32) if call.verb == "find" else None
    geometry = _one_axis(windows, cells, rows)
    if not _group(windows, _between(call)._replace(target=partial, third=found), first, geometry, unit, each, raw=True):
        return False
    geometry = _one_axis(windows, parts, [(0, parts, 0, 1)])
    return _group(windows, _after(call, partial), second, geometry, 1, parts, places=found)


_SCRATCH = {"float": np.float32, "double": np.float64, "unsigned long long": np.uint64}
"""Dtypes of sums between passes."""


def _scratch(call):
    """The dtype of values between passes."""
    return _SCRATCH[call.types[1]] if call.verb == "total" else call.source.dtype


def _between(call):
    """The call of a pass that is not the last: sums stay undivided and in the type that they add up in."""
    if call.verb != "total":
        return call
    return call._replace(types=(*call.types[:2], call.types[1]), terms=(np.int32(0), *call.terms[1:]))


def _after(call, partial):
    """The call of a pass that is not the first."""
    types = (call.types[1], *call.types[1:]) if call.verb == "total" else call.types
    return call._replace(source=partial, types=types)


def _spread(windows, call, view, cells):
    """The gradient of windows that are whole planes."""
    if call.verb == "adjoint" and call.types[2] == "true":
        return False
    n = _pack(windows, [call.target], cells, [(view.strides[1][0],)])
    geometry = _one_axis(windows, cells, [(0, cells, 0, 1)])
    small = _small(view._replace(extent=(1, 1, cells)), geometry, cells // n, 1)
    if small is None:
        return False
    call = call._replace(types=call.types[: 2 if call.verb == "adjoint" else 1])
    return _launch(call, "whole", (n,), small, geometry)


# ---- axis by axis ----------------------------------------------------------------------------------------------------


class Pass(NamedTuple):
    """One axis' pass: its number among the pooled axes, struct Slide, blocks."""

    number: int
    slide: np.ndarray
    blocks: int


def slide(windows, call, view):
    """Large windows, axis by axis, in arrays that lie in one piece; and gradients of sums, which are sums of windows too."""
    axes, tables = windows.axes, windows.tables
    if call.verb == "scatter" or (call.verb == "adjoint" and (call.types[2] == "true" or call.types[0] == "double")):
        return False
    if call.gradient:
        # Divided last, not first: in double no sum of finite gradients overflows, but for doubles themselves.
        tables = [t.transposed() for t in tables]
        types = (call.types[0], "double", call.types[0])
        call = Call("total", types, call.source, call.target, None, (np.int32(1), *call.terms, np.int32(0)))
        geometry = _geometry(windows, True)
    else:
        geometry = _geometry(windows, False)
    arrays = [array for array in (call.source, call.target, call.third) if array is not None]
    if geometry is None or prod(t.window for t in tables) < SLIDE_TAPS or any(t.reach[1] < 1 for t in tables):
        return False
    if axes != tuple(range(axes[0], axes[0] + len(axes))) or not all(a.flags.c_contiguous for a in arrays):
        return False
    if call.verb == "find" and call.third.dtype != np.int64:
        return False
    passes = _passes(axes, tables, geometry, call)
    if not passes:
        return False
    source, places, shape = call.source, None, list(call.source.shape)
    for number, one, blocks in passes:
        last = number == passes[-1][0]
        shape[axes[number]] = tables[number].n_out
        target = call.target if last else windows.xp.empty(tuple(shape), _scratch(call))
        run = call if last else _between(call)
        if number != passes[0][0]:
            run = _after(run, source)
        arguments = (source, target, *run.terms)
        if call.verb == "find":
            where = None if last else windows.xp.empty(tuple(shape), np.int32)
            pointers = [np.uint64(0) if a is None else a for a in (places, where, call.third if last else None)]
            arguments = (source, pointers[0], target, *pointers[1:], run.terms[1])
            places = where
        name = _name(run, "slide", ())
        windows._device.launch(name, blocks * GROUPED, (one, geometry.copy, *arguments), GROUPED)
        source = target
    return True


def _passes(axes, tables, geometry, call):
    """What each axis' pass is told, None if an axis is too long for a tile."""
    wide = call.verb == "find" and call.source.dtype.itemsize > 4
    size = 1024 if wide else 2048  # elements of a tile: Tiles of the kernels
    shape, passes, missing = list(call.source.shape), [], 3 - len(tables)
    for number in reversed(range(len(tables))):
        axis, table = axes[number], tables[number]
        if table.window == 1 and table.n_in == table.n_out and table.reach[0] == 0 and len(tables) > 1:
            continue
        outer, inner = prod(shape[:axis]), prod(shape[axis + 1 :])
        found = _tile(table, inner, size)
        if found is None:
            return None
        positions, per_tile = found
        across = size // positions
        n_lanes, n_outer = (inner, outer) if inner > 1 else (outer, 1)
        lane_tiles, axis_tiles = -(-n_lanes // across), -(-table.n_out // per_tile)
        one = np.zeros((), SLIDE)
        one["lane_tiles"], one["axis_tiles"] = quick(lane_tiles), quick(axis_tiles)
        one["beside"] = quick(max(prod(call.source.shape[axes[-1] + 1 :]), 1))
        one["columns"] = quick(tables[-1].n_out)
        for side, n in (("source", table.n_in), ("target", table.n_out)):
            one[f"{side}_outer"] = n * inner
            one[f"{side}_position"], one[f"{side}_lane"] = (inner, 1) if inner > 1 else (1, n)
        fast = across if inner > 1 else positions
        behind = [geometry.table[missing + n] for n in range(number + 1, len(tables))]
        values = {
            "cells": table.n_in, "windows": table.n_out, "lanes": n_lanes, "stride": table.reach[1],
            "before": -table.reach[0], "levels": int(table.count.max(initial=0)).bit_length(),
            "log_fast": fast.bit_length() - 1, "slow_axis": inner > 1, "per_tile": per_tile,
            "table": geometry.table[missing + number], "step": geometry.step[missing + number],
            "scale": prod(t.n_in for t in tables[number + 1 :]),
            "column_shares": behind[-1] if behind else -1, "row_shares": behind[-2] if len(behind) > 1 else -1,
        }  # fmt: skip
        blocks = n_outer * axis_tiles * lane_tiles
        if max(blocks, n_lanes, *map(abs, map(int, values.values()))) > _INT_MAX:
            return None
        for name, value in values.items():
            one[name] = value
        passes.append(Pass(number, one, blocks))
        shape[axis] = table.n_out
    return passes


def _tile(table, lanes, size):
    """Positions of a tile along an axis, and how many windows it has; None if it can have none."""
    reach, stride = table.reach[2], table.reach[1]
    everything = max(table.n_in, table.n_out)
    for times in (4, 2, 1):
        positions = min(size, _power(everything), _power(times * reach))
        if lanes > 1:
            positions = max(positions, size // _power(lanes))
        if size // positions >= LEAST_LANES or lanes == 1:
            break
    if everything <= positions:
        return positions, table.n_out
    per_tile = min((positions - reach) // stride + 1, positions)
    return (positions, per_tile) if per_tile >= 1 else None


LEAST_LANES = 8
"""Lanes that a tile has if that leaves it as many positions as a window needs."""


# ---- the choice ------------------------------------------------------------------------------------------------------


class Launch(NamedTuple):
    """A kernel with a thread for each item, without its arrays: the same for all calls that differ in nothing else."""

    name: str
    items: int
    first: tuple


def _name(call, way, numbers):
    return f"cypool_{way}_{call.verb}<{', '.join(map(str, (*call.types, *numbers)))}>"


def _launch(call, way, numbers, small, geometry):
    return Launch(_name(call, way, numbers), int(small["items"]), (small, geometry.copy))


PATHS = (whole, slide, near, lanes)
"""Ways in the order in which they are asked."""


MOST_REMEMBERED = 64
"""Launches of one geometry's calls: more are found anew."""


def run(windows, call):
    """Whether one of the ways has computed a call.

    What a `Launch` depends on beside the windows is remembered with it: types, strides, and how addresses are aligned.
    """
    ways, kept = windows._device.paths, windows._cached
    if not ways or call.target.size == 0 or any(table.source is not None for table in windows.tables):
        return False
    address = windows._device.address
    arrays = [a for a in (call.source, call.target, call.third) if a is not None]
    key = (call.verb, call.types, *((a.dtype.itemsize, a.strides, address(a) % PACK_BYTES) for a in arrays))
    launch = kept.get(key)
    if launch is None:
        view = _view(windows, call)
        launch = view is not None and next(filter(None, (way(windows, call, view) for way in ways)), False)
        if not isinstance(launch, Launch):
            return launch
        if len(kept) < MOST_REMEMBERED:
            kept[key] = launch
    windows._device.launch(launch.name, launch.items, (*launch.first, *_arguments(call)))
    return True


def planes(windows, indices, size, out, bad):
    """Whether indices have been checked, and translated into `out` if it is an array; `bad` as in `cypool_planes`."""
    from cypool.cuda.windows import _lanes

    if not windows._device.paths or indices.size == 0:
        return False
    target = indices if out is None else out
    call = Call("planes", (), indices, target, None, ())
    view = _view(windows, call)
    steps, batch = windows._strides(indices, indices.ndim), [a for a in windows.batch_axes if indices.shape[a] != 1]
    lanes = _lanes(batch, [a for a in windows.axes if indices.shape[a] > 1], steps)
    geometry = _geometry(windows, False)
    if view is None or geometry is None or windows.window_taps > _INT_MAX or lanes != batch[len(batch) - len(lanes) :]:
        return False
    small = _small(view, geometry, view.extent[2], view.lanes)
    if small is None:
        return False
    out = np.uint64(0) if out is None else out
    windows._device.launch(
        "cypool_lanes_planes<1>", int(small["items"]), (small, geometry.copy, indices, size, out, bad)
    )
    return True


def mean_of(windows, mean):
    """`Windows.total`'s mean as kernels take it: by one number where all windows have the same share."""
    if mean != "shares":
        return _division(mean)
    if mean not in windows._cached:
        shares = [table.share for table in windows.tables if len(table.share)]
        same = all((share == share[0]).all() for share in shares)
        windows._cached[mean] = (1, float(prod(int(share[0]) for share in shares))) if same else _division(mean)
    return windows._cached[mean]
