"""The slow reference of pooled segments and sequences: one segment of one column at a time.

A continuation of `cypool.reference`, which has sums, means, maxima and minima; the other operations are written out.
"""

import math

import numpy as np

from cypool import reference


def geometry_of(shape, lengths, axis):
    """Segments of an axis as windows; an empty one has no taps."""
    stops = np.cumsum(lengths).tolist()
    taps = [list(enumerate(range(stop - n, stop))) for n, stop in zip(lengths, stops, strict=True)]
    return reference.Geometry(shape, (axis % len(shape),), [taps], [max(lengths, default=0)])


def _float64(x):
    return x.dtype if reference.is_float(x.dtype) else np.dtype(np.float64)


def segment_pool(x, lengths, op, axis=0, empty=None, **options):
    """Values, and for max, min, first and last positions along the axis (-1 for none)."""
    geometry = geometry_of(x.shape, lengths, axis)
    if op in ("max", "min"):
        return reference._select_forward(op, geometry, x, return_indices=True, empty=empty, **options)
    if op in ("sum", "mean"):
        return reference._linear_forward({"sum": "sum", "mean": "avg"}[op], geometry, x, empty=empty, **options), None
    dtype = x.dtype if op in ("first", "last") else _float64(x)
    values = np.zeros((math.prod(geometry.lead_shape), len(lengths)), dtype)
    indices = np.full(values.shape, -1, np.int64)
    for p, plane in enumerate(reference.planes_of(geometry, x, **options)):
        for o, taps in enumerate(geometry.windows):
            cells = plane.valid_cells(taps)
            if not cells:
                values[p, o] = empty if empty is not None else -math.inf if op == "lse" else 0
            elif op in ("first", "last"):
                indices[p, o] = cells[0 if op == "first" else -1]
                values[p, o] = plane.stored[indices[p, o]]
            elif op == "lse":
                values[p, o] = lse([plane.numbers[c] for c in cells])
            else:
                weights = [float(plane.weight(c)) for c in cells]
                terms = [w * plane.numbers[c] for w, c in zip(weights, cells, strict=True)]
                values[p, o] = math.fsum(terms) / math.sqrt(math.fsum(w * w for w in weights))
    return geometry.assembled(values), geometry.assembled(indices)


def lse(numbers):
    """log(sum(exp)), of finite numbers and -inf."""
    most = max(numbers)
    return most if most == -math.inf else most + math.log(math.fsum(math.exp(n - most) for n in numbers))


def segment_pool_backward(grad_output, x, lengths, op, axis=0, **options):
    """The gradient of x."""
    geometry = geometry_of(x.shape, lengths, axis)
    if op in ("max", "min"):
        entries = reference._select_derivatives(op, geometry, x, **options)
    elif op in ("sum", "mean"):
        entries = reference._linear_derivatives({"sum": "sum", "mean": "avg"}[op], geometry, x, **options)
    else:
        entries = [[_slopes(op, plane, plane.valid_cells(taps)) for taps in geometry.windows]
                   for plane in reference.planes_of(geometry, x, **options)]  # fmt: skip
    return reference._scattered(entries, geometry, grad_output, x.shape)


def _slopes(op, plane, cells):
    if not cells:
        return []
    if op in ("first", "last"):
        return [(cells[0 if op == "first" else -1], 1)]
    if op == "lse":
        value = lse([plane.numbers[c] for c in cells])
        return [(c, reference.exact(math.exp(plane.numbers[c] - value))) for c in cells if value > -math.inf]
    weights = [float(plane.weight(c)) for c in cells]
    root = math.sqrt(math.fsum(w * w for w in weights))
    return [(c, reference.exact(w / root)) for w, c in zip(weights, cells, strict=True)]
