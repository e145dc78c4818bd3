"""Every operator as a function: names, signatures, defaults, docstrings.

A family is a signature: the functions below differ in nothing else, and each hands its arguments, in their order, to a
`Function`, which runs calls that it knows at once and asks `engine` for all others.
Positional order is PyTorch's; what PyTorch does not have is keyword-only.  `_publish` makes the rows of the table at the
end of this file: for each operator the 1d, 2d, 3d, any-axes, adaptive and global forms, and for each of these the gradient
and its own gradient, whose parameters follow from the forward's signature.
"""

import functools
import inspect

import numpy as np

from cypool import docstrings, engine, parameters
from cypool.arrays import storage_of
from cypool.engine import Operator
from cypool.kernels.core import Function, Gradient


def _selecting_fixed(call):
    def pool(
        x,
        kernel_size,
        stride=None,
        padding=0,
        dilation=1,
        ceil_mode=False,
        return_indices=False,
        *,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        boundary="constant",
        empty=None,
        index_layout="plane",
    ):
        return call(
            x,
            kernel_size,
            stride,
            padding,
            dilation,
            ceil_mode,
            return_indices,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            boundary,
            empty,
            index_layout,
        )

    return pool


def _selecting(call):
    def pool(
        x,
        kernel_size,
        stride=None,
        padding=0,
        dilation=1,
        ceil_mode=False,
        return_indices=False,
        *,
        axes=None,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        boundary="constant",
        empty=None,
        index_layout="plane",
    ):
        return call(
            x,
            kernel_size,
            stride,
            padding,
            dilation,
            ceil_mode,
            return_indices,
            axes,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            boundary,
            empty,
            index_layout,
        )

    return pool


def _average_1d(call):
    def pool(
        x,
        kernel_size,
        stride=None,
        padding=0,
        ceil_mode=False,
        count_include_pad=True,
        *,
        divisor_override=None,
        dilation=1,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        weights=None,
        boundary="constant",
        empty=None,
        rounding="trunc",
    ):
        return call(
            x,
            kernel_size,
            stride,
            padding,
            ceil_mode,
            count_include_pad,
            divisor_override,
            dilation,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            weights,
            boundary,
            empty,
            rounding,
        )

    return pool


def _average_fixed(call):
    def pool(
        x,
        kernel_size,
        stride=None,
        padding=0,
        ceil_mode=False,
        count_include_pad=True,
        divisor_override=None,
        *,
        dilation=1,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        weights=None,
        boundary="constant",
        empty=None,
        rounding="trunc",
    ):
        return call(
            x,
            kernel_size,
            stride,
            padding,
            ceil_mode,
            count_include_pad,
            divisor_override,
            dilation,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            weights,
            boundary,
            empty,
            rounding,
        )

    return pool


def _average(call):
    def pool(
        x,
        kernel_size,
        stride=None,
        padding=0,
        ceil_mode=False,
        count_include_pad=True,
        divisor_override=None,
        *,
        axes=None,
        dilation=1,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        weights=None,
        boundary="constant",
        empty=None,
        rounding="trunc",
    ):
        return call(
            x,
            kernel_size,
            stride,
            padding,
            ceil_mode,
            count_include_pad,
            divisor_override,
            axes,
            dilation,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            weights,
            boundary,
            empty,
            rounding,
        )

    return pool


def _summing_fixed(call):
    def pool(
        x,
        kernel_size,
        stride=None,
        padding=0,
        ceil_mode=False,
        *,
        dilation=1,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        weights=None,
        boundary="constant",
        empty=None,
    ):
        return call(
            x,
            kernel_size,
            stride,
            padding,
            ceil_mode,
            dilation,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            weights,
            boundary,
            empty,
        )

    return pool


def _summing(call):
    def pool(
        x,
        kernel_size,
        stride=None,
        padding=0,
        ceil_mode=False,
        *,
        axes=None,
        dilation=1,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        weights=None,
        boundary="constant",
        empty=None,
    ):
        return call(
            x,
            kernel_size,
            stride,
            padding,
            ceil_mode,
            axes,
            dilation,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            weights,
            boundary,
            empty,
        )

    return pool


def _adaptive_selecting_fixed(call):
    def pool(
        x,
        output_size,
        return_indices=False,
        *,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        empty=None,
        index_layout="plane",
    ):
        return call(
            x,
            output_size,
            return_indices,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            empty,
            index_layout,
        )

    return pool


def _adaptive_selecting(call):
    def pool(
        x,
        output_size,
        return_indices=False,
        *,
        axes=None,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        empty=None,
        index_layout="plane",
    ):
        return call(
            x,
            output_size,
            return_indices,
            axes,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            empty,
            index_layout,
        )

    return pool


def _adaptive_average_fixed(call):
    def pool(
        x,
        output_size,
        *,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        weights=None,
        empty=None,
        rounding="trunc",
    ):
        return call(
            x,
            output_size,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            weights,
            empty,
            rounding,
        )

    return pool


def _adaptive_average(call):
    def pool(
        x,
        output_size,
        *,
        axes=None,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        weights=None,
        empty=None,
        rounding="trunc",
    ):
        return call(
            x,
            output_size,
            axes,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            weights,
            empty,
            rounding,
        )

    return pool


def _adaptive_summing_fixed(call):
    def pool(
        x,
        output_size,
        *,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        weights=None,
        empty=None,
    ):
        return call(
            x,
            output_size,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            weights,
            empty,
        )

    return pool


def _adaptive_summing(call):
    def pool(
        x,
        output_size,
        *,
        axes=None,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        weights=None,
        empty=None,
    ):
        return call(
            x,
            output_size,
            axes,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            weights,
            empty,
        )

    return pool


def _global_selecting(call):
    def pool(
        x,
        axes=None,
        keepdims=True,
        return_indices=False,
        *,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        empty=None,
        index_layout="plane",
    ):
        return call(
            x,
            axes,
            keepdims,
            return_indices,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            empty,
            index_layout,
        )

    return pool


def _global_average(call):
    def pool(
        x,
        axes=None,
        keepdims=True,
        *,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        weights=None,
        empty=None,
        rounding="trunc",
    ):
        return call(
            x,
            axes,
            keepdims,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            weights,
            empty,
            rounding,
        )

    return pool


def _global_summing(call):
    def pool(
        x,
        axes=None,
        keepdims=True,
        *,
        data_format="channels_first",
        out=None,
        num_threads=None,
        nan="propagate",
        mask=None,
        weights=None,
        empty=None,
    ):
        return call(
            x,
            axes,
            keepdims,
            data_format,
            out,
            num_threads,
            nan,
            mask,
            weights,
            empty,
        )

    return pool


# ---- derivatives: the forward's parameters, behind the gradients -------------------------------------------------------

_POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD
_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def _derived_signature(signature, leading, selecting):
    parameters = [inspect.Parameter(name, _POSITIONAL) for name in leading]
    parameters += signature.parameters.values()
    if selecting:
        parameters.append(inspect.Parameter("indices", _KEYWORD, default=None))
    return inspect.Signature(parameters)


class _Binder:
    """What `inspect.Signature.bind` does, tenfold as fast for calls that are right; wrong ones are left to it."""

    def __init__(self, signature):
        self.signature = signature
        self.function = None  # whose name a refusal tells; it is not there yet
        self.positional = tuple(n for n, p in signature.parameters.items() if p.kind is _POSITIONAL)
        self.defaults = {n: p.default for n, p in signature.parameters.items() if p.default is not p.empty}

    def __call__(self, args, keywords):
        taken = self.positional[: len(args)]
        arguments = {**self.defaults, **dict(zip(taken, args, strict=False)), **keywords}
        wrong = len(args) > len(self.positional) or len(arguments) != len(self.signature.parameters)
        if wrong or not keywords.keys().isdisjoint(taken):
            try:
                self.signature.bind(*args, **keywords)
            except TypeError as error:
                raise TypeError(f"{self.function.__name__}(): {error}") from None
        return arguments


def _backward(operator, signature):
    """The gradient of a forward of this signature."""
    bind = _Binder(signature)

    def given(x, args, keywords):
        """The arguments by name, and the indices."""
        keywords = dict(keywords)
        indices = keywords.pop("indices", None) if operator.selecting else None
        return bind((x, *args), keywords), indices

    def compute(grad_output, x, args, keywords):
        arguments, indices = given(x, args, keywords)
        return engine.backward(operator, arguments, grad_output, indices)

    def prepare(grad_output, x, args, keywords):
        arguments, indices = given(x, args, keywords)
        return engine.prepare_backward(operator, arguments, grad_output, indices)

    call = Gradient(compute, prepare, operator.selecting)

    def backward(grad_output, x, *args, **keywords):
        return call(grad_output, x, args, keywords)

    bind.function = backward
    backward.__signature__ = _derived_signature(signature, ("grad_output",), operator.selecting)
    return backward


def _double_backward(operator, signature):
    bind = _Binder(signature)

    def double_backward(grad_grad_x, grad_output, x, *args, **keywords):
        indices = keywords.pop("indices", None) if operator.selecting else None
        return engine.double_backward(operator, bind((x, *args), keywords), grad_grad_x, grad_output, indices)

    bind.function = double_backward
    double_backward.__signature__ = _derived_signature(signature, ("grad_grad_x", "grad_output"), operator.selecting)
    return double_backward


def bound(run, signature_of, leading=(), more=()):
    """A function that hands `run` its arguments by name.

    Its parameters are `leading` ones, those of a function or a signature, and `more` keywords with None as default.
    """
    parameters = [inspect.Parameter(name, _POSITIONAL) for name in leading]
    if not isinstance(signature_of, inspect.Signature):
        signature_of = inspect.signature(signature_of)
    parameters += signature_of.parameters.values()
    parameters += [inspect.Parameter(name, _KEYWORD, default=None) for name in more]
    signature = inspect.Signature(parameters)
    bind = _Binder(signature)

    def function(*args, **keywords):
        return run(bind(args, keywords))

    bind.function = function
    function.__signature__ = signature
    return function


# ---- the table ------------------------------------------------------------------------------------------------------

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

# family of operators -> kind of window -> signature for a fixed number of axes, and for any
_SIGNATURES = {
    "selecting": {
        "windowed": (_selecting_fixed, _selecting),
        "adaptive": (_adaptive_selecting_fixed, _adaptive_selecting),
        "global": (None, _global_selecting),
    },
    "average": {
        "windowed": (_average_fixed, _average),
        "adaptive": (_adaptive_average_fixed, _adaptive_average),
        "global": (None, _global_average),
    },
    "summing": {
        "windowed": (_summing_fixed, _summing),
        "adaptive": (_adaptive_summing_fixed, _adaptive_summing),
        "global": (None, _global_summing),
    },
}

_OPERATOR_OF = {}
"""Of each forward function, for `plan`."""

_OPERATORS = {"max": "selecting", "min": "selecting", "avg": "average", "sum": "summing"}


def _publish():
    """Make every function of the table and yield it."""
    for op, family in _OPERATORS.items():
        for pattern, (kind, rank) in FORMS.items():
            operator = Operator(op, kind, rank)
            make = _SIGNATURES[family][kind][rank is None]
            if (op, kind, rank) == ("avg", "windowed", 1):
                make = _average_1d
            call = Function(operator, engine.forward, engine.prepare)
            forward = make(call)
            signature = inspect.signature(forward)
            call.takes(signature.parameters)
            name = pattern.format(op=op)
            _OPERATOR_OF[forward] = operator
            for function, suffix in (
                (forward, ""),
                (_backward(operator, signature), "_backward"),
                (_double_backward(operator, signature), "_double_backward"),
            ):
                function.__name__ = function.__qualname__ = name + suffix
                parameters = signature if function is forward else function.__signature__
                function.__doc__ = docstrings.compose(operator, name, suffix, parameters)
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
