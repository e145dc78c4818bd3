/* Segments and sequences: the logarithm of the sum of exponentials, and the weighted sum over the root of the weights' squares.
 *
 * A segment is a window, and its other operations are those of kernels.cu and masked.cu.  Both are computed in double, as on the
 * host.  `fourth` are the mask's places, `fifth` the weights'; null if they are not given.
 */

__device__ inline bool is_left_out(const bool *mask, long long at) {
    return mask && !mask[at];
}

template <class T, class Offset> struct SegmentExponentials {
    const T *x;
    const bool *mask;
    double most, sum;
    long long cells;
    bool again; /* the largest cell is known: add */

    __device__ inline void visit(const Tap<Offset> &tap) {
        if (is_left_out(mask, tap.fourth))
            return;
        const double value = (double)Storage<T>::load(x[tap.source]);
        if (again) {
            sum += exp(value - most);
            return;
        }
        cells++;
        if (!(value <= most)) /* a NaN is in the sum too */
            most = value;
    }
};

/* The logarithm of the sum of each window's exponentials; `nothing` where there is no valid cell. */
template <class T, class Out, class Offset>
__global__ void cypool_segment_lse(Layout l, const Offset *tables, const T *x, const bool *mask, Out *out, Out nothing) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        SegmentExponentials<T, Offset> found = {x, mask, -(double)float_of_bits(0x7f800000u), 0.0, 0, false};
        walk<false>(l, tables, s, found);
        if (found.most - found.most != 0) /* infinite or NaN */
            found.most = 0;
        found.again = true;
        walk<false>(l, tables, s, found);
        out[s.target] = found.cells == 0 ? nothing : Storage<Out>::store(log(found.sum) + found.most);
    }
}

/* What a cell's window sends it: the gradient times the cell's share of the sum; nothing where the sum is 0. */
template <class G, class Offset> struct SegmentShares {
    const G *gradient;
    const double *value;
    double x, sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        const double most = value[tap.source];
        if (most != -(double)float_of_bits(0x7f800000u))
            sum += exp(x - most) * (double)Storage<G>::load(gradient[tap.source]);
    }
};

template <class T, class G, class Offset>
__global__ void cypool_segment_lse_gradient(
    Layout l, const Offset *tables, const G *gradient, const double *value, const T *x, const bool *mask, G *out) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        SegmentShares<G, Offset> shares = {gradient, value, (double)Storage<T>::load(x[s.third + s.third_pooled]), 0.0};
        if (!is_left_out(mask, s.fourth + s.fourth_pooled))
            walk<false>(l, tables, s, shares);
        out[s.target] = Storage<G>::store(shares.sum);
    }
}

template <class T, class W, class Offset> struct SegmentSquares {
    const T *x;
    const bool *mask;
    const W *weights;
    double sum, squares;
    long long cells;

    __device__ inline void visit(const Tap<Offset> &tap) {
        if (is_left_out(mask, tap.fourth))
            return;
        const double weight = weights ? (double)Storage<W>::load(weights[tap.fifth]) : 1.0;
        const double value = (double)Storage<T>::load(x[tap.source]);
        sum += weights ? value * weight : value;
        squares += weight * weight;
        cells++;
    }
};

/* The weighted sum over the root of the sum of the weights' squares, and that root (null: not asked for), which is 1 for 0. */
template <class T, class Out, class W, class Offset>
__global__ void cypool_segment_sqrtn(
    Layout l, const Offset *tables, const T *x, const bool *mask, const W *weights, Out *out, double *root, Out nothing) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        SegmentSquares<T, W, Offset> found = {x, mask, weights, 0.0, 0.0, 0};
        walk<false>(l, tables, s, found);
        const double by = found.squares == 0 ? 1.0 : sqrt(found.squares);
        out[s.target] = found.cells == 0 ? nothing : Storage<Out>::store(found.sum / by);
        if (root)
            root[s.third + s.third_pooled] = by;
    }
}

/* For every cell the gradient of its weight: what its window sends, times how far the cell is from its part of the value. */
template <class T, class W, class Offset> struct SegmentTurned {
    const double *sent, *pull;
    double x, weight, sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        sum += sent[tap.source] * (x - pull[tap.source] * weight);
    }
};

template <class T, class W, class Offset>
__global__ void cypool_segment_sqrtn_weights(
    Layout l, const Offset *tables, const double *sent, const double *pull, const T *x, const bool *mask, const W *weights,
    double *out) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        const double own = (double)Storage<T>::load(x[s.third + s.third_pooled]);
        const Offset at = s.fifth + s.fifth_pooled;
        SegmentTurned<T, W, Offset> turned = {sent, pull, own, (double)Storage<W>::load(weights[at]), 0.0};
        if (!is_left_out(mask, s.fourth + s.fourth_pooled))
            walk<false>(l, tables, s, turned);
        out[s.target] = turned.sum;
    }
}
