"""cypool and torch, each with an OpenMP runtime, in one process: both orders of import, and a fork after both computed."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed (extra: peers)"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
]


@pytest.mark.parametrize("names", [("cypool", "torch"), ("torch", "cypool")], ids="-".join)
def test_both_compute_and_a_child_does(names, tmp_path):
    script = Path(__file__).parent / "support" / "with_torch.py"
    command = [sys.executable, str(script), *names]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(" ".join(names)), done.stdout
