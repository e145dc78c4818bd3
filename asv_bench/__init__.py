"""Benchmarks of cypool: ``asv run`` over benchmarks/, and ``python -m asv_bench.peers`` for the table of all libraries.

Python puts the folder that ``-m`` runs in on its path, and there the sources of cypool would hide the installed package.
"""

import sys
from pathlib import Path

if sys.path and Path(sys.path[0]).resolve() == Path(__file__).resolve().parents[1]:
    del sys.path[0]
