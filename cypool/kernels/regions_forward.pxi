# A box's bins.  Included by regions.pyx.
#
# One row of bins at a time.  The rows of cells that it needs are read where they lie, or put together in the work dtype if
# they have another dtype, strides or byte order; they are folded into one row over the columns that the box touches, and
# that is folded into the bins.  A row is `columns` cells of `lanes` contiguous elements.

cdef struct Place:               # where a unit works: cells, bins, channels
    const char* cells            # the image's plane, at its first channel
    char* bins                   # the result's, and the indices'
    char* codes
    Py_ssize_t lanes
    Py_ssize_t lane              # stride of the image's lanes
    Py_ssize_t px0               # columns of bins
    Py_ssize_t px1
    double divisor               # of sampled means
    bint direct                  # cells are read where they lie


# ---- folds over contiguous elements --------------------------------------------------------------------------------

cdef void weigh(Real* z, const Real** rows, const Real* w, int m, Py_ssize_t n) noexcept nogil:
    """z = the weighted sum of m rows, in their order."""
    cdef Py_ssize_t i
    cdef const Real* a = rows[0]
    cdef const Real* b = rows[1]
    cdef const Real* c = rows[2]
    cdef const Real* d = rows[3]
    cdef Real p = w[0], q = w[1], r = w[2], s = w[3]
    if m == 1:
        for i in range(n):
            z[i] = p * a[i]
    elif m == 2:
        for i in range(n):
            z[i] = p * a[i] + q * b[i]
    elif m == 3:
        for i in range(n):
            z[i] = p * a[i] + q * b[i] + r * c[i]
    else:
        for i in range(n):
            z[i] = p * a[i] + q * b[i] + r * c[i] + s * d[i]


cdef void weigh_more(Real* z, const Real** rows, const Real* w, int m, Py_ssize_t n) noexcept nogil:
    """z += the weighted rows, one after the other."""
    cdef Py_ssize_t i
    cdef const Real* a = rows[0]
    cdef const Real* b = rows[1]
    cdef const Real* c = rows[2]
    cdef const Real* d = rows[3]
    cdef Real p = w[0], q = w[1], r = w[2], s = w[3]
    if m == 1:
        for i in range(n):
            z[i] = z[i] + p * a[i]
    elif m == 2:
        for i in range(n):
            z[i] = z[i] + p * a[i] + q * b[i]
    elif m == 3:
        for i in range(n):
            z[i] = z[i] + p * a[i] + q * b[i] + r * c[i]
    else:
        for i in range(n):
            z[i] = z[i] + p * a[i] + q * b[i] + r * c[i] + s * d[i]


cdef inline Real larger(Real best, Real a) noexcept nogil:
    """The first of equals; NaN wins, by two selects and no branch."""
    cdef Real most = a if a > best else best
    return a if a != a else most


cdef void raise_row(Real* best, const Real* a, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        best[i] = larger(best[i], a[i])


cdef void raise_row_from(Real* best, int32_t* where, const Real* a, int32_t row, Py_ssize_t n) noexcept nogil:
    """The same, remembering the row: the first of equals, the last NaN."""
    cdef Py_ssize_t i
    cdef bint better
    for i in range(n):
        better = (a[i] > best[i]) | (a[i] != a[i])
        best[i] = a[i] if better else best[i]
        where[i] = row if better else where[i]


cdef void offer(Real* best, int64_t* codes, const Real* a, const Real* b, Real p, Real q, int64_t code, bint first,
                Py_ssize_t n) noexcept nogil:
    """A sample p*a + q*b (b NULL: p*a; a NULL: 0) against the best so far; codes NULL: nobody asks which it was."""
    cdef Py_ssize_t i
    cdef Real value = 0
    cdef bint better
    for i in range(n):
        if a != NULL:
            value = p * a[i]
            if b != NULL:
                value = value + q * b[i]
        if codes == NULL:
            best[i] = value if first else larger(best[i], value)
        else:
            better = (value > best[i]) | (value != value) | first
            best[i] = value if better else best[i]
            codes[i] = code if better else codes[i]


# ---- rows of cells -------------------------------------------------------------------------------------------------

cdef void put_together(Real* tag, const Job* j, Bench* b, const Place* at, Py_ssize_t y, int slot) noexcept nogil:
    """The touched columns of row y, contiguous and in the work dtype, in row `slot`."""
    cdef const Runs* runs = &b.runs
    cdef int work = F32 if Real is float else F64
    cdef char* to = b.row[slot] if j.image.code == work else b.raw
    cdef Py_ssize_t i, item = <Py_ssize_t> 1 << j.image.item
    for i in range(runs.n):
        ROWS.gather[j.image.item](to + runs.column[i] * at.lanes * item,
                                  at.cells + y * j.image.row + runs.cell[i] * j.image.column, runs.count[i], at.lanes,
                                  j.image.column, at.lane, NULL, j.image.swap)
    if j.image.code != work:
        ROWS.load[j.image.code][work](b.row[slot], to, runs.columns * at.lanes)


cdef inline const Real* cell_at(Real* tag, const Job* j, const Bench* b, const Place* at, Py_ssize_t y, Py_ssize_t cell,
                                Py_ssize_t column, int slot) noexcept nogil:
    """The lanes of a cell of row y, which is in row `slot` if rows are put together."""
    if at.direct:
        return <const Real*> (at.cells + y * j.image.row + cell * j.image.column)
    return <const Real*> b.row[slot] + column * at.lanes


cdef void fold_rows(Real* tag, const Job* j, Bench* b, const Place* at, const Py_ssize_t* cells, const double* shares,
                    Py_ssize_t n) noexcept nogil:
    """The weighted sum of n rows of cells (or of a sample's one or two), over the touched columns, into `folded`."""
    cdef const Real* rows[4]
    cdef Real w[4]
    cdef Real* z = <Real*> b.folded
    cdef const Runs* runs = &b.runs
    cdef Py_ssize_t t = 0, i, k, stretch, count
    cdef int m
    rows[0] = rows[1] = rows[2] = rows[3] = NULL
    w[0] = w[1] = w[2] = w[3] = 0
    while t < n:
        m = <int> min(n - t, <Py_ssize_t> 4)
        for k in range(m):
            w[k] = <Real> shares[t + k]
            if not at.direct:
                put_together(tag, j, b, at, cells[t + k], <int> k)
        i = 0
        while i < runs.n:
            stretch = runs.column[i] * at.lanes
            count = (runs.count[i] if at.direct else runs.columns) * at.lanes
            for k in range(m):
                rows[k] = cell_at(tag, j, b, at, cells[t + k], runs.cell[i], runs.column[i], <int> k)
            if t == 0:
                weigh(z + stretch, rows, w, m, count)
            else:
                weigh_more(z + stretch, rows, w, m, count)
            i = i + 1 if at.direct else runs.n
        t += m


# ---- one row of bins -----------------------------------------------------------------------------------------------

cdef void mean_of_taps(Real* out, const Real* z, const Bins* x, Py_ssize_t p, Py_ssize_t lanes) noexcept nogil:
    cdef const Real* rows[4]
    cdef Real w[4]
    cdef Real total
    cdef Py_ssize_t t = x.begin[p], end = x.begin[p + 1]
    cdef int m, k
    if lanes == 1:
        total = <Real> x.share[t] * z[x.column[t]]
        for t in range(t + 1, end):
            total = total + <Real> x.share[t] * z[x.column[t]]
        out[0] = total
        return
    rows[0] = rows[1] = rows[2] = rows[3] = NULL
    w[0] = w[1] = w[2] = w[3] = 0
    while t < end:
        m = <int> min(end - t, <Py_ssize_t> 4)
        for k in range(m):
            rows[k] = z + x.column[t + k] * lanes
            w[k] = <Real> x.share[t + k]
        if t == x.begin[p]:
            weigh(out, rows, w, m, lanes)
        else:
            weigh_more(out, rows, w, m, lanes)
        t += m


cdef void mean_row(Real* out, const Job* j, Bench* b, const Place* at, Py_ssize_t y0, Py_ssize_t y1) noexcept nogil:
    cdef const Bins* x = &b.x
    cdef Py_ssize_t p, i, taps
    cdef Real divisor
    if y1 > y0:
        fold_rows(out, j, b, at, b.y.cell + y0, b.y.share + y0, y1 - y0)
    for p in range(at.px0, at.px1):
        taps = (x.begin[p + 1] - x.begin[p]) * (y1 - y0)
        if taps == 0:
            memset(out, 0, at.lanes * sizeof(Real))
        else:
            mean_of_taps(out, <const Real*> b.folded, x, p, at.lanes)
            divisor = <Real> (at.divisor if j.sampled else <double> taps)
            for i in range(at.lanes):
                out[i] = out[i] / divisor
        out += at.lanes


cdef inline int64_t code_of(const Bins* x, Py_ssize_t bins, Py_ssize_t ty, Py_ssize_t tx, int corner) noexcept nogil:
    """A sample's corner as one number; `bins` of the box, whose last entry tells how many taps there are along x."""
    return (<int64_t> ty * x.begin[bins] + tx) * 4 + corner


cdef void interpolated_row(Real* out, const Job* j, Bench* b, const Place* at, Py_ssize_t ty, bint first) noexcept nogil:
    """Offer the samples of one row of them to the bins."""
    cdef const Bins* x = &b.x
    cdef const Real* z = <const Real*> b.folded
    cdef Real* best = out
    cdef int64_t* codes = b.codes if j.index.data != NULL else NULL
    cdef Py_ssize_t[2] cells
    cdef double[2] shares
    cdef Py_ssize_t p, t
    cdef bint begins, inside = b.y.cell[ty] >= 0
    if inside:
        cells[0], cells[1] = b.y.cell[ty], b.y.cell[ty] + 1
        shares[0], shares[1] = 1.0 - b.y.share[ty], b.y.share[ty]
        fold_rows(out, j, b, at, cells, shares, 2 if shares[1] > 0 else 1)
    for p in range(at.px0, at.px1):
        begins = first
        for t in range(x.begin[p], x.begin[p + 1]):
            if not inside or x.cell[t] < 0:
                offer(best, codes, <const Real*> NULL, <const Real*> NULL, <Real> 0, <Real> 0, -1, begins, at.lanes)
            else:
                offer(best, codes, z + x.column[t] * at.lanes,
                      z + (x.column[t] + 1) * at.lanes if x.share[t] > 0 else NULL, <Real> (1.0 - x.share[t]),
                      <Real> x.share[t], code_of(x, j.bins_x, ty, t, 0), begins, at.lanes)
            begins = False
        best += at.lanes
        if codes != NULL:
            codes += at.lanes


cdef void corners_row(Real* out, const Job* j, Bench* b, const Place* at, Py_ssize_t ty, bint first) noexcept nogil:
    """The same by weighted corners; a corner of weight 0 is 0."""
    cdef const Bins* x = &b.x
    cdef const Real* a
    cdef Real* best = out
    cdef int64_t* codes = b.codes if j.index.data != NULL else NULL
    cdef Py_ssize_t p, t, y = b.y.cell[ty]
    cdef double below = b.y.share[ty], w
    cdef int corner, dy, dx
    cdef bint begins
    if not at.direct and y >= 0:
        put_together(out, j, b, at, y, 0)
        if below > 0:
            put_together(out, j, b, at, y + 1, 1)
    for p in range(at.px0, at.px1):
        begins = first
        for t in range(x.begin[p], x.begin[p + 1]):
            for corner in range(4):
                dy, dx = corner >> 1, corner & 1
                w = (below if dy else 1.0 - below) * (x.share[t] if dx else 1.0 - x.share[t])
                if y < 0 or x.cell[t] < 0 or w == 0:
                    offer(best, codes, <const Real*> NULL, <const Real*> NULL, <Real> 0, <Real> 0, -1, begins, at.lanes)
                else:
                    a = cell_at(out, j, b, at, y + dy, x.cell[t] + dx, x.column[t] + dx, dy)
                    offer(best, codes, a, <const Real*> NULL, <Real> w, <Real> 0, code_of(x, j.bins_x, ty, t, corner),
                          begins, at.lanes)
                begins = False
        best += at.lanes
        if codes != NULL:
            codes += at.lanes


cdef void samples_row(Real* out, const Job* j, Bench* b, const Place* at, Py_ssize_t y0, Py_ssize_t y1) noexcept nogil:
    cdef Py_ssize_t t, p, i
    for t in range(y0, y1):
        if j.op == INTERPOLATED:
            interpolated_row(out, j, b, at, t, t == y0)
        else:
            corners_row(out, j, b, at, t, t == y0)
    for p in range(at.px0, at.px1):
        if y1 == y0 or b.x.begin[p + 1] == b.x.begin[p]:
            for i in range((p - at.px0) * at.lanes, (p - at.px0 + 1) * at.lanes):
                out[i] = 0
                if j.index.data != NULL:
                    b.codes[i] = -1


cdef void fold_cells(Real* tag, const Job* j, Bench* b, const Place* at, Py_ssize_t y0, Py_ssize_t rows) noexcept nogil:
    """The largest cell of each column of so many rows from y0 on, and its row if asked for."""
    cdef Real* z = <Real*> b.folded
    cdef const Real* a
    cdef const Runs* runs = &b.runs
    cdef Py_ssize_t y, i, n, stretch
    for y in range(y0, y0 + rows):
        if not at.direct:
            put_together(tag, j, b, at, y, 0)
        i = 0
        while i < runs.n:
            stretch = runs.column[i] * at.lanes
            n = (runs.count[i] if at.direct else runs.columns) * at.lanes
            a = cell_at(tag, j, b, at, y, runs.cell[i], runs.column[i], 0)
            if y == y0:
                memcpy(z + stretch, a, n * sizeof(Real))
            elif j.index.data == NULL:
                raise_row(z + stretch, a, n)
            else:
                raise_row_from(z + stretch, b.where + stretch, a, <int32_t> (y - y0), n)
            i = i + 1 if at.direct else runs.n

cdef void cells_row(Real* out, const Job* j, Bench* b, const Place* at, Py_ssize_t y0, Py_ssize_t y1) noexcept nogil:
    cdef const Bins* x = &b.x
    cdef const Real* z = <const Real*> b.folded
    cdef const Real* a
    cdef int64_t* codes = b.codes
    cdef const int32_t* where
    cdef int64_t code
    cdef bint better, tracked = j.index.data != NULL
    cdef Py_ssize_t p, t, i
    if y1 > y0:
        if tracked:
            memset(b.where, 0, b.runs.columns * at.lanes * sizeof(int32_t))
        fold_cells(out, j, b, at, b.y.cell[y0], y1 - y0)
    for p in range(at.px0, at.px1):
        if y1 == y0 or x.begin[p + 1] == x.begin[p]:
            for i in range(at.lanes):
                out[i] = 0
                if tracked:
                    codes[i] = -1
        for t in range(x.begin[p], x.begin[p + 1] if y1 > y0 else x.begin[p]):
            a = z + x.column[t] * at.lanes
            where = b.where + x.column[t] * at.lanes
            if not tracked:
                if t == x.begin[p]:
                    memcpy(out, a, at.lanes * sizeof(Real))
                else:
                    raise_row(out, a, at.lanes)
                continue
            for i in range(at.lanes):
                code = (<int64_t> b.y.cell[y0] + where[i]) * j.width + x.cell[t]
                if t == x.begin[p]:
                    better = True
                else:                    # (value, row, column): positions rise with both
                    better = (a[i] > out[i]) | ((a[i] == out[i]) & (code < codes[i])) | (
                        (a[i] != a[i]) & ((out[i] == out[i]) | (code > codes[i])))
                out[i] = a[i] if better else out[i]
                codes[i] = code if better else codes[i]
        out += at.lanes
        if tracked:
            codes += at.lanes


# ---- one box -------------------------------------------------------------------------------------------------------

cdef void put_row(Real* result, const Job* j, Bench* b, const Place* at, Py_ssize_t py) noexcept nogil:
    """A row of bins to where it belongs."""
    cdef int work = F32 if Real is float else F64
    cdef Py_ssize_t n = at.px1 - at.px0
    cdef const char* source = <const char*> result
    if j.pooled.code != work:
        ROWS.store[j.pooled.code][work](b.stored, source, n * at.lanes)
        source = b.stored
    ROWS.spread[j.pooled.item](at.bins + py * j.pooled.row, source, n, at.lanes, j.pooled.column, j.pooled.lane,
                               j.pooled.swap)
    if j.index.data != NULL:
        ROWS.spread[3](at.codes + py * j.index.row, <const char*> b.codes, n, at.lanes, j.index.column, j.index.lane, 0)


cdef void pool_rows(Real* tag, const Job* j, Bench* b, Place* at, Py_ssize_t py0, Py_ssize_t py1) noexcept nogil:
    """Rows py0..py1 of bins, columns px0..px1; `lay_columns` has been asked."""
    cdef Real* out = <Real*> b.result
    cdef Py_ssize_t py, y0, y1
    for py in range(py0, py1):
        y0, y1 = b.y.begin[py], b.y.begin[py + 1]
        if j.op == MEAN:
            mean_row(out, j, b, at, y0, y1)
        elif j.op == CELLS:
            cells_row(out, j, b, at, y0, y1)
        else:
            samples_row(out, j, b, at, y0, y1)
        put_row(out, j, b, at, py)


cdef void pool_lanes(Real* tag, const Job* j, Bench* b, Place* at, Py_ssize_t c0, Py_ssize_t c1, Py_ssize_t box,
                     Py_ssize_t py0, Py_ssize_t py1) noexcept nogil:
    """Channels c0..c1 of the result, side by side or one after the other."""
    cdef Py_ssize_t c, channel, step = c1 - c0 if j.lanes else 1
    cdef Py_ssize_t factor = j.bins_y * j.bins_x if j.sensitive else 1
    at.lanes = step
    at.lane = j.image.lane * factor
    c = c0
    while c < c1:
        channel = c * factor + (py0 * j.bins_x + at.px0 if j.sensitive else 0)
        at.cells = j.image.data + <Py_ssize_t> j.image_of[box] * j.image.outer + channel * j.image.lane
        at.bins = j.pooled.data + box * j.pooled.outer + c * j.pooled.lane + at.px0 * j.pooled.column
        at.codes = j.index.data + box * j.index.outer + c * j.index.lane + at.px0 * j.index.column
        pool_rows(tag, j, b, at, py0, py1)
        c += step


cdef void pool_box(Real* tag, const Job* j, Bench* b, Py_ssize_t box, Py_ssize_t c0, Py_ssize_t c1) noexcept nogil:
    cdef Place at
    cdef Py_ssize_t py, px, size = sizeof(Real)
    cdef Py_ssize_t factor = j.bins_y * j.bins_x if j.sensitive else 1
    at.divisor = max(j.regions[6 * box + 2] * j.regions[6 * box + 5], 1.0)
    cdef int work = F32 if Real is float else F64
    cdef Py_ssize_t gap
    at.direct = j.image.code == work and j.image.aligned and not j.image.swap
    if j.lanes:
        at.direct = at.direct and j.image.lane * factor == size
        gap = -1 if at.direct and j.image.column != (c1 - c0) * size else 0
    else:
        at.direct = at.direct and j.image.column == size     # a lone element is no row worth a call
        gap = GAP
    if not j.sensitive:
        at.px0, at.px1 = 0, j.bins_x
        lay_columns(j, b, 0, j.bins_x, gap)
        pool_lanes(tag, j, b, &at, c0, c1, box, 0, j.bins_y)
        return
    for py in range(j.bins_y):
        for px in range(j.bins_x):
            at.px0, at.px1 = px, px + 1
            lay_columns(j, b, px, px + 1, gap)
            pool_lanes(tag, j, b, &at, c0, c1, box, py, py + 1)


cdef void forward_unit(Job* j, Bench* b, Py_ssize_t unit) noexcept nogil:
    cdef Py_ssize_t box = unit // j.blocks, c0 = unit % j.blocks * j.block, c1 = min(c0 + j.block, j.channels)
    cdef bint wide = j.image.code == F64
    fill_bins(j, &b.y, box, 0, 0, j.bins_y)
    fill_bins(j, &b.x, box, 1, 0, j.bins_x)
    if j.op == MEAN and most_taps(&b.y, j.bins_y) * most_taps(&b.x, j.bins_x) > NARROW_TAPS:
        wide = True
    if wide:
        pool_box(<double*> NULL, j, b, box, c0, c1)
    else:
        pool_box(<float*> NULL, j, b, box, c0, c1)
