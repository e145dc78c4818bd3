"""Region pooling: bins of boxes, as detectors pool the features of their proposals; forward and backward.

Names, parameters and their order are torchvision's; what goes beyond is keyword-only.  `region_calls` knows the arrays of
a call and `boxes` its boxes, the kernels are in ``kernels/regions.pyx``, and the slow form of the same rules is
`cypool.reference_regions`.
"""

from cypool import parameters as _read
from cypool.region_calls import Call

__all__ = [
    "ps_roi_align",
    "ps_roi_align_backward",
    "ps_roi_pool",
    "ps_roi_pool_backward",
    "roi_align",
    "roi_align_backward",
    "roi_pool",
    "roi_pool_backward",
]

MODES = ("avg", "max", "onnx_max")
_OPS = {"avg": "mean", "max": "max", "onnx_max": "onnx_max"}

_DESCRIBED = {
    "x": """x : array_like, shape (N, C, H, W)
        float16, bfloat16, float32 or float64, with any strides; (N, H, W, C) with data_format="channels_last".""",
    "x_or_shape": """x : array_like or tuple of int
        The forward's input, or its shape: the gradient depends on no more.""",
    "boxes": """boxes : array_like, shape (K, 5), or list of one (L, 4) array for each image
        float32 or float64: batch index, x1, y1, x2, y2 (in the list without the index), in units of
        ``1 / spatial_scale`` cells.""",
    "output_size": """output_size : int or sequence of int
        Bins along height and width.""",
    "spatial_scale": """spatial_scale : float
        What coordinates are multiplied by: 1/16 for features that are 16 times smaller than the boxes' image.""",
    "sampling_ratio": """sampling_ratio : int
        Sample points along each axis of a bin, at most 1024; 0 or less: ``ceil(box / output_size)``.""",
    "options": """data_format : "channels_first" or "channels_last"
        Where the channel axis of x and of the result is; neither is copied.
    out : numpy.ndarray or None
        Where to write the result; exactly its dtype and shape, and no memory shared with an input.
    num_threads : int or None
        Threads for this call at most; None for the current setting.""",
    "grad_output": """grad_output : array_like
        Floating, of the shape of the forward's result.""",
    "returns_gradient": """numpy.ndarray
        The gradient of x, in the dtype of grad_output.""",
    "raises": """TypeError
        A parameter of a wrong type or dtype.
    ValueError
        A wrong shape or value: a box that is not finite, belongs to no image, or lies beyond 2**30 cells.""",
}


def _documented(function):
    """Fill the descriptions that several functions share into a docstring."""
    for name, text in _DESCRIBED.items():
        function.__doc__ = function.__doc__.replace(f"<{name}>", text)
    return function


# ---- the operators ---------------------------------------------------------------------------------------------------


@_documented
def roi_pool(
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    *,
    return_indices=False,
    data_format="channels_first",
    out=None,
    num_threads=None,
):
    """Maximum of each bin of boxes of whole cells (Fast R-CNN).

    Parameters
    ----------
    <x>
    <boxes>
    <output_size>
    <spatial_scale>
    return_indices : bool
        Return the position of each bin's maximum too.
    <options>

    Returns
    -------
    numpy.ndarray, shape (K, C, bins, bins)
        Of x's dtype; (K, bins, bins, C) with data_format="channels_last".
    indices : numpy.ndarray of int64
        With `return_indices`: flat positions in the plane of H x W cells, -1 for an empty bin.

    Raises
    ------
    <raises>

    Notes
    -----
    Scaled corners are rounded to the nearest cell, halves away from zero, and both belong to the box: it is
    ``max(x2 - x1 + 1, 1)`` cells wide.  Of n cells, bin i of m holds those from ``floor(i n / m)`` up to, not including,
    ``ceil((i + 1) n / m)``, as far as they lie in the image; an empty bin is 0.  The first of equal cells in row-major
    order has the index; NaN wins over every number, and of several the last.

    Source: R. Girshick, "Fast R-CNN", ICCV 2015; torchvision, ``ops.roi_pool``.

    Examples
    --------
    >>> import numpy as np
    >>> import cypool
    >>> x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    >>> values, indices = cypool.roi_pool(x, [[0, 0, 0, 2, 3]], 2, return_indices=True)
    >>> print(values[0, 0])
    [[ 5.  6.]
     [13. 14.]]
    >>> print(indices[0, 0])
    [[ 5  6]
     [13 14]]
    """
    call = Call(x, boxes, output_size, data_format, num_threads).cells(spatial_scale, 1)
    return call.forward("cells", out, _read.boolean(return_indices, "return_indices"))


@_documented
def roi_pool_backward(
    grad_output,
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    *,
    return_indices=False,
    data_format="channels_first",
    out=None,
    num_threads=None,
    indices=None,
):
    """Gradient of x for `roi_pool`: each cell's sum over the bins whose maximum it is.

    Parameters
    ----------
    <grad_output>
    <x>
    <boxes>
    <output_size>
    <spatial_scale>
    return_indices : bool
        Accepted, so that the forward's arguments fit, and ignored.
    <options>
    indices : array_like of int or None
        What the forward returned; -1 stands for an empty bin.  Spares the search: then only the shape of x matters.

    Returns
    -------
    <returns_gradient>

    Raises
    ------
    <raises>

    Examples
    --------
    >>> import numpy as np
    >>> import cypool
    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> print(cypool.roi_pool_backward(np.ones((1, 1, 1, 1)), x, [[0, 0, 0, 1, 1]], 1)[0, 0])
    [[0. 0. 0.]
     [0. 1. 0.]
     [0. 0. 0.]]
    """
    _read.boolean(return_indices, "return_indices")
    call = Call(x, boxes, output_size, data_format, num_threads, others=(grad_output, indices))
    call.cells(spatial_scale, 1)
    return call.backward("cells", grad_output, out, None if indices is None else call.positions(indices))


def align_call(
    x,
    boxes,
    output_size,
    spatial_scale,
    sampling_ratio,
    aligned,
    mode,
    data_format="channels_first",
    num_threads=None,
    gradient=None,
):
    """The call of roi_align, or of its gradient, for which the mean's x may be its shape; and what the kernels name its mode."""
    mode = _read.choice(mode, "mode", MODES)
    aligned = _read.boolean(aligned, "aligned")
    more = {"shape_will_do": gradient is not None and mode == "avg", "others": (gradient,)}
    call = Call(x, boxes, output_size, data_format, num_threads, **more)
    call.samples(spatial_scale, sampling_ratio, 0.5 if aligned else 0.0, None if aligned else 1.0)
    return call, _OPS[mode]


@_documented
def roi_align(
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    sampling_ratio=-1,
    aligned=False,
    *,
    mode="avg",
    data_format="channels_first",
    out=None,
    num_threads=None,
):
    """Mean or maximum of interpolated samples in each bin of boxes (Mask R-CNN).

    Parameters
    ----------
    <x>
    <boxes>
    <output_size>
    <spatial_scale>
    <sampling_ratio>
    aligned : bool
        Whether coordinates are shifted by half a cell, so that cell i has its centre at i + 0.5.  Without, boxes have
        at least the extent 1.
    mode : "avg", "max" or "onnx_max"
        The mean of the samples, the largest of them, or ONNX's maximum, which is that of their weighted corners.
    <options>

    Returns
    -------
    numpy.ndarray, shape (K, C, bins, bins)
        Of x's dtype; (K, bins, bins, C) with data_format="channels_last".

    Raises
    ------
    <raises>

    Notes
    -----
    A bin of size b has g points along an axis, at ``(i + 0.5) b / g`` from its start, interpolated bilinearly between the
    cells' values, which stand at integer coordinates.  A point below -1 or above H (or W) has the value 0; others are
    moved into ``[0, H - 1]``.  The mean divides by ``max(g_y * g_x, 1)``; a bin without points, and so a box of negative
    extent under `aligned`, is 0.  Cells of weight 0 take no part.  Coordinates are float64 whatever the dtypes.
    float32 and halves add up in float32 if no bin of the box has more than 64 cells, else in float64.

    Source: K. He et al., "Mask R-CNN", ICCV 2017; torchvision, ``ops.roi_align``; ONNX operator specification, RoiAlign.

    Examples
    --------
    >>> import numpy as np
    >>> import cypool
    >>> x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    >>> print(cypool.roi_align(x, [[0, 0.5, 0.5, 3.5, 3.5]], 3, aligned=True)[0, 0])
    [[ 2.5  3.5  4.5]
     [ 6.5  7.5  8.5]
     [10.5 11.5 12.5]]
    """
    call, op = align_call(x, boxes, output_size, spatial_scale, sampling_ratio, aligned, mode, data_format, num_threads)
    return call.forward(op, out)


@_documented
def roi_align_backward(
    grad_output,
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    sampling_ratio=-1,
    aligned=False,
    *,
    mode="avg",
    data_format="channels_first",
    out=None,
    num_threads=None,
):
    """Gradient of x for `roi_align`.

    Parameters
    ----------
    <grad_output>
    x : array_like or tuple of int
        The forward's input, or, for mode "avg", its shape: that gradient depends on no more.
    <boxes>
    <output_size>
    <spatial_scale>
    <sampling_ratio>
    aligned, mode
        As in the forward.
    <options>

    Returns
    -------
    <returns_gradient>

    Raises
    ------
    <raises>

    Notes
    -----
    A mean gives each cell its weight's share.  A maximum gives all to the cells of its sample (of "onnx_max", to its
    corner); of equal samples the first in row-major order has it, and of NaNs the last.  Cells add up in float64.

    Examples
    --------
    >>> import numpy as np
    >>> import cypool
    >>> print(cypool.roi_align_backward(np.ones((1, 1, 1, 1)), (1, 1, 2, 3), [[0, 0.5, 0, 1.5, 1]], 1)[0, 0])
    [[0.   0.5  0.  ]
     [0.   0.5  0.  ]]
    """
    call, op = align_call(
        x, boxes, output_size, spatial_scale, sampling_ratio, aligned, mode, data_format, num_threads, grad_output
    )
    return call.backward(op, grad_output, out)


def _ps(x, boxes, output_size, data_format, num_threads, gradient=None):
    """A position-sensitive call, or that of its gradient, for which x may be its shape."""
    more = {"sensitive": True, "shape_will_do": gradient is not None, "others": (gradient,)}
    return Call(x, boxes, output_size, data_format, num_threads, **more)


@_documented
def ps_roi_pool(x, boxes, output_size, spatial_scale=1.0, *, data_format="channels_first", out=None, num_threads=None):
    """Position-sensitive mean: each bin of a box has channels of its own (R-FCN).

    Parameters
    ----------
    <x>
    <boxes>
    <output_size>
    <spatial_scale>
    <options>

    Returns
    -------
    numpy.ndarray, shape (K, C / (bins * bins), bins, bins)
        Of x's dtype; (K, bins, bins, C / (bins * bins)) with data_format="channels_last".

    Raises
    ------
    <raises>

    Notes
    -----
    Channel c of bin (i, j) of m x n bins is the mean of channel ``(c m + i) n + j`` of x over the cells of the bin.  Corners
    are rounded as in `roi_pool`, but the last belongs to the box no more: it is ``max(x2 - x1, 1)`` cells wide.  An empty
    bin is 0.  (torchvision's forward leaves out the last row and the last column of the image, which its own backward
    serves; here both use them.)

    Source: J. Dai et al., "R-FCN: object detection via region-based fully convolutional networks", NIPS 2016; torchvision,
    ``ops.ps_roi_pool``.

    Examples
    --------
    >>> import numpy as np
    >>> import cypool
    >>> x = np.arange(16, dtype=np.float32).reshape(1, 4, 2, 2)
    >>> print(cypool.ps_roi_pool(x, [[0, 0, 0, 2, 2]], 2))
    [[[[ 0.  5.]
       [10. 15.]]]]
    """
    call = _ps(x, boxes, output_size, data_format, num_threads).cells(spatial_scale, 0)
    return call.forward("mean", out)


@_documented
def ps_roi_pool_backward(
    grad_output,
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    *,
    data_format="channels_first",
    out=None,
    num_threads=None,
):
    """Gradient of x for `ps_roi_pool`.

    Parameters
    ----------
    <grad_output>
    <x_or_shape>
    <boxes>
    <output_size>
    <spatial_scale>
    <options>

    Returns
    -------
    <returns_gradient>

    Raises
    ------
    <raises>

    Examples
    --------
    >>> import numpy as np
    >>> import cypool
    >>> print(cypool.ps_roi_pool_backward(np.ones((1, 1, 1, 1)), (1, 1, 2, 3), [[0, 0, 0, 2, 2]], 1)[0, 0])
    [[0.25 0.25 0.  ]
     [0.25 0.25 0.  ]]
    """
    call = _ps(x, boxes, output_size, data_format, num_threads, grad_output).cells(spatial_scale, 0)
    return call.backward("mean", grad_output, out)


@_documented
def ps_roi_align(
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    sampling_ratio=-1,
    *,
    data_format="channels_first",
    out=None,
    num_threads=None,
):
    """Position-sensitive mean of interpolated samples: each bin of a box has channels of its own (Light-Head R-CNN).

    Parameters
    ----------
    <x>
    <boxes>
    <output_size>
    <spatial_scale>
    <sampling_ratio>
    <options>

    Returns
    -------
    numpy.ndarray, shape (K, C / (bins * bins), bins, bins)
        Of x's dtype; (K, bins, bins, C / (bins * bins)) with data_format="channels_last".

    Raises
    ------
    <raises>

    Notes
    -----
    Channel c of bin (i, j) of m x n bins is taken from channel ``(c m + i) n + j`` of x, by the rule of
    ``roi_align(aligned=True)``.

    Source: Z. Li et al., "Light-Head R-CNN: in defense of two-stage object detector", 2017; torchvision,
    ``ops.ps_roi_align``.

    Examples
    --------
    >>> import numpy as np
    >>> import cypool
    >>> x = np.arange(16, dtype=np.float32).reshape(1, 4, 2, 2)
    >>> print(cypool.ps_roi_align(x, [[0, 0, 0, 2, 2]], 2))
    [[[[ 0.  5.]
       [10. 15.]]]]
    """
    call = _ps(x, boxes, output_size, data_format, num_threads).samples(spatial_scale, sampling_ratio, 0.5, None)
    return call.forward("mean", out)


@_documented
def ps_roi_align_backward(
    grad_output,
    x,
    boxes,
    output_size,
    spatial_scale=1.0,
    sampling_ratio=-1,
    *,
    data_format="channels_first",
    out=None,
    num_threads=None,
):
    """Gradient of x for `ps_roi_align`.

    Parameters
    ----------
    <grad_output>
    <x_or_shape>
    <boxes>
    <output_size>
    <spatial_scale>
    <sampling_ratio>
    <options>

    Returns
    -------
    <returns_gradient>

    Raises
    ------
    <raises>

    Examples
    --------
    >>> import numpy as np
    >>> import cypool
    >>> print(cypool.ps_roi_align_backward(np.ones((1, 1, 1, 1)), (1, 1, 2, 3), [[0, 0, 0, 2, 2]], 1)[0, 0])
    [[0.25 0.25 0.  ]
     [0.25 0.25 0.  ]]
    """
    call = _ps(x, boxes, output_size, data_format, num_threads, grad_output)
    return call.samples(spatial_scale, sampling_ratio, 0.5, None).backward("mean", grad_output, out)
