"""A small network for scikit-learn's digits, in NumPy and cypool: what pools is the only thing that differs.

    12x12 pixels -> convolution 3x3, 8 channels -> ReLU -> pool -> convolution 3x3, 16 channels -> ReLU -> pool -> linear

The digits are 8x8 and stand in the middle of 12x12 pixels, so that they can be shifted without losing anything.
"""

import numpy as np
from sklearn.datasets import load_digits

import cypool

SIDE, MARGIN, CHANNELS = 12, 2, (8, 16)


LAYOUT = {"data_format": "channels_last"}  # a pixel's channels lie side by side, as the product of matrices leaves them


def strided():
    """A window of one cell at a stride of 2: it keeps every other row and column, and looks at nothing else."""
    return cypool.MaxPool2d(1, stride=2, **LAYOUT)


def largest():
    return cypool.MaxPool2d(2, **LAYOUT)


def average():
    return cypool.AvgPool2d(2, **LAYOUT)


def whole():
    return cypool.GlobalAvgPool2d(**LAYOUT)


# name: (the first pooling, the second)
POOLINGS = {
    "max": (largest, largest),
    "avg": (average, average),
    "strided": (strided, strided),
    "none": (None, None),
    "global": (largest, whole),
}


class Convolution:
    """A 3x3 convolution with zeros beyond the edge, and its ReLU."""

    def __init__(self, inputs, outputs, random):
        self.weight = (random.standard_normal((9 * inputs, outputs)) * np.sqrt(2 / (9 * inputs))).astype(np.float32)
        self.bias = np.zeros(outputs, np.float32)

    @staticmethod
    def columns(x):
        """For each pixel the 3x3 around it, in every channel: (n, height, width, 9 * channels)."""
        n, height, width, channels = x.shape
        padded = np.zeros((n, height + 2, width + 2, channels), x.dtype)
        padded[:, 1:-1, 1:-1] = x
        around = [padded[:, i : i + height, j : j + width] for i in range(3) for j in range(3)]
        return np.concatenate(around, axis=3)

    def forward(self, x):
        self.seen = self.columns(x)
        self.y = np.maximum(self.seen @ self.weight + self.bias, 0)
        return self.y

    def backward(self, grad):
        channels = grad.shape[-1]
        grad = grad * (self.y > 0)
        rows = grad.reshape(-1, channels)
        self.gradients = {"weight": self.seen.reshape(len(rows), -1).T @ rows, "bias": rows.sum(0)}
        turned = self.weight.reshape(9, -1, channels)[::-1].transpose(0, 2, 1).reshape(9 * channels, -1)
        return self.columns(grad) @ turned


class Linear:
    """What makes ten scores of the features."""

    def __init__(self, inputs, outputs, random):
        self.weight = (random.standard_normal((inputs, outputs)) / np.sqrt(inputs)).astype(np.float32)
        self.bias = np.zeros(outputs, np.float32)

    def forward(self, x):
        self.shape, self.seen = x.shape, x.reshape(len(x), -1)
        return self.seen @ self.weight + self.bias

    def backward(self, grad):
        self.gradients = {"weight": self.seen.T @ grad, "bias": grad.sum(0)}
        return (grad @ self.weight.T).reshape(self.shape)


def network(pooling, seed):
    """The layers, first to last."""
    random = np.random.default_rng(seed)
    first, second = POOLINGS[pooling]
    layers = [
        Convolution(1, CHANNELS[0], random),
        first and first(),
        Convolution(*CHANNELS, random),
        second and second(),
    ]
    layers = [layer for layer in layers if layer]
    features = forward(layers, np.zeros((1, SIDE, SIDE, 1), np.float32)).size
    return [*layers, Linear(features, 10, random)]


def forward(layers, x):
    """Scores of images (n, 12, 12, 1)."""
    for layer in layers:
        x = layer.forward(x)
    return x


def backward(layers, grad):
    """The gradients of all weights are left in their layers."""
    for layer in reversed(layers):
        grad = layer.backward(grad)


def train(layers, x, labels, seed, epochs=20, batch=32, rate=0.01):
    """Adam on the cross entropy; the rate falls to nothing."""
    random = np.random.default_rng(seed)
    weights = [(layer, name) for layer in layers if hasattr(layer, "weight") for name in ("weight", "bias")]
    mean, square = ([np.zeros_like(getattr(*weight)) for weight in weights] for _ in range(2))
    steps = [begin for _ in range(epochs) for begin in range(0, len(x), batch)]
    for step, begin in enumerate(steps):
        if begin == 0:
            order = random.permutation(len(x))
        chosen = order[begin : begin + batch]
        scores = forward(layers, x[chosen])
        p = np.exp(scores - scores.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(len(chosen)), labels[chosen]] -= 1
        backward(layers, p / len(chosen))
        for m, v, (layer, name) in zip(mean, square, weights, strict=True):
            gradient = layer.gradients[name]
            m += 0.1 * (gradient - m)
            v += 0.01 * (gradient**2 - v)
            unbiased = m / (1 - 0.9 ** (step + 1)), v / (1 - 0.99 ** (step + 1))
            getattr(layer, name)[:] -= rate * (1 - step / len(steps)) * unbiased[0] / (np.sqrt(unbiased[1]) + 1e-8)
    return layers


def digits():
    """Images (1797, 12, 12, 1) from 0 to 1, and what they show."""
    found = load_digits()
    images = np.pad(found.images / 16, ((0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN)))
    return images[..., np.newaxis].astype(np.float32), found.target
