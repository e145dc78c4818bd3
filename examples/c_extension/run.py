"""Pool by the C extension, with the GIL and without, and compare with Python."""

import numpy as np
import pooled_c

import cypool

x = np.random.default_rng(0).standard_normal((2, 3, 30, 40), np.float32)[:, :, ::-1, ::2]
want, places = cypool.max_pool2d(x, 3, 2, 1, return_indices=True)
grad = cypool.max_pool2d_backward(want, x, 3, 2, 1, indices=places)
for release_gil in (False, True):
    out, indices, back = np.empty_like(want), np.empty_like(places), np.empty(x.shape, np.float32)
    pooled_c.max_pool(x, out, indices, release_gil)
    pooled_c.max_pool_backward(out, indices, back, release_gil)
    assert out.tobytes() == want.tobytes() and (indices == places).all() and back.tobytes() == grad.tobytes()
    print(f"C extension, {'without' if release_gil else 'with'} the GIL: maxima, indices and gradient as Python's")
try:
    pooled_c.max_pool(x, want[:, :, 1:], places, True)
except ValueError as error:
    print(f"C extension, an array that is too small: {error}")
else:
    raise AssertionError("an array that is too small was accepted")
