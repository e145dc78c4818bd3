"""The same small network trained with each pooling: what it costs, what it reads, and what it reads of digits it never saw so."""

import numpy as np
from explained.network import CHANNELS, POOLINGS, SIDE, digits, forward, network, train
from threadpoolctl import threadpool_limits

SEEDS, KNOWN, EPOCHS = 5, 600, 30
TESTS = ("seen", "left out", "shifted", "noisy", "dotted")
SIGMA, SHARE = 0.2, 0.05


def size(layers):
    """Numbers that the layers hand on for one image, multiplications for it, and weights."""
    x, handed, multiplied = np.zeros((1, SIDE, SIDE, 1), np.float32), 0, 0
    for layer in layers:
        x = layer.forward(x)
        handed += x.size
        if hasattr(layer, "weight"):  # each row of what it saw meets each weight once
            multiplied += layer.weight.size * layer.seen.size // layer.weight.shape[0]
    return handed, multiplied, sum(layer.weight.size + layer.bias.size for layer in layers if hasattr(layer, "weight"))


def sizes(pooling):
    """`size` as it would be done: what a stride throws away, the convolution before it need not compute."""
    handed, multiplied, weights = size(network(pooling, 0))
    if pooling == "strided":
        spared = 3 * (SIDE**2 // 4) * 9 * CHANNELS[0] + 3 * (SIDE**2 // 16) * 9 * CHANNELS[0] * CHANNELS[1]
        handed -= SIDE**2 * CHANNELS[0] + SIDE**2 // 4 * CHANNELS[1]
        multiplied -= spared
    return handed, multiplied, weights


def readings(layers, seen, unseen, seed):
    """The share read right: of what it was trained on, and of the rest in several states."""
    x, labels = unseen
    random = np.random.default_rng(1000 + seed)

    def right(images, labels):
        return float((forward(layers, images).argmax(1) == labels).mean())

    shifted = [np.roll(x, way, axis) for axis in (1, 2) for way in (1, -1)]
    dotted = np.where(random.random(x.shape) < SHARE, np.float32(1), x)
    noisy = x + SIGMA * random.standard_normal(x.shape, np.float32)
    return {
        "seen": right(*seen),
        "left out": right(x, labels),
        "shifted": float(np.mean([right(images, labels) for images in shifted])),
        "noisy": right(noisy, labels),
        "dotted": right(dotted, labels),
    }


def measure():
    x, labels = digits()
    found = {}
    with threadpool_limits(1):  # the matrices are small: a second thread costs more than it brings
        for pooling in POOLINGS:
            runs = []
            for seed in range(SEEDS):
                order = np.random.default_rng(seed).permutation(len(x))
                seen, unseen = order[:KNOWN], order[KNOWN:]
                layers = train(network(pooling, seed), x[seen], labels[seen], seed, EPOCHS)
                runs.append(readings(layers, (x[seen], labels[seen]), (x[unseen], labels[unseen]), seed))
            found[pooling] = {test: np.array([run[test] for run in runs]) for test in TESTS}
    return {"right": found, "sizes": {pooling: sizes(pooling) for pooling in POOLINGS}, "images": len(x)}
