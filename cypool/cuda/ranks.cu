/* Order statistics on a GPU: quantiles, means of the largest cells, majorities, and the gradients of the first two.
 *
 * Cells are compared by keys, whole numbers in the order of the values; -0.0 has the key of 0.0.  A thread has one window, and
 * there are two ways to a rank's key.  `Ranks<T, 0>` halves the range of keys twice on each walk over the window, counting
 * cells: no window is too large, no type too wide, nothing is stored.  `Ranks<T, KEEP>` walks once and keeps the KEEP smallest
 * (or largest) keys, sorted, in registers; the host asks for it where wanted ranks lie that near an end.  Both find the same.
 *
 * A gradient gathers.  For every window `first`, `second` and `share` are recorded: which cells were chosen and what they weigh.
 * Then the thread of a cell walks the windows that hold it and adds up in double, in row-major order, as the host does.
 */

#ifdef CYPOOL_STAND_IN
#define CYPOOL_UNROLL
#else
#define CYPOOL_UNROLL _Pragma("unroll") /* what is unrolled has its arrays in registers */
#endif

struct RankTerms { /* cypool.cuda.ranks.TERMS */
    double q, empty;
    long long k;
    unsigned long long label, empty_label;
    int method, ignore, aside, above, masked, unused;
};

enum { AT_LINEAR, AT_LOWER, AT_HIGHER, AT_NEAREST, AT_MIDPOINT }; /* in the order of cypool.ranks.METHODS */

/* ---- keys ------------------------------------------------------------------------------------------------------------- */

template <int BYTES> struct KeyOf {
    typedef unsigned int Type;
};

template <> struct KeyOf<8> {
    typedef unsigned long long Type;
};

template <class T> struct Ordered {
    typedef typename KeyOf<sizeof(T)>::Type Key;
    typedef double Result; /* of what is not chosen but computed */
    enum { BITS = 8 * sizeof(T) };
    static constexpr Key ALL = (Key) ~(Key)0 >> (8 * sizeof(Key) - BITS), TOP = (Key)1 << (BITS - 1);
    static constexpr Key SIGN = (T)-1 < (T)1 ? TOP : 0;

    static __device__ inline bool nan(T) {
        return false;
    }
    static __device__ inline Key key(T x) {
        return ((Key)x & ALL) ^ SIGN;
    }
    static __device__ inline T value(Key key) {
        return (T)(key ^ SIGN);
    }
};

template <class T, class Raw, unsigned long long INFINITE> struct OrderedFloat {
    typedef typename KeyOf<sizeof(T)>::Type Key;
    typedef T Result;
    enum { BITS = 8 * sizeof(T) };
    static constexpr Key ALL = (Key) ~(Key)0 >> (8 * sizeof(Key) - BITS), TOP = (Key)1 << (BITS - 1);
    union Both {
        T value;
        Raw raw;
    };

    static __device__ inline Key raw(T x) {
        Both both;
        both.value = x;
        return both.raw;
    }
    static __device__ inline bool nan(T x) {
        return (raw(x) & ~TOP) > INFINITE;
    }
    static __device__ inline Key key(T x) {
        Key bits = raw(x);
        return bits == TOP ? TOP : bits & TOP ? ~bits & ALL : bits | TOP;
    }
    static __device__ inline T value(Key key) {
        Both both;
        both.raw = (Raw)(key & TOP ? key ^ TOP : ~key);
        return both.value;
    }
};

template <> struct Ordered<Half> : OrderedFloat<Half, unsigned short, 0x7c00> {};
template <> struct Ordered<Bfloat16> : OrderedFloat<Bfloat16, unsigned short, 0x7f80> {};
template <> struct Ordered<float> : OrderedFloat<float, unsigned int, 0x7f800000> {};
template <> struct Ordered<double> : OrderedFloat<double, unsigned long long, 0x7ff0000000000000> {};

template <class T> __device__ inline double number_of(typename Ordered<T>::Key key) {
    return (double)Storage<T>::load(Ordered<T>::value(key));
}

/* A double in a storage type, rounded once: a float on the way to a half is rounded to odd, which spoils no later rounding. */
template <class T> struct Once {
    static __device__ inline T store(double value) {
        return Storage<T>::store(value);
    }
};

__device__ inline float odd_float(double value) {
    float near = (float)value;
    double back = near;
    unsigned int bits = bits_of_float(near);
    if (back == value || value != value)
        return near;
    bits -= (back < 0 ? -back : back) > (value < 0 ? -value : value);
    return float_of_bits(bits | 1u);
}

template <> struct Once<Half> {
    static __device__ inline Half store(double value) {
        return Storage<Half>::store(odd_float(value));
    }
};

template <> struct Once<Bfloat16> {
    static __device__ inline Bfloat16 store(double value) {
        return Storage<Bfloat16>::store(odd_float(value));
    }
};

/* ---- cells and walks -------------------------------------------------------------------------------------------------- */

/* The cells of x that count: neither masked nor, where windows without NaN or under nan="ignore" are walked, NaN. */
template <class T, class Offset> struct RankCells {
    typedef typename Ordered<T>::Key Key;
    const T *x;
    const unsigned char *valid;

    __device__ inline RankCells(const T *cells, const unsigned char *mask, const RankTerms &terms)
        : x(cells), valid(terms.masked ? mask : 0) {}

    __device__ inline bool counts(const Tap<Offset> &tap, Key *key) const {
        if (valid && !valid[tap.third])
            return false;
        T value = x[tap.source];
        *key = Ordered<T>::key(value);
        return !Ordered<T>::nan(value);
    }
};

/* How many cells there are, and the last NaN that spoils the window. */
template <class T, class Offset> struct Survey : RankCells<T, Offset> {
    typedef typename Ordered<T>::Key Key;
    bool ignore;
    Offset n, lost;

    __device__ inline Survey(const T *x, const unsigned char *valid, const RankTerms &terms)
        : RankCells<T, Offset>(x, valid, terms), ignore(terms.ignore), n(0), lost(-1) {}

    __device__ inline bool meets(const Tap<Offset> &tap, Key *key) {
        if (this->valid && !this->valid[tap.third])
            return false;
        T value = this->x[tap.source];
        if (Ordered<T>::nan(value)) {
            lost = ignore ? lost : tap.plane;
            return false;
        }
        *key = Ordered<T>::key(value);
        n++;
        return true;
    }
};

/* Among cells that share their leading bits, how many are in the first, the first two, the first three quarters. */
template <class T, class Offset> struct Quarters : RankCells<T, Offset> {
    typedef typename Ordered<T>::Key Key;
    Key prefix;
    int shift;
    Offset one, two, three;

    __device__ inline void visit(const Tap<Offset> &tap) {
        Key key;
        if (!this->counts(tap, &key) || (key ^ prefix) >> shift >> 2)
            return;
        unsigned int quarter = (unsigned int)(key >> shift) & 3u;
        one += quarter < 1;
        two += quarter < 2;
        three += quarter < 3;
    }
};

/* Cells that are less than a key and equal to it, and the next key. */
template <class T, class Offset> struct Tally : RankCells<T, Offset> {
    typedef typename Ordered<T>::Key Key;
    Key key, next;
    Offset less, equal;
    bool any;

    __device__ inline Tally(const RankCells<T, Offset> &cells, Key of)
        : RankCells<T, Offset>(cells), key(of), next(0), less(0), equal(0), any(false) {}

    __device__ inline void visit(const Tap<Offset> &tap) {
        Key cell;
        if (!this->counts(tap, &cell))
            return;
        less += cell < key;
        equal += cell == key;
        if (cell > key && (!any || cell < next)) {
            next = cell;
            any = true;
        }
    }
};

/* Where the cells of two keys stand that have so many equal ones before them in row-major order. */
template <class T, class Offset> struct Places : RankCells<T, Offset> {
    typedef typename Ordered<T>::Key Key;
    Key key[2];
    Offset before[2], plane[2];

    __device__ inline Places(const RankCells<T, Offset> &cells, Key one, Offset rest, Key other, Offset others)
        : RankCells<T, Offset>(cells), key{one, other}, before{rest, others}, plane{-1, -1} {}

    __device__ inline void visit(const Tap<Offset> &tap) {
        Key cell;
        if (!this->counts(tap, &cell))
            return;
        CYPOOL_UNROLL
        for (int i = 0; i < 2; i++)
            if (cell == key[i] && before[i]-- == 0)
                plane[i] = tap.plane;
    }
};

/* ---- ranks ------------------------------------------------------------------------------------------------------------ */

/* Ranks of a window's cells, with the largest or smallest of them kept: flipped keys are in descending order. */
template <class T, int KEEP, class Offset> struct Ranks : Survey<T, Offset> {
    typedef typename Ordered<T>::Key Key;
    Key flip, kept[KEEP]; /* behind those that there are, the largest key */

    __device__ inline Ranks(const T *x, const unsigned char *valid, const RankTerms &terms)
        : Survey<T, Offset>(x, valid, terms), flip(terms.above ? Ordered<T>::ALL : 0) {
        CYPOOL_UNROLL
        for (int t = 0; t < KEEP; t++)
            kept[t] = Ordered<T>::ALL;
    }

    __device__ inline void visit(const Tap<Offset> &tap) {
        Key key;
        if (!this->meets(tap, &key))
            return;
        key ^= flip;
        if (key >= kept[KEEP - 1])
            return;
        CYPOOL_UNROLL
        for (int t = 0; t < KEEP; t++) {
            Key less = key < kept[t] ? key : kept[t];
            key = key < kept[t] ? kept[t] : key;
            kept[t] = less;
        }
    }

    __device__ inline Key of_rank(const Layout &, const Offset *, const Spot<Offset> &, Offset rank) const {
        Offset at = flip ? this->n - 1 - rank : rank;
        Key key = 0;
        CYPOOL_UNROLL
        for (int t = 0; t < KEEP; t++)
            key = t == at ? kept[t] : key;
        return key ^ flip;
    }

    /* The key of the rank behind one, whose own is known. */
    __device__ inline Key behind(const Layout &l, const Offset *tables, const Spot<Offset> &s, Offset rank, Key) const {
        return of_rank(l, tables, s, rank + 1);
    }

    /* The sum of the k largest cells, the largest first. */
    __device__ inline double largest(const Layout &, const Offset *, const Spot<Offset> &, Offset k) const {
        double sum = 0;
        CYPOOL_UNROLL
        for (int t = 0; t < KEEP; t++)
            if (t < k)
                sum += number_of<T>(kept[t] ^ flip);
        return sum;
    }

    /* The most frequent key, of equally frequent ones the least; all cells are kept. */
    __device__ inline Key majority(const Layout &, const Offset *, const Spot<Offset> &, bool aside, Key away) const {
        Key best = kept[0];
        Offset run = 0, most = 0;
        CYPOOL_UNROLL
        for (int t = 0; t < KEEP; t++) {
            run = t > 0 && kept[t] == kept[t > 0 ? t - 1 : 0] ? run + 1 : 1;
            if (t < this->n && run > most && !(aside && kept[t] == away)) {
                most = run;
                best = kept[t];
            }
        }
        return best;
    }
};

/* The sum and number of the cells beyond a key. */
template <class T, class Offset> struct Beyond : RankCells<T, Offset> {
    typedef typename Ordered<T>::Key Key;
    Key least;
    Offset n;
    double sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        Key key;
        if (this->counts(tap, &key) && key > least) {
            n++;
            sum += number_of<T>(key);
        }
    }
};

/* The canonical way: walks that count. */
template <class T, class Offset> struct Ranks<T, 0, Offset> : Survey<T, Offset> {
    typedef typename Ordered<T>::Key Key;
    Key least, most;

    __device__ inline Ranks(const T *x, const unsigned char *valid, const RankTerms &terms)
        : Survey<T, Offset>(x, valid, terms), least(Ordered<T>::ALL), most(0) {}

    __device__ inline void visit(const Tap<Offset> &tap) {
        Key key;
        if (!this->meets(tap, &key))
            return;
        least = key < least ? key : least;
        most = key > most ? key : most;
    }

    __device__ inline Key of_rank(const Layout &l, const Offset *tables, const Spot<Offset> &s, Offset rank) const {
        int shift = -2; /* of the highest pair of bits in which keys differ */
        for (Key differing = least ^ most; differing; differing >>= 2)
            shift += 2;
        if (shift < 0)
            return least;
        Key prefix = least >> shift >> 2 << shift << 2;
        for (; shift >= 0; shift -= 2) {
            Quarters<T, Offset> found = {{*this}, prefix, shift, 0, 0, 0};
            walk<false>(l, tables, s, found);
            Key quarter = (rank >= found.one) + (rank >= found.two) + (rank >= found.three);
            rank -= quarter == 0 ? 0 : quarter == 1 ? found.one : quarter == 2 ? found.two : found.three;
            prefix |= quarter << shift;
        }
        return prefix;
    }

    __device__ inline Key behind(const Layout &l, const Offset *tables, const Spot<Offset> &s, Offset rank, Key key) const {
        Tally<T, Offset> tally(*this, key);
        walk<false>(l, tables, s, tally);
        return rank + 1 < tally.less + tally.equal ? key : tally.next;
    }

    __device__ inline double largest(const Layout &l, const Offset *tables, const Spot<Offset> &s, Offset k) const {
        Key key = of_rank(l, tables, s, this->n - k);
        Beyond<T, Offset> beyond = {{*this}, key, 0, 0.0};
        walk<false>(l, tables, s, beyond);
        return beyond.sum + (double)(k - beyond.n) * number_of<T>(key);
    }

    /* Labels in ascending order, until too few cells are left for another one to win. */
    __device__ inline Key majority(const Layout &l, const Offset *tables, const Spot<Offset> &s, bool aside, Key away) const {
        Key best = least, key = least;
        Offset most_cells = 0, left = this->n;
        while (left > most_cells) {
            Tally<T, Offset> tally(*this, key);
            walk<false>(l, tables, s, tally);
            if (tally.equal > most_cells && !(aside && key == away)) {
                most_cells = tally.equal;
                best = key;
            }
            left -= tally.equal;
            key = tally.next;
        }
        return best;
    }
};

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

__device__ inline double not_a_number() {
    return (double)float_of_bits(0x7fc00000u);
}

template <class T, int KEEP, class Offset>
__global__ void cypool_quantile(Layout l, const Offset *tables, const T *x, const unsigned char *valid,
                                typename Ordered<T>::Result *out, RankTerms terms) {
    typedef typename Ordered<T>::Result Result;
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Ranks<T, KEEP, Offset> ranks(x, valid, terms);
        walk<false>(l, tables, s, ranks);
        double value = ranks.lost >= 0 ? not_a_number() : terms.empty;
        if (ranks.lost < 0 && ranks.n > 0) {
            Quantile<Offset> quantile = quantile_of(ranks.n, terms);
            typename Ordered<T>::Key key = ranks.of_rank(l, tables, s, quantile.low);
            value = number_of<T>(key);
            if (quantile.weight != 0) {
                double next = number_of<T>(ranks.behind(l, tables, s, quantile.low, key));
                if (next != value)
                    value = (1 - quantile.weight) * value + quantile.weight * next;
            }
        }
        out[s.target] = Once<Result>::store(value);
    }
}

/* For the gradient: the cells between which the quantile lies, -1 for none, and the second one's weight. */
template <class T, int KEEP, class Offset>
__global__ void cypool_quantile_records(Layout l, const Offset *tables, const T *x, const unsigned char *valid, long long *first,
                                        long long *second, double *share, RankTerms terms) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Ranks<T, KEEP, Offset> ranks(x, valid, terms);
        walk<false>(l, tables, s, ranks);
        long long one = ranks.lost, two = -1;
        double weight = 0;
        if (ranks.lost < 0 && ranks.n > 0) {
            Quantile<Offset> quantile = quantile_of(ranks.n, terms);
            Tally<T, Offset> tally(ranks, ranks.of_rank(l, tables, s, quantile.low));
            walk<false>(l, tables, s, tally);
            Offset rest = quantile.low - tally.less;
            bool same = rest + 1 < tally.equal;
            Places<T, Offset> places(ranks, tally.key, rest, same ? tally.key : tally.next, same ? rest + 1 : 0);
            walk<false>(l, tables, s, places);
            weight = quantile.weight;
            one = places.plane[0];
            two = weight != 0 ? places.plane[1] : -1;
        }
        first[s.target] = one;
        second[s.target] = two;
        share[s.target] = weight;
    }
}

/* ---- the largest cells ------------------------------------------------------------------------------------------------ */

template <class Offset> __device__ inline Offset at_most(Offset n, long long k) {
    return k < n ? (Offset)k : n;
}

template <class T, int KEEP, class Offset>
__global__ void cypool_topk(Layout l, const Offset *tables, const T *x, const unsigned char *valid,
                            typename Ordered<T>::Result *out, RankTerms terms) {
    typedef typename Ordered<T>::Result Result;
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Ranks<T, KEEP, Offset> ranks(x, valid, terms);
        walk<false>(l, tables, s, ranks);
        double value = ranks.lost >= 0 ? not_a_number() : terms.empty;
        if (ranks.lost < 0 && ranks.n > 0) {
            Offset k = at_most(ranks.n, terms.k);
            value = ranks.largest(l, tables, s, k) / (double)k;
        }
        out[s.target] = Once<Result>::store(value);
    }
}

/* For the gradient: the last of the chosen cells that equal the least of them, that one's key, and how many are chosen: 0 for
 * an empty window, -1 where `first` is a NaN that has everything. */
template <class T, int KEEP, class Offset>
__global__ void cypool_topk_records(Layout l, const Offset *tables, const T *x, const unsigned char *valid, long long *first,
                                    unsigned long long *second, double *share, RankTerms terms) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Ranks<T, KEEP, Offset> ranks(x, valid, terms);
        walk<false>(l, tables, s, ranks);
        first[s.target] = ranks.lost;
        second[s.target] = 0;
        share[s.target] = ranks.lost >= 0 ? -1 : 0;
        if (ranks.lost < 0 && ranks.n > 0) {
            Offset k = at_most(ranks.n, terms.k);
            Tally<T, Offset> tally(ranks, ranks.of_rank(l, tables, s, ranks.n - k));
            walk<false>(l, tables, s, tally);
            Offset equals = k - (ranks.n - tally.less - tally.equal);
            Places<T, Offset> places(ranks, tally.key, equals - 1, tally.key, equals - 1);
            walk<false>(l, tables, s, places);
            first[s.target] = places.plane[0];
            second[s.target] = tally.key;
            share[s.target] = (double)k;
        }
    }
}

/* ---- majorities ------------------------------------------------------------------------------------------------------- */

template <class T, int KEEP, class Offset>
__global__ void cypool_mode(Layout l, const Offset *tables, const T *x, const unsigned char *valid, T *out, RankTerms terms) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Ranks<T, KEEP, Offset> ranks(x, valid, terms);
        walk<false>(l, tables, s, ranks);
        T label = (T)terms.empty_label;
        if (ranks.n > 0)
            label = Ordered<T>::value(ranks.majority(l, tables, s, terms.aside, Ordered<T>::key((T)terms.label)));
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
        FromQuantiles<G, Offset> given = {gradient, first, second, share, own_position(l, s), 0};
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
        FromLargest<G, Offset> given = {gradient, first, second, share, own_position(l, s), Ordered<T>::key(cell), 0};
        if (!(terms.masked && !valid[s.target]) && !(terms.ignore && Ordered<T>::nan(cell)))
            walk<false>(l, tables, s, given);
        out[s.target] = Once<Out>::store(given.sum);
    }
}
