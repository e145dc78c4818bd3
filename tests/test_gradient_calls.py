"""Gradients that were asked for before: each call is judged by itself, as the engine would."""

import ml_dtypes
import numpy as np
import pytest
from numpy.testing import assert_array_equal

import cypool
from cypool import engine

X = np.random.default_rng(0).random((2, 3, 8, 34), np.float32)


def counted(monkeypatch):
    """A list that grows with every call that the engine computes."""
    calls, compute = [], engine.backward
    monkeypatch.setattr(engine, "backward", lambda *arguments: calls.append(1) or compute(*arguments))
    return calls


CASES = {
    "max": ("max_pool2d", (2,), {}),
    "min, any axes": ("min_pool", (3, 2, 1), {"axes": (1, 3)}),
    "max, window": ("max_pool2d", (3, 2, 1), {"index_layout": "window"}),
    "max, channels last": ("max_pool2d", (3,), {"data_format": "channels_last"}),
    "adaptive max": ("adaptive_max_pool2d", ((3, 5),), {}),
    "global max": ("global_max_pool", (), {}),
    "avg": ("avg_pool2d", (3, 2, 1), {"count_include_pad": False}),
    "sum": ("sum_pool2d", (2,), {"ceil_mode": True}),
    "adaptive avg": ("adaptive_avg_pool2d", ((3, 5),), {}),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, ml_dtypes.bfloat16])
@pytest.mark.parametrize("case", CASES)
def test_a_known_gradient_is_the_engines(case, dtype, monkeypatch):
    name, arguments, options = CASES[case]
    forward, backward = getattr(cypool, name), getattr(cypool, name + "_backward")
    x = X.astype(dtype)
    selecting = "max" in name or "min" in name
    y = forward(x, *arguments, **options, **({"return_indices": True} if selecting else {}))
    given = {"indices": y[1]} if selecting else {}
    gradient = np.random.default_rng(1).standard_normal((y[0] if selecting else y).shape).astype(dtype)
    calls = counted(monkeypatch)
    want = backward(gradient, x, *arguments, **options, **given)
    assert len(calls) == 1
    out = np.full_like(x, 7)
    for threads in (None, 1, 2):
        got = backward(gradient, x, *arguments, **options, **given, num_threads=threads)
        assert got.dtype == dtype and got.tobytes() == want.tobytes()
        assert backward(gradient, x, *arguments, **options, **given, num_threads=threads, out=out) is out
        assert out.tobytes() == want.tobytes()
        out[...] = 7
    views = [np.asarray(a)[..., ::-1].copy()[..., ::-1] for a in (gradient, x)]
    assert backward(*views, *arguments, **options, **given).tobytes() == want.tobytes()
    assert len(calls) == 1
    if not selecting:
        for _ in range(2):
            assert backward(gradient, x.shape, *arguments, **options).tobytes() == want.tobytes()
        assert len(calls) == 2


def test_what_changed_is_seen():
    g = np.ones((2, 3, 4, 17), np.float32)
    _, index = cypool.max_pool2d(X, 2, return_indices=True)
    want = cypool.max_pool2d_backward(g, X, 2, indices=index)
    for _ in range(3):
        assert cypool.max_pool2d_backward(g, X, (2, 2), indices=index).tobytes() == want.tobytes()
        assert cypool.max_pool2d_backward(g[0], X[0], 2, indices=index[0]).tobytes() == want[0].tobytes()
        assert cypool.max_pool2d_backward(g.astype(np.float64), X, 2, indices=index).dtype == np.float64
        assert cypool.max_pool2d_backward(g.astype(">f4"), X, 2, indices=index).dtype == np.dtype("f4")
        assert cypool.max_pool2d_backward(g.tolist(), X, 2, indices=index.tolist()).dtype == np.float64
        assert cypool.max_pool2d_backward(g, X, 2).tobytes() == want.tobytes()  # without indices
        assert_array_equal(cypool.max_pool2d_backward(g, X, kernel_size=2, indices=index), want)
        assert_array_equal(cypool.max_pool2d_backward(g, X, 2, indices=index.astype(np.int32)), want)
        assert cypool.avg_pool2d_backward(g, X, 2).sum() == g.sum()
        assert cypool.avg_pool2d_backward(g, X, 2, divisor_override=2).sum() == 2 * g.sum()
        assert cypool.avg_pool2d_backward(g, X, 2, divisor_override=2, boundary="wrap").sum() == 2 * g.sum()
        assert cypool.avg_pool2d_backward(g, X, 2, mask=np.zeros(X.shape, bool)).sum() == 0
        assert cypool.avg_pool2d_backward(g, X.shape, 2).dtype == np.float32
        for wrong in (2.0, True, "2", np.float32(2)):
            with pytest.raises(TypeError, match="kernel_size must"):
                cypool.max_pool2d_backward(g, X, wrong, indices=index)
        sizes = [2, 2]
        assert cypool.sum_pool2d_backward(g, X, sizes).sum() == 4 * g.sum()
        sizes[1] = 1
        with pytest.raises(ValueError, match="grad_output must have the shape"):
            cypool.sum_pool2d_backward(g, X, sizes)
        with pytest.raises(TypeError, match="avg pooling of bool"):
            cypool.avg_pool2d_backward(g, X > 0, 2)
        with pytest.raises(ValueError, match="x must have shape"):
            cypool.avg_pool2d_backward(g, (2, 3, 8, 34.0), 2)
        with pytest.raises(ValueError, match="num_threads must"):
            cypool.max_pool2d_backward(g, X, 2, indices=index, num_threads=0)
        with pytest.raises(TypeError, match="indices"):
            cypool.avg_pool2d_backward(g, X, 2, indices=index)
        with pytest.raises(TypeError, match="indices must be integers"):
            cypool.max_pool2d_backward(g, X, 2, indices=index.astype(np.float32))
        with pytest.raises(ValueError, match="indices must have the shape"):
            cypool.max_pool2d_backward(g, X, 2, indices=index[:1])
        with pytest.raises(TypeError, match="unexpected keyword argument 'bad'"):
            cypool.max_pool2d_backward(g, X, 2, indices=index, bad=1)
        with pytest.raises(TypeError, match="multiple values"):
            cypool.max_pool2d_backward(g, X, 2, indices=index, kernel_size=2)


def test_nothing_is_written_by_a_refused_call():
    g = np.ones((2, 3, 4, 17), np.float32)
    _, index = cypool.max_pool2d(X, 2, return_indices=True)
    wrong = index.copy()
    wrong[1, 2, 3, 16] = 0
    out = np.full_like(X, 7)
    x = X.copy()
    locked = out.copy()
    locked.flags.writeable = False
    for _ in range(3):
        cypool.max_pool2d_backward(g, x, 2, indices=index)
        for result in (out, None):
            with pytest.raises(ValueError, match="indices must name cells of their own windows"):
                cypool.max_pool2d_backward(g, x, 2, indices=wrong, out=result)
        for error, bad in (
            (ValueError, locked),
            (ValueError, x),
            (ValueError, out[:1]),
            (TypeError, out.astype(np.float64)),
            (TypeError, 3),
            (ValueError, np.broadcast_to(out[:1], out.shape)),
            (ValueError, np.lib.stride_tricks.as_strided(out, strides=(0, 0, 0, 4), writeable=True)),
        ):
            with pytest.raises(error, match="out must"):
                cypool.max_pool2d_backward(g, x, 2, indices=index, out=bad)
            with pytest.raises(error, match="out must"):
                cypool.avg_pool2d_backward(g, x, 2, out=bad)
    assert (out == 7).all() and (locked == 7).all()
    assert_array_equal(x, X)
    wide = np.zeros((2, 3, 8, 70), np.float32)[..., 1:69:2]
    want = cypool.max_pool2d_backward(g, x, 2, indices=index)
    assert_array_equal(
        cypool.max_pool2d_backward(g, x, 2, indices=index, out=wide), want
    )  # strided results are welcome
