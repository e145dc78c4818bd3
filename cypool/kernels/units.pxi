# Units of a job shared among threads, for modules that have a Job, a Bench, PIECES, and lay_out(job, bench, scratch, backward),
# which returns the bytes of scratch.  Included by them; core.pyx has its own in sides.pxi, whose jobs are of many kinds.

ctypedef void (*unit_t)(Job* j, Bench* b, Py_ssize_t unit) noexcept nogil


cdef int run(unit_t unit, Job* j, Py_ssize_t units, bint backward, int threads) except -1:
    """Share the units among threads, each with scratch of its own; which thread does a unit changes nothing."""
    cdef Bench probe
    cdef Py_ssize_t nbytes, piece, pieces
    cdef char* scratch
    if units <= 0:
        return 0
    threads = <int> max(min(<Py_ssize_t> threads, units), 1)
    nbytes = lay_out(j, &probe, NULL, backward) + 64
    scratch = <char*> malloc(nbytes * threads + 64)
    if scratch == NULL:
        raise MemoryError(f"no memory for {nbytes} bytes of scratch for each of {threads} threads")
    cdef char* base = scratch + (-<Py_ssize_t> scratch & 63)
    with nogil:
        if threads == 1:
            run_piece(unit, j, 0, units, base, backward)
        else:
            pieces = min(units, <Py_ssize_t> threads * PIECES)
            for piece in prange(pieces, schedule="dynamic", num_threads=threads):
                run_piece(unit, j, units * piece // pieces, units * (piece + 1) // pieces, base + threadid() * nbytes,
                          backward)
        free(scratch)
    return 0


cdef void run_piece(unit_t unit, Job* j, Py_ssize_t begin, Py_ssize_t end, char* scratch, bint backward) noexcept nogil:
    cdef Bench bench
    cdef Py_ssize_t i
    lay_out(j, &bench, scratch, backward)
    for i in range(begin, end):
        unit(j, &bench, i)
