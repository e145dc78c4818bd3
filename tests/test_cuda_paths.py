"""The GPU's special ways, on the host: each is held to the general kernels and to the slow reference.

The general kernels are themselves tested in `test_cuda.py`.  Selections, indices and gradients are the same bits, sums are added
in another order.
"""

import functools
import itertools

import cuda_on_host
import numpy as np
import pytest
from cuda_families import Row, from_rows, needs_compiler
from cuda_on_host import SPECIAL_CASES, HostDevice, Recorder, call, here, same_as_reference, there
from drawing import FLOATS
from dtypes import BITS, same
from hypothesis import given, note, settings
from hypothesis import strategies as st

import cypool
import cypool.cuda.windows
from cypool.cuda import large, paths, small, views
from cypool.cuda.windows import _NAMES

SHAPES = ((2, 2, 0), (3, 2, 1), (3, 1, 1), (4, 4, 0))
"""Columns' windows that are compiled for the tests, of the many in `small.NEAR`,"""

ROWS = 2
"""and rows at once."""

SUMS = {"float32": ("float", "double"), "float16": ("float",), "float64": ("double",)}


def kernels(dtype, packs=(1, 4)):
    """Names of the special kernels that the tests ask for."""
    t, floating = _NAMES[dtype], dtype in SUMS
    sums = SUMS.get(dtype, ("unsigned long long",))
    out = t if floating else "unsigned long long"
    verbs = [f"select<{t}, {{}}1", f"find<{t}, {{}}1"]
    verbs = [verb.format(sign) for verb in verbs for sign in ("", "-")]
    verbs += [f"total<{t}, {s}, {o}" for s in sums for o in dict.fromkeys((t, out))]
    gradients = [f"adjoint<{t}, {s}, {shares}" for s in sums for shares in ("true", "false")]
    gradients += [f"scatter<{t}, {s}" for s in sums]
    every = verbs + gradients * floating
    most = [v for v in every if "double" not in v or dtype == "float64"]
    names = [
        f"cypool_near_{verb}, {rows}, {k}, {s}, {p}, {n}>"
        for verb, (k, s, p), rows, n in itertools.product(most, SHAPES, (1, ROWS), packs)
    ]
    names += [f"cypool_lanes_{verb}, {n}>" for verb, n in itertools.product(every, packs)]
    later = [f"total<{s}, {s}, {o}" for s in sums for o in dict.fromkeys((s, t, out))]
    later += [f"total<{t}, {s}, {s}" for s in sums]
    forward = list(dict.fromkeys(verbs + later))
    names += [
        f"cypool_whole_{verb}, {across}, {n}>"
        for verb, across, n in itertools.product(forward, ("true", "false"), (*packs, 2))
    ]
    if floating:
        names += [f"cypool_whole_adjoint<{t}, {s}, {n}>" for s in sums for n in packs]
        names += [f"cypool_whole_scatter<{t}, {n}>" for n in packs]
    names += [f"cypool_slide_{verb}>" for verb in forward]
    return list(dict.fromkeys(names))


host = cuda_on_host.host_fixture(
    ["cypool_lanes_planes<1>", *kernels("float32")] + cuda_on_host.kernels(("float32",), ("int",)),
    functools.partial(HostDevice, paths=paths.PATHS),
)


@pytest.fixture(autouse=True)
def small_parts(request, monkeypatch):
    """Small arrays are cut into parts, as only large ones are; drawn calls ask on the host for kernels that are compiled."""
    cuda_on_host.small_parts(monkeypatch)
    if request.node.name == "test_the_ways_agree[host]":
        monkeypatch.setattr(small, "NEAR", SHAPES)
        monkeypatch.setattr(small, "AT_ONCE", ROWS)


def ways(device, name, *arguments, **parameters):
    """What a call gives by the special ways and by the general kernels, and whether an axis after the other was folded."""
    special, launch, names = device.paths, device.launch, []
    device.launch = lambda name, *more: names.append(name) or launch(name, *more)
    try:
        results = [call(device, name, *arguments, **parameters)]
        device.paths = ()
        results.append(call(device, name, *arguments, **parameters))
    finally:
        device.paths = special
        del device.launch
    results = [tuple(map(here, r)) if isinstance(r, tuple) else here(r) for r in results]
    return *results, any("slide" in name for name in names)


@st.composite
def plain_calls(draw):
    """A call over an array that is plain enough, mostly; with what may keep packs from being loaded."""
    rank = draw(st.sampled_from((1, 2, 2, 2, 3)))
    last = draw(st.booleans())
    extents = [draw(st.sampled_from((8, 12, 16, 7, 9, 21) if rank < 3 else (4, 8, 5))) for _ in range(rank)]
    batch = [draw(st.integers(1, 3)), draw(st.sampled_from((8, 4, 7, 3) if last else (1, 2, 3)))]
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
    offset, step = draw(st.sampled_from((0, 0, 1))), draw(st.sampled_from((1, 1, 1, 2)))
    return name, shape, p, (offset, step), draw(st.integers(0, 2**32 - 1))


def placed(device, values, offset, step):
    """An array whose first element lies some elements behind an aligned one, with gaps along its first axis."""
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


@settings(max_examples=settings().max_examples // 2)  # kernels without optimisation
@given(drawn=plain_calls())
def test_the_ways_agree(device, drawn):
    name, shape, p, (offset, step), seed = drawn
    note(f"{name} {shape} {p}")
    rng = np.random.default_rng(seed)
    selecting = "max" in name or "min" in name
    x = placed(device, some_values(rng, shape, np.float32), offset, step)
    more = {"return_indices": True, "index_layout": str(rng.choice(["plane", "window"]))} if selecting else {}
    try:
        special, general, _ = ways(device, name, x, **p, **more)
    except ValueError as error:
        assert "does not fit" in str(error) or "must" in str(error)
        return
    if selecting:
        same(special[0], general[0])
        same(special[1], general[1])
        value, _, _ = ways(device, name, x, **p)
        same(value, general[0])
    else:
        np.testing.assert_allclose(special, general, rtol=1e-6, atol=1e-5)
    out = (special[0] if selecting else special).shape
    gradient = placed(device, rng.integers(-8, 9, out).astype(np.float32), offset, step) if out else None
    if gradient is not None and gradient.ndim:
        special, general, slid = ways(device, name + "_backward", gradient, x, **p)
        if not selecting and slid:  # added in another order
            np.testing.assert_allclose(special, general, rtol=1e-6, atol=1e-5)
        else:
            assert special.tobytes() == general.tobytes()


# ---- cases -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """The kernels that the cases below ask for, and no others."""
    if cuda_on_host.compiler() is None:
        pytest.skip("no C++ compiler that knows _Float16")
    recorder = Recorder(None, paths=paths.PATHS)
    with pytest.MonkeyPatch.context() as changed:
        cuda_on_host.small_parts(changed)
        for case in SPECIAL_CASES:
            cuda_on_host.run_case(recorder, *case)
        for dtype in TYPES:
            every_operator(recorder, dtype, compare=False)
        planes_far_apart(recorder)
        differently_aligned(recorder)
        for p, _ in WRONG:
            asked_for_indices(recorder, p)
    names = sorted(recorder.launched)
    return HostDevice(
        cuda_on_host.build(tmp_path_factory.mktemp("cases"), cuda_on_host.source(), names), paths=paths.PATHS
    )


@pytest.mark.parametrize("case", SPECIAL_CASES, ids=lambda case: case[0])
def test_cases(prepared, case):
    prepared.launched = set()
    same_as_reference(prepared, *case)
    assert all("near" in n or "lanes" in n or "whole" in n or "slide" in n or "planes" in n for n in prepared.launched)


@pytest.mark.parametrize("case", SPECIAL_CASES, ids=lambda case: case[0])
def test_cases_on_a_gpu(case):
    """Named so that ``-k gpu`` runs it."""
    if cuda_on_host.NO_GPU is not None:
        pytest.skip(cuda_on_host.NO_GPU)
    device = cypool.cuda.device()
    same_as_reference(device, *case, there=device.xp.asarray, here=here)


TYPES = [*FLOATS, *map(np.dtype, ("bool", "int8", "uint8", "int64", "uint16"))]
GEOMETRIES = [
    ("{}_pool2d", {"kernel_size": 3, "stride": 2, "padding": 1}),
    ("{}_pool2d", {"kernel_size": 2}),
    ("{}_pool2d", {"kernel_size": 7, "stride": 1, "padding": 3}),
    ("{}_pool2d", {"kernel_size": 2, "data_format": "channels_last"}),
    ("global_{}_pool", {}),
    ("global_{}_pool", {"data_format": "channels_last"}),
]


def every_operator(device, dtype, compare=True):
    """All operators over some geometries in one type, as the host's own kernels compute them."""
    rng = np.random.default_rng(8)
    x = (rng.integers(-20, 20, (1, 16, 6, 16)) if dtype != np.bool_ else rng.random((1, 16, 6, 16)) < 0.2).astype(dtype)
    for op, (pattern, p) in itertools.product(("max", "min", "sum", "avg"), GEOMETRIES):
        if op == "avg" and dtype == np.bool_:
            continue
        name, indices = pattern.format(op), {"return_indices": True} if op == "max" else {}
        got, want = call(device, name, there(device, x), **p, **indices), getattr(cypool, name)(x, **p, **indices)
        if indices:
            if compare:
                same(here(got[1]), want[1])
            got, want = got[0], want[0]
        # Small whole numbers: every sum is exact, and every quotient is rounded once, or twice for halves.
        epsilon = 0 if op != "avg" or dtype not in FLOATS else 2.0 ** (1 - BITS[dtype.name])
        if compare:
            near_enough(got, want, epsilon, 0)
        if dtype in FLOATS:
            gradient = rng.integers(-4, 5, want.shape).astype(dtype)
            got = call(device, name + "_backward", there(device, gradient), there(device, x), **p)
            want = getattr(cypool, name + "_backward")(gradient, x, **p)
            if compare:
                near_enough(got, want, 2 * epsilon, 16 * epsilon)


def near_enough(got, want, rtol, atol):
    assert here(got).dtype == want.dtype
    np.testing.assert_allclose(here(got).astype(np.float64), want.astype(np.float64), rtol=rtol, atol=atol)


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_every_type(prepared, dtype):
    every_operator(prepared, dtype)


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_every_type_on_a_gpu(dtype):
    if cuda_on_host.NO_GPU is not None:
        pytest.skip(cuda_on_host.NO_GPU)
    every_operator(cypool.cuda.device(), dtype)


def planes_far_apart(device):
    """Two planes further apart than 32 bits tell; of these two gigabytes a few pages are touched."""
    far = np.zeros(2**31 + 64, np.uint8)
    far[2**31 + 9] = 3
    x = np.lib.stride_tricks.as_strided(far, (2, 8, 8), (2**31, 8, 1))
    return call(device, "max_pool2d", x, kernel_size=2, return_indices=True)


def differently_aligned(device):
    """A plane in as many parts of other lengths, as its address allows packs or not."""
    x = np.random.default_rng(2).integers(-9, 9, (1, 1, 27, 76)).astype(np.float32)
    return [call(device, "global_sum_pool", placed(device, x, offset, 1)) for offset in (1, 0)], x.sum()


def test_parts_of_other_lengths(prepared, monkeypatch):
    monkeypatch.setattr(large, "MOST_THREADS", 4 * large.GROUPED)
    sums, want = differently_aligned(prepared)
    assert [float(s.item()) for s in sums] == [want, want]


def test_planes_far_apart(prepared):
    values, indices = planes_far_apart(prepared)
    assert values[1, 0, 0] == 3 and indices[1, 0, 0] == 9 and not values[0].any()
    assert "cypool_near_find<unsigned char, 1, 2, 2, 2, 0, 8>" in prepared.launched


WRONG = [
    ({"kernel_size": 3, "stride": 2, "padding": 1}, -3),
    ({"kernel_size": 3, "stride": 2, "padding": 1}, 2),
    ({"kernel_size": 2, "stride": 1, "dilation": 2}, 1),
    ({"kernel_size": 2}, 2**40),
    ({"kernel_size": 2, "index_layout": "window"}, 4),
    ({"kernel_size": 3, "padding": 1, "index_layout": "window"}, 0),
    ({"kernel_size": (3, 2), "data_format": "channels_last", "stride": 2}, 64),
]
"""Calls, and what is no cell of the first window."""


def asked_for_indices(recorder, p):
    """What `wrong_indices` will ask for."""
    x = np.zeros((2, 8, 8, 3) if "data_format" in p else (2, 3, 8, 8), np.float32)
    values, indices = cypool.max_pool2d(x, **p, return_indices=True)
    call(recorder, "max_pool2d_backward", values, x, **p, indices=indices)


def wrong_indices(device, p, wrong):
    """Indices of which two are wrong: the first is named, and nothing is written."""
    x = (
        np.random.default_rng(5)
        .standard_normal((2, 8, 8, 3) if "data_format" in p else (2, 3, 8, 8))
        .astype(np.float32)
    )
    values, indices = cypool.max_pool2d(x, **p, return_indices=True)
    out = device.xp.full(x.shape, 7, np.float32)
    back = call(
        device, "max_pool2d_backward", there(device, values), there(device, x), **p, indices=there(device, indices)
    )
    same(here(back), cypool.max_pool2d_backward(values, x, **p))
    indices[0, 0, 0, 0] = wrong
    indices[1, 0, 0, 0] = 250 if indices.dtype == np.uint8 else -7
    arrays = [there(device, a) for a in (values, x)]
    with pytest.raises(ValueError, match=rf"cells of their own windows, or -1 for empty ones, got {wrong}$"):
        call(device, "max_pool2d_backward", *arrays, **p, indices=there(device, indices), out=out)
    assert (here(out) == 7).all()


@pytest.mark.parametrize(("p", "wrong"), WRONG)
def test_wrong_indices_are_refused(prepared, p, wrong):
    wrong_indices(prepared, p, wrong)


@pytest.mark.parametrize(("p", "wrong"), WRONG)
def test_wrong_indices_are_refused_on_a_gpu(p, wrong):
    if cuda_on_host.NO_GPU is not None:
        pytest.skip(cuda_on_host.NO_GPU)
    wrong_indices(cypool.cuda.device(), p, wrong)


def test_any_stride_along_an_extent_of_1():
    """Strides that nobody walks along may be longer than the special ways tell."""
    recorder, shape = Recorder(None, paths=paths.PATHS), (1, 2, 1, 8)
    x = np.lib.stride_tricks.as_strided(np.zeros(16, np.float32), shape, (64, 32, 2**40, 4))
    call(recorder, "max_pool2d", x, kernel_size=(1, 2))
    call(recorder, "max_pool2d", np.zeros(shape, np.float32), kernel_size=(1, 2))
    assert [name.partition("<")[0] for name in sorted(recorder.launched)] == ["cypool_near_select", "cypool_select"]


@pytest.mark.parametrize("divisor", [1, 2, 3, 5, 7, 56, 641, 65537, 2**30, 2**30 + 1, 2**31 - 1])
def test_quick_division(divisor):
    _, multiplier, shift, _ = views.quick(divisor)
    assert multiplier < 2**32
    for n in {0, 1, divisor - 1, divisor, 2 * divisor - 1, 2**31 - 1, (2**31 - 1) // divisor * divisor, 123456789}:
        if n < 2**31:
            assert n * multiplier >> shift == n // divisor and n * multiplier < 2**64


COMPILED = [
    *(f"near_{v}, 3, 3, {w}, 1, {n}>" for w in (1, 2) for v, n in (
        ("select<float, 1", 4), ("select<Half, -1", 8), ("find<float, 1", 4), ("total<Half, float, Half", 8),
        ("adjoint<float, float, true", 4), ("scatter<Half, float", 8))),
    *(f"lanes_{v}>" for v in (
        "select<Half, 1, 8", "find<float, 1, 4", "total<float, double, float, 4", "adjoint<Half, float, false, 8",
        "scatter<float, float, 4", "select<unsigned char, 1, 16")),
    *(f"whole_{v}>" for v in (
        "select<float, 1, false, 4", "find<Half, 1, true, 8", "total<float, double, float, false, 4",
        "total<unsigned char, unsigned long long, unsigned char, true, 16", "adjoint<float, double, 4", "scatter<Half, 8")),
    *(f"slide_{v}>" for v in ("select<Half, 1", "find<double, 1", "total<float, double, double", "total<double, double, Half")),
]  # fmt: skip
COMPILED = [f"cypool_{name}" for name in COMPILED]

QUOTIENTS = """
__global__ void quotients(const float *x, float *out, int n, double divisor) {
    const Divider<float> divider(divisor);
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
        out[i] = divider.of<float>(x[i], 0);
}
"""


@needs_compiler
def test_quotients_are_rounded_right(tmp_path):
    """By every whole number to 64 and some others: many significands of one binade, and the ends of the range."""
    text = cuda_on_host.source() + QUOTIENTS
    device = HostDevice(cuda_on_host.ctypes.CDLL(str(cuda_on_host.compiled(tmp_path, text, ["quotients"], ("-O2",)))))
    ends = [0.0, -0.0, 1e-45, -1e-38, 1e-30, 1e30, 3e38, -np.inf, np.nan]
    x = np.concatenate([np.arange(0x3F800000, 0x40000000, 61, np.int32).view(np.float32), np.array(ends, np.float32)])
    out = np.empty_like(x)
    for divisor in (*range(1, 65), 65, 1001, 0.1, -3, 0):
        device.launch("quotients", x.size, (x, out, np.int32(x.size), np.float64(divisor)))
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(out, x / np.float32(divisor))


# ---- that the tests can fail -------------------------------------------------------------------------------------------


def all_of(device, cases):
    for case in cases:
        same_as_reference(device, *case)
    wrong_indices(device, *WRONG[1])
    with_nan(device)


def with_nan(device, compare=True):
    """What the reference cases have not: several NaN in a window."""
    x = np.zeros((1, 1, 3, 16), np.float32)
    x[0, 0, 1, 4:8] = x[0, 0, 2, 4] = np.nan
    for p in ({"kernel_size": 3, "stride": 1, "padding": 1}, {"kernel_size": 6, "stride": 1, "padding": 3}):
        want = cypool.max_pool2d(x, **p, return_indices=True)
        got = call(device, "max_pool2d", x, **p, return_indices=True)
        if compare:
            same(got[1], want[1])


FAULTY = {
    "near": [*SPECIAL_CASES[1:5], SPECIAL_CASES[8]],
    "lanes": SPECIAL_CASES[5:7],
    "whole": [SPECIAL_CASES[10], *SPECIAL_CASES[13:18]],
    "slide": SPECIAL_CASES[18:20],
    "every": SPECIAL_CASES[:2],
}
"""Cases that show the faults of a way."""


def row(way, part, faults):
    """A row whose cases go one way, or any."""
    ways, cases = tuple(w for w in paths.PATHS if w.__name__ == way) or paths.PATHS, FAULTY[way]

    def kernels():
        recorder = Recorder(None, paths=ways)
        for case in cases:
            cuda_on_host.run_case(recorder, *case)
        with_nan(recorder, compare=False)
        asked_for_indices(recorder, WRONG[1][0])
        return sorted(recorder.launched)

    def run(device):
        device.paths = ways
        all_of(device, cases)

    return Row(part, kernels, run, faults, (AssertionError, ValueError))


def every_case(device):
    """All cases, each by the way that it takes."""
    with pytest.MonkeyPatch.context() as changed:
        cuda_on_host.small_parts(changed)
        device.paths = paths.PATHS
        for case in SPECIAL_CASES:
            same_as_reference(device, *case)


test_planted_faults_are_found, test_no_address_out_of_bounds, test_nvcc_warns_of_nothing_and_spills_nothing = from_rows(
    row("every", "small.cu", {"a quotient too small": ("n * q.multiplier >> q.shift", "n * (q.multiplier - 1) >> q.shift")}),
    row("near", "near.cu", {
        "near: a cell of the row before": ("there && cell >= 0 && cell < extent", "there && cell < extent"),
        "near: a row left out": ("first += ROWS", "first += ROWS + 1"),
        "near: a holder left out": ("tap < C::WIDTH)\n                    sum[e] += sent;",
                                    "tap + 1 < C::WIDTH)\n                    sum[e] += sent;"),
        "near: another cell's gradient": ("(int)where[r][c] - own", "(int)where[r][c] - own + 1"),
    }),
    row("near", "small.cu", {
        "near: the last of a tie": ("b.at < a.at", "b.at > a.at"),
        "near: the first NaN": ("b.at >= a.at", "b.at > a.at"),
    }),
    row("lanes", "lanes.cu", {
        "lanes: overlapping packs": ("p.lane *= N", "p.lane *= 1"),
        "lanes: a cell behind its window": ("tap >= row.count", "tap > row.count"),
    }),
    row("lanes", "small.cu", {
        "lanes: the last of a tie": ("? b > best.value", "? b >= best.value"),
        "lanes: rows of one group": ("<< s.log_rows | row", "<< s.log_rows | 0 * row"),
    }),
    row("whole", "whole.cu", {
        "whole: a missing barrier": ("__syncthreads(); /* the upper", "/* the upper"),
        "whole: rows run on": ("column -= packs, row++", "column -= packs"),
        "whole: a part's own places": ("places ? places[at + e]", "false ? places[at + e]"),
    }),
    row("slide", "slide.cu", {
        "slide: a missing barrier": ("__syncthreads(); /* the runs", "/* the runs"),
        "slide: runs that overlap": ("from[k] += apart(s, hop)", "from[k] += apart(s, hop / 2)"),
        "slide: a row's cell": ("cell * scale + before", "cell + before"),
    }),
    watched=(functools.partial(cuda_on_host.asked, SPECIAL_CASES), every_case),
    strays={
        "begin + p < extent": ("near.cu", "begin + p < extent", "begin + p < 16 + extent", "heap"),
        "position_in(s, e) + hop < t.positions": (
            "slide.cu", "position_in(s, e) + hop < t.positions", "position_in(s, e) + hop < 16 + t.positions", "global"),
    },
    compiled=COMPILED,
)  # fmt: skip
