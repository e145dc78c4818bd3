# Written by tests/support/stubs.py: do not edit.
from numpy.typing import ArrayLike
from cypool._types import Array, Axes, Boundary, CeilMode, DataFormat, Empty, Ints, Nan, Out, OutputSize, Padding

__all__ = [
    "adaptive_lip_pool",
    "adaptive_lip_pool1d",
    "adaptive_lip_pool1d_backward",
    "adaptive_lip_pool2d",
    "adaptive_lip_pool2d_backward",
    "adaptive_lip_pool3d",
    "adaptive_lip_pool3d_backward",
    "adaptive_lip_pool_backward",
    "global_lip_pool",
    "global_lip_pool_backward",
    "lip_pool",
    "lip_pool1d",
    "lip_pool1d_backward",
    "lip_pool2d",
    "lip_pool2d_backward",
    "lip_pool3d",
    "lip_pool3d_backward",
    "lip_pool_backward",
]

def adaptive_lip_pool(
    x: ArrayLike, logits: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_lip_pool1d(
    x: ArrayLike, logits: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_lip_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, logits: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_lip_pool2d(
    x: ArrayLike, logits: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_lip_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, logits: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_lip_pool3d(
    x: ArrayLike, logits: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_lip_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, logits: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_lip_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, logits: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def global_lip_pool(
    x: ArrayLike, logits: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def global_lip_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, logits: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def lip_pool(
    x: ArrayLike, logits: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def lip_pool1d(
    x: ArrayLike, logits: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def lip_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, logits: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def lip_pool2d(
    x: ArrayLike, logits: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def lip_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, logits: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def lip_pool3d(
    x: ArrayLike, logits: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def lip_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, logits: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def lip_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, logits: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
