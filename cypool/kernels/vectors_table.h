/* The rows of the table of vector kernels: which operators and dtypes have one.  planes.h, reduce_best.h and reduce_sum.h are
 * the templates. */
#ifndef CYPOOL_VECTORS_TABLE_H
#define CYPOOL_VECTORS_TABLE_H

#include "planes_call.h"
#include "vectors.h"

#if !CYPOOL_VECTORS
#define CYPOOL_FN static inline
#define CYPOOL_APART
#endif
#include "scatter.h"
#include "placed.h"
#include "sweep.h"

#if CYPOOL_VECTORS

#define CYPOOL_JOIN_(a, b) a##b
#define CYPOOL_JOIN(a, b) CYPOOL_JOIN_(a, b)
#define CYPOOL_NAME_(name, kernel) cypool_##name##_##kernel
#define CYPOOL_NAME(name, kernel) CYPOOL_NAME_(name, kernel)
#define FN(name) CYPOOL_NAME(name, KERNEL)
typedef cypool_vi8 cypool_m1;
typedef cypool_vi16 cypool_m2;
typedef cypool_vi32 cypool_m4;
typedef cypool_vi64 cypool_m8;

/* ---- maxima and minima: compared as they are stored ---------------------------------------------------------- */

#define LOAD(p) FN(at)(p)
#define P V
#define PACK(v) (v)
#define FINISH(p, v, j) (v)
#define DIVISOR A

#define TAG i8
#define S int8_t
#define SIZE 1
#define LOWEST INT8_MIN
#define HIGHEST INT8_MAX
#include "planes_pair.h"

#define TAG u8
#define S uint8_t
#define SIZE 1
#define LOWEST 0
#define HIGHEST UINT8_MAX
#include "planes_pair.h"

#define TAG i16
#define S int16_t
#define SIZE 2
#define LOWEST INT16_MIN
#define HIGHEST INT16_MAX
#include "planes_pair.h"

#define TAG u16
#define S uint16_t
#define SIZE 2
#define LOWEST 0
#define HIGHEST UINT16_MAX
#include "planes_pair.h"

#define TAG i32
#define S int32_t
#define SIZE 4
#define LOWEST INT32_MIN
#define HIGHEST INT32_MAX
#include "planes_pair.h"

#define TAG u32
#define S uint32_t
#define SIZE 4
#define LOWEST 0
#define HIGHEST UINT32_MAX
#include "planes_pair.h"

#define TAG i64
#define S int64_t
#define SIZE 8
#define LOWEST INT64_MIN
#define HIGHEST INT64_MAX
#include "planes_pair.h"

#define TAG u64
#define S uint64_t
#define SIZE 8
#define LOWEST 0
#define HIGHEST UINT64_MAX
#include "planes_pair.h"

#define TAG f32
#define S float
#define SIZE 4
#define LOWEST (-INFINITY)
#define HIGHEST INFINITY
#include "planes_pair.h"

#define TAG f64
#define S double
#define SIZE 8
#define LOWEST (-INFINITY)
#define HIGHEST INFINITY
#include "planes_pair.h"

#undef LOAD
#undef P
#undef PACK

/* the halves by their keys: minima are maxima of negated keys */
#define S uint16_t
#define A int16_t
#define V cypool_vi16
#define P V
#define M cypool_vi16
#define EVEN cypool_even2
#define ODD cypool_odd2
#define SIZE 2
#define COMBINE cypool_max_i16
#define COMBINE2(a, b, c) COMBINE(COMBINE(a, b), c)
#define IDENTITY CYPOOL_KEY_NOTHING

#define KERNEL max_f16
#define LOAD(p) cypool_load_key(p, 0x7c00, 0)
#define PACK(v) cypool_pack_key(v, 0x7c00, 0)
#include "planes.h"
#include "reduce_best.h"
#undef KERNEL
#undef LOAD
#undef PACK
#define KERNEL min_f16
#define LOAD(p) cypool_load_key(p, 0x7c00, -1)
#define PACK(v) cypool_pack_key(v, 0x7c00, -1)
#include "planes.h"
#include "reduce_best.h"
#undef KERNEL
#undef LOAD
#undef PACK
#define KERNEL max_bf16
#define LOAD(p) cypool_load_key(p, 0x7f80, 0)
#define PACK(v) cypool_pack_key(v, 0x7f80, 0)
#include "planes.h"
#include "reduce_best.h"
#undef KERNEL
#undef LOAD
#undef PACK
#define KERNEL min_bf16
#define LOAD(p) cypool_load_key(p, 0x7f80, -1)
#define PACK(v) cypool_pack_key(v, 0x7f80, -1)
#include "planes.h"
#include "reduce_best.h"
#undef KERNEL
#undef LOAD
#undef PACK
#undef S
#undef A
#undef V
#undef P
#undef M
#undef EVEN
#undef ODD
#undef SIZE
#undef COMBINE
#undef COMBINE2
#undef IDENTITY
#undef FINISH
#undef DIVISOR

/* ---- maxima and minima with indices: of signed numbers, once they are flipped ------------------------------------ */

CYPOOL_FN cypool_vi16 cypool_load_i8(const int8_t *p, int8_t flip) {
    cypool_hi8 h;
    memcpy(&h, p, sizeof h);
    return __builtin_convertvector(h ^ flip, cypool_vi16);
}
CYPOOL_FN cypool_hi8 cypool_pack_i8(cypool_vi16 v, int8_t flip) {
#if defined(__AVX2__)
    __m256i all = (__m256i)v;
    return (cypool_hi8)_mm_packs_epi16(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1)) ^ flip;
#else
    return __builtin_convertvector(v, cypool_hi8) ^ flip;
#endif
}

#define O int32_t
#define N cypool_vi32
#define EVEN cypool_even4
#define ODD cypool_odd4
#define SIZE 4
#define LOAD(p, a) ((V)((N)FN(at)(a) ^ (O)(p)->flip))
#define PACK(p, v) ((V)((N)(v) ^ (O)(p)->flip))
#define P V
#define KERNEL f32
#define S float
#define A float
#define V cypool_vf32
#define IDENTITY (-INFINITY)
#define GREATER cypool_greater_f32
#define UNUSUAL(v) ((v) != (v))
#define EITHER cypool_either_f32
#include "winners.h"
#undef KERNEL
#undef S
#undef A
#undef V
#undef IDENTITY
#undef GREATER
#undef UNUSUAL
#undef EITHER
#define KERNEL i32
#define S int32_t
#define A int32_t
#define V cypool_vi32
#define IDENTITY INT32_MIN
#define GREATER cypool_max_i32
#include "winners.h"
#undef KERNEL
#undef S
#undef A
#undef V
#undef IDENTITY
#undef GREATER
#undef O
#undef N
#undef EVEN
#undef ODD
#undef SIZE

#define O int64_t
#define N cypool_vi64
#define EVEN cypool_even8
#define ODD cypool_odd8
#define SIZE 8
#define KERNEL f64
#define S double
#define A double
#define V cypool_vf64
#define IDENTITY (-INFINITY)
#define GREATER cypool_greater_f64
#define UNUSUAL(v) ((v) != (v))
#define EITHER cypool_either_f64
#include "winners.h"
#undef KERNEL
#undef S
#undef A
#undef V
#undef IDENTITY
#undef GREATER
#undef UNUSUAL
#undef EITHER
#define KERNEL i64
#define S int64_t
#define A int64_t
#define V cypool_vi64
#define IDENTITY INT64_MIN
#include "winners.h"
#undef KERNEL
#undef S
#undef A
#undef V
#undef IDENTITY
#undef O
#undef N
#undef EVEN
#undef ODD
#undef SIZE

#define O int16_t
#define N cypool_vi16
#define EVEN cypool_even2
#define ODD cypool_odd2
#define SIZE 2
#define A int16_t
#define V cypool_vi16
#define GREATER cypool_max_i16
#define KERNEL i16
#define S int16_t
#define IDENTITY INT16_MIN
#include "winners.h"
#undef KERNEL
#undef S
#undef IDENTITY
#undef LOAD
#undef PACK
#undef P
#define KERNEL i8
#define S int8_t
#define P cypool_hi8
#define LOAD(p, a) cypool_load_i8(a, (int8_t)(p)->flip)
#define PACK(p, v) cypool_pack_i8(v, (int8_t)(p)->flip)
#define IDENTITY INT8_MIN
#include "winners.h"
#undef KERNEL
#undef S
#undef P
#undef LOAD
#undef PACK
#undef IDENTITY
#define KERNEL key
#define S uint16_t
#define P V
#define LOAD(p, a) cypool_load_key(a, (int16_t)(p)->infinity, (int16_t)(p)->flip)
#define PACK(p, v) cypool_pack_key(v, (int16_t)(p)->infinity, (int16_t)(p)->flip)
#define IDENTITY CYPOOL_KEY_NOTHING
#define UNUSUAL(v) ((v) == CYPOOL_KEY_NAN)
#define EITHER(a, b) (UNUSUAL(a) | UNUSUAL(b))
#include "winners.h"
#undef KERNEL
#undef S
#undef P
#undef LOAD
#undef PACK
#undef IDENTITY
#undef UNUSUAL
#undef EITHER
#undef O
#undef N
#undef EVEN
#undef ODD
#undef SIZE
#undef A
#undef V
#undef GREATER

/* ---- sums and averages of floats ------------------------------------------------------------------------------ */

#define COMBINE(a, b) ((a) + (b))
#define COMBINE2(a, b, c) ((a) + (b) + (c))
#define IDENTITY ((A)-0.0)
#define FINISH(p, v, j) ((p)->mean ? (v) / FN(at)((const A *)(p)->divisors + (j)) : (v))
#define DIVISOR A

#define A double
#define SIZE 8
#define V cypool_vf64
#define M cypool_vi64
#define EVEN cypool_even8
#define ODD cypool_odd8
#define LOW cypool_low8
#define HIGH cypool_high8
#define KERNEL sum_f64
#define S double
#define LOAD(p) FN(at)(p)
#define P V
#define PACK(v) (v)
#include "planes.h"
#include "reduce_sum.h"
#include "blocks.h"
#include "chosen.h"
#undef KERNEL
#undef S
#undef A
#undef V
#undef M
#undef EVEN
#undef ODD
#undef LOW
#undef HIGH

#undef SIZE
#define A float
#define SIZE 4
#define V cypool_vf32
#define M cypool_vi32
#define EVEN cypool_even4
#define ODD cypool_odd4
#define LOW cypool_low4
#define HIGH cypool_high4
#define KERNEL sum_f32
#define S float
#include "planes.h"
#include "reduce_sum.h"
#include "chosen.h"
#undef KERNEL
#undef S
#undef LOAD
#undef P
#undef PACK
#define S uint16_t
#define KERNEL sum_f16
#define LOAD(p) cypool_load_f16(p)
#define P cypool_hu16
#define PACK(v) cypool_pack_f16(v)
#include "planes.h"
#include "reduce_sum.h"
#include "chosen.h"
#undef KERNEL
#undef LOAD
#undef PACK
#define KERNEL sum_bf16
#define LOAD(p) cypool_load_bf16(p)
#define PACK(v) cypool_pack_bf16(v)
#include "planes.h"
#include "reduce_sum.h"
#include "chosen.h"
#undef KERNEL
#undef LOAD
#undef PACK
#undef S
#undef A
#undef V
#undef P
#undef M
#undef EVEN
#undef ODD
#undef LOW
#undef HIGH
#undef SIZE
#undef IDENTITY
#undef FINISH
#undef DIVISOR

/* ---- sums in double of what is stored in less: whole planes only -------------------------------------------------- */

#define A double
#define V cypool_vf64
#define M cypool_vi64
#define SIZE 8
#define KERNEL wide_f32
#define S float
#define LOAD(p) cypool_wide_f32(p)
#include "reduce_sum.h"
#undef KERNEL
#undef S
#undef LOAD
#define S uint16_t
#define KERNEL wide_f16
#define LOAD(p) cypool_wide_f16(p)
#include "reduce_sum.h"
#undef KERNEL
#undef LOAD
#define KERNEL wide_bf16
#define LOAD(p) cypool_wide_bf16(p)
#include "reduce_sum.h"
#undef KERNEL
#undef LOAD
#undef S
#undef A
#undef V
#undef M
#undef SIZE

/* ---- sums in double of floats over long windows ------------------------------------------------------------------ */

CYPOOL_FN void cypool_read_wide(cypool_vf64 v[2][4], const float *cells, ptrdiff_t pitch) {
    cypool_vf32 narrow[4];
    cypool_blocks_load_max_f32(narrow, cells, pitch);
    CYPOOL_EACH(c, 4) v[0][c] = cypool_wide_low(narrow[c]), v[1][c] = cypool_wide_high(narrow[c]);
}
#define A double
#define V cypool_vf64
#define M cypool_vi64
#define SIZE 8
#define KERNEL sum_wide
#define IDENTITY ((A)-0.0)
#define SOURCE float
#define READ cypool_read_wide
#include "blocks.h"
#undef READ
#undef A
#undef V
#undef M
#undef SIZE
#undef KERNEL
#undef IDENTITY

/* ---- sums of integers over long windows ------------------------------------------------------------------------- */

#define A uint32_t
#define V cypool_vu32
#define M cypool_vi32
#define SIZE 4
#define KERNEL sum_u32
#define IDENTITY 0
#include "blocks.h"
#undef A
#undef V
#undef M
#undef SIZE
#undef KERNEL
#define A uint64_t
#define V cypool_vu64
#define M cypool_vi64
#define SIZE 8
#define KERNEL sum_u64
#include "blocks.h"
#undef A
#undef V
#undef M
#undef SIZE
#undef KERNEL
#undef IDENTITY

/* ---- averages of bytes, truncated: sums in 16 bits, exact for up to 257 taps ------------------------------------- */

CYPOOL_FN cypool_vi32 cypool_quotient(cypool_hu16 sum, const float *divisor) {
    cypool_vf32 d;
    memcpy(&d, divisor, sizeof d);
    return __builtin_convertvector(__builtin_convertvector(sum, cypool_vf32) / d, cypool_vi32);
}
CYPOOL_FN cypool_vu16 cypool_mean_u8(const cypool_planes *p, cypool_vu16 v, ptrdiff_t j) {
    cypool_hu16 half[2];
    const float *d = (const float *)p->divisors + j;
    if (p->shift) return v >> (p->shift - 1);
    /* |sum| < 2**16: no quotient of floats rounds up to an integer that the true one does not reach */
    memcpy(half, &v, sizeof v);
    half[0] = __builtin_convertvector(cypool_quotient(half[0], d), cypool_hu16);
    half[1] = __builtin_convertvector(cypool_quotient(half[1], d + CYPOOL_VB / 4), cypool_hu16);
    memcpy(&v, half, sizeof v);
    return v;
}
CYPOOL_FN cypool_vu16 cypool_load_u8(const uint8_t *p) {
    cypool_hu8 h;
    memcpy(&h, p, sizeof h);
    return __builtin_convertvector(h, cypool_vu16);
}
CYPOOL_FN cypool_hu8 cypool_pack_u8(cypool_vu16 v) {
#if defined(__AVX2__)
    __m256i all = (__m256i)v;
    return (cypool_hu8)_mm_packus_epi16(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
#else
    return __builtin_convertvector(v, cypool_hu8);
#endif
}
#if defined(__AVX2__)
CYPOOL_FN cypool_vu16 cypool_quarter_u8(const uint8_t *one, const uint8_t *two) { /* neighbours are added by one instruction */
    __m256i ones = _mm256_set1_epi8(1);
    __m256i a = _mm256_maddubs_epi16(_mm256_loadu_si256((const __m256i *)one), ones);
    return (cypool_vu16)_mm256_add_epi16(a, _mm256_maddubs_epi16(_mm256_loadu_si256((const __m256i *)two), ones));
}
#endif

#define S uint8_t
#define A uint16_t
#define V cypool_vu16
#define M cypool_vi16
#define EVEN cypool_even2
#define ODD cypool_odd2
#define IDENTITY 0
#define DIVISOR float
#define KERNEL mean_u8
#define LOAD(p) cypool_load_u8(p)
#define P cypool_hu8
#define PACK(v) cypool_pack_u8(v)
#if defined(__AVX2__)
#define QUARTER cypool_quarter_u8
#endif
#define FINISH(p, v, j) cypool_mean_u8(p, v, j)
#include "planes.h"
#undef QUARTER
#undef KERNEL
#undef LOAD
#undef PACK
#undef FINISH
#undef S
#undef A
#undef V
#undef P
#undef M
#undef EVEN
#undef ODD
#undef IDENTITY
#undef COMBINE
#undef COMBINE2
#undef DIVISOR
#undef FN

#define CYPOOL_KERNEL(name) cypool_##name
#define CYPOOL_BLOCKS(name)                                                                                            \
    {cypool_blocks_across_##name, cypool_blocks_down_##name, cypool_blocks_up_##name, cypool_blocks_rows_##name}
#else
#define CYPOOL_BLOCKS(name) {0, 0, 0, 0}
#define CYPOOL_KERNEL(name) 0
#endif

#endif
