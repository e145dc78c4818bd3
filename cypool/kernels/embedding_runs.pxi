# Runs of plans for C: what can differ from call to call, which is memory, is checked, then `pool` or `scatter_views` computes.
# Included by embedding.pxi.

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
