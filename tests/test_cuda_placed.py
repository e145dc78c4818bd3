"""Unpooling's and fractional pooling's kernels of the GPU, on the host and on a GPU, as `tests/test_cuda.py` has it."""

import cuda_on_host
import like_cupy
import numpy as np
import pytest
from cuda_families import Row, from_rows
from cuda_on_host import public as call
from cuda_public import fetched, placed
from drawing_placed import fractional_calls, unpooled_calls
from dtypes import DTYPES, FLOATS, same
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import cypool
from cypool import engine
from cypool import reference_fractional as slow
from cypool import reference_unpool as reference
from cypool.cuda import windows
from cypool.cuda.windows import _NAMES

EVERY = tuple(dict.fromkeys(_NAMES.values()))
REAL = ("float", "double", "Half", "Bfloat16")


def kernels(types=EVERY, offset="int"):
    names = [f"cypool_{name}<{t}, {offset}>" for t in types for name in ("claimed", "fractional", "gather")]
    names += [f"cypool_{name}<{t}, {offset}>" for t in types if t in REAL for name in ("runs", "numbers")]
    return [*names, f"cypool_claim<{offset}>"]


SHARED = cuda_on_host.kernels(("float32", "float64", "int16"), ("int",))
"""What TensorFlow's windows, tables as any other, are pooled by."""

host = like_cupy.host_fixture(list(dict.fromkeys([*kernels(), *kernels(("float",), "long long"), *SHARED])))


# ---- unpooling -------------------------------------------------------------------------------------------------------


def unpool_agrees(device, rank, x, indices, p, real):
    """One call and its derivatives, beside the slow reference."""
    name, where = f"max_unpool{rank}d", placed(device, indices)
    want = reference.max_unpool(x, indices, **p)
    source = placed(device, x)
    same(fetched(call(device, name, source, where, **p)), want)
    wide = placed(device, np.ones((*want.shape[:-1], 2 * want.shape[-1]), x.dtype))
    out = wide[..., ::-2]
    assert call(device, name, source, where, **p, out=out) is out
    same(fetched(out).copy(), want)
    rng = np.random.default_rng(0)
    gradient, outer = rng.integers(-9, 9, want.shape).astype(real), rng.integers(-9, 9, x.shape).astype(real)
    arrays = (placed(device, gradient), x.shape, where)
    same(
        fetched(call(device, name + "_backward", *arrays, **p)),
        reference.max_unpool_backward(gradient, x, indices, **p),
    )
    double = call(device, name + "_double_backward", placed(device, outer), arrays[0], source, where, **p)
    same(fetched(double), reference.max_unpool_double_backward(outer, gradient, x, indices, **p))


@settings(max_examples=settings().max_examples // 2)  # kernels without optimisation
@given(drawn=unpooled_calls(), dtype=st.sampled_from(DTYPES), real=st.sampled_from(FLOATS))
def test_unpooling_agrees_with_the_reference(device, drawn, dtype, real):
    rank, x, indices, p = drawn
    x = (x > 0 if dtype == np.bool_ else np.abs(x) if dtype.kind == "u" else x).astype(dtype)
    unpool_agrees(device, rank, x, indices, p, real)


@pytest.mark.parametrize("wrong", [24, -2, 2**40])
def test_wrong_indices_are_refused_and_nothing_is_written(device, wrong):
    x, indices = np.ones((1, 2, 3)), np.arange(6).reshape(1, 2, 3)
    indices[0, 1, 1] = wrong
    out = placed(device, np.full((1, 4, 6), 7.0))
    where = placed(device, indices)
    for name, arrays in (("", [x]), ("_double_backward", [x, np.ones((1, 4, 6)), x])):
        with pytest.raises(
            ValueError, match=rf"indices must be cells of their planes, in \[0, 24\), or -1, got {wrong}"
        ):
            call(device, "max_unpool2d" + name, *(placed(device, a) for a in arrays), where, 2, out=out)
    with pytest.raises(ValueError, match=f"or -1, got {wrong}"):
        call(device, "max_unpool2d_backward", out, x.shape, where, 2)
    with pytest.raises(ValueError, match='layout "window" must name cells'):
        call(device, "max_unpool2d", placed(device, x), where.astype(np.uint8) % 250, 2, index_layout="window")
    assert (fetched(out) == 7).all()


# ---- fractional pooling ----------------------------------------------------------------------------------------------


def fractional_agrees(device, rank, x, kernel_size, output_size, samples, p):
    name = f"fractional_max_pool{rank}d"
    want = slow.fractional_max_pool(x, kernel_size, output_size, samples, **p)
    source, keywords, p = placed(device, x), p, placed(device, p)
    arguments = (source, kernel_size, output_size)
    got = fetched(call(device, name, *arguments, return_indices=True, _random_samples=samples, **p))
    same(got[0], want[0])
    same(got[1], want[1])
    rng = np.random.default_rng(0)
    gradient = rng.integers(-9, 9, want[0].shape).astype(np.float32)
    there = placed(device, gradient)
    back = slow.fractional_max_pool_backward(gradient, x, kernel_size, output_size, samples, **keywords)
    for known in ({"_random_samples": placed(device, samples)}, {"indices": placed(device, got[1])}):
        same(fetched(call(device, name + "_backward", there, *arguments, **p, **known)), back)
    outer = rng.integers(-9, 9, x.shape).astype(np.float32)
    double = fetched(call(device, name + "_double_backward", placed(device, outer), there, *arguments, **p, **known))
    assert_allclose((double * gradient).sum(), (outer * back).sum())  # the adjoint identity


@settings(max_examples=settings().max_examples // 2)
@given(drawn=fractional_calls())
def test_fractional_pooling_agrees_with_the_reference(device, drawn):
    fractional_agrees(device, *drawn)


@pytest.mark.parametrize("dtype", ["float16", "float32", "int16"])
def test_the_same_draws_as_on_the_host(device, dtype):
    x = np.random.default_rng(2).integers(-90, 90, (2, 3, 12, 13)).astype(dtype)
    p = {"return_indices": True, "index_layout": "channels_last"}
    got = fetched(call(device, "fractional_max_pool2d", placed(device, x), 2, 5, rng=7, **p))
    for one, want in zip(got, cypool.fractional_max_pool2d(x, 2, 5, rng=7, **p), strict=True):
        assert_array_equal(one, want)
    gradient = np.ones((2, 3, 5, 5), np.float32)
    got = fetched(
        call(device, "fractional_max_pool2d_backward", placed(device, gradient), placed(device, x), 2, 5, rng=7)
    )
    assert_array_equal(got, cypool.fractional_max_pool2d_backward(gradient, x, 2, 5, rng=7))


@pytest.mark.parametrize("op", ["max", "avg"])
def test_windows_that_share_out_an_axis(device, op):
    """TensorFlow's: tables as any other, drawn on the host."""
    x = np.random.default_rng(3).integers(-9, 9, (2, 9, 11)).astype(np.float32)
    p = {"pooling_ratio": (1.5, 2.2), "overlapping": True, "axes": (1, 2)}
    name = f"fractional_{op}_pool"
    y, sequences = call(device, name, placed(device, x), **p, rng=5, return_sequences=True)
    want, other = getattr(cypool, name)(x, **p, rng=5, return_sequences=True)
    assert_allclose(fetched(y), want, rtol=1e-6)
    for one, two in zip(sequences, other, strict=True):
        assert_array_equal(one, two)
    gradient = np.random.default_rng(4).standard_normal(want.shape).astype(np.float32)
    arrays = (placed(device, gradient), placed(device, x))
    for known in ({"rng": 5}, {"sequences": sequences}):
        back = fetched(call(device, name + "_backward", *arrays, **p, **known))
        assert_allclose(back, getattr(cypool, name + "_backward")(gradient, x, **p, **known), rtol=1e-5, atol=1e-6)
    double = fetched(call(device, name + "_double_backward", arrays[1], *arrays, **p, sequences=sequences))
    assert_allclose((double * gradient).sum(), (back * x).sum(), rtol=1e-4)


@pytest.mark.parametrize(
    ("error", "says", "p"),
    [
        (ValueError, "output_size must be at least 1", {"output_size": 0}),
        (TypeError, "_random_samples must have x's dtype", {"_random_samples": np.zeros((1, 1, 2))}),
        (ValueError, r"must lie in \[0, 1\), got 1", {"_random_samples": np.full((1, 1, 2), 1, np.float32)}),
        (TypeError, "out must be a pair", {"return_indices": True, "out": np.zeros((1, 3, 3), np.float32)}),
        (TypeError, "mask must be bool", {"mask": np.zeros((5, 5))}),
        (ValueError, "rng must be at least 0", {"rng": -1}),
    ],
)
def test_what_is_refused(device, error, says, p):
    x = placed(device, np.ones((1, 5, 5), np.float32))
    with pytest.raises(error, match=says):
        call(device, "fractional_max_pool2d", x, 2, **{"output_size": 3, **placed(device, p)})


def test_out_and_nothing_to_compute(device):
    x = np.random.default_rng(5).random((2, 3, 7, 7), np.float32)
    pair = (
        placed(device, np.zeros((2, 3, 3, 6), np.float32))[..., ::2],
        placed(device, np.zeros((2, 3, 3, 3), np.int64)),
    )
    mask = np.zeros((7, 7), bool)
    p = {"return_indices": True, "rng": 3, "mask": placed(device, mask), "empty": 5}
    got = call(device, "fractional_max_pool2d", placed(device, x), 2, 3, out=pair, **p)
    assert got[0] is pair[0] and got[1] is pair[1]
    assert (fetched(got[0]) == 5).all() and (fetched(got[1]) == -1).all()
    out = placed(device, np.ones(x.shape, np.float32))
    assert (
        call(device, "fractional_max_pool2d_backward", got[0], placed(device, x), 2, 3, indices=got[1], out=out) is out
    )
    assert not fetched(out).any()
    with pytest.raises(ValueError, match="share memory"):
        call(device, "fractional_max_pool2d", out, 1, 7, rng=0, out=out)
    nothing = placed(device, x[:0])
    assert call(device, "fractional_max_pool2d", nothing, 2, 3, rng=0).shape == (0, 3, 3, 3)
    assert call(device, "max_unpool2d", nothing, nothing.astype(np.int64), 2).shape == (0, 3, 14, 14)


def test_layers(device, monkeypatch):
    x, indices = cypool.max_pool2d(np.random.default_rng(6).random((1, 2, 6, 6)), 2, return_indices=True)
    gradient = np.random.default_rng(7).random((1, 2, 6, 6))
    want = cypool.max_unpool2d_backward(gradient, x.shape, indices, 2)
    monkeypatch.setattr(engine, "device_of", lambda *arrays: device)
    layer = cypool.MaxUnpool2d(2)
    assert isinstance(layer(placed(device, x), placed(device, indices)), device.xp.ndarray)
    assert_array_equal(fetched(layer.backward(placed(device, gradient))), want)


def test_offsets_of_64_bits(device, monkeypatch):
    monkeypatch.setattr(windows, "_INT_MAX", -1)
    every_case(device)


# ---- the source ------------------------------------------------------------------------------------------------------

UNPOOLED = [((2, 3, 9), 1, {}), ((2, 5, 4, 3), 2, {"data_format": "channels_last"}), ((2, 3, 4, 2), 3, {"stride": 3})]
FRACTIONS = [
    ((2, 3, 9, 8), (2, 3), (5, 4), {}),
    ((9, 8, 3), (3, 2), (5, 6), {"data_format": "channels_last", "nan": "ignore"}),
    ((2, 2, 6, 5, 7), (2, 3, 2), (3, 2, 5), {}),
]


def every_case(device):
    for shape, rank, p in UNPOOLED:
        rng = np.random.default_rng(sum(shape))
        x = rng.standard_normal(shape).astype(np.float32)
        p = {"kernel_size": (2,) * rank, **p}
        axes = [a - (p.get("data_format") is not None) for a in range(len(shape) - rank, len(shape))]
        cells = np.prod([(shape[a] - 1) * p.get("stride", 2) + 2 for a in axes])
        unpool_agrees(device, rank, x, rng.integers(-1, cells, shape), p, np.float32)
    for shape, kernel_size, output_size, p in FRACTIONS:
        rng = np.random.default_rng(sum(shape))
        x = rng.integers(-3, 4, shape).astype(np.float32)
        if p:
            x[rng.random(shape) < 0.4] = np.nan
        lead = (1, 3) if p else shape[:2]
        fractional_agrees(
            device, len(kernel_size), x, kernel_size, output_size, rng.random((*lead, len(kernel_size)), np.float32), p
        )


test_planted_faults_are_found, test_no_address_out_of_bounds, test_nvcc_has_nothing_to_warn_of = from_rows(
    Row("placed.cu", kernels(("float",)), every_case, {
        "the first of duplicates": ("position_of(l, s) + 1);", "1000 - position_of(l, s));"),
        "the first value left out": ("position_of(l, s) + 1);", "position_of(l, s));"),
        "another cell": ("(long long)winner - 1)]", "(long long)winner / 2)]"),
        "a value too few": ("low < count && keys[low] == i", "low + 1 < count && keys[low] == i"),
        "a run entered late": ("keys[middle] < i", "keys[middle] <= i"),
        "columns of another axis": ("first[extent[0] + extent[1] + s.last]", "first[extent[0] + s.last]"),
        "one plane's windows for all": ("*first = starts + s.third", "*first = starts"),
        "masked cells": ("!fraction.masked || valid[tap.source]", "valid[tap.source] || true"),
    }),
    compiled=["cypool_claim<int>", "cypool_claimed<Half, int>", "cypool_runs<Bfloat16, int>",
              "cypool_fractional<short, long long>", "cypool_fractional<Half, int>"],
)  # fmt: skip
