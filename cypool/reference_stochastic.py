"""The slow reference of stochastic pooling: each window by the rules as they are written, its random number in Python's ints.

A continuation of `cypool.reference`, whose geometry, planes, validity and indices it uses; it shares no code with the fast
package.  Shares are Python floats, which are float64, and are added in row-major order: the winners are the fast ones exactly.
"""

import math
from fractions import Fraction

import numpy as np

from cypool import reference
from cypool.reference_powers import cast
from cypool.reference_soft import _adaptive, _whole, _windows

WORD = 2**64
GOLDEN = 0x9E3779B97F4A7C15


def splitmix64(key, n):
    """Number n, counted from 1, of the stream that starts at this key (Steele, Lea and Flood, OOPSLA 2014)."""
    z = (key + n * GOLDEN) % WORD
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % WORD
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % WORD
    return z ^ (z >> 31)


def key_of(rng):
    """What a seed or a Generator makes of a call."""
    return int(np.random.default_rng(rng).integers(0, WORD - 1, dtype=np.uint64, endpoint=True))


def uniform(key, n):
    """The leading 52 bits as a number in [0, 1)."""
    return (splitmix64(key, n) >> 12) / 2**52


def shares(numbers):
    """What each cell counts for: max(x, 0); infinite ones alone if there are any; all smaller where the sum overflows."""
    found = [max(float(x), 0.0) for x in numbers]
    if math.inf in found:
        return [float(a == math.inf) for a in found]
    return [a * 2.0**-64 for a in found] if sum(found) == math.inf else found


def drawn(taps, numbers, u):
    """The chosen tap (offset, cell), None if there is none."""
    cells = [numbers[cell] for _, cell in taps]
    if any(x != x for x in cells) or not any(x > 0 for x in cells):
        return reference.select("max", taps, numbers)
    found, total = shares(cells), 0.0
    for a in found:
        total += a
    threshold = u * total
    if threshold >= total:
        threshold = math.nextafter(total, 0)
    so_far = 0.0
    for tap, a in zip(taps, found, strict=True):
        so_far += a
        if so_far > threshold:
            return tap
    raise AssertionError("a sum must exceed a part of itself")


def _draws(geometry, x, rng, options):
    """For every plane and window the chosen tap."""
    key, n = key_of(rng), 0
    for plane in reference.planes_of(geometry, x, **options):
        found = []
        for taps in geometry.windows:
            n += 1
            found.append(drawn(plane.valid_taps(taps), plane.numbers, uniform(key, n)))
        yield plane, found


class Average:
    """What a window chooses on average, exactly, and the derivative by every valid tap's cell."""

    def __init__(self, taps, plane):
        cells = [plane.exact[cell] for _, cell in taps]
        self.y, self.slopes = None, [Fraction(0)] * len(cells)
        if not cells:
            return
        positive = [not x <= 0 for x in cells]
        if any(isinstance(x, float) and not x < 0 for x in cells):
            self.y = math.nan if any(x != x for x in cells) else math.inf
            self.slopes = [math.nan if one else Fraction(0) for one in positive]
        elif not any(positive):
            best = reference.select("max", taps, plane.numbers)
            self.y, self.slopes[taps.index(best)] = plane.exact[best[1]], Fraction(1)
        else:
            found = [Fraction(x) if one else Fraction(0) for x, one in zip(cells, positive, strict=True)]
            total = sum(found)
            self.y = sum(a * a for a in found) / total
            self.slopes = [(2 * a - self.y) / total if a else Fraction(0) for a in found]


def _made(resolve):
    def run(x, args, p):
        geometry, options = resolve(np.shape(x), *args, **p)
        own = {"training": True, "rng": None, "return_indices": False, "index_layout": "plane", "indices": None}
        return geometry, {name: options.pop(name, value) for name, value in own.items()}, options

    def forward(x, *args, **p):
        x, empty = np.asarray(x), p.pop("empty", None)
        geometry, own, options = run(x, args, p)
        shape = math.prod(geometry.lead_shape), len(geometry.windows)
        if not own["training"]:
            dtype = x.dtype if reference.is_float(x.dtype) else np.dtype(np.float64)
            nothing = -math.inf if empty is None else empty
            values = np.empty(shape)
            for p, plane in enumerate(reference.planes_of(geometry, x, **options)):
                for o, taps in enumerate(geometry.windows):
                    y = Average(plane.valid_taps(taps), plane).y
                    values[p, o] = nothing if y is None else reference.rounded(y, dtype)
            return cast(geometry.assembled(values), dtype)
        dtype, no_index = reference.index_dtype(geometry, own["index_layout"])
        values = np.full(shape, reference._lowest(x.dtype) if empty is None else empty, x.dtype)
        indices = np.full(shape, no_index, dtype)
        for p, (plane, found) in enumerate(_draws(geometry, x, own["rng"], options)):
            for o, tap in enumerate(found):
                if tap is not None:
                    values[p, o] = plane.stored[tap[1]]
                    indices[p, o] = reference.index_of_tap(tap, p, geometry, own["index_layout"])
        values, indices = geometry.assembled(values), geometry.assembled(indices)
        return (values, indices) if own["return_indices"] else values

    def backward(grad_output, x, *args, **p):
        x, grad_output = np.asarray(x), np.asarray(grad_output)
        p.pop("empty", None)
        geometry, own, options = run(x, args, p)
        gradients = geometry.out_planes(grad_output, "grad_output").astype(float).tolist()
        result = np.zeros((len(gradients), math.prod(geometry.plane_shape)))
        if not own["training"]:
            planes = [
                [(taps, Average(taps, plane).slopes) for taps in map(plane.valid_taps, geometry.windows)]
                for plane in reference.planes_of(geometry, x, **options)
            ]
        else:
            if own["indices"] is not None:
                given = geometry.out_planes(np.asarray(own["indices"]), "indices").tolist()
                chosen = [reference.taps_of_indices(g, p, geometry, own["index_layout"]) for p, g in enumerate(given)]
            else:
                chosen = [found for _, found in _draws(geometry, x, own["rng"], options)]
            planes = [[([tap], [1]) if tap is not None else ([], []) for tap in found] for found in chosen]
        for to, given, windows in zip(result, gradients, planes, strict=True):
            for g, (taps, slopes) in zip(given, windows, strict=True):
                for (_, cell), slope in zip(taps, slopes, strict=True):
                    if slope:
                        to[cell] += g * float(slope)
        moved = np.moveaxis(
            result.reshape(geometry.lead_shape + geometry.plane_shape), range(-len(geometry.axes), 0), geometry.axes
        )
        return cast(moved, grad_output.dtype)

    return forward, backward


for _form, _resolve in (("{}_pool", _windows), ("adaptive_{}_pool", _adaptive), ("global_{}_pool", _whole)):
    _name = _form.format("stochastic")
    globals()[_name], globals()[_name + "_backward"] = _made(_resolve)
