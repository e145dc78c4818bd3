"""Pooling where CuPy's arrays lie: the same functions, on a GPU.

Nothing is called by this module's names: ``cypool.max_pool2d(x, 2)`` of a CuPy array, or of a CUDA tensor of torch, comes here
by itself and gives a CuPy array.  `available` tells whether that can work on this machine, `device` why it cannot.

How data runs: `cypool.engine` reads parameters, resolves windows and allocates results, as it does for the host, with CuPy in
NumPy's place; `windows.DeviceWindows` stands for `cypool.windows.Windows`, turns strides and tables into a kernel's arguments,
and `cupy_device.CupyDevice` compiles `source.text` and launches.  CuPy is imported when the first array comes.
"""

from functools import lru_cache

__all__ = ["available", "device"]


@lru_cache(maxsize=1)
def device():
    """What computes for arrays on a GPU.

    Returns
    -------
    CupyDevice

    Raises
    ------
    ImportError
        CuPy is not installed, or cannot be imported; the message says what is missing.
    RuntimeError
        CuPy finds no GPU, or no driver.
    """
    try:
        import cupy
    except ImportError as error:
        raise ImportError(f"cypool.cuda needs CuPy, for CUDA 13 from pip install 'cypool[cuda]': {error}") from error
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        raise RuntimeError(
            f"cypool.cuda needs a GPU and its driver, but CuPy {cupy.__version__} says: {error}"
        ) from error
    if count < 1:
        raise RuntimeError(f"cypool.cuda needs a GPU, but CuPy {cupy.__version__} finds none")
    from cypool.cuda.cupy_device import CupyDevice

    return CupyDevice(cupy)


def available():
    """Whether arrays on a GPU can be pooled here.

    Returns
    -------
    bool

    Examples
    --------
    >>> import cypool.cuda
    >>> cypool.cuda.available() in (True, False)
    True
    """
    try:
        device()
    except (ImportError, RuntimeError):
        return False
    return True
