/* Large windows, one axis at a time: the window's size is nearly free.
 *
 * A pass folds the windows along one axis; the axes come one after the other, the last one first, through a scratch array.  A
 * block has a tile of cells in shared memory: positions along the axis times lanes, whatever lies side by side being the
 * fastest.  By steps of 1, 2, 4, ... each position comes to hold the fold of as many taps from itself on.  A window of any
 * number of taps is the fold of at most one such run for each bit of that number, in order and without overlap: so sums are
 * right too, with no subtraction, and a NaN or an infinity stays in its own windows.
 *
 * Values keep their type between passes if they are selected, and their sums' type if they are summed; a mean is divided in the
 * last pass.  Cells are compared by value and then by position, so the order of
 * the folds does not matter to which is found.
 */

/* Elements of a tile of which shared memory holds two. */
template <class Value> struct Tiles {
    enum { SIZE = sizeof(Value) > 8 ? 1024 : 2048, PER_THREAD = SIZE / GROUPED };
};

struct Slide {
    Quick lane_tiles, axis_tiles; /* blocks: outer, along the axis, lanes, the last ones fastest */
    long long source_outer, target_outer, source_position, target_position, source_lane, target_lane;
    int cells, windows, lanes; /* extents: of the axis, of its result, of what is beside it */
    int table, step, stride, before; /* window j of the table begins at j * stride - before, or later if it is clipped */
    int levels; /* bits of the largest number of taps */
    int log_fast, slow_axis; /* a tile's fastest extent is 1 << log_fast; is it of lanes (the axis is slow) or of positions */
    int per_tile; /* windows along the axis */
    int scale; /* of a position along this axis in the plane */
    Quick beside, columns; /* a lane's number: row and column of the axes behind this one, and what is beside them */
    int row_shares, column_shares; /* tables of these axes, -1 for none */
};

/* What a window is divided by. */
__device__ inline double share_of(const Slide &s, const int *tables, int window, int lane) {
    double share = row_of(tables, s.table, window).share;
    if (s.column_shares >= 0) {
        const unsigned int place = quick(lane, s.beside), row = quick(place, s.columns);
        share *= row_of(tables, s.column_shares, (int)(place - row * s.columns.divisor)).share;
        if (s.row_shares >= 0)
            share *= row_of(tables, s.row_shares, (int)row).share;
    }
    return share;
}

/* A block's tile.  Element e of it is a position and a lane. */
struct Tile {
    long long source, target; /* of position 0 of the axis and the tile's first lane */
    int first_window, first_cell, first_lane, lanes, positions;

    __device__ inline Tile(const Slide &s, int size) {
        unsigned int rest = quick(blockIdx.x, s.lane_tiles), outer = quick(rest, s.axis_tiles);
        const int across = s.slow_axis ? 1 << s.log_fast : size >> s.log_fast;
        first_lane = (int)(blockIdx.x - rest * s.lane_tiles.divisor) * across;
        first_window = (int)(rest - outer * s.axis_tiles.divisor) * s.per_tile;
        first_cell = first_window * s.stride - s.before;
        first_cell = first_cell > 0 ? first_cell : 0;
        lanes = s.lanes - first_lane < across ? s.lanes - first_lane : across;
        positions = size / across;
        source = outer * s.source_outer + first_lane * s.source_lane;
        target = outer * s.target_outer + first_lane * s.target_lane;
    }
};

__device__ inline int position_in(const Slide &s, int e) {
    return s.slow_axis ? e >> s.log_fast : e & ((1 << s.log_fast) - 1);
}

__device__ inline int lane_in(const Slide &s, int e) {
    return s.slow_axis ? e & ((1 << s.log_fast) - 1) : e >> s.log_fast;
}

/* Elements of the tile from one position to the one `positions` further. */
__device__ inline int apart(const Slide &s, int positions) {
    return s.slow_axis ? positions << s.log_fast : positions;
}

/* Fold every window of the tile: `fold` has value(at, cell), the cells' values, and finish(at, window, lane, value). */
template <class Fold, class Value>
__device__ inline void slide(
    const Slide &s, const int *tables, Value (*tile)[Tiles<Value>::SIZE], const Fold &fold, Value nothing
) {
    enum { PER_THREAD = Tiles<Value>::PER_THREAD };
    const Tile t(s, Tiles<Value>::SIZE);
    Value *now = tile[0], *next = tile[1], values[PER_THREAD], own[PER_THREAD]; /* own: of the runs in `now` */
    int from[PER_THREAD], taps[PER_THREAD];
    UNROLL
    for (int k = 0; k < PER_THREAD; k++) {
        const int e = threadIdx.x + k * GROUPED, position = position_in(s, e), lane = lane_in(s, e);
        const int cell = t.first_cell + position, window = t.first_window + position;
        own[k] = nothing;
        if (lane < t.lanes && cell < s.cells)
            own[k] = fold.value(t.source + cell * s.source_position + lane * s.source_lane, cell);
        now[e] = own[k];
        values[k] = nothing, from[k] = 0, taps[k] = 0;
        if (lane < t.lanes && position < s.per_tile && window < s.windows) {
            const Row<int> row = row_of(tables, s.table, window);
            from[k] = e + apart(s, row.first - t.first_cell - position);
            taps[k] = row.count;
        }
    }
    for (int level = 0; level < s.levels; level++) {
        const int hop = s.step << level;
        __syncthreads(); /* the runs of this length are there */
        UNROLL
        for (int k = 0; k < PER_THREAD; k++) {
            if (taps[k] >> level & 1) {
                Fold::fold(values[k], now[from[k]]);
                from[k] += apart(s, hop);
            }
        }
        if (level + 1 < s.levels) {
            UNROLL
            for (int k = 0; k < PER_THREAD; k++) {
                const int e = threadIdx.x + k * GROUPED;
                if (position_in(s, e) + hop < t.positions)
                    Fold::fold(own[k], now[e + apart(s, hop)]);
                next[e] = own[k];
            }
        }
        Value *before = now;
        now = next, next = before;
    }
    UNROLL
    for (int k = 0; k < PER_THREAD; k++) {
        const int e = threadIdx.x + k * GROUPED, position = position_in(s, e), lane = lane_in(s, e);
        const int window = t.first_window + position;
        if (lane < t.lanes && position < s.per_tile && window < s.windows)
            fold.finish(t.target + window * s.target_position + lane * s.target_lane, window, t.first_lane + lane, values[k]);
    }
}

template <class T, int SIGN> struct SlideBest {
    typedef typename Storage<T>::Value Value;
    const T *x;
    T *out;

    __device__ inline Value value(long long at, int) const {
        return Storage<T>::load(x[at]);
    }

    static __device__ inline void fold(Value &a, Value b) {
        a = better<SIGN>(a, b);
    }

    __device__ inline void finish(long long at, int, int, Value value) const {
        out[at] = Storage<T>::store(value);
    }
};

template <class T, int SIGN>
__global__ void cypool_slide_select(
    Slide s, const int *tables, const T *__restrict__ x, T *__restrict__ out, T lowest
) {
    typedef typename Storage<T>::Value Value;
    __shared__ Value tile[2][Tiles<Value>::SIZE];
    const SlideBest<T, SIGN> best = {x, out};
    slide(s, tables, tile, best, (Value)Storage<T>::load(lowest));
}

template <class T, int SIGN> struct SlideFound {
    typedef Found<typename Storage<T>::Value> Value;
    const T *x;
    const int *places; /* of the pass before, or none */
    T *out;
    int *where; /* of a pass that is not the last, or none */
    long long *indices;
    int scale;

    __device__ inline Value value(long long at, int cell) const {
        const int before = places ? places[at] : 0;
        const Value found = {Storage<T>::load(x[at]), before < 0 ? -1 : cell * scale + before};
        return found;
    }

    static __device__ inline void fold(Value &a, const Value &b) {
        int unused = 0;
        choose<SIGN>(a, b, unused, 0);
    }

    __device__ inline void finish(long long at, int, int, const Value &value) const {
        out[at] = Storage<T>::store(value.value);
        if (where)
            where[at] = value.at;
        else
            indices[at] = value.at;
    }
};

template <class T, int SIGN>
__global__ void cypool_slide_find(
    Slide s, const int *tables, const T *__restrict__ x, const int *places, T *__restrict__ out, int *where,
    long long *indices, T lowest
) {
    typedef Found<typename Storage<T>::Value> Value;
    __shared__ Value tile[2][Tiles<Value>::SIZE];
    const SlideFound<T, SIGN> found = {x, places, out, where, indices, s.scale};
    const Value nothing = {Storage<T>::load(lowest), -1};
    slide(s, tables, tile, found, nothing);
}

template <class T, class Sum, class Out> struct SlideSum {
    const Slide &s;
    const int *tables;
    const T *x;
    Out *out;
    int how, rounding;
    double divisor;

    __device__ inline Sum value(long long at, int) const {
        return (Sum)Storage<T>::load(x[at]);
    }

    static __device__ inline void fold(Sum &a, Sum b) {
        a += b;
    }

    __device__ inline void finish(long long at, int window, int lane, Sum sum) const {
        if (how != UNDIVIDED)
            sum = quotient<typename Storage<Out>::Value>(
                sum, how == BY_SHARES ? share_of(s, tables, window, lane) : divisor, rounding
            );
        out[at] = Storage<Out>::store(sum);
    }
};

template <class T, class Sum, class Out>
__global__ void cypool_slide_total(
    Slide s, const int *tables, const T *__restrict__ x, Out *__restrict__ out, int how, double divisor, int rounding
) {
    __shared__ Sum tile[2][Tiles<Sum>::SIZE];
    const SlideSum<T, Sum, Out> total = {s, tables, x, out, how, rounding, divisor};
    slide(s, tables, tile, total, (Sum)0);
}
