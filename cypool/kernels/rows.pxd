# The contract between the drivers (core.pyx, compiled once) and the row functions (rows.pyx, compiled once for
# each instruction set): a table of function pointers.  A row is `cols` columns of `lanes` contiguous elements;
# no function here knows about padding, strides of planes, threads or Python.
#
# Codes of dtypes: I8..F64 are types that arrays are stored in and folds compute in ("work" types); the halves exist in
# storage alone, their keys (halves.h) in work alone: K16 for maxima, N16, the negated ones, for minima.
# An operator or a dtype is added by adding a code here and its rows in rows.pyx.

from libc.stdint cimport int32_t, int64_t, uint64_t

cdef enum:
    I8, U8, I16, U16, I32, U32, I64, U64, F32, F64, K16, N16, F16, BF16
    N_WORK = F16
    N_STORAGE = BF16 + 1

cdef enum:
    MAX, MIN, SUM
    N_OPS

cdef enum:                       # what an index counts, and in which integers
    NO_INDEX
    PLANE                        # int64 position in the plane, as PyTorch
    WINDOW8                      # offset in the window in one, two or four bytes
    WINDOW16
    WINDOW32
    N_INDEX

cdef enum:                       # what an average of integers does with the fraction
    TRUNC, FLOOR, NEAREST, HALF_UP

# One axis of a geometry.  Output j has `count` taps, the first at cell `first`, `step` cells apart, all of them
# inside the input; `skip` taps of the whole window lie before them, outside.  Outputs [lo, hi) follow a period:
# output lo + q*period + phase has its first tap at first[lo + phase] + q*advance.  The entries of the arrays are
# the outputs before lo, then one for each phase, then the outputs from hi on.
cdef struct Axis:
    Py_ssize_t n_in
    Py_ssize_t n_out
    Py_ssize_t lo
    Py_ssize_t hi
    Py_ssize_t period
    Py_ssize_t advance
    Py_ssize_t step
    Py_ssize_t window            # taps of the unclipped window
    Py_ssize_t longest           # cells from the first to the last tap of the widest window, both included
    Py_ssize_t extent            # extent of the real axis, where `source` maps positions to its cells
    Py_ssize_t reach_origin      # window j lies within [j*reach_stride + reach_origin, ... + reach_length)
    Py_ssize_t reach_stride      # 0: adaptive, -1: anywhere
    Py_ssize_t reach_length
    int regular                  # window j starts at j*reach_stride + reach_origin, and every window holds a cell
    int sparse                   # some window holds no cell
    int by_window                # long windows that hardly overlap: fold each by itself, not tap by tap
    const Py_ssize_t* first
    const Py_ssize_t* count
    const Py_ssize_t* skip
    const Py_ssize_t* share      # this axis' factor of the divisor
    const Py_ssize_t* runs       # NULL, or where runs of outputs with the same taps end; then entries are runs
    Py_ssize_t n_runs
    const Py_ssize_t* source     # NULL, or the cell that a position sees (boundary modes)
    const Py_ssize_t* phases     # NULL, or of small windows' transposed tables: (first holder, holders) of cells 0.. n_phases,
    Py_ssize_t n_phases          # as if outputs had no end, and the cells all of whose holders are beyond it
    const Py_ssize_t* lost
    Py_ssize_t n_lost

ctypedef void (*fold2_t)(void* op, char* acc, const char* a, const char* b, Py_ssize_t n) noexcept nogil
ctypedef void (*fold3_t)(void* op, char* acc, const char* a, const char* b, const char* c,
                         Py_ssize_t n) noexcept nogil
ctypedef void (*more1_t)(void* op, char* acc, const char* a, Py_ssize_t n) noexcept nogil
ctypedef void (*more2_t)(void* op, char* acc, const char* a, const char* b, Py_ssize_t n) noexcept nogil
# Columns j0..j1 of an output row from the folded row `acc`, whose first column is cell x0.
ctypedef void (*across_t)(void* op, char* out, const char* acc, char* scratch, const Axis* axis, Py_ssize_t j0,
                          Py_ssize_t j1, Py_ssize_t x0, Py_ssize_t lanes) noexcept nogil
# `rows` output rows at once, all columns: row r of `acc` starts at r*advance*n_out, so that all rows are one run.
ctypedef void (*across_rows_t)(void* op, char* out, const char* acc, char* scratch, const Axis* axis, Py_ssize_t rows,
                               Py_ssize_t x0, Py_ssize_t lanes) noexcept nogil
# The same as across_t with the ordinal of the leading tap (`row`, in and out) and of the last axis' tap (`tap`, out).
ctypedef void (*pick_t)(void* op, char* acc, char* row, const char* a, int64_t ordinal, Py_ssize_t n) noexcept nogil
ctypedef void (*pick_across_t)(void* op, char* out, char* row_out, char* tap_out, const char* acc, const char* row,
                               const Axis* axis, Py_ssize_t j0, Py_ssize_t j1, Py_ssize_t x0,
                               Py_ssize_t lanes) noexcept nogil

cdef struct Folds:
    fold2_t start2               # acc = a . b
    fold3_t start3               # acc = a . b . c
    more1_t more1                # acc = acc . a
    more2_t more2                # acc = acc . a . b
    across_t across
    across_rows_t across_rows
    pick_t pick                  # max and min only: acc, row = the better of (acc, row) and (a, ordinal)
    pick_across_t pick_across
    uint64_t empty               # the bytes of an empty window's value

ctypedef void (*convert_t)(char* dst, const char* src, Py_ssize_t n) noexcept nogil
# dst = src / (divisor * shares[col]); shares NULL: all 1
ctypedef void (*mean_t)(char* dst, const char* src, Py_ssize_t cols, Py_ssize_t lanes, double divisor,
                        const double* shares, int rounding) noexcept nogil
ctypedef void (*gather_t)(char* dst, const char* src, Py_ssize_t cols, Py_ssize_t lanes, Py_ssize_t col_stride,
                          Py_ssize_t lane_stride, const Py_ssize_t* source, int swap) noexcept nogil
ctypedef void (*spread_t)(char* dst, const char* src, Py_ssize_t cols, Py_ssize_t lanes, Py_ssize_t col_stride,
                          Py_ssize_t lane_stride, int swap) noexcept nogil

# out = base + column[col] + row*row_scale + tap*tap_scale, or the mark of an empty window where tap < 0
ctypedef void (*number_t)(char* out, const char* row, const char* tap, const int32_t* column, int32_t base,
                          int32_t row_scale, int32_t tap_scale, Py_ssize_t cols, Py_ssize_t lanes) noexcept nogil
# Adds gradients to the cells that indices name: cell = (offset of the index) + start[col], counted from `cell0`.
# `offsets` maps an offset in the window to one in the plane; NULL: indices are positions.  Others' cells are left alone.
ctypedef void (*add_t)(char* cells, const char* gradient, const char* index, const Py_ssize_t* offsets,
                       const Py_ssize_t* start, Py_ssize_t cell0, Py_ssize_t n_cells, Py_ssize_t cols,
                       Py_ssize_t lanes) noexcept nogil

cdef struct Rows:
    Folds fold[3][12]            # [operator][work type]
    convert_t load[14][12]       # [storage][work]; NULL: no such pair
    convert_t store[14][12]
    mean_t mean[14][12]
    mean_t divide[12]            # in the work type, for gradients
    number_t number[5][2]        # [index kind][ordinals of 8 bytes]
    add_t add[5][2]              # [index kind][float64]
    gather_t gather[4]           # by log2 of the item's size: any strides to one contiguous row
    spread_t spread[4]           # and back


cdef inline Py_ssize_t entry_of(const Axis* axis, Py_ssize_t j, Py_ssize_t* first) noexcept nogil:
    """Where the tables describe output j, and its first tap."""
    cdef Py_ssize_t entry, q, above
    if j < axis.lo:
        entry = j
    elif j < axis.hi:
        q = (j - axis.lo) // axis.period if axis.period > 1 else j - axis.lo
        entry = j - q * axis.period
        first[0] = axis.first[entry] + q * axis.advance
        return entry
    elif axis.runs == NULL:
        entry = j - axis.hi + axis.lo + axis.period
    else:
        entry, above = 0, axis.n_runs - 1
        while entry < above:
            q = (entry + above) // 2
            if axis.runs[q] > j:
                above = q
            else:
                entry = q + 1
    first[0] = axis.first[entry]
    return entry
