# Maxima and minima with indices, for small windows over contiguous rows (winners.h).  Included by core.pyx.
#
# Work is cut as in planes.pxi.  The indices are those of the row pipeline.

cdef enum:
    MOST_WINNER_TAPS = 64        # of a window; longer ones are folded along one axis after the other
    MOST_RING_ROWS = 32
    NEAR_BYTES = 262144          # calls that move less find their rows near
    WINNER_TILE_BYTES = 8192     # of a row in the ring
    WINNER_BLOCK_BYTES = 12288   # of the rows that are brought to the ring in one go

cdef struct WinnerJob:
    const Window* w
    cypool_winners call
    Py_ssize_t rows              # output rows of a plane
    Py_ssize_t size              # bytes of an element in the ring
    int merged                   # planes follow each other at one stride
    # where a thread's scratch has what
    Py_ssize_t plain
    Py_ssize_t ordinals
    Py_ssize_t start
    Py_ssize_t column
    Py_ssize_t unusual
    Py_ssize_t bytes


cdef cypool_winners_t winners_kernel(const Window* w, const Pooling* p, const Views* views) noexcept nogil:
    """The kernel for this geometry, these dtypes and arrays, or NULL."""
    cdef int a, last = w.rank - 1
    cdef double taps = 1.0, offset = 0.0
    if p.adjoint or p.op == SUM or w.rank > 2 or VECTORS.winners[p.storage] == NULL:
        return NULL
    if not (p.index_kind == PLANE or p.index_kind == WINDOW8) or not numbers_linearly(w, p.index_kind == PLANE):
        return NULL
    for a in range(w.rank):
        taps *= <double> w.axes[a].window
        if (not w.axes[a].regular or w.axes[a].window > CYPOOL_WINNERS_ROWS or w.axes[a].reach_length > MOST_PADDING
                or w.axes[a].reach_stride > MOST_PADDING or -w.axes[a].reach_origin > MOST_PADDING):
            return NULL
        offset += <double> ((w.axes[a].window - 1) * w.axes[a].step) * (w.axes[last].extent if a < last else 1)
    if (taps > MOST_WINNER_TAPS or w.axes[last].reach_stride > MOST_STRIDE
            or last > 0 and w.axes[0].reach_length > MOST_RING_ROWS):
        return NULL
    if p.index_kind == PLANE and offset > 65535.0 and views.view[0].itemsize < 4:
        return NULL
    for a in range(3):
        if not rows_are_contiguous(&views.view[a], &views.side[a]):
            return NULL
    return VECTORS.winners[p.storage]


cdef int64_t flip_of(const Pooling* p) noexcept nogil:
    """What makes a maximum of signed numbers of this operator and dtype, by an exclusive or."""
    cdef int64_t sign
    if p.storage >= F16:
        return -1 if p.op == MIN else 0
    if p.storage >= F32:
        sign = <int64_t> 1 << 31 if p.storage == F32 else <int64_t> (<uint64_t> 1 << 63)
        return sign if p.op == MIN else 0
    sign = 0
    if p.storage & 1:                # unsigned
        sign = <int64_t> (<uint64_t> 1 << ((8 << (p.storage >> 1)) - 1))
    return ~sign if p.op == MIN else sign


cdef void enter_winner_tile(const WinnerJob* job, cypool_winners* call, char* scratch, Py_ssize_t tile) noexcept nogil:
    """What the columns of a tile decide."""
    cdef const Window* w = job.w
    cdef const Axis* axis = &w.axes[w.rank - 1]
    cdef Py_ssize_t j0 = tile * w.tile, j1 = min(j0 + w.tile, axis.n_out), c, at, phase
    cdef Py_ssize_t start = j0 * axis.reach_stride + axis.reach_origin, x0 = max(start, <Py_ssize_t> 0)
    cdef Py_ssize_t end = (j1 - 1) * axis.reach_stride + axis.reach_origin + axis.reach_length
    cdef Py_ssize_t* column = <Py_ssize_t*> (scratch + job.column)
    call.columns, call.before = j1 - j0, x0 - start
    call.width = min(end, axis.n_in) - x0
    call.place = start
    for c in range(axis.window):
        at = c * axis.step - call.before
        phase = (at % axis.reach_stride + axis.reach_stride) % axis.reach_stride
        column[c] = phase * call.phase + (at - phase) // axis.reach_stride
    call.spills = call.out_row == call.columns << w.out.item and call.index_row == call.columns << w.index.item


cdef void winner_rows(void* task, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    cdef const WinnerJob* job = <const WinnerJob*> task
    cdef const Window* w = job.w
    cdef int last = w.rank - 1
    cdef cypool_winners call = job.call
    cdef Py_ssize_t r = begin, o, m, n, tile, tile_now = -1, plane
    cdef const char* x
    cdef char* out
    cdef char* index
    call.ring, call.plain, call.ordinals = scratch, scratch + job.plain, scratch + job.ordinals
    call.start, call.unusual, call.column = scratch + job.start, scratch + job.unusual, <Py_ssize_t*> (scratch + job.column)
    while r < end:
        o = r % job.rows
        tile = r // job.rows % w.tiles
        plane = r // job.rows // w.tiles
        if tile != tile_now:
            enter_winner_tile(job, &call, scratch, tile)
            tile_now = tile
        m = min(job.rows - o, end - r)
        n = 1
        if job.merged and o == 0 and m == job.rows:
            n = (end - r) // job.rows
        x = w.x.data + plane_offset(w.batch, w.x, plane) + (first_cell(w, tile) << w.x.item)
        out = w.out.data + plane_offset(w.batch, w.out, plane) + (tile * w.tile << w.out.item) + o * call.out_row
        index = w.index.data + plane_offset(w.batch, w.index, plane) + (tile * w.tile << w.index.item) + o * call.index_row
        w.winners(&call, out, index, x, n, o, o + m)
        r += n * m
    if job.call.streams:
        cypool_fence()


cdef bint index_in_blocks(const Window* w) noexcept nogil:
    cdef Py_ssize_t bits = <Py_ssize_t> w.index.data
    cdef int a
    for a in range(w.batch.ndim):
        bits |= w.index.batch[a]
    for a in range(w.rank - 1):
        bits |= w.index.pooled[a]
    return bits & 15 == 0


cdef int run_winners(Window* w, const Pooling* p, const char* x_end, double moved, Supply* supply) noexcept nogil:
    cdef WinnerJob job
    cdef cypool_winners* call = &job.call
    cdef int last = w.rank - 1
    cdef const Axis* axis = &w.axes[last]
    cdef const Axis* lead = &w.axes[0] if last > 0 else NULL
    cdef Py_ssize_t size = max(<Py_ssize_t> 1 << w.x.item, <Py_ssize_t> 2), lanes = VECTOR_BYTES // size, room, rows
    memset(&job, 0, sizeof(job))
    job.w, job.size = w, size
    job.rows = lead.n_out if last > 0 else 1
    w.tile = max((<Py_ssize_t> WINNER_TILE_BYTES // size - axis.reach_length) // axis.reach_stride + 1, <Py_ssize_t> 64)
    w.tiles = (axis.n_out + w.tile - 1) // w.tile
    w.tile = (axis.n_out + w.tiles - 1) // w.tiles if w.tiles > 0 else 1
    if w.tiles > 1:
        w.tile = (w.tile + SLACK - 1) & ~<Py_ssize_t> (SLACK - 1)      # vectors, and blocks of 16 bytes, end with the tile
        w.tiles = (axis.n_out + w.tile - 1) // w.tile
    if w.batch.planes * w.tiles * job.rows == 0:
        return 0
    call.taps, call.stride, call.step, call.extent = axis.window, axis.reach_stride, axis.step, axis.extent
    call.x_limit = x_end
    call.lead_taps = call.lead_stride = call.lead_step = call.height = 1
    call.out_row, call.index_row = axis.n_out << w.out.item, axis.n_out << w.index.item
    if last > 0:
        call.lead_taps, call.lead_stride, call.lead_step = lead.window, lead.reach_stride, lead.step
        call.lead_before, call.height = -lead.reach_origin, lead.n_in
        call.x_row, call.out_row, call.index_row = w.x.pooled[0], w.out.pooled[0], w.index.pooled[0]
    if w.batch.ndim > 0:
        call.x_plane, call.out_plane = w.x.batch[w.batch.ndim - 1], w.out.batch[w.batch.ndim - 1]
        call.index_plane = w.index.batch[w.batch.ndim - 1]
    job.merged = w.tiles == 1 and w.batch.ndim <= 1
    call.flip, call.infinity = flip_of(p), 0x7c00 if p.storage == F16 else 0x7f80
    call.by_window = p.index_kind == WINDOW8
    call.streams = moved > CACHE_BYTES and in_blocks(w) and (call.by_window or index_in_blocks(w))
    # a phase: padding, cells and what vectors reach beyond
    call.margin = (-axis.reach_origin + axis.reach_stride - 1) // axis.reach_stride if axis.reach_origin < 0 else 0
    call.margin = (call.margin + lanes - 1) // lanes * lanes
    call.phase = call.margin + w.tile + axis.reach_length // axis.reach_stride + 1 + 2 * lanes
    call.phase = (call.phase + lanes - 1) // lanes * lanes
    call.pitch = call.phase * axis.reach_stride
    # a ring: the rows of one window, and so many more that a block is worth its while
    rows = lead.reach_length if last > 0 else 1
    call.block = max(WINNER_BLOCK_BYTES // (call.pitch * size * call.lead_stride), <Py_ssize_t> 1)
    call.block = min(call.block, job.rows)
    if moved > NEAR_BYTES and w.tiles == 1:
        call.ahead, call.ahead_bytes = call.block * call.lead_stride * call.x_row, call.x_row
    rows += (call.block - 1) * call.lead_stride
    room = 1
    while room < rows:
        room *= 2
    call.ring_mask = room - 1
    job.plain = room * call.pitch * size
    job.ordinals = (job.plain + (call.pitch + lanes) * size + 63) & ~<Py_ssize_t> 63
    job.start = job.ordinals + call.taps * call.lead_taps * VECTOR_BYTES
    job.column = (job.start + (w.tile + lanes) * size + 63) & ~<Py_ssize_t> 63
    job.unusual = job.column + axis.window * sizeof(Py_ssize_t)
    job.bytes = job.unusual + room
    return run_parallel(winner_rows, &job, w.batch.planes * w.tiles * job.rows, job.bytes, moved, supply)
