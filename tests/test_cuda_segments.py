"""Segments and sequences by the GPU's kernels, on the host and where there is a GPU: against the reference and the host."""

import itertools

import cuda_on_host
import like_cupy
import numpy as np
import pytest
from cuda_families import Row, from_rows
from cuda_on_host import there
from cuda_public import run
from hypothesis import given, settings
from numpy.testing import assert_array_equal
from segment_cases import INF, NAN, calls, near

import cypool
import cypool.cuda.windows
from cypool import reference_segments as reference
from cypool.segments import INDEXED, OPS, WEIGHED

TYPES = cypool.cuda.windows._NAMES
FLOATS = ("Half", "Bfloat16", "float", "double")


def own_kernels(types, offsets=("int",)):
    names = []
    for t in dict.fromkeys(types):
        outs = dict.fromkeys([t, "double"] if t in FLOATS else ["double"])
        names += [f"cypool_segment_lse<{t}, {out}, {{}}>" for out in outs]
        names += [f"cypool_segment_lse_gradient<{t}, double, {{}}>"]
        names += [f"cypool_segment_sqrtn<{t}, {out}, {w}, {{}}>" for out in outs for w in ("float", "double")]
        names += [f"cypool_segment_sqrtn_weights<{t}, double, {{}}>", f"cypool_gather<{t}, {{}}>"]
    return [name.format(offset) for name, offset in itertools.product(names, offsets)]


def kernels(dtypes, offsets=("int",)):
    names = cuda_on_host.kernels(dtypes, offsets) + cuda_on_host.masked_kernels(dtypes, offsets)
    return list(dict.fromkeys([*names, *own_kernels([TYPES[d] for d in dtypes], offsets)]))


DTYPES = ("bool", "uint8", "int32", "int64", "float16", "float32", "float64")
host = like_cupy.host_fixture(kernels(DTYPES) + own_kernels(("float",), ("long long",)))


@settings(max_examples=settings().max_examples)
@given(call=calls(DTYPES))
def test_against_the_reference(device, call):
    op, x, lengths, p = call
    values, indices = reference.segment_pool(x, lengths, op, **p)
    size = np.abs(np.nan_to_num(x.astype(float), neginf=0)).sum()
    got = run(device, "segment_pool", x, np.array(lengths, np.int64), op, **p)
    near(got, values, size)
    if op in INDEXED:
        again, where = run(device, "segment_pool", x, lengths, op, True, **p)
        near(again, values)
        near(where, indices)
    gradient = np.random.default_rng(0).standard_normal(got.shape)
    finite = x if op == "lse" else np.nan_to_num(x)
    want = reference.segment_pool_backward(gradient, finite, lengths, op, **p)
    back = run(device, "segment_pool_backward", gradient, finite, lengths, op, **p)
    near(back[0] if "weights" in p else back, want, 10)
    if "weights" in p:
        want = cypool.segment_pool_backward(gradient, finite, lengths, op, **p)[1]
        np.testing.assert_allclose(back[1], want, rtol=1e-12, atol=1e-11)


def test_empty_segments(device):
    x, lengths = np.array([[1.0, 2], [3, 0]]), [0, 2, 0]
    wants = {"sum": 0, "mean": NAN, "max": -INF, "min": INF, "first": 0, "last": 0, "lse": -INF, "sqrtn": 0}
    assert set(wants) == set(OPS)
    for op, want in wants.items():
        got = run(device, "segment_pool", x, lengths, op)
        assert_array_equal(got[[0, 2]], np.full((2, 2), want))
        assert_array_equal(run(device, "segment_pool", x, lengths, op, empty=7)[[0, 2]], np.full((2, 2), 7))
        assert_array_equal(run(device, "segment_pool", x[:0], [0, 0], op), np.full((2, 2), want))
        assert run(device, "segment_pool", x[:0], [], op).shape == (0, 2)
        back = run(device, "segment_pool_backward", np.ones((3, 2)), x, lengths, op)
        np.testing.assert_allclose(back, cypool.segment_pool_backward(np.ones((3, 2)), x, lengths, op), rtol=1e-15)
        assert run(device, "segment_pool_backward", np.ones((2, 2)), x[:0], [0, 0], op).shape == (0, 2)
        if op in INDEXED:
            assert_array_equal(run(device, "segment_pool", x, lengths, op, True)[1][[0, 2]], np.full((2, 2), -1))


def test_infinite_cells(device):
    x = np.array([INF, 1, -INF, -INF, NAN, 2, 1000, 1000])
    for got, want in (
        (run(device, "segment_pool", x, [2, 2, 2, 2], "lse"), cypool.segment_pool(x, [2, 2, 2, 2], "lse")),
        (run(device, "segment_pool_backward", np.ones(4), x, [2, 2, 2, 2], "lse"), [NAN, 0, 0, 0, NAN, NAN, 0.5, 0.5]),
    ):
        np.testing.assert_allclose(got, want, rtol=1e-12)


@pytest.mark.parametrize("op", OPS)
def test_sequences(device, op):
    """Padded batches under a mask, strides, out=, weights of a mask's shape, and 64-bit offsets."""
    r = np.random.default_rng(2)
    x = r.standard_normal((4, 6, 5)).astype(np.float32)
    mask = np.arange(6) < np.array([6, 1, 3, 0])[:, None]
    x[~mask] = NAN  # whatever padding holds does not matter
    p = {"weights": r.random((4, 6)) + 0.5} if op in WEIGHED else {}
    want = cypool.sequence_pool(x, mask, op, empty=5, **p)
    out = there(device, np.zeros((4, 10), np.float32))[:, ::2]
    np.testing.assert_allclose(run(device, "sequence_pool", x, mask, op, empty=5, out=out, **p), want, rtol=2e-6)
    gradient = r.standard_normal((4, 5))
    got = run(device, "sequence_pool_backward", gradient, x, mask, op, **p)
    want = cypool.sequence_pool_backward(gradient, x, mask, op, **p)
    for mine, theirs in zip(got, want, strict=True) if p else [(got, want)]:
        assert mine.shape == theirs.shape
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("op", ["lse", "sqrtn"])
def test_offsets_of_64_bits(device, op, monkeypatch):
    x = np.random.default_rng(1).standard_normal((7, 3)).astype(np.float32)
    want = run(device, "segment_pool", x, [2, 0, 5], op)
    monkeypatch.setattr(cypool.cuda.windows, "_INT_MAX", -1)
    assert_array_equal(run(device, "segment_pool", x, [2, 0, 5], op), want)


REFUSED = [
    ({"lengths": [2, 3]}, ValueError, "add up to the extent 4 of axis 0, got a sum of 5"),
    ({"lengths": np.array([5, -1])}, ValueError, "at least 0 and add up .* a least of -1"),
    ({"lengths": np.array([2.0, 2])}, TypeError, "lengths must be integers"),
    ({"op": "median"}, ValueError, "op must be one of"),
    ({"op": "lse", "out": np.ones((2, 3), np.float32)}, TypeError, "out must have the result's dtype float64"),
    ({"op": "sqrtn", "mask": np.ones((4, 3))}, TypeError, "mask must be bool"),
    ({"op": "sqrtn", "weights": np.ones((4, 3), int)}, TypeError, "weights must be floating"),
]


@pytest.mark.parametrize(("p", "error", "text"), REFUSED)
def test_what_is_refused(device, p, error, text):
    with pytest.raises(error, match=text):
        run(device, "segment_pool", **{"x": np.ones((4, 3)), "lengths": [1, 3], **p})


# ---- that the tests can fail -----------------------------------------------------------------------------------------


def every_case(device):
    x = np.random.default_rng(1).standard_normal((9, 2)) * 4000
    weights, mask = np.random.default_rng(2).random((9, 2)) + 0.5, np.arange(18).reshape(9, 2) % 5 > 0
    lengths = [3, 0, 1, 5]
    for op, p in (("lse", {}), ("lse", {"mask": mask}), ("sqrtn", {"mask": mask}), ("sqrtn", {"weights": weights})):
        want = cypool.segment_pool(x, lengths, op, **p)
        np.testing.assert_allclose(run(device, "segment_pool", x, lengths, op, **p), want, rtol=1e-12)
        gradient = np.random.default_rng(3).standard_normal(want.shape)
        want = cypool.segment_pool_backward(gradient, x, lengths, op, **p)
        got = run(device, "segment_pool_backward", gradient, x, lengths, op, **p)
        for mine, theirs in zip(got, want, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-11, atol=1e-11)


test_planted_faults_are_found, test_no_address_out_of_bounds, test_nvcc_has_nothing_to_warn_of = from_rows(
    Row("segments.cu", kernels(("float64",)), every_case, {
        "a largest cell that is not": ("if (!(value <= most))", "if (!(value >= most))"),
        "no root": ("found.squares == 0 ? 1.0 : sqrt(found.squares)", "1.0"),
        "weights that are not squared": ("squares += weight * weight;", "squares += weight;"),
        "one walk": ("found.again = true;", "found.again = false;"),
        "a value's own part": ("(x - pull[tap.source] * weight)", "(x - pull[tap.source])"),
        "another root": ("root[s.third + s.third_pooled] = by;", "root[s.third + s.third_pooled] = by + 1;"),
    }),
    compiled=["cypool_segment_lse<Half, Half, int>", "cypool_segment_lse_gradient<int, double, int>",
              "cypool_segment_sqrtn<float, float, Bfloat16, int>", "cypool_segment_sqrtn_weights<float, double, int>"],
)  # fmt: skip
