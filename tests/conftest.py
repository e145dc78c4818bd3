"""Options and profiles of the whole suite.

`--million` runs the memory tests in full; `--hypothesis-profile=long` draws 20,000 examples where CI draws
200, and draws them anew each time: a change is judged by the same examples as the one before it.
"""

import pytest
from hypothesis import settings

settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True)
settings.register_profile("long", max_examples=20_000, deadline=None)
settings.register_profile(
    "device", max_examples=40, deadline=None, derandomize=True
)  # asv_bench.device: kernels are compiled
settings.load_profile("ci")


def pytest_addoption(parser):
    parser.addoption(
        "--million", action="store_true", help="a million small calls in test_memory.py, not fifty thousand"
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "resident: measures the resident size, which a sanitizer's allocator changes")


@pytest.fixture(scope="module", params=["host", "gpu"])
def device(request):
    """Where the arrays of a test lie; of the module's own fixture ``host``, made by `host_fixture`, or a GPU."""
    if request.param == "gpu":
        from cuda_on_host import NO_GPU

        import cypool.cuda

        if NO_GPU is not None:
            pytest.skip(NO_GPU)
        return cypool.cuda.device()
    return request.getfixturevalue("host")
