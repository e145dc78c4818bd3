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


# ---- memory -------------------------------------------------------------------------------------------------------

cdef struct Span:                # addresses, the end not included
    uintptr_t begin
    uintptr_t end


cdef bint overlaps_itself(const Form* form, const Py_ssize_t* strides, int ndim) noexcept nogil:
    """Whether two elements may share memory: told from the strides, on the safe side, as arrays.py does.  The span is known
    to fit."""
    cdef Py_ssize_t stride[MOST_PREPARED_DIM]
    cdef Py_ssize_t extent[MOST_PREPARED_DIM]
    cdef Py_ssize_t reach = form.itemsize, size
    cdef int a, n = 0, k
    for a in range(ndim):
        if form.extent[a] <= 1:
            continue
        size = size_of(strides[a])
        k = n
        while k > 0 and stride[k - 1] > size:
            stride[k], extent[k] = stride[k - 1], extent[k - 1]
            k -= 1
        stride[k], extent[k] = size, form.extent[a]
        n += 1
    for a in range(n):
        if stride[a] < reach:
            return True
        reach += stride[a] * (extent[a] - 1)
    return False


cdef int find_span(Span* span, const Form* form, const Given* given, int ndim, Words words) noexcept nogil:
    """Check an array's memory, and find its first and last byte."""
    cdef uintptr_t data = <uintptr_t> given.data
    cdef size_t below = 0, above = form.itemsize, way, steps
    cdef int a
    span.begin = span.end = data
    if form.nbytes == 0:
        return CYPOOL_OK
    if given.data == NULL:
        snprintf(words.message, words.size, b"%s must not be NULL", form.name)
        return CYPOOL_NULL_POINTER
    if given.strides == NULL:
        if given.nbytes != form.nbytes:
            snprintf(words.message, words.size, b"%s_bytes must be %zu for %s without strides, got %zu", form.name, form.nbytes,
                     form.name, given.nbytes)
            return CYPOOL_WRONG_SIZE
        above = form.nbytes
    else:
        for a in range(ndim):
            if form.extent[a] <= 1 or given.strides[a] == 0:
                continue
            steps = <size_t> form.extent[a] - 1
            way = <size_t> given.strides[a] if given.strides[a] > 0 else <size_t> 0 - <size_t> given.strides[a]
            # what is beyond the memory is never added, so nothing overflows
            if given.nbytes < below + above or way > (given.nbytes - below - above) // steps:
                snprintf(words.message, words.size, b"%s_strides must not lead beyond its %zu bytes, got %zd for axis %d of "
                         b"extent %zd", form.name, given.nbytes, given.strides[a], a, form.extent[a])
                return CYPOOL_WRONG_STRIDES
            if given.strides[a] > 0:
                above += way * steps
            else:
                below += way * steps
        if given.nbytes < below + above:
            snprintf(words.message, words.size, b"%s_bytes must be at least %zu, got %zu", form.name, below + above, given.nbytes)
            return CYPOOL_WRONG_SIZE
    if below > data or above > (<uintptr_t> 0 - 1) - data:
        snprintf(words.message, words.size, b"%s must be an address whose elements lie in memory, got %p", form.name, given.data)
        return CYPOOL_WRONG_STRIDES
    span.begin, span.end = data - below, data + above
    return CYPOOL_OK


cdef inline bint spans_meet(const Span* one, const Span* other) noexcept nogil:
    return one.begin < other.end and other.begin < one.end


cdef void enter_given(Views* views, Shapes* shapes, const CPlan* plan, int array, const Given* given) noexcept nogil:
    """As `see` does it."""
    cdef const Form* form = &plan.form[array]
    cdef const Py_ssize_t* strides = given.strides if given.strides != NULL else &form.stride[0]
    cdef Py_buffer* view = &views.view[views.n]
    cdef int a
    for a in range(plan.ndim):
        shapes.extent[views.n][a], shapes.stride[views.n][a] = form.extent[plan.order[a]], strides[plan.order[a]]
    view.buf, view.ndim, view.itemsize = <void*> given.data, plan.ndim, form.itemsize
    view.shape, view.strides = &shapes.extent[views.n][0], &shapes.stride[views.n][0]
    describe(views, False)


cdef int compute(const CPlan* plan, const Given* given, Supply* supply, Words words) noexcept nogil:
    """Run, or measure, with memory that was checked: input, output and indices."""
    cdef Views views
    cdef Shapes shapes
    cdef Py_ssize_t bad = 0
    cdef bint failed = False
    cdef int fault
    views.n = 0
    enter_given(&views, &shapes, plan, CYPOOL_INPUT, &given[CYPOOL_INPUT])
    if plan.kind == BACKWARD_INDICES:
        enter_given(&views, &shapes, plan, CYPOOL_INDICES, &given[CYPOOL_INDICES])
    enter_given(&views, &shapes, plan, CYPOOL_OUTPUT, &given[CYPOOL_OUTPUT])
    if plan.kind == FORWARD_INDICES:
        enter_given(&views, &shapes, plan, CYPOOL_INDICES, &given[CYPOOL_INDICES])
    if plan.kind == BACKWARD_INDICES:
        fault = scatter_views(plan.tables, &views, &plan.pooling, True, False, &bad, &failed, supply)
    else:
        fault = pool(plan.tables, &views, &plan.pooling, supply)
    if failed:
        snprintf(words.message, words.size, b"indices must name cells of their own windows, or -1 for empty ones, got %zd", bad)
        return CYPOOL_WRONG_INDEX
    if fault == DONE:
        return CYPOOL_OK
    if fault == NO_SCRATCH:
        snprintf(words.message, words.size, b"scratch_bytes must be what cypool_plan_scratch tells for these strides and "
                 b"threads, %zd are not enough", supply.scratch_bytes)
        return CYPOOL_SMALL_SCRATCH
    snprintf(words.message, words.size, b"no memory for the rows and tables of a run")
    return CYPOOL_NO_MEMORY if fault == NO_MEMORY else CYPOOL_INTERNAL


cdef int check_plan(const CPlan* plan, int kind, int num_threads, Words words) noexcept nogil:
    """kind -1: any."""
    if plan == NULL:
        snprintf(words.message, words.size, b"plan must not be NULL")
        return CYPOOL_NULL_POINTER
    if plan.mark != A_PLAN:
        snprintf(words.message, words.size, b"plan must come from cypool_plan_new, and not be freed")
        return CYPOOL_WRONG_PLAN
    if kind >= 0 and plan.kind != kind:
        snprintf(words.message, words.size, b"%s needs a plan of its own kind, this one is for %s", RUNS[kind], RUNS[plan.kind])
        return CYPOOL_WRONG_PLAN
    if num_threads < 0:
        snprintf(words.message, words.size, b"num_threads must be at least 0, got %d", num_threads)
        return CYPOOL_WRONG_PARAMETER
    return CYPOOL_OK


# ---- runs ---------------------------------------------------------------------------------------------------------

cdef double[8] NUMBERS           # aligned
cdef const char* NOTHING = <const char*> NUMBERS   # stands for arrays without elements


cdef int run_plan(const CPlan* plan, int kind, Given* given, void* scratch, size_t scratch_bytes, int num_threads,
                  Words words) noexcept nogil:
    cdef Span span[3]
    cdef Span own
    cdef Supply supply = supply_of(min(num_threads, 1 << 20))
    cdef size_t shift
    cdef int code = check_plan(plan, kind, num_threads, words), k, other
    if code != CYPOOL_OK:
        return code
    for k in range(plan.arrays):
        code = find_span(&span[k], &plan.form[k], &given[k], plan.ndim, words)
        if code != CYPOOL_OK:
            return code
        if given[k].data == NULL:
            given[k].data = NOTHING
    for k in range(1, plan.arrays if kind == FORWARD_INDICES else 2):
        if given[k].strides != NULL and plan.form[k].nbytes > 0 and overlaps_itself(&plan.form[k], given[k].strides, plan.ndim):
            snprintf(words.message, words.size, b"%s_strides must keep the elements of %s apart", plan.form[k].name,
                     plan.form[k].name)
            return CYPOOL_WRONG_STRIDES
        for other in range(plan.arrays):
            if other != k and spans_meet(&span[k], &span[other]):
                snprintf(words.message, words.size, b"%s must not share memory with %s", plan.form[k].name,
                         plan.form[other].name)
                return CYPOOL_OVERLAP
    if scratch != NULL:
        own.begin = <uintptr_t> scratch
        own.end = own.begin + scratch_bytes
        if own.end < own.begin:
            snprintf(words.message, words.size, b"scratch_bytes must not lead beyond memory, got %zu", scratch_bytes)
            return CYPOOL_WRONG_SIZE
        for k in range(plan.arrays):
            if spans_meet(&own, &span[k]):
                snprintf(words.message, words.size, b"scratch must not share memory with %s", plan.form[k].name)
                return CYPOOL_OVERLAP
        shift = <size_t> (-own.begin & 63)
        supply.scratch = <char*> scratch + shift
        supply.scratch_bytes = 0 if scratch_bytes < shift else <Py_ssize_t> (scratch_bytes - shift)
    return compute(plan, given, &supply, words)


cdef int c_plan_scratch(const cypool_plan* plan, const Py_ssize_t* input_strides, const Py_ssize_t* output_strides,
                        const Py_ssize_t* indices_strides, int num_threads, size_t* nbytes, char* message,
                        size_t message_size) noexcept nogil:
    cdef const CPlan* p = <const CPlan*> plan
    cdef Words words = words_of(message, message_size)
    cdef Given given[3]
    cdef Supply supply = supply_of(min(num_threads, 1 << 20))
    cdef int k, code = check_plan(p, -1, num_threads, words)
    if code == CYPOOL_OK and nbytes == NULL:
        snprintf(words.message, words.size, b"bytes must not be NULL")
        code = CYPOOL_NULL_POINTER
    if code != CYPOOL_OK:
        return code
    given[0].strides, given[1].strides, given[2].strides = input_strides, output_strides, indices_strides
    for k in range(p.arrays):
        given[k].data = NOTHING      # a measure neither reads nor writes it
    supply.measures = True
    code = compute(p, given, &supply, words)
    if code == CYPOOL_OK:
        nbytes[0] = <size_t> supply.most + 64
    return code


cdef int c_forward(const cypool_plan* plan, const void* x, size_t x_bytes, const Py_ssize_t* x_strides, void* out,
                   size_t out_bytes, const Py_ssize_t* out_strides, void* scratch, size_t scratch_bytes, int num_threads,
                   char* message, size_t message_size) noexcept nogil:
    cdef Given given[3]
    given[0].data, given[0].nbytes, given[0].strides = <const char*> x, x_bytes, x_strides
    given[1].data, given[1].nbytes, given[1].strides = <const char*> out, out_bytes, out_strides
    return run_plan(<const CPlan*> plan, FORWARD, given, scratch, scratch_bytes, num_threads, words_of(message, message_size))


cdef int c_forward_indices(const cypool_plan* plan, const void* x, size_t x_bytes, const Py_ssize_t* x_strides, void* out,
                           size_t out_bytes, const Py_ssize_t* out_strides, void* indices, size_t indices_bytes,
                           const Py_ssize_t* indices_strides, void* scratch, size_t scratch_bytes, int num_threads,
                           char* message, size_t message_size) noexcept nogil:
    cdef Given given[3]
    given[0].data, given[0].nbytes, given[0].strides = <const char*> x, x_bytes, x_strides
    given[1].data, given[1].nbytes, given[1].strides = <const char*> out, out_bytes, out_strides
    given[2].data, given[2].nbytes, given[2].strides = <const char*> indices, indices_bytes, indices_strides
    return run_plan(<const CPlan*> plan, FORWARD_INDICES, given, scratch, scratch_bytes, num_threads,
                    words_of(message, message_size))


cdef int c_backward(const cypool_plan* plan, const void* grad, size_t grad_bytes, const Py_ssize_t* grad_strides, void* out,
                    size_t out_bytes, const Py_ssize_t* out_strides, void* scratch, size_t scratch_bytes, int num_threads,
                    char* message, size_t message_size) noexcept nogil:
    cdef Given given[3]
    given[0].data, given[0].nbytes, given[0].strides = <const char*> grad, grad_bytes, grad_strides
    given[1].data, given[1].nbytes, given[1].strides = <const char*> out, out_bytes, out_strides
    return run_plan(<const CPlan*> plan, BACKWARD, given, scratch, scratch_bytes, num_threads, words_of(message, message_size))


cdef int c_backward_indices(const cypool_plan* plan, const void* grad, size_t grad_bytes, const Py_ssize_t* grad_strides,
                            const void* indices, size_t indices_bytes, const Py_ssize_t* indices_strides, void* out,
                            size_t out_bytes, const Py_ssize_t* out_strides, void* scratch, size_t scratch_bytes,
                            int num_threads, char* message, size_t message_size) noexcept nogil:
    cdef Given given[3]
    given[0].data, given[0].nbytes, given[0].strides = <const char*> grad, grad_bytes, grad_strides
    given[1].data, given[1].nbytes, given[1].strides = <const char*> out, out_bytes, out_strides
    given[2].data, given[2].nbytes, given[2].strides = <const char*> indices, indices_bytes, indices_strides
    return run_plan(<const CPlan*> plan, BACKWARD_INDICES, given, scratch, scratch_bytes, num_threads,
                    words_of(message, message_size))


cdef cypool_api API
API.major, API.minor = CYPOOL_API_MAJOR, CYPOOL_API_MINOR
API.error_message = c_error_message
API.plan_new = c_plan_new
API.plan_free = c_plan_free
API.plan_ndim = c_plan_ndim
API.plan_dtype = c_plan_dtype
API.plan_shape = c_plan_shape
API.plan_bytes = c_plan_bytes
API.plan_scratch = c_plan_scratch
API.forward = c_forward
API.forward_indices = c_forward_indices
API.backward = c_backward
API.backward_indices = c_backward_indices

C_API = PyCapsule_New(&API, "cypool._C_API", NULL)
