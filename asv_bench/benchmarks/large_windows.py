"""Windows much larger than their stride: their size shall be nearly free."""

from . import libraries, measure, rows, suite

ROWS = rows.names("max", "avg", large_window=True, stride=1)
SHAPE = (1, 1, 1024, 1024)
CALLS = ["max", "min", "avg", "sum", "max with indices"]


class LargeRows(suite.Rows):
    """The contract's rows."""

    params = ROWS


class LargeRowsPeers(suite.Peers):
    """The same, beside those peers that take less than seconds."""

    params = (ROWS, ["onnxruntime", "OpenVINO", "OpenCV", "SciPy"])


class LargeWindows:
    """Stride 1 on one plane of 1024x1024, one thread; `asv_bench.windows` prints them all beside the peers."""

    params = (CALLS, [3, 7, 15, 31, 63, 127, 255])
    param_names = ("call", "k")

    def setup(self, call, k):
        """The plane, and results for k, and for the 3 that it is compared with."""
        self.x = rows.random(SHAPE)
        self.run, self.run_3 = (self.prepare(call, size) for size in (k, 3))

    def prepare(self, call, k):
        """A function of no arguments; the first call, done."""
        pool = libraries.function(f"{call.split()[0]}_pool2d")
        options = {"return_indices": True} if "indices" in call else {}
        out = pool(self.x, k, 1, k // 2, **options)
        return lambda: pool(self.x, k, 1, k // 2, out=out, num_threads=1, **options)

    def time_call(self, call, k):
        """Seconds of a call."""
        self.run()

    def track_growth(self, call, k):
        """The time over that of k = 3."""
        return measure.share(self.run, self.run_3)

    track_growth.unit = "times k = 3"
