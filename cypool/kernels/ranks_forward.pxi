# Rows of windows, forward.  Included by ranks.pyx.

cdef bint load_block(const Job* j, Bench* b, const Window* w, Py_ssize_t shift, Py_ssize_t n, Py_ssize_t aside,
                     Py_ssize_t lanes, Py_ssize_t apart) noexcept nogil:
    """n windows of equally many cells, each `aside` bytes behind the one before, of lanes that are `apart`; whether they
    hold a NaN."""
    cdef Py_ssize_t pitch = j.columns * j.work_size, cols = n * lanes, row = 0, i, t
    cdef Py_ssize_t span = 0
    cdef const char* cells
    cdef bint nan = False
    # A row of neighbours that may be read where it lies is looked through once, not once for each tap; what lies between
    # the windows is looked at in vain.
    if j.work >= F32 and j.x.code == j.work and not j.x.swap and j.lanes == 0 and (
        j.x.stride[j.batch + j.rank - 1] == j.work_size
    ):
        span = ((cols - 1) * aside + (w.count - 1) * w.step) // j.work_size + 1
        if span > cols * w.count:
            span = 0
    for i in range(w.n_lead):
        cells = j.x.data + w.lead[i] + w.start + shift
        for t in range(w.count):
            take(j, b, cells + t * w.step, n, aside, lanes, apart, b.block + row * pitch)
            row += 1
        if span and not (<Py_ssize_t> cells & (j.work_size - 1)):
            nan = nan or cypool_ranks[j.work].nan(cells, span)
        elif j.work >= F32:
            for t in range(w.count):
                nan = nan or cypool_ranks[j.work].nan(b.block + (row - 1 - t) * pitch, cols)
    return nan


cdef inline void sort_block(const Job* j, Bench* b, Py_ssize_t taps, Py_ssize_t cols) noexcept nogil:
    cypool_ranks[j.work].network(b.block, j.columns * j.work_size, cols, j.steps + 3 * j.begin[taps],
                                 j.begin[taps + 1] - j.begin[taps])


cdef void block_of_windows(const Job* j, Bench* b, const Window* w, Py_ssize_t shift, Py_ssize_t aside, char* out,
                           Py_ssize_t stride, Py_ssize_t cols) noexcept nogil:
    """A block's results, `stride` bytes apart."""
    cdef const cypool_ranks_t* ranks = &cypool_ranks[j.work]
    cdef Py_ssize_t pitch = j.columns * j.work_size, taps = w.n_lead * w.count, i, low
    cdef double weight
    cdef bint nan = load_block(j, b, w, shift, cols, aside, 1, 0)
    sort_block(j, b, taps, cols)
    if j.op == MODE:
        ranks.mode(b.labels, b.block, pitch, cols, taps, j.aside, j.label)
        put(&j.y, out, b.labels, stride, cols)
        return
    if j.op == RANK:
        terms_of(j, taps, &low, &weight)
        if weight == 0 and not nan and j.y.code == j.work:
            put(&j.y, out, b.block + low * pitch, stride, cols)
            return
        ranks.blend(b.numbers, b.block + low * pitch, b.block + min(low + 1, taps - 1) * pitch, cols, weight)
    else:
        ranks.top(b.numbers, b.block, pitch, cols, taps, min(j.k, taps))
    if nan:                      # the comparisons of these columns meant nothing
        for i in range(cols):
            load_cells(j, b, w, shift + i * aside, b.cells)
            if ranks.nan(b.cells, taps):
                b.numbers[i] = number_of(j, b, taps)
    store_numbers(&j.y, b, b.numbers, out, stride, cols)


cdef double number_of(const Job* j, Bench* b, Py_ssize_t n) noexcept nogil:
    """The number that becomes of the n cells in `cells`."""
    cdef const cypool_ranks_t* ranks = &cypool_ranks[j.work]
    cdef Py_ssize_t low
    cdef double weight
    if j.work >= F32:
        if j.ignore:
            n = ranks.drop(b.cells, n)
        elif ranks.nan(b.cells, n):
            return NAN
    if n == 0:
        return j.empty
    if j.op == TOP:
        return ranks.largest(b.cells, n, min(j.k, n))
    terms_of(j, n, &low, &weight)
    return ranks.rank(b.cells, n, low, weight)


cdef void one_window(const Job* j, Bench* b, const Window* w, Py_ssize_t shift, char* out) noexcept nogil:
    cdef Py_ssize_t n = w.n_lead * w.count
    cdef double number
    load_cells(j, b, w, shift, b.cells)
    if j.op != MODE:
        number = number_of(j, b, n)
        store_numbers(&j.y, b, &number, out, 0, 1)
        return
    if n == 0:
        memcpy(b.labels, &j.empty_label, 8)
    else:
        cypool_ranks[j.work].majority(b.labels, b.cells, n, j.aside, j.label)
    put(&j.y, out, b.labels, 0, 1)


cdef inline bint has_program(const Job* j, Py_ssize_t n) noexcept nogil:
    # one cell needs no step, and so no program; shares are not sorted
    return 0 < n <= j.most and (j.op == EXPECTED or j.begin[n + 1] > j.begin[n] or n == 1)


cdef void forward_unit(Job* j, Bench* b, Py_ssize_t unit) noexcept nogil:
    """One row of outputs, over all lanes if there are any."""
    cdef Py_ssize_t[MAX_DIM] out
    cdef Window w
    cdef const Table* last = &j.table[j.rank - 1]
    cdef int lead = j.batch + (j.lanes > 0)
    cdef Py_ssize_t x_offset = 0, col, lane, cols, lo = j.lo, hi = j.hi
    cdef Py_ssize_t x_last = j.x.stride[lead + j.rank - 1], y_last = j.y.stride[lead + j.rank - 1]
    cdef char* y = j.y.data
    cdef int a
    for a in range(j.rank - 2, -1, -1):
        out[a] = unit % j.table[a].n_out
        unit //= j.table[a].n_out
        y += out[a] * j.y.stride[lead + a]
    for a in range(j.batch - 1, -1, -1):
        x_offset += unit % j.extent[a] * j.x.stride[a]
        y += unit % j.extent[a] * j.y.stride[a]
        unit //= j.extent[a]
    w.lead, w.step = b.lead, last.step * x_last
    w.n_lead = lead_of(j, out, j.x.stride + lead, x_offset, b.lead)
    if j.lanes > 0:
        for col in range(last.n_out):
            w.start, w.count = last.first[col] * x_last, last.count[col]
            lane = 0
            while lane < j.lanes:
                cols = min(j.columns, j.lanes - lane)
                if has_program(j, w.n_lead * w.count):
                    block_of_windows(j, b, &w, lane * j.x.stride[lead - 1], j.x.stride[lead - 1],
                                     y + col * y_last + lane * j.y.stride[lead - 1], j.y.stride[lead - 1], cols)
                else:
                    cols = 1
                    one_window(j, b, &w, lane * j.x.stride[lead - 1], y + col * y_last + lane * j.y.stride[lead - 1])
                lane += cols
        return
    if hi > lo and not has_program(j, w.n_lead * last.count[lo]):
        hi = lo
    col = 0
    while col < last.n_out:
        w.start, w.count = last.first[col] * x_last, last.count[col]
        cols = 1
        if lo <= col < hi:
            cols = min(j.columns, hi - col)
            block_of_windows(j, b, &w, 0, j.advance * x_last, y + col * y_last, y_last, cols)
        elif has_program(j, w.n_lead * w.count):
            block_of_windows(j, b, &w, 0, 0, y + col * y_last, y_last, 1)
        else:
            one_window(j, b, &w, 0, y + col * y_last)
        col += cols
