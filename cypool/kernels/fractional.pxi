# Selections over windows that lie elsewhere in every plane: fractional pooling.  Included by core.pyx.
#
# Other operators share one table an axis among all planes; here each plane has starts of its own, and all windows one size.
# Indices alone are computed: the values are fetched by them (unpool.pxi), so that halves may come in as float32 and small
# integers as int64.  Rules 7 and 8: the first of equals, the last NaN.

ctypedef fused comparable:
    float
    double
    int64_t
    uint64_t

cdef struct Fractional:
    const char* x
    const char* valid            # one byte a cell, NULL: all are
    char* index                  # int64, contiguous
    const Py_ssize_t* starts     # of each plane: those of the axes one behind the other
    Py_ssize_t stride[5]         # bytes; batch, channel, and three pooled axes
    Py_ssize_t valid_stride[5]
    Py_ssize_t channels
    Py_ssize_t cells[3]
    Py_ssize_t outputs[3]
    Py_ssize_t window[3]
    int kind


cdef void choose_cells(const Fractional* f, comparable* tag, const char* x, const char* valid, const Py_ssize_t* starts,
                       int64_t* index) noexcept nogil:
    """The canonical way: the valid cells of a plane's windows, one by one."""
    cdef const Py_ssize_t* down = starts + f.outputs[0]
    cdef const Py_ssize_t* across = down + f.outputs[1]
    cdef Py_ssize_t a, b, c, i, j, k, z, y, best
    cdef comparable value, winner
    for a in range(f.outputs[0]):
        for b in range(f.outputs[1]):
            for c in range(f.outputs[2]):
                best, winner = -1, 0
                for i in range(f.window[0]):
                    z = starts[a] + i
                    for j in range(f.window[1]):
                        y = down[b] + j
                        for k in range(across[c], across[c] + f.window[2]):
                            if valid != NULL and (
                                valid[z * f.valid_stride[2] + y * f.valid_stride[3] + k * f.valid_stride[4]] == 0
                            ):
                                continue
                            value = (<const comparable*> (x + z * f.stride[2] + y * f.stride[3] + k * f.stride[4]))[0]
                            if best < 0 or value > winner or value != value:
                                winner, best = value, (z * f.cells[1] + y) * f.cells[2] + k
                index[0] = best
                index += 1


cdef void choose_rows(const Fractional* f, comparable* best, const char* x, const Py_ssize_t* starts,
                      int64_t* index) noexcept nogil:
    """A plane, a row of outputs at a time, tap by tap: of each the row's cells are brought side by side, and `pick` compares
    them without a branch.  Which cell wins is anyone's guess, and a wrong guess of the processor's costs more than all else."""
    cdef const Py_ssize_t* down = starts + f.outputs[0]
    cdef const Py_ssize_t* across = down + f.outputs[1]
    cdef Py_ssize_t n = f.outputs[2], a, b, c, i, j, k, offset, origin
    cdef comparable* taps = best + n
    cdef char* chosen = <char*> (taps + n)  # offsets in the plane from the window's first cell
    cdef const char* row
    cdef pick_t pick = ROWS.fold[MAX][f.kind].pick
    for a in range(f.outputs[0]):
        for b in range(f.outputs[1]):
            memset(chosen, 0, n * sizeof(comparable))
            for i in range(f.window[0]):
                for j in range(f.window[1]):
                    for k in range(f.window[2]):
                        row = x + (starts[a] + i) * f.stride[2] + (down[b] + j) * f.stride[3] + k * f.stride[4]
                        offset = (i * f.cells[1] + j) * f.cells[2] + k
                        for c in range(n):
                            (taps if offset else best)[c] = (<const comparable*> (row + across[c] * f.stride[4]))[0]
                        if offset:
                            pick(NULL, <char*> best, chosen, <const char*> taps, offset, n)
            origin = (starts[a] * f.cells[1] + down[b]) * f.cells[2]
            for c in range(n):
                offset = (<const int32_t*> chosen)[c] if comparable is float else (<const int64_t*> chosen)[c]
                index[c] = origin + across[c] + offset
            index += n


cdef inline void choose_in_plane(const Fractional* f, comparable* scratch, const char* x, const char* valid,
                                 const Py_ssize_t* starts, int64_t* index) noexcept nogil:
    # `pick` keeps offsets in as many bytes as its cells have
    if valid == NULL and (comparable is not float or f.cells[0] * f.cells[1] * f.cells[2] < (<Py_ssize_t> 1 << 31)):
        choose_rows(f, scratch, x, starts, index)
    else:
        choose_cells(f, scratch, x, valid, starts, index)


cdef void choose_planes(void* job, Py_ssize_t begin, Py_ssize_t end, char* scratch) noexcept nogil:
    cdef const Fractional* f = <const Fractional*> job
    cdef Py_ssize_t unit, outputs = f.outputs[0] * f.outputs[1] * f.outputs[2]
    cdef const char* x
    cdef const char* valid = NULL
    cdef const Py_ssize_t* starts
    cdef int64_t* index
    for unit in range(begin, end):
        x = f.x + unit // f.channels * f.stride[0] + unit % f.channels * f.stride[1]
        if f.valid != NULL:
            valid = f.valid + unit // f.channels * f.valid_stride[0] + unit % f.channels * f.valid_stride[1]
        starts = f.starts + unit * (f.outputs[0] + f.outputs[1] + f.outputs[2])
        index = (<int64_t*> f.index) + unit * outputs
        if f.kind == F32:
            choose_in_plane(f, <float*> scratch, x, valid, starts, index)
        elif f.kind == F64:
            choose_in_plane(f, <double*> scratch, x, valid, starts, index)
        elif f.kind == I64:
            choose_in_plane(f, <int64_t*> scratch, x, valid, starts, index)
        else:
            choose_in_plane(f, <uint64_t*> scratch, x, valid, starts, index)


cdef bint elements_are_aligned(const Py_buffer* view) noexcept nogil:
    """As NumPy has it: strides of axes of one cell mean nothing, nor do any of an array without elements."""
    cdef Py_ssize_t bits = <Py_ssize_t> view.buf
    cdef int a
    for a in range(view.ndim):
        if view.shape[a] == 0:
            return True
        if view.shape[a] > 1:
            bits |= view.strides[a]
    return bits & (view.itemsize - 1) == 0


def fractional(object x, int kind, object valid, const Py_ssize_t[:, ::1] starts, window, int64_t[:, :, :, :, ::1] index,
               int num_threads=0):
    """Into `index` the position in its plane of the largest cell of each window, -1 where none is valid.

    `x` (float32, float64, int64 or uint64 by `kind`; aligned, native) and `valid` (uint8 or None) have five axes; `starts` one
    row a plane, those of three axes one behind the other, all of whose windows lie inside the plane.
    """
    cdef Fractional f
    cdef Sides sides = Sides.__new__(Sides)
    cdef int a, size
    cdef Py_ssize_t planes, start, at = 0, row, column
    memset(&f, 0, sizeof(f))
    sides.add(x, False, False)
    if valid is not None:
        sides.add(valid, False, False)
    for a in range(sides.views.n):
        size = 0 if a == 1 else 2 if kind == F32 else 3
        if sides.views.view[a].ndim != 5 or not elements_are_aligned(&sides.views.view[a]) or sides.views.side[a].item != size:
            raise TypeError("x and valid must have five axes and aligned elements of the right size")
    f.kind, f.x, f.channels = kind, sides.views.side[0].data, max(sides.views.view[0].shape[1], <Py_ssize_t> 1)
    planes = sides.views.view[0].shape[0] * sides.views.view[0].shape[1]
    if valid is not None:
        f.valid = sides.views.side[1].data
    for a in range(5):
        f.stride[a] = sides.views.view[0].strides[a]
        if valid is not None:
            f.valid_stride[a] = sides.views.view[1].strides[a]
            if sides.views.view[1].shape[a] != sides.views.view[0].shape[a]:
                raise ValueError("valid must have x's shape")
    for a in range(3):
        f.cells[a], f.outputs[a], f.window[a] = sides.views.view[0].shape[2 + a], index.shape[2 + a], window[a]
    if (index.shape[0] * index.shape[1] != planes or starts.shape[0] != planes
            or starts.shape[1] != f.outputs[0] + f.outputs[1] + f.outputs[2]):
        raise ValueError("index and starts must have a plane for each of x's")
    for row in range(planes):
        at = 0
        for a in range(3):
            for column in range(f.outputs[a]):
                start = starts[row, at + column]
                if start < 0 or f.window[a] < 1 or start > f.cells[a] - f.window[a]:
                    raise ValueError(f"a window of {f.window[a]} cells at {start} does not lie inside {f.cells[a]}")
            at += f.outputs[a]
    if planes == 0 or f.outputs[0] * f.outputs[1] * f.outputs[2] == 0:
        return
    f.starts, f.index = &starts[0, 0], <char*> &index[0, 0, 0, 0, 0]
    share_out(choose_planes, &f, planes, 3 * 8 * f.outputs[2], bytes_of(&sides.views.view[0]), num_threads)
