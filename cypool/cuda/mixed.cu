/* ---- mixtures of the maximum and the mean, in given proportions or by a gate --------------------------------------------- */

/* The windows of a mixture are walked by the tables, those of a gate by the matrices of filters, whose taps name the gate's weights
 * (`fifth`).  At a window's own place `third` lies what was given for it: a proportion, or a gate's bias.
 */

template <class T, class Wide, class Sum, class Offset> struct Mixture {
    const T *x;
    const bool *mask; /* null: all cells are valid */
    const double *w;  /* null: no gate */
    Wide most;
    Offset plane;
    Sum sum, score, in_row;
    long long cells;

    /* The first of a tie stays, the last NaN wins. */
    __device__ inline void visit(const Tap<Offset> &tap) {
        if (mask && !mask[tap.fourth])
            return;
        Wide value = (Wide)Storage<T>::load(x[tap.source]);
        if (cells == 0 || value > most || value != value) {
            most = value;
            plane = tap.plane;
        }
        sum += (Sum)value;
        cells++;
        if (w)
            in_row += (Sum)w[tap.fifth] * (Sum)value;
    }

    __device__ inline void row(double) {
        score += in_row;
        in_row = 0;
    }

    __device__ inline Wide mean() const {
        return (Wide)(sum / (Sum)cells);
    }
};

template <bool GATED> struct Gate {
    template <class Offset, class Visitor>
    static __device__ inline void walk_over(const Layout &l, const Offset *tables, const Spot<Offset> &s, Visitor &visitor) {
        walk<false>(l, tables, s, visitor);
    }
    static __device__ inline double alpha(double given, double) {
        return given;
    }
    static __device__ inline double slope(double) {
        return 1.0;
    }
};

template <> struct Gate<true> {
    template <class Offset, class Visitor>
    static __device__ inline void walk_over(const Layout &l, const Offset *tables, const Spot<Offset> &s, Visitor &visitor) {
        walk_terms(l, tables, (const double *)0, s, visitor);
    }
    static __device__ inline double alpha(double bias, double score) {
        double small;
        score += bias;
        small = exp(score < 0 ? score : -score);
        return (score < 0 ? small : 1.0) / (1.0 + small);
    }
    static __device__ inline double slope(double alpha) {
        return alpha * (1.0 - alpha);
    }
};

/* The mixture; a part whose proportion is 0 adds nothing, even where it is infinite. */
template <class T, class Wide, class Sum, class Out, bool GATED, class Offset>
__global__ void cypool_mixed(
    Layout l, const Offset *tables, const T *x, const bool *mask, const double *w, const double *given, double number, Out *out,
    Out nothing) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Mixture<T, Wide, Sum, Offset> m = {x, mask, w, 0, -1, 0, 0, 0, 0};
        Gate<GATED>::walk_over(l, tables, s, m);
        if (m.cells == 0) {
            out[s.target] = nothing;
            continue;
        }
        Wide a = (Wide)Gate<GATED>::alpha(given ? given[s.third + s.third_pooled] : number, (double)m.score), rest = (Wide)1 - a;
        out[s.target] = Storage<Out>::store((a == 0 ? (Wide)0 : m.most * a) + (rest == 0 ? (Wide)0 : m.mean() * rest));
    }
}

/* What each window sends: to the cell it chose, to every cell, and, for its proportion or score, `slope`. */
template <class T, class Wide, class Sum, class G, class Sent, bool GATED, class Offset>
__global__ void cypool_mixed_sent(
    Layout l, const Offset *tables, const T *x, const bool *mask, const double *w, const double *given, double number,
    const G *gradient, long long *chosen, Sent *part, Sent *spread, double *slope) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Mixture<T, Wide, Sum, Offset> m = {x, mask, w, 0, -1, 0, 0, 0, 0};
        Gate<GATED>::walk_over(l, tables, s, m);
        double a = Gate<GATED>::alpha(given ? given[s.third + s.third_pooled] : number, (double)m.score);
        double g = (double)Storage<G>::load(gradient[s.target]);
        chosen[s.target] = m.plane;
        part[s.target] = m.cells ? (Sent)(a * g) : (Sent)0;
        spread[s.target] = m.cells ? (Sent)((1.0 - a) * g / (double)m.cells) : (Sent)0;
        slope[s.target] = m.cells ? g * ((double)m.most - (double)m.mean()) * Gate<GATED>::slope(a) : 0.0;
    }
}

template <class Sent, class Offset> struct MixtureReceived {
    const long long *chosen;
    const Sent *part, *spread;
    const double *slope, *w;
    long long own;
    Sent sum, by_score, in_row;

    __device__ inline void visit(const Tap<Offset> &tap) {
        sum += spread[tap.source];
        if (chosen[tap.source] == own && !tap.again)
            sum += part[tap.source];
        if (w)
            in_row += (Sent)(w[tap.fifth] * slope[tap.source]);
    }

    __device__ inline void row(double) {
        by_score += in_row;
        in_row = 0;
    }
};

/* For every valid cell the sum of what its windows send. */
template <class Sent, class Out, bool GATED, class Offset>
__global__ void cypool_mixed_received(
    Layout l, const Offset *tables, const long long *chosen, const Sent *part, const Sent *spread, const double *slope,
    const double *w, const bool *mask, Out *out) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        MixtureReceived<Sent, Offset> received = {chosen, part, spread, slope, w, position_of(l, s), 0, 0, 0};
        if (!mask || mask[s.fourth + s.fourth_pooled])
            Gate<GATED>::walk_over(l, tables, s, received);
        out[s.target] = Storage<Out>::store(received.sum + received.by_score);
    }
}
