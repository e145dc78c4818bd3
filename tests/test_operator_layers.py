"""Layers of the operators beyond torch.nn's: each equals its function, and learns what can be learnt."""

import inspect
import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import cypool
from cypool import operator_layers

OWN = {"LP": {"norm_type": 3}, "Quantile": {"q": 0.3}, "TopK": {"k": 2}}
KINDS = {
    "windowed": {"kernel_size": 3, "stride": 2, "padding": 1},
    "adaptive": {"output_size": 2},
    "global": {"keepdims": False},
}
LAYERS = [
    pytest.param(word, row, kind, rank, id=f"{'' if kind == 'windowed' else kind.capitalize()}{word}Pool{rank}d")
    for word, row in operator_layers._ROWS.items()
    for kind in row.kinds
    for rank in (1, 2, 3)
]
every_layer = pytest.mark.parametrize(("word", "row", "kind", "rank"), LAYERS)


def batch(rank, data_format="channels_first"):
    spatial = (7, 6, 5)[:rank]
    shape = (2, 3, *spatial) if data_format == "channels_first" else (2, *spatial, 3)
    return np.random.default_rng(rank).random(shape) + 0.5


def made(word, row, kind, rank, data_format="channels_first"):
    """A layer, and its function with the same parameters."""
    p = KINDS[kind] | OWN.get(word, {}) | {"data_format": data_format}
    if "w" in row.learnt:
        del p["kernel_size"]
        p |= {"w": np.linspace(-1, 0, 3**rank).reshape((3,) * rank)} | ({"bias": 0.5} if "bias" in row.learnt else {})
    prefix = "" if kind == "windowed" else kind.capitalize()
    layer = getattr(cypool, f"{prefix}{word}Pool{rank}d")(**p)
    stem = f"{'' if kind == 'windowed' else kind + '_'}{row.op}_pool"
    name = stem if kind == "global" else f"{stem}{rank}d"
    return layer, name, p


def test_the_table_is_complete():
    assert sorted(param.id for param in LAYERS) == operator_layers.__all__


@every_layer
@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
def test_a_layer_is_its_function(word, row, kind, rank, data_format):
    x = batch(rank, data_format)
    layer, name, p = made(word, row, kind, rank, data_format)
    y = layer(x)
    assert_array_equal(y, getattr(cypool, name)(x, **p))
    gradient = np.random.default_rng(3).random(y.shape)
    got, want = layer.backward(gradient), getattr(cypool, name + "_backward")(gradient, x, **p)
    if row.learnt:
        want, *slopes = want
        for learnt, slope in zip(row.learnt, slopes, strict=True):
            assert_array_equal(getattr(layer, f"grad_{learnt}"), slope)
    assert_array_equal(got, want)
    assert_array_equal(layer.eval()(x), y)
    with pytest.raises(RuntimeError, match="needs a forward in training mode"):
        layer.backward(gradient)


@every_layer
def test_the_signature_is_the_function_s(word, row, kind, rank):
    layer, name, _ = made(word, row, kind, rank)
    names = [n for n in inspect.signature(getattr(cypool, name)).parameters if n not in operator_layers._OF_A_CALL]
    assert list(inspect.signature(type(layer)).parameters) == names
    assert f"cypool.{name}" in type(layer).__doc__
    assert repr(pickle.loads(pickle.dumps(layer))) == repr(layer)
    with pytest.raises(TypeError, match="unexpected keyword argument 'out'"):
        type(layer)(**layer._parameters, out=None)


def test_what_is_learnt_is_read_at_each_call():
    """A few steps of gradient descent find the exponent that the targets were made with."""
    x = batch(2)
    target = cypool.gem_pool2d(x, 2, p=4.0)
    layer = cypool.GeMPool2d(2, p=2.0)
    assert layer.grad_p is None
    for _ in range(60):
        layer.backward(layer(x) - target)
        layer.p -= 4 * layer.grad_p
    assert abs(layer.p - 4) < 0.01
    assert f"p={layer.p!r}" in repr(layer)


@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
def test_global_layers_refuse_other_ranks(data_format):
    layer = cypool.GlobalLSEPool2d(data_format=data_format)
    with pytest.raises(ValueError, match="for 2d pooling, got rank 5"):
        layer(np.ones((2,) * 5))
    x = batch(2, data_format)
    assert_array_equal(layer(x[0]), layer(x)[0])


def test_bad_parameters_are_refused():
    with pytest.raises(TypeError, match=r"^MedianPool2d\(\): missing a required argument: 'kernel_size'"):
        cypool.MedianPool2d()
    with pytest.raises(ValueError, match="p must not be 0"):
        cypool.GeMPool2d(2, p=0)(batch(2))
