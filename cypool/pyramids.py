"""Pyramids: an array at half, a quarter, an eighth of its resolution, or by any other factor, of which every level is exact.

A level is pooling of the original cells by windows of factor**level, whatever the levels before it.  Where that can be had
from the level below, it is: maxima and minima of their own kind, means, modes and strides from what the kernel
(``kernels/pyramid.pyx``) hands from level to level in one pass over x.  The slow form is `cypool.reference_pyramid`.
"""

import importlib
from math import prod

import numpy as np

from cypool import config, engine, functional, masked
from cypool import parameters as read
from cypool.arrays import as_array, native, result_array, storage_of
from cypool.kernels import core

kernels = importlib.import_module(f"cypool.kernels.pyramid_{config.ISA}")

__all__ = ["pyramid"]

OPS = ("mean", "max", "min", "mode", "stride")
EDGES = ("partial", "trim", "pad")

MOST = 40
"""Levels, and the logarithm of a window's cells along an axis."""


class _Call:
    """What a call's parameters say: axes, windows and extents of every level."""

    def __init__(self, x, factor, levels, op, axes, edge, rounding, data_format, num_threads, nan, mask, out=None):
        self.device = engine.device_of(x)
        self.xp = np if self.device is None else self.device.xp
        self.x = x = as_array(x, device=self.device)
        self.op, self.edge = read.choice(op, "op", OPS), read.choice(edge, "edge", EDGES)
        self.rounding = read.choice(rounding, "rounding", read.ROUNDINGS)
        self.nan, self.num_threads = read.choice(nan, "nan", read.NAN_POLICIES), num_threads
        self.levels = read.integer(levels, "levels", 1)
        read.threads_of(num_threads)
        if axes is None:
            rank = len(factor) if read.is_sequence(factor) else 2
            self.axes = read.trailing_axes(x.ndim, rank, data_format)
        else:
            read.data_format_of(data_format)
            self.axes = read.axes_of(axes, x.ndim)
        self.factor = read.per_axis(factor, len(self.axes), "factor", 1)
        for f in set(self.factor):
            if f > 1 and (f > 1 << MOST or self.levels > MOST or f**self.levels > 1 << MOST):
                raise ValueError(
                    f"levels must leave windows of at most 2**{MOST} cells along an axis, got {f}**{levels}"
                )
        if self.levels > MOST:
            raise ValueError(f"levels must be at most {MOST}, got {levels}")
        if self.op == "mean" and x.dtype == np.bool_:
            raise TypeError("the mean of bool is not defined: convert x first")
        if self.op == "stride" and (mask is not None or self.nan == "ignore"):
            raise ValueError('mask and nan="ignore" mean nothing to op="stride", which looks at no other cell')
        self.mask = mask if mask is None else masked.as_mask(mask, x.shape, self.device)
        self.extents = [self._extents(level) for level in range(1, self.levels + 1)]
        self.out = [None] * self.levels if out is None else self._given(out)

    def _given(self, out):
        """Arrays for the results, checked."""
        if not isinstance(out, (list, tuple)):
            raise TypeError(f"out must be a sequence of arrays, one for each level, got {type(out).__name__}")
        if len(out) != self.levels:
            raise ValueError(f"out must have one array for each of {self.levels} levels, got {len(out)}")
        apart, dtype = [self.x] if self.mask is None else [self.x, self.mask], native(self.x.dtype)
        for level, array in enumerate(out, 1):
            apart.append(result_array(self.shape(level), dtype, array, apart, f"out[{level - 1}]", self.xp))
        return apart[-self.levels :]

    def window(self, level):
        """Cells of a level's window along each pooled axis."""
        return tuple(f**level for f in self.factor)

    def _extents(self, level):
        found = []
        for a, k in zip(self.axes, self.window(level), strict=True):
            n = self.x.shape[a]
            found.append(n // k if self.edge == "trim" else -(-n // k))
            if found[-1] < 1:
                raise ValueError(
                    f"level {level} has no window on axis {a}: its extent is {n}, of at least "
                    f"{k if self.edge == 'trim' else 1} needed for edge={self.edge!r}"
                )
        return tuple(found)

    def shape(self, level):
        """A level's shape."""
        shape = list(self.x.shape)
        for a, m in zip(self.axes, self.extents[level - 1], strict=True):
            shape[a] = m
        return tuple(shape)

    # ---- each operation: a level from the original cells, or from the level below ----

    def mean(self, level):
        """A level's means, from the original cells."""
        k = self.window(level)
        missing = tuple(
            (0, max(m * f - self.x.shape[a], 0)) for a, m, f in zip(self.axes, self.extents[level - 1], k, strict=True)
        )
        return functional.avg_pool(
            self.x,
            k,
            axes=self.axes,
            padding=missing if self.edge == "pad" else 0,
            ceil_mode=self.edge == "partial",
            count_include_pad=self.edge == "pad",
            rounding=self.rounding,
            num_threads=self.num_threads,
            nan=self.nan,
            mask=self.mask,
            out=self.out[level - 1],
        )

    def extreme(self, below, level):
        """A level's maxima or minima, from those of the level below."""
        pool = functional.max_pool if self.op == "max" else functional.min_pool
        first = {"nan": self.nan, "mask": self.mask} if level == 1 else {}
        y = pool(
            below,
            self.factor,
            axes=self.axes,
            ceil_mode=self.edge != "trim",
            num_threads=self.num_threads,
            out=self.out[level - 1],
            **first,
        )
        if self.edge == "pad":
            zero, most = y.dtype.type(0), self.xp.maximum if self.op == "max" else self.xp.minimum
            for a, f in zip(self.axes, self.factor, strict=True):
                if below.shape[a] % f:
                    last = y[(slice(None),) * a + (slice(-1, None),)]
                    most(last, zero, out=last)
        return y

    def stride(self, below, level):
        """The first cell of every window."""
        index = [slice(None)] * below.ndim
        for a, f, m in zip(self.axes, self.factor, self.extents[level - 1], strict=True):
            index[a] = slice(0, m * f, f)
        return self._placed(below[tuple(index)], level, True)

    def _placed(self, result, level, copy=False):
        """A result where it is wanted."""
        if self.out[level - 1] is None:
            return result.astype(native(self.x.dtype), order="K", copy=copy)
        self.xp.copyto(self.out[level - 1], result)
        return self.out[level - 1]

    def mode(self, level):
        """The most frequent cell of every window, of the original cells that count."""
        if self.device is not None:
            from cypool.cuda import pyramids

            out = self.out[level - 1]
            out = self.xp.empty(self.shape(level), native(self.x.dtype)) if out is None else out
            pyramids.modes(self, level, out)
            return out
        k, lead = self.window(level), [a for a in range(self.x.ndim) if a not in self.axes]
        x = self.x.transpose(*lead, *self.axes)
        inside = [min(m * f, x.shape[len(lead) + i]) for i, (m, f) in enumerate(zip(self.extents[level - 1], k))]  # noqa: B905
        return self._placed(_modes(self, x, lead, k, inside, level), level)

    def run(self):
        """The levels."""
        results, below = _one_pass(self), self.x
        if results is not None:
            return results
        results = []
        for level in range(1, self.levels + 1):
            if self.op == "mean":
                below = self.mean(level)
            elif self.op == "mode":
                below = self.mode(level)
            elif self.op == "stride":
                below = self.stride(below, level)
            else:
                below = self.extreme(below, level)
            results.append(below)
        return results


# ---- all levels in one pass ------------------------------------------------------------------------------------------------


FEW_TAPS = 8
"""Taps of a first window of float32 that are added in float32: twice as fast, and at most three roundings more."""


def _fits(call):
    """Whether the kernel has sums of the dtype that hold all windows: 31 bits for small integers, float64 for others."""
    dtype, taps = native(call.x.dtype), prod(call.window(call.levels))
    if dtype.name not in kernels.DTYPES:
        return False
    if dtype.kind == "f":
        return taps < 1 << 53
    pooled = [a for a, f in zip(call.axes, call.factor, strict=True) if f > 1]
    whole = len(pooled) == 2 and set(call.factor) <= {1, 2} and not any(call.x.shape[a] % 2 for a in pooled)
    if dtype.itemsize == 1 and call.levels == 1 and whole:
        return False  # an average of bytes is as exact, and faster where no window is partial and no level follows
    if dtype.itemsize == 1:
        return taps < 1 << 23 and prod(call.factor) < 256  # a first sum of rows has 16 bits
    return taps < 1 << (15 if dtype.itemsize == 2 else 20)


def _order(x, factor):
    """Axes as the kernel wants them: batch, pooled (the last one's neighbours, or whole lanes, are contiguous), lanes.

    None if x is no such array.
    """
    order = sorted(range(x.ndim), key=lambda a: (-abs(x.strides[a]), a))
    order = [a for a in order if x.shape[a] > 1 or factor[a] > 1]
    lanes, size = [], x.itemsize
    while order and factor[order[-1]] == 1 and x.strides[order[-1]] == size:
        lanes.insert(0, order.pop())
        size *= x.shape[lanes[0]]
    if not order or factor[order[-1]] == 1 or (x.strides[order[-1]] != size and x.shape[order[-1]] > 1):
        return None
    pooled = [a for a in order if factor[a] > 1]
    single = [a for a in range(x.ndim) if a not in order and a not in lanes]
    return single + [a for a in order if factor[a] == 1], pooled, lanes


def _keys(x):
    """Floats as integers of the same order: one zero, and one NaN above all."""
    bits = (x + x.dtype.type(0)).view(f"i{x.itemsize}")
    most = np.iinfo(bits.dtype).max
    bits ^= (bits >> 8 * x.itemsize - 1) & most
    bits[np.isnan(x)] = most
    return bits


def _floats(bits, dtype):
    """What has these keys."""
    return (bits ^ ((bits >> 8 * bits.itemsize - 1) & np.iinfo(bits.dtype).max)).view(dtype)


def _one_pass(call):
    """All levels of a mean, a mode or a stride in one pass over x, or None."""
    if call.device is not None:
        return None
    x, mode = call.x, call.op == "mode"
    dtype, floating = native(x.dtype), storage_of(x.dtype).floating
    if call.op not in ("mean", "mode", "stride") or call.mask is not None or (floating and call.nan != "propagate"):
        return None
    if x.size == 0 or sum(f > 1 for f in call.factor) not in (1, 2, 3) or (call.op == "mean" and not _fits(call)):
        return None
    if mode and floating:
        x = _keys(x.astype(dtype, order="K", copy=False))
    factor = [1] * x.ndim
    for a, f in zip(call.axes, call.factor, strict=True):
        factor[a] = f
    order = _order(x, factor) if x.dtype.isnative and x.flags.aligned else None
    if order is None:
        if call.op == "stride" or not (mode or floating):
            return None  # exact by any way
        x = np.array(x, native(x.dtype), order="C")
        order = _order(x, factor)
    if call.op == "stride":
        x = x.view(f"u{x.itemsize}")
    elif x.dtype == np.bool_:
        x = x.view(np.uint8)
    batch, pooled, lanes = order
    three = [None] * (3 - len(pooled)) + pooled
    offsets = np.zeros([x.shape[a] for a in batch], np.intp)
    for i, a in enumerate(batch):
        offsets += (np.arange(x.shape[a]) * x.strides[a]).reshape([-1 if i == j else 1 for j in range(len(batch))])
    whole = (*batch, *pooled, *lanes)
    shapes = [call.shape(level) for level in range(1, call.levels + 1)]
    outs = []
    for shape, given in zip(shapes, call.out, strict=True):
        out = None if given is None else given.transpose(whole).view(x.dtype)
        fits = out is not None and out.flags.c_contiguous and out.flags.aligned
        outs.append(out if fits else np.empty([shape[a] for a in whole], x.dtype))
    codes = {"mean": kernels.DTYPES, "mode": kernels.LABELS, "stride": kernels.STRIDES}[call.op]
    code = codes[x.dtype.name]
    if call.op == "mean" and x.dtype.name == "float32" and prod(call.factor) <= FEW_TAPS:
        code = kernels.FEW_FLOATS
    kernels.fill(
        call.op,
        code,
        x,
        offsets.ravel(),
        tuple(0 if a is None else x.strides[a] for a in three[:2]),
        (*(1 if a is None else x.shape[a] for a in three), prod(x.shape[a] for a in lanes)),
        tuple(1 if a is None else factor[a] for a in three),
        tuple(outs),
        tuple(tuple(1 if a is None else shape[a] for a in three) for shape in shapes),
        kernels.ROUNDINGS[call.rounding],
        call.edge == "pad",
        core.threads_for(float(x.nbytes), read.threads_of(call.num_threads)),
    )
    places, results = np.argsort(whole), []
    for given, out in zip(call.out, outs, strict=True):
        out = _floats(out, dtype) if mode and floating else out.view(dtype)
        if given is not None and not np.may_share_memory(given, out):
            np.copyto(given, out.transpose(places))
        results.append(out.transpose(places) if given is None else given)
    return results


# ---- modes of the cells that count ------------------------------------------------------------------------------------------

MODE_CELLS = 1 << 20
"""Cells that are sorted at once."""


def _modes(call, x, lead, k, inside, level):
    """Modes of windows, pooled axes last: each window's cells in one row, sorted, the longest run of equal ones found."""
    extents, rank = call.extents[level - 1], len(call.axes)
    x = x[(..., *(slice(n) for n in inside))]
    valid = masked.validity(call.x, call.mask, call.nan)
    if valid is None:
        valid = np.broadcast_to(np.True_, call.x.shape)
    valid = valid.transpose(*lead, *call.axes)[(..., *(slice(n) for n in inside))]
    taps = prod(k)
    out = np.zeros((*x.shape[: len(lead)], *extents), native(x.dtype))
    rows = max(MODE_CELLS // max(taps * prod(extents[1:]), 1), 1)
    for where in np.ndindex(*out.shape[: len(lead)]):
        for start in range(0, extents[0], rows):
            stop = min(start + rows, extents[0])
            part = (*where, slice(start * k[0], min(stop * k[0], inside[0])))
            shape = (stop - start, *extents[1:])
            missing = [(0, m * f - n) for m, f, n in zip(shape, k, x[part].shape, strict=True)]
            cells = np.pad(x[part], missing)
            counted = np.pad(valid[part], missing, constant_values=call.edge == "pad")
            split = [n for pair in zip(shape, k, strict=True) for n in pair]
            order = (*range(0, 2 * rank, 2), *range(1, 2 * rank, 2))
            cells, counted = (a.reshape(split).transpose(order).reshape(-1, taps) for a in (cells, counted))
            out[(*where, slice(start, stop))] = _row_modes(cells, counted).reshape(shape)
    places = np.argsort((*lead, *call.axes))
    return out.transpose(places)


def _row_modes(cells, counted):
    """Of each row the most frequent counted cell, the smallest of a tie; 0 in a row without."""
    taps = cells.shape[1]
    keys = cells if cells.dtype.kind in "biu" else cells.astype(np.float64)  # NaN last, in halves too
    order = np.argsort(keys, axis=1, kind="stable")
    order = np.take_along_axis(order, np.argsort(~np.take_along_axis(counted, order, 1), axis=1, kind="stable"), 1)
    ordered, weight = np.take_along_axis(cells, order, 1), np.take_along_axis(counted, order, 1)
    new = np.ones(cells.shape, bool)
    same = ordered[:, 1:] == ordered[:, :-1]
    if cells.dtype.kind not in "biu":
        same |= (ordered[:, 1:] != ordered[:, 1:]) & (ordered[:, :-1] != ordered[:, :-1])
    new[:, 1:] = ~same | (weight[:, 1:] != weight[:, :-1])
    start = np.maximum.accumulate(np.where(new, np.arange(taps), 0), axis=1)
    length = np.where(weight, np.arange(taps) - start + 1, 0)  # of the run so far
    best = np.argmax(length, axis=1)[:, None]  # the first of the longest runs
    picked = np.take_along_axis(ordered, best, 1)[:, 0]
    return np.where(counted.any(axis=1), picked, np.zeros((), cells.dtype))


def pyramid(
    x,
    factor,
    levels,
    op="mean",
    *,
    axes=None,
    edge="partial",
    rounding="trunc",
    data_format="channels_first",
    num_threads=None,
    nan="propagate",
    mask=None,
    out=None,
):
    """Pool to several resolutions: level l has windows of factor**l cells.

    Parameters
    ----------
    x : array_like
        Any dtype (the mean not of bool), any strides, any rank.
    factor : int or sequence of int
        Cells of a window of the first level along each pooled axis, at least 1.
    levels : int
        How many levels, at least 1 and at most 40.
    op : "mean", "max", "min", "mode" or "stride"
        What becomes of a window: its average, its largest or smallest cell, its most frequent cell, or its first.
    axes : int or sequence of int
        The pooled axes.  By default the last ones, as many as factors, two for an int.
    edge : "partial", "trim" or "pad"
        What becomes of cells that fill no window: a smaller window, none, or one that is filled up with zeros, which count.
    rounding : "trunc", "floor", "nearest" or "half_up"
        How means of integers are rounded; each level once.
    data_format : "channels_first" or "channels_last"
        Whether the default `axes` are the last ones, or those before the channels.
    num_threads : int or None
        Threads for this call at most; None for the current setting.
    nan : "propagate" or "ignore"
        Whether a NaN makes its windows NaN, or is left out (not for "stride").
    mask : array_like of bool or None
        True where a cell counts; broadcast to x's shape (not for "stride").
    out : sequence of numpy.ndarray or None
        Arrays for the results, one for each level, which share no memory with x or each other.

    Returns
    -------
    list of numpy.ndarray
        One array of x's dtype for each level, the finest first; x itself is not among them.

    Raises
    ------
    TypeError
        A parameter of a wrong type or dtype.
    ValueError
        A wrong value, or a level without a window.

    Notes
    -----
    Every level is what pooling the original cells gives: means are not means of rounded means, and modes are not modes of
    modes.  With n cells along an axis, level l has ``ceil(n / factor**l)``, under edge="trim" ``floor(n / factor**l)``.
    Means of integers are exact before they are rounded.  Those of float32 and float64 add up in float64, but for first windows
    of at most 8 float32, in the order of the cells in memory; those of halves as in `avg_pool`.  Of equally
    frequent cells the smallest is the mode, as in `mode_pool`; all NaN are one label, larger than any number.  A window without a
    valid cell has the mean NaN (integers: 0), the maximum and minimum of `max_pool` and `min_pool`, and the mode 0.
    All levels of a mean, a mode or a stride are made in one pass over x, unless cells are masked or ignored, or means are of 64-bit
    integers or halves; what is not contiguous along any axis, and floats whose modes are wanted, are copied for that.  A window's
    mode costs a look at its cells only if it has three labels or more.

    Source: pyramids of microscopy, as in Neuroglancer and its tools; P. Burt, E. Adelson, "The Laplacian pyramid as a compact
    image code", IEEE Transactions on Communications 31(4), 1983, for the idea.

    Examples
    --------
    >>> import numpy as np
    >>> import cypool
    >>> x = np.array([[1, 3, 2, 0, 6], [4, 2, 8, 5, 4], [7, 0, 1, 1, 9]], np.float32)
    >>> half, quarter = cypool.pyramid(x, 2, 2)
    >>> print(half)
    [[2.5  3.75 5.  ]
     [3.5  1.   9.  ]]
    >>> print(quarter)
    [[2.8333333 6.3333335]]
    >>> print(cypool.pyramid(x, 2, 1, "max", edge="trim")[0])
    [[4. 8.]]
    """
    return _Call(x, factor, levels, op, axes, edge, rounding, data_format, num_threads, nan, mask, out).run()
