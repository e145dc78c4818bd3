"""Train the network of digits.c on scikit-learn's digits, in NumPy and cypool, and write weights.h and digits.npz.

    pip install scikit-learn cypool && python train.py

    8x8 pixels -> convolution 3x3, 8 channels -> ReLU -> MaxPool2d(2) -> convolution 3x3, 16 channels -> ReLU
               -> AvgPool2d(2) -> linear, 10 scores

Weights are kept as integers from -127 to 127 with one scale for each array.  Every fifth image is left out of the training;
digits.npz holds these, their labels and the weights, for run.py.
"""

from pathlib import Path

import numpy as np
from network import LAYERS, columns, forward

import cypool

HERE = Path(__file__).parent
EPOCHS, BATCH, RATE, MOMENTUM = 40, 32, 0.05, 0.9


def images():
    """Pixels from 0 to 1 of shape (n, 1, 8, 8), and labels."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return (digits.images / 16).astype(np.float32)[:, np.newaxis], digits.target.astype(np.uint8)


def gradients(weights, x, labels):
    """The gradients of the mean cross entropy, by each array."""
    kept = {}
    scores = forward(weights, x, kept)
    p = np.exp(scores - scores.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    p[np.arange(len(x)), labels] -= 1
    g = p / len(x)
    found = {"linear": g.T @ kept["features"], "linear_bias": g.sum(0)}
    g = (g @ weights["linear"]).reshape(len(x), 16, 2, 2)
    g = cypool.avg_pool2d_backward(np.ascontiguousarray(g), kept["relu2"].shape, 2) * (kept["relu2"] > 0)
    found["conv2"] = np.einsum("nohw,nchwij->ocij", g, columns(kept["pooled"]))
    found["conv2_bias"] = g.sum((0, 2, 3))
    g = np.einsum("nohwij,ocij->nchw", columns(g), weights["conv2"][:, :, ::-1, ::-1])
    g = cypool.max_pool2d_backward(np.ascontiguousarray(g, dtype=np.float32), kept["relu1"], 2, indices=kept["places"])
    g = g * (kept["relu1"] > 0)
    found["conv1"] = np.einsum("nohw,nchwij->ocij", g, columns(x))
    found["conv1_bias"] = g.sum((0, 2, 3))
    return found


def trained(x, labels, rng):
    weights = {}
    for name, shape in LAYERS.items():
        fan = np.prod(shape[1:])
        weights[name] = (rng.standard_normal(shape) * np.sqrt(2 / fan) * (len(shape) > 1)).astype(np.float32)
    velocity = {name: np.zeros_like(value) for name, value in weights.items()}
    for epoch in range(EPOCHS):
        order = rng.permutation(len(x))
        for begin in range(0, len(x), BATCH):
            batch = order[begin : begin + BATCH]
            rate = RATE * (1 - epoch / EPOCHS)
            for name, g in gradients(weights, x[batch], labels[batch]).items():
                velocity[name] = MOMENTUM * velocity[name] - rate * g
                weights[name] += velocity[name].astype(np.float32)
    return weights


def main():
    x, labels = images()
    test = np.arange(len(x)) % 5 == 0
    weights = trained(x[~test], labels[~test], np.random.default_rng(0))
    integers, scales = {}, {}
    for name, value in weights.items():
        scales[name] = np.float32(np.abs(value).max() / 127)
        integers[name] = np.rint(value / scales[name]).astype(np.int8)
    lines = ["/* Written by train.py: integers, and what to multiply them with. */"]
    for name, value in integers.items():
        numbers = np.array2string(value.ravel(), separator=",", max_line_width=118, threshold=10**6)[1:-1]
        lines += [f"static const float {name}_scale = {scales[name]:.9g}f;"]
        lines += [f"static const signed char {name}[{value.size}] = {{", *numbers.replace(" ", "").split("\n"), "};"]
    (HERE / "weights.h").write_text("\n".join(lines) + "\n")
    pixels = np.rint(x[test, 0] * 16).astype(np.uint8)
    scaled = {f"{name}_scale": value for name, value in scales.items()}
    np.savez_compressed(HERE / "digits.npz", pixels=pixels, labels=labels[test], **integers, **scaled)
    kept = {name: integers[name] * scales[name] for name in integers}
    for what, chosen in (("trained on", ~test), ("left out", test)):
        right = (forward(kept, x[chosen]).argmax(1) == labels[chosen]).mean()
        print(f"{chosen.sum()} images {what}: {right:.1%} right")


if __name__ == "__main__":
    main()
