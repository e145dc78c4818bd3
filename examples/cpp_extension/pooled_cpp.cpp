// A C++ extension: a plan that frees itself, and threads of C++ that share it while Python knows nothing of them.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cypool/cypool.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

class Plan {
public:
    Plan(const char *function, int dtype, const std::vector<ptrdiff_t> &shape, const char *parameters) {
        cypool_plan *made = nullptr;
        char message[256];
        const int ndim = static_cast<int>(shape.size());
        if (cypool_plan_new(&made, function, dtype, ndim, shape.data(), parameters, message, sizeof message) != CYPOOL_OK)
            throw std::invalid_argument(message);
        plan.reset(made);
    }

    std::size_t bytes(int array) const {
        std::size_t n = 0;
        if (cypool_plan_bytes(plan.get(), array, &n) != CYPOOL_OK) throw std::logic_error("the plan has no such array");
        return n;
    }

    void operator()(const void *x, void *out, int threads) const {
        char message[256];
        if (cypool_forward(plan.get(), x, bytes(CYPOOL_INPUT), nullptr, out, bytes(CYPOOL_OUTPUT), nullptr, nullptr, 0, threads,
                           message, sizeof message) != CYPOOL_OK)
            throw std::invalid_argument(message);
    }

private:
    struct Free {
        void operator()(cypool_plan *p) const { cypool_plan_free(p); }
    };
    std::unique_ptr<cypool_plan, Free> plan;
};

// Averages of the images x (n of them), each thread with one image at a time, all with one plan.
void average(const Plan &plan, const char *x, char *out, std::size_t n, unsigned workers) {
    std::vector<std::thread> threads;
    std::vector<std::string> errors(workers);
    for (unsigned w = 0; w < workers; ++w)
        threads.emplace_back([&, w] {
            try {
                for (std::size_t i = w; i < n; i += workers)
                    plan(x + i * plan.bytes(CYPOOL_INPUT), out + i * plan.bytes(CYPOOL_OUTPUT), 1);
            } catch (const std::exception &error) {
                errors[w] = error.what();
            }
        });
    for (auto &thread : threads) thread.join();
    for (const auto &error : errors)
        if (!error.empty()) throw std::runtime_error(error);
}

// (x, out, height, width, release_gil): images of float64, one behind the other.
PyObject *avg_pool(PyObject *, PyObject *arguments) {
    Py_buffer x, out;
    Py_ssize_t height, width;
    int release;
    if (!PyArg_ParseTuple(arguments, "y*w*nnp", &x, &out, &height, &width, &release)) return nullptr;
    std::string error;
    try {
        const Plan plan("avg_pool2d", CYPOOL_FLOAT64, {1, height, width}, "kernel_size=(2, 3), ceil_mode=True");
        const std::size_t n = static_cast<std::size_t>(x.len) / plan.bytes(CYPOOL_INPUT);
        if (static_cast<std::size_t>(x.len) % plan.bytes(CYPOOL_INPUT) || static_cast<std::size_t>(out.len) != n * plan.bytes(CYPOOL_OUTPUT))
            throw std::invalid_argument("out must have room for each image's averages");
        PyThreadState *state = release ? PyEval_SaveThread() : nullptr;
        try {
            average(plan, static_cast<const char *>(x.buf), static_cast<char *>(out.buf), n, 4);
        } catch (const std::exception &caught) {
            error = caught.what();
        }
        if (release) PyEval_RestoreThread(state);
    } catch (const std::exception &caught) {
        error = caught.what();
    }
    PyBuffer_Release(&x);
    PyBuffer_Release(&out);
    if (error.empty()) Py_RETURN_NONE;
    PyErr_SetString(PyExc_ValueError, error.c_str());
    return nullptr;
}

PyMethodDef methods[] = {
    {"avg_pool", avg_pool, METH_VARARGS, "avg_pool(x, out, height, width, release_gil)"},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef module = {PyModuleDef_HEAD_INIT, "pooled_cpp", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit_pooled_cpp() {
    if (cypool_import() < 0) return nullptr;
    return PyModule_Create(&module);
}
