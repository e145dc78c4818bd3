"""Where norms and smooth maxima compute in float32: within the stated errors, and only where a plane's own numbers allow it."""

import math

import float32
import ml_dtypes
import numpy as np
import pytest
from numpy.testing import assert_array_equal

import cypool
from cypool import blocks, tiers

INF, NAN = math.inf, math.nan
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
# (name, row of tiers.TABLE, parameters before the window, parameters, exponent)
CALLS = [
    ("lse", "lse", (), {}, 1.0),
    ("lse", "lse", (), {"beta": -0.3, "mean": True}, 0.3),
    ("soft", "soft", (), {}, 1.0),
    ("soft", "soft", (), {"beta": -2.5}, 2.5),
    ("gem", "gem", (), {}, 3.0),
    ("gem", "gem", (), {"p": 2.87}, 2.87),
    ("gem", "gem", (), {"p": -1.5}, 1.5),
    ("lp", "norm", (1,), {"signed": False}, 1.0),
    ("lp", "norm", (1.5,), {}, 1.5),
    ("lp", "norm", (2,), {}, 2.0),
    ("lp", "norm", (2.2,), {}, 2.2),
    ("lp", "norm", (3,), {}, 3.0),
    ("lp", "norm", (6.3,), {"signed": False}, 6.3),
    ("rms", "norm", (), {}, 2.0),
]
IDS = [f"{name} {[*lead, *p.values()]}" for name, _, lead, p, _ in CALLS]
GEOMETRIES = [
    ("{}_pool2d", (2,), {}, 4),
    ("{}_pool2d", (3, 2), {"padding": 1}, 6),
    ("{}_pool2d", (3, 2), {"ceil_mode": True, "data_format": "channels_last"}, 6),
    ("{}_pool2d", ((2, 17), 2), {}, 19),
    ("adaptive_{}_pool2d", (5,), {}, 10),
    ("global_{}_pool", (), {}, 60),
]


def again(monkeypatch):
    """A list of how many planes were computed again, call by call."""
    counts = []
    for name in ("forward", "backward"):
        of = getattr(tiers.Tier, name)

        def counted(self, *arrays, of=of):
            def planes(*some):
                counts.append(len(some[0]))
                return slow(*some)

            slow = arrays[-1]
            counts.append(0)
            return of(self, *arrays[:-1], planes)

        monkeypatch.setattr(tiers.Tier, name, counted)
    return counts


def cells(name, shape, dtype, seed=0):
    x = np.random.default_rng(seed).standard_normal(shape)
    return (np.abs(x) if name in ("gem", "lp") else x).astype(dtype)


@pytest.mark.parametrize("call", CALLS, ids=IDS)
def test_within_the_statement(call, monkeypatch):
    """Against the same call in float64, forward and backward, for every storage dtype."""
    name, row, lead, own, b = call
    counts = again(monkeypatch)
    for form, window, p, s in GEOMETRIES:
        pool, back = getattr(cypool, form.format(name)), getattr(cypool, form.format(name) + "_backward")
        if name in ("soft", "gem", "lse"):
            p = {k: v for k, v in p.items() if k != "signed"}
        p = {**p, **own}
        for dtype in (np.dtype("f"), np.dtype("e"), BFLOAT16):
            x = cells(name, (2, 5, 23, 37), dtype)
            if row == "norm":
                x[0, 0] = 0  # as rectifiers leave
                x[1, :, ::3] = 0
            if name == "gem":
                x[0, 1, :5] = 0
            got = pool(x, *lead, *window, **p)
            wide = x.astype(np.float64)
            want = pool(wide, *lead, *window, **p)
            size, rounding = float(np.abs(wide).max()), float(ml_dtypes.finfo(dtype).eps) / 2
            room = float32.forward(row, want, size, b, s) + rounding * np.abs(want)
            assert got.dtype == dtype
            assert (np.abs(got.astype(np.float64) - want) <= room + 2.0**-24 * (dtype == "e")).all(), (form, dtype)
            gradient = np.random.default_rng(1).standard_normal(want.shape).astype(dtype)
            got, want = back(gradient, x, *lead, *window, **p), back(gradient.astype(float), wide, *lead, *window, **p)
            total = np.abs(gradient.astype(float)).max() * 9  # windows that hold one cell
            if name in ("lse", "soft", "gem"):
                slope = float32.slope(row, float(np.abs(gradient.astype(float)).sum()), size, b, s, 1e-6)
                assert abs(got[1] - want[1]) <= slope
                got, want = got[0], want[0]
            room = float32.backward(row, total, size, b, s) * (s if own.get("p", 1) < 0 else 1)
            room = room + rounding * np.abs(want) + 2.0**-24 * (dtype == "e")
            assert (np.abs(got.astype(np.float64) - want) <= room).all(), (form, dtype)
    assert counts == [0] * len(GEOMETRIES) * 6


@pytest.mark.parametrize("call", CALLS, ids=IDS)
def test_planes_that_float32_cannot_hold(call, monkeypatch):
    """They are computed in float64, with the bits of a call in float64, and others keep theirs, however many go together."""
    name, row, lead, p, _ = call
    x = cells(name, (3, 4, 12, 9), np.float32)
    alone = getattr(cypool, name + "_pool2d")(x, *lead, 3, 2, **p)
    odd = {(0, 1): 1e30, (1, 2): INF, (2, 0): NAN, (2, 3): 1e-30}
    for where, value in odd.items():
        x[where] = x[where] * value if math.isfinite(value) else x[where]
        x[where][5, 4] = value
    counts = again(monkeypatch)
    pool, back = getattr(cypool, name + "_pool2d"), getattr(cypool, name + "_pool2d_backward")
    got = pool(x, *lead, 3, 2, **p)
    wide = x.astype(np.float64)
    want = pool(wide, *lead, 3, 2, **p).astype(np.float32)
    hard = {(0, 1), (1, 2), (2, 0)}
    if p.get("beta", 1) == -0.3:
        hard.remove((1, 2))  # an infinite cell that weighs nothing
    if row == "norm" and lead and lead[0] > 2:
        hard.add((2, 3))
    assert counts[0] == 0
    assert sum(counts) >= len(hard)
    for at in np.ndindex(3, 4):
        if at in hard:
            assert_array_equal(got[at], want[at])
        elif at not in odd:
            assert_array_equal(got[at], alone[at])
        assert_array_equal(got[at], pool(x[at][None], *lead, 3, 2, **p)[0])
    for size in (1.0, 1e-36, 1e36):
        gradient = (np.random.default_rng(2).standard_normal(got.shape) * size).astype(np.float32)
        whole = back(gradient, x, *lead, 3, 2, **p)
        whole = whole[0] if name in ("lse", "soft", "gem") else whole
        for at in np.ndindex(3, 4):
            one = back(gradient[at][None], x[at][None], *lead, 3, 2, **p)
            assert_array_equal(whole[at], (one[0] if name in ("lse", "soft", "gem") else one)[0])
        if size != 1:
            slow = back(gradient.astype(float), wide, *lead, 3, 2, **p)
            slow = (slow[0] if name in ("lse", "soft", "gem") else slow).astype(np.float32)
            assert_array_equal(whole[0, 0], slow[0, 0])


def test_what_goes_to_float64_at_once(monkeypatch):
    counts = again(monkeypatch)
    x = np.random.default_rng(3).random((2, 3, 8, 8)).astype(np.float32)
    mask, ones = np.ones(x.shape, bool), np.ones((3, 1, 1))
    for call in (
        lambda: cypool.lse_pool2d(x, 2, mask=mask),
        lambda: cypool.lse_pool2d(x, 2, beta=ones),
        lambda: cypool.lse_pool2d(x, 2, 2, 2),
        lambda: cypool.lse_pool2d(x, 2, beta=1e-9),
        lambda: cypool.lse_pool2d(x.astype(np.float64), 2),
        lambda: cypool.lse_pool2d(x.astype(np.int32), 2),
        lambda: cypool.soft_pool2d(x, 2, beta=0),
        lambda: cypool.gem_pool2d(x, 2, p=0.5),
        lambda: cypool.gem_pool2d(x, 2, p=40),
        lambda: cypool.gem_pool2d(x, 2, eps=1e-40),
        lambda: cypool.lp_pool2d(x, 1, 2),
        lambda: cypool.lp_pool2d(x, -1, 2),
        lambda: cypool.lp_pool2d(x, 2, 2, weights=x),
        lambda: cypool.lse_pool2d_backward(np.ones((2, 3, 4, 4)), x, 2),
        lambda: cypool.lse_pool2d_backward(np.ones((2, 3, 4, 4), np.float32), x, 3, 2, 1, boundary="wrap"),
    ):
        call()
    assert counts == []


def test_cells_that_vanish():
    """A window of cells whose powers are 0 in float32 is not one of zeros."""
    x = np.zeros((3, 2, 2), np.float32)
    x[0] = 1e-15
    x[1, 0, 0] = 1e-40
    got = cypool.lp_pool(x, 3, 2)[:, 0, 0]
    np.testing.assert_allclose(got, [4 ** (1 / 3) * 1e-15, x[1, 0, 0], 0], rtol=1e-7)
    slopes = cypool.lp_pool_backward(np.ones((3, 1, 1), np.float32), x, 3, 2)
    np.testing.assert_allclose(slopes[0], 4 ** (-2 / 3), rtol=1e-6)
    assert_array_equal(slopes[1:, 0, 0], [1, 0])


def test_negative_cells_under_pytorchs_rule(monkeypatch):
    """Sums of odd powers cancel: float64 keeps more of what is left."""
    counts = again(monkeypatch)
    x = np.array([[[1, -1, 2, 3]], [[1, 1, 2, 3]]], np.float32)
    x[0, 0, 0] += 2.0**-20
    got = cypool.lp_pool1d(x, 3, 2)
    np.testing.assert_allclose(got[0, 0, 0], ((1 + 2.0**-20) ** 3 - 1) ** (1 / 3), rtol=1e-7)
    assert counts == [0, 1]


def test_cells_of_no_window_get_nothing():
    x = np.ones((1, 1, 5, 5), np.float32)
    x[..., 4], x[..., 4, :] = INF, NAN
    for name, lead in (("lse", ()), ("soft", ()), ("gem", ()), ("lp", (3,))):
        slopes = getattr(cypool, name + "_pool2d_backward")(np.ones((1, 1, 2, 2), np.float32), x, *lead, 2)
        slopes = slopes if name == "lp" else slopes[0]
        assert_array_equal(slopes[..., 4], 0)
        assert_array_equal(slopes[..., 4, :], 0)
        assert np.isfinite(slopes).all()


def test_any_rank():
    x = cells("gem", (2, 1, 2, 1, 2, 1, 2, 1, 6, 7), np.float32)
    got = cypool.lse_pool(x, 3, 2)
    assert_array_equal(got.reshape(16, 2, 3), cypool.lse_pool(x.reshape(16, 6, 7), 3, 2))
    gradient = np.ones_like(got)
    slopes, by_beta = cypool.lse_pool_backward(gradient, x, 3, 2)
    want = cypool.lse_pool_backward(gradient.reshape(16, 2, 3), x.reshape(16, 6, 7), 3, 2)
    assert_array_equal(slopes.reshape(16, 6, 7), want[0])
    assert abs(by_beta - want[1]) < 1e-12
    assert cypool.lse_pool(x[:0], 3, 2).shape == (0, 1, 2, 1, 2, 1, 2, 1, 2, 3)


def test_blocks_hold_several_planes(monkeypatch):
    """A block's size changes no bit of a call whose planes take both tiers."""
    x = cells("gem", (4, 6, 10, 11), np.float32)
    x[1, 2] *= 1e20
    x[3, 4, 0, 0] = NAN
    want = cypool.gem_pool2d(x, 3, 2, 1)
    for monkeypatched in (1, 500, 1 << 28):
        monkeypatch.setattr(blocks, "CELLS", monkeypatched)
        assert_array_equal(cypool.gem_pool2d(x, 3, 2, 1), want)
        last = np.moveaxis(cypool.gem_pool2d(np.moveaxis(x, 1, -1).copy(), 3, 2, 1, data_format="channels_last"), -1, 1)
        np.testing.assert_allclose(last, want, rtol=2e-6)
