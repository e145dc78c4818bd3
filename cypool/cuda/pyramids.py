"""Modes of a pyramid where CuPy's arrays lie: the arguments of ``pyramids.cu``."""

from math import prod

import numpy as np

from cypool import windows
from cypool.arrays import storage_of
from cypool.cuda.windows import name_of, pointer


def modes(call, level, out):
    """Fill `out`, a level of a `cypool.pyramids._Call`, from the original cells."""
    x, k, rank = call.x, call.window(level), len(call.axes)
    found = windows.windowed(
        x.shape, call.axes, k, k, ((0, 0),) * rank, (1,) * rank, call.edge != "trim", True, "constant"
    )
    ignoring = storage_of(x.dtype).floating and call.nan == "ignore"
    arguments = (x, pointer(call.mask), out, np.int32(ignoring), np.int64(prod(k) if call.edge == "pad" else 0))
    types = (name_of(x.dtype),)
    call.device.windows(found)._run("cypool_pyramid_mode", x, out, fourth=call.mask, types=types, arguments=arguments)
