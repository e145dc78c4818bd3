"""Layers: torch.nn's pooling modules for arrays and their kin (minima, sums, whole planes), forward and backward.

A layer holds its parameters; ``layer(x)`` is forward and ``layer.backward(grad_output)`` the gradient of the input for the
last forward.  In training mode (the default) a layer keeps the input's shape and, if it selects, where each window's
winner stood, mostly in one byte for each output; after ``eval()`` it keeps nothing.  The functions keep nothing ever.

One layer is not for two threads at once; functions are.
"""

import functools
import inspect
import re

import numpy as np

from cypool import engine, functional, parameters
from cypool.arrays import as_array


class Layer:
    """What all pooling layers share.

    Attributes
    ----------
    training : bool
        Whether `forward` keeps what `backward` needs.
    """

    _function = None
    _rank = None
    _everything = False

    def __init__(self, **chosen):
        self.training = True
        self._parameters = chosen
        self._kept = None
        for name, value in chosen.items():
            setattr(self, name, value)

    def __call__(self, x):
        """Return `forward` of x."""
        return self.forward(x)

    def train(self, mode=True):
        """Keep (or not) what `backward` needs from now on; returns the layer."""
        self.training = bool(mode)
        if not self.training:
            self._kept = None
        return self

    def eval(self):
        """Keep nothing from now on; returns the layer."""
        return self.train(False)

    def forward(self, x):
        """Pool x; shapes as in the function of the same name.

        Parameters
        ----------
        x : array_like
            ``(N, C, spatial...)`` or ``(C, spatial...)``.

        Returns
        -------
        numpy.ndarray or tuple of numpy.ndarray
            The result, and the flat int64 indices if the layer has ``return_indices=True``.
        """
        return self._forward(as_array(x, device=engine.device_of(x)))

    def backward(self, grad_output):
        """Return the gradient of the last forward's input.

        Parameters
        ----------
        grad_output : array_like
            Floating, of the shape of the last forward's result.

        Returns
        -------
        numpy.ndarray

        Raises
        ------
        RuntimeError
            There was no forward in training mode.
        """
        if self._kept is None:
            raise RuntimeError(f"{type(self).__name__}.backward needs a forward in training mode before it")
        return self._backward(grad_output)

    def _call(self, name, *arrays, shape, **more):
        """Call a function with the layer's parameters for an input of this shape."""
        if self._everything:  # the function pools any rank; a layer is named for one
            more["axes"] = parameters.fixed_axes(len(shape), self._rank, self.data_format)
        return getattr(functional, name)(*arrays, **{**self._parameters, **more})

    def __repr__(self):
        inside = ", ".join(f"{name}={value!r}" for name, value in self._parameters.items())
        return f"{type(self).__name__}({inside})"


def stand_in(shape, grad_output):
    """For x in a gradient by indices, which know all else; where grad_output lies."""
    device = engine.device_of(grad_output)
    xp = np if device is None else device.xp
    return xp.broadcast_to(xp.zeros((), np.float32), shape)


class _Linear(Layer):
    def _forward(self, x):
        result = self._call(self._function, x, shape=x.shape)
        self._kept = x.shape if self.training else None
        return result

    def _backward(self, grad_output):
        return self._call(self._function + "_backward", grad_output, self._kept, shape=self._kept)


class _Selecting(Layer):
    def _forward(self, x):
        if not self.training:
            return self._call(self._function, x, shape=x.shape)
        # The caller's indices serve the gradient too; otherwise the window's own offsets are eight times smaller.
        layout = "plane" if self.return_indices else "window"
        values, indices = self._call(self._function, x, shape=x.shape, return_indices=True, index_layout=layout)
        self._kept = x.shape, indices.copy() if self.return_indices else indices, layout
        return (values, indices) if self.return_indices else values

    def _backward(self, grad_output):
        shape, indices, layout = self._kept
        name, x = self._function + "_backward", stand_in(shape, grad_output)
        return self._call(name, grad_output, x, shape=shape, indices=indices, index_layout=layout)


# ---- constructors: one for each signature ------------------------------------------------------------------------------


class _SelectingWindows(_Selecting):
    def __init__(
        self,
        kernel_size,
        stride=None,
        padding=0,
        dilation=1,
        return_indices=False,
        ceil_mode=False,
        *,
        data_format="channels_first",
    ):
        super().__init__(
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            return_indices=return_indices,
            ceil_mode=ceil_mode,
            data_format=data_format,
        )


class _Average1d(_Linear):
    def __init__(
        self,
        kernel_size,
        stride=None,
        padding=0,
        ceil_mode=False,
        count_include_pad=True,
        *,
        dilation=1,
        data_format="channels_first",
    ):
        super().__init__(
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
            dilation=dilation,
            data_format=data_format,
        )


class _Average(_Linear):
    def __init__(
        self,
        kernel_size,
        stride=None,
        padding=0,
        ceil_mode=False,
        count_include_pad=True,
        divisor_override=None,
        *,
        dilation=1,
        data_format="channels_first",
    ):
        super().__init__(
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
            divisor_override=divisor_override,
            dilation=dilation,
            data_format=data_format,
        )


class _Sum(_Linear):
    def __init__(
        self, kernel_size, stride=None, padding=0, ceil_mode=False, *, dilation=1, data_format="channels_first"
    ):
        super().__init__(
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            ceil_mode=ceil_mode,
            dilation=dilation,
            data_format=data_format,
        )


class _AdaptiveSelecting(_Selecting):
    def __init__(self, output_size, return_indices=False, *, data_format="channels_first"):
        super().__init__(output_size=output_size, return_indices=return_indices, data_format=data_format)


class _AdaptiveLinear(_Linear):
    def __init__(self, output_size, *, data_format="channels_first"):
        super().__init__(output_size=output_size, data_format=data_format)


class _GlobalSelecting(_Selecting):
    _everything = True

    def __init__(self, keepdims=True, return_indices=False, *, data_format="channels_first"):
        super().__init__(keepdims=keepdims, return_indices=return_indices, data_format=data_format)


class _GlobalLinear(_Linear):
    _everything = True

    def __init__(self, keepdims=True, *, data_format="channels_first"):
        super().__init__(keepdims=keepdims, data_format=data_format)


# ---- the table ----------------------------------------------------------------------------------------------------------

_SUMMARY = (
    "{what} layer over {rank} ax{es}{torch}, forward and backward.\n\n"
    "See `cypool.{function}` for the rule, shapes and errors."
)
_OF_TORCH = re.compile("(Adaptive)?(Max|Avg)Pool|(LP|FractionalMax)Pool|MaxUnpool")
_WHAT = {"Max": "Maximum", "Min": "Minimum", "Avg": "Average", "Sum": "Sum"}


_constructor = functools.cache(inspect.signature)


def new(base, name, function, rank, what):
    """A layer class from its constructor's class, its name, its function's name, its number of axes, and words for it."""
    torch = f": the parameters of `torch.nn.{name}`" if _OF_TORCH.match(name) else ""
    text = _SUMMARY.format(what=what, rank=rank, es="is" if rank == 1 else "es", function=function, torch=torch)
    return type(
        name,
        (base,),
        {
            "__doc__": text,
            "__module__": base.__module__,
            "_function": function,
            "_rank": rank,
            "__signature__": _constructor(base),
        },
    )


def _publish():
    for word, what in _WHAT.items():
        op, selecting = word.lower(), word in ("Max", "Min")
        for rank in (1, 2, 3):
            windows = _SelectingWindows if selecting else _Sum if op == "sum" else _Average1d if rank == 1 else _Average
            adaptive = _AdaptiveSelecting if selecting else _AdaptiveLinear
            everything = _GlobalSelecting if selecting else _GlobalLinear
            for name, base, function in (
                (f"{word}Pool{rank}d", windows, f"{op}_pool{rank}d"),
                (f"Adaptive{word}Pool{rank}d", adaptive, f"adaptive_{op}_pool{rank}d"),
                (f"Global{word}Pool{rank}d", everything, f"global_{op}_pool"),
            ):
                prefix = name[: name.index(word)]
                yield new(base, name, function, rank, f"{prefix} {what.lower()} pooling".strip().capitalize())


globals().update((layer.__name__, layer) for layer in _publish())
__all__ = sorted(name for name in globals() if name.endswith("d") and not name.startswith("_"))
