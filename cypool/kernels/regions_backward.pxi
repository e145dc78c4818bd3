# The gradient of the image.  Included by regions.pyx.
#
# A unit owns a band of rows of a few channels of one image.  It walks the boxes of that image in their order and adds in
# float64, channels side by side whatever the layout; then it stores the band.  No cell has two owners, so nothing is
# atomic, and the order in which a cell is given its terms is that of the boxes and of their bins.

cdef struct Owned:               # a unit's band
    Py_ssize_t image
    Py_ssize_t c0                # channels, counted in the result's
    Py_ssize_t lanes
    Py_ssize_t py0               # the bins that it serves: all, or the one that has these channels
    Py_ssize_t py1
    Py_ssize_t px0
    Py_ssize_t px1
    Py_ssize_t y0                # rows
    Py_ssize_t y1


cdef void add_weighted_row(double* to, const double* a, double w, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        to[i] = to[i] + w * a[i]


cdef double* gradient_row(const Job* j, Bench* b, const Owned* own, Py_ssize_t box, Py_ssize_t py) noexcept nogil:
    """A row of bins' gradients, in float64."""
    cdef Py_ssize_t n = own.px1 - own.px0
    cdef const char* source = (j.pooled.data + box * j.pooled.outer + own.c0 * j.pooled.lane + py * j.pooled.row
                               + own.px0 * j.pooled.column)
    cdef char* to = b.result if j.pooled.code == F64 else b.stored
    ROWS.gather[j.pooled.item](to, source, n, own.lanes, j.pooled.column, j.pooled.lane, NULL, j.pooled.swap)
    if j.pooled.code != F64:
        ROWS.load[j.pooled.code][F64](b.result, to, n * own.lanes)
    return <double*> b.result


cdef void add_means(const Job* j, Bench* b, const Owned* own, Py_ssize_t box) noexcept nogil:
    """The adjoint of a mean: along x into a row over the touched columns, and that row into the band's rows."""
    cdef Bins* x = &b.x
    cdef const Runs* runs = &b.runs
    cdef double* row = <double*> b.folded
    cdef double* gradient
    cdef Py_ssize_t py, px, t, i, first, end, n = own.px1 - own.px0
    cdef double divisor = max(j.regions[6 * box + 2] * j.regions[6 * box + 5], 1.0)
    lay_columns(j, b, 0, n, 0)
    for py in range(own.py0, own.py1):
        first, end = b.y.begin[py - own.py0], b.y.begin[py - own.py0 + 1]
        if first == end or b.y.cell[end - 1] < own.y0 or b.y.cell[first] >= own.y1:
            continue
        gradient = gradient_row(j, b, own, box, py)
        memset(row, 0, runs.columns * own.lanes * sizeof(double))
        for px in range(n):
            if not j.sampled:
                divisor = <double> max((end - first) * (x.begin[px + 1] - x.begin[px]), 1)
            for i in range(own.lanes):
                gradient[i] = gradient[i] / divisor
            for t in range(x.begin[px], x.begin[px + 1]):
                add_weighted_row(row + x.column[t] * own.lanes, gradient, x.share[t], own.lanes)
            gradient += own.lanes
        for t in range(first, end):
            if not own.y0 <= b.y.cell[t] < own.y1:
                continue
            for i in range(runs.n):
                add_weighted_row(b.plane + ((b.y.cell[t] - own.y0) * j.width + runs.cell[i]) * own.lanes,
                                 row + runs.column[i] * own.lanes, b.y.share[t], runs.count[i] * own.lanes)


cdef inline void add_cell(const Job* j, Bench* b, const Owned* own, Py_ssize_t y, Py_ssize_t x, Py_ssize_t lane,
                          double gradient) noexcept nogil:
    if own.y0 <= y < own.y1:
        b.plane[((y - own.y0) * j.width + x) * own.lanes + lane] += gradient


cdef void add_sample_of(const Job* j, Bench* b, const Owned* own, int64_t code, Py_ssize_t lane,
                        double gradient) noexcept nogil:
    """To the corners of the sample that a code names, or to the one corner of it."""
    cdef int64_t sample = code >> 2, across = b.x.begin[j.bins_x]
    cdef uint32_t small = <uint32_t> sample, few = <uint32_t> across
    cdef Py_ssize_t ty, tx
    cdef double below, beside
    cdef int corner, dy, dx
    if sample == small:                  # a division of 32 bits takes half the time
        ty = small // few
    else:
        ty = sample // across
    tx = sample - ty * across
    below, beside = b.y.share[ty], b.x.share[tx]
    for corner in range(4):
        dy, dx = corner >> 1, corner & 1
        if j.op == CORNERS and corner != code & 3 or (dy and below == 0) or (dx and beside == 0):
            continue
        add_cell(j, b, own, b.y.cell[ty] + dy, b.x.cell[tx] + dx, lane,
                 gradient * (below if dy else 1.0 - below) * (beside if dx else 1.0 - beside))


cdef void add_chosen(const Job* j, Bench* b, const Owned* own, Py_ssize_t box) noexcept nogil:
    """The gradient of a maximum goes where the maximum was found."""
    cdef const double* gradient
    cdef const int64_t* codes = b.codes
    cdef int64_t cell, begin = own.y0 * j.width, end = own.y1 * j.width
    cdef Py_ssize_t py, px, lane, lanes = own.lanes
    for py in range(own.py0, own.py1):
        if j.sampled and b.y.begin[py] == b.y.begin[py + 1]:
            continue
        gradient = gradient_row(j, b, own, box, py)
        ROWS.gather[3](<char*> b.codes, j.index.data + box * j.index.outer + own.c0 * j.index.lane + py * j.index.row,
                       j.bins_x, lanes, j.index.column, j.index.lane, NULL, 0)
        for px in range(0, j.bins_x):
            for lane in range(lanes):
                cell = codes[px * lanes + lane]
                if cell < 0:
                    continue
                if j.sampled:
                    add_sample_of(j, b, own, cell, lane, gradient[px * lanes + lane])
                elif begin <= cell < end:
                    b.plane[(cell - begin) * lanes + lane] += gradient[px * lanes + lane]


cdef void store_band(const Job* j, Bench* b, const Owned* own) noexcept nogil:
    cdef Py_ssize_t y, n = j.width * own.lanes, factor = j.bins_y * j.bins_x if j.sensitive else 1
    cdef Py_ssize_t channel = own.c0 * factor + (own.py0 * j.bins_x + own.px0 if j.sensitive else 0)
    cdef char* to = j.image.data + own.image * j.image.outer + channel * j.image.lane
    cdef const char* source
    cdef Py_ssize_t x, item = <Py_ssize_t> 1 << j.image.item
    cdef bint near = j.image.lane * factor == item and not j.image.swap
    for y in range(own.y0, own.y1):
        source = <const char*> (b.plane + (y - own.y0) * n)
        if j.image.code != F64:
            ROWS.store[j.image.code][F64](b.raw, source, n)
            source = b.raw
        if near:
            for x in range(j.width):
                memcpy(to + y * j.image.row + x * j.image.column, source + x * own.lanes * item, own.lanes * item)
            continue
        ROWS.spread[j.image.item](to + y * j.image.row, source, j.width, own.lanes, j.image.column, j.image.lane * factor,
                                  j.image.swap)


cdef inline bint is_elsewhere(const Job* j, const Owned* own, Py_ssize_t box) noexcept nogil:
    """Whether a box certainly touches no row of the band, so that its tables need not be made."""
    cdef const double* region = j.regions + 6 * box
    cdef double end = region[0] + (region[1] * <double> j.bins_y if j.sampled else region[1])
    return region[0] - 2 > own.y1 or end + 2 < own.y0


cdef void backward_unit(Job* j, Bench* b, Py_ssize_t unit) noexcept nogil:
    cdef Owned own
    cdef Py_ssize_t band = unit % j.bands, block = unit // j.bands % j.blocks, bin, i, box
    own.image = unit // j.bands // j.blocks
    own.py0, own.py1, own.px0, own.px1 = 0, j.bins_y, 0, j.bins_x
    if j.sensitive:
        bin = own.image % (j.bins_y * j.bins_x)
        own.image = own.image // (j.bins_y * j.bins_x)
        own.py0, own.px0 = bin // j.bins_x, bin % j.bins_x
        own.py1, own.px1 = own.py0 + 1, own.px0 + 1
    own.c0 = block * j.block
    own.lanes = min(j.block, j.channels - own.c0)
    own.y0 = band * j.band
    own.y1 = min(own.y0 + j.band, j.height)
    memset(b.plane, 0, (own.y1 - own.y0) * j.width * own.lanes * sizeof(double))
    for i in range(j.offsets[own.image], j.offsets[own.image + 1]):
        box = j.order[i]
        if j.op != CELLS:
            if is_elsewhere(j, &own, box):
                continue
            fill_bins(j, &b.y, box, 0, own.py0, own.py1)
            fill_bins(j, &b.x, box, 1, own.px0, own.px1)
        if j.op == MEAN:
            add_means(j, b, &own, box)
        else:
            add_chosen(j, b, &own, box)
    store_band(j, b, &own)
