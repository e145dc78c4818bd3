# Small windows over contiguous rows: whole planes, or parts of them, in one call of a kernel (planes.h).  Included by core.pyx.
#
# Here is decided which calls take this way, and work is cut as in windows.pxi: planes outermost, then tiles of columns,
# then output rows.  The bits are those of the row pipeline.  A result that is not contiguous is made in a small stage and
# moved from there; one so large that nobody will find it in the cache goes past it.

cdef enum:
    PAGE = 4096
    MOST_TAPS = 15               # of the last axis; longer windows are not folded tap by tap
    MOST_STRIDE = 8              # along it: rows are read up to a vector of outputs beyond their end
    MOST_PADDING = 256           # cells on one side
    TILE_BYTES = 32768           # of a folded row: an image's are read in the order of memory
    BLOCK_BYTES = 8192           # of the rows that are folded before they are folded across ...
    STREAM_BLOCK_BYTES = 2048    # ... and where they come from memory, which should never stand still
    LONG_ROW = 640               # bytes
    AHEAD_BYTES = 7168
    STAGE_BYTES = 16384          # or one row of a tile
    VECTOR_BYTES = 32            # at most
    SLACK = 64                   # elements that vectors may reach beyond a row
    PHASED_BYTES = 16384         # of a gradient's row: it is made in a scratch row, beside the one that is folded
    MOST_DIVIDED = 16            # rows of one window, where they are divided before they are folded

cdef Py_ssize_t CACHE_BYTES = 1 << 25         # of the last-level cache; config.py asks the system

cdef struct PlaneJob:
    const Window* w
    cypool_planes call
    Py_ssize_t rows              # output rows of a plane: n_out of the axis before the last
    Py_ssize_t deep_out          # outputs of the axes before these two
    Py_ssize_t deep_most         # taps of these axes
    Py_ssize_t acc_bytes
    Py_ssize_t divisor_bytes
    Py_ssize_t wide_bytes        # of a gradient's row, and of its divided rows
    Py_ssize_t divided_bytes
    Py_ssize_t most_shares       # columns that have a divisor
    cypool_beside_t beside       # NULL: not side by side; else so many at once, in this scratch
    Py_ssize_t beside_planes
    Py_ssize_t beside_bytes
    cypool_beside side
    int staged
    int merged                   # planes follow each other at one stride


cdef bint is_phased(const Window* w, const Pooling* p) noexcept nogil:
    """Whether this gradient's rows can be made phase by phase."""
    cdef int a, last = w.rank - 1
    if w.axes[last].phases == NULL:
        return False
    for a in range(last - 1):
        if w.axes[a].sparse:
            return False
    if not w.divide_loaded:
        return True
    return w.rank == 1 or (w.rank == 2 and w.axes[0].step == 1 and w.axes[0].longest <= MOST_DIVIDED)


cdef cypool_planes_t planes_kernel(Window* w, const Pooling* p) noexcept nogil:
    """The kernel for this geometry and these dtypes, or NULL."""
    cdef int a, last = w.rank - 1
    cdef double taps = 1.0
    cdef bint regular = not w.divide_loaded
    if p.index_kind != NO_INDEX or VECTORS.planes[p.op][p.storage] == NULL:
        return NULL
    for a in range(w.rank):
        taps *= <double> w.axes[a].window
        regular = regular and w.axes[a].regular
    if p.adjoint:
        if p.storage == U8 or p.out_storage != p.storage or (w.divide_loaded and p.storage != p.work):
            return NULL
        w.phased = not regular
    if not regular and not (p.adjoint and is_phased(w, p)):
        return NULL
    if (w.axes[last].window > MOST_TAPS or w.axes[last].reach_stride > MOST_STRIDE
            or -w.axes[last].reach_origin > MOST_PADDING or w.axes[last].reach_length > MOST_PADDING):
        return NULL
    if p.op != SUM:
        return VECTORS.planes[p.op][p.storage]
    if p.out_storage != p.storage:
        return NULL
    if p.storage == U8:
        if p.mean == 0 or p.divisor <= 0 or taps > 257 or p.work != U32 or not (p.rounding == TRUNC or p.rounding == FLOOR):
            return NULL
        if p.mean == 1 and p.divisor < taps:     # quotients of more than 8 bits: vectors would cut them off, not wrap them
            return NULL
    elif p.work != (F64 if p.storage == F64 else F32):
        return NULL
    return VECTORS.planes[p.op][p.storage]


cdef bint rows_are_contiguous(const Py_buffer* view, const Side* side) noexcept nogil:
    return (side.aligned and not side.swap and view.ndim > 0
            and (view.strides[view.ndim - 1] == view.itemsize or view.shape[view.ndim - 1] == 1))


cdef void phase_of(const Axis* axis, Py_ssize_t j, Py_ssize_t* first, Py_ssize_t* count) noexcept nogil:
    """The holders of cell j, as if there were outputs beyond both ends."""
    cdef Py_ssize_t q = j % axis.n_phases
    first[0], count[0] = axis.phases[2 * q] + j // axis.n_phases, axis.phases[2 * q + 1]


cdef void tile_span(const Window* w, Py_ssize_t j0, Py_ssize_t j1, Py_ssize_t* start, Py_ssize_t* end) noexcept nogil:
    """What the taps of columns j0..j1 reach, padding included."""
    cdef const Axis* axis = &w.axes[w.rank - 1]
    cdef Py_ssize_t j, first, count
    if not w.phased:
        start[0] = j0 * axis.reach_stride + axis.reach_origin
        end[0] = (j1 - 1) * axis.reach_stride + axis.reach_origin + axis.reach_length
        return
    start[0], end[0] = PY_SSIZE_T_MAX, -PY_SSIZE_T_MAX
    for j in range(j0, min(j0 + axis.n_phases, j1)):
        phase_of(axis, j, &first, &count)
        if count > 0:
            start[0] = min(start[0], first)
            end[0] = max(end[0], first + (j1 - 1 - j) // axis.n_phases + (count - 1) * axis.step + 1)
    if max(start[0], <Py_ssize_t> 0) >= min(end[0], axis.n_in):
        start[0], end[0] = 0, 1      # no window holds any of these


cdef void enter_phases(const Window* w, cypool_planes* call, Py_ssize_t j0, Py_ssize_t j1, Py_ssize_t x0,
                       Py_ssize_t x1) noexcept nogil:
    """Columns j0..j1 whose taps reach x0..x1, padding included."""
    cdef const Axis* axis = &w.axes[w.rank - 1]
    cdef Py_ssize_t q, first, count, begin = 0, end
    call.phases = <int> axis.n_phases
    for q in range(axis.n_phases):
        phase_of(axis, j0 + q, &first, &count)
        # anything that can be read where there are no such cells, or none of them is held
        call.first[q] = first - x0 if count > 0 and x0 <= first and first < x1 else 0
        call.holders[q] = count
    while begin < axis.n_lost and axis.lost[begin] < j0:
        begin += 1
    end = begin
    while end < axis.n_lost and axis.lost[end] < j1:
        end += 1
    call.lost, call.n_lost, call.column0 = axis.lost + begin, end - begin, j0


cdef void enter_tile(const PlaneJob* job, cypool_planes* call, double* shares, Py_ssize_t tile) noexcept nogil:
    """What the columns of a tile decide."""
    cdef const Window* w = job.w
    cdef const Axis* axis = &w.axes[w.rank - 1]
    cdef Py_ssize_t j0 = tile * w.tile, j1 = min(j0 + w.tile, axis.n_out), x0, x1
    cdef Py_ssize_t start, end
    tile_span(w, j0, j1, &start, &end)
    if w.phased:
        enter_phases(w, call, j0, j1, start, end)
    x0, x1 = max(start, <Py_ssize_t> 0), min(end, axis.n_in)
    call.width, call.columns = x1 - x0, j1 - j0
    call.before, call.after = x0 - start, end - x1
    call.share, call.shares = 1.0, NULL
    if w.divide_loaded:
        axis, j0, j1 = &w.shares[w.rank - 1], x0, x1
    if w.divide_loaded or w.divide_stored:
        if fill_shares(axis, j0, j1, shares):
            call.share = shares[0]
        else:
            call.shares = shares


cdef Py_ssize_t first_cell(const Window* w, Py_ssize_t tile) noexcept nogil:
    cdef Py_ssize_t start, end
    tile_span(w, tile * w.tile, min((tile + 1) * w.tile, w.axes[w.rank - 1].n_out), &start, &end)
    return max(start, <Py_ssize_t> 0)


cdef void move_rows(const PlaneJob* job, const cypool_planes* call, char* out, const char* stage, Py_ssize_t rows,
                    Py_ssize_t out_row) noexcept nogil:
    """Rows from the stage to where they belong."""
    cdef const Window* w = job.w
    cdef int last = w.rank - 1
    cdef Py_ssize_t bytes = call.columns << w.out.item, r
    if contiguous(w.out, last, 1, call.columns):
        if out_row == bytes:
            bytes, rows = bytes * rows, 1
        for r in range(rows):
            memcpy(out + r * out_row, stage + r * bytes, bytes)
        return
    for r in range(rows):
        w.spread(out + r * out_row, stage + r * bytes, call.columns, 1, w.out.pooled[last], 0, w.out.swap)


cdef void run_stage(const PlaneJob* job, cypool_planes* call, char* out, const char* x, Py_ssize_t planes, Py_ssize_t o0,
                    Py_ssize_t o1, char* stage) noexcept nogil:
    """As many planes, or rows of one, at once as the stage holds."""
    cdef Py_ssize_t row = call.columns << job.w.out.item, out_row = call.out_row, out_plane = call.out_plane
    cdef Py_ssize_t plane = row * (o1 - o0), n, p = 0, o
    cdef Py_ssize_t fit = max(<Py_ssize_t> STAGE_BYTES // row, <Py_ssize_t> 1)
    call.out_row, call.out_plane = row, plane
    call.out_limit = stage + STAGE_BYTES + (SLACK << 3)
    while p < planes:
        if plane <= STAGE_BYTES:
            n = min(planes - p, STAGE_BYTES // plane)
            job.w.planes(call, stage, x + p * call.x_plane, n, o0, o1)
            if out_plane == out_row * (o1 - o0):
                move_rows(job, call, out + p * out_plane, stage, n * (o1 - o0), out_row)
            else:
                for o in range(n):
                    move_rows(job, call, out + (p + o) * out_plane, stage + o * plane, o1 - o0, out_row)
            p += n
            continue
        o = o0
        while o < o1:
            n = min(o1 - o, fit)
            job.w.planes(call, stage, x + p * call.x_plane, 1, o, o + n)
            move_rows(job, call, out + p * out_plane + (o - o0) * out_row, stage, n, out_row)
            o += n
        p += 1
    call.out_row, call.out_plane = out_row, out_plane


cdef Py_ssize_t aim_deep(const Window* w, Py_ssize_t position, Py_ssize_t* deep, cypool_planes* call, Py_ssize_t* out_offset,
                         double* share) noexcept nogil:
    """The taps of the axes before the last two at one output position: where the first one's plane starts; the others in
    `deep`, counted from there."""
    cdef Py_ssize_t start = 0, n = 1, entry, first, o, t, k
    cdef int a
    deep[0], out_offset[0], share[0] = 0, 0, 1.0
    for a in range(w.rank - 3, -1, -1):
        o = position % w.axes[a].n_out
        position //= w.axes[a].n_out
        out_offset[0] += o * w.out.pooled[a]
        entry = entry_of(&w.axes[a], o, &first)
        start += first * w.x.pooled[a]
        if w.divide_stored:
            share[0] *= <double> w.axes[a].share[entry]
        # row-major order of taps: this axis' tap is the slower one
        for t in range(w.axes[a].count[entry] - 1, -1, -1):
            for k in range(n):
                deep[t * n + k] = deep[k] + t * w.axes[a].step * w.x.pooled[a]
        n *= w.axes[a].count[entry]
    call.n_deep = n
    return start


cdef void plane_rows(void* task, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    cdef const PlaneJob* job = <const PlaneJob*> task
    cdef const Window* w = job.w
    cdef int last = w.rank - 1
    cdef cypool_planes call = job.call
    cdef char* wide = scratch + job.acc_bytes
    cdef char* divided = wide + job.wide_bytes
    cdef char* divisors = divided + job.divided_bytes
    cdef Py_ssize_t* deep = <Py_ssize_t*> (divisors + job.divisor_bytes)
    cdef double* shares = <double*> (deep + job.deep_most)
    cdef char* stage = <char*> (shares + job.most_shares)
    cdef Py_ssize_t r = begin, rest, o, position, tile, tile_now = -1, plane, m, n, done, out_offset
    cdef const char* x
    cdef char* out
    cdef double share
    call.acc, call.wide, call.divisors, call.deep = scratch, wide, divisors, deep
    if w.divide_loaded:
        call.divided, call.x_limit = divided, divided + job.divided_bytes
    while r < end:
        o = r % job.rows
        rest = r // job.rows
        position = rest % job.deep_out
        tile = rest // job.deep_out % w.tiles
        plane = rest // job.deep_out // w.tiles
        if tile != tile_now:
            enter_tile(job, &call, shares, tile)
            tile_now = tile
        m = min(job.rows - o, end - r)
        n = 1
        if job.merged and o == 0 and m == job.rows:
            n = (end - r) // job.rows
        x = w.x.data + plane_offset(w.batch, w.x, plane) + (first_cell(w, tile) << w.x.item)
        x += aim_deep(w, position, deep, &call, &out_offset, &share)
        call.divisor = w.divisor * share
        out = w.out.data + plane_offset(w.batch, w.out, plane) + out_offset + tile * w.tile * w.out.pooled[last]
        out += o * call.out_row
        if job.staged:
            run_stage(job, &call, out, x, n, o, o + m, stage)
        else:
            if job.beside != NULL and m == job.rows and n >= job.beside_planes:
                done = run_beside(job, &call, out, x, n, stage)
                r += done * m
                n -= done
                if n == 0:
                    continue
                out += done * call.out_plane
                x += done * call.x_plane
            # a row that ends with its tile is followed by what other units write
            call.out_limit = out
            if w.tiles == 1:
                call.out_limit = out + n * call.out_plane if n > 1 else out + m * call.out_row
            w.planes(&call, out, x, n, o, o + m)
        r += n * m
    if job.call.streams:
        cypool_fence()


cdef const char* memory_end(const Py_buffer* view) noexcept nogil:
    """The end of what the array's elements reach."""
    cdef const char* end = <const char*> view.buf + view.itemsize
    cdef int a
    for a in range(view.ndim):
        if view.strides[a] > 0:
            end += (view.shape[a] - 1) * view.strides[a]
    return end


cdef int accumulator_size(const Window* w) noexcept nogil:
    return 2 if w.storage == U8 and w.mean != NULL else w.work_size


cdef bint in_blocks(const Window* w) noexcept nogil:
    """Whether all rows of the result, in tiles, are 16-byte blocks at 16-byte boundaries, and not shorter than a vector."""
    cdef Py_ssize_t bits = <Py_ssize_t> w.out.data, columns = w.axes[w.rank - 1].n_out
    cdef int a
    for a in range(w.batch.ndim):
        bits |= w.out.batch[a]
    for a in range(w.rank - 1):
        bits |= w.out.pooled[a]
    return (bits | columns << w.out.item) & 15 == 0 and columns - (w.tiles - 1) * w.tile >= SLACK >> 1


cdef bint halves(const Axis* axis) noexcept nogil:
    """Whether windows of two lie side by side, all of them whole."""
    return axis.window == 2 and axis.reach_stride == 2 and axis.step == 1 and axis.reach_origin == 0 and axis.hi == axis.n_out


cdef int slides(const Axis* axis, Py_ssize_t vectors) noexcept nogil:
    """Whether the leading axis' rows stay in registers (planes.h has these sizes): of so few vectors that a column of them is
    still read in the order of memory, which counts for more than what is loaded twice."""
    cdef Py_ssize_t code = 10 * axis.window + axis.reach_stride
    if axis.step != 1 or axis.reach_stride > 9 or not (code == 31 or code == 32 or code == 22 or code == 51):
        return 0
    return <int> code if vectors <= (2 if axis.window == axis.reach_stride else 4) else 0


cdef Py_ssize_t phases_span(const Axis* axis, Py_ssize_t columns) noexcept nogil:
    """Most cells that the taps of so many columns reach, wherever the columns start."""
    cdef Py_ssize_t j, first, count, start = PY_SSIZE_T_MAX, end = -PY_SSIZE_T_MAX
    for j in range(2 * axis.n_phases):
        phase_of(axis, j, &first, &count)
        if count > 0:
            start = min(start, first)
            end = max(end, first + (count - 1) * axis.step + 1)
    return end - start + columns // axis.n_phases + 1


cdef Py_ssize_t most_rows(const Axis* axis, Py_ssize_t block) noexcept nogil:
    """Most rows from the first to the last that `block` outputs in a row tap.  Adaptive windows that outnumber the cells advance
    by several rows from one cell to the next."""
    cdef Py_ssize_t o, first, entry, before = -1, most = 0
    for o in range(axis.n_out):
        entry = entry_of(axis, o, &first)
        if axis.count[entry] > 0:
            most = max(most, first - before) if before >= 0 else 0
            before = first
    return min(block * max(most, <Py_ssize_t> 1) + axis.longest, axis.n_in)


cdef int run_planes(Window* w, const Pooling* p, const char* x_end, double moved, Supply* supply) noexcept nogil:
    cdef PlaneJob job
    cdef int a, last = w.rank - 1, size = accumulator_size(w), fault
    cdef const Axis* axis = &w.axes[last]
    cdef const Axis* lead_axis = &w.axes[last - 1] if last > 0 else NULL
    cdef Py_ssize_t o, entry, first, widest, deep_taps = 1, lanes = VECTOR_BYTES // size
    cdef cypool_lead one
    cdef cypool_lead* lead = &one
    cdef double product
    cdef double* row_divisors
    cdef Py_ssize_t held, divided = 0, lead_bytes = 0
    cdef Py_ssize_t block = STREAM_BLOCK_BYTES if moved > CACHE_BYTES else BLOCK_BYTES
    cdef bint same = True
    memset(&job, 0, sizeof(job))
    job.w = w
    job.rows = lead_axis.n_out if last > 0 else 1
    job.deep_out = 1
    for a in range(last - 1):
        job.deep_out *= w.axes[a].n_out
        deep_taps *= w.axes[a].window
    job.deep_most = deep_taps
    if w.phased:
        w.tile = PHASED_BYTES // size
    else:
        w.tile = max((<Py_ssize_t> TILE_BYTES // size - axis.reach_length) // axis.reach_stride + 1, <Py_ssize_t> 64)
    w.tiles = (axis.n_out + w.tile - 1) // w.tile
    w.tile = (axis.n_out + w.tiles - 1) // w.tiles if w.tiles > 0 else 1
    if w.tiles > 1:
        w.tile = (w.tile + SLACK - 1) & ~<Py_ssize_t> (SLACK - 1)      # vectors, and blocks of 16 bytes, end with the tile
        w.tiles = (axis.n_out + w.tile - 1) // w.tile
    if w.batch.planes * w.tiles * job.deep_out * job.rows == 0:
        return 0
    job.call.taps, job.call.stride, job.call.step = axis.window, axis.reach_stride, axis.step
    job.call.x_limit = x_end
    job.call.mean = w.mean != NULL
    if last > 0:
        job.call.x_row = lead_axis.step * w.x.pooled[last - 1]
        job.call.out_row = w.out.pooled[last - 1]
        job.call.lead_slide = slides(lead_axis, (axis.n_in + lanes - 1) // lanes)
        job.call.lead_before, job.call.height = -lead_axis.reach_origin, lead_axis.n_in
        if deep_taps > 1:
            job.call.lead_slide = 0
        job.call.quarters = (w.rank == 2 and halves(axis) and halves(lead_axis) and w.tile >= lanes
                             and axis.n_out - (w.tiles - 1) * w.tile >= lanes)
        # several long rows of one page, read side by side, are more than the hardware foresees (measured: rows of 896 bytes
        # twice as fast, of 448 bytes no faster, and rows that are longer than a page a fourth slower)
        if (lead_axis.regular and moved > CACHE_BYTES and w.tiles == 1
                and LONG_ROW <= w.x.pooled[last - 1] < PAGE):
            job.call.ahead = max(lead_axis.reach_length, lead_axis.reach_stride) * w.x.pooled[last - 1] + AHEAD_BYTES
            job.call.ahead_bytes = lead_axis.reach_stride * w.x.pooled[last - 1]
    else:
        job.call.out_row = axis.n_out << w.out.item
    if w.batch.ndim > 0:
        job.call.x_plane, job.call.out_plane = w.x.batch[w.batch.ndim - 1], w.out.batch[w.batch.ndim - 1]
    job.merged = w.tiles == 1 and job.deep_out == 1 and w.batch.ndim <= 1
    job.staged = not contiguous(w.out, last, 1, min(w.tile, axis.n_out))
    if not job.staged and w.axes[last].n_out < SLACK:
        # short rows spill into the next one: they must follow each other
        job.staged = (last > 0 and w.out.pooled[last - 1] != axis.n_out << w.out.item) or (
            job.merged and w.batch.planes > 1 and job.call.out_plane != job.rows * job.call.out_row)
    job.call.streams = moved > CACHE_BYTES and not job.staged and in_blocks(w)
    plan_beside(&job, p, moved)
    if w.phased:
        widest = max(phases_span(axis, w.tile), lanes)
        job.wide_bytes = ((w.tile + (axis.n_phases + 1) * lanes) * size + 63) & ~<Py_ssize_t> 63
    else:
        widest = max((w.tile - 1) * axis.reach_stride + axis.reach_length, lanes)
    job.most_shares = max(w.tile, widest) if w.divide_loaded else w.tile
    job.call.pitch = (widest + lanes * max(axis.reach_stride + 1, <Py_ssize_t> 3) + lanes - 1) // lanes * lanes
    job.call.block = max(min(block // (job.call.pitch * size), job.rows * w.batch.planes), <Py_ssize_t> 1)
    job.acc_bytes = (job.call.block * job.call.pitch * size + 63) & ~<Py_ssize_t> 63
    job.divisor_bytes = (w.tile + SLACK) * 8 if job.call.mean else 0
    if w.divide_loaded:
        job.divisor_bytes = 64 + (widest + SLACK) * size
        held = most_rows(lead_axis, job.call.block) if last > 0 else 1
        job.divided_bytes = (held * job.call.pitch * size + 63) & ~<Py_ssize_t> 63
        job.call.x_line, job.call.line_limit, job.call.x_row = job.call.x_row, x_end, job.call.pitch * size
        job.call.lead_slide, job.call.height = 0, lead_axis.n_in if last > 0 else 1
    job.divisor_bytes = (job.divisor_bytes + 63) & ~<Py_ssize_t> 63
    if last > 0:
        divided = lead_axis.n_in if w.divide_loaded else 0
        lead_bytes = job.rows * sizeof(cypool_lead) + divided * sizeof(double)
        lead = <cypool_lead*> take(supply, lead_bytes)
        if lead == NULL:
            give(supply, NULL, lead_bytes)
            return shortage(supply)
    for o in range(job.rows):
        lead[o].offset, lead[o].taps, lead[o].share = 0, 1, 1.0
        if last > 0:
            entry = entry_of(lead_axis, o, &first)
            lead[o].offset, lead[o].taps = first * w.x.pooled[last - 1], lead_axis.count[entry]
            if w.divide_loaded:
                lead[o].offset = first * job.call.x_row
            if w.divide_stored:
                lead[o].share = <double> lead_axis.share[entry]
                same = same and lead[o].share == lead[0].share
    job.call.lead = lead
    if w.divide_loaded:
        row_divisors = &one.share            # as it is where there is but one row: 1
        if last > 0:
            row_divisors = <double*> (lead + job.rows)
            fill_shares(&w.shares[0], 0, divided, row_divisors)
        for o in range(max(divided, <Py_ssize_t> 1)):
            row_divisors[o] = w.divisor * row_divisors[o]
        job.call.row_divisors = row_divisors
    if w.storage == U8 and job.call.mean:
        product = w.divisor
        for a in range(w.rank if w.divide_stored else 0):
            product *= <double> w.axes[a].share[0]
        for a in range(17):
            if product == <double> (1 << a) and (w.divide_stored == 0 or uniform_shares(w)):
                job.call.shift = 1 + a
    fault = run_parallel(plane_rows, &job, w.batch.planes * w.tiles * job.deep_out * job.rows,
                         job.acc_bytes + job.wide_bytes + job.divided_bytes + job.divisor_bytes
                         + (deep_taps + job.most_shares) * 8
                         + ((max(<Py_ssize_t> STAGE_BYTES, w.tile << w.out.item) + (SLACK << 4)) if job.staged
                            else job.beside_bytes), moved, supply)
    if last > 0:
        give(supply, <char*> lead, lead_bytes)
    return fault


cdef bint uniform_shares(const Window* w) noexcept nogil:
    cdef int a
    cdef Py_ssize_t e, entries
    for a in range(w.rank):
        entries = w.axes[a].lo + w.axes[a].period + w.axes[a].n_out - w.axes[a].hi
        for e in range(entries):
            if w.axes[a].share[e] != w.axes[a].share[0]:
                return False
    return True
