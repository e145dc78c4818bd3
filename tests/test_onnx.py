"""The door for ONNX: its own node tests, ONNX Runtime on random attributes, each opset's defaults, and bad nodes."""

import collections
import subprocess
import sys
import tempfile

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import cypool
import cypool.onnx

KINDS = "MaxPool AveragePool LpPool GlobalMaxPool GlobalAveragePool GlobalLpPool MaxUnpool MaxRoiPool RoiAlign".split()


def run_python(code):
    folder = tempfile.gettempdir()  # not the tree's, whose package has no kernels
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder)


def test_onnx_is_imported_by_ops_alone():
    code = "import sys, cypool, cypool.onnx; print('onnx' in sys.modules)"
    assert run_python(code).stdout.strip() == "False"


def test_without_onnx():
    result = run_python("import sys; sys.modules['onnx'] = None\nimport cypool.onnx; cypool.onnx.ops()")
    assert result.returncode == 1
    assert "ImportError: cypool.onnx.ops needs the package onnx (pip install onnx)" in result.stderr


# ---- with onnx ---------------------------------------------------------------------------------------------------------

peers = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]


def onnx_of():
    return pytest.importorskip("onnx", reason="onnx is not installed (extra: peers)")


def model_of(kind, inputs, opset, outputs=1, **attributes):
    """A model of one node; `inputs` are arrays."""
    helper = onnx_of().helper
    names, results = [f"x{i}" for i in range(len(inputs))], [f"y{i}" for i in range(outputs)]
    types = [helper.np_dtype_to_tensor_dtype(x.dtype) for x in inputs]
    values = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node(kind, names, results, **attributes)],
        "one",
        [values(name, t, x.shape) for name, t, x in zip(names, types, inputs, strict=True)],
        [values(name, t, None) for name, t in zip(results, [types[0], onnx_of().TensorProto.INT64], strict=False)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def run(model, inputs):
    reference = pytest.importorskip("onnx.reference")
    session = reference.ReferenceEvaluator(model, new_ops=cypool.onnx.ops())
    return session.run(None, {f"x{i}": x for i, x in enumerate(inputs)})


def node(kind, *inputs, opset=22, outputs=1, **attributes):
    results = run(model_of(kind, inputs, opset, outputs, **attributes), inputs)
    return results[0] if outputs == 1 else results


def counting(counts):
    """The classes, with every call counted."""

    def counted(operator):
        def _run(self, *inputs, **attributes):
            counts[operator.__name__] += 1
            return operator._run(self, *inputs, **attributes)

        return type(operator.__name__, (operator,), {"_run": _run})

    return [counted(operator) for operator in cypool.onnx.ops()]


class TestNodes:
    pytestmark = peers

    def test_classes(self):
        onnx_of()
        assert [operator.__name__ for operator in cypool.onnx.ops()] == KINDS
        assert cypool.onnx.ops() is not cypool.onnx.ops()  # the caller's list to change

    def test_onnx_node_tests(self):
        """Every case that the specification is published with, and each of its nodes run here."""
        onnx_of()
        loader = pytest.importorskip("onnx.backend.test.loader")
        reference = pytest.importorskip("onnx.reference")
        cases = [c for c in loader.load_model_tests(kind="node") if "pool" in c.name or "roialign" in c.name]
        assert len(cases) >= 56
        counts, wanted = collections.Counter(), collections.Counter()
        operators = counting(counts)
        for case in cases:
            session = reference.ReferenceEvaluator(case.model, new_ops=operators)
            names = [i.name for i in case.model.graph.input]
            for inputs, outputs in case.data_sets:
                wanted.update(n.op_type for n in case.model.graph.node if n.op_type in KINDS)
                results = session.run(None, dict(zip(names, inputs, strict=True)))
                for got, want in zip(results, outputs, strict=True):
                    assert got.dtype == want.dtype, case.name
                    assert_allclose(got, want, rtol=case.rtol, atol=case.atol, err_msg=case.name)
        assert counts == wanted and counts.total() >= len(cases)

    @pytest.mark.parametrize("kind", ["MaxPool", "AveragePool", "LpPool"])
    @pytest.mark.parametrize("seed", range(8))
    def test_onnxruntime(self, kind, seed):
        """Random attributes, less those that ONNX Runtime gets wrong: SAME with dilation or gaps, VALID in ceil mode."""
        runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (extra: peers)")
        rng = np.random.default_rng([seed, KINDS.index(kind)])
        compared = 0
        for _ in range(12):
            rank = int(rng.integers(1, 4))
            kernel, strides, dilations = (rng.integers(1, 4, rank).tolist() for _ in range(3))
            attributes = {"kernel_shape": kernel, "ceil_mode": int(rng.integers(2))}
            name = rng.choice(["NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"])
            if rng.random() < 0.7:
                attributes["strides"] = strides
            steps = attributes.get("strides", [1] * rank)
            if name.startswith("SAME"):
                if any(s > k for s, k in zip(steps, kernel, strict=True)):
                    continue
            elif rng.random() < 0.5:
                attributes["dilations"] = dilations
            if name == "VALID":
                attributes["ceil_mode"] = 0
            if name == "NOTSET" and rng.random() < 0.7:
                attributes["pads"] = [int(rng.integers(0, k)) for k in kernel * 2]
            else:
                attributes["auto_pad"] = str(name)
            outputs = 1
            if kind == "MaxPool" and rng.random() < 0.7:
                outputs, attributes["storage_order"] = 2, int(rng.integers(2))
            if kind == "AveragePool":
                attributes["count_include_pad"] = int(rng.integers(2))
            if kind == "LpPool":
                attributes["p"] = int(rng.integers(1, 4))
            x = rng.permutation(2 * 3 * 8**rank).reshape(2, 3, *[8] * rank).astype(np.float32)
            x = x[(..., *(slice(int(n)) for n in rng.integers(7, 9, rank)))]
            model = model_of(kind, [x], 22, outputs, **attributes)
            session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
            for got, want in zip(run(model, [x]), session.run(None, {"x0": x}), strict=True):
                assert_allclose(got, want, rtol=2e-6, err_msg=f"{x.shape} {attributes}")
            compared += 1
        assert compared > 4

    def test_onnxruntime_regions_and_globals(self):
        runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (extra: peers)")
        rng = np.random.default_rng(0)
        x = rng.standard_normal((2, 3, 10, 12)).astype(np.float32)
        low, size = rng.integers(-4, 20, (2, 30, 2)) / 4
        rois, batch = np.concatenate([low, low + np.abs(size) + 1], 1).astype(np.float32), rng.integers(0, 2, 30)
        boxes = np.concatenate([batch[:, None], rois], 1).astype(np.float32)
        align = {"output_height": 2, "output_width": 3, "sampling_ratio": 2}
        for kind, inputs, opset, attributes in (
            ("RoiAlign", [x, rois, batch], 10, align),
            ("RoiAlign", [x, rois, batch], 16, align),
            ("RoiAlign", [x, rois, batch], 16, {**align, "coordinate_transformation_mode": "output_half_pixel"}),
            ("MaxRoiPool", [x, boxes], 11, {"pooled_shape": [2, 3], "spatial_scale": 0.5}),
            ("GlobalMaxPool", [x], 11, {}),
            ("GlobalAveragePool", [x], 11, {}),
            ("GlobalLpPool", [x], 11, {"p": 3}),
        ):
            model = model_of(kind, inputs, opset, **attributes)
            session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
            given = {f"x{i}": a for i, a in enumerate(inputs)}
            assert_allclose(run(model, inputs)[0], session.run(None, given)[0], rtol=2e-5, atol=1e-5, err_msg=kind)

    def test_defaults(self):
        """ONNX's, by hand: stride 1, padding that does not count, a true norm of order 2."""
        x = np.array([[[3.0, 1.0, 4.0, 2.0]]])
        assert node("MaxPool", x, kernel_shape=[2]).tolist() == [[[3.0, 4.0, 4.0]]]
        assert node("AveragePool", x, kernel_shape=[2], pads=[1, 0]).tolist() == [[[3.0, 2.0, 2.5, 3.0]]]
        included = node("AveragePool", x, kernel_shape=[2], pads=[1, 0], count_include_pad=1)
        assert included.tolist() == [[[1.5, 2.0, 2.5, 3.0]]]
        assert node("LpPool", np.array([[[3.0, -4.0]]]), kernel_shape=[2]).tolist() == [[[5.0]]]
        assert node("GlobalLpPool", np.array([[[3.0, -4.0]]])).tolist() == [[[5.0]]]

    def test_names_of_padding(self):
        x = np.array([[[3.0, 1.0, 4.0, 2.0]]])
        assert node("MaxPool", x, kernel_shape=[2], auto_pad="SAME_UPPER").tolist() == [[[3.0, 4.0, 4.0, 2.0]]]
        assert node("MaxPool", x, kernel_shape=[2], auto_pad="SAME_LOWER").tolist() == [[[3.0, 3.0, 4.0, 4.0]]]
        assert node("MaxPool", x, kernel_shape=[2], auto_pad="VALID", pads=[1, 1]).tolist() == [[[3.0, 4.0, 4.0]]]
        dilated = node("MaxPool", x, kernel_shape=[2], dilations=[3], auto_pad="SAME_UPPER")
        assert dilated.shape == x.shape  # ceil(n / s), whatever the dilation

    def test_ceil_mode(self):
        """A window that would start in the padding after the input is left out, in every opset."""
        x = np.arange(1.0, 5.0).reshape(1, 1, 4)
        for opset in (10, 11, 12, 22):
            y = node("MaxPool", x, opset=opset, kernel_shape=[1], strides=[3], pads=[0, 2], ceil_mode=1)
            assert y.tolist() == [[[1.0, 4.0]]]

    def test_indices(self):
        """They count over the whole array, a plane in the order of its storage."""
        x = np.array([[[[1.0, 9], [2, 3], [4, 5]], [[1.0, 2], [3, 4], [6, 5]]]])
        (_, rows), (_, columns) = (
            node("MaxPool", x, outputs=2, kernel_shape=[3, 2], storage_order=order) for order in (0, 1)
        )
        assert rows.ravel().tolist() == [1, 6 + 4]
        assert columns.ravel().tolist() == [3, 6 + 2]

    def test_unpooling(self):
        x = np.arange(32.0).reshape(1, 2, 4, 4)
        values, indices = node("MaxPool", x, outputs=2, kernel_shape=[2, 2], strides=[2, 2])
        same = {"kernel_shape": [2, 2], "strides": [2, 2]}
        y = node("MaxUnpool", values, indices, **same)
        assert_array_equal(y, np.where(np.isin(x, values), x, 0))
        larger = node("MaxUnpool", values, indices, np.array([1, 2, 5, 6]), **same)
        assert_array_equal(larger[:, :, :4, :4], y)
        assert larger.shape == (1, 2, 5, 6) and larger.sum() == y.sum()
        with pytest.raises(ValueError, match=r"output_shape must hold the inferred shape \(1, 2, 4, 4\)"):
            node("MaxUnpool", values, indices, np.array([1, 2, 3, 6]), **same)

    def test_regions_by_opset(self):
        """RoiAlign's coordinates are shifted by half a cell since opset 16 only."""
        x, rois, batch = np.arange(16.0).reshape(1, 1, 4, 4), np.array([[1.0, 1.0, 3.0, 3.0]]), np.array([0])
        assert node("RoiAlign", x, rois, batch, opset=10).item() == 10.0
        assert node("RoiAlign", x, rois, batch, opset=16).item() == 7.5
        assert node("MaxRoiPool", x, np.array([[0, 0, 0, 2, 2.0]]), pooled_shape=[1, 1]).item() == 10.0

    @pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "bfloat16"])
    def test_dtypes(self, dtype):
        dtype = np.dtype(getattr(pytest.importorskip("ml_dtypes"), dtype) if dtype == "bfloat16" else dtype)
        x = np.arange(16).reshape(1, 1, 4, 4).astype(dtype)
        rois, batch = np.array([[0, 0, 3, 3]]).astype(dtype), np.array([0])
        boxes = np.array([[0, 0, 0, 3, 3]]).astype(dtype)
        for y in (
            *(node(kind, x, kernel_shape=[2, 2]) for kind in KINDS[:3]),
            *(node(kind, x) for kind in KINDS[3:6]),
            node("MaxUnpool", x, np.arange(16).reshape(x.shape), kernel_shape=[1, 1]),
            node("MaxRoiPool", x, boxes, pooled_shape=[1, 1]),
            node("RoiAlign", x, rois, batch),
        ):
            assert y.dtype == dtype and np.count_nonzero(y) > 0

    @pytest.mark.parametrize("dtype", ["int8", "uint8"])
    def test_integers(self, dtype):
        x = np.array([[[-3, 1, -7]]]).astype(dtype)
        y = node("MaxPool", x, kernel_shape=[1], pads=[1, 1])
        assert y.dtype == dtype and y[0, 0, 1:-1].tolist() == x[0, 0].tolist()
        assert y[0, 0, 0] == np.iinfo(dtype).min  # a window of padding alone

    @pytest.mark.parametrize(
        ("kind", "opset", "attributes", "message"),
        [
            ("MaxPool", 8, {"ceil_mode": 1}, "MaxPool of opset 8 has no attribute ceil_mode"),
            ("MaxPool", 8, {"dilations": [1, 1]}, "MaxPool of opset 8 has no attribute dilations"),
            ("MaxPool", 1, {"storage_order": 1}, "MaxPool of opset 1 has no attribute storage_order"),
            ("AveragePool", 1, {"count_include_pad": 1}, "AveragePool of opset 1 has no attribute count_include_pad"),
            ("AveragePool", 11, {"dilations": [2, 2]}, "AveragePool of opset 11 has no attribute dilations"),
            ("LpPool", 11, {"ceil_mode": 1}, "LpPool of opset 11 has no attribute ceil_mode"),
            ("MaxPool", 22, {"kernel_shape": [2]}, "kernel_shape must have 2 entries"),
            ("MaxPool", 22, {"pads": [1, 1]}, "pads must have 4 entries"),
            ("MaxPool", 22, {"strides": [1, 0]}, "stride must be at least 1"),
            ("MaxPool", 22, {"auto_pad": "SAME"}, "auto_pad must be one of .* got 'SAME'"),
            ("MaxPool", 22, {"storage_order": 2}, "storage_order must be one of .* got 2"),
            ("LpPool", 22, {"p": 0}, "norm_type must not be 0"),
        ],
    )
    def test_bad_nodes(self, kind, opset, attributes, message):
        x = np.ones((1, 1, 4, 4), np.float32)
        attributes = {"kernel_shape": [2, 2], **attributes}
        with pytest.raises(ValueError, match=message):
            run(model_of(kind, [x], opset, **attributes), [x])

    def test_old_norms(self):
        """Opset 1: p is a float, and the window may be missing."""
        x = np.array([[[3.0, -4.0]]], np.float32)
        assert node("LpPool", x, opset=1, kernel_shape=[2]).tolist() == [[[5.0]]]
        assert node("GlobalLpPool", x, opset=1, p=1.0).tolist() == [[[7.0]]]
        with pytest.raises(ValueError, match="kernel_shape must be given"):
            node("LpPool", x, opset=1)
