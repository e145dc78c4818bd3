"""What norms and power means of windows compute: lp and rms pooling, forward and backward (`powers` has their names).

All of it is algebra on the windowed sum S and its adjoint (`blocks.Block`).  With f(x) = abs(x)**p, or x**p for
PyTorch's rule, d = f'/p, and c the window's coefficient (1; the window's taps over its cells; one over the divisor):

    T = c S(w f(x))      y = T**(1/p)      grad_x = w d(x) S^T(c g y**(1 - p))      grad_w = f(x) S^T(c g y**(1 - p) / p)

and, where the divisor counts the weights, grad_w less S^T(g y / (p D)).  A norm of infinite order selects instead.

`tiers` computes what float32 can, and this module, in float64, the rest.  What float64 cannot hold (a sum that is 0, nearly
subnormal or infinite although its cells are not) is computed again for these windows alone, each scaled by its own largest
cell: rule 10 of the contract.
"""

import functools
import math

import numpy as np

from cypool import algebra, bands, blocks, elementary, engine, masked, tiers
from cypool import parameters as read
from cypool.arrays import PAIR_OF_WEIGHTS, as_array, as_gradient, pair_of, result_array, storage_of
from cypool.kernels.core import CODES
from cypool.windows import INDEX_DTYPES

LEAST, MOST = 2.0**-960, 2.0**960
"""Sums beyond these may have lost cells to the end of float64's range."""

EXPONENTS = {"float16": (-24, 16), "bfloat16": (-133, 128), "float32": (-149, 128), "float64": (-1074, 1024)}
"""Least and greatest powers of two of each dtype's numbers."""


# ---- arithmetic on cells -------------------------------------------------------------------------------------------


def raised(x, p):
    """x**p in place, as numpy.power; small whole and half powers by products and roots, whose bits depend on no library."""
    if p == 1:
        return x
    if p < 0:
        return np.divide(1, raised(x, -p), out=x)
    if not (0.5 <= p <= 16 and 2 * p == int(2 * p)):
        return elementary.power(x, p, x)
    half = None if p == int(p) else np.sqrt(x)
    if p == 0.5:
        x[...] = half
        return x
    bits = bin(int(p))[3:]
    base = x.copy() if "1" in bits else None
    for bit in bits:
        x *= x
        if bit == "1":
            x *= base
    return x if half is None else np.multiply(x, half, out=x)


def root(total, p):
    """total**(1/p) in place: NaN for negative totals unless p is 1 (or 1/p a whole number)."""
    if p == 1:
        return total
    if p == 2:
        return np.sqrt(total, out=total)
    lost = 0.0
    if math.isfinite(1 / p):
        (a, b), (c, d) = p.as_integer_ratio(), (1 / p).as_integer_ratio()
        lost = (b * d - a * c) / (a * d)  # what rounding takes from the exponent 1/p, a power of y gives back
    if not lost:
        return elementary.power(total, 1 / p, total)
    mend = elementary.log(total)
    mend *= lost
    mend[~np.isfinite(mend)] = 0
    mend += 1
    return np.multiply(elementary.power(total, 1 / p, total), mend, out=total)


class Power:
    """f(x) = abs(x)**p, or x**p if signed, and its derivatives over p."""

    def __init__(self, p, signed):
        self.p, self.signed = p, signed

    def value(self, x):
        """f, in place."""
        if not self.signed and self.p % 2:
            np.abs(x, out=x)
        return raised(x, self.p)

    def slope(self, x):
        """f'/p, in place."""
        if self.p == 2:
            return x
        if self.signed and self.p != 1:
            return raised(x, self.p - 1)
        sign = np.ones_like(x) if self.signed else np.sign(x)
        if self.p == 1:
            return sign
        return np.multiply(raised(np.abs(x, out=x), self.p - 1), sign, out=x)

    def curvature(self, x):
        """f''/p, in place; 0 where there is none."""
        if self.p in (1, 2):
            x.fill(self.p - 1)
            return x
        nothing = (x == 0) & (self.p < 2)
        raised(x if self.signed else np.abs(x, out=x), self.p - 2)
        x *= self.p - 1
        x[nothing] = 0
        return x


# ---- a call ------------------------------------------------------------------------------------------------------------


class _Call(algebra.Call):
    """Everything about a call that its parameters decide."""

    def __init__(self, operator, p, device=None):
        self.operator, self.p = operator, p
        self.device = device = device or engine.device_of(p["x"], p.get("grad_output"))
        x = as_array(p["x"], device=device)
        p["shape"] = x.shape
        self.norm, signed = 2.0, False
        if operator.op == "lp":
            self.norm, signed = _norm_of(p["norm_type"]), read.boolean(p["signed"], "signed")
            if not signed and not self.norm >= 1:
                raise ValueError(f"norm_type must be at least 1 for a true norm (signed=False), got {p['norm_type']!r}")
            p["count_include_pad"] = False
        found = engine.RESOLVE[operator.kind](operator, x.shape, p)
        self.x, self.threads = x, read.threads_of(p["num_threads"])
        self.windows = engine.there(found, p, device)
        self.dtype = x.dtype.newbyteorder("=") if storage_of(x.dtype).floating else np.dtype(np.float64)
        nan = read.choice(p["nan"], "nan", read.NAN_POLICIES)
        self.valid = self.windows.masked.validity(x, p["mask"], nan, self.windows)
        self.weights = None
        if p["weights"] is not None:
            self.weights = self.windows.masked.as_weights(p["weights"], x, self.windows)
        self.power = Power(self.norm, signed)
        if operator.op == "rms":
            self.mean = read.divisor_of(p.get("divisor_override")) or "shares"
            if self.mean != "shares" and self.mean < 0:
                raise ValueError(f"divisor_override must be positive for a root mean square, got {self.mean}")
        elif signed and operator.kind == "windowed" and math.isfinite(self.norm):
            taps = found.window_taps
            if self.valid is not None or self.weights is not None or _some_are_partial(found):
                self.mean, self.factor = "shares", float(taps)
        if math.isinf(self.norm) and self.weights is not None:
            raise ValueError(f"weights mean nothing for a norm of infinite order, got norm_type={self.norm}")
        self.order = blocks.order_of(found)

    @property
    def inputs(self):
        return self.x, self.weights

    def value(self, block):
        """y."""
        return _extreme(self, block)[0] if math.isinf(self.norm) else _norms(self, block)

    def gradients(self, block, gradient):
        """Of x and, with weights, of these."""
        if math.isinf(self.norm):
            return _extreme_gradients(self, block, gradient), None
        return _gradients(self, block, gradient, self.weights is not None)

    def tier(self, gradient=None):
        """PyTorch's rule cancels for odd orders, where a cell is negative: these planes are not the first tier's."""
        signed = self.power.signed and self.norm % 2
        if self.norm < 1 or (self.power.signed and self.norm == 1):
            return None
        return tiers.of(self, "norm", self.norm, -1.0 if signed else 0.0, gradient)

    def on_device(self):
        """The call on a GPU."""
        from cypool.cuda import weighed

        if math.isinf(self.norm):
            return weighed.ExtremeNorm(self)
        norm, signed = self.operator.op == "lp", self.power.signed
        op = "norm" if self.weights is None else "weighted norm"
        return weighed.Weighed(self, op, self.norm, norm=norm, with_sign=signed)

    @functools.cached_property
    def wild(self):
        """The same of the slopes' powers."""
        least, most = EXPONENTS.get(self.x.dtype.name, (0, 8 * self.x.dtype.itemsize))
        return self.risky or max(abs(least), abs(most) + 64) * abs(self.norm - 1) > 500

    @functools.cached_property
    def risky(self):
        """Whether a power of a number of x's dtype, or a sum of them, may leave float64's range."""
        info = self.x.dtype
        least, most = EXPONENTS.get(info.name, (0, 8 * info.itemsize))
        ends = [end * self.norm for end in (least, most)]
        room = 900 - math.log2(max(self.windows.taps, 1))
        return self.weights is not None or not all(-room < end < room for end in ends)


def _some_are_partial(windows):
    """Whether some window has fewer cells than taps."""
    return any(bool((table.share != table.window).any()) for table in windows.tables)


def _norm_of(norm_type):
    norm = read.real(norm_type, "norm_type")
    if norm == 0:
        raise ValueError(f"norm_type must not be 0, got {norm_type!r}")
    return norm


# ---- norms of finite order ---------------------------------------------------------------------------------------------


def _weighted(block, powers):
    """Powers of a block's cells times their weights, in place: 0 where a finite cell weighs nothing, however large its power."""
    powers = block.weighted(powers)
    if block.cells is not None and np.isnan(powers).any():
        powers[(block.cells == 0) & np.isfinite(block.x)] = 0
    return powers


def _norms(call, block):
    """y for a block, in float64."""
    total = block.sum(_weighted(block, call.power.value(block.numbers())))
    lost = None
    if call.risky:
        size = np.abs(total)
        lost = (size < LEAST) | (size > MOST)
        if lost.any() and _zeros_are_zeros(call, block):
            lost &= total != 0
    norms = root(total, call.norm)
    if lost is not None and lost.any():
        _repair(call, block, norms, lost)
    if call.operator.op == "lp":
        nothing = block.empties()
        if nothing is not None:
            np.copyto(norms, 0, where=nothing)
    return norms


def _zeros_are_zeros(call, block):
    """Whether sums of 0 can only come from cells of 0: true of what a rectifier leaves, and cheaper to ask than to repair."""
    if call.norm < 0 or call.weights is not None:
        return False
    size = np.abs(block.numbers())
    size[size == 0] = np.inf
    least = size.min()
    return least == np.inf or math.log2(least) * call.norm > -900


def _scaled(call, x, weights, coefficients):
    """Norms of windows, one a row, over their own scales: both, and where a scale is of use."""
    size = np.where(weights != 0, np.abs(x), np.inf if call.norm < 0 else 0.0)
    scale = size.min(1, keepdims=True, initial=np.inf) if call.norm < 0 else size.max(1, keepdims=True, initial=0)
    good = (scale > 0) & np.isfinite(scale)
    terms = np.where(weights == 0, 0.0, weights * call.power.value(x / np.where(good, scale, 1.0)))
    return root(terms.sum(axis=1, keepdims=True) * coefficients, call.norm), scale, good


def _repair(call, block, norms, lost):
    """Windows that float64 could not hold, each with its own scale."""
    coefficients = block.coefficients()
    for at, _, x, weights, _ in algebra.flagged(block, lost):
        small, scale, good = _scaled(call, x, weights, algebra.at(coefficients, at, norms.shape))
        norms[at] = np.where(good, scale * small, norms[at].reshape(-1, 1))[:, 0]


def _pull(call, block, norms, gradient):
    """g y**(1 - p), and where that needs windows of their own (None if nowhere); 0 where the norm is 0."""
    shrunk = np.ones_like(norms)
    if call.norm == 2:
        np.divide(shrunk, norms, out=shrunk)
    elif call.norm != 1:
        shrunk = raised(norms.copy(), 1 - call.norm)
    lost = None
    if call.wild or np.isinf(norms).any():
        size = np.abs(shrunk)
        lost = (norms != 0) & ((size < 2.0**-500) | (size > 2.0**500))
        if call.weights is not None:  # whose gradient multiplies by powers of cells
            most = 2.0 ** min(900 / abs(call.norm), 1000)
            size = np.abs(norms)
            lost |= (norms != 0) & ((size < 1 / most) | (size > most))
        lost = lost if lost.any() else None
    shrunk *= gradient
    shrunk[norms == 0] = 0
    if lost is not None:
        shrunk[lost] = 0
    nothing = block.empties()
    if nothing is not None:
        np.copyto(shrunk, 0, where=nothing)
    return shrunk, lost


def _gradients(call, block, gradient, want_weights):
    """Gradients of x and of the weights, in float64."""
    norms = _norms(call, block)
    pulled, lost = _pull(call, block, norms, gradient)
    spread = block.adjoint(pulled)
    grad_x = _weighted(block, call.power.slope(block.numbers()))
    grad_x *= spread
    nowhere = None
    if want_weights or not math.isfinite(grad_x.sum()):  # infinite cells of no window, or of none with a gradient
        nowhere = spread == 0
        grad_x[nowhere] = 0
    grad_weights = None
    if want_weights:
        grad_weights = np.where(nowhere, 0.0, call.power.value(block.numbers("weights")) * spread / call.norm)
    if lost is not None:
        for at, index, x, weights, inside in algebra.flagged(block, lost):
            coefficients, y = algebra.at(block.coefficients(), at, norms.shape), algebra.at(norms, at, norms.shape)
            small, scale, good = _scaled(call, x, weights, coefficients)
            share = np.where(good, x / scale / small, x / y)  # of the norm; y itself may be subnormal
            g = algebra.at(gradient, at, norms.shape) * coefficients
            slope = call.power.slope(x.copy() if call.norm == 1 else share.copy())  # a sign remains where a share is 0
            terms = np.where(weights != 0, weights * slope * g, 0.0)
            np.add.at(grad_x, index, terms.reshape(index[0].shape))
            if want_weights:
                terms = np.where(inside, call.power.value(share) * y * g / call.norm, 0.0)
                np.add.at(grad_weights, index, terms.reshape(index[0].shape))
    if want_weights and block.divisor is not None:
        # the divisor counts weights too
        share = np.where((norms == 0) | np.isnan(block.divisor), 0.0, gradient * norms / (call.norm * call.factor))
        spread = block.adjoint(share)
        grad_weights -= spread
    if block.valid is not None:
        grad_x[~block.valid] = 0
        if want_weights:
            grad_weights[~block.valid] = 0
    return grad_x, grad_weights


def _curvatures(call, block, outer, gradient):
    """Gradients of grad_output and x, given that of grad_x.  Norms are of degree 1: each plane is scaled to size 1."""
    axes = block.windows.axes
    size = np.where(np.isfinite(block.x), np.abs(block.numbers()), 0.0).max(axis=axes, keepdims=True, initial=0.0)
    scale = np.where(size > 0, np.exp2(np.frexp(size)[1] - 1.0), 1.0)
    block.x = block.numbers() / scale  # from here on
    norms = _norms(call, block)
    live = norms != 0
    shrunk = raised(norms.copy(), 1 - call.norm) if call.norm != 1 else np.ones_like(norms)
    slopes = block.weighted(call.power.slope(block.numbers("slopes")))
    if block.valid is not None:
        outer = np.where(block.valid, outer, 0.0)
    pushed = np.where(live, block.sum(slopes * outer), 0.0)
    to_gradient = np.where(live, shrunk * pushed, 0.0)
    to_x = block.weighted(call.power.curvature(block.numbers())) * outer
    to_x *= block.adjoint(np.where(live, gradient * shrunk, 0.0))
    if call.norm != 1:
        bent = gradient * (1 - call.norm) * shrunk * shrunk / np.where(live, norms, 1.0) * pushed
        to_x += slopes * block.adjoint(np.where(live, bent, 0.0))
    nothing = block.empties()
    if nothing is not None:
        np.copyto(to_gradient, 0, where=nothing)
    if block.valid is not None:
        to_x[~block.valid] = 0
    return to_gradient, to_x / scale


# ---- norms of infinite order ---------------------------------------------------------------------------------------------


def _extreme(call, block):
    """Largest or smallest abs(x) of a block and, in the form that the scatter takes, where it stands."""
    op = "max" if call.norm > 0 else "min"
    size = np.abs(block.x.astype(call.dtype))
    found = block.windows
    kind = CODES["plane"] if found.window_taps > 2**31 - 1 else found.window_kind()
    if block.valid is not None:
        values, indices = masked.select(found, op, size, block.valid, kind, block.num_threads)
    else:
        values, indices = (np.empty_like(size, t, shape=found.out_shape) for t in (size.dtype, INDEX_DTYPES[kind]))
        found.select(op, size, values, indices, kind, block.num_threads)
    values[indices == masked.empty_mark(kind)] = 0
    return values, indices, kind


def _extreme_gradients(call, block, gradient):
    _, indices, kind = _extreme(call, block)
    result = np.empty_like(block.x, np.float64, shape=block.windows.shape)
    block.windows.scatter(gradient, indices, kind, result, block.num_threads)
    return np.where(result == 0, 0.0, result * np.sign(block.numbers()))


def _extreme_curvatures(call, block, outer):
    _, indices, kind = _extreme(call, block)
    result = np.empty(block.windows.out_shape)
    block.windows.gather(
        np.where(outer == 0, 0.0, outer * np.sign(block.numbers())), indices, kind, result, block.num_threads
    )
    return result, np.zeros(block.x.shape)


# ---- what the public functions run ----------------------------------------------------------------------------------------


def forward(operator, p, device=None):
    """Pool; `p` maps parameter names to what the caller gave."""
    return algebra.pool(_Call, operator, p, device)


@algebra.quiet
def backward(operator, p, device=None):
    """The gradient of x; with weights a pair."""
    call = _Call(operator, p, device)
    gradient = engine.gradient_of(operator, p, p["grad_output"], call.windows, device=call.device)
    dtype, want = gradient.dtype.newbyteorder("="), call.weights is not None
    out, out_weights = pair_of(p["out"], PAIR_OF_WEIGHTS, want)
    inputs = engine.inputs_of(p, gradient, call.x, call.weights)
    out = result_array(call.x.shape, dtype, out, inputs, xp=call.windows.xp)
    if not want:
        if call.device is not None:
            call.on_device().gradients(gradient, out)
        else:
            algebra.gradients(call, gradient, out)
        return out
    xp = call.windows.xp
    out_weights = result_array(np.shape(p["weights"]), dtype, out_weights, [*inputs, out], "out[1]", xp)
    full = xp.zeros(call.x.shape)
    if call.device is not None:
        call.on_device().weighted_gradients(gradient, out, full)
    else:
        algebra.gradients(call, gradient, out, full)
    out_weights[...] = engine.sum_to(full, out_weights.shape)
    return out, out_weights


@algebra.quiet
def double_backward(operator, p, device=None):
    """The gradients of grad_output and of x, given that of grad_x."""
    call = _Call(operator, p, device or engine.device_of(p["x"], p["grad_output"], p["grad_grad_x"]))
    found = call.windows
    gradient = engine.gradient_of(operator, p, p["grad_output"], found, device=call.device)
    outer = as_gradient(p["grad_grad_x"], "grad_grad_x", call.device)
    if outer.shape != found.shape:
        raise ValueError(f"grad_grad_x must have the shape of x {found.shape}, got {outer.shape}")
    dtype = outer.dtype.newbyteorder("=")
    out, out_x = pair_of(p["out"], "(gradient of grad_output, gradient of x)")
    inputs = engine.inputs_of(p, gradient, outer, call.x, call.weights)
    out = result_array(found.out_shape, dtype, engine.expanded_out(operator, p, out, found.axes), inputs, xp=found.xp)
    out_x = result_array(found.shape, dtype, out_x, [*inputs, out], "out[1]", found.xp)
    if call.device is not None:
        call.on_device().curvatures(outer, gradient, out, out_x)
        return engine.squeezed(operator, p, out, found.axes), out_x
    for part, (g, to_gradient), (to_x,), _, (v,) in bands.gradients(call, (gradient, out), (out_x,), by_cells=(outer,)):
        _curve(part, v, g, to_gradient, to_x)
    return engine.squeezed(operator, p, out, found.axes), out_x


def _curve(call, outer, gradient, out, out_x):
    for block, v, g, to_gradient, to_x in call.parts(outer, gradient, out, out_x):
        v, g = v.astype(np.float64), g.astype(np.float64)
        if math.isinf(call.norm):
            to_gradient[...], to_x[...] = _extreme_curvatures(call, block, v)
        else:
            to_gradient[...], to_x[...] = _curvatures(call, block, v, g)
