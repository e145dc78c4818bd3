"""Averages by importance in float32 and deviations in float64 passes: within what is stated, and with others' bits left alone."""

import math

import float32
import ml_dtypes
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import cypool
from cypool import blocks, tiers
from cypool.kernels import core

INF, NAN = math.inf, math.nan
DTYPES = [np.dtype("f"), np.dtype("e"), np.dtype(ml_dtypes.bfloat16)]
FORMS = [
    ("{}_pool2d", (2,), {}, 4),
    ("{}_pool2d", (3, 2), {"padding": 1}, 6),
    ("{}_pool2d", (3, 2), {"ceil_mode": True, "data_format": "channels_last"}, 6),
    ("adaptive_{}_pool2d", (5,), {}, 10),
    ("global_{}_pool", (), {}, 60),
]


@pytest.fixture
def again(monkeypatch):
    """A list of how many planes each call computed again."""
    counts = []
    for name in ("forward", "backward"):
        of = getattr(tiers.Tier, name)

        def counted(self, *arrays, of=of):
            def planes(*some):
                counts[-1] += len(some[0])
                return arrays[-1](*some)

            counts.append(0)
            return of(self, *arrays[:-1], planes)

        monkeypatch.setattr(tiers.Tier, name, counted)
    return counts


def cells(shape, dtype, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shared", [False, True])
def test_importance_within_the_statement(dtype, shared, again):
    for form, window, p, s in FORMS:
        pool, back = getattr(cypool, form.format("lip")), getattr(cypool, form.format("lip") + "_backward")
        x, z = cells((2, 5, 23, 37), dtype), cells((2, 5, 1, 37) if shared else (2, 5, 23, 37), "f", 1) * 4
        wide = x.astype(float), z.astype(float)
        got, want = pool(x, z, *window, **p), pool(*wide, *window, **p)
        size, rounding = np.abs(wide[0]).max(), float(ml_dtypes.finfo(dtype).eps) / 2
        assert got.dtype == dtype
        assert (
            np.abs(got.astype(float) - want) <= float32.forward("lip", want, size, 1, s) + rounding * np.abs(want)
        ).all()
        gradient = cells(want.shape, dtype, 2)
        got, want = back(gradient, x, z, *window, **p), back(gradient.astype(float), *wide, *window, **p)
        total = np.abs(gradient.astype(float)).max() * 9 * 1.0
        for one, other, room in zip(got, want, (1, 2 * size * (23 if shared else 1)), strict=True):
            room = float32.backward("lip", total, size, 1, s) * room + rounding * np.abs(other)
            assert one.dtype == dtype
            assert (np.abs(one.astype(float) - other) <= room + 2.0**-24 * (dtype == "e")).all()
    assert again == [0] * 2 * len(FORMS)


@pytest.mark.parametrize("part", [(5, 1, 10, 11), (1, 6, 10, 11), (10, 11), (5, 6, 1, 1), ()])
def test_logits_of_many_planes_are_those_of_each(part):
    x, z = cells((5, 6, 10, 11), "f"), np.asarray(cells(part, "f", 1))
    x[1, 2] *= np.float32(1e-38)
    if part:
        z[(0,) * z.ndim] = INF
    z, gradient = np.broadcast_to(z, x.shape), cells((5, 6, 5, 5), "f", 2)
    for last in (False, True):
        arrays, p = (gradient, x, z, z.copy()), {"data_format": "channels_last"} if last else {}
        g, x_, shared, whole = (np.moveaxis(a, 1, -1) for a in arrays) if last else arrays
        assert_array_equal(cypool.lip_pool2d(x_, shared, 2, **p), cypool.lip_pool2d(x_, whole, 2, **p))
        got, want = (cypool.lip_pool2d_backward(g, x_, logits, 2, **p) for logits in (shared, whole))
        for one, other in zip(got, want, strict=True):
            assert_array_equal(one, other)


def test_importance_that_float32_cannot_hold(again):
    """Such planes have the bits of float64, and others those that they have alone."""
    x, z = cells((3, 3, 6, 6), "f"), cells((3, 3, 6, 6), "f", 1)
    z[0, 1, 2, 2], z[1, 0, 0, 0], x[1, 1, 3, 3], x[2, 2, 5, 5] = INF, NAN, NAN, INF
    z[0, 2] -= 200
    z[1, 2], x[1, 2] = z[1, 2] - 45, x[1, 2] * 1e-30  # products that vanish, of weights that do not
    hard = [(0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 2)]
    gradient = cells((3, 3, 3, 3), "f", 2)
    wide = x.astype(float), z.astype(float)
    got = cypool.lip_pool2d(x, z, 2), *cypool.lip_pool2d_backward(gradient, x, z, 2)
    assert again == [6, 6]
    want = cypool.lip_pool2d(*wide, 2), *cypool.lip_pool2d_backward(gradient.astype(float), *wide, 2)
    for one, other in zip(got, want, strict=True):
        for at in np.ndindex(3, 3):
            if at in hard:
                assert_array_equal(one[at], other[at].astype("f"))
            else:
                assert_allclose(one[at], other[at], rtol=1e-5, atol=1e-6)
    for at in np.ndindex(3, 3):
        alone = x[at][None], z[at][None]
        one = cypool.lip_pool2d(*alone, 2), *cypool.lip_pool2d_backward(gradient[at][None], *alone, 2)
        for a, b in zip(one, got, strict=True):
            assert_array_equal(a[0], b[at])


def test_importance_spreads_gradients_of_any_size():
    x, z = cells((1, 6, 6), "f"), cells((1, 6, 6), "f", 1)
    for size in (1e-36, 1e36):
        gradient = cells((1, 3, 3), "f", 2) * np.float32(size)
        got = cypool.lip_pool2d_backward(gradient, x, z, 2)
        want = cypool.lip_pool2d_backward(gradient.astype(float), x.astype(float), z.astype(float), 2)
        for one, other in zip(got, want, strict=True):
            assert_array_equal(one, other.astype("f"))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("ddof", [0, 1])
def test_deviations_within_the_statement(dtype, ddof, again):
    for form, window, p, _ in FORMS:
        pool, back = getattr(cypool, form.format("std")), getattr(cypool, form.format("std") + "_backward")
        x = cells((2, 5, 23, 37), dtype) * dtype.type(0.25)
        x = (x + dtype.type(8)).astype(dtype) if dtype == "f" else x
        got, want = pool(x, *window, **p, ddof=ddof), pool(x.astype(float), *window, **p, ddof=ddof)
        rounding = float(ml_dtypes.finfo(dtype).eps)
        assert got.dtype == dtype
        flat = want < 2.0**-9  # of halves, whose cells may be equal
        assert_allclose(got.astype(float)[~flat], want[~flat], rtol=rounding)
        gradient = np.where(flat, 0, np.random.default_rng(1).standard_normal(want.shape)).astype(dtype)
        got = back(gradient, x, *window, **p, ddof=ddof)
        want = back(gradient.astype(float), x.astype(float), *window, **p, ddof=ddof)
        assert_allclose(got.astype(float), want, rtol=rounding, atol=rounding)
    if dtype == "f":
        assert again == [0] * 2 * len(FORMS)


def test_deviations_that_cancel(again):
    x = cells((2, 3, 8, 8), "f")
    x[0, 1, :4] = 1000 + cells((4, 8), "f", 1) * np.float32(1e-3)
    x[0, 2, :2], x[1, 0, 0, 0], x[1, 1, 3, 3] = 3, INF, NAN  # the first equal, and not the least
    x[1, 2, :4] = x[1, 2].min()  # equal to the least: nothing is lost
    got, want = cypool.std_pool2d(x, 2), cypool.std_pool2d(x.astype(float), 2)
    assert again == [4]
    assert_allclose(got, want, rtol=2.0**-23)
    assert_array_equal(got[1, 2, :2], 0)
    assert_array_equal(got[0, 2, 0], 0)
    gradient = np.ones_like(got)
    slopes = cypool.std_pool2d_backward(gradient, x, 2)
    assert again == [4, 4]
    assert_allclose(
        slopes, cypool.std_pool2d_backward(gradient.astype(float), x.astype(float), 2), rtol=1e-6, atol=1e-6
    )
    cypool.std_pool2d(x, 2, 2, 1, ddof=1)  # corners of one cell
    assert again == [4, 4]


def test_the_same_bits():
    x, z = cells((4, 6, 10, 11), "f"), cells((4, 1, 10, 11), "f", 1)
    x[1, 2] *= 1e20
    x[2, 3] += 1e5
    x[3, 4, 0, 0] = NAN
    gradient = cells((4, 6, 5, 6), "f", 2)

    def made():
        p = (3, 2, 1)
        return (
            cypool.lip_pool2d(x, z, *p),
            *cypool.lip_pool2d_backward(gradient, x, z, *p),
            cypool.std_pool2d(x, *p),
            cypool.std_pool2d_backward(gradient, x, *p),
        )

    want, grain, whole = made(), core.set_grain(1), blocks.CELLS
    try:
        for blocks.CELLS in (1, 500, 1 << 28):
            for one, other in zip(made(), want, strict=True):
                assert_array_equal(one, other)
    finally:
        core.set_grain(grain)
        blocks.CELLS = whole
