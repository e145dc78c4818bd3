/* Unpooling and fractional pooling on a GPU: values that stand anywhere in their planes, and windows at places of their own.
 *
 * Many values may name one cell.  The last of them in row-major order is found by the maximum of their numbers, which is an
 * atomic one of whole numbers, the same in any order.  What they add up to is read from values that the host has sorted by
 * cell, in row-major order for each: no atomics of floats.
 */

/* Elements from a plane's origin, along the axes of `source`, to one of its cells. */
template <class Offset> __device__ inline Offset cell_place(const Layout &l, long long cell) {
    Offset at = 0, plane = (Offset)cell;
    for (int axis = l.rank - 1; axis >= 0; axis--) {
        Offset before = plane / (Offset)l.cells[axis];
        at += (plane - before * (Offset)l.cells[axis]) * (Offset)l.source[l.outer + axis];
        plane = before;
    }
    return at;
}

/* Into `winners`, which are 0, for every cell one more than the number of the last value that stands there. */
template <class Offset>
__global__ void cypool_claim(Layout l, const Offset *tables, const long long *positions, unsigned long long *winners) {
    (void)tables;
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        long long cell = positions[s.target];
        if (cell >= 0)
            atomicMax(winners + s.source + cell_place<Offset>(l, cell), (unsigned long long)position_of(l, s) + 1);
    }
}

/* Every cell's value, 0 where there is none. */
template <class T, class Offset>
__global__ void cypool_claimed(Layout l, const Offset *tables, const T *x, const unsigned long long *winners, T *out) {
    (void)tables;
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        unsigned long long winner = winners[s.third + s.third_pooled];
        out[s.target] = winner ? x[s.source + cell_place<Offset>(l, (long long)winner - 1)] : Storage<T>::store(0);
    }
}

/* For every cell, by its number in the array, the sum of the values that stand there: a run of equal keys. */
template <class T, class Offset>
__global__ void cypool_runs(Layout l, const Offset *tables, const long long *keys, const T *values, T *out, long long count) {
    (void)tables;
    EACH_ELEMENT(i) {
        long long low = 0, high = count;
        while (low < high) {
            long long middle = low + (high - low) / 2;
            if (keys[middle] < i)
                low = middle + 1;
            else
                high = middle;
        }
        double sum = 0;
        for (; low < count && keys[low] == i; low++)
            sum += (double)Storage<T>::load(values[low]);
        out[spot_of<Offset>(l, i).target] = Once<T>::store(sum);
    }
}

struct Fraction { /* cypool.cuda.placed.FRACTION */
    long long window[3];
    int masked, unused;
};

/* The position of each window's largest valid cell, -1 for none.  `starts` has a row for each plane (which `third` finds): the
 * first cells of the windows along three axes, one axis behind the other.  The mask lies as x does. */
template <class T, class Offset>
__global__ void cypool_fractional(Layout l, const Offset *tables, const T *x, const unsigned char *valid, const long long *starts,
                                  long long *index, Fraction fraction) {
    (void)tables;
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        const long long *extent = l.extent + l.outer, *first = starts + s.third;
        const Offset down = (Offset)first[s.lead % (Offset)extent[0]], row = (Offset)first[extent[0] + s.middle];
        const Offset column = (Offset)first[extent[0] + extent[1] + s.last];
        Best<T, 1, Offset> best = {x, 0, -1};
        const Tap<Offset> begin = {s.source, 0, 0, 1.0, 0, 0, false};
        for (Offset a = 0; a < fraction.window[0]; a++)
            for (Offset b = 0; b < fraction.window[1]; b++) {
                const Tap<Offset> lead = tap_along<false>(l, tables, 1, tap_along<false>(l, tables, 0, begin, down + a), row + b);
                for (Offset c = 0; c < fraction.window[2]; c++) {
                    const Tap<Offset> tap = tap_along<false>(l, tables, 2, lead, column + c);
                    if (!fraction.masked || valid[tap.source])
                        best.visit(tap);
                }
            }
        index[s.target] = best.plane;
    }
}
