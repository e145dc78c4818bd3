"""Fractional pooling: windows at random places, as PyTorch and as TensorFlow draw them.

PyTorch's (`fractional_max_pool2d`, `3d`): every plane has places of its own, from one random number an axis; windows all have
one size.  Places are computed here in x's dtype, rule 12 of the contract, and a kernel of its own finds the largest cells.
TensorFlow's (`fractional_max_pool`, `fractional_avg_pool`): a sequence of boundaries an axis, the same for all planes.  These
are tables as any other, so `engine` does all the rest.
"""

import functools
import inspect

import numpy as np

from cypool import docstrings, engine, geometry, layers, unpool, windows
from cypool import parameters as read
from cypool.arrays import (
    PAIR_OF_INDICES,
    as_array,
    as_gradient,
    fetched,
    on_gpu,
    pair_of,
    result_array,
    smallest,
    storage_of,
)
from cypool.functional import bound
from cypool.kernels import core
from cypool.kernels.core import CODES

LAYOUTS = tuple(layout for layout in read.INDEX_LAYOUTS if layout != "window")  # windows differ from plane to plane


# ---- PyTorch's ---------------------------------------------------------------------------------------------------------


def starts(samples, n, k, m):
    """Rule 12: the first cells of m windows of k cells out of n, for each sample; every step rounds to the samples' dtype."""
    dtype = samples.dtype
    result = np.full((*samples.shape, m), n - k, np.intp)
    if m > 1:
        alpha = np.array(n - k).astype(dtype) / np.array(m - 1).astype(dtype)
        u = samples[..., None]
        places = ((np.arange(m - 1).astype(dtype) + u) * alpha).astype(np.float64)
        found = np.trunc(places) - np.trunc((u * alpha).astype(np.float64))
        result[..., : m - 1] = np.minimum(found, n - k)  # which the rounding of a short dtype may pass
    return result


def _sizes(p, spatial):
    """output_size, or what output_ratio makes of the extents."""
    rank = len(spatial)
    if p["output_size"] is not None:
        return read.per_axis(p["output_size"], rank, "output_size", 1)
    ratio = p["output_ratio"]
    if ratio is None:
        raise ValueError("output_size or output_ratio must be given, got neither")
    ratios = tuple(ratio) if read.is_sequence(ratio) else (ratio,)
    ratios = ratios * rank if len(ratios) == 1 else ratios
    if len(ratios) != rank:
        raise ValueError(f"output_ratio must be a number or have one entry for each of {rank} axes, got {ratio!r}")
    ratios = tuple(read.real(r, "output_ratio") for r in ratios)
    if not all(0 < r <= 1 for r in ratios):
        raise ValueError(f"output_ratio must lie in (0, 1] along every axis, got {ratio!r}")
    return read.per_axis(tuple(int(n * r) for n, r in zip(spatial, ratios, strict=True)), rank, "output_size", 1)


class _Places:
    """Where a call's windows are, once its parameters have been read."""

    def __init__(self, rank, x, p, device):
        self.axes = read.fixed_axes(x.ndim, rank, p["data_format"])
        self.kernel_size = read.per_axis(p["kernel_size"], rank, "kernel_size", 1)
        spatial = tuple(x.shape[a] for a in self.axes)
        sizes = _sizes(p, spatial)
        for a, n, k, m in zip(self.axes, spatial, self.kernel_size, sizes, strict=True):
            if m + k - 1 > n:
                raise ValueError(
                    f"output_size + kernel_size - 1 must not exceed the extent {n} of axis {a}, got {m} + {k} - 1"
                )
        extents = dict(zip(self.axes, sizes, strict=True))
        self.out_shape = tuple(extents.get(a, n) for a, n in enumerate(x.shape))
        self.threads = read.threads_of(p["num_threads"])
        # the planes as those of unpooling, whose values may come from anywhere
        self.planes = unpool.planes_of(self.out_shape, self.axes, spatial, device)
        self.sizes, self.spatial = sizes, spatial

    def draw(self, x, p):
        """Samples of shape (N, C, rank): the caller's, checked, or new ones."""
        rank, batch = len(self.axes), [x.shape[a] for a in self.planes.batch_axes]
        shape = (*([1] if len(batch) == 1 else []), *batch, rank)
        dtype = x.dtype.newbyteorder("=") if storage_of(x.dtype).floating else np.dtype(np.float64)
        given = p["_random_samples"]
        if given is None:
            samples = read.generator_of(p["rng"]).random(shape).astype(dtype)
            return np.where(samples < 1, samples, dtype.type(0))  # a short dtype rounds up to 1
        samples = fetched(as_array(given, "_random_samples", self.planes.device if on_gpu(given) else None))
        if samples.dtype.newbyteorder("=") != dtype:
            raise TypeError(f"_random_samples must have x's dtype {dtype}, got {samples.dtype}")
        if samples.shape != shape:
            raise ValueError(f"_random_samples must have shape {shape}, got {samples.shape}")
        samples = samples.astype(dtype)
        if not ((samples >= 0) & (samples < 1)).all():
            raise ValueError(
                "_random_samples must lie in [0, 1), got " + str(samples[~((samples >= 0) & (samples < 1))][0])
            )
        return samples

    def find(self, x, samples, valid):
        """The position in its plane of every window's largest cell."""
        rank = len(self.axes)
        # PyTorch's order: entry 0 is the width's in 2-D, the depth's in 3-D.
        entries = (1, 0) if rank == 2 else (0, 1, 2)
        columns = [
            starts(samples[..., e].reshape(-1), n, k, m)
            for e, n, k, m in zip(entries, self.spatial, self.kernel_size, self.sizes, strict=True)
        ]
        lacking = 3 - rank
        columns = [np.zeros((len(columns[0]), 1), np.intp)] * lacking + columns
        window = (*([1] * lacking), *self.kernel_size)
        if self.planes.device is not None:
            from cypool.cuda import placed

            return placed.largest(self.planes, x, valid, np.concatenate(columns, axis=1), window)
        index = np.empty((*samples.shape[:2], *([1] * lacking), *self.sizes), np.int64)
        row = storage_of(x.dtype)
        wide = {
            "float32": "float32",
            "float64": "float64",
            "uint64": "uint64",
            "float16": "float32",
            "bfloat16": "float32",
        }
        work = np.dtype(wide.get(row.name, "int64"))
        source = x if x.dtype == work and x.dtype.isnative and x.flags.aligned else x.astype(work)
        cells = None if valid is None else self._enter(valid).view(np.uint8)
        core.fractional(
            self._enter(source), CODES[work.name], cells, np.concatenate(columns, axis=1), window, index, self.threads
        )
        order = (*self.planes.batch_axes, *self.planes.axes)
        return index.reshape([self.out_shape[a] for a in order]).transpose(np.argsort(order))

    def _enter(self, array):
        """(N, C, depth, height, width), with extents of 1 for what is lacking."""
        array = array.transpose(*self.planes.batch_axes, *self.planes.axes)
        if array.ndim == len(self.axes) + 1:
            array = array[None]
        return array if array.ndim == 5 else array[:, :, None]


def _forward(rank, p, device=None):
    device = device or engine.device_of(p["x"])
    x = as_array(p["x"], device=device)
    places = _Places(rank, x, p, device)
    layout, want = (
        read.choice(p["index_layout"], "index_layout", LAYOUTS),
        read.boolean(p["return_indices"], "return_indices"),
    )
    nan = read.choice(p["nan"], "nan", read.NAN_POLICIES)
    valid = places.planes.masked.validity(x, p["mask"], nan, places.planes)
    dtype = x.dtype.newbyteorder("=")
    out, out_indices = pair_of(p["out"], PAIR_OF_INDICES, want)
    xp = places.planes.xp
    inputs = _arrays(xp, p, x, p["_random_samples"])
    values = result_array(places.out_shape, dtype, out, inputs, xp=xp)
    if want:
        out_indices = result_array(places.out_shape, np.dtype(np.int64), out_indices, [*inputs, values], "out[1]", xp)
    empty = smallest(dtype, "max") if p["empty"] is None else engine.empty_value(p["empty"], dtype)
    index = places.find(x, places.draw(x, p), None if valid is None else xp.ascontiguousarray(valid))
    unpool.move(places.planes, unpool.TAKE, values, index, x, places.threads)
    if valid is not None:
        places.planes.fill(values, index < 0, empty)
    if not want:
        return values
    out_indices[...] = windows.to_layout(places.planes, index, layout)
    return values, out_indices


def _derivative(rank, p, device):
    """What both derivatives need: places, indices."""
    x = as_array(p["x"], device=device)
    places = _Places(rank, x, p, device)
    nan = read.choice(p["nan"], "nan", read.NAN_POLICIES)
    valid = places.planes.masked.validity(x, p["mask"], nan, places.planes)
    layout = read.choice(p["index_layout"], "index_layout", LAYOUTS)
    if p["indices"] is not None:
        return places, unpool.positions(places.planes, p["indices"], layout, places.threads)
    if p["_random_samples"] is None and p["rng"] is None:
        raise ValueError("indices, _random_samples or rng must tell where the windows were, got none of them")
    return places, places.find(
        x, places.draw(x, p), None if valid is None else places.planes.xp.ascontiguousarray(valid)
    )


def _shaped(gradient, name, shape, of, device):
    gradient = as_gradient(gradient, name, device)
    if gradient.shape != shape:
        raise ValueError(f"{name} must have the shape of {of} {shape}, got {gradient.shape}")
    return gradient


def _arrays(xp, p, *arrays):
    """What a result must not overlap: those that are arrays where it lies."""
    return [a for a in (*arrays, p["mask"], p["x"], p.get("indices")) if isinstance(a, xp.ndarray)]


def _backward(rank, p, device=None):
    device = device or engine.device_of(p["grad_output"], p["x"], p["indices"])
    places, index = _derivative(rank, p, device)
    gradient = _shaped(p["grad_output"], "grad_output", places.out_shape, "the forward's result", device)
    xp, dtype = places.planes.xp, gradient.dtype.newbyteorder("=")
    inputs = _arrays(xp, p, gradient, p["_random_samples"])
    out = result_array(places.planes.shape, dtype, p["out"], inputs, xp=xp)
    unpool.collect(places.planes, gradient, index, out, places.threads)
    return out


def _double_backward(rank, p, device=None):
    device = device or engine.device_of(p["grad_grad_x"], p["grad_output"], p["x"], p["indices"])
    places, index = _derivative(rank, p, device)
    gradient = _shaped(p["grad_output"], "grad_output", places.out_shape, "the forward's result", device)
    outer = _shaped(p["grad_grad_x"], "grad_grad_x", places.planes.shape, "x", device)
    xp, dtype = places.planes.xp, outer.dtype.newbyteorder("=")
    out = result_array(places.out_shape, dtype, p["out"], _arrays(xp, p, gradient, outer, p["_random_samples"]), xp=xp)
    unpool.move(places.planes, unpool.TAKE, out, index, outer, places.threads)
    return out


# ---- TensorFlow's --------------------------------------------------------------------------------------------------------


def sequence(n, m, pseudo_random, rng):
    """m + 1 boundaries of windows that share out n cells, each floor(n/m) or one more wide."""
    k, rest = divmod(n, m)
    if rest == 0:
        return np.arange(m + 1) * k
    if pseudo_random:
        alpha = n / m
        # beyond these the first window would be wider than k + 1, or the last narrower than k
        u = rng.random() * min((k + 2) / alpha - 1, (n + 1 - k) / alpha - (m - 1))
        inner = np.ceil(alpha * (np.arange(1, m) + u)).astype(np.intp) - 1
        return np.concatenate([[0], inner, [n]])
    widths = np.full(m, k)
    widths[:rest] += 1
    return np.concatenate([[0], np.cumsum(rng.permutation(widths))])


def _sequences(p, shape, axes):
    """The boundaries of every axis: the caller's, checked, or new ones."""
    ratios = p["pooling_ratio"]
    ratios = tuple(ratios) if read.is_sequence(ratios) else (ratios,) * len(axes)
    if len(ratios) != len(axes):
        raise ValueError(
            f"pooling_ratio must be a number or have one entry for each of {len(axes)} axes, got {ratios!r}"
        )
    ratios = tuple(read.real(r, "pooling_ratio") for r in ratios)
    if not all(1 <= r < float("inf") for r in ratios):
        raise ValueError(f"pooling_ratio must be at least 1 along every axis, got {p['pooling_ratio']!r}")
    pseudo_random = read.boolean(p["pseudo_random"], "pseudo_random")
    sizes = []
    for a, r in zip(axes, ratios, strict=True):
        if int(shape[a] / r) < 1:
            raise ValueError(f"pooling_ratio must leave a window on axis {a} of extent {shape[a]}, got {r}")
        sizes.append(int(shape[a] / r))
    given = p["sequences"]
    if given is None:
        rng = read.generator_of(p["rng"])
        return tuple(sequence(shape[a], m, pseudo_random, rng) for a, m in zip(axes, sizes, strict=True))
    if not isinstance(given, (tuple, list)) or len(given) != len(axes):
        raise TypeError(f"sequences must be a tuple with one sequence for each of {len(axes)} axes, got {given!r}")
    result = []
    for a, m, one in zip(axes, sizes, given, strict=True):
        one = as_array(one, "sequences")
        if one.dtype.kind not in "iu":
            raise TypeError(f"sequences must be integers, got {one.dtype}")
        one = one.astype(np.intp)
        if one.shape != (m + 1,) or one[0] != 0 or one[-1] != shape[a] or (one[1:] <= one[:-1]).any():
            raise ValueError(f"sequences must ascend from 0 to {shape[a]} in {m} steps on axis {a}, got {one}")
        result.append(one)
    return tuple(result)


def _resolve(operator, shape, p):
    """Windows from boundaries; overlapping ones hold the next window's first cell as well."""
    axes = engine.pooled_axes(operator, shape, p, p["pooling_ratio"])
    for a in axes:
        if shape[a] < 1:
            raise ValueError(f"cannot pool axis {a}: its extent is 0, must be at least 1")
    p["sequences"] = _sequences(p, shape, axes)
    more = int(read.boolean(p["overlapping"], "overlapping"))
    tables = tuple(
        geometry.irregular(shape[a], one[:-1], np.minimum(one[1:] + more, shape[a]) - one[:-1])
        for a, one in zip(axes, p["sequences"], strict=True)
    )
    return windows.Windows(shape, axes, tables)


engine.RESOLVE["fractional"] = _resolve


def _shared_forward(operator, p, device=None):
    want = read.boolean(p["return_sequences"], "return_sequences")
    result = engine.forward(operator, p, device)
    if not want:
        return result
    return (*result, p["sequences"]) if isinstance(result, tuple) else (result, p["sequences"])


def _told(p):
    if p["sequences"] is None and p["rng"] is None:
        raise ValueError("sequences or rng must tell where the windows were, got neither")
    return p


def _shared_backward(operator, p, device=None):
    return engine.backward(operator, _told(p), p["grad_output"], p.get("indices"), device)


def _shared_double_backward(operator, p, device=None):
    return engine.double_backward(operator, _told(p), p["grad_grad_x"], p["grad_output"], p.get("indices"), device)


# ---- public functions ------------------------------------------------------------------------------------------------


# fmt: off
def _places(x, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None, *, rng=None,
            data_format="channels_first", out=None, num_threads=None, nan="propagate", mask=None, empty=None,
            index_layout="plane"): ...


def _shared_max(x, pooling_ratio, pseudo_random=False, overlapping=False, return_indices=False, *, axes=None,
                sequences=None, rng=None, return_sequences=False, data_format="channels_first", out=None, num_threads=None,
                nan="propagate", mask=None, empty=None, index_layout="plane"): ...


def _shared_avg(x, pooling_ratio, pseudo_random=False, overlapping=False, *, axes=None, sequences=None, rng=None,
                return_sequences=False, data_format="channels_first", out=None, num_threads=None, nan="propagate",
                mask=None, weights=None, empty=None, rounding="trunc"): ...
# fmt: on


_TEXTS = {
    **docstrings.PARAMETERS,
    "kernel_size": "int or sequence of int\nCells of a window along each axis.",
    "output_size": "int, sequence of int or None\nWindows along each axis; with kernel_size at most one more than its cells.",
    "output_ratio": "float, sequence of float or None\n"
    "The same as a part of the extent, rounded down; read if `output_size` is None.",
    "_random_samples": "array_like, shape (N, C, {rank}), or None\n"
    "Numbers in [0, 1) of x's dtype (float64 for integers) that place each plane's windows: {entries}.  None draws them.",
    "rng": "int, numpy.random.Generator or None\nA seed, or where random numbers come from.",
    "indices": "array_like of int or None\nWhat the forward returned, in `index_layout`; or else the draws must be known.",
    "pooling_ratio": "float or sequence of float\nCells for each output along each pooled axis, at least 1.",
    "pseudo_random": "bool\nPlace all boundaries of an axis by one random number, not each by itself.",
    "overlapping": "bool\nWhether a window holds the first cell of the next one too.",
    "sequences": "tuple of array_like of int, or None\n"
    "The boundaries along each pooled axis, from 0 to its extent.  None draws them.",
    "return_sequences": "bool\nReturn the boundaries, too; without effect in gradients.",
    "index_layout": '"plane", "global", "global_column_major" or "channels_last"\n'
    "What an index counts: cells of the pooled axes (as PyTorch), of the whole array (as ONNX, row- or\n"
    "column-major), or of pooled axes and channels (as TensorFlow).",
}
_SUMMARIES = {
    "": "{Word} of each of a wanted number of windows, {how}.",
    "_backward": "Gradient of `{name}`.",
    "_double_backward": "Gradient of `{name}_backward` with respect to grad_output.",
}
_RETURNS = {
    "": "numpy.ndarray or tuple\n    The result{more}, if asked for.",
    "_backward": "numpy.ndarray\n"
    "    The gradient of x, in grad_output's dtype; with `weights` a pair, the second the gradient of the weights.",
    "_double_backward": "numpy.ndarray\n    The gradient of grad_output, in grad_grad_x's dtype.",
}
_NOTES = {
    "places": "Window i of m starts at ``int((i + u)*alpha) - int(u*alpha)``, alpha = (n - k)/(m - 1), the last one at n - k;\n"
    "u is the plane's sample for the axis, and every step is rounded to x's dtype.",
    "shared": "The cells of an axis are shared out among the windows, floor(n/m) or one more to each, in random order; or,\n"
    "pseudo-random, boundary i lies at ``ceil(alpha*(i + u)) - 1`` with alpha = n/m and one random u, small enough for that too.",
}
_SOURCES = {
    "places": 'B. Graham, "Fractional max-pooling", 2014; PyTorch, ``torch.nn.functional.fractional_max_pool2d``.',
    "shared": 'B. Graham, "Fractional max-pooling", 2014; TensorFlow, ``tf.nn.fractional_max_pool`` and ``fractional_avg_pool``.',
}
_EXAMPLES = {
    "fractional_max_pool2d": (
        "x = np.arange(25, dtype=np.float32).reshape(1, 5, 5)",
        "cypool.fractional_max_pool2d(x, 2, 3, rng=0).shape",
        "(1, 3, 3)",
    ),
    "fractional_max_pool": (
        "x = np.arange(7)",
        "cypool.fractional_max_pool(x, 1.5, axes=0, sequences=([0, 2, 4, 5, 7],)).tolist()",
        "[1, 3, 4, 6]",
    ),
    "fractional_avg_pool": (
        "x = np.arange(7.0)",
        "cypool.fractional_avg_pool(x, 1.5, axes=0, sequences=([0, 2, 4, 5, 7],)).tolist()",
        "[0.5, 2.5, 4.0, 5.5]",
    ),
}


def _document(name, suffix, function, form, operator):
    rank = operator.rank
    values = {
        "shape": docstrings.SHAPES[rank],
        "bool_note": " (not bool)" if operator.op == "avg" else "",
        "rank": rank,
        "entries": "width, height" if rank == 2 else "depth, height, width",
        "axes_default": docstrings.axes_default(operator),
        "empty_default": docstrings.EMPTY_DEFAULT[operator.op],
        "out_type": "numpy.ndarray or None",
    }
    how = "placed at random in every plane" if form == "places" else "that share out the cells at random"
    more = ", its indices" if operator.op == "max" else ""
    more += " and the sequences" if form == "shared" else ""
    example = ""
    if name in _EXAMPLES and not suffix:
        given, call, result = _EXAMPLES[name]
        lines = ("import numpy as np", "import cypool", given, call)
        example = "\n    Examples\n    --------\n" + "".join(f"    >>> {line}\n" for line in lines) + f"    {result}\n"
    return docstrings.page(
        _SUMMARIES[suffix].format(Word=docstrings.WORDS[operator.op].capitalize(), name=name, how=how),
        [docstrings.describe(n, p, values, _TEXTS) for n, p in inspect.signature(function).parameters.items()],
        _RETURNS[suffix].format(more=more),
        _NOTES[form],
        _SOURCES[form],
        example,
    )


def _publish():
    rows = [(f"fractional_max_pool{r}d", "places", _places, engine.Operator("max", "fractional", r), r) for r in (2, 3)]
    for op, signature in (("max", _shared_max), ("avg", _shared_avg)):
        operator = engine.Operator(op, "fractional", None)
        rows.append((f"fractional_{op}_pool", "shared", signature, operator, operator))
    directions = {
        "places": (_forward, _backward, _double_backward),
        "shared": (_shared_forward, _shared_backward, _shared_double_backward),
    }
    leading = ((), ("grad_output",), ("grad_grad_x", "grad_output"))
    for name, form, signature, operator, first in rows:
        for suffix, run, before in zip(("", "_backward", "_double_backward"), directions[form], leading, strict=True):
            indices = ("indices",) if suffix and operator.selecting else ()
            function = bound(functools.partial(run, first), signature, before, indices)
            function.__name__ = function.__qualname__ = name + suffix
            function.__module__ = __name__
            function.__doc__ = _document(name, suffix, function, form, operator)
            yield function


# ---- layers ------------------------------------------------------------------------------------------------------------


class _Fractional(layers.Layer):
    def __init__(
        self,
        kernel_size,
        output_size=None,
        output_ratio=None,
        return_indices=False,
        _random_samples=None,
        *,
        rng=None,
        data_format="channels_first",
    ):
        if (output_size is None) == (output_ratio is None):
            raise ValueError(f"one of output_size and output_ratio must be given, got {output_size} and {output_ratio}")
        super().__init__(
            kernel_size=kernel_size,
            output_size=output_size,
            output_ratio=output_ratio,
            return_indices=return_indices,
            _random_samples=_random_samples,
            data_format=data_format,
        )
        self.rng = read.generator_of(rng)  # each forward draws anew

    def _forward(self, x):
        p = {**self._parameters, "return_indices": True}
        values, indices = globals()[self._function](x, rng=self.rng, **p)
        self._kept = (x.shape, indices.copy() if self.return_indices else indices) if self.training else None
        return (values, indices) if self.return_indices else values

    def _backward(self, grad_output):
        shape, indices = self._kept
        device = engine.device_of(grad_output)
        xp = np if device is None else device.xp
        stand_in = xp.broadcast_to(xp.zeros((), np.float32), shape)  # the indices know all else
        p = {**self._parameters, "_random_samples": None}
        return globals()[self._function + "_backward"](grad_output, stand_in, indices=indices, **p)


globals().update((function.__name__, function) for function in _publish())
globals().update(
    (layer.__name__, layer)
    for layer in (
        layers.new(_Fractional, f"FractionalMaxPool{r}d", f"fractional_max_pool{r}d", r, "Fractional maximum pooling")
        for r in (2, 3)
    )
)
__all__ = sorted(name for name in globals() if name.startswith(("Fractional", "fractional_")))
