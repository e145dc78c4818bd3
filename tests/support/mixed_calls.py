"""Random calls of mixed and gated pooling, and how near results come to the reference."""

import math

import numpy as np
import shapes
from dtypes import BFLOAT16, tolerances
from hypothesis import strategies as st

from cypool import reference_filters as reference

NAN = math.nan
FLOATS = [np.dtype("e"), BFLOAT16, np.dtype("f"), np.dtype("d")]
DTYPES = [np.dtype(d) for d in "? b B i q".split()] + FLOATS
EPS = tolerances(21, 49)


@st.composite
def mixtures(draw):
    """(name, x, positional parameters, parameters) of an any-axes form."""
    name, positional, p, shape, axes, rng = shapes.forms(draw, "mixed")
    x = rng.standard_normal(shape) * 3
    if draw(st.booleans()):
        x = np.round(x)  # ties
    if draw(st.integers(0, 4)) == 0:
        x[rng.random(shape) < 0.1] = NAN
    which = draw(st.integers(0, 4))
    if which == 1:
        p["alpha"] = draw(st.sampled_from([0, 1, 0.25, 1.5, -1.0]))
    elif which > 1:
        keeps = p.get("keepdims", True)
        result = tuple(1 if keeps else 0 for _ in axes)
        size = [n for a, n in enumerate(shape) if a not in axes or keeps]
        size = [1 if keeps and a in axes else n for a, n in enumerate(size)]
        if which == 4 and len(result):
            size = getattr(reference, name)(np.zeros(shape), *positional, **p).shape
        p["alpha"] = rng.random(size) if draw(st.booleans()) else rng.integers(0, 2, size)
    return name, x, positional, p


@st.composite
def gates(draw):
    """(x, w, parameters) of the any-axes form."""
    rank = draw(st.integers(1, 3))
    shape, axes = (2, 3, *(draw(st.integers(2, (17, 5, 3)[rank - 1])) for _ in range(rank))), tuple(range(2, rank + 2))
    if draw(st.booleans()):
        shape, axes = (shape[0], *shape[2:], 3), tuple(range(1, rank + 1))
    window = tuple(draw(st.integers(1, min((4, 3, 2)[rank - 1], shape[a] + 1))) for a in axes)
    p = {"axes": axes, "stride": draw(st.sampled_from([None, 1, tuple(draw(st.integers(1, 3)) for _ in axes)]))}
    p["padding"] = draw(st.sampled_from([1, "same", ((1, 2),) * rank, ((4, 5),) * rank]))
    p["ceil_mode"] = draw(st.sampled_from([False, True, "keep"]))
    p["boundary"] = draw(st.sampled_from(["constant", "constant", "reflect", "edge", "wrap"]))
    p["dilation"] = draw(st.sampled_from([1, 1, 2])) if p["padding"] == "same" else 1
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.standard_normal(shape)
    w = rng.standard_normal((*draw(st.sampled_from([(), (3,) if axes[0] == 2 else (2, 1), (1,), (2, 3)])), *window))
    p["bias"] = draw(st.sampled_from([None, None, 0.5, rng.standard_normal((2, 3)), rng.standard_normal(3)]))
    if draw(st.integers(0, 3)) == 0:
        p["mask"] = rng.random(shape) < 0.7
    if draw(st.integers(0, 4)) == 0:
        x[rng.random(shape) < 0.2] = NAN
        p["nan"] = "ignore"
    if draw(st.integers(0, 4)) == 0:
        p["empty"] = 2.0
    return x, w, p
