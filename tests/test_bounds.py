"""No byte beyond an array's own elements is read or written.

Arrays lie here at the end or at the beginning of memory that the process may touch: one byte more ends it, and the test run
with it, whose last line names the test.  Results lie in larger arrays, of which everything else must stay as it was.
"""

import ctypes
import itertools
import mmap
import os

import numpy as np
import pytest
from dtypes import same
from ways import OPS, numbers, setting, strided

import cypool
from cypool import config

pytestmark = pytest.mark.skipif(os.name == "nt", reason="mprotect is POSIX's")

LEVELS = config.get_config()["isa_built"]
DTYPES = ("float16", "float32", "float64", "uint8", "int16")  # of every width


def fenced(array, at_end=True):
    """A copy in C order between pages that may not be touched, its last byte or its first one beside one of them."""
    page = mmap.PAGESIZE
    size = -(-array.nbytes // page) * page
    memory = mmap.mmap(-1, size + 2 * page)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    protect.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    for edge in (start, start + page + size):
        assert protect(edge, page, 0) == 0  # PROT_NONE
    bytes_ = np.frombuffer(memory, np.uint8, array.nbytes, page + (size - array.nbytes if at_end else 0))
    view = bytes_.view(array.dtype).reshape(array.shape)
    view[...] = array
    return view


def fences(array):
    """The array at either end of memory, its rows in either order."""
    upside_down = np.ascontiguousarray(array[..., ::-1, :])
    for at_end in (True, False):
        yield fenced(array, at_end)
        yield fenced(upside_down, at_end)[..., ::-1, :]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", OPS)
def test_rows_shorter_than_a_vector(op, dtype, level):
    """The last row in memory may be the first of the plane."""
    rng = np.random.default_rng(5)
    pool = getattr(cypool, f"{op}_pool2d")
    more = {"return_indices": True} if op in ("max", "min") else {}
    with setting(level=level):
        for k, s, width in itertools.product([(3, 3), (2, 2), (5, 1), (4, 2)], [1, 2, 3], [3, 6, 13]):
            x = numbers(rng, (1, 7, width), dtype)
            p = {"stride": (s, 1), "padding": (k[0] // 2, k[1] // 2)}
            want = pool(strided(x), k, **p)
            for y in fences(x):
                same(pool(y, k, **p), want)
                if more:
                    same(pool(y, k, **p, **more)[0], want)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", ["max", "min"])
def test_results_whose_rows_lie_backwards(op, dtype, level):
    """Short rows of values and indices may be written beyond their ends only where the next one follows."""
    pool = getattr(cypool, f"{op}_pool2d")
    x = numbers(np.random.default_rng(6), (2, 9, 11), dtype)
    with setting(level=level):
        for k, layout, (a, b) in itertools.product(
            [2, 3], ["plane", "window"], itertools.product([1, -1, 2, -2], repeat=2)
        ):
            p = {"stride": (1, 3), "padding": 1, "return_indices": True, "index_layout": layout}
            want = pool(x, k, **p)
            values, indices = (
                np.zeros((2, abs(step) * w.shape[1], w.shape[2]), w.dtype) for w, step in zip(want, (a, b), strict=True)
            )
            pool(x, k, **p, out=(values[:, ::a], indices[:, ::b]))
            for got, w, step in zip((values, indices), want, (a, b), strict=True):
                same(got[:, ::step], w)
                assert step in (1, -1) or not got[:, (0 if step < 0 else 1) :: 2].any()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_misaligned_results_of_swapped_gradients(dtype):
    """What the sanitizers watch: elements where no element of their type may be."""
    x = np.random.default_rng(7).random((2, 3, 9, 8)).astype(dtype)
    y = cypool.max_pool2d(x, 3, 2)
    swapped = x.astype(x.dtype.newbyteorder())
    for layout in ("plane", "window"):
        index = cypool.max_pool2d(x, 3, 2, return_indices=True, index_layout=layout)[1]
        out = np.zeros(y.nbytes + 1, np.uint8)[1:].view(dtype).reshape(y.shape)
        where = np.zeros(index.nbytes + 1, np.uint8)[1:].view(index.dtype.newbyteorder()).reshape(index.shape)
        where[...] = index
        p = {"index_layout": layout, "out": out, "indices": where}
        same(cypool.max_pool2d_double_backward(swapped, y, x, 3, 2, **p), y)
