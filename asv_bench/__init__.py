"""Benchmarks of cypool: ``asv run`` over benchmarks/; ``python -m asv_bench.peers`` for the table of all libraries, and
``asv_bench.windows``, ``asv_bench.sharing``, ``asv_bench.compare``.

Python puts the folder that ``-m`` runs in on its path first, and there the sources of cypool would hide the installed
package; as the last, it still lets the processes that we start find us.
"""

import sys
from pathlib import Path

if sys.path and Path(sys.path[0]).resolve() == Path(__file__).resolve().parents[1]:
    sys.path.append(sys.path.pop(0))
