"""What `mypy --strict` must accept, and the types that it must find.  Nobody runs this file; .ci/typing.sh reads it."""

from typing import Any

import numpy as np
import numpy.typing as npt
from typing_extensions import assert_type

import cypool
from cypool import functional, layers, onnx
from cypool.functional import max_pool2d

Array = npt.NDArray[Any]
x = np.zeros((1, 2, 8, 8), np.float32)
flag = bool(x.size)

# array_likes go in, arrays come out
assert_type(cypool.avg_pool1d([[1.0, 2.0, 3.0]], 2), Array)
assert_type(cypool.avg_pool2d(x, (2, 2), padding=((0, 1), (1, 0)), out=None), Array)
assert_type(cypool.avg_pool2d(x, 3, padding="same", weights=x), Array)
assert_type(functional.global_avg_pool(x, axes=(2, 3), keepdims=False), Array)

# pairs where they are asked for
assert_type(max_pool2d(x, 2), Array)
assert_type(max_pool2d(x, 2, return_indices=True), tuple[Array, Array])
assert_type(max_pool2d(x, 2, 2, 0, 1, False, True), tuple[Array, Array])
assert_type(max_pool2d(x, 2, return_indices=flag), Array | tuple[Array, Array])
assert_type(cypool.stochastic_pool2d(x, 2, rng=0, return_indices=True), tuple[Array, Array])
assert_type(cypool.fractional_max_pool(x, 1.5), Array)
assert_type(cypool.fractional_max_pool(x, 1.5, return_indices=True), tuple[Any, ...])
y, where = cypool.adaptive_max_pool2d(x, (2, None), return_indices=True)
assert_type(cypool.max_unpool2d(y, where, 2), Array)

# gradients
assert_type(cypool.max_pool2d_backward(y, x, 2, indices=where), Array)
assert_type(cypool.avg_pool2d_backward(y, x.shape, 2), Array)
assert_type(cypool.avg_pool2d_backward(y, x, 2, weights=x), tuple[Array, Array])
assert_type(cypool.lse_pool2d_backward(y, x, 2, beta=2.0), tuple[Array, Array])

# others
assert_type(cypool.pyramid(x, 2, 2), list[Array])
assert_type(cypool.roi_align(x, [np.zeros((1, 4))], 2, 0.5), Array)
halve = cypool.plan(cypool.max_pool2d, x.shape, np.float32, 2)
assert_type(halve.out_shape, tuple[int, ...])
halve(x, num_threads=1)

# layers
layer = layers.MaxPool2d(2, return_indices=True)
pooled, _ = layer(x)
assert_type(layer.backward(pooled), Array)
assert_type(cypool.AvgPool2d(3, stride=2).eval(), layers.AvgPool2d)
assert_type(cypool.LSEPool2d(2)(x), Array)
assert_type(cypool.RoIAlign(2, 1.0, 2)(x, np.zeros((1, 5))), Array)
assert_type(cypool.MaxUnpool2d(2)(y, where), Array)

# the rest
assert_type(cypool.__version__, str)
assert_type(cypool.get_config(), dict[str, Any])
with cypool.num_threads(1):
    assert_type(cypool.get_num_threads(), int)
cypool.set_num_threads(None)
cypool.show_config()
onnx.ops()

# wrong values are found: an ignored error that is none is an error, too
max_pool2d(x)  # type: ignore[call-overload]
cypool.avg_pool2d(x, 2, boundary="mirror")  # type: ignore[arg-type]
cypool.avg_pool2d(x, 2, paddings=1)  # type: ignore[call-arg]
