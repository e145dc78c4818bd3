"""What training.py found, as a table, a plot and numbers for the text; apart from it, because training takes a minute."""

from explained.common import COLOURS, MARKERS, named
from explained.network import POOLINGS
from explained.training import KNOWN, SEEDS, TESTS, measure  # noqa: F401
from paint import LIGHT, canvas

WORDS = {
    "en": {
        "tests": (
            "trained on",
            "left out",
            "left out,\nshifted by 1",
            "left out,\ngrey noise",
            "left out,\nwhite dots",
        ),
        "y": "read right, %",
        "heads": ("", "numbers kept", "multiplications", "weights", "left out, read right", "shifted by 1"),
    },
    "zh": {
        "tests": ("训练集", "测试集", "测试集\n平移 1 像素", "测试集\n高斯噪声", "测试集\n白点"),
        "y": "识别正确率（%）",
        "heads": ("", "保存的激活值", "乘法次数", "权重数", "测试集正确率", "平移 1 像素"),
    },
}


def claims(measured):
    right = {
        pooling: {test: runs.mean() for test, runs in tests.items()} for pooling, tests in measured["right"].items()
    }
    sizes = measured["sizes"]
    pooled = ("max", "avg", "strided")
    return {
        "without pooling there are three times as many multiplications and more": sizes["none"][1]
        > 3 * sizes["max"][1],
        "a stride is the cheapest": sizes["strided"][1] < sizes["avg"][1] == sizes["max"][1],
        "the maximum reads as well as no pooling, within two hundredths": abs(
            right["max"]["left out"] - right["none"]["left out"]
        )
        < 0.02,
        "the average reads a little less, and the stride about as much": right["avg"]["left out"]
        < right["max"]["left out"]
        and abs(right["strided"]["left out"] - right["max"]["left out"]) < 0.03,
        "not to pool makes several times as many weights": sizes["none"][2] > 5 * sizes["max"][2],
        "all but global pooling learn what they see": min(right[pooling]["seen"] for pooling in (*pooled, "none"))
        > 0.97,
        "shifted digits: maximum, then average, then those that do not pool": right["max"]["shifted"]
        > right["avg"]["shifted"]
        > max(right["strided"]["shifted"], right["none"]["shifted"]),
        "a shift is where the maximum and no pooling differ most": max(
            TESTS, key=lambda t: abs(right["max"][t] - right["none"][t])
        )
        == "shifted",
        "global pooling loses least by a shift, and reads least": right["global"]["left out"] < 0.93
        and right["global"]["left out"] - right["global"]["shifted"]
        < min(right[pooling]["left out"] - right[pooling]["shifted"] for pooling in (*pooled, "none")),
        "against noise of both kinds, not to pool is best": all(
            right["none"][test] > max(right[pooling][test] for pooling in (*pooled, "global"))
            for test in ("noisy", "dotted")
        ),
    }


def values(measured):
    shown = {"seeds": f"{SEEDS}", "known": f"{KNOWN}", "unseen": f"{measured['images'] - KNOWN}"}
    for pooling, tests in measured["right"].items():
        for test, runs in tests.items():
            shown[f"{pooling}_{test.replace(' ', '_')}"] = f"{runs.mean():.1%}".replace("100.0", "100")
    sizes = measured["sizes"]
    for index, what in enumerate(("handed_ratio", "ratio", "weights_ratio")):
        shown[what] = f"{sizes['none'][index] / sizes['max'][index]:.2g}"
    return shown


def table(measured, language):
    heads = WORDS[language]["heads"]
    lines = [f"| {' | '.join(heads)} |", f"|---{'|---:' * (len(heads) - 1)}|"]
    for pooling in POOLINGS:
        cells = [named(pooling, language, 2), *(f"{number:,}" for number in measured["sizes"][pooling])]
        for test in ("left out", "shifted"):
            runs = measured["right"][pooling][test]
            cells.append(f"{runs.mean():.1%} ± {100 * runs.std(ddof=1):.1f}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def dots(measured, language, wide):
    words = WORDS[language]
    figure, axes = canvas(720, 360) if wide else canvas(360, 470)
    for place, pooling in enumerate(POOLINGS):
        for row, test in enumerate(TESTS):
            runs = 100 * measured["right"][pooling][test]
            y = row + 0.15 * (place - 2)
            colour = LIGHT[COLOURS[pooling]]
            axes.plot([runs.min(), runs.max()], [y, y], color=colour, linewidth=2)
            label = named(pooling, language, 2) if row == 0 else None
            axes.plot(runs.mean(), y, color=colour, marker=MARKERS[pooling], linestyle="none", label=label)
    axes.set(yticks=range(len(TESTS)), yticklabels=words["tests"], xlabel=words["y"], ylim=(len(TESTS) - 0.5, -0.5))
    axes.grid(visible=True, axis="x")
    figure.legend(loc="outside upper center", ncols=5 if wide else 2)
    return figure
