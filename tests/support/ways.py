"""The ways that a call may take, and arrays that show whether all come to the same."""

import contextlib

import numpy as np

from cypool import blocks, config
from cypool.kernels import core

OPS = ("max", "min", "avg", "sum")
FLOATS = ("float16", "float32", "float64")
DTYPES = (*FLOATS, "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")


@contextlib.contextmanager
def setting(cache=None, grain=None, level=None):
    """The cache's size, the grain of threads, the instruction set."""
    before = core.set_cache_bytes(1 << 40 if cache is None else cache), core.set_grain(1e9 if grain is None else grain)
    core.use_kernels(*config._tables(level or config.ISA))
    try:
        yield
    finally:
        core.set_cache_bytes(before[0])
        core.set_grain(before[1])
        core.use_kernels(*config._tables(config.ISA))


@contextlib.contextmanager
def pieces(small):
    """Threads however little there is to do and, if `small`, blocks of few cells."""
    grain, cells = core.set_grain(1), blocks.CELLS
    blocks.CELLS = 8 if small else cells
    try:
        yield
    finally:
        core.set_grain(grain)
        blocks.CELLS = cells


def numbers(rng, shape, dtype):
    """Any numbers; in floats some that are not finite and some ties."""
    x = np.round(rng.standard_normal(shape) * 30)
    if np.dtype(dtype).kind != "f":
        return np.abs(x).astype(dtype) if dtype.startswith("u") else x.astype(dtype)
    x += rng.random(shape) * (rng.random(shape) < 0.5)
    if rng.random() < 0.5:
        x.flat[rng.integers(0, x.size, max(x.size // 50, 1))] = rng.choice([np.nan, np.inf, -np.inf, -0.0])
    return x.astype(dtype)


def strided(x):
    """The same array with every element apart from its neighbours."""
    wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
    wide[..., ::2] = x
    return wide[..., ::2]


SETTINGS = [{}, {"cache": 0}, {"grain": 1.0}, {"cache": 0, "grain": 1.0}]


def orders(x):
    """The array in other orders of memory: strided, transposed, channels last, backwards."""
    yield strided(x)
    yield np.ascontiguousarray(x.transpose(2, 3, 0, 1)).transpose(2, 3, 0, 1)
    yield np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    yield np.ascontiguousarray(x[:, :, ::-1, ::-1])[:, :, ::-1, ::-1]
    yield np.asfortranarray(x)
