"""Arrays in blocks of planes, for operators that are arithmetic around the windowed sum.

Such operators need the input once more in float64, after some arithmetic.  They work on a few planes at a time, so that
what they allocate stays in the cache and does not grow with the batch.  A `Block` has its batch axes first and its pooled
axes last, whatever the array's own order, but keeps the array's order in memory.
"""

import itertools

import numpy as np

CELLS = 1 << 16
"""Cells of a block: half a MiB of float64, which the second-level cache holds (a plane is not cut)."""


def order_of(windows):
    """The array's axes in a block's order: batch, then pooled."""
    return (*windows.batch_axes, *windows.axes)


def blocks(array, rank, cells=None):
    """Slices of an array in a block's order, each of about `cells` (`CELLS`) cells; axes inside the pooled ones are not cut."""
    cells = CELLS if cells is None else cells
    batch = array.shape[: array.ndim - rank]
    pooled = max(abs(stride) for stride in array.strides[len(batch) :])
    steps, size = list(batch), array.size
    for a in sorted(range(len(batch)), key=lambda a: -abs(array.strides[a])):
        if size <= cells or abs(array.strides[a]) < pooled:
            break
        size //= batch[a]
        steps[a] = max(cells // max(size, 1), 1)
        size *= min(steps[a], batch[a])
    starts = [range(0, n, max(step, 1)) for n, step in zip(batch, steps, strict=True)]
    for start in itertools.product(*starts):
        yield tuple(slice(i, i + step) for i, step in zip(start, steps, strict=True))


class Scratch:
    """Memory that one block leaves to the next of its shape: new memory costs more than the arithmetic in it."""

    def __init__(self):
        self._arrays = {}

    def array(self, name, like, shape, dtype):
        """An array of this name, its axes in memory in the order of those of `like`."""
        array = self._arrays.get((name, shape, dtype))
        if array is None:
            array = self._arrays[name, shape, dtype] = np.empty_like(like, dtype, shape=shape)
        return array


class Block:
    """Some planes: their numbers in float64 and what windows make of them.

    Parameters
    ----------
    windows : Windows
        Of the whole array.
    x : numpy.ndarray
        The planes, pooled axes last.
    valid, weights : numpy.ndarray or None
        Of the same shape.
    mean : None, "shares" or int
        What sums are divided by, as in `Windows.total`; invalid and weighted cells count what they weigh.
    factor : float
        What they are multiplied by.
    scratch : Scratch
        Of the call.
    """

    def __init__(self, windows, x, valid, weights, mean, factor, scratch, num_threads):
        self.windows = windows.over(x.shape[: x.ndim - len(windows.axes)])
        self.x, self.valid, self.mean, self.factor = x, valid, mean, factor
        self.scratch, self.num_threads = scratch, num_threads
        self.cells = None
        if weights is not None:
            self.cells = weights.astype(np.float64)
        if valid is not None:
            self.cells = np.where(valid, 1.0 if weights is None else self.cells, 0.0)
        self.divisor = None
        if self.cells is not None and mean == "shares":
            # rule 3's divisor, less what the window's cells lack of weight 1
            divisor = self._total(self.cells, None)
            divisor += self.windows.product("share") - self.windows.product("count")
            self.divisor = np.where(divisor == 0, np.nan, divisor)
            self.mean = None

    def numbers(self, name="numbers"):
        """The cells in float64, 0 where invalid; the caller's to change, until the name is asked for again."""
        numbers = self.scratch.array(name, self.x, self.x.shape, np.float64)
        numbers[...] = self.x
        if self.valid is not None:
            numbers[~self.valid] = 0
        return numbers

    def weighted(self, numbers):
        """The same times the cells' weights, in place."""
        if self.cells is not None:
            numbers *= self.cells
        if self.valid is not None:
            numbers[~self.valid] = 0  # powers of an invalid cell may be infinite
        return numbers

    def _total(self, numbers, mean):
        out = np.empty_like(numbers, shape=self.windows.out_shape)
        self.windows.total(numbers, out, mean, num_threads=self.num_threads)
        return out

    def sum(self, numbers):
        """S: of each window the sum, divided and multiplied as the block's terms say."""
        total = self._total(numbers, self.mean)
        if self.divisor is not None:
            total /= self.divisor
        if self.factor != 1:
            total *= self.factor
        return total

    def adjoint(self, gradient):
        """The adjoint of `sum`, valid until the next one; changes the gradient."""
        if self.divisor is not None:
            gradient /= self.divisor
        if self.factor != 1:
            gradient *= self.factor
        out = self.scratch.array("adjoint", self.x, self.windows.extended_shape, np.float64)
        self.windows.adjoint(gradient, out, self.mean, num_threads=self.num_threads)
        return self.windows.collapse(out)

    def coefficients(self):
        """What `sum` multiplies each window's sum by, to be broadcast against its result."""
        if self.divisor is not None:
            return self.factor / self.divisor
        if self.mean is None:
            return np.float64(self.factor)
        return self.factor / (self.windows.product("share") if self.mean == "shares" else np.float64(self.mean))

    def empties(self):
        """Windows without a valid cell, to be broadcast against the result; None if there are none."""
        if self.valid is None:
            return self.windows.empties()
        count = np.empty(self.windows.out_shape, np.int64)
        self.windows.total(self.valid, count, num_threads=self.num_threads)
        return count == 0

    def cells_of(self, at):
        """The windows at some positions, written out: an index into the block, and which of it are cells.

        Parameters
        ----------
        at : tuple of numpy.ndarray
            Positions of outputs, as `numpy.nonzero` gives them.

        Returns
        -------
        index : tuple of numpy.ndarray
            To be broadcast to ``(len(at[0]), taps along each axis...)``.
        inside : numpy.ndarray of bool
            Of that shape.
        """
        rank = len(self.windows.axes)
        lead = len(at) - rank
        index = [one.reshape(-1, *[1] * rank) for one in at[:lead]]
        inside = np.True_
        for a, table in enumerate(self.windows.tables):
            first, count = table.expand()
            taps = np.arange(int(count.max(initial=0)))  # as many for all, so that sums have one order
            shape = [-1 if i == a else 1 for i in range(rank)]
            here = at[lead + a].reshape(-1, *[1] * rank)
            there = taps.reshape(1, *shape) < count[here]
            cell = np.where(there, first[here] + taps.reshape(1, *shape) * table.step, 0)
            index.append(cell if table.source is None else table.source[cell])
            inside = inside & there
        return tuple(index), inside
