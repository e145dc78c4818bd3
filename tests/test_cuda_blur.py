"""Blur pooling on a GPU: random calls against the slow reference, and that faults are found."""

import like_cupy
import numpy as np
import pytest
from blur_calls import EPS, FLOATS, calls
from cuda_families import Row, each, from_rows
from cuda_on_host import here, public, there
from cuda_public import as_on_the_host, placed
from dtypes import near, same
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import cypool
import cypool.cuda.windows
from cypool import reference_filters as reference
from cypool.cuda.windows import name_of


def kernels(dtypes, offset="int", works=("float", "double")):
    """Kernels for x of these dtypes, whose gradients have x's if that is floating, else float32."""
    names = []
    for dtype in map(np.dtype, dtypes):
        t, floating = name_of(dtype), dtype in FLOATS
        names.append(f"select<{t}, 1")
        if not floating:
            names += [f"filter<{t}, double, double", f"filter_valid<{t}, double", f"select_valid<{t}, 1"]
            continue
        for work in works if dtype.itemsize < 8 else ("double",):
            scattered = {"d": "double"}.get(dtype.char, "float")
            names += [f"filter<{t}, {work}, {t}", f"filter<{t}, {work}, {scattered}", f"scatter<{scattered}, {work}"]
        names += [f"filter<double, double, {t}", f"filter_valid<{t}, {t}", f"filter_sent<{t}", f"numbers<{t}"]
        names += ["filter<double, double, double", "scatter<double, double", f"select_valid<{t}, 1"]
    return [f"cypool_{name}, {offset}>" for name in dict.fromkeys(names)]


FLOAT32 = kernels("f", works=("float",))
host = like_cupy.host_fixture(kernels([*FLOATS, "?", "b", "Q"]) + kernels("f", "long long", ("float",)))


@settings(max_examples=100)
@given(calls(), st.sampled_from(FLOATS))
def test_against_the_reference(device, call, dtype):
    x, p = call
    x = x.astype(dtype)
    there_x, q = there(device, x), placed(device, p)
    got = here(public(device, "blur_pool", there_x, **q))
    near(got, reference.blur_pool(x, **p), EPS, 200)
    gradient = np.random.default_rng(0).standard_normal(got.shape).astype(dtype)
    out = there(device, np.zeros((*x.shape, 2), dtype))[..., 0]
    back = public(device, "blur_pool_backward", there(device, gradient), there_x, **q, out=out)
    assert back is out
    near(here(back), reference.blur_pool(x, **p, grad_output=gradient), EPS, 400)


@pytest.mark.parametrize("dtype", ["?", "b", "Q"])
def test_integers(device, dtype):
    x = np.random.default_rng(2).integers(0, 2 if dtype == "?" else 100, (2, 3, 7, 8)).astype(dtype)
    for p in ({}, {"max_size": 2}, {"mask": x > 0}, {"boundary": "constant", "count_include_pad": False}):
        want = cypool.blur_pool2d(x.astype(float), **p)
        got = here(public(device, "blur_pool2d", there(device, x), **placed(device, p)))
        assert got.dtype == want.dtype
        assert_allclose(got, want, rtol=1e-14, atol=1e-13)
        g = np.ones(want.shape, np.float64)
        want = cypool.blur_pool2d_backward(g, x, **p)
        got = here(public(device, "blur_pool2d_backward", there(device, g), there(device, x), **placed(device, p)))
        assert_allclose(got, want, rtol=1e-14, atol=1e-14)


RNG = np.random.default_rng(11)
HOLES = RNG.random((2, 3, 7, 6)) < 0.6
CASES = [
    ("blur_pool2d", (3,), {}),
    ("blur_pool2d", (4, 3), {"boundary": "constant", "count_include_pad": False, "padding": 6, "empty": 3}),
    ("blur_pool2d", (5, 1), {"boundary": "wrap", "max_size": 2}),
    ("blur_pool2d", (3, 2, 4), {"boundary": "constant", "mask": HOLES}),
    ("blur_pool2d", (3, 2, 4), {"boundary": "constant", "mask": HOLES, "count_include_pad": False, "empty": 2}),
    ("blur_pool2d", (), {"filter": ((1, 2, 0.5), (1, 3)), "mask": HOLES, "max_size": (2, 1)}),
    ("blur_pool3d", (2,), {"dilation": (1, 2, 1)}),
    ("blur_pool", ((3, 4, 2, 2), 1), {"axes": (3, 0, 1, 2), "boundary": "edge"}),
    ("blur_pool1d", (3,), {"data_format": "channels_last"}),
]


def one_case(device, name, arguments, p):
    x = np.random.default_rng(3).integers(-6, 7, (2, 3, 7, 6)).astype(np.float32) / 2
    x = x[0] if name == "blur_pool1d" else x
    as_on_the_host(device, name, x, *arguments, **p)


every_case, test_cases, test_offsets_of_64_bits = each(CASES, one_case)


def test_a_shape_stands_for_x(device):
    g = np.arange(24.0, dtype=np.float32).reshape(1, 2, 3, 4)
    got = public(device, "blur_pool2d_backward", there(device, g), (1, 2, 6, 8))
    assert_allclose(here(got), cypool.blur_pool2d_backward(g, (1, 2, 6, 8)), rtol=1e-6)


@pytest.mark.parametrize("shape", [(0, 3, 4, 4), (2, 0, 4, 4)])
def test_nothing_to_compute(device, shape):
    x = there(device, np.zeros(shape, np.float32))
    y = public(device, "blur_pool2d", x, mask=there(device, np.ones((4, 4), bool)), max_size=2)
    assert y.shape == (*shape[:2], 2, 2)
    assert public(device, "blur_pool2d_backward", y, x, max_size=2).shape == shape


def test_refusals(device):
    x = there(device, np.zeros((3, 4, 4), np.float32))
    with pytest.raises(ValueError, match="filter must have a positive sum"):
        public(device, "blur_pool2d", x, filter=(1, -1), mask=there(device, np.ones((4, 4), bool)))
    with pytest.raises(ValueError, match="out must not share memory with an input"):
        public(device, "blur_pool2d", x, 1, 1, out=x)
    with pytest.raises(ValueError, match="grad_output must have the shape"):
        public(device, "blur_pool2d_backward", x, x)


def test_a_repeated_gradient_has_the_same_bits(device):
    x = np.random.default_rng(5).standard_normal((2, 3, 12, 11)).astype(np.float32)
    y = public(device, "blur_pool2d", there(device, x), max_size=2)
    first, second = (here(public(device, "blur_pool2d_backward", y, there(device, x), max_size=2)) for _ in range(2))
    same(first, second)
    assert first.tobytes() == second.tobytes()


# ---- that the tests can fail -------------------------------------------------------------------------------------------

test_planted_faults_are_found, test_no_address_out_of_bounds, test_nvcc_has_nothing_to_warn_of = from_rows(
    Row("filters.cu", FLOAT32, every_case, {
        "a border like the interior": ("matrix[MATRIX_LO] + matrix[MATRIX_PERIOD];", "matrix[MATRIX_LO];"),
        "a leading term too few": ("number < all; number++", "number + 1 < all; number++"),
        "a weight too early": ("tap.share *= terms.weight ? terms.weight[i] : 1.0;", "tap.share *= terms.weight[0];"),
        "a row's weight that is lost": ("sum += (Sum)share * in_row;", "sum += in_row;"),
        "sums that are not begun anew": ("        in_row = 0;\n        counted_in_row = 0;", "        counted_in_row = 0;"),
        "masked cells weigh": ("if (mask && !mask[tap.fourth])\n            return;\n        cells++;", "cells++;"),
        "padding never counts": ("(padded ? 1 - seen : 0.0)", "(padded ? 0 * seen : 0.0)"),
        "padding of another window": ("l.forward_step[axis] + position]", "l.forward_step[axis] + 0 * position]"),
        "masked cells receive": ("own[s.fourth + s.fourth_pooled]", "own[s.fourth]"),
        "nothing is something": ("== 0 ? nothing : Storage<Out>::store(found.sum)",
                                 "< 0 ? nothing : Storage<Out>::store(found.sum)"),
    }),
    compiled=[name for name in kernels("e") if name.startswith("cypool_filter")],
)  # fmt: skip
