"""Pyramids: levels of means by factors of 2, as microscopy makes them of sections and volumes, and spatial pyramid pooling."""

import numpy as np

from . import libraries, measure, rows

SHAPES = {"section": (4096, 4096), "volume": (256, 256, 256)}
CASES = ["section, 1 level", "section, 4 levels", "volume, 1 level", "volume, 3 levels"]
DTYPES = ["uint8", "uint16", "float32", "float64"]
PEERS = ["tinybrain", "scikit-image", "OpenCV"]


def parts(case):
    """The array's shape and the number of levels."""
    kind, words = case.split(", ")
    return SHAPES[kind], int(words.split()[0])


class Pyramids:
    """Means, maxima and minima."""

    params = (["mean", "max", "min", "stride"], CASES, DTYPES)
    param_names = ("op", "case", "dtype")
    timeout = 300

    def setup(self, op, case, dtype):
        """The array, touched, and the first call, done."""
        shape, self.levels = parts(case)
        self.x, self.factor = rows.random(shape, np.dtype(dtype)), (2,) * len(shape)
        self.pyramid = libraries.function("pyramid")
        self.nbytes = self.x.nbytes + sum(y.nbytes for y in self.run(op))

    def run(self, op):
        """All levels."""
        return self.pyramid(self.x, self.factor, self.levels, op, num_threads=1)

    def time_call(self, op, case, dtype):
        """Seconds of a call."""
        self.run(op)

    def track_copy(self, op, case, dtype):
        """The call's time over the copy's."""
        return measure.ratio_to_copy(lambda: self.run(op), self.nbytes)

    track_copy.unit = "times the copy"


class PyramidsPeers:
    """Means beside those of others, which make every level of the one below; scikit-image's are float64."""

    params = (CASES, DTYPES, PEERS)
    param_names = ("case", "dtype", "peer")
    timeout = 300

    def setup(self, case, dtype, peer):
        """Both are ready; tinybrain wants Fortran order, so it gets the transposed array."""
        shape, levels = parts(case)
        x, factor = rows.random(shape, np.dtype(dtype)), (2,) * len(shape)
        pyramid = libraries.function("pyramid")
        self.run = lambda: pyramid(x, factor, levels, num_threads=1)
        if peer == "tinybrain":
            tinybrain = libraries.need("tinybrain")
            self.peer = lambda: tinybrain.downsample_with_averaging(x.T, factor, levels)
        elif peer == "scikit-image":
            transform = libraries.need("skimage.transform")
            self.peer = lambda: self.cascade(lambda y: transform.downscale_local_mean(y, factor), x, levels)
        else:
            libraries.only(len(shape) == 2, "images only")
            cv2 = libraries.need("cv2")
            cv2.setNumThreads(1)
            half = {"fx": 0.5, "fy": 0.5, "interpolation": cv2.INTER_AREA}
            self.peer = lambda: self.cascade(lambda y: cv2.resize(y, None, **half), x, levels)
        self.peer()
        self.run()

    @staticmethod
    def cascade(halve, x, levels):
        """Every level of the one below."""
        results = [halve(x)]
        while len(results) < levels:
            results.append(halve(results[-1]))
        return results

    def track_share(self, case, dtype, peer):
        """cypool's time over the peer's."""
        return measure.share(self.run, self.peer)

    track_share.unit = "times the peer's time"


def modes(factor, levels, dtype):
    """Regions with labels of their own, some 30 cells wide, and the call that makes their modes."""
    pyramid = libraries.function("pyramid")
    where = np.ix_(*(np.arange(n) // 29 + 2 for n in SHAPES["volume"]))
    x = (where[0] * 7919 + where[1] * 104729 + where[2] * 31).astype(dtype)
    factor = tuple(map(int, factor.split("x")))
    return x, factor, lambda: pyramid(x, factor, levels, "mode", num_threads=1)


class Modes:
    """Majorities of labels."""

    params = (["1x2x2", "2x2x2"], [1, 3], ["uint8", "uint32", "uint64"])
    param_names = ("factor", "levels", "dtype")
    timeout = 300

    def setup(self, factor, levels, dtype):
        """The array, touched, and the first call, done."""
        x, _, self.run = modes(factor, levels, dtype)
        self.nbytes = x.nbytes + sum(y.nbytes for y in self.run())

    def time_call(self, factor, levels, dtype):
        """Seconds of a call."""
        self.run()

    def track_copy(self, factor, levels, dtype):
        """The call's time over the copy's."""
        return measure.ratio_to_copy(self.run, self.nbytes)

    track_copy.unit = "times the copy"


class ModesPeer:
    """The same beside tinybrain's, whose levels are modes of modes."""

    params = Modes.params
    param_names = Modes.param_names
    timeout = 300

    def setup(self, factor, levels, dtype):
        """Both are ready."""
        tinybrain = libraries.need("tinybrain")
        x, factor, self.run = modes(factor, levels, dtype)
        self.peer = lambda: tinybrain.downsample_segmentation(x.T, factor[::-1], num_mips=levels)
        self.peer()
        self.run()

    def track_share(self, factor, levels, dtype):
        """cypool's time over the peer's."""
        return measure.share(self.run, self.peer)

    track_share.unit = "times the peer's time"


class SpatialPyramid:
    """The vector of a detector's features: bins of 6, 3, 2 and 1, which divide each other, or of 5 to 1, which do not."""

    params = (["max", "mean"], ["6 3 2 1", "5 4 3 2 1"])
    param_names = ("op", "levels")

    def setup(self, op, levels):
        """Features, touched."""
        self.pool = libraries.function("spatial_pyramid_pool")
        self.x, self.levels = rows.random((8, 256, 40, 56), np.dtype("float32")), tuple(map(int, levels.split()))
        self.nbytes = self.x.nbytes + self.pool(self.x, self.levels, op).nbytes

    def time_call(self, op, levels):
        """Seconds of a call."""
        self.pool(self.x, self.levels, op, num_threads=1)

    def track_copy(self, op, levels):
        """The call's time over the copy's."""
        return measure.ratio_to_copy(lambda: self.time_call(op, levels), self.nbytes)

    track_copy.unit = "times the copy"
