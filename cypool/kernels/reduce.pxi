# Windows that are whole planes: one value for each plane, or for each lane of planes that lie side by side.  Included by
# core.pyx.
#
# Cells are counted in row-major order and cut into segments.  The order in which a sum's terms are added is written in
# reduce_sum.h and is the same however the plane lies in memory, so a sum of floats takes this way always; what is not
# contiguous is gathered first, a segment at a time.  Maxima and minima take it where it is the faster one.

cdef enum:
    SEGMENT = 16384              # cells: what a thread sums alone, so that one huge plane is shared out too
    LANES_AT_ONCE = 64
    FEWEST_LANES = 16            # a vector of any dtype that is summed
    PLANES_AT_ONCE = 256

cdef struct ReduceJob:
    const Window* w
    cypool_runs_t runs
    cypool_lanes_t lanes         # NULL: planes by themselves
    Py_ssize_t cells
    Py_ssize_t segments
    Py_ssize_t cell              # bytes from one to the next, where that is always the same
    Py_ssize_t planes            # all of them, lanes included where these are planes by themselves
    Py_ssize_t blocks            # of lanes
    int gathers
    int merged
    double divisor
    const char* x_limit
    char* partial                # of planes that have several segments


cdef bint is_whole(const Window* w, const Pooling* p) noexcept nogil:
    """Whether each window is its plane."""
    cdef const Axis* axis
    cdef int a
    if p.adjoint or p.index_kind != NO_INDEX:
        return False
    for a in range(w.rank):
        axis = &w.axes[a]
        if axis.n_out != 1 or axis.runs != NULL or axis.source != NULL or axis.count[0] != axis.n_in or axis.n_in < 1:
            return False
    return VECTORS.runs[runs_of(p)][p.storage] != NULL and (p.op != SUM or p.work == F32 or p.work == F64)


cdef inline int runs_of(const Pooling* p) noexcept nogil:
    return p.op if p.op != SUM or p.work == F32 else 3


cdef Py_ssize_t cell_stride(const Window* w) noexcept nogil:
    """Bytes from a cell to the next in row-major order, or 0 where that differs."""
    cdef Py_ssize_t stride = 0, cells = 1
    cdef int a
    for a in range(w.rank - 1, -1, -1):
        if w.axes[a].n_in == 1:
            continue
        if cells == 1:
            stride = w.x.pooled[a]
        elif w.x.pooled[a] != stride * cells:
            return 0
        cells *= w.axes[a].n_in
    return stride if cells > 1 else <Py_ssize_t> 1 << w.x.item


cdef void gather_cells(const Window* w, char* to, const char* plane, Py_ssize_t begin, Py_ssize_t end) noexcept nogil:
    """Cells begin..end of a plane, row by row."""
    cdef int last = w.rank - 1, a
    cdef Py_ssize_t columns = w.axes[last].n_in, rest, n, offset
    while begin < end:
        n = min(columns - begin % columns, end - begin)
        offset = begin % columns * w.x.pooled[last]
        rest = begin // columns
        for a in range(last - 1, -1, -1):
            offset += rest % w.axes[a].n_in * w.x.pooled[a]
            rest //= w.axes[a].n_in
        w.gather(to, plane + offset, n, 1, w.x.pooled[last], 0, NULL, w.x.swap)
        to += n << w.x.item
        begin += n


cdef void put_values(const ReduceJob* job, char* out, char* values, char* stored, Py_ssize_t n, Py_ssize_t stride) noexcept nogil:
    """Divide, convert and store n values, `stride` bytes apart."""
    cdef const Window* w = job.w
    cdef bint direct = stride == <Py_ssize_t> 1 << w.out.item and w.out.aligned and not w.out.swap
    cdef char* target = out if direct else stored
    if w.mean != NULL:
        w.mean(target, values, n, 1, job.divisor, NULL, w.rounding)
    elif w.store != NULL:
        w.store(target, values, n)
    elif direct:
        memcpy(out, values, n * w.work_size)
    else:
        target = values
    if not direct:
        w.spread(out, target, n, 1, stride, 0, w.out.swap)


cdef Py_ssize_t lane_offset(const ReduceJob* job, const Side* side, Py_ssize_t plane) noexcept nogil:
    """Where a plane is, lanes counted as planes."""
    cdef Py_ssize_t lanes = job.w.batch.lanes if job.lanes == NULL else 1
    if lanes == 1:
        return plane_offset(job.w.batch, side, plane)
    return plane_offset(job.w.batch, side, plane // lanes) + plane % lanes * side.lane


cdef void reduce_planes(void* task, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    """Planes begin..end, each of one segment."""
    cdef const ReduceJob* job = <const ReduceJob*> task
    cdef const Window* w = job.w
    cdef char* stored = scratch + PLANES_AT_ONCE * 8
    cdef char* cells = stored + PLANES_AT_ONCE * 8
    cdef Py_ssize_t plane = begin, n
    cdef const char* x
    cdef Py_ssize_t x_stride = w.x.batch[0] if w.batch.ndim > 0 else 0, out_stride = w.out.batch[0] if w.batch.ndim > 0 else 0
    while plane < end:
        n = min(end - plane, <Py_ssize_t> PLANES_AT_ONCE) if job.merged else 1
        x = w.x.data + lane_offset(job, w.x, plane)
        if job.gathers:
            gather_cells(w, cells, x, 0, job.cells)
            job.runs(scratch, cells, job.cells, 1, 0, cells)
        else:
            job.runs(scratch, x, job.cells, n, x_stride, job.x_limit)
        put_values(job, w.out.data + lane_offset(job, w.out, plane), scratch, stored, n, out_stride)
        plane += n


cdef void reduce_segments(void* task, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    """Segments begin..end of all planes, to `partial`."""
    cdef const ReduceJob* job = <const ReduceJob*> task
    cdef const Window* w = job.w
    cdef Py_ssize_t unit, first, n
    cdef const char* x
    for unit in range(begin, end):
        x = w.x.data + lane_offset(job, w.x, unit // job.segments)
        first = unit % job.segments * SEGMENT
        n = min(job.cells - first, <Py_ssize_t> SEGMENT)
        if job.gathers:
            gather_cells(w, scratch, x, first, first + n)
            job.runs(job.partial + unit * w.work_size, scratch, n, 1, 0, scratch)
        else:
            job.runs(job.partial + unit * w.work_size, x + first * job.cell, n, 1, 0, job.x_limit)


cdef void reduce_lanes(void* task, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    """Blocks begin..end of lanes."""
    cdef const ReduceJob* job = <const ReduceJob*> task
    cdef const Window* w = job.w
    cdef char* more = scratch + LANES_AT_ONCE * 16
    cdef char* stored = more + LANES_AT_ONCE * 16
    cdef Py_ssize_t unit, plane, lane, lanes, first, n, i
    cdef const char* x
    for unit in range(begin, end):
        plane, lane = unit // job.blocks, unit % job.blocks * LANES_AT_ONCE
        lanes = w.batch.lanes - lane
        if lanes >= LANES_AT_ONCE + FEWEST_LANES:
            lanes = LANES_AT_ONCE
        x = w.x.data + plane_offset(w.batch, w.x, plane) + lane * w.x.lane
        job.lanes(scratch, x, min(job.cells, <Py_ssize_t> SEGMENT), lanes, job.cell)
        first = SEGMENT
        while first < job.cells:
            n = min(job.cells - first, <Py_ssize_t> SEGMENT)
            job.lanes(more, x + first * job.cell, n, lanes, job.cell)
            for i in range(lanes):
                (<double*> scratch)[i] += (<double*> more)[i]
            first += n
        put_values(job, w.out.data + plane_offset(w.batch, w.out, plane) + lane * w.out.lane, scratch, stored, lanes, w.out.lane)


cdef int run_reduce(const Window* w, const Pooling* p, const char* x_end, double moved, Supply* supply) noexcept nogil:
    """OTHER_WAY for what the row pipeline does as well."""
    cdef ReduceJob job
    cdef int a, fault
    cdef Py_ssize_t s, plane, bytes, partial_bytes
    cdef char* of_plane
    cdef char stored[8]
    cdef bint contiguous_cells
    memset(&job, 0, sizeof(job))
    job.w, job.x_limit = w, x_end
    job.runs = VECTORS.runs[runs_of(p)][p.storage]
    job.cells = 1
    job.divisor = w.divisor
    for a in range(w.rank):
        job.cells *= w.axes[a].n_in
        if w.divide_stored:
            job.divisor *= <double> w.axes[a].share[0]
    job.segments = (job.cells + SEGMENT - 1) // SEGMENT
    job.cell = cell_stride(w)
    contiguous_cells = w.x.aligned and not w.x.swap and job.cell == <Py_ssize_t> 1 << w.x.item
    job.planes = w.batch.planes
    if w.batch.lanes > 1:
        if p.op != SUM:
            return OTHER_WAY
        if w.batch.lanes >= FEWEST_LANES and job.cell > 0 and w.x.aligned and not w.x.swap and (
                w.x.lane == <Py_ssize_t> 1 << w.x.item):
            job.lanes = VECTORS.lanes[p.work == F64][p.storage]
            job.blocks = max(w.batch.lanes // LANES_AT_ONCE, <Py_ssize_t> 1)
            if w.batch.lanes - job.blocks * LANES_AT_ONCE >= FEWEST_LANES:
                job.blocks += 1
            return run_parallel(reduce_lanes, &job, w.batch.planes * job.blocks, LANES_AT_ONCE * 48, moved, supply)
        job.planes *= w.batch.lanes
    job.gathers = not contiguous_cells
    if job.gathers and p.op != SUM:
        return OTHER_WAY
    if job.planes == 0:
        return DONE
    job.merged = w.batch.ndim <= 1 and w.batch.lanes == 1 and not job.gathers
    bytes = min(job.cells, <Py_ssize_t> SEGMENT) << w.x.item if job.gathers else 0
    if job.segments == 1:
        return run_parallel(reduce_planes, &job, job.planes, PLANES_AT_ONCE * 16 + bytes, moved, supply)
    partial_bytes = job.planes * job.segments * 8
    job.partial = take(supply, partial_bytes)
    fault = shortage(supply)
    if job.partial != NULL:
        fault = run_parallel(reduce_segments, &job, job.planes * job.segments, bytes, moved, supply)
    for plane in range(job.planes if fault == DONE and not supply.measures else 0):
        of_plane = job.partial + plane * job.segments * w.work_size
        for s in range(1, job.segments):
            w.folds.more1(w.op, of_plane, of_plane + s * w.work_size, 1)
        put_values(&job, w.out.data + lane_offset(&job, w.out, plane), of_plane, stored, 1, 0)
    give(supply, job.partial, partial_bytes)
    return fault
