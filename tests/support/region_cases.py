"""Calls of region pooling: every operator, what it takes, boxes and arrays for it, and any geometry."""

import numpy as np
import pytest
from dtypes import BFLOAT16, ROUNDING
from hypothesis import strategies as st

import cypool

EPS = {name: 2 * half for name, half in ROUNDING.items()}
DTYPES = [*map(np.dtype, "dfe"), BFLOAT16]
LAYOUTS = ["channels_first", "channels_last"]
# name: (what it takes beside scale, whether each bin has its own channels, whether it is linear)
OPERATORS = {
    "roi_pool": ({}, False, False),
    "roi_align": ({"sampling_ratio": 2, "aligned": True}, False, True),
    "roi_align max": ({"sampling_ratio": 2, "mode": "max"}, False, False),
    "roi_align onnx_max": ({"sampling_ratio": 2, "mode": "onnx_max"}, False, False),
    "ps_roi_pool": ({}, True, True),
    "ps_roi_align": ({"sampling_ratio": 2}, True, True),
}
every_operator = pytest.mark.parametrize("name", OPERATORS)
BINS = (2, 3)
rng = np.random.default_rng


def function(name, suffix="", module=cypool):
    return getattr(module, name.split()[0] + suffix)


def boxes_within(k, n, h, w, seed=0):
    """Boxes that reach a little beyond the image, in float32."""
    low, high = np.sort(rng(seed).uniform(-2, 2 + max(h, w), (2, k, 2)), axis=0)
    return np.concatenate([rng(seed).integers(0, n, (k, 1)), low, high], axis=1).astype(np.float32)


def example(name, dtype=np.float64, data_format="channels_first", n=2, channels=3, h=9, w=11, k=7, seed=0):
    """Arrays of a call: x, boxes, and the options of the operator."""
    options, sensitive, _ = OPERATORS[name]
    c = channels * BINS[0] * BINS[1] if sensitive else channels
    shape = (n, c, h, w) if data_format == "channels_first" else (n, h, w, c)
    x = rng(seed).standard_normal(shape).astype(dtype)
    return x, boxes_within(k, n, h, w, seed), {**options, "data_format": data_format}


def gradient_like(y, seed=1):
    return rng(seed).standard_normal(y.shape).astype(y.dtype)


def same_bits(a, b):
    assert a.dtype == b.dtype and a.shape == b.shape
    assert a.tobytes() == b.tobytes()


def close(a, b, dtype, terms, scale=1.0):
    """Within `terms` roundings of numbers of magnitude `scale`, and one of the result."""
    bound = EPS[dtype.name] * (np.abs(b.astype(np.float64)) + terms * scale * EPS["float32"] / EPS[dtype.name])
    if dtype == np.float64:
        bound = EPS["float64"] * (np.abs(b) + terms * scale)
    assert a.dtype == b.dtype == dtype and a.shape == b.shape
    assert (np.abs(a.astype(np.float64) - b.astype(np.float64)) <= bound).all()


@st.composite
def calls(draw):
    """Any geometry: boxes far outside, malformed, tiny; more bins than cells; values with ties, NaN and infinities."""
    n, c, h, w = (draw(st.integers(1, most)) for most in (2, 3, 9, 9))
    bins = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    coordinate = st.one_of(st.integers(-24, 40).map(lambda i: i / 2), st.floats(-12, 20, width=32), st.just(300.25))
    k = draw(st.integers(0, 4))
    boxes = [[draw(st.integers(0, n - 1)), *(draw(coordinate) for _ in range(4))] for _ in range(k)]
    seed, kind = draw(st.integers(0, 999)), draw(st.sampled_from(["numbers", "ties", "special"]))
    x = rng(seed).standard_normal((n, c * bins[0] * bins[1], h, w))
    if kind != "numbers":
        x = np.round(x)
    if kind == "special":
        x[rng(seed).random(x.shape) < 0.1] = draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    options = draw(st.sampled_from([1.0, 0.5, 1.3])), draw(st.integers(-1, 4)), draw(st.booleans())
    return x, np.array(boxes, np.float64).reshape(k, 5), bins, *options, draw(st.sampled_from(LAYOUTS))
