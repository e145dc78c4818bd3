/* Maxima and minima: which dtypes have which kernels.  Included by vectors_table.h. */

/* ---- maxima and minima: compared as they are stored ---------------------------------------------------------- */

#define LOAD(p) FN(at)(p)
#define P V
#define PACK(v) (v)
#define FINISH(p, v, j) (v)

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
#define BESIDE
#include "planes_pair.h"

#define TAG f64
#define S double
#define SIZE 8
#define LOWEST (-INFINITY)
#define HIGHEST INFINITY
#include "planes_pair.h"

#undef BESIDE
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
