"""Morphological pooling: grey dilation and erosion by a structuring element that may be learnt; forward and backward.

The windows are `engine`'s, the kernels are in ``kernels/morphology.pxi``, and the slow form of the same rules is
`cypool.reference_ranks`.
"""

import functools
from math import prod

import numpy as np

from cypool import docstrings, engine
from cypool import parameters as read
from cypool.arrays import as_array, entered, native, pair_of, result_array, storage_of
from cypool.functional import FORMS, SELECTING, bound, variant
from cypool.kernels import core
from cypool.ranks import NO_PROGRAMS, extended, kernels
from cypool.windows import batch_order

OPS = {"max": 1.0, "min": -1.0}


class _Call:
    """A call's arrays, windows and structuring element, on the host or on a device."""

    def __init__(self, operator, p, device):
        self.device = device
        self.x, self.w = as_array(p["x"], device=device), as_array(p["w"], "w", device)
        for name, array in (("x", self.x), ("w", self.w)):
            if not storage_of(array.dtype).floating:
                raise TypeError(f"{name} must be floating (float16, bfloat16, float32 or float64), got {array.dtype}")
        rank = operator.rank
        if rank is None:
            rank = self.w.ndim if p["axes"] is None else len(read.axes_of(p["axes"], self.x.ndim))
        if not 1 <= rank <= self.w.ndim:
            raise ValueError(f"w must have an axis for each of {max(rank, 1)} pooled ones, got shape {self.w.shape}")
        window = self.w.shape[-rank:]
        if 0 in window:
            raise ValueError(f"w must have at least one tap along every axis, got shape {self.w.shape}")
        p.update(shape=self.x.shape, kernel_size=window)
        self.sign = OPS[read.choice(p["op"], "op", tuple(OPS))]
        self.windows = engine.RESOLVE[operator.kind](operator, self.x.shape, p)
        if device is not None:
            self.windows = device.windows(self.windows)
        xp = self.windows.xp
        self.threads = read.threads_of(p["num_threads"])
        self.ignore = read.choice(p["nan"], "nan", read.NAN_POLICIES) == "ignore"
        self.batch = tuple(self.x.shape[a] for a in self.windows.batch_axes)
        self.cells = xp.ascontiguousarray(self.w, np.float64)
        if xp.isnan(self.cells).any() or (self.cells == np.inf).any():
            raise ValueError(f"w must be finite, or -inf where no tap is, got {self.cells.max()}")
        try:
            self.element = xp.broadcast_to(self.cells, (*self.batch, *window))
        except ValueError:
            raise ValueError(
                f"w must have the window's axes last, before them what broadcasts to x's other axes {self.batch}, "
                f"got shape {self.w.shape}"
            ) from None
        self.source = self.x if device is not None else extended(self.x, self.windows)

    def arguments(self, empty, batch, lanes):
        """What both kernels take behind the arrays, whose batch axes are in this order."""
        tables = self.windows.tables
        last = tables[-1]
        lo, hi = (last.lo, last.hi) if last.period == 1 else (0, 0)
        window = tuple(table.window for table in tables)
        places = [self.windows.batch_axes.index(a) for a in batch]
        strides = tuple(self.element.strides[i] // 8 for i in places)
        return (
            tuple(self.batch[i] for i in places),
            lanes,
            [(table.n_in, table.step, *table.expand()) for table in tables],
            (lo, hi, last.advance, 0.0, 0, 1, self.ignore, False, 0, empty, 0),
            NO_PROGRAMS,
            (self.cells.ravel(), strides, window),
            self.sign,
            tuple(table.skip[table.entries()] for table in tables),
            core.threads_for(float(prod(self.windows.out_shape)) * self.windows.taps * self.x.itemsize, self.threads),
        )


def _on_device():
    from cypool.cuda import morphology

    return morphology


def _forward(operator, p, device=None):
    call = _Call(operator, p, device or engine.device_of(p["x"], p["w"]))
    dtype = native(call.x.dtype)
    inputs = engine.inputs_of(p, call.x, call.w)
    out = result_array(call.windows.out_shape, dtype, p["out"], inputs, xp=call.windows.xp)
    empty = -call.sign * np.inf if p["empty"] is None else float(engine.empty_value(p["empty"], dtype))
    if call.device is not None:
        _on_device().forward(call, out, empty)
    elif out.size:
        batch, lanes = batch_order(call.source, call.windows)
        arrays = [entered(array, (*batch, *call.windows.axes)) for array in (call.source, out)]
        kernels.raised(*arrays, *call.arguments(empty, batch, lanes))
    return out


def _backward(operator, p, device=None):
    call = _Call(operator, p, device or engine.device_of(p["grad_output"], p["x"], p["w"]))
    gradient = engine.gradient_of(operator, p, p["grad_output"], call.windows, device=call.device)
    dtype = native(gradient.dtype)
    out, out_w = pair_of(p["out"], "(grad_x, grad_w)")
    inputs = engine.inputs_of(p, gradient, call.x, call.w)
    xp = call.windows.xp
    out = result_array(call.x.shape, dtype, out, inputs, xp=xp)
    out_w = result_array(call.w.shape, dtype, out_w, [*inputs, out], "out[1]", xp)
    if not out.size or not gradient.size:
        out[...] = out_w[...] = 0
        return out, out_w
    if call.device is not None:
        _on_device().backward(call, gradient, out, out_w)
        return out, out_w
    by_plane = np.empty((prod(call.batch), prod(table.window for table in call.windows.tables)))
    boundary = call.windows.has_boundary
    target = np.empty(call.windows.extended_shape) if boundary else out
    batch, lanes = batch_order(call.source, call.windows)
    arrays = [entered(array, (*batch, *call.windows.axes)) for array in (gradient, call.source, target)]
    kernels.raised_backward(*arrays, by_plane, *call.arguments(0.0, batch, lanes))
    if boundary:
        out[...] = call.windows.collapse(target)
    by_plane = by_plane.reshape(*(call.x.shape[a] for a in batch), *call.element.shape[len(batch) :])
    order = [batch.index(a) for a in call.windows.batch_axes]
    by_plane = by_plane.transpose(*order, *range(len(order), by_plane.ndim))
    out_w[...] = engine.sum_to(np.ascontiguousarray(by_plane), call.w.shape)
    return out, out_w


# ---- public functions ------------------------------------------------------------------------------------------------


def _signature(operator):
    without = ("kernel_size", "return_indices", "mask", "index_layout")
    return variant(SELECTING["windowed"], operator.rank, ("w",), {"op": "max"}, without)


_TEXTS = {
    **docstrings.PARAMETERS,
    "x": docstrings.PARAMETERS["x"].replace("bool, any integer, ", ""),
    "w": "array_like, shape (..., k1, k2, ...)\n"
    "The structuring element: its last axes are the window's, those before broadcast to the axes of x that are not\n"
    "pooled: (C, k1, k2) is one for each channel.  -inf: no part of the element.",
    "stride": "int, sequence of int or None\nCells from one window to the next; None means the window's extents.",
    "op": '"max" or "min"\nDilation, or erosion.',
    "axes": "int, sequence of int or None\nThe pooled axes, in the order of w's.  By default the last ones, as many as w has.",
}
_RULE = (
    "Dilation is the largest of ``x + w`` over the window's cells, erosion the smallest of ``x - w``; w is not reflected.\n"
    "What is compared is rounded to float32, or float64 for float64.  Cells outside the input never count; a NaN spoils its\n"
    'windows unless nan="ignore".'
)
_SLOPE = (
    "Each window's gradient goes to the cell that it chose and to that one's tap (erosion: negated); of equal ones the first\n"
    "in row-major order is chosen, of several NaN the last."
)
_SOURCE = (
    'J. Serra, "Image analysis and mathematical morphology", 1982; G. Franchi, A. Fehri, A. Yao, "Deep morphological\n'
    '       networks", Pattern Recognition 102 (2020); TensorFlow, ``tf.nn.dilation2d``.'
)
_EXAMPLE = f"""
    Examples
    --------
    >>> import numpy as np
    >>> import cypool
    {docstrings.EXAMPLE}
    >>> print(cypool.morphological_pool(x, np.array([[0, 1], [2, 0]], np.float32)))
    [[ 6. 10.]
     [ 7.  9.]]
"""


def _document(operator, name, suffix, signature):
    values = {
        "shape": docstrings.SHAPES[operator.rank],
        "bool_note": "",
        "empty_default": "-inf (erosion: inf)",
        "out_type": "tuple of numpy.ndarray or None" if suffix else "numpy.ndarray or None",
    }
    where = docstrings.WHERE[operator.rank]
    return docstrings.page(
        f"Gradients of `{name}`." if suffix else f"Grey dilation or erosion by a structuring element, over {where}.",
        [docstrings.describe(n, p, values, _TEXTS) for n, p in signature.parameters.items()],
        "tuple of numpy.ndarray\n    The gradients of x and of w, in grad_output's dtype."
        if suffix
        else "numpy.ndarray\n    The result, in x's dtype.",
        _SLOPE if suffix else _RULE,
        _SOURCE,
        _EXAMPLE if operator.rank is None and not suffix else "",
    )


def _publish():
    for pattern, (kind, rank) in FORMS.items():
        if kind != "windowed":
            continue
        operator = engine.Operator("morphological", kind, rank)
        name = pattern.format(op="morphological")
        for suffix, run, leading in (("", _forward, ()), ("_backward", _backward, ("grad_output",))):
            function = bound(functools.partial(run, operator), _signature(operator), leading)
            function.__name__ = function.__qualname__ = name + suffix
            function.__module__ = __name__
            function.__doc__ = _document(operator, name, suffix, function.__signature__)
            yield function


globals().update((function.__name__, function) for function in _publish())
__all__ = sorted(name for name in globals() if "_pool" in name and not name.startswith("_"))
