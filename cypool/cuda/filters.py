"""Filters on a GPU: the matrices of `cypool.filters` as tables that `filters.cu` walks, and its kernels' launches.

Every function takes the `DeviceWindows` of the filter.  Matrices are made by `cypool.filters`, copied once, and kept with the
windows.
"""

from math import prod

import numpy as np

from cypool import filters
from cypool.arrays import storage_of
from cypool.cuda.windows import _SUMS, Tables, _missing, bits_of, name_of, pointer

MOST_PARTS = 128
"""Into so many parts the sum over a plane's windows is cut that becomes an element's gradient."""

_ONE = filters.Matrix(1, 1, 0, 0, 0, 0, 1, *(np.array(values) for values in ([0, 1], [0], [0], [1.0])))
"""The matrix of an axis that does nothing."""


class Matrices(Tables):
    """The matrices of all pooled axes: whole numbers, their weights, and which share of these sees a cell.

    Parameters
    ----------
    of_axes : sequence of filters.Matrix
    seen : sequence of numpy.ndarray
        Of each axis, for every output.
    """

    def __init__(self, of_axes, seen):
        ones = _missing(of_axes)
        of_axes, seen = [_ONE] * ones + of_axes, [np.ones(1)] * ones + seen
        whole = []
        for m in of_axes:
            head = [m.lo, m.hi, m.period, m.advance, len(m.begin) - 1, len(m.cell), m.n_out]
            whole.append(np.concatenate([head, m.begin, m.cell, m.tap]))
        weights = [*(m.weight for m in of_axes), *seen]
        begins = np.cumsum([0, *map(len, weights)])
        columns = {
            "table": np.cumsum([0, *map(len, whole)])[:-1], "forward": begins[: len(of_axes)],
            "forward_step": begins[len(of_axes) : -1], "cells": [m.n_in for m in of_axes],
        }  # fmt: skip
        super().__init__(columns, np.concatenate(whole))
        self._weights = np.concatenate(weights)

    def weights_on(self, device):
        """The weights and shares there."""
        if "weights" not in self._copies:
            self._copies["weights"] = device.xp.asarray(self._weights)
        return self._copies["weights"]


def matrices(windows, taps, renormalised=False, transposed=False):
    """The matrices of `filters.matrices` for all axes; `taps` None for weights of 1."""
    key = (matrices, taps, renormalised, transposed)
    if key not in windows._cached:
        taps = tuple((1.0,) * table.window for table in windows.tables) if taps is None else taps
        pairs = list(zip(windows.tables, taps, strict=True))
        of_axes = [filters.matrices(table, one, renormalised)[transposed] for table, one in pairs]
        windows._cached[key] = Matrices(of_axes, [filters.seen_along(table, one) for table, one in pairs])
    return windows._cached[key]


def work_of(windows, dtype):
    """What a filter adds up in, see `filters.work_of`; for whole numbers that of float64."""
    return _SUMS[filters.work_of(windows, dtype if storage_of(dtype).floating else np.dtype(np.float64))]


def apply(windows, taps, renormalised, x, out, empty=None):
    """The filter over x, `empty` where it sees no cell if that is not None."""
    tables = matrices(windows, taps, renormalised)
    _apply(windows, tables, x, None, out, empty)


def spread(windows, taps, renormalised, gradient, out, valid=None):
    """The adjoint over a gradient, 0 in cells that are not valid."""
    tables = matrices(windows, taps, renormalised, transposed=True)
    _apply(windows, tables, gradient, valid, out, None)


def _apply(windows, tables, x, own, out, empty):
    nothing = bits_of(np.asarray(0 if empty is None else empty, out.dtype))
    weights = tables.weights_on(windows.device)
    arguments = (weights, x, pointer(own), out, np.int32(empty is not None), nothing)
    types = (name_of(x.dtype), work_of(windows, x.dtype), name_of(out.dtype))
    windows._run("cypool_filter", x, out, fourth=own, tables=tables, types=types, arguments=arguments)


def apply_valid(windows, taps, padded, x, valid, out, empty=None):
    """The filter over the valid cells, whose weights are scaled up; with `padded` taps that see no cell count."""
    tables = matrices(windows, taps)
    nothing = bits_of(np.asarray(0 if empty is None else empty, out.dtype))
    terms = (np.float64(prod(map(sum, taps))), np.int32(padded))
    arguments = (tables.weights_on(windows.device), x, valid, out, *terms, np.int32(empty is not None), nothing)
    types = (name_of(x.dtype), name_of(out.dtype))
    windows._run("cypool_filter_valid", x, out, fourth=valid, tables=tables, types=types, arguments=arguments)


def sent_valid(windows, taps, padded, gradient, valid):
    """What windows send back, as their sums over the valid cells were scaled, in float64."""
    tables, sent = matrices(windows, taps), windows.xp.empty(windows.out_shape, np.float64)
    terms = (np.float64(prod(map(sum, taps))), np.int32(padded))
    arguments = (tables.weights_on(windows.device), gradient, valid, sent, *terms)
    types = (name_of(gradient.dtype),)
    windows._run("cypool_filter_sent", None, sent, gradient, valid, tables=tables, types=types, arguments=arguments)
    return sent


def element_gradient(windows, x, gradient, valid):
    """As `filters.element_gradient`, of the shape of x with taps in place of the pooled axes."""
    xp, taps = windows.xp, dict(zip(windows.axes, (table.window for table in windows.tables), strict=True))
    parts = min(MOST_PARTS, prod(table.n_out for table in windows.tables))
    shape = tuple(taps.get(a, n) for a, n in enumerate(windows.shape))
    sums = xp.zeros((*shape, parts), np.float64)
    if x.size and gradient.size:
        x, gradient, valid = (
            None if one is None else xp.broadcast_to(one[..., None], (*one.shape, parts))
            for one in (x, gradient, valid)
        )
        arguments = (x, gradient, pointer(valid), sums, np.int32(parts))
        options = {"tables": matrices(windows, None), "types": (name_of(x.dtype),), "arguments": arguments}
        windows._run("cypool_element_gradient", x, sums, gradient, valid, **options)
    return sums.sum(axis=-1)
