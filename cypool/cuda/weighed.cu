/* Windows as totals of terms: the frame of norms, smooth maxima, averages by importance and standard deviations.
 *
 * An operator is a struct (soft.cu, powers.cu, spread.cu).  A thread walks its window once for the largest key of its cells,
 * relative to which no term overflows or vanishes (the host scales planes, and windows only where that fails), and once more
 * for T = sum(e), where it is wanted for <u> = sum(e u) / T, and a third time for sum(e (u - <u>)**2):
 *
 *     key(tap)             by which `before` finds the largest; `settle` is told it
 *     term<WANTED>(tap, u) e, and u if it is wanted
 *     value(window)        the result
 *     keep(window, g, ...) what cells have to know of their window, KEPT numbers, of which PULL holds g before and is 0 where the
 *                          window sends nothing; it returns the derivative by the exponent
 *     give(x, kept, apart) what the window sends a cell: a term of its gradient
 *
 * The third are a mask or logits, the fourth exponents of planes, the fifth weights.
 *
 * The gradient is two kernels: `cypool_keep`, a thread for each window, and `cypool_give`, which gathers for each cell.
 *
 * T is the storage type, W the type to compute in: float for storage of at most 32 bits where the host computes in float too,
 * else double.  Sums in float are compensated, so that their error does not grow with the window.
 */

struct Exponent {
    double value;
    int products; /* a small whole number, -1 for a half, 0 for others */
    int parity;   /* of whole numbers 0 or 1, -1 for others */
};

struct Terms {
    Exponent power, slope, bend, root; /* b, b - 1, b - 2, 1 / b */
    double floor;                /* cells smaller than this count as this */
    double factor, divisor;      /* of totals */
    double empty;                /* the result of a window without a cell, if `filled` */
    int own;                     /* planes have exponents of their own, which `fourth` leads to */
    int mean, how, with_sign, filled, freedom, norm, unused;
};

/* ---- arithmetic ------------------------------------------------------------------------------------------------------- */

__device__ inline float exponential(float x) { return expf(x); }
__device__ inline double exponential(double x) { return exp(x); }
__device__ inline float logarithm(float x) { return logf(x); }
__device__ inline double logarithm(double x) { return log(x); }
__device__ inline float power(float x, float y) { return powf(x, y); }
__device__ inline double power(double x, double y) { return pow(x, y); }
__device__ inline float square_root(float x) { return sqrtf(x); }
__device__ inline double square_root(double x) { return sqrt(x); }
__device__ inline float magnitude(float x) { return fabsf(x); }
__device__ inline double magnitude(double x) { return fabs(x); }

/* The greatest power of two that is at most x. */
__device__ inline float power_of_two(float x) {
    int exponent;
    frexpf(x, &exponent);
    return ldexpf(1.0f, exponent - 1);
}

__device__ inline double power_of_two(double x) {
    int exponent;
    frexp(x, &exponent);
    return ldexp(1.0, exponent - 1);
}

template <class W> __device__ inline W infinity() { return (W)float_of_bits(0x7f800000u); }
template <class W> __device__ inline W nan_of() { return (W)float_of_bits(0x7fc00000u); }
template <class W> __device__ inline bool is_finite(W x) { return x - x == 0; }

/* x**p as numpy.power: anything by a whole number, negative numbers by no other. */
template <class W> __device__ inline W raised(W x, const Exponent &p) {
    if (p.products < 0)
        return square_root(x);
    if (p.products > 0) {
        W result = 1, base = x;
        for (int n = p.products; n > 0; n >>= 1, base *= base)
            result = n & 1 ? result * base : result;
        return result;
    }
    W result = power(magnitude(x), (W)p.value);
    return x < 0 ? p.parity < 0 ? nan_of<W>() : p.parity ? -result : result : result;
}

template <class W> struct Sum {
    W sum;

    __device__ inline Sum() : sum(0) {}

    __device__ inline void add(W x) { sum += x; }

    __device__ inline W value() const { return sum; }
};

/* What rounding took from each sum is added up too. */
template <> struct Sum<float> {
    float sum, rest;

    __device__ inline Sum() : sum(0), rest(0) {}

    __device__ inline void add(float x) {
        float after = sum + x, back = after - sum;
        rest += (sum - (after - back)) + (x - back);
        sum = after;
    }

    __device__ inline float value() const {
        float whole = sum + rest;
        return whole == whole ? whole : sum; /* beside infinities there is no rest */
    }
};

/* ---- a window --------------------------------------------------------------------------------------------------------- */

template <class T, class W> struct Members {
    typedef T Cell;
    typedef W Work;
    enum { WEIGHTED = false };
    const T *x;
    const unsigned char *mask; /* null: all are valid */
    bool own;                  /* the power is the plane's */
    const Terms &terms;

    __device__ inline Members(const Terms &t, const T *cells, const void *third)
        : x(cells), mask((const unsigned char *)third), own(t.own), terms(t) {}

    template <class Offset> __device__ inline bool has(const Tap<Offset> &tap) const { return mask == 0 || mask[tap.third]; }

    __device__ inline void weigh(const void *) {}

    template <class Offset> __device__ inline W weight(const Tap<Offset> &) const { return 1; }

    template <class Offset> __device__ inline W at(Offset place) const { return (W)Storage<T>::load(x[place]); }
};

template <class W> struct Window {
    long long taps, cells;
    bool spoilt; /* a key is NaN */
    W most, total, mean, squares, weight, shares, coefficient;
};

template <class Op, class Offset> struct Largest {
    Op &op;
    Window<typename Op::Work> &w;
    bool any;

    __device__ inline void visit(const Tap<Offset> &tap) {
        w.taps++;
        if (!op.has(tap))
            return;
        w.cells++;
        if (Op::WEIGHTED)
            w.weight += op.weight(tap);
        typename Op::Work key = op.key(tap);
        if (key != key) {
            w.spoilt = true;
        } else if (!any || op.before(w.most, key)) {
            w.most = key;
            any = true;
        }
    }
};

template <class Op, bool WANTED, class Offset> struct Totals {
    typedef typename Op::Work W;
    const Op &op;
    W scale;
    Sum<W> total, first;

    __device__ inline void visit(const Tap<Offset> &tap) {
        if (!op.has(tap))
            return;
        W u = 0, e = op.template term<WANTED>(tap, u);
        total.add(e);
        if (WANTED && !(e == 0 && magnitude(u) == infinity<W>())) /* infinite, but it weighs nothing */
            first.add(e * (u * scale));
    }
};

template <class Op, class Offset> struct Squares {
    typedef typename Op::Work W;
    const Op &op;
    W mean;
    Sum<W> sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        if (!op.has(tap))
            return;
        W u = 0, e = op.template term<true>(tap, u);
        if (e != 0)
            sum.add(e * (u - mean) * (u - mean));
    }
};

template <bool FIRST, bool SECOND, class Op, class Offset>
__device__ inline Window<typename Op::Work> window_of(const Layout &l, const Offset *tables, const Spot<Offset> &s, Op &op) {
    typedef typename Op::Work W;
    const Terms &t = op.terms;
    Window<W> w = {0, 0, false, 0, 0, 0, 0, 0, 0, 1};
    Largest<Op, Offset> largest = {op, w, false};
    walk<false>(l, tables, s, largest);
    op.settle(w.most, largest.any);
    Totals<Op, FIRST, Offset> totals = {op, 1, Sum<W>(), Sum<W>()};
    walk<false>(l, tables, s, totals);
    w.total = totals.total.value();
    w.mean = FIRST ? totals.first.value() / w.total : (W)0;
    if (FIRST && !is_finite(totals.first.value()) && is_finite(w.total)) { /* of cells near the end of the type's range */
        const W shrink = (W)(1.0 / 4294967296.0);
        Totals<Op, FIRST, Offset> again = {op, shrink, Sum<W>(), Sum<W>()};
        walk<false>(l, tables, s, again);
        w.mean = again.first.value() / w.total / shrink;
    }
    if (SECOND) {
        Squares<Op, Offset> squares = {op, w.mean, Sum<W>()};
        walk<false>(l, tables, s, squares);
        w.squares = squares.sum.value();
    }
    if (t.how != UNDIVIDED) { /* rule 3's divisor, less what cells lack of weight 1 */
        double weight = Op::WEIGHTED ? (double)w.weight : (double)w.cells;
        w.shares = (W)(t.how == BY_SHARES ? share_of(l, tables, s) - (double)w.taps + weight : t.divisor);
        w.coefficient = (W)t.factor / w.shares;
    }
    return w;
}

/* ---- kernels ---------------------------------------------------------------------------------------------------------- */

template <class Offset> __device__ inline double exponent_of(const Terms &t, const double *exponents, const Spot<Offset> &s) {
    return t.own ? exponents[s.fourth] : t.power.value;
}

template <class Op, class Out, class Offset>
__global__ void cypool_weigh(Layout l, const Offset *tables, const typename Op::Cell *x, const void *third,
                             const double *exponents, const void *weights, Terms t, Out *out) {
    typedef typename Op::Work W;
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Op op(t, x, third, (W)exponent_of(t, exponents, s));
        op.weigh(weights);
        Window<W> w = window_of<Op::FIRST, Op::SECOND>(l, tables, s, op);
        out[s.target] = Storage<Out>::store(w.cells == 0 && t.filled ? (W)t.empty : op.value(w));
    }
}

/* Of every window what its cells have to know; `slopes` are the derivatives by the exponent, times the gradient. */
template <class Op, class Offset>
__global__ void cypool_keep(Layout l, const Offset *tables, const typename Op::Cell *x, const void *third,
                            const double *exponents, const void *weights, Terms t, typename Op::Work *kept, long long apart, double *slopes) {
    typedef typename Op::Work W;
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Op op(t, x, third, (W)exponent_of(t, exponents, s));
        op.weigh(weights);
        Window<W> w = window_of<Op::BACK_FIRST, Op::BACK_SECOND>(l, tables, s, op);
        W *to = kept + s.target, g = to[Op::PULL * apart], slope = 0;
        if (w.cells == 0)
            for (int k = 0; k < Op::KEPT; k++)
                to[k * apart] = 0;
        else
            slope = op.keep(w, g, to, apart);
        if (Op::HAS_SLOPE)
            slopes[s.target] = (double)slope;
    }
}

template <class Op, class Offset> struct Given {
    typedef typename Op::Work W;
    const Op &op;
    W x;
    const W *kept;
    long long apart;
    Sum<W> sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        const W *of_window = kept + tap.source;
        if (of_window[Op::PULL * apart] != 0)
            sum.add(op.give(x, of_window, apart));
    }
};

/* The gradient of each cell. */
template <class Op, class Out, class Offset>
__global__ void cypool_give(Layout l, const Offset *tables, const typename Op::Cell *x, const double *exponents, Terms t,
                            const typename Op::Work *kept, long long apart, Out *out) {
    typedef typename Op::Work W;
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Op op(t, x, 0, (W)exponent_of(t, exponents, s));
        Given<Op, Offset> given = {op, op.at(s.third + s.third_pooled), kept, apart, Sum<W>()};
        walk<false>(l, tables, s, given);
        out[s.target] = Storage<Out>::store(given.sum.value());
    }
}
