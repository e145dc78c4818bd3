"""Operators that are made of the kernels by algebra, or move indices: norms, unpooling, fractional windows,
segments, smooth maxima, spread, mixtures."""

import numpy as np

from . import libraries, measure, rows


class _Algebra:
    """A call with preallocated memory, and its ratio to a copy of what it reads and writes."""

    def time_call(self, *params):
        """Seconds of a call."""
        self.call()

    def track_copy(self, *params):
        """The call's time over the copy's."""
        return measure.ratio_to_copy(self.call, self.nbytes)

    track_copy.unit = "times the copy"


class Norms(_Algebra):
    """lp pooling k2 s2 of one batch, forward and back."""

    params = ([1, 2, 3, 2.5, float("inf")], ["float32", "float64"], ["forward", "backward"])
    param_names = ("p", "dtype", "direction")

    def setup(self, p, dtype, direction):
        """Positive cells, so that every order is defined."""
        pool, back = libraries.function("lp_pool2d"), libraries.function("lp_pool2d_backward")
        x = np.abs(rows.random((8, 64, 56, 56))).astype(dtype)
        y = pool(x, p, 2)
        grad, grad_x = y.copy(), x.copy()
        if direction == "forward":
            self.call = lambda: pool(x, p, 2, out=y, num_threads=1)
        else:
            self.call = lambda: back(grad, x, p, 2, out=grad_x, num_threads=1)
        self.nbytes = x.nbytes + y.nbytes


class SmallNorms:
    """A small call, which is what a call costs beyond its cells."""

    params = ("lp_pool2d", "rms_pool2d", "lse_pool2d", "soft_pool2d", "gem_pool2d")
    param_names = ("function",)

    def setup(self, function):
        """One small plane."""
        self.pool = libraries.function(function)
        self.arguments = (rows.random((1, 8, 8, 8)), *([2] if "lp" in function else []), 2)

    def time_small(self, function):
        """Seconds of a call."""
        self.pool(*self.arguments, num_threads=1)


class Arithmetic:
    """Operators that are arithmetic around a sum beside the average of the same windows: what the arithmetic costs."""

    params = (
        ["lse", "soft", "gem", "gem 2.87", "lp 2", "lp 3", "lp 1.5"],
        ["8x64x56x56 k2 s2", "2x64x112x112 k3 s2 p1", "2x256x28x28 k3 s1 p1"],
        ["float32", "float16"],
        ["forward", "backward"],
        [1, 2],
    )
    param_names = ("op", "windows", "dtype", "direction", "threads")

    def setup(self, op, windows, dtype, direction, threads):
        """Positive cells, as a rectifier leaves them; both calls, done."""
        shape, *window = windows.split()
        letters = {word[0]: int(word[1:]) for word in window}
        x = np.abs(rows.random(tuple(map(int, shape.split("x"))))).astype(dtype)
        self.runs = []
        for name in (op, "avg"):
            name, *order = name.split()
            lead = (float(order[0]),) if name == "lp" else ()
            own = {"p": float(order[0])} if name == "gem" and order else {"signed": False} if name == "lp" else {}
            p = {**own, "padding": letters.get("p", 0), "num_threads": threads}
            pool, back = (libraries.function(f"{name}_pool2d{suffix}") for suffix in ("", "_backward"))
            arguments = (*lead, letters["k"], letters["s"])
            y = pool(x, *arguments, **p)
            if direction == "forward":
                self.runs.append(lambda pool=pool, a=arguments, p=p, y=y: pool(x, *a, **p, out=y))
            else:
                grad, grad_x = y.copy(), x.copy()
                self.runs.append(lambda back=back, a=arguments, p=p, g=grad, o=grad_x: back(g, x, *a, **p, out=o))
        for run in self.runs:
            run()

    def time_call(self, *params):
        """Seconds of a call."""
        self.runs[0]()

    def track_average(self, *params):
        """The call's time over the average's."""
        return measure.share(*self.runs)

    track_average.unit = "times the average's time"


class Unpooling(_Algebra):
    """max_unpool2d k2 s2 of one batch, forward and back."""

    params = (["channels_first", "channels_last"], ["forward", "backward"])
    param_names = ("data_format", "direction")

    def setup(self, data_format, direction):
        """Values, where they stand, and planes."""
        put, take = libraries.function("max_unpool2d"), libraries.function("max_unpool2d_backward")
        shape = (8, 64, 56, 56) if data_format == "channels_first" else (8, 56, 56, 64)
        planes, p = rows.random(shape), {"data_format": data_format, "num_threads": 1}
        values, indices = libraries.function("max_pool2d")(planes, 2, return_indices=True, **p)
        if direction == "forward":
            self.call = lambda: put(values, indices, 2, out=planes, **p)
        else:
            self.call = lambda: take(planes, values.shape, indices, 2, out=values, **p)
        self.nbytes = planes.nbytes + values.nbytes + indices.nbytes


class Fractional(_Algebra):
    """Windows at random places: PyTorch's differ from plane to plane, TensorFlow's do not."""

    params = ("fractional_max_pool2d", "fractional_max_pool", "fractional_avg_pool")
    param_names = ("function",)

    def setup(self, function):
        """One batch; the places are drawn in the call."""
        pool, x = libraries.function(function), rows.random((8, 64, 56, 56))
        sizes = (2, 26) if function.endswith("2d") else (2.1,)
        out = pool(x, *sizes, rng=0)
        self.call = lambda: pool(x, *sizes, rng=0, out=out, num_threads=1)
        self.nbytes = x.nbytes + out.nbytes


class Segments(_Algebra):
    """Ragged rows of 0 to 99 vectors of 256."""

    params = ("sum", "mean", "max", "first", "lse")
    param_names = ("op",)

    def setup(self, op):
        """About 13 MB of vectors."""
        pool = libraries.function("segment_pool")
        lengths = np.random.default_rng(0).integers(0, 100, 256)
        x = rows.random((int(lengths.sum()), 256))
        out = pool(x, lengths, op)
        self.call = lambda: pool(x, lengths, op, out=out, num_threads=1)
        self.nbytes = x.nbytes + out.nbytes


class Importance(_Algebra):
    """Averages by importance k2 s2 of one batch, forward and back."""

    params = (["float32", "float64"], ["forward", "backward"])
    param_names = ("dtype", "direction")

    def setup(self, dtype, direction):
        """Cells and one plane of logits for all channels."""
        pool, back = libraries.function("lip_pool2d"), libraries.function("lip_pool2d_backward")
        x, logits = rows.random((8, 64, 56, 56)).astype(dtype), rows.random((8, 1, 56, 56)).astype(dtype)
        y = pool(x, logits, 2)
        grad, out = y.copy(), (x.copy(), logits.copy())
        if direction == "forward":
            self.call = lambda: pool(x, logits, 2, out=y, num_threads=1)
        else:
            self.call = lambda: back(grad, x, logits, 2, out=out, num_threads=1)
        self.nbytes = x.nbytes + y.nbytes


class Soft(_Algebra):
    """Smooth maxima and spread k2 s2 of one batch, forward and back."""

    params = (["lse", "soft", "gem", "range", "std"], ["float32", "float64"], ["forward", "backward"])
    param_names = ("op", "dtype", "direction")

    def setup(self, op, dtype, direction):
        """Cells in [0, 1)."""
        pool, back = libraries.function(f"{op}_pool2d"), libraries.function(f"{op}_pool2d_backward")
        x = rows.random((8, 64, 56, 56)).astype(dtype)
        y = pool(x, 2)
        grad, grad_x = y.copy(), x.copy()
        if direction == "forward":
            self.call = lambda: pool(x, 2, out=y, num_threads=1)
        else:
            self.call = lambda: back(grad, x, 2, out=grad_x, num_threads=1)
        self.nbytes = x.nbytes + y.nbytes


class Mixtures(_Algebra):
    """Maximum and average k2 s2 of one batch, in one proportion for each channel or by a gate, forward and back."""

    params = (["mixed", "gated"], ["float32", "float16"], ["forward", "backward"])
    param_names = ("op", "dtype", "direction")

    def setup(self, op, dtype, direction):
        """Cells in [0, 1)."""
        pool, back = libraries.function(f"{op}_pool2d"), libraries.function(f"{op}_pool2d_backward")
        x = rows.random((8, 64, 56, 56)).astype(dtype)
        given = [2] if op == "mixed" else [rows.random((64, 2, 2))]
        options = {"alpha": rows.random((64, 1, 1))} if op == "mixed" else {}
        y = pool(x, *given, **options)
        grad, grad_x = y.copy(), x.copy()
        if direction == "forward":
            self.call = lambda: pool(x, *given, **options, out=y, num_threads=1)
        else:
            out = grad_x if op == "mixed" else (grad_x, given[0].copy().astype(dtype))
            self.call = lambda: back(grad, x, *given, **options, out=out, num_threads=1)
        self.nbytes = x.nbytes + y.nbytes
