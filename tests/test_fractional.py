"""Fractional pooling: against the slow reference, by hand, and against PyTorch's published samples."""

import inspect

import numpy as np
import pytest
from drawing import laid_out
from drawing_placed import fractional_calls
from dtypes import BFLOAT16, FLOATS, same
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import cypool
from cypool import fractional, reference
from cypool import reference_fractional as slow
from cypool.kernels import core


@given(
    fractional_calls(),
    st.sampled_from(["plain", "reversed", "transposed", "misaligned", "swapped"]),
    st.sampled_from([1, 3]),
)
def test_against_the_reference(call, view, threads):
    rank, x, kernel_size, output_size, samples, p = call
    name = f"fractional_max_pool{rank}d"
    values, indices = slow.fractional_max_pool(x, kernel_size, output_size, samples, **p)
    source, grain = laid_out(x, view), core.set_grain(1)
    more = {"_random_samples": laid_out(samples, view), "num_threads": threads}
    try:
        got = getattr(cypool, name)(source, kernel_size, output_size, return_indices=True, **p, **more)
        same(got[0], values)
        same(got[1], indices)
        same(getattr(cypool, name)(source, kernel_size, output_size, **p, **more), values)
        rng = np.random.default_rng(0)
        gradient = rng.standard_normal(values.shape).astype(np.float32)
        want = slow.fractional_max_pool_backward(gradient, x, kernel_size, output_size, samples, **p)
        back = getattr(cypool, name + "_backward")
        for known in (more, {"indices": indices, "num_threads": threads}):
            got = back(gradient, source, kernel_size, output_size, **p, **known)
            assert_allclose(got, want, rtol=1e-5, atol=1e-5)
        outer = rng.standard_normal(x.shape)
        double = getattr(cypool, name + "_double_backward")(
            outer, gradient, source, kernel_size, output_size, **p, **more
        )
        exact = getattr(cypool, name + "_backward")(double, source, kernel_size, output_size, **p, **more)
        assert_allclose((double * gradient).sum(), (outer * want).sum(), atol=1e-4)  # the adjoint identity
        assert exact.shape == x.shape
    finally:
        core.set_grain(grain)


def test_strides_that_mean_nothing():
    """Those of axes of one cell, and of arrays without elements, however odd."""
    x = np.random.default_rng(4).random((1, 1, 6, 5))
    for shape, pooled in ((x.shape, (1, 1, 2, 2)), ((0, *x.shape[1:]), (0, 1, 2, 2))):
        odd = np.lib.stride_tricks.as_strided(x, shape, (3, 1, *x.strides[2:]))
        p = {
            "kernel_size": 2,
            "output_size": 2,
            "_random_samples": np.full((*shape[:2], 2), 0.5),
            "return_indices": True,
        }
        got, want = cypool.fractional_max_pool2d(odd, **p), cypool.fractional_max_pool2d(x[: shape[0]], **p)
        assert want[0].shape == pooled
        for part, wanted in zip(got, want, strict=True):
            same(part, wanted)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_every_step_is_rounded_to_the_dtype(dtype):
    rng = np.random.default_rng(1)
    for n, k, m in [(25, 2, 12), (100, 3, 60), (300, 1, 299), (2000, 2, 1500), (7, 7, 1), (9, 2, 8)]:
        samples = rng.random(40).astype(dtype)
        samples[samples >= 1] = 0
        got = fractional.starts(samples, n, k, m)
        assert got.tolist() == [slow.starts(u, n, k, m) for u in samples]
        assert (got >= 0).all() and (got <= n - k).all() and (got[:, -1] == n - k).all()


def test_samples_name_width_before_height_and_depth_first():
    x = np.arange(2 * 5 * 9.0).reshape(1, 2, 5, 9)
    samples = np.array([[[0.9, 0.1], [0.2, 0.7]]])
    _, index = cypool.fractional_max_pool2d(x, 1, (3, 4), return_indices=True, _random_samples=samples)
    for c in range(2):
        down, across = slow.starts(samples[0, c, 1], 5, 1, 3), slow.starts(samples[0, c, 0], 9, 1, 4)
        assert_array_equal(index[0, c], np.add.outer(9 * np.array(down), across))
    samples = np.array([[[0.9, 0.1, 0.5]]])
    x = np.arange(5 * 6 * 7.0).reshape(1, 1, 5, 6, 7)
    _, index = cypool.fractional_max_pool3d(x, 1, 3, return_indices=True, _random_samples=samples)
    first = [slow.starts(u, n, 1, 3) for u, n in zip(samples[0, 0], (5, 6, 7), strict=True)]
    assert_array_equal(
        index[0, 0], np.add.outer(np.add.outer(42 * np.array(first[0]), 7 * np.array(first[1])), first[2])
    )


def test_draws():
    x = np.random.default_rng(2).standard_normal((2, 3, 12, 12)).astype(np.float32)
    one = cypool.fractional_max_pool2d(x, 2, 5, rng=7)
    assert_array_equal(cypool.fractional_max_pool2d(x, 2, 5, rng=7), one)
    assert_array_equal(cypool.fractional_max_pool2d(x, 2, 5, rng=np.random.default_rng(7)), one)
    assert (cypool.fractional_max_pool2d(x, 2, 5, rng=8) != one).any()
    assert any((cypool.fractional_max_pool2d(x, 2, 5) != one).any() for _ in range(3))
    planes = cypool.fractional_max_pool2d(np.broadcast_to(x[:1, :1], x.shape), 2, 5, rng=7)
    assert (planes[0, 0] != planes[1, 2]).any()  # every plane has windows of its own
    for dtype in (np.float16, BFLOAT16, np.int32, bool):
        assert cypool.fractional_max_pool2d(x.astype(dtype), 2, 5, rng=7).dtype == dtype
    gradient = np.ones(one.shape)
    back = cypool.fractional_max_pool2d_backward(gradient, x, 2, 5, rng=7)
    indices = cypool.fractional_max_pool2d(x, 2, 5, return_indices=True, rng=7)[1]
    assert_array_equal(back, cypool.fractional_max_pool2d_backward(gradient, x, 2, 5, indices=indices))
    assert cypool.fractional_max_pool2d(x, 2, output_ratio=(0.5, 0.3), rng=0).shape == (2, 3, 6, 3)
    assert cypool.fractional_max_pool2d(x, 2, output_ratio=0.45, rng=0).shape == (2, 3, 5, 5)


@pytest.mark.parametrize("layout", ["plane", "global", "global_column_major", "channels_last"])
@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
def test_index_layouts(layout, data_format):
    """Each layout comes back by itself, and unpooling understands it."""
    x = np.random.default_rng(3).standard_normal((2, 3, 8, 9))
    x = x if data_format == "channels_first" else np.moveaxis(x, 1, -1)
    p = {"rng": 1, "data_format": data_format}
    values, plain = cypool.fractional_max_pool2d(x, 2, 4, return_indices=True, **p)
    _, indices = cypool.fractional_max_pool2d(x, 2, 4, return_indices=True, index_layout=layout, **p)
    gradient = np.random.default_rng(4).standard_normal(values.shape)
    got = cypool.fractional_max_pool2d_backward(
        gradient, x, 2, 4, indices=indices, index_layout=layout, data_format=data_format
    )
    want = cypool.fractional_max_pool2d_backward(gradient, x, 2, 4, indices=plain, data_format=data_format)
    assert_array_equal(got, want)


def test_masks_and_empty_windows():
    x = np.array([[[1.0, 5, 2], [4, np.nan, 3], [7, 8, 9]]])
    p = {"return_indices": True, "_random_samples": np.array([[[0.0, 0.0]]])}
    values, indices = cypool.fractional_max_pool2d(x, 2, 2, **p)
    assert_array_equal(values, np.full((1, 2, 2), np.nan))
    assert_array_equal(indices, np.full((1, 2, 2), 4))
    values, indices = cypool.fractional_max_pool2d(x, 2, 2, nan="ignore", **p)
    assert_array_equal(values, [[[5, 5], [8, 9]]])
    assert_array_equal(indices, [[[1, 1], [7, 8]]])
    mask = np.array([[0, 0, 1], [0, 0, 1], [1, 1, 1]], bool)
    values, indices = cypool.fractional_max_pool2d(x, 2, 2, mask=mask, **p)
    assert_array_equal(values, [[[-np.inf, 3], [8, 9]]])
    assert_array_equal(indices, [[[-1, 5], [7, 8]]])
    assert cypool.fractional_max_pool2d(x, 2, 2, mask=mask, empty=0, **p)[0][0, 0, 0] == 0
    back = cypool.fractional_max_pool2d_backward(np.ones((1, 2, 2)), x, 2, 2, indices=indices)
    assert_array_equal(back, [[[0, 0, 0], [0, 0, 1], [0, 1, 1]]])


# ---- TensorFlow's -----------------------------------------------------------------------------------------------------


@given(st.integers(1, 40), st.data(), st.booleans(), st.integers(0, 2**32 - 1))
def test_sequences(n, data, pseudo_random, seed):
    m = data.draw(st.integers(1, n))
    found = fractional.sequence(n, m, pseudo_random, np.random.default_rng(seed))
    widths = np.diff(found)
    assert len(found) == m + 1 and found[0] == 0 and found[-1] == n
    assert set(widths) <= {n // m, n // m + 1}


@given(st.data())
def test_shared_windows_against_the_reference(data):
    op, overlapping = data.draw(st.sampled_from(["max", "avg"])), data.draw(st.booleans())
    shape = tuple(data.draw(st.integers(1, 8)) for _ in range(3))
    axes = data.draw(st.sampled_from([(1, 2), (0, 1), (2, 0), (1,)]))
    ratio = tuple(data.draw(st.sampled_from([1, 1.4, 2, 2.7])) for _ in axes)
    ratio = tuple(min(r, shape[a]) for r, a in zip(ratio, axes, strict=True))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    dtype = data.draw(st.sampled_from([np.dtype(d) for d in "bHfd"]))
    x = rng.integers(0, 60, shape).astype(dtype)
    mask = rng.random(shape) < 0.7 if data.draw(st.booleans()) else None
    p = {"axes": axes, "overlapping": overlapping, "mask": mask}
    run, extra = getattr(cypool, f"fractional_{op}_pool"), {"return_indices": True} if op == "max" else {}
    pseudo_random = data.draw(st.booleans())
    *got, sequences = run(x, ratio, pseudo_random, rng=5, return_sequences=True, **p, **extra)
    assert [len(s) - 1 for s in sequences] == [int(shape[a] / r) for a, r in zip(axes, ratio, strict=True)]
    want = slow.shared_pool(op, x, sequences, overlapping, axes, mask=mask)
    for a, b in zip(got, want if op == "max" else [want], strict=True):
        assert a.dtype == b.dtype
        assert_allclose(a, b, rtol=1e-6)
    again = run(x, ratio, sequences=sequences, **p, **extra)
    assert_array_equal(again[0] if op == "max" else again, got[0])
    gradient = rng.standard_normal(got[0].shape)
    back = getattr(cypool, f"fractional_{op}_pool_backward")
    want = slow.shared_pool_backward(op, gradient, x, sequences, overlapping, axes, mask=mask)
    assert_allclose(back(gradient, x, ratio, sequences=sequences, **p), want, atol=1e-12)
    assert_allclose(back(gradient, x, ratio, pseudo_random, rng=5, **p), want, atol=1e-12)
    if op == "max":
        assert_allclose(back(gradient, x, ratio, sequences=sequences, indices=got[1], **p), want, atol=1e-12)
    outer = rng.standard_normal(shape)
    double = getattr(cypool, f"fractional_{op}_pool_double_backward")(
        outer, gradient, x, ratio, sequences=sequences, **p
    )
    # the adjoint identity; averages of no cells are NaN and have no gradient
    assert_allclose(np.nansum(double * gradient), (outer * want).sum(), atol=1e-9)


def test_a_sequence_of_boundaries():
    x = np.array([1.0, 9, 2, 3, 8, 0, 4])
    p = {"axes": 0, "sequences": ([0, 2, 4, 5, 7],)}
    assert cypool.fractional_max_pool(x, 1.5, **p).tolist() == [9, 3, 8, 4]
    assert cypool.fractional_max_pool(x, 1.5, overlapping=True, **p).tolist() == [9, 8, 8, 4]
    assert cypool.fractional_avg_pool(x, 1.5, **p).tolist() == [5, 2.5, 8, 2]
    assert_allclose(cypool.fractional_avg_pool(x, 1.5, overlapping=True, **p), [4, 13 / 3, 4, 2])
    assert [s.tolist() for s in cypool.fractional_max_pool(x, 1.5, return_sequences=True, **p)[1]] == [[0, 2, 4, 5, 7]]


# ---- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "error", "text"),
    [
        ({"output_size": None}, ValueError, "output_size or output_ratio must be given"),
        ({"output_size": 0}, ValueError, "output_size must be at least 1"),
        ({"output_size": 5}, ValueError, "must not exceed the extent 5 of axis 1, got 5 [+] 2 - 1"),
        ({"output_size": (3, 3, 3)}, ValueError, "output_size"),
        ({"output_size": None, "output_ratio": 1.5}, ValueError, r"output_ratio must lie in \(0, 1\].* got 1.5"),
        ({"output_size": None, "output_ratio": 0.1}, ValueError, "output_size must be at least 1"),
        ({"output_size": None, "output_ratio": (0.5,) * 3}, ValueError, "output_ratio must be a number or have"),
        ({"output_size": None, "output_ratio": "a"}, TypeError, "output_ratio must be a real number"),
        ({"kernel_size": 0}, ValueError, "kernel_size"),
        ({"kernel_size": 2**62}, ValueError, "must not exceed the extent"),
        (
            {"_random_samples": np.zeros((1, 1, 2))},
            TypeError,
            "_random_samples must have x's dtype float32, got float64",
        ),
        ({"_random_samples": np.zeros((1, 2, 2), np.float32)}, ValueError, r"shape \(1, 1, 2\), got \(1, 2, 2\)"),
        ({"_random_samples": np.full((1, 1, 2), 1, np.float32)}, ValueError, r"must lie in \[0, 1\), got 1"),
        ({"_random_samples": np.full((1, 1, 2), np.nan, np.float32)}, ValueError, r"must lie in \[0, 1\), got nan"),
        ({"rng": "seed"}, TypeError, "rng must be an integer"),
        ({"rng": -1}, ValueError, "rng must be at least 0"),
        ({"index_layout": "window"}, ValueError, "index_layout must be one of"),
        ({"return_indices": 1}, TypeError, "return_indices must be a bool"),
        ({"return_indices": True, "out": np.zeros((1, 3, 3), np.float32)}, TypeError, "out must be a pair"),
        ({"out": np.zeros((1, 3, 3))}, TypeError, "out must have the result's dtype"),
        ({"x": np.ones((5, 5), np.float32)}, ValueError, "got rank 2"),
        ({"num_threads": 0}, ValueError, "num_threads"),
    ],
)
def test_refusals(p, error, text):
    p = {"x": np.ones((1, 5, 5), np.float32), "kernel_size": 2, "output_size": 3, **p}
    with pytest.raises(error, match=text):
        cypool.fractional_max_pool2d(**p)


@pytest.mark.parametrize(
    ("p", "error", "text"),
    [
        ({"pooling_ratio": 0.5}, ValueError, "pooling_ratio must be at least 1"),
        ({"pooling_ratio": 6}, ValueError, "must leave a window on axis 1 of extent 5, got 6"),
        ({"pooling_ratio": "2"}, TypeError, "pooling_ratio must be a real number"),
        ({"pooling_ratio": (1, 1, 2, 3)}, ValueError, "at least 4 axes"),
        ({"pseudo_random": 1}, TypeError, "pseudo_random must be a bool"),
        ({"overlapping": None}, TypeError, "overlapping must be a bool"),
        ({"sequences": [[0, 2, 5]]}, TypeError, "one sequence for each of 2 axes"),
        ({"sequences": ([0, 2, 5], [0, 5])}, ValueError, "must ascend from 0 to 5 in 2 steps on axis 2"),
        ({"sequences": ([0, 5, 5], [0, 2, 5])}, ValueError, "must ascend from 0 to 5 in 2 steps on axis 1"),
        ({"sequences": ([1, 2, 5], [0, 2, 5])}, ValueError, "must ascend"),
        ({"sequences": ([0.0, 2, 5], [0, 2, 5])}, TypeError, "sequences must be integers"),
        ({"x": np.ones((1, 0, 5))}, ValueError, "cannot pool axis 1"),
    ],
)
def test_refusals_of_shared_windows(p, error, text):
    p = {"x": np.ones((1, 5, 5)), "pooling_ratio": 2.5, **p}
    for op in ("max", "avg"):
        with pytest.raises(error, match=text):
            getattr(cypool, f"fractional_{op}_pool")(**p)


def test_gradients_must_know_the_windows():
    x = np.ones((1, 5, 5))
    with pytest.raises(ValueError, match="indices, _random_samples or rng must tell"):
        cypool.fractional_max_pool2d_backward(np.ones((1, 3, 3)), x, 2, 3)
    with pytest.raises(ValueError, match="sequences or rng must tell"):
        cypool.fractional_avg_pool_backward(np.ones((1, 2, 2)), x, 2.5)
    with pytest.raises(ValueError, match=r"indices must be cells of their planes, in \[0, 25\)"):
        cypool.fractional_max_pool2d_backward(np.ones((1, 3, 3)), x, 2, 3, indices=np.full((1, 3, 3), 25))
    with pytest.raises(ValueError, match=r"indices must be one for each value, of shape \(1, 3, 3\), got \(1, 3, 2\)"):
        cypool.fractional_max_pool2d_backward(np.ones((1, 3, 3)), x, 2, 3, indices=np.zeros((1, 3, 2), int))
    with pytest.raises(ValueError, match="grad_output must have the shape"):
        cypool.fractional_max_pool2d_backward(np.ones((1, 3, 2)), x, 2, 3, rng=0)


# ---- layers and PyTorch ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rank", [2, 3])
def test_layers(rank):
    x = np.random.default_rng(5).standard_normal((2, 3, *(9, 8, 7)[:rank]))
    make = getattr(cypool, f"FractionalMaxPool{rank}d")
    for options in ({"output_size": 3}, {"output_ratio": 0.5, "return_indices": True}):
        layer = make(2, rng=3, **options)
        values, indices = getattr(cypool, f"fractional_max_pool{rank}d")(
            x, 2, rng=3, **{**options, "return_indices": True}
        )
        got = layer(x)
        if "return_indices" in options:
            assert_array_equal(got[1], indices)
            got = got[0]
        assert_array_equal(got, values)
        gradient = np.random.default_rng(6).standard_normal(values.shape)
        want = getattr(cypool, f"fractional_max_pool{rank}d_backward")(gradient, x, 2, indices=indices, **options)
        assert_array_equal(layer.backward(gradient), want)
        second = layer(x)
        assert ((second[0] if isinstance(second, tuple) else second) != values).any()  # each forward draws anew
        layer.eval()(x)
        with pytest.raises(RuntimeError, match="needs a forward"):
            layer.backward(gradient)
    for wrong in ({}, {"output_size": 2, "output_ratio": 0.5}):
        with pytest.raises(ValueError, match="one of output_size and output_ratio must be given"):
            make(2, **wrong)


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rank", "least"), [(2, 30), (3, 40)])
@pytest.mark.parametrize("kind", ["float64", "float32", "float16"])
def test_torch(rank, least, kind):
    torch = pytest.importorskip("torch")
    methods = pytest.importorskip("torch.testing._internal.common_methods_invocations")
    name, dtype, count = f"fractional_max_pool{rank}d", getattr(torch, kind), 0
    theirs, ours = getattr(torch.nn.functional, name), getattr(cypool, name)
    (info,) = [i for i in methods.op_db if i.name == f"nn.functional.{name}"]
    for sample in info.sample_inputs("cpu", dtype, requires_grad=True):
        count += 1
        p = {k: tuple(v) if isinstance(v, (list, tuple)) else v for k, v in sample.kwargs.items()}
        x = sample.input.detach().numpy()
        shape = ((1, *x.shape) if x.ndim == rank + 1 else x.shape)[:2] + (rank,)
        samples = p.pop("_random_samples", None)
        if samples is not None and not ((samples >= 0) & (samples < 1)).all():
            with pytest.raises(ValueError, match="_random_samples must lie in"):
                ours(x, *sample.args, **p, _random_samples=samples.detach().numpy())
        samples = torch.rand(shape, dtype=dtype)
        p["return_indices"] = True
        want = theirs(sample.input, *sample.args, **p, _random_samples=samples)
        got = ours(x, *sample.args, **p, _random_samples=samples.numpy())
        for mine, other in zip(got, want, strict=True):
            same(mine, other.detach().numpy())
        gradient = torch.rand(want[0].shape, dtype=dtype)
        (back,) = torch.autograd.grad(want[0], sample.input, gradient)
        got = getattr(cypool, name + "_backward")(gradient.numpy(), x, *sample.args, **p, indices=got[1])
        tolerance = 1e-2 if kind == "float16" else 1e-5
        assert_allclose(got, back.numpy(), rtol=tolerance, atol=tolerance)
    assert count >= least
    pairs = ((ours, getattr(torch.nn.functional, name + "_with_indices")),
             (getattr(cypool, f"FractionalMaxPool{rank}d"), getattr(torch.nn, f"FractionalMaxPool{rank}d")))  # fmt: skip
    for mine, other in pairs:
        order = [
            (p.name, p.default)
            for p in inspect.signature(mine).parameters.values()
            if p.kind is p.POSITIONAL_OR_KEYWORD
        ]
        assert order == [(n.replace("input", "x"), p.default) for n, p in inspect.signature(other).parameters.items()]


@pytest.mark.peers
@pytest.mark.parametrize("rank", [2, 3])
def test_torch_geometries(rank):
    """Windows as PyTorch places them over many extents, float32 and float64, to the bit of the index."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(8)
    theirs, ours = (
        getattr(torch.nn.functional, f"fractional_max_pool{rank}d"),
        getattr(cypool, f"fractional_max_pool{rank}d"),
    )
    for _ in range(60):
        kernel_size, output_size = (tuple(int(i) for i in rng.integers(1, 5, rank)) for _ in range(2))
        spatial = [m + k + int(rng.integers(0, 12)) for m, k in zip(output_size, kernel_size, strict=True)]
        dtype = np.dtype(rng.choice(["float32", "float64"]))
        x = rng.integers(-3, 4, (2, 3, *spatial)).astype(dtype)
        samples = rng.random((2, 3, rank)).astype(dtype)
        p = {"output_size": output_size, "return_indices": True}
        want = theirs(torch.from_numpy(x), kernel_size, **p, _random_samples=torch.from_numpy(samples))
        got = ours(x, kernel_size, **p, _random_samples=samples)
        for mine, other in zip(got, want, strict=True):
            same(mine, other.numpy())


def test_the_reference_is_the_general_one():
    """One window a plane is global pooling."""
    x = np.random.default_rng(9).standard_normal((2, 3, 4, 5))
    got = cypool.fractional_max_pool2d(x, (4, 5), 1, rng=0)
    assert_array_equal(got, reference.global_max_pool(x))


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("rank", [2, 3])
def test_torch_modules(rank):
    """The samples of PyTorch's own tests of its modules."""
    torch = pytest.importorskip("torch")
    database = pytest.importorskip("torch.testing._internal.common_modules").module_db
    name, count = f"FractionalMaxPool{rank}d", 0
    (info,) = [i for i in database if i.name == f"nn.{name}"]
    for sample in info.module_inputs_func(info, device="cpu", dtype=torch.float64, requires_grad=True, training=True):
        made, (x,) = sample.constructor_input, sample.forward_input.args
        options = dict(made.kwargs)
        if x.ndim == rank + 1:
            options["_random_samples"] = options["_random_samples"][
                :1
            ]  # of which torch takes the first and we want no more
        theirs, ours = getattr(torch.nn, name)(*made.args, **options), getattr(cypool, name)(*made.args, **options)
        want, got = theirs(x), ours(x.detach().numpy())
        pairs = zip(want, got, strict=True) if ours.return_indices else [(want, got)]
        for other, mine in pairs:
            same(mine, other.detach().numpy())
        value = want[0] if ours.return_indices else want
        gradient = torch.rand(value.shape, dtype=torch.float64)
        (back,) = torch.autograd.grad(value, x, gradient)
        assert_allclose(ours.backward(gradient.numpy()), back.numpy(), rtol=1e-12)
        count += 1
    assert count >= 5
