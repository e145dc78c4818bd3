"""Pool by the Cython extension, with the GIL and without, and compare with Python."""

import numpy as np
import pooled_cython

import cypool

x = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
want = cypool.sum_pool2d(x, 4, data_format="channels_last")
for release_gil in (False, True):
    out = np.empty_like(want)
    pooled_cython.sum_pool(x, out, release_gil)
    assert (out == want).all()
    print(f"Cython extension, {'without' if release_gil else 'with'} the GIL: sums of a picture as Python's")
try:
    pooled_cython.sum_pool(x, out[1:], True)
except ValueError as error:
    print(f"Cython extension, an array that is too small: {error}")
else:
    raise AssertionError("an array that is too small was accepted")
