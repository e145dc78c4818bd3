"""Prove that the installed package works and is parallel: run it isolated (python -I) from an empty folder.

Three independent signs of parallel work: an OpenMP runtime that threadpoolctl sees, threads that the system counts, and
a big call that is faster on two threads than on one. The last is asked for leniently and a few times, because other
programs may be busy; a control, two Python threads that each pool one half, tells whether there is a second processor
to be had at all (and that the GIL is released). Where the control gains nothing, nothing is concluded from the clock.
"""

import os
import sysconfig
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

import cypool

SPEEDUP, ATTEMPTS, ROUNDS = 1.25, 8, 15


def main():
    """Run the checks; the first that fails raises."""
    home = Path(cypool.__file__)
    assert home.is_relative_to(sysconfig.get_path("platlib")), f"not in site-packages: {home}"
    print(f"cypool {cypool.__version__} in {home.parent}")
    cypool.show_config()
    check_results()
    check_threads()


def check_results():
    """A small call of each kind, with results that can be seen to be right."""
    x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    y, where = cypool.max_pool2d(x, 2, return_indices=True)
    assert y.ravel().tolist() == [5, 7, 13, 15] == where.ravel().tolist()
    assert cypool.max_pool2d_backward(y, x, 2, indices=where).ravel()[[5, 7, 13, 15]].tolist() == [5, 7, 13, 15]
    assert cypool.avg_pool2d(x, 2).ravel().tolist() == [2.5, 4.5, 10.5, 12.5]
    assert cypool.avg_pool2d_backward(y, x.shape, 2).sum() == y.sum()
    assert cypool.global_avg_pool(x).item() == 7.5


def check_threads():
    """Several threads, seen by threadpoolctl, by the system and by the clock."""
    assert cypool.get_config()["openmp"], "built without OpenMP"
    assert any(pool["user_api"] == "openmp" for pool in threadpool_info()), "threadpoolctl sees no OpenMP runtime"
    if processors() < 2:
        print("one processor: the threads are not measured")
        return
    x = np.random.default_rng(0).standard_normal((8, 64, 112, 112), np.float32)
    outs = [np.empty((8, 64, 56, 56), np.float32) for _ in range(3)]
    before = system_threads()
    controls = []
    for attempt in range(ATTEMPTS):
        one, two, control = best_times(x, *outs)
        controls.append(one / control)
        print(
            f"1 thread {one * 1e3:.2f} ms; 2 threads {one / two:.2f} times as fast, control {one / control:.2f} times"
        )
        if one / two >= SPEEDUP:
            break
        time.sleep(attempt)
    else:
        assert max(controls) < SPEEDUP, f"two threads are not {SPEEDUP} times as fast as one"
        print("the other processor is busy: nothing is concluded from the clock")
    assert before is None or system_threads() > before, "the system saw no further thread"
    assert outs[0].tobytes() == outs[1].tobytes() == outs[2].tobytes(), "one thread and two give different bits"


def best_times(x, out_one, out_two, out_control):
    """Best times, from interleaved rounds, of one thread, two threads, and two Python threads with a half each."""

    def pool(x, out, threads):
        cypool.avg_pool2d(x, 3, 2, 1, out=out, num_threads=threads)

    with ThreadPoolExecutor(2) as executor:
        ways = (
            lambda: pool(x, out_one, 1),
            lambda: pool(x, out_two, 2),
            lambda: list(executor.map(pool, np.split(x, 2), np.split(out_control, 2), (1, 1))),
        )
        best = [np.inf] * len(ways)
        for _ in range(ROUNDS):
            for number, way in enumerate(ways):
                start = time.perf_counter()
                way()
                best[number] = min(best[number], time.perf_counter() - start)
    return best


def processors():
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def system_threads():
    """The threads of this process as the system counts them, where it does."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else None


main()
