# Written by tests/support/stubs.py: do not edit.
from typing import Literal, overload
from numpy.typing import ArrayLike
from cypool._types import Array, Axes, Boundary, CeilMode, DataFormat, Empty, IndexLayout, Ints, Nan, Out, OutputSize, Padding, Rng
from cypool.layers import Layer

__all__ = [
    "StochasticPool1d",
    "StochasticPool2d",
    "StochasticPool3d",
    "adaptive_stochastic_pool",
    "adaptive_stochastic_pool1d",
    "adaptive_stochastic_pool1d_backward",
    "adaptive_stochastic_pool2d",
    "adaptive_stochastic_pool2d_backward",
    "adaptive_stochastic_pool3d",
    "adaptive_stochastic_pool3d_backward",
    "adaptive_stochastic_pool_backward",
    "global_stochastic_pool",
    "global_stochastic_pool_backward",
    "stochastic_pool",
    "stochastic_pool1d",
    "stochastic_pool1d_backward",
    "stochastic_pool2d",
    "stochastic_pool2d_backward",
    "stochastic_pool3d",
    "stochastic_pool3d_backward",
    "stochastic_pool_backward",
]

class StochasticPool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    ceil_mode: CeilMode
    rng: Rng
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        ceil_mode: CeilMode = False, *, rng: Rng = None, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class StochasticPool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    ceil_mode: CeilMode
    rng: Rng
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        ceil_mode: CeilMode = False, *, rng: Rng = None, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class StochasticPool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    ceil_mode: CeilMode
    rng: Rng
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        ceil_mode: CeilMode = False, *, rng: Rng = None, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
@overload
def adaptive_stochastic_pool(
    x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None,
    return_indices: Literal[False] = False, index_layout: IndexLayout = "plane", axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_stochastic_pool(
    x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None, return_indices: Literal[True],
    index_layout: IndexLayout = "plane", axes: Axes = None, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_stochastic_pool(
    x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None, return_indices: bool = False,
    index_layout: IndexLayout = "plane", axes: Axes = None, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
@overload
def adaptive_stochastic_pool1d(
    x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None,
    return_indices: Literal[False] = False, index_layout: IndexLayout = "plane",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_stochastic_pool1d(
    x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None, return_indices: Literal[True],
    index_layout: IndexLayout = "plane", data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_stochastic_pool1d(
    x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None, return_indices: bool = False,
    index_layout: IndexLayout = "plane", data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def adaptive_stochastic_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None,
    return_indices: bool = False, index_layout: IndexLayout = "plane", data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, indices: ArrayLike | None = None
) -> Array: ...
@overload
def adaptive_stochastic_pool2d(
    x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None,
    return_indices: Literal[False] = False, index_layout: IndexLayout = "plane",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_stochastic_pool2d(
    x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None, return_indices: Literal[True],
    index_layout: IndexLayout = "plane", data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_stochastic_pool2d(
    x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None, return_indices: bool = False,
    index_layout: IndexLayout = "plane", data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def adaptive_stochastic_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None,
    return_indices: bool = False, index_layout: IndexLayout = "plane", data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, indices: ArrayLike | None = None
) -> Array: ...
@overload
def adaptive_stochastic_pool3d(
    x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None,
    return_indices: Literal[False] = False, index_layout: IndexLayout = "plane",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def adaptive_stochastic_pool3d(
    x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None, return_indices: Literal[True],
    index_layout: IndexLayout = "plane", data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def adaptive_stochastic_pool3d(
    x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None, return_indices: bool = False,
    index_layout: IndexLayout = "plane", data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def adaptive_stochastic_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None,
    return_indices: bool = False, index_layout: IndexLayout = "plane", data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None, indices: ArrayLike | None = None
) -> Array: ...
def adaptive_stochastic_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, output_size: OutputSize, *, training: bool = True, rng: Rng = None,
    return_indices: bool = False, index_layout: IndexLayout = "plane", axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, indices: ArrayLike | None = None
) -> Array: ...
@overload
def global_stochastic_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, training: bool = True, rng: Rng = None,
    return_indices: Literal[False] = False, index_layout: IndexLayout = "plane",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None
) -> Array: ...
@overload
def global_stochastic_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, training: bool = True, rng: Rng = None,
    return_indices: Literal[True], index_layout: IndexLayout = "plane", data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def global_stochastic_pool(
    x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, training: bool = True, rng: Rng = None,
    return_indices: bool = False, index_layout: IndexLayout = "plane", data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def global_stochastic_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, axes: Axes = None, keepdims: bool = True, *, training: bool = True,
    rng: Rng = None, return_indices: bool = False, index_layout: IndexLayout = "plane",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, indices: ArrayLike | None = None
) -> Array: ...
@overload
def stochastic_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    training: bool = True, rng: Rng = None, return_indices: Literal[False] = False, index_layout: IndexLayout = "plane",
    axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def stochastic_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    training: bool = True, rng: Rng = None, return_indices: Literal[True], index_layout: IndexLayout = "plane",
    axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def stochastic_pool(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    training: bool = True, rng: Rng = None, return_indices: bool = False, index_layout: IndexLayout = "plane",
    axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None
) -> Array | tuple[Array, Array]: ...
@overload
def stochastic_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    training: bool = True, rng: Rng = None, return_indices: Literal[False] = False, index_layout: IndexLayout = "plane",
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def stochastic_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    training: bool = True, rng: Rng = None, return_indices: Literal[True], index_layout: IndexLayout = "plane",
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def stochastic_pool1d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    training: bool = True, rng: Rng = None, return_indices: bool = False, index_layout: IndexLayout = "plane",
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def stochastic_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, training: bool = True, rng: Rng = None, return_indices: bool = False,
    index_layout: IndexLayout = "plane", dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, indices: ArrayLike | None = None
) -> Array: ...
@overload
def stochastic_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    training: bool = True, rng: Rng = None, return_indices: Literal[False] = False, index_layout: IndexLayout = "plane",
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def stochastic_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    training: bool = True, rng: Rng = None, return_indices: Literal[True], index_layout: IndexLayout = "plane",
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def stochastic_pool2d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    training: bool = True, rng: Rng = None, return_indices: bool = False, index_layout: IndexLayout = "plane",
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def stochastic_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, training: bool = True, rng: Rng = None, return_indices: bool = False,
    index_layout: IndexLayout = "plane", dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, indices: ArrayLike | None = None
) -> Array: ...
@overload
def stochastic_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    training: bool = True, rng: Rng = None, return_indices: Literal[False] = False, index_layout: IndexLayout = "plane",
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
@overload
def stochastic_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    training: bool = True, rng: Rng = None, return_indices: Literal[True], index_layout: IndexLayout = "plane",
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
@overload
def stochastic_pool3d(
    x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
    training: bool = True, rng: Rng = None, return_indices: bool = False, index_layout: IndexLayout = "plane",
    dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None
) -> Array | tuple[Array, Array]: ...
def stochastic_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, training: bool = True, rng: Rng = None, return_indices: bool = False,
    index_layout: IndexLayout = "plane", dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "constant", empty: Empty = None, indices: ArrayLike | None = None
) -> Array: ...
def stochastic_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    ceil_mode: CeilMode = False, *, training: bool = True, rng: Rng = None, return_indices: bool = False,
    index_layout: IndexLayout = "plane", axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "constant", empty: Empty = None,
    indices: ArrayLike | None = None
) -> Array: ...
