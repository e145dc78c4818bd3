"""Random calls of max, min, average and sum pooling, and what agreeing with the reference means."""

from math import prod

import numpy as np
from dtypes import BFLOAT16, BITS, INTEGERS, TINY
from hypothesis import strategies as st

from cypool import reference

FLOATS = [np.dtype(t) for t in ("float32", "float64", "float16")] + [BFLOAT16]
WHOLE = INTEGERS[1:]
LAYOUTS = ("plain", "reversed", "transposed", "sliced", "broadcast", "misaligned", "swapped", "readonly")


# ---- drawing ---------------------------------------------------------------------------------------------------------


@st.composite
def arrays(draw, shape, dtype):
    """Few different values, so that windows tie; now and then the special ones."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if dtype == np.bool_:
        return rng.random(shape) < 0.5
    if dtype in WHOLE:
        info = np.iinfo(dtype)
        some = rng.integers(max(info.min, -9), 10, shape).astype(dtype)
        extremes = rng.choice(np.array([info.min, info.max, 0], dtype), shape)
        return np.where(rng.random(shape) < draw(st.sampled_from([0, 0, 0.2])), extremes, some)
    some = rng.integers(-4, 5, shape) / 2 if draw(st.booleans()) else rng.standard_normal(shape) * 3
    special = rng.choice(np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, -np.inf]), shape)
    return np.where(rng.random(shape) < draw(st.sampled_from([0, 0, 0.05, 0.4])), special, some).astype(dtype)


def laid_out(array, layout):
    """The same elements with other strides, alignment or byte order."""
    array = np.asarray(array)
    if layout == "reversed":
        return np.flip(np.flip(array).copy())
    if layout == "transposed":
        return array.T.copy().T
    if layout == "sliced":
        wide = np.zeros([2 * n for n in array.shape], array.dtype)
        view = wide[(..., *(slice(None, None, 2) for _ in array.shape))]
        view[...] = array
        return view
    if layout == "misaligned":
        raw = np.zeros(array.nbytes + 1, np.uint8)
        view = raw[1:].view(array.dtype).reshape(array.shape)
        view[...] = array
        return view
    if layout == "swapped" and array.dtype != BFLOAT16:
        return array.astype(array.dtype.newbyteorder())
    if layout == "readonly":
        array = array.copy()
        array.flags.writeable = False
    return array


def per_axis(draw, rank, values):
    one = draw(values)
    return draw(st.sampled_from([one, tuple(draw(values) for _ in range(rank))]))


@st.composite
def calls(draw):
    """(name, x, parameters): one call of an any-axes form, which every other form reduces to."""
    op = draw(st.sampled_from(["max", "min", "avg", "sum"]))
    kind = draw(st.sampled_from(["windowed", "windowed", "windowed", "adaptive", "global"]))
    name = {"windowed": "{}_pool", "adaptive": "adaptive_{}_pool", "global": "global_{}_pool"}[kind].format(op)
    ndim = draw(st.integers(1, 4))
    rank = draw(st.integers(1, min(ndim, 3)))
    axes = tuple(draw(st.permutations(range(ndim)))[:rank])
    longest = {1: 40, 2: 14, 3: 8, 4: 5}[ndim]
    shape = tuple(draw(st.integers(1 if a in axes else 0, longest if a in axes else 4)) for a in range(ndim))
    if rank == ndim - 1 and draw(st.booleans()):  # many lanes or many small planes
        (free,) = set(range(ndim)) - set(axes)
        shape = tuple(draw(st.integers(8, 20)) if a == free else n for a, n in enumerate(shape))
    kinds = FLOATS + WHOLE + ([np.dtype(bool)] if op != "avg" else [])
    dtype = draw(st.sampled_from(kinds + FLOATS))
    x = draw(arrays(shape, dtype))
    if draw(st.sampled_from(LAYOUTS)) == "broadcast":
        x = np.broadcast_to(x[(slice(0, 1),) * ndim], shape)
    else:
        x = laid_out(x, draw(st.sampled_from(LAYOUTS)))
    p = {"axes": axes}
    if kind == "windowed":
        small = st.integers(1, 5)
        p["kernel_size"] = tuple(draw(st.integers(1, 19 if rank == 1 else 9 if rank == 2 else 4)) for _ in axes)
        p["stride"] = draw(st.sampled_from([None, per_axis(draw, rank, small)]))
        p["padding"] = draw(st.sampled_from([
            0, "same", "same_lower", "valid", per_axis(draw, rank, st.integers(0, 3)),
            tuple((draw(st.integers(0, 7)), draw(st.integers(0, 7))) for _ in axes)]))  # fmt: skip
        p["dilation"] = draw(st.sampled_from([1, 1, per_axis(draw, rank, st.integers(1, 3))]))
        p["ceil_mode"] = draw(st.sampled_from([False, True, "keep"]))
        p["boundary"] = draw(st.sampled_from(["constant"] * 5 + ["edge", "reflect", "wrap"]))
    elif kind == "adaptive":
        p["output_size"] = tuple(draw(st.one_of(st.none(), st.integers(0, 9))) for _ in axes)
    else:
        p["keepdims"] = draw(st.booleans())
    if op in ("max", "min"):
        p["index_layout"] = draw(
            st.sampled_from(["plane", "plane", "window", "global", "global_column_major", "channels_last"])
        )
    elif draw(st.integers(0, 9)) == 0 and dtype in FLOATS:
        p["weights"] = np.random.default_rng(draw(st.integers(0, 99))).integers(1, 5, shape) / 4
    if op == "avg":
        p["rounding"] = draw(st.sampled_from(["trunc", "floor", "nearest", "half_up"]))
        if kind == "windowed":
            p["count_include_pad"] = draw(st.booleans())
            p["divisor_override"] = draw(st.sampled_from([None, None, None, 3, -2]))
    if draw(st.integers(0, 6)) == 0:
        p["mask"] = np.random.default_rng(draw(st.integers(0, 99))).random(shape) < 0.6
    p["nan"] = draw(st.sampled_from(["propagate", "propagate", "ignore"]))
    if draw(st.integers(0, 6)) == 0:
        p["empty"] = 1
    return name, x, p


# ---- comparing -------------------------------------------------------------------------------------------------------


def close(got, want, scale, terms):
    """Within one unit in the last place, and `terms` roundings of the accumulator on the scale of what was added."""
    assert got.shape == want.shape
    assert got.dtype == want.dtype
    name = want.dtype.name
    got, want, scale = (np.asarray(a).astype(np.float64) for a in (got, want, scale))
    finite = np.isfinite(want) & np.isfinite(got)
    unusual = ~finite & ~((np.abs(want) > 1e4) & (name == "float16"))
    np.testing.assert_array_equal(got[unusual], want[unusual])
    bound = 2.0 ** (1 - BITS[name]) * np.abs(want) + terms * scale + 2 * TINY[name]
    wrong = np.abs(got[finite] - want[finite]) > bound[finite]
    assert not wrong.any(), (got[finite][wrong][:3], want[finite][wrong][:3], bound[finite][wrong][:3])


def weights_close(got, want):
    """Gradients of weights, where terms cancel, that are as good as their dtype."""
    name = want.dtype.name
    got, want = (np.asarray(a).astype(np.float64) for a in (got, want))
    finite = np.isfinite(want)
    atol = 0.05 if BITS[name] < 24 else 1e-4
    np.testing.assert_allclose(got[finite], want[finite], rtol=2.0 ** (3 - BITS[name]), atol=atol)


def roundings(dtype, taps, terms):
    """Relative error of a sum of `terms` in the accumulator that rule 16 gives to windows of `taps`."""
    return (terms + 2) * (2.0**-53 if dtype == np.float64 or taps > 64 else 2.0**-24)


def window_taps(x, p):
    if "kernel_size" in p:
        return prod(p["kernel_size"])
    sizes = p.get("output_size") or (1,) * len(p["axes"])
    return prod(
        max(len(taps) for taps in reference.adaptive_axis(x.shape[a], x.shape[a] if m is None else m)) if m != 0 else 0
        for a, m in zip(p["axes"], sizes, strict=True)
    )
