/* Gradients to the cells that indices name, and whether indices name cells of their windows: rows of one lane, up to two axes
 * of regular windows.  Included by vectors_table.h.
 */

#include <stdint.h>

CYPOOL_FN int cypool_position_belongs(const cypool_reach *w, int64_t j, int64_t index) {
    int64_t away = index - w->start - j * w->advance, r;
    if (index == -1) return 1;
    for (r = 0; r < w->rows; r++, away -= w->row_step)
        if (away >= w->before * w->step && away < (w->taps - w->after) * w->step && (w->step == 1 || away % w->step == 0)) return 1;
    return 0;
}

/* Whether positions `index` of outputs j0..j1 belong; for j of whole windows without dilation by vectors of 32 bits. */
static int cypool_positions_belong(const cypool_reach *w, const int64_t *index, int64_t j0, int64_t j1) {
    int64_t j = j0;
    int good = 1;
#if CYPOOL_VECTORS
    enum { L = CYPOOL_VB / 4 };
    cypool_vi32 bad = {0}, first, steps;
    for (int i = 0; i < L; i++) steps[i] = (int32_t)(i * w->advance);
    if (w->step == 1 && w->before == 0 && w->after == 0 && j1 - j0 >= L)
        for (; j < j1; j += L) {
            cypool_vi32 a, b, low, high, hit = {0};
            if (j > j1 - L) j = j1 - L; /* the last vector once more, from the end */
            first = steps + (int32_t)(w->start + j * w->advance);
            memcpy(&a, index + j, sizeof a);
            memcpy(&b, index + j + L / 2, sizeof b);
            low = (cypool_vi32)cypool_in_order((cypool_vi64)cypool_even4(a, b));
            high = (cypool_vi32)cypool_in_order((cypool_vi64)cypool_odd4(a, b));
            for (int64_t r = 0; r < w->rows; r++)
                hit |= (cypool_vi32)((cypool_vu32)(low - first - (int32_t)(r * w->row_step)) < (uint32_t)w->taps);
            bad |= ~((hit & (high == 0)) | ((low & high) == -1));
        }
    for (int i = 0; i < L; i++) good &= bad[i] == 0;
#endif
    for (; j < j1; j++) good &= cypool_position_belongs(w, j, index[j]);
    return good;
}

/* The same for one-byte offsets in the window. `skip` rows of the window lie above the plane, `w->rows` inside. */
static int cypool_offsets_belong(const cypool_reach *w, const uint8_t *index, int64_t n, int64_t skip) {
    uint8_t bad = 0, low = (uint8_t)(skip * w->taps), span = (uint8_t)(w->rows * w->taps);
    if (w->before == 0 && w->after == 0) {
        for (int64_t j = 0; j < n; j++) bad |= (uint8_t)(((uint8_t)(index[j] - low) >= span) & (index[j] != 255));
        return !bad;
    }
    for (int64_t j = 0; j < n; j++) {
        int64_t row = index[j] / w->taps, tap = index[j] % w->taps;
        int inside = row >= skip && row < skip + w->rows && tap >= w->before && tap < w->taps - w->after;
        bad |= (uint8_t)(!inside & (index[j] != 255));
    }
    return !bad;
}

#define CYPOOL_ADD(T, name)                                                                                            \
    static void cypool_add_positions_##name(void *to, const void *from, const void *indices, int64_t n, int64_t cell0, \
                                            int64_t n_cells) {                                                         \
        T *cells = (T *)to;                                                                                            \
        const T *gradient = (const T *)from;                                                                           \
        const int64_t *index = (const int64_t *)indices;                                                               \
        for (int64_t i = 0; i < n; i++) {                                                                              \
            uint64_t cell = (uint64_t)(index[i] - cell0);                                                              \
            if (cell < (uint64_t)n_cells) cells[cell] += gradient[i];                                                  \
        }                                                                                                              \
    }
CYPOOL_ADD(float, f32)
CYPOOL_ADD(double, f64)
#undef CYPOOL_ADD
