/* Sums of long windows along a row of lanes; included by vectors_table.h.  The order of sums is that of blocks.h, which takes
 * rows of one lane. */

#define CYPOOL_SWEEP(T, name)                                                                                          \
    static CYPOOL_APART void cypool_sweep_##name(void *to, const void *from, ptrdiff_t k, ptrdiff_t stride,            \
                                                 ptrdiff_t phase, ptrdiff_t columns, ptrdiff_t lanes, void *ends,      \
                                                 void *starts) {                                                       \
        T *out = (T *)to, *to_end = (T *)ends, *from_start = (T *)starts;                                              \
        const T *cells = (const T *)from;                                                                              \
        ptrdiff_t n = (columns - 1) * stride + k, begin, end, i, j, lane;                                              \
        for (begin = 0; begin < n; begin = end) {                                                                      \
            end = begin + k - (phase + begin) % k;                                                                     \
            if (end > n) end = n;                                                                                      \
            for (lane = 0; lane < lanes; lane++) {                                                                     \
                from_start[begin * lanes + lane] = cells[begin * lanes + lane];                                        \
                to_end[(end - 1) * lanes + lane] = cells[(end - 1) * lanes + lane];                                    \
            }                                                                                                          \
            for (i = begin + 1; i < end; i++) {                                                                        \
                T *up = from_start + i * lanes, *down = to_end + (begin + end - 1 - i) * lanes;                        \
                const T *low = cells + i * lanes, *high = cells + (begin + end - 1 - i) * lanes;                       \
                for (lane = 0; lane < lanes; lane++) {                                                                 \
                    up[lane] = (T)(up[lane - lanes] + low[lane]);                                                      \
                    down[lane] = (T)(high[lane] + down[lane + lanes]);                                                 \
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
CYPOOL_SWEEP(double, f64)
CYPOOL_SWEEP(uint32_t, u32)
CYPOOL_SWEEP(uint64_t, u64)
#undef CYPOOL_SWEEP
