# Written by tests/support/stubs.py: do not edit.
from numpy.typing import ArrayLike
from cypool._types import Array, Axes, Boundary, CeilMode, DataFormat, Empty, Ints, Nan, Out, OutputSize, Padding

__all__ = [
    "adaptive_gem_pool",
    "adaptive_gem_pool1d",
    "adaptive_gem_pool1d_backward",
    "adaptive_gem_pool2d",
    "adaptive_gem_pool2d_backward",
    "adaptive_gem_pool3d",
    "adaptive_gem_pool3d_backward",
    "adaptive_gem_pool_backward",
    "adaptive_lse_pool",
    "adaptive_lse_pool1d",
    "adaptive_lse_pool1d_backward",
    "adaptive_lse_pool2d",
    "adaptive_lse_pool2d_backward",
    "adaptive_lse_pool3d",
    "adaptive_lse_pool3d_backward",
    "adaptive_lse_pool_backward",
    "adaptive_soft_pool",
    "adaptive_soft_pool1d",
    "adaptive_soft_pool1d_backward",
    "adaptive_soft_pool2d",
    "adaptive_soft_pool2d_backward",
    "adaptive_soft_pool3d",
    "adaptive_soft_pool3d_backward",
    "adaptive_soft_pool_backward",
    "gem_pool",
    "gem_pool1d",
    "gem_pool1d_backward",
    "gem_pool2d",
    "gem_pool2d_backward",
    "gem_pool3d",
    "gem_pool3d_backward",
    "gem_pool_backward",
    "global_gem_pool",
    "global_gem_pool_backward",
    "global_lse_pool",
    "global_lse_pool_backward",
    "global_soft_pool",
    "global_soft_pool_backward",
    "lse_pool",
    "lse_pool1d",
    "lse_pool1d_backward",
    "lse_pool2d",
    "lse_pool2d_backward",
    "lse_pool3d",
    "lse_pool3d_backward",
    "lse_pool_backward",
    "soft_pool",
    "soft_pool1d",
    "soft_pool1d_backward",
    "soft_pool2d",
    "soft_pool2d_backward",
    "soft_pool3d",
    "soft_pool3d_backward",
    "soft_pool_backward",
]

def adaptive_gem_pool(
    x: ArrayLike, output_size: OutputSize, *, p: ArrayLike = 3.0, eps: float = 1e-06, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_gem_pool1d(
    x: ArrayLike, output_size: OutputSize, *, p: ArrayLike = 3.0, eps: float = 1e-06,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_gem_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, p: ArrayLike = 3.0, eps: float = 1e-06,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_gem_pool2d(
    x: ArrayLike, output_size: OutputSize, *, p: ArrayLike = 3.0, eps: float = 1e-06,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_gem_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, p: ArrayLike = 3.0, eps: float = 1e-06,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_gem_pool3d(
    x: ArrayLike, output_size: OutputSize, *, p: ArrayLike = 3.0, eps: float = 1e-06,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_gem_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, p: ArrayLike = 3.0, eps: float = 1e-06,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_gem_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, p: ArrayLike = 3.0, eps: float = 1e-06,
    axes: Axes = None, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_lse_pool(
    x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0, mean: bool = False, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_lse_pool1d(
    x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0, mean: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_lse_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0, mean: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_lse_pool2d(
    x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0, mean: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_lse_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0, mean: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_lse_pool3d(
    x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0, mean: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_lse_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0, mean: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_lse_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0, mean: bool = False,
    axes: Axes = None, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_soft_pool(
    x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_soft_pool1d(
    x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_soft_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_soft_pool2d(
    x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_soft_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_soft_pool3d(
    x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array: ...
def adaptive_soft_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def adaptive_soft_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, beta: ArrayLike = 1.0, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def gem_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    p: ArrayLike = 3.0, eps: float = 1e-06, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def gem_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    p: ArrayLike = 3.0, eps: float = 1e-06, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def gem_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, p: ArrayLike = 3.0, eps: float = 1e-06, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def gem_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    p: ArrayLike = 3.0, eps: float = 1e-06, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def gem_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, p: ArrayLike = 3.0, eps: float = 1e-06, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def gem_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    p: ArrayLike = 3.0, eps: float = 1e-06, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def gem_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, p: ArrayLike = 3.0, eps: float = 1e-06, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def gem_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, p: ArrayLike = 3.0, eps: float = 1e-06, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def global_gem_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, p: ArrayLike = 3.0, eps: float = 1e-06,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def global_gem_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, p: ArrayLike = 3.0,
    eps: float = 1e-06, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def global_lse_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, beta: ArrayLike = 1.0, mean: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def global_lse_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, beta: ArrayLike = 1.0,
    mean: bool = False, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def global_soft_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, beta: ArrayLike = 1.0,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def global_soft_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, beta: ArrayLike = 1.0,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
def lse_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    beta: ArrayLike = 1.0, mean: bool = False, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def lse_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    beta: ArrayLike = 1.0, mean: bool = False, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def lse_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, beta: ArrayLike = 1.0, mean: bool = False, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def lse_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    beta: ArrayLike = 1.0, mean: bool = False, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def lse_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, beta: ArrayLike = 1.0, mean: bool = False, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def lse_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    beta: ArrayLike = 1.0, mean: bool = False, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def lse_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, beta: ArrayLike = 1.0, mean: bool = False, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def lse_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, beta: ArrayLike = 1.0, mean: bool = False, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def soft_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    beta: ArrayLike = 1.0, axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def soft_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    beta: ArrayLike = 1.0, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def soft_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, beta: ArrayLike = 1.0, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def soft_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    beta: ArrayLike = 1.0, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def soft_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, beta: ArrayLike = 1.0, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def soft_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    beta: ArrayLike = 1.0, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def soft_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, beta: ArrayLike = 1.0, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def soft_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, beta: ArrayLike = 1.0, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
