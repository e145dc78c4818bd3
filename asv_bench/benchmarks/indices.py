"""Selections with the places of what was selected."""

import cypool

from . import rows, suite


class Indices(suite.Rows):
    """Flat in the plane, int64, as PyTorch's."""

    params = rows.names("max with indices")


class IndicesPeers(suite.Peers):
    """The same, beside each peer."""

    params = (rows.names("max with indices"), ["torch", "onnxruntime"])


class IndexLayouts:
    """Every way to write an index, forward and back."""

    params = ("plane", "global", "global_column_major", "channels_last", "window")
    param_names = ("index_layout",)

    def setup(self, index_layout):
        """One batch of the stem."""
        self.x = rows.random((1, 64, 112, 112))
        self.options = {"index_layout": index_layout, "num_threads": 1}
        self.out = cypool.max_pool2d(self.x, 3, 2, 1, return_indices=True, **self.options)
        self.grad, self.indices = (array.copy() for array in self.out)
        self.grad_x = self.x.copy()

    def time_forward(self, index_layout):
        """Seconds of the forward call."""
        cypool.max_pool2d(self.x, 3, 2, 1, return_indices=True, out=self.out, **self.options)

    def time_backward(self, index_layout):
        """Seconds of the gradient by these indices."""
        cypool.max_pool2d_backward(self.grad, self.x, 3, 2, 1, indices=self.indices, out=self.grad_x, **self.options)
