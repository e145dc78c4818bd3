"""Windows over values: the contract's rows but for large windows and small maps, and every operator."""

from . import large_windows, libraries, rows, small_maps, suite

FORWARD = {"dtype": "float32", "layout": "channels first"}
ELSEWHERE = (*large_windows.ROWS, *small_maps.ROWS)
HERE = [name for name in rows.names("max", "avg", **FORWARD) if name not in ELSEWHERE]


class Forward(suite.Rows):
    """Channels first, float32."""

    params = HERE


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
        self.pool = libraries.function(f"{op}_pool2d")
        self.x = rows.random((2, 64, 112, 112))
        self.out = self.pool(self.x, 3, 2, 1)

    def time_call(self, op):
        """Seconds of a call."""
        self.pool(self.x, 3, 2, 1, out=self.out, num_threads=1)
