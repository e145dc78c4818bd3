"""Rank operators: median, quantile, top-k and mode pooling; forward, and where it exists, the gradient.

What windows are is `engine`'s and `geometry`'s; which ranks of how many cells are wanted is told by the rows of `_OPERATORS`;
the kernels are in ``kernels/ranks.pyx``, their programs in `networks`, and the slow form of the same rules is
`cypool.reference_ranks`.
"""

import functools
import importlib
import inspect
import itertools
from math import prod

import numpy as np

from cypool import config, docstrings, engine, masked, networks
from cypool import parameters as read
from cypool.arrays import as_array, entered, native, result_array, storage_of
from cypool.functional import FORMS, SELECTING, bound, variant
from cypool.geometry import LARGEST
from cypool.kernels import core
from cypool.windows import batch_order

kernels = importlib.import_module(f"cypool.kernels.ranks_{config.ISA}")
kernels.use_rows(importlib.import_module(f"cypool.kernels.rows_{config.ISA}").table)

METHODS = ("linear", "lower", "higher", "nearest", "midpoint")

FEW_COUNTS = 32
"""Programs beside that of the whole window are made for clipped windows if these have at most so many sizes."""


# ---- parameters ------------------------------------------------------------------------------------------------------


def _fraction(value):
    q = read.real(value, "q")
    if not 0 <= q <= 1:
        raise ValueError(f"q must lie in [0, 1], got {value!r}")
    return q


def _median(p, x, windows):
    return {"q": 0.5, "method": "linear"}


def _quantile(p, x, windows):
    return {"q": _fraction(p["q"]), "method": read.choice(p["method"], "method", METHODS)}


def _topk(p, x, windows):
    k = read.integer(p["k"], "k", 1)
    if k > windows.window_taps:
        raise ValueError(f"k must not exceed the window's {windows.window_taps} taps, got {k}")
    return {"k": k}


def _mode(p, x, windows):
    if storage_of(x.dtype).floating:
        raise TypeError(f"x must be bool or an integer, whose majority is well defined, got {x.dtype}")
    if p["background"] is None:
        return {}
    label = p["background"]
    truth = isinstance(label, (bool, np.bool_))
    if truth != (x.dtype == np.bool_) or not (truth or hasattr(label, "__index__")):
        raise TypeError(f"background must be of x's kind {x.dtype}, got {label!r} of type {type(label).__name__}")
    label = int(label)
    least, most = (0, 1) if x.dtype == np.bool_ else (np.iinfo(x.dtype).min, np.iinfo(x.dtype).max)
    if not least <= label <= most:
        raise ValueError(f"background must fit x's dtype {x.dtype}, got {label}")
    return {"aside": True, "label": label}


# operator -> (the kernels' operation, what its own parameters are)
_OPERATORS = {
    "median": ("rank", _median),
    "quantile": ("rank", _quantile),
    "topk": ("top", _topk),
    "mode": ("mode", _mode),
}


# ---- what the kernels take -------------------------------------------------------------------------------------------


def _wanted(n, kind, q, method, k):
    """The ranks of n cells that a result is made of."""
    if kind == "rank":
        low, weight = kernels.terms(n, q, kernels.METHODS[method])
        return (low, low + 1) if weight else (low,)
    return tuple(range(n)) if kind == "mode" else tuple(range(max(n - k, 0), n))


@functools.lru_cache(maxsize=256)
def _programs(counts, *terms):
    return networks.programs(counts, lambda n: _wanted(n, *terms))


NO_PROGRAMS = (np.zeros(0, np.int32), np.zeros(2, np.intp))


def _counts(tables):
    """Numbers of cells that windows have, if they are few; in any case that of whole windows."""
    whole = prod(table.window for table in tables)
    sizes = [set(table.count.tolist()) for table in tables]
    if prod(len(s) for s in sizes) > FEW_COUNTS:
        return frozenset([whole])
    return frozenset([whole, *(prod(s) for s in itertools.product(*sizes))])


class _Call:
    """A call's arrays, windows and terms, on the host or on a device."""

    def __init__(self, operator, p, device):
        self.device = device
        self.x = x = as_array(p["x"], device=device)
        p["shape"] = x.shape
        self.windows = engine.RESOLVE[operator.kind](operator, x.shape, p)
        self.threads = read.threads_of(p["num_threads"])
        self.kind, own = _OPERATORS[operator.op]
        self.terms = {"q": 0.0, "method": "linear", "k": 1, "aside": False, "label": 0} | own(p, x, self.windows)
        self.ignore = "nan" in p and read.choice(p["nan"], "nan", read.NAN_POLICIES) == "ignore"
        self.dtype = native(x.dtype)
        if self.kind != "mode" and not storage_of(x.dtype).floating:
            self.dtype = np.dtype(np.float64)
        self.spoilt = None  # valid cells whose NaN spoils their windows, if a mask needs NaN for those that are not
        if device is not None:  # whose kernels know masks and boundaries
            self.windows = engine.there(self.windows, p, device)
            self.valid = None if p.get("mask") is None else masked.as_mask(p["mask"], x.shape, device)
            return
        if p.get("mask") is not None:
            x, spoilt = masked.without(x, masked.validity(x, p["mask"], "propagate"))
            self.spoilt, self.ignore = None if self.ignore else spoilt, True
        self.cells = extended(x, self.windows)

    def tables(self):
        return [(table.n_in, table.step, *table.expand()) for table in self.windows.tables]

    def programs(self):
        terms = (self.terms[name] for name in ("q", "method", "k"))
        return _programs(_counts(self.windows.tables), self.kind, *terms)

    def kernel_terms(self, empty):
        last, t = self.windows.tables[-1], self.terms
        lo, hi = (last.lo, last.hi) if last.period == 1 else (0, 0)
        return (
            *(lo, hi, last.advance, t["q"], kernels.METHODS[t["method"]], min(t["k"], LARGEST), self.ignore),
            *(t["aside"], t["label"] % 2**64),
            *((0.0, empty % 2**64) if self.kind == "mode" else (empty, 0)),
        )

    def moved(self):
        """Bytes that windows read, for the number of threads."""
        return float(prod(self.windows.out_shape)) * self.windows.taps * self.x.itemsize

    def forward(self, out, empty):
        batch, lanes = batch_order(self.cells, self.windows)
        order = (*batch, *self.windows.axes)
        kernels.forward(
            kernels.OPS[self.kind],
            entered(self.cells, order),
            entered(out, order),
            tuple(self.cells.shape[a] for a in batch),
            lanes,
            self.tables(),
            self.kernel_terms(empty),
            self.programs(),
            core.threads_for(self.moved(), self.threads),
        )

    def backward(self, gradient, out):
        batch, lanes = batch_order(self.cells, self.windows)
        order = (*batch, *self.windows.axes)
        kernels.backward(
            kernels.OPS[self.kind],
            entered(gradient, order),
            entered(self.cells, order),
            entered(out, order),
            tuple(self.cells.shape[a] for a in batch),
            lanes,
            self.tables(),
            self.kernel_terms(0.0),
            self.programs(),
            core.threads_for(self.moved(), self.threads),
        )


def extended(x, windows):
    """The cells that windows see: x, or under a boundary mode what its positions see, written out."""
    for axis, table in zip(windows.axes, windows.tables, strict=True):
        if table.source is not None:
            x = np.take(x, table.source, axis)
    if windows.taps > LARGEST // (64 * 1024):
        raise MemoryError(f"no memory for windows of {windows.taps} cells")
    return x


def _forward(operator, p, device=None):
    call = _Call(operator, p, device or engine.device_of(p["x"]))
    out = result_array(call.windows.out_shape, call.dtype, p["out"], engine.inputs_of(p, call.x), xp=call.windows.xp)
    if p["empty"] is not None:
        empty = engine.empty_value(p["empty"], call.dtype).item()
    else:
        empty = 0 if call.kind == "mode" else float("nan")
    empty = int(empty) if call.kind == "mode" else float(empty)
    if call.device is not None:
        _on_device(call).forward(out, empty)
    elif out.size:
        call.forward(out, empty)
        if call.spoilt is not None:
            np.copyto(out, np.nan, where=masked.touched(call.windows, call.spoilt, call.threads))
    return out


def _backward(operator, p, device=None):
    call = _Call(operator, p, device or engine.device_of(p["grad_output"], p["x"]))
    gradient = engine.gradient_of(operator, p, p["grad_output"], call.windows, device=call.device)
    inputs = engine.inputs_of(p, gradient, call.x)
    out = result_array(call.x.shape, native(gradient.dtype), p["out"], inputs, xp=call.windows.xp)
    if not out.size or not gradient.size:
        out[...] = 0
    elif call.device is not None:
        _on_device(call).backward(gradient, out)
    elif call.spoilt is not None:
        _give(call, np.where(masked.touched(call.windows, call.spoilt, call.threads), 0, gradient), out)
        call.cells, call.ignore = extended(np.where(call.spoilt, np.nan, np.float32(0)), call.windows), False
        last = np.empty_like(out)
        _give(call, np.where(masked.touched(call.windows, call.spoilt, call.threads), gradient, 0), last)
        out += last
    else:
        _give(call, gradient, out)
    return out


def _give(call, gradient, out):
    """The gradient of x by the kernel, under a boundary mode collected from the positions."""
    if not call.windows.has_boundary:
        call.backward(gradient, out)
        return
    positions = np.empty(call.windows.extended_shape, np.float64)
    call.backward(gradient, positions)
    out[...] = call.windows.collapse(positions)


def _on_device(call):
    from cypool.cuda.ranks import Device

    return Device(call, METHODS)


# ---- public functions ------------------------------------------------------------------------------------------------

# An operator's own parameters.
_OWN = {
    "median": {},
    "quantile": {"q": inspect.Parameter.empty, "method": "linear"},
    "topk": {"k": inspect.Parameter.empty},
    "mode": {"background": None},
}


def _signature(operator):
    without = ("return_indices", "index_layout", *(("nan", "mask") if operator.op == "mode" else ()))
    return variant(SELECTING["windowed"], operator.rank, own=_OWN[operator.op], without=without)


_TEXTS = {
    **docstrings.PARAMETERS,
    "q": "float\nThe quantile, in [0, 1]: 0 is the least cell, 0.5 the median, 1 the largest.",
    "method": '"linear", "lower", "higher", "nearest" or "midpoint"\n'
    "What lies between two cells, as in `numpy.quantile`.",
    "k": "int\nHow many of the largest cells are averaged, at least 1; of a clipped window with fewer cells all.",
    "background": "int or None\nA label that wins only where the window holds no other.",
}
_WORDS = {
    "median": "Median",
    "quantile": "Quantile",
    "topk": "Mean of the k largest cells",
    "mode": "Most frequent label",
}
_ORDER = (
    "Cells outside the input never count: windows are clipped.  A NaN spoils its windows unless\n"
    'nan="ignore", as in `numpy.nanmedian`.  The result has the same bits for all threads, strides and layouts.'
)
_RULES = {
    "median": "The middle cell in ascending order; of an even number the mean of both middle ones, in float64, rounded once.\n"
    "Integers give float64.",
    "quantile": "Of n cells in ascending order, counted from 0, cell ``q (n - 1)``.  Between cells i and i + 1, at i + t:\n"
    "``(1 - t) x_i + t x_(i+1)`` (linear, in float64, rounded once), x_i (lower), x_(i+1) (higher), the nearer one, of equally\n"
    "near ones the one of even rank (nearest), their mean (midpoint).  Integers give float64.",
    "topk": "The k largest cells of each window are added up in float64, the largest first, divided by k and rounded once.\n"
    "k = 1 is the maximum, k as large as the window its mean.  Integers give float64.",
    "mode": "The label that most cells of a window have; of equally frequent ones the smallest.  Labels of all integer dtypes\n"
    "are compared exactly; the result has x's dtype.  Cells outside the input never count: windows are clipped.",
}
_GIVES = {
    "rank": "Each window's gradient goes to the cell that it chose, or to two by their weights; equal cells have their ranks in\n"
    "row-major order.",
    "top": "Each of the k largest cells gets the k-th part of its window's gradient; of equal cells the first in row-major\n"
    "order are chosen.",
}
_SOURCES = {
    "median": 'J. W. Tukey, "Exploratory data analysis", 1977: the running median; `numpy.median`.',
    "quantile": 'R. J. Hyndman, Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996); linear\n'
    "       is their definition 7; `numpy.quantile`.",
    "topk": 'N. Kalchbrenner, E. Grefenstette, P. Blunsom, "A convolutional neural network for modelling sentences", ACL 2014:\n'
    "       k-max pooling, of which this is the mean.",
    "mode": 'W. Silversmith, "Countless: high performance 2x downsampling of labeled images", 2017: downsampling of\n'
    "       segmentations by majority.",
}
_RESULTS = {
    "median": ("x, 2", "[[2.5 3.5]\n     [4.  2. ]]"),
    "quantile": ("x, 2, q=0.75", "[[3.25 5.75]\n     [6.25 4.5 ]]"),
    "topk": ("x, 2, k=2", "[[3.5 6.5]\n     [6.5 6. ]]"),
    "mode": ("[[7, 7, 1, 2], [9, 7, 2, 3]], 2", "[[7 2]]"),
}


def _document(operator, name, suffix, signature):
    kind, word = _OPERATORS[operator.op][0], _WORDS[operator.op]
    values = {
        "shape": docstrings.SHAPES[operator.rank],
        "bool_note": "",
        "axes_default": docstrings.axes_default(operator),
        "empty_default": "0" if kind == "mode" else "NaN",
        "out_type": "numpy.ndarray or None",
    }
    texts = _TEXTS
    if kind == "mode":
        integers = texts["x"].replace("bool, any integer, float16, bfloat16, float32 or float64", "bool or any integer")
        texts = {
            **texts,
            "x": integers,
            "padding": texts["padding"].replace("They are", "They count for nothing: they are"),
        }
    example = ""
    if operator.rank is None and not suffix:
        call, result = _RESULTS[operator.op]
        cells = "" if kind == "mode" else f"    {docstrings.EXAMPLE}\n"
        example = (
            f"\n    Examples\n    --------\n    >>> import numpy as np\n    >>> import cypool\n{cells}"
            f"    >>> print(cypool.{name}({call}))\n    {result}\n"
        )
    returns = {
        "": "numpy.ndarray\n    The result, in x's dtype"
        + ("." if kind == "mode" else " if that is floating, else float64."),
        "_backward": "numpy.ndarray\n    The gradient of x, in grad_output's dtype.",
    }[suffix]
    summary = f"Gradient of `{name}`." if suffix else f"{word} of each window of {docstrings.WHERE[operator.rank]}."
    notes = _RULES[operator.op] if kind == "mode" else f"{_RULES[operator.op]}\n{_ORDER}"
    if suffix:
        notes = f"{_GIVES[kind]}\nThe gradient of a window that is NaN goes to its last NaN."
    return docstrings.page(
        summary,
        [docstrings.describe(n, p, values, texts) for n, p in signature.parameters.items()],
        returns,
        notes,
        _SOURCES[operator.op],
        example,
    )


def _publish():
    for op, (kind, _) in _OPERATORS.items():
        for pattern, (windows, rank) in FORMS.items():
            if windows != "windowed":
                continue
            operator = engine.Operator(op, windows, rank)
            name = pattern.format(op=op)
            for suffix, run, leading in (("", _forward, ()), ("_backward", _backward, ("grad_output",))):
                if suffix and kind == "mode":
                    continue
                function = bound(functools.partial(run, operator), _signature(operator), leading)
                function.__name__ = function.__qualname__ = name + suffix
                function.__module__ = __name__
                function.__doc__ = _document(operator, name, suffix, function.__signature__)
                yield function


globals().update((function.__name__, function) for function in _publish())
__all__ = sorted(name for name in globals() if "_pool" in name and not name.startswith("_"))
