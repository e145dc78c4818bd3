/* Whole planes to one maximum or minimum each.  A template like planes.h, included by vectors_table.h, with S, A, V, SIZE (of
 * A), LOAD, COMBINE and IDENTITY defined.  The order in which cells are compared changes nothing. */

#define L ((ptrdiff_t)(sizeof(V) / sizeof(A)))

CYPOOL_FN A FN(best)(V v) {
    if (CYPOOL_VB == 32) v = COMBINE(v, (V)cypool_swap16((cypool_vi64)v));
    v = COMBINE(v, (V)cypool_swap8((cypool_vi64)v));
    if (SIZE <= 4) v = COMBINE(v, (V)cypool_swap4((cypool_vi32)v));
    if (SIZE <= 2) v = COMBINE(v, (V)(((cypool_vu32)v >> 16) | ((cypool_vu32)v << 16)));
    if (SIZE <= 1) v = COMBINE(v, (V)(((cypool_vu16)v >> 8) | ((cypool_vu16)v << 8)));
    return v[0];
}

static CYPOOL_APART void FN(runs)(void *out, const char *x, ptrdiff_t n, ptrdiff_t planes, ptrdiff_t x_plane, const char *limit) {
    A *to = (A *)out;
    ptrdiff_t plane, i;
    S few[sizeof(V) / sizeof(A)];
    (void)limit;
    for (plane = 0; plane < planes; plane++, x += x_plane) {
        const S *cell = (const S *)x;
        V a, b, c, d;
        if (n < L) {
            for (i = 0; i < L; i++) few[i] = cell[i < n ? i : 0];
            a = LOAD(few);
        } else {
            a = b = c = d = LOAD(cell);
            for (i = L; i + 4 * L <= n; i += 4 * L) {
                a = COMBINE(a, LOAD(cell + i));
                b = COMBINE(b, LOAD(cell + i + L));
                c = COMBINE(c, LOAD(cell + i + 2 * L));
                d = COMBINE(d, LOAD(cell + i + 3 * L));
            }
            for (; i + L <= n; i += L) b = COMBINE(b, LOAD(cell + i));
            if (i < n) c = COMBINE(c, LOAD(cell + n - L));
            a = COMBINE(COMBINE(a, b), COMBINE(c, d));
        }
        to[plane] = FN(best)(a);
    }
}

#undef L
