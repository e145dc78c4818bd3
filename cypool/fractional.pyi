# Written by tests/support/stubs.py: do not edit.
from collections.abc import Sequence
from typing import Any, Literal, overload
from numpy.typing import ArrayLike
from cypool._types import Array, Axes, DataFormat, Empty, IndexLayout, Ints, Nan, Out, OutputSize, Rng, Rounding
from cypool.layers import Layer

__all__ = [
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "fractional_avg_pool",
    "fractional_avg_pool_backward",
    "fractional_avg_pool_double_backward",
    "fractional_max_pool",
    "fractional_max_pool2d",
    "fractional_max_pool2d_backward",
    "fractional_max_pool2d_double_backward",
    "fractional_max_pool3d",
    "fractional_max_pool3d_backward",
    "fractional_max_pool3d_double_backward",
    "fractional_max_pool_backward",
    "fractional_max_pool_double_backward",
]

class FractionalMaxPool2d(Layer):
    kernel_size: Ints
    output_size: OutputSize
    output_ratio: float | Sequence[float] | None
    return_indices: bool
    _random_samples: ArrayLike | None
    rng: Rng
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, output_size: OutputSize = None, output_ratio: float | Sequence[float] | None = None,
        return_indices: bool = False, _random_samples: ArrayLike | None = None, *, rng: Rng = None,
        data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class FractionalMaxPool3d(Layer):
    kernel_size: Ints
    output_size: OutputSize
    output_ratio: float | Sequence[float] | None
    return_indices: bool
    _random_samples: ArrayLike | None
    rng: Rng
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, output_size: OutputSize = None, output_ratio: float | Sequence[float] | None = None,
        return_indices: bool = False, _random_samples: ArrayLike | None = None, *, rng: Rng = None,
        data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
@overload
def fractional_avg_pool(
    x: ArrayLike, pooling_ratio: float | Sequence[float], pseudo_random: bool = False, overlapping: bool = False, *,
    axes: Axes = None, sequences: Sequence[ArrayLike] | None = None, rng: Rng = None,
    return_sequences: Literal[False] = False, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def fractional_avg_pool(
    x: ArrayLike, pooling_ratio: float | Sequence[float], pseudo_random: bool = False, overlapping: bool = False, *,
    axes: Axes = None, sequences: Sequence[ArrayLike] | None = None, rng: Rng = None, return_sequences: Literal[True],
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def fractional_avg_pool(
    x: ArrayLike, pooling_ratio: float | Sequence[float], pseudo_random: bool = False, overlapping: bool = False, *,
    axes: Axes = None, sequences: Sequence[ArrayLike] | None = None, rng: Rng = None, return_sequences: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
@overload
def fractional_avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, pooling_ratio: float | Sequence[float], pseudo_random: bool = False,
    overlapping: bool = False, *, axes: Axes = None, sequences: Sequence[ArrayLike] | None = None, rng: Rng = None,
    return_sequences: bool = False, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, weights: None = None,
    empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def fractional_avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, pooling_ratio: float | Sequence[float], pseudo_random: bool = False,
    overlapping: bool = False, *, axes: Axes = None, sequences: Sequence[ArrayLike] | None = None, rng: Rng = None,
    return_sequences: bool = False, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, weights: ArrayLike,
    empty: Empty = None, rounding: Rounding = "trunc"
) -> tuple[Array, Array]: ...
@overload
def fractional_avg_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, pooling_ratio: float | Sequence[float], pseudo_random: bool = False,
    overlapping: bool = False, *, axes: Axes = None, sequences: Sequence[ArrayLike] | None = None, rng: Rng = None,
    return_sequences: bool = False, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array | tuple[Array, Array]: ...
def fractional_avg_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, pooling_ratio: float | Sequence[float],
    pseudo_random: bool = False, overlapping: bool = False, *, axes: Axes = None,
    sequences: Sequence[ArrayLike] | None = None, rng: Rng = None, return_sequences: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, weights: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc"
) -> Array: ...
@overload
def fractional_max_pool(
    x: ArrayLike, pooling_ratio: float | Sequence[float], pseudo_random: bool = False, overlapping: bool = False,
    return_indices: Literal[False] = False, *, axes: Axes = None, sequences: Sequence[ArrayLike] | None = None,
    rng: Rng = None, return_sequences: Literal[False] = False, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def fractional_max_pool(
    x: ArrayLike, pooling_ratio: float | Sequence[float], pseudo_random: bool = False, overlapping: bool = False, *,
    return_indices: Literal[True], axes: Axes = None, sequences: Sequence[ArrayLike] | None = None, rng: Rng = None,
    return_sequences: bool = False, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None,
    index_layout: IndexLayout = "plane"
) -> tuple[Any, ...]: ...
@overload
def fractional_max_pool(
    x: ArrayLike, pooling_ratio: float | Sequence[float], pseudo_random: bool, overlapping: bool,
    return_indices: Literal[True], *, axes: Axes = None, sequences: Sequence[ArrayLike] | None = None, rng: Rng = None,
    return_sequences: bool = False, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None,
    index_layout: IndexLayout = "plane"
) -> tuple[Any, ...]: ...
@overload
def fractional_max_pool(
    x: ArrayLike, pooling_ratio: float | Sequence[float], pseudo_random: bool = False, overlapping: bool = False,
    return_indices: bool = False, *, axes: Axes = None, sequences: Sequence[ArrayLike] | None = None, rng: Rng = None,
    return_sequences: Literal[True], data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None,
    index_layout: IndexLayout = "plane"
) -> tuple[Any, ...]: ...
@overload
def fractional_max_pool(
    x: ArrayLike, pooling_ratio: float | Sequence[float], pseudo_random: bool = False, overlapping: bool = False,
    return_indices: bool = False, *, axes: Axes = None, sequences: Sequence[ArrayLike] | None = None, rng: Rng = None,
    return_sequences: bool = False, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None,
    index_layout: IndexLayout = "plane"
) -> Array | tuple[Any, ...]: ...
@overload
def fractional_max_pool2d(
    x: ArrayLike, kernel_size: Ints, output_size: OutputSize = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: Literal[False] = False,
    _random_samples: ArrayLike | None = None, *, rng: Rng = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def fractional_max_pool2d(
    x: ArrayLike, kernel_size: Ints, output_size: OutputSize = None,
    output_ratio: float | Sequence[float] | None = None, *, return_indices: Literal[True],
    _random_samples: ArrayLike | None = None, rng: Rng = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def fractional_max_pool2d(
    x: ArrayLike, kernel_size: Ints, output_size: OutputSize, output_ratio: float | Sequence[float] | None,
    return_indices: Literal[True], _random_samples: ArrayLike | None = None, *, rng: Rng = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def fractional_max_pool2d(
    x: ArrayLike, kernel_size: Ints, output_size: OutputSize = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: bool = False,
    _random_samples: ArrayLike | None = None, *, rng: Rng = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def fractional_max_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, output_size: OutputSize = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: bool = False,
    _random_samples: ArrayLike | None = None, *, rng: Rng = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
def fractional_max_pool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, output_size: OutputSize = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: bool = False,
    _random_samples: ArrayLike | None = None, *, rng: Rng = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
@overload
def fractional_max_pool3d(
    x: ArrayLike, kernel_size: Ints, output_size: OutputSize = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: Literal[False] = False,
    _random_samples: ArrayLike | None = None, *, rng: Rng = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def fractional_max_pool3d(
    x: ArrayLike, kernel_size: Ints, output_size: OutputSize = None,
    output_ratio: float | Sequence[float] | None = None, *, return_indices: Literal[True],
    _random_samples: ArrayLike | None = None, rng: Rng = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def fractional_max_pool3d(
    x: ArrayLike, kernel_size: Ints, output_size: OutputSize, output_ratio: float | Sequence[float] | None,
    return_indices: Literal[True], _random_samples: ArrayLike | None = None, *, rng: Rng = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def fractional_max_pool3d(
    x: ArrayLike, kernel_size: Ints, output_size: OutputSize = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: bool = False,
    _random_samples: ArrayLike | None = None, *, rng: Rng = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def fractional_max_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, output_size: OutputSize = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: bool = False,
    _random_samples: ArrayLike | None = None, *, rng: Rng = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
def fractional_max_pool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, output_size: OutputSize = None,
    output_ratio: float | Sequence[float] | None = None, return_indices: bool = False,
    _random_samples: ArrayLike | None = None, *, rng: Rng = None, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
def fractional_max_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, pooling_ratio: float | Sequence[float], pseudo_random: bool = False,
    overlapping: bool = False, return_indices: bool = False, *, axes: Axes = None,
    sequences: Sequence[ArrayLike] | None = None, rng: Rng = None, return_sequences: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
def fractional_max_pool_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, pooling_ratio: float | Sequence[float],
    pseudo_random: bool = False, overlapping: bool = False, return_indices: bool = False, *, axes: Axes = None,
    sequences: Sequence[ArrayLike] | None = None, rng: Rng = None, return_sequences: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, index_layout: IndexLayout = "plane",
    indices: ArrayLike | None = None
) -> Array: ...
