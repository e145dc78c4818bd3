# Written by tests/support/stubs.py: do not edit.
from typing import Literal, overload
from numpy.typing import ArrayLike
from cypool._types import Array, Boxes, DataFormat, Out, OutputSize

__all__ = [
    "ps_roi_align",
    "ps_roi_align_backward",
    "ps_roi_pool",
    "ps_roi_pool_backward",
    "roi_align",
    "roi_align_backward",
    "roi_pool",
    "roi_pool_backward",
]

def ps_roi_align(
    x: ArrayLike, boxes: Boxes, output_size: OutputSize, spatial_scale: float = 1.0, sampling_ratio: int = -1, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None
) -> Array: ...
def ps_roi_align_backward(
    grad_output: ArrayLike, x: ArrayLike, boxes: Boxes, output_size: OutputSize, spatial_scale: float = 1.0,
    sampling_ratio: int = -1, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None
) -> Array: ...
def ps_roi_pool(
    x: ArrayLike, boxes: Boxes, output_size: OutputSize, spatial_scale: float = 1.0, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None
) -> Array: ...
def ps_roi_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, boxes: Boxes, output_size: OutputSize, spatial_scale: float = 1.0, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None
) -> Array: ...
def roi_align(
    x: ArrayLike, boxes: Boxes, output_size: OutputSize, spatial_scale: float = 1.0, sampling_ratio: int = -1,
    aligned: bool = False, *, mode: Literal["avg", "max", "onnx_max"] = "avg",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None
) -> Array: ...
def roi_align_backward(
    grad_output: ArrayLike, x: ArrayLike, boxes: Boxes, output_size: OutputSize, spatial_scale: float = 1.0,
    sampling_ratio: int = -1, aligned: bool = False, *, mode: Literal["avg", "max", "onnx_max"] = "avg",
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None
) -> Array: ...
@overload
def roi_pool(
    x: ArrayLike, boxes: Boxes, output_size: OutputSize, spatial_scale: float = 1.0, *,
    return_indices: Literal[False] = False, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None
) -> Array: ...
@overload
def roi_pool(
    x: ArrayLike, boxes: Boxes, output_size: OutputSize, spatial_scale: float = 1.0, *, return_indices: Literal[True],
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None
) -> tuple[Array, Array]: ...
@overload
def roi_pool(
    x: ArrayLike, boxes: Boxes, output_size: OutputSize, spatial_scale: float = 1.0, *, return_indices: bool = False,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None
) -> Array | tuple[Array, Array]: ...
def roi_pool_backward(
    grad_output: ArrayLike, x: ArrayLike, boxes: Boxes, output_size: OutputSize, spatial_scale: float = 1.0, *,
    return_indices: bool = False, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, indices: ArrayLike | None = None
) -> Array: ...
