# Written by tests/support/stubs.py: do not edit.
from collections.abc import Sequence
from typing import Literal, overload
from numpy.typing import ArrayLike
from cypool._types import Array, DataFormat, Empty, IndexLayout, Nan, Out, Rounding
from cypool.layers import Layer

__all__ = [
    "SpatialPyramidPool1d",
    "SpatialPyramidPool2d",
    "SpatialPyramidPool3d",
    "spatial_pyramid_pool",
    "spatial_pyramid_pool_backward",
]

class SpatialPyramidPool1d(Layer):
    levels: int | Sequence[int] | Sequence[Sequence[int]]
    op: str
    data_format: DataFormat
    def __init__(
        self, levels: int | Sequence[int] | Sequence[Sequence[int]], op: str = "max", *,
        data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class SpatialPyramidPool2d(Layer):
    levels: int | Sequence[int] | Sequence[Sequence[int]]
    op: str
    data_format: DataFormat
    def __init__(
        self, levels: int | Sequence[int] | Sequence[Sequence[int]], op: str = "max", *,
        data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class SpatialPyramidPool3d(Layer):
    levels: int | Sequence[int] | Sequence[Sequence[int]]
    op: str
    data_format: DataFormat
    def __init__(
        self, levels: int | Sequence[int] | Sequence[Sequence[int]], op: str = "max", *,
        data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
@overload
def spatial_pyramid_pool(
    x: ArrayLike, levels: int | Sequence[int] | Sequence[Sequence[int]], op: str = "max",
    return_indices: Literal[False] = False, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None,
    rounding: Rounding = "trunc", index_layout: IndexLayout = "plane"
) -> Array: ...
@overload
def spatial_pyramid_pool(
    x: ArrayLike, levels: int | Sequence[int] | Sequence[Sequence[int]], op: str = "max", *,
    return_indices: Literal[True], data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None,
    rounding: Rounding = "trunc", index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def spatial_pyramid_pool(
    x: ArrayLike, levels: int | Sequence[int] | Sequence[Sequence[int]], op: str, return_indices: Literal[True], *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None, nan: Nan = "propagate",
    mask: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc",
    index_layout: IndexLayout = "plane"
) -> tuple[Array, Array]: ...
@overload
def spatial_pyramid_pool(
    x: ArrayLike, levels: int | Sequence[int] | Sequence[Sequence[int]], op: str = "max", return_indices: bool = False,
    *, data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None, rounding: Rounding = "trunc",
    index_layout: IndexLayout = "plane"
) -> Array | tuple[Array, Array]: ...
def spatial_pyramid_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, levels: int | Sequence[int] | Sequence[Sequence[int]], op: str = "max",
    return_indices: bool = False, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, nan: Nan = "propagate", mask: ArrayLike | None = None, empty: Empty = None,
    rounding: Rounding = "trunc", index_layout: IndexLayout = "plane", indices: ArrayLike | None = None
) -> Array: ...
