"""How far the pooled map moves when the picture does, and who still reads a digit that has moved."""

import numpy as np
from explained.common import COLOURS, MARKERS, named, photograph, pooled, rms
from paint import LIGHT, canvas
from sklearn.datasets import load_digits

K = 8  # the window on the photograph
OPERATORS = ("strided", "max", "avg")
READERS = ("none", "strided", "max", "avg")
WORDS = {
    "en": {
        "photograph": "photograph",
        "edges": "its rising edges",
        "x": "shift, pixels",
        "y": "change of the output",
        "digits": "digits read right, %",
        "shifts": ("not shifted", "by 1 pixel", "by 2 pixels"),
    },
    "zh": {
        "photograph": "照片",
        "edges": "由暗到亮的边缘",
        "x": "平移量（像素）",
        "y": "输出的相对变化",
        "digits": "数字识别正确率（%）",
        "shifts": ("不平移", "平移 1 像素", "平移 2 像素"),
    },
}


def rising(x):
    """What a small network's first layer could make of it: brightness that rises from left to right, and 0 elsewhere."""
    return np.maximum(np.pad(x[:, 2:] - x[:, :-2], ((0, 0), (1, 1))), 0)


def window(x, shift):
    """The same part of the picture, seen `shift` pixels farther left."""
    return np.ascontiguousarray(x[64:448, 64 - shift : 448 - shift])


def read(features, labels, operator, shift):
    """How many of every third digit, shifted in four directions, are what the nearest of the others is."""
    small = pooled(features, operator, 2).reshape(len(features), -1)
    test = np.arange(len(features)) % 3 == 0
    known, right = small[~test], []
    for axis, way in ((1, shift), (1, -shift), (2, shift), (2, -shift)):
        moved = pooled(np.roll(features[test], way, axis), operator, 2).reshape(test.sum(), -1)
        distances = (known**2).sum(1) - 2 * moved @ known.T
        right.append((labels[~test][distances.argmin(1)] == labels[test]).mean())
    return float(np.mean(right))


def measure():
    x = photograph()
    moved, same = {}, {}
    for what, picture in (("photograph", x), ("edges", rising(x))):
        for operator in OPERATORS:
            still = pooled(window(picture, 0), operator, K)
            outputs = [pooled(window(picture, shift), operator, K) for shift in range(K + 1)]
            moved[what, operator] = [rms(output - still) / float(still.std()) for output in outputs]
            same[what, operator] = float((outputs[1] == still).mean())
            aligned = np.array_equal(outputs[K][:, 1:], still[:, :-1])
            moved[what, operator, "aligned"] = aligned
    digits = load_digits()
    images = np.pad(digits.images / 16, ((0, 0), (2, 2), (2, 2))).astype(np.float32)
    right = {(reader, shift): read(images, digits.target, reader, shift) for reader in READERS for shift in range(3)}
    return {"moved": moved, "same": same, "right": right, "zeros": float((rising(x) == 0).mean())}


def claims(measured):
    moved, same, right = measured["moved"], measured["same"], measured["right"]
    return {
        "more than half of the map of edges is 0": measured["zeros"] > 0.5,
        "both move less than every k-th pixel does": all(
            moved[what, operator][shift] < moved[what, "strided"][shift]
            for what in ("photograph", "edges")
            for operator in ("max", "avg")
            for shift in range(1, K)
        ),
        "on the photograph the average moves less than the maximum, at every shift": all(
            moved["photograph", "avg"][shift] < moved["photograph", "max"][shift] for shift in range(1, K + 1)
        ),
        "on edges the maximum moves less for the larger shifts": all(
            moved["edges", "max"][shift] < moved["edges", "avg"][shift] for shift in range(K // 2, K + 1)
        ),
        "most maxima stay what they are when the picture moves by a pixel": same["photograph", "max"] > 0.6,
        "hardly an average does": same["photograph", "avg"] < 0.1,
        "by a whole window, the output moves by one cell exactly": all(v for key, v in moved.items() if len(key) == 3),
        "half a window is too much for either": moved["photograph", "max"][K // 2] > 0.2,
        "digits pooled as they are, without a network, are not read better after a shift by one": right["none", 1]
        > max(right["max", 1], right["avg", 1]),
        "every other pixel is read worse than all of them": right["strided", 1] < right["none", 1],
        "a shift by two is beyond all": max(right[reader, 2] for reader in READERS) < 0.6,
    }


def values(measured):
    shown = {f"same_{operator}": f"{measured['same']['photograph', operator]:.0%}" for operator in OPERATORS}
    shown["zeros"] = f"{measured['zeros']:.0%}"
    for what in ("photograph", "edges"):
        for operator in OPERATORS:
            shown |= {f"{what}_{operator}{s}": f"{measured['moved'][what, operator][s]:.0%}" for s in (1, K // 2, K)}
    return shown | {f"right_{reader}{s}": f"{right:.0%}" for (reader, s), right in measured["right"].items()}


def curves(measured, language, wide):
    words = WORDS[language]
    figure, both = canvas(720, 290, 1, 2) if wide else canvas(360, 520, 2, 1)
    for axes, what in zip(both, ("photograph", "edges"), strict=True):
        for operator in OPERATORS:
            values, marker = np.array(measured["moved"][what, operator]), MARKERS[operator]
            axes.plot(values, color=LIGHT[COLOURS[operator]], marker=marker, label=named(operator, language, K))
        axes.set(title=words[what], xlabel=words["x"], ylim=0, xticks=range(0, K + 1, 2))
    both[0].set_ylabel(words["y"])
    both[0].legend(loc="upper left")
    return figure


def digits(measured, language, wide):
    figure, axes = canvas(720 if wide else 360, 260)
    for place, reader in enumerate(READERS):
        heights = [100 * measured["right"][reader, shift] for shift in range(3)]
        at = np.arange(3) + 0.2 * (place - 1.5)
        label = named(reader, language, 2)
        axes.bar(at, heights, 0.17, color=LIGHT[COLOURS[reader]], label=label)
        for x, height in zip(at, heights, strict=True):
            axes.text(x, height + 1, f"{height:.0f}", ha="center", size=11 if wide else 10)
    axes.set(
        xticks=range(3),
        xticklabels=WORDS[language]["shifts"],
        ylabel=WORDS[language]["digits"],
        ylim=(0, 128),
        yticks=range(0, 101, 25),
    )
    axes.legend(ncols=4 if wide else 2, loc="upper right")
    return figure
