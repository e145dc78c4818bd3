"""The benchmarks run: every method of every class once, on small arrays, and two rows of the peers' table."""

import importlib
import inspect
import itertools
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
    best_times = measure.best_times
    monkeypatch.setattr(measure, "best_times", lambda runs, **_: best_times(runs, rounds=1, slice_seconds=0))
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


def peers(*arguments):
    """Run ``python -m asv_bench.peers`` and return the finished process."""
    command = [sys.executable, "-m", "asv_bench.peers", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def no_peers(tmp_path_factory):
    """An environment in which no peer can be imported, so that what is tested is the same everywhere, and quick."""
    folder = tmp_path_factory.mktemp("no_peers")
    for name in ("torch", "onnxruntime", "openvino", "cv2", "skimage", "scipy", "tinybrain"):
        (folder / f"{name}.py").write_text("raise ImportError(__name__)")
    return folder


def test_peers_prints_two_rows(no_peers, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(no_peers), os.environ.get("PYTHONPATH")])))
    done = peers("--quick", "--rows", "D max k? s2*32x64x112x112", "--threads", "1")
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^D +(max k\d s2\b.*?112x112) +([\d.]+)$", done.stdout, re.MULTILINE)
    assert [name for name, _ in rows] == ["max k3 s2 p1, 32x64x112x112", "max k2 s2, 32x64x112x112"], done.stdout
    assert all(float(ratio) > 0 for _, ratio in rows)
    assert "farthest from the copy" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--rows", "no such row"), "no row matches"),
        (("--threads", "two"), "must be a number or all, got two"),
        (("--quick", "--readme"), "measures nothing"),
    ],
)
def test_peers_refuses(arguments, message):
    done = peers(*arguments)
    assert done.returncode == 2 and message in done.stderr


def test_peers_says_what_is_missing(tmp_path, monkeypatch):
    """The tree's sources without their kernels, found first."""
    (tmp_path / "cypool").mkdir()
    (tmp_path / "cypool" / "__init__.py").write_text("raise ImportError('no kernels')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = peers("--quick")
    assert done.returncode == 1 and "install it first" in done.stderr
