"""Windows over values: the contract's rows, the window's size, and every operator."""

import cypool

from . import libraries, measure, rows, suite

FORWARD = {"dtype": "float32", "layout": "channels first"}


class Forward(suite.Rows):
    """Channels first, float32."""

    params = rows.names("max", "avg", **FORWARD)


class ForwardPeers(suite.Peers):
    """The telling ones and one image, beside each peer; `asv_bench.peers` has them all."""

    params = (
        rows.names("max", "avg", told=True, **FORWARD) + rows.names("avg", shape=rows.IMAGE),
        list(libraries.PEERS),
    )


class Operators:
    """The four operators on the same windows."""

    params = ("max", "min", "avg", "sum")
    param_names = ("op",)

    def setup(self, op):
        """A batch of the ResNet stem."""
        self.pool = getattr(cypool, f"{op}_pool2d")
        self.x = rows.random((2, 64, 112, 112))
        self.out = self.pool(self.x, 3, 2, 1)

    def time_call(self, op):
        """Seconds of a call."""
        self.pool(self.x, 3, 2, 1, out=self.out, num_threads=1)


class LargeWindows:
    """Stride 1 on 1024x1024: the window's size shall be nearly free."""

    params = (["max", "avg"], [3, 7, 15, 31, 63, 127, 255])
    param_names = ("op", "k")

    def setup(self, op, k):
        """The image, and results for k and for 3."""
        self.pool = getattr(cypool, f"{op}_pool2d")
        self.x = rows.random((1, 1, 1024, 1024))
        self.out = self.pool(self.x, k, 1)
        self.out_3 = self.pool(self.x, 3, 1)

    def time_call(self, op, k):
        """Seconds of a call."""
        self.pool(self.x, k, 1, out=self.out, num_threads=1)

    def track_growth(self, op, k):
        """The time over that of k = 3."""
        runs = {
            "k": lambda: self.time_call(op, k),
            "3": lambda: self.pool(self.x, 3, 1, out=self.out_3, num_threads=1),
        }
        times = measure.best_times(runs)
        return times["k"] / times["3"]

    track_growth.unit = "times k = 3"
