"""Spatial pyramid pooling: against the slow reference, by hand, by the adjoint, and what is refused."""

import numpy as np
import pytest
from dtypes import FLOATS
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from spatial_calls import OPS, calls, near

import cypool
from cypool import reference_pyramid as reference


@given(calls(), st.sampled_from([1, 2]))
@settings(max_examples=120)
def test_against_the_reference(call, threads):
    op, x, levels, p = call
    want = reference.spatial_pyramid_pool(x, levels, op, **p)
    before = x.copy()
    near(cypool.spatial_pyramid_pool(x, levels, op, num_threads=threads, **p), want)
    out = np.empty((*want.shape, 2), want.dtype)[..., 0]  # every second element
    assert cypool.spatial_pyramid_pool(x, levels, op, out=out, **p) is out
    near(out, want)
    assert x.tobytes() == before.tobytes()
    gradient = np.arange(1.0, want.size + 1).reshape(want.shape)
    p.pop("empty", None)
    slopes = reference.spatial_pyramid_pool_backward(gradient, x, levels, op, **p)
    near(cypool.spatial_pyramid_pool_backward(gradient, x, levels, op, **p), slopes)
    if op in ("max", "min"):
        layout = "plane" if x.size % 2 else "channels_last"
        values, indices = reference.spatial_pyramid_pool(x, levels, op, return_indices=True, index_layout=layout, **p)
        got = cypool.spatial_pyramid_pool(x, levels, op, True, index_layout=layout, **p)
        near(got[0], values)
        assert_array_equal(got[1], indices)
        assert got[1].dtype == np.int64
        back = cypool.spatial_pyramid_pool_backward(gradient, x, levels, op, indices=indices, index_layout=layout, **p)
        near(back, slopes)


def test_by_hand():
    x = np.array([[[1, 3, 2], [4, 2, 8]], [[0, 7, 5], [6, 9, 1]]])
    assert cypool.spatial_pyramid_pool(x, (1, (1, 3))).tolist() == [8, 9, 4, 3, 8, 6, 9, 5]
    assert cypool.spatial_pyramid_pool(x[None], [(2, 1)], "sum").tolist() == [[6, 14, 12, 16]]
    last = x.transpose(1, 2, 0)
    got = cypool.spatial_pyramid_pool(last, (1, (1, 3)), data_format="channels_last")
    assert got.tolist() == [8, 9, 4, 6, 3, 9, 8, 5]  # the bins' channels stand together


def test_tensorflow_indices_by_hand():
    """TensorFlow's argmax of an image counts (y * width + x) * channels + channel."""
    x = np.array([[[[1, 8], [2, 7]], [[9, 3], [4, 6]]]], np.float32)  # (1, 2, 2, 2): N, H, W, C
    p = {"return_indices": True, "data_format": "channels_last", "index_layout": "channels_last"}
    _, indices = cypool.max_pool2d(x, 2, **p)
    assert indices.tolist() == [[[[(1 * 2 + 0) * 2 + 0, (0 * 2 + 0) * 2 + 1]]]]
    _, indices = cypool.max_pool2d(x, (1, 2), **p)
    assert indices.tolist() == [[[[2, 1]], [[4, 7]]]]
    _, indices = cypool.spatial_pyramid_pool(x, [1, (2, 1)], **p)
    assert indices.tolist() == [[4, 1, 2, 1, 4, 7]]


def test_the_vector_does_not_depend_on_the_extent():
    rng = np.random.default_rng(0)
    for h, w in ((13, 13), (10, 17), (6, 6), (1, 3)):
        assert cypool.spatial_pyramid_pool(rng.random((2, 5, h, w)), (6, 3, 2, 1)).shape == (2, 5 * 50)


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_gradients_have_their_own_dtype(op, dtype):
    rng = np.random.default_rng(1)
    x = rng.permutation(2 * 3 * 7 * 5).reshape(2, 3, 7, 5).astype(np.float32)
    gradient = rng.integers(-4, 5, (2, 42)).astype(dtype)
    got = cypool.spatial_pyramid_pool_backward(gradient, x, (3, 2, 1), op)
    want = reference.spatial_pyramid_pool_backward(gradient.astype(np.float64), x, (3, 2, 1), op)
    near(got, want.astype(dtype))
    assert cypool.spatial_pyramid_pool_backward(gradient, x, (3, 2, 1), op, out=got) is got
    if op in ("mean", "sum"):
        assert_array_equal(cypool.spatial_pyramid_pool_backward(gradient, x.shape, (3, 2, 1), op), got)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("op", OPS)
def test_layers(rank, op):
    rng = np.random.default_rng(2)
    x = rng.permutation(6 * 5**rank).reshape(2, 3, *[5] * rank).astype(np.float32)
    layer = getattr(cypool, f"SpatialPyramidPool{rank}d")((2, 1), op)
    levels = [(2,) * rank, (1,) * rank]
    y = layer(x)
    assert_array_equal(y, cypool.spatial_pyramid_pool(x, levels, op))
    gradient = rng.standard_normal(y.shape).astype(np.float32)
    assert_array_equal(layer.backward(gradient), cypool.spatial_pyramid_pool_backward(gradient, x, levels, op))
    layer.eval()
    assert_array_equal(layer(x), y)
    with pytest.raises(RuntimeError, match="training mode"):
        layer.backward(gradient)


@pytest.mark.parametrize(
    ("error", "message", "change"),
    [
        (TypeError, "levels must be a sequence", {"levels": 2}),
        (TypeError, "levels must be a sequence", {"levels": ()}),
        (ValueError, "levels must be at least 1", {"levels": (2, 0)}),
        (ValueError, "as many in all of them", {"levels": ((1, 2), (1, 2, 3))}),
        (TypeError, "levels must be an integer", {"levels": (2, True)}),
        (ValueError, "op must be one of", {"op": "avg"}),
        (TypeError, "op must be one of", {"op": None}),
        (ValueError, "x must have shape", {"x": np.ones((3, 4))}),
        (ValueError, "return_indices must be False", {"op": "mean", "return_indices": True}),
        (ValueError, "index_layout must not be", {"index_layout": "window"}),
        (TypeError, "out must be a pair", {"return_indices": True, "out": np.ones(3)}),
        (ValueError, "out must have the result's shape", {"out": np.ones((2, 14))}),
        (TypeError, "avg pooling of bool", {"op": "mean", "x": np.ones((2, 3, 4, 4), bool)}),
        (TypeError, "data_format must be one of", {"data_format": 1}),
        (ValueError, "rounding must be one of", {"op": "max", "rounding": "up"}),
        (ValueError, "index_layout must be one of", {"op": "mean", "index_layout": "flat"}),
    ],
)
def test_bad_input(error, message, change):
    p = {"x": np.ones((2, 3, 4, 4)), "levels": (2, 1), **change}
    with pytest.raises(error, match=message):
        cypool.spatial_pyramid_pool(**p)


@pytest.mark.parametrize(
    ("error", "message", "change"),
    [
        (ValueError, "grad_output must have the shape", {"grad_output": np.ones((2, 14))}),
        (TypeError, "grad_output must be floating", {"grad_output": np.ones((2, 15), int)}),
        (ValueError, "indices must have the shape", {"indices": np.ones((2, 14), int)}),
        (ValueError, "indices", {"indices": np.full((2, 15), 16)}),
        (
            ValueError,
            "indices .* got 16",
            {"indices": np.array([[0, 2, 8, 10] * 3 + [0, 0, 16]] * 2)},
        ),  # the last level
        (ValueError, "indices must be None", {"indices": np.ones((2, 15), int), "op": "sum"}),
    ],
)
def test_bad_gradients(error, message, change):
    out = np.full((2, 3, 4, 4), 7.0)
    p = {"grad_output": np.ones((2, 15)), "x": np.ones((2, 3, 4, 4)), "levels": (2, 1), **change}
    with pytest.raises(error, match=message):
        cypool.spatial_pyramid_pool_backward(out=out, **p)
    assert (out == 7).all()
