"""Threads: how much two gain over one, and from what size of work on."""

import os

import cypool

from . import libraries, measure, rows

KIB = 1 << 10
SCALED = [*rows.names("max", "avg", "global avg", "max with indices", "backward of max", "backward of avg")]


def processors():
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


class Scaling:
    """The contract's rows on one thread and on two; one huge plane is among them."""

    params = SCALED
    param_names = ("row",)
    timeout = 300

    def setup(self, name):
        """A run for each number of threads."""
        if processors() < 2:
            raise NotImplementedError("one processor")
        self.one, self.two = (libraries.of_cypool(rows.Case(rows.ROWS[name], threads))[0] for threads in (1, 2))
        self.one()
        self.two()

    def time_two(self, name):
        """Seconds on two threads."""
        self.two()

    def track_share(self, name):
        """The time on two threads over that on one: a half at best."""
        return measure.share(self.two, self.one, rest=measure.REST)

    track_share.unit = "times one thread's time"


class Grain:
    """Around the bytes moved from which a second thread is used (GRAIN in cypool/kernels/core.pyx, 128 KiB a thread).

    Below two grains both runs are the same; from there on two threads must not be slower, or the grain is too small.
    """

    params = ([64 * KIB, 128 * KIB, 192 * KIB, 256 * KIB, 384 * KIB, 512 * KIB, 1024 * KIB], [1, 2])
    param_names = ("bytes", "threads")

    def setup(self, nbytes, threads):
        """Planes of 32x32, k2: the result is a quarter of the input."""
        if processors() < threads:
            raise NotImplementedError("one processor")
        self.x = rows.random((nbytes // (32 * 32 * 5), 1, 32, 32))
        self.outs = [cypool.max_pool2d(self.x, 2) for _ in range(2)]

    def time_call(self, nbytes, threads):
        """Seconds of a call."""
        cypool.max_pool2d(self.x, 2, out=self.outs[0], num_threads=threads)

    def track_share(self, nbytes, threads):
        """The time over that on one thread."""
        return measure.share(
            lambda: self.time_call(nbytes, threads),
            lambda: cypool.max_pool2d(self.x, 2, out=self.outs[1], num_threads=1),
            rest=measure.REST,
        )

    track_share.unit = "times one thread's time"
