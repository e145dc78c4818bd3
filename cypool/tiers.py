"""The first tier of what is algebra on windowed sums: rows of one table, for `norms`, `soft`, `importance` and `spread` together.

All are arithmetic around the windowed sum S and its adjoint, as those modules say:

    terms    of cells               S     finish    of totals                   y
    pull     of totals, gradients   S^T   give      of cells, what S^T gave     gradient

Each arithmetic step is one pass of ``kernels/passes.h``.  There are three tiers:

1. Here, in float32, exponentials without a shift, for storage up to 32 bits, one exponent for all planes, no mask.  (Standard
   deviations, whose sums cancel, in float64, relative to the plane's smallest cell.)
2. A plane that has a total outside the range in which this is trusted (or a NaN, or an infinity) is computed again in
   float64, with the plane's own shift.
3. Of that, windows that float64 cannot hold are computed again with their own scale.

Which tier a plane takes is a function of its cells and gradients alone, not of how planes were put together in blocks.
"""

from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np

from cypool import blocks, windows
from cypool.arrays import entered, native, storage_of
from cypool.elementary import kernels
from cypool.kernels import core

BLOCKS = 4
"""How many times `blocks.CELLS` a block has: one MiB of terms.  Less would stay in a smaller cache, but calls cost more than
that saves (1.08 to 1.14 of the time with half as many cells, 1.0 with twice as many)."""

_F32, _F64 = np.dtype(np.float32), np.dtype(np.float64)

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
    power: bool = False
    dtype: np.dtype = _F32
    """Of terms and totals."""


TABLE = {
    "lse": Row("exp", "exp_f32", "log", "pull_log", "give_exp", True, 1, 1),
    "soft": Row("weigh", "weigh", "divide", "pull_divide", "give_weigh", True, 2, 2),
    "gem": Row("raise", "raise", "root", "pull_mean", "give_mean", False, 1, 1, True),
    "norm": Row("raise", "raise", "root", "pull_root", "give_power", False, 1, 1, True),
    "lip": Row("weigh_by", "weigh_by", "divide", "pull_average", "give_average", True, 2, 2),
    "std": Row("deviate", "deviate", "spread", "pull_spread", "give_spread", True, 2, 2, dtype=_F64),
}


@lru_cache(maxsize=1024)
def _fits(found):
    return 0 < found.taps <= MOST_TAPS and not any(table.has_empty for table in found.tables)


def of(call, name, b=1.0, floor=0.0, gradient=None, more=()):
    """The first tier for a call, or None where it does not do.

    Parameters
    ----------
    call : algebra.Call
    name : str
        Of a row of `TABLE`.
    b : float or None
        The exponent; None if planes have their own.
    floor : float
        As in ``cypool_constants``.
    gradient : numpy.ndarray or None
        That of the result.
    more : tuple of numpy.ndarray
        What there is for cells beside x.

    Returns
    -------
    Tier or None
    """
    arrays = (call.x, *more) if gradient is None else (call.x, *more, gradient)
    if not call.x.size or b is None or call.valid is not None or call.weights is not None or not _fits(call.windows):
        return None
    if any(array.dtype.itemsize > 4 or array.dtype.kind in "iub" for array in arrays):
        return None
    if gradient is not None and call.windows.has_boundary:
        return None
    least, most = (1.0, POWERS) if TABLE[name].power else EXPONENTIALS
    if not least <= abs(b) <= most or 0 < floor < 2.0**-126 or floor > 2.0**100:
        return None
    if name == "std" and prod(int(table.count.min()) for table in call.windows.tables) <= call.ddof:
        return None
    tier = None if call.kept is None else call.kept.get(call.windows)
    if tier is None:
        tier = _KINDS.get(name, Tier)(call, TABLE[name], b, floor)
    if call.kept is not None:
        call.kept[call.windows] = tier
    return tier


@lru_cache(maxsize=256)
def _summed(found, batch, mean, dtype):
    """The windows over planes of a block, and the call that adds up their terms."""
    part = found.over(batch)

    def total(x, *, out, num_threads):
        part.total(x, out, mean, num_threads=num_threads or 0)

    if len(part.shape) > core.PREPARED_DIM:
        return part, total
    return part, part.prepared("sum", dtype, dtype, part.sum_work(storage_of(dtype)), mean=mean, general=total)


class _Part:
    """Memory and prepared sums for blocks of one shape."""

    def __init__(self, tier, like):
        call, row = tier.call, tier.row
        self.dtype = row.dtype
        self.windows, self.sum = _summed(call.windows, like.shape[: -tier.rank], tier.mean, row.dtype)
        self.terms, self.totals = ([self.new(like, shape) for _ in range(row.totals)] for shape in self.shapes())
        self.threads = call.threads or None
        self.entered_terms, self.entered_totals = (tuple(map(entered, them)) for them in (self.terms, self.totals))
        self.moved = 4.0 * self.terms[0].nbytes
        self.for_gradients = None

    def shapes(self):
        return self.windows.shape, self.windows.out_shape

    def new(self, like, shape):
        return np.empty_like(like, self.dtype, shape=shape)

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
        self.mean, self.rank = call.mean, len(call.windows.axes)
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
        """Planes whose totals are not trusted."""
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

    def _unspread(self, own, part, g):
        """Planes whose gradients cannot be spread."""
        size = np.abs(own.pulls[0])
        odd = ~((size >= kernels.LEAST_PULL) & (size <= kernels.MOST_PULL)) & (g != 0)
        if self.row.power and self.floor <= 0:
            odd &= part.totals[0] != 0
        return odd.any(axis=self.axes)

    def _cells(self, part, x, more):
        """What terms are made of."""
        return (x, *more)

    def _add_up(self, terms, part, x, more):
        """Terms and their totals; whether terms were lost."""
        sources = tuple(map(entered, self._cells(part, x, more)))
        lost = self._run(terms, sources, part.entered_terms, part.moved)
        part.add()
        return lost

    def forward(self, x, out, *more):
        """Pool; x and out have a block's order of axes, as what there is `more` for cells.

        The last argument pools some planes, given all that is for cells, in float64.
        """
        *more, again = more
        for where in blocks.blocks(x, self.rank, BLOCKS * blocks.CELLS):
            cells, target, beside = x[where], out[where], [array[where] for array in more]
            part = self._part(cells)
            lost = self._add_up(self.row.terms, part, cells, beside)
            bad = self._run(self.row.finish, part.entered_totals, (entered(target),), part.moved)
            if bad or lost:
                flagged = self._flagged(cells, part, lost)
                if flagged.any():
                    target[flagged] = again(cells[flagged], *(array[flagged] for array in beside))

    def backward(self, gradient, x, out, by_plane, *more):
        """The gradient of x, and in `by_plane`, unless it is None, of the exponent (or of what there is for each cell)."""
        *more, again = more
        for where in blocks.blocks(x, self.rank, BLOCKS * blocks.CELLS):
            cells, g, to_x, beside = x[where], gradient[where], out[where], [array[where] for array in more]
            part = self._part(cells)
            if part.for_gradients is None:
                part.for_gradients = _Gradients(part, self.row, cells, by_plane is not None)
            own = part.for_gradients
            lost = self._add_up(self.row.exact_terms, part, cells, beside)
            pulled = tuple(map(entered, (*own.pulls, *own.by_windows)))
            bad = self._run(self.row.pull, (*part.entered_totals, entered(g)), pulled, part.moved)
            for pull, spread in zip(own.pulls, own.spreads, strict=True):
                part.windows.adjoint(pull, spread, self.mean, num_threads=self.call.threads)
            self._give(part, own, cells, to_x)
            if by_plane is not None:
                by_plane[where] = self._slope(own)
            if bad or lost:
                flagged = self._flagged(cells, part, lost) | self._unspread(own, part, g)
                if flagged.any():
                    to_x[flagged], slopes = again(cells[flagged], g[flagged], *(array[flagged] for array in beside))
                    if by_plane is not None:
                        by_plane[where][flagged] = slopes

    def _give(self, part, own, cells, to_x):
        kept = part.entered_terms[:1] if self.row.keeps_terms else ()
        spread = (entered(cells), *kept, *map(entered, own.spreads))
        self._run(self.row.give, spread, tuple(map(entered, (to_x, *own.by_cells))), part.moved)

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


class _ByLogits(Tier):
    """Averages weighed by exponentials of a second array, made once for all planes whose logits are the same."""

    def _add_up(self, terms, part, x, more):
        (logits,) = more
        strides = logits.strides[: -self.rank]
        if 0 not in strides:
            return super()._add_up(terms, part, x, more)
        few = logits[tuple(slice(0, 1) if stride == 0 else slice(None) for stride in strides)]
        if not hasattr(part, "few"):
            found, part.few_sum = _summed(self.call.windows, few.shape[: -self.rank], self.mean, self.row.dtype)
            part.few = part.new(few, found.shape), part.new(few, found.out_shape)
            part.terms[0], part.totals[0] = map(np.broadcast_to, part.few, part.shapes())
            part.entered_terms, part.entered_totals = (tuple(map(entered, them)) for them in (part.terms, part.totals))
        exponentials, total = part.few
        self._run("exp_f32", (entered(few),), (entered(exponentials),), part.moved)
        part.few_sum(exponentials, out=total, num_threads=part.threads)
        lost = self._run("weigh_again", (entered(x), part.entered_terms[0]), part.entered_terms[1:], part.moved)
        part.sum(part.terms[1], out=part.totals[1], num_threads=part.threads)
        return lost

    def _flagged(self, x, part, lost):
        flagged = super()._flagged(x, part, False)
        if lost:
            terms, weighed = part.terms
            flagged |= ((np.abs(weighed) < kernels.LEAST_TERM) & (x != 0) & (terms > 0)).any(axis=self.axes)
        return flagged

    def _unspread(self, own, part, g):
        size = np.abs(own.pulls[1])
        odd = ~((size >= kernels.LEAST_PULL) & (size <= kernels.MOST_PULL)) & (g != 0) & (part.totals[1] != 0)
        return super()._unspread(own, part, g) | odd.any(axis=self.axes)

    def _slope(self, own):
        return own.by_cells[0]


def _freedom(found, ddof):
    """Of windows the number of cells over what the divisor is."""
    if not ddof:
        return np.float64(1)
    count = found.product("count")
    return count / (count - ddof)


class _Deviations(Tier):
    """Standard deviations: the mean of distances to the plane's smallest cell, and that of their squares."""

    def __init__(self, call, *row):
        super().__init__(call, *row)
        self.mean = "shares"

    def _part(self, like):
        part = super()._part(like)
        if not hasattr(part, "least"):
            found = part.windows
            part.plane = windows.adaptive(found.shape, found.axes, (1,) * self.rank)
            part.least = np.empty(part.plane.out_shape, native(like.dtype))
            share = np.broadcast_to(_freedom(found, self.call.ddof), found.out_shape)
            part.entered_totals = (*part.entered_totals, entered(share))
        return part

    def _cells(self, part, x, more):
        part.plane.select("min", x, part.least, None, None, self.call.threads)
        return x, np.broadcast_to(part.least, x.shape)

    def _flagged(self, x, part, lost):
        mean, square = part.totals
        return (~(square - mean * mean > kernels.CANCELLED * square) & (square != 0)).any(axis=self.axes)

    def _unspread(self, own, part, g):
        return False

    def _give(self, part, own, cells, to_x):
        spread = (part.entered_terms[0], *map(entered, own.spreads))
        self._run(self.row.give, spread, (entered(to_x),), part.moved)


_KINDS = {"lip": _ByLogits, "std": _Deviations}
