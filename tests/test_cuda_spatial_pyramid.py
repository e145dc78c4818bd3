"""Spatial pyramid pooling on a GPU: the adaptive operators there, put side by side, against the slow reference."""

import functools
from unittest import mock

import cuda_on_host
import like_cupy
import numpy as np
import pytest
from cuda_on_host import call, here, public, there
from dtypes import DTYPES
from hypothesis import given, settings
from hypothesis import strategies as st
from spatial_calls import calls, near

import cypool
from cypool import reference_pyramid as reference
from cypool import spatial_pyramid

NAMES = [dtype.name for dtype in DTYPES]
host = like_cupy.host_fixture(cuda_on_host.kernels(NAMES, ("int",)) + cuda_on_host.masked_kernels(NAMES, ("int",)))


class There:
    """`cypool.functional` on a device that no array betrays."""

    def __init__(self, device):
        self.device = device

    def __getattr__(self, name):
        return functools.partial(self.adaptive, name)

    def adaptive(self, name, *arrays, **parameters):
        return call(self.device, name, *arrays, **parameters)


def pyramid(device, name, *arguments, **parameters):
    arguments = [there(device, a) if isinstance(a, np.ndarray) else a for a in arguments]
    parameters = {k: there(device, v) if isinstance(v, np.ndarray) else v for k, v in parameters.items()}
    with mock.patch.object(spatial_pyramid, "functional", There(device)):
        result = public(device, name, *arguments, **parameters)
    return tuple(map(here, result)) if isinstance(result, tuple) else here(result)


@settings(max_examples=60)
@given(calls(), st.sampled_from(["plane", "channels_last"]))
def test_against_the_reference(device, call, layout):
    op, x, levels, p = call
    want = reference.spatial_pyramid_pool(x, levels, op, **p)
    near(pyramid(device, "spatial_pyramid_pool", x, levels, op, **p), want)
    gradient = np.arange(1.0, want.size + 1).reshape(want.shape)
    p.pop("empty", None)
    slopes = reference.spatial_pyramid_pool_backward(gradient, x, levels, op, **p)
    near(pyramid(device, "spatial_pyramid_pool_backward", gradient, x, levels, op, **p), slopes)
    if op in ("max", "min"):
        values, indices = reference.spatial_pyramid_pool(x, levels, op, return_indices=True, index_layout=layout, **p)
        got = pyramid(device, "spatial_pyramid_pool", x, levels, op, True, index_layout=layout, **p)
        near(got[0], values)
        near(got[1], indices)
        p["indices"] = got[1]
        near(
            pyramid(device, "spatial_pyramid_pool_backward", gradient, x, levels, op, index_layout=layout, **p), slopes
        )


def test_kernels_of_the_device_run(host):
    host.launched.clear()
    x = np.arange(48.0, dtype=np.float32).reshape(1, 3, 4, 4)
    pyramid(host, "spatial_pyramid_pool_backward", np.ones((1, 15), np.float32), x, (2, 1))
    assert any("cypool_scatter" in name for name in host.launched)


def test_halves_and_shapes_that_stand_for_x(device):
    gradient = np.random.default_rng(1).integers(-4, 5, (2, 15)).astype(np.float16)
    got = pyramid(device, "spatial_pyramid_pool_backward", gradient, (2, 3, 7, 5), (2, 1), "mean")
    near(got, cypool.spatial_pyramid_pool_backward(gradient, (2, 3, 7, 5), (2, 1), "mean"))


def test_refusals(device):
    x = np.ones((2, 3, 4, 4), np.float32)
    with pytest.raises(ValueError, match="out must have the result's shape"):
        pyramid(device, "spatial_pyramid_pool", x, (2, 1), out=np.ones((2, 14), np.float32))
    with pytest.raises(ValueError, match=r"indices .* got 16"):
        pyramid(device, "spatial_pyramid_pool_backward", np.ones((2, 15)), x, (2, 1), indices=np.full((2, 15), 16))
    with pytest.raises(TypeError, match="mask must be bool"):
        pyramid(device, "spatial_pyramid_pool", x, (2, 1), mask=np.ones((4, 4)))
