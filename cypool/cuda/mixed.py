"""Mixed and gated pooling on a GPU: what `cypool.mixed` does by parts of planes is a walk over each window in `mixed.cu`.

A gradient is two kernels: windows write down which cell they chose and what they send, cells gather it.
"""

import numpy as np

from cypool import filters
from cypool.arrays import storage_of
from cypool.cuda import filters as device_filters
from cypool.cuda.windows import _SUMS, bits_of, name_of, pointer
from cypool.kernels.core import CODES


def _wide(dtype):
    """What the parts of a mixture are computed in, see `cypool.mixed`."""
    row = storage_of(dtype)
    return "float" if row.floating and dtype.itemsize < 8 else "double"


class Mixture:
    """The windows of one call.

    Parameters
    ----------
    windows : DeviceWindows
    x, valid : arrays on the device
    given : array of float64 or None
        Of the result's shape: the maximum's proportion in each window, or a gate's bias.
    number : float
        What it is everywhere if `given` is None.
    w : array of float64 or None
        A gate's weights: of the shape of x with taps in place of the pooled axes.
    """

    def __init__(self, windows, x, valid, given, number, w=None):
        self.windows, self.x, self.valid, self.given, self.w = windows, x, valid, given, w
        self.number = np.float64(number)
        self.row, self.gated = storage_of(x.dtype), w is not None

    def _sum(self):
        wide = np.dtype(np.float64 if _wide(self.x.dtype) == "double" else np.float32)
        codes = {self.windows.sum_work(storage_of(wide))}
        if self.gated:
            codes.add(filters.work_of(self.windows, wide))
        return _SUMS[CODES["float64"] if CODES["float64"] in codes else CODES["float32"]]

    def _tables(self, transposed=False):
        return device_filters.matrices(self.windows, None, transposed=transposed) if self.gated else None

    def _forward(self, kernel, target, types, arguments):
        types = (name_of(self.x.dtype), _wide(self.x.dtype), self._sum(), *types, str(self.gated).lower())
        arguments = (self.x, pointer(self.valid), pointer(self.w), pointer(self.given), self.number, *arguments)
        beside = (self.given, self.valid, self.w)
        self.windows._run(kernel, self.x, target, *beside, tables=self._tables(), types=types, arguments=arguments)

    def into(self, out, empty):
        """The mixtures, `empty` where there is no valid cell."""
        self._forward("cypool_mixed", out, (name_of(out.dtype),), (out, bits_of(np.asarray(empty, out.dtype))))

    def gradients_into(self, gradient, out):
        """The gradient of x into an array; of each window that of its proportion or score, in float64."""
        windows, xp = self.windows, self.windows.xp
        wide = gradient.dtype.itemsize == 8 or windows.overlap > 64 or self._sum() == "double"
        name, dtype = ("double", np.float64) if wide else ("float", np.float32)
        gradient = xp.ascontiguousarray(gradient)
        chosen, slope = xp.empty(windows.out_shape, np.int64), xp.empty(windows.out_shape, np.float64)
        part, spread = xp.empty(windows.out_shape, dtype), xp.empty(windows.out_shape, dtype)
        sent = (chosen, part, spread, slope)
        self._forward("cypool_mixed_sent", slope, (name_of(gradient.dtype), name), (gradient, *sent))
        arguments = (*sent, pointer(self.w), pointer(self.valid), out)
        options = {
            "tables": self._tables(transposed=True),
            "types": (name, name_of(out.dtype), str(self.gated).lower()),
        }
        beside = (None, self.valid, self.w)
        windows._run("cypool_mixed_received", chosen, out, *beside, transposed=True, arguments=arguments, **options)
        return slope
