"""The network of digits.c in NumPy and cypool's Python functions: what the C program is compared with, and what is trained."""

import numpy as np

import cypool

LAYERS = {
    "conv1": (8, 1, 3, 3),
    "conv1_bias": (8,),
    "conv2": (16, 8, 3, 3),
    "conv2_bias": (16,),
    "linear": (10, 64),
    "linear_bias": (10,),
}


def columns(x):
    """For each pixel the 3x3 around it, zeros beyond the edge: (n, channels, height, width, 3, 3)."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))


def convolved(x, weights, bias):
    return np.einsum("nchwij,ocij->nohw", columns(x), weights).astype(np.float32) + bias[:, np.newaxis, np.newaxis]


def forward(weights, x, kept=None):
    """Scores (n, 10) of images (n, 1, 8, 8); `kept` receives what the gradients need."""
    relu1 = np.maximum(convolved(x, weights["conv1"], weights["conv1_bias"]), 0)
    pooled, places = cypool.max_pool2d(relu1, 2, return_indices=True)
    relu2 = np.maximum(convolved(pooled, weights["conv2"], weights["conv2_bias"]), 0)
    features = cypool.avg_pool2d(relu2, 2).reshape(len(x), -1)
    if kept is not None:
        kept.update(relu1=relu1, pooled=pooled, places=places, relu2=relu2, features=features)
    return features @ weights["linear"].T + weights["linear_bias"]
