"""Blur pooling: a low-pass filter evaluated at a stride, also over maxima; forward and backward.

The filter is a matrix for each axis (`filters`), so boundaries and renormalised weights are the matrices' affair, and the
gradient is the transposed matrices times that of the result.  Where cells do not count (``mask=``, ``nan="ignore"``), the
result is the quotient of two filters, of the cells and of which of them count.  Maxima before the filter are taken row by row in
the kernel, unless cells do not count; their gradient takes two passes.
"""

import functools
from math import prod

import numpy as np

from cypool import docstrings, engine, filters, forms, masked, windows
from cypool import parameters as read
from cypool.arrays import as_array, native, result_array, storage_of
from cypool.kernels.core import CODES

MOST_BINOMIAL = 4096
"""Taps of a binomial filter: its row of Pascal's triangle is exact, and time and memory grow with their square."""


@functools.lru_cache(maxsize=64)
def binomial(k):
    """The taps of a binomial filter: a row of Pascal's triangle over its sum."""
    row = [1]
    for t in range(1, k):
        row.append(row[-1] * (k - t) // t)
    return tuple(n / 2 ** (k - 1) for n in row)


def _taps(value):
    """`filter` as a tuple of taps, or as one for each axis."""
    message = "filter must be a sequence of numbers, or one such sequence for each axis"
    if not isinstance(value, (tuple, list, np.ndarray)):
        raise TypeError(f"{message}, got {type(value).__name__}")
    nested = len(value) > 0 and all(isinstance(one, (tuple, list, np.ndarray)) and np.ndim(one) == 1 for one in value)
    rows = value if nested else [value]
    if not all(len(row) for row in rows):
        raise ValueError(f"{message}, with at least one tap, got {value!r}")
    rows = tuple(tuple(read.real(w, "filter") for w in row) for row in rows)
    if not all(np.isfinite(row).all() for row in rows):
        raise ValueError(f"filter must be finite, got {value!r}")
    return rows if nested else rows[0]


class _Call:
    """A call's arrays, windows and matrices."""

    def __init__(self, operator, p, linear=False, device=None):
        given = p["x"]
        self.device = device = device or engine.device_of(given, p.get("grad_output"))
        self.max_size = p["max_size"]
        nan = read.choice(p["nan"], "nan", read.NAN_POLICIES)
        linear = linear and isinstance(given, tuple) and all(engine.is_extent(n) for n in given)
        if linear:
            given = np.broadcast_to(np.float64(0), tuple(read.integer(n, "x's shape", 0) for n in given))
        self.x = given if linear else as_array(given, device=device)
        self.threads = read.threads_of(p["num_threads"])
        self.include_pad = read.boolean(p["count_include_pad"], "count_include_pad")
        self.dtype = native(self.x.dtype) if storage_of(self.x.dtype).floating else np.dtype(np.float64)
        self._resolve(operator, p)
        over_x = self.windows if self.maxima is None else self.maxima
        self.valid = over_x.masked.validity(self.x, p["mask"], nan, over_x)
        if linear and (nan == "ignore" or self.maxima is not None):
            raise TypeError('x must be the array itself, not its shape, with nan="ignore" or max_size=')
        positive = all(sum(one) > 0 for one in self.taps)
        if not positive and not (self.include_pad and self.valid is None):
            raise ValueError(
                'filter must have a positive sum where its weights are renormalised (mask=, nan="ignore", '
                f"count_include_pad=False), got {p['filter']!r}"
            )

    def _resolve(self, operator, p):
        """The windows of maxima and of the filter, and the taps of each axis."""
        taps = None if p["filter"] is None else _taps(p["filter"])
        size = p["kernel_size"]
        if taps is not None:
            size = tuple(map(len, taps)) if isinstance(taps[0], tuple) else len(taps)
        shape, p["shape"] = self.x.shape, self.x.shape
        axes = engine.pooled_axes(operator, shape, p, size)
        rank = len(axes)
        kernel = read.per_axis(size, rank, "kernel_size" if taps is None else "filter", 1)
        if (
            taps is not None
            and p["kernel_size"] != 3
            and read.per_axis(p["kernel_size"], rank, "kernel_size", 1) != kernel
        ):
            raise ValueError(
                f"kernel_size must be left out with filter=, or its extent {kernel}, got {p['kernel_size']!r}"
            )
        if taps is None:
            if max(kernel) > MOST_BINOMIAL:
                raise ValueError(
                    f"kernel_size must be at most {MOST_BINOMIAL} along every axis unless filter= is given, got {kernel}"
                )
            self.taps = tuple(map(binomial, kernel))
        else:
            self.taps = taps if isinstance(taps[0], tuple) else (taps,)
            self.taps *= rank if len(self.taps) == 1 else 1
        most = read.per_axis(self.max_size, rank, "max_size", 1)
        ones = (1,) * rank
        self.maxima, shape = None, list(shape)
        if most != ones:
            maxima = windows.windowed(self.x.shape, axes, most, ones, ((0, 0),) * rank, ones, False, True, "constant")
            self.maxima, shape = engine.there(maxima, p, self.device), maxima.out_shape
        dilation = read.per_axis(p["dilation"], rank, "dilation", 1)
        padding = p["padding"]
        if padding is None:
            spans = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
            padding = tuple((n // 2, n - n // 2) for n in spans)
        else:
            padding = read.padding_of(padding, rank)
        stride, ceil = read.stride_of(p["stride"], kernel), read.ceil_mode_of(p["ceil_mode"])
        boundary = read.boundary_of(p["boundary"])
        found = windows.windowed(tuple(shape), axes, kernel, stride, padding, dilation, ceil, True, boundary)
        self.windows, self.most = engine.there(found, p, self.device), most

    def matrices(self, transposed=False, most=None):
        """Of all axes.  Under a mask it is the quotient that renormalises."""
        renormalised = not self.include_pad and self.valid is None
        most = (1,) * len(self.taps) if most is None else most
        terms = zip(self.windows.tables, self.taps, most, strict=True)
        return [filters.matrices(table, taps, renormalised, m)[transposed] for table, taps, m in terms]

    def filtered(self, x, out, most=None):
        """The filter over x, or over its maxima."""
        if not storage_of(x.dtype).floating:
            x = x.astype(np.float64)
        work = filters.work_of(self.windows, x.dtype)
        filters.apply(self.windows, self.matrices(most=most), x, out, work, self.threads)

    def quotient(self, valid):
        """What results of the filter are multiplied by where not all cells count: NaN where nothing does."""
        counted = np.empty(self.windows.out_shape)
        self.filtered(valid.astype(np.float64), counted)
        counted /= prod(map(sum, self.taps))
        if self.include_pad:
            counted += 1 - filters.seen(self.windows, self.taps)
        counted[counted == 0] = np.nan
        return np.divide(1, counted, out=counted)

    def empties(self, valid):
        """Windows without a valid cell, to be broadcast against the result; None if all have one."""
        if valid is None:
            return self.windows.empties()
        count = np.empty(self.windows.out_shape, np.int64)
        self.windows.total(valid, count, num_threads=self.threads)
        return count == 0

    def selected(self):
        """Where each maximum stands, in the form that the scatter takes."""
        context = engine.Context(self.x, self.maxima, self.valid, self.threads, self.device)
        return engine.own_indices(engine.Operator("max", "windowed", None), context)

    def valid_maxima(self):
        """Maxima of the valid cells, 0 where there are none, and where there are some."""
        if self.maxima is None:
            values, valid = self.x, self.valid
        else:
            kind = CODES["plane"]
            values, indices = masked.select(self.maxima, "max", self.x, self.valid, kind, self.threads)
            valid = indices != masked.empty_mark(kind)
        return np.where(valid, values, values.dtype.type(0)), valid


def _forward(operator, p, device=None):
    call = _Call(operator, p, device=device)
    out = result_array(call.windows.out_shape, call.dtype, p["out"], engine.inputs_of(p, call.x), xp=call.windows.xp)
    empty = None if p["empty"] is None else engine.empty_value(p["empty"], call.dtype)
    if call.device is not None:
        from cypool.cuda import blur

        blur.pool(call, out, empty)
        return out
    valid = None
    with np.errstate(all="ignore"):
        if call.valid is None:
            if out.size:
                call.filtered(call.x, out, call.most)
            if empty is None and not call.include_pad:
                empty = call.dtype.type(np.nan)
        elif out.size:
            values, valid = call.valid_maxima()
            wide = np.empty(out.shape, np.float64 if out.itemsize == 8 else np.float32)
            call.filtered(values, wide)
            out[...] = wide * call.quotient(valid)
        if empty is not None and out.size:
            nothing = call.empties(valid)
            if nothing is not None:
                np.copyto(out, empty, where=np.broadcast_to(nothing, out.shape))
    return out


def _backward(operator, p, device=None):
    call = _Call(operator, p, linear=True, device=device)
    found = call.windows
    gradient = engine.gradient_of(operator, p, p["grad_output"], found, device=call.device)
    dtype = native(gradient.dtype)
    out = result_array(call.x.shape, dtype, p["out"], engine.inputs_of(p, gradient, call.x), xp=found.xp)
    if call.device is not None:
        from cypool.cuda import blur

        blur.gradient_into(call, gradient, out)
        return out
    if not out.size or not gradient.size:
        out[...] = 0
        return out
    valid, wide = call.valid, np.dtype(np.float64 if dtype.itemsize == 8 else np.float32)
    if valid is not None:
        if call.maxima is not None:
            valid = call.valid_maxima()[1]
        wide = np.dtype(np.float64)
        with np.errstate(all="ignore"):
            gradient = gradient.astype(wide) * call.quotient(valid)
        gradient[call.empties(valid)] = 0
    target = out if call.maxima is None and valid is None else np.empty(found.shape, wide)
    work = filters.work_of(found, gradient.dtype)
    filters.apply(found, call.matrices(transposed=True), gradient, target, work, call.threads)
    if valid is not None:
        target[~valid] = 0
    if call.maxima is not None:
        indices, kind = call.selected()
        moved = out if dtype == target.dtype else np.empty(out.shape, target.dtype)
        call.maxima.scatter(target, indices, kind, moved, call.threads)
        target = moved
    if target is not out:
        with np.errstate(over="ignore"):
            out[...] = target
    return out


# ---- public functions ------------------------------------------------------------------------------------------------

_PAGE = forms.Page(
    "Low-pass filter",
    "The sum of the window's cells times the taps of a binomial filter, over the product of all axes: (1, 2, 1) / 4 along each\n"
    "for `kernel_size` 3.  With `max_size` it filters the maxima of so many cells at stride 1, which are never written out:\n"
    "anti-aliased maximum pooling.  float32 and halves add up in float32 for windows of at most 64 taps, and in float64 for\n"
    "larger ones; integers give float64.  By default the result has ``ceil(n / stride)`` cells, as in the paper's own code;\n"
    "timm's ``BlurPool2d`` pads ``(stride - 1 + kernel_size - 1) // 2`` on both sides, which for odd filters and strides up to 2\n"
    'is the same; kornia\'s ``blur_pool2d`` and ``max_blur_pool2d`` pad ``(kernel_size - 1) // 2`` zeros: ``boundary="constant"``.',
    "What each cell gets is the transposed filter of the windows' gradients; behind maxima, all that belongs to the cell that\n"
    "is the maximum.  `empty` has no effect.",
    "numpy.ndarray\n    The gradient of x, in grad_output's dtype.",
    'R. Zhang, "Making convolutional networks shift-invariant again", ICML 2019.',
    "[[2.5  3.75]\n [3.5  3.12]]",
    "0, or NaN if padding does not count",
    {
        "x": docstrings.PARAMETERS["x"] + "  The gradient without `max_size` needs its shape only, a tuple.",
        "kernel_size": "int or sequence of int\nTaps of the binomial filter along each pooled axis, at most 4096.",
        "padding": 'int, sequence of int or of pairs, "valid", "same", "same_lower" or None\n'
        "Cells added before and after each axis, which see what `boundary` says; None: half of the window before, for even\n"
        "windows the odd cell after.",
        "filter": "sequence of float, one such sequence for each axis, or None\n"
        "Taps to be used in the binomial ones' place, as they are; they are not normalised.",
        "max_size": "int or sequence of int\nCells along each axis over which a maximum is taken before the filter.",
        "count_include_pad": "bool\nWhether taps that see no cell count, as zeros; if not, the others' weights are scaled up.",
        "boundary": '"reflect", "edge", "wrap" or "constant"\n'
        "What taps in the padding see: the cells that numpy.pad would put there, or zeros.",
        "nan": '"propagate" or "ignore"\nWhether a NaN spoils its windows, or does not count, as by `mask`.',
        "mask": "array_like of bool or None\n"
        "True where a cell counts; broadcast to x's shape.  The weights of those that do are scaled up.",
    },
    call="x",
)
_OWN = {
    "kernel_size": 3,
    "stride": 2,
    "padding": None,
    "filter": None,
    "max_size": 1,
    "count_include_pad": True,
    "boundary": "reflect",
}

globals().update(
    (function.__name__, function)
    for function in forms.publish(__name__, "blur", _PAGE, _forward, _backward, _OWN, kinds=("windowed",))
)
__all__ = sorted(name for name in globals() if "_pool" in name and not name.startswith("_"))
