"""Layers of the operators that torch.nn does not have: one for each form of an operator's functions, forward and backward.

A layer's constructor takes the keywords of its function but those that belong to one call (x, out, mask, ...), so a layer is a
row of `_ROWS`.  In training mode it keeps a reference to x, which must not be changed before `backward`.

What can be learnt (an exponent, an element, a gate) is an attribute, ``layer.beta``, read at each call; `backward` leaves its
gradient beside it, ``layer.grad_beta``, and returns that of x.
"""

import importlib
import inspect
from typing import NamedTuple

from cypool import layers
from cypool import parameters as read
from cypool.functional import FORMS

_OF_A_CALL = ("x", "axes", "out", "num_threads", "mask", "weights")
"""Parameters of functions that a layer has not."""

ALL = ("windowed", "adaptive", "global")


class Row(NamedTuple):
    """An operator's layers.

    Attributes
    ----------
    module, op : str
        Where its functions are, and their stem.
    what : str
        Words for it.
    kinds : tuple of str
        The kinds of windows that have a layer.
    learnt : tuple of str
        The parameters that have gradients too, in the order of these.
    """

    module: str
    op: str
    what: str
    kinds: tuple = ALL
    learnt: tuple = ()


_ROWS = {
    "LP": Row("powers", "lp", "power-average pooling", ("adaptive", "global")),  # `powers` has torch.nn's LPPool
    "RMS": Row("powers", "rms", "root mean square pooling"),
    "LSE": Row("soft", "lse", "log-sum-exp pooling", learnt=("beta",)),
    "Soft": Row("soft", "soft", "exponentially weighted average pooling", learnt=("beta",)),
    "GeM": Row("soft", "gem", "generalised mean pooling", learnt=("p",)),
    "Range": Row("spread", "range", "range pooling"),
    "Std": Row("spread", "std", "standard deviation pooling"),
    "Median": Row("ranks", "median", "median pooling", ("windowed",)),
    "Quantile": Row("ranks", "quantile", "quantile pooling", ("windowed",)),
    "TopK": Row("ranks", "topk", "top-k mean pooling", ("windowed",)),
    "Blur": Row("blur", "blur", "blur pooling", ("windowed",)),
    "Mixed": Row("mixed", "mixed", "mixed maximum and average pooling", learnt=("alpha",)),
    "Gated": Row("mixed", "gated", "gated maximum and average pooling", ("windowed",), ("w", "bias")),
    "Morphological": Row("morphology", "morphological", "dilation or erosion", ("windowed",), ("w",)),
}


class OperatorLayer(layers.Layer):
    """What these layers share."""

    _row = None
    _pooling = None  # forward and backward
    _global = False

    def __init__(self, *args, **keywords):
        try:
            bound = self.__signature__.bind(*args, **keywords)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}(): {error}") from None
        bound.apply_defaults()
        super().__init__(**bound.arguments)
        for name in self._row.learnt:
            setattr(self, f"grad_{name}", None)

    def _given(self, x):
        """The function's keywords for this x."""
        given = self._parameters | {name: getattr(self, name) for name in self._row.learnt}
        if self._global:  # the function pools any rank; a layer is named for one
            given["axes"] = read.fixed_axes(x.ndim, self._rank, self.data_format)
        return given

    def _forward(self, x):
        result = self._pooling[0](x, **self._given(x))
        self._kept = x if self.training else None
        return result

    def _backward(self, grad_output):
        result = self._pooling[1](grad_output, self._kept, **self._given(self._kept))
        if not self._row.learnt:
            return result
        for name, slope in zip(self._row.learnt, result[1:], strict=False):  # a bias may be None
            setattr(self, f"grad_{name}", slope)
        return result[0]

    def __repr__(self):
        inside = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._parameters)
        return f"{type(self).__name__}({inside})"


def _signature(function):
    parameters = inspect.signature(function).parameters.values()
    return inspect.Signature([p for p in parameters if p.name not in _OF_A_CALL])


def new(word, row, kind, rank, function):
    """One layer class; its function's name is `function`."""
    prefix = "" if kind == "windowed" else kind.capitalize()
    name, module = f"{prefix}{word}Pool{rank}d", importlib.import_module(f"cypool.{row.module}")
    pooling = tuple(getattr(module, function + suffix) for suffix in ("", "_backward"))
    what = f"{prefix} {row.what}".strip()
    learnt = "".join(f"  `backward` leaves the gradient of `{name}` in ``grad_{name}``." for name in row.learnt)
    text = (
        f"{what[0].upper()}{what[1:]} layer over {rank} ax{'is' if rank == 1 else 'es'}, forward and backward.\n\n"
        f"See `cypool.{function}` for the parameters, the rule, shapes and errors.{learnt}"
    )
    members = {"__doc__": text, "__module__": __name__, "__signature__": _signature(pooling[0])}
    members |= {"_row": row, "_rank": rank, "_pooling": pooling, "_global": kind == "global"}
    return type(name, (OperatorLayer,), members)


def _publish():
    for word, row in _ROWS.items():
        for pattern, (kind, rank) in FORMS.items():
            if kind in row.kinds and (rank or kind == "global"):
                for r in (rank,) if rank else (1, 2, 3):
                    yield new(word, row, kind, r, pattern.format(op=row.op))


globals().update((layer.__name__, layer) for layer in _publish())
__all__ = sorted(name for name in globals() if name.endswith("d") and name[0].isupper())
