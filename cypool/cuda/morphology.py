"""Morphological pooling where arrays lie on a device: from a call of `cypool.morphology` to the kernels of ``morphology.cu``."""

from math import prod

import numpy as np

from cypool import engine
from cypool.cuda.windows import name_of

SUMS = np.dtype([(name, "i8") for name in ("total", "outputs", "chunks", "length", "taps")])
"""struct TapSums."""

CHUNKS = 4
"""A plane's windows are summed in chunks, at most so many sums for a window: threads enough, without much memory."""


def _run(call, kernel, target, *arguments):
    """A kernel that reads windows and the structuring element, in the type that is compared in."""
    work = np.float64 if call.x.dtype == np.float64 else np.float32
    xp, found = call.windows.xp, call.windows
    element = xp.broadcast_to(call.cells.astype(work), call.element.shape)
    begins = engine.with_ones(element[(..., *(0,) * len(found.axes))], found.axes)
    types = (name_of(call.x.dtype),)
    arguments = (call.x, element, target, *arguments)
    found._run(
        f"cypool_{kernel}", call.x, target, xp.broadcast_to(begins, target.shape), types=types, arguments=arguments
    )


def forward(call, out, empty):
    """All results."""
    _run(call, "raised", out, np.int32(call.sign), np.int32(call.ignore), np.float64(empty))


def backward(call, gradient, out, out_w):
    """The gradients of x and of the structuring element."""
    found, xp, sign = call.windows, call.windows.xp, np.int32(call.sign)
    # Dense with the batch axes first.
    order = (*found.batch_axes, *found.axes)
    back = tuple(np.argsort(order).tolist())
    shape = tuple(found.out_shape[a] for a in order)
    planes, taps = (xp.empty(shape, np.int64).transpose(back) for _ in range(2))
    _run(call, "raised_records", planes, taps, sign, np.int32(call.ignore))
    types = (name_of(out.dtype), "double")
    found._run("cypool_scatter", gradient, out, planes, transposed=True, types=types, arguments=(gradient, planes, out))

    sums = np.zeros((), SUMS)
    window = tuple(table.window for table in found.tables)
    sums["taps"], sums["outputs"] = prod(window), prod(table.n_out for table in found.tables)
    chunks = int(max(1, min(CHUNKS * sums["outputs"] // sums["taps"], sums["outputs"] // found.tables[-1].n_out)))
    sums["chunks"], sums["length"] = chunks, -(-int(sums["outputs"]) // chunks)
    by_chunk = xp.empty((*call.batch, chunks, *window), np.float64)
    sums["total"] = by_chunk.size
    dense = xp.ascontiguousarray(gradient.transpose(order))
    name = f"cypool_tap_sums<{name_of(gradient.dtype)}>"
    call.device.launch(name, by_chunk.size, (sums, dense, taps, by_chunk, sign))
    out_w[...] = engine.sum_to(by_chunk.sum(axis=len(call.batch)), call.w.shape)
