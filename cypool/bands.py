"""Huge planes in bands, for operators that are arithmetic around the windowed sum.

What such an operator needs beside its result grows with the planes that it works on at once (`blocks`), so a plane that no
cache holds is cut along one axis.  A band is some of the outputs in a row with the cells that their windows hold, and is
pooled as if it were all there is.  Which bands there are follows from the geometry alone, never from strides or threads, so
that the same cells give the same bits.

Windows of neighbouring bands share cells.  What these get from the gradient is added up band after band.
"""

import copy
from functools import lru_cache
from itertools import pairwise
from math import prod
from typing import NamedTuple

import numpy as np

from cypool import blocks, windows

CELLS = 4 * blocks.CELLS
"""Cells of a band: what `tiers` takes at once."""

LEAST = 4
"""How many windows long a band is at least, because neighbours make the same terms of the cells that they share."""


class Band(NamedTuple):
    """Some outputs of each plane, and their cells, as slices of whole arrays."""

    windows: windows.Windows
    outputs: tuple
    cells: tuple
    axis: int
    """The one that is cut."""
    shared: int
    """How many of the band's last cells later bands hold too."""


@lru_cache(maxsize=256)
def bands_of(found):
    """The bands of all planes; None where these are small, or too short for windows so long."""
    size = prod(table.n_in for table in found.tables)
    if size <= 2 * CELLS or found.has_boundary or any(table.has_empty for table in found.tables):
        return None
    for k, table in enumerate(found.tables):
        step = max(CELLS * table.n_out // size, -(-LEAST * table.longest * table.n_out // table.n_in))
        if 2 * step <= table.n_out:
            return list(_cut(found, k, max(step, 1)))
    return None


def _cut(found, k, step):
    """Bands of `step` outputs along the pooled axis number k."""
    table, axis = found.tables[k], found.axes[k]
    first, count = table.expand()
    last = first + (count - 1) * table.step
    starts = [0, *(int(first[i:].min()) for i in range(step, table.n_out, step)), table.n_in]
    for i, (start, following) in enumerate(pairwise(starts)):
        outputs = slice(i * step, min((i + 1) * step, table.n_out))
        cells = slice(start, max(following, int(last[outputs].max()) + 1))
        tables, shape = list(found.tables), list(found.shape)
        tables[k] = table.section(outputs, cells)
        shape[axis] = cells.stop - start
        before = (slice(None),) * axis
        part = _windows(tuple(shape), found.axes, tuple(tables))
        yield Band(part, (*before, outputs), (*before, cells), axis, cells.stop - following)


@lru_cache(maxsize=256)
def _windows(shape, axes, tables):
    """One object for equal bands, for which `tiers` keeps what it made."""
    return windows.Windows(shape, axes, tables)


def _of(call, band):
    """The call for a band's cells."""
    part = copy.copy(call)
    part.windows = band.windows
    for name in call.OF_CELLS:
        setattr(part, name, _some(getattr(call, name), band.cells))
    return part


def _some(array, where):
    return None if array is None else array[where]


def pooled(call, out):
    """For each band the call and its part of the result."""
    bands = bands_of(call.windows)
    if bands is None:
        yield call, out
        return
    call.kept = {}
    for band in bands:
        yield _of(call, band), out[band.outputs]


def gradients(call, by_windows, into, by_plane=None, by_cells=(), dtype=np.float64):
    """For each band the call, and what of these arrays is the band's.

    Parameters
    ----------
    call : algebra.Call
    by_windows : tuple of numpy.ndarray
        Of the result's shape, to read or to fill.
    into : tuple of numpy.ndarray or None
        Of the input's shape, to be filled.
    by_plane : numpy.ndarray or None
        To be filled with sums over each plane.
    by_cells : tuple of numpy.ndarray
        Of the input's shape, to read.
    dtype : numpy.dtype
        What neighbours' gradients are added up in.

    Yields
    ------
    call : algebra.Call
    by_windows, into : tuple
    by_plane : numpy.ndarray or None
    by_cells : tuple
    """
    bands = bands_of(call.windows)
    if bands is None:
        yield call, by_windows, into, by_plane, by_cells
        return
    call.kept = {}
    sums = [None if target is None else _Sum(target, bands, dtype) for target in into]
    if by_plane is not None:
        by_plane[...] = 0
    for band in bands:
        parts = tuple(one and one.begin(band) for one in sums)
        share = None if by_plane is None else np.empty_like(by_plane)
        yield (
            _of(call, band),
            tuple(one[band.outputs] for one in by_windows),
            parts,
            share,
            tuple(one[band.cells] for one in by_cells),
        )
        for one in sums:
            if one is not None:
                one.end(band)
        if by_plane is not None:
            by_plane += share


class _Sum:
    """What bands give to the cells of one array, added up."""

    def __init__(self, target, bands, dtype):
        self.target, self.dtype = target, dtype
        self.apart = all(band.shared == 0 for band in bands)
        self.memory, self.carried = (blocks.Scratch(), blocks.Scratch()), None

    def begin(self, band):
        """What the band is to fill."""
        cells = self.target[band.cells]
        if self.apart:
            return cells
        self.part = self.memory[0].array("cells", cells, cells.shape, self.dtype)
        return self.part

    def end(self, band):
        """What the band gave to its own cells is whole now, the rest is carried over to the next."""
        if self.apart:
            return
        part = np.moveaxis(self.part, band.axis, 0)
        if self.carried is not None:
            part[: len(self.carried)] += self.carried
        own = len(part) - band.shared
        np.moveaxis(self.target[band.cells], band.axis, 0)[:own] = part[:own]
        self.carried = part[own:]
        self.memory = self.memory[::-1]  # the next one's lies apart from what is carried
