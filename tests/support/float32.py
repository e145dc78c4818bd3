"""What float32 arithmetic may cost norms and smooth maxima: the statement of docs/design/0010, as formulas for tests.

u is 2**-24, s the taps of a window along all axes, which its sum adds up one after the other.
"""

import numpy as np

U = 2.0**-24


def applies(*dtypes):
    """Whether all arrays have at most 32 bits, so that float32 arithmetic is allowed."""
    return all(dtype.kind not in "iub" and dtype.itemsize <= 4 for dtype in dtypes)


def reach(size, b):
    """Cells beyond this have no weight, or send their plane to float64."""
    return min(size, 90 / abs(b)) if b else size


def forward(op, want, size, b, s):
    """Of a result: lse's is absolute, soft's and lip's relative to the largest cell, those of norms and power means relative."""
    if op == "lse":
        return U * ((6 + s) / abs(b) + 4 * reach(size, b))
    if op in ("soft", "lip"):
        return U * (12 + 2 * s) * (size if op == "lip" else reach(size, b))
    with np.errstate(invalid="ignore"):
        return U * (12 + s) * np.abs(want)


def backward(op, total, size, b, s):
    """Of the gradient of a cell, beside windows whose gradients add up to `total` in magnitude."""
    if op in ("lse", "lip"):
        return U * (16 + 2 * s) * total
    if op == "soft":
        return U * (16 + 2 * s) * (1 + 2 * abs(b) * reach(size, b)) * total
    return U * (16 + 2 * s + 6 * abs(b)) * total


def slope(op, total, size, b, s, eps=1.0):
    """Of the gradient of the exponent: a sum of terms that cancel, so relative to what they are made of."""
    if op == "lse":
        return U * (24 + 2 * s) * total * (2 * reach(size, b) + 4 / abs(b)) / abs(b)
    if op == "soft":
        return U * (24 + 2 * s) * total * 4 * reach(size, b) ** 2
    logarithm = max(abs(np.log(eps)), np.log(max(size, 1)))
    return U * (24 + 2 * s + 6 * abs(b)) * total * max(size, eps) * 2 * logarithm / abs(b)
