"""Launches of `drawn.cu`: stochastic pooling on a device, for `cypool.stochastic`'s calls."""

import numpy as np

from cypool.cuda.weighed import apart_of
from cypool.cuda.windows import bits_of, name_of, pointer
from cypool.stochastic import numbers


def _numbered(found):
    """A stand-in for an array of the windows' numbers, of which kernels take strides alone."""
    apart, xp = numbers(found), found.xp
    strides = [apart[a] for a in range(len(found.out_shape))]
    return xp.lib.stride_tricks.as_strided(xp.empty(1, np.uint8), found.out_shape, strides)


def pool(call, values, indices, kind, key):
    """As `cypool.stochastic._Call.pool`."""
    found = call.windows
    if key is None:
        found._run(
            "cypool_expected", call.x, values, None, call.valid, types=(name_of(call.x.dtype), name_of(values.dtype)),
            arguments=(call.x, pointer(call.valid), np.float64(call.empty), values),
        )  # fmt: skip
        return
    size = np.int32(0 if indices is None else indices.dtype.itemsize)
    lowest = bits_of(np.asarray(call.empty, values.dtype))
    found._run(
        "cypool_drawn", call.x, values, indices, call.valid, _numbered(found), types=(name_of(call.x.dtype),),
        arguments=(call.x, pointer(call.valid), np.uint64(key), lowest, values, pointer(indices), size),
    )  # fmt: skip


def give(call, gradient, out):
    """As `cypool.stochastic._Call.average_gradient`."""
    found = call.windows
    kept = found.xp.empty((4, *found.out_shape))
    kept[-1] = gradient
    apart = apart_of(kept)
    found._run(
        "cypool_keep_expected", call.x, kept[0], None, call.valid, types=(name_of(call.x.dtype),),
        arguments=(call.x, pointer(call.valid), kept, apart),
    )  # fmt: skip
    found._run(
        "cypool_give_expected", kept[0], out, call.x, transposed=True, types=(name_of(call.x.dtype), name_of(out.dtype)),
        arguments=(call.x, kept, apart, out),
    )  # fmt: skip
    if call.valid is not None:
        found.fill(out, ~call.valid, 0)
