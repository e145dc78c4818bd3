"""Morphological pooling's kernels of the GPU, on the host and on a GPU, as `tests/test_cuda.py` has it."""

import like_cupy
import numpy as np
import pytest
from cuda_families import Row, from_rows
from cuda_on_host import public as call
from cuda_public import fetched, placed
from drawing_ranks import EPS, raised_calls
from dtypes import same
from hypothesis import given, settings
from numpy.testing import assert_allclose, assert_array_equal

import cypool
from cypool import reference_ranks as reference
from cypool.cuda import morphology, windows

REAL = ("float", "double", "Half", "Bfloat16")


def kernels(types=REAL, offset="int"):
    names = [f"cypool_{name}<{t}, {offset}>" for t in types for name in ("raised", "raised_records")]
    names += [f"cypool_tap_sums<{t}>" for t in types]
    return [*names, *(f"cypool_scatter<{t}, double, {offset}>" for t in dict.fromkeys([*types, "double"])),
            f"cypool_total<double, double, double, {offset}>"]  # fmt: skip


host = like_cupy.host_fixture([*kernels(), *kernels(("float",), "long long")])


def agrees(device, x, w, p):
    """One call and its gradients, beside the slow reference."""
    with np.errstate(all="ignore"):
        want = reference.morphological_pool(x, w, **p)
    arrays = (placed(device, x), placed(device, w))
    got = fetched(call(device, "morphological_pool", *arrays, **p))
    same(got, want)
    gradient = np.random.default_rng(0).standard_normal(got.shape).astype(x.dtype)
    with np.errstate(all="ignore"):
        want = reference.morphological_pool(x, w, **p, grad_output=gradient)
    results = fetched(call(device, "morphological_pool_backward", placed(device, gradient), *arrays, **p))
    eps = EPS[x.dtype.name]
    for back, expected in zip(results, want, strict=True):
        assert back.dtype == gradient.dtype and back.shape == expected.shape
        assert_allclose(back.astype(float), expected.astype(float), rtol=eps, atol=eps * 300)


@settings(max_examples=settings().max_examples // 2)  # kernels without optimisation
@given(drawn=raised_calls())
def test_against_the_reference(device, drawn):
    agrees(device, *drawn)


def test_offsets_of_64_bits(device, monkeypatch):
    monkeypatch.setattr(windows, "_INT_MAX", -1)
    every_case(device)


@pytest.mark.parametrize("chunks", [0, 4])
def test_gradients_of_a_large_element(device, chunks, monkeypatch):
    monkeypatch.setattr(morphology, "CHUNKS", chunks)
    rng = np.random.default_rng(1)
    x, w = rng.standard_normal((2, 3, 9, 30)), rng.standard_normal((3, 5, 13))
    p = {"stride": 1, "padding": (2, 6), "op": "min"}
    gradient = rng.standard_normal(x.shape)
    got = fetched(call(device, "morphological_pool2d_backward", *placed_all(device, gradient, x, w), **p))
    for one, want in zip(got, cypool.morphological_pool2d_backward(gradient, x, w, **p), strict=True):
        assert_allclose(one, want, rtol=1e-13, atol=1e-13)


def placed_all(device, *arrays):
    return [placed(device, array) for array in arrays]


def test_out_and_nothing_to_compute(device):
    x, w = np.random.default_rng(2).standard_normal((2, 3, 8, 9)), np.zeros((3, 2, 2))
    out = placed(device, np.zeros((2, 3, 4, 8)))[..., ::-2]
    arrays = placed_all(device, x, w)
    assert call(device, "morphological_pool2d", *arrays, out=out) is out
    assert_array_equal(fetched(out), cypool.morphological_pool2d(x, w))
    pair = placed_all(device, np.zeros((2, 3, 8, 18)), w + 1)
    pair[0] = pair[0][..., ::2]
    gradient = np.ones((2, 3, 4, 4))
    got = call(device, "morphological_pool2d_backward", placed(device, gradient), *arrays, out=pair)
    assert got[0] is pair[0] and got[1] is pair[1]
    for one, want in zip(fetched(got), cypool.morphological_pool2d_backward(gradient, x, w), strict=True):
        assert_array_equal(one, want)
    to_x, to_w = call(device, "morphological_pool2d_backward", *placed_all(device, gradient[:0], x[:0], w))
    assert to_x.shape == (0, 3, 8, 9) and not fetched(to_w).any()


@pytest.mark.parametrize(
    ("error", "says", "w", "p"),
    [
        (TypeError, "w must be floating", np.zeros((2, 2), int), {}),
        (ValueError, "w must be finite, or -inf", np.full((2, 2), np.nan), {}),
        (ValueError, "w must have the window's axes last", np.zeros((5, 2, 2)), {"axes": (1, 2)}),
        (ValueError, "op must be one of", np.zeros((2, 2)), {"op": "sum"}),
        (ValueError, "out must have the result's shape", np.zeros((2, 2)), {"out": np.zeros(3)}),
    ],
)
def test_what_is_refused(device, error, says, w, p):
    with pytest.raises(error, match=says):
        call(device, "morphological_pool", *placed_all(device, np.zeros((3, 4, 4)), w), **placed(device, p))


# ---- the source ------------------------------------------------------------------------------------------------------

CASES = [
    ((2, 3, 9, 7), (3, 3, 2), {"axes": (2, 3), "stride": 2, "padding": 1}),
    ((2, 3, 5, 4, 6), (2, 2, 2), {"op": "min", "padding": "same", "axes": (2, 3, 4), "stride": 1}),
    ((3, 2, 3, 5), (2, 2, 1, 2), {"axes": (3, 0, 1, 2), "padding": 1}),
    ((2, 23), (4,), {"stride": 3, "dilation": 2, "padding": 3, "boundary": "wrap"}),
    ((2, 23), (4,), {"stride": 1, "padding": 6, "nan": "ignore"}),
]


def every_case(device):
    for shape, window, p in CASES:
        rng = np.random.default_rng(sum(shape))
        x, w = (np.round(rng.standard_normal(s) * 2).astype(np.float32) for s in (shape, window))
        w[rng.random(window) < 0.2] = -np.inf
        if p.get("nan"):
            x[rng.random(shape) < 0.3] = np.nan
        agrees(device, x, w, p)


test_planted_faults_are_found, test_no_address_out_of_bounds, test_nvcc_has_nothing_to_warn_of = from_rows(
    Row("morphology.cu", kernels(("float",)), every_case, {
        "padding not skipped": ("element += (row.skip + number % row.count)", "element += (number % row.count)"),
        "rows not skipped": ("* l.window[down] + rows.skip", "* l.window[down]"),
        "columns not skipped": ("* l.window[across] + columns.skip", "* l.window[across]"),
        "the last of equal ones": ("value > best || (nan", "value >= best || (nan"),
        "a NaN that is not ignored": ("(plane < 0 && !nan)", "plane < 0"),
        "a tap that is none": ("if (raise == -(Value)float_of_bits(0x7f800000u))", "if (false)"),
        "one element for all planes": ("raised = {x, w + s.third", "raised = {x, w"),
        "a window too few": ("o < end", "o + 1 < end"),
    }),
    compiled=["cypool_raised<Half, int>", "cypool_raised_records<double, long long>", "cypool_tap_sums<Bfloat16>"],
)  # fmt: skip
