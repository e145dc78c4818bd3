/* Ranges, and standard deviations in `weighed.cu`'s frame: u is half a cell's distance to the window's first one, over a scale. */

template <class T> struct Std : Members<T, double> {
    enum { FIRST = true, SECOND = true, BACK_FIRST = true, BACK_SECOND = true, HAS_SLOPE = false };
    enum { FIRST_CELL, SCALE, MEAN, PULL, KEPT };
    double first, scale;
    bool begun;

    __device__ inline Std(const Terms &t, const T *x, const void *third, double)
        : Members<T, double>(t, x, third), first(0), scale(1), begun(false) {}

    static __device__ inline double apart_from(double x, double first, double scale) { return (x / 2 - first / 2) / scale; }

    template <class Offset> __device__ inline double key(const Tap<Offset> &tap) {
        double x = this->at(tap.source);
        first = begun ? first : x;
        begun = true;
        return magnitude(x / 2 - first / 2);
    }

    __device__ inline bool before(double most, double key) const { return key > most; }

    /* double holds the squares of smaller types. */
    __device__ inline void settle(double most, bool any) {
        if (sizeof(T) == 8 && any && most > 0 && is_finite(most))
            scale = power_of_two(most);
    }

    template <bool WANTED, class Offset> __device__ inline double term(const Tap<Offset> &tap, double &u) const {
        u = apart_from(this->at(tap.source), first, scale);
        return 1;
    }

    __device__ inline double deviation(const Window<double> &w) const {
        return square_root(w.squares / (double)(w.cells - this->terms.freedom));
    }

    __device__ inline double value(const Window<double> &w) const {
        return w.cells <= this->terms.freedom ? nan_of<double>() : deviation(w) * scale * 2;
    }

    __device__ inline double keep(const Window<double> &w, double g, double *kept, long long apart) const {
        double y = deviation(w);
        kept[FIRST_CELL * apart] = first;
        kept[SCALE * apart] = scale;
        kept[MEAN * apart] = w.mean;
        kept[PULL * apart] = w.cells <= this->terms.freedom || y == 0 ? 0 : g / ((double)(w.cells - this->terms.freedom) * y);
        return 0;
    }

    __device__ inline double give(double x, const double *kept, long long apart) const {
        return kept[PULL * apart] * (apart_from(x, kept[FIRST_CELL * apart], kept[SCALE * apart]) - kept[MEAN * apart]);
    }
};

template <class T, class Offset> struct Ends {
    typedef typename Storage<T>::Value Value;
    const T *x;
    const unsigned char *mask; /* null: all cells are valid */
    Value low, high;
    Offset low_at, high_at; /* -1: there is no cell */

    __device__ inline Ends(const T *cells, const unsigned char *valid) : x(cells), mask(valid), low(0), high(0), low_at(-1), high_at(-1) {}

    /* As maxima and minima: the first of a tie, the last NaN. */
    __device__ inline void visit(const Tap<Offset> &tap) {
        if (mask != 0 && !mask[tap.third])
            return;
        Value b = Storage<T>::load(x[tap.source]);
        if (low_at < 0 || b < low || b != b) {
            low = b;
            low_at = tap.plane;
        }
        if (high_at < 0 || b > high || b != b) {
            high = b;
            high_at = tap.plane;
        }
    }
};

/* Out is unsigned for signed integers: all differences fit, modulo its range. */
template <class T, class Out, class Offset>
__global__ void cypool_range(Layout l, const Offset *tables, const T *x, const unsigned char *mask, Out empty, Out *out) {
    EACH_ELEMENT(i) {
        typedef typename Storage<Out>::Value Wide;
        Spot<Offset> s = spot_of<Offset>(l, i);
        Ends<T, Offset> ends(x, mask);
        walk<false>(l, tables, s, ends);
        out[s.target] = ends.low_at < 0 ? empty : Storage<Out>::store((Wide)ends.high - (Wide)ends.low);
    }
}

/* Where in their planes the largest cells stand, and `apart` behind them the smallest. */
template <class T, class Offset>
__global__ void cypool_ends(Layout l, const Offset *tables, const T *x, const unsigned char *mask, long long *where, long long apart) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Ends<T, Offset> ends(x, mask);
        walk<false>(l, tables, s, ends);
        where[s.target] = ends.high_at;
        where[s.target + apart] = ends.low_at;
    }
}

template <class T, class W, class Offset> struct Parted {
    const T *gradient;
    const long long *where;
    long long apart, own;
    Sum<W> sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        if (tap.again)
            return;
        bool high = where[tap.third] == own, low = where[tap.third + apart] == own;
        if (high != low) /* equal cells give nothing, nor does a NaN that is both */
            sum.add(high ? (W)Storage<T>::load(gradient[tap.source]) : -(W)Storage<T>::load(gradient[tap.source]));
    }
};

/* The gradient of a range: what the windows send whose largest cell it is, less those whose smallest. */
template <class T, class W, class Offset>
__global__ void cypool_apart(Layout l, const Offset *tables, const T *gradient, const long long *where, long long apart, T *out) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Parted<T, W, Offset> parted = {gradient, where, apart, position_of(l, s), Sum<W>()};
        walk<false>(l, tables, s, parted);
        out[s.target] = Storage<T>::store(parted.sum.value());
    }
}
