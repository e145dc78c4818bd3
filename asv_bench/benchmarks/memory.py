"""Memory: no operator has a temporary beyond a few rows a thread."""

import re
from pathlib import Path

from . import libraries, rows

CASES = rows.names(
    "max", "avg", "global avg", "max with indices", "backward of max", "backward of avg", "adaptive avg", "adaptive max"
)


def resident(field):
    """A line of /proc/self/status, in bytes: VmRSS now, VmHWM at most."""
    return int(re.search(rf"^{field}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)[1]) * 1024


class Memory:
    """Peaks of a process with one row's arrays: before a call, and with it; and what the call added."""

    params = CASES
    param_names = ("row",)
    timeout = 300

    def setup(self, name):
        """The arrays, the results among them; the same call on little, so that code and threads are there."""
        libraries.of_cypool(rows.Case(rows.ROWS[name], limit=1))[0]()
        self.run, _ = libraries.of_cypool(rows.Case(rows.ROWS[name]))

    def peakmem_arrays(self, name):
        """Bytes without the call."""

    def peakmem_call(self, name):
        """Bytes with the call."""
        self.run()

    def track_temporary(self, name):
        """Bytes that the first call holds at its peak beyond what was there before: later ones reuse freed memory."""
        try:
            Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
        except OSError:
            return float("nan")
        before = resident("VmRSS")
        self.run()
        return max(resident("VmHWM") - before, 0)

    track_temporary.unit = "bytes"
