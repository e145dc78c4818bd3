/* What the special kernels share: the ways that cypool/cuda/paths.py chooses where arrays are plain enough.
 *
 * What makes them faster than the general kernels: items are numbered with multiplications in place of divisions (`Quick`),
 * offsets within a plane are of 32 bits, and a thread loads and stores packs of up to 16 bytes (`Pack`).  Here are also
 * quotients, and which of two cells is selected.
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

/* ---- places ------------------------------------------------------------------------------------------------------------ */

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
