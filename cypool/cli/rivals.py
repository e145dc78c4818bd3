"""The demo's cases, and how each library runs one.

A library turns a `Case` and an array into two functions without arguments, forward and backward, on the same memory.
What comes in from behind is the output itself, the gradient of the loss ||y||^2 / 2. The backward of a maximum is given
the indices that its forward can return, in every library.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

import cypool
from cypool.cli import plain


@dataclass(frozen=True)
class Case:
    """One pooling operator over two axes; without a kernel it is global."""

    op: str
    kernel: int | None = None
    stride: int = 1
    padding: int = 0

    def __str__(self):
        if self.kernel is None:
            return f"global {self.op}"
        return f"{self.op} k{self.kernel} s{self.stride}" + (f" p{self.padding}" if self.padding else "")

    @property
    def window(self):
        """Kernel, stride and padding, as they stand in every library's call."""
        return self.kernel, self.stride, self.padding


def run_cypool(case, x, channels_last):
    """cypool's (forward, backward)."""
    layout = {"data_format": "channels_last" if channels_last else "channels_first"}
    name = f"global_{case.op}_pool" if case.kernel is None else f"{case.op}_pool2d"
    arguments = (plane_axes(channels_last),) if case.kernel is None else case.window
    forward = partial(getattr(cypool, name), x, *arguments, **layout)
    backward = partial(getattr(cypool, f"{name}_backward"), forward(), x, *arguments, **layout)
    if case.op == "max":
        backward = partial(backward, indices=forward(return_indices=True)[1])
    return forward, backward


def run_numpy(case, x, channels_last):
    """Plain NumPy's (forward, backward)."""
    axes = plane_axes(channels_last)
    if case.kernel is None:
        forward = partial(x.max if case.op == "max" else x.mean, axis=axes, keepdims=True)
        window = None
    else:
        window = (*case.window, axes)
        forward = partial(plain.max_pool if case.op == "max" else plain.avg_pool, x, *window)
    y = forward()
    if case.op == "max":
        indices = plain.max_indices(x, *window) if window else plain.global_max_indices(x, axes)
        return forward, partial(plain.max_pool_backward, y, indices, x.shape, axes)
    if window:
        return forward, partial(plain.avg_pool_backward, y, x.shape, *window)
    return forward, partial(plain.global_avg_backward, y, x.shape)


def run_torch(torch, case, x, channels_last):
    """torch's (forward, backward); forward records nothing, backward is autograd's."""
    functional = torch.nn.functional
    if case.kernel is None:
        pool = partial(getattr(functional, f"adaptive_{case.op}_pool2d"), output_size=1)
    else:
        pool = partial(
            getattr(functional, f"{case.op}_pool2d"),
            **dict(zip(("kernel_size", "stride", "padding"), case.window, strict=True)),
        )
    tensor = torch.from_numpy(x)
    tensor = tensor.permute(2, 0, 1)[None] if channels_last else tensor
    leaf = tensor.detach().requires_grad_()
    y = pool(leaf)

    def forward():
        with torch.no_grad():
            return as_array(pool(tensor), channels_last)

    def backward():
        return as_array(torch.autograd.grad(y, leaf, y.detach(), retain_graph=True)[0], channels_last)

    return forward, backward


def as_array(tensor, channels_last):
    """The tensor's memory as an array, in the layout of the input."""
    array = tensor.detach().numpy()
    return np.moveaxis(array[0], 0, -1) if channels_last else array


def plane_axes(channels_last):
    """The axes to pool of an unbatched channels-last image or a channels-first batch."""
    return (0, 1) if channels_last else (2, 3)
