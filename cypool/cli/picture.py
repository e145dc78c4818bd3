"""The demo's picture: the photograph, what the operators made of it, and where their gradients went.

Two rows of four panels. Above, the photograph and three outputs; below, for each of these three, the gradient of
||y||^2 / 2, every cell in its channel's colour, and, under the photograph, the two global operators.
"""

from functools import partial

import numpy as np

import cypool

BACKGROUND, INK, FAINT = "#0d1117", "#f0f3f6", "#8b949e"
CHANNEL_INKS = ("#ff6b6b", "#69db7c", "#74c0fc")
WIDTH, DPI = 16.0, 125  # inches, dots per inch
CELL = 3  # a cell of a gradient is drawn so many pixels wide, to leave room for its halo


def draw(figures, photograph, results, credit):
    """A matplotlib Figure of `results`, which maps each of the photograph's cases to (output, gradient)."""
    local = {case: result for case, result in results.items() if case.kernel}
    across = {case.op: result for case, result in results.items() if not case.kernel}
    height, width = photograph.shape[:2]
    figure = figures.Figure(figsize=(WIDTH, 2 * WIDTH / 4.1 * height / width + 1.75), facecolor=BACKGROUND, dpi=DPI)
    panels = figure.subplots(2, 4)
    figure.subplots_adjust(left=0.012, right=0.988, bottom=0.075, top=0.94, wspace=0.03, hspace=0.165)

    show(panels[0, 0], photograph, "The photograph", extent_text(photograph))
    for (above, below), (case, (output, gradient)) in zip(panels.T[1:], local.items(), strict=True):
        light = halo(gradient) if case.op == "max" else gradient / np.quantile(gradient, 0.99)
        show(above, output, title(case), extent_text(output))
        show(below, light, "Its gradient", f"reaches {np.count_nonzero(gradient) / gradient.size:.0%} of the cells")
    show_global(panels[1, 0], photograph, across["avg"][0], across["max"][1])
    note = "Gradients are those of ||y||² / 2: every output sends its own value back to the cells that it came from."
    figure.text(0.012, 0.024, note, color=FAINT, size=12)
    figure.text(0.988, 0.024, credit, color=FAINT, size=12, ha="right")
    return figure


def show(axes, image, name, note):
    """One panel: an image with its name and, at the other end of the line, a fainter note."""
    axes.imshow(np.clip(image, 0, 1), interpolation="antialiased", aspect="auto")
    axes.set_axis_off()
    axes.set_title(name, color=INK, size=15, loc="left", pad=7)
    axes.set_title(note, color=FAINT, size=12, loc="right", pad=7)


def title(case):
    """The case in words."""
    name = {"max": "Max", "avg": "Average"}[case.op]
    return f"{name} of {case.kernel} × {case.kernel}, stride {case.stride}"


def extent_text(image):
    """``300 × 451``."""
    return " × ".join(map(str, image.shape[:2]))


def halo(gradient):
    """Sparse gradients as points of light, compressed so that one output and a thousand can both be seen.

    A halo is what average pooling, twice, leaves of a point.
    """
    points = gradient / np.median(gradient[gradient > 0])
    points **= 1 / max(1, np.log10(points.max()))
    points = points.repeat(CELL, 0).repeat(CELL, 1)
    blur = partial(cypool.avg_pool2d, stride=1, data_format="channels_last")
    near = blur(points, 3, padding=1)
    far = blur(blur(near, 11, padding=5), 11, padding=5)
    light = near + 8 * far
    return light / np.quantile(light, 0.985)


def show_global(axes, photograph, mean, winners):
    """The dimmed photograph, on it the mean colour, and a ring around the one cell a channel that is the maximum."""
    show(axes, photograph * 0.35, "Global average and max", "1 × 1")
    height, width = photograph.shape[:2]
    x, y = 0.83 * width, 0.3 * height
    axes.scatter(x, y, s=4200, color=mean.reshape(-1, 3), edgecolor=INK, linewidth=1.2)
    axes.annotate("average", (x, y), color=INK, size=12, ha="center", va="center")
    for name, ink, won in zip(("red", "green", "blue"), CHANNEL_INKS, np.moveaxis(winners, -1, 0), strict=True):
        y, x = np.argwhere(won)[0]
        axes.scatter(x, y, s=150, facecolor="none", edgecolor=ink, linewidth=2)
        axes.annotate(f"max {name}", (x, y), (11, 0), textcoords="offset points", color=ink, size=12, va="center")
