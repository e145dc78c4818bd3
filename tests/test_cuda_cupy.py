"""How CuPy is asked: what `CupyDevice` hands it, by modules that only note it, and by CuPy itself up to its compiler."""

import importlib.util
import inspect
import warnings
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

import cypool.windows
from cypool.cuda import cupy_device
from cypool.cuda.cupy_device import CupyDevice


def test_how_cupy_is_asked():
    """Blocks and threads of a launch, by a module that only notes them: a kernel is compiled once."""
    asked, compiled = [], []

    class RawModule:
        def __init__(self, code, options, name_expressions):
            compiled.extend(name_expressions)

        def get_function(self, name):
            return lambda *call: asked.append((name, *call))

    runtime = SimpleNamespace(getDevice=lambda: 0)
    device = CupyDevice(SimpleNamespace(RawModule=RawModule, cuda=SimpleNamespace(runtime=runtime)))
    device.launch("plain", 257, (1,))
    device.launch("plain", 2**40, (2,))
    device.launch("sharing", 3 * 256, (3,), 256)
    assert asked == [
        ("plain", (2,), (256,), (1,)),
        ("plain", (1 << 20,), (256,), (2,)),
        ("sharing", (3,), (256,), (3,)),
    ]
    assert compiled == ["plain", "sharing"] and [name for name, _ in device.kernels] == compiled


def test_tables_stay_on_their_stream():
    """Where they were copied: of a thread's own stream the name alone does not tell."""
    stream, runtime = SimpleNamespace(ptr=1), SimpleNamespace(getDevice=lambda: 0)
    device = CupyDevice(SimpleNamespace(cuda=SimpleNamespace(runtime=runtime, get_current_stream=lambda: stream)))
    found = cypool.windows.adaptive((1, 1, 6, 6), (2, 3), (2, 2))
    first = device.windows(found)
    with ThreadPoolExecutor(1) as other:
        assert device.windows(found) is first and other.submit(device.windows, found).result() is first
        stream.ptr = cupy_device.PER_THREAD
        second = device.windows(found)
        assert second is not first and device.windows(found) is second
        assert other.submit(device.windows, found).result() is not second


def test_results_on_another_device_are_refused():
    runtime = SimpleNamespace(getDevice=lambda: 0)
    device = CupyDevice(SimpleNamespace(cuda=SimpleNamespace(runtime=runtime)))
    arrays = [SimpleNamespace(device=SimpleNamespace(id=i), data=SimpleNamespace(ptr=512)) for i in range(2)]
    assert device.address(arrays[0]) == 512
    with pytest.raises(ValueError, match=r"out must lie on the current device 0, got an array on device 1$"):
        device.address(arrays[1])


class Options(Exception):
    """What a compiler was given."""


def test_cupy_does_not_flush_subnormal_numbers(monkeypatch):
    """What CuPy puts behind a kernel's options is a folder's name; NVRTC itself, which takes it so, is not called."""
    if importlib.util.find_spec("cupy") is None:
        pytest.skip("no CuPy")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a machine without CUDA
        import cupy

    def preprocess(source, options, *_):
        raise Options(options)

    compiler = cupy.cuda.compiler
    assert cupy_device.FLUSHING in inspect.getsource(compiler._compile_with_cache_cuda)
    monkeypatch.setattr(compiler, "_get_arch", lambda: "80")
    monkeypatch.setattr(compiler, "_get_nvrtc_version", lambda: (13, 0))
    monkeypatch.setattr(
        compiler, "_get_arch_for_options_for_nvrtc", lambda arch: ("-arch=sm_80", "cubin"), raising=False
    )
    monkeypatch.setattr(compiler, "_preprocess", preprocess)
    with pytest.raises(Options) as caught:
        cupy_device._compiled(cupy, "cypool_gather<float, int>")
    options = caught.value.args[0]
    assert options[: len(cupy_device.OPTIONS)] == cupy_device.OPTIONS
    assert options[options.index("-ftz=true") - 1] == "-I" and options.count("-ftz=true") == 1


def test_how_cupy_is_asked_to_compile():
    """By a compiler that flushes what is subnormal, as far as its text says."""
    asked = []

    class Compiler:
        def _compile_with_cache_cuda(self):
            return "options += ('-ftz=true',)"

        def _compile_module_with_cache(self, text, options, name_expressions):
            asked.append((options, name_expressions))
            mapping = {name: "_Z" + name for name in name_expressions}
            return SimpleNamespace(mapping=mapping, get_function=lambda name: lambda *call: asked.append((name, *call)))

    runtime = SimpleNamespace(getDevice=lambda: 0)
    device = CupyDevice(SimpleNamespace(cuda=SimpleNamespace(runtime=runtime, compiler=Compiler())))
    device.launch("plain", 1, (1,))
    assert asked == [((*cupy_device.OPTIONS, "-I"), ("plain",)), ("_Zplain", (1,), (256,), (1,))]
