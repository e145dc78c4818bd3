"""Where the values lie: channels last, and views with any strides, none of which is copied."""

import numpy as np

from . import libraries, rows, suite

CALLS = "max", "avg", "global avg"
SHAPE = (2, 64, 112, 112)
VIEWS = {
    "contiguous": lambda: rows.random(SHAPE),
    "channels last, seen as channels first": lambda: np.moveaxis(rows.random((2, 112, 112, 64)), -1, 1),
    "transposed planes": lambda: rows.random(SHAPE).swapaxes(2, 3),
    "every other column": lambda: rows.random((2, 64, 112, 224))[..., ::2],
    "reversed columns": lambda: rows.random(SHAPE)[..., ::-1],
    "broadcast batch": lambda: np.broadcast_to(rows.random((1, *SHAPE[1:])), SHAPE),
    "misaligned": lambda: (
        np.frombuffer(b"\0" + rows.random(SHAPE).tobytes(), np.uint8)[1:].view(np.float32).reshape(SHAPE)
    ),
}


class ChannelsLast(suite.Rows):
    """The contract's rows."""

    params = rows.names(*CALLS, layout=rows.LAST)


class ChannelsLastPeers(suite.Peers):
    """The same, beside each peer."""

    params = (rows.names(*CALLS, layout=rows.LAST), ["torch"])


class Views:
    """The stem on arrays with other strides."""

    params = (["max", "avg"], list(VIEWS))
    param_names = ("op", "view")

    def setup(self, op, view):
        """The view, and a contiguous result."""
        self.x = VIEWS[view]()
        self.pool = libraries.function(f"{op}_pool2d")
        self.out = self.pool(self.x, 3, 2, 1)

    def time_call(self, op, view):
        """Seconds of a call."""
        self.pool(self.x, 3, 2, 1, out=self.out, num_threads=1)
