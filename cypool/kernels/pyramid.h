/* Several resolutions in one pass: means by pyramid_sums.h, modes by pyramid_modes.h, for every dtype, first cells by
 * pyramid_strides.h, for every width. */
#ifndef CYPOOL_PYRAMID_H
#define CYPOOL_PYRAMID_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "platform.h"
#include "ranks.h" /* sorting */

#ifndef CYPOOL_FN
#define CYPOOL_FN static inline
#endif
/* A long function that is called for a row at least: one copy does. */
#if defined(__GNUC__)
#define CYPOOL_APART __attribute__((noinline))
#else
#define CYPOOL_APART
#endif
#define CYPOOL_LESS(a, b) ((a) < (b) ? (a) : (b))
/* A loop as long as a vector: gcc would unroll it before it has seen a vector in it. */
#if defined(__GNUC__) && !defined(__clang__)
#define CYPOOL_AS_VECTOR _Pragma("GCC unroll 1")
#else
#define CYPOOL_AS_VECTOR
#endif
/* A loop of which no turn reads what another writes. */
#if defined(__clang__)
#define CYPOOL_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define CYPOOL_INDEPENDENT _Pragma("GCC ivdep")
#else
#define CYPOOL_INDEPENDENT
#endif
#define CYPOOL_NEAR 4096      /* bytes of a row, of which the next ones are fetched ahead */
#define CYPOOL_COLUMNS 1024   /* cells of a row that are added at once */
#define CYPOOL_FEW_LABELS 16  /* of a window, that are counted one after the other */
#define CYPOOL_MOST_LEVELS 40 /* windows of at most 2**40 cells along an axis */

enum { CYPOOL_TRUNC, CYPOOL_FLOOR, CYPOOL_NEAREST, CYPOOL_HALF_UP };

typedef struct {
    ptrdiff_t z, y, x;             /* rows and columns of sums: every cell is in one */
    ptrdiff_t out_z, out_y, out_x; /* those of the result */
    ptrdiff_t kz, ky, kx;          /* cells of a window */
    char *out;                     /* the result: planes, contiguous */
} cypool_pyramid_level;

typedef struct {
    ptrdiff_t fz, fy, fx, lanes;
    ptrdiff_t z_stride, y_stride; /* of the array, in bytes; its rows are contiguous */
    int levels, rounding, pad;
    cypool_pyramid_level level[CYPOOL_MOST_LEVELS + 1]; /* 0 is the array */
} cypool_pyramid;

typedef struct {
    const char *x; /* a plane of the array */
    ptrdiff_t plane;
    /* a thread's own: rows of `width` bytes for what is being summed of each level, and for its sums; a window's cells */
    char *sums[CYPOOL_MOST_LEVELS + 1], *row[CYPOOL_MOST_LEVELS + 1], *cells;
    ptrdiff_t width;
} cypool_pyramid_part;

typedef void (*cypool_pyramid_t)(const cypool_pyramid *p, const cypool_pyramid_part *part, int level, ptrdiff_t z, ptrdiff_t y);

static inline int32_t cypool_pair_u16(const void *from) {
    uint32_t both;
    memcpy(&both, from, sizeof both);
    return (int32_t)((both & 0xffff) + (both >> 16));
}
static inline int32_t cypool_pair_i16(const void *from) {
    uint32_t both;
    memcpy(&both, from, sizeof both);
    return ((int32_t)(both << 16) >> 16) + ((int32_t)both >> 16);
}

#include "pyramid_vectors.h"

#define T uint8_t
#define A uint16_t
#define S int32_t
#define FN(name) cypool_##name##_u8
#define FLOATS 0
#define NARROW 1
#define UNSIGNED 1
#define FEW 0
#include "pyramid_sums.h"
#define T int8_t
#define A int16_t
#define S int32_t
#define FN(name) cypool_##name##_i8
#define FLOATS 0
#define NARROW 1
#define UNSIGNED 0
#define FEW 0
#include "pyramid_sums.h"
#define T uint16_t
#define A int32_t
#define S int32_t
#define FN(name) cypool_##name##_u16
#define FLOATS 0
#define NARROW 2
#define UNSIGNED 1
#define FEW 0
#include "pyramid_sums.h"
#define T int16_t
#define A int32_t
#define S int32_t
#define FN(name) cypool_##name##_i16
#define FLOATS 0
#define NARROW 2
#define UNSIGNED 0
#define FEW 0
#include "pyramid_sums.h"
#define T uint32_t
#define A int64_t
#define S int64_t
#define FN(name) cypool_##name##_u32
#define FLOATS 0
#define NARROW 0
#define UNSIGNED 1
#define FEW 0
#include "pyramid_sums.h"
#define T int32_t
#define A int64_t
#define S int64_t
#define FN(name) cypool_##name##_i32
#define FLOATS 0
#define NARROW 0
#define UNSIGNED 0
#define FEW 0
#include "pyramid_sums.h"
#define T float
#define A double
#define S double
#define FN(name) cypool_##name##_f32
#define FLOATS 1
#define NARROW 0
#define UNSIGNED 0
#define FEW 0
#include "pyramid_sums.h"
#define T float
#define A float
#define S double
#define FN(name) cypool_##name##_f32_few
#define FLOATS 1
#define NARROW 0
#define UNSIGNED 0
#define FEW 1
#include "pyramid_sums.h"
#define T double
#define A double
#define S double
#define FN(name) cypool_##name##_f64
#define FLOATS 1
#define NARROW 0
#define UNSIGNED 0
#define FEW 0
#include "pyramid_sums.h"

static const cypool_pyramid_t cypool_pyramids[] = {cypool_row_u8,  cypool_row_i8,  cypool_row_u16, cypool_row_i16,
                                                   cypool_row_u32, cypool_row_i32, cypool_row_f32, cypool_row_f64,
                                                   cypool_row_f32_few};

#define T uint8_t
#define C uint16_t
#define FN(name) cypool_##name##_u8
#define SORT(a, n) cypool_u8_sort(a, n, cypool_u8_depth(n))
#include "pyramid_modes.h"
#define T int8_t
#define C uint16_t
#define FN(name) cypool_##name##_i8
#define SORT(a, n) cypool_i8_sort(a, n, cypool_i8_depth(n))
#include "pyramid_modes.h"
#define T uint16_t
#define C uint16_t
#define FN(name) cypool_##name##_u16
#define SORT(a, n) cypool_u16_sort(a, n, cypool_u16_depth(n))
#include "pyramid_modes.h"
#define T int16_t
#define C uint16_t
#define FN(name) cypool_##name##_i16
#define SORT(a, n) cypool_i16_sort(a, n, cypool_i16_depth(n))
#include "pyramid_modes.h"
#define T uint32_t
#define C uint32_t
#define FN(name) cypool_##name##_u32
#define SORT(a, n) cypool_u32_sort(a, n, cypool_u32_depth(n))
#include "pyramid_modes.h"
#define T int32_t
#define C uint32_t
#define FN(name) cypool_##name##_i32
#define SORT(a, n) cypool_i32_sort(a, n, cypool_i32_depth(n))
#include "pyramid_modes.h"
#define T uint64_t
#define C uint64_t
#define FN(name) cypool_##name##_u64
#define SORT(a, n) cypool_u64_sort(a, n, cypool_u64_depth(n))
#include "pyramid_modes.h"
#define T int64_t
#define C uint64_t
#define FN(name) cypool_##name##_i64
#define SORT(a, n) cypool_i64_sort(a, n, cypool_i64_depth(n))
#include "pyramid_modes.h"

/* In the order of DTYPES in pyramid.pyx. */
static const cypool_pyramid_t cypool_modes[] = {cypool_modes_u8,  cypool_modes_i8,  cypool_modes_u16, cypool_modes_i16,
                                                cypool_modes_u32, cypool_modes_i32, cypool_modes_u64, cypool_modes_i64};

#define T uint8_t
#define FN(name) cypool_##name##_8
#include "pyramid_strides.h"
#define T uint16_t
#define FN(name) cypool_##name##_16
#include "pyramid_strides.h"
#define T uint32_t
#define FN(name) cypool_##name##_32
#include "pyramid_strides.h"
#define T uint64_t
#define FN(name) cypool_##name##_64
#include "pyramid_strides.h"

static const cypool_pyramid_t cypool_strides[] = {cypool_strides_8, cypool_strides_16, cypool_strides_32, cypool_strides_64};

#endif
