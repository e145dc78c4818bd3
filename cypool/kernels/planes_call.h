/* What the kernels written in vectors are told by the drivers, and how they are called. */
#ifndef CYPOOL_PLANES_CALL_H
#define CYPOOL_PLANES_CALL_H

#include <stddef.h>
#include <stdint.h>

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
    ptrdiff_t ahead, ahead_bytes;  /* what is asked for beyond a window's first row, to come from memory in time; 0: nothing */
    const char *x_limit;           /* end of what may be read, and of what may be written before it is written again */
    const char *out_limit;
    int streams;                   /* results go past the cache: rows of 16-byte blocks, a vector or longer */
    const cypool_lead *lead;
    int lead_slide;                /* 10 * taps + stride of the leading axis where its rows stay in registers, or 0 */
    ptrdiff_t lead_before, height; /* its padding and its cells */
    int quarters;                  /* windows of 2x2 side by side, all whole, rows of a vector and more */
    int mean;                      /* whether the result is divided by divisor * share of row and column */
    int shift;                     /* 1 + log2 of the divisor of integers where that is all there is to it */
    double divisor, share;
    const double *shares;          /* of the columns; NULL: all are `share` */
    /* Gradients, where `phases` is not 0: cell q + m * phases of a row has holders[q] holders, `step` apart, the first one m
     * elements after first[q] of the folded row with its padding. */
    int phases;
    ptrdiff_t first[8], holders[8];
    const ptrdiff_t *lost;         /* cells that no window holds, counted from column0 on, besides phases without holders */
    ptrdiff_t n_lost, column0;
    void *wide;                    /* a thread's scratch: one row of the result */
    /* Gradients that are divided row by row before they are folded, where `divided` is not NULL: leading taps count in rows of
     * this scratch, which are made of rows `x_line` bytes apart that end before `line_limit`. */
    void *divided;
    ptrdiff_t x_line;
    const char *line_limit;
    const double *row_divisors;
    void *acc;                     /* a thread's scratch: `block` rows, `pitch` elements from one to the next */
    ptrdiff_t block, pitch;
    void *divisors;
} cypool_planes;

/* Each of `planes` planes of n cells, one behind the other, to one value in `out`; `limit`: end of what may be read. */
typedef void (*cypool_runs_t)(void *out, const char *x, ptrdiff_t n, ptrdiff_t planes, ptrdiff_t x_plane, const char *limit);
/* Each of `lanes` lanes of n cells, `stride` bytes apart, to one value in `out`. */
typedef void (*cypool_lanes_t)(void *out, const char *x, ptrdiff_t n, ptrdiff_t lanes, ptrdiff_t stride);

typedef void (*cypool_planes_t)(const cypool_planes *, char *, const char *, ptrdiff_t, ptrdiff_t, ptrdiff_t);

enum { CYPOOL_WINNERS_ROWS = 16 }; /* leading taps at most */

/* A call of a kernel of winners.h: one tile of columns, any rows of any planes. */
typedef struct {
    ptrdiff_t width, columns;                                  /* cells and outputs of a row */
    ptrdiff_t before;                                          /* cells of padding before these columns' first */
    ptrdiff_t taps, stride, step;                              /* of the last axis, ... */
    ptrdiff_t lead_taps, lead_stride, lead_step, lead_before;  /* of the one before: windows, padding, */
    ptrdiff_t height;                                          /* and cells */
    ptrdiff_t extent;                                          /* cells of a whole row of the plane */
    int64_t place;                                             /* the first column's first tap, of its row; 0 by window */
    ptrdiff_t x_row, x_plane, out_row, out_plane, index_row, index_plane; /* bytes */
    ptrdiff_t ahead, ahead_bytes;                              /* what is asked for beyond a row that is read */
    const char *x_limit;                                       /* end of what may be read, */
    const char *out_limit, *index_limit;                       /* and of what is written again after being written */
    int64_t flip;                                              /* makes a maximum of signed numbers of it; for halves 0 or -1 */
    int infinity;                                              /* of halves, their bits */
    int streams;                                               /* results go past the cache */
    int spills;                                                /* rows of results follow each other */
    int by_window;                                             /* indices count taps, in bytes; else cells, in int64 */
    void *ring;                                                /* a thread's scratch: rows, ring_mask + 1 of them, */
    ptrdiff_t pitch, phase, margin, ring_mask;                 /* and elements from one to the next, of a phase, before a row */
    ptrdiff_t block;                                           /* output rows whose input is in the ring at once */
    void *plain, *ordinals, *start;
    char *unusual;
    const ptrdiff_t *column;                                   /* where a tap's cells are, counted from a row's first */
} cypool_winners;

typedef void (*cypool_winners_t)(const cypool_winners *call, char *out, char *index, const char *x, ptrdiff_t planes,
                                 ptrdiff_t o0, ptrdiff_t o1);

/* An axis of regular windows: output j's first tap is at j * stride - pad.  Outputs lo..hi have all taps inside. */
typedef struct {
    int64_t taps, stride, pad, step, cells, outputs, lo, hi;
} cypool_axis;

/* Whether the indices of output rows o0..o1 belong to their windows: the first row in which one does not, or -1; scatter.h.
 * With `codes`, windows have less than 255 taps, and the code of row o's output j is written to codes[(o & mask) * pitch + j]. */
typedef int64_t (*cypool_check_t)(const cypool_axis *down, const cypool_axis *across, const char *index, int64_t index_row,
                                  int64_t o0, int64_t o1, uint8_t *codes, ptrdiff_t pitch, ptrdiff_t mask);
/* cells[index - cell0] += gradient, for those of the n indices that name one of the n_cells */
typedef void (*cypool_add_t)(void *cells, const void *gradient, const void *index, int64_t n, int64_t cell0, int64_t n_cells);

/* Sums of windows of k along a row; sweep.h.  `phase`: the first cell's place in its block.  Two more arrays like the cells'
 * are written to. */
typedef void (*cypool_sweep_t)(void *out, const void *cells, ptrdiff_t k, ptrdiff_t stride, ptrdiff_t phase, ptrdiff_t columns,
                               ptrdiff_t lanes, void *to_end, void *from_start);

/* Cells and their places as one number each, and back; and places as indices: placed.h. */
typedef void (*cypool_place_t)(int64_t *out, const void *cells, ptrdiff_t columns, ptrdiff_t lanes, int32_t place, int32_t flip);
typedef void (*cypool_unplace_t)(void *values, int32_t *places, const int64_t *placed, ptrdiff_t n, int32_t flip);
typedef void (*cypool_number_t)(void *out, const int32_t *places, ptrdiff_t columns, ptrdiff_t lanes, int bits,
                                uint32_t row_scale, uint32_t first, uint32_t stride);

/* Long windows; blocks.h.  Pitches and n in elements; rows and pitches have room for CYPOOL_BLOCKS_MARGIN bytes more.
 * across: windows of k, `stride` apart, along `rows` rows at once, the first cell at place `phase` of its block of k; of the
 *         cells, columns begin..end are there.
 * down: each of `rows` rows of `next` joins the prefix, and takes a place in `kept`.  Before that the window that ends before
 *       it, of a row of `ends` and the prefix, goes to `out`, times `factors`, and in the cells' type, where sums are wider.
 * up: of the kept rows first..last, each becomes all from it to the last. */
typedef void (*cypool_across_t)(void *out, ptrdiff_t out_pitch, const void *cells, ptrdiff_t pitch, ptrdiff_t begin,
                                ptrdiff_t end, ptrdiff_t k, ptrdiff_t stride, ptrdiff_t phase, ptrdiff_t columns, void *scratch);
typedef void (*cypool_down_t)(void *out, ptrdiff_t out_pitch, const void *ends, ptrdiff_t ends_pitch, void *kept,
                              ptrdiff_t pitch, void *prefix, const void *next, ptrdiff_t next_pitch, ptrdiff_t rows,
                              ptrdiff_t n, const void *factors);
typedef void (*cypool_up_t)(void *kept, ptrdiff_t pitch, ptrdiff_t first, ptrdiff_t last, ptrdiff_t n);
typedef struct {
    cypool_across_t across;
    cypool_down_t down;
    cypool_up_t up;
    int rows;
} cypool_blocks;
enum { CYPOOL_BLOCKS_MARGIN = 128 };

/* A call of a kernel of beside.h: as many planes as a vector has elements. */
typedef struct {
    ptrdiff_t height, width, rows, columns;      /* of the planes, and of what comes out */
    ptrdiff_t lead_taps, lead_before, taps, before;
    ptrdiff_t x_plane, out_plane;                /* elements */
    void *cells, *folded, *ends;                 /* a thread's scratch: vectors of planes, of planes folded down, of four lines */
} cypool_beside;
/* 0: there is a NaN, and nothing was written */
typedef int (*cypool_beside_t)(const cypool_beside *call, void *out, const void *x);

enum { CYPOOL_CHOSEN_TAPS = 9 }; /* of a window at most */

/* A call of a kernel of chosen.h: rows of a plane of the input's gradient. */
typedef struct {
    ptrdiff_t columns, outputs;    /* cells and outputs of a row */
    ptrdiff_t rows;                /* output rows of a plane */
    /* Cell q + m * phases of a row has holders[q] holders, `step` apart, the first one being output first[q] + m, be there
     * such outputs or not.  That one's tap[q] is the cell, the next one's tap is `turn` less.  The same for rows, their taps
     * in units of a row of taps. */
    int phases;
    ptrdiff_t first[2], holders[2], tap[2], step, turn;
    ptrdiff_t lead_phases, lead_first[8], lead_holders[8], lead_tap[8], lead_step, lead_turn;
    int fused;                     /* taps of windows of 2x2 or 3x3 at strides of 2, else 0 */
    ptrdiff_t lead_before, lead_reach;              /* padding; cells from a leading window's first to its last tap */
    ptrdiff_t grad_row, index_row, out_row;         /* bytes */
    const char *grad_begin, *grad_end;              /* what may be read */
    const char *out_limit;                          /* end of what is written again after being written */
    int streams;                                    /* results go past the cache: rows of 16-byte blocks */
    cypool_axis down, across;                       /* for making codes of indices, by */
    cypool_check_t look;
    ptrdiff_t pitch, before;                        /* of rows of codes, of which element `before` is the first output's */
    void *grads;                                    /* a thread's scratch: CYPOOL_CHOSEN_TAPS rows, */
    uint8_t *codes;                                 /* and ring_mask + 1 rows, `block` of which are made at once */
    ptrdiff_t ring_mask, block;
} cypool_chosen;

typedef int64_t (*cypool_chosen_t)(const cypool_chosen *call, char *out, const char *grad, const char *index,
                                   const uint8_t *codes, ptrdiff_t y0, ptrdiff_t y1);

#endif
