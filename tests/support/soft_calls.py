"""Calls of smooth maxima, for hypothesis, and how far results may lie from the reference's."""

import math

import dtypes
import float32
import ml_dtypes
import numpy as np
import shapes
from dtypes import FLOATS
from hypothesis import strategies as st

INF, NAN = math.inf, math.nan


OPS = ["lse", "soft", "gem"]
EXPONENT = {"lse": "beta", "soft": "beta", "gem": "p"}
SIDES = 12  # taps of a window along all axes, at most


@st.composite
def calls(draw):
    """(op, name, x, positional parameters, parameters) of an any-axes form."""
    op = draw(st.sampled_from(OPS))
    name, positional, p, shape, axes, rng = shapes.forms(draw, op)
    x = rng.standard_normal(shape) * 2.0 ** draw(st.sampled_from([0, 2, -20, 12, 60]))
    if draw(st.booleans()):
        x *= 2.0 ** rng.integers(-20, 20, shape)  # windows that differ much in size
    if op == "gem":
        x = np.abs(x) if draw(st.booleans()) else x
        p["p"] = draw(st.sampled_from([3, 1, 2, 2.5, -1, 0.3, 20, -30.5, 400]))
        p["eps"] = draw(st.sampled_from([1e-6, 0.5]))
    else:
        p["beta"] = draw(st.sampled_from([1, 1, 0.25, 3, -1, -0.1, 50]))
    if draw(st.integers(0, 3)) == 0:
        planes = tuple(1 if a in axes else n for a, n in enumerate(shape))
        p[EXPONENT[op]] = p[EXPONENT[op]] * (1 + rng.random(planes))
    if op == "lse":
        p["mean"] = draw(st.booleans())
    if draw(st.integers(0, 4)) == 0:
        x[rng.random(shape) < 0.1] = NAN
    return op, name, x, positional, p


def converted(x, dtype):
    return dtypes.converted(x, dtype, float(ml_dtypes.finfo(dtype).max) / 16 if dtype in FLOATS else 0)


def sizes(op, x, p):
    """Largest and smallest magnitude of exponents and of what terms are exponentials of."""
    size = float(np.nan_to_num(np.abs(x.astype(float))).max(initial=0))
    b = np.abs(np.asarray(p[EXPONENT[op]], float))
    return size, b.max(), b.min()


def room_forward(op, x, p, dtype, want):
    """What arithmetic may cost a result."""
    size, most, least = sizes(op, x, p)
    # exponents of at most 350 in magnitude, or relative to the window's own largest cell, each known to 2**-53 of itself
    scale = {"lse": (500 / least + size), "soft": min(500 / (most or 1), size) * 500 + size, "gem": 0}[op]
    room = 2.0**-52 * 4 * scale if op != "gem" else 2.0**-52 * 400 * np.abs(np.nan_to_num(want.astype(float)))
    if float32.applies(dtype) and most == least:
        room = room + float32.forward(op, want.astype(float), size, most, SIDES)
    return room


def room_backward(op, x, p, dtype, gradient):
    """The same of the gradients of x and of the exponent."""
    size, most, least = sizes(op, x, p)
    total = float(np.abs(gradient).sum(dtype=float))
    reach = 1000 + most * size * 2.0**-20 if op != "gem" else 1000 * (1 + most)
    single = float32.applies(dtype, gradient.dtype) and most == least
    to_x = 2.0**-50 * total * reach * (500 if op == "soft" else 1)
    if op == "gem":
        to_exponent = 2.0**-50 * total * 1000 * max(size, 1) * (1 + 1 / least) ** 2
    elif op == "lse":
        to_exponent = 2.0**-50 * total * (1000 / least + size) / least
    else:
        to_exponent = 2.0**-50 * total * (size + 500 / least) ** 2
    if single:  # a harmonic mean is up to as large as the window times its smallest cell
        harmonic = 36 if np.min(p[EXPONENT[op]]) < 0 and op == "gem" else 1
        to_x += float32.backward(op, total, size, most, SIDES) * harmonic
        to_exponent += float32.slope(op, total, size, most, SIDES, p.get("eps", 1.0))
    return to_x, to_exponent
