"""Calls of segment pooling, and how near results must be."""

import ml_dtypes
import numpy as np
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from cypool.segments import OPS, WEIGHED

INF, NAN = float("inf"), float("nan")
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
FLOATS = [np.dtype(d) for d in "efd"] + [BFLOAT16]
DTYPES = [np.dtype(d) for d in "? b B h H i I q Q".split()] + FLOATS
EPS = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-21, "float64": 2.0**-44}


@st.composite
def calls(draw, dtypes=None):
    """A segment operation, x, lengths and options; of these dtypes."""
    op = draw(st.sampled_from(OPS))
    lengths = draw(st.lists(st.integers(0, 5), max_size=7))
    all_of_them = DTYPES if dtypes is None else [np.dtype(d) for d in dtypes]
    dtype = draw(st.sampled_from([d for d in all_of_them if op != "mean" or d != np.bool_]))
    ndim = draw(st.integers(1, 3))
    axis = draw(st.integers(-ndim, ndim - 1))
    shape = [draw(st.integers(1, 4)) for _ in range(ndim)]
    shape[axis] = sum(lengths)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.standard_normal(shape) * 4
    p = {"axis": axis}
    if dtype in FLOATS and op != "lse" and draw(st.booleans()):
        x[rng.random(shape) < 0.1] = NAN
        p["nan"] = draw(st.sampled_from(["propagate", "ignore"]))
    if dtype in FLOATS and op == "lse" and draw(st.booleans()):
        x[rng.random(shape) < 0.3] = -INF
    x = (x > 0 if dtype == np.bool_ else np.abs(x) if dtype.kind == "u" else x).astype(dtype)
    if draw(st.booleans()):
        p["mask"] = rng.random(shape) < 0.6
    if dtype in FLOATS and op in WEIGHED and draw(st.booleans()):
        p["weights"] = rng.random(shape) + 0.1
    return op, x, lengths, p


def near(got, want, size=0.0):
    assert got.dtype == want.dtype and got.shape == want.shape
    if got.dtype.kind in "iub":
        assert_array_equal(got, want)
        return
    eps = EPS[got.dtype.name]
    assert_allclose(got.astype(float), want.astype(float), rtol=eps, atol=eps * (1 + size))
