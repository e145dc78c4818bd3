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
    """Seconds of the best call of each of `runs`, a dictionary of functions that have been called once before."""
    best = {name: _seconds(run, 1) for name, run in runs.items()}
    repeats = {name: max(1, int(slice_seconds / max(seconds, 1e-9))) for name, seconds in best.items()}
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


def copies(nbytes, threads=1, torch=None):
    """The ways to copy ``nbytes / 2`` bytes on at most `threads` threads; the fastest is the yardstick.

    They differ, threefold where a memcpy writes past the cache and a vectorised loop does not: NumPy's memcpy on one
    thread, on several, and PyTorch's parallel loop where `torch` is given.
    """
    source, target = (np.ones(max(nbytes // 2 // 4, 1), np.float32) for _ in range(2))
    ways = {"copy by NumPy": lambda: np.copyto(target, source)}
    if threads > 1:
        pool = ThreadPoolExecutor(threads)
        parts = np.array_split(target, threads), np.array_split(source, threads)
        ways["copy by NumPy's threads"] = lambda: list(pool.map(np.copyto, *parts))
    if torch:
        torch.set_num_threads(threads)
        tensors = torch.from_numpy(target), torch.from_numpy(source)
        ways["copy by torch"] = lambda: tensors[0].copy_(tensors[1])
    return ways


def ratio_to_copy(run, nbytes):
    """How many times as long as the copy of `nbytes` a call of `run` takes, both on one thread."""
    times = best_times({"run": run, **copies(nbytes)})
    return times.pop("run") / min(times.values())
