"""Masks, weights and NaN that are ignored, on a GPU: cases beside those that `test_cuda.py` draws, and that they find faults."""

import cuda_on_host
import like_cupy
import numpy as np
import pytest
from cuda_families import Row, each, from_rows
from cuda_on_host import call, here, there
from cuda_public import placed
from drawing import weights_close
from dtypes import BFLOAT16, same

import cypool
from cypool import reference

MASKED = cuda_on_host.masked_kernels(("float32", "int16"), ("int", "long long"))
PLAIN = cuda_on_host.kernels(("float32", "int16"), ("int", "long long"))
OWN = [
    f"cypool_{name}, int>"
    for t in ("Half", "Bfloat16")
    for name in (f"total_valid<{t}, double, {t}, {t}", f"total_valid<{t}, double, double, {t}", f"sent<{t}, {t}",
                 f"received_valid<{t}, {t}", f"weights_gradient<{t}")
]  # fmt: skip

host = like_cupy.host_fixture(PLAIN + MASKED + OWN)

RNG = np.random.default_rng(21)
HOLES = RNG.random((2, 3, 9, 7)) < 0.5
WEIGHTS = 0.25 + RNG.integers(0, 4, HOLES.shape)
SPARSE = RNG.random((3, 9, 7)) < 0.15

CASES = [
    ("max_pool2d", {"kernel_size": 3, "stride": 2, "padding": 1, "mask": HOLES}),
    ("min_pool2d", {"kernel_size": (2, 3), "mask": SPARSE, "index_layout": "window", "boundary": "wrap", "padding": 1}),
    ("max_pool2d", {"kernel_size": 2, "nan": "ignore", "mask": HOLES, "empty": 7}),
    ("global_max_pool", {"mask": SPARSE[:, :, :1], "keepdims": False}),
    ("avg_pool2d", {"kernel_size": 3, "stride": 2, "padding": 1, "mask": HOLES}),
    ("avg_pool2d", {"kernel_size": 3, "padding": 1, "mask": SPARSE, "count_include_pad": False, "empty": -1}),
    ("avg_pool2d", {"kernel_size": 2, "nan": "ignore", "divisor_override": 3, "boundary": "reflect", "padding": 2}),
    ("avg_pool2d", {"kernel_size": 3, "padding": 2, "stride": 2, "weights": WEIGHTS, "mask": HOLES}),
    ("sum_pool2d", {"kernel_size": 3, "weights": np.arange(7.0), "nan": "ignore"}),
    ("adaptive_avg_pool2d", {"output_size": (4, 3), "weights": 1 + np.arange(3.0).reshape(3, 1, 1)}),
    ("global_avg_pool", {"data_format": "channels_last", "mask": SPARSE, "keepdims": False}),
]  # fmt: skip


def as_the_reference(device, name, p):
    """Forward, gradient and the gradient's gradient of one case."""
    x = np.random.default_rng(3).integers(-4, 5, (2, 3, 9, 7)).astype(np.float32)
    x[0, 1, 2:4] = np.nan if p.get("nan") == "ignore" else 0
    moved = placed(device, p)
    selecting = "max" in name or "min" in name
    options = {"return_indices": True} if selecting else {}
    want, got = getattr(reference, REFERENCE[name])(x, **axes_of(name), **p, **options), None
    got = call(device, name, there(device, x), **moved, **options)
    for one, other in zip(got, want, strict=True) if selecting else [(got, want)]:
        np.testing.assert_allclose(here(one), other, rtol=1e-6)
    want = want[0] if selecting else want
    gradient = np.random.default_rng(4).integers(-8, 9, want.shape).astype(np.float32)
    back = call(device, name + "_backward", there(device, gradient), there(device, x), **moved)
    expected = getattr(reference, REFERENCE[name] + "_backward")(gradient, x, **axes_of(name), **p)
    if "weights" in p:
        weights_close(here(back[1]), expected[1].astype(np.float32))
        back, expected = back[0], expected[0]
    np.testing.assert_allclose(here(back), expected, rtol=1e-5, atol=1e-5)
    twice = call(
        device, name + "_double_backward", there(device, x), there(device, gradient), there(device, x), **moved
    )
    expected = getattr(cypool, name + "_double_backward")(x, gradient, x, **p)
    np.testing.assert_allclose(here(twice), expected, rtol=1e-6)


REFERENCE = {name: name.removesuffix("2d") for name, _ in CASES}


def axes_of(name):
    """What the reference's any-axes forms want."""
    return {"axes": (2, 3)} if name.endswith("2d") else {}


every_case, test_cases, test_offsets_of_64_bits = each(CASES, as_the_reference)


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d", "sum_pool2d"])
def test_integers(device, name):
    x = np.random.default_rng(5).integers(-400, 400, (2, 3, 9, 7)).astype(np.int16)
    p = {"kernel_size": 3, "padding": 1, "nan": "ignore"}  # which integers have none of
    p |= {"rounding": "half_up"} if name == "avg_pool2d" else {}
    got = call(device, name, there(device, x), mask=there(device, HOLES), **p)
    same(here(got), getattr(cypool, name)(x, mask=HOLES, **p))


@pytest.mark.parametrize("dtype", [np.dtype(np.float16), BFLOAT16], ids=str)
def test_halves_weigh_halves(device, dtype):
    rng = np.random.default_rng(6)
    x, w = (rng.integers(1, 9, shape).astype(dtype) for shape in ((2, 3, 6, 6), (3, 1, 1)))
    g = rng.integers(-4, 5, (2, 3, 3, 3)).astype(dtype)
    p = {"kernel_size": 2}
    same(
        here(call(device, "avg_pool2d", there(device, x), weights=there(device, w), **p)),
        cypool.avg_pool2d(x, weights=w, **p),
    )
    out = device.xp.zeros(x.shape, dtype), device.xp.zeros(w.shape, dtype)
    got = call(
        device, "avg_pool2d_backward", there(device, g), there(device, x), weights=there(device, w), out=out, **p
    )
    assert got[0] is out[0] and got[1] is out[1]
    want = cypool.avg_pool2d_backward(g, x, weights=w, **p)
    same(here(got[0]), want[0])
    weights_close(here(got[1]), want[1])


def test_a_shape_stands_for_x_under_a_mask(device):
    g = np.arange(8.0, dtype=np.float32).reshape(1, 1, 2, 4)
    mask = np.random.default_rng(7).random((4, 8)) < 0.6
    got = call(device, "avg_pool2d_backward", there(device, g), (1, 1, 4, 8), kernel_size=2, mask=there(device, mask))
    same(here(got), cypool.avg_pool2d_backward(g, (1, 1, 4, 8), 2, mask=mask))


@pytest.mark.parametrize("shape", [(0, 3, 4, 4), (2, 0, 4, 4)])
def test_nothing_to_compute(device, shape):
    x, mask = device.xp.zeros(shape, np.float32), device.xp.ones((4, 4), bool)
    values, indices = call(device, "max_pool2d", x, kernel_size=2, return_indices=True, mask=mask, nan="ignore")
    assert values.shape == indices.shape == (*shape[:2], 2, 2)
    weights = device.xp.ones((shape[1], 1, 1), np.float32)
    to_x, to_weights = call(device, "avg_pool2d_backward", values, x, kernel_size=2, weights=weights, mask=mask)
    assert to_x.shape == shape and to_weights.shape == weights.shape and not here(to_weights).any()


# ---- that the tests can fail -------------------------------------------------------------------------------------------

FLOAT32 = cuda_on_host.kernels(("float32",), ("int",)) + cuda_on_host.masked_kernels(("float32",), ("int",))

test_planted_faults_are_found, test_no_address_out_of_bounds = from_rows(
    Row("masked.cu", FLOAT32, every_case, {
        "masked cells": ("if (mask[tap.fourth])", "if (mask[tap.fourth] || 1)"),
        "masked cells add up": ("if (mask && !mask[tap.fourth])", "if (mask && !mask[tap.fourth] && !x)"),
        "NaN counts": ("value == value && (!mask", "value != 1e30f && (!mask"),
        "the mask of another cell": ("value == value && (!mask || mask[s.fourth])", "value == value && (!mask || mask[0])"),
        "padding counts twice": ("share - cells + weight", "share + weight"),
        "weights of another cell": ("weights[s.fifth + s.fifth_pooled]", "weights[s.fifth]"),
        "masked cells receive": ("mask[s.fourth + s.fourth_pooled]) {", "mask[s.fourth]) {"),
        "distances from 0": ("(mean ? x - mean[tap.source] : x)", "x"),
    })
)  # fmt: skip
