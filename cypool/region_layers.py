"""Layers of region pooling: torchvision's modules for arrays, forward and backward.

As the layers of `cypool.layers`, but called with boxes: ``layer(x, boxes)``.  In training mode a layer keeps the shape of
x, a copy of the boxes and, if it selects, where each bin's maximum lies.
"""

import numpy as np

from cypool import engine, regions
from cypool.arrays import as_array, on_gpu
from cypool.layers import Layer, stand_in

__all__ = ["PSRoIAlign", "PSRoIPool", "RoIAlign", "RoIPool"]


def _copied(boxes):
    """The boxes as they are now."""
    if isinstance(boxes, (list, tuple)):
        return [item.copy() if on_gpu(item) else np.array(item) for item in boxes]
    return as_array(boxes, "boxes", engine.device_of(boxes)).copy()


class _RegionLayer(Layer):
    def __call__(self, x, boxes):
        """Return `forward` of x and boxes."""
        return self.forward(x, boxes)

    def forward(self, x, boxes):
        """Pool the bins of boxes.

        Parameters
        ----------
        x : array_like, shape (N, C, H, W)
        boxes : array_like, shape (K, 5), or list of one (L, 4) array for each image

        Returns
        -------
        numpy.ndarray
        """
        x, boxes = as_array(x, device=engine.device_of(x)), _copied(boxes)
        return self._forward(x, boxes)


class _LinearRegionLayer(_RegionLayer):
    def _forward(self, x, boxes):
        result = getattr(regions, self._function)(x, boxes, **self._parameters)
        self._kept = (x.shape, boxes) if self.training else None
        return result

    def _backward(self, grad_output):
        return getattr(regions, self._function + "_backward")(grad_output, *self._kept, **self._parameters)


class RoIPool(_RegionLayer):
    """Layer of `cypool.roi_pool`: the maximum of each bin of boxes of whole cells.

    See `cypool.roi_pool` for the rule, shapes and errors.
    """

    def __init__(self, output_size, spatial_scale, *, data_format="channels_first"):
        super().__init__(output_size=output_size, spatial_scale=spatial_scale, data_format=data_format)

    def _forward(self, x, boxes):
        if not self.training:
            return regions.roi_pool(x, boxes, **self._parameters)
        values, indices = regions.roi_pool(x, boxes, **self._parameters, return_indices=True)
        self._kept = x.shape, boxes, indices
        return values

    def _backward(self, grad_output):
        shape, boxes, indices = self._kept
        x = stand_in(shape, grad_output)
        return regions.roi_pool_backward(grad_output, x, boxes, **self._parameters, indices=indices)


class RoIAlign(_LinearRegionLayer):
    """Layer of `cypool.roi_align`: the mean or the largest of interpolated samples in each bin of boxes.

    See `cypool.roi_align` for the rule, shapes and errors.
    """

    _function = "roi_align"

    def __init__(
        self, output_size, spatial_scale, sampling_ratio, aligned=False, *, mode="avg", data_format="channels_first"
    ):
        super().__init__(
            output_size=output_size,
            spatial_scale=spatial_scale,
            sampling_ratio=sampling_ratio,
            aligned=aligned,
            mode=mode,
            data_format=data_format,
        )

    def _forward(self, x, boxes):
        if self.mode == "avg" or not self.training:
            return super()._forward(x, boxes)
        call, op = regions.align_call(x, boxes, **self._parameters)
        values, winners = call.forward(op, None, want_indices=True)
        self._kept = x.shape, boxes, winners
        return values

    def _backward(self, grad_output):
        if self.mode == "avg":
            return super()._backward(grad_output)
        shape, boxes, winners = self._kept
        call, op = regions.align_call(stand_in(shape, grad_output), boxes, **self._parameters)
        return call.backward(op, grad_output, None, winners)


class PSRoIPool(_LinearRegionLayer):
    """Layer of `cypool.ps_roi_pool`: position-sensitive means of whole cells.

    See `cypool.ps_roi_pool` for the rule, shapes and errors.
    """

    _function = "ps_roi_pool"

    def __init__(self, output_size, spatial_scale, *, data_format="channels_first"):
        super().__init__(output_size=output_size, spatial_scale=spatial_scale, data_format=data_format)


class PSRoIAlign(_LinearRegionLayer):
    """Layer of `cypool.ps_roi_align`: position-sensitive means of interpolated samples.

    See `cypool.ps_roi_align` for the rule, shapes and errors.
    """

    _function = "ps_roi_align"

    def __init__(self, output_size, spatial_scale, sampling_ratio, *, data_format="channels_first"):
        super().__init__(
            output_size=output_size,
            spatial_scale=spatial_scale,
            sampling_ratio=sampling_ratio,
            data_format=data_format,
        )
