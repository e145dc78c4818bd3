# Small planes side by side (beside.h): which calls of planes.pxi take this way, and as many planes as fill vectors at once.
# Included by core.pyx.
#
# What this way needs is contiguous planes in both arrays, windows one cell apart and no NaN; planes with one, and those that
# are too few to fill a vector, are left to planes.h.

cdef enum:
    BESIDE_CELLS = 2048          # of a plane at most
    BESIDE_TAPS = 10             # of a window's row and column together at least, unless rows are shorter than a vector,
    BESIDE_MEMORY_TAPS = 24      # and from memory, which is better read in its order


cdef bint lines_fit(const Axis* axis) noexcept nogil:
    """Whether this axis' windows are one cell apart and none lies in the padding alone; four lines go at once."""
    return (axis.reach_stride == 1 and axis.step == 1 and 0 <= -axis.reach_origin < axis.window
            and axis.n_out + axis.reach_origin <= axis.n_in)


cdef void plan_beside(PlaneJob* job, const Pooling* p, double moved) noexcept nogil:
    """Small planes of maxima and minima, contiguous in both arrays, may go side by side."""
    cdef const Window* w = job.w
    cdef const Axis* down = &w.axes[0]
    cdef const Axis* across = &w.axes[w.rank - 1]
    cdef cypool_beside* side = &job.side
    cdef Py_ssize_t size = w.work_size, taps = down.window + across.window, most, lines
    if p.op == SUM or w.rank != 2 or not job.merged or job.staged or not lines_fit(down) or not lines_fit(across):
        return
    if down.window == 1 or across.window == 1 or taps < BESIDE_MEMORY_TAPS and (
            moved > CACHE_BYTES or taps < BESIDE_TAPS and across.n_in * size >= VECTOR_BYTES):
        return
    most = max(down.n_in * across.n_in, down.n_out * across.n_out)
    if (most > BESIDE_CELLS or across.n_in < 4 or down.n_out < 4 or across.n_out < 4
            or w.x.pooled[0] != across.n_in * size or w.out.pooled[0] != across.n_out * size
            or job.call.x_plane % size or job.call.out_plane % size):
        return
    job.beside_planes = VECTORS.vector_bytes // size
    if w.batch.planes >= job.beside_planes:
        job.beside = VECTORS.beside[p.op][p.storage]
    side.height, side.width, side.rows, side.columns = down.n_in, across.n_in, down.n_out, across.n_out
    side.lead_taps, side.lead_before = down.window, -down.reach_origin
    side.taps, side.before = across.window, -across.reach_origin
    side.x_plane, side.out_plane = job.call.x_plane // size, job.call.out_plane // size
    lines = 4 * max(down.n_in, across.n_in)
    if job.beside != NULL:
        job.beside_bytes = (most + down.n_out * across.n_in + lines + 1) * VECTORS.vector_bytes


cdef Py_ssize_t run_beside(const PlaneJob* job, cypool_planes* call, char* out, const char* x, Py_ssize_t planes,
                           char* scratch) noexcept nogil:
    """As many of these planes as fill vectors; returns how many there were."""
    cdef cypool_beside side = job.side
    cdef Py_ssize_t done = 0, vector = VECTORS.vector_bytes, n = job.beside_planes
    side.cells = scratch + (-<Py_ssize_t> scratch & (vector - 1))
    side.folded = <char*> side.cells + max(side.height * side.width, side.rows * side.columns) * vector
    side.ends = <char*> side.folded + side.rows * side.width * vector
    while done + n <= planes:
        if not job.beside(&side, out, x):
            call.out_limit = out + n * call.out_plane if call.out_plane == job.rows * call.out_row else out
            job.w.planes(call, out, x, n, 0, job.rows)
        out += n * call.out_plane
        x += n * call.x_plane
        done += n
    return done
