"""Pool by the C++ extension's own threads, with the GIL and without, and compare with Python."""

import numpy as np
import pooled_cpp

import cypool

x = np.random.default_rng(0).standard_normal((50, 19, 31))
want = cypool.avg_pool2d(x, (2, 3), ceil_mode=True)
for release_gil in (False, True):
    out = np.empty_like(want)
    pooled_cpp.avg_pool(x, out, 19, 31, release_gil)
    assert out.tobytes() == want.tobytes()
    print(
        f"C++ extension, {'without' if release_gil else 'with'} the GIL: four threads, one plan, averages as Python's"
    )
try:
    pooled_cpp.avg_pool(x, out, 1, 0, True)
except ValueError as error:
    print(f"C++ extension, a shape that cannot be pooled: {error}")
else:
    raise AssertionError("a shape that cannot be pooled was accepted")
