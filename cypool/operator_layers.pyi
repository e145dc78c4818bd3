# Written by tests/support/stubs.py: do not edit.
from collections.abc import Sequence
from typing import Literal
from numpy.typing import ArrayLike
from cypool._types import Array, Boundary, CeilMode, DataFormat, Empty, Ints, Nan, OutputSize, Padding
from cypool.layers import Layer

__all__ = [
    "AdaptiveGeMPool1d",
    "AdaptiveGeMPool2d",
    "AdaptiveGeMPool3d",
    "AdaptiveLPPool1d",
    "AdaptiveLPPool2d",
    "AdaptiveLPPool3d",
    "AdaptiveLSEPool1d",
    "AdaptiveLSEPool2d",
    "AdaptiveLSEPool3d",
    "AdaptiveMixedPool1d",
    "AdaptiveMixedPool2d",
    "AdaptiveMixedPool3d",
    "AdaptiveRMSPool1d",
    "AdaptiveRMSPool2d",
    "AdaptiveRMSPool3d",
    "AdaptiveRangePool1d",
    "AdaptiveRangePool2d",
    "AdaptiveRangePool3d",
    "AdaptiveSoftPool1d",
    "AdaptiveSoftPool2d",
    "AdaptiveSoftPool3d",
    "AdaptiveStdPool1d",
    "AdaptiveStdPool2d",
    "AdaptiveStdPool3d",
    "BlurPool1d",
    "BlurPool2d",
    "BlurPool3d",
    "GatedPool1d",
    "GatedPool2d",
    "GatedPool3d",
    "GeMPool1d",
    "GeMPool2d",
    "GeMPool3d",
    "GlobalGeMPool1d",
    "GlobalGeMPool2d",
    "GlobalGeMPool3d",
    "GlobalLPPool1d",
    "GlobalLPPool2d",
    "GlobalLPPool3d",
    "GlobalLSEPool1d",
    "GlobalLSEPool2d",
    "GlobalLSEPool3d",
    "GlobalMixedPool1d",
    "GlobalMixedPool2d",
    "GlobalMixedPool3d",
    "GlobalRMSPool1d",
    "GlobalRMSPool2d",
    "GlobalRMSPool3d",
    "GlobalRangePool1d",
    "GlobalRangePool2d",
    "GlobalRangePool3d",
    "GlobalSoftPool1d",
    "GlobalSoftPool2d",
    "GlobalSoftPool3d",
    "GlobalStdPool1d",
    "GlobalStdPool2d",
    "GlobalStdPool3d",
    "LSEPool1d",
    "LSEPool2d",
    "LSEPool3d",
    "MedianPool1d",
    "MedianPool2d",
    "MedianPool3d",
    "MixedPool1d",
    "MixedPool2d",
    "MixedPool3d",
    "MorphologicalPool1d",
    "MorphologicalPool2d",
    "MorphologicalPool3d",
    "QuantilePool1d",
    "QuantilePool2d",
    "QuantilePool3d",
    "RMSPool1d",
    "RMSPool2d",
    "RMSPool3d",
    "RangePool1d",
    "RangePool2d",
    "RangePool3d",
    "SoftPool1d",
    "SoftPool2d",
    "SoftPool3d",
    "StdPool1d",
    "StdPool2d",
    "StdPool3d",
    "TopKPool1d",
    "TopKPool2d",
    "TopKPool3d",
]

class AdaptiveGeMPool1d(Layer):
    output_size: OutputSize
    p: ArrayLike
    eps: float
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_p: Array | None
    def __init__(
        self, output_size: OutputSize, *, p: ArrayLike = 3.0, eps: float = 1e-06,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveGeMPool2d(Layer):
    output_size: OutputSize
    p: ArrayLike
    eps: float
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_p: Array | None
    def __init__(
        self, output_size: OutputSize, *, p: ArrayLike = 3.0, eps: float = 1e-06,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveGeMPool3d(Layer):
    output_size: OutputSize
    p: ArrayLike
    eps: float
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_p: Array | None
    def __init__(
        self, output_size: OutputSize, *, p: ArrayLike = 3.0, eps: float = 1e-06,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveLPPool1d(Layer):
    norm_type: float
    output_size: OutputSize
    signed: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, norm_type: float, output_size: OutputSize, *, signed: bool = False,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveLPPool2d(Layer):
    norm_type: float
    output_size: OutputSize
    signed: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, norm_type: float, output_size: OutputSize, *, signed: bool = False,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveLPPool3d(Layer):
    norm_type: float
    output_size: OutputSize
    signed: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, norm_type: float, output_size: OutputSize, *, signed: bool = False,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveLSEPool1d(Layer):
    output_size: OutputSize
    beta: ArrayLike
    mean: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, output_size: OutputSize, *, beta: ArrayLike = 1.0, mean: bool = False,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveLSEPool2d(Layer):
    output_size: OutputSize
    beta: ArrayLike
    mean: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, output_size: OutputSize, *, beta: ArrayLike = 1.0, mean: bool = False,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveLSEPool3d(Layer):
    output_size: OutputSize
    beta: ArrayLike
    mean: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, output_size: OutputSize, *, beta: ArrayLike = 1.0, mean: bool = False,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveMixedPool1d(Layer):
    output_size: OutputSize
    alpha: ArrayLike
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_alpha: Array | None
    def __init__(
        self, output_size: OutputSize, *, alpha: ArrayLike = 0.5, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveMixedPool2d(Layer):
    output_size: OutputSize
    alpha: ArrayLike
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_alpha: Array | None
    def __init__(
        self, output_size: OutputSize, *, alpha: ArrayLike = 0.5, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveMixedPool3d(Layer):
    output_size: OutputSize
    alpha: ArrayLike
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_alpha: Array | None
    def __init__(
        self, output_size: OutputSize, *, alpha: ArrayLike = 0.5, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveRMSPool1d(Layer):
    output_size: OutputSize
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, output_size: OutputSize, *, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveRMSPool2d(Layer):
    output_size: OutputSize
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, output_size: OutputSize, *, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveRMSPool3d(Layer):
    output_size: OutputSize
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, output_size: OutputSize, *, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveRangePool1d(Layer):
    output_size: OutputSize
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, output_size: OutputSize, *, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveRangePool2d(Layer):
    output_size: OutputSize
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, output_size: OutputSize, *, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveRangePool3d(Layer):
    output_size: OutputSize
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, output_size: OutputSize, *, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveSoftPool1d(Layer):
    output_size: OutputSize
    beta: ArrayLike
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, output_size: OutputSize, *, beta: ArrayLike = 1.0, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveSoftPool2d(Layer):
    output_size: OutputSize
    beta: ArrayLike
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, output_size: OutputSize, *, beta: ArrayLike = 1.0, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveSoftPool3d(Layer):
    output_size: OutputSize
    beta: ArrayLike
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, output_size: OutputSize, *, beta: ArrayLike = 1.0, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveStdPool1d(Layer):
    output_size: OutputSize
    ddof: int
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, output_size: OutputSize, *, ddof: int = 0, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveStdPool2d(Layer):
    output_size: OutputSize
    ddof: int
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, output_size: OutputSize, *, ddof: int = 0, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class AdaptiveStdPool3d(Layer):
    output_size: OutputSize
    ddof: int
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, output_size: OutputSize, *, ddof: int = 0, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class BlurPool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding | None
    ceil_mode: CeilMode
    filter: Sequence[float] | Sequence[Sequence[float]] | None
    max_size: Ints
    count_include_pad: bool
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints = 3, stride: Ints | None = 2, padding: Padding | None = None,
        ceil_mode: CeilMode = False, *, filter: Sequence[float] | Sequence[Sequence[float]] | None = None,
        max_size: Ints = 1, count_include_pad: bool = True, dilation: Ints = 1,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", boundary: Boundary = "reflect",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class BlurPool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding | None
    ceil_mode: CeilMode
    filter: Sequence[float] | Sequence[Sequence[float]] | None
    max_size: Ints
    count_include_pad: bool
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints = 3, stride: Ints | None = 2, padding: Padding | None = None,
        ceil_mode: CeilMode = False, *, filter: Sequence[float] | Sequence[Sequence[float]] | None = None,
        max_size: Ints = 1, count_include_pad: bool = True, dilation: Ints = 1,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", boundary: Boundary = "reflect",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class BlurPool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding | None
    ceil_mode: CeilMode
    filter: Sequence[float] | Sequence[Sequence[float]] | None
    max_size: Ints
    count_include_pad: bool
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints = 3, stride: Ints | None = 2, padding: Padding | None = None,
        ceil_mode: CeilMode = False, *, filter: Sequence[float] | Sequence[Sequence[float]] | None = None,
        max_size: Ints = 1, count_include_pad: bool = True, dilation: Ints = 1,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", boundary: Boundary = "reflect",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GatedPool1d(Layer):
    w: ArrayLike
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    bias: ArrayLike | None
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_w: Array | None
    grad_bias: Array | None
    def __init__(
        self, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        bias: ArrayLike | None = None, dilation: Ints = 1, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GatedPool2d(Layer):
    w: ArrayLike
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    bias: ArrayLike | None
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_w: Array | None
    grad_bias: Array | None
    def __init__(
        self, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        bias: ArrayLike | None = None, dilation: Ints = 1, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GatedPool3d(Layer):
    w: ArrayLike
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    bias: ArrayLike | None
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_w: Array | None
    grad_bias: Array | None
    def __init__(
        self, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        bias: ArrayLike | None = None, dilation: Ints = 1, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GeMPool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    p: ArrayLike
    eps: float
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_p: Array | None
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        p: ArrayLike = 3.0, eps: float = 1e-06, dilation: Ints = 1, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GeMPool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    p: ArrayLike
    eps: float
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_p: Array | None
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        p: ArrayLike = 3.0, eps: float = 1e-06, dilation: Ints = 1, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GeMPool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    p: ArrayLike
    eps: float
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_p: Array | None
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        p: ArrayLike = 3.0, eps: float = 1e-06, dilation: Ints = 1, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalGeMPool1d(Layer):
    keepdims: bool
    p: ArrayLike
    eps: float
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_p: Array | None
    def __init__(
        self, keepdims: bool = True, *, p: ArrayLike = 3.0, eps: float = 1e-06,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalGeMPool2d(Layer):
    keepdims: bool
    p: ArrayLike
    eps: float
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_p: Array | None
    def __init__(
        self, keepdims: bool = True, *, p: ArrayLike = 3.0, eps: float = 1e-06,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalGeMPool3d(Layer):
    keepdims: bool
    p: ArrayLike
    eps: float
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_p: Array | None
    def __init__(
        self, keepdims: bool = True, *, p: ArrayLike = 3.0, eps: float = 1e-06,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalLPPool1d(Layer):
    norm_type: float
    keepdims: bool
    signed: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, norm_type: float, keepdims: bool = True, *, signed: bool = False,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalLPPool2d(Layer):
    norm_type: float
    keepdims: bool
    signed: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, norm_type: float, keepdims: bool = True, *, signed: bool = False,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalLPPool3d(Layer):
    norm_type: float
    keepdims: bool
    signed: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, norm_type: float, keepdims: bool = True, *, signed: bool = False,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalLSEPool1d(Layer):
    keepdims: bool
    beta: ArrayLike
    mean: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, keepdims: bool = True, *, beta: ArrayLike = 1.0, mean: bool = False,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalLSEPool2d(Layer):
    keepdims: bool
    beta: ArrayLike
    mean: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, keepdims: bool = True, *, beta: ArrayLike = 1.0, mean: bool = False,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalLSEPool3d(Layer):
    keepdims: bool
    beta: ArrayLike
    mean: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, keepdims: bool = True, *, beta: ArrayLike = 1.0, mean: bool = False,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalMixedPool1d(Layer):
    keepdims: bool
    alpha: ArrayLike
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_alpha: Array | None
    def __init__(
        self, keepdims: bool = True, *, alpha: ArrayLike = 0.5, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalMixedPool2d(Layer):
    keepdims: bool
    alpha: ArrayLike
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_alpha: Array | None
    def __init__(
        self, keepdims: bool = True, *, alpha: ArrayLike = 0.5, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalMixedPool3d(Layer):
    keepdims: bool
    alpha: ArrayLike
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_alpha: Array | None
    def __init__(
        self, keepdims: bool = True, *, alpha: ArrayLike = 0.5, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalRMSPool1d(Layer):
    keepdims: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, keepdims: bool = True, *, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalRMSPool2d(Layer):
    keepdims: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, keepdims: bool = True, *, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalRMSPool3d(Layer):
    keepdims: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, keepdims: bool = True, *, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalRangePool1d(Layer):
    keepdims: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, keepdims: bool = True, *, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalRangePool2d(Layer):
    keepdims: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, keepdims: bool = True, *, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalRangePool3d(Layer):
    keepdims: bool
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, keepdims: bool = True, *, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalSoftPool1d(Layer):
    keepdims: bool
    beta: ArrayLike
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, keepdims: bool = True, *, beta: ArrayLike = 1.0, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalSoftPool2d(Layer):
    keepdims: bool
    beta: ArrayLike
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, keepdims: bool = True, *, beta: ArrayLike = 1.0, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalSoftPool3d(Layer):
    keepdims: bool
    beta: ArrayLike
    data_format: DataFormat
    nan: Nan
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, keepdims: bool = True, *, beta: ArrayLike = 1.0, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalStdPool1d(Layer):
    keepdims: bool
    ddof: int
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, keepdims: bool = True, *, ddof: int = 0, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalStdPool2d(Layer):
    keepdims: bool
    ddof: int
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, keepdims: bool = True, *, ddof: int = 0, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class GlobalStdPool3d(Layer):
    keepdims: bool
    ddof: int
    data_format: DataFormat
    nan: Nan
    empty: Empty
    def __init__(
        self, keepdims: bool = True, *, ddof: int = 0, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class LSEPool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    beta: ArrayLike
    mean: bool
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        beta: ArrayLike = 1.0, mean: bool = False, dilation: Ints = 1, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class LSEPool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    beta: ArrayLike
    mean: bool
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        beta: ArrayLike = 1.0, mean: bool = False, dilation: Ints = 1, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class LSEPool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    beta: ArrayLike
    mean: bool
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        beta: ArrayLike = 1.0, mean: bool = False, dilation: Ints = 1, data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class MedianPool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    ceil_mode: CeilMode
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        ceil_mode: CeilMode = False, *, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class MedianPool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    ceil_mode: CeilMode
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        ceil_mode: CeilMode = False, *, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class MedianPool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    ceil_mode: CeilMode
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        ceil_mode: CeilMode = False, *, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class MixedPool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    alpha: ArrayLike
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_alpha: Array | None
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        alpha: ArrayLike = 0.5, dilation: Ints = 1, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class MixedPool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    alpha: ArrayLike
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_alpha: Array | None
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        alpha: ArrayLike = 0.5, dilation: Ints = 1, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class MixedPool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    alpha: ArrayLike
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_alpha: Array | None
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        alpha: ArrayLike = 0.5, dilation: Ints = 1, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class MorphologicalPool1d(Layer):
    w: ArrayLike
    stride: Ints | None
    padding: Padding
    dilation: Ints
    ceil_mode: CeilMode
    op: str
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_w: Array | None
    def __init__(
        self, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        ceil_mode: CeilMode = False, *, op: str = "max", data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class MorphologicalPool2d(Layer):
    w: ArrayLike
    stride: Ints | None
    padding: Padding
    dilation: Ints
    ceil_mode: CeilMode
    op: str
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_w: Array | None
    def __init__(
        self, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        ceil_mode: CeilMode = False, *, op: str = "max", data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class MorphologicalPool3d(Layer):
    w: ArrayLike
    stride: Ints | None
    padding: Padding
    dilation: Ints
    ceil_mode: CeilMode
    op: str
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_w: Array | None
    def __init__(
        self, w: ArrayLike, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        ceil_mode: CeilMode = False, *, op: str = "max", data_format: DataFormat = "channels_first",
        nan: Nan = "propagate", boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class QuantilePool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    ceil_mode: CeilMode
    q: float
    method: Literal["linear", "lower", "higher", "nearest", "midpoint"]
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        ceil_mode: CeilMode = False, *, q: float,
        method: Literal["linear", "lower", "higher", "nearest", "midpoint"] = "linear",
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", boundary: Boundary = "constant",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class QuantilePool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    ceil_mode: CeilMode
    q: float
    method: Literal["linear", "lower", "higher", "nearest", "midpoint"]
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        ceil_mode: CeilMode = False, *, q: float,
        method: Literal["linear", "lower", "higher", "nearest", "midpoint"] = "linear",
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", boundary: Boundary = "constant",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class QuantilePool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    ceil_mode: CeilMode
    q: float
    method: Literal["linear", "lower", "higher", "nearest", "midpoint"]
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        ceil_mode: CeilMode = False, *, q: float,
        method: Literal["linear", "lower", "higher", "nearest", "midpoint"] = "linear",
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", boundary: Boundary = "constant",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class RMSPool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    count_include_pad: bool
    divisor_override: int | None
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False,
        count_include_pad: bool = True, divisor_override: int | None = None, *, dilation: Ints = 1,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", boundary: Boundary = "constant",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class RMSPool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    count_include_pad: bool
    divisor_override: int | None
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False,
        count_include_pad: bool = True, divisor_override: int | None = None, *, dilation: Ints = 1,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", boundary: Boundary = "constant",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class RMSPool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    count_include_pad: bool
    divisor_override: int | None
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False,
        count_include_pad: bool = True, divisor_override: int | None = None, *, dilation: Ints = 1,
        data_format: DataFormat = "channels_first", nan: Nan = "propagate", boundary: Boundary = "constant",
        empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class RangePool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        dilation: Ints = 1, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class RangePool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        dilation: Ints = 1, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class RangePool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        dilation: Ints = 1, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class SoftPool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    beta: ArrayLike
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        beta: ArrayLike = 1.0, dilation: Ints = 1, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class SoftPool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    beta: ArrayLike
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        beta: ArrayLike = 1.0, dilation: Ints = 1, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class SoftPool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    beta: ArrayLike
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    grad_beta: Array | None
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        beta: ArrayLike = 1.0, dilation: Ints = 1, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class StdPool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    ddof: int
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        ddof: int = 0, dilation: Ints = 1, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class StdPool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    ddof: int
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        ddof: int = 0, dilation: Ints = 1, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class StdPool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    ceil_mode: CeilMode
    ddof: int
    dilation: Ints
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, ceil_mode: CeilMode = False, *,
        ddof: int = 0, dilation: Ints = 1, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class TopKPool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    ceil_mode: CeilMode
    k: int
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        ceil_mode: CeilMode = False, *, k: int, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class TopKPool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    ceil_mode: CeilMode
    k: int
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        ceil_mode: CeilMode = False, *, k: int, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
class TopKPool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    dilation: Ints
    ceil_mode: CeilMode
    k: int
    data_format: DataFormat
    nan: Nan
    boundary: Boundary
    empty: Empty
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
        ceil_mode: CeilMode = False, *, k: int, data_format: DataFormat = "channels_first", nan: Nan = "propagate",
        boundary: Boundary = "constant", empty: Empty = None
    ) -> None: ...
    def __call__(self, x: ArrayLike) -> Array: ...
    def forward(self, x: ArrayLike) -> Array: ...
