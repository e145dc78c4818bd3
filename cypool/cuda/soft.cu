/* Smooth maxima and averages by importance, in `weighed.cu`'s frame: terms are exponentials relative to the window's largest. */

/* What lse and soft share: e = exp(b d), u = d, d the distance to the cell whose term is 1. */
template <class T, class W> struct Exponentials : Members<T, W> {
    W b, most;

    __device__ inline Exponentials(const Terms &t, const T *x, const void *third, W power) : Members<T, W>(t, x, third), b(power), most(0) {}

    template <class Offset> __device__ inline W key(const Tap<Offset> &tap) const { return this->at(tap.source); }

    __device__ inline bool before(W so_far, W key) const { return b < 0 ? key < so_far : key > so_far; }

    __device__ inline void settle(W found, bool) { most = found; }

    template <bool WANTED, class Offset> __device__ inline W term(const Tap<Offset> &tap, W &u) const {
        u = this->at(tap.source) - most;
        return exponential(b * u);
    }

    /* Without finite terms the cell itself is the result, and no gradient tells its cells apart. */
    __device__ inline bool endless(const Window<W> &) const { return !is_finite(most); }

    __device__ inline W itself(const Window<W> &w) const { return w.spoilt ? nan_of<W>() : most; }
};

template <class T, class W> struct Lse : Exponentials<T, W> {
    enum { FIRST = false, SECOND = false, BACK_FIRST = true, BACK_SECOND = false, HAS_SLOPE = true };
    enum { MOST, PULL, KEPT };

    __device__ inline Lse(const Terms &t, const T *x, const void *third, W b) : Exponentials<T, W>(t, x, third, b) {}

    __device__ inline W log_of(const Window<W> &w) const {
        return logarithm(this->terms.mean ? w.total / (W)w.cells : w.total) / this->b;
    }

    __device__ inline W value(const Window<W> &w) const {
        if (w.cells == 0)
            return this->terms.mean ? nan_of<W>() : this->b < 0 ? infinity<W>() : -infinity<W>();
        return this->endless(w) ? this->itself(w) : this->most + log_of(w);
    }

    __device__ inline W keep(const Window<W> &w, W g, W *kept, long long apart) const {
        W nothing = this->endless(w) ? nan_of<W>() : (W)0;
        kept[MOST * apart] = this->most;
        kept[PULL * apart] = g / w.total + nothing;
        return (w.mean - log_of(w)) / this->b * g + nothing;
    }

    __device__ inline W give(W x, const W *kept, long long apart) const {
        return kept[PULL * apart] * exponential(this->b * (x - kept[MOST * apart]));
    }
};

template <class T, class W> struct Soft : Exponentials<T, W> {
    enum { FIRST = true, SECOND = false, BACK_FIRST = true, BACK_SECOND = true, HAS_SLOPE = true };
    enum { MOST, MEAN, PULL, KEPT };

    __device__ inline Soft(const Terms &t, const T *x, const void *third, W b) : Exponentials<T, W>(t, x, third, b) {}

    __device__ inline W value(const Window<W> &w) const {
        if (w.cells == 0)
            return nan_of<W>();
        return this->endless(w) ? this->itself(w) : this->most + w.mean;
    }

    __device__ inline W keep(const Window<W> &w, W g, W *kept, long long apart) const {
        W nothing = this->endless(w) ? nan_of<W>() : (W)0;
        kept[MOST * apart] = this->most;
        kept[MEAN * apart] = w.mean;
        kept[PULL * apart] = g / w.total + nothing;
        return w.squares / w.total * g + nothing;
    }

    __device__ inline W give(W x, const W *kept, long long apart) const {
        W d = x - kept[MOST * apart], e = exponential(this->b * d);
        return e == 0 ? e : kept[PULL * apart] * e * (1 + this->b * (d - kept[MEAN * apart]));
    }
};

/* e = (c / most)**b, u its base's logarithm. */
template <class T, class W> struct Gem : Members<T, W> {
    enum { FIRST = false, SECOND = false, BACK_FIRST = true, BACK_SECOND = false, HAS_SLOPE = true };
    enum { MOST, PULL, KEPT };
    W b, most;
    Exponent by, slope, root;

    __device__ inline Gem(const Terms &t, const T *x, const void *third, W power)
        : Members<T, W>(t, x, third), b(power), most(1), by(t.power), slope(t.slope), root(t.root) {
        if (t.own) {
            Exponent other[3] = {{(double)b, 0, -1}, {(double)b - 1, 0, -1}, {1 / (double)b, 0, -1}};
            by = other[0], slope = other[1], root = other[2];
        }
    }

    __device__ inline W clipped(W x) const { return x < (W)this->terms.floor ? (W)this->terms.floor : x; }

    template <class Offset> __device__ inline W key(const Tap<Offset> &tap) const { return clipped(this->at(tap.source)); }

    __device__ inline bool before(W so_far, W key) const { return b < 0 ? key < so_far : key > so_far; }

    __device__ inline void settle(W found, bool any) { most = any ? found : (W)1; }

    template <bool WANTED, class Offset> __device__ inline W term(const Tap<Offset> &tap, W &u) const {
        W ratio = clipped(this->at(tap.source)) / most;
        if (WANTED)
            u = logarithm(ratio);
        return raised(ratio, by);
    }

    __device__ inline W value(const Window<W> &w) const {
        if (w.cells == 0 || w.spoilt)
            return nan_of<W>();
        return is_finite(most) ? most * raised(w.total / (W)w.cells, root) : most;
    }

    __device__ inline W keep(const Window<W> &w, W g, W *kept, long long apart) const {
        W of_mean = w.total / (W)w.cells, y = raised(of_mean, root), nothing = is_finite(most) ? (W)0 : nan_of<W>();
        kept[MOST * apart] = most;
        kept[PULL * apart] = g * y / w.total + nothing;
        return most * y * ((w.mean - logarithm(of_mean) / b) / b) * g + nothing;
    }

    __device__ inline W give(W x, const W *kept, long long apart) const {
        if (x < (W)this->terms.floor)
            return 0;
        W ratio = x / kept[MOST * apart];
        return kept[PULL * apart] * (b == 1 ? (ratio != ratio ? ratio : (W)1) : raised(ratio, slope));
    }
};

/* e = exp(logit - most), u the cell; a logit of -infinity makes its cell none. */
template <class T, class Z, class W> struct Lip : Members<T, W> {
    enum { FIRST = true, SECOND = false, BACK_FIRST = true, BACK_SECOND = false, HAS_SLOPE = false };
    enum { MOST, MEAN, PULL, KEPT };
    const Z *logits;
    W most;

    __device__ inline Lip(const Terms &t, const T *x, const void *third, W) : Members<T, W>(t, x, 0), logits((const Z *)third), most(0) {}

    template <class Offset> __device__ inline W key(const Tap<Offset> &tap) const { return (W)Storage<Z>::load(logits[tap.third]); }

    template <class Offset> __device__ inline bool has(const Tap<Offset> &tap) const { return key(tap) != -infinity<W>(); }

    __device__ inline bool before(W so_far, W key) const { return key > so_far; }

    __device__ inline void settle(W found, bool) { most = found; }

    static __device__ inline W part(W logit, W most) { return logit == most ? (W)1 : exponential(logit - most); }

    template <bool WANTED, class Offset> __device__ inline W term(const Tap<Offset> &tap, W &u) const {
        u = this->at(tap.source);
        return part(key(tap), most);
    }

    __device__ inline W value(const Window<W> &w) const { return w.cells == 0 ? nan_of<W>() : w.mean; }

    __device__ inline W keep(const Window<W> &w, W g, W *kept, long long apart) const {
        kept[MOST * apart] = most;
        kept[MEAN * apart] = w.mean;
        kept[PULL * apart] = g / w.total;
        return 0;
    }
};

template <class Op, class Offset> struct GivenByLogit {
    typedef typename Op::Work W;
    W x, logit;
    const W *kept;
    long long apart;
    Sum<W> to_x, to_logit;

    __device__ inline void visit(const Tap<Offset> &tap) {
        const W *of_window = kept + tap.source;
        W pull = of_window[Op::PULL * apart], e = Op::part(logit, of_window[Op::MOST * apart]);
        if (pull == 0)
            return;
        to_x.add(pull * e);
        if (!(e == 0 && magnitude(x) == infinity<W>()))
            to_logit.add(pull * e * (x - of_window[Op::MEAN * apart]));
    }
};

/* The gradients of each cell and of its logit, which are the third; the fourth is x, the fifth `out_logits`. */
template <class Op, class Z, class Out, class Other, class Offset>
__global__ void cypool_give_both(Layout l, const Offset *tables, const typename Op::Cell *x, const Z *logits, const typename Op::Work *kept,
                                 long long apart, Out *out, Other *out_logits) {
    typedef typename Op::Work W;
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        W logit = (W)Storage<Z>::load(logits[s.third + s.third_pooled]);
        GivenByLogit<Op, Offset> given = {(W)Storage<typename Op::Cell>::load(x[s.fourth + s.fourth_pooled]), logit, kept, apart, Sum<W>(), Sum<W>()};
        if (logit != -infinity<W>())
            walk<false>(l, tables, s, given);
        out[s.target] = Storage<Out>::store(given.to_x.value());
        out_logits[s.fifth + s.fifth_pooled] = Storage<Other>::store(given.to_logit.value());
    }
}
