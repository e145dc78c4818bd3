# Written by tests/support/stubs.py: do not edit.
from collections.abc import Sequence
from numpy.typing import ArrayLike
from cypool._types import Array, Axes, Boundary, CeilMode, DataFormat, Empty, Ints, Nan, Out, Padding

__all__ = [
    "blur_pool",
    "blur_pool1d",
    "blur_pool1d_backward",
    "blur_pool2d",
    "blur_pool2d_backward",
    "blur_pool3d",
    "blur_pool3d_backward",
    "blur_pool_backward",
]

def blur_pool(
    x: ArrayLike, kernel_size: Ints = 3, stride: Ints | None = 2, padding: Padding | None = None,
    ceil_mode: CeilMode = False, *, filter: Sequence[float] | Sequence[Sequence[float]] | None = None,
    max_size: Ints = 1, count_include_pad: bool = True, axes: Axes = None, dilation: Ints = 1,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, boundary: Boundary = "reflect", empty: Empty = None
) -> Array: ...
def blur_pool1d(
    x: ArrayLike, kernel_size: Ints = 3, stride: Ints | None = 2, padding: Padding | None = None,
    ceil_mode: CeilMode = False, *, filter: Sequence[float] | Sequence[Sequence[float]] | None = None,
    max_size: Ints = 1, count_include_pad: bool = True, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "reflect", empty: Empty = None
) -> Array: ...
def blur_pool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints = 3, stride: Ints | None = 2,
    padding: Padding | None = None, ceil_mode: CeilMode = False, *,
    filter: Sequence[float] | Sequence[Sequence[float]] | None = None, max_size: Ints = 1,
    count_include_pad: bool = True, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "reflect", empty: Empty = None
) -> Array: ...
def blur_pool2d(
    x: ArrayLike, kernel_size: Ints = 3, stride: Ints | None = 2, padding: Padding | None = None,
    ceil_mode: CeilMode = False, *, filter: Sequence[float] | Sequence[Sequence[float]] | None = None,
    max_size: Ints = 1, count_include_pad: bool = True, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "reflect", empty: Empty = None
) -> Array: ...
def blur_pool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints = 3, stride: Ints | None = 2,
    padding: Padding | None = None, ceil_mode: CeilMode = False, *,
    filter: Sequence[float] | Sequence[Sequence[float]] | None = None, max_size: Ints = 1,
    count_include_pad: bool = True, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "reflect", empty: Empty = None
) -> Array: ...
def blur_pool3d(
    x: ArrayLike, kernel_size: Ints = 3, stride: Ints | None = 2, padding: Padding | None = None,
    ceil_mode: CeilMode = False, *, filter: Sequence[float] | Sequence[Sequence[float]] | None = None,
    max_size: Ints = 1, count_include_pad: bool = True, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "reflect", empty: Empty = None
) -> Array: ...
def blur_pool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints = 3, stride: Ints | None = 2,
    padding: Padding | None = None, ceil_mode: CeilMode = False, *,
    filter: Sequence[float] | Sequence[Sequence[float]] | None = None, max_size: Ints = 1,
    count_include_pad: bool = True, dilation: Ints = 1, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "reflect", empty: Empty = None
) -> Array: ...
def blur_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, kernel_size: Ints = 3, stride: Ints | None = 2,
    padding: Padding | None = None, ceil_mode: CeilMode = False, *,
    filter: Sequence[float] | Sequence[Sequence[float]] | None = None, max_size: Ints = 1,
    count_include_pad: bool = True, axes: Axes = None, dilation: Ints = 1, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None,
    boundary: Boundary = "reflect", empty: Empty = None
) -> Array: ...
