"""What sharing the processors costs: ``python -m asv_bench.sharing``, from the repository, with the installed cypool.

(a) Another process computes on one of the processors, and a call that may use two threads waits for the slower half.
(b) Two Python threads call at once, each with the default number of threads, against one that makes all of the calls.
(c) Two processes do so.  Every figure is a time per call over another, from equal spans of time, the median of rounds:
neighbours come and go, and the best round would hide them.
"""

import argparse
import functools
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median

from asv_bench import peers
from asv_bench.benchmarks import libraries, measure, rows

NAMES = ("D max k3 s2 p1, 32x64x112x112", "C max k3 s1 p1, 2x256x28x28")
SPAN, QUICK_SPAN = 0.25, 0.01  # seconds of a measurement; long against the slices of the system's scheduler
SPIN = (
    "import os, sys\nif hasattr(os, 'sched_setaffinity'): os.sched_setaffinity(0, {int(sys.argv[1])})\nwhile True: pass"
)


def prepare(name, threads):
    """A row's call with arrays of its own, called once."""
    run, _ = libraries.of_cypool(rows.Case(rows.ROWS[name], threads))
    run()
    return run


def rate(run, span):
    """Calls per second, while `span` seconds pass."""
    calls, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < span or not calls:
        run()
        calls += 1
    return calls / passed


@contextmanager
def neighbour():
    """A process that computes on one processor, the last that we may use."""
    processor = max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    process = subprocess.Popen([sys.executable, "-c", SPIN, str(processor)])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def busy_processor(name, rounds, span):
    """Times with a busy neighbour over those without, on two threads, on one, and of the copy on two."""
    runs = {f"on {words}": prepare(name, threads) for words, threads in (("two threads", 2), ("one thread", 1))}
    runs["the copy on two threads"] = measure.copy(rows.Case(rows.ROWS[name]).nbytes, 2)
    rates = {(what, busy): [] for what in runs for busy in (False, True)}
    with neighbour() as process:
        for _ in range(rounds):
            for busy, signum in ((False, signal.SIGSTOP), (True, signal.SIGCONT)):
                process.send_signal(signum)
                time.sleep(measure.REST)
                for what, run in runs.items():
                    rates[what, busy].append(rate(run, span))
    return {what: median(rates[what, False]) / median(rates[what, True]) for what in runs}


def at_once(pool, tasks, name, rounds, span):
    """Time per call of two that call at once, `tasks` given to `pool`, over that of one with default threads."""
    alone = prepare(name, None)
    list(pool.map(rate_of, tasks, [span] * 2))  # the workers are there
    ratios = []
    for _ in range(rounds):
        before = rate(alone, span)
        ratios.append(before / sum(pool.map(rate_of, tasks, [span] * 2)))
    return median(ratios)


def rate_of(task, span):
    """What a worker does: a call that it is given, or in a process that of a row's name and threads."""
    return rate(task if callable(task) else _prepared(*task), span)


_prepared = functools.cache(prepare)


def main(arguments=None):
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m asv_bench.sharing", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=measure.ROUNDS, help="interleaved rounds (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="tiny arrays: does it work? Measures nothing")
    options = parser.parse_args(arguments)
    span = QUICK_SPAN if options.quick else SPAN
    if options.quick:
        rows.limit_footprints(peers.QUICK_BYTES)
    print(f"{peers.machine(peers.processors())}; medians of {options.rounds} rounds; 1.00 costs nothing")
    for name in NAMES:
        print(f"\n{name}")
        for what, ratio in busy_processor(name, options.rounds, span).items():
            print(f"  (a) one processor is busy, {what}: {ratio:.2f} times the time")
        with ThreadPoolExecutor(2) as pool:
            ratio = at_once(pool, [prepare(name, None) for _ in range(2)], name, options.rounds, span)
        print(f"  (b) two Python threads at once: {ratio:.2f} times the time of one")
        for words, threads in (("default threads", None), ("one thread each", 1)):
            with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
                ratio = at_once(pool, [(name, threads)] * 2, name, options.rounds, span)
            print(f"  (c) two processes at once, {words}: {ratio:.2f} times the time of one, default threads")


if __name__ == "__main__":
    main()
