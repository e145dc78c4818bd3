"""A map small enough to follow with the eye: what maximum, average and whole-map windows make of it, and their gradients."""

import numpy as np
from paint import grid, sheet

import cypool

MAP = np.array([[1, 3, 2, 1], [2, 9, 1, 1], [1, 3, 2, 3], [5, 6, 1, 2]], np.float32)
FILLS = np.array([["mark", "mark2"], ["mark3", "mark4"]])  # a colour for each region
ARRIVING = np.array([[1, 2], [3, 4]], np.float32)  # the gradient of the result, to tell the regions apart
WORDS = {
    "en": {
        "step": "step {}",
        "input": "map",
        "max": "maximum",
        "avg": "average",
        "gmax": "global max",
        "gavg": "global avg",
    },
    "zh": {"step": "第 {} 步", "input": "输入", "max": "最大", "avg": "平均", "gmax": "全局最大", "gavg": "全局平均"},
}
BACK = {
    "en": ("gradient of the result", "through the maximum", "through the average"),
    "zh": ("输出的梯度", "经最大池化传回", "经平均池化传回"),
}


def measure():
    x = MAP[np.newaxis]
    largest, where = cypool.max_pool2d(x, 2, return_indices=True)
    won = np.zeros(MAP.shape, bool)
    won.flat[where.ravel()] = True
    return {
        "max": largest[0],
        "won": won,
        "avg": cypool.avg_pool2d(x, 2)[0],
        "whole_max": cypool.max_pool2d(x, MAP.shape)[0],
        "whole_avg": cypool.avg_pool2d(x, MAP.shape)[0],
        "global_max": cypool.global_max_pool(x, axes=(1, 2))[0],
        "global_avg": cypool.global_avg_pool(x, axes=(1, 2))[0],
        "max_back": cypool.max_pool2d_backward(ARRIVING[np.newaxis], x, 2)[0],
        "avg_back": cypool.avg_pool2d_backward(ARRIVING[np.newaxis], x.shape, 2)[0],
        "same_size": cypool.max_pool2d(np.zeros((1, 224, 224), np.float32), 3, 2, 1).shape[1],
    }


def claims(measured):
    def kept_in_place(back):
        return np.array_equal(back.reshape(2, 2, 2, 2).sum((1, 3)), ARRIVING)

    return {
        "each region's number is its largest": np.array_equal(measured["max"], MAP.reshape(2, 2, 2, 2).max((1, 3))),
        "a window as large as the map is global pooling": np.array_equal(measured["whole_max"], measured["global_max"])
        and np.array_equal(measured["whole_avg"], measured["global_avg"]),
        "what arrives at a region stays in it": kept_in_place(measured["max_back"])
        and kept_in_place(measured["avg_back"]),
        "the maximum's gradient reaches the winners alone": np.array_equal(measured["max_back"] != 0, measured["won"]),
    }


def values(measured):
    return {
        "largest": f"{measured['max'][0, 0]:g}",
        "mean": f"{measured['avg'][0, 0]:g}",
        "whole_max": f"{measured['whole_max'][0, 0]:g}",
        "whole_avg": f"{measured['whole_avg'][0, 0]:g}",
        "stem": f"{measured['same_size']}",
    }


def fills(regions=(0, 1, 2, 3)):
    """The colours of the map's cells: those of these regions, none elsewhere."""
    chosen = np.where(np.isin(np.arange(4).reshape(2, 2), regions), FILLS, "")
    return chosen.repeat(2, 0).repeat(2, 1)


def steps(measured, language, wide):
    across, cell, frame, line = (4 if wide else 2), 27, 180, 150
    figure, axes = sheet(across * frame, 4 // across * line)
    order = np.arange(4).reshape(2, 2)
    for step in range(4):
        x, y = 2 + step % across * frame, 30 + step // across * line
        inside = fills([step])
        grid(axes, MAP, x, y, cell, inside, measured["won"] & (inside != ""), WORDS[language]["step"].format(step + 1))
        so_far = np.where(order <= step, measured["max"], np.nan)
        grid(axes, so_far, x + 4 * cell + 8, y + cell, cell, np.where(order <= step, FILLS, ""), order == step)
    return figure


def operators(measured, language, wide):
    words, cell = WORDS[language], 36
    figure, axes = sheet(720, 190) if wide else sheet(360, 330)
    places = (
        [(24, 34), (238, 70), (380, 70), (518, 88), (630, 88)]
        if wide
        else [(108, 34), (16, 226), (108, 226), (212, 244), (300, 244)]
    )
    grid(axes, MAP, *places[0], cell, fills(), measured["won"], words["input"])
    grid(axes, measured["max"], *places[1], cell, FILLS, title=words["max"])
    grid(axes, measured["avg"], *places[2], cell, FILLS, title=words["avg"])
    grid(axes, measured["global_max"], *places[3], cell, title=words["gmax"])
    grid(axes, measured["global_avg"].round(2), *places[4], cell, title=words["gavg"])
    return figure


def gradients(measured, language, wide):
    cell = 36
    titles = BACK[language]
    figure, axes = sheet(720, 190) if wide else sheet(360, 330)
    places = [(80, 70), (284, 34), (524, 34)] if wide else [(144, 34), (16, 164), (200, 164)]
    grid(axes, ARRIVING, *places[0], cell, FILLS, title=titles[0])
    for back, place, title in zip(("max_back", "avg_back"), places[1:], titles[1:], strict=True):
        grid(axes, measured[back], *place, cell, np.where(measured[back] != 0, fills(), ""), title=title)
    return figure
