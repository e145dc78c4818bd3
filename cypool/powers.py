"""lp and rms pooling: names, signatures, docstrings and layers of what `norms` computes.

Each form of `functional.FORMS` with its gradient and that one's gradients; a signature is a row below.
"""

import functools
import inspect

from cypool import docstrings, engine, layers
from cypool.functional import AVERAGE, FORMS, bound, variant
from cypool.norms import backward, double_backward, forward

# ---- public functions ------------------------------------------------------------------------------------------------

# Signatures of the forms that pool any axes; rms has those of averages, and lp_pool1d, 2d and 3d have PyTorch's rule as their
# default.


# fmt: off
@inspect.signature
def _lp(x, norm_type, kernel_size, stride=None, ceil_mode=False, *, axes=None, padding=0, dilation=1, signed=False,
        data_format="channels_first", out=None, num_threads=None, nan="propagate", mask=None, weights=None,
        boundary="constant", empty=None): ...


@inspect.signature
def _adaptive_lp(x, norm_type, output_size, *, axes=None, signed=False, data_format="channels_first", out=None,
                 num_threads=None, nan="propagate", mask=None, weights=None, empty=None): ...


@inspect.signature
def _global_lp(x, norm_type, axes=None, keepdims=True, *, signed=False, data_format="channels_first", out=None,
               num_threads=None, nan="propagate", mask=None, weights=None, empty=None): ...
# fmt: on


_SIGNATURES = {"lp": {"windowed": _lp, "adaptive": _adaptive_lp, "global": _global_lp}, "rms": AVERAGE}


def _signature(operator):
    like_torch = operator.op == "lp" and operator.kind == "windowed" and operator.rank is not None
    own = {"signed": True} if like_torch else {}
    return variant(_SIGNATURES[operator.op][operator.kind], operator.rank, own=own, without=("rounding",))


_TEXTS = {
    **docstrings.PARAMETERS,
    "norm_type": "float\nThe order p of the norm: at least 1 or inf, and under `signed` any number but 0.",
    "signed": "bool\n"
    "PyTorch's rule: the mean of ``x**p`` over the window's cells times the window's taps, to the power 1/p (p = 1: the\n"
    "signed sum; a negative total is NaN; -inf is the smallest magnitude).  False is the norm of the window's cells.",
    "divisor_override": "int or None\nDivide by this instead, at borders too; at least 1.",
}
_WORDS = {"lp": "Norm", "rms": "Root mean square"}
_RULES = {
    "lp": "``(S(abs(x)**p))**(1/p)`` over the window's cells, the largest abs(x) for p = inf; a window without cells gives 0.\n"
    "Windows whose sum float64 cannot hold are scaled by their largest cell first, so that nothing vanishes or\n"
    "overflows but the result itself.  Of float32 and halves the relative error is at most ``(12 + s) 2**-24``, s the\n"
    "window's taps along all axes.",
    "rms": "``(S(x**2) / D)**(1/2)``, D the divisor of average pooling.  Windows whose sum float64 cannot hold are scaled by\n"
    "their largest cell first; errors are those of `lp_pool`.",
}
_SLOPES = (
    "The gradient is 0 where the norm is 0; for p = inf it goes to the first of the largest cells.  Parameters mean what they\n"
    "mean in the forward; `empty` has no effect."
)
_SUMMARY = {
    "": "",
    "_backward": "Gradient of `{name}`.",
    "_double_backward": "Gradients of `{name}_backward` with respect to grad_output and x.",
}
_RETURNS = {
    "": "numpy.ndarray\n    The result, in x's dtype if that is floating, else float64.",
    "_backward": "numpy.ndarray or tuple of numpy.ndarray\n"
    "    The gradient of x, in grad_output's dtype; with `weights` a pair, the second the gradient of the weights.",
    "_double_backward": "tuple of numpy.ndarray\n    The gradients of grad_output and of x, in grad_grad_x's dtype.",
}
_SOURCE = {
    "lp": "PyTorch, ``torch.nn.functional.lp_pool2d``; ONNX operator specification, LpPool and GlobalLpPool.",
    "rms": 'C. Gulcehre, K. Cho, R. Pascanu, Y. Bengio, "Learned-norm pooling for deep feedforward and recurrent neural\n'
    '        networks", ECML 2014: the norm of order 2, divided by the square root of the number of cells.',
}
_RESULTS = {"lp": "[[5.48 9.64]\n     [9.43 9.59]]", "rms": "[[2.74 4.82]\n     [4.72 4.8 ]]"}


def _document(operator, name, suffix, signature):
    kind = docstrings.SUMMARIES[operator.kind].format(Word=_WORDS[operator.op], where=docstrings.WHERE[operator.rank])
    values = {
        "shape": docstrings.SHAPES[operator.rank],
        "bool_note": "",
        "axes_default": docstrings.axes_default(operator),
        "empty_default": "0" if operator.op == "lp" else docstrings.EMPTY_DEFAULT["avg"],
        "out_type": "numpy.ndarray, a pair of them for two results, or None" if suffix else "numpy.ndarray or None",
    }
    example = ""
    if operator.rank is None and operator.kind == "windowed" and not suffix:
        order = "2, " if operator.op == "lp" else ""
        example = (
            f"\n    Examples\n    --------\n    >>> import numpy as np\n    >>> import cypool\n    {docstrings.EXAMPLE}\n"
            f"    >>> print(cypool.{name}(x, {order}2).round(2))\n    {_RESULTS[operator.op]}\n"
        )
    return docstrings.page(
        _SUMMARY[suffix].format(name=name) or kind,
        [docstrings.describe(n, p, values, _TEXTS) for n, p in signature.parameters.items()],
        _RETURNS[suffix],
        _SLOPES if suffix else _RULES[operator.op],
        _SOURCE[operator.op],
        example,
    )


def _publish():
    directions = {
        "": (forward, ()),
        "_backward": (backward, ("grad_output",)),
        "_double_backward": (double_backward, ("grad_grad_x", "grad_output")),
    }
    for op in _SIGNATURES:
        for pattern, (kind, rank) in FORMS.items():
            operator = engine.Operator(op, kind, rank)
            for suffix, (run, leading) in directions.items():
                name = pattern.format(op=op)
                function = bound(functools.partial(run, operator), _signature(operator), leading)
                function.__name__ = function.__qualname__ = name + suffix
                function.__module__ = __name__
                function.__doc__ = _document(operator, name, suffix, function.__signature__)
                yield function


# ---- layers ------------------------------------------------------------------------------------------------------------


class _Norm(layers.Layer):
    """Layers whose gradient needs the input: training keeps a reference to it, which must not be changed meanwhile."""

    def _forward(self, x):
        result = globals()[self._function](x, **self._parameters)
        self._kept = x if self.training else None
        return result

    def _backward(self, grad_output):
        return globals()[self._function + "_backward"](grad_output, self._kept, **self._parameters)


class _LP(_Norm):
    def __init__(
        self,
        norm_type,
        kernel_size,
        stride=None,
        ceil_mode=False,
        *,
        padding=0,
        dilation=1,
        signed=True,
        data_format="channels_first",
    ):
        super().__init__(
            norm_type=norm_type,
            kernel_size=kernel_size,
            stride=stride,
            ceil_mode=ceil_mode,
            padding=padding,
            dilation=dilation,
            signed=signed,
            data_format=data_format,
        )


globals().update((function.__name__, function) for function in _publish())
globals().update(
    (layer.__name__, layer)
    for layer in (layers.new(_LP, f"LPPool{r}d", f"lp_pool{r}d", r, "Power-average pooling") for r in (1, 2, 3))
)
__all__ = sorted(name for name in globals() if ("_pool" in name or "Pool" in name) and not name.startswith("_"))
