"""Random calls of spatial pyramid pooling, and how near results come to the reference."""

import functools

import dtypes
import numpy as np
from dtypes import DTYPES, FLOATS, cast, tolerances
from hypothesis import strategies as st

OPS = ("max", "min", "mean", "sum")
near = functools.partial(dtypes.near, eps=tolerances(21, 44, times=8), size=8)


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
    x = cast(x, dtype)
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
