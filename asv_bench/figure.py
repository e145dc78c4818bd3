"""The README's picture of the table: each row a line, each library a dot at its time over the copy's."""

from matplotlib import rc_context
from matplotlib.figure import Figure

from asv_bench.benchmarks import libraries

STYLE = {  # the same file from the same figures; text that stays text, laid out for a font as wide as any
    "svg.hashsalt": "cypool",
    "svg.fonttype": "none",
    "font.size": 8,
    "font.family": ["DejaVu Sans"],
}
KINDS = {"D": "arrays several times the cache's size", "C": "arrays in the cache"}
CYPOOL = "#d95f02"
RING = {"fillstyle": "none", "markersize": 6.5, "markeredgewidth": 2}  # what lies beneath stays in sight
COLOURS = "#1f78b4", "#33a02c", "#6a3d9a", "0.2", "0.4", "0.55", "0.5", "#b15928"
LOOKS = dict(zip(libraries.PEERS, zip("osD^vP*X", COLOURS, strict=True), strict=True))


def draw(results, machine, path):
    """Write the picture of the rows that have a copy to compare with."""
    groups = {kind: [r for r in results if r.row.kind == kind and r.copy] for kind in KINDS}
    groups = {kind: group for kind, group in groups.items() if group}
    heights = [len(group) for group in groups.values()]
    with rc_context(STYLE):
        figure = Figure(figsize=(7, 1 + 0.16 * sum(heights)), layout="constrained")
        panels = figure.subplots(len(groups), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
        handles = {}
        for (kind, group), axes in zip(groups.items(), panels, strict=True):
            handles |= _panel(axes, f"{kind}: {KINDS[kind]}", group)
        panels[-1].xaxis.set_major_formatter(lambda x, _: f"{x:g}")
        panels[-1].set_xlabel(f"time over that of the copy (the line), logarithmic; less is better\n{machine}")
        names = ["cypool", *(library for library in LOOKS if library in handles)]
        looks = {"frameon": False, "fontsize": 7, "handletextpad": 0.1, "columnspacing": 0.9}
        figure.legend([handles[n] for n in names], names, loc="outside upper center", ncols=len(names), **looks)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def _panel(axes, title, group):
    """Draw one kind of rows, and return the libraries' handles for the legend."""
    handles = {}
    axes.set_xscale("log")
    axes.axvline(1, color="0.3", linewidth=1)
    for library, (marker, colour) in (LOOKS | {"cypool": ("o", CYPOOL)}).items():
        places = [(r.over("copy", library), y) for y, r in enumerate(group) if r.over("copy", library)]
        if places:
            x, y = zip(*places, strict=True)
            (handles[library],) = axes.plot(
                x, y, marker, color=colour, **(RING if library == "cypool" else {"markersize": 3.5})
            )
    axes.set_yticks(range(len(group)), [r.row.name for r in group], fontsize=7)
    axes.set_ylim(len(group) - 0.5, -0.5)
    axes.grid(color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_title(title, loc="left", fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    return handles
