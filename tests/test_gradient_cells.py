"""Gradients of selections: cell by cell against the scatter, bit for bit, and indices that do not belong on either way.

A result whose rows are not contiguous takes the scatter, which the slow reference holds to account (test_fuzz).
"""

import functools
import itertools
import random

import ml_dtypes
import numpy as np
import pytest

import cypool
from cypool import config
from cypool.kernels import core

DTYPES = [np.dtype(t) for t in ("float32", "float64", "float16", ml_dtypes.bfloat16)]


@pytest.fixture(autouse=True)
def settings():
    """Even small calls have two threads; whatever a test sets is set back."""
    grain, cache = core.set_grain(1.0), core.set_cache_bytes(1 << 40)
    yield
    core.use_kernels(*config._tables(config.ISA))
    core.set_grain(grain)
    core.set_cache_bytes(cache)


def scattered(array):
    """The same elements, none beside the next."""
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1] + 1), array.dtype)
    view = wide[..., 1::2]
    view[...] = array
    return view


def upside_down(array):
    """The same elements, the rows in memory from the last to the first."""
    return np.ascontiguousarray(array[..., ::-1, :])[..., ::-1, :]


def bits(array):
    return np.ascontiguousarray(array).tobytes()


def gradients(rng, shape, dtype):
    """Of any size and sign, zeros of both signs among them, so that no other order of additions has the same bits."""
    values = rng.standard_normal(shape) * rng.choice([0.0, 1.0, 1.0, 37.0], shape)
    return values.astype(dtype)


def drawn(choice):
    """A call's shape, window and options; the caller skips what does not fit."""
    rank = choice.choice([1, 2, 2, 2, 2])
    k = tuple(choice.choice([1, 2, 2, 3, 3, 3, 4, 5]) for _ in range(rank))
    s = tuple(choice.choice([1, 2, 2, 2, 3]) for _ in range(rank))
    if choice.random() < 0.5:
        k, s = (choice.choice([2, 3]),) * rank, (2,) * rank
    d = tuple(choice.choice([1, 1, 1, 1, 1, 2, 3]) for _ in range(rank))
    p = tuple((choice.randint(0, n), choice.randint(0, n)) for n in k)
    shape = (*(choice.randint(1, 3) for _ in range(choice.randint(0, 2))), *(choice.randint(1, 20),) * (rank - 1))
    options = {"stride": s, "padding": p, "dilation": d, "ceil_mode": choice.choice([False, True, "keep"])}
    return (*shape, choice.randint(24, 90)), k, {**options, "axes": tuple(range(-rank, 0))}


def calls(choice, count, levels):
    """Drawn geometries on every level: yields a call of the gradient by indices, the indices, and the result wanted."""
    for number in range(count):
        shape, k, options = drawn(choice)
        rng = np.random.default_rng(number)
        dtype, layout = choice.choice(DTYPES), choice.choice(["plane", "plane", "window"])
        # integers have ties, so that neighbouring windows choose one cell
        x = rng.integers(0, 9, shape).astype(dtype)
        try:
            y, index = cypool.max_pool(x, k, **options, return_indices=True, index_layout=layout)
        except ValueError:
            continue
        gradient = gradients(rng, y.shape, dtype)

        def call(index, out=None, gradient=gradient, x=x, k=k, options=options, layout=layout, **more):
            return cypool.max_pool_backward(
                gradient, x, k, **options, indices=index, index_layout=layout, out=out, **more
            )

        for level in levels:
            core.use_kernels(*config._tables(level))
            yield call, index, x, gradient, f"{level} {dtype} {layout} {shape} {k} {options}"


@pytest.mark.parametrize("seed", range(6))
def test_same_bits_as_the_scatter(seed):
    done = 0
    for call, index, x, gradient, label in calls(random.Random(seed), 50, config.get_config()["isa_built"]):
        done += 1
        want = bits(call(index, scattered(x), num_threads=1))
        for bypass in (1 << 40, 0):
            core.set_cache_bytes(bypass)
            for threads in (1, 2):
                assert bits(call(index, num_threads=threads)) == want, (label, bypass, threads)
                out = np.full_like(x, 7)
                assert bits(call(index, out, num_threads=threads)) == want, (label, bypass, threads, "out")
            out = np.full((*x.shape[:-1], x.shape[-1] + 5), 7, x.dtype)
            assert bits(call(index, out[..., :-5])) == want, (label, "rows apart")
            assert (out[..., -5:] == 7).all(), (label, "written beyond its rows")
        core.set_cache_bytes(1 << 40)
        assert bits(call(scattered(index))) == want, (label, "strided indices")
        assert bits(call(index, gradient=scattered(gradient))) == want, (label, "strided gradient")
        if x.ndim > 1:
            turned = upside_down(gradient), upside_down(index), upside_down(np.full_like(x, 7))
            assert bits(call(turned[1], turned[2], gradient=turned[0])) == want, (label, "upside down")
    assert done > 40


@pytest.mark.parametrize("columns", [1500, 2100, 9000])
@pytest.mark.parametrize(
    ("k", "options"),
    [
        (3, {"stride": 2, "padding": 1}),
        (3, {"stride": 1, "padding": 2}),
        ((2, 3), {"stride": 1, "padding": (2, 0), "dilation": (2, 1)}),
        (2, {"stride": 2}),
        ((4, 2), {"stride": (1, 2), "padding": (3, 1)}),
    ],
)
def test_rows_of_which_few_are_made_at_once(k, options, columns):
    """More rows of windows begin before a row of cells than are made codes of at a time."""
    rng = np.random.default_rng(columns)
    x = rng.integers(0, 9, (9, columns)).astype(np.float32)
    options = {**options, "axes": (0, 1)}
    y, index = cypool.max_pool(x, k, **options, return_indices=True)
    gradient = gradients(rng, y.shape, np.float32)
    want = bits(cypool.max_pool_backward(gradient, x, k, **options, indices=index, out=scattered(x)))
    for level in config.get_config()["isa_built"]:
        core.use_kernels(*config._tables(level))
        for threads in (1, 2):
            got = cypool.max_pool_backward(gradient, x, k, **options, indices=index, num_threads=threads)
            assert bits(got) == want, (level, threads)


@pytest.mark.parametrize("seed", range(3))
def test_a_wrong_index_is_found_and_nothing_is_written(seed):
    choice, found = random.Random(seed), 0
    for call, index, x, _, label in calls(choice, 80, [config.ISA]):
        changed = index.copy()
        where = tuple(choice.randrange(n) for n in index.shape)
        before = int(index[where])
        changed[where] = before + choice.choice([-200, -70, -3, -2, -1, 1, 2, 3, 70, 200]) & (
            0xFF if index.dtype == np.uint8 else -1
        )
        out = np.full_like(x, 7)
        messages = []
        # rows that are not contiguous are checked by the general way
        for indices, result in ((scattered(changed), out), (changed, out), (changed, None)):
            for threads in (1, 2):
                try:
                    call(indices, result, num_threads=threads)
                    messages.append("")
                except ValueError as error:
                    messages.append(str(error))
                    assert result is None or (out == 7).all(), label
        assert len(set(messages)) == 1, (label, before, changed[where], messages)
        found += (
            messages[0] == f"indices must name cells of their own windows, or -1 for empty ones, got {changed[where]}"
        )
    assert found > 20


@pytest.mark.parametrize("level", config.get_config()["isa_built"])
@pytest.mark.parametrize("bypass", [0, 1 << 40])
def test_many_planes(level, bypass):
    """More codes than are kept while all indices are checked."""
    core.use_kernels(*config._tables(level))
    core.set_cache_bytes(bypass)
    rng = np.random.default_rng(0)
    x = rng.random((2, 520, 100, 64), np.float32)
    y, index = cypool.max_pool2d(x, 3, 2, 1, return_indices=True)
    gradient = gradients(rng, y.shape, x.dtype)
    want = cypool.max_pool2d_backward(gradient, x, 3, 2, 1, indices=scattered(index))
    got = np.full_like(x, 7)
    cypool.max_pool2d_backward(gradient, x, 3, 2, 1, indices=index, out=got)
    assert bits(got) == bits(want)
    index[-1, -1, -1, -1] = 0
    got[...] = 7
    with pytest.raises(ValueError, match="indices must name cells of their own windows, or -1 for empty ones, got 0"):
        cypool.max_pool2d_backward(gradient, x, 3, 2, 1, indices=index, out=got)
    assert (got == 7).all()


def test_windows_without_a_cell():
    """-1 beside indices of cells, in vectors too."""
    x = np.random.default_rng(0).random((1, 1, 40, 70), np.float32)
    mask = np.random.default_rng(1).random(x.shape) < 0.2
    for layout in ("plane", "window"):
        y, index = cypool.max_pool2d(x, 3, 2, 1, mask=mask, return_indices=True, index_layout=layout)
        assert (index.astype(np.int8) == -1).sum() > 50
        gradient = gradients(np.random.default_rng(2), y.shape, x.dtype)
        want = cypool.max_pool2d_backward(gradient, x, 3, 2, 1, indices=index, index_layout=layout, out=scattered(x))
        out = np.full_like(x, 7)
        for result in (None, out):
            got = cypool.max_pool2d_backward(gradient, x, 3, 2, 1, indices=index, index_layout=layout, out=result)
            assert bits(got) == bits(want)


@pytest.mark.parametrize("boundary", ["edge", "reflect", "wrap"])
def test_what_a_window_sees_beyond_the_border(boundary):
    """Under a boundary mode an index names what one of its window's taps sees, no other cell of the plane."""
    x = np.random.default_rng(0).random((5, 7))
    numbers = np.arange(35).reshape(x.shape)
    window = {"kernel_size": (2, 3), "stride": (2, 3), "padding": ((2, 1), (2, 3)), "dilation": (3, 1)}
    shown = np.pad(numbers, window["padding"], mode=boundary)
    shape = cypool.max_pool(x, **window, axes=(0, 1), boundary=boundary).shape
    for i, j in np.ndindex(shape):
        seen = shown[2 * i : 2 * i + 4 : 3, 3 * j : 3 * j + 3]
        for index in range(-2, 36):
            indices = np.full(shape, -1)
            indices[i, j] = index
            call = functools.partial(
                cypool.max_pool_backward, np.ones(shape), x, **window, axes=(0, 1), boundary=boundary, indices=indices
            )
            if index == -1 or index in seen:
                assert np.flatnonzero(call()).tolist() == ([index] if index >= 0 else [])
            else:
                with pytest.raises(ValueError, match=f"indices must name cells of their own windows.*got {index}"):
                    call()


@pytest.mark.parametrize("level", config.get_config()["isa_built"])
@pytest.mark.parametrize("padding", [(0, 0), (1, 1), (2, 0), (2, 2)])
def test_few_rows(level, padding):
    """Gradients of one or two rows are copied, each for itself, because vectors would read what is not the array's."""
    core.use_kernels(*config._tables(level))
    core.set_grain(1e9)  # one thread makes two rows at once
    for dtype in DTYPES:
        for rows, k, across in itertools.product((1, 2, 3, 4), (2, 3), ((0, 0), (1, 0))):
            if max(padding) > k - 1 or rows + sum(padding) < k:
                continue
            x = np.random.default_rng(rows).integers(-9, 9, (rows, 90)).astype(dtype)
            p = {"stride": 2, "padding": (padding, across), "ceil_mode": True, "axes": (0, 1)}
            y, index = cypool.max_pool(x, k, **p, return_indices=True)
            gradient = gradients(np.random.default_rng(7), y.shape, dtype)
            call = functools.partial(cypool.max_pool_backward, x=x, kernel_size=k, **p)
            want = bits(call(gradient, indices=scattered(index), out=scattered(x)))
            assert bits(call(gradient, indices=index)) == want, (dtype, rows, k, across)
