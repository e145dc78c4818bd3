"""Filters as matrices, one for each pooled axis, and the calls of ``kernels/filters.pyx``.

A row of a matrix says of which cells, times what, an output is made: the taps of a window that see a cell.  Borders, boundary
modes and weights that are renormalised are rows like others; the adjoint of a filter is its transposed matrices.  As the tables
of `geometry` a matrix is short: rows of the interior ``[lo, hi)`` repeat after `period`, with cells `advance` further on, and
one period of them is kept.
"""

import functools
import importlib
from typing import NamedTuple

import numpy as np

from cypool import config
from cypool.arrays import entered
from cypool.kernels import core
from cypool.kernels.core import CODES
from cypool.windows import SMALL_SIDE, SMALL_WINDOW, batch_order

kernels = importlib.import_module(f"cypool.kernels.filters_{config.ISA}")
kernels.use_rows(importlib.import_module(f"cypool.kernels.rows_{config.ISA}").table)

_INT = np.intp


class Matrix(NamedTuple):
    """The matrix of one axis, in the order in which the kernels unpack it."""

    n_in: int
    n_out: int
    lo: int
    hi: int
    period: int
    advance: int
    most: int
    """Cells of x over which a cell is the maximum."""
    begin: np.ndarray
    """Where the terms of each entry begin, and where the last ones end."""
    cell: np.ndarray
    tap: np.ndarray
    weight: np.ndarray


@functools.lru_cache(maxsize=256)
def matrices(table, taps, renormalised, most=1):
    """A filter's matrix along one axis, and the transposed one.

    Parameters
    ----------
    table : geometry.Axis
        Of sliding windows.
    taps : tuple of float
        The weights of the window's taps.
    renormalised : bool
        Whether the weights of the taps that see a cell are scaled so that they sum up to what all do.
    most : int
        Cells of x over which a cell is the maximum.

    Returns
    -------
    pair of Matrix
    """
    lo, hi = _interior(table)
    border = np.concatenate([np.arange(lo, dtype=_INT), np.arange(hi, table.n_out, dtype=_INT)])
    given = _Terms(table, np.array(taps, np.float64), renormalised)
    period = int(hi > lo)
    kept = np.concatenate([np.arange(lo + period, dtype=_INT), np.arange(hi, table.n_out, dtype=_INT)])
    _, *terms = given.of(kept)
    begin = np.concatenate([[0], np.cumsum(given.count[kept])]).astype(_INT)
    advance = min(table.reach[1], table.extent)  # a longer stride leaves no second window to advance to
    forward = Matrix(table.extent, table.n_out, lo, hi, period, advance, most, begin, *terms)
    return forward, _transposed(table, given, lo, hi, border)


def _interior(table):
    """Outputs all of whose taps see cells of their own: row after row the same, `stride` cells further on."""
    lo, hi = table.lo, table.hi
    if hi > lo and table.source is not None:
        stride, length, start = table.advance, table.reach[2], int(table.first[lo])
        end = table.before + table.extent
        hi = min(hi, lo + (end - length - start) // stride + 1)
        lo = max(lo, lo - (start - table.before) // stride)
    return (lo, hi) if hi > lo else (0, 0)


class _Terms:
    """The terms of any outputs of a table."""

    def __init__(self, table, taps, renormalised):
        self.table, self.taps, self.renormalised = table, taps, renormalised
        self.first, self.count = table.expand()
        self.skip = table.skip[table.entries()]

    def seen(self):
        """Of each output the share of the taps that see a cell: exactly 1 where all do."""
        before = np.concatenate([[0.0], np.cumsum(self.taps)])
        share = (before[self.skip + self.count] - before[self.skip]) / before[-1]
        return np.where(self.count == len(self.taps), 1.0, share)

    def of(self, outputs):
        """Output, cell, tap and weight of every term, output by output, in the order of the taps."""
        t = np.arange(int(self.count[outputs].max(initial=0)), dtype=_INT)
        inside = t < self.count[outputs][:, None]
        cell = (self.first[outputs][:, None] + t * self.table.step)[inside]
        if self.table.source is not None:
            cell = self.table.source[cell]
        tap = (self.skip[outputs][:, None] + t)[inside]
        weight = self.taps[tap]
        output = np.repeat(outputs, self.count[outputs])
        if self.renormalised:
            with np.errstate(all="ignore"):
                weight = weight / np.repeat(self.seen()[outputs], self.count[outputs])
        return output, cell, tap, weight


def _transposed(table, given, lo, hi, border):
    """The matrix that has for every cell the outputs that it is a term of."""
    origin, stride, length = table.reach
    before, n, n_out = -origin + table.before, table.extent, table.n_out
    # cells all of whose windows, were there windows without end, are of the interior, and that no other window sees
    low, high = max((lo - 1) * stride + length - before, 0), min(hi * stride - before, n)
    seen, middle = given.of(border)[1], (low + high) // 2
    low = max(low, int(seen[seen < middle].max(initial=-1)) + 1)
    high = min(high, int(seen[seen >= middle].min(initial=n)))
    period = stride
    if hi == lo or high - low < stride:
        low = high = period = 0
        outputs = np.arange(n_out, dtype=_INT)
    else:
        below = max(-(-(low + period + before) // stride), lo)
        above = min(-(-(high + before - length + 1) // stride), hi)
        outputs = np.arange(n_out, dtype=_INT) if below >= above else None
        if outputs is None:
            outputs = np.concatenate([np.arange(below, dtype=_INT), np.arange(above, n_out, dtype=_INT)])
    output, cell, tap, weight = given.of(outputs)
    kept = (cell < low + period) | (cell >= high)
    output, cell, tap, weight = output[kept], cell[kept], tap[kept], weight[kept]
    order = np.lexsort((tap, output, cell))
    entry = np.where(cell < low + period, cell, cell - high + low + period)[order]
    begin = np.searchsorted(entry, np.arange(n - (high - low) + period + 1)).astype(_INT)
    terms = (np.ascontiguousarray(one[order]) for one in (output, tap, weight))
    return Matrix(n_out, n, low, high, period, 1, 1, begin, *terms)


def seen_along(table, taps):
    """Of each output along one axis the share of the taps that see a cell."""
    return _Terms(table, np.array(taps, np.float64), False).seen()


def seen(windows, taps):
    """Of each window the share of the filter that sees a cell, to be broadcast against the result."""
    result = np.ones([1] * len(windows.shape))
    for axis, table, of_axis in zip(windows.axes, windows.tables, taps, strict=True):
        shape = [1] * len(windows.shape)
        shape[axis] = table.n_out
        result = result * seen_along(table, of_axis).reshape(shape)
    return result


@functools.lru_cache(maxsize=256)
def _split(table, transposed):
    """The matrix of `matrices` with weights of 1, a part for each tap."""
    whole = matrices(table, (1.0,) * table.window, False)[transposed]
    entry = np.repeat(np.arange(len(whole.begin) - 1), np.diff(whole.begin))
    parts = []
    for tap in range(table.window):
        kept = whole.tap == tap
        begin = np.searchsorted(entry[kept], np.arange(len(whole.begin))).astype(_INT)
        terms = (np.ascontiguousarray(one[kept]) for one in (whole.cell, whole.tap, whole.weight))
        parts.append(Matrix(*whole[:7], begin, *terms))
    return parts


# ---- calls -------------------------------------------------------------------------------------------------------------


def work_of(windows, dtype):
    """The code of the dtype that a filter adds up in: float64 for its own and for large windows (rule 16)."""
    large = windows.window_taps > SMALL_WINDOW or any(table.window > SMALL_SIDE for table in windows.tables)
    return CODES["float64" if dtype.itemsize == 8 or large else "float32"]


def apply(windows, of_axes, x, out, work, threads):
    """The matrices of all pooled axes times x, into `out`."""
    _apply(windows, of_axes, x, out, work, threads, *batch_order(x, windows), None, (), [])


def apply_element(windows, element, x, out, work, threads, transposed=False):
    """A filter with the weights of all taps over x, or the adjoint over a gradient.

    `element` is contiguous float64, the window's axes last, before them what broadcasts to x's batch axes.
    """
    batch, tables = windows.batch_axes, windows.tables
    of_axes = [matrices(table, (1.0,) * table.window, False)[transposed] for table in tables]
    everywhere = (*(x.shape[a] for a in batch), *(table.window for table in tables))
    strides = tuple(stride // 8 for stride in np.broadcast_to(element, everywhere).strides[: len(batch)])
    parts = _split(tables[-1], transposed)
    _apply(windows, of_axes, x, out, work, threads, batch, False, element.ravel(), strides, parts)


def _apply(windows, of_axes, x, out, work, threads, batch, lanes, element, strides, parts):
    order = (*batch, *windows.axes)
    kernels.apply(
        entered(x, order),
        entered(out, order),
        tuple(x.shape[a] for a in batch),
        lanes,
        of_axes,
        tuple(table.window for table in windows.tables),
        work,
        element,
        strides,
        parts,
        core.threads_for(float(x.nbytes + out.nbytes), threads),
    )


def element_gradient(windows, x, gradient, threads):
    """Of each plane, for every tap the sum of its cells times the gradients of their windows: (planes, taps), float64."""
    order = (*windows.batch_axes, *windows.axes)
    batch = tuple(x.shape[a] for a in windows.batch_axes)
    result = np.zeros((int(np.prod(batch)), windows.window_taps))
    kernels.element_gradient(
        entered(x, order),
        (np.ascontiguousarray(gradient.transpose(order), np.float64), CODES["float64"], False),
        result,
        batch,
        [matrices(table, (1.0,) * table.window, False)[0] for table in windows.tables],
        tuple(table.window for table in windows.tables),
        core.threads_for(float(gradient.size) * windows.window_taps * 8, threads),
    )
    return result
