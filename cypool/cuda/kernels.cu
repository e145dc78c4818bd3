/* Pooling on a GPU: windowed selection, windowed sum, their adjoints and the movement of indices.
 *
 * This one file is compiled in three ways: by NVRTC when a kernel is first used (cupy_device.py), by nvcc in the tests, which
 * want no warning, and by a C++ compiler with a header that stands in for the CUDA language, so that every kernel's
 * arithmetic and indexing is tested where there is no GPU.  It includes nothing.
 *
 * A thread computes one element of the target at a time.  It never sees padding, strides of windows or dilation: for each
 * pooled axis a table has a row (first, count, skip, share) for each output, as cypool/geometry.py makes it, and `Layout` says
 * where tables begin and how far apart elements lie.  A gradient is computed by gathering: its targets are the cells, its
 * tables are transposed (the windows that hold a cell), and the thread that owns a cell adds what these windows send it, in
 * row-major order.  So there are no floating-point atomics, and every run gives the same bits.
 *
 * Pooled axes are padded to three by axes of extent 1 (the host does that).  The last three are loops; axes before them are
 * one loop over the product of their taps.
 *
 * Under a boundary mode a table counts positions of the padded axis, and a list says which cell each of them sees; transposed,
 * rows are runs of a list of windows, in which those that see the cell several times stand as often.
 *
 * Offset is int where all offsets fit, else long long.  T is the storage type; Half and Bfloat16 are read as float.
 */

#define CYPOOL_AXES 36 /* of an array, once the pooled ones are padded to three */

struct Layout {
    long long total;                                     /* elements of the target */
    int outer, rank, lanes, unused;                      /* axes: batch axes before the pooled ones, pooled, batch behind them */
    long long extent[CYPOOL_AXES];                       /* of the target, in this order */
    long long source[CYPOOL_AXES], target[CYPOOL_AXES], third[CYPOOL_AXES]; /* strides in elements */
    long long fourth[CYPOOL_AXES], fifth[CYPOOL_AXES];   /* of what lies beside the cells: a mask, weights */
    long long table[CYPOOL_AXES], forward[CYPOOL_AXES];  /* of pooled axes: where the table to walk begins, and the windows' own */
    long long step[CYPOOL_AXES], forward_step[CYPOOL_AXES]; /* between taps, of either table */
    long long cells[CYPOOL_AXES], window[CYPOOL_AXES];   /* extents of the plane that is walked, and of the unclipped window */
    long long seen[CYPOOL_AXES];                         /* where the list begins of what positions see; -1 without a boundary */
};

enum { UNDIVIDED, BY_NUMBER, BY_SHARES };     /* as cypool.windows._division numbers them */
enum { TRUNC, FLOOR, NEAREST, HALF_UP };      /* in the order of cypool.parameters.ROUNDINGS */
enum { NO_INDEX = 0, WINDOW_8 = 1, WINDOW_16 = 2, WINDOW_32 = 4, PLANE = 8 }; /* bytes of one index */

/* ---- storage types ---------------------------------------------------------------------------------------------------- */

struct Half {
    unsigned short bits;
};

struct Bfloat16 {
    unsigned short bits;
};

#ifndef CYPOOL_STAND_IN /* no header is needed for two instructions */
__device__ inline float float_of_half(unsigned short bits) {
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
    return value;
}

__device__ inline unsigned short half_of_float(float value) {
    unsigned short bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
    return bits;
}

__device__ inline float float_of_bits(unsigned int bits) {
    return __uint_as_float(bits);
}

__device__ inline unsigned int bits_of_float(float value) {
    return __float_as_uint(value);
}
#endif

template <class T> struct Storage {
    typedef T Value;
    static __device__ inline T load(T x) {
        return x;
    }
    template <class Number> static __device__ inline T store(Number value) {
        return (T)value;
    }
};

template <> struct Storage<Half> {
    typedef float Value;
    static __device__ inline float load(Half x) {
        return float_of_half(x.bits);
    }
    template <class Number> static __device__ inline Half store(Number value) {
        Half x = {half_of_float((float)value)};
        return x;
    }
};

template <> struct Storage<Bfloat16> {
    typedef float Value;
    static __device__ inline float load(Bfloat16 x) {
        return float_of_bits((unsigned int)x.bits << 16);
    }
    template <class Number> static __device__ inline Bfloat16 store(Number value) {
        unsigned int bits = bits_of_float((float)value);
        bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
        bits += 0x7fffu + (bits >> 16 & 1u); /* half to even */
        Bfloat16 x = {(unsigned short)(nan ? 0x7fc0u : bits >> 16)};
        return x;
    }
};

/* ---- places ----------------------------------------------------------------------------------------------------------- */

template <class Offset> struct Row {
    Offset first, count, skip, share;
};

template <class Offset> __device__ inline Row<Offset> row_at(const Offset *tables, long long begin, Offset position) {
    const Offset *r = tables + (Offset)begin + 4 * position;
    Row<Offset> row = {r[0], r[1], r[2], r[3]};
    return row;
}

/* One element of the target: its offsets, and its position along the pooled axes (all but the last two in one number). */
template <class Offset> struct Spot {
    Offset source, target, third, fourth, fifth; /* all but the target's: of the batch axes alone */
    Offset lead, middle, last;
    Offset third_pooled, fourth_pooled, fifth_pooled; /* what the pooled positions add to those that go with the target */
};

template <class Offset> __device__ inline Spot<Offset> spot_of(const Layout &l, long long element) {
    Spot<Offset> s = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    Offset rest = (Offset)element;
    int last = l.outer + l.rank - 1;
    for (int a = last + l.lanes; a >= 0; a--) {
        if (a == last - 2)
            s.lead = rest; /* the first three pooled axes or more; taken apart once more where it is needed */
        Offset extent = (Offset)l.extent[a], before = rest / extent, position = rest - before * extent;
        rest = before;
        s.target += position * (Offset)l.target[a];
        if (a > last || a < l.outer) {
            s.source += position * (Offset)l.source[a];
            s.third += position * (Offset)l.third[a];
            s.fourth += position * (Offset)l.fourth[a];
            s.fifth += position * (Offset)l.fifth[a];
        } else {
            s.third_pooled += position * (Offset)l.third[a];
            s.fourth_pooled += position * (Offset)l.fourth[a];
            s.fifth_pooled += position * (Offset)l.fifth[a];
            s.last = a == last ? position : s.last;
            s.middle = a == last - 1 ? position : s.middle;
        }
    }
    return s;
}

/* A tap, or the part of one that some axes have settled. */
template <class Offset> struct Tap {
    Offset source, third, plane;
    double share;
    Offset fourth, fifth;
    bool again; /* the window that was shown just before, for a gradient's cell that it sees several times */
};

template <bool SHARES, class Offset>
__device__ inline Tap<Offset> tap_along(const Layout &l, const Offset *tables, int axis, Tap<Offset> tap, Offset cell) {
    if (l.seen[axis] >= 0) {
        const Offset seen = tables[(Offset)l.seen[axis] + cell];
        tap.again = tap.again || seen < 0; /* as ~window */
        cell = seen < 0 ? ~seen : seen;
    }
    tap.source += cell * (Offset)l.source[l.outer + axis];
    tap.third += cell * (Offset)l.third[l.outer + axis];
    tap.fourth += cell * (Offset)l.fourth[l.outer + axis];
    tap.fifth += cell * (Offset)l.fifth[l.outer + axis];
    tap.plane = tap.plane * (Offset)l.cells[axis] + cell;
    if (SHARES) /* that of the window a gradient comes from */
        tap.share *= (double)row_at(tables, l.forward[axis], cell).share;
    return tap;
}

/* Taps of the axes before the last two, counted together. */
template <class Offset> __device__ inline Offset leading_taps(const Layout &l, const Offset *tables, Offset lead) {
    Offset taps = 1;
    for (int axis = l.rank - 3; axis >= 0; axis--) {
        Offset extent = (Offset)l.extent[l.outer + axis], before = lead / extent;
        taps *= row_at(tables, l.table[axis], lead - before * extent).count;
        lead = before;
    }
    return taps;
}

/* The leading axes from the first on: what is left of `number` and `lead` are divided by the axes behind. */
template <bool SHARES, class Offset>
__device__ inline Tap<Offset> leading_tap(const Layout &l, const Offset *tables, Offset lead, Offset number, Tap<Offset> tap) {
    for (int axis = 0; axis <= l.rank - 3; axis++) {
        Offset left = lead, taps = number, extent, before;
        Row<Offset> row;
        for (int a = l.rank - 3;; a--) {
            extent = (Offset)l.extent[l.outer + a];
            before = left / extent;
            row = row_at(tables, l.table[a], left - before * extent);
            if (a == axis)
                break;
            left = before;
            taps /= row.count;
        }
        tap = tap_along<SHARES>(l, tables, axis, tap, row.first + taps % row.count * (Offset)l.step[axis]);
    }
    return tap;
}

/* Show a visitor every tap of a window in row-major order. */
template <bool SHARES, class Offset, class Visitor>
__device__ inline void walk(const Layout &l, const Offset *tables, const Spot<Offset> &s, Visitor &visitor) {
    const int across = l.rank - 1, down = l.rank - 2;
    const Row<Offset> rows = row_at(tables, l.table[down], s.middle), columns = row_at(tables, l.table[across], s.last);
    const Offset taps = leading_taps(l, tables, s.lead);
    if (rows.count == 0 || columns.count == 0)
        return;
    for (Offset number = 0; number < taps; number++) {
        const Tap<Offset> begin = {s.source, s.third, 0, 1.0, s.fourth, s.fifth, false};
        const Tap<Offset> lead = leading_tap<SHARES>(l, tables, s.lead, number, begin);
        for (Offset i = 0; i < rows.count; i++) {
            const Tap<Offset> row = tap_along<SHARES>(l, tables, down, lead, rows.first + i * (Offset)l.step[down]);
            for (Offset j = 0; j < columns.count; j++)
                visitor.visit(tap_along<SHARES>(l, tables, across, row, columns.first + j * (Offset)l.step[across]));
        }
    }
}

#define EACH_ELEMENT(i)                                                                                                     \
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < l.total; i += (long long)gridDim.x * blockDim.x)

/* ---- indices ---------------------------------------------------------------------------------------------------------- */

/* The windows' own row of one pooled axis, for the window at a spot of the result. */
template <class Offset> struct Positions {
    const Layout &l;
    const Offset *tables;
    const Spot<Offset> &s;
    Offset lead;

    __device__ inline Positions(const Layout &layout, const Offset *t, const Spot<Offset> &spot)
        : l(layout), tables(t), s(spot), lead(spot.lead) {}

    /* To be asked for axis rank - 1, rank - 2, ... 0. */
    __device__ inline Row<Offset> back(int axis) {
        Offset position = axis == l.rank - 1 ? s.last : s.middle;
        if (axis < l.rank - 2) {
            Offset extent = (Offset)l.extent[l.outer + axis], before = lead / extent;
            position = lead - before * extent;
            lead = before;
        }
        return row_at(tables, l.forward[axis], position);
    }
};

/* The number of the tap of a row that sees a cell, the first of such or the last; -1 if none does. */
template <class Offset>
__device__ inline Offset tap_of(const Layout &l, const Offset *tables, int axis, const Row<Offset> &row, Offset cell, bool last) {
    Offset step = (Offset)l.forward_step[axis];
    if (l.seen[axis] < 0) {
        Offset here = cell - row.first, tap = here && step ? here / step : here;
        return here >= 0 && tap * (step ? step : 1) == here && tap < row.count ? tap : -1;
    }
    Offset found = -1;
    for (Offset tap = 0; tap < row.count && (last || found < 0); tap++)
        if (tables[(Offset)l.seen[axis] + row.first + tap * step] == cell)
            found = tap;
    return found;
}

/* The offset in the window of a cell that it holds, of its first tap there or of its last. */
template <class Offset>
__device__ inline long long
offset_in_window(const Layout &l, const Offset *tables, const Spot<Offset> &s, Offset plane, bool last = false) {
    long long offset = 0, scale = 1;
    Positions<Offset> positions(l, tables, s);
    for (int axis = l.rank - 1; axis >= 0; axis--) {
        Row<Offset> row = positions.back(axis);
        Offset before = plane / (Offset)l.cells[axis], cell = plane - before * (Offset)l.cells[axis];
        plane = before;
        offset += (row.skip + tap_of(l, tables, axis, row, cell, last)) * scale;
        scale *= l.window[axis];
    }
    return offset;
}

__device__ inline void store_index(void *indices, long long at, int kind, long long index) {
    if (kind == PLANE)
        ((long long *)indices)[at] = index;
    else if (kind == WINDOW_8)
        ((unsigned char *)indices)[at] = (unsigned char)index; /* -1 is the mark of an empty window in every kind */
    else if (kind == WINDOW_16)
        ((unsigned short *)indices)[at] = (unsigned short)index;
    else
        ((int *)indices)[at] = (int)index;
}

__device__ inline long long load_index(const void *indices, long long at, int kind) {
    if (kind == PLANE)
        return ((const long long *)indices)[at];
    if (kind == WINDOW_32)
        return ((const int *)indices)[at];
    unsigned int index = kind == WINDOW_8 ? ((const unsigned char *)indices)[at] : ((const unsigned short *)indices)[at];
    return index == (kind == WINDOW_8 ? 0xffu : 0xffffu) ? -1 : (long long)index;
}

/* An index of any kind as a position in the plane: -1 for none, -2 for one that is not a cell of its window. */
template <class Offset>
__device__ inline long long plane_of(const Layout &l, const Offset *tables, const Spot<Offset> &s, long long index, int kind) {
    if (index == -1)
        return -1;
    if (index < 0)
        return -2;
    long long plane = 0, scale = 1;
    Positions<Offset> positions(l, tables, s);
    for (int axis = l.rank - 1; axis >= 0; axis--) {
        Row<Offset> row = positions.back(axis);
        long long extent = kind == PLANE ? l.cells[axis] : l.window[axis];
        long long here = index % extent, tap = here - row.skip;
        index /= extent;
        if (kind == PLANE)
            tap = tap_of(l, tables, axis, row, (Offset)here, false);
        if (tap < 0 || tap >= row.count)
            return -2;
        if (kind != PLANE) {
            here = row.first + tap * l.forward_step[axis];
            here = l.seen[axis] < 0 ? here : (long long)tables[(Offset)(l.seen[axis] + here)];
        }
        plane += here * scale;
        scale *= l.cells[axis];
    }
    return index ? -2 : plane;
}

/* ---- kernels ---------------------------------------------------------------------------------------------------------- */

template <class T, int SIGN, class Offset> struct Best {
    typedef typename Storage<T>::Value Value;
    const T *x;
    Value value;
    Offset plane;

    /* The first of a tie stays, the last NaN wins. */
    __device__ inline void visit(const Tap<Offset> &tap) {
        Value b = Storage<T>::load(x[tap.source]);
        if (plane < 0 || (SIGN > 0 ? b > value : b < value) || b != b) {
            value = b;
            plane = tap.plane;
        }
    }
};

template <class T, int SIGN, class Offset>
__device__ inline void store_selected(
    const Layout &l, const Offset *tables, const Spot<Offset> &s, const Best<T, SIGN, Offset> &best, T *out, void *indices, int kind) {
    out[s.target] = Storage<T>::store(best.value);
    if (kind == NO_INDEX)
        return;
    bool last = best.value != best.value; /* of NaN the last tap is chosen */
    long long index = kind == PLANE || best.plane < 0 ? best.plane : offset_in_window(l, tables, s, best.plane, last);
    store_index(indices, s.third + s.third_pooled, kind, index);
}

/* M: the largest (smallest) cell of each window, and which it is. */
template <class T, int SIGN, class Offset>
__global__ void cypool_select(Layout l, const Offset *tables, const T *x, T *out, void *indices, int kind, T lowest) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Best<T, SIGN, Offset> best = {x, Storage<T>::load(lowest), -1};
        walk<false>(l, tables, s, best);
        store_selected(l, tables, s, best, out, indices, kind);
    }
}

template <class T, class Sum, class Offset> struct Total {
    const T *x;
    Sum sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        sum += (Sum)Storage<T>::load(x[tap.source]);
    }
};

/* A sum over its divisor, NaN over 0. */
template <class T> __device__ inline float quotient(float sum, double divisor, int) {
    return sum / (float)divisor;
}

template <class T> __device__ inline double quotient(double sum, double divisor, int) {
    return sum / divisor;
}

/* Integers: magnitudes are divided, the sign is put back after rounding; 0 over 0. */
template <class T> __device__ inline unsigned long long quotient(unsigned long long sum, double divisor, int rounding) {
    bool negative = divisor < 0, away = false;
    unsigned long long d = (unsigned long long)(negative ? -divisor : divisor);
    if (d == 0)
        return 0;
    if ((T)-1 < (T)1 && (long long)sum < 0) {
        sum = 0 - sum;
        negative = !negative;
    }
    unsigned long long q = (sum | d) >> 32 ? sum / d : (unsigned int)sum / (unsigned int)d, rest = sum - q * d;
    if (rounding == FLOOR)
        away = negative && rest > 0;
    else if (rounding == NEAREST)
        away = rest > d - rest || (rest == d - rest && (q & 1));
    else if (rounding == HALF_UP)
        away = rest > d - rest || (rest == d - rest && !negative);
    q += away;
    return negative ? 0 - q : q;
}

/* The share of the divisor that a window has, over all axes. */
template <class Offset> __device__ inline double share_of(const Layout &l, const Offset *tables, const Spot<Offset> &s) {
    double share = 1;
    Positions<Offset> positions(l, tables, s);
    for (int axis = l.rank - 1; axis >= 0; axis--)
        share *= (double)positions.back(axis).share;
    return share;
}

/* S: the sum of each window, divided or not.  Whole numbers add up in unsigned long long, which wraps. */
template <class T, class Sum, class Out, class Offset>
__global__ void cypool_total(Layout l, const Offset *tables, const T *x, Out *out, int how, double divisor, int rounding) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Total<T, Sum, Offset> total = {x, 0};
        walk<false>(l, tables, s, total);
        if (how != UNDIVIDED)
            total.sum = quotient<typename Storage<T>::Value>(total.sum, how == BY_NUMBER ? divisor : share_of(l, tables, s), rounding);
        out[s.target] = Storage<Out>::store(total.sum);
    }
}

template <class T, class Sum, bool SHARES, class Offset> struct Received {
    const T *gradient;
    Sum divisor, sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        sum += (Sum)Storage<T>::load(gradient[tap.source]) / (SHARES ? (Sum)tap.share : divisor);
    }
};

/* The adjoint of S: for every cell the sum of the divided gradients of the windows that hold it. */
template <class T, class Sum, bool SHARES, class Offset>
__global__ void cypool_adjoint(Layout l, const Offset *tables, const T *gradient, T *out, double divisor) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Received<T, Sum, SHARES, Offset> received = {gradient, (Sum)divisor, 0};
        walk<SHARES>(l, tables, s, received);
        out[s.target] = Storage<T>::store(received.sum);
    }
}

template <class T, class Sum, class Offset> struct Chosen {
    const T *gradient;
    const long long *indices;
    long long own;
    Sum sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        if (indices[tap.third] == own && !tap.again)
            sum += (Sum)Storage<T>::load(gradient[tap.source]);
    }
};

/* A cell's own position in the plane. */
template <class Offset> __device__ inline Offset position_of(const Layout &l, const Spot<Offset> &s) {
    Offset own = 0, scale = 1, lead = s.lead;
    for (int axis = l.rank - 1; axis >= 0; axis--) {
        Offset extent = (Offset)l.extent[l.outer + axis];
        Offset position = axis == l.rank - 1 ? s.last : axis == l.rank - 2 ? s.middle : lead % extent;
        lead = axis < l.rank - 2 ? lead / extent : lead;
        own += position * scale;
        scale *= extent;
    }
    return own;
}

/* The adjoint of M: for every cell the sum of the gradients of the windows that chose it. */
template <class T, class Sum, class Offset>
__global__ void cypool_scatter(Layout l, const Offset *tables, const T *gradient, const long long *indices, T *out) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Chosen<T, Sum, Offset> chosen = {gradient, indices, position_of(l, s), 0};
        walk<false>(l, tables, s, chosen);
        out[s.target] = Storage<T>::store(chosen.sum);
    }
}

/* The cells that indices name, 0 for -1. */
template <class T, class Offset>
__global__ void cypool_gather(Layout l, const Offset *tables, const T *x, const long long *indices, T *out) {
    (void)tables;
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        long long index = indices[s.third + s.third_pooled];
        T value = Storage<T>::store(0);
        if (index >= 0) {
            Offset plane = (Offset)index, at = s.source;
            for (int axis = l.rank - 1; axis >= 0; axis--) {
                Offset before = plane / (Offset)l.cells[axis];
                at += (plane - before * (Offset)l.cells[axis]) * (Offset)l.source[l.outer + axis];
                plane = before;
            }
            value = x[at];
        }
        out[s.target] = value;
    }
}

/* Indices of any kind as positions in the plane, and the number of the first that is no cell of its window. */
template <class Offset>
__global__ void cypool_planes(Layout l, const Offset *tables, const void *indices, int kind, long long *out, unsigned long long *bad) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        long long plane = plane_of(l, tables, s, load_index(indices, s.third + s.third_pooled, kind), kind);
        if (plane == -2)
            atomicMin(bad, (unsigned long long)i); /* of integers: the least is the least in any order */
        out[s.target] = plane;
    }
}
