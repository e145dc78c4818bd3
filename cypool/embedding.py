"""cypool inside other extensions: where its header lies, and what the C API asks Python when it makes a plan.

The functions, their parameters, rules and messages are Python's own: a plan of the C API is the `core.Prepared` or
`core.PreparedGradient` that a call of the function would have made.  docs/embedding.md is the guide.
"""

import ast
import inspect
from math import prod
from pathlib import Path

import numpy as np

from cypool import engine, functional, windows
from cypool.arrays import STORAGE, Storage, as_gradient
from cypool.geometry import LARGEST
from cypool.kernels.core import CODES

__all__ = ["get_include"]

LONGEST = 4096
"""Characters of the parameters: enough for any call, and far from what is too deep for Python's parser."""

NOT_TAKEN = ("x", "grad_output", "indices", "out", "num_threads")


def get_include():
    """Return the folder to tell the C compiler, so that it finds ``cypool/cypool.h``.

    Returns
    -------
    str

    Examples
    --------
    >>> import os
    >>> import cypool
    >>> os.path.isfile(os.path.join(cypool.get_include(), "cypool", "cypool.h"))
    True
    """
    return str(Path(__file__).parent / "include")


def _dtypes():
    """Of the codes in cypool.h, which knows bfloat16 without ml_dtypes: its 16 bits under a name that nobody else gives."""
    half = np.dtype([("the 16 bits of a bfloat16", np.uint16)])
    STORAGE[half] = Storage("bfloat16", CODES["bfloat16"], np.uint16, half, True)
    names = "bool int8 uint8 int16 uint16 int32 uint32 int64 uint64 float16 bfloat16 float32 float64".split()
    return [half if name == "bfloat16" else np.dtype(name) for name in names]


DTYPES = _dtypes()


def prepare(function, code, shape, parameters):
    """The prepared call of a function: its name, the dtype's code, the input's shape, and the parameters as Python text.

    Raises
    ------
    NotImplementedError
        A function of Python's that the C API does not have.
    TypeError, ValueError
        As the function raises them.
    """
    name = function.removesuffix("_backward")
    forward = getattr(functional, name, None)
    operator = functional._OPERATOR_OF.get(forward)
    if operator is None:
        _refuse(function)
    if not 0 <= code < len(DTYPES):
        raise ValueError(f"dtype must be one of the codes of cypool.h, 0 to {len(DTYPES) - 1}, got {code}")
    dtype = DTYPES[code]
    if prod(shape) * dtype.itemsize > LARGEST:
        raise ValueError(f"shape must not name more bytes than memory can address, got {shape}")
    arguments = _read(function, parameters)
    if name == function:
        return functional.plan(forward, shape, dtype, **arguments)
    return _gradient(operator, forward, shape, dtype, arguments)


def _refuse(function):
    import cypool

    if "pool" in function and hasattr(cypool, function):
        raise NotImplementedError(
            f"function must be one of max, min, avg and sum pooling or its _backward in the C API, got {function!r}"
        )
    raise ValueError(f"function must be one of cypool's by name, got {function!r}")


def _read(function, parameters):
    """The parameters by name, each a literal."""
    if len(parameters) > LONGEST:
        raise ValueError(f"parameters must have at most {LONGEST} characters, got {len(parameters)}")
    try:
        call = ast.parse(f"f({parameters}\n)", mode="eval").body
        if not isinstance(call, ast.Call) or call.args or any(item.arg is None for item in call.keywords):
            raise SyntaxError
        found = {item.arg: ast.literal_eval(item.value) for item in call.keywords}
    except (SyntaxError, ValueError, RecursionError):
        raise ValueError(f"parameters must be written as in Python, name=value, ..., got {parameters!r}") from None
    taken = [name for name in NOT_TAKEN if name in found]
    if taken:
        raise ValueError(f"parameters must not hold {' and '.join(taken)}, which are the run's")
    return found


def _gradient(operator, forward, shape, dtype, arguments):
    shape = functional.plan(
        forward, shape, np.dtype(np.float32), **arguments
    ).shape  # all is checked as in a forward call
    x = np.broadcast_to(np.zeros((), dtype), shape) if operator.selecting else shape
    as_gradient(np.zeros((), dtype))
    bound = inspect.signature(forward).bind(x, **arguments)
    bound.apply_defaults()
    arguments = bound.arguments
    found = engine.RESOLVE[operator.kind](operator, shape, dict(arguments))
    indices = None
    if operator.selecting:
        kind = CODES["plane"] if arguments["index_layout"] == "plane" else found.window_kind()
        indices = np.broadcast_to(np.zeros((), windows.INDEX_DTYPES[kind]), found.out_shape)
    gradient = np.broadcast_to(np.zeros((), dtype), found.out_shape)
    prepared = engine.prepare_backward(operator, arguments, gradient, indices)
    if prepared is None:
        raise ValueError("a gradient's plan holds no boundary, mask, weights, nan, keepdims=False or rare index_layout")
    return prepared
