"""Pyramids beside those of others: ``python -m asv_bench.pyramid``, from the repository, with the installed cypool.

A row for each array, factor, number of levels and operation; a figure is cypool's time over that of a library, or of the
copy of the same footprint, from one process, the best of interleaved rounds (`benchmarks.measure`), so below 1 is faster.
Every library has its best layout: tinybrain Fortran order, OpenCV one plane after the other into given memory.  The others make
a level of the one below and are single-threaded, but for OpenCV, whose threads are set to as many.  A `*` marks results
that differ from cypool's; where they do, and why:

- means of integers: OpenCV rounds them to the nearest, scikit-image leaves them float64, and both round at every level;
- odd extents: tinybrain lets a partial window weigh as much as a whole one in the levels above, OpenCV scales by other than the
  factor, scikit-image fills up with zeros, which count;
- modes: those of tinybrain are modes of modes from level 2 on, and of equally frequent labels another wins.
"""

import argparse
import fnmatch
import functools
import inspect
import math
import sys
from typing import NamedTuple

import numpy as np

from asv_bench import peers
from asv_bench.benchmarks import libraries, measure
from asv_bench.benchmarks.rows import random

QUICK_CELLS = 32  # of an axis
LIBRARIES = ("tinybrain", "OpenCV", "scikit-image")


class Row(NamedTuple):
    """A pyramid: `shape` in C order, what its cells are, the factor along each axis."""

    op: str
    cells: str
    dtype: str
    shape: tuple
    factor: tuple
    levels: int

    @property
    def title(self):
        """What the table calls it."""
        extents, factor = ("x".join(map(str, numbers)) for numbers in (self.shape, self.factor))
        cells = f"{self.cells} " if self.cells != "noise" else ""
        return f"{self.op} {cells}{self.dtype} {extents} by {factor}, {self.levels} level{'s' * (self.levels > 1)}"


def _table():
    images, volume = ((4096, 4096), (4095, 4097)), (256, 256, 256)
    for dtype in ("uint8", "uint16", "float32"):
        for shape in images:
            for levels in (1, 2, 4):
                yield Row("mean", "noise", dtype, shape, (2, 2), levels)
    for dtype in ("uint8", "float32"):
        yield Row("mean", "noise", dtype, (2048, 2048, 3), (2, 2, 1), 2)
        for factor in ((1, 2, 2), (2, 2, 2)):
            for levels in (1, 3):
                yield Row("mean", "noise", dtype, volume, factor, levels)
        yield Row("mean", "noise", dtype, (255, 257, 253), (2, 2, 2), 3)
    for dtype in ("uint8", "uint32", "uint64"):
        for factor in ((1, 2, 2), (2, 2, 2)):
            for levels in (1, 2, 3):
                yield Row("mode", "labels", dtype, volume, factor, levels)
    for factor in ((1, 2, 2), (2, 2, 2)):
        for levels in (1, 2):
            yield Row("mode", "noise", "uint32", volume, factor, levels)
    yield Row("mode", "labels", "uint32", (255, 257, 253), (2, 2, 2), 2)
    for op in ("max", "min"):
        for dtype in ("uint8", "float32"):
            yield Row(op, "noise", dtype, images[0], (2, 2), 1)
            yield Row(op, "noise", dtype, images[0], (2, 2), 4)
            yield Row(op, "noise", dtype, volume, (2, 2, 2), 3)
    for dtype in ("uint8", "float32"):
        yield Row("stride", "noise", dtype, images[0], (2, 2), 4)
        yield Row("stride", "noise", dtype, volume, (2, 2, 2), 3)


ROWS = {row.title: row for row in _table()}


@functools.cache
def cells(kind, shape, dtype):
    """An array: without order, few labels without order, or regions of some 30 cells across with labels of their own."""
    if kind == "noise":
        return random(shape, np.dtype(dtype))
    places = np.ix_(*(np.arange(n, dtype=np.float32) for n in shape))
    parts = [p + 6 * sum(np.sin(q / (9 + i)) for i, q in enumerate(places) if q is not p) for p in places]
    label = sum(
        (np.floor(p / 29).astype(np.int64) + 2) * prime for p, prime in zip(parts, (7919, 104729, 31), strict=True)
    )
    return (label * 2654435761 % (1 << 31)).astype(dtype)


def few(x):
    """Noise of few labels, so that there are majorities."""
    return x.astype(np.int64) % 4 if x.dtype.kind in "iu" else x


def of_cypool(row, x, threads):
    """The subject, into memory that is there if it takes any."""
    pyramid = libraries.function("pyramid")
    axes = tuple(a for a, f in enumerate(row.factor) if f > 1)
    call = functools.partial(
        pyramid, x, tuple(row.factor[a] for a in axes), row.levels, row.op, axes=axes, num_threads=threads
    )
    if "out" in inspect.signature(pyramid).parameters:
        call = functools.partial(call, out=call())
    return call


def of_tinybrain(row, x, threads):
    """Fortran order, (x, y, z)."""
    tinybrain = libraries.need("tinybrain")
    factor = row.factor[::-1]
    if row.shape[-1] == 3:  # colours, the last axis of tinybrain's
        x, factor = np.asfortranarray(x.transpose(1, 0, 2)[:, :, None]), (2, 2, 1, 1)
        back = lambda y: y[:, :, 0].transpose(1, 0, 2)  # noqa: E731
    else:
        x, back = x.T, lambda y: y.reshape(y.shape[: len(factor)]).T
    if row.op == "mean":
        run = lambda: tinybrain.downsample_with_averaging(x, factor, row.levels)  # noqa: E731
    elif row.op == "mode":
        run = lambda: tinybrain.downsample_segmentation(x, factor, num_mips=row.levels)  # noqa: E731
    elif row.op == "stride":  # it returns views: their cells are wanted

        def run():
            return [np.asfortranarray(y) for y in tinybrain.downsample_with_striding(x, factor, row.levels)]
    else:
        pool = getattr(libraries.need("tinybrain.downsample"), f"downsample_with_{row.op}_pooling")
        run = lambda: pool(x, factor, row.levels)  # noqa: E731
    return lambda: [back(y) for y in run()]


def cascade(step, x, levels):
    """Every level of the one below."""
    results = [step(x)]
    while len(results) < levels:
        results.append(step(results[-1]))
    return results


def of_scikit_image(row, x, threads):
    """Blocks, reduced."""
    libraries.only(row.op in ("mean", "max", "min"), "no such operation")
    transform, reduce = libraries.need("skimage.transform"), libraries.need("skimage.measure")
    if row.op == "mean":
        return lambda: cascade(lambda y: transform.downscale_local_mean(y, row.factor), x, row.levels)
    function = np.max if row.op == "max" else np.min
    return lambda: cascade(lambda y: reduce.block_reduce(y, row.factor, function), x, row.levels)


def of_opencv(row, x, threads):
    """Images, colours, and volumes plane by plane; INTER_AREA, or for extrema a filter of which every second cell is taken."""
    cv2 = libraries.need("cv2")
    cv2.setNumThreads(threads)
    volume = len(row.shape) == 3 and row.shape[-1] != 3
    libraries.only(not volume or row.factor[0] == 1, "no volumes")
    libraries.only(row.op in ("mean", "max", "min"), "no such operation")
    shapes, shape = [], row.shape
    for _ in range(row.levels):
        shape = tuple(-(-n // f) for n, f in zip(shape, row.factor, strict=True))
        shapes.append(shape)
    outs = [np.empty(shape, row.dtype) for shape in shapes]
    planes = row.shape[0] if volume else 1

    def mean():
        for z in range(planes):
            y = x[z] if volume else x
            for out in outs:
                to = out[z] if volume else out
                y = cv2.resize(y, (to.shape[1], to.shape[0]), dst=to, interpolation=cv2.INTER_AREA)
        return outs

    kernel = np.ones((2, 2), np.uint8)
    filtered = cv2.dilate if row.op == "max" else cv2.erode
    return (
        mean
        if row.op == "mean"
        else lambda: cascade(
            lambda y: np.ascontiguousarray(filtered(y, kernel, anchor=(0, 0))[::2, ::2]), x, row.levels
        )
    )


PREPARE = {"tinybrain": of_tinybrain, "OpenCV": of_opencv, "scikit-image": of_scikit_image}


def agree(mine, theirs):
    """Whether all levels are equal, floats but for rounding."""
    for a, b in zip(mine, theirs, strict=True):
        b = np.asarray(b)
        if a.shape != b.shape or not (np.array_equal(a, b) or (a.dtype.kind == "f" and np.allclose(a, b, rtol=1e-5))):
            return False
    return True


def measured(row, threads, options):
    """Cypool's seconds, its ratios to the copy and to each library, and whose results differ."""
    if options.quick:
        shape = tuple(min(n, QUICK_CELLS + n % 2) for n in row.shape)
        row = row._replace(shape=shape)
    x = cells(row.cells, row.shape, row.dtype)
    if row.op == "mode" and row.cells == "noise":
        x = few(x).astype(row.dtype)
    runs = {"cypool": of_cypool(row, x, threads)}
    mine = [y.copy() for y in runs["cypool"]()]
    differs = []
    for library, prepare in PREPARE.items():
        try:
            run = prepare(row, x, threads)
            result = run()
        except NotImplementedError:
            continue
        if not agree(mine, result):
            differs.append(library)
        runs[library] = run
    runs["copy"] = measure.copy(x.nbytes + sum(y.nbytes for y in mine), threads)
    runs["copy"]()
    seconds = peers.times(runs, threads, options)
    own = seconds.pop("cypool")
    return own, {name: own / s for name, s in seconds.items()}, differs


def line(row, own, ratios, differs, markdown):
    """One line of the table."""
    cells = [row.title, f"{own * 1e3:.2f}"]
    for name in ("copy", *LIBRARIES):
        text = f"{ratios[name]:.2f}{'*' * (name in differs)}" if name in ratios else ""
        cells.append(text)
    if markdown:
        return f"| {' | '.join(cells)} |"
    return f"{cells[0]:58} {cells[1]:>9}" + "".join(f"{cell:>13}" for cell in cells[2:])


def main(arguments=None):
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m asv_bench.pyramid", description=__doc__.splitlines()[0])
    peers.add_measuring_options(parser, threads="1,all")
    parser.add_argument("--rows", default="*", metavar="PATTERN", help="rows with this in their names, * and ? allowed")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    options = parser.parse_args(arguments)
    titles = [title for title in ROWS if fnmatch.fnmatchcase(title, f"*{options.rows}*")]
    if not titles:
        parser.error(f"no row matches {options.rows}")
    for threads in options.threads:
        print(f"{peers.machine(threads)}; {options.statistic} of at most {options.rounds} interleaved rounds")
        header = ["cypool's time over that of", "ms", "the copy", *LIBRARIES]
        if options.markdown:
            print(f"| {' | '.join(header)} |", "|---|" + "---:|" * (len(header) - 1), sep="\n")
        else:
            print(f"{header[0]:58} {header[1]:>9}" + "".join(f"{cell:>13}" for cell in header[2:]))
        all_ratios = {}
        for title in titles:
            row = ROWS[title]
            own, ratios, differs = measured(row, threads, options)
            print(line(row, own, ratios, differs, options.markdown), flush=True)
            all_ratios[title] = ratios
        for name in LIBRARIES:
            found = [(ratios[name], title) for title, ratios in all_ratios.items() if name in ratios]
            if found:
                mean = math.exp(sum(math.log(ratio) for ratio, _ in found) / len(found))
                worst, title = max(found)
                print(f"{name}: {mean:.2f} in the mean of {len(found)} rows, at most {worst:.2f} ({title})")
        print()
        cells.cache_clear()


if __name__ == "__main__":
    sys.exit(main())
