"""Random geometry x dtype x layout x strides against the slow reference.

Each example draws one operator with its parameters, an array whose elements tie, vanish and overflow, and a way to lay it out
in memory; forward, indices, gradients and their gradients must agree with `cypool.reference`: exactly for selections and
integers, within rule 16 for sums.  ``--hypothesis-profile=long`` draws 20,000 examples.
"""

import numpy as np
import pytest
from drawing import FLOATS, LAYOUTS, calls, close, laid_out, roundings, weights_close, window_taps
from dtypes import same
from hypothesis import event, given, note
from hypothesis import strategies as st

import cypool
from cypool import config, reference
from cypool.kernels import core


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
        weights_close(got[1], want[1])
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
