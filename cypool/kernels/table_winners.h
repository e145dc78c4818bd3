/* Maxima and minima with indices: which dtypes have which kernels.  Included by vectors_table.h. */

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
