# From a box to the taps of its bins along one axis.  Included by regions.pyx.
#
# Cells: bin p of P over a box of n cells holds those from floor(p n / P) up to, not including, ceil((p+1) n / P), in exact
# integers.  Samples: point i of g lies at start + p*size + (i + 0.5)*size/g, the order of operations as written.  A point
# below -1 or above the extent is outside, and others are moved into [0, extent - 1].  Only points inside are ever visited:
# a huge box has no more than about two for each cell of the image, and what lies outside is one tap before and one after.

cdef inline double point(double origin, double size, double grid, double i) noexcept nogil:
    return origin + (i + 0.5) * size / grid


cdef double first_inside(double origin, double size, double grid) noexcept nogil:
    """The first sample that is not below -1; `grid` if there is none."""
    cdef double i = ceil((-1.0 - origin) / (size / grid) - 0.5) if size > 0 and origin < -1.0 else 0.0
    i = 0.0 if not i > 0.0 else min(i, grid)
    while i > 0.0 and point(origin, size, grid, i - 1.0) >= -1.0:
        i -= 1.0
    while i < grid and point(origin, size, grid, i) < -1.0:
        i += 1.0
    return i


cdef double end_inside(double origin, double size, double grid, double begin, double extent) noexcept nogil:
    """One more than the last sample, from `begin` on, that is not above the extent."""
    cdef double i = grid
    if size > 0 and origin + size > extent:
        i = ceil((extent - origin) / (size / grid) - 0.5)
    i = begin if not i > begin else min(i, grid)
    while i < grid and point(origin, size, grid, i) <= extent:
        i += 1.0
    while i > begin and point(origin, size, grid, i - 1.0) > extent:
        i -= 1.0
    return i


cdef inline Py_ssize_t add_weighted(Bins* b, Py_ssize_t begin, Py_ssize_t n, Py_ssize_t low, double share) noexcept nogil:
    """A sample's two cells among the taps of a mean, which come in rising order: equal cells become one tap."""
    if n > begin and b.cell[n - 1] == low + 1:
        b.share[n - 2] += 1.0 - share
        b.share[n - 1] += share
        return n
    if n > begin and b.cell[n - 1] == low:
        b.share[n - 1] += 1.0 - share
    else:
        b.cell[n], b.share[n] = low, 1.0 - share
        n += 1
    if share > 0:
        b.cell[n], b.share[n] = low + 1, share
        n += 1
    return n


cdef inline Py_ssize_t add_sample(Bins* b, Py_ssize_t n, Py_ssize_t cell, double share) noexcept nogil:
    b.cell[n], b.share[n] = cell, share
    return n + 1


cdef Py_ssize_t sample_bin(Bins* b, Py_ssize_t n, double origin, double size, double grid, Py_ssize_t extent,
                           bint mean, double* least) noexcept nogil:
    """Append a bin's samples, from tap n on; returns the end.  No sample lies before `least`, the one before it: rounding
    could set the first of a tiny bin back, and tables must rise."""
    cdef Py_ssize_t begin = n, low
    cdef double i, end, at, share
    i = first_inside(origin, size, grid)
    end = end_inside(origin, size, grid, i, <double> extent)
    if i > 0.0 and not mean:
        n = add_sample(b, n, -1, 0.0)
    while i < end:
        at = max(point(origin, size, grid, i), least[0])
        least[0] = at
        low = <Py_ssize_t> at
        share = at - <double> low
        if low >= extent - 1:
            low, share = extent - 1, 0.0
        n = add_weighted(b, begin, n, low, share) if mean else add_sample(b, n, low, share)
        i += 1.0
    if end < grid and not mean:
        n = add_sample(b, n, -1, 0.0)
    return n


cdef Py_ssize_t cells_bin(Bins* b, Py_ssize_t n, Py_ssize_t start, Py_ssize_t size, Py_ssize_t p, Py_ssize_t bins,
                          Py_ssize_t extent) noexcept nogil:
    cdef Py_ssize_t cell = max(start + p * size // bins, 0), end = min(start + ((p + 1) * size + bins - 1) // bins, extent)
    while cell < end:
        b.cell[n], b.share[n] = cell, 1.0
        n += 1
        cell += 1
    return n


cdef void fill_bins(const Job* j, Bins* b, Py_ssize_t box, int axis, Py_ssize_t p0, Py_ssize_t p1) noexcept nogil:
    """The taps of bins p0..p1 of an axis (0: y), which become entries 0..p1 - p0 of `begin`."""
    cdef const double* region = j.regions + 6 * box + 3 * axis
    cdef Py_ssize_t p, n = 0, bins = j.bins_x if axis else j.bins_y, extent = j.width if axis else j.height
    cdef double least = 0.0
    for p in range(p0, p1):
        b.begin[p - p0] = n
        if not j.sampled:
            n = cells_bin(b, n, <Py_ssize_t> region[0], <Py_ssize_t> region[1], p, bins, extent)
        elif region[2] > 0:
            n = sample_bin(b, n, region[0] + <double> p * region[1], region[1], region[2], extent,
                           j.op == MEAN, &least)
    b.begin[p1 - p0] = n


cdef Py_ssize_t most_taps(const Bins* b, Py_ssize_t bins) noexcept nogil:
    cdef Py_ssize_t p, most = 0
    for p in range(bins):
        most = max(most, b.begin[p + 1] - b.begin[p])
    return most


cdef void lay_columns(const Job* j, Bench* b, Py_ssize_t p0, Py_ssize_t p1, Py_ssize_t gap) noexcept nogil:
    """The runs of columns that bins p0..p1 touch, and where each tap's cell stands among them.

    Taps rise, except that a bin may begin one cell before its predecessor ends.  So many columns that nobody wants may lie
    within a run; -1: each column is a run of its own.
    """
    cdef Bins* x = &b.x
    cdef Runs* runs = &b.runs
    cdef Py_ssize_t t, cell, last = -1, n = 0, column = 0, end
    for t in range(x.begin[p0], x.begin[p1]):
        cell = x.cell[t]
        if cell < 0:
            continue
        end = cell + 1 if j.op != MEAN and j.sampled and x.share[t] > 0 else cell
        while last < end:
            if n > 0 and gap >= 0 and cell <= last + 1 + gap:
                runs.count[n - 1] += 1
                last += 1
            else:
                last = max(cell, last + 1)
                runs.cell[n], runs.column[n], runs.count[n] = last, column, 1
                n += 1
            column += 1
        x.column[t] = column - 1 - (last - cell)
    runs.n, runs.columns = n, column
