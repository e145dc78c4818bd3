"""Random calls of blur pooling, and how near results come to the reference."""

import math

import numpy as np
from dtypes import BFLOAT16, tolerances
from hypothesis import strategies as st
from shapes import per_axis

NAN = math.nan
FLOATS = [np.dtype("e"), BFLOAT16, np.dtype("f"), np.dtype("d")]
EPS = tolerances(21, 48)
FILTERS = [(1,), (1, 2, 1), (0.5, 0.25, 0.25), (0.1, 0.2, 0.3, 0.4), (2, -1, 0.5)]


@st.composite
def calls(draw):
    """(x, parameters) of the any-axes form."""
    rank = draw(st.sampled_from([1, 1, 2, 2, 2, 3]))
    shape, axes = (2, 2, *(draw(st.integers(1, (19, 9, 5)[rank - 1])) for _ in range(rank))), tuple(range(2, rank + 2))
    if draw(st.booleans()):
        shape, axes = (shape[0], *shape[2:], draw(st.sampled_from([2, 9]))), tuple(range(1, rank + 1))
    p = {"axes": axes, "kernel_size": per_axis(draw, rank, st.integers(1, 5))}
    sizes = p["kernel_size"]
    if draw(st.integers(0, 2)) == 0:
        del p["kernel_size"]
        p["filter"] = draw(st.sampled_from([FILTERS[1], per_axis(draw, rank, st.sampled_from(FILTERS))]))
        sizes = [len(one) for one in p["filter"]] if isinstance(p["filter"][0], tuple) else [3] * rank
    p["stride"] = per_axis(draw, rank, st.integers(1, 4))
    p["dilation"] = draw(st.sampled_from([1, 1, 2]))
    p["padding"] = draw(st.sampled_from([None, None, None, 1, "same", ((1, 2),) * rank, ((6, 7),) * rank]))
    p["max_size"] = draw(st.sampled_from([1, 1, 2, per_axis(draw, rank, st.integers(1, 3))]))
    most = p["max_size"] if isinstance(p["max_size"], tuple) else (p["max_size"],) * rank
    if any(m > shape[a] for m, a in zip(most, axes, strict=True)):
        p["max_size"], most = 1, (1,) * rank
    room = {1: 2}.get(p["padding"], 3) if p["padding"] is not None else 99
    if any(p["dilation"] * (k - 1) + 1 > shape[a] - m + 1 + room for k, a, m in zip(sizes, axes, most, strict=True)):
        p["padding"] = "same"
    p["ceil_mode"] = draw(st.sampled_from([False, True, "keep"]))
    p["boundary"] = draw(st.sampled_from(["reflect", "reflect", "constant", "edge", "wrap"]))
    p["count_include_pad"] = draw(st.booleans())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.standard_normal(shape) * 3
    if draw(st.booleans()):
        x = np.round(x)  # ties
    if draw(st.integers(0, 4)) == 0:
        x[rng.random(shape) < 0.1] = NAN
        p["nan"] = draw(st.sampled_from(["propagate", "ignore"]))
    if draw(st.integers(0, 4)) == 0:
        p["mask"] = rng.random(draw(st.sampled_from([shape, shape[-1:]]))) < 0.7
    if draw(st.integers(0, 4)) == 0:
        p["empty"] = 2.0
    return x, p
