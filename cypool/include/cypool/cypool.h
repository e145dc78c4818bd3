/* cypool's C API: pooling inside other extensions, without Python in the loop.
 *
 *     #include <Python.h>
 *     #include <cypool/cypool.h>            (the compiler is told where by cypool.get_include())
 *
 *     if (cypool_import() < 0) return NULL; (once in every source file, with the GIL; a Python error is set)
 *     const ptrdiff_t shape[] = {8, 64, 112, 112};
 *     cypool_plan *plan;
 *     int code = cypool_plan_new(&plan, "max_pool2d", CYPOOL_FLOAT32, 4, shape, "kernel_size=3, stride=2, padding=1",
 *                                message, sizeof message);
 *     code = cypool_forward(plan, x, x_bytes, NULL, out, out_bytes, NULL, NULL, 0, 1, message, sizeof message);
 *     cypool_plan_free(plan);
 *
 * A plan is one call of one of Python's functions with everything decided but the arrays.  It never changes, and any number of
 * threads may run one at once.  Making and freeing a plan runs Python: both take the GIL by themselves, whether the thread has
 * it or not.  All other functions never touch Python; call them with the GIL or, better, without.
 *
 * Functions return CYPOOL_OK or an error code.  `message`, if it is not NULL, receives the error in words, cut to message_size
 * bytes with the final zero; it is left alone where there is none.  A call that returns an error has written nothing else.
 *
 * An array is a pointer to its first element, the bytes of its memory, and strides: bytes from an element to the next, for each
 * axis in the plan's order, of any sign; NULL stands for C order without gaps.  Without strides `bytes` must be exactly what
 * the plan's shape and dtype take; with strides no element may lie further from another than `bytes` tell, and
 * CYPOOL_ANY_SIZE stands for memory whose bounds the caller does not know.  Elements need not be aligned.  What is written
 * must not share memory with what is read, as the first and the last of their bytes tell.  An array without elements may be
 * NULL.
 *
 * This file is plain C99, and C++.  It needs <Python.h>, included before it, for cypool_import alone; files without Python hand
 * the table on by cypool_use.  What is here stays (docs/design/0013): functions, codes and fields are only ever added behind
 * those that there are.  Not in the table yet: norms, ranks, regions, masks, weights, nan="ignore" and `empty`.
 */
#ifndef CYPOOL_H
#define CYPOOL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CYPOOL_API_MAJOR 1 /* another one: nothing fits */
#define CYPOOL_API_MINOR 0 /* grows with every function that is added */

#define CYPOOL_ANY_SIZE ((size_t)-1)

enum {                       /* what functions return */
    CYPOOL_OK = 0,
    CYPOOL_NULL_POINTER = 1,     /* an argument that must not be NULL is */
    CYPOOL_WRONG_PLAN = 2,       /* the plan is of another kind, or no plan */
    CYPOOL_WRONG_PARAMETER = 3,  /* what Python refuses by a TypeError or ValueError; a thread count below 0 */
    CYPOOL_UNSUPPORTED = 4,      /* a function that Python has and this table has not */
    CYPOOL_WRONG_SIZE = 5,       /* the memory is not what the array takes */
    CYPOOL_WRONG_STRIDES = 6,    /* elements beyond the memory, or written ones that overlap each other */
    CYPOOL_OVERLAP = 7,          /* what is written shares memory with what is read */
    CYPOOL_WRONG_INDEX = 8,      /* an index that is no cell of its window */
    CYPOOL_SMALL_SCRATCH = 9,    /* less scratch than cypool_plan_scratch tells */
    CYPOOL_NO_MEMORY = 10,
    CYPOOL_INTERNAL = 11         /* any other error of Python's, or no Python */
};

enum {                       /* dtypes; halves are their 16 bits, a bool is a byte that is 0 or 1 */
    CYPOOL_BOOL = 0,
    CYPOOL_INT8 = 1,
    CYPOOL_UINT8 = 2,
    CYPOOL_INT16 = 3,
    CYPOOL_UINT16 = 4,
    CYPOOL_INT32 = 5,
    CYPOOL_UINT32 = 6,
    CYPOOL_INT64 = 7,
    CYPOOL_UINT64 = 8,
    CYPOOL_FLOAT16 = 9,
    CYPOOL_BFLOAT16 = 10,
    CYPOOL_FLOAT32 = 11,
    CYPOOL_FLOAT64 = 12
};

enum {                       /* the arrays of a plan */
    CYPOOL_INPUT = 0,            /* what is read: x, or for a gradient grad_output */
    CYPOOL_OUTPUT = 1,           /* what is written: the result, or the gradient of x */
    CYPOOL_INDICES = 2           /* written by cypool_forward_indices, read by cypool_backward_indices */
};

typedef struct cypool_plan cypool_plan;

/* The table of functions; the inline functions below call them and say what they do. */
typedef struct cypool_api {
    int major;
    int minor;
    const char *(*error_message)(int code);
    int (*plan_new)(cypool_plan **plan, const char *function, int dtype, int ndim, const ptrdiff_t *shape,
                    const char *parameters, char *message, size_t message_size);
    void (*plan_free)(cypool_plan *plan);
    int (*plan_ndim)(const cypool_plan *plan, int *ndim);
    int (*plan_dtype)(const cypool_plan *plan, int array, int *dtype);
    int (*plan_shape)(const cypool_plan *plan, int array, ptrdiff_t *shape);
    int (*plan_bytes)(const cypool_plan *plan, int array, size_t *bytes);
    int (*plan_scratch)(const cypool_plan *plan, const ptrdiff_t *input_strides, const ptrdiff_t *output_strides,
                        const ptrdiff_t *indices_strides, int num_threads, size_t *bytes, char *message,
                        size_t message_size);
    int (*forward)(const cypool_plan *plan, const void *x, size_t x_bytes, const ptrdiff_t *x_strides, void *out,
                   size_t out_bytes, const ptrdiff_t *out_strides, void *scratch, size_t scratch_bytes, int num_threads,
                   char *message, size_t message_size);
    int (*forward_indices)(const cypool_plan *plan, const void *x, size_t x_bytes, const ptrdiff_t *x_strides, void *out,
                           size_t out_bytes, const ptrdiff_t *out_strides, void *indices, size_t indices_bytes,
                           const ptrdiff_t *indices_strides, void *scratch, size_t scratch_bytes, int num_threads,
                           char *message, size_t message_size);
    int (*backward)(const cypool_plan *plan, const void *grad, size_t grad_bytes, const ptrdiff_t *grad_strides, void *out,
                    size_t out_bytes, const ptrdiff_t *out_strides, void *scratch, size_t scratch_bytes, int num_threads,
                    char *message, size_t message_size);
    int (*backward_indices)(const cypool_plan *plan, const void *grad, size_t grad_bytes, const ptrdiff_t *grad_strides,
                            const void *indices, size_t indices_bytes, const ptrdiff_t *indices_strides, void *out,
                            size_t out_bytes, const ptrdiff_t *out_strides, void *scratch, size_t scratch_bytes,
                            int num_threads, char *message, size_t message_size);
} cypool_api;

/* ---- the table, found once in every source file -------------------------------------------------------------------- */

static const cypool_api *cypool_table = 0;

/* Take a table; 0, or -1 for none, another major version or fewer functions than this header has. */
static inline int cypool_use(const cypool_api *table) {
    if (table == 0 || table->major != CYPOOL_API_MAJOR || table->minor < CYPOOL_API_MINOR) return -1;
    cypool_table = table;
    return 0;
}

#define CYPOOL_CAPSULE "cypool._C_API"

#ifdef Py_PYTHON_H
/* Import cypool and take its table; 0, or -1 with a Python error set.  The GIL must be held. */
static inline int cypool_import(void) {
    const cypool_api *table = (const cypool_api *)PyCapsule_Import(CYPOOL_CAPSULE, 0);
    if (table == 0) return -1;
    if (cypool_use(table) < 0) {
        PyErr_Format(PyExc_ImportError, "cypool's C API is %d.%d, this module was built for %d.%d", table->major,
                     table->minor, CYPOOL_API_MAJOR, CYPOOL_API_MINOR);
        return -1;
    }
    return 0;
}
#endif

/* ---- plans ----------------------------------------------------------------------------------------------------------- */

/* An error code in a few words; never NULL. */
static inline const char *cypool_error_message(int code) { return cypool_table->error_message(code); }

/* Make a plan.  `function` is one of Python's by name: max, min, avg and sum pooling in every form ("avg_pool2d",
 * "adaptive_max_pool1d", "global_sum_pool", ...), and their gradients ("max_pool2d_backward").  dtype and shape are x's; for a
 * gradient the dtype is that of the gradients, and the shape still x's.  `parameters` are the function's own, written as in
 * Python, by name: "kernel_size=(3, 2), padding='same', return_indices=True"; NULL or "" for none.  With return_indices=True
 * the plan is for cypool_forward_indices; gradients of maxima and minima are for cypool_backward_indices.  At most 8 axes. */
static inline int cypool_plan_new(cypool_plan **plan, const char *function, int dtype, int ndim, const ptrdiff_t *shape,
                                  const char *parameters, char *message, size_t message_size) {
    return cypool_table->plan_new(plan, function, dtype, ndim, shape, parameters, message, message_size);
}

/* Free a plan that no thread runs any more, before the interpreter ends; NULL is fine. */
static inline void cypool_plan_free(cypool_plan *plan) { cypool_table->plan_free(plan); }

/* Axes of all its arrays. */
static inline int cypool_plan_ndim(const cypool_plan *plan, int *ndim) { return cypool_table->plan_ndim(plan, ndim); }

/* The dtype of an array: of indices int64, or with index_layout='window' uint8, uint16 or int32 by the window's size. */
static inline int cypool_plan_dtype(const cypool_plan *plan, int array, int *dtype) {
    return cypool_table->plan_dtype(plan, array, dtype);
}

/* The extents of an array, ndim of them. */
static inline int cypool_plan_shape(const cypool_plan *plan, int array, ptrdiff_t *shape) {
    return cypool_table->plan_shape(plan, array, shape);
}

/* The bytes that an array takes in C order. */
static inline int cypool_plan_bytes(const cypool_plan *plan, int array, size_t *bytes) {
    return cypool_table->plan_bytes(plan, array, bytes);
}

/* The bytes of scratch that a run with such strides and so many threads takes, wherever aligned elements lie; others take more.
 * Who hands a run less gets CYPOOL_SMALL_SCRATCH, who hands it NULL leaves it to malloc.  One scratch is for one run at a
 * time. */
static inline int cypool_plan_scratch(const cypool_plan *plan, const ptrdiff_t *input_strides,
                                      const ptrdiff_t *output_strides, const ptrdiff_t *indices_strides, int num_threads,
                                      size_t *bytes, char *message, size_t message_size) {
    return cypool_table->plan_scratch(plan, input_strides, output_strides, indices_strides, num_threads, bytes, message,
                                      message_size);
}

/* ---- runs: at most num_threads threads, 0 for the setting of set_num_threads ------------------------------------------- */

/* out = the pooled x. */
static inline int cypool_forward(const cypool_plan *plan, const void *x, size_t x_bytes, const ptrdiff_t *x_strides,
                                 void *out, size_t out_bytes, const ptrdiff_t *out_strides, void *scratch,
                                 size_t scratch_bytes, int num_threads, char *message, size_t message_size) {
    return cypool_table->forward(plan, x, x_bytes, x_strides, out, out_bytes, out_strides, scratch, scratch_bytes,
                                 num_threads, message, message_size);
}

/* The same with where each maximum or minimum stands. */
static inline int cypool_forward_indices(const cypool_plan *plan, const void *x, size_t x_bytes, const ptrdiff_t *x_strides,
                                         void *out, size_t out_bytes, const ptrdiff_t *out_strides, void *indices,
                                         size_t indices_bytes, const ptrdiff_t *indices_strides, void *scratch,
                                         size_t scratch_bytes, int num_threads, char *message, size_t message_size) {
    return cypool_table->forward_indices(plan, x, x_bytes, x_strides, out, out_bytes, out_strides, indices, indices_bytes,
                                         indices_strides, scratch, scratch_bytes, num_threads, message, message_size);
}

/* out = the gradient of x, of averages and sums. */
static inline int cypool_backward(const cypool_plan *plan, const void *grad, size_t grad_bytes,
                                  const ptrdiff_t *grad_strides, void *out, size_t out_bytes, const ptrdiff_t *out_strides,
                                  void *scratch, size_t scratch_bytes, int num_threads, char *message,
                                  size_t message_size) {
    return cypool_table->backward(plan, grad, grad_bytes, grad_strides, out, out_bytes, out_strides, scratch,
                                  scratch_bytes, num_threads, message, message_size);
}

/* out = the gradient of x, of maxima and minima, by the indices of their forward; all indices are checked first. */
static inline int cypool_backward_indices(const cypool_plan *plan, const void *grad, size_t grad_bytes,
                                          const ptrdiff_t *grad_strides, const void *indices, size_t indices_bytes,
                                          const ptrdiff_t *indices_strides, void *out, size_t out_bytes,
                                          const ptrdiff_t *out_strides, void *scratch, size_t scratch_bytes,
                                          int num_threads, char *message, size_t message_size) {
    return cypool_table->backward_indices(plan, grad, grad_bytes, grad_strides, indices, indices_bytes, indices_strides,
                                          out, out_bytes, out_strides, scratch, scratch_bytes, num_threads, message,
                                          message_size);
}

#ifdef __cplusplus
}
#endif

#endif
