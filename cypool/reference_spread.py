"""The slow reference of range and standard deviation pooling, in exact fractions and decimal numbers of fifty digits.

A range is the difference of `cypool.reference`'s maximum and minimum.  A standard deviation is written out, window by
window; cells are finite or NaN.
"""

import math
from decimal import Context, Decimal, localcontext
from fractions import Fraction

import numpy as np

from cypool import reference
from cypool.reference_powers import cast
from cypool.reference_soft import _adaptive, _whole, _windows

DIGITS = Context(prec=50, traps=[])


def _range_dtype(dtype):
    return np.dtype(f"u{dtype.itemsize}") if dtype.kind == "i" else dtype


def _range(form):
    high, low = getattr(reference, form.format("max")), getattr(reference, form.format("min"))

    def forward(x, *args, **p):
        x = np.asarray(x)
        dtype, floating = _range_dtype(x.dtype), reference.is_float(x.dtype)
        empty = p.pop("empty", None)
        (most, where), (least, _) = (pool(x, *args, return_indices=True, **p) for pool in (high, low))
        result = np.zeros(most.shape, np.float64 if floating else object)
        for i in np.ndindex(most.shape):
            if where[i] == -1:
                result[i] = empty if empty is not None else math.nan if floating else 0
                continue
            a, b = (float(end[i]) if floating else int(end[i]) for end in (most, least))
            finite = math.isfinite(a) and math.isfinite(b)
            result[i] = reference.rounded(Fraction(a) - Fraction(b), dtype) if floating and finite else a - b
        return cast(result, dtype)

    def backward(grad_output, x, *args, **p):
        p.pop("empty", None)
        slopes = (
            getattr(reference, form.format(op) + "_backward")(np.asarray(grad_output, float), x, *args, **p)
            for op in ("max", "min")
        )
        return cast(np.subtract(*slopes), np.asarray(grad_output).dtype)

    return forward, backward


class Window:
    """One window: its standard deviation, and the derivative by every cell."""

    def __init__(self, numbers, ddof):
        n = len(numbers)
        self.y, self.by_cells = math.nan, [Decimal(0)] * n
        if n <= ddof:
            return
        if any(isinstance(x, float) for x in numbers):
            self.by_cells = [Decimal("NaN")] * n
            return
        mean = Fraction(sum(numbers, Fraction(0))) / n
        variance = sum((x - mean) ** 2 for x in numbers) / (n - ddof)
        y = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
        self.y = float(y)
        if variance:
            away = (Fraction(x - mean) / (n - ddof) for x in numbers)
            self.by_cells = [Decimal(d.numerator) / Decimal(d.denominator) / y for d in away]


def _std(resolve):
    def run(x, args, p):
        ddof, empty = p.pop("ddof", 0), p.pop("empty", None)
        geometry, options = resolve(np.shape(x), *args, **p)
        with localcontext(DIGITS):
            planes = [
                [(c, Window([plane.exact[i] for i in c], ddof)) for c in map(plane.valid_cells, geometry.windows)]
                for plane in reference.planes_of(geometry, x, **options)
            ]
        return geometry, planes, empty

    def forward(x, *args, **p):
        x = np.asarray(x)
        geometry, planes, empty = run(x, args, p)
        values = [[w.y if cells or empty is None else empty for cells, w in plane] for plane in planes]
        values = np.array(values, np.float64).reshape(math.prod(geometry.lead_shape), len(geometry.windows))
        return cast(geometry.assembled(values), x.dtype if reference.is_float(x.dtype) else np.dtype(np.float64))

    def backward(grad_output, x, *args, **p):
        x = np.asarray(x)
        geometry, planes, _ = run(x, args, p)
        g = geometry.out_planes(np.asarray(grad_output), "grad_output").astype(float).tolist()
        by_cells = np.zeros(x.size, object) + Decimal(0)
        targets = geometry.planes(np.arange(x.size).reshape(x.shape)).tolist()
        with localcontext(DIGITS):
            for n, plane in enumerate(planes):
                for o, (cells, window) in enumerate(plane):
                    for cell, slope in zip(cells, window.by_cells, strict=True):
                        by_cells[targets[n][cell]] += Decimal(g[n][o]) * slope
        return cast(np.array([float(s) for s in by_cells]).reshape(x.shape), np.asarray(grad_output).dtype)

    return forward, backward


for _form, _resolve in (("{}_pool", _windows), ("adaptive_{}_pool", _adaptive), ("global_{}_pool", _whole)):
    for _op, (_forward, _backward) in (("range", _range(_form)), ("std", _std(_resolve))):
        globals()[_form.format(_op)], globals()[_form.format(_op) + "_backward"] = _forward, _backward
