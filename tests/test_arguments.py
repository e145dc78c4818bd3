"""What arguments may be: wrong ones and their messages, `out=`, array-likes, memory layouts, sequences.

The tables below are section 4 of the semantics page: TypeError for a wrong type, ValueError for a wrong value, and a message
that names the parameter, the rule and what was received.
"""

import array
import inspect
import pickle
import warnings

import ml_dtypes
import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided
from numpy.testing import assert_array_equal

import cypool

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
DTYPES = [np.dtype(d) for d in "? b B h H i I q Q e f d".split()] + [BFLOAT16]
SUPPORTED = "bool, int8 to int64, uint8 to uint64, float16, bfloat16 (from ml_dtypes), float32, float64"


def plane():
    return np.arange(16, dtype=np.float32).reshape(1, 4, 4)


def gradient():
    return np.ones((1, 2, 2), np.float32)


# Which call each parameter is tried in: function, leading arrays, the other parameters.
MAX = ("max_pool2d", (plane,), {"kernel_size": 2})
AVG = ("avg_pool2d", (plane,), {"kernel_size": 2})
ANY = ("max_pool", (plane,), {"kernel_size": 2})
ADAPTIVE = ("adaptive_max_pool2d", (plane,), {})
GLOBAL = ("global_max_pool", (plane,), {"axes": (1, 2)})
BACK = ("max_pool2d_backward", (gradient, plane), {"kernel_size": 2})
BACK_AVG = ("avg_pool2d_backward", (gradient, plane), {"kernel_size": 2})
DOUBLE = ("max_pool2d_double_backward", (plane, gradient, plane), {"kernel_size": 2})

# call, parameter, wrong type(s)
TYPES = [
    (
        MAX,
        "kernel_size",
        [2.0, "2", True, np.True_, None, (2.0, 2), (True, 2), {1, 2}, {1: 2, 2: 3}, b"ab", np.array([2.0, 2.0])],
    ),
    (MAX, "stride", [1.5, "1", True, (1, None)]),
    (MAX, "padding", [1.0, None, True, (1.0, 1), ((1, 1.0), (0, 0)), ("1", "2")]),
    (MAX, "dilation", [1.5, "1", None, True]),
    (MAX, "ceil_mode", [None, 1.5, [], np.array([True, False])]),
    (MAX, "return_indices", ["yes", None, 2, [], np.array([True, False])]),
    (MAX, "data_format", [None, 1, ["channels_first"]]),
    (MAX, "nan", [None, 0]),
    (MAX, "boundary", [None, 0]),
    (MAX, "index_layout", [None, 0]),
    (MAX, "empty", ["0", [1], 1j, np.zeros(2)]),
    (MAX, "num_threads", [1.0, "1", True, (1,)]),
    (MAX, "mask", ["x", 1.0, [[1, 0, 1, 0]], np.ma.masked_array([True])]),
    (MAX, "out", [[[0.0]], "x", 3, np.ma.zeros((1, 2, 2), np.float32)]),
    (AVG, "count_include_pad", ["yes", None, 2, [], np.array([True, False])]),
    (AVG, "divisor_override", [1.5, "1", True, (1,)]),
    (AVG, "rounding", [None, 1]),
    (AVG, "weights", ["x", 1, np.ones((4, 4), int), 1j]),
    (ANY, "axes", [1.0, "1", True, (0, 1.0)]),
    (ADAPTIVE, "output_size", [1.0, "1", True, (1.0, 1)]),
    (GLOBAL, "keepdims", ["yes", None, 2, []]),
    (BACK, "indices", [np.ones((1, 2, 2)), gradient() > 0, "x", 1j]),
    (BACK, "grad_output", [np.ones((1, 2, 2), int), np.ones((1, 2, 2), bool), "x", None]),
    (DOUBLE, "grad_grad_x", [np.ones((1, 4, 4), int), None]),
]

# call, parameter, wrong values
VALUES = [
    (MAX, "kernel_size", [0, -1, (3, 0), (1, 2, 3), (), []]),
    (MAX, "stride", [0, -2, (1, 0), (1, 2, 3)]),
    (MAX, "padding", [-1, (0, -1), ((0, 1), (-1, 0)), (1, 2, 3), ((1, 2, 3), (0, 1)), ((1,), 1), "SAME", "12", (), []]),
    (MAX, "dilation", [0, -1, (1, 0), (1, 2, 3), ()]),
    (MAX, "ceil_mode", ["Keep", ""]),
    (MAX, "data_format", ["NCHW", ""]),
    (MAX, "nan", ["raise"]),
    (MAX, "boundary", ["zeros", "symmetric"]),
    (MAX, "index_layout", ["row"]),
    (MAX, "empty", [10**400, -(10**400)]),
    (MAX, "num_threads", [0, -1, 2**70]),
    (MAX, "mask", [np.ones((2, 2), bool), np.ones((2, 1, 4, 4), bool)]),
    (AVG, "divisor_override", [0, 2**70]),
    (AVG, "rounding", ["up"]),
    (AVG, "weights", [np.ones(3), np.ones((2, 1, 4, 4))]),
    (ANY, "axes", [(), 3, -4, (0, 0), (2, -1), (1, 5)]),
    (ADAPTIVE, "output_size", [-1, (1, -1), (1, 2, 3), ()]),
    (GLOBAL, "axes", [(), 3, (1, 1)]),
    (BACK, "indices", [np.full((1, 2, 2), -2), np.full((1, 2, 2), 16), np.zeros((1, 2, 2), int), np.zeros((1, 2, 1), int),
                       np.full((1, 2, 2), 2**64 - 1, np.uint64)]),
    (BACK, "grad_output", [np.ones((1, 2, 1)), np.ones((2, 2)), np.ones((1, 1, 2, 2))]),
    (DOUBLE, "grad_grad_x", [np.ones((1, 4, 3)), np.ones((4, 4))]),
]  # fmt: skip


def rows(table):
    return [
        pytest.param(call, name, value, id=f"{call[0]}-{name}-{value!r:.30}")
        for call, name, values in table
        for value in values
    ]


def attempt(call, name, value):
    function, leading, parameters = call
    names = {1: ["x"], 2: ["grad_output", "x"], 3: ["grad_grad_x", "grad_output", "x"]}[len(leading)]
    arguments = dict(zip(names, (make() for make in leading), strict=True)) | parameters | {name: value}
    return getattr(cypool, function)(**arguments)


def received(value):
    """A word of the value that a message can be expected to show."""
    if isinstance(value, np.ndarray):
        return ""
    while isinstance(value, (list, tuple)) and value:
        value = value[-1]
    return repr(value)[:20]


@pytest.mark.parametrize(("call", "name", "value"), rows(TYPES))
def test_wrong_types(call, name, value):
    with pytest.raises(TypeError, match=name):
        attempt(call, name, value)


@pytest.mark.parametrize(("call", "name", "value"), rows(VALUES))
def test_wrong_values(call, name, value):
    with pytest.raises(ValueError, match=name) as caught:
        attempt(call, name, value)
    assert "must" in str(caught.value) or "entries" in str(caught.value)
    assert received(value) in str(caught.value)


@pytest.mark.parametrize(
    ("shape", "function", "rank"),
    [
        ((4, 4), "max_pool2d", 2),
        ((1, 1, 1, 4, 4), "avg_pool2d", 5),
        ((4,), "sum_pool1d", 1),
        ((2, 2, 2), "min_pool3d", 3),
        ((), "max_pool1d", 0),
        ((4,), "max_pool", 1),
    ],
)
def test_wrong_ranks(shape, function, rank):
    with pytest.raises(ValueError, match=f"x must have .*got rank {rank}"):
        getattr(cypool, function)(np.zeros(shape), 1)


@pytest.mark.parametrize(("shape", "error"), [
    ((1, -4, 4), ValueError), ((1, 2**40, 2**40), ValueError), ((1, 2**70, 4), ValueError), ((4, 4), ValueError),
    ((1, 4.0, 4), (TypeError, ValueError)), ((1, True, 4), (TypeError, ValueError))])  # fmt: skip
def test_wrong_shapes_in_place_of_x(shape, error):
    with pytest.raises(error, match="x"):
        cypool.avg_pool2d_backward(gradient(), shape, 2)
    with pytest.raises((TypeError, ValueError), match="x must"):  # a selection needs the array
        cypool.max_pool2d_backward(gradient(), (1, 4, 4), 2)


def test_a_window_that_does_not_fit_names_everything():
    with pytest.raises(
        ValueError, match=r"axis 2.*extent 4.*kernel_size 3.*stride 1.*padding.*dilation 2.*must be at least 1"
    ):
        cypool.max_pool2d(plane(), (1, 3), 1, 0, 2)


def test_empty_must_fit():
    x = np.ones((1, 4), np.int8)
    for value in (128, -129, 2**70):
        with pytest.raises(ValueError, match=f"empty must fit .*int8, got {value}"):
            cypool.max_pool1d(x, 2, empty=value)
    with pytest.raises(TypeError, match="empty must be an integer"):
        cypool.max_pool1d(x, 2, empty=0.5)
    with warnings.catch_warnings():  # beyond float32: refused or infinite, but not a stray warning
        warnings.simplefilter("error")
        try:
            assert cypool.max_pool1d(x.astype(np.float32), 1, 2, ((2, 0),), empty=1e300)[0, 0] == np.inf
        except ValueError as error:
            assert "empty must fit" in str(error)


@pytest.mark.parametrize(
    "missing", ["max_pool2d", "max_pool2d_backward", "adaptive_avg_pool2d", "avg_pool2d_double_backward"]
)
def test_missing_and_unknown_parameters(missing):
    with pytest.raises(TypeError):
        getattr(cypool, missing)(plane())
    with pytest.raises(TypeError, match="kernel"):
        cypool.max_pool2d(plane(), 2, kernel=3)
    with pytest.raises(TypeError, match="indices"):
        cypool.avg_pool2d_backward(gradient(), plane(), 2, indices=None)  # a linear operator has none


# ---- sequences (section 1) -------------------------------------------------------------------------------------------

# parameter, spelling, the same spelt out
SPELLINGS = [
    ("kernel_size", (2,), (2, 2)), ("kernel_size", [2, 1], (2, 1)), ("kernel_size", np.int32(2), (2, 2)),
    ("kernel_size", np.array([2, 1]), (2, 1)), ("kernel_size", np.array(2), (2, 2)), ("kernel_size", range(1, 3), (1, 2)),
    ("stride", None, (2, 2)), ("stride", (), (2, 2)), ("stride", [], (2, 2)), ("stride", (1,), (1, 1)),
    ("padding", (1,), ((1, 1), (1, 1))), ("padding", (1, 2), ((1, 1), (2, 2))), ("padding", ((1, 2),), ((1, 2), (1, 2))),
    ("padding", ((1, 2), 3), ((1, 2), (3, 3))), ("padding", [[1, 2], [0, 1]], ((1, 2), (0, 1))),
    ("dilation", [2], (2, 2)), ("dilation", np.int64(3), (3, 3)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "short", "long"), SPELLINGS, ids=str)
def test_spellings(name, short, long):
    call = ("max_pool2d", (plane,), {"kernel_size": 2})
    assert_array_equal(attempt(call, name, short), attempt(call, name, long))


def test_pairs_are_per_axis():
    """(1, 2) is one padding an axis, never before and after."""
    assert cypool.max_pool2d(plane(), 3, 1, (1, 2)).shape == (1, 4, 6)
    assert cypool.max_pool1d(plane()[0], 3, 1, ((1, 2),)).shape == (4, 5)
    with pytest.raises(ValueError, match="padding"):
        cypool.max_pool1d(plane()[0], 3, 1, (1, 2))


# ---- out= ------------------------------------------------------------------------------------------------------------


def read_only(shape, dtype=np.float32):
    result = np.zeros(shape, dtype)
    result.flags.writeable = False
    return result


def over_itself(shape):
    return as_strided(np.zeros(64, np.float32), shape, (4,) * len(shape))


# an out= that is refused, as a function of x, and why
OUTS = [
    (lambda x: np.zeros((1, 2, 2), np.float64), TypeError, "dtype float32, got float64"),
    (lambda x: np.zeros((1, 2, 2), ">f4"), TypeError, "dtype float32, got >f4"),
    (lambda x: np.zeros((1, 2, 3), np.float32), ValueError, r"shape \(1, 2, 2\), got \(1, 2, 3\)"),
    (lambda x: np.zeros((2, 2), np.float32), ValueError, "shape"),
    (lambda x: read_only((1, 2, 2)), ValueError, "read-only"),
    (lambda x: np.broadcast_to(np.float32(0), (1, 2, 2)), ValueError, "read-only"),
    (lambda x: over_itself((1, 2, 2)), ValueError, "overlap itself"),
    (lambda x: x[:, :2, :2], ValueError, "share memory with an input"),
    (lambda x: x[:, ::-2, 1::2], ValueError, "share memory with an input"),
    (lambda x: (np.zeros((1, 2, 2), np.float32), np.zeros((1, 2, 2), np.int64)), TypeError, "ndarray, got tuple"),
]


@pytest.mark.parametrize(("make", "error", "words"), OUTS)
@pytest.mark.parametrize(
    ("function", "arguments"),
    [("max_pool2d", (2,)), ("avg_pool2d", (2,)), ("adaptive_sum_pool2d", (2,)), ("min_pool", (2,))],
)
def test_out_refused(make, error, words, function, arguments):
    x = plane()
    out = make(x)
    before = x.tobytes()
    with pytest.raises(error, match="out.*" + words):
        getattr(cypool, function)(x, *arguments, out=out)
    assert x.tobytes() == before
    if isinstance(out, np.ndarray) and not np.shares_memory(out, x):
        assert not out.any()


SIDE = np.zeros(64, np.uint8)

# a pair out= with return_indices that is refused
PAIRS = [
    (np.zeros((1, 2, 2), np.float32), TypeError, "pair"),
    ((np.zeros((1, 2, 2), np.float32),), TypeError, "pair"),
    ((np.zeros((1, 2, 2), np.float32),) * 3, TypeError, "pair"),
    ((np.zeros((1, 2, 2), np.float32), np.zeros((1, 2, 2), np.int32)), TypeError, "dtype int64"),
    ((np.zeros((1, 2, 2), np.float32), np.zeros((1, 2, 3), np.int64)), ValueError, "shape"),
    ((np.zeros((1, 2, 2), np.float32), read_only((1, 2, 2), np.int64)), ValueError, "read-only"),
    (
        (SIDE[:16].view(np.float32).reshape(1, 2, 2), SIDE[8:40].view(np.int64).reshape(1, 2, 2)),
        ValueError,
        "share memory",
    ),
    ((np.zeros((1, 2, 2), np.float64), np.zeros((1, 2, 2), np.int64)), TypeError, "dtype float32"),
]


@pytest.mark.parametrize(("out", "error", "words"), PAIRS)
def test_out_pair_refused(out, error, words):
    with pytest.raises(error, match="out.*" + words):
        cypool.max_pool2d(plane(), 2, return_indices=True, out=out)
    assert not any(part.any() for part in (out if isinstance(out, tuple) else (out,)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"index_layout": "bad"},
        {"empty": "x"},
        {"mask": np.ones(3, bool)},
        {"nan": "x"},
        {"num_threads": 0},
        {"boundary": "x"},
    ],
    ids=str,
)
def test_out_is_untouched_by_errors(wrong):
    out = np.full((1, 2, 2), 7, np.float32), np.full((1, 2, 2), 7)
    with pytest.raises((TypeError, ValueError)):
        cypool.max_pool2d(plane(), 2, return_indices=True, out=out, **wrong)
    assert (out[0] == 7).all() and (out[1] == 7).all()


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for call, name, values in VALUES if call is BACK for value in values]
)
def test_backward_out_is_untouched_by_errors(name, value):
    out = np.full((1, 4, 4), 7, np.float32)
    with pytest.raises(ValueError, match=name):
        cypool.max_pool2d_backward(
            **{"grad_output": gradient(), "x": plane(), "kernel_size": 2, "out": out, name: value}
        )
    assert (out == 7).all()


def memory_map(tmp_path, values):
    result = np.memmap(tmp_path / "values", values.dtype, "w+", shape=values.shape)
    result[...] = values
    return result


# where a result of shape (1, 2, 2) may lie
TARGETS = {
    "plain": lambda dtype: np.zeros((1, 2, 2), dtype),
    "strided": lambda dtype: np.zeros((2, 4, 6), dtype)[:1, ::2, ::3],
    "reversed": lambda dtype: np.zeros((1, 2, 2), dtype)[:, ::-1, ::-1],
    "transposed": lambda dtype: np.zeros((2, 2, 1), dtype).T,
    "misaligned": lambda dtype: np.zeros(4 * dtype.itemsize + 1, np.uint8)[1:].view(dtype).reshape(1, 2, 2),
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: d.name)
@pytest.mark.parametrize("op", ["max", "avg", "sum"])
def test_out_filled(op, dtype, target):
    if op == "avg" and dtype.kind == "b":
        return  # not defined, which test_edges.py shows
    x = plane().astype(dtype)
    want = getattr(cypool, f"{op}_pool2d")(x, 2)
    out = TARGETS[target](want.dtype)
    assert getattr(cypool, f"{op}_pool2d")(x, 2, out=out) is out
    assert out.tobytes() == want.tobytes()


def test_a_call_that_does_not_fit_is_refused_by_name():
    names = [name for name in cypool.__all__ if "pool" in name and name.islower()]
    assert len(names) > 300
    for name in names:
        with pytest.raises(TypeError, match=rf"^{name}\(\).* missing"):
            getattr(cypool, name)()
    for name in ("avg_pool2d", "avg_pool2d_backward", "lp_pool2d", "gem_pool", "max_pool_double_backward"):
        with pytest.raises(TypeError, match=rf"^{name}\(\).* unexpected keyword argument 'kernal_size'"):
            getattr(cypool, name)(*[np.zeros((1, 1, 2, 2))] * 4, kernal_size=2)


@pytest.mark.parametrize("name", ["max_pool2d", "min_pool", "avg_pool1d", "adaptive_sum_pool3d", "global_avg_pool"])
def test_compiled_functions_are_like_written_ones(name):
    """Their source can be shown, tracebacks name them, and they are pickled by name."""
    function = getattr(cypool, name)
    assert inspect.isfunction(function) and pickle.loads(pickle.dumps(function)) is function
    source = "".join(inspect.getsource(function).split())
    assert "".join(str(inspect.signature(function)).split()) in source
    assert source.endswith(f"returncall({','.join(inspect.signature(function).parameters)})")
    argument = {} if name.startswith("global") else {"output_size" if "adaptive" in name else "kernel_size": 2}
    with pytest.raises(TypeError, match="x must") as caught:
        function(None, **argument)
    frame = next(entry for entry in caught.traceback if entry.name == name)
    assert str(frame.statement).strip().startswith("return call(x, ")


@pytest.mark.parametrize("op", ["max", "min", "avg", "sum", "stochastic", "rms", "gem", "mixed", "std"])
def test_out_without_the_pooled_axes_is_what_is_returned(op):
    pool = getattr(cypool, f"global_{op}_pool")
    seed = {"rng": 0} if op == "stochastic" else {}
    x = plane()[None].repeat(3, 1)
    want = pool(x, keepdims=False, **seed)
    out = np.empty(want.shape[::-1], want.dtype).T  # a view
    assert pool(x, keepdims=False, out=out, **seed) is out
    assert_array_equal(out, want)
    if op in ("max", "min", "stochastic"):
        pair = (out, np.empty(out.shape, np.int64))
        got = pool(x, keepdims=False, return_indices=True, out=pair, **seed)
        assert got[0] is out and got[1] is pair[1]
    if op in ("max", "avg"):
        double = getattr(cypool, f"global_{op}_pool_double_backward")
        assert double(x, out.copy(), x, keepdims=False, out=out) is out


def test_out_filled_by_all_the_others(tmp_path):
    x, g = plane(), gradient()
    value, index = np.zeros((1, 2, 2), np.float32), np.zeros((1, 4, 4), np.int64)[:, ::2, ::2]
    got = cypool.max_pool2d(x, 2, return_indices=True, out=(value, index))
    assert got[0] is value and got[1] is index
    assert_array_equal(index, [[[5, 7], [13, 15]]])
    flat = np.zeros(1, np.float32)
    assert cypool.global_max_pool(x, (1, 2), keepdims=False, out=flat) is flat and flat[0] == 15
    with pytest.raises(ValueError, match="out must have"):
        cypool.global_max_pool(x, (1, 2), keepdims=False, out=np.zeros((1, 1, 1), np.float32))
    back = np.full((1, 4, 4), 9, np.float32)
    assert cypool.max_pool2d_backward(g, x, 2, out=back) is back and back.sum() == 4
    assert cypool.avg_pool2d_backward(g, x.shape, 2, out=back) is back and (back == 0.25).all()
    twice = np.zeros((1, 2, 2), np.float32)
    assert cypool.max_pool2d_double_backward(x, g, x, 2, out=twice) is twice and twice[0, 1, 1] == 15
    window = np.zeros((1, 2, 2), np.uint8)
    cypool.max_pool2d(x, 2, return_indices=True, index_layout="window", out=(value, window))
    assert_array_equal(window, [[[3, 3], [3, 3]]])
    for layout in ("global", "channels_last"):
        cypool.max_pool2d(x, 2, return_indices=True, index_layout=layout, out=(value, index))
        assert index[0, 1, 1] == 15
    mapped = memory_map(tmp_path, np.zeros((1, 2, 2), np.float32))
    cypool.max_pool2d(x, 2, out=np.asarray(mapped))
    assert mapped[0, 1, 1] == 15


def test_out_must_not_overlap_any_input():
    x, g = plane(), gradient()
    mask, weights = np.ones((1, 4, 4), bool), np.ones((1, 4, 4), np.float32)
    index = cypool.max_pool2d(x, 2, return_indices=True)[1]
    shared = np.zeros(64)
    calls = {
        "x, backward": lambda: cypool.max_pool2d_backward(g, x, 2, out=x),
        "grad_output": lambda: cypool.max_pool2d_backward(x, x + 1, 1, out=x),
        "indices": lambda: cypool.max_pool2d_backward(
            np.ones((1, 1, 1)),
            np.ones((1, 4, 4)),
            4,
            out=shared[:16].reshape(1, 4, 4),
            indices=shared[:1].view(np.int64).reshape(1, 1, 1),
        ),
        "grad_grad_x": lambda: cypool.max_pool2d_double_backward(x, g, x.copy(), 2, out=x[:, :2, :2]),
        "weights": lambda: cypool.avg_pool2d(x, 2, weights=weights, out=weights[:, :2, :2]),
        "mask": lambda: cypool.max_pool2d(mask.copy(), 2, mask=mask, out=mask[:, :2, :2]),
        "weights, backward": lambda: cypool.avg_pool2d_backward(
            g, x, 2, weights=weights, out=(np.empty_like(x), weights)
        ),
        "each other": lambda: cypool.avg_pool2d_backward(g, x, 2, weights=weights, out=(np.ones_like(x),) * 2),
    }
    accepted = []
    for name, call in calls.items():
        with np.errstate(all="ignore"):
            try:
                call()
            except ValueError as error:
                assert "out" in str(error) and "share memory" in str(error)
            else:
                accepted.append(name)
    assert accepted == []
    assert_array_equal(x, plane())
    assert mask.all() and (weights == 1).all() and index.max() == 15


def test_nothing_is_written_when_the_second_of_two_results_is_refused():
    x, g, weights = plane(), gradient(), np.ones((4, 4))
    for wrong, error in [(np.zeros((4, 4)), TypeError), (np.zeros((4, 3), np.float32), ValueError)]:
        first = np.full((1, 4, 4), 7, np.float32)
        with pytest.raises(error, match=r"out\[1\]"):
            cypool.avg_pool2d_backward(g, x, 2, weights=weights, out=(first, wrong))
        assert (first == 7).all() and not wrong.any()


# ---- array-likes -----------------------------------------------------------------------------------------------------


class Speaks:
    """An object with __array__."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        if isinstance(self.values, Exception):
            raise self.values
        return self.values


class Exports:
    """An object with __dlpack__ alone."""

    def __init__(self, values):
        self.values = values

    def __dlpack__(self, **keywords):
        return self.values.__dlpack__(**keywords)

    def __dlpack_device__(self):
        return self.values.__dlpack_device__()


class SpeaksBetter(Speaks):
    """An object whose __dlpack__ cannot tell its dtype, as bfloat16 arrays of some libraries: __array__ can."""

    def __dlpack__(self, **keywords):
        raise BufferError("no such dtype in DLPack")

    def __dlpack_device__(self):
        return 1, 0


LIKES = {
    "list": lambda x: x.tolist(),
    "tuple": lambda x: tuple(map(tuple, x.tolist())),
    "list of arrays": list,
    "memoryview": memoryview,
    "__array__": Speaks,
    "__dlpack__": Exports,
    "__array__ where __dlpack__ fails": SpeaksBetter,
    "subclass": lambda x: x.view(type("Sub", (np.ndarray,), {})),
}


@pytest.mark.parametrize("make", LIKES.values(), ids=LIKES)
def test_array_likes(make):
    x = np.arange(12.0).reshape(2, 6)
    value = cypool.max_pool1d(make(x), 2)
    assert type(value) is np.ndarray
    assert_array_equal(value, cypool.max_pool1d(x, 2))
    assert_array_equal(cypool.avg_pool1d_backward(make(value), make(x), 2), cypool.avg_pool1d_backward(value, x, 2))


@pytest.mark.parametrize("code", "bBhHiIqQfd")
def test_buffers(code):
    values = array.array(code, range(6))
    value = cypool.max_pool(values, 2, axes=0)
    assert value.dtype == np.dtype(code)
    assert_array_equal(value, [1, 3, 5])
    assert_array_equal(cypool.max_pool(memoryview(values), (2,)), [1, 3, 5])
    if code == "B":
        assert_array_equal(cypool.max_pool(bytearray(range(6)), (2,)), [1, 3, 5])


def test_torch():
    torch = pytest.importorskip("torch", reason="torch is not installed (extra: peers)")
    tensor = torch.arange(16.0).reshape(1, 4, 4)
    assert type(cypool.max_pool2d(tensor, 2)) is np.ndarray
    assert_array_equal(cypool.max_pool2d(tensor, 2), cypool.max_pool2d(tensor.numpy(), 2))
    assert_array_equal(
        cypool.max_pool2d(tensor.transpose(1, 2), 2), cypool.max_pool2d(tensor.numpy().swapaxes(1, 2), 2)
    )
    with pytest.raises(TypeError, match=r"x must not require a gradient.*detach"):
        cypool.max_pool2d(tensor.requires_grad_(), 2)
    negated = torch.complex(tensor.detach(), tensor.detach()).conj().imag  # a view whose negation is still to be done
    assert negated.is_neg()
    try:
        assert_array_equal(cypool.max_pool2d(negated, 2), cypool.max_pool2d(negated.resolve_neg(), 2))
    except TypeError as error:
        assert "x" in str(error)
    with pytest.raises(TypeError, match="cannot be read"):
        cypool.max_pool2d(torch.ones(1, 4, 4, device="meta"), 2)
    with pytest.raises(TypeError, match="complex64"):
        cypool.max_pool2d(torch.ones(1, 4, 4, dtype=torch.complex64), 2)


UNSUPPORTED = [
    "F",
    "D",
    "g",
    "O",
    "U3",
    "S3",
    "M8[s]",
    "m8[s]",
    "V4",
    [("a", "f4")],
    ml_dtypes.float8_e4m3fn,
    ml_dtypes.int4,
]


@pytest.mark.parametrize("dtype", UNSUPPORTED, ids=str)
def test_unsupported_dtypes_are_refused_with_the_list(dtype):
    dtype = np.dtype(dtype)
    if dtype == np.float64:
        return  # a platform whose long double is a double
    x = np.zeros((1, 4, 4), dtype)
    for call in (lambda: cypool.max_pool2d(x, 2), lambda: cypool.sum_pool2d_backward(x, plane(), 1)):
        with pytest.raises(TypeError) as caught:
            call()
        assert SUPPORTED in str(caught.value) and str(dtype) in str(caught.value)


# an x that is no array, the error, and a word of the message
NO_ARRAYS = [
    (np.ma.masked_array(plane(), plane() > 3), TypeError, "masked"),
    (np.ma.masked_array(plane()), TypeError, "masked"),
    (Speaks(RuntimeError("not today")), TypeError, "not today"),
    (Speaks(ValueError("not this")), ValueError, "not this"),
    ([[[1.0, 2], [3]]], ValueError, "cannot be made an array"),
    (None, TypeError, "object"),
    ("abc", TypeError, "U3"),
    ({1: 2}, TypeError, "object"),
    (object(), TypeError, "object"),
]


@pytest.mark.parametrize(("x", "error", "word"), NO_ARRAYS)
def test_what_is_no_array(x, error, word):
    with pytest.raises(error, match=f"x .*{word}"):
        cypool.max_pool2d(x, 2)


# ---- memory layouts --------------------------------------------------------------------------------------------------


def sliced(a):
    wide = np.zeros([3 * n for n in a.shape], a.dtype)
    wide[tuple(slice(1, None, 3) for _ in a.shape)] = a
    return wide[tuple(slice(1, None, 3) for _ in a.shape)]


def misaligned(a):
    view = np.zeros(a.nbytes + 1, np.uint8)[1:].view(a.dtype).reshape(a.shape)
    view[...] = a
    assert a.itemsize == 1 or not view.flags.aligned
    return view


def swapped(a):
    if a.dtype == BFLOAT16:
        return a.copy()  # ml_dtypes has native bytes only
    return a.astype(a.dtype.newbyteorder())


def locked(a):
    a = a.copy()
    a.flags.writeable = False
    return a


MEMORY = {
    "read-only": locked,
    "negative strides": lambda a: np.flip(np.flip(a).copy()),
    "one negative stride": lambda a: np.flip(np.flip(a, -1).copy(), -1),
    "transposed": lambda a: a.T.copy().T,
    "channels last in memory": lambda a: np.moveaxis(np.moveaxis(a, 1, -1).copy(), -1, 1),
    "sliced": sliced,
    "misaligned": misaligned,
    "swapped": swapped,
    "swapped, misaligned and reversed": lambda a: np.flip(misaligned(swapped(np.flip(a)))),
    "Fortran": np.asfortranarray,
}


@pytest.mark.parametrize("memory", [*MEMORY, "mapped"])
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: d.name)
@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
def test_memory_layouts(memory, dtype, data_format, tmp_path):
    """Equal to the contiguous result to the bit, and the input as it was."""
    rng = np.random.default_rng(11)
    x = rng.integers(0, 7, (2, 9, 11, 10)).astype(dtype)
    g = rng.integers(-8, 9, (2, 4, 5, 10) if data_format == "channels_last" else (2, 9, 5, 4)).astype(np.float32) / 4
    other = np.asarray(memory_map(tmp_path, x)) if memory == "mapped" else MEMORY[memory](x)
    other_g = g.copy() if memory == "mapped" else MEMORY[memory](g)
    assert other.shape == x.shape
    before = other.tobytes()
    p = {"stride": 2, "padding": 1, "dilation": 2, "data_format": data_format}
    results = []
    for array_, gradient_ in ((x, g), (other, other_g)):
        values, index = cypool.max_pool2d(array_, 3, **p, return_indices=True)
        parts = [values, index, cypool.min_pool2d(array_, 3, **p), cypool.sum_pool2d(array_, 3, **p)]
        if dtype.kind != "b":
            parts.append(cypool.avg_pool2d(array_, 3, **p))
        parts.append(cypool.max_pool2d_backward(gradient_, array_, 3, **p))
        parts.append(cypool.max_pool2d_backward(gradient_, array_, 3, **p, indices=index))
        parts.append(cypool.sum_pool2d_backward(gradient_, array_, 3, **p))
        parts.append(cypool.max_pool2d_double_backward(parts[-1], gradient_, array_, 3, **p))
        results.append([(part.dtype, part.shape, part.tobytes()) for part in parts])
    assert results[0] == results[1]
    assert other.tobytes() == before


@pytest.mark.parametrize("memory", MEMORY)
@pytest.mark.parametrize(("k", "dtype"), [(200, np.uint8), (300, np.uint16), (66000, np.int32)])
def test_memory_layouts_of_offsets(memory, k, dtype):
    """Indices in layout "window", wherever they are taken."""
    x = np.random.default_rng(13).random((2, 1, 2 * k))
    y, index = cypool.max_pool1d(x, k, return_indices=True, index_layout="window")
    assert index.dtype == dtype
    other = MEMORY[memory](index)
    p = {"indices": other, "index_layout": "window"}
    assert cypool.max_pool1d_backward(y, x, k, **p).tobytes() == cypool.max_pool1d_backward(y, x, k).tobytes()
    assert cypool.max_pool1d_double_backward(x, y, x, k, **p).tobytes() == y.tobytes()
    assert (
        cypool.max_unpool1d(y, other, k, index_layout="window").tobytes()
        == np.where(x == y.repeat(k, 2), x, 0).tobytes()
    )


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: d.name)
@pytest.mark.parametrize("axes", [(0,), (1,), (2, 3), (1, 3), (0, 1, 2, 3)])
def test_broadcast_inputs(dtype, axes):
    """Strides of 0."""
    small = (
        np.random.default_rng(12)
        .integers(0, 7, [1 if a in axes else n for a, n in enumerate((2, 3, 6, 7))])
        .astype(dtype)
    )
    x = np.broadcast_to(small, (2, 3, 6, 7))
    for name in ("max_pool2d", "min_pool2d", "sum_pool2d"):
        got, want = getattr(cypool, name)(x, 3, 2, 1), getattr(cypool, name)(x.copy(), 3, 2, 1)
        assert got.tobytes() == want.tobytes()
    g = np.broadcast_to(np.float64(0.5), (2, 3, 3, 4))
    got, want = cypool.max_pool2d_backward(g, x, 3, 2, 1), cypool.max_pool2d_backward(g.copy(), x.copy(), 3, 2, 1)
    assert got.tobytes() == want.tobytes()
    assert (x.strides[axes[0]], x.tobytes()) == (0, np.ascontiguousarray(x).tobytes())


def test_an_empty_out_overlaps_nothing():
    """Strides of arrays without elements mean nothing."""
    out = as_strided(np.zeros(0, np.float32), (0, 2, 2), (0, 0, 0))
    assert cypool.max_pool2d(np.zeros((0, 4, 4), np.float32), 2, out=out) is out
