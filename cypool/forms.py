"""From one row to all forms of an operator: signatures, functions and their pages.

Operators that PyTorch does not have share the signatures of averages, each without what only means have and with what the
operator adds; and what their calls have in common, `Call`.
"""

import functools
from typing import NamedTuple

import numpy as np

from cypool import algebra, docstrings, engine
from cypool import parameters as read
from cypool.arrays import as_array, native, storage_of
from cypool.blocks import order_of
from cypool.functional import AVERAGE, FORMS, OF_MEANS, bound, variant


class Call(algebra.Call):
    """What a call's common parameters decide; padding is no cell, and nothing is weighted."""

    def __init__(self, operator, p, device=None):
        self.operator, self.op = operator, operator.op
        self.device = device
        self.x = as_array(p["x"], device=device)
        p["shape"], p["count_include_pad"] = self.x.shape, False
        self.windows = engine.there(engine.RESOLVE[operator.kind](operator, self.x.shape, p), p, device)
        self.threads = read.threads_of(p["num_threads"])
        self.dtype = native(self.x.dtype) if storage_of(self.x.dtype).floating else np.dtype(np.float64)
        nan = read.choice(p["nan"], "nan", read.NAN_POLICIES)
        self.valid = self.windows.masked.validity(self.x, p["mask"], nan, self.windows)
        self.order = order_of(self.windows)

    @property
    def inputs(self):
        """What results must not overlap."""
        return (self.x,)


class Page(NamedTuple):
    """What an operator's docstrings say.

    Attributes
    ----------
    word : str
        What a window becomes.
    rule, slopes : str
        Notes of the forward and of the gradient.
    gradient : str
        What the gradient returns.
    source : str
    result : str
        The example's: x of `docstrings.EXAMPLE` in windows of two by two, rounded to two digits.
    empty : str
        What a window without a valid cell is.
    texts : dict
        Parameters of the operator's own, as in `docstrings.PARAMETERS`.
    returns : str
        What the forward returns.
    call : str
        The example's arguments.
    """

    word: str
    rule: str
    slopes: str
    gradient: str
    source: str
    result: str
    empty: str
    texts: dict
    returns: str = "numpy.ndarray\n    The result, in x's dtype if that is floating, else float64."
    call: str = "x, 2"


def _document(page, operator, name, suffix, signature):
    values = {
        "shape": docstrings.SHAPES[operator.rank],
        "bool_note": "",
        "axes_default": docstrings.axes_default(operator),
        "empty_default": page.empty,
        "out_type": "numpy.ndarray or None",
    }
    where = docstrings.WHERE[operator.rank]
    example = ""
    if operator.rank is None and operator.kind == "windowed" and not suffix and page.result:
        result = page.result.replace("\n", "\n    ")
        example = (
            f"\n    Examples\n    --------\n    >>> import numpy as np\n    >>> import cypool\n    {docstrings.EXAMPLE}\n"
            f"    >>> print(cypool.{name}({page.call}).round(2))\n    {result}\n"
        )
    texts = {**docstrings.PARAMETERS, **page.texts}
    return docstrings.page(
        f"Gradient of `{name}`." if suffix else docstrings.SUMMARIES[operator.kind].format(Word=page.word, where=where),
        [docstrings.describe(n, p, values, texts) for n, p in signature.parameters.items()],
        page.gradient if suffix else page.returns,
        page.slopes if suffix else page.rule,
        page.source,
        example,
    )


def publish(module, op, page, forward, backward, own, leading=(), kinds=tuple(AVERAGE), more=(), without=()):
    """Every form of an operator and its gradient.

    Parameters
    ----------
    module : str
        Where they will live.
    op : str
    page : Page
    forward, backward : function
        Take an `engine.Operator` and arguments by name.
    own : dict
        The operator's own keywords and their defaults; of common parameters the operator's own defaults.
    leading : sequence of str
        Its own positional parameters behind x.
    kinds : sequence of str
        The kinds of windows that it has.
    more : sequence of str
        Keywords that the gradient has beside the forward's, with None as default.
    without : sequence of str
        Common parameters that it has not.

    Yields
    ------
    function
    """
    for pattern, (kind, rank) in FORMS.items():
        if kind not in kinds:
            continue
        operator = engine.Operator(op, kind, rank)
        signature = variant(AVERAGE[kind], rank, leading, own, (*OF_MEANS, "weights", *without))
        for suffix, run, first, last in (("", forward, (), ()), ("_backward", backward, ("grad_output",), more)):
            name = pattern.format(op=op)
            function = bound(functools.partial(run, operator), signature, first, last)
            function.__name__ = function.__qualname__ = name + suffix
            function.__module__ = module
            function.__doc__ = _document(page, operator, name, suffix, function.__signature__)
            yield function
