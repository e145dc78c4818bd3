"""Stochastic pooling: windows that choose one of their cells by chance, and what they choose on average; with layers.

A window's cell counts as a = max(x, 0) and is chosen with probability a / S(a).  Random numbers are counter-based: that of
a window is a function of the call's key and of the window's number alone, so a draw is the same for every number of threads,
instruction set and order of memory, and a seed tells it again.  A draw is a selection: its gradient is the scatter of all
selections, by indices.  The kernels are in ``kernels/drawn.pxi``, the slow form of the same rules is
`cypool.reference_stochastic`.
"""

import functools
from math import prod

import numpy as np

from cypool import algebra, engine, forms, layers, masked, windows
from cypool import parameters as read
from cypool.arrays import PAIR_OF_INDICES, as_array, entered, native, pair_of, result_array, smallest, storage_of
from cypool.kernels import core
from cypool.kernels.core import CODES
from cypool.ranks import NO_PROGRAMS, extended, kernels
from cypool.windows import batch_order


class _Call:
    """A call's arrays, windows and terms."""

    def __init__(self, operator, p, device=None):
        self.device = device = device or engine.device_of(p["x"], p.get("grad_output"))
        self.operator, self.x = operator, as_array(p["x"], device=device)
        p["shape"] = self.x.shape
        self.windows = engine.there(engine.RESOLVE[operator.kind](operator, self.x.shape, p), p, device)
        self.threads = read.threads_of(p["num_threads"])
        nan = read.choice(p["nan"], "nan", read.NAN_POLICIES)
        self.valid = self.windows.masked.validity(self.x, p["mask"], nan, self.windows)
        self.training = read.boolean(p["training"], "training")
        self.layout = read.choice(p["index_layout"], "index_layout", read.INDEX_LAYOUTS)
        floating = storage_of(self.x.dtype).floating
        self.dtype = native(self.x.dtype) if self.training or floating else np.dtype(np.float64)
        if p["rng"] is not None and not isinstance(p["rng"], np.random.Generator):
            read.integer(p["rng"], "rng", 0)
        self.empty = smallest(self.dtype, "max")
        if p["empty"] is not None:
            self.empty = engine.empty_value(p["empty"], self.dtype)
        if device is not None:  # whose kernels know masks and boundaries
            return
        # what is no cell has no share, and is larger than none
        x = self.x if self.valid is None else np.where(self.valid, self.x, smallest(self.x.dtype, "max"))
        self.cells = extended(x, self.windows)

    @property
    def context(self):
        """The call as `engine` takes it."""
        return engine.Context(self.x, self.windows, self.valid, self.threads, self.device)

    def threads_for(self):
        """How many threads the windows are worth."""
        moved = float(prod(self.windows.out_shape)) * self.windows.taps * self.x.itemsize
        return core.threads_for(moved, self.threads)

    @algebra.quiet
    def pool(self, values, indices, kind, key):
        """Fill values, and indices unless None; key is None for what is chosen on average."""
        if self.device is not None:
            _on_device().pool(self, values, indices, kind, key)
            return
        if values.size:
            self._pool(values, indices, kind, key)
        nothing = self.windows.empties()
        if self.valid is not None:
            # without a positive cell maximum pooling decides, which knows invalid cells from lowest ones
            low = values <= 0
            kind = CODES["plane"] if kind is None else kind
            found, places = masked.select(self.windows, "max", self.x, self.valid, kind, self.threads)
            np.copyto(values, found, where=low)
            if indices is not None:
                np.copyto(indices, places, where=low)
            nothing = places == masked.empty_mark(kind)
        if nothing is not None:
            np.copyto(values, self.empty, where=np.broadcast_to(nothing, values.shape))

    def _pool(self, values, indices, kind, key):
        found = self.windows
        batch, lanes = batch_order(self.cells, found)
        order = (*batch, *found.axes)
        tables, taps, apart = _written_out(found)
        in_window = kind is not None and kind != CODES["plane"]
        kernels.drawn(
            entered(self.cells, order),
            entered(values, order),
            None if indices is None else indices.transpose(order),
            tuple(self.cells.shape[a] for a in batch),
            lanes,
            *tables,
            tuple(apart[a] for a in order),
            (*taps, in_window),
            key,
            self.threads_for(),
        )
        if indices is not None and not in_window and found.has_boundary:
            indices[...] = _seen(found, indices)

    def drawn(self, key):
        """Indices of a draw in a layout that every gradient takes, and this layout."""
        xp, kind = self.windows.xp, self.windows.own_kind()
        layout = "plane" if kind == CODES["plane"] else "window"
        indices = xp.empty(self.windows.out_shape, windows.INDEX_DTYPES[kind])
        self.pool(xp.empty(indices.shape, self.dtype), indices, kind, key)
        return indices, layout

    @algebra.quiet
    def average_gradient(self, gradient, out):
        """The gradient of what is chosen on average, all of it written to out."""
        if self.device is not None:
            _on_device().give(self, gradient, out)
            return
        low = places = None
        if self.valid is not None:
            y = np.empty(self.windows.out_shape)
            self._pool(y, None, None, None)
            low = y <= 0
            kind = CODES["plane"]
            places = masked.select(self.windows, "max", self.x, self.valid, kind, self.threads)[1]
        plain = low is None and not self.windows.has_boundary
        target = out if plain else np.empty(self.windows.extended_shape)
        order = (*self.windows.batch_axes, *self.windows.axes)
        kernels.backward(
            kernels.OPS["expected"],
            entered(gradient if low is None else np.where(low, gradient.dtype.type(0), gradient), order),
            entered(self.cells, order),
            entered(target, order),
            tuple(self.cells.shape[a] for a in self.windows.batch_axes),
            False,
            *_written_out(self.windows)[0],
            self.threads_for(),
        )
        if plain:
            return
        target = self.windows.collapse(target)
        if low is not None:
            rest = np.empty(self.x.shape)
            self.windows.scatter(np.where(low, gradient, 0.0).astype(float), places, kind, rest, self.threads)
            target = target + rest
        out[...] = target


def numbers(found):
    """How far windows' numbers lie apart along each axis."""
    apart = {}
    for a in reversed((*found.batch_axes, *found.axes)):
        apart[a] = prod(found.out_shape[b] for b in apart)
    return apart


def _on_device():
    from cypool.cuda import drawn

    return drawn


@functools.lru_cache(maxsize=256)
def _written_out(found):
    """What kernels take of windows: (tables, terms, programs), taps, and how far windows' numbers lie apart along each axis."""
    last, apart = found.tables[-1], numbers(found)
    lo, hi = (last.lo, last.hi) if last.period == 1 else (0, 0)
    return (
        (
            [(table.n_in, table.step, *table.expand()) for table in found.tables],
            (lo, hi, last.advance, 0.0, 0, 1, False, False, 0, 0.0, 0),
            NO_PROGRAMS,
        ),
        (
            tuple(table.window for table in found.tables),
            tuple(table.skip[table.entries()] for table in found.tables),
        ),
        apart,
    )


def _seen(found, indices):
    """Positions in planes that the padding has made larger as those of the cells that they see."""
    places = np.unravel_index(np.maximum(indices, 0), [table.n_in for table in found.tables])
    cells = [at if t.source is None else t.source[at] for at, t in zip(places, found.tables, strict=True)]
    return np.where(indices < 0, -1, np.ravel_multi_index(cells, [found.shape[a] for a in found.axes]))


def _key(rng):
    """What a call's random numbers start from: one draw of a Generator."""
    return int(read.generator_of(rng).integers(0, 2**64 - 1, dtype=np.uint64, endpoint=True))


def _forward(operator, p, device=None):
    call = _Call(operator, p, device)
    found, want = call.windows, read.boolean(p["return_indices"], "return_indices")
    if want and not call.training:
        raise ValueError("return_indices must be False with training=False, where no cell is selected, got True")
    given, given_indices = pair_of(p["out"], PAIR_OF_INDICES, want)
    out, out_indices = (engine.expanded_out(operator, p, one, found.axes) for one in (given, given_indices))
    values = result_array(found.out_shape, call.dtype, out, engine.inputs_of(p, call.x), xp=found.xp)
    indices = kind = final = None
    if want:
        indices, kind, final = windows.new_indices(found, call.layout, out_indices, engine.inputs_of(p, call.x, values))
    call.pool(values, indices, kind, _key(p["rng"]) if call.training else None)
    values = engine.handed(operator, p, values, given, found.axes)
    if not want:
        return values
    if indices is not final:
        final[...] = windows.to_layout(found, indices, call.layout)
    return values, engine.handed(operator, p, final, given_indices, found.axes)


def _backward(operator, p, device=None):
    call = _Call(operator, p, device)
    gradient = engine.gradient_of(operator, p, p["grad_output"], call.windows, device=call.device)
    indices, rng = p["indices"], p["rng"]
    if call.training:
        if indices is None:
            if rng is None or isinstance(rng, np.random.Generator):
                raise ValueError(
                    "indices, or rng as the forward's seed, must tell what was drawn, got indices=None and "
                    + ("rng=None" if rng is None else "a Generator, which has moved on")
                )
            indices, layout = call.drawn(_key(rng))
            indices = engine.squeezed(operator, p, indices, call.windows.axes)
            p = {**p, "index_layout": layout}
        return engine.select_backward(operator, call.context, gradient, p, indices)
    if indices is not None:
        raise ValueError("indices must be None with training=False, where no cell is selected")
    inputs = engine.inputs_of(p, gradient, call.x)
    out = result_array(call.x.shape, native(gradient.dtype), p["out"], inputs, xp=call.windows.xp)
    if not out.size or not gradient.size:
        out[...] = 0
        return out
    call.average_gradient(gradient, out)
    return out


# ---- public functions ------------------------------------------------------------------------------------------------

_PAGE = forms.Page(
    "A cell chosen by chance",
    "With a = max(x, 0), a cell is chosen with probability ``a / S(a)``, S the sum over the window, in float64; with\n"
    "training=False the result is what is chosen on average, ``S(a a) / S(a)``, rounded once.  Where no cell is positive both\n"
    "are the largest cell, the first of equal ones, as in `max_pool`.  A NaN spoils its windows, the last one having the\n"
    "index; infinite cells share all of the probability.\n\n"
    "The cell is the first up to which the shares, added in row-major order, exceed ``u S(a)``.  u in [0, 1) are the 52\n"
    "leading bits of the number ``n + 1`` of SplitMix64 [2]_ from the call's key, n the window's number: planes count in C\n"
    "order, the windows of one in row-major order.  The key is one 64-bit draw of `rng`.  So a seed gives the same cells for\n"
    "all threads, instruction sets and orders of memory, and for channels first and last.",
    "The gradient goes to the cells that were drawn: those of `indices`, or those that the seed `rng` draws again.  With\n"
    "training=False a positive cell's is ``(2 a - y) / S(a)``, 0 for others; where no cell is positive the largest has it all.",
    "numpy.ndarray\n    The gradient of x, in grad_output's dtype.",
    'M. D. Zeiler, R. Fergus, "Stochastic pooling for regularization of deep convolutional neural networks", ICLR 2013.\n'
    '    .. [2] G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.',
    "[[2. 5.]\n [2. 1.]]",
    "the dtype's lowest value (index -1)",
    {
        "training": "bool\nDraw; or else give what is drawn on average (no indices; integers give float64).",
        "rng": "int, numpy.random.Generator or None\n"
        "A seed, or where random numbers come from; None draws anew.  Not read with training=False.",
        "indices": "array_like of int or None\n"
        "What the forward returned, in `index_layout`; without them `rng` must be the forward's seed.",
        "out": "numpy.ndarray, in the forward a pair of them with return_indices=True, or None\n"
        "Where to write the result; exactly its dtype and shape, and no memory shared with an input.",
    },
    "numpy.ndarray or tuple of numpy.ndarray\n    The result, in x's dtype, and the indices if `return_indices`.",
    "x, 2, rng=0",
)
_OWN = {"training": True, "rng": None, "return_indices": False, "index_layout": "plane"}

globals().update(
    (function.__name__, function)
    for function in forms.publish(__name__, "stochastic", _PAGE, _forward, _backward, _OWN, more=("indices",))
)


# ---- layers ------------------------------------------------------------------------------------------------------------


class _Stochastic(layers.Layer):
    """Draws while training, the average afterwards."""

    def __init__(
        self,
        kernel_size,
        stride=None,
        padding=0,
        dilation=1,
        ceil_mode=False,
        *,
        rng=None,
        data_format="channels_first",
    ):
        super().__init__(
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
            data_format=data_format,
        )
        self.rng = read.generator_of(rng)  # each forward draws anew

    def _forward(self, x):
        function = globals()[self._function]
        if not self.training:
            return function(x, training=False, **self._parameters)
        values, indices = function(x, rng=self.rng, return_indices=True, index_layout="window", **self._parameters)
        self._kept = x.shape, indices
        return values

    def _backward(self, grad_output):
        shape, indices = self._kept
        function, x = globals()[self._function + "_backward"], layers.stand_in(shape, grad_output)
        return function(grad_output, x, indices=indices, index_layout="window", **self._parameters)


globals().update(
    (layer.__name__, layer)
    for layer in (
        layers.new(_Stochastic, f"StochasticPool{r}d", f"stochastic_pool{r}d", r, "Stochastic pooling")
        for r in (1, 2, 3)
    )
)
__all__ = sorted(n for n in globals() if not n.startswith("_") and "stochastic" in n.lower())
