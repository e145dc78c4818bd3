"""Norms, smooth maxima, importance, spread and stochastic pooling on a device: their kernels, and calls that reach them."""

import functools
import itertools
from unittest import mock

import cuda_on_host
import numpy as np
from cuda_public import run

import cypool
from cypool import engine
from cypool.cuda.windows import _NAMES


def patched(device):
    """Within this, the package's functions compute on the device, whatever arrays they are given."""
    return mock.patch.object(engine, "device_of", return_value=device)


# ---- a few calls that reach every kernel, for planted faults and sanitizers ----------------------------------------------

P = {"stride": 2, "padding": 1}
CASES = [
    ("lp_pool2d", (2, 3), {**P, "ceil_mode": True}),
    ("lp_pool2d", (3.5, 3), {**P, "signed": False, "data_format": "channels_last"}),
    ("adaptive_rms_pool2d", (3,), {}),
    ("rms_pool2d", (3,), {**P, "count_include_pad": True, "mask": True}),
    ("rms_pool2d", (3,), {**P, "weights": True, "boundary": "edge"}),
    ("lse_pool2d", (3,), {**P, "boundary": "reflect"}),
    ("global_lse_pool", (), {"mean": True, "beta": -2.0}),
    ("soft_pool2d", (3,), P),
    ("gem_pool2d", (3,), {**P, "eps": 0.5}),
    ("lip_pool2d", (True, 3), P),
    ("std_pool2d", (3,), {**P, "ddof": 1}),
    ("range_pool2d", (3,), {**P, "boundary": "edge", "mask": True}),
    ("stochastic_pool2d", (3,), {**P, "rng": 3, "padding": 3, "boundary": "edge"}),
    ("stochastic_pool2d", (3,), {**P, "rng": 4}),
    ("stochastic_pool2d", (3,), {**P, "training": False}),
]


def same_as_on_the_host(device, name, positional, p):
    """One case, forward and backward, against the CPU's kernels."""
    rng = np.random.default_rng(9)
    x = rng.standard_normal((2, 3, 9, 8)).astype(np.float32)
    positional = [rng.standard_normal(x.shape).astype(np.float32) if one is True else one for one in positional]
    p = {**p, "mask": rng.random(x.shape) < 0.7} if "mask" in p else p
    p = {**p, "weights": rng.random(x.shape[1:])} if "weights" in p else p
    more = {"return_indices": True, "index_layout": "window"} if p.get("rng") else {}
    got, want = (run(x, *positional, **p, **more) for run in both(device, name))
    same = np.testing.assert_allclose
    for one, other in zip(got, want, strict=True) if more else [(got, want)]:
        same(one, other, rtol=1e-5, atol=1e-6)
    gradient = rng.standard_normal((want[0] if more else want).shape).astype(np.float32)
    got, want = (run(gradient, x, *positional, **p) for run in both(device, name + "_backward"))
    for one, other in zip(got, want, strict=True) if isinstance(want, tuple) else [(got, want)]:
        same(one, other, rtol=1e-4, atol=1e-5)

    if "lp_" in name or "rms_" in name:
        outer = rng.standard_normal(x.shape).astype(np.float32)
        for one, other in zip(
            *(run(outer, gradient, x, *positional, **p) for run in both(device, name + "_double_backward")), strict=True
        ):
            same(one, other, rtol=1e-4, atol=1e-5)


def both(device, name):
    """A function on the device, and on the host."""
    return functools.partial(run, device, name), getattr(cypool, name)


def every_case(device, op=""):
    """All cases, or those of one operator."""
    for case in CASES:
        if op in case[0]:
            same_as_on_the_host(device, *case)


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


def weighted_norms(dtypes, gradients=(), weights="double", offset="int"):
    """The kernels of norms of cells that weigh something."""
    names = []
    for dtype in dtypes:
        struct = f"WeightedNorm<{_NAMES[dtype]}, {weights}>"
        names.append(f"cypool_weigh<{struct}, {_NAMES[dtype]}, {offset}>")
        names += [f"cypool_keep<{struct}, {offset}>"] if gradients else []
        names += [f"cypool_give_weighted<{struct}, {weights}, {g}, {offset}>" for g in gradients]
    return names


def bends(dtypes, gradients, offset="int"):
    """The kernels of second derivatives of norms, with weights of float64."""
    names = []
    for dtype, (struct, weight) in itertools.product(
        dtypes, (("Norm<{}, double>", "float"), ("WeightedNorm<{}, double>", "double"))
    ):
        struct = struct.format(_NAMES[dtype])
        names.append(f"cypool_bend<{struct}, {offset}>")
        names += [f"cypool_give_bend<{struct}, {weight}, {g}, {offset}>" for g in gradients]
    return names


def ranges(dtypes, gradients=(), offset="int"):
    """The kernels of ranges."""
    names = []
    for dtype in dtypes:
        out = _NAMES[dtype] if dtype[:3] != "int" else _NAMES["u" + dtype]
        names.append(f"cypool_range<{_NAMES[dtype]}, {out}, {offset}>")
        names += [f"cypool_ends<{_NAMES[dtype]}, {offset}>"] if gradients else []
    works = {"double": "double"}
    return names + [f"cypool_apart<{g}, {works.get(g, 'float')}, {offset}>" for g in gradients]


def numbers(dtypes, offset="int"):
    """What tells NaN from numbers."""
    return [f"cypool_numbers<{_NAMES[dtype]}, {offset}>" for dtype in dtypes if "float" in dtype]


def draws(dtypes, gradients=(), offset="int"):
    """The kernels of stochastic pooling."""
    names = []
    for dtype in dtypes:
        x, out = _NAMES[dtype], _NAMES[dtype if "float" in dtype else "float64"]
        names += [f"cypool_drawn<{x}, {offset}>", f"cypool_expected<{x}, {out}, {offset}>"]
        names += [f"cypool_keep_expected<{x}, {offset}>"] if gradients else []
        names += [f"cypool_give_expected<{x}, {g}, {offset}>" for g in gradients]
    return names


_NORMS = weighed(("norm",), ("float32",), ("float",)) + bends(("float32",), ("float",))

OF_FLOAT32 = {
    **{op: weighed((op,), ("float32",), ("float",)) for op in STRUCTS if op != "norm"},
    "lp": _NORMS,
    "rms": _NORMS + weighted_norms(("float32",), ("float",)),
    "range": ranges(("float32",), ("float",)),
    "stochastic": draws(("float32",), ("float",))
    + [k for k in cuda_on_host.kernels(("float32",), ("int",)) if "_t" not in k],
}
"""What the `CASES` of each operator ask for."""

FLOAT32 = list(dict.fromkeys(itertools.chain(*OF_FLOAT32.values())))
