"""Pooling in plain NumPy, as well as it can be done there: what the demo compares with.

Windows are separable, so each function takes one axis after the other (kH + kW steps instead of kH * kW), and along
an axis it folds whole arrays, one per tap, each a slice of `sliding_window_view`. That is several times faster than
the reduction over the window axes that is usually written, ``windows.max(axis=(-2, -1))``.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def taps(x, k, s, axis):
    """The k arrays whose fold is the window along `axis`; views of x, which may be written through."""
    windows = np.moveaxis(sliding_window_view(x, k, axis, writeable=True), -1, 0)
    return windows[(slice(None),) * (axis + 1) + (slice(None, None, s),)]


def pad(x, p, axes, value):
    """`x` with `p` cells of `value` around its `axes`."""
    return np.pad(x, [(p, p) if axis in axes else (0, 0) for axis in range(x.ndim)], constant_values=value)


def fold(x, k, s, p, axes, combine, value):
    """`combine` over windows of k x k cells."""
    x = pad(x, p, axes, value)
    for axis in axes:
        first, *rest = taps(x, k, s, axis)
        x = first.copy()
        for tap in rest:
            combine(x, tap, out=x)
    return x


def max_pool(x, k, s, p, axes):
    """The largest cell of each window."""
    return fold(x, k, s, p, axes, np.maximum, -np.inf)


def avg_pool(x, k, s, p, axes):
    """The mean of each window, padding counted."""
    y = fold(x, k, s, p, axes, np.add, 0)
    y /= k ** len(axes)
    return y


def max_pool_backward(grad, indices, shape, axes):
    """Each gradient added to the cell that its window chose; `indices` are flat over `axes`."""
    planes = [axis for axis in range(len(shape)) if axis not in axes]
    size = int(np.prod([shape[axis] for axis in axes]))
    order = [*planes, *axes]
    flat = indices.transpose(order).reshape(-1, int(np.prod([indices.shape[axis] for axis in axes])))
    flat = flat + size * np.arange(len(flat))[:, None]
    total = np.bincount(flat.ravel(), weights=grad.transpose(order).ravel(), minlength=int(np.prod(shape)))
    total = total.astype(grad.dtype).reshape([shape[axis] for axis in order])
    return total.transpose(np.argsort(order))


def global_max_indices(x, axes):
    """Where each plane's largest cell lies."""
    planes = np.moveaxis(x, axes, (-2, -1))
    where = planes.reshape(*planes.shape[:-2], -1).argmax(-1)
    return np.expand_dims(where, axes)


def global_avg_backward(grad, shape):
    """Each gradient spread evenly over its plane."""
    cells = np.prod(shape) // grad.size
    return np.broadcast_to(grad / np.asarray(cells, grad.dtype), shape).copy()


def avg_pool_backward(grad, shape, k, s, p, axes):
    """Each gradient spread evenly over its window."""
    grad = grad / np.asarray(k ** len(axes), grad.dtype)
    for axis in reversed(axes):
        spread_shape = list(grad.shape)
        spread_shape[axis] = shape[axis] + 2 * p
        spread = np.zeros(spread_shape, grad.dtype)
        for tap in taps(spread, k, s, axis):
            tap += grad
        grad = spread
    inside = tuple(slice(p, p + n) if axis in axes else slice(None) for axis, n in enumerate(shape))
    return grad[inside]


def max_indices(x, k, s, p, axes):
    """Where each window's largest cell lies in its plane, the first one of a tie; carried along with the fold."""
    shape = [n if axis in axes else 1 for axis, n in enumerate(x.shape)]
    cells = np.broadcast_to(np.arange(np.prod(shape)).reshape(shape), x.shape)
    x, cells = pad(x, p, axes, -np.inf), pad(cells, p, axes, -1)
    for axis in reversed(axes):
        best, *values = taps(x, k, s, axis)
        where, *places = taps(cells, k, s, axis)
        best, where = best.copy(), where.copy()
        for value, place in zip(values, places, strict=True):
            better = value > best
            np.copyto(best, value, where=better)
            np.copyto(where, place, where=better)
        x, cells = best, where
    return cells
