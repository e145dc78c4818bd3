"""Calls of averages by importance, for hypothesis, and how far results may lie from the reference's."""

import math

import dtypes
import ml_dtypes
import numpy as np
import shapes
from dtypes import FLOATS
from hypothesis import strategies as st

INF, NAN = math.inf, math.nan


@st.composite
def calls(draw):
    """(name, x, logits, positional parameters, parameters) of an any-axes form."""
    name, positional, p, shape, _, rng = shapes.forms(draw, "lip")
    x = rng.standard_normal(shape) * 2.0 ** draw(st.sampled_from([0, 2, -20, 12]))
    part = tuple(1 if draw(st.integers(0, 3)) == 0 else n for n in shape)[draw(st.sampled_from([0, 0, 1])) :]
    logits = rng.standard_normal(part) * draw(st.sampled_from([0, 1, 10, 400, 2e4]))
    for cells, values in ((x, [NAN]), (logits, [NAN, INF, -INF, -INF])):
        if draw(st.integers(0, 4)) == 0:
            cells[rng.random(cells.shape) < 0.2] = draw(st.sampled_from(values))
    dtype = draw(st.sampled_from(["e", "f", "d", "i", np.dtype(ml_dtypes.bfloat16)]))
    return name, x, dtypes.converted(logits, np.dtype(dtype), INF), positional, p


def converted(x, dtype):
    return dtypes.converted(x, dtype, float(ml_dtypes.finfo(dtype).max) / 16 if dtype in FLOATS else 0)


def sizes(x, logits):
    """How large cells are, and how wrong an exponential may be: of a difference of 350 at most, or of a window's own."""
    size = float(np.nan_to_num(np.abs(x.astype(float)), posinf=0).max(initial=0))
    finite = np.abs(logits.astype(float))
    return size, 2.0**-52 * 4 * (400 + finite[np.isfinite(finite)].max(initial=0))
