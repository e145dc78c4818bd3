# Written by tests/support/stubs.py: do not edit.
from numpy.typing import ArrayLike
from cypool._types import Array, DataFormat, IndexLayout, Ints, Out, OutputSize, Padding
from cypool.layers import Layer

__all__ = [
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
    "max_unpool1d",
    "max_unpool1d_backward",
    "max_unpool1d_double_backward",
    "max_unpool2d",
    "max_unpool2d_backward",
    "max_unpool2d_double_backward",
    "max_unpool3d",
    "max_unpool3d_backward",
    "max_unpool3d_double_backward",
]

class MaxUnpool1d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, *,
        data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(  # type: ignore[override]
        self, x: ArrayLike, indices: ArrayLike, output_size: OutputSize = None
    ) -> Array: ...
    def forward(  # type: ignore[override]
        self, x: ArrayLike, indices: ArrayLike, output_size: OutputSize = None
    ) -> Array: ...
class MaxUnpool2d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, *,
        data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(  # type: ignore[override]
        self, x: ArrayLike, indices: ArrayLike, output_size: OutputSize = None
    ) -> Array: ...
    def forward(  # type: ignore[override]
        self, x: ArrayLike, indices: ArrayLike, output_size: OutputSize = None
    ) -> Array: ...
class MaxUnpool3d(Layer):
    kernel_size: Ints
    stride: Ints | None
    padding: Padding
    data_format: DataFormat
    def __init__(
        self, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0, *,
        data_format: DataFormat = "channels_first"
    ) -> None: ...
    def __call__(  # type: ignore[override]
        self, x: ArrayLike, indices: ArrayLike, output_size: OutputSize = None
    ) -> Array: ...
    def forward(  # type: ignore[override]
        self, x: ArrayLike, indices: ArrayLike, output_size: OutputSize = None
    ) -> Array: ...
def max_unpool1d(
    x: ArrayLike, indices: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    output_size: OutputSize = None, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, index_layout: IndexLayout = "plane"
) -> Array: ...
def max_unpool1d_backward(
    grad_output: ArrayLike, x: ArrayLike, indices: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, output_size: OutputSize = None, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, index_layout: IndexLayout = "plane"
) -> Array: ...
def max_unpool1d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, indices: ArrayLike, kernel_size: Ints,
    stride: Ints | None = None, padding: Padding = 0, output_size: OutputSize = None, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    index_layout: IndexLayout = "plane"
) -> Array: ...
def max_unpool2d(
    x: ArrayLike, indices: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    output_size: OutputSize = None, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, index_layout: IndexLayout = "plane"
) -> Array: ...
def max_unpool2d_backward(
    grad_output: ArrayLike, x: ArrayLike, indices: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, output_size: OutputSize = None, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, index_layout: IndexLayout = "plane"
) -> Array: ...
def max_unpool2d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, indices: ArrayLike, kernel_size: Ints,
    stride: Ints | None = None, padding: Padding = 0, output_size: OutputSize = None, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    index_layout: IndexLayout = "plane"
) -> Array: ...
def max_unpool3d(
    x: ArrayLike, indices: ArrayLike, kernel_size: Ints, stride: Ints | None = None, padding: Padding = 0,
    output_size: OutputSize = None, *, data_format: DataFormat = "channels_first", out: Out = None,
    num_threads: int | None = None, index_layout: IndexLayout = "plane"
) -> Array: ...
def max_unpool3d_backward(
    grad_output: ArrayLike, x: ArrayLike, indices: ArrayLike, kernel_size: Ints, stride: Ints | None = None,
    padding: Padding = 0, output_size: OutputSize = None, *, data_format: DataFormat = "channels_first",
    out: Out = None, num_threads: int | None = None, index_layout: IndexLayout = "plane"
) -> Array: ...
def max_unpool3d_double_backward(
    grad_grad_x: ArrayLike, grad_output: ArrayLike, x: ArrayLike, indices: ArrayLike, kernel_size: Ints,
    stride: Ints | None = None, padding: Padding = 0, output_size: OutputSize = None, *,
    data_format: DataFormat = "channels_first", out: Out = None, num_threads: int | None = None,
    index_layout: IndexLayout = "plane"
) -> Array: ...
