"""The slow reference of smooth maxima: log-sum-exp, soft and generalised-mean pooling in decimal numbers of fifty digits.

A continuation of `cypool.reference`, whose geometry, planes and validity it uses.  Every window is written out by the
formulas of the contract, with exponents relative to its largest one; cells are finite or NaN.
"""

import math
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext

import numpy as np

from cypool import reference
from cypool.reference_powers import cast

DIGITS = Context(prec=50, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])

ZERO, ONE, NAN = Decimal(0), Decimal(1), Decimal("NaN")


def exponential(x):
    """exp(x), 0 where nothing could tell it from that."""
    return ZERO if x < -2000 else x.exp()


class Window:
    """One window: y, dy/dx of every cell, and dy by the exponent.

    Parameters
    ----------
    op : str
    numbers : list of Decimal
        Its valid cells.
    b : Decimal
        beta or p.
    mean : bool
        lse of the mean.
    eps : float
    """

    def __init__(self, op, numbers, b, mean, eps):
        self.by_cells, self.by_exponent = [ZERO] * len(numbers), ZERO
        if not numbers:
            self.y = Decimal("-Infinity").copy_sign(-b) if op == "lse" and not mean else NAN
            return
        if any(x.is_nan() for x in numbers):
            self.y, self.by_exponent = NAN, NAN
            self.by_cells = [ZERO if op == "gem" and x < Decimal(eps) else NAN for x in numbers]
            return
        clipped = [max(x, Decimal(eps)) for x in numbers] if op == "gem" else numbers
        z = [x.ln() for x in clipped] if op == "gem" else numbers
        most = max(b * one for one in z)
        terms = [exponential(b * one - most) for one in z]
        total = sum(terms)
        share = [e / total for e in terms]

        def average(u):
            return sum((s * one for s, one in zip(share, u, strict=True)), ZERO)

        if op == "soft":
            self.y = average(numbers)
            self.by_cells = [s * (1 + b * (x - self.y)) for s, x in zip(share, numbers, strict=True)]
            self.by_exponent = average([(x - self.y) ** 2 for x in numbers])
            return
        log = (most + (total / len(numbers) if mean or op == "gem" else total).ln()) / b
        self.by_exponent = (average(z) - log) / b
        self.y, self.by_cells = log, share
        if op == "gem":
            self.y = log.exp()
            self.by_exponent *= self.y
            self.by_cells = [
                s * self.y / c if x >= Decimal(eps) else ZERO for s, x, c in zip(share, numbers, clipped, strict=True)
            ]


def _planes(op, geometry, x, exponent, mean, eps, options):
    exponents = geometry.planes(np.broadcast_to(np.asarray(exponent, float), x.shape))
    for plane, of_plane in zip(reference.planes_of(geometry, x, **options), exponents.tolist(), strict=True):
        numbers = [Decimal(n) for n in plane.numbers]
        cells = [plane.valid_cells(seen) for seen in geometry.windows]
        yield [(c, Window(op, [numbers[i] for i in c], Decimal(of_plane[0]), mean, eps)) for c in cells]


def _made(op, resolve):
    default = 3.0 if op == "gem" else 1.0

    def run(x, args, p):
        geometry, p = resolve(np.shape(x), *args, **p)
        exponent, mean = p.pop("p" if op == "gem" else "beta", default), p.pop("mean", False)
        eps, empty = p.pop("eps", 1e-6), p.pop("empty", None)
        with localcontext(DIGITS):
            return geometry, list(_planes(op, geometry, x, exponent, mean, eps, p)), exponent, empty

    def forward(x, *args, **p):
        x = np.asarray(x)
        geometry, planes, _, empty = run(x, args, p)
        values = [[float(w.y) if cells or empty is None else empty for cells, w in plane] for plane in planes]
        values = np.array(values, np.float64).reshape(math.prod(geometry.lead_shape), len(geometry.windows))
        return cast(geometry.assembled(values), x.dtype if reference.is_float(x.dtype) else np.dtype(np.float64))

    def backward(grad_output, x, *args, **p):
        x = np.asarray(x)
        geometry, planes, exponent, _ = run(x, args, p)
        g = geometry.out_planes(np.asarray(grad_output), "grad_output").astype(float).tolist()
        by_cells = np.zeros(x.size, object) + ZERO
        by_plane = np.zeros(x.size, object) + ZERO
        targets = geometry.planes(np.arange(x.size).reshape(x.shape)).tolist()
        with localcontext(DIGITS):
            for n, plane in enumerate(planes):
                for o, (cells, window) in enumerate(plane):
                    for cell, slope in zip(cells, window.by_cells, strict=True):
                        by_cells[targets[n][cell]] += Decimal(g[n][o]) * slope
                    by_plane[targets[n][0]] += Decimal(g[n][o]) * window.by_exponent
            shape = np.shape(exponent)
            lead = x.ndim - len(shape)
            axes = (*range(lead), *(lead + a for a, n in enumerate(shape) if n == 1))
            by_exponent = by_plane.reshape(x.shape).sum(axis=axes, keepdims=True)
        by_cells = np.array([float(s) for s in by_cells]).reshape(x.shape)
        return cast(by_cells, grad_output.dtype), np.asarray(by_exponent, object).astype(float).reshape(shape)

    return forward, backward


def _windows(
    shape, kernel_size, stride=None, padding=0, ceil_mode=False, *, axes=None, dilation=1,
    data_format="channels_first", boundary="constant", **options,
):  # fmt: skip
    found = reference.windowed(shape, kernel_size, stride, padding, dilation, ceil_mode, axes, data_format, boundary)
    return found, options


def _adaptive(shape, output_size, *, axes=None, data_format="channels_first", **options):
    return reference.adaptive(shape, output_size, axes, data_format), options


def _whole(shape, axes=None, keepdims=True, *, data_format="channels_first", **options):
    return reference.whole(shape, axes, keepdims, data_format), options


for _op in ("lse", "soft", "gem"):
    for _name, _resolve in (
        (f"{_op}_pool", _windows),
        (f"adaptive_{_op}_pool", _adaptive),
        (f"global_{_op}_pool", _whole),
    ):
        globals()[_name], globals()[_name + "_backward"] = _made(_op, _resolve)
