"""Unpooling: against the slow reference, by hand at the edges, and against PyTorch's published samples."""

import inspect

import numpy as np
import pytest
from drawing import laid_out
from drawing_placed import LAYOUTS, unpooled_calls
from dtypes import DTYPES, FLOATS
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import cypool
from cypool import reference_unpool as reference
from cypool.kernels import core

VIEWS = ("plain", "reversed", "sliced", "transposed", "misaligned", "swapped", "readonly")


def same(got, want):
    assert got.dtype == want.dtype and got.shape == want.shape
    assert got.tobytes() == want.tobytes()


@given(unpooled_calls(), st.sampled_from(DTYPES), st.sampled_from(VIEWS), st.sampled_from([1, 2]), st.data())
def test_against_the_reference(call, dtype, view, threads, data):
    rank, x, indices, p = call
    x = (x > 0 if dtype == np.bool_ else np.abs(x) if dtype.kind == "u" else x).astype(dtype)
    grain = core.set_grain(1)
    try:
        run = {
            suffix: getattr(cypool, f"max_unpool{rank}d{suffix}") for suffix in ("", "_backward", "_double_backward")
        }
        want = reference.max_unpool(x, indices, **p)
        source, where = laid_out(x, view), laid_out(indices, data.draw(st.sampled_from(VIEWS)))
        same(run[""](source, where, **p, num_threads=threads), want)
        out = laid_out(np.ones(want.shape, dtype), data.draw(st.sampled_from(VIEWS[:5])))
        assert run[""](source, where, **p, out=out) is out
        same(np.ascontiguousarray(out), want)
        real = data.draw(st.sampled_from(FLOATS))
        rng = np.random.default_rng(0)
        gradient, outer = rng.integers(-9, 9, want.shape).astype(real), rng.integers(-9, 9, x.shape).astype(real)
        same(
            run["_backward"](laid_out(gradient, view), x.shape, where, **p, num_threads=threads),
            reference.max_unpool_backward(gradient, x, indices, **p),
        )
        double = run["_double_backward"](laid_out(outer, view), gradient, source, where, **p, num_threads=threads)
        want = reference.max_unpool_double_backward(outer, gradient, x, indices, **p)
        assert double.dtype == want.dtype
        assert_array_equal(double.astype(float), want.astype(float))
    finally:
        core.set_grain(grain)


def test_the_last_of_duplicates_stays():
    x = np.arange(1.0, 9).reshape(1, 2, 4)
    values = cypool.max_unpool2d(x, np.zeros((1, 2, 4), int), 1)
    assert_array_equal(values, [[[8, 0, 0, 0], [0, 0, 0, 0]]])
    rng = np.random.default_rng(1)
    x, indices = rng.standard_normal((64, 3, 40)), rng.integers(0, 5, (64, 3, 40))
    want = np.zeros((64, 3, 80))
    for n, c, w in np.ndindex(x.shape):
        want[n, c, indices[n, c, w]] = x[n, c, w]
    grain = core.set_grain(1)
    try:
        for threads in (1, 2, 3, 8):
            same(cypool.max_unpool1d(x, indices, 2, num_threads=threads), want)
    finally:
        core.set_grain(grain)


def test_it_undoes_max_pooling():
    """Windows side by side: what was not chosen becomes 0, and pooling again finds the same values and indices."""
    x = np.random.default_rng(2).random((2, 3, 9, 8, 7)) + 1
    values, indices = cypool.max_pool3d(x, 2, ceil_mode=True, return_indices=True)
    back = cypool.max_unpool3d(values, indices, 2, output_size=x.shape)
    assert back.shape == x.shape
    assert_array_equal(back[back != 0], x[back != 0])
    again = cypool.max_pool3d(back, 2, ceil_mode=True, return_indices=True)
    assert_array_equal(again[0], values)
    assert_array_equal(again[1], indices)
    for layout in LAYOUTS:
        values, indices = cypool.max_pool2d(x[0], 3, 2, 1, return_indices=True, index_layout=layout)
        cypool.max_unpool2d(values, indices, 3, 2, 1, output_size=(8, 7), index_layout=layout)
        assert_array_equal(
            cypool.max_unpool2d(values, indices, 3, 2, 1, output_size=(8, 7), index_layout=layout),
            cypool.max_unpool2d(values, cypool.max_pool2d(x[0], 3, 2, 1, return_indices=True)[1], 3, 2, 1, (8, 7)),
        )


def test_adjoint():
    """<put x, y> = <x, take y> without duplicates, and <take y, x> = <y, add x> with them."""
    rng = np.random.default_rng(3)
    x, y = rng.integers(-9, 9, (2, 3, 4, 5)).astype(float), rng.integers(-9, 9, (2, 3, 8, 10)).astype(float)
    indices = np.stack([rng.permutation(80)[:20].reshape(4, 5) for _ in range(6)]).reshape(x.shape)
    put, take = cypool.max_unpool2d(x, indices, 2), cypool.max_unpool2d_backward(y, x, indices, 2)
    assert (put * y).sum() == (x * take).sum()
    indices %= 7
    take = cypool.max_unpool2d_backward(y, x, indices, 2)
    add = cypool.max_unpool2d_double_backward(x, y, x, indices, 2)
    assert (take * x).sum() == (y * add).sum()


# ---- extents and errors ------------------------------------------------------------------------------------------------


def values():
    return np.ones((1, 2, 3), np.float32)


def places():
    return np.arange(6).reshape(1, 2, 3)


def test_extents():
    x, zeros = values(), places() * 0
    assert cypool.max_unpool2d(x, zeros, 2).shape == (1, 4, 6)
    assert cypool.max_unpool2d(x, zeros, 3, 2, 1).shape == (1, 3, 5)
    assert cypool.max_unpool2d(x, zeros, 3, 2, 1, 4).shape == (1, 4, 4)
    assert cypool.max_unpool2d(x, zeros, 2, output_size=(7, 9, 5, 5)).shape == (1, 5, 5)
    last = np.ones((1, 2, 3, 5))
    got = cypool.max_unpool2d(last, np.zeros(last.shape, int), 2, output_size=(1, 5, 7, 5), data_format="channels_last")
    assert got.shape == (1, 5, 7, 5)
    empty = cypool.max_unpool1d(np.ones((3, 1)), np.full((3, 1), -1), 2, 1, 1)  # (1 - 1)*1 - 2 + 2
    assert empty.shape == (3, 0)
    assert cypool.max_unpool1d_backward(empty, (3, 1), np.full((3, 1), -1), 2, 1, 1).tolist() == [[0], [0], [0]]
    assert cypool.max_unpool1d_double_backward(np.ones((3, 1)), empty, (3, 1), np.full((3, 1), -1), 2, 1, 1).size == 0


@pytest.mark.parametrize(
    ("p", "error", "text"),
    [
        ({"output_size": (2, 6)}, ValueError, "output_size must lie between 2 and 6, exclusive, on axis 1, got 2"),
        ({"output_size": (4, 8)}, ValueError, "output_size must lie between 4 and 8, exclusive, on axis 2, got 8"),
        ({"output_size": (1, 4, 6)}, ValueError, "output_size"),
        ({"output_size": (4.0, 6)}, TypeError, "output_size"),
        ({"output_size": -1}, ValueError, "output_size must be at least 0"),
        ({"padding": 3}, ValueError, "unpooled extent of axis 1 must be at least 0.* got -2"),
        ({"padding": "same"}, TypeError, "padding must be an int or a sequence"),
        ({"kernel_size": 0}, ValueError, "kernel_size"),
        ({"stride": 2**62}, ValueError, "fit memory"),
        ({"kernel_size": 2**31, "stride": 2**31}, ValueError, "fit memory"),
        ({"data_format": "NCHW"}, ValueError, "data_format"),
        ({"index_layout": "row"}, ValueError, "index_layout"),
        ({"indices": places() + 24}, ValueError, r"indices must be cells of their planes, in \[0, 24\), or -1, got 2"),
        ({"indices": places() - 2}, ValueError, "or -1, got -2"),
        ({"indices": places() * 1.0}, TypeError, "indices must be integers"),
        ({"indices": places()[:, :1]}, ValueError, r"indices must be one for each value, of shape \(1, 2, 3\), got \(1, 1, 3\)"),
        ({"indices": np.full((1, 2, 3), 2**64 - 1, np.uint64)}, ValueError, "indices must fit int64"),
        ({"index_layout": "channels_last", "x": np.ones((3, 1, 1)), "indices": [[[-3]], [[1]], [[2]]]}, ValueError, "got -3"),
        ({"index_layout": "global", "indices": places() + 24}, ValueError, "own planes"),
        ({"index_layout": "window", "indices": places()}, TypeError, "must be uint8 here, got int64"),
        ({"index_layout": "window", "indices": places().astype(np.uint8)}, ValueError, "own windows, got 4"),
        ({"index_layout": "window", "padding": 1, "indices": np.zeros((1, 2, 3), np.uint8)}, ValueError, "own windows, got 0"),
        ({"x": np.ones((1, 0, 3)), "indices": np.ones((1, 0, 3), int)}, ValueError, "cannot unpool axis 1: its extent is 0"),
        ({"x": np.ones((2, 3)), "indices": np.ones((2, 3), int)}, ValueError, "for 2d pooling, got rank 2"),
        ({"x": np.ones((1, 2, 3), complex)}, TypeError, "x must have one of the dtypes"),
        ({"out": np.ones((1, 4, 6))}, TypeError, "out must have the result's dtype float32"),
        ({"out": np.ones((1, 4, 5), np.float32)}, ValueError, "out must have the result's shape"),
        ({"num_threads": 0}, ValueError, "num_threads"),
    ],
)  # fmt: skip
def test_refusals(p, error, text):
    p = {"x": values(), "indices": places(), "kernel_size": 2, **p}
    with pytest.raises(error, match=text):
        cypool.max_unpool2d(**p)


def test_nothing_is_written_when_an_index_is_wrong():
    indices = places()
    indices[0, 1, 2] = 99
    out = np.full((1, 4, 6), 7, np.float32)
    with pytest.raises(ValueError, match="got 99"):
        cypool.max_unpool2d(values(), indices, 2, out=out)
    assert (out == 7).all()
    back = np.full((1, 2, 3), 7, np.float32)
    with pytest.raises(ValueError, match="got 99"):
        cypool.max_unpool2d_backward(out, values(), indices, 2, out=back)
    assert (back == 7).all()
    for run, arrays in (
        ("", (values(),)),
        ("_backward", (out, values())),
        ("_double_backward", (values(), out, values())),
    ):
        for bad in (99, -2, 2**62, -(2**62)):
            indices[0, 1, 2] = bad
            with pytest.raises(ValueError, match=f"or -1, got {bad}"):
                getattr(cypool, "max_unpool2d" + run)(*arrays, indices, 2)


def test_overlap_is_refused():
    memory = np.zeros(64)
    x, out = memory[:6].reshape(1, 2, 3), memory[4:28].reshape(1, 4, 6)
    with pytest.raises(ValueError, match="share memory"):
        cypool.max_unpool2d(x, places(), 2, out=out)
    where = np.zeros(24, np.int64)
    with pytest.raises(ValueError, match="share memory"):
        cypool.max_unpool2d(x.astype(np.int64), where[:6].reshape(1, 2, 3), 2, out=where.reshape(1, 4, 6))


def test_gradients_have_their_shapes():
    with pytest.raises(ValueError, match=r"grad_output must have the shape of the forward's result \(1, 4, 6\)"):
        cypool.max_unpool2d_backward(np.ones((1, 4, 5)), values(), places(), 2)
    with pytest.raises(ValueError, match=r"grad_grad_x must have the shape of x \(1, 2, 3\)"):
        cypool.max_unpool2d_double_backward(np.ones((1, 4, 5)), np.ones((1, 4, 6)), values(), places(), 2)
    with pytest.raises(TypeError, match="grad_output must be floating"):
        cypool.max_unpool2d_backward(np.ones((1, 4, 6), int), values(), places(), 2)
    with pytest.raises(TypeError, match="missing a required argument: 'indices'"):
        cypool.max_unpool2d(values())


# ---- layers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_layers(rank):
    x = np.random.default_rng(4).standard_normal((2, 3, *(6, 5, 4)[:rank]))
    pool = getattr(cypool, f"MaxPool{rank}d")(3, 2, 1, return_indices=True)
    layer = getattr(cypool, f"MaxUnpool{rank}d")(3, 2, 1)
    with pytest.raises(RuntimeError, match="needs a forward"):
        layer.backward(x)
    value, indices = pool(x)
    got = layer(value, indices, x.shape)
    same(got, getattr(cypool, f"max_unpool{rank}d")(value, indices, 3, 2, 1, x.shape))
    want = getattr(cypool, f"max_unpool{rank}d_backward")(x, value, indices, 3, 2, 1, x.shape)
    indices[...] = 0  # the layer keeps its own
    same(layer.backward(x), want)
    layer.eval()(value, indices, x.shape)
    with pytest.raises(RuntimeError, match="needs a forward"):
        layer.backward(x)
    text = "(kernel_size=3, stride=2, padding=1, data_format='channels_first')"
    assert repr(layer) == f"MaxUnpool{rank}d{text}"


# ---- PyTorch -----------------------------------------------------------------------------------------------------------


def samples(rank, dtype, variant=""):
    methods = pytest.importorskip("torch.testing._internal.common_methods_invocations")
    name = f"nn.functional.max_unpool{rank}d"
    (info,) = [i for i in methods.op_db if i.name == name and i.variant_test_name == variant]
    return info, info.sample_inputs("cpu", dtype, requires_grad=True)


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("rank", "least"), [(1, 140), (2, 280), (3, 90)])
def test_torch(rank, least):
    torch = pytest.importorskip("torch")
    name, layer, count = f"max_unpool{rank}d", f"MaxUnpool{rank}d", 0
    function = getattr(torch.nn.functional, name)
    info, some = samples(rank, torch.float32)
    for sample in some:
        count += 1
        (indices,) = sample.args
        want = function(sample.input, indices, **sample.kwargs)
        arguments = (sample.input.detach().numpy(), indices.numpy())
        p = {k: tuple(v) if isinstance(v, (tuple, list)) else v for k, v in sample.kwargs.items()}
        got = getattr(cypool, name)(*arguments, **p)
        distinct = len(np.unique(indices.numpy())) == indices.numel()
        if distinct:  # with duplicates torch's threads race
            same(got, want.detach().numpy())
        assert got.shape == tuple(want.shape)
        gradient = torch.rand(want.shape)
        (back,) = torch.autograd.grad(want, sample.input, gradient)
        assert_array_equal(getattr(cypool, name + "_backward")(gradient.numpy(), *arguments, **p), back.numpy())
    assert count >= least
    refused = 0
    for case in info.error_inputs("cpu"):
        sample = case.sample_input
        with pytest.raises(ValueError, match="indices must be one for each value"):
            getattr(cypool, name)(sample.input.numpy(), sample.args[0].numpy(), **sample.kwargs)
        refused += 1
    assert refused
    for ours, theirs in ((getattr(cypool, name), function), (getattr(cypool, layer), getattr(torch.nn, layer))):
        parameters = inspect.signature(ours).parameters.values()
        order = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        assert order == [n.replace("input", "x") for n in inspect.signature(theirs).parameters]


@pytest.mark.peers
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_output_size_is_bounded_as_in_torch(rank):
    """Every extent around the default: accepted and refused alike."""
    torch = pytest.importorskip("torch")
    theirs, ours = getattr(torch.nn.functional, f"max_unpool{rank}d"), getattr(cypool, f"max_unpool{rank}d")
    accepted = refused = 0
    for n, k, s, p in [(1, 1, 1, 0), (2, 3, 2, 1), (3, 2, 3, 0), (1, 2, 1, 1), (2, 1, 4, 0), (1, 3, 4, 1)]:
        x = torch.ones((1, 1) + (n,) * rank)
        indices = torch.zeros(x.shape, dtype=torch.int64)
        for size in range(1, 12):
            call = {"kernel_size": k, "stride": s, "padding": p, "output_size": (size,) * rank}
            try:
                want = theirs(x, indices, **call)
            except ValueError:
                with pytest.raises(ValueError, match="output_size"):
                    ours(x.numpy(), indices.numpy(), **call)
                refused += 1
            else:
                same(ours(x.numpy(), indices.numpy(), **call), want.numpy())
                accepted += 1
    assert accepted > 10 and refused > 10


@pytest.mark.peers
@pytest.mark.parametrize("seed", range(12))
def test_onnxruntime(seed):
    """ONNX counts indices over the whole array, and infers the default extent."""
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    rng = np.random.default_rng(seed)
    rank = int(rng.integers(1, 4))
    kernel_size, stride = (tuple(map(int, rng.integers(1, 4, rank))) for _ in range(2))
    shape = (2, 3, *map(int, rng.integers(2, 5, rank)))
    padding = tuple(int(rng.integers(0, 2)) if k > 1 else 0 for k in kernel_size)
    x = rng.random(shape).astype(np.float32)
    size = int(
        np.prod([(n - 1) * s - 2 * p + k for n, s, p, k in zip(shape[2:], stride, padding, kernel_size, strict=True)])
    )
    indices = rng.permuted(np.tile(np.arange(size), (6, 1)), axis=1)[:, : int(np.prod(shape[2:]))]
    if indices.shape[1] < np.prod(shape[2:]):
        indices = rng.integers(0, size, (6, int(np.prod(shape[2:]))))  # duplicates: the last stays there too
    indices = (indices + np.arange(6)[:, None] * size).reshape(shape)
    value = onnx.helper.make_tensor_value_info
    inputs = [value("x", onnx.TensorProto.FLOAT, None), value("i", onnx.TensorProto.INT64, None)]
    node = onnx.helper.make_node(
        "MaxUnpool", ["x", "i"], ["y"], kernel_shape=kernel_size, strides=stride, pads=padding * 2
    )
    graph = onnx.helper.make_graph([node], "g", inputs, [value("y", onnx.TensorProto.FLOAT, None)])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 11)], ir_version=8)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    want = session.run(None, {"x": x, "i": indices})[0]
    got = getattr(cypool, f"max_unpool{rank}d")(x, indices, kernel_size, stride, padding, index_layout="global")
    same(got, want)
