"""What the site's plots are painted with: one palette for light and dark pages, and a look shared by all plots.

A plot is painted with the light colours, and looks as it should wherever matplotlib draws it (in a notebook, say).  On the site
its SVG stands in the page itself, where docs/_ext/computed.py makes a CSS variable of each of these colours, and the page's
theme says what that is.  Text stays text, which the browser draws in the page's own font.  So a colour that is not of this
palette is one that the dark page does not know: take a name from here.

Sizes are in CSS pixels: `canvas(720, 300)` is 720 wide, the column of a wide screen, and `canvas(360, 300)` fits a phone.
"""

import matplotlib
from matplotlib.figure import Figure

# name: (on a light page, on a dark page); every light one differs from every other
PALETTE = {
    "ground": ("#fefefe", "#131416"),  # the page itself, for what must hide what lies below
    "ink": ("#24292f", "#dfe3e8"),
    "muted": ("#5b6570", "#9aa4af"),
    "faint": ("#d3d9df", "#3a4149"),
    "max": ("#bf4f08", "#ff9b57"),
    "avg": ("#0a5fc2", "#62b1ff"),
    "strided": ("#1b7a48", "#52cf8b"),
    "none": ("#7a3db3", "#c89dff"),
    "mark": ("#ffdcb3", "#5c3b14"),  # a highlighted cell
    "mark2": ("#cfe4fb", "#173a5e"),
    "mark3": ("#cdeedb", "#16432b"),
    "mark4": ("#eadcf8", "#40265c"),
}
LIGHT = {name: pair[0] for name, pair in PALETTE.items()}

LOOK = {
    "svg.fonttype": "none",  # text, not outlines
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "font.size": 12.5,
    "axes.titlesize": 13,
    "axes.titleweight": "normal",
    "axes.labelsize": 12.5,
    "xtick.labelsize": 12,
    "ytick.labelsize": 12,
    "legend.fontsize": 12,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": LIGHT["muted"],
    "axes.labelcolor": LIGHT["ink"],
    "axes.titlecolor": LIGHT["ink"],
    "text.color": LIGHT["ink"],
    "xtick.color": LIGHT["muted"],
    "ytick.color": LIGHT["muted"],
    "xtick.labelcolor": LIGHT["ink"],
    "ytick.labelcolor": LIGHT["ink"],
    "grid.color": LIGHT["faint"],
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.linewidth": 1,
    "lines.linewidth": 2,
    "lines.markersize": 6,
}
matplotlib.rcParams.update(LOOK)  # when axes are made is when their colours are taken


def canvas(width, height, rows=1, columns=1, **options):
    """A figure of this size in CSS pixels, and its axes."""
    figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.12 if rows > 1 else 0.04)
    return figure, figure.subplots(rows, columns, **options)


def sheet(width, height):
    """An empty figure of this size, and axes without anything, whose unit is the CSS pixel and whose origin is top left."""
    figure = Figure(figsize=(width / 72, height / 72))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    return figure, axes


def grid(axes, numbers, x, y, cell, fills=None, bold=None, title=""):
    """A map of numbers at this place: its cells filled with palette names, some of its numbers bold; NaN leaves a cell empty."""
    from matplotlib.patches import Rectangle

    for row, line in enumerate(numbers):
        for column, number in enumerate(line):
            place = (x + column * cell, y + row * cell)
            fill = fills[row][column] if fills is not None else None
            colour = LIGHT[fill] if fill else "none"
            axes.add_patch(Rectangle(place, cell, cell, facecolor=colour, edgecolor=LIGHT["muted"], linewidth=1))
            if number == number:
                axes.text(
                    place[0] + cell / 2,
                    place[1] + cell / 2,
                    f"{number:g}",
                    ha="center",
                    va="center_baseline",
                    size=(0.4 if len(f"{number:g}") < 4 else 0.36) * cell,
                    weight="bold" if bold is not None and bold[row][column] else "normal",
                )
    if title:
        axes.text(x + cell * len(numbers[0]) / 2, y - 10, title, ha="center", va="baseline")
