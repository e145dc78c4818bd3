"""Blur pooling on a GPU: `cypool.cuda.filters` over x, or over its maxima, which are written out.

What stands in a call is `cypool.blur`'s: windows, taps, valid cells.
"""

import numpy as np

from cypool.arrays import native
from cypool.cuda import filters


def _cells(call):
    """What is filtered, and which of it counts (None: all): x, or its maxima, 0 where no cell is valid."""
    if call.maxima is None:
        return call.x, call.valid
    found, xp = call.maxima, call.windows.xp
    values = xp.empty(found.out_shape, native(call.x.dtype))
    if call.valid is None:
        found.select("max", call.x, values, None, None, 0)
        return values, None
    kind = found.own_kind()
    indices = xp.empty(found.out_shape, np.int64)
    found.masked.select_into(found, "max", call.x, call.valid, values, indices, kind, 0, 0)
    return values, indices >= 0


def pool(call, out, empty):
    """The call's result into `out`; `empty` None for what the operator itself says of windows without a valid cell."""
    cells, valid = _cells(call)
    if valid is not None:
        filters.apply_valid(call.windows, call.taps, call.include_pad, cells, valid, out, empty)
        return
    if empty is None and not call.include_pad:
        empty = np.nan
    filters.apply(call.windows, call.taps, not call.include_pad, cells, out, empty)


def gradient_into(call, gradient, out):
    """The gradient of x into `out`."""
    found, xp = call.windows, call.windows.xp
    valid = call.valid if call.maxima is None or call.valid is None else _cells(call)[1]
    target = out
    if call.maxima is not None:
        target = xp.empty(found.shape, np.float64 if out.dtype.itemsize == 8 or valid is not None else np.float32)
    if valid is None:
        filters.spread(found, call.taps, not call.include_pad, gradient, target)
    else:
        sent = filters.sent_valid(found, call.taps, call.include_pad, gradient, valid)
        filters.spread(found, call.taps, False, sent, target, valid)
    if call.maxima is None:
        return
    indices, kind = call.selected()
    moved = out if out.dtype == target.dtype else xp.empty(out.shape, target.dtype)
    call.maxima.scatter(target, indices, kind, moved, 0)
    if moved is not out:
        with np.errstate(over="ignore"):  # of NumPy's arrays, in tests
            out[...] = moved
