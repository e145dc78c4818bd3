"""Edges and texture after pooling: how much two neighbours of the small map still differ."""

import numpy as np
from explained.common import COLOURS, NAMES, photograph, pixels, pooled
from paint import LIGHT, canvas

K = 4
OPERATORS = ("max", "avg")
SCENES = ("brick", "coins", "camera", "grass", "page")
WORDS = {
    "en": {
        "y": "edge energy, % of the picture's own",
        "scenes": {
            "brick": "bricks",
            "coins": "coins",
            "camera": "photographer",
            "grass": "grass",
            "page": "black print",
        },
        "inverted": "white print",
        "page": "printed page",
    },
    "zh": {
        "y": "边缘能量（相对原图，%）",
        "scenes": {"brick": "砖墙", "coins": "硬币", "camera": "摄影师", "grass": "草地", "page": "白底黑字"},
        "inverted": "黑底白字",
        "page": "印刷页面",
    },
}


def energy(x):
    """The mean square of the difference between neighbours, below and to the right."""
    return float(np.mean(np.diff(x, axis=0) ** 2) + np.mean(np.diff(x, axis=1) ** 2))


def kept(x, operator):
    """Edge energy of the pooled map over that of every k-th pixel, a small map that smooths nothing."""
    return energy(pooled(x, operator, K)) / energy(pooled(x, "strided", K))


def grain(x):
    """How far a smooth part of a picture is from the plane that fits it best, in grey levels."""
    down, across = np.indices(x.shape) / x.shape[0]
    plane = np.stack([np.ones_like(down), down, across], axis=-1).reshape(-1, 3)
    fitted = plane @ np.linalg.lstsq(plane, x.ravel(), rcond=None)[0]
    return float((x.ravel() - fitted).std() * 255)


def measure():
    scenes = {scene: photograph(scene) for scene in SCENES} | {"inverted": 1 - photograph("page")}
    sky = photograph()[16:80, 256:]
    return {
        "kept": {(scene, operator): kept(x, operator) for scene, x in scenes.items() for operator in OPERATORS},
        "spread": {op: float(pooled(scenes["grass"], op, K).std() / scenes["grass"].std()) for op in OPERATORS},
        "grain": {op: grain(pooled(sky, op, K)) for op in ("none", *OPERATORS)},
        "page_min": kept(scenes["page"], "min"),
        "mirror": np.allclose(pooled(1 - scenes["page"], "max", K), 1 - pooled(scenes["page"], "min", K)),
    }


def claims(measured):
    kept = measured["kept"]
    return {
        "the maximum keeps more edges than the average, but for black print": all(
            kept[scene, "max"] > kept[scene, "avg"] for scene in (*SCENES[:-1], "inverted")
        ),
        "black print is gone after the maximum, and not after the average": kept["page", "max"]
        < 0.1
        < kept["page", "avg"],
        "white print comes out stronger": kept["inverted", "max"] > 1,
        "of grass, the maximum keeps less than half, and hardly more contrast than the average": kept["grass", "max"]
        < 0.5
        and measured["spread"]["max"] - measured["spread"]["avg"] < 0.1,
        "the maximum of a picture is one less the minimum of its negative": measured["mirror"],
        "the smooth sky is smoother after the average, by half": measured["grain"]["avg"]
        < 0.6 * measured["grain"]["none"]
        and measured["grain"]["avg"] < 0.75 * measured["grain"]["max"],
    }


def values(measured):
    shown = {f"{scene}_{operator}": f"{share:.0%}" for (scene, operator), share in measured["kept"].items()}
    shown |= {f"spread_{operator}": f"{share:.0%}" for operator, share in measured["spread"].items()}
    return shown | {f"grain_{operator}": f"{levels:.2f}" for operator, levels in measured["grain"].items()}


def pictures(language):
    page = photograph("page")[32:160, 16:208]
    return [
        (WORDS[language]["page"], pixels(page)),
        *((NAMES[language][operator], pixels(pooled(page, operator, K))) for operator in ("max", "avg", "min")),
    ]


def bars(measured, language, wide):
    words = WORDS[language]
    names = [*SCENES, "inverted"]
    figure, axes = canvas(720, 310) if wide else canvas(360, 420)
    for place, operator in enumerate(OPERATORS):
        lengths = [100 * measured["kept"][scene, operator] for scene in names]
        at = np.arange(len(names)) + 0.36 * (place - 0.5)
        axes.barh(at, lengths, 0.32, color=LIGHT[COLOURS[operator]], label=NAMES[language][operator])
        for y, length in zip(at, lengths, strict=True):
            axes.text(length + 1.5, y, f"{length:.0f}", va="center_baseline", size=11)
    axes.axvline(100, color=LIGHT["muted"], linewidth=1)
    labels = [words["scenes"].get(scene, words["inverted"]) for scene in names]
    axes.set(yticks=range(len(names)), yticklabels=labels, xlabel=words["y"])
    axes.invert_yaxis()
    axes.grid(visible=False)
    figure.legend(loc="outside upper center", ncols=2)
    return figure
