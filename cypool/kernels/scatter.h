/* Gradients to the cells that indices name, and whether indices name cells of their windows: rows of one lane, up to two axes
 * of regular windows.  Included by vectors_table.h.
 */

#include <stdint.h>

/* The taps of a window's axis that lie outside, before and behind. */
CYPOOL_FN void cypool_outside(const cypool_axis *axis, int64_t o, int64_t *before, int64_t *after) {
    int64_t start = o * axis->stride - axis->pad, end = start + (axis->taps - 1) * axis->step;
    *before = *after = 0;
    if (axis->step == 1) { /* no division */
        if (start < 0) *before = -start;
        if (end >= axis->cells) *after = end - axis->cells + 1;
        return;
    }
    if (start < 0) *before = (-start + axis->step - 1) / axis->step;
    if (end >= axis->cells) *after = (end - axis->cells) / axis->step + 1;
}

enum { CYPOOL_NO_TAP = 255, CYPOOL_STRANGER = 256 };

/* The code of one index, CYPOOL_NO_TAP for -1, CYPOOL_STRANGER for one that does not belong.  The window has `rows` rows inside
 * the plane, `row_step` cells apart, the first of which starts at cell `start`. */
CYPOOL_FN int64_t cypool_code_of(const cypool_axis *across, int64_t index, int64_t start, int64_t j, int64_t row_step,
                                 int64_t rows) {
    int64_t before, after, r, away = index - start - j * across->stride;
    cypool_outside(across, j, &before, &after);
    for (r = 0; r < rows; r++, away -= row_step) {
        if (away < before * across->step || away >= (across->taps - after) * across->step) continue;
        if (across->step == 1) return r * across->taps + away;
        if (away % across->step == 0) return r * across->taps + away / across->step;
    }
    return index == -1 ? CYPOOL_NO_TAP : CYPOOL_STRANGER;
}

/* Outputs lo..hi one at a time: whether all belong. */
CYPOOL_FN int cypool_codes_of(const cypool_axis *across, const int64_t *index, int64_t lo, int64_t hi, int64_t start,
                              int64_t row_step, int64_t rows, int64_t tap, uint8_t *codes) {
    int64_t bad = 0;
    for (int64_t j = lo; j < hi; j++) {
        int64_t code = cypool_code_of(across, index[j], start, j, row_step, rows);
        bad |= code == CYPOOL_STRANGER;
        if (codes) codes[j] = (uint8_t)(code == CYPOOL_NO_TAP ? code : code + tap);
    }
    return !bad;
}

#if CYPOOL_VECTORS
/* The same for a vector and more, whose windows are whole and dense, by 32 bits: whether all name a cell, for -1 does not.  Of
 * the index's distances from the window's rows, as unsigned numbers, the least tells the tap; so it does with the row's number
 * added, if rows of the plane are longer than all taps.  `steps`: where the windows of the first indices start, in the order in
 * which even4 picks. */
CYPOOL_FN int cypool_codes_of_whole(const cypool_axis *across, const int64_t *index, int64_t lo, int64_t hi, cypool_vu32 steps,
                                    int64_t row_step, const int64_t rows, int64_t tap, uint8_t *codes, const int writing) {
    enum { L = CYPOOL_VB / 4 };
    const cypool_vu32 zero = {0}, first = zero + (uint32_t)tap, turn = zero + (uint32_t)(across->stride * L);
    const cypool_vu32 row = zero + (uint32_t)row_step, coded = zero + (uint32_t)(row_step - across->taps);
    cypool_vi32 a, b, high, highs = {0};
    cypool_vu32 away, least, code, most = {0};
    int64_t j, r;
    for (j = lo; j < hi; j += L) {
        if (j > hi - L) { /* the last vector once more, from the end */
            steps -= (uint32_t)((j - hi + L) * across->stride);
            j = hi - L;
        }
        memcpy(&a, index + j, sizeof a);
        memcpy(&b, index + j + L / 2, sizeof b);
        high = cypool_odd4(a, b);
        away = least = (cypool_vu32)cypool_even4(a, b) - steps;
        for (r = 1; r < rows; r++) away -= row, least = cypool_min_u32(least, away);
        most = cypool_max_u32(most, least);
        highs |= high;
        if (writing) {
            away = code = (cypool_vu32)cypool_even4(a, b) - steps + first;
            for (r = 1; r < rows; r++) away -= coded, code = cypool_min_u32(code, away);
            cypool_bytes_of_even4((char *)codes + j, (cypool_vi32)code);
        }
        steps += turn;
    }
    highs |= ~(cypool_vi32)(most < (uint32_t)across->taps);
    return !cypool_any((cypool_vi64)highs);
}
#endif

/* Output rows o0..o1 of a plane of positions, `index_row` bytes apart. */
static int64_t cypool_check_positions(const cypool_axis *down, const cypool_axis *across, const char *index, int64_t index_row,
                                      int64_t o0, int64_t o1, uint8_t *codes, ptrdiff_t pitch, ptrdiff_t mask) {
    int64_t o, row_step = down->step * across->cells, lo = across->lo, hi = across->hi;
#if CYPOOL_VECTORS
    cypool_vi32 a, b;
    cypool_vu32 steps;
    int64_t way[CYPOOL_VB / 4];
    for (o = 0; o < CYPOOL_VB / 4; o++) way[o] = o * across->stride;
    memcpy(&a, way, sizeof a);
    memcpy(&b, way + CYPOOL_VB / 8, sizeof b);
    steps = (cypool_vu32)cypool_even4(a, b);
    if (across->step != 1 || hi - lo < CYPOOL_VB / 4) lo = hi = across->outputs;
#else
    lo = hi = across->outputs;
#endif
    for (o = o0; o < o1; o++) {
        const int64_t *row = (const int64_t *)(index + o * index_row);
        uint8_t *to = codes ? codes + (o & mask) * pitch : codes;
        int64_t before, after, start, rows, tap;
        int good = 1;
        cypool_outside(down, o, &before, &after);
        rows = down->taps - before - after, tap = before * across->taps;
        start = (o * down->stride - down->pad + before * down->step) * across->cells - across->pad;
#if CYPOOL_VECTORS
#define CYPOOL_WHOLE_ROWS(n, writing)                                                                                  \
    cypool_codes_of_whole(across, row, lo, hi, steps + (uint32_t)(start + lo * across->stride), row_step, n, tap, to, writing)
        if (lo < hi && rows > 0)
            good = codes ? (rows == 3   ? CYPOOL_WHOLE_ROWS(3, 1)
                            : rows == 2 ? CYPOOL_WHOLE_ROWS(2, 1)
                                        : CYPOOL_WHOLE_ROWS(rows, 1))
                         : (rows == 3   ? CYPOOL_WHOLE_ROWS(3, 0)
                            : rows == 2 ? CYPOOL_WHOLE_ROWS(2, 0)
                                        : CYPOOL_WHOLE_ROWS(rows, 0));
        else if (lo < hi)
            good = 0;
#undef CYPOOL_WHOLE_ROWS
#endif
        if (!good) good = cypool_codes_of(across, row, lo, hi, start, row_step, rows, tap, to); /* perhaps it was -1 */
        good &= cypool_codes_of(across, row, 0, lo, start, row_step, rows, tap, to);
        good &= cypool_codes_of(across, row, hi, across->outputs, start, row_step, rows, tap, to);
        if (!good) return o;
    }
    return -1;
}

/* The same for one-byte offsets in the window, which are codes. */
static int64_t cypool_check_offsets(const cypool_axis *down, const cypool_axis *across, const char *index, int64_t index_row,
                                    int64_t o0, int64_t o1, uint8_t *codes, ptrdiff_t pitch, ptrdiff_t mask) {
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
        if (codes) memcpy(codes + (o & mask) * pitch, row, (size_t)across->outputs);
    }
    return -1;
}

#if CYPOOL_VECTORS
typedef int32_t cypool_o4;
typedef int64_t cypool_o8;
/* codes as wide as float, and as double */
CYPOOL_FN cypool_vi32 cypool_codes4(const uint8_t *codes) {
#if defined(__AVX2__)
    return (cypool_vi32)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)codes));
#elif defined(__SSE2__)
    int32_t four;
    memcpy(&four, codes, sizeof four);
    __m128i zero = _mm_setzero_si128(), words = _mm_unpacklo_epi8(_mm_cvtsi32_si128(four), zero);
    return (cypool_vi32)_mm_unpacklo_epi16(words, zero);
#else
    cypool_vi32 v;
    for (int i = 0; i < CYPOOL_VB / 4; i++) v[i] = codes[i];
    return v;
#endif
}
CYPOOL_FN cypool_vi64 cypool_codes8(const uint8_t *codes) {
    cypool_vi64 v;
#if defined(__AVX2__)
    int32_t four;
    memcpy(&four, codes, sizeof four);
    v = (cypool_vi64)_mm256_cvtepu8_epi64(_mm_cvtsi32_si128(four));
#else
    for (int i = 0; i < CYPOOL_VB / 8; i++) v[i] = codes[i];
#endif
    return v;
}
#endif

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
