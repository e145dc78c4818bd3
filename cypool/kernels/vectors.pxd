# The contract between the drivers (core.pyx) and the kernels that are written in vectors (C templates, compiled by
# vectors.pyx once for each instruction set): a table of function pointers, NULL where there is no such kernel.

cdef extern from "planes_call.h" nogil:
    ctypedef struct cypool_lead:
        Py_ssize_t offset
        Py_ssize_t taps
        double share
    ctypedef struct cypool_planes:
        Py_ssize_t width
        Py_ssize_t columns
        Py_ssize_t before
        Py_ssize_t after
        Py_ssize_t taps
        Py_ssize_t stride
        Py_ssize_t step
        Py_ssize_t x_row
        Py_ssize_t n_deep
        const Py_ssize_t* deep
        Py_ssize_t x_plane
        Py_ssize_t out_plane
        Py_ssize_t out_row
        Py_ssize_t ahead
        Py_ssize_t ahead_bytes
        const char* x_limit
        const char* out_limit
        int streams
        const cypool_lead* lead
        int lead_slide
        Py_ssize_t lead_before
        Py_ssize_t height
        int quarters
        int mean
        int shift
        double divisor
        double share
        const double* shares
        int phases
        Py_ssize_t first[8]
        Py_ssize_t holders[8]
        const Py_ssize_t* lost
        Py_ssize_t n_lost
        Py_ssize_t column0
        void* wide
        void* divided
        Py_ssize_t x_line
        const char* line_limit
        const double* row_divisors
        void* acc
        Py_ssize_t block
        Py_ssize_t pitch
        void* divisors
    ctypedef void (*cypool_planes_t)(const cypool_planes* call, char* out, const char* x, Py_ssize_t planes, Py_ssize_t o0,
                                    Py_ssize_t o1) noexcept nogil

    ctypedef void (*cypool_runs_t)(void* out, const char* x, Py_ssize_t n, Py_ssize_t planes, Py_ssize_t x_plane,
                                   const char* limit) noexcept nogil
    ctypedef void (*cypool_lanes_t)(void* out, const char* x, Py_ssize_t n, Py_ssize_t lanes, Py_ssize_t stride) noexcept nogil

cdef struct Vectors:
    cypool_planes_t planes[3][14]       # [operator][storage]; sums in float, of uint8 in 16 bits and divided
    cypool_runs_t runs[4][14]           # [operator, or 3 for sums in double][storage]
    cypool_lanes_t lanes[2][14]         # [sums, sums in double][storage]
