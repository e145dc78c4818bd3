"""Random calls of spatial pyramid pooling, and how near results come to the reference."""

import numpy as np
from drawing import BFLOAT16
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

OPS = ("max", "min", "mean", "sum")
FLOATS = [np.dtype(d) for d in "efd"] + [BFLOAT16]
DTYPES = [np.dtype(d) for d in "? b B h H i I q Q".split()] + FLOATS
EPS = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-21, "float64": 2.0**-44}


@st.composite
def calls(draw):
    op = draw(st.sampled_from(OPS))
    dtype = draw(st.sampled_from(DTYPES if op != "mean" else DTYPES[1:]))
    rank, batched = draw(st.integers(1, 3)), draw(st.booleans())
    shape = [*([draw(st.integers(0, 3))] if batched else []), draw(st.integers(1, 3))]
    spatial = [draw(st.integers(1, 6)) for _ in range(rank)]
    levels = draw(st.lists(st.tuples(*[st.integers(1, 4)] * rank), min_size=1, max_size=3))
    p = {"data_format": draw(st.sampled_from(["channels_first", "channels_last"]))}
    shape = shape + spatial if p["data_format"] == "channels_first" else [*shape[:-1], *spatial, shape[-1]]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.integers(-9, 10, shape)
    x = (x > 0 if dtype == np.bool_ else np.abs(x) if dtype.kind == "u" else x).astype(dtype)
    if dtype in FLOATS and draw(st.booleans()):
        x[rng.random(x.shape) < 0.1] = np.nan
        p["nan"] = draw(st.sampled_from(["propagate", "ignore"]))
    if draw(st.booleans()):
        p["mask"] = rng.random(x.shape) < 0.7
    if draw(st.booleans()) and op != "mean":
        p["empty"] = 0
    if op == "mean":
        p["rounding"] = draw(st.sampled_from(["trunc", "floor", "nearest", "half_up"]))
    return op, x, levels, p


def near(got, want):
    assert got.dtype == want.dtype and got.shape == want.shape
    if got.dtype.kind in "iub":
        assert_array_equal(got, want)
    else:
        eps = EPS[got.dtype.name]
        assert_allclose(got.astype(float), want.astype(float), rtol=8 * eps, atol=64 * eps)
