"""What the functions of region pooling share: the arrays of a call, their checks, results, and indices."""

from math import prod

import numpy as np

from cypool import boxes as region_boxes
from cypool import engine
from cypool import parameters as read
from cypool.arrays import PAIR_OF_INDICES, as_array, as_gradient, native, pair_of, result_array, storage_of
from cypool.geometry import LARGEST


class Call:
    """Arrays and regions of a call, channels first whatever the layout; it runs where x or one of `others` lies."""

    def __init__(
        self, x, boxes, output_size, data_format, num_threads, *, sensitive=False, shape_will_do=False, others=()
    ):
        self.device = engine.device_of(x, *others)
        self.xp = np if self.device is None else self.device.xp
        self.last = read.data_format_of(data_format) == "channels_last"
        self.threads = read.threads_of(num_threads)
        self.sensitive = sensitive
        if shape_will_do and isinstance(x, tuple) and all(isinstance(n, (int, np.integer)) for n in x):
            self.x, shape = None, tuple(read.integer(n, "x's shape", 0) for n in x)
            if prod(shape) > LARGEST // 8:
                raise ValueError(f"x's shape must not name more elements than memory can address, got {shape}")
        else:
            self.x = as_array(x, device=self.device)
            shape = self.x.shape
            if not storage_of(self.x.dtype).floating:
                raise TypeError(f"x must be floating (float16, bfloat16, float32 or float64), got {self.x.dtype}")
        if len(shape) != 4:
            raise ValueError(
                f"x must have four axes, {'(N, H, W, C)' if self.last else '(N, C, H, W)'}, got shape {shape}"
            )
        self.x_shape = shape
        n, c, h, w = self.first(shape)
        if h == 0 or w == 0:
            raise ValueError(f"x must have at least one cell along height and width, got {h} x {w}")
        self.bins = region_boxes.bins_of(output_size, 1 if sensitive else 0)
        if sensitive and c % (self.bins[0] * self.bins[1]):
            raise ValueError(
                f"x must have a multiple of {self.bins[0]} * {self.bins[1]} channels, one for each bin, got {c}"
            )
        self.boxes = region_boxes.read_boxes(boxes, n, self.device)
        channels = c // (self.bins[0] * self.bins[1]) if sensitive else c
        k = len(self.boxes.corners)
        self.shape = (k, *self.bins, channels) if self.last else (k, channels, *self.bins)
        self.regions = None

    def first(self, array):
        """An array's axes, or a shape, channels first."""
        if isinstance(array, tuple):
            return (array[0], array[3], array[1], array[2]) if self.last else array
        return array.transpose(0, 3, 1, 2) if self.last and array is not None else array

    def cells(self, spatial_scale, extra):
        self.regions = region_boxes.cell_regions(self.boxes, region_boxes.scale_of(spatial_scale), extra)
        return self

    def samples(self, spatial_scale, sampling_ratio, shift, at_least):
        ratio = region_boxes.ratio_of(sampling_ratio, self.bins)
        scale = region_boxes.scale_of(spatial_scale)
        self.regions = region_boxes.sample_regions(self.boxes, self.bins, scale, ratio, shift, at_least)
        return self

    def _inputs(self, *more):
        return [a for a in (self.x, *self.boxes.given, *more) if isinstance(a, self.xp.ndarray)]

    def forward(self, op, out, want_indices=False):
        """The result, or with indices the pair."""
        indices = None
        if want_indices:
            out, indices = pair_of(out, PAIR_OF_INDICES)
        out = result_array(self.shape, native(self.x.dtype), out, self._inputs(), xp=self.xp)
        if want_indices:
            indices = result_array(self.shape, np.dtype(np.int64), indices, self._inputs(out), "out[1]", self.xp)
        self._run(op, out, indices)
        return (out, indices) if want_indices else out

    def _run(self, op, out, indices):
        if self.device is not None:
            arrays = self.first(self.x), self.boxes, self.regions, self.first(out), self.first(indices)
            _there().forward(self.device, op, self.sensitive, *arrays)
            return
        # The kernels take int64 from aligned memory alone.
        places = indices if indices is None or indices.flags.aligned else np.empty(self.shape, np.int64)
        region_boxes.forward(
            op,
            self.sensitive,
            self.first(self.x),
            self.boxes,
            self.regions,
            self.first(out),
            self.first(places),
            self.threads,
        )
        if places is not indices:
            indices[...] = places

    def gradient(self, grad_output):
        gradient = as_gradient(grad_output, device=self.device)
        if gradient.shape != self.shape:
            raise ValueError(
                f"grad_output must have the shape of the forward's result {self.shape}, got {gradient.shape}"
            )
        return gradient

    def backward(self, op, grad_output, out, indices=None):
        """The gradient of x; `indices` as the forward of this op fills them."""
        gradient = self.gradient(grad_output)
        out = result_array(self.x_shape, native(gradient.dtype), out, self._inputs(gradient, indices), xp=self.xp)
        given = indices is not None
        if op != "mean" and not given:
            indices = self.winners(op)
        if self.device is not None:
            arrays = self.first(gradient), self.first(indices), self.first(out), self.boxes, self.regions
            _there().backward(self.device, op, self.sensitive, *arrays, given)
            return out
        region_boxes.backward(
            op,
            self.sensitive,
            self.first(gradient),
            self.first(indices),
            self.first(out),
            self.boxes,
            self.regions,
            self.threads,
        )
        return out

    def winners(self, op):
        """Where maxima lie, as the kernels number it."""
        indices = self.xp.empty(self.shape, np.int64)
        self._run(op, self.xp.empty(self.shape, native(self.x.dtype)), indices)
        return indices

    def positions(self, indices):
        """The caller's indices, checked: every one a cell of the plane, or -1."""
        indices = as_array(indices, "indices", self.device)
        if indices.dtype.kind not in "iu":
            raise TypeError(f"indices must be integers, got {indices.dtype}")
        if indices.shape != self.shape:
            raise ValueError(f"indices must have the shape of the forward's result {self.shape}, got {indices.shape}")
        _, _, h, w = self.first(self.x_shape)
        if indices.size and not (int(indices.min()) >= -1 and int(indices.max()) < h * w):
            wrong = indices[(indices < -1) | (indices >= h * w)][0]
            raise ValueError(f"indices must be positions in a plane of {h} x {w} cells, or -1, got {wrong}")
        return np.require(indices, np.int64, "A") if self.device is None else indices.astype(np.int64, copy=False)


def _there():
    """What computes on a device."""
    from cypool.cuda import regions

    return regions
