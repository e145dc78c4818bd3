"""Which instruction set runs, and what this build is made of."""

import contextlib
import importlib.util
import os
import platform
import sys
from pathlib import Path

from cypool import threads
from cypool._version import __version__
from cypool.kernels import core

# Levels from the best on: module suffix and the x86-64 level that it needs.  setup.py holds the compiler's side.
LEVELS = {"x86_64_v3": 3, "x86_64": 1, "baseline": 0}


def _tables(level):
    """The kernels' tables of a level, or None if this build does not have it."""
    names = [f"cypool.kernels.{kind}_{level}" for kind in ("rows", "vectors")]
    try:
        return [importlib.import_module(name).table for name in names]
    except ModuleNotFoundError as error:
        if error.name not in names:
            raise
        return None


def _choose():
    """Load the best level that the processor and the operating system support, or the one that CYPOOL_ISA names."""
    supported = [
        level for level, need in LEVELS.items() if need <= core.x86_level() and (need > 0) == (core.x86_level() > 0)
    ]
    wanted = os.environ.get("CYPOOL_ISA")
    if wanted and wanted not in supported:
        raise ImportError(f"CYPOOL_ISA must be one of {', '.join(supported)} on this machine, got {wanted!r}")
    for level in [wanted] if wanted else supported:
        tables = _tables(level)
        if tables is not None:
            core.use_kernels(*tables)
            return level
    raise ImportError(f"this build of cypool holds no kernels for {wanted or platform.machine()}")


def last_level_cache(folder="/sys/devices/system/cpu/cpu0/cache"):
    """Bytes of the largest cache that the system tells of, or 0.

    Not sysconf: inside a virtual machine it counts the caches of processors that are not there.
    """
    units, sizes = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}, [0]
    for file in Path(folder).glob("index*/size"):
        with contextlib.suppress(OSError, ValueError, KeyError):
            text = file.read_text().strip()
            sizes.append(int(text[:-1]) * units[text[-1:]])
    return max(sizes)


def _built():
    return [level for level in LEVELS if importlib.util.find_spec(f"cypool.kernels.rows_{level}")]


def _openmp_runtime():
    """File names of the OpenMP runtimes that are loaded in this process, where the system tells."""
    if not core.OPENMP:
        return []
    try:
        with open("/proc/self/maps") as maps:
            files = {line.split()[-1] for line in maps if len(line.split()) > 5}
    except OSError:
        return []
    return sorted(
        {os.path.basename(f) for f in files if any(s in os.path.basename(f) for s in ("gomp", "iomp", "libomp"))}
    )


def get_config():
    """Return what this build is made of and what it uses now.

    Returns
    -------
    dict
        version, python, numpy, compiler, openmp (the specification's date, 0 for none), openmp_runtime, threads,
        isa_built, isa_supported_level, isa.
    """
    import numpy

    return {
        "version": __version__,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "platform": f"{sys.platform} {platform.machine()}",
        "compiler": core.COMPILER,
        "openmp": core.OPENMP,
        "openmp_runtime": _openmp_runtime(),
        "threads": threads.get_num_threads(),
        "control_group_limit": threads.control_group_limit() or None,
        "isa_built": _built(),
        "isa": ISA,
    }


def show_config():
    """Print version, compiler, OpenMP runtime and threads, instruction sets built and in use."""
    for key, value in get_config().items():
        if isinstance(value, list):
            value = ", ".join(value) or "none"
        print(f"{key.replace('_', ' '):20} {value}")


ISA = _choose()
if last_level_cache():
    core.set_cache_bytes(last_level_cache())
