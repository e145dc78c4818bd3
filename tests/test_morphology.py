"""Morphological pooling: against the slow reference, SciPy's rule, and central differences."""

import math

import numpy as np
import pytest
from drawing_ranks import EPS, raised_calls
from dtypes import same
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import cypool
from cypool import reference_ranks as reference
from cypool.kernels import core

INF, NAN = math.inf, math.nan


@settings(max_examples=120)
@given(raised_calls(), st.sampled_from([1, 3]))
def test_against_the_reference(call, threads):
    x, w, p = call
    grain = core.set_grain(1)
    try:
        with np.errstate(all="ignore"):
            want = reference.morphological_pool(x, w, **p)
        got = cypool.morphological_pool(x, w, **p, num_threads=threads)
        same(got, want)
        same(cypool.morphological_pool(x.T.copy().T, w[..., ::-1].copy()[..., ::-1], **p, out=np.empty_like(got)), want)
        gradient = np.random.default_rng(0).standard_normal(got.shape).astype(x.dtype)
        with np.errstate(all="ignore"):
            to_x, to_w = reference.morphological_pool(x, w, **p, grad_output=gradient)
        results = cypool.morphological_pool_backward(gradient, x, w, **p, num_threads=threads)
        eps = EPS[x.dtype.name]
        for back, expected in zip(results, (to_x, to_w), strict=True):
            assert back.dtype == gradient.dtype and back.shape == expected.shape
            assert_allclose(back.astype(float), expected.astype(float), rtol=eps, atol=eps * 300)
        out = tuple(np.empty_like(result) for result in results)
        again = cypool.morphological_pool_backward(gradient, x, w, **p, num_threads=1, out=out)
        for back, other in zip(again, results, strict=True):
            same(back, other)
    finally:
        core.set_grain(grain)


@pytest.mark.parametrize("op", ["max", "min"])
def test_a_flat_element_is_maximum_and_minimum(op):
    x = np.random.default_rng(1).standard_normal((2, 3, 40, 300)).astype(np.float32)
    pool = cypool.max_pool2d if op == "max" else cypool.min_pool2d
    flat = np.zeros((3, 3), np.float32)
    assert_array_equal(cypool.morphological_pool2d(x, flat, 1, 1, op=op), pool(x, 3, 1, 1))
    cross = np.where(np.add.outer([1, 0, 1], [1, 0, 1]) < 2, 0, -INF)
    rows, columns = pool(x, (1, 3), 1, (0, 1)), pool(x, (3, 1), 1, (1, 0))
    both = np.maximum(rows, columns) if op == "max" else np.minimum(rows, columns)
    assert_array_equal(cypool.morphological_pool2d(x, cross, 1, 1, op=op), both)
    last = np.moveaxis(x, 1, -1).copy()
    element = np.random.default_rng(2).standard_normal((3, 2, 3))
    want = cypool.morphological_pool2d(x, element, 1, op=op)
    got = cypool.morphological_pool2d(last, element, 1, op=op, data_format="channels_last")
    assert_array_equal(np.moveaxis(got, -1, 1), want)
    dual = -cypool.morphological_pool2d(-x, element, 1, op="min" if op == "max" else "max")
    assert_array_equal(dual, want)


@pytest.mark.parametrize("element", [(), (37,)])
def test_layouts_have_the_same_gradients(element):
    rng = np.random.default_rng(4)
    x = np.round(rng.standard_normal((2, 37, 9, 70)) * 2).astype(np.float32)
    x[rng.random(x.shape) < 0.01] = NAN
    w = np.round(rng.standard_normal((*element, 2, 3)))
    w[rng.random(w.shape) < 0.2] = -INF
    p = {"padding": 1, "stride": (1, 2), "nan": "ignore"}
    g = rng.standard_normal(cypool.morphological_pool2d(x, w, **p).shape)
    want = cypool.morphological_pool2d_backward(g, x, w, **p)
    last = np.moveaxis(np.moveaxis(x, 1, -1).copy(), -1, 1)
    for got, expected in zip(cypool.morphological_pool2d_backward(g, last, w, **p), want, strict=True):
        assert_array_equal(got, expected)


@pytest.mark.parametrize("op", ["max", "min"])
def test_gradients_by_central_differences(op):
    rng = np.random.default_rng(3)
    x, w = rng.standard_normal((2, 3, 5, 6)), rng.standard_normal((3, 2, 3))
    p = {"stride": 1, "padding": 1, "op": op}
    y = cypool.morphological_pool2d(x, w, **p)
    g = rng.standard_normal(y.shape)
    for back, array in zip(cypool.morphological_pool2d_backward(g, x, w, **p), (x, w), strict=True):
        want = np.zeros_like(array)
        for i in np.ndindex(array.shape):
            kept, ends = array[i], []
            for step in (1e-6, -1e-6):
                array[i] = kept + step
                ends.append((cypool.morphological_pool2d(x, w, **p) * g).sum())
            array[i] = kept
            want[i] = (ends[0] - ends[1]) / 2e-6
        assert_allclose(back, want, atol=1e-6)


def test_empty_arrays():
    w = np.zeros((2, 2))
    assert cypool.morphological_pool2d(np.zeros((0, 3, 4, 4)), w).shape == (0, 3, 2, 2)
    to_x, to_w = cypool.morphological_pool2d_backward(np.zeros((0, 3, 2, 2)), np.zeros((0, 3, 4, 4)), w)
    assert to_x.shape == (0, 3, 4, 4) and not to_w.any()
    assert_array_equal(cypool.morphological_pool(np.ones(1), np.zeros(1), padding=1), [-INF, 1, -INF])
    assert_array_equal(cypool.morphological_pool(np.ones(1), np.zeros(1), padding=1, op="min"), [INF, 1, INF])


@pytest.mark.parametrize(
    ("error", "says", "w", "p"),
    [
        (TypeError, "w must be floating", np.zeros((2, 2), int), {}),
        (ValueError, "w must be finite, or -inf", np.full((2, 2), NAN), {}),
        (ValueError, "w must be finite, or -inf", np.full((2, 2), INF), {}),
        (ValueError, "w must have at least one tap", np.zeros((0, 2)), {}),
        (ValueError, "w must have an axis for each of 2", np.zeros(2), {"axes": (0, 1)}),
        (ValueError, "w must have the window's axes last", np.zeros((5, 2, 2)), {"axes": (1, 2)}),
        (ValueError, "op must be one of", np.zeros((2, 2)), {"op": "sum"}),
        (ValueError, "out must have the result's shape", np.zeros((2, 2)), {"out": np.zeros(3)}),
    ],
)
def test_bad_input(error, says, w, p):
    with pytest.raises(error, match=says):
        cypool.morphological_pool(np.zeros((3, 4, 4)), w, **p)
