"""The slow reference: max, min, average and sum pooling as the rules say them, window by window.

This file is the oracle that the tests compare the fast code with, and a description of what the operators compute.
It shares no code with the rest of the package. It aims at being obviously right; two thousand windows of fifty taps
take well under a second.

How data runs through it:

1. *Geometry*, the axes. `windowed_axis` and `adaptive_axis` list, for every output position of one axis, the taps of
   its window as pairs (ordinal, cell): the tap's number in the unclipped window, and the cell it sees, None where that
   is padding. What lies beyond the padding (a ceil window's far end) is no tap. `Geometry.windows` is the product of
   these lists over the pooled axes: for every window, in row-major order, a list of (offset, cell), both flat.
2. *Values*, the planes. The pooled axes are moved to the end and flattened: an array is then a list of planes, a plane
   a list of cells. Every cell becomes an exact number: an int, a Fraction, or a float if it is NaN or infinite.
3. *One window*. `select` gives the chosen tap of max and min, `weighted_sum` and `divisor` the two halves of the
   average (a sum is an average whose divisor is 1).
4. *Results*. `rounded` turns an exact number into the result's dtype, once, half to even. Every float result,
   gradients included, is the exact one correctly rounded, however large the window; NaN and infinity follow IEEE 754.
   Signs of zeros and the payloads of NaN are not promised.
5. *Gradients*. `_select_derivatives` and `_linear_derivatives` give a window's derivative by every cell it sees, a
   sparse matrix; the gradient is its transposed product, the gradient's gradient its product.

The operators are made at the end of the file, three for each form: NAME(x, ...), NAME_backward(grad_output, x, ...) and
NAME_double_backward(grad_grad_x, grad_output, x, ...), with the fast package's parameters less `out` and `num_threads`.
Their checks are few: those of the fast package are not repeated.
"""

import itertools
import math
from fractions import Fraction

import numpy as np

# ---- exact numbers

# dtype: (bits of the significand, least and greatest exponent)
_FLOATS = {
    "float16": (11, -14, 15),
    "bfloat16": (8, -126, 127),
    "float32": (24, -126, 127),
    "float64": (53, -1022, 1023),
}


def is_float(dtype):
    """Whether dtype is one of the four floating storage dtypes."""
    return dtype.name in _FLOATS


def exact(value):
    """An int as it is, a finite float as a Fraction, NaN and infinity as floats."""
    return Fraction(value) if isinstance(value, float) and math.isfinite(value) else value


def _sign(a):
    """a itself if NaN or infinite, else its sign as a float: all that matters of it beside an infinity."""
    return a if isinstance(a, float) else float((a > 0) - (a < 0))


def total(terms):
    """Exact sum; if a term is NaN or infinite, what IEEE arithmetic makes of those."""
    terms = list(terms)
    special = [term for term in terms if isinstance(term, float)]
    if special:
        return sum(special)
    scale = math.lcm(*(term.denominator for term in terms))  # one gcd at the end, not one a term
    return Fraction(sum(term.numerator * (scale // term.denominator) for term in terms), scale)


def times(a, b):
    """Exact product, 0 * inf is NaN."""
    return _sign(a) * _sign(b) if isinstance(a, float) or isinstance(b, float) else a * b


def over(a, divisor):
    """Exact quotient; NaN over a divisor of 0, whatever a is (rule 6)."""
    if divisor == 0:
        return math.nan
    if isinstance(divisor, float):
        return math.nan if isinstance(a, float) or math.isnan(divisor) else 0
    return a * _sign(divisor) if isinstance(a, float) else Fraction(a) / divisor


def rounded(value, dtype):
    """The float of dtype nearest to an exact number, half to even, as a Python float: the only rounding there is."""
    if isinstance(value, float) or value == 0:
        return float(value)
    bits, least, greatest = _FLOATS[dtype.name]
    value = Fraction(value)
    exponent = abs(value.numerator).bit_length() - value.denominator.bit_length()
    if Fraction(2) ** exponent > abs(value):
        exponent -= 1
    step = max(exponent, least) - (bits - 1)  # neighbours are 2**step apart; subnormals share the least exponent's step
    significand = round(value / Fraction(2) ** step)  # exact halves go to even
    if abs(significand) * Fraction(2) ** step >= Fraction(2) ** (greatest + 1):
        return math.copysign(math.inf, significand)
    return math.ldexp(significand, step) or math.copysign(0.0, value.numerator)


_INTEGER_ROUNDING = {  # rule 15
    "trunc": math.trunc,
    "floor": math.floor,
    "nearest": round,
    "half_up": lambda quotient: math.floor(quotient + Fraction(1, 2)),
}


def wrapped(value, dtype):
    """An int reduced to dtype's range as two's complement does."""
    info = np.iinfo(dtype)
    return (value - int(info.min)) % 2**info.bits + int(info.min)


# ---- geometry: one axis, then all of them


def output_extent(n, k, s, padding, d, ceil_mode):
    """Output extent and padding before and after (rules 1 and 2)."""
    if min(k, s, d) < 1:
        raise ValueError(f"kernel_size, stride and dilation must be at least 1, got {k}, {s} and {d}")
    if n < 1:
        raise ValueError(f"cannot pool an axis of extent {n}")
    reach = d * (k - 1) + 1
    if padding == "valid":
        out, before, after = -((reach - n - 1) // s), 0, 0
    elif padding in ("same", "same_lower"):
        out = -(-n // s)
        needed = max((out - 1) * s + reach - n, 0)
        half = needed // 2
        before, after = (half, needed - half) if padding == "same" else (needed - half, half)
    else:
        before, after = padding
        if min(before, after) < 0:
            raise ValueError(f"padding must not be negative, got {padding}")
        if ceil_mode not in (False, True, "keep"):
            raise ValueError(f'ceil_mode must be False, True or "keep", got {ceil_mode!r}')
        out = (n + before + after - reach + (s - 1 if ceil_mode else 0)) // s + 1
        if ceil_mode and ceil_mode != "keep" and (out - 1) * s >= n + before:
            out -= 1  # the last window must start inside the input or the left padding
    if out < 1:
        raise ValueError(f"output extent {out} < 1 for n={n}, k={k}, s={s}, padding={(before, after)}, d={d}")
    return out, before, after


def seen_cell(position, n, boundary):
    """The cell of [0, n) seen at a position of the padded axis, or None for padding, as np.pad fills it."""
    if 0 <= position < n:
        return position
    if boundary == "constant":
        return None
    if boundary == "edge":
        return min(max(position, 0), n - 1)
    if boundary == "wrap":
        return position % n
    if boundary == "reflect":
        folded = position % (2 * (n - 1)) if n > 1 else 0
        return min(folded, 2 * (n - 1) - folded)
    raise ValueError(f'boundary must be "constant", "edge", "reflect" or "wrap", got {boundary!r}')


def windowed_axis(n, k, s, padding, d, ceil_mode, boundary):
    """For every output position the window's taps (ordinal, cell or None): rules 1 to 3."""
    out, before, after = output_extent(n, k, s, padding, d, ceil_mode)
    reach = d * (k - 1) + 1
    starts = [o * s - before for o in range(out)]
    return [
        [(t, seen_cell(e, n, boundary)) for t, e in enumerate(range(start, min(start + reach, n + after), d))]
        for start in starts
    ]


def adaptive_axis(n, m):
    """For every output position the window's taps (ordinal, cell): rule 11."""
    if m < 0 or (n < 1 and m > 0):
        raise ValueError(f"cannot pool an axis of extent {n} to extent {m}")
    return [list(enumerate(range(i * n // m, -(-(i + 1) * n // m)))) for i in range(m)]


class Geometry:
    """What is pooled, and every window of one plane.

    Parameters
    ----------
    shape : tuple of int
        The input's.
    axes : sequence of int
        The pooled axes, in the order that indices count them.
    taps : list
        One list for each of them, as `windowed_axis` and `adaptive_axis` return it.
    window_shape : tuple of int
        Extents of the unclipped window, which tap ordinals refer to.
    keepdims : bool
        False if the result loses the pooled axes (of extent 1).
    """

    def __init__(self, shape, axes, taps, window_shape, keepdims=True):
        self.shape, self.axes = tuple(shape), tuple(axes)
        self.window_shape, self.keepdims = tuple(window_shape), keepdims
        self.plane_shape = tuple(shape[axis] for axis in self.axes)
        self.out_shape = tuple(len(windows) for windows in taps)
        self.lead_shape = tuple(n for axis, n in enumerate(shape) if axis not in self.axes)
        self.channels = self.lead_shape[-1] if self.lead_shape else 1
        self.windows = [self._product(window) for window in itertools.product(*taps)]

    def _product(self, window):
        """The taps (offset, cell) of an N-d window in row-major order, from the taps of its axes."""
        return [
            (_flat([t for t, _ in tap], self.window_shape), _flat([cell for _, cell in tap], self.plane_shape))
            for tap in itertools.product(*window)
        ]

    def planes(self, array):
        """The array's planes, each a flat array of cells; the non-pooled axes in C order."""
        moved = np.moveaxis(array, self.axes, range(-len(self.axes), 0))
        return moved.reshape(math.prod(self.lead_shape), math.prod(moved.shape[len(self.lead_shape) :]))

    def out_planes(self, array, name):
        """Likewise for an array of the result's shape, checked."""
        empty = self.assembled(np.empty((math.prod(self.lead_shape), len(self.windows))))
        if array.shape != empty.shape:
            raise ValueError(f"{name} must have the output's shape {empty.shape}, got {array.shape}")
        return self.planes(array if self.keepdims else np.expand_dims(array, self.axes))

    def assembled(self, planes):
        """The result whose planes of windows are given."""
        result = np.moveaxis(np.reshape(planes, self.lead_shape + self.out_shape), range(-len(self.axes), 0), self.axes)
        return result if self.keepdims else np.squeeze(result, self.axes)


def _flat(position, shape):
    """Row-major flat position, None if any coordinate is None (a tap is padding if it is so along one axis)."""
    flat = 0
    for coordinate, extent in zip(position, shape, strict=True):
        if coordinate is None:
            return None
        flat = flat * extent + coordinate
    return flat


def _per_axis(value, count, name):
    """A parameter as one value for each axis: an int or a one-element sequence goes to all of them."""
    values = [value] if isinstance(value, (int, np.integer, str)) else list(value)
    if len(values) not in (1, count):
        raise ValueError(f"{name} must have 1 or {count} entries, got {value!r}")
    return values * (count if len(values) == 1 else 1)


def _pooled_axes(ndim, parameter, axes, data_format):
    """The axes named, or the last spatial ones: as many as the parameter has entries, two for an int."""
    if axes is None:
        count = 2 if isinstance(parameter, (int, np.integer)) else len(parameter)
        end = ndim - (data_format == "channels_last")
        axes = range(end - count, end)
        if end < count:
            raise ValueError(f"cannot pool {count} axes of an array of {ndim} dimensions")
    return _checked_axes(ndim, axes)


def _checked_axes(ndim, axes):
    axes = [axes] if isinstance(axes, (int, np.integer)) else list(axes)
    if not axes or any(not -ndim <= axis < ndim for axis in axes) or len({axis % ndim for axis in axes}) < len(axes):
        raise ValueError(f"axes must be distinct axes of an array of {ndim} dimensions, got {axes}")
    return [axis % ndim for axis in axes]


def windowed(shape, kernel_size, stride, padding, dilation, ceil_mode, axes, data_format, boundary):
    """Geometry of windows that slide along any axes."""
    axes = _pooled_axes(len(shape), kernel_size, axes, data_format)
    kernel = _per_axis(kernel_size, len(axes), "kernel_size")
    stride = kernel if stride is None or np.size(stride) == 0 else _per_axis(stride, len(axes), "stride")
    padding = _per_axis(padding, len(axes), "padding")
    padding = [(p, p) if isinstance(p, (int, np.integer)) else p for p in padding]
    dilation = _per_axis(dilation, len(axes), "dilation")
    extents = [shape[axis] for axis in axes]
    taps = [
        windowed_axis(n, k, s, p, d, ceil_mode, boundary)
        for n, k, s, p, d in zip(extents, kernel, stride, padding, dilation, strict=True)
    ]
    return Geometry(shape, axes, taps, kernel)


def adaptive(shape, output_size, axes, data_format):
    """Geometry of adaptive windows; an entry None of output_size keeps its axis."""
    axes = _pooled_axes(len(shape), output_size, axes, data_format)
    sizes = _per_axis(output_size, len(axes), "output_size")
    taps = [adaptive_axis(shape[axis], shape[axis] if m is None else m) for axis, m in zip(axes, sizes, strict=True)]
    return Geometry(shape, axes, taps, [max(map(len, windows), default=1) for windows in taps])


def whole(shape, axes, keepdims, data_format):
    """Geometry of one window over all of the plane."""
    if axes is None:
        axes = range(1, len(shape) - 1) if data_format == "channels_last" else range(2, len(shape))
    axes = _checked_axes(len(shape), axes)
    extents = [shape[axis] for axis in axes]
    return Geometry(shape, axes, [adaptive_axis(n, 1) for n in extents], extents, keepdims)


# ---- planes of values


class Plane:
    """One plane of the input: flat lists of Python numbers, their exact values, validity, and exact weights or None."""

    def __init__(self, stored, valid, weights):
        self.stored, self.numbers, self.valid = stored, _numbers(stored), valid.tolist()
        self.exact = list(map(exact, self.numbers))
        self.weights = None if weights is None else list(map(exact, _numbers(weights)))

    def valid_taps(self, taps):
        """Those of a window's taps (offset, cell) that see a valid cell."""
        return [tap for tap in taps if tap[1] is not None and self.valid[tap[1]]]

    def valid_cells(self, taps):
        """Their cells, one as often as it is seen."""
        return [cell for _, cell in self.valid_taps(taps)]

    def weight(self, cell):
        return 1 if self.weights is None else self.weights[cell]


def _numbers(stored):
    """A flat array as a list of Python numbers, exactly."""
    return (stored.astype(np.float64) if is_float(stored.dtype) else stored).tolist()


def planes_of(geometry, x, mask=None, weights=None, nan="propagate"):
    """The input as a list of `Plane`."""
    if nan not in ("propagate", "ignore"):
        raise ValueError(f'nan must be "propagate" or "ignore", got {nan!r}')
    if weights is not None and not (is_float(x.dtype) and is_float(np.asarray(weights).dtype)):
        raise TypeError("weights need a floating x and must be floating themselves")
    valid = np.broadcast_to(True if mask is None else np.asarray(mask, bool), x.shape)
    if nan == "ignore" and is_float(x.dtype):
        valid = valid & ~np.isnan(x)
    stored = geometry.planes(x)
    weights = [None] * len(stored) if weights is None else geometry.planes(np.broadcast_to(weights, x.shape))
    return [Plane(*each) for each in zip(stored, geometry.planes(valid), weights, strict=True)]


# ---- max and min: the chosen tap, and its index


def select(op, taps, values):
    """The chosen one of valid taps (offset, cell), None if there is none: first of equals, last NaN (rules 7 and 8)."""
    chosen = None
    for tap in taps:
        value = values[tap[1]]
        if value != value:
            chosen = tap
        elif chosen is None or (value > values[chosen[1]] if op == "max" else value < values[chosen[1]]):
            chosen = tap  # no value is greater or less than a NaN chosen before
    return chosen


def index_dtype(geometry, index_layout):
    """Dtype of indices, and the index of an empty window."""
    taps = math.prod(geometry.window_shape)
    if index_layout == "window" and taps <= 255:
        return np.dtype(np.uint8), 255
    if index_layout == "window" and taps <= 65535:
        return np.dtype(np.uint16), 65535
    return np.dtype(np.int32 if index_layout == "window" else np.int64), -1


def index_of_tap(tap, p, geometry, index_layout):
    """The index of the tap (offset, cell) of a window of plane number p."""
    offset, cell = tap
    size = math.prod(geometry.plane_shape)
    if index_layout == "plane":
        return cell
    if index_layout == "global":
        return p * size + cell
    if index_layout == "global_column_major":
        coordinates = [int(c) for c in np.unravel_index(cell, geometry.plane_shape)]
        return p * size + _flat(coordinates[::-1], geometry.plane_shape[::-1])
    if index_layout == "channels_last":
        return cell * geometry.channels + p % geometry.channels
    if index_layout == "window":
        return offset
    raise ValueError(f"unknown index_layout {index_layout!r}")


def taps_of_indices(indices, p, geometry, index_layout):
    """The inverse for the windows of plane number p: taps, None for an empty window."""
    plane = {}
    if index_layout != "window":
        cells = range(math.prod(geometry.plane_shape))
        plane = {index_of_tap((None, cell), p, geometry, index_layout): (None, cell) for cell in cells}
    chosen = []
    for index, taps in zip(indices, geometry.windows, strict=True):
        known = plane or {offset: (offset, cell) for offset, cell in taps if cell is not None}
        if index not in known and index not in (-1, index_dtype(geometry, index_layout)[1]):
            raise ValueError(f"indices must be in range for index_layout={index_layout!r}, got {index}")
        chosen.append(known.get(index))
    return chosen


def _select_forward(op, geometry, x, *, return_indices=False, index_layout="plane", empty=None, **plane_options):
    if empty is None:
        empty = _lowest(x.dtype) if op == "max" else _highest(x.dtype)
    dtype, no_index = index_dtype(geometry, index_layout)
    values = np.full((math.prod(geometry.lead_shape), len(geometry.windows)), empty, x.dtype)
    indices = np.full(values.shape, no_index, dtype)
    for p, plane in enumerate(planes_of(geometry, x, **plane_options)):
        for o, taps in enumerate(geometry.windows):
            tap = select(op, plane.valid_taps(taps), plane.numbers)
            if tap is not None:
                values[p, o] = plane.stored[tap[1]]
                indices[p, o] = index_of_tap(tap, p, geometry, index_layout)
    values, indices = geometry.assembled(values), geometry.assembled(indices)
    return (values, indices) if return_indices else values


def _lowest(dtype):
    return -math.inf if is_float(dtype) else False if dtype.kind == "b" else np.iinfo(dtype).min


def _highest(dtype):
    return math.inf if is_float(dtype) else True if dtype.kind == "b" else np.iinfo(dtype).max


def _select_derivatives(
    op, geometry, x, *, indices=None, index_layout="plane", return_indices=False, empty=None, **plane_options
):
    """For every plane and window, [(cell, 1)] of the chosen cell or []; `indices` spare the search."""
    if indices is not None:
        given = geometry.out_planes(np.asarray(indices), "indices").tolist()
        chosen = [taps_of_indices(plane, p, geometry, index_layout) for p, plane in enumerate(given)]
    else:
        planes = planes_of(geometry, x, **plane_options)
        chosen = [[select(op, plane.valid_taps(taps), plane.numbers) for taps in geometry.windows] for plane in planes]
    return [[[] if tap is None else [(tap[1], 1)] for tap in windows] for windows in chosen]


# ---- average and sum


def weighted_sum(plane, cells):
    """Exact sum of weight * value over valid cells."""
    return total(times(plane.weight(cell), plane.exact[cell]) for cell in cells)


def divisor(op, plane, taps, count_include_pad=True, divisor_override=None):
    """What a window's sum is divided by: rule 3's number of taps, a cell counting its weight (invalid: 0)."""
    if op == "sum" or divisor_override is not None:
        return 1 if op == "sum" else divisor_override
    padding = sum(cell is None for _, cell in taps) if count_include_pad else 0
    return total([padding, *map(plane.weight, plane.valid_cells(taps))])


def _linear_forward(
    op, geometry, x, *, empty=None, rounding="trunc", count_include_pad=True, divisor_override=None, **plane_options
):
    dtype = _result_dtype(op, x.dtype)
    result = np.zeros((math.prod(geometry.lead_shape), len(geometry.windows)), dtype)
    for p, plane in enumerate(planes_of(geometry, x, **plane_options)):
        for o, taps in enumerate(geometry.windows):
            cells = plane.valid_cells(taps)
            sum_, count = weighted_sum(plane, cells), divisor(op, plane, taps, count_include_pad, divisor_override)
            if not cells and empty is not None:
                result[p, o] = empty
            elif is_float(dtype):
                result[p, o] = rounded(over(sum_, count), dtype)
            else:
                result[p, o] = integer_quotient(int(sum_), count, rounding, dtype)
    return geometry.assembled(result)


def _result_dtype(op, dtype):
    """Section 1: sums of integers are wide, averages keep the dtype."""
    if op == "avg" and dtype.kind == "b":
        raise TypeError("an average of bool is refused; convert x first")
    if op == "avg" or is_float(dtype):
        return dtype
    return np.dtype(np.uint64 if dtype.kind == "u" else np.int64)


def integer_quotient(sum_, count, rounding, dtype):
    """Rounded quotient of integers, 0 over 0; the 64-bit sum and the quotient wrap (rule 15)."""
    sum_ = wrapped(sum_, np.uint64 if dtype.kind == "u" else np.int64)
    return wrapped(_INTEGER_ROUNDING[rounding](Fraction(sum_) / count), dtype) if count else 0


def _linear_derivatives(
    op, geometry, x, *, empty=None, rounding="trunc", count_include_pad=True, divisor_override=None, **plane_options
):
    """For every plane and window, [(cell, w / D)] of its valid cells."""
    return [
        [
            [(cell, over(plane.weight(cell), count)) for cell in plane.valid_cells(taps)]
            for taps in geometry.windows
            for count in [divisor(op, plane, taps, count_include_pad, divisor_override)]
        ]
        for plane in planes_of(geometry, x, **plane_options)
    ]


def _weight_derivatives(
    op, geometry, x, *, empty=None, rounding="trunc", count_include_pad=True, divisor_override=None, **plane_options
):
    """The same by the cells' weights: (x - y) / D where D depends on the weights, else x / D."""
    derivatives = []
    for plane in planes_of(geometry, x, **plane_options):
        derivatives.append([])
        for taps in geometry.windows:
            cells, count = plane.valid_cells(taps), divisor(op, plane, taps, count_include_pad, divisor_override)
            fixed = op == "sum" or divisor_override is not None
            mean = 0 if fixed else over(weighted_sum(plane, cells), count)
            derivatives[-1].append([(cell, over(total([plane.exact[cell], times(-1, mean)]), count)) for cell in cells])
    return derivatives


def abs_sum_pool(pool, x, *args, mask=None, weights=None, nan="propagate", empty=None, rounding="trunc", **keywords):
    """What the tolerances of rule 16 are made of.

    Parameters
    ----------
    pool : function
        `avg_pool`, `sum_pool`, or their adaptive or global form, of this file.
    x, *args, **keywords
        As for that function; empty and rounding are without effect.

    Returns
    -------
    abs_sums : float64 array of the output's shape
        Sum of abs(weight * cell) over each window's valid cells, over abs(divisor).
    counts : int64 array of the output's shape
        Number of those cells.
    """
    x = _native(np.asarray(x))
    geometry, divisor_options = pool.__wrapped__(x, *args, **keywords)
    planes = planes_of(geometry, x, mask, weights, nan)
    sums, counts = np.zeros((2, len(planes), len(geometry.windows)))
    for p, plane in enumerate(planes):
        for o, taps in enumerate(geometry.windows):
            cells, count = plane.valid_cells(taps), divisor(pool.op, plane, taps, **divisor_options)
            sizes = total(abs(times(plane.weight(cell), plane.exact[cell])) for cell in cells)
            sums[p, o], counts[p, o] = rounded(over(sizes, abs(count)), np.dtype(np.float64)), len(cells)
    return geometry.assembled(sums), geometry.assembled(counts).astype(np.int64)


# ---- gradients: the matrix of derivatives, applied


def _exact_planes(planes):
    return [list(map(exact, _numbers(plane))) for plane in planes]


def _gathered(derivatives, geometry, source, dtype):
    """Product of the matrix and a source of the input's shape."""
    result = np.zeros((len(derivatives), len(geometry.windows)), dtype)
    for p, plane in enumerate(_exact_planes(geometry.planes(source))):
        for o, entries in enumerate(derivatives[p]):
            result[p, o] = rounded(total(times(factor, plane[cell]) for cell, factor in entries), dtype)
    return geometry.assembled(result)


def _scattered(derivatives, geometry, grad_output, shape):
    """Product of the transposed matrix and grad_output, summed to `shape` if that only broadcasts to the input's."""
    result = np.zeros(math.prod(shape), grad_output.dtype)
    targets = geometry.planes(np.broadcast_to(np.arange(result.size).reshape(shape), geometry.shape)).tolist()
    arriving = [[] for _ in result]
    for p, gradients in enumerate(_exact_planes(geometry.out_planes(grad_output, "grad_output"))):
        for entries, gradient in zip(derivatives[p], gradients, strict=True):
            for cell, factor in entries:
                arriving[targets[p][cell]].append(times(factor, gradient))
    for i, terms in enumerate(arriving):
        result[i] = rounded(total(terms), result.dtype)
    return result.reshape(shape)


# ---- the operators: their parameters, as functions that return (geometry, what else there is to know)


def _select_windows(
    x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False, *, axes=None,
    data_format="channels_first", boundary="constant", **options,
):  # fmt: skip
    """Largest or smallest cell of every window. Also nan, mask, empty, index_layout; indices in the gradients."""
    geometry = windowed(np.shape(x), kernel_size, stride, padding, dilation, ceil_mode, axes, data_format, boundary)
    return geometry, dict(options, return_indices=return_indices)


def _avg_windows(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None, *,
    dilation=1, axes=None, data_format="channels_first", boundary="constant", **options,
):  # fmt: skip
    """Mean of every window. Also nan, mask, weights, empty, rounding."""
    if divisor_override == 0:
        raise ValueError("divisor_override must not be 0")
    geometry = windowed(np.shape(x), kernel_size, stride, padding, dilation, ceil_mode, axes, data_format, boundary)
    return geometry, dict(options, count_include_pad=count_include_pad, divisor_override=divisor_override)


def _sum_windows(
    x, kernel_size, stride=None, padding=0, ceil_mode=False, *,
    dilation=1, axes=None, data_format="channels_first", boundary="constant", **options,
):  # fmt: skip
    """Sum of every window. Also nan, mask, weights, empty."""
    geometry = windowed(np.shape(x), kernel_size, stride, padding, dilation, ceil_mode, axes, data_format, boundary)
    return geometry, options


def _select_adaptive(x, output_size, return_indices=False, *, axes=None, data_format="channels_first", **options):
    """Largest or smallest cell of adaptive windows. Also nan, mask, empty, index_layout; indices in the gradients."""
    return adaptive(np.shape(x), output_size, axes, data_format), dict(options, return_indices=return_indices)


def _linear_adaptive(x, output_size, *, axes=None, data_format="channels_first", **options):
    """Mean or sum of adaptive windows. Also nan, mask, weights, empty, and rounding for the mean."""
    return adaptive(np.shape(x), output_size, axes, data_format), options


def _select_global(x, axes=None, keepdims=True, return_indices=False, *, data_format="channels_first", **options):
    """Largest or smallest cell of the plane. Also nan, mask, empty, index_layout; indices in the gradients."""
    return whole(np.shape(x), axes, keepdims, data_format), dict(options, return_indices=return_indices)


def _linear_global(x, axes=None, keepdims=True, *, data_format="channels_first", **options):
    """Mean or sum of the plane. Also nan, mask, weights, empty, and rounding for the mean."""
    return whole(np.shape(x), axes, keepdims, data_format), options


def _native(x):
    """x as an array in the machine's byte order; a shape, which linear operators' gradients take for x, as zeros."""
    if isinstance(x, tuple) and all(isinstance(n, (int, np.integer)) for n in x):
        return np.zeros(x)
    x = np.asarray(x)
    return x.astype(x.dtype.newbyteorder("="))


def _operator(op, parameters):
    """The operator, its gradient, and the gradient's gradient with respect to grad_output."""
    run, derivatives = _linear_forward, _linear_derivatives
    if op in ("max", "min"):
        run, derivatives = _select_forward, _select_derivatives

    def forward(x, *args, **keywords):
        x = _native(np.asarray(x))
        geometry, options = parameters(x, *args, **keywords)
        return run(op, geometry, x, **options)

    def backward(grad_output, x, *args, **keywords):
        x, grad_output = _native(x), _native(grad_output)
        geometry, options = parameters(x, *args, **keywords)
        grad_x = _scattered(derivatives(op, geometry, x, **options), geometry, grad_output, x.shape)
        if options.get("weights") is None:
            return grad_x
        by_weights = _weight_derivatives(op, geometry, x, **options)
        return grad_x, _scattered(by_weights, geometry, grad_output, np.shape(options["weights"]))

    def double_backward(grad_grad_x, grad_output, x, *args, **keywords):
        x, grad_output = _native(x), _native(grad_output)
        geometry, options = parameters(x, *args, **keywords)
        return _gathered(derivatives(op, geometry, x, **options), geometry, _native(grad_grad_x), grad_output.dtype)

    forward.__doc__ = parameters.__doc__
    forward.__wrapped__, forward.op = parameters, op  # inspect.signature and help() show the parameters
    return forward, backward, double_backward


max_pool, max_pool_backward, max_pool_double_backward = _operator("max", _select_windows)
min_pool, min_pool_backward, min_pool_double_backward = _operator("min", _select_windows)
avg_pool, avg_pool_backward, avg_pool_double_backward = _operator("avg", _avg_windows)
sum_pool, sum_pool_backward, sum_pool_double_backward = _operator("sum", _sum_windows)
adaptive_max_pool, adaptive_max_pool_backward, adaptive_max_pool_double_backward = _operator("max", _select_adaptive)
adaptive_min_pool, adaptive_min_pool_backward, adaptive_min_pool_double_backward = _operator("min", _select_adaptive)
adaptive_avg_pool, adaptive_avg_pool_backward, adaptive_avg_pool_double_backward = _operator("avg", _linear_adaptive)
adaptive_sum_pool, adaptive_sum_pool_backward, adaptive_sum_pool_double_backward = _operator("sum", _linear_adaptive)
global_max_pool, global_max_pool_backward, global_max_pool_double_backward = _operator("max", _select_global)
global_min_pool, global_min_pool_backward, global_min_pool_double_backward = _operator("min", _select_global)
global_avg_pool, global_avg_pool_backward, global_avg_pool_double_backward = _operator("avg", _linear_global)
global_sum_pool, global_sum_pool_backward, global_sum_pool_double_backward = _operator("sum", _linear_global)
