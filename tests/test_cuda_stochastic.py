"""Stochastic pooling on a device: the winners of the slow reference, and what they are on average."""

import cuda_on_host
import numpy as np
import pytest
import shapes
import stochastic_calls
import weighed_cases
from cuda_public import both
from cuda_public import run as call
from dtypes import same
from hypothesis import given, settings
from hypothesis import strategies as st

from cypool import reference_stochastic as reference

LAYOUTS = ["plane", "global", "global_column_major", "channels_last", "window"]
DTYPES = (
    "bool",
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
)
GRADIENTS = ("float32", "float64")
HALF = settings(max_examples=settings().max_examples // 2)  # kernels without optimisation

host = cuda_on_host.host_fixture(
    weighed_cases.draws(DTYPES, ("float", "double"))
    + weighed_cases.draws(("float32",), ("float",), "long long")
    + weighed_cases.numbers(DTYPES)
    + cuda_on_host.kernels(GRADIENTS, ("int",))
)


def native(drawn):
    """Without what only the host takes."""
    name, x, positional, p = drawn
    return name, x.astype(x.dtype.newbyteorder("=")) if not x.dtype.isnative else x, positional, p


@HALF
@given(drawn=stochastic_calls.calls().map(native), seed=st.integers(0, 3), layout=st.sampled_from(LAYOUTS))
def test_draws_are_the_references(device, drawn, seed, layout):
    name, x, positional, p = drawn
    p = {**stochastic_calls.whole(p, x.dtype), "rng": seed}
    got = call(device, name, x, *positional, **p, return_indices=True, index_layout=layout)
    want = getattr(reference, name)(x, *positional, **p, return_indices=True, index_layout=layout)
    for one, other in zip(got, want, strict=True):
        same(one, other)
    same(call(device, name, x, *positional, **p), want[0])
    gradient = np.random.default_rng(seed).integers(-9, 9, want[0].shape).astype(np.float32)
    slopes = getattr(reference, name + "_backward")(gradient, x, *positional, **p)
    same(call(device, name + "_backward", gradient, x, *positional, **p), slopes)
    more = {**p, "rng": None, "indices": got[1], "index_layout": layout}
    same(call(device, name + "_backward", gradient, x, *positional, **more), slopes)


@HALF
@given(drawn=stochastic_calls.calls().map(native), real=st.sampled_from(GRADIENTS))
def test_averages(device, drawn, real):
    name, x, positional, p = drawn
    p = {**p, "training": False}
    got, want = both(device, reference, name, x, *positional, **p)
    room = 80 * 2.0**-53 * np.abs(np.nan_to_num(want.astype(float), posinf=0, neginf=0))
    shapes.close(got, want, got.dtype, room)
    gradient = np.random.default_rng(0).standard_normal(got.shape).astype(real)
    got, want = both(device, reference, name + "_backward", gradient, x, *positional, **p)
    shapes.close(got, want, np.dtype(real), 400 * 2.0**-53 * float(np.abs(gradient).sum(dtype=float)))


def test_sums_beyond_the_end_of_the_range(device):
    x = np.array([[[1.7e308, 1.6e308, np.inf, 1.0, 1.7e308, 0.0, 5e-324, 5e-324, 1e-170, 2e-170, 1.5e308, 1e308]]])
    for seed in range(8):
        p = {"rng": seed, "return_indices": True}
        for one, other in zip(
            call(device, "stochastic_pool1d", x, 2, **p), reference.stochastic_pool(x, (2,), **p), strict=True
        ):
            same(one, other)
    with np.errstate(all="ignore"):
        got = call(device, "stochastic_pool1d", x, 2, training=False)
    shapes.close(got, reference.stochastic_pool(x, (2,), training=False), np.dtype("d"), 0)


def test_channels_last_and_first_draw_alike(device):
    x = np.random.default_rng(1).random((2, 5, 9, 8)).astype(np.float32)
    first = call(device, "stochastic_pool2d", x, 3, 2, 1, rng=7)
    last = call(device, "stochastic_pool2d", np.moveaxis(x, 1, -1).copy(), 3, 2, 1, rng=7, data_format="channels_last")
    same(np.moveaxis(last, -1, 1), first)


@pytest.mark.parametrize("p", [{}, {"rng": np.random.default_rng(1)}])
def test_a_gradient_needs_the_draw(device, p):
    x = np.ones((1, 4, 4), np.float32)
    with pytest.raises(ValueError, match="must tell what was drawn"):
        call(device, "stochastic_pool2d_backward", x[:, :2, :2], x, 2, **p)
