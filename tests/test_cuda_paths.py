"""The GPU's special ways, on the host: each is held to the general kernels and to the slow reference.

The general kernels are themselves tested in `test_cuda.py`.  Selections, indices and gradients are the same bits, sums are added
in another order.
"""

import itertools

import cuda_on_host
import numpy as np
import pytest
from cuda_on_host import HostDevice, call, here, same_as_reference, there
from drawing import same
from hypothesis import given, note, settings
from hypothesis import strategies as st

from cypool.cuda import paths
from cypool.cuda.windows import _NAMES

SHAPES = ((2, 2, 0), (3, 2, 1), (3, 1, 1), (4, 4, 0))
"""Columns' windows that are compiled for the tests, of the many in `paths.NEAR`,"""

ROWS = 2
"""and rows at once."""

SUMS = {"float32": ("float", "double"), "float16": ("float",), "float64": ("double",)}


def kernels(dtype, shapes=SHAPES, packs=(1, 2, 4), ways=("near", "lanes", "whole", "slide")):
    """Names of the special kernels that the tests ask for."""
    t, floating = _NAMES[dtype], dtype in SUMS
    sums = SUMS.get(dtype, ("unsigned long long",))
    out = t if floating else "unsigned long long"
    verbs = [f"select<{t}, {{}}1", f"find<{t}, {{}}1"]
    verbs = [verb.format(sign) for verb in verbs for sign in ("", "-")]
    verbs += [f"total<{t}, {s}, {o}" for s in sums for o in dict.fromkeys((t, out))]
    gradients = [f"adjoint<{t}, {s}, {shares}" for s in sums for shares in ("true", "false")]
    gradients += [f"scatter<{t}, {s}" for s in sums]
    every, names = verbs + gradients * floating, []
    if "near" in ways:
        most = [v for v in every if "double" not in v or dtype == "float64"]
        names += [
            f"cypool_near_{verb}, {rows}, {k}, {s}, {p}, {n}>"
            for verb, (k, s, p), rows, n in itertools.product(most, shapes, (1, ROWS), packs)
        ]
    if "lanes" in ways:
        names += [f"cypool_lanes_{verb}, {n}>" for verb, n in itertools.product(every, packs)]
    if {"whole", "slide"} & {*ways}:
        later = [f"total<{s}, {s}, {o}" for s in sums for o in dict.fromkeys((t, out))]
        later += [f"total<{t}, {s}, {s}" for s in sums]
    if "whole" in ways:
        names += [
            f"cypool_whole_{verb}, {across}, {n}>"
            for verb, across, n in itertools.product(dict.fromkeys(verbs + later), ("true", "false"), packs)
        ]
        if floating:
            names += [f"cypool_whole_adjoint<{t}, {s}, {n}>" for s in sums for n in packs]
            names += [f"cypool_whole_scatter<{t}, {n}>" for n in packs]
    if "slide" in ways:
        names += [f"cypool_slide_{verb}>" for verb in dict.fromkeys(verbs + later)]
    return list(dict.fromkeys(names))


host = cuda_on_host.host_fixture(kernels("float32") + cuda_on_host.kernels(("float32",), ("int",)), paths.PATHS)


@pytest.fixture(autouse=True)
def few_kernels(request, monkeypatch):
    """On the host only those kernels are asked for that are compiled, and small arrays have several parts."""
    if "gpu" not in request.node.name:
        monkeypatch.setattr(paths, "NEAR", SHAPES)
        monkeypatch.setattr(paths, "AT_ONCE", ROWS)
        monkeypatch.setattr(paths, "TAPS_A_PART", 1 / 16)


def ways(device, name, *arguments, **parameters):
    """What a call gives by the special ways, and by the general kernels."""
    results = [call(device, name, *arguments, **parameters)]
    special, device.paths = device.paths, ()
    try:
        results.append(call(device, name, *arguments, **parameters))
    finally:
        device.paths = special
    return [tuple(map(here, r)) if isinstance(r, tuple) else here(r) for r in results]


@st.composite
def plain_calls(draw):
    """A call over an array that is plain enough, mostly; with what may keep packs from being loaded."""
    rank = draw(st.sampled_from((1, 2, 2, 2, 3)))
    last = draw(st.booleans())
    extents = [draw(st.sampled_from((8, 12, 16, 7, 9, 21) if rank < 3 else (4, 8, 5))) for _ in range(rank)]
    batch = [draw(st.integers(1, 3)), draw(st.sampled_from((8, 4, 6, 3) if last else (1, 2, 3)))]
    shape = (batch[0], *extents, batch[1]) if last else (*batch, *extents)
    name = draw(st.sampled_from(("max_pool", "min_pool", "avg_pool", "sum_pool")))
    p = {"data_format": "channels_last"} if last else {}
    kind = draw(st.sampled_from(("near", "near", "any", "large", "global", "adaptive")))
    if kind == "near":
        k, s, pad = draw(st.sampled_from(SHAPES))
        rows = [draw(st.sampled_from((k, 2, 3))) for _ in range(rank - 1)]
        p |= {"kernel_size": (*rows, k), "stride": (*[draw(st.integers(1, 3)) for _ in rows], s)}
        p |= {"padding": (*[draw(st.integers(0, n // 2)) for n in rows], pad)}
    elif kind in ("any", "large"):
        k = draw(st.integers(1, 4) if kind == "any" else st.sampled_from((6, 7, 8)))
        p |= {"kernel_size": (k,) * rank, "stride": draw(st.integers(1, 3)), "padding": draw(st.integers(0, k // 2))}
        p |= {"dilation": draw(st.sampled_from((1, 1, 2)))}
    else:
        name = f"{kind}_{name}"
        p |= (
            {"keepdims": draw(st.booleans())}
            if kind == "global"
            else {"output_size": (draw(st.integers(1, 3)),) * rank}
        )
    if "kernel_size" in p:
        p["ceil_mode"] = draw(st.sampled_from((False, True, "keep")))
        if name == "avg_pool":
            p |= draw(st.sampled_from(({}, {"count_include_pad": False}, {"divisor_override": 3})))
    elif kind == "global" and rank < 3 and draw(st.booleans()):
        shape = tuple(64 if n in (12, 16) else n for n in shape)  # several parts
    offset, step = draw(st.sampled_from((0, 0, 1, 2))), draw(st.sampled_from((1, 1, 1, 2)))
    return name, shape, p, (offset, step), draw(st.integers(0, 2**32 - 1))


def placed(device, values, offset, step):
    """An array whose first element lies some elements behind an aligned one, with gaps along its first axis."""
    room = device.xp.zeros((step * values.shape[0], values[0].size + offset), values.dtype)
    view = room[::step, offset:].reshape(values.shape) if offset == 0 and step == 1 else None
    if view is None:
        flat = device.xp.zeros(step * values.size + 4, values.dtype)[offset:]
        view = flat[: step * values.size].reshape(step * values.shape[0], *values.shape[1:])[::step]
    view[...] = there(device, values)
    return view


def some_values(rng, shape, dtype):
    """Small whole and half numbers with ties, now and then NaN and infinities."""
    x = (rng.integers(-6, 7, shape) / 2).astype(dtype)
    if rng.random() < 0.5 and x.dtype.kind == "f":
        x[rng.random(shape) < 0.05] = np.nan
        x[rng.random(shape) < 0.05] = -np.inf
    return x


@given(drawn=plain_calls())
def test_the_ways_agree(device, drawn):
    name, shape, p, (offset, step), seed = drawn
    note(f"{name} {shape} {p}")
    rng = np.random.default_rng(seed)
    selecting = "max" in name or "min" in name
    x = placed(device, some_values(rng, shape, np.float32), offset, step)
    more = {"return_indices": True, "index_layout": str(rng.choice(["plane", "window"]))} if selecting else {}
    try:
        special, general = ways(device, name, x, **p, **more)
    except ValueError as error:
        assert "does not fit" in str(error) or "must" in str(error)
        return
    if selecting:
        same(special[0], general[0])
        same(special[1], general[1])
        value, _ = ways(device, name, x, **p)
        same(value, general[0])
    else:
        np.testing.assert_allclose(special, general, rtol=1e-6, atol=1e-5)
    out = (special[0] if selecting else special).shape
    gradient = placed(device, rng.integers(-8, 9, out).astype(np.float32), offset, step) if out else None
    if gradient is not None and gradient.ndim:
        special, general = ways(device, name + "_backward", gradient, x, **p)
        assert special.tobytes() == general.tobytes()
