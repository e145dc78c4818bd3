# Several resolutions in one pass over the array: means (pyramid_sums.h), modes (pyramid_modes.h) and first cells
# (pyramid_strides.h).  Compiled once for each instruction set under a name of its own (setup.py), with OpenMP; how many threads a
# call gets is core's decision.
#
# The array arrives as planes of (z, y, x, lanes): the bytes from its first element to each plane, strides of z and y, and rows
# that are contiguous.  A unit of work is a row of the last level and all that it covers.  `pyramids` has validated everything.

from cpython.buffer cimport PyBUF_FULL_RO, PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from cython.parallel cimport prange, threadid
from libc.stdlib cimport free, malloc
from libc.string cimport memset

cdef extern from "pyramid.h" nogil:
    enum:
        CYPOOL_MOST_LEVELS
    ctypedef struct cypool_pyramid_level:
        Py_ssize_t z, y, x, out_z, out_y, out_x, kz, ky, kx
        char* out
    ctypedef struct cypool_pyramid:
        Py_ssize_t fz, fy, fx, lanes, z_stride, y_stride
        int levels, rounding, pad
        cypool_pyramid_level level[1]
    ctypedef struct cypool_pyramid_part:
        const char* x
        Py_ssize_t plane
        char* sums[1]
        char* row[1]
        char* cells
        Py_ssize_t width
    ctypedef void (*cypool_pyramid_t)(const cypool_pyramid*, const cypool_pyramid_part*, int, Py_ssize_t, Py_ssize_t) noexcept nogil
    const cypool_pyramid_t[9] cypool_pyramids
    const cypool_pyramid_t[8] cypool_modes
    const cypool_pyramid_t[4] cypool_strides

cdef enum:
    VIEWS = 42                   # CYPOOL_MOST_LEVELS, the array and where its planes are

DTYPES = {name: i for i, name in enumerate(("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"))}
FEW_FLOATS = 8                   # float32 whose first windows are so small that their sums may be float32
LABELS = {name: i for i, name in enumerate(("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"))}
STRIDES = {f"uint{8 << i}": i for i in range(4)}
ROUNDINGS = {"trunc": 0, "floor": 1, "nearest": 2, "half_up": 3}


cdef void unit(const cypool_pyramid* p, cypool_pyramid_t row, const char* x, const Py_ssize_t* offsets, Py_ssize_t i,
               char* scratch, Py_ssize_t width, int rows_of) noexcept nogil:
    """Row i of the last level, of all planes."""
    cdef cypool_pyramid_part part
    cdef const cypool_pyramid_level* last = &p.level[p.levels]
    cdef Py_ssize_t rows = last.z * last.y
    cdef int level
    for level in range(1, p.levels + 1):
        part.sums[level] = scratch
        part.row[level] = scratch + rows_of * width
        scratch += 2 * rows_of * width
    part.cells = scratch
    part.width = width
    part.plane = i // rows
    part.x = x + offsets[part.plane]
    row(p, &part, p.levels, i % rows // last.y, i % last.y)


def fill(str op, int dtype, object x, object offsets, tuple strides, tuple extents, tuple factor, tuple outs, tuple out_extents,
         int rounding, bint pad, int threads):
    """Fill `outs`, one contiguous array of planes for each level, with the "mean", "mode" or
    "stride" (its first cell) of every window.

    `dtype` is a code of `DTYPES`, `LABELS` or `STRIDES`; `extents` are z, y, x and lanes of the array, `strides` those of z and y
    in bytes; `offsets`, of Py_ssize_t, are where its planes begin, in bytes from the first element; `out_extents` are z, y, x of
    each result.
    """
    cdef cypool_pyramid p
    cdef cypool_pyramid_level* here
    cdef Py_buffer[VIEWS] views
    cdef Py_ssize_t width, share, units, i, n_views = 0
    cdef char* scratch
    cdef const char* data
    cdef const Py_ssize_t* plane
    cdef bint mode = op == "mode"
    cdef cypool_pyramid_t row
    cdef int rows_of = 4 if mode else 1  # rows of scratch for what is being summed, and as many for sums
    cdef int a
    if mode:
        row = cypool_modes[dtype]
    elif op == "mean":
        row = cypool_pyramids[dtype]
    else:
        row = cypool_strides[dtype]
    if not 1 <= len(outs) <= CYPOOL_MOST_LEVELS:
        raise ValueError(f"there must be 1 to {CYPOOL_MOST_LEVELS} levels, got {len(outs)}")
    memset(&p, 0, sizeof(p))
    p.levels, p.rounding, p.pad = <int> len(outs), rounding, pad
    p.fz, p.fy, p.fx = factor
    p.z_stride, p.y_stride = strides
    here = &p.level[0]
    here.z, here.y, here.x, p.lanes = extents
    here.kz = here.ky = here.kx = 1
    for a in range(1, p.levels + 1):
        here = &p.level[a]
        here.kz, here.ky, here.kx = p.level[a - 1].kz * p.fz, p.level[a - 1].ky * p.fy, p.level[a - 1].kx * p.fx
        here.z = (p.level[a - 1].z + p.fz - 1) // p.fz
        here.y = (p.level[a - 1].y + p.fy - 1) // p.fy
        here.x = (p.level[a - 1].x + p.fx - 1) // p.fx
        here.out_z, here.out_y, here.out_x = out_extents[a - 1]
    # a row of sums in the widest type, in whole cache lines
    width = (p.level[0].x * p.lanes * 8 + 127) // 64 * 64
    units = len(offsets) * p.level[p.levels].z * p.level[p.levels].y
    threads = max(min(threads, <int> min(units, <Py_ssize_t> 1 << 20)), 1)
    share = 2 * rows_of * p.levels * width
    if mode:                     # and the cells of a window
        here = &p.level[p.levels]
        i = min(here.kz, p.level[0].z) * min(here.ky, p.level[0].y) * min(here.kx, p.level[0].x)
        share += (i * (1 << dtype // 2) + 127) // 64 * 64  # labels come in pairs, of 1, 2, 4 and 8 bytes
    scratch = <char*> malloc(threads * share + 64)
    if scratch == NULL:
        raise MemoryError("no memory for rows of sums")
    try:
        PyObject_GetBuffer(x, &views[0], PyBUF_FULL_RO)
        n_views = 1
        PyObject_GetBuffer(offsets, &views[1], PyBUF_SIMPLE)
        n_views = 2
        for a in range(1, p.levels + 1):
            PyObject_GetBuffer(outs[a - 1], &views[a + 1], PyBUF_SIMPLE | PyBUF_WRITABLE)
            n_views += 1
            p.level[a].out = <char*> views[a + 1].buf
        data = <const char*> views[0].buf
        plane = <const Py_ssize_t*> views[1].buf
        with nogil:
            if threads == 1:
                for i in range(units):
                    unit(&p, row, data, plane, i, scratch, width, rows_of)
            else:
                for i in prange(units, num_threads=threads, schedule="static"):
                    unit(&p, row, data, plane, i, scratch + threadid() * share, width, rows_of)
    finally:
        for a in range(n_views):
            PyBuffer_Release(&views[a])
        free(scratch)
