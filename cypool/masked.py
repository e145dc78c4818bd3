"""Masks, weights, and NaN that is ignored: algebra on top of the kernels.

No kernel knows a mask.  A selection over valid cells is a selection over an array whose invalid cells hold the value that
loses against all others, mended where that value itself wins.  A weighted mean is the quotient of two windowed sums.
These compositions make temporaries of the input's size; the operators without masks make none.
"""

import numpy as np

from cypool.arrays import as_array, smallest, storage_of
from cypool.kernels.core import CODES
from cypool.windows import INDEX_DTYPES


def as_mask(mask, shape, device=None):
    """`mask` for an array of this shape."""
    mask = as_array(mask, "mask", device)
    if mask.dtype != np.bool_:
        raise TypeError(f"mask must be bool, True for valid cells, got {mask.dtype}")
    return broadcast(mask, shape, "mask", device)


def validity(x, mask, nan, windows=None):
    """Which cells count: a bool array of x's shape, or None for all of them."""
    valid = None if mask is None else as_mask(mask, x.shape)
    if nan == "ignore" and storage_of(x.dtype).floating:
        numbers = ~np.isnan(x)
        valid = numbers if valid is None else valid & numbers
    return valid


def broadcast(array, shape, name, device=None):
    try:
        return (np if device is None else device.xp).broadcast_to(array, shape)
    except ValueError:
        raise ValueError(f"{name} must be broadcastable to x's shape {shape}, got {array.shape}") from None


def as_weights(weights, x, windows=None):
    """Weights for every cell of x; of windows on a GPU there."""
    device = None if windows is None else windows.device
    if not storage_of(x.dtype).floating:
        raise TypeError(f"weights need a floating x, got {x.dtype}")
    weights = as_array(weights, "weights", device)
    if not storage_of(weights.dtype).floating:
        raise TypeError(f"weights must be floating, got {weights.dtype}")
    return broadcast(weights, x.shape, "weights", device)


# ---- selections ------------------------------------------------------------------------------------------------------


def empty_mark(kind):
    """What stands for "no cell" in indices of this kind."""
    dtype = INDEX_DTYPES[kind]
    return dtype.type(np.iinfo(dtype).max if dtype.kind == "u" else -1)


def select(windows, op, x, valid, kind, num_threads):
    """Selection over the valid cells: values and indices.

    A real cell that holds the losing value is told from an invalid one by a second selection, among these cells alone.
    """
    lowest = smallest(x.dtype, op)
    values, indices = _select(windows, op, np.where(valid, x, lowest), kind, num_threads)
    is_lowest = (valid & (x == lowest)).view(np.uint8)
    found, where = _select(windows, "max", is_lowest, kind, num_threads)
    where = np.where(found == 1, where, empty_mark(kind))
    return values, np.where(values == lowest, where, indices)


def select_into(windows, op, x, valid, out, indices, kind, empty, num_threads):
    """The same into arrays, `indices` and `empty` if they are not None."""
    kind = CODES["plane"] if indices is None else kind
    out[...], places = select(windows, op, x, valid, kind, num_threads)
    if indices is not None:
        indices[...] = places
    if empty is not None:
        windows.fill(out, places == empty_mark(kind), empty)


def without(x, valid):
    """x with NaN in its invalid cells, for operators that can leave NaN out; and where valid NaN are, None if nowhere."""
    spoilt = valid & np.isnan(x) if storage_of(x.dtype).floating else None
    if spoilt is not None and not spoilt.any():
        spoilt = None
    cells = x if storage_of(x.dtype).floating else x.astype(np.float64)
    return np.where(valid, cells, cells.dtype.type(np.nan)), spoilt


def touched(windows, cells, num_threads):
    """Which windows hold one of some cells, given as a bool array."""
    return _select(windows, "max", cells.view(np.uint8), CODES["plane"], num_threads)[0] == 1


def _select(windows, op, x, kind, num_threads):
    values = np.empty(windows.out_shape, x.dtype.newbyteorder("="))
    indices = np.empty(windows.out_shape, INDEX_DTYPES[kind])
    windows.select(op, x, values, indices, kind, num_threads)
    return values, indices


# ---- sums and means --------------------------------------------------------------------------------------------------


class WeightedSum:
    """S(w x) and, for means, its divisor; with the gradients to x and to w.

    Parameters
    ----------
    windows : Windows
    valid : numpy.ndarray of bool or None
    weights : numpy.ndarray or None
        Both of x's shape.
    mean : None, "shares" or int
        As in `Windows.total`.
    """

    def __init__(self, windows, valid, weights, mean, num_threads):
        self.windows, self.valid, self.weights, self.mean = windows, valid, weights, mean
        self.num_threads = num_threads
        self.divisor = None
        if mean not in (None, "shares"):
            self.divisor = np.float64(mean)
        elif mean == "shares":
            # Rule 3's divisor, less what the window's cells lack of weight 1.
            cells = windows.product("count")
            self.divisor = windows.product("share") - cells + self._total(self._weighted(None))

    def _divided(self, total):
        """By the divisor; NaN where that is 0, whatever the sum."""
        if self.divisor is None:
            return total
        return total / np.where(self.divisor == 0, np.nan, self.divisor)

    def _weighted(self, x):
        """w x in float64, 0 in invalid cells; of x = 1 if x is None."""
        product = np.float64(1) if x is None else x.astype(np.float64)
        if self.weights is not None:
            product = product * self.weights.astype(np.float64)
        if self.valid is not None:
            product = np.where(self.valid, product, np.float64(0))
        return np.broadcast_to(product, self.windows.shape)

    def _total(self, x, dtype=np.float64):
        out = np.empty(self.windows.out_shape, dtype)
        self.windows.total(x, out, num_threads=self.num_threads)
        return out

    def empties(self):
        """Windows without a valid cell."""
        if self.valid is None:
            cells = self.windows.empties()
            return (
                np.zeros(self.windows.out_shape, bool)
                if cells is None
                else np.broadcast_to(cells, self.windows.out_shape)
            )
        return self._total(self.valid, np.int64) == 0

    def value(self, x):
        """The sum or mean in float64."""
        return self._divided(self._total(self._weighted(x)))

    def integer_value(self, x, rounding):
        """The same for integers, exactly."""
        kept = x if self.valid is None else np.where(self.valid, x, x.dtype.type(0))
        total = self._total(kept, storage_of(x.dtype).sum_dtype)
        if self.divisor is None:
            return total
        return divide_integers(total, np.broadcast_to(self.divisor, total.shape).astype(np.int64), rounding)

    def into(self, x, out, rounding="trunc", empty=None):
        """The sums or means into an array, `empty` where no cell is valid if it is not None."""
        with np.errstate(all="ignore"):
            out[...] = self.value(x) if storage_of(x.dtype).floating else self.integer_value(x, rounding)
        if empty is not None:
            self.windows.fill(out, self.empties(), empty)

    def gradients_into(self, gradient, x, out, want_weights):
        """The gradient of x into an array; that of the weights of all cells, in float64, or None."""
        with np.errstate(all="ignore"):
            out[...], to_weights = self.gradients(gradient, x, want_weights)
        return to_weights

    def gradients(self, gradient, x, want_weights):
        """Gradients to x and to the weights, in float64."""
        divided = np.where(self.empties(), 0.0, self._divided(gradient.astype(np.float64)))
        spread = self._adjoint(divided)
        to_x = self._weighted(None) * spread
        if not want_weights:
            return to_x, None
        to_weights = x.astype(np.float64) * spread
        if self.mean == "shares":
            to_weights = to_weights - self._adjoint(np.where(self.empties(), 0.0, divided * self.value(x)))
        # A cell of no window has gradient 0 even where it is infinite.
        covered = self._adjoint((~self.empties()).astype(np.float64)) > 0
        return to_x, np.where(covered if self.valid is None else covered & self.valid, to_weights, 0.0)

    def _adjoint(self, gradient):
        out = np.empty(self.windows.extended_shape, np.float64)
        self.windows.adjoint(gradient, out, num_threads=self.num_threads)
        return self.windows.collapse(out)


def divide_integers(total, divisor, rounding):
    """total / divisor by one of the four roundings; 0 where the divisor is 0."""
    if (divisor < 0).any():
        total = total.astype(np.int64)
    total, divisor = np.where(divisor < 0, -total, total), np.abs(divisor).astype(total.dtype)
    safe = np.maximum(divisor, 1)
    quotient, rest = np.divmod(total, safe)
    beyond = safe - rest
    if rounding == "trunc":
        up = (total < 0) & (rest > 0)
    elif rounding == "floor":
        up = np.zeros(rest.shape, bool)
    elif rounding == "nearest":
        up = (rest > beyond) | ((rest == beyond) & (quotient % 2 == 1))
    else:
        up = rest >= beyond
    return np.where(divisor == 0, 0, quotient + up)
