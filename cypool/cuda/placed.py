"""Unpooling and fractional pooling where arrays lie on a device: to the kernels of ``placed.cu``.

Positions are int64, one for each value, in the unpooled planes; `planes` are these as `DeviceWindows`, see `unpool.planes_of`.
"""

from math import prod

import numpy as np

from cypool import engine, windows
from cypool.cuda.windows import name_of
from cypool.kernels.core import CODES

FRACTION = np.dtype([("window", "i8", (3,)), ("masked", "i4"), ("unused", "i4")])
"""struct Fraction."""


def first_wrong(planes, positions):
    """A position that is neither a cell nor -1, None if there is none; the device is waited for."""
    wrong = (positions < -1) | (positions >= prod(planes.shape[a] for a in planes.axes))
    return int(positions[wrong][0]) if wrong.any() else None


def put(planes, values, positions, out):
    """Values where their positions say, of several the last; zeros elsewhere."""
    winners = planes.xp.zeros(planes.shape, np.uint64)
    planes._run("cypool_claim", winners, positions, arguments=(positions, winners))
    types = (name_of(values.dtype),)
    planes._run("cypool_claimed", values, out, winners, transposed=True, types=types, arguments=(values, winners, out))


def take(planes, values, positions, source):
    """The cells that positions name, 0 for -1."""
    planes.gather(source, positions, CODES["plane"], values, 0)


def collect(planes, values, positions, out):
    """For every cell the sum of the values that stand there, in row-major order."""
    if not values.size:
        out[...] = 0
        return
    xp, order = planes.xp, (*planes.batch_axes, *planes.axes)
    size = prod(planes.shape[a] for a in planes.axes)
    keys = xp.where(positions < 0, np.int64(-1), positions + windows._plane_numbers(planes) * size)
    keys, values = (xp.ascontiguousarray(array.transpose(order)).reshape(-1) for array in (keys, values))
    sorted_ = xp.argsort(keys, kind="stable")
    keys, values = keys[sorted_], values[sorted_]
    types = (name_of(values.dtype),)
    arguments = (keys, values, out, np.int64(keys.size))
    planes._run("cypool_runs", None, out, in_order=True, transposed=True, types=types, arguments=arguments)


def largest(planes, x, valid, starts, window):
    """The position of each window's largest cell; `starts` has a row for each plane, those of three axes."""
    xp = planes.xp
    index = xp.empty(planes.out_shape, np.int64)
    fraction = np.zeros((), FRACTION)
    fraction["window"], fraction["masked"] = window, valid is not None
    if valid is not None:  # laid out as x is
        x, valid = xp.ascontiguousarray(x), xp.ascontiguousarray(valid).view(np.uint8)
    starts = xp.asarray(starts.astype(np.int64))
    batch = tuple(planes.shape[a] for a in planes.batch_axes)
    rows = engine.with_ones(starts.reshape(*batch, starts.shape[1])[..., 0], planes.axes)
    arguments = (x, x if valid is None else valid, starts, index, fraction)
    types = (name_of(x.dtype),)
    planes._run("cypool_fractional", x, index, xp.broadcast_to(rows, index.shape), types=types, arguments=arguments)
    return index
