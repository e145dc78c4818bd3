"""Every operator beside average pooling, and beside what one would write without it: ``python -m asv_bench.operators``.

Float32, into memory that is there already, interleaved rounds as everywhere (`benchmarks.measure`).  Windows of 2 x 2 that
share a map out and of 3 x 3 at stride 1, both in cache; and for what needs exponentials or powers only, in memory that no cache
holds.  For each operator: its time over `avg_pool2d`'s at the same
geometry, that of its gradient over `avg_pool2d_backward`'s, and how many times as long a composition takes, with NumPy
(sliding_window_view and a reduction) and with PyTorch (its poolings, or unfold, between elementwise operations).

The contract wants operators that need only exponentials or powers within three times the average, and rank operators ten
times as fast as NumPy's composition; the last lines check that.
"""

import argparse
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from asv_bench import peers
from asv_bench.benchmarks import libraries, rows

SMALL, LARGE, QUICK = (2, 64, 56, 56), (32, 64, 112, 112), (1, 2, 12, 12)
GEOMETRIES = {  # window, stride, padding, shape
    "k2": (2, 2, 0, SMALL),
    "k3 s1": (3, 1, 1, SMALL),
    "k2, large": (2, 2, 0, LARGE),
    "k3 s2, large": (3, 2, 1, LARGE),
}
MOST_AVERAGES = 3  # of an operator that needs exponentials or powers only
LEAST_LEAD = 10  # of a rank operator over NumPy
WINDOW = (-2, -1)


class Operator(NamedTuple):
    """A row of the table.

    Attributes
    ----------
    name : str
        Of cypool's function without 2d.
    numpy : callable or None
        The result from an array whose last two axes are the windows'.
    torch : callable or None
        The result from torch, a tensor, and the window, stride and padding.
    options : dict
        Keywords; `leading` are positional behind x, made from x, k if they are functions.
    leading : tuple
    kind : str
        "algebra" or "rank", for the checks, or "".
    """

    name: str
    numpy: object = None
    torch: object = None
    options: dict = {}  # noqa: RUF012 - never changed
    leading: tuple = ()
    kind: str = ""


def _unfolded(reduce):
    """A composition of torch's unfold, which makes all windows, and a reduction over their cells."""

    def run(torch, x, k, s, p):
        n, c, h, w = x.shape
        cells = torch.nn.functional.unfold(x.reshape(n * c, 1, h, w), k, padding=p, stride=s)
        return reduce(torch, cells)

    return run


def _pooled(before, after):
    """A composition of torch's avg_pool2d between elementwise operations."""
    return lambda torch, x, k, s, p: after(torch, torch.nn.functional.avg_pool2d(before(torch, x), k, s, p))


def _soft(torch, x, k, s, p):
    average, e = torch.nn.functional.avg_pool2d, torch.exp(x)
    return average(e * x, k, s, p) / average(e, k, s, p)


def _std(torch, x, k, s, p):
    average = torch.nn.functional.avg_pool2d
    return (average(x * x, k, s, p) - average(x, k, s, p) ** 2).clamp(0).sqrt()


def _range(torch, x, k, s, p):
    largest = torch.nn.functional.max_pool2d
    return largest(x, k, s, p) + largest(-x, k, s, p)


def _mixed(torch, x, k, s, p, share=0.5):
    pool = torch.nn.functional
    return share * pool.max_pool2d(x, k, s, p) + (1 - share) * pool.avg_pool2d(x, k, s, p)


def _gated(torch, x, k, s, p):
    weights = torch.full((x.shape[1], 1, k, k), 0.1)
    score = torch.nn.functional.conv2d(x, weights, stride=s, padding=p, groups=x.shape[1])
    return _mixed(torch, x, k, s, p, torch.sigmoid(score))


def _gated_cells(cells):
    share = 1 / (1 + np.exp(-np.float32(0.1) * cells.sum(WINDOW)))
    return share * cells.max(WINDOW) + (1 - share) * cells.mean(WINDOW)


def _binomial(k):
    taps = (np.poly1d([0.5, 0.5]) ** (k - 1)).coeffs.astype(np.float32)
    return np.outer(taps, taps)


def _blur(torch, x, k, s, p):
    kernel = torch.from_numpy(_binomial(k)).expand(x.shape[1], 1, k, k)
    padded = torch.nn.functional.pad(x, [p] * 4, mode="reflect")
    return torch.nn.functional.conv2d(padded, kernel, stride=s, groups=x.shape[1])


def _flat(cells):
    return cells.reshape((*cells.shape[:-2], -1))


def _soft_cells(cells):
    e = np.exp(cells)
    return (e * cells).sum(WINDOW) / e.sum(WINDOW)


def _drawn(cells):
    """One cell of each window with the probability of its share."""
    total = np.cumsum(_flat(cells), -1)
    at = (total < np.random.default_rng(0).random((*total.shape[:-1], 1)) * total[..., -1:]).sum(-1, keepdims=True)
    return np.take_along_axis(_flat(cells), at, -1)


def _norm(p):
    return {
        "numpy": lambda cells: (np.abs(cells) ** p).sum(WINDOW) ** (1 / p),
        "torch": lambda torch, x, k, s, pad: torch.nn.functional.lp_pool2d(
            torch.nn.functional.pad(x, [pad] * 4), p, k, s
        ),
        "leading": (p,),
        "kind": "algebra",
    }


OPERATORS = (
    Operator("rms_pool", lambda c: np.sqrt((c * c).mean(WINDOW)), _pooled(lambda t, x: x * x, lambda t, y: y.sqrt()),
             kind="algebra"),
    Operator("lp_pool", **_norm(2)),
    Operator("lp_pool", **_norm(3)),
    Operator("lp_pool", **_norm(2.5)),
    Operator("lse_pool", lambda c: np.log(np.exp(c).sum(WINDOW)), _pooled(lambda t, x: x.exp(), lambda t, y: y.log()),
             kind="algebra"),
    Operator("soft_pool", _soft_cells, _soft, kind="algebra"),
    Operator("gem_pool", lambda c: (np.maximum(c, 1e-6) ** 3).mean(WINDOW) ** (1 / 3),
             _pooled(lambda t, x: x.clamp(1e-6) ** 3, lambda t, y: y ** (1 / 3)), kind="algebra"),
    Operator("lip_pool", _soft_cells, _soft, leading=(lambda x, k: x.copy(),), kind="algebra"),
    Operator("std_pool", lambda c: c.std(WINDOW), _std, kind="algebra"),
    Operator("range_pool", lambda c: np.ptp(c, WINDOW), _range),
    Operator("mixed_pool", lambda c: (c.max(WINDOW) + c.mean(WINDOW)) / 2, _mixed),
    Operator("gated_pool", _gated_cells, _gated, leading=(lambda x, k: np.full((k, k), 0.1, np.float32),)),
    Operator("blur_pool", lambda c: (c * _binomial(c.shape[-1])).sum(WINDOW), _blur),
    Operator("stochastic_pool", _drawn, options={"rng": 0}),
    Operator("median_pool", lambda c: np.median(_flat(c), -1), _unfolded(lambda t, c: c.median(1).values), kind="rank"),
    Operator("quantile_pool", lambda c: np.quantile(_flat(c), 0.9, -1), _unfolded(lambda t, c: c.quantile(0.9, 1)),
             {"q": 0.9}, kind="rank"),
    Operator("topk_pool", lambda c: np.partition(_flat(c), -2, -1)[..., -2:].mean(-1),
             _unfolded(lambda t, c: c.topk(2, 1).values.mean(1)), {"k": 2}, kind="rank"),
    Operator("morphological_pool", lambda c: (c + np.float32(0.1)).max(WINDOW),
             _unfolded(lambda t, c: (c + 0.1).amax(1)), leading=(lambda x, k: np.full((k, k), 0.1, np.float32),)),
    Operator("max_pool", lambda c: c.max(WINDOW), lambda t, x, k, s, p: t.nn.functional.max_pool2d(x, k, s, p)),
)  # fmt: skip


def title(row):
    """The row's name, with what tells it from others."""
    return " ".join([row.name, *(str(v) for v in row.leading if not callable(v)), *map(str, row.options.values())])


def prepare(row, geometry, threads, quick):
    """Functions of cypool's forward and gradient, and of the compositions."""
    k, s, pad, shape = geometry
    large = shape == LARGE
    if large and row.kind != "algebra" and row.name != "avg_pool":
        raise NotImplementedError("only what needs exponentials or powers has a target there")
    x = rows.random(QUICK if quick else shape)
    pool = libraries.function(f"{row.name}2d")
    leading = [v(x, k) if callable(v) else v for v in row.leading]
    window = () if row.name in ("morphological_pool", "gated_pool") else (k,)  # or the element's extent is the window's
    p = {"stride": s, "padding": pad, "num_threads": threads, **row.options}
    out = pool(x, *leading, *window, **p)
    runs = {"forward": lambda: pool(x, *leading, *window, **p, out=out)}
    back, gradient = libraries.function(f"{row.name}2d_backward"), out.copy()
    runs["backward"] = lambda: back(gradient, x, *leading, *window, **p)
    if large:  # compositions would need the memory of all windows
        return runs
    if row.numpy:
        padded = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
        cells = sliding_window_view(padded, (k, k), (2, 3))[:, :, ::s, ::s]
        runs["NumPy"] = lambda: row.numpy(cells)
    if row.torch:
        try:
            torch = libraries.need("torch")
        except NotImplementedError:
            return runs
        torch.set_num_threads(threads)
        tensor = torch.from_numpy(x)
        runs["torch"] = lambda: row.torch(torch, tensor, k, s, pad)
    return runs


def measured(threads, options):
    """Geometry, row, and seconds of its runs and of the average's, ``avg forward`` and ``avg backward``."""
    average = Operator("avg_pool")
    for name, geometry in GEOMETRIES.items():
        for row in OPERATORS:
            try:
                runs = prepare(row, geometry, threads, options.quick)
            except NotImplementedError:
                continue
            own = prepare(average, geometry, threads, options.quick)
            runs |= {f"avg {direction}": run for direction, run in own.items()}
            for run in runs.values():
                run()
            yield name, row, peers.times(runs, threads, options)


def line(name, row, seconds):
    """A line of the table: ratios."""
    cells = [f"{title(row):22} {name:12}", f"{seconds['forward'] * 1e3:9.3f}"]
    for direction in ("forward", "backward"):
        cells.append(f"{seconds[direction] / seconds[f'avg {direction}']:9.1f}")
    for peer in ("NumPy", "torch"):
        cells.append(f"{seconds[peer] / seconds['forward']:9.1f}" if peer in seconds else " " * 9)
    return " ".join(cells).rstrip()


def checks(name, row, seconds):
    """What is wanted, what was measured, whether it suffices."""
    if row.kind == "algebra":
        yield "over the average", seconds["forward"] / seconds["avg forward"], "at most", MOST_AVERAGES
    if row.kind == "rank" and name == "k3 s1":  # windows that overlap are what ranks are for
        yield "faster than NumPy", seconds["NumPy"] / seconds["forward"], "at least", LEAST_LEAD


def main(arguments=None):
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m asv_bench.operators", description=__doc__.splitlines()[0])
    peers.add_measuring_options(parser, threads="1")
    options = parser.parse_args(arguments)
    for threads in options.threads:
        print(f"{peers.machine(threads)}; {options.statistic} of at most {options.rounds} interleaved rounds")
        print(f"{'':35} {'ms':>9} {'/ avg':>9} {'gradient':>9} {'NumPy':>9} {'torch':>9}")
        verdicts = []
        for name, row, seconds in measured(threads, options):
            print(line(name, row, seconds), flush=True)
            verdicts += [(f"{title(row)} {name}", *check) for check in checks(name, row, seconds)]
        print()
        for what, check, figure, side, limit in verdicts:
            reached = figure <= limit if side == "at most" else figure >= limit
            print(f"{'ok    ' if reached else 'missed'} {what}: {figure:.1f} times {check}, {side} {limit} wanted")


if __name__ == "__main__":
    main()
