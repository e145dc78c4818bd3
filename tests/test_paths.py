"""Fast paths against the canonical one: the same bits, whichever way a call takes.

The row pipeline takes anything; what is contiguous, whole, long or known from an earlier call goes faster ways.  Strides,
threads, the cache's size and the instruction set choose the way and must not be seen in the result.  Everything is seeded.
"""

import itertools
import math

import numpy as np
import pytest
from dtypes import same
from numpy.testing import assert_array_equal
from ways import DTYPES, FLOATS, OPS, SETTINGS, numbers, orders, setting, strided

import cypool
from cypool import config, reference


@pytest.mark.filterwarnings("ignore:(invalid|overflow)")
@pytest.mark.parametrize("seed", range(40))
def test_small_windows(seed):
    """Widths about a vector's, odd and even, all strides that the kernels know and one more; a strided result, too."""
    rng = np.random.default_rng(seed)
    for dtype, op in itertools.product(rng.choice(DTYPES, 3, replace=False), OPS):
        k = tuple(int(n) for n in rng.integers(1, 6, 2))
        s = tuple(int(n) for n in rng.integers(1, 10 if rng.random() < 0.2 else 4, 2))
        if rng.random() < 0.25:
            k = s = (2, 2)
        d = tuple(int(n) for n in rng.choice([1, 1, 2], 2))
        p = {"padding": tuple(int(rng.integers(0, n)) for n in k), "dilation": d, "ceil_mode": bool(rng.random() < 0.3)}
        if op == "avg":
            p |= {"count_include_pad": bool(rng.random() < 0.5), "divisor_override": rng.choice([None, 3, -2])}
        shape = (int(rng.integers(1, 4)), int(rng.integers(1, 4)), *(int(rng.integers(12, 80)) for _ in range(2)))
        if rng.random() < 0.5:
            shape = (*shape[:2], *(int(rng.integers(d[a] * (k[a] - 1) + 1, d[a] * k[a] + 8)) for a in range(2)))
        x = numbers(rng, shape, dtype)
        pool = getattr(cypool, f"{op}_pool2d")
        with setting():
            want = pool(strided(x), k, s, **p)
        for choice in SETTINGS:
            with setting(**choice):
                same(pool(x, k, s, **p), want)
                out = strided(np.zeros_like(want))
                same(pool(x, k, s, **p, out=out), want)
        for level in config.get_config()["isa_built"]:
            with setting(level=level):
                same(pool(x, k, s, **p), want)


@pytest.mark.filterwarnings("ignore:(invalid|overflow)")
@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
def test_small_windows_of_other_ranks(op, dtype):
    rng = np.random.default_rng(7)
    for shape, k, s, p in [((3, 5, 300), 4, 4, 0), ((2, 3, 9), 3, 1, 1), ((2, 3, 6, 9, 40), 2, 2, 0), ((2, 3, 7, 8, 9), 3, 2, 1),
                           ((1, 1, 4, 5, 70000), (1, 2, 3), 1, (0, 1, 1))]:  # fmt: skip
        x = numbers(rng, shape, dtype)
        pool = getattr(cypool, f"{op}_pool{len(shape) - 2}d")
        want = pool(strided(x), k, s, p)
        for choice in SETTINGS:
            with setting(**choice):
                same(pool(x, k, s, p), want)


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize(("k", "stride"), [(k, s) for k in range(1, 6) for s in (11, 12, 21, 22, 31, 32)])
def test_rows_far_apart(op, k, stride):
    """Strides along the rows that no kernel knows by name."""
    x = np.random.default_rng(k).random((2, 2, 40, 9), np.float32)
    pool = getattr(cypool, f"{op}_pool2d")
    same(pool(x, (k, 3), (stride, 1), (0, 1)), pool(strided(x), (k, 3), (stride, 1), (0, 1)))


@pytest.mark.parametrize("divisor", [1, 2, 8, 9, 10, 255, 257, 65536, -1])
def test_quotients_that_their_dtype_does_not_hold(divisor):
    """They wrap, whichever way a call takes."""
    x = np.full((1, 1, 9, 40), 255, np.uint8)
    for level in config.get_config()["isa_built"]:
        with setting(level=level):
            for rounding in ("trunc", "floor", "nearest", "half_up"):
                p = {"divisor_override": divisor, "rounding": rounding}
                want = reference.avg_pool(x[0, 0, :3, :3], 3, **p)
                for y in (x, strided(x)):
                    assert (cypool.avg_pool2d(y, 3, 1, **p) == want).all()


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
def test_strided_results_of_long_rows(op, dtype):
    """A row of a tile has room where rows are made before they are moved."""
    for n in (5000, 8190, 20000, 33000):
        x = numbers(np.random.default_rng(n), (1, 1, 2, n), dtype)
        pool = getattr(cypool, f"{op}_pool2d")
        want = pool(x, (1, 3), 1, (0, 1))
        for _ in range(3):  # what was written beyond scratch is found when memory is given back
            same(pool(x, (1, 3), 1, (0, 1), out=strided(np.zeros_like(want))), want)


@pytest.mark.parametrize("op", ["max", "min"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_planes_side_by_side(op, dtype):
    """As many as fill vectors and some more, one of them with a NaN; all of a border and a few blocks of a window."""
    rng = np.random.default_rng(11)
    pool = getattr(cypool, f"{op}_pool2d")
    for shape, k, p in [((19, 20, 20), 13, 6), ((2, 11, 7, 7), 3, 1), ((17, 4, 5), (2, 5), (0, (4, 3))), ((3, 9, 45, 41), 5, 2),
                        ((19, 6, 30), (6, 15), (5, 0)), ((2, 8, 33, 11), (9, 8), ((8, 1), (0, 7)))]:  # fmt: skip
        x = rng.integers(-40, 40, shape).astype(dtype)
        x[..., 1, shape[-2] // 2, 2] = np.nan
        want = pool(strided(x), k, 1, p)
        for choice in [*SETTINGS, *({"level": level} for level in config.get_config()["isa_built"])]:
            with setting(**choice):
                same(pool(x, k, 1, p), want)
        apart = np.zeros((*want.shape[:-3], 2 * want.shape[-3], *want.shape[-2:]), dtype)[..., ::2, :, :]
        same(pool(np.repeat(x, 2, -3)[..., ::2, :, :], k, 1, p, out=apart), want)


@pytest.mark.parametrize("op", ["max", "avg"])
def test_the_last_tile_may_be_short(op):
    """Rows of very many tiles, the last of one to seven columns: nothing is written into the next row."""
    n = next(n for n in range(1_000_000, 3_000_000) if 0 < _last_tile(n) < 8)
    x = np.random.default_rng(0).random((1, 1, 2, n), np.float32)
    pool = getattr(cypool, f"{op}_pool2d")
    want = pool(strided(x), (1, 3), 1, (0, 1))
    for choice in SETTINGS:
        with setting(**choice):
            same(pool(x, (1, 3), 1, (0, 1)), want)


def _last_tile(n):
    """Columns of it, by the rule in planes.pxi."""
    tiles = math.ceil(n / (32768 // 4 - 2))
    tile = math.ceil(math.ceil(n / tiles) / 64) * 64
    return n - (math.ceil(n / tile) - 1) * tile


CACHES = [
    ({}, 0),
    ({"index0/size": "32K\n", "index3/size": "32768K\n"}, 1 << 25),
    ({"index2/size": "1M", "index3/size": "bad"}, 1 << 20),
    ({"index0/size": ""}, 0),
]


@pytest.mark.parametrize(("files", "size"), CACHES)
def test_the_cache_is_asked_for(tmp_path, files, size):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    assert config.last_level_cache(tmp_path) == size


@pytest.mark.filterwarnings("ignore:(invalid|overflow)")
@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("dtype", [*FLOATS, "uint8", "int64"])
@pytest.mark.parametrize(
    "plane", [(1, 1), (1, 5), (3, 5), (4, 4), (7, 7), (8, 8), (9, 9), (13, 20), (129, 131), (300, 111)]
)
def test_whole_planes(op, dtype, plane):
    """About 16 partial sums, 64 taps, and segments of 16,384 cells; 2 to 70 channels."""
    rng = np.random.default_rng(plane[0])
    for channels in (2, 17, 70):
        x = numbers(rng, (2, channels if plane[0] < 100 else 2, *plane), dtype)
        pool = getattr(cypool, f"global_{op}_pool")
        want = pool(x)
        if op in ("max", "min"):
            same(want, getattr(np, op)(x, axis=(2, 3), keepdims=True))
        for y in orders(x):
            same(pool(y), want)
        for choice in [*SETTINGS, *({"level": level} for level in config.get_config()["isa_built"])]:
            with setting(**choice):
                same(pool(x), want)


@pytest.mark.parametrize("n", [49, 64, 65, 12544, 50000])
def test_whole_planes_are_accurate(n):
    x = np.random.default_rng(n).random((3, 5, n), np.float32)
    exact = x.astype(np.float64).sum(-1, keepdims=True)
    got = cypool.global_sum_pool(x, axes=-1)
    # 16 partial sums in float32 up to 64 cells: 4 + 4 additions; beyond, double and one rounding
    ulps = 8 if n <= 64 else 1
    assert (np.abs(got - exact) <= ulps * np.spacing(exact.astype(np.float32))).all()


# ---- indices that do not belong -------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", ["plane", "window"])
@pytest.mark.parametrize(
    ("k", "s", "p", "d"), [(3, 2, 1, 1), (2, 2, 0, 1), (3, 1, 1, 1), (3, 2, 2, 2), ((1, 5), (1, 2), (0, 2), 1)]
)
def test_every_wrong_index_is_found(k, s, p, d, layout):
    """One at a time, in every column and in some rows: the cell before the window, behind it, in another row, and far away."""
    x = np.random.default_rng(0).random((1, 1, 9, 23), np.float32)
    p = {"stride": s, "padding": p, "dilation": d}
    y, index = cypool.max_pool2d(x, k, **p, return_indices=True, index_layout=layout)
    one = np.zeros_like(x)
    out = np.full_like(x, 7)
    found = 0
    for where in itertools.product((0,), (0,), (0, y.shape[2] // 2, y.shape[2] - 1), range(y.shape[3])):
        for wrong in [int(index[where]) + a for a in (-92, -3, -1, 1, 3, 92)] + (
            [-2, 2**31, 2**40] if layout == "plane" else []
        ):
            if wrong == -1 or (layout == "window" and not 0 <= wrong < 255):
                continue
            changed = index.copy()
            changed[where] = wrong
            belongs = False
            if 0 <= wrong < (x.size if layout == "plane" else 255):
                # a window that sees the cell gives it the maximum
                one[...] = 0
                cell = wrong
                if layout == "window":
                    ky, kx = (k, k) if isinstance(k, int) else k
                    sy, sx = (s, s) if isinstance(s, int) else s
                    py, px = (p["padding"],) * 2 if isinstance(p["padding"], int) else p["padding"]
                    row, column = divmod(int(wrong), kx)
                    yy, xx = where[2] * sy - py + row * d, where[3] * sx - px + column * d
                    cell = yy * 23 + xx if row < ky and 0 <= yy < 9 and 0 <= xx < 23 else None
                if cell is not None:
                    one.flat[cell] = 1
                    belongs = cypool.max_pool2d(one, k, **p)[where] == 1
            arguments = np.ones_like(y), x, k
            if belongs:
                cypool.max_pool2d_backward(*arguments, **p, indices=changed, index_layout=layout)
                continue
            found += 1
            with pytest.raises(ValueError, match="indices must name cells of their own windows"):
                cypool.max_pool2d_backward(*arguments, **p, indices=changed, index_layout=layout, out=out)
    assert found > y.shape[3] and (out == 7).all()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("k", "s", "p"), [(3, 2, 1), (2, 2, 0), (3, 1, 1)])
def test_gradients_of_selections(dtype, k, s, p):
    """Whole planes at once, past the cache or not, against the way of strided results."""
    rng = np.random.default_rng(2)
    x = rng.random((2, 3, 31, 29)).astype(dtype)
    y, index = cypool.max_pool2d(x, k, s, p, return_indices=True)
    g = rng.standard_normal(y.shape).astype(dtype)
    want = cypool.max_pool2d_backward(g, x, k, s, p, indices=index, out=strided(x * 0))
    for choice in SETTINGS:
        with setting(**choice):
            same(cypool.max_pool2d_backward(g, x, k, s, p, indices=index), want)


# ---- calls that are known ---------------------------------------------------------------------------------------------


def test_known_calls_see_what_changed():
    """Arguments that look alike, other arrays, arrays that cannot be written: each call is judged by itself."""
    x = np.arange(64, dtype=np.float32).reshape(1, 1, 8, 8)
    for _ in range(3):
        assert cypool.max_pool2d(x, 2).shape == (1, 1, 4, 4)
        assert cypool.max_pool2d(x, (2, 4)).shape == (1, 1, 4, 2)
        assert cypool.max_pool2d(x[0], 2).shape == (1, 4, 4)
        assert cypool.max_pool2d(x.astype(np.int8), 2).dtype == np.int8
        assert cypool.max_pool2d(x.astype(">f4"), 2).dtype == np.dtype("f4")
        assert_array_equal(cypool.max_pool2d(x[..., ::-1], 2), cypool.max_pool2d(x, 2)[..., ::-1])
        for wrong in (2.0, True, "2", np.float32(2)):
            with pytest.raises(TypeError, match="kernel_size must"):
                cypool.max_pool2d(x, wrong)
        with pytest.raises(TypeError, match="kernel_size must"):
            cypool.max_pool2d(x, (2, 2.0))
        sizes = [2, 2]
        assert cypool.max_pool2d(x, sizes).shape == (1, 1, 4, 4)
        sizes[1] = 8
        assert cypool.max_pool2d(x, sizes).shape == (1, 1, 4, 1)
    good = np.empty((1, 1, 4, 4), np.float32)
    assert cypool.max_pool2d(x, 2, out=good) is good
    locked = good.copy()
    locked.flags.writeable = False
    for error, out in [(ValueError, locked), (ValueError, x[..., :4, :4]), (TypeError, good.astype(np.float64)),
                       (ValueError, good[..., :3]), (TypeError, 3),
                       (ValueError, np.broadcast_to(good[..., :1], good.shape))]:  # fmt: skip
        before = x.copy()
        with pytest.raises(error, match="out must"):
            cypool.max_pool2d(x, 2, out=out)
        assert_array_equal(x, before)
    with pytest.raises(ValueError, match="num_threads must"):
        cypool.max_pool2d(x, 2, num_threads=0)
    with pytest.raises(TypeError, match="num_threads must"):
        cypool.max_pool2d(x, 2, num_threads=True)


def test_known_calls_are_few():
    """A function that meets ever new shapes forgets the old ones."""
    for n in range(2, 60):
        assert cypool.min_pool1d(np.ones((1, n)), 2).shape == (1, n // 2)
    assert cypool.min_pool1d(np.ones((1, 2)), 2).shape == (1, 1)


def test_plans():
    x = np.random.default_rng(0).random((2, 3, 9, 11), np.float32)
    for name, args, p in [("max_pool2d", (3, 2, 1), {}), ("avg_pool2d", (3,), {"count_include_pad": False, "padding": 1}),
                          ("global_sum_pool", (), {}), ("adaptive_min_pool2d", (4,), {}), ("max_pool", (2,), {"axes": (1, 3)}),
                          ("max_pool2d", (2,), {"data_format": "channels_last"})]:  # fmt: skip
        function = getattr(cypool, name)
        planned = cypool.plan(function, x.shape, np.float32, *args, **p)
        want = function(x, *args, **p)
        assert planned.shape == x.shape and planned.out_shape == want.shape
        for y in orders(x):
            same(planned(y), want)
        out = np.empty_like(want)
        assert planned(x, out=out, num_threads=1) is out
        same(out, want)
        out = strided(want)
        out[...] = 0
        assert planned(x, out=out) is out
        same(out, want)
    values, indices = cypool.plan(cypool.max_pool2d, x.shape, x.dtype, 3, return_indices=True)(x)
    want = cypool.max_pool2d(x, 3, return_indices=True)
    same(values, want[0])
    same(indices, want[1])


def test_plans_refuse():
    plan, x = cypool.plan, np.ones((1, 1, 8, 8), np.float32)
    for error, words, attempt in [
        (TypeError, "function must be one of", lambda: plan(np.sum, (1,), "f4")),
        (TypeError, "function must be one of", lambda: plan(cypool.max_pool2d_backward, (1,), "f4", 2)),
        (ValueError, "kernel_size must", lambda: plan(cypool.max_pool2d, (1, 1, 8, 8), "f4", 0)),
        (ValueError, "does not fit axis 2", lambda: plan(cypool.max_pool2d, (1, 1, 8, 8), "f4", 9)),
        (TypeError, "dtype must have one of", lambda: plan(cypool.max_pool2d, (1, 1, 8, 8), "c8", 2)),
        (TypeError, "dtype 'real' cannot be read", lambda: plan(cypool.max_pool2d, (1, 1, 8, 8), "real", 2)),
        (TypeError, "shape must be a sequence of integers, got 8", lambda: plan(cypool.max_pool2d, 8, "f4", 2)),
        (ValueError, "shape must be at least 0", lambda: plan(cypool.max_pool2d, (1, 1, -8, 8), "f4", 2)),
        (TypeError, "a plan's calls take out", lambda: plan(cypool.max_pool2d, (1, 1, 8, 8), "f4", 2, out=None)),
        (ValueError, "a plan holds no mask", lambda: plan(cypool.max_pool2d, (1, 1, 8, 8), "f4", 2, mask=x > 0)),
        (ValueError, "a plan holds no mask", lambda: plan(cypool.global_max_pool, (1, 1, 8, 8), "f4", keepdims=False)),
        (ValueError, "the plan's shape", lambda: plan(cypool.max_pool2d, (1, 1, 8, 9), "f4", 2)(x)),
        (TypeError, "the plan's dtype", lambda: plan(cypool.max_pool2d, (1, 1, 8, 8), "f8", 2)(x)),
        (TypeError, "the plan's dtype", lambda: plan(cypool.max_pool2d, (1, 1, 8, 8), "f4", 2)([1.0])),
        (ValueError, "out must have", lambda: plan(cypool.max_pool2d, x.shape, "f4", 2)(x, out=x)),
        (ValueError, "num_threads must", lambda: plan(cypool.max_pool2d, x.shape, "f4", 2)(x, num_threads=0)),
    ]:  # fmt: skip
        with pytest.raises(error, match=words):
            attempt()


def specials(rng, shape, dtype):
    """Ties everywhere; in some planes NaNs, one or many, and stretches of the lowest value."""
    x = rng.integers(0, 3, shape).astype(dtype)
    if np.dtype(dtype).kind == "f":
        x[..., : shape[-1] // 2 + 1] = rng.choice([-np.inf, np.inf, -0.0, 0.0]) if rng.random() < 0.5 else 1
        x[0][rng.random(shape[1:]) < rng.choice([0, 0.02, 0.3])] = np.nan
        x[-1][rng.random(shape[1:]) < 0.5] = -np.inf
    else:
        x[rng.random(shape) < 0.5] = rng.choice([np.iinfo(dtype).min, np.iinfo(dtype).max])
    return x


@pytest.mark.filterwarnings("ignore:(invalid|overflow)")
@pytest.mark.parametrize("width", range(1, 41))
def test_indices(width):
    """Values and indices of small windows: widths about a vector's and two, both kinds of index, all dtypes."""
    rng = np.random.default_rng(width)
    done = 0
    while done < 5:
        dtype = rng.choice(["float32", "float64", *DTYPES])
        k = tuple(int(n) for n in rng.choice([1, 2, 3, 3, 4, 7], 2))
        s = tuple(int(n) for n in rng.integers(1, 5, 2))
        d = tuple(int(n) for n in rng.choice([1, 1, 2, 3], 2))
        p = {"padding": tuple((int(rng.integers(0, n)), int(rng.integers(0, n))) for n in k), "dilation": d,
             "ceil_mode": bool(rng.random() < 0.3), "return_indices": True, "axes": (2, 3),
             "index_layout": str(rng.choice(["plane", "window"]))}  # fmt: skip
        shape = (int(rng.integers(1, 4)), int(rng.integers(1, 4)), int(rng.integers(1, 20)), width)
        if any(n + sum(pad) < b * (a - 1) + 1 for n, pad, a, b in zip(shape[2:], p["padding"], k, d, strict=True)):
            continue
        done += 1
        x = specials(rng, shape, dtype)
        for pool in (cypool.max_pool, cypool.min_pool):
            with setting():
                want = pool(strided(x), k, s, **p)
            for choice in [*SETTINGS, *({"level": level} for level in config.get_config()["isa_built"])]:
                with setting(**choice):
                    for threads in (1, 2):
                        got = pool(x, k, s, **p, num_threads=threads)
                        same(got[0], want[0])
                        same(got[1], want[1])
                    padded = np.zeros((*shape[:3], width + 3), dtype)
                    padded[..., 1 : width + 1] = x
                    out = np.zeros((*want[0].shape[:3], want[0].shape[3] + 1), dtype)[..., :-1]
                    pool(padded[..., 1 : width + 1], k, s, **p, out=(out, got[1]))
                    same(out, want[0])
                    same(got[1], want[1])


@pytest.mark.filterwarnings("ignore:(invalid|overflow)")
def test_indices_of_large_planes():
    """More than a tile of columns; positions beyond 16 bits; one axis; results past the cache."""
    rng = np.random.default_rng(3)
    for shape, k, s, p in [((2, 1, 40, 5000), 3, 1, 1), ((1, 2, 70, 3136), 3, 2, 1), ((1, 2, 9, 40000), (3, 2), 2, 1),
                           ((3, 5, 300), 4, 4, 0), ((2, 3, 70001), 3, 1, 1), ((4, 8, 64, 64), 2, 2, 0)]:  # fmt: skip
        for dtype, layout in itertools.product(DTYPES, ["plane", "window"]):
            x = numbers(rng, shape, dtype)
            axes = tuple(range(2, len(shape)))
            p_ = {"axes": axes, "return_indices": True, "index_layout": layout}
            size = k if isinstance(k, tuple) else (k,) * len(axes)
            with setting():
                want = cypool.max_pool(strided(x), size, s, p, **p_)
            for choice in SETTINGS:
                with setting(**choice):
                    got = cypool.max_pool(x, size, s, p, **p_)
                    same(got[0], want[0])
                    same(got[1], want[1])
