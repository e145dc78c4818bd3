"""Threads that wait on the host as on a GPU: the stand-in's barriers, and that one which is missing is found."""

import cuda_on_host
import numpy as np
import pytest
from cuda_on_host import HostDevice

TURNS = """
__global__ void turns(const int *x, int *out, int rounds) {
    __shared__ int tile[64];
    int own = x[blockIdx.x * blockDim.x + threadIdx.x], last = (int)blockDim.x - 1;
    for (int round = 0; round < rounds; round++) {
        tile[threadIdx.x] = own;
        __syncthreads(); /* written before it is read */
        own = tile[last - (int)threadIdx.x] + 1;
        __syncthreads(); /* read before it is written again */
    }
    out[blockIdx.x * blockDim.x + threadIdx.x] = own;
}
"""

PLANTED = {
    "read too early": "__syncthreads(); /* written before it is read */",
    "written too early": "__syncthreads(); /* read before it is written again */",
}


def turned(folder, text, blocks=3, block=16, rounds=5):
    """What the kernel makes of an array, and what it should make."""
    device = HostDevice(cuda_on_host.build(folder, text, ["turns"]))
    x = np.random.default_rng(1).integers(0, 100, (blocks, block)).astype(np.int32)
    out = np.zeros_like(x)
    device.launch("turns", x.size, (x, out, np.int32(rounds)), block=block)
    return out, (x[:, ::-1] if rounds % 2 else x) + rounds


pytestmark = pytest.mark.skipif(cuda_on_host.compiler() is None, reason="no C++ compiler that knows _Float16")


@pytest.mark.parametrize("block", [1, 2, 64])
def test_threads_wait(tmp_path, block):
    np.testing.assert_array_equal(*turned(tmp_path, TURNS, block=block))


@pytest.mark.parametrize("fault", PLANTED)
def test_a_missing_barrier_is_found(tmp_path, fault):
    assert TURNS.count(PLANTED[fault]) == 1
    out, want = turned(tmp_path, TURNS.replace(PLANTED[fault], ""))
    assert (out != want).any()


def test_a_barrier_that_not_all_reach_is_refused(tmp_path):
    text = TURNS.replace("{\n        tile", "{\n        if (own == x[0])\n            break;\n        tile")
    assert text != TURNS
    with pytest.raises(AssertionError, match="turns"):
        turned(tmp_path, text)
