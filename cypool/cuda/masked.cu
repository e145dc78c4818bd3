/* ---- cells that do not count, and weights ------------------------------------------------------------------------------ */

/* What cypool/masked.py composes of kernels and arrays is one walk here: a visitor skips the cells that are not valid and adds up
 * what the others weigh.  A mask or weights that are not given are null.  `fourth` are the mask's places, `fifth` the weights'.
 */

/* Which cells count where NaN do not. */
template <class T, class Offset>
__global__ void cypool_numbers(Layout l, const Offset *tables, const T *x, const bool *mask, bool *out) {
    (void)tables;
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        typename Storage<T>::Value value = Storage<T>::load(x[s.source]);
        out[s.target] = value == value && (!mask || mask[s.fourth]);
    }
}

template <class T, int SIGN, class Offset> struct BestValid {
    Best<T, SIGN, Offset> best;
    const bool *mask;

    __device__ inline void visit(const Tap<Offset> &tap) {
        if (mask[tap.fourth])
            best.visit(tap);
    }
};

/* M over the valid cells; `nothing` where there are none. */
template <class T, int SIGN, class Offset>
__global__ void cypool_select_valid(
    Layout l, const Offset *tables, const T *x, const bool *mask, T *out, void *indices, int kind, T nothing) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        BestValid<T, SIGN, Offset> valid = {{x, Storage<T>::load(nothing), -1}, mask};
        walk<false>(l, tables, s, valid);
        store_selected(l, tables, s, valid.best, out, indices, kind);
    }
}

/* Valid cells of a window, what they weigh, and their sum. */
template <class T, class Sum, class W, class Offset> struct Weighed {
    const T *x; /* null: only to be weighed */
    const bool *mask;
    const W *weights;
    Sum sum;
    double weight;
    long long cells;

    __device__ inline void visit(const Tap<Offset> &tap) {
        if (mask && !mask[tap.fourth])
            return;
        double own = weights ? (double)Storage<W>::load(weights[tap.fifth]) : 1.0;
        cells++;
        weight += own;
        if (x) {
            Sum value = (Sum)Storage<T>::load(x[tap.source]);
            sum += weights ? value * (Sum)own : value;
        }
    }
};

/* Rule 3's divisor of a window, less what its cells lack of weight 1. */
template <class Offset>
__device__ inline double divisor_of(const Layout &l, const Offset *tables, const Spot<Offset> &s, double weight) {
    double share = 1, cells = 1;
    Positions<Offset> positions(l, tables, s);
    for (int axis = l.rank - 1; axis >= 0; axis--) {
        Row<Offset> row = positions.back(axis);
        share *= (double)row.share;
        cells *= (double)row.count;
    }
    return share - cells + weight;
}

/* NaN over 0, whatever the sum; of integers 0. */
template <class T> __device__ inline double over(double sum, double divisor, int) {
    return divisor == 0 ? (double)float_of_bits(0x7fc00000u) : sum / divisor;
}

template <class T> __device__ inline unsigned long long over(unsigned long long sum, double divisor, int rounding) {
    return quotient<T>(sum, divisor, rounding);
}

/* S over the valid cells, each times its weight, divided or not; `nothing`, if it is given, where there are none. */
template <class T, class Sum, class Out, class W, class Offset>
__global__ void cypool_total_valid(
    Layout l, const Offset *tables, const T *x, const bool *mask, const W *weights, Out *out, int how, double divisor,
    int rounding, int fills, Out nothing) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Weighed<T, Sum, W, Offset> found = {x, mask, weights, 0, 0.0, 0};
        walk<false>(l, tables, s, found);
        if (how != UNDIVIDED) {
            double by = how == BY_NUMBER ? divisor : divisor_of(l, tables, s, found.weight);
            found.sum = over<typename Storage<T>::Value>(found.sum, by, rounding);
        }
        out[s.target] = fills && found.cells == 0 ? nothing : Storage<Out>::store(found.sum);
    }
}

/* What each window sends a valid cell of weight 1: its gradient, divided. */
template <class T, class W, class Offset>
__global__ void cypool_sent(
    Layout l, const Offset *tables, const T *gradient, const bool *mask, const W *weights, double *out, int how, double divisor) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Weighed<T, double, W, Offset> found = {0, mask, weights, 0.0, 0.0, 0};
        walk<false>(l, tables, s, found);
        double sent = (double)Storage<T>::load(gradient[s.third + s.third_pooled]);
        if (how != UNDIVIDED)
            sent = over<double>(sent, how == BY_NUMBER ? divisor : divisor_of(l, tables, s, found.weight), 0);
        out[s.target] = sent;
    }
}

/* For every cell the sum of what its windows send, times its own weight. */
template <class T, class W, class Offset>
__global__ void cypool_received_valid(
    Layout l, const Offset *tables, const double *sent, const bool *mask, const W *weights, T *out) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Total<double, double, Offset> total = {sent, 0.0};
        if (!mask || mask[s.fourth + s.fourth_pooled]) {
            walk<false>(l, tables, s, total);
            total.sum *= weights ? (double)Storage<W>::load(weights[s.fifth + s.fifth_pooled]) : 1.0;
        }
        out[s.target] = Storage<T>::store(total.sum);
    }
}

/* What windows send, times how far a cell is from their mean; where the divisor is fixed, times the cell. */
template <class Offset> struct PulledWeight {
    const double *sent, *mean;
    double x, sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        sum += sent[tap.source] * (mean ? x - mean[tap.source] : x);
    }
};

/* For every cell the gradient of its weight. */
template <class T, class Offset>
__global__ void cypool_weights_gradient(
    Layout l, const Offset *tables, const double *sent, const double *mean, const T *x, const bool *mask, double *out) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        PulledWeight<Offset> pulled = {sent, mean, (double)Storage<T>::load(x[s.third + s.third_pooled]), 0.0};
        if (!mask || mask[s.fourth + s.fourth_pooled])
            walk<false>(l, tables, s, pulled);
        out[s.target] = pulled.sum;
    }
}
