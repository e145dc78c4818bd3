# Gradients of rank operators: each window gives to the cells that it chose.  Included by ranks.pyx.
#
# A unit is a plane, whose windows collect in float64: row by row of outputs, and in these by blocks of columns or one by one,
# as the geometry and the plane's NaN decide.  So the sums depend neither on threads nor on strides.

cdef void give(const Job* j, Bench* b, Py_ssize_t n, double g) noexcept nogil:
    """What a window whose n cells are loaded gives to them."""
    cdef const cypool_ranks_t* ranks = &cypool_ranks[j.work]
    cdef Py_ssize_t low
    cdef double weight
    if j.op == EXPECTED:
        if n > 0:
            cypool_drawn[j.work].give_average(b.plane, b.cells, j.work_size, b.at, n, g)
        return
    if j.work >= F32:
        if j.ignore:
            n = ranks.drop_both(b.cells, b.at, n)
        else:
            low = ranks.last_nan(b.cells, n)
            if low >= 0:         # a NaN wins, and of several the last
                b.plane[b.at[low]] += g
                return
    if n == 0:
        return
    memcpy(b.copy, b.cells, n * j.work_size)
    if j.op == TOP:
        ranks.give_top(b.plane, b.cells, b.copy, b.at, n, min(j.k, n), g)
    else:
        terms_of(j, n, &low, &weight)
        ranks.give_rank(b.plane, b.cells, b.copy, b.at, n, low, weight, g)


cdef bint give_block(const Job* j, Bench* b, const Window* w, Py_ssize_t aside, Py_ssize_t cols,
                     const double* g) noexcept nogil:
    """What `cols` windows side by side give, whose first has its cells at `at`; False if one of them holds a NaN."""
    cdef const cypool_ranks_t* ranks = &cypool_ranks[j.work]
    cdef Py_ssize_t pitch = j.columns * j.work_size, taps = w.n_lead * w.count, low
    cdef double weight
    if load_block(j, b, w, 0, aside, cols):
        return False
    if j.op == EXPECTED:
        give_averages(j, b, cols, taps, g)
        return True
    memcpy(b.kept, b.block, taps * pitch)
    sort_block(j, b, taps, cols)
    if j.op == TOP:
        low = min(j.k, taps)
        ranks.give_tops(b.plane, b.kept, pitch, cols, taps, b.block + (taps - low) * pitch, low, b.at, j.advance, g)
    else:
        terms_of(j, taps, &low, &weight)
        ranks.give_ranks(b.plane, b.kept, pitch, cols, taps, b.block + low * pitch, b.block + min(low + 1, taps - 1) * pitch,
                         low, weight, b.at, j.advance, g)
    return True


cdef void give_row(const Job* j, Bench* b, const Py_ssize_t* out, const Py_ssize_t* in_plane, Py_ssize_t x_offset,
                   const char* gradient, const double* element, double* element_grad) noexcept nogil:
    """All windows of an output row."""
    cdef Window w
    cdef const Table* last = &j.table[j.rank - 1]
    cdef Py_ssize_t x_last = j.x.stride[j.batch + j.rank - 1], y_last = j.y.stride[j.batch + j.rank - 1], i, t
    cdef Py_ssize_t lo = j.lo, hi = j.hi, col = -1, cols, done = 0
    if j.y.code == F64:
        ROWS.gather[j.y.item](<char*> b.numbers, gradient, 1, last.n_out, 0, y_last, NULL, j.y.swap)
    else:
        ROWS.gather[j.y.item](b.stored, gradient, 1, last.n_out, 0, y_last, NULL, j.y.swap)
        ROWS.load[j.y.code][<int> F64](<char*> b.numbers, b.stored, last.n_out)
    w.lead, w.step = b.lead, last.step * x_last
    w.n_lead = lead_of(j, out, j.x.stride + j.batch, x_offset, b.lead)
    lead_of(j, out, in_plane, 0, b.lead_at)
    if j.op == RAISED:
        taps_of(j, out, b.lead_tap)
    if hi > lo and (j.op == RAISED or not has_program(j, w.n_lead * last.count[lo])):
        hi = lo
    while col + 1 < last.n_out:
        col += 1
        w.start, w.count = last.first[col] * x_last, last.count[col]
        for i in range(w.n_lead):
            for t in range(w.count):
                b.at[i * w.count + t] = b.lead_at[i] + last.first[col] + t * last.step
        if max(lo, done) <= col < hi:
            cols = min(j.columns, hi - col)
            if give_block(j, b, &w, j.advance * x_last, cols, b.numbers + col):
                col += cols - 1
                continue
            done = col + cols    # one by one up to here
        load_cells(j, b, &w, 0, b.cells)
        if j.op == RAISED:
            give_raised(j, b, &w, last.skip[col], element, element_grad, b.numbers[col])
        else:
            give(j, b, w.n_lead * w.count, b.numbers[col])


cdef void backward_unit(Job* j, Bench* b, Py_ssize_t unit) noexcept nogil:
    """One plane of the gradient of x."""
    cdef Py_ssize_t[MAX_DIM] out
    cdef Py_ssize_t[MAX_DIM] in_plane
    cdef Py_ssize_t x_offset = 0, rows = 1, row, rest, width = j.table[j.rank - 1].n_in
    cdef Py_ssize_t g_last = j.g.stride[j.batch + j.rank - 1]
    cdef const char* y = j.y.data
    cdef const char* gradient
    cdef char* g = j.g.data
    cdef char* to
    cdef const double* element = j.element
    cdef double* element_grad = NULL
    cdef int a
    if j.op == RAISED:
        element_grad = j.element_grad + unit * j.element_taps
        memset(element_grad, 0, j.element_taps * sizeof(double))
    for a in range(j.batch - 1, -1, -1):
        element += unit % j.extent[a] * j.element_stride[a]
        x_offset += unit % j.extent[a] * j.x.stride[a]
        y += unit % j.extent[a] * j.y.stride[a]
        g += unit % j.extent[a] * j.g.stride[a]
        unit //= j.extent[a]
    in_plane[j.rank - 1] = 1
    for a in range(j.rank - 2, -1, -1):
        in_plane[a] = in_plane[a + 1] * j.table[a + 1].n_in
        rows *= j.table[a].n_out
    memset(b.plane, 0, j.plane * sizeof(double))
    for row in range(rows):
        rest, gradient = row, y
        for a in range(j.rank - 2, -1, -1):
            out[a] = rest % j.table[a].n_out
            rest //= j.table[a].n_out
            gradient += out[a] * j.y.stride[j.batch + a]
        give_row(j, b, out, in_plane, x_offset, gradient, element, element_grad)
    for row in range(j.plane // width):
        rest, to = row, g
        for a in range(j.rank - 2, -1, -1):
            to += rest % j.table[a].n_in * j.g.stride[j.batch + a]
            rest //= j.table[a].n_in
        store_numbers(&j.g, b, b.plane + row * width, to, g_last, width)
