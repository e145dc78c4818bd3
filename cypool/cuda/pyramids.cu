/* Pyramids: the most frequent cell of each window.
 *
 * A thread has a window.  On a walk over it the smallest labels are counted, a few at a time, sorted; the next walk counts those
 * above them, until no label can be more frequent than the best so far.  So a window with few labels is walked once, and nothing is
 * stored.  Means, maxima and minima are those of kernels.cu.
 */

enum { CENSUS_LABELS = 8 }; /* that are counted on one walk */

/* Labels are numbers in their order, behind them NaN, which is one label. */
template <class Value> __device__ inline bool comes_before(Value a, Value b) {
    return a < b || (b != b && a == a);
}

template <class Value> __device__ inline bool is_same_label(Value a, Value b) {
    return a == b || (a != a && b != b);
}

template <class T, class Offset> struct LabelCensus {
    typedef typename Storage<T>::Value Value;
    const T *x;
    const bool *mask;           /* null: all cells count */
    bool ignoring;              /* NaN does not count */
    bool again;                 /* only labels behind `last` are counted */
    Value last, label[CENSUS_LABELS];
    long long count[CENSUS_LABELS], cells, walked;
    int n;

    __device__ inline void offer(Value value, long long times) {
        int at = 0;
        cells += times;
        if (again && !comes_before(last, value))
            return;
        while (at < n && comes_before(label[at], value))
            at++;
        if (at < n && is_same_label(label[at], value)) {
            count[at] += times;
            return;
        }
        if (at == CENSUS_LABELS)
            return;
        n += n < CENSUS_LABELS;
        for (int i = n - 1; i > at; i--) {
            label[i] = label[i - 1];
            count[i] = count[i - 1];
        }
        label[at] = value;
        count[at] = times;
    }

    __device__ inline void visit(const Tap<Offset> &tap) {
        walked++;
        if (is_left_out(mask, tap.fourth))
            return;
        Value value = (Value)(Storage<T>::load(x[tap.source]) + (Value)0); /* of zeros there is one */
        if (!ignoring || value == value)
            offer(value, 1);
    }
};

/* Of equally frequent labels the smallest; 0 of none.  `whole`: taps of a window that zeros fill up, else 0. */
template <class T, class Offset>
__global__ void cypool_pyramid_mode(
    Layout l, const Offset *tables, const T *x, const bool *mask, T *out, int ignoring, long long whole) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        LabelCensus<T, Offset> census;
        typename Storage<T>::Value best = 0;
        long long most = 0, left = 0;
        census.x = x, census.mask = mask, census.ignoring = ignoring, census.again = false, census.last = 0;
        do {
            census.n = 0, census.cells = 0, census.walked = 0;
            walk<false>(l, tables, s, census);
            if (whole > census.walked)
                census.offer(0, whole - census.walked);
            left = census.again ? left : census.cells;
            for (int k = 0; k < census.n; k++) {
                left -= census.count[k];
                if (census.count[k] > most) {
                    most = census.count[k];
                    best = census.label[k];
                }
                census.last = census.label[k];
            }
            census.again = true;
        } while (census.n == CENSUS_LABELS && left > most);
        out[s.target] = Storage<T>::store(best);
    }
}
