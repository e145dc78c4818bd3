"""Every operator as a function: names, signatures, defaults, docstrings.

A family is a signature: the functions below differ in nothing else, and each hands its arguments by name to `engine`.
Positional order is PyTorch's; what PyTorch does not have is keyword-only.  `_publish` makes the rows of the table at the
end of this file: for each operator the 1d, 2d, 3d, any-axes, adaptive and global forms, and for each of these the gradient
and its own gradient, whose parameters follow from the forward's signature.
"""

import inspect

from cypool import docstrings, engine
from cypool.engine import Operator


def _selecting_fixed(operator):
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
        return engine.forward(operator, locals())

    return pool


def _selecting(operator):
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
        return engine.forward(operator, locals())

    return pool


def _average_1d(operator):
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
        return engine.forward(operator, locals())

    return pool


def _average_fixed(operator):
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
        return engine.forward(operator, locals())

    return pool


def _average(operator):
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
        return engine.forward(operator, locals())

    return pool


def _summing_fixed(operator):
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
        return engine.forward(operator, locals())

    return pool


def _summing(operator):
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
        return engine.forward(operator, locals())

    return pool


def _adaptive_selecting_fixed(operator):
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
        return engine.forward(operator, locals())

    return pool


def _adaptive_selecting(operator):
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
        return engine.forward(operator, locals())

    return pool


def _adaptive_average_fixed(operator):
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
        return engine.forward(operator, locals())

    return pool


def _adaptive_average(operator):
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
        return engine.forward(operator, locals())

    return pool


def _adaptive_summing_fixed(operator):
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
        return engine.forward(operator, locals())

    return pool


def _adaptive_summing(operator):
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
        return engine.forward(operator, locals())

    return pool


def _global_selecting(operator):
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
        return engine.forward(operator, locals())

    return pool


def _global_average(operator):
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
        return engine.forward(operator, locals())

    return pool


def _global_summing(operator):
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
        return engine.forward(operator, locals())

    return pool


# ---- derivatives: the forward's parameters, behind the gradients -------------------------------------------------------

_POSITIONAL = inspect.Parameter.POSITIONAL_OR_KEYWORD
_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def _derived_signature(forward, leading, selecting):
    parameters = [inspect.Parameter(name, _POSITIONAL) for name in leading]
    parameters += inspect.signature(forward).parameters.values()
    if selecting:
        parameters.append(inspect.Parameter("indices", _KEYWORD, default=None))
    return inspect.Signature(parameters)


def _backward(operator, forward):
    signature = inspect.signature(forward)

    def backward(grad_output, x, *args, **keywords):
        indices = keywords.pop("indices", None) if operator.selecting else None
        bound = signature.bind(x, *args, **keywords)
        bound.apply_defaults()
        return engine.backward(operator, bound.arguments, grad_output, indices)

    backward.__signature__ = _derived_signature(forward, ("grad_output",), operator.selecting)
    return backward


def _double_backward(operator, forward):
    signature = inspect.signature(forward)

    def double_backward(grad_grad_x, grad_output, x, *args, **keywords):
        indices = keywords.pop("indices", None) if operator.selecting else None
        bound = signature.bind(x, *args, **keywords)
        bound.apply_defaults()
        return engine.double_backward(operator, bound.arguments, grad_grad_x, grad_output, indices)

    double_backward.__signature__ = _derived_signature(forward, ("grad_grad_x", "grad_output"), operator.selecting)
    return double_backward


# ---- the table ------------------------------------------------------------------------------------------------------

# name of the public function -> (kind of window, number of axes or None for any)
_FORMS = {
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

_OPERATORS = {"max": "selecting", "min": "selecting", "avg": "average", "sum": "summing"}


def _publish():
    """Make every function of the table and yield it."""
    for op, family in _OPERATORS.items():
        for pattern, (kind, rank) in _FORMS.items():
            operator = Operator(op, kind, rank)
            make = _SIGNATURES[family][kind][rank is None]
            if (op, kind, rank) == ("avg", "windowed", 1):
                make = _average_1d
            forward = make(operator)
            name = pattern.format(op=op)
            for function, suffix in (
                (forward, ""),
                (_backward(operator, forward), "_backward"),
                (_double_backward(operator, forward), "_double_backward"),
            ):
                function.__name__ = function.__qualname__ = name + suffix
                function.__doc__ = docstrings.compose(operator, name, suffix, inspect.signature(function))
                yield function


globals().update((function.__name__, function) for function in _publish())
__all__ = sorted(name for name in globals() if "_pool" in name and not name.startswith("_"))
