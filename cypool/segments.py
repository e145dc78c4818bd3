"""Pooling of sequences: ragged rows one behind the other, and padded ones under a mask.

`segment_pool` reduces runs of an axis, of given lengths; `sequence_pool` a whole axis, of which a mask tells what counts.
Both are windows that partition an axis, so sums, means, maxima and minima are `engine`'s.  Made here, by algebra: the first
and last cells (positions), the logarithm of the sum of exponentials, and the sum over the root of the number of cells.
"""

import functools
import inspect

import numpy as np

from cypool import blocks, docstrings, elementary, engine, geometry, windows
from cypool import parameters as read
from cypool.arrays import (
    PAIR_OF_INDICES,
    PAIR_OF_WEIGHTS,
    as_array,
    fetched,
    native,
    on_gpu,
    pair_of,
    result_array,
    storage_of,
)
from cypool.functional import bound
from cypool.kernels.core import CODES

OPS = ("sum", "mean", "max", "min", "first", "last", "lse", "sqrtn")
ENGINE = {"sum": "sum", "mean": "avg", "max": "max", "min": "min"}
INDEXED, WEIGHED = ("max", "min", "first", "last"), ("sum", "mean", "sqrtn")


# ---- windows -------------------------------------------------------------------------------------------------------


class _Runs(windows.Windows):
    """Windows of a call's own lengths."""

    __slots__ = ()
    lasting = False


def _segments(operator, shape, p):
    """Windows that are runs of one axis."""
    (axis,) = read.axes_of(read.integer(p["axis"], "axis"), len(shape), "axis")
    lengths = as_array(p["lengths"], "lengths")
    if lengths.dtype.kind not in "iu" and lengths.size:
        raise TypeError(f"lengths must be integers, got {lengths.dtype}")
    if lengths.ndim != 1:
        raise ValueError(f"lengths must have one axis, got shape {lengths.shape}")
    given = [int(n) for n in lengths.tolist()]
    if any(n < 0 for n in given) or sum(given) != shape[axis]:
        raise ValueError(
            f"lengths must be at least 0 and add up to the extent {shape[axis]} of axis {axis}, got a sum of {sum(given)}"
            f" and a least of {min(given, default=0)}"
        )
    count = np.array(given, np.intp)
    return _Runs(shape, (axis,), (geometry.irregular(shape[axis], np.cumsum(count) - count, count),))


engine.RESOLVE["segment"] = _segments


def _device_of(p, *arrays):
    """What computes for a call's arrays, None for the host; lengths that lie there are waited for, and fetched."""
    device = engine.device_of(*arrays)
    if device is not None and on_gpu(p.get("lengths")):
        p["lengths"] = fetched(device.as_array(p["lengths"], "lengths"))
    return device


class _Call:
    """A call's windows and cells, for what is made here; `cypool.cuda.segments` has another one for arrays on a GPU."""

    def __init__(self, kind, p, device=None):
        self.op, self.x = p["op"], as_array(p["x"], device=device)
        p["shape"] = self.x.shape
        self.operator = engine.Operator("sum", kind, None)
        self.windows = found = engine.there(engine.RESOLVE[kind](self.operator, self.x.shape, p), p, device)
        self.xp = found.xp
        (self.axis,), (table,) = found.axes, found.tables
        first, count = table.expand()
        self.first, self.last = np.where(count > 0, first, -1), np.where(count > 0, first + count - 1, -1)
        self.threads = read.threads_of(p["num_threads"])
        nan = read.choice(p["nan"], "nan", read.NAN_POLICIES)
        self.valid = found.masked.validity(self.x, p["mask"], nan, found)
        self.weights = None if p["weights"] is None else found.masked.as_weights(p["weights"], self.x, found)
        self.dtype = native(self.x.dtype)
        if self.op in ("lse", "sqrtn") and not storage_of(self.x.dtype).floating:
            self.dtype = np.dtype(np.float64)

    def positions(self):
        """Where the first or last valid cell of every window stands, -1 if it has none."""
        xp, found, shape = self.xp, self.windows, [1] * self.x.ndim
        shape[self.axis] = -1
        if self.valid is None:
            ends = (self.first if self.op == "first" else self.last).astype(np.int64).reshape(shape)
            return xp.array(xp.broadcast_to(xp.asarray(ends), found.out_shape))
        where = xp.broadcast_to(xp.arange(self.x.shape[self.axis], dtype=np.int64).reshape(shape), self.x.shape)
        values, positions = xp.empty(found.out_shape, where.dtype), xp.empty(found.out_shape, np.int64)
        op = "min" if self.op == "first" else "max"
        found.masked.select_into(found, op, where, self.valid, values, positions, CODES["plane"], None, self.threads)
        return positions

    def total(self, numbers):
        out = np.empty(self.windows.out_shape, np.float64)
        self.windows.total(np.broadcast_to(numbers, self.x.shape), out, num_threads=self.threads)
        return out

    @functools.cached_property
    def holder(self):
        """The window of every cell."""
        (table,) = self.windows.tables
        return np.repeat(np.arange(table.n_out), table.expand()[1])

    def spread(self, values):
        """Each window's value in all its cells."""
        return np.take(values, self.holder, axis=self.axis)

    def exp(self, numbers):
        elementary.run("exp_f64", (numbers,), (numbers,), threads=self.threads)

    def cells(self):
        """x in float64, its invalid cells as -inf (lse) or 0."""
        numbers = self.x.astype(np.float64)
        if self.valid is not None:
            numbers[~self.valid] = -np.inf if self.op == "lse" else 0
        return numbers

    def parts(self):
        """Runs of segments of some planes, each of about `blocks.CELLS` cells: where its cells stand, its windows, and itself."""
        others = tuple(a for a in range(self.x.ndim) if a != self.axis)
        table = self.windows.tables[0]
        _, count = table.expand()
        ends = np.cumsum(count)
        for where in blocks.blocks(self.x.transpose(*others, self.axis), 1) if self.x.size else ():
            width = max(self.x.transpose(*others, self.axis)[where].size // self.x.shape[self.axis], 1)
            first = begin = 0
            while first < table.n_out:
                last = max(int(np.searchsorted(ends, begin + blocks.CELLS // width, "right")), first + 1)
                end = int(ends[last - 1])
                run, cells = slice(first, last), slice(begin, end)
                at, to = ((*where[: self.axis], one, *where[self.axis :]) for one in (cells, run))
                yield at, to, _Part(self, at, count[run], self.holder[cells] - first)
                first, begin = last, end

    def lse(self, out):
        out[...] = -np.inf  # where there are no cells at all
        for _, to, part in self.parts():
            out[to] = part.lse()[0]

    def lse_gradient(self, gradient, out):
        """Each cell's share of its segment times the segment's gradient."""
        for at, to, part in self.parts():
            value, numbers = part.lse()
            most = part.spread(value)
            np.subtract(part.cells(), most, out=numbers)
            part.exp(numbers)
            numbers *= part.spread(gradient[to])
            numbers[most == -np.inf] = 0
            out[at] = numbers

    def sqrtn(self):
        """The weighted sum over the root of the weights' squares' sum; that root; and the weights (None: all 1)."""
        weights, numbers = None, self.cells()
        if self.weights is None and self.valid is None:
            squares = np.broadcast_to(self.windows.product("count"), self.windows.out_shape)
        else:
            weights = np.float64(1) if self.weights is None else self.weights.astype(np.float64)
            weights = np.broadcast_to(
                weights if self.valid is None else np.where(self.valid, weights, 0.0), self.x.shape
            )
            squares = self.total(weights * weights)
            numbers *= weights
        root = np.sqrt(np.where(squares == 0, 1.0, squares))
        return self.total(numbers) / root, root, weights

    def empties(self):
        """Windows without a valid cell."""
        return self.windows.masked.WeightedSum(self.windows, self.valid, None, None, self.threads).empties()

    def into(self, out, empty):
        """The values of lse or sqrtn, `empty` (if it is not None) where there is no valid cell."""
        with np.errstate(all="ignore"):
            if self.op == "lse":
                self.lse(out)
            else:
                out[...] = self.sqrtn()[0]
        if empty is not None:
            np.copyto(out, empty, where=self.empties())

    def gradients_into(self, gradient, out):
        """The gradient of x into an array; that of the weights of all cells, in float64, None without weights."""
        gradient = gradient.astype(np.float64)
        with np.errstate(all="ignore"):
            if self.op == "lse":
                self.lse_gradient(gradient, out)
                return None
            value, root, weights = self.sqrtn()
            shared = self.spread(gradient / root)
            out[...] = shared if weights is None else shared * weights
            if self.weights is None:
                return None
            by_weights = shared * (self.cells() - self.spread(value / root) * weights)
            return by_weights if self.valid is None else np.where(self.valid, by_weights, 0.0)


class _Part(_Call):
    """Some segments of some planes, for what would need whole arrays in float64."""

    def __init__(self, call, at, count, holder):
        self.op, self.axis, self.threads, self.xp = call.op, call.axis, call.threads, np
        self.holder = holder
        self.x, self.valid = call.x[at], None if call.valid is None else call.valid[at]
        table = geometry.irregular(self.x.shape[call.axis], np.cumsum(count) - count, count)
        self.windows = windows.Windows(self.x.shape, (call.axis,), (table,))

    def lse(self):
        """The logarithms, and memory of the cells' shape."""
        numbers = self.cells()
        most = np.empty(self.windows.out_shape)
        self.windows.select("max", numbers, most, None, None, self.threads)
        shift = np.where(np.isfinite(most), most, 0.0)
        numbers -= self.spread(shift)
        self.exp(numbers)
        return elementary.log(self.total(numbers)) + shift, numbers


# ---- forward and backward -------------------------------------------------------------------------------------------


def _prepared(p):
    """Check what the operations have in common."""
    op = read.choice(p["op"], "op", OPS)
    want = read.boolean(p["return_indices"], "return_indices")
    if want and op not in INDEXED:
        raise ValueError(f"return_indices must be False unless op is one of {INDEXED}, got op={op!r}")
    if p["weights"] is not None and op not in WEIGHED:
        raise ValueError(f"weights must be None unless op is one of {WEIGHED}, got op={op!r}")
    if "rounding" in p:
        read.choice(p["rounding"], "rounding", read.ROUNDINGS)
    if "index_layout" in p:
        read.choice(p["index_layout"], "index_layout", read.INDEX_LAYOUTS)
    return op, want


def _call(kind, p, device):
    if device is None:
        return _Call(kind, p)
    from cypool.cuda import segments

    return segments.Call(kind, p, device)


def _forward(kind, p):
    op, want = _prepared(p)
    device = _device_of(p, p["x"])
    if op in ENGINE:
        return engine.forward(engine.Operator(ENGINE[op], kind, None), p, device)
    call = _call(kind, p, device)
    found = call.windows
    out, out_indices = pair_of(p["out"], PAIR_OF_INDICES, want)
    given = engine.expanded_out(call.operator, p, out, found.axes)
    inputs = engine.inputs_of(p, call.x, call.weights)
    values = result_array(found.out_shape, call.dtype, given, inputs, xp=found.xp)
    empty = None if p["empty"] is None else engine.empty_value(p["empty"], call.dtype)
    if op in ("first", "last"):
        layout = read.choice(p["index_layout"], "index_layout", read.INDEX_LAYOUTS)
        if layout == "window":
            raise ValueError(f'index_layout must not be "window" for the op {op!r}, which needs no index')
        if want:
            given = engine.expanded_out(call.operator, p, out_indices, found.axes)
            final = result_array(found.out_shape, np.dtype(np.int64), given, [*inputs, values], "out[1]", found.xp)
        positions = call.positions()
        found.gather(call.x, positions, CODES["plane"], values, call.threads)
        if empty is not None:
            found.fill(values, positions < 0, empty)
    else:
        call.into(values, empty)
    result = engine.handed(call.operator, p, values, out, found.axes)
    if not want:
        return result
    final[...] = windows.to_layout(found, positions, layout)
    return result, engine.handed(call.operator, p, final, out_indices, found.axes)


def _backward(kind, p):
    op, _ = _prepared(p)
    if p["indices"] is not None and op not in ("max", "min"):
        raise ValueError(f"indices must be None unless op is max or min, got op={op!r}")
    device = _device_of(p, p["grad_output"], p["x"])
    if op in ENGINE:
        return engine.backward(engine.Operator(ENGINE[op], kind, None), p, p["grad_output"], p["indices"], device)
    call = _call(kind, p, device)
    gradient = engine.gradient_of(call.operator, p, p["grad_output"], call.windows, device=device)
    dtype = native(gradient.dtype)
    out, out_weights = pair_of(p["out"], PAIR_OF_WEIGHTS, call.weights is not None)
    inputs = engine.inputs_of(p, gradient, call.x, call.weights)
    out = result_array(call.x.shape, dtype, out, inputs, xp=call.xp)
    if call.weights is not None:
        out_weights = result_array(np.shape(p["weights"]), dtype, out_weights, [*inputs, out], "out[1]", call.xp)
    if op in ("first", "last"):
        call.windows.scatter(gradient, call.positions(), CODES["plane"], out, call.threads)
        return out
    by_weights = call.gradients_into(gradient, out)
    if call.weights is None:
        return out
    engine.put_sum(by_weights, out_weights)
    return out, out_weights


def _like_x(array, name, ndim, axis, device):
    """A mask or weights for the axes up to the pooled one, as (N, T), made to broadcast against x."""
    if array is None:
        return None
    array = as_array(array, name, device)
    return array.reshape(*array.shape, *[1] * (ndim - 1 - axis)) if array.ndim == axis + 1 < ndim else array


def _whole_axis(run, p):
    """`sequence_pool` in the engine's terms: global pooling over one axis."""
    device = engine.device_of(p.get("grad_output"), p["x"])
    ndim = len(p["x"]) if isinstance(p["x"], tuple) else as_array(p["x"], device=device).ndim
    (axis,) = read.axes_of(read.integer(p["axis"], "axis"), ndim, "axis")
    given = p["weights"]
    p.update(axes=(axis,), keepdims=False, data_format="channels_first", index_layout="plane")
    p.update(mask=_like_x(p["mask"], "mask", ndim, axis, device))
    p.update(weights=_like_x(given, "weights", ndim, axis, device))
    result = run("global", p)
    if "grad_output" in p and given is not None:
        return result[0], result[1].reshape(np.shape(given))
    return result


# ---- public functions ------------------------------------------------------------------------------------------------


# fmt: off
def _segment_pool(x, lengths, op="sum", return_indices=False, *, axis=0, out=None, num_threads=None, nan="propagate",
                  mask=None, weights=None, empty=None, rounding="trunc", index_layout="plane"): ...


def _sequence_pool(x, mask=None, op="mean", return_indices=False, *, axis=-2, out=None, num_threads=None, nan="propagate",
                   weights=None, empty=None, rounding="trunc"): ...
# fmt: on


_TEXTS = {
    **docstrings.PARAMETERS,
    "x": docstrings.PARAMETERS["x"].partition("  With\n")[0],  # there is no data_format
    "lengths": "array_like of int, shape (M,)\n"
    "Cells of each segment along `axis`; they add up to its extent.  0 is an empty segment.",
    "op": '"sum", "mean", "max", "min", "first", "last", "lse" or "sqrtn"\n'
    "What becomes of the cells: lse is the logarithm of the sum of exponentials, sqrtn the sum over the root of the\n"
    "number of cells (with weights w: the weighted sum over the root of the sum of w**2).",
    "return_indices": "bool\nReturn each winner's position along `axis` too (max, min, first and last).",
    "axis": "int\nThe axis of the sequence.",
    "weights": "array_like or None\nWhat each cell weighs (sum, mean and sqrtn of floating x); broadcast to x's shape.",
    "indices": "array_like of int or None\nWhat the forward returned (max and min).  Spares the search.",
}
_MASK = "array_like of bool or None\nTrue where a cell counts: of shape (N, T), or broadcast to x's shape."
_NOTES = (
    "Without a valid cell, a sum, a sqrtn, a first and a last are 0, a mean NaN (integers 0), a maximum the dtype's lowest, a\n"
    "minimum its highest value, and lse -inf; `empty` replaces any of these.  Sums and means as in `sum_pool` and `avg_pool`;\n"
    "lse and sqrtn are computed in float64.  A mean with the weights 1, 2, 3, ... is the position-weighted one."
)
_SUMMARIES = {
    "segment_pool": "Pool ragged rows that lie one behind the other along an axis.",
    "sequence_pool": "Pool whole sequences, padded and masked, to one vector each.",
}
_SOURCES = {
    "segment_pool": "PyTorch, ``torch.segment_reduce``; TensorFlow, ``tf.math.segment_sum`` and its kin.",
    "sequence_pool": 'N. Reimers, I. Gurevych, "Sentence-BERT", EMNLP 2019; TensorFlow, ``tf.nn.embedding_lookup_sparse`` (sqrtn).',
}
_EXAMPLES = {
    "segment_pool": (
        "x = np.array([[1.0, 5], [3, 2], [4, 4], [0, 9]])",
        'cypool.segment_pool(x, [2, 0, 2], "max").tolist()',
        "[[3.0, 5.0], [-inf, -inf], [4.0, 9.0]]",
    ),
    "sequence_pool": (
        "x = np.array([[[1.0, 5], [3, 2], [4, 4]]])",
        "cypool.sequence_pool(x, np.array([[True, True, False]])).tolist()",
        "[[2.0, 3.5]]",
    ),
}


def _document(name, suffix, function):
    values = {
        "shape": "(..., T, ...)",
        "bool_note": " (no mean of bool)",
        "empty_default": "what the notes say",
        "out_type": "numpy.ndarray, a pair of them for two results, or None",
    }
    texts = {**_TEXTS, "mask": _MASK} if name == "sequence_pool" else _TEXTS
    summary = _SUMMARIES[name] if not suffix else f"Gradient of `{name}`."
    returns = (
        "numpy.ndarray or tuple of numpy.ndarray\n"
        "    The gradient of x, in grad_output's dtype; with `weights` a pair, the second the gradient of the weights."
        if suffix
        else "numpy.ndarray or tuple of numpy.ndarray\n    x with "
        + ("M segments in place of `axis`" if name == "segment_pool" else "`axis` taken away")
        + ", and the indices if `return_indices`."
    )
    lines = ("import numpy as np", "import cypool", *_EXAMPLES[name][:2])
    example = (
        "\n    Examples\n    --------\n"
        + "".join(f"    >>> {line}\n" for line in lines)
        + f"    {_EXAMPLES[name][2]}\n"
    )
    entries = [docstrings.describe(n, p, values, texts) for n, p in inspect.signature(function).parameters.items()]
    return docstrings.page(summary, entries, returns, _NOTES, _SOURCES[name], "" if suffix else example)


def _publish():
    rows = (
        ("segment_pool", _segment_pool, lambda run: functools.partial(run, "segment")),
        ("sequence_pool", _sequence_pool, lambda run: functools.partial(_whole_axis, run)),
    )
    for name, signature, enter in rows:
        for suffix, run, leading, more in (
            ("", _forward, (), ()),
            ("_backward", _backward, ("grad_output",), ("indices",)),
        ):
            function = bound(enter(run), signature, leading, more)
            function.__name__ = function.__qualname__ = name + suffix
            function.__module__ = __name__
            function.__doc__ = _document(name, suffix, function)
            yield function


globals().update((function.__name__, function) for function in _publish())
__all__ = sorted(name for name in globals() if name.startswith(("segment_pool", "sequence_pool")))
