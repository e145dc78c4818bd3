"""Calls of ranges and standard deviations, for hypothesis."""

import math

import dtypes
import ml_dtypes
import numpy as np
import shapes
from dtypes import FLOATS
from hypothesis import strategies as st

INF, NAN = math.inf, math.nan


@st.composite
def calls(draw, op):
    """(name, x, positional parameters, parameters) of an any-axes form."""
    name, positional, p, shape, _, rng = shapes.forms(draw, op)
    x = rng.standard_normal(shape)
    if draw(st.booleans()):
        x = np.round(2 * x) / 2  # ties and windows of equal cells
    x *= 2.0 ** draw(st.sampled_from([0, 2, -20, 12, 60, -700, 900]))
    far = draw(st.sampled_from([0, 0, 1, 1e3, 1e6, 1e12]))
    x += far * 2.0 ** draw(st.sampled_from([0, 2, 12]))  # cells that lie close together, far from 0
    if draw(st.integers(0, 2)) == 0:
        x[rng.random(shape) < 0.2] *= -3e4  # windows that differ much in size
    if draw(st.integers(0, 4)) == 0:
        x[rng.random(shape) < 0.1] = NAN
    if op == "std":
        p["ddof"] = draw(st.sampled_from([0, 0, 1, 3]))
    return name, x, positional, p


def converted(x, dtype):
    return dtypes.converted(x, dtype, float(ml_dtypes.finfo(dtype).max) / 4 if dtype in FLOATS else 0)
