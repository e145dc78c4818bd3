"""Norms, smooth maxima, averages by importance, ranges and deviations on a device: against the slow references, as on the host.

Calls are drawn as those of the host's tests, and held to what these hold the host to.
"""

import cuda_on_host
import float32
import importance_calls
import ml_dtypes
import norm_calls
import numpy as np
import shapes
import soft_calls
import spread_calls
import weighed_cases
from cuda_public import both
from cuda_public import run as call
from dtypes import ROUNDING, converted
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from cypool import reference_importance, reference_powers, reference_soft, reference_spread

FLOATS = ("float16", "bfloat16", "float32", "float64")
WHOLE = ("bool", "int8", "uint64")
SMOOTH = ("norm", "lse", "soft", "gem")
LOGITS = ("Half", "float", "double", "int")
DTYPES = [np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name) for name in (*WHOLE, *FLOATS)]
REAL = [dtype for dtype in DTYPES if dtype.name in FLOATS]
GRADIENTS = [np.dtype(np.float32), np.dtype(np.float64)]
HALF = settings(max_examples=settings().max_examples // 2)  # kernels without optimisation

KERNELS = [
    *weighed_cases.weighed((*SMOOTH, "std"), (*WHOLE, *FLOATS)),
    *weighed_cases.weighed((*SMOOTH, "std"), FLOATS, ("float", "double")),
    *weighed_cases.weighed(("lip",), ("int8", "float32", "float64"), ("float", "double"), LOGITS),
    *weighed_cases.weighted_norms(FLOATS, ("float", "double")),
    *weighed_cases.bends(("float64",), ("double",)),
    *weighed_cases.ranges((*WHOLE, *FLOATS), ("Half", "Bfloat16", "float", "double")),
    *weighed_cases.numbers(FLOATS),
    *(name for name in cuda_on_host.masked_kernels(FLOATS, ("int",)) if "select" in name),
    *(name for name in cuda_on_host.kernels(FLOATS, ("int",)) if "_s" in name or "gather" in name),
]

host = cuda_on_host.host_fixture(list(dict.fromkeys(KERNELS)))


@HALF
@given(drawn=norm_calls.calls(), dtype=st.sampled_from(DTYPES), real=st.sampled_from(GRADIENTS))
def test_norms(device, drawn, dtype, real):
    name, x, positional, p = drawn
    x = converted(x, dtype)
    if dtype.name not in FLOATS:
        p = {key: value for key, value in p.items() if key != "weights"}
    with np.errstate(all="ignore"):
        want = getattr(reference_powers, name)(x, *positional, **p)
        size = np.abs(x.astype(np.float64))
        got = call(device, name, x, *positional, **p)
    norm = positional[0] if "lp" in name else 2
    scale = size[np.isfinite(size)].sum() if p.get("signed") and norm == 1 else 0.0
    single = 0.0
    if float32.applies(dtype) and not np.isinf(norm):
        single = float32.forward("norm", want.astype(float), 0, 1, norm_calls.SIDES)
    norm_calls.close(got, want, want.dtype, scale, single=single)
    if dtype.name not in FLOATS:
        return
    x = converted(np.where(np.isinf(x.astype(float)), x.dtype.type(1), x), dtype)
    if p.get("signed") and norm == 1:
        x = np.abs(x)
    if norm < 1:
        x = np.where(x == 0, dtype.type(1), x)
    gradient = np.random.default_rng(1).standard_normal(want.shape).astype(real)
    got, want = both(device, reference_powers, name + "_backward", gradient, x, *positional, **p)
    norm_calls.gradients_close(got, want, x, p, norm, gradient)


@settings(max_examples=settings().max_examples // 3)
@given(drawn=norm_calls.calls())
def test_second_derivatives_of_norms(device, drawn):
    name, _, positional, p = drawn
    x = norm_calls.of_one_size(*drawn)
    gradient, outer, want, scale = norm_calls.second_derivatives(name, x, positional, p)
    with np.errstate(all="ignore"):
        got = call(device, name + "_double_backward", outer, gradient, x, *positional, **p)
    for one, other in zip(got, want, strict=True):
        norm_calls.close(one, other, np.dtype("d"), scale, loose=16)


@HALF
@given(drawn=soft_calls.calls(), dtype=st.sampled_from(DTYPES), real=st.sampled_from(GRADIENTS))
def test_smooth_maxima(device, drawn, dtype, real):
    op, name, x, positional, p = drawn
    x = soft_calls.converted(x, dtype)
    got, want = both(device, reference_soft, name, x, *positional, **p)
    shapes.close(got, want, want.dtype, soft_calls.room_forward(op, x, p, dtype, want))
    if dtype.name not in FLOATS:
        return
    gradient = np.random.default_rng(1).standard_normal(want.shape).astype(real)
    got, want = both(device, reference_soft, name + "_backward", gradient, x, *positional, **p)
    to_x, to_exponent = soft_calls.room_backward(op, x, p, dtype, gradient)
    shapes.close(got[0], want[0], real, to_x)
    assert np.shape(got[1]) == np.shape(p[soft_calls.EXPONENT[op]])
    shapes.close(got[1], want[1], np.dtype("d"), to_exponent)


@HALF
@given(
    drawn=importance_calls.calls(),
    dtype=st.sampled_from(["int8", "float32", "float64"]),
    real=st.sampled_from(GRADIENTS),
)
def test_importance_of_cells(device, drawn, dtype, real):
    name, x, logits, positional, p = drawn
    logits = logits.astype(np.float32) if logits.dtype.name == "bfloat16" else logits
    x = importance_calls.converted(x, np.dtype(dtype))
    got, want = both(device, reference_importance, name, x, logits, *positional, **p)
    size, error = importance_calls.sizes(x, logits)
    if float32.applies(x.dtype, logits.dtype):
        error += float32.forward("lip", None, 1, 1, 64)
    shapes.close(got, want, want.dtype, size * error)
    if dtype not in FLOATS:
        return
    gradient = np.random.default_rng(1).standard_normal(want.shape).astype(real)
    got, want = both(device, reference_importance, name + "_backward", gradient, x, logits, *positional, **p)
    size, error = importance_calls.sizes(x, logits)
    total = float(np.abs(gradient).sum(dtype=float))
    if float32.applies(x.dtype, logits.dtype, real):
        error += float32.backward("lip", 1, size, 1, 64)
    shapes.close(got[0], want[0], real, 4 * total * error)
    shapes.close(got[1], want[1], real, 16 * total * size * error)


@HALF
@given(drawn=spread_calls.calls("range"), dtype=st.sampled_from(DTYPES), real=st.sampled_from(REAL))
def test_ranges(device, drawn, dtype, real):
    name, x, positional, p = drawn
    x = spread_calls.converted(x, dtype)
    if "empty" in p:
        p["empty"] = 1 if dtype.name in FLOATS else True
    got, want = both(device, reference_spread, name, x, *positional, **p)
    assert got.dtype == want.dtype
    assert_array_equal(got.astype(float), want.astype(float))
    gradient = np.random.default_rng(1).integers(-8, 9, want.shape).astype(real)
    got = call(device, name + "_backward", gradient, x, *positional, **p)
    want = getattr(reference_spread, name + "_backward")(gradient, x, *positional, **p)
    assert got.dtype == real
    assert_array_equal(got.astype(float), want.astype(float))


@HALF
@given(drawn=spread_calls.calls("std"), dtype=st.sampled_from(DTYPES), real=st.sampled_from(GRADIENTS))
def test_deviations(device, drawn, dtype, real):
    name, x, positional, p = drawn
    x = spread_calls.converted(x, dtype)
    got, want = both(device, reference_spread, name, x, *positional, **p)
    assert got.dtype == want.dtype
    eps = ROUNDING.get(dtype.name, 2.0**-53)
    tiny = float(ml_dtypes.finfo(dtype if dtype.name in FLOATS else np.float64).smallest_subnormal)
    assert_allclose(got.astype(float), want.astype(float), rtol=2 * eps + 2.0**-26, atol=2 * tiny)
    assert_array_equal(got[want == 0].astype(float), 0)
    if dtype.name not in FLOATS:
        return
    gradient = np.random.default_rng(1).standard_normal(want.shape).astype(real)
    got, want = both(device, reference_spread, name + "_backward", gradient, x, *positional, **p)
    total = float(np.abs(gradient).sum(dtype=float))
    assert got.dtype == real
    assert_allclose(got, want, rtol=2 * ROUNDING[real.name], atol=total * 2.0**-24)
