# Written by tests/support/stubs.py: do not edit.
from numpy.typing import ArrayLike
from cypool._types import Array, Axes, Boundary, CeilMode, DataFormat, Empty, Ints, Nan, Out, OutputSize, Padding

__all__ = [
    "adaptive_range_pool",
    "adaptive_range_pool1d",
    "adaptive_range_pool1d_backward",
    "adaptive_range_pool2d",
    "adaptive_range_pool2d_backward",
    "adaptive_range_pool3d",
    "adaptive_range_pool3d_backward",
    "adaptive_range_pool_backward",
    "adaptive_std_pool",
    "adaptive_std_pool1d",
    "adaptive_std_pool1d_backward",
    "adaptive_std_pool2d",
    "adaptive_std_pool2d_backward",
    "adaptive_std_pool3d",
    "adaptive_std_pool3d_backward",
    "adaptive_std_pool_backward",
    "global_range_pool",
    "global_range_pool_backward",
    "global_std_pool",
    "global_std_pool_backward",
    "range_pool",
    "range_pool1d",
    "range_pool1d_backward",
    "range_pool2d",
    "range_pool2d_backward",
    "range_pool3d",
    "range_pool3d_backward",
    "range_pool_backward",
    "std_pool",
    "std_pool1d",
    "std_pool1d_backward",
    "std_pool2d",
    "std_pool2d_backward",
    "std_pool3d",
    "std_pool3d_backward",
    "std_pool_backward",
]

def adaptive_range_pool(
    x: ArrayLike, output_size: OutputSize, *, axes: Axes = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_range_pool1d(
    x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_range_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_range_pool2d(
    x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_range_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_range_pool3d(
    x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_range_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_range_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_std_pool(
    x: ArrayLike, output_size: OutputSize, *, ddof: int = 0, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_std_pool1d(
    x: ArrayLike, output_size: OutputSize, *, ddof: int = 0, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_std_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, ddof: int = 0,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_std_pool2d(
    x: ArrayLike, output_size: OutputSize, *, ddof: int = 0, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_std_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, ddof: int = 0,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_std_pool3d(
    x: ArrayLike, output_size: OutputSize, *, ddof: int = 0, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_std_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, ddof: int = 0,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_std_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, ddof: int = 0, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def global_range_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def global_range_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def global_std_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, ddof: int = 0,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def global_std_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, ddof: int = 0,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def range_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def range_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def range_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def range_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def range_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def range_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def range_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def range_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def std_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    ddof: int = 0, axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def std_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    ddof: int = 0, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def std_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, ddof: int = 0, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def std_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    ddof: int = 0, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def std_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, ddof: int = 0, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def std_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    ddof: int = 0, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def std_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, ddof: int = 0, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def std_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, ddof: int = 0, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
