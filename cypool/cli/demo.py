"""``cypool demo``: pool a photograph and a batch, check and time it against NumPy and torch, draw what happened.

Every library computes the same cases (rivals.py); cypool's results are first compared with the others', then all are
timed in interleaved rounds (A B C A B C ...), of which the best counts: other programs can only make a round slower.
"""

import time
from functools import partial
from pathlib import Path

import numpy as np

import cypool
from cypool.cli import files, picture
from cypool.cli.errors import CommandError, require
from cypool.cli.rivals import Case, run_cypool, run_numpy, run_torch

CREDIT = "Chelsea the cat, photographed by Stefan van der Walt, CC0 1.0, from scikit-image"
BATCH_CREDIT = "32 crops of Chelsea and of a coffee cup by Rachel Michetti, CC0 1.0, from scikit-image"
ROUNDS, SECONDS = 3, 0.4  # at least so many rounds, and more while the time lasts

PHOTOGRAPH = (Case("max", 6, 6), Case("avg", 16, 8), Case("max", 31, 1, 15), Case("avg"), Case("max"))
BATCH = (Case("max", 3, 2, 1), Case("avg", 2, 2), Case("max", 13, 1, 6), Case("avg"), Case("max"))


def add_parser(commands):
    """Add the ``demo`` command to the parser's `commands`."""
    parser = commands.add_parser(
        "demo", help="pool a photograph, forward and backward, time it and draw a picture of it"
    )
    parser.add_argument(
        "-o", "--output", metavar="PNG", type=Path, default=Path("cypool-demo.png"), help="the picture to write"
    )
    parser.set_defaults(run=run)


def run(arguments):
    """Run the demo; the picture is written last."""
    figures = require("matplotlib.figure", "matplotlib", "the demo")
    files.check_target(arguments.output)
    photograph, batch = load_images()
    torch = load_torch()
    versions = [f"NumPy {np.__version__}"] + ([f"torch {torch.__version__}"] if torch else [])
    print(f"cypool {cypool.__version__}, {cypool.get_num_threads()} threads; " + ", ".join(versions))

    print(f"\nA photograph: {CREDIT}")
    results = race(PHOTOGRAPH, photograph, torch, channels_last=True)
    print(f"\nA batch: {BATCH_CREDIT}")
    race(BATCH, batch, torch, channels_last=False)

    figure = picture.draw(figures, photograph, dict(zip(PHOTOGRAPH, results, strict=True)), CREDIT)
    with files.replacing(arguments.output) as file:
        figure.savefig(file, format="png", facecolor=figure.get_facecolor())
    print(f"\nThe picture: {arguments.output}")


def load_images():
    """The photograph (H, W, 3) and a batch (N, 3, H, W) of crops, as float32 in [0, 1]."""
    data = require("skimage.data", "scikit-image", "the demo")
    chelsea, coffee = (load().astype(np.float32) / 255 for load in (data.chelsea, data.coffee))
    random = np.random.default_rng(0)
    batch = np.empty((32, 3, 224, 224), np.float32)
    for number, crop in enumerate(batch):
        source = (chelsea, coffee)[number % 2]
        y, x = random.integers(np.subtract(source.shape[:2], 224))
        crop[...] = source[y : y + 224, x : x + 224].transpose(2, 0, 1)
    return chelsea, batch


def load_torch():
    """The torch module with cypool's number of threads, or None."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(cypool.get_num_threads())
    return torch


def race(cases, x, torch, channels_last):
    """Check and time every case on `x`, print a line for each direction, return cypool's (output, gradient) pairs."""
    libraries = {"cypool": run_cypool, "NumPy": run_numpy}
    if torch:
        libraries["torch"] = partial(run_torch, torch)
    print(f"{shape_text(x)} {x.dtype}, channels {'last' if channels_last else 'first'}")
    print(f"  {'':<25}{'result':<16}" + "".join(f"{name:>12}{'':9}" for name in libraries).rstrip())
    results = []
    for case in cases:
        runs = {name: library(case, x, channels_last) for name, library in libraries.items()}
        for number, direction in enumerate(("forward", "backward")):
            rivals = {name: pair[number] for name, pair in runs.items()}
            result = check(f"{case} {direction}", rivals)
            print(f"  {case!s:<15}{direction:<10}{shape_text(result):<16}{times_text(best_times(rivals))}")
        results.append([run() for run in runs["cypool"]])
    return results


def check(what, runs):
    """cypool's result, if the others have the same; a demo that shows wrong numbers is worse than none."""
    results = {name: run() for name, run in runs.items()}
    own = results["cypool"]
    for name, other in results.items():
        if other.shape != own.shape or not np.allclose(own, other, rtol=1e-3, atol=1e-3 * np.abs(other).max()):
            raise CommandError(f"{what}: cypool and {name} disagree; please report it")
    return own


def shape_text(array):
    """``64x3x224x224``."""
    return "x".join(map(str, array.shape))


def times_text(times):
    """cypool's time, then each other library's with its ratio to cypool's."""
    own = times["cypool"]
    return "".join(
        f"{seconds * 1e3:9.2f} ms" + (f"{seconds / own:8.1f}x" if name != "cypool" else " " * 9)
        for name, seconds in times.items()
    )


def best_times(runs):
    """The best of the interleaved rounds, in seconds."""
    best = dict.fromkeys(runs, np.inf)
    end = time.perf_counter() + SECONDS
    rounds = 0
    while rounds < ROUNDS or time.perf_counter() < end:
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - start)
        rounds += 1
    return best
