/* What a kernel for whole planes is told: made by planes.pxi, read by planes.h. */
#ifndef CYPOOL_PLANES_CALL_H
#define CYPOOL_PLANES_CALL_H

#include <stddef.h>

/* One leading output position: where its first tap's row is, how many there are, its factor of the divisor. */
typedef struct {
    ptrdiff_t offset;
    ptrdiff_t taps;
    double share;
} cypool_lead;

/* A call: one tile of columns, any rows of any planes. */
typedef struct {
    ptrdiff_t width, columns;      /* cells and outputs of a row */
    ptrdiff_t before, after;       /* cells of padding that these columns' taps reach */
    ptrdiff_t taps, stride, step;  /* of the last axis */
    ptrdiff_t x_row;               /* bytes from a leading tap's row to the next one's */
    ptrdiff_t n_deep;              /* taps of the axes before these two, and where they are, in bytes; the first at 0 */
    const ptrdiff_t *deep;
    ptrdiff_t x_plane, out_plane, out_row; /* bytes */
    const char *x_limit;           /* end of what may be read, and of what may be written before it is written again */
    const char *out_limit;
    int streams;                   /* results go past the cache: rows of 16-byte blocks, a vector or longer */
    const cypool_lead *lead;
    int lead_slide;                /* 10 * taps + stride of the leading axis where its rows stay in registers, or 0 */
    ptrdiff_t lead_before, height; /* its padding and its cells */
    int mean;                      /* whether the result is divided by divisor * share of row and column */
    int shift;                     /* 1 + log2 of the divisor of integers where that is all there is to it */
    double divisor, share;
    const double *shares;          /* of the columns; NULL: all are `share` */
    void *acc;                     /* a thread's scratch: `block` rows, `pitch` elements from one to the next */
    ptrdiff_t block, pitch;
    void *divisors;
} cypool_planes;

typedef void (*cypool_planes_t)(const cypool_planes *, char *, const char *, ptrdiff_t, ptrdiff_t, ptrdiff_t);

#endif
