"""Tables against brute force, in pure integers: no array is involved."""

import random

import numpy as np
import pytest

from cypool import geometry


def brute(n, k, s, d, pl, pr, out):
    """For each output its taps inside the input as (ordinal, cell), and the taps that padding counts."""
    for o in range(out):
        start = o * s - pl
        taps = [(t, start + t * d) for t in range(k)]
        end = min(start + d * (k - 1) + 1, n + pr)
        yield [(t, p) for t, p in taps if 0 <= p < n], sum(p < end for _, p in taps)


def progression(axis, j, first, count):
    return [int(first[j]) + q * axis.step for q in range(int(count[j]))]


@pytest.mark.parametrize("seed", range(8))
def test_windowed(seed):
    rng = random.Random(seed)
    drawn = 0
    while drawn < 1500:
        n, k, s, d = rng.randint(1, 30), rng.randint(1, 9), rng.randint(1, 8), rng.randint(1, 5)
        pl, pr = rng.randint(0, 8), rng.randint(0, 8)
        ceil_mode, include = rng.choice([False, True, "keep"]), rng.random() < 0.5
        try:
            axis = geometry.windowed(n, k, s, d, (pl, pr), ceil_mode, include, "constant", 0)
        except ValueError:
            continue
        drawn += 1
        first, count = axis.expand()
        entry = axis.entries()
        holders = [[] for _ in range(n)]
        for o, (taps, counted) in enumerate(brute(n, k, s, d, pl, pr, axis.n_out)):
            assert progression(axis, o, first, count) == [cell for _, cell in taps]
            assert axis.share[entry[o]] == (counted if include else len(taps))
            if taps:
                assert axis.skip[entry[o]] == taps[0][0]
            for _, cell in taps:
                holders[cell].append(o)
        turned = axis.transposed()
        first, count = turned.expand()
        assert [progression(turned, i, first, count) for i in range(n)] == holders


def test_adaptive():
    for n in range(1, 34):
        for m in range(1, 40):
            axis = geometry.adaptive(n, m, 0)
            first, count = axis.expand()
            holders = [[] for _ in range(n)]
            for i in range(m):
                cells = range(i * n // m, -(-(i + 1) * n // m))
                assert progression(axis, i, first, count) == list(cells)
                for cell in cells:
                    holders[cell].append(i)
            turned = axis.transposed()
            first, count = turned.expand()
            assert [progression(turned, i, first, count) for i in range(n)] == holders


@pytest.mark.parametrize("boundary", ["edge", "reflect", "wrap"])
def test_boundary_cells(boundary):
    for n in range(1, 9):
        for pl in range(0, 20, 3):
            want = np.pad(np.arange(n), (pl, 5), mode=boundary)
            assert geometry.boundary_cells(n, pl, 5, boundary).tolist() == want.tolist()


def test_a_table_is_short():
    """Borders and one period have entries, not every output."""
    axis = geometry.windowed(10**9, 3, 2, 1, (1, 1), False, True, "constant", 0)
    assert axis.n_out == 5 * 10**8
    assert len(axis.first) <= 4
    assert len(axis.transposed().first) <= 8


@pytest.mark.parametrize(
    ("padding", "ceil_mode", "n", "k", "s", "d", "extent"),
    [
        ((0, 0), False, 7, 3, 2, 1, 3),
        ((0, 0), True, 8, 3, 2, 1, 4),
        ((1, 1), True, 5, 2, 3, 1, 2),  # a third window would start in the right padding
        ((1, 1), "keep", 5, 2, 3, 1, 3),
        ((0, 0), True, 5, 7, 3, 1, 1),  # one window, reaching beyond the end
        ("same", False, 7, 3, 1, 2, 7),
        ("same_lower", False, 7, 3, 2, 1, 4),
        ("valid", True, 8, 3, 2, 1, 3),  # a named padding knows no ceil
    ],
)
def test_extents(padding, ceil_mode, n, k, s, d, extent):
    assert geometry.windowed(n, k, s, d, padding, ceil_mode, True, "constant", 0).n_out == extent
