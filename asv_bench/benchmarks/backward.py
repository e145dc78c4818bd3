"""Gradients: the contract's rows, and the gradient of the gradient."""

from . import libraries, rows, suite

CALLS = "backward of max", "backward of avg"


class Backward(suite.Rows):
    """Of max by given indices, and of avg."""

    params = rows.names(*CALLS)


class BackwardPeers(suite.Peers):
    """The same, beside each peer."""

    params = (rows.names(*CALLS), ["torch"])


class Derivatives:
    """Both derivatives as a layer without saved indices needs them: max searches once more."""

    params = (["max", "avg"], ["backward", "double_backward"])
    param_names = ("op", "derivative")

    def setup(self, op, derivative):
        """The stem's input, its result as a gradient, and what the call fills."""
        self.x = rows.random((1, 64, 112, 112))
        self.grad = rows.random((1, 64, 56, 56), seed=1)
        self.function = libraries.function(f"{op}_pool2d_{derivative}")
        leading = (self.grad,) if derivative == "backward" else (rows.random(self.x.shape, seed=2), self.grad)
        self.arguments = (*leading, self.x, 3, 2, 1)
        self.out = self.function(*self.arguments)

    def time_call(self, op, derivative):
        """Seconds of a call."""
        self.function(*self.arguments, out=self.out, num_threads=1)
