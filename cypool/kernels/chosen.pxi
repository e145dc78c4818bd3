# Gradients of selections, cell by cell (chosen.h): which calls take this way, and how work is cut.  Included by core.pyx.
#
# Windows of few taps over rows of one lane: measured from 10 taps on, and in double unless two rows are made at once, the
# scatter is as fast or faster.  A unit is a row of a plane of the result; the bits are those of scatter.pxi.
# Indices become codes of one byte.  Where all must be checked before the first cell is written, those of the first planes are
# kept meanwhile, and the others are read twice.

cdef enum:
    LEAST_COLUMNS = 40           # shorter rows do not fill vectors; and longer than all taps, as scatter.h wants it
    RING_BYTES = 1 << 18         # of a thread's scratch, at most
    RING_BLOCK_BYTES = 4096      # of codes that are made at once
    KEPT_BYTES = 3 << 20         # of codes

cdef struct Chosen:
    const Scatter* s
    cypool_chosen call
    cypool_chosen_t kernel
    Py_ssize_t height            # rows of a plane of the result
    Py_ssize_t grad_bytes        # of a thread's scratch
    Py_ssize_t code_bytes
    uint8_t* kept                # codes, of this many planes
    Py_ssize_t kept_planes
    int failed                   # an index of this row of outputs does not belong
    Py_ssize_t bad_row


cdef bint rows_are_runs(const Side* side, const Axis* axis, int last, bint inputs) noexcept nogil:
    """Whether rows are native elements beside each other."""
    return side.aligned and not side.swap and contiguous(side, last, 1, axis.extent if inputs else axis.n_out)


cdef cypool_chosen_t chosen_kernel(const Scatter* s, const Axis* turned, int storage) noexcept nogil:
    """The kernel for this geometry and these arrays, or NULL."""
    cdef int a, last = s.rank - 1
    cdef double taps = 1.0
    if not checks_rows(s):
        return NULL
    for a in range(s.rank):
        if turned[a].phases == NULL:
            return NULL
        taps *= <double> s.axes[a].window
    if taps > CYPOOL_CHOSEN_TAPS or turned[last].n_phases > 2 or s.axes[last].extent < LEAST_COLUMNS:
        return NULL
    if storage == F64 and not two_rows_at_once(s):
        return NULL
    if not (rows_are_runs(&s.grad, &s.axes[last], last, False) and rows_are_runs(&s.index, &s.axes[last], last, False)
            and rows_are_runs(&s.result, &s.axes[last], last, True)):
        return NULL
    return VECTORS.chosen[storage]


cdef bint two_rows_at_once(const Scatter* s) noexcept nogil:
    """Windows of 2x2 or 3x3, dense, at strides of 2."""
    cdef int a
    for a in range(s.rank):
        if s.axes[a].step != 1 or s.axes[a].reach_stride != 2 or s.axes[a].window != s.axes[0].window:
            return False
    return s.rank == 2 and 2 <= s.axes[0].window <= 3


cdef bint result_in_blocks(const Scatter* s) noexcept nogil:
    """Whether all rows of the result are 16-byte blocks at 16-byte boundaries."""
    cdef Py_ssize_t bits = <Py_ssize_t> s.result.data | s.axes[s.rank - 1].extent << s.result.item
    cdef int a
    for a in range(s.batch.ndim):
        bits |= s.result.batch[a]
    for a in range(s.rank - 1):
        bits |= s.result.pooled[a]
    return bits & 15 == 0


cdef void keep_codes(void* task, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    """Check rows of indices, and keep their codes."""
    cdef Chosen* job = <Chosen*> task
    cdef const Scatter* s = job.s
    cdef const cypool_chosen* call = &job.call
    cdef Py_ssize_t r = begin, plane, o, n, bad
    cdef uint8_t* codes
    while r < end and not job.failed:
        plane, o = r // call.rows, r % call.rows
        n = min(call.rows - o, end - r)
        codes = NULL
        if plane < job.kept_planes:
            codes = job.kept + plane * call.rows * call.pitch
            memset(codes + o * call.pitch, 0xff, n * call.pitch)
            codes += call.before
        bad = call.look(&call.down, &call.across, s.index.data + plane_offset(&s.batch, &s.index, plane), call.index_row, o,
                        o + n, codes, call.pitch, -1)
        if bad >= 0:
            job.failed, job.bad_row = 1, plane * call.rows + bad
        r += n


cdef void chosen_rows(void* task, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    cdef Chosen* job = <Chosen*> task
    cdef const Scatter* s = job.s
    cdef cypool_chosen call = job.call
    cdef Py_ssize_t r = begin, plane, y, n, bad
    cdef const uint8_t* codes
    cdef char* out
    call.grads, call.codes = scratch, <uint8_t*> (scratch + job.grad_bytes)
    memset(call.codes, 0xff, job.code_bytes)
    while r < end and not job.failed:
        plane, y = r // job.height, r % job.height
        n = min(job.height - y, end - r)
        out = s.result.data + plane_offset(&s.batch, &s.result, plane) + y * call.out_row
        call.out_limit = out + n * call.out_row if call.out_row == call.columns << s.result.item else NULL
        codes = job.kept + plane * call.rows * call.pitch if plane < job.kept_planes else NULL
        bad = job.kernel(&call, out, s.grad.data + plane_offset(&s.batch, &s.grad, plane),
                         s.index.data + plane_offset(&s.batch, &s.index, plane), codes, y, y + n)
        if bad >= 0:
            job.failed, job.bad_row = 1, plane * call.rows + bad
        r += n
    if call.streams:
        cypool_fence()


cdef int enter_holders(cypool_chosen* call, const Scatter* s, const Axis* turned) noexcept nogil:
    """The geometry."""
    cdef int last = s.rank - 1, q
    cdef const Axis* axis = &s.axes[last]
    cdef const Axis* holders = &turned[last]
    cdef cypool_axis* down = &call.down
    call.across = axis_of(axis)
    call.columns, call.outputs, call.step = axis.extent, axis.n_out, holders.step
    call.phases, call.turn = <int> holders.n_phases, holders.step * axis.reach_stride // axis.step
    for q in range(call.phases):
        call.first[q], call.holders[q] = holders.phases[2 * q], holders.phases[2 * q + 1]
        call.tap[q] = (q - axis.reach_origin - call.first[q] * axis.reach_stride) // axis.step
    # without a leading axis: one row, of which the only window is the only holder
    down.taps = down.stride = down.step = down.cells = down.outputs = down.hi = 1
    call.rows = call.lead_phases = call.lead_step = call.lead_reach = call.lead_holders[0] = 1
    if last > 0:
        axis, holders = &s.axes[0], &turned[0]
        down[0] = axis_of(axis)
        call.rows, call.lead_phases, call.lead_step = axis.n_out, holders.n_phases, holders.step
        call.lead_turn = call.lead_step * axis.reach_stride // axis.step * call.across.taps
        call.lead_before, call.lead_reach = -axis.reach_origin, axis.reach_length
        for q in range(call.lead_phases):
            call.lead_first[q], call.lead_holders[q] = holders.phases[2 * q], holders.phases[2 * q + 1]
            call.lead_tap[q] = ((q - axis.reach_origin - call.lead_first[q] * axis.reach_stride) // axis.step
                                * call.across.taps)
        call.fused = <int> call.down.taps if two_rows_at_once(s) else 0
        call.grad_row, call.index_row, call.out_row = s.grad.pooled[0], s.index.pooled[0], s.result.pooled[0]
    return 0


cdef int run_chosen(Scatter* s, const Axis* turned, cypool_chosen_t kernel, const Py_buffer* grad, bint check, bint own,
                    double moved, Supply* supply) noexcept nogil:
    """OTHER_WAY if the scratch would be too large.  s.failed: an index does not belong.  `own`: the result may be written all
    the same."""
    cdef Chosen job
    cdef cypool_chosen* call = &job.call
    cdef int q, lanes = VECTOR_BYTES // 4, fault = DONE
    cdef Py_ssize_t after = 0, ring = 1, cells, kept_bytes = 0
    memset(&job, 0, sizeof(job))
    job.s, job.kernel = s, kernel
    enter_holders(call, s, turned)
    call.look = VECTORS.check[s.index_kind != PLANE]
    job.height = s.axes[0].extent if s.rank > 1 else 1
    cells = (call.columns + call.phases - 1) // call.phases
    cells = (cells + lanes - 1) // lanes * lanes
    for q in range(call.phases):
        if call.holders[q] > 0:
            call.before = max(call.before, -call.first[q])
            after = max(after, call.first[q] + (call.holders[q] - 1) * call.step)
    call.pitch = (call.before + max(after + cells, call.outputs) + lanes - 1) // lanes * lanes
    call.block = max(min(RING_BLOCK_BYTES // call.pitch, call.rows), <Py_ssize_t> 1)
    while (ring - call.block) * call.down.stride < call.lead_reach:    # two rows are made at once
        ring *= 2
    call.ring_mask = ring - 1
    if <double> ring * call.pitch > RING_BYTES:
        return OTHER_WAY
    call.grad_begin, call.grad_end = memory_begin(grad), memory_end(grad)
    job.grad_bytes = (CYPOOL_CHOSEN_TAPS * call.pitch << s.grad.item) + 64
    job.code_bytes = ring * call.pitch + 64
    call.streams = moved > CACHE_BYTES and result_in_blocks(s)
    if check and not own:
        job.kept_planes = min(KEPT_BYTES // (call.rows * call.pitch), s.batch.planes)
        kept_bytes = job.kept_planes * call.rows * call.pitch + 64
        job.kept = <uint8_t*> take(supply, kept_bytes)
        if job.kept == NULL:
            fault = shortage(supply)
        else:
            fault = run_parallel(keep_codes, &job, s.batch.planes * call.rows, 64, bytes_of_indices(s), supply)
    if fault == DONE and not job.failed:
        fault = run_parallel(chosen_rows, &job, s.batch.planes * job.height, job.grad_bytes + job.code_bytes, moved, supply)
    if kept_bytes > 0:
        give(supply, <char*> job.kept, kept_bytes)
    if job.failed:
        each_output(s, job.bad_row, job.bad_row + 1, False, NULL)
    return fault


cdef double bytes_of_indices(const Scatter* s) noexcept nogil:
    cdef double n = <double> s.batch.planes * (1 << s.index.item)
    cdef int a
    for a in range(s.rank):
        n *= <double> s.axes[a].n_out
    return n


cdef const char* memory_begin(const Py_buffer* view) noexcept nogil:
    """The first byte of what the array's elements reach."""
    cdef const char* begin = <const char*> view.buf
    cdef int a
    for a in range(view.ndim):
        if view.strides[a] < 0:
            begin += (view.shape[a] - 1) * view.strides[a]
    return begin
