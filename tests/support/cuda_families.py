"""Tests of families' kernels: arrays moved to a device and back, and cases of a test module under an address sanitizer."""

import ctypes
import importlib
import sys
from pathlib import Path

import cuda_on_host
import numpy as np
import pytest

needs_compiler = pytest.mark.skipif(cuda_on_host.compiler() is None, reason="no C++ compiler that knows _Float16")


def placed(device, value):
    """Arrays moved to the device, wherever they are among arguments."""
    if isinstance(value, dict):
        return {name: placed(device, one) for name, one in value.items()}
    return cuda_on_host.there(device, value) if isinstance(value, np.ndarray) else value


def fetched(result):
    """A result, or each of several, in the host's memory."""
    return tuple(map(cuda_on_host.here, result)) if isinstance(result, tuple) else cuda_on_host.here(result)


def no_address_is_wrong(folder, names, module):
    """`every_case` of a test module, under an address sanitizer."""
    module = module.rpartition(".")[2]
    done = cuda_on_host.sanitized(folder, cuda_on_host.source(), names, module, script=__file__)
    assert done.returncode == 0 and "all cases agree" in done.stdout, done.stderr


def main(library, module):
    """Every case of a test module by a library of kernels."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    importlib.import_module(module).every_case(cuda_on_host.HostDevice(ctypes.CDLL(library)))
    print("all cases agree")


if __name__ == "__main__":
    main(*sys.argv[1:])
