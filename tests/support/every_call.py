"""Print a program that calls every public function and makes every layer, for `mypy --strict` to read; nobody runs it.

Each is called twice: with what it requires, and with all its parameters by name.  The values come from the table below, so a
type in the stubs that does not take an ordinary value is found.
"""

import inspect

import cypool

VALUES = {
    **dict.fromkeys(("x", "grad_output", "grad_grad_x", "logits", "indices", "lengths", "w", "weights", "mask"), "x"),
    **dict.fromkeys(("boxes", "_random_samples", "p", "beta", "alpha", "bias"), "x"),
    **dict.fromkeys(
        ("aligned", "ceil_mode", "count_include_pad", "keepdims", "mean", "overlapping", "pseudo_random"), "True"
    ),
    **dict.fromkeys(("return_indices", "return_sequences", "signed", "training"), "flag"),
    **dict.fromkeys(
        ("axes", "kernel_size", "max_size", "stride", "dilation", "output_size", "factor", "shape"), "(2, 3)"
    ),
    **dict.fromkeys(
        ("axis", "ddof", "divisor_override", "k", "n", "num_threads", "rng", "sampling_ratio", "background"), "2"
    ),
    **dict.fromkeys(("eps", "norm_type", "output_ratio", "pooling_ratio", "q", "spatial_scale", "empty"), "0.5"),
    "boundary": '"reflect"',
    "data_format": '"channels_last"',
    "dtype": "np.float32",
    "edge": '"trim"',
    "filter": "(0.25, 0.5, 0.25)",
    "function": "cypool.max_pool2d",
    "index_layout": '"window"',
    "levels": "2",
    "method": '"nearest"',
    "mode": '"avg"',
    "nan": '"ignore"',
    "op": '"max"',
    "out": "x",
    "padding": '"same"',
    "rounding": '"floor"',
    "sequences": "(x, x)",
}


def calls(name, value):
    """The two calls."""
    parameters = [
        p for p in inspect.signature(value).parameters.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    required = [p for p in parameters if p.default is p.empty]
    for chosen in (required, parameters):
        yield f"cypool.{name}({', '.join(f'{p.name}={VALUES[p.name]}' for p in chosen)})"


print("import numpy as np\nimport numpy.typing as npt\n\nimport cypool\n")
print("x: npt.NDArray[np.float32] = np.zeros((2, 3, 8, 8), np.float32)\nflag = bool(x.size)\n")
for public in cypool.__all__:
    if callable(getattr(cypool, public)):
        print(*calls(public, getattr(cypool, public)), sep="\n")
