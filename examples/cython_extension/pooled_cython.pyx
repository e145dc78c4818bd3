# cython: language_level=3
# distutils: define_macros=NPY_NO_DEPRECATED_API=NPY_1_7_API_VERSION
"""A Cython extension: memoryviews in, cypool's functions without the GIL."""

cimport cypool

cypool.cypool_import()


def sum_pool(const unsigned char[:, :, ::1] x not None, unsigned long long[:, :, ::1] out not None, bint release_gil):
    """The sums of 4x4 windows of pictures (height, width, channels) into `out`."""
    cdef cypool.cypool_plan* plan = NULL
    cdef char message[256]
    cdef int code
    message[0] = 0
    code = cypool.cypool_plan_new(&plan, "sum_pool2d", cypool.CYPOOL_UINT8, 3, &x.shape[0],
                                  "kernel_size=4, data_format='channels_last'", message, sizeof(message))
    if code == cypool.CYPOOL_OK:
        if release_gil:
            with nogil:
                code = run(plan, x, out, message, sizeof(message))
        else:
            code = run(plan, x, out, message, sizeof(message))
    cypool.cypool_plan_free(plan)
    if code != cypool.CYPOOL_OK:
        raise ValueError((<bytes> message).decode())


cdef int run(const cypool.cypool_plan* plan, const unsigned char[:, :, ::1] x, unsigned long long[:, :, ::1] out,
             char* message, size_t n) noexcept nogil:
    return cypool.cypool_forward(plan, &x[0, 0, 0], x.shape[0] * x.shape[1] * x.shape[2], NULL, &out[0, 0, 0],
                                 out.shape[0] * out.shape[1] * out.shape[2] * sizeof(out[0, 0, 0]), NULL, NULL, 0, 0,
                                 message, n)
