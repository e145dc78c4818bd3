/* Gradients to the cells that indices name, and whether indices name cells of their windows: rows of one lane, up to two axes
 * of regular windows.  Included by vectors_table.h.
 */

#include <stdint.h>

/* The taps of a window's axis that lie outside, before and behind. */
CYPOOL_FN void cypool_outside(const cypool_axis *axis, int64_t o, int64_t *before, int64_t *after) {
    int64_t start = o * axis->stride - axis->pad, end = start + (axis->taps - 1) * axis->step;
    *before = start < 0 ? (-start + axis->step - 1) / axis->step : 0;
    *after = end >= axis->cells ? (end - axis->cells) / axis->step + 1 : 0;
}

/* `away` cells from the window's first one, in its row: a tap that is there? */
CYPOOL_FN int cypool_is_tap(const cypool_axis *axis, int64_t away, int64_t before, int64_t after) {
    return away >= before * axis->step && away < (axis->taps - after) * axis->step && (axis->step == 1 || away % axis->step == 0);
}

CYPOOL_FN int cypool_position_belongs(const cypool_axis *across, int64_t index, int64_t start, int64_t j, int64_t row_step,
                                      int64_t rows) {
    int64_t before, after, r;
    cypool_outside(across, j, &before, &after);
    for (r = 0; r < rows; r++)
        if (cypool_is_tap(across, index - (start + r * row_step + j * across->stride), before, after)) return 1;
    return index == -1;
}

#if CYPOOL_VECTORS
/* Outputs lo..hi, a vector and more, whose windows are whole and dense; by 32 bits. */
CYPOOL_FN int cypool_positions_belong(const cypool_axis *across, const int64_t *index, int64_t lo, int64_t hi, int64_t start,
                                      int64_t row_step, const int64_t rows) {
    enum { L = CYPOOL_VB / 4 };
    cypool_vi32 bad = {0}, steps;
    int64_t j, r;
    for (int i = 0; i < L; i++) steps[i] = (int32_t)(i * across->stride);
    for (j = lo; j < hi; j += L) {
        cypool_vi32 a, b, low, high, rel, hit = {0};
        if (j > hi - L) j = hi - L; /* the last vector once more, from the end */
        memcpy(&a, index + j, sizeof a);
        memcpy(&b, index + j + L / 2, sizeof b);
        low = cypool_even4(a, b), high = cypool_odd4(a, b);
        rel = (cypool_vi32)cypool_in_order((cypool_vi64)low) - (steps + (int32_t)(start + j * across->stride));
        for (r = 0; r < rows; r++, rel -= (int32_t)row_step) hit |= (cypool_vi32)((cypool_vu32)rel < (uint32_t)across->taps);
        low = (cypool_vi32)cypool_in_order((cypool_vi64)(low & high)), high = (cypool_vi32)cypool_in_order((cypool_vi64)high);
        bad |= ~((hit & (high == 0)) | (low == -1)); /* low & high: all ones in -1 alone */
    }
    for (int i = 1; i < L; i++) bad[0] |= bad[i];
    return bad[0] == 0;
}
#endif

/* Output rows o0..o1 of a plane of positions, `index_row` bytes apart: the first in which one does not belong, or -1. */
static int64_t cypool_check_positions(const cypool_axis *down, const cypool_axis *across, const char *index, int64_t index_row,
                                      int64_t o0, int64_t o1) {
    int64_t o, j, row_step = down->step * across->cells, lo = across->lo, hi = across->hi;
    for (o = o0; o < o1; o++) {
        const int64_t *row = (const int64_t *)(index + o * index_row);
        int64_t before, after, start, rows;
        int good = 1;
        cypool_outside(down, o, &before, &after);
        rows = down->taps - before - after;
        start = (o * down->stride - down->pad + before * down->step) * across->cells - across->pad;
#if CYPOOL_VECTORS
        if (across->step == 1 && hi - lo >= CYPOOL_VB / 4)
            good = rows == 3   ? cypool_positions_belong(across, row, lo, hi, start, row_step, 3)
                   : rows == 2 ? cypool_positions_belong(across, row, lo, hi, start, row_step, 2)
                               : cypool_positions_belong(across, row, lo, hi, start, row_step, rows);
        else
            lo = hi = 0;
#else
        lo = hi = 0;
#endif
        for (j = 0; j < lo; j++) good &= cypool_position_belongs(across, row[j], start, j, row_step, rows);
        for (j = hi; j < across->outputs; j++) good &= cypool_position_belongs(across, row[j], start, j, row_step, rows);
        if (!good) return o;
    }
    return -1;
}

/* The same for one-byte offsets in the window. */
static int64_t cypool_check_offsets(const cypool_axis *down, const cypool_axis *across, const char *index, int64_t index_row,
                                    int64_t o0, int64_t o1) {
    int64_t o, j;
    for (o = o0; o < o1; o++) {
        const uint8_t *row = (const uint8_t *)(index + o * index_row);
        int64_t before, after, left, right;
        uint8_t bad = 0, low, span;
        cypool_outside(down, o, &before, &after);
        low = (uint8_t)(before * across->taps), span = (uint8_t)((down->taps - before - after) * across->taps);
        for (j = 0; j < across->outputs; j++) bad |= (uint8_t)(((uint8_t)(row[j] - low) >= span) & (row[j] != 255));
        for (j = 0; j < across->outputs; j++) {
            if (j == across->lo) j = across->hi; /* between these all taps are there */
            if (j == across->outputs) break;
            cypool_outside(across, j, &left, &right);
            bad |= (uint8_t)((row[j] % across->taps < left || row[j] % across->taps >= across->taps - right) && row[j] != 255);
        }
        if (bad) return o;
    }
    return -1;
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
