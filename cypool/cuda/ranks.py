"""Rank operators where arrays lie on a device: from a call of `cypool.ranks` to the kernels of ``ranks.cu``.

The call has read the parameters and written out what a boundary mode sees; here a way through the kernels is chosen, `keep`,
and for a gradient its two steps are run: records of what every window chose, then what every cell is given.
"""

from math import floor

import numpy as np

from cypool.arrays import storage_of
from cypool.cuda.windows import _NAMES

TERMS = np.dtype(
    [("q", "f8"), ("empty", "f8"), ("k", "i8"), ("label", "u8"), ("empty_label", "u8")]
    + [(name, "i4") for name in ("method", "ignore", "aside", "above", "masked", "unused")]
)
"""struct RankTerms."""

KEPT = (8, 16, 32, 64)
"""How many keys a thread may keep in registers; what needs more walks over its window several times."""


def keep(kind, taps, q, k):
    """(how many keys a thread keeps, 0 for none; whether of the largest cells) so that all wanted ranks are among them.

    Of n cells a quantile wants at most rank ``q (n - 1) + 1`` and the next, or, from above, ``(1 - q)(n - 1) + 1``.
    """
    if kind == "rank":
        below, above = floor(q * (taps - 1)) + 3, floor((1 - q) * (taps - 1)) + 2
        depth, from_above = (above, True) if above < below else (below, False)
        depth = min(depth, max(taps, 1))
    else:
        depth, from_above = (taps, False) if kind == "mode" else (min(k, taps), True)
    return next((size for size in KEPT if depth <= size), 0), from_above


class Device:
    """The kernels' side of one call.

    Parameters
    ----------
    call : cypool.ranks._Call
    methods : tuple of str
        The names of `RankTerms.method`.
    """

    def __init__(self, call, methods):
        self.call, self.xp = call, call.windows.xp
        t = call.terms
        self.keep, above = keep(call.kind, call.windows.taps, t["q"], t["k"])
        self.terms = np.zeros((), TERMS)
        self.terms["q"], self.terms["k"] = t["q"], min(t["k"], np.iinfo(np.int64).max)
        self.terms["method"], self.terms["above"] = methods.index(t["method"]), above
        self.terms["ignore"], self.terms["masked"] = call.ignore, call.valid is not None
        self.terms["aside"], self.terms["label"] = t["aside"], t["label"] % 2**64

    def _run(self, kernel, target, *targets, cells=None, valid=None):
        """A kernel that reads windows."""
        call = self.call
        valid = call.valid if call.valid is not None else call.cells  # any pointer will do where there is no mask
        types = (_NAMES[storage_of(call.x.dtype).name], str(self.keep))
        arguments = (call.cells, valid, target, *targets, self.terms)
        call.windows._run(f"cypool_{kernel}", call.cells, target, call.valid, types=types, arguments=arguments)

    def forward(self, out, empty):
        """All results."""
        if self.call.kind == "mode":
            self.terms["empty_label"] = empty % 2**64
        else:
            self.terms["empty"] = empty
        self._run({"rank": "quantile", "top": "topk", "mode": "mode"}[self.call.kind], out)

    def backward(self, gradient, out):
        """The gradient of the cells, into an array that has their shape."""
        call, xp = self.call, self.xp
        shape = call.windows.out_shape
        top = call.kind == "top"
        first, share = xp.empty(shape, np.int64), xp.empty(shape, np.float64)
        second = xp.empty(shape, np.uint64 if top else np.int64)
        self._run("topk_records" if top else "quantile_records", first, second, share)
        types = [_NAMES[storage_of(array.dtype).name] for array in (gradient, out)]
        if not top:
            arguments = (gradient, first, second, share, out)
            call.windows._run(
                "cypool_quantile_gradient", gradient, out, first, transposed=True, types=types, arguments=arguments
            )
            return
        # A cell's thread reads the cell itself: what it reads lies as what it writes.
        target = out if out.flags.c_contiguous else xp.empty(out.shape, out.dtype)
        x = xp.ascontiguousarray(call.cells)
        valid = x if call.valid is None else xp.ascontiguousarray(call.valid)
        call.windows._run(
            "cypool_topk_gradient",
            gradient,
            target,
            first,
            transposed=True,
            types=[_NAMES[storage_of(x.dtype).name], *types],
            arguments=(x, valid, gradient, first, second, share, target, self.terms),
        )
        if target is not out:
            out[...] = target
