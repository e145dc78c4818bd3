/* Means of one dtype at several resolutions: rows of sums that hand themselves from level to level, depth first.
 *
 * A row of level l is the sum of the rows of level l-1 that it covers, then of neighbours along the row; level 0 is the array.
 * So the array is read once, and all that lies between the levels are two rows for each, which stay in the first-level cache.
 * Included by pyramid.h once for each dtype, with these names defined:
 *
 *     T  the array's type    A  sums of the first level    S  sums of any other    FN(name)  the name for this type
 *
 * FLOATS is 1 if S is floating, NARROW 1 if T has 8 bits and A 16, 2 if T has 16 and A 32, UNSIGNED 1 if T is that;
 * FEW 1 if A is float.
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
        } else if (f == 2 && lanes == 3) /* colours */                                                                          \
            for (ptrdiff_t j = 0; j < full; j++)                                                                                \
                for (ptrdiff_t c = 0; c < 3; c++)                                                                               \
                    to[3 * j + c] = (U)(from[6 * j + c] + from[6 * j + 3 + c]);                                                 \
        else                                                                                                                    \
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

/* Pairs of neighbours, 16 bits each, from one load of both, in either byte order: compilers then need no shuffles. */
#if UNSIGNED
#define PAIR cypool_pair_u16
#else
#define PAIR cypool_pair_i16
#endif

#if NARROW == 1
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

#if NARROW == 1 && defined(__AVX2__)
/* The same of pixels of three lanes. */
CYPOOL_FN void FN(colours)(A *to, const T *a, const T *b, ptrdiff_t pairs, ptrdiff_t readable, const int more) {
    const ptrdiff_t done = FN(halve_colours)(to, a, b, pairs, readable, more);
    for (ptrdiff_t i = 3 * done; i < 3 * pairs; i++) {
        const ptrdiff_t k = i + i / 3 * 3;
        to[i] = (A)((more ? to[i] : 0) + a[k] + a[k + 3] + b[k] + b[k + 3]);
    }
}
/* And of n pixels of two rows of sums. */
CYPOOL_FN void FN(colour_sums)(S *to, const A *a, const A *b, ptrdiff_t n) {
    const ptrdiff_t pairs = n / 2, done = cypool_halve_colour_sums(to, a, b, pairs, 3 * n);
    for (ptrdiff_t i = 3 * done; i < 3 * pairs; i++) {
        const ptrdiff_t k = i + i / 3 * 3;
        to[i] = (S)a[k] + (S)a[k + 3] + (S)b[k] + (S)b[k + 3];
    }
    for (ptrdiff_t i = 3 * pairs; 2 * pairs < n && i < 3 * pairs + 3; i++)
        to[i] = (S)a[i + 3 * pairs] + (S)b[i + 3 * pairs];
}
#endif

/* n sums of two columns and two or four rows: rows first, in the order in which the functions above add. */
CYPOOL_FN void FN(halve_cells)(A *restrict to, const T *a, const T *b, const T *c, const T *d, ptrdiff_t n) {
#if NARROW == 1
    FN(quads)(to, a, b, n, 0);
    if (c)
        FN(quads)(to, c, d, n, 1);
#elif NARROW == 2
    if (c)
        for (ptrdiff_t j = 0; j < n; j++)
            to[j] = PAIR(a + 2 * j) + PAIR(b + 2 * j) + PAIR(c + 2 * j) + PAIR(d + 2 * j);
    else
        for (ptrdiff_t j = 0; j < n; j++)
            to[j] = PAIR(a + 2 * j) + PAIR(b + 2 * j);
#else
    ptrdiff_t done = 0;
#if FEW
    done = cypool_halve_floats(to, a, b, c, d, n);
#endif
    if (c)
        for (ptrdiff_t j = done, k = 2 * done; j < n; j++, k += 2)
            to[j] = (((A)a[k] + (A)b[k]) + ((A)c[k] + (A)d[k])) + (((A)a[k + 1] + (A)b[k + 1]) + ((A)c[k + 1] + (A)d[k + 1]));
    else
        for (ptrdiff_t j = done, k = 2 * done; j < n; j++, k += 2)
            to[j] = ((A)a[k] + (A)b[k]) + ((A)a[k + 1] + (A)b[k + 1]);
#endif
}

#define HALVE(NAME, U)                                                                                                          \
    CYPOOL_FN void FN(NAME)(S *restrict to, const U *a, const U *b, const U *c, const U *d, ptrdiff_t n) {                      \
        if (c)                                                                                                                  \
            for (ptrdiff_t j = 0, k = 0; j < n; j++, k += 2)                                                                    \
                to[j] = ((((S)a[k] + (S)b[k]) + (S)c[k]) + (S)d[k])                                                             \
                        + ((((S)a[k + 1] + (S)b[k + 1]) + (S)c[k + 1]) + (S)d[k + 1]);                                          \
        else                                                                                                                    \
            for (ptrdiff_t j = 0, k = 0; j < n; j++, k += 2)                                                                    \
                to[j] = ((S)a[k] + (S)b[k]) + ((S)a[k + 1] + (S)b[k + 1]);                                                      \
    }
#if NARROW == 1
CYPOOL_FN void FN(halve_first)(S *restrict to, const A *a, const A *b, const A *c, const A *d, ptrdiff_t n) {
    if (c)
        for (ptrdiff_t j = 0; j < n; j++)
            to[j] = PAIR(a + 2 * j) + PAIR(b + 2 * j) + PAIR(c + 2 * j) + PAIR(d + 2 * j);
    else
        for (ptrdiff_t j = 0; j < n; j++)
            to[j] = PAIR(a + 2 * j) + PAIR(b + 2 * j);
}
#else
HALVE(halve_first, A)
#endif
HALVE(halve_sums, S)

/* Quotients of n sums: floats are divided, integers by a shift or exactly in float64, for sum and divisor are below 2**53. */
#if FLOATS
#define DIVIDE(NAME, U)                                                                                                         \
    static CYPOOL_APART void FN(NAME)(T *__restrict to, const U *__restrict sums, ptrdiff_t n, int64_t divisor, int rounding) { \
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
    static CYPOOL_APART void FN(NAME)(T *__restrict to, const U *__restrict sums, ptrdiff_t n, int64_t divisor, int rounding) { \
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
static void FN(first)(const cypool_pyramid *p, const cypool_pyramid_part *part, ptrdiff_t z, ptrdiff_t y, A *row) {
    const ptrdiff_t n = p->level[0].x, lanes = p->lanes, f = p->fx, block = CYPOOL_LESS(CYPOOL_COLUMNS / (f * lanes) + 1, n) * f;
    const ptrdiff_t z_end = CYPOOL_LESS((z + 1) * p->fz, p->level[0].z), y_end = CYPOOL_LESS((y + 1) * p->fy, p->level[0].y);
    const ptrdiff_t rows = (z_end - z * p->fz) * (y_end - y * p->fy);
    A *sums = (A *)part->sums[1];
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
#if NARROW == 1
                if (f == 2 && lanes == 1 && some % 2 == 0 && !more) {
                    FN(quads)(to, waiting, cells, some / 2, folded);
                    folded = 1, waiting = NULL;
                    continue;
                }
#endif
#if NARROW == 1 && defined(__AVX2__)
                if (f == 2 && lanes == 3 && some % 2 == 0 && rows % 2 == 0) {
                    cypool_prefetch((const char *)waiting + p->fy * p->y_stride, some * lanes);
                    cypool_prefetch((const char *)cells + p->fy * p->y_stride, some * lanes);
                    FN(colours)(to, waiting, cells, some / 2, (n - x) * lanes, folded);
                    folded = 1, waiting = NULL;
                    continue;
                }
#endif
                FN(add_cells)(sums, waiting, cells, some * lanes, more);
                more = 1, waiting = NULL;
            }
        if (waiting && !folded)
            FN(add_cells)(sums, waiting, NULL, some * lanes, more);
#if NARROW == 1
        else if (waiting)
            for (ptrdiff_t j = 0; j < some / 2; j++)
                to[j] = (A)(to[j] + FN(pair)(waiting + 2 * j));
#endif
        if (!folded)
            FN(fold_first)(to, sums, some, f, lanes);
    }
}

/* The same by two columns and two or four whole rows, and at once the means of n of its windows. */
static void FN(first_halves)(const cypool_pyramid *p, const cypool_pyramid_part *part, ptrdiff_t z, ptrdiff_t y, A *row, T *to) {
    const ptrdiff_t n = p->level[0].x / 2, rows = p->fz * p->fy, ahead = p->fy * p->y_stride;
    const int near = p->level[0].x * (ptrdiff_t)sizeof(T) <= CYPOOL_NEAR; /* of longer rows the processor thinks itself */
    const T *cells[4] = {NULL};
    for (ptrdiff_t k = 0; k < rows; k++)
        cells[k] = (const T *)(part->x + (z * p->fz + k / p->fy) * p->z_stride + (y * p->fy + k % p->fy) * p->y_stride);
    for (ptrdiff_t x = 0, some; x < n; x += some) {
        some = CYPOOL_LESS(CYPOOL_COLUMNS, n - x);
        for (ptrdiff_t k = 0; k < rows && near; k++)
            cypool_prefetch((const char *)(cells[k] + 2 * x) + ahead, 2 * some * (ptrdiff_t)sizeof(T));
        const T *third = rows == 4 ? cells[2] + 2 * x : NULL, *fourth = rows == 4 ? cells[3] + 2 * x : NULL;
        FN(halve_cells)(row + x, cells[0] + 2 * x, cells[1] + 2 * x, third, fourth, some);
        if (to)
            FN(divide_first)(to + x, row + x, some, 2 * rows, p->rounding);
    }
    if (2 * n < p->level[0].x) {
        row[n] = (A)((A)cells[0][2 * n] + (A)cells[1][2 * n]);
        if (rows == 4)
            row[n] = (A)(row[n] + (A)((A)cells[2][2 * n] + (A)cells[3][2 * n]));
    }
}

/* Row (z, y) of a level: its sums into `row`, of A on the first level, of S on others; its means into the result, if it has a
 * place. */
static void FN(sums)(const cypool_pyramid *p, const cypool_pyramid_part *part, int level, ptrdiff_t z, ptrdiff_t y, char *row) {
    const cypool_pyramid_level *l = &p->level[level], *below = l - 1;
    const ptrdiff_t z_end = CYPOOL_LESS((z + 1) * p->fz, below->z), y_end = CYPOOL_LESS((y + 1) * p->fy, below->y);
    const ptrdiff_t full = p->level[0].x / l->kx, n = full * p->lanes, pairs = below->x / 2, count = p->fz * p->fy;
    const int halves = p->fx == 2 && p->lanes == 1 && (count == 2 || count == 4)
                       && (z_end - z * p->fz) * (y_end - y * p->fy) == count;
    T *to = NULL;
    if (z < l->out_z && y < l->out_y)
        to = (T *)l->out + ((part->plane * l->out_z + z) * l->out_y + y) * l->out_x * p->lanes;
    if (level == 1 && halves)
        FN(first_halves)(p, part, z, y, (A *)row, to);
    else if (level == 1)
        FN(first)(p, part, z, y, (A *)row);
    else if (halves) { /* two rows of children fit where one of the level below has its place */
        char *child[4] = {part->row[level - 1], part->row[level - 1] + part->width / 2, part->sums[level],
                          part->sums[level] + part->width / 2};
        for (ptrdiff_t k = 0; k < count; k++)
            FN(sums)(p, part, level - 1, z * p->fz + k / p->fy, y * p->fy + k % p->fy, child[k]);
        S *sums = (S *)row, *tail = sums + pairs;
        if (level == 2) {
            const A *a = (A *)child[0], *b = (A *)child[1], *c = (A *)child[2], *d = (A *)child[3];
            FN(halve_first)(sums, a, b, count == 4 ? c : NULL, d, pairs);
            if (2 * pairs < below->x)
                *tail = count == 4 ? (((S)a[2 * pairs] + (S)b[2 * pairs]) + (S)c[2 * pairs]) + (S)d[2 * pairs]
                                   : (S)a[2 * pairs] + (S)b[2 * pairs];
        } else {
            const S *a = (S *)child[0], *b = (S *)child[1], *c = (S *)child[2], *d = (S *)child[3];
            FN(halve_sums)(sums, a, b, count == 4 ? c : NULL, d, pairs);
            if (2 * pairs < below->x)
                *tail = count == 4 ? ((a[2 * pairs] + b[2 * pairs]) + c[2 * pairs]) + d[2 * pairs] : a[2 * pairs] + b[2 * pairs];
        }
#if NARROW == 1 && defined(__AVX2__)
    } else if (level == 2 && p->fx == 2 && p->lanes == 3 && count == 2 && (z_end - z * p->fz) * (y_end - y * p->fy) == 2) {
        char *child[2] = {part->row[1], part->row[1] + part->width / 2};
        for (ptrdiff_t k = 0; k < 2; k++)
            FN(sums)(p, part, 1, z * p->fz + k / p->fy, y * p->fy + k % p->fy, child[k]);
        FN(colour_sums)((S *)row, (const A *)child[0], (const A *)child[1], below->x);
#endif
    } else {
        S *sums = (S *)part->sums[level];
        int more = 0;
        for (ptrdiff_t i = z * p->fz; i < z_end; i++)
            for (ptrdiff_t j = y * p->fy; j < y_end; j++) {
                FN(sums)(p, part, level - 1, i, j, part->row[level - 1]);
                if (level == 2)
                    FN(add_first)(sums, (const A *)part->row[1], below->x * p->lanes, more);
                else
                    FN(add_sums)(sums, (const S *)part->row[level - 1], below->x * p->lanes, more);
                more = 1;
            }
        FN(fold_sums)((S *)row, sums, below->x, p->fx, p->lanes);
    }
    if (!to)
        return;
    ptrdiff_t rows = l->kz * l->ky, last = l->kx;
    if (!p->pad) {
        rows = CYPOOL_LESS(l->kz, p->level[0].z - z * l->kz) * CYPOOL_LESS(l->ky, p->level[0].y - y * l->ky);
        last = p->level[0].x - full * l->kx;
    }
    const ptrdiff_t rest = (l->out_x - full) * p->lanes;
    if (level == 1) {
        if (!halves)
            FN(divide_first)(to, (const A *)row, n, rows * l->kx, p->rounding);
        if (rest)
            FN(divide_first)(to + n, (const A *)row + n, rest, rows * last, p->rounding);
    } else {
        FN(divide_sums)(to, (const S *)row, n, rows * l->kx, p->rounding);
        if (rest)
            FN(divide_sums)(to + n, (const S *)row + n, rest, rows * last, p->rounding);
    }
}

static void FN(row)(const cypool_pyramid *p, const cypool_pyramid_part *part, int level, ptrdiff_t z, ptrdiff_t y) {
    FN(sums)(p, part, level, z, y, part->row[level]);
}

#undef ADD
#undef HALVE
#undef PAIR
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
#undef FEW
