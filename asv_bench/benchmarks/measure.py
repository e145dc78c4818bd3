"""How time is taken: in one process, interleaved rounds (A B C A B C ...), and the best of the rounds.

Noise on a shared machine only adds time, so the best is the nearest to the truth; the median tells what to expect on such
a machine instead.

The yardstick is the *copy*: a memcpy of the same footprint (half of the bytes that an operator reads and writes are read,
half are written) by exactly as many threads.  It is a dozen lines of C with OpenMP, copy.c, compiled by ``cc`` ($CC) into a
temporary folder when first used, because a small copy takes microseconds and threads of Python take ten times that to start
one.  Without such a compiler NumPy copies, on the calling thread or on a pool of Python's threads; small copies on several
threads are then too slow, and the ratios to them too good.  `copy_method` says which of the two it is.
"""

import ctypes
import functools
import os
import shlex
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

ROUNDS = 7
SLICE = 6e-3  # seconds that a participant is measured for in a round, in batches, at least one call
BATCH = 1e-4  # seconds of the calls that are timed together: long for the clock, short for other processes' turns
REST = 20e-3  # pause in which the idle threads of the participant before stop spinning: OpenMP's may for that long
WARM = (
    10  # slices that a call may take to be repeated in each round: a longer one does not depend on what is in the cache
)
BUDGET = 3.0  # seconds for all rounds of a participant, at least two: what takes so long is known well enough by then
STATISTICS = {"best": min, "median": statistics.median}  # of the batches of all rounds
SOURCE = Path(__file__).with_name("copy.c")


def times(runs, rounds=ROUNDS, slice_seconds=SLICE, rest=0.0, statistic="best"):
    """Seconds of a call of each of `runs`, a dictionary of functions that have been called before."""
    once = {name: max(_shortest(run, slice_seconds), 1e-9) for name, run in runs.items()}
    turns = {name: max(min(2, rounds), min(rounds, int(BUDGET / seconds))) for name, seconds in once.items()}
    calls = {name: max(1, int(BATCH / seconds)) for name, seconds in once.items()}
    batches = {name: max(1, int(slice_seconds / seconds / calls[name])) for name, seconds in once.items()}
    seen = {name: [] for name in runs}
    for turn in range(rounds):
        for name, run in runs.items():
            if turn >= turns[name]:
                continue
            time.sleep(rest)
            if once[name] < WARM * slice_seconds:
                run()  # into the cache, and the threads awake
            seen[name] += [seconds_of(run, calls[name]) for _ in range(batches[name])]
    return {name: STATISTICS[statistic](seconds) for name, seconds in seen.items()}


def seconds_of(run, calls=1):
    """Seconds of a call, the mean of that many."""
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - start) / calls


def _shortest(run, slice_seconds):
    """Seconds of the shortest of some calls: by a first call with sleeping threads, the slices would have one call each."""
    shortest = passed = seconds_of(run)
    while passed < 10 * slice_seconds:
        shortest = min(shortest, seconds := seconds_of(run))
        passed += seconds
    return shortest


def copy(nbytes, threads=1):
    """The yardstick: a function that copies ``nbytes / 2`` bytes on `threads` threads."""
    source, target = (np.ones(max(nbytes // 2, 1), np.uint8) for _ in range(2))
    if compiled := _compiled():
        arguments = (
            *(ctypes.c_void_p(array.ctypes.data) for array in (target, source)),
            ctypes.c_size_t(target.size),
            ctypes.c_int(threads),
        )

        def run():
            return compiled(*arguments), target, source  # the arrays live as long as this function

        team = run()[0]
        if team != threads:
            raise RuntimeError(f"the copy must run on {threads} threads, OpenMP gives {team}")
        return run
    if threads == 1:
        return lambda: np.copyto(target, source)
    pool = ThreadPoolExecutor(threads)
    parts = np.array_split(target, threads), np.array_split(source, threads)
    return lambda: list(pool.map(np.copyto, *parts))


def copy_method():
    """What `copy` is, in words."""
    if _compiled():
        return "memcpy on OpenMP threads (copy.c)"
    return "NumPy's copyto on Python threads, slow where it is small: no C compiler with OpenMP"


@functools.cache
def _compiled():
    """The function of copy.c, or None where it cannot be compiled and loaded."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        library = Path(folder, "copy.so")
        command = [
            *shlex.split(os.environ.get("CC", "cc")),
            "-O2",
            "-shared",
            "-fPIC",
            "-fopenmp",
            SOURCE,
            "-o",
            library,
        ]
        try:
            subprocess.run(command, check=True, capture_output=True)
            return ctypes.CDLL(str(library)).cypool_bench_copy
        except (OSError, subprocess.CalledProcessError):
            return None


def share(run, other, **options):
    """A call's time over another's: the best of each, interleaved."""
    seconds = times({"run": run, "other": other}, **options)
    return seconds["run"] / seconds["other"]


def ratio_to_copy(run, nbytes):
    """How many times as long as the copy of `nbytes` a call of `run` takes, both on one thread."""
    return share(run, copy(nbytes))
