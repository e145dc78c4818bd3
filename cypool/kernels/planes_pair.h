/* Maximum and minimum of one element type: two instances of planes.h, reduce_best.h and
 * blocks.h, and of beside.h where BESIDE is defined: for floats.  Included by vectors_table.h, which defines TAG, S, SIZE, LOWEST and HIGHEST; they are undefined here. */

#define A S
#define V CYPOOL_JOIN(cypool_v, TAG)
#define M CYPOOL_JOIN(cypool_m, SIZE)
#define EVEN CYPOOL_JOIN(cypool_even, SIZE)
#define ODD CYPOOL_JOIN(cypool_odd, SIZE)

#define KERNEL CYPOOL_JOIN(max_, TAG)
#define COMBINE CYPOOL_JOIN(cypool_max_, TAG)
#define COMBINE2 CYPOOL_JOIN(cypool_max2_, TAG)
#define IDENTITY LOWEST
#ifdef BESIDE
#define PLAIN CYPOOL_JOIN(cypool_greater_, TAG)
#define UNORDERED CYPOOL_JOIN(cypool_either_, TAG)
#endif
#include "planes.h"
#include "reduce_best.h"
#include "blocks.h"
#ifdef BESIDE
#include "beside.h"
#endif
#undef PLAIN
#undef KERNEL
#undef COMBINE
#undef COMBINE2
#undef IDENTITY

#define KERNEL CYPOOL_JOIN(min_, TAG)
#define COMBINE CYPOOL_JOIN(cypool_min_, TAG)
#define COMBINE2 CYPOOL_JOIN(cypool_min2_, TAG)
#define IDENTITY HIGHEST
#define PLAIN CYPOOL_JOIN(cypool_lesser_, TAG)
#include "planes.h"
#include "reduce_best.h"
#include "blocks.h"
#ifdef BESIDE
#include "beside.h"
#endif
#undef PLAIN
#undef UNORDERED
#undef KERNEL
#undef COMBINE
#undef COMBINE2
#undef IDENTITY

#undef A
#undef V
#undef M
#undef EVEN
#undef ODD
#undef TAG
#undef S
#undef SIZE
#undef LOWEST
#undef HIGHEST
