/* Means of one dtype at several resolutions: rows of sums that hand themselves from level to level, depth first.
 *
 * A row of level l is the sum of the rows of level l-1 that it covers, then of neighbours along the row; level 0 is the array.
 * So the array is read once, and all that lies between the levels are two rows for each, which stay in the first-level cache.
 * Included by pyramid.h once for each dtype, with these names defined:
 *
 *     T  the array's type    A  sums of the first level    S  sums of any other    FN(name)  the name for this type
 *
 * FLOATS is 1 if S is floating, NARROW 1 if T has 8 bits and A 16, UNSIGNED 1 if T is that.
 */

/* to = a (+ to), elementwise; two rows at once where there are two. */
CYPOOL_FN void FN(add_cells)(A *__restrict to, const T *__restrict a, const T *__restrict b, ptrdiff_t n, const int more) {
    if (b && more)
        for (ptrdiff_t i = 0; i < n; i++)
            to[i] = (A)(to[i] + (A)((A)a[i] + (A)b[i]));
    else if (b)
        for (ptrdiff_t i = 0; i < n; i++)
            to[i] = (A)((A)a[i] + (A)b[i]);
    else if (more)
        for (ptrdiff_t i = 0; i < n; i++)
            to[i] = (A)(to[i] + (A)a[i]);
    else
        for (ptrdiff_t i = 0; i < n; i++)
            to[i] = (A)a[i];
}

#define ADD(NAME, U)                                                                                                            \
    CYPOOL_FN void FN(NAME)(S *__restrict to, const U *__restrict a, ptrdiff_t n, const int more) {                             \
        if (more)                                                                                                               \
            for (ptrdiff_t i = 0; i < n; i++)                                                                                   \
                to[i] += (S)a[i];                                                                                               \
        else                                                                                                                    \
            for (ptrdiff_t i = 0; i < n; i++)                                                                                   \
                to[i] = (S)a[i];                                                                                                \
    }
ADD(add_first, A)
ADD(add_sums, S)

/* Sums of f neighbours of n, each of `lanes` elements; the last may have fewer. */
#define FOLD(NAME, U)                                                                                                           \
    CYPOOL_FN void FN(NAME)(U *__restrict to, const U *__restrict from, ptrdiff_t n, ptrdiff_t f, ptrdiff_t lanes) {            \
        const ptrdiff_t full = n / f, rest = n % f;                                                                             \
        if (f == 2 && lanes == 1) {                                                                                             \
            for (ptrdiff_t j = 0; j < full; j++)                                                                                \
                to[j] = (U)(from[2 * j] + from[2 * j + 1]);                                                                     \
        } else                                                                                                                  \
            for (ptrdiff_t j = 0; j < full; j++)                                                                                \
                for (ptrdiff_t c = 0; c < lanes; c++) {                                                                         \
                    U s = from[j * f * lanes + c];                                                                              \
                    for (ptrdiff_t t = 1; t < f; t++)                                                                           \
                        s = (U)(s + from[(j * f + t) * lanes + c]);                                                             \
                    to[j * lanes + c] = s;                                                                                      \
                }                                                                                                               \
        if (rest)                                                                                                               \
            for (ptrdiff_t c = 0; c < lanes; c++) {                                                                             \
                U s = from[full * f * lanes + c];                                                                               \
                for (ptrdiff_t t = 1; t < rest; t++)                                                                            \
                    s = (U)(s + from[(full * f + t) * lanes + c]);                                                              \
                to[full * lanes + c] = s;                                                                                       \
            }                                                                                                                   \
    }
FOLD(fold_first, A)
FOLD(fold_sums, S)

#if NARROW
/* Both cells of a pair from one load of 16 bits, in either byte order: compilers then need no shuffles. */
CYPOOL_FN A FN(pair)(const T *from) {
    uint16_t both;
    memcpy(&both, from, sizeof both);
    return (A)((A)(T)both + (A)(T)(both >> 8));
}
/* to = the sums of pairs in two rows (+ to). */
CYPOOL_FN void FN(quads)(A *__restrict to, const T *__restrict a, const T *__restrict b, ptrdiff_t pairs, const int more) {
    if (more)
        for (ptrdiff_t j = 0; j < pairs; j++)
            to[j] = (A)(to[j] + FN(pair)(a + 2 * j) + FN(pair)(b + 2 * j));
    else
        for (ptrdiff_t j = 0; j < pairs; j++)
            to[j] = (A)(FN(pair)(a + 2 * j) + FN(pair)(b + 2 * j));
}
#endif

/* Quotients of n sums: floats are divided, integers by a shift or exactly in float64, for sum and divisor are below 2**53. */
#if FLOATS
#define DIVIDE(NAME, U)                                                                                                         \
    CYPOOL_FN void FN(NAME)(T *__restrict to, const U *__restrict sums, ptrdiff_t n, int64_t divisor, int rounding) {           \
        (void)rounding;                                                                                                         \
        if (divisor & (divisor - 1))                                                                                            \
            for (ptrdiff_t i = 0; i < n; i++)                                                                                   \
                to[i] = (T)(sums[i] / (U)divisor);                                                                              \
        else {                                                                                                                  \
            const U share = (U)1 / (U)divisor; /* exact */                                                                      \
            for (ptrdiff_t i = 0; i < n; i++)                                                                                   \
                to[i] = (T)(sums[i] * share);                                                                                   \
        }                                                                                                                       \
    }
#else
#define EACH(expression)                                                                                                        \
    do {                                                                                                                        \
        for (ptrdiff_t i = 0; i < n; i++)                                                                                       \
            to[i] = (T)(expression);                                                                                            \
        return;                                                                                                                 \
    } while (0)
#define DIVIDE(NAME, U)                                                                                                         \
    CYPOOL_FN void FN(NAME)(T *__restrict to, const U *__restrict sums, ptrdiff_t n, int64_t divisor, int rounding) {           \
        const double d = (double)divisor;                                                                                       \
        if (UNSIGNED && rounding == CYPOOL_TRUNC)                                                                               \
            rounding = CYPOOL_FLOOR;                                                                                            \
        if ((divisor & (divisor - 1)) == 0) {                                                                                   \
            int shift = 0;                                                                                                      \
            while (((int64_t)1 << shift) < divisor)                                                                             \
                shift++;                                                                                                        \
            const U less = (U)(divisor - 1), half = (U)(divisor >> 1);                                                          \
            if (rounding == CYPOOL_FLOOR || shift == 0)                                                                         \
                EACH((U)(sums[i] >> shift));                                                                                    \
            if (rounding == CYPOOL_TRUNC)                                                                                       \
                EACH((U)(sums[i] + ((U)(sums[i] >> (8 * sizeof(U) - 1)) & less)) >> shift);                                     \
            if (rounding == CYPOOL_HALF_UP)                                                                                     \
                EACH((U)(sums[i] + half) >> shift);                                                                             \
            EACH((U)(sums[i] + half - 1 + ((sums[i] >> shift) & 1)) >> shift);                                                  \
        }                                                                                                                       \
        if (rounding == CYPOOL_TRUNC)                                                                                           \
            EACH((S)((double)sums[i] / d)); /* a conversion truncates */                                                        \
        if (rounding == CYPOOL_FLOOR)                                                                                           \
            EACH((S)floor((double)sums[i] / d));                                                                                \
        if (rounding == CYPOOL_HALF_UP)                                                                                         \
            EACH((S)floor((double)(2 * (int64_t)sums[i] + divisor) / (2 * d)));                                                 \
        EACH((S)rint((double)sums[i] / d));                                                                                     \
    }
#endif
DIVIDE(divide_first, A)
DIVIDE(divide_sums, S)

/* Row (z, y) of the first level: a few columns at a time, which stay in the first-level cache until they are folded. */
static void FN(first)(const cypool_pyramid *p, const cypool_pyramid_part *part, ptrdiff_t z, ptrdiff_t y) {
    const ptrdiff_t n = p->level[0].x, lanes = p->lanes, f = p->fx, block = CYPOOL_LESS(CYPOOL_COLUMNS / (f * lanes) + 1, n) * f;
    const ptrdiff_t z_end = CYPOOL_LESS((z + 1) * p->fz, p->level[0].z), y_end = CYPOOL_LESS((y + 1) * p->fy, p->level[0].y);
    A *row = (A *)part->row[1], *sums = (A *)part->sums[1];
    for (ptrdiff_t x = 0; x < n; x += block) {
        const ptrdiff_t some = CYPOOL_LESS(block, n - x), at = x * lanes * (ptrdiff_t)sizeof(T);
        A *to = row + x / f * lanes;
        const T *waiting = NULL;
        int more = 0, folded = 0;
        for (ptrdiff_t i = z * p->fz; i < z_end; i++)
            for (ptrdiff_t j = y * p->fy; j < y_end; j++) {
                const T *cells = (const T *)(part->x + i * p->z_stride + j * p->y_stride + at);
                if (!waiting) {
                    waiting = cells;
                    continue;
                }
#if NARROW
                if (f == 2 && lanes == 1 && some % 2 == 0 && !more) {
                    FN(quads)(to, waiting, cells, some / 2, folded);
                    folded = 1, waiting = NULL;
                    continue;
                }
#endif
                FN(add_cells)(sums, waiting, cells, some * lanes, more);
                more = 1, waiting = NULL;
            }
        if (waiting && !folded)
            FN(add_cells)(sums, waiting, NULL, some * lanes, more);
#if NARROW
        else if (waiting)
            for (ptrdiff_t j = 0; j < some / 2; j++)
                to[j] = (A)(to[j] + FN(pair)(waiting + 2 * j));
#endif
        if (!folded)
            FN(fold_first)(to, sums, some, f, lanes);
    }
}

/* Row (z, y) of a level: its sums into the part's row of the level, its means into the result, if it has a place there. */
static void FN(row)(const cypool_pyramid *p, const cypool_pyramid_part *part, int level, ptrdiff_t z, ptrdiff_t y) {
    const cypool_pyramid_level *l = &p->level[level], *below = l - 1;
    const ptrdiff_t z_end = CYPOOL_LESS((z + 1) * p->fz, below->z), y_end = CYPOOL_LESS((y + 1) * p->fy, below->y);
    if (level == 1)
        FN(first)(p, part, z, y);
    else {
        S *sums = (S *)part->sums[level];
        int more = 0;
        for (ptrdiff_t i = z * p->fz; i < z_end; i++)
            for (ptrdiff_t j = y * p->fy; j < y_end; j++) {
                FN(row)(p, part, level - 1, i, j);
                if (level == 2)
                    FN(add_first)(sums, (const A *)part->row[1], below->x * p->lanes, more);
                else
                    FN(add_sums)(sums, (const S *)part->row[level - 1], below->x * p->lanes, more);
                more = 1;
            }
        FN(fold_sums)((S *)part->row[level], sums, below->x, p->fx, p->lanes);
    }
    if (z >= l->out_z || y >= l->out_y)
        return;
    ptrdiff_t rows = l->kz * l->ky, last = l->kx;
    const ptrdiff_t full = p->level[0].x / l->kx, n = full * p->lanes;
    if (!p->pad) {
        rows = CYPOOL_LESS(l->kz, p->level[0].z - z * l->kz) * CYPOOL_LESS(l->ky, p->level[0].y - y * l->ky);
        last = p->level[0].x - full * l->kx;
    }
    T *to = (T *)l->out + ((part->plane * l->out_z + z) * l->out_y + y) * l->out_x * p->lanes;
    const ptrdiff_t rest = (l->out_x - full) * p->lanes;
    if (level == 1) {
        FN(divide_first)(to, (const A *)part->row[1], n, rows * l->kx, p->rounding);
        if (rest)
            FN(divide_first)(to + n, (const A *)part->row[1] + n, rest, rows * last, p->rounding);
    } else {
        FN(divide_sums)(to, (const S *)part->row[level], n, rows * l->kx, p->rounding);
        if (rest)
            FN(divide_sums)(to + n, (const S *)part->row[level] + n, rest, rows * last, p->rounding);
    }
}

#undef ADD
#undef FOLD
#undef DIVIDE
#undef EACH
#undef T
#undef A
#undef S
#undef FN
#undef FLOATS
#undef NARROW
#undef UNSIGNED
