# Rank operators: order statistics, means of the largest, and majorities of windows, forward; gradients of the first two.
# Compiled once for each instruction set under a name of its own (setup.py), with OpenMP; how many threads a call gets is
# core's decision.
#
#     ranks.h            one work type's arithmetic: sorting columns side by side, selecting from one window's cells
#     ranks_forward.pxi  rows of windows: blocks of columns or of lanes, or one window at a time
#     ranks_backward.pxi planes that collect what windows give to the cells they chose
#     morphology.pxi     the largest of cells plus a structuring element, forward and backward
#     drawn.pxi, drawn.h cells that are chosen by chance, and what is chosen on average
#     ranks.pyx          what Python calls: forward and backward, arrays, units of work, threads
#
# Arrays arrive with their batch axes first and the pooled ones last, and any strides.  What lies side by side in a block are
# the columns of an output row whose windows are whole, or, where a batch axis has neighbours in memory (channels last),
# the lanes of one window; Python decides which.  Windows whose number of cells has a program (cypool/networks.py) are
# sorted in blocks; all others, and those that hold a NaN, one at a time.
#
# Callers have validated everything (ranks.py); the extents are compared again here because they protect memory.

from cython.parallel cimport prange, threadid
from libc.math cimport INFINITY, NAN, ceil, floor, rint
from libc.stdint cimport int32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from cypool.kernels.rows cimport BF16, F16, F32, F64

cdef extern from "ranks.h" nogil:
    enum:
        CYPOOL_MOST_COLUMNS
    ctypedef struct cypool_ranks_t:
        void (*network)(char* block, Py_ssize_t pitch, Py_ssize_t cols, const int32_t* program, Py_ssize_t steps) noexcept nogil
        int (*nan)(const char* cells, Py_ssize_t n) noexcept nogil
        Py_ssize_t (*drop)(char* cells, Py_ssize_t n) noexcept nogil
        void (*blend)(double* out, const char* low, const char* high, Py_ssize_t cols, double weight) noexcept nogil
        void (*top)(double* out, const char* block, Py_ssize_t pitch, Py_ssize_t cols, Py_ssize_t taps,
                    Py_ssize_t k) noexcept nogil
        void (*mode)(char* out, const char* block, Py_ssize_t pitch, Py_ssize_t cols, Py_ssize_t taps, int aside,
                     uint64_t label) noexcept nogil
        double (*rank)(char* cells, Py_ssize_t n, Py_ssize_t low, double weight) noexcept nogil
        double (*largest)(char* cells, Py_ssize_t n, Py_ssize_t k) noexcept nogil
        void (*majority)(char* out, char* cells, Py_ssize_t n, int aside, uint64_t label) noexcept nogil
        void (*give_rank)(double* plane, const char* cells, char* copy, const Py_ssize_t* at, Py_ssize_t n, Py_ssize_t low,
                          double weight, double g) noexcept nogil
        void (*give_top)(double* plane, const char* cells, char* copy, const Py_ssize_t* at, Py_ssize_t n, Py_ssize_t k,
                         double g) noexcept nogil
        void (*give_ranks)(double* plane, const char* cells, Py_ssize_t pitch, Py_ssize_t cols, Py_ssize_t taps,
                           const char* low_row, const char* high_row, Py_ssize_t low, double weight, const Py_ssize_t* at,
                           const Py_ssize_t* shift, const double* g) noexcept nogil
        void (*give_tops)(double* plane, char* cells, Py_ssize_t pitch, Py_ssize_t cols, Py_ssize_t taps,
                          const char* least_row, Py_ssize_t k, const Py_ssize_t* at, const Py_ssize_t* shift, bint dense,
                          const double* g) noexcept nogil
        Py_ssize_t (*last_nan)(const char* cells, Py_ssize_t n) noexcept nogil
        Py_ssize_t (*drop_both)(char* cells, Py_ssize_t* at, Py_ssize_t n) noexcept nogil
    const cypool_ranks_t[10] cypool_ranks

cdef enum:
    RANK                         # one order statistic, or between two
    TOP                          # the mean of the largest
    MODE                         # the majority
    RAISED                       # the largest of cells plus a structuring element
    DRAWN                        # a cell chosen by chance
    EXPECTED                     # what that is on average

cdef enum:
    LINEAR, LOWER, HIGHER, NEAREST, MIDPOINT

cdef enum:
    MAX_DIM = 64                 # NumPy's own limit
    BLOCK_ROOM = 16384           # bytes of a block: it stays in the first-level cache
    LEAST_COLUMNS = 32
    PIECES = 8                   # pieces of work for each thread, as in core
    MOST_BESIDE = 16             # lanes that a gradient collects side by side
    PLANES_ROOM = 1 << 21        # bytes of what it collects in; one plane may be larger

include "use_rows.pxi"


cdef struct Side:                # an array: strides in bytes, batch axes first
    char* data
    Py_ssize_t[MAX_DIM] stride
    int code                     # of the storage dtype
    int item                     # log2 of the item's size
    bint swap

cdef struct Table:               # a pooled axis, written out
    Py_ssize_t n_in
    Py_ssize_t n_out
    Py_ssize_t step
    Py_ssize_t most              # taps of the fullest window
    const Py_ssize_t* first
    const Py_ssize_t* count
    const Py_ssize_t* skip       # taps of the window before the first; where only morphology needs them

cdef struct Job:
    int op
    Side x
    Side y                       # the result, or its gradient
    Side g                       # the gradient of x
    int work
    int work_size
    int batch                    # number of batch axes
    int rank                     # of pooled ones
    Py_ssize_t[MAX_DIM] extent   # of the batch axes
    Table[MAX_DIM] table
    Py_ssize_t taps              # of the fullest window
    Py_ssize_t lanes             # neighbours along the batch axis that is left out of `extent`; 0: columns go side by side
    Py_ssize_t lo                # outputs of the last axis whose windows are whole and lie `advance` cells apart
    Py_ssize_t hi
    Py_ssize_t advance
    double q
    int method
    Py_ssize_t k
    bint ignore                  # NaN counts as no cell
    bint aside                   # `label` wins only where there is no other
    uint64_t label
    double empty
    uint64_t empty_label
    const int32_t* steps         # of all programs
    const Py_ssize_t* begin      # windows of n cells have the steps begin[n] to begin[n + 1]; none: no program
    Py_ssize_t most              # cells that have a program, at most
    Py_ssize_t columns           # of a block
    Py_ssize_t plane             # cells of x' plane
    double sign                  # -1: the smallest of cells less the structuring element
    const double* element        # the structuring element, its taps in row-major order
    Py_ssize_t[MAX_DIM] element_stride  # in elements, along the batch axes
    Py_ssize_t[MAX_DIM] tap_stride
    Py_ssize_t element_taps
    double* element_grad         # for every plane the gradient of its structuring element
    Side index                   # where the winners stand, or nowhere
    bint in_window               # whether an index counts the window's taps
    Py_ssize_t[MAX_DIM] number   # how far the numbers of neighbouring windows lie apart, along all axes
    uint64_t key                 # of their random numbers
    Py_ssize_t rows              # of outputs in a unit, and units along that axis
    Py_ssize_t groups
    Py_ssize_t beside            # lanes of a gradient's unit, at most; then `groups` are those of lanes

cdef struct Window:              # where the cells are: every leading offset plus every tap of the last axis
    const Py_ssize_t* lead
    Py_ssize_t n_lead
    Py_ssize_t start
    Py_ssize_t step
    Py_ssize_t count

cdef struct Bench:               # a thread's scratch
    Py_ssize_t* lead
    Py_ssize_t* lead_at
    Py_ssize_t* lead_tap
    Py_ssize_t* at
    Py_ssize_t* tap              # of the structuring element, of a window's cells
    Py_ssize_t* shift            # of a block's columns: how far their cells lie behind the first one's
    Py_ssize_t* tap_shift
    double* raises               # the structuring elements of lanes side by side
    char* block
    char* kept                   # the block before it is sorted
    char* raw
    char* cells
    char* copy
    double* numbers
    char* labels
    char* found
    char* stored
    double* plane


cdef inline char* carve(char** at, Py_ssize_t nbytes) noexcept nogil:
    cdef char* start = at[0]
    at[0] = start + ((nbytes + 63) & ~<Py_ssize_t> 63)
    return start


cdef Py_ssize_t lay_out(const Job* j, Bench* b, char* base, bint backward) noexcept nogil:
    """Cut a thread's scratch, or, with base NULL, tell how large it is."""
    cdef char* at = base
    cdef Py_ssize_t lead = 1
    cdef const Table* last = &j.table[j.rank - 1]
    cdef Py_ssize_t row = max(last.most, j.columns)
    cdef bint raises = j.op == RAISED, raised_back = backward and raises
    cdef int a
    for a in range(j.rank - 1):
        lead *= max(j.table[a].most, <Py_ssize_t> 1)
    if backward:
        row = max(row, max(last.n_in, last.n_out) * j.beside)
    b.lead = <Py_ssize_t*> carve(&at, lead * sizeof(Py_ssize_t))
    b.lead_at = <Py_ssize_t*> carve(&at, lead * sizeof(Py_ssize_t) if backward or j.op == DRAWN else 0)
    b.lead_tap = <Py_ssize_t*> carve(&at, lead * sizeof(Py_ssize_t) if j.op == RAISED or j.op == DRAWN else 0)
    b.at = <Py_ssize_t*> carve(&at, max(j.taps, <Py_ssize_t> 1) * sizeof(Py_ssize_t) if backward or j.op == DRAWN else 0)
    b.tap = <Py_ssize_t*> carve(&at, max(j.taps, <Py_ssize_t> 1) * sizeof(Py_ssize_t) if raises else 0)
    b.shift = <Py_ssize_t*> carve(&at, j.columns * sizeof(Py_ssize_t) if backward else 0)
    b.tap_shift = <Py_ssize_t*> carve(&at, j.columns * sizeof(Py_ssize_t) if raised_back else 0)
    b.raises = <double*> carve(&at, j.element_taps * j.beside * 8 if raises else 0)
    b.block = carve(&at, max(j.most, <Py_ssize_t> 1) * j.columns * j.work_size)
    b.kept = carve(&at, j.most * j.columns * j.work_size if backward else 0)
    b.raw = carve(&at, row * 8)
    b.cells = carve(&at, j.taps * j.work_size)
    b.copy = carve(&at, j.taps * j.work_size if backward else 0)
    b.numbers = <double*> carve(&at, row * 8)
    b.labels = carve(&at, row * 8)
    b.stored = carve(&at, row * 8)
    b.found = carve(&at, row * 8 if j.op == RAISED or chances(j) else 0)
    b.plane = <double*> carve(&at, j.plane * j.beside * 8 if backward else 0)
    return at - base


cdef void terms_of(const Job* j, Py_ssize_t n, Py_ssize_t* low, double* weight) noexcept nogil:
    """Between which ranks of n cells the quantile lies, and what the upper one weighs."""
    cdef double at = j.q * <double> (n - 1)
    cdef double below = floor(at)
    weight[0] = 0
    if j.method == LINEAR:
        weight[0] = at - below
    elif j.method == HIGHER:
        below = ceil(at)
    elif j.method == NEAREST:
        below = rint(at)
    elif j.method == MIDPOINT and at > below:
        weight[0] = 0.5
    low[0] = min(max(<Py_ssize_t> below, <Py_ssize_t> 0), n - 1)


cdef Py_ssize_t lead_of(const Job* j, const Py_ssize_t* out, const Py_ssize_t* stride, Py_ssize_t base,
                        Py_ssize_t* lead) noexcept nogil:
    """Offsets of a window's taps along all pooled axes but the last, in row-major order; how many there are."""
    cdef Py_ssize_t n = 1, count, t, i, first
    cdef int a
    lead[0] = base
    for a in range(j.rank - 2, -1, -1):
        count, first = j.table[a].count[out[a]], j.table[a].first[out[a]]
        if count == 0:
            return 0
        for t in range(count - 1, -1, -1):
            for i in range(n):
                lead[t * n + i] = lead[i] + (first + t * j.table[a].step) * stride[a]
        n *= count
    return n


cdef void load_cells(const Job* j, Bench* b, const Window* w, Py_ssize_t shift, char* cells) noexcept nogil:
    """One window's cells in the work type; `shift` is where it lies from the window that `w` describes."""
    cdef Py_ssize_t i
    cdef char* to
    for i in range(w.n_lead):
        to = cells + i * w.count * j.work_size
        take(j, b, j.x.data + w.lead[i] + w.start + shift, 1, 0, w.count, w.step, to)


cdef inline void take(const Job* j, Bench* b, const char* cells, Py_ssize_t n, Py_ssize_t aside, Py_ssize_t lanes,
                      Py_ssize_t apart, char* to) noexcept nogil:
    """n times as many cells of x as there are lanes, which are innermost, in a row of the work type."""
    if lanes == 1:               # the order of loops in which neighbours are copied at once
        n, aside, lanes, apart = 1, 0, n, aside
    if j.x.code == j.work:
        ROWS.gather[j.x.item](to, cells, n, lanes, aside, apart, NULL, j.x.swap)
    else:
        ROWS.gather[j.x.item](b.raw, cells, n, lanes, aside, apart, NULL, j.x.swap)
        ROWS.load[j.x.code][j.work](to, b.raw, n * lanes)


cdef inline void put(const Side* side, char* to, const char* items, Py_ssize_t stride, Py_ssize_t n) noexcept nogil:
    """n items of a row into an array."""
    if stride == <Py_ssize_t> 1 << side.item and not side.swap:
        memcpy(to, items, n << side.item)
    else:
        ROWS.spread[side.item](to, items, 1, n, 0, stride, side.swap)


cdef void store_numbers(const Side* side, Bench* b, const double* numbers, char* to, Py_ssize_t stride,
                        Py_ssize_t n) noexcept nogil:
    store_lanes(side, b, numbers, to, n, stride, 1, 0)


cdef void store_lanes(const Side* side, Bench* b, const double* numbers, char* to, Py_ssize_t n, Py_ssize_t aside,
                      Py_ssize_t lanes, Py_ssize_t apart) noexcept nogil:
    """n times as many numbers as there are lanes, which are innermost."""
    cdef const char* stored = <const char*> numbers
    if side.code != F64:
        ROWS.store[side.code][<int> F64](b.stored, <const char*> numbers, n * lanes)
        stored = b.stored
    if lanes == 1:
        put(side, to, stored, aside, n)
    else:
        ROWS.spread[side.item](to, stored, n, lanes, aside, apart, side.swap)


include "ranks_forward.pxi"
include "ranks_backward.pxi"


# ---- arrays, units and threads --------------------------------------------------------------------------------------

include "views.pxi"
include "units.pxi"


cdef int fill(View view, Side* side, int code, bint swap, const Job* j, bint input) except -1:
    """Tell a side of its array, which must have the extents of the input or of the output."""
    cdef Py_ssize_t[MAX_DIM] extent
    cdef int a, lead = j.batch + (j.lanes > 0)
    for a in range(lead):
        extent[a] = j.extent[a] if a < j.batch else j.lanes
    for a in range(j.rank):
        extent[lead + a] = j.table[a].n_in if input else j.table[a].n_out
    view.fill(side, code, swap)
    return view.strides_of(lead + j.rank, extent, side.stride)


cdef int set_up(Job* j, int op, object shape, bint lanes, list tables, tuple terms, tuple programs) except -1:
    """Extents, tables and terms.  `shape` is that of the batch axes; with `lanes` the last of these goes side by side."""
    cdef const Py_ssize_t[::1] values
    cdef const int32_t[::1] steps
    cdef const Py_ssize_t[::1] begin
    cdef Py_ssize_t a, i
    memset(j, 0, sizeof(Job))
    j.op, j.rank = op, len(tables)
    if not 1 <= j.rank <= MAX_DIM or len(shape) + j.rank > MAX_DIM:
        raise ValueError(f"at most {MAX_DIM} axes, at least one of them pooled, got {len(shape)} and {j.rank}")
    j.batch = len(shape) - (1 if lanes else 0)
    for a in range(j.batch):
        j.extent[a] = shape[a]
    if lanes:
        j.lanes = shape[j.batch]
    j.taps = j.plane = 1
    for a in range(j.rank):
        j.table[a].n_in, j.table[a].step, first, count = tables[a]
        values = first
        j.table[a].n_out = values.shape[0]
        j.table[a].first = &values[0]
        values = count
        if values.shape[0] != j.table[a].n_out:
            raise ValueError(f"{values.shape[0]} counts for {j.table[a].n_out} windows of axis {a}")
        j.table[a].count = &values[0]
        for i in range(j.table[a].n_out):
            j.table[a].most = max(j.table[a].most, values[i])
            if values[i] and (j.table[a].first[i] < 0
                              or j.table[a].first[i] + (values[i] - 1) * j.table[a].step >= j.table[a].n_in):
                raise ValueError(f"window {i} of axis {a} leaves its {j.table[a].n_in} cells")
        j.taps *= j.table[a].most
        j.plane *= j.table[a].n_in
    j.lo, j.hi, j.advance, j.q, j.method, j.k, j.ignore, j.aside, label, j.empty, empty_label = terms
    j.label, j.empty_label = <uint64_t> label, <uint64_t> empty_label
    values = tables[j.rank - 1][2]
    for i in range(j.lo, j.hi):      # blocks go by these terms alone
        if values[i] != values[j.lo] + (i - j.lo) * j.advance or j.table[j.rank - 1].count[i] != j.table[j.rank - 1].count[j.lo]:
            raise ValueError(f"window {i} is not {j.advance} cells behind the one before")
    steps, begin = programs
    j.most = begin.shape[0] - 2
    j.begin = &begin[0]
    j.steps = &steps[0] if steps.shape[0] > 0 else NULL
    return 0


cdef int set_types(Job* j) except -1:
    if chances(j):               # blocks without a program
        j.most = j.taps if j.taps <= MOST_BLOCK_TAPS else 0
    j.work = <int> F32 if j.x.code == F16 or j.x.code == BF16 else j.x.code
    j.work_size = 4 if j.x.code == F16 or j.x.code == BF16 else 1 << j.x.item
    j.columns = BLOCK_ROOM // (max(j.most, <Py_ssize_t> 1) * j.work_size)
    j.columns = min(max(j.columns & ~<Py_ssize_t> 31, <Py_ssize_t> LEAST_COLUMNS), <Py_ssize_t> CYPOOL_MOST_COLUMNS)
    return 0


def terms(Py_ssize_t n, double q, int method):
    """Between which ranks of n cells a quantile lies: the lower one, and the weight of the next."""
    cdef Job j
    cdef Py_ssize_t low
    cdef double weight
    memset(&j, 0, sizeof(Job))
    j.q, j.method = q, method
    terms_of(&j, n, &low, &weight)
    return low, weight


def forward(int op, tuple x, tuple out, tuple shape, bint lanes, list tables, tuple terms, tuple programs, int threads):
    """Pool every window.

    `x` and `out` are (array, code of its dtype, whether its bytes are swapped), batch axes first, the pooled ones last;
    `shape` is that of the batch axes, with `lanes` the last of them has neighbours in memory; `tables` are (cells, step,
    first cells, counts) for each pooled axis; `terms` what `set_up` unpacks; `programs` the steps of all programs, and for
    each number of cells where its own begin.
    """
    cdef Job job
    cdef Job* j = &job
    cdef View source = View(x[0], False), target = View(out[0], True)
    cdef Py_ssize_t units = 1
    cdef int a
    set_up(j, op, shape, lanes, tables, terms, programs)
    fill(source, &j.x, x[1], x[2], j, True)
    fill(target, &j.y, out[1], out[2], j, False)
    set_types(j)
    for a in range(j.batch):
        units *= j.extent[a]
    for a in range(j.rank - 1):
        units *= j.table[a].n_out
    run(forward_unit, j, units, False, threads)


cdef Py_ssize_t units_of_planes(Job* j, bint collect) noexcept nogil:
    """How many planes there are, or groups of lanes of them; fewer lanes if large planes collect."""
    cdef Py_ssize_t units = 1
    cdef int a
    j.beside = j.groups = 1
    if j.lanes > 0:
        j.beside = min(<Py_ssize_t> MOST_BESIDE, j.lanes)
        if collect and j.plane * j.beside > PLANES_ROOM // 8:
            j.beside = 1
        j.groups = (j.lanes + j.beside - 1) // j.beside
        j.beside = (j.lanes + j.groups - 1) // j.groups
        units = j.groups
    for a in range(j.batch):
        units *= j.extent[a]
    return units


def backward(int op, tuple grad, tuple x, tuple grad_x, tuple shape, bint lanes, list tables, tuple terms, tuple programs,
             int threads):
    """The gradient of x, all of it written; arguments as in `forward`."""
    cdef Job job
    cdef Job* j = &job
    cdef View source = View(x[0], False), pooled = View(grad[0], False), target = View(grad_x[0], True)
    set_up(j, op, shape, lanes, tables, terms, programs)
    fill(source, &j.x, x[1], x[2], j, True)
    fill(pooled, &j.y, grad[1], grad[2], j, False)
    fill(target, &j.g, grad_x[1], grad_x[2], j, True)
    set_types(j)
    run(backward_unit, j, units_of_planes(j, True), True, threads)


include "morphology.pxi"
include "drawn.pxi"

OPS = {"rank": RANK, "top": TOP, "mode": MODE, "expected": EXPECTED}
METHODS = {"linear": LINEAR, "lower": LOWER, "higher": HIGHER, "nearest": NEAREST, "midpoint": MIDPOINT}
