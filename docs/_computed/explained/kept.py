"""How much of a photograph is left when it is pooled: how much of its variance a small map still explains."""

import numpy as np
from explained.common import NAMES, named, photograph, pixels, pooled

OPERATORS = ("max", "avg", "strided")
FACTORS = (2, 4, 8, 16)
SHOWN = 8
HEADS = {"en": ("window", "numbers left"), "zh": ("窗口", "剩余数据量")}


def measure():
    x = photograph()
    explained = {}
    for k in FACTORS:
        for operator in OPERATORS:
            enlarged = np.kron(pooled(x, operator, k), np.ones((k, k)))
            explained[operator, k] = float(np.corrcoef(enlarged.ravel(), x.ravel())[0, 1] ** 2)
    return {"explained": explained, "brighter": float(pooled(x, "max", SHOWN).mean() - x.mean()) * 255}


def claims(measured):
    explained = measured["explained"]
    return {
        "the average explains most at every size": all(
            explained["avg", k] > max(explained["max", k], explained["strided", k]) for k in FACTORS
        ),
        "the maximum explains less than every k-th pixel does": all(
            explained["max", k] < explained["strided", k] for k in FACTORS
        ),
        "much is left at 1/64 of the numbers": explained["avg", SHOWN] > 0.9,
        "the maximum makes the picture brighter": measured["brighter"] > 5,
    }


def values(measured):
    explained = measured["explained"]
    shown = {f"{operator}{k}": f"{explained[operator, k]:.0%}" for operator in OPERATORS for k in FACTORS}
    return {**shown, "brighter": f"{measured['brighter']:.0f}", "left": f"{1 / SHOWN**2:.1%}"}


def pictures(language):
    x = photograph()
    return [
        (f"{x.shape[0]} × {x.shape[1]}", pixels(x)),
        *((named(operator, language, SHOWN), pixels(pooled(x, operator, SHOWN))) for operator in OPERATORS),
    ]


def table(measured, language):
    heads = [*HEADS[language], *(NAMES[language][operator] for operator in OPERATORS)]
    lines = [f"| {' | '.join(heads)} |", f"|{'---:|' * len(heads)}"]
    for k in FACTORS:
        cells = [
            f"{k} × {k}",
            f"{1 / k**2:.1%}",
            *(f"{measured['explained'][operator, k]:.1%}" for operator in OPERATORS),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
