# The contract between the drivers (core.pyx) and the kernels that are written in vectors (C templates, compiled by
# vectors.pyx once for each instruction set): a table of function pointers, NULL where there is no such kernel.

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t

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

    ctypedef struct cypool_winners:
        Py_ssize_t width
        Py_ssize_t columns
        Py_ssize_t before
        Py_ssize_t taps
        Py_ssize_t stride
        Py_ssize_t step
        Py_ssize_t lead_taps
        Py_ssize_t lead_stride
        Py_ssize_t lead_step
        Py_ssize_t lead_before
        Py_ssize_t height
        Py_ssize_t extent
        int64_t place
        Py_ssize_t x_row
        Py_ssize_t x_plane
        Py_ssize_t out_row
        Py_ssize_t out_plane
        Py_ssize_t index_row
        Py_ssize_t index_plane
        Py_ssize_t ahead
        Py_ssize_t ahead_bytes
        const char* x_limit
        int64_t flip
        int infinity
        int streams
        int spills
        int by_window
        void* ring
        Py_ssize_t pitch
        Py_ssize_t phase
        Py_ssize_t margin
        Py_ssize_t ring_mask
        Py_ssize_t block
        void* plain
        void* ordinals
        void* start
        char* unusual
        const Py_ssize_t* column
    ctypedef void (*cypool_winners_t)(const cypool_winners* call, char* out, char* index, const char* x, Py_ssize_t planes,
                                      Py_ssize_t o0, Py_ssize_t o1) noexcept nogil
    enum: CYPOOL_WINNERS_ROWS

    ctypedef void (*cypool_runs_t)(void* out, const char* x, Py_ssize_t n, Py_ssize_t planes, Py_ssize_t x_plane,
                                   const char* limit) noexcept nogil
    ctypedef void (*cypool_lanes_t)(void* out, const char* x, Py_ssize_t n, Py_ssize_t lanes, Py_ssize_t stride) noexcept nogil

    ctypedef struct cypool_axis:
        int64_t taps
        int64_t stride
        int64_t pad
        int64_t step
        int64_t cells
        int64_t outputs
        int64_t lo
        int64_t hi
    ctypedef int64_t (*cypool_check_t)(const cypool_axis* down, const cypool_axis* across, const char* index, int64_t index_row,
                                       int64_t o0, int64_t o1, uint8_t* codes, Py_ssize_t pitch, Py_ssize_t mask) noexcept nogil
    ctypedef void (*cypool_add_t)(void* cells, const void* gradient, const void* index, int64_t n, int64_t cell0,
                                  int64_t n_cells) noexcept nogil

    ctypedef void (*cypool_sweep_t)(void* out, const void* cells, Py_ssize_t k, Py_ssize_t stride, Py_ssize_t phase,
                                    Py_ssize_t columns, Py_ssize_t lanes, void* to_end, void* from_start) noexcept nogil

    ctypedef void (*cypool_place_t)(int64_t* out, const void* cells, Py_ssize_t columns, Py_ssize_t lanes, int32_t place,
                                    int32_t flip) noexcept nogil
    ctypedef void (*cypool_unplace_t)(void* values, int32_t* places, const int64_t* placed, Py_ssize_t n,
                                      int32_t flip) noexcept nogil
    ctypedef void (*cypool_number_t)(void* out, const int32_t* places, Py_ssize_t columns, Py_ssize_t lanes, int bits,
                                     uint32_t row_scale, uint32_t first, uint32_t stride) noexcept nogil

    ctypedef struct cypool_blocks:
        void (*across)(void* out, Py_ssize_t out_pitch, const void* cells, Py_ssize_t pitch, Py_ssize_t begin, Py_ssize_t end,
                       Py_ssize_t k, Py_ssize_t stride, Py_ssize_t phase, Py_ssize_t columns, void* scratch) noexcept nogil
        void (*down)(void* out, Py_ssize_t out_pitch, const void* ends, Py_ssize_t ends_pitch, void* kept, Py_ssize_t pitch,
                     void* prefix, const void* next, Py_ssize_t next_pitch, Py_ssize_t rows, Py_ssize_t n,
                     const void* factors) noexcept nogil
        void (*up)(void* kept, Py_ssize_t pitch, Py_ssize_t first, Py_ssize_t last, Py_ssize_t n) noexcept nogil
        int rows
    enum: CYPOOL_BLOCKS_MARGIN

    ctypedef struct cypool_beside:
        Py_ssize_t height
        Py_ssize_t width
        Py_ssize_t rows
        Py_ssize_t columns
        Py_ssize_t lead_taps
        Py_ssize_t lead_before
        Py_ssize_t taps
        Py_ssize_t before
        Py_ssize_t x_plane
        Py_ssize_t out_plane
        void* cells
        void* folded
        void* ends
    ctypedef int (*cypool_beside_t)(const cypool_beside* call, void* out, const void* x) noexcept nogil

    ctypedef struct cypool_chosen:
        Py_ssize_t columns
        Py_ssize_t outputs
        Py_ssize_t rows
        int phases
        Py_ssize_t first[2]
        Py_ssize_t holders[2]
        Py_ssize_t tap[2]
        Py_ssize_t step
        Py_ssize_t turn
        Py_ssize_t lead_phases
        Py_ssize_t lead_first[8]
        Py_ssize_t lead_holders[8]
        Py_ssize_t lead_tap[8]
        Py_ssize_t lead_step
        Py_ssize_t lead_turn
        int fused
        Py_ssize_t lead_before
        Py_ssize_t lead_reach
        Py_ssize_t grad_row
        Py_ssize_t index_row
        Py_ssize_t out_row
        const char* grad_begin
        const char* grad_end
        const char* out_limit
        int streams
        cypool_axis down
        cypool_axis across
        cypool_check_t look
        Py_ssize_t pitch
        Py_ssize_t before
        void* grads
        uint8_t* codes
        Py_ssize_t ring_mask
        Py_ssize_t block
    ctypedef int64_t (*cypool_chosen_t)(const cypool_chosen* call, char* out, const char* grad, const char* index,
                                        const uint8_t* codes, Py_ssize_t y0, Py_ssize_t y1) noexcept nogil
    enum: CYPOOL_CHOSEN_TAPS

cdef struct Vectors:
    cypool_planes_t planes[3][14]       # [operator][storage]; sums in float, of uint8 in 16 bits and divided
    cypool_winners_t winners[14]        # [storage]; maxima and minima with their indices
    cypool_runs_t runs[4][14]           # [operator, or 3 for sums in double][storage]
    cypool_lanes_t lanes[2][14]         # [sums, sums in double][storage]
    cypool_check_t check[2]             # of positions, of one-byte offsets (scatter.h)
    cypool_add_t add[2]                 # in float, in double
    cypool_sweep_t sweep[3]             # of double, uint32, uint64 (sweep.h)
    cypool_blocks blocks[3][12]         # [operator][work type]; [SUM][F32]: of float in double (blocks.h)
    cypool_place_t place[14]            # [storage]; of up to 32 bits (placed.h)
    cypool_unplace_t unplace[14]
    cypool_number_t number[5]           # [index kind]
    cypool_chosen_t chosen[14]          # [storage] (chosen.h)
    cypool_beside_t beside[2][14]       # [operator][storage] (beside.h)
    int vector_bytes
