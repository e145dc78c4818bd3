"""What the measurements share: the photographs, the ways of making them smaller, and their names."""

import numpy as np
from skimage import data

import cypool

NAMES = {
    "en": {
        "max": "maximum",
        "avg": "average",
        "strided": "every k-th pixel",
        "none": "no pooling",
        "median": "median",
        "min": "minimum",
        "global": "max, then global avg",
    },
    "zh": {
        "max": "最大池化",
        "avg": "平均池化",
        "strided": "隔点采样",
        "none": "不池化",
        "median": "中值池化",
        "min": "最小池化",
        "global": "最大＋全局平均",
    },
}
COLOURS = {"max": "max", "avg": "avg", "strided": "strided", "none": "none", "median": "none", "global": "muted"}
MARKERS = {"max": "o", "avg": "s", "strided": "^", "none": "D", "median": "v", "global": "X"}


def photograph(name="camera"):
    """A photograph that scikit-image brings along, grey, from 0 to 1; its height and width are multiples of 16."""
    grey = getattr(data, name)().astype(np.float32) / 255
    return grey[: grey.shape[0] // 16 * 16, : grey.shape[1] // 16 * 16]


def named(operator, language, k):
    """The operator's name where its window is known."""
    return NAMES[language][operator].replace("k-th", "other" if k == 2 else f"{k}th")


def pooled(x, operator, k):
    """A picture made smaller by windows of k by k, side by side."""
    if operator == "none":
        return x
    if operator == "strided":  # a window of one cell: every k-th pixel, nothing of those between
        return cypool.max_pool2d(x[np.newaxis], 1, stride=k)[0]
    return getattr(cypool, f"{operator}_pool2d")(x[np.newaxis], k)[0]


def pixels(x):
    """Bytes to show."""
    return np.rint(np.clip(x, 0, 1) * 255).astype(np.uint8)


def rms(x):
    """The root of the mean square."""
    return float(np.sqrt(np.mean(np.square(x, dtype=np.float64))))
