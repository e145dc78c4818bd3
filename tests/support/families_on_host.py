"""Operators of `cypool.forms` and norms on a device that a test gives, and the kernels that they ask for."""

import itertools
from unittest import mock

import numpy as np
from cuda_on_host import here, there

import cypool
from cypool import engine
from cypool.cuda.windows import _NAMES


def call(device, name, *arguments, **keywords):
    """``cypool.NAME(...)`` of NumPy arrays, computed on a device."""
    arguments = [placed(device, a) for a in arguments]
    keywords = {key: placed(device, a) for key, a in keywords.items()}
    with mock.patch.object(engine, "device_of", return_value=device):
        result = getattr(cypool, name)(*arguments, **keywords)
    return tuple(map(fetched, result)) if isinstance(result, tuple) else fetched(result)


def placed(device, argument):
    """Arrays on the device; what is not one as it is."""
    return there(device, argument) if hasattr(argument, "__array_interface__") else argument


def fetched(result):
    """NumPy's."""
    return here(result) if hasattr(result, "get") else np.asarray(result)


# ---- kernels -----------------------------------------------------------------------------------------------------------

SMALL = ("Half", "Bfloat16", "float")
"""Floats that are computed in float, or in double."""

STRUCTS = {"norm": "Norm", "lse": "Lse", "soft": "Soft", "gem": "Gem", "std": "Std", "lip": "Lip"}


def structs(op, dtype, logits="float"):
    """The structs of an operator for a storage type, with the type each computes in."""
    cell = _NAMES[dtype]
    works = ("float", "double") if cell in SMALL else ("double",)
    if op == "std":
        return [(f"Std<{cell}>", "double")]
    if op == "lip":
        works = works if logits in SMALL else ("double",)
        return [(f"Lip<{cell}, {logits}, {w}>", w) for w in works]
    return [(f"{STRUCTS[op]}<{cell}, {w}>", w) for w in works]


def weighed(ops, dtypes, gradients=(), logits=("float",), offset="int"):
    """The kernels of `weighed.cu` for these operators, storage types, types of gradients and of logits."""
    names = {}
    for op, dtype, z in itertools.product(ops, dtypes, logits):
        out = _NAMES[dtype] if "float" in dtype else "double"
        for struct, _ in structs(op, dtype, z):
            names[f"cypool_weigh<{struct}, {out}, {offset}>"] = None
            for gradient in gradients:
                names[f"cypool_keep<{struct}, {offset}>"] = None
                if op == "lip":
                    for other in {gradient, "double"}:
                        names[f"cypool_give_both<{struct}, {z}, {gradient}, {other}, {offset}>"] = None
                else:
                    names[f"cypool_give<{struct}, {gradient}, {offset}>"] = None
    return list(names)


def ranges(dtypes, gradients=(), offset="int"):
    """The kernels of ranges."""
    names = []
    for dtype in dtypes:
        out = _NAMES[dtype] if dtype[:3] != "int" else _NAMES["u" + dtype]
        names.append(f"cypool_range<{_NAMES[dtype]}, {out}, {offset}>")
        names += [f"cypool_ends<{_NAMES[dtype]}, {offset}>"] if gradients else []
    works = {"double": "double"}
    return names + [f"cypool_apart<{g}, {works.get(g, 'float')}, {offset}>" for g in gradients]


def draws(dtypes, gradients=(), offset="int"):
    """The kernels of stochastic pooling."""
    names = []
    for dtype in dtypes:
        x, out = _NAMES[dtype], _NAMES[dtype if "float" in dtype else "float64"]
        names += [f"cypool_drawn<{x}, {offset}>", f"cypool_expected<{x}, {out}, {offset}>"]
        names += [f"cypool_keep_expected<{x}, {offset}>"] if gradients else []
        names += [f"cypool_give_expected<{x}, {_NAMES[g]}, {offset}>" for g in gradients]
    return names
