"""Programs that sort columns side by side: which rows to compare and exchange, so that wanted ranks are in their places.

A step is (row a, row b, kind): kind 0 leaves the smaller of both in a and the larger in b, kind 1 only the smaller
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


def tournament(n, k):
    """Pairs of rows, (the smaller's, the larger's), that bring the k largest of n rows, sorted, to the last k rows.

    Groups of k are sorted; the largest of each cell and its opposite of the next group are the k largest of both, and sorted
    again.
    """
    pairs = []

    def sort(rows):
        pairs.extend((rows[a], rows[b]) for a, b in merge_exchange(len(rows)))

    groups = [list(range(max(end - k, 0), end)) for end in range(n, 0, -k)]
    for group in groups:
        sort(group)
    best = groups[0]
    for group in groups[1:]:
        pairs += zip(
            reversed(group), best, strict=False
        )  # the smallest cells of the best meet the largest of the group
        if k & (k - 1):
            sort(best)
        else:  # what rises and then falls is sorted by halves
            half = k // 2
            while half:
                pairs += [(best[i], best[i + half]) for i in range(k) if not i & half]
                half //= 2
    return pairs


def _needed(pairs, ranks):
    """The steps of these pairs that the wanted ranks depend on."""
    wanted, steps = set(ranks), []
    for a, b in reversed(list(pairs)):
        low, high = a in wanted, b in wanted
        if low or high:
            steps.append((a, b, 0 if low and high else 1 if low else 2))
            wanted.update((a, b))
    return tuple(reversed(steps))


@lru_cache(maxsize=1024)
def program(n, ranks):
    """The steps that bring the wanted ranks of n rows to their places: the shortest of those that are known here.

    Parameters
    ----------
    n : int
    ranks : tuple of int
        From 0, the least, to n - 1.

    Returns
    -------
    tuple of (int, int, int)
    """
    largest, smallest = n - min(ranks), max(ranks) + 1
    known = [_needed(merge_exchange(n), ranks)]
    if 2 * largest <= n:
        known.append(_needed(tournament(n, largest), ranks))
    if 2 * smallest <= n:
        known.append(_needed([(n - 1 - b, n - 1 - a) for a, b in tournament(n, smallest)], ranks))
    return min(known, key=lambda steps: sum(2 if kind == 0 else 1 for *_, kind in steps))


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
