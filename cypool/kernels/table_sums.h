/* Sums and averages: which dtypes have which kernels.  Included by vectors_table.h. */

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
