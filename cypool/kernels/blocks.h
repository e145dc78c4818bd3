/* Long windows, of one operator and element type, at the same cost for every length.  Included for each by vectors_table.h,
 * which defines KERNEL, A, V, M, SIZE, COMBINE and IDENTITY; and SOURCE and READ where cells are read in another type.
 *
 * Cells are cut into blocks of k at multiples of k.  A window is the end of one block and the beginning of the next, so what
 * is folded from each cell to its block's end, and from its block's beginning to each cell, gives every window by one more
 * step (van Herk 1992; Gil and Werman 1993).  Nothing is ever taken away: an infinity, a NaN or a huge value stays in its own
 * windows.  Along columns (`across`) as many rows as fill vectors go side by side, turned by 16-byte squares, so that steps
 * that wait for each other fill whole vectors; along rows (`down`, `up`) vectors lie as the rows do.
 *
 * Rows of cells can be read, and rows of results be written behind their ends, CYPOOL_BLOCKS_MARGIN bytes further than they
 * reach: all is done in whole vectors.
 */

typedef V FN(blocks_any) __attribute__((aligned(1), may_alias));
CYPOOL_FN V FN(blocks_at)(const A *a) { return *(const FN(blocks_any) *)a; }
CYPOOL_FN void FN(blocks_put)(A *a, V v) { *(FN(blocks_any) *)a = v; }

/* L vectors, each 16 bytes of L rows (and of L more, in a second half), become vectors of columns; and back. */
CYPOOL_FN void FN(blocks_turn)(V *v) {
    enum { L = 16 / SIZE };
    V t[L];
#pragma GCC unroll 4
    for (int done = 1; done < L; done *= 2) {
        CYPOOL_EACH(i, L / 2) {
            t[2 * i] = (V)CYPOOL_JOIN(cypool_lower, SIZE)((M)v[i], (M)v[i + L / 2]);
            t[2 * i + 1] = (V)CYPOOL_JOIN(cypool_upper, SIZE)((M)v[i], (M)v[i + L / 2]);
        }
        CYPOOL_EACH(i, L) v[i] = t[i];
    }
}
CYPOOL_FN void FN(blocks_load)(V *v, const A *cells, ptrdiff_t pitch) {
    enum { L = 16 / SIZE };
    CYPOOL_EACH(i, L) v[i] = (V)cypool_join16(cells + i * pitch, cells + (L + i) * pitch);
    FN(blocks_turn)(v);
}
CYPOOL_FN void FN(blocks_store)(A *cells, ptrdiff_t pitch, V *v) {
    enum { L = 16 / SIZE };
    FN(blocks_turn)(v);
    CYPOOL_EACH(i, L) cypool_part16(cells + i * pitch, cells + (L + i) * pitch, (cypool_vi64)v[i]);
}

/* Folding along columns takes N vectors of rows side by side: steps that wait for each other leave room for a second one. */
enum { FN(blocks_many) = SIZE == 8 ? 2 : 1, FN(blocks_rows) = FN(blocks_many) * (CYPOOL_VB / SIZE) };

/* A group of columns: as many as 16 bytes of the source hold, of all rows. */
#ifdef SOURCE
enum { FN(blocks_group) = 16 / sizeof(SOURCE) };
CYPOOL_FN void FN(blocks_read)(V v[FN(blocks_many)][FN(blocks_group)], const SOURCE *cells, ptrdiff_t pitch) {
    READ(v, cells, pitch);
}
#else
#define SOURCE A
enum { FN(blocks_group) = 16 / SIZE };
CYPOOL_FN void FN(blocks_read)(V v[FN(blocks_many)][FN(blocks_group)], const A *cells, ptrdiff_t pitch) {
    CYPOOL_EACH(b, FN(blocks_many)) FN(blocks_load)(v[b], cells + b * (CYPOOL_VB / SIZE) * pitch, pitch);
}
#endif
CYPOOL_FN void FN(blocks_write)(A *out, ptrdiff_t pitch, V v[FN(blocks_many)][FN(blocks_group)]) {
    enum { L = FN(blocks_group), Q = 16 / SIZE };
    CYPOOL_EACH(b, FN(blocks_many)) CYPOOL_EACH(q, L / Q)
        FN(blocks_store)(out + b * (CYPOOL_VB / SIZE) * pitch + q * Q, pitch, &v[b][q * Q]);
}

/* The same from where the code would stand once for each column. */
static CYPOOL_APART void FN(blocks_write_group)(A *out, ptrdiff_t pitch, V v[FN(blocks_many)][FN(blocks_group)]) {
    FN(blocks_write)(out, pitch, v);
}

/* Windows one cell apart that begin at places first..last of one block, each cell of `block` being all from it to the block's
 * last, and end in the next, whose first cells are in `run`.  The next block's cells, from `cells` on, take their places.  Up
 * to a group more is read and written behind the last. */
CYPOOL_FN void FN(blocks_slide)(A *out, ptrdiff_t out_pitch, const SOURCE *cells, ptrdiff_t pitch, ptrdiff_t first,
                                ptrdiff_t last, V (*block)[FN(blocks_many)], V *run) {
    enum { L = FN(blocks_group), N = FN(blocks_many) };
    for (ptrdiff_t i = first; i < last; i += L, cells += L, out += L) {
        V v[N][L];
        FN(blocks_read)(v, cells, pitch);
        CYPOOL_EACH(c, L) CYPOOL_EACH(b, N) {
            V next = v[b][c];
            v[b][c] = COMBINE(block[i + c][b], run[b]);
            block[i + c][b] = next;
            run[b] = COMBINE(run[b], next);
        }
        FN(blocks_write)(out, out_pitch, v);
    }
}

/* The same, `stride` cells apart, and the next block's cells until place `end`; returns how many windows there were. */
CYPOOL_FN ptrdiff_t FN(blocks_stride)(A *out, ptrdiff_t out_pitch, const SOURCE *cells, ptrdiff_t pitch, ptrdiff_t first,
                                      ptrdiff_t window, ptrdiff_t last, ptrdiff_t end, ptrdiff_t stride,
                                      V (*block)[FN(blocks_many)], V *run) {
    enum { L = FN(blocks_group), N = FN(blocks_many) };
    ptrdiff_t group = 0, windows = 0;
    V v[N][L];
    for (ptrdiff_t i = first; i < end; i += L, cells += L) {
        V w[N][L];
        FN(blocks_read)(w, cells, pitch);
        CYPOOL_EACH(c, L) {
            if (i + c == window && window < last) {
                CYPOOL_EACH(b, N) v[b][group] = COMBINE(block[i + c][b], run[b]);
                window += stride, windows++;
                if (++group == L || window >= last) FN(blocks_write_group)(out + windows - group, out_pitch, v), group = 0;
            }
            CYPOOL_EACH(b, N) block[i + c][b] = w[b][c], run[b] = COMBINE(run[b], w[b][c]);
        }
    }
    return windows;
}

/* Windows along the columns of FN(blocks_rows) rows.  `place`: the first cell's place in its block. */
static CYPOOL_APART void FN(blocks_across)(void *to, ptrdiff_t out_pitch, const void *from, ptrdiff_t pitch, ptrdiff_t k,
                                           ptrdiff_t stride, ptrdiff_t place, ptrdiff_t columns, void *scratch) {
    enum { L = FN(blocks_group), N = FN(blocks_many) };
    const SOURCE *cells = (const SOURCE *)from;
    A *out = (A *)to;
    V(*block)[N] = (V(*)[N])scratch;
    V nothing, run[N];
    ptrdiff_t left = (columns - 1) * stride + 1, window = place, i; /* `left`: from the first window's cell to the last one's */
    for (i = 0; i < CYPOOL_VB / SIZE; i++) nothing[i] = IDENTITY;
    for (i = place; i < k; i += L) {
        V v[N][L];
        FN(blocks_read)(v, cells + i - place, pitch);
        CYPOOL_EACH(c, L) CYPOOL_EACH(b, N) block[i + c][b] = v[b][c];
    }
    for (cells += k - place; left > 0; left -= k - place, cells += k, place = 0) {
        ptrdiff_t last = left < k - place ? place + left : k;
        CYPOOL_EACH(b, N) run[b] = nothing;
        for (i = k - 1; i > place; i -= 2) CYPOOL_EACH(b, N) { /* in pairs: half as many steps wait for each other */
            V cell = block[i][b], pair = COMBINE(block[i - 1][b], cell);
            block[i][b] = COMBINE(cell, run[b]);
            block[i - 1][b] = run[b] = COMBINE(pair, run[b]);
        }
        if (i == place) CYPOOL_EACH(b, N) block[i][b] = COMBINE(block[i][b], run[b]);
        CYPOOL_EACH(b, N) run[b] = nothing;
        for (i = 0; i < place; i += L) { /* the first window does not begin with a block */
            V v[N][L];
            ptrdiff_t rest = place - i;
            FN(blocks_read)(v, cells + i, pitch);
            CYPOOL_EACH(c, L) if (c < rest) CYPOOL_EACH(b, N) block[i + c][b] = v[b][c], run[b] = COMBINE(run[b], v[b][c]);
        }
        if (stride == 1) {
            FN(blocks_slide)(out, out_pitch, cells + place, pitch, place, last, block, run);
            out += last - place;
        } else {
            i = FN(blocks_stride)(out, out_pitch, cells + place, pitch, place, window, last, left > k - place ? k : last,
                                  stride, block, run);
            out += i, window += i * stride - k;
        }
    }
}

/* A vector of windows to their row; in the source's type, times their factors, where that is another one. */
#ifdef READ
CYPOOL_FN void FN(blocks_finish)(SOURCE *out, V v, const A *factors) {
    typedef SOURCE half __attribute__((vector_size(CYPOOL_VB * sizeof(SOURCE) / SIZE)));
    half h = __builtin_convertvector(v * FN(blocks_at)(factors), half);
    memcpy(out, &h, sizeof h);
}
#else
CYPOOL_FN void FN(blocks_finish)(A *out, V v, const A *factors) {
    (void)factors;
    FN(blocks_put)(out, v);
}
#endif

/* One more row of the next block: it takes the place of a kept one, which gives `out` if that is wanted. */
static CYPOOL_APART void FN(blocks_down)(void *to, void *kept_row, void *prefix_row, const void *next_row, ptrdiff_t n,
                                         const void *all_factors) {
    enum { R = CYPOOL_VB / SIZE };
    A *kept = (A *)kept_row, *prefix = (A *)prefix_row;
    const A *row = (const A *)next_row, *factors = (const A *)all_factors;
    SOURCE *out = (SOURCE *)to, last[R];
    ptrdiff_t i = 0;
    V before, next;
#define CYPOOL_NEXT                                                                                                    \
    before = FN(blocks_at)(prefix + i);                                                                                \
    next = FN(blocks_at)(row + i);                                                                                     \
    FN(blocks_put)(prefix + i, COMBINE(before, next))
    if (out)
        for (; i <= n - R; i += R) {
            CYPOOL_NEXT;
            FN(blocks_finish)(out + i, COMBINE(FN(blocks_at)(kept + i), before), factors + i);
            FN(blocks_put)(kept + i, next);
        }
    for (; i < n; i += R) {
        CYPOOL_NEXT;
        if (out) {
            FN(blocks_finish)(last, COMBINE(FN(blocks_at)(kept + i), before), factors + i);
            memcpy(out + i, last, (n - i) * sizeof(SOURCE));
        }
        FN(blocks_put)(kept + i, next);
    }
#undef CYPOOL_NEXT
}

/* Kept rows first..last, `pitch` elements apart: each becomes all from it to the last. */
static CYPOOL_APART void FN(blocks_up)(void *rows, ptrdiff_t pitch, ptrdiff_t first, ptrdiff_t last, ptrdiff_t n) {
    enum { R = CYPOOL_VB / SIZE };
    for (ptrdiff_t i = 0; i < n; i += 4 * R) {
        A *at = (A *)rows + last * pitch + i;
        V run[4];
        CYPOOL_EACH(q, 4) run[q] = FN(blocks_at)(at + q * R);
        for (ptrdiff_t t = last - 1; t >= first; t--) {
            at -= pitch;
            CYPOOL_EACH(q, 4) {
                run[q] = COMBINE(FN(blocks_at)(at + q * R), run[q]);
                FN(blocks_put)(at + q * R, run[q]);
            }
        }
    }
}

#undef SOURCE
