"""The C API: what runs by pointers is what Python computes, bad use is refused and writes nothing, the ABI stays.

The functions are called through ctypes by the layout that tests/clients/abi.json freezes, without the GIL.  Clients in C, C++
and Cython, built against the installed package, are examples/, which .ci/clients.sh runs.
"""

import contextlib
import ctypes
import gc
import itertools
import json
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path

import embedded
import numpy as np
import pytest
from embedded import API, CODES, FROZEN, HEADER, INDICES, INPUT, OUTPUT, Plan, Refused, extents
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import as_strided
from numpy.testing import assert_array_equal

import cypool
from cypool.arrays import _overlaps_itself

FLOATS = ("float16", "float32", "float64")


def numbers(shape, dtype, seed=0):
    x = np.random.default_rng(seed).integers(0, 9, shape)
    return x.astype(dtype)


# ---- what is computed ---------------------------------------------------------------------------------------------------

FORWARD = [
    ("max_pool2d", (2, 3, 9, 11), {"kernel_size": 3, "stride": 2, "padding": 1}),
    ("min_pool2d", (2, 9, 11, 3), {"kernel_size": (2, 3), "dilation": 2, "data_format": "channels_last"}),
    ("avg_pool2d", (3, 9, 11), {"kernel_size": 3, "padding": ((1, 0), (0, 2)), "count_include_pad": False}),
    ("avg_pool1d", (1, 2, 90), {"kernel_size": 70, "stride": 1, "padding": "same"}),
    ("sum_pool3d", (1, 2, 5, 6, 7), {"kernel_size": 2, "ceil_mode": True}),
    ("sum_pool", (4, 5, 6), {"kernel_size": (2, 2), "axes": (0, 2), "boundary": "reflect", "padding": 1}),
    ("adaptive_max_pool2d", (2, 2, 7, 9), {"output_size": (3, None)}),
    ("global_avg_pool", (2, 3, 8, 8), {}),
    ("avg_pool2d", (1, 4, 6), {"kernel_size": 2, "divisor_override": 3, "rounding": "half_up"}),
]


def text(parameters):
    return ", ".join(f"{name}={value!r}" for name, value in parameters.items())


@pytest.mark.parametrize(("function", "shape", "parameters"), FORWARD)
@pytest.mark.parametrize("dtype", [*FLOATS, "bool", "int8", "uint8", "int32", "uint64"])
def test_forward(function, shape, parameters, dtype):
    if dtype == "bool" and "avg" in function:
        with pytest.raises(Refused, match="avg pooling of bool is not defined"):
            Plan(function, dtype, shape, text(parameters))
        return
    x = numbers(shape, dtype)
    want = getattr(cypool, function)(x, **parameters)
    plan = Plan(function, dtype, shape, text(parameters))
    out = plan.new(OUTPUT)
    assert (out.dtype, out.shape, plan.ask("bytes", OUTPUT)) == (want.dtype, want.shape, want.nbytes)
    assert plan.ask("shape") == shape and plan.new(INPUT).dtype == x.dtype
    plan.run("forward", x, out)
    assert_array_equal(out, want)


@pytest.mark.parametrize("layout", ["plane", "window"])
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("k", [2, 3, (17, 16), (1, 300)])
def test_indices_and_back(dtype, k, layout):
    """Window indices of one and of two bytes."""
    x = np.random.default_rng(1).permutation(2 * 3 * 18 * 320).reshape(2, 3, 18, 320).astype(dtype)
    parameters = {"kernel_size": k, "stride": 2, "index_layout": layout}
    want, want_index = cypool.max_pool2d(x, **parameters, return_indices=True)
    plan = Plan("max_pool2d", dtype, x.shape, text(parameters) + ", return_indices=True")
    out, index = plan.new(OUTPUT), plan.new(INDICES)
    plan.run("forward_indices", x, out, index)
    assert_array_equal(out, want)
    assert_array_equal(index, want_index)
    assert index.dtype == want_index.dtype
    grad = np.random.default_rng(2).standard_normal(out.shape).astype(dtype)
    back = Plan("max_pool2d_backward", dtype, x.shape, text(parameters))
    grad_x = back.new(OUTPUT)
    back.run("backward_indices", grad, index, grad_x)
    assert_array_equal(grad_x, cypool.max_pool2d_backward(grad, x, **parameters, indices=want_index))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("function", "shape", "parameters"), [f for f in FORWARD if re.search("avg|sum", f[0])])
def test_backward(function, shape, parameters, dtype):
    if "boundary" in parameters:
        with pytest.raises(Refused, match="a gradient's plan holds no boundary"):
            Plan(f"{function}_backward", dtype, shape, text(parameters))
        return
    plan = Plan(f"{function}_backward", dtype, shape, text(parameters))
    grad, out = plan.new(INPUT), plan.new(OUTPUT)
    grad[...] = np.random.default_rng(3).standard_normal(grad.shape)
    plan.run("backward", grad, out)
    assert_array_equal(out, getattr(cypool, f"{function}_backward")(grad, shape, **parameters))


def test_bfloat16_needs_no_package():
    """Its 16 bits; and the same with a package that knows them."""
    ml_dtypes = pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed (extra: test)")
    x = np.random.default_rng(4).standard_normal((1, 2, 8, 8)).astype(ml_dtypes.bfloat16)
    for op in ("max", "avg"):
        plan = Plan(f"{op}_pool2d", embedded.DTYPES.index("bfloat16"), x.shape, "kernel_size=2")
        out = plan.new(OUTPUT, np.uint16)
        plan.run("forward", x, out)
        assert out.tobytes() == getattr(cypool, f"{op}_pool2d")(x, 2).tobytes()


def misaligned(a):
    view = np.zeros(a.nbytes + 1, np.uint8)[1:].view(a.dtype).reshape(a.shape)
    view[...] = a
    return view


def spread(a):
    wide = np.zeros([3 * n for n in a.shape], a.dtype)
    wide[tuple(slice(1, None, 3) for _ in a.shape)] = a
    return wide[tuple(slice(1, None, 3) for _ in a.shape)]


MEMORY = {
    "misaligned": misaligned,
    "spread": spread,
    "backwards": lambda a: np.flip(np.flip(a).copy()),
    "Fortran": np.asfortranarray,
}


@pytest.mark.parametrize("memory", MEMORY.values(), ids=MEMORY)
@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
def test_strides_and_alignment(memory, dtype):
    x = numbers((2, 3, 9, 12), dtype)
    want, want_index = cypool.max_pool2d(x, 3, 2, 1, return_indices=True)
    plan = Plan("max_pool2d", dtype, x.shape, "kernel_size=3, stride=2, padding=1, return_indices=True")
    x, out, index = memory(x), memory(np.zeros_like(want)), memory(np.zeros_like(want_index))
    plan.run("forward_indices", x, out, index)
    assert_array_equal(out, want)
    assert_array_equal(index, want_index)
    if dtype != "uint8":
        back = Plan("max_pool2d_backward", dtype, x.shape, "kernel_size=3, stride=2, padding=1")
        grad_x = memory(np.zeros(x.shape, dtype))
        back.run("backward_indices", out, index, grad_x)
        assert_array_equal(grad_x, cypool.max_pool2d_backward(want, x, 3, 2, 1, indices=want_index))


def test_broadcast_and_empty_arrays():
    x = np.broadcast_to(np.float32(3), (2, 3, 8, 8))
    plan = Plan("sum_pool2d", "float32", x.shape, "kernel_size=2")
    out = plan.new(OUTPUT)
    call = (plan.pointer, x.ctypes.data, 4, extents((0,) * 4), out.ctypes.data, out.nbytes, None, None, 0, 1)
    embedded.call("forward", *call)
    assert (out == 12).all()
    out[...] = 0
    embedded.call("forward", *call[:2], ctypes.c_size_t(-1), *call[3:])
    assert (out == 12).all()
    empty = Plan("max_pool2d", "float32", (0, 3, 8, 8), "kernel_size=2")
    embedded.call("forward", empty.pointer, None, 0, None, None, 0, None, None, 0, 1)
    nothing = Plan("adaptive_avg_pool2d_backward", "float32", (1, 2, 4, 4), "output_size=0")
    out = np.ones((1, 2, 4, 4), np.float32)
    nothing.run("backward", None, out)
    assert not out.any()


def test_one_plan_for_many_threads_without_the_gil():
    x = np.random.default_rng(5).standard_normal((4, 16, 60, 60), np.float32)
    plan = Plan("avg_pool2d", "float32", x.shape, "kernel_size=3, stride=2")
    want = cypool.avg_pool2d(x, 3, 2)
    outs = [plan.new(OUTPUT) for _ in range(8)]

    def work(out):
        for _ in range(20):
            plan.run("forward", x, out, threads=2)

    threads = [threading.Thread(target=work, args=(out,)) for out in outs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(out.tobytes() == want.tobytes() for out in outs)


# ---- scratch ------------------------------------------------------------------------------------------------------------

WAYS = [
    ("forward", "max_pool2d", (2, 8, 60, 60), "kernel_size=3, stride=2, padding=1"),
    ("forward", "avg_pool2d", (2, 60, 60, 8), "kernel_size=3, data_format='channels_last'"),
    ("forward", "sum_pool2d", (1, 4, 90, 90), "kernel_size=21, stride=1"),
    ("forward", "global_avg_pool", (2, 3, 200, 200), ""),
    ("forward", "adaptive_max_pool2d", (2, 8, 60, 60), "output_size=7"),
    ("forward_indices", "max_pool2d", (2, 8, 60, 60), "kernel_size=3, stride=2, return_indices=True"),
    ("forward_indices", "max_pool3d", (1, 4, 9, 20, 20), "kernel_size=3, return_indices=True"),
    ("backward", "avg_pool2d_backward", (2, 8, 60, 60), "kernel_size=3, stride=2, padding=1"),
    ("backward_indices", "max_pool2d_backward", (2, 8, 60, 60), "kernel_size=3, stride=2"),
    ("backward_indices", "max_pool2d_backward", (1, 2, 90, 90), "kernel_size=21, stride=7"),
]


@pytest.mark.parametrize(("run", "function", "shape", "parameters"), WAYS)
@pytest.mark.parametrize("memory", [np.ascontiguousarray, spread, MEMORY["backwards"], np.asfortranarray])
@pytest.mark.parametrize("threads", [1, 2])
def test_scratch(run, function, shape, parameters, memory, threads):
    """What is asked for is enough and is kept to, and with one byte less of what is used nothing is written."""
    plan = Plan(function, "float32", shape, parameters)
    given = [memory(plan.new(INPUT)), memory(plan.new(OUTPUT))]
    given[0][...] = numbers(given[0].shape, "float32")
    if "indices" in run:
        given.append(memory(plan.new(INDICES)))
        if run == "backward_indices":
            given[2][...] = Plan(function.removesuffix("_backward"), "float32", shape, parameters + ", return_indices=True").run(
                "forward_indices", np.ones(shape, np.float32), plan.new(INPUT), plan.new(INDICES)
            )[2]  # fmt: skip
    order = [given[0], *given[2:], given[1]] if run == "backward_indices" else given
    n = plan.scratch(*given, threads=threads)
    plan.run(run, *order, threads=threads)
    want = [a.copy() for a in given]
    written = given[1:] if run == "forward_indices" else given[1:2]
    for a in written:
        a[...] = 99
    around = np.full(n + 128, 7, np.uint8)
    plan.run(run, *order, threads=threads, scratch=around[64:-64])
    assert (around[:64] == 7).all() and (around[-64:] == 7).all()
    for a, b in zip(given, want, strict=True):
        assert_array_equal(a, b)
    for a in written:
        a[...] = 99
    with pytest.raises(Refused, match="scratch_bytes must") as caught:
        plan.run(run, *order, threads=threads, scratch=around[:64])
    assert caught.value.name == "CYPOOL_SMALL_SCRATCH"
    assert all((a == 99).all() for a in written)


# ---- bad use --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "dtype", "shape", "parameters", "name", "words"),
    [
        ("max_pool2d", 11, (1, 8, 8), "", "WRONG_PARAMETER", "missing a required argument: 'kernel_size'"),
        ("max_pool2d", 11, (1, 8, 8), "kernel_size=0", "WRONG_PARAMETER", "kernel_size must be at least 1"),
        ("max_pool2d", 11, (1, 8, 8), "kernel_size=2.0", "WRONG_PARAMETER", "kernel_size must"),
        ("max_pool2d", 11, (1, 8, 8), "kernel_size=9", "WRONG_PARAMETER", "the window does not fit axis 1"),
        ("max_pool2d", 11, (8, 8), "kernel_size=2", "WRONG_PARAMETER", "x must have shape"),
        ("max_pool2d", 11, (1, -8, 8), "kernel_size=2", "WRONG_PARAMETER", "shape must be at least 0"),
        ("max_pool2d", 11, (1,) * 9, "kernel_size=2", "WRONG_PARAMETER", "ndim must be from 1 to 8, got 9"),
        ("max_pool2d", 11, (), "kernel_size=2", "WRONG_PARAMETER", "ndim must be from 1 to 8, got 0"),
        ("max_pool2d", 13, (1, 8, 8), "kernel_size=2", "WRONG_PARAMETER", "dtype must be one of the codes"),
        ("max_pool2d", -1, (1, 8, 8), "kernel_size=2", "WRONG_PARAMETER", "dtype must be one of the codes"),
        ("max_pool2d", 11, (1, 8, 8), "kernel_size=2, out=3", "WRONG_PARAMETER", "parameters must not hold out"),
        ("max_pool2d", 11, (1, 8, 8), "kernel_size=n", "WRONG_PARAMETER", "parameters must be written as in Python"),
        ("max_pool2d", 11, (1, 8, 8), "kernel_size=2), f(3", "WRONG_PARAMETER", "parameters must be written as in Python"),
        ("max_pool2d", 11, (1, 8, 8), "2", "WRONG_PARAMETER", "parameters must be written as in Python"),
        ("max_pool2d", 11, (1, 8, 8), "kernel_size=" + "(" * 3000, "WRONG_PARAMETER", "parameters must be written"),
        ("max_pool2d", 11, (1, 8, 8), "kernel_size=2" + " " * 5000, "WRONG_PARAMETER", "at most 4096 characters"),
        ("max_pool2d", 11, (1, 8, 8), "kernel_size=2, depth=1", "WRONG_PARAMETER", "depth"),
        ("max_pool2d", 11, (1, 8, 8), "kernel_size=2, nan='ignore'", "WRONG_PARAMETER", "a plan holds no mask"),
        ("max_pool2d", 11, (1 << 40, 1 << 20, 8, 8), "kernel_size=2", "WRONG_PARAMETER", "shape must not name"),
        ("avg_pool2d_backward", 5, (1, 8, 8), "kernel_size=2", "WRONG_PARAMETER", "grad_output must be floating"),
        ("median_pool2d", 11, (1, 8, 8), "kernel_size=3", "UNSUPPORTED", "function must be one of max, min, avg and sum"),
        ("max_pool2d_double_backward", 11, (1, 8, 8), "kernel_size=3", "UNSUPPORTED", "function must be one of"),
        ("max_pool4d", 11, (1, 8, 8), "kernel_size=3", "WRONG_PARAMETER", "function must be one of cypool's by name"),
        ("plan", 11, (1, 8, 8), "kernel_size=3", "WRONG_PARAMETER", "function must be one of cypool's by name"),
    ],
)  # fmt: skip
def test_plans_refused(function, dtype, shape, parameters, name, words):
    with pytest.raises(Refused, match=re.escape(words)) as caught:
        Plan(function, dtype, shape, parameters)
    assert caught.value.name == f"CYPOOL_{name}"


def test_messages_are_cut_and_may_be_left_out():
    shape, plan = extents((1, 8, 8)), ctypes.c_void_p(5)
    arguments = ctypes.byref(plan), b"max_pool2d", 11, 3, shape, b"kernel_size=0"
    message = ctypes.create_string_buffer(b"x" * 20, 20)
    assert API.plan_new(*arguments, message, 8) == CODES["CYPOOL_WRONG_PARAMETER"]
    assert message.raw == b"kernel_\0" + b"x" * 12
    assert API.plan_new(*arguments, None, 8) == API.plan_new(*arguments, message, 0) == CODES["CYPOOL_WRONG_PARAMETER"]
    assert message.raw == b"kernel_\0" + b"x" * 12 and plan.value is None
    texts = {API.error_message(code) for code in [*range(12), 12, -1]}
    assert len(texts) == 13 and all(texts)


def arguments_of(plan, run):
    """A good call's arguments by name, and its arrays."""
    arrays = {"x": plan.new(INPUT), "out": plan.new(OUTPUT)}
    if "indices" in run:
        arrays["indices"] = cypool.max_pool2d(np.zeros((2, 3, 8, 8)), 2, return_indices=True)[1]
    arrays["out"][...] = 77
    terms = {"plan": plan.pointer}
    order = ["x", "indices", "out"] if run == "backward_indices" else list(arrays)
    for name in order:
        pointer, n, strides = embedded.terms_of(arrays[name])
        terms |= {name: pointer, f"{name}_bytes": n, f"{name}_strides": strides}
    return terms | {"scratch": None, "scratch_bytes": 0, "num_threads": 1}, arrays


PLANS = {
    "forward": ("max_pool2d", "kernel_size=2"),
    "forward_indices": ("max_pool2d", "kernel_size=2, return_indices=True"),
    "backward": ("avg_pool2d_backward", "kernel_size=2"),
    "backward_indices": ("max_pool2d_backward", "kernel_size=2"),
}
FAR = 1 << 62

# what is wrong: some arguments by name, as functions of (good arguments, arrays), and the code
BAD = {
    "no plan": ({"plan": lambda t, a: None}, "NULL_POINTER"),
    "no x": ({"x": lambda t, a: None}, "NULL_POINTER"),
    "no out": ({"out": lambda t, a: None}, "NULL_POINTER"),
    "x too small": ({"x_bytes": lambda t, a: t["x_bytes"] - 1}, "WRONG_SIZE"),
    "x too large": ({"x_bytes": lambda t, a: t["x_bytes"] + 1}, "WRONG_SIZE"),
    "out of another dtype": ({"out_bytes": lambda t, a: 2 * t["out_bytes"]}, "WRONG_SIZE"),
    "nothing of out": ({"out_bytes": lambda t, a: 0}, "WRONG_SIZE"),
    "x and out exchanged": ({"x_bytes": lambda t, a: t["out_bytes"], "out_bytes": lambda t, a: t["x_bytes"]}, "WRONG_SIZE"),
    "x's strides lead out": ({"x_strides": lambda t, a: extents((768, 256, 32, 8))}, "WRONG_STRIDES"),
    "x's strides lead far out": ({"x_strides": lambda t, a: extents((FAR, FAR, FAR, FAR))}, "WRONG_STRIDES"),
    "x's strides lead out backwards": ({"x_strides": lambda t, a: extents((-FAR, -(2**63), 16, 4))}, "WRONG_STRIDES"),
    "x's strides before address 0": ({"x_strides": lambda t, a: extents((0, 0, 0, -FAR)), "x_bytes": lambda t, a: 2**64 - 1},
                                     "WRONG_STRIDES"),
    "x beyond the last address": ({"x": lambda t, a: 2**64 - 8}, "WRONG_STRIDES"),
    "strides of 0 for out": ({"out_strides": lambda t, a: extents((0, 0, 0, 0))}, "WRONG_STRIDES"),
    "out's elements overlap": ({"out_strides": lambda t, a: extents((*a["out"].strides[:3], 2))}, "WRONG_STRIDES"),
    "out's rows overlap": ({"out_strides": lambda t, a: extents((*a["out"].strides[:2], 4, 4))}, "WRONG_STRIDES"),
    "out is x": ({"out": lambda t, a: t["x"]}, "OVERLAP"),
    "out begins in x": ({"out": lambda t, a: t["x"] + t["x_bytes"] - 1}, "OVERLAP"),
    "out ends in x": ({"out": lambda t, a: t["x"] - t["out_bytes"] + 1}, "OVERLAP"),
    "fewer than no threads": ({"num_threads": lambda t, a: -1}, "WRONG_PARAMETER"),
    "scratch in out": ({"scratch": lambda t, a: t["out"], "scratch_bytes": lambda t, a: 1 << 30}, "OVERLAP"),
    "scratch beyond memory": ({"scratch": lambda t, a: t["out"], "scratch_bytes": lambda t, a: 2**64 - 1}, "WRONG_SIZE"),
}  # fmt: skip
BAD_INDICES = {
    "no indices": ({"indices": lambda t, a: None}, "NULL_POINTER"),
    "indices too small": ({"indices_bytes": lambda t, a: t["indices_bytes"] // 2}, "WRONG_SIZE"),
    "indices' strides": ({"indices_strides": lambda t, a: extents((FAR, 8, 8, 8))}, "WRONG_STRIDES"),
    "out is indices": ({"out": lambda t, a: t["indices"]}, "OVERLAP"),
}


@pytest.mark.parametrize("run", PLANS)
def test_bad_use_writes_nothing(run):
    function, parameters = PLANS[run]
    plan = Plan(function, "float32", (2, 3, 8, 8), parameters)
    good, _ = arguments_of(plan, run)
    embedded.call(run, *good.values())
    for what, (wrong, name) in {**BAD, **(BAD_INDICES if "indices" in run else {})}.items():
        terms, arrays = arguments_of(plan, run)
        before = [array.tobytes() for array in arrays.values()]
        terms |= {key: make(terms, arrays) for key, make in wrong.items()}
        try:
            embedded.call(run, *terms.values())
        except Refused as refused:
            assert refused.name == f"CYPOOL_{name}", f"{what}: {refused}"
        else:
            pytest.fail(f"accepted: {what}")
        assert [array.tobytes() for array in arrays.values()] == before, what


@settings(max_examples=100)
@given(st.tuples(*[st.integers(1, 4)] * 3), st.tuples(*[st.integers(-40, 40)] * 3), st.integers(0, 400), st.booleans())
def test_any_strides(shape, strides, nbytes, into):
    """Accepted is what lies within its bytes and, if written, does not overlap itself; then it is NumPy's result."""
    plan = Plan("sum_pool", "int64" if into else "uint8", shape, "kernel_size=1, stride=1, axes=(2,)")
    memory = np.arange(2000, dtype=np.uint8)
    guest = as_strided(memory[1000:].view(np.int64 if into else np.uint8), shape, strides)
    other = np.full(shape, 5, np.int64 if into else np.uint64)
    good = embedded.memory_of(guest) <= nbytes and not (into and _overlaps_itself(guest))
    before = memory.copy()
    side = guest.ctypes.data, nbytes, extents(strides)
    plain = other.ctypes.data, other.nbytes, None
    try:
        embedded.call("forward", plan.pointer, *(plain + side if into else side + plain), None, 0, 1)
    except Refused as refused:
        assert not good and refused.name in ("CYPOOL_WRONG_SIZE", "CYPOOL_WRONG_STRIDES")
        assert (memory == before).all() and (other == 5).all()
    else:
        assert good
        assert_array_equal(guest, other)


def test_a_plan_of_another_kind():
    plans = {run: Plan(function, "float32", (2, 3, 8, 8), parameters) for run, (function, parameters) in PLANS.items()}
    no_plan = ctypes.create_string_buffer(4096)
    for run, other in itertools.permutations(PLANS, 2):
        terms, arrays = arguments_of(plans[run], run)
        for wrong in (plans[other].pointer, no_plan):
            terms["plan"] = wrong
            with pytest.raises(Refused, match="plan") as caught:
                embedded.call(run, *terms.values())
            assert caught.value.name == "CYPOOL_WRONG_PLAN" and (arrays["out"] == 77).all()
    n = ctypes.c_int()
    assert API.plan_ndim(None, ctypes.byref(n)) == CODES["CYPOOL_NULL_POINTER"] == API.plan_ndim(no_plan, None)
    assert API.plan_ndim(no_plan, ctypes.byref(n)) == CODES["CYPOOL_WRONG_PLAN"]
    for wrong in (INDICES, 3, -1):
        with pytest.raises(Refused) as caught:
            plans["forward"].ask("dtype", wrong)
        assert caught.value.name == "CYPOOL_WRONG_PLAN"
    API.plan_free(None)


def test_wrong_indices_write_nothing():
    plan = Plan("max_pool2d_backward", "float32", (1, 1, 8, 8), "kernel_size=2")
    grad, index, out = plan.new(INPUT), plan.new(INDICES), plan.new(OUTPUT)
    grad[...], out[...] = 1, 77
    index[...] = cypool.max_pool2d(np.zeros((1, 1, 8, 8)), 2, return_indices=True)[1]
    for wrong in (64, -2, 2**40, 63):
        index[0, 0, 1, 1] = wrong
        with pytest.raises(Refused, match=f"indices must name cells of their own windows.*got {wrong}") as caught:
            plan.run("backward_indices", grad, index, out)
        assert caught.value.name == "CYPOOL_WRONG_INDEX" and (out == 77).all()


def test_nothing_leaks():
    """Plans that are freed leave no object behind; those that are refused neither."""

    def blocks(n):
        for k in [0, 2] * n:
            with contextlib.suppress(Refused):
                Plan("max_pool2d", "float32", (1, 8, 8), f"kernel_size={k}")
        gc.collect()
        return sys.getallocatedblocks()

    before = blocks(20)
    assert blocks(300) - before < 200  # one object for each plan that is made, or refused, would be 300


# ---- the ABI ---------------------------------------------------------------------------------------------------------------


def test_the_header_is_what_is_frozen():
    """A change here is a change of the ABI: docs/design/0013 says which are allowed, and what else goes with them."""
    assert embedded.facts(HEADER.read_text("utf-8")) == FROZEN
    assert [API.major, API.minor] == FROZEN["version"]


def test_the_first_header_is_the_beginning_of_the_present_one():
    first = embedded.facts((embedded.CLIENTS / "cypool_1_0.h").read_text("utf-8"))
    assert first["version"] == [1, 0] and first["version"][0] == FROZEN["version"][0]
    assert first["capsule"] == FROZEN["capsule"]
    for part in ("table", "functions"):
        assert [entry for entry in FROZEN[part] if entry in first[part]] == first[part]
    assert FROZEN["table"][: len(first["table"])] == first["table"]
    assert first["codes"].items() <= FROZEN["codes"].items()
    assert len(FROZEN["table"]) - len(first["table"]) == FROZEN["version"][1], "the minor version counts what was added"


def test_the_pxd_says_what_the_header_says():
    said = Path(cypool.__file__).with_name("__init__.pxd").read_text("utf-8")
    assert "cimport" not in re.sub("#.*", "", said)
    for function in FROZEN["functions"]:
        declared = (
            function.replace(" *", "* ")
            .replace("* *", "** ")
            .replace("ptrdiff_t", "Py_ssize_t")
            .replace("(void)", "()")
        )
        assert declared.replace("( ", "(") in " ".join(said.split()), function
    assert set(re.findall(r"CYPOOL_\w+", said)) == {*CODES, "CYPOOL_API_MAJOR", "CYPOOL_API_MINOR", "CYPOOL_ANY_SIZE"}


def compiler():
    """The C compiler's command, or a skip that says why."""
    command = shlex.split(sysconfig.get_config_var("CC") or "cc")
    if sys.platform == "win32" or shutil.which(command[0]) is None:
        pytest.skip(f"no C compiler {command[0]!r} here that takes -shared")
    return [*command, "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC"]


@pytest.mark.parametrize("header", ["cypool_1_0.h", "cypool/cypool.h"])
def test_a_client_without_python(header, tmp_path):
    """Built against the first header and against this one, run with this library."""
    command = [*compiler(), f'-DCYPOOL_HEADER="{header}"', "-I", cypool.get_include(), "-I", str(embedded.CLIENTS)]
    subprocess.run([*command, str(embedded.CLIENTS / "client.c"), "-o", str(tmp_path / "client.so")], check=True)
    client = ctypes.CDLL(str(tmp_path / "client.so"))
    assert client.begin(ctypes.c_void_p(embedded.ADDRESS)) == 0
    assert client.begin(None) == -1
    x = np.random.default_rng(6).standard_normal((2, 3, 9, 9), np.float32)
    y, index = cypool.max_pool2d(x, 3, 2, 1, return_indices=True)
    out, back = np.zeros_like(y), np.zeros_like(x)
    message = ctypes.create_string_buffer(200)
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in (x, out, back)]
    assert client.max_and_back(*pointers, extents(x.shape), message, 200) == 0, message.value
    assert_array_equal(out, y)
    assert_array_equal(back, cypool.max_pool2d_backward(y, x, 3, 2, 1, indices=index))


def test_other_versions_are_refused(tmp_path):
    """A client of another major version, or of a newer minor one, does not take the table."""
    text = HEADER.read_text("utf-8")
    for part, taken in (("MAJOR", -1), ("MINOR", -1), (None, 0)):
        changed = re.sub(rf"(#define CYPOOL_API_{part}) \d+", r"\1 77", text) if part else text
        (tmp_path / "changed.h").write_text(changed)
        command = [*compiler(), '-DCYPOOL_HEADER="changed.h"', "-I", str(tmp_path)]
        library = tmp_path / f"client{part}.so"
        subprocess.run([*command, str(embedded.CLIENTS / "client.c"), "-o", str(library)], check=True)
        assert ctypes.CDLL(str(library)).begin(ctypes.c_void_p(embedded.ADDRESS)) == taken


def test_the_import_stays_lazy(tmp_path):
    code = "import sys, cypool; assert 'cypool.embedding' not in sys.modules; assert cypool._C_API"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


def test_frozen_is_written_as_json_writes_it():
    """So that a change of it is a change of single lines."""
    assert (embedded.CLIENTS / "abi.json").read_text("utf-8") == json.dumps(FROZEN, indent=1) + "\n"
