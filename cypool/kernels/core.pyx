# The drivers: arrays and tables in, rows of work shared out among threads, row functions called.
#
#     sides.pxi     arrays as the drivers see them, lanes, units of work, threads
#     windows.pxi   the row pipeline: sums, maxima, minima, indices, adjoints of sums
#     planes.pxi    the same for small windows over contiguous rows, whole planes in one call
#     winners.pxi   the same with indices
#     calls.pxi     calls that were made before, straight from their arguments
#     gradients.pxi the same for gradients
#     embedding.pxi the C API: plans; embedding_runs.pxi: what runs them
#     reduce.pxi    windows that are whole planes
#     long.pxi      long windows
#     scatter.pxi   index movement: gradients of selections
#     unpool.pxi    index movement: values put where indices say
#     fractional.pxi  selections over windows that lie elsewhere in every plane
#     chosen.pxi    the same for small windows over contiguous rows, cell by cell
#     core.pyx      what Python calls: Plan, window, scatter, gather, and the settings of threads
#
# Callers have validated everything (functional.py and what it uses); what is checked again here protects memory alone.
# The GIL is released while a kernel runs, and any number of Python threads may be inside.

from cpython.buffer cimport (PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer)
from cpython.pycapsule cimport PyCapsule_GetPointer
from cpython.ref cimport Py_DECREF, Py_INCREF, PyObject
from cython.parallel cimport prange, threadid
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from cypool.kernels.rows cimport *
from cypool.kernels.vectors cimport *

cdef extern from "platform.h" nogil:
    int omp_get_max_threads()
    int cypool_x86_level()
    void cypool_prefetch(const char* p, Py_ssize_t bytes)
    void cypool_fence()
    void cypool_copy_past(char* to, const char* source, Py_ssize_t n)
    int cypool_watch_forks()
    int CYPOOL_OPENMP
    const char* CYPOOL_COMPILER
    int cypool_forked
    int cypool_local_threads

cdef extern from *:
    Py_ssize_t PY_SSIZE_T_MAX

ctypedef fused real:
    float
    double

cdef double GRAIN = 131072       # bytes moved for which one more thread is worth its start (asv_bench: threads.Grain)
cdef int ROOM = 0                # what the control group allows this process, 0: no limit
cdef int SETTING = 0             # set_num_threads, 0: none
cdef const Rows* ROWS = NULL
cdef const Vectors* VECTORS = NULL


cdef int choose_threads(int num_threads) noexcept nogil:
    """This call's wish, else the innermost context manager's, else the setting's, else the control group's room."""
    cdef int most = omp_get_max_threads()
    if cypool_forked:
        return 1
    if num_threads <= 0:
        num_threads = cypool_local_threads
    if num_threads <= 0:
        num_threads = SETTING
    if num_threads <= 0:
        num_threads = ROOM
    return most if num_threads <= 0 else min(num_threads, most)


cdef struct Pooling:             # what a call of the row pipeline computes: dtype codes and terms
    int op
    int adjoint
    int storage
    int out_storage
    int work
    int index_kind
    int mean                     # 0: no division, 1: by `divisor`, 2: by `divisor` times the tables' shares
    int rounding
    double divisor


include "sides.pxi"
include "windows.pxi"
include "planes.pxi"
include "beside.pxi"
include "winners.pxi"
include "reduce.pxi"
include "long.pxi"
include "scatter.pxi"
include "unpool.pxi"
include "fractional.pxi"
include "chosen.pxi"


cdef struct Tables:
    Axis axes[MAX_DIM]
    Axis turned[MAX_DIM]         # transposed: filled by Plan.turn
    int rank
    bint uniform                 # every window has the same divisor


cdef class Plan:
    """The tables of all pooled axes, ready for the kernels.  Immutable; any number of threads may use one."""
    cdef Tables tables
    cdef object arrays           # keep them alive
    cdef object turned_arrays

    def __init__(self, tables):
        cdef int a
        self.arrays = tuple(tables)
        self.tables.rank = len(tables)
        if not 1 <= self.tables.rank <= MAX_DIM:
            raise ValueError(f"between 1 and {MAX_DIM} axes can be pooled, got {self.tables.rank}")
        self.tables.uniform = True
        for a in range(self.tables.rank):
            fill_axis(&self.tables.axes[a], tables[a])
            share = tables[a].share
            if share.size and (share != share[0]).any():
                self.tables.uniform = False

    cdef int turn(self) except -1:
        """Make the transposed tables, which gradients need: whoever runs one calls this before, with the GIL."""
        # Another thread may be running on the tables that the first one made, so they are never replaced: no Python runs,
        # and so no other thread, between the question and the answer.  A lock could be held across a fork.
        cdef Axis axes[MAX_DIM]
        cdef int a
        if self.turned_arrays is None:
            turned = tuple([table.transposed() for table in self.arrays])
            for a in range(self.tables.rank):
                fill_axis(&axes[a], turned[a])
            if self.turned_arrays is None:
                memcpy(self.tables.turned, axes, sizeof(axes))
                self.turned_arrays = turned
        return 0


cdef int fill_axis(Axis* axis, object table) except -1:
    cdef const Py_ssize_t[::1] first = table.first
    cdef const Py_ssize_t[::1] count = table.count
    cdef const Py_ssize_t[::1] skip = table.skip
    cdef const Py_ssize_t[::1] share = table.share
    cdef const Py_ssize_t[::1] source
    cdef const Py_ssize_t[::1] runs
    cdef const Py_ssize_t[:, ::1] phases
    cdef const Py_ssize_t[::1] lost
    axis.n_in, axis.n_out = table.n_in, table.n_out
    axis.lo, axis.hi = table.lo, table.hi
    axis.period, axis.advance, axis.step = table.period, table.advance, table.step
    axis.window, axis.longest, axis.extent = table.window, table.longest, table.extent
    axis.reach_origin, axis.reach_stride, axis.reach_length = table.reach
    axis.by_window = table.by_window
    axis.sparse = table.has_empty
    axis.regular = table.reach[1] > 0 and table.source is None and not axis.sparse
    axis.source = axis.runs = axis.phases = axis.lost = NULL
    axis.n_phases = axis.n_lost = 0
    if table.phases is not None:
        phases, lost = table.phases, table.lost
        axis.phases, axis.n_phases, axis.n_lost = &phases[0, 0], phases.shape[0], lost.shape[0]
        if axis.n_lost > 0:
            axis.lost = &lost[0]
    if table.runs is not None:
        runs = table.runs
        axis.runs, axis.n_runs = &runs[0], runs.shape[0]
    if first.shape[0] > 0:
        axis.first, axis.count, axis.skip, axis.share = &first[0], &count[0], &skip[0], &share[0]
    else:
        axis.first = axis.count = axis.skip = axis.share = NULL
    if table.source is not None:
        source = table.source
        axis.source = &source[0]
    return 0


cdef int check_extents(const Py_buffer* view, const Axis* axes, int rank, int kind) except -1:
    """kind 0: the input's extents, 1: the output's, 2: the real extents of the input (boundary modes)."""
    cdef int a
    cdef Py_ssize_t want
    if view.ndim < rank:
        raise ValueError(f"an array of rank {view.ndim} has no {rank} pooled axes")
    for a in range(rank):
        want = axes[a].n_out if kind == 1 else axes[a].extent if kind == 2 else axes[a].n_in
        if view.shape[view.ndim - rank + a] != want:
            raise ValueError(f"pooled axis {a} has extent {view.shape[view.ndim - rank + a]}, the plan needs {want}")
    return 0


cdef int check_batch(const Py_buffer* one, const Py_buffer* other, int rank) except -1:
    cdef int a
    if one.ndim != other.ndim:
        raise ValueError(f"arrays of rank {one.ndim} and {other.ndim} do not belong together")
    for a in range(one.ndim - rank):
        if one.shape[a] != other.shape[a]:
            raise ValueError(f"batch axis {a} has extents {one.shape[a]} and {other.shape[a]}")
    return 0


cdef double bytes_of(const Py_buffer* view) noexcept nogil:
    cdef double n = view.itemsize
    cdef int a
    for a in range(view.ndim):
        n *= view.shape[a]
    return n


cdef int cut_columns(Window* w, const Axis* axis) noexcept nogil:
    """Tiles of columns: rows stay in the first-level cache, and one huge row is shared among threads."""
    cdef Py_ssize_t room = max(<Py_ssize_t> ROW_ELEMENTS // max(w.batch.block, 1), 2 * axis.longest, 1), tile, t, x0, x1
    cdef double per_cell = <double> axis.n_out / max(axis.n_in, 1)
    tile = <Py_ssize_t> min(<double> room, max((room - axis.longest) * per_cell + 1.0, 1.0))
    w.tiles = (axis.n_out + tile - 1) // tile
    w.tile = (axis.n_out + w.tiles - 1) // w.tiles if w.tiles > 0 else 1
    w.span = 1
    for t in range(w.tiles):
        span_of(axis, t * w.tile, min((t + 1) * w.tile, axis.n_out), &x0, &x1)
        w.span = max(w.span, x1 - x0)
    return 0


cdef bint numbers_linearly(const Window* w, bint plane) noexcept nogil:
    cdef double most = 1.0, reach = 0.0
    cdef int a
    for a in range(w.rank):
        if w.axes[a].source != NULL:
            return False
        most *= <double> (w.axes[a].extent if plane else w.axes[a].window)
        # what is multiplied, even by the ordinal 0, must fit as well
        reach = max(reach, <double> w.axes[a].step * (w.axes[w.rank - 1].extent if plane and a == 0 else 1))
    return w.rank <= 2 and most < 2147483648.0 and (reach < 2147483648.0 or not plane)


cdef int pool(Tables* plan, Views* views, const Pooling* p, Supply* supply) noexcept nogil:
    """Run the row pipeline over `views`: the input, the result, and the indices if any.  Nothing is written unless DONE."""
    cdef Window w
    cdef Bench bench
    cdef int a, fault
    cdef bint whole, lengthy
    cdef double moved
    memset(&w, 0, sizeof(w))
    w.rows = ROWS
    w.rank = plan.rank
    w.axes = &plan.turned[0] if p.adjoint else &plan.axes[0]
    w.shares = plan.axes
    if p.mean == 2 and not (p.adjoint and plan.uniform):
        w.divide_loaded, w.divide_stored = p.adjoint, not p.adjoint
    whole = is_whole(&w, p)
    lengthy = not whole and takes_long_way(&w, p)
    if not whole and not lengthy:
        w.planes = planes_kernel(&w, p)
    if w.planes != NULL and not rows_are_contiguous(&views.view[0], &views.side[0]):
        w.planes = NULL
    if p.index_kind != NO_INDEX and not lengthy:
        w.winners = winners_kernel(&w, p, views)
    settle(views, plan.rank, 0, w.planes == NULL and w.winners == NULL and not whole and not lengthy
           and w.axes[plan.rank - 1].n_in <= SMALL_ROW)
    w.batch = &views.batch
    w.x, w.out = &views.side[0], &views.side[1]
    w.index = &views.side[2] if p.index_kind != NO_INDEX else &views.side[1]
    w.storage, w.out_storage, w.work = p.storage, p.out_storage, p.work
    w.work_size = 1 if p.work <= U8 else 2 if p.work <= U16 or p.work >= K16 else 4 if p.work <= U32 or p.work == F32 else 8
    w.index_kind = p.index_kind
    w.folds = &ROWS.fold[p.op][p.work]
    w.empty = w.folds.empty
    w.rounding = p.rounding
    w.divisor = p.divisor
    if p.mean == 2 and p.adjoint and plan.uniform:
        for a in range(plan.rank):
            if plan.axes[a].n_out > 0:
                w.divisor *= <double> plan.axes[a].share[0]
        if w.divisor == 0:
            w.divisor = 1.0          # no window holds a cell: zeros, not 0/0
    if p.storage != p.work:
        w.load = ROWS.load[p.storage][p.work]
    if p.mean and not w.divide_loaded:
        w.mean = ROWS.mean[p.out_storage][p.work]
    elif p.out_storage != p.work:
        w.store = ROWS.store[p.out_storage][p.work]
    if (p.storage != p.work and w.load == NULL) or (w.mean == NULL and w.store == NULL and p.out_storage != p.work):
        return NO_KERNEL
    w.gather, w.spread = ROWS.gather[w.x.item], ROWS.spread[w.out.item]
    w.spread_index = ROWS.spread[w.index.item]
    moved = bytes_of(&views.view[0]) + bytes_of(&views.view[1])
    if p.index_kind != NO_INDEX:
        moved += bytes_of(&views.view[2])
    if whole:
        fault = run_reduce(&w, p, memory_end(&views.view[0]), moved, supply)
        if fault != OTHER_WAY:
            return fault
    if w.planes != NULL and w.batch.lanes == 1:
        return run_planes(&w, p, memory_end(&views.view[0]), moved, supply)
    if w.winners != NULL and w.batch.lanes == 1:
        return run_winners(&w, p, memory_end(&views.view[0]), moved, supply)
    if lengthy:
        return run_long(&w, &views.batch, p, moved, supply)
    w.linear = p.index_kind != NO_INDEX and numbers_linearly(&w, p.index_kind == PLANE)
    cut_columns(&w, &w.axes[plan.rank - 1])
    w.at_once = 1
    w.streams = moved > CACHE_BYTES
    if joinable(&w):
        w.at_once = max(<Py_ssize_t> 1, <Py_ssize_t> JOINED_ELEMENTS // max(w.span * w.batch.block, 1))
    w.leading = 1
    for a in range(plan.rank - 1):
        w.leading *= w.axes[a].n_out
    return run_parallel(window_rows, &w, w.batch.planes * w.batch.blocks * w.tiles * w.leading, bench_layout(&w, &bench, NULL),
                        moved, supply)


include "calls.pxi"


def window(Plan plan, int op, bint adjoint, object x, int storage, bint x_swap, object out, int out_storage, bint out_swap,
           int work, object index=None, int index_kind=NO_INDEX, bint index_swap=False, int mean=0, double divisor=1.0,
           int rounding=0, int num_threads=0):
    """Run the row pipeline.

    Batch axes come first, pooled axes last, in `x`, `out` and `index` alike.  `mean`: 0 no division, 1 by `divisor`, 2 by
    `divisor` times the tables' shares.  Returns nothing; writes `out` and `index`.
    """
    cdef Sides sides = Sides.__new__(Sides)
    cdef Views* views = &sides.views
    cdef Pooling p
    cdef Supply supply = supply_of(num_threads)
    cdef Axis* axes
    cdef int rank = plan.tables.rank, fault
    p.op, p.adjoint, p.storage, p.out_storage, p.work = op, adjoint, storage, out_storage, work
    p.index_kind, p.mean, p.rounding, p.divisor = index_kind, mean, rounding, divisor
    sides.add(x, False, x_swap)
    sides.add(out, True, out_swap)
    if index_kind != NO_INDEX:
        sides.add(index, True, index_swap)
    if adjoint:
        plan.turn()
    axes = &plan.tables.turned[0] if adjoint else &plan.tables.axes[0]
    check_extents(&views.view[0], axes, rank, 0 if adjoint else 2)
    check_extents(&views.view[1], axes, rank, 1)
    check_batch(&views.view[0], &views.view[1], rank)
    if index_kind != NO_INDEX:
        check_extents(&views.view[2], axes, rank, 1)
        check_batch(&views.view[0], &views.view[2], rank)
    with nogil:
        fault = pool(&plan.tables, views, &p, &supply)
    raise_fault(fault)


cdef int check_views(Tables* plan, const Views* views, int inputs) except -1:
    """`inputs`: which of the three arrays is the input's plane."""
    cdef int a
    for a in range(3):
        check_extents(&views.view[a], plan.axes, plan.rank, 2 if a == inputs else 1)
        check_batch(&views.view[0], &views.view[a], plan.rank)
    return 0


cdef void set_up(Scatter* s, Tables* plan, Views* views, int index_kind, int inputs) noexcept nogil:
    """What scatter, gather and the check share; the arrays belong together (`check_views`)."""
    cdef int a
    cdef Py_ssize_t inner = 1, taps = 1, t, rest
    cdef uint64_t offset
    cdef bint mapped = False
    memset(s, 0, sizeof(Scatter))
    settle(views, plan.rank, max(inputs, 0), 0)
    s.rows, s.rank, s.axes, s.batch = ROWS, plan.rank, plan.axes, views.batch
    s.grad, s.index, s.result = views.side[0], views.side[1], views.side[2]
    s.index_kind = index_kind
    s.gather, s.gather_index, s.spread = ROWS.gather[s.grad.item], ROWS.gather[s.index.item], ROWS.spread[s.result.item]
    for a in range(plan.rank - 1, -1, -1):
        s.inner[a], s.window[a] = inner, taps
        inner *= plan.axes[a].extent
        # windows of more taps than an integer counts have positions for indices, which do not ask
        taps = <Py_ssize_t> (<uint64_t> taps * <uint64_t> plan.axes[a].window)
        mapped = mapped or plan.axes[a].source != NULL
    s.simple = index_kind == PLANE or (index_kind == WINDOW8 and not mapped)
    if index_kind == WINDOW8 and not mapped:
        for t in range(min(taps, <Py_ssize_t> 255)):
            rest = t
            offset = 0               # of a tap that lies far outside it may wrap, and is not used
            for a in range(plan.rank):
                offset += <uint64_t> (rest // s.window[a]) * <uint64_t> plan.axes[a].step * <uint64_t> s.inner[a]
                rest %= s.window[a]
            s.offsets[t] = <Py_ssize_t> offset


cdef Py_ssize_t output_rows(const Scatter* s) noexcept nogil:
    cdef Py_ssize_t rows = s.batch.planes * s.batch.blocks
    cdef int a
    for a in range(s.rank - 1):
        rows *= s.axes[a].n_out
    return rows


def check(Plan plan, object index, bint index_swap, int index_kind, int num_threads=0):
    """Whether every index names a cell of its window (or is the mark of an empty one): None, or the first that does not."""
    cdef Scatter s
    cdef Sides sides = Sides.__new__(Sides)
    cdef int _a
    for _a in range(3):              # no other arrays are looked at
        sides.add(index, False, index_swap)
    check_views(&plan.tables, &sides.views, -1)
    set_up(&s, &plan.tables, &sides.views, index_kind, -1)
    share_out(check_rows, &s, output_rows(&s), 64, bytes_of(&sides.views.view[0]), num_threads)
    return s.bad if s.failed else None


def gather(Plan plan, object x, bint x_swap, object index, bint index_swap, int index_kind, object out, bint out_swap,
           int num_threads=0):
    """out = the cells of `x` that `index` names, 0 for empty windows.  All arrays keep their dtype."""
    cdef Scatter s
    cdef Sides sides = Sides.__new__(Sides)
    sides.add(x, False, x_swap)
    sides.add(index, False, index_swap)
    sides.add(out, True, out_swap)
    check_views(&plan.tables, &sides.views, 0)
    set_up(&s, &plan.tables, &sides.views, index_kind, 0)
    share_out(gather_rows, &s, output_rows(&s), 64, bytes_of(&sides.views.view[1]) + bytes_of(&sides.views.view[2]), num_threads)


include "gradients.pxi"


def scatter(Plan plan, object grad, int storage, bint grad_swap, object index, bint index_swap, int index_kind, object result,
            bint result_swap, int work, int num_threads=0, bint check=False, bint own=False):
    """result = for every cell the sum of the gradients of the windows that chose it.

    With `check` nothing is written if an index does not belong to its window, except where the result is the caller's `own`;
    returns None, or such an index.
    """
    cdef Sides sides = Sides.__new__(Sides)
    cdef Pooling p
    cdef Supply supply = supply_of(num_threads)
    cdef Py_ssize_t bad = 0
    cdef bint failed = False
    cdef int fault
    memset(&p, 0, sizeof(p))
    p.storage, p.work, p.index_kind = storage, work, index_kind
    sides.add(grad, False, grad_swap)
    sides.add(index, False, index_swap)
    sides.add(result, True, result_swap)
    plan.turn()
    check_views(&plan.tables, &sides.views, 2)
    with nogil:
        fault = scatter_views(&plan.tables, &sides.views, &p, check, own, &bad, &failed, &supply)
    raise_fault(fault)
    return bad if failed else None


include "embedding.pxi"


# ---- settings ------------------------------------------------------------------------------------------------------

def use_kernels(object rows, object vectors):
    """Take the row functions and the vector kernels of one instruction set."""
    global ROWS, VECTORS
    ROWS = <const Rows*> PyCapsule_GetPointer(rows, b"cypool.rows")
    VECTORS = <const Vectors*> PyCapsule_GetPointer(vectors, b"cypool.vectors")


def x86_level():
    """The best x86-64 level (1 or 3) that processor and operating system support; 0 on other architectures."""
    return cypool_x86_level()


def set_room(int threads):
    """What the control group allows; 0 for no limit."""
    global ROOM
    ROOM = threads


def set_setting(int threads):
    global SETTING
    SETTING = threads


def set_local(int threads):
    """This Python thread's own wish; returns the one before."""
    global cypool_local_threads
    before = cypool_local_threads
    cypool_local_threads = threads
    return before


def set_grain(double bytes_moved):
    """For tests: bytes for which one more thread is worth its start; returns the value before."""
    global GRAIN
    before = GRAIN
    GRAIN = bytes_moved
    return before


def set_cache_bytes(Py_ssize_t n):
    """Bytes moved from which results are written past the cache (config.py and tests); returns the value before."""
    global CACHE_BYTES
    before = CACHE_BYTES
    CACHE_BYTES = n
    return before


def threads_now(int num_threads=0):
    """The threads that a large call would use now."""
    return choose_threads(num_threads)


def threads_for(double bytes_moved, int num_threads=0):
    """The threads that a call would use that moves so much, for modules with drivers of their own."""
    return <int> min(<double> choose_threads(num_threads), max(bytes_moved / GRAIN, 1.0))


COMPILER = CYPOOL_COMPILER.decode()
OPENMP = CYPOOL_OPENMP
PREPARED_DIM = MOST_PREPARED_DIM

if cypool_watch_forks() != 0:
    raise MemoryError("pthread_atfork found no memory")

# What Python names the codes of rows.pxd.
CODES = {
    "int8": I8, "uint8": U8, "int16": I16, "uint16": U16, "int32": I32, "uint32": U32, "int64": I64, "uint64": U64,
    "float32": F32, "float64": F64, "float16": F16, "bfloat16": BF16, "bool": U8, "key": K16, "minus_key": N16,
    "max": MAX, "min": MIN, "sum": SUM,
    "trunc": TRUNC, "floor": FLOOR, "nearest": NEAREST, "half_up": HALF_UP,
    "plane": PLANE, "window8": WINDOW8, "window16": WINDOW16, "window32": WINDOW32,
}
