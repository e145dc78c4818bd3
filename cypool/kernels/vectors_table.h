/* The table of vector kernels: which operators and dtypes have one.  Its rows are in table_*.h, the templates in the files that
 * those include. */
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

#include "table_best.h"
#include "table_winners.h"
#include "table_sums.h"
#undef FN

#define CYPOOL_KERNEL(name) cypool_##name
#define CYPOOL_BLOCKS(name)                                                                                            \
    {cypool_blocks_across_##name, cypool_blocks_down_##name, cypool_blocks_up_##name, cypool_blocks_rows_##name}
#else
#define CYPOOL_BLOCKS(name) {0, 0, 0, 0}
#define CYPOOL_KERNEL(name) 0
#define CYPOOL_VB 0
#endif

#endif
