/* Runs of cells of several channels, turned so that the channels are neighbours: 4 x 4 cells of two or four bytes at a time,
 * where the processor can.  Columns advance slowest, for the channels' cache lines are then asked for together. */
#ifndef CYPOOL_REGIONS_H
#define CYPOOL_REGIONS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef void (*cypool_turn_t)(char *to, const char *from, ptrdiff_t cols, ptrdiff_t lanes, ptrdiff_t lane);

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>

static inline void cypool_block_4(char *to, ptrdiff_t row, const char *from, ptrdiff_t lane) {
    __m128 a = _mm_loadu_ps((const float *)from), b = _mm_loadu_ps((const float *)(from + lane));
    __m128 c = _mm_loadu_ps((const float *)(from + 2 * lane)), d = _mm_loadu_ps((const float *)(from + 3 * lane));
    _MM_TRANSPOSE4_PS(a, b, c, d);
    _mm_storeu_ps((float *)to, a);
    _mm_storeu_ps((float *)(to + row), b);
    _mm_storeu_ps((float *)(to + 2 * row), c);
    _mm_storeu_ps((float *)(to + 3 * row), d);
}

static inline void cypool_block_2(char *to, ptrdiff_t row, const char *from, ptrdiff_t lane) {
    __m128i a = _mm_loadl_epi64((const __m128i *)from), b = _mm_loadl_epi64((const __m128i *)(from + lane));
    __m128i c = _mm_loadl_epi64((const __m128i *)(from + 2 * lane)), d = _mm_loadl_epi64((const __m128i *)(from + 3 * lane));
    __m128i ab = _mm_unpacklo_epi16(a, b), cd = _mm_unpacklo_epi16(c, d);
    __m128i first = _mm_unpacklo_epi32(ab, cd), last = _mm_unpackhi_epi32(ab, cd);
    _mm_storel_epi64((__m128i *)to, first);
    _mm_storel_epi64((__m128i *)(to + row), _mm_unpackhi_epi64(first, first));
    _mm_storel_epi64((__m128i *)(to + 2 * row), last);
    _mm_storel_epi64((__m128i *)(to + 3 * row), _mm_unpackhi_epi64(last, last));
}

/* At least four columns; the last four may overlap those before. */
#define CYPOOL_TURN(item)                                                                                              \
    static void cypool_turn_##item(char *to, const char *from, ptrdiff_t cols, ptrdiff_t lanes, ptrdiff_t lane) {      \
        ptrdiff_t col = 0, k, i, row = lanes * item;                                                                   \
        for (;;) {                                                                                                     \
            for (k = 0; k + 4 <= lanes; k += 4)                                                                        \
                cypool_block_##item(to + col * row + k * item, row, from + col * item + k * lane, lane);               \
            for (; k < lanes; k++)                                                                                     \
                for (i = col; i < col + 4; i++) memcpy(to + i * row + k * item, from + i * item + k * lane, item);     \
            if (col + 4 >= cols) break;                                                                                \
            col = col + 8 <= cols ? col + 4 : cols - 4;                                                                \
        }                                                                                                              \
    }
CYPOOL_TURN(2)
CYPOOL_TURN(4)
static const cypool_turn_t cypool_turns[4] = {0, cypool_turn_2, cypool_turn_4, 0};
#else
static const cypool_turn_t cypool_turns[4] = {0, 0, 0, 0};
#endif

#endif
