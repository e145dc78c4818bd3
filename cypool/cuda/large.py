"""Large windows: several threads for each (`whole.cu`), or an axis after the other (`slide.cu`)."""

from math import prod
from typing import NamedTuple

import numpy as np

from cypool.cuda.views import (
    INT_MAX,
    QUICK,
    Call,
    geometry_of,
    lane_pack,
    launch_of,
    most_taps,
    name_of,
    one_axis,
    pack_of,
    quick,
    small_of,
)

GROUPED = 256
"""Threads of a block whose threads share work: GROUPED of the kernels."""

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

LEAST_LANES = 8
"""Lanes that a tile has if that leaves it as many positions as a window needs."""

SLIDE = np.dtype(
    [(name, QUICK) for name in ("lane_tiles", "axis_tiles")]
    + [(f"{side}_{name}", "i8") for name in ("outer", "position", "lane") for side in ("source", "target")]
    + [(name, "i4") for name in ("cells", "windows", "lanes", "table", "step", "stride", "before", "levels")]
    + [(name, "i4") for name in ("log_fast", "slow_axis", "per_tile", "scale")]
    + [(name, QUICK) for name in ("beside", "columns")]
    + [(name, "i4") for name in ("row_shares", "column_shares")]
)
"""struct Slide."""


def whole(windows, call, view):
    """Windows of many taps that overlap little: several threads for each.  Whole planes: N cells for each thread's gradient."""
    cells = _whole_plane(windows, call, view)
    if call.gradient:
        return cells is not None and not view.across and _spread(windows, call, view, cells)
    taps = prod(most_taps(windows, False))
    results, of = prod(t.n_out for t in windows.tables), prod(t.n_in for t in windows.tables)
    if taps < WHOLE_TAPS or taps * results > WHOLE_OVERLAP * of:
        return False
    if cells is not None:
        return _planes(windows, call, view, cells)
    geometry = geometry_of(windows, False)
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
    return prod(extents) if prod(extents) <= INT_MAX else None


def _columns(windows):
    """Where packs of columns may begin and end: a number that all of these are multiples of."""
    axis = windows.tables[-1]
    first, count = axis.expand()
    return int(np.gcd.reduce(np.concatenate([first, count]))) if axis.step == 1 else 1


def _group(windows, call, view, geometry, columns, taps, places=None, raw=False):
    """Launch a kernel that has several threads for each window."""
    plane, inner, _ = view.strides[0]
    if view.across:
        n = lane_pack(windows, call, view)
    else:
        n = pack_of(windows, [call.source], columns if inner[2] == 1 else 1, [(plane, *inner[:2])])
    small = small_of(view, geometry, view.extent[2], view.lanes // n if view.across else 1)
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
    name = name_of(call, "whole", ("true" if view.across else "false", n))
    blocks = -(-int(small["items"]) // per_block)
    windows.device.launch(name, blocks * GROUPED, (small, geometry.copy, np.int32(group), *arguments), GROUPED)
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
    pack = lane_pack(windows, call, flat) if view.across else pack_of(windows, [call.source], cells, [(source[0],)])
    threads, packs = _threads(view, pack), view.lanes // pack if view.across else 1
    least = max(int(threads * TAPS_A_PART * (1 if view.across else pack)), 1)
    parts = min(MOST_THREADS // (threads * view.planes * packs), cells // least)
    if parts < 2:
        geometry = one_axis(windows, cells, [(0, cells, 0, 1)])
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
    geometry = one_axis(windows, cells, rows)
    if not _group(windows, _between(call)._replace(target=partial, third=found), first, geometry, unit, each, raw=True):
        return False
    geometry = one_axis(windows, parts, [(0, parts, 0, 1)])
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
    n = pack_of(windows, [call.target], cells, [(view.strides[1][0],)])
    geometry = one_axis(windows, cells, [(0, cells, 0, 1)])
    small = small_of(view._replace(extent=(1, 1, cells)), geometry, cells // n, 1)
    if small is None:
        return False
    call = call._replace(types=call.types[: 2 if call.verb == "adjoint" else 1])
    return launch_of(call, "whole", (n,), small, geometry)


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
        geometry = geometry_of(windows, True)
    else:
        geometry = geometry_of(windows, False)
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
        name = name_of(run, "slide", ())
        windows.device.launch(name, blocks * GROUPED, (one, geometry.copy, *arguments), GROUPED)
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
        if max(blocks, n_lanes, *map(abs, map(int, values.values()))) > INT_MAX:
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


# ---- the choice ------------------------------------------------------------------------------------------------------
