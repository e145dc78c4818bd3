"""Programs that sort columns side by side: which rows to compare and exchange, so that wanted ranks are in their places.

A step is (row a, row b, kind), a < b: kind 0 leaves the smaller of both in a and the larger in b, kind 1 only the smaller
in a, kind 2 only the larger in b.  Programs depend on the number of rows and the wanted ranks alone.
"""

from functools import lru_cache

import numpy as np

MOST = 225
"""Rows up to which columns are sorted side by side (windows of 15 x 15); more go window by window."""


def merge_exchange(n):
    """Pairs of rows whose comparisons, in this order, sort n rows (Knuth's algorithm 5.2.2 M, after Batcher)."""
    top = 1 << max((n - 1).bit_length() - 1, 0)
    p = top
    while p > 0 and n > 1:
        q, r, d = top, 0, p
        while True:
            yield from ((i, i + d) for i in range(n - d) if i & p == r)
            if q == p:
                break
            d, q, r = q - p, q >> 1, p
        p >>= 1


@lru_cache(maxsize=1024)
def program(n, ranks):
    """The steps that bring the wanted ranks of n rows to their places.

    Parameters
    ----------
    n : int
    ranks : tuple of int
        From 0, the least, to n - 1.

    Returns
    -------
    tuple of (int, int, int)
    """
    wanted, steps = set(ranks), []
    for a, b in reversed(list(merge_exchange(n))):
        low, high = a in wanted, b in wanted
        if low or high:
            steps.append((a, b, 0 if low and high else 1 if low else 2))
            wanted.update((a, b))
    return tuple(reversed(steps))


@lru_cache(maxsize=256)
def programs(counts, wanted):
    """The programs for some numbers of rows, as the kernels take them.

    Parameters
    ----------
    counts : frozenset of int
    wanted : callable
        The wanted ranks of n rows.

    Returns
    -------
    steps : numpy.ndarray of int32, shape (steps, 3)
    begin : numpy.ndarray of intp
        The steps for n rows are begin[n] to begin[n + 1].
    """
    counts = {n for n in counts if 0 < n <= MOST}
    steps, begin = [], [0, 0]
    for n in range(1, max(counts, default=0) + 1):
        if n in counts:
            steps += program(n, wanted(n))
        begin.append(len(steps))
    return np.array(steps, np.int32).reshape(-1, 3).ravel(), np.array(begin, np.intp)
