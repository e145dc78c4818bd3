"""The slow reference of fractional pooling: rule 12, window by window.

A continuation of `cypool.reference`.  PyTorch's form has windows of its own in every plane, so each plane is pooled by
itself, as an image of one channel; TensorFlow's form has one geometry, built from its boundaries.
"""

import numpy as np

from cypool import reference


def starts(u, n, k, m):
    """First cells of m windows of k cells out of n; `u` is a scalar of the dtype to which every step is rounded."""
    dtype = u.dtype.type
    result = []
    for i in range(m - 1):
        alpha = dtype(n - k) / dtype(m - 1)
        place = dtype(dtype(i) + u) * alpha
        result.append(min(int(dtype(place)) - int(dtype(u * alpha)), n - k))
    return [*result, n - k]


def _taps(first, k):
    return [list(enumerate(range(start, start + k))) for start in first]


def _planes(x, kernel_size, output_size, samples, data_format):
    """[(position of the plane, its geometry)]; x has N, C and spatial axes, or no N."""
    rank = len(kernel_size)
    axes = [a - (data_format == "channels_last") for a in range(x.ndim - rank, x.ndim)]
    lead = [a for a in range(x.ndim) if a not in axes]
    spatial = [x.shape[a] for a in axes]
    found = []
    for at in np.ndindex(*(x.shape[a] for a in lead)):
        mine = samples[at if len(at) == 2 else (0, *at)]
        entries = (mine[1], mine[0]) if rank == 2 else mine
        taps = [
            _taps(starts(u, n, k, m), k) for u, n, k, m in zip(entries, spatial, kernel_size, output_size, strict=True)
        ]
        where = [slice(None)] * x.ndim
        for a, i in zip(lead, at, strict=True):
            where[a] = i
        found.append((tuple(where), reference.Geometry(spatial, range(rank), taps, kernel_size)))
    shape = list(x.shape)
    for a, m in zip(axes, output_size, strict=True):
        shape[a] = m
    return tuple(shape), found


def fractional_max_pool(
    x, kernel_size, output_size, samples, *, data_format="channels_first", mask=None, nan="propagate"
):
    """Values, and positions in the plane."""
    shape, planes = _planes(x, kernel_size, output_size, samples, data_format)
    values, indices = np.empty(shape, x.dtype), np.empty(shape, np.int64)
    mask = np.broadcast_to(True if mask is None else mask, x.shape)
    for where, geometry in planes:
        values[where], indices[where] = reference._select_forward(
            "max", geometry, x[where], return_indices=True, mask=mask[where], nan=nan
        )
    return values, indices


def fractional_max_pool_backward(grad_output, x, *args, **keywords):
    """Each window's gradient to its cell, summed exactly and rounded once."""
    _, indices = fractional_max_pool(x, *args, **keywords)
    rank = len(args[0])
    axes = [a - (keywords.get("data_format") == "channels_last") for a in range(x.ndim - rank, x.ndim)]
    move = [a for a in range(x.ndim) if a not in axes] + axes
    gradients, places = grad_output.transpose(move), indices.transpose(move)
    result = np.zeros(x.shape, grad_output.dtype)
    planes = result.transpose(move)
    for at in np.ndindex(planes.shape[: x.ndim - rank]):
        terms = {}
        for place, gradient in zip(places[at].ravel(), gradients[at].ravel(), strict=True):
            if place >= 0:
                terms.setdefault(int(place), []).append(reference.exact(float(gradient)))
        for place, some in terms.items():
            cell = np.unravel_index(place, planes.shape[x.ndim - rank :])
            planes[(*at, *cell)] = reference.rounded(reference.total(some), result.dtype)
    return result


def shared(x, sequences, overlapping, axes):
    """The geometry of windows between boundaries; overlapping ones hold the next one's first cell too."""
    taps = []
    for axis, one in zip(axes, sequences, strict=True):
        n = x.shape[axis]
        windows = [range(one[i], min(one[i + 1] + overlapping, n)) for i in range(len(one) - 1)]
        taps.append([list(enumerate(cells)) for cells in windows])
    return reference.Geometry(x.shape, axes, taps, [max(map(len, windows)) for windows in taps])


def shared_pool(op, x, sequences, overlapping, axes, **options):
    """Values, for a maximum with positions in the plane."""
    geometry = shared(x, sequences, overlapping, axes)
    if op == "max":
        return reference._select_forward(op, geometry, x, return_indices=True, **options)
    return reference._linear_forward(op, geometry, x, **options)


def shared_pool_backward(op, grad_output, x, sequences, overlapping, axes, **options):
    """The gradient of x."""
    geometry = shared(x, sequences, overlapping, axes)
    derivatives = reference._select_derivatives if op == "max" else reference._linear_derivatives
    return reference._scattered(derivatives(op, geometry, x, **options), geometry, grad_output, x.shape)
