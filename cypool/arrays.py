"""What an array argument may be: dtypes, inputs, results and their overlap.

Everything enters through `as_array` and `as_gradient` and leaves through `result_array`; the kernels behind see storage
codes and buffers only.  The dtype table is the one place that names dtypes: a dtype is added by adding a row.
"""

import sys
from typing import NamedTuple

import numpy as np

from cypool.kernels.core import CODES


class Storage(NamedTuple):
    """One row of the dtype table."""

    name: str
    code: int
    view: type | None
    """What the kernels see where the dtype itself exports no buffer that they can name."""
    sum_dtype: np.dtype
    floating: bool


def _rows():
    for name in ("bool", "int8", "int16", "int32", "int64"):
        yield np.dtype(name), Storage(name, CODES[name], None, np.dtype(np.int64), False)
    for name in ("uint8", "uint16", "uint32", "uint64"):
        yield np.dtype(name), Storage(name, CODES[name], None, np.dtype(np.uint64), False)
    for name in ("float16", "float32", "float64"):
        yield np.dtype(name), Storage(name, CODES[name], None, np.dtype(name), True)


STORAGE = dict(_rows())
SUPPORTED = "bool, int8 to int64, uint8 to uint64, float16, bfloat16 (from ml_dtypes), float32, float64"


ON_A_GPU = (
    "max", "min", "avg", "sum", "mixed", "gated", "blur", "spatial_pyramid", "median", "quantile", "topk", "mode", "morphological",
    "fractional", "roi", "ps_roi", "segment", "sequence", "lp", "rms", "lse", "soft", "gem", "lip", "range", "std", "stochastic",
)  # fmt: skip
"""Operators that take CuPy's arrays, forward and backward."""


def storage_of(dtype, name="x"):
    """The dtype's row of the table.

    Raises
    ------
    TypeError
        The dtype is not supported; the message lists those that are.
    """
    row = STORAGE.get(dtype)
    if row is not None:
        return row
    native = dtype.newbyteorder("=")
    row = STORAGE.get(native)
    if row is None and dtype.name == "bfloat16" and dtype.itemsize == 2:
        # ml_dtypes is optional: whoever owns such an array has imported it, so its row is learnt from the array.
        row = STORAGE[dtype] = Storage("bfloat16", CODES["bfloat16"], np.uint16, dtype, True)
    if row is None:
        raise TypeError(f"{name} must have one of the dtypes {SUPPORTED}, got {dtype}")
    return row


def native(dtype):
    """The dtype in the machine's byte order: the very object if it is, by which calls that were made before are known."""
    return dtype if dtype.isnative else dtype.newbyteorder("=")


def type_name(x):
    """The type as its users name it: numpy.ndarray, cupy.ndarray, tuple."""
    return f"{type(x).__module__}.{type(x).__name__}".removeprefix("builtins.")


def on_gpu(x):
    """Whether x is a CuPy array or a CUDA tensor of torch, without importing either: whoever owns one has done so."""
    return str(type(x).__module__).partition(".")[0] == "cupy" or getattr(x, "is_cuda", False) is True


def fetched(array):
    """An array of a GPU in the host's memory, once it has been computed."""
    return array.get() if on_gpu(array) else array


def as_array(x, name="x", device=None):
    """Any array-like as a NumPy array, without a copy where that is possible; as an array of a GPU if its `device` is given.

    Parameters
    ----------
    x : array_like
        An array, a nested sequence, or an object that speaks DLPack, the buffer protocol or ``__array__``.
    name : str
        The parameter, for messages.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    TypeError
        A masked array, a tensor that requires a gradient or lies on another device, or an unsupported dtype.
    """
    if device is not None:
        array = device.as_array(x, name)
    elif type(x) is np.ndarray:
        array = x
    elif on_gpu(x):
        raise TypeError(
            f"{name} must lie in the host's memory, got an array on a GPU, where {', '.join(ON_A_GPU)} pooling, "
            "unpooling and pyramids run, if all arrays of the call lie there: pass cupy.asnumpy of it"
        )
    elif is_masked(x):
        raise TypeError(f"{name} must not be a masked array: pass {name}.data and mask=~{name}.mask")
    elif isinstance(x, np.ndarray):
        array = np.asarray(x)
    elif getattr(x, "requires_grad", False) is True:
        raise TypeError(f"{name} must not require a gradient, which NumPy cannot record: pass {name}.detach()")
    else:
        # DLPack comes last: what speaks a protocol of NumPy's own knows best what its elements mean.
        only_dlpack = hasattr(x, "__dlpack__") and not hasattr(x, "__array__") and not hasattr(x, "__array_interface__")
        try:
            array = np.from_dlpack(x) if only_dlpack else np.asarray(x)
        except (BufferError, RuntimeError, TypeError) as error:
            raise TypeError(f"{name} of type {type(x).__name__} cannot be read as a NumPy array: {error}") from error
        except ValueError as error:
            raise ValueError(f"{name} cannot be made an array: {error}") from error
    storage_of(array.dtype, name)
    return array


def is_masked(x):
    """Whether x is a MaskedArray, without importing numpy.ma: whoever owns one has imported it."""
    module = sys.modules.get("numpy.ma")
    return module is not None and isinstance(x, module.MaskedArray)


def as_gradient(x, name="grad_output", device=None):
    """`as_array` for gradients, which are floating."""
    array = as_array(x, name, device)
    if not storage_of(array.dtype).floating:
        raise TypeError(f"{name} must be floating (float16, bfloat16, float32 or float64), got {array.dtype}")
    return array


def buffer_of(array):
    """The array as the kernels take it (bfloat16 exports no buffer of its own) and whether its bytes are swapped."""
    row = storage_of(array.dtype)
    if row.view is not None:
        return array.view(row.view), False
    return array, not array.dtype.isnative


def entered(array, order=None):
    """An array as kernels take it that look at strides themselves: with its axes in this order, its dtype's code, swapped."""
    view, swapped = buffer_of(array)
    return view if order is None else view.transpose(order), storage_of(array.dtype).code, swapped


def _overlaps_itself(array):
    """Whether two elements may share memory: told from the strides, on the safe side."""
    if array.size == 0:
        return False
    reach = array.itemsize
    for stride, extent in sorted((abs(s), n) for s, n in zip(array.strides, array.shape, strict=True) if n > 1):
        if stride < reach:
            return True
        reach = stride * (extent - 1) + reach
    return False


def result_array(shape, dtype, out, inputs, name="out", xp=np):
    """A new array, or `out` once it has been checked.

    Parameters
    ----------
    shape : tuple of int
    dtype : numpy.dtype
    out : numpy.ndarray or None
    inputs : iterable of numpy.ndarray
        What the result must not overlap.
    name : str
        The parameter, for messages.
    xp : module
        numpy, or what stands for it where the arrays lie.

    Returns
    -------
    xp.ndarray

    Raises
    ------
    TypeError
        `out` is no array or has another dtype.
    ValueError
        `out` has another shape, is read-only, or overlaps an input or itself.
    """
    if out is None:
        return xp.empty(shape, dtype)
    if not isinstance(out, xp.ndarray) or is_masked(out):
        raise TypeError(f"{name} must be a {xp.__name__}.ndarray, got {type_name(out)}")
    if out.dtype != dtype:
        raise TypeError(f"{name} must have the result's dtype {dtype}, got {out.dtype}")
    if out.shape != shape:
        raise ValueError(f"{name} must have the result's shape {shape}, got {out.shape}")
    if not getattr(out.flags, "writeable", True):  # CuPy's arrays always are
        raise ValueError(f"{name} must be writeable, got a read-only array")
    if _overlaps_itself(out):
        raise ValueError(f"{name} must not overlap itself, got strides {out.strides} for shape {out.shape}")
    for array in inputs:
        if xp.may_share_memory(out, array) and (xp is not np or _really_shares(out, array)):
            raise ValueError(f"{name} must not share memory with an input")
    return out


PAIR_OF_INDICES = "(values, indices) with return_indices=True"
PAIR_OF_WEIGHTS = "(grad_x, grad_weights) with weights="


def pair_of(out, what, wanted=True):
    """`out` for each of two results, or for one and None where only one is wanted."""
    if out is None or not wanted:
        return out, None
    if not (isinstance(out, (tuple, list)) and len(out) == 2):
        raise TypeError(f"out must be a pair {what}, got {type(out).__name__}")
    return out


def _really_shares(a, b):
    try:
        return np.shares_memory(a, b, max_work=10_000)
    except np.exceptions.TooHardError:
        return True


def smallest(dtype, op):
    """What a maximum (or minimum) of nothing is: the dtype's lowest (highest) value."""
    if dtype == np.bool_:
        return op == "min"
    if storage_of(dtype).floating:
        return dtype.type(-np.inf if op == "max" else np.inf)
    info = np.iinfo(dtype)
    return dtype.type(info.min if op == "max" else info.max)
