"""Docstrings in numpydoc's form, composed from rows.

Functions of one family differ in few words; each parameter is described once, here, and every function that has it in its
signature gets that description.  Nothing in this module runs after import.
"""

import functools

WORDS = {"max": "maximum", "min": "minimum", "avg": "average", "sum": "sum"}

SUMMARIES = {
    "windowed": "{Word} of each window of {where}.",
    "adaptive": "{Word} of windows that share out {where} evenly, for a wanted output size.",
    "global": "{Word} over whole axes.",
}

WHERE = {1: "the last axis", 2: "height and width", 3: "depth, height and width", None: "any axes"}

SHAPES = {1: "(N, C, W) or (C, W)", 2: "(N, C, H, W) or (C, H, W)", 3: "(N, C, D, H, W) or (C, D, H, W)", None: "(...)"}

PARAMETERS = {
    "x": "array_like, shape {shape}\n"
    "Cells: bool, any integer, float16, bfloat16, float32 or float64{bool_note}, with any strides.  With\n"
    'data_format="channels_last" the channels are the last axis.',
    "kernel_size": "int or sequence of int\nTaps of the window along each pooled axis.",
    "stride": "int, sequence of int or None\nCells from one window to the next; None means `kernel_size`.",
    "padding": 'int, sequence of int or of pairs, or "valid", "same", "same_lower"\n'
    "Cells added before and after each axis.  They are never selected and add nothing to a sum.  Any size.",
    "dilation": "int or sequence of int\nCells from one tap of a window to the next.",
    "ceil_mode": 'bool or "keep"\n'
    "Whether a last window may reach beyond the padding; it must start inside the input or the padding before it,\n"
    'unless "keep".',
    "return_indices": "bool\nReturn the position of each window's winner too.",
    "count_include_pad": "bool\nWhether padding counts in the divisor.",
    "divisor_override": "int or None\nDivide by this instead, at borders too; not 0.",
    "output_size": "int, None or sequence of these\nOutputs along each pooled axis; None keeps the axis as it is.",
    "axes": "int, sequence of int or None\nThe pooled axes, in the order in which indices count.  {axes_default}",
    "keepdims": "bool\nKeep the pooled axes in the result, with extent 1.",
    "data_format": '"channels_first" or "channels_last"\nWhere the channel axis is; neither is copied.',
    "out": "{out_type}\nWhere to write the result; exactly its dtype and shape, and no memory shared with an input.",
    "num_threads": "int or None\nThreads for this call at most; None for the current setting.",
    "nan": '"propagate" or "ignore"\nWhether a NaN spoils its windows, or counts as no cell.',
    "mask": "array_like of bool or None\nTrue where a cell counts; broadcast to x's shape.",
    "weights": "array_like or None\nWhat each cell weighs (floating x only); broadcast to x's shape.",
    "boundary": '"constant", "edge", "reflect" or "wrap"\n'
    "What taps in the padding see: nothing, or the cells that numpy.pad would put there.",
    "empty": "number or None\nThe result of a window without a valid cell; None for {empty_default}.",
    "rounding": '"trunc", "floor", "nearest" or "half_up"\nHow averages of integers are rounded.',
    "index_layout": '"plane", "global", "global_column_major", "channels_last" or "window"\n'
    "What an index counts: cells of the pooled axes (as PyTorch), of the whole array (as ONNX, row- or\n"
    "column-major), of pooled axes and channels (as TensorFlow), or the taps of the window in the smallest\n"
    "integers that hold them.",
    "indices": "array_like of int or None\n"
    "What the forward returned, in `index_layout`; -1 stands for an empty window.  Spares the search.",
    "grad_output": "array_like\nFloating, of the shape of the forward's result.",
    "grad_grad_x": "array_like\nFloating, of the shape of x.",
}

EMPTY_DEFAULT = {
    "max": "the dtype's lowest value (index -1)",
    "min": "the dtype's highest value (index -1)",
    "avg": "0 where the divisor counts padding, else NaN (integers: 0)",
    "sum": "0",
}

RULES = {
    "max": "The largest cell wins; of equal ones the first in row-major order has the index and the gradient.  NaN wins over\n"
    "every number, and of several the last.",
    "min": "The smallest cell wins; of equal ones the first in row-major order has the index and the gradient.  NaN wins over\n"
    "every number, and of several the last.",
    "avg": "The sum of the window's cells over the number of its taps, those in the padding counted if `count_include_pad`,\n"
    "those beyond the padding never.  float32 and halves add up in float32 for windows of at most 64 taps without a long side,\n"
    "and in float64 for larger ones; integers add up exactly and are rounded by `rounding`.",
    "sum": "bool and signed integers give int64, unsigned ones uint64 (64-bit sums wrap around as NumPy's do), floats their\n"
    "own dtype.",
}

SOURCES = {
    "windowed": "PyTorch, ``torch.nn.functional.{torch}``; ONNX operator specification, MaxPool and AveragePool.",
    "adaptive": "PyTorch, ``torch.nn.functional.{torch}``: window i of m over n cells is [floor(i n / m), ceil((i+1) n / m)).",
    "global": 'M. Lin, Q. Chen, S. Yan, "Network in network", ICLR 2014; ONNX GlobalMaxPool and GlobalAveragePool.',
}

EXAMPLE = ">>> x = np.array([[1, 3, 2, 0], [4, 2, 8, 5], [7, 0, 1, 1], [2, 6, 3, 9]], np.float32)"

EXAMPLE_RESULTS = {
    "max": "[[4. 8.]\n [7. 9.]]",
    "min": "[[1. 0.]\n [0. 1.]]",
    "avg": "[[2.5  3.75]\n [3.75 3.5 ]]",
    "sum": "[[10. 15.]\n [15. 14.]]",
}


def _example(operator, name):
    """The two-axis forms show a call; the rest are the same but for shapes."""
    if operator.rank not in (2, None) or operator.kind == "global":
        return ""
    array = "x[None]" if operator.rank == 2 else "x"
    index = "[0]" if operator.rank == 2 else ""
    result = "\n".join("    " + line for line in EXAMPLE_RESULTS[operator.op].split("\n"))
    return (
        f"\n    Examples\n    --------\n    >>> import numpy as np\n    >>> import cypool\n    {EXAMPLE}\n"
        f"    >>> print(cypool.{name}({array}, 2){index})\n{result}\n"
    )


def _indent(text, by="        "):
    return "\n".join(by + line if line else line for line in text.split("\n"))


def describe(name, parameter, values, texts=PARAMETERS):
    """One parameter's entry: its text with `values` filled in, and its default."""
    default = None if parameter.default is parameter.empty else repr(parameter.default)
    return _entry(name, texts[name], default, tuple(values.items()))


@functools.cache  # most functions of a family say the same of most parameters
def _entry(name, text, default, values):
    kind, _, text = (part.format(**dict(values)) if part else part for part in text.partition("\n"))
    if default is not None and "None" not in kind:
        kind += f", default {default}"
    return f"    {name} : {kind}\n{_indent(text)}"


def page(summary, parameters, returns, notes, source, example=""):
    """A docstring from its parts: entries of `describe`, and texts without indentation."""
    parameters = "\n".join(parameters)
    return f"""{summary}

    Parameters
    ----------
{parameters}

    Returns
    -------
{_indent(returns, "    ")}

    Raises
    ------
    TypeError
        An argument has a wrong type or dtype; the message names it and lists what is supported.
    ValueError
        An argument has a wrong value, or no window fits an axis; nothing has been written.

    Notes
    -----
{_indent(notes, "    ")}

    References
    ----------
    .. [1] {source}
{example}"""


def axes_default(operator):
    """What `axes` are unless named."""
    if operator.kind == "global":
        return "By default all but batch and channels."
    return "By default the last ones, two for an int."


_SHAPE_IS_ENOUGH = {
    **PARAMETERS,
    "x": PARAMETERS["x"].replace("array_like", "array_like or tuple of int", 1) + "  Its shape is enough.",
}


def compose(operator, name, suffix, signature):
    """The docstring of one public function."""
    word = WORDS[operator.op]
    where = WHERE[operator.rank]
    forward = SUMMARIES[operator.kind].format(Word=word.capitalize(), where=where)
    returns = {
        "": (
            "numpy.ndarray or tuple of numpy.ndarray\n    The result, and the indices if `return_indices`."
            if operator.selecting
            else "numpy.ndarray\n    The result."
        ),
        "_backward": "numpy.ndarray\n    The gradient of x, in grad_output's dtype"
        + ("." if operator.selecting else "; with `weights` a pair, the second the gradient of the weights."),
        "_double_backward": "numpy.ndarray\n    The gradient of grad_output, in grad_grad_x's dtype.",
    }[suffix]
    values = {
        "shape": SHAPES[operator.rank],
        "bool_note": " (not bool)" if operator.op == "avg" else "",
        "axes_default": axes_default(operator),
        "empty_default": EMPTY_DEFAULT[operator.op],
        "out_type": {
            (True, ""): "numpy.ndarray, a pair of them with return_indices=True, or None",
            (False, "_backward"): "numpy.ndarray, a pair of them with `weights`, or None",
        }.get((operator.selecting, suffix), "numpy.ndarray or None"),
    }
    texts = PARAMETERS if operator.selecting or not suffix else _SHAPE_IS_ENOUGH
    parameters = [describe(n, p, values, texts) for n, p in signature.parameters.items()]
    summary = {
        "": forward,
        "_backward": f"Gradient of `{name}`: what each cell of x contributes.",
        "_double_backward": f"Gradient of `{name}_backward` with respect to grad_output.",
    }[suffix]
    if suffix:
        rule = (
            "Each window's gradient goes to its winner."
            if operator.selecting
            else "Each window's gradient, divided as the forward divides, goes to all its cells."
        )
        rule += (
            "\nParameters mean what they mean in the forward; those that only shape its result are accepted and have no"
            "\neffect.  The result has the same bits for every number of threads."
        )
    else:
        rule = RULES[operator.op]
    torch = name.replace("min", "max").replace("sum", "avg")
    torch = torch if operator.rank else torch + "2d"
    source = SOURCES[operator.kind].format(torch=torch)
    return page(summary, parameters, returns, rule, source, "" if suffix else _example(operator, name))
