# From a function's arguments to a kernel without a detour: calls that were made before.  Included by core.pyx.
#
# The first call of a function with some parameters, shape and dtype goes through engine.py, which reads, checks and
# decides.  What it decided is kept as a `Prepared`: tables, dtype codes, the result's shape.  `Function` remembers the last
# few; a call whose arguments are the same runs from there, and only what can differ is looked at again: strides,
# alignment, memory.  Anything unusual goes back through the engine, whose word on errors is the only one.

cimport numpy as cnp

cdef extern from "numpy/arrayobject.h":
    ctypedef struct PyArray_Descr:
        pass
    object PyArray_Empty(int ndim, const cnp.npy_intp* extents, PyArray_Descr* dtype, int fortran)

cnp.import_array()

cdef enum:
    MOST_PREPARED_DIM = 8             # arrays of higher rank always take the long way
    REMEMBERED = 8               # calls of one function


cdef struct Shapes:              # of three arrays, in the kernels' order of axes
    Py_ssize_t extent[3][8]
    Py_ssize_t stride[3][8]


cdef void see(Views* views, Shapes* shapes, cnp.ndarray array, const int* order) noexcept:
    """Add an array without the buffer protocol: the caller holds it."""
    cdef int n = views.n, a, ndim = cnp.PyArray_NDIM(array)
    cdef Py_buffer* view = &views.view[n]
    for a in range(ndim):
        shapes.extent[n][a] = cnp.PyArray_DIM(array, order[a])
        shapes.stride[n][a] = cnp.PyArray_STRIDE(array, order[a])
    view.buf, view.ndim, view.itemsize = cnp.PyArray_DATA(array), ndim, cnp.PyArray_ITEMSIZE(array)
    view.shape, view.strides = &shapes.extent[n][0], &shapes.stride[n][0]
    describe(views, False)


cdef bint has_form(cnp.ndarray array, object dtype, int ndim, const cnp.npy_intp* shape) noexcept:
    cdef int a
    if <PyObject*> cnp.PyArray_DESCR(array) != <PyObject*> dtype or cnp.PyArray_NDIM(array) != ndim:
        return False
    for a in range(ndim):
        if cnp.PyArray_DIM(array, a) != shape[a]:
            return False
    return True


cdef void memory_of(cnp.ndarray array, const char** begin, const char** end) noexcept:
    """The bytes between which an array's elements lie; none, where it has none."""
    cdef int a
    cdef Py_ssize_t way
    begin[0] = end[0] = <const char*> cnp.PyArray_DATA(array)
    if cnp.PyArray_SIZE(array) == 0:
        return
    end[0] += cnp.PyArray_ITEMSIZE(array)
    for a in range(cnp.PyArray_NDIM(array)):
        way = (cnp.PyArray_DIM(array, a) - 1) * cnp.PyArray_STRIDE(array, a)
        if way < 0:
            begin[0] += way
        else:
            end[0] += way


cdef bint apart(cnp.ndarray one, cnp.ndarray other) noexcept:
    """Whether two arrays share no memory, as their bounds tell."""
    cdef const char* begin[2]
    cdef const char* end[2]
    memory_of(one, &begin[0], &end[0])
    memory_of(other, &begin[1], &end[1])
    return end[0] <= begin[1] or end[1] <= begin[0]


cdef bint same_arguments(object a, object b):
    """Whether two arguments mean the same beyond doubt: 1, 1.0 and True do not."""
    cdef Py_ssize_t i
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if type(a) is int or type(a) is str or type(a) is float:
        return a == b
    if type(a) is tuple and len(<tuple> a) == len(<tuple> b):
        for i in range(len(<tuple> a)):
            if not same_arguments((<tuple> a)[i], (<tuple> b)[i]):
                return False
        return True
    return False


cdef bint stays_as_it_is(object a):
    """Whether an argument is one of those that nobody can change."""
    if a is None or type(a) is int or type(a) is bool or type(a) is str or type(a) is float:
        return True
    if type(a) is not tuple:
        return False
    for item in <tuple> a:
        if not stays_as_it_is(item):
            return False
    return True


cdef class Prepared:
    """A call with everything decided but the arrays: see `cypool.plan`."""
    cdef Plan plan
    cdef Pooling pooling
    cdef object dtype
    cdef object out_dtype
    cdef object index_dtype
    cdef object general
    cdef int ndim
    cdef int order[MOST_PREPARED_DIM]
    cdef cnp.npy_intp extent[MOST_PREPARED_DIM]
    cdef cnp.npy_intp out_extent[MOST_PREPARED_DIM]

    def __init__(self, Plan plan, shape, out_shape, order, dtype, out_dtype, index_dtype, pooling, general):
        """`pooling`: op, storage, out_storage, work, index_kind, mean, divisor, rounding.  `general`: the call that takes
        anything."""
        cdef int a
        cdef Pooling* p = &self.pooling
        self.plan, self.dtype, self.out_dtype, self.index_dtype, self.general = plan, dtype, out_dtype, index_dtype, general
        self.ndim = len(shape)
        if self.ndim > MOST_PREPARED_DIM:
            raise ValueError(f"a prepared call has at most {MOST_PREPARED_DIM} axes, got {self.ndim}")
        for a in range(self.ndim):
            self.extent[a], self.out_extent[a], self.order[a] = shape[a], out_shape[a], order[a]
        p.adjoint = False
        p.op, p.storage, p.out_storage, p.work, p.index_kind, p.mean, p.divisor, p.rounding = pooling

    @property
    def shape(self):
        """The input's shape."""
        return tuple([self.extent[a] for a in range(self.ndim)])

    @property
    def out_shape(self):
        """The result's shape."""
        return tuple([self.out_extent[a] for a in range(self.ndim)])

    def __call__(self, x, *, out=None, num_threads=None):
        """Pool x.

        Parameters
        ----------
        x : numpy.ndarray
            Of the shape and dtype that the plan was made for; any strides.
        out : numpy.ndarray, a pair of them with return_indices=True, or None
            Where to write the result.
        num_threads : int or None
            Threads for this call at most; None for the current setting.

        Returns
        -------
        numpy.ndarray or tuple of numpy.ndarray

        Raises
        ------
        TypeError, ValueError
            x has not the plan's dtype or shape; `out` is not fit to hold the result.
        """
        cdef object result
        if type(x) is cnp.ndarray and self.fits(<cnp.ndarray> x):
            result = self.run(<cnp.ndarray> x, out, num_threads)
            if result is not NotImplemented:
                return result
            return self.general(x, out=out, num_threads=num_threads)
        if getattr(x, "dtype", None) != self.dtype:
            raise TypeError(f"x must have the plan's dtype {self.dtype}, got {getattr(x, 'dtype', type(x).__name__)}")
        if x.shape != self.shape:
            raise ValueError(f"x must have the plan's shape {self.shape}, got {x.shape}")
        return self.general(x, out=out, num_threads=num_threads)

    cdef bint fits(self, cnp.ndarray x) noexcept:
        return has_form(x, self.dtype, self.ndim, self.extent)

    cdef object new(self, object dtype):
        Py_INCREF(dtype)             # which PyArray_Empty takes
        return PyArray_Empty(self.ndim, self.out_extent, <PyArray_Descr*> <PyObject*> dtype, 0)

    cdef bint can_take(self, object out, object dtype, cnp.ndarray x):
        """Whether `out` is good without a doubt."""
        return (type(out) is cnp.ndarray and has_form(<cnp.ndarray> out, dtype, self.ndim, self.out_extent)
                and cnp.PyArray_ISWRITEABLE(<cnp.ndarray> out) and cnp.PyArray_IS_C_CONTIGUOUS(<cnp.ndarray> out)
                and apart(<cnp.ndarray> out, x))

    cdef object run(self, cnp.ndarray x, object out, object num_threads):
        """The result, or NotImplemented for what is to take the long way.  x has the right form."""
        cdef Views views
        cdef Shapes shapes
        cdef Supply supply
        cdef object values, indices = None
        cdef int threads = 0, fault
        if num_threads is not None:
            if type(num_threads) is not int or not 1 <= num_threads <= 1 << 20:
                return NotImplemented
            threads = num_threads
        if out is None:
            values = self.new(self.out_dtype)
            if self.index_dtype is not None:
                indices = self.new(self.index_dtype)
        elif self.index_dtype is None:
            values = out
            if not self.can_take(values, self.out_dtype, x):
                return NotImplemented
        else:
            if type(out) is not tuple or len(<tuple> out) != 2:
                return NotImplemented
            values, indices = <tuple> out
            if not (self.can_take(values, self.out_dtype, x) and self.can_take(indices, self.index_dtype, x)
                    and apart(<cnp.ndarray> values, <cnp.ndarray> indices)):
                return NotImplemented
        views.n = 0
        see(&views, &shapes, x, self.order)
        see(&views, &shapes, <cnp.ndarray> values, self.order)
        if indices is not None:
            see(&views, &shapes, <cnp.ndarray> indices, self.order)
        supply = supply_of(threads)
        with nogil:
            fault = pool(&self.plan.tables, &views, &self.pooling, &supply)
        raise_fault(fault)
        return values if indices is None else (values, indices)


cdef class Function:
    """What a public function calls with its arguments in their order, x first.

    `forward(operator, arguments)` computes, `prepare(operator, arguments)` makes a `Prepared` or returns None.
    """
    cdef object operator
    cdef object forward
    cdef object prepare
    cdef tuple names
    cdef int out_at
    cdef int threads_at
    cdef list recent

    def __init__(self, operator, forward, prepare, names):
        self.operator, self.forward, self.prepare, self.names = operator, forward, prepare, tuple(names)
        self.recent = []
        self.out_at, self.threads_at = self.names.index("out"), self.names.index("num_threads")

    def __call__(self, *arguments):
        cdef object x = arguments[0], result
        if type(x) is cnp.ndarray:
            for entry in self.recent:
                if self.is_same((<tuple> entry)[0], arguments) and (<Prepared> (<tuple> entry)[1]).fits(<cnp.ndarray> x):
                    result = (<Prepared> (<tuple> entry)[1]).run(<cnp.ndarray> x, arguments[self.out_at],
                                                                 arguments[self.threads_at])
                    if result is NotImplemented:
                        break
                    return result
        return self.long_way(arguments)

    cdef bint is_same(self, tuple known, tuple arguments):
        cdef int i
        for i in range(1, len(known)):
            if known[i] is not arguments[i] and i != self.out_at and i != self.threads_at and not same_arguments(
                    known[i], arguments[i]):
                return False
        return True

    cdef object long_way(self, tuple arguments):
        cdef object result = self.forward(self.operator, dict(zip(self.names, arguments)))
        cdef list known = list(arguments)
        known[0] = known[self.out_at] = known[self.threads_at] = None
        if type(arguments[0]) is cnp.ndarray and stays_as_it_is(tuple(known)):
            prepared = self.prepare(self.operator, dict(zip(self.names, arguments)))
            if prepared is not None:
                self.recent = [(tuple(known), prepared), *self.recent[:REMEMBERED - 1]]
        return result
