"""Rank operators on an image and on a volume of labels, one thread: beside a copy, their gradients, and beside what one would
write with NumPy and SciPy: windows by sliding_window_view, and a rank of each."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import libraries, measure, rows

IMAGE = (512, 512)
VOLUME = (64, 64, 64)
Q, K = 0.9, 4
NUMBERS = {"median_pool": {}, "quantile_pool": {"q": Q}, "topk_pool": {"k": K}}
WINDOWS = [3, 5]
LABELS = ["uint8", "uint64"]
ROWS = {
    **{f"{name} k{k} s1": (name, k) for name in NUMBERS for k in WINDOWS},
    **{f"mode_pool {dtype} k2 s2": ("mode_pool", dtype) for dtype in LABELS},
}


class Case:
    """x, a call of cypool's that fills preallocated memory, and the same composed with NumPy and SciPy."""

    def __init__(self, row):
        self.name, of = ROWS[row]
        pool = libraries.function(self.name)
        if self.name == "mode_pool":
            self.x = rows.random(VOLUME, of) % 5
            self.windows, self.options = 2, {"axes": (0, 1, 2)}
        else:
            self.x = rows.random(IMAGE)
            self.windows, self.options = of, {"stride": 1, **NUMBERS[self.name]}
        self.options["num_threads"] = 1
        self.out = pool(self.x, self.windows, **self.options)
        self.nbytes = self.x.nbytes + self.out.nbytes
        self.call = lambda: pool(self.x, self.windows, **self.options, out=self.out)

    def gradient(self):
        """A call of the gradient, with preallocated memory."""
        back = libraries.function(self.name + "_backward")
        grad, grad_x = self.out.copy(), np.empty_like(self.x)
        return lambda: back(grad, self.x, self.windows, **self.options, out=grad_x)

    def composed(self):
        """What gives the same result without cypool."""
        window = (self.windows,) * self.x.ndim
        axes = tuple(range(-self.x.ndim, 0))
        cells = sliding_window_view(self.x, window)
        if self.name == "median_pool":
            return lambda: np.median(cells, axis=axes)
        if self.name == "quantile_pool":
            return lambda: np.quantile(cells, Q, axis=axes)
        flat = cells.shape[: self.x.ndim] + (-1,)
        if self.name == "topk_pool":
            return lambda: np.partition(cells.reshape(flat), -K, axis=-1)[..., -K:].mean(axis=-1)
        stats = libraries.need("scipy.stats")
        every = cells[(slice(None, None, self.windows),) * self.x.ndim]
        return lambda: stats.mode(every.reshape((*every.shape[: self.x.ndim], -1)), axis=-1)


class Ranks:
    """Every row."""

    params = tuple(ROWS)
    param_names = ("row",)

    def setup(self, row):
        """The arrays; the first call, done."""
        self.case = Case(row)
        self.case.call()

    def time_call(self, row):
        """Seconds of a call."""
        self.case.call()

    def track_copy(self, row):
        """The call's time over that of a copy of the input and the result."""
        return measure.ratio_to_copy(self.case.call, self.case.nbytes)

    track_copy.unit = "times the copy"


class Gradients:
    """The gradient of x, which searches again."""

    params = tuple(row for row in ROWS if not row.startswith("mode"))
    param_names = ("row",)

    def setup(self, row):
        """The arrays; the first call, done."""
        case = Case(row)
        self.call, self.forward = case.gradient(), case.call
        self.call()

    def time_call(self, row):
        """Seconds of a call."""
        self.call()

    def track_forward(self, row):
        """The time over the forward's."""
        return measure.share(self.call, self.forward)

    track_forward.unit = "times the forward's time"


class RanksPeers:
    """Every row beside the composition, in the same process.  Less is better; at most 0.1 is the aim."""

    params = tuple(ROWS)
    param_names = ("row",)
    timeout = 300

    def setup(self, row):
        """Both are ready."""
        self.case = Case(row)
        self.composed = self.case.composed()

    def track_share(self, row):
        """cypool's time over the composition's."""
        return measure.share(self.case.call, self.composed)

    track_share.unit = "times the composition's time"


class Morphology:
    """Grey dilation by a 3 x 3 element, forward and back, and beside the maximum of the same windows."""

    params = ("forward", "backward")
    param_names = ("direction",)

    def setup(self, direction):
        """The arrays; the first call, done."""
        x, w = rows.random((4, 16, 128, 128)), rows.random((16, 3, 3))
        pool, back = (libraries.function("morphological_pool2d" + suffix) for suffix in ("", "_backward"))
        y = pool(x, w, 1)
        grad, out = y.copy(), (np.empty_like(x), np.empty_like(w))
        if direction == "forward":
            self.call = lambda: pool(x, w, 1, out=y, num_threads=1)
        else:
            self.call = lambda: back(grad, x, w, 1, out=out, num_threads=1)
        self.nbytes = x.nbytes + y.nbytes
        self.call()

    def time_call(self, direction):
        """Seconds of a call."""
        self.call()

    def track_copy(self, direction):
        """The call's time over the copy's."""
        return measure.ratio_to_copy(self.call, self.nbytes)

    track_copy.unit = "times the copy"
