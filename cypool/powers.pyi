# Written by tests/support/stubs.py: do not edit.
from typing import overload
from numpy.typing import ArrayLike
from cypool._types import Array, Axes, Boundary, CeilMode, DataFormat, Empty, Ints, Nan, Out, OutputSize, Padding
from cypool.layers import Layer

__all__ = [
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "adaptive_lp_pool",
    "adaptive_lp_pool1d",
    "adaptive_lp_pool1d_backward",
    "adaptive_lp_pool1d_double_backward",
    "adaptive_lp_pool2d",
    "adaptive_lp_pool2d_backward",
    "adaptive_lp_pool2d_double_backward",
    "adaptive_lp_pool3d",
    "adaptive_lp_pool3d_backward",
    "adaptive_lp_pool3d_double_backward",
    "adaptive_lp_pool_backward",
    "adaptive_lp_pool_double_backward",
    "adaptive_rms_pool",
    "adaptive_rms_pool1d",
    "adaptive_rms_pool1d_backward",
    "adaptive_rms_pool1d_double_backward",
    "adaptive_rms_pool2d",
    "adaptive_rms_pool2d_backward",
    "adaptive_rms_pool2d_double_backward",
    "adaptive_rms_pool3d",
    "adaptive_rms_pool3d_backward",
    "adaptive_rms_pool3d_double_backward",
    "adaptive_rms_pool_backward",
    "adaptive_rms_pool_double_backward",
    "global_lp_pool",
    "global_lp_pool_backward",
    "global_lp_pool_double_backward",
    "global_rms_pool",
    "global_rms_pool_backward",
    "global_rms_pool_double_backward",
    "lp_pool",
    "lp_pool1d",
    "lp_pool1d_backward",
    "lp_pool1d_double_backward",
    "lp_pool2d",
    "lp_pool2d_backward",
    "lp_pool2d_double_backward",
    "lp_pool3d",
    "lp_pool3d_backward",
    "lp_pool3d_double_backward",
    "lp_pool_backward",
    "lp_pool_double_backward",
    "rms_pool",
    "rms_pool1d",
    "rms_pool1d_backward",
    "rms_pool1d_double_backward",
    "rms_pool2d",
    "rms_pool2d_backward",
    "rms_pool2d_double_backward",
    "rms_pool3d",
    "rms_pool3d_backward",
    "rms_pool3d_double_backward",
    "rms_pool_backward",
    "rms_pool_double_backward",
]

class LPPool1d(Layer):
    norm_type: float
    kernel_size: Ints
    stride: Ints | None
    ceil_mode: CeilMode
    padding: Padding
    dilation: Ints
    signed: bool
    data_format: DataFormat
    def __init__(
        self, norm_type: float, kernel_size: Ints, stride: Ints | None = None, ceil_mode: CeilMode = False, *,
        padding: Padding = 0, dilation: Ints = 1, signed: bool = True, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class LPPool2d(Layer):
    norm_type: float
    kernel_size: Ints
    stride: Ints | None
    ceil_mode: CeilMode
    padding: Padding
    dilation: Ints
    signed: bool
    data_format: DataFormat
    def __init__(
        self, norm_type: float, kernel_size: Ints, stride: Ints | None = None, ceil_mode: CeilMode = False, *,
        padding: Padding = 0, dilation: Ints = 1, signed: bool = True, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class LPPool3d(Layer):
    norm_type: float
    kernel_size: Ints
    stride: Ints | None
    ceil_mode: CeilMode
    padding: Padding
    dilation: Ints
    signed: bool
    data_format: DataFormat
    def __init__(
        self, norm_type: float, kernel_size: Ints, stride: Ints | None = None, ceil_mode: CeilMode = False, *,
        padding: Padding = 0, dilation: Ints = 1, signed: bool = True, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
def adaptive_lp_pool(
    x: ArrayLike, norm_type: float, output_size: OutputSize, *, axes: Axes = None, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_lp_pool1d(
    x: ArrayLike, norm_type: float, output_size: OutputSize, *, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_lp_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_lp_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_lp_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def adaptive_lp_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *,
    signed: bool = False, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_lp_pool2d(
    x: ArrayLike, norm_type: float, output_size: OutputSize, *, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_lp_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_lp_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_lp_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def adaptive_lp_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *,
    signed: bool = False, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_lp_pool3d(
    x: ArrayLike, norm_type: float, output_size: OutputSize, *, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_lp_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_lp_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_lp_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def adaptive_lp_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *,
    signed: bool = False, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_lp_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *, axes: Axes = None,
    signed: bool = False, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_lp_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *, axes: Axes = None,
    signed: bool = False, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_lp_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *, axes: Axes = None,
    signed: bool = False, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def adaptive_lp_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, norm_type: float, output_size: OutputSize, *,
    axes: Axes = None, signed: bool = False, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_rms_pool(
    x: ArrayLike, output_size: OutputSize, *, axes: Axes = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_rms_pool1d(
    x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_rms_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_rms_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_rms_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def adaptive_rms_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_rms_pool2d(
    x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_rms_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_rms_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_rms_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def adaptive_rms_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_rms_pool3d(
    x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_rms_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_rms_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_rms_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def adaptive_rms_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_rms_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_rms_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_rms_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def adaptive_rms_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def global_lp_pool(
    x: ArrayLike, norm_type: float, axes: Axes = None, keepdims: bool = True, *, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def global_lp_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, axes: Axes = None, keepdims: bool = True, *,
    signed: bool = False, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def global_lp_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, axes: Axes = None, keepdims: bool = True, *,
    signed: bool = False, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def global_lp_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, axes: Axes = None, keepdims: bool = True, *,
    signed: bool = False, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def global_lp_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, norm_type: float, axes: Axes = None,
    keepdims: bool = True, *, signed: bool = False, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def global_rms_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def global_rms_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def global_rms_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def global_rms_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def global_rms_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def lp_pool(
    x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None, ceil_mode: CeilMode = False, *,
    axes: Axes = None, padding: Padding = 0, dilation: Ints = 1, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array: ...
def lp_pool1d(
    x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None, ceil_mode: CeilMode = False, *,
    padding: Padding = 0, dilation: Ints = 1, signed: bool = True, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def lp_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None,
    ceil_mode: CeilMode = False, *, padding: Padding = 0, dilation: Ints = 1, signed: bool = True,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def lp_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None,
    ceil_mode: CeilMode = False, *, padding: Padding = 0, dilation: Ints = 1, signed: bool = True,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def lp_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None,
    ceil_mode: CeilMode = False, *, padding: Padding = 0, dilation: Ints = 1, signed: bool = True,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def lp_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints,
    stride: Ints | None = None, ceil_mode: CeilMode = False, *, padding: Padding = 0, dilation: Ints = 1,
    signed: bool = True, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def lp_pool2d(
    x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None, ceil_mode: CeilMode = False, *,
    padding: Padding = 0, dilation: Ints = 1, signed: bool = True, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def lp_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None,
    ceil_mode: CeilMode = False, *, padding: Padding = 0, dilation: Ints = 1, signed: bool = True,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def lp_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None,
    ceil_mode: CeilMode = False, *, padding: Padding = 0, dilation: Ints = 1, signed: bool = True,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def lp_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None,
    ceil_mode: CeilMode = False, *, padding: Padding = 0, dilation: Ints = 1, signed: bool = True,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def lp_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints,
    stride: Ints | None = None, ceil_mode: CeilMode = False, *, padding: Padding = 0, dilation: Ints = 1,
    signed: bool = True, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def lp_pool3d(
    x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None, ceil_mode: CeilMode = False, *,
    padding: Padding = 0, dilation: Ints = 1, signed: bool = True, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def lp_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None,
    ceil_mode: CeilMode = False, *, padding: Padding = 0, dilation: Ints = 1, signed: bool = True,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def lp_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None,
    ceil_mode: CeilMode = False, *, padding: Padding = 0, dilation: Ints = 1, signed: bool = True,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def lp_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None,
    ceil_mode: CeilMode = False, *, padding: Padding = 0, dilation: Ints = 1, signed: bool = True,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def lp_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints,
    stride: Ints | None = None, ceil_mode: CeilMode = False, *, padding: Padding = 0, dilation: Ints = 1,
    signed: bool = True, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def lp_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None,
    ceil_mode: CeilMode = False, *, axes: Axes = None, padding: Padding = 0, dilation: Ints = 1, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def lp_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None,
    ceil_mode: CeilMode = False, *, axes: Axes = None, padding: Padding = 0, dilation: Ints = 1, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def lp_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints, stride: Ints | None = None,
    ceil_mode: CeilMode = False, *, axes: Axes = None, padding: Padding = 0, dilation: Ints = 1, signed: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def lp_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, norm_type: float, kernel_size: Ints,
    stride: Ints | None = None, ceil_mode: CeilMode = False, *, axes: Axes = None, padding: Padding = 0,
    dilation: Ints = 1, signed: bool = False, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def rms_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False,
    count_include_pad: bool = True, divisor_override: int | None = None, *, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array: ...
def rms_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False,
    count_include_pad: bool = True, divisor_override: int | None = None, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array: ...
@overload
def rms_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array: ...
@overload
def rms_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike, boundary: Boundary = "constant",
    empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def rms_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def rms_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True,
    divisor_override: int | None = None, *, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def rms_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False,
    count_include_pad: bool = True, divisor_override: int | None = None, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array: ...
@overload
def rms_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array: ...
@overload
def rms_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike, boundary: Boundary = "constant",
    empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def rms_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def rms_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True,
    divisor_override: int | None = None, *, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def rms_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False,
    count_include_pad: bool = True, divisor_override: int | None = None, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array: ...
@overload
def rms_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array: ...
@overload
def rms_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike, boundary: Boundary = "constant",
    empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def rms_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def rms_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True,
    divisor_override: int | None = None, *, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def rms_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, weights: None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def rms_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike,
    boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def rms_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def rms_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True,
    divisor_override: int | None = None, *, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> tuple[Array, Array]: ...
