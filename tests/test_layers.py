"""Layers: each equals its function, forward and backward; what they keep, and when."""

import inspect

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import cypool
from cypool import layers

RANKS = (1, 2, 3)
OPS = ("Max", "Min", "Avg", "Sum")

# kind of layer: its function, what it is made with, what else its function is given
KINDS = {
    "{}Pool{}d": ("{}_pool{}d", {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}),
    "Adaptive{}Pool{}d": ("adaptive_{}_pool{}d", {"output_size": 2}),
    "Global{}Pool{}d": ("global_{}_pool", {"keepdims": False}),
}
LAYERS = [
    pytest.param(pattern.format(op, rank), function.format(op.lower(), rank), p, rank, id=pattern.format(op, rank))
    for pattern, (function, p) in KINDS.items()
    for op in OPS
    for rank in RANKS
]
every_layer = pytest.mark.parametrize(("name", "function", "p", "rank"), LAYERS)
selecting = [param for param in LAYERS if "Max" in param.id or "Min" in param.id]


def batch(rank, data_format="channels_first", dtype=np.float32):
    spatial = (7, 6, 5)[:rank]
    shape = (2, 3, *spatial) if data_format == "channels_first" else (2, *spatial, 3)
    return np.random.default_rng(rank).standard_normal(shape).astype(dtype)


def test_the_table_is_complete():
    assert sorted(param.id for param in LAYERS) == layers.__all__
    assert all(hasattr(cypool, name) for name in layers.__all__)


@every_layer
@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_a_layer_is_its_function(name, function, p, rank, data_format, dtype):
    x, p = batch(rank, data_format, dtype), {**p, "data_format": data_format}
    layer = getattr(layers, name)(**p)
    value = layer(x)
    want = getattr(cypool, function)(x, **p)
    assert value.dtype == want.dtype and value.shape == want.shape
    assert value.tobytes() == want.tobytes()
    gradient = np.random.default_rng(9).standard_normal(value.shape)
    back = layer.backward(gradient)
    assert back.shape == x.shape
    assert back.tobytes() == getattr(cypool, function + "_backward")(gradient, x, **p).tobytes()
    assert_array_equal(layer.eval()(x), value)  # the same without keeping anything


@every_layer
def test_train_and_eval(name, function, p, rank):
    layer, x = getattr(layers, name)(**p), batch(rank)
    assert layer.training
    with pytest.raises(RuntimeError, match=f"{name}.backward needs a forward"):
        layer.backward(np.ones(1))
    gradient = np.ones_like(layer(x))
    layer.backward(gradient)
    assert layer.backward(gradient).shape == x.shape  # as often as one likes
    assert layer.eval() is layer and not layer.training
    with pytest.raises(RuntimeError, match="training mode"):
        layer.backward(gradient)
    layer(x)
    with pytest.raises(RuntimeError, match="training mode"):
        layer.backward(gradient)
    assert layer.train() is layer and layer.training
    with pytest.raises(RuntimeError, match="training mode"):  # nothing comes back from before
        layer.backward(gradient)
    layer(x)
    assert layer.backward(gradient).shape == x.shape
    assert layer.train(False).training is False


@every_layer
def test_a_gradient_of_another_shape_is_refused(name, function, p, rank):
    layer, x = getattr(layers, name)(**p), batch(rank)
    shape = layer(x).shape
    with pytest.raises(ValueError, match="grad_output must have the shape"):
        layer.backward(np.ones((*shape[:-1], shape[-1] + 1)))
    with pytest.raises(TypeError, match="grad_output must be floating"):
        layer.backward(np.ones(shape, int))


@pytest.mark.parametrize(("name", "function", "p", "rank"), selecting)
def test_indices(name, function, p, rank):
    x = batch(rank)
    layer = getattr(layers, name)(**p, return_indices=True)
    got, want = layer(x), getattr(cypool, function)(x, **p, return_indices=True)
    assert_array_equal(got[0], want[0])
    assert_array_equal(got[1], want[1])
    assert got[1].dtype == np.int64
    gradient = np.ones_like(got[0])
    back = layer.backward(gradient)
    got[1][...] = -1  # the caller's own array: the layer kept another
    assert_array_equal(layer.backward(gradient), back)
    assert_array_equal(back, getattr(cypool, function + "_backward")(gradient, x, **p))
    assert len(layer.eval()(x)) == 2


# kernel_size -> bytes kept for each output
KEPT = [((3, 3), np.uint8), ((15, 17), np.uint8), ((16, 16), np.uint16), ((40, 40), np.uint16)]


@pytest.mark.parametrize(("kernel_size", "dtype"), KEPT)
@pytest.mark.parametrize("op", ["Max", "Min"])
def test_one_or_two_bytes_are_kept(op, kernel_size, dtype):
    x = np.random.default_rng(0).standard_normal((1, 1, 41, 41))
    layer = getattr(layers, f"{op}Pool2d")(kernel_size, 1)
    value = layer(x)
    arrays = [kept for kept in layer._kept if isinstance(kept, np.ndarray)]
    assert [kept.dtype for kept in arrays] == [dtype]
    assert arrays[0].size == value.size
    function = getattr(cypool, f"{op.lower()}_pool2d_backward")
    assert_array_equal(layer.backward(np.ones_like(value)), function(np.ones_like(value), x, kernel_size, 1))


@pytest.mark.parametrize("op", ["Avg", "Sum"])
def test_linear_layers_keep_the_shape_alone(op):
    layer = getattr(layers, f"{op}Pool2d")(2)
    x = batch(2)
    layer(x)
    assert layer._kept == x.shape


def test_a_layer_that_failed_keeps_the_last_forward():
    layer, x = layers.MaxPool2d(3), batch(2)
    gradient = np.ones_like(layer(x))
    back = layer.backward(gradient)
    with pytest.raises(ValueError, match="axis"):
        layer(np.ones((1, 1, 1, 1)))
    assert_array_equal(layer.backward(gradient), back)


# torch.nn's constructors: names in positional order (its functions have ceil_mode before return_indices)
SIGNATURES = {
    "MaxPool": ["kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode"],
    "AvgPool": ["kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"],
    "AdaptiveMaxPool": ["output_size", "return_indices"],
    "AdaptiveAvgPool": ["output_size"],
}


@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures_are_those_of_torch(name, rank):
    names = SIGNATURES[name]
    if (name, rank) == ("AvgPool", 1):
        names = names[:-1]  # torch.nn.AvgPool1d has no divisor_override
    parameters = inspect.signature(getattr(layers, f"{name}{rank}d")).parameters.values()
    assert [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD] == names


def test_the_order_trap():
    """torch: the module's fifth parameter is return_indices, the function's is dilation and then ceil_mode."""
    x = batch(2)
    assert isinstance(layers.MaxPool2d(2, 2, 0, 1, True)(x), tuple)
    assert not isinstance(cypool.max_pool2d(x, 2, 2, 0, 1, True), tuple)


@pytest.mark.parametrize(("layer", "text"), [
    (layers.MaxPool2d(3, padding=1),
     "MaxPool2d(kernel_size=3, stride=None, padding=1, dilation=1, return_indices=False, ceil_mode=False, "
     "data_format='channels_first')"),
    (layers.AdaptiveAvgPool1d(2), "AdaptiveAvgPool1d(output_size=2, data_format='channels_first')"),
    (layers.GlobalSumPool3d(), "GlobalSumPool3d(keepdims=True, data_format='channels_first')"),
])  # fmt: skip
def test_repr(layer, text):
    assert repr(layer) == text
    assert repr(eval(text, vars(layers))) == text


@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("op", OPS)
def test_global_layers_refuse_other_ranks(op, rank, data_format):
    """As the others do; without N they pool the spatial axes, not what the function takes for them."""
    layer = getattr(layers, f"Global{op}Pool{rank}d")(data_format=data_format)
    with pytest.raises(ValueError, match=f"for {rank}d pooling, got rank"):
        layer(np.ones((2,) * (rank + 3)))
    x = batch(rank, data_format)
    assert_array_equal(layer(x[0]), layer(x)[0])
    assert layer(x[0])[..., 0].ndim == rank
    gradient = np.ones_like(layer(x[0]))
    assert layer.backward(gradient).shape == x[0].shape


def test_array_likes():
    layer = layers.AvgPool1d(2)
    assert_array_equal(layer([[1.0, 3, 5, 7]]), [[2, 6]])
    assert_array_equal(layer.backward([[2.0, 4]]), [[1, 1, 2, 2]])
    with pytest.raises(TypeError, match="masked"):
        layer(np.ma.ones((1, 4)))


@pytest.mark.parametrize(
    "layer", [cypool.MaxPool2d(2), cypool.AvgPool2d(2), cypool.LPPool2d(2, 2), cypool.GeMPool2d(2)]
)
def test_a_refused_forward_leaves_the_last_one(layer):
    x = np.arange(1, 17, dtype=np.float32).reshape(1, 1, 4, 4)
    gradient = np.ones_like(layer(x))
    want = np.array(layer.backward(gradient))
    with pytest.raises(ValueError, match="rank 1"):
        layer(np.zeros(3, np.float32))
    assert (layer.backward(gradient) == want).all()
