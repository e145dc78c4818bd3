"""Segments and sequences where CuPy's arrays lie: what `cypool.segments` makes itself, by the kernels of ``segments.cu``."""

import numpy as np

from cypool import segments
from cypool.cuda.windows import bits_of, name_of, pointer

_EMPTY = {"lse": -np.inf, "sqrtn": 0.0}


class Call(segments._Call):
    """As that of the host, one walk over a window for each thread and no array of x's size but that of a weights' gradient."""

    def _weight(self):
        return "float" if self.weights is None else name_of(self.weights.dtype)

    def into(self, out, empty, root=None):
        """As on the host; sqrtn's root of the sum of squares too, if asked for."""
        nothing = bits_of(np.asarray(_EMPTY[self.op] if empty is None else empty, out.dtype))
        x, valid, weights = self.x, self.valid, self.weights
        types, arguments = [name_of(x.dtype), name_of(out.dtype)], (x, pointer(valid), out, nothing)
        if self.op == "sqrtn":
            types.append(self._weight())
            arguments = (x, pointer(valid), pointer(weights), out, pointer(root), nothing)
        self.windows._run(f"cypool_segment_{self.op}", x, out, root, valid, weights, types=types, arguments=arguments)

    def gradients_into(self, gradient, out):
        """As on the host."""
        xp, run = self.xp, self.windows._run
        value = xp.empty(self.windows.out_shape, np.float64)
        x, valid, weights = self.x, self.valid, self.weights
        if self.op == "lse":
            self.into(value, None)
            gradient = xp.ascontiguousarray(gradient)  # its elements lie as the values do
            arguments = (gradient, value, x, pointer(valid), out)
            types = (name_of(x.dtype), name_of(gradient.dtype))
            run("cypool_segment_lse_gradient", value, out, x, valid, transposed=True, types=types, arguments=arguments)
            return None
        root = xp.empty(value.shape, np.float64)
        self.into(value, None, root)
        sent = xp.ascontiguousarray(gradient.astype(np.float64) / root)
        arguments, types = (sent, pointer(valid), pointer(weights), out), (name_of(out.dtype), self._weight())
        run("cypool_received_valid", sent, out, None, valid, weights, transposed=True, types=types, arguments=arguments)
        if weights is None:
            return None
        by_weights = xp.empty(x.shape, np.float64)
        arguments = (sent, value / root, x, pointer(valid), weights, by_weights)
        types = (name_of(x.dtype), self._weight())
        kernel = "cypool_segment_sqrtn_weights"
        run(kernel, sent, by_weights, x, valid, weights, transposed=True, types=types, arguments=arguments)
        return by_weights
