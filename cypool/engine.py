"""From a call's named arguments to kernels: what every operator does between its signature and `Windows`.

`functional` hands over an `Operator` and its arguments by name.  Here they are normalised, the windows are resolved, the
result is allocated, and one of two forms runs: selections (max, min), which yield a value and an index, and linear
operators (sum, avg), which are windowed sums.  Everything that can fail fails before a result is written.
"""

from math import prod
from typing import NamedTuple

import numpy as np

from cypool import masked, windows  # noqa: F401 - masked: so that no call has to import it
from cypool import parameters as read
from cypool.arrays import (
    PAIR_OF_INDICES,
    PAIR_OF_WEIGHTS,
    STORAGE,
    as_array,
    as_gradient,
    native,
    on_gpu,
    pair_of,
    result_array,
    storage_of,
)
from cypool.geometry import LARGEST
from cypool.kernels.core import CODES, PREPARED_DIM


class Operator(NamedTuple):
    """One public function: its arithmetic, how its windows are named, and over how many axes (None: any)."""

    op: str
    kind: str
    rank: int | None

    @property
    def selecting(self):
        return self.op in ("max", "min")


# ---- windows from arguments -----------------------------------------------------------------------------------------


def pooled_axes(operator, shape, p, size):
    """The pooled axes: fixed by the name, named by the caller, or the last ones."""
    if operator.rank is not None:
        return read.fixed_axes(len(shape), operator.rank, p["data_format"])
    if p["axes"] is not None:
        return read.axes_of(p["axes"], len(shape))
    return read.trailing_axes(len(shape), len(size) if read.is_sequence(size) else 2, p["data_format"])


def _windowed(operator, shape, p):
    axes = pooled_axes(operator, shape, p, p["kernel_size"])
    rank = len(axes)
    kernel_size = read.per_axis(p["kernel_size"], rank, "kernel_size", 1)
    include_pad = read.boolean(p.get("count_include_pad", True), "count_include_pad")
    return windows.windowed(
        shape,
        axes,
        kernel_size,
        read.stride_of(p["stride"], kernel_size),
        read.padding_of(p["padding"], rank),
        read.per_axis(p["dilation"], rank, "dilation", 1),
        read.ceil_mode_of(p["ceil_mode"]),
        include_pad,
        read.boundary_of(p["boundary"]),
    )


def _adaptive(operator, shape, p):
    axes = pooled_axes(operator, shape, p, p["output_size"])
    return windows.adaptive(shape, axes, read.per_axis(p["output_size"], len(axes), "output_size", 0, allow_none=True))


def _global(operator, shape, p):
    data_format = read.data_format_of(p["data_format"])
    p["keepdims"] = read.boolean(p["keepdims"], "keepdims")
    if p["axes"] is None:
        axes = read.global_axes(len(shape), data_format)
    else:
        axes = read.axes_of(p["axes"], len(shape))
    return windows.adaptive(shape, axes, (1,) * len(axes))


RESOLVE = {"windowed": _windowed, "adaptive": _adaptive, "global": _global}


def squeezed(operator, p, array, axes, expand=False):
    """Global pooling with keepdims=False drops the pooled axes of results, and gets them back in gradients."""
    if operator.kind != "global" or p["keepdims"]:
        return array
    return with_ones(array, axes) if expand else array.squeeze(axes)


def with_ones(array, axes):
    """Axes of extent 1 put in where the result of these has them: np.expand_dims for every kind of array."""
    kept = [None if a in axes else slice(None) for a in range(array.ndim + len(axes))]
    return array[tuple(kept)]


def is_array(a):
    return isinstance(a, np.ndarray) or on_gpu(a)


def handed(operator, p, array, given, axes):
    """A result as the caller gets it: `given`, the out= that it was written into, if there is one."""
    return squeezed(operator, p, array, axes) if given is None else given


def expanded_out(operator, p, out, axes):
    """`out` with the pooled axes of extent 1, as the kernels fill it."""
    if out is None or operator.kind != "global" or p["keepdims"] or not is_array(out):
        return out
    if out.ndim + len(axes) != len(p["shape"]):
        raise ValueError(f"out must have rank {len(p['shape']) - len(axes)} with keepdims=False, got shape {out.shape}")
    return with_ones(out, axes)


# ---- arrays on a GPU ------------------------------------------------------------------------------------------------


def device_of(*arrays):
    """What computes for arrays of which one lies on a GPU; None for the host."""
    if any(type(array) is not np.ndarray and on_gpu(array) for array in arrays):
        from cypool import cuda

        return cuda.device()
    return None


def there(found, p, device):
    """The windows where the arrays lie, and there the mask and the weights."""
    if device is None:
        return found
    for name in ("mask", "weights"):
        if p.get(name) is not None:
            p[name] = as_array(p[name], name, device)
    return device.windows(found)


# ---- forward --------------------------------------------------------------------------------------------------------


def forward(operator, p, device=None):
    """Run an operator; `p` maps parameter names to what the caller gave."""
    device = device or device_of(p["x"])
    x = as_array(p["x"], device=device)
    p["shape"] = x.shape
    found = RESOLVE[operator.kind](operator, x.shape, p)
    threads = read.threads_of(p["num_threads"])
    nan = read.choice(p["nan"], "nan", read.NAN_POLICIES)
    found = there(found, p, device)
    valid = found.masked.validity(x, p["mask"], nan, found)
    if operator.selecting:
        return _select(operator, found, x, valid, p, threads)
    return _linear(operator, found, x, valid, p, threads)


def prepare(operator, p, general=None):
    """The same call without its arrays, or None for one that is more than a kernel: masks, other layouts, rare forms.

    `general` is the call that takes anything, as `core.Prepared` wants it.
    """
    x = p["x"]
    row = STORAGE.get(x.dtype)
    rare = p["mask"] is not None or p["empty"] is not None or p["nan"] != "propagate" or p.get("weights") is not None
    if rare or row is None or x.ndim > PREPARED_DIM or p.get("keepdims") is False:
        return None
    found = RESOLVE[operator.kind](operator, x.shape, p)
    if not operator.selecting:
        mean, rounding = _linear_terms(operator, x.dtype, p)
        dtype = row.sum_dtype if operator.op == "sum" else x.dtype
        return found.prepared("sum", x.dtype, dtype, found.sum_work(row), mean=mean, rounding=rounding, general=general)
    layout, kind = read.choice(p["index_layout"], "index_layout", read.INDEX_LAYOUTS), None
    if read.boolean(p["return_indices"], "return_indices"):
        if layout not in ("plane", "window"):
            return None
        kind = CODES["plane"] if layout == "plane" else found.window_kind()
    work = found.select_work(operator.op, row, kind is not None)
    return found.prepared(operator.op, x.dtype, x.dtype, work, kind, general=general)


def empty_value(value, dtype):
    """`empty=` as a scalar of the result's dtype."""
    number = value.item() if isinstance(value, np.generic) else value
    if not isinstance(number, (bool, int, float)):
        raise TypeError(f"empty must be a number, got {value!r} of type {type(value).__name__}")
    if storage_of(dtype).floating:
        try:
            with np.errstate(over="ignore"):
                return np.array(float(number)).astype(dtype)
        except OverflowError:
            raise ValueError(f"empty must fit the result's dtype {dtype}, got {value!r}") from None
    if isinstance(number, float):
        raise TypeError(f"empty must be an integer for a result of dtype {dtype}, got {value!r}")
    least, most = (0, 1) if dtype == np.bool_ else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    if not least <= number <= most:
        raise ValueError(f"empty must fit the result's dtype {dtype}, got {value!r}")
    return np.array(number, dtype)


def inputs_of(p, *arrays):
    """What a result must not overlap: these arrays, and the mask and the weights if they are arrays."""
    return [a for a in (*arrays, p.get("mask"), p.get("weights")) if is_array(a)]


def _fill_empty(found, out, empty):
    """Put `empty` where a window has no cell at all."""
    nothing = None if empty is None else found.empties()
    if nothing is not None:
        found.fill(out, nothing, empty)


def _select(operator, found, x, valid, p, threads):
    layout = read.choice(p["index_layout"], "index_layout", read.INDEX_LAYOUTS)
    dtype = native(x.dtype)
    want = read.boolean(p["return_indices"], "return_indices")
    given, given_indices = pair_of(p["out"], PAIR_OF_INDICES, want)
    out, out_indices = (expanded_out(operator, p, one, found.axes) for one in (given, given_indices))
    values = result_array(found.out_shape, dtype, out, inputs_of(p, x), xp=found.xp)
    empty = None if p["empty"] is None else empty_value(p["empty"], dtype)
    indices = kind = final = None
    if want:
        indices, kind, final = windows.new_indices(found, layout, out_indices, inputs_of(p, x, values))
    if valid is None:
        found.select(operator.op, x, values, indices, kind, threads)
        _fill_empty(found, values, empty)
    else:
        found.masked.select_into(found, operator.op, x, valid, values, indices, kind, empty, threads)
    values = handed(operator, p, values, given, found.axes)
    if not want:
        return values
    if indices is not final:
        final[...] = windows.to_layout(found, indices, layout)
    return values, handed(operator, p, final, given_indices, found.axes)


def _linear_terms(operator, dtype, p):
    """(mean, rounding) as `Windows.total` takes them."""
    if operator.op == "sum":
        return None, "trunc"
    if dtype == np.bool_:
        raise TypeError("avg pooling of bool is not defined: convert x, or use sum pooling")
    override = read.divisor_of(p.get("divisor_override"))
    rounding = read.choice(p["rounding"], "rounding", read.ROUNDINGS)
    return ("shares" if override is None else override), rounding


def _linear(operator, found, x, valid, p, threads, dtype=None):
    row = storage_of(x.dtype)
    mean, rounding = _linear_terms(operator, x.dtype, p)
    if dtype is None:
        dtype = row.sum_dtype if operator.op == "sum" else native(x.dtype)
    weights = None if p["weights"] is None else found.masked.as_weights(p["weights"], x, found)
    out = expanded_out(operator, p, p["out"], found.axes)
    out = result_array(found.out_shape, dtype, out, inputs_of(p, x, weights), xp=found.xp)
    empty = None if p["empty"] is None else empty_value(p["empty"], dtype)
    if valid is None and weights is None:
        found.total(x, out, mean, rounding, threads)
        _fill_empty(found, out, empty)
    else:
        found.masked.WeightedSum(found, valid, weights, mean, threads).into(x, out, rounding, empty)
    return handed(operator, p, out, p["out"], found.axes)


# ---- backward -------------------------------------------------------------------------------------------------------


class Context(NamedTuple):
    """What both derivatives need: the input (None if only its shape was given), its windows and its valid cells."""

    x: np.ndarray | None
    windows: windows.Windows
    valid: np.ndarray | None
    threads: int
    device: object = None
    """What computes on a GPU, None on the host."""


def _context(operator, p, device):
    given = p["x"]
    nan = read.choice(p["nan"], "nan", read.NAN_POLICIES)
    threads = read.threads_of(p["num_threads"])
    if isinstance(given, tuple) and not operator.selecting and all(is_extent(n) for n in given):
        if nan == "ignore" or p["weights"] is not None:
            raise TypeError('x must be the array itself, not its shape, with nan="ignore" or weights=')
        shape = tuple(read.integer(n, "x's shape", 0) for n in given)
        if prod(shape) > LARGEST // 8:
            raise ValueError(f"x's shape must not name more elements than memory can address, got {shape}")
        x, stand_in = None, np.broadcast_to(np.float64(0), shape)
    else:
        x = stand_in = as_array(given, device=device)
    p["shape"] = stand_in.shape
    found = there(RESOLVE[operator.kind](operator, stand_in.shape, p), p, device)
    return Context(x, found, found.masked.validity(stand_in, p["mask"], nan, found), threads, device)


def is_extent(n):
    return isinstance(n, (int, np.integer)) and not isinstance(n, bool)


def gradient_of(operator, p, gradient, found, name="grad_output", device=None):
    """An output's gradient, with the shape that the forward's result has."""
    gradient = as_gradient(gradient, name, device)
    want = found.out_shape
    if operator.kind == "global" and not p["keepdims"]:
        want = tuple(n for a, n in enumerate(want) if a not in found.axes)
    if gradient.shape != want:
        raise ValueError(f"{name} must have the shape of the forward's result {want}, got {gradient.shape}")
    return squeezed(operator, p, gradient, found.axes, expand=True)


def backward(operator, p, grad_output, indices, device=None):
    """The gradient of the input."""
    context = _context(operator, p, device or device_of(grad_output, p["x"]))
    gradient = gradient_of(operator, p, grad_output, context.windows, device=context.device)
    if operator.selecting:
        return select_backward(operator, context, gradient, p, indices)
    return _linear_backward(operator, context, gradient, p)


def prepare_backward(operator, p, grad_output, indices):
    """The same call without its arrays, or None for one that is more than a kernel.  grad_output is an array."""
    rare = p["mask"] is not None or p["nan"] != "propagate" or p.get("weights") is not None
    if rare or type(p["x"]) not in (tuple, np.ndarray) or grad_output.dtype not in STORAGE:
        return None
    context = _context(operator, p, None)
    found, x_dtype = context.windows, None if context.x is None else context.x.dtype
    if found.has_boundary or len(found.shape) > PREPARED_DIM or p.get("keepdims") is False:
        return None
    if not operator.selecting:
        return found.prepared_gradient(x_dtype, grad_output.dtype, _linear_terms(operator, x_dtype, p)[0])
    layout = p["index_layout"]
    if type(indices) is not np.ndarray or layout not in ("plane", "window"):
        return None
    kind = CODES["plane"] if layout == "plane" else found.window_kind()
    if indices.dtype != windows.INDEX_DTYPES[kind]:
        return None
    return found.prepared_gradient(x_dtype, grad_output.dtype, kind=kind)


def _linear_backward(operator, context, gradient, p):
    found, threads = context.windows, context.threads
    mean, _ = _linear_terms(operator, None if context.x is None else context.x.dtype, p)
    dtype = native(gradient.dtype)
    weights = None if p["weights"] is None else found.masked.as_weights(p["weights"], context.x, found)
    out, out_weights = pair_of(p["out"], PAIR_OF_WEIGHTS, weights is not None)
    inputs = inputs_of(p, gradient, context.x, weights)
    out = result_array(found.shape, dtype, out, inputs, xp=found.xp)
    if weights is not None:
        out_weights = result_array(np.shape(p["weights"]), dtype, out_weights, [*inputs, out], "out[1]", found.xp)
    if context.valid is None and weights is None:
        if found.extended_shape == found.shape:
            found.adjoint(gradient, out, mean, threads)
            return out
        # Positions of the extended axis first; halves add up in float32.
        wide = dtype if dtype.itemsize > 2 else np.dtype(np.float32)
        extended = np.empty(found.extended_shape, wide)
        found.adjoint(gradient.astype(wide, copy=False), extended, mean, threads)
        with np.errstate(all="ignore"):
            out[...] = found.collapse(extended)
        return out
    weighted = found.masked.WeightedSum(found, context.valid, weights, mean, threads)
    to_weights = weighted.gradients_into(gradient, context.x, out, weights is not None)
    if weights is None:
        return out
    put_sum(to_weights, out_weights)
    return out, out_weights


def sum_to(array, shape):
    """The gradient of broadcasting."""
    lead = array.ndim - len(shape)
    axes = tuple(range(lead)) + tuple(a + lead for a, n in enumerate(shape) if n == 1 and array.shape[a + lead] != 1)
    return (array.sum(axis=axes, keepdims=True) if axes else array).reshape(shape)


def put_sum(array, out):
    """The gradient of broadcasting into an array of what was broadcast."""
    with np.errstate(all="ignore"):
        out[...] = sum_to(array, out.shape)


def own_indices(operator, context):
    """Indices by a search of our own, in the smallest form that the scatter takes."""
    found = context.windows
    kind = found.own_kind()
    indices = found.xp.empty(found.out_shape, windows.INDEX_DTYPES[kind])
    values = found.xp.empty(found.out_shape, native(context.x.dtype))
    x, valid, threads = context.x, context.valid, context.threads
    if valid is None:
        found.select(operator.op, x, values, indices, kind, threads)
    else:
        found.masked.select_into(found, operator.op, x, valid, values, indices, kind, None, threads)
    return indices, kind


def _given_indices(operator, context, p, indices):
    """The caller's indices, in range but unchecked, as int64 positions in the plane or as offsets in the window."""
    found = context.windows
    layout = read.choice(p["index_layout"], "index_layout", read.INDEX_LAYOUTS)
    indices = as_array(indices, "indices", context.device)
    if indices.dtype.kind not in "iu":
        raise TypeError(f"indices must be integers, got {indices.dtype}")
    indices = squeezed(operator, p, indices, found.axes, expand=True)
    if indices.shape != found.out_shape:
        raise ValueError(f"indices must have the shape of the forward's result {found.out_shape}, got {indices.shape}")
    if layout == "window":
        kind = found.window_kind()
        if native(indices.dtype) != windows.INDEX_DTYPES[kind]:
            raise TypeError(
                f'indices in layout "window" must be {windows.INDEX_DTYPES[kind]} here, got {indices.dtype}'
            )
    else:
        kind = CODES["plane"]
        if indices.dtype == np.uint64 and indices.size and indices.max() > np.iinfo(np.int64).max:
            raise ValueError(f"indices must fit int64, got {indices.max()}")
        indices = windows.from_layout(found, indices.astype(np.int64, copy=False), layout)
    return indices, kind


def _indices(operator, context, p, indices):
    """Indices and their kind; the caller's are still to be checked."""
    if indices is None:
        return own_indices(operator, context)
    return _given_indices(operator, context, p, indices)


def select_backward(operator, context, gradient, p, indices):
    found = context.windows
    dtype = native(gradient.dtype)
    inputs = inputs_of(
        p, gradient, context.x, None if indices is None else as_array(indices, "indices", context.device)
    )
    out = result_array(found.shape, dtype, p["out"], inputs, xp=found.xp)
    given = indices is not None
    indices, kind = _indices(operator, context, p, indices)
    found.scatter(gradient, indices, kind, out, context.threads, check=given, own=p["out"] is None)
    return out


def double_backward(operator, p, grad_grad_x, grad_output, indices, device=None):
    """The gradient of `grad_output`, given that of the input's gradient."""
    context = _context(operator, p, device or device_of(grad_grad_x, grad_output, p["x"]))
    found = context.windows
    gradient_of(operator, p, grad_output, found, device=context.device)
    outer = as_gradient(grad_grad_x, "grad_grad_x", context.device)
    if outer.shape != found.shape:
        raise ValueError(f"grad_grad_x must have the shape of x {found.shape}, got {outer.shape}")
    if not operator.selecting:
        nothing_back = {**p, "empty": 0}  # from empty windows
        return _linear(operator, found, outer, context.valid, nothing_back, context.threads)
    dtype = native(outer.dtype)
    out = expanded_out(operator, p, p["out"], found.axes)
    inputs = inputs_of(p, outer, context.x, None if indices is None else as_array(indices, "indices", context.device))
    out = result_array(found.out_shape, dtype, out, inputs, xp=found.xp)
    given = indices is not None
    indices, kind = _indices(operator, context, p, indices)
    if given:
        found.check(indices, kind, context.threads)
    found.gather(outer, indices, kind, out, context.threads)
    return handed(operator, p, out, p["out"], found.axes)
