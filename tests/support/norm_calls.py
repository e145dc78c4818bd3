"""Calls of norms, for hypothesis, and how far results may lie from the reference's."""

import math

import float32
import numpy as np
import shapes
from hypothesis import strategies as st

from cypool import reference_powers

INF, NAN = math.inf, math.nan
NORMS = [1, 2, 3, 4, 7, 1.5, 2.25, 3.3, 20, INF]
SIDES = 12  # taps of a window along all axes, at most


@st.composite
def calls(draw):
    """(name, x, positional parameters, parameters) of an any-axes form."""
    op, form = (
        draw(st.sampled_from(["lp", "rms"])),
        draw(st.sampled_from(["{}_pool"] * 2 + ["adaptive_{}_pool", "global_{}_pool"])),
    )
    rank = draw(st.integers(1, 2))
    shape = (draw(st.sampled_from([2, 3])), *(draw(st.integers(1, 6)) for _ in range(rank)))
    axes = tuple(range(1, rank + 1))
    if draw(st.booleans()):  # channels last, or pooled axes that are not the last
        shape, axes = (*shape[1:], shape[0]), tuple(range(rank))
    p = {"axes": axes, "nan": draw(st.sampled_from(["propagate", "propagate", "ignore"]))}
    norm = draw(st.sampled_from(NORMS)) if op == "lp" else 2
    positional = [norm] if op == "lp" else []
    if op == "lp" and draw(st.booleans()):
        p["signed"] = True
        norm = positional[0] = draw(st.sampled_from([*NORMS, -1, -2, 0.5, -INF]))
    if form == "{}_pool":
        positional.append(shapes.per_axis(draw, rank, st.integers(1, 4)))
        shapes.windows(draw, p, [shape[a] for a in axes], positional[-1])
        if op == "rms":
            p["count_include_pad"] = draw(st.booleans())
            p["divisor_override"] = draw(st.sampled_from([None, None, 3]))
    elif form == "adaptive_{}_pool":
        positional.append(shapes.per_axis(draw, rank, st.integers(0, 7)))
    else:
        p["keepdims"] = draw(st.booleans())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.standard_normal(shape)
    if draw(st.booleans()):
        x[rng.random(shape) < 0.3] = 0
    x *= 2.0 ** draw(st.sampled_from([0, 0, 3, -90, 60, 700, -700, -1060]))
    if draw(st.booleans()):
        x *= 2.0 ** rng.integers(-30, 30, shape)  # windows that differ much in size
    if norm not in (1, 2, 4, 20, INF, -INF):
        x = abs(x)  # sums that do not cancel, and no powers of negative numbers
    if draw(st.integers(0, 4)) == 0:
        x[rng.random(shape) < 0.1] = NAN
    if draw(st.integers(0, 3)) == 0:
        p["mask"] = rng.random(draw(st.sampled_from([shape, shape[-1:]]))) < 0.7
    if draw(st.integers(0, 3)) == 0 and not math.isinf(norm):
        p["weights"] = rng.random(draw(st.sampled_from([shape, shape[-1:]]))) + 0.1
    return form.format(op), x, positional, p


def close(got, want, dtype, scale=0.0, loose=1, single=0.0):
    """Within a few units in the last place of the dtype, and of what float64 powers can do; `scale`: what cancels;
    `single`: what float32 arithmetic may cost."""
    with np.errstate(all="ignore"):
        room = loose * 2.0**-45 * np.abs(want.astype(np.float64)) + loose * 2.0**-44 * scale + single
    shapes.close(got, want, dtype, room)


def gradients_close(got, want, x, p, norm, gradient):
    """The same for gradients of x, and of weights if there are any."""
    real, dtype = gradient.dtype, x.dtype
    total = np.abs(gradient).sum(dtype=float)
    if "weights" not in p:
        single = (
            float32.backward("norm", total, 0, norm, SIDES) if float32.applies(dtype, real) and abs(norm) < 64 else 0.0
        )
        close(got, want, real, 8 * total, loose=64, single=single)
        return
    weights = np.asarray(p["weights"])
    heavy = 50 / weights.min()
    close(got[0], want[0], real, total * heavy, loose=64)
    size = np.abs(np.nan_to_num(x.astype(float))).max(initial=0)
    if size < 1e300 and np.isfinite(want[1].astype(float)).all():
        close(got[1], want[1], real, total * heavy * size, loose=64)


def of_one_size(name, x, positional, p):
    """The same x with cells of one size, for second derivatives are wild."""
    norm = positional[0] if "lp" in name else 2
    x = np.nan_to_num(x)
    size = np.abs(x).max(initial=0)
    with np.errstate(over="ignore"):  # NumPy 1.25 says so of subnormal numbers, and divides well
        relative = np.abs(x) / (size or 1)
    x = np.where(x == 0, 0, np.sign(x) * (relative + 0.1)) * 2.0**8
    return np.abs(x) + 1 if norm < 1 or p.get("signed") else x


def second_derivatives(name, x, positional, p):
    """A gradient and that of a gradient, the reference's second derivatives by them, and how large these may be."""
    norm = positional[0] if "lp" in name else 2
    rng = np.random.default_rng(2)
    gradient = rng.standard_normal(getattr(reference_powers, name)(x, *positional, **p).shape)
    outer = rng.standard_normal(x.shape)
    want = getattr(reference_powers, name + "_double_backward")(outer, gradient, x, *positional, **p)
    heavy = 1 / np.asarray(p["weights"]).min() if "weights" in p else 1
    return gradient, outer, want, 1000 * heavy * max(abs(norm) if not math.isinf(norm) else 1, 1) ** 2
