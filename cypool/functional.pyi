# Written by tests/support/stubs.py: do not edit.
from collections.abc import Callable, Sequence
from typing import Any, Literal, overload
from numpy.typing import ArrayLike, DTypeLike
from cypool._types import Array, Axes, Boundary, CeilMode, DataFormat, Empty, IndexLayout, Ints, Nan, Out, OutputSize, Padding, Plan, Rounding

__all__ = [
    "adaptive_avg_pool",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool1d_backward",
    "adaptive_avg_pool1d_double_backward",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool2d_backward",
    "adaptive_avg_pool2d_double_backward",
    "adaptive_avg_pool3d",
    "adaptive_avg_pool3d_backward",
    "adaptive_avg_pool3d_double_backward",
    "adaptive_avg_pool_backward",
    "adaptive_avg_pool_double_backward",
    "adaptive_max_pool",
    "adaptive_max_pool1d",
    "adaptive_max_pool1d_backward",
    "adaptive_max_pool1d_double_backward",
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_backward",
    "adaptive_max_pool2d_double_backward",
    "adaptive_max_pool3d",
    "adaptive_max_pool3d_backward",
    "adaptive_max_pool3d_double_backward",
    "adaptive_max_pool_backward",
    "adaptive_max_pool_double_backward",
    "adaptive_min_pool",
    "adaptive_min_pool1d",
    "adaptive_min_pool1d_backward",
    "adaptive_min_pool1d_double_backward",
    "adaptive_min_pool2d",
    "adaptive_min_pool2d_backward",
    "adaptive_min_pool2d_double_backward",
    "adaptive_min_pool3d",
    "adaptive_min_pool3d_backward",
    "adaptive_min_pool3d_double_backward",
    "adaptive_min_pool_backward",
    "adaptive_min_pool_double_backward",
    "adaptive_sum_pool",
    "adaptive_sum_pool1d",
    "adaptive_sum_pool1d_backward",
    "adaptive_sum_pool1d_double_backward",
    "adaptive_sum_pool2d",
    "adaptive_sum_pool2d_backward",
    "adaptive_sum_pool2d_double_backward",
    "adaptive_sum_pool3d",
    "adaptive_sum_pool3d_backward",
    "adaptive_sum_pool3d_double_backward",
    "adaptive_sum_pool_backward",
    "adaptive_sum_pool_double_backward",
    "avg_pool",
    "avg_pool1d",
    "avg_pool1d_backward",
    "avg_pool1d_double_backward",
    "avg_pool2d",
    "avg_pool2d_backward",
    "avg_pool2d_double_backward",
    "avg_pool3d",
    "avg_pool3d_backward",
    "avg_pool3d_double_backward",
    "avg_pool_backward",
    "avg_pool_double_backward",
    "global_avg_pool",
    "global_avg_pool_backward",
    "global_avg_pool_double_backward",
    "global_max_pool",
    "global_max_pool_backward",
    "global_max_pool_double_backward",
    "global_min_pool",
    "global_min_pool_backward",
    "global_min_pool_double_backward",
    "global_sum_pool",
    "global_sum_pool_backward",
    "global_sum_pool_double_backward",
    "max_pool",
    "max_pool1d",
    "max_pool1d_backward",
    "max_pool1d_double_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "max_pool2d_double_backward",
    "max_pool3d",
    "max_pool3d_backward",
    "max_pool3d_double_backward",
    "max_pool_backward",
    "max_pool_double_backward",
    "min_pool",
    "min_pool1d",
    "min_pool1d_backward",
    "min_pool1d_double_backward",
    "min_pool2d",
    "min_pool2d_backward",
    "min_pool2d_double_backward",
    "min_pool3d",
    "min_pool3d_backward",
    "min_pool3d_double_backward",
    "min_pool_backward",
    "min_pool_double_backward",
    "plan",
    "sum_pool",
    "sum_pool1d",
    "sum_pool1d_backward",
    "sum_pool1d_double_backward",
    "sum_pool2d",
    "sum_pool2d_backward",
    "sum_pool2d_double_backward",
    "sum_pool3d",
    "sum_pool3d_backward",
    "sum_pool3d_double_backward",
    "sum_pool_backward",
    "sum_pool_double_backward",
]

def adaptive_avg_pool(
    x: ArrayLike, output_size: OutputSize, *, axes: Axes = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
def adaptive_avg_pool1d(
    x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def adaptive_avg_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def adaptive_avg_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike, empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def adaptive_avg_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
@overload
def adaptive_avg_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def adaptive_avg_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def adaptive_avg_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
def adaptive_avg_pool2d(
    x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def adaptive_avg_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def adaptive_avg_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike, empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def adaptive_avg_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
@overload
def adaptive_avg_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def adaptive_avg_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def adaptive_avg_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
def adaptive_avg_pool3d(
    x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def adaptive_avg_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def adaptive_avg_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike, empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def adaptive_avg_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
@overload
def adaptive_avg_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def adaptive_avg_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def adaptive_avg_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
@overload
def adaptive_avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def adaptive_avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def adaptive_avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
@overload
def adaptive_avg_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def adaptive_avg_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def adaptive_avg_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
@overload
def adaptive_max_pool(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[False] = False, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def adaptive_max_pool(
    x: ArrayLike, output_size: OutputSize, *, return_indices: Literal[True], axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_max_pool(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[True], *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_max_pool(
    x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
@overload
def adaptive_max_pool1d(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[False] = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def adaptive_max_pool1d(
    x: ArrayLike, output_size: OutputSize, *, return_indices: Literal[True], data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_max_pool1d(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[True], *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_max_pool1d(
    x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def adaptive_max_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
def adaptive_max_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False,
    *, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
@overload
def adaptive_max_pool2d(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[False] = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def adaptive_max_pool2d(
    x: ArrayLike, output_size: OutputSize, *, return_indices: Literal[True], data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_max_pool2d(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[True], *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_max_pool2d(
    x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def adaptive_max_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
def adaptive_max_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False,
    *, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
@overload
def adaptive_max_pool3d(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[False] = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def adaptive_max_pool3d(
    x: ArrayLike, output_size: OutputSize, *, return_indices: Literal[True], data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_max_pool3d(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[True], *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_max_pool3d(
    x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def adaptive_max_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
def adaptive_max_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False,
    *, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
def adaptive_max_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
def adaptive_max_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False,
    *, axes: Axes = None, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
@overload
def adaptive_min_pool(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[False] = False, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def adaptive_min_pool(
    x: ArrayLike, output_size: OutputSize, *, return_indices: Literal[True], axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_min_pool(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[True], *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_min_pool(
    x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
@overload
def adaptive_min_pool1d(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[False] = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def adaptive_min_pool1d(
    x: ArrayLike, output_size: OutputSize, *, return_indices: Literal[True], data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_min_pool1d(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[True], *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_min_pool1d(
    x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def adaptive_min_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
def adaptive_min_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False,
    *, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
@overload
def adaptive_min_pool2d(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[False] = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def adaptive_min_pool2d(
    x: ArrayLike, output_size: OutputSize, *, return_indices: Literal[True], data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_min_pool2d(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[True], *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_min_pool2d(
    x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def adaptive_min_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
def adaptive_min_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False,
    *, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
@overload
def adaptive_min_pool3d(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[False] = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def adaptive_min_pool3d(
    x: ArrayLike, output_size: OutputSize, *, return_indices: Literal[True], data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_min_pool3d(
    x: ArrayLike, output_size: OutputSize, return_indices: Literal[True], *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def adaptive_min_pool3d(
    x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def adaptive_min_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
def adaptive_min_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False,
    *, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
def adaptive_min_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
def adaptive_min_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, return_indices: bool = False,
    *, axes: Axes = None, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
def adaptive_sum_pool(
    x: ArrayLike, output_size: OutputSize, *, axes: Axes = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
def adaptive_sum_pool1d(
    x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_sum_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_sum_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_sum_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
@overload
def adaptive_sum_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_sum_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_sum_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def adaptive_sum_pool2d(
    x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_sum_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_sum_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_sum_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
@overload
def adaptive_sum_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_sum_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_sum_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def adaptive_sum_pool3d(
    x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_sum_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_sum_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_sum_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
@overload
def adaptive_sum_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_sum_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_sum_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
@overload
def adaptive_sum_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_sum_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_sum_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
@overload
def adaptive_sum_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_sum_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_sum_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def avg_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False,
    count_include_pad: bool = True, divisor_override: int | None = None, *, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
def avg_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False,
    count_include_pad: bool = True, *, divisor_override: int | None = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def avg_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, *, divisor_override: int | None = None,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: None = None, boundary: Boundary = "constant",
    empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def avg_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, *, divisor_override: int | None = None,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike, boundary: Boundary = "constant",
    empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def avg_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, *, divisor_override: int | None = None,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
@overload
def avg_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True, *,
    divisor_override: int | None = None, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: None = None, boundary: Boundary = "constant", empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def avg_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True, *,
    divisor_override: int | None = None, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike, boundary: Boundary = "constant", empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def avg_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True, *,
    divisor_override: int | None = None, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
def avg_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False,
    count_include_pad: bool = True, divisor_override: int | None = None, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def avg_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: None = None, boundary: Boundary = "constant",
    empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def avg_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike, boundary: Boundary = "constant",
    empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def avg_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
@overload
def avg_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True,
    divisor_override: int | None = None, *, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: None = None, boundary: Boundary = "constant", empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def avg_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True,
    divisor_override: int | None = None, *, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike, boundary: Boundary = "constant", empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def avg_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True,
    divisor_override: int | None = None, *, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
def avg_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False,
    count_include_pad: bool = True, divisor_override: int | None = None, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def avg_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: None = None, boundary: Boundary = "constant",
    empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def avg_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike, boundary: Boundary = "constant",
    empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def avg_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
@overload
def avg_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True,
    divisor_override: int | None = None, *, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: None = None, boundary: Boundary = "constant", empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def avg_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True,
    divisor_override: int | None = None, *, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike, boundary: Boundary = "constant", empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def avg_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True,
    divisor_override: int | None = None, *, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
@overload
def avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, weights: None = None,
    boundary: Boundary = "constant", empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike,
    boundary: Boundary = "constant", empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, count_include_pad: bool = True, divisor_override: int | None = None, *,
    axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
@overload
def avg_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True,
    divisor_override: int | None = None, *, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, boundary: Boundary = "constant", empty: Empty = None,
    rounding: Rounding = "trunc"
) -> Array: ...
@overload
def avg_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True,
    divisor_override: int | None = None, *, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, boundary: Boundary = "constant", empty: Empty = None,
    rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def avg_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, count_include_pad: bool = True,
    divisor_override: int | None = None, *, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
def global_avg_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def global_avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def global_avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def global_avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
@overload
def global_avg_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def global_avg_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def global_avg_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
@overload
def global_max_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, return_indices: Literal[False] = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def global_max_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, return_indices: Literal[True],
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def global_max_pool(
    x: ArrayLike, axes: Axes, keepdims: bool, return_indices: Literal[True], *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def global_max_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def global_max_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
def global_max_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True,
    return_indices: bool = False, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
@overload
def global_min_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, return_indices: Literal[False] = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def global_min_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, return_indices: Literal[True],
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def global_min_pool(
    x: ArrayLike, axes: Axes, keepdims: bool, return_indices: Literal[True], *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def global_min_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def global_min_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
def global_min_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True,
    return_indices: bool = False, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
def global_sum_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def global_sum_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def global_sum_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def global_sum_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
@overload
def global_sum_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, empty: Empty = None
) -> Array: ...
@overload
def global_sum_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def global_sum_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
@overload
def max_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: Literal[False] = False, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def max_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, return_indices: Literal[True], axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def max_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None, padding: Padding, dilation: Ints, ceil_mode: CeilMode,
    return_indices: Literal[True], *, axes: Axes = None, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def max_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: bool = False, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
@overload
def max_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: Literal[False] = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def max_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, return_indices: Literal[True], data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def max_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None, padding: Padding, dilation: Ints, ceil_mode: CeilMode,
    return_indices: Literal[True], *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def max_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: bool = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def max_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
def max_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
@overload
def max_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: Literal[False] = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def max_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, return_indices: Literal[True], data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def max_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None, padding: Padding, dilation: Ints, ceil_mode: CeilMode,
    return_indices: Literal[True], *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def max_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: bool = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def max_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
def max_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
@overload
def max_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: Literal[False] = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def max_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, return_indices: Literal[True], data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def max_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None, padding: Padding, dilation: Ints, ceil_mode: CeilMode,
    return_indices: Literal[True], *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def max_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: bool = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def max_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
def max_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
def max_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
def max_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *,
    axes: Axes = None, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
@overload
def min_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: Literal[False] = False, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def min_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, return_indices: Literal[True], axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def min_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None, padding: Padding, dilation: Ints, ceil_mode: CeilMode,
    return_indices: Literal[True], *, axes: Axes = None, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def min_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: bool = False, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
@overload
def min_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: Literal[False] = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def min_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, return_indices: Literal[True], data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def min_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None, padding: Padding, dilation: Ints, ceil_mode: CeilMode,
    return_indices: Literal[True], *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def min_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: bool = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def min_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
def min_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
@overload
def min_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: Literal[False] = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def min_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, return_indices: Literal[True], data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def min_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None, padding: Padding, dilation: Ints, ceil_mode: CeilMode,
    return_indices: Literal[True], *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def min_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: bool = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def min_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
def min_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
@overload
def min_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: Literal[False] = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def min_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, return_indices: Literal[True], data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def min_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None, padding: Padding, dilation: Ints, ceil_mode: CeilMode,
    return_indices: Literal[True], *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def min_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, return_indices: bool = False, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def min_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
def min_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
def min_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *, axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
def min_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, dilation: Ints = 1, ceil_mode: CeilMode = False, return_indices: bool = False, *,
    axes: Axes = None, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
def plan(function: Callable[..., Any], shape: Sequence[int], dtype: DTypeLike, *args: Any, **keywords: Any) -> Plan: ...
def sum_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def sum_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def sum_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, weights: None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def sum_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike,
    boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def sum_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array | tuple[Array, Array]: ...
@overload
def sum_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def sum_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def sum_pool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def sum_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def sum_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, weights: None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def sum_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike,
    boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def sum_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array | tuple[Array, Array]: ...
@overload
def sum_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def sum_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def sum_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def sum_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def sum_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, weights: None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def sum_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike,
    boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def sum_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array | tuple[Array, Array]: ...
@overload
def sum_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def sum_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def sum_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array | tuple[Array, Array]: ...
@overload
def sum_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def sum_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def sum_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array | tuple[Array, Array]: ...
@overload
def sum_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def sum_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def sum_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, ceil_mode: CeilMode = False, *, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, boundary: Boundary = "constant",
    empty: Empty = None
) -> Array | tuple[Array, Array]: ...
