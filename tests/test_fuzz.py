"""Random geometry x dtype x layout x strides against the slow reference.

Each example draws one operator with its parameters, an array whose elements tie, vanish and overflow, and a way to lay it out
in memory; forward, indices, gradients and their gradients must agree with `cypool.reference`: exactly for selections and
integers, within rule 16 for sums.  ``--hypothesis-profile=long`` draws 20,000 examples.
"""

from math import prod

import ml_dtypes
import numpy as np
import pytest
from hypothesis import event, given, note
from hypothesis import strategies as st

import cypool
from cypool import config, reference
from cypool.kernels import core

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
FLOATS = [np.dtype(t) for t in ("float32", "float64", "float16")] + [BFLOAT16]
WHOLE = [np.dtype(t) for t in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")]
BITS = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}
TINY = {"float16": 2.0**-24, "bfloat16": 2.0**-133, "float32": 2.0**-149, "float64": 2.0**-1074}
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


def same(got, want):
    """Equal to the bit, up to the sign of zero and what a NaN carries."""
    assert got.shape == want.shape
    assert got.dtype == want.dtype
    np.testing.assert_array_equal(
        got.astype(np.float64) if got.dtype == BFLOAT16 else got,
        want.astype(np.float64) if want.dtype == BFLOAT16 else want,
    )


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


def call(name, *arrays, **p):
    """Fast and slow; if one refuses, so must the other."""
    fast, slow = getattr(cypool, name), getattr(reference, name)
    try:
        want = slow(*arrays, **p)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            fast(*arrays, **p)
        return None
    return fast(*arrays, **p), want


@given(calls())
def test_forward(drawn):
    name, x, p = drawn
    note(f"{name} {x.dtype} {x.shape} {x.strides} {p}")
    before = x.copy()
    selecting = "max" in name or "min" in name
    pair = call(name, x, **p, **({"return_indices": True} if selecting else {}))
    same(x, before)
    if pair is None:
        event("refused")
        return
    got, want = pair
    event(name)
    if selecting:
        same(got[0], want[0])
        same(got[1], want[1])
        same(getattr(cypool, name)(x, **p), want[0])  # the same without indices
    elif x.dtype in FLOATS or x.dtype.newbyteorder("=") in FLOATS:
        abs_sums, counts = reference.abs_sum_pool(getattr(reference, name), x, **p)
        with np.errstate(all="ignore"):
            scale = np.where(np.isfinite(abs_sums), abs_sums, 0)
        close(got, want, scale, roundings(x.dtype, window_taps(x, p), int(counts.max(initial=0))))
    else:
        same(got, want)


@given(calls(), st.sampled_from(FLOATS[:2] + FLOATS), st.integers(0, 2**32 - 1), st.sampled_from(LAYOUTS))
def test_backward(drawn, dtype, seed, layout):
    name, x, p = drawn
    selecting = "max" in name or "min" in name
    rng = np.random.default_rng(seed)
    try:
        shape = getattr(reference, name)(x, **p).shape
    except ValueError:
        return
    gradient = laid_out((rng.integers(-8, 9, shape) / 4).astype(dtype), layout)
    outer = laid_out((rng.integers(-8, 9, x.shape) / 4).astype(dtype), layout)
    note(f"{name} {x.dtype} {x.shape} {x.strides} {p} {gradient.dtype} {gradient.strides}")
    with np.errstate(all="ignore"):
        want = getattr(reference, name + "_backward")(gradient, x, **p)
        got = getattr(cypool, name + "_backward")(gradient, x, **p)
        scale = getattr(reference, name + "_backward")(np.abs(gradient.astype(np.float64)), x, **p)
    if p.get("weights") is not None:
        finite = np.isfinite(np.asarray(want[1], np.float64))
        np.testing.assert_allclose(
            np.asarray(got[1], np.float64)[finite],
            np.asarray(want[1], np.float64)[finite],
            rtol=2.0 ** (3 - BITS[dtype.name]),
            atol=0.05 if dtype.itemsize == 2 else 1e-4,
        )
        got, want, scale = got[0], want[0], scale[0]
    close(got, want, np.abs(scale), roundings(dtype, 0 if selecting else window_taps(x, p), 4 * window_taps(x, p)))
    if selecting:
        _, indices = getattr(cypool, name)(x, **p, return_indices=True)
        same(getattr(cypool, name + "_backward")(gradient, x, **p, indices=indices), got)
        twice = getattr(cypool, name + "_double_backward")(outer, gradient, x, **p)
        same(twice, getattr(reference, name + "_double_backward")(outer, gradient, x, **p))
        same(getattr(cypool, name + "_double_backward")(outer, gradient, x, **p, indices=indices), twice)
    else:
        adjoint_identity(name, x, p, gradient, outer)


def adjoint_identity(name, x, p, gradient, outer):
    """<S x, y> = <x, S^T y>, for the double backward is S and the backward S^T."""
    outer, gradient = outer.astype(np.float64), gradient.astype(np.float64)
    with np.errstate(all="ignore"):
        forward = getattr(cypool, name + "_double_backward")(outer, gradient, x, **p)
        back = getattr(cypool, name + "_backward")(gradient, x, **p)
    back = back[0] if p.get("weights") is not None else back
    forward = np.where(np.isnan(forward), 0, forward)  # empty windows average to NaN, and pass nothing back
    if np.isfinite(forward).all():
        np.testing.assert_allclose((forward * gradient).sum(), (outer * back).sum(), rtol=1e-9, atol=1e-9)


def bits(part):
    """The bytes, but for what is not promised: a NaN's sign and payload, and the sign of zero."""
    if part.dtype.kind not in "biu":
        part = np.where(part != part, part.dtype.type(np.nan), part + part.dtype.type(0))
    return np.ascontiguousarray(part).tobytes()


@given(calls(), st.integers(0, 2**32 - 1))
def test_same_bits(drawn, seed):
    """One thread or several, one instruction set or another, one memory layout or another: the same bits."""
    name, x, p = drawn
    selecting = "max" in name or "min" in name
    rng = np.random.default_rng(seed)
    try:
        result = getattr(cypool, name)(x, **p)
    except ValueError:
        return
    gradient = rng.standard_normal(result.shape)

    def results(array, threads):
        options = {**p, "num_threads": threads}
        forward = getattr(cypool, name)(array, **options, **({"return_indices": True} if selecting else {}))
        back = getattr(cypool, name + "_backward")(gradient, array, **options)
        parts = [
            *(forward if isinstance(forward, tuple) else (forward,)),
            *(back if isinstance(back, tuple) else (back,)),
        ]
        return [bits(part) for part in parts]

    with np.errstate(all="ignore"):
        want = results(x, 1)
        native = np.array(x, x.dtype.newbyteorder("="), order="C")
        assert results(native, 1) == want
        grain = core.set_grain(1.0)
        try:
            assert results(x, 2) == want
        finally:
            core.set_grain(grain)
        for level in config.get_config()["isa_built"]:
            core.use_kernels(*config._tables(level))
            try:
                assert results(x, 1) == want, level
            finally:
                core.use_kernels(*config._tables(config.ISA))
