"""How many threads a call may use.

The number is the least of what the call asks for (``num_threads=``), or else the innermost context manager, or else
`set_num_threads`, or else what the control group (container) allows; of what OpenMP allows here (OMP_NUM_THREADS,
threadpoolctl); and of what the size of the work pays for.  OpenMP's own setting is read and never changed.
"""

import contextlib
import math
from pathlib import Path

from cypool import parameters
from cypool.kernels import core

_own = 0


def set_num_threads(n):
    """Set how many threads calls may use, in every Python thread.

    Parameters
    ----------
    n : int or None
        At least 1; None takes the setting back.

    Raises
    ------
    TypeError, ValueError
        `n` is no integer, or less than 1.
    """
    global _own
    _own = parameters.threads_of(n)
    core.set_setting(_own)


def get_num_threads():
    """Return how many threads a large call would use now.

    Returns
    -------
    int
    """
    return core.threads_now()


@contextlib.contextmanager
def num_threads(n):
    """Limit this Python thread's calls to `n` threads inside a ``with`` block.

    Parameters
    ----------
    n : int or None
        At least 1; None lifts an outer limit.

    Examples
    --------
    >>> import cypool
    >>> with cypool.num_threads(1):
    ...     cypool.get_num_threads()
    1
    """
    before = core.set_local(parameters.threads_of(n))
    try:
        yield
    finally:
        core.set_local(before)


def control_group_limit(root="/sys/fs/cgroup"):
    """Whole processors that the control group allows this process, rounded up; 0 if it sets no limit.

    Reads ``cpu.max`` (version 2) of the process' own group and those above it, and ``cpu.cfs_quota_us`` (version 1).
    """
    limits = []
    for folder in _groups(root):
        with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
            quota, period = Path(folder, "cpu.max").read_text().split()
            if quota != "max":
                limits.append(int(quota) / int(period))
        with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
            quota = int(Path(folder, "cpu.cfs_quota_us").read_text())
            if quota > 0:
                limits.append(quota / int(Path(folder, "cpu.cfs_period_us").read_text()))
    return max(1, math.ceil(min(limits))) if limits else 0


def _groups(root):
    folders = [Path(root), Path(root, "cpu")]
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and "cpu" not in controllers.split(","):
                continue
            base = Path(root, "cpu") if controllers else Path(root)
            parts = [part for part in path.split("/") if part not in ("", "..")]
            folders += [base.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1)]
    return folders


core.set_room(control_group_limit())
