"""Segments and sequences: against the slow reference, by hand, by central differences, and against PyTorch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from segment_cases import INF, NAN, calls, near

import cypool
from cypool import blocks
from cypool import reference_segments as reference
from cypool.kernels import core
from cypool.segments import INDEXED, OPS, WEIGHED


@given(calls(), st.sampled_from([1, 3]), st.booleans())
def test_against_the_reference(call, threads, transposed):
    op, x, lengths, p = call
    values, indices = reference.segment_pool(x, lengths, op, **p)
    source, grain = (x.T.copy().T if transposed else x), core.set_grain(1)
    size = np.abs(np.nan_to_num(x.astype(float), neginf=0)).sum()
    try:
        got = cypool.segment_pool(source, lengths, op, **p, num_threads=threads)
        near(got, values, size)
        if op in INDEXED:
            again, where = cypool.segment_pool(source, lengths, op, True, **p)
            near(again, values)
            near(where, indices)
        out = np.empty_like(got)
        assert cypool.segment_pool(source, lengths, op, **p, out=out) is out
        assert_array_equal(out.astype(float), got.astype(float))
        gradient = np.random.default_rng(0).standard_normal(got.shape)
        finite = x if op == "lse" else np.nan_to_num(x)
        want = reference.segment_pool_backward(gradient, finite, lengths, op, **p)
        back = cypool.segment_pool_backward(gradient, finite, lengths, op, **p)
        near(back[0] if "weights" in p else back, want, 10)
        if op in ("max", "min") and "nan" not in p:
            assert_array_equal(cypool.segment_pool_backward(gradient, finite, lengths, op, indices=indices, **p), back)
    finally:
        core.set_grain(grain)


def test_empty_segments():
    x = np.array([[1.0, 2], [3, 0]])
    lengths = [0, 2, 0]
    wants = {"sum": 0, "mean": NAN, "max": -INF, "min": INF, "first": 0, "last": 0, "lse": -INF, "sqrtn": 0}
    assert set(wants) == set(OPS)
    for op, want in wants.items():
        got = cypool.segment_pool(x, lengths, op)
        assert_array_equal(got[[0, 2]], np.full((2, 2), want))
        assert_array_equal(cypool.segment_pool(x, lengths, op, empty=7)[[0, 2]], np.full((2, 2), 7))
        assert_array_equal(cypool.segment_pool(x[:0], [0, 0], op), np.full((2, 2), want))
        assert cypool.segment_pool(x[:0], [], op).shape == (0, 2)
        back = cypool.segment_pool_backward(np.ones((3, 2)), x, lengths, op)
        assert np.isfinite(back).all() and back.any()
        assert cypool.segment_pool_backward(np.ones((2, 2)), x[:0], [0, 0], op).shape == (0, 2)
        if op in INDEXED:
            assert_array_equal(cypool.segment_pool(x, lengths, op, True)[1][[0, 2]], np.full((2, 2), -1))


def test_by_hand():
    x = np.array([3, 1, 4, 1, 5, 9, 2, 6], np.int32)
    lengths = np.array([3, 1, 4])
    assert cypool.segment_pool(x, lengths).tolist() == [8, 1, 22]
    assert cypool.segment_pool(x, lengths).dtype == np.int64
    assert cypool.segment_pool(x, lengths, "mean", rounding="nearest").tolist() == [3, 1, 6]  # 2.67, 1, 5.5
    assert cypool.segment_pool(x, lengths, "max", True)[1].tolist() == [2, 3, 5]
    assert cypool.segment_pool(x, lengths, "min").tolist() == [1, 1, 2]
    assert cypool.segment_pool(x, lengths, "first").tolist() == [3, 1, 5]
    assert cypool.segment_pool(x, lengths, "last", True)[1].tolist() == [2, 3, 7]
    assert_allclose(cypool.segment_pool(x, lengths, "sqrtn"), [8 / 3**0.5, 1, 11])
    assert_allclose(cypool.segment_pool(x, lengths, "lse")[0], np.log(np.exp([3.0, 1, 4]).sum()))
    assert_allclose(cypool.segment_pool([1000.0, 1000, -1000], [2, 1], "lse"), [1000 + np.log(2), -1000])


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("weighted", [False, True])
def test_gradients_by_central_differences(op, weighted):
    if weighted and op not in WEIGHED:
        return
    rng = np.random.default_rng(1)
    x = rng.permutation(24).reshape(8, 3) / 5
    p = {"mask": rng.random(x.shape) < 0.8, **({"weights": rng.random((8, 1)) + 0.5} if weighted else {})}
    lengths = [3, 0, 5]
    y = np.nan_to_num(cypool.segment_pool(x, lengths, op, **p), neginf=0, posinf=0)
    gradient = rng.standard_normal(y.shape)

    def numerically(at):
        result = np.zeros(at.shape)
        for i in np.ndindex(at.shape):
            kept, ends = at[i], []
            for at[i] in (kept + 1e-6, kept - 1e-6):
                value = cypool.segment_pool(x, lengths, op, **p)
                ends.append((np.where(np.isfinite(value), value, 0) * gradient).sum())
            at[i] = kept
            result[i] = (ends[0] - ends[1]) / 2e-6
        return result

    got = cypool.segment_pool_backward(gradient, x, lengths, op, **p)
    assert_allclose(got[0] if weighted else got, numerically(x), atol=1e-8)
    if weighted:
        assert_allclose(got[1], numerically(p["weights"]), atol=1e-8)


def test_logarithms_in_parts(monkeypatch):
    """However many segments and planes go together, with empty segments between, and the same bits on any number of threads."""
    rng = np.random.default_rng(4)
    lengths = [0, 3, 0, 0, 11, 1, 4, 0]
    for axis in (0, 1, 2):
        x = np.moveaxis(rng.standard_normal((19, 3, 4)), 0, axis)
        want = cypool.segment_pool(x, lengths, "lse", axis=axis)
        back = cypool.segment_pool_backward(want, x, lengths, "lse", axis=axis)
        rows = np.split(x, np.cumsum(lengths)[:-1], axis)
        sums = np.stack([np.exp(row).sum(axis) for row in rows], axis)
        assert_allclose(np.exp(want), sums, rtol=1e-13)
        for cells in (1, 50, 100):
            monkeypatch.setattr(blocks, "CELLS", cells)
            got = [cypool.segment_pool(x, lengths, "lse", axis=axis, num_threads=threads) for threads in (1, 2)]
            assert_array_equal(*got)
            assert_allclose(got[0], want, rtol=1e-13)
            assert_allclose(cypool.segment_pool_backward(want, x, lengths, "lse", axis=axis), back, rtol=1e-13)
        monkeypatch.undo()


# ---- sequences ----------------------------------------------------------------------------------------------------------


def test_sequences_as_sentence_encoders_pool_them():
    """Padded batches under a mask: every operation is that of the rows without their padding."""
    rng = np.random.default_rng(2)
    x = rng.standard_normal((4, 6, 5)).astype(np.float32)
    lengths = [6, 1, 3, 4]
    mask = np.arange(6) < np.array(lengths)[:, None]
    x[~mask] = NAN  # whatever padding holds does not matter
    rows = [row[:n].astype(float) for row, n in zip(x, lengths, strict=True)]
    wants = {
        "sum": [r.sum(0) for r in rows],
        "mean": [r.mean(0) for r in rows],
        "max": [r.max(0) for r in rows],
        "min": [r.min(0) for r in rows],
        "first": [r[0] for r in rows],
        "last": [r[-1] for r in rows],
        "lse": [np.log(np.exp(r).sum(0)) for r in rows],
        "sqrtn": [r.sum(0) / len(r) ** 0.5 for r in rows],
    }
    for op, want in wants.items():
        got = cypool.sequence_pool(x, mask, op)
        assert got.dtype == np.float32
        assert_allclose(got, want, rtol=2e-6)
        assert_allclose(cypool.sequence_pool(np.moveaxis(x, 1, 2), mask[:, None], op, axis=-1), want, rtol=2e-6)
        assert_allclose(cypool.sequence_pool(x[0], None, op), want[0], rtol=2e-6)
        flat = cypool.segment_pool(np.concatenate(rows).astype(np.float32), lengths, op)
        assert_allclose(flat, got, rtol=2e-6)
        back = cypool.sequence_pool_backward(np.ones((4, 5)), x, mask, op)
        assert (back[~mask] == 0).all()
        some = cypool.segment_pool_backward(np.ones((4, 5)), np.concatenate(rows), lengths, op)
        assert_allclose(back[mask], some, rtol=1e-6)
    positions = np.arange(1.0, 7)[None] * np.ones((4, 1))
    want = [np.average(r, axis=0, weights=np.arange(1, len(r) + 1)) for r in rows]
    assert_allclose(cypool.sequence_pool(x, mask, weights=positions), want, rtol=2e-6)
    back, by_weights = cypool.sequence_pool_backward(np.ones((4, 5)), x, mask, weights=positions)
    assert back.shape == x.shape and by_weights.shape == positions.shape


def test_sequences_without_a_valid_cell():
    x, mask = np.ones((2, 3, 1)), np.array([[True, True, False], [False] * 3])
    assert_array_equal(cypool.sequence_pool(x, mask)[:, 0], [1, NAN])
    for op, want in (("mean", 1), ("lse", 1 + np.log(2)), ("sqrtn", 2**0.5), ("first", 1), ("max", 1)):
        assert_allclose(cypool.sequence_pool(x, mask, op, empty=7)[:, 0], [want, 7])
    assert_array_equal(cypool.sequence_pool(x, mask, "last", True)[1][:, 0], [1, -1])
    assert_array_equal(cypool.sequence_pool_backward(np.ones((2, 1)), x, mask)[:, :, 0], [[0.5, 0.5, 0], [0, 0, 0]])


# ---- errors -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "error", "text"),
    [
        ({"lengths": [2, 3]}, ValueError, "add up to the extent 4 of axis 0, got a sum of 5"),
        ({"lengths": [5, -1]}, ValueError, "at least 0 and add up .* a least of -1"),
        ({"lengths": [2.0, 2]}, TypeError, "lengths must be integers"),
        ({"lengths": [[2, 2]]}, ValueError, "lengths must have one axis"),
        ({"lengths": np.array([2**63, 4], np.uint64)}, ValueError, "add up to the extent"),
        ({"op": "median"}, ValueError, "op must be one of"),
        ({"op": 1}, TypeError, "op must be one of"),
        ({"axis": 2}, ValueError, r"axis must lie in \[-2, 2\)"),
        ({"axis": (0,)}, TypeError, "axis must be an integer"),
        ({"return_indices": True}, ValueError, "return_indices must be False unless"),
        ({"op": "max", "weights": np.ones((4, 1))}, ValueError, "weights must be None unless"),
        ({"op": "first", "return_indices": True, "index_layout": "window"}, ValueError, "index_layout must not be"),
        ({"op": "last", "return_indices": True, "out": np.ones((2, 3))}, TypeError, "out must be a pair"),
        ({"op": "lse", "out": np.ones((2, 3), np.float32)}, TypeError, "out must have the result's dtype float64"),
        ({"op": "sqrtn", "mask": np.ones((4, 3))}, TypeError, "mask must be bool"),
        ({"x": np.ones((4, 3), complex)}, TypeError, "x must have one of the dtypes"),
    ],
)
def test_refusals(p, error, text):
    with pytest.raises(error, match=text):
        cypool.segment_pool(**{"x": np.ones((4, 3)), "lengths": [1, 3], **p})


def test_refusals_of_gradients():
    x = np.ones((4, 3))
    for op in OPS:
        with pytest.raises(ValueError, match="grad_output must have the shape"):
            cypool.segment_pool_backward(np.ones((2, 2)), x, [1, 3], op)
        if op not in ("max", "min"):
            with pytest.raises(ValueError, match="indices must be None unless"):
                cypool.segment_pool_backward(np.ones((2, 3)), x, [1, 3], op, indices=np.zeros((2, 3), int))
    with pytest.raises(ValueError, match="indices must name cells of their own windows"):
        cypool.segment_pool_backward(np.ones((2, 3)), x, [1, 3], "max", indices=np.zeros((2, 3), int))


@pytest.mark.peers
@pytest.mark.parametrize("op", ["sum", "mean", "max", "min"])
def test_torch(op):
    """torch.segment_reduce over its own published samples, and its gradient without ties, which it shares among equals."""
    torch = pytest.importorskip("torch")
    methods = pytest.importorskip("torch.testing._internal.common_methods_invocations")
    (info,) = [i for i in methods.op_db if i.name == "_segment_reduce" and i.variant_test_name == "lengths"]
    count = 0
    for dtype in (torch.float32, torch.float64):
        for sample in info.sample_inputs("cpu", dtype, requires_grad=False):
            p = dict(sample.kwargs)
            lengths, initial = p["lengths"].numpy(), p["initial"]
            if sample.args[0] != op or lengths.ndim != 1:
                continue
            if lengths.sum() != sample.input.shape[p["axis"]]:  # torch takes it with unsafe=True
                with pytest.raises(ValueError, match="lengths must be at least 0 and add up"):
                    cypool.segment_pool(sample.input.numpy(), lengths, op, axis=p["axis"])
                continue
            want = torch.segment_reduce(sample.input, op, **p).numpy()
            got = cypool.segment_pool(sample.input.numpy(), lengths, op, axis=p["axis"])
            if initial is not None:  # what torch starts from
                width = np.expand_dims(lengths, [a for a in range(got.ndim) if a != p["axis"] % got.ndim])
                some = {
                    "sum": got + initial,
                    "mean": got + initial / np.maximum(width, 1),
                    "max": np.maximum(got, initial),
                }
                got = np.where(width == 0, initial, some.get(op, np.minimum(got, initial)))
            assert_allclose(got, want, rtol=1e-5)
            count += 1
    assert count >= 4
    rng = np.random.default_rng(3)
    for _ in range(20):
        lengths = rng.integers(0, 6, rng.integers(1, 9))
        x = rng.permutation(int(lengths.sum()) * 3).reshape(-1, 3) / 7
        tensor = torch.from_numpy(x).requires_grad_()
        want = torch.segment_reduce(tensor, op, lengths=torch.from_numpy(lengths), axis=0)
        assert_allclose(cypool.segment_pool(x, lengths, op), want.detach().numpy(), rtol=1e-12)
        gradient = rng.standard_normal(tuple(want.shape))
        if not lengths.all() or not x.size:
            continue  # torch's gradient of empty segments is of their initial value
        (back,) = torch.autograd.grad(want, tensor, torch.from_numpy(gradient))
        assert_allclose(cypool.segment_pool_backward(gradient, x, lengths, op), back.numpy(), rtol=1e-12)


def test_what_is_given_comes_back():
    """The caller's own array, not a view of it; and parameters that an operation does not use are checked too."""
    x, out = np.arange(8.0).reshape(1, 4, 2), np.empty((1, 2))
    assert cypool.sequence_pool(x, op="last", out=out) is out
    assert out.tolist() == [[6, 7]]
    rows = np.empty((2, 2))
    for op in ("lse", "first"):
        assert cypool.segment_pool(x[0], [1, 3], op, out=rows) is rows
    with pytest.raises(ValueError, match="rounding must be"):
        cypool.segment_pool(x[0], [4], "lse", rounding="up")
    with pytest.raises(ValueError, match="index_layout must be"):
        cypool.segment_pool(x[0], [4], "sum", index_layout="flat")
