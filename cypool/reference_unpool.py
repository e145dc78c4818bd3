"""The slow reference of unpooling: rule 13, value by value.

A continuation of `cypool.reference`, whose geometry and exact numbers it uses.  Values go in row-major order of a plane's
positions, so that of several for one cell the last stays; the gradient fetches, and the gradient's gradient adds.
"""

import itertools
import math

import numpy as np

from cypool import reference


def extents(shape, axes, kernel_size, stride, padding, output_size):
    """Extents of the unpooled axes: (n - 1) s - pl - pr + k, or `output_size` if that is less than s away."""
    found = []
    for i, axis in enumerate(axes):
        n, k, s, (before, after) = shape[axis], kernel_size[i], stride[i], padding[i]
        if n < 1:
            raise ValueError(f"cannot unpool an axis of extent {n}")
        extent = (n - 1) * s - before - after + k
        if output_size is not None:
            if not extent - s < output_size[i] < extent + s:
                raise ValueError(f"output_size must be between {extent - s} and {extent + s}, got {output_size[i]}")
            extent = output_size[i]
        if extent < 0:
            raise ValueError(f"the unpooled extent must not be negative, got {extent}")
        found.append(extent)
    return found


def _places(x_shape, indices, kernel_size, stride, padding, output_size, data_format, index_layout):
    """(shape of the planes, [(position of a value in x, position of its cell in the planes or None)])."""
    rank = len(kernel_size)
    axes = [a - (data_format == "channels_last") for a in range(len(x_shape) - rank, len(x_shape))]
    if output_size is not None and len(output_size) == rank + 2:
        output_size = output_size[2:] if data_format == "channels_first" else output_size[1:-1]
    cells = extents(x_shape, axes, kernel_size, stride, padding, output_size)
    shape = list(x_shape)
    for axis, n in zip(axes, cells, strict=True):
        shape[axis] = n
    lead = [a for a in range(len(x_shape)) if a not in axes]
    size, channels = math.prod(cells), shape[lead[-1]] if lead else 1
    taps = math.prod(kernel_size)
    empty = -1 if index_layout != "window" or taps > 65535 else 255 if taps <= 255 else 65535
    places = []
    for at in itertools.product(*map(range, x_shape)):
        index = int(indices[at])
        if index == empty:
            places.append((at, None))
            continue
        plane = 0
        for a in lead:
            plane = plane * shape[a] + at[a]
        if index_layout == "window":
            tap = np.unravel_index(index, kernel_size)  # refuses what lies outside
            where = [at[a] * s - p[0] + int(t) for a, s, p, t in zip(axes, stride, padding, tap, strict=True)]
        else:
            if index_layout in ("global", "global_column_major"):
                index -= plane * size
            elif index_layout == "channels_last":
                if index % channels != plane % channels:
                    raise ValueError(f"index {index} belongs to another channel")
                index //= channels
            if not 0 <= index < size:
                raise ValueError(f"index {index} lies outside its plane of {size} cells")
            where = np.unravel_index(index, cells, order="F" if index_layout == "global_column_major" else "C")
        if not all(0 <= w < n for w, n in zip(where, cells, strict=True)):
            raise ValueError(f"index {index} lies outside its plane")
        cell = list(at)
        for axis, w in zip(axes, where, strict=True):
            cell[axis] = int(w)
        places.append((at, tuple(cell)))
    return tuple(shape), places


def _parameters(x, indices, kernel_size, stride=None, padding=0, output_size=None, *,
                data_format="channels_first", index_layout="plane"):  # fmt: skip
    """kernel_size is a sequence here, which says over how many axes; the other parameters are those of the fast functions."""
    rank = len(kernel_size)
    stride = kernel_size if stride is None else stride
    stride = [stride] * rank if isinstance(stride, int) else stride
    padding = [padding] * rank if isinstance(padding, int) else padding
    padding = [(p, p) if isinstance(p, int) else p for p in padding]
    output_size = [output_size] * rank if isinstance(output_size, int) else output_size
    shape = x if isinstance(x, tuple) else np.shape(x)
    return _places(shape, indices, kernel_size, stride, padding, output_size, data_format, index_layout)


def max_unpool(x, *args, **keywords):
    """Values put where their indices say, 0 elsewhere; the last one stays."""
    shape, places = _parameters(x, *args, **keywords)
    result = np.zeros(shape, x.dtype)
    for at, cell in places:
        if cell is not None:
            result[cell] = x[at]
    return result


def max_unpool_backward(grad_output, x, *args, **keywords):
    """Each value's gradient is that of its cell."""
    shape, places = _parameters(x, *args, **keywords)
    if grad_output.shape != shape:
        raise ValueError(f"grad_output must have shape {shape}, got {grad_output.shape}")
    result = np.zeros(x if isinstance(x, tuple) else np.shape(x), grad_output.dtype)
    for at, cell in places:
        if cell is not None:
            result[at] = grad_output[cell]
    return result


def max_unpool_double_backward(grad_grad_x, grad_output, x, *args, **keywords):
    """The gradient of grad_output: for every cell the exact sum over its values, rounded once."""
    shape, places = _parameters(x, *args, **keywords)
    terms = {}
    for at, cell in places:
        if cell is not None:
            terms.setdefault(cell, []).append(reference.exact(float(grad_grad_x[at])))
    result = np.zeros(shape, grad_grad_x.dtype)
    for cell, some in terms.items():
        result[cell] = reference.rounded(reference.total(some), result.dtype)
    return result
