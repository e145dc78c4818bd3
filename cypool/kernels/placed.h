/* Maxima and minima with their places, each pair in one number of 64 bits whose order is theirs: the better value first, of
 * equals the earlier place, of NaNs the later one.  Long windows with indices are then maxima of int64 (blocks.h).
 *
 * The upper half is a key that orders values of up to 32 bits, negated for minima; the lower half a place, row << bits | column,
 * counted backwards but for a NaN.  Included by vectors_table.h.
 */

/* KEY makes `key` and `nan` of the element `x`, VALUE an element of both; `flip` is -1 for minima. */
#define CYPOOL_PLACED(T, name, KEY, VALUE)                                                                             \
    CYPOOL_FN int64_t cypool_placed_##name(T x, int32_t here, int32_t flip) {                                          \
        int32_t key, nan, magnitude = 0, sign = 0;                                                                     \
        KEY;                                                                                                           \
        return (int64_t)((uint64_t)(uint32_t)(nan ? INT32_MAX : key) << 32 | (uint32_t)(nan ? here : INT32_MAX - here)); \
    }                                                                                                                  \
    static CYPOOL_APART void cypool_place_##name(int64_t *out, const void *from, ptrdiff_t columns, ptrdiff_t lanes,   \
                                                 int32_t place, int32_t flip) {                                        \
        const T *cells = (const T *)from;                                                                              \
        if (lanes == 1) {                                                                                              \
            for (ptrdiff_t i = 0; i < columns; i++) out[i] = cypool_placed_##name(cells[i], place + (int32_t)i, flip); \
            return;                                                                                                    \
        }                                                                                                              \
        for (ptrdiff_t i = 0; i < columns; i++, out += lanes, cells += lanes)                                          \
            for (ptrdiff_t c = 0; c < lanes; c++) out[c] = cypool_placed_##name(cells[c], place + (int32_t)i, flip);   \
    }                                                                                                                  \
    static CYPOOL_APART void cypool_unplace_##name(void *values, int32_t *places, const int64_t *from, ptrdiff_t n,    \
                                                   int32_t flip) {                                                     \
        T *out = (T *)values;                                                                                          \
        for (ptrdiff_t i = 0; i < n; i++) {                                                                            \
            int32_t key = (int32_t)(from[i] >> 32), low = (int32_t)from[i], nan, magnitude = 0, sign = 0;              \
            VALUE;                                                                                                     \
            places[i] = nan ? low : INT32_MAX - low;                                                                   \
        }                                                                                                              \
    }

#define CYPOOL_PLACED_REAL(T, name, SIGN, INFINITE, QUIET)                                                          \
    CYPOOL_PLACED(T, name, magnitude = (int32_t)(x & (T)(SIGN - 1)); sign = -(int32_t)(x >= (T)SIGN) ^ flip;           \
                  nan = magnitude > INFINITE; key = (magnitude ^ sign) - sign,                                         \
                  sign = key >> 31; magnitude = (key ^ sign) - sign; nan = key == INT32_MAX;                           \
                  out[i] = (T)(nan ? QUIET : (uint32_t)magnitude | ((uint32_t)(sign ^ flip) & SIGN)))
#define CYPOOL_PLACED_WHOLE(T, name, OFFSET)                                                                           \
    CYPOOL_PLACED(T, name, nan = 0; key = (int32_t)((uint32_t)(int32_t)x ^ OFFSET) ^ flip, nan = 0;                    \
                  out[i] = (T)((uint32_t)(key ^ flip) ^ OFFSET))
CYPOOL_PLACED_REAL(uint32_t, f32, 0x80000000u, 0x7f800000, 0x7fc00000u)
CYPOOL_PLACED_REAL(uint16_t, f16, 0x8000u, 0x7c00, 0x7e00u)
CYPOOL_PLACED_REAL(uint16_t, bf16, 0x8000u, 0x7f80, 0x7fc0u)
CYPOOL_PLACED_WHOLE(int8_t, i8, 0u)
CYPOOL_PLACED_WHOLE(uint8_t, u8, 0u)
CYPOOL_PLACED_WHOLE(int16_t, i16, 0u)
CYPOOL_PLACED_WHOLE(uint16_t, u16, 0u)
CYPOOL_PLACED_WHOLE(int32_t, i32, 0u)
CYPOOL_PLACED_WHOLE(uint32_t, u32, 0x80000000u)
#undef CYPOOL_PLACED
#undef CYPOOL_PLACED_REAL
#undef CYPOOL_PLACED_WHOLE

/* Places to indices: row * row_scale + column - first - j * stride, of output column j; planes have stride 0.  An index fits 31
 * bits, so what is beyond them on the way does not matter. */
CYPOOL_FN uint32_t cypool_number(int32_t place, int bits, uint32_t row_scale, uint32_t first) {
    return (uint32_t)(place >> bits) * row_scale + ((uint32_t)place & ((1u << bits) - 1)) - first;
}
#define CYPOOL_NUMBER(T, name)                                                                                         \
    static CYPOOL_APART void cypool_number_##name(void *to, const int32_t *places, ptrdiff_t columns, ptrdiff_t lanes, \
                                                  int bits, uint32_t row_scale, uint32_t first, uint32_t stride) {     \
        T *out = (T *)to;                                                                                              \
        if (lanes == 1) {                                                                                              \
            for (ptrdiff_t j = 0; j < columns; j++)                                                                    \
                out[j] = (T)cypool_number(places[j], bits, row_scale, first + (uint32_t)j * stride);                   \
            return;                                                                                                    \
        }                                                                                                              \
        for (ptrdiff_t j = 0; j < columns; j++, out += lanes, places += lanes, first += stride)                        \
            for (ptrdiff_t c = 0; c < lanes; c++) out[c] = (T)cypool_number(places[c], bits, row_scale, first);        \
    }
CYPOOL_NUMBER(int64_t, plane)
CYPOOL_NUMBER(uint8_t, window8)
CYPOOL_NUMBER(uint16_t, window16)
CYPOOL_NUMBER(int32_t, window32)
#undef CYPOOL_NUMBER
