# cypool's C API for Cython: `cimport cypool`, then `cypool.cypool_import()` once in the module, then the functions.  What each
# does is said in cypool.h, which the C compiler finds by cypool.get_include().

cdef extern from "Python.h":     # before cypool.h, whose cypool_import needs it
    pass

cdef extern from "cypool/cypool.h" nogil:
    enum:
        CYPOOL_API_MAJOR
        CYPOOL_API_MINOR

    size_t CYPOOL_ANY_SIZE

    enum:
        CYPOOL_OK
        CYPOOL_NULL_POINTER
        CYPOOL_WRONG_PLAN
        CYPOOL_WRONG_PARAMETER
        CYPOOL_UNSUPPORTED
        CYPOOL_WRONG_SIZE
        CYPOOL_WRONG_STRIDES
        CYPOOL_OVERLAP
        CYPOOL_WRONG_INDEX
        CYPOOL_SMALL_SCRATCH
        CYPOOL_NO_MEMORY
        CYPOOL_INTERNAL

    enum:
        CYPOOL_BOOL
        CYPOOL_INT8
        CYPOOL_UINT8
        CYPOOL_INT16
        CYPOOL_UINT16
        CYPOOL_INT32
        CYPOOL_UINT32
        CYPOOL_INT64
        CYPOOL_UINT64
        CYPOOL_FLOAT16
        CYPOOL_BFLOAT16
        CYPOOL_FLOAT32
        CYPOOL_FLOAT64

    enum:
        CYPOOL_INPUT
        CYPOOL_OUTPUT
        CYPOOL_INDICES

    ctypedef struct cypool_plan:
        pass

    ctypedef struct cypool_api:
        pass

    int cypool_use(const cypool_api* table) noexcept
    const char* cypool_error_message(int code) noexcept
    int cypool_plan_new(cypool_plan** plan, const char* function, int dtype, int ndim, const Py_ssize_t* shape,
                        const char* parameters, char* message, size_t message_size) noexcept
    void cypool_plan_free(cypool_plan* plan) noexcept
    int cypool_plan_ndim(const cypool_plan* plan, int* ndim) noexcept
    int cypool_plan_dtype(const cypool_plan* plan, int array, int* dtype) noexcept
    int cypool_plan_shape(const cypool_plan* plan, int array, Py_ssize_t* shape) noexcept
    int cypool_plan_bytes(const cypool_plan* plan, int array, size_t* bytes) noexcept
    int cypool_plan_scratch(const cypool_plan* plan, const Py_ssize_t* input_strides, const Py_ssize_t* output_strides,
                            const Py_ssize_t* indices_strides, int num_threads, size_t* bytes, char* message,
                            size_t message_size) noexcept
    int cypool_forward(const cypool_plan* plan, const void* x, size_t x_bytes, const Py_ssize_t* x_strides, void* out,
                       size_t out_bytes, const Py_ssize_t* out_strides, void* scratch, size_t scratch_bytes,
                       int num_threads, char* message, size_t message_size) noexcept
    int cypool_forward_indices(const cypool_plan* plan, const void* x, size_t x_bytes, const Py_ssize_t* x_strides,
                               void* out, size_t out_bytes, const Py_ssize_t* out_strides, void* indices,
                               size_t indices_bytes, const Py_ssize_t* indices_strides, void* scratch,
                               size_t scratch_bytes, int num_threads, char* message, size_t message_size) noexcept
    int cypool_backward(const cypool_plan* plan, const void* grad, size_t grad_bytes, const Py_ssize_t* grad_strides,
                        void* out, size_t out_bytes, const Py_ssize_t* out_strides, void* scratch, size_t scratch_bytes,
                        int num_threads, char* message, size_t message_size) noexcept
    int cypool_backward_indices(const cypool_plan* plan, const void* grad, size_t grad_bytes,
                                const Py_ssize_t* grad_strides, const void* indices, size_t indices_bytes,
                                const Py_ssize_t* indices_strides, void* out, size_t out_bytes,
                                const Py_ssize_t* out_strides, void* scratch, size_t scratch_bytes, int num_threads,
                                char* message, size_t message_size) noexcept

cdef extern from "cypool/cypool.h":
    int cypool_import() except -1
