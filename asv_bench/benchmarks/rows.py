"""The rows of the performance contract, and a row's arrays.

A `Row` says what is computed; `Case` makes it concrete on this machine.  Two kinds of rows and nothing between: D works in
memory, on a footprint (bytes read and written) of at least four times the last-level cache; C works in the cache, on at
most a quarter of it.  So the first axis that is longer than 1, the batch or an image's height, is made as long as that
takes.  CYPOOL_BENCH_BYTES limits every footprint, for runs that shall only show that everything works.
"""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

MOST_BYTES = 3 << 29  # of a footprint; copy buffers and the peers' results come to about three more: 6 GB in all


class Row(NamedTuple):
    """One row: `call` is what `libraries` look up, `shape` is channels first, `size` a window's or an output's."""

    kind: str
    call: str
    shape: tuple
    size: int = 0
    stride: int = 0
    padding: int = 0
    dtype: str = "float32"
    layout: str = "channels first"
    told: bool = False  # by the README

    @property
    def rank(self):
        """The number of pooled axes."""
        return len(self.shape) - 2

    @property
    def small_map(self):
        """Whether a plane has less than 28 rows or columns."""
        return min(self.shape[2:]) < 28

    @property
    def large_window(self):
        """Whether a window is longer than 3: the sliding kind, and the adaptive one."""
        return self.size > 3 or self.call.startswith("adaptive")

    @property
    def name(self):
        """What the table prints, and asv's parameter."""
        words = [self.dtype] * (self.dtype != "float32") + [self.layout] * (self.layout == "channels last")
        words += [self.call] + [f"{self.rank}d"] * (self.rank != 2)
        if self.call.startswith("adaptive"):
            words.append(f"to {self.size}")
        elif self.size:
            words += [f"k{self.size}", f"s{self.stride}"] + [f"p{self.padding}"] * (self.padding > 0)
        return f"{' '.join(words)}, {'x'.join(map(str, self.shape))}"

    def out_shape(self, shape):
        """The result's shape for an input of `shape`, both channels first."""
        if self.call.startswith("global"):
            return (*shape[:2], *[1] * self.rank)
        if self.call.startswith("adaptive"):
            return (*shape[:2], *[self.size] * self.rank)
        return (*shape[:2], *[(n + 2 * self.padding - self.size) // self.stride + 1 for n in shape[2:]])


STEM = (32, 64, 112, 112)
VOLUME = (8, 32, 32, 64, 64)
IMAGE = (1, 1, 6144, 5120)
LAST = "channels last"

TABLE = (
    Row("D", "max", STEM, 3, 2, 1, told=True),
    Row("D", "max", STEM, 2, 2, told=True),
    Row("D", "avg", STEM, 3, 2, 1, told=True),
    Row("D", "avg", STEM, 2, 2),
    Row("D", "avg", (96, 256, 28, 28), 3, 1, 1),
    Row("D", "global avg", (48, 64, 112, 112)),
    Row("D", "global avg", (384, 2048, 7, 7), told=True),
    Row("D", "max", STEM, 3, 2, 1, layout=LAST, told=True),
    Row("D", "max", (8, 64, 65536), 4, 4),
    Row("D", "max", VOLUME, 2, 2),
    Row("D", "avg", VOLUME, 2, 2),
    Row("D", "max", (128, 64, 112, 112), 2, 2, dtype="uint8", told=True),
    Row("D", "max", (64, 64, 112, 112), 3, 2, 1, dtype="float16", told=True),
    Row("D", "max", (16, 64, 112, 112), 3, 2, 1, dtype="float64"),
    Row("D", "max with indices", (24, 64, 112, 112), 3, 2, 1),
    Row("D", "backward of max", (24, 64, 112, 112), 3, 2, 1, told=True),
    Row("D", "backward of avg", STEM, 3, 2, 1, told=True),
    Row("D", "avg", IMAGE, 2, 2),
    Row("D", "avg", (1, 1, 12288, 10240), 2, 2, dtype="uint8"),
    Row("C", "max", (2, 256, 28, 28), 3, 1, 1),
    Row("C", "max", (4, 256, 20, 20), 5, 1, 2),
    Row("C", "max", (4, 256, 20, 20), 13, 1, 6),
    Row("C", "max", (1, 16, 256, 256), 31, 1, 15),
    Row("C", "avg", (1, 16, 256, 256), 31, 1, 15),
    Row("C", "avg", (2, 256, 28, 28), 3, 1, 1),
    Row("C", "max", (16, 512, 14, 14), 2, 2),
    Row("C", "max", (8, 512, 13, 13), 3, 1, 1),
    Row("C", "max", (16, 1024, 7, 7), 3, 1, 1),
    Row("C", "global avg", (8, 2048, 7, 7)),
    Row("C", "global max", (8, 2048, 7, 7)),
    Row("C", "adaptive avg", (1, 32, 224, 224), 7),
    Row("C", "adaptive max", (2, 64, 113, 113), 5),
    Row("C", "avg", (2, 64, 112, 112), 2, 2, layout=LAST),
    Row("C", "global avg", (8, 2048, 7, 7), layout=LAST),
    Row("C", "max with indices", (1, 64, 112, 112), 3, 2, 1),
    Row("C", "backward of max", (1, 64, 112, 112), 3, 2, 1),
    Row("C", "backward of avg", (2, 64, 112, 112), 3, 2, 1),
    Row("call", "max", (1, 1, 8, 8), 2, 2, told=True),
    Row("call", "global avg", (1, 16, 7, 7)),
)
ROWS = {f"{row.kind} {row.name}": row for row in TABLE}


def names(*calls, **fields):
    """The names of the rows with one of these calls and these fields: asv's parameters."""
    return [
        name
        for name, row in ROWS.items()
        if row.kind != "call" and row.call in calls and all(getattr(row, f) == value for f, value in fields.items())
    ]


class Target(NamedTuple):
    """What the contract asks of some rows: cypool's time over that of what is `against` is at most `most`."""

    rows: Callable  # from a Row to whether it is meant
    against: str  # "copy", a peer's name, "peers" (the fastest), or "µs"
    most: float


def _near(row):
    """Windows to 3 on maps from 28 up, and windows of everything."""
    return row.call.startswith("global") or not (row.large_window or row.small_map)


TARGETS = (
    Target(lambda row: True, "peers", 1 / 0.95),
    Target(lambda row: row.kind == "D", "copy", 1.25),
    Target(lambda row: row.kind == "C" and _near(row), "copy", 3),
    Target(lambda row: row.kind == "C" and not _near(row), "copy", 6),
    Target(lambda row: row.kind == "call", "µs", 1.6),
    Target(lambda row: row.kind == "call" and "max" in row.call, "torch", 0.5),
    Target(lambda row: row.kind == "call" and "avg" in row.call, "torch", 0.7),
)


def random(shape, dtype="float32", seed=0):
    """A seeded array in [0, 1), or of small integers: one block again and again, so that gigabytes are quick to make."""
    block = np.random.default_rng(seed).random(1_000_003, np.float32)
    scaled = {"b": block > 0.5, "i": block * 100, "u": block * 100}.get(np.dtype(dtype).kind, block)
    return np.resize(scaled.astype(dtype), shape)


def last_level_cache():
    """Bytes of the largest cache that the system tells of, or 32 MiB."""
    sizes = [path.read_text().strip() for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size")]
    units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
    return max((int(size[:-1]) * units[size[-1]] for size in sizes if size[-1:] in units), default=32 << 20)


def limit_footprints(nbytes):
    """Make every footprint from now on, in processes that are started too, at most so large: nothing is measured then."""
    os.environ["CYPOOL_BENCH_BYTES"] = str(nbytes)


class Case:
    """A row's arrays on this machine, in the row's layout and touched.

    `x`, and for gradients `grad`, that of the result; `y()`, `indices()` and `grad_x()` make arrays for results.
    `nbytes` is the footprint.
    """

    def __init__(self, row, threads=1, limit=None):
        self.row, self.threads = row, threads
        self.limit = limit or int(os.environ.get("CYPOOL_BENCH_BYTES", MOST_BYTES))
        self.last = row.layout == LAST
        self.shape = self._scaled()
        self.out_shape = row.out_shape(self.shape)
        self.nbytes = self._footprint(self.shape)
        self.x = random(self._in_layout(self.shape), row.dtype)
        self.grad = random(self._in_layout(self.out_shape), row.dtype, 1) if "backward" in row.call else None

    def y(self):
        """An array for the result."""
        return np.ones(self._in_layout(self.out_shape), self.row.dtype)

    def indices(self):
        """An array for the result's indices."""
        return np.ones(self._in_layout(self.out_shape), np.int64)

    def grad_x(self):
        """An array for the gradient of the input."""
        return np.ones_like(self.x)

    def _in_layout(self, shape):
        return (shape[0], *shape[2:], shape[1]) if self.last else shape

    def _footprint(self, shape):
        out = math.prod(self.row.out_shape(shape))
        index_bytes = 8 * out if self.row.call in ("max with indices", "backward of max") else 0
        return (math.prod(shape) + out) * np.dtype(self.row.dtype).itemsize + index_bytes

    def _scaled(self):
        row, own, cache = self.row, self._footprint(self.row.shape), last_level_cache()
        if row.kind not in ("C", "D"):
            return row.shape
        want = min(max(own, 4 * cache), MOST_BYTES) if row.kind == "D" else min(own, cache // 4)
        want = min(want, self.limit)
        axis = next(a for a, n in enumerate(row.shape) if n > 1)
        unit = 1 if axis < 2 else row.size
        extent = row.shape[axis] * want / own / unit
        extent = unit * max(math.ceil(extent) if want > own else math.floor(extent), 1)
        return (*row.shape[:axis], extent, *row.shape[axis + 1 :])
