/* Small windows: the ways that cypool/cuda/paths.py chooses where arrays are plain enough.
 *
 * What makes them faster than the general kernels: items are numbered with multiplications in place of divisions, offsets
 * within a plane are of 32 bits, and a thread loads and stores packs of up to 16 bytes.  There are two:
 *
 *   near    Columns lie side by side.  A thread computes neighbouring columns of one row of the result.  Their windows'
 *           width, stride and padding are known when it is compiled; rows are what the tables say.  It loads each row of
 *           cells once, folds the rows column by column, and then the columns of each window.
 *   lanes   Lanes (channels last) lie side by side: a thread computes a pack of them, and tables say where taps are.  With
 *           packs of one element this is the way for every other window too.
 *
 * Gradients gather as the general kernels do, in their order: they give the same bits.  Forward sums of `near` add rows first.
 */

#ifdef CYPOOL_STAND_IN
#define UNROLL
#define UNROLL_TAPS
#else
#define UNROLL _Pragma("unroll")
#define UNROLL_TAPS _Pragma("unroll 4")
#endif

/* A division of numbers below 2**31 by one that the host knows. */
struct Quick {
    unsigned int divisor, multiplier, shift, unused;
};

__device__ inline unsigned int quick(unsigned int n, const Quick &q) {
    return (unsigned int)((unsigned long long)n * q.multiplier >> q.shift);
}

enum { DEPTH, ROW, COLUMN };

struct Small {
    unsigned int items, wide, wide_third; /* wide: a thread's results are stored together; they are all inside */
    unsigned int log_rows;                /* of rows that are neighbours in the order of items: 1 << log_rows */
    Quick lanes, columns, rows, depths;   /* items: planes, depths, groups of rows, columns, rows, lanes, the last ones fastest */
    long long source_plane, target_plane, third_plane;
    int source[3], target[3], third[3];
    int table[3], step[3], forward[3], forward_step[3];
    int cells[3], window[3];
    int extent[3]; /* of the target */
    Quick by_columns, by_rows; /* cells of these axes: they take a position in the plane apart */
};

template <class T, int N> struct alignas(sizeof(T) * N < 16 ? sizeof(T) * N : 16) Pack {
    T at[N];
};

/* N elements that lie side by side and are aligned to so many, or to 16 bytes. */
template <int N, class T> __device__ inline void load_pack(const T *from, T *to) {
    const Pack<T, N> pack = *(const Pack<T, N> *)from;
    UNROLL
    for (int e = 0; e < N; e++)
        to[e] = pack.at[e];
}

template <int N, class T> __device__ inline void store_pack(T *to, const T *from) {
    Pack<T, N> pack;
    UNROLL
    for (int e = 0; e < N; e++)
        pack.at[e] = from[e];
    *(Pack<T, N> *)to = pack;
}

/* The same, or those of them that there are. */
template <int N, class T> __device__ inline void store_some(T *to, const T *from, bool wide, int there) {
    if (wide) {
        store_pack<N>(to, from);
        return;
    }
    UNROLL
    for (int e = 0; e < N; e++)
        if (e < there)
            to[e] = from[e];
}

template <int N>
__device__ inline void store_indices(void *indices, long long at, int kind, const int *from, bool wide, int there) {
    if (wide && kind == PLANE) {
        long long to[N];
        UNROLL
        for (int e = 0; e < N; e++)
            to[e] = from[e];
        store_pack<N>((long long *)indices + at, to);
        return;
    }
    UNROLL
    for (int e = 0; e < N; e++)
        if (e < there)
            store_index(indices, at + e, kind, from[e]);
}

/* A table's row, loaded at once. */
__device__ inline Row<int> row_of(const int *tables, int begin, int position) {
    int r[4];
    load_pack<4>(tables + begin + 4 * position, r);
    const Row<int> row = {r[0], r[1], r[2], r[3]};
    return row;
}

struct Place {
    long long plane;
    int depth, row, column, lane; /* column and lane count packs */
};

__device__ inline Place place_of(const Small &s, unsigned int item) {
    Place p;
    unsigned int before = quick(item, s.lanes);
    p.lane = (int)(item - before * s.lanes.divisor);
    const int row = (int)(before & ((1u << s.log_rows) - 1));
    item = before >> s.log_rows, before = quick(item, s.columns);
    p.column = (int)(item - before * s.columns.divisor);
    item = before, before = quick(item, s.rows);
    p.row = (int)(item - before * s.rows.divisor) << s.log_rows | row;
    item = before, before = quick(item, s.depths);
    p.depth = (int)(item - before * s.depths.divisor);
    p.plane = before;
    return p;
}

#define EACH_ITEM(i)                                                                                                        \
    for (unsigned int i = blockIdx.x * blockDim.x + threadIdx.x; i < s.items; i += gridDim.x * blockDim.x)

/* ---- quotients -------------------------------------------------------------------------------------------------------- */

/* Division by one number, again and again. */
template <class Sum> struct Divider {
    double divisor;

    __device__ inline Divider(double number) : divisor(number) {}

    template <class T> __device__ inline Sum of(Sum sum, int rounding) const {
        return quotient<T>(sum, divisor, rounding);
    }
};

/* The rounded quotient itself, by a product and its correction: for whole numbers to 64 no significand is wrong (all were tried),
 * and sums that are far from the ends of the range neither overflow nor underflow on the way. */
template <> struct Divider<float> {
    float divisor, inverse; /* 0 if it is to be divided */

    __device__ inline Divider(double number) : divisor((float)number), inverse(0) {
        if (number >= 1 && number <= 64 && number == (int)number)
            inverse = 1 / divisor;
    }

    template <class T> __device__ inline float of(float sum, int) const {
        const float size = sum < 0 ? -sum : sum;
        if (inverse != 0 && ((size > 1e-30f && size < 1e30f) || size == 0)) {
            const float product = sum * inverse;
            return __fmaf_rn(__fmaf_rn(-product, divisor, sum), inverse, product);
        }
        return sum / divisor;
    }
};

/* ---- selection -------------------------------------------------------------------------------------------------------- */

/* The larger (smaller) of two, NaN if one is. */
template <int SIGN, class Value> __device__ inline Value better(Value a, Value b) {
    return (SIGN > 0 ? b > a : b < a) || b != b ? b : a;
}

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800 /* one instruction; which zero and which NaN is not promised */
template <> __device__ inline float better<1, float>(float a, float b) {
    asm("max.NaN.f32 %0, %0, %1;" : "+f"(a) : "f"(b));
    return a;
}

template <> __device__ inline float better<-1, float>(float a, float b) {
    asm("min.NaN.f32 %0, %0, %1;" : "+f"(a) : "f"(b));
    return a;
}
#endif

/* A cell and its place in row-major order, negative for none. */
template <class Value> struct Found {
    Value value;
    int at;
};

/* Whether of two cells the second is chosen: the first of a tie and the last NaN, in the order of `at`.  Of cells with the same
 * `at` the second is the one behind. */
template <int SIGN, class Value> __device__ inline bool chosen(const Found<Value> &a, const Found<Value> &b) {
    const bool nan = (b.value != b.value) & ((a.value == a.value) | (b.at >= a.at)); /* no && and ||: branches cost more */
    const bool tie = (b.value == a.value) & (b.at < a.at), more = SIGN > 0 ? b.value > a.value : b.value < a.value;
    return (b.at >= 0) & ((a.at < 0) | more | tie | nan);
}

/* The one of two that is chosen, and what belongs to it. */
template <int SIGN, class Value> __device__ inline void choose(Found<Value> &a, const Found<Value> &b, int &of_a, int of_b) {
    const bool better = chosen<SIGN>(a, b);
    a.value = better ? b.value : a.value;
    a.at = better ? b.at : a.at;
    of_a = better ? of_b : of_a;
}

/* Take a cell behind those so far if it is the largest (smallest), or a NaN. */
template <int SIGN, class Value> __device__ inline void take(Found<Value> &best, Value b, int at, bool there) {
    const bool more = SIGN > 0 ? b > best.value : b < best.value, better = there & ((best.at < 0) | more | (b != b));
    best.value = better ? b : best.value;
    best.at = better ? at : best.at;
}

__device__ inline void cells_of(const Small &s, unsigned int at, int *cell) {
    const unsigned int before = quick(at, s.by_columns), depth = quick(before, s.by_rows);
    cell[DEPTH] = (int)depth;
    cell[ROW] = (int)(before - depth * s.by_rows.divisor);
    cell[COLUMN] = (int)(at - before * s.by_columns.divisor);
}

/* A position in the plane as an index of the kind that is asked for. */
__device__ inline int index_of(const Small &s, const Row<int> *rows, int at, int kind) {
    if (kind == PLANE || at < 0)
        return at;
    int cell[3], offset = 0;
    cells_of(s, at, cell);
    UNROLL
    for (int a = DEPTH; a <= COLUMN; a++)
        offset = offset * s.window[a] + rows[a].skip + (s.step[a] ? (cell[a] - rows[a].first) / s.step[a] : 0);
    return offset;
}

/* ---- near: cells and windows of neighbouring columns --------------------------------------------------------------------- */

/* The columns that a thread has to do with.  N: elements of a pack of cells. */
template <int KW, int SW, int PW, int N> struct Columns {
    enum {
        WINDOWS = N >= SW ? N / SW : 1,           /* that a thread computes, or of which its cells are the body */
        BODY = WINDOWS * SW,                      /* cells, in packs of N */
        LEFT = PW,                                /* cells before the body that the windows hold */
        RIGHT = KW - SW - PW > 0 ? KW - SW - PW : 0, /* and behind it */
        CELLS = LEFT + BODY + RIGHT,
        BEFORE = (KW - 1 - PW) / SW, /* windows before the body's that hold its cells */
        BEHIND = (SW - 1 + PW) / SW,
        HOLDERS = BEFORE + WINDOWS + BEHIND
    };
    static_assert(KW >= SW && PW < KW && (N % SW == 0 || SW % N == 0), "windows that leave no cell out");
};

/* One row of values: LEFT single ones, packs of N from `begin` on, RIGHT single ones; `fill` for those that there are not. */
template <int N, int LEFT, int BODY, int RIGHT, class T>
__device__ inline void load_row(const T *line, int begin, int extent, bool there, bool wide, T fill, T *row) {
    UNROLL
    for (int p = 0; p < BODY; p += N) {
        UNROLL
        for (int e = 0; e < N; e++)
            row[LEFT + p + e] = fill;
        if (there && wide && begin + p < extent)
            load_pack<N>(line + begin + p, row + LEFT + p);
        if (N > 1 && there && !wide) {
            UNROLL
            for (int e = 0; e < N; e++)
                if (begin + p + e < extent)
                    row[LEFT + p + e] = line[begin + p + e];
        }
    }
    UNROLL
    for (int l = 0; l < LEFT; l++) {
        int cell = begin - LEFT + l;
        row[l] = there && cell >= 0 && cell < extent ? line[cell] : fill;
    }
    UNROLL
    for (int r = 0; r < RIGHT; r++) {
        int cell = begin + BODY + r;
        row[LEFT + BODY + r] = there && cell < extent ? line[cell] : fill;
    }
}

/* Show a visitor the rows of a thread's windows, so many at once that their loads need not wait for each other. */
template <int ROWS, class Visitor>
__device__ inline void each_row(const Small &s, const Row<int> *rows, Visitor &visitor) {
    for (int d = 0; d < rows[DEPTH].count; d++) {
        int depth = rows[DEPTH].first + d * s.step[DEPTH];
        for (int first = 0; first < rows[ROW].count; first += ROWS) {
            UNROLL
            for (int r = 0; r < ROWS; r++)
                visitor.load(r, depth, rows[ROW].first + (first + r) * s.step[ROW], first + r < rows[ROW].count);
            UNROLL
            for (int r = 0; r < ROWS; r++)
                visitor.fold(r, depth, rows[ROW].first + (first + r) * s.step[ROW], first + r < rows[ROW].count);
        }
    }
}

/* The cells of some rows. */
template <class T, class C, int N, int ROWS> struct Cells {
    const Small &s;
    const T *plane;
    int begin;
    T fill, raw[ROWS][C::CELLS];

    __device__ inline Cells(const Small &small, const T *x, const Place &p, T outside)
        : s(small), plane(x + p.plane * small.source_plane), begin(p.column * C::BODY), fill(outside) {}

    __device__ inline void load(int r, int depth, int row, bool there) {
        const T *line = plane + depth * s.source[DEPTH] + row * s.source[ROW];
        load_row<N, C::LEFT, C::BODY, C::RIGHT>(line, begin, s.cells[COLUMN], there, true, fill, raw[r]);
    }
};

template <class T, int SIGN, class C, int N, int ROWS> struct NearBest : Cells<T, C, N, ROWS> {
    typedef typename Storage<T>::Value Value;
    Value best[C::CELLS];

    __device__ inline NearBest(const Small &s, const T *x, const Place &p, T lowest) : Cells<T, C, N, ROWS>(s, x, p, lowest) {
        UNROLL
        for (int c = 0; c < C::CELLS; c++)
            best[c] = Storage<T>::load(lowest);
    }

    __device__ inline void fold(int r, int, int, bool) {
        UNROLL
        for (int c = 0; c < C::CELLS; c++)
            best[c] = better<SIGN>(best[c], Storage<T>::load(this->raw[r][c]));
    }
};

template <class T, int SIGN, class C, int N, int ROWS> struct NearFound : Cells<T, C, N, ROWS> {
    typedef typename Storage<T>::Value Value;
    Found<Value> best[C::CELLS]; /* at: the row */

    __device__ inline NearFound(const Small &s, const T *x, const Place &p, T lowest) : Cells<T, C, N, ROWS>(s, x, p, lowest) {
        UNROLL
        for (int c = 0; c < C::CELLS; c++)
            best[c].value = Storage<T>::load(lowest), best[c].at = -1;
    }

    __device__ inline void fold(int r, int depth, int row, bool there) {
        const int line = depth * this->s.cells[ROW] + row;
        UNROLL
        for (int c = 0; c < C::CELLS; c++) {
            const int cell = this->begin - C::LEFT + c;
            const bool inside = there & (cell >= 0) & (cell < this->s.cells[COLUMN]);
            take<SIGN>(best[c], Storage<T>::load(this->raw[r][c]), line, inside);
        }
    }
};

__device__ inline bool row_is_there(const Small &s, const Place &p) {
    return p.row < s.extent[ROW];
}

__device__ inline void rows_at(const Small &s, const int *tables, const Place &p, Row<int> *rows) {
    rows[DEPTH] = row_of(tables, s.table[DEPTH], p.depth);
    rows[ROW] = row_of(tables, s.table[ROW], p.row);
}

__device__ inline long long target_of(const Small &s, const Place &p, int column) {
    return p.plane * s.target_plane + (p.depth * s.target[DEPTH] + p.row * s.target[ROW] + column * s.target[COLUMN] + p.lane);
}

__device__ inline long long third_of(const Small &s, const Place &p, int column) {
    return p.plane * s.third_plane + (p.depth * s.third[DEPTH] + p.row * s.third[ROW] + column * s.third[COLUMN] + p.lane);
}

template <class T, int SIGN, int ROWS, int KW, int SW, int PW, int N>
__global__ void cypool_near_select(Small s, const int *tables, const T *__restrict__ x, T *__restrict__ out, T lowest) {
    typedef Columns<KW, SW, PW, N> C;
    EACH_ITEM(i) {
        const Place p = place_of(s, i);
        Row<int> rows[2];
        rows_at(s, tables, p, rows);
        NearBest<T, SIGN, C, N, ROWS> near(s, x, p, lowest);
        each_row<ROWS>(s, rows, near);
        T result[C::WINDOWS];
        UNROLL
        for (int w = 0; w < C::WINDOWS; w++) {
            typename Storage<T>::Value best = near.best[w * SW];
            UNROLL
            for (int t = 1; t < KW; t++)
                best = better<SIGN>(best, near.best[w * SW + t]);
            result[w] = Storage<T>::store(best);
        }
        const int column = p.column * C::WINDOWS;
        store_some<C::WINDOWS>(out + target_of(s, p, column), result, s.wide, s.extent[COLUMN] - column);
    }
}

template <class T, int SIGN, int ROWS, int KW, int SW, int PW, int N>
__global__ void cypool_near_find(
    Small s, const int *tables, const T *__restrict__ x, T *__restrict__ out, void *indices, int kind, T lowest
) {
    typedef Columns<KW, SW, PW, N> C;
    typedef typename Storage<T>::Value Value;
    EACH_ITEM(i) {
        const Place p = place_of(s, i);
        Row<int> rows[3];
        rows_at(s, tables, p, rows);
        NearFound<T, SIGN, C, N, ROWS> near(s, x, p, lowest);
        each_row<ROWS>(s, rows, near);
        T result[C::WINDOWS];
        int where[C::WINDOWS];
        const int column = p.column * C::WINDOWS, width = s.cells[COLUMN];
        UNROLL
        for (int w = 0; w < C::WINDOWS; w++) {
            Found<Value> best = near.best[w * SW];
            int tap = 0;
            UNROLL
            for (int t = 1; t < KW; t++)
                choose<SIGN>(best, near.best[w * SW + t], tap, t);
            result[w] = Storage<T>::store(best.value);
            where[w] = best.at < 0 ? -1 : best.at * width + (column + w) * SW - PW + tap;
            if (kind != PLANE && best.at >= 0 && column + w < s.extent[COLUMN]) {
                rows[COLUMN] = row_of(tables, s.table[COLUMN], column + w);
                where[w] = index_of(s, rows, where[w], kind);
            }
        }
        store_some<C::WINDOWS>(out + target_of(s, p, column), result, s.wide, s.extent[COLUMN] - column);
        store_indices<C::WINDOWS>(indices, third_of(s, p, column), kind, where, s.wide_third, s.extent[COLUMN] - column);
    }
}

/* ---- near: sums ----------------------------------------------------------------------------------------------------------- */

template <class T, class Sum, class C, int N, int ROWS> struct NearSum : Cells<T, C, N, ROWS> {
    Sum sum[C::CELLS];

    __device__ inline NearSum(const Small &s, const T *x, const Place &p)
        : Cells<T, C, N, ROWS>(s, x, p, Storage<T>::store(0)) {
        UNROLL
        for (int c = 0; c < C::CELLS; c++)
            sum[c] = 0;
    }

    __device__ inline void fold(int r, int, int, bool) {
        UNROLL
        for (int c = 0; c < C::CELLS; c++)
            sum[c] += (Sum)Storage<T>::load(this->raw[r][c]);
    }
};

template <class T, class Sum, class Out, int ROWS, int KW, int SW, int PW, int N>
__global__ void cypool_near_total(
    Small s, const int *tables, const T *__restrict__ x, Out *__restrict__ out, int how, double divisor, int rounding
) {
    typedef Columns<KW, SW, PW, N> C;
    EACH_ITEM(i) {
        const Place p = place_of(s, i);
        Row<int> rows[2];
        rows_at(s, tables, p, rows);
        NearSum<T, Sum, C, N, ROWS> near(s, x, p);
        each_row<ROWS>(s, rows, near);
        const double share = (double)rows[DEPTH].share * (double)rows[ROW].share;
        const Divider<Sum> divider(divisor);
        Out result[C::WINDOWS];
        const int column = p.column * C::WINDOWS;
        UNROLL
        for (int w = 0; w < C::WINDOWS; w++) {
            Sum sum = near.sum[w * SW];
            UNROLL
            for (int t = 1; t < KW; t++)
                sum += near.sum[w * SW + t];
            if (how == BY_NUMBER)
                sum = divider.template of<typename Storage<T>::Value>(sum, rounding);
            else if (how == BY_SHARES && column + w < s.extent[COLUMN])
                sum = quotient<typename Storage<T>::Value>(
                    sum, share * row_of(tables, s.table[COLUMN], column + w).share, rounding
                );
            result[w] = Storage<Out>::store(sum);
        }
        store_some<C::WINDOWS>(out + target_of(s, p, column), result, s.wide, s.extent[COLUMN] - column);
    }
}

/* ---- near: gradients ------------------------------------------------------------------------------------------------------ */

/* What some rows of windows send to a thread's cells; the columns of windows are HOLDERS, those of cells BODY. */
template <class T, class Sum, bool SHARES, class C, int ROWS> struct NearReceived {
    const Small &s;
    const int *tables;
    const T *plane;
    int begin;
    const Divider<Sum> divider;
    Sum sum[C::BODY];
    T raw[ROWS][C::HOLDERS];

    __device__ inline NearReceived(const Small &small, const int *t, const T *gradient, const Place &p, double number)
        : s(small), tables(t), plane(gradient + p.plane * small.source_plane), begin(p.column * C::WINDOWS), divider(number) {
        UNROLL
        for (int e = 0; e < C::BODY; e++)
            sum[e] = 0;
    }

    __device__ inline void load(int r, int depth, int row, bool there) {
        const T *line = plane + depth * s.source[DEPTH] + row * s.source[ROW];
        const T none = Storage<T>::store(0);
        load_row<C::WINDOWS, C::BEFORE, C::WINDOWS, C::BEHIND>(line, begin, s.cells[COLUMN], there, s.wide, none, raw[r]);
    }

    __device__ inline void fold(int r, int depth, int row, bool there) {
        double share = 1;
        if (SHARES && there)
            share = (double)row_of(tables, s.forward[DEPTH], depth).share * (double)row_of(tables, s.forward[ROW], row).share;
        UNROLL
        for (int c = 0; c < C::HOLDERS; c++) {
            int window = begin - C::BEFORE + c;
            bool inside = there && window >= 0 && window < s.cells[COLUMN];
            Sum sent = (Sum)Storage<T>::load(raw[r][c]);
            if (!SHARES)
                sent = divider.template of<Sum>(sent, 0);
            else if (inside)
                sent /= (Sum)(share * (double)row_of(tables, s.forward[COLUMN], window).share);
            sent = inside ? sent : (Sum)0; /* also where the divisor is 0 */
            UNROLL
            for (int e = 0; e < C::BODY; e++) {
                const int tap = e - ((c - C::BEFORE) * C::STRIDE - C::PADDING);
                if (tap >= 0 && tap < C::WIDTH)
                    sum[e] += sent;
            }
        }
    }
};

template <int KW, int SW, int PW, int N> struct Held : Columns<KW, SW, PW, N> {
    enum { WIDTH = KW, STRIDE = SW, PADDING = PW };
};

template <class T, int N, int BODY, class Sum>
__device__ inline void store_cells(const Small &s, T *out, const Place &p, const Sum *sum) {
    const int column = p.column * BODY;
    UNROLL
    for (int b = 0; b < BODY; b += N) {
        T result[N];
        UNROLL
        for (int e = 0; e < N; e++)
            result[e] = Storage<T>::store(sum[b + e]);
        if (column + b < s.extent[COLUMN])
            store_pack<N>(out + target_of(s, p, column + b), result);
    }
}

template <class T, class Sum, bool SHARES, int ROWS, int KW, int SW, int PW, int N>
__global__ void cypool_near_adjoint(
    Small s, const int *tables, const T *__restrict__ gradient, T *__restrict__ out, double divisor
) {
    typedef Held<KW, SW, PW, N> C;
    EACH_ITEM(i) {
        const Place p = place_of(s, i);
        Row<int> rows[2];
        rows_at(s, tables, p, rows);
        NearReceived<T, Sum, SHARES, C, ROWS> near(s, tables, gradient, p, divisor);
        each_row<ROWS>(s, rows, near);
        store_cells<T, N, C::BODY>(s, out, p, near.sum);
    }
}

template <class T, class Sum, class C, int ROWS> struct NearChosen {
    const Small &s;
    const T *plane;
    const long long *chosen;
    int begin, own;
    Sum sum[C::BODY];
    T raw[ROWS][C::HOLDERS];
    long long where[ROWS][C::HOLDERS];

    __device__ inline NearChosen(const Small &small, const T *gradient, const long long *indices, const Place &p)
        : s(small), plane(gradient + p.plane * small.source_plane), chosen(indices + p.plane * small.third_plane),
          begin(p.column * C::WINDOWS),
          own((p.depth * small.extent[ROW] + p.row) * small.extent[COLUMN] + p.column * C::BODY) {
        UNROLL
        for (int e = 0; e < C::BODY; e++)
            sum[e] = 0;
    }

    __device__ inline void load(int r, int depth, int row, bool there) {
        const T *line = plane + depth * s.source[DEPTH] + row * s.source[ROW];
        const long long *third = chosen + depth * s.third[DEPTH] + row * s.third[ROW], nothing = -1;
        const T none = Storage<T>::store(0);
        load_row<C::WINDOWS, C::BEFORE, C::WINDOWS, C::BEHIND>(line, begin, s.cells[COLUMN], there, s.wide, none, raw[r]);
        load_row<C::WINDOWS, C::BEFORE, C::WINDOWS, C::BEHIND>(
            third, begin, s.cells[COLUMN], there, s.wide_third, nothing, where[r]
        );
    }

    __device__ inline void fold(int r, int, int, bool) {
        UNROLL
        for (int c = 0; c < C::HOLDERS; c++) {
            Sum sent = (Sum)Storage<T>::load(raw[r][c]);
            int cell = (int)where[r][c] - own; /* the body's, if between 0 and its length; windows outside name -1 */
            UNROLL
            for (int e = 0; e < C::BODY; e++) {
                const int tap = e - ((c - C::BEFORE) * C::STRIDE - C::PADDING);
                if (tap >= 0 && tap < C::WIDTH)
                    sum[e] = cell == e ? sum[e] + sent : sum[e];
            }
        }
    }
};

template <class T, class Sum, int ROWS, int KW, int SW, int PW, int N>
__global__ void cypool_near_scatter(
    Small s, const int *tables, const T *__restrict__ gradient, const long long *__restrict__ indices, T *__restrict__ out
) {
    typedef Held<KW, SW, PW, N> C;
    EACH_ITEM(i) {
        const Place p = place_of(s, i);
        Row<int> rows[2];
        rows_at(s, tables, p, rows);
        NearChosen<T, Sum, C, ROWS> near(s, gradient, indices, p);
        each_row<ROWS>(s, rows, near);
        store_cells<T, N, C::BODY>(s, out, p, near.sum);
    }
}

/* ---- lanes ---------------------------------------------------------------------------------------------------------------- */

/* Show a visitor every tap of a window in row-major order: its offset in the source, its offset in the third array, its
 * position in the plane, and the rows of its own windows if it is one. */
template <class Visitor>
__device__ inline void each_tap(const Small &s, const Row<int> *rows, Visitor &visitor) {
    for (int d = 0; d < rows[DEPTH].count; d++) {
        const int depth = rows[DEPTH].first + d * s.step[DEPTH];
        for (int r = 0; r < rows[ROW].count; r++) {
            const int row = rows[ROW].first + r * s.step[ROW];
            visitor.row(depth, row);
            UNROLL_TAPS
            for (int c = 0; c < rows[COLUMN].count; c++)
                visitor.tap(rows[COLUMN].first + c * s.step[COLUMN]);
        }
    }
}

template <class T, int N> struct LaneTaps {
    const Small &s;
    const T *plane, *line;
    int position;

    __device__ inline LaneTaps(const Small &small, const T *x, const Place &p)
        : s(small), plane(x + p.plane * small.source_plane + p.lane), line(plane), position(0) {}

    __device__ inline void row(int depth, int row) {
        line = plane + depth * s.source[DEPTH] + row * s.source[ROW];
        position = (depth * s.cells[ROW] + row) * s.cells[COLUMN];
    }
};

template <class T, int SIGN, int N> struct LaneBest : LaneTaps<T, N> {
    typedef typename Storage<T>::Value Value;
    Value best[N];

    __device__ inline LaneBest(const Small &s, const T *x, const Place &p, T lowest) : LaneTaps<T, N>(s, x, p) {
        UNROLL
        for (int e = 0; e < N; e++)
            best[e] = Storage<T>::load(lowest);
    }

    __device__ inline void tap(int column) {
        T raw[N];
        load_pack<N>(this->line + column * this->s.source[COLUMN], raw);
        UNROLL
        for (int e = 0; e < N; e++)
            best[e] = better<SIGN>(best[e], Storage<T>::load(raw[e]));
    }
};

template <class T, int SIGN, int N> struct LaneFound : LaneTaps<T, N> {
    typedef typename Storage<T>::Value Value;
    Found<Value> best[N];

    __device__ inline LaneFound(const Small &s, const T *x, const Place &p, T lowest) : LaneTaps<T, N>(s, x, p) {
        UNROLL
        for (int e = 0; e < N; e++)
            best[e].value = Storage<T>::load(lowest), best[e].at = -1;
    }

    __device__ inline void tap(int column) {
        T raw[N];
        load_pack<N>(this->line + column * this->s.source[COLUMN], raw);
        UNROLL
        for (int e = 0; e < N; e++) {
            take<SIGN>(best[e], Storage<T>::load(raw[e]), this->position + column, true);
        }
    }
};

template <class T, class Sum, int N> struct LaneSum : LaneTaps<T, N> {
    Sum sum[N];

    __device__ inline LaneSum(const Small &s, const T *x, const Place &p) : LaneTaps<T, N>(s, x, p) {
        UNROLL
        for (int e = 0; e < N; e++)
            sum[e] = 0;
    }

    __device__ inline void tap(int column) {
        T raw[N];
        load_pack<N>(this->line + column * this->s.source[COLUMN], raw);
        UNROLL
        for (int e = 0; e < N; e++)
            sum[e] += (Sum)Storage<T>::load(raw[e]);
    }
};

template <class T, class Sum, bool SHARES, int N> struct LaneReceived : LaneTaps<T, N> {
    const int *tables;
    double row_share;
    const Divider<Sum> divider;
    Sum sum[N];

    __device__ inline LaneReceived(const Small &s, const int *t, const T *gradient, const Place &p, double number)
        : LaneTaps<T, N>(s, gradient, p), tables(t), row_share(1), divider(number) {
        UNROLL
        for (int e = 0; e < N; e++)
            sum[e] = 0;
    }

    __device__ inline void row(int depth, int row) {
        LaneTaps<T, N>::row(depth, row);
        if (SHARES)
            row_share = (double)row_of(tables, this->s.forward[DEPTH], depth).share
                        * (double)row_of(tables, this->s.forward[ROW], row).share;
    }

    __device__ inline void tap(int column) {
        T raw[N];
        load_pack<N>(this->line + column * this->s.source[COLUMN], raw);
        Sum share = 1;
        if (SHARES)
            share = (Sum)(row_share * (double)row_of(tables, this->s.forward[COLUMN], column).share);
        UNROLL
        for (int e = 0; e < N; e++) {
            const Sum sent = (Sum)Storage<T>::load(raw[e]);
            sum[e] += SHARES ? sent / share : divider.template of<Sum>(sent, 0);
        }
    }
};

template <class T, class Sum, int N> struct LaneChosen : LaneTaps<T, N> {
    const long long *indices, *third;
    int own;
    Sum sum[N];

    __device__ inline LaneChosen(const Small &s, const T *gradient, const long long *i, const Place &p)
        : LaneTaps<T, N>(s, gradient, p), indices(i + p.plane * s.third_plane + p.lane), third(indices),
          own((p.depth * s.extent[ROW] + p.row) * s.extent[COLUMN] + p.column) {
        UNROLL
        for (int e = 0; e < N; e++)
            sum[e] = 0;
    }

    __device__ inline void row(int depth, int row) {
        LaneTaps<T, N>::row(depth, row);
        third = indices + depth * this->s.third[DEPTH] + row * this->s.third[ROW];
    }

    __device__ inline void tap(int column) {
        T raw[N];
        long long where[N];
        load_pack<N>(this->line + column * this->s.source[COLUMN], raw);
        load_pack<N>(third + column * this->s.third[COLUMN], where);
        UNROLL
        for (int e = 0; e < N; e++)
            sum[e] = (int)where[e] == own ? sum[e] + (Sum)Storage<T>::load(raw[e]) : sum[e];
    }
};

/* The place of a pack of N lanes of one element, and its rows of the tables, if there is such a row: the last
 * group may have fewer. */
template <int N> __device__ inline Place lanes_at(const Small &s, const int *tables, unsigned int item, Row<int> *rows) {
    Place p = place_of(s, item);
    p.lane *= N;
    if (row_is_there(s, p)) {
        rows_at(s, tables, p, rows);
        rows[COLUMN] = row_of(tables, s.table[COLUMN], p.column);
    }
    return p;
}

template <class T, int N, class Sum>
__device__ inline void store_lanes(const Small &s, T *out, const Place &p, const Sum *values) {
    T result[N];
    UNROLL
    for (int e = 0; e < N; e++)
        result[e] = Storage<T>::store(values[e]);
    store_pack<N>(out + target_of(s, p, p.column), result);
}

template <class T, int SIGN, int N>
__global__ void cypool_lanes_select(Small s, const int *tables, const T *__restrict__ x, T *__restrict__ out, T lowest) {
    EACH_ITEM(i) {
        Row<int> rows[3];
        const Place p = lanes_at<N>(s, tables, i, rows);
        if (!row_is_there(s, p))
            continue;
        LaneBest<T, SIGN, N> lanes(s, x, p, lowest);
        each_tap(s, rows, lanes);
        store_lanes<T, N>(s, out, p, lanes.best);
    }
}

template <class T, int SIGN, int N>
__global__ void cypool_lanes_find(
    Small s, const int *tables, const T *__restrict__ x, T *__restrict__ out, void *indices, int kind, T lowest
) {
    EACH_ITEM(i) {
        Row<int> rows[3];
        const Place p = lanes_at<N>(s, tables, i, rows);
        if (!row_is_there(s, p))
            continue;
        LaneFound<T, SIGN, N> lanes(s, x, p, lowest);
        each_tap(s, rows, lanes);
        typename Storage<T>::Value best[N];
        int where[N];
        UNROLL
        for (int e = 0; e < N; e++)
            best[e] = lanes.best[e].value, where[e] = index_of(s, rows, lanes.best[e].at, kind);
        store_lanes<T, N>(s, out, p, best);
        store_indices<N>(indices, third_of(s, p, p.column), kind, where, s.wide_third, N);
    }
}

template <class T, class Sum, class Out, int N>
__global__ void cypool_lanes_total(
    Small s, const int *tables, const T *__restrict__ x, Out *__restrict__ out, int how, double divisor, int rounding
) {
    EACH_ITEM(i) {
        Row<int> rows[3];
        const Place p = lanes_at<N>(s, tables, i, rows);
        if (!row_is_there(s, p))
            continue;
        LaneSum<T, Sum, N> lanes(s, x, p);
        each_tap(s, rows, lanes);
        if (how == BY_SHARES)
            divisor = (double)rows[DEPTH].share * (double)rows[ROW].share * (double)rows[COLUMN].share;
        const Divider<Sum> divider(divisor);
        UNROLL
        for (int e = 0; e < N; e++)
            if (how != UNDIVIDED)
                lanes.sum[e] = divider.template of<typename Storage<T>::Value>(lanes.sum[e], rounding);
        store_lanes<Out, N>(s, out, p, lanes.sum);
    }
}

template <class T, class Sum, bool SHARES, int N>
__global__ void cypool_lanes_adjoint(
    Small s, const int *tables, const T *__restrict__ gradient, T *__restrict__ out, double divisor
) {
    EACH_ITEM(i) {
        Row<int> rows[3];
        const Place p = lanes_at<N>(s, tables, i, rows);
        if (!row_is_there(s, p))
            continue;
        LaneReceived<T, Sum, SHARES, N> lanes(s, tables, gradient, p, divisor);
        each_tap(s, rows, lanes);
        store_lanes<T, N>(s, out, p, lanes.sum);
    }
}

template <class T, class Sum, int N>
__global__ void cypool_lanes_scatter(
    Small s, const int *tables, const T *__restrict__ gradient, const long long *__restrict__ indices, T *__restrict__ out
) {
    EACH_ITEM(i) {
        Row<int> rows[3];
        const Place p = lanes_at<N>(s, tables, i, rows);
        if (!row_is_there(s, p))
            continue;
        LaneChosen<T, Sum, N> lanes(s, gradient, indices, p);
        each_tap(s, rows, lanes);
        store_lanes<T, N>(s, out, p, lanes.sum);
    }
}

/* Which tap of its window a cell is, along an axis; -1 if it is none. */
__device__ inline int tap_of(const Row<int> &row, int step, int cell) {
    const int here = cell - row.first, tap = step > 1 ? here / step : here;
    return here < 0 || tap >= row.count || (step > 1 && tap * step != here) ? -1 : tap;
}

/* Indices of any kind as positions in the plane, or only checked, and the number of the first that is no cell of its window. */
template <int N>
__global__ void cypool_lanes_planes(
    Small s, const int *tables, const void *indices, int kind, long long *out, unsigned long long *bad
) {
    const long long cells = (long long)s.cells[DEPTH] * s.cells[ROW] * s.cells[COLUMN];
    const long long taps = (long long)s.window[DEPTH] * s.window[ROW] * s.window[COLUMN];
    EACH_ITEM(i) {
        Row<int> rows[3];
        const Place p = lanes_at<N>(s, tables, i, rows);
        if (!row_is_there(s, p))
            continue;
        const long long at = p.plane * s.source_plane
                             + (p.depth * s.source[DEPTH] + p.row * s.source[ROW] + p.column * s.source[COLUMN] + p.lane);
        const long long index = load_index(indices, at, kind);
        long long plane = index;
        bool right = index >= 0 && index < (kind == PLANE ? cells : taps);
        if (right && kind == PLANE) {
            int cell[3];
            cells_of(s, (unsigned int)index, cell);
            UNROLL
            for (int a = DEPTH; a <= COLUMN; a++)
                right = right && tap_of(rows[a], s.step[a], cell[a]) >= 0;
        } else if (right) {
            int rest = (int)index, scale = 1;
            plane = 0;
            UNROLL
            for (int a = COLUMN; a >= DEPTH; a--) {
                const int before = rest / s.window[a], tap = rest - before * s.window[a] - rows[a].skip;
                right = right && tap >= 0 && tap < rows[a].count;
                plane += (rows[a].first + tap * s.step[a]) * scale;
                scale *= s.cells[a];
                rest = before;
            }
        }
        if (index != -1 && !right) {
            long long number = p.plane * s.lanes.divisor + p.lane; /* batch axes first */
            number = ((number * s.extent[DEPTH] + p.depth) * s.extent[ROW] + p.row) * s.extent[COLUMN] + p.column;
            atomicMin(bad, (unsigned long long)number); /* of integers: the least is the least in any order */
            plane = -2;
        }
        if (out)
            out[target_of(s, p, p.column)] = plane;
    }
}
