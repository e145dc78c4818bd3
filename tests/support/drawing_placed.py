"""Random calls of unpooling and of fractional pooling."""

import numpy as np
from dtypes import DTYPES, FLOATS
from hypothesis import strategies as st

LAYOUTS = ("plane", "global", "global_column_major", "channels_last", "window")


@st.composite
def unpooled_calls(draw):
    """(rank, x, indices, parameters): indices are drawn from the whole plane, with duplicates and -1."""
    rank = draw(st.integers(1, 3))
    data_format = draw(st.sampled_from(["channels_first", "channels_last"]))
    spatial = tuple(draw(st.integers(1, 4)) for _ in range(rank))
    kernel_size = tuple(draw(st.integers(1, 4)) for _ in range(rank))
    stride = tuple(draw(st.integers(1, 4)) for _ in range(rank))
    padding = tuple(
        draw(st.tuples(*[st.integers(0, max(((n - 1) * s + k) // 2, 0))] * 2))
        for n, s, k in zip(spatial, stride, kernel_size, strict=True)
    )
    default = [(n - 1) * s - sum(p) + k for n, s, k, p in zip(spatial, stride, kernel_size, padding, strict=True)]
    cells = default
    if draw(st.booleans()):
        cells = [draw(st.integers(max(e - s + 1, 0), e + s - 1)) for e, s in zip(default, stride, strict=True)]
    batch = draw(st.sampled_from([(2, 3), (1, 1), (3,), (1, 20), (0, 2)]))
    shape = (*batch, *spatial) if data_format == "channels_first" else (*batch[:-1], *spatial, batch[-1])
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    layout = draw(st.sampled_from(LAYOUTS))
    indices = rng.integers(-1 if draw(st.booleans()) else min(0, np.prod(cells) - 1), max(np.prod(cells), 0), shape)
    planes = np.arange(np.prod(batch)).reshape(*batch, *[1] * rank)
    if data_format == "channels_last":
        planes = np.moveaxis(planes, len(batch) - 1, -1)
    if layout == "window":
        taps = int(np.prod(kernel_size))
        dtype, empty = (np.uint8, 255) if taps <= 255 else (np.uint16, 65535)
        seen = np.indices(shape)[[a + len(shape) - rank - (data_format == "channels_last") for a in range(rank)]]
        tap = rng.integers(0, taps, shape)
        inside = np.ones(shape, bool)
        for at, t, s, p, e in zip(seen, np.unravel_index(tap, kernel_size), stride, padding, cells, strict=True):
            inside &= (at * s - p[0] + t >= 0) & (at * s - p[0] + t < e)
        indices = np.where(inside, tap, empty).astype(dtype)
    elif layout == "channels_last":
        indices = np.where(indices < 0, -1, indices * batch[-1] + planes % max(batch[-1], 1))
    elif layout != "plane":
        indices = np.where(indices < 0, -1, indices + planes * int(np.prod(cells)))
    x = rng.standard_normal(shape) * 8
    given_size = {} if cells is default else {"output_size": tuple(cells)}
    p = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "data_format": data_format,
         "index_layout": layout, **given_size}  # fmt: skip
    return rank, x, indices, p


@st.composite
def fractional_calls(draw):
    rank = draw(st.sampled_from([2, 3]))
    kernel_size = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    output_size = tuple(draw(st.integers(1, 4)) for _ in range(rank))
    spatial = tuple(m + k - 1 + draw(st.integers(0, 4)) for m, k in zip(output_size, kernel_size, strict=True))
    data_format = draw(st.sampled_from(["channels_first", "channels_last"]))
    batch = draw(st.sampled_from([(2, 3), (3,), (1, 1), (0, 2)]))
    shape = (*batch, *spatial) if data_format == "channels_first" else (*batch[:-1], *spatial, batch[-1])
    dtype = draw(st.sampled_from(DTYPES))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = (rng.integers(-4, 5, shape) if draw(st.booleans()) else rng.standard_normal(shape)) * 1.0
    if dtype in FLOATS and draw(st.booleans()):
        x[rng.random(shape) < 0.2] = np.nan
        x[rng.random(shape) < 0.1] = -np.inf
    x = (x > 0 if dtype == np.bool_ else np.abs(x) if dtype.kind == "u" else x).astype(dtype)
    real = dtype if dtype in FLOATS else np.dtype(float)
    samples = rng.random((*([1] if len(batch) == 1 else []), *batch, rank)).astype(real)
    samples[samples >= 1] = 0
    p = {"data_format": data_format}
    if draw(st.integers(0, 3)) == 0:
        p["mask"] = rng.random(shape) < 0.6
    if draw(st.integers(0, 3)) == 0:
        p["nan"] = "ignore"
    return rank, x, kernel_size, output_size, samples, p
