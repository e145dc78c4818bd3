"""Region pooling beside others: ONNX's own test data, ONNX Runtime, and PyTorch's grid_sample with its gradient."""

import numpy as np
import pytest

import cypool

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]
ABSENT = "{} is not installed"


def align(x, rois, batch, attributes):
    """ONNX's RoiAlign, by its attributes' names and defaults."""
    boxes = np.concatenate([batch[:, None], rois], axis=1).astype(rois.dtype)
    return cypool.roi_align(
        x,
        boxes,
        (attributes.get("output_height", 1), attributes.get("output_width", 1)),
        attributes.get("spatial_scale", 1.0),
        attributes.get("sampling_ratio", 0),
        attributes.get("coordinate_transformation_mode", b"half_pixel") == b"half_pixel",
        mode={b"avg": "avg", b"max": "onnx_max"}[attributes.get("mode", b"avg")],
    )


def test_onnx_test_data():
    """The cases that the operator's specification is published with."""
    onnx = pytest.importorskip("onnx", reason=ABSENT.format("onnx"))
    node_cases = pytest.importorskip("onnx.backend.test.case.node", reason=ABSENT.format("onnx"))
    cases = [case for case in node_cases.collect_testcases("RoiAlign") if case.name.startswith("test_roialign")]
    assert len(cases) >= 3
    for case in cases:
        (node,) = case.model.graph.node
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        for inputs, (want,) in case.data_sets:
            got = align(*inputs, attributes)
            np.testing.assert_allclose(got, want, rtol=case.rtol, atol=1e-4, err_msg=case.name)  # it has four digits


@pytest.mark.parametrize("mode", ["avg", "max"])
@pytest.mark.parametrize("ratio", [0, 1, 3])
@pytest.mark.parametrize("coordinates", ["half_pixel", "output_half_pixel"])
def test_onnxruntime(mode, ratio, coordinates):
    """Boxes in quarters of a cell, so that float32 has their samples' positions exactly, as cypool has."""
    onnx = pytest.importorskip("onnx", reason=ABSENT.format("onnx"))
    runtime = pytest.importorskip("onnxruntime", reason=ABSENT.format("onnxruntime"))
    rng = np.random.default_rng(ratio)
    x = rng.standard_normal((2, 3, 12, 14)).astype(np.float32)
    low, high = np.sort(rng.integers(-8, 64, (2, 50, 2)), axis=0) / 4
    rois, batch = np.concatenate([low, high], axis=1).astype(np.float32), rng.integers(0, 2, 50)
    attributes = {"output_height": 2, "output_width": 4, "spatial_scale": 1.0, "sampling_ratio": ratio, "mode": mode,
                  "coordinate_transformation_mode": coordinates}  # fmt: skip
    helper, real = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node("RoiAlign", ["x", "rois", "batch"], ["y"], **attributes)],
        "align",
        [
            helper.make_tensor_value_info("x", real, x.shape),
            helper.make_tensor_value_info("rois", real, rois.shape),
            helper.make_tensor_value_info("batch", onnx.TensorProto.INT64, batch.shape),
        ],
        [helper.make_tensor_value_info("y", real, (50, 3, 2, 4))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)], ir_version=8)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (want,) = session.run(None, {"x": x, "rois": rois, "batch": batch})
    named = {name: value.encode() if isinstance(value, str) else value for name, value in attributes.items()}
    got = align(x, rois, batch, named)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)
    assert np.count_nonzero(got) > got.size / 2


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("ratio", [1, 2, 5])
def test_grid_sample(aligned, ratio):
    """PyTorch's sampling at the same points, moved into the image as its "border" does; and its gradient."""
    torch = pytest.importorskip("torch", reason="torch is not installed (extra: peers)")
    rng = np.random.default_rng(ratio)
    n, c, h, w, bins = 2, 3, 10, 13, 4
    x = rng.standard_normal((n, c, h, w))
    low, size = rng.uniform(0, 5, (30, 2)), rng.uniform(1, 5, (30, 2))
    boxes = np.concatenate([rng.integers(0, n, (30, 1)), low, low + size], axis=1)
    points = (np.arange(bins * ratio) + 0.5) / (bins * ratio)
    shift = 0.5 if aligned else 0.0
    columns, rows = (low[:, a, None] + size[:, a, None] * points - shift for a in (0, 1))
    there = np.stack(np.broadcast_arrays(columns[:, None, :] * 2 / (w - 1) - 1, rows[:, :, None] * 2 / (h - 1) - 1), -1)
    tensor = torch.from_numpy(x).requires_grad_()
    samples = torch.nn.functional.grid_sample(
        tensor[boxes[:, 0].astype(int)], torch.from_numpy(there), "bilinear", "border", align_corners=True
    )
    gradient = rng.standard_normal((30, c, bins, bins))
    for mode, pool in (("avg", torch.nn.functional.avg_pool2d), ("max", torch.nn.functional.max_pool2d)):
        want = pool(samples, ratio)
        got = cypool.roi_align(x, boxes, bins, 1.0, ratio, aligned, mode=mode)
        np.testing.assert_allclose(got, want.detach(), rtol=1e-12, atol=1e-12)
        (slope,) = torch.autograd.grad(want, tensor, torch.from_numpy(gradient), retain_graph=True)
        back = cypool.roi_align_backward(gradient, x, boxes, bins, 1.0, ratio, aligned, mode=mode)
        np.testing.assert_allclose(back, slope, rtol=1e-11, atol=1e-11)
