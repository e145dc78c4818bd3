"""Mixed and gated pooling on a GPU: random calls against the slow reference, and that faults are found."""

import itertools
from unittest import mock

import like_cupy
import numpy as np
import pytest
from cuda_families import Row, each, from_rows
from cuda_on_host import here, public, there
from cuda_public import as_on_the_host, placed
from dtypes import converted, near
from hypothesis import given, settings
from hypothesis import strategies as st
from mixed_calls import DTYPES, EPS, FLOATS, gates, mixtures
from numpy.testing import assert_allclose

from cypool import reference_filters as reference
from cypool.cuda.windows import name_of


def kernels(dtypes, offset="int", gated=("false", "true")):
    """Kernels for x of these dtypes; float gradients have x's, those of other arrays are float32."""
    names = []
    for dtype, gate in itertools.product(dtypes, gated):
        t, floating = name_of(dtype), dtype in FLOATS
        wide = "float" if floating and dtype.itemsize < 8 else "double"
        for total in dict.fromkeys((wide, "double")):
            names.append(f"mixed<{t}, {wide}, {total}, {t if floating else 'double'}, {gate}, {offset}>")
            gradient = t if floating else "float"
            sent = ("float", "double") if total == "float" else ("double",)
            names += [f"mixed_sent<{t}, {wide}, {total}, {gradient}, {one}, {gate}, {offset}>" for one in sent]
            names += [f"mixed_received<{one}, {gradient}, {gate}, {offset}>" for one in sent]
        names += [f"element_gradient<{t}, {offset}>", *([f"numbers<{t}, {offset}>"] if floating else [])]
    return [f"cypool_{name}" for name in dict.fromkeys(names)]


FLOAT32 = [name for name in kernels([np.dtype("f")]) if "double" not in name]
host = like_cupy.host_fixture(
    kernels(DTYPES, gated=("false",)) + kernels(FLOATS, gated=("true",)) + kernels([np.dtype("f")], "long long")
)


@settings(max_examples=60)
@given(mixtures(), st.sampled_from(DTYPES))
def test_mixed_against_the_reference(device, call, dtype):
    name, x, positional, p = call
    x = converted(x, dtype, 1e4)
    there_x, q = there(device, x), placed(device, p)
    got = here(public(device, name, there_x, *positional, **q))
    near(got, getattr(reference, name)(x, *positional, **p), EPS, 300)
    gradient = np.random.default_rng(1).standard_normal(got.shape).astype(dtype if dtype in FLOATS else "f")
    out = there(device, np.zeros(x.shape, gradient.dtype))
    to_x, to_alpha = public(device, name + "_backward", there(device, gradient), there_x, *positional, **q, out=out)
    assert to_x is out
    want_x, want_alpha = getattr(reference, name + "_backward")(gradient, x, *positional, **p)
    near(here(to_x), want_x, EPS, 300)
    eps = 2.0**-40 if dtype not in FLOATS or dtype == np.float64 else EPS["float32"]
    total = 1 + float(np.abs(gradient.astype(float)).sum()) * 100
    assert_allclose(here(to_alpha), want_alpha, rtol=eps, atol=eps * total)


@settings(max_examples=40)
@given(gates(), st.sampled_from(FLOATS))
def test_gated_against_the_reference(device, call, dtype):
    x, w, p = call
    x, w = x.astype(dtype), w.astype(dtype)
    arrays, q = (there(device, x), there(device, w)), placed(device, p)
    got = here(public(device, "gated_pool", *arrays, **q))
    near(got, reference.gated_pool(x, w, **p), EPS, 50)
    gradient = np.random.default_rng(1).standard_normal(got.shape).astype(dtype)
    results = public(device, "gated_pool_backward", there(device, gradient), *arrays, **q)
    want = reference.gated_pool(x, w, **p, grad_output=gradient)
    assert len(results) == len(want) == (2 if p["bias"] is None else 3)
    total = 10 + float(np.abs(gradient.astype(float)).sum()) * 10
    for back, expected in zip(results[:2], want, strict=False):
        near(here(back), expected, EPS, total)
    if p["bias"] is not None:
        eps = 2.0**-45 if dtype == np.float64 else EPS["float32"]
        assert_allclose(here(results[2]), want[2], rtol=eps, atol=eps * total)


RNG = np.random.default_rng(11)
HOLES = RNG.random((2, 3, 7, 6)) < 0.6
CASES = [
    ("mixed_pool2d", (2, 2, 3), {"alpha": 0.25, "empty": 3}),
    (
        "mixed_pool",
        ((4, 3), 1, 2),
        {"boundary": "reflect", "mask": HOLES, "alpha": RNG.random((3, 1, 1)), "axes": (2, 3)},
    ),
    ("adaptive_mixed_pool2d", ((3, 4),), {"mask": HOLES, "alpha": RNG.random((3, 4))}),
    ("global_mixed_pool", (), {"keepdims": False, "alpha": RNG.random((2, 3))}),
    ("mixed_pool3d", (2, 1), {"alpha": 1}),
    ("gated_pool2d", (RNG.standard_normal((3, 2, 3)), 2, 1), {"bias": RNG.standard_normal(3)}),
    (
        "gated_pool2d",
        (RNG.standard_normal((9, 2)), 1, ((2, 2), (0, 0))),
        {"mask": HOLES, "boundary": "wrap", "bias": 0.5},
    ),
    ("gated_pool", (RNG.standard_normal((2, 2, 2)), 1), {"axes": (1, 2, 3)}),
    ("gated_pool", (RNG.standard_normal((2, 2)),), {"axes": (3, 1), "mask": HOLES}),
]


def one_case(device, name, arguments, p):
    x = np.random.default_rng(3).integers(-6, 7, (2, 3, 7, 6)).astype(np.float32) / 2
    arguments = [a.astype(np.float32) if isinstance(a, np.ndarray) else a for a in arguments]
    as_on_the_host(device, name, x, *arguments, **p)


every_case, test_cases, test_offsets_of_64_bits = each(CASES, one_case)


def test_a_repeated_gradient_has_the_same_bits(device):
    x = there(device, np.random.default_rng(5).standard_normal((2, 3, 12, 11)).astype(np.float32))
    w, g = (
        there(device, np.random.default_rng(6).standard_normal((3, 3))),
        there(device, np.ones((2, 3, 10, 9), np.float32)),
    )
    first, second = (
        [here(part).tobytes() for part in public(device, "gated_pool2d_backward", g, x, w, 1)] for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize(
    ("name", "arguments", "p", "error", "text"),
    [
        ("mixed_pool", (2,), {"alpha": np.array([0.5, np.nan])}, ValueError, "alpha must be finite"),
        ("mixed_pool", (2,), {"alpha": np.inf}, ValueError, "alpha must be finite"),
        ("mixed_pool", (2,), {"alpha": np.ones(5)}, ValueError, "alpha must be broadcastable to the result's shape"),
        ("mixed_pool", (2,), {"out": np.zeros(3)}, ValueError, "out must have the result's shape"),
        ("gated_pool", (np.full((2, 2), np.nan),), {}, ValueError, "w must be finite, got nan"),
        ("gated_pool", (np.zeros((2, 2)),), {"bias": np.zeros(2)}, ValueError, "bias must be a number or have"),
    ],
)
def test_refusals(device, name, arguments, p, error, text):
    arguments = [there(device, a) if isinstance(a, np.ndarray) else a for a in arguments]
    with pytest.raises(error, match=text):
        public(device, name, there(device, np.zeros((3, 4, 4))), *arguments, **placed(device, p))


@pytest.mark.parametrize("shape", [(0, 3, 4, 4), (2, 0, 4, 4)])
def test_nothing_to_compute(device, shape):
    x, w = there(device, np.zeros(shape)), there(device, np.ones((2, 2)))
    y = public(device, "gated_pool2d", x, w)
    assert y.shape == (*shape[:2], 2, 2)
    to_x, to_w = public(device, "gated_pool2d_backward", y, x, w)
    assert to_x.shape == shape and not here(to_w).any() and to_w.shape == (2, 2)
    assert here(public(device, "mixed_pool2d_backward", y, x, 2)[1]) == 0


# ---- that the tests can fail -------------------------------------------------------------------------------------------


COMPILED = ["mixed<Half, float, float, Half, false", "mixed_sent<int, double, double, float, double, true"]
COMPILED = [f"cypool_{name}, int>" for name in (*COMPILED, "mixed_received<float, Half, true", "element_gradient<Half")]
assert set(COMPILED) <= set(kernels([np.dtype("e"), np.dtype("i")]))


def in_few_parts(device):
    """A gradient's windows in so few parts that each has several."""
    with mock.patch("cypool.cuda.filters.MOST_PARTS", 4):
        every_case(device)


test_planted_faults_are_found, test_no_address_out_of_bounds, test_nvcc_has_nothing_to_warn_of = from_rows(
    Row("mixed.cu", FLOAT32, every_case, {
        "a window of nothing": ("if (m.cells == 0) {", "if (m.cells < 0) {"),
        "the last of a tie": ("value > most || value != value", "value >= most || value != value"),
        "another window's proportion": ("given ? given[s.third + s.third_pooled] : number, (double)m.score), rest",
                                        "given ? given[s.third] : number, (double)m.score), rest"),
        "invalid cells count": ("if (mask && !mask[tap.fourth])\n            return;\n        Wide", "Wide"),
        "the weight of another tap": ("in_row += (Sum)w[tap.fifth]", "in_row += (Sum)w[0]"),
        "a chosen cell twice": ("chosen[tap.source] == own && !tap.again", "chosen[tap.source] == own"),
        "the gate's own slope": ("return alpha * (1.0 - alpha);", "return alpha;"),
        "no score's gradient": ("in_row += (Sent)(w[tap.fifth] * slope[tap.source]);", "in_row += 0;"),
    }),
    Row("filters.cu", FLOAT32, in_few_parts, {
        "a period too few": ("row = position - times * matrix[MATRIX_PERIOD];\n        shift = times",
                             "row = position - times * matrix[MATRIX_PERIOD];\n        shift = 0 * times"),
        "a tap's neighbour": ("terms.cell[tap - terms.tap[0]]", "terms.cell[0]"),
        "parts that are forgotten": ("window < all; window += parts", "window < parts; window += parts"),
        "cells that see the window once more": ("(i > 0 && terms.cell[i - 1] == terms.cell[i])", "false"),
    }),
    compiled=COMPILED,
)  # fmt: skip
