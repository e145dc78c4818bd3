/* near: columns that lie side by side.
 *
 * A thread computes neighbouring columns of one row of the result.  Their windows' width, stride and padding are known when it is
 * compiled; rows are what the tables say.  It loads each row of cells once, folds the rows column by column, and then the
 * columns of each window: forward sums add rows first.  Gradients gather as the general kernels do, in their order.
 */

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
