# Arrays that Python hands over, for modules that have a Side with data, code, item and swap.  Included by them; core.pyx has its
# own in sides.pxi, which also finds the order of the axes.

from cpython.buffer cimport PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer


cdef class View:
    """An array that the buffer protocol holds until the call is over."""
    cdef Py_buffer buffer
    cdef bint held

    def __cinit__(self, array, bint writable):
        self.held = False
        PyObject_GetBuffer(array, &self.buffer, PyBUF_STRIDES | (PyBUF_WRITABLE if writable else 0))
        self.held = True

    def __dealloc__(self):
        if self.held:
            PyBuffer_Release(&self.buffer)

    cdef int has_rank(self, int ndim) except -1:
        """Refuse an array of another rank."""
        if self.buffer.ndim != ndim:
            raise ValueError(f"an array of rank {ndim} is needed, got rank {self.buffer.ndim}")
        return 0

    cdef int strides_of(self, int ndim, const Py_ssize_t* extent, Py_ssize_t* stride) except -1:
        """The strides of an array that must have these extents."""
        cdef int a
        self.has_rank(ndim)
        for a in range(ndim):
            if self.buffer.shape[a] != extent[a]:
                raise ValueError(f"axis {a} has extent {self.buffer.shape[a]}, {extent[a]} is needed")
            stride[a] = self.buffer.strides[a]
        return 0

    cdef void fill(self, Side* side, int code, bint swap) noexcept:
        """Tell a side everything but strides."""
        side.data = <char*> self.buffer.buf
        side.code, side.swap = code, swap
        side.item = 0
        while (<Py_ssize_t> 1 << side.item) < self.buffer.itemsize:
            side.item += 1
