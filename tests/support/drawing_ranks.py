"""Random calls of rank operators and of morphological pooling, and what agreeing with their reference means."""

import math

import numpy as np
from dtypes import BFLOAT16, FLOATS, INTEGERS, cast, tolerances
from hypothesis import strategies as st
from shapes import per_axis, windows

from cypool import ranks
from cypool import reference_ranks as reference

INF, NAN = math.inf, math.nan
EPS = tolerances(22, 48)


@st.composite
def rank_calls(draw):
    """(operator, x, kernel_size, parameters) of an any-axes form."""
    op = draw(st.sampled_from(list(reference.ORDER)))
    rank = draw(st.integers(1, 3))
    lead = draw(st.sampled_from([2, 3, 9]))
    shape, axes = (lead, *(draw(st.integers(1, 7)) for _ in range(rank))), tuple(range(1, rank + 1))
    if draw(st.booleans()):  # channels last, or pooled axes that are not the last
        shape, axes = (*shape[1:], lead), tuple(range(rank))
    kernel_size = per_axis(draw, rank, st.integers(1, 4 if rank < 3 else 2))
    p = {"axes": axes}
    windows(draw, p, [shape[a] for a in axes], kernel_size)
    dtype = draw(st.sampled_from(INTEGERS if op == "mode" else INTEGERS + 2 * FLOATS))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.standard_normal(shape) * 4
    if draw(st.booleans()):
        x = np.round(x)  # ties
    if dtype in FLOATS and draw(st.integers(0, 3)) == 0:
        x[rng.random(shape) < 0.2] = draw(st.sampled_from([INF, -INF, 0.0, -0.0]))
    if dtype in FLOATS and draw(st.integers(0, 3)) == 0:
        x[rng.random(shape) < 0.15] = NAN
    x = cast(x, dtype)
    if dtype in INTEGERS[1:] and draw(st.integers(0, 3)) == 0:
        x = rng.choice(np.array([np.iinfo(dtype).min, np.iinfo(dtype).max, 1], dtype), shape)
    if op != "mode":
        p["nan"] = draw(st.sampled_from(["propagate", "ignore"]))
        if draw(st.integers(0, 3)) == 0:
            p["mask"] = rng.random(shape) < draw(st.sampled_from([0.2, 0.7]))
    p["empty"] = draw(st.sampled_from([None, None, 1]))
    if op == "quantile":
        p["q"] = draw(st.sampled_from([0, 1, 0.5, 0.25, 0.9, 1 / 3]))
        p["method"] = draw(st.sampled_from(ranks.METHODS))
    if op == "topk":
        p["k"] = draw(st.integers(1, math.prod(kernel_size)))
    if op == "mode":
        p["background"] = draw(st.sampled_from([None, False, True] if dtype == np.bool_ else [None, 0, 1]))
    return op, x, kernel_size, p


@st.composite
def raised_calls(draw):
    """(x, w, parameters) of the any-axes form."""
    rank = draw(st.integers(1, 3))
    channels = draw(st.sampled_from([3, 3, 9]))  # from 8 on these may go side by side
    shape, axes = (2, channels, *(draw(st.integers(1, 6)) for _ in range(rank))), tuple(range(2, rank + 2))
    if draw(st.booleans()):
        shape, axes = (shape[0], *shape[2:], channels), tuple(range(1, rank + 1))
    window = per_axis(draw, rank, st.integers(1, 3))
    p = {
        "axes": axes,
        "op": draw(st.sampled_from(["max", "min"])),
        "nan": draw(st.sampled_from(["propagate", "ignore"])),
    }
    p["stride"] = draw(st.sampled_from([None, per_axis(draw, rank, st.integers(1, 3))]))
    p["dilation"] = per_axis(draw, rank, st.integers(1, 2))
    p["padding"] = draw(st.sampled_from([0, 1, "same", ((1, 2),) * rank, ((5, 6),) * rank]))
    reach = max(d * (k - 1) + 1 - shape[a] for d, k, a in zip(p["dilation"], window, axes, strict=True))
    if reach > {0: 0, 1: 2}.get(p["padding"], 2):
        p["padding"] = "same"
    p["ceil_mode"] = draw(st.sampled_from([False, True, "keep"]))
    p["boundary"] = draw(st.sampled_from(["constant", "constant", "edge", "reflect", "wrap"]))
    p["empty"] = draw(st.sampled_from([None, None, 1]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.standard_normal(shape) * 3
    w = rng.standard_normal((*draw(st.sampled_from([(), (channels,), (1,), (2, 1)])), *window))
    if draw(st.booleans()):
        x, w = np.round(x), np.round(w)  # ties
    if draw(st.integers(0, 3)) == 0:
        x[rng.random(shape) < 0.15] = draw(st.sampled_from([NAN, INF, -INF]))
    if draw(st.integers(0, 3)) == 0:
        w[rng.random(w.shape) < 0.4] = -INF
    dtype = draw(st.sampled_from([np.dtype("e"), np.dtype("f"), np.dtype("d"), BFLOAT16]))
    return x.astype(dtype), w.astype(draw(st.sampled_from([dtype, np.dtype("f")]))), p
