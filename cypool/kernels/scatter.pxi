# Index movement: gradients of selections (scatter) and their adjoints (gather).  Included by core.pyx.
#
# The input plane is cut into segments, boxes of whole rows along one axis.  A thread that owns a segment sums what falls
# into it, in row-major order of the outputs, in scratch, and stores it once: no two threads write one cell, a cell's
# order of summation never changes, and neither atomics nor a zeroed result are needed.

cdef enum:
    SEGMENT_ELEMENTS = 32768     # 128 KiB of float32: with the rows it is read from it fits the second-level cache

cdef struct Scatter:
    const Rows* rows
    int rank
    const Axis* axes
    Batch batch
    Side grad                    # the outputs' gradient
    Side index
    Side result                  # the input's gradient
    int index_kind
    int simple                   # positions in the plane, or one-byte offsets that `offsets` maps to them
    Py_ssize_t offsets[256]
    int work
    convert_t load
    convert_t store
    gather_t gather
    gather_t gather_index
    spread_t spread
    Py_ssize_t inner[MAX_DIM]    # cells of the plane behind one position of each axis
    Py_ssize_t window[MAX_DIM]   # taps of the window behind one tap of each axis
    int cut                      # the axis that segments divide
    Py_ssize_t cut_rows
    Py_ssize_t cuts              # segments along it
    Py_ssize_t segments          # of a plane
    Py_ssize_t tile              # output columns that are read at once
    int at_once                  # whole planes of contiguous gradients, positions and results (scatter.h)
    int streams                  # results go past the cache
    Py_ssize_t bad               # an index that is not a cell of its window, if `failed`
    int failed


cdef void covering(const Axis* axis, Py_ssize_t p0, Py_ssize_t p1, Py_ssize_t* o0, Py_ssize_t* o1) noexcept nogil:
    """Outputs whose windows may touch cells p0..p1."""
    cdef Py_ssize_t stride = axis.reach_stride, out = axis.n_out, a, b
    if axis.source != NULL or stride < 0:
        o0[0], o1[0] = 0, out
    elif stride == 0:
        o0[0] = max(<Py_ssize_t> 0, <Py_ssize_t> (<double> p0 * out / axis.n_in) - 2)
        o1[0] = min(out, <Py_ssize_t> (<double> p1 * out / axis.n_in) + 2)
    else:
        a = p0 - axis.reach_length + 1 - axis.reach_origin
        b = p1 - 1 - axis.reach_origin
        o0[0] = 0 if a <= 0 else min((a + stride - 1) // stride, out)
        o1[0] = 0 if b < 0 else min(b // stride + 1, out)


cdef bint is_run(const Side* side, const Scatter* s, bint inputs) noexcept nogil:
    """Whether a plane of this array is one run of native elements."""
    cdef Py_ssize_t stride = <Py_ssize_t> 1 << side.item, extent
    cdef int a
    if not side.aligned or side.swap:
        return False
    for a in range(s.rank - 1, -1, -1):
        extent = s.axes[a].extent if inputs else s.axes[a].n_out
        if extent > 1 and side.pooled[a] != stride:
            return False
        stride *= extent
    return True


cdef bint scatters_planes(const Scatter* s) noexcept nogil:
    return (s.index_kind == PLANE and s.batch.lanes == 1 and s.load == NULL and s.segments == 1
            and is_run(&s.grad, s, False) and is_run(&s.index, s, False) and is_run(&s.result, s, True))


cdef void scatter_plane(const Scatter* s, Py_ssize_t plane, char* acc) noexcept nogil:
    """All outputs of a plane in their order: straight to the result, or by way of `acc` past the cache."""
    cdef char* result = s.result.data + plane_offset(&s.batch, &s.result, plane)
    cdef char* cells = acc if s.streams else result
    cdef Py_ssize_t outputs = 1, n = s.inner[0] * s.axes[0].extent, bytes = n << s.result.item
    cdef int a
    for a in range(s.rank):
        outputs *= s.axes[a].n_out
    memset(cells, 0, bytes)
    VECTORS.add[s.work == F64](cells, s.grad.data + plane_offset(&s.batch, &s.grad, plane),
                               s.index.data + plane_offset(&s.batch, &s.index, plane), outputs, 0, n)
    if s.streams:
        cypool_copy_past(result, cells, bytes)


cdef struct Reader:              # a thread's view of rows of gradients and indices
    char* raw
    char* grad
    char* index_raw
    Py_ssize_t* start            # of the windows of columns j0..j1, unclipped
    Py_ssize_t j0
    Py_ssize_t j1


cdef inline Py_ssize_t start_of(const Axis* axis, Py_ssize_t o) noexcept nogil:
    cdef Py_ssize_t first, entry = entry_of(axis, o, &first)
    return first - axis.skip[entry] * axis.step


cdef inline Py_ssize_t index_at(const char* index, Py_ssize_t i, int kind) noexcept nogil:
    """The stored index, -1 for an empty window."""
    cdef Py_ssize_t value
    if kind == PLANE:
        return <Py_ssize_t> (<const int64_t*> index)[i]
    if kind == WINDOW8:
        value = (<const uint8_t*> index)[i]
        return -1 if value == 0xff else value
    if kind == WINDOW16:
        value = (<const uint16_t*> index)[i]
        return -1 if value == 0xffff else value
    return (<const int32_t*> index)[i]


cdef Py_ssize_t seen_in_plane(const Scatter* s, const Py_ssize_t* o, Py_ssize_t index) noexcept nogil:
    """An offset in the window of output o as the position in the plane of the cell that the tap sees."""
    cdef Py_ssize_t flat = 0, position
    cdef int a
    for a in range(s.rank):
        position = start_of(&s.axes[a], o[a]) + index // s.window[a] * s.axes[a].step
        index %= s.window[a]
        flat += cell_of(&s.axes[a], position) * s.inner[a]
    return flat


cdef Py_ssize_t reader_bytes(const Scatter* s) noexcept nogil:
    return 3 * ((s.tile * s.batch.block * 8 + 63) & ~<Py_ssize_t> 63) + ((s.tile * 8 + 63) & ~<Py_ssize_t> 63)


cdef void reader_layout(const Scatter* s, Reader* r, char* scratch) noexcept nogil:
    cdef Py_ssize_t row = (s.tile * s.batch.block * 8 + 63) & ~<Py_ssize_t> 63
    r.raw = scratch
    r.grad = scratch + row
    r.index_raw = scratch + 2 * row
    r.start = <Py_ssize_t*> (scratch + 3 * row)
    r.j0 = r.j1 = -1


cdef const char* read_row(const Side* side, gather_t gather, char* buffer, const char* at, int last, Py_ssize_t columns,
                          Py_ssize_t lanes) noexcept nogil:
    if contiguous(side, last, lanes, columns):
        return at
    gather(buffer, at, columns, lanes, side.pooled[last], side.lane, NULL, side.swap)
    return buffer


cdef void add_row(const Scatter* s, real* tag, char* segment, const char* grad, const char* index, Py_ssize_t* o,
                  Py_ssize_t j0, Py_ssize_t j1, Py_ssize_t lanes, Py_ssize_t cell0, Py_ssize_t cells) noexcept nogil:
    """The general way: offsets in large windows, or under boundary modes.  o's last entry is free to use."""
    cdef Py_ssize_t j, lane, i = 0, value, cell
    for j in range(j0, j1):
        o[s.rank - 1] = j
        for lane in range(lanes):
            value = index_at(index, i, s.index_kind)
            if value >= 0:
                cell = seen_in_plane(s, o, value) - cell0
                if 0 <= cell < cells:
                    (<real*> segment)[cell * lanes + lane] += (<const real*> grad)[i]
            i += 1


cdef void fill_starts(const Scatter* s, Reader* r, Py_ssize_t j0, Py_ssize_t j1) noexcept nogil:
    """Where the windows of these columns start; the same for every row."""
    cdef Py_ssize_t j
    if s.index_kind == PLANE or (r.j0 == j0 and r.j1 == j1):
        return
    for j in range(j0, j1):
        r.start[j - j0] = start_of(&s.axes[s.rank - 1], j)
    r.j0, r.j1 = j0, j1


cdef void scatter_segments(void* job, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    cdef const Scatter* s = <const Scatter*> job
    cdef int last = s.rank - 1, a, size = 8 if s.work == F64 else 4
    cdef Reader r
    cdef Py_ssize_t o0[MAX_DIM]
    cdef Py_ssize_t o1[MAX_DIM]
    cdef Py_ssize_t o[MAX_DIM]
    cdef Py_ssize_t unit, rest, segment, plane, block, lane0, lanes, row0, row1, cells, from_cell, j0, j1, base
    cdef Py_ssize_t grad_at, index_at_, grad_plane, index_plane, result_plane, width, row, position, offset
    cdef const char* grad
    cdef const char* index
    cdef const char* raw
    cdef char* acc
    cdef char* target
    cdef const Py_ssize_t* offsets = NULL
    cdef bint more
    if s.index_kind != PLANE:
        offsets = &(<Scatter*> job).offsets[0]
    reader_layout(s, &r, scratch)
    acc = scratch + reader_bytes(s)
    width = s.axes[last].extent
    if s.at_once:
        for unit in range(begin, end):
            scatter_plane(s, unit, acc)
        if s.streams:
            cypool_fence()
        return
    for unit in range(begin, end):
        segment = unit % s.segments
        block = unit // s.segments % s.batch.blocks
        plane = unit // s.segments // s.batch.blocks
        lane0 = block * s.batch.block
        lanes = min(s.batch.block, s.batch.lanes - lane0)
        # the box: one position on the axes before the cut, some on the cut, all behind it
        row0 = segment % s.cuts * s.cut_rows
        row1 = min(row0 + s.cut_rows, s.axes[s.cut].extent)
        rest = segment // s.cuts
        from_cell = row0 * s.inner[s.cut]
        cells = (row1 - row0) * s.inner[s.cut]
        for a in range(s.rank):
            o0[a], o1[a] = 0, s.axes[a].n_out
        for a in range(s.cut - 1, -1, -1):
            position = rest % s.axes[a].extent
            rest //= s.axes[a].extent
            from_cell += position * s.inner[a]
            covering(&s.axes[a], position, position + 1, &o0[a], &o1[a])
        covering(&s.axes[s.cut], row0, row1, &o0[s.cut], &o1[s.cut])
        grad_plane = plane_offset(&s.batch, &s.grad, plane) + lane0 * s.grad.lane
        index_plane = plane_offset(&s.batch, &s.index, plane) + lane0 * s.index.lane
        result_plane = plane_offset(&s.batch, &s.result, plane) + lane0 * s.result.lane
        memset(acc, 0, cells * lanes * size)
        more = True
        for a in range(s.rank):
            o[a] = o0[a]
            more = more and o0[a] < o1[a]
        while more:
            base = grad_at = index_at_ = 0
            for a in range(last):
                grad_at += o[a] * s.grad.pooled[a]
                index_at_ += o[a] * s.index.pooled[a]
                if s.index_kind != PLANE:
                    base += start_of(&s.axes[a], o[a]) * s.inner[a]
            j0 = o0[last]
            while j0 < o1[last]:
                j1 = min(j0 + s.tile, o1[last])
                grad = read_row(&s.grad, s.gather, r.raw, s.grad.data + grad_plane + grad_at + j0 * s.grad.pooled[last],
                                last, j1 - j0, lanes)
                if s.load != NULL:
                    s.load(r.grad, grad, (j1 - j0) * lanes)
                    grad = r.grad
                index = read_row(&s.index, s.gather_index, r.index_raw,
                                 s.index.data + index_plane + index_at_ + j0 * s.index.pooled[last], last, j1 - j0, lanes)
                if s.simple:
                    fill_starts(s, &r, j0, j1)
                    s.rows.add[s.index_kind][s.work == F64](acc, grad, index, offsets, r.start, from_cell - base, cells,
                                                            j1 - j0, lanes)
                elif s.work == F64:
                    add_row(s, <double*> NULL, acc, grad, index, o, j0, j1, lanes, from_cell, cells)
                else:
                    add_row(s, <float*> NULL, acc, grad, index, o, j0, j1, lanes, from_cell, cells)
                j0 = j1
            more = False
            for a in range(last - 1, -1, -1):
                o[a] += 1
                if o[a] < o1[a]:
                    more = True
                    break
                o[a] = o0[a]
        # store, row by row of the last axis (or what the cut leaves of it)
        if s.cut == last:
            width = row1 - row0
        for row in range(cells // width):
            offset = result_plane
            rest = from_cell + row * width
            for a in range(s.rank):
                position = rest // s.inner[a]
                rest -= position * s.inner[a]
                offset += position * s.result.pooled[a]
            target = s.result.data + offset
            raw = acc + row * width * lanes * size
            if contiguous(&s.result, last, lanes, width):
                if s.store == NULL:
                    memcpy(target, raw, width * lanes * size)
                else:
                    s.store(target, raw, width * lanes)
            else:
                store_strided(s, &r, target, raw, width, lanes, size)


cdef void store_strided(const Scatter* s, Reader* r, char* target, const char* raw, Py_ssize_t width, Py_ssize_t lanes,
                        int size) noexcept nogil:
    """A row of the result through the reader's buffer, as many columns at a time as it holds."""
    cdef Py_ssize_t x0 = 0, n
    cdef Py_ssize_t stride = s.result.pooled[s.rank - 1]
    while x0 < width:
        n = min(s.tile, width - x0)
        if s.store == NULL:
            s.spread(target + x0 * stride, raw + x0 * lanes * size, n, lanes, stride, s.result.lane, s.result.swap)
        else:
            s.store(r.raw, raw + x0 * lanes * size, n * lanes)
            s.spread(target + x0 * stride, r.raw, n, lanes, stride, s.result.lane, s.result.swap)
        x0 += n


# ---- one output at a time: checking indices, and gathering -------------------------------------------------------------

cdef bint sees(const Axis* axis, Py_ssize_t o, Py_ssize_t cell) noexcept nogil:
    """Whether a window sees a cell of the real axis under a boundary mode, by any of its taps."""
    cdef Py_ssize_t first, i, count = axis.count[entry_of(axis, o, &first)]
    for i in range(count):
        if axis.source[first + i * axis.step] == cell:
            return True
    return False


cdef bint in_window(const Axis* axis, Py_ssize_t o, Py_ssize_t position) noexcept nogil:
    cdef Py_ssize_t first, count = axis.count[entry_of(axis, o, &first)], away = position - first
    return count > 0 and 0 <= away <= (count - 1) * axis.step and away % axis.step == 0


cdef bint belongs(const Scatter* s, const Py_ssize_t* o, Py_ssize_t index) noexcept nogil:
    """Whether an index names a cell of the window of output `o`."""
    cdef Py_ssize_t position, size
    cdef int a
    if index < 0:
        return index == -1
    for a in range(s.rank):
        if s.index_kind == PLANE:
            size = s.inner[a]
            position = index // size
            if s.axes[a].source != NULL:
                if not sees(&s.axes[a], o[a], position):
                    return False
            elif not in_window(&s.axes[a], o[a], position):
                return False
        else:
            size = s.window[a]
            position = start_of(&s.axes[a], o[a]) + index // size * s.axes[a].step
            if index // size >= s.axes[a].window or not in_window(&s.axes[a], o[a], position):
                return False
        index %= size
    return True


cdef Py_ssize_t cell_offset(const Scatter* s, const Side* side, const Py_ssize_t* o, Py_ssize_t index) noexcept nogil:
    """Bytes from the plane's origin to the cell that an index names."""
    cdef Py_ssize_t offset = 0, position
    cdef int a
    for a in range(s.rank):
        if s.index_kind == PLANE:
            position = index // s.inner[a]
            index %= s.inner[a]
        else:
            position = start_of(&s.axes[a], o[a]) + index // s.window[a] * s.axes[a].step
            position = cell_of(&s.axes[a], position)
            index %= s.window[a]
        offset += position * side.pooled[a]
    return offset


cdef cypool_axis axis_of(const Axis* axis) noexcept nogil:
    cdef cypool_axis told
    told.taps, told.stride, told.pad, told.step = axis.window, axis.reach_stride, -axis.reach_origin, axis.step
    told.cells, told.outputs, told.lo, told.hi = axis.extent, axis.n_out, axis.lo, axis.hi
    return told


cdef bint checks_rows(const Scatter* s) noexcept nogil:
    """Whether scatter.h may be asked: one lane, up to two axes of regular windows, positions of 31 bits."""
    cdef double plane = 1.0
    cdef int a
    if s.rank > 2 or s.batch.lanes != 1 or not (s.index_kind == PLANE or s.index_kind == WINDOW8):
        return False
    for a in range(s.rank):
        plane *= <double> s.axes[a].extent
        if not s.axes[a].regular or s.axes[a].reach_length > s.axes[a].extent + (1 << 20):
            return False
    return plane < 1073741824.0 and contiguous(&s.index, s.rank - 1, 1, s.axes[s.rank - 1].n_out)


cdef void each_output(Scatter* s, Py_ssize_t begin, Py_ssize_t end, bint gathering, char* scratch) noexcept nogil:
    """Rows of outputs: check every index, or fetch the cell that it names."""
    cdef int last = s.rank - 1, a, item = 1 << s.result.item
    cdef Py_ssize_t o[MAX_DIM]
    cdef Py_ssize_t row, rest, block, plane, lane0, lanes, j, lane, value, index_offset, result_offset
    cdef int64_t item_now = 0    # an index, or a cell: elements of arrays need not be aligned, what `gather` writes must be
    cdef char* now = <char*> &item_now
    cdef char* target
    for row in range(begin, end):
        rest = row
        for a in range(last - 1, -1, -1):
            o[a] = rest % s.axes[a].n_out
            rest //= s.axes[a].n_out
        block = rest % s.batch.blocks
        plane = rest // s.batch.blocks
        lane0 = block * s.batch.block
        lanes = min(s.batch.block, s.batch.lanes - lane0)
        index_offset = plane_offset(&s.batch, &s.index, plane) + lane0 * s.index.lane
        result_offset = plane_offset(&s.batch, &s.result, plane) + lane0 * s.result.lane
        for a in range(last):
            index_offset += o[a] * s.index.pooled[a]
            result_offset += o[a] * s.result.pooled[a]
        for j in range(s.axes[last].n_out):
            o[last] = j
            for lane in range(lanes):
                s.gather_index(now, s.index.data + index_offset + j * s.index.pooled[last] + lane * s.index.lane, 1, 1, 0, 0,
                               NULL, s.index.swap)
                value = index_at(now, 0, s.index_kind)
                if not gathering:
                    if not belongs(s, o, value):
                        s.bad, s.failed = value, 1
                        return
                    continue
                target = s.result.data + result_offset + j * s.result.pooled[last] + lane * s.result.lane
                item_now = 0
                if value >= 0 and belongs(s, o, value):
                    s.gather(now, s.grad.data + plane_offset(&s.batch, &s.grad, plane) + (lane0 + lane) * s.grad.lane
                             + cell_offset(s, &s.grad, o, value), 1, 1, 0, 0, NULL, s.grad.swap)
                memcpy(target, now, item)


cdef void check_rows(void* job, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    """Good rows are passed over in vectors; `each_output` tells which index of a bad one is the first."""
    cdef Scatter* s = <Scatter*> job
    cdef Py_ssize_t row = begin, rows = s.axes[0].n_out if s.rank == 2 else 1, n, bad
    cdef Py_ssize_t index_row = s.index.pooled[0] if s.rank == 2 else 0
    cdef cypool_axis across = axis_of(&s.axes[s.rank - 1])
    cdef cypool_axis down
    cdef cypool_check_t look = VECTORS.check[s.index_kind != PLANE]
    if not checks_rows(s):
        each_output(s, begin, end, False, scratch)
        return
    down.taps = down.stride = down.step = down.cells = down.outputs = down.hi = 1
    down.pad = down.lo = 0
    if s.rank == 2:
        down = axis_of(&s.axes[0])
    while row < end:
        n = min(end - row, rows - row % rows)
        bad = look(&down, &across, s.index.data + plane_offset(&s.batch, &s.index, row // rows), index_row, row % rows,
                   row % rows + n, NULL, 0, -1)
        if bad >= 0:
            bad += row // rows * rows
            each_output(s, bad, bad + 1, False, scratch)
            if s.failed:
                return
            n = bad + 1 - row
        row += n


cdef void gather_rows(void* job, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    each_output(<Scatter*> job, begin, end, True, scratch)
