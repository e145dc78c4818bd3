"""How time is taken: in one process, interleaved rounds (A B C A B C ...), and the best of the rounds.

Noise on a shared machine only adds time, so the best is the nearest to the truth.  The yardstick is a copy of the same
footprint: half of the bytes that an operator reads and writes are read, half are written, by as many threads.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

ROUNDS = 7
SLICE = 2e-3  # seconds that a participant is measured for in a round, at least one call
REST = 20e-3  # pause in which the idle threads of the participant before stop spinning: OpenMP's may for that long


def best_times(runs, rounds=ROUNDS, slice_seconds=SLICE, rest=0.0):
    """Seconds of the best call of each of `runs`, a dictionary of functions without arguments."""
    repeats = {}
    for name, run in runs.items():
        run()  # its first call allocates and compiles
        repeats[name] = max(1, int(slice_seconds / max(_seconds(run, 1), 1e-9)))
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, run in runs.items():
            time.sleep(rest)
            if repeats[name] > 1:
                run()  # into the cache, and the threads awake
            best[name] = min(best[name], _seconds(run, repeats[name]))
    return best


def _seconds(run, repeats):
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - start) / repeats


def copy_of(nbytes, threads=1):
    """A function that copies ``nbytes / 2`` bytes: PyTorch's parallel copy, or else NumPy's, a part for each thread."""
    source, target = (np.ones(max(nbytes // 2 // 4, 1), np.float32) for _ in range(2))
    if threads == 1:
        return lambda: np.copyto(target, source)
    try:
        import torch
    except ImportError:
        pool = ThreadPoolExecutor(threads)
        parts = list(zip(np.array_split(target, threads), np.array_split(source, threads), strict=True))
        return lambda: list(pool.map(lambda pair: np.copyto(*pair), parts))
    torch.set_num_threads(threads)
    source, target = torch.from_numpy(source), torch.from_numpy(target)
    return lambda: target.copy_(source)


def ratio_to_copy(run, nbytes, threads=1):
    """How many times as long as the copy of `nbytes` a call of `run` takes."""
    times = best_times({"run": run, "copy": copy_of(nbytes, threads)}, rest=REST if threads > 1 else 0)
    return times["run"] / times["copy"]
