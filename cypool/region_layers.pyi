# Written by tests/support/stubs.py: do not edit.
from typing import Literal
from numpy.typing import ArrayLike
from cypool._types import Array, Boxes, DataFormat, OutputSize
from cypool.layers import Layer

__all__ = [
    "PSRoIAlign",
    "PSRoIPool",
    "RoIAlign",
    "RoIPool",
]

class PSRoIAlign(Layer):
    output_size: OutputSize
    spatial_scale: float
    sampling_ratio: int
    data_format: DataFormat
    def __init__(
        self, output_size: OutputSize, spatial_scale: float, sampling_ratio: int, *,
        data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike, boxes: Boxes) -> Array: ...  # type: ignore[override]
    def forward(self, x: ArrayLike, boxes: Boxes) -> Array: ...  # type: ignore[override]
class PSRoIPool(Layer):
    output_size: OutputSize
    spatial_scale: float
    data_format: DataFormat
    def __init__(
        self, output_size: OutputSize, spatial_scale: float, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike, boxes: Boxes) -> Array: ...  # type: ignore[override]
    def forward(self, x: ArrayLike, boxes: Boxes) -> Array: ...  # type: ignore[override]
class RoIAlign(Layer):
    output_size: OutputSize
    spatial_scale: float
    sampling_ratio: int
    aligned: bool
    mode: Literal["avg", "max", "onnx_max"]
    data_format: DataFormat
    def __init__(
        self, output_size: OutputSize, spatial_scale: float, sampling_ratio: int, aligned: bool = False, *,
        mode: Literal["avg", "max", "onnx_max"] = "avg", data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike, boxes: Boxes) -> Array: ...  # type: ignore[override]
    def forward(self, x: ArrayLike, boxes: Boxes) -> Array: ...  # type: ignore[override]
class RoIPool(Layer):
    output_size: OutputSize
    spatial_scale: float
    data_format: DataFormat
    def __init__(
        self, output_size: OutputSize, spatial_scale: float, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike, boxes: Boxes) -> Array: ...  # type: ignore[override]
    def forward(self, x: ArrayLike, boxes: Boxes) -> Array: ...  # type: ignore[override]
