# Region pooling: bins of boxes, forward and backward.  Compiled once for each instruction set under a name of its own
# (setup.py), with OpenMP; how many threads a call gets is core's decision.
#
#     regions_bins.pxi       boxes -> the taps of every bin along each axis
#     regions_forward.pxi    a box's bins from rows of cells: means, maxima, and where maxima lie
#     regions_backward.pxi   planes that collect what the bins of their boxes were given
#     regions.pyx            what Python calls: forward and backward, arrays, units of work, threads
#
# Arrays arrive with four axes, channels second, and any strides: (images, channels, height, width) and (boxes, channels,
# bins, bins).  Channels are the lanes: where they are neighbours in memory, cells are read where they lie, and otherwise the
# rows of a few channels are put together.  Values do not depend on that, nor on how work is cut: each lane is computed by
# itself, in an order that the boxes alone decide.
#
# Callers have validated everything (regions.py); the extents are compared again here because they protect memory.

from cython.parallel cimport prange, threadid
from libc.math cimport INFINITY, ceil
from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from cypool.kernels.rows cimport F32, F64

cdef extern from "regions.h" nogil:
    ctypedef void (*cypool_turn_t)(char* to, const char* cells, Py_ssize_t cols, Py_ssize_t lanes, Py_ssize_t lane) noexcept nogil
    const cypool_turn_t[4] cypool_turns

cdef enum:                       # what a bin is
    MEAN                         # the weighted sum of its taps over a divisor
    INTERPOLATED                 # the largest of its samples
    CORNERS                      # the largest of its samples' weighted corners (ONNX)
    CELLS                        # the largest of its cells

cdef enum:
    NARROW_TAPS = 64             # taps that are summed in float32; larger bins in float64 (docs/design/0006)
    ROOM = 65536                 # elements of a row that is put together: lanes times columns stay in the second-level cache
    MOST_LANES = 256
    FEW_LANES = 16               # of rows that are put together: a cache line of each channel, and few pages
    SLOTS = 4                    # such rows that are kept
    BAND_ROOM = 131072           # cells that a unit of the gradient collects in, 1 MiB in the second-level cache
    PLANE_ROOM = 1048576         # the same where any index may come: such a unit reads the indices of all boxes
    NEAR_LANES = 64              # channels of such a unit, where they are neighbours in memory
    FEW_ROWS = 6                 # of a band; one of fewer is made of fewer channels, for boxes lie in several
    GAP = 6                      # cells that are read although nobody wants them, so that a run of cells need not end
    PIECES = 8                   # pieces of work for each thread, as in core

ctypedef fused Real:
    float
    double

include "use_rows.pxi"


cdef struct Side:                # an array: strides in bytes
    char* data
    Py_ssize_t outer             # from image to image, or from box to box
    Py_ssize_t lane              # from channel to channel
    Py_ssize_t row
    Py_ssize_t column
    int code                     # of the storage dtype
    int item                     # log2 of the item's size
    bint swap
    bint aligned

cdef struct Bins:                # the taps of a box along one axis, bin by bin
    Py_ssize_t* begin            # where each bin's taps begin, and the end
    Py_ssize_t* cell             # -1: a sample outside the image, which is 0
    Py_ssize_t* column           # where the cell stands in a row that was put together
    double* share                # MEAN: the tap's weight; samples: the weight of the next cell

cdef struct Runs:                # the columns that a box touches, as runs of neighbours
    Py_ssize_t n
    Py_ssize_t columns           # of all runs
    Py_ssize_t* cell
    Py_ssize_t* column
    Py_ssize_t* count

cdef struct Job:
    int op
    bint sampled                 # bins have sample points, not whole cells
    bint sensitive               # each bin has channels of its own
    Side image                   # x, or its gradient
    Side pooled                  # the result, or its gradient
    Side index                   # where maxima lie; no data: nobody asks
    Py_ssize_t images
    Py_ssize_t height
    Py_ssize_t width
    Py_ssize_t boxes
    Py_ssize_t channels          # of the result
    Py_ssize_t bins_y
    Py_ssize_t bins_x
    const double* regions        # [box][axis]: start, size of a bin (cells: of the box), samples along a bin
    const int64_t* image_of      # of each box
    const int64_t* order         # boxes by image, each image's in their order
    const int64_t* offsets       # where an image's boxes begin in `order`
    Py_ssize_t y_taps            # what tables and rows must hold
    Py_ssize_t x_taps
    Py_ssize_t columns
    Py_ssize_t block             # channels of a unit
    Py_ssize_t blocks
    Py_ssize_t band              # rows that a unit of the gradient collects
    Py_ssize_t bands

cdef struct Bench:               # a thread's scratch
    Bins y
    Bins x
    Runs runs
    char* row[SLOTS]             # rows in the work dtype, put together
    Py_ssize_t held[SLOTS]       # which they are; -1: none
    char* raw                    # the same before conversion
    char* folded
    char* result
    char* stored
    int32_t* where
    int64_t* codes
    double* plane


cdef inline char* carve(char** at, Py_ssize_t nbytes) noexcept nogil:
    cdef char* start = at[0]
    at[0] = start + ((nbytes + 63) & ~<Py_ssize_t> 63)
    return start


cdef Py_ssize_t lay_out(const Job* j, Bench* b, char* base, bint backward) noexcept nogil:
    """Cut a thread's scratch, or, with base NULL, tell how large it is."""
    cdef char* at = base
    cdef Bins* bins
    cdef Py_ssize_t i, taps, n
    cdef Py_ssize_t lanes = j.block
    for i in range(2):
        bins = &b.x if i else &b.y
        taps = j.x_taps if i else j.y_taps
        n = j.bins_x if i else j.bins_y
        bins.begin = <Py_ssize_t*> carve(&at, (n + 1) * sizeof(Py_ssize_t))
        bins.cell = <Py_ssize_t*> carve(&at, taps * sizeof(Py_ssize_t))
        bins.column = <Py_ssize_t*> carve(&at, taps * sizeof(Py_ssize_t))
        bins.share = <double*> carve(&at, taps * sizeof(double))
    b.runs.cell = <Py_ssize_t*> carve(&at, j.columns * sizeof(Py_ssize_t))
    b.runs.column = <Py_ssize_t*> carve(&at, j.columns * sizeof(Py_ssize_t))
    b.runs.count = <Py_ssize_t*> carve(&at, j.columns * sizeof(Py_ssize_t))
    for i in range(SLOTS):
        b.row[i] = carve(&at, 0 if backward else j.columns * lanes * 8)
    n = max(j.columns, j.bins_x) * lanes * 8
    b.raw = carve(&at, max(n, j.width * lanes * 8) if backward else n)
    b.folded = carve(&at, n)
    b.result = carve(&at, j.bins_x * lanes * 8)
    b.stored = carve(&at, j.bins_x * lanes * 8)
    b.where = <int32_t*> carve(&at, j.columns * lanes * 4 if j.index.data != NULL and j.op == CELLS else 0)
    b.codes = <int64_t*> carve(&at, j.bins_x * lanes * 8 if j.index.data != NULL else 0)
    b.plane = <double*> carve(&at, j.band * j.width * lanes * 8 if backward else 0)
    return at - base


include "regions_bins.pxi"
include "regions_forward.pxi"
include "regions_backward.pxi"


# ---- arrays, units and threads --------------------------------------------------------------------------------------

include "views.pxi"
include "units.pxi"


cdef int fill(View view, Side* side, int code, bint swap) except -1:
    """Tell a side of its array."""
    cdef Py_ssize_t bits = <Py_ssize_t> view.buffer.buf
    cdef int i
    view.has_rank(4)
    view.fill(side, code, swap)
    side.outer, side.lane = view.buffer.strides[0], view.buffer.strides[1]
    side.row, side.column = view.buffer.strides[2], view.buffer.strides[3]
    for i in range(4):
        bits |= view.buffer.strides[i]
    side.aligned = bits & (view.buffer.itemsize - 1) == 0
    return 0


cdef const void* flat(View view, Py_ssize_t itemsize, Py_ssize_t n) except? NULL:
    """The elements of a contiguous array that must have n of them."""
    cdef const Py_buffer* array = &view.buffer
    cdef Py_ssize_t extent = 1, stride = itemsize
    cdef int i
    for i in range(array.ndim - 1, -1, -1):
        extent *= array.shape[i]
        if array.shape[i] > 1 and array.strides[i] != stride:
            raise ValueError("a contiguous array is needed")
        stride *= array.shape[i]
    if extent != n or array.itemsize != itemsize:
        raise ValueError(f"{n} elements of {itemsize} bytes are needed, got {extent} of {array.itemsize}")
    return <const void*> array.buf


cdef int set_up(Job* j, tuple views, tuple taps) except -1:
    """Extents and tables: `views` are the image's, the pooled one's, the index' or None, regions, images, order, offsets."""
    cdef View image = views[0], pooled = views[1], index = views[2]
    cdef View regions = views[3], image_of = views[4], order = views[5], offsets = views[6]
    cdef Py_ssize_t factor, k
    cdef int i
    j.images, j.height, j.width = image.buffer.shape[0], image.buffer.shape[2], image.buffer.shape[3]
    j.boxes, j.channels = pooled.buffer.shape[0], pooled.buffer.shape[1]
    j.bins_y, j.bins_x = pooled.buffer.shape[2], pooled.buffer.shape[3]
    factor = j.bins_y * j.bins_x if j.sensitive else 1
    if image.buffer.shape[1] != j.channels * factor:
        raise ValueError(f"{image.buffer.shape[1]} channels do not make {j.channels} times {factor}")
    if index is not None:
        for i in range(4):
            if index.buffer.shape[i] != pooled.buffer.shape[i]:
                raise ValueError("the indices and the result must have the same shape")
    j.regions = <const double*> flat(regions, sizeof(double), j.boxes * 6)
    j.image_of = <const int64_t*> flat(image_of, sizeof(int64_t), j.boxes)
    j.order = <const int64_t*> flat(order, sizeof(int64_t), j.boxes)
    j.offsets = <const int64_t*> flat(offsets, sizeof(int64_t), j.images + 1)
    for k in range(j.boxes):
        if not 0 <= j.image_of[k] < j.images or not 0 <= j.order[k] < j.boxes:
            raise ValueError(f"box {k} belongs to no image")
    for k in range(j.images):
        if not 0 <= j.offsets[k] <= j.offsets[k + 1] <= j.boxes:
            raise ValueError(f"image {k} has no boxes")
    j.y_taps, j.x_taps, j.columns = taps
    return 0


def forward(int op, bint sampled, bint sensitive, tuple x, tuple out, object index, tuple boxes, tuple taps, int threads):
    """Pool every box.

    `x` and `out` are (array, code of its dtype, whether its bytes are swapped), `index` an int64 array or None; `boxes`
    are (regions, image of each box, boxes by image, where an image's begin), `taps` what their tables need at most: taps
    along y and x, columns.  `index` receives for CELLS the position in the plane, else the sample, numbered as
    `backward` understands it; -1 where no cell is chosen.
    """
    cdef Job job
    cdef Job* j = &job
    cdef View image = View(x[0], False), pooled = View(out[0], True)
    cdef View where = None if index is None else View(index, True)
    cdef bint near
    memset(j, 0, sizeof(Job))
    j.op, j.sampled, j.sensitive = op, sampled, sensitive
    fill(image, &j.image, x[1], x[2])
    fill(pooled, &j.pooled, out[1], out[2])
    if where is not None:
        fill(where, &j.index, 0, False)
    set_up(j, (image, pooled, where, *[View(array, False) for array in boxes]), taps)
    j.block = max(min(<Py_ssize_t> ROOM // max(j.columns, 1), j.channels), 1)
    near = j.image.lane == x[0].itemsize and not sensitive
    j.block = min(j.block, <Py_ssize_t> MOST_LANES if near else <Py_ssize_t> FEW_LANES)
    j.blocks = (j.channels + j.block - 1) // j.block
    run(forward_unit, j, j.boxes * j.blocks, False, threads)


def backward(int op, bint sampled, bint sensitive, tuple grad, object index, tuple grad_x, tuple boxes, tuple taps,
             int threads):
    """The gradient of x, all of it written; arguments as in `forward`."""
    cdef Job job
    cdef Job* j = &job
    cdef View image = View(grad_x[0], True), pooled = View(grad[0], False)
    cdef View where = None if index is None else View(index, False)
    cdef Py_ssize_t units, room
    cdef bint near
    memset(j, 0, sizeof(Job))
    j.op, j.sampled, j.sensitive = op, sampled, sensitive
    fill(image, &j.image, grad_x[1], grad_x[2])
    fill(pooled, &j.pooled, grad[1], grad[2])
    if where is not None:
        fill(where, &j.index, 0, False)
    elif op != MEAN:
        raise ValueError("the gradient of a maximum needs indices")
    set_up(j, (image, pooled, where, *[View(array, False) for array in boxes]), taps)
    units = j.images * (j.bins_y * j.bins_x if sensitive else 1)
    room = PLANE_ROOM if op == CELLS else BAND_ROOM
    near = j.image.lane == grad_x[0].itemsize and not sensitive and op != CELLS
    j.block = max(min(j.channels, <Py_ssize_t> NEAR_LANES if near else <Py_ssize_t> FEW_LANES), 1)
    while j.block > 1 and j.block * j.width * min(j.height, <Py_ssize_t> FEW_ROWS) > room:
        j.block = (j.block + 1) // 2
    while j.block > 4 and units * ((j.channels + j.block - 1) // j.block) < 2 * threads:
        j.block = (j.block + 1) // 2
    j.blocks = (j.channels + j.block - 1) // j.block
    units *= j.blocks
    j.band = max(min(j.height, room // max(j.width * j.block, 1)), 1)
    if 0 < units < threads:
        j.band = min(j.band, (j.height + threads - 1) // threads)
    j.bands = (j.height + j.band - 1) // j.band
    run(backward_unit, j, units * j.bands, True, threads)


OPS = {"mean": MEAN, "max": INTERPOLATED, "onnx_max": CORNERS, "cells": CELLS}
