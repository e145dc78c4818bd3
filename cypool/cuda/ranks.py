"""Rank operators where arrays lie on a device: from a call of `cypool.ranks` to the kernels of ``ranks.cu``.

The call has read the parameters; here a way through the kernels is chosen, `keep`, and for a gradient its two steps are run:
records of what every window chose, then what every cell is given.
"""

import copy
from math import floor, prod

import numpy as np

from cypool import geometry
from cypool.cuda.windows import DeviceWindows, name_of
from cypool.windows import Windows

TERMS = np.dtype(
    [("q", "f8"), ("empty", "f8"), ("k", "i8"), ("label", "u8"), ("empty_label", "u8")]
    + [(name, "i4") for name in ("method", "ignore", "aside", "above", "masked", "unused")]
)
"""struct RankTerms."""

KEPT = (8, 16, 32, 64)
"""How many keys a thread may keep in registers; what needs more walks over its window several times."""

TEAM = 256
"""Threads of a block that shares a window: its number of kept keys is that, negative."""

TEAM_TAPS, TEAM_WINDOWS = 1024, 1 << 16
"""Windows of at least so many taps have a block each, if they are at most so many; no time was measured yet."""

KERNELS = {"rank": "quantile", "top": "topk", "mode": "mode"}
"""The kernels' names of operations."""


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
        self.windows, self.x, self.valid = call.windows, call.x, call.valid
        self.xp, self.kind, t = call.windows.xp, call.kind, call.terms
        self.keep, above = keep(call.kind, call.windows.taps, t["q"], t["k"])
        if call.windows.taps >= TEAM_TAPS and prod(call.windows.out_shape) <= TEAM_WINDOWS:
            self.keep = -TEAM
        self.terms = np.zeros((), TERMS)
        self.terms["q"], self.terms["k"] = t["q"], min(t["k"], np.iinfo(np.int64).max)
        self.terms["method"], self.terms["above"] = methods.index(t["method"]), above
        self.terms["ignore"], self.terms["masked"] = call.ignore, call.valid is not None
        self.terms["aside"], self.terms["label"] = t["aside"], t["label"] % 2**64

    def _run(self, suffix, target, *targets):
        """A kernel that reads windows."""
        valid = self.x if self.valid is None else self.valid  # any pointer will do where there is no mask
        types = (name_of(self.x.dtype), str(self.keep))
        arguments = (self.x, valid, target, *targets, self.terms)
        self.windows._run(
            f"cypool_{KERNELS[self.kind]}{suffix}",
            self.x,
            target,
            self.valid,
            types=types,
            arguments=arguments,
            team=max(1, -self.keep),
        )

    def forward(self, out, empty):
        """All results."""
        self.terms["empty_label" if self.kind == "mode" else "empty"] = empty % 2**64 if self.kind == "mode" else empty
        self._run("", out)

    def backward(self, gradient, out):
        """The gradient of x."""
        if self.kind == "top" and self.windows.has_boundary:
            self._over_positions(gradient, out)
            return
        xp, shape, top = self.xp, self.windows.out_shape, self.kind == "top"
        first, share = xp.empty(shape, np.int64), xp.empty(shape, np.float64)
        second = xp.empty(shape, np.uint64 if top else np.int64)
        self._run("_records", first, second, share)
        types, read, target = [name_of(gradient.dtype), name_of(out.dtype)], (), out
        if top:  # a cell's thread reads the cell itself, which lies as what it writes
            target = out if out.flags.c_contiguous else xp.empty(out.shape, out.dtype)
            x = xp.ascontiguousarray(self.x)
            read = (x, x if self.valid is None else xp.ascontiguousarray(self.valid))
            types.insert(0, name_of(x.dtype))
        arguments = (*read, gradient, first, second, share, target, *([self.terms] if top else []))
        kernel = f"cypool_{KERNELS[self.kind]}_gradient"
        self.windows._run(kernel, gradient, target, first, transposed=True, types=types, arguments=arguments)
        if target is not out:
            out[...] = target

    def _over_positions(self, gradient, out):
        """The same where what positions see is written out; then each cell collects from those that see it.

        Which of equal cells are chosen is a matter of positions, and a cell may be seen from several.
        """
        if "positions" not in self.windows._cached:
            self.windows._cached["positions"] = _positions(self.windows)
        found, seen, order, sums = self.windows._cached["positions"]
        xp, other = self.xp, copy.copy(self)
        other.windows = found
        for axis, cells in seen.items():
            other.x = xp.take(other.x, cells, axis)
            other.valid = None if other.valid is None else xp.take(other.valid, cells, axis)
        positions = xp.empty(found.shape, np.float64)
        other.backward(gradient, positions)
        for axis, places in order.items():
            positions = xp.take(positions, places, axis)
        total = xp.empty(out.shape, np.float64)
        sums.total(positions, total)
        out[...] = total


def _positions(windows):
    """Windows over what the positions of a boundary mode see; for each such axis what these are; and how cells collect: in
    which order positions stand by the cells that they see, and then the cells as windows over them."""
    plain, runs, seen, order = [], [], {}, {}
    for axis, table in zip(windows.axes, windows.tables, strict=True):
        cells = np.arange(table.extent) if table.source is None else table.source
        if table.source is not None:
            seen[axis] = windows.xp.asarray(cells)
            order[axis] = windows.xp.asarray(np.argsort(cells, kind="stable"))
        count = np.bincount(cells, minlength=table.extent)
        runs.append(geometry.irregular(len(cells), np.cumsum(count) - count, count))
        plain.append(copy.copy(table))
        plain[-1].source, plain[-1].extent = None, table.n_in
    extents = dict(zip(windows.axes, (table.n_in for table in windows.tables), strict=True))
    shape = tuple(extents.get(a, n) for a, n in enumerate(windows.shape))
    both = (DeviceWindows(Windows(shape, windows.axes, tuple(tables)), windows.device) for tables in (plain, runs))
    return next(both), seen, order, next(both)
