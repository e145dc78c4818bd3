"""Mixtures of maximum and average pooling, in fixed proportions or by a gate; forward and backward.

    mixed    y = a max + (1 - a) mean          grad_x = scatter(g a) + S^T(g (1 - a) / n)        grad_a = g (max - mean)
    gated    the same with a = 1 / (1 + exp(-s)), s = sum of w x + bias;  grad_s = grad_a a (1 - a), from there as a filter's

The maximum and the mean are the kernels' own, taken of a few planes at a time so that both find them in the cache; the sums of
w x are `filters`'.  A part whose proportion is 0 adds nothing, even where it is infinite.
"""

import numpy as np

from cypool import blocks, elementary, engine, filters, forms, masked, windows
from cypool import parameters as read
from cypool.algebra import quiet
from cypool.arrays import as_array, native, pair_of, result_array, storage_of
from cypool.kernels.core import CODES
from cypool.windows import INDEX_DTYPES

CELLS = 1 << 18
"""Cells of a part: 1 MiB of float32, of which the windows' maxima and means stay in the cache."""


def _wide(dtype):
    """What is computed in: halves in float32."""
    return np.dtype(np.float64 if dtype.itemsize == 8 else np.float32)


def _put(array, out):
    """An array's numbers in another dtype.

    NumPy converts halves one by one; windows of one cell convert rows of them.
    """
    halves = any(a.dtype.itemsize == 2 and a.dtype.kind not in "iu" for a in (array, out))
    if not halves or array.dtype == out.dtype or not array.ndim or not array.size:
        np.copyto(out, array, casting="unsafe")
    else:
        one = windows.windowed(array.shape, (array.ndim - 1,), (1,), (1,), ((0, 0),), (1,), False, True, "constant")
        one.total(array, out)
    return out


def _pass(name, inputs, out, threads):
    """A pass in the dtype of its inputs."""
    elementary.run(f"{name}_f{8 * inputs[0].dtype.itemsize}", inputs, (out,), threads=threads)


def _slices(cells, rank):
    """An array in a block's order cut along its outermost batch axis, into parts of about `CELLS` cells."""
    batch = cells.shape[: cells.ndim - rank]
    axis = max((a for a, n in enumerate(batch) if n > 1), key=lambda a: abs(cells.strides[a]), default=None)
    if axis is None or abs(cells.strides[axis]) < max(map(abs, cells.strides[len(batch) :])):
        yield ()
        return
    step = max(CELLS * batch[axis] // cells.size, 1)
    for start in range(0, batch[axis], step):
        yield (*[slice(None)] * axis, slice(start, start + step))


def _kind(found):
    """The smallest form of indices that the scatter takes."""
    return CODES["plane"] if found.window_taps > 2**31 - 1 else found.window_kind()


class _Planes:
    """A few planes, pooled axes last: maximum and mean of each window, which the next planes overwrite."""

    def __init__(self, call, where, want_indices=False):
        cells, found = call.cells[where], call.windows
        self.valid = None if call.valid is None else call.valid[where]
        self.call, self.cells = call, cells
        if cells.dtype != _wide(call.dtype):
            self.cells = _put(cells, np.empty_like(cells, _wide(call.dtype)))
        self.windows = found = call.over(cells.shape[: cells.ndim - len(found.axes)])
        self.threads, self.indices, self.kind, self.count = call.threads, None, _kind(found), None
        self.mean = self._room("mean", found.out_shape)
        if self.valid is None:
            self.most = self._room("most", found.out_shape)
            if want_indices:
                self.indices = self._room("indices", found.out_shape, INDEX_DTYPES[self.kind])
            found.select("max", self.cells, self.most, self.indices, self.kind, self.threads)
            found.total(self.cells, self.mean, "shares", num_threads=self.threads)
            self.nothing = found.empties()
            return
        self.most, self.indices = masked.select(found, "max", self.cells, self.valid, self.kind, self.threads)
        kept = np.where(self.valid, self.cells, self.cells.dtype.type(0))
        found.total(kept, self.mean, num_threads=self.threads)
        self.count = self._room("count", found.out_shape, np.int64)
        found.total(self.valid, self.count, num_threads=self.threads)
        self.mean /= self.count
        self.nothing = self.count == 0

    def _room(self, name, shape, dtype=None):
        """Memory that planes leave to the next of their shape, in the cells' order: new memory costs more than to fill it."""
        room, dtype = self.call.memory, native(self.cells.dtype) if dtype is None else dtype
        if (name, shape, dtype) not in room:
            room[name, shape, dtype] = np.empty_like(self.cells, dtype, shape=shape)
        return room[name, shape, dtype]

    def mix(self, alpha, target):
        """The mixture; alpha a number or an array."""
        a = np.broadcast_to(np.asarray(alpha, self.mean.dtype), self.most.shape)
        _pass("mix", (self.most, self.mean, a), target, self.threads)

    def gradient(self, alpha, g, target):
        """The gradient of x, computed in g's dtype."""
        found = self.windows
        a = np.asarray(alpha, g.dtype)
        if self.nothing is not None:
            g = np.where(self.nothing, g.dtype.type(0), g)
        part = self._room("part", found.out_shape, g.dtype)
        result = target if target.dtype == g.dtype else self._room("result", found.shape, g.dtype)
        found.scatter(np.multiply(a, g, out=part), self.indices, self.kind, result, self.threads)
        np.multiply(np.subtract(1, a, dtype=a.dtype), g, out=part)
        spread = self._room("spread", found.extended_shape, g.dtype)
        if self.count is None:
            found.adjoint(part, spread, "shares", self.threads)
        else:
            part /= np.maximum(self.count, 1).astype(g.dtype)
            found.adjoint(part, spread, num_threads=self.threads)
        spread = found.collapse(spread)
        if self.valid is not None:
            spread[~self.valid] = 0
        result += spread
        if result is not target:
            _put(result, target)

    def slope(self, g, target):
        """g times the derivative by alpha."""
        np.subtract(self.most, self.mean, out=target, casting="same_kind")
        target *= g
        if self.nothing is not None:
            np.copyto(target, 0, where=self.nothing)


class _Call(forms.Call):
    """A call's arrays and windows, and the planes' order."""

    def __init__(self, operator, p, device=None):
        super().__init__(operator, p, device or engine.device_of(p["x"], p.get("grad_output")))
        self.order = blocks.order_of(self.windows)
        self._over, self.memory = {}, {}
        if self.device is not None:
            return
        self.cells = self.x.transpose(self.order)
        if self.valid is not None:
            self.valid = self.valid.transpose(self.order)

    def over(self, batch):
        """The windows over planes alone: made once for all parts of a shape, for what they know comes from tables."""
        if batch not in self._over:
            self._over[batch] = self.windows.over(batch)
        return self._over[batch]

    def parts(self, *arrays, want_indices=False):
        """A few planes after the other, and beside them the same of `arrays` (or what is no array)."""
        arrays = [a.transpose(self.order) if np.ndim(a) else a for a in arrays]
        if not self.x.size or not all(a.size for a in arrays if np.ndim(a)):
            return
        for where in _slices(self.cells, len(self.windows.axes)):
            yield _Planes(self, where, want_indices), *(a[where] if np.ndim(a) else a for a in arrays)

    def results(self, operator, p, alpha, *inputs):
        """The mixture as the caller wants it."""
        found = self.windows
        out = engine.expanded_out(operator, p, p["out"], found.axes)
        out = result_array(found.out_shape, self.dtype, out, engine.inputs_of(p, self.x, *inputs), xp=found.xp)
        empty = np.nan if p["empty"] is None else engine.empty_value(p["empty"], self.dtype)
        if self.device is not None:
            self._there(alpha).into(out, empty)
            return engine.handed(operator, p, out, p["out"], found.axes)
        for planes, target, a in self.parts(out, alpha):
            planes.mix(a, target)
            if planes.nothing is not None:
                np.copyto(target, empty, where=np.broadcast_to(planes.nothing, target.shape))
        return engine.handed(operator, p, out, p["out"], found.axes)

    def _mixture(self, given, number, w=None):
        """The mixture on a GPU: by an array there, by a number, or by a gate."""
        from cypool.cuda.mixed import Mixture

        return Mixture(self.windows, self.x, self.valid, given, number, w)

    def _there(self, alpha):
        """The same by `_alpha`."""
        number = isinstance(alpha, np.float64)
        return self._mixture(None if number else alpha, alpha if number else 0)

    def gradients(self, gradient, alpha, to_x):
        """The gradient of x into `to_x` and, for each window, that of alpha."""
        if self.device is not None:
            return self._there(alpha).gradients_into(gradient, to_x)
        by_alpha = np.empty(self.windows.out_shape, np.result_type(_wide(gradient.dtype), _wide(self.dtype)))
        if not self.x.size or not by_alpha.size:
            to_x[...] = by_alpha[...] = 0
        for planes, g, a, target, slope in self.parts(gradient, alpha, to_x, by_alpha, want_indices=True):
            if g.dtype != _wide(gradient.dtype):
                g = _put(g, np.empty_like(g, _wide(gradient.dtype)))
            planes.gradient(a, g, target)
            planes.slope(g, slope)
        return by_alpha


def _summed(array, shape):
    """The gradient of broadcasting, added up in float64."""
    lead = array.ndim - len(shape)
    axes = (*range(lead), *(lead + a for a, n in enumerate(shape) if n == 1))
    array = array.sum(axis=axes, keepdims=True, dtype=np.float64) if axes else array.astype(np.float64)
    return array.reshape(shape)[()]


# ---- mixed pooling -----------------------------------------------------------------------------------------------------


def _number_or_array(given, name, found):
    """A parameter as the number that it is, or None, and as an array: a number on the host, an array where x lies."""
    if isinstance(given, (np.ndarray, list, tuple)) or engine.on_gpu(given):
        return None, as_array(given, name, found.device)
    return read.real(given, name), np.float64(given)


def _alpha(operator, p, found):
    """alpha as it was given, and a number or an array for every window."""
    given, array = _number_or_array(p["alpha"], "alpha", found)
    if array.dtype == np.bool_:
        array = array.astype(np.float64)  # of each window, which of the two
    array = array.astype(np.float64, copy=False)
    if not (np if given is not None else found.xp).isfinite(array).all():
        raise ValueError(f"alpha must be finite, got {p['alpha']!r}")
    if given is not None or (found.device is None and array.ndim == 0):
        return array, array
    shape = found.out_shape
    if operator.kind == "global" and not p["keepdims"]:
        shape = tuple(n for a, n in enumerate(shape) if a not in found.axes)
    try:
        full = found.xp.broadcast_to(array, shape)
    except ValueError:
        raise ValueError(f"alpha must be broadcastable to the result's shape {shape}, got {array.shape}") from None
    return array, engine.squeezed(operator, p, full, found.axes, expand=True)


@quiet
def _mixed(operator, p, device=None):
    call = _Call(operator, p, device)
    given, alpha = _alpha(operator, p, call.windows)
    return call.results(operator, p, alpha, given)


@quiet
def _mixed_backward(operator, p, device=None):
    call = _Call(operator, p, device)
    given, alpha = _alpha(operator, p, call.windows)
    gradient = engine.gradient_of(operator, p, p["grad_output"], call.windows, device=call.device)
    inputs = engine.inputs_of(p, gradient, call.x, given)
    out = result_array(call.x.shape, native(gradient.dtype), p["out"], inputs, xp=call.windows.xp)
    by_alpha = call.gradients(gradient, alpha, out)
    by_alpha = engine.squeezed(operator, p, by_alpha, call.windows.axes)
    return out, _summed(by_alpha, given.shape)


# ---- gated pooling -----------------------------------------------------------------------------------------------------


class _Gate(_Call):
    """The same with w and bias, and the gate that they make."""

    def __init__(self, operator, p, device=None):
        device = device or engine.device_of(p["x"], p.get("grad_output"))
        x, self.w = as_array(p["x"], device=device), as_array(p["w"], "w", device)
        if not storage_of(self.w.dtype).floating:
            raise TypeError(f"w must be floating (float16, bfloat16, float32 or float64), got {self.w.dtype}")
        rank = operator.rank
        if rank is None:
            rank = self.w.ndim if p["axes"] is None else len(read.axes_of(p["axes"], x.ndim))
        if not 1 <= rank <= self.w.ndim:
            raise ValueError(f"w must have an axis for each of {max(rank, 1)} pooled ones, got shape {self.w.shape}")
        window = self.w.shape[-rank:]
        if 0 in window:
            raise ValueError(f"w must have at least one tap along every axis, got shape {self.w.shape}")
        p["kernel_size"] = window
        super().__init__(operator, p, device)
        xp = self.windows.xp
        self.batch = tuple(self.x.shape[a] for a in self.windows.batch_axes)
        self.element = xp.ascontiguousarray(self.w, np.float64)
        self._check("w must have the window's axes last, before them", self.element, (*self.batch, *window), xp)
        self.bias, self.number = None, None
        if p["bias"] is not None:
            self.number, bias = _number_or_array(p["bias"], "bias", self.windows)
            self.bias = bias.astype(np.float64)
            self._check("bias must be a number or have", self.bias, self.batch, xp if self.number is None else np)

    def _check(self, message, array, shape, xp):
        if not xp.isfinite(array).all():
            raise ValueError(f"{message[: message.index(' ')]} must be finite, got {array.max()}")
        try:
            xp.broadcast_to(array, shape)
        except ValueError:
            raise ValueError(
                f"{message} what broadcasts to x's other axes {self.batch}, got shape {array.shape}"
            ) from None

    @property
    def numbers(self):
        """The cells, 0 where they do not count."""
        x = self.x if storage_of(self.x.dtype).floating else self.x.astype(np.float64)
        if self.valid is None:
            return x
        return np.where(self.valid.transpose(np.argsort(self.order)), x, x.dtype.type(0))

    def _there(self, alpha):
        """The mixture on a GPU, whose kernels make the gate: `alpha` is None."""
        found, bias = self.windows, self.bias
        if bias is not None and self.number is None:
            bias = engine.with_ones(found.xp.broadcast_to(bias, self.batch), found.axes)
            bias = found.xp.broadcast_to(bias, found.out_shape)
        taps = self.element.shape[self.element.ndim - len(found.axes) :]
        w = found.xp.broadcast_to(self.element, (*self.batch, *taps)).transpose(np.argsort(self.order).tolist())
        return self._mixture(bias if self.number is None else None, self.number or 0, w)

    def alpha(self):
        """The gate of each window."""
        if self.device is not None:
            return None
        x = self.numbers
        score = np.empty(self.windows.out_shape, _wide(self.dtype))
        if score.size:
            work = filters.work_of(self.windows, x.dtype)
            filters.apply_element(self.windows, self.element, x, score, work, self.threads)
        if self.bias is not None:
            score += np.expand_dims(np.broadcast_to(self.bias, self.batch), self.windows.axes).astype(score.dtype)
        _pass("sigmoid", (score,), score, self.threads)
        return score

    def gradients_here(self, gradient, out):
        """The gradient of x into `out`; of every window that of its score, and of each plane that of w."""
        found, wide = self.windows, _wide(gradient.dtype)
        alpha, to_x = self.alpha(), out if out.dtype == wide else np.empty(out.shape, wide)
        by_score = self.gradients(gradient, alpha, to_x)
        by_score *= alpha
        np.subtract(1, alpha, out=alpha)
        by_score *= alpha
        by_w = np.zeros((*self.batch, *self.element.shape[self.element.ndim - len(found.axes) :]))
        if by_score.size and self.x.size:
            cells, g = np.empty(out.shape, wide), by_score.astype(wide, copy=False)
            work = filters.work_of(found, wide)
            filters.apply_element(found, self.element, g, cells, work, self.threads, transposed=True)
            if self.valid is not None:
                cells[~self.valid.transpose(np.argsort(self.order))] = 0
            to_x += cells
            by_w = filters.element_gradient(found, self.numbers, by_score, self.threads).reshape(by_w.shape)
        if to_x is not out:
            _put(to_x, out)
        return by_score, by_w

    def gradients_there(self, gradient, out):
        """The same on a GPU."""
        from cypool.cuda.filters import element_gradient

        by_score = self.gradients(gradient, None, out)
        return by_score, element_gradient(self.windows, self.x, by_score, self.valid).transpose(self.order)


@quiet
def _gated(operator, p, device=None):
    call = _Gate(operator, p, device)
    return call.results(operator, p, call.alpha(), call.w, *([] if call.bias is None else [call.bias]))


@quiet
def _gated_backward(operator, p, device=None):
    call = _Gate(operator, p, device)
    found = call.windows
    gradient = engine.gradient_of(operator, p, p["grad_output"], found, device=call.device)
    dtype = native(gradient.dtype)
    out, out_w = pair_of(p["out"], "(grad_x, grad_w)")
    inputs = engine.inputs_of(p, gradient, call.x, call.w)
    out = result_array(call.x.shape, dtype, out, inputs, xp=found.xp)
    out_w = result_array(call.w.shape, dtype, out_w, [*inputs, out], "out[1]", found.xp)
    by_score, by_w = (call.gradients_here if call.device is None else call.gradients_there)(gradient, out)
    out_w[...] = engine.sum_to(by_w, call.w.shape)
    if call.bias is None:
        return out, out_w
    by_plane = by_score.sum(axis=found.axes, dtype=np.float64)
    return out, out_w, _summed(by_plane, call.bias.shape)


# ---- public functions ------------------------------------------------------------------------------------------------

_OUT = "numpy.ndarray or None\nWhere to write the result (of the gradients that of x); exactly its dtype and shape."
_PARTS = (
    "Padding is no cell: it counts in neither part.  Both parts and their mixture are computed in x's dtype, halves in float32,\n"
    "integers in float64.  A part whose proportion is 0 adds nothing, even where it is infinite."
)
_PAGES = {
    "mixed": forms.Page(
        "Mixture of maximum and average",
        "``alpha max + (1 - alpha) mean`` of the window's cells.  Any finite `alpha` will do; in [0, 1] the result lies between\n"
        "the two.  Yu et al. choose one of the two at random: pass as `alpha` what ``rng.integers(0, 2, shape)`` gives, of the\n"
        "result's shape for each window, ``(N, C, 1, 1)`` for each plane, and the same to the gradient; in their tests alpha is\n"
        "the mean of the choices.\n" + _PARTS,
        "The part of the maximum goes to its cell, that of the average to all.  The gradient of alpha is the sum over all windows\n"
        "that share it.  `empty` has no effect; windows without a valid cell send nothing.",
        "tuple of numpy.ndarray\n    The gradient of x, in grad_output's dtype, and that of alpha, float64 of alpha's shape.",
        'D. Yu, H. Wang, P. Chen, Z. Wei, "Mixed pooling for convolutional neural networks", RSKT 2014; C.-Y. Lee,\n'
        '       P. W. Gallagher, Z. Tu, "Generalizing pooling functions in convolutional neural networks: mixed, gated, and\n'
        '       tree", AISTATS 2016.',
        "[[3.25 5.88]\n [5.38 6.25]]",
        "NaN",
        {
            "alpha": "float or array_like\nThe maximum's proportion: one number, or what broadcasts to the result's shape.",
            "out": _OUT,
        },
    ),
    "gated": forms.Page(
        "Mixture of maximum and average by a gate",
        "``alpha max + (1 - alpha) mean`` of the window's cells, with ``alpha = 1 / (1 + exp(-s))`` and s the sum of the window's\n"
        "cells times `w`, which is not reflected, plus `bias`.\n" + _PARTS,
        "`empty` has no effect; windows without a valid cell send nothing.  The gate's gradients add up in float64.",
        "tuple of numpy.ndarray\n    The gradients of x and w, in grad_output's dtype, and with `bias` that of bias, in float64.",
        'C.-Y. Lee, P. W. Gallagher, Z. Tu, "Generalizing pooling functions in convolutional neural networks: mixed, gated,\n'
        '       and tree", AISTATS 2016.',
        "[[3.6  7.22]\n [6.41 7.91]]",
        "NaN",
        {
            "w": "array_like, shape (..., k1, k2, ...)\n"
            "Weights of the taps: the last axes are the window's, those before broadcast to the axes of x that are not pooled:\n"
            "(C, k1, k2) is one gate for each channel.",
            "bias": "float, array_like or None\nAdded to each sum: a number, or what broadcasts to the axes that are not pooled.",
            "stride": "int, sequence of int or None\nCells from one window to the next; None means the window's extents.",
            "axes": "int, sequence of int or None\n"
            "The pooled axes, in the order of w's.  By default the last ones, as many as w has.",
            "out": "numpy.ndarray, for the gradients a pair of them, or None\n"
            "Where to write the result, or the gradients of x and w; exactly their dtype and shape.",
        },
        call="x, np.full((2, 2), 0.1)",
    ),
}

globals().update(
    (function.__name__, function)
    for function in (
        *forms.publish(__name__, "mixed", _PAGES["mixed"], _mixed, _mixed_backward, {"alpha": 0.5}),
        *forms.publish(
            __name__,
            "gated",
            _PAGES["gated"],
            _gated,
            _gated_backward,
            {"bias": None},
            ("w",),
            kinds=("windowed",),
            without=("kernel_size",),
        ),
    )
)
__all__ = sorted(name for name in globals() if "_pool" in name and not name.startswith("_"))
