"""Storage types, how finely each rounds, and when results in them are the same or near."""

import ml_dtypes
import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
FLOATS = [np.dtype(d) for d in "efd"] + [BFLOAT16]
INTEGERS = [np.dtype(d) for d in "? b B h H i I q Q".split()]
DTYPES = INTEGERS + FLOATS
FEW = [np.dtype(d) for d in "? b B h i q Q".split()] + FLOATS
"""Enough of them, where integers differ in nothing but their range."""

BITS = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}
ROUNDING = {name: 2.0**-bits for name, bits in BITS.items()}
"""Of one operation, relative to its result."""
TINY = {"float16": 2.0**-24, "bfloat16": 2.0**-133, "float32": 2.0**-149, "float64": 2.0**-1074}


def tolerances(float32, float64, times=1):
    """How far results of many operations may be off, relatively: some times the last place of halves, or these bits."""
    bits = {"float16": 10, "bfloat16": 7, "float32": float32, "float64": float64}
    return {name: times * 2.0**-n for name, n in bits.items()}


def cast(x, dtype):
    """Numbers in a dtype that has room for them, or for their magnitude or sign."""
    return (x > 0 if dtype == np.bool_ else np.abs(x) if dtype.kind == "u" else x).astype(dtype)


def converted(x, dtype, largest=np.inf):
    """x in a dtype, integers clipped to 100 and floats to `largest`."""
    with np.errstate(all="ignore"):
        if dtype == np.bool_:
            return x > 0
        if dtype.kind in "iu":
            return np.nan_to_num(np.clip(np.abs(x) if dtype.kind == "u" else x, -100, 100)).astype(dtype)
        return np.clip(x, -largest, largest).astype(dtype)


def same(got, want):
    """Equal to the bit, up to the sign of zero and what a NaN carries."""
    assert got.dtype == want.dtype and got.shape == want.shape
    if got.dtype == BFLOAT16:  # whose NaN NumPy's tests do not know
        got, want = got.astype(np.float32), want.astype(np.float32)
    assert_array_equal(got, want)


def near(got, want, eps, size=1.0):
    """Whole numbers exactly, others within their dtype's `eps` of themselves and of what is as large as `size`."""
    assert got.dtype == want.dtype and got.shape == want.shape
    if got.dtype.kind in "iub":
        assert_array_equal(got, want)
    else:
        room = eps[got.dtype.name]
        assert_allclose(got.astype(np.float64), want.astype(np.float64), rtol=room, atol=room * size)
