"""Norms, smooth maxima, importance, spread and chance on a device: edges, planted faults, addresses, layers and refusals."""

import functools
import importlib.util
from pathlib import Path

import cuda_on_host
import like_cupy
import numpy as np
import pytest
import weighed_cases
from cuda_families import Row, from_rows
from cuda_on_host import here, public, there
from cuda_public import run
from numpy.testing import assert_allclose, assert_array_equal
from weighed_cases import CASES, FLOAT32

import cypool
import cypool.cuda.windows

ALL = ("norm", "lse", "soft", "gem", "std", "lip")
host = cuda_on_host.host_fixture(
    list(
        dict.fromkeys(
            weighed_cases.weighed(ALL, ("float32", "float64"), ("float", "double"), ("float", "double"))
            + weighed_cases.weighed(("norm", "std"), ("float16", "bfloat16"))
            + weighed_cases.ranges(("float32", "float64"), ("float", "double"))
            + weighed_cases.draws(("float32",), ("float",))
            + weighed_cases.numbers(("float32", "float64"))
            + cuda_on_host.kernels(("float16", "bfloat16", "float32", "float64"), ("int",))
            + [name for name in cuda_on_host.masked_kernels(("float32",), ("int",)) if "select" in name]
            + FLOAT32
            + [name.removesuffix("int>") + "long long>" for name in FLOAT32]
        )
    )
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_offsets_of_64_bits(device, case, monkeypatch):
    monkeypatch.setattr(cypool.cuda.windows, "_INT_MAX", -1)
    weighed_cases.same_as_on_the_host(device, *case)


MORE = [
    ("lse_pool2d", (3,), {"beta": np.array([1.0, 2.0, -3.0]).reshape(3, 1, 1)}),
    ("lip_pool2d", (True, 3), {"nan": "ignore", "mask": True}),
    ("lp_pool2d", (-np.inf, 3), {"mask": True}),
    ("global_soft_pool", (), {"keepdims": False, "nan": "ignore", "empty": 2.0}),
]


@pytest.mark.parametrize("case", CASES + MORE, ids=lambda case: case[0])
def test_arrays_of_two_sides_stay_apart(host, case):
    weighed_cases.same_as_on_the_host(like_cupy.Device(host.library), *case)


EDGES = [
    ("test_soft", "test_windows_of_different_sizes_in_one_plane"), ("test_soft", "test_what_is_not_finite"),
    ("test_soft", "test_limits"), ("test_soft", "test_empty_windows"),
    ("test_powers", "test_windows_of_different_sizes_in_one_plane"), ("test_powers", "test_what_is_not_finite"),
    ("test_powers", "test_signs"), ("test_powers", "test_partial_windows"),
    ("test_importance", "test_windows_far_below_the_planes_largest"), ("test_importance", "test_empty_windows"),
    ("test_spread", "test_deviations_by_hand"),
]  # fmt: skip
"""The host's tests by hand."""


@pytest.mark.parametrize(("module", "name"), EDGES)
def test_edges(host, module, name):
    spec = importlib.util.spec_from_file_location(module, Path(__file__).parent / f"{module}.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    with weighed_cases.patched(host), np.errstate(all="ignore"):
        getattr(found, name)()


@pytest.mark.parametrize("beta", [2.0, [2.0]])
def test_exponents_are_numbers_or_arrays_there(device, beta):
    x = np.random.default_rng(0).random((2, 3, 4, 4)).astype(np.float32)
    given = beta if isinstance(beta, float) else there(device, np.array(beta))
    gradient = there(device, np.ones((2, 3, 2, 2), np.float32))
    y = public(device, "lse_pool2d", there(device, x), 2, beta=given)
    to_x, to_beta = public(device, "lse_pool2d_backward", gradient, there(device, x), 2, beta=given)
    assert_allclose(here(y), cypool.lse_pool2d(x, 2, beta=2.0), rtol=1e-6)
    want = cypool.lse_pool2d_backward(here(gradient), x, 2, beta=2.0)
    assert_allclose(here(to_x), want[0], rtol=1e-6)
    assert np.shape(to_beta) == np.shape(beta)
    assert_allclose(np.ravel(here(to_beta)), want[1], rtol=1e-5)


def test_out_and_bits_of_repeated_gradients(device):
    rng = np.random.default_rng(4)
    x, gradient = (there(device, rng.standard_normal((2, 3, 12, 10)).astype(np.float32)) for _ in range(2))
    for name, positional in (("soft_pool2d", ()), ("lp_pool2d", (3,)), ("std_pool2d", ()), ("range_pool2d", ())):
        p = {"kernel_size": 5, "stride": 1, "padding": 2}
        out = device.xp.zeros((2, 3, 12, 20), np.float32)[..., ::2]
        y = here(public(device, name, x, *positional, **p))
        assert public(device, name, x, *positional, **p, out=out) is out
        assert_array_equal(here(out), y)
        results = [public(device, name + "_backward", gradient, x, *positional, **p, out=o) for o in (None, out)]
        first, second = (here(r[0] if isinstance(r, tuple) else r) for r in results)
        assert first.tobytes() == second.tobytes()


LAYERS = [
    ("MaxPool2d", (3, 2)), ("AvgPool2d", (3, 2)), ("LPPool2d", (2, 3)), ("RMSPool2d", (3,)), ("LSEPool2d", (3,)),
    ("SoftPool2d", (3,)), ("GeMPool2d", (3,)), ("RangePool2d", (3,)), ("StdPool2d", (3,)), ("GlobalLSEPool2d", ()),
    ("AdaptiveSoftPool2d", (2,)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), LAYERS)
def test_layers(host, name, arguments):
    x = np.random.default_rng(2).random((2, 3, 9, 8)).astype(np.float32)
    one, other = (getattr(cypool, name)(*arguments) for _ in range(2))
    want = other(x)
    gradient = np.random.default_rng(3).standard_normal(want.shape).astype(np.float32)
    with weighed_cases.patched(host):
        assert_allclose(one(x), want, rtol=1e-5)
        assert_allclose(one.backward(gradient), other.backward(gradient), rtol=1e-4, atol=1e-5)
    for exponent in ("grad_beta", "grad_p"):
        if hasattr(one, exponent):
            assert_allclose(getattr(one, exponent), getattr(other, exponent), rtol=1e-4, atol=1e-5)


def test_a_layer_by_chance(host):
    x = np.random.default_rng(2).random((2, 3, 9, 8)).astype(np.float32)
    one, other = (cypool.StochasticPool2d(3, rng=5) for _ in range(2))
    want = other(x)
    with weighed_cases.patched(host):
        assert_array_equal(one(x), want)
        assert_array_equal(one.backward(want), other.backward(want))
        assert_allclose(one.eval()(x), other.eval()(x), rtol=1e-6)


REFUSED = [
    (TypeError, "weights must be floating", "lp_pool2d", (2, 2), {"weights": np.ones((4, 4), bool)}),
    (ValueError, "beta must not be 0", "lse_pool2d", (2,), {"beta": 0}),
    (ValueError, "beta must be finite", "soft_pool2d", (2,), {"beta": np.full((1, 1, 1), np.inf)}),
    (ValueError, "beta must be a number, or one for each plane", "soft_pool2d", (2,), {"beta": np.ones(4)}),
    (TypeError, "mask must be bool", "gem_pool2d", (2,), {"mask": np.ones((4, 4))}),
    (TypeError, "out must have the result's dtype float32", "std_pool2d", (2,), {"out": np.ones((1, 2, 2))}),
    (ValueError, "logits must be broadcastable", "lip_pool2d", (np.ones(3, np.float32), 2), {}),
    (ValueError, "must be False with training=False", "stochastic_pool2d", (2,), {"return_indices": True, "training": False}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "message", "name", "positional", "p"), REFUSED, ids=lambda part: part if isinstance(part, str) else ""
)
def test_what_is_refused(device, error, message, name, positional, p):
    with pytest.raises(error, match=message):
        run(device, name, np.ones((1, 4, 4), np.float32), *positional, **p)


# ---- that the tests can fail -----------------------------------------------------------------------------------------

PLANTED = {  # by the operator whose cases find them
    ("lp", "weighed.cu"): {"a slope of another order": ("power(magnitude(x), (W)p.value)", "power(magnitude(x), (W)p.value + 1)")},
    ("rms", "weighed.cu"): {
        "invalid cells": ("mask == 0 || mask[tap.third]", "mask == 0 || mask[tap.third] || true"),
        "no shares": ("(W)t.factor / w.shares", "(W)t.factor / (w.shares + 1)"),
    },
    ("rms", "powers.cu"): {
        "second derivatives of another sign": ("-t.slope.value * bend", "t.slope.value * bend"),
        "weights that count twice": ("- kept[SHARE * apart];", "- 2 * kept[SHARE * apart];"),
    },
    ("lse", "weighed.cu"): {"another window's gradient": ("op.give(x, of_window, apart)", "op.give(x, kept, apart)")},
    ("lse", "soft.cu"): {"the sum for the mean": ("w.total / (W)w.cells : w.total", "w.total : w.total")},
    ("soft", "soft.cu"): {"terms without their distance": ("1 + this->b * (d - kept", "1 + this->b * (d + kept")},
    ("gem", "soft.cu"): {"cells below eps": ("if (x < (W)this->terms.floor)\n            return 0;", "")},
    ("lip", "soft.cu"): {"another mean": ("pull * e * (x - of_window", "pull * e * (x + of_window")},
    ("std", "spread.cu"): {
        "too little freedom": ("w.squares / (double)(w.cells - this->terms.freedom)", "w.squares / (double)w.cells"),
    },
    ("range", "spread.cu"): {"no cell that is the smallest": ("if (high != low)", "if (high && !low)")},
    ("stochastic", "drawn.cu"): {
        "another window's number": ("(s.fifth + s.fifth_pooled) + 1)", "(s.fifth) + 1)"),
        "another tap": ("offset += (row.skip + number", "offset += (number"),
        "a share twice": ("2 * (over == 1", "3 * (over == 1"),
    },
}  # fmt: skip

COMPILED = [
    "cypool_weigh<Lse<Half, float>, Half, int>", "cypool_keep<Soft<float, float>, int>", "cypool_ends<Half, int>",
    "cypool_give<Gem<float, float>, Bfloat16, long long>", "cypool_bend<Norm<float, double>, int>",
    "cypool_keep<Std<short>, int>", "cypool_give_both<Lip<float, Half, float>, Half, float, double, int>",
    "cypool_apart<Bfloat16, float, int>", "cypool_range<short, unsigned short, int>", "cypool_drawn<Half, int>",
    "cypool_expected<long long, double, int>", "cypool_keep_expected<float, int>",
    "cypool_give_expected<double, Bfloat16, long long>",
    "cypool_give_weighted<WeightedNorm<float, Half>, Half, float, int>",
]  # fmt: skip

test_planted_faults_are_found, test_no_address_out_of_bounds, test_nvcc_has_nothing_to_warn_of = from_rows(
    *(
        Row(part, weighed_cases.OF_FLOAT32[op], functools.partial(weighed_cases.every_case, op=op), faults)
        for (op, part), faults in PLANTED.items()
    ),
    watched=(FLOAT32, weighed_cases.every_case),
    compiled=COMPILED,
)
