# The C API of include/cypool/cypool.h: raw pointers in, error codes out.  Included by core.pyx.
#
# A plan for C is what the public functions remember of a call (calls.pxi, gradients.pxi), its fields copied to where no
# Python is needed to read them, with one reference that keeps the tables alive.  cypool/embedding.py makes it; making and
# freeing take the GIL.  A run checks what can differ, which is memory alone, and calls `pool` or `scatter_views`, as Python
# does.  Checks come before anything is written, and words for an error are only written where there is one.

from libc.stdint cimport uintptr_t
from libc.stdio cimport snprintf
from libc.stdlib cimport calloc

from cpython.pycapsule cimport PyCapsule_New

cdef extern from "Python.h" nogil:
    int Py_IsInitialized()

cdef extern from "../include/cypool/cypool.h" nogil:
    enum:
        CYPOOL_API_MAJOR, CYPOOL_API_MINOR
        CYPOOL_OK, CYPOOL_NULL_POINTER, CYPOOL_WRONG_PLAN, CYPOOL_WRONG_PARAMETER, CYPOOL_UNSUPPORTED, CYPOOL_WRONG_SIZE
        CYPOOL_WRONG_STRIDES, CYPOOL_OVERLAP, CYPOOL_WRONG_INDEX, CYPOOL_SMALL_SCRATCH, CYPOOL_NO_MEMORY, CYPOOL_INTERNAL
        CYPOOL_BOOL, CYPOOL_INT8, CYPOOL_UINT8, CYPOOL_INT16, CYPOOL_UINT16, CYPOOL_INT32, CYPOOL_UINT32, CYPOOL_INT64
        CYPOOL_UINT64, CYPOOL_FLOAT16, CYPOOL_BFLOAT16, CYPOOL_FLOAT32, CYPOOL_FLOAT64
        CYPOOL_INPUT, CYPOOL_OUTPUT, CYPOOL_INDICES
    ctypedef struct cypool_plan:
        pass
    ctypedef struct cypool_api:
        int major
        int minor
        const char* (*error_message)(int) noexcept
        int (*plan_new)(cypool_plan**, const char*, int, int, const Py_ssize_t*, const char*, char*, size_t) noexcept
        void (*plan_free)(cypool_plan*) noexcept
        int (*plan_ndim)(const cypool_plan*, int*) noexcept
        int (*plan_dtype)(const cypool_plan*, int, int*) noexcept
        int (*plan_shape)(const cypool_plan*, int, Py_ssize_t*) noexcept
        int (*plan_bytes)(const cypool_plan*, int, size_t*) noexcept
        int (*plan_scratch)(const cypool_plan*, const Py_ssize_t*, const Py_ssize_t*, const Py_ssize_t*, int, size_t*, char*,
                            size_t) noexcept
        int (*forward)(const cypool_plan*, const void*, size_t, const Py_ssize_t*, void*, size_t, const Py_ssize_t*, void*,
                       size_t, int, char*, size_t) noexcept
        int (*forward_indices)(const cypool_plan*, const void*, size_t, const Py_ssize_t*, void*, size_t, const Py_ssize_t*,
                               void*, size_t, const Py_ssize_t*, void*, size_t, int, char*, size_t) noexcept
        int (*backward)(const cypool_plan*, const void*, size_t, const Py_ssize_t*, void*, size_t, const Py_ssize_t*, void*,
                        size_t, int, char*, size_t) noexcept
        int (*backward_indices)(const cypool_plan*, const void*, size_t, const Py_ssize_t*, const void*, size_t,
                                const Py_ssize_t*, void*, size_t, const Py_ssize_t*, void*, size_t, int, char*,
                                size_t) noexcept

cdef enum:                       # what a plan for C is for
    FORWARD, FORWARD_INDICES, BACKWARD, BACKWARD_INDICES

cdef const char* RUNS[4]
RUNS[:] = [b"cypool_forward", b"cypool_forward_indices", b"cypool_backward", b"cypool_backward_indices"]

cdef uint64_t A_PLAN = 0x706f6f6c70746e61

cdef struct Form:                # of an array
    const char* name
    int dtype
    Py_ssize_t itemsize
    Py_ssize_t extent[MOST_PREPARED_DIM]
    Py_ssize_t stride[MOST_PREPARED_DIM]   # in C order
    size_t nbytes

cdef struct CPlan:
    uint64_t mark                # A_PLAN
    PyObject* prepared
    Tables* tables
    Pooling pooling
    int kind
    int arrays                   # 2, or 3 with indices
    int ndim
    int order[MOST_PREPARED_DIM]
    Form form[3]

cdef struct Given:               # memory as a caller hands it over
    const char* data
    size_t nbytes
    const Py_ssize_t* strides

cdef struct Words:               # where an error is to be said
    char* message
    size_t size


cdef inline Words words_of(char* message, size_t size) noexcept nogil:
    cdef Words words
    words.message, words.size = message, 0 if message == NULL else size
    return words


cdef const char* c_error_message(int code) noexcept nogil:
    if code == CYPOOL_OK:
        return "no error"
    if code == CYPOOL_NULL_POINTER:
        return "an argument that must not be NULL is NULL"
    if code == CYPOOL_WRONG_PLAN:
        return "the plan is not for this function, or is no plan"
    if code == CYPOOL_WRONG_PARAMETER:
        return "a parameter has a wrong type or value"
    if code == CYPOOL_UNSUPPORTED:
        return "the C API does not have this function"
    if code == CYPOOL_WRONG_SIZE:
        return "an array's memory has not the size that the plan needs"
    if code == CYPOOL_WRONG_STRIDES:
        return "strides lead beyond the array's memory, or written elements overlap"
    if code == CYPOOL_OVERLAP:
        return "what is written shares memory with what is read"
    if code == CYPOOL_WRONG_INDEX:
        return "an index is no cell of its window"
    if code == CYPOOL_SMALL_SCRATCH:
        return "the scratch is smaller than cypool_plan_scratch tells"
    if code == CYPOOL_NO_MEMORY:
        return "no memory"
    if code == CYPOOL_INTERNAL:
        return "an error inside Python, or no Python"
    return "no such code"


# ---- plans --------------------------------------------------------------------------------------------------------

cdef int public_dtype(int storage) noexcept nogil:
    """Of a code in rows.pxd."""
    if storage <= U64:
        return CYPOOL_INT8 + (storage - I8)
    if storage == F16:
        return CYPOOL_FLOAT16
    if storage == BF16:
        return CYPOOL_BFLOAT16
    return CYPOOL_FLOAT32 if storage == F32 else CYPOOL_FLOAT64


cdef int index_dtype(int kind) noexcept nogil:
    return (CYPOOL_INT64 if kind == PLANE else CYPOOL_UINT8 if kind == WINDOW8 else CYPOOL_UINT16 if kind == WINDOW16
            else CYPOOL_INT32)


cdef Py_ssize_t size_of_dtype(int dtype) noexcept nogil:
    if dtype <= CYPOOL_UINT8:
        return 1
    if dtype <= CYPOOL_UINT16 or dtype == CYPOOL_FLOAT16 or dtype == CYPOOL_BFLOAT16:
        return 2
    return 4 if dtype <= CYPOOL_UINT32 or dtype == CYPOOL_FLOAT32 else 8


cdef int fill_form(Form* form, const char* name, int dtype, int ndim, const cnp.npy_intp* extent) except -1:
    cdef Py_ssize_t stride
    cdef int a
    form.name, form.dtype, form.itemsize = name, dtype, size_of_dtype(dtype)
    stride = form.itemsize
    form.nbytes = stride
    for a in range(ndim - 1, -1, -1):
        form.extent[a], form.stride[a] = extent[a], stride
        if extent[a] > 1 and stride > PY_SSIZE_T_MAX // extent[a]:
            raise ValueError(f"shape must not name more bytes than memory can address, got {[extent[a] for a in range(ndim)]}")
        stride *= max(extent[a], <Py_ssize_t> 1)
        form.nbytes *= extent[a]
    return 0


cdef CPlan* plan_for_c(object prepared, int dtype) except NULL:
    cdef CPlan* plan
    cdef Prepared forward
    cdef PreparedGradient gradient
    cdef const cnp.npy_intp* big
    cdef const cnp.npy_intp* small
    cdef int result
    plan = <CPlan*> calloc(1, sizeof(CPlan))
    if plan == NULL:
        raise MemoryError("no memory for a plan")
    try:
        if type(prepared) is Prepared:
            forward = prepared
            plan.tables, plan.pooling, plan.ndim = &forward.plan.tables, forward.pooling, forward.ndim
            plan.kind = FORWARD if plan.pooling.index_kind == NO_INDEX else FORWARD_INDICES
            memcpy(plan.order, forward.order, sizeof(plan.order))
            result = public_dtype(plan.pooling.out_storage)
            if dtype == CYPOOL_BOOL and result == CYPOOL_UINT8:
                result = CYPOOL_BOOL
            fill_form(&plan.form[0], b"x", dtype, plan.ndim, forward.extent)
            fill_form(&plan.form[1], b"out", result, plan.ndim, forward.out_extent)
            small = forward.out_extent
        else:
            gradient = prepared
            plan.tables, plan.pooling, plan.ndim = &gradient.plan.tables, gradient.pooling, gradient.ndim
            plan.kind = BACKWARD if plan.pooling.index_kind == NO_INDEX else BACKWARD_INDICES
            memcpy(plan.order, gradient.order, sizeof(plan.order))
            fill_form(&plan.form[0], b"grad", dtype, plan.ndim, gradient.out_extent)
            fill_form(&plan.form[1], b"out", dtype, plan.ndim, gradient.extent)
            small = gradient.out_extent
        plan.arrays = 2
        if plan.pooling.index_kind != NO_INDEX:
            fill_form(&plan.form[2], b"indices", index_dtype(plan.pooling.index_kind), plan.ndim, small)
            plan.arrays = 3
    except:  # noqa: E722
        free(plan)
        raise
    Py_INCREF(prepared)
    plan.prepared = <PyObject*> prepared
    plan.mark = A_PLAN
    return plan


cdef int make_plan(CPlan** plan, const char* function, int dtype, int ndim, const Py_ssize_t* shape, const char* parameters,
                   Words words) noexcept with gil:
    cdef object error
    cdef bytes said
    cdef int code
    try:
        from cypool import embedding
        extents = tuple([shape[a] for a in range(ndim)])
        text = "" if parameters == NULL else (<bytes> parameters).decode()
        plan[0] = plan_for_c(embedding.prepare((<bytes> function).decode(), dtype, extents, text), dtype)
        return CYPOOL_OK
    except NotImplementedError as raised:
        error, code = raised, CYPOOL_UNSUPPORTED
    except (TypeError, ValueError) as raised:
        error, code = raised, CYPOOL_WRONG_PARAMETER
    except MemoryError as raised:
        error, code = raised, CYPOOL_NO_MEMORY
    except BaseException as raised:  # noqa: B036
        error, code = raised, CYPOOL_INTERNAL
    try:
        said = (str(error) or type(error).__name__).encode()
        snprintf(words.message, words.size, b"%s", <const char*> said)
    except BaseException:  # noqa: B036
        pass
    return code


cdef int c_plan_new(cypool_plan** plan, const char* function, int dtype, int ndim, const Py_ssize_t* shape,
                    const char* parameters, char* message, size_t message_size) noexcept nogil:
    cdef Words words = words_of(message, message_size)
    cdef const char* name = b"plan" if plan == NULL else b"function" if function == NULL else b"shape"
    if plan == NULL or function == NULL or shape == NULL:
        snprintf(words.message, words.size, b"%s must not be NULL", name)
        return CYPOOL_NULL_POINTER
    plan[0] = NULL
    if not 1 <= ndim <= MOST_PREPARED_DIM:
        snprintf(words.message, words.size, b"ndim must be from 1 to %d, got %d", <int> MOST_PREPARED_DIM, ndim)
        return CYPOOL_WRONG_PARAMETER
    if not Py_IsInitialized():
        snprintf(words.message, words.size, b"a plan can only be made while Python runs")
        return CYPOOL_INTERNAL
    return make_plan(<CPlan**> plan, function, dtype, ndim, shape, parameters, words)


cdef void drop(PyObject* prepared) noexcept with gil:
    Py_DECREF(<object> prepared)


cdef void c_plan_free(cypool_plan* plan) noexcept nogil:
    cdef CPlan* p = <CPlan*> plan
    if p == NULL or p.mark != A_PLAN:
        return
    p.mark = 0
    if Py_IsInitialized():
        drop(p.prepared)
    free(p)


cdef inline bint has_array(const CPlan* plan, int array) noexcept nogil:
    return plan != NULL and plan.mark == A_PLAN and 0 <= array < plan.arrays


cdef int c_plan_ndim(const cypool_plan* plan, int* ndim) noexcept nogil:
    if plan == NULL or ndim == NULL:
        return CYPOOL_NULL_POINTER
    if not has_array(<const CPlan*> plan, CYPOOL_INPUT):
        return CYPOOL_WRONG_PLAN
    ndim[0] = (<const CPlan*> plan).ndim
    return CYPOOL_OK


cdef int c_plan_dtype(const cypool_plan* plan, int array, int* dtype) noexcept nogil:
    if plan == NULL or dtype == NULL:
        return CYPOOL_NULL_POINTER
    if not has_array(<const CPlan*> plan, array):
        return CYPOOL_WRONG_PLAN
    dtype[0] = (<const CPlan*> plan).form[array].dtype
    return CYPOOL_OK


cdef int c_plan_shape(const cypool_plan* plan, int array, Py_ssize_t* shape) noexcept nogil:
    if plan == NULL or shape == NULL:
        return CYPOOL_NULL_POINTER
    if not has_array(<const CPlan*> plan, array):
        return CYPOOL_WRONG_PLAN
    memcpy(shape, (<const CPlan*> plan).form[array].extent, (<const CPlan*> plan).ndim * sizeof(Py_ssize_t))
    return CYPOOL_OK


cdef int c_plan_bytes(const cypool_plan* plan, int array, size_t* nbytes) noexcept nogil:
    if plan == NULL or nbytes == NULL:
        return CYPOOL_NULL_POINTER
    if not has_array(<const CPlan*> plan, array):
        return CYPOOL_WRONG_PLAN
    nbytes[0] = (<const CPlan*> plan).form[array].nbytes
    return CYPOOL_OK


include "embedding_runs.pxi"
