"""`Windows` whose kernels run elsewhere: from arrays and tables to the kernels' arguments.

The engine does not notice: `DeviceWindows` has the methods of `cypool.windows.Windows`, takes arrays of its device, and
allocates by the device's `xp`.  Every method chooses the kernel's template arguments, describes strides in a `LAYOUT`, and
launches.  Tables are copied to the device once, see `_Tables`.
"""

from math import prod

import numpy as np

from cypool.arrays import smallest, storage_of
from cypool.cuda import paths
from cypool.cuda.small import planes as planes_of
from cypool.cuda.views import Call
from cypool.kernels.core import CODES
from cypool.parameters import ROUNDINGS
from cypool.windows import INDEX_DTYPES, WRONG_INDEX, Windows

MOST_AXES = 36
"""CYPOOL_AXES of the kernels."""

_BESIDE = ("source", "target", "third", "fourth", "fifth")
"""A kernel's arrays, whose strides it is told."""

_PER_AXIS = ("extent", *_BESIDE, "table", "forward", "step", "forward_step", "cells", "window", "seen")

LAYOUT = np.dtype(
    [("total", "i8"), *((name, "i4") for name in ("outer", "rank", "lanes", "unused"))]
    + [(name, "i8", (MOST_AXES,)) for name in _PER_AXIS]
)
"""struct Layout."""

_NAMES = {
    "bool": "unsigned char", "int8": "signed char", "uint8": "unsigned char", "int16": "short", "uint16": "unsigned short",
    "int32": "int", "uint32": "unsigned int", "int64": "long long", "uint64": "unsigned long long",
    "float16": "Half", "bfloat16": "Bfloat16", "float32": "float", "float64": "double",
}  # fmt: skip
"""The kernels' name of each storage type."""

_BITS = {"bool": np.uint8, "float16": np.uint16, "bfloat16": np.uint16}
"""What a scalar is passed as where C has no such type."""

_SUMS = {CODES["float32"]: "float", CODES["float64"]: "double"}
"""What floats add up in, by the code that the host's kernels have; whole numbers always in 64 bits."""


def name_of(dtype):
    """The kernels' name of a storage type."""
    return _NAMES[storage_of(dtype).name]


def bits_of(scalar):
    """A 0-d array of NumPy as kernels take it by value."""
    bits = _BITS.get(storage_of(scalar.dtype).name)
    return scalar if bits is None else scalar.view(bits)


def pointer(array):
    """An array as a kernel's argument; None as a null pointer."""
    return np.uintp(0) if array is None else array


_INT_MAX = 2**31 - 1
"""Offsets up to here are computed in 32 bits."""

_MOST_TAPS = 2**31 - 1
"""Of windows in which offsets are told: taps that are skipped beyond are not asked for."""

_ONE = np.array([[0, 1, 0, 1]])
"""The table of an axis that does nothing."""


class Tables:
    """Whole numbers on the device that a kernel reads, and columns of a layout for the pooled axes (three, if they are fewer).

    Parameters
    ----------
    columns : dict
        Names in `LAYOUT`: one entry for each pooled axis.  "cells" is what offsets are multiplied by.
    values : numpy.ndarray of int
    """

    def __init__(self, columns, values):
        self.columns, self._values, self._copies = columns, values, {}
        self.small = int(np.abs(values).max(initial=0)) <= _INT_MAX and len(values) <= _INT_MAX
        self.small = self.small and prod(map(int, columns["cells"])) <= _INT_MAX

    def on(self, device, dtype):
        """The numbers there, of one of two dtypes."""
        if dtype not in self._copies:
            self._copies[dtype] = device.xp.asarray(self._values.astype(dtype))
        return self._copies[dtype]


class _Tables(Tables):
    """Tables of all pooled axes, and where each begins.

    A row is (first, count, skip, share).  The windows' own tables come first; behind them, for gradients, the transposed ones;
    then, of those that are walked, the lists of what positions see under a boundary mode.
    """

    def __init__(self, axes, transposed):
        ones = _missing(axes)
        lists = [axis.source for axis in axes]
        rows = [_ONE] * ones + [_rows(axis) for axis in axes]
        steps = [0] * ones + [_step(axis) for axis in axes]
        n = len(rows)
        if transposed:
            turned, turned_steps, lists = zip(*map(_turned, axes), strict=True)
            rows += [_ONE] * ones + list(turned)
            steps += [0] * ones + list(turned_steps)
        parts = [*(r.ravel() for r in rows), *(seen for seen in lists if seen is not None)]
        begins = np.cumsum([0] + [len(part) for part in parts])
        own = slice(n, 2 * n) if transposed else slice(n)
        behind = iter(begins[len(rows) :])
        walked = [axis.n_out if transposed else axis.extent for axis in axes]
        columns = {
            "table": begins[own], "step": steps[own], "forward": begins[:n], "forward_step": steps[:n],
            "seen": [-1] * ones + [-1 if seen is None else int(next(behind)) for seen in lists],
            "cells": [1] * ones + walked, "window": [1] * ones + [axis.window for axis in axes],
        }  # fmt: skip
        super().__init__(columns, np.concatenate(parts))


def _rows(axis):
    first, count = axis.expand()
    entry = axis.entries()
    return np.stack([first, count, np.minimum(axis.skip[entry], _MOST_TAPS), axis.share[entry]], axis=1)


def _turned(axis):
    """Of every cell the windows that hold it: rows, the step between them, and their list under a boundary mode.

    There a window stands as often as it sees the cell, after the first time as ``~window``.
    """
    if axis.source is None:
        turned = axis.transposed()
        first, count = turned.expand()
        step, seen = _step(turned), None
    else:
        begins, taps = axis.expand()
        window = np.repeat(np.arange(axis.n_out), taps)
        tap = np.arange(len(window)) - np.repeat(np.cumsum(taps) - taps, taps)
        cell = axis.source[np.repeat(begins, taps) + tap * axis.step]
        order = np.lexsort((window, cell))
        seen, cell = window[order], cell[order]
        again = np.concatenate([[False], (cell[1:] == cell[:-1]) & (seen[1:] == seen[:-1])])
        seen = np.where(again, ~seen, seen)
        first = np.searchsorted(cell, np.arange(axis.extent))
        count, step = np.diff(first, append=len(cell)), 1
    return np.stack([first, count, np.zeros_like(first), np.ones_like(first)], axis=1), step, seen


def _step(axis):
    """0 where no window has two taps: a step may then be longer than anything else."""
    return axis.step if int(axis.count.max(initial=0)) > 1 else 0


class DeviceWindows(Windows):
    """The windows of one geometry over arrays of one shape, on a device.

    Parameters
    ----------
    windows : Windows
    device : object
        With `xp`, ``address(array)`` and ``launch(name, threads, arguments)``.
    """

    __slots__ = ("_cached", "device", "xp")

    def __init__(self, windows, device):
        for name in Windows.__slots__:
            setattr(self, name, getattr(windows, name))
        self.device, self.xp, self._cached = device, device.xp, {}
        if len(self.shape) + _missing(self.axes) > MOST_AXES:
            raise ValueError(f"x must have at most {MOST_AXES - 2} axes on a GPU, got rank {len(self.shape)}")

    @property
    def masked(self):
        """As `Windows.masked`."""
        from cypool.cuda import masked  # which needs this module

        return masked

    # -- arguments ----------------------------------------------------------------------------------------------

    def _tables(self, transposed):
        if transposed not in self._cached:
            self._cached[transposed] = _Tables(self.tables, transposed)
        return self._cached[transposed]

    def _run(
        self, kernel, source, target, third=None, fourth=None, fifth=None, *, transposed=False, in_order=False, each=False,
        tables=None, types=(), arguments=(), team=1,
    ):  # fmt: skip
        """Launch ``kernel<types, Offset>(layout, tables, ...)``.

        Targets are the result's elements, or with transposed tables the cells; the other arrays have the shape of these or of
        what they are made from.  With `each` no axis is pooled: all arrays have the target's shape.
        `tables` are others than the windows' own.  With a `team` every target has a block of so many threads.
        """
        layout = np.zeros((), LAYOUT)
        shape = target.shape
        layout["total"] = total = prod(shape)
        if total == 0:
            return
        arrays = (source, target, third, fourth, fifth)
        strides = [self._strides(array, len(shape)) for array in arrays]
        tables = self._tables(transposed) if tables is None else tables
        pooled = () if each else self.axes
        batch = [a for a in range(len(shape)) if a not in pooled and shape[a] != 1]
        lanes = [] if in_order else _lanes(batch, [a for a in pooled if shape[a] > 1], strides[1])
        outer = _collapsed([a for a in batch if a not in lanes], shape, strides)
        lanes = _collapsed(lanes, shape, strides)
        ones = [(1, (0,) * len(arrays))] * _missing(pooled)
        middle = ones + [(shape[a], tuple(s[a] for s in strides)) for a in pooled]
        layout["outer"], layout["rank"], layout["lanes"] = len(outer), len(middle), len(lanes)
        for i, (extent, apart) in enumerate([*outer, *middle, *lanes]):
            layout["extent"][i] = extent
            for name, stride in zip(_BESIDE, apart, strict=True):
                layout[name][i] = stride
        for name, values in tables.columns.items():
            layout[name][: len(values)] = values
        small = tables.small and total <= _INT_MAX
        small = small and all(_reach(array) <= _INT_MAX for array in arrays if array is not None)
        offset, dtype = ("int", np.int32) if small else ("long long", np.int64)
        name = f"{kernel}<{', '.join([*types, offset])}>"
        block = {} if team == 1 else {"block": team}
        self.device.launch(name, total * team, (layout, tables.on(self.device, dtype), *arguments), **block)

    def _strides(self, array, ndim):
        """In elements; 0 for an array that there is not."""
        return (0,) * ndim if array is None else strides_in_elements(self.device, array)

    # -- kernels ------------------------------------------------------------------------------------------------

    def select(self, op, x, out, indices, kind, num_threads):
        """As `Windows.select`."""
        row = storage_of(x.dtype)
        lowest = bits_of(np.asarray(smallest(x.dtype, op), x.dtype))
        size = np.int32(0 if indices is None else indices.dtype.itemsize)
        # No indices: any pointer will do, for nothing is written.
        types = (_NAMES[row.name], "1" if op == "max" else "-1")
        terms = (lowest,) if indices is None else (size, lowest)
        if paths.run(self, Call("select" if indices is None else "find", types, x, out, indices, terms)):
            return
        arguments = (x, out, out if indices is None else indices, size, lowest)
        self._run("cypool_select", x, out, indices, types=types, arguments=arguments)

    def total(self, x, out, mean=None, rounding="trunc", num_threads=0):
        """As `Windows.total`."""
        row, result = storage_of(x.dtype), storage_of(out.dtype)
        work = CODES["float64"] if result.name == "float64" else self.sum_work(row)
        how, divisor = paths.mean_of(self, mean)
        kinds = (_NAMES[row.name], _SUMS[work] if row.floating else "unsigned long long", _NAMES[result.name])
        terms = (np.int32(how), np.float64(divisor), np.int32(ROUNDINGS.index(rounding)))
        if paths.run(self, Call("total", kinds, x, out, None, terms)):
            return
        arguments = (x, out, *terms)
        self._run("cypool_total", x, out, types=kinds, arguments=arguments)

    def adjoint(self, gradient, out, mean=None, num_threads=0):
        """As `Windows.adjoint`."""
        row = storage_of(gradient.dtype)
        how, divisor = paths.mean_of(self, mean)
        kinds = (_NAMES[row.name], _SUMS[self.sum_work(row)], "true" if how == 2 else "false")
        if paths.run(self, Call("adjoint", kinds, gradient, out, None, (np.float64(divisor),))):
            return
        arguments = (gradient, out, np.float64(divisor))
        self._run("cypool_adjoint", gradient, out, transposed=True, types=kinds, arguments=arguments)

    def scatter(self, gradient, indices, kind, out, num_threads, check=False, own=False):
        """As `Windows.scatter`; indices are checked before anything is written."""
        row = storage_of(gradient.dtype)
        indices = self._planes(indices, kind, check)
        kinds = (_NAMES[row.name], _SUMS[self.scatter_work(row)])
        if paths.run(self, Call("scatter", kinds, gradient, out, indices, ())):
            return
        arguments = (gradient, indices, out)
        self._run("cypool_scatter", gradient, out, indices, transposed=True, types=kinds, arguments=arguments)

    def gather(self, x, indices, kind, out, num_threads):
        """As `Windows.gather`."""
        indices = self._planes(indices, kind, False)
        arguments = (x, indices, out)
        self._run("cypool_gather", x, out, indices, types=(_NAMES[storage_of(x.dtype).name],), arguments=arguments)

    def check(self, indices, kind, num_threads):
        """As `Windows.check`."""
        self._planes(indices, kind, True)

    def _planes(self, indices, kind, check):
        """Indices of any kind as positions in the plane; those that are no cells of their windows are refused.

        To know that, the host waits for the device.
        """
        if kind == CODES["plane"] and not check:
            return indices
        xp, plain = self.xp, kind == CODES["plane"]
        planes = None if plain else xp.empty(self.out_shape, np.int64)
        none = np.iinfo(np.uint64).max
        bad = xp.full(1, none, np.uint64)
        size = np.int32(INDEX_DTYPES[kind].itemsize)
        if planes_of(self, indices, size, planes, bad):
            planes = indices if plain else planes
        else:
            planes = xp.empty(self.out_shape, np.int64) if plain else planes
            arguments = (indices, size, planes, bad)
            self._run("cypool_planes", indices, planes, indices, in_order=True, arguments=arguments)
        if check and planes.size:
            first = int(bad[0])
            if first != none:
                order = (*self.batch_axes, *self.axes)
                there = np.unravel_index(first, [self.out_shape[a] for a in order])
                place = dict(zip(order, (int(i) for i in there), strict=True))
                raise ValueError(WRONG_INDEX.format(int(indices[tuple(place[a] for a in range(len(order)))])))
        return planes

    def own_kind(self):
        """Positions in the plane, which no kernel has to translate."""
        return CODES["plane"]

    def collapse(self, extended):
        """Nothing is to be done: `adjoint` adds up at the cells themselves."""
        return extended

    @property
    def extended_shape(self):
        """The shape that `adjoint` fills: the input's."""
        return self.shape

    def fill(self, result, where, value):
        """As `Windows.fill`."""
        xp = self.xp
        xp.copyto(result, xp.asarray(value), where=xp.broadcast_to(xp.asarray(where), result.shape))


def _missing(axes):
    """How many axes of extent 1 the kernels want before these."""
    return max(0, 3 - len(axes))


def strides_in_elements(device, array):
    """What kernels take.  A GPU faults where elements are not aligned."""
    size, steps = array.dtype.itemsize, [s for s, n in zip(array.strides, array.shape, strict=True) if n > 1]
    if any(number % size for number in (device.address(array), *steps)):
        raise ValueError(f"arrays on a GPU must be aligned, got strides {array.strides} for elements of {size} bytes")
    return tuple(stride // size for stride in array.strides)


def _reach(array):
    """Elements from the first to the farthest, and back."""
    return sum(abs(s) * (n - 1) for s, n in zip(array.strides, array.shape, strict=True)) // array.dtype.itemsize


def _lanes(batch, pooled, strides):
    """Batch axes whose elements are nearer in memory than those of the pooled axes: neighbouring threads go along them."""
    if not pooled:
        return []
    nearest = min(abs(strides[a]) for a in pooled)
    return [a for a in batch if abs(strides[a]) < nearest]


def _collapsed(axes, shape, strides):
    """Extents and strides of axes, those made one that no array can tell from one."""
    found = []
    for a in axes:
        steps = tuple(s[a] for s in strides)
        if found and all(outer == inner * shape[a] for outer, inner in zip(found[-1][1], steps, strict=True)):
            found[-1] = (found[-1][0] * shape[a], steps)
        else:
            found.append((shape[a], steps))
    return found
