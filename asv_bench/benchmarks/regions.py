"""Region pooling: a detector's boxes on one level of its features, 256 channels, 7 x 7 bins of 2 x 2 samples."""

import numpy as np

from . import libraries, measure, rows

SHAPE = (2, 256, 50, 68)
BINS = 7
GROUP = BINS * BINS
OPERATORS = {
    "roi_pool": {},
    "roi_align": {"sampling_ratio": 2, "aligned": True},
    "roi_align max": {"sampling_ratio": 2, "aligned": True, "mode": "max"},
    "ps_roi_pool": {},
    "ps_roi_align": {"sampling_ratio": 2},
}
LAYOUTS = ["channels_first", "channels_last"]
DTYPES = ["float32", "float16"]


def boxes(k=128, seed=0):
    """Boxes of 6 to 40 cells along each axis, within the image."""
    rng = np.random.default_rng(seed)
    limits = np.array([SHAPE[3], SHAPE[2]]) - 1
    size, centre = np.exp(rng.uniform(np.log(6), np.log(40), (k, 2))), rng.uniform(0, limits, (k, 2))
    corners = np.clip(np.hstack([centre - size / 2, centre + size / 2]), 0, [*limits, *limits])
    return np.hstack([rng.integers(0, SHAPE[0], (k, 1)), corners]).astype(np.float32)


class Case:
    """x, boxes, the options of a call, and the bytes that it has to touch: the boxes' cells and the result."""

    def __init__(self, operator, layout, dtype="float32"):
        self.name, *_ = operator.split()
        n, c, h, w = SHAPE
        c = c // GROUP * GROUP if self.name.startswith("ps") else c
        self.x = rows.random((n, c, h, w) if layout == "channels_first" else (n, h, w, c), dtype)
        self.boxes = boxes()
        self.options = {**OPERATORS[operator], "data_format": layout, "num_threads": 1}
        self.out = self.forward(None)
        cells = np.prod(np.ceil(self.boxes[:, 3:] - self.boxes[:, 1:3]) + 1, axis=1).sum()
        shared = GROUP if self.name.startswith("ps") else 1  # each channel has one bin's part of the box
        self.nbytes = int(cells * c * self.x.itemsize / shared + self.out.nbytes)

    def forward(self, out):
        """The result."""
        return libraries.function(self.name)(self.x, self.boxes, BINS, **self.options, out=out)

    def backward(self, out):
        """The gradient of x, of a linear operator by the shape of x."""
        backward = libraries.function(self.name + "_backward")
        linear = self.name != "roi_pool" and self.options.get("mode", "avg") == "avg"
        return backward(self.out, self.x.shape if linear else self.x, self.boxes, BINS, **self.options, out=out)


class Regions:
    """Every operator, one thread."""

    params = (list(OPERATORS), LAYOUTS, DTYPES)
    param_names = ("operator", "layout", "dtype")

    def setup(self, operator, layout, dtype):
        """The arrays; the first call, done."""
        self.case = Case(operator, layout, dtype)

    def time_call(self, operator, layout, dtype):
        """Seconds of a call."""
        self.case.forward(self.case.out)

    def track_copy(self, operator, layout, dtype):
        """The call's time over that of a copy of the boxes' cells and the result."""
        return measure.ratio_to_copy(lambda: self.case.forward(self.case.out), self.case.nbytes)

    track_copy.unit = "times the copy"


class Gradients:
    """The gradient of x, one thread; a maximum's searches again."""

    params = (list(OPERATORS), LAYOUTS)
    param_names = ("operator", "layout")

    def setup(self, operator, layout):
        """The arrays, and what the call fills; the first call, done."""
        self.case = Case(operator, layout)
        self.out = self.case.backward(None)

    def time_call(self, operator, layout):
        """Seconds of a call."""
        self.case.backward(self.out)

    def track_forward(self, operator, layout):
        """The time over the forward's."""
        return measure.share(lambda: self.case.backward(self.out), lambda: self.case.forward(self.case.out))

    track_forward.unit = "times the forward's time"


def of_torch(case):
    """roi_align by what PyTorch has without torchvision: grid_sample over each image's boxes, and their mean or maximum."""
    torch = libraries.need("torch")
    torch.set_num_threads(1)
    functional = torch.nn.functional
    n, _, h, w = SHAPE
    ratio = case.options["sampling_ratio"]
    points = (np.arange(BINS * ratio, dtype=np.float32) + 0.5) / (BINS * ratio)
    pool = functional.max_pool2d if case.options.get("mode") == "max" else functional.avg_pool2d
    images = torch.from_numpy(case.x)
    if case.options["data_format"] == "channels_last":
        images = images.movedim(-1, 1)
    grids = []
    for image in range(n):
        own = case.boxes[case.boxes[:, 0] == image, 1:]
        low, size = own[:, :2], own[:, 2:] - own[:, :2]
        x, y = (low[:, a, None] + size[:, a, None] * points - 0.5 for a in (0, 1))
        there = np.stack(np.broadcast_arrays(x[:, None] * 2 / (w - 1) - 1, y[:, :, None] * 2 / (h - 1) - 1), -1)
        grids.append(torch.from_numpy(there.reshape(1, -1, BINS * ratio, 2)))

    def run():
        for image, grid in zip(images, grids, strict=True):
            samples = functional.grid_sample(image[None], grid, "bilinear", "border", align_corners=True)
            pool(samples, ratio)

    return run


class RegionsPeers:
    """roi_align beside that composition, in the same process; one thread.  Less is better."""

    params = (["roi_align", "roi_align max"], LAYOUTS, ["torch grid_sample"])
    param_names = ("operator", "layout", "peer")

    def setup(self, operator, layout, peer):
        """Both are ready."""
        self.case = Case(operator, layout)
        self.peer = of_torch(self.case)
        self.peer()

    def track_share(self, operator, layout, peer):
        """cypool's time over the peer's."""
        return measure.share(lambda: self.case.forward(self.case.out), self.peer)

    track_share.unit = "times the peer's time"
