"""The same windows over every dtype."""

import numpy as np

from . import libraries, measure, rows, suite

NARROW_AND_WIDE = [name for dtype in ("uint8", "float16", "float64") for name in rows.names("max", "avg", dtype=dtype)]
INTEGERS = [f"{sign}int{bits}" for bits in (8, 16, 32, 64) for sign in ("", "u")]
DTYPES = ["bool", *INTEGERS, "float16", "bfloat16", "float32", "float64"]


class Dtypes(suite.Rows):
    """The contract's rows."""

    params = NARROW_AND_WIDE


class DtypesPeers(suite.Peers):
    """The same, beside each peer."""

    params = (NARROW_AND_WIDE, ["torch", "onnxruntime", "tinybrain"])


class EveryDtype:
    """Each operator of each dtype, on one batch of the stem."""

    params = (["max", "min", "avg", "sum"], DTYPES)
    param_names = ("op", "dtype")

    def setup(self, op, dtype):
        """The array in its dtype, and a result."""
        if (op, dtype) == ("avg", "bool"):
            raise NotImplementedError("booleans have no average")
        dtype = libraries.need("ml_dtypes").bfloat16 if dtype == "bfloat16" else np.dtype(dtype)
        self.pool = libraries.function(f"{op}_pool2d")
        self.x = rows.random((1, 64, 112, 112), dtype)
        self.out = self.pool(self.x, 3, 2, 1)

    def time_call(self, op, dtype):
        """Seconds of a call."""
        self.pool(self.x, 3, 2, 1, out=self.out, num_threads=1)

    def track_copy(self, op, dtype):
        """The call's time over the copy's."""
        return measure.ratio_to_copy(lambda: self.time_call(op, dtype), self.x.nbytes + self.out.nbytes)

    track_copy.unit = "times the copy"
