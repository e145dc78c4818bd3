"""Gradients of averages and sums: planes at once against the row pipeline, bit for bit.

A gradient whose rows are not contiguous takes the row pipeline, which the slow reference holds to account (test_fuzz).
"""

import random

import ml_dtypes
import numpy as np
import pytest

import cypool
from cypool import config
from cypool.kernels import core

DTYPES = [np.dtype(t) for t in ("float32", "float64", "float16", ml_dtypes.bfloat16)]


def scattered(array):
    """The same elements, none beside the next."""
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1] + 1), array.dtype)
    view = wide[..., 1::2]
    view[...] = array
    return view


def bits(array):
    return np.ascontiguousarray(array).tobytes()


def gradients(rng, shape, dtype):
    """Of any size and sign, zeros of both signs among them, so that no other order of additions has the same bits."""
    values = rng.standard_normal(shape) * rng.choice([0.0, 1.0, 1.0, 37.0], shape)
    return values.astype(dtype)


def drawn(choice):
    """A call's shape, window and options; the caller skips what does not fit."""
    rank = choice.choice([1, 2, 2, 2, 2, 3])
    k = tuple(choice.randint(1, 7) for _ in range(rank))
    s = tuple(choice.randint(1, 3) if choice.random() < 0.8 else choice.randint(4, 9) for _ in range(rank))
    if choice.random() < 0.2:
        s = k
    d = tuple(choice.choice([1, 1, 1, 2, 3]) for _ in range(rank))
    p = tuple((choice.randint(0, n), choice.randint(0, n)) for n in k)
    cells = tuple(choice.randint(1, 40 if rank < 3 else 9) for _ in range(rank))
    batch = tuple(choice.randint(1, 3) for _ in range(choice.randint(0, 2)))
    options = {"stride": s, "padding": p, "dilation": d, "ceil_mode": choice.choice([False, True, "keep"])}
    options["axes"] = tuple(range(-rank, 0))
    name = choice.choice(["avg_pool", "avg_pool", "sum_pool"])
    if name == "avg_pool":
        options["count_include_pad"] = choice.random() < 0.5
        options["divisor_override"] = choice.choice([None, None, None, 5, -2])
    return name, (*batch, *cells), k, options


def results(name, gradient, shape, k, options, out):
    out[...] = 7
    getattr(cypool, name + "_backward")(gradient, shape, k, **options, out=out)
    return bits(out)


@pytest.mark.parametrize("seed", range(8))
def test_same_bits_as_the_row_pipeline(seed):
    choice, rng = random.Random(seed), np.random.default_rng(seed)
    done = 0
    grain, cache = core.set_grain(1.0), core.set_cache_bytes(1 << 40)
    try:
        while done < 250:
            name, shape, k, options = drawn(choice)
            dtype = choice.choice(DTYPES)
            try:
                pooled = getattr(cypool, name)(np.zeros(shape, dtype), k, **options).shape
            except ValueError:
                continue
            done += 1
            gradient = gradients(rng, pooled, dtype)
            label = f"{name} {dtype} {shape} {k} {options}"
            out = np.empty(shape, dtype)
            want = results(name, scattered(gradient), shape, k, {**options, "num_threads": 1}, out)
            for level in config.get_config()["isa_built"]:
                core.use_kernels(*config._tables(level))
                for bypass in (1 << 40, 0):
                    core.set_cache_bytes(bypass)
                    for threads in (1, 2):
                        got = results(name, gradient, shape, k, {**options, "num_threads": threads}, out)
                        assert got == want, (label, level, bypass, threads)
                strided = scattered(out)
                got = results(name, gradient, shape, k, {**options, "num_threads": 1}, strided)
                assert got == want, (label, level, "strided result")
    finally:
        core.use_kernels(*config._tables(config.ISA))
        core.set_grain(grain)
        core.set_cache_bytes(cache)


@pytest.mark.parametrize("dtype", DTYPES[:2])
@pytest.mark.parametrize(
    ("shape", "k", "options"),
    [
        ((2, 3, 20000), 3, {"stride": 2, "padding": 1}),  # rows in tiles
        ((2, 3, 20001), 3, {"stride": 3, "padding": 2, "count_include_pad": False}),
        ((2, 9, 9001), (3, 5), {"stride": (2, 1), "padding": (1, 2), "count_include_pad": False}),
        ((1, 3, 70, 9000), (3, 2), {"stride": 2, "padding": 1}),
        ((4, 8, 8, 64), (2, 4), {"stride": (1, 4)}),  # past the cache
        ((3, 6, 40, 96), 3, {"stride": 2, "padding": 1, "count_include_pad": False}),
        ((3, 6, 41, 128), (3, 5), {"stride": 2, "padding": (1, 2), "ceil_mode": True}),
        ((2, 60, 64), (1, 1), {"stride": 8}),  # most cells are held by no window
        ((2, 60, 64), (3, 1), {"stride": 8, "divisor_override": -3}),
        ((2, 600, 700), (3, 3), {"stride": 1, "dilation": (290, 100), "padding": (0, 100)}),
    ],
)
def test_larger_maps(dtype, shape, k, options):
    rank = 1 if isinstance(k, int) and len(shape) == 3 and shape[-1] >= 20000 else 2
    options = {**options, "axes": tuple(range(-rank, 0))}
    x = np.zeros(shape, dtype)
    gradient = gradients(np.random.default_rng(0), cypool.avg_pool(x, k, **options).shape, dtype)
    grain, cache = core.set_grain(1.0), core.set_cache_bytes(1 << 40)
    try:
        want = results("avg_pool", scattered(gradient), shape, k, {**options, "num_threads": 1}, x)
        for level in config.get_config()["isa_built"]:
            core.use_kernels(*config._tables(level))
            for bypass in (1 << 40, 0):
                core.set_cache_bytes(bypass)
                for threads in (1, 2):
                    got = results("avg_pool", gradient, shape, k, {**options, "num_threads": threads}, x)
                    assert got == want, (level, bypass, threads)
    finally:
        core.use_kernels(*config._tables(config.ISA))
        core.set_grain(grain)
        core.set_cache_bytes(cache)


@pytest.mark.parametrize("dtype", DTYPES[:2])
@pytest.mark.parametrize("columns", [1, 2, 3, 6])
@pytest.mark.parametrize(("cells", "rows"), [(5, 11), (5, 12), (2, 27), (3, 40), (1, 9), (7, 6)])
def test_adaptive_windows_that_outnumber_their_cells(cells, rows, columns, dtype):
    """Rows of a result that follow each other faster than those of the gradient that is made of them."""
    gradient = gradients(np.random.default_rng(rows), (3, rows, columns), dtype)
    want = cypool.adaptive_avg_pool_backward(scattered(gradient), (3, cells, 6), (rows, columns))
    assert bits(cypool.adaptive_avg_pool_backward(gradient, (3, cells, 6), (rows, columns))) == bits(want)
