"""The slow reference of pyramids: spatial pyramid pooling, and arrays at several resolutions.

A continuation of `cypool.reference`, which pools each level.  A mode is counted window by window.
"""

import itertools

import numpy as np

from cypool import reference

_NAMES = {"max": "max", "min": "min", "mean": "avg", "sum": "sum"}


def _adaptive(x, levels, op, data_format, suffix=""):
    """The adaptive operator, the bins of every level, and the pooled axes."""
    rank = max([len(one) for one in levels if isinstance(one, (tuple, list))], default=2)
    end = x.ndim - (data_format == "channels_last")
    bins = [tuple(one) if isinstance(one, (tuple, list)) else (one,) * rank for one in levels]
    pool = getattr(reference, f"adaptive_{_NAMES[op]}_pool{suffix}")
    return pool, [tuple(one * rank if len(one) == 1 else one) for one in bins], tuple(range(end - rank, end))


def _vector(level, x, axes):
    lead = x.ndim - len(axes) - 1
    return level.reshape(*level.shape[:lead], int(np.prod(level.shape[lead:])))


def spatial_pyramid_pool(x, levels, op="max", *, data_format="channels_first", **options):
    """One vector for each image; a pair of them with return_indices."""
    pool, bins, axes = _adaptive(x, levels, op, data_format)
    results = [pool(x, one, axes=axes, data_format=data_format, **options) for one in bins]
    if options.get("return_indices"):
        return tuple(np.concatenate([_vector(r[i], x, axes) for r in results], axis=-1) for i in (0, 1))
    return np.concatenate([_vector(r, x, axes) for r in results], axis=-1)


def spatial_pyramid_pool_backward(grad_output, x, levels, op="max", *, data_format="channels_first", **options):
    """The gradient of x, in float64."""
    back, bins, axes = _adaptive(x, levels, op, data_format, "_backward")
    total, start = np.zeros(x.shape), 0
    for one in bins:
        shape = list(x.shape)
        for a, m in zip(axes, one, strict=True):
            shape[a] = m
        lead = x.shape[: x.ndim - len(axes) - 1]
        size = int(np.prod(shape[len(lead) :]))
        part = grad_output[..., start : start + size].reshape(shape).astype(np.float64)
        total += back(part, x, one, axes=axes, data_format=data_format, **options)
        start += size
    return total


def pyramid(x, factor, levels, op, axes, edge="partial", rounding="trunc", nan="propagate", mask=None):
    """A list of the levels, each from the original cells."""
    return [_level(x, [f**i for f in factor], op, axes, edge, rounding, nan, mask) for i in range(1, levels + 1)]


def _level(x, k, op, axes, edge, rounding, nan, mask):
    valid = np.broadcast_to(True if mask is None else mask, x.shape)
    if edge == "pad":
        missing = [(0, -x.shape[a] % k[axes.index(a)]) if a in axes else (0, 0) for a in range(x.ndim)]
        x, valid = np.pad(x, missing), np.pad(valid, missing, constant_values=True)
    options = {"axes": axes, "ceil_mode": edge == "partial", "nan": nan, "mask": valid}
    if op == "mean":
        return reference.avg_pool(x, k, count_include_pad=False, rounding=rounding, **options)
    if op in ("max", "min"):
        return getattr(reference, op + "_pool")(x, k, **options)
    counts = [-(-x.shape[a] // f) if edge == "partial" else x.shape[a] // f for a, f in zip(axes, k, strict=True)]
    out = np.zeros([counts[axes.index(a)] if a in axes else n for a, n in enumerate(x.shape)], x.dtype)
    for where in itertools.product(*map(range, out.shape)):
        window = tuple(
            slice(i * k[axes.index(a)], (i + 1) * k[axes.index(a)]) if a in axes else i for a, i in enumerate(where)
        )
        # cells in the order of `axes`
        order = np.argsort(np.argsort(axes))
        cells, counted = (a[window].transpose(order).ravel() for a in (x, valid))
        if op == "stride":
            out[where] = cells[0]
        else:
            out[where] = mode(
                [c for c, v in zip(cells, counted, strict=True) if v and not (nan == "ignore" and c != c)]
            )
    return out


def mode(cells):
    """The most frequent cell, of several the smallest; 0 of none.  NaN equals NaN here, and is the largest."""
    counts = {}
    for cell in cells:
        key = (1, 0) if cell != cell else (0, cell.item())
        counts[key] = counts.get(key, 0) + 1
    if not counts:
        return 0
    nan, best = min(counts, key=lambda key: (-counts[key], key))
    return float("nan") if nan else best
