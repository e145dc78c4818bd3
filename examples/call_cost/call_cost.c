/* What a call on a map of 1x1x8x8 costs through the C API, in nanoseconds. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cypool/cypool.h>

#include <time.h>

enum { SCRATCH = 1 << 16 };

/* (function, calls, own_scratch): the mean of so many calls, made without the GIL. */
static PyObject *nanoseconds(PyObject *self, PyObject *arguments) {
    static float x[64], out[16];
    static char scratch[SCRATCH];
    const ptrdiff_t shape[] = {1, 1, 8, 8};
    const char *function;
    char message[256] = "";
    cypool_plan *plan = NULL;
    struct timespec begin, end;
    long calls, i;
    int own, code;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "slp", &function, &calls, &own)) return NULL;
    code = cypool_plan_new(&plan, function, CYPOOL_FLOAT32, 4, shape, "kernel_size=2", message, sizeof message);
    Py_BEGIN_ALLOW_THREADS
    timespec_get(&begin, TIME_UTC);
    for (i = 0; i < calls && code == CYPOOL_OK; i++)
        code = cypool_forward(plan, x, sizeof x, NULL, out, sizeof out, NULL, own ? scratch : NULL, SCRATCH, 1, message,
                              sizeof message);
    timespec_get(&end, TIME_UTC);
    Py_END_ALLOW_THREADS
    cypool_plan_free(plan);
    if (code != CYPOOL_OK) {
        PyErr_SetString(PyExc_ValueError, message);
        return NULL;
    }
    return PyFloat_FromDouble(((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) / (double)calls);
}

static PyMethodDef methods[] = {
    {"nanoseconds", nanoseconds, METH_VARARGS, "nanoseconds(function, calls, own_scratch)"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "call_cost", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_call_cost(void) {
    if (cypool_import() < 0) return NULL;
    return PyModule_Create(&module);
}
