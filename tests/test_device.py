"""``python -m asv_bench.device`` where there is no GPU: what it says, what it prints of made-up times, and its clock."""

import importlib
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import cuda_on_host
import numpy as np
import pytest

import cypool.cuda

ROOT = Path(__file__).parents[1]
if not (ROOT / "asv_bench" / "device.py").is_file():
    pytest.skip("the benchmarks are not here", allow_module_level=True)


@pytest.fixture
def script(monkeypatch):
    """asv_bench/device.py."""
    monkeypatch.syspath_prepend(ROOT)
    monkeypatch.setenv("CYPOOL_BENCH_BYTES", "65536")
    return importlib.import_module("asv_bench.device")


@pytest.mark.skipif(cuda_on_host.NO_GPU is None, reason="there is a GPU")
def test_without_a_gpu_it_says_so():
    words = [sys.executable, "-m", "asv_bench.device", "--parts", "speed"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and re.fullmatch(r"nothing is run: .+\n", done.stderr), done.stderr


@pytest.mark.parametrize("wrong", ["build,spee", ""])
def test_unknown_parts_are_refused(script, capsys, wrong):
    with pytest.raises(SystemExit):
        script.parse(["--parts", wrong])
    assert "--parts must be of build, tests, sanitizer, speed, registers, got" in capsys.readouterr().err


def test_parts_share_the_budget(script):
    clock = [100.0]
    parts = script.Clock(100, now=lambda: clock[0])
    assert parts.left("build") == pytest.approx(30)
    clock[0] += 10  # the build left something
    assert parts.left("tests") == pytest.approx(55)
    clock[0] += 85
    assert parts.left("sanitizer") == 0 and parts.left("speed") == pytest.approx(5)
    clock[0] += 90
    assert parts.left("registers") == 0


def test_what_is_stopped_and_what_fails(script, capsys):
    commands = {
        "slow": [sys.executable, "-c", "import time; time.sleep(60)"],
        "well": [sys.executable, "-c", "print('3 passed')"],
    }
    assert script.side_by_side(commands, 3)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("slow: stopped after 3 s") and lines[1] == "well: ok: 3 passed"
    assert not script.side_by_side({"bad": [sys.executable, "-c", "print('why'); raise SystemExit(3)"]}, 30)
    assert capsys.readouterr().out.splitlines() == ["bad: status 3: why", "    why"]


def test_parts_end_as_they_ended(script, monkeypatch, capsys):
    monkeypatch.setattr(script, "no_gpu", lambda: None)

    def fails(*_):
        raise ValueError("wrong")

    monkeypatch.setattr(script, "PARTS", {"build": lambda *_: True, "tests": lambda *_: False, "speed": fails})
    with pytest.raises(SystemExit, match="failed: tests, speed"):
        script.main([])
    assert "failed: ValueError: wrong" in capsys.readouterr().out
    with pytest.raises(SystemExit, match=r"^0$"):
        script.main(["--parts", "build"])
    with pytest.raises(SystemExit, match=r"^0$"):
        script.main(["--parts", "build", "--budget", "1"])
    assert "build: skipped, no time is left" in capsys.readouterr().out


def test_tests_are_dealt_out(script):
    listed = (
        "tests/test_cuda.py::test_a[gpu]\ntests/test_cuda.py::test_b[gpu-1 2]\n\n2/9 tests collected (7 deselected)\n"
    )
    names = script.collected(listed)
    assert names == ["tests/test_cuda.py::test_a[gpu]", "tests/test_cuda.py::test_b[gpu-1 2]"]
    assert script.dealt(list("abcde"), 2) == [["a", "c", "e"], ["b", "d"]]
    assert script.dealt(["a"], 3) == [["a"]]


ROWS = (
    "max k3 s2 p1, 1x64x112x112",
    "float16 channels last backward of max k3 s2 p1, 1x64x112x112",
    "global avg, 1x2048x7x7",
    "max with indices k2 s2, 1x64x112x112",
)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_measured(script, monkeypatch, name):
    """Over NumPy arrays, by a clock of our own; torch is not asked."""
    gpu, libraries = (importlib.import_module(f"asv_bench.benchmarks.{m}") for m in ("gpu", "libraries"))

    def of_torch(case):
        raise NotImplementedError

    monkeypatch.setattr(gpu, "of_torch", of_torch)
    called = []

    def times(xp, runs, ahead):
        called.extend(run() for run in runs.values())
        return dict.fromkeys(runs, 1.0)

    monkeypatch.setattr(gpu, "times", times)
    stream = SimpleNamespace(synchronize=lambda: None)
    xp = SimpleNamespace(
        **{n: getattr(np, n) for n in ("ones", "ones_like", "asarray", "resize", "copyto", "allclose")}
    )
    xp.cuda = SimpleNamespace(get_current_stream=lambda: stream)
    result = script.measured(gpu, libraries, xp, name, None)
    assert set(result["seconds"]) == {"cypool", "copy"} and len(called) == 2 and result["bytes"] > 1000
    assert script.line(result).startswith(name)


def test_the_table_and_its_summary(script):
    def result(row, own, copy, torch=None, differs=()):
        seconds = {"cypool": own, "copy": copy} | ({} if torch is None else {"torch": torch})
        return {"row": row, "bytes": 2e9, "seconds": seconds, "enqueued": 1e-4, "differs": list(differs)}

    fast, slow = result("max k2", 1e-3, 0.95e-3, 3e-3), result("avg k2", 2e-3, 1e-3, 1e-3, ["torch"])
    assert script.line(fast).split() == "max k2 2000 2105 0.95 667 3.00 100".split()
    assert script.line(slow).split() == "avg k2 * 1000 2000 0.50 2000 0.50 100".split()
    assert script.line(result("max k4", 1e-3, 1e-3)).split() == "max k4 2000 2000 1.00 100".split()
    assert len(script.heading()[-1]) == len(script.line(fast))
    assert list(script.summary([fast, slow])) == [
        "at least 90% of the copy's bandwidth: 1 of 2 rows; least: 0.50 in avg k2",
        "slower than torch: 1 of 2 rows: avg k2",
    ]
    assert script.summary([]) == ["no row was measured"]


def test_registers(script, monkeypatch, capsys):
    """Of a function, and of a kernel that has one, by a driver that tells what it is asked for."""
    names = {
        f"CU_FUNC_ATTRIBUTE_{name}": i for i, name in enumerate(("NUM_REGS", "LOCAL_SIZE_BYTES", "SHARED_SIZE_BYTES"))
    }
    driver = SimpleNamespace(
        funcGetAttribute=lambda attribute, pointer: pointer * (attribute != 1 or pointer > 50), **names
    )
    monkeypatch.setitem(sys.modules, "cupy", SimpleNamespace(cuda=SimpleNamespace(driver=driver)))
    kernels = {("one", 0): SimpleNamespace(ptr=40), ("two", 0): SimpleNamespace(kernel=SimpleNamespace(ptr=60))}
    monkeypatch.setattr(cypool.cuda, "device", lambda: SimpleNamespace(kernels=kernels))
    assert script.registers(1, None)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1:3] == [["40", "0", "40", "one"], ["60", "60", "60", "two"]] and lines[3][-3:] == ["1", "of", "2"]
