# Gradients: of selections, and those that were asked for before, as calls.pxi has them for the forward functions.  Included by
# core.pyx.
#
# Remembered are linear operators, and selections by indices that the caller has; all else, and every error, is the engine's.

cdef int scatter_views(Tables* plan, Views* views, const Pooling* p, bint check, bint own, Py_ssize_t* bad,
                       bint* failed, Supply* supply) noexcept nogil:
    """The gradient, the indices and the result are the views.  `failed`: an index, `bad`, does not belong."""
    cdef Scatter s
    cdef int last = plan.rank - 1, a, fault
    cdef double moved = bytes_of(&views.view[0]) + bytes_of(&views.view[1]) + bytes_of(&views.view[2])
    cdef cypool_chosen_t kernel
    set_up(&s, plan, views, p.index_kind, 2)
    s.work = p.work
    kernel = chosen_kernel(&s, plan.turned, p.storage)
    if kernel != NULL:
        fault = run_chosen(&s, plan.turned, kernel, &views.view[0], check, own, moved, supply)
        if fault != OTHER_WAY:
            bad[0], failed[0] = s.bad, s.failed
            return fault
    if check:
        fault = run_parallel(check_rows, &s, output_rows(&s), 64, bytes_of(&views.view[1]), supply)
        if fault != DONE or s.failed:
            bad[0], failed[0] = s.bad, s.failed
            return fault
    if p.storage != p.work:
        s.load, s.store = ROWS.load[p.storage][p.work], ROWS.store[p.storage][p.work]
    s.cut = last
    for a in range(last, -1, -1):
        if s.inner[a] * s.batch.block <= SEGMENT_ELEMENTS:
            s.cut = a
    s.cut_rows = max(<Py_ssize_t> SEGMENT_ELEMENTS // max(s.inner[s.cut] * s.batch.block, 1), 1)
    s.cut_rows = min(s.cut_rows, plan.axes[s.cut].extent)
    s.cuts = (plan.axes[s.cut].extent + s.cut_rows - 1) // max(s.cut_rows, 1)
    s.segments = s.cuts
    for a in range(s.cut):
        s.segments *= plan.axes[a].extent
    s.tile = max(<Py_ssize_t> ROW_ELEMENTS // max(s.batch.block, 1), 1)
    s.at_once = scatters_planes(&s)
    s.streams = s.at_once and moved > CACHE_BYTES
    return run_parallel(scatter_segments, &s, s.batch.planes * s.batch.blocks * s.segments,
                        reader_bytes(&s) + s.cut_rows * s.inner[s.cut] * s.batch.block * 8 + 64, moved, supply)


cdef class PreparedGradient:
    """A gradient with everything decided but the arrays.  `x_dtype` is None where the input's shape stands for it."""
    cdef Plan plan
    cdef Pooling pooling
    cdef object dtype
    cdef object x_dtype
    cdef object index_dtype
    cdef tuple shape
    cdef int ndim
    cdef int order[MOST_PREPARED_DIM]
    cdef cnp.npy_intp extent[MOST_PREPARED_DIM]
    cdef cnp.npy_intp out_extent[MOST_PREPARED_DIM]

    def __init__(self, Plan plan, shape, out_shape, order, x_dtype, dtype, index_dtype, pooling):
        """`pooling`: op, storage, out_storage, work, index_kind, mean, divisor, rounding."""
        cdef int a
        cdef Pooling* p = &self.pooling
        self.plan, self.x_dtype, self.dtype, self.index_dtype, self.shape = plan, x_dtype, dtype, index_dtype, tuple(shape)
        self.ndim = len(shape)
        if self.ndim > MOST_PREPARED_DIM:
            raise ValueError(f"a prepared call has at most {MOST_PREPARED_DIM} axes, got {self.ndim}")
        for a in range(self.ndim):
            self.extent[a], self.out_extent[a], self.order[a] = shape[a], out_shape[a], order[a]
        p.adjoint = True
        plan.turn()
        p.op, p.storage, p.out_storage, p.work, p.index_kind, p.mean, p.divisor, p.rounding = pooling

    cdef bint fits(self, cnp.ndarray gradient, object x, object indices):
        if self.x_dtype is None:
            if not same_arguments(x, self.shape):
                return False
        elif type(x) is not cnp.ndarray or not has_form(<cnp.ndarray> x, self.x_dtype, self.ndim, self.extent):
            return False
        if self.index_dtype is None:
            if indices is not None:
                return False
        elif type(indices) is not cnp.ndarray or not has_form(<cnp.ndarray> indices, self.index_dtype, self.ndim,
                                                              self.out_extent):
            return False
        return has_form(gradient, self.dtype, self.ndim, self.out_extent)

    cdef object run(self, cnp.ndarray gradient, object x, object indices, object out, object num_threads):
        """The gradient of x, or NotImplemented for what is to take the long way.  The arguments fit."""
        cdef Views views
        cdef Shapes shapes
        cdef Supply supply
        cdef Py_ssize_t bad = 0
        cdef int threads = 0, fault
        cdef bint own = out is None, failed = False
        if num_threads is not None:
            if type(num_threads) is not int or not 1 <= num_threads <= 1 << 20:
                return NotImplemented
            threads = num_threads
        if own:
            Py_INCREF(self.dtype)    # which PyArray_Empty takes
            out = PyArray_Empty(self.ndim, self.extent, <PyArray_Descr*> <PyObject*> self.dtype, 0)
        elif not (type(out) is cnp.ndarray and has_form(<cnp.ndarray> out, self.dtype, self.ndim, self.extent)
                  and cnp.PyArray_ISWRITEABLE(<cnp.ndarray> out) and cnp.PyArray_IS_C_CONTIGUOUS(<cnp.ndarray> out)
                  and apart(<cnp.ndarray> out, gradient)
                  and (self.x_dtype is None or apart(<cnp.ndarray> out, <cnp.ndarray> x))
                  and (indices is None or apart(<cnp.ndarray> out, <cnp.ndarray> indices))):
            return NotImplemented
        views.n = 0
        see(&views, &shapes, gradient, self.order)
        if indices is None:
            see(&views, &shapes, <cnp.ndarray> out, self.order)
            supply = supply_of(threads)
            with nogil:
                fault = pool(&self.plan.tables, &views, &self.pooling, &supply)
            raise_fault(fault)
            return out
        see(&views, &shapes, <cnp.ndarray> indices, self.order)
        see(&views, &shapes, <cnp.ndarray> out, self.order)
        supply = supply_of(threads)
        with nogil:
            fault = scatter_views(&self.plan.tables, &views, &self.pooling, True, own, &bad, &failed, &supply)
        raise_fault(fault)
        if failed:
            return NotImplemented    # the engine finds the wrong index again, and says so
        return out


cdef class Gradient:
    """What a public gradient calls with its arguments: the two arrays, the others by position, and the others by name.

    `backward(arguments...)` computes, `prepare(arguments...)` makes a `PreparedGradient` or returns None.
    """
    cdef object backward
    cdef object prepare
    cdef bint selecting
    cdef list recent

    def __init__(self, backward, prepare, selecting):
        self.backward, self.prepare, self.selecting = backward, prepare, selecting
        self.recent = []

    def __call__(self, gradient, x, tuple arguments, dict keywords):
        cdef object result, indices = keywords.get("indices") if self.selecting else None
        if type(gradient) is cnp.ndarray:
            for entry in self.recent:
                if (same_arguments((<tuple> entry)[0], arguments) and self.is_same((<tuple> entry)[1], keywords)
                        and (<PreparedGradient> (<tuple> entry)[2]).fits(<cnp.ndarray> gradient, x, indices)):
                    result = (<PreparedGradient> (<tuple> entry)[2]).run(<cnp.ndarray> gradient, x, indices, keywords.get("out"),
                                                                         keywords.get("num_threads"))
                    if result is NotImplemented:
                        return self.backward(gradient, x, arguments, keywords)
                    return result
        return self.long_way(gradient, x, arguments, keywords)

    cdef bint is_same(self, dict known, dict keywords):
        cdef Py_ssize_t others = 0
        for name, value in keywords.items():
            if self.differs_freely(name):
                others += 1
            elif name not in known or not same_arguments(known[name], value):
                return False
        return len(known) == len(keywords) - others

    cdef bint differs_freely(self, object name):
        return name == "out" or name == "num_threads" or (self.selecting and name == "indices")

    cdef object long_way(self, object gradient, object x, tuple arguments, dict keywords):
        cdef object result = self.backward(gradient, x, arguments, keywords)
        cdef dict known = {name: value for name, value in keywords.items() if not self.differs_freely(name)}
        if type(gradient) is cnp.ndarray and stays_as_it_is(arguments) and stays_as_it_is(tuple(known.values())):
            prepared = self.prepare(gradient, x, arguments, keywords)
            if prepared is not None:
                self.recent = [(arguments, known, prepared), *self.recent[:REMEMBERED - 1]]
        return result
