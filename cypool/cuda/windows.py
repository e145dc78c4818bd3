"""`Windows` whose kernels run elsewhere: from arrays and tables to the arguments of `kernels.cu`.

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

_PER_AXIS = ("extent", "source", "target", "third", "table", "forward", "step", "forward_step", "cells", "window")

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

_INT_MAX = 2**31 - 1
"""Offsets up to here are computed in 32 bits."""

_MOST_TAPS = 2**31 - 1
"""Of windows in which offsets are told: taps that are skipped beyond are not asked for."""

_ONE = np.array([[0, 1, 0, 1]])
"""The table of an axis that does nothing."""


class _Tables:
    """Tables of all pooled axes in one array on the device, and where each begins.

    A row is (first, count, skip, share).  The windows' own tables come first; behind them, for gradients, the transposed ones.
    """

    def __init__(self, axes, transposed):
        turned = [axis.transposed() for axis in axes] if transposed else []
        ones = _missing(axes)
        rows = [_ONE] * ones + [_rows(axis) for axis in axes]
        steps = [0] * ones + [_step(axis) for axis in axes]
        n = len(rows)
        if transposed:
            rows += [_ONE] * ones + [_rows(axis, with_shares=False) for axis in turned]
            steps += [0] * ones + [_step(axis) for axis in turned]
        begins = np.cumsum([0] + [4 * len(r) for r in rows])
        self.forward, self.forward_step = begins[:n], steps[:n]
        self.table, self.step = (begins[n:-1], steps[n:]) if transposed else (self.forward, self.forward_step)
        self._values = np.concatenate([r.ravel() for r in rows])
        self.small = int(np.abs(self._values).max(initial=0)) <= _INT_MAX and len(self._values) <= _INT_MAX
        self._copies = {}

    def on(self, device, dtype):
        if dtype not in self._copies:
            self._copies[dtype] = device.xp.asarray(self._values.astype(dtype))
        return self._copies[dtype]


def _rows(axis, with_shares=True):
    first, count = axis.expand()
    if not with_shares:
        return np.stack([first, count, np.zeros_like(first), np.ones_like(first)], axis=1)
    entry = axis.entries()
    return np.stack([first, count, np.minimum(axis.skip[entry], _MOST_TAPS), axis.share[entry]], axis=1)


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

    __slots__ = ("_cached", "_device", "xp")

    def __init__(self, windows, device):
        for name in Windows.__slots__:
            setattr(self, name, getattr(windows, name))
        self._device, self.xp, self._cached = device, device.xp, {}
        if len(self.shape) + _missing(self.axes) > MOST_AXES:
            raise ValueError(f"x must have at most {MOST_AXES - 2} axes on a GPU, got rank {len(self.shape)}")

    # -- arguments ----------------------------------------------------------------------------------------------

    def _tables(self, transposed):
        if transposed not in self._cached:
            self._cached[transposed] = _Tables(self.tables, transposed)
        return self._cached[transposed]

    def _run(self, kernel, source, target, third=None, *, transposed=False, in_order=False, types=(), arguments=()):
        """Launch ``kernel<types, Offset>(layout, tables, source, target, ...)``.

        Targets are the result's elements, or with transposed tables the cells; `third` has the result's shape.
        """
        layout = np.zeros((), LAYOUT)
        shape = target.shape
        layout["total"] = total = prod(shape)
        if total == 0:
            return
        strides = [self._strides(array, len(shape)) for array in (source, target, third)]
        tables = self._tables(transposed)
        pooled = self.axes
        batch = [a for a in self.batch_axes if shape[a] != 1]
        lanes = [] if in_order else _lanes(batch, [a for a in pooled if shape[a] > 1], strides[1])
        outer = _collapsed([a for a in batch if a not in lanes], shape, strides)
        lanes = _collapsed(lanes, shape, strides)
        ones = [(1, (0, 0, 0))] * _missing(pooled)
        middle = ones + [(shape[a], tuple(s[a] for s in strides)) for a in pooled]
        layout["outer"], layout["rank"], layout["lanes"] = len(outer), len(middle), len(lanes)
        for i, (extent, apart) in enumerate([*outer, *middle, *lanes]):
            layout["extent"][i] = extent
            layout["source"][i], layout["target"][i], layout["third"][i] = apart
        walked = [table.n_out if transposed else table.n_in for table in self.tables]
        for name, values in (
            ("table", tables.table),
            ("forward", tables.forward),
            ("step", tables.step),
            ("forward_step", tables.forward_step),
            ("cells", [1] * len(ones) + walked),
            ("window", [1] * len(ones) + [table.window for table in self.tables]),
        ):
            layout[name][: len(middle)] = values
        arrays = [array for array in (source, target, third) if array is not None]
        small = tables.small and total <= _INT_MAX and all(_reach(array) <= _INT_MAX for array in arrays)
        small = small and prod(walked) <= _INT_MAX
        offset, dtype = ("int", np.int32) if small else ("long long", np.int64)
        self._device.launch(
            f"{kernel}<{', '.join([*types, offset])}>", total, (layout, tables.on(self._device, dtype), *arguments)
        )

    def _strides(self, array, ndim):
        """In elements; 0 for an array that there is not.  A GPU faults where elements are not aligned."""
        if array is None:
            return (0,) * ndim
        size, steps = array.dtype.itemsize, [s for s, n in zip(array.strides, array.shape, strict=True) if n > 1]
        if any(number % size for number in (self._device.address(array), *steps)):
            raise ValueError(
                f"arrays on a GPU must be aligned, got strides {array.strides} for elements of {size} bytes"
            )
        return tuple(stride // size for stride in array.strides)

    # -- kernels ------------------------------------------------------------------------------------------------

    def select(self, op, x, out, indices, kind, num_threads):
        """As `Windows.select`."""
        row = storage_of(x.dtype)
        lowest = np.asarray(smallest(x.dtype, op), x.dtype)
        bits = _BITS.get(row.name)
        size = np.int32(0 if indices is None else indices.dtype.itemsize)
        # No indices: any pointer will do, for nothing is written.
        lowest = lowest if bits is None else lowest.view(bits)
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

    def fill(self, result, where, value):
        """As `Windows.fill`."""
        xp = self.xp
        xp.copyto(result, xp.asarray(value), where=xp.broadcast_to(xp.asarray(where), result.shape))


def _missing(axes):
    """How many axes of extent 1 the kernels want before these."""
    return max(0, 3 - len(axes))


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
