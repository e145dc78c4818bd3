"""Launches of `weighed.cu`: norms, smooth maxima, averages by importance and standard deviations on a device.

Each operator is a row of `OPS`.  What a call has decided (`algebra.Call` and those that build on it) becomes the struct
``Terms``, its mask or logits the kernel's third array, its exponents for planes an array beside the result.

Whether a kernel computes in float32 or float64 is decided as on the host (`tiers`), but for masks, which the kernels know.
"""

import math
from typing import NamedTuple

import numpy as np

from cypool import tiers
from cypool.arrays import storage_of
from cypool.cuda.windows import bits_of, name_of, pointer
from cypool.kernels.core import CODES
from cypool.windows import _division

_EXPONENT = np.dtype([("value", "f8"), ("products", "i4"), ("parity", "i4")])

_COUNTS = ("own", "mean", "how", "with_sign", "filled", "freedom", "norm", "unused")

TERMS = np.dtype(
    [(name, _EXPONENT) for name in ("power", "slope", "bend", "root")]
    + [(name, "f8") for name in ("floor", "factor", "divisor", "empty")]
    + [(name, "i4") for name in _COUNTS]
)
"""struct Terms."""

MOST_PRODUCTS = 16
"""Whole powers up to this are products."""


class Row(NamedTuple):
    """An operator's struct in the kernels' source.

    Attributes
    ----------
    struct : str
        Its name, with a place for the storage type and one for the type to compute in.
    kept : int
        How many numbers the gradient keeps of each window; the last of them is the window's gradient before.
    power : bool
        Whether the exponent is that of powers.
    slope : bool
        Whether the exponent has a gradient.
    """

    struct: str
    kept: int
    power: bool = False
    slope: bool = False


OPS = {
    "norm": Row("Norm<{cell}, {work}>", 2, power=True),
    "weighted norm": Row("WeightedNorm<{cell}, {weight}>", 3, power=True),
    "lse": Row("Lse<{cell}, {work}>", 2, slope=True),
    "soft": Row("Soft<{cell}, {work}>", 3, slope=True),
    "gem": Row("Gem<{cell}, {work}>", 2, power=True, slope=True),
    "lip": Row("Lip<{cell}, {third}, {work}>", 3),
    "std": Row("Std<{cell}>", 4),
}


def exponent(value):
    """An exponent as the kernels take it."""
    whole = math.isfinite(value) and value == math.floor(value)
    products = int(value) if whole and 1 <= value <= MOST_PRODUCTS else -1 if value == 0.5 else 0
    return value, products, int(value % 2) if whole else -1


class Weighed:
    """One call.

    Parameters
    ----------
    call : algebra.Call
        Whose `windows` are the device's.
    op : str
        Of a row of `OPS`.
    b : float
        The exponent.
    exponents : xp.ndarray or None
        Those of planes, of x's shape but for extents of 1.
    third : xp.ndarray or None
        Logits, of x's shape.
    terms
        Members of ``Terms``.
    """

    def __init__(self, call, op, b=1.0, exponents=None, third=None, **terms):
        self.call, self.op, self.row, self.b = call, op, OPS[op], b
        self.windows, self.x, self.exponents = call.windows, call.x, exponents
        self.numbers = (call.x,) if third is None else (call.x, third)
        how, divisor = _division(call.mean)
        self.terms = np.zeros((), TERMS)
        powers = {"power": exponent(b), "slope": exponent(b - 1.0), "bend": exponent(b - 2.0)}
        powers["root"] = exponent(1.0 / b if b else math.inf)
        given = {"factor": call.factor, "divisor": divisor, "how": how, "own": exponents is not None, **powers, **terms}
        self.third, self.weights = call.valid if third is None else third, call.weights
        for name, value in given.items():
            self.terms[name] = value

    def work(self, *gradients):
        """The dtype to compute in."""
        if self.op == "std" or self.exponents is not None or self.weights is not None:
            return np.dtype(np.float64)
        if any(a.dtype.itemsize > 4 or not storage_of(a.dtype).floating for a in (*self.numbers, *gradients)):
            return np.dtype(np.float64)
        least, most = (1.0, tiers.POWERS) if self.row.power else tiers.EXPONENTIALS
        floor, odd = float(self.terms["floor"]), self.terms["with_sign"] and self.b % 2
        if not least <= abs(self.b) <= most or 0 < floor < 2.0**-126 or floor > 2.0**100 or odd:
            return np.dtype(np.float64)
        return np.dtype(np.float32)

    def _struct(self, work):
        weights = self.x if self.weights is None else self.weights
        cell, third, weight = (name_of(a.dtype) for a in (self.x, self.numbers[-1], weights))
        return self.row.struct.format(cell=cell, third=third, weight=weight, work=_WORKS[work])

    def pool(self, out, empty=None):
        """The results of all windows; of windows without a cell `empty`, unless it is None."""
        if empty is not None:
            self.terms["filled"], self.terms["empty"] = 1, float(empty)
        beside = self.third, self.exponents, self.weights
        self.windows._run(
            "cypool_weigh", self.x, out, *beside, types=(self._struct(self.work()), name_of(out.dtype)),
            arguments=(self.x, *map(pointer, beside), self.terms, out),
        )  # fmt: skip

    def _keep(self, gradient):
        """Of every window what its cells have to know, and its part of the exponent's gradient."""
        xp, shape, work = self.windows.xp, self.windows.out_shape, self.work(gradient)
        kept = xp.empty((self.row.kept, *shape), work)
        kept[-1] = gradient
        slopes = xp.empty(shape if self.row.slope else 1, np.float64)
        beside = self.third, self.exponents, self.weights
        self.windows._run(
            "cypool_keep", self.x, kept[0], *beside, types=(self._struct(work),),
            arguments=(self.x, *map(pointer, beside), self.terms, kept, apart_of(kept), slopes),
        )  # fmt: skip
        return kept, slopes

    def gradients(self, gradient, out):
        """The gradient of x into `out`; that of every plane's exponent, if it has one."""
        kept, slopes = self._keep(gradient)
        self.windows._run(
            "cypool_give", kept[0], out, self.x, self.exponents, transposed=True,
            types=(self._struct(kept.dtype), name_of(out.dtype)),
            arguments=(self.x, pointer(self.exponents), self.terms, kept, apart_of(kept), out),
        )  # fmt: skip
        if self.call.valid is not None:
            self.windows.fill(out, ~self.call.valid, 0)
        return slopes.sum(axis=self.windows.axes, keepdims=True) if self.row.slope else None

    def weighted_gradients(self, gradient, out, out_weights):
        """The gradients of x and, in float64, of every cell's weight."""
        kept, _ = self._keep(gradient)
        self.windows._run(
            "cypool_give_weighted", kept[0], out, self.x, out_weights, self.weights, transposed=True,
            types=(self._struct(kept.dtype), name_of(self.weights.dtype), name_of(out.dtype)),
            arguments=(self.x, self.weights, self.terms, kept, apart_of(kept), out, out_weights),
        )  # fmt: skip
        if self.call.valid is not None:
            for one in (out, out_weights):
                self.windows.fill(one, ~self.call.valid, 0)

    def curvatures(self, outer, gradient, out, out_x):
        """The gradients of grad_output and of x, given that of the gradient of x; all in float64."""
        xp, shape = self.windows.xp, self.windows.out_shape
        kept, to_gradient = xp.empty((3, *shape)), xp.empty(shape)
        kept[-1] = gradient
        outer = outer.astype(np.float64, copy=False)
        struct, weights = self._struct(np.dtype(np.float64)), pointer(self.weights)
        self.windows._run(
            "cypool_bend", self.x, kept[0], self.third, outer, self.weights, types=(struct,),
            arguments=(self.x, pointer(self.third), outer, weights, self.terms, kept, apart_of(kept), to_gradient),
        )  # fmt: skip
        out[...] = to_gradient
        weight = "float" if self.weights is None else name_of(self.weights.dtype)
        self.windows._run(
            "cypool_give_bend", kept[0], out_x, self.x, outer, self.weights, transposed=True,
            types=(struct, weight, name_of(out_x.dtype)),
            arguments=(self.x, outer, weights, self.terms, kept, apart_of(kept), out_x),
        )  # fmt: skip
        if self.call.valid is not None:
            self.windows.fill(out_x, ~self.call.valid, 0)

    def gradients_of_both(self, gradient, out, out_third):
        """The gradients of x and of the logits."""
        kept, _ = self._keep(gradient)
        self.windows._run(
            "cypool_give_both", kept[0], out, self.third, self.x, out_third, transposed=True,
            types=(self._struct(kept.dtype), name_of(self.third.dtype), name_of(out.dtype), name_of(out_third.dtype)),
            arguments=(self.x, self.third, kept, apart_of(kept), out, out_third),
        )  # fmt: skip


class ExtremeNorm:
    """A norm of infinite order: the largest (or smallest) magnitude, of which the first has the gradient."""

    def __init__(self, call):
        self.call, self.windows = call, call.windows

    def _selected(self, values):
        """Where they stand; the magnitudes into an array."""
        call, found, kind = self.call, self.windows, CODES["plane"]
        op, size = "max" if call.norm > 0 else "min", found.xp.abs(call.x.astype(call.dtype))
        indices = found.xp.empty(found.out_shape, np.int64)
        if call.valid is None:
            found.select(op, size, values, indices, kind, 0)
        else:
            found.masked.select_into(found, op, size, call.valid, values, indices, kind, None, 0)
        return indices

    def pool(self, out, empty=None):
        """As `Weighed.pool`."""
        nothing = self._selected(out) == -1
        self.windows.fill(out, nothing, 0 if empty is None else empty)

    def gradients(self, gradient, out):
        """As `Weighed.gradients`."""
        xp, call = self.windows.xp, self.call
        gradient, given = gradient.astype(np.float64, copy=False), xp.empty(call.x.shape)
        indices = self._selected(xp.empty(self.windows.out_shape, call.dtype))
        self.windows.scatter(gradient, indices, CODES["plane"], given, 0)
        out[...] = xp.where(given == 0, 0, given * xp.sign(call.x.astype(call.dtype)))

    def curvatures(self, outer, gradient, out, out_x):
        """As `Weighed.curvatures`."""
        xp, call = self.windows.xp, self.call
        indices = self._selected(xp.empty(self.windows.out_shape, call.dtype))
        turned = xp.where(outer == 0, 0, outer * xp.sign(call.x.astype(call.dtype))).astype(out.dtype)
        self.windows.gather(turned, indices, CODES["plane"], out, 0)
        out_x[...] = 0


# ---- ranges ------------------------------------------------------------------------------------------------------------


def pool_range(call, out, empty):
    """The largest cells less the smallest; `empty` where there is none."""
    call.windows._run(
        "cypool_range", call.x, out, call.valid, types=(name_of(call.x.dtype), name_of(out.dtype)),
        arguments=(call.x, pointer(call.valid), bits_of(np.asarray(empty, out.dtype)), out),
    )  # fmt: skip


def range_gradient(call, gradient, out):
    """To the first of the largest cells, and negated to the first of the smallest."""
    where = call.windows.xp.empty((2, *call.windows.out_shape), np.int64)
    call.windows._run(
        "cypool_ends", call.x, where[0], call.valid, types=(name_of(call.x.dtype),),
        arguments=(call.x, pointer(call.valid), where, apart_of(where)),
    )  # fmt: skip
    work = np.dtype(np.float64 if gradient.dtype.itemsize == 8 else np.float32)
    call.windows._run(
        "cypool_apart", gradient, out, where[0], transposed=True, types=(name_of(gradient.dtype), _WORKS[work]),
        arguments=(gradient, where, apart_of(where), out),
    )  # fmt: skip


_WORKS = {np.dtype(np.float32): "float", np.dtype(np.float64): "double"}


def apart_of(kept):
    """How far the kept numbers of a window lie apart."""
    return np.int64(math.prod(kept.shape[1:]))
