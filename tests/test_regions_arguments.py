"""Region pooling: what the functions and layers accept, what they refuse, and what bad input leaves alone."""

import inspect
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import cypool
from cypool import reference_regions as reference

LAYOUTS = ["channels_first", "channels_last"]
BINS = (2, 3)
OPERATORS = {
    "roi_pool": {},
    "roi_align": {"sampling_ratio": 2, "aligned": True},
    "roi_align max": {"sampling_ratio": 2, "mode": "max"},
    "roi_align onnx_max": {"sampling_ratio": 2, "mode": "onnx_max"},
    "ps_roi_pool": {},
    "ps_roi_align": {"sampling_ratio": 2},
}
SENSITIVE = ("ps_roi_pool", "ps_roi_align")
LINEAR = ("roi_align", *SENSITIVE)
every_operator = pytest.mark.parametrize("name", OPERATORS)


def function(name, suffix=""):
    return getattr(cypool, name.split()[0] + suffix)


def example(name, dtype=np.float64, data_format="channels_first", n=2):
    """x, seven boxes that reach a little beyond it, and the options of the operator."""
    rng = np.random.default_rng(0)
    c = 3 * BINS[0] * BINS[1] if name in SENSITIVE else 3
    x = rng.standard_normal((n, c, 9, 11) if data_format == "channels_first" else (n, 9, 11, c)).astype(dtype)
    low, high = np.sort(rng.uniform(-2, 13, (2, 7, 2)), axis=0)
    boxes = np.concatenate([rng.integers(0, n, (7, 1)), low, high], axis=1).astype(np.float32)
    return x, boxes, {**OPERATORS[name], "data_format": data_format}


def gradient_like(y):
    return np.random.default_rng(1).standard_normal(y.shape).astype(y.dtype)


def same_bits(a, b):
    assert a.dtype == b.dtype and a.shape == b.shape
    assert a.tobytes() == b.tobytes()


# ---- edges -----------------------------------------------------------------------------------------------------------


@every_operator
@pytest.mark.parametrize("data_format", LAYOUTS)
def test_nothing_to_do(name, data_format):
    """No boxes, no channels, no bins, no images: empty results, and gradients of zeros."""
    x, boxes, options = example(name, np.float32, data_format)
    call, back = function(name), function(name, "_backward")
    for none in (boxes[:0], np.empty((0, 5)), []):
        value = call(x, none, BINS, **options)
        assert value.shape[0] == 0 and value.size == 0
        grad_x = back(value, x, none, BINS, **options)
        assert grad_x.shape == x.shape and not grad_x.any()
    without = x[:, :0] if data_format == "channels_first" else x[..., :0]
    value = call(without, boxes, BINS, **options)
    assert value.size == 0 and value.shape[0] == 7
    assert back(value, without, boxes, BINS, **options).shape == without.shape
    assert call(x[:0], boxes[:0], BINS, **options).size == 0
    if name not in SENSITIVE:
        value = call(x, boxes, (0, 3), **options)
        assert value.shape == ((7, 3, 0, 3) if data_format == "channels_first" else (7, 0, 3, 3))
        assert not back(value, x, boxes, (0, 3), **options).any()


@every_operator
def test_boxes_of_each_image(name):
    """A list of one array for each image is the same as batch indices."""
    x, boxes, options = example(name, n=3)
    boxes = boxes[np.argsort(boxes[:, 0], kind="stable")]
    lists = [boxes[boxes[:, 0] == n, 1:] for n in range(3)]
    value = function(name)(x, boxes, BINS, **options)
    same_bits(function(name)(x, lists, BINS, **options), value)
    same_bits(function(name)(x, boxes.tolist(), BINS, **options), value)
    same_bits(function(name)(x, boxes.astype(np.float64), BINS, **options), value)
    with pytest.raises(ValueError, match="boxes must be one array for each of 3 images, got 2"):
        function(name)(x, lists[:2], BINS, **options)


@every_operator
def test_huge_boxes_are_clipped(name):
    """A box of a billion cells has a sample for each, but only those in the image are looked at."""
    x, _, options = example(name, np.float32)
    options["sampling_ratio"] = -1
    if "pool" in name:
        del options["sampling_ratio"]
    boxes = np.array([[0, -(2.0**29), -(2.0**29), 2.0**29, 2.0**29], [1, -(2.0**30), 0, 2.0**30, 9]])
    tracemalloc.start()
    try:
        value = function(name)(x, boxes, BINS, **options)
        back = function(name, "_backward")(np.ones_like(value), x, boxes, BINS, **options)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    assert np.isfinite(value).all() and np.isfinite(back).all()
    if name == "roi_pool":
        assert value[0].max() == x[0].max()


@every_operator
def test_huge_images_cost_nothing(name):
    """One element in memory: scratch follows from the box, not from the image."""
    _, boxes, options = example(name)
    channels = 6 if name in SENSITIVE else 1
    x = np.broadcast_to(np.float32(1), (2, channels, 2**36, 2**19))
    value = function(name)(x, np.abs(boxes), BINS, **options)
    assert 0 < value.max() <= 1 and value.min() >= 0


def test_tiny_bins():
    """Sizes near the rounding of the coordinates: samples that rounding would set back do not go astray."""
    x = np.random.default_rng(0).standard_normal((1, 2, 5, 5))
    for start in (1.0, 2.9999999999999996, 3.0, 3.9999999999999996):
        for size in (1e-300, 1e-17, 1e-16, 4e-16, 1e-15):
            box = [[0, start + 0.5, start + 0.5, start + 0.5 + size, start + 0.5 + size]]
            for mode in ("avg", "max"):
                got = cypool.roi_align(x, box, 7, 1.0, 3, True, mode=mode)
                want = reference.roi_align(x, box, 7, 1.0, 3, True, mode=mode)
                np.testing.assert_allclose(got, want, rtol=1e-12)


# arguments that replace good ones, the error, and what its message says
BAD = [
    ({"x": np.ones((3, 9, 11))}, ValueError, r"x must have four axes, \(N, C, H, W\), got shape \(3, 9, 11\)"),
    ({"x": np.ones((2, 6, 9, 11), int)}, TypeError, "x must be floating.*got int64"),
    ({"x": np.ones((2, 6, 0, 11))}, ValueError, "at least one cell along height and width, got 0 x 11"),
    ({"x": np.ones((2, 6, 9, 11), complex)}, TypeError, "x must have one of the dtypes"),
    ({"boxes": np.ones((7, 4))}, ValueError, r"boxes must have shape \(K, 5\), got \(7, 4\)"),
    ({"boxes": np.ones(5)}, ValueError, r"boxes must have shape \(K, 5\)"),
    ({"boxes": np.ones((7, 5), np.float16)}, TypeError, "boxes must be float32 or float64, got float16"),
    ({"boxes": np.ones((7, 5), int)}, TypeError, "boxes must be float32 or float64, got int64"),
    ({"boxes": [[0, 1, 2]]}, ValueError, r"boxes must have shape \(K, 5\), got \(1, 3\)"),
    ({"boxes": [[0, 1, 2], [0]]}, ValueError, "boxes cannot be read"),
    ({"boxes": [["a"] * 5]}, ValueError, "boxes cannot be read"),
    ({"boxes": None}, TypeError, "boxes"),
    ({"boxes": [[2.0, 0, 0, 1, 1]]}, ValueError, r"an integer in \[0, 2\), got 2.0 in box 0"),
    ({"boxes": [[0, 0, 0, 1, 1], [-1, 0, 0, 1, 1.0]]}, ValueError, "got -1.0 in box 1"),
    ({"boxes": [[0.5, 0, 0, 1, 1]]}, ValueError, "got 0.5 in box 0"),
    ({"boxes": [[np.nan, 0, 0, 1, 1]]}, ValueError, "got nan in box 0"),
    ({"boxes": [[0, 0, np.nan, 1, 1]]}, ValueError, "boxes must be finite, got .*nan.* in box 0"),
    ({"boxes": [[0, 0, 0, np.inf, 1]]}, ValueError, "boxes must be finite"),
    ({"boxes": [[0, 0, 0, 1e300, 1]]}, ValueError, "must not exceed 1073741824 in magnitude"),
    ({"spatial_scale": 1e308}, ValueError, "must not exceed 1073741824 in magnitude"),
    ({"spatial_scale": 0}, ValueError, "spatial_scale must be finite and above 0, got 0"),
    ({"spatial_scale": -1.0}, ValueError, "spatial_scale must"),
    ({"spatial_scale": np.nan}, ValueError, "spatial_scale must"),
    ({"spatial_scale": "1"}, TypeError, "spatial_scale must be a number"),
    ({"spatial_scale": True}, TypeError, "spatial_scale must be a number"),
    ({"output_size": -1}, ValueError, "output_size must be at least"),
    ({"output_size": 2.0}, TypeError, "output_size must be an integer"),
    ({"output_size": (1, 2, 3)}, ValueError, "output_size must"),
    ({"output_size": 2**40}, ValueError, "output_size must not exceed 2147483647"),
    ({"data_format": "NHWC"}, ValueError, "data_format must be one of"),
    ({"num_threads": 0}, ValueError, "num_threads must be at least 1"),
    ({"sampling_ratio": 2.0}, TypeError, "sampling_ratio must be an integer"),
    ({"sampling_ratio": 1025}, ValueError, "sampling_ratio must not exceed 1024, got 1025"),
    ({"sampling_ratio": 1024, "output_size": (1, 5000)}, ValueError, "sampling_ratio times output_size"),
    ({"aligned": 1}, TypeError, "aligned must be a bool"),
    ({"mode": "sum"}, ValueError, "mode must be one of"),
    ({"mode": None}, TypeError, "mode must be one of"),
    ({"return_indices": 1}, TypeError, "return_indices must be a bool"),
]


BAD_CALLS = [
    (name, *bad)
    for name in OPERATORS
    for bad in BAD
    if set(bad[0]) <= set(inspect.signature(function(name)).parameters)
]


@pytest.mark.parametrize(("name", "change", "error", "message"), BAD_CALLS, ids=lambda value: str(value)[:40])
def test_bad_input(name, change, error, message):
    """Forward and backward refuse the same, and write nothing."""
    x, boxes, options = example(name)
    good = {"x": x, "boxes": boxes, "output_size": BINS, **options}
    call, back = function(name), function(name, "_backward")
    out, grad_x = call(**good), np.full_like(x, 7)
    if name in SENSITIVE and "output_size" in change and "ratio" in message:
        change = {**change, "x": np.broadcast_to(0.0, (2, 5000, 9, 11))}
    before = out.copy()
    with pytest.raises(error, match=message):
        call(**{**good, **change}, out=out)
    with pytest.raises(error, match=message):
        back(out, **{**good, **change}, out=grad_x)
    assert_array_equal(out, before)
    assert (grad_x == 7).all()


@every_operator
def test_bad_gradients(name):
    x, boxes, options = example(name)
    value, back = function(name)(x, boxes, BINS, **options), function(name, "_backward")
    with pytest.raises(ValueError, match=r"grad_output must have the shape of the forward's result \(7, 3, 2, 3\)"):
        back(value[:-1], x, boxes, BINS, **options)
    with pytest.raises(TypeError, match="grad_output must be floating"):
        back(value.astype(int), x, boxes, BINS, **options)
    if name not in LINEAR:
        with pytest.raises((TypeError, ValueError), match="x must"):
            back(value, x.shape, boxes, BINS, **options)
    with (
        pytest.raises(ValueError, match="channels, one for each bin, got 7")
        if name in SENSITIVE
        else pytest.raises(ValueError, match="grad_output must")
    ):
        back(value, np.zeros((2, 7, 9, 11)), boxes, BINS, **options)


@pytest.mark.parametrize(
    ("shape", "error", "message"),
    [
        ((2, 6, 9), ValueError, r"x must have four axes.*got shape \(2, 6, 9\)"),
        ((2, -6, 9, 11), ValueError, "x's shape must be at least 0, got -6"),
        ((2, True, 9, 11), TypeError, "x's shape must be an integer"),
        ((2, 2**40, 2**30, 11), ValueError, "more elements than memory can address"),
        ((2, 6, 9.0, 11), ValueError, "x must have four axes"),
    ],
)
def test_bad_shapes(shape, error, message):
    with pytest.raises(error, match=message):
        cypool.roi_align_backward(np.ones((0, 6, 1, 1)), shape, np.empty((0, 5)), 1)


def test_bad_indices():
    x, boxes, _ = example("roi_pool")
    value, indices = cypool.roi_pool(x, boxes, BINS, return_indices=True)
    out = np.full_like(x, 7)
    for wrong, error, message in (
        (indices.astype(float), TypeError, "indices must be integers, got float64"),
        (indices[:-1], ValueError, "indices must have the shape"),
        (np.where(indices == indices.max(), 99, indices), ValueError, "plane of 9 x 11 cells, or -1, got 99"),
        (np.where(indices == indices.max(), -2, indices), ValueError, "got -2"),
        (np.full(indices.shape, 2**64 - 1, np.uint64), ValueError, "got 18446744073709551615"),
    ):
        with pytest.raises(error, match=message):
            cypool.roi_pool_backward(value, x, boxes, BINS, indices=wrong, out=out)
    assert (out == 7).all()


# ---- layers ----------------------------------------------------------------------------------------------------------

LAYERS = {
    "RoIPool": ("roi_pool", {"output_size": BINS, "spatial_scale": 0.9}),
    "RoIAlign": ("roi_align", {"output_size": BINS, "spatial_scale": 0.9, "sampling_ratio": 2, "aligned": True}),
    "RoIAlign max": ("roi_align", {"output_size": 2, "spatial_scale": 1.0, "sampling_ratio": 0, "mode": "max"}),
    "RoIAlign onnx": ("roi_align", {"output_size": 2, "spatial_scale": 1.0, "sampling_ratio": 2, "mode": "onnx_max"}),
    "PSRoIPool": ("ps_roi_pool", {"output_size": BINS, "spatial_scale": 0.9}),
    "PSRoIAlign": ("ps_roi_align", {"output_size": BINS, "spatial_scale": 0.9, "sampling_ratio": 2}),
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("data_format", LAYOUTS)
def test_a_layer_is_its_function(name, data_format):
    """Even if the caller changes the boxes in between."""
    function_name, p = LAYERS[name]
    x, boxes, _ = example(function_name, np.float32, data_format)
    layer = getattr(cypool, name.split()[0])(**p, data_format=data_format)
    given_ = boxes.copy()
    value = layer(x, given_)
    given_[:] = 0
    same_bits(value, function(function_name)(x, boxes, **p, data_format=data_format))
    gradient = gradient_like(value)
    want = function(function_name, "_backward")(gradient, x, boxes, **p, data_format=data_format)
    same_bits(layer.backward(gradient), want)
    same_bits(layer(x, boxes.tolist()), value)
    layer.eval()
    same_bits(layer(x, boxes), value)
    with pytest.raises(RuntimeError, match=f"{name.split()[0]}.backward needs a forward in training mode"):
        layer.backward(gradient)
    assert repr(layer).startswith(f"{name.split()[0]}(output_size=")


def test_layers_take_torchvision_arguments_by_position():
    x, boxes, _ = example("roi_pool")
    same_bits(cypool.RoIPool(2, 0.5)(x, boxes), cypool.roi_pool(x, boxes, 2, 0.5))
    same_bits(cypool.RoIAlign(2, 0.5, 3, True)(x, boxes), cypool.roi_align(x, boxes, 2, 0.5, 3, True))
    x, boxes, _ = example("ps_roi_pool")
    same_bits(cypool.PSRoIPool(BINS, 0.5)(x, boxes), cypool.ps_roi_pool(x, boxes, BINS, 0.5))
    same_bits(cypool.PSRoIAlign(BINS, 0.5, 3)(x, boxes), cypool.ps_roi_align(x, boxes, BINS, 0.5, 3))
