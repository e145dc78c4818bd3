"""Memory: nothing leaks over many small calls, and a large call needs little beside its result.

Kernels allocate with malloc, which tracemalloc does not see, so the process' resident size is measured, in processes of
their own.  `pytest --million` makes a million calls of each kind.
"""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells resident sizes in /proc"),
    pytest.mark.resident,
]

ELSEWHERE = Path(__file__).parent
"""Where subprocesses start: in the root, ``python -c`` would import the uncompiled tree."""

MAY_GROW = 1 << 18
"""Bytes that a process may grow by over all its calls: the smallest leak (malloc gives 32 bytes at least) shows after 8,192."""

HEAD = """
    import resource
    import numpy as np
    import cypool
    from cypool import layers

    x = np.ones((1, 2, 6, 6), np.float32)
    halves, wide = x.astype(np.float16), np.ones((1, 2, 9, 9))[..., ::-1]
    g = np.ones((1, 2, 3, 3), np.float32)
    index = cypool.max_pool2d(x, 2, return_indices=True)[1]
    far = index + 100
    mask = np.ones((6, 6), bool)
    layer = layers.MaxPool2d(2)

    def refused(error, function, *arguments, **p):
        try:
            function(*arguments, **p)
        except error:
            return
        raise AssertionError("accepted")

    def resident():
        return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    """


def run(script):
    command = [sys.executable, "-c", textwrap.dedent(HEAD) + textwrap.dedent(script)]
    done = subprocess.run(command, cwd=ELSEWHERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


CALLS = {
    "forward": ["cypool.max_pool2d(x, 2)", "cypool.avg_pool2d(halves, 3, 1, 1)", "cypool.min_pool(wide, 3, axes=(3, 2))",
                "cypool.max_pool2d(x, 2, return_indices=True)", "cypool.global_avg_pool(x)"],
    "backward": ["cypool.max_pool2d_backward(g, x, 2)", "cypool.max_pool2d_backward(g, x, 2, indices=index)",
                 "cypool.avg_pool2d_backward(g, x.shape, 2)", "cypool.max_pool2d_double_backward(x, g, x, 2)",
                 "layer(x), layer.backward(g)"],
    "errors": ["refused(ValueError, cypool.max_pool2d, x, 0)", "refused(ValueError, cypool.max_pool2d, x, 9)",
               "refused(TypeError, cypool.max_pool2d, 'x', 2)", "refused(ValueError, cypool.avg_pool2d, x, 2, out=x)",
               "refused(ValueError, cypool.max_pool2d_backward, g, x, 2, indices=far)"],
    "other parameters": ["cypool.avg_pool2d(x, 2, mask=mask)", "cypool.max_pool2d(x, 3, 1, 1, boundary='wrap')",
                         "cypool.max_pool2d(x, 2, index_layout='global', return_indices=True)",
                         "cypool.adaptive_max_pool2d(x, 4)", "cypool.sum_pool2d(x, 2, empty=1, nan='ignore')"],
    # geometries never seen before: the caches of plans are bounded
    "new geometries": ["cypool.max_pool2d(x, 2, 1 + i % 99991)", "cypool.avg_pool1d(x[0], 2, 1 + i % 99991)"],
}  # fmt: skip


@pytest.mark.parametrize("kind", CALLS)
def test_no_growth(kind, request):
    """The warm-up fills caches (of 1,024 plans each) and the allocator's pools; from then on nothing may stay."""
    calls = CALLS[kind]
    rounds = 1_000_000 // len(calls) if request.config.getoption("million") else 10_000
    grown = run(f"""
    def work(numbers):
        for i in numbers:
            {"; ".join(calls)}

    work(range(3000))
    before = resident()
    work(range(3000, 3000 + {rounds}))
    print(resident() - before)
    """)
    assert grown < MAY_GROW


# A call on 64 MB (or a view of it) with out=; the temporaries that it may need
LARGE = {
    "max": "cypool.max_pool2d(x, 3, 2, 1, out=out)",
    "max of a transposed view": "cypool.max_pool2d(x.swapaxes(-1, -2), 3, 2, 1, out=out)",
    "max of a reversed view": "cypool.max_pool2d(x[..., ::-1], 3, 2, 1, out=out)",
    "max, indices": "cypool.max_pool2d(x, 3, 2, 1, return_indices=True, out=(out, indices))",
    "max, large windows": "cypool.max_pool2d(x, 65, 2, 32, out=out)",
    "avg": "cypool.avg_pool2d(x, 3, 2, 1, out=out)",
    "avg, channels last": "cypool.avg_pool2d(x[0, ..., None], 2, out=out[0, ..., None], data_format='channels_last')",
    "avg, large windows": "cypool.avg_pool2d(x, 65, 2, 32, out=out)",
    "avg, backward": "cypool.avg_pool2d_backward(out, x.shape, 3, 2, 1, out=x)",
    "max, backward by indices": "cypool.max_pool2d_backward(out, x, 3, 2, 1, indices=indices, out=back)",
    "max, global": "cypool.global_max_pool(x, (1, 2))",
    "avg of halves": "cypool.avg_pool2d(x.view(np.float16), (3, 5), (2, 4), (1, 2), out=out.view(np.float16)[..., ::2])",
}


@pytest.mark.parametrize("call", LARGE.values(), ids=LARGE)
def test_little_temporary_memory(call):
    """Scratch is a few rows a thread: 4 MB is a sixteenth of the input."""
    grown = run(f"""
    x = np.ones((1, 4096, 4096), np.float32)
    out = np.ones((1, 2048, 2048), np.float32)
    indices = np.ones((1, 2048, 2048), np.int64) if "indices" in {call!r} else None
    if "back" in {call!r}:
        back = np.ones_like(x)
        indices = cypool.max_pool2d(x, 3, 2, 1, return_indices=True)[1]
    cypool.max_pool2d(x[:, :64, :64], 2)
    before = peak()
    {call}
    print(peak() - before)
    """)
    assert grown < 4 << 20


# Operators that are arithmetic around sums work on bands of a huge plane
BANDED = {
    "norm": "cypool.lp_pool2d(x, 3, 2, out=out)",
    "importance": "cypool.lip_pool2d(x, x, 2, out=out)",
    "deviation": "cypool.std_pool2d(x, 2, out=out)",
    "deviation, masked": "cypool.std_pool2d(x, 2, mask=mask, out=out)",
    "deviation of the plane's columns": "cypool.std_pool(x[0].T, 2, axes=(0, 1), out=out[0])",
    "norm, gradient": "cypool.lp_pool2d_backward(out, x, 3, 2, out=x2)",
    "soft, gradient": "cypool.soft_pool2d_backward(out, x, 2, out=x2)",
    "importance, gradient": "cypool.lip_pool2d_backward(out, x, x, 2, out=(x2, x3))",
    "deviation, gradient": "cypool.std_pool2d_backward(out, x, 2, out=x2)",
}


@pytest.mark.parametrize("call", BANDED.values(), ids=BANDED)
def test_temporary_memory_of_bands(call):
    """64 MB of one plane, for which some of these took 400 MB before there were bands."""
    grown = run(f"""
    x = np.random.default_rng(0).random((1, 4096, 4096), np.float32)
    out = np.ones((1, 2048, 2048), np.float32)
    x2, x3, mask = np.ones_like(x), np.ones_like(x), np.ones(x.shape, bool)
    cypool.std_pool2d(x[:, :64, :64], 2)
    before = peak()
    {call}
    print(peak() - before)
    """)
    assert grown < 24 << 20
