"""A door for ONNX: operator classes with which ``onnx.reference.ReferenceEvaluator`` pools by cypool.

`ops` is all of it.  A node's attributes are read by the schema of the model's own opset, so their defaults are those of
that version, and an attribute that came later is refused.  What the specification calls otherwise than PyTorch is
translated in `_Attributes`; the operators are the functions below it, one for each row of `_OPERATORS`.  onnx is an
optional dependency and is imported by `ops`, not with this module.
"""

import functools

import numpy as np

from cypool import unpool
from cypool.functional import avg_pool, global_avg_pool, global_max_pool, max_pool
from cypool.powers import global_lp_pool, lp_pool
from cypool.regions import roi_align, roi_pool

__all__ = ["ops"]

_PADDING = {"SAME_UPPER": "same", "SAME_LOWER": "same_lower", "VALID": "valid"}
_LAYOUTS = ("global", "global_column_major")  # by storage_order
_MODES = {"avg": "avg", "max": "onnx_max"}
_ALIGNED = {"half_pixel": True, "output_half_pixel": False}


class _Attributes:
    """A node's attributes, in cypool's terms."""

    def __init__(self, kind, x, given):
        self.kind, self.shape, self.given = kind, x.shape, given

    def get(self, name, default=None):
        """An attribute, or what its absence means."""
        value = self.given.get(name)
        return default if value is None else value

    def choice(self, name, choices, default):
        """What an attribute stands for, by a dict or a tuple of all it may be."""
        value = self.get(name, default)
        named = choices if isinstance(choices, dict) else dict(enumerate(choices))
        if value not in named:
            raise ValueError(f"{self.kind}'s {name} must be one of {tuple(named)}, got {value!r}")
        return named[value]

    def per_axis(self, name, default=1):
        """One integer for each spatial axis."""
        rank = len(self.shape) - 2
        values = self.get(name, None if default is None else (default,) * rank)
        if rank < 1:
            raise ValueError(f"{self.kind}'s X must have batch, channels and spatial axes, got shape {self.shape}")
        if values is None:
            raise ValueError(f"{self.kind}'s {name} must be given")
        if len(values) != rank:
            raise ValueError(f"{self.kind}'s {name} must have {rank} entries for X of shape {self.shape}, got {values}")
        return tuple(values)

    def pads(self):
        """Pairs from all begins, then all ends."""
        rank = len(self.shape) - 2
        pads = self.get("pads", (0,) * 2 * rank)
        if len(pads) != 2 * rank:
            raise ValueError(f"{self.kind}'s pads must have {2 * rank} entries for X of shape {self.shape}, got {pads}")
        return tuple(zip(pads[:rank], pads[rank:], strict=True))

    def padding(self):
        """A name, under which `pads` means nothing, or pairs."""
        if self.get("auto_pad", "NOTSET") == "NOTSET":
            return self.pads()
        return self.choice("auto_pad", _PADDING, "NOTSET")

    def windows(self):
        """Everything that windows are made of.  ONNX's stride is 1, not the window."""
        return {
            "kernel_size": self.per_axis("kernel_shape", None),
            "stride": self.per_axis("strides"),
            "padding": self.padding(),
            "dilation": self.per_axis("dilations"),
            "ceil_mode": self.choice("ceil_mode", (False, True), 0),
        }


# ---- the operators: inputs, attributes, and how many outputs the node wants --------------------------------------------


def _max_pool(x, *, of, wanted):
    layout = of.choice("storage_order", _LAYOUTS, 0)
    if wanted < 2:
        return max_pool(x, **of.windows())
    return max_pool(x, **of.windows(), return_indices=True, index_layout=layout)


def _average_pool(x, *, of, wanted):
    return avg_pool(x, **of.windows(), count_include_pad=of.choice("count_include_pad", (False, True), 0))


def _lp_pool(x, *, of, wanted):
    return lp_pool(x, of.get("p", 2), **of.windows())


def _global_max_pool(x, *, of, wanted):
    return global_max_pool(x)


def _global_average_pool(x, *, of, wanted):
    return global_avg_pool(x)


def _global_lp_pool(x, *, of, wanted):
    return global_lp_pool(x, of.get("p", 2))


def _max_unpool(x, indices, output_shape=None, *, of, wanted):
    kernel_size = of.per_axis("kernel_shape", None)
    rank = len(kernel_size)
    if rank > 3:
        raise ValueError(f"MaxUnpool's X must have one to three spatial axes, got shape {x.shape}")
    back = getattr(unpool, f"max_unpool{rank}d")
    y = back(x, indices, kernel_size, of.per_axis("strides"), of.pads(), index_layout="global")
    if output_shape is None:
        return y
    shape = tuple(np.asarray(output_shape).tolist())
    if len(shape) != y.ndim or shape[:2] != y.shape[:2] or any(m < n for m, n in zip(shape, y.shape, strict=True)):
        raise ValueError(f"MaxUnpool's output_shape must hold the inferred shape {y.shape}, got {shape}")
    larger = np.zeros(shape, y.dtype)  # the indices refer to the inferred shape
    larger[tuple(slice(n) for n in y.shape)] = y
    return larger


def _boxes(rois, batch=None):
    """Boxes as cypool takes them; ONNX has them in x's dtype, which may be a half."""
    rois = rois.astype(np.float64)
    if batch is None:
        return rois
    if batch.ndim != 1 or rois.ndim != 2 or len(batch) != len(rois):
        raise ValueError(f"batch_indices must have one entry for each of rois, got shapes {batch.shape}, {rois.shape}")
    return np.concatenate([batch[:, None], rois], axis=1)


def _max_roi_pool(x, rois, *, of, wanted):
    bins = of.get("pooled_shape")
    return roi_pool(x, _boxes(rois), tuple(bins), of.get("spatial_scale", 1.0))


def _roi_align(x, rois, batch_indices, *, of, wanted):
    return roi_align(
        x,
        _boxes(rois, batch_indices),
        (of.get("output_height", 1), of.get("output_width", 1)),
        of.get("spatial_scale", 1.0),
        of.get("sampling_ratio", 0),
        of.choice("coordinate_transformation_mode", _ALIGNED, "output_half_pixel"),  # all there was before opset 16
        mode=of.choice("mode", _MODES, "avg"),
    )


_OPERATORS = {
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "LpPool": _lp_pool,
    "GlobalMaxPool": _global_max_pool,
    "GlobalAveragePool": _global_average_pool,
    "GlobalLpPool": _global_lp_pool,
    "MaxUnpool": _max_unpool,
    "MaxRoiPool": _max_roi_pool,
    "RoiAlign": _roi_align,
}


# ---- classes for the evaluator -------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=1)
def _classes():
    try:
        from onnx import defs
        from onnx.reference.op_run import OpRun
    except ImportError as error:
        raise ImportError(f"cypool.onnx.ops needs the package onnx (pip install onnx): {error}") from error

    class Pooling(OpRun):
        """What the nine classes share: the schema of the model's opset, and the call."""

        op_domain = ""

        def __init__(self, onnx_node, run_params, schema=None):
            opsets, kind = run_params["opsets"], onnx_node.op_type
            opset = opsets.get("", opsets.get("ai.onnx", defs.onnx_opset_version()))
            schema = defs.get_schema(kind, opset, "")
            unknown = {attribute.name for attribute in onnx_node.attribute} - schema.attributes.keys()
            if unknown:
                raise ValueError(f"{kind} of opset {opset} has no attribute {', '.join(sorted(unknown))}")
            super().__init__(onnx_node, run_params, schema)

        def _run(self, x, *inputs, **attributes):
            run, wanted = _OPERATORS[self.onnx_node.op_type], len([name for name in self.output if name])
            result = run(x, *inputs, of=_Attributes(self.onnx_node.op_type, x, attributes), wanted=wanted)
            return result if isinstance(result, tuple) else (result,)

    return [type(name, (Pooling,), {"__doc__": f"ONNX's {name}, by cypool."}) for name in _OPERATORS]


def ops():
    """Operator classes for ``onnx.reference.ReferenceEvaluator``, to be passed as `new_ops`.

    Returns
    -------
    list of type
        Subclasses of ``onnx.reference.op_run.OpRun``: MaxPool, AveragePool, LpPool, GlobalMaxPool, GlobalAveragePool,
        GlobalLpPool, MaxUnpool, MaxRoiPool and RoiAlign.

    Raises
    ------
    ImportError
        The package onnx is not installed.

    Notes
    -----
    All opsets and all attributes of the nine operators; what cypool refuses, the node refuses.  Defaults are ONNX's: a
    stride of 1, averages that do not count padding, true norms, and RoiAlign's half_pixel since opset 16.  Indices count over the
    whole array, within a plane in column-major order if `storage_order` is 1.  In ceil mode no window starts in the padding
    after the input, in any opset.  MaxUnpool with an output_shape puts the planes that it infers at the start of larger ones.

    Source: ONNX operator specification; `onnx.reference`.

    Examples
    --------
    >>> import cypool.onnx
    >>> from onnx.reference import ReferenceEvaluator  # doctest: +SKIP
    >>> session = ReferenceEvaluator(model, new_ops=cypool.onnx.ops())  # doctest: +SKIP
    """
    return list(_classes())
