# Rows of a filter's input and output: between an array's strides and storage dtype and the work type; maxima of several rows.
# Included by filters.pyx.


cdef void gather_rows(const Job* j, const char* at, char* to, Py_ssize_t rows) noexcept nogil:
    """Rows of x in x's own dtype, one after the other."""
    cdef Py_ssize_t col = j.x.stride[j.batch + j.lane + j.rank - 1], r
    if not j.lane:
        # a column for each row, of lanes that may be neighbours: the order of loops in which these are copied at once
        ROWS.gather[j.x.item](to, at, rows, j.wide, j.row_stride, col, NULL, j.x.swap)
        return
    for r in range(rows):
        ROWS.gather[j.x.item](to + (r * j.wide * j.lanes << j.x.item), at + r * j.row_stride, j.wide, j.lanes, col,
                              j.x.stride[j.batch], NULL, j.x.swap)


cdef const char* load_rows(const Job* j, Bench* b, const char* at, char* to, Py_ssize_t rows) noexcept nogil:
    """Rows of x, neighbours along the last leading axis, in the work type: where they lie, or in `to`."""
    cdef bint here = j.direct and (rows == 1 or j.dense)
    if j.x.code == j.work:
        if here:
            return at
        gather_rows(j, at, to, rows)
        return to
    if not here:
        gather_rows(j, at, b.raw, rows)
    ROWS.load[j.x.code][j.work](to, at if here else b.raw, rows * j.wide * j.lanes)
    return to


cdef void make_rows(const Job* j, Bench* b, const char* at, char* to, Py_ssize_t rows) noexcept nogil:
    """Neighbouring rows that the matrices are applied to, in the work type, in `to`, `wide` cells apart: of x, or of maxima."""
    cdef const cypool_filters_t* f = &cypool_filters[j.work == F64]
    cdef Py_ssize_t n = j.wide * j.lanes, others = 1, down = j.axis[j.rank - 2].max if j.rank > 1 else 1, r, i, rest
    cdef Py_ssize_t most = j.axis[j.rank - 1].max
    cdef const char* first
    cdef const char* next
    cdef int a
    if j.plain:
        first = load_rows(j, b, at, to, rows)
        if first != to:
            memcpy(to, first, rows * n * j.size)
        return
    for a in range(j.rank - 2):
        others *= j.axis[a].max
    first = load_rows(j, b, at, b.wide, rows + down - 1)
    for r in range(1, others):
        next, rest = at, r
        for a in range(j.rank - 3, -1, -1):
            next += rest % j.axis[a].max * j.x.stride[j.batch + j.lane + a]
            rest //= j.axis[a].max
        next = load_rows(j, b, next, b.other, rows + down - 1)
        f.larger(b.wide, first, next, (rows + down - 1) * n)
        first = b.wide
    for i in range(1, down):
        next = to if most == 1 else b.other
        f.larger(<char*> next, first if i == 1 else next, first + i * n * j.size, rows * n)
    if down > 1:
        first = to if most == 1 else b.other
    for i in range(1, most):  # what stands at the ends of rows is nobody's
        f.larger(to, first if i == 1 else to, first + i * j.lanes * j.size, rows * n - (most - 1) * j.lanes)
    if most == 1 and down == 1:
        memcpy(to, first, rows * n * j.size)


cdef const char* kept_row(const Job* j, Bench* b, const char* at, Py_ssize_t row) noexcept nogil:
    """A row for the matrices, the `row`-th along the last leading axis: where it lies, in what a slot still holds, or made
    together with its neighbours in a slot that nothing of the present time is in."""
    cdef Py_ssize_t ahead
    cdef int i, oldest = 0
    if j.in_place:
        return at
    ahead = row % j.block
    at -= ahead * j.row_stride
    for i in range(SLOTS):
        if b.held[i] == at and ahead < b.made[i]:  # planes that overlap end and begin at one address
            b.used[i] = b.time
            return b.row[i] + ahead * j.wide * j.lanes * j.size
        if b.used[i] < b.used[oldest]:
            oldest = i
    b.held[oldest], b.used[oldest] = at, b.time
    b.made[oldest] = min(j.block, j.axis[j.rank - 2].n_in - row + ahead) if j.rank > 1 else 1
    make_rows(j, b, at, b.row[oldest], b.made[oldest])
    return b.row[oldest] + ahead * j.wide * j.lanes * j.size


cdef void store_row(const Job* j, Bench* b, const char* row, char* to) noexcept nogil:
    cdef Py_ssize_t n = j.axis[j.rank - 1].n_out
    cdef Py_ssize_t col = j.y.stride[j.batch + j.lane + j.rank - 1]
    cdef const char* stored = row
    if j.y.code != j.work:
        ROWS.store[j.y.code][j.work](b.stored, row, n * j.lanes)
        stored = b.stored
    if j.lane:
        ROWS.spread[j.y.item](to, stored, n, j.lanes, col, j.y.stride[j.batch], j.y.swap)
    elif col == <Py_ssize_t> 1 << j.y.item and not j.y.swap:
        memcpy(to, stored, n << j.y.item)
    else:
        ROWS.spread[j.y.item](to, stored, 1, n, 0, col, j.y.swap)
