"""The course of calls that are arithmetic around the windowed sum: norms, smooth maxima, averages by importance, deviations.

A call's arrays are cut, in this order, into bands of planes that no cache holds (`bands`), and into blocks of planes (`blocks`).
The planes of a block are pooled in float32 where that will do (`tiers`), or by the family's own arithmetic in float64.  A family
brings a `Call` of its own:

    value(block, *own)                  a block's results, in float64
    gradients(block, gradient, *own)    of its x, and of what a second result is for (or None): for each cell, or each plane
    tier(gradient=None)                 the first tier, or None where it does not do
    on_device()                         what computes the call on a GPU
"""

import functools

import numpy as np

from cypool import bands, blocks, engine
from cypool.arrays import result_array

FLAGGED = 1 << 18
"""Taps of windows that are computed again at once."""

LEAST = 2.0**-900
"""Sums below this may have lost cells to the end of float64's range."""


class Call:
    """Everything about a call that its parameters decide.

    Attributes
    ----------
    operator : engine.Operator
    x : numpy.ndarray
    windows : windows.Windows
    valid, weights : numpy.ndarray or None
        Of x's shape.
    dtype : numpy.dtype
        Of the result.
    mean : None, "shares" or int
    factor : float
        As `blocks.Block` takes them.
    order : tuple of int
        A block's axes.
    threads : int
    device : object or None
    inputs : tuple of numpy.ndarray or None
        What results must not overlap.
    own : tuple of numpy.ndarray or None
        What `value` and `gradients` take beside a block: of x's shape, or with a number for each plane.
    kept : dict or None
        What `tiers` keeps for bands with the same windows.
    """

    OF_CELLS = ("x", "valid", "weights")
    """Attributes of x's shape, or None."""

    weights, mean, factor, own, kept = None, None, 1.0, (), None

    def enter(self, array):
        """An array of x's shape, or of the result's, in a block's order of axes."""
        return None if array is None else array.transpose(self.order)

    def block(self, x, scratch, valid=None, weights=None):
        """Some planes, in a block's order of axes."""
        return blocks.Block(self.windows, x, valid, weights, self.mean, self.factor, scratch, self.threads)

    def parts(self, *arrays):
        """Blocks, and beside each the same planes of `arrays`."""
        x, valid, weights, *arrays = map(self.enter, (self.x, self.valid, self.weights, *arrays))
        scratch = blocks.Scratch()
        for where in blocks.blocks(x, len(self.windows.axes)) if x.size else ():
            planes, *of_planes = (None if a is None else a[where] for a in (x, valid, weights))
            block = self.block(planes, scratch, *of_planes)
            yield block, *(a if a is None else a[where] for a in arrays)


def quiet(run):
    """IEEE arithmetic without NumPy's warnings: infinities, and 0/0 where a window is empty, are results."""

    @functools.wraps(run)
    def silent(*args, **keywords):
        with np.errstate(all="ignore"):
            return run(*args, **keywords)

    return silent


@quiet
def pool(family, operator, p, device=None):
    """The result of a family's call; `p` maps parameter names to what the caller gave."""
    call = family(operator, p, device)
    found = call.windows
    out = engine.expanded_out(operator, p, p["out"], found.axes)
    out = result_array(found.out_shape, call.dtype, out, engine.inputs_of(p, *call.inputs), xp=found.xp)
    empty = None if p["empty"] is None else engine.empty_value(p["empty"], call.dtype)
    if call.device is not None:
        call.on_device().pool(out, empty)
    else:
        for part, target in bands.pooled(call, out):
            _pool(part, target, empty)
    return engine.handed(operator, p, out, p["out"], found.axes)


def _pool(call, out, empty):
    tier = call.tier()
    if tier is not None:

        def again(x, *own):
            return call.value(call.block(x, blocks.Scratch()), *own)

        tier.forward(*map(call.enter, (call.x, out, *_there(call.own))), again)
        return
    for block, target, *own in call.parts(out, *call.own):
        target[...] = call.value(block, *own)
        nothing = None if empty is None else block.empties()
        if nothing is not None:
            np.copyto(target, empty, where=np.broadcast_to(nothing, target.shape))


def gradients(call, gradient, out, of_cells=None, of_planes=None):
    """Fill the gradients of x and, if there is a second one, of something else that each cell or each plane has."""
    tier = call.tier(gradient)
    dtype = np.float64 if tier is None else tier.row.dtype  # what its last pass writes, beside x's
    for part, (g,), into, by_plane, _ in bands.gradients(call, (gradient,), (out, of_cells), of_planes, dtype=dtype):
        to_x, to_cells = into
        _gradients(part, g, to_x, by_plane if to_cells is None else to_cells)


def _gradients(call, gradient, out, second):
    tier = call.tier(gradient)
    if tier is not None:

        def again(x, g, *own):
            return call.gradients(call.block(x, blocks.Scratch()), g.astype(np.float64), *own)

        tier.backward(*map(call.enter, (gradient, call.x, out, second, *_there(call.own))), again)
        return
    for block, g, to_x, to_second, *own in call.parts(gradient, out, second, *call.own):
        to_x[...], values = call.gradients(block, g.astype(np.float64), *own)
        if to_second is not None:
            to_second[...] = values


def _there(arrays):
    return [array for array in arrays if array is not None]


# ---- windows that are computed again, each by itself ----------------------------------------------------------------------


def vanished(block, sums):
    """Windows whose sums may have lost cells, which are small themselves, to the end of float64's range."""
    if block.x.dtype.itemsize < 8:
        return np.False_
    small = np.abs(sums) < LEAST
    if small.any():
        cells = np.empty(block.windows.out_shape, np.int64)
        block.windows.total(block.numbers("cells") != 0, cells, num_threads=block.num_threads)
        small &= cells > 0
    return small


def flagged(block, where):
    """The windows at some outputs, a few at a time, one a row: positions, index, and x, weights, valid cells of the rows."""
    at = np.nonzero(where)
    step = max(FLAGGED // max(block.windows.taps, 1), 1)
    x = block.numbers("flagged")
    for i in range(0, len(at[0]), step):
        some = tuple(one[i : i + step] for one in at)
        index, inside = block.cells_of(some)
        if block.valid is not None:
            inside = inside & block.valid[index]
        weights = inside * (1.0 if block.cells is None else block.cells[index])
        index = np.broadcast_arrays(*index)
        yield (
            some,
            tuple(index),
            *(a.reshape(len(some[0]), -1) for a in (np.where(inside, x[tuple(index)], 0.0), weights, inside)),
        )


def at(values, where, shape):
    """What belongs to flagged windows, one a row."""
    return np.broadcast_to(values, shape)[where].reshape(-1, 1)
