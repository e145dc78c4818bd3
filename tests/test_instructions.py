"""The gate of instruction counts: what it concludes, and, where valgrind is, that it counts and trips."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HERE = {"compiler": "gcc 12.2.0", "platform": "linux x86_64", "python": "3.11.7", "numpy": "2.4.6"}
KERNEL, OTHER, CALL = (
    "max_pool2d k2 s2, 2x64x112x112",
    "global_max_pool, 8x2048x7x7",
    "max_pool2d k2 small call, 1x1x8x8",
)
LEVEL = "x86_64"

if not (ROOT / "asv_bench" / "instructions.py").is_file():
    pytest.skip("the benchmarks are not here", allow_module_level=True)


@pytest.fixture
def gate(monkeypatch):
    """The module, imported without the tree's cypool."""
    monkeypatch.syspath_prepend(ROOT)
    return importlib.import_module("asv_bench.instructions")


def judge(gate, now, then, **recorded):
    """The verdicts' states by row, the exit status and what is said, for counts of one level."""
    baseline = {"environment": HERE | recorded, "counts": {LEVEL: then}}
    verdicts = list(gate.compare({LEVEL: now}, HERE, baseline))
    status, lines = gate.judge(verdicts, HERE, baseline["environment"])
    return {v.title: v.state for v in verdicts}, status, "\n".join(lines)


def test_titles_are_unique(gate):
    assert len(gate.ROWS) == len(gate.TABLE)
    assert {KERNEL, OTHER, CALL} <= gate.ROWS.keys()


def test_baseline_has_every_row(gate):
    counts = json.loads(gate.BASELINE.read_text("utf-8"))["counts"]
    assert all(list(rows) == list(gate.ROWS) for rows in counts.values())


@pytest.mark.parametrize(
    ("factor", "status", "state"),
    [(1, 0, ""), (1.029, 0, ""), (1.031, 1, "MORE"), (5, 1, "MORE"), (0.971, 0, ""), (0.969, 0, "less")],
)
@pytest.mark.parametrize("row", [KERNEL, CALL])
def test_tolerance(gate, row, factor, status, state):
    now, then = {row: round(100_000 * factor), OTHER: 7}, {row: 100_000, OTHER: 7}
    states, got, said = judge(gate, now, then)
    assert (states, got) == ({row: state, OTHER: ""}, status), said
    assert (f"  {row} ({LEVEL}): +" in said) == (status == 1)
    assert ("--update" in said) == (state == "less")
    assert OTHER not in said


def test_another_compiler_is_not_compared(gate):
    states, status, said = judge(gate, {KERNEL: 9, CALL: 9}, {KERNEL: 1, CALL: 1}, compiler="gcc 13.1.0")
    assert states == {KERNEL: "not compared", CALL: "not compared"} and status == 3
    assert "compiler gcc 12.2.0 here, gcc 13.1.0 in the baseline" in said and "--baseline before.json" in said
    assert "no count" not in said


def test_another_python_lets_small_calls_pass_and_no_kernel(gate):
    states, status, said = judge(gate, {KERNEL: 100, CALL: 900}, {KERNEL: 100, CALL: 1}, python="3.12.0")
    assert states == {KERNEL: "", CALL: "not compared"} and status == 0
    assert "not compared: 1 of 2 counts; python 3.11.7 here, 3.12.0 in the baseline" in said
    assert judge(gate, {KERNEL: 200, CALL: 1}, {KERNEL: 100, CALL: 1}, python="3.12.0")[1] == 1


def test_another_numpy_is_compared(gate):
    assert judge(gate, {KERNEL: 200, CALL: 1}, {KERNEL: 100, CALL: 1}, numpy="1.25.0")[1] == 1
    assert judge(gate, {KERNEL: 100, CALL: 2}, {KERNEL: 100, CALL: 1}, numpy="1.25.0")[1] == 1


def test_row_without_baseline(gate):
    states, status, said = judge(gate, {KERNEL: 100, OTHER: 5}, {KERNEL: 100})
    assert states == {KERNEL: "", OTHER: "not compared"} and status == 3
    assert f"not in the baseline: {OTHER}" in said
    assert judge(gate, {KERNEL: 200, OTHER: 5}, {KERNEL: 100})[1] == 1  # what is known counts first


def test_update_keeps_what_was_not_counted(gate):
    old = {"environment": HERE, "counts": {LEVEL: {OTHER: 5, CALL: 6, "a row that is gone": 1}}}
    new = gate.updated({LEVEL: {KERNEL: 1, OTHER: 2}}, HERE, old, complete=False)
    assert list(new["counts"][LEVEL].items()) == [(KERNEL, 1), (OTHER, 2), (CALL, 6)]
    assert gate.updated({LEVEL: {KERNEL: 1}}, HERE, old, complete=True)["counts"] == {LEVEL: {KERNEL: 1}}
    with pytest.raises(gate.NotCounted, match="another environment's"):
        gate.updated({LEVEL: {KERNEL: 1}}, HERE | {"compiler": "clang 19"}, old, complete=False)


def test_arrays_are_aligned_and_the_same_everywhere(gate):
    x = gate.aligned(gate.values((2, 3, 5), "float32"))
    assert x.ctypes.data % gate.ALIGNMENT == 0 and x.flags.c_contiguous and x.shape == (2, 3, 5)
    assert gate.values((4,), "uint8").tolist() == [0, 61, 23, 85]


def run(*arguments):
    """Run ``python -m asv_bench.instructions`` and return the finished process."""
    command = [sys.executable, "-m", "asv_bench.instructions", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--rows", "no such row"), "no row matches"),
        (("--level", "none"), "invalid choice"),
        (("--baseline", "no/such.json"), "--update writes it"),
    ],
)
def test_refuses(arguments, message):
    done = run(*arguments)
    assert done.returncode == 2 and message in done.stderr


def test_says_that_valgrind_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("--rows", KERNEL)
    assert done.returncode == 2 and done.stderr.endswith(
        "valgrind is not installed (Debian, Ubuntu: apt install valgrind)\n"
    )


@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not installed, which counts the instructions")
@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler cc, which builds the requests to valgrind")
@pytest.mark.skipif("LD_PRELOAD" in os.environ, reason="a preloaded library (a sanitizer) does not run under valgrind")
def test_counts_and_trips(tmp_path, gate):
    """Two counts agree; against a baseline that is a tenth lower in one row, this row fails, and no other."""
    file = tmp_path / "baseline.json"
    level = gate.cypool.get_config()["isa_built"][-1]
    arguments = ("--rows", "small call", "--level", level, "--baseline", file)
    written = run(*arguments, "--update")
    assert written.returncode == 0, written.stderr
    again = run(*arguments)
    assert again.returncode == 0 and "no count that is compared" in again.stdout, again.stdout + again.stderr
    baseline = json.loads(file.read_text("utf-8"))
    assert all(count > 1_000 for count in baseline["counts"][level].values())
    baseline["counts"][level][CALL] = round(baseline["counts"][level][CALL] / 1.1)
    file.write_text(json.dumps(baseline), "utf-8")
    tripped = run(*arguments)
    assert tripped.returncode == 1, tripped.stdout + tripped.stderr
    assert re.findall(r"^  (.+) \((.+)\): \+(?:9|10)\.\d%$", tripped.stdout, re.MULTILINE) == [(CALL, level)], (
        tripped.stdout
    )
