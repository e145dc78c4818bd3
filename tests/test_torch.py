"""Every argument combination that PyTorch publishes for testing these operators, through the NumPy functions.

The samples are those of PyTorch's own test suite (OpInfo): values, indices and gradients must equal PyTorch's, and what it
refuses must be refused, except that cypool allows more padding and empty channel axes.
"""

import inspect

import numpy as np
import pytest

import cypool

torch = pytest.importorskip("torch", reason="torch is not installed (extra: peers)")
op_db = pytest.importorskip(
    "torch.testing._internal.common_methods_invocations", reason="torch's test samples need expecttest"
).op_db

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]

NAMES = [
    *(f"max_pool{r}d" for r in (1, 2, 3)),
    *(f"avg_pool{r}d" for r in (1, 2, 3)),
    *(f"adaptive_max_pool{r}d" for r in (1, 2, 3)),
    *(f"adaptive_avg_pool{r}d" for r in (1, 2, 3)),
]
INFOS = {info.name.removeprefix("nn.functional."): info for info in op_db if info.name.startswith("nn.functional.")}
LEAST = {
    "max_pool1d": 800,
    "max_pool2d": 1400,
    "max_pool3d": 500,
}  # samples that must be there, or the test proves nothing


def cases(name, dtype):
    return list(INFOS[name].sample_inputs("cpu", dtype, requires_grad=dtype.is_floating_point))


def plain(value):
    return tuple(plain(v) for v in value) if isinstance(value, (list, tuple)) else value


def run(name, sample, suffix="", *leading, **more):
    function = getattr(cypool, name + suffix)
    x = sample.input.detach().numpy()
    return function(*leading, x, *plain(sample.args), **{k: plain(v) for k, v in sample.kwargs.items()}, **more)


def expected(name, sample):
    result = getattr(torch.nn.functional, name)(sample.input, *sample.args, **sample.kwargs)
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.int64], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_samples(name, dtype):
    if dtype not in INFOS[name].dtypes:
        dtype = torch.bfloat16  # every operator has it; this keeps the third column from being empty
    samples = cases(name, dtype)
    assert len(samples) >= LEAST.get(name, 6)
    for sample in samples:
        if dtype is torch.bfloat16:
            sample.input = sample.input.detach().float().requires_grad_()  # NumPy reads no bfloat16 tensor
        want = expected(name, sample)
        got = run(name, sample)
        got = got if isinstance(got, tuple) else (got,)
        assert len(got) == len(want)
        for a, b in zip(got, want, strict=True):
            b = b.detach().numpy()
            assert a.shape == b.shape
            assert a.dtype == b.dtype
            if "max" in name:
                np.testing.assert_array_equal(a, b)
            else:
                np.testing.assert_allclose(a, b, rtol=1e-5 if a.dtype == np.float32 else 1e-12, atol=1e-6)
        if want[0].requires_grad and want[0].numel():
            check_gradient(name, sample, want[0])


def check_gradient(name, sample, value):
    rng = np.random.default_rng(0)
    gradient = rng.standard_normal(tuple(value.shape)).astype(value.detach().numpy().dtype)
    (want,) = torch.autograd.grad(value, sample.input, torch.from_numpy(gradient))
    got = run(name, sample, "_backward", gradient)
    tolerance = 1e-5 if gradient.dtype == np.float32 else 1e-12
    np.testing.assert_allclose(got, want.numpy(), rtol=tolerance, atol=10 * tolerance)


# What cypool allows and torch does not: more padding than half the window, and C = 0.
ALLOWED = ("pad should be at most half",)


@pytest.mark.parametrize("name", [n for n in NAMES if INFOS[n].error_inputs_func])
def test_refusals(name):
    refused = 0
    for case in INFOS[name].error_inputs("cpu"):
        sample = case.sample_input
        shape = tuple(sample.input.shape)
        spatial = int(name[-2])
        if any(text in case.error_regex for text in ALLOWED):
            continue
        if len(shape) > spatial and 0 in shape[: len(shape) - spatial] and 0 not in shape[-spatial:]:
            kwargs = {k: v for k, v in sample.kwargs.items() if k in ("kernel_size",)}
            if (
                kwargs == sample.kwargs
                and all(v >= 1 for v in kwargs.values())
                and len(shape) in (spatial + 1, spatial + 2)
            ):
                assert run(name, sample).shape[0] == shape[0]  # an empty batch or no channels: fine
                continue
        with pytest.raises((TypeError, ValueError)):
            run(name, sample)
        refused += 1
    assert refused >= 1


@pytest.mark.parametrize("name", NAMES)
def test_signatures(name):
    """Positional parameters have PyTorch's order and defaults, from the first to the last that PyTorch documents."""
    ours = list(inspect.signature(getattr(cypool, name)).parameters.values())[1:]
    positional = [(p.name, p.default) for p in ours if p.kind is p.POSITIONAL_OR_KEYWORD]
    torch_order = {
        "max": ["kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices"],
        "avg": ["kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"],
        "adaptive_max": ["output_size", "return_indices"],
        "adaptive_avg": ["output_size"],
    }[name.split("_pool")[0]]
    if name == "avg_pool1d":
        torch_order = torch_order[:-1]
    assert [n for n, _ in positional] == torch_order
    defaults = {"stride": None, "padding": 0, "dilation": 1, "ceil_mode": False, "count_include_pad": True,
                "return_indices": False, "divisor_override": None}  # fmt: skip
    assert all(default == defaults[n] for n, default in positional if n in defaults)


LAYERS = [f"{kind}Pool{r}d" for kind in ("Max", "Avg", "AdaptiveMax", "AdaptiveAvg") for r in (1, 2, 3)]


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name):
    """Constructors take torch.nn's arguments in torch.nn's order; forward and backward agree."""
    ours, theirs = getattr(cypool, name), getattr(torch.nn, name)
    mine = [p.name for p in inspect.signature(ours).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert mine == [n for n in inspect.signature(theirs).parameters if n != "self"]
    rank = int(name[-2])
    arguments = (2,) if "Adaptive" in name else (3, 2, 1)
    x = np.random.default_rng(1).standard_normal((2, 3, *(7, 8, 9)[:rank]))
    layer, reference = ours(*arguments), theirs(*arguments)
    tensor = torch.from_numpy(x).requires_grad_()
    want = reference(tensor)
    np.testing.assert_allclose(layer(x), want.detach().numpy(), rtol=1e-12)
    gradient = np.random.default_rng(2).standard_normal(tuple(want.shape))
    want.backward(torch.from_numpy(gradient))
    np.testing.assert_allclose(layer.backward(gradient), tensor.grad.numpy(), rtol=1e-12, atol=1e-12)


def test_layers_name_the_torch_layers_that_there_are():
    ours = [name for name in cypool.__all__ if isinstance(getattr(cypool, name), type)]
    for name in ours:
        assert (f"`torch.nn.{name}`" in getattr(cypool, name).__doc__) == hasattr(torch.nn, name), name
