"""Blur pooling of one batch on one thread: beside a copy, the average of the same windows, and PyTorch's pad and convolution."""

import numpy as np

from . import libraries, measure, rows

SHAPE = (8, 64, 56, 56)
ROWS = {
    "k3 s2": ({"kernel_size": 3}, "float32", "forward"),
    "k5 s2": ({"kernel_size": 5}, "float32", "forward"),
    "k3 s2 zeros": ({"kernel_size": 3, "padding": 1, "boundary": "constant"}, "float32", "forward"),
    "k3 s2 float16": ({"kernel_size": 3}, "float16", "forward"),
    "k3 s2 channels last": ({"kernel_size": 3, "data_format": "channels_last"}, "float32", "forward"),
    "k3 s2 of maxima of 2": ({"kernel_size": 3, "max_size": 2}, "float32", "forward"),
    "k3 s2 backward": ({"kernel_size": 3}, "float32", "backward"),
}


class Case:
    """x, and a call that fills preallocated memory."""

    def __init__(self, row):
        self.p, dtype, direction = ROWS[row]
        pool, back = libraries.function("blur_pool2d"), libraries.function("blur_pool2d_backward")
        shape = SHAPE if "data_format" not in self.p else (SHAPE[0], *SHAPE[2:], SHAPE[1])
        self.x = rows.random(shape).astype(dtype)
        self.y = pool(self.x, **self.p)
        grad_x, grad = np.empty_like(self.x), self.y.copy()
        self.nbytes = self.x.nbytes + self.y.nbytes
        if direction == "forward":
            self.call = lambda: pool(self.x, **self.p, out=self.y, num_threads=1)
        else:
            self.call = lambda: back(grad, self.x, **self.p, out=grad_x, num_threads=1)

    def average(self):
        """The average of the same windows, padding counted."""
        pool, k = libraries.function("avg_pool2d"), self.p["kernel_size"]
        options = {name: self.p[name] for name in ("data_format",) if name in self.p}
        return lambda: pool(self.x, k, 2, k // 2, **options, out=self.y, num_threads=1)


class Blur:
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


class BlurShares:
    """Beside the average, of which it should take at most three times.  Less is better."""

    params = ("k3 s2", "k5 s2")
    param_names = ("row",)
    timeout = 300

    def setup(self, row):
        """Both are ready."""
        self.case = Case(row)

    def track_share(self, row):
        """cypool's time over that of its average."""
        return measure.share(self.case.call, self.case.average())

    track_share.unit = "times the average's time"


class BlurPeers(BlurShares):
    """Beside PyTorch's composition.  Less is better."""

    def setup(self, row):
        """Both are ready; without PyTorch there is nothing to measure."""
        super().setup(row)
        torch = libraries.need("torch")
        torch.set_num_threads(1)
        functional, k = torch.nn.functional, self.case.p["kernel_size"]
        taps = torch.tensor((np.poly1d([0.5, 0.5]) ** (k - 1)).coeffs, dtype=torch.float32)
        kernel = torch.outer(taps, taps).expand(SHAPE[1], 1, k, k).contiguous()
        x = torch.from_numpy(self.case.x)

        def composed():
            with torch.no_grad():
                padded = functional.pad(x, (k // 2,) * 4, mode="reflect")
                return functional.conv2d(padded, kernel, stride=2, groups=SHAPE[1])

        self.composed = composed

    def track_share(self, row):
        """cypool's time over that of a reflecting pad and a convolution of each channel."""
        return measure.share(self.case.call, self.composed)

    track_share.unit = "times PyTorch's time"
