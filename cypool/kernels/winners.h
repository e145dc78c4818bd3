/* Maxima and minima with the places they come from: small windows over contiguous rows of one lane.
 *
 * A window's taps are looked at in row-major order, its value and an ordinal in registers: a tap takes the place if it is
 * greater, and so the first of a tie stays.  The ordinal is the tap's offset in the plane, or its number in the window.
 *
 * Rows are brought first to a ring of rows with padding on both sides, a few rows of the plane that stay near.  There every
 * `stride`-th cell is next to the other (a phase), so that taps are plain loads for any stride; and there is seen whether a
 * row holds a NaN, which takes the place in any case and costs two more instructions a tap.  Minima are maxima of what is
 * flipped on the way in and out, and so are unsigned integers: one kernel serves all dtypes of a width.
 *
 * This file is a template: vectors_table.h includes it once for each kind of number, with these names defined:
 *
 *   FN(name)        the name of this instance's function
 *   S, A, V         element in memory; in the ring; vector of the latter
 *   O, N            integer as wide as A; vector of these, for ordinals and masks
 *   EVEN, ODD       every second element of two N
 *   LOAD(p, at)     S to V, flipped
 *   P, PACK(p, v)   vector of S, and V to P
 *   IDENTITY        below everything
 *   GREATER(b, a)   the greater of two without NaN, or nothing: then a mask alone does
 *   UNUSUAL(v)      mask of what takes the place even from its equal; nothing, where there is no such value
 *   EITHER(a, b)    mask of where one of two is unusual
 */

#define L ((ptrdiff_t)(sizeof(V) / sizeof(A)))
#define CYPOOL_WIDE (8 / sizeof(A)) /* vectors of positions for one of values */

CYPOOL_FN V FN(at)(const A *a) {
    V v;
    memcpy(&v, a, sizeof v);
    return v;
}

/* Cells of a row shorter than `block`: what is read too much is padding again later. */
CYPOOL_FN const S *FN(cells)(const cypool_winners *p, const char *row, S *cells, ptrdiff_t block) {
    if (p->width >= block || row + block * (ptrdiff_t)sizeof(S) <= p->x_limit) return (const S *)row;
    memset(cells, 0, (size_t)block * sizeof(S));
    memcpy(cells, row, (size_t)p->width * sizeof(S));
    return cells;
}

#ifdef UNUSUAL
#define CYPOOL_NOTE(a, b) (bad |= (N)EITHER(a, b))
#else
#define CYPOOL_NOTE(a, b) ((void)0)
#endif

/* A row to one phase. */
CYPOOL_FN N FN(fill_plain)(const cypool_winners *p, A *to, const char *x) {
    S some[sizeof(V) / sizeof(A)];
    const S *cells = FN(cells)(p, x, some, L);
    ptrdiff_t i;
    N bad = {0};
    V v;
    for (i = 0; i == 0 || i + L <= p->width; i += L) {
        v = LOAD(p, cells + i);
        CYPOOL_NOTE(v, v);
        memcpy(to + i, &v, sizeof v);
    }
    if (i < p->width) { /* the last vector once more, from the end */
        v = LOAD(p, cells + p->width - L);
        CYPOOL_NOTE(v, v);
        memcpy(to + p->width - L, &v, sizeof v);
    }
    return bad;
}

CYPOOL_FN void FN(put_apart)(A *to, ptrdiff_t phase, V low, V high) {
    V even = (V)cypool_in_order((cypool_vi64)EVEN((N)low, (N)high)), odd = (V)cypool_in_order((cypool_vi64)ODD((N)low, (N)high));
    memcpy(to, &even, sizeof even);
    memcpy(to + phase, &odd, sizeof odd);
}

/* A row to two phases. */
CYPOOL_FN N FN(fill_apart)(const cypool_winners *p, A *to, const char *x) {
    S some[2 * sizeof(V) / sizeof(A)];
    const S *cells = FN(cells)(p, x, some, 2 * L);
    ptrdiff_t i;
    N bad = {0};
    V low, high;
    for (i = 0; i == 0 || i + 2 * L <= p->width; i += 2 * L) {
        low = LOAD(p, cells + i), high = LOAD(p, cells + i + L);
        CYPOOL_NOTE(low, high);
        FN(put_apart)(to + i / 2, p->phase, low, high);
    }
    if (i < p->width) { /* the last vectors once more, from an even cell; and the last cell */
        i = (p->width - 2 * L) & ~(ptrdiff_t)1;
        low = LOAD(p, cells + i), high = LOAD(p, cells + i + L);
        CYPOOL_NOTE(low, high);
        FN(put_apart)(to + i / 2, p->phase, low, high);
        if (p->width & 1) {
            low = LOAD(p, cells + p->width - L);
            CYPOOL_NOTE(low, low);
            to[p->width / 2] = low[L - 1];
        }
    }
    return bad;
}

CYPOOL_FN N FN(fill_any)(const cypool_winners *p, A *to, const char *x) {
    A *plain = (A *)p->plain, *next = plain;
    N bad = FN(fill_plain)(p, plain, x);
    ptrdiff_t i, f;
    for (f = 0; f < p->stride; f++, to += p->phase) {
        next = plain + f;
        for (i = 0; f + i * p->stride < p->width; i++, next += p->stride) to[i] = *next;
    }
    return bad;
}

/* One row of the plane to its place in the ring; whether a value is in it that takes the place from its equal. */
static CYPOOL_APART int FN(fill)(const cypool_winners *p, A *to, const char *x) {
    N bad = p->stride == 1   ? FN(fill_plain)(p, to, x)
            : p->stride == 2 ? FN(fill_apart)(p, to, x)
                             : FN(fill_any)(p, to, x);
    ptrdiff_t f;
    V identity = (V){0} + (A)IDENTITY;
    for (f = 0; f < p->ahead_bytes; f += 64) cypool_ask(x + p->ahead + f);
    if (p->stride <= 2 && p->width < p->stride * L)
        for (f = 0; f < p->stride; f++)
            memcpy(to + f * p->phase + (p->width - f + p->stride - 1) / p->stride, &identity, sizeof identity);
    return cypool_any((cypool_vi64)bad);
}
#undef CYPOOL_NOTE

/* L windows from column j on: their values, and the ordinals of the taps. */
CYPOOL_FN V FN(windows)(const A *const *rows, int n_rows, int taps, int careful, const ptrdiff_t *column, const N *ordinals,
                        const char *start, ptrdiff_t j, N *chosen) {
    V best = FN(at)(rows[0] + column[0] + j), b;
    N ordinal, mask;
    int r, c;
    memcpy(&ordinal, start + j * (ptrdiff_t)sizeof(A), sizeof ordinal);
    ordinal += ordinals[0];
    for (r = 0; r < n_rows; r++)
        for (c = r == 0; c < taps; c++) {
            b = FN(at)(rows[r] + column[c] + j);
#ifdef UNUSUAL
            if (careful) {
                mask = (N)(b > best) | (N)UNUSUAL(b);
                best = CYPOOL_BLEND(mask, b, best, V, N);
                ordinal = CYPOOL_BLEND(mask, ordinals[r * taps + c], ordinal, N, N);
                continue;
            }
#endif
#ifdef GREATER
            b = GREATER(b, best);
            mask = (N)(b == best);
            ordinal = CYPOOL_BLEND(mask, ordinal, ordinals[r * taps + c], N, N);
            best = b;
#else
            mask = (N)(b > best);
            best = CYPOOL_BLEND(mask, b, best, V, N);
            ordinal = CYPOOL_BLEND(mask, ordinals[r * taps + c], ordinal, N, N);
#endif
        }
    *chosen = ordinal;
    return best;
}

/* To memory.  `place`: what is added to the first column's ordinal to make a position of it. */
CYPOOL_FN void FN(put)(const cypool_winners *p, char *out, char *index, V best, N ordinal, int64_t place, ptrdiff_t done) {
    P packed = PACK(p, best);
    cypool_vi64 position[CYPOOL_WIDE];
    ptrdiff_t q, from;
    if (p->streams && sizeof packed == sizeof(V)) {
        if (done == 0)
            cypool_stream(out, packed);
        else
            cypool_stream_end(out, packed, done * (ptrdiff_t)sizeof(S));
    } else
        memcpy(out, &packed, sizeof packed);
    if (p->by_window) {
        CYPOOL_JOIN(cypool_bytes_of, SIZE)(index, ordinal);
        return;
    }
    CYPOOL_JOIN(cypool_positions_of, SIZE)(position, ordinal, place, (int32_t)p->stride);
    if (!p->streams) {
        for (q = 0; q < (ptrdiff_t)CYPOOL_WIDE; q++)
            memcpy(index + q * (ptrdiff_t)sizeof(cypool_vi64), &position[q], sizeof(cypool_vi64));
        return;
    }
    for (q = 0; q < (ptrdiff_t)CYPOOL_WIDE; q++, index += sizeof(cypool_vi64)) {
        from = done * 8 - q * (ptrdiff_t)sizeof(cypool_vi64);
        if (from <= 0)
            cypool_stream(index, position[q]);
        else if (from < (ptrdiff_t)sizeof(cypool_vi64))
            cypool_stream_end(index, position[q], from);
    }
}

/* One output row. */
CYPOOL_FN void FN(row)(const cypool_winners *p, const A *const *row, int n_rows, int taps, int careful, ptrdiff_t skipped,
                       int64_t place, char *out, char *index) {
    const N *ordinals = (const N *)p->ordinals + skipped * taps;
    const char *start = (const char *)p->start;
    const ptrdiff_t index_size = p->by_window ? 1 : 8, n = p->columns;
    ptrdiff_t j;
    N ordinal;
    V best;
    for (j = 0; j + L <= n; j += L) {
        best = FN(windows)(row, n_rows, taps, careful, p->column, ordinals, start, j, &ordinal);
        FN(put)(p, out + j * (ptrdiff_t)sizeof(S), index + j * index_size, best, ordinal, place + j * p->stride, 0);
    }
    if (j == n) return;
    if (n >= L) { /* the last vector once more, from the end */
        best = FN(windows)(row, n_rows, taps, careful, p->column, ordinals, start, n - L, &ordinal);
        FN(put)(p, out + (n - L) * (ptrdiff_t)sizeof(S), index + (n - L) * index_size, best, ordinal,
                place + (n - L) * p->stride, j - n + L);
        return;
    }
    best = FN(windows)(row, n_rows, taps, careful, p->column, ordinals, start, 0, &ordinal);
    if (out + sizeof(P) <= p->out_limit && index + L * index_size <= p->index_limit) { /* written again by the next row */
        FN(put)(p, out, index, best, ordinal, place, 0);
        return;
    }
    char values[sizeof(P)], indices[8 * sizeof(V) / sizeof(A)];
    FN(put)(p, values, indices, best, ordinal, place, 0);
    memcpy(out, values, (size_t)n * sizeof(S));
    memcpy(index, indices, (size_t)(n * index_size));
}

#define CYPOOL_ROW(name, n_rows, taps, careful)                                                                        \
    static CYPOOL_APART void FN(name)(const cypool_winners *call, const A *const *row, int n, ptrdiff_t skipped,       \
                                      int64_t place, char *out, char *index) {                                         \
        const cypool_winners own = *call;                                                                              \
        FN(row)(&own, row, n_rows, taps, careful, skipped, place, out, index);                                         \
    }
CYPOOL_ROW(row_3_3, 3, 3, 0)
CYPOOL_ROW(row_2_3, 2, 3, 0)
CYPOOL_ROW(row_2_2, 2, 2, 0)
CYPOOL_ROW(row_any, n, (int)own.taps, 0)
#ifdef UNUSUAL
CYPOOL_ROW(row_careful, n, (int)own.taps, 1)
#endif
#undef CYPOOL_ROW

static void FN(plane)(const cypool_winners *p, char *out, char *index, const char *x, ptrdiff_t o0, ptrdiff_t o1) {
    ptrdiff_t o, block, y, next = 0, first, end, begin, r;
    const A *row[CYPOOL_WINNERS_ROWS];
    A *ring = (A *)p->ring + p->margin;
    int n, careful;
    for (block = o0; block < o1; block += p->block) {
        ptrdiff_t stop = o1 - block < p->block ? o1 : block + p->block;
        for (o = block; o < stop; o++) { /* what these windows reach; a row that was just written is not read at once */
            y = o * p->lead_stride - p->lead_before;
            end = y + (p->lead_taps - 1) * p->lead_step + 1;
            if (end > p->height) end = p->height;
            if (next < y) next = y;
            for (; next < end; next++)
                p->unusual[next & p->ring_mask] = FN(fill)(p, ring + (next & p->ring_mask) * p->pitch, x + next * p->x_row);
        }
        for (o = block; o < stop; o++) {
            first = o * p->lead_stride - p->lead_before;
            n = careful = 0;
            begin = 0;
            for (r = 0, y = first; r < p->lead_taps; r++, y += p->lead_step) {
                if (y < 0) begin = r + 1;
                if (y < 0 || y >= p->height) continue;
                row[n++] = ring + (y & p->ring_mask) * p->pitch;
                careful |= p->unusual[y & p->ring_mask];
            }
            void (*run)(const cypool_winners *, const A *const *, int, ptrdiff_t, int64_t, char *, char *) = FN(row_any);
            if (p->taps == 3 && n == 3)
                run = FN(row_3_3);
            else if (p->taps == 3 && n == 2)
                run = FN(row_2_3);
            else if (p->taps == 2 && n == 2)
                run = FN(row_2_2);
#ifdef UNUSUAL
            if (careful) run = FN(row_careful);
#endif
            run(p, row, n, begin, first * p->extent + p->place, out + (o - o0) * p->out_row, index + (o - o0) * p->index_row);
        }
    }
}

static void FN(winners)(const cypool_winners *call, char *out, char *index, const char *x, ptrdiff_t planes, ptrdiff_t o0,
                        ptrdiff_t o1) {
    cypool_winners own = *call, *p = &own;
    ptrdiff_t i, r, c;
    V identity = (V){0} + (A)IDENTITY;
    N *ordinals = (N *)p->ordinals;
    for (i = 0; i < (p->ring_mask + 1) * p->pitch; i += L) memcpy((A *)p->ring + i, &identity, sizeof identity);
    for (r = 0; r < p->lead_taps; r++)
        for (c = 0; c < p->taps; c++)
            for (i = 0; i < L; i++)
                ordinals[r * p->taps + c][i] =
                    (O)(p->by_window ? r * p->taps + c : r * p->lead_step * p->extent + c * p->step);
    for (i = 0; i < p->columns + L; i++) { /* the first tap that is a cell: the lowest value of all must be one, too */
        ptrdiff_t before = p->before - i * p->stride, t = before > 0 ? (before + p->step - 1) / p->step : 0;
        ((O *)p->start)[i] = (O)(p->by_window ? t : t * p->step);
    }
    for (; planes; planes--, out += p->out_plane, index += p->index_plane, x += p->x_plane) {
        p->out_limit = p->spills ? out + (o1 - o0) * p->out_row : NULL; /* not `out`: rows may lie before it */
        p->index_limit = p->spills ? index + (o1 - o0) * p->index_row : NULL;
        FN(plane)(p, out, index, x, o0, o1);
    }
}

#undef L
#undef CYPOOL_WIDE
