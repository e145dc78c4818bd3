/* What compilers do not make vectors of: sums of two columns, by AVX2 where it is compiled for.
 *
 * Each function says how many sums it has made; its caller makes the others, and all of them on other instruction sets.
 * Included by pyramid.h.
 */
#ifndef CYPOOL_PYRAMID_VECTORS_H
#define CYPOOL_PYRAMID_VECTORS_H

/* Sums of two columns and two or four rows of floats, rows first; how many of n there are then. */
#if defined(__AVX2__)
#include <immintrin.h>
static inline ptrdiff_t cypool_halve_floats(float *to, const float *a, const float *b, const float *c, const float *d,
                                            ptrdiff_t n) {
    ptrdiff_t j = 0;
    for (; j + 8 <= n; j += 8) {
        const ptrdiff_t k = 2 * j, l = k + 8;
        __m256 x = _mm256_add_ps(_mm256_loadu_ps(a + k), _mm256_loadu_ps(b + k));
        __m256 y = _mm256_add_ps(_mm256_loadu_ps(a + l), _mm256_loadu_ps(b + l));
        if (c) {
            x = _mm256_add_ps(x, _mm256_add_ps(_mm256_loadu_ps(c + k), _mm256_loadu_ps(d + k)));
            y = _mm256_add_ps(y, _mm256_add_ps(_mm256_loadu_ps(c + l), _mm256_loadu_ps(d + l)));
        }
        const __m256d pairs = _mm256_castps_pd(_mm256_hadd_ps(x, y)); /* of x, of y, of x, of y */
        _mm256_storeu_ps(to + j, _mm256_castpd_ps(_mm256_permute4x64_pd(pairs, 0xd8)));
    }
    return j;
}

/* The sums of pairs of pixels of three bytes in two rows (+ to); `bytes` of each row may be read.  Partners side by side make
 * 16-bit sums by one instruction; what is loaded beyond two pairs is made 0, and the next ones' sums overwrite it. */
#define CYPOOL_HALVE_COLOURS(NAME, A, T, PAIRS)                                                                                 \
    static inline ptrdiff_t NAME(A *to, const T *a, const T *b, ptrdiff_t pairs, ptrdiff_t bytes, const int more) {             \
        const __m256i one = _mm256_set1_epi8(1);                                                                                \
        const __m256i beside = _mm256_broadcastsi128_si256(                                                                     \
            _mm_setr_epi8(0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11, -1, -1, -1, -1));                                               \
        ptrdiff_t j = 0;                                                                                                        \
        for (; j + 4 < pairs && 6 * j + 28 <= bytes; j += 4) {                                                                  \
            const __m256i x = _mm256_shuffle_epi8(cypool_load_two(a + 6 * j, a + 6 * j + 12), beside);                          \
            const __m256i y = _mm256_shuffle_epi8(cypool_load_two(b + 6 * j, b + 6 * j + 12), beside);                          \
            __m256i sums = _mm256_add_epi16(PAIRS(x, one), PAIRS(y, one));                                                      \
            if (more)                                                                                                           \
                sums = _mm256_add_epi16(sums, cypool_load_two(to + 3 * j, to + 3 * j + 6));                                     \
            _mm_storeu_si128((__m128i *)(to + 3 * j), _mm256_castsi256_si128(sums));                                            \
            _mm_storeu_si128((__m128i *)(to + 3 * j + 6), _mm256_extracti128_si256(sums, 1));                                   \
        }                                                                                                                       \
        return j;                                                                                                               \
    }
#define CYPOOL_SIGNED_PAIRS(x, one) _mm256_maddubs_epi16(one, x)
static inline __m256i cypool_load_two(const void *low, const void *high) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)low)),
                                   _mm_loadu_si128((const __m128i *)high), 1);
}
CYPOOL_HALVE_COLOURS(cypool_halve_colours_u8, uint16_t, uint8_t, _mm256_maddubs_epi16)
CYPOOL_HALVE_COLOURS(cypool_halve_colours_i8, int16_t, int8_t, CYPOOL_SIGNED_PAIRS)

/* The same of 16-bit sums whose own sums have 15 bits. */
static inline ptrdiff_t cypool_halve_colour_sums(int32_t *to, const void *a, const void *b, ptrdiff_t pairs, ptrdiff_t readable) {
    const int16_t *p = (const int16_t *)a, *q = (const int16_t *)b;
    const __m256i one = _mm256_set1_epi16(1);
    const __m256i beside =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11, -1, -1, -1, -1));
    ptrdiff_t j = 0;
    for (; j + 2 < pairs && 6 * j + 14 <= readable; j += 2) {
        const __m256i x = cypool_load_two(p + 6 * j, p + 6 * j + 6), y = cypool_load_two(q + 6 * j, q + 6 * j + 6);
        const __m256i sums = _mm256_madd_epi16(_mm256_shuffle_epi8(_mm256_add_epi16(x, y), beside), one);
        _mm_storeu_si128((__m128i *)(to + 3 * j), _mm256_castsi256_si128(sums));
        _mm_storeu_si128((__m128i *)(to + 3 * j + 3), _mm256_extracti128_si256(sums, 1));
    }
    return j;
}
#else
static inline ptrdiff_t cypool_halve_floats(float *to, const float *a, const float *b, const float *c, const float *d,
                                            ptrdiff_t n) {
    return (void)to, (void)a, (void)b, (void)c, (void)d, (void)n, 0;
}
#endif

#endif
