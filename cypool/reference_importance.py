"""The slow reference of pooling by importance, in decimal numbers of fifty digits.

A continuation of `cypool.reference_soft`, whose exponential it uses.  Every window is written out; cells are finite or NaN,
logits any number.
"""

import math
from decimal import Decimal, localcontext

import numpy as np

from cypool import reference
from cypool.reference_powers import cast
from cypool.reference_soft import DIGITS, ZERO, _adaptive, _whole, _windows, exponential


def window(numbers, logits):
    """y of some cells, and for each its derivatives by the cell and by its logit; nothing weighs nothing."""
    if any(z.is_nan() for z in logits):
        return math.nan, [math.nan] * len(numbers), [math.nan] * len(numbers)
    most = max(logits)
    weights = [Decimal(1) if z == most else exponential(z - most) for z in logits]
    total = sum(weights, ZERO)
    shares = [w / total for w in weights]
    y = sum((s * x for s, x in zip(shares, numbers, strict=True)), ZERO)
    return float(y), shares, [s * (x - y) for s, x in zip(shares, numbers, strict=True)]


def _planes(geometry, x, logits, options):
    """For every plane and window its valid taps' cells, y and derivatives (y is None without a cell)."""
    every = geometry.planes(np.broadcast_to(logits, x.shape)).astype(float).tolist()
    for plane, weights in zip(reference.planes_of(geometry, x, **options), every, strict=True):
        skip = options.get("nan") == "ignore"
        found = []
        for taps in geometry.windows:
            cells = [
                c
                for c in plane.valid_cells(taps)
                if weights[c] != -math.inf and not (skip and weights[c] != weights[c])
            ]
            numbers = [Decimal(plane.numbers[c]) for c in cells]
            found.append((cells, *(window(numbers, [Decimal(weights[c]) for c in cells]) if cells else (None, [], []))))
        yield found


def _made(resolve):
    def run(x, logits, args, p):
        empty = p.pop("empty", None)
        geometry, options = resolve(np.shape(x), *args, **p)
        with localcontext(DIGITS):
            return geometry, list(_planes(geometry, x, np.asarray(logits), options)), empty

    def forward(x, logits, *args, **p):
        x = np.asarray(x)
        geometry, planes, empty = run(x, logits, args, p)
        nothing = math.nan if empty is None else empty
        values = [[nothing if y is None else y for _, y, _, _ in plane] for plane in planes]
        values = np.array(values, np.float64).reshape(math.prod(geometry.lead_shape), len(geometry.windows))
        return cast(geometry.assembled(values), x.dtype if reference.is_float(x.dtype) else np.dtype(np.float64))

    def backward(grad_output, x, logits, *args, **p):
        x, logits = np.asarray(x), np.asarray(logits)
        geometry, planes, _ = run(x, logits, args, p)
        g = geometry.out_planes(np.asarray(grad_output), "grad_output").astype(float).tolist()
        both = [np.zeros(x.size), np.zeros(x.size)]
        targets = geometry.planes(np.arange(x.size).reshape(x.shape)).tolist()
        for n, plane in enumerate(planes):
            for o, (cells, _, *slopes) in enumerate(plane):
                for to, of_cells in zip(both, slopes, strict=True):
                    for cell, slope in zip(cells, of_cells, strict=True):
                        to[targets[n][cell]] += g[n][o] * float(slope)
        by_x, by_logits = (one.reshape(x.shape) for one in both)
        lead = x.ndim - logits.ndim
        axes = (*range(lead), *(lead + a for a, n in enumerate(logits.shape) if n == 1))
        by_logits = by_logits.sum(axis=axes, keepdims=True).reshape(logits.shape)
        return cast(by_x, grad_output.dtype), cast(by_logits, grad_output.dtype)

    return forward, backward


for _form, _resolve in (("{}_pool", _windows), ("adaptive_{}_pool", _adaptive), ("global_{}_pool", _whole)):
    _name = _form.format("lip")
    globals()[_name], globals()[_name + "_backward"] = _made(_resolve)
