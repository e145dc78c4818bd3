# The row functions: what happens to one row of contiguous lanes.  Compiled once for each instruction set under a
# name of its own (setup.py); core.pyx takes the table that this module fills and exports as a capsule.
#
# Read it in four steps: `combine` and `beats` are the arithmetic of one element; the folds apply it to rows, leading
# taps first (start2 ... more2), then the last axis' taps (across); `pick` and `pick_across` do the same and remember
# where the winner stood; the end fills the table.  conversions.pxi moves rows between storage and work dtypes.
#
# The order in which taps are combined is a function of the geometry alone, never of strides, tiles or threads: sums
# have the same bits everywhere.  Loops are written for the vectoriser: no `or`, no early exit, distinct arrays.

from cpython.pycapsule cimport PyCapsule_New
from libc.math cimport INFINITY, floor, rint
from libc.stdint cimport (int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t)
from libc.string cimport memcpy, memset

from cypool.kernels.rows cimport *

cdef extern from "halves.h" nogil:
    ctypedef short cypool_key
    int CYPOOL_KEY_NAN
    int CYPOOL_KEY_NOTHING
    void cypool_f16_row_float(float*, const uint16_t*, Py_ssize_t)
    void cypool_float_row_f16(uint16_t*, const float*, Py_ssize_t)
    void cypool_bf16_row_float(float*, const uint16_t*, Py_ssize_t)
    void cypool_float_row_bf16(uint16_t*, const float*, Py_ssize_t)
    void cypool_half_row_key(cypool_key*, const uint16_t*, Py_ssize_t, int16_t, int16_t)
    void cypool_key_row_half(uint16_t*, const cypool_key*, Py_ssize_t, int16_t, int16_t)

# Operators are types, so that a fused function is compiled for each of them; no object of these types exists.
cdef struct Max:
    char unused
cdef struct Min:
    char unused
cdef struct Sum:
    char unused

ctypedef fused Op:
    Max
    Min
    Sum

ctypedef fused Choice:
    Max
    Min

ctypedef fused T:                # work types
    int8_t
    uint8_t
    int16_t
    uint16_t
    int32_t
    uint32_t
    int64_t
    uint64_t
    float
    double
    cypool_key

ctypedef fused Real:
    float
    double

ctypedef fused Ordinal:          # of the winning tap: as wide as the values where that vectorises
    int32_t
    int64_t

cdef enum:
    LONG_WINDOW = 16             # taps from which a window that is folded by itself is folded by halving


# ---- one element ---------------------------------------------------------------------------------------------

cdef inline bint is_nan(T a) noexcept nogil:
    if T is float or T is double:
        return a != a
    elif T is cypool_key:
        return a == CYPOOL_KEY_NAN
    else:
        return False


cdef inline T combine(Op* op, T a, T b) noexcept nogil:
    """The value so far and a new one.  Two selects carry NaN through without a branch."""
    cdef T best
    if Op is Sum:
        return <T> (a + b)
    if Op is Max:
        best = b if b > a else a
    else:
        best = b if b < a else a
    if T is float or T is double:
        return b if b != b else best
    return best


cdef inline bint beats(Choice* op, T a, T b) noexcept nogil:
    if Choice is Max:
        return b > a
    else:
        return b < a


cdef inline T nothing(Op* op, T like) noexcept nogil:
    """The value of an empty window: the type's lowest for a maximum, its highest for a minimum, 0 for a sum."""
    if Op is Sum:
        return 0
    if T is float or T is double:
        return <T> (-INFINITY if Op is Max else INFINITY)
    elif T is cypool_key:
        return CYPOOL_KEY_NOTHING
    elif T is uint8_t or T is uint16_t or T is uint32_t or T is uint64_t:
        return <T> 0 if Op is Max else <T> ~(<T> 0)
    else:
        like = <T> ((<uint64_t> 1) << (8 * sizeof(T) - 1))
        return like if Op is Max else <T> ~like


# ---- leading taps: rows onto rows ------------------------------------------------------------------------------

cdef void start2(Op* op, T* acc, const T* a, const T* b, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        acc[i] = combine(op, a[i], b[i])


cdef void start3(Op* op, T* acc, const T* a, const T* b, const T* c, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        acc[i] = combine(op, combine(op, a[i], b[i]), c[i])


cdef void more1(Op* op, T* acc, const T* a, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        acc[i] = combine(op, acc[i], a[i])


cdef void more2(Op* op, T* acc, const T* a, const T* b, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        acc[i] = combine(op, combine(op, acc[i], a[i]), b[i])


cdef void pick(Choice* op, T* acc, Ordinal* row, const T* a, int64_t ordinal, Py_ssize_t n) noexcept nogil:
    """The first of a tie stays, the last NaN wins."""
    cdef Py_ssize_t i
    cdef bint take
    cdef Ordinal new = <Ordinal> ordinal
    for i in range(n):
        take = beats(op, acc[i], a[i]) | is_nan(a[i])
        row[i] = new if take else row[i]
        acc[i] = a[i] if take else acc[i]


# ---- the last axis' taps -----------------------------------------------------------------------------------------

cdef inline void fold_run(Op* op, T* out, const T* a, Py_ssize_t shift, Py_ssize_t count,
                          Py_ssize_t n) noexcept nogil:
    """out[i] = a[i] . a[i + shift] . a[i + 2*shift] ...: `count` taps of n neighbouring lanes."""
    cdef Py_ssize_t t
    if count == 1:
        memcpy(out, a, n * sizeof(T))
        return
    if count == 2:
        start2(op, out, a, a + shift, n)
        return
    start3(op, out, a, a + shift, a + 2 * shift, n)
    t = 3
    while t + 1 < count:
        more2(op, out, a + t * shift, a + (t + 1) * shift, n)
        t += 2
    if t < count:
        more1(op, out, a + t * shift, n)


cdef inline void fold_strided(Op* op, T* out, const T* a, Py_ssize_t shift, Py_ssize_t count, Py_ssize_t stride,
                              Py_ssize_t n) noexcept nogil:
    """The same for outputs that stand `stride` cells apart; inlined where the stride is a literal."""
    cdef Py_ssize_t i, t
    cdef const T* b = a + shift
    cdef const T* c = a + 2 * shift
    if count == 1:
        for i in range(n):
            out[i] = a[i * stride]
    elif count == 2:
        for i in range(n):
            out[i] = combine(op, a[i * stride], b[i * stride])
    else:
        for i in range(n):
            out[i] = combine(op, combine(op, a[i * stride], b[i * stride]), c[i * stride])
    for t in range(3, count):
        b = a + t * shift
        for i in range(n):
            out[i] = combine(op, out[i], b[i * stride])


cdef inline void fold_halving(Op* op, T* out, const T* a, T* scratch, Py_ssize_t shift, Py_ssize_t count,
                              Py_ssize_t lanes) noexcept nogil:
    """One long window: halves onto each other, so that a single column of output still fills the vectors."""
    cdef Py_ssize_t half = (count + 1) // 2, t
    if shift == lanes:
        start2(op, scratch, a, a + half * lanes, (count - half) * lanes)
        if half > count - half:
            memcpy(scratch + (half - 1) * lanes, a + (half - 1) * lanes, lanes * sizeof(T))
        count = half
    else:
        for t in range(count):
            memcpy(scratch + t * lanes, a + t * shift, lanes * sizeof(T))
    while count > 1:
        half = (count + 1) // 2
        more1(op, scratch, scratch + half * lanes, (count - half) * lanes)
        count = half
    memcpy(out, scratch, lanes * sizeof(T))


cdef void fold_windows(Op* op, T* out, const T* acc, T* scratch, const Axis* axis, Py_ssize_t j0, Py_ssize_t j1,
                       Py_ssize_t x0, Py_ssize_t lanes, bint halving) noexcept nogil:
    """Outputs j0..j1 one by one, straight from the tables: the canonical way, for borders and for many lanes."""
    cdef Py_ssize_t j, i, t, first, count
    cdef Py_ssize_t shift = axis.step * lanes
    cdef const T* a
    cdef T value
    for j in range(j0, j1):
        count = axis.count[entry_of(axis, j, &first)]
        if count == 0:
            for i in range(lanes):
                out[i] = nothing(op, <T> 0)
        else:
            a = acc + (first - x0) * lanes
            if halving and count >= LONG_WINDOW:
                fold_halving(op, out, a, scratch, shift, count, lanes)
            elif lanes == 1:
                value = a[0]
                for t in range(1, count):
                    value = combine(op, value, a[t * shift])
                out[0] = value
            else:
                fold_run(op, out, a, shift, count, lanes)
        out += lanes


cdef void fold_phases(Op* op, T* out, const T* acc, T* scratch, const Axis* axis, Py_ssize_t j0, Py_ssize_t j1,
                      Py_ssize_t x0) noexcept nogil:
    """Periodic outputs with advance 1 (adjoints of strided windows): each phase is a dense row, then spread out."""
    cdef Py_ssize_t phase, j, n, count, first, i
    for phase in range(axis.period):
        j = j0 + (phase - (j0 - axis.lo)) % axis.period
        if j < j0:
            j += axis.period
        if j >= j1:
            continue
        n = (j1 - 1 - j) // axis.period + 1
        count = axis.count[entry_of(axis, j, &first)]
        if count == 0:
            for i in range(n):
                out[j - j0 + i * axis.period] = nothing(op, <T> 0)
            continue
        fold_run(op, scratch, acc + (first - x0), axis.step, count, n)
        if axis.period == 2:
            for i in range(n):
                out[j - j0 + i * 2] = scratch[i]
        else:
            for i in range(n):
                out[j - j0 + i * axis.period] = scratch[i]


cdef void fold_runs(Op* op, T* out, const T* acc, const Axis* axis, Py_ssize_t j0, Py_ssize_t j1, Py_ssize_t x0,
                    Py_ssize_t lanes) noexcept nogil:
    """Runs of outputs with the same taps (adjoints of long windows): computed once, then repeated."""
    cdef Py_ssize_t j = j0, i, end, first, count, entry = entry_of(axis, j0, &first)
    cdef T value
    while j < j1:
        end = min(axis.runs[entry], j1)
        count = axis.count[entry]
        if count == 0:
            for i in range(lanes):
                out[i] = nothing(op, <T> 0)
        else:
            fold_run(op, out, acc + (axis.first[entry] - x0) * lanes, axis.step * lanes, count, lanes)
        if lanes == 1:
            value = out[0]
            for i in range(1, end - j):
                out[i] = value
        else:
            for i in range(1, end - j):
                memcpy(out + i * lanes, out, lanes * sizeof(T))
        out += (end - j) * lanes
        j = end
        entry += 1


cdef void fold_interior(Op* op, T* out, const T* acc, const Axis* axis, Py_ssize_t lo, Py_ssize_t n, Py_ssize_t x0,
                        Py_ssize_t lanes) noexcept nogil:
    """n outputs from lo on, tap by tap; one lane, or advance 1."""
    cdef Py_ssize_t first, count = axis.count[entry_of(axis, lo, &first)]
    acc += (first - x0) * lanes
    if axis.advance == 1:
        fold_run(op, out, acc, axis.step * lanes, count, n * lanes)
    elif axis.advance == 2:
        fold_strided(op, out, acc, axis.step, count, 2, n)
    else:
        fold_strided(op, out, acc, axis.step, count, axis.advance, n)


cdef void fold_borders(Op* op, T* out, const T* acc, T* scratch, const Axis* axis, Py_ssize_t rows, Py_ssize_t j0,
                       Py_ssize_t j1, Py_ssize_t x0, Py_ssize_t lanes) noexcept nogil:
    """Columns j0..j1 of many rows: column by column where one lane and few taps let a short loop do it."""
    cdef Py_ssize_t j, r, t, first, count, columns = axis.n_out, span = axis.advance * axis.n_out
    cdef const T* a
    cdef T value
    for j in range(j0, j1):
        count = axis.count[entry_of(axis, j, &first)]
        if lanes > 1 or count == 0 or count >= LONG_WINDOW:
            for r in range(rows):
                fold_windows(op, out + (r * columns + j) * lanes, acc + r * span * lanes, scratch, axis, j, j + 1, x0, lanes,
                             True)
            continue
        for r in range(rows):
            a = acc + r * span + first - x0
            value = a[0]
            for t in range(1, count):
                value = combine(op, value, a[t * axis.step])
            out[r * columns + j] = value


cdef void across_rows(Op* op, T* out, const T* acc, T* scratch, const Axis* axis, Py_ssize_t rows, Py_ssize_t x0,
                      Py_ssize_t lanes) noexcept nogil:
    """Many short rows as one long one.  Windows of the run that straddle two rows are borders, folded again after it."""
    cdef Py_ssize_t columns = axis.n_out, lo = axis.lo, hi = axis.hi
    fold_interior(op, out + lo * lanes, acc, axis, lo, (rows - 1) * columns + hi - lo, x0, lanes)
    fold_borders(op, out, acc, scratch, axis, rows, 0, lo, x0, lanes)
    fold_borders(op, out, acc, scratch, axis, rows, hi, columns, x0, lanes)


cdef void across(Op* op, T* out, const T* acc, T* scratch, const Axis* axis, Py_ssize_t j0, Py_ssize_t j1,
                 Py_ssize_t x0, Py_ssize_t lanes) noexcept nogil:
    cdef Py_ssize_t lo = min(max(axis.lo, j0), j1), hi = min(max(axis.hi, lo), j1)
    cdef T* inner = out + (lo - j0) * lanes
    if axis.runs != NULL:
        fold_runs(op, out, acc, axis, j0, j1, x0, lanes)
        return
    if axis.by_window:
        fold_windows(op, out, acc, scratch, axis, j0, j1, x0, lanes, True)
        return
    if lo > j0:
        fold_windows(op, out, acc, scratch, axis, j0, lo, x0, lanes, True)
    if j1 > hi:
        fold_windows(op, out + (hi - j0) * lanes, acc, scratch, axis, hi, j1, x0, lanes, True)
    if hi == lo:
        return
    if axis.period > 1:
        if lanes == 1 and axis.advance == 1:
            fold_phases(op, inner, acc, scratch, axis, lo, hi, x0)
        else:
            fold_windows(op, inner, acc, scratch, axis, lo, hi, x0, lanes, False)
        return
    if lanes > 1 and axis.advance != 1:
        fold_windows(op, inner, acc, scratch, axis, lo, hi, x0, lanes, False)
    else:
        fold_interior(op, inner, acc, axis, lo, hi - lo, x0, lanes)


cdef inline void pick_run(Choice* op, T* best, Ordinal* row_best, Ordinal* tap_best, const T* a, const Ordinal* row,
                          Py_ssize_t tap, Py_ssize_t stride, Py_ssize_t n) noexcept nogil:
    """One more tap of n outputs.  Taps come column by column, ties are decided row by row: compare the rows too."""
    cdef Py_ssize_t i
    cdef bint take
    cdef T b
    cdef Ordinal r
    if tap == 0:
        for i in range(n):
            best[i] = a[i * stride]
            row_best[i] = row[i * stride]
            tap_best[i] = 0
        return
    for i in range(n):
        b = a[i * stride]
        r = row[i * stride]
        take = beats(op, best[i], b) | ((b == best[i]) & (r < row_best[i]))
        if T is float or T is double or T is cypool_key:
            if T is cypool_key:
                take = take & (1 - is_nan(b))
            take = take | (is_nan(b) & ((1 - is_nan(best[i])) | (r >= row_best[i])))
        best[i] = b if take else best[i]
        row_best[i] = r if take else row_best[i]
        tap_best[i] = <Ordinal> tap if take else tap_best[i]


cdef void pick_windows(Choice* op, T* out, Ordinal* row_out, Ordinal* tap_out, const T* acc, const Ordinal* row,
                       const Axis* axis, Py_ssize_t j0, Py_ssize_t j1, Py_ssize_t x0,
                       Py_ssize_t lanes) noexcept nogil:
    cdef Py_ssize_t j, i, t, first, count, at
    for j in range(j0, j1):
        count = axis.count[entry_of(axis, j, &first)]
        if count == 0:
            for i in range(lanes):
                out[i] = nothing(op, <T> 0)
                row_out[i] = -1
                tap_out[i] = -1
        for t in range(count):
            at = (first + t * axis.step - x0) * lanes
            pick_run(op, out, row_out, tap_out, acc + at, row + at, t, 1, lanes)
        out += lanes
        row_out += lanes
        tap_out += lanes


cdef void pick_across(Choice* op, T* out, Ordinal* row_out, Ordinal* tap_out, const T* acc, const Ordinal* row,
                      const Axis* axis, Py_ssize_t j0, Py_ssize_t j1, Py_ssize_t x0,
                      Py_ssize_t lanes) noexcept nogil:
    cdef Py_ssize_t lo = min(max(axis.lo, j0), j1), hi = min(max(axis.hi, lo), j1)
    cdef Py_ssize_t first, count, t, at, n, skip
    if axis.by_window or axis.period != 1 or (lanes > 1 and axis.advance != 1):
        pick_windows(op, out, row_out, tap_out, acc, row, axis, j0, j1, x0, lanes)
        return
    pick_windows(op, out, row_out, tap_out, acc, row, axis, j0, lo, x0, lanes)
    skip = (hi - j0) * lanes
    pick_windows(op, out + skip, row_out + skip, tap_out + skip, acc, row, axis, hi, j1, x0, lanes)
    if hi == lo:
        return
    count = axis.count[entry_of(axis, lo, &first)]
    n = (hi - lo) * lanes
    skip = (lo - j0) * lanes
    for t in range(count):
        at = (first + t * axis.step - x0) * lanes
        if axis.advance == 1:
            pick_run(op, out + skip, row_out + skip, tap_out + skip, acc + at, row + at, t, 1, n)
        elif axis.advance == 2:
            pick_run(op, out + skip, row_out + skip, tap_out + skip, acc + at, row + at, t, 2, n)
        else:
            pick_run(op, out + skip, row_out + skip, tap_out + skip, acc + at, row + at, t, axis.advance, n)


# ---- indices -------------------------------------------------------------------------------------------------------

ctypedef fused Index:
    int64_t
    uint8_t
    uint16_t
    int32_t


cdef void number(Index* out, const Ordinal* row, const Ordinal* tap, const int32_t* column, int32_t base,
                 int32_t row_scale, int32_t tap_scale, Py_ssize_t cols, Py_ssize_t lanes) noexcept nogil:
    cdef Py_ssize_t i, j
    cdef int32_t value, start
    if lanes == 1:
        for i in range(cols):
            value = base + column[i] + <int32_t> row[i] * row_scale + <int32_t> tap[i] * tap_scale
            out[i] = <Index> (-1 if tap[i] < 0 else value)
        return
    for j in range(cols):
        start = base + column[j]
        for i in range(j * lanes, (j + 1) * lanes):
            value = start + <int32_t> row[i] * row_scale + <int32_t> tap[i] * tap_scale
            out[i] = <Index> (-1 if tap[i] < 0 else value)


cdef inline bint is_mark(Index value) noexcept nogil:
    if Index is uint8_t:
        return value == 0xff
    elif Index is uint16_t:
        return value == 0xffff
    else:
        return value < 0


cdef void add(Real* cells, const Real* gradient, const Index* index, const Py_ssize_t* offsets, const Py_ssize_t* start,
              Py_ssize_t cell0, Py_ssize_t n_cells, Py_ssize_t cols, Py_ssize_t lanes) noexcept nogil:
    cdef Py_ssize_t j, lane, cell, i = 0
    for j in range(cols):
        for lane in range(lanes):
            cell = <Py_ssize_t> index[i] - cell0
            if offsets != NULL:
                cell = offsets[index[i]] + start[j] - cell0 if not is_mark(index[i]) else -1
            if <size_t> cell < <size_t> n_cells:
                cells[cell * lanes + lane] += gradient[i]
            i += 1


include "conversions.pxi"


# ---- the table ---------------------------------------------------------------------------------------------------

cdef Rows TABLE


cdef void set_folds(Op* op, T* like, Folds* row) noexcept:
    cdef T empty = nothing(op, <T> 0)
    memcpy(&row.empty, &empty, sizeof(T))
    row.start2 = <fold2_t> start2[Op, T]
    row.start3 = <fold3_t> start3[Op, T]
    row.more1 = <more1_t> more1[Op, T]
    row.more2 = <more2_t> more2[Op, T]
    row.across = <across_t> across[Op, T]
    row.across_rows = <across_rows_t> across_rows[Op, T]
    if Op is not Sum:
        if T is int64_t or T is uint64_t or T is double:
            row.pick = <pick_t> pick[Op, T, int64_t]
            row.pick_across = <pick_across_t> pick_across[Op, T, int64_t]
        else:
            row.pick = <pick_t> pick[Op, T, int32_t]
            row.pick_across = <pick_across_t> pick_across[Op, T, int32_t]


cdef void set_selections(Op* op, Folds* folds) noexcept:
    set_folds(op, <int8_t*> NULL, &folds[I8])
    set_folds(op, <uint8_t*> NULL, &folds[U8])
    set_folds(op, <int16_t*> NULL, &folds[I16])
    set_folds(op, <uint16_t*> NULL, &folds[U16])
    set_folds(op, <int32_t*> NULL, &folds[I32])
    set_folds(op, <uint32_t*> NULL, &folds[U32])
    set_folds(op, <int64_t*> NULL, &folds[I64])
    set_folds(op, <uint64_t*> NULL, &folds[U64])
    set_folds(op, <float*> NULL, &folds[F32])
    set_folds(op, <double*> NULL, &folds[F64])


cdef void set_pair(S* storage, Wide* work, int s, int w) noexcept:
    TABLE.load[s][w] = <convert_t> widen[Wide, S]
    TABLE.store[s][w] = <convert_t> narrow[S, Wide]


cdef void set_whole(Whole* storage, int s) noexcept:
    """Integers: 32-bit sums of the narrow ones, 64-bit sums, averages of both, and wide copies of every one."""
    cdef bint signed = s == I8 or s == I16 or s == I32 or s == I64
    if sizeof(Whole) < 4:
        set_pair(storage, <uint32_t*> NULL, s, U32)
    set_pair(storage, <uint64_t*> NULL, s, U64)
    if signed:
        set_pair(storage, <int64_t*> NULL, s, I64)
    TABLE.mean[s][U32] = <mean_t> mean_small[Whole]
    TABLE.mean[s][U64] = <mean_t> mean_large[Whole]


cdef void set_index(Index* like, int kind) noexcept:
    TABLE.number[kind][0] = <number_t> number[Index, int32_t]
    TABLE.number[kind][1] = <number_t> number[Index, int64_t]
    TABLE.add[kind][0] = <add_t> add[float, Index]
    TABLE.add[kind][1] = <add_t> add[double, Index]


cdef void fill() noexcept:
    memset(&TABLE, 0, sizeof(TABLE))

    set_selections(<Max*> NULL, TABLE.fold[MAX])
    set_selections(<Min*> NULL, TABLE.fold[MIN])
    set_folds(<Max*> NULL, <cypool_key*> NULL, &TABLE.fold[MAX][K16])
    set_folds(<Max*> NULL, <cypool_key*> NULL, &TABLE.fold[MIN][N16])
    set_folds(<Sum*> NULL, <uint32_t*> NULL, &TABLE.fold[SUM][U32])
    set_folds(<Sum*> NULL, <uint64_t*> NULL, &TABLE.fold[SUM][U64])
    set_folds(<Sum*> NULL, <float*> NULL, &TABLE.fold[SUM][F32])
    set_folds(<Sum*> NULL, <double*> NULL, &TABLE.fold[SUM][F64])

    set_whole(<int8_t*> NULL, I8)
    set_whole(<uint8_t*> NULL, U8)
    set_whole(<int16_t*> NULL, I16)
    set_whole(<uint16_t*> NULL, U16)
    set_whole(<int32_t*> NULL, I32)
    set_whole(<uint32_t*> NULL, U32)
    set_whole(<int64_t*> NULL, I64)
    set_whole(<uint64_t*> NULL, U64)
    TABLE.store[I64][U32] = <convert_t> narrow[int64_t, uint32_t]
    TABLE.store[U64][U32] = <convert_t> narrow[uint64_t, uint32_t]

    set_pair(<float*> NULL, <double*> NULL, F32, F64)
    TABLE.mean[F32][F32] = TABLE.divide[F32] = <mean_t> divide_real[float]
    TABLE.mean[F64][F64] = TABLE.divide[F64] = <mean_t> divide_real[double]
    TABLE.mean[F32][F64] = <mean_t> mean_double_float

    TABLE.load[F16][F32] = <convert_t> cypool_f16_row_float
    TABLE.load[F16][F64] = <convert_t> f16_to_double
    TABLE.load[F16][K16] = <convert_t> f16_to_key
    TABLE.load[F16][N16] = <convert_t> f16_to_minus_key
    TABLE.store[F16][F32] = <convert_t> f16_store[float]
    TABLE.store[F16][F64] = <convert_t> f16_store[double]
    TABLE.store[F16][K16] = <convert_t> f16_from_key
    TABLE.store[F16][N16] = <convert_t> f16_from_minus_key
    TABLE.mean[F16][F32] = <mean_t> f16_mean[float]
    TABLE.mean[F16][F64] = <mean_t> f16_mean[double]

    TABLE.load[BF16][F32] = <convert_t> cypool_bf16_row_float
    TABLE.load[BF16][F64] = <convert_t> bf16_to_double
    TABLE.load[BF16][K16] = <convert_t> bf16_to_key
    TABLE.load[BF16][N16] = <convert_t> bf16_to_minus_key
    TABLE.store[BF16][F32] = <convert_t> bf16_store[float]
    TABLE.store[BF16][F64] = <convert_t> bf16_store[double]
    TABLE.store[BF16][K16] = <convert_t> bf16_from_key
    TABLE.store[BF16][N16] = <convert_t> bf16_from_minus_key
    TABLE.mean[BF16][F32] = <mean_t> bf16_mean[float]
    TABLE.mean[BF16][F64] = <mean_t> bf16_mean[double]

    set_index(<int64_t*> NULL, PLANE)
    set_index(<uint8_t*> NULL, WINDOW8)
    set_index(<uint16_t*> NULL, WINDOW16)
    set_index(<int32_t*> NULL, WINDOW32)

    TABLE.gather[0], TABLE.spread[0] = <gather_t> gather[uint8_t], <spread_t> spread[uint8_t]
    TABLE.gather[1], TABLE.spread[1] = <gather_t> gather[uint16_t], <spread_t> spread[uint16_t]
    TABLE.gather[2], TABLE.spread[2] = <gather_t> gather[uint32_t], <spread_t> spread[uint32_t]
    TABLE.gather[3], TABLE.spread[3] = <gather_t> gather[uint64_t], <spread_t> spread[uint64_t]


fill()
table = PyCapsule_New(&TABLE, b"cypool.rows", NULL)
