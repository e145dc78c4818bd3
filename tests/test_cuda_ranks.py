"""Rank operators' kernels of the GPU: both ways through them, on the host and on a GPU, as `tests/test_cuda.py` has it."""

import like_cupy
import numpy as np
import pytest
from cuda_families import Row, from_rows
from cuda_on_host import public as call
from cuda_public import fetched, placed
from drawing_ranks import EPS, rank_calls
from dtypes import same
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import cypool
from cypool import ranks
from cypool import reference_ranks as reference
from cypool.cuda import ranks as on_device
from cypool.cuda import windows
from cypool.cuda.windows import _NAMES

EVERY = tuple(dict.fromkeys(_NAMES.values()))
REAL = ("float", "double", "Half", "Bfloat16")
PAIRS = [(g, g) for g in REAL] + [(g, "double") for g in REAL if g != "double"]
"""Types of gradients in and out: under a boundary mode they collect in float64."""


def kernels(types=EVERY, keeps=(0, 8), pairs=PAIRS, offset="int"):
    names = [f"cypool_{op}{suffix}<{t}, {keep}, {offset}>" for op in ("quantile", "topk") for suffix in ("", "_records")
             for t in types for keep in keeps]  # fmt: skip
    names += [f"cypool_mode<{t}, {keep}, {offset}>" for t in types if t not in REAL for keep in keeps]
    names += [f"cypool_topk_gradient<{t}, {g}, {out}, {offset}>" for t in types for g, out in pairs]
    return names + [f"cypool_quantile_gradient<{g}, {out}, {offset}>" for g, out in pairs]


TOTALS = ["cypool_total<double, double, double, int>", "cypool_total<double, double, double, long long>"]
"""Boundary modes collect by these."""

WIDE = kernels(("float", "unsigned char"), (0, 8, -4), pairs=PAIRS[:1] + PAIRS[4:5], offset="long long")
host = like_cupy.host_fixture(
    [*kernels(), *kernels(("float", "unsigned char"), (16, 32, 64, -4, -256), ()), *WIDE, *TOTALS]
)


def agrees(device, op, x, kernel_size, p, exact=True):
    """One call and its gradient, beside the slow reference."""
    name = f"{op}_pool"
    with np.errstate(all="ignore"):
        want = getattr(reference, name)(x, kernel_size, **p)
    got = fetched(call(device, name, placed(device, x), kernel_size, **placed(device, p)))
    if op != "topk" or exact:
        same(got, want)
    else:  # the largest cells are added in another order
        assert got.dtype == want.dtype
        assert_allclose(got.astype(float), want.astype(float), rtol=EPS[got.dtype.name], atol=1e-9)
    if op == "mode":
        return
    gradient = np.random.default_rng(0).standard_normal(got.shape).astype(got.dtype)
    want = reference.backward(name, gradient, x, kernel_size, **p).astype(np.float64)
    arguments = (placed(device, gradient), placed(device, x), kernel_size)
    back = fetched(call(device, name + "_backward", *arguments, **placed(device, p)))
    assert back.dtype == gradient.dtype and back.shape == x.shape
    assert_allclose(back.astype(float), want, rtol=EPS[back.dtype.name], atol=30 * EPS[back.dtype.name])


# ---- results ---------------------------------------------------------------------------------------------------------


@settings(max_examples=settings().max_examples // 2)  # kernels without optimisation
@given(drawn=rank_calls(), way=st.sampled_from(["walks", "kept", "team"]))
def test_all_ways_agree_with_the_reference(device, drawn, way):
    op, x, kernel_size, p = drawn
    if way == "team" and x.dtype != bool:  # two types will do
        x = x.astype(np.uint8 if op == "mode" else np.float32)
    with pytest.MonkeyPatch.context() as patch:
        take(patch, way)
        agrees(device, op, x, kernel_size, p, exact=way == "kept" and p.get("k", 9) <= 8)


def take(patch, way):
    """One way through the kernels, small enough for the host."""
    patch.setattr(on_device, "KEPT", (8,) if way == "kept" else ())
    patch.setattr(on_device, "TEAM", 4)
    patch.setattr(on_device, "TEAM_TAPS", 1 if way == "team" else 10**9)


@pytest.mark.parametrize("p", [{"q": 0.3}, {"k": 7}])
def test_a_block_for_a_large_window(device, p):
    x = np.random.default_rng(3).integers(-9, 9, (2, 40, 30)).astype(np.float32)
    x[1, 7, 3], gradient = np.nan, np.ones((2, 1, 1), np.float32)
    name, p = ("topk_pool" if "k" in p else "quantile_pool"), {"kernel_size": (40, 30), **p}
    same(fetched(call(device, name, placed(device, x), **p)), getattr(cypool, name)(x, **p))
    back = fetched(call(device, name + "_backward", placed(device, gradient), placed(device, x), **p))
    same(back, getattr(cypool, name + "_backward")(gradient, x, **p))


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "uint64", "float16", "float32", "float64"])
def test_small_and_large_windows_as_on_the_host(device, dtype, monkeypatch):
    if dtype not in ("bool", "uint8", "float32"):
        monkeypatch.setattr(on_device, "KEPT", (8,))
    rng = np.random.default_rng(1)
    x = rng.integers(0, 2 if dtype == "bool" else 90, (2, 19, 23)).astype(dtype)
    placed_x = placed(device, x)
    whole = x.dtype.kind in "biu"
    for name, p in [
        ("median_pool", {"kernel_size": 3}),
        ("median_pool", {"kernel_size": 17, "stride": 3}),
        ("quantile_pool", {"kernel_size": (19, 23), "q": 0.97}),
        ("topk_pool", {"kernel_size": (19, 23), "k": 5}),
        ("topk_pool", {"kernel_size": (19, 23), "k": 300}),
        *([("mode_pool", {"kernel_size": 2}), ("mode_pool", {"kernel_size": (19, 7), "stride": 5})] if whole else []),
    ]:
        want = getattr(cypool, name)(x, **p)
        same(fetched(call(device, name, placed_x, **p)), want)  # sums of small whole numbers are exact
        if name != "mode_pool":
            gradient = rng.integers(-8, 9, want.shape).astype(want.dtype)
            want = getattr(cypool, name + "_backward")(gradient, x, **p)
            same(fetched(call(device, name + "_backward", placed(device, gradient), placed_x, **p)), want)


def test_a_rank_that_is_kept_needs_one_walk():
    """What `keep` chooses holds all wanted ranks, whatever part of a window counts."""
    for taps in (*range(1, 70), 400):
        for q in (0, 1, 0.5, 0.25, 0.9, 1 / 3, 0.999):
            size, above = on_device.keep("rank", taps, q, 1)
            for n in range(1, taps + 1):
                low, weight = ranks.kernels.terms(n, q, ranks.kernels.METHODS["linear"])
                wanted = {low, min(low + (weight > 0), n - 1)}
                for method in ("higher", "nearest"):
                    wanted.add(ranks.kernels.terms(n, q, ranks.kernels.METHODS[method])[0])
                assert size == 0 or max(n - 1 - r if above else r for r in wanted) < size
    assert [on_device.keep("rank", k * k, 0.5, 1)[0] for k in (3, 5, 7, 11, 12)] == [8, 16, 32, 64, 0]
    assert on_device.keep("top", 10**6, 0, 3) == (8, True) and on_device.keep("mode", 64, 0, 1) == (64, False)


def test_offsets_of_64_bits(device, monkeypatch):
    monkeypatch.setattr(windows, "_INT_MAX", -1)
    every_case(device)


def test_out_masks_and_repeated_bits(device):
    rng = np.random.default_rng(2)
    x = rng.standard_normal((2, 3, 12, 10)).astype(np.float32)
    mask = rng.random((12, 10)) < 0.8
    p = {"kernel_size": 3, "stride": 1, "padding": 1, "mask": mask}
    gradient = rng.standard_normal(x.shape).astype(np.float32)
    wide = placed(device, np.zeros((2, 3, 12, 20), np.float32))
    for name, own in (("median_pool2d", {}), ("topk_pool2d", {"k": 4})):
        out = wide[..., ::-2]
        arguments = (placed(device, gradient), placed(device, x))
        assert call(device, name, placed(device, x), **placed(device, p), **own, out=out) is out
        same(fetched(out).copy(), getattr(cypool, name)(x, **p, **own))
        back = fetched(call(device, name + "_backward", *arguments, **placed(device, p), **own))
        same(back, getattr(cypool, name + "_backward")(gradient, x, **p, **own))
        assert call(device, name + "_backward", *arguments, **placed(device, p), **own, out=out) is out
        assert fetched(out).tobytes() == back.tobytes()


def test_nothing_to_compute(device):
    x = placed(device, np.zeros((0, 3, 4, 4), np.float32))
    assert call(device, "median_pool2d", x, 2).shape == (0, 3, 2, 2)
    assert call(device, "topk_pool2d_backward", x[..., :2, :2], x, 2, k=1).shape == x.shape


@pytest.mark.parametrize(
    ("error", "says", "name", "p"),
    [
        (ValueError, r"q must lie in \[0, 1\], got 1.5", "quantile_pool", {"q": 1.5}),
        (ValueError, "k must not exceed the window's 4 taps, got 5", "topk_pool", {"k": 5}),
        (TypeError, "x must be bool or an integer", "mode_pool", {}),
        (TypeError, "mask must be bool", "median_pool", {"mask": np.zeros((4, 4))}),
        (ValueError, "mask must be broadcastable", "median_pool", {"mask": np.zeros(3, bool)}),
        (TypeError, "out must have the result's dtype", "median_pool", {"out": np.zeros((2, 2), "f")}),
        (ValueError, "nan must be one of", "median_pool", {"nan": "omit"}),
    ],
)
def test_what_is_refused(device, error, says, name, p):
    with pytest.raises(error, match=says):
        call(device, name, placed(device, np.zeros((4, 4))), 2, **placed(device, p))


# ---- the source ------------------------------------------------------------------------------------------------------

CASES = [
    ("median", (2, 3, 9, 7), (3, 3), {"stride": 2, "padding": 1}),
    ("median", (3, 5, 6, 2), (2, 2), {"axes": (1, 2), "stride": 1, "nan": "ignore"}),
    ("quantile", (1, 2, 23), (4,), {"q": 0.3, "stride": 3, "dilation": 2, "padding": 3, "boundary": "reflect"}),
    ("quantile", (3, 4, 3, 5), (2, 2, 2, 2), {"q": 0.8, "method": "nearest", "stride": 1, "padding": 1}),
    ("topk", (2, 2, 7, 5), (5, 5), {"k": 6, "padding": 2, "stride": 2}),
    ("topk", (1, 2, 5, 4, 6), (2, 2, 2), {"k": 3, "padding": "same"}),
    ("mode", (2, 9, 8), (3, 4), {"stride": (1, 2), "padding": 1}),
    ("mode", (40,), (11,), {"stride": 2, "background": 1}),
]


def each_case(device):
    for op, shape, kernel_size, p in CASES:
        rng = np.random.default_rng(sum(shape))
        x = rng.integers(-2, 3, shape)
        whole = op == "mode"
        x = (np.abs(x) if whole else x / 2).astype("uint8" if whole else "float32")
        if not whole:
            x = np.where(rng.random(shape) < 0.5, x, -x)  # -0.0, too
        if p.get("nan"):
            x[rng.random(shape) < 0.3] = np.nan
        agrees(device, op, x, kernel_size, p, exact=False)


def every_case(device):
    for way in ("walks", "kept", "team"):
        with pytest.MonkeyPatch.context() as patch:
            take(patch, way)
            each_case(device)


FEW = [*kernels(("float", "unsigned char"), (0, 8, -4), pairs=PAIRS[:1] + PAIRS[4:5]), TOTALS[0]]

test_planted_faults_are_found, test_no_address_out_of_bounds, test_nvcc_has_nothing_to_warn_of = from_rows(
    Row("order.cu", FEW, every_case, {
        "a key too few kept": ("t < KEEP; t++)\n            kept[t] =", "t + 1 < KEEP; t++)\n            kept[t] ="),
        "kept keys not moved": ("key = key < kept[t] ? kept[t] : key;", ""),
        "a quarter too many": ("(rank >= found.two)", "(rank > found.two)"),
        "the wrong quarter's cells left out": ("quarter == 2 ? found.two", "quarter == 2 ? found.one"),
        "equal cells from the last": ("before-- == 0", "before-- == 1"),
        "the last of equal labels": ("tally.equal > most_cells", "tally.equal >= most_cells"),
        "no cells beyond counted": ("(double)(k - beyond.n)", "(double)k"),
        "a NaN that counts": ("lost = ignore ? lost : tap.plane", "lost = tap.plane"),
        "threads of a team that see the same taps": ("number = threadIdx.x", "number = 0"),
        "a number's bit too few": ("for (; shift >= 0; shift--) {", "for (; shift > 0; shift--) {"),
        "somebody ahead": ("__syncthreads(); /* everybody has read what was there */", ""),
        "sums of half a team": ("half = TEAM / 2", "half = TEAM / 4"),
    }),
    Row("keys.cu", FEW, every_case, {
        "negative keys in their own order": ("bits & TOP ? ~bits & ALL : bits | TOP", "bits ^ TOP"),
        "-0.0 below 0.0": ("bits == TOP ? TOP : ", ""),
    }),
    Row("ranks.cu", FEW, every_case, {
        "weights exchanged": ("sum += (1 - share[tap.third])", "sum += share[tap.third]"),
        "every equal cell chosen": ("&& own <= last[tap.third]", ""),
    }),
    compiled=["cypool_quantile<float, 16, int>", "cypool_mode<unsigned char, -256, int>",
              "cypool_topk_records<double, 8, long long>", "cypool_quantile_gradient<Bfloat16, Bfloat16, int>",
              "cypool_topk_gradient<float, Half, double, int>"],
)  # fmt: skip
