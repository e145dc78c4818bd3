"""Calls of stochastic pooling, for hypothesis."""

import math

import numpy as np
import shapes
import ways
from dtypes import DTYPES, converted
from hypothesis import strategies as st

INF, NAN = math.inf, math.nan
KINDS = ("{}_pool", "{}_pool", "{}_pool", "adaptive_{}_pool", "global_{}_pool")


@st.composite
def calls(draw):
    """(name, x, positional parameters, parameters) of an any-axes form."""
    name, positional, p, shape, _, rng = shapes.forms(draw, "stochastic", KINDS)
    x = rng.standard_normal(shape) * 2.0 ** draw(st.sampled_from([0, 4, -20, 12]))
    x = [x, np.maximum(x, 0), -np.abs(x), np.abs(x) * 2.0 ** rng.integers(-9, 9, shape)][draw(st.integers(0, 3))]
    if draw(st.integers(0, 3)) == 0:
        x[rng.random(shape) < 0.2] = rng.choice([NAN, INF, -INF, 0.0])
    dtype = draw(st.sampled_from(DTYPES))
    x = converted(x, dtype, INF)
    if dtype.kind == "b":
        p.pop("empty", None)
    if draw(st.integers(0, 2)) == 0:  # other orders of memory
        x = np.asfortranarray(x) if draw(st.booleans()) else ways.strided(x)
    if draw(st.integers(0, 4)) == 0 and dtype.name != "bfloat16":
        x = x.astype(dtype.newbyteorder(">"))
    return name, x, positional, p


def whole(p, dtype):
    """`empty` as an integer where the result is one."""
    return {**p, "empty": int(p["empty"])} if "empty" in p and dtype.kind in "iu" else p
