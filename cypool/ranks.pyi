# Written by tests/support/stubs.py: do not edit.
from typing import Literal
from numpy.typing import ArrayLike
from cypool._types import Array, Axes, Boundary, CeilMode, DataFormat, Empty, Ints, Nan, Out, Padding

__all__ = [
    "median_pool",
    "median_pool1d",
    "median_pool1d_backward",
    "median_pool2d",
    "median_pool2d_backward",
    "median_pool3d",
    "median_pool3d_backward",
    "median_pool_backward",
    "mode_pool",
    "mode_pool1d",
    "mode_pool2d",
    "mode_pool3d",
    "quantile_pool",
    "quantile_pool1d",
    "quantile_pool1d_backward",
    "quantile_pool2d",
    "quantile_pool2d_backward",
    "quantile_pool3d",
    "quantile_pool3d_backward",
    "quantile_pool_backward",
    "topk_pool",
    "topk_pool1d",
    "topk_pool1d_backward",
    "topk_pool2d",
    "topk_pool2d_backward",
    "topk_pool3d",
    "topk_pool3d_backward",
    "topk_pool_backward",
]

def median_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, axes: Axes = None, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def median_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def median_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def median_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def median_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def median_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def median_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def median_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, axes: Axes = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def mode_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, background: int | None = None, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def mode_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, background: int | None = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def mode_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, background: int | None = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def mode_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, background: int | None = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def quantile_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, q: float,
    method: Literal["linear", "lower", "higher", "nearest", "midpoint"] = "linear", axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def quantile_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, q: float,
    method: Literal["linear", "lower", "higher", "nearest", "midpoint"] = "linear",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def quantile_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, q: float,
    method: Literal["linear", "lower", "higher", "nearest", "midpoint"] = "linear",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def quantile_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, q: float,
    method: Literal["linear", "lower", "higher", "nearest", "midpoint"] = "linear",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def quantile_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, q: float,
    method: Literal["linear", "lower", "higher", "nearest", "midpoint"] = "linear",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def quantile_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, q: float,
    method: Literal["linear", "lower", "higher", "nearest", "midpoint"] = "linear",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def quantile_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, q: float,
    method: Literal["linear", "lower", "higher", "nearest", "midpoint"] = "linear",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def quantile_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, q: float,
    method: Literal["linear", "lower", "higher", "nearest", "midpoint"] = "linear", axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def topk_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, k: int, axes: Axes = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def topk_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, k: int, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def topk_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, k: int, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def topk_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, k: int, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def topk_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, k: int, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def topk_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, k: int, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def topk_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, k: int, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def topk_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, k: int, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
