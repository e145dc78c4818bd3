"""Small planes, and many of them: what a plane costs beyond its values."""

from . import libraries, measure, rows, suite

ROWS = rows.names("max", "avg", small_map=True, large_window=False, dtype="float32")
VALUES = 1 << 18
CHANNELS = 64


class SmallRows(suite.Rows):
    """The contract's rows."""

    params = ROWS


class SmallRowsPeers(suite.Peers):
    """The same, beside each peer."""

    params = (ROWS, ["torch", "onnxruntime", "OpenVINO", "JAX"])


class SmallMaps:
    """About as many values in planes of any size: windows that overlap (k3 s1 p1) and such that do not (k2 s2)."""

    params = (["max", "avg"], ["k3 s1 p1", "k2 s2"], [2, 4, 7, 8, 13, 14, 16, 20, 28, 56])
    param_names = ("op", "windows", "side")

    def setup(self, op, windows, side):
        """The planes, and a result."""
        self.pool = libraries.function(f"{op}_pool2d")
        self.window = {"k3 s1 p1": (3, 1, 1), "k2 s2": (2, 2, 0)}[windows]
        self.x = rows.random((max(VALUES // (CHANNELS * side**2), 1), CHANNELS, side, side))
        self.out = self.pool(self.x, *self.window)

    def time_call(self, op, windows, side):
        """Seconds of a call."""
        self.pool(self.x, *self.window, out=self.out, num_threads=1)

    def track_copy(self, op, windows, side):
        """The call's time over the copy's."""
        return measure.ratio_to_copy(lambda: self.time_call(op, windows, side), self.x.nbytes + self.out.nbytes)

    track_copy.unit = "times the copy"
