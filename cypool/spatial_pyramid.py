"""Spatial pyramid pooling: adaptive pooling to several sizes, one behind the other in a vector of fixed length.

The levels are `functional`'s adaptive operators; here is only what joins them: the vector, and the sum of their gradients.
"""

import inspect
from math import prod

import numpy as np

from cypool import docstrings, engine, functional, layers
from cypool import parameters as read
from cypool.arrays import PAIR_OF_INDICES, as_array, as_gradient, native, pair_of, result_array, storage_of
from cypool.functional import bound

OPS = {"max": "max", "min": "min", "mean": "avg", "sum": "sum"}
SELECTING = ("max", "min")


def _levels_of(levels):
    """A tuple of bins for each level; all have as many axes."""
    if not read.is_sequence(levels) or not len(levels):
        raise TypeError(f"levels must be a sequence with the bins of at least one level, got {levels!r}")
    ranks = {len(one) for one in levels if read.is_sequence(one)}
    rank = ranks.pop() if ranks else 2
    if ranks or not 1 <= rank <= 3:
        raise ValueError(f"levels must have one to three entries each, as many in all of them, got {levels!r}")
    return tuple(read.per_axis(one, rank, "levels", 1) for one in levels)


class _Call:
    """A call's parts: the levels, their adaptive operator, and where each stands in the vector."""

    def __init__(self, shape, p):
        self.op = read.choice(p["op"], "op", tuple(OPS))
        self.want = read.boolean(p["return_indices"], "return_indices")
        if self.want and self.op not in SELECTING:
            raise ValueError(f"return_indices must be False unless op is one of {SELECTING}, got op={self.op!r}")
        self.levels, self.shape = _levels_of(p["levels"]), shape
        self.rank = len(self.levels[0])
        self.name = f"adaptive_{OPS[self.op]}_pool{self.rank}d"
        self.axes = read.fixed_axes(len(shape), self.rank, p["data_format"])
        self.batch = shape[: len(shape) - self.rank - 1]
        read.choice(p["index_layout"], "index_layout", read.INDEX_LAYOUTS)
        read.choice(p["rounding"], "rounding", read.ROUNDINGS)
        names = ["data_format", "num_threads", "nan", "mask"]
        names += ["index_layout"] if self.op in SELECTING else ["rounding"]
        if self.op == "sum":
            names.remove("rounding")
        self.options = {name: p[name] for name in names}
        if self.op in SELECTING and p["index_layout"] == "window":
            raise ValueError('index_layout must not be "window", whose offsets differ from level to level')
        sizes = [prod(self.level_shape(m)[len(self.batch) :]) for m in self.levels]
        self.stops = np.cumsum([0, *sizes]).tolist()
        self.out_shape = (*self.batch, self.stops[-1])

    def level_shape(self, bins, shape=None):
        """The shape of one level's result."""
        found = list(self.shape if shape is None else shape)
        for a, m in zip(self.axes, bins, strict=True):
            found[a] = m
        return tuple(found)

    def part(self, vector, i):
        """A view of one level in a vector of the result's shape."""
        lead = vector.shape[:-1]
        return vector[..., self.stops[i] : self.stops[i + 1]].reshape(
            *lead, *self.level_shape(self.levels[i])[len(self.batch) :]
        )

    def below(self, i):
        """The level from whose bins level i's may be made, or None: where m divides M, M's bins make up m's exactly."""
        finer = [
            j
            for j, bins in enumerate(self.levels)
            if bins != self.levels[i] and all(b % a == 0 for a, b in zip(self.levels[i], bins, strict=True))
        ]
        return min(finer, key=lambda j: prod(self.levels[j]), default=None)


def _there(p, *names):
    """What computes for a call's arrays on a GPU, None on the host; the mask, too, is an array there then."""
    device = engine.device_of(*(p[name] for name in names))
    if device is not None and p["mask"] is not None:
        p["mask"] = as_array(p["mask"], "mask", device)
    return device, np if device is None else device.xp


def _forward(p):
    device, xp = _there(p, "x")
    x = as_array(p["x"], device=device)
    call = _Call(x.shape, p)
    more = {}
    out, out_indices = pair_of(p["out"], PAIR_OF_INDICES, call.want)
    dtype = storage_of(x.dtype).sum_dtype if call.op == "sum" else native(x.dtype)
    inputs = [a for a in (x, p["mask"]) if isinstance(a, xp.ndarray)]
    values = result_array(call.out_shape, dtype, out, inputs, xp=xp)
    indices = None
    if call.want:
        indices = result_array(call.out_shape, np.dtype(np.int64), out_indices, [*inputs, values], "out[1]", xp)
    pool = getattr(functional, call.name)
    if p["empty"] is not None:
        more["empty"] = p["empty"]
    order = sorted(range(len(call.levels)), key=lambda i: -prod(call.levels[i]))
    for i in order:
        target, bins = call.part(values, i), call.levels[i]
        below = None if call.want or more or call.op not in SELECTING else call.below(i)
        if call.want:
            pair = (target, call.part(indices, i))
            pool(x, output_size=bins, return_indices=True, out=pair, **more, **call.options)
        elif below is not None:
            finer, options = call.part(values, below), {name: p[name] for name in ("data_format", "num_threads")}
            if device is None:
                pool(finer, output_size=bins, out=target, **options)
            else:  # where nobody tells that two levels in one vector share no cell
                target[...] = pool(finer, output_size=bins, **options)
        else:
            pool(x, output_size=bins, out=target, **more, **call.options)
    return (values, indices) if call.want else values


def _shape(x, op):
    """The shape of x, or x itself if it is one: a linear operator's gradient needs no more."""
    if op in SELECTING or not isinstance(x, tuple) or not all(isinstance(n, (int, np.integer)) for n in x):
        return None
    return tuple(read.integer(n, "x's shape", 0) for n in x)


def _backward(p):
    shape = _shape(p["x"], p["op"])
    device, xp = _there(p, "grad_output", "x")
    x = as_array(p["x"], device=device) if shape is None else None
    shape = x.shape if shape is None else shape
    call = _Call(shape, p)
    gradient = as_gradient(p["grad_output"], device=device)
    if gradient.shape != call.out_shape:
        raise ValueError(
            f"grad_output must have the shape of the forward's result {call.out_shape}, got {gradient.shape}"
        )
    indices = p["indices"]
    if indices is not None:
        if call.op not in SELECTING:
            raise ValueError(f"indices must be None unless op is one of {SELECTING}, got op={call.op!r}")
        indices = as_array(indices, "indices", device)
        if indices.shape != call.out_shape:
            raise ValueError(
                f"indices must have the shape of the forward's result {call.out_shape}, got {indices.shape}"
            )
    inputs = [a for a in (gradient, x, indices, p["mask"]) if isinstance(a, xp.ndarray)]
    out = result_array(shape, native(gradient.dtype), p["out"], inputs, xp=xp)
    back = getattr(functional, call.name + "_backward")
    # Every level in float64, so that their sum is rounded once; not in out while a level's indices may be refused.
    total = out if out.dtype == np.float64 and indices is None else xp.empty(shape)
    for i, bins in enumerate(call.levels):
        more = {} if indices is None else {"indices": call.part(indices, i)}
        part = call.part(gradient, i).astype(np.float64, copy=False)
        if i == 0:
            back(part, shape if x is None else x, output_size=bins, out=total, **more, **call.options)
        else:
            total += back(part, shape if x is None else x, output_size=bins, **more, **call.options)
    if total is not out:
        out[...] = total
    return out


# ---- public functions ------------------------------------------------------------------------------------------------


# fmt: off
def _spatial_pyramid_pool(x, levels, op="max", return_indices=False, *, data_format="channels_first", out=None,
                          num_threads=None, nan="propagate", mask=None, empty=None, rounding="trunc",
                          index_layout="plane"): ...
# fmt: on

_TEXTS = {
    **docstrings.PARAMETERS,
    "x": "array_like, shape (N, C, H, W) or (C, H, W)\n"
    "Any dtype, any strides; one or three spatial axes if the levels have as many entries.",
    "levels": "sequence of int or of tuple of int\n"
    "Bins of each level along every axis, as (4, 2, 1), or along each, as ((4, 3), (2, 1)).  An int stands for both of two\n"
    "axes.",
    "op": '"max", "min", "mean" or "sum"\nWhat becomes of the cells of a bin.',
    "return_indices": "bool\nReturn where each bin's winner stands, too (max and min).",
    "indices": "array_like of int or None\nWhat the forward returned (max and min); -1 for an empty bin.  Spares the search.",
    "index_layout": '"plane", "global", "global_column_major" or "channels_last"\n'
    "What an index counts: cells of the pooled axes (as PyTorch), of the whole array (as ONNX, row- or\n"
    "column-major), or of pooled axes and channels (as TensorFlow).",
}
_SOURCE = (
    'K. He, X. Zhang, S. Ren, J. Sun, "Spatial pyramid pooling in deep convolutional networks for visual\n'
    '        recognition", IEEE TPAMI 37(9), 2015.'
)
_NOTES = (
    "Bin i of m over n cells is [floor(i n / m), ceil((i+1) n / m)), as in `adaptive_max_pool2d`.  A level's result,\n"
    "``(C, m, m)`` or channels last ``(m, m, C)``, is flattened as it stands, and the levels follow each other in the order\n"
    "given: the vector has ``C * sum(m * m)`` entries, whatever the extent of x.  Maxima that do not need indices read x only\n"
    "once for all levels whose bins divide each other."
)
_EXAMPLE = """
    Examples
    --------
    >>> import numpy as np
    >>> import cypool
    >>> x = np.array([[[1, 3, 2, 0], [4, 2, 8, 5], [7, 0, 1, 1], [2, 6, 3, 9]]], np.float32)
    >>> print(cypool.spatial_pyramid_pool(x, (2, 1)))
    [4. 8. 7. 9. 9.]
"""


def _publish():
    for suffix, run, leading, more in (
        ("", _forward, (), ()),
        ("_backward", _backward, ("grad_output",), ("indices",)),
    ):
        function = bound(run, _spatial_pyramid_pool, leading, more)
        function.__name__ = function.__qualname__ = "spatial_pyramid_pool" + suffix
        function.__module__ = __name__
        values = {
            "bool_note": " (no mean of bool)",
            "empty_default": "what the adaptive operators return",
            "out_type": "numpy.ndarray or None" if suffix else
                        "numpy.ndarray, a pair of them with return_indices=True, or None",
        }  # fmt: skip
        entries = inspect.signature(function).parameters.items()
        function.__doc__ = docstrings.page(
            "Pool to bins of several sizes, and join them to a vector of fixed length."
            if not suffix
            else "Gradient of `spatial_pyramid_pool`.",
            [docstrings.describe(n, parameter, values, _TEXTS) for n, parameter in entries],
            "numpy.ndarray\n    The gradient of x, in grad_output's dtype."
            if suffix
            else "numpy.ndarray or tuple of numpy.ndarray\n"
            "    Of shape (N, bins), or (bins,) without a batch, and its indices if `return_indices`.",
            "The levels' gradients are added in float64." if suffix else _NOTES,
            _SOURCE,
            "" if suffix else _EXAMPLE,
        )
        yield function


# ---- layers ------------------------------------------------------------------------------------------------------------


class _SpatialPyramid(layers.Layer):
    def __init__(self, levels, op="max", *, data_format="channels_first"):
        rank = type(self)._rank
        if read.is_sequence(levels):
            levels = tuple(read.per_axis(one, rank, "levels", 1) for one in levels)
        super().__init__(levels=levels, op=op, data_format=data_format)

    def _forward(self, x):
        select = self.training and self.op in SELECTING
        result = spatial_pyramid_pool(x, return_indices=select, **self._parameters)  # noqa: F821
        values, indices = result if select else (result, None)
        self._kept = (x.shape, indices) if self.training else None
        return values

    def _backward(self, grad_output):
        shape, indices = self._kept
        x = shape if indices is None else layers.stand_in(shape, grad_output)
        return spatial_pyramid_pool_backward(grad_output, x, indices=indices, **self._parameters)  # noqa: F821


globals().update((function.__name__, function) for function in _publish())
globals().update(
    (layer.__name__, layer)
    for layer in (
        layers.new(_SpatialPyramid, f"SpatialPyramidPool{r}d", "spatial_pyramid_pool", r, "Spatial pyramid pooling")
        for r in (1, 2, 3)
    )
)
__all__ = sorted(name for name in globals() if name.startswith(("SpatialPyramid", "spatial_pyramid_pool")))
