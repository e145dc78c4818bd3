"""Modes of a pyramid where CuPy's arrays lie: the arguments of ``pyramids.cu``."""

from math import prod

import numpy as np

from cypool import windows
from cypool.arrays import storage_of
from cypool.cuda.windows import _NAMES


def modes(call, level, out):
    """Fill `out`, a level of a `cypool.pyramids._Call`, from the original cells."""
    x, k, rank = call.x, call.window(level), len(call.axes)
    found = windows.windowed(
        x.shape, call.axes, k, k, ((0, 0),) * rank, (1,) * rank, call.edge != "trim", True, "constant"
    )
    row = storage_of(x.dtype)
    valid = x if call.mask is None else call.mask  # no mask: any pointer will do, for nothing is read
    ignoring = row.floating and call.nan == "ignore"
    arguments = (
        x,
        valid,
        out,
        np.int32(call.mask is not None),
        np.int32(ignoring),
        np.int64(prod(k) if call.edge == "pad" else 0),
    )
    call.device.windows(found)._run(
        "cypool_pyramid_mode", x, out, call.mask, types=(_NAMES[row.name],), arguments=arguments
    )
