"""Pyramids by the GPU's kernels, on the host and where there is a GPU: against the slow reference and the host's results."""

import functools
import itertools

import cuda_on_host
import dtypes
import like_cupy
import numpy as np
import pytest
from cuda_families import Row, from_rows
from cuda_on_host import here, there
from cuda_public import run
from numpy.testing import assert_array_equal

import cypool
import cypool.cuda.windows
from cypool import reference_pyramid as reference
from cypool.pyramids import EDGES, OPS

TYPES = {"bool": "unsigned char", "uint8": "unsigned char", "int16": "short", "uint64": "unsigned long long",
         "float16": "Half", "float32": "float", "float64": "double"}  # fmt: skip
near = functools.partial(dtypes.near, eps=dtypes.tolerances(22, 44, times=4), size=1000)
ROUNDINGS = ("trunc", "floor", "nearest", "half_up")


def kernels(types=tuple(TYPES), offsets=("int",)):
    names = [f"cypool_pyramid_mode<{t}, {o}>" for t in dict.fromkeys(TYPES[t] for t in types) for o in offsets]
    shared = [*cuda_on_host.kernels(types, offsets), *cuda_on_host.masked_kernels(types, offsets)]
    return [name for name in shared if "select" in name or "total" in name or "numbers" in name] + names


host = like_cupy.host_fixture(kernels() + kernels(("uint8",), ("long long",)))


def pyramid(device, *arguments, **options):
    return run(device, "pyramid", *arguments, **options)


def cells_of(dtype, shape, seed=0, span=3):
    """Few labels, NaN and infinity among them."""
    r = np.random.default_rng(seed)
    x = r.integers(0 if np.dtype(dtype).kind in "ub" else -span, span + 1, shape).astype(dtype)
    if x.dtype.kind == "f":
        x[r.random(shape) < 0.2] = r.choice([np.nan, np.inf, -0.0])
    return x


CASES = [  # shape, axes, factor, levels
    ((2, 9, 13), (1, 2), (2, 3), 2),
    ((7, 2, 11), (2, 0), (2, 2), 2),
    ((5, 5, 6, 2), (0, 1, 2), (2, 1, 2), 2),
    ((40,), (0,), (5,), 2),
]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("op", OPS)
def test_against_the_reference(device, dtype, op):
    if (op, dtype) == ("mean", "bool"):
        with pytest.raises(TypeError, match="the mean of bool"):
            pyramid(device, np.ones((4, 4), bool), 2, 1)
        return
    for n, (edge, (shape, axes, factor, levels)) in enumerate(itertools.product(EDGES, CASES)):
        x = cells_of(dtype, shape, n)
        p = {"edge": edge, "rounding": ROUNDINGS[n % 4]}
        if op != "stride":
            p["nan"] = ("propagate", "ignore")[n % 2]
            p["mask"] = None if n % 3 else np.random.default_rng(n).random(shape) < 0.7
        want = reference.pyramid(x, factor, levels, op, axes, **p)
        got = pyramid(device, x, factor, levels, op, axes=axes, **p)
        for mine, theirs in zip(got, want, strict=True):
            near(mine, theirs)


@pytest.mark.parametrize("op", OPS)
def test_out_strides_and_wide_offsets(device, op, monkeypatch):
    monkeypatch.setattr(cypool.cuda.windows, "_INT_MAX", -1)
    x = cells_of("uint8", (3, 21, 34))
    want = cypool.pyramid(x, 2, 2, op)
    out = [there(device, np.zeros(y.shape[::-1], y.dtype)).T for y in want]
    got = pyramid(device, np.ascontiguousarray(x.T), 2, 2, op, axes=(1, 0), out=[y.T for y in out])
    for mine, place, theirs in zip(got, out, want, strict=True):
        assert_array_equal(mine.T, theirs)
        assert_array_equal(here(place), theirs)


def test_many_labels_and_ties(device):
    """More labels than are counted on one walk; of equally frequent ones the smallest, of the original cells."""
    r = np.random.default_rng(3)
    for dtype, labels in itertools.product(("int16", "uint64", "float64"), (2, 8, 9, 17, 200)):
        x = r.integers(0, labels, (2, 33, 40)).astype(dtype)
        x[0] = r.permutation(33 * 40).reshape(33, 40) // 2  # every label twice
        for mine, theirs in zip(pyramid(device, x, 3, 3, "mode"), cypool.pyramid(x, 3, 3, "mode"), strict=True):
            assert_array_equal(mine, theirs)
    large = np.array([[2**64 - 1, 2**63, 2**63, 2**53 + 1]], np.uint64)
    assert pyramid(device, large, 4, 1, "mode", axes=1)[0].tolist() == [[2**63]]
    assert pyramid(device, -np.ones((1, 3), np.int16), 2, 2, "mode", axes=1, edge="pad")[1].tolist() == [[-1]]
    assert pyramid(device, np.ones((1, 5), np.int16), 2, 2, "mode", axes=1, edge="pad")[1].tolist() == [[1, 0]]


def test_what_is_refused(device):
    x = np.ones((6, 8))
    for error, message, change in (
        (ValueError, "factor must be at least 1", {"factor": 0}),
        (ValueError, "level 3 has no window on axis 0: its extent is 6", {"levels": 3, "edge": "trim"}),
        (TypeError, r"out\[0\] must have the result's dtype", {"out": [there(device, np.ones((3, 4), "f"))] * 2}),
        (ValueError, "mean nothing to op", {"op": "stride", "nan": "ignore"}),
    ):
        with pytest.raises(error, match=message):
            pyramid(device, x, **{"factor": 2, "levels": 2, **change})


# ---- that the tests can fail -----------------------------------------------------------------------------------------

MODES = [name for name in kernels(("int16", "uint64", "float64")) if "mode" in name]


def every_case(device):
    test_many_labels_and_ties(device)


test_planted_faults_are_found, test_no_address_out_of_bounds, test_nvcc_has_nothing_to_warn_of = from_rows(
    Row("pyramids.cu", MODES, every_case, {
        "the larger of a tie": ("census.count[k] > most", "census.count[k] >= most"),
        "one walk": ("} while (census.n == CENSUS_LABELS && left > most);", "} while (false);"),
        "no zeros": ("if (whole > census.walked)", "if (false)"),
        "labels once more": ("if (again && !comes_before(last, value))", "if (again && comes_before(value, last))"),
        "a label lost": ("for (int i = n - 1; i > at; i--)", "for (int i = n - 2; i > at; i--)"),
    }),
    compiled=MODES,
    stack=True,  # a census is an array that is indexed
)  # fmt: skip
