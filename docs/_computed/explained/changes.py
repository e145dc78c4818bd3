"""One pixel changes: does the output notice, and how much?  And where does the gradient go?"""

import numpy as np
from explained.common import NAMES, photograph, pixels

import cypool

K, TRIALS, STEP = 4, 20000, 64 / 255
HEADS = {
    "en": ("", "windows that notice", "mean change", "largest change", "pixels with a gradient"),
    "zh": ("", "输出有变化的窗口", "平均变化", "最大变化", "得到梯度的像素"),
}
SHOWN = {
    "en": ("photograph", "gradient of the maximum", "gradient of the average"),
    "zh": ("照片", "最大池化的梯度", "平均池化的梯度"),
}
WAYS = {"en": ("brighter", "darker"), "zh": ("变亮", "变暗")}


def gradient(x, operator):
    """What each pixel receives when each output receives 1."""
    ones = np.ones((1, x.shape[0] // K, x.shape[1] // K), np.float32)
    if operator == "max":
        return cypool.max_pool2d_backward(ones, x[np.newaxis], K)[0]
    return cypool.avg_pool2d_backward(ones, (1, *x.shape), K)[0]


def measure():
    x = photograph()
    random = np.random.default_rng(3)
    rows, columns = random.integers(0, x.shape[0] // K, TRIALS), random.integers(0, x.shape[1] // K, TRIALS)
    windows = x.reshape(x.shape[0] // K, K, -1, K).transpose(0, 2, 1, 3)[rows, columns]
    cell = random.integers(0, K, (2, TRIALS))
    found = {}
    for operator, pool in (("max", cypool.max_pool2d), ("avg", cypool.avg_pool2d)):
        for way, step in (("brighter", STEP), ("darker", -STEP)):
            changed = windows.copy()
            changed[np.arange(TRIALS), cell[0], cell[1]] += np.float32(step)
            difference = np.abs(pool(changed, K) - pool(windows, K)).ravel() * 255
            found[operator, way] = (float((difference > 0).mean()), float(difference.mean()), float(difference.max()))
        found[operator, "gradient"] = float((gradient(x, operator) != 0).mean())
    return found


def claims(measured):
    return {
        "the average always notices": measured["avg", "brighter"][0] == measured["avg", "darker"][0] == 1,
        "it passes on one part in k squared": abs(measured["avg", "brighter"][2] - STEP * 255 / K**2) < 0.01,
        "a darker pixel goes mostly unnoticed by the maximum": measured["max", "darker"][0] < 0.25,
        "a brighter one does not, and at worst passes whole": measured["max", "brighter"][0] > 0.5
        and measured["max", "brighter"][2] > 0.99 * STEP * 255,
        "the maximum's gradient reaches one pixel in k squared": measured["max", "gradient"] == 1 / K**2,
        "the average's reaches all": measured["avg", "gradient"] == 1,
    }


def values(measured):
    shown = {"step": f"{STEP * 255:.0f}"}
    for operator in ("max", "avg"):
        for way in ("brighter", "darker"):
            share, mean, largest = measured[operator, way]
            shown |= {
                f"{operator}_{way}": f"{share:.0%}",
                f"{operator}_{way}_mean": f"{mean:.1f}",
                f"{operator}_{way}_most": f"{largest:.0f}",
            }
        shown[f"{operator}_gradient"] = f"{measured[operator, 'gradient']:.1%}"
    return shown


def table(measured, language):
    heads = HEADS[language]
    lines = [f"| {' | '.join(heads)} |", "|---|---:|---:|---:|---:|"]
    for operator in ("max", "avg"):
        for way, name in zip(("brighter", "darker"), WAYS[language], strict=True):
            share, mean, largest = measured[operator, way]
            cells = [f"{NAMES[language][operator]}, {name}".replace(", ", "，" if language == "zh" else ", ")]
            cells += [f"{share:.0%}", f"{mean:.1f}", f"{largest:.0f}", f"{measured[operator, 'gradient']:.1%}"]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def pictures(language):
    x = photograph()
    part = x[80:176, 192:288]
    backs = [gradient(x, operator)[80:176, 192:288] for operator in ("max", "avg")]
    return list(zip(SHOWN[language], (pixels(part), *(pixels(np.sqrt(back)) for back in backs)), strict=True))
