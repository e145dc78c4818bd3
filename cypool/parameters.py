"""What users write becomes what geometry reads: one normalised value for each parameter, or a clear error.

A message names the parameter, the rule and the value received.  TypeError stands for a wrong type, ValueError for a wrong
value.  Sequences follow PyTorch: an int means every axis, a one-element sequence expands, padding may come in pairs.
"""

from operator import index

import numpy as np

from cypool.geometry import BOUNDARIES, LARGEST

DATA_FORMATS = ("channels_first", "channels_last")
NAMED_PADDING = ("valid", "same", "same_lower")
NAN_POLICIES = ("propagate", "ignore")
ROUNDINGS = ("trunc", "floor", "nearest", "half_up")
INDEX_LAYOUTS = ("plane", "global", "global_column_major", "channels_last", "window")


def integer(value, name, least=None):
    """An int of any integer type but bool."""
    if type(value) is not int:
        try:
            if isinstance(value, (bool, np.bool_)):
                raise TypeError
            value = index(value)
        except TypeError:
            raise TypeError(f"{name} must be an integer, got {value!r} of type {type(value).__name__}") from None
    if least is not None and value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    if abs(value) > LARGEST:
        raise ValueError(f"{name} must not exceed {LARGEST} in magnitude, got {value}")
    return value


def real(value, name):
    """A float from any real number but a bool."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} must be a real number, got {value!r} of type {type(value).__name__}")
    try:
        value = float(value)
    except OverflowError:
        raise ValueError(f"{name} must fit a float, got {value!r}") from None
    if value != value:
        raise ValueError(f"{name} must not be NaN")
    return value


def boolean(value, name):
    """A bool, NumPy's included."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be a bool, got {value!r} of type {type(value).__name__}")
    return bool(value)


def is_sequence(value):
    return isinstance(value, (tuple, list, range)) or (isinstance(value, np.ndarray) and value.ndim == 1)


def per_axis(value, rank, name, least, allow_none=False):
    """One int for each axis, each at least `least`."""
    if not is_sequence(value):
        if value is None and allow_none:
            return (None,) * rank
        return (integer(value, name, least),) * rank
    items = tuple(value)
    if len(items) == 1:
        items *= rank
    if len(items) != rank:
        raise ValueError(f"{name} must be an int or have one entry for each of {rank} axes, got {value!r}")
    items = tuple(None if item is None and allow_none else integer(item, name) for item in items)
    if any(item is not None and item < least for item in items):
        raise ValueError(f"{name} must be at least {least} along every axis, got {items}")
    return items


def padding_of(value, rank):
    """A name, or a pair for each axis."""
    if isinstance(value, str):
        if value not in NAMED_PADDING:
            raise ValueError(f"padding must be an int, a sequence or one of {NAMED_PADDING}, got {value!r}")
        return (value,) * rank
    if not is_sequence(value):
        p = integer(value, "padding", 0)
        return ((p, p),) * rank
    items = tuple(value)
    if len(items) == 1:
        items *= rank
    if len(items) != rank:
        raise ValueError(f"padding must be an int or have one entry for each of {rank} axes, got {value!r}")
    pairs = []
    for item in items:
        if is_sequence(item):
            if len(item) != 2:
                raise ValueError(f"a pair of padding has two entries, before and after, got {item!r}")
            pairs.append((integer(item[0], "padding"), integer(item[1], "padding")))
        else:
            p = integer(item, "padding")
            pairs.append((p, p))
    if any(p < 0 for pair in pairs for p in pair):
        raise ValueError(f"padding must be at least 0 along every axis, got {value!r}")
    return tuple(pairs)


def stride_of(value, kernel_size):
    """None and empty sequences mean the window."""
    if value is None or (is_sequence(value) and len(value) == 0):
        return kernel_size
    return per_axis(value, len(kernel_size), "stride", 1)


def ceil_mode_of(value):
    if not isinstance(value, str):
        return boolean(value, "ceil_mode")
    if value != "keep":
        raise ValueError(f'ceil_mode must be True, False or "keep", got {value!r}')
    return value


def choice(value, name, choices):
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {choices}, got {value!r} of type {type(value).__name__}")
    if value not in choices:
        raise ValueError(f"{name} must be one of {choices}, got {value!r}")
    return value


def generator_of(rng):
    """A numpy Generator from what `rng` may be: None, a seed or a Generator."""
    if rng is None or isinstance(rng, np.random.Generator):
        return np.random.default_rng(rng)
    return np.random.default_rng(integer(rng, "rng", 0))


def boundary_of(value):
    return choice(value, "boundary", BOUNDARIES)


def data_format_of(value):
    return choice(value, "data_format", DATA_FORMATS)


def divisor_of(value):
    """divisor_override: None or a non-zero integer."""
    if value is None:
        return None
    value = integer(value, "divisor_override")
    if value == 0:
        raise ValueError("divisor_override must not be 0")
    return value


def threads_of(value):
    """num_threads: None for the current setting."""
    return 0 if value is None else min(integer(value, "num_threads", 1), 1 << 20)


def axes_of(axes, ndim, name="axes"):
    """Axes as non-negative ints, all different."""
    items = tuple(axes) if is_sequence(axes) else (axes,)
    items = tuple(integer(a, name) for a in items)
    if not items:
        raise ValueError(f"{name} must name at least one axis, got {axes!r}")
    if any(not -ndim <= a < ndim for a in items):
        raise ValueError(f"{name} must lie in [-{ndim}, {ndim}) for an array of rank {ndim}, got {items}")
    items = tuple(a % ndim for a in items)
    if len(set(items)) != len(items):
        raise ValueError(f"{name} must be all different, got {axes!r}")
    return items


def fixed_axes(ndim, rank, data_format):
    """Where NAME1d, 2d and 3d pool: (N, C, spatial...) or (C, spatial...), or the same with C last."""
    data_format_of(data_format)
    if ndim not in (rank + 1, rank + 2):
        shape = "(N, C, {})" if data_format == "channels_first" else "(N, {}, C)"
        extents = ", ".join(("D", "H", "W")[3 - rank :])
        raise ValueError(
            f"x must have shape {shape.format(extents)}, or the same without N, for {rank}d pooling, got rank {ndim}"
        )
    end = ndim if data_format == "channels_first" else ndim - 1
    return tuple(range(end - rank, end))


def trailing_axes(ndim, rank, data_format):
    """Where NAME pools unless told: the last `rank` axes, or those before the channels."""
    data_format_of(data_format)
    end = ndim if data_format == "channels_first" else ndim - 1
    if end < rank:
        raise ValueError(f"x must have at least {rank + ndim - end} axes to pool {rank} of them, got rank {ndim}")
    return tuple(range(end - rank, end))


def global_axes(ndim, data_format):
    """Where global_NAME pools unless told: all but batch and channels."""
    data_format_of(data_format)
    axes = tuple(range(2, ndim)) if data_format == "channels_first" else tuple(range(1, ndim - 1))
    if not axes:
        raise ValueError(f"x must have spatial axes beside batch and channels, got rank {ndim}; or name them by axes=")
    return axes
