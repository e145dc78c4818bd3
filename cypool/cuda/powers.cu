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

    __device__ inline W give(W x, const W *kept, long long apart) const {
        W ratio = x / kept[SCALE * apart], pull = kept[PULL * apart], sign = (W)(ratio > 0) - (W)(ratio < 0);
        if (this->terms.with_sign)
            return this->terms.power.products == 1 ? pull : pull * raised(ratio, this->terms.slope);
        if (ratio != ratio)
            return ratio;
        return pull * sign * (this->terms.power.products == 1 ? (W)1 : raised(magnitude(ratio), this->terms.slope));
    }
};
