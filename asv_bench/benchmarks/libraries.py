"""The libraries that can compute a row: one function each, from a `Case` to the call that is timed.

The function returns ``(run, array)``: `run` computes once, into memory that is there already wherever the library has
means for that, and ``array(run())`` is the result as a NumPy array in the case's layout.  It raises NotImplementedError
for a row that the library has not, and if it is not installed.  Each library has its best layout, as long as the values
that it reads and writes are in the case's memory.
"""

import importlib
import os
import sys

import numpy as np

import cypool


def need(name):
    """Import a library, or say in asv's way that it is not there."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise NotImplementedError(f"{name} is not installed") from error


def function(name):
    """A function of cypool, or say in asv's way that this version has it not."""
    if not hasattr(cypool, name):
        raise NotImplementedError(f"cypool {cypool.__version__} has no {name}")
    return getattr(cypool, name)


def choose(choices, key):
    """What `choices` hold for the row, or say that it is not there."""
    if key not in choices:
        raise NotImplementedError(key)
    return choices[key]


def only(condition, reason):
    """Say that a row is not for this library."""
    if not condition:
        raise NotImplementedError(reason)


def same(a, b, call):
    """Whether two libraries' results are equal, as far as they may be: sums have any order, averages of integers round."""
    if a.shape != b.shape:
        return False
    if "avg" not in call and "backward" not in call:
        return np.array_equal(a, b)
    if b.dtype.kind in "iu":
        return bool(np.all(np.abs(np.subtract(a, b, dtype=np.float32)) <= 1))
    return np.allclose(a, b, rtol=1e-4, atol=1e-6)


def of_cypool(case):
    """The subject.  Its gradient of max gets int64 indices, as PyTorch's does."""
    row, x = case.row, case.x
    op = "max" if "max" in row.call else "avg"
    if row.kind == "call" and row.call == "max":
        pool = function("max_pool2d")
        return lambda: pool(x, row.size), np.asarray
    options = {"data_format": row.layout.replace(" ", "_"), "num_threads": case.threads}
    if row.call.startswith("global"):
        pool, options["out"] = function(f"global_{op}_pool"), case.y()
        return lambda: pool(x, **options), np.asarray
    if row.call.startswith("adaptive"):
        pool, options["out"] = function(f"adaptive_{op}_pool{row.rank}d"), case.y()
        return lambda: pool(x, row.size, **options), np.asarray
    window = (row.size, row.stride, row.padding)
    pool = function(f"{op}_pool{row.rank}d")
    if row.call == "max with indices":
        out = case.y(), case.indices()
        return lambda: pool(x, *window, out=out, return_indices=True, **options), lambda pair: pair[1]
    if row.call.startswith("backward"):
        if op == "max":
            options["indices"] = pool(x, *window, return_indices=True, **options)[1]
        backward, options["out"] = function(f"{op}_pool{row.rank}d_backward"), case.grad_x()
        return lambda: backward(case.grad, x, *window, **options), np.asarray
    options["out"] = case.y()
    return lambda: pool(x, *window, **options), np.asarray


def of_torch(case):
    """PyTorch: what torch.nn.functional calls, in the forms that write into given memory."""
    torch = need("torch")
    torch.set_num_threads(case.threads)
    aten, functional, row = torch.ops.aten, torch.nn.functional, case.row

    def tensor(array):
        return torch.from_numpy(array).movedim(-1, 1) if case.last else torch.from_numpy(array)

    def array(value):
        value = value[row.call == "max with indices"] if isinstance(value, tuple) else value
        return (value.movedim(1, -1) if case.last else value).numpy()

    x, y = tensor(case.x), tensor(case.y())
    indexed = "max" in row.call and row.rank > 1 and not row.call.startswith("global")
    indices = tensor(case.indices()) if indexed else None
    grad, grad_x = (tensor(case.grad), tensor(case.grad_x())) if row.call.startswith("backward") else (None, None)
    axes, output = tuple(range(2, row.rank + 2)), [row.size] * row.rank
    window = tuple([n] * row.rank for n in (row.size, row.stride, row.padding))

    def max_2d():
        return aten.max_pool2d_with_indices.out(x, *window, out=y, indices=indices)

    def max_backward():
        return aten.max_pool2d_with_indices_backward.grad_input(
            grad, x, *window, [1, 1], False, indices, grad_input=grad_x
        )

    if row.call == "backward of max":
        max_2d()
    run = {
        "max 1": lambda: functional.max_pool1d(x, *window),
        "max 2": max_2d if row.kind != "call" else lambda: functional.max_pool2d(x, row.size),
        "max 3": lambda: aten.max_pool3d_with_indices.out(x, *window, out=y, indices=indices),
        "max with indices 2": max_2d,
        "avg 2": lambda: aten.avg_pool2d.out(x, *window, out=y),
        "avg 3": lambda: aten.avg_pool3d.out(x, *window, out=y),
        "global avg 2": lambda: torch.mean(x, axes, keepdim=True, out=y),
        "global max 2": lambda: torch.amax(x, axes, keepdim=True, out=y),
        "adaptive avg 2": lambda: aten._adaptive_avg_pool2d.out(x, output, out=y),
        "adaptive max 2": lambda: aten.adaptive_max_pool2d.out(x, output, out=y, indices=indices),
        "backward of max 2": max_backward,
        "backward of avg 2": lambda: aten.avg_pool2d_backward.grad_input(
            grad, x, *window, False, True, None, grad_input=grad_x
        ),
    }
    only(row.dtype != "uint8" or "avg" not in row.call, "no average of integers")
    return choose(run, f"{row.call} {row.rank}"), array


def message(*fields):
    """A protobuf message of (number, value): integers, text, or messages in bytes."""

    def varint(n):
        return bytes([n]) if n < 128 else bytes([n % 128 + 128]) + varint(n // 128)

    encoded = b""
    for number, value in fields:
        if isinstance(value, int):
            encoded += varint(number * 8) + varint(value)
        else:
            value = value.encode() if isinstance(value, str) else value
            encoded += varint(number * 8 + 2) + varint(len(value)) + value
    return encoded


def onnx_model(op, attributes, inputs, outputs):
    """An ONNX model of one node, by the field numbers of onnx.proto3; arrays are {name: (element type, shape)}."""

    def value_info(name, element_type, shape):
        tensor = message((1, element_type), (2, message(*[(1, message((1, n))) for n in shape])))
        return message((1, name), (2, message((1, tensor))))

    def attribute(name, value):
        if isinstance(value, int):
            return message((1, name), (3, value), (20, 2))
        return message((1, name), *[(8, n) for n in value], (20, 7))

    node = message(
        *[(1, name) for name in inputs],
        *[(2, name) for name in outputs],
        (4, op),
        *[(5, attribute(*item)) for item in attributes.items()],
    )
    graph = message(
        (1, node),
        (2, "pool"),
        *[(11, value_info(name, *info)) for name, info in inputs.items()],
        *[(12, value_info(name, *info)) for name, info in outputs.items()],
    )
    return message((1, 8), (7, graph), (8, message((1, ""), (2, 17))))


def of_onnxruntime(case):
    """ONNX Runtime: a model of one node, its input and outputs bound to arrays."""
    row = case.row
    window = {
        "kernel_shape": [row.size] * row.rank,
        "strides": [row.stride] * row.rank,
        "pads": [row.padding] * 2 * row.rank,
    }
    nodes = {
        "max": ("MaxPool", window),
        "max with indices": ("MaxPool", window),
        "avg": ("AveragePool", {**window, "count_include_pad": 1}),
        "global avg": ("GlobalAveragePool", {}),
        "global max": ("GlobalMaxPool", {}),
    }
    op, attributes = choose(nodes, row.call)
    only(not case.last, "channels first only")
    only(row.dtype == "float32" or op == "MaxPool", "float32 only")
    runtime = need("onnxruntime")
    types = {"float32": 1, "uint8": 2, "int64": 7, "float16": 10, "float64": 11}
    inputs, outputs = {"x": case.x}, {"y": case.y()}
    if row.call == "max with indices":
        outputs["indices"] = case.indices()
    described = [{n: (types[str(a.dtype)], a.shape) for n, a in arrays.items()} for arrays in (inputs, outputs)]
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = case.threads, 1
    options.add_session_config_entry("session.force_spinning_stop", "1")  # the other libraries' turn
    model = onnx_model(op, attributes, *described)
    session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    for arrays, bind in ((inputs, binding.bind_input), (outputs, binding.bind_output)):
        for name, a in arrays.items():
            bind(name, "cpu", 0, a.dtype, a.shape, a.ctypes.data)

    def run():
        session.run_with_iobinding(binding)
        return inputs, outputs  # which live as long as this function: the binding holds addresses alone

    def array(_):
        if row.call != "max with indices":
            return outputs["y"]
        planes = np.arange(case.shape[0] * case.shape[1]).reshape(*case.shape[:2], 1, 1)
        return outputs["indices"] - planes * case.x[0, 0].size  # ONNX counts through the whole array

    return run, array


def of_openvino(case):
    """OpenVINO (oneDNN): a model of one node in float32, its input and output bound to arrays."""
    only(case.row.dtype == "float32" and not case.last, "float32, channels first only")
    openvino, ops = need("openvino"), need("openvino.opset1")
    row = case.row
    size, stride, pads = ([n] * row.rank for n in (row.size, row.stride, row.padding))
    x = ops.parameter(case.shape, np.float32)
    axes = list(range(2, row.rank + 2))
    nodes = {
        "max": lambda: ops.max_pool(x, stride, pads, pads, size),
        "avg": lambda: ops.avg_pool(x, stride, pads, pads, size, exclude_pad=False),
        "global avg": lambda: ops.reduce_mean(x, axes, keep_dims=True),
        "global max": lambda: ops.reduce_max(x, axes, keep_dims=True),
    }
    options = {
        "INFERENCE_NUM_THREADS": case.threads,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
    }
    model = openvino.Model([choose(nodes, row.call)()], [x])
    request = openvino.compile_model(model, "CPU", options).create_infer_request()
    y = case.y()
    tensors = openvino.Tensor(case.x, shared_memory=True), openvino.Tensor(y, shared_memory=True)
    request.set_input_tensor(tensors[0])
    request.set_output_tensor(tensors[1])

    def run():
        request.infer()
        return case, y, tensors  # which live as long as this function

    return run, lambda _: y


def is_image(case):
    """Whether the case is one image averaged over 2x2 windows, what image libraries are made for."""
    row = case.row
    return row.call == "avg" and case.shape[:2] == (1, 1) and (row.size, row.stride, row.padding) == (2, 2, 0)


def is_filter(case):
    """Whether every window has a result at its centre, as filters have; and in float32."""
    row = case.row
    centred = row.call in ("max", "avg") and row.rank == 2 and (row.stride, 2 * row.padding) == (1, row.size - 1)
    return centred and row.dtype == "float32" and not case.last


def of_opencv(case):
    """OpenCV: area interpolation of an image; dilation, plane by plane, because a call takes few channels."""
    only(is_image(case) or (is_filter(case) and case.row.call == "max"), "filters and images only")
    cv2 = need("cv2")
    cv2.setNumThreads(case.threads)
    y = case.y()
    if is_image(case):
        image, small = case.x[0, 0], y[0, 0]
        return (lambda: cv2.resize(image, small.shape[::-1], small, interpolation=cv2.INTER_AREA)), lambda _: y
    planes = list(zip(case.x.reshape(-1, *case.shape[2:]), y.reshape(-1, *case.shape[2:]), strict=True))
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (case.row.size, case.row.size))

    def run():
        for plane, result in planes:
            cv2.dilate(plane, kernel, result)

    return run, lambda _: y


def of_skimage(case):
    """scikit-image: block reduction of an image."""
    only(is_image(case), "images only")
    measure = need("skimage.measure")
    return (lambda: measure.block_reduce(case.x[0, 0], (2, 2), np.mean)), lambda result: result[None, None]


def of_scipy(case):
    """SciPy: filters of one thread."""
    only(is_filter(case), "filters only")
    ndimage = need("scipy.ndimage")
    y, size = case.y(), (1, 1, case.row.size, case.row.size)
    if case.row.call == "max":
        return lambda: ndimage.maximum_filter(case.x, size, output=y, mode="constant", cval=-np.inf), lambda _: y
    return lambda: ndimage.uniform_filter(case.x, size, output=y, mode="constant"), lambda _: y


def of_tinybrain(case):
    """tinybrain: 2x2 averages of an image, which it wants in Fortran order: so it gets the transposed image."""
    only(is_image(case), "images only")
    tinybrain = need("tinybrain")
    image = case.x[0, 0].T
    return (lambda: tinybrain.downsample_with_averaging(image, (2, 2))), lambda mips: mips[0].T[None, None]


def jax_on(threads):
    """JAX with a backend of as many threads: their number is read when it is first used, and never again."""
    if "jax" not in sys.modules:
        os.environ["NPROC"] = str(threads)
        os.environ["JAX_PLATFORMS"] = "cpu"
        os.environ["JAX_ENABLE_X64"] = "1"
    jax = need("jax")
    only(os.environ.get("NPROC") == str(threads), "JAX was started with another number of threads")
    return jax


def of_jax(case):
    """JAX: jitted windows of XLA and their gradients.  It has no means to write into given memory: each call allocates."""
    row = case.row
    only("indices" not in row.call and not row.call.startswith("adaptive"), "no such primitive")
    only(row.dtype != "uint8" or "avg" not in row.call, "no average of integers")
    jax = jax_on(case.threads)
    op = "max" if "max" in row.call else "avg"
    axes = tuple(range(1, 1 + row.rank)) if case.last else tuple(range(2, 2 + row.rank))
    size, stride, padding = (
        tuple(n if axis in axes else rest for axis in range(row.rank + 2))
        for n, rest in ((row.size, 1), (row.stride, 1), (row.padding, 0))
    )
    dtype = np.dtype(row.dtype)
    lowest = dtype.type(0) if dtype.kind == "u" else dtype.type(-np.inf)

    def pool(x):
        if row.call.startswith("global"):
            return (jax.numpy.max if op == "max" else jax.numpy.mean)(x, axes, keepdims=True)
        start, combine = (lowest, jax.lax.max) if op == "max" else (dtype.type(0), jax.lax.add)
        y = jax.lax.reduce_window(x, start, combine, size, stride, [(n, n) for n in padding])
        return y if op == "max" else y / dtype.type(row.size**row.rank)

    arrays = [jax.device_put(case.x)]
    if row.call.startswith("backward"):
        arrays.append(jax.device_put(case.grad))
        call = jax.jit(lambda x, grad: jax.vjp(pool, x)[1](grad)[0])
    else:
        call = jax.jit(pool)
    return lambda: call(*arrays).block_until_ready(), np.asarray


PEERS = {
    "torch": of_torch,
    "onnxruntime": of_onnxruntime,
    "OpenVINO": of_openvino,
    "OpenCV": of_opencv,
    "scikit-image": of_skimage,
    "SciPy": of_scipy,
    "tinybrain": of_tinybrain,
    "JAX": of_jax,
}
