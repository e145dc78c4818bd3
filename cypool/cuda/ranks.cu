/* Quantiles, means of the largest cells, majorities, and the gradients of the first two, on a GPU: kernels over the ranks that
 * `order.cu` finds.
 *
 * A gradient gathers.  For every window `first`, `second` and `share` are recorded: which cells were chosen and what they weigh.
 * Then the thread of a cell walks the windows that hold it and adds up in double, in row-major order, as the host does.
 */

/* ---- quantiles -------------------------------------------------------------------------------------------------------- */

template <class Offset> struct Quantile {
    Offset low;
    double weight; /* of the next rank */
};

/* Between which ranks of n cells the quantile lies. */
template <class Offset> __device__ inline Quantile<Offset> quantile_of(Offset n, const RankTerms &terms) {
    double at = terms.q * (double)(n - 1), weight = 0;
    Offset low = (Offset)at;
    double over = at - (double)low;
    if (terms.method == AT_LINEAR)
        weight = over;
    else if (terms.method == AT_HIGHER)
        low += over > 0;
    else if (terms.method == AT_NEAREST)
        low += over > 0.5 || (over == 0.5 && low % 2);
    else if (terms.method == AT_MIDPOINT && over > 0)
        weight = 0.5;
    Quantile<Offset> found = {low < n ? low : n - 1, weight};
    return found;
}

/* The quantile of a window's cells, of which there are some. */
template <class T, class Ranks, class Offset>
__device__ inline double quantile_value(const Layout &l, const Offset *tables, const Spot<Offset> &s, const Ranks &ranks,
                                        const RankTerms &terms) {
    Quantile<Offset> quantile = quantile_of(ranks.n, terms);
    typename Ordered<T>::Key key = ranks.of_rank(l, tables, s, quantile.low);
    double value = number_of<T>(key);
    if (quantile.weight == 0)
        return value;
    double next = number_of<T>(ranks.behind(l, tables, s, quantile.low, key));
    return next == value ? value : (1 - quantile.weight) * value + quantile.weight * next;
}

template <class T, int KEEP, class Offset>
__global__ void cypool_quantile(Layout l, const Offset *tables, const T *x, const unsigned char *valid,
                                typename Ordered<T>::Result *out, RankTerms terms) {
    typedef Ranks<T, KEEP, Offset> Way;
    EACH_WINDOW(i, Way::TEAM) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Way ranks(x, valid, terms);
        ranks.see(l, tables, s);
        double value = ranks.n > 0 && ranks.lost < 0 ? quantile_value<T>(l, tables, s, ranks, terms) : ranks.without(terms);
        if (Team<Way::TEAM>::first())
            out[s.target] = Once<typename Ordered<T>::Result>::store(value);
    }
}

/* For the gradient: the cells between which the quantile lies, -1 for none, and the second one's weight. */
template <class T, int KEEP, class Offset>
__global__ void cypool_quantile_records(Layout l, const Offset *tables, const T *x, const unsigned char *valid, long long *first,
                                        long long *second, double *share, RankTerms terms) {
    typedef Ranks<T, KEEP, Offset> Way;
    EACH_WINDOW(i, Way::TEAM) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Way ranks(x, valid, terms);
        ranks.see(l, tables, s);
        long long one = Team<Way::TEAM>::plane(l, tables, s, ranks.lost), two = -1;
        double weight = 0;
        if (ranks.lost < 0 && ranks.n > 0) {
            Quantile<Offset> quantile = quantile_of(ranks.n, terms);
            typename Way::Key key = ranks.of_rank(l, tables, s, quantile.low);
            const Tally<T, Offset> tally = tally_of<Way::TEAM, T, Offset>(l, tables, s, ranks, key);
            Offset rest = quantile.low - tally.less;
            bool same = rest + 1 < tally.equal;
            one = place_of_equal<Way::TEAM, T, Offset>(l, tables, s, ranks, key, rest);
            weight = quantile.weight;
            if (weight != 0)
                two = place_of_equal<Way::TEAM, T, Offset>(l, tables, s, ranks, same ? key : tally.next, same ? rest + 1 : 0);
        }
        if (Team<Way::TEAM>::first()) {
            first[s.target] = one;
            second[s.target] = two;
            share[s.target] = weight;
        }
    }
}

/* ---- the largest cells ------------------------------------------------------------------------------------------------ */

template <class Offset> __device__ inline Offset at_most(Offset n, long long k) {
    return k < n ? (Offset)k : n;
}

template <class T, int KEEP, class Offset>
__global__ void cypool_topk(Layout l, const Offset *tables, const T *x, const unsigned char *valid,
                            typename Ordered<T>::Result *out, RankTerms terms) {
    typedef Ranks<T, KEEP, Offset> Way;
    EACH_WINDOW(i, Way::TEAM) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Way ranks(x, valid, terms);
        ranks.see(l, tables, s);
        Offset k = at_most(ranks.n, terms.k);
        double value = k > 0 && ranks.lost < 0 ? ranks.largest(l, tables, s, k) / (double)k : ranks.without(terms);
        if (Team<Way::TEAM>::first())
            out[s.target] = Once<typename Ordered<T>::Result>::store(value);
    }
}

/* For the gradient: the last of the chosen cells that equal the least of them, that one's key, and how many are chosen: 0 for
 * an empty window, -1 where `first` is a NaN that has everything. */
template <class T, int KEEP, class Offset>
__global__ void cypool_topk_records(Layout l, const Offset *tables, const T *x, const unsigned char *valid, long long *first,
                                    unsigned long long *second, double *share, RankTerms terms) {
    typedef Ranks<T, KEEP, Offset> Way;
    EACH_WINDOW(i, Way::TEAM) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Way ranks(x, valid, terms);
        ranks.see(l, tables, s);
        long long last = Team<Way::TEAM>::plane(l, tables, s, ranks.lost);
        unsigned long long least = 0;
        double chosen = ranks.lost >= 0 ? -1 : 0;
        if (ranks.lost < 0 && ranks.n > 0) {
            Offset k = at_most(ranks.n, terms.k);
            typename Way::Key key = ranks.of_rank(l, tables, s, ranks.n - k);
            const Tally<T, Offset> tally = tally_of<Way::TEAM, T, Offset>(l, tables, s, ranks, key);
            Offset equals = k - (ranks.n - tally.less - tally.equal);
            last = place_of_equal<Way::TEAM, T, Offset>(l, tables, s, ranks, key, equals - 1);
            least = key;
            chosen = (double)k;
        }
        if (Team<Way::TEAM>::first()) {
            first[s.target] = last;
            second[s.target] = least;
            share[s.target] = chosen;
        }
    }
}

/* ---- majorities ------------------------------------------------------------------------------------------------------- */

template <class T, int KEEP, class Offset>
__global__ void cypool_mode(Layout l, const Offset *tables, const T *x, const unsigned char *valid, T *out, RankTerms terms) {
    typedef Ranks<T, KEEP, Offset> Way;
    EACH_WINDOW(i, Way::TEAM) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Way ranks(x, valid, terms);
        ranks.see(l, tables, s);
        T label = (T)terms.empty_label;
        if (ranks.n > 0)
            label = Ordered<T>::value(ranks.majority(l, tables, s, terms.aside, Ordered<T>::key((T)terms.label)));
        if (Team<Way::TEAM>::first())
            out[s.target] = label;
    }
}

/* ---- gradients -------------------------------------------------------------------------------------------------------- */

template <class G, class Offset> struct FromQuantiles {
    const G *gradient;
    const long long *first, *second;
    const double *share;
    long long own;
    double sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        if (tap.again)
            return;
        if (first[tap.third] == own)
            sum += (1 - share[tap.third]) * (double)Storage<G>::load(gradient[tap.source]);
        if (second[tap.third] == own) /* under a boundary mode both may be one cell */
            sum += share[tap.third] * (double)Storage<G>::load(gradient[tap.source]);
    }
};

template <class G, class Out, class Offset>
__global__ void cypool_quantile_gradient(Layout l, const Offset *tables, const G *gradient, const long long *first,
                                         const long long *second, const double *share, Out *out) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        FromQuantiles<G, Offset> given = {gradient, first, second, share, position_of(l, s), 0};
        walk<false>(l, tables, s, given);
        out[s.target] = Once<Out>::store(given.sum);
    }
}

template <class G, class Offset> struct FromLargest {
    const G *gradient;
    const long long *last;
    const unsigned long long *least;
    const double *chosen;
    long long own;
    unsigned long long key;
    double sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        double k = chosen[tap.third];
        bool here = own == last[tap.third];
        if (k > 0)
            here = key > least[tap.third] || (key == least[tap.third] && own <= last[tap.third]);
        if (here)
            sum += (double)Storage<G>::load(gradient[tap.source]) / (k > 0 ? k : 1);
    }
};

/* x and its mask lie as `out` does.  No cell is seen twice: a boundary mode's positions are cells here. */
template <class T, class G, class Out, class Offset>
__global__ void cypool_topk_gradient(Layout l, const Offset *tables, const T *x, const unsigned char *valid, const G *gradient,
                                     const long long *first, const unsigned long long *second, const double *share, Out *out,
                                     RankTerms terms) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        T cell = x[s.target];
        FromLargest<G, Offset> given = {gradient, first, second, share, position_of(l, s), Ordered<T>::key(cell), 0};
        if (!(terms.masked && !valid[s.target]) && !(terms.ignore && Ordered<T>::nan(cell)))
            walk<false>(l, tables, s, given);
        out[s.target] = Once<Out>::store(given.sum);
    }
}
