/* Vectors of the instruction set at hand: one width, one name for each element type, and the arithmetic of one tap.
 *
 * GNU vector types carry loads, sums and conversions to any processor; where the portable form of a maximum, a minimum or
 * a selection is not one instruction, the x86 intrinsic is named.  Compilers without vector types (MSVC) have
 * CYPOOL_VECTORS 0 and do without the kernels built on this file: the row pipeline computes the same bits.
 */
#ifndef CYPOOL_VECTORS_H
#define CYPOOL_VECTORS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "halves.h"

#if defined(__GNUC__)
#define CYPOOL_VECTORS 1
#else
#define CYPOOL_VECTORS 0
#endif

#if CYPOOL_VECTORS

#if defined(__AVX2__)
#include <immintrin.h>
#define CYPOOL_VB 32
#elif defined(__SSE2__)
#include <emmintrin.h>
#define CYPOOL_VB 16
#else
#define CYPOOL_VB 16
#endif

#define CYPOOL_FN static inline __attribute__((always_inline, unused))
#define CYPOOL_APART __attribute__((noinline))

typedef float cypool_vf32 __attribute__((vector_size(CYPOOL_VB)));
typedef double cypool_vf64 __attribute__((vector_size(CYPOOL_VB)));
typedef int8_t cypool_vi8 __attribute__((vector_size(CYPOOL_VB)));
typedef uint8_t cypool_vu8 __attribute__((vector_size(CYPOOL_VB)));
typedef int16_t cypool_vi16 __attribute__((vector_size(CYPOOL_VB)));
typedef uint16_t cypool_vu16 __attribute__((vector_size(CYPOOL_VB)));
typedef int32_t cypool_vi32 __attribute__((vector_size(CYPOOL_VB)));
typedef uint32_t cypool_vu32 __attribute__((vector_size(CYPOOL_VB)));
typedef int64_t cypool_vi64 __attribute__((vector_size(CYPOOL_VB)));
typedef uint64_t cypool_vu64 __attribute__((vector_size(CYPOOL_VB)));
/* half as long, for conversions between widths */
typedef int8_t cypool_hi8 __attribute__((vector_size(CYPOOL_VB / 2)));
typedef uint8_t cypool_hu8 __attribute__((vector_size(CYPOOL_VB / 2)));
typedef uint16_t cypool_hu16 __attribute__((vector_size(CYPOOL_VB / 2)));
typedef int32_t cypool_hi32 __attribute__((vector_size(CYPOOL_VB / 2)));
typedef float cypool_hf32 __attribute__((vector_size(CYPOOL_VB / 2)));

/* Ask for a line, to the second-level cache; it may lie beyond the array: a prefetch never faults. */
#define cypool_ask(p) __builtin_prefetch((const void *)(p), 0, 2)

#define CYPOOL_SELECT(mask, a, b, V, M) ((V)(((M)(a) & (M)(mask)) | ((M)(b) & ~(M)(mask))))

/* mask ? a : b, where all bits of an element's mask are the same */
#if defined(__AVX2__)
#define CYPOOL_BLEND(mask, a, b, V, M) ((V)_mm256_blendv_epi8((__m256i)(b), (__m256i)(a), (__m256i)(mask)))
#else
#define CYPOOL_BLEND(mask, a, b, V, M) CYPOOL_SELECT(mask, a, b, V, M)
#endif

CYPOOL_FN int cypool_any(cypool_vi64 v) {
#if defined(__AVX2__)
    return !_mm256_testz_si256((__m256i)v, (__m256i)v);
#else
    return (v[0] | v[1]) != 0;
#endif
}

/* ---- the value so far and one or two new ones; NaN stays ------------------------------------------------------
 * x86's maximum of (new, old) is old if either is NaN, so an old NaN stays; a new one is found by an unordered comparison,
 * of two at once, whose mask of ones is itself a NaN. */

#if defined(__AVX2__)
#define CYPOOL_X86(name, suffix) _mm256_##name##_##suffix
#define CYPOOL_UNORDERED(suffix, a, b) _mm256_cmp_##suffix(a, b, _CMP_UNORD_Q)
#elif defined(__SSE2__)
#define CYPOOL_X86(name, suffix) _mm_##name##_##suffix
#define CYPOOL_UNORDERED(suffix, a, b) _mm_cmpunord_##suffix(a, b)
#endif

#if defined(CYPOOL_X86)
#define CYPOOL_REAL(op, compare, T, P, SUFFIX)                                                                         \
    CYPOOL_FN cypool_v##T cypool_##op##_##T(cypool_v##T a, cypool_v##T b) {                                            \
        return CYPOOL_X86(or, SUFFIX)(CYPOOL_X86(op, SUFFIX)(b, a), CYPOOL_UNORDERED(SUFFIX, b, b));                   \
    }                                                                                                                  \
    CYPOOL_FN cypool_v##T cypool_##op##2_##T(cypool_v##T a, cypool_v##T b, cypool_v##T c) {                            \
        cypool_v##T best = CYPOOL_X86(op, SUFFIX)(c, CYPOOL_X86(op, SUFFIX)(b, a));                                    \
        return CYPOOL_X86(or, SUFFIX)(best, CYPOOL_UNORDERED(SUFFIX, b, c));                                           \
    }
#else
#define CYPOOL_REAL(op, compare, T, P, SUFFIX)                                                                         \
    CYPOOL_FN cypool_v##T cypool_##op##_##T(cypool_v##T a, cypool_v##T b) {                                            \
        return CYPOOL_SELECT((b compare a) | (b != b), b, a, cypool_v##T, P);                                          \
    }                                                                                                                  \
    CYPOOL_FN cypool_v##T cypool_##op##2_##T(cypool_v##T a, cypool_v##T b, cypool_v##T c) {                            \
        return cypool_##op##_##T(cypool_##op##_##T(a, b), c);                                                          \
    }
#endif
CYPOOL_REAL(max, >, f32, cypool_vi32, ps)
CYPOOL_REAL(min, <, f32, cypool_vi32, ps)
CYPOOL_REAL(max, >, f64, cypool_vi64, pd)
CYPOOL_REAL(min, <, f64, cypool_vi64, pd)

/* mask of where one of two is a NaN */
#if defined(CYPOOL_X86)
#define cypool_either_f32(a, b) CYPOOL_UNORDERED(ps, a, b)
#define cypool_either_f64(a, b) CYPOOL_UNORDERED(pd, a, b)
#else
#define cypool_either_f32(a, b) (((a) != (a)) | ((b) != (b)))
#define cypool_either_f64(a, b) (((a) != (a)) | ((b) != (b)))
#endif

/* the greater or the lesser one where there is no NaN; the second of equals */
#if defined(CYPOOL_X86)
#define CYPOOL_PLAIN(name, op, compare, T, P, SUFFIX)                                                                  \
    CYPOOL_FN cypool_v##T cypool_##name##_##T(cypool_v##T a, cypool_v##T b) { return CYPOOL_X86(op, SUFFIX)(a, b); }
#else
#define CYPOOL_PLAIN(name, op, compare, T, P, SUFFIX)                                                                  \
    CYPOOL_FN cypool_v##T cypool_##name##_##T(cypool_v##T a, cypool_v##T b) {                                          \
        return CYPOOL_SELECT(a compare b, a, b, cypool_v##T, P);                                                       \
    }
#endif
CYPOOL_PLAIN(greater, max, >, f32, cypool_vi32, ps)
CYPOOL_PLAIN(lesser, min, <, f32, cypool_vi32, ps)
CYPOOL_PLAIN(greater, max, >, f64, cypool_vi64, pd)
CYPOOL_PLAIN(lesser, min, <, f64, cypool_vi64, pd)

#define CYPOOL_TWO(T)                                                                                                  \
    CYPOOL_FN cypool_v##T cypool_max2_##T(cypool_v##T a, cypool_v##T b, cypool_v##T c) {                               \
        return cypool_max_##T(cypool_max_##T(a, b), c);                                                                \
    }                                                                                                                  \
    CYPOOL_FN cypool_v##T cypool_min2_##T(cypool_v##T a, cypool_v##T b, cypool_v##T c) {                               \
        return cypool_min_##T(cypool_min_##T(a, b), c);                                                                \
    }
#define CYPOOL_WHOLE(T, M)                                                                                             \
    CYPOOL_FN cypool_v##T cypool_max_##T(cypool_v##T a, cypool_v##T b) {                                               \
        return CYPOOL_SELECT(b > a, b, a, cypool_v##T, M);                                                             \
    }                                                                                                                  \
    CYPOOL_FN cypool_v##T cypool_min_##T(cypool_v##T a, cypool_v##T b) {                                               \
        return CYPOOL_SELECT(b < a, b, a, cypool_v##T, M);                                                             \
    }                                                                                                                  \
    CYPOOL_TWO(T)
#if defined(__AVX2__)
#define CYPOOL_NARROW(T, M, SUFFIX)                                                                                    \
    CYPOOL_FN cypool_v##T cypool_max_##T(cypool_v##T a, cypool_v##T b) {                                               \
        return (cypool_v##T)_mm256_max_##SUFFIX((__m256i)a, (__m256i)b);                                               \
    }                                                                                                                  \
    CYPOOL_FN cypool_v##T cypool_min_##T(cypool_v##T a, cypool_v##T b) {                                               \
        return (cypool_v##T)_mm256_min_##SUFFIX((__m256i)a, (__m256i)b);                                               \
    }                                                                                                                  \
    CYPOOL_TWO(T)
#else
#define CYPOOL_NARROW(T, M, SUFFIX) CYPOOL_WHOLE(T, M)
#endif
CYPOOL_NARROW(i8, cypool_vi8, epi8)
CYPOOL_NARROW(u8, cypool_vi8, epu8)
CYPOOL_NARROW(i16, cypool_vi16, epi16)
CYPOOL_NARROW(u16, cypool_vi16, epu16)
CYPOOL_NARROW(i32, cypool_vi32, epi32)
CYPOOL_NARROW(u32, cypool_vi32, epu32)
CYPOOL_WHOLE(i64, cypool_vi64)
CYPOOL_WHOLE(u64, cypool_vi64)

/* ---- every second element of two neighbouring vectors ----------------------------------------------------------
 * `even` and `odd` pick inside 16-byte lanes, one instruction each; `in_order` puts the lanes right, once a result. */

#if defined(__clang__) || __GNUC__ >= 12
#define CYPOOL_SHUFFLE(T, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define CYPOOL_SHUFFLE(T, a, b, ...) __builtin_shuffle(a, b, (T){__VA_ARGS__})
#endif

#if CYPOOL_VB == 32
#define CYPOOL_EVEN1 0, 2, 4, 6, 8, 10, 12, 14, 32, 34, 36, 38, 40, 42, 44, 46, 16, 18, 20, 22, 24, 26, 28, 30, 48, 50, 52, \
                     54, 56, 58, 60, 62
#define CYPOOL_ODD1 1, 3, 5, 7, 9, 11, 13, 15, 33, 35, 37, 39, 41, 43, 45, 47, 17, 19, 21, 23, 25, 27, 29, 31, 49, 51, 53, \
                    55, 57, 59, 61, 63
#define CYPOOL_EVEN2 0, 2, 4, 6, 16, 18, 20, 22, 8, 10, 12, 14, 24, 26, 28, 30
#define CYPOOL_ODD2 1, 3, 5, 7, 17, 19, 21, 23, 9, 11, 13, 15, 25, 27, 29, 31
#define CYPOOL_EVEN4 0, 2, 8, 10, 4, 6, 12, 14
#define CYPOOL_ODD4 1, 3, 9, 11, 5, 7, 13, 15
#define CYPOOL_EVEN8 0, 4, 2, 6
#define CYPOOL_ODD8 1, 5, 3, 7
#define CYPOOL_SWAP8 1, 0, 3, 2
#define CYPOOL_SWAP4 1, 0, 3, 2, 5, 4, 7, 6
CYPOOL_FN cypool_vi64 cypool_in_order(cypool_vi64 v) { return CYPOOL_SHUFFLE(cypool_vi64, v, v, 0, 2, 1, 3); }
#else
#define CYPOOL_EVEN1 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define CYPOOL_ODD1 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#define CYPOOL_EVEN2 0, 2, 4, 6, 8, 10, 12, 14
#define CYPOOL_ODD2 1, 3, 5, 7, 9, 11, 13, 15
#define CYPOOL_EVEN4 0, 2, 4, 6
#define CYPOOL_ODD4 1, 3, 5, 7
#define CYPOOL_EVEN8 0, 2
#define CYPOOL_ODD8 1, 3
#define CYPOOL_SWAP8 1, 0
#define CYPOOL_SWAP4 1, 0, 3, 2
CYPOOL_FN cypool_vi64 cypool_in_order(cypool_vi64 v) { return v; }
#endif

#if defined(__AVX2__) /* two masks or shifts and a pack: less than the shuffles that gcc finds */
CYPOOL_FN cypool_vi8 cypool_even1(cypool_vi8 a, cypool_vi8 b) {
    __m256i low = _mm256_set1_epi16(0xff);
    return (cypool_vi8)_mm256_packus_epi16(_mm256_and_si256((__m256i)a, low), _mm256_and_si256((__m256i)b, low));
}
CYPOOL_FN cypool_vi8 cypool_odd1(cypool_vi8 a, cypool_vi8 b) {
    return (cypool_vi8)_mm256_packus_epi16(_mm256_srli_epi16((__m256i)a, 8), _mm256_srli_epi16((__m256i)b, 8));
}
CYPOOL_FN cypool_vi16 cypool_even2(cypool_vi16 a, cypool_vi16 b) {
    __m256i low = _mm256_set1_epi32(0xffff);
    return (cypool_vi16)_mm256_packus_epi32(_mm256_and_si256((__m256i)a, low), _mm256_and_si256((__m256i)b, low));
}
CYPOOL_FN cypool_vi16 cypool_odd2(cypool_vi16 a, cypool_vi16 b) {
    return (cypool_vi16)_mm256_packus_epi32(_mm256_srli_epi32((__m256i)a, 16), _mm256_srli_epi32((__m256i)b, 16));
}
#else
CYPOOL_FN cypool_vi8 cypool_even1(cypool_vi8 a, cypool_vi8 b) { return CYPOOL_SHUFFLE(cypool_vi8, a, b, CYPOOL_EVEN1); }
CYPOOL_FN cypool_vi8 cypool_odd1(cypool_vi8 a, cypool_vi8 b) { return CYPOOL_SHUFFLE(cypool_vi8, a, b, CYPOOL_ODD1); }
CYPOOL_FN cypool_vi16 cypool_even2(cypool_vi16 a, cypool_vi16 b) { return CYPOOL_SHUFFLE(cypool_vi16, a, b, CYPOOL_EVEN2); }
CYPOOL_FN cypool_vi16 cypool_odd2(cypool_vi16 a, cypool_vi16 b) { return CYPOOL_SHUFFLE(cypool_vi16, a, b, CYPOOL_ODD2); }
#endif
CYPOOL_FN cypool_vi32 cypool_even4(cypool_vi32 a, cypool_vi32 b) {
    return (cypool_vi32)CYPOOL_SHUFFLE(cypool_vi32, (cypool_vf32)a, (cypool_vf32)b, CYPOOL_EVEN4);
}
CYPOOL_FN cypool_vi32 cypool_odd4(cypool_vi32 a, cypool_vi32 b) {
    return (cypool_vi32)CYPOOL_SHUFFLE(cypool_vi32, (cypool_vf32)a, (cypool_vf32)b, CYPOOL_ODD4);
}
CYPOOL_FN cypool_vi64 cypool_even8(cypool_vi64 a, cypool_vi64 b) {
    return (cypool_vi64)CYPOOL_SHUFFLE(cypool_vi64, (cypool_vf64)a, (cypool_vf64)b, CYPOOL_EVEN8);
}
CYPOOL_FN cypool_vi64 cypool_odd8(cypool_vi64 a, cypool_vi64 b) {
    return (cypool_vi64)CYPOOL_SHUFFLE(cypool_vi64, (cypool_vf64)a, (cypool_vf64)b, CYPOOL_ODD8);
}

/* ---- elements of two vectors in turn: the first half of the result, and the second ------------------------------ */

#if CYPOOL_VB == 32
#define CYPOOL_LOW4 0, 8, 1, 9, 2, 10, 3, 11
#define CYPOOL_HIGH4 4, 12, 5, 13, 6, 14, 7, 15
#define CYPOOL_LOW8 0, 4, 1, 5
#define CYPOOL_HIGH8 2, 6, 3, 7
#else
#define CYPOOL_LOW4 0, 4, 1, 5
#define CYPOOL_HIGH4 2, 6, 3, 7
#define CYPOOL_LOW8 0, 2
#define CYPOOL_HIGH8 1, 3
#endif
CYPOOL_FN cypool_vf32 cypool_low4(cypool_vf32 a, cypool_vf32 b) { return CYPOOL_SHUFFLE(cypool_vi32, a, b, CYPOOL_LOW4); }
CYPOOL_FN cypool_vf32 cypool_high4(cypool_vf32 a, cypool_vf32 b) { return CYPOOL_SHUFFLE(cypool_vi32, a, b, CYPOOL_HIGH4); }
CYPOOL_FN cypool_vf64 cypool_low8(cypool_vf64 a, cypool_vf64 b) { return CYPOOL_SHUFFLE(cypool_vi64, a, b, CYPOOL_LOW8); }
CYPOOL_FN cypool_vf64 cypool_high8(cypool_vf64 a, cypool_vf64 b) { return CYPOOL_SHUFFLE(cypool_vi64, a, b, CYPOOL_HIGH8); }

/* A short loop without a loop, so that the vectors of an array stay in registers. */
#define CYPOOL_EACH(i, n) CYPOOL_UNROLLED for (int i = 0; i < (n); i++)
#define CYPOOL_UNROLLED _Pragma("GCC unroll 16")

/* ---- squares: elements of two vectors in turn inside 16-byte lanes, of their first halves and of their second ---- */

#if defined(__AVX2__)
#define CYPOOL_UNPACK(size, bits, M)                                                                                   \
    CYPOOL_FN M cypool_lower##size(M a, M b) { return (M)_mm256_unpacklo_epi##bits((__m256i)a, (__m256i)b); }          \
    CYPOOL_FN M cypool_upper##size(M a, M b) { return (M)_mm256_unpackhi_epi##bits((__m256i)a, (__m256i)b); }
#elif defined(__SSE2__)
#define CYPOOL_UNPACK(size, bits, M)                                                                                   \
    CYPOOL_FN M cypool_lower##size(M a, M b) { return (M)_mm_unpacklo_epi##bits((__m128i)a, (__m128i)b); }             \
    CYPOOL_FN M cypool_upper##size(M a, M b) { return (M)_mm_unpackhi_epi##bits((__m128i)a, (__m128i)b); }
#else
#define CYPOOL_UNPACK(size, bits, M)                                                                                   \
    CYPOOL_FN M cypool_interleave##size(M a, M b, int from) {                                                          \
        M v;                                                                                                           \
        for (int i = 0; i < 16 / size; i++) v[i] = i % 2 ? b[from + i / 2] : a[from + i / 2];                          \
        return v;                                                                                                      \
    }                                                                                                                  \
    CYPOOL_FN M cypool_lower##size(M a, M b) { return cypool_interleave##size(a, b, 0); }                              \
    CYPOOL_FN M cypool_upper##size(M a, M b) { return cypool_interleave##size(a, b, 8 / size); }
#endif
CYPOOL_UNPACK(1, 8, cypool_vi8)
CYPOOL_UNPACK(2, 16, cypool_vi16)
CYPOOL_UNPACK(4, 32, cypool_vi32)
CYPOOL_UNPACK(8, 64, cypool_vi64)

/* A vector of 16 bytes from either of two places, and to both; of the first alone where that is all that it holds. */
CYPOOL_FN cypool_vi64 cypool_join16(const void *first, const void *second) {
#if defined(__AVX2__)
    __m128i low = _mm_loadu_si128((const __m128i *)first), high = _mm_loadu_si128((const __m128i *)second);
    return (cypool_vi64)_mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
#else
    cypool_vi64 v;
    (void)second;
    memcpy(&v, first, sizeof v);
    return v;
#endif
}
CYPOOL_FN void cypool_part16(void *first, void *second, cypool_vi64 v) {
#if defined(__AVX2__)
    _mm_storeu_si128((__m128i *)first, _mm256_castsi256_si128((__m256i)v));
    _mm_storeu_si128((__m128i *)second, _mm256_extracti128_si256((__m256i)v, 1));
#else
    (void)second;
    memcpy(first, &v, sizeof v);
#endif
}

#if CYPOOL_VB == 32 /* the first and the second halves of two */
CYPOOL_FN cypool_vi64 cypool_low16(cypool_vi64 a, cypool_vi64 b) { return CYPOOL_SHUFFLE(cypool_vi64, a, b, 0, 1, 4, 5); }
CYPOOL_FN cypool_vi64 cypool_high16(cypool_vi64 a, cypool_vi64 b) { return CYPOOL_SHUFFLE(cypool_vi64, a, b, 2, 3, 6, 7); }
#endif

/* ---- neighbours change places: halves of 32, 16 and 8 bytes ---------------------------------------------------- */

CYPOOL_FN cypool_vi64 cypool_swap16(cypool_vi64 v) {
#if CYPOOL_VB == 32
    return CYPOOL_SHUFFLE(cypool_vi64, v, v, 2, 3, 0, 1);
#else
    return v;
#endif
}
CYPOOL_FN cypool_vi64 cypool_swap8(cypool_vi64 v) { return CYPOOL_SHUFFLE(cypool_vi64, v, v, CYPOOL_SWAP8); }
CYPOOL_FN cypool_vi32 cypool_swap4(cypool_vi32 v) { return CYPOOL_SHUFFLE(cypool_vi32, v, v, CYPOOL_SWAP4); }

/* ---- past the cache: 16-byte blocks to 16-byte boundaries --------------------------------------------------------
 * `cypool_stream(to, v)` stores v; `cypool_stream_end(to, v, done)` the blocks of v from byte `done` on.  What is shorter than
 * a block (halves where vectors have 16 bytes) takes the ordinary way. */

#if defined(__SSE2__)
#define CYPOOL_BLOCK(to, from, k) _mm_stream_si128((__m128i *)(to) + (k), ((const __m128i *)(from))[k])
#else
#define CYPOOL_BLOCK(to, from, k) memcpy((char *)(to) + 16 * (k), (const char *)(from) + 16 * (k), 16)
#endif
#define cypool_stream(to, v)                                                                                           \
    do {                                                                                                               \
        __typeof__(v) v_ = (v);                                                                                        \
        if (sizeof v_ < 16) {                                                                                          \
            memcpy(to, &v_, sizeof v_);                                                                                \
            break;                                                                                                     \
        }                                                                                                              \
        CYPOOL_BLOCK(to, &v_, 0);                                                                                      \
        if (sizeof v_ > 16) CYPOOL_BLOCK(to, &v_, 1);                                                                  \
    } while (0)
#define cypool_stream_end(to, v, done)                                                                                 \
    do {                                                                                                               \
        if (sizeof(v) < 16) {                                                                                          \
            memcpy(to, &(v), sizeof(v));                                                                               \
            break;                                                                                                     \
        }                                                                                                              \
        if ((done) < 16) CYPOOL_BLOCK(to, &(v), 0);                                                                    \
        if (sizeof(v) > 16) CYPOOL_BLOCK(to, &(v), 1);                                                                 \
    } while (0)

/* ---- storage of other widths ------------------------------------------------------------------------------------ */

/* float16 as in halves.h, where the steps are explained */
CYPOOL_FN cypool_vf32 cypool_load_f16(const uint16_t *p) {
#if defined(CYPOOL_F16C)
    return (cypool_vf32)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
#else
    cypool_hu16 h;
    memcpy(&h, p, sizeof h);
    cypool_vi32 bits = __builtin_convertvector(h, cypool_vi32), sign = (bits & 0x8000) << 16, rest = (bits & 0x7fff) << 13;
    cypool_vi32 finite = (cypool_vi32)((cypool_vf32)rest * 0x1p112f), special = rest | 0x7f800000;
    return (cypool_vf32)(sign | CYPOOL_SELECT(rest >= 0x0f800000, special, finite, cypool_vi32, cypool_vi32));
#endif
}
CYPOOL_FN cypool_hu16 cypool_pack_f16(cypool_vf32 v) {
#if defined(CYPOOL_F16C)
    return (cypool_hu16)_mm256_cvtps_ph((__m256)v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
    cypool_vi32 bits = (cypool_vi32)v, sign = (bits >> 16) & 0x8000, rest = bits & 0x7fffffff, zero = {0};
    cypool_vi32 small = (cypool_vi32)((cypool_vf32)rest + 0.5f) - 0x3f000000;
    cypool_vi32 normal = (cypool_vi32)(((cypool_vu32)rest + 0xfff + (cypool_vu32)((rest >> 13) & 1) - 0x38000000) >> 13);
    cypool_vi32 large = CYPOOL_SELECT(rest > 0x7f800000, zero + 0x7e00, zero + 0x7c00, cypool_vi32, cypool_vi32);
    cypool_vi32 half = CYPOOL_SELECT(rest < 0x38800000, small, normal, cypool_vi32, cypool_vi32);
    return __builtin_convertvector(sign | CYPOOL_SELECT(rest >= 0x477ff000, large, half, cypool_vi32, cypool_vi32), cypool_hu16);
#endif
}
CYPOOL_FN cypool_vf32 cypool_load_bf16(const uint16_t *p) {
    cypool_hu16 h;
    memcpy(&h, p, sizeof h);
    return (cypool_vf32)(__builtin_convertvector(h, cypool_vu32) << 16);
}
CYPOOL_FN cypool_hu16 cypool_pack_bf16(cypool_vf32 v) {
    cypool_vu32 bits = (cypool_vu32)v, rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    cypool_vu32 nan = (bits >> 16) | 0x40u;
    cypool_vi32 is_nan = (cypool_vi32)(v != v);
    return __builtin_convertvector(CYPOOL_SELECT(is_nan, nan, rounded, cypool_vu32, cypool_vi32), cypool_hu16);
}

#if defined(__AVX2__) /* without a way through memory */
CYPOOL_FN cypool_vf64 cypool_wide_low(cypool_vf32 v) { return (cypool_vf64)_mm256_cvtps_pd(_mm256_castps256_ps128((__m256)v)); }
CYPOOL_FN cypool_vf64 cypool_wide_high(cypool_vf32 v) {
    return (cypool_vf64)_mm256_cvtps_pd(_mm256_extractf128_ps((__m256)v, 1));
}
#else
CYPOOL_FN cypool_vf64 cypool_wide_low(cypool_vf32 v) { return (cypool_vf64){v[0], v[1]}; }
CYPOOL_FN cypool_vf64 cypool_wide_high(cypool_vf32 v) { return (cypool_vf64){v[2], v[3]}; }
#endif
CYPOOL_FN cypool_vf64 cypool_wide_f32(const float *p) {
    cypool_hf32 h;
    memcpy(&h, p, sizeof h);
    return __builtin_convertvector(h, cypool_vf64);
}
CYPOOL_FN cypool_vf64 cypool_wide_f16(const uint16_t *p) {
    float f[CYPOOL_VB / 8];
#if defined(CYPOOL_F16C)
    _mm_storeu_ps(f, _mm_cvtph_ps(_mm_loadl_epi64((const __m128i *)p)));
#else
    for (int i = 0; i < CYPOOL_VB / 8; i++) f[i] = cypool_f16_float(p[i]);
#endif
    return cypool_wide_f32(f);
}
CYPOOL_FN cypool_vf64 cypool_wide_bf16(const uint16_t *p) {
    float f[CYPOOL_VB / 8];
    for (int i = 0; i < CYPOOL_VB / 8; i++) f[i] = cypool_bf16_float(p[i]);
    return cypool_wide_f32(f);
}

/* ---- ordinals to positions of 64 bits, or to bytes --------------------------------------------------------------
 * An element's position is its ordinal + place + i * advance; positions are not negative and fit 32 bits, except from
 * ordinals of 64. */

CYPOOL_FN void cypool_positions_of8(cypool_vi64 *to, cypool_vi64 ordinal, int64_t place, int32_t advance) {
    cypool_vi64 way;
    for (int i = 0; i < CYPOOL_VB / 8; i++) way[i] = (int64_t)i * advance;
    *to = ordinal + way + place;
}
CYPOOL_FN void cypool_positions_of4(cypool_vi64 *to, cypool_vi32 ordinal, int64_t place, int32_t advance) {
    cypool_vi32 way;
    for (int i = 0; i < CYPOOL_VB / 4; i++) way[i] = i * advance;
    way += ordinal + (int32_t)place;
#if defined(__AVX2__)
    to[0] = (cypool_vi64)_mm256_cvtepu32_epi64(_mm256_castsi256_si128((__m256i)way));
    to[1] = (cypool_vi64)_mm256_cvtepu32_epi64(_mm256_extracti128_si256((__m256i)way, 1));
#else
    to[0] = (cypool_vi64){way[0], way[1]}, to[1] = (cypool_vi64){way[2], way[3]};
#endif
}
CYPOOL_FN void cypool_positions_of2(cypool_vi64 *to, cypool_vi16 ordinal, int64_t place, int32_t advance) {
    cypool_hu16 half[2];
    memcpy(half, &ordinal, sizeof half);
    cypool_positions_of4(to, __builtin_convertvector(half[0], cypool_vi32), place, advance);
    cypool_positions_of4(to + 2, __builtin_convertvector(half[1], cypool_vi32), place + CYPOOL_VB / 4 * advance, advance);
}

CYPOOL_FN void cypool_bytes_of2(char *to, cypool_vi16 ordinal) {
#if defined(__AVX2__)
    _mm_storeu_si128((__m128i *)to, _mm_packus_epi16(_mm256_castsi256_si128((__m256i)ordinal),
                                                     _mm256_extracti128_si256((__m256i)ordinal, 1)));
#else
    cypool_hi8 bytes = __builtin_convertvector(ordinal, cypool_hi8);
    memcpy(to, &bytes, sizeof bytes);
#endif
}
CYPOOL_FN void cypool_bytes_of4(char *to, cypool_vi32 ordinal) {
#if defined(__AVX2__)
    __m128i words = _mm_packus_epi32(_mm256_castsi256_si128((__m256i)ordinal), _mm256_extracti128_si256((__m256i)ordinal, 1));
    _mm_storel_epi64((__m128i *)to, _mm_packus_epi16(words, words));
#else
    for (int i = 0; i < CYPOOL_VB / 4; i++) to[i] = (char)ordinal[i];
#endif
}
CYPOOL_FN void cypool_bytes_of_even4(char *to, cypool_vi32 ordinal) { /* in the order of even4 */
#if defined(__AVX2__)
    const __m256i pick = _mm256_setr_epi8(0, 4, -1, -1, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, /* 0 1 . . 4 5 */
                                          -1, -1, 0, 4, -1, -1, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1);
    __m256i bytes = _mm256_shuffle_epi8((__m256i)ordinal, pick);
    _mm_storel_epi64((__m128i *)to, _mm_or_si128(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1)));
#else
    cypool_bytes_of4(to, (cypool_vi32)cypool_in_order((cypool_vi64)ordinal));
#endif
}
CYPOOL_FN void cypool_bytes_of8(char *to, cypool_vi64 ordinal) {
    for (int i = 0; i < CYPOOL_VB / 8; i++) to[i] = (char)ordinal[i];
}

/* n ones and 16 zeros after them: a mask of the first n elements */
static const int32_t cypool_ones4[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
static const int64_t cypool_ones8[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

/* Keys as in halves.h: `flip` is 0 for maxima and -1 for minima, whose keys are negated. */
CYPOOL_FN cypool_vi16 cypool_load_key(const uint16_t *p, int16_t infinity, int16_t flip) {
    cypool_vi16 bits, magnitude, sign;
    memcpy(&bits, p, sizeof bits);
    magnitude = bits & 0x7fff;
    sign = (bits >> 15) ^ flip;
    return (cypool_vi16)CYPOOL_SELECT(magnitude > infinity, magnitude | 0x7fff, (magnitude ^ sign) - sign, cypool_vi16,
                                      cypool_vi16);
}
CYPOOL_FN cypool_vi16 cypool_pack_key(cypool_vi16 raw, int16_t infinity, int16_t flip) {
    cypool_vi16 lowest = raw - raw - infinity, key = cypool_max_i16(raw, lowest), below = key >> 15;
    cypool_vi16 magnitude = (key ^ below) - below, sign = (below ^ flip) & (magnitude != 0) & (int16_t)0x8000;
    cypool_vi16 nan = raw - raw + (int16_t)(infinity | (infinity >> 1));
    return CYPOOL_SELECT(key == CYPOOL_KEY_NAN, nan, magnitude | sign, cypool_vi16, cypool_vi16);
}

#endif
#endif
