# Written by tests/support/stubs.py: do not edit.
from numpy.typing import ArrayLike
from cypool._types import Array, Axes, Boundary, CeilMode, DataFormat, Empty, Ints, Nan, Out, OutputSize, Padding

__all__ = [
    "adaptive_mixed_pool",
    "adaptive_mixed_pool1d",
    "adaptive_mixed_pool1d_backward",
    "adaptive_mixed_pool2d",
    "adaptive_mixed_pool2d_backward",
    "adaptive_mixed_pool3d",
    "adaptive_mixed_pool3d_backward",
    "adaptive_mixed_pool_backward",
    "gated_pool",
    "gated_pool1d",
    "gated_pool1d_backward",
    "gated_pool2d",
    "gated_pool2d_backward",
    "gated_pool3d",
    "gated_pool3d_backward",
    "gated_pool_backward",
    "global_mixed_pool",
    "global_mixed_pool_backward",
    "mixed_pool",
    "mixed_pool1d",
    "mixed_pool1d_backward",
    "mixed_pool2d",
    "mixed_pool2d_backward",
    "mixed_pool3d",
    "mixed_pool3d_backward",
    "mixed_pool_backward",
]

def adaptive_mixed_pool(
    x: ArrayLike, output_size: OutputSize, *, alpha: ArrayLike = 0.5, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_mixed_pool1d(
    x: ArrayLike, output_size: OutputSize, *, alpha: ArrayLike = 0.5, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_mixed_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, alpha: ArrayLike = 0.5,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_mixed_pool2d(
    x: ArrayLike, output_size: OutputSize, *, alpha: ArrayLike = 0.5, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_mixed_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, alpha: ArrayLike = 0.5,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_mixed_pool3d(
    x: ArrayLike, output_size: OutputSize, *, alpha: ArrayLike = 0.5, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_mixed_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, alpha: ArrayLike = 0.5,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_mixed_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, alpha: ArrayLike = 0.5, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def gated_pool(
    x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    bias: ArrayLike | None = None, axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def gated_pool1d(
    x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    bias: ArrayLike | None = None, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def gated_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, bias: ArrayLike | None = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, ...]: ...
def gated_pool2d(
    x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    bias: ArrayLike | None = None, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def gated_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, bias: ArrayLike | None = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, ...]: ...
def gated_pool3d(
    x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    bias: ArrayLike | None = None, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def gated_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, bias: ArrayLike | None = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, ...]: ...
def gated_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, bias: ArrayLike | None = None, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, ...]: ...
def global_mixed_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, alpha: ArrayLike = 0.5,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def global_mixed_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, alpha: ArrayLike = 0.5,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def mixed_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    alpha: ArrayLike = 0.5, axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def mixed_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    alpha: ArrayLike = 0.5, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def mixed_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, alpha: ArrayLike = 0.5, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def mixed_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    alpha: ArrayLike = 0.5, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def mixed_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, alpha: ArrayLike = 0.5, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def mixed_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    alpha: ArrayLike = 0.5, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def mixed_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, alpha: ArrayLike = 0.5, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def mixed_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, alpha: ArrayLike = 0.5, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
