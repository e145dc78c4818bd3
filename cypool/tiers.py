"""Norms, power means and smooth maxima in float32, where that is accurate: rows of one table, for `norms` and `soft` together.

All are arithmetic around the windowed sum S and its adjoint, as those modules say:

    terms    of cells               S     finish    of totals                   y
    pull     of totals, gradients   S^T   give      of cells, what S^T gave     gradient

Each arithmetic step is one pass of ``kernels/passes.h``.  There are three tiers:

1. Here, in float32, exponentials without a shift, for storage up to 32 bits, one exponent for all planes, no mask.
2. A plane that has a total outside the range in which float32 is trusted (or a NaN, or an infinity) is computed again in
   float64, with the plane's own shift.
3. Of that, windows that float64 cannot hold are computed again with their own scale.

Which tier a plane takes is a function of its cells and gradients alone, not of how planes were put together in blocks.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from cypool import blocks, windows
from cypool.arrays import entered, storage_of
from cypool.elementary import kernels
from cypool.kernels import core

BLOCKS = 4
"""How many times `blocks.CELLS` a block has: one MiB of terms.  Less would stay in a smaller cache, but calls cost more than
that saves (1.08 to 1.14 of the time with half as many cells, 1.0 with twice as many)."""

_F32 = np.dtype(np.float32)

POWERS = 32.0
"""Largest magnitude of an exponent of powers: their terms err by as many units, and a root gives it back."""

EXPONENTIALS = (2.0**-20, 2.0**20)
"""Magnitudes of beta: ln(2) / beta is to have two normal parts."""

MOST_TAPS = 1 << 20
"""Cells of a window whose lost terms cannot matter."""


class Row(NamedTuple):
    """The passes of an operator."""

    terms: str
    exact_terms: str
    """What gradients multiply by."""
    finish: str
    pull: str
    give: str
    keeps_terms: bool
    """Whether the gradient takes the terms again, or makes slopes of its own."""
    totals: int
    pulls: int
    power: bool


TABLE = {
    "lse": Row("exp", "exp_f32", "log", "pull_log", "give_exp", True, 1, 1, False),
    "soft": Row("weigh", "weigh", "divide", "pull_divide", "give_weigh", True, 2, 2, False),
    "gem": Row("raise", "raise", "root", "pull_mean", "give_mean", False, 1, 1, True),
    "norm": Row("raise", "raise", "root", "pull_root", "give_power", False, 1, 1, True),
}


@lru_cache(maxsize=1024)
def _fits(found):
    return 0 < found.taps <= MOST_TAPS and not any(table.has_empty for table in found.tables)


def of(call, name, b, floor=0.0, gradient=None):
    """The first tier for a call, or None where float32 does not do.

    Parameters
    ----------
    call : norms._Call
    name : str
        Of a row of `TABLE`.
    b : float or None
        The exponent; None if planes have their own.
    floor : float
        As in ``cypool_constants``.
    gradient : numpy.ndarray or None
        That of the result.

    Returns
    -------
    Tier or None
    """
    arrays = (call.x,) if gradient is None else (call.x, gradient)
    if not call.x.size or b is None or call.valid is not None or call.weights is not None or not _fits(call.windows):
        return None
    if any(array.dtype.itemsize > 4 or array.dtype.kind in "iub" for array in arrays):
        return None
    if gradient is not None and call.windows.has_boundary:
        return None
    least, most = (1.0, POWERS) if TABLE[name].power else EXPONENTIALS
    if not least <= abs(b) <= most or 0 < floor < 2.0**-126 or floor > 2.0**100:
        return None
    return Tier(call, TABLE[name], b, floor)


@lru_cache(maxsize=256)
def _summed(found, batch, mean):
    """The windows over planes of a block, and the call that adds up their terms."""
    part = found.over(batch)

    def total(x, *, out, num_threads):
        part.total(x, out, mean, num_threads=num_threads or 0)

    if len(part.shape) > core.PREPARED_DIM:
        return part, total
    return part, part.prepared("sum", _F32, _F32, part.sum_work(storage_of(_F32)), mean=mean, general=total)


class _Part:
    """Memory and prepared sums for blocks of one shape."""

    def __init__(self, tier, like):
        call, row = tier.call, tier.row
        self.windows, self.sum = _summed(call.windows, like.shape[: -tier.rank], call.mean)
        self.terms, self.totals = ([self.new(like, shape) for _ in range(row.totals)] for shape in self.shapes())
        self.threads = call.threads or None
        self.entered_terms, self.entered_totals = (tuple(map(entered, them)) for them in (self.terms, self.totals))
        self.moved = 4.0 * self.terms[0].nbytes
        self.for_gradients = None

    def shapes(self):
        return self.windows.shape, self.windows.out_shape

    @staticmethod
    def new(like, shape):
        return np.empty_like(like, _F32, shape=shape)

    def add(self):
        """Totals of the terms."""
        for terms, totals in zip(self.terms, self.totals, strict=True):
            self.sum(terms, out=totals, num_threads=self.threads)


class _Gradients:
    """What a gradient needs beside."""

    def __init__(self, part, row, like, want_slope):
        cells, windows_ = part.shapes()
        self.pulls = [part.new(like, windows_) for _ in range(row.pulls)]
        self.spreads = [part.new(like, cells) for _ in range(row.pulls)]
        self.by_cells = [part.new(like, cells)] if want_slope else []
        self.by_windows = [part.new(like, windows_)] if want_slope and row.pulls == 1 else []
        axes = part.windows.axes
        self.whole, self.every = (windows.adaptive(shape, axes, (1,) * len(axes)) for shape in (cells, windows_))


class Tier:
    """One call."""

    def __init__(self, call, row, b, floor):
        self.call, self.row, self.b, self.floor = call, row, b, floor
        self.rank = len(call.windows.axes)
        self.axes = tuple(range(-self.rank, 0))
        self.parts = {}

    def _part(self, like):
        part = self.parts.get(like.shape)
        if part is None:
            part = self.parts[like.shape] = _Part(self, like)
        return part

    def _run(self, name, inputs, outputs, moved):
        return kernels.run(
            kernels.PASSES[name],
            self.b,
            self.floor,
            self.call.factor,
            inputs,
            outputs,
            core.threads_for(moved, self.call.threads),
        )

    def _flagged(self, x, part, lost):
        """Planes to be computed again."""
        total = part.totals[0]
        if self.row.power:
            total = total * np.float32(self.call.factor)
        wrong = ~((total >= kernels.LEAST_TOTAL) & (total <= kernels.MOST_TOTAL))
        if self.row.power and self.floor <= 0:
            wrong &= total != 0
        if self.row.totals == 2:
            wrong |= ~np.isfinite(part.totals[1] / total)
        flagged = wrong.any(axis=self.axes)
        if lost:
            small = ((part.terms[0] < kernels.LEAST_TERM) & (x != 0)).any(axis=self.axes)
            flagged |= small & (total == 0).any(axis=self.axes)
        return flagged

    def forward(self, x, out, again):
        """Pool; x and out have a block's order of axes, `again` pools some planes in float64."""
        for where in blocks.blocks(x, self.rank, BLOCKS * blocks.CELLS):
            cells, target = x[where], out[where]
            part = self._part(cells)
            lost = self._run(self.row.terms, (entered(cells),), part.entered_terms, part.moved)
            part.add()
            bad = self._run(self.row.finish, part.entered_totals, (entered(target),), part.moved)
            if bad or lost:
                flagged = self._flagged(cells, part, lost)
                if flagged.any():
                    target[flagged] = again(cells[flagged])

    def backward(self, gradient, x, out, by_plane, again):
        """The gradient of x, and in `by_plane`, unless it is None, of the exponent."""
        for where in blocks.blocks(x, self.rank, BLOCKS * blocks.CELLS):
            cells, g, to_x = x[where], gradient[where], out[where]
            part = self._part(cells)
            if part.for_gradients is None:
                part.for_gradients = _Gradients(part, self.row, cells, by_plane is not None)
            own = part.for_gradients
            lost = self._run(self.row.exact_terms, (entered(cells),), part.entered_terms, part.moved)
            part.add()
            pulled = tuple(map(entered, (*own.pulls, *own.by_windows)))
            bad = self._run(self.row.pull, (*part.entered_totals, entered(g)), pulled, part.moved)
            for pull, spread in zip(own.pulls, own.spreads, strict=True):
                part.windows.adjoint(pull, spread, self.call.mean, num_threads=self.call.threads)
            kept = part.entered_terms[:1] if self.row.keeps_terms else ()
            spread = (entered(cells), *kept, *map(entered, own.spreads))
            self._run(self.row.give, spread, tuple(map(entered, (to_x, *own.by_cells))), part.moved)
            if by_plane is not None:
                by_plane[where] = self._slope(own)
            if bad or lost:
                flagged = self._flagged(cells, part, lost)
                size = np.abs(own.pulls[0])
                odd = ~((size >= kernels.LEAST_PULL) & (size <= kernels.MOST_PULL)) & (g != 0)
                if self.row.power and self.floor <= 0:
                    odd &= part.totals[0] != 0
                flagged |= odd.any(axis=self.axes)
                if flagged.any():
                    to_x[flagged], slopes = again(cells[flagged], g[flagged])
                    if by_plane is not None:
                        by_plane[where][flagged] = slopes

    def _slope(self, own):
        """The gradient of the exponent, for each plane: sums in float64 of what windows and cells contribute.

        With b the exponent and g the windows' gradients, sum(g <z>) is the sum over cells of z times their own gradient, so that
        no further windowed sum is needed.
        """
        slope = self._sum(own.whole, own.by_cells[0])
        if own.by_windows:
            slope = (slope - self._sum(own.every, own.by_windows[0]) / self.b) / self.b
        return slope

    def _sum(self, whole, numbers):
        result = np.empty(whole.out_shape)
        whole.total(numbers, result, num_threads=self.call.threads)
        return result
