"""Launches of `weighed.cu`: norms, smooth maxima, averages by importance and standard deviations on a device.

Each operator is a row of `OPS`.  What a call has decided (`norms._Call` and those that build on it) becomes the struct
``Terms``, its mask or logits the kernel's third array, its exponents for planes an array beside the result.

Whether a kernel computes in float32 or float64 is decided as on the host (`tiers`), but for masks, which the kernels know.
"""

import math
from typing import NamedTuple

import numpy as np

from cypool import tiers
from cypool.arrays import storage_of
from cypool.cuda.windows import _BITS, _NAMES, _division
from cypool.kernels.core import CODES

_EXPONENT = np.dtype([("value", "f8"), ("products", "i4"), ("parity", "i4")])

_COUNTS = ("masked", "own", "mean", "how", "with_sign", "filled", "freedom", "norm")

TERMS = np.dtype(
    [(name, _EXPONENT) for name in ("power", "slope", "root")]
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
    call : norms._Call
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
        self.call, self.row, self.b, self.third = call, OPS[op], b, third
        self.op, self.windows, self.x = op, call.windows, call.x
        self.exponents = exponents
        how, divisor = _division(call.mean)
        self.terms = np.zeros((), TERMS)
        powers = {"power": exponent(b), "slope": exponent(b - 1.0), "root": exponent(1.0 / b if b else math.inf)}
        given = {"factor": call.factor, "divisor": divisor, "how": how, "own": exponents is not None, **powers, **terms}
        if third is None and call.valid is not None:
            self.third = call.valid.view(np.uint8)
            given["masked"] = 1
        for name, value in given.items():
            self.terms[name] = value

    def work(self, *gradients):
        """The dtype to compute in."""
        arrays = (
            (self.x, *gradients) if self.third is None or self.terms["masked"] else (self.x, self.third, *gradients)
        )
        if self.op == "std" or self.exponents is not None:
            return np.dtype(np.float64)
        if any(a.dtype.itemsize > 4 or not storage_of(a.dtype).floating for a in arrays):
            return np.dtype(np.float64)
        least, most = (1.0, tiers.POWERS) if self.row.power else tiers.EXPONENTIALS
        floor, odd = float(self.terms["floor"]), self.terms["with_sign"] and self.b % 2
        if not least <= abs(self.b) <= most or 0 < floor < 2.0**-126 or floor > 2.0**100 or odd:
            return np.dtype(np.float64)
        return np.dtype(np.float32)

    def _struct(self, work):
        third = self.x if self.third is None else self.third
        return self.row.struct.format(cell=name_of(self.x), third=name_of(third), work=_WORKS[work])

    def pool(self, out, empty=None):
        """The results of all windows; of windows without a cell `empty`, unless it is None."""
        if empty is not None:
            self.terms["filled"], self.terms["empty"] = 1, float(empty)
        third, exponents = (self.x if a is None else a for a in (self.third, self.exponents))  # which are not read
        self.windows._run(
            "cypool_weigh", self.x, out, self.third, self.exponents, types=(self._struct(self.work()), name_of(out)),
            arguments=(self.x, third, exponents, self.terms, out),
        )  # fmt: skip

    def _keep(self, gradient):
        """Of every window what its cells have to know, and its part of the exponent's gradient."""
        xp, shape, work = self.windows.xp, self.windows.out_shape, self.work(gradient)
        kept = xp.empty((self.row.kept, *shape), work)
        kept[-1] = gradient
        slopes = xp.empty(shape if self.row.slope else 1, np.float64)
        third, exponents = (self.x if a is None else a for a in (self.third, self.exponents))
        self.windows._run(
            "cypool_keep", self.x, kept[0], self.third, self.exponents, types=(self._struct(work),),
            arguments=(self.x, third, exponents, self.terms, kept, apart_of(kept), slopes),
        )  # fmt: skip
        return kept, slopes

    def gradients(self, gradient, out):
        """The gradient of x into `out`; that of every plane's exponent, if it has one."""
        kept, slopes = self._keep(gradient)
        exponents = self.x if self.exponents is None else self.exponents
        self.windows._run(
            "cypool_give", kept[0], out, self.x, self.exponents, transposed=True,
            types=(self._struct(kept.dtype), name_of(out)),
            arguments=(self.x, exponents, self.terms, kept, apart_of(kept), out),
        )  # fmt: skip
        if self.call.valid is not None:
            self.windows.fill(out, ~self.call.valid, 0)
        return slopes.sum(axis=self.windows.axes, keepdims=True) if self.row.slope else None

    def gradients_of_both(self, gradient, out, out_third):
        """The gradients of x and of the logits."""
        kept, _ = self._keep(gradient)
        self.windows._run(
            "cypool_give_both", kept[0], out, self.third, self.x, out_third, transposed=True,
            types=(self._struct(kept.dtype), name_of(self.third), name_of(out), name_of(out_third)),
            arguments=(self.x, self.third, kept, apart_of(kept), out, out_third),
        )  # fmt: skip


class ExtremeNorm:
    """A norm of infinite order: the largest (or smallest) magnitude, of which the first has the gradient."""

    def __init__(self, call):
        self.call, self.windows = call, call.windows
        if call.valid is not None and call.norm < 0:
            raise NotImplementedError("mask and nan must be left out for norm_type=-inf of arrays on a GPU")

    def _selected(self):
        call, found, xp = self.call, self.windows, self.windows.xp
        size = xp.abs(call.x.astype(call.dtype))
        if call.valid is not None:
            size = xp.where(call.valid, size, call.dtype.type(-1))  # less than any
        values, indices = xp.empty(found.out_shape, call.dtype), xp.empty(found.out_shape, np.int64)
        found.select("max" if call.norm > 0 else "min", size, values, indices, CODES["plane"], 0)
        return values, indices, (indices == -1) | (values == -1)

    def pool(self, out, empty=None):
        """As `Weighed.pool`."""
        values, _, nothing = self._selected()
        out[...] = values
        self.windows.fill(out, nothing, 0 if empty is None else empty)

    def gradients(self, gradient, out):
        """As `Weighed.gradients`."""
        xp, call = self.windows.xp, self.call
        given = xp.empty(call.x.shape, gradient.dtype)
        self.windows.scatter(gradient, self._selected()[1], CODES["plane"], given, 0)
        given = xp.where(given == 0, 0, given * xp.sign(call.x.astype(call.dtype)))
        out[...] = given
        if call.valid is not None:
            self.windows.fill(out, ~call.valid, 0)


# ---- ranges ------------------------------------------------------------------------------------------------------------


def _mask(call):
    """The kernels' mask (any array if there is none), and whether there is one."""
    return (call.x, np.int32(0)) if call.valid is None else (call.valid.view(np.uint8), np.int32(1))


def pool_range(call, out, empty):
    """The largest cells less the smallest; `empty` where there is none."""
    mask = _mask(call)
    call.windows._run(
        "cypool_range", call.x, out, None if call.valid is None else mask[0], types=(name_of(call.x), name_of(out)),
        arguments=(call.x, *mask, bits_of(np.asarray(empty, out.dtype)), out),
    )  # fmt: skip


def range_gradient(call, gradient, out):
    """To the first of the largest cells, and negated to the first of the smallest."""
    mask = _mask(call)
    where = call.windows.xp.empty((2, *call.windows.out_shape), np.int64)
    call.windows._run(
        "cypool_ends", call.x, where[0], None if call.valid is None else mask[0], types=(name_of(call.x),),
        arguments=(call.x, *mask, where, apart_of(where)),
    )  # fmt: skip
    work = np.dtype(np.float64 if gradient.dtype.itemsize == 8 else np.float32)
    call.windows._run(
        "cypool_apart", gradient, out, where[0], transposed=True, types=(name_of(gradient), _WORKS[work]),
        arguments=(gradient, where, apart_of(where), out),
    )  # fmt: skip


_WORKS = {np.dtype(np.float32): "float", np.dtype(np.float64): "double"}


def bits_of(scalar):
    """A 0-d array as kernels take it by value."""
    bits = _BITS.get(storage_of(scalar.dtype).name)
    return scalar if bits is None else scalar.view(bits)


def name_of(array):
    """The kernels' name of an array's storage type."""
    return _NAMES[storage_of(array.dtype).name]


def apart_of(kept):
    """How far the kept numbers of a window lie apart."""
    return np.int64(math.prod(kept.shape[1:]))
