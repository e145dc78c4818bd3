"""The slow reference of blur, mixed and gated pooling: each window's taps by the rules as they are written, in exact fractions.

A continuation of `cypool.reference`, whose geometry, planes and choice of a maximum it uses; it shares no code with the fast
package.  Cells are finite, NaN or infinite; parameters are finite.
"""

import itertools
import math
from decimal import Context, Decimal, localcontext
from fractions import Fraction

import numpy as np

from cypool import reference
from cypool.reference_powers import cast
from cypool.reference_soft import _adaptive, _whole, _windows

DIGITS = Context(prec=50, traps=[])


def _result_dtype(x):
    return x.dtype if reference.is_float(x.dtype) else np.dtype(np.float64)


def _assembled(geometry, planes, dtype):
    rounded = [[reference.rounded(value, dtype) for value in plane] for plane in planes]
    shape = (math.prod(geometry.lead_shape), len(geometry.windows))
    return geometry.assembled(cast(np.array(rounded, np.float64).reshape(shape), dtype))


def _back(geometry, planes, shape, dtype):
    """Numbers for every cell of every plane as an array of x's shape."""
    values = np.array([[reference.rounded(v, dtype) for v in plane] for plane in planes], np.float64)
    values = values.reshape(geometry.lead_shape + geometry.plane_shape)
    return cast(np.moveaxis(values, range(-len(geometry.axes), 0), geometry.axes).reshape(shape), dtype)


def _choice(taps, values):
    return reference.select("max", taps, values)


# ---- blur


def binomial(k):
    """The k-th row of Pascal's triangle over its sum."""
    return [Fraction(math.comb(k - 1, t), 2 ** (k - 1)) for t in range(k)]


def _filters(kernel_size, filter, rank):
    if filter is None:
        return [binomial(k) for k in reference._per_axis(kernel_size, rank, "kernel_size")]
    nested = not np.isscalar(filter[0])
    return [[Fraction(float(w)) for w in one] for one in (filter if nested else [filter] * rank)]


def blur_pool(
    x, kernel_size=3, stride=2, padding=None, ceil_mode=False, *, filter=None, max_size=1, count_include_pad=True, axes=None,
    dilation=1, data_format="channels_first", nan="propagate", mask=None, boundary="reflect", empty=None, grad_output=None,
):  # fmt: skip
    """The filter at a stride over maxima; with grad_output the gradient of x."""
    x = np.asarray(x)
    size = (
        kernel_size if filter is None else [len(one) for one in filter] if not np.isscalar(filter[0]) else len(filter)
    )
    pooled = reference._pooled_axes(x.ndim, size, axes, data_format)
    filters = _filters(kernel_size, filter, len(pooled))
    sizes = [len(one) for one in filters]
    if padding is None:
        spans = [d * (k - 1) for d, k in zip(reference._per_axis(dilation, len(sizes), "d"), sizes, strict=True)]
        padding = [(n // 2, n - n // 2) for n in spans]
    maxima = reference.windowed(
        x.shape, reference._per_axis(max_size, len(sizes), "m"), 1, 0, 1, False, pooled, "channels_first", "constant"
    )
    between = list(x.shape)
    for axis, n in zip(maxima.axes, maxima.out_shape, strict=True):
        between[axis] = n
    found = reference.windowed(
        tuple(between), sizes, stride, padding, dilation, ceil_mode, pooled, "channels_first", boundary
    )
    taps = [math.prod(one) for one in itertools.product(*filters)]
    whole, planes, back = sum(taps), [], []
    given = (
        None if grad_output is None else found.out_planes(np.asarray(grad_output), "grad_output").astype(float).tolist()
    )
    for p, plane in enumerate(reference.planes_of(maxima, x, mask=mask, nan=nan)):
        chosen = [_choice(plane.valid_taps(window), plane.numbers) for window in maxima.windows]
        values, slopes = [], [Fraction(0)] * len(plane.numbers)
        for o, window in enumerate(found.windows):
            seen = [(taps[t], chosen[cell]) for t, cell in window if cell is not None]
            cells = [(w, one[1]) for w, one in seen if one is not None]
            divisor = (
                whole - sum(w for w, one in seen if one is None) if count_include_pad else sum(w for w, _ in cells)
            )
            divisor = Fraction(divisor) / whole if mask is not None or nan == "ignore" or not count_include_pad else 1
            if not cells and empty is not None:
                values.append(float(empty))
            else:
                values.append(
                    reference.over(reference.total(reference.times(plane.exact[c], w) for w, c in cells), divisor)
                )
            if given is not None:
                share = reference.over(Fraction(given[p][o]), divisor)
                for w, c in cells:
                    slopes[c] += reference.times(share, w)
        planes.append(values)
        back.append(slopes)
    if given is None:
        return _assembled(found, planes, _result_dtype(x))
    return _back(maxima, back, x.shape, grad_output.dtype)


# ---- mixtures of the maximum and the mean


class Window:
    """The valid cells of a window, the one that is the maximum, and the mean."""

    def __init__(self, plane, taps):
        self.taps = plane.valid_taps(taps)
        self.cells = [cell for _, cell in self.taps]
        self.most = self.mean = math.nan
        self.chosen = None
        if self.cells:
            self.chosen = _choice(self.taps, plane.numbers)[1]
            self.most = plane.exact[self.chosen]
            self.mean = reference.over(reference.total(plane.exact[c] for c in self.cells), len(self.cells))

    def mixed(self, alpha):
        """The mixture; a part of weight 0 adds nothing."""
        parts = [(alpha, self.most), (1 - alpha, self.mean)]
        return reference.total(reference.times(value, a) for a, value in parts if a != 0)

    def give(self, slopes, g, alpha):
        """Add what a gradient of g gives to the cells."""
        if self.chosen is None:
            return
        slopes[self.chosen] += g * alpha
        share = g * (1 - alpha) / len(self.cells)
        for cell in self.cells:
            slopes[cell] += share

    @property
    def by_alpha(self):
        """The derivative by alpha; of no cells 0."""
        return reference.total([self.most, reference.times(self.mean, -1)]) if self.cells else Fraction(0)


def _mixed(resolve):
    def run(x, args, p):
        x = np.asarray(x)
        alpha, empty = p.pop("alpha", 0.5), p.pop("empty", None)
        geometry, options = resolve(x.shape, *args, **p)
        planes = [
            [Window(plane, taps) for taps in geometry.windows] for plane in reference.planes_of(geometry, x, **options)
        ]
        blank = geometry.assembled(np.zeros((len(planes), len(geometry.windows))))
        alphas = geometry.out_planes(np.broadcast_to(np.asarray(alpha, float), blank.shape), "alpha").tolist()
        return x, geometry, planes, alphas, np.asarray(alpha), empty

    def forward(x, *args, **p):
        x, geometry, planes, alphas, _, empty = run(x, args, p)
        values = [
            [
                float(empty) if not w.cells and empty is not None else w.mixed(Fraction(a))
                for w, a in zip(*one, strict=True)
            ]
            for one in zip(planes, alphas, strict=True)
        ]
        return _assembled(geometry, values, _result_dtype(x))

    def backward(grad_output, x, *args, **p):
        x, geometry, planes, alphas, alpha, _ = run(x, args, p)
        given = geometry.out_planes(np.asarray(grad_output), "grad_output").astype(float).tolist()
        slopes, by_alpha = [], []
        for windows, of_plane, g in zip(planes, alphas, given, strict=True):
            slopes.append([Fraction(0)] * math.prod(geometry.plane_shape))
            for w, a, one in zip(windows, of_plane, g, strict=True):
                w.give(slopes[-1], Fraction(one), Fraction(a))
            by_alpha.append([Fraction(one) * w.by_alpha for w, one in zip(windows, g, strict=True)])
        by_alpha = geometry.assembled(np.array(by_alpha, object).reshape(len(planes), len(geometry.windows)))
        return _back(geometry, slopes, x.shape, grad_output.dtype), _summed(by_alpha, alpha.shape)

    return forward, backward


def _summed(array, shape):
    """The gradient of broadcasting, in float64."""
    lead = array.ndim - len(shape)
    axes = (*range(lead), *(lead + a for a, n in enumerate(shape) if n == 1))
    return np.asarray(array.sum(axis=axes, keepdims=True), object).astype(float).reshape(shape)


for _name, _resolve in (("mixed_pool", _windows), ("adaptive_mixed_pool", _adaptive), ("global_mixed_pool", _whole)):
    globals()[_name], globals()[_name + "_backward"] = _mixed(_resolve)


def gated_pool(
    x, w, stride=None, padding=0, ceil_mode=False, *, bias=None, axes=None, dilation=1, data_format="channels_first",
    nan="propagate", mask=None, boundary="constant", empty=None, grad_output=None,
):  # fmt: skip
    """The gated mixture; with grad_output the gradients of x, w and, if there is one, bias."""
    x, w = np.asarray(x), np.asarray(w)
    rank = w.ndim if axes is None else len(axes)
    geometry = reference.windowed(
        x.shape, w.shape[w.ndim - rank :], stride, padding, dilation, ceil_mode, axes, data_format, boundary
    )
    lead, taps = geometry.lead_shape, math.prod(geometry.window_shape)
    planes = reference.planes_of(geometry, x, mask=mask, nan=nan)
    where = np.broadcast_to(np.arange(w.size).reshape(w.shape), lead + geometry.window_shape).reshape(len(planes), taps)
    offset = np.zeros(()) if bias is None else np.asarray(bias, float)
    offset_where = np.broadcast_to(np.arange(offset.size).reshape(offset.shape), lead).reshape(len(planes))
    numbers, offsets = [Fraction(float(v)) for v in w.ravel()], [Fraction(float(v)) for v in offset.ravel()]
    given = None
    if grad_output is not None:
        given = geometry.out_planes(np.asarray(grad_output), "grad_output").astype(float).tolist()
    values, slopes = [], []
    by_w, by_offset = [Fraction(0)] * w.size, [Fraction(0)] * offset.size
    for p, plane in enumerate(planes):
        values.append([])
        slopes.append([Fraction(0)] * len(plane.numbers))
        for o, taps_of in enumerate(geometry.windows):
            window = Window(plane, taps_of)
            if not window.cells:
                values[-1].append(math.nan if empty is None else float(empty))
                continue
            score = offsets[offset_where[p]] + sum(numbers[where[p, t]] * plane.exact[c] for t, c in window.taps)
            with localcontext(DIGITS):
                alpha = 1 / (1 + (-Decimal(score.numerator) / Decimal(score.denominator)).exp())
                alpha = Fraction(round(alpha * 2**150), 2**150)  # sums of powers of two have no long denominators
            values[-1].append(window.mixed(alpha))
            if given is None:
                continue
            g = Fraction(given[p][o])
            window.give(slopes[-1], g, alpha)
            by_score = g * window.by_alpha * alpha * (1 - alpha)
            by_offset[offset_where[p]] += by_score
            for t, c in window.taps:
                by_w[where[p, t]] += by_score * plane.exact[c]
                slopes[-1][c] += by_score * numbers[where[p, t]]
    if given is None:
        return _assembled(geometry, values, _result_dtype(x))
    dtype = grad_output.dtype
    to_x = _back(geometry, slopes, x.shape, dtype)
    to_w = cast(np.array([reference.rounded(v, dtype) for v in by_w]).reshape(w.shape), dtype)
    if bias is None:
        return to_x, to_w
    return to_x, to_w, np.array([float(v) for v in by_offset]).reshape(offset.shape)
