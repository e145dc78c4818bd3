/* A whole convolutional network in C, whose pooling layers are cypool's: which digit is on an image of 8x8 pixels?
 *
 *     convolution 3x3, 8 channels -> ReLU -> MaxPool2d(2) -> convolution 3x3, 16 channels -> ReLU -> AvgPool2d(2) -> linear
 *
 * Plans are made once, when the module is imported.  An inference allocates nothing: all memory, cypool's scratch included,
 * is in one struct on the stack of the thread that computes.  The weights (weights.h) were trained by train.py. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cypool/cypool.h>

#include "weights.h"

enum { SIDE = 8, PIXELS = SIDE * SIDE, FIRST = 8, SECOND = 16, DIGITS = 10, MESSAGE = 256, SCRATCH = 1 << 14 };

typedef struct {
    float image[PIXELS];
    float one[FIRST * 8 * 8];
    float one_pooled[FIRST * 4 * 4];
    float two[SECOND * 4 * 4];
    float two_pooled[SECOND * 2 * 2];
    char scratch[SCRATCH];
    char message[MESSAGE];
} Memory;

static cypool_plan *max_plan, *avg_plan;

/* out = the ReLU of a convolution of 3x3 with zeros around; `side` pixels a row and column. */
static void convolve(float *out, const float *x, int inputs, int outputs, int side, const signed char *weights, float scale,
                     const signed char *bias, float bias_scale) {
    for (int o = 0; o < outputs; o++)
        for (int row = 0; row < side; row++)
            for (int column = 0; column < side; column++) {
                float sum = 0;
                for (int c = 0; c < inputs; c++)
                    for (int i = 0; i < 3; i++)
                        for (int j = 0; j < 3; j++) {
                            const int y = row + i - 1, z = column + j - 1;
                            if (y >= 0 && y < side && z >= 0 && z < side)
                                sum += x[(c * side + y) * side + z] * (float)weights[((o * inputs + c) * 3 + i) * 3 + j];
                        }
                sum = sum * scale + (float)bias[o] * bias_scale;
                out[(o * side + row) * side + column] = sum > 0 ? sum : 0;
            }
}

/* The scores of an image of 8x8 pixels from 0 to 16. */
static int infer(Memory *m, const unsigned char *pixels, float *scores) {
    int code;
    for (int i = 0; i < PIXELS; i++) m->image[i] = (float)pixels[i] / 16;
    convolve(m->one, m->image, 1, FIRST, 8, conv1, conv1_scale, conv1_bias, conv1_bias_scale);
    code = cypool_forward(max_plan, m->one, sizeof m->one, NULL, m->one_pooled, sizeof m->one_pooled, NULL, m->scratch, SCRATCH,
                          1, m->message, MESSAGE);
    if (code != CYPOOL_OK) return code;
    convolve(m->two, m->one_pooled, FIRST, SECOND, 4, conv2, conv2_scale, conv2_bias, conv2_bias_scale);
    code = cypool_forward(avg_plan, m->two, sizeof m->two, NULL, m->two_pooled, sizeof m->two_pooled, NULL, m->scratch, SCRATCH,
                          1, m->message, MESSAGE);
    if (code != CYPOOL_OK) return code;
    for (int d = 0; d < DIGITS; d++) {
        float sum = 0;
        for (int i = 0; i < SECOND * 4; i++) sum += m->two_pooled[i] * (float)linear[d * SECOND * 4 + i];
        scores[d] = sum * linear_scale + (float)linear_bias[d] * linear_bias_scale;
    }
    return CYPOOL_OK;
}

/* (pixels, scores, release_gil): uint8 of shape (n, 8, 8) to float32 of shape (n, 10). */
static PyObject *classify(PyObject *self, PyObject *arguments) {
    Py_buffer pixels, scores;
    Memory memory;
    Py_ssize_t n;
    int release, code = CYPOOL_OK;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "y*w*p", &pixels, &scores, &release)) return NULL;
    n = pixels.len / PIXELS;
    if (pixels.len % PIXELS || scores.len != n * DIGITS * (Py_ssize_t)sizeof(float)) {
        PyErr_SetString(PyExc_ValueError, "scores must have ten float32 for each image of 8x8 bytes");
        code = CYPOOL_WRONG_SIZE;
    } else {
        PyThreadState *state = release ? PyEval_SaveThread() : NULL;
        for (Py_ssize_t i = 0; i < n && code == CYPOOL_OK; i++)
            code = infer(&memory, (const unsigned char *)pixels.buf + i * PIXELS, (float *)scores.buf + i * DIGITS);
        if (release) PyEval_RestoreThread(state);
        if (code != CYPOOL_OK) PyErr_SetString(PyExc_RuntimeError, memory.message);
    }
    PyBuffer_Release(&pixels);
    PyBuffer_Release(&scores);
    if (code != CYPOOL_OK) return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"classify", classify, METH_VARARGS, "classify(pixels, scores, release_gil)"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "digits", NULL, -1, methods, NULL, NULL, NULL, NULL};

static int make(cypool_plan **plan, const char *function, ptrdiff_t channels, ptrdiff_t side) {
    const ptrdiff_t shape[] = {channels, side, side};
    char message[MESSAGE];
    size_t scratch;
    if (cypool_plan_new(plan, function, CYPOOL_FLOAT32, 3, shape, "kernel_size=2", message, MESSAGE) != CYPOOL_OK ||
        cypool_plan_scratch(*plan, NULL, NULL, NULL, 1, &scratch, message, MESSAGE) != CYPOOL_OK) {
        PyErr_SetString(PyExc_RuntimeError, message);
        return -1;
    }
    if (scratch <= SCRATCH) return 0;
    PyErr_Format(PyExc_RuntimeError, "%s needs %zu bytes of scratch", function, scratch);
    return -1;
}

PyMODINIT_FUNC PyInit_digits(void) {
    if (cypool_import() < 0) return NULL;
    if (make(&max_plan, "max_pool2d", FIRST, 8) < 0 || make(&avg_plan, "avg_pool2d", SECOND, 4) < 0) return NULL;
    return PyModule_Create(&module);
}
