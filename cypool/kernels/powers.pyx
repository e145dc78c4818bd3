# The arithmetic around windowed sums, element by element: exponentials and powers of cells, logarithms and roots of totals,
# and what their gradients need.  Compiled once for each instruction set under a name of its own (setup.py), with OpenMP; how
# many threads a call gets is core's decision.
#
#     elementary.h   exp, log and pow of one element
#     passes.h       the passes: rows of elements in, rows of elements out, and whether they can be trusted
#     powers.pyx     what Python calls: arrays of any strides and storage dtype, cut into rows for the passes
#
# All arrays of a pass have one shape.  Rows run along the axis that is innermost in the first output's memory; axes that
# continue each other in all arrays count as one.  What is not a contiguous row of the pass' own dtype goes by way of scratch.

from cpython.buffer cimport PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from cython.parallel cimport prange, threadid
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from cypool.kernels.rows cimport F32, F64

cdef extern from "passes.h" nogil:
    ctypedef struct cypool_constants:
        pass
    ctypedef int (*cypool_pass_t)(const cypool_constants* k, const void** x, void** y, Py_ssize_t n) noexcept nogil
    ctypedef struct cypool_pass_row:
        const char* name
        cypool_pass_t run
        int wide
        int n_in "in"
        int n_out "out"
    const cypool_pass_row[1] cypool_passes
    int CYPOOL_PASSES
    void cypool_set_constants(cypool_constants* k, double b, double floor, double factor)
    double CYPOOL_LEAST_TOTAL, CYPOOL_MOST_TOTAL, CYPOOL_LEAST_PULL, CYPOOL_MOST_PULL, CYPOOL_LEAST_TERM, CYPOOL_CANCELLED

cdef enum:
    MAX_DIM = 64                 # NumPy's own limit
    MAX_SIDES = 6
    CHUNK = 1024                 # elements of a row that a pass takes at once: they stay in the first-level cache
    PIECES = 8                   # pieces of work for each thread, as in core

include "use_rows.pxi"

PASSES = {(<bytes> cypool_passes[i].name).decode(): i for i in range(CYPOOL_PASSES)}
LEAST_TOTAL, MOST_TOTAL, LEAST_TERM = CYPOOL_LEAST_TOTAL, CYPOOL_MOST_TOTAL, CYPOOL_LEAST_TERM
LEAST_PULL, MOST_PULL, CANCELLED = CYPOOL_LEAST_PULL, CYPOOL_MOST_PULL, CYPOOL_CANCELLED


cdef struct Side:                # an array: strides in bytes, axes in the order of the job's
    char* data
    Py_ssize_t[MAX_DIM] stride
    int code                     # of the storage dtype
    int item                     # log2 of the item's size
    bint swap
    bint direct                  # rows are what the pass takes

cdef struct Job:
    const cypool_pass_row* row
    cypool_constants constants
    Side[MAX_SIDES] side         # inputs, then outputs
    int n_sides
    int ndim                     # of axes but the innermost
    Py_ssize_t[MAX_DIM] extent
    Py_ssize_t inner             # elements of a row
    Py_ssize_t chunks            # of a row
    int work


cdef void repeated(const Job* j, const Side* side, char* row, const char* at, char* raw, Py_ssize_t n) noexcept nogil:
    """A row of one element."""
    cdef Py_ssize_t i
    ROWS.gather[side.item](raw, at, 1, 1, 0, 0, NULL, side.swap)
    if side.code == j.work:
        memcpy(row, raw, 1 << side.item)
    else:
        ROWS.load[side.code][j.work](row, raw, 1)
    if j.work == <int> F64:
        for i in range(1, n):
            (<double*> row)[i] = (<double*> row)[0]
    else:
        for i in range(1, n):
            (<float*> row)[i] = (<float*> row)[0]


cdef int unit(const Job* j, Py_ssize_t i, char* scratch) noexcept nogil:
    """One chunk of one row."""
    cdef const void* inputs[MAX_SIDES]
    cdef void* outputs[MAX_SIDES]
    cdef char* at[MAX_SIDES]
    cdef Py_ssize_t start = i % j.chunks * CHUNK, n = min(j.inner - start, <Py_ssize_t> CHUNK), rest = i // j.chunks, here
    cdef Py_ssize_t size = CHUNK * 8
    cdef char* raw = scratch + MAX_SIDES * size
    cdef const Side* side
    cdef int a, s, told
    for s in range(j.n_sides):
        at[s] = j.side[s].data + start * j.side[s].stride[j.ndim]
    for a in range(j.ndim - 1, -1, -1):
        here = rest % j.extent[a]
        rest //= j.extent[a]
        for s in range(j.n_sides):
            at[s] += here * j.side[s].stride[a]
    for s in range(j.row.n_in):
        side = &j.side[s]
        inputs[s] = at[s]
        if not side.direct:
            inputs[s] = scratch + s * size
            if side.stride[j.ndim] == 0 and n > 1:
                repeated(j, side, scratch + s * size, at[s], raw, n)
            elif side.code == j.work:
                ROWS.gather[side.item](scratch + s * size, at[s], 1, n, 0, side.stride[j.ndim], NULL, side.swap)
            elif side.stride[j.ndim] == 1 << side.item and not side.swap and not (<Py_ssize_t> at[s] & ((1 << side.item) - 1)):
                ROWS.load[side.code][j.work](scratch + s * size, at[s], n)
            else:
                ROWS.gather[side.item](raw, at[s], 1, n, 0, side.stride[j.ndim], NULL, side.swap)
                ROWS.load[side.code][j.work](scratch + s * size, raw, n)
    for s in range(j.row.n_out):
        outputs[s] = at[j.row.n_in + s] if j.side[j.row.n_in + s].direct else scratch + (j.row.n_in + s) * size
    told = j.row.run(&j.constants, inputs, outputs, n)
    for s in range(j.row.n_in, j.n_sides):
        side = &j.side[s]
        if side.direct:
            continue
        if side.code == j.work:
            ROWS.spread[side.item](at[s], scratch + s * size, 1, n, 0, side.stride[j.ndim], side.swap)
        elif side.stride[j.ndim] == 1 << side.item and not side.swap and not (<Py_ssize_t> at[s] & ((1 << side.item) - 1)):
            ROWS.store[side.code][j.work](at[s], scratch + s * size, n)
        else:
            ROWS.store[side.code][j.work](raw, scratch + s * size, n)
            ROWS.spread[side.item](at[s], raw, 1, n, 0, side.stride[j.ndim], side.swap)
    return told


cdef int piece(const Job* j, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    cdef Py_ssize_t i
    cdef int told = 0
    for i in range(begin, end):
        told |= unit(j, i, scratch)
    return told


cdef int arrange(Job* j, const Py_buffer* view) except -1:
    """Order the axes by the first output's strides, the longest first, and join those that continue each other."""
    cdef int[MAX_DIM] order
    cdef const Py_buffer* lead = &view[j.row.n_in]
    cdef int a, b, s, kept = 0, ndim = lead.ndim
    cdef bint joined
    for a in range(ndim):
        b = a
        while b > 0 and abs(lead.strides[order[b - 1]]) < abs(lead.strides[a]):
            order[b] = order[b - 1]
            b -= 1
        order[b] = a
    for a in range(ndim):
        if lead.shape[order[a]] == 1:
            continue
        joined = kept > 0
        for s in range(j.n_sides):
            if kept > 0 and j.side[s].stride[kept - 1] != view[s].strides[order[a]] * lead.shape[order[a]]:
                joined = False
        if not joined:
            kept += 1
            j.extent[kept - 1] = 1
        j.extent[kept - 1] *= lead.shape[order[a]]
        for s in range(j.n_sides):
            j.side[s].stride[kept - 1] = view[s].strides[order[a]]
    if kept == 0:
        kept, j.extent[0] = 1, 1
        for s in range(j.n_sides):
            j.side[s].stride[0] = view[s].itemsize
    j.ndim = kept - 1
    j.inner = j.extent[kept - 1]
    return 0


def run(int number, double b, double floor, double factor, tuple inputs, tuple outputs, int threads):
    """Run a pass and return what it tells.

    `inputs` and `outputs` are (array, code of its dtype, whether its bytes are swapped), of one shape; an output may be an
    input.  `b` is the exponent (beta or p), `floor` and `factor` are as in `cypool_constants`.
    """
    cdef Job j
    cdef Py_buffer[MAX_SIDES] view
    cdef int n_views = 0, s, a, told = 0
    cdef Py_ssize_t units, pieces, i, size = 1, nbytes = (MAX_SIDES + 1) * CHUNK * 8 + 64
    cdef char* scratch
    cdef char* base
    cdef Side* side
    if not 0 <= number < CYPOOL_PASSES:
        raise ValueError(f"there are passes 0 to {CYPOOL_PASSES - 1}, got {number}")
    memset(&j, 0, sizeof(Job))
    j.row = &cypool_passes[number]
    j.work = <int> F64 if j.row.wide else <int> F32
    j.n_sides = j.row.n_in + j.row.n_out
    if len(inputs) != j.row.n_in or len(outputs) != j.row.n_out:
        raise ValueError(f"pass {number} takes {j.row.n_in} inputs and {j.row.n_out} outputs, got {len(inputs)}, {len(outputs)}")
    cypool_set_constants(&j.constants, b, floor, factor)
    try:
        for s in range(j.n_sides):
            side = &j.side[s]
            array, side.code, side.swap = inputs[s] if s < j.row.n_in else outputs[s - j.row.n_in]
            PyObject_GetBuffer(array, &view[s], PyBUF_STRIDES if s < j.row.n_in else PyBUF_STRIDES | PyBUF_WRITABLE)
            n_views += 1
            if view[s].ndim != view[0].ndim or view[s].ndim > MAX_DIM:
                raise ValueError(f"arrays of rank {view[0].ndim} and {view[s].ndim} do not belong together")
            for a in range(view[s].ndim):
                if view[s].shape[a] != view[0].shape[a]:
                    raise ValueError(f"axis {a} has extents {view[0].shape[a]} and {view[s].shape[a]}")
            side.data = <char*> view[s].buf
            side.item = 0
            while 1 << side.item < view[s].itemsize:
                side.item += 1
            if side.code != j.work and (ROWS.load[side.code][j.work] == NULL or ROWS.store[side.code][j.work] == NULL):
                raise TypeError(f"no conversion between storage {side.code} and {j.work}")
        for a in range(view[0].ndim):
            size *= view[0].shape[a]
        if size == 0:
            return 0
        arrange(&j, view)
        for s in range(j.n_sides):
            side = &j.side[s]
            # a row of one element is contiguous, whatever its stride
            side.direct = (side.code == j.work and not side.swap and (side.stride[j.ndim] == 1 << side.item or j.inner == 1)
                           and not (<Py_ssize_t> side.data & ((1 << side.item) - 1)))
            for a in range(j.ndim):
                if side.stride[a] & ((1 << side.item) - 1):
                    side.direct = False
        j.chunks = (j.inner + CHUNK - 1) // CHUNK
        units = size // j.inner * j.chunks
        threads = <int> max(min(<Py_ssize_t> threads, units), 1)
        scratch = <char*> malloc(nbytes * threads + 64)
        if scratch == NULL:
            raise MemoryError(f"no memory for {nbytes} bytes of scratch for each of {threads} threads")
        base = scratch + (-<Py_ssize_t> scratch & 63)
        with nogil:
            if threads == 1:
                told = piece(&j, 0, units, base)
            else:
                pieces = min(units, <Py_ssize_t> threads * PIECES)
                for i in prange(pieces, schedule="static", num_threads=threads):
                    told |= piece(&j, units * i // pieces, units * (i + 1) // pieces, base + threadid() * nbytes)
            free(scratch)
        return told
    finally:
        for s in range(n_views):
            PyBuffer_Release(&view[s])
