"""Other systems, as docs/systems.md writes their calls: how `x` enters each, which names a call may use, what it gives.

The page's tables are data: `tables` reads them, `gives` evaluates a row's call and writes its result as the page does.  So are
those of the guides for those who come from elsewhere, pairs of calls that give the same: `pairs`.
"""

import functools
import importlib
import re
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

PAGE = Path(__file__).parents[2] / "docs/systems.md"


class Row(NamedTuple):
    """A row of a table: a system's call of the subject's `x`, and what the page says that it gives."""

    subject: str
    setup: str
    system: str
    call: str
    result: str
    note: str = ""


def tables(page=PAGE):
    """Every row of the page, with its section's title and the Python block before its table."""
    rows, subject, setup, block = [], "", "", None
    for line in page.read_text("utf-8").splitlines():
        if line.startswith("## "):
            subject, setup = line[3:], ""
        elif line.startswith("```"):
            if block is not None:
                setup = "\n".join(block)
            block = [] if line == "```python" else None
        elif block is not None:
            block.append(line)
        elif found := re.fullmatch(r"\| ([^|]+) \| `([^`|]+)` \| `([^`|]+)` \|(.*)\|", line):
            rows.append(Row(subject, setup, *found.groups()))
    return rows


def errors(rows):
    """The page's list of what is marked an error, by system: one line each, its sections in the page's order."""
    found = {}
    for row in rows:
        if "*error*" in row.note:
            slug = re.sub(r"[^\w -]", "", row.subject.lower()).replace(" ", "-")
            found.setdefault(row.system, {})[row.subject] = slug
    return [
        f"- **{system}**: " + ", ".join(f"[{subject}](#{slug})" for subject, slug in found[system].items())
        for system in SYSTEMS
        if system in found
    ]


def pairs(page):
    """The pairs of calls of a guide's tables: what comes before them, the system's name, its call, cypool's."""
    text = page.read_text("utf-8")
    setup = re.search(r"```python\n(x = .*?)```", text, re.DOTALL)[1]
    system = None
    for line in text.splitlines():
        if found := re.fullmatch(r"\| ([\w.-]+) \| cypool \|", line):
            system = {"scipy.ndimage": "SciPy"}.get(found[1], found[1])
        elif found := re.fullmatch(r"\| `([^`|]+)` \| `(cypool[^`|]+)` \|", line):
            yield setup, system, *found.groups()


def onnx_node(run, opset, kind, *arrays, outputs=1, dtype=None, **attributes):
    """Run one node as a model of its own; the result, or all of several."""
    import onnx

    element = onnx.helper.np_dtype_to_tensor_dtype
    names = [f"input{i}" for i in range(len(arrays))]
    wanted = [f"output{i}" for i in range(outputs)]
    kinds = [element(np.dtype(dtype or arrays[0].dtype)), onnx.TensorProto.INT64]
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node(kind, names, wanted, **attributes)],
        "node",
        [onnx.helper.make_tensor_value_info(n, element(a.dtype), a.shape) for n, a in zip(names, arrays, strict=True)],
        [onnx.helper.make_tensor_value_info(n, kinds[i], None) for i, n in enumerate(wanted)],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)], ir_version=8)
    results = run(model, dict(zip(names, arrays, strict=True)))
    return results[0] if outputs == 1 else tuple(results)


def _runtime(model, feeds):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"]).run(None, feeds)


def _evaluator(model, feeds):
    from onnx.reference import ReferenceEvaluator

    return ReferenceEvaluator(model).run(None, feeds)


def _openvino(operator, x, *arguments):
    import openvino

    parameter = openvino.opset14.parameter(x.shape, x.dtype, name="x")
    outputs = getattr(openvino.opset14, operator)(parameter, *arguments).outputs()
    found = openvino.compile_model(openvino.Model(outputs, [parameter]), "CPU")(x)
    return found[0] if len(outputs) == 1 else tuple(found[i] for i in range(len(outputs)))


def _names(**modules):
    return {name: importlib.import_module(module) for name, module in modules.items()}


def _onnx(run):
    def node(kind, *arrays, opset=22, **attributes):
        return onnx_node(run, opset, kind, *arrays, **attributes)

    return {"node": node}


def _first(x):
    return x[None, None]


def _last(x):
    return x[None, ..., None]


class System(NamedTuple):
    """The modules to import, how a bare array enters, and the names of its calls."""

    needs: tuple
    enter: object
    names: object


SYSTEMS = {
    "cypool": System((), _first, lambda: {"cypool": importlib.import_module("cypool")}),
    "PyTorch": System(
        ("torch",),
        lambda x: importlib.import_module("torch").from_numpy(_first(x).copy()),
        lambda: _names(torch="torch", F="torch.nn.functional"),
    ),
    "ONNX Runtime": System(("onnx", "onnxruntime"), _first, lambda: _onnx(_runtime)),
    "ONNX reference": System(("onnx",), _first, lambda: _onnx(_evaluator)),
    "OpenVINO": System(("openvino",), _first, lambda: {"ov": _openvino}),
    "TensorFlow": System(("tensorflow",), _last, lambda: _names(tf="tensorflow")),
    "Keras": System(("keras",), _last, lambda: _names(keras="keras")),
    "Flax": System(("flax",), _last, lambda: _names(nn="flax.linen")),
    "JAX": System(("jax",), lambda x: x, lambda: _names(jax="jax", jnp="jax.numpy", lax="jax.lax")),
    "SciPy": System(("scipy",), lambda x: x, lambda: _names(ndimage="scipy.ndimage")),
    "scikit-image": System(
        ("skimage",), lambda x: x, lambda: _names(measure="skimage.measure", transform="skimage.transform")
    ),
    "OpenCV": System(("cv2",), lambda x: x, lambda: _names(cv2="cv2")),
}


@functools.cache
def _imported(system):
    return SYSTEMS[system].names()


def shown(value):
    """What a call gave, as the page writes it: lists without axes of extent 1, three decimals at most."""
    if isinstance(value, (tuple, list)) and not all(np.isscalar(v) for v in value):
        return ", ".join(map(shown, value))
    array = np.squeeze(np.asarray(value))
    if array.dtype.kind == "f" or array.dtype.kind not in "biu":
        array = np.round(array.astype(np.float64), 3) + 0.0
    return str(array.tolist())


def evaluate(system, setup, call, enter=None):
    """Evaluate a call, its `x` entering as in the page's tables, or by `enter`."""
    subject = {"np": np, "inf": np.inf, "nan": np.nan}
    exec(setup, subject)
    subject["x"] = (enter or SYSTEMS[system].enter)(subject["x"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return eval(call, {**subject, **_imported(system)})


def gives(system, setup, call):
    """What a call gives, as the page writes it; the error's name if it is refused."""
    try:
        return shown(evaluate(system, setup, call))
    except Exception as error:
        return type(error).__name__
