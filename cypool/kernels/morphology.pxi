# Grey dilation and erosion: the largest of a window's cells plus the structuring element's, or the smallest of the
# differences, which is the same with signs changed.  Included by ranks.pyx.
#
# Taps of -inf are no part of the element.  Sums are rounded to float32 (float64 for float64) before they are compared.

cdef extern from "ranks.h" nogil:
    void cypool_f32_begin(char* best, char* chosen, Py_ssize_t n)
    void cypool_f32_settle(double* out, const char* best, const char* chosen, Py_ssize_t n, double sign, double empty)
    void cypool_f64_begin(char* best, char* chosen, Py_ssize_t n)
    void cypool_f64_settle(double* out, const char* best, const char* chosen, Py_ssize_t n, double sign, double empty)
    void cypool_f32_choose(char* best, char* chosen, const char* cells, Py_ssize_t n, Py_ssize_t lanes, double sign,
                           const double* w, Py_ssize_t tap, int ignore)
    void cypool_f64_choose(char* best, char* chosen, const char* cells, Py_ssize_t n, Py_ssize_t lanes, double sign,
                           const double* w, Py_ssize_t tap, int ignore)
    void cypool_f32_give_chosen(double* plane, double* element, const char* chosen, Py_ssize_t cols, double sign,
                                const Py_ssize_t* at, const Py_ssize_t* shift, const Py_ssize_t* tap,
                                const Py_ssize_t* tap_shift, const double* g)
    void cypool_f64_give_chosen(double* plane, double* element, const char* chosen, Py_ssize_t cols, double sign,
                                const Py_ssize_t* at, const Py_ssize_t* shift, const Py_ssize_t* tap,
                                const Py_ssize_t* tap_shift, const double* g)


cdef void taps_of(const Job* j, const Py_ssize_t* out, Py_ssize_t* lead) noexcept nogil:
    """Where the taps of a window stand in the structuring element, along all axes but the last; as `lead_of`."""
    cdef Py_ssize_t n = 1, count, t, i
    cdef int a
    lead[0] = 0
    for a in range(j.rank - 2, -1, -1):
        count = j.table[a].count[out[a]]
        for t in range(count - 1, -1, -1):
            for i in range(n):
                lead[t * n + i] = lead[i] + (j.table[a].skip[out[a]] + t) * j.tap_stride[a]
        n *= count


cdef int set_taps(Job* j, tuple window, tuple skips) except -1:
    """How many taps a window has along each axis, and how many of every output's lie before its first cell."""
    cdef const Py_ssize_t[::1] skip
    cdef Py_ssize_t i
    cdef int a
    j.element_taps = 1
    for a in range(j.rank - 1, -1, -1):
        j.tap_stride[a] = j.element_taps
        j.element_taps *= window[a]
        skip = skips[a]
        j.table[a].skip = &skip[0]
        for i in range(j.table[a].n_out):
            if j.table[a].count[i] and not 0 <= skip[i] <= window[a] - j.table[a].count[i]:
                raise ValueError(f"window {i} of axis {a} has more than {window[a]} taps")
    return 0


cdef inline const char* row_of(const Job* j, Bench* b, const char* cells, Py_ssize_t n, Py_ssize_t aside, Py_ssize_t lanes,
                               Py_ssize_t apart) noexcept nogil:
    """A row of cells in the work type: where they lie, or in the block."""
    cdef bint dense = (aside if lanes == 1 else apart) == j.work_size and (lanes == 1 or n == 1 or aside == lanes * apart)
    if dense and j.x.code == j.work and not j.x.swap and not (<Py_ssize_t> cells & (j.work_size - 1)):
        return cells
    take(j, b, cells, n, aside, lanes, apart, b.block)
    return b.block


cdef void set_raises(const Job* j, Bench* b, Lanes* l, Py_ssize_t lane) noexcept nogil:
    """The structuring elements of a unit's lanes, these innermost."""
    cdef Py_ssize_t stride = j.element_stride[j.batch] if j.lanes > 0 else 0, i, t
    l.alike = l.n == 1 or stride == 0
    l.element += lane * stride
    for t in range(j.element_taps if not l.alike else 0):
        for i in range(l.n):
            b.raises[t * l.n + i] = l.element[i * stride + t]


cdef void choose(const Job* j, Bench* b, const Window* w, const Lanes* l, Py_ssize_t skip, Py_ssize_t n) noexcept nogil:
    """What n windows side by side choose: `labels`, of which tap `found` tells, all bits set for none."""
    cdef Py_ssize_t cols = n * l.n, cell = 0, i, t, tap
    cdef const char* cells
    cdef const double* raise_by
    if j.work == F32:
        cypool_f32_begin(b.labels, b.found, cols)
    else:
        cypool_f64_begin(b.labels, b.found, cols)
    for i in range(w.n_lead):
        for t in range(w.count):
            tap = b.tap[cell] = b.lead_tap[i] + skip + t
            cell += 1
            raise_by = l.element + tap if l.alike else b.raises + tap * l.n
            if l.alike and raise_by[0] == -INFINITY:
                continue
            cells = row_of(j, b, j.x.data + w.lead[i] + w.start + t * w.step, n, l.aside, l.n, l.x)
            if j.work == F32:
                cypool_f32_choose(b.labels, b.found, cells, cols, 1 if l.alike else l.n, j.sign, raise_by, cell - 1, j.ignore)
            else:
                cypool_f64_choose(b.labels, b.found, cells, cols, 1 if l.alike else l.n, j.sign, raise_by, cell - 1, j.ignore)


cdef void raised_unit(Job* j, Bench* b, Py_ssize_t unit) noexcept nogil:
    """One row of outputs, or those of some lanes."""
    cdef Py_ssize_t[MAX_DIM] out
    cdef Window w
    cdef Lanes l
    cdef const Table* last = &j.table[j.rank - 1]
    cdef Py_ssize_t x_offset = 0, col = 0, cols, lane
    cdef char* y = j.y.data
    cdef int lead = j.batch + (j.lanes > 0), a
    for a in range(j.rank - 2, -1, -1):
        out[a] = unit % j.table[a].n_out
        unit //= j.table[a].n_out
        y += out[a] * j.y.stride[lead + a]
    lane = lanes_of(j, &l, &unit)
    x_offset, y = lane * l.x, y + lane * l.y
    for a in range(j.batch - 1, -1, -1):
        x_offset += unit % j.extent[a] * j.x.stride[a]
        y += unit % j.extent[a] * j.y.stride[a]
        l.element += unit % j.extent[a] * j.element_stride[a]
        unit //= j.extent[a]
    set_raises(j, b, &l, lane)
    w.lead, w.step = b.lead, last.step * j.x.stride[lead + j.rank - 1]
    w.n_lead = lead_of(j, out, j.x.stride + lead, x_offset, b.lead)
    taps_of(j, out, b.lead_tap)
    while col < last.n_out:
        w.start, w.count = last.first[col] * j.x.stride[lead + j.rank - 1], last.count[col]
        cols = min(j.columns // l.n, j.hi - col) if j.lo <= col < j.hi else 1
        choose(j, b, &w, &l, last.skip[col], cols)
        if j.work == F32:
            cypool_f32_settle(b.numbers, b.labels, b.found, cols * l.n, j.sign, j.empty)
        else:
            cypool_f64_settle(b.numbers, b.labels, b.found, cols * l.n, j.sign, j.empty)
        store_lanes(&j.y, b, b.numbers, y + col * l.y_last, cols, l.y_last, l.n, l.y)
        col += cols


cdef void give_raised(const Job* j, Bench* b, const Window* w, const Lanes* l, Py_ssize_t skip, Py_ssize_t n,
                      const double* g) noexcept nogil:
    """What n windows side by side give: all to the cells that they chose, and to these ones' taps."""
    choose(j, b, w, l, skip, n)
    if j.work == F32:
        cypool_f32_give_chosen(b.plane, l.element_grad, b.found, n * l.n, j.sign, b.at, b.shift, b.tap, b.tap_shift, g)
    else:
        cypool_f64_give_chosen(b.plane, l.element_grad, b.found, n * l.n, j.sign, b.at, b.shift, b.tap, b.tap_shift, g)


cdef int set_element(Job* j, tuple element, double sign, tuple skips) except -1:
    """The structuring element: (float64 cells, strides along the batch axes in cells, window)."""
    cdef const double[::1] cells
    cdef Py_ssize_t reach = 0
    cdef int a
    cells, strides, window = element
    set_taps(j, window, skips)
    for a in range(j.batch + (j.lanes > 0)):
        j.element_stride[a] = strides[a]
        reach += max((j.extent[a] if a < j.batch else j.lanes) - 1, <Py_ssize_t> 0) * j.element_stride[a]
    if reach + j.element_taps > cells.shape[0]:
        raise ValueError(f"the structuring element has {cells.shape[0]} cells, {reach + j.element_taps} are needed")
    j.element, j.sign = &cells[0], sign
    return 0


def raised(tuple x, tuple out, tuple shape, bint lanes, list tables, tuple terms, tuple programs, tuple element, double sign,
           tuple skips, int threads):
    """Grey dilation (sign 1) or erosion (-1); arguments as in `forward`, and taps before each window's first, by axis."""
    cdef Job job
    cdef Job* j = &job
    cdef View source = View(x[0], False), target = View(out[0], True)
    cdef Py_ssize_t units
    cdef int a
    set_up(j, RAISED, shape, lanes, tables, terms, programs)
    fill(source, &j.x, x[1], x[2], j, True)
    fill(target, &j.y, out[1], out[2], j, False)
    set_types(j)
    set_element(j, element, sign, skips)
    units = units_of_planes(j, False)
    for a in range(j.rank - 1):
        units *= j.table[a].n_out
    run(raised_unit, j, units, False, threads)


def raised_backward(tuple grad, tuple x, tuple grad_x, double[:, ::1] grad_element, tuple shape, bint lanes, list tables,
                    tuple terms, tuple programs, tuple element, double sign, tuple skips, int threads):
    """The gradients of x and, for each plane, of its structuring element, all of them written."""
    cdef Job job
    cdef Job* j = &job
    cdef View source = View(x[0], False), pooled = View(grad[0], False), target = View(grad_x[0], True)
    cdef Py_ssize_t planes = 1
    cdef int a
    set_up(j, RAISED, shape, lanes, tables, terms, programs)
    fill(source, &j.x, x[1], x[2], j, True)
    fill(pooled, &j.y, grad[1], grad[2], j, False)
    fill(target, &j.g, grad_x[1], grad_x[2], j, True)
    set_types(j)
    set_element(j, element, sign, skips)
    for a in range(len(shape)):
        planes *= <Py_ssize_t> shape[a]
    if grad_element.shape[0] != planes or grad_element.shape[1] != j.element_taps:
        raise ValueError(f"the element's gradients must have shape {(planes, j.element_taps)}")
    j.element_grad = &grad_element[0, 0]
    run(backward_unit, j, units_of_planes(j, True), True, threads)
