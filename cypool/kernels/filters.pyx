# Windows whose taps have weights: filters evaluated at a stride, and their adjoints.  Compiled once for each instruction set
# under a name of its own (setup.py), with OpenMP; how many threads a call gets is core's decision.
#
# A filter is a matrix for each pooled axis: its rows say of which cells, times what, an output is made.  Borders, boundary
# modes and renormalised weights are rows like others, and the adjoint is the transposed matrix, so one kernel does all
# (filters.py makes the matrices).  In the interior, rows repeat `period` by `period`, each time `advance` cells further on;
# the tables have one entry for each output before and behind it and one for each phase.
#
# An output row is the sum of input rows, each times its leading taps' weights, and then of that row's columns, times the last
# axis' weights.  A unit is a band of output rows that are columns of one run, so that short rows fill vectors: the last axis'
# interior is computed for all of it, and what that does between the rows is then overwritten by their borders.  Weights that
# are no product over the axes (an element) are a sum of such: a part for each tap of the last axis, with weights of its own for
# the leading ones.  With `max` an input row is the maximum over so many rows and columns of x, which is never written out.
# Lanes (channels last) lie side by side in every row.
#
#     filters.h           one row's arithmetic
#     filters_rows.pxi    rows in and out
#     filters_bands.pxi   units of work
#     filters.pyx         what all of them share, and what Python calls

from cpython.buffer cimport PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.pycapsule cimport PyCapsule_GetPointer
from cython.parallel cimport prange, threadid
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from cypool.kernels.rows cimport F64, Rows

cdef extern from "filters.h" nogil:
    enum:
        CYPOOL_GROUP
    ctypedef struct cypool_filters_t:
        void (*sum)(char* out, const char* const* rows, const double* w, Py_ssize_t m, Py_ssize_t n, int more,
                    Py_ssize_t s) noexcept nogil
        void (*column)(char* out, const char* row, const Py_ssize_t* cells, const double* w, Py_ssize_t m, int more,
                       Py_ssize_t rows, Py_ssize_t out_pitch, Py_ssize_t pitch) noexcept nogil
        void (*larger)(char* out, const char* a, const char* b, Py_ssize_t n) noexcept nogil
        void (*weave)(char* out, const char* dense, Py_ssize_t n, Py_ssize_t p, Py_ssize_t room) noexcept nogil
    const cypool_filters_t[2] cypool_filters
    void cypool_products(double* sums, const double* g, const double* cells, Py_ssize_t n, Py_ssize_t s)

cdef enum:
    MAX_DIM = 64                 # NumPy's own limit
    PIECES = 8                   # pieces of work for each thread, as in core
    BAND_ROOM = 2048             # elements of a band: it stays in the first-level cache
    FEW_TERMS = 4096             # of all sums of rows of a plane, which are then written out beforehand
    BLOCK_ROOM = 1024            # elements of rows that are converted, or whose maxima are made, together
    SLOTS = 8                    # such blocks that are kept, for the next output row may need them too

cdef const Rows* ROWS = NULL


cdef struct Side:                # an array: strides in bytes, batch axes first, then lanes if there are any
    char* data
    Py_ssize_t[MAX_DIM] stride
    int code                     # of the storage dtype
    int item                     # log2 of the item's size
    bint swap

cdef struct Matrix:              # of a pooled axis
    Py_ssize_t n_in
    Py_ssize_t n_out
    Py_ssize_t lo
    Py_ssize_t hi
    Py_ssize_t period
    Py_ssize_t advance
    Py_ssize_t most              # terms of the longest row
    Py_ssize_t max               # cells of x over which a cell is the maximum
    Py_ssize_t tap_stride        # of this axis' taps in the element
    const Py_ssize_t* begin
    const Py_ssize_t* cell
    const Py_ssize_t* tap
    const double* weight

cdef struct Job:
    Side x
    Side y
    int work
    int size                     # of the work type
    int batch                    # number of batch axes
    int rank                     # of pooled ones
    Py_ssize_t[MAX_DIM] extent   # of the batch axes
    Matrix[MAX_DIM] axis
    Py_ssize_t lanes             # neighbours along the batch axis that is left out of `extent`; 1: there is none
    int lane                     # how many axes that takes, 0 or 1
    const Matrix* last           # the last axis' matrices, one for each part; they add up to that of `axis`
    Py_ssize_t parts
    const double* element        # NULL, or the weights of all taps
    Py_ssize_t[MAX_DIM] element_stride  # in numbers, along the batch axes
    Py_ssize_t taps
    double* grad                 # for every plane the gradient of its element
    bint plain                   # nothing is the maximum of several cells
    bint in_place                # that, and rows of x are read where they lie
    bint direct                  # rows of x are contiguous and aligned, and
    bint direct_out              # those of y too; they are written where they lie, or
    bint whole_out               # a band of them converted at once
    Py_ssize_t wide              # cells of a row of x
    Py_ssize_t row_stride        # in bytes, along the last leading axis
    bint dense                   # its rows are neighbours, without a gap
    Py_ssize_t block             # of which so many are converted, or their maxima made, together
    Py_ssize_t rows              # of outputs
    Py_ssize_t band              # of which so many are a unit
    Py_ssize_t pitch             # elements from one to the next in a band's sums,
    Py_ssize_t out_pitch         # and in its results
    Py_ssize_t plane_rows        # of one plane,
    const Py_ssize_t* begin      # and for each the terms of its sum, if there are few: where they begin,
    const Py_ssize_t* offset     # the offsets of their input rows in a plane, and
    const double* weight         # their weights,
    const Py_ssize_t* lead_tap   # their taps, and
    const Py_ssize_t* lead_row   # where they are along the last leading axis

cdef struct Bench:               # a thread's scratch
    Py_ssize_t* lead             # offsets of the input rows that an output row is made of
    double* lead_weight
    Py_ssize_t* lead_tap
    Py_ssize_t* lead_row
    char* row[8]                 # SLOTS blocks of them, in the work type,
    const char* held[8]          # where they come from,
    Py_ssize_t made[8]           # how many they are,
    Py_ssize_t used[8]           # when they were last used,
    Py_ssize_t time              # and what is used now
    char* wide                   # before its columns' maximum is taken
    char* other
    char* raw
    char* sum                    # of input rows, for each part a band
    Py_ssize_t sum_size
    char* out
    char* phase
    char* stored
    double* products


cdef inline char* carve(char** at, Py_ssize_t nbytes) noexcept nogil:
    cdef char* start = at[0]
    at[0] = start + ((nbytes + 63) & ~<Py_ssize_t> 63)
    return start


cdef Py_ssize_t lay_out(const Job* j, Bench* b, char* base, bint backward) noexcept nogil:
    """Cut a thread's scratch, or, with base NULL, tell how large it is.  `backward`: for the element's gradient."""
    cdef char* at = base
    cdef Py_ssize_t lead = 1
    cdef const Matrix* last = &j.axis[j.rank - 1]
    cdef Py_ssize_t wide = j.wide * j.lanes, out = last.n_out * j.lanes
    cdef Py_ssize_t rows = j.block + (j.axis[j.rank - 2].max - 1 if j.rank > 1 else 0)
    cdef int a
    for a in range(j.rank - 1):
        lead *= max(j.axis[a].most, <Py_ssize_t> 1)
    b.lead = <Py_ssize_t*> carve(&at, lead * sizeof(Py_ssize_t))
    b.lead_tap = <Py_ssize_t*> carve(&at, lead * sizeof(Py_ssize_t))
    b.lead_row = <Py_ssize_t*> carve(&at, lead * sizeof(Py_ssize_t))
    b.lead_weight = <double*> carve(&at, lead * sizeof(double))
    for a in range(SLOTS):
        b.row[a], b.held[a], b.used[a] = carve(&at, j.block * wide * j.size), NULL, 0
    b.time = 0
    b.wide = carve(&at, rows * wide * j.size)
    b.other = carve(&at, rows * wide * j.size)
    b.raw = carve(&at, rows * wide * 8)
    b.sum_size = ((j.band * j.pitch + wide) * j.size + 63) & ~<Py_ssize_t> 63
    b.sum = carve(&at, j.parts * b.sum_size)
    b.out = carve(&at, j.band * j.out_pitch * j.size)
    b.phase = carve(&at, (j.band * j.out_pitch + last.period) * j.size)
    b.stored = carve(&at, out * 8)
    b.products = <double*> carve(&at, j.taps * last.n_out * sizeof(double) if backward else 0)
    return at - base


cdef inline Py_ssize_t entry_of(const Matrix* axis, Py_ssize_t j, Py_ssize_t* shift) noexcept nogil:
    """Which entry describes row j of a matrix, and how far its cells lie behind those of the entry."""
    cdef Py_ssize_t q
    shift[0] = 0
    if j < axis.lo:
        return j
    if j < axis.hi:
        q = (j - axis.lo) // axis.period
        shift[0] = q * axis.advance
        return j - q * axis.period
    return j - axis.hi + axis.lo + axis.period


cdef Py_ssize_t lead_of(const Job* j, Bench* b, const Py_ssize_t* out, Py_ssize_t base) noexcept nogil:
    """The input rows of an output row: offsets, weights and leading taps, in row-major order; how many there are."""
    cdef Py_ssize_t n = 1, entry, shift, count, t, i, start
    cdef const Matrix* axis
    cdef int a
    b.lead[0], b.lead_weight[0], b.lead_tap[0], b.lead_row[0] = base, 1, 0, 0
    for a in range(j.rank - 2, -1, -1):
        axis = &j.axis[a]
        entry = entry_of(axis, out[a], &shift)
        start = axis.begin[entry]
        count = axis.begin[entry + 1] - start
        for t in range(count - 1, -1, -1):
            for i in range(n):
                b.lead[t * n + i] = b.lead[i] + (axis.cell[start + t] + shift) * j.x.stride[j.batch + j.lane + a]
                b.lead_weight[t * n + i] = b.lead_weight[i] * axis.weight[start + t]
                b.lead_tap[t * n + i] = b.lead_tap[i] + axis.tap[start + t] * axis.tap_stride
                b.lead_row[t * n + i] = axis.cell[start + t] + shift if a == j.rank - 2 else b.lead_row[i]
        n *= count
    return n


include "filters_rows.pxi"
include "filters_bands.pxi"


# ---- arrays, units and threads --------------------------------------------------------------------------------------

cdef class View:
    """An array that the buffer protocol holds until the call is over."""
    cdef Py_buffer buffer
    cdef bint held

    def __cinit__(self, array, bint writable):
        self.held = False
        PyObject_GetBuffer(array, &self.buffer, PyBUF_STRIDES | (PyBUF_WRITABLE if writable else 0))
        self.held = True

    def __dealloc__(self):
        if self.held:
            PyBuffer_Release(&self.buffer)

    cdef int fill(self, Side* side, int code, bint swap, const Job* j, bint input) except -1:
        cdef Py_ssize_t want
        cdef int a, axis, lead = j.batch + j.lane
        if self.buffer.ndim != lead + j.rank:
            raise ValueError(f"an array of rank {lead + j.rank} is needed, got rank {self.buffer.ndim}")
        for a in range(self.buffer.ndim):
            axis = a - lead
            if axis >= 0:
                want = j.axis[axis].n_in + j.axis[axis].max - 1 if input else j.axis[axis].n_out
            else:
                want = j.extent[a] if a < j.batch else j.lanes
            if self.buffer.shape[a] != want:
                raise ValueError(f"axis {a} has extent {self.buffer.shape[a]}, the matrices need {want}")
            side.stride[a] = self.buffer.strides[a]
        side.data = <char*> self.buffer.buf
        side.code, side.swap = code, swap
        side.item = 0
        while (<Py_ssize_t> 1 << side.item) < self.buffer.itemsize:
            side.item += 1
        return 0


cdef bint is_plain(const Job* j, const Side* side) noexcept:
    """Whether rows are contiguous and aligned."""
    cdef int a, last = j.batch + j.lane + j.rank - 1
    cdef Py_ssize_t odd = <Py_ssize_t> side.data, size = <Py_ssize_t> 1 << side.item
    if side.swap or side.stride[last] != j.lanes * size or (j.lane and side.stride[j.batch] != size):
        return False
    for a in range(last):
        odd |= side.stride[a]
    return not odd & (size - 1)


cdef int set_matrix(Matrix* m, object matrix, Py_ssize_t tap_stride, Py_ssize_t taps) except -1:
    cdef const Py_ssize_t[::1] begin, cell, tap
    cdef const double[::1] weight
    cdef Py_ssize_t i, entries, q, reach
    m.n_in, m.n_out, m.lo, m.hi, m.period, m.advance, m.max, begin, cell, tap, weight = matrix
    m.begin, m.cell, m.tap, m.weight, m.tap_stride = &begin[0], NULL, NULL, NULL, tap_stride
    entries = begin.shape[0] - 1
    if not (0 <= m.lo <= m.hi <= m.n_out and m.max >= 1 and entries == m.n_out - (m.hi - m.lo) + m.period
            and m.period == min(m.period, m.hi - m.lo) and (m.period > 0) == (m.hi > m.lo)):
        raise ValueError(f"a matrix of {m.n_out} rows cannot have {entries} entries, repeated from {m.lo} to {m.hi}")
    if begin[0] != 0 or begin[entries] != cell.shape[0] or cell.shape[0] != tap.shape[0] or cell.shape[0] != weight.shape[0]:
        raise ValueError(f"{begin[entries]} terms are needed, got {cell.shape[0]}")
    for i in range(entries):
        if begin[i + 1] < begin[i]:
            raise ValueError(f"entry {i} of a matrix ends before it begins")
        m.most = max(m.most, begin[i + 1] - begin[i])
        reach = 0
        if m.lo <= i < m.lo + m.period:
            reach = (m.hi - 1 - i) // m.period * m.advance
        for q in range(begin[i], begin[i + 1]):
            if not (0 <= cell[q] and cell[q] + reach < m.n_in and 0 <= tap[q] < taps):
                raise ValueError(f"entry {i} of a matrix names cell {cell[q]} of {m.n_in}, tap {tap[q]} of {taps}")
    if cell.shape[0] > 0:
        m.cell, m.tap, m.weight = &cell[0], &tap[0], &weight[0]
    return 0


cdef int set_up(Job* j, tuple x, tuple y, View source, View target, tuple shape, bint lanes, list matrices, tuple window,
                int work) except -1:
    cdef Py_ssize_t a, taps = 1
    memset(j, 0, sizeof(Job))
    j.rank = len(matrices)
    if not 1 <= j.rank <= MAX_DIM or len(shape) + j.rank > MAX_DIM:
        raise ValueError(f"at most {MAX_DIM} axes, at least one of them pooled, got {len(shape)} and {j.rank}")
    j.lane = lanes
    j.batch = len(shape) - j.lane
    for a in range(j.batch):
        j.extent[a] = shape[a]
    j.lanes = shape[j.batch] if lanes else 1
    for a in range(j.rank - 1, -1, -1):
        set_matrix(&j.axis[a], matrices[a], taps, window[a])
        taps *= window[a]
    j.taps, j.work, j.size = taps, work, 8 if work == F64 else 4
    source.fill(&j.x, x[1], x[2], j, True)
    target.fill(&j.y, y[1], y[2], j, False)
    if (j.x.code != work and ROWS.load[j.x.code][work] == NULL) or (j.y.code != work and ROWS.store[j.y.code][work] == NULL):
        raise ValueError(f"no conversions between the dtypes {j.x.code}, {work} and {j.y.code}")
    j.plain = True
    for a in range(j.rank):
        j.plain = j.plain and j.axis[a].max == 1
    j.direct, j.direct_out = is_plain(j, &j.x), is_plain(j, &j.y)
    j.in_place = j.direct and j.plain and j.x.code == work
    j.wide, j.block = j.axis[j.rank - 1].n_in + j.axis[j.rank - 1].max - 1, 1
    if j.rank > 1:
        j.row_stride = j.x.stride[j.batch + j.lane + j.rank - 2]
        j.dense = j.direct and j.row_stride == j.wide * j.lanes << j.x.item
        if j.lanes == 1 and j.axis[j.rank - 2].advance <= j.axis[j.rank - 2].most:
            j.block = max(min(BLOCK_ROOM // max(j.wide, <Py_ssize_t> 1), j.axis[j.rank - 2].n_in), <Py_ssize_t> 1)
    j.last, j.parts, j.plane_rows, j.band = &j.axis[j.rank - 1], 1, 1, 1
    for a in range(j.rank - 1):
        j.plane_rows *= j.axis[a].n_out
    j.rows = j.plane_rows
    for a in range(j.batch):
        j.rows *= j.extent[a]
    return 0


cdef void set_band(Job* j) noexcept:
    """How many rows are a unit, and where they lie in it."""
    cdef const Matrix* last = &j.axis[j.rank - 1]
    cdef Py_ssize_t period = max(last.period, <Py_ssize_t> 1), advance = max(last.advance, <Py_ssize_t> 1)
    cdef Py_ssize_t columns = max((last.n_out + period - 1) // period, (last.n_in + advance - 1) // advance)
    cdef Py_ssize_t side, extent
    cdef int a
    j.pitch, j.out_pitch = columns * advance * j.lanes, columns * period * j.lanes
    if j.lanes > 1:
        j.direct_out = j.direct_out and j.y.code == j.work
        return
    j.band = max(min(BAND_ROOM // (max(j.pitch, j.out_pitch) * j.parts), j.rows), <Py_ssize_t> 1)
    side = last.n_out << j.y.item
    if j.band == 1:
        j.direct_out = j.direct_out and j.y.code == j.work
        return
    j.direct_out = j.direct_out and j.out_pitch == last.n_out
    for a in range(j.batch + j.rank - 2, -1, -1):  # a band is written at once where its rows are neighbours
        extent = j.extent[a] if a < j.batch else j.axis[a - j.batch].n_out
        j.direct_out = j.direct_out and (extent == 1 or j.y.stride[a] == side)
        side *= extent
    if j.y.code != j.work:
        j.direct_out, j.whole_out = False, j.direct_out


cdef int set_element(Job* j, const double[::1] element, tuple strides) except -1:
    """The weights of all taps: where each plane's begin, in numbers."""
    cdef Py_ssize_t reach = 0
    cdef int a
    for a in range(j.batch):
        j.element_stride[a] = strides[a]
        if j.element_stride[a] < 0:
            raise ValueError(f"strides of the weights must not be negative, got {strides}")
        reach += max(j.extent[a] - 1, <Py_ssize_t> 0) * j.element_stride[a]
    if reach + j.taps > element.shape[0]:
        raise ValueError(f"there are {element.shape[0]} weights, {reach + j.taps} are needed")
    j.element = &element[0]
    return 0


cdef class Terms:
    """What a job refers to: the parts of its last matrix, and the terms of the sums of a plane's rows, written out if they are
    few; `lead_of` tells them otherwise."""
    cdef char* room
    cdef Matrix* parts

    def __cinit__(self):
        self.room, self.parts = NULL, NULL

    cdef int split(self, Job* j, list parts) except -1:
        cdef const Matrix* last = &j.axis[j.rank - 1]
        cdef Matrix* part
        cdef Py_ssize_t i
        self.parts = <Matrix*> malloc(len(parts) * sizeof(Matrix))
        if self.parts == NULL:
            raise MemoryError("no memory for the parts of a matrix")
        memset(self.parts, 0, len(parts) * sizeof(Matrix))
        for i in range(len(parts)):
            part = &self.parts[i]
            set_matrix(part, parts[i], 1, j.taps)
            if (part.n_in != last.n_in or part.n_out != last.n_out or part.lo != last.lo or part.hi != last.hi
                    or part.period != last.period or part.advance != last.advance):
                raise ValueError(f"part {i} of a matrix differs from it in more than its terms")
        j.last, j.parts = self.parts, len(parts)
        return 0

    cdef int fill(self, Job* j) except -1:
        cdef Py_ssize_t[MAX_DIM] out
        cdef Py_ssize_t terms, most = 1, row, found
        cdef Py_ssize_t* begin
        cdef Bench bench
        cdef char* at
        cdef int a
        for a in range(j.rank - 1):
            most *= max(j.axis[a].most, <Py_ssize_t> 1)
        if j.plane_rows > FEW_TERMS or most > FEW_TERMS or j.plane_rows * most > FEW_TERMS:
            return 0
        terms = (j.plane_rows + 1) * most
        self.room = <char*> malloc((j.plane_rows + 1) * sizeof(Py_ssize_t) + terms * 32 + 6 * 64)
        if self.room == NULL:
            raise MemoryError("no memory for the terms of a plane's rows")
        at = self.room + (-<Py_ssize_t> self.room & 63)
        begin = <Py_ssize_t*> carve(&at, (j.plane_rows + 1) * sizeof(Py_ssize_t))
        j.offset = bench.lead = <Py_ssize_t*> carve(&at, terms * sizeof(Py_ssize_t))
        j.weight = bench.lead_weight = <double*> carve(&at, terms * sizeof(double))
        j.lead_tap = bench.lead_tap = <Py_ssize_t*> carve(&at, terms * sizeof(Py_ssize_t))
        j.lead_row = bench.lead_row = <Py_ssize_t*> at
        begin[0] = 0
        for row in range(j.plane_rows):
            row_in_plane(j, row, out)
            found = lead_of(j, &bench, out, 0)
            bench.lead += found
            bench.lead_weight += found
            bench.lead_tap += found
            bench.lead_row += found
            begin[row + 1] = begin[row] + found
        j.begin = begin
        return 0

    def __dealloc__(self):
        free(self.room)
        free(self.parts)


include "units.pxi"


def use_rows(object rows):
    """Take the conversions of the same instruction set."""
    global ROWS
    ROWS = <const Rows*> PyCapsule_GetPointer(rows, b"cypool.rows")


def apply(tuple x, tuple y, tuple shape, bint lanes, list matrices, tuple window, int work, element, tuple strides,
          list parts, int threads):
    """Every row of y: the matrices times x, or times its maxima.

    `x` and `y` are (array, code of its dtype, whether its bytes are swapped), batch axes first, the pooled ones last; `shape`
    is that of the batch axes, with `lanes` the last of them has neighbours in memory; `matrices` are what `set_matrix` unpacks
    for each pooled axis, `window` how many taps each has; `work` is the code of float32 or float64; `element` None or the
    weights of all taps, with `strides` those of its batch axes, and `parts` the last matrix' terms of each of its taps.
    """
    cdef Job job
    cdef Job* j = &job
    cdef View source = View(x[0], False), target = View(y[0], True)
    cdef Terms written = Terms()
    set_up(j, x, y, source, target, shape, lanes, matrices, window, work)
    if element is not None:
        if len(parts) != window[len(window) - 1]:
            raise ValueError(f"{window[len(window) - 1]} parts are needed, got {len(parts)}")
        set_element(j, element, strides)
        written.split(j, parts)
    if j.rows > 0 and j.lanes > 0:
        set_band(j)
        written.fill(j)
        run(filter_unit, j, (j.rows + j.band - 1) // j.band, False, threads)


def element_gradient(tuple x, tuple gradient, double[:, ::1] out, tuple shape, list matrices, tuple window, int threads):
    """For each plane the gradient of all taps' weights; `gradient` is contiguous float64, arguments else as in `apply`."""
    cdef Job job
    cdef Job* j = &job
    cdef View source = View(x[0], False), pooled = View(gradient[0], False)
    cdef Py_ssize_t units = 1
    cdef int a
    set_up(j, x, gradient, source, pooled, shape, False, matrices, window, F64)
    for a in range(j.batch):
        units *= j.extent[a]
    if not j.direct_out or j.y.code != F64 or out.shape[0] != units or out.shape[1] != j.taps:
        raise ValueError(f"gradients of {units} planes of {j.taps} taps are needed, rows of float64")
    if units > 0:
        j.grad = &out[0, 0]
        run(element_unit, j, units, True, threads)
