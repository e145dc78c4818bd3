# How the drivers see arrays, and how work is cut.  Included by core.pyx.
#
# An array enters through the buffer protocol, with any rank and any strides, its batch axes first and its pooled axes
# last.  One batch axis may become the lanes: neighbouring elements that are folded side by side (the channels of a
# channels-last array, or the planes of a batch of small ones).  The other batch axes are merged where strides allow.
# The cut is into units: for each plane, block of lanes and tile of columns, one row for each leading output position.

cdef enum:
    MAX_DIM = 64                 # NumPy's own limit
    ROW_ELEMENTS = 2048          # a row of float32 is 8 KiB, so that a handful of rows stay in the first-level cache
    AHEAD = 4096                 # bytes between what is folded and what is asked for: a page, where hardware starts anew
    JOINED_ELEMENTS = 2048       # rows that are folded in one go
    SMALL_ROW = 8               # shorter rows do not fill vectors: planes become lanes
    SLOTS = 4                    # rows that were loaded last, for windows that overlap

cdef struct Side:
    char* data
    Py_ssize_t batch[MAX_DIM]    # strides in bytes
    Py_ssize_t pooled[MAX_DIM]
    Py_ssize_t lane
    int item                     # log2 of the item's size
    int swap
    int aligned

cdef struct Batch:
    int ndim
    Py_ssize_t extent[MAX_DIM]
    Py_ssize_t planes
    Py_ssize_t lanes
    Py_ssize_t block             # lanes of one unit
    Py_ssize_t blocks


cdef int log2_of(Py_ssize_t itemsize) noexcept nogil:
    """Of 1, 2, 4 or 8; -1 of anything else."""
    if itemsize == 1:
        return 0
    if itemsize == 2:
        return 1
    if itemsize == 4:
        return 2
    return 3 if itemsize == 8 else -1


# Up to three arrays of one call, axes in the kernels' order, and what they have in common.
cdef struct Views:
    Py_buffer view[3]
    Side side[3]
    int n
    Batch batch


cdef void describe(Views* v, bint swap) noexcept nogil:
    """Make a side of the view that was added last."""
    cdef Py_buffer* view = &v.view[v.n]
    cdef Side* side = &v.side[v.n]
    cdef Py_ssize_t bits
    cdef int i
    v.n += 1
    side.data = <char*> view.buf
    side.item = log2_of(view.itemsize)
    side.swap = swap
    bits = <Py_ssize_t> side.data
    for i in range(view.ndim):
        bits |= view.strides[i]
    side.aligned = bits & (view.itemsize - 1) == 0


cdef void settle(Views* v, int rank, int main, Py_ssize_t small) noexcept nogil:
    """Choose the lanes, merge the batch axes.  `main` is the array whose memory order decides, `small` the extent below which
    planes become lanes; values never depend on either choice."""
    cdef int nb = v.view[0].ndim - rank, i, k, lane = -1, n = 0
    cdef Py_ssize_t stride, best = PY_SSIZE_T_MAX, last, extent
    cdef Batch* b = &v.batch
    cdef const Py_buffer* view = &v.view[main]
    cdef bint mergeable
    last = size_of(view.strides[nb + rank - 1])
    for i in range(nb):
        stride = size_of(view.strides[i])
        if view.shape[i] > 1 and stride < best and stride > 0:
            best, lane = stride, i
    if lane >= 0 and best >= last and not (small and view.shape[lane] >= 8):
        lane = -1
    b.lanes = 1 if lane < 0 else view.shape[lane]
    b.planes = 1
    for k in range(v.n):
        v.side[k].lane = (<Py_ssize_t> 1 << v.side[k].item) if lane < 0 else v.view[k].strides[lane]
        for i in range(rank):
            v.side[k].pooled[i] = v.view[k].strides[nb + i]
    for i in range(nb):
        extent = view.shape[i]
        if i == lane or extent == 1:
            continue
        b.planes *= extent
        mergeable = n > 0
        for k in range(v.n):
            if mergeable and v.side[k].batch[n - 1] != v.view[k].strides[i] * extent:
                mergeable = False
        if not mergeable:
            b.extent[n] = 1
            n += 1
        b.extent[n - 1] *= extent
        for k in range(v.n):
            v.side[k].batch[n - 1] = v.view[k].strides[i]
    b.ndim = n
    b.block = min(b.lanes, <Py_ssize_t> ROW_ELEMENTS)
    b.blocks = (b.lanes + b.block - 1) // b.block if b.lanes > 0 else 0


cdef inline Py_ssize_t size_of(Py_ssize_t stride) noexcept nogil:
    return stride if stride >= 0 else -stride


cdef class Sides:
    """Views that the buffer protocol holds until the call is over."""
    cdef Views views

    def __cinit__(self):
        self.views.n = 0

    def __dealloc__(self):
        cdef int i
        for i in range(self.views.n):
            PyBuffer_Release(&self.views.view[i])

    cdef int add(self, object array, bint writable, bint swap) except -1:
        PyObject_GetBuffer(array, &self.views.view[self.views.n], PyBUF_STRIDES | (PyBUF_WRITABLE if writable else 0))
        describe(&self.views, swap)
        if self.views.side[self.views.n - 1].item < 0:
            raise TypeError(f"elements must have 1, 2, 4 or 8 bytes, got {self.views.view[self.views.n - 1].itemsize}")
        return 0


cdef inline Py_ssize_t plane_offset(const Batch* batch, const Side* side, Py_ssize_t plane) noexcept nogil:
    cdef Py_ssize_t offset = 0
    cdef int i
    for i in range(batch.ndim - 1, 0, -1):
        offset += (plane % batch.extent[i]) * side.batch[i]
        plane //= batch.extent[i]
    if batch.ndim > 0:
        offset += plane * side.batch[0]
    return offset


# ---- tables -----------------------------------------------------------------------------------------------------

cdef inline Py_ssize_t cell_of(const Axis* axis, Py_ssize_t position) noexcept nogil:
    return position if axis.source == NULL else axis.source[position]


cdef void note_span(const Axis* axis, Py_ssize_t j, Py_ssize_t* x0, Py_ssize_t* x1) noexcept nogil:
    cdef Py_ssize_t first, count = axis.count[entry_of(axis, j, &first)]
    if count > 0:
        x0[0] = min(x0[0], first)
        x1[0] = max(x1[0], first + (count - 1) * axis.step + 1)


cdef void span_of(const Axis* axis, Py_ssize_t j0, Py_ssize_t j1, Py_ssize_t* x0, Py_ssize_t* x1) noexcept nogil:
    """The cells that outputs j0..j1 touch; x1 <= x0 if none.  In the interior the first and the last of each phase tell."""
    cdef Py_ssize_t lo = min(max(axis.lo, j0), j1), hi = min(max(axis.hi, lo), j1), j, first
    x0[0], x1[0] = PY_SSIZE_T_MAX, 0
    if axis.runs != NULL:
        j = j0
        while j < j1:
            note_span(axis, j, x0, x1)
            j = axis.runs[entry_of(axis, j, &first)]
        return
    for j in range(j0, lo):
        note_span(axis, j, x0, x1)
    for j in range(lo, min(lo + axis.period, hi)):
        note_span(axis, j, x0, x1)
    for j in range(max(lo, hi - axis.period), hi):
        note_span(axis, j, x0, x1)
    for j in range(hi, j1):
        note_span(axis, j, x0, x1)


cdef bint fill_shares(const Axis* axis, Py_ssize_t j0, Py_ssize_t j1, double* shares) noexcept nogil:
    """This axis' factors of the divisor; whether they are all the same."""
    cdef Py_ssize_t j, first
    cdef bint same = True
    for j in range(j0, j1):
        shares[j - j0] = <double> axis.share[entry_of(axis, j, &first)]
        same = same & (shares[j - j0] == shares[0])
    return same


# ---- threads and memory -------------------------------------------------------------------------------------------

ctypedef void (*work_t)(void* job, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil

cdef enum:
    PIECES = 8                   # pieces for each thread, so that a busy core holds up the call by an eighth at most

cdef enum:                       # what the drivers return; no Python runs below their callers, who raise it or hand it on
    OTHER_WAY = -1               # nothing was done: another driver's turn
    DONE = 0
    NO_MEMORY
    NO_KERNEL
    NO_SCRATCH                   # the caller's memory is too small

# What a call may use: threads, and memory, which is the caller's if there is any.
cdef struct Supply:
    int num_threads
    char* scratch                # the caller's, at a multiple of 64; NULL: malloc's
    Py_ssize_t scratch_bytes
    Py_ssize_t held              # bytes in use, the last taken first given back,
    Py_ssize_t most              # and most of them at a time
    bint measures                # nothing is computed: `most` is asked for


cdef inline Supply supply_of(int num_threads) noexcept nogil:
    cdef Supply supply
    memset(&supply, 0, sizeof(supply))
    supply.num_threads = num_threads
    return supply


cdef char* take(Supply* supply, Py_ssize_t n) noexcept nogil:
    """n bytes, or NULL; to be given back either way."""
    n = (n + 63) & ~<Py_ssize_t> 63
    supply.held += n
    supply.most = max(supply.most, supply.held)
    if supply.scratch == NULL:
        return <char*> malloc(n)
    return supply.scratch + (supply.held - n) if supply.held <= supply.scratch_bytes else NULL


cdef void give(Supply* supply, char* taken, Py_ssize_t n) noexcept nogil:
    supply.held -= (n + 63) & ~<Py_ssize_t> 63
    if supply.scratch == NULL:
        free(taken)


cdef inline int shortage(const Supply* supply) noexcept nogil:
    return NO_MEMORY if supply.scratch == NULL else NO_SCRATCH


cdef int run_parallel(work_t work, void* job, Py_ssize_t units, Py_ssize_t scratch_bytes, double bytes_moved,
                      Supply* supply) noexcept nogil:
    """Share `units` among threads.  Every thread has scratch of its own; which thread does a unit changes nothing."""
    # a measure is for any number of processors
    cdef int most = supply.num_threads if supply.measures and supply.num_threads > 0 else choose_threads(supply.num_threads)
    cdef int threads = <int> min(<double> most, max(bytes_moved / GRAIN, 1.0))
    cdef Py_ssize_t pieces, piece, n
    cdef char* scratch
    cdef char* base
    if units <= 0:
        return DONE
    threads = <int> min(<Py_ssize_t> threads, units)
    scratch_bytes = (scratch_bytes + 127) & ~<Py_ssize_t> 127
    n = scratch_bytes * threads + 64
    if supply.measures:
        supply.most = max(supply.most, supply.held + ((n + 63) & ~<Py_ssize_t> 63))
        return DONE
    scratch = take(supply, n)
    if scratch == NULL:
        give(supply, scratch, n)
        return shortage(supply)
    base = scratch + (-<Py_ssize_t> scratch & 63)
    if threads == 1:
        work(job, 0, units, base)
    else:
        pieces = min(units, <Py_ssize_t> threads * PIECES)
        for piece in prange(pieces, schedule="dynamic", num_threads=threads):
            work(job, units * piece // pieces, units * (piece + 1) // pieces, base + threadid() * scratch_bytes)
    give(supply, scratch, n)
    return DONE


cdef int raise_fault(int fault) except -1:
    """What a driver returned, as Python knows it."""
    if fault == NO_MEMORY:
        raise MemoryError("no memory for the rows and tables of a call")
    if fault == NO_KERNEL:
        raise TypeError("no kernel for these dtypes")
    return 0


cdef int share_out(work_t work, void* job, Py_ssize_t units, Py_ssize_t scratch_bytes, double bytes_moved,
                   int num_threads) except -1:
    """`run_parallel` for callers that hold the GIL."""
    cdef Supply supply = supply_of(num_threads)
    cdef int fault
    with nogil:
        fault = run_parallel(work, job, units, scratch_bytes, bytes_moved, &supply)
    return raise_fault(fault)
