"""The benchmarks run: every method of every class once, on small arrays, and the commands, on two rows of the table."""

import importlib
import inspect
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "asv_bench" / "benchmarks"
KINDS = "time_", "track_", "peakmem_", "timeraw_"
SMALL = "65536"  # bytes

if not BENCHMARKS.is_dir():
    pytest.skip("the benchmarks are not here", allow_module_level=True)

HELPERS = "libraries", "measure", "rows", "suite"
FILES = sorted(path.stem for path in BENCHMARKS.glob("[!_]*.py"))


def benchmarks_of(module):
    """What asv finds in a file: the classes that are not abstract, and functions by the beginning of their names."""
    own = [(n, v) for n, v in vars(module).items() if not n.startswith("_") and not inspect.ismodule(v)]
    classes = [v for _, v in own if inspect.isclass(v) and not inspect.isabstract(v)]
    return [c for c in classes if methods(c)], [v for n, v in own if n.startswith(KINDS)]


def methods(benchmark):
    """The names of a class's methods that are benchmarks."""
    return [name for name in dir(benchmark) if name.startswith(KINDS)]


def combinations(params):
    """Every combination of a class's parameters, as asv makes them."""
    return itertools.product(*(params if isinstance(params[0], (tuple, list)) else [params]))


def check_class(benchmark):
    """Run each method with the first parameters that can be set up here; a peer that is missing has none."""
    for parameters in combinations(benchmark.params):
        assert len(parameters) == len(benchmark.param_names)
        instance = benchmark()
        try:
            instance.setup(*parameters)
        except NotImplementedError:
            continue
        for name in methods(benchmark):
            figure = getattr(instance, name)(*parameters)
            assert (figure is not None) == name.startswith("track_")
            assert figure is None or figure >= 0 or "temporary" in name
        return


@pytest.fixture
def load(monkeypatch):
    """Import a file of the benchmarks as asv does, its footprints small and its measurements short."""
    monkeypatch.syspath_prepend(BENCHMARKS.parent)
    monkeypatch.setenv("CYPOOL_BENCH_BYTES", SMALL)
    measure = importlib.import_module("benchmarks.measure")
    times = measure.times
    monkeypatch.setattr(measure, "times", lambda runs, **_: times(runs, rounds=1, slice_seconds=0))
    return lambda name: importlib.import_module(f"benchmarks.{name}")


@pytest.mark.filterwarnings("ignore")  # the peers' own
@pytest.mark.parametrize("name", FILES)
def test_benchmarks_run(load, name):
    classes, functions = benchmarks_of(load(name))
    assert classes or functions or name in HELPERS
    for benchmark in classes:
        check_class(benchmark)
    for function in functions:
        assert function() is not None


def test_benchmarks_import_whatever_the_version(tmp_path):
    """asv runs these files on every commit: one that lacks a function must still have the other benchmarks."""
    (tmp_path / "cypool").mkdir()
    (tmp_path / "cypool" / "__init__.py").write_text("")
    code = "import importlib\n" + "".join(f"importlib.import_module('benchmarks.{name}')\n" for name in FILES)
    paths = os.pathsep.join([str(tmp_path), str(BENCHMARKS.parent)])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": paths},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_missing_function_is_skipped(load):
    libraries = load("libraries")
    with pytest.raises(NotImplementedError, match="has no entropy_pool2d"):
        libraries.function("entropy_pool2d")


@pytest.fixture
def measure(load):
    """benchmarks/measure.py, as it is."""
    return importlib.reload(load("measure"))


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("nbytes", [0, 2, 130, 2_000_002])
def test_copy_copies_half_the_footprint(measure, monkeypatch, compiled, threads, nbytes):
    """Each byte of the target, and by as many threads as asked for, or `copy` raises."""
    if not compiled:
        monkeypatch.setattr(measure, "_compiled", lambda: None)
    elif measure._compiled() is None:
        pytest.skip("no C compiler with OpenMP")
    arrays = []
    ones = measure.np.ones
    monkeypatch.setattr(measure.np, "ones", lambda *arguments: arrays.append(ones(*arguments)) or arrays[-1])
    run = measure.copy(nbytes, threads)
    source, target = arrays
    source[:] = measure.np.arange(source.size, dtype=measure.np.uint8)
    target[:] = 77
    run()
    assert source.size == target.size == max(nbytes // 2, 1)
    assert target.tobytes() == source.tobytes()
    assert ("copy.c" in measure.copy_method()) == compiled


def test_copy_without_a_compiler(measure, monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    measure._compiled.cache_clear()
    assert measure._compiled() is None
    assert "no C compiler" in measure.copy_method()
    measure.copy(1000, 2)()


@pytest.mark.parametrize(("statistic", "expected"), [("best", 1.0), ("median", 2.0)])
def test_times_tells_the_statistic_of_interleaved_rounds(measure, monkeypatch, statistic, expected):
    """By a clock that only the calls move: the first call, then three rounds of 3, 1 and 2 seconds."""
    clock, order, lasting = [0.0], [], {name: iter([5.0, 3.0, 1.0, 2.0]) for name in "ab"}
    monkeypatch.setattr(measure.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(measure, "BUDGET", 100)

    def run(name):
        order.append(name)
        clock[0] += next(lasting[name])

    seconds = measure.times({"a": lambda: run("a"), "b": lambda: run("b")}, rounds=3, statistic=statistic)
    assert seconds == {"a": expected, "b": expected}
    assert "".join(order) == "ab" * 4


def test_times_spends_few_rounds_on_what_takes_long(measure, monkeypatch):
    clock, calls = [0.0], []
    monkeypatch.setattr(measure.time, "perf_counter", lambda: clock[0])

    def run():
        calls.append(1)
        clock[0] += measure.BUDGET

    measure.times({"slow": run}, rounds=7)
    assert len(calls) == 1 + 2


def test_times_is_not_misled_by_a_slow_first_call(measure, monkeypatch):
    """Threads that sleep make the first call slow; the slices are filled by what the later ones take."""
    clock, calls = [0.0], []
    monkeypatch.setattr(measure.time, "perf_counter", lambda: clock[0])

    def run():
        clock[0] += 1e-4 if calls else 4e-3
        calls.append(1)

    assert measure.times({"quick": run}, rounds=1, slice_seconds=2e-3)["quick"] == pytest.approx(1e-4)
    assert len(calls) >= 20 + 160


def command(*arguments, module="peers"):
    """Run ``python -m asv_bench.MODULE`` and return the finished process."""
    words = [sys.executable, "-m", f"asv_bench.{module}", *arguments]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture
def no_peers(tmp_path, monkeypatch):
    """No peer can be imported by the processes that are started: what is tested is the same everywhere, and quick."""
    for name in ("torch", "onnxruntime", "openvino", "cv2", "skimage", "scipy", "tinybrain", "jax"):
        (tmp_path / f"{name}.py").write_text("raise ImportError(__name__)")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")])))


@pytest.mark.usefixtures("no_peers")
def test_peers_prints_two_tables(tmp_path):
    file = tmp_path / "times.json"
    done = command("--quick", "--rows", "D max k? s2*32x64x112x112", "--threads", "1,2", "--json", str(file))
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^D +(max k\d s2\b.*?112x112) +([\d.]+) +(ok|copy > 1.25)$", done.stdout, re.MULTILINE)
    assert [name for name, *_ in rows] == ["max k3 s2 p1, 32x64x112x112", "max k2 s2, 32x64x112x112"] * 2, done.stdout
    assert all(float(ratio) > 0 and (float(ratio) < 1.255) >= (verdict == "ok") for _, ratio, verdict in rows)
    assert done.stdout.count("farthest from its target") == done.stdout.count("the copy: ") == 2
    tables = json.loads(file.read_text())
    assert [table["threads"] for table in tables] == [1, 2]
    assert all(row["copy"] > 0 and row["seconds"]["cypool"] > 0 for table in tables for row in table["rows"])


@pytest.mark.usefixtures("no_peers")
@pytest.mark.parametrize(
    ("module", "arguments", "found"),
    [
        ("windows", ("--threads", "1"), r"(ok    |missed) avg: k = 63 over k = 3 \d+\.\d+, at most 4 wanted"),
        ("operators", (), r"(ok    |missed) median_pool k3 s1: \d+\.\d times faster than NumPy, at least 10 wanted"),
        ("pyramid", ("--threads", "1", "--rows", "mean uint8 4096x4096"), r"by 2x2, 4 levels +\d+\.\d+ +\d+\.\d+"),
        ("sharing", ("--rounds", "1"), r"\(c\) two processes at once, one thread each: \d+\.\d+ times the time"),
    ],
)
def test_other_tables(module, arguments, found):
    done = command("--quick", *arguments, module=module)
    assert done.returncode == 0 and re.search(found, done.stdout), done.stdout + done.stderr


@pytest.fixture
def table(monkeypatch):
    """asv_bench/peers.py."""
    monkeypatch.syspath_prepend(ROOT)
    return importlib.import_module("asv_bench.peers")


@pytest.mark.parametrize(
    ("name", "seconds", "copy", "missed"),
    [
        ("D max k2 s2, 32x64x112x112", {"cypool": 1.24, "torch": 2.0, "JAX": 1.2}, 1.0, []),
        ("D max k2 s2, 32x64x112x112", {"cypool": 1.26, "torch": 2.0, "JAX": 1.0}, 1.0, ["peers", "copy"]),
        ("C max k3 s1 p1, 2x256x28x28", {"cypool": 2.9}, 1.0, []),
        ("C max k3 s1 p1, 2x256x28x28", {"cypool": 3.1}, 1.0, ["copy"]),
        ("C max k3 s1 p1, 8x512x13x13", {"cypool": 5.9}, 1.0, []),
        ("C max k3 s1 p1, 8x512x13x13", {"cypool": 6.1}, 1.0, ["copy"]),
        ("C max k31 s1 p15, 1x16x256x256", {"cypool": 5.9}, 1.0, []),
        ("C global avg, 8x2048x7x7", {"cypool": 3.1}, 1.0, ["copy"]),
        ("C adaptive max to 5, 2x64x113x113", {"cypool": 5.9}, 1.0, []),
        ("call max k2 s2, 1x1x8x8", {"cypool": 1.5e-6, "torch": 2.9e-6}, None, ["torch"]),
        ("call global avg, 1x16x7x7", {"cypool": 1.7e-6, "torch": 2.9e-6}, None, ["µs"]),
    ],
)
def test_targets(table, name, seconds, copy, missed):
    """The contract's, on both sides of each."""
    result = table.Result(name, (1,), 1, seconds, copy, [])
    assert [target.against for target, far in result.targets() if far > 1] == missed
    (line,) = table.table([result])[1:]
    assert line.endswith("ok") == (not missed)
    assert all(f"{what} > " in line for what in missed)


def test_summary(table):
    """Means, and the last two lines: the row farthest from its target, and the worst."""
    fast = table.Result("D max k2 s2, 32x64x112x112", (1,), 1, {"cypool": 1.0, "torch": 32.0, "JAX": 2.0}, 1.0, [])
    slow = table.Result("D avg k2 s2, 32x64x112x112", (1,), 1, {"cypool": 1.0, "torch": 0.5}, 1.0, ["JAX"])
    far = table.Result("C global avg, 8x2048x7x7", (1,), 1, {"cypool": 30.0}, 1.0, [])
    lines = list(table.summary([fast, slow, far]))
    assert "result differs from cypool's, not timed: JAX in D avg" in lines[0]
    assert "fastest peer of each row: 1.00 (2 rows, target 4)" in lines[1]
    assert "torch, channels first: 4.00 (2 rows, target 15)" in lines[2]
    assert lines[-3:] == [
        "targets reached: 1 of 3 rows",
        "farthest from its target: C global avg, 8x2048x7x7, 30.00 times copy, at most 3 wanted",
        "worst row: D avg k2 s2, 32x64x112x112, lead 0.50",
    ]


def test_readme_is_written(table, tmp_path, monkeypatch):
    """The block between the marks, and nothing else; the picture that it shows."""
    pytest.importorskip("matplotlib")
    readme, picture = tmp_path / "README.md", tmp_path / "speed.svg"
    readme.write_text(f"before\n{table.MARKS[0]}\nold\n{table.MARKS[1]}\nafter\n")
    for name, value in {"README": readme, "FIGURE": picture, "ROOT": tmp_path}.items():
        monkeypatch.setattr(table, name, value)
    seconds = {"cypool": 1.5, "torch": 3.0}
    names = "D max k2 s2, 32x64x112x112", "D avg k2 s2, 32x64x112x112", "call max k2 s2, 1x1x8x8"
    rows = [table.asdict(table.Result(n, (1,), 1, seconds, 1.0 if n[0] == "D" else None, [])) for n in names]
    table.write_readme([{"threads": n, "machine": f"A, {n} threads", "rows": rows} for n in (1, 4)])
    text = readme.read_text()
    assert text.startswith("before\n<!--") and text.endswith("-->\nafter\n") and "old" not in text
    assert "| D | max k2 s2, 32x64x112x112 | 3.00 | 1.50 | 2.00 |" in text
    assert "avg k2" not in text  # not one of the telling rows
    assert "over the fastest peer of each row (2 rows): 2.00 on 1 thread, 2.00 on 4 threads\n" in text
    assert "on A, 4 threads." in text and "](speed.svg)" in text
    assert "<svg" in picture.read_text()


@pytest.mark.parametrize("statuses", [(0, 0), (0, 1), (3,)])
def test_compare_ends_as_asv_ends(monkeypatch, statuses):
    """asv is told of the machine, then compares in interleaved rounds; what it finds slower is the exit status."""
    monkeypatch.syspath_prepend(ROOT)
    compare = importlib.import_module("asv_bench.compare")
    commands, left = [], list(statuses)

    def run(words, **_):
        commands.append(words[3:])
        return subprocess.CompletedProcess(words, left.pop(0))

    monkeypatch.setattr(compare.subprocess, "run", run)
    try:
        compare.main(["main", "--bench", "calls"])
        status = 0
    except SystemExit as end:
        status = end.code
    assert status == statuses[-1] and not left
    assert commands[0] == ["machine", "--yes"]
    if len(statuses) == 2:
        assert commands[1][:2] == ["continuous", "--interleave-rounds"] and commands[1][-2:] == ["main", "HEAD"]
        assert "--factor" in commands[1] and "1.1" in commands[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--rows", "no such row"), "no row matches"),
        (("--threads", "1,two"), "must be numbers or all, separated by commas, got 1,two"),
        (("--threads", "0"), "must be numbers"),
        (("--quick", "--readme"), "measures nothing"),
        (("--rows", "max", "--readme"), "tells of all rows"),
    ],
)
def test_peers_refuses(arguments, message):
    done = command(*arguments)
    assert done.returncode == 2 and message in done.stderr


def test_peers_says_what_is_missing(tmp_path, monkeypatch):
    """The tree's sources without their kernels, found first."""
    (tmp_path / "cypool").mkdir()
    (tmp_path / "cypool" / "__init__.py").write_text("raise ImportError('no kernels')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = command("--quick")
    assert done.returncode == 1 and "install it first" in done.stderr
