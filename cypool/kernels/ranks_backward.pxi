# Gradients of rank operators: each window gives to the cells that it chose.  Included by ranks.pyx.
#
# A unit is a plane, or, where a batch axis has neighbours in memory, the planes of some of its lanes, these innermost.  Its
# windows collect in float64.  Blocks hold the windows of some columns, of all of the unit's lanes; but whether in blocks or
# one by one, each cell takes from its windows in their row-major order.  So the sums depend neither on threads nor on
# strides.

cdef struct Lanes:               # of a unit: how many, and how far apart their cells are
    Py_ssize_t n
    Py_ssize_t x
    Py_ssize_t y
    Py_ssize_t g
    Py_ssize_t aside             # from window to window, in bytes of x
    Py_ssize_t y_last
    Py_ssize_t g_last
    bint alike                   # whether they have one structuring element
    const double* element
    double* element_grad


cdef void give(const Job* j, Bench* b, double* plane, Py_ssize_t n, double g) noexcept nogil:
    """What a window whose n cells are loaded gives to them."""
    cdef const cypool_ranks_t* ranks = &cypool_ranks[j.work]
    cdef Py_ssize_t low
    cdef double weight
    if j.op == EXPECTED:
        if n > 0:
            cypool_drawn[j.work].give_average(plane, b.cells, j.work_size, b.at, n, g)
        return
    if j.work >= F32:
        if j.ignore:
            n = ranks.drop_both(b.cells, b.at, n)
        else:
            low = ranks.last_nan(b.cells, n)
            if low >= 0:         # a NaN wins, and of several the last
                plane[b.at[low]] += g
                return
    if n == 0:
        return
    memcpy(b.copy, b.cells, n * j.work_size)
    if j.op == TOP:
        ranks.give_top(plane, b.cells, b.copy, b.at, n, min(j.k, n), g)
    else:
        terms_of(j, n, &low, &weight)
        ranks.give_rank(plane, b.cells, b.copy, b.at, n, low, weight, g)


cdef bint give_block(const Job* j, Bench* b, const Window* w, const Lanes* l, Py_ssize_t n, const double* g) noexcept nogil:
    """What n windows side by side give, whose first has its cells at `at`; False if one of them holds a NaN."""
    cdef const cypool_ranks_t* ranks = &cypool_ranks[j.work]
    cdef Py_ssize_t pitch = j.columns * j.work_size, taps = w.n_lead * w.count, cols = n * l.n, low
    cdef double weight
    if load_block(j, b, w, 0, n, l.aside, l.n, l.x):
        return False
    if j.op == EXPECTED:
        give_averages(j, b, cols, taps, g)
        return True
    for low in range(taps):
        memcpy(b.kept + low * pitch, b.block + low * pitch, cols * j.work_size)
    sort_block(j, b, taps, cols)
    if j.op == TOP:
        low = min(j.k, taps)
        ranks.give_tops(b.plane, b.kept, pitch, cols, taps, b.block + (taps - low) * pitch, low, b.at, b.shift,
                        j.advance == 1 or n == 1, g)
    else:
        terms_of(j, taps, &low, &weight)
        ranks.give_ranks(b.plane, b.kept, pitch, cols, taps, b.block + low * pitch, b.block + min(low + 1, taps - 1) * pitch,
                         low, weight, b.at, b.shift, g)
    return True


cdef inline void places_of(const Job* j, Bench* b, const Window* w, const Lanes* l, Py_ssize_t col) noexcept nogil:
    """Where the cells of a window lie in the unit's planes."""
    cdef const Table* last = &j.table[j.rank - 1]
    cdef Py_ssize_t i, t
    for i in range(w.n_lead):
        for t in range(w.count):
            b.at[i * w.count + t] = (b.lead_at[i] + last.first[col] + t * last.step) * l.n


cdef void give_row(const Job* j, Bench* b, const Py_ssize_t* out, const Py_ssize_t* in_plane, Py_ssize_t x_offset,
                   const char* gradient, const Lanes* l) noexcept nogil:
    """All windows of an output row."""
    cdef Window w
    cdef const Table* last = &j.table[j.rank - 1]
    cdef int end = j.batch + (j.lanes > 0) + j.rank - 1
    cdef Py_ssize_t x_last = j.x.stride[end], cols, lane
    cdef Py_ssize_t lo = j.lo, hi = j.hi, col = 0, done = 0
    load_rows(j, b, gradient, l)
    w.lead, w.step = b.lead, last.step * x_last
    w.n_lead = lead_of(j, out, j.x.stride + end + 1 - j.rank, x_offset, b.lead)
    lead_of(j, out, in_plane, 0, b.lead_at)
    if j.op == RAISED:
        taps_of(j, out, b.lead_tap)
    while col < last.n_out:
        w.start, w.count = last.first[col] * x_last, last.count[col]
        places_of(j, b, &w, l, col)
        cols = min(j.columns // l.n, hi - col) if lo <= col < hi else 1
        if j.op == RAISED:
            give_raised(j, b, &w, l, last.skip[col], cols, b.numbers + col * l.n)
            col += cols
            continue
        if (cols * l.n > 1 or j.op != EXPECTED) and col >= done and has_program(j, w.n_lead * w.count):
            if give_block(j, b, &w, l, cols, b.numbers + col * l.n):
                col += cols
                continue
            done = col + cols    # one by one up to here
        for lane in range(l.n):
            if lane > 0:         # `give` has moved them
                places_of(j, b, &w, l, col)
            load_cells(j, b, &w, lane * l.x, b.cells)
            give(j, b, b.plane + lane, w.n_lead * w.count, b.numbers[col * l.n + lane])
        col += 1


cdef void load_rows(const Job* j, Bench* b, const char* gradient, const Lanes* l) noexcept nogil:
    """A row of the result's gradient, lanes innermost."""
    cdef Py_ssize_t n = j.table[j.rank - 1].n_out, count = 1, aside = 0, lanes = n, apart = l.y_last
    if l.n > 1:
        count, aside, lanes, apart = n, l.y_last, l.n, l.y
    if j.y.code == F64:
        ROWS.gather[j.y.item](<char*> b.numbers, gradient, count, lanes, aside, apart, NULL, j.y.swap)
    else:
        ROWS.gather[j.y.item](b.stored, gradient, count, lanes, aside, apart, NULL, j.y.swap)
        ROWS.load[j.y.code][<int> F64](<char*> b.numbers, b.stored, n * l.n)


cdef Py_ssize_t lanes_of(const Job* j, Lanes* l, Py_ssize_t* unit) noexcept nogil:
    """A unit's lanes, and which is the first; what is left of the unit's number tells its place along the batch axes."""
    cdef int last = j.batch + (j.lanes > 0) + j.rank - 1
    cdef Py_ssize_t lane = 0
    memset(l, 0, sizeof(Lanes))
    l.n, l.element = 1, j.element
    if j.lanes > 0:
        lane = unit[0] % j.groups * j.beside
        unit[0] //= j.groups
        l.n = min(j.beside, j.lanes - lane)
        l.x, l.y, l.g = j.x.stride[j.batch], j.y.stride[j.batch], j.g.stride[j.batch]
    l.aside = j.advance * j.x.stride[last]
    l.y_last, l.g_last = j.y.stride[last], j.g.stride[last]
    return lane


cdef void backward_unit(Job* j, Bench* b, Py_ssize_t unit) noexcept nogil:
    """One plane of the gradient of x, or those of some lanes."""
    cdef Py_ssize_t[MAX_DIM] out
    cdef Py_ssize_t[MAX_DIM] in_plane
    cdef Lanes l
    cdef Py_ssize_t x_offset = 0, rows = 1, row, rest, width = j.table[j.rank - 1].n_in, lane, i
    cdef int lead = j.batch + (j.lanes > 0), a
    cdef const char* y = j.y.data
    cdef const char* gradient
    cdef char* g = j.g.data
    cdef char* to
    lane = lanes_of(j, &l, &unit)
    x_offset, y, g = lane * l.x, y + lane * l.y, g + lane * l.g
    for i in range(j.columns):
        b.shift[i] = i // l.n * j.advance * l.n + i % l.n
    if j.op == RAISED:
        l.element_grad = j.element_grad + (unit * max(j.lanes, <Py_ssize_t> 1) + lane) * j.element_taps
    for a in range(j.batch - 1, -1, -1):
        l.element += unit % j.extent[a] * j.element_stride[a]
        x_offset += unit % j.extent[a] * j.x.stride[a]
        y += unit % j.extent[a] * j.y.stride[a]
        g += unit % j.extent[a] * j.g.stride[a]
        unit //= j.extent[a]
    if j.op == RAISED:
        set_raises(j, b, &l, lane)
        memset(l.element_grad, 0, l.n * j.element_taps * sizeof(double))
        for i in range(j.columns):
            b.tap_shift[i] = i % l.n * j.element_taps
    in_plane[j.rank - 1] = 1
    for a in range(j.rank - 2, -1, -1):
        in_plane[a] = in_plane[a + 1] * j.table[a + 1].n_in
        rows *= j.table[a].n_out
    memset(b.plane, 0, j.plane * l.n * sizeof(double))
    for row in range(rows):
        rest, gradient = row, y
        for a in range(j.rank - 2, -1, -1):
            out[a] = rest % j.table[a].n_out
            rest //= j.table[a].n_out
            gradient += out[a] * j.y.stride[lead + a]
        give_row(j, b, out, in_plane, x_offset, gradient, &l)
    for row in range(j.plane // width):
        rest, to = row, g
        for a in range(j.rank - 2, -1, -1):
            to += rest % j.table[a].n_in * j.g.stride[lead + a]
            rest //= j.table[a].n_in
        store_lanes(&j.g, b, b.plane + row * width * l.n, to, width, l.g_last, l.n, l.g)
