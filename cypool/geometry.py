"""Windows become tables: everything that decides which cell belongs to which window, in pure integers.

No array is touched here.  An `Axis` says for every output position of one axis which taps it has; the parameters that
users know (kernel_size, stride, padding, dilation, ceil_mode, adaptive and global sizes, boundary modes) differ only in
the tables that they make.  Kernels read tables and never see padding.

A table is short.  Output `j` has `count` taps, `step` cells apart, the first at cell `first`, all inside the input.  In
the interior ``[lo, hi)`` outputs follow a period: output ``lo + q * period + phase`` starts at
``first[lo + phase] + q * advance``.  Only the outputs before and behind the interior have entries of their own, so a table
needs memory for its borders and one period, not for every output.

`Axis.transposed` turns the table round: for every input cell the outputs whose windows hold it.  It has the same form,
which makes the gradient of a windowed sum a windowed sum.

Rule numbers refer to the semantics page of the documentation.
"""

import sys
from functools import lru_cache
from math import gcd

import numpy as np

LARGEST = sys.maxsize
"""Extents, reaches and offsets beyond this do not fit the machine's signed size type."""

ANYWHERE = (0, -1, 0)
"""The reach of windows that may lie anywhere."""

SMALL_TAPS, SMALL_STRIDE, SMALL_REACH, MOST_LOST = 15, 8, 256, 64
"""Windows up to these sizes, with at most so many cells that none of them holds, have `Axis.phases`."""

BOUNDARIES = ("constant", "edge", "reflect", "wrap")

_INT = np.intp


class Axis:
    """The table of one axis.

    Attributes
    ----------
    n_in, n_out : int
        Cells of the input (positions of the extended axis under a boundary mode) and outputs.
    lo, hi, period, advance, step : int
        The interior and its rule, see the module's head.
    first, count, skip, share : numpy.ndarray of intp
        One entry for each output before `lo`, each phase, and each output from `hi` on.  `skip` counts the window's taps
        that lie outside, before `first`; `share` is this axis' factor of the average's divisor.
    window : int
        Taps of the whole window; for adaptive axes of the largest.
    longest : int
        Cells from the first to the last tap of the widest window, both included.
    reach : tuple of (int, int, int)
        Window ``j`` lies inside ``[j * reach[1] + reach[0], ... + reach[2])``; stride 0 stands for "adaptive" and -1 for
        "anywhere".
    by_window : bool
        Whether the windows of the interior are folded one at a time.
    runs : numpy.ndarray of intp or None
        Where runs of outputs with the very same taps end; `first` and `count` then have one entry for each run.
    source : numpy.ndarray of intp or None
        Under a boundary mode the cell that each position of the extended axis sees.
    before : int
        Under a boundary mode, positions before that of cell 0.
    phases : numpy.ndarray of intp or None
        Of a transposed table whose windows are small: for cells 0, 1, ... stride - 1 the first holder and how many there are,
        as if there were outputs beyond both ends.  The cell a stride further on has the next holders.
    lost : numpy.ndarray of intp or None
        The cells, in ascending order, all of whose holders in `phases` lie beyond the ends.
    extent : int
        Cells of the real axis.
    """

    __slots__ = (
        "_cut",
        "_turn",
        "advance",
        "before",
        "by_window",
        "count",
        "extent",
        "first",
        "hi",
        "lo",
        "longest",
        "lost",
        "n_in",
        "n_out",
        "period",
        "phases",
        "reach",
        "runs",
        "share",
        "skip",
        "source",
        "step",
        "window",
    )

    def __init__(
        self,
        n_in,
        n_out,
        lo,
        hi,
        period,
        advance,
        step,
        first,
        count,
        *,
        window,
        reach,
        turn,
        skip=None,
        share=None,
        cut=None,
    ):
        self.n_in, self.n_out, self.lo, self.hi = n_in, n_out, lo, hi
        self.period, self.advance, self.step = period, advance, step
        self.first, self.count = _frozen(first), _frozen(count)
        self.skip = _frozen(np.zeros_like(self.count) if skip is None else skip)
        self.share = _frozen(self.count if share is None else share)
        self.window, self.reach = window, reach
        self.source, self.before, self.runs, self.extent = None, 0, None, n_in
        self.phases, self.lost = None, None
        self._turn, self._cut = turn, cut
        most = int(self.count.max(initial=0))
        self.longest = (most - 1) * step + 1 if most else 0
        # One window at a time pays where windows are long and few or far apart (measured: global pooling of 112 columns).
        self.by_window = most >= 16 and period == 1 and (advance > 4 or hi - lo < 8)

    @property
    def has_empty(self):
        """Whether some window holds no cell at all."""
        return bool((self.count == 0).any())

    def entries(self):
        """The entry of every output: an index array of length `n_out` into `first`, `count`, `skip` and `share`."""
        j = np.arange(self.n_out, dtype=_INT)
        if self.runs is not None:
            return np.searchsorted(self.runs, j, side="right")
        inside = (j >= self.lo) & (j < self.hi)
        phase = self.lo + (j - self.lo) % max(self.period, 1)
        return np.where(j < self.lo, j, np.where(inside, phase, j - self.hi + self.lo + self.period))

    def expand(self):
        """First taps and counts of every output, written out."""
        entry = self.entries()
        j = np.arange(self.n_out, dtype=_INT)
        inside = (j >= self.lo) & (j < self.hi)
        q = (j - self.lo) // max(self.period, 1)
        return self.first[entry] + np.where(inside, q * self.advance, 0), self.count[entry]

    def transposed(self):
        """The table that holds for every cell the outputs whose windows contain it."""
        return self._turn(self)

    def section(self, outputs, cells):
        """The table of some outputs in a row over some cells in a row, slices that hold all of these windows' taps."""
        if self._cut is not None:
            return self._cut(outputs, cells)
        first, count = self.expand()
        return irregular(cells.stop - cells.start, first[outputs] - cells.start, count[outputs])


def _frozen(values):
    values = np.ascontiguousarray(values, dtype=_INT)
    values.flags.writeable = False
    return values


def _ceil_div(a, b):
    return -(-a // b)


def output_extent(n, k, s, d, pl, pr, ceil_mode, axis):
    """Rule 1: the number of outputs under explicit padding, or a ValueError."""
    span = n + pl + pr - reach(k, d, axis)
    out = (span + (s - 1 if ceil_mode else 0)) // s + 1
    if ceil_mode is True and (out - 1) * s >= n + pl:
        out -= 1
    return out


def reach(k, d, axis):
    """K, the cells from the first tap to the last, both included."""
    length = d * (k - 1) + 1
    if length > LARGEST:
        raise ValueError(
            f"kernel_size and dilation span too many cells on axis {axis}: {d} * ({k} - 1) + 1 exceeds {LARGEST}"
        )
    return length


def _resolve_padding(n, k, s, d, padding, ceil_mode, axis):
    """Rules 1 and 2: output extent and the padding before and after."""
    length = reach(k, d, axis)
    if padding == "valid":
        out, pl, pr = _ceil_div(n - length + 1, s), 0, 0
    elif padding in ("same", "same_lower"):
        out = _ceil_div(n, s)
        total = max((out - 1) * s + length - n, 0)
        pl = total // 2 if padding == "same" else total - total // 2
        pr = total - pl
    else:
        pl, pr = padding
        out = output_extent(n, k, s, d, pl, pr, ceil_mode, axis)
    if out < 1:
        raise ValueError(
            f"the window does not fit axis {axis}: extent {n} with kernel_size {k}, stride {s}, padding "
            f"{padding if isinstance(padding, str) else (pl, pr)}, dilation {d} gives output extent {out}, must be at least 1"
        )
    if n + pl + pr + length + out * s > LARGEST:
        raise ValueError(
            f"the geometry of axis {axis} exceeds {LARGEST} cells: extent {n}, padding {(pl, pr)}, stride {s}"
        )
    return out, pl, pr


@lru_cache(maxsize=1024)
def windowed(n, k, s, d, padding, ceil_mode, include_pad, boundary, axis):
    """The table of one axis for windows of `k` taps.

    Parameters
    ----------
    n, k, s, d : int
        Extent, taps, stride, dilation.
    padding : str or tuple of (int, int)
        "valid", "same", "same_lower" or cells before and after.
    ceil_mode : bool or "keep"
    include_pad : bool
        Whether padding counts in `share` (rule 3).
    boundary : str
        What positions in the padding see.
    axis : int
        The array's axis, for messages.

    Returns
    -------
    Axis

    Raises
    ------
    ValueError
        The axis is empty, or no window fits.
    """
    if n < 1:
        raise ValueError(f"cannot pool axis {axis}: its extent is 0, must be at least 1")
    out, pl, pr = _resolve_padding(n, k, s, d, padding, ceil_mode, axis)
    if boundary == "constant":
        return _clipped(n, k, s, d, pl, pr, out, include_pad)
    # Positions of the extended axis: all of them see a cell, so nothing is padding any more.
    inner = _clipped(n + pl + pr, k, s, d, 0, 0, out, False)
    inner.source, inner.before, inner.extent = _frozen(boundary_cells(n, pl, pr, boundary)), pl, n
    return inner


def _clipped(n, k, s, d, pl, pr, out, include_pad):
    """Rules 1 to 3 for one axis whose geometry is settled."""
    length = d * (k - 1) + 1
    lo = min(_ceil_div(pl, s), out)
    hi = min(max((n + pl - length) // s + 1, lo), out)
    if hi == lo:
        lo = hi = 0
    j = np.concatenate([np.arange(lo), np.arange(lo, lo + (hi > lo)), np.arange(hi, out)]).astype(_INT)
    start = j * s - pl
    skip = np.clip(-(start // d), 0, k)  # taps before cell 0
    stop = np.clip(-((start - n) // d), 0, k)  # taps before cell n
    count = np.maximum(stop - skip, 0)
    share = np.clip(-((start - (n + pr)) // d), 0, k) if include_pad else count
    first = np.where(count > 0, start + skip * d, 0)

    def turn(self):
        return _turned_windows(self, k, s, d, pl)

    def cut(outputs, cells):
        start, a, b = outputs.start * s - pl, cells.start, cells.stop
        end = (outputs.stop - 1) * s - pl + length
        after = 0 if end <= b else n + pr - b
        return _section(b - a, k, s, d, a - start, after, outputs.stop - outputs.start, include_pad)

    return Axis(
        n,
        out,
        lo,
        hi,
        int(hi > lo),
        s,
        d,
        first,
        count,
        skip=skip,
        share=share,
        window=k,
        reach=(-pl, s, length),
        turn=turn,
        cut=cut,
    )


_section = lru_cache(maxsize=1024)(_clipped)
"""So that sections from an axis' interior are one table."""


def _holders(i, k, s, d, pl, out=None):
    """For cells i the first output whose window holds them, and how many do, gcd-many outputs apart.

    Cell i lies in window o as tap t where o*s - pl + t*d = i: an arithmetic progression of outputs.  Without `out` there are
    outputs beyond both ends.
    """
    g = gcd(s, d)
    stride, step = s // g, d // g  # taps of one cell are `stride` apart, its outputs `step`
    where = i + pl
    # The smallest tap t >= 0 with t*d = where (mod s); it gives the last output.
    inverse = pow(step, -1, stride) if stride > 1 else 0
    tap = (where // g % stride) * inverse % stride
    exists = (where % g == 0) & (tap < k)
    last = (where - tap * d) // s
    if out is None:
        count = np.where(exists, (k - 1 - tap) // stride + 1, 0)
        return np.where(exists, last - (count - 1) * step, 0), count
    # Taps beyond the last output, and taps that would need an output below 0.
    over = np.maximum(_ceil_div(last - (out - 1), step), 0)
    tap, last = tap + over * stride, last - over * step
    by_taps = np.where(tap < k, (k - 1 - tap) // stride + 1, 0)
    by_outputs = np.where(last >= 0, last // step + 1, 0)
    count = np.where(exists, np.minimum(by_taps, by_outputs), 0)
    return np.where(count > 0, last - (count - 1) * step, 0), count


def _turned_windows(axis, k, s, d, pl):
    """The holders of every cell, by a period or by runs of cells that have the same: whichever is shorter."""
    n, out = axis.n_in, axis.n_out
    lo = max(0, d * (k - 1) - pl)  # from here on no window is cut off by output 0 ...
    hi = max(lo, min(n, out * s - pl))  # ... and up to here by the last output
    if lo >= n or hi - lo < 2 * s:
        lo = hi = 0
    period = s if hi > lo else 0
    entries = lo + period + n - hi
    bounds = 2 * (out if d == 1 else int(axis.expand()[1].sum()) if out * d < entries else entries)
    if 4 * bounds < entries:
        start = np.arange(out, dtype=_INT) * s - pl
        if d == 1:
            bounds = np.concatenate([start, start + k])
        else:
            first, count = axis.expand()
            taps = np.repeat(first, count) + d * (np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count))
            bounds = np.concatenate([taps, taps + 1])
        return _runs(out, n, d // gcd(s, d), bounds, lambda i: _holders(i, k, s, d, pl, out))
    i = np.concatenate([np.arange(lo), np.arange(lo, lo + period), np.arange(hi, n)]).astype(_INT)
    first, count = _holders(i, k, s, d, pl, out)
    window, reach = int(count.max(initial=0)), ANYWHERE
    if s == 1:  # windows again, whose taps are the outputs in descending order
        window, reach = k, (pl - d * (k - 1), 1, d * (k - 1) + 1)
    axis = Axis(out, n, lo, hi, period, 1, d // gcd(s, d), first, count, window=window, reach=reach, turn=_no_turn)
    if k <= SMALL_TAPS and s <= SMALL_STRIDE and d * (k - 1) < SMALL_REACH:
        phases = np.stack(_holders(np.arange(s, dtype=_INT), k, s, d, pl), axis=1)
        lost = i[(count == 0) & (phases[i % s, 1] > 0)]
        if len(lost) <= MOST_LOST:
            axis.phases, axis.lost = _frozen(phases), _frozen(lost)
    return axis


def _runs(n_in, n_out, step, bounds, describe):
    """A table of runs: between neighbouring bounds all outputs have the taps that `describe` gives for their first."""
    # not np.unique, which imports numpy.ma at its first call: a fork meanwhile would leave the child waiting for the import
    starts = np.sort(np.concatenate([[0], bounds[(bounds > 0) & (bounds < n_out)]])).astype(_INT)
    starts = starts[np.concatenate([[True], starts[1:] > starts[:-1]])]
    first, count = describe(starts)
    window = int(count.max(initial=0))
    axis = Axis(n_in, n_out, 0, 0, 0, 0, step, first, count, window=window, reach=ANYWHERE, turn=_no_turn)
    axis.runs = _frozen(np.append(starts[1:], n_out))
    return axis


def _no_turn(_):
    raise AssertionError("a transposed table is not turned again")


@lru_cache(maxsize=1024)
def adaptive(n, m, axis):
    """The table of one axis for `m` windows that share out `n` cells (rule 11)."""
    if m == 0:
        empty = np.empty(0, _INT)
        return Axis(n, 0, 0, 0, 0, 0, 1, empty, empty, window=0, reach=(0, 0, 0), turn=_turned_nothing)
    if n < 1:
        raise ValueError(f"cannot pool axis {axis}: its extent is 0, must be at least 1")
    if n % m == 0:
        return _clipped(n, n // m, n // m, 1, 0, 0, m, False)
    q, r = divmod(n, m)
    if (m + 1) * max(r, 1) > LARGEST:
        raise ValueError(f"output_size must be small enough to number the windows of axis {axis}, got {m}")
    j = np.arange(m, dtype=_INT)
    first = j * q + j * r // m
    end = (j + 1) * q + _ceil_div((j + 1) * r, m)
    count = end - first
    return Axis(n, m, 0, 0, 0, 0, 1, first, count, window=int(count.max()), reach=(0, 0, 0), turn=_turned_adaptive)


def _turned_adaptive(axis):
    return _turned_runs(axis, axis.first, axis.first + axis.count)


def _turned_runs(axis, start, end):
    """The holders of every cell where windows are runs of cells, in order."""

    def holders(i):
        first = np.searchsorted(end, i, side="right")
        return first, np.searchsorted(start, i, side="right") - first

    return _runs(axis.n_out, axis.n_in, 1, np.concatenate([start, end]), holders)


def _turned_nothing(axis):
    zeros = np.zeros(axis.n_in, _INT)
    return Axis(0, axis.n_in, 0, 0, 0, 0, 1, zeros, zeros, window=0, reach=ANYWHERE, turn=_no_turn)


def irregular(n, first, count):
    """The table of one axis for windows of any cells in a row, none at all included; neither ends ever go back."""
    end = first + count

    def turn(axis):
        return _turned_runs(axis, first, end)

    window = int(count.max(initial=0))
    inside = np.where(count > 0, first, 0)
    return Axis(n, len(first), 0, 0, 0, 0, 1, inside, count, window=window, reach=ANYWHERE, turn=turn)


def anywhere(n, m):
    """The table of one axis for `m` outputs each of which may stand for any of `n` cells (rule 13)."""
    count = np.array([n], _INT)
    return Axis(n, m, 0, m, 1, 0, 1, np.zeros(1, _INT), count, window=n, reach=ANYWHERE, turn=_turned_anywhere)


def _turned_anywhere(axis):
    return anywhere(axis.n_out, axis.n_in)


def boundary_cells(n, pl, pr, boundary):
    """The cell that each of ``n + pl + pr`` positions sees, as numpy.pad fills them."""
    position = np.arange(-pl, n + pr, dtype=_INT)
    if boundary == "edge":
        return np.clip(position, 0, n - 1)
    if boundary == "wrap":
        return position % n
    period = max(2 * (n - 1), 1)
    position = position % period
    return np.where(position < n, position, period - position)
