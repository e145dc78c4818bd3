/* Long windows, of one operator and element type, at the same cost for every length.  Included for each by vectors_table.h,
 * which defines KERNEL, A, V, SIZE, COMBINE and IDENTITY.
 *
 * Cells are cut into blocks of k at multiples of k.  A window is the end of one block and the beginning of the next, so what
 * is folded from each cell to its block's end, and from its block's beginning to each cell, gives every window by one more
 * step (van Herk 1992; Gil and Werman 1993).  Nothing is ever taken away: an infinity, a NaN or a huge value stays in its own
 * windows.  Along columns (`across`) as many rows as fill vectors go side by side, turned by 16-byte squares, so that steps
 * that wait for each other fill whole vectors; along rows (`down`, `up`) vectors lie as the rows do.
 *
 * Rows have CYPOOL_BLOCKS_MARGIN elements more than are meant, to be read and written in whole vectors.
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

/* What a group of columns is folded from and into; the places of its cells in their blocks follow from the first one's. */
CYPOOL_FN void FN(blocks_group)(V v[FN(blocks_many)][16 / SIZE], const A *cells, ptrdiff_t pitch) {
    CYPOOL_EACH(b, FN(blocks_many)) FN(blocks_load)(v[b], cells + b * (CYPOOL_VB / SIZE) * pitch, pitch);
}

/* From each cell of columns 0..starts to its block's end. */
CYPOOL_FN void FN(blocks_ends)(V (*to_end)[FN(blocks_many)], const A *cells, ptrdiff_t pitch, ptrdiff_t k, ptrdiff_t phase,
                               ptrdiff_t starts, V nothing) {
    enum { L = 16 / SIZE, N = FN(blocks_many) };
    ptrdiff_t end = starts - 1 + k - (phase + starts - 1) % k, i = (end - 1) / L * L, place = (phase + i) % k;
    V run[N];
    CYPOOL_EACH(b, N) run[b] = nothing;
    for (; i >= 0; i -= L) {
        V v[N][L];
        FN(blocks_group)(v, cells + i, pitch);
        if (place + L < k) {
            CYPOOL_EACH(c, L) CYPOOL_EACH(b, N) v[b][L - 1 - c] = run[b] = COMBINE(v[b][L - 1 - c], run[b]);
        } else {
            ptrdiff_t at = (place + L) % k; /* of the cell behind */
            CYPOOL_EACH(c, L) {
                if (at == 0) CYPOOL_EACH(b, N) run[b] = nothing;
                CYPOOL_EACH(b, N) v[b][L - 1 - c] = run[b] = COMBINE(v[b][L - 1 - c], run[b]);
                at = at == 0 ? k - 1 : at - 1;
            }
        }
        if (i < starts) CYPOOL_EACH(c, L) CYPOOL_EACH(b, N) to_end[i + c][b] = v[b][c];
        for (place -= L; place < 0;) place += k;
    }
}

/* Windows one cell apart: `run` goes from the beginning of its last cell's block to that cell. */
CYPOOL_FN void FN(blocks_slide)(A *out, ptrdiff_t out_pitch, const A *cells, ptrdiff_t pitch, ptrdiff_t k, ptrdiff_t place,
                                ptrdiff_t columns, V (*to_end)[FN(blocks_many)], V *run, V nothing) {
    enum { L = 16 / SIZE, N = FN(blocks_many) };
    for (ptrdiff_t j = 0; j < columns; j += L) {
        V v[N][L];
        FN(blocks_group)(v, cells + j + k - 1, pitch);
        if (place >= 2 && place + L <= k) {
            CYPOOL_EACH(c, L) CYPOOL_EACH(b, N) {
                run[b] = COMBINE(run[b], v[b][c]);
                v[b][c] = COMBINE(to_end[j + c][b], run[b]);
            }
        } else {
            ptrdiff_t at = place;
            CYPOOL_EACH(c, L) {
                if (at == 1) CYPOOL_EACH(b, N) run[b] = nothing;
                CYPOOL_EACH(b, N) {
                    run[b] = COMBINE(run[b], v[b][c]);
                    v[b][c] = at ? COMBINE(to_end[j + c][b], run[b]) : to_end[j + c][b]; /* a window that is a block */
                }
                at = at == k - 1 ? 0 : at + 1;
            }
        }
        CYPOOL_EACH(b, N) FN(blocks_store)(out + b * (CYPOOL_VB / SIZE) * out_pitch + j, out_pitch, v[b]);
        for (place += L; place >= k;) place -= k;
    }
}

/* Windows any number of cells apart, by the same steps. */
CYPOOL_FN void FN(blocks_stride)(A *out, ptrdiff_t out_pitch, const A *cells, ptrdiff_t pitch, ptrdiff_t k, ptrdiff_t stride,
                                 ptrdiff_t phase, ptrdiff_t columns, V (*to_end)[FN(blocks_many)], V *run, V nothing) {
    enum { L = 16 / SIZE, N = FN(blocks_many) };
    ptrdiff_t i = k - 1, place = phase, at = (phase + k - 1) % k, j;
    V v[N][L], w[N][L];
    for (j = 0; j < columns; j++) {
        for (; i <= j * stride + k - 1; i++) {
            ptrdiff_t c = (i - (k - 1)) % L;
            if (c == 0) FN(blocks_group)(w, cells + i, pitch);
            if (at == 0) CYPOOL_EACH(b, N) run[b] = nothing;
            CYPOOL_EACH(b, N) run[b] = COMBINE(run[b], w[b][c]);
            at = at == k - 1 ? 0 : at + 1;
        }
        CYPOOL_EACH(b, N) v[b][j % L] = place ? COMBINE(to_end[j * stride][b], run[b]) : to_end[j * stride][b];
        if (j % L == L - 1 || j == columns - 1)
            CYPOOL_EACH(b, N) FN(blocks_store)(out + b * (CYPOOL_VB / SIZE) * out_pitch + j / L * L, out_pitch, v[b]);
        for (place += stride; place >= k;) place -= k;
    }
}

/* Windows along the columns of FN(blocks_rows) rows.  `phase`: the first cell's place in its block. */
static CYPOOL_APART void FN(blocks_across)(void *out, ptrdiff_t out_pitch, const void *from, ptrdiff_t pitch, ptrdiff_t k,
                                           ptrdiff_t stride, ptrdiff_t phase, ptrdiff_t columns, void *scratch) {
    enum { L = 16 / SIZE, N = FN(blocks_many) };
    const A *cells = (const A *)from;
    V(*to_end)[N] = (V(*)[N])scratch;
    V nothing, run[N];
    ptrdiff_t i, rest;
    for (i = 0; i < CYPOOL_VB / SIZE; i++) nothing[i] = IDENTITY;
    FN(blocks_ends)(to_end, cells, pitch, k, phase, (columns - 1) * stride + 1, nothing);
    CYPOOL_EACH(b, N) run[b] = nothing;
    for (i = (k - phase) % k; i < k - 1; i += L) { /* the block's cells before the first window's last */
        V v[N][L];
        FN(blocks_group)(v, cells + i, pitch);
        rest = k - 1 - i;
        CYPOOL_EACH(c, L) if (c < rest) CYPOOL_EACH(b, N) run[b] = COMBINE(run[b], v[b][c]);
    }
    if (stride == 1)
        FN(blocks_slide)((A *)out, out_pitch, cells, pitch, k, phase, columns, to_end, run, nothing);
    else
        FN(blocks_stride)((A *)out, out_pitch, cells, pitch, k, stride, phase, columns, to_end, run, nothing);
}

/* One more row of the next block: it takes the place of a kept one, which gives `out` if that is wanted. */
static CYPOOL_APART void FN(blocks_down)(void *out, void *kept_row, void *prefix_row, const void *next_row, ptrdiff_t n) {
    enum { R = CYPOOL_VB / SIZE };
    A *kept = (A *)kept_row, *prefix = (A *)prefix_row, *window = (A *)out;
    const A *row = (const A *)next_row;
    ptrdiff_t i = 0;
    V before, next;
#define CYPOOL_NEXT                                                                                                    \
    before = FN(blocks_at)(prefix + i);                                                                                \
    next = FN(blocks_at)(row + i);                                                                                     \
    FN(blocks_put)(prefix + i, COMBINE(before, next))
    if (window)
        for (; i <= n - R; i += R) {
            CYPOOL_NEXT;
            FN(blocks_put)(window + i, COMBINE(FN(blocks_at)(kept + i), before));
            FN(blocks_put)(kept + i, next);
        }
    for (; i < n; i += R) {
        CYPOOL_NEXT;
        before = COMBINE(FN(blocks_at)(kept + i), before);
        if (window) memcpy(window + i, &before, (n - i) * sizeof(A));
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
