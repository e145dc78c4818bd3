"""Pyramids: every level against the slow reference and by hand, odd extents, and what is refused."""

import functools
import importlib
import itertools

import dtypes
import numpy as np
import pytest
from dtypes import DTYPES, FLOATS
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import cypool
from cypool import config, pyramids
from cypool import reference_pyramid as reference
from cypool.kernels import core
from cypool.pyramids import EDGES, OPS

SHARED = np.ones((3, 4))
near = functools.partial(dtypes.near, eps=dtypes.tolerances(22, 44, times=4), size=1000)
ROUNDINGS = ("trunc", "floor", "nearest", "half_up")


@st.composite
def arrays(draw):
    """An array of any dtype, in any order in memory, and its pooled axes."""
    dtype = draw(st.sampled_from(DTYPES))
    ndim = draw(st.integers(1, 4))
    axes = draw(st.permutations(range(ndim)))[: draw(st.integers(1, min(ndim, 3)))]
    shape = [draw(st.integers(1, 9 if a in axes else 3)) for a in range(ndim)]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    span = draw(st.sampled_from([2, 1000]))
    x = rng.integers(-span, span + 1, shape).astype(np.float64)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        x = rng.integers(info.min, info.max, shape, dtype, endpoint=True) if span > 2 else np.abs(x)
    elif dtype in FLOATS and draw(st.booleans()):
        x[rng.random(shape) < 0.05] = draw(st.sampled_from([np.nan, np.inf]))
    x = (x > 0 if dtype == np.bool_ else x).astype(dtype)
    order = draw(st.permutations(range(ndim)))
    x = np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))
    if draw(st.booleans()):
        x = np.repeat(x, 2, axis=0)[::2]
    return x, tuple(axes)


@given(arrays(), st.data())
@settings(max_examples=300)
def test_against_the_reference(given_array, data):
    x, axes = given_array
    op = data.draw(st.sampled_from(OPS if x.dtype != np.bool_ else OPS[1:]))
    factor = [data.draw(st.integers(1, 4)) for _ in axes]
    levels, edge = data.draw(st.integers(1, 3)), data.draw(st.sampled_from(EDGES))
    p = {"edge": edge, "rounding": data.draw(st.sampled_from(ROUNDINGS))}
    if op != "stride":
        rng = np.random.default_rng(data.draw(st.integers(0, 99)))
        p["nan"] = data.draw(st.sampled_from(["propagate", "ignore"]))
        p["mask"] = data.draw(st.sampled_from([None, None, rng.random(x.shape) < 0.7]))
    if edge == "trim":
        while any(x.shape[a] < f**levels for a, f in zip(axes, factor, strict=True)) and levels > 1:
            levels -= 1
        factor = [min(f, x.shape[a]) for a, f in zip(axes, factor, strict=True)]
    before, grain = x.copy(), core.set_grain(1)
    want = reference.pyramid(x, factor, levels, op, axes, **p)
    try:
        for threads in (1, 3):
            results = cypool.pyramid(x, factor, levels, op, axes=axes, num_threads=threads, **p)
            assert len(results) == levels
            for mine, theirs in zip(results, want, strict=True):
                near(mine, theirs)
                assert not np.shares_memory(mine, x)
    finally:
        core.set_grain(grain)
    assert x.tobytes() == before.tobytes()


def levels_of(x, factor, levels, axes, **more):
    p = {"op": "mean", "axes": axes, "edge": "partial", "rounding": "trunc", "data_format": "channels_first"}
    return pyramids._one_pass(
        pyramids._Call(x, factor, levels, **{**p, "num_threads": 1, "nan": "propagate", "mask": None, **more})
    )


@pytest.mark.parametrize("dtype", list(pyramids.kernels.DTYPES))
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 2, 1)])
def test_one_pass(dtype, order):
    """The kernel takes arrays in any order of axes, with lanes and without, and agrees with the averages."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 100, (13, 21, 2100)[: len(order)]).astype(dtype)  # rows of several blocks of columns
    x = np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))
    for axes, factor in (((0, 1), (2, 3)), ((1, 2), (2, 2)), ((0, 1, 2), (2, 2, 2)), ((2,), (5,)), ((0, 2), (3, 7))):
        for edge in EDGES:
            results = levels_of(x, factor, 2, axes, edge=edge)
            for level, y in enumerate(results, 1):
                want = pyramids._Call(x, factor, 2, "mean", axes, edge, "trunc", "channels_first", 1, "propagate", None)
                near(y, want.mean(level))


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "float32"])
@pytest.mark.parametrize("op", ["mean", "stride"])
def test_colours(dtype, op):
    """Pixels of few lanes beside those lanes as planes, in rows of several blocks and in short ones."""
    rng = np.random.default_rng(7)
    for lanes, width, depth in itertools.product((2, 3, 4, 20), (1, 2, 9, 684, 701), (1, 3)):
        info = np.iinfo(dtype if dtype != "float32" else "int8")
        x = rng.integers(info.min, info.max, (depth, 6, width, lanes), endpoint=True).astype(dtype)
        planes = np.ascontiguousarray(np.moveaxis(x, -1, 0))
        for factor, edge in itertools.product(((1, 2, 2), (2, 2, 2), (1, 3, 2)), EDGES):
            if edge == "trim" and width < 4:
                continue
            levels = 1 if edge == "trim" and max(factor) * factor[0] > 2 else 2
            if edge == "trim" and depth < factor[0]:
                continue
            got = cypool.pyramid(x, factor, levels, op, axes=(0, 1, 2), edge=edge)
            want = cypool.pyramid(planes, factor, levels, op, axes=(1, 2, 3), edge=edge)
            for mine, theirs in zip(got, want, strict=True):
                assert_array_equal(mine, np.moveaxis(theirs, 0, -1))


@pytest.mark.parametrize("level", config.get_config()["isa_built"])
def test_instruction_sets(level, monkeypatch):
    if config.LEVELS[level] > core.x86_level():
        pytest.skip(f"this processor cannot run {level}")
    rng = np.random.default_rng(3)
    kernels = importlib.import_module(f"cypool.kernels.pyramid_{level}")
    for dtype in [*pyramids.kernels.DTYPES, "uint64", "int64"]:
        x = rng.integers(0, 128, (37, 70)).astype(dtype) * np.asarray(0.37 if dtype[0] == "f" else 1, dtype)
        for factor, rounding in itertools.product([(2, 2), (2, 3)], ROUNDINGS):
            colours = np.repeat(x, 3, axis=1).reshape(37, 70, 3)
            for op, cells in (("mean", x), ("mode", x // 60), ("stride", x), ("mean", colours)):
                p = {"rounding": rounding, "axes": (0, 1)}
                want = cypool.pyramid(cells, factor, 3, op, **p)
                with monkeypatch.context() as patch:
                    patch.setattr(pyramids, "kernels", kernels)
                    for threads in (1, 2):
                        got = cypool.pyramid(cells, factor, 3, op, num_threads=threads, **p)
                        for mine, theirs in zip(got, want, strict=True):
                            assert mine.tobytes() == theirs.tobytes()


def labels_of(rng, shape, dtype, labels):
    """Regions of random labels, some 5 cells wide, with noise in every tenth cell."""
    coarse = rng.integers(0, labels, [n // 5 + 1 for n in shape])
    x = coarse
    for a in range(len(shape)):
        x = x.repeat(5, axis=a)
    x = x[tuple(slice(0, n) for n in shape)]
    x = np.where(rng.random(shape) < 0.1, rng.integers(0, labels, shape), x)
    info = np.iinfo(dtype)
    ends = np.array([info.min, info.max, 0, 1, info.max - 1, info.min + 1], dtype)
    return x.astype(dtype) if labels > 6 else ends[x]


@pytest.mark.parametrize("dtype", list(pyramids.kernels.LABELS))
@pytest.mark.parametrize(
    ("factor", "levels", "shape"),
    [
        ((1, 2, 2), 3, (3, 17, 150)),
        ((2, 2, 2), 3, (9, 17, 131)),
        ((2, 2, 1), 2, (9, 10, 70)),
        ((1, 3, 2), 2, (2, 19, 83)),
    ],
)
def test_modes_of_labels(dtype, factor, levels, shape):
    """Every path of the kernel against the windows sorted by NumPy: two labels, many, and more than are counted; odd extents."""
    rng = np.random.default_rng(5)
    valid = np.ones(shape, bool)
    for labels in (2, 3, 6, 120):
        x = labels_of(rng, shape, dtype, labels)
        for edge in EDGES:
            got = cypool.pyramid(x, factor, levels, "mode", axes=(0, 1, 2), edge=edge)
            want = cypool.pyramid(x, factor, levels, "mode", axes=(0, 1, 2), edge=edge, mask=valid)
            for mine, theirs in zip(got, want, strict=True):
                assert_array_equal(mine, theirs)


def test_modes_of_large_windows():
    """Counts that do not fit 8 or 16 bits, and the cells of one window that have many labels."""
    x = np.arange(300 * 300).reshape(300, 300) % 251
    x[:, :120] = 7
    for dtype in ("uint8", "int16", "uint32"):
        got = cypool.pyramid(x.astype(dtype), 2, 9, "mode")
        want = cypool.pyramid(x.astype(dtype), 2, 9, "mode", mask=np.ones(x.shape, bool))
        for mine, theirs in zip(got, want, strict=True):
            assert_array_equal(mine, theirs)
    two = (np.arange(300 * 300).reshape(300, 300) % 300 > 149).astype(np.uint8)
    assert cypool.pyramid(two, 2, 9, "mode")[-1].tolist() == [[0]]  # 45000 of each


def test_one_rule_for_ties():
    """The mode of the first level is mode_pool's."""
    x = np.random.default_rng(0).integers(-3, 4, (33, 46))
    assert_array_equal(cypool.pyramid(x, 2, 1, "mode")[0], cypool.mode_pool(x, 2, ceil_mode=True))
    assert_array_equal(cypool.pyramid(x, 3, 1, "mode", edge="trim")[0], cypool.mode_pool(x, 3))


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float16"])
def test_out(op, dtype):
    """Results go where they are wanted, in any order in memory."""
    x = np.random.default_rng(0).integers(0, 5, (6, 21, 34)).astype(dtype)
    want = cypool.pyramid(x, 2, 2, op)
    for make in (np.empty, lambda shape, d: np.empty(shape[::-1], d).T):
        out = [make(y.shape, y.dtype) for y in want]
        got = cypool.pyramid(x, 2, 2, op, out=out)
        for mine, place, theirs in zip(got, out, want, strict=True):
            assert mine is place
            assert_array_equal(mine, theirs)


def test_edges_by_hand():
    x = np.array([[1, 3, 5, 7, 9]])
    p = {"axes": 1, "op": "mean"}
    assert [y.tolist() for y in cypool.pyramid(x, 2, 2, **p)] == [[[2, 6, 9]], [[4, 9]]]
    assert [y.tolist() for y in cypool.pyramid(x, 2, 2, edge="trim", **p)] == [[[2, 6]], [[4]]]
    assert [y.tolist() for y in cypool.pyramid(x, 2, 2, edge="pad", **p)] == [[[2, 6, 4]], [[4, 2]]]
    assert [y.tolist() for y in cypool.pyramid(-x, 2, 2, "max", axes=1, edge="pad")] == [[[-1, -5, 0]], [[-1, 0]]]
    assert [y.tolist() for y in cypool.pyramid(x, 2, 2, "stride", axes=1)] == [[[1, 5, 9]], [[1, 9]]]
    assert [y.tolist() for y in cypool.pyramid(x, 2, 2, "stride", axes=1, edge="trim")] == [[[1, 5]], [[1]]]


def test_every_level_is_rounded_once():
    x = np.array([0, 1, 1, 2, 0, 1, 1, 2], np.uint8)
    assert [y.tolist() for y in cypool.pyramid(x, 2, 3, axes=0)] == [[0, 1, 0, 1], [1, 1], [1]]  # not 0 of 0 and 1
    got = [cypool.pyramid(np.array([1, 2, -1, -2], np.int8), 2, 1, axes=0, rounding=r)[0].tolist() for r in ROUNDINGS]
    assert got == [[1, -1], [1, -2], [2, -2], [2, -1]]


def test_the_mode_is_of_the_original_cells():
    """Modes of modes would be 1: of the left half, 1 leads 2 to 1 in three windows of four."""
    x = np.array([[1, 1, 1, 1], [1, 2, 1, 2], [2, 2, 1, 1], [2, 2, 2, 2]])
    assert cypool.pyramid(x, 2, 1, "mode")[0].tolist() == [[1, 1], [2, 1]]
    assert cypool.pyramid(x, 2, 2, "mode")[1].tolist() == [[1]]
    y = np.array([[1, 1, 1, 2], [2, 2, 3, 2], [2, 2, 2, 2], [3, 3, 1, 1]])
    assert cypool.pyramid(y, 2, 2, "mode")[1].tolist() == [[2]]
    assert cypool.pyramid(np.array([5, 4, 4, 5, 6]), 4, 2, "mode", axes=0)[0].tolist() == [
        4,
        6,
    ]  # the smallest of a tie


def test_any_factor_per_axis():
    x = np.arange(5 * 7 * 11, dtype=np.float64).reshape(5, 7, 11)
    got = cypool.pyramid(x, (1, 2, 3), 2)
    assert [y.shape for y in got] == [(5, 4, 4), (5, 2, 2)]
    assert got[1][0, 1, 1] == x[0, 4:, 9:].mean()
    last = cypool.pyramid(x, 2, 1, data_format="channels_last")
    assert last[0].shape == (3, 4, 11)
    assert_array_equal(last[0], cypool.pyramid(x, 2, 1, axes=(0, 1))[0])


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "float64"])
def test_large_windows_are_exact(dtype):
    """At levels whose windows have thousands of cells, means are within half a unit of the exact ones."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 128, (3, 130, 259)).astype(dtype)
    for level, y in enumerate(cypool.pyramid(x, 2, 7, rounding="nearest"), 1):
        k = 2**level
        for i, j in np.ndindex(y.shape[1:]):
            exact = x[:, i * k : (i + 1) * k, j * k : (j + 1) * k].astype(np.float64).mean(axis=(1, 2))
            want = np.rint(exact) if x.dtype.kind in "iu" else exact.astype(dtype)
            assert_allclose(
                y[:, i, j], want, rtol=0 if x.dtype.kind in "iu" else 2.0**-23 if dtype == "float32" else 1e-15
            )


def test_sparse_means():
    """Background that does not count, as segmentation tools want it."""
    x = np.array([[0, 4, 0, 0], [0, 2, 0, 0]], np.uint8)
    assert cypool.pyramid(x, 2, 2, mask=x != 0)[0].tolist() == [[3, 0]]
    assert cypool.pyramid(x, 2, 2, "mode", mask=x != 0)[1].tolist() == [[2]]


@pytest.mark.parametrize(
    ("error", "message", "change"),
    [
        (ValueError, "factor must be at least 1", {"factor": 0}),
        (TypeError, "factor must be an integer", {"factor": 2.0}),
        (ValueError, "factor must be an int or have one entry", {"factor": (2, 2, 2), "axes": (0, 1)}),
        (ValueError, "x must have at least 3 axes", {"factor": (2, 2, 2)}),
        (ValueError, "levels must be at least 1, got 0", {"levels": 0}),
        (ValueError, "levels must leave windows of at most", {"levels": 99}),
        (ValueError, "levels must leave windows of at most", {"levels": 2**62}),
        (ValueError, "levels must be at most 40, got 4611686018427387904", {"levels": 2**62, "factor": 1}),
        (ValueError, "levels must leave windows of at most", {"factor": 2**62}),
        (ValueError, "op must be one of", {"op": "median"}),
        (ValueError, "edge must be one of", {"edge": "reflect"}),
        (ValueError, "rounding must be one of", {"rounding": "up"}),
        (ValueError, "nan must be one of", {"nan": "omit"}),
        (ValueError, "level 3 has no window on axis 0: its extent is 6", {"levels": 3, "edge": "trim"}),
        (ValueError, "level 1 has no window on axis 1: its extent is 0", {"x": np.ones((3, 0))}),
        (ValueError, "axes must be all different", {"axes": (0, 0)}),
        (TypeError, "the mean of bool", {"x": np.ones((4, 4), bool)}),
        (TypeError, "x must have one of the dtypes", {"x": np.ones((4, 4), complex)}),
        (ValueError, "mean nothing to op", {"op": "stride", "mask": np.ones((6, 8), bool)}),
        (ValueError, "num_threads must be at least 1", {"num_threads": 0}),
        (TypeError, "mask", {"mask": np.ones((6, 8))}),
        (TypeError, "out must be a sequence of arrays", {"out": np.ones((3, 4))}),
        (ValueError, "out must have one array for each of 2 levels, got 1", {"out": [np.ones((3, 4))]}),
        (ValueError, r"out\[1\] must have the result's shape \(2, 2\)", {"out": [np.ones((3, 4)), np.ones((3, 4))]}),
        (TypeError, r"out\[0\] must have the result's dtype", {"out": [np.ones((3, 4), "f"), np.ones((2, 2))]}),
        (ValueError, r"out\[1\] must not share memory", {"out": [SHARED[:3, :4], SHARED[1:3, :2]]}),
    ],
)
def test_bad_input(error, message, change):
    with pytest.raises(error, match=message):
        cypool.pyramid(**{"x": np.ones((6, 8)), "factor": 2, "levels": 2, **change})


@pytest.mark.peers
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_tinybrain(dtype):
    """Where extents divide: its edges are others."""
    tinybrain = pytest.importorskip("tinybrain", reason="tinybrain is not installed (extra: bench)")
    x = np.random.default_rng(0).integers(0, 200, (32, 48, 16)).astype(dtype)
    for factor, levels in (((2, 2), 3), ((2, 2, 2), 3)):
        theirs = tinybrain.downsample_with_averaging(np.asfortranarray(x), (*factor, 1)[:3], levels)
        ours = cypool.pyramid(x, factor, levels, axes=tuple(range(len(factor))))
        for mine, other in zip(ours, theirs, strict=True):
            assert_allclose(mine, other.reshape(mine.shape), rtol=0 if dtype != "float32" else 1e-6)


@pytest.mark.peers
def test_scikit_image():
    """Blocks that are filled up with zeros."""
    skimage = pytest.importorskip("skimage", reason="scikit-image is not installed (extra: bench)")
    pytest.importorskip("skimage.transform")
    x = np.random.default_rng(0).random((30, 47))
    for factor in ((2, 2), (3, 5)):
        (mine,) = cypool.pyramid(x, factor, 1, edge="pad")
        assert_allclose(mine, skimage.transform.downscale_local_mean(x, factor), rtol=1e-12)
        (mine,) = cypool.pyramid(x, factor, 1, "max", edge="pad")
        pytest.importorskip("skimage.measure")
        assert_array_equal(mine, skimage.measure.block_reduce(x, factor, np.max))
