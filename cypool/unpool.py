"""Unpooling: the partial inverse of maximum pooling, its gradients, and its layers.

The other operators read windows; this one writes where indices say.  Geometry decides only how large the planes are, so a
call is three steps: `_resolve` finds the planes' shape, `_positions` brings indices of any layout to checked positions in
their planes, and a kernel moves values (`core.unpool`) or adds them (`Windows.scatter`).

Rule 13 of the contract.  Of several values for one cell the last in row-major order stays, for any number of threads;
the gradient gathers, so each of them receives the cell's.
"""

import functools
import inspect
from math import prod

import numpy as np

from cypool import docstrings, engine, geometry, layers, masked, windows
from cypool import parameters as read
from cypool.arrays import as_array, as_gradient, buffer_of, native, result_array
from cypool.functional import bound
from cypool.geometry import LARGEST
from cypool.kernels import core
from cypool.kernels.core import CODES

CHECK, PUT, TAKE = 0, 1, 2  # passes of the kernel, see unpool.pxi


# ---- geometry and indices -------------------------------------------------------------------------------------------


def _sizes(output_size, rank, data_format):
    """The wanted extents of the pooled axes; a whole shape may come with its batch and channels, which are not read."""
    if output_size is None:
        return None
    if read.is_sequence(output_size) and len(output_size) == rank + 2:
        output_size = tuple(output_size)[2:] if data_format == "channels_first" else tuple(output_size)[1:-1]
    return read.per_axis(output_size, rank, "output_size", 0)


def _extent(n, k, s, padding, wanted, axis):
    """Rule 13: cells of one unpooled axis."""
    if n < 1:
        raise ValueError(f"cannot unpool axis {axis}: its extent is 0, must be at least 1")
    extent = (n - 1) * s - sum(padding) + k
    if wanted is not None and not extent - s < wanted < extent + s:
        raise ValueError(
            f"output_size must lie between {extent - s} and {extent + s}, exclusive, on axis {axis}, got {wanted}"
        )
    extent = extent if wanted is None else wanted
    if not 0 <= extent <= LARGEST // 8:
        raise ValueError(
            f"the unpooled extent of axis {axis} must be at least 0 and fit memory, got {extent} from extent {n} with "
            f"kernel_size {k}, stride {s}, padding {padding}"
        )
    return extent


def planes_of(shape, axes, cells, device=None):
    """The unpooled planes as `Windows` whose outputs, the values, may stand anywhere in them."""
    planes = _planes_of(shape, axes, cells)
    return planes if device is None else device.windows(planes)


@functools.lru_cache(maxsize=1024)
def _planes_of(shape, axes, cells):
    extents = dict(zip(axes, cells, strict=True))
    tables = tuple(geometry.anywhere(extents[a], shape[a]) for a in axes)
    return windows.Windows(tuple(extents.get(a, n) for a, n in enumerate(shape)), axes, tables)


def as_indices(planes, indices):
    """Integers, one for each value."""
    indices = as_array(indices, "indices", planes.device)
    if indices.dtype.kind not in "iu":
        raise TypeError(f"indices must be integers, got {indices.dtype}")
    if indices.shape != planes.out_shape:
        raise ValueError(f"indices must be one for each value, of shape {planes.out_shape}, got {indices.shape}")
    return indices


def positions(planes, indices, layout, threads, check=True):
    """Indices in any layout but "window" as int64 positions; checked, unless what moves values by them will do."""
    indices = as_indices(planes, indices)
    if indices.dtype == np.uint64 and indices.size and indices.max() > np.iinfo(np.int64).max:
        raise ValueError(f"indices must fit int64, got {indices.max()}")
    indices = indices.astype(np.int64, copy=False)  # native, too
    size = prod(planes.shape[a] for a in planes.axes)
    if size:
        indices = windows.from_layout(planes, indices, layout)
    if check or planes.device is not None:  # whose kernels trust them
        shape_alone = planes.xp.broadcast_to(planes.xp.zeros((), np.int64), planes.shape)
        move(planes, CHECK, indices, indices, shape_alone, threads)
    return indices


def _on_device():
    from cypool.cuda import placed

    return placed


def move(planes, mode, values, positions, target, threads):
    """The kernels: values into planes or out of them; wrong positions are refused, on a device by CHECK alone."""
    if planes.device is None:
        bad = _moved(planes, mode, values, positions, target, threads)
    elif mode == CHECK:
        bad = _on_device().first_wrong(planes, positions)
    else:
        bad, run = None, _on_device().put if mode == PUT else _on_device().take
        run(planes, values, positions, target)
    if bad is not None:
        size = prod(planes.shape[a] for a in planes.axes)
        raise ValueError(f"indices must be cells of their planes, in [0, {size}), or -1, got {bad}")


def _moved(planes, mode, values, positions, target, threads):
    order = (*planes.batch_axes, *planes.axes)
    values, values_swapped = buffer_of(values)
    target, target_swapped = buffer_of(target)
    arrays = (values.transpose(order), values_swapped, positions.transpose(order), target.transpose(order))
    return core.unpool(len(planes.axes), mode, *arrays, target_swapped, threads)


def collect(planes, values, positions, out, threads):
    """For every cell the sum of the values that stand there; positions have been checked."""
    if planes.device is None:
        planes.scatter(values, positions, CODES["plane"], out, threads)
    else:
        _on_device().collect(planes, values, positions, out)


class _Call:
    """A call's geometry: the planes, and what indices in layout "window" refer to."""

    def __init__(self, rank, shape, p, device):
        axes = read.fixed_axes(len(shape), rank, p["data_format"])
        self.kernel_size = read.per_axis(p["kernel_size"], rank, "kernel_size", 1)
        self.stride = read.stride_of(p["stride"], self.kernel_size)
        if isinstance(p["padding"], str):
            raise TypeError(f"padding must be an int or a sequence when unpooling, got {p['padding']!r}")
        self.padding = read.padding_of(p["padding"], rank)
        sizes = _sizes(p["output_size"], rank, p["data_format"]) or (None,) * rank
        cells = tuple(
            _extent(shape[a], *one, a)
            for a, *one in zip(axes, self.kernel_size, self.stride, self.padding, sizes, strict=True)
        )
        if prod(cells) * prod(shape[a] for a in range(len(shape)) if a not in axes) > LARGEST // 8:
            raise ValueError(f"the unpooled array must fit memory, got extents {cells} for x's shape {shape}")
        self.planes = planes_of(shape, axes, cells, device)
        self.threads = read.threads_of(p["num_threads"])

    def positions(self, p, check):
        """Indices as int64 positions in their planes; the kernel that moves values checks them too, but as it writes."""
        indices, layout = p["indices"], p["index_layout"]
        if read.choice(layout, "index_layout", read.INDEX_LAYOUTS) == "window":
            indices, layout = self._from_window(as_indices(self.planes, indices)), "plane"
        return positions(self.planes, indices, layout, self.threads, check)

    def _from_window(self, indices):
        """Offsets in the windows that the parameters describe, as positions."""
        xp, kind = self.planes.xp, windows.window_kind(prod(self.kernel_size))
        dtype = windows.INDEX_DTYPES[kind]
        if native(indices.dtype) != dtype:
            raise TypeError(f'indices in layout "window" must be {dtype} here, got {indices.dtype}')
        nothing = indices == masked.empty_mark(kind)
        rest = xp.where(nothing, 0, indices).astype(np.int64)
        position, inner = xp.zeros(indices.shape, np.int64), 1
        wrong = (rest < 0) | (rest >= prod(self.kernel_size))
        for a, k, s, (before, _) in reversed(
            list(zip(self.planes.axes, self.kernel_size, self.stride, self.padding, strict=True))
        ):
            outputs = xp.arange(indices.shape[a], dtype=np.int64) * s - before
            cell = outputs.reshape([-1 if i == a else 1 for i in range(indices.ndim)]) + rest % k
            wrong |= (cell < 0) | (cell >= self.planes.shape[a])
            position += cell * inner
            rest, inner = rest // k, inner * self.planes.shape[a]
        wrong &= ~nothing
        if wrong.any():
            raise ValueError(
                f'indices in layout "window" must name cells of their own windows, got {indices[wrong][0]}'
            )
        return xp.where(nothing, np.int64(-1), position)


# ---- the three directions -------------------------------------------------------------------------------------------


def _forward(rank, p, device=None):
    device = device or engine.device_of(p["x"], p["indices"])
    x = as_array(p["x"], device=device)
    call = _Call(rank, x.shape, p, device)
    out = _result(call.planes.shape, x.dtype.newbyteorder("="), p, call, x)
    move(call.planes, PUT, x, call.positions(p, check=p["out"] is not None), out, call.threads)
    return out


def _result(shape, dtype, p, call, *inputs):
    """`out`, which must overlap neither what has been read nor the indices."""
    xp = call.planes.xp
    inputs = [array for array in (*inputs, p["indices"]) if isinstance(array, xp.ndarray)]
    return result_array(shape, dtype, p["out"], inputs, xp=xp)


def _shape(x, device):
    """The shape of x, or x itself if it is one: a linear operator's gradient needs no more."""
    if isinstance(x, tuple) and all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in x):
        return tuple(read.integer(n, "x's shape", 0) for n in x)
    return as_array(x, device=device).shape


def _gradient(gradient, name, shape, of, device=None):
    gradient = as_gradient(gradient, name, device)
    if gradient.shape != shape:
        raise ValueError(f"{name} must have the shape of {of} {shape}, got {gradient.shape}")
    return gradient


def _backward(rank, p, device=None):
    device = device or engine.device_of(p["grad_output"], p["x"], p["indices"])
    call = _Call(rank, _shape(p["x"], device), p, device)
    gradient = _gradient(p["grad_output"], "grad_output", call.planes.shape, "the forward's result", device)
    out = _result(call.planes.out_shape, gradient.dtype.newbyteorder("="), p, call, gradient, p["x"])
    move(call.planes, TAKE, out, call.positions(p, check=p["out"] is not None), gradient, call.threads)
    return out


def _double_backward(rank, p, device=None):
    device = device or engine.device_of(p["grad_grad_x"], p["grad_output"], p["x"], p["indices"])
    call = _Call(rank, _shape(p["x"], device), p, device)
    _gradient(p["grad_output"], "grad_output", call.planes.shape, "the forward's result", device)
    outer = _gradient(p["grad_grad_x"], "grad_grad_x", call.planes.out_shape, "x", device)
    out = _result(call.planes.shape, outer.dtype.newbyteorder("="), p, call, outer, p["x"], p["grad_output"])
    positions = call.positions(p, check=True)
    if out.size:
        collect(call.planes, outer, positions, out, call.threads)
    return out


# ---- public functions ------------------------------------------------------------------------------------------------


def _unpool(
    x,
    indices,
    kernel_size,
    stride=None,
    padding=0,
    output_size=None,
    *,
    data_format="channels_first",
    out=None,
    num_threads=None,
    index_layout="plane",
):
    """The signature of every forward; the gradients' have their gradients before it."""


_TEXTS = {
    **docstrings.PARAMETERS,
    "x": "array_like, shape {shape}\nValues, as a maximum pooling returns them: any dtype, any strides.{shape_note}",
    "indices": "array_like of int, shape of x\n"
    "Where each value stands in its unpooled plane, in `index_layout`; -1 for a value that stands nowhere.",
    "kernel_size": "int or sequence of int\nTaps of the window that was pooled.",
    "stride": "int, sequence of int or None\nCells from one window to the next; None means `kernel_size`.",
    "padding": "int, sequence of int or of pairs\nCells that the pooling added before and after each axis.",
    "output_size": "int, sequence of int or None\n"
    "Extents of the unpooled axes, less than a stride from (n - 1)*stride - padding before and after + kernel_size,\n"
    "which None stands for.  A whole shape may be given; its batch and channels are not read.",
    "grad_output": "array_like\nFloating, of the shape of the forward's result.",
}
_SUMMARIES = {
    "": "Put values back where a maximum pooling over {where} took them from; zeros elsewhere.",
    "_backward": "Gradient of `{name}`: each value's is that of its cell.",
    "_double_backward": "Gradient of `{name}_backward` with respect to grad_output.",
}
_RETURNS = {
    "": "numpy.ndarray\n    The unpooled planes, in x's dtype.",
    "_backward": "numpy.ndarray\n    The gradient of x, in grad_output's dtype.",
    "_double_backward": "numpy.ndarray\n    The gradient of grad_output, in grad_grad_x's dtype.",
}
_NOTES = {
    "": "All indices are checked before anything is written.  Of several values for one cell the last in row-major order\n"
    "stays, for any number of threads.",
    "_backward": "Values that share a cell all receive its gradient; a value that stands nowhere receives 0.",
    "_double_backward": "The gradients of values that share a cell add up.",
}
_EXAMPLE = """
    Examples
    --------
    >>> import numpy as np
    >>> import cypool
    >>> x = np.array([[[1, 3, 2, 0], [4, 2, 8, 5]]], np.float32)
    >>> values, indices = cypool.max_pool2d(x, 2, return_indices=True)
    >>> print(cypool.max_unpool2d(values, indices, 2))
    [[[0. 0. 0. 0.]
      [4. 0. 8. 0.]]]
"""


def _publish():
    """The nine functions: three ranks, three directions."""
    directions = {
        "": (_forward, ()),
        "_backward": (_backward, ("grad_output",)),
        "_double_backward": (_double_backward, ("grad_grad_x", "grad_output")),
    }
    for rank in (1, 2, 3):
        name = f"max_unpool{rank}d"
        for suffix, (run, leading) in directions.items():
            function = bound(functools.partial(run, rank), _unpool, leading)
            values = {
                "shape": docstrings.SHAPES[rank],
                "shape_note": "  Its shape, a tuple, is enough." if suffix else "",
                "out_type": "numpy.ndarray or None",
            }
            function.__name__ = function.__qualname__ = name + suffix
            function.__module__ = __name__
            function.__doc__ = docstrings.page(
                _SUMMARIES[suffix].format(where=docstrings.WHERE[rank], name=name),
                [docstrings.describe(n, p, values, _TEXTS) for n, p in inspect.signature(function).parameters.items()],
                _RETURNS[suffix],
                _NOTES[suffix],
                f"PyTorch, ``torch.nn.functional.max_unpool{rank}d``; ONNX operator specification, MaxUnpool.",
                _EXAMPLE if (rank, suffix) == (2, "") else "",
            )
            yield function


class _Unpooling(layers.Layer):
    def __init__(self, kernel_size, stride=None, padding=0, *, data_format="channels_first"):
        super().__init__(kernel_size=kernel_size, stride=stride, padding=padding, data_format=data_format)

    def __call__(self, x, indices, output_size=None):
        """Return `forward` of x."""
        return self.forward(x, indices, output_size)

    def forward(self, x, indices, output_size=None):
        """Unpool x; shapes as in the function of the same name.

        Parameters
        ----------
        x : array_like
            ``(N, C, spatial...)`` or ``(C, spatial...)``.
        indices : array_like of int
            Where each value stands, as the pooling returned it.
        output_size : int, sequence of int or None
            Extents of the unpooled axes, if they are not the default.

        Returns
        -------
        numpy.ndarray
        """
        device = engine.device_of(x, indices)
        x, indices = as_array(x, device=device), as_array(indices, "indices", device)
        result = globals()[self._function](x, indices, output_size=output_size, **self._parameters)
        self._kept = (x.shape, indices.copy(), output_size) if self.training else None
        return result

    def _backward(self, grad_output):
        shape, indices, output_size = self._kept
        back = globals()[self._function + "_backward"]
        return back(grad_output, shape, indices, output_size=output_size, **self._parameters)


globals().update((function.__name__, function) for function in _publish())
globals().update(
    (layer.__name__, layer)
    for layer in (
        layers.new(_Unpooling, f"MaxUnpool{rank}d", f"max_unpool{rank}d", rank, "Maximum unpooling")
        for rank in (1, 2, 3)
    )
)
__all__ = sorted(name for name in globals() if "Unpool" in name or "max_unpool" in name if not name.startswith("_"))
