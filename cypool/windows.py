"""Windows over arrays: a geometry bound to one shape, and the four kernels as methods on arrays.

`Windows` knows which axes are pooled, brings arrays to the kernels' order (batch axes first), chooses the dtype to compute
in, and calls `cypool.kernels.core`.  It neither parses parameters nor knows masks; `functional` and `masked` do.
"""

from functools import lru_cache
from math import prod

import numpy as np

from cypool import geometry
from cypool.arrays import buffer_of, result_array, storage_of
from cypool.kernels import core
from cypool.kernels.core import CODES

SMALL_WINDOW = 64
"""Taps up to which float32 and half sums accumulate in float32 (rule 16), unless a side is long,"""

SMALL_SIDE = 15
"""longer than this and than twice the stride: then they go the way of large windows."""

WIDE = {
    "bool": "uint64", "uint8": "uint64", "uint16": "uint64", "uint32": "uint64",
    "int8": "int64", "int16": "int64", "int32": "int64",
    "float16": "float64", "bfloat16": "float64", "float32": "float64",
}  # fmt: skip
"""What selections compute in where 32 bits do not number the taps."""

WRONG_INDEX = "indices must name cells of their own windows, or -1 for empty ones, got {}"

INDEX_DTYPES = {
    CODES["plane"]: np.dtype(np.int64), CODES["window8"]: np.dtype(np.uint8),
    CODES["window16"]: np.dtype(np.uint16), CODES["window32"]: np.dtype(np.int32),
}  # fmt: skip


class Windows:
    """The windows of one geometry over arrays of one shape.

    Attributes
    ----------
    shape, out_shape : tuple of int
        Of the input and of the result, in the array's own order of axes.
    axes : tuple of int
        The pooled axes, in the order in which indices count.
    tables : tuple of geometry.Axis
    taps : int
        Most cells that one window holds.
    window_taps : int
        Taps of the whole window, padding counted.
    """

    __slots__ = ("_order", "_overlap", "_plan", "axes", "out_shape", "shape", "tables", "taps", "window_taps")

    def __init__(self, shape, axes, tables):
        self.shape, self.axes, self.tables = shape, axes, tables
        extents = dict(zip(axes, (table.n_out for table in tables), strict=True))
        self.out_shape = tuple(extents.get(a, n) for a, n in enumerate(shape))
        order = tuple(a for a in range(len(shape)) if a not in extents) + axes
        self._order = None if order == tuple(range(len(shape))) else order
        self._plan = core.Plan(tables)
        self._overlap = None
        self.taps = prod(int(table.count.max(initial=0)) for table in tables)
        self.window_taps = prod(table.window for table in tables)

    def over(self, batch):
        """The same windows over planes alone: arrays of shape ``(*batch, pooled axes)``."""
        other = object.__new__(Windows)
        other.tables, other.taps, other.window_taps = self.tables, self.taps, self.window_taps
        other._plan, other._order, other._overlap = self._plan, None, self._overlap
        other.axes = tuple(range(len(batch), len(batch) + len(self.axes)))
        other.shape = (*batch, *(self.shape[a] for a in self.axes))
        other.out_shape = (*batch, *(table.n_out for table in self.tables))
        return other

    xp = np
    """Where the arrays lie: numpy, or the module that stands for it on a GPU."""

    device = None
    """What computes on a GPU, None on the host."""

    @property
    def masked(self):
        """What the engine asks where some cells do not count, or are weighted: `cypool.masked`, or its like on a GPU."""
        from cypool import masked  # which needs this module

        return masked

    lasting = True
    """Whether the same object is met again, and what was made of it is worth keeping."""

    @property
    def batch_axes(self):
        return tuple(a for a in range(len(self.shape)) if a not in self.axes)

    @property
    def has_boundary(self):
        """Whether taps outside the input see its cells."""
        return any(table.source is not None for table in self.tables)

    def _enter(self, array):
        array, swapped = buffer_of(array)
        return (array if self._order is None else array.transpose(self._order)), swapped

    # -- kernels ------------------------------------------------------------------------------------------------

    def select(self, op, x, out, indices, kind, num_threads):
        """M: the largest (or smallest) cell of each window into `out`, where it stands into `indices` (or None)."""
        row = storage_of(x.dtype)
        work = self.select_work(op, row, indices is not None)
        source, swapped = self._enter(x)
        target, _ = self._enter(out)
        if indices is not None:
            indices, _ = self._enter(indices)
        core.window(
            self._plan,
            CODES[op],
            False,
            source,
            row.code,
            swapped,
            target,
            row.code,
            False,
            work,
            indices,
            kind if indices is not None else 0,
            num_threads=num_threads,
        )

    def select_work(self, op, row, want_indices):
        """The dtype that a selection compares in."""
        if want_indices and self._needs_wide_ordinals() and row.name in WIDE:
            return CODES[WIDE[row.name]]
        if row.name in ("float16", "bfloat16"):
            return CODES["key" if op == "max" else "minus_key"]
        return row.code

    def prepared(self, op, dtype, out_dtype, work, kind=None, mean=None, rounding="trunc", general=None):
        """A call of `select` or `total` for arrays of this shape, without its arrays."""
        how, divisor = _division(mean)
        codes = (storage_of(dtype).code, storage_of(out_dtype).code, work, 0 if kind is None else kind)
        return core.Prepared(
            self._plan,
            self.shape,
            self.out_shape,
            range(len(self.shape)) if self._order is None else self._order,
            dtype,
            out_dtype,
            None if kind is None else INDEX_DTYPES[kind],
            (CODES[op], *codes, how, divisor, CODES[rounding]),
            general,
        )

    def prepared_gradient(self, x_dtype, dtype, mean=None, kind=None):
        """A call of `adjoint`, or with a kind of indices of a checked `scatter`, without its arrays.

        `x_dtype` is None if the input's shape stands for it, `dtype` is that of the gradients.
        """
        row = storage_of(dtype)
        how, divisor = _division(mean)
        work = self.sum_work(row) if kind is None else self.scatter_work(row)
        return core.PreparedGradient(
            self._plan,
            self.shape,
            self.out_shape,
            range(len(self.shape)) if self._order is None else self._order,
            x_dtype,
            dtype,
            None if kind is None else INDEX_DTYPES[kind],
            (CODES["sum"], row.code, row.code, work, 0 if kind is None else kind, how, divisor, CODES["trunc"]),
        )

    def total(self, x, out, mean=None, rounding="trunc", num_threads=0):
        """S: the sum of each window, divided by the tables' shares (mean="shares"), by a number, or not at all."""
        wide = out.dtype == np.float64 and x.dtype.kind not in "iub"
        work = CODES["float64"] if wide else self.sum_work(storage_of(x.dtype))
        self._sum(False, x, out, work, mean, rounding, num_threads)

    def adjoint(self, gradient, out, mean=None, num_threads=0):
        """The adjoint of `total`: for every position the sum of the (divided) gradients of the windows around it."""
        self._sum(True, gradient, out, self.sum_work(storage_of(gradient.dtype)), mean, "trunc", num_threads)

    def _sum(self, adjoint, x, out, work, mean, rounding, num_threads):
        source, swapped = self._enter(x)
        target, _ = self._enter(out)
        how, divisor = _division(mean)
        core.window(
            self._plan,
            CODES["sum"],
            adjoint,
            source,
            storage_of(x.dtype).code,
            swapped,
            target,
            storage_of(out.dtype).code,
            False,
            work,
            None,
            0,
            False,
            how,
            divisor,
            CODES[rounding],
            num_threads,
        )

    def sum_work(self, row):
        """The narrowest dtype whose sums are exact (integers) or as accurate as promised (rule 16)."""
        if row.name == "float64":
            return CODES["float64"]
        if row.floating:
            long = any(t.reach[1] > 0 and t.window > max(SMALL_SIDE, 2 * t.reach[1]) for t in self.tables)
            return CODES["float64" if self.window_taps > SMALL_WINDOW or long else "float32"]
        bits = {"bool": 1, "int8": 8, "uint8": 8, "int16": 16, "uint16": 16}.get(row.name, 64)
        return CODES["uint32" if bits <= 16 and self.taps <= 1 << (31 - bits) else "uint64"]

    def scatter(self, gradient, indices, kind, out, num_threads, check=False, own=False):
        """For every cell the sum of the gradients of the windows that chose it.

        With `check`, indices that are not cells of their windows are refused before anything is written, unless `out` is the
        call's `own`.
        """
        row = storage_of(gradient.dtype)
        work = self.scatter_work(row)
        source, swapped = self._enter(gradient)
        where, where_swapped = self._enter(indices)
        bad = core.scatter(
            self._plan,
            source,
            row.code,
            swapped,
            where,
            where_swapped,
            kind,
            self._enter(out)[0],
            False,
            work,
            num_threads,
            check,
            own,
        )
        if bad is not None:
            raise ValueError(WRONG_INDEX.format(bad))

    def scatter_work(self, row):
        """The dtype that gradients of selections add up in."""
        return CODES["float64" if row.name == "float64" or self.overlap > SMALL_WINDOW else "float32"]

    def gather(self, x, indices, kind, out, num_threads):
        """The cells of `x` that `indices` names."""
        source, swapped = self._enter(x)
        where, where_swapped = self._enter(indices)
        core.gather(self._plan, source, swapped, where, where_swapped, kind, self._enter(out)[0], False, num_threads)

    def check(self, indices, kind, num_threads):
        """Refuse indices that are not cells of their windows."""
        where, swapped = self._enter(indices)
        bad = core.check(self._plan, where, swapped, kind, num_threads)
        if bad is not None:
            raise ValueError(WRONG_INDEX.format(bad))

    def _needs_wide_ordinals(self):
        return prod(int(table.count.max(initial=0)) for table in self.tables[:-1]) >= 1 << 31 or (
            int(self.tables[-1].count.max(initial=0)) >= 1 << 31
        )

    @property
    def overlap(self):
        """Most windows that hold one cell."""
        if self._overlap is None:
            self._overlap = prod(int(table.transposed().count.max(initial=0)) for table in self.tables)
        return self._overlap

    # -- what the tables alone tell ---------------------------------------------------------------------------------

    def empties(self):
        """Which windows hold no cell, to be broadcast against the result; None if all hold one."""
        if not any(table.has_empty for table in self.tables):
            return None
        return self._outer("count", np.logical_or, lambda count: count == 0)

    def product(self, attribute):
        """The product over the axes of a table's column, as float64, to be broadcast against the result."""
        return self._outer(attribute, np.multiply, lambda column: column.astype(np.float64))

    def _outer(self, attribute, combine, of):
        result = None
        for axis, table in zip(self.axes, self.tables, strict=True):
            column = of(getattr(table, attribute)[table.entries()])
            shape = [1] * len(self.shape)
            shape[axis] = table.n_out
            column = column.reshape(shape)
            result = column if result is None else combine(result, column)
        return result

    def window_kind(self):
        """The narrowest code for offsets in the window (index_layout "window")."""
        return window_kind(self.window_taps)

    def own_kind(self):
        """The code of the smallest indices that `scatter` takes."""
        return CODES["plane"] if self.window_taps > 2**31 - 1 else self.window_kind()

    def fill(self, result, where, value):
        """Put a value where something is true, by broadcasting."""
        np.copyto(result, value, where=np.broadcast_to(where, result.shape))

    def collapse(self, extended):
        """Add what the positions of an extended array received to the cells that they see (boundary modes)."""
        for axis, table in zip(self.axes, self.tables, strict=True):
            if table.source is None:
                continue
            moved = np.moveaxis(extended, axis, 0)
            result = np.zeros((table.extent, *moved.shape[1:]), extended.dtype)
            np.add.at(result, table.source, moved)
            extended = np.moveaxis(result, 0, axis)
        return extended

    @property
    def extended_shape(self):
        """The shape that `adjoint` fills: the input's, grown by the padding under a boundary mode."""
        extents = dict(zip(self.axes, (table.n_in for table in self.tables), strict=True))
        return tuple(extents.get(a, n) for a, n in enumerate(self.shape))


def window_kind(taps):
    """The narrowest code for offsets in a window of so many taps."""
    for kind, most in (("window8", 255), ("window16", 65535), ("window32", 2**31 - 1)):
        if taps <= most:
            return CODES[kind]
    raise ValueError(f'index_layout "window" numbers at most {2**31 - 1} taps, got {taps}')


def _division(mean):
    """The kernels' terms of a mean: how to divide, and by what."""
    return (0, 1.0) if mean is None else (2, 1.0) if mean == "shares" else (1, float(mean))


@lru_cache(maxsize=1024)
def windowed(shape, axes, kernel_size, stride, padding, dilation, ceil_mode, include_pad, boundary):
    """Windows of a kernel; all arguments normalised by `cypool.parameters`."""
    return Windows(
        shape,
        axes,
        tuple(
            geometry.windowed(shape[a], k, s, d, p, ceil_mode, include_pad, boundary, a)
            for a, k, s, p, d in zip(axes, kernel_size, stride, padding, dilation, strict=True)
        ),
    )


@lru_cache(maxsize=1024)
def adaptive(shape, axes, output_size):
    """Windows that share out each axis; None keeps an axis, which is then pooled by windows of one cell."""
    if prod(m for m in output_size if m is not None) > geometry.LARGEST // 8:  # before tables of that size are made
        raise ValueError(f"output_size must not name more elements than memory can address, got {output_size}")
    return Windows(
        shape,
        axes,
        tuple(
            geometry.adaptive(shape[a], shape[a] if m is None else m, a) for a, m in zip(axes, output_size, strict=True)
        ),
    )


LEAST_LANES = 8
"""Channels that lie side by side in memory are pooled side by side if there are so many; else columns are."""


def batch_order(array, windows):
    """The batch axes, and whether the last of them has its cells side by side in memory, as no pooled axis' do then."""
    strides, item, batch = array.strides, array.itemsize, list(windows.batch_axes)
    if strides[windows.axes[-1]] != item:
        for axis in batch:
            if strides[axis] == item and array.shape[axis] >= LEAST_LANES:
                return [a for a in batch if a != axis] + [axis], True
    return batch, False


# ---- index layouts ---------------------------------------------------------------------------------------------------


def _plane_numbers(windows):
    """The number of each output's plane in C order over the batch axes, to be broadcast against the result."""
    batch = windows.batch_axes
    extents = [windows.shape[a] for a in batch]
    shape = [windows.shape[a] if a in batch else 1 for a in range(len(windows.shape))]
    return windows.xp.arange(prod(extents), dtype=np.int64).reshape(shape)


def _channel(windows):
    """Position along the last axis that is not pooled, and its extent."""
    batch = windows.batch_axes
    shape = [1] * len(windows.shape)
    if not batch:
        return windows.xp.zeros(shape, np.int64), 1
    shape[batch[-1]] = windows.shape[batch[-1]]
    return windows.xp.arange(shape[batch[-1]], dtype=np.int64).reshape(shape), shape[batch[-1]]


def _reordered(windows, index, to_column_major):
    """Row-major positions in the plane as column-major ones, or back."""
    extents = tuple(windows.shape[a] for a in windows.axes)
    one, other = ("C", "F") if to_column_major else ("F", "C")
    xp = windows.xp
    return xp.ravel_multi_index(xp.unravel_index(index, extents, order=one), extents, order=other)


def to_layout(windows, plane_index, layout):
    """Flat positions in the plane (-1: none) in another index layout."""
    if layout == "plane":
        return plane_index
    size = prod(windows.shape[a] for a in windows.axes)
    index = windows.xp.maximum(plane_index, 0)
    if layout == "channels_last":
        c, channels = _channel(windows)
        index = index * channels + c
    else:
        if layout == "global_column_major" and index.size:
            index = _reordered(windows, index, True)
        index = index + _plane_numbers(windows) * size
    return windows.xp.where(plane_index < 0, np.int64(-1), index)


def from_layout(windows, index, layout):
    """Positions in the plane from another layout; what does not belong to its plane is refused."""
    if layout == "plane":
        return index
    size = prod(windows.shape[a] for a in windows.axes)
    if layout == "channels_last":
        c, channels = _channel(windows)
        plane, rest = windows.xp.divmod(index, channels)
        wrong = (rest != c) | (plane < 0) | (plane >= size)
    else:
        plane = index - _plane_numbers(windows) * size
        wrong = (plane < 0) | (plane >= size)
        if layout == "global_column_major" and index.size:
            plane = _reordered(windows, windows.xp.clip(plane, 0, size - 1), False)
    wrong &= index != -1
    if wrong.any():
        raise ValueError(f'indices in layout "{layout}" must lie in their own planes, got {index[wrong][0]}')
    return windows.xp.where(index == -1, np.int64(-1), plane)


def new_indices(windows, layout, out, inputs):
    """An array for the kernel's indices, its kind, and whether it is final (no layout to be changed)."""
    kind = windows.window_kind() if layout == "window" else CODES["plane"]
    final = layout in ("plane", "window")
    target = result_array(windows.out_shape, INDEX_DTYPES[kind], out, inputs, "out[1]", windows.xp)
    return (target if final else windows.xp.empty(windows.out_shape, np.int64)), kind, target
