# A box's bins.  Included by regions.pyx.
#
# One row of bins at a time.  The rows of cells that it needs are read where they lie, or put together in the work dtype if
# they have another dtype, strides or byte order; they are folded into one row over the columns that the box touches, and
# that is folded into the bins.  A row is `columns` cells of `lanes` contiguous elements.

cdef enum:
    NOTHING = -2                 # the code of a bin that has seen no sample yet

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
    Py_ssize_t gap               # of `lay_columns`


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


cdef void offer(Real* best, const Real* a, const Real* b, Real p, Real q, Py_ssize_t n) noexcept nogil:
    """A sample p*a + q*b against the best so far; b NULL: p*a; a NULL: 0."""
    cdef Py_ssize_t i
    if a == NULL:
        for i in range(n):
            best[i] = larger(best[i], <Real> 0)
    elif b == NULL:
        for i in range(n):
            best[i] = larger(best[i], p * a[i])
    else:
        for i in range(n):
            best[i] = larger(best[i], p * a[i] + q * b[i])


cdef void offer_from(Real* best, int64_t* codes, const Real* a, const Real* b, Real p, Real q, int64_t code,
                     Py_ssize_t n) noexcept nogil:
    """The same, remembering which it was; codes of NOTHING: there was none."""
    cdef Py_ssize_t i
    cdef Real value = 0
    cdef bint better
    for i in range(n):
        if a != NULL:
            value = p * a[i]
        if b != NULL:
            value = value + q * b[i]
        better = (value > best[i]) | (value != value) | (codes[i] == NOTHING)
        best[i] = value if better else best[i]
        codes[i] = code if better else codes[i]


# ---- rows of cells -------------------------------------------------------------------------------------------------

cdef void put_together(Real* tag, const Job* j, Bench* b, const Place* at, Py_ssize_t y, int slot) noexcept nogil:
    """The touched columns of row y, contiguous and in the work dtype, in a slot."""
    cdef const Runs* runs = &b.runs
    cdef int work = F32 if Real is float else F64
    cdef char* to = b.row[slot] if j.image.code == work else b.raw
    cdef Py_ssize_t i, item = <Py_ssize_t> 1 << j.image.item
    cdef const char* cells
    cdef cypool_turn_t turn = NULL
    if j.image.column == item and not j.image.swap:
        turn = cypool_turns[j.image.item]
    for i in range(runs.n):
        cells = at.cells + y * j.image.row + runs.cell[i] * j.image.column
        if turn != NULL and runs.count[i] >= 4:
            turn(to + runs.column[i] * at.lanes * item, cells, runs.count[i], at.lanes, at.lane)
            continue
        ROWS.gather[j.image.item](to + runs.column[i] * at.lanes * item, cells, runs.count[i], at.lanes, j.image.column,
                                  at.lane, NULL, j.image.swap)
    if j.image.code != work:
        ROWS.load[j.image.code][work](b.row[slot], to, runs.columns * at.lanes)
    b.held[slot] = y


cdef inline void forget_rows(Bench* b) noexcept nogil:
    cdef int slot
    for slot in range(SLOTS):
        b.held[slot] = -1


cdef void hold_rows(Real* tag, const Job* j, Bench* b, const Place* at, const Py_ssize_t* cells, int m,
                    const Real** rows) noexcept nogil:
    """Where the first touched column of each of m rows stands.  Rows of the bins before are often there still."""
    cdef int k, slot
    cdef int[SLOTS] slots
    cdef bint[SLOTS] busy
    for slot in range(SLOTS):
        busy[slot] = False
    for k in range(m):
        slots[k] = -1
        for slot in range(SLOTS):
            if b.held[slot] == cells[k]:
                slots[k], busy[slot] = slot, True
    for k in range(m):
        if slots[k] < 0:
            slot = 0
            while busy[slot]:
                slot += 1
            put_together(tag, j, b, at, cells[k], slot)
            slots[k], busy[slot] = slot, True
        rows[k] = <const Real*> b.row[slots[k]]


cdef inline const char* row_at(const Job* j, const Place* at, Py_ssize_t y) noexcept nogil:
    return at.cells + y * j.image.row


cdef void fold_rows(Real* tag, const Job* j, Bench* b, const Place* at, const Py_ssize_t* cells, const double* shares,
                    Py_ssize_t n) noexcept nogil:
    """The weighted sum of n rows of cells (or of a sample's one or two), over the touched columns, into `folded`."""
    cdef const Real* rows[SLOTS]
    cdef Real[SLOTS] w
    cdef Real* z
    cdef const Runs* runs = &b.runs
    cdef Py_ssize_t t = 0, i, k
    cdef int m
    for k in range(SLOTS):
        rows[k], w[k] = NULL, 0
    while t < n:
        m = <int> min(n - t, <Py_ssize_t> SLOTS)
        for k in range(m):
            w[k] = <Real> shares[t + k]
        if not at.direct:
            hold_rows(tag, j, b, at, cells + t, m, rows)
        for i in range(runs.n if at.direct else min(runs.n, <Py_ssize_t> 1)):
            if at.direct:
                for k in range(m):
                    rows[k] = <const Real*> (row_at(j, at, cells[t + k]) + runs.cell[i] * j.image.column)
            z = <Real*> b.folded + runs.column[i] * at.lanes
            if t == 0:
                weigh(z, rows, w, m, (runs.count[i] if at.direct else runs.columns) * at.lanes)
            else:
                weigh_more(z, rows, w, m, (runs.count[i] if at.direct else runs.columns) * at.lanes)
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


cdef inline void offer_sample(Real* best, int64_t* codes, const Real* a, const Real* b, double p, double q,
                              int64_t code, Py_ssize_t n) noexcept nogil:
    if codes == NULL:
        offer(best, a, b, <Real> p, <Real> q, n)
    else:
        offer_from(best, codes, a, b, <Real> p, <Real> q, code, n)


cdef void interpolated_row(Real* out, const Job* j, Bench* b, const Place* at, Py_ssize_t ty) noexcept nogil:
    """Offer the samples of one row of them to the bins."""
    cdef const Bins* x = &b.x
    cdef const Real* z
    cdef Real* best = out
    cdef int64_t* codes = b.codes if j.index.data != NULL else NULL
    cdef Py_ssize_t[2] cells
    cdef double[2] shares
    cdef Py_ssize_t p, t
    cdef bint inside = b.y.cell[ty] >= 0
    if inside:
        cells[0], cells[1] = b.y.cell[ty], b.y.cell[ty] + 1
        shares[0], shares[1] = 1.0 - b.y.share[ty], b.y.share[ty]
        fold_rows(out, j, b, at, cells, shares, 2 if shares[1] > 0 else 1)
    for p in range(at.px0, at.px1):
        for t in range(x.begin[p], x.begin[p + 1]):
            if not inside or x.cell[t] < 0:
                offer_sample(best, codes, <const Real*> NULL, <const Real*> NULL, 0, 0, -1, at.lanes)
            else:
                z = <const Real*> b.folded + x.column[t] * at.lanes
                offer_sample(best, codes, z, z + at.lanes if x.share[t] > 0 else NULL, 1.0 - x.share[t], x.share[t],
                             code_of(x, j.bins_x, ty, t, 0), at.lanes)
        best += at.lanes
        if codes != NULL:
            codes += at.lanes


cdef void corners_row(Real* out, const Job* j, Bench* b, const Place* at, Py_ssize_t ty) noexcept nogil:
    """The same by weighted corners; a corner of weight 0 is 0."""
    cdef const Bins* x = &b.x
    cdef const Real* rows[SLOTS]
    cdef const Real* a
    cdef Real* best = out
    cdef int64_t* codes = b.codes if j.index.data != NULL else NULL
    cdef Py_ssize_t[2] cells
    cdef Py_ssize_t p, t, y = b.y.cell[ty]
    cdef double below = b.y.share[ty], w
    cdef int corner, dy, dx
    cells[0], cells[1] = y, y + 1
    if not at.direct and y >= 0:
        hold_rows(out, j, b, at, cells, 2 if below > 0 else 1, rows)
    for p in range(at.px0, at.px1):
        for t in range(x.begin[p], x.begin[p + 1]):
            for corner in range(4):
                dy, dx = corner >> 1, corner & 1
                w = (below if dy else 1.0 - below) * (x.share[t] if dx else 1.0 - x.share[t])
                if y < 0 or x.cell[t] < 0 or w == 0:
                    offer_sample(best, codes, <const Real*> NULL, <const Real*> NULL, 0, 0, -1, at.lanes)
                    continue
                if at.direct:
                    a = <const Real*> (row_at(j, at, y + dy) + (x.cell[t] + dx) * j.image.column)
                else:
                    a = rows[dy] + (x.column[t] + dx) * at.lanes
                offer_sample(best, codes, a, <const Real*> NULL, w, 0, code_of(x, j.bins_x, ty, t, corner), at.lanes)
        best += at.lanes
        if codes != NULL:
            codes += at.lanes


cdef void samples_row(Real* out, const Job* j, Bench* b, const Place* at, Py_ssize_t y0, Py_ssize_t y1) noexcept nogil:
    cdef Py_ssize_t t, p, i
    cdef bint empty
    for p in range(at.px0, at.px1):
        empty = y1 == y0 or b.x.begin[p + 1] == b.x.begin[p]
        for i in range((p - at.px0) * at.lanes, (p - at.px0 + 1) * at.lanes):
            out[i] = 0 if empty else -INFINITY
            if j.index.data != NULL:
                b.codes[i] = -1 if empty else NOTHING
    for t in range(y0, y1):
        if j.op == INTERPOLATED:
            interpolated_row(out, j, b, at, t)
        else:
            corners_row(out, j, b, at, t)


cdef void fold_cells(Real* tag, const Job* j, Bench* b, const Place* at, Py_ssize_t y0, Py_ssize_t rows) noexcept nogil:
    """The largest cell of each column of so many rows from y0 on, and its row if asked for."""
    cdef Real* z
    cdef const Real* row[SLOTS]
    cdef const Runs* runs = &b.runs
    cdef Py_ssize_t y, i, n
    for y in range(y0, y0 + rows):
        if not at.direct:
            hold_rows(tag, j, b, at, &y, 1, row)
        for i in range(runs.n if at.direct else min(runs.n, <Py_ssize_t> 1)):
            z = <Real*> b.folded + runs.column[i] * at.lanes
            n = (runs.count[i] if at.direct else runs.columns) * at.lanes
            if at.direct:
                row[0] = <const Real*> (row_at(j, at, y) + runs.cell[i] * j.image.column)
            if y == y0:
                memcpy(z, row[0], n * sizeof(Real))
            elif j.index.data == NULL:
                raise_row(z, row[0], n)
            else:
                raise_row_from(z, b.where + runs.column[i] * at.lanes, row[0], <int32_t> (y - y0), n)


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
    cdef Py_ssize_t p, n = at.px1 - at.px0, item = <Py_ssize_t> 1 << j.pooled.item
    cdef const char* source = <const char*> result
    if j.pooled.code != work:
        ROWS.store[j.pooled.code][work](b.stored, source, n * at.lanes)
        source = b.stored
    if j.pooled.lane == item and not j.pooled.swap:
        for p in range(n):
            memcpy(at.bins + py * j.pooled.row + p * j.pooled.column, source + p * at.lanes * item, at.lanes * item)
    else:
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


cdef void pool_bins(Real* tag, const Job* j, Bench* b, Place* at, Py_ssize_t box, Py_ssize_t c0, Py_ssize_t py0,
                    Py_ssize_t py1, Py_ssize_t px0, Py_ssize_t px1) noexcept nogil:
    """Some bins of a box; where each has channels of its own, one bin."""
    cdef Py_ssize_t channel = (c0 * j.bins_y + py0) * j.bins_x + px0 if j.sensitive else c0
    at.px0, at.px1 = px0, px1
    at.cells = j.image.data + <Py_ssize_t> j.image_of[box] * j.image.outer + channel * j.image.lane
    at.bins = j.pooled.data + box * j.pooled.outer + c0 * j.pooled.lane + px0 * j.pooled.column
    at.codes = j.index.data + box * j.index.outer + c0 * j.index.lane + px0 * j.index.column
    lay_columns(j, b, px0, px1, at.gap)
    forget_rows(b)
    pool_rows(tag, j, b, at, py0, py1)


cdef void pool_box(Real* tag, const Job* j, Bench* b, Py_ssize_t box, Py_ssize_t c0, Py_ssize_t c1) noexcept nogil:
    cdef Place at
    cdef Py_ssize_t py, px, size = sizeof(Real)
    cdef int work = F32 if Real is float else F64
    at.divisor = max(j.regions[6 * box + 2] * j.regions[6 * box + 5], 1.0)
    at.lanes = c1 - c0
    at.lane = j.image.lane * (j.bins_y * j.bins_x if j.sensitive else 1)
    at.direct = (j.image.code == work and j.image.aligned and not j.image.swap
                 and (j.image.column if at.lanes == 1 else at.lane) == size)
    at.gap = GAP if at.lanes == 1 else -1 if at.direct and j.image.column != at.lanes * size else 0
    if not j.sensitive:
        pool_bins(tag, j, b, &at, box, c0, 0, j.bins_y, 0, j.bins_x)
        return
    for py in range(j.bins_y):
        for px in range(j.bins_x):
            pool_bins(tag, j, b, &at, box, c0, py, py + 1, px, px + 1)


cdef void forward_unit(Job* j, Bench* b, Py_ssize_t unit) noexcept nogil:
    # image by image for the same channels: boxes overlap, and their cells are in the cache still
    cdef Py_ssize_t box = j.order[unit % j.boxes], c0 = unit // j.boxes * j.block, c1 = min(c0 + j.block, j.channels)
    cdef bint wide = j.image.code == F64
    fill_bins(j, &b.y, box, 0, 0, j.bins_y)
    fill_bins(j, &b.x, box, 1, 0, j.bins_x)
    if j.op == MEAN and most_taps(&b.y, j.bins_y) * most_taps(&b.x, j.bins_x) > NARROW_TAPS:
        wide = True
    if wide:
        pool_box(<double*> NULL, j, b, box, c0, c1)
    else:
        pool_box(<float*> NULL, j, b, box, c0, c1)
