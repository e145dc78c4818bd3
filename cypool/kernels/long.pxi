# Long windows: a row and a column at a time, at a cost that does not grow with the window.  Included by core.pyx.
#
# Input rows are folded along their columns first: as many side by side as fill vectors (blocks.h); rows of lanes, and few or
# very long ones, one by one, maxima by doubling (the best of 1, 2, 4, ... neighbours), sums by two sweeps (sweep.h).  With
# indices, values and their places are folded as one number each (placed.h).  Then rows are folded onto each other in blocks
# of as many rows as the window has: a window is the end of one block and the beginning of the next, so one row for each cell
# of a block is all that is kept (van Herk 1992; Gil and Werman 1993).  Blocks begin at multiples of the window's length
# whatever the tile and the thread, and any strides and lanes take this way, so that a sum has the same bits everywhere.

cdef enum:
    LONG_TAPS = 64               # of a window, from which sums go this way (windows.SMALL_WINDOW),
    LONG_SUM_SIDE = 15           # or of one side (windows.SMALL_SIDE)
    LONG_PLACED_TAPS = 36        # from which maxima with indices do (measured: 25 taps are as fast one by one)
    LONG_SIDE = 8                # of one side, from which maxima do (measured: 7 taps are as fast one by one)
    LONG_ROW_COLUMNS = 40        # shorter rows are folded tap by tap as long as planes.pxi takes them
    LONG_BYTES = 131072          # of the kept rows, or four times that where that spares cutting blocks
    LONG_GROUP_BYTES = 32768     # of rows that are folded along their columns side by side: half of the first-level cache
    LONG_BLOCK = 8192            # columns of a block that rows side by side may have
    LONG_LANES = 32
    LONG_GROUP = 32              # bytes of a row that are read at once

cdef struct LongJob:
    const Window* w
    const Folds* folds           # what is folded, and its size
    int size
    const cypool_blocks* blocks  # NULL: rows are folded along their columns one by one
    cypool_sweep_t sweep         # so for sums; NULL: by doubling
    bint sums
    bint narrows                 # sums of float in double, which `down` makes floats again
    cypool_place_t place         # with indices: cells become numbers with their places, whose column has so many bits
    int bits
    int32_t flip
    convert_t load               # of cells to what folding along the columns reads, or NULL
    int cell_size
    bint as_cells                # rows that need no folding along their columns
    int group                    # rows that are folded along their columns at once
    bint planes_are_rows         # one axis: there is nothing to fold down
    Py_ssize_t taps              # of the leading axis, its stride, padding and cells: 1, 1, 0, 1 where there is none
    Py_ssize_t stride
    Py_ssize_t before
    Py_ssize_t height
    Py_ssize_t rows              # outputs of it
    Py_ssize_t chunk             # output rows of a unit
    Py_ssize_t chunks
    Py_ssize_t pitch             # elements of a padded row,
    Py_ssize_t columns           # and of one that is folded along its columns
    Py_ssize_t bench_bytes

# Rows of one block, one after the other: each gives a row of windows with the prefix, if it `emits`, and the next block's row
# joins it and is kept, if there is one.
cdef struct Step:
    Py_ssize_t rows
    bint emits
    const char* ends             # from a row of the block on to the block's last; one that stays, where there is none
    bint ends_move
    char* kept                   # NULL: no next row
    const char* next

# One thread's rows.
cdef struct LongBench:
    char* padded                 # rows of cells, the identity on both sides
    char* one                    # what folding along the columns needs: buffers to double in, two sweeps, ends of blocks
    char* two
    char* group                  # rows folded along their columns
    char* nothing                # a row of the identity
    char* prefix
    char* result
    double* factors              # of sums that are wider than the result: 1 / divisor,
    double share                 # for rows of this share; -1: not yet known
    int32_t* places              # of a row of results with indices
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
    if w.rank > 2 or w.divide_loaded:
        return False
    for a in range(w.rank):
        if not w.axes[a].regular or w.axes[a].reach_length > 1 << 24 or w.axes[a].reach_stride > 1 << 20 or (
                -w.axes[a].reach_origin > 1 << 24):
            return False
        if w.axes[a].step != 1 and (p.op == SUM or a < w.rank - 1 or p.index_kind > PLANE):
            return False
        taps *= <double> w.axes[a].window
        if is_long(&w.axes[a]):
            any_long = True
            most = max(most, w.axes[a].window)
    if p.op == SUM:
        return any_long and (taps > LONG_TAPS or most > LONG_SUM_SIDE) and sweep_of(p) != NULL
    if p.index_kind != NO_INDEX:             # others go by winners.pxi
        return (any_long and (taps > LONG_PLACED_TAPS or most > CYPOOL_WINNERS_ROWS) and VECTORS.place[p.storage] != NULL
                and place_bits(w) >= 0)
    if w.axes[w.rank - 1].n_out < LONG_ROW_COLUMNS and most <= MOST_TAPS:
        return False
    return any_long and most >= LONG_SIDE


cdef int place_bits(const Window* w) noexcept nogil:
    """How many bits a cell's column takes, if row and column fit 31; otherwise -1."""
    cdef int bits = 0
    while bits < 31 and w.axes[w.rank - 1].n_in > <Py_ssize_t> 1 << bits:
        bits += 1
    if w.axes[w.rank - 1].n_in > <Py_ssize_t> 1 << bits or w.rank == 2 and w.axes[0].n_in > <Py_ssize_t> 1 << (31 - bits):
        return -1
    return bits


cdef cypool_sweep_t sweep_of(const Pooling* p) noexcept nogil:
    if p.work == F64:
        return VECTORS.sweep[0]
    if p.work == U32:
        return VECTORS.sweep[1]
    return VECTORS.sweep[2] if p.work == U64 else NULL


cdef Py_ssize_t long_layout(const LongJob* job, LongBench* b, char* scratch) noexcept nogil:
    """Lay a thread's rows out; returns the bytes needed."""
    cdef Py_ssize_t size = job.size, row = job.columns * size, padded = job.pitch * size, at
    b.padded = scratch + CYPOOL_BLOCKS_MARGIN
    at = job.group * padded + CYPOOL_BLOCKS_MARGIN
    b.one, b.two = scratch + at, scratch + at + padded
    at += (2 if job.blocks == NULL else job.group) * padded
    b.group = scratch + at
    at += (1 if job.blocks == NULL else 2 * job.group) * row
    b.nothing, b.prefix, b.result = scratch + at, scratch + at + row, scratch + at + 2 * row
    at += (2 + job.group) * row
    b.factors, b.places = <double*> (scratch + at), <int32_t*> (scratch + at)
    at += long_pitch(job.columns, 8) * 8
    b.kept = scratch + at
    return at + job.taps * row


cdef void fill_identity(const LongJob* job, char* cells, Py_ssize_t n, int size) noexcept nogil:
    """What changes nothing: an empty window's value, but -0.0 for sums of floats."""
    cdef double wide = -0.0
    cdef float narrow = -0.0
    cdef uint64_t identity = job.folds.empty
    if job.sums and job.w.work == F64:
        memcpy(&identity, &wide, 8)
        if size == 4:
            memcpy(&identity, &narrow, 4)
    fill_empty(cells, n, size, identity)


cdef inline const char* long_row(const LongJob* job, const Bench* b, Py_ssize_t y) noexcept nogil:
    """Row y of the plane, or of all planes one behind the other."""
    if job.planes_are_rows:
        return b.x_plane + plane_offset(job.w.batch, job.w.x, y)
    return b.x_plane + y * job.w.x.pooled[0]


cdef void load_padded(const LongJob* job, const Bench* b, char* to, Py_ssize_t y) noexcept nogil:
    """Cells of input row y in the work dtype."""
    cdef const Window* w = job.w
    cdef int last = w.rank - 1
    cdef const Axis* axis = &w.axes[last]
    cdef Py_ssize_t columns = b.x1 - b.x0, n = columns * b.lanes
    cdef const char* at = long_row(job, b, y)
    cdef bint as_it_is = job.load == NULL and job.place == NULL
    to += (b.x0 - (b.j0 * axis.reach_stride + axis.reach_origin)) * b.lanes * job.cell_size
    if not b.x_contiguous:
        w.gather(to if as_it_is else b.raw, at, columns, b.lanes, w.x.pooled[last], w.x.lane, NULL, w.x.swap)
        at = b.raw
        if as_it_is:
            return
    if job.place != NULL:
        job.place(<int64_t*> to, at, columns, b.lanes, <int32_t> ((0 if job.planes_are_rows else y << job.bits) + b.x0), job.flip)
    elif job.load != NULL:
        job.load(to, at, n)
    else:
        memcpy(to, at, n * job.cell_size)


cdef void fold_by_doubling(const LongJob* job, const Bench* b, const LongBench* rows, char* out,
                           const char* cells) noexcept nogil:
    """The best of each window of a padded row."""
    cdef const Window* w = job.w
    cdef const Axis* axis = &w.axes[w.rank - 1]
    cdef Py_ssize_t size = job.size, shift = axis.step * b.lanes, columns = b.j1 - b.j0, m = 1
    cdef Py_ssize_t n = ((columns - 1) * axis.reach_stride + axis.reach_length) * b.lanes
    cdef const char* best = cells
    cdef char* to = rows.one
    while 2 * m <= axis.window:
        n -= m * shift
        job.folds.start2(w.op, to, best, best + m * shift * size, n)
        best = to
        to = rows.two if to == rows.one else rows.one
        m *= 2
    if m < axis.window:
        n -= (axis.window - m) * shift
        job.folds.start2(w.op, to if axis.reach_stride > 1 else out, best, best + (axis.window - m) * shift * size, n)
        if axis.reach_stride == 1:
            return
        best = to
    w.rows.gather[log2_size(job.size)](out, best, columns, b.lanes, axis.reach_stride * b.lanes * size, size, NULL, 0)


cdef inline int log2_size(int size) noexcept nogil:
    return 0 if size == 1 else 1 if size == 2 else 2 if size == 4 else 3


cdef inline bint in_place(const LongJob* job, const Bench* b, int n) noexcept nogil:
    """Whether folding reads all cells of a group where they are."""
    return (n == job.group and job.blocks != NULL and job.load == NULL and job.place == NULL and b.x_contiguous
            and not job.planes_are_rows and job.w.x.pooled[0] % job.cell_size == 0 and (b.x1 - b.x0) * job.cell_size >= LONG_GROUP)


cdef void fold_group(const LongJob* job, const Bench* b, const LongBench* rows, Py_ssize_t y, int n) noexcept nogil:
    """Input rows y..y+n, folded along their columns, into `group`."""
    cdef const Window* w = job.w
    cdef const Axis* axis = &w.axes[w.rank - 1]
    cdef Py_ssize_t columns = b.j1 - b.j0, first = b.j0 * axis.reach_stride, pitch = job.pitch
    cdef Py_ssize_t phase = first % axis.window, begin = b.x0 - first - axis.reach_origin, end = begin + b.x1 - b.x0
    cdef const char* cells = rows.padded
    cdef int r
    if job.as_cells:
        for r in range(n):
            load_padded(job, b, rows.group + r * job.columns * job.size, y + r)
        return
    if in_place(job, b, n):
        cells, pitch = long_row(job, b, y) - begin * job.cell_size, w.x.pooled[0] // job.cell_size
    else:
        begin, end = 0, pitch                # what is padded is there
        for r in range(n):
            load_padded(job, b, rows.padded + r * pitch * job.cell_size, y + r)
    if job.blocks != NULL:
        job.blocks.across(rows.group, job.columns, cells, pitch, begin, end, axis.window, axis.reach_stride,
                          phase, columns, rows.one)
    elif job.sweep != NULL:
        job.sweep(rows.group, cells, axis.window, axis.reach_stride, phase, columns, b.lanes, rows.one, rows.two)
    else:
        fold_by_doubling(job, b, rows, rows.group, cells)


cdef inline Py_ssize_t waiting_rows(const LongJob* job, const LongBench* rows, Py_ssize_t y) noexcept nogil:
    """How many rows from y on `folded_row` has at once."""
    return rows.ready - rows.at if rows.at < rows.ready else min(<Py_ssize_t> job.group, job.height - y)


cdef const char* folded_row(const LongJob* job, const Bench* b, LongBench* rows, Py_ssize_t y, Py_ssize_t n) noexcept nogil:
    """Input rows y..y+n, folded along their columns; rows are asked for one after the other."""
    if rows.at == rows.ready:
        rows.at, rows.ready = 0, min(<Py_ssize_t> job.group, job.height - y)
        fold_group(job, b, rows, y, <int> rows.ready)
    for y in range(y, min(y + n, job.height - job.group)):     # the next group comes to the cache a row at a time
        cypool_prefetch(long_row(job, b, y + job.group), (b.x1 - b.x0) * b.lanes << job.w.x.item)
    rows.at += n
    return rows.group + (rows.at - n) * job.columns * job.size


cdef inline char* out_row(const LongJob* job, const Bench* b, Py_ssize_t o) noexcept nogil:
    if job.planes_are_rows:
        return b.out_plane + plane_offset(job.w.batch, job.w.out, o)
    return b.out_plane + o * job.w.out.pooled[0]


cdef double row_share(const LongJob* job, Py_ssize_t o) noexcept nogil:
    cdef Py_ssize_t first
    if job.w.rank == 2 and job.w.divide_stored:
        return <double> job.w.axes[0].share[entry_of(&job.w.axes[0], o, &first)]
    return 1.0


cdef void put_row(const LongJob* job, Bench* b, const LongBench* rows, Py_ssize_t o, const char* folded) noexcept nogil:
    if job.place != NULL:
        put_placed(job, b, rows, o, folded)
    else:
        store_row(job.w, b, folded, out_row(job, b, o), row_share(job, o), 1)


cdef void put_placed(const LongJob* job, Bench* b, const LongBench* rows, Py_ssize_t o, const char* folded) noexcept nogil:
    """Values and indices of an output row."""
    cdef const Window* w = job.w
    cdef int last = w.rank - 1
    cdef const Axis* axis = &w.axes[last]
    cdef Py_ssize_t columns = b.j1 - b.j0, row_scale = axis.extent, first = 0, stride = 0
    cdef char* index = b.index_plane
    cdef char* values = out_row(job, b, o) if b.out_contiguous else b.stored
    cdef char* target
    VECTORS.unplace[w.storage](values, rows.places, <const int64_t*> folded, columns * b.lanes, job.flip)
    if not b.out_contiguous:
        w.spread(out_row(job, b, o), values, columns, b.lanes, w.out.pooled[last], w.out.lane, w.out.swap)
    index += plane_offset(w.batch, w.index, o) if job.planes_are_rows else o * w.index.pooled[0]
    target = index if b.index_contiguous else b.index
    if w.index_kind != PLANE:
        row_scale, stride = axis.window, axis.reach_stride
        first = (0 if job.planes_are_rows else (o * job.stride - job.before) * row_scale) + b.j0 * stride + axis.reach_origin
    VECTORS.number[w.index_kind](target, rows.places, columns, b.lanes, job.bits, <uint32_t> row_scale, <uint32_t> first,
                                 <uint32_t> stride)
    if not b.index_contiguous:
        w.spread_index(index, target, columns, b.lanes, w.index.pooled[last], w.index.lane, w.index.swap)


cdef void fill_factors(const LongJob* job, const Bench* b, LongBench* rows, double share) noexcept nogil:
    """As mean_double_float divides."""
    cdef const Window* w = job.w
    cdef Py_ssize_t j
    for j in range(b.j1 - b.j0):
        if w.mean == NULL:
            rows.factors[j] = 1.0
        elif not w.divide_stored:
            rows.factors[j] = 1.0 / w.divisor
        elif b.shares_same:
            rows.factors[j] = 1.0 / (w.divisor * share * b.shares[0])
        else:
            rows.factors[j] = 1.0 / (w.divisor * share * b.shares[j])
    rows.share = share


cdef inline Py_ssize_t clip(Py_ssize_t n, Py_ssize_t most) noexcept nogil:
    return max(<Py_ssize_t> 0, min(n, most))


cdef void step_down(const LongJob* job, Bench* b, LongBench* rows, const Step* step, Py_ssize_t o) noexcept nogil:
    """Output rows from o on, as many as the step has, or none; and its next rows join the prefix."""
    cdef const Window* w = job.w
    cdef Py_ssize_t n = (b.j1 - b.j0) * b.lanes, row = job.columns * job.size, out_pitch = job.columns * job.size, r
    cdef bint direct = b.out_contiguous and job.place == NULL and (job.narrows or (w.mean == NULL and w.store == NULL))
    cdef int item = 4 if job.narrows else job.size
    cdef char* to = rows.result
    if direct:
        out_pitch, to = w.out.pooled[0], out_row(job, b, o)
    if job.narrows and step.emits and rows.share != row_share(job, o):
        fill_factors(job, b, rows, row_share(job, o))
    if job.blocks != NULL:
        job.blocks.down(to if step.emits else NULL, out_pitch // item, step.ends, job.columns if step.ends_move else 0, step.kept,
                        job.columns, rows.prefix, step.next, job.columns if step.kept != NULL else 0, step.rows, n, rows.factors)
    else:                        # one row
        if step.emits:
            job.folds.start2(w.op, to, step.ends, rows.prefix, n)
        if step.kept != NULL:
            job.folds.more1(w.op, rows.prefix, step.next, n)
            memcpy(step.kept, step.next, n * job.size)
    if direct or not step.emits:
        return
    for r in range(step.rows):
        if job.narrows:
            w.spread(out_row(job, b, o + r), to + r * row, n, 1, w.out.pooled[w.rank - 1], w.out.lane, w.out.swap)
        else:
            put_row(job, b, rows, o + r, to + r * row)


cdef void fold_up(const LongJob* job, const Bench* b, const LongBench* rows, Py_ssize_t first, Py_ssize_t end) noexcept nogil:
    """Each of the kept rows first..end becomes all from it to the last."""
    cdef const Window* w = job.w
    cdef Py_ssize_t n = (b.j1 - b.j0) * b.lanes, row = job.columns * job.size, t
    if first >= end:
        return
    if job.blocks != NULL:
        job.blocks.up(rows.kept, job.columns, first, end - 1, n)
        return
    for t in range(end - 2, first - 1, -1):
        job.folds.more1(w.op, rows.kept + t * row, rows.kept + (t + 1) * row, n)


cdef inline void end_at(Step* step, Py_ssize_t t, Py_ssize_t border) noexcept nogil:
    """A step ends where anything changes."""
    if t < border < t + step.rows:
        step.rows = border - t


cdef void long_unit(const LongJob* job, Bench* b, LongBench* rows, Py_ssize_t o0, Py_ssize_t o1) noexcept nogil:
    """Output rows o0..o1 of the tile at hand.  Rows count from the first window's first one, padding included; of a block that
    begins at `start` the kept rows low..high have cells, and next_low..next_high of the next block."""
    cdef Py_ssize_t n = (b.j1 - b.j0) * b.lanes * job.size, row = job.columns * job.size, k = job.taps
    cdef Py_ssize_t o = o0, start = o0 * job.stride // k * k, end = job.before + job.height, t, low, high, next_low, next_high
    cdef Step step
    rows.at = rows.ready = 0
    if k == 1:
        for o in range(o0, o1):
            if job.stride > 1:
                rows.at = rows.ready = 0
            put_row(job, b, rows, o, folded_row(job, b, rows, o * job.stride - job.before, 1))
        return
    for t in range(max(o0 * job.stride, job.before), min(start + k, end)):
        memcpy(rows.kept + (t - start) * row, folded_row(job, b, rows, t - job.before, 1), n)
    while True:
        low, high = clip(job.before - start, k), clip(end - start, k)
        next_low, next_high = clip(job.before - start - k, k), clip(end - start - k, k)
        fold_up(job, b, rows, max(o * job.stride - start, low), high)
        memcpy(rows.prefix, rows.nothing, n)
        t = 0
        while t < k:
            step.emits = o * job.stride == start + t
            step.rows = k - t if job.blocks != NULL else 1
            end_at(&step, t, o * job.stride - start)
            end_at(&step, t, low)
            end_at(&step, t, high)
            end_at(&step, t, next_low)
            end_at(&step, t, next_high)
            if step.emits:
                step.rows = min(min(step.rows, <Py_ssize_t> job.group), o1 - o) if job.stride == 1 else 1
            step.ends = rows.kept + max(t, low) * row if max(t, low) < high else rows.nothing
            step.ends_move = low <= t < high
            step.kept, step.next = NULL, rows.nothing
            if next_low <= t < next_high and not (step.emits and o + 1 == o1):
                if step.emits:
                    end_at(&step, t, t + o1 - o - 1)      # behind the last one nothing is needed
                step.kept = rows.kept + t * row
                end_at(&step, t, t + waiting_rows(job, rows, start + k + t - job.before))
                step.next = folded_row(job, b, rows, start + k + t - job.before, step.rows)
            if step.emits or step.kept != NULL:
                step_down(job, b, rows, &step, o)
            if step.emits:
                o += step.rows
                if o == o1:
                    return
            t += step.rows
        start += k


cdef void long_rows(void* task, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    """Units begin..end: planes outermost, then blocks of lanes, tiles, chunks of output rows."""
    cdef const LongJob* job = <const LongJob*> task
    cdef const Window* w = job.w
    cdef Bench b
    cdef LongBench rows
    cdef Py_ssize_t unit, rest, chunk, tile = -1
    bench_layout(w, &b, scratch)
    long_layout(job, &rows, scratch + job.bench_bytes)
    memset(scratch + job.bench_bytes, 0, rows.kept - (scratch + job.bench_bytes))    # what is computed and not used is read, too
    for unit in range(begin, end):
        chunk = unit % job.chunks
        rest = unit // job.chunks
        enter_unit(w, &b, rest // (w.tiles * w.batch.blocks), rest // w.tiles % w.batch.blocks, rest % w.tiles)
        if rest % (w.tiles * w.batch.blocks) != tile:     # the identity around where cells will be
            tile = rest % (w.tiles * w.batch.blocks)
            fill_identity(job, rows.padded, job.group * job.pitch, job.cell_size)
            fill_identity(job, rows.nothing, job.columns, job.size)
            rows.share = -1.0
        long_unit(job, &b, &rows, chunk * job.chunk, min((chunk + 1) * job.chunk, job.rows))


cdef Py_ssize_t long_tile(const LongJob* job, const Axis* axis, Py_ssize_t block) noexcept nogil:
    """Columns that are folded down at once: as many as can be kept, but equal parts of a block that is longer, because a tile
    that begins or ends inside a block reads the rest of the block as well.  It is cut when four times the memory would not do."""
    cdef Py_ssize_t column = block * job.size, least = 16 // block + 1, whole = axis.window // axis.reach_stride, parts
    cdef Py_ssize_t kept = LONG_BYTES // (job.taps * column), tile
    if kept < whole:
        kept = min(4 * kept, whole + whole // 8)
    tile = max(min(kept, max(LONG_GROUP_BYTES // (job.group * column), whole)), least)
    if tile < whole:
        parts = (whole + tile - 1) // tile
        return max((whole + parts - 1) // parts, least)
    parts = (axis.n_out + tile - 1) // tile
    return (axis.n_out + parts - 1) // parts if parts > 0 else 1


cdef int run_long(Window* w, Batch* batch, const Pooling* p, double moved, Supply* supply) noexcept nogil:
    cdef LongJob job
    cdef LongBench rows
    cdef Bench bench
    cdef const Axis* axis = &w.axes[w.rank - 1]
    cdef const Axis* lead = &w.axes[0]
    cdef const cypool_blocks* blocks
    cdef Py_ssize_t units, span, planes = batch.planes
    memset(&job, 0, sizeof(job))
    job.w, job.sums = w, p.op == SUM
    job.load, job.size = w.load, w.work_size
    job.folds = w.folds
    blocks = &VECTORS.blocks[p.op][p.work]
    if p.index_kind != NO_INDEX:
        job.load, job.size = NULL, 8
        job.folds = &ROWS.fold[MAX][I64]
        blocks = &VECTORS.blocks[MAX][I64]
        job.place, job.bits, job.flip = VECTORS.place[p.storage], place_bits(w), -1 if p.op == MIN else 0
    job.cell_size = job.size
    # a few rows would not fill vectors side by side, and very long blocks would not stay in the cache
    if (batch.lanes == 1 and axis.step == 1 and blocks.across != NULL and axis.window <= LONG_BLOCK
            and 2 * (lead.n_in if w.rank == 2 else planes) >= blocks.rows):
        job.blocks = blocks
        if job.sums and p.storage == F32 and p.work == F64 and axis.window > 1:
            job.blocks = &VECTORS.blocks[SUM][F32]
            job.load, job.cell_size, job.narrows = NULL, 4, True
    elif job.sums:
        job.sweep = sweep_of(p)
    job.group = 1 if job.blocks == NULL else job.blocks.rows
    job.as_cells = axis.window == 1 and axis.reach_stride == 1
    job.taps = job.stride = 1
    if w.rank == 2:
        job.taps, job.stride, job.before = lead.window, lead.reach_stride, -lead.reach_origin
        job.height, job.rows = lead.n_in, lead.n_out
    else:
        job.planes_are_rows = True
        job.height = job.rows = planes
        planes = min(planes, <Py_ssize_t> 1)
    batch.block = min(batch.lanes, <Py_ssize_t> LONG_LANES)
    batch.blocks = (batch.lanes + batch.block - 1) // batch.block if batch.lanes > 0 else 0
    w.tile = long_tile(&job, axis, batch.block)
    w.tiles = (axis.n_out + w.tile - 1) // w.tile
    span = (w.tile - 1) * axis.reach_stride + axis.reach_length
    w.span, w.at_once = min(span, axis.n_in), 1
    job.pitch = long_pitch(span * batch.block, job.size)
    job.columns = long_pitch(w.tile * batch.block, job.size)
    units = planes * batch.blocks * w.tiles
    # few units are shared out by rows too; each chunk folds a block of rows that its neighbour folds as well
    job.chunks = 1
    if choose_threads(supply.num_threads) > 1 or supply.measures:
        job.chunks = max(min(<Py_ssize_t> 16 // max(units, <Py_ssize_t> 1), job.rows * job.stride // (4 * job.taps)),
                         <Py_ssize_t> 1)
    job.chunk = (job.rows + job.chunks - 1) // job.chunks
    job.chunks = (job.rows + job.chunk - 1) // job.chunk if job.chunk > 0 else 0
    job.bench_bytes = bench_layout(w, &bench, NULL)
    return run_parallel(long_rows, &job, units * job.chunks, job.bench_bytes + long_layout(&job, &rows, NULL), moved, supply)


cdef inline Py_ssize_t long_pitch(Py_ssize_t n, int size) noexcept nogil:
    """Elements from one row to the next: a margin, whole lines, and no power of two, whose rows would share their places in
    the cache."""
    cdef Py_ssize_t lines = (n * size + 2 * CYPOOL_BLOCKS_MARGIN + 63) // 64
    return (lines | 1) * 64 // size
