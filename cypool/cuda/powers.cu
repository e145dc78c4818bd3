/* Norms and power means: of `weighed.cu`'s frame, terms are powers of cells over the window's largest (or smallest) one. */

template <class T, class W> struct Norm : Members<T, W> {
    enum { FIRST = false, SECOND = false, BACK_FIRST = false, BACK_SECOND = false, HAS_SLOPE = false };
    enum { SCALE, PULL, KEPT };
    W scale;

    __device__ inline Norm(const Terms &t, const T *x, const void *third, W) : Members<T, W>(t, x, third), scale(1) {}

    template <class Offset> __device__ inline W key(const Tap<Offset> &tap) const { return magnitude(this->at(tap.source)); }

    __device__ inline bool before(W most, W key) const { return this->terms.power.value < 0 ? key < most : key > most; }

    /* A power of two divides without an error, but leaves the powers of high orders far from 1. */
    __device__ inline void settle(W most, bool any) {
        if (any && most > 0 && is_finite(most))
            scale = this->terms.power.products > 0 ? power_of_two(most) : most;
    }

    template <bool WANTED, class Offset> __device__ inline W term(const Tap<Offset> &tap, W &) const {
        W ratio = this->at(tap.source) / scale;
        return raised(this->terms.with_sign ? ratio : magnitude(ratio), this->terms.power);
    }

    __device__ inline W value(const Window<W> &w) const {
        if (w.cells == 0 && this->terms.norm)
            return 0;
        return scale * raised(w.total * w.coefficient, this->terms.root);
    }

    __device__ inline W keep(const Window<W> &w, W g, W *kept, long long apart) const {
        W y = raised(w.total * w.coefficient, this->terms.root);
        W pull = g * w.coefficient;
        bool endless = magnitude(y) == infinity<W>(); /* beside which finite cells are 0, infinite ones are NaN */
        if (this->terms.power.products != 1 && !endless)
            pull /= raised(y, this->terms.slope);
        kept[SCALE * apart] = this->terms.power.products != 1 && endless ? infinity<W>() : scale;
        kept[PULL * apart] = y == 0 ? (W)0 : pull;
        return 0;
    }

    /* The derivatives of a power, over it. */
    __device__ inline W sloped(W ratio) const {
        bool straight = this->terms.power.products == 1;
        if (this->terms.with_sign)
            return straight ? (W)1 : raised(ratio, this->terms.slope);
        W sign = (W)(ratio > 0) - (W)(ratio < 0);
        return ratio != ratio ? ratio : sign * (straight ? (W)1 : raised(magnitude(ratio), this->terms.slope));
    }

    __device__ inline W bent(W ratio) const {
        const Terms &t = this->terms;
        if (t.power.products == 1 || t.power.products == 2)
            return (W)(t.power.products - 1);
        if (ratio == 0 && t.power.value < 2)
            return 0;
        return (W)t.slope.value * raised(t.with_sign ? ratio : magnitude(ratio), t.bend);
    }

    __device__ inline W give(W x, const W *kept, long long apart) const {
        return kept[PULL * apart] * sloped(x / kept[SCALE * apart]);
    }
};

/* The same of cells that weigh something, and the gradient of what they weigh. */
template <class T, class V> struct WeightedNorm : Norm<T, double> {
    enum { WEIGHTED = true };
    enum { SCALE, SHARE, PULL, KEPT };
    const V *weights;

    __device__ inline WeightedNorm(const Terms &t, const T *x, const void *third, double b) : Norm<T, double>(t, x, third, b), weights(0) {}

    __device__ inline void weigh(const void *by) { weights = (const V *)by; }

    template <class Offset> __device__ inline double weight(const Tap<Offset> &tap) const {
        return (double)Storage<V>::load(weights[tap.fifth]);
    }

    /* What weighs nothing is not to be the scale. */
    template <class Offset> __device__ inline double key(const Tap<Offset> &tap) const {
        double nothing = this->terms.power.value < 0 ? infinity<double>() : 0;
        return weight(tap) == 0 ? nothing : magnitude(this->at(tap.source));
    }

    __device__ inline double raised_ratio(double ratio) const {
        return raised(this->terms.with_sign ? ratio : magnitude(ratio), this->terms.power);
    }

    template <bool WANTED, class Offset> __device__ inline double term(const Tap<Offset> &tap, double &) const {
        double by = weight(tap);
        return by == 0 ? 0 : by * raised_ratio(this->at(tap.source) / this->scale);
    }

    __device__ inline double keep(const Window<double> &w, double g, double *kept, long long apart) const {
        double *behind = kept + (PULL - Norm<T, double>::PULL) * apart, y;
        Norm<T, double>::keep(w, g, behind, apart);
        kept[SCALE * apart] = behind[Norm<T, double>::SCALE * apart];
        y = this->scale * raised(w.total * w.coefficient, this->terms.root);
        kept[SHARE * apart] = this->terms.how == BY_SHARES && kept[PULL * apart] != 0 ? g * y / (this->terms.power.value * w.shares) : 0;
        return 0;
    }

    __device__ inline double give(double x, const double *kept, long long apart) const {
        double two[2] = {kept[SCALE * apart], kept[PULL * apart]};
        return Norm<T, double>::give(x, two, 1);
    }

    __device__ inline double give_weight(double x, const double *kept, long long apart) const {
        double scale = kept[SCALE * apart];
        double slope = kept[PULL * apart] * raised_ratio(x / scale) / this->terms.power.value;
        return slope * scale - kept[SHARE * apart]; /* the scale last, for it may be subnormal */
    }
};

template <class Op, class Offset> struct GivenToWeight {
    const Op &op;
    double x;
    const double *kept;
    long long apart;
    double sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        const double *of_window = kept + tap.source;
        if (of_window[Op::PULL * apart] != 0)
            sum += op.give_weight(x, of_window, apart);
    }
};

/* Gradients of cells, which are the third, times what these weigh, which is the fifth, and of that, which is the fourth. */
template <class Op, class V, class Out, class Offset>
__global__ void cypool_give_weighted(Layout l, const Offset *tables, const typename Op::Cell *x, const V *weights, Terms t, const double *kept,
                                     long long apart, Out *out, double *out_weights) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Op op(t, x, 0, t.power.value);
        double own = op.at(s.third + s.third_pooled), weight = (double)Storage<V>::load(weights[s.fifth + s.fifth_pooled]);
        Given<Op, Offset> given = {op, own, kept, apart, Sum<double>()};
        GivenToWeight<Op, Offset> to_weight = {op, own, kept, apart, 0};
        walk<false>(l, tables, s, given);
        walk<false>(l, tables, s, to_weight);
        out[s.target] = Storage<Out>::store(weight == 0 ? 0 : given.sum.value() * weight);
        out_weights[s.fourth + s.fourth_pooled] = to_weight.sum;
    }
}

/* ---- second derivatives ----------------------------------------------------------------------------------------------- */

/* The sum of what gradients of a window's cells are multiplied by: the fourth is the gradient of the gradient of x. */
template <class Op, class Offset> struct Pushed {
    const Op &op;
    const double *outer;
    double sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        double weight = op.has(tap) ? (double)op.weight(tap) : 0;
        if (weight != 0)
            sum += weight * op.sloped(op.at(tap.source) / op.scale) * outer[tap.fourth];
    }
};

enum { OVER_SCALE, BY_BEND, BY_SLOPE }; /* what `cypool_bend` keeps of a window; the last is its gradient before */

template <class Op, class Offset>
__global__ void cypool_bend(Layout l, const Offset *tables, const typename Op::Cell *x, const void *third, const double *outer,
                            const void *weights, Terms t, double *kept, long long apart, double *to_gradient) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Op op(t, x, third, t.power.value);
        op.weigh(weights);
        Window<double> w = window_of<false, false>(l, tables, s, op);
        Pushed<Op, Offset> pushed = {op, outer, 0};
        walk<false>(l, tables, s, pushed);
        double y = raised(w.total * w.coefficient, t.root), g = kept[BY_SLOPE * apart + s.target];
        bool straight = t.power.products == 1, live = w.cells > 0 && y != 0;
        double shrunk = straight ? 1 : 1 / raised(y, t.slope), push = w.coefficient * pushed.sum;
        double bend = g * w.coefficient * shrunk, slope = straight ? 0 : -t.slope.value * bend * shrunk / y * push;
        to_gradient[s.target] = live ? shrunk * push : 0;
        kept[OVER_SCALE * apart + s.target] = op.scale;
        kept[BY_BEND * apart + s.target] = live ? bend : 0;
        kept[BY_SLOPE * apart + s.target] = live ? slope : 0;
    }
}

template <class Op, class Offset> struct GivenByBend {
    const Op &op;
    double x, outer;
    const double *kept;
    long long apart;
    double sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        const double *of_window = kept + tap.source;
        double scale = of_window[OVER_SCALE * apart], bend = of_window[BY_BEND * apart], slope = of_window[BY_SLOPE * apart];
        if (bend != 0)
            sum += bend * (op.bent(x / scale) * outer) / scale;
        if (slope != 0)
            sum += slope * op.sloped(x / scale) / scale;
    }
};

/* The gradient of each cell, which is the third, times what it weighs, the fifth; the fourth is as above. */
template <class Op, class V, class Out, class Offset>
__global__ void cypool_give_bend(Layout l, const Offset *tables, const typename Op::Cell *x, const double *outer, const V *weights, Terms t,
                                 const double *kept, long long apart, Out *out) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Op op(t, x, 0, t.power.value);
        double weight = weights == 0 ? 1.0 : (double)Storage<V>::load(weights[s.fifth + s.fifth_pooled]);
        GivenByBend<Op, Offset> given = {op, op.at(s.third + s.third_pooled), outer[s.fourth + s.fourth_pooled], kept, apart, 0};
        walk<false>(l, tables, s, given);
        out[s.target] = Storage<Out>::store(weight == 0 ? 0 : weight * given.sum);
    }
}
