# Long windows: a row and a column at a time, at a cost that does not grow with the window.  Included by core.pyx.
#
# Each input row is folded along its columns first: maxima and minima by doubling (the best of 1, 2, 4, ... neighbours), sums
# by two sweeps (sweep.h).  Then rows are folded onto each other in blocks of as many rows as the window has: a window is the
# end of one block and the beginning of the next, so one row for each cell of a block is all that is kept (van Herk 1992;
# Gil and Werman 1993).  Blocks begin at multiples of the window's length whatever the tile and the thread, and any strides and
# lanes take this way, so that a sum has the same bits everywhere.

cdef enum:
    LONG_TAPS = 64               # of a window, from which sums go this way (windows.SMALL_WINDOW)
    LONG_SIDE = 10               # of one side, from which maxima do (measured: 9 taps are as fast one by one)
    LONG_ROW_COLUMNS = 64        # shorter rows are folded tap by tap as long as planes.pxi takes them
    LONG_BYTES = 196608          # of the kept rows
    LONG_COLUMNS = 512
    LONG_LANES = 32
    GROUP = 4                    # rows that are swept side by side

cdef struct LongJob:
    const Window* w
    cypool_sweep_t sweep         # NULL: maxima and minima
    Py_ssize_t taps              # of the leading axis, its stride, padding and cells: 1, 1, 0, 1 where there is none
    Py_ssize_t stride
    Py_ssize_t before
    Py_ssize_t height
    Py_ssize_t rows              # outputs of it
    Py_ssize_t chunk             # output rows of a unit
    Py_ssize_t chunks
    Py_ssize_t pitch             # elements of a padded row
    Py_ssize_t bench_bytes

# One thread's rows.
cdef struct LongBench:
    char* padded                 # GROUP rows, the identity on both sides
    char* one                    # buffers to double in, or the two sweeps
    char* two
    char* group                  # rows folded along their columns
    char* prefix
    char* result
    char* kept
    Py_ssize_t at                # in `group`, and how many are ready there
    Py_ssize_t ready


cdef bint is_long(const Axis* axis) noexcept nogil:
    return axis.window > 2 * axis.reach_stride


cdef bint takes_long_way(const Window* w, const Pooling* p) noexcept nogil:
    """By the geometry alone: regular windows on one or two axes, one of them long in relation to its stride."""
    cdef double taps = 1.0
    cdef Py_ssize_t most = 0
    cdef bint any_long = False
    cdef int a
    if w.rank > 2 or p.adjoint or p.index_kind != NO_INDEX:
        return False
    for a in range(w.rank):
        if not w.axes[a].regular or w.axes[a].reach_length > 1 << 24 or w.axes[a].reach_stride > 1 << 20 or (
                -w.axes[a].reach_origin > 1 << 24):
            return False
        if p.op == SUM and w.axes[a].step != 1:
            return False
        if w.axes[a].step != 1 and a < w.rank - 1:
            return False
        taps *= <double> w.axes[a].window
        if is_long(&w.axes[a]):
            any_long = True
            most = max(most, w.axes[a].window)
    if p.op == SUM:
        return any_long and taps > LONG_TAPS and sweep_of(p) != NULL
    if w.axes[w.rank - 1].n_out < LONG_ROW_COLUMNS and most <= MOST_TAPS:
        return False
    return any_long and most >= LONG_SIDE


cdef cypool_sweep_t sweep_of(const Pooling* p) noexcept nogil:
    if p.work == F64:
        return VECTORS.sweep[0]
    if p.work == U32:
        return VECTORS.sweep[1]
    return VECTORS.sweep[2] if p.work == U64 else NULL


cdef Py_ssize_t long_layout(const LongJob* job, LongBench* b, char* scratch) noexcept nogil:
    """Lay a thread's rows out; returns the bytes needed."""
    cdef const Window* w = job.w
    cdef Py_ssize_t row = (w.tile * w.batch.block * w.work_size + 63) & ~<Py_ssize_t> 63, at = 0
    cdef Py_ssize_t padded = GROUP * job.pitch * w.work_size
    b.padded = scratch
    b.one = scratch + padded
    b.two = scratch + 2 * padded
    at = 3 * padded
    b.group = scratch + at
    at += GROUP * row
    b.prefix = scratch + at
    b.result = scratch + at + row
    b.kept = scratch + at + 2 * row
    return at + 2 * row + job.taps * row


cdef uint64_t long_identity(const LongJob* job) noexcept nogil:
    """The bytes of what changes nothing: an empty window's value, but -0.0 for sums of floats."""
    cdef double minus_zero = -0.0
    cdef uint64_t identity = job.w.empty
    if job.sweep != NULL and job.w.work == F64:
        memcpy(&identity, &minus_zero, 8)
    return identity


cdef void load_padded(const LongJob* job, const Bench* b, char* to, Py_ssize_t y) noexcept nogil:
    """Cells of input row y in the work dtype."""
    cdef const Window* w = job.w
    cdef int last = w.rank - 1
    cdef const Axis* axis = &w.axes[last]
    cdef Py_ssize_t columns = b.x1 - b.x0, n = columns * b.lanes
    cdef const char* at = b.x_plane + (y * w.x.pooled[0] if last > 0 else 0)
    to += (b.x0 - (b.j0 * axis.reach_stride + axis.reach_origin)) * b.lanes * w.work_size
    if not b.x_contiguous:
        w.gather(b.raw if w.load != NULL else to, at, columns, b.lanes, w.x.pooled[last], w.x.lane, NULL, w.x.swap)
        at = b.raw
        if w.load == NULL:
            return
    if w.load != NULL:
        w.load(to, at, n)
    else:
        memcpy(to, at, n * w.work_size)


cdef void fold_by_doubling(const LongJob* job, const Bench* b, const LongBench* rows, char* out,
                           const char* cells) noexcept nogil:
    """The best of each window of a padded row."""
    cdef const Window* w = job.w
    cdef const Axis* axis = &w.axes[w.rank - 1]
    cdef Py_ssize_t size = w.work_size, shift = axis.step * b.lanes, columns = b.j1 - b.j0, m = 1
    cdef Py_ssize_t n = ((columns - 1) * axis.reach_stride + axis.reach_length) * b.lanes
    cdef const char* best = cells
    cdef char* to = rows.one
    while 2 * m <= axis.window:
        n -= m * shift
        w.folds.start2(w.op, to, best, best + m * shift * size, n)
        best = to
        to = rows.two if to == rows.one else rows.one
        m *= 2
    if m < axis.window:
        n -= (axis.window - m) * shift
        w.folds.start2(w.op, to if axis.reach_stride > 1 else out, best, best + (axis.window - m) * shift * size, n)
        if axis.reach_stride == 1:
            return
        best = to
    w.rows.gather[log2_size(w.work_size)](out, best, columns, b.lanes, axis.reach_stride * b.lanes * size, size, NULL, 0)


cdef inline int log2_size(int size) noexcept nogil:
    return 0 if size == 1 else 1 if size == 2 else 2 if size == 4 else 3


cdef void sweep_rows(const LongJob* job, const Bench* b, const LongBench* rows, Py_ssize_t u, Py_ssize_t n) noexcept nogil:
    """Rows u..u+n of the padded plane, summed along their columns, into `group`."""
    cdef const Window* w = job.w
    cdef const Axis* axis = &w.axes[w.rank - 1]
    cdef Py_ssize_t columns = b.j1 - b.j0, row = columns * b.lanes * w.work_size, r, cells = 0
    for r in range(n):
        if 0 <= u + r - job.before < job.height:
            load_padded(job, b, rows.padded + cells * job.pitch * w.work_size, u + r - job.before)
            cells += 1
    # rows with cells are neighbours: sweep them together, then put the padding's rows around them
    job.sweep(rows.group + max(job.before - u, <Py_ssize_t> 0) * row, rows.padded, job.pitch, <int> cells, axis.window,
              axis.reach_stride, b.j0 * axis.reach_stride % axis.window, columns, b.lanes, rows.one, rows.two)
    for r in range(n):
        if not 0 <= u + r - job.before < job.height:
            fill_empty(rows.group + r * row, columns * b.lanes, w.work_size, long_identity(job))


cdef void keep_row(const LongJob* job, const Bench* b, LongBench* rows, Py_ssize_t u, Py_ssize_t t, Py_ssize_t left) noexcept nogil:
    """Row u of the padded plane, folded along its columns, to the kept row t; `left` rows follow in its block."""
    cdef const Window* w = job.w
    cdef Py_ssize_t n = (b.j1 - b.j0) * b.lanes, row = n * w.work_size, y = u - job.before
    cdef char* to = rows.kept + t * row
    if job.sweep != NULL:
        if rows.at == rows.ready:
            rows.ready, rows.at = min(<Py_ssize_t> GROUP, left + 1), 0
            sweep_rows(job, b, rows, u, rows.ready)
        memcpy(to, rows.group + rows.at * row, row)
        rows.at += 1
    elif 0 <= y < job.height:
        load_padded(job, b, rows.padded, y)
        fold_by_doubling(job, b, rows, to, rows.padded)
    else:
        fill_empty(to, n, w.work_size, w.empty)


cdef void put_row(const LongJob* job, Bench* b, const LongBench* rows, Py_ssize_t o, const char* kept, bint both) noexcept nogil:
    """Output row o: the end of one block and, with `both`, the beginning of the next."""
    cdef const Window* w = job.w
    cdef char* out = b.out_plane
    cdef char* folded = rows.result
    cdef double share = 1.0
    cdef Py_ssize_t entry, first
    if w.rank == 2:
        out += o * w.out.pooled[0]
        if w.divide_stored:
            entry = entry_of(&w.axes[0], o, &first)
            share = <double> w.axes[0].share[entry]
    if both:
        if b.out_contiguous and w.mean == NULL and w.store == NULL:
            folded = out
        w.folds.start2(w.op, folded, kept, rows.prefix, (b.j1 - b.j0) * b.lanes)
        kept = folded
    store_row(w, b, kept, out, share, 1)


cdef void long_unit(const LongJob* job, Bench* b, LongBench* rows, Py_ssize_t o0, Py_ssize_t o1) noexcept nogil:
    """Output rows o0..o1 of the tile at hand."""
    cdef const Window* w = job.w
    cdef Py_ssize_t n = (b.j1 - b.j0) * b.lanes, row = n * w.work_size, k = job.taps
    cdef Py_ssize_t o = o0, start = o0 * job.stride // k * k, t
    rows.at = rows.ready = 0
    # the first block, from the first window on
    for t in range(o0 * job.stride - start, k):
        keep_row(job, b, rows, start + t, t, k - 1 - t)
    while True:
        for t in range(k - 2, max(o * job.stride - start, <Py_ssize_t> 0) - 1, -1):
            w.folds.more1(w.op, rows.kept + t * row, rows.kept + (t + 1) * row, n)
        rows.at = rows.ready = 0
        for t in range(k):
            if o * job.stride == start + t:
                put_row(job, b, rows, o, rows.kept + t * row, t > 0)
                o += 1
                if o == o1:
                    return
            # what was kept for t has been used: its place is for the next block's row
            keep_row(job, b, rows, start + k + t, t, k - 1 - t)
            if t == 0:
                memcpy(rows.prefix, rows.kept, row)
            else:
                w.folds.more1(w.op, rows.prefix, rows.kept + t * row, n)
        start += k


cdef void long_rows(void* task, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    """Units begin..end: planes outermost, then blocks of lanes, tiles, chunks of output rows."""
    cdef const LongJob* job = <const LongJob*> task
    cdef const Window* w = job.w
    cdef Bench b
    cdef LongBench rows
    cdef Py_ssize_t unit, rest, chunk
    bench_layout(w, &b, scratch)
    long_layout(job, &rows, scratch + job.bench_bytes)
    for unit in range(begin, end):
        chunk = unit % job.chunks
        rest = unit // job.chunks
        enter_unit(w, &b, rest // (w.tiles * w.batch.blocks), rest // w.tiles % w.batch.blocks, rest % w.tiles)
        # the identity around where cells will be
        fill_empty(rows.padded, GROUP * job.pitch, w.work_size, long_identity(job))
        long_unit(job, &b, &rows, chunk * job.chunk, min((chunk + 1) * job.chunk, job.rows))


cdef int run_long(Window* w, Batch* batch, const Pooling* p, double moved, int num_threads) except -1:
    cdef LongJob job
    cdef LongBench rows
    cdef Bench bench
    cdef const Axis* axis = &w.axes[w.rank - 1]
    cdef const Axis* lead = &w.axes[0]
    cdef Py_ssize_t units, span
    memset(&job, 0, sizeof(job))
    job.w, job.sweep = w, sweep_of(p) if p.op == SUM else NULL
    job.taps = job.stride = job.height = job.rows = 1
    if w.rank == 2:
        job.taps, job.stride, job.before = lead.window, lead.reach_stride, -lead.reach_origin
        job.height, job.rows = lead.n_in, lead.n_out
    batch.block = min(batch.lanes, <Py_ssize_t> LONG_LANES)
    batch.blocks = (batch.lanes + batch.block - 1) // batch.block if batch.lanes > 0 else 0
    w.tile = <Py_ssize_t> LONG_BYTES // (job.taps * batch.block * w.work_size)
    w.tile = max(min(w.tile, <Py_ssize_t> LONG_COLUMNS), <Py_ssize_t> 16 // batch.block + 1)
    w.tiles = (axis.n_out + w.tile - 1) // w.tile
    w.tile = (axis.n_out + w.tiles - 1) // w.tiles if w.tiles > 0 else 1
    span = (w.tile - 1) * axis.reach_stride + axis.reach_length
    w.span, w.at_once = min(span, axis.n_in), 1
    job.pitch = (span * batch.block + 15) & ~<Py_ssize_t> 15
    units = batch.planes * batch.blocks * w.tiles
    # one image is shared out by rows too; each chunk folds one block of rows that its neighbour folds as well
    job.chunks = max(min(<Py_ssize_t> 16 // max(units, <Py_ssize_t> 1), job.rows * job.stride // (4 * job.taps)), <Py_ssize_t> 1)
    job.chunk = (job.rows + job.chunks - 1) // job.chunks
    job.chunks = (job.rows + job.chunk - 1) // job.chunk if job.chunk > 0 else 0
    job.bench_bytes = bench_layout(w, &bench, NULL)
    return run_parallel(long_rows, &job, units * job.chunks, job.bench_bytes + long_layout(&job, &rows, NULL), moved, num_threads)
