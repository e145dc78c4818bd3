"""Local importance-based pooling: averages whose weights are exponentials of a second array, with gradients to both.

With e = exp(logits), T = S(e) and y = S(e x) / T:

    dy/dx = e / T        dy/dlogits = e (x - y) / T

`tiers` computes what float32 can, and this module, in float64, the rest.  Exponentials are relative to the plane's largest logit,
so none overflows; windows whose T is nearly subnormal even so, that hold an infinite logit, or whose S(e x) may leave float64, are
computed again for these windows alone, each relative to its own largest logit.
"""

import numpy as np

from cypool import algebra, blocks, elementary, engine, forms, masked, tiers
from cypool.arrays import as_array, native, pair_of, result_array, storage_of

LEAST = 2.0**-500
"""Totals below this may have lost terms, and their inverses gradients, to the end of float64's range."""

HUGE = 2.0**960
"""Sums of cells beyond this may leave it."""


class _Call(forms.Call):
    """Everything about a call that its parameters decide."""

    OF_CELLS = (*forms.Call.OF_CELLS, "logits")

    def __init__(self, operator, p, device=None):
        super().__init__(operator, p, device or engine.device_of(p["x"], p["logits"], p.get("grad_output")))
        self.given = as_array(p["logits"], "logits", self.device)
        if self.given.dtype == np.bool_:
            raise TypeError(f"logits must be real numbers, got {self.given.dtype}")
        self.logits = masked.broadcast(self.given, self.x.shape, "logits", self.device)
        if self.device is not None:
            self._mark(p["nan"])
        elif storage_of(self.given.dtype).floating:
            void = np.zeros((), bool)
            if not self.given.min(initial=np.inf) > -np.inf:  # or NaN; asked first, because it takes no memory
                void = self.given == -np.inf  # no weight, no cell
                if p["nan"] == "ignore":
                    void |= np.isnan(self.given)
            if void.any():
                weighs = np.broadcast_to(~void, self.x.shape)
                self.valid = weighs if self.valid is None else self.valid & weighs

    @property
    def inputs(self):
        return self.x, self.given

    @property
    def own(self):
        return (self.logits,)

    def value(self, block, logits):
        """y."""
        return _Weights(block, logits).value()

    def gradients(self, block, gradient, logits):
        """Of x and of the logits."""
        return _Weights(block, logits).gradients(gradient)

    def tier(self, gradient=None):
        """See `tiers`."""
        return tiers.of(self, "lip", gradient=gradient, more=(self.logits,))

    def on_device(self):
        """The call on a GPU."""
        from cypool.cuda.weighed import Weighed

        return Weighed(self, "lip", third=self.logits)

    def _mark(self, nan):
        """Make the logits of what is no cell -inf, by which the kernels of a device know it."""
        xp, floating = self.windows.xp, storage_of(self.given.dtype).floating
        valid, self.valid = self.valid, None
        if nan == "ignore" and floating:
            numbers = ~xp.isnan(self.logits)
            valid = numbers if valid is None else valid & numbers
        if valid is not None:
            logits = self.logits if floating else self.logits.astype(np.float64)
            self.logits = xp.where(valid, logits, logits.dtype.type(-np.inf))


def _exponentials(logits):
    """exp, in place."""
    return elementary.exp(logits, logits)


def _idle(x, weights):
    """Infinite cells that weigh nothing, and so add nothing."""
    return np.isinf(x) & (weights == 0)


def _alone(block, logits):
    """The block and the logits, or where these repeat, a block of one plane for all that have the same."""
    batch = logits.ndim - len(block.windows.axes)
    if block.valid is not None or 0 not in logits.strides[:batch]:
        return block, logits
    few = logits[tuple(slice(0, 1) if stride == 0 else slice(None) for stride in logits.strides[:batch])]
    return blocks.Block(block.windows, few, None, None, None, 1.0, block.scratch, block.num_threads), few


class _Weights:
    """A block's cells and weights, each window's total and average, and which windows are `lost`, and which are nothing.

    Weights and totals are one for all planes whose logits are the same.
    """

    def __init__(self, block, logits):
        self.block, self.logits = block, logits
        scratch, axes = block.scratch, block.windows.axes
        of, logits = _alone(block, logits)
        self.e = scratch.array("weights", logits, logits.shape, np.float64)
        self.e[...] = logits
        good = np.isfinite(self.e)
        if block.valid is not None:
            good &= block.valid
        whole = good.all()
        shift = (self.e if whole else np.where(good, self.e, -np.inf)).max(axes, keepdims=True)
        shift[shift == -np.inf] = 0
        self.e -= shift
        infinite = None if whole else np.isposinf(self.e)
        _exponentials(self.e)
        if block.valid is not None:
            self.e[~block.valid] = 0
        self.nothing, self.lost = block.empties(), None
        if infinite is not None and infinite.any():
            self.e[infinite] = 0
            if block.valid is not None:
                infinite &= block.valid
            self._lose(of.sum(infinite.astype(np.float64)) > 0)
        self.x = block.numbers()
        self.total = of.sum(self.e)
        self._lose(self.total < LEAST)
        weighed = np.multiply(self.e, self.x, out=scratch.array("weighed", block.x, block.x.shape, np.float64))
        size = max(weighed.max(initial=0), -weighed.min(initial=0))
        if not size < HUGE / weighed.size:
            weighed[_idle(self.x, self.e)] = 0
            if block.x.dtype.itemsize == 8:
                size = np.isfinite(weighed)
                self._lose(block.sum(np.where(size, np.abs(weighed) / HUGE, 0.0)) > 1)
        self.y = block.sum(weighed)
        self._lose(algebra.vanished(block, self.y))
        self.y /= self.total

    def _lose(self, more):
        if self.nothing is not None:
            more &= ~self.nothing
        if more.any():
            more = np.broadcast_to(more, self.block.windows.out_shape)
            self.lost = more if self.lost is None else self.lost | more

    def value(self):
        """y, NaN where there is no cell."""
        if self.lost is not None:
            for at, *_, y in self.rows():
                self.y[at] = y[:, 0]
        if self.nothing is not None:
            np.copyto(self.y, np.nan, where=self.nothing)
        return self.y

    def rows(self):
        """The lost windows, one a row: positions, index, cells, which are some, their parts of the whole weight, y."""
        for at, index, x, _, inside in algebra.flagged(self.block, self.lost):
            z = np.where(inside, self.logits[index].reshape(x.shape).astype(np.float64), -np.inf)
            most = z.max(1, keepdims=True)
            share = np.where(z == most, 0.0, z - most)
            share = np.where(inside, _exponentials(share), 0.0)
            share /= share.sum(1, keepdims=True)
            y = np.where(_idle(x, share), 0.0, share * x).sum(1, keepdims=True)
            yield at, index, x, inside, share, y

    def gradients(self, gradient):
        """The gradients of x and of the logits, one for each cell."""
        block, e, y = self.block, self.e, self.y
        pull = gradient / self.total
        second = pull * y
        for dark in (self.nothing, self.lost):
            if dark is not None:
                np.copyto(pull, 0, where=dark)
                np.copyto(second, 0, where=dark)
        spread = block.adjoint(pull).copy()
        other = block.adjoint(second)
        by_x = e * spread
        by_logits = self.x * spread
        by_logits -= other
        by_logits *= e
        if not np.isfinite(by_x.sum() + by_logits.sum()):
            nowhere = (spread == 0) & (other == 0)  # cells of no window, whatever they are
            by_x[nowhere] = 0
            by_logits[nowhere | _idle(self.x, e)] = 0
        if self.lost is not None:
            for at, index, x, inside, share, mean in self.rows():
                g = algebra.at(gradient, at, y.shape)
                to_logits = np.where(_idle(x, share), 0.0, share * (x - mean))
                for to, terms in ((by_x, share), (by_logits, to_logits)):
                    np.add.at(to, index, np.where(inside, terms * g, 0.0).reshape(index[0].shape))
        if block.valid is not None:
            by_x[~block.valid] = by_logits[~block.valid] = 0
        return by_x, by_logits


def _forward(operator, p, device=None):
    return algebra.pool(_Call, operator, p, device)


@algebra.quiet
def _backward(operator, p, device=None):
    call = _Call(operator, p, device)
    xp = call.windows.xp
    gradient = engine.gradient_of(operator, p, p["grad_output"], call.windows, device=call.device)
    dtype = native(gradient.dtype)
    out, out_logits = pair_of(p["out"], "(grad_x, grad_logits)")
    inputs = engine.inputs_of(p, gradient, call.x, call.given)
    out = result_array(call.x.shape, dtype, out, inputs, xp=xp)
    out_logits = result_array(call.given.shape, dtype, out_logits, [*inputs, out], "out[1]", xp)
    whole = call.given.shape == call.x.shape
    by_logits = out_logits if whole else xp.zeros(call.x.shape)
    if not call.x.size:
        out_logits[...] = 0
    if call.device is not None:
        call.on_device().gradients_of_both(gradient, out, by_logits)
    else:
        algebra.gradients(call, gradient, out, by_logits)
    if not whole:
        out_logits[...] = engine.sum_to(by_logits, call.given.shape)
    return out, out_logits


# ---- public functions ------------------------------------------------------------------------------------------------

_PAGE = forms.Page(
    "Average by importance",
    "``S(exp(logits) x) / S(exp(logits))`` over the window's cells: what counts, and how much, is told by a second array, which\n"
    "a network may compute from the first.  logits = beta x is `soft_pool`, constant ones give the average.  A logit of -inf\n"
    "makes its cell no cell; where some are inf, the average of these cells is the result.  A NaN in x or in the logits spoils\n"
    'its windows unless nan="ignore".  An infinite cell that weighs nothing adds nothing.  Of float32 and halves the error is at\n'
    "most ``(12 + 2 s) u max(abs(x))``, u = 2**-24, s the window's taps along all axes.",
    "That of the logits is summed over the axes along which they were broadcast.  `empty` has no\n"
    "effect; windows without a valid cell send nothing.",
    "tuple of numpy.ndarray\n    The gradients of x and of the logits, each of its shape, in grad_output's dtype.",
    'Z. Gao, L. Wang, G. Wu, "LIP: Local importance-based pooling", ICCV 2019.',
    "[[3.49 7.84]\n [6.7  8.98]]",
    "NaN",
    {
        "logits": "array_like\nLogarithms of what each cell weighs; broadcast to x's shape, as (N, 1, H, W) is to (N, C, H, W).",
        "out": "numpy.ndarray (in the gradient a pair of them) or None\n"
        "Where to write the result; exactly its dtype and shape, and no memory shared with an input.",
    },
    call="x, x, 2",
)

globals().update(
    (function.__name__, function)
    for function in forms.publish(__name__, "lip", _PAGE, _forward, _backward, {}, ("logits",))
)
__all__ = sorted(name for name in globals() if "_pool" in name and not name.startswith("_"))
