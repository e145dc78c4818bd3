/* Windows that choose a cell by chance, each with the probability of its share of the window's sum, and what they choose on average.
 *
 * A cell's share is max(x, 0).  Shares are added in double, in row-major order, and the window's number and the call's key alone
 * make its random number (SplitMix64), so that winners are the host's (kernels/drawn.h), to the bit.
 *
 * The third are indices, the fourth a mask of the cells, the fifth tells the windows' numbers.
 */

#define CYPOOL_LARGEST 0x1.fffffffffffffp1023
#define CYPOOL_SQUARES 0x1p960 /* sums of squares beyond this, or its inverse, may have lost cells to the end of the range */

template <class T> struct Chances {
    typedef typename Storage<T>::Value Value;
    const T *x;
    const unsigned char *mask; /* null: all cells are valid */

    template <class Offset> __device__ inline bool has(const Tap<Offset> &tap) const { return mask == 0 || mask[tap.fourth]; }

    template <class Offset> __device__ inline Value at(const Tap<Offset> &tap) const { return Storage<T>::load(x[tap.source]); }

    static __device__ inline double share(Value x) { return 0 > x ? 0.0 : (double)x; } /* NaN stays */
};

/* A tap that was met: where its cell lies, in memory and in the plane, and its number in the window. */
template <class Offset> struct Met {
    Offset source, plane;
    long long tap;
};

/* Sums of shares and of their squares over `scale`, the largest cell and the last NaN. */
template <class T, class Offset> struct Moments {
    typedef typename Storage<T>::Value Value;
    const Chances<T> &chances;
    double scale, total, squares, most;
    long long taps;
    Value best;
    Met<Offset> largest, spoilt; /* tap -1: there is none */

    __device__ inline Moments(const Chances<T> &of, double over)
        : chances(of), scale(over), total(0), squares(0), most(0), taps(0), best(0) {
        Met<Offset> none = {0, -1, -1};
        largest = spoilt = none;
    }

    __device__ inline void visit(const Tap<Offset> &tap) {
        long long number = taps++;
        if (!chances.has(tap))
            return;
        Value b = chances.at(tap);
        double share = Chances<T>::share(b);
        Met<Offset> here = {tap.source, tap.plane, number};
        if (scale != 1) /* which is a power of two */
            share /= scale;
        total += share;
        squares += share * share;
        most = share > most ? share : most;
        if (largest.tap < 0 || b > best) {
            best = b;
            largest = here;
        }
        if (b != b)
            spoilt = here;
    }
};

/* The first cell up to which parts add up to more than the threshold: shares, of huge ones small parts, or the infinite cells. */
template <class T, class Offset> struct Draw {
    const Chances<T> &chances;
    bool huge, endless, counting;
    double sum, threshold;
    long long taps;
    Met<Offset> winner;
    bool done;

    __device__ inline double part(double share) const {
        return !huge ? share : endless ? (double)(share > CYPOOL_LARGEST) : share * (1.0 / 18446744073709551616.0);
    }

    __device__ inline void visit(const Tap<Offset> &tap) {
        long long number = taps++;
        if (done || !chances.has(tap))
            return;
        sum += part(Chances<T>::share(chances.at(tap)));
        Met<Offset> here = {tap.source, tap.plane, number};
        winner = here;
        done = !counting && sum > threshold;
    }
};

__device__ inline unsigned long long mixed(unsigned long long z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

/* The number before a positive one. */
__device__ inline double below(double x) {
    int exponent;
    double digits = frexp(x, &exponent); /* in [1/2, 1): numbers are 2**-53 apart, below 1/2 half as far */
    double less = ldexp(digits - (digits == 0.5 ? 0x1p-54 : 0x1p-53), exponent);
    return less < x ? less : x - 0x1p-1074;
}

/* u * total, u the 52 leading bits of a random number, in [0, 1); always less than the total. */
__device__ inline double threshold_of(double total, unsigned long long state) {
    double u = (double)(mixed(state) >> 12) / 4503599627370496.0, product = u * total;
    return product < total ? product : below(total);
}

/* The offset in the window of the tap that is met after so many others. */
template <class Offset>
__device__ inline long long offset_of_tap(const Layout &l, const Offset *tables, const Spot<Offset> &s, long long number) {
    long long offset = 0, scale = 1;
    Positions<Offset> positions(l, tables, s);
    for (int axis = l.rank - 1; axis >= 0; axis--) {
        Row<Offset> row = positions.back(axis);
        offset += (row.skip + number % row.count) * scale;
        number /= row.count;
        scale *= l.window[axis];
    }
    return offset;
}

/* A cell of each window by chance, `lowest` where there is none. */
template <class T, class Offset>
__global__ void cypool_drawn(Layout l, const Offset *tables, const T *x, const unsigned char *mask, unsigned long long key,
                             T lowest, T *out, void *indices, int kind) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Chances<T> chances = {x, mask};
        Moments<T, Offset> moments(chances, 1);
        walk<false>(l, tables, s, moments);
        Met<Offset> winner = moments.spoilt.tap >= 0 ? moments.spoilt : moments.largest;
        if (moments.total > 0) { /* not of a NaN */
            bool huge = moments.total > CYPOOL_LARGEST;
            double total = moments.total;
            Draw<T, Offset> draw = {chances, huge, moments.most > CYPOOL_LARGEST, huge, 0, 0, 0, {0, -1, -1}, false};
            if (huge) {
                walk<false>(l, tables, s, draw);
                total = draw.sum;
                draw.sum = 0, draw.taps = 0, draw.counting = false;
            }
            draw.threshold = threshold_of(total, key + ((unsigned long long)(s.fifth + s.fifth_pooled) + 1) * 0x9E3779B97F4A7C15ull);
            walk<false>(l, tables, s, draw);
            winner = draw.winner;
        }
        bool none = winner.tap < 0;
        out[s.target] = none ? lowest : x[winner.source];
        if (kind != NO_INDEX) {
            long long index = none ? -1 : kind == PLANE ? (long long)winner.plane : offset_of_tap(l, tables, s, winner.tap);
            store_index(indices, s.third + s.third_pooled, kind, index);
        }
    }
}

enum { OF_SHARES, OF_NAN, OF_INFINITE, OF_LARGEST, OF_NOTHING };

/* What kind of window it is; of one with shares, these over `scale`. */
template <class T, class Offset>
__device__ inline int expected(const Layout &l, const Offset *tables, const Spot<Offset> &s, const Chances<T> &chances, Moments<T, Offset> &m) {
    walk<false>(l, tables, s, m);
    if (m.largest.tap < 0)
        return OF_NOTHING;
    if (m.spoilt.tap >= 0)
        return OF_NAN;
    if (m.total == 0)
        return OF_LARGEST;
    if (m.most > CYPOOL_LARGEST)
        return OF_INFINITE;
    if (!(m.squares >= 1 / CYPOOL_SQUARES && m.squares <= CYPOOL_SQUARES)) {
        Moments<T, Offset> again(chances, power_of_two(m.most));
        walk<false>(l, tables, s, again);
        m.scale = again.scale, m.total = again.total, m.squares = again.squares;
    }
    return OF_SHARES;
}

/* What windows choose on average, `lowest` where there is no cell. */
template <class T, class Out, class Offset>
__global__ void cypool_expected(Layout l, const Offset *tables, const T *x, const unsigned char *mask, double lowest, Out *out) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Chances<T> chances = {x, mask};
        Moments<T, Offset> m(chances, 1);
        int kind = expected(l, tables, s, chances, m);
        double y = kind == OF_NAN ? nan_of<double>() : kind == OF_INFINITE ? infinity<double>() : kind == OF_LARGEST ? (double)m.best : lowest;
        out[s.target] = Storage<Out>::store(kind == OF_SHARES ? m.squares / m.total * m.scale : y);
    }
}

/* Of a window: what shares are over, their average, where the largest cell stands that has the whole gradient (else -1), and the
 * gradient over their sum, which is the window's gradient before. */
enum { OVER, AVERAGE, LARGEST_AT, PULL_BY_SUM };

template <class T, class Offset>
__global__ void cypool_keep_expected(Layout l, const Offset *tables, const T *x, const unsigned char *mask, double *kept,
                                     long long apart) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Chances<T> chances = {x, mask};
        Moments<T, Offset> m(chances, 1);
        int kind = expected(l, tables, s, chances, m);
        double *to = kept + s.target, g = to[PULL_BY_SUM * apart];
        to[OVER * apart] = m.scale;
        to[AVERAGE * apart] = kind == OF_SHARES ? m.squares / m.total : 0;
        to[LARGEST_AT * apart] = kind == OF_LARGEST ? (double)m.largest.plane : -1;
        to[PULL_BY_SUM * apart] = kind == OF_SHARES ? g / m.total : kind == OF_LARGEST ? g : kind == OF_NOTHING ? 0 : nan_of<double>();
    }
}

template <class Offset> struct GivenByShare {
    double x, own;
    const double *kept;
    long long apart;
    double sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        const double *of_window = kept + tap.source;
        double pull = of_window[PULL_BY_SUM * apart], at = of_window[LARGEST_AT * apart], over = of_window[OVER * apart];
        if (at >= 0)
            sum += !tap.again && at == own ? pull : 0;
        else if (!(x <= 0) && pull != 0)
            sum += pull * (2 * (over == 1 ? x : x / over) - of_window[AVERAGE * apart]);
    }
};

/* The gradient of each cell, which is the third. */
template <class T, class Out, class Offset>
__global__ void cypool_give_expected(Layout l, const Offset *tables, const T *x, const double *kept, long long apart, Out *out) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        double own = (double)position_of(l, s);
        GivenByShare<Offset> given = {(double)Storage<T>::load(x[s.third + s.third_pooled]), own, kept, apart, 0};
        walk<false>(l, tables, s, given);
        out[s.target] = Storage<Out>::store(given.sum);
    }
}
