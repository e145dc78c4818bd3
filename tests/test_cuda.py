"""The GPU's kernels: compiled where nvcc is, run on the host where a C++ compiler is, and run on a GPU where one is.

``pytest tests/test_cuda.py -k gpu`` is the suite for a machine with a GPU.  The other tests need none: the same source and the
same driver run over NumPy arrays (`tests/support/cuda_on_host.py`).
"""

import inspect
import subprocess
import sys

import cuda_on_host
import like_cupy
import ml_dtypes
import numpy as np
import pytest
from cuda_families import Row, from_rows
from cuda_on_host import CASES, NO_GPU, call, here, same_as_reference, there
from drawing import FLOATS, calls, close, roundings, weights_close, window_taps
from dtypes import BITS, same
from hypothesis import given, note, settings
from hypothesis import strategies as st

import cypool
import cypool.cuda
import cypool.cuda.windows
from cypool import arrays, reference

WIDE = ("float16", "float32", "uint8")
"""Types whose kernels with offsets of 64 bits are tested too."""

host = like_cupy.host_fixture(
    cuda_on_host.kernels(offsets=("int",))
    + cuda_on_host.kernels(WIDE, ("long long",))
    + cuda_on_host.masked_kernels(offsets=("int",))
)


# ---- (b) and (c): results --------------------------------------------------------------------------------------------


def drawn_for_a_gpu(drawn):
    """A drawn call whose array a GPU can read."""
    name, x, p = drawn
    if not (x.dtype.isnative and x.flags.aligned):
        x = np.array(x, x.dtype.newbyteorder("="))
    return name, x, p


@settings(max_examples=settings().max_examples // 2)  # kernels without optimisation
@given(drawn=calls().map(drawn_for_a_gpu), seed=st.integers(0, 2**32 - 1), dtype=st.sampled_from(FLOATS))
def test_everything_agrees_with_the_reference(device, drawn, seed, dtype):
    name, x, p = drawn
    note(f"{name} {x.dtype} {x.shape} {x.strides} {p}")
    selecting = "max" in name or "min" in name
    placed = there(device, x)
    beside = {key: there(device, p[key]) for key in ("mask", "weights") if key in p}

    def fast(name, *gradients, **more):
        got = call(device, name, *(there(device, g) for g in gradients), placed, **{**p, **beside}, **more)
        return tuple(map(here, got)) if isinstance(got, tuple) else here(got)

    slow = getattr(reference, name)
    try:
        want = slow(x, **p, **({"return_indices": True} if selecting else {}))
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            fast(name)
        return
    indices = {}
    if selecting:
        got = fast(name, return_indices=True)
        same(got[0], want[0])
        same(got[1], want[1])
        same(fast(name), want[0])
        indices, want = {"indices": there(device, got[1])}, want[0]
    elif x.dtype in FLOATS:
        abs_sums, counts = reference.abs_sum_pool(slow, x, **p)
        scale = np.where(np.isfinite(abs_sums), abs_sums, 0)
        with np.errstate(all="ignore"):
            got = fast(name)
        close(got, want, scale, roundings(x.dtype, window_taps(x, p), int(counts.max(initial=0))))
    else:
        same(fast(name), want)

    rng = np.random.default_rng(seed)
    gradient = (rng.integers(-8, 9, want.shape) / 4).astype(dtype)
    outer = (rng.integers(-8, 9, x.shape) / 4).astype(dtype)
    with np.errstate(all="ignore"):
        want = getattr(reference, name + "_backward")(gradient, x, **p)
        scale = getattr(reference, name + "_backward")(np.abs(gradient.astype(np.float64)), x, **p)
        got = fast(name + "_backward", gradient)
    if "weights" in p:
        weights_close(got[1], want[1])
        got, want, scale = got[0], want[0], scale[0]
    close(got, want, np.abs(scale), roundings(dtype, 0 if selecting else window_taps(x, p), 4 * window_taps(x, p)))
    if selecting:
        same(fast(name + "_backward", gradient, **indices), got)
        want = getattr(reference, name + "_double_backward")(outer, gradient, x, **p)
        same(fast(name + "_double_backward", outer, gradient), want)
        same(fast(name + "_double_backward", outer, gradient, **indices), want)


EVERY_TYPE = [(t, False) for t in (*FLOATS, *map(np.dtype, ("bool", "int8", "uint8", "int32", "int64", "uint64")))]
EVERY_TYPE += [(np.dtype(name), True) for name in WIDE]


@pytest.mark.parametrize(("dtype", "wide"), EVERY_TYPE, ids=str)
def test_every_type_as_on_the_host(device, dtype, wide, monkeypatch):
    if wide:
        monkeypatch.setattr(cypool.cuda.windows, "_INT_MAX", -1)
    rng = np.random.default_rng(8)
    x = (rng.integers(-20, 20, (2, 3, 9, 11)) if dtype != np.bool_ else rng.random((2, 3, 9, 11)) < 0.2).astype(dtype)
    placed = there(device, x)
    for op in ("max", "min", "sum", "avg"):
        if op == "avg" and dtype == np.bool_:
            continue
        for name, p in (
            (f"{op}_pool2d", {"kernel_size": 3, "stride": 2, "padding": 1}),
            (f"{op}_pool2d", {"kernel_size": 9, "stride": 1, "padding": 4}),
            (f"global_{op}_pool", {"data_format": "channels_last"}),
        ):
            got, want = here(call(device, name, placed, **p)), getattr(cypool, name)(x, **p)
            assert got.dtype == want.dtype
            # Small whole numbers: every sum is exact, and every quotient is rounded once, or twice for halves.
            epsilon = 0 if op != "avg" or dtype not in FLOATS else 2.0 ** (1 - BITS[dtype.name])
            np.testing.assert_allclose(got.astype(np.float64), want.astype(np.float64), rtol=epsilon, atol=0)
            if dtype in FLOATS:
                gradient = rng.integers(-4, 5, want.shape).astype(dtype)
                got = here(call(device, name + "_backward", there(device, gradient), placed, **p)).astype(np.float64)
                want = getattr(cypool, name + "_backward")(gradient, x, **p).astype(np.float64)
                np.testing.assert_allclose(got, want, rtol=2 * epsilon, atol=16 * epsilon)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_cases(device, case):
    same_as_reference(device, *case, there=device.xp.asarray, here=here)


@pytest.mark.parametrize("dtype", [np.float32, ml_dtypes.bfloat16])
def test_subnormal_numbers(device, dtype):
    """They are no zeros, as CuPy would have them."""
    dtype = np.dtype(dtype)
    bits = np.uint32 if dtype.itemsize == 4 else np.uint16
    x = there(device, np.array([[1, 2, 3, 2]], bits).view(dtype))
    values, where = call(device, "max_pool1d", x, kernel_size=2, return_indices=True)
    total = call(device, "sum_pool1d", x, kernel_size=2)
    assert here(values).view(bits).tolist() == [[2, 3]] and here(where).tolist() == [[1, 2]]
    assert here(total).view(bits).tolist() == [[3, 5]]


@pytest.mark.parametrize("layout", ["plane", "window", "global", "global_column_major", "channels_last"])
def test_indices_of_every_layout_come_back(device, layout):
    x = np.random.default_rng(3).standard_normal((2, 3, 8, 9)).astype(np.float32)
    p = {"kernel_size": 3, "stride": 2, "padding": 1, "index_layout": layout}
    want = cypool.max_pool2d(x, **p, return_indices=True)
    got = call(device, "max_pool2d", there(device, x), **p, return_indices=True)
    same(here(got[0]), want[0])
    same(here(got[1]), want[1])
    gradient = np.ones_like(want[0])
    back = call(device, "max_pool2d_backward", there(device, gradient), there(device, x), **p, indices=got[1])
    same(here(back), cypool.max_pool2d_backward(gradient, x, **p))


def test_out_and_bits_of_repeated_gradients(device):
    rng = np.random.default_rng(4)
    x = there(device, rng.standard_normal((2, 3, 12, 10)).astype(np.float32))
    out = device.xp.zeros((2, 3, 12, 20), np.float32)[..., ::2]
    p = {"kernel_size": 5, "stride": 1, "padding": 2}
    gradient = there(device, rng.standard_normal((2, 3, 12, 10)).astype(np.float32))
    for name in ("avg_pool2d_backward", "max_pool2d_backward"):
        first = here(call(device, name, gradient, x, **p)).tobytes()
        assert call(device, name, gradient, x, **p, out=out) is out
        assert here(out).tobytes() == first
    assert call(device, "max_pool2d", x, **p, out=out) is out
    same(here(out), cypool.max_pool2d(here(x), **p))


REFUSED = [
    (TypeError, "out must have the result's dtype", "max_pool2d", {"out": np.zeros((1, 1, 2, 2), np.float64)}),
    (ValueError, "out must have the result's shape", "max_pool2d", {"out": np.zeros((1, 1, 2, 3), np.float32)}),
    (ValueError, "kernel_size must be at least 1", "max_pool2d", {"kernel_size": 0}),
    (ValueError, "the window does not fit axis 2", "avg_pool2d", {"kernel_size": 9}),
    (TypeError, "mask must be bool, True for valid cells, got float32", "max_pool2d", {"mask": np.ones((4, 4), np.float32)}),
    (ValueError, "mask must be broadcastable to x's shape", "sum_pool2d", {"mask": np.ones((4, 3), bool)}),
    (TypeError, "weights must be floating, got bool", "avg_pool2d", {"weights": np.ones((4, 4), bool)}),
    (ValueError, "weights must be broadcastable to x's shape", "avg_pool2d", {"weights": np.ones(3)}),
    (ValueError, "nan must be one of", "max_pool2d", {"nan": "skip"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "message", "name", "p"), REFUSED, ids=lambda part: part if isinstance(part, str) else ""
)
def test_what_is_refused(device, error, message, name, p):
    x = there(device, np.zeros((1, 1, 4, 4), np.float32))
    p = {"kernel_size": 2, **p}
    p = {key: there(device, value) if isinstance(value, np.ndarray) else value for key, value in p.items()}
    with pytest.raises(error, match=message):
        call(device, name, x, **p)


def test_what_is_not_aligned_is_refused(device):
    x = device.xp.zeros(65, np.uint8)[1:].view(np.float32).reshape(1, 4, 4)
    with pytest.raises(ValueError, match="arrays on a GPU must be aligned"):
        call(device, "max_pool2d", x, kernel_size=2)
    out = device.xp.zeros(17, np.uint8)[1:].view(np.float32).reshape(1, 2, 2)
    with pytest.raises(ValueError, match="arrays on a GPU must be aligned"):
        call(device, "avg_pool2d", device.xp.zeros((1, 4, 4), np.float32), kernel_size=2, out=out)


def test_an_overlapping_out_is_refused(device):
    x = there(device, np.zeros((1, 1, 4, 4), np.float32))
    with pytest.raises(ValueError, match="out must not share memory with an input"):
        call(device, "max_pool2d", x, kernel_size=1, out=x)


@pytest.mark.parametrize(("layout", "wrong"), [("plane", 14), ("plane", -7), ("plane", 2**40), ("window", 6)])
def test_wrong_indices_are_refused_and_nothing_is_written(device, layout, wrong):
    x = np.random.default_rng(5).standard_normal((2, 2, 4, 4)).astype(np.float32)
    p = {"kernel_size": 2, "index_layout": layout}
    _, indices = cypool.max_pool2d(x, **p, return_indices=True)
    indices[1, 0, 0, 1], indices[1, 1] = wrong, wrong
    out = device.xp.full(x.shape, 7, np.float32)
    gradient = device.xp.ones((2, 2, 2, 2), np.float32)
    with pytest.raises(ValueError, match=rf"cells of their own windows, or -1 for empty ones, got {wrong}$"):
        call(device, "max_pool2d_backward", gradient, there(device, x), **p, indices=there(device, indices), out=out)
    assert (here(out) == 7).all()
    indices[...] = 255 if layout == "window" else -1
    back = call(device, "max_pool2d_backward", gradient, there(device, x), **p, indices=there(device, indices))
    assert not here(back).any()


def test_far_apart(host):
    """Offsets beyond 32 bits; of these two gigabytes two pages are touched."""
    x = np.zeros(2**31 + 8, np.uint8)[:: 2**31]
    x[1] = 3
    assert call(host, "max_pool", like_cupy.Array(x[None]), kernel_size=(2,), return_indices=True)[1].tolist() == [[1]]
    assert any("long long>" in name for name in host.launched)


@pytest.mark.parametrize("shape", [(0, 3, 4, 4), (2, 0, 4, 4)])
def test_nothing_to_compute(device, shape):
    x = device.xp.zeros(shape, np.float32)
    values, indices = call(device, "max_pool2d", x, kernel_size=2, return_indices=True)
    assert values.shape == indices.shape == (*shape[:2], 2, 2)
    assert call(device, "max_pool2d_backward", values, x, kernel_size=2, indices=indices).shape == shape
    nothing = call(device, "adaptive_avg_pool2d", device.xp.ones((1, 1, 4, 4)), output_size=0)
    assert nothing.shape == (1, 1, 0, 0)
    assert not here(call(device, "adaptive_avg_pool2d_backward", nothing, (1, 1, 4, 4), output_size=0)).any()


def test_torch_tensors_on_a_gpu_enter_and_leave_without_a_copy():
    if NO_GPU is not None:
        pytest.skip(NO_GPU)
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("this torch is built without CUDA")
    x = torch.arange(16.0, device="cuda").reshape(1, 1, 4, 4)
    result = cypool.max_pool2d(x, 2)
    back = torch.from_dlpack(result)
    assert back.data_ptr() == result.data.ptr and back.tolist() == [[[[5.0, 7.0], [13.0, 15.0]]]]
    assert cypool.cuda.device().as_array(x, "x").data.ptr == x.data_ptr()


# ---- (a) and (b): compiled for devices, and that the tests can fail --------------------------------------------------


def every_case(device):
    for case in CASES:
        same_as_reference(device, *case)


FLOAT32 = cuda_on_host.kernels(("float32",), ("int",))

# One of each kernel: all types together take nvcc a minute.
COMPILED = [
    "cypool_select<Half, 1, int>", "cypool_total<short, unsigned long long, short, int>", "cypool_planes<int>",
    "cypool_adjoint<Bfloat16, float, true, long long>", "cypool_scatter<double, double, int>", "cypool_gather<float, int>",
    "cypool_select_valid<double, -1, int>", "cypool_numbers<Bfloat16, int>",
    "cypool_total_valid<Half, double, Half, float, int>", "cypool_total_valid<int, unsigned long long, int, float, int>",
    "cypool_sent<Half, double, int>", "cypool_received_valid<Half, double, long long>", "cypool_weights_gradient<float, int>",
]  # fmt: skip
assert set(COMPILED) <= {*cuda_on_host.kernels(), *cuda_on_host.masked_kernels()}
TOO_MANY = ("j < columns.count", "j <= columns.count")

test_planted_faults_are_found, test_no_address_out_of_bounds, test_nvcc_has_nothing_to_warn_of = from_rows(
    Row("kernels.cu", FLOAT32, every_case, {
        "a column too many": TOO_MANY,
        "a row too few": ("i < rows.count; i++", "i + 1 < rows.count; i++"),
        "a leading tap too few": ("number < taps", "number + 1 < taps"),
        "the last of a tie": ("(SIGN > 0 ? b > value", "(SIGN > 0 ? b >= value"),
        "an element too few": ("i < l.total", "i + 1 < l.total"),
        "another window's share": ("l.forward[axis], cell).share", "l.forward[axis], (Offset)0).share"),
        "unskipped taps": ("row.skip + tap_of(", "0 + tap_of("),
        "another position": ("seen[axis] + cell]", "seen[axis]]"),
        "a window twice": ("== own && !tap.again", "== own"),
        "the last sight of a cell": ("(last || found < 0)", "(last || found < row.count)"),
    }, (AssertionError, ValueError)),
    strays={"a column too many": ("kernels.cu", *TOO_MANY, "heap")},
    compiled=COMPILED,
)  # fmt: skip


# ---- the doorway -----------------------------------------------------------------------------------------------------


def test_importing_cypool_imports_no_cupy(tmp_path):
    code = "import sys, cypool, cypool.cuda; cypool.cuda.windows; assert 'cupy' not in sys.modules"
    code = code.replace("cypool.cuda.windows;", "import cypool.cuda.windows;")
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


class Foreign:
    """What looks like CuPy's array."""

    __module__ = "cupy"


class CudaTensor:
    """What looks like a CUDA tensor of torch."""

    is_cuda = True


class LentTensor(CudaTensor):
    """Lends an array by DLPack, and is none itself."""

    def __init__(self, array):
        self.array = array

    def __array__(self, *_, **__):
        raise TypeError("can't convert cuda:0 device type tensor to numpy")


class Borrower(like_cupy.Device):
    """Takes what tensors lend, and computes nothing."""

    def as_array(self, x, name):
        return super().as_array(getattr(x, "array", x), name)

    def launch(self, name, threads, arguments, *block, **options):
        self.launched.add(name)


@pytest.mark.parametrize("name", ["max", "avg", "median", "lp", "lse", "lip", "range", "mixed", "blur", "stochastic"])
def test_results_beside_a_tensor(name):
    """A mask that is a tensor, and an array for the result, which must not overlap it."""
    device, (x, logits, out) = Borrower(None), (like_cupy.Array(np.zeros((1, 1, 4, 4))) for _ in range(3))
    mask = like_cupy.Array(np.ones((4, 4), bool))
    own = {"lip": {"logits": logits}, "mixed": {"alpha": 0.5}, "lp": {"norm_type": 2}, "blur": {"filter": (1, 1)}}
    weights = {"weights": LentTensor(logits)} if name in ("avg", "lp") else {}
    to, window = out[..., :2, :2], {"stride": 2} if name == "blur" else {"kernel_size": 2}
    p = {**window, **own.get(name, {}), **weights, "mask": LentTensor(mask), "out": to}
    assert cuda_on_host.public(device, name + "_pool2d", LentTensor(x), **p) is to
    assert device.launched


@pytest.fixture
def no_cupy(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    cypool.cuda.device.cache_clear()
    yield
    cypool.cuda.device.cache_clear()


@pytest.mark.parametrize("x", [Foreign(), CudaTensor()], ids=["cupy", "torch"])
def test_what_is_missing_is_said(no_cupy, x):
    assert not cypool.cuda.available()
    gradient = np.ones((1, 1, 2, 2))
    for function, arguments in (
        (cypool.max_pool2d, (x, 2)),
        (cypool.global_avg_pool, (x,)),
        (cypool.avg_pool2d_backward, (x, (1, 1, 4, 4), 2)),
        (cypool.max_pool2d_backward, (gradient, x, 2)),
        (cypool.sum_pool2d_double_backward, (x, gradient, (1, 1, 4, 4), 2)),
    ):
        with pytest.raises(ImportError, match=r"cypool\.cuda needs CuPy.*pip install 'cypool\[cuda\]'"):
            function(*arguments)
    for name in arrays.ON_A_GPU:
        function = getattr(cypool, next(n for n in dir(cypool) if n.startswith(f"{name}_") and "_pool" in n))
        required = [n for n, p in inspect.signature(function).parameters.items() if p.default is p.empty]
        with pytest.raises(ImportError, match=r"cypool\.cuda needs CuPy"):
            function(**dict.fromkeys(required, x))
    with pytest.raises(TypeError, match=r"x must lie in the host's memory.*max, min, avg, sum"):
        arrays.as_array(x)


@pytest.mark.skipif(
    NO_GPU is None or "CuPy" not in NO_GPU or "needs CuPy" in NO_GPU, reason="CuPy is missing or has a GPU"
)
def test_cupy_without_a_gpu_is_told():
    with pytest.raises(RuntimeError, match=r"cypool\.cuda needs a GPU"):
        cypool.cuda.device()
