"""CuPy as the place where arrays lie and kernels run: the only file that talks to it.

A device offers `xp` (the module that stands for numpy), `paths`, `as_array`, `windows`, `address` and
`launch`.  The tests have another one, which runs the same kernels on the host.
"""

import inspect
from functools import lru_cache
from threading import get_ident

from cypool.arrays import storage_of, type_name
from cypool.cuda import source
from cypool.cuda.paths import PATHS
from cypool.cuda.windows import DeviceWindows

OPTIONS = ("--std=c++17", "--fmad=false")
"""Without fused multiply-add, as on the host."""

FLUSHING = "options += ('-ftz=true',)"
"""What CuPy's compiler does to all options; of two settings the last one counts."""

PER_THREAD = 2
"""CUDA's one name for as many streams as there are threads."""

BLOCK = 256
"""Threads of a block."""

MOST_BLOCKS = 1 << 20
"""Beyond this a thread computes more than one element."""


class CupyDevice:
    """The current CUDA device and stream, whichever they are when a call is made.

    Parameters
    ----------
    cupy : module
    """

    def __init__(self, cupy):
        self.xp, self.paths = cupy, PATHS
        self.kernels = {}  # by name and device: those that were needed so far

    def as_array(self, x, name):
        """A CuPy array: x itself, or what x lends by DLPack."""
        if getattr(x, "requires_grad", False) is True:
            raise TypeError(f"{name} must not require a gradient, which CuPy cannot record: pass {name}.detach()")
        if not isinstance(x, self.xp.ndarray):
            if getattr(x, "is_cuda", False) is not True:
                raise TypeError(f"{name} must lie on the GPU, as the other arrays of the call do, got {type_name(x)}")
            x = self.xp.from_dlpack(x)
        storage_of(x.dtype, name)
        self._check(x, name)
        return x

    def _check(self, array, name):
        current = self.xp.cuda.runtime.getDevice()
        if array.device.id != current:
            raise ValueError(
                f"{name} must lie on the current device {current}, got an array on device {array.device.id}"
            )

    def windows(self, found):
        """The same windows for arrays on the current device.

        Their tables are used on the stream that they were copied on, so nobody has to wait for the copy.
        """
        if not found.lasting:
            return DeviceWindows(found, self)
        stream = self.xp.cuda.get_current_stream().ptr
        thread = get_ident() if stream == PER_THREAD else None
        return self._windows(found, self.xp.cuda.runtime.getDevice(), stream, thread)

    @lru_cache(maxsize=256)  # noqa: B019 - there is one device object in a process
    def _windows(self, found, device, stream, thread):
        return DeviceWindows(found, self)

    def address(self, array):
        """Of an array's first element; `out`, too, comes here, which `as_array` has not seen."""
        self._check(array, "out")
        return array.data.ptr

    def launch(self, name, threads, arguments, block=None):
        """Run a kernel, named with its template arguments, on the current stream.

        A kernel whose threads share work wants blocks of a size that it knows, and then as many of them as it asks for.
        """
        blocks = min(-(-threads // BLOCK), MOST_BLOCKS) if block is None else -(-threads // block)
        self._kernel(name, self.xp.cuda.runtime.getDevice())((blocks,), (block or BLOCK,), arguments)

    def _kernel(self, name, device):
        if (name, device) not in self.kernels:
            self.kernels[name, device] = _compiled(self.xp, name)
        return self.kernels[name, device]


def _compiled(cupy, name):
    """A kernel on the current device, in which subnormal numbers are what they are on the host.

    CuPy has float32 below 2**-126 taken for 0, in comparisons too, and `RawModule` has no say in it.  But an option that follows
    ``-I`` is a folder's name.  What is called then is what `RawModule` calls, and keeps kernels on disk as it does.
    """
    compiler, mangled = getattr(cupy.cuda, "compiler", None), None
    if compiler is not None and _flushes(compiler):
        module = compiler._compile_module_with_cache(source.text(), (*OPTIONS, "-I"), name_expressions=(name,))
        mangled = (module.mapping or {}).get(name)
    if mangled is None:
        return cupy.RawModule(code=source.text(), options=OPTIONS, name_expressions=(name,)).get_function(name)
    return module.get_function(mangled)


def _flushes(compiler):
    """Whether CuPy is of the make that `_compiled` knows."""
    try:
        text = inspect.getsource(compiler._compile_with_cache_cuda)
    except (AttributeError, OSError, TypeError):
        return False
    return FLUSHING in text and hasattr(compiler, "_compile_module_with_cache")
