/* Grey dilation and erosion on a GPU, and their gradients.
 *
 * A thread has one window: the largest of its cells, times `sign`, plus the structuring element's, compared in float, or in
 * double for double.  For gradients it records which cell it chose and at which tap; the cells' gradient is then
 * `cypool_scatter`'s, the element's a sum over the windows that chose the tap, by chunks of a plane.
 */

/* Taps of the axes before the last two: where the one of this number stands in the structuring element. */
template <class Offset>
__device__ inline long long leading_element(const Layout &l, const Offset *tables, Offset lead, Offset number) {
    long long element = 0, scale = 1;
    for (int axis = l.rank - 3; axis >= 0; axis--) {
        Offset extent = (Offset)l.extent[l.outer + axis], before = lead / extent;
        Row<Offset> row = row_at(tables, l.table[axis], lead - before * extent);
        lead = before;
        element += (row.skip + number % row.count) * scale;
        number /= row.count;
        scale *= l.window[axis];
    }
    return element;
}

/* As `walk`, with each tap's number in the unclipped window. */
template <class Offset, class Visitor>
__device__ inline void walk_elements(const Layout &l, const Offset *tables, const Spot<Offset> &s, Visitor &visitor) {
    const int across = l.rank - 1, down = l.rank - 2;
    const Row<Offset> rows = row_at(tables, l.table[down], s.middle), columns = row_at(tables, l.table[across], s.last);
    const Offset taps = leading_taps(l, tables, s.lead);
    if (rows.count == 0 || columns.count == 0)
        return;
    for (Offset number = 0; number != taps; number++) {
        const Tap<Offset> begin = {s.source, s.third, 0, 1.0, s.fourth, s.fifth, false};
        const Tap<Offset> lead = leading_tap<false>(l, tables, s.lead, number, begin);
        const long long line = leading_element(l, tables, s.lead, number) * l.window[down] + rows.skip;
        for (Offset i = 0; i != rows.count; i++) {
            const Tap<Offset> row = tap_along<false>(l, tables, down, lead, rows.first + i * (Offset)l.step[down]);
            const long long element = (line + i) * l.window[across] + columns.skip;
            for (Offset j = 0; j != columns.count; j++)
                visitor.visit(tap_along<false>(l, tables, across, row, columns.first + j * (Offset)l.step[across]), element + j);
        }
    }
}

template <class T, class Offset> struct Raised {
    typedef typename Storage<T>::Value Value;
    const T *x;
    const Value *element;
    Value sign, best;
    bool ignore;
    Offset plane;
    long long tap;

    /* The first of equal ones, the last NaN; a tap of -inf is none. */
    __device__ inline void visit(const Tap<Offset> &at, long long number) {
        Value raise = element[number];
        if (raise == -(Value)float_of_bits(0x7f800000u))
            return;
        Value value = sign * Storage<T>::load(x[at.source]) + raise;
        bool nan = value != value;
        if (value > best || (nan && !ignore) || (plane < 0 && !nan)) {
            best = value;
            plane = at.plane;
            tap = number;
        }
    }
};

template <class T, class Offset>
__device__ inline Raised<T, Offset> raised_at(const Layout &l, const Offset *tables, const Spot<Offset> &s, const T *x,
                                              const typename Storage<T>::Value *w, int sign, int ignore) {
    typedef typename Storage<T>::Value Value;
    Raised<T, Offset> raised = {x, w + s.third, (Value)sign, -(Value)float_of_bits(0x7f800000u), ignore != 0, -1, -1};
    walk_elements(l, tables, s, raised);
    return raised;
}

/* `third` is where a plane's structuring element begins. */
template <class T, class Offset>
__global__ void cypool_raised(Layout l, const Offset *tables, const T *x, const typename Storage<T>::Value *w, T *out, int sign,
                              int ignore, double empty) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Raised<T, Offset> raised = raised_at(l, tables, s, x, w, sign, ignore);
        out[s.target] = raised.plane < 0 ? Storage<T>::store(empty) : Storage<T>::store(raised.sign * raised.best);
    }
}

/* Which cell each window chose, and at which tap; -1 for none. */
template <class T, class Offset>
__global__ void cypool_raised_records(Layout l, const Offset *tables, const T *x, const typename Storage<T>::Value *w,
                                      long long *planes, long long *taps, int sign, int ignore) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Raised<T, Offset> raised = raised_at(l, tables, s, x, w, sign, ignore);
        planes[s.target] = raised.plane;
        taps[s.target] = raised.tap;
    }
}

struct TapSums { /* cypool.cuda.morphology.SUMS */
    long long total, outputs, chunks, length, taps;
};

/* For every plane, chunk of its windows and tap, what the windows give that chose the tap; all arrays are dense. */
template <class G> __global__ void cypool_tap_sums(TapSums l, const G *gradient, const long long *taps, double *out, int sign) {
    EACH_ELEMENT(i) {
        long long tap = i % l.taps, chunk = i / l.taps % l.chunks, plane = i / l.taps / l.chunks * l.outputs;
        long long end = (chunk + 1) * l.length < l.outputs ? (chunk + 1) * l.length : l.outputs;
        double sum = 0;
        for (long long o = chunk * l.length; o < end; o++)
            if (taps[plane + o] == tap)
                sum += (double)Storage<G>::load(gradient[plane + o]);
        out[i] = sign * sum;
    }
}
