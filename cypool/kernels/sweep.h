/* Sums of long windows along a row of lanes; included by vectors_table.h.  The order of sums is that of blocks.h, which takes
 * rows of one lane. */

#define CYPOOL_SWEEP(T, name, NOTHING)                                                                                    \
    static CYPOOL_APART void cypool_sweep_##name(void *to, const void *from, ptrdiff_t k, ptrdiff_t stride,            \
                                                 ptrdiff_t phase, ptrdiff_t columns, ptrdiff_t lanes, void *ends,      \
                                                 void *starts) {                                                       \
        T *out = (T *)to, *to_end = (T *)ends, *from_start = (T *)starts;                                              \
        const T *cells = (const T *)from;                                                                              \
        ptrdiff_t n = (columns - 1) * stride + k, begin, end, i, j, lane;                                              \
        for (begin = 0; begin < n; begin = end) {                                                                      \
            end = begin + k - (phase + begin) % k;                                                                     \
            if (end > n) end = n;                                                                                      \
            memcpy(from_start + begin * lanes, cells + begin * lanes, lanes * sizeof(T));                              \
            for (i = begin + 1; i < end; i++)                                                                          \
                for (lane = 0; lane < lanes; lane++)                                                                   \
                    from_start[i * lanes + lane] = (T)(from_start[(i - 1) * lanes + lane] + cells[i * lanes + lane]);  \
            for (i = end - 1; i >= begin; i -= 2) { /* in pairs, counted from the block's last */                      \
                T *upper = to_end + i * lanes, *lower = upper - lanes;                                                 \
                const T *cell = cells + i * lanes;                                                                     \
                for (lane = 0; lane < lanes; lane++) {                                                                 \
                    T run = i + 1 < end ? upper[lane + lanes] : (T)NOTHING;                                            \
                    if (i > begin) lower[lane] = (T)((T)(cell[lane - lanes] + cell[lane]) + run);                      \
                    upper[lane] = (T)(cell[lane] + run);                                                               \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
        for (j = 0; j < columns; j++) {                                                                                \
            const T *down = to_end + j * stride * lanes, *up = from_start + (j * stride + k - 1) * lanes;              \
            if ((phase + j * stride) % k) /* else the window is a block */                                             \
                for (lane = 0; lane < lanes; lane++) out[j * lanes + lane] = (T)(down[lane] + up[lane]);               \
            else                                                                                                       \
                for (lane = 0; lane < lanes; lane++) out[j * lanes + lane] = down[lane];                               \
        }                                                                                                              \
    }
CYPOOL_SWEEP(double, f64, -0.0)
CYPOOL_SWEEP(uint32_t, u32, 0)
CYPOOL_SWEEP(uint64_t, u64, 0)
#undef CYPOOL_SWEEP
