"""The slow reference of lp and rms pooling: rule 10, window by window, in decimal numbers of fifty digits.

A continuation of `cypool.reference`, whose geometry, planes and validity it uses.  Decimal exponents have no end that
matters, so nothing here under- or overflows: a result is wrong in its last digit at most, before it is rounded to its
dtype.  Derivatives are written out for one window and applied.
"""

import math
from decimal import Context, Decimal, localcontext

import numpy as np

from cypool import reference

DIGITS = Context(prec=50, traps=[])

ZERO, ONE, NAN = Decimal(0), Decimal(1), Decimal("NaN")


def power(base, exponent):
    """base**exponent as numpy.power: anything**0 is 1, a negative base needs a whole exponent."""
    if exponent == 0:
        return ONE
    if base.is_nan() or (base < 0 and exponent != exponent.to_integral_value()):
        return NAN
    if base == 0 and exponent < 0:
        return Decimal("Infinity")
    return base**exponent


def _sign(x):
    return NAN if x.is_nan() else Decimal((x > 0) - (x < 0))


class Window:
    """One window: its valid cells, and its norm.

    Parameters
    ----------
    cells : list of (cell, x, w)
        A cell of the plane, as often as it is seen, its number and its weight.
    p : float
    signed : bool
    coefficient : Decimal
        c in y = (c sum(w f(x)))**(1/p).
    divisor : Decimal or None
        D, if it counts the weights.
    nothing : Decimal
        The norm of a window without cells.
    """

    def __init__(self, cells, p, signed, coefficient, divisor, nothing):
        self.cells, self.p, self.signed, self.c, self.divisor = cells, Decimal(p), signed, coefficient, divisor
        if not cells:
            self.y = nothing
            return
        total = coefficient * sum((w * power(x if signed else abs(x), self.p) for _, x, w in cells), ZERO)
        exponent = ONE / self.p
        if total < 0 and float(exponent).is_integer():
            exponent = Decimal(round(float(exponent)))
        self.y = total if p == 1 else power(total, exponent)

    def by_cells(self):
        """[dy/dx] for every cell."""
        if self.y == 0:
            return [ZERO] * len(self.cells)
        return [self.c * w * self._slope(x) for _, x, w in self.cells]

    def _slope(self, x):
        if self.signed:
            return power(x / self.y, self.p - 1)
        return _sign(x) * power(abs(x) / self.y, self.p - 1)

    def by_weights(self):
        """[dy/dw] for every cell."""
        if self.y == 0:
            return [ZERO] * len(self.cells)
        ratio = [power((x if self.signed else abs(x)) / self.y, self.p) for _, x, _ in self.cells]
        slopes = [self.c * r * self.y / self.p for r in ratio]
        return slopes if self.divisor is None else [s - self.y / (self.p * self.divisor) for s in slopes]

    def bend(self, outer):
        """Derivatives of the sum of dy/dx times `outer` by every cell; 0 where there is no second derivative."""
        if self.y == 0:
            return [ZERO] * len(self.cells)
        slopes = self.by_cells()
        push = sum((s * v for s, v in zip(slopes, outer, strict=True)), ZERO)
        result = []
        for slope, v, (_, x, w) in zip(slopes, outer, self.cells, strict=True):
            own = ZERO
            if self.p == 2:
                own = self.c * w * v / self.y
            elif self.p != 1 and not (x == 0 and self.p < 2):
                ratio = power((x if self.signed else abs(x)) / self.y, self.p - 2)
                own = self.c * w * (self.p - 1) * ratio * v / self.y
            result.append((1 - self.p) / self.y * slope * push + own)
        return result


class Extreme:
    """The same for a norm of infinite order."""

    def __init__(self, cells, p):
        self.cells = cells
        numbers = [abs(x) for _, x, _ in cells]
        self.chosen = reference.select(
            "max" if p > 0 else "min", [(i, i) for i in range(len(cells))], list(map(float, numbers))
        )
        self.y = ZERO if self.chosen is None else numbers[self.chosen[0]]

    def by_cells(self):
        slopes = [ZERO] * len(self.cells)
        if self.chosen is not None:
            slopes[self.chosen[0]] = _sign(self.cells[self.chosen[0]][1])
        return slopes

    def bend(self, outer):
        return [ZERO] * len(outer)


def _windows(op, geometry, x, p, signed, fixed, count_include_pad, divisor_override, plane_options):
    """For every plane its windows."""
    taps = math.prod(geometry.window_shape)
    for plane in reference.planes_of(geometry, x, **plane_options):
        numbers = [Decimal(n) for n in plane.numbers]
        weights = [ONE if plane.weights is None else Decimal(float(plane.weight(i))) for i in range(len(numbers))]
        found = []
        for seen in geometry.windows:
            cells = [(cell, numbers[cell], weights[cell]) for cell in plane.valid_cells(seen)]
            coefficient, divisor, nothing = ONE, None, ZERO
            if math.isinf(p):
                found.append(Extreme(cells, p))
                continue
            if op == "rms" or (signed and fixed):
                padding = sum(c is None for _, c in seen) if op == "rms" and count_include_pad else 0
                counted = padding + sum((w for _, _, w in cells), ZERO)
                divisor = None if divisor_override is not None else counted
                whole = Decimal(taps) if op == "lp" else ONE
                counted = Decimal(divisor_override) if divisor_override is not None else counted
                coefficient = whole / counted if counted != 0 else NAN
                nothing = NAN if op == "rms" and counted == 0 else ZERO
            found.append(Window(cells, p, signed, coefficient, divisor, nothing))
        yield found


def _dtype(x):
    return x.dtype if reference.is_float(x.dtype) else np.dtype(np.float64)


def cast(array, dtype):
    """float64 in another dtype: what is too large becomes infinite."""
    with np.errstate(over="ignore"):
        return array.astype(dtype)


def _made(op, parameters):
    def resolve(x, *args, **keywords):
        x = np.asarray(x)
        geometry, p, signed, fixed, options = parameters(x, *args, **keywords)
        empty = options.pop("empty", None)
        pads = [options.pop("count_include_pad", True), options.pop("divisor_override", None)]
        if p == 0 or not (signed or p >= 1):
            raise ValueError(f"norm_type must be at least 1, or signed and not 0, got {p}")
        with localcontext(DIGITS):
            return x, geometry, empty, list(_windows(op, geometry, x, p, signed, fixed, *pads, options)), options

    def forward(x, *args, **keywords):
        x, geometry, empty, planes, _ = resolve(x, *args, **keywords)
        values = [[float(w.y) if w.cells or empty is None else empty for w in plane] for plane in planes]
        values = np.array(values, np.float64).reshape(math.prod(geometry.lead_shape), len(geometry.windows))
        return cast(geometry.assembled(values), _dtype(x))

    def scattered(geometry, planes, entries, shape, dtype):
        result = np.zeros(math.prod(shape), object) + ZERO
        targets = geometry.planes(np.broadcast_to(np.arange(result.size).reshape(shape), geometry.shape)).tolist()
        with localcontext(DIGITS):
            for n, plane in enumerate(planes):
                for o, window in enumerate(plane):
                    for (cell, *_), term in zip(window.cells, entries(n, o, window), strict=True):
                        result[targets[n][cell]] += term
        return cast(np.array([float(r) for r in result], np.float64).reshape(shape), dtype)

    def backward(grad_output, x, *args, **keywords):
        x, geometry, _, planes, options = resolve(x, *args, **keywords)
        g = [
            [Decimal(float(v)) for v in plane] for plane in geometry.out_planes(np.asarray(grad_output), "grad_output")
        ]
        grad_x = scattered(
            geometry, planes, lambda n, o, w: [g[n][o] * s for s in w.by_cells()], x.shape, grad_output.dtype
        )
        if options.get("weights") is None:
            return grad_x
        shape = np.shape(options["weights"])
        return grad_x, scattered(
            geometry, planes, lambda n, o, w: [g[n][o] * s for s in w.by_weights()], shape, grad_output.dtype
        )

    def double_backward(grad_grad_x, grad_output, x, *args, **keywords):
        x, geometry, _, planes, _ = resolve(x, *args, **keywords)
        g = [
            [Decimal(float(v)) for v in plane] for plane in geometry.out_planes(np.asarray(grad_output), "grad_output")
        ]
        v = [[Decimal(float(e)) for e in plane] for plane in geometry.planes(np.asarray(grad_grad_x))]
        to_gradient = np.zeros((len(planes), len(geometry.windows)))
        with localcontext(DIGITS):
            for n, plane in enumerate(planes):
                for o, window in enumerate(plane):
                    terms = [s * v[n][cell] for s, (cell, *_) in zip(window.by_cells(), window.cells, strict=True)]
                    to_gradient[n, o] = float(sum(terms, ZERO))

        def bends(n, o, window):
            return [g[n][o] * b for b in window.bend([v[n][cell] for cell, *_ in window.cells])]

        dtype = np.asarray(grad_grad_x).dtype
        return cast(geometry.assembled(to_gradient), dtype), scattered(geometry, planes, bends, x.shape, dtype)

    return forward, backward, double_backward


def _lp_windows(
    x, norm_type, kernel_size, stride=None, ceil_mode=False, *, axes=None, padding=0, dilation=1, signed=False,
    data_format="channels_first", boundary="constant", **options,
):  # fmt: skip
    geometry = reference.windowed(
        np.shape(x), kernel_size, stride, padding, dilation, ceil_mode, axes, data_format, boundary
    )
    return geometry, norm_type, signed, True, options


def _lp_adaptive(
    x, norm_type, output_size, *, axes=None, signed=False, data_format="channels_first", **options
):  # fmt: skip
    return reference.adaptive(np.shape(x), output_size, axes, data_format), norm_type, signed, False, options


def _lp_global(
    x, norm_type, axes=None, keepdims=True, *, signed=False, data_format="channels_first", **options
):  # fmt: skip
    return reference.whole(np.shape(x), axes, keepdims, data_format), norm_type, signed, False, options


def _rms_windows(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None, *, axes=None,
    dilation=1, data_format="channels_first", boundary="constant", **options,
):  # fmt: skip
    geometry = reference.windowed(
        np.shape(x), kernel_size, stride, padding, dilation, ceil_mode, axes, data_format, boundary
    )
    options.update(count_include_pad=count_include_pad, divisor_override=divisor_override)
    return geometry, 2, False, True, options


def _rms_adaptive(x, output_size, *, axes=None, data_format="channels_first", **options):
    return reference.adaptive(np.shape(x), output_size, axes, data_format), 2, False, False, options


def _rms_global(x, axes=None, keepdims=True, *, data_format="channels_first", **options):
    return reference.whole(np.shape(x), axes, keepdims, data_format), 2, False, False, options


lp_pool, lp_pool_backward, lp_pool_double_backward = _made("lp", _lp_windows)
adaptive_lp_pool, adaptive_lp_pool_backward, adaptive_lp_pool_double_backward = _made("lp", _lp_adaptive)
global_lp_pool, global_lp_pool_backward, global_lp_pool_double_backward = _made("lp", _lp_global)
rms_pool, rms_pool_backward, rms_pool_double_backward = _made("rms", _rms_windows)
adaptive_rms_pool, adaptive_rms_pool_backward, adaptive_rms_pool_double_backward = _made("rms", _rms_adaptive)
global_rms_pool, global_rms_pool_backward, global_rms_pool_double_backward = _made("rms", _rms_global)
