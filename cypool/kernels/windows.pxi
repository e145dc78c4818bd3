# The row pipeline: windowed sums, maxima and minima, with and without indices.  Included by core.pyx.
#
# For each output row: find the input rows of its leading taps, bring each to a contiguous row in the work dtype (or
# use it where it lies), fold them onto each other, fold the result across its columns, store.  Rows that the next
# window needs again stay in a few slots.  A gradient of a windowed sum is this pipeline with transposed tables, and the
# divisor applied to what is loaded.

cdef struct Window:
    const Rows* rows
    const Folds* folds
    void* op
    int rank
    const Axis* axes
    const Axis* shares           # the axes whose `share` divides what is loaded (adjoint) or stored
    const Batch* batch
    const Side* x
    const Side* out
    const Side* index
    int storage                  # dtype codes
    int out_storage
    int work
    int work_size
    int index_kind
    int linear                   # indices are linear in the taps' ordinals and fit 32 bits
    int divide_loaded
    int divide_stored
    int rounding
    double divisor
    uint64_t empty
    Py_ssize_t tile              # output columns of a unit
    Py_ssize_t tiles
    Py_ssize_t leading           # output rows of one plane and tile
    Py_ssize_t span              # most cells of a tile
    Py_ssize_t at_once           # output rows that may be folded in one go, 1 where rows do not join
    convert_t load
    convert_t store
    mean_t mean
    gather_t gather
    spread_t spread
    spread_t spread_index
    int streams                  # results go past the cache, a row or several at a time
    int phased                   # planes of a gradient whose rows are made phase by phase
    cypool_planes_t planes              # where whole planes go in one call (planes.pxi), or NULL
    cypool_winners_t winners            # the same with indices (winners.pxi)

# One thread's rows.  All pointers go into its scratch.
cdef struct Bench:
    char* slot[SLOTS]
    const char* held[SLOTS]      # which input row a slot holds,
    double divided[SLOTS]        # by what it is divided: one row may stand for several
    int next_slot
    char* raw
    char* plain
    char* acc
    char* folded
    char* halving
    char* stored
    double* shares
    char* row                    # ordinals: of the leading tap,
    char* row_out                # the same after the fold across, and of the last axis' tap
    char* tap_out
    char* index
    int32_t* column              # what a column adds to linear indices
    bint shares_same
    # the unit at hand
    Py_ssize_t plane
    Py_ssize_t block
    Py_ssize_t tile
    Py_ssize_t lanes
    Py_ssize_t j0
    Py_ssize_t j1
    Py_ssize_t x0
    Py_ssize_t x1
    const char* x_plane
    char* out_plane
    char* index_plane
    bint joins
    bint x_direct
    bint x_contiguous
    bint out_contiguous
    bint index_contiguous


cdef Py_ssize_t bench_layout(const Window* w, Bench* bench, char* scratch) noexcept nogil:
    """Lay a thread's rows out; returns the bytes needed (call it with NULL to ask)."""
    cdef Py_ssize_t at = 0, k
    cdef Py_ssize_t cells = max(w.span, <Py_ssize_t> 1) * w.batch.block * w.at_once
    cdef Py_ssize_t columns = w.tile * w.batch.block * w.at_once
    cdef Py_ssize_t widest = max(cells, columns)
    cdef Py_ssize_t wide = (cells * 8 + 63) & ~<Py_ssize_t> 63, narrow = (columns * 8 + 63) & ~<Py_ssize_t> 63
    cdef Py_ssize_t longest = max(wide, narrow)
    for k in range(SLOTS):
        bench.slot[k] = scratch + at
        bench.held[k] = NULL
        at += wide
    bench.raw = scratch + at
    at += wide
    bench.plain = scratch + at
    at += wide
    bench.acc = scratch + at
    at += wide
    bench.halving = scratch + at
    at += longest
    bench.folded = scratch + at
    at += narrow
    bench.stored = scratch + at
    at += narrow
    bench.shares = <double*> (scratch + at)
    at += (max(w.span, w.tile) * 8 + 63) & ~<Py_ssize_t> 63
    if w.index_kind != NO_INDEX:
        bench.row = scratch + at
        at += wide
        bench.row_out = scratch + at
        at += narrow
        bench.tap_out = scratch + at
        at += narrow
        bench.index = scratch + at
        at += narrow
        bench.column = <int32_t*> (scratch + at)
        at += (w.tile * 4 + 63) & ~<Py_ssize_t> 63
    bench.next_slot = 0
    bench.plane = bench.block = bench.tile = -1
    return at


cdef inline bint contiguous(const Side* side, int last, Py_ssize_t lanes, Py_ssize_t columns) noexcept nogil:
    """Whether a row of this array is one run of aligned native elements."""
    cdef Py_ssize_t size = <Py_ssize_t> 1 << side.item
    if not side.aligned or side.swap:
        return False
    return (lanes == 1 or side.lane == size) and (columns <= 1 or side.pooled[last] == lanes * size)


cdef void enter_unit(const Window* w, Bench* b, Py_ssize_t plane, Py_ssize_t block, Py_ssize_t tile) noexcept nogil:
    """Plane, block of lanes, tile of columns: everything that stays the same over its rows."""
    cdef int last = w.rank - 1
    cdef Py_ssize_t lane0 = block * w.batch.block, k, j, entry, first
    cdef bint fresh = tile != b.tile or block != b.block
    b.plane, b.block, b.tile = plane, block, tile
    b.lanes = min(w.batch.block, w.batch.lanes - lane0)
    if fresh:
        b.j0 = tile * w.tile
        b.j1 = min(b.j0 + w.tile, w.axes[last].n_out)
        span_of(&w.axes[last], b.j0, b.j1, &b.x0, &b.x1)
        if b.x1 <= b.x0:
            b.x0, b.x1 = 0, 0
        b.shares_same = True
        if w.divide_stored:
            b.shares_same = fill_shares(&w.shares[last], b.j0, b.j1, b.shares)
        elif w.divide_loaded:
            b.shares_same = fill_shares(&w.shares[last], b.x0, b.x1, b.shares)
        b.x_contiguous = contiguous(w.x, last, b.lanes, b.x1 - b.x0) and w.axes[last].source == NULL
        b.x_direct = b.x_contiguous and w.load == NULL and not w.divide_loaded
        b.out_contiguous = contiguous(w.out, last, b.lanes, b.j1 - b.j0)
        b.joins = (w.at_once > 1 and b.x_direct and b.out_contiguous and b.shares_same
                   and b.x1 - b.x0 == w.axes[last].advance * w.axes[last].n_out
                   and (b.lanes == 1 or w.axes[last].advance == 1)
                   and w.out.pooled[0] == (b.j1 - b.j0) * b.lanes << w.out.item)
        if w.index_kind != NO_INDEX:
            b.index_contiguous = contiguous(w.index, last, b.lanes, b.j1 - b.j0)
        if w.linear:
            for j in range(b.j0, b.j1):
                entry = entry_of(&w.axes[last], j, &first)
                b.column[j - b.j0] = <int32_t> (first if w.index_kind == PLANE else w.axes[last].skip[entry])
    for k in range(SLOTS):
        b.held[k] = NULL
    b.x_plane = w.x.data + plane_offset(w.batch, w.x, plane) + lane0 * w.x.lane
    if w.axes[last].source == NULL:
        b.x_plane += b.x0 * w.x.pooled[last]
    b.out_plane = w.out.data + plane_offset(w.batch, w.out, plane) + lane0 * w.out.lane + b.j0 * w.out.pooled[last]
    if w.index_kind != NO_INDEX:
        b.index_plane = (w.index.data + plane_offset(w.batch, w.index, plane) + lane0 * w.index.lane
                         + b.j0 * w.index.pooled[last])


cdef const char* fetch(const Window* w, Bench* b, Py_ssize_t offset, double divisor, int* used) noexcept nogil:
    """One input row, contiguous and in the work dtype.  `used` marks the slots that the caller still needs."""
    cdef int last = w.rank - 1, k
    cdef const char* at = b.x_plane + offset
    cdef Py_ssize_t columns = b.x1 - b.x0, n = columns * b.lanes
    cdef const char* raw
    cdef const Py_ssize_t* source
    cdef char* slot
    cdef char* target
    if b.x_direct:
        return at
    for k in range(SLOTS):
        if b.held[k] == at and b.divided[k] == divisor:
            used[0] |= 1 << k
            return b.slot[k]
    while used[0] >> b.next_slot & 1:
        b.next_slot = (b.next_slot + 1) % SLOTS
    k = b.next_slot
    b.next_slot = (k + 1) % SLOTS
    used[0] |= 1 << k
    b.held[k], b.divided[k] = at, divisor
    slot = b.slot[k]
    raw = at
    if not b.x_contiguous:
        target = slot if w.load == NULL and not w.divide_loaded else b.raw
        source = w.axes[last].source
        w.gather(target, at, columns, b.lanes, w.x.pooled[last], w.x.lane, source if source == NULL else source + b.x0,
                 w.x.swap)
        raw = target
    if w.load != NULL:
        target = b.plain if w.divide_loaded else slot
        w.load(target, raw, n)
        raw = target
    if w.divide_loaded:
        if b.shares_same:
            w.rows.divide[w.work](slot, raw, columns, b.lanes, divisor * b.shares[0], NULL, 0)
        else:
            w.rows.divide[w.work](slot, raw, columns, b.lanes, divisor, b.shares, 0)
    return slot


# The leading taps of one output row, in row-major order: an odometer over the tables of all axes but the last.
cdef struct Taps:
    Py_ssize_t first[MAX_DIM]
    Py_ssize_t count[MAX_DIM]
    Py_ssize_t skip[MAX_DIM]
    Py_ssize_t at[MAX_DIM]
    Py_ssize_t total
    const char* row              # where rows are used as they lie on one leading axis: the next, and the way to it
    Py_ssize_t stride
    double share


cdef inline void aim(const Window* w, const Bench* b, Taps* taps, const Py_ssize_t* o) noexcept nogil:
    cdef int a
    cdef Py_ssize_t entry, first
    taps.row = NULL
    taps.total = 1
    taps.share = 1.0
    for a in range(w.rank - 1):
        entry = entry_of(&w.axes[a], o[a], &first)
        taps.first[a] = first
        taps.count[a] = w.axes[a].count[entry]
        taps.skip[a] = w.axes[a].skip[entry]
        taps.at[a] = 0
        taps.total *= taps.count[a]
        if w.divide_stored:
            taps.share *= <double> w.axes[a].share[entry]
    if b.x_direct and w.rank == 2 and w.axes[0].source == NULL:
        taps.row = b.x_plane + taps.first[0] * w.x.pooled[0]
        taps.stride = w.axes[0].step * w.x.pooled[0] if taps.total > 1 else 0


cdef const char* find_row(const Window* w, Bench* b, Taps* taps, int* used) noexcept nogil:
    cdef int a
    cdef Py_ssize_t offset = 0, position, first
    cdef double divisor = w.divisor
    for a in range(w.rank - 1):
        position = taps.first[a] + taps.at[a] * w.axes[a].step
        offset += cell_of(&w.axes[a], position) * w.x.pooled[a]
        if w.divide_loaded:
            divisor *= <double> w.shares[a].share[entry_of(&w.shares[a], position, &first)]
    for a in range(w.rank - 2, -1, -1):
        taps.at[a] += 1
        if taps.at[a] < taps.count[a]:
            break
        taps.at[a] = 0
    return fetch(w, b, offset, divisor, used)


cdef inline const char* next_row(const Window* w, Bench* b, Taps* taps, int* used) noexcept nogil:
    """The next leading tap's row."""
    cdef const char* row = taps.row
    if row == NULL:
        return find_row(w, b, taps, used)
    taps.row += taps.stride
    return row


cdef void fill_empty(char* row, Py_ssize_t n, int size, uint64_t value) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        memcpy(row + i * size, &value, size)


cdef const char* fold_leading(const Window* w, Bench* b, Taps* taps) noexcept nogil:
    """All leading taps in one row: the input row itself where there is but one."""
    cdef Py_ssize_t n = (b.x1 - b.x0) * b.lanes, t
    cdef int used = 0
    cdef const char* one = next_row(w, b, taps, &used)
    cdef const char* two
    cdef const char* three
    if taps.total == 1:
        return one
    two = next_row(w, b, taps, &used)
    if taps.total == 2:
        w.folds.start2(w.op, b.acc, one, two, n)
        return b.acc
    three = next_row(w, b, taps, &used)
    w.folds.start3(w.op, b.acc, one, two, three, n)
    t = 3
    while t < taps.total:
        used = 0
        one = next_row(w, b, taps, &used)
        if t + 1 < taps.total:
            two = next_row(w, b, taps, &used)
            w.folds.more2(w.op, b.acc, one, two, n)
            t += 2
        else:
            w.folds.more1(w.op, b.acc, one, n)
            t += 1
    return b.acc


cdef const char* pick_leading(const Window* w, Bench* b, Taps* taps) noexcept nogil:
    cdef Py_ssize_t n = (b.x1 - b.x0) * b.lanes, t
    cdef int used = 0, ordinal_size = 8 if w.work_size == 8 else 4
    cdef const char* row = next_row(w, b, taps, &used)
    memset(b.row, 0, n * ordinal_size)
    if taps.total == 1:
        return row
    memcpy(b.acc, row, n * w.work_size)
    for t in range(1, taps.total):
        used = 0
        row = next_row(w, b, taps, &used)
        w.folds.pick(w.op, b.acc, b.row, row, t, n)
    return b.acc


cdef void store_row(const Window* w, Bench* b, const char* folded, char* out, double share,
                    Py_ssize_t rows) noexcept nogil:
    """Divide, round, convert, and put the row (or several that lie one behind the other) where it belongs."""
    cdef int last = w.rank - 1
    cdef Py_ssize_t columns = (b.j1 - b.j0) * rows, n = columns * b.lanes
    cdef char* target = out if b.out_contiguous and not w.streams else b.stored
    if w.mean != NULL:
        if not w.divide_stored:
            w.mean(target, folded, columns, b.lanes, w.divisor, NULL, w.rounding)
        elif b.shares_same:
            w.mean(target, folded, columns, b.lanes, w.divisor * share * b.shares[0], NULL, w.rounding)
        else:
            w.mean(target, folded, columns, b.lanes, w.divisor * share, b.shares, w.rounding)
    elif w.store != NULL:
        w.store(target, folded, n)
    elif target == out:
        if folded != target:
            memcpy(target, folded, n * w.work_size)
    else:
        target = <char*> folded
    if b.out_contiguous and w.streams:
        cypool_copy_past(out, target, n << w.out.item)
    elif not b.out_contiguous:
        w.spread(out, target, columns, b.lanes, w.out.pooled[last], w.out.lane, w.out.swap)


cdef inline bint joinable(const Window* w) noexcept nogil:
    """Whether output rows may be folded many at a time: two axes, all columns in one tile, plain interiors."""
    cdef const Axis* last = &w.axes[w.rank - 1]
    return (w.rank == 2 and w.tiles == 1 and w.index_kind == NO_INDEX and w.axes[0].period == 1 and w.axes[0].source == NULL
            and last.period == 1 and last.hi > last.lo and last.source == NULL and not last.by_window)


cdef void pool_rows(const Window* w, Bench* b, Taps* taps, Py_ssize_t rows, char* out) noexcept nogil:
    """`rows` output rows of the interior, from the one that `taps` aims at: leading taps row by row (or, at advance 1, in
    one go), then all columns of all rows as one run."""
    cdef Py_ssize_t n = (b.x1 - b.x0) * b.lanes, r, t, runs = rows, between = w.axes[0].advance * w.x.pooled[0]
    cdef Py_ssize_t bytes = n * w.work_size, stride = taps.stride
    cdef const char* row = taps.row
    cdef char* acc = b.acc
    cdef const char* folded_from = b.acc
    cdef char* folded = out if w.mean == NULL and w.store == NULL and not w.streams else b.folded
    if between == bytes:                   # rows of windows follow each other as rows of the input do
        n *= rows
        runs = 1
    if taps.total == 1 and runs == 1:
        folded_from = row
        runs = 0
    for r in range(runs):
        if runs > 1:
            cypool_prefetch(row + AHEAD, between)
        if taps.total == 1:
            memcpy(acc, row, bytes)
        elif taps.total == 2:
            w.folds.start2(w.op, acc, row, row + stride, n)
        else:
            w.folds.start3(w.op, acc, row, row + stride, row + 2 * stride, n)
        t = 3
        while t < taps.total:
            if t + 1 < taps.total:
                w.folds.more2(w.op, acc, row + t * stride, row + (t + 1) * stride, n)
            else:
                w.folds.more1(w.op, acc, row + t * stride, n)
            t += 2
        acc += bytes
        row += between
    w.folds.across_rows(w.op, folded, folded_from, b.halving, &w.axes[1], rows, b.x0, b.lanes)
    store_row(w, b, folded, out, taps.share, rows)


cdef void pool_row(const Window* w, Bench* b, Taps* taps, Py_ssize_t out_offset, Py_ssize_t index_offset) noexcept nogil:
    cdef int last = w.rank - 1
    cdef char* out = b.out_plane + out_offset
    cdef char* folded = b.folded
    cdef const char* acc
    if b.out_contiguous and w.mean == NULL and w.store == NULL and not w.streams:
        folded = out
    if taps.total == 0 or b.x1 == b.x0:
        fill_empty(folded, (b.j1 - b.j0) * b.lanes, w.work_size, w.empty)
        if w.index_kind != NO_INDEX:
            memset(b.tap_out, 0xff, (b.j1 - b.j0) * b.lanes * 8)
            store_index(w, b, taps, b.index_plane + index_offset)
    elif w.index_kind == NO_INDEX:
        acc = fold_leading(w, b, taps)
        if w.streams and taps.row != NULL and taps.stride:
            cypool_prefetch(taps.row, w.axes[0].advance * w.x.pooled[0])
        w.folds.across(w.op, folded, acc, b.halving, &w.axes[last], b.j0, b.j1, b.x0, b.lanes)
    else:
        acc = pick_leading(w, b, taps)
        w.folds.pick_across(w.op, folded, b.row_out, b.tap_out, acc, b.row, &w.axes[last], b.j0, b.j1, b.x0, b.lanes)
        store_index(w, b, taps, b.index_plane + index_offset)
    store_row(w, b, folded, out, taps.share, 1)


cdef void window_rows(void* job, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    """Rows begin..end of all: planes outermost, then blocks of lanes, tiles, leading output positions."""
    cdef const Window* w = <const Window*> job
    cdef Bench b
    cdef Taps taps
    cdef Py_ssize_t o[MAX_DIM]
    cdef Py_ssize_t r = begin, rest, out_offset, index_offset, rows
    cdef int a
    bench_layout(w, &b, scratch)
    while r < end:
        rest = r
        for a in range(w.rank - 2, -1, -1):
            o[a] = rest % w.axes[a].n_out
            rest //= w.axes[a].n_out
        enter_unit(w, &b, rest // (w.tiles * w.batch.blocks), rest // w.tiles % w.batch.blocks, rest % w.tiles)
        rest = min(end - r, w.leading - r % w.leading)     # rows left in this unit
        r += rest
        while True:
            out_offset = index_offset = 0
            for a in range(w.rank - 1):
                out_offset += o[a] * w.out.pooled[a]
                index_offset += o[a] * w.index.pooled[a]
            aim(w, &b, &taps, o)
            if b.joins and w.axes[0].lo <= o[0] < w.axes[0].hi:
                rows = min(min(rest, w.axes[0].hi - o[0]), w.at_once)
                pool_rows(w, &b, &taps, rows, b.out_plane + out_offset)
                o[0] += rows - 1
                rest -= rows
            else:
                pool_row(w, &b, &taps, out_offset, index_offset)
                rest -= 1
            if rest == 0:
                break
            for a in range(w.rank - 2, -1, -1):
                o[a] += 1
                if o[a] < w.axes[a].n_out:
                    break
                o[a] = 0
    if w.streams:
        cypool_fence()


# ---- indices --------------------------------------------------------------------------------------------------------

cdef inline Py_ssize_t ordinal_at(const char* ordinals, Py_ssize_t i, bint wide) noexcept nogil:
    return <Py_ssize_t> (<const int64_t*> ordinals)[i] if wide else <Py_ssize_t> (<const int32_t*> ordinals)[i]


cdef Py_ssize_t leading_part(const Window* w, const Taps* taps, Py_ssize_t row) noexcept nogil:
    """What the leading tap `row` adds to an index: rows of the plane, or of the unclipped window."""
    cdef Py_ssize_t t, part = 0, scale
    cdef int a
    scale = w.axes[w.rank - 1].extent if w.index_kind == PLANE else w.axes[w.rank - 1].window
    for a in range(w.rank - 2, -1, -1):
        if a > 0:
            t = row % taps.count[a]
            row //= taps.count[a]
        else:
            t = row
        if w.index_kind == PLANE:
            part += cell_of(&w.axes[a], taps.first[a] + t * w.axes[a].step) * scale
            scale *= w.axes[a].extent
        else:
            part += (taps.skip[a] + t) * scale
            scale *= w.axes[a].window
    return part


cdef void number_row(const Window* w, Bench* b, const Taps* taps, char* out) noexcept nogil:
    """Up to two axes without boundary modes: one multiplication for the row, one for the tap."""
    cdef const Axis* axis = &w.axes[w.rank - 1]
    cdef Py_ssize_t base = 0, row_scale = 0, tap_scale = axis.step if w.index_kind == PLANE else 1
    if w.rank == 2 and taps.total > 0:
        if w.index_kind == PLANE:
            base, row_scale = taps.first[0] * axis.extent, w.axes[0].step * axis.extent
        else:
            base, row_scale = taps.skip[0] * axis.window, axis.window
    w.rows.number[w.index_kind][w.work_size == 8](out, b.row_out, b.tap_out, b.column, <int32_t> base,
                                                  <int32_t> row_scale, <int32_t> tap_scale, b.j1 - b.j0, b.lanes)


cdef void store_index(const Window* w, Bench* b, const Taps* taps, char* out) noexcept nogil:
    cdef const Axis* axis = &w.axes[w.rank - 1]
    cdef Py_ssize_t j, lane, i = 0, first, entry, tap, index, columns = b.j1 - b.j0
    cdef bint wide = w.work_size == 8
    cdef char* target = out if b.index_contiguous else b.index
    if w.linear:
        number_row(w, b, taps, target)
    for j in range(b.j0, b.j1 if not w.linear else b.j0):
        entry = entry_of(axis, j, &first)
        for lane in range(b.lanes):
            tap = ordinal_at(b.tap_out, i, wide)
            if tap < 0:
                index = -1
            else:
                index = leading_part(w, taps, ordinal_at(b.row_out, i, wide))
                if w.index_kind == PLANE:
                    index += cell_of(axis, first + tap * axis.step)
                else:
                    index += axis.skip[entry] + tap
            if w.index_kind == PLANE:
                (<int64_t*> target)[i] = index
            elif w.index_kind == WINDOW8:
                (<uint8_t*> target)[i] = <uint8_t> index
            elif w.index_kind == WINDOW16:
                (<uint16_t*> target)[i] = <uint16_t> index
            else:
                (<int32_t*> target)[i] = <int32_t> index
            i += 1
    if not b.index_contiguous:
        w.spread_index(out, target, columns, b.lanes, w.index.pooled[w.rank - 1], w.index.lane, w.index.swap)
