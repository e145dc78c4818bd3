"""Threads: settings, limits, the same bits for any number, the GIL, Python threads, forks, instruction sets.

What needs a process of its own (the environment, forks) runs in one, with a timeout that only a hang can reach.
"""

import concurrent.futures
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl
from numpy.testing import assert_array_equal

import cypool
from cypool import threads
from cypool.kernels import core

parallel = pytest.mark.skipif(not core.OPENMP, reason="this build has no OpenMP (CYPOOL_NO_OPENMP=1)")
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
ELSEWHERE = Path(__file__).parent
"""Where subprocesses start: in the root, ``python -c`` would import the uncompiled tree."""

HANGS = 120
"""Seconds after which a subprocess is taken for hung; it needs about one."""


def run(script, **environment):
    """Run a script in a process of its own; returns what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "CYPOOL_ISA"))}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], env={**kept, **environment}, cwd=ELSEWHERE,
                          capture_output=True, text=True, timeout=HANGS, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def tiny_grain():
    """Even the smallest call is worth several threads."""
    before = core.set_grain(1.0)
    yield
    core.set_grain(before)


@pytest.fixture
def four_threads():
    """OpenMP allows four threads here, whatever the machine has."""
    with threadpoolctl.threadpool_limits(4, "openmp"):
        yield


@pytest.fixture(autouse=True)
def no_settings_left():
    yield
    cypool.set_num_threads(None)
    core.set_local(0)


# ---- settings --------------------------------------------------------------------------------------------------------


@parallel
def test_settings(four_threads):
    free = cypool.get_num_threads()
    cypool.set_num_threads(2)
    assert cypool.get_num_threads() == 2
    with cypool.num_threads(3):
        assert cypool.get_num_threads() == 3
        with cypool.num_threads(1):
            assert cypool.get_num_threads() == 1
            with cypool.num_threads(None):  # lifts the outer ones: set_num_threads is left
                assert cypool.get_num_threads() == 2
            assert cypool.get_num_threads() == 1
        assert cypool.get_num_threads() == 3
        assert core.threads_now(4) == 4  # num_threads= of a call goes before all of them
    with pytest.raises(ZeroDivisionError), cypool.num_threads(1):
        raise ZeroDivisionError
    assert cypool.get_num_threads() == 2
    cypool.set_num_threads(100)
    assert cypool.get_num_threads() == 4  # never more than OpenMP allows
    cypool.set_num_threads(None)
    assert cypool.get_num_threads() == free


@parallel
def test_the_context_manager_is_of_its_python_thread(four_threads):
    cypool.set_num_threads(2)
    seen = []
    with cypool.num_threads(1):
        thread = threading.Thread(target=lambda: seen.append(core.set_local(0)))
        thread.start()
        thread.join()
        assert cypool.get_num_threads() == 1
    assert seen == [0]


@pytest.mark.parametrize(
    ("value", "error"),
    [(0, ValueError), (-1, ValueError), (2**70, ValueError), (1.0, TypeError), ("1", TypeError), (True, TypeError)],
)
def test_wrong_settings(value, error):
    before = cypool.get_num_threads()
    for attempt in (
        lambda: cypool.set_num_threads(value),
        lambda: cypool.num_threads(value).__enter__(),
        lambda: cypool.max_pool1d(np.ones((1, 4)), 2, num_threads=value),
        lambda: cypool.max_pool1d_backward(np.ones((1, 2)), np.ones((1, 4)), 2, num_threads=value),
    ):
        with pytest.raises(error, match="num_threads must"):
            attempt()
    assert cypool.get_num_threads() == before


@parallel
@pytest.mark.parametrize("n", [1, 3])
def test_omp_num_threads_is_honoured(n):
    got = run(
        """
        import cypool
        from cypool.kernels import core
        print(cypool.get_num_threads(), core.threads_now(64), cypool.get_config()["threads"])
        """,
        OMP_NUM_THREADS=str(n),
    )
    room = threads.control_group_limit() or n
    assert got.split() == [str(min(n, room)), str(n), str(min(n, room))]


@parallel
def test_threadpoolctl_sees_and_limits_it():
    assert "openmp" in [pool["user_api"] for pool in threadpoolctl.threadpool_info()]
    with threadpoolctl.threadpool_limits(1):
        assert cypool.get_num_threads() == core.threads_now(8) == 1
    with threadpoolctl.threadpool_limits(3, "openmp"):
        assert core.threads_now(8) == 3


def groups(tmp_path, files):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return threads.control_group_limit(tmp_path)


# files of a control group -> whole processors
GROUPS = [
    ({}, 0),
    ({"cpu.max": "max 100000\n"}, 0),
    ({"cpu.max": "200000 100000\n"}, 2),
    ({"cpu.max": "150000 100000\n"}, 2),
    ({"cpu.max": "10000 100000\n"}, 1),
    ({"cpu.max": "garbage\n"}, 0),
    ({"cpu.max": ""}, 0),
    ({"cpu.max": "100000 0\n"}, 0),
    ({"cpu.cfs_quota_us": "300000\n", "cpu.cfs_period_us": "100000\n"}, 3),
    ({"cpu/cpu.cfs_quota_us": "250000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 3),
    ({"cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"}, 0),
    ({"cpu.cfs_quota_us": "300000\n"}, 0),
    ({"cpu.max": "400000 100000\n", "cpu/cpu.cfs_quota_us": "200000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 2),
]  # fmt: skip


@pytest.mark.parametrize(("files", "limit"), GROUPS)
def test_control_groups(tmp_path, files, limit):
    assert groups(tmp_path, files) == limit


# ---- the same bits ---------------------------------------------------------------------------------------------------

# shape, dtype, kernel_size, parameters: one huge plane, many small ones, one row, one column, lanes, adaptive windows
PLANES = [
    ((1, 1, 301, 203), np.float32, 3, {"stride": 2, "padding": 1}),
    ((1, 1, 301, 203), np.float64, (40, 31), {"stride": 3}),
    ((40, 5, 8, 9), np.float32, 3, {"stride": 1, "padding": 1}),
    ((40, 5, 8, 9), np.float16, 2, {"ceil_mode": True}),
    ((3, 17, 14, 40), np.float32, 3, {"data_format": "channels_last"}),
    ((1, 1, 1, 5000), np.float64, (1, 700), {"stride": 1}),
    ((1, 1, 5000, 1), np.float32, (700, 1), {"stride": 1}),
    ((1, 1, 90, 70), np.int8, 5, {"dilation": 3, "padding": "same", "stride": 2}),
    ((2, 3, 20, 20), np.float64, 5, {"stride": 2, "padding": 4, "boundary": "reflect"}),
]


def results(x, kernel_size, p, **more):
    """Values, indices and gradients of all four operators, as bytes."""
    p = {**p, **more}
    parts = []
    for op in ("max", "min", "avg", "sum"):
        pool, backward = getattr(cypool, f"{op}_pool2d"), getattr(cypool, f"{op}_pool2d_backward")
        out = pool(x, kernel_size, **p)
        gradient = np.random.default_rng(1).standard_normal(out.shape)
        parts += [out, backward(gradient, x, kernel_size, **p)]
        if op in ("max", "min"):
            values, indices = pool(x, kernel_size, **p, return_indices=True)
            parts += [values, indices, backward(gradient, x, kernel_size, **p, indices=indices)]
    return [part.tobytes() for part in parts]


@parallel
@pytest.mark.parametrize(("shape", "dtype", "kernel_size", "p"), PLANES)
def test_same_bits_for_any_number_of_threads(shape, dtype, kernel_size, p, tiny_grain, four_threads):
    x = (np.random.default_rng(0).standard_normal(shape) * 50).astype(dtype)
    alone = results(x, kernel_size, p, num_threads=1)
    for n in (2, 3, 4):
        assert results(x, kernel_size, p, num_threads=n) == alone


@parallel
@pytest.mark.parametrize("shape", [(1, 1, 512, 512), (512, 1, 16, 16), (1, 1, 1, 2**18)])
def test_threads_are_really_started(shape):
    """One huge plane, many small ones, one long row: the process has four threads afterwards."""
    if not Path("/proc/self/task").is_dir():
        pytest.skip("only Linux tells how many threads a process has, in /proc/self/task")
    got = run(
        f"""
        import os, numpy as np, cypool
        from cypool.kernels import core
        core.set_grain(1.0)
        x = np.ones({shape}, np.float32)
        count = lambda: len(os.listdir("/proc/self/task"))
        alone = count()
        cypool.max_pool2d(x, (1, 4), num_threads=1)
        assert count() == alone
        cypool.max_pool2d(x, (1, 4), num_threads=4)
        print(count() - alone)
        """,
        OMP_NUM_THREADS="4",
    )
    assert got == "3"


ISA = """
    import hashlib, sys
    import numpy as np, cypool
    rng = np.random.default_rng(0)
    digest = hashlib.sha256()
    for dtype in "? b B h H i I q Q e f d".split():
        for shape, kernel_size, p in [((2, 3, 20, 37), 3, dict(stride=2, padding=1)), ((1, 1, 60, 50), (17, 40), dict(stride=1)),
                                      ((2, 9, 7, 33), 2, dict(data_format="channels_last", dilation=2))]:
            x = (rng.standard_normal(shape) * 40).astype(dtype)
            if dtype in "efd":
                x.ravel()[::97] = [np.nan, np.inf][len(shape) % 2]
            for op in ("max", "min", "sum", "avg")[: 3 if dtype == "?" else 4]:
                out = getattr(cypool, op + "_pool2d")(x, kernel_size, **p)
                back = getattr(cypool, op + "_pool2d_backward")(np.full(out.shape, 0.3), x, kernel_size, **p)
                # a NaN's sign and payload are not promised
                parts = [np.where(np.isnan(a), np.array(7, a.dtype), a) + a.dtype.type(0) for a in (out, back)]
                digest.update(b"".join(a.tobytes() for a in parts))
    print(cypool.get_config()["isa"], digest.hexdigest())
    """


def test_instruction_sets():
    """Each level in a process of its own; those that this processor lacks are refused."""
    best = run(ISA).split()
    built = cypool.get_config()["isa_built"]
    assert best[0] in built
    for level in built[built.index(best[0]) :]:
        assert run(ISA, CYPOOL_ISA=level).split() == [level, best[1]]
    assert len(set(built)) > 1 or built == ["baseline"]


def test_unknown_instruction_set():
    for level in ("avx9000", "X86_64"):
        done = subprocess.run([sys.executable, "-c", "import cypool"], cwd=ELSEWHERE, env={**os.environ, "CYPOOL_ISA": level},
                              capture_output=True, text=True, timeout=HANGS, check=False)  # fmt: skip
        assert done.returncode != 0
        assert "ImportError: CYPOOL_ISA must be one of" in done.stderr and level in done.stderr.splitlines()[-1]


# ---- Python threads and the GIL --------------------------------------------------------------------------------------


@parallel
def test_many_python_threads_at_once(tiny_grain, four_threads):
    """The same plans, the same inputs, all at the same time; each Python thread brings threads of its own."""
    x = np.random.default_rng(5).standard_normal((3, 4, 33, 40)).astype(np.float32)
    cases = [
        (x.astype(dtype), k, {"stride": s, "padding": 1})
        for dtype in (np.float32, np.int16)
        for k, s in ((3, 2), (5, 1))
    ]
    want = [results(*case, num_threads=1) for case in cases]
    start = threading.Barrier(8)

    def work(i):
        start.wait()
        with cypool.num_threads(1 + i % 3):
            return all(results(*case) == one for _ in range(5) for case, one in zip(cases, want, strict=True))

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


@pytest.mark.parametrize("name", ["sum_pool2d_backward", "max_pool2d_backward"])
def test_the_first_backward_of_a_plan_by_many_python_threads(name):
    """Nobody has made the plan's tables before; whoever comes first must not take them from under another."""
    function = getattr(cypool, name.removesuffix("_backward"))
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for extent in range(150, 190):
                x = np.arange(3.0 * extent).reshape(1, 3, extent)  # ascending: each window's maximum is its last cell
                g = np.ones((1, 2, extent - 99))
                want = np.zeros_like(x)
                for row in (0, 1):
                    for o in range(extent - 99):
                        if name == "sum_pool2d_backward":
                            want[0, row : row + 2, o : o + 100] += 1
                        else:
                            want[0, row + 1, o + 99] += 1
                function(x, (2, 100), 1)  # makes the plan, and what only a gradient needs not yet
                start = threading.Barrier(8)

                def work(_, x=x, g=g, start=start):
                    start.wait()
                    return getattr(cypool, name)(g, x, (2, 100), 1)

                for got in pool.map(work, range(8)):
                    assert_array_equal(got, want)
    finally:
        sys.setswitchinterval(before)


def test_the_gil_is_released():
    """While one long call runs in another thread, this one goes on: it reads the clock in the middle half of the call."""
    x = np.broadcast_to(np.float32(1), (1, 1, 2**15, 2**15))  # one element, a long way
    started, finished, span = threading.Event(), threading.Event(), []

    def call():
        started.set()
        before = time.perf_counter()
        cypool.global_max_pool(x, num_threads=1)
        span.extend([before, time.perf_counter()])
        finished.set()

    thread = threading.Thread(target=call)
    thread.start()
    started.wait()
    ticks = []
    while not finished.is_set():
        now = time.perf_counter()
        if not ticks or now - ticks[-1] > 1e-3:
            ticks.append(now)
    thread.join()
    quarter = (span[1] - span[0]) / 4
    assert quarter > 0.01, "the call was too short to tell"
    assert any(span[0] + quarter < tick < span[1] - quarter for tick in ticks)


# ---- forks -----------------------------------------------------------------------------------------------------------

FORK = """
    import itertools, os, sys, threading
    import numpy as np, cypool
    from cypool.kernels import core

    core.set_grain(1.0)
    x = np.random.default_rng(0).standard_normal((2, 3, 64, 64)).astype(np.float32)
    g = np.ones((2, 3, 31, 31), np.float32)

    def work(threads):
        value, index = cypool.max_pool2d(x, 3, 2, return_indices=True, num_threads=threads)
        back = cypool.max_pool2d_backward(g, x, 3, 2, num_threads=threads)
        mean = cypool.avg_pool2d(x, 3, 2, num_threads=threads)
        return b"".join(a.tobytes() for a in (value, index, back, mean))

    def new_plan(numbers=itertools.count(100)):
        # The first gradient of a geometry: what guards the making of plans must not stay locked in a child.
        return cypool.sum_pool2d_backward(np.ones((1, 2, 1)), (1, 3, next(numbers)), (2, 3), (1, 10**6)).sum()

    def child(want):
        try:
            good = work(4) == want and cypool.get_num_threads() == 1 and work(None) == want and new_plan() == 12
            grandchild = os.fork()
            if grandchild == 0:
                os._exit(0 if work(4) == want else 3)
            good = good and os.waitpid(grandchild, 0)[1] == 0
        except BaseException:
            good = False
        os._exit(0 if good else 3)
    """


@parallel
@forks
def test_fork_after_parallel_regions():
    got = run(
        FORK
        + """
    want = work(4)
    assert work(1) == want
    for _ in range(5):
        pid = os.fork()
        if pid == 0:
            child(want)
        assert os.waitpid(pid, 0)[1] == 0
        assert work(4) == want  # and the parent goes on
    assert core.threads_now(4) == 4  # the parent kept its threads
    print("done")
    """,
        OMP_NUM_THREADS="4",
    )
    assert got == "done"


@parallel
@forks
def test_fork_while_other_threads_compute():
    got = run(
        FORK
        + """
    want = work(4)
    stop = threading.Event()
    wrong = []
    sys.setswitchinterval(1e-5)

    def loop():
        while not stop.is_set():
            if work(4) != want or any(new_plan() != 12 for _ in range(20)):
                wrong.append(1)

    others = [threading.Thread(target=loop) for _ in range(2)]
    for thread in others:
        thread.start()
    for _ in range(6):
        pid = os.fork()
        if pid == 0:
            child(want)
        assert os.waitpid(pid, 0)[1] == 0
    stop.set()
    for thread in others:
        thread.join()
    assert not wrong
    print("done")
    """,
        OMP_NUM_THREADS="4",
    )
    assert got == "done"


def test_calls_import_nothing():
    """A thread that imports during a fork holds a lock that nobody opens in the child: a call there that imports hangs."""
    got = run(
        """
        import sys
        import numpy as np, cypool

        before = set(sys.modules)
        x = np.arange(800.0).reshape(1, 2, 20, 20)
        kinds = {
            "{}_pool2d": [((3,), {}), (((2, 18),), {"stride": (1, 10**6)}), ((3,), {"padding": 1, "boundary": "reflect"})],
            "{}_pool": [((3, 1), {"dilation": 2})],
            "adaptive_{}_pool2d": [((3,), {})],
            "global_{}_pool": [((), {})],
        }
        for op in ("max", "min", "avg", "sum"):
            for kind, calls in kinds.items():
                pool, back, back2 = (getattr(cypool, kind.format(op) + s) for s in ("", "_backward", "_double_backward"))
                for args, p in calls:
                    out = np.empty_like(pool(x, *args, **p))
                    for more in ({}, {"mask": x > 30}, {"nan": "ignore"}, {"empty": 0}, {"out": out}):
                        y = pool(x, *args, **p, **more)
                        more.pop("out", None)
                        back(y, x, *args, **p, **more)
                        back2(x, y, x, *args, **p, **more)
                    pool(x.tolist(), *args, **p)
                    for layout in ("plane", "global", "global_column_major", "channels_last", "window"):
                        if op in ("max", "min") and "boundary" not in p:
                            y, index = pool(x, *args, **p, return_indices=True, index_layout=layout)
                            back(y, x, *args, **p, indices=index, index_layout=layout)
        print(*sorted(set(sys.modules) - before))
        """
    )
    assert got == ""


@parallel
@forks
def test_multiprocessing_by_fork(tmp_path):
    script = tmp_path / "pool.py"
    script.write_text(
        textwrap.dedent(FORK)
        + textwrap.dedent("""
    import multiprocessing

    if __name__ == "__main__":
        want = work(4)
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert pool.map(work, [None, 1, 4, 2]) == [want] * 4
        assert work(4) == want
        print("done")
    """)
    )
    done = subprocess.run([sys.executable, str(script)], env={**os.environ, "OMP_NUM_THREADS": "4"}, capture_output=True,
                          text=True, timeout=HANGS, check=False)  # fmt: skip
    assert done.stdout.strip() == "done", done.stderr


def test_one_thread_by_environment_gives_the_same():
    script = "import numpy as np, cypool; print(cypool.avg_pool2d(np.ones((1, 64, 64)), 3).sum())"
    assert run(script, OMP_NUM_THREADS="1") == run(script)


def test_num_threads_of_every_form():
    x = np.random.default_rng(2).standard_normal((2, 3, 9, 9))
    for name in ("max_pool2d", "adaptive_avg_pool2d", "min_pool", "adaptive_sum_pool"):
        assert_array_equal(getattr(cypool, name)(x, 3, num_threads=1), getattr(cypool, name)(x, 3, num_threads=2))
    assert_array_equal(cypool.global_max_pool(x, num_threads=1), cypool.global_max_pool(x, num_threads=2))
