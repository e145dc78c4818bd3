"""What the benchmark classes over the contract's rows share.  Abstract until `params` is set: asv passes over these."""

import abc

from . import libraries, measure, rows


class Rows(abc.ABC):
    """A row's time, and its ratio to the copy of the same footprint in the same process; one thread."""

    param_names = ("row",)
    timeout = 300

    @property
    @abc.abstractmethod
    def params(self):
        """Names of rows."""

    def setup(self, name):
        """The row's arrays, touched; the first call, done."""
        self.case = rows.Case(rows.ROWS[name])
        self.run, _ = libraries.of_cypool(self.case)
        self.run()

    def time_call(self, name):
        """Seconds of a call."""
        self.run()

    def track_copy(self, name):
        """The call's time over the copy's."""
        return measure.ratio_to_copy(self.run, self.case.nbytes)

    track_copy.unit = "times the copy"


class Peers(abc.ABC):
    """A row's time over that in each installed peer, in the same process; one thread.  Less is better, as everywhere."""

    param_names = ("row", "peer")
    timeout = 300

    @property
    @abc.abstractmethod
    def params(self):
        """Names of rows, and of peers."""

    def setup(self, name, peer):
        """Both are ready; NotImplementedError, which asv skips, where the peer is not there or has not the row."""
        case = rows.Case(rows.ROWS[name])
        self.peer, _ = libraries.PEERS[peer](case)
        self.run, _ = libraries.of_cypool(case)
        self.peer()
        self.run()

    def track_share(self, name, peer):
        """cypool's time over the peer's."""
        return measure.share(self.run, self.peer)

    track_share.unit = "times the peer's time"
