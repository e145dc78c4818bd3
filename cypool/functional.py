"""Every operator as a function: names, signatures, defaults, docstrings.

A family is a row of parameters: from it follow the signatures of its 1d, 2d, 3d, any-axes, adaptive and global forms, and from
these those of the gradients and of their gradients.  Positional order is PyTorch's; what PyTorch does not have is
keyword-only.  A forward function is compiled from its signature, for a call takes 0.7 us: to hand arguments on by position is
0.13 of it, and to bind *args and **keywords would be 2.  It calls a `Function`, which runs calls that it knows at once and
asks `engine` for all others.
"""

import functools
import inspect
import itertools
import linecache

import numpy as np

from cypool import docstrings, engine, parameters
from cypool.arrays import storage_of
from cypool.engine import Operator
from cypool.kernels.core import Function, Gradient

# ---- signatures ------------------------------------------------------------------------------------------------------

# Rows of the forms for any axes; the others follow by `variant`.


# fmt: off
@inspect.signature
def _selecting(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False, *, axes=None,
               data_format="channels_first", out=None, num_threads=None, nan="propagate", mask=None, boundary="constant",
               empty=None, index_layout="plane"): ...


@inspect.signature
def _adaptive_selecting(x, output_size, return_indices=False, *, axes=None, data_format="channels_first", out=None,
                        num_threads=None, nan="propagate", mask=None, empty=None, index_layout="plane"): ...


@inspect.signature
def _global_selecting(x, axes=None, keepdims=True, return_indices=False, *, data_format="channels_first", out=None,
                      num_threads=None, nan="propagate", mask=None, empty=None, index_layout="plane"): ...


@inspect.signature
def _average(x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None, *,
             axes=None, dilation=1, data_format="channels_first", out=None, num_threads=None, nan="propagate", mask=None,
             weights=None, boundary="constant", empty=None, rounding="trunc"): ...


@inspect.signature
def _adaptive_average(x, output_size, *, axes=None, data_format="channels_first", out=None, num_threads=None,
                      nan="propagate", mask=None, weights=None, empty=None, rounding="trunc"): ...


@inspect.signature
def _global_average(x, axes=None, keepdims=True, *, data_format="channels_first", out=None, num_threads=None,
                    nan="propagate", mask=None, weights=None, empty=None, rounding="trunc"): ...
# fmt: on


SELECTING = {"windowed": _selecting, "adaptive": _adaptive_selecting, "global": _global_selecting}
AVERAGE = {"windowed": _average, "adaptive": _adaptive_average, "global": _global_average}
OF_MEANS = ("count_include_pad", "divisor_override", "rounding")
"""What of an average's parameters a sum has not."""

_POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD
_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def variant(row, rank=None, leading=(), own=(), without=()):
    """A signature like another one.

    Parameters
    ----------
    row : inspect.Signature
    rank : int or None
        Number of axes; where it is fixed, there is no parameter axes.
    leading : sequence of str
        Positional parameters behind x.
    own : dict
        Keywords in front of the row's, and their defaults; of parameters that the row has too, other defaults.
    without : sequence of str
        Parameters of the row that are left out.

    Returns
    -------
    inspect.Signature
    """
    left_out = without if rank is None else ("axes", *without)
    given, own = {name: p for name, p in row.parameters.items() if name not in left_out}, dict(own)
    for name in own.keys() & given.keys():
        given[name] = given[name].replace(default=own.pop(name))
    x, *rest = given.values()
    between = [inspect.Parameter(name, _POSITIONAL) for name in leading]
    own = [inspect.Parameter(name, _KEYWORD, default=value) for name, value in own.items()]
    return inspect.Signature(sorted([x, *between, *own, *rest], key=lambda p: p.kind))


def _extended(signature, leading, more):
    """A signature with `leading` parameters in front, and `more` keywords behind with None as default."""
    parameters = [inspect.Parameter(name, _POSITIONAL) for name in leading]
    parameters += signature.parameters.values()
    parameters += [inspect.Parameter(name, _KEYWORD, default=None) for name in more]
    return inspect.Signature(parameters)


# ---- functions -------------------------------------------------------------------------------------------------------


_NUMBERS = itertools.count(1)


def _compiled(signature):
    """What makes functions of a signature: each hands its arguments to a callable, by position."""
    names = ", ".join(signature.parameters)
    text = f"def make(call):\n    def pool{signature}:\n        return call({names})\n\n    return pool\n"
    file = f"<cypool.functional, signature {next(_NUMBERS)}>"
    linecache.cache[file] = len(text), None, text.splitlines(True), file  # for tracebacks and debuggers
    made = {}
    exec(compile(text, file, "exec"), globals(), made)
    return made["make"]


class _Binder:
    """What `inspect.Signature.bind` does, tenfold as fast for calls that are right; wrong ones are left to it."""

    def __init__(self, signature):
        self.signature = signature
        self.positional = tuple(n for n, p in signature.parameters.items() if p.kind is _POSITIONAL)
        self.defaults = {n: p.default for n, p in signature.parameters.items() if p.default is not p.empty}

    def __call__(self, function, args, keywords):
        """The arguments by name; `function` is whose name a refusal tells."""
        taken = self.positional[: len(args)]
        arguments = {**self.defaults, **dict(zip(taken, args, strict=False)), **keywords}
        wrong = len(args) > len(self.positional) or len(arguments) != len(self.signature.parameters)
        if wrong or not keywords.keys().isdisjoint(taken):
            try:
                self.signature.bind(*args, **keywords)
            except TypeError as error:
                raise TypeError(f"{function.__name__}(): {error}") from None
        return arguments


def _backward(operator, bind):
    """The gradient of a forward."""

    def given(x, args, keywords):
        """The arguments by name, and the indices."""
        keywords = dict(keywords)
        indices = keywords.pop("indices", None) if operator.selecting else None
        return bind(backward, (x, *args), keywords), indices

    def compute(grad_output, x, args, keywords):
        arguments, indices = given(x, args, keywords)
        return engine.backward(operator, arguments, grad_output, indices)

    def prepare(grad_output, x, args, keywords):
        arguments, indices = given(x, args, keywords)
        return engine.prepare_backward(operator, arguments, grad_output, indices)

    call = Gradient(compute, prepare, operator.selecting)

    def backward(grad_output, x, *args, **keywords):
        return call(grad_output, x, args, keywords)

    return backward


def _double_backward(operator, bind):
    """The gradient of that."""

    def double_backward(grad_grad_x, grad_output, x, *args, **keywords):
        indices = keywords.pop("indices", None) if operator.selecting else None
        arguments = bind(double_backward, (x, *args), keywords)
        return engine.double_backward(operator, arguments, grad_grad_x, grad_output, indices)

    return double_backward


def bound(run, signature, leading=(), more=()):
    """A function that hands `run` its arguments by name.

    Its parameters are `leading` ones, those of a function or a signature, and `more` keywords with None as default.
    """
    if not isinstance(signature, inspect.Signature):
        signature = inspect.signature(signature)
    signature = _extended(signature, leading, more)
    bind = _Binder(signature)

    def function(*args, **keywords):
        return run(bind(function, args, keywords))

    function.__signature__ = signature
    return function


# ---- the table -------------------------------------------------------------------------------------------------------

# name of the public function -> (kind of window, number of axes or None for any)
FORMS = {
    "{op}_pool1d": ("windowed", 1),
    "{op}_pool2d": ("windowed", 2),
    "{op}_pool3d": ("windowed", 3),
    "{op}_pool": ("windowed", None),
    "adaptive_{op}_pool1d": ("adaptive", 1),
    "adaptive_{op}_pool2d": ("adaptive", 2),
    "adaptive_{op}_pool3d": ("adaptive", 3),
    "adaptive_{op}_pool": ("adaptive", None),
    "global_{op}_pool": ("global", None),
}

_SUFFIXES = ("", "_backward", "_double_backward")

# operators of the same signatures -> the rows of these, and what they lack of them
_OPERATORS = {("max", "min"): (SELECTING, ()), ("avg",): (AVERAGE, ()), ("sum",): (AVERAGE, OF_MEANS)}

_OPERATOR_OF = {}
"""Of each forward function, for `plan`."""


@functools.cache
def _shared(ops, kind, fixed, by_name):
    """What functions of the same parameters share: what makes the forward, the gradients' binder, and the three signatures.

    `fixed` is None, or any rank; parameters in `by_name` are no positional ones.
    """
    rows, without = _OPERATORS[ops]
    signature = variant(rows[kind], fixed, own=dict.fromkeys(by_name), without=(*without, *by_name))
    indices = ("indices",) if rows is SELECTING else ()
    leading = ("grad_output",), ("grad_grad_x", "grad_output")
    signatures = signature, *(_extended(signature, names, indices) for names in leading)
    return _compiled(signature), _Binder(signature), signatures


def _publish():
    """Make every function of the table and yield it."""
    for ops in _OPERATORS:
        for pattern, (kind, rank) in FORMS.items():
            not_torchs = (ops, kind, rank) == (("avg",), "windowed", 1)  # F.avg_pool1d has no divisor
            make, bind, signatures = _shared(ops, kind, rank and 1, ("divisor_override",) if not_torchs else ())
            for op in ops:
                operator = Operator(op, kind, rank)
                name = pattern.format(op=op)
                forward = make(Function(operator, engine.forward, engine.prepare, signatures[0].parameters))
                forward.__code__ = forward.__code__.replace(co_name=name)
                _OPERATOR_OF[forward] = operator
                functions = forward, _backward(operator, bind), _double_backward(operator, bind)
                for function, suffix, signature in zip(functions, _SUFFIXES, signatures, strict=True):
                    function.__name__ = function.__qualname__ = name + suffix
                    function.__doc__ = docstrings.compose(operator, name, suffix, signature)
                    if suffix:
                        function.__signature__ = signature
                    yield function


def plan(function, shape, dtype, *args, **keywords):
    """Decide a call beforehand: everything but the arrays.

    Functions remember their last calls by themselves, so a plan is for code that wants its arguments checked once, or the
    last tenths of a microsecond.

    Parameters
    ----------
    function : function
        One of the forward functions of maxima, minima, averages and sums.
    shape : tuple of int
        Of the input, at most 8 axes.
    dtype : dtype_like
        Of the input.
    *args, **keywords
        The function's parameters behind x, but `out` and `num_threads`, which each call may have of its own.

    Returns
    -------
    callable
        ``plan(x, *, out=None, num_threads=None)``, which pools any array of this shape and dtype; its attributes `shape` and
        `out_shape` tell both.  Any number of threads may call it at once.

    Raises
    ------
    TypeError, ValueError
        As the function raises them; and for what a plan does not hold: `mask`, `weights`, `empty`, nan="ignore",
        keepdims=False, and index layouts but "plane" and "window".

    Examples
    --------
    >>> import numpy as np
    >>> import cypool
    >>> halve = cypool.plan(cypool.max_pool2d, (1, 3, 4, 4), np.float32, 2)
    >>> halve.out_shape
    (1, 3, 2, 2)
    >>> print(halve(np.arange(48, dtype=np.float32).reshape(1, 3, 4, 4))[0, 0])
    [[ 5.  7.]
     [13. 15.]]
    """
    operator = _OPERATOR_OF.get(function)
    if operator is None:
        raise TypeError(
            f"function must be one of the forward functions of max, min, avg and sum pooling, got {function!r}"
        )
    taken = {"out", "num_threads"} & keywords.keys()
    if taken:
        raise TypeError(f"a plan's calls take {' and '.join(sorted(taken))}, the plan does not")
    if not np.iterable(shape):
        raise TypeError(f"shape must be a sequence of integers, got {shape!r} of type {type(shape).__name__}")
    shape = tuple(parameters.integer(n, "shape", 0) for n in shape)
    try:
        dtype = np.dtype(dtype)
    except TypeError as error:
        raise TypeError(f"dtype {dtype!r} cannot be read as one of NumPy's: {error}") from None
    storage_of(dtype, "dtype")
    bound = inspect.signature(function).bind(np.broadcast_to(np.zeros((), dtype), shape), *args, **keywords)
    bound.apply_defaults()
    found = engine.prepare(operator, bound.arguments, functools.partial(function, **_by_name(bound)))
    if found is None:
        raise ValueError("a plan holds no mask, weights, empty, nan, keepdims=False, 9th axis or rare index_layout")
    return found


def _by_name(bound):
    return {name: value for name, value in bound.arguments.items() if name not in ("x", "out", "num_threads")}


globals().update((function.__name__, function) for function in _publish())
__all__ = ["plan", *sorted(name for name in globals() if "_pool" in name and not name.startswith("_"))]
