/* Long windows, of one operator and element type, at the same cost for every length.  Included for each by vectors_table.h,
 * which defines KERNEL, A, V, M, SIZE, COMBINE and IDENTITY; SOURCE and READ where cells are read in another type; and PLAIN
 * and UNORDERED where a NaN makes the difference between a maximum of three instructions and of one.
 *
 * Cells are cut into blocks of k at multiples of k.  A window is the end of one block and the beginning of the next, so what
 * is folded from each cell to its block's end, and from its block's beginning to each cell, gives every window by one more
 * step (van Herk 1992; Gil and Werman 1993).  Nothing is ever taken away: an infinity, a NaN or a huge value stays in its own
 * windows.  Along columns (`across`) as many rows as fill vectors go side by side, turned by 16-byte squares, so that steps
 * that wait for each other fill whole vectors; along rows (`down`, `up`) vectors lie as the rows do.
 *
 * Rows of results are written CYPOOL_BLOCKS_MARGIN bytes further than they reach: all is done in whole vectors.  Cells are
 * read where they are, and what a window reaches beyond them is the identity.
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
/* CYPOOL_VB / SIZE vectors, or 16 / SIZE where that is too many for registers. */
CYPOOL_FN void FN(blocks_store)(A *cells, ptrdiff_t pitch, V *v) {
    enum { L = 16 / SIZE };
    FN(blocks_turn)(v);
#if CYPOOL_VB == 32 && SIZE >= 4
    FN(blocks_turn)(v + L);
    CYPOOL_EACH(i, L) {
        FN(blocks_put)(cells + i * pitch, (V)cypool_low16((cypool_vi64)v[i], (cypool_vi64)v[L + i]));
        FN(blocks_put)(cells + (L + i) * pitch, (V)cypool_high16((cypool_vi64)v[i], (cypool_vi64)v[L + i]));
    }
#else
    CYPOOL_EACH(i, L) cypool_part16(cells + i * pitch, cells + (L + i) * pitch, (cypool_vi64)v[i]);
#endif
}

/* Folding along columns takes N vectors of rows side by side: steps that wait for each other leave room for a second one. */
enum { FN(blocks_many) = SIZE == 8 ? 2 : 1, FN(blocks_rows) = FN(blocks_many) * (CYPOOL_VB / SIZE) };

/* A group of columns: as many as 16 bytes of the source hold, of all rows; or 32, where registers hold that. */
#ifdef SOURCE
enum { FN(blocks_group) = 16 / sizeof(SOURCE) };
CYPOOL_FN void FN(blocks_read)(V v[FN(blocks_many)][FN(blocks_group)], const SOURCE *cells, ptrdiff_t pitch) {
    READ(v, cells, pitch);
}
#else
#define SOURCE A
enum { FN(blocks_group) = (SIZE < 4 ? 16 : CYPOOL_VB) / SIZE };
CYPOOL_FN void FN(blocks_read)(V v[FN(blocks_many)][FN(blocks_group)], const A *cells, ptrdiff_t pitch) {
    enum { L = FN(blocks_group), Q = 16 / SIZE };
    CYPOOL_EACH(b, FN(blocks_many)) CYPOOL_EACH(q, L / Q)
        FN(blocks_load)(&v[b][q * Q], cells + b * (CYPOOL_VB / SIZE) * pitch + q * Q, pitch);
}
#endif

/* Rows of cells, of which columns begin..end are there: a group at least. */
typedef struct {
    const SOURCE *cells;
    ptrdiff_t pitch, begin, end;
} FN(blocks_source);
/* Along columns NaNs are looked for, and as long as there is none, `careful` is 0. */
#ifdef UNORDERED
#define CYPOOL_STEP(a, b) (careful ? COMBINE(a, b) : PLAIN(b, a))
#define CYPOOL_NOTE(a, b) (*bad = (V)((M)*bad | (M)UNORDERED(a, b)))
#else
#define CYPOOL_STEP(a, b) COMBINE(a, b)
#define CYPOOL_NOTE(a, b) ((void)0)
#endif
/* The group from column `at` on, wherever that is, to memory. */
static CYPOOL_APART void FN(blocks_fetch)(V (*v)[FN(blocks_group)], const FN(blocks_source) * from, ptrdiff_t at, V *bad) {
    enum { L = FN(blocks_group), N = FN(blocks_many) };
    ptrdiff_t near = at < from->begin ? from->begin : at > from->end - L ? from->end - L : at, c, b;
    V w[N][L], nothing, *to = v[0];
    FN(blocks_read)(w, from->cells + near, from->pitch);
    (void)bad;
    CYPOOL_EACH(i, N) CYPOOL_EACH(q, L / 2) CYPOOL_NOTE(w[i][2 * q], w[i][2 * q + 1]);
    CYPOOL_EACH(i, N) CYPOOL_EACH(q, L) v[i][q] = w[i][q];
    if (near == at) return;
    for (c = 0; c < CYPOOL_VB / SIZE; c++) nothing[c] = IDENTITY;
    near = at - near; /* so many columns too far to the right, or to the left */
    for (b = 0; b < N; b++, to += L) {
#pragma GCC unroll 1
        for (c = 0; c < L; c++) to[c] = (size_t)(c + near) < (size_t)L ? w[b][c + near] : nothing;
    }
}
/* The same, to registers. */
CYPOOL_FN void FN(blocks_take)(V v[FN(blocks_many)][FN(blocks_group)], const FN(blocks_source) * from, ptrdiff_t at, V *bad) {
    enum { L = FN(blocks_group), N = FN(blocks_many) };
    if (at < from->begin || at + L > from->end) {
        V w[N][L]; /* not `v`, which would stay in memory for this */
        FN(blocks_fetch)(w, from, at, bad);
        CYPOOL_EACH(b, N) CYPOOL_EACH(c, L) v[b][c] = w[b][c];
        return;
    }
    FN(blocks_read)(v, from->cells + at, from->pitch);
    CYPOOL_EACH(b, N) CYPOOL_EACH(c, L / 2) CYPOOL_NOTE(v[b][2 * c], v[b][2 * c + 1]);
}
CYPOOL_FN void FN(blocks_write)(A *out, ptrdiff_t pitch, V v[FN(blocks_many)][FN(blocks_group)]) {
    enum { L = FN(blocks_group), Q = SIZE < 4 ? 16 / SIZE : CYPOOL_VB / SIZE };
    CYPOOL_EACH(b, FN(blocks_many)) CYPOOL_EACH(q, L / Q)
        FN(blocks_store)(out + b * (CYPOOL_VB / SIZE) * pitch + q * Q, pitch, &v[b][q * Q]);
}

static CYPOOL_APART void FN(blocks_write_apart)(A *out, ptrdiff_t pitch, const V (*v)[FN(blocks_group)]) {
    V w[FN(blocks_many)][FN(blocks_group)];
    memcpy(w, v, sizeof w);
    FN(blocks_write)(out, pitch, w);
}

/* Windows one cell apart that begin at places first..last of one block, each cell of `block` being all from it to the block's
 * last, and end in the next, whose first cells are in `run`.  The next block's cells, from column `at` on, take their places.
 * Up to a group more is written behind the last. */
CYPOOL_FN void FN(blocks_slide)(A *out, ptrdiff_t out_pitch, const FN(blocks_source) * from, ptrdiff_t at, ptrdiff_t first,
                                ptrdiff_t last, V (*block)[FN(blocks_many)], V *run, V *bad, int careful) {
    enum { L = FN(blocks_group), N = FN(blocks_many) };
    (void)careful;
    for (ptrdiff_t i = first; i < last; i += L, at += L, out += L) {
        V v[N][L];
        FN(blocks_take)(v, from, at, bad);
        CYPOOL_EACH(c, L) CYPOOL_EACH(b, N) {
            V next = v[b][c];
            v[b][c] = CYPOOL_STEP(block[i + c][b], run[b]);
            block[i + c][b] = next;
            run[b] = CYPOOL_STEP(run[b], next);
        }
        FN(blocks_write)(out, out_pitch, v);
    }
}

/* The same, `stride` cells apart, and the next block's cells until place `end`; returns how many windows there were. */
CYPOOL_FN ptrdiff_t FN(blocks_stride)(A *out, ptrdiff_t out_pitch, const FN(blocks_source) * from, ptrdiff_t at,
                                      ptrdiff_t first, ptrdiff_t window, ptrdiff_t last, ptrdiff_t end, ptrdiff_t stride,
                                      V (*block)[FN(blocks_many)], V *run, V *bad, int careful) {
    enum { L = FN(blocks_group), N = FN(blocks_many) };
    ptrdiff_t group = 0, windows = 0;
    V v[N][L];
    (void)careful;
    for (ptrdiff_t i = first; i < end; i += L, at += L) {
        V w[N][L];
        FN(blocks_take)(w, from, at, bad);
        CYPOOL_EACH(c, L) {
            if (i + c == window && window < last) {
                CYPOOL_EACH(b, N) v[b][group] = CYPOOL_STEP(block[i + c][b], run[b]);
                window += stride, windows++;
                if (++group == L || window >= last) FN(blocks_write_apart)(out + windows - group, out_pitch, (const V(*)[L])v), group = 0;
            }
            CYPOOL_EACH(b, N) block[i + c][b] = w[b][c], run[b] = CYPOOL_STEP(run[b], w[b][c]);
        }
    }
    return windows;
}

/* Windows along the columns of FN(blocks_rows) rows.  `place`: the first cell's place in its block. */
CYPOOL_FN void FN(blocks_windows)(A *out, ptrdiff_t out_pitch, const FN(blocks_source) * from, ptrdiff_t k, ptrdiff_t stride,
                                  ptrdiff_t place, ptrdiff_t columns, V (*block)[FN(blocks_many)], V *bad, int careful) {
    enum { L = FN(blocks_group), N = FN(blocks_many) };
    V nothing, run[N];
    /* `left`: from the first window's cell to the last one's; `at`: the column at which the next block begins */
    ptrdiff_t left = (columns - 1) * stride + 1, window = place, at = k - place, i;
    (void)careful;
    for (i = 0; i < CYPOOL_VB / SIZE; i++) nothing[i] = IDENTITY;
    for (i = place; i < k; i += L) {
        V v[N][L];
        FN(blocks_take)(v, from, i - place, bad);
        CYPOOL_EACH(c, L) CYPOOL_EACH(b, N) block[i + c][b] = v[b][c];
    }
    for (; left > 0; left -= k - place, at += k, place = 0) {
        ptrdiff_t last = left < k - place ? place + left : k;
        CYPOOL_EACH(b, N) run[b] = nothing;
        for (i = k - 1; i > place; i -= 2) CYPOOL_EACH(b, N) { /* in pairs: half as many steps wait for each other */
            V cell = block[i][b], pair = CYPOOL_STEP(block[i - 1][b], cell);
            block[i][b] = CYPOOL_STEP(cell, run[b]);
            block[i - 1][b] = run[b] = CYPOOL_STEP(pair, run[b]);
        }
        if (i == place) CYPOOL_EACH(b, N) block[i][b] = CYPOOL_STEP(block[i][b], run[b]);
        CYPOOL_EACH(b, N) run[b] = nothing;
        for (i = 0; i < place; i += L) { /* the first window does not begin with a block */
            V v[N][L];
            ptrdiff_t c, n = place - i < L ? place - i : L;
            FN(blocks_fetch)(v, from, at + i, bad);
#pragma GCC unroll 1
            for (c = 0; c < n; c++) CYPOOL_EACH(b, N) block[i + c][b] = v[b][c], run[b] = CYPOOL_STEP(run[b], v[b][c]);
        }
        if (stride == 1) {
            FN(blocks_slide)(out, out_pitch, from, at + place, place, last, block, run, bad, careful);
            out += last - place;
        } else {
            i = FN(blocks_stride)(out, out_pitch, from, at + place, place, window, last, left > k - place ? k : last,
                                  stride, block, run, bad, careful);
            out += i, window += i * stride - k;
        }
    }
}

static CYPOOL_APART void FN(blocks_across)(void *to, ptrdiff_t out_pitch, const void *cells, ptrdiff_t pitch, ptrdiff_t begin,
                                           ptrdiff_t end, ptrdiff_t k, ptrdiff_t stride, ptrdiff_t place, ptrdiff_t columns,
                                           void *scratch) {
    const FN(blocks_source) from = {(const SOURCE *)cells, pitch, begin, end};
    V bad = (V){0};
#ifdef UNORDERED
    FN(blocks_windows)(to, out_pitch, &from, k, stride, place, columns, (V(*)[FN(blocks_many)])scratch, &bad, 0);
    if (!cypool_any((cypool_vi64)bad)) return;
#endif
    FN(blocks_windows)(to, out_pitch, &from, k, stride, place, columns, (V(*)[FN(blocks_many)])scratch, &bad, 1);
}
#undef CYPOOL_STEP
#undef CYPOOL_NOTE

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

/* Rows of the next block join the prefix, one after the other, and before that each gives a row of windows with the end of
 * the block before, in `ends`, and takes a place in `kept`; without `to` or `kept` not. */
static CYPOOL_APART void FN(blocks_down)(void *to, ptrdiff_t out_pitch, const void *ends, ptrdiff_t ends_pitch, void *kept_rows,
                                         ptrdiff_t pitch, void *prefix_row, const void *next_rows, ptrdiff_t next_pitch,
                                         ptrdiff_t rows, ptrdiff_t n, const void *all_factors) {
    enum { R = CYPOOL_VB / SIZE, W = 4 * R }; /* whole lines at a time */
    const A *factors = (const A *)all_factors;
    A unkept[W];
    SOURCE some[W];
    for (ptrdiff_t i = 0; i < n; i += W) {
        const A *end = (const A *)ends + i, *next = (const A *)next_rows + i;
        A *kept = kept_rows ? (A *)kept_rows + i : unkept, *prefix = (A *)prefix_row + i;
        SOURCE *out = to && i <= n - W ? (SOURCE *)to + i : some, *part = out == some && to ? (SOURCE *)to + i : some;
        V run[4], row[4];
        CYPOOL_EACH(q, 4) run[q] = FN(blocks_at)(prefix + q * R);
        for (ptrdiff_t r = 0; r < rows; r++) {
            CYPOOL_EACH(q, 4) row[q] = FN(blocks_at)(next + q * R);
            CYPOOL_EACH(q, 4) FN(blocks_finish)(out + q * R, COMBINE(FN(blocks_at)(end + q * R), run[q]), factors + i + q * R);
            CYPOOL_EACH(q, 4) FN(blocks_put)(kept + q * R, row[q]);
            CYPOOL_EACH(q, 4) run[q] = COMBINE(run[q], row[q]);
            end += ends_pitch, next += next_pitch;
            if (kept != unkept) kept += pitch;
            if (out != some)
                out += out_pitch;
            else if (part != some)
                memcpy(part, some, (size_t)(n - i) * sizeof(SOURCE)), part += out_pitch;
        }
        CYPOOL_EACH(q, 4) FN(blocks_put)(prefix + q * R, run[q]);
    }
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
