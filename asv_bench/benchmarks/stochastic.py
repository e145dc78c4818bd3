"""Stochastic pooling of one batch, one thread: beside a copy, beside a maximum of the same windows, and beside what one would
write with NumPy: windows by sliding_window_view, running sums and one random number for each."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import libraries, measure, rows

SHAPE = (8, 64, 56, 56)
WINDOWS = {"k2 s2": (2, 2, 0), "k3 s2 p1": (3, 2, 1)}
DIRECTIONS = ("draw", "average", "draw's gradient", "average's gradient")


class Case:
    """x as a rectifier leaves it, and calls that fill preallocated memory."""

    def __init__(self, row, dtype="float32", data_format="channels_first"):
        self.window = WINDOWS[row]
        self.shape = SHAPE if data_format == "channels_first" else (*SHAPE[:1], *SHAPE[2:], SHAPE[1])
        self.x = np.maximum(rows.random(self.shape) * 200 - 100, 0).astype(dtype)
        self.options = {"num_threads": 1, "data_format": data_format}
        self.pool, self.back = (libraries.function("stochastic_pool2d" + suffix) for suffix in ("", "_backward"))
        self.out = self.pool(self.x, *self.window, **self.options, rng=0)
        self.nbytes = self.x.nbytes + self.out.nbytes

    def call(self, direction):
        """A call of cypool's."""
        how = {"rng": 0} if "draw" in direction else {"training": False}
        if "gradient" not in direction:
            return lambda: self.pool(self.x, *self.window, **self.options, **how, out=self.out)
        grad, grad_x = self.out.copy(), np.empty_like(self.x)
        return lambda: self.back(grad, self.x, *self.window, **self.options, **how, out=grad_x)

    def composed(self, direction):
        """The same with NumPy."""
        k, s, p = self.window
        rng, x = np.random.default_rng(0), self.x

        def windows():
            padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
            every = sliding_window_view(padded, (k, k), (2, 3))[:, :, ::s, ::s]
            return every.reshape(*every.shape[:4], k * k)

        def draw():
            cells = windows()
            sums = np.cumsum(cells, axis=-1)
            chosen = (sums > rng.random(sums.shape[:-1], np.float32)[..., None] * sums[..., -1:]).argmax(-1)
            return np.take_along_axis(cells, chosen[..., None], -1)

        def average():
            cells = windows()
            return (cells * cells).sum(axis=-1) / (cells.sum(axis=-1) + np.float32(1e-30))

        return {"draw": draw, "average": average}[direction]


class Stochastic:
    """Every direction."""

    params = (tuple(WINDOWS), DIRECTIONS, ("float32", "float16", "uint8"), ("channels_first", "channels_last"))
    param_names = ("window", "direction", "dtype", "data_format")

    def setup(self, window, direction, dtype, data_format):
        """The arrays; the first call, done."""
        if dtype != "float32" and (data_format == "channels_last" or "gradient" in direction):
            raise NotImplementedError("one dtype is enough here")
        self.case = Case(window, dtype, data_format)
        self.call = self.case.call(direction)
        self.call()

    def time_call(self, *params):
        """Seconds of a call."""
        self.call()

    def track_copy(self, *params):
        """The call's time over that of a copy of the input and the result."""
        return measure.ratio_to_copy(self.call, self.case.nbytes)

    track_copy.unit = "times the copy"


class StochasticPeers:
    """Beside the composition and beside the maximum, in the same process.  Less is better; at most 0.1 of the former is the aim."""

    params = (tuple(WINDOWS), ("draw", "average"))
    param_names = ("window", "direction")
    timeout = 300

    def setup(self, window, direction):
        """Both are ready."""
        case = Case(window)
        self.call, self.composed = case.call(direction), case.composed(direction)
        pool = libraries.function("max_pool2d")
        self.maximum = lambda: pool(case.x, *case.window, out=case.out, num_threads=1)

    def track_share(self, window, direction):
        """cypool's time over the composition's."""
        return measure.share(self.call, self.composed)

    track_share.unit = "times the composition's time"

    def track_maximum(self, window, direction):
        """The time over that of the maximum."""
        return measure.share(self.call, self.maximum)

    track_maximum.unit = "times the maximum's time"
