/* Whole planes to one sum each.  A template like planes.h, included by vectors_table.h, with S, A, V, M, SIZE (of A) and LOAD
 * defined.
 *
 * The order of a sum is part of the result.  Cell i of a segment (cells in row-major order; the driver cuts segments) belongs
 * to partial sum i % 16, and the partial sums are added as a tree: 8 apart, then 4, 2, 1.  `runs` does so for cells that lie
 * one behind the other, `lanes` for neighbouring lanes whose cells lie apart; both yield the same bits.
 */

#define L ((ptrdiff_t)(sizeof(V) / sizeof(A)))
#define N (16 / L)
#define ONES CYPOOL_JOIN(cypool_ones, SIZE)

/* The first n of L cells; -0.0, which changes no sum, for the others. */
CYPOOL_FN V FN(some)(const S *x, ptrdiff_t n, const char *limit) {
    S cells[sizeof(V) / sizeof(A)];
    V v, identity = (V){0} - (A)0.0;
    M mask;
    ptrdiff_t i;
    if (n >= L) return LOAD(x);
    if (n <= 0) return identity;
    if ((const char *)(x + L) <= limit) {
        v = LOAD(x);
    } else {
        memset(cells, 0, sizeof cells);
        for (i = 0; i < n; i++) cells[i] = x[i];
        v = LOAD(cells);
    }
    memcpy(&mask, ONES + 16 - n, sizeof mask);
    return CYPOOL_SELECT(mask, v, identity, V, M);
}

static CYPOOL_APART void FN(runs)(void *out, const char *x, ptrdiff_t n, ptrdiff_t planes, ptrdiff_t x_plane, const char *limit) {
    A *to = (A *)out, sum[16];
    ptrdiff_t plane, i, k;
    V p[N];
    for (plane = 0; plane < planes; plane++, x += x_plane) {
        const S *cell = (const S *)x;
        if (n >= 16) {
            for (k = 0; k < N; k++) p[k] = LOAD(cell + k * L);
        } else {
            for (k = 0; k < N; k++) p[k] = FN(some)(cell + k * L, n - k * L, limit);
        }
        for (i = 16; i + 16 <= n; i += 16)
            for (k = 0; k < N; k++) p[k] += LOAD(cell + i + k * L);
        for (k = 0; i < n && k < N; k++) p[k] += FN(some)(cell + i + k * L, n - i - k * L, limit);
        for (k = 0; 2 * k < N; k++) p[k] += p[k + N / 2];
        memcpy(sum, p, 8 * sizeof(A));
        for (k = 0; k < 4; k++) sum[k] += sum[k + 4];
        to[plane] = (sum[0] + sum[2]) + (sum[1] + sum[3]);
    }
}

/* `lanes`, at least L and at most 128 of them, with `stride` bytes from a cell to the next.  Cells are read in their order, each
 * line once: lines that are a power of two apart would drive each other out of the cache. */
static CYPOOL_APART void FN(lanes)(void *out, const char *x, ptrdiff_t n, ptrdiff_t lanes, ptrdiff_t stride) {
    A p[16][128];
    ptrdiff_t lane, l, i, half;
    V v, w;
    for (i = 0; i < n || i < 16; i++, x += stride) {
        A *sum = p[i % 16];
        for (lane = 0; lane < lanes; lane += L) {
            ptrdiff_t at = lane > lanes - L ? lanes - L : lane;
            if (i >= 16 && at < lane) { /* lanes that this cell has been added to */
                for (; lane < lanes; lane++) {
                    v = LOAD((const S *)x + lanes - L);
                    sum[lane] += v[lane - lanes + L];
                }
                break;
            }
            v = i < n ? LOAD((const S *)x + at) : (V){0} - (A)0.0;
            if (i >= 16) {
                memcpy(&w, sum + at, sizeof w);
                v = w + v;
            }
            memcpy(sum + at, &v, sizeof v);
        }
    }
    for (half = 8; half; half /= 2)
        for (l = 0; l < half; l++)
            for (lane = 0; lane < lanes; lane++) p[l][lane] += p[l + half][lane];
    memcpy(out, p[0], (size_t)lanes * sizeof(A));
}

#undef L
#undef N
#undef ONES
