"""Arrays on a GPU: rows of their own, made as large as memory must be to be what is measured.

The copy is CuPy's of a contiguous array, of the same footprint.  Times are the device's, between two events: other copies are
enqueued before the first, so that the device is busy while Python enqueues what is measured.  Skipped where there is no GPU.
"""

import math
import os
import statistics

import numpy as np

from . import libraries, rows
from .rows import LAST, Row

BYTES = 1 << 29
"""Of a row's largest array: several times the largest second-level cache."""

ROUNDS, CALLS, AHEAD = 10, 3, 8
"""Interleaved rounds, calls in each, and copies that keep the device busy meanwhile."""

PLANE, LARGE = (1, 64, 112, 112), (1, 16, 256, 256)

TABLE = (
    *(Row("G", op, PLANE, *window, dtype=dtype)
      for dtype in ("float32", "float16") for op in ("max", "avg") for window in ((2, 2), (3, 2, 1), (3, 1, 1))),
    *(Row("G", call, PLANE, *window, dtype=dtype)
      for dtype in ("float32", "float16") for call in ("backward of max", "backward of avg") for window in ((2, 2), (3, 2, 1))),
    *(Row("G", call, PLANE, 3, 2, 1, dtype=dtype, layout=LAST)
      for dtype in ("float32", "float16") for call in ("max", "avg", "backward of max", "backward of avg")),
    *(Row("G", "max with indices", PLANE, *window) for window in ((2, 2), (3, 2, 1))),
    Row("G", "max", PLANE, 3, 1, 1, layout=LAST),
    Row("G", "backward of avg", PLANE, 3, 1, 1),
    Row("G", "avg", (1, 256, 28, 28), 3, 1, 1),
    Row("G", "max", (1, 512, 14, 14), 2, 2),
    Row("G", "max", (1, 64, 65536), 4, 4),
    Row("G", "max", (1, 32, 32, 64, 64), 2, 2),
    Row("G", "max", PLANE, 3, 2, 1, dtype="float64"),
    Row("G", "max", PLANE, 2, 2, dtype="uint8"),
    *(Row("G", f"global {op}", shape, dtype=dtype)
      for op, dtype in (("avg", "float32"), ("avg", "float16"), ("max", "float32")) for shape in (PLANE, (1, 2048, 7, 7))),
    Row("G", "global avg", (1, 2048, 7, 7), layout=LAST),
    Row("G", "global avg", (1, 1, 16384, 16384)),
    Row("G", "adaptive avg", (1, 32, 224, 224), 7),
    *(Row("G", op, LARGE, k, 1, k // 2) for op in ("max", "avg") for k in (5, 7, 15, 31, 63)),
    Row("G", "max with indices", LARGE, 31, 1, 15),
    Row("G", "backward of avg", LARGE, 15, 1, 7),
)  # fmt: skip
ROWS = {row.name: row for row in TABLE}


def device():
    """The GPU's device, or say in asv's way that there is none."""
    try:
        from cypool import cuda

        return cuda.device()
    except (ImportError, RuntimeError) as error:
        raise NotImplementedError(str(error)) from error


class Case(rows.Case):
    """A row's arrays where `xp` (cupy) puts them; the batch is as large as it takes."""

    def __init__(self, row, xp):
        self.row, self.xp, self.threads = row, xp, 1
        self.limit = int(os.environ.get("CYPOOL_BENCH_BYTES", BYTES))
        self.last = row.layout == LAST
        self.shape = self._scaled()
        self.out_shape = row.out_shape(self.shape)
        self.nbytes = self._footprint(self.shape)
        self.x = self._random(self._in_layout(self.shape), 0)
        self.grad = self._random(self._in_layout(self.out_shape), 1) if "backward" in row.call else None

    def _random(self, shape, seed):
        block = rows.random(1_000_003, self.row.dtype, seed)
        return self.xp.resize(self.xp.asarray(block), shape)

    def y(self):
        """As there."""
        return self.xp.ones(self._in_layout(self.out_shape), self.row.dtype)

    def indices(self):
        """As there."""
        return self.xp.ones(self._in_layout(self.out_shape), np.int64)

    def grad_x(self):
        """As there."""
        return self.xp.ones_like(self.x)

    def _scaled(self):
        shape = self.row.shape
        bytes_of_one = math.prod(shape[1:]) * np.dtype(self.row.dtype).itemsize
        return (max(self.limit // bytes_of_one, 1), *shape[1:])


def copy(xp, nbytes):
    """The yardstick: a function that copies ``nbytes / 2`` bytes."""
    source, target = (xp.ones(max(nbytes // 2, 1), np.uint8) for _ in range(2))
    return lambda: xp.copyto(target, source)


def of_torch(case):
    """PyTorch on the same memory: (run, array) as in `libraries`."""
    torch = libraries.need("torch")
    libraries.only(torch.cuda.is_available(), "this torch is built without CUDA")
    aten, functional, row = torch.ops.aten, torch.nn.functional, case.row

    def tensor(array):
        found = torch.from_dlpack(array)
        return found.movedim(-1, 1) if case.last else found

    def array(value):
        value = value[row.call == "max with indices"] if isinstance(value, tuple) else value
        return case.xp.from_dlpack((value.movedim(1, -1) if case.last else value).contiguous())

    x = tensor(case.x)
    grad = None if case.grad is None else tensor(case.grad)
    window, axes = tuple([n] * row.rank for n in (row.size, row.stride, row.padding)), tuple(range(2, row.rank + 2))
    indices = functional.max_pool2d(x, *window, return_indices=True)[1] if row.call == "backward of max" else None
    run = {
        "max 1": lambda: functional.max_pool1d(x, *window),
        "max 2": lambda: functional.max_pool2d(x, *window),
        "max 3": lambda: functional.max_pool3d(x, *window),
        "max with indices 2": lambda: functional.max_pool2d(x, *window, return_indices=True),
        "avg 2": lambda: functional.avg_pool2d(x, *window),
        "global avg 2": lambda: torch.mean(x, axes, keepdim=True),
        "global max 2": lambda: torch.amax(x, axes, keepdim=True),
        "adaptive avg 2": lambda: functional.adaptive_avg_pool2d(x, row.size),
        "backward of max 2": lambda: aten.max_pool2d_with_indices_backward(grad, x, *window, [1, 1], False, indices),
        "backward of avg 2": lambda: aten.avg_pool2d_backward(grad, x, *window, False, True, None),
    }
    libraries.only(row.dtype != "uint8", "not of bytes on a GPU")
    return libraries.choose(run, f"{row.call} {row.rank}"), array


def times(xp, runs, rounds=ROUNDS, ahead=None):
    """Seconds of a call of each of `runs`, functions that have been called before: the median of interleaved rounds."""
    events = [xp.cuda.Event() for _ in range(2)]
    ahead = ahead or copy(xp, BYTES)
    seen = {name: [] for name in runs}
    for turn in range(rounds):
        for name, run in runs.items():
            if turn >= 3 and sum(seen[name]) > 0.1:
                continue  # what takes so long is known well enough
            for _ in range(AHEAD):
                ahead()
            events[0].record()
            for _ in range(CALLS):
                run()
            events[1].record()
            events[1].synchronize()
            seen[name].append(xp.cuda.get_elapsed_time(*events) * 1e-3 / CALLS)
    return {name: statistics.median(seconds) for name, seconds in seen.items()}


class Device:
    """A row's time, and its ratio to the copy of the same footprint."""

    params = tuple(ROWS)
    param_names = ("row",)
    timeout = 120

    def setup(self, name):
        """The row's arrays on the device; the first call, done."""
        self.xp = device().xp
        self.case = Case(ROWS[name], self.xp)
        self.run, _ = libraries.of_cypool(self.case)
        self.run()
        self.xp.cuda.get_current_stream().synchronize()

    def time_call(self, name):
        """Seconds of a call, until the device has done it."""
        self.run()
        self.xp.cuda.get_current_stream().synchronize()

    def track_copy(self, name):
        """The device's time over the copy's."""
        found = times(self.xp, {"run": self.run, "copy": copy(self.xp, self.case.nbytes)})
        return found["run"] / found["copy"]

    track_copy.unit = "times the copy"
