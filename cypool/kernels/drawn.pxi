# Stochastic pooling: windows that choose a cell by chance, and what they choose on average.  Included by ranks.pyx.
#
# The chance of a window is a function of the call's key and of the window's number, which counts planes in C order and in
# these windows in row-major order: neither threads nor strides nor the axis that lies side by side move it.  drawn.h has the
# arithmetic; here are the rows of windows, in blocks as in ranks_forward.pxi, and what Python calls.

cdef extern from "drawn.h" nogil:
    uint64_t CYPOOL_GOLDEN
    ctypedef struct cypool_drawn_t:
        int (*totals)(double* total, const char* block, Py_ssize_t pitch, Py_ssize_t cols, Py_ssize_t taps) noexcept nogil
        void (*winners)(uint64_t* tap, double* sum, const double* threshold, const char* block, Py_ssize_t pitch,
                        Py_ssize_t cols, Py_ssize_t taps) noexcept nogil
        void (*picks)(char* out, const uint64_t* tap, const char* block, Py_ssize_t pitch, Py_ssize_t cols) noexcept nogil
        void (*averages)(double* out, double* total, const char* block, Py_ssize_t pitch, Py_ssize_t cols,
                         Py_ssize_t taps) noexcept nogil
        Py_ssize_t (*winner)(const char* cells, Py_ssize_t pitch, Py_ssize_t n, uint64_t state) noexcept nogil
        double (*average)(const char* cells, Py_ssize_t pitch, Py_ssize_t n) noexcept nogil
        void (*give_average)(double* plane, const char* cells, Py_ssize_t pitch, const Py_ssize_t* at, Py_ssize_t n,
                             double g) noexcept nogil
        void (*give_averages)(double* plane, const char* block, Py_ssize_t pitch, Py_ssize_t cols, Py_ssize_t taps,
                              const double* average, double* total, const Py_ssize_t* at, Py_ssize_t advance,
                              const double* g) noexcept nogil
    const cypool_drawn_t[10] cypool_drawn
    void cypool_thresholds(double* threshold, const double* total, uint64_t state, uint64_t step, Py_ssize_t cols)

cdef enum:
    MOST_BLOCK_TAPS = 512        # of windows in a block: at most 128 KiB of it
    MOST_PLACES = 16


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
    Py_ssize_t cols
    Py_ssize_t ahead             # what indices are more than those of the block's first place

cdef struct Run:                 # places one behind the other that are alike: how many, and what lies between them
    Py_ssize_t n
    Py_ssize_t x
    Py_ssize_t y
    Py_ssize_t index
    uint64_t state
    Py_ssize_t ahead

cdef struct Places:              # whose windows have their cells in a block, one place behind the other
    Place[MOST_PLACES] place
    int n
    Py_ssize_t cols
    Py_ssize_t taps
    Py_ssize_t count             # of them along the last axis
    Py_ssize_t number            # of the first place's first tap


cdef inline bint chances(const Job* j) noexcept nogil:
    return j.op == DRAWN or j.op == EXPECTED


cdef inline void put_indices(const Job* j, Bench* b, const Place* p, const Py_ssize_t* number) noexcept nogil:
    """Indices that are complete but for what lies between windows side by side."""
    cdef Py_ssize_t advance = 0 if j.in_window else p.advance, i
    if j.index.item == 0:
        for i in range(p.cols):
            (<unsigned char*> b.stored)[i] = <unsigned char> number[i]
    elif j.index.item == 1:
        for i in range(p.cols):
            (<unsigned short*> b.stored)[i] = <unsigned short> number[i]
    elif j.index.item == 2:
        for i in range(p.cols):
            (<int32_t*> b.stored)[i] = <int32_t> number[i]
    else:
        for i in range(p.cols):
            (<Py_ssize_t*> b.stored)[i] = number[i] + p.ahead + i * advance
    put(&j.index, p.index, b.stored, p.index_step, p.cols)


cdef inline void put_cells(const Job* j, Bench* b, const Place* p, const char* cells) noexcept nogil:
    """Winners, in the work type."""
    if j.y.code != j.work:
        ROWS.store[j.y.code][j.work](b.stored, cells, p.cols)
        cells = b.stored
    put(&j.y, p.y, cells, p.y_step, p.cols)


cdef void finish(const Job* j, Bench* b, Places* q) noexcept nogil:
    """The windows in the block: their results, and no more windows."""
    cdef const cypool_drawn_t* drawn = &cypool_drawn[j.work]
    cdef Py_ssize_t pitch = j.columns * j.work_size, i, col = 0
    cdef double* threshold = <double*> b.labels
    cdef uint64_t* tap = <uint64_t*> b.found
    cdef const Place* p
    cdef int n, alone
    if j.op == EXPECTED:
        drawn.averages(b.numbers, threshold, b.block, pitch, q.cols, q.taps)
        for i in range(q.cols):
            if b.numbers[i] == 0:
                b.numbers[i] = drawn.average(b.block + i * j.work_size, pitch, q.taps)
        for n in range(q.n):
            p = &q.place[n]
            store_numbers(&j.y, b, b.numbers + col, p.y, p.y_step, p.cols)
            col += p.cols
        q.n = q.cols = 0
        return
    alone = drawn.totals(b.numbers, b.block, pitch, q.cols, q.taps)
    for n in range(q.n):
        p = &q.place[n]
        cypool_thresholds(threshold + col, b.numbers + col, p.state, p.state_step, p.cols)
        col += p.cols
    drawn.winners(tap, <double*> b.raw, threshold, b.block, pitch, q.cols, q.taps)
    col = 0
    for n in range(q.n if alone else 0):
        p = &q.place[n]
        for i in range(p.cols):
            if not 0 < b.numbers[col + i] < INFINITY:
                tap[col + i] = <uint64_t> drawn.winner(b.block + (col + i) * j.work_size, pitch, q.taps,
                                                       p.state + <uint64_t> i * p.state_step)
        col += p.cols
    drawn.picks(b.labels, tap, b.block, pitch, q.cols)
    if j.index.data != NULL:
        for i in range(q.cols):
            tap[i] = <uint64_t> b.at[tap[i]]
    col = 0
    for n in range(q.n):
        p = &q.place[n]
        put_cells(j, b, p, b.labels + col * j.work_size)
        if j.index.data != NULL:
            put_indices(j, b, p, <const Py_ssize_t*> tap + col)
        col += p.cols
    q.n = q.cols = 0


cdef inline Py_ssize_t tap_number(const Job* j, Bench* b, const Window* w, Py_ssize_t col, Py_ssize_t tap) noexcept nogil:
    """What index a tap of a window has."""
    cdef const Table* last = &j.table[j.rank - 1]
    cdef Py_ssize_t i = tap // w.count, t = tap % w.count
    if j.in_window:
        return b.lead_tap[i] + last.skip[col] + t
    return b.lead_at[i] + last.first[col] + t * last.step


cdef void drawn_window(const Job* j, Bench* b, const Window* w, Place* p, Py_ssize_t col) noexcept nogil:
    """One window by itself; of one without a cell only the index."""
    cdef const cypool_drawn_t* drawn = &cypool_drawn[j.work]
    cdef Py_ssize_t n = w.n_lead * w.count, number = -1, tap
    cdef double average
    p.cols = 1
    if n > 0:
        load_cells(j, b, w, p.x, b.cells)
        if j.op == EXPECTED:
            average = drawn.average(b.cells, j.work_size, n)
            store_numbers(&j.y, b, &average, p.y, p.y_step, 1)
            return
        tap = drawn.winner(b.cells, j.work_size, n, p.state)
        put_cells(j, b, p, b.cells + tap * j.work_size)
        if j.index.data != NULL:
            number = tap_number(j, b, w, col, tap)
    else:
        p.ahead = 0
    if j.index.data != NULL:
        put_indices(j, b, p, &number)


cdef inline void step(Place* p, const Run* run, Py_ssize_t n) noexcept nogil:
    """n places further."""
    p.x += n * run.x
    p.y += n * run.y
    p.index += n * run.index
    p.state += <uint64_t> n * run.state
    p.ahead += n * run.ahead


cdef void load(const Job* j, Bench* b, const Window* w, const Place* p, const Run* run, Py_ssize_t n, char* to) noexcept nogil:
    """The cells of n places of equally many windows, all of a tap in one row of a block."""
    cdef const char* cells
    cdef Py_ssize_t i, t
    for i in range(w.n_lead):
        cells = j.x.data + w.lead[i] + w.start + p.x
        for t in range(w.count):
            if j.x.code == j.work:
                ROWS.gather[j.x.item](to, cells, n, p.cols, run.x, p.aside, NULL, j.x.swap)
            else:
                ROWS.gather[j.x.item](b.raw, cells, n, p.cols, run.x, p.aside, NULL, j.x.swap)
                ROWS.load[j.x.code][j.work](to, b.raw, n * p.cols)
            cells += w.step
            to += j.columns * j.work_size


cdef Py_ssize_t drawn_windows(const Job* j, Bench* b, Places* q, const Window* w, const Place* first, const Run* run,
                              Py_ssize_t col, Py_ssize_t most) noexcept nogil:
    """As many of `most` windows side by side as a block takes, at all places; how many.  They are done when the block is."""
    cdef Place p = first[0]
    cdef Run single
    cdef Py_ssize_t taps = w.n_lead * w.count, done = 0, number = 0, n, i
    p.cols, p.ahead = min(j.columns, most), 0
    if p.cols == 1 and 1 < run.n <= j.columns and 0 < taps <= j.most:
        # one window at each place: then these are side by side
        p.aside, p.y_step, p.index_step, p.state_step, p.advance = run.x, run.y, run.index, run.state, run.ahead
        memset(&single, 0, sizeof(single))
        single.n = 1
        drawn_windows(j, b, q, w, &p, &single, col, run.n)
        return 1
    if p.cols == 1 or not 0 < taps <= j.most:
        for i in range(run.n):
            drawn_window(j, b, w, &p, col)
            step(&p, run, 1)
        return 1
    if j.index.data != NULL:
        number = tap_number(j, b, w, col, 0)
    if q.n > 0 and (q.taps != taps or q.count != w.count or (j.in_window and q.number != number)):
        finish(j, b, q)
    while done < run.n:
        n = min(min(run.n - done, <Py_ssize_t> (MOST_PLACES - q.n)), (j.columns - q.cols) // p.cols)
        if n == 0:
            finish(j, b, q)
            continue
        if q.n == 0:
            q.taps, q.count, q.number = taps, w.count, number + done * run.ahead
            if j.index.data != NULL:
                for i in range(taps):
                    b.at[i] = tap_number(j, b, w, col, i) + done * run.ahead
        p.ahead = number + done * run.ahead - q.number
        load(j, b, w, &p, run, n, b.block + q.cols * j.work_size)
        q.cols += n * p.cols
        done += n
        for i in range(n):
            q.place[q.n] = p
            q.n += 1
            step(&p, run, 1)
    return p.cols


cdef void drawn_rows(const Job* j, Bench* b, Places* q, const Window* window, const Place* row,
                     const Run* rows) noexcept nogil:
    """Some rows of outputs with equally many taps; with lanes one row."""
    cdef Window w = window[0]
    cdef Place p
    cdef Run run = rows[0]
    cdef const Table* last = &j.table[j.rank - 1]
    cdef int end = j.batch + (j.lanes > 0) + j.rank - 1, beside = end if j.lanes == 0 else end - j.rank
    cdef Py_ssize_t x_last = j.x.stride[end], col, end_col, lane
    cdef int part
    p.aside = j.advance * x_last if j.lanes == 0 else j.x.stride[beside]
    p.advance = j.advance if j.lanes == 0 else 0
    p.y_step, p.index_step = j.y.stride[beside], j.index.stride[beside]
    p.state_step = <uint64_t> j.number[beside] * CYPOOL_GOLDEN
    # whole windows first: at the border their cells are then in the cache
    for part in range(3):
        col = j.lo if part == 0 else 0 if part == 1 else j.hi
        end_col = j.hi if part == 0 else j.lo if part == 1 else last.n_out
        while col < end_col:
            w.start, w.count = last.first[col] * x_last, last.count[col]
            p.x, p.y, p.index = 0, row.y + col * j.y.stride[end], row.index + col * j.index.stride[end]
            p.state = row.state + <uint64_t> (col * j.number[end]) * CYPOOL_GOLDEN
            if j.lanes == 0:
                col += drawn_windows(j, b, q, &w, &p, &run, col, j.hi - col if j.lo <= col < j.hi else 1)
                continue
            run.n = 1                # columns of lanes, where the windows are whole
            if j.lo <= col < j.hi:
                run.n = min(max(j.columns // j.lanes, <Py_ssize_t> 1), j.hi - col)
                run.x, run.y, run.index = j.advance * x_last, j.y.stride[end], j.index.stride[end]
                run.state, run.ahead = <uint64_t> j.number[end] * CYPOOL_GOLDEN, 0 if j.in_window else j.advance
            lane = 0
            while lane < j.lanes:
                lane += drawn_windows(j, b, q, &w, &p, &run, col, j.lanes - lane)
                p.x = lane * p.aside
                p.y = row.y + col * j.y.stride[end] + lane * p.y_step
                p.index = row.index + col * j.index.stride[end] + lane * p.index_step
                p.state = row.state + <uint64_t> (col * j.number[end] + lane * j.number[beside]) * CYPOOL_GOLDEN
            col += run.n


cdef Py_ssize_t alike(const Job* j, const Table* table, Py_ssize_t begin, Py_ssize_t end) noexcept nogil:
    """How many outputs of an axis from `begin` on have equally many taps and lie equally far apart."""
    cdef Py_ssize_t n = 1
    while begin + n < end and table.count[begin + n] == table.count[begin] and (
        table.first[begin + n] - table.first[begin] == n * (table.first[begin + 1] - table.first[begin])
    ) and not (j.in_window and table.skip[begin + n] != table.skip[begin]):
        n += 1
    return n


cdef void drawn_unit(Job* j, Bench* b, Py_ssize_t unit) noexcept nogil:
    """Some rows of outputs, `rows` along the last axis but one."""
    cdef Py_ssize_t[MAX_DIM] out
    cdef Py_ssize_t[MAX_DIM] in_plane
    cdef Window w
    cdef Places q
    cdef Place row, first
    cdef Run run
    cdef int lead = j.batch + (j.lanes > 0), second = lead + j.rank - 2, a
    cdef Py_ssize_t x_offset = 0, number = 1, begin = 0, end = 1, at
    first.y, first.index = j.y.data, j.index.data
    in_plane[j.rank - 1] = 1
    for a in range(second, -1, -1):
        if a >= lead:
            in_plane[a - lead] = in_plane[a - lead + 1] * j.table[a - lead + 1].n_in
        if a == second and a >= lead:
            begin = unit % j.groups * j.rows
            end = min(begin + j.rows, j.table[a - lead].n_out)
            unit //= j.groups
            continue
        elif a >= lead:
            at = out[a - lead] = unit % j.table[a - lead].n_out
            unit //= j.table[a - lead].n_out
        elif a < j.batch:
            at = unit % j.extent[a]
            unit //= j.extent[a]
            x_offset += at * j.x.stride[a]
        else:
            continue
        number += at * j.number[a]
        first.y += at * j.y.stride[a]
        first.index += at * j.index.stride[a]
    first.state = j.key + <uint64_t> number * CYPOOL_GOLDEN
    w.lead, w.step = b.lead, j.table[j.rank - 1].step * j.x.stride[second + 1]
    q.n = q.cols = q.taps = q.number = 0
    memset(&run, 0, sizeof(run))
    run.n = 1
    while begin < end:
        row = first
        if j.rank > 1:
            out[j.rank - 2] = begin
            row.y += begin * j.y.stride[second]
            row.index += begin * j.index.stride[second]
            row.state += <uint64_t> (begin * j.number[second]) * CYPOOL_GOLDEN
            run.n = alike(j, &j.table[j.rank - 2], begin, end)
            at = j.table[j.rank - 2].first[begin + 1] - j.table[j.rank - 2].first[begin] if run.n > 1 else 0
            run.x, run.y, run.index = at * j.x.stride[second], j.y.stride[second], j.index.stride[second]
            run.state, run.ahead = <uint64_t> j.number[second] * CYPOOL_GOLDEN, 0 if j.in_window else at * in_plane[j.rank - 2]
        w.n_lead = lead_of(j, out, j.x.stride + lead, x_offset, b.lead)
        if j.index.data != NULL and w.n_lead > 0:
            lead_of(j, out, in_plane, 0, b.lead_at)
            if j.in_window:
                taps_of(j, out, b.lead_tap)
        drawn_rows(j, b, &q, &w, &row, &run)
        begin += run.n
    if q.n > 0:
        finish(j, b, &q)


cdef void give_averages(const Job* j, Bench* b, Py_ssize_t cols, Py_ssize_t taps, const double* g) noexcept nogil:
    """What `cols` windows side by side give, whose cells are in the block, without a NaN."""
    cdef const cypool_drawn_t* drawn = &cypool_drawn[j.work]
    cdef Py_ssize_t pitch = j.columns * j.work_size, i
    cdef double* average = <double*> b.labels
    cdef double* total = <double*> b.found
    drawn.averages(average, total, b.block, pitch, cols, taps)
    drawn.give_averages(b.plane, b.block, pitch, cols, taps, average, total, b.at, j.advance, g)
    for i in range(cols):
        if average[i] == 0:
            drawn.give_average(b.plane + i * j.advance, b.block + i * j.work_size, pitch, b.at, taps, g[i])


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
    cdef Py_ssize_t units = 1, rows
    cdef int a
    set_up(j, EXPECTED if key is None else DRAWN, shape, lanes, tables, terms, programs)
    fill(source, &j.x, x[1], x[2], j, True)
    fill(target, &j.y, out[1], out[2], j, False)
    window, skips, j.in_window = taps
    if j.in_window:              # only then are there few enough to count
        set_taps(j, window, skips)
    if index is not None:
        where = View(index, True)
        fill(where, &j.index, 0, False, j, False)
    if key is not None:
        j.key = <uint64_t> key
    for a in range(j.batch + lanes + j.rank):
        j.number[a] = numbers[a]
    set_types(j)
    j.rows = j.groups = 1
    for a in range(j.batch):
        units *= j.extent[a]
    for a in range(j.rank - 2):
        units *= j.table[a].n_out
    if j.rank > 1:               # short rows share a block
        rows = j.table[j.rank - 2].n_out
        if j.lanes == 0:
            j.rows = max(min(j.columns // max(j.hi - j.lo, <Py_ssize_t> 1), <Py_ssize_t> MOST_PLACES), <Py_ssize_t> 1)
        j.groups = (rows + j.rows - 1) // j.rows
        j.rows = (rows + j.groups - 1) // j.groups if j.groups > 0 else 1
    run(drawn_unit, j, units * j.groups, False, threads)
