"""The type stubs, from what the package is at run time: ``python tests/support/stubs.py`` writes them again.

Most functions and layers are made at import from rows, so their stubs are made too: names, parameters and defaults come from
the signatures, types from the tables below, one type for each name of a parameter, and what is returned from the docstrings.
A name that no table knows stops the generator, which says where to add it.  `tests/test_typing.py` compares the result with
the stubs beside the modules; `cypool/__init__.pyi` only collects the names.
"""

import importlib
import inspect
import re
import sys
import textwrap
from pathlib import Path

import cypool
from cypool.layers import Layer

HEADER = "# Written by tests/support/stubs.py: do not edit.\n"

TYPES = {
    "_random_samples": "ArrayLike | None",
    "aligned": "bool",
    "alpha": "ArrayLike",
    "axes": "Axes",
    "axis": "int",
    "background": "int | None",
    "beta": "ArrayLike",
    "bias": "ArrayLike | None",
    "boundary": "Boundary",
    "boxes": "Boxes",
    "ceil_mode": "CeilMode",
    "count_include_pad": "bool",
    "data_format": "DataFormat",
    "ddof": "int",
    "dilation": "Ints",
    "divisor_override": "int | None",
    "dtype": "DTypeLike",
    "edge": 'Literal["partial", "trim", "pad"]',
    "empty": "Empty",
    "eps": "float",
    "factor": "Ints",
    "filter": "Sequence[float] | Sequence[Sequence[float]] | None",
    "function": "Callable[..., Any]",
    "grad_grad_x": "ArrayLike",
    "grad_output": "ArrayLike",
    "index_layout": "IndexLayout",
    "indices": "ArrayLike",
    "k": "int",
    "keepdims": "bool",
    "kernel_size": "Ints",
    "lengths": "ArrayLike",
    "levels": "int | Sequence[int] | Sequence[Sequence[int]]",
    "logits": "ArrayLike",
    "mask": "ArrayLike | None",
    "max_size": "Ints",
    "mean": "bool",
    "method": 'Literal["linear", "lower", "higher", "nearest", "midpoint"]',
    "mode": 'Literal["avg", "max", "onnx_max"]',
    "n": "int | None",
    "nan": "Nan",
    "norm_type": "float",
    "num_threads": "int | None",
    "op": "str",
    "out": "Out",
    "output_ratio": "float | Sequence[float] | None",
    "output_size": "OutputSize",
    "overlapping": "bool",
    "p": "ArrayLike",
    "padding": "Padding",
    "pooling_ratio": "float | Sequence[float]",
    "pseudo_random": "bool",
    "q": "float",
    "return_indices": "bool",
    "return_sequences": "bool",
    "rng": "Rng",
    "rounding": "Rounding",
    "sampling_ratio": "int",
    "sequences": "Sequence[ArrayLike] | None",
    "shape": "Sequence[int]",
    "signed": "bool",
    "spatial_scale": "float",
    "stride": "Ints | None",
    "training": "bool",
    "w": "ArrayLike",
    "weights": "ArrayLike | None",
    "x": "ArrayLike",
}
"""Types by a parameter's name; a None as default is added where it is missing."""

SPECIAL = {
    ("cypool.morphology", "op"): 'Literal["max", "min"]',
    ("cypool.functional", "plan", "args"): "Any",
    ("cypool.functional", "plan", "keywords"): "Any",
}
"""The same for one module, or for one function of it."""

RETURNS = {
    "CupyDevice": "Any",
    "bool": "bool",
    "callable": "Plan",
    "dict": "dict[str, Any]",
    "int": "int",
    "list of numpy.ndarray": "list[Array]",
    "list of type": "list[type[Any]]",
    "numpy.ndarray": "Array",
    "str": "str",
    "tuple of numpy.ndarray": "tuple[Array, Array]",
}
"""Types by the first line of Returns, up to a comma or a colon."""

LONGER = {"gated_pool": "tuple[Array, ...]"}
"""What gradients return that are more with one argument than without, by how their names begin."""

PAIR = "tuple[Array, Array]"
FLAGS = ("return_indices", "return_sequences")
CONTEXTS = {("cypool.threads", "num_threads"): "AbstractContextManager[None]"}

IMPORTS = {
    "collections.abc": ("Callable", "Sequence"),
    "contextlib": ("AbstractContextManager",),
    "typing": ("Any", "Literal", "overload"),
    "numpy.typing": ("ArrayLike", "DTypeLike"),
    "typing_extensions": ("Self",),
    "cypool._types": (
        *("Array", "Axes", "Boundary", "Boxes", "CeilMode", "DataFormat", "Empty", "IndexLayout", "Ints", "Nan", "Out"),
        *("OutputSize", "Padding", "Plan", "Rng", "Rounding"),
    ),
    "cypool.layers": ("Layer",),
}

BASE = """class Layer:
    training: bool
    def __init__(self, **chosen: Any) -> None: ...
    def __call__(self, x: ArrayLike) -> Any: ...
    def train(self, mode: bool = True) -> Self: ...
    def eval(self) -> Self: ...
    def forward(self, x: ArrayLike) -> Any: ...
    def backward(self, grad_output: ArrayLike) -> Array: ..."""


def type_of(module, owner, p):
    """The type of one parameter."""
    keys = ((module, owner, p.name), (module, p.name))
    text = next((SPECIAL[key] for key in keys if key in SPECIAL), TYPES.get(p.name))
    if text is None:
        raise SystemExit(
            f"{module}.{owner} has a parameter {p.name!r} that tests/support/stubs.py has no type for: add it"
        )
    if p.default is None and not may_be_none(text):
        text += " | None"
    return text


def may_be_none(text):
    """Whether None is among the types."""
    return text.endswith("None") or text in ("Axes", "Empty", "Out", "OutputSize", "Rng")


def written(module, owner, parameters, replaced=None):
    """A parameter list; `replaced` holds texts for some names."""
    words, star = [], False
    for p in parameters:
        if p.kind is p.KEYWORD_ONLY and not star:
            words.append("*")
        star = star or p.kind in (p.KEYWORD_ONLY, p.VAR_POSITIONAL)
        if replaced and p.name in replaced:
            words.append(f"{p.name}: {replaced[p.name]}")
            continue
        prefix = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        default = "" if p.default is p.empty else f" = {p.default!r}".replace("'", '"')
        words.append(f"{prefix}{p.name}: {type_of(module, owner, p)}{default}")
    return ", ".join(words)


def line(indent, name, inside, result, comment=""):
    """One definition, over as many lines as it needs."""
    text = f"def {name}({inside}) -> {result}: ...{comment}"
    if len(indent + text) <= 120:
        return indent + text
    kept = re.sub(r"(?<!,) |, (?=[^\[]*\])", lambda found: found[0].replace(" ", "\0"), inside)  # parameters stay whole
    body = textwrap.fill(kept, 116 - len(indent), break_long_words=False, break_on_hyphens=False).replace("\0", " ")
    return textwrap.indent(f"def {name}({comment}\n{textwrap.indent(body, '    ')}\n) -> {result}: ...", indent)


def chosen(parameters, name, text):
    """Parameter lists where `name` is given as `text`: by keyword and, if it may be, by position."""
    index = next(i for i, p in enumerate(parameters) if p.name == name)
    p = parameters[index]
    if p.kind is p.KEYWORD_ONLY:
        yield parameters, {name: text}
        return
    first = next((i for i, q in enumerate(parameters) if q.kind is q.KEYWORD_ONLY), len(parameters))
    keyword = p.replace(kind=p.KEYWORD_ONLY)
    behind = [q.replace(kind=q.KEYWORD_ONLY) for q in parameters[index + 1 : first]]
    yield [*parameters[:index], keyword, *behind, *parameters[first:]], {name: text}
    yield [q.replace(default=q.empty) if i <= index else q for i, q in enumerate(parameters)], {name: text}


def function(module, name, f):
    """The stub of a function: overloads where what is returned depends on an argument."""
    parameters = list(inspect.signature(f).parameters.values())
    if (module, name) in CONTEXTS:
        return line("", name, written(module, name, parameters), CONTEXTS[module, name])
    given = {p.name for p in parameters}
    gradient = name.endswith("_backward")
    found = re.search(r"Returns\n-+\n([^\n]*)", inspect.getdoc(f) or "")
    words = re.split("[,:]", found[1])[0].strip() if found else None
    flags = [] if gradient else [flag for flag in FLAGS if flag in given]
    pair = gradient and "weights" in given and bool(re.search("with `weights` a pair|or tuple", f.__doc__))
    if flags or pair:
        words = re.sub(" or tuple.*", "", words)
    if words is not None and words not in RETURNS:
        raise SystemExit(f"{module}.{name} returns {words!r}, which tests/support/stubs.py has no type for: add it")
    result = "None" if words is None else RETURNS[words]
    if gradient:
        result = next((longer for start, longer in LONGER.items() if name.startswith(start)), result)
    if not flags and not pair:
        return line("", name, written(module, name, parameters), result)
    if pair:
        (alone,), some = ("weights",), "ArrayLike"
        first, rest, many = {"weights": "None = None"}, f"{result} | {PAIR}", PAIR
    else:
        alone, some = flags[0], "Literal[True]"
        many = PAIR if len(flags) == 1 else "tuple[Any, ...]"
        first, rest = dict.fromkeys(flags, "Literal[False] = False"), f"{result} | {many}"
    alternatives = [(parameters, first, result)]
    for flag in flags or [alone]:
        alternatives += [(*way, many) for way in chosen(parameters, flag, some)]
    alternatives.append((parameters, None, rest))
    return "\n".join(
        "@overload\n" + line("", name, written(module, name, given, texts), returned)
        for given, texts, returned in alternatives
    )


def layer(module, name, cls):
    """The stub of a layer: its constructor, its parameters as attributes, and forward where it takes more than x."""
    parameters = list(inspect.signature(cls).parameters.values())
    lines = [f"class {name}(Layer):"]
    lines += [f"    {p.name}: {type_of(module, name, p)}" for p in parameters]
    row = getattr(cls, "_row", None)
    if row is not None:
        lines += [f"    grad_{learnt}: Array | None" for learnt in row.learnt]
    lines.append(
        line("    ", "__init__", "self, " + written(module, name, parameters) if parameters else "self", "None")
    )
    result = "Any" if any(p.name in FLAGS for p in parameters) else "Array"
    for method in ("__call__", "forward"):
        taken = list(inspect.signature(getattr(cls, method)).parameters.values())[1:]
        override = "  # type: ignore[override]" if any(p.default is p.empty for p in taken[1:]) else ""
        text = line("    ", method, "self, " + written(module, name, taken), result, override)
        lines.append(text)
    return "\n".join(lines)


def definition(module, name, value):
    """The stub of one public name."""
    if isinstance(value, str):
        return f"{name}: str"
    if isinstance(value, type) and issubclass(value, Layer):
        return layer(module, name, value)
    return function(module, name, value)


def imports(text, module):
    """The import lines of what a stub uses."""
    for source, names in IMPORTS.items():
        used = [name for name in names if re.search(rf"\b{name}\b", text)]
        if used and source != module:
            yield f"from {source} import {', '.join(used)}"


def stub(module, names, before=()):
    """The stub of a module."""
    live = importlib.import_module(module)
    body = "\n".join([*before, *(definition(module, name, getattr(live, name)) for name in names)])
    published = ""
    if hasattr(live, "__all__"):
        published = "\n__all__ = [\n" + "".join(f'    "{name}",\n' for name in sorted(live.__all__)) + "]\n"
    return HEADER + "\n".join(imports(body, module)) + "\n" + published + "\n" + body + "\n"


def everything():
    """File names and texts of all stubs."""
    texts, lines = {}, []
    homes = {"functional": "functional", "layers": "layers"}
    by_module = {}
    for name in cypool.__all__:
        value = getattr(cypool, name)
        if inspect.ismodule(value):
            continue
        home = "cypool.config" if name == "__version__" else value.__module__
        by_module.setdefault(home, []).append(name)
    for module, names in sorted(by_module.items()):
        short = module.removeprefix("cypool.")
        texts[f"{short}.pyi"] = stub(module, sorted(names), [BASE] if short == "layers" else [])
        inside = "".join(f"    {name} as {name},\n" for name in sorted(names))
        lines.append(f"from {module} import (\n{inside})\n")
    texts["onnx.pyi"] = stub("cypool.onnx", cypool.onnx.__all__)
    texts["cuda/__init__.pyi"] = stub("cypool.cuda", cypool.cuda.__all__)
    doors = "".join(
        f"from cypool import {name} as {name}\n" for name in sorted([*homes, *cypool._FAMILIES, *cypool._DOORS])
    )
    names = "".join(f'    "{name}",\n' for name in sorted(cypool.__all__))
    texts["__init__.pyi"] = HEADER + doors + "".join(lines) + f"\n__all__ = [\n{names}]\n"
    return texts


def main():
    """Write the stubs into the source tree, and take away those of modules that are gone."""
    folder = Path(__file__).resolve().parents[2] / "cypool"
    texts = everything()
    for path in folder.rglob("*.pyi"):
        if path.relative_to(folder).as_posix() not in texts:
            path.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8", newline="\n")
    print(f"{len(texts)} stubs, {sum(map(len, texts.values())) // 1000} kB", file=sys.stderr)


if __name__ == "__main__":
    main()
