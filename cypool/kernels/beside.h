/* Maxima and minima of small planes by windows one cell apart: as many planes side by side as a vector has elements.
 *
 * Rows of 20 columns fill two and a half vectors, and a window of 13 taps is more than half of one of them.  Turned so that
 * each cell is a vector with one element of every plane, nothing is left over, and along both axes a window is the end of a
 * block of k cells and the beginning of the next (blocks.h), or only a beginning or an end at the borders.
 *
 * While they are turned it is seen whether there is a NaN.  Without one an ordinary maximum will do; such planes are left to
 * planes.h otherwise.  Included for each operator and element type after blocks.h, with PLAIN and UNORDERED besides its names.
 */

/* n cells of each plane to vectors, a group of 16 bytes at a time; whether there is a NaN. */
CYPOOL_FN int FN(beside_load)(V *to, const A *x, ptrdiff_t n, ptrdiff_t plane) {
    enum { L = 16 / SIZE };
    V v[L], bad = (V){0};
    for (ptrdiff_t i = 0; i < n; i += L) {
        if (i > n - L) i = n - L;
        FN(blocks_load)(v, x + i, plane);
        CYPOOL_EACH(c, L / 2) bad = (V)((M)bad | (M)UNORDERED(v[2 * c], v[2 * c + 1]));
        CYPOOL_EACH(c, L) to[i + c] = v[c];
    }
    return cypool_any((cypool_vi64)bad);
}
CYPOOL_FN void FN(beside_store)(A *out, const V *from, ptrdiff_t n, ptrdiff_t plane) {
    enum { L = CYPOOL_VB / SIZE };
    V v[L];
    for (ptrdiff_t i = 0; i < n; i += L) {
        if (i > n - L) i = n - L;
        CYPOOL_EACH(c, L) v[c] = from[i + c];
        FN(blocks_store)(out + i, plane, v);
    }
}

/* Four lines of n cells at once, which lie `apart` vectors from each other, and their cells `step`: window o begins at
 * o - pad. */
CYPOOL_FN void FN(beside_lines)(V *to, ptrdiff_t to_step, ptrdiff_t to_apart, const V *from, ptrdiff_t step, ptrdiff_t apart,
                                ptrdiff_t n, ptrdiff_t k, ptrdiff_t pad, ptrdiff_t outputs, V (*ends)[4]) {
    const V *next = from, *last = from + (n - 1) * step;
    ptrdiff_t o, i, start;
    V run[4];
#define CYPOOL_FOUR(x) CYPOOL_EACH(q, 4) x
    CYPOOL_FOUR(run[q] = next[q * apart]);
    for (i = 1; i < k - pad && next < last; i++) {
        next += step;
        CYPOOL_FOUR(run[q] = PLAIN(run[q], next[q * apart]));
    }
    for (o = 0; o <= pad && o < outputs; o++, to += to_step) { /* windows that begin before the line, or with it */
        if (o && next < last) {
            next += step;
            CYPOOL_FOUR(run[q] = PLAIN(run[q], next[q * apart]));
        }
        CYPOOL_FOUR(to[q * to_apart] = run[q]);
    }
    for (start = 0; o < outputs; start += k) {
        ptrdiff_t end = n - start < k ? n - start : k, left = outputs - o + !start;
        const V *cell = from + (start + end - 1) * step;
        CYPOOL_FOUR(ends[end - 1][q] = run[q] = cell[q * apart]);
        for (i = end - 2; i >= !start; i--) {
            cell -= step;
            CYPOOL_FOUR(ends[i][q] = run[q] = PLAIN(run[q], cell[q * apart]));
        }
        if (start) {
            CYPOOL_FOUR(to[q * to_apart] = run[q]);
            to += to_step;
        }
        if (left > k) left = k;
        o += left - !start;
        next = from + (start + k) * step;
        i = 1;
        if (next <= last) { /* places 1.. of the block, and the next block's first cells */
            CYPOOL_FOUR(run[q] = next[q * apart]);
            for (; i < left; i++, to += to_step) {
                CYPOOL_FOUR(to[q * to_apart] = PLAIN(ends[i][q], run[q]));
                if (next < last) {
                    next += step;
                    CYPOOL_FOUR(run[q] = PLAIN(run[q], next[q * apart]));
                }
            }
        }
        for (; i < left; i++, to += to_step) CYPOOL_FOUR(to[q * to_apart] = ends[i][q]);
    }
#undef CYPOOL_FOUR
}

static CYPOOL_APART int FN(beside)(const cypool_beside *call, void *out, const void *x) {
    const cypool_beside own = *call, *p = &own;
    V *cells = (V *)p->cells, *folded = (V *)p->folded, (*ends)[4] = (V(*)[4])p->ends;
    ptrdiff_t c, o;
    if (FN(beside_load)(cells, (const A *)x, p->height * p->width, p->x_plane)) return 0;
    for (c = 0; c < p->width; c += 4) {
        if (c > p->width - 4) c = p->width - 4;
        FN(beside_lines)(folded + c, p->width, 1, cells + c, p->width, 1, p->height, p->lead_taps, p->lead_before, p->rows,
                         ends);
    }
    for (o = 0; o < p->rows; o += 4) {
        if (o > p->rows - 4) o = p->rows - 4;
        FN(beside_lines)(cells + o * p->columns, 1, p->columns, folded + o * p->width, 1, p->width, p->width, p->taps, p->before,
                         p->columns, ends);
    }
    FN(beside_store)((A *)out, cells, p->rows * p->columns, p->out_plane);
    return 1;
}
