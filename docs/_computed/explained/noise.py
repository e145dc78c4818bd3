"""What is left of noise after pooling, by the kind of noise, the operator and the window."""

import numpy as np
from explained.common import COLOURS, MARKERS, NAMES, photograph, pixels, pooled, rms
from paint import LIGHT, canvas

WINDOWS = (1, 2, 4, 8)
SIGMA, SHARE = 0.1, 0.02  # of the grey noise, of black or white pixels
OPERATORS = ("max", "avg", "median")
KINDS = ("grey", "white", "black")
SHOWN = 4
WORDS = {
    "en": {
        "grey": "Gaussian noise",
        "white": "white dots",
        "black": "black dots",
        "x": "window",
        "y": "error, grey levels",
    },
    "zh": {
        "grey": "高斯噪声",
        "white": "白点（盐噪声）",
        "black": "黑点（椒噪声）",
        "x": "窗口边长",
        "y": "误差（灰度级）",
    },
}


def noisy(x, kind):
    random = np.random.default_rng(7)
    if kind == "grey":
        return x + SIGMA * random.standard_normal(x.shape, np.float32)
    return np.where(random.random(x.shape) < SHARE, np.float32(kind == "white"), x)


def measure():
    x = photograph()
    wrong = {
        (kind, operator, k): (pooled(noisy(x, kind), operator, k) - pooled(x, operator, k)) * 255
        for kind in KINDS
        for operator in OPERATORS
        for k in WINDOWS
    }
    error = {key: rms(difference) for key, difference in wrong.items()}
    return {"error": error, "bias": {key: float(difference.mean()) for key, difference in wrong.items()}}


def claims(measured):
    error = measured["error"]

    def gain(kind, operator, k=SHOWN):
        return error[kind, operator, 1] / error[kind, operator, k]

    return {
        "the average divides Gaussian noise by the window's side": all(
            0.9 < gain("grey", "avg", k) / k < 1.1 for k in WINDOWS
        ),
        "the maximum makes Gaussian noise larger": gain("grey", "max") < 1
        and gain("grey", "max", 8) < gain("grey", "max"),
        "most of that is a bias": measured["bias"]["grey", "max", SHOWN] > 0.6 * error["grey", "max", SHOWN],
        "white dots are worse after the maximum": gain("white", "max") < 0.5,
        "black dots are nearly gone": gain("black", "max") > 5,
        "the median takes away dots of both colours": min(gain("white", "median"), gain("black", "median")) > 4,
        "the average comes second there": gain("black", "median") > gain("black", "avg") > 2,
        "against Gaussian noise the average is better than the median": gain("grey", "avg") > gain("grey", "median"),
    }


def values(measured):
    shown = {
        f"{kind}_{operator}": f"{measured['error'][kind, operator, SHOWN]:.1f}"
        for kind in KINDS
        for operator in OPERATORS
    }
    shown |= {f"{kind}_before": f"{measured['error'][kind, 'avg', 1]:.1f}" for kind in KINDS}
    return {
        **shown,
        "bias": f"{measured['bias']['grey', 'max', SHOWN]:.0f}",
        "share": f"{SHARE:.0%}",
        "spoiled": f"{1 - (1 - SHARE) ** SHOWN**2:.0%}",
    }


def pictures(language):
    x = noisy(photograph(), "white")[32:288, 96:352]
    return [
        (WORDS[language]["white"], pixels(x)),
        *((NAMES[language][operator], pixels(pooled(x, operator, SHOWN))) for operator in OPERATORS),
    ]


def curves(measured, language, wide):
    words = WORDS[language]
    figure, panels = canvas(720, 270, 1, 3, sharey=True) if wide else canvas(360, 620, 3, 1, sharey=True)
    for axes, kind in zip(panels, KINDS, strict=True):
        for operator in OPERATORS:
            heights = [measured["error"][kind, operator, k] for k in WINDOWS]
            axes.plot(
                WINDOWS,
                heights,
                color=LIGHT[COLOURS[operator]],
                marker=MARKERS[operator],
                label=NAMES[language][operator],
            )
        axes.set_title(words[kind])
        axes.set_xscale("log", base=2)
        axes.set_xticks(WINDOWS, [f"{k} × {k}" for k in WINDOWS])
        axes.minorticks_off()
        axes.set_ylim(0, 1.05 * max(measured["error"].values()))
    for axes in panels[:1] if wide else panels:
        axes.set_ylabel(words["y"])
    panels[0].legend(loc="upper left")
    return figure
