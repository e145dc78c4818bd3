/* Sums of long windows along a row, without subtraction and at the same cost for every length.  Included by vectors_table.h.
 *
 * Cells are cut into blocks of k at multiples of k.  A window is the end of one block and the beginning of the next, so two
 * sweeps, of sums from each cell to its block's end and from its block's beginning to each cell, give every window by one
 * addition (van Herk 1992; Gil and Werman 1993).  Nothing is ever taken away: an infinity, a NaN or a huge value stays in its
 * own windows.  Four rows of one lane go side by side, cell by cell: additions that wait for each other fill vectors at least.
 */

#if CYPOOL_VECTORS
enum { CYPOOL_SIDE_BY_SIDE = CYPOOL_VB / 8 };
CYPOOL_FN cypool_vf64 cypool_column(const double *cells, ptrdiff_t pitch, ptrdiff_t i) {
    cypool_vf64 v;
    for (int r = 0; r < CYPOOL_SIDE_BY_SIDE; r++) v[r] = cells[r * pitch + i];
    return v;
}

static CYPOOL_APART void cypool_sweep_columns(double *out, const double *cells, ptrdiff_t pitch, ptrdiff_t k, ptrdiff_t stride,
                                              ptrdiff_t phase, ptrdiff_t columns, cypool_vf64 *to_end,
                                              cypool_vf64 *from_start) {
    ptrdiff_t n = (columns - 1) * stride + k, begin, end, i, j, place;
    for (begin = 0; begin < n; begin = end) {
        cypool_vf64 sum, cell;
        end = begin + k - (phase + begin) % k;
        if (end > n) end = n;
        to_end[begin] = from_start[begin] = sum = cypool_column(cells, pitch, begin);
        for (i = begin + 1; i < end; i++) {
            to_end[i] = cell = cypool_column(cells, pitch, i);
            from_start[i] = sum = sum + cell;
        }
        sum = to_end[end - 1];
        for (i = end - 2; i >= begin; i--) to_end[i] = sum = to_end[i] + sum;
    }
    place = phase % k;
    for (j = 0; j < columns; j++) {
        cypool_vf64 sum = to_end[j * stride];
        if (place) sum += from_start[j * stride + k - 1]; /* else the window is a block */
        for (int r = 0; r < CYPOOL_SIDE_BY_SIDE; r++) out[r * columns + j] = sum[r];
        place += stride;
        while (place >= k) place -= k;
    }
}
#else
enum { CYPOOL_SIDE_BY_SIDE = 1 << 30 };
#define cypool_sweep_columns(...)
#endif

#define CYPOOL_SWEEP(T, name, IS_DOUBLE)                                                                                         \
    CYPOOL_FN void cypool_sweep_rows_##name(T *out, const T *cells, ptrdiff_t pitch, const int rows, ptrdiff_t k,      \
                                            ptrdiff_t stride, ptrdiff_t phase, ptrdiff_t columns, ptrdiff_t lanes,     \
                                            T *to_end, T *from_start) {                                                \
        ptrdiff_t n = (columns - 1) * stride + k, begin, end, i, j, lane;                                              \
        int r;                                                                                                         \
        for (begin = 0; begin < n; begin = end) {                                                                      \
            end = begin + k - (phase + begin) % k;                                                                     \
            if (end > n) end = n;                                                                                      \
            for (r = 0; r < rows; r++)                                                                                 \
                for (lane = 0; lane < lanes; lane++) {                                                                 \
                    ptrdiff_t first = r * pitch + begin * lanes + lane, last = r * pitch + (end - 1) * lanes + lane;   \
                    from_start[first] = cells[first];                                                                  \
                    to_end[last] = cells[last];                                                                        \
                }                                                                                                      \
            for (i = 1; i < end - begin; i++)                                                                          \
                for (r = 0; r < rows; r++) {                                                                           \
                    T *up = from_start + r * pitch + (begin + i) * lanes;                                              \
                    T *down = to_end + r * pitch + (end - 1 - i) * lanes;                                              \
                    const T *low = cells + r * pitch + (begin + i) * lanes;                                            \
                    const T *high = cells + r * pitch + (end - 1 - i) * lanes;                                         \
                    for (lane = 0; lane < lanes; lane++) {                                                             \
                        up[lane] = (T)(up[lane - lanes] + low[lane]);                                                  \
                        down[lane] = (T)(high[lane] + down[lane + lanes]);                                             \
                    }                                                                                                  \
                }                                                                                                      \
        }                                                                                                              \
        for (r = 0; r < rows; r++, out += columns * lanes) {                                                           \
            const T *down = to_end + r * pitch, *up = from_start + r * pitch + (k - 1) * lanes;                        \
            if (stride == 1)                                                                                           \
                for (i = 0; i < columns * lanes; i++) out[i] = (T)(down[i] + up[i]);                                   \
            else                                                                                                       \
                for (j = 0; j < columns; j++)                                                                          \
                    for (lane = 0; lane < lanes; lane++)                                                               \
                        out[j * lanes + lane] = (T)(down[j * stride * lanes + lane] + up[j * stride * lanes + lane]);  \
            for (j = 0; j < columns; j++) /* a window that is a block */                                               \
                if ((phase + j * stride) % k == 0)                                                                     \
                    for (lane = 0; lane < lanes; lane++) out[j * lanes + lane] = down[j * stride * lanes + lane];      \
        }                                                                                                              \
    }                                                                                                                  \
    static CYPOOL_APART void cypool_sweep_##name(void *out, const void *cells, ptrdiff_t pitch, int rows, ptrdiff_t k, \
                                                 ptrdiff_t stride, ptrdiff_t phase, ptrdiff_t columns,                 \
                                                 ptrdiff_t lanes, void *to_end, void *from_start) {                    \
        T *next = (T *)out;                                                                                            \
        const T *from = (const T *)cells;                                                                              \
        if (IS_DOUBLE && lanes == 1)                                                                                   \
            for (; rows >= CYPOOL_SIDE_BY_SIDE; rows -= CYPOOL_SIDE_BY_SIDE) {                                         \
                cypool_sweep_columns((double *)next, (const double *)from, pitch, k, stride, phase, columns,           \
                                     (cypool_vf64 *)to_end, (cypool_vf64 *)from_start);                                \
                next += CYPOOL_SIDE_BY_SIDE * columns;                                                                 \
                from += CYPOOL_SIDE_BY_SIDE * pitch;                                                                   \
            }                                                                                                          \
        if (rows > 0)                                                                                                  \
            cypool_sweep_rows_##name(next, from, pitch, rows, k, stride, phase, columns, lanes, (T *)to_end,           \
                                     (T *)from_start);                                                                 \
    }
CYPOOL_SWEEP(double, f64, 1)
CYPOOL_SWEEP(uint32_t, u32, 0)
CYPOOL_SWEEP(uint64_t, u64, 0)
#undef CYPOOL_SWEEP
