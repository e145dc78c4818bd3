"""Huge planes are pooled in bands: the same numbers as in one piece, whatever the strides and the number of threads, in little
memory (that is in test_memory)."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import cypool
from cypool import bands, geometry, windows

FAMILIES = {
    "lp": ((3,), {}), "rms": ((), {}), "lse": ((), {"beta": 0.7}), "soft": ((), {}), "gem": ((), {}),
    "std": ((), {"ddof": 1}), "lip": ("logits", {}),
}  # fmt: skip
FORMS = {
    "apart": ("{}_pool2d", (2,), {}),
    "with gaps": ("{}_pool2d", ((2, 3), (3, 4)), {}),
    "overlapping": ("{}_pool2d", (3, (1, 2)), {}),
    "padded, dilated": ("{}_pool2d", ((3, 2), (2, 1)), {"padding": 1, "dilation": (3, 1), "ceil_mode": True}),
    "long along the first axis": ("{}_pool", ((13, 2), 2), {"axes": (1, 2)}),
    "adaptive": ("adaptive_{}_pool2d", ((17, 5),), {}),
    "1d": ("{}_pool", (4, 3), {"axes": (1,)}),
    "3d": ("{}_pool", ((2, 2, 3), 1), {"axes": (2, 0, 1)}),
}


@pytest.fixture
def small(monkeypatch):
    """Bands of a few cells; a function that says in how many a geometry was cut."""
    counts = []
    of = bands.bands_of.__wrapped__

    def counted(found):
        cut = of(found)
        counts.append(1 if cut is None else len(cut))
        return cut

    monkeypatch.setattr(bands, "CELLS", 15)
    monkeypatch.setattr(bands, "LEAST", 1)
    monkeypatch.setattr(bands, "bands_of", counted)
    return counts


def arguments(family, form, shape=(2, 37, 19), dtype=np.float64, seed=0):
    """A function, its gradient, their arguments, parameters."""
    lead, p = FAMILIES[family]
    name, window, more = FORMS[form]
    rng = np.random.default_rng(seed)
    if lead == "logits":
        lead = (rng.standard_normal(shape).astype(dtype),)
    if family in ("lp", "rms") and "dilation" in more and "adaptive" not in name:
        more = {**more, "dilation": more["dilation"]}
    name = name.format(family)
    x = rng.random(shape).astype(dtype)
    return getattr(cypool, name), getattr(cypool, name + "_backward"), x, (*lead, *window), {**p, **more}


def both(pool, back, x, window, p):
    """The result and all gradients, as a list."""
    y = pool(x, *window, **p)
    g = np.random.default_rng(9).standard_normal(y.shape).astype(y.dtype)
    got = back(g, x, *window, **p)
    return [y, *(got if isinstance(got, tuple) else (got,))]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("family", FAMILIES)
def test_as_in_one_piece(family, form, small, monkeypatch):
    """Values and gradients, of cells and of exponents, in float64 and float32, with and without a mask and weights."""
    mask = np.random.default_rng(5).random((2, 37, 19)) > 0.1
    for dtype, room in ((np.float64, 1e-12), (np.float32, 3e-6)):
        for more in ({}, {"mask": mask}, {"weights": mask + dtype(0.5)}):
            if "weights" in more and family not in ("lp", "rms"):
                continue
            pool, back, x, window, p = arguments(family, form, dtype=dtype)
            got = both(pool, back, x, window, {**p, **more})
            assert min(small) > 2
            with monkeypatch.context() as whole:
                whole.setattr(bands, "CELLS", 1 << 20)
                small.clear()
                want = both(pool, back, x, window, {**p, **more})
                assert max(small) == 1
            small.clear()
            for one, other in zip(got, want, strict=True):
                assert np.shape(one) == np.shape(other)
                size = np.abs(other).max(initial=1, where=np.isfinite(other))
                assert_allclose(one, other, rtol=room, atol=room * size)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("family", ["lp", "soft", "lip", "std"])
def test_the_same_bits(family, form, small):
    """For all orders in memory and numbers of threads, and for `out` of any strides."""
    for dtype in (np.float32, np.float16):
        pool, back, x, window, p = arguments(family, form, dtype=dtype)
        want = both(pool, back, x, window, p)
        for other in (np.asfortranarray(x), np.repeat(x, 2, axis=2)[..., ::2]):
            for threads in (1, 2):
                got = both(pool, back, other, window, {**p, "num_threads": threads})
                for one, two in zip(got, want, strict=True):
                    assert_array_equal(one, two)
        out = np.full((*want[0].shape, 2), 7, dtype)[..., 0]
        assert_array_equal(pool(x, *window, **p, out=out), want[0])
        assert (out.base[..., 1] == 7).all()


@pytest.mark.parametrize("form", ["apart", "overlapping", "padded, dilated"])
def test_second_derivatives(form, small, monkeypatch):
    """Of norms, which have two results: for windows and for cells."""
    for family in ("lp", "rms"):
        small.clear()
        pool, back, x, window, p = arguments(family, form)
        double = getattr(cypool, back.__name__.replace("backward", "double_backward"))
        rng = np.random.default_rng(3)
        g, v = rng.standard_normal(pool(x, *window, **p).shape), rng.standard_normal(x.shape)
        got = double(v, g, x, *window, **p)
        assert min(small) > 2
        monkeypatch.setattr(bands, "CELLS", 1 << 20)
        for one, other in zip(got, double(v, g, x, *window, **p), strict=True):
            assert_allclose(one, other, rtol=1e-11, atol=1e-11)
        monkeypatch.setattr(bands, "CELLS", 15)


def test_cells_that_float32_cannot_hold(small):
    """What is computed again is a band of the plane, and infinities and NaN stay where they belong."""
    pool, back, x, window, p = arguments("soft", "overlapping", dtype=np.float32)
    x[0, 20, 3] = np.inf
    x[1, 30, 7] = np.nan
    x[1, 5] = 1e30
    y, to_x, _ = both(pool, back, x, window, p)
    wide = pool(x.astype(np.float64), *window, **p)
    assert_allclose(y, wide, rtol=3e-6)
    assert np.isnan(y).sum() == np.isnan(wide).sum() > 0
    clean = np.ones(x.shape[1:], bool)
    clean[28:33], clean[18:23] = False, False
    assert np.isfinite(to_x[:, clean]).all()


def test_sections_are_tables():
    """Every section of a table has the windows that it was cut from, and an interior where these have one."""
    kinds = [geometry.windowed(50, k, s, d, pad, ceil, True, "constant", 0)
             for k, s, d in ((2, 2, 1), (3, 1, 1), (3, 2, 3), (7, 3, 2), (2, 5, 1))
             for pad in ((0, 0), (1, 1), (min(k, 3) - 1, 0)) for ceil in (False, True)]  # fmt: skip
    kinds += [geometry.adaptive(50, m, 0) for m in (5, 7, 49)]
    for table in kinds:
        first, count = table.expand()
        last = first + (count - 1) * table.step
        share = table.share[table.entries()]
        for i in range(0, table.n_out, 3):
            for j in range(i + 1, table.n_out + 1, 4):
                cells = slice(int(first[i:].min()), max(int(last[i:j].max()) + 1, int(first[j:].min(initial=50))))
                part = table.section(slice(i, j), cells)
                assert (part.n_in, part.n_out) == (cells.stop - cells.start, j - i)
                assert_array_equal(part.expand()[0] + cells.start, first[i:j])
                assert_array_equal(part.expand()[1], count[i:j])
                assert_array_equal(part.share[part.entries()], share[i:j])
                turned, count_of = part.transposed().expand()
                held = [[o for o in range(i, j) if c in first[o] + table.step * np.arange(count[o])]
                        for c in range(cells.start, cells.stop)]  # fmt: skip
                assert count_of.tolist() == [len(one) for one in held]
                assert [turned[c] + i for c in range(len(held)) if held[c]] == [one[0] for one in held if one]


def test_where_planes_are_cut():
    """Only planes that no cache holds, at windows' ends, into bands of which those in the middle share one table."""
    small = windows.windowed((4, 512, 512), (1, 2), (2, 2), (2, 2), ((0, 0), (0, 0)), (1, 1), False, False, "constant")
    assert bands.bands_of(small) is None
    huge = windows.windowed((4, 4096, 4096), (1, 2), (3, 3), (2, 2), ((1, 1),) * 2, (1, 1), False, True, "constant")
    cut = bands.bands_of(huge)
    assert len(cut) == 64
    assert len({band.windows for band in cut}) == 2  # the first, and all others
    assert [band.shared for band in cut] == [1] * 63 + [0]
    assert sum(band.windows.out_shape[1] for band in cut) == 2048
    around = windows.adaptive((4096, 4096), (0, 1), (1, 1))
    assert bands.bands_of(around) is None
    wide = windows.windowed((4096, 4096), (0, 1), (2000, 3), (1, 1), ((0, 0),) * 2, (1, 1), False, True, "constant")
    assert [band.axis for band in bands.bands_of(wide)][:2] == [1, 1]
