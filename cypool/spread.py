"""How far a window's cells lie apart: range and standard deviation pooling, with gradients.

A range is the difference of two selections, its gradient that of their scatters.  A standard deviation is made of windowed
sums of d = (x - shift) / scale, shift the middle and scale the size of the plane's values:

    m = S(d) / n        y = scale ((S(d d) - n m m) / (n - ddof))**(1/2)
    grad_x = d S^T(g / ((n - ddof) y)) - S^T(g m / ((n - ddof) y))        0 where y = 0

`tiers` computes the same of storage up to 32 bits, whose squares float64 holds, without masks: shift the plane's smallest cell,
no scale.  This module computes the rest, and planes of which some windows' sums cancel.

Windows that lose more than half of float64's digits to the difference of S(d d) and n m m are computed again, relative to
one of their own cells; of those, the ones whose cells are equal, which a selection tells, are 0.
"""

import numpy as np

from cypool import algebra, elementary, engine, forms, masked, tiers
from cypool import parameters as read
from cypool.arrays import native, result_array, storage_of
from cypool.kernels.core import CODES

CANCELLED = elementary.kernels.CANCELLED
"""2**-24: what must be left of a sum of squares for their difference to be trusted."""


# ---- range -------------------------------------------------------------------------------------------------------------


def _extreme(call, op, x=None, windows=None, valid=None, threads=None):
    """Largest or smallest cells, and where there is none (None: nowhere)."""
    if x is None:
        x, windows, valid, threads = call.x, call.windows, call.valid, call.threads
    if valid is not None:
        values, indices = masked.select(windows, op, x, valid, CODES["plane"], threads)
        return values, indices == -1
    values = np.empty_like(x, native(x.dtype), shape=windows.out_shape)
    windows.select(op, x, values, None, None, threads)
    return values, windows.empties()


def _range_dtype(dtype):
    """Of integers, the unsigned one of the same width, which holds every difference."""
    return np.dtype(f"u{dtype.itemsize}") if dtype.kind == "i" else native(dtype)


@algebra.quiet
def _range(operator, p, device=None):
    call = forms.Call(operator, p, device or engine.device_of(p["x"], p.get("grad_output")))
    found, dtype = call.windows, _range_dtype(call.x.dtype)
    out = engine.expanded_out(operator, p, p["out"], found.axes)
    out = result_array(found.out_shape, dtype, out, engine.inputs_of(p, call.x), xp=found.xp)
    empty = None if p["empty"] is None else engine.empty_value(p["empty"], dtype)
    if empty is None:
        empty = dtype.type(np.nan if storage_of(dtype).floating else 0)
    if call.device is not None:
        _on_device().pool_range(call, out, empty)
        return engine.handed(operator, p, out, p["out"], found.axes)
    high, nothing = _extreme(call, "max")
    low, _ = _extreme(call, "min")
    if dtype == np.bool_:
        np.not_equal(high, low, out=out)
    else:
        np.subtract(high.astype(dtype, copy=False), low.astype(dtype, copy=False), out=out)
    if nothing is not None:
        np.copyto(out, empty, where=np.broadcast_to(nothing, out.shape))
    return engine.handed(operator, p, out, p["out"], found.axes)


def _on_device():
    from cypool.cuda import weighed

    return weighed


def _range_backward(operator, p, device=None):
    call = forms.Call(operator, p, device or engine.device_of(p["x"], p.get("grad_output")))
    found = call.windows
    gradient = engine.gradient_of(operator, p, p["grad_output"], found, device=call.device)
    dtype = native(gradient.dtype)
    out = result_array(call.x.shape, dtype, p["out"], engine.inputs_of(p, gradient, call.x), xp=found.xp)
    if call.device is not None:
        _on_device().range_gradient(call, gradient, out)
        return out
    wide = np.dtype(np.float64 if dtype.itemsize == 8 else np.float32)
    gradient, parts = gradient.astype(wide, copy=False), []
    context = engine.Context(call.x, found, call.valid, call.threads)
    for op in ("max", "min"):
        indices, kind = engine.own_indices(engine.Operator(op, operator.kind, operator.rank), context)
        parts.append(np.empty_like(call.x, wide))
        found.scatter(gradient, indices, kind, parts[-1], call.threads)
    with np.errstate(all="ignore"):
        out[...] = np.subtract(*parts, out=parts[0])
    return out


# ---- standard deviation ---------------------------------------------------------------------------------------------------


class _Deviations:
    """A block's d, shift and scale, each window's n, m and y / scale, and which windows are `lost`."""

    def __init__(self, call, block):
        self.call, self.block = call, block
        numbers = block.numbers()
        axes = block.windows.axes
        low, high = (
            (numbers.min(axes, keepdims=True), numbers.max(axes, keepdims=True)) if block.valid is None else (0, np.nan)
        )
        if not np.isfinite(high - low).all():
            good = np.isfinite(numbers) if block.valid is None else np.isfinite(numbers) & block.valid
            low = np.where(good, numbers, np.inf).min(axes, keepdims=True)
            high = np.where(good, numbers, -np.inf).max(axes, keepdims=True)
            low, high = (np.where(low > high, 0.0, end) for end in (low, high))
        self.scale = np.exp2(np.frexp(high / 2 - low / 2)[1] - 1.0)
        numbers -= low / 2 + high / 2
        numbers /= self.scale
        self.d = block.weighted(numbers)
        if block.valid is None:
            self.n = np.broadcast_to(block.windows.product("count"), block.windows.out_shape)
        else:
            self.n = block.sum(block.valid.astype(np.float64))
        self.spare = self.n <= call.ddof  # too few cells
        self.m = block.sum(self.d) / self.n
        squares = block.sum(np.square(self.d, out=block.scratch.array("squares", block.x, block.x.shape, np.float64)))
        rest = squares - self.n * self.m * self.m
        self.freedom = np.where(self.spare, np.nan, self.n - call.ddof)
        self.y = np.sqrt(np.maximum(rest, 0) / self.freedom)
        lost = (rest <= CANCELLED * squares) & ~self.spare & (self.n > 0)
        self.lost = None
        if lost.any():
            self.y[lost] = 0
            high, low = (
                _extreme(None, op, block.x, block.windows, block.valid, block.num_threads)[0] for op in ("max", "min")
            )
            lost &= high != low
            self.lost = lost if lost.any() else None

    def rows(self):
        """The lost windows, one a row: positions, index, cells from the mean, y, both over the last, and n - ddof."""
        for at, index, x, _, inside in algebra.flagged(self.block, self.lost):
            first = np.take_along_axis(x, inside.argmax(1)[:, None], 1)
            d = np.where(inside, x / 2 - first / 2, 0.0)
            scale = np.exp2(np.frexp(np.abs(d).max(1, keepdims=True))[1] - 1.0)
            d /= scale
            d -= d.sum(1, keepdims=True) / inside.sum(1, keepdims=True)
            d[~inside] = 0
            freedom = algebra.at(self.freedom, at, self.y.shape)
            yield at, index, d, np.sqrt((d * d).sum(1, keepdims=True) / freedom), 2 * scale, freedom

    def value(self):
        """y."""
        result = self.y * self.scale
        if self.lost is not None:
            for at, _, _, y, scale, _ in self.rows():
                result[at] = (y * scale)[:, 0]
        return result

    def gradient(self, g):
        """The gradient of x."""
        dark = self.spare | (self.y == 0)
        pull = g / (self.freedom * self.y)
        pull[dark] = 0
        second = pull * self.m
        second[dark] = 0
        spread = self.block.adjoint(pull).copy()
        other = self.block.adjoint(second)
        nowhere = (spread == 0) & (other == 0)
        grad_x = self.d * spread
        grad_x -= other
        grad_x[nowhere] = 0  # infinite cells of no window
        if self.lost is not None:
            for at, index, d, y, _, freedom in self.rows():
                slope = np.where(y == 0, 0.0, d / (freedom * y))  # 0: integers that round to one number
                terms = slope * algebra.at(g, at, self.y.shape)
                np.add.at(grad_x, index, terms.reshape(index[0].shape))
        if self.block.valid is not None:
            grad_x[~self.block.valid] = 0
        return grad_x


class _Call(forms.Call):
    """Everything about a call that its parameters decide."""

    def __init__(self, operator, p, device=None):
        super().__init__(operator, p, device or engine.device_of(p["x"], p.get("grad_output")))
        self.ddof = read.integer(p["ddof"], "ddof", 0)

    def value(self, block):
        """y."""
        return _Deviations(self, block).value()

    def gradients(self, block, gradient):
        """Of x."""
        return _Deviations(self, block).gradient(gradient), None

    def tier(self, gradient=None):
        """See `tiers`."""
        return tiers.of(self, "std", gradient=gradient)

    def on_device(self):
        """The call on a GPU."""
        return _on_device().Weighed(self, "std", freedom=self.ddof)


def _std(operator, p, device=None):
    return algebra.pool(_Call, operator, p, device)


@algebra.quiet
def _std_backward(operator, p, device=None):
    call = _Call(operator, p, device)
    found = call.windows
    gradient = engine.gradient_of(operator, p, p["grad_output"], found, device=call.device)
    out = result_array(
        call.x.shape, native(gradient.dtype), p["out"], engine.inputs_of(p, gradient, call.x), xp=found.xp
    )
    if call.device is not None:
        call.on_device().gradients(gradient, out)
    else:
        algebra.gradients(call, gradient, out)
    return out


# ---- public functions ------------------------------------------------------------------------------------------------

_GRADIENT = "numpy.ndarray\n    The gradient of x, in grad_output's dtype."
_PAGES = {
    "range": forms.Page(
        "Range",
        "The largest cell less the smallest, exact for integers; NaN if a cell is NaN, or all are the same infinity.  It is the\n"
        "morphological gradient with a flat window.",
        "The gradient goes to the first of the largest cells and, negated, to the first of the smallest.  `empty` has no effect.",
        _GRADIENT,
        'P. Soille, "Morphological image analysis", 2nd edition, Springer 2003, section 3.8.',
        "[[3. 8.]\n [7. 8.]]",
        "NaN (integers 0)",
        {},
        "numpy.ndarray\n    The result, in x's dtype; of signed integers, in the unsigned ones of their width.",
    ),
    "std": forms.Page(
        "Standard deviation",
        "``(S((x - mean)**2) / (n - ddof))**(1/2)`` over the window's n cells; NaN where n is at most `ddof`.  Computed in\n"
        "float64, relative to one of the plane's values, and again relative to their own cells where those lie close\n"
        "together: windows of equal cells give exactly 0.",
        "The gradient is 0 where the standard deviation is 0 or NaN for want of cells.  `empty` has no effect.",
        _GRADIENT,
        'T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance", The American\n'
        "        Statistician 37, 1983.",
        "[[1.12 3.03]\n [2.86 3.28]]",
        "NaN",
        {"ddof": "int\nWhat the divisor lacks of the number of cells: 0 for the population's, 1 for the sample's."},
    ),
}
_ROWS = {"range": (_range, _range_backward, {}), "std": (_std, _std_backward, {"ddof": 0})}

globals().update(
    (function.__name__, function)
    for op, row in _ROWS.items()
    for function in forms.publish(__name__, op, _PAGES[op], *row)
)
__all__ = sorted(name for name in globals() if "_pool" in name and not name.startswith("_"))
