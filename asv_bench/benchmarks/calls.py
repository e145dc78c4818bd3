"""What a call costs before it computes anything, and what the import costs."""

from pathlib import Path

import cypool

from . import libraries, rows, suite

TINY = [name for name, row in rows.ROWS.items() if row.kind == "call"]
FOLDER = str(Path(cypool.__file__).parents[1])  # asv tells a process that it starts for us no path


class Calls:
    """Functions on tiny arrays."""

    params = TINY
    param_names = ("row",)

    def setup(self, name):
        """The tiny array; the first call, done."""
        self.run, _ = libraries.of_cypool(rows.Case(rows.ROWS[name]))
        self.run()

    def time_call(self, name):
        """Seconds of a call."""
        self.run()


class CallsPeers(suite.Peers):
    """The same, beside each peer."""

    params = (TINY, ["torch", "onnxruntime", "OpenVINO", "JAX"])


class Plans:
    """The same call, decided beforehand."""

    params = ("max_pool2d", "avg_pool2d")
    param_names = ("function",)

    def setup(self, function):
        """The plan and a tiny array."""
        self.x = rows.random((1, 1, 8, 8))
        self.plan = cypool.plan(getattr(cypool, function), self.x.shape, self.x.dtype, 2)

    def time_call(self, function):
        """Seconds of a call."""
        self.plan(self.x)


class Layers:
    """A layer, with the arguments read once."""

    params = ("MaxPool2d", "AvgPool2d")
    param_names = ("layer",)

    def setup(self, layer):
        """The layer and a tiny array."""
        self.layer, self.x = libraries.function(layer)(2), rows.random((1, 1, 8, 8))
        self.layer(self.x)

    def time_call(self, layer):
        """Seconds of a call."""
        self.layer(self.x)


def timeraw_import():
    """Seconds of the import in a fresh interpreter that has NumPy already."""
    return "import cypool", f"import sys, numpy; sys.path.append({FOLDER!r})"
