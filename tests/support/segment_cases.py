"""Calls of segment pooling, and how near results must be."""

import dtypes
import numpy as np
from dtypes import DTYPES, FLOATS, cast, tolerances
from hypothesis import strategies as st

from cypool.segments import OPS, WEIGHED

INF, NAN = float("inf"), float("nan")
EPS = tolerances(21, 44)


@st.composite
def calls(draw, only=None):
    """A segment operation, x, lengths and options; of these dtypes."""
    op = draw(st.sampled_from(OPS))
    lengths = draw(st.lists(st.integers(0, 5), max_size=7))
    all_of_them = DTYPES if only is None else [np.dtype(d) for d in only]
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
    x = cast(x, dtype)
    if draw(st.booleans()):
        p["mask"] = rng.random(shape) < 0.6
    if dtype in FLOATS and op in WEIGHED and draw(st.booleans()):
        p["weights"] = rng.random(shape) + 0.1
    return op, x, lengths, p


def near(got, want, size=0.0):
    dtypes.near(got, want, EPS, 1 + size)
