"""The slow reference of rank operators: each window's cells as a sorted list, by the rules as they are written.

A continuation of `cypool.reference`, whose geometry and rounding it uses; it shares no code with the fast package.  A window
is the list of (number, cell) of the cells that it sees, in row-major order.  `ORDER` gives, for each operator, what becomes
of such a list: the result in float64, or a label, and the list of (cell, share) that its gradient goes to.  Python's sort is
stable, which is the rule for ties.
"""

import inspect
import math
from fractions import Fraction

import numpy as np

from cypool import reference


def _between(low, high, t):
    """The point t between two numbers, in float64: exact where they are equal."""
    return low if t == 0 or low == high else (1 - t) * low + t * high


def _quantile(cells, q, method):
    ranked = sorted(cells, key=lambda one: one[0])
    at = q * (len(ranked) - 1)
    low, t = math.floor(at), 0.0
    if method == "linear":
        t = at - low
    elif method == "midpoint":
        t = 0.5 if at > low else 0.0
    else:
        low = {"lower": math.floor, "higher": math.ceil, "nearest": round}[method](at)
    (a, i), (b, j) = ranked[low], ranked[min(low + 1, len(ranked) - 1)]
    return _between(float(a), float(b), t), [(i, 1 - t), (j, t)] if t else [(i, 1.0)]


def _median(cells):
    return _quantile(cells, 0.5, "linear")


def _topk(cells, k):
    ranked = sorted(cells, key=lambda one: one[0], reverse=True)[:k]
    total = 0.0
    for number, _ in ranked:
        total += float(number)
    return total / len(ranked), [(cell, 1 / len(ranked)) for _, cell in ranked]


def _mode(cells, background):
    labels = [label for label, _ in cells]
    others = [label for label in labels if label != background] or labels
    return min(others, key=lambda label: (-others.count(label), label)), []


ORDER = {"median": _median, "quantile": _quantile, "topk": _topk, "mode": _mode}


def _windows(op, geometry, x, nan, terms, mask=None):
    """For each plane and window its result (None: no cell) and what its gradient goes to."""
    valid = geometry.planes(np.broadcast_to(True if mask is None else mask, x.shape)).tolist()
    for counts, plane in zip(valid, geometry.planes(x), strict=True):
        numbers = (plane.astype(np.float64) if reference.is_float(x.dtype) else plane).tolist()
        found = []
        for taps in geometry.windows:
            cells = [(numbers[cell], cell) for _, cell in taps if cell is not None and counts[cell]]
            lost = [cell for number, cell in cells if number != number]
            if nan == "ignore":
                cells = [(number, cell) for number, cell in cells if number == number]
            elif lost:
                found.append((math.nan, [(lost[-1], 1.0)]))
                continue
            found.append(ORDER[op](cells, **terms) if cells else (None, []))
        yield found


def _result(op, x):
    return x.dtype if op == "mode" or reference.is_float(x.dtype) else np.dtype(np.float64)


def _forward(op, geometry, x, nan, empty, terms, mask):
    dtype = _result(op, x)
    nothing = empty if empty is not None else 0 if op == "mode" else math.nan
    planes = []
    for found in _windows(op, geometry, x, nan, terms, mask):
        values = [nothing if value is None else value for value, _ in found]
        if op != "mode":
            values = [reference.rounded(Fraction(v) if math.isfinite(v) else v, dtype) for v in values]
        planes.append(np.array(values, dtype))
    return geometry.assembled(np.array(planes, dtype).reshape(len(planes), len(geometry.windows)))


def _backward(op, geometry, grad_output, x, nan, terms, mask):
    gradients = geometry.out_planes(grad_output, "grad_output").astype(np.float64)
    result = np.zeros((len(gradients), math.prod(geometry.plane_shape)))
    for plane, (given, found) in enumerate(zip(gradients, _windows(op, geometry, x, nan, terms, mask), strict=True)):
        for g, (_, chosen) in zip(given, found, strict=True):
            for cell, share in chosen:
                result[plane, cell] += share * g
    shape = geometry.lead_shape + geometry.plane_shape
    moved = np.moveaxis(result.reshape(shape), range(-len(geometry.axes), 0), geometry.axes)
    return moved.astype(grad_output.dtype)


def _operator(op):
    names = list(inspect.signature(ORDER[op]).parameters)[1:]

    def pool(
        x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, *, axes=None, data_format="channels_first",
        nan="propagate", mask=None, boundary="constant", empty=None, grad_output=None, **terms,
    ):  # fmt: skip
        x = np.asarray(x)
        defaults = {"method": "linear", "background": None}
        terms = {name: terms[name] if name in terms else defaults[name] for name in names}
        geometry = reference.windowed(
            x.shape, kernel_size, stride, padding, dilation, ceil_mode, axes, data_format, boundary
        )
        if grad_output is None:
            return _forward(op, geometry, x, nan, empty, terms, mask)
        return _backward(op, geometry, np.asarray(grad_output), x, nan, terms, mask)

    return pool


median_pool, quantile_pool, topk_pool, mode_pool = (_operator(op) for op in ORDER)


def backward(name, grad_output, x, kernel_size, **parameters):
    """The gradient of x for the operator of this name."""
    return globals()[name](x, kernel_size, grad_output=grad_output, **parameters)


# ---- grey dilation and erosion


def _raised(x, w, sign, geometry, nan):
    """For each plane and window the result (None: no cell), and the chosen cell and tap."""
    work = np.float64 if x.dtype == np.float64 else np.float32
    elements = np.broadcast_to(w, geometry.lead_shape + geometry.window_shape)
    elements = elements.reshape(math.prod(geometry.lead_shape), math.prod(geometry.window_shape)).astype(work)
    for plane, element in zip(geometry.planes(x), elements, strict=True):
        found = []
        for taps in geometry.windows:
            seen = [(work(sign) * work(plane[cell]) + element[tap], cell, tap)
                    for tap, cell in taps if cell is not None and element[tap] != -math.inf]  # fmt: skip
            lost = [one for one in seen if one[0] != one[0]]
            numbers = [one for one in seen if one[0] == one[0]]
            if lost and nan == "propagate":
                found.append(lost[-1])
            else:
                found.append(max(numbers, key=lambda one: one[0], default=None))
        yield found


def morphological_pool(
    x, w, stride=None, padding=0, dilation=1, ceil_mode=False, *, op="max", axes=None, data_format="channels_first",
    nan="propagate", boundary="constant", empty=None, grad_output=None,
):  # fmt: skip
    """Dilation or erosion; with grad_output the gradients of x and of w."""
    sign = 1 if op == "max" else -1
    rank = w.ndim if axes is None else len(axes)
    geometry = reference.windowed(
        x.shape, w.shape[w.ndim - rank :], stride, padding, dilation, ceil_mode, axes, data_format, boundary
    )
    found = list(_raised(x, w, sign, geometry, nan))
    if grad_output is None:
        nothing = -sign * math.inf if empty is None else empty
        values = [[nothing if one is None else sign * float(one[0]) for one in plane] for plane in found]
        return geometry.assembled(np.array(values).astype(x.dtype))
    to_x = np.zeros((len(found), math.prod(geometry.plane_shape)))
    to_w = np.zeros(math.prod(w.shape))
    places = np.broadcast_to(np.arange(to_w.size).reshape(w.shape), geometry.lead_shape + geometry.window_shape)
    places = places.reshape(len(found), -1)
    for p, given in enumerate(geometry.out_planes(grad_output, "grad_output").astype(np.float64)):
        for g, one in zip(given, found[p], strict=True):
            if one is not None:
                to_x[p, one[1]] += g
                to_w[places[p, one[2]]] += sign * g
    to_x = to_x.reshape(geometry.lead_shape + geometry.plane_shape)
    to_x = np.moveaxis(to_x, range(-len(geometry.axes), 0), geometry.axes)
    return to_x.astype(grad_output.dtype), to_w.reshape(w.shape).astype(grad_output.dtype)
