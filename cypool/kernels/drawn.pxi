# Stochastic pooling: windows that choose a cell by chance, and what they choose on average.  Included by ranks.pyx.
#
# The chance of a window is a function of the call's key and of the window's number, which counts planes in C order and in
# these windows in row-major order: neither threads nor strides nor the axis that lies side by side move it.  drawn.h has the
# arithmetic; here are the rows of windows, in blocks as in ranks_forward.pxi, and what Python calls.

cdef extern from "drawn.h" nogil:
    uint64_t CYPOOL_GOLDEN
    ctypedef struct cypool_drawn_t:
        void (*totals)(double* total, const char* block, Py_ssize_t pitch, Py_ssize_t cols, Py_ssize_t taps) noexcept nogil
        void (*winners)(uint64_t* tap, double* sum, const double* threshold, const char* block, Py_ssize_t pitch,
                        Py_ssize_t cols, Py_ssize_t taps) noexcept nogil
        void (*picks)(char* out, const uint64_t* tap, const char* block, Py_ssize_t pitch, Py_ssize_t cols) noexcept nogil
        void (*averages)(double* out, double* total, const char* block, Py_ssize_t pitch, Py_ssize_t cols,
                         Py_ssize_t taps) noexcept nogil
        Py_ssize_t (*winner)(const char* cells, Py_ssize_t n, uint64_t state) noexcept nogil
        double (*average)(const char* cells, Py_ssize_t n) noexcept nogil
        void (*give_average)(double* plane, const char* cells, const Py_ssize_t* at, Py_ssize_t n, double g) noexcept nogil
    const cypool_drawn_t[10] cypool_drawn
    void cypool_thresholds(double* threshold, const double* total, uint64_t state, uint64_t step, Py_ssize_t cols)

cdef enum:
    MOST_BLOCK_TAPS = 512        # of windows in a block: at most 128 KiB of it


cdef struct Place:               # of some windows: of the first one, and how far it is to the next
    Py_ssize_t x                 # bytes
    Py_ssize_t aside
    char* y
    Py_ssize_t y_step
    char* index
    Py_ssize_t index_step
    uint64_t state
    uint64_t state_step
    Py_ssize_t advance           # cells of the plane, for indices


cdef void put_indices(const Job* j, Bench* b, const Place* p, Py_ssize_t cols) noexcept nogil:
    """Where the winners stand whose taps are in `found`."""
    cdef const uint64_t* tap = <const uint64_t*> b.found
    cdef Py_ssize_t advance = 0 if j.in_window else p.advance, i
    if j.index.item == 0:
        for i in range(cols):
            (<unsigned char*> b.stored)[i] = <unsigned char> b.at[tap[i]]
    elif j.index.item == 1:
        for i in range(cols):
            (<unsigned short*> b.stored)[i] = <unsigned short> b.at[tap[i]]
    elif j.index.item == 2:
        for i in range(cols):
            (<int32_t*> b.stored)[i] = <int32_t> b.at[tap[i]]
    else:
        for i in range(cols):
            (<Py_ssize_t*> b.stored)[i] = b.at[tap[i]] + i * advance
    put(&j.index, p.index, b.stored, p.index_step, cols)


cdef void drawn_windows(const Job* j, Bench* b, const Window* w, const Place* p, Py_ssize_t cols) noexcept nogil:
    """`cols` windows with equally many taps side by side."""
    cdef const cypool_drawn_t* drawn = &cypool_drawn[j.work]
    cdef Py_ssize_t pitch = j.columns * j.work_size, taps = w.n_lead * w.count, row = 0, i, t
    cdef double* threshold = <double*> b.labels
    cdef uint64_t* tap = <uint64_t*> b.found
    for i in range(w.n_lead):
        for t in range(w.count):
            take(j, b, j.x.data + w.lead[i] + w.start + p.x + t * w.step, p.aside, cols, b.block + row * pitch)
            row += 1
    if j.op == EXPECTED:
        drawn.averages(b.numbers, threshold, b.block, pitch, cols, taps)
        for i in range(cols):
            if b.numbers[i] == 0:
                load_cells(j, b, w, p.x + i * p.aside, b.cells)
                b.numbers[i] = drawn.average(b.cells, taps)
        store_numbers(&j.y, b, b.numbers, p.y, p.y_step, cols)
        return
    drawn.totals(b.numbers, b.block, pitch, cols, taps)
    cypool_thresholds(threshold, b.numbers, p.state, p.state_step, cols)
    drawn.winners(tap, <double*> b.raw, threshold, b.block, pitch, cols, taps)
    for i in range(cols):
        if not 0 < b.numbers[i] < INFINITY:
            load_cells(j, b, w, p.x + i * p.aside, b.cells)
            tap[i] = <uint64_t> drawn.winner(b.cells, taps, p.state + <uint64_t> i * p.state_step)
    drawn.picks(b.labels, tap, b.block, pitch, cols)
    put_drawn(j, b, p, cols)


cdef inline void put_drawn(const Job* j, Bench* b, const Place* p, Py_ssize_t cols) noexcept nogil:
    """The winners' cells, which are in `labels`, and where they stand."""
    if j.y.code == j.work:
        put(&j.y, p.y, b.labels, p.y_step, cols)
    else:
        ROWS.store[j.y.code][j.work](b.stored, b.labels, cols)
        put(&j.y, p.y, b.stored, p.y_step, cols)
    if j.index.data != NULL:
        put_indices(j, b, p, cols)


cdef void drawn_window(const Job* j, Bench* b, const Window* w, const Place* p) noexcept nogil:
    """One window; of one without a cell only the index."""
    cdef const cypool_drawn_t* drawn = &cypool_drawn[j.work]
    cdef Py_ssize_t n = w.n_lead * w.count
    cdef uint64_t* tap = <uint64_t*> b.found
    if n == 0:
        if j.index.data != NULL:
            tap[0], b.at[0] = 0, -1
            put_indices(j, b, p, 1)
        return
    load_cells(j, b, w, p.x, b.cells)
    if j.op == EXPECTED:
        b.numbers[0] = drawn.average(b.cells, n)
        store_numbers(&j.y, b, b.numbers, p.y, p.y_step, 1)
        return
    tap[0] = <uint64_t> drawn.winner(b.cells, n, p.state)
    memcpy(b.labels, b.cells + tap[0] * j.work_size, j.work_size)
    put_drawn(j, b, p, 1)


cdef void number_taps(const Job* j, Bench* b, const Window* w, Py_ssize_t col) noexcept nogil:
    """What index each tap of a window has."""
    cdef const Table* last = &j.table[j.rank - 1]
    cdef Py_ssize_t i, t
    for i in range(w.n_lead):
        for t in range(w.count):
            if j.in_window:
                b.at[i * w.count + t] = b.lead_tap[i] + last.skip[col] + t
            else:
                b.at[i * w.count + t] = b.lead_at[i] + last.first[col] + t * last.step


cdef void drawn_unit(Job* j, Bench* b, Py_ssize_t unit) noexcept nogil:
    """One row of outputs, over all lanes if there are any."""
    cdef Py_ssize_t[MAX_DIM] out
    cdef Py_ssize_t[MAX_DIM] in_plane
    cdef Window w
    cdef Place row, p
    cdef const Table* last = &j.table[j.rank - 1]
    cdef int lead = j.batch + (j.lanes > 0), end = lead + j.rank - 1, a
    cdef Py_ssize_t x_offset = 0, x_last = j.x.stride[end], number = 1, col = 0, lane, cols, at
    row.y, row.index = j.y.data, j.index.data
    in_plane[j.rank - 1] = 1
    for a in range(end - 1, -1, -1):
        if a >= lead:
            at = out[a - lead] = unit % j.table[a - lead].n_out
            unit //= j.table[a - lead].n_out
            in_plane[a - lead] = in_plane[a - lead + 1] * j.table[a - lead + 1].n_in
        elif a < j.batch:
            at = unit % j.extent[a]
            unit //= j.extent[a]
            x_offset += at * j.x.stride[a]
        else:
            continue
        number += at * j.number[a]
        row.y += at * j.y.stride[a]
        row.index += at * j.index.stride[a]
    row.state = j.key + <uint64_t> number * CYPOOL_GOLDEN
    w.lead, w.step = b.lead, last.step * x_last
    w.n_lead = lead_of(j, out, j.x.stride + lead, x_offset, b.lead)
    if j.index.data != NULL and w.n_lead > 0:
        lead_of(j, out, in_plane, 0, b.lead_at)
        taps_of(j, out, b.lead_tap)
    while col < last.n_out:
        w.start, w.count = last.first[col] * x_last, last.count[col]
        if j.index.data != NULL:
            number_taps(j, b, &w, col)
        p.x, p.y, p.index = 0, row.y + col * j.y.stride[end], row.index + col * j.index.stride[end]
        p.state, p.advance = row.state + <uint64_t> (col * j.number[end]) * CYPOOL_GOLDEN, 0
        if j.lanes > 0:
            p.aside, p.y_step, p.index_step = j.x.stride[lead - 1], j.y.stride[lead - 1], j.index.stride[lead - 1]
            p.state_step = <uint64_t> j.number[lead - 1] * CYPOOL_GOLDEN
            lane = 0
            while lane < j.lanes:
                cols = drawn_side_by_side(j, b, &w, &p, j.lanes - lane)
                p.x, p.y, p.index = p.x + cols * p.aside, p.y + cols * p.y_step, p.index + cols * p.index_step
                p.state += <uint64_t> cols * p.state_step
                lane += cols
            col += 1
        else:
            p.aside, p.y_step, p.index_step = j.advance * x_last, j.y.stride[end], j.index.stride[end]
            p.state_step, p.advance = <uint64_t> j.number[end] * CYPOOL_GOLDEN, j.advance
            col += drawn_side_by_side(j, b, &w, &p, j.hi - col if j.lo <= col < j.hi else 1)


cdef Py_ssize_t drawn_side_by_side(const Job* j, Bench* b, const Window* w, const Place* p, Py_ssize_t most) noexcept nogil:
    """As many of `most` windows as a block takes; how many."""
    cdef Py_ssize_t cols = min(j.columns, most)
    if cols == 1 or not 0 < w.n_lead * w.count <= j.most:
        drawn_window(j, b, w, p)
        return 1
    drawn_windows(j, b, w, p, cols)
    return cols


def drawn(tuple x, tuple out, index, tuple shape, bint lanes, list tables, tuple terms, tuple programs, tuple numbers,
          tuple taps, object key, int threads):
    """Stochastic pooling; arguments as in `forward`, and where there are indices a third array.

    `numbers` tells for every axis how far the numbers of neighbouring windows lie apart; `taps` are the window, the taps
    before each window's first by axis, and whether indices count these taps; `key` is that of the random numbers, None for
    the average.  Windows without a cell keep the value that they have, their index is -1.
    """
    cdef Job job
    cdef Job* j = &job
    cdef View source = View(x[0], False), target = View(out[0], True), where
    cdef Py_ssize_t units = 1
    cdef int a
    set_up(j, EXPECTED if key is None else DRAWN, shape, lanes, tables, terms, programs)
    source.fill(&j.x, x[1], x[2], j, True)
    target.fill(&j.y, out[1], out[2], j, False)
    window, skips, j.in_window = taps
    set_taps(j, window, skips)
    if index is not None:
        where = View(index, True)
        where.fill(&j.index, 0, False, j, False)
    if key is not None:
        j.key = <uint64_t> key
    for a in range(j.batch + lanes + j.rank):
        j.number[a] = numbers[a]
    j.most = j.taps if j.taps <= MOST_BLOCK_TAPS else 0
    set_types(j)
    for a in range(j.batch):
        units *= j.extent[a]
    for a in range(j.rank - 1):
        units *= j.table[a].n_out
    run(drawn_unit, j, units, False, threads)
