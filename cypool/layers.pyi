# Written by tests/support/stubs.py: do not edit.
from typing import Any
from numpy.typing import ArrayLike
from typing_extensions import Self
from cypool._types import Array, CeilMode, DataFormat, Ints, OutputSize, Padding

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AdaptiveMinPool1d",
    "AdaptiveMinPool2d",
    "AdaptiveMinPool3d",
    "AdaptiveSumPool1d",
    "AdaptiveSumPool2d",
    "AdaptiveSumPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "GlobalAvgPool1d",
    "GlobalAvgPool2d",
    "GlobalAvgPool3d",
    "GlobalMaxPool1d",
    "GlobalMaxPool2d",
    "GlobalMaxPool3d",
    "GlobalMinPool1d",
    "GlobalMinPool2d",
    "GlobalMinPool3d",
    "GlobalSumPool1d",
    "GlobalSumPool2d",
    "GlobalSumPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MinPool1d",
    "MinPool2d",
    "MinPool3d",
    "SumPool1d",
    "SumPool2d",
    "SumPool3d",
]

class Layer:
    training: bool
    def __init__(self, **chosen: Any) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def train(self, mode: bool = True) -> Self: ...
    def eval(self) -> Self: ...
    def forward(self, x: ArrayLike) -> Any: ...
    def backward(self, grad_output: ArrayLike) -> Array: ...
class AdaptiveAvgPool1d(Layer):
    output_size: OutputSize
    data_format: DataFormat
    def __init__(self, output_size: OutputSize, *, data_format: DataFormat = "channels_first") -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveAvgPool2d(Layer):
    output_size: OutputSize
    data_format: DataFormat
    def __init__(self, output_size: OutputSize, *, data_format: DataFormat = "channels_first") -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveAvgPool3d(Layer):
    output_size: OutputSize
    data_format: DataFormat
    def __init__(self, output_size: OutputSize, *, data_format: DataFormat = "channels_first") -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveMaxPool1d(Layer):
    output_size: OutputSize
    return_indices: bool
    data_format: DataFormat
    def __init__(
        self, output_size: OutputSize, return_indices: bool = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class AdaptiveMaxPool2d(Layer):
    output_size: OutputSize
    return_indices: bool
    data_format: DataFormat
    def __init__(
        self, output_size: OutputSize, return_indices: bool = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class AdaptiveMaxPool3d(Layer):
    output_size: OutputSize
    return_indices: bool
    data_format: DataFormat
    def __init__(
        self, output_size: OutputSize, return_indices: bool = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class AdaptiveMinPool1d(Layer):
    output_size: OutputSize
    return_indices: bool
    data_format: DataFormat
    def __init__(
        self, output_size: OutputSize, return_indices: bool = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class AdaptiveMinPool2d(Layer):
    output_size: OutputSize
    return_indices: bool
    data_format: DataFormat
    def __init__(
        self, output_size: OutputSize, return_indices: bool = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class AdaptiveMinPool3d(Layer):
    output_size: OutputSize
    return_indices: bool
    data_format: DataFormat
    def __init__(
        self, output_size: OutputSize, return_indices: bool = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class AdaptiveSumPool1d(Layer):
    output_size: OutputSize
    data_format: DataFormat
    def __init__(self, output_size: OutputSize, *, data_format: DataFormat = "channels_first") -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveSumPool2d(Layer):
    output_size: OutputSize
    data_format: DataFormat
    def __init__(self, output_size: OutputSize, *, data_format: DataFormat = "channels_first") -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveSumPool3d(Layer):
    output_size: OutputSize
    data_format: DataFormat
    def __init__(self, output_size: OutputSize, *, data_format: DataFormat = "channels_first") -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AvgPool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    count_include_pad: bool
    dilation: Ints
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False,
        count_include_pad: bool = True, *, dilation: Ints = 1, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AvgPool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    count_include_pad: bool
    divisor_override: int | None
    dilation: Ints
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False,
        count_include_pad: bool = True, divisor_override: int | None = None, *, dilation: Ints = 1,
        data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AvgPool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    count_include_pad: bool
    divisor_override: int | None
    dilation: Ints
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False,
        count_include_pad: bool = True, divisor_override: int | None = None, *, dilation: Ints = 1,
        data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalAvgPool1d(Layer):
    keepdims: bool
    data_format: DataFormat
    def __init__(self, keepdims: bool = True, *, data_format: DataFormat = "channels_first") -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalAvgPool2d(Layer):
    keepdims: bool
    data_format: DataFormat
    def __init__(self, keepdims: bool = True, *, data_format: DataFormat = "channels_first") -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalAvgPool3d(Layer):
    keepdims: bool
    data_format: DataFormat
    def __init__(self, keepdims: bool = True, *, data_format: DataFormat = "channels_first") -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalMaxPool1d(Layer):
    keepdims: bool
    return_indices: bool
    data_format: DataFormat
    def __init__(
        self, keepdims: bool = True, return_indices: bool = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class GlobalMaxPool2d(Layer):
    keepdims: bool
    return_indices: bool
    data_format: DataFormat
    def __init__(
        self, keepdims: bool = True, return_indices: bool = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class GlobalMaxPool3d(Layer):
    keepdims: bool
    return_indices: bool
    data_format: DataFormat
    def __init__(
        self, keepdims: bool = True, return_indices: bool = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class GlobalMinPool1d(Layer):
    keepdims: bool
    return_indices: bool
    data_format: DataFormat
    def __init__(
        self, keepdims: bool = True, return_indices: bool = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class GlobalMinPool2d(Layer):
    keepdims: bool
    return_indices: bool
    data_format: DataFormat
    def __init__(
        self, keepdims: bool = True, return_indices: bool = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class GlobalMinPool3d(Layer):
    keepdims: bool
    return_indices: bool
    data_format: DataFormat
    def __init__(
        self, keepdims: bool = True, return_indices: bool = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class GlobalSumPool1d(Layer):
    keepdims: bool
    data_format: DataFormat
    def __init__(self, keepdims: bool = True, *, data_format: DataFormat = "channels_first") -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalSumPool2d(Layer):
    keepdims: bool
    data_format: DataFormat
    def __init__(self, keepdims: bool = True, *, data_format: DataFormat = "channels_first") -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalSumPool3d(Layer):
    keepdims: bool
    data_format: DataFormat
    def __init__(self, keepdims: bool = True, *, data_format: DataFormat = "channels_first") -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class MaxPool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    return_indices: bool
    ceil_mode: CeilMode
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        return_indices: bool = False, ceil_mode: CeilMode = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class MaxPool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    return_indices: bool
    ceil_mode: CeilMode
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        return_indices: bool = False, ceil_mode: CeilMode = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class MaxPool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    return_indices: bool
    ceil_mode: CeilMode
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        return_indices: bool = False, ceil_mode: CeilMode = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class MinPool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    return_indices: bool
    ceil_mode: CeilMode
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        return_indices: bool = False, ceil_mode: CeilMode = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class MinPool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    return_indices: bool
    ceil_mode: CeilMode
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        return_indices: bool = False, ceil_mode: CeilMode = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class MinPool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    return_indices: bool
    ceil_mode: CeilMode
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        return_indices: bool = False, ceil_mode: CeilMode = False, *, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def forward(self, x: ArrayLike) -> Any: ...
class SumPool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    dilation: Ints
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        dilation: Ints = 1, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class SumPool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    dilation: Ints
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        dilation: Ints = 1, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class SumPool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    dilation: Ints
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        dilation: Ints = 1, data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
