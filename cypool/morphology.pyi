# Written by tests/support/stubs.py: do not edit.
from typing import Literal
from numpy.typing import ArrayLike
from cypool._types import Array, Axes, Boundary, CeilMode, DataFormat, Empty, Ints, Nan, Out, Padding

__all__ = [
    "morphological_pool",
    "morphological_pool1d",
    "morphological_pool1d_backward",
    "morphological_pool2d",
    "morphological_pool2d_backward",
    "morphological_pool3d",
    "morphological_pool3d_backward",
    "morphological_pool_backward",
]

def morphological_pool(
    x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, op: Literal["max", "min"] = "max", axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    boundary: Boundary = "constant", empty: Empty = None
) -> Array: ...
def morphological_pool1d(
    x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, op: Literal["max", "min"] = "max", data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", boundary: Boundary = "constant",
    empty: Empty = None
) -> Array: ...
def morphological_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, op: Literal["max", "min"] = "max",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def morphological_pool2d(
    x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, op: Literal["max", "min"] = "max", data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", boundary: Boundary = "constant",
    empty: Empty = None
) -> Array: ...
def morphological_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, op: Literal["max", "min"] = "max",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def morphological_pool3d(
    x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
    ceil_mode: CeilMode = False, *, op: Literal["max", "min"] = "max", data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", boundary: Boundary = "constant",
    empty: Empty = None
) -> Array: ...
def morphological_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, op: Literal["max", "min"] = "max",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
def morphological_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0,
    dilation: Ints = 1, ceil_mode: CeilMode = False, *, op: Literal["max", "min"] = "max", axes: Axes = None,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    boundary: Boundary = "constant", empty: Empty = None
) -> tuple[Array, Array]: ...
