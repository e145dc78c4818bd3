"""The project's own exp, log and pow: the errors that elementary.h states, what is not finite, and the same bits everywhere."""

import decimal
import importlib
import math

import ml_dtypes
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from cypool import config, elementary
from cypool.kernels import core

INF, NAN = math.inf, math.nan
LEVELS = [level for level in config._built() if config.LEVELS[level] <= core.x86_level()]
DIGITS = decimal.Context(prec=40, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, traps=[])


@pytest.fixture(scope="module")
def every():
    """float32 numbers of every exponent and sign, 511 of each."""
    bits = np.arange(0, 2**32, 16411, dtype=np.int64).astype(np.uint32)
    x = bits.view(np.float32)
    return x[np.isfinite(x)]


def passed(name, x, b=1.0):
    out = np.empty_like(x)
    elementary.run(name, (x,), (out,), b)
    return out


def units(got, want, digits):
    """Errors in units in the last place of `want`, whose significands have so many digits."""
    least = {24: -149, 53: -1074}[digits]
    with np.errstate(all="ignore"):
        return np.abs(got.astype(np.float64) - want) / np.ldexp(1.0, np.maximum(np.frexp(want)[1] - digits, least))


def normal(want):
    """Where a result is of the size that float32 passes give; outside, 0 and infinity."""
    return (want > 2.0**-124) & (want < 2.0**126.9)


@pytest.mark.parametrize("b", [1.0, 0.3, -2.7, 37.1, 1e-3, 2.0**20, -(2.0**-20)])
def test_exponentials_in_float32(every, b):
    with np.errstate(all="ignore"):
        want = np.exp(every.astype(np.float64) * b)
        exponent = np.abs(every.astype(np.float64) * b)
    got, good = passed("exp_f32", every, b), normal(want)
    assert good.sum() > 10_000
    assert units(got[good], want[good], 24).max() < 1.9
    assert (got[want < 2.0**-127] == 0).all()
    assert (got[want > 2.0**128] == INF).all()
    got = passed("exp", every, b)
    assert (units(got[good], want[good], 24) / (1.4 + 1.25 * exponent[good])).max() < 1
    assert (got[want < 2.0**-127] < 2.0**-124).all()
    assert (got[want > 2.0**128] > 2.0**126).all()


def test_logarithms_in_float32(every):
    x = np.concatenate(
        [every[every >= 2.0**-126], np.random.default_rng(0).uniform(0.5, 2, 300_000).astype(np.float32)]
    )
    assert units(passed("log_f32", x), np.log(x.astype(np.float64)), 24).max() < 0.9


@pytest.mark.parametrize("p", [1.1, 1 / 3, 1 / 2.87, 2.87, 5, 12, 31.7, -1, -3.3, 0.7])
def test_powers_in_float32(every, p):
    x = every[every >= 2.0**-126]
    with np.errstate(all="ignore"):
        want = x.astype(np.float64) ** p
    got, good = passed("power_f32", x, p), normal(want)
    assert units(got[good], want[good], 24).max() < 2.1 + 1.1 * abs(p)
    assert (got[want < 2.0**-127] == 0).all()
    assert (got[want > 2.0**128] == INF).all()
    special = passed("power_f32", np.array([0, INF, NAN], np.float32), p)
    if p > 1:
        assert_array_equal(special, [0, INF, NAN])


@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, 2.5, 2.87, 3.0, 4.0, -2.0, 32.0])
def test_roots_in_float32(p):
    x = np.exp2(np.random.default_rng(1).uniform(-80, 100, 200_000)).astype(np.float32)
    x = x[(x >= 2.0**-80) & (x <= 2.0**100)]
    out = np.empty_like(x)
    assert elementary.run("root", (x,), (out,), p) == 0
    assert units(out, x.astype(np.float64) ** (1 / p), 24).max() < 2.7


def errors(got, function, *arrays):
    """Errors in units in the last place, against decimal numbers of forty digits."""
    result = []
    with decimal.localcontext(DIGITS):
        for y, *row in zip(got.tolist(), *map(np.ndarray.tolist, arrays), strict=True):
            want = function(*map(decimal.Decimal, row))
            unit = decimal.Decimal(2) ** max(math.frexp(float(want))[1] - 53, -1074)
            result.append(float(abs(decimal.Decimal(y) - want) / unit))
    return max(result)


def test_float64():
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.uniform(-745, 709.7, 1500), rng.uniform(-2, 2, 1500)])
    assert errors(elementary.exp(x), decimal.Decimal.exp, x) < 1.0
    x = np.concatenate([np.ldexp(rng.uniform(1, 2, 1000), rng.integers(-1074, 1024, 1000)), rng.uniform(0.5, 2, 1000)])
    assert errors(elementary.log(x), decimal.Decimal.ln, x) < 0.9
    for p in (0.37, -1.0, 3.0, 2.87, -31.5, 120.0, 1 / 3):
        x = np.exp2(np.clip(rng.uniform(-1000, 1000, 300) / p, -1000, 1000))
        exact = decimal.Decimal(p)
        assert errors(elementary.power(x, p), lambda a, exact=exact: (a.ln() * exact).exp(), x) < 1.5 + abs(p) / 60


def test_what_is_not_finite_in_float64():
    x = np.array([0, -0.0, 1, -1, 2, -2, INF, -INF, NAN, 1e300, 5e-324])
    assert_array_equal(elementary.exp(np.array([INF, -INF, NAN, 0, -0.0, 800, -800])), [INF, 0, NAN, 1, 1, INF, 0])
    assert_array_equal(elementary.log(np.array([INF, -INF, NAN, 0, -0.0, -1, 1])), [INF, NAN, NAN, -INF, -INF, NAN, 0])
    for p in (1, 2, 3, -1, -2, -3, 0.7, -0.7, 1e9, 1e308, -1e308, 1e-310, 2.0**52 + 1, 2.0**53 + 2):
        with np.errstate(all="ignore"):
            want = np.power(x, p)
        np.testing.assert_allclose(elementary.power(x, p), want, rtol=1e-15)


@pytest.mark.parametrize("name", sorted(elementary.kernels.PASSES))
def test_the_same_bits(name):
    """On every instruction set, for every number of threads, strides, and with results in place of inputs."""
    rng = np.random.default_rng(3)
    kinds = [importlib.import_module(f"cypool.kernels.powers_{level}") for level in LEVELS]
    for level, kind in zip(LEVELS, kinds, strict=True):
        kind.use_rows(importlib.import_module(f"cypool.kernels.rows_{level}").table)
    wide = name.endswith("f64")
    counts = [(a, b) for a in range(1, 5) for b in (1, 2) if takes(kinds[0], name, a, b, wide)]
    assert len(counts) == 1
    for b in (1.0, 2.0, 3.0, 2.87, -1.5):
        inputs = [np.exp2(rng.uniform(-9, 9, (5, 3, 700))) for _ in range(counts[0][0])]
        inputs = [x.astype(np.float64 if wide else np.float32) for x in inputs]
        if name.startswith(("exp", "weigh")):
            inputs[0] /= 8
        seen = []
        for kind in kinds:
            for threads in (1, 3):
                for view in (lambda a: a, lambda a: np.repeat(a, 2, axis=2)[:, :, ::2], lambda a: a.transpose(2, 0, 1)):
                    views = [view(x) for x in inputs]
                    outputs = [np.empty_like(views[0]) for _ in range(counts[0][1])]
                    kind.run(kind.PASSES[name], b, 0.5, 1.0, *entered(views, outputs), threads)
                    back = (lambda a: a.transpose(1, 2, 0)) if views[0].shape[0] == 700 else (lambda a: a)
                    seen.append([back(out).copy() for out in outputs])
        for other in seen[1:]:
            for one, two in zip(seen[0], other, strict=True):
                assert_array_equal(one.view(np.int64 if wide else np.int32), two.view(np.int64 if wide else np.int32))


def entered(inputs, outputs):
    return tuple(map(elementary.entered, inputs)), tuple(map(elementary.entered, outputs))


def takes(kind, name, n_in, n_out, wide):
    """Whether a pass has so many inputs and outputs: others are refused."""
    nothing = [np.empty(0, np.float64 if wide else np.float32)] * 4
    try:
        kind.run(kind.PASSES[name], 1.0, 0.0, 1.0, *entered(nothing[:n_in], nothing[:n_out]), 1)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("dtype", ["float16", ml_dtypes.bfloat16, "float32", ">f4", ">f2"])
def test_storage(dtype):
    """Storage dtypes are converted on the way, whatever their strides."""
    x = np.random.default_rng(4).standard_normal((3, 4, 50)).astype(dtype)
    want = np.empty(x.shape, np.float32)
    elementary.run("exp", (x.astype(np.float32),), (want,))
    for view in (x, x[::-1, :, ::-1], np.asfortranarray(x)):
        out = np.empty_like(view)
        elementary.run("exp", (view,), (out,))
        right = (
            want
            if view.shape != x.shape or view.strides == x.strides or view.flags.f_contiguous
            else want[::-1, :, ::-1]
        )
        assert_array_equal(out.astype(np.float32), right.astype(dtype).astype(np.float32))


def test_refusals():
    kinds, x = elementary.kernels, np.ones((2, 3), np.float32)
    with pytest.raises(ValueError, match="there are passes"):
        kinds.run(999, 1.0, 0.0, 1.0, (), (), 1)
    with pytest.raises(ValueError, match="axis 1 has extents 3 and 2"):
        kinds.run(kinds.PASSES["exp"], 1.0, 0.0, 1.0, *entered([x], [np.ones((2, 2), np.float32)]), 1)
    with pytest.raises(ValueError, match="rank"):
        kinds.run(kinds.PASSES["exp"], 1.0, 0.0, 1.0, *entered([x], [np.ones(2, np.float32)]), 1)
    x.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        kinds.run(kinds.PASSES["exp"], 1.0, 0.0, 1.0, *entered([x], [x]), 1)
