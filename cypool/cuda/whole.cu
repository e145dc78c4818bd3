/* Windows that many threads fold together: global pooling, and large windows that overlap little.
 *
 * `group` threads of a block share a window (or a pack of lanes of one).  Thread g takes the taps g, g + group, ... in packs
 * that lie side by side, so that neighbouring threads load neighbouring cells; then the group's results are folded two by two
 * in shared memory.  The order is that of the numbers alone: the same bits every time.  Which cell is selected does not depend
 * on it at all, for cells are compared by their positions too.
 *
 * ACROSS: neighbouring threads take neighbouring packs of lanes (channels last) of one tap; else a pack is of N taps.
 */

enum { GROUPED = 256 }; /* threads of a block at most */

/* Taps of a window number * group + own, without a division for each. */
struct Stride {
    int depth, row, column, by_depth, by_row, by_column;
    const Row<int> *rows;
    int packs; /* of a row */

    __device__ inline Stride(const Row<int> *r, int pack, int own, int group)
        : rows(r), packs(r[COLUMN].count / pack) {
        const int columns = packs > 0 ? packs : 1, lines = r[ROW].count > 0 ? r[ROW].count : 1;
        row = own / columns, column = own - row * columns;
        depth = row / lines, row -= depth * lines;
        by_row = group / columns, by_column = group - by_row * columns;
        by_depth = by_row / lines, by_row -= by_depth * lines;
    }

    __device__ inline int taps() const {
        return rows[DEPTH].count * rows[ROW].count * packs;
    }

    __device__ inline void next() {
        column += by_column;
        row += by_row;
        depth += by_depth;
        if (column >= packs)
            column -= packs, row++;
        if (row >= rows[ROW].count)
            row -= rows[ROW].count, depth++;
    }
};

/* What a thread of a group has to do with. */
template <bool ACROSS, int N> struct Member {
    Row<int> rows[3];
    Place place;
    int own, apart; /* its number in the group, and how far apart in the block the group's members are */
    bool works;

    __device__ inline Member(const Small &s, const int *tables, int group) {
        const unsigned int items = blockDim.x / group;
        const unsigned int within = ACROSS ? threadIdx.x % items : threadIdx.x / group;
        const unsigned int item = blockIdx.x * items + within;
        own = (int)(ACROSS ? threadIdx.x / items : threadIdx.x % group);
        apart = ACROSS ? (int)items : 1;
        works = item < s.items;
        place = lanes_at<ACROSS ? N : 1>(s, tables, works ? item : 0, rows);
    }

    /* Show a visitor the member's packs, their positions in the plane, and their offsets. */
    template <class T, class Visitor> __device__ inline void each(const Small &s, const T *x, int group, Visitor &visitor) const {
        if (!works)
            return;
        Stride stride(rows, ACROSS ? 1 : N, own, group);
        const long long plane = place.plane * s.source_plane + place.lane;
        const int taps = stride.taps();
        UNROLL_TAPS
        for (int tap = own; tap < taps; tap += group) {
            int depth = rows[DEPTH].first + stride.depth * s.step[DEPTH], row = rows[ROW].first + stride.row * s.step[ROW];
            int column = rows[COLUMN].first + stride.column * (ACROSS ? 1 : N) * s.step[COLUMN];
            T raw[N];
            const long long at = plane + (depth * s.source[DEPTH] + row * s.source[ROW] + column * s.source[COLUMN]);
            load_pack<N>(x + at, raw);
            visitor.visit(raw, (depth * s.cells[ROW] + row) * s.cells[COLUMN] + column, at);
            stride.next();
        }
    }

    /* Fold what the members have; afterwards the first one has it all. */
    template <int VALUES, class Visitor, class Value>
    __device__ inline void together(int group, Value *tile, Value *values) const {
        for (int half = group / 2; half > 0; half /= 2) {
            if (own >= half && own < 2 * half) {
                UNROLL
                for (int e = 0; e < VALUES; e++)
                    tile[threadIdx.x * VALUES + e] = values[e];
            }
            __syncthreads(); /* the upper half is written before the lower one reads it */
            if (own < half) {
                UNROLL
                for (int e = 0; e < VALUES; e++)
                    Visitor::fold(values[e], tile[(threadIdx.x + half * apart) * VALUES + e]);
            }
        }
    }
};

template <class T, int SIGN, int N> struct WholeBest {
    typedef typename Storage<T>::Value Value;
    Value best[N];

    __device__ inline WholeBest(T lowest) {
        UNROLL
        for (int e = 0; e < N; e++)
            best[e] = Storage<T>::load(lowest);
    }

    __device__ inline void visit(const T *raw, int, long long) {
        UNROLL
        for (int e = 0; e < N; e++)
            best[e] = better<SIGN>(best[e], Storage<T>::load(raw[e]));
    }

    static __device__ inline void fold(Value &a, Value b) {
        a = better<SIGN>(a, b);
    }
};

template <class T, int SIGN, bool ACROSS, int N> struct WholeFound {
    typedef Found<typename Storage<T>::Value> Value;
    enum { VALUES = ACROSS ? N : 1 };
    Value best[VALUES];
    const int *places; /* of the cells that a first pass found, or none */

    __device__ inline WholeFound(T lowest, const int *from) : places(from) {
        UNROLL
        for (int e = 0; e < VALUES; e++)
            best[e].value = Storage<T>::load(lowest), best[e].at = -1;
    }

    __device__ inline void visit(const T *raw, int position, long long at) {
        UNROLL
        for (int e = 0; e < N; e++) {
            Value b = {Storage<T>::load(raw[e]), places ? places[at + e] : position + (ACROSS ? 0 : e)};
            fold(best[ACROSS ? e : 0], b);
        }
    }

    static __device__ inline void fold(Value &a, const Value &b) {
        int unused = 0;
        choose<SIGN>(a, b, unused, 0);
    }
};

template <class T, class Sum, int N> struct WholeSum {
    Sum sum[N];

    __device__ inline WholeSum() {
        UNROLL
        for (int e = 0; e < N; e++)
            sum[e] = 0;
    }

    __device__ inline void visit(const T *raw, int, long long) {
        UNROLL
        for (int e = 0; e < N; e++)
            sum[e] += (Sum)Storage<T>::load(raw[e]);
    }

    static __device__ inline void fold(Sum &a, Sum b) {
        a += b;
    }
};

/* The values of a pack of taps as one. */
template <class Visitor, int N, class Value> __device__ inline void fold_pack(Value *values) {
    UNROLL
    for (int e = 1; e < N; e++)
        Visitor::fold(values[0], values[e]);
}

template <class T, int SIGN, bool ACROSS, int N>
__global__ void cypool_whole_select(
    Small s, const int *tables, int group, const T *__restrict__ x, T *__restrict__ out, T lowest
) {
    typedef WholeBest<T, SIGN, N> Visitor;
    enum { VALUES = ACROSS ? N : 1 };
    __shared__ typename Visitor::Value tile[GROUPED * VALUES];
    const Member<ACROSS, N> member(s, tables, group);
    Visitor visitor(lowest);
    member.each(s, x, group, visitor);
    if (!ACROSS)
        fold_pack<Visitor, N>(visitor.best);
    member.template together<VALUES, Visitor>(group, tile, visitor.best);
    if (member.works && member.own == 0)
        store_lanes<T, VALUES>(s, out, member.place, visitor.best);
}

/* `places`: where the cells stand that a first pass over parts of the windows found; `raw`: this is the first pass, which tells
 * positions in 32 bits whatever the kind. */
template <class T, int SIGN, bool ACROSS, int N>
__global__ void cypool_whole_find(
    Small s, const int *tables, int group, const T *__restrict__ x, const int *places, T *__restrict__ out, void *indices,
    int kind, int raw, T lowest
) {
    typedef WholeFound<T, SIGN, ACROSS, N> Visitor;
    enum { VALUES = Visitor::VALUES };
    __shared__ typename Visitor::Value tile[GROUPED * VALUES];
    const Member<ACROSS, N> member(s, tables, group);
    Visitor visitor(lowest, places);
    member.each(s, x, group, visitor);
    member.template together<VALUES, Visitor>(group, tile, visitor.best);
    if (member.works && member.own == 0) {
        typename Storage<T>::Value best[VALUES];
        int where[VALUES];
        UNROLL
        for (int e = 0; e < VALUES; e++) {
            best[e] = visitor.best[e].value;
            where[e] = raw || places ? visitor.best[e].at : index_of(s, member.rows, visitor.best[e].at, kind);
        }
        store_lanes<T, VALUES>(s, out, member.place, best);
        const long long at = third_of(s, member.place, member.place.column);
        store_indices<VALUES>(indices, at, raw ? WINDOW_32 : kind, where, s.wide_third, VALUES);
    }
}

template <class T, class Sum, class Out, bool ACROSS, int N>
__global__ void cypool_whole_total(
    Small s, const int *tables, int group, const T *__restrict__ x, Out *__restrict__ out, int how, double divisor, int rounding
) {
    typedef WholeSum<T, Sum, N> Visitor;
    enum { VALUES = ACROSS ? N : 1 };
    __shared__ Sum tile[GROUPED * VALUES];
    const Member<ACROSS, N> member(s, tables, group);
    Visitor visitor;
    member.each(s, x, group, visitor);
    if (!ACROSS)
        fold_pack<Visitor, N>(visitor.sum);
    member.template together<VALUES, Visitor>(group, tile, visitor.sum);
    if (member.works && member.own == 0) {
        if (how == BY_SHARES)
            divisor = (double)member.rows[DEPTH].share * (double)member.rows[ROW].share * (double)member.rows[COLUMN].share;
        UNROLL
        for (int e = 0; e < VALUES; e++)
            if (how != UNDIVIDED)
                visitor.sum[e] = quotient<typename Storage<Out>::Value>(visitor.sum[e], divisor, rounding);
        store_lanes<Out, VALUES>(s, out, member.place, visitor.sum);
    }
}

/* ---- gradients of windows that are whole planes, cells side by side: each thread has N cells -------------------------------- */

template <class T, class Sum, int N>
__global__ void cypool_whole_adjoint(
    Small s, const int *tables, const T *__restrict__ gradient, T *__restrict__ out, double divisor
) {
    (void)tables;
    EACH_ITEM(i) {
        const Place p = place_of(s, i);
        const T sent = Storage<T>::store((Sum)Storage<T>::load(gradient[p.plane * s.source_plane]) / (Sum)divisor);
        T result[N];
        UNROLL
        for (int e = 0; e < N; e++)
            result[e] = sent;
        store_pack<N>(out + p.plane * s.target_plane + p.column * N, result);
    }
}

template <class T, int N>
__global__ void cypool_whole_scatter(
    Small s, const int *tables, const T *__restrict__ gradient, const long long *__restrict__ indices, T *__restrict__ out
) {
    (void)tables;
    EACH_ITEM(i) {
        const Place p = place_of(s, i);
        const int where = (int)indices[p.plane * s.third_plane];
        const T sent = Storage<T>::store(0 + Storage<T>::load(gradient[p.plane * s.source_plane]));
        T result[N];
        UNROLL
        for (int e = 0; e < N; e++)
            result[e] = where == p.column * N + e ? sent : Storage<T>::store(0);
        store_pack<N>(out + p.plane * s.target_plane + p.column * N, result);
    }
}
