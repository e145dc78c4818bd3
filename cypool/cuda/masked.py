"""`cypool.masked` where arrays lie on a GPU: which cells count, what they weigh, and what becomes of windows then.

On the host masks are algebra around kernels that know none.  Here kernels (`masked.cu`) look at the mask and the weights as
they walk over a window: nothing of the input's size is allocated, but a byte for each cell under ``nan="ignore"``.  The engine
finds this module's names by `DeviceWindows.masked`.
"""

import numpy as np

from cypool import masked
from cypool.arrays import smallest, storage_of
from cypool.cuda.windows import bits_of, name_of, pointer
from cypool.parameters import ROUNDINGS
from cypool.windows import INDEX_DTYPES, _division

as_weights = masked.as_weights


def validity(x, mask, nan, windows):
    """As `cypool.masked.validity`."""
    valid = None if mask is None else masked.as_mask(mask, windows.shape, windows.device)
    if nan == "propagate" or not storage_of(x.dtype).floating:
        return valid
    numbers = windows.xp.empty(windows.shape, bool)
    arguments = (x, pointer(valid), numbers)
    windows._run("cypool_numbers", x, numbers, fourth=valid, each=True, types=(name_of(x.dtype),), arguments=arguments)
    return numbers


def select_into(windows, op, x, valid, out, indices, kind, empty, num_threads):
    """As `cypool.masked.select_into`."""
    nothing = smallest(x.dtype, op) if empty is None else empty
    size = np.int32(0 if indices is None else INDEX_DTYPES[kind].itemsize)
    arguments = (x, valid, out, pointer(indices), size, bits_of(np.asarray(nothing, x.dtype)))
    types = (name_of(x.dtype), "1" if op == "max" else "-1")
    windows._run("cypool_select_valid", x, out, indices, valid, types=types, arguments=arguments)


class WeightedSum:
    """As `cypool.masked.WeightedSum`, of which the engine needs two methods."""

    def __init__(self, windows, valid, weights, mean, num_threads):
        self.windows, self.valid, self.weights, self.mean = windows, valid, weights, mean
        self._how, self._divisor = _division(mean)
        self._beside = (pointer(valid), pointer(weights))
        self._weight = "float" if weights is None else name_of(weights.dtype)

    def into(self, x, out, rounding="trunc", empty=None):
        """The sums or means into `out`, `empty` where there is no valid cell."""
        types = (
            name_of(x.dtype),
            "double" if storage_of(x.dtype).floating else "unsigned long long",
            name_of(out.dtype),
        )
        nothing = bits_of(np.asarray(0 if empty is None else empty, out.dtype))
        arguments = (
            x, *self._beside, out, np.int32(self._how), np.float64(self._divisor), np.int32(ROUNDINGS.index(rounding)),
            np.int32(empty is not None), nothing,
        )  # fmt: skip
        self._run("cypool_total_valid", x, out, None, types=(*types, self._weight), arguments=arguments)

    def gradients_into(self, gradient, x, out, want_weights):
        """The gradient of x into an array; that of the weights of all cells, in float64, or None."""
        windows, xp = self.windows, self.windows.xp
        sent = xp.empty(windows.out_shape, np.float64)
        arguments = (gradient, *self._beside, sent, np.int32(self._how), np.float64(self._divisor))
        self._run(
            "cypool_sent", None, sent, gradient, types=(name_of(gradient.dtype), self._weight), arguments=arguments
        )
        types, arguments = (name_of(out.dtype), self._weight), (sent, *self._beside, out)
        self._run("cypool_received_valid", sent, out, None, transposed=True, types=types, arguments=arguments)
        if not want_weights:
            return None
        mean = None
        if self.mean == "shares":
            mean = xp.empty(windows.out_shape, np.float64)
            self.into(x, mean)
        by_weight = xp.empty(windows.shape, np.float64)
        arguments = (sent, pointer(mean), x, self._beside[0], by_weight)
        types = (name_of(x.dtype),)
        self._run("cypool_weights_gradient", sent, by_weight, x, transposed=True, types=types, arguments=arguments)
        return by_weight

    def _run(self, kernel, source, target, third, **options):
        self.windows._run(kernel, source, target, third, self.valid, self.weights, **options)
