# What happens to rows: sums down the leading axes, sums across the last one, bands of them; the gradient of an element.
# Included by filters.pyx.


cdef void add_cells(const Job* j, char* out, const char* row, const Py_ssize_t* cells, Py_ssize_t shift, const double* w,
                    Py_ssize_t m, Py_ssize_t n, Py_ssize_t s, bint more) noexcept nogil:
    """out[i] = the sum of w[t] times what stands i*s elements behind cell cells[t] + shift, i < n; nothing if m is 0."""
    cdef const char* rows[4]
    cdef Py_ssize_t t = 0, g, i
    if m == 0 and not more:
        memset(out, 0, n * j.size)
    while t < m:
        g = min(m - t, <Py_ssize_t> CYPOOL_GROUP)
        for i in range(g):
            rows[i] = row + (cells[t + i] + shift) * j.lanes * j.size
        cypool_filters[j.work == F64].sum(out, rows, w + t, g, n, more or t > 0, s)
        t += g


cdef void across(const Job* j, Bench* b, char* out, const char* sums, Py_ssize_t rows) noexcept nogil:
    """The last axis' matrix times each of a band's rows: the interior of all of them, then their borders."""
    cdef const Matrix* axis = &j.axis[j.rank - 1]
    cdef Py_ssize_t i, n, phase, part, room, lo = 0, hi = 0
    if axis.hi > axis.lo and (j.lanes == 1 or (axis.period == 1 and axis.advance == 1)):
        lo, hi = axis.lo, axis.hi
        n = (rows - 1) * j.out_pitch + (hi - lo) * j.lanes
        if axis.period == 1:
            across_phase(j, b, out + lo * j.lanes * j.size, sums, 0, n)
        else:  # each phase is a dense row, then they are woven into one
            room = (n + axis.period - 1) // axis.period
            for phase in range(axis.period):
                across_phase(j, b, b.phase + phase * room * j.size, sums, phase, (n - phase + axis.period - 1) // axis.period)
            cypool_filters[j.work == F64].weave(out + lo * j.size, b.phase, n, axis.period, room)
    for part in range(j.parts):
        for i in range(lo):
            across_column(j, out, sums + part * b.sum_size, &j.last[part], part > 0, rows, i)
        for i in range(hi, axis.n_out):
            across_column(j, out, sums + part * b.sum_size, &j.last[part], part > 0, rows, i)


cdef inline void across_phase(const Job* j, Bench* b, char* out, const char* sums, Py_ssize_t phase,
                              Py_ssize_t n) noexcept nogil:
    """n outputs of the interior, those of a phase."""
    cdef const Matrix* axis
    cdef Py_ssize_t start, m, part
    for part in range(j.parts):
        axis = &j.last[part]
        start = axis.begin[axis.lo + phase]
        m = axis.begin[axis.lo + phase + 1] - start
        add_cells(j, out, sums + part * b.sum_size, axis.cell + start, 0, axis.weight + start, m, n, axis.advance, part > 0)


cdef inline void across_column(const Job* j, char* out, const char* row, const Matrix* axis, bint more, Py_ssize_t rows,
                               Py_ssize_t i) noexcept nogil:
    """One output of each row."""
    cdef Py_ssize_t shift, r
    cdef Py_ssize_t entry = entry_of(axis, i, &shift)
    cdef Py_ssize_t start = axis.begin[entry]
    cdef Py_ssize_t m = axis.begin[entry + 1] - start
    out += i * j.lanes * j.size
    if j.lanes == 1:
        row += shift * j.size
        cypool_filters[j.work == F64].column(out, row, axis.cell + start, axis.weight + start, m, more, rows, j.out_pitch, j.pitch)
        return
    for r in range(rows):
        add_cells(j, out + r * j.out_pitch * j.size, row + r * j.pitch * j.size, axis.cell + start, shift, axis.weight + start, m,
                  j.lanes, 1, more)


cdef void plane_of(const Job* j, Py_ssize_t plane, const char** x, char** y, const double** element) noexcept nogil:
    """Where a plane and its result begin, and its weights."""
    cdef Py_ssize_t i
    cdef int a
    x[0], y[0], element[0] = j.x.data, j.y.data, j.element
    for a in range(j.batch - 1, -1, -1):
        i = plane % j.extent[a]
        plane //= j.extent[a]
        x[0] += i * j.x.stride[a]
        y[0] += i * j.y.stride[a]
        if j.element != NULL:
            element[0] += i * j.element_stride[a]


cdef inline Py_ssize_t row_in_plane(const Job* j, Py_ssize_t row, Py_ssize_t* out) noexcept nogil:
    """A row's place along each leading axis, and its offset in the result's plane."""
    cdef Py_ssize_t offset = 0
    cdef int a
    for a in range(j.rank - 2, -1, -1):
        out[a] = row % j.axis[a].n_out
        row //= j.axis[a].n_out
        offset += out[a] * j.y.stride[j.batch + j.lane + a]
    return offset


cdef void filter_unit(Job* j, Bench* b, Py_ssize_t unit) noexcept nogil:
    """A band of rows of outputs."""
    cdef Py_ssize_t[MAX_DIM] out
    cdef Py_ssize_t first = unit * j.band, plane, row, r, n, begin
    cdef Py_ssize_t rows = min(j.band, j.rows - first)
    cdef const double* element
    cdef const char* x
    cdef const char* single = NULL
    cdef char* y
    cdef char* sums = b.sum
    cdef char* results = b.out
    plane, row = first // j.plane_rows, first % j.plane_rows
    plane_of(j, plane, &x, &y, &element)
    if j.direct_out:
        results = y + row_in_plane(j, row, out)
    for r in range(rows):
        if j.begin != NULL:
            begin = j.begin[row]
            n = j.begin[row + 1] - begin
            single = down(j, b, x, j.offset + begin, j.weight + begin, j.lead_tap + begin, j.lead_row + begin, n, sums, element)
        else:
            row_in_plane(j, row, out)
            n = lead_of(j, b, out, 0)
            single = down(j, b, x, b.lead, b.lead_weight, b.lead_tap, b.lead_row, n, sums, element)
        sums += j.pitch * j.size
        row += 1
        if row == j.plane_rows and r + 1 < rows:
            row, plane = 0, plane + 1
            plane_of(j, plane, &x, &y, &element)
    across(j, b, results, single if j.band == 1 else b.sum, rows)
    if j.direct_out:
        return
    plane, row = first // j.plane_rows, first % j.plane_rows
    plane_of(j, plane, &x, &y, &element)
    if j.whole_out:
        ROWS.store[j.y.code][j.work](y + row_in_plane(j, row, out), results, rows * j.out_pitch)
        return
    for r in range(rows):
        store_row(j, b, results + r * j.out_pitch * j.size, y + row_in_plane(j, row, out))
        row += 1
        if row == j.plane_rows:
            row, plane = 0, plane + 1
            plane_of(j, plane, &x, &y, &element)


cdef inline const char* down(const Job* j, Bench* b, const char* x, const Py_ssize_t* lead, const double* weight,
                             const Py_ssize_t* lead_tap, const Py_ssize_t* lead_row, Py_ssize_t n, char* sums,
                             const double* element) noexcept nogil:
    """The n input rows of an output row, added up for each part; where the sums are."""
    cdef const char* rows[4]
    cdef double w[4]
    cdef Py_ssize_t t = 0, g, i, part, width = j.axis[j.rank - 1].n_in * j.lanes
    if n == 1 and weight[0] == 1 and j.band == 1 and element == NULL:
        return kept_row(j, b, x + lead[0], lead_row[0])
    if n == 0:
        for part in range(j.parts):
            memset(sums + part * b.sum_size, 0, width * j.size)
    while t < n:
        g = min(n - t, <Py_ssize_t> CYPOOL_GROUP)
        b.time += 1
        for i in range(g):
            rows[i] = kept_row(j, b, x + lead[t + i], lead_row[t + i])
        if element == NULL:
            cypool_filters[j.work == F64].sum(sums, rows, weight + t, g, width, t > 0, 1)
        else:
            for part in range(j.parts):
                for i in range(g):
                    w[i] = element[lead_tap[t + i] + part]
                cypool_filters[j.work == F64].sum(sums + part * b.sum_size, rows, w, g, width, t > 0, 1)
        t += g
    return sums


cdef void element_unit(Job* j, Bench* b, Py_ssize_t unit) noexcept nogil:
    """The gradient of one plane's element: of every tap the sum of its cells times the gradients of their windows."""
    cdef Py_ssize_t[MAX_DIM] out
    cdef const Matrix* last = &j.axis[j.rank - 1]
    cdef Py_ssize_t plane = unit, rows = 1, r, rest, n, t, i, k, entry, start, shift, x_offset = 0, y_offset = 0, y
    cdef const double* row
    cdef const double* g
    cdef double* sums
    cdef double total
    cdef int a
    for a in range(j.batch - 1, -1, -1):
        x_offset += unit % j.extent[a] * j.x.stride[a]
        y_offset += unit % j.extent[a] * j.y.stride[a]
        unit //= j.extent[a]
    memset(b.products, 0, j.taps * last.n_out * sizeof(double))
    for a in range(j.rank - 1):
        rows *= j.axis[a].n_out
    for r in range(rows):
        rest, y = r, y_offset
        for a in range(j.rank - 2, -1, -1):
            out[a] = rest % j.axis[a].n_out
            rest //= j.axis[a].n_out
            y += out[a] * j.y.stride[j.batch + a]
        g = <const double*> (j.y.data + y)
        n = lead_of(j, b, out, x_offset)
        for t in range(n):
            row = <const double*> load_rows(j, b, j.x.data + b.lead[t], b.row[0], 1)
            sums = b.products + b.lead_tap[t] * last.n_out
            i = 0
            while i < last.n_out:
                entry = entry_of(last, i, &shift)
                start = last.begin[entry]
                if i == last.lo and last.hi > last.lo and last.period == 1:
                    for k in range(start, last.begin[entry + 1]):
                        cypool_products(sums + last.tap[k] * last.n_out + i, g + i, row + last.cell[k], last.hi - i, last.advance)
                    i = last.hi
                    continue
                for k in range(start, last.begin[entry + 1]):
                    sums[last.tap[k] * last.n_out + i] += g[i] * row[last.cell[k] + shift]
                i += 1
    for t in range(j.taps):
        total = 0
        for i in range(last.n_out):
            total += b.products[t * last.n_out + i]
        j.grad[plane * j.taps + t] = total
