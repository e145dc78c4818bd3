"""Region pooling by the GPU's kernels, on the host and where there is a GPU: against the slow reference and the host's results."""

import itertools

import like_cupy
import numpy as np
import pytest
from cuda_families import Row, from_rows
from cuda_on_host import here, there
from cuda_public import run
from hypothesis import given, settings
from numpy.testing import assert_array_equal
from region_cases import (
    BINS,
    DTYPES,
    EPS,
    LAYOUTS,
    OPERATORS,
    boxes_within,
    calls,
    close,
    every_operator,
    example,
    function,
    gradient_like,
    rng,
)

import cypool
import cypool.cuda.windows
from cypool import engine
from cypool import reference_regions as reference

OPS = ("SAMPLES_MEAN", "SAMPLES_MAX", "CORNERS_MAX", "CELLS_MEAN", "CELLS_MAX")


def kernels(types=("double", "float", "Half", "Bfloat16"), offsets=("int",)):
    names = [
        f"cypool_regions_{kernel}<{t}, {op}, {{}}>" for kernel, t, op in itertools.product(("pool", "back"), types, OPS)
    ]
    names.append("cypool_regions_strays<{}>")
    return [name.format(offset) for name, offset in itertools.product(names, offsets)]


host = like_cupy.host_fixture(kernels() + kernels(("float",), ("long long",)))


@pytest.fixture
def on(device):
    """Call a function of cypool on the device; arrays go there and results come back."""

    def call(name, *arguments, suffix="", **options):
        return run(device, name.split()[0] + suffix, *arguments, **options)

    return call


# ---- results ---------------------------------------------------------------------------------------------------------


@every_operator
@pytest.mark.parametrize("data_format", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_values_and_gradients(on, name, data_format, dtype):
    x, boxes, options = example(name, dtype, data_format)
    got = on(name, x, boxes, BINS, 0.9, **options)
    close(got, function(name, module=reference)(x, boxes, BINS, 0.9, **options), dtype, 36, 4)
    gradient = gradient_like(got)
    back = on(name, gradient, x, boxes, BINS, 0.9, suffix="_backward", **options)
    if (
        not name.startswith("roi_align ") or dtype == np.float64
    ):  # else which of two samples is larger may depend on rounding
        want = function(name, "_backward", reference)(gradient, x, boxes, BINS, 0.9, **options)
        close(back, want, dtype, 42, 4)
    close(back, function(name, "_backward")(gradient, x, boxes, BINS, 0.9, **options), dtype, 42, 4)
    assert np.count_nonzero(back)


@settings(max_examples=settings().max_examples // 2)  # kernels without optimisation
@given(call=calls())
def test_any_geometry(device, call):
    x, boxes, bins, scale, ratio, aligned, data_format = call
    few = x[:, :2]
    if data_format == "channels_last":
        x, few = np.moveaxis(x, 1, -1), np.moveaxis(few, 1, -1)
    options, arguments = {"data_format": data_format}, (boxes, bins, scale, ratio)

    def both(name, *arguments, exact=False, **more):
        more = {**options, **more}
        got = run(device, name, *arguments, **more)
        want = getattr(reference, name)(*arguments, **more)
        pairs = zip(got, want, strict=True) if isinstance(want, tuple) else [(got, want)]
        for mine, theirs in pairs:
            tolerance = 0 if exact else 1e-12
            np.testing.assert_allclose(mine, theirs, rtol=tolerance, atol=tolerance)
        return want

    values, _ = both("roi_pool", few, boxes, bins, scale, exact=True, return_indices=True)
    both("roi_pool_backward", gradient_like(values), few, boxes, bins, scale)
    values = both("ps_roi_pool", x, boxes, bins, scale)
    both("ps_roi_pool_backward", gradient_like(values), x.shape, boxes, bins, scale)
    values = both("ps_roi_align", x, *arguments)
    both("ps_roi_align_backward", gradient_like(values), x.shape, *arguments)
    for mode in ("avg", "max", "onnx_max"):
        values = both("roi_align", few, *arguments, aligned, mode=mode, exact=mode != "avg")
        both("roi_align_backward", gradient_like(values), few, *arguments, aligned, mode=mode)


@every_operator
@pytest.mark.parametrize("data_format", LAYOUTS)
def test_wide_offsets_strides_out_and_bits(on, device, name, data_format, monkeypatch):
    x, boxes, options = example(name, np.float32, data_format)
    want = on(name, x, boxes, BINS, **options)
    gradient = gradient_like(want)
    back = on(name, gradient, x, boxes, BINS, suffix="_backward", **options)
    monkeypatch.setattr(cypool.cuda.windows, "_INT_MAX", -1)
    turned = np.ascontiguousarray(x[:, ::-1, ::-1, ::-1])
    if device.xp is np:
        turned = turned[:, ::-1, ::-1, ::-1]
    else:
        turned = device.xp.asarray(turned)[:, ::-1, ::-1, ::-1]
    out = device.xp.zeros((*want.shape[:3], 2 * want.shape[3]), np.float32)[..., ::2]
    assert_array_equal(on(name, turned, boxes, BINS, **options, out=out), want)
    assert_array_equal(here(out), want)
    out = device.xp.zeros((*x.shape[:3], 2 * x.shape[3]), np.float32)[..., ::2]
    assert on(name, gradient, x, boxes, BINS, suffix="_backward", **options, out=out).tobytes() == back.tobytes()
    assert_array_equal(here(out), back)


def test_boxes_on_either_side(on, device):
    x, boxes, _ = example("roi_align")
    want = on("roi_align", x, boxes, BINS)
    assert_array_equal(on("roi_align", x, boxes.tolist(), BINS), want)
    boxes = boxes[np.argsort(boxes[:, 0], kind="stable")]
    lists = [there(device, np.ascontiguousarray(boxes[boxes[:, 0] == n, 1:])) for n in range(len(x))]
    assert_array_equal(on("roi_align", x, lists, BINS), on("roi_align", x, boxes, BINS))
    assert on("roi_align", x, [], BINS).shape == (0, 3, *BINS)
    empty = on("roi_align", np.ones((0, 3, *BINS)), x.shape, [], BINS, suffix="_backward")
    assert empty.shape == x.shape and not empty.any()


def test_indices_of_any_cell(on):
    """What the forward gave, in any integers, and positions anywhere in the plane, as on the host."""
    x, boxes, _ = example("roi_pool")
    values, indices = on("roi_pool", x, boxes, BINS, return_indices=True)
    gradient = gradient_like(values)
    want = on("roi_pool", gradient, x, boxes, BINS, suffix="_backward")
    for given_ in (indices, indices.astype(np.int32)):
        assert_array_equal(on("roi_pool", gradient, x, boxes, BINS, suffix="_backward", indices=given_), want)
    anywhere = rng(0).integers(-1, x.shape[2] * x.shape[3], indices.shape)
    want = cypool.roi_pool_backward(gradient, x, boxes, BINS, indices=anywhere)
    assert_array_equal(on("roi_pool", gradient, x, boxes, BINS, suffix="_backward", indices=anywhere), want)


@pytest.mark.parametrize("name", ["roi_align", "ps_roi_pool"])
def test_large_bins_add_up_in_float64(on, name):
    for dtype in (np.float32, np.float16):
        x = np.broadcast_to(np.array(0.1, dtype), (1, 1, 200, 150))
        got = on(name, np.ascontiguousarray(x), np.array([[0, 0, 0, 150.0, 200]]), 1)
        np.testing.assert_array_max_ulp(got, np.full_like(got, 0.1), maxulp=1)


def test_huge_boxes_and_dense_samples(on):
    """Cells and samples outside the image are not walked."""
    x = rng(1).standard_normal((1, 2, 5, 6))
    far = 2.0**29
    boxes = np.array(
        [[0, -far, -far, far, far], [0, 1, 1, 1, 1], [0, 0.25, 0.5, 1e-9 + 0.25, 4], [0, far, far, far, far]]
    )
    for name in ("roi_pool", "roi_align", "roi_align max", "roi_align onnx_max"):
        options = {"mode": name.split()[1]} if " " in name else {}
        want = function(name)(x, boxes, BINS, **options)
        np.testing.assert_allclose(on(name, x, boxes, BINS, **options), want, rtol=1e-9, atol=1e-9)
        gradient = gradient_like(want)
        back = on(name, gradient, x, boxes, BINS, suffix="_backward", **options)
        want = function(name, "_backward")(gradient, x, boxes, BINS, **options)
        np.testing.assert_allclose(back, want, rtol=1e-9, atol=1e-9)
    got = on("roi_align", x, boxes[2:3], 1, sampling_ratio=300)
    np.testing.assert_allclose(got, cypool.roi_align(x, boxes[2:3], 1, sampling_ratio=300), rtol=1e-12)


# ---- what is refused -------------------------------------------------------------------------------------------------

BOX = [[0, 0.0, 0.0, 1.0, 1.0]]
REFUSED = [
    (ValueError, "boxes must begin with a batch index", {"boxes": np.array([[1, 0.0, 0, 1, 1]])}),
    (ValueError, r"boxes must be finite, got .* in box 0", {"boxes": np.array([[0, np.nan, 0, 1, 1]])}),
    (TypeError, "boxes must be float32 or float64", {"boxes": np.array([[0, 0, 0, 1, 1]])}),
    (ValueError, "boxes times spatial_scale must not exceed", {"spatial_scale": 1e10}),
    (TypeError, "x must be floating", {"x": np.ones((1, 1, 3, 3), np.int32)}),
    (ValueError, "x must have four axes", {"x": np.ones((3, 3))}),
    (TypeError, "out must have the result's dtype", {"out": np.ones((1, 1, 1, 1), np.float32)}),
]


@pytest.mark.parametrize(
    ("error", "message", "change"), REFUSED, ids=lambda part: "" if isinstance(part, dict) else None
)
def test_what_is_refused(on, error, message, change):
    p = {"x": np.ones((1, 1, 3, 3)), "boxes": np.array(BOX), "output_size": 1, **change}
    with pytest.raises(error, match=message):
        on("roi_pool", **p)


@pytest.mark.parametrize("wrong", [9, -2])
def test_wrong_indices_are_refused_and_nothing_is_written(on, device, wrong):
    out = device.xp.full((1, 1, 3, 3), 7.0)
    p = {"indices": np.full((1, 1, 1, 1), wrong), "out": out}
    with pytest.raises(ValueError, match=f"positions in a plane of 3 x 3 cells, or -1, got {wrong}"):
        on("roi_pool", np.ones((1, 1, 1, 1)), np.ones((1, 1, 3, 3)), np.array(BOX), 1, suffix="_backward", **p)
    assert (here(out) == 7).all()


# ---- that the tests can fail -----------------------------------------------------------------------------------------


def every_case(device):
    for name in OPERATORS:
        for seed in range(3):
            x, boxes, options = example(name, np.float64, seed=seed, n=3)
            x = np.round(x)
            boxes[:3] = boxes_within(3, 3, 2, 2, seed) - np.float32([0, 2, 2, 2, 2])
            want = function(name)(x, boxes, BINS, **options)
            gradient = gradient_like(want)
            back = function(name, "_backward")(gradient, x, boxes, BINS, **options)
            tolerance, plain = 4 * EPS["float64"], name.split()[0]
            got = run(device, plain, x, boxes, BINS, **options)
            np.testing.assert_allclose(got, want, tolerance, tolerance)
            got = run(device, plain + "_backward", gradient, x, boxes, BINS, **options)
            np.testing.assert_allclose(got, back, 100 * tolerance, 100 * tolerance)


COMPILED = zip(itertools.cycle(("pool", "back")), ("Half", "float", "double", "Bfloat16", "float"), OPS, strict=False)
COMPILED = [f"cypool_regions_{kernel}<{t}, {op}, long long>" for kernel, t, op in COMPILED]
COMPILED += ["cypool_regions_back<float, SAMPLES_MEAN, int>", "cypool_regions_strays<int>"]

test_planted_faults_are_found, test_no_address_out_of_bounds, test_nvcc_has_nothing_to_warn_of = from_rows(
    Row("regions.cu", kernels(("double",)), every_case, {
        "a column of cells too few": ("x < xs.end; x++", "x + 1 < xs.end; x++"),
        "a bin too few along y": ("py < ys.end; py++", "py + 1 < ys.end; py++"),
        "the last of equals": ("!any || a > value", "!any || a >= value"),
        "the next box's image": ("(Offset)box.image, channel", "(Offset)boxes[0].image, channel"),
        "a sample's other cell": ("cell == s.low + 1 ? s.share", "cell == s.low + 2 ? s.share"),
        "a box of another number": ("number = (Offset)box.number;\n        const Offset channel",
                                    "number = p.outer;\n        const Offset channel"),
        "no sample outside": ("y0 -= y0 > 0, y1 += y1 < ay.samples;", ""),
        "a guess that stays": ("while (i < a.samples && !(ABOVE", "while (i + 1 < a.samples && !(ABOVE"),
    }),
    compiled=COMPILED,
)  # fmt: skip


LAYERS = {"RoIPool": (), "RoIAlign": (2,), "RoIAlign of the largest": (2,), "PSRoIPool": (), "PSRoIAlign": (2,)}


@pytest.mark.parametrize("name", LAYERS)
def test_layers(device, monkeypatch, name):
    x, boxes, _ = example("ps_roi_pool" if name.startswith("PS") else "roi_pool", np.float32)
    mode = {"mode": "max"} if "largest" in name else {}
    one, other = (getattr(cypool, name.split()[0])(BINS, 0.9, *LAYERS[name], **mode) for _ in range(2))
    want = other(x, boxes)
    gradient = gradient_like(want)
    back = other.backward(gradient)
    monkeypatch.setattr(engine, "device_of", lambda *arrays: device)
    got = one(there(device, x), there(device, boxes))
    assert isinstance(got, device.xp.ndarray)
    close(here(got), want, x.dtype, 36, 4)
    close(here(one.backward(there(device, gradient))), back, x.dtype, 42, 4)
