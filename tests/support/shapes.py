"""Calls of any form with odd geometries, masks and layouts, for hypothesis."""

import ml_dtypes
import numpy as np
from dtypes import ROUNDING
from hypothesis import strategies as st


def per_axis(draw, rank, values):
    return tuple(draw(values) for _ in range(rank))


def windows(draw, p, extents, kernel_size):
    """Add to a call's parameters where its windows lie, with paddings of all kinds; at least one window fits."""
    rank = len(extents)
    p["stride"] = per_axis(draw, rank, st.integers(1, 3))
    p["dilation"] = per_axis(draw, rank, st.integers(1, 2))
    p["padding"] = draw(st.sampled_from([0, 2, "same", "same_lower", ((1, 3),) * rank, ((6, 7),) * rank]))
    reach = max(d * (k - 1) + 1 - n for d, k, n in zip(p["dilation"], kernel_size, extents, strict=True))
    if reach > {0: 0, 2: 4}.get(p["padding"], 3):
        p["padding"] = "same"
    p["ceil_mode"] = draw(st.sampled_from([False, True, "keep"]))
    p["boundary"] = draw(st.sampled_from(["constant", "constant", "edge", "reflect", "wrap"]))


def forms(draw, op, kinds=("{}_pool", "{}_pool", "{}_pool", "adaptive_{}_pool", "global_{}_pool")):
    """(name, positional parameters, parameters, x's shape, pooled axes, random numbers)."""
    form, rank = draw(st.sampled_from(kinds)), draw(st.integers(1, 2))

    def each(values):
        return per_axis(draw, rank, values)

    shape, axes = (2, *each(st.integers(1, 6))), tuple(range(1, rank + 1))
    if draw(st.booleans()):  # channels last, or pooled axes that are not the last
        shape, axes = (*shape[1:], shape[0]), tuple(range(rank))
    p, positional = {"axes": axes, "nan": draw(st.sampled_from(["propagate", "propagate", "ignore"]))}, []
    if form == "{}_pool":
        extents = [shape[a] for a in axes]
        positional.append(tuple(min(k, n + 2) for k, n in zip(each(st.integers(1, 4)), extents, strict=True)))
        p["stride"], p["padding"] = each(st.integers(1, 3)), draw(st.sampled_from([1, "same", ((1, 3),) * rank, 5]))
        if p["padding"] == "same":
            p["dilation"] = each(st.integers(1, 2))
        p["ceil_mode"] = draw(st.sampled_from([False, True, "keep"]))
        p["boundary"] = draw(st.sampled_from(["constant", "constant", "edge", "reflect", "wrap"]))
    elif form == "adaptive_{}_pool":
        positional.append(each(st.integers(0, 7)))
    else:
        p["keepdims"] = draw(st.booleans())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if draw(st.integers(0, 3)) == 0:
        p["mask"] = rng.random(draw(st.sampled_from([shape, shape[-1:]]))) < 0.7
    if draw(st.integers(0, 4)) == 0:
        p["empty"] = 2.0
    return form.format(op), positional, p, shape, axes, rng


def close(got, want, dtype, scale):
    """Within two units in the last place of the dtype, and `scale` times what float64 arithmetic leaves."""
    assert got.shape == want.shape and got.dtype == want.dtype
    got, want = got.astype(np.float64), want.astype(np.float64)
    with np.errstate(all="ignore"):
        room = 2 * ROUNDING[dtype.name] * np.abs(want) + scale + 2 * float(ml_dtypes.finfo(dtype).smallest_subnormal)
        close_by = np.isfinite(want) & (np.abs(got - want) <= room)  # where it is not, the room is not either
        good = (got == want) | close_by | (np.isnan(got) & np.isnan(want))
    assert good.all(), (got[~good], want[~good])
