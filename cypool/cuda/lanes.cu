/* lanes: a thread computes a pack of lanes (channels last) that lie side by side, and tables say where taps are.
 *
 * With packs of one element this is the way for every other plain array.  Gradients gather, and sums add, in the general
 * kernels' order: the same bits.
 */

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
