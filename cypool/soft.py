"""Smooth maxima: log-sum-exp, soft and generalised-mean pooling, with gradients to x and to their exponent.

All three weigh a window's cells by terms e that grow exponentially: e = exp(b z), z = x with the exponent b = beta, or
z = log(max(x, eps)) with b = p, where e is a power of x.  With T = S(e), or the mean, and <u> = S(e u) / S(e):

    lse      y = log(T) / b            dy/dx = e / T               dy/db = (<z> - log(T) / b) / b
    gem      y = T**(1 / b)            dy/dx = e / T * y / x       dy/db = y (<z> - log(T) / b) / b
    soft     y = <x>                   dy/dx = e / T * (1 + b (x - y))        dy/db = <x x> - y y

`tiers` computes what float32 can, and this module, in float64, the rest.  Exponentials are relative to the plane's largest
exponent (b < 0: smallest cell), so none overflows; windows whose T is nearly subnormal even so, and gem's whose T leaves
float64's range, are computed again for these windows alone, each relative to its own largest term.
"""

import math

import numpy as np

from cypool import algebra, elementary, engine, forms, norms, tiers, windows
from cypool import parameters as read
from cypool.arrays import as_array, native, result_array

LEAST, MOST = 2.0**-500, 2.0**500
"""Totals beyond these may have lost terms, and their inverses gradients, to the end of float64's range."""

HUGE = 2.0**960
"""Sums of cells beyond this, and their distances, may leave it."""


class _Call(forms.Call):
    """Everything about a call that its parameters decide."""

    def __init__(self, operator, p, device=None):
        super().__init__(operator, p, device or engine.device_of(p["x"], p.get("grad_output")))
        name = "p" if self.op == "gem" else "beta"
        self.eps = None
        if self.op == "gem":
            self.eps = read.real(p["eps"], "eps")
            if not 0 < self.eps < np.inf:
                raise ValueError(f"eps must be positive and finite, got {p['eps']!r}")
        self.given = _exponent(p[name], name, self.op != "soft", self.device)
        self.scalar = float(self.given) if np.ndim(self.given) == 0 else None
        self.planes = tuple(1 if a in self.windows.axes else n for a, n in enumerate(self.x.shape))
        try:
            self.exponents = self.windows.xp.broadcast_to(self.given, self.planes) if self.scalar is None else None
        except ValueError:
            raise ValueError(
                f"{name} must be a number, or one for each plane, broadcast to {self.planes}, got shape {self.given.shape}"
            ) from None
        averaged = self.op == "gem" or (self.op == "lse" and read.boolean(p["mean"], "mean"))
        self.mean = "shares" if averaged else None

    @property
    def inputs(self):
        return self.x, self.given

    @property
    def own(self):
        return (self.exponents,)

    def value(self, block, exponents=None):
        """y."""
        return _pooled(self, block, self.scalar if exponents is None else exponents)

    def gradients(self, block, gradient, exponents=None):
        """Of x, and for each plane of its exponent."""
        b = self.scalar if exponents is None else exponents
        grad_x, by_exponent = _gradients(self, block, b, gradient)
        return grad_x, _of_planes(by_exponent, block)

    def tier(self, gradient=None):
        """Where one exponent serves all planes."""
        return tiers.of(self, self.op, self.scalar, self.eps or 0.0, gradient)

    def on_device(self):
        """The call on a GPU."""
        from cypool.cuda.weighed import Weighed

        b, mean = self.scalar or 0.0, bool(self.mean)
        return Weighed(self, self.op, b, self.exponents, floor=self.eps or 0.0, mean=mean, how=0)

    def logarithms(self, x):
        """z, of which the terms are exponentials."""
        return elementary.log(np.maximum(x, self.eps)) if self.op == "gem" else x

    def terms(self, block, b):
        """Of a block x (gem: at least eps), the plane's shift (None for gem) and e relative to it."""
        numbers = block.numbers()
        terms = block.scratch.array("terms", block.x, block.x.shape, np.float64)
        if self.op == "gem":
            np.maximum(numbers, self.eps, out=numbers)
            terms[...] = numbers
            terms = elementary.power(terms, b, terms) if self.scalar is None else norms.raised(terms, self.scalar)
            return numbers, None, block.weighted(terms)
        shift = _shift(block, numbers, b)
        np.subtract(numbers, shift, out=terms)
        terms *= b
        elementary.exp(terms, terms)
        return numbers, shift, block.weighted(terms)

    def root(self, total, b):
        """gem's last step."""
        return elementary.power(total, 1 / b) if self.scalar is None else norms.root(total.copy(), self.scalar)


def _exponent(value, name, divides, device=None):
    """beta or p, a number or an array of finite numbers, without zeros where it is divided by."""
    if not (engine.is_array(value) or isinstance(value, (list, tuple))):
        value = read.real(value, name)
        if math.isfinite(value) and (value or not divides):
            return value
    array = as_array(value, name, device if engine.on_gpu(value) else None)
    if array.dtype == np.bool_:
        raise TypeError(f"{name} must be a real number, got {array.dtype}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {value!r}")
    if divides and (array == 0).any():
        raise ValueError(f"{name} must not be 0, got {value!r}")
    if device is None:
        return array
    return device.xp.asarray(array) if array.ndim else float(array)


def _of_planes(numbers, block):
    """Sums over each plane's windows, by the kernels: NumPy's order of summation depends on the array's strides."""
    axes = block.windows.axes
    result = np.zeros(tuple(1 if a in axes else n for a, n in enumerate(numbers.shape)))
    if numbers.size:
        whole = windows.adaptive(numbers.shape, axes, (1,) * len(axes))
        whole.total(numbers, result, num_threads=block.num_threads)
    return result


def _shift(block, numbers, b):
    """For each plane the cell with the largest exponent, of those that are valid and finite."""
    axes = block.windows.axes

    def ends(low, high):
        if np.ndim(b):
            return np.where(b < 0, low.min(axes, keepdims=True), high.max(axes, keepdims=True))
        return low.min(axes, keepdims=True) if b < 0 else high.max(axes, keepdims=True)

    shift = ends(numbers, numbers) if block.valid is None else None
    if shift is None or not np.isfinite(shift).all():
        good = np.isfinite(numbers)
        if block.valid is not None:
            good &= block.valid
        shift = ends(np.where(good, numbers, np.inf), np.where(good, numbers, -np.inf))
        shift[~np.isfinite(shift)] = 0
    return shift


def _lost(block, total, nothing):
    """Windows to be computed again, or None."""
    if not total.size:
        return None
    lost = (total < LEAST) | (total > MOST)
    if block.x.dtype.itemsize == 8:
        lost |= _huge(block)
    if nothing is not None:
        lost &= ~nothing
    return lost if lost.any() else None


def _huge(block):
    """Windows with a finite cell whose sums and distances may leave float64's range."""
    most = max(block.x.max(initial=0), -block.x.min(initial=0))
    if most <= HUGE:
        return False
    huge = np.isfinite(block.x) & (np.abs(block.numbers("huge")) > HUGE)
    if not huge.any():
        return False
    count = np.empty(block.windows.out_shape, np.int64)
    block.windows.total(huge, count, num_threads=block.num_threads)
    return count > 0


class _Rows:
    """Some windows, one a row, relative to their own largest terms; half distances, because whole ones may be infinite."""

    def __init__(self, call, block, b, at, index, x, inside, shape):
        self.at, self.index, self.x, self.inside = at, index, x, inside
        self.b = algebra.at(b, at, shape)
        z = call.logarithms(x)
        low = np.where(inside, z, np.inf).min(1, keepdims=True)
        high = np.where(inside, z, -np.inf).max(1, keepdims=True)
        self.most = np.where(self.b < 0, low, high)
        self.half = np.where(inside, z / 2 - self.most / 2, 0.0)
        self.e = np.where(inside, elementary.exp(2 * (self.b * self.half)), 0.0)
        self.sum = self.e.sum(1, keepdims=True)
        self.log = elementary.log(algebra.at(block.coefficients(), at, shape) * self.sum) / self.b
        self.share = np.where(inside, self.e / self.sum, 0.0)

    def average(self, u):
        """<u>."""
        return np.where(self.e == 0, 0.0, self.share * u).sum(1, keepdims=True)


def _rows(call, block, b, lost, shape):
    for at, index, x, _, inside in algebra.flagged(block, lost):
        yield _Rows(call, block, b, at, index, x, inside, shape)


def _pooled(call, block, b):
    """y of a block, in float64."""
    numbers, shift, terms = call.terms(block, b)
    total = block.sum(terms)
    nothing = block.empties()
    lost = _lost(block, total, nothing)
    if call.op == "soft":
        nil = terms == 0 if not np.isfinite(numbers.sum()) else None
        terms *= numbers
        if nil is not None:
            terms[nil] = 0  # infinite cells that weigh nothing
        result = block.sum(terms)
        small = algebra.vanished(block, result)
        if small.any():
            small = small if nothing is None else small & ~nothing
            lost = small if lost is None else lost | small
        result /= total
    elif call.op == "lse":
        result = elementary.log(total)
        result /= b
        result += shift
    else:
        result = call.root(total, b)
    if lost is not None:
        for rows in _rows(call, block, b, lost, total.shape):
            y = rows.average(rows.x) if call.op == "soft" else rows.most + rows.log
            y = np.where(np.isfinite(rows.most), y, rows.most)
            result[rows.at] = (elementary.exp(y) if call.op == "gem" else y)[:, 0]
    if nothing is not None:
        np.copyto(result, _nothing(call, b), where=nothing)
    return result


def _nothing(call, b):
    """y of no cells: the logarithm of a sum of nothing, or the mean of nothing."""
    return np.copysign(np.inf, -np.asarray(b)) if call.op == "lse" and call.mean is None else np.nan


def _product(block, name, terms, u):
    """Terms times u, 0 where the term is 0, whatever u."""
    product = np.multiply(terms, u, out=block.scratch.array(name, block.x, block.x.shape, np.float64))
    if not np.isfinite(product.sum()):
        product[terms == 0] = 0
    return product


def _gradients(call, block, b, gradient):
    """Gradients of x and, for each window, of the exponent, in float64."""
    numbers, shift, terms = call.terms(block, b)
    total = block.sum(terms)
    nothing = block.empties()
    lost = _lost(block, total, nothing)
    dark = None if nothing is None else np.broadcast_to(nothing, total.shape)
    if lost is not None:
        dark = lost if dark is None else dark | lost
    inside = None if call.op != "gem" else block.x >= call.eps
    if call.op == "gem":
        logarithms = elementary.log(numbers)
    else:
        logarithms = numbers  # z relative to the shift, from here on
        logarithms -= shift
    weighed = _product(block, "weighed", terms, logarithms)
    first = block.sum(weighed)
    first /= total
    pull = gradient / total
    if dark is not None:
        pull[dark] = 0
    if call.op == "soft":
        second = block.sum(_product(block, "squares", weighed, logarithms))
        by_exponent = np.maximum(second / total - first * first, 0)
        spread = block.adjoint(pull.copy()).copy()
        pull *= first
        if dark is not None:
            pull[dark] = 0
        other = block.adjoint(pull)
        grad_x = b * logarithms
        grad_x += 1
        grad_x *= spread
        nowhere = (spread == 0) & (other == 0) | np.isinf(numbers) & (terms == 0) & ~np.isnan(spread)
        other *= b
        grad_x -= other
        grad_x *= terms
    else:
        by_exponent = (first - elementary.log(total) / b) / b
        if call.op == "gem":
            y = call.root(total, b)
            by_exponent *= y
            pull *= y
            if dark is not None:
                pull[dark] = 0
            terms /= numbers
        spread = block.adjoint(pull)
        grad_x = np.multiply(terms, spread, out=terms)
    if not np.isfinite(grad_x.sum()):  # infinite cells of no window, or that weigh nothing
        grad_x[nowhere if call.op == "soft" else spread == 0] = 0
    by_exponent *= gradient
    if dark is not None:
        by_exponent[dark] = 0
    if lost is not None:
        for rows in _rows(call, block, b, lost, total.shape):
            share, first = rows.share, rows.average(rows.half)
            slope = (2 * first - rows.log) / rows.b if call.op != "soft" else 4 * rows.average((rows.half - first) ** 2)
            if call.op == "gem":
                y = rows.most + rows.log
                slope *= elementary.exp(y)
                share *= elementary.exp(y - call.logarithms(rows.x))
            elif call.op == "soft":
                share *= 1 + 2 * (rows.b * (rows.half - first))
                share[rows.e == 0] = 0
            g = algebra.at(gradient, rows.at, total.shape)
            np.add.at(grad_x, rows.index, np.where(rows.inside, share * g, 0.0).reshape(rows.index[0].shape))
            by_exponent[rows.at] = (slope * g)[:, 0]
    if inside is not None:
        grad_x[~inside & ~np.isnan(block.x)] = 0
    if block.valid is not None:
        grad_x[~block.valid] = 0
    return grad_x, by_exponent


def forward(operator, p, device=None):
    """Pool; `p` maps parameter names to what the caller gave."""
    return algebra.pool(_Call, operator, p, device)


@algebra.quiet
def backward(operator, p, device=None):
    """The gradients of x and of beta or p."""
    call = _Call(operator, p, device)
    found = call.windows
    gradient = engine.gradient_of(operator, p, p["grad_output"], found, device=call.device)
    inputs = engine.inputs_of(p, gradient, call.x, call.given)
    out = result_array(call.x.shape, native(gradient.dtype), p["out"], inputs, xp=found.xp)
    if call.device is not None:
        return out, engine.sum_to(call.on_device().gradients(gradient, out), np.shape(call.given))
    by_plane = np.zeros(call.planes)
    algebra.gradients(call, gradient, out, of_planes=by_plane)
    return out, engine.sum_to(by_plane, np.shape(call.given))[()]


# ---- public functions ------------------------------------------------------------------------------------------------

_BETA = (
    "float or array_like\nHow sharply larger cells outweigh smaller ones, or for a negative one smaller cells larger ones{zero}.\n"
    "One number, or one for each plane, with extent 1 along the pooled axes."
)
_OUT = "numpy.ndarray or None\nWhere to write the result (of the gradients that of x); exactly its dtype and shape."
_SLOPES = (
    "The gradient of {name} is the sum over all windows, or over those of each plane.\n"
    "`empty` has no effect; windows without a valid cell send nothing."
)


def _gradient_text(name):
    return (
        f"tuple of numpy.ndarray\n    The gradient of x, in grad_output's dtype, and that of {name}, in float64, of the"
        f" shape of {name}."
    )


_PAGES = {
    "lse": forms.Page(
        "Log-sum-exp",
        "``log(S(exp(beta x))) / beta``, of the sum over the window's cells or, with `mean`, of their mean.  Nothing overflows,\n"
        "and windows whose exponentials vanish beside the plane's largest are computed again by themselves.  A window without\n"
        "a cell gives -inf (beta < 0: inf), under `mean` NaN.  +inf and -inf are numbers like others.  Of float32 and halves\n"
        "the error is at most ``(6 + s) u / abs(beta) + 4 u max(abs(x))``, u = 2**-24, s the window's taps along all axes.",
        _SLOPES.format(name="beta"),
        _gradient_text("beta"),
        'P. O. Pinheiro, R. Collobert, "From image-level to pixel-level labeling with convolutional networks", CVPR 2015\n'
        "        (the mean).",
        "[[4.44 8.05]\n [7.32 9.  ]]",
        "what the notes say",
        {
            "beta": _BETA.format(zero="; not 0"),
            "mean": "bool\nThe logarithm of the mean of exponentials: equal cells give their own value, however many.",
            "out": _OUT,
        },
    ),
    "soft": forms.Page(
        "Exponentially weighted average",
        "``S(exp(beta x) x) / S(exp(beta x))``: the average of the window's cells with weights that are the softmax of beta x;\n"
        "for beta = 0 the average, for a large one near the maximum.  An infinite cell that weighs nothing adds nothing, one\n"
        "that outweighs all others is the result.  Of float32 and halves the error is at most ``(12 + 2 s) u max(abs(x))``,\n"
        "u = 2**-24, s the window's taps along all axes.",
        _SLOPES.format(name="beta"),
        _gradient_text("beta"),
        'A. Stergiou, R. Poppe, G. Kalliatakis, "Refining activation downsampling with SoftPool", ICCV 2021.',
        "[[3.49 7.84]\n [6.7  8.98]]",
        "NaN",
        {"beta": _BETA.format(zero=""), "out": _OUT},
    ),
    "gem": forms.Page(
        "Generalised mean",
        "``(mean(max(x, eps)**p))**(1/p)`` over the window's cells, for any p but 0: 1 is the average, -1 the harmonic mean,\n"
        "a large one near the maximum.  Of float32 and halves the relative error is at most ``(12 + s) u``, u = 2**-24, s the\n"
        "window's taps along all axes.",
        _SLOPES.format(name="p") + "  Cells below eps have the gradient 0.",
        _gradient_text("p"),
        'F. Radenovic, G. Tolias, O. Chum, "Fine-tuning CNN image retrieval with no human annotation", TPAMI 2019.',
        "[[2.92 5.44]\n [5.21 5.74]]",
        "NaN",
        {
            "p": "float or array_like\nThe exponent, not 0.  One number, or one for each plane (extent 1 along the pooled axes).",
            "eps": "float\nCells count as at least this; positive.",
            "out": _OUT,
        },
    ),
}
_OWN = {"lse": {"beta": 1.0, "mean": False}, "soft": {"beta": 1.0}, "gem": {"p": 3.0, "eps": 1e-6}}

globals().update(
    (function.__name__, function)
    for op, page in _PAGES.items()
    for function in forms.publish(__name__, op, page, forward, backward, _OWN[op])
)
__all__ = sorted(name for name in globals() if "_pool" in name and not name.startswith("_"))
