# Unpooling: values are put where indices say, and fetched from there.  Included by core.pyx.
#
# A plane (or a block of its lanes) belongs to one thread, which goes through its values in row-major order: of several
# values for one cell the last one stays, whatever the number of threads.  Each row of indices is checked before it is used,
# and by a pass of their own before that where nothing may be written if one of them is wrong.

ctypedef fused bits:
    uint8_t
    uint16_t
    int32_t
    int64_t

cdef enum:
    CHECK = 0                    # the pass that only looks
    PUT = 1                      # values into planes
    TAKE = 2                     # from planes into values

cdef struct Unpool:
    int mode
    int rank
    Batch batch
    Side value                   # where a value stands for each index
    Side index
    Side plane                   # the larger ones
    Py_ssize_t values[MAX_DIM]   # extents of the values' pooled axes
    Py_ssize_t cells[MAX_DIM]    # and of the planes'
    Py_ssize_t size              # cells of a plane
    Py_ssize_t cell              # bytes from a cell to the next, 0: its position tells
    Py_ssize_t tile              # columns at once
    gather_t gather
    gather_t gather_index
    spread_t spread
    Py_ssize_t bad               # an index outside the plane, if `failed`
    int failed


cdef Py_ssize_t place_of(const Unpool* u, Py_ssize_t cell) noexcept nogil:
    """Bytes from a plane's origin to one of its cells."""
    cdef Py_ssize_t offset = 0
    cdef int a
    if u.cell:
        return cell * u.cell
    for a in range(u.rank - 1, -1, -1):
        offset += cell % u.cells[a] * u.plane.pooled[a]
        cell //= u.cells[a]
    return offset


cdef void clear_plane(const Unpool* u, char* plane, Py_ssize_t lanes) noexcept nogil:
    cdef Py_ssize_t item = <Py_ssize_t> 1 << u.plane.item, cell, lane
    if u.cell == lanes * item and (lanes == 1 or u.plane.lane == item):
        memset(plane, 0, u.size * u.cell)
        return
    for cell in range(u.size):
        for lane in range(lanes):
            memset(plane + place_of(u, cell) + lane * u.plane.lane, 0, item)


cdef void put_in_plane(const Unpool* u, bits* tag, char* plane, const char* values, const char* index, Py_ssize_t n,
                       Py_ssize_t lanes) noexcept nogil:
    cdef const int64_t* where = <const int64_t*> index
    cdef Py_ssize_t i, lane, cell = u.cell, apart = u.plane.lane     # stores might change what `u` holds
    if lanes == 1 and cell > 0:
        for i in range(n):
            if where[i] >= 0:
                memcpy(plane + where[i] * cell, values + i * sizeof(bits), sizeof(bits))
        return
    for i in range(n):
        for lane in range(lanes):
            if where[i * lanes + lane] >= 0:
                memcpy(plane + place_of(u, where[i * lanes + lane]) + lane * apart,
                       values + (i * lanes + lane) * sizeof(bits), sizeof(bits))


cdef void take_from_plane(const Unpool* u, bits* tag, const char* plane, char* values, const char* index, Py_ssize_t n,
                          Py_ssize_t lanes) noexcept nogil:
    cdef const int64_t* where = <const int64_t*> index
    cdef Py_ssize_t i, lane, cell = u.cell, apart = u.plane.lane
    cdef bits value
    if lanes == 1 and cell > 0:
        for i in range(n):
            value = 0
            if where[i] >= 0:
                memcpy(&value, plane + where[i] * cell, sizeof(bits))
            memcpy(values + i * sizeof(bits), &value, sizeof(bits))
        return
    for i in range(n):
        for lane in range(lanes):
            value = 0
            if where[i * lanes + lane] >= 0:
                memcpy(&value, plane + place_of(u, where[i * lanes + lane]) + lane * apart, sizeof(bits))
            memcpy(values + (i * lanes + lane) * sizeof(bits), &value, sizeof(bits))


cdef bint check_row(Unpool* u, const char* index, Py_ssize_t n) noexcept nogil:
    """Whether all of a row's indices are cells or -1; least and greatest in one pass that needs no branch."""
    cdef const int64_t* where = <const int64_t*> index
    cdef int64_t least = -1, most = -1
    cdef Py_ssize_t i
    for i in range(n):
        least = where[i] if where[i] < least else least
        most = where[i] if where[i] > most else most
    if least >= -1 and most < u.size:
        return True
    u.bad, u.failed = (least if least < -1 else most), 1
    return False


cdef void move_row(const Unpool* u, char* plane, char* values, const char* index, Py_ssize_t n, Py_ssize_t lanes) noexcept nogil:
    if u.mode == PUT:
        if u.plane.item == 0:
            put_in_plane(u, <uint8_t*> NULL, plane, values, index, n, lanes)
        elif u.plane.item == 1:
            put_in_plane(u, <uint16_t*> NULL, plane, values, index, n, lanes)
        elif u.plane.item == 2:
            put_in_plane(u, <int32_t*> NULL, plane, values, index, n, lanes)
        else:
            put_in_plane(u, <int64_t*> NULL, plane, values, index, n, lanes)
    elif u.plane.item == 0:
        take_from_plane(u, <uint8_t*> NULL, plane, values, index, n, lanes)
    elif u.plane.item == 1:
        take_from_plane(u, <uint16_t*> NULL, plane, values, index, n, lanes)
    elif u.plane.item == 2:
        take_from_plane(u, <int32_t*> NULL, plane, values, index, n, lanes)
    else:
        take_from_plane(u, <int64_t*> NULL, plane, values, index, n, lanes)


cdef void unpool_planes(void* job, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    cdef Unpool* u = <Unpool*> job
    cdef int last = u.rank - 1, a
    cdef Py_ssize_t unit, lane0, lanes, row, rows = 1, rest, position, j0, n, value_at, index_at_
    cdef bint plain
    cdef char* plane
    cdef char* values
    cdef char* target
    cdef const char* index
    for a in range(last):
        rows *= u.values[a]
    for unit in range(begin, end):
        lane0 = unit % u.batch.blocks * u.batch.block
        lanes = min(u.batch.block, u.batch.lanes - lane0)
        plane = u.plane.data + plane_offset(&u.batch, &u.plane, unit // u.batch.blocks) + lane0 * u.plane.lane
        if u.mode == PUT:
            clear_plane(u, plane, lanes)
        for row in range(rows):
            value_at = plane_offset(&u.batch, &u.value, unit // u.batch.blocks) + lane0 * u.value.lane
            index_at_ = plane_offset(&u.batch, &u.index, unit // u.batch.blocks) + lane0 * u.index.lane
            rest = row
            for a in range(last - 1, -1, -1):
                position = rest % u.values[a]
                rest //= u.values[a]
                value_at += position * u.value.pooled[a]
                index_at_ += position * u.index.pooled[a]
            j0 = 0
            while j0 < u.values[last]:
                n = min(u.tile, u.values[last] - j0)
                index = u.index.data + index_at_ + j0 * u.index.pooled[last]
                if not contiguous(&u.index, last, lanes, n):
                    u.gather_index(scratch, index, n, lanes, u.index.pooled[last], u.index.lane, NULL, u.index.swap)
                    index = scratch
                if not check_row(u, index, n * lanes):
                    return
                if u.mode == CHECK:
                    j0 += n
                    continue
                target = u.value.data + value_at + j0 * u.value.pooled[last]
                plain = contiguous(&u.value, last, lanes, n) and not u.plane.swap
                values = target if plain else scratch + u.tile * u.batch.block * 8
                if u.mode == PUT and not plain:
                    u.gather(values, target, n, lanes, u.value.pooled[last], u.value.lane, NULL, u.value.swap)
                move_row(u, plane, values, index, n, lanes)
                if u.mode == TAKE and not plain:
                    u.spread(target, values, n, lanes, u.value.pooled[last], u.value.lane, u.plane.swap)
                j0 += n


def unpool(int rank, int mode, object value, bint value_swap, object index, object plane, bint plane_swap, int num_threads=0):
    """Check indices (mode 0: of `plane` only the shape matters), put values into planes (1), or take them from there (2).

    Batch axes come first and are the same for all three; `value` and `index` (native int64) have one shape.  Returns None,
    or an index that is neither a cell nor -1; what has been written then is not all of the result.
    """
    cdef Unpool u
    cdef Sides sides = Sides.__new__(Sides)
    cdef Views* views = &sides.views
    cdef int a, first
    memset(&u, 0, sizeof(u))
    sides.add(value, mode == TAKE, value_swap)
    sides.add(index, False, False)
    sides.add(plane, mode == PUT, plane_swap)
    check_batch(&views.view[0], &views.view[1], 0)
    check_batch(&views.view[0], &views.view[2], rank)
    first = views.view[0].ndim - rank
    if not 1 <= rank <= views.view[0].ndim or views.view[1].itemsize != 8 or views.view[0].itemsize != views.view[2].itemsize:
        raise TypeError("values and planes must have one dtype, indices must be int64")
    settle(views, rank, 1 if mode == CHECK else 2, 0)
    u.mode, u.rank, u.batch = mode, rank, views.batch
    u.value, u.index, u.plane = views.side[0], views.side[1], views.side[2]
    u.size, u.cell = 1, u.plane.pooled[rank - 1]
    for a in range(rank - 1, -1, -1):
        u.values[a], u.cells[a] = views.view[0].shape[first + a], views.view[2].shape[first + a]
        if u.cells[a] > 1 and u.plane.pooled[a] != u.size * u.plane.pooled[rank - 1]:
            u.cell = 0
        u.size *= u.cells[a]
    u.gather, u.spread, u.gather_index = ROWS.gather[u.value.item], ROWS.spread[u.value.item], ROWS.gather[3]
    u.tile = max(<Py_ssize_t> ROW_ELEMENTS // max(u.batch.block, 1), 1)
    share_out(unpool_planes, &u, u.batch.planes * u.batch.blocks, 2 * u.tile * u.batch.block * 8 + 64,
              bytes_of(&views.view[1]) + (0 if mode == CHECK else bytes_of(&views.view[2])), num_threads)
    return u.bad if u.failed else None
