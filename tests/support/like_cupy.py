"""Host arrays with CuPy's manners, for what a GPU would refuse and NumPy does not.

`Array` is no numpy.ndarray: it does not become one by itself, does not mix with one (but with scalars and Python's numbers), and a
result without axes is still an array.  `Device` runs kernels on the host over them: what passes on it has kept arrays of the
two sides apart.
"""

from types import SimpleNamespace

import cuda_on_host
import numpy as np
from cuda_on_host import HostDevice

from cypool.arrays import storage_of

METHODS = (
    "all any argmax argmin astype clip copy cumsum fill item max mean min prod ravel reshape squeeze sum swapaxes take tobytes "
    "tolist transpose view"
).split()


class Array(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of a device; `inner` is its memory."""

    __module__ = "cupy"
    __hash__ = None

    def __init__(self, inner):
        self.inner = np.asarray(inner)

    def __getattr__(self, name):
        if name in ("dtype", "shape", "strides", "ndim", "size", "itemsize", "nbytes"):
            return getattr(self.inner, name)
        if name not in METHODS:
            raise AttributeError(f"a CuPy array may have no attribute {name!r}; if it has one, like_cupy wants it")
        return lambda *args, **options: _wrapped(getattr(self.inner, name)(*_bare(args), **_bare(options)))

    @property
    def T(self):
        return Array(self.inner.T)

    @property
    def flags(self):
        return Flags(self.inner.flags)

    def get(self):
        return self.inner.copy()

    def __array__(self, *_, **__):
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()`")

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if method != "__call__" or "where" in options:
            raise TypeError(f"CuPy has no {ufunc.__name__} with {method}, {sorted(options)}")
        return _wrapped(ufunc(*_bare(inputs), **_bare(options)))

    def __array_function__(self, function, types, args, options):
        return _wrapped(function(*_bare(args), **_bare(options)))

    def __getitem__(self, key):
        return Array(self.inner[_index(key)])

    def __setitem__(self, key, value):
        self.inner[_index(key)] = _bare(value)

    def __len__(self):
        return len(self.inner)

    def __bool__(self):
        return bool(self.inner)

    def __int__(self):
        return int(self.inner)

    def __float__(self):
        return float(self.inner)

    def __format__(self, spec):
        return format(self.inner.item() if self.inner.ndim == 0 else str(self.inner), spec)


class Flags:
    """Those that CuPy has."""

    def __init__(self, flags):
        self.c_contiguous, self.f_contiguous = flags.c_contiguous, flags.f_contiguous


def _wrapped(result):
    if isinstance(result, (np.ndarray, np.generic)):
        return Array(result)
    return tuple(map(_wrapped, result)) if isinstance(result, tuple) else result


def _bare(value):
    """Memory of arrays, wherever they are; NumPy's own are refused, as CuPy does."""
    if isinstance(value, np.ndarray):
        raise TypeError(f"Unsupported type {type(value)}")
    if isinstance(value, Array):
        return value.inner
    if isinstance(value, (list, tuple)):
        return type(value)(map(_bare, value))
    return {name: _bare(one) for name, one in value.items()} if isinstance(value, dict) else value


def _index(key):
    return tuple(map(_index, key)) if isinstance(key, tuple) else key.inner if isinstance(key, Array) else key


class Module:
    """NumPy's functions for these arrays."""

    __name__ = "cupy"
    ndarray = Array

    @property
    def lib(self):
        return SimpleNamespace(stride_tricks=SimpleNamespace(as_strided=self.as_strided))

    def as_strided(self, x, shape=None, strides=None):
        return Array(np.lib.stride_tricks.as_strided(x.inner, shape, strides))

    def asarray(self, value, dtype=None):
        if isinstance(value, Array) and dtype in (None, value.dtype):
            return value
        return self.array(value, dtype)

    def array(self, value, dtype=None):
        return Array(np.array(value if isinstance(value, np.ndarray) else _bare(value), dtype))

    def copyto(self, target, value, casting="same_kind", where=True):
        np.copyto(target.inner, _bare(value), casting, _bare(where))

    def __getattr__(self, name):
        function = getattr(np, name)
        if isinstance(function, type) or not callable(function):
            return function

        def of_arrays(*args, **options):
            if isinstance(function, np.ufunc) and "where" in options:
                raise TypeError(f"CuPy's {name} has no where=")
            return _wrapped(function(*_bare(args), **_bare(options)))

        return of_arrays


class Device(HostDevice):
    """`HostDevice` for arrays that are not NumPy's."""

    xp = Module()

    def as_array(self, x, name):
        if not isinstance(x, Array):
            raise TypeError(f"{name} must lie on the GPU, as the other arrays of the call do, got {type(x)}")
        storage_of(x.dtype, name)
        return x

    def address(self, array):
        return array.inner.ctypes.data

    def launch(self, name, threads, arguments, *block, **options):
        values = []
        for argument in arguments:
            if isinstance(argument, np.ndarray) and argument.ndim:
                raise TypeError(f"{name} was given an array of the host")
            values.append(np.uintp(self.address(argument)) if isinstance(argument, Array) else argument)
        super().launch(name, threads, values, *block, **options)


def host_fixture(names):
    """As `cuda_on_host.host_fixture`."""
    return cuda_on_host.host_fixture(names, Device)
