/* A C extension that pools other people's arrays: maxima with their places, and the way back.
 *
 * Arrays come by the buffer protocol, so nothing of NumPy is needed; their strides go to cypool as they are.  The plan is made
 * with the GIL, and runs with it or without. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cypool/cypool.h>

#include <stdint.h>

enum { AXES = 4, MESSAGE = 256 };

static const char *const PARAMETERS = "kernel_size=3, stride=2, padding=1, return_indices=True";

/* The arrays of one call, held as long as it lasts.  A buffer with strides does not tell where its memory ends, so its shape is
 * compared with the plan's. */
typedef struct {
    Py_buffer view[3];
    int n;
} Arrays;

static void let_go(Arrays *arrays) {
    while (arrays->n > 0) PyBuffer_Release(&arrays->view[--arrays->n]);
}

static int hold(Arrays *arrays, PyObject *array, size_t itemsize, int writable) {
    Py_buffer *view = &arrays->view[arrays->n];
    if (PyObject_GetBuffer(array, view, PyBUF_STRIDES | (writable ? PyBUF_WRITABLE : 0)) < 0) return -1;
    arrays->n++;
    if (view->ndim == AXES && (size_t)view->itemsize == itemsize) return 0;
    PyErr_Format(PyExc_ValueError, "arrays must have %d axes and elements of %zu bytes, got %d and %zd", AXES, itemsize,
                 view->ndim, view->itemsize);
    return -1;
}

/* Whether the arrays, in the order of `roles`, have the plan's shapes; an exception if not. */
static int fit(const Arrays *arrays, const cypool_plan *plan, const int *roles) {
    ptrdiff_t shape[AXES];
    for (int i = 0; i < arrays->n; i++) {
        cypool_plan_shape(plan, roles[i], shape);
        for (int a = 0; a < AXES; a++)
            if (arrays->view[i].shape[a] != shape[a]) {
                PyErr_Format(PyExc_ValueError, "array %d must have extent %zd on axis %d, got %zd", i, shape[a], a,
                             arrays->view[i].shape[a]);
                return 0;
            }
    }
    return 1;
}

/* None, or an exception for an error code or one that is set. */
static PyObject *answer(int code, const char *message) {
    if (PyErr_Occurred()) return NULL;
    if (code == CYPOOL_OK) Py_RETURN_NONE;
    PyErr_Format(PyExc_ValueError, "%s (%s)", message, cypool_error_message(code));
    return NULL;
}

/* (x, out, indices, release_gil): three arrays of float32, float32 and int64. */
static PyObject *max_pool(PyObject *self, PyObject *arguments) {
    PyObject *x, *out, *indices;
    Arrays arrays = {.n = 0};
    cypool_plan *plan = NULL;
    char message[MESSAGE] = "";
    int release, code;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "OOOp", &x, &out, &indices, &release)) return NULL;
    if (hold(&arrays, x, sizeof(float), 0) < 0 || hold(&arrays, out, sizeof(float), 1) < 0 ||
        hold(&arrays, indices, sizeof(int64_t), 1) < 0) {
        let_go(&arrays);
        return NULL;
    }
    const Py_buffer *v = arrays.view;
    static const int roles[] = {CYPOOL_INPUT, CYPOOL_OUTPUT, CYPOOL_INDICES};
    code = cypool_plan_new(&plan, "max_pool2d", CYPOOL_FLOAT32, AXES, v[0].shape, PARAMETERS, message, MESSAGE);
    if (code == CYPOOL_OK && fit(&arrays, plan, roles)) {
        PyThreadState *state = release ? PyEval_SaveThread() : NULL;
        code = cypool_forward_indices(plan, v[0].buf, CYPOOL_ANY_SIZE, v[0].strides, v[1].buf, CYPOOL_ANY_SIZE, v[1].strides,
                                      v[2].buf, CYPOOL_ANY_SIZE, v[2].strides, NULL, 0, 0, message, MESSAGE);
        if (release) PyEval_RestoreThread(state);
    }
    cypool_plan_free(plan);
    let_go(&arrays);
    return answer(code, message);
}

/* (grad, indices, out, release_gil): the gradient of x into out. */
static PyObject *max_pool_backward(PyObject *self, PyObject *arguments) {
    PyObject *grad, *indices, *out;
    Arrays arrays = {.n = 0};
    cypool_plan *plan = NULL;
    char message[MESSAGE] = "";
    int release, code;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "OOOp", &grad, &indices, &out, &release)) return NULL;
    if (hold(&arrays, grad, sizeof(float), 0) < 0 || hold(&arrays, indices, sizeof(int64_t), 0) < 0 ||
        hold(&arrays, out, sizeof(float), 1) < 0) {
        let_go(&arrays);
        return NULL;
    }
    const Py_buffer *v = arrays.view;
    static const int roles[] = {CYPOOL_INPUT, CYPOOL_INDICES, CYPOOL_OUTPUT};
    code = cypool_plan_new(&plan, "max_pool2d_backward", CYPOOL_FLOAT32, AXES, v[2].shape, PARAMETERS, message, MESSAGE);
    if (code == CYPOOL_OK && fit(&arrays, plan, roles)) {
        PyThreadState *state = release ? PyEval_SaveThread() : NULL;
        code = cypool_backward_indices(plan, v[0].buf, CYPOOL_ANY_SIZE, v[0].strides, v[1].buf, CYPOOL_ANY_SIZE,
                                       v[1].strides, v[2].buf, CYPOOL_ANY_SIZE, v[2].strides, NULL, 0, 0, message, MESSAGE);
        if (release) PyEval_RestoreThread(state);
    }
    cypool_plan_free(plan);
    let_go(&arrays);
    return answer(code, message);
}

static PyMethodDef methods[] = {
    {"max_pool", max_pool, METH_VARARGS, "max_pool(x, out, indices, release_gil)"},
    {"max_pool_backward", max_pool_backward, METH_VARARGS, "max_pool_backward(grad, indices, out, release_gil)"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "pooled_c", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_pooled_c(void) {
    if (cypool_import() < 0) return NULL;
    return PyModule_Create(&module);
}
