/* Modes of one dtype at several resolutions: rows of windows that hand themselves from level to level, depth first.
 *
 * Most windows of a segmentation have one label, and most others two.  So a row of a level tells of each window its smallest
 * and its largest label, how many cells have the smallest, and whether there are more labels than these two.  Such rows are merged
 * into those of the next level without a look at the cells.  Windows of more labels, of which the smallest has less than half of
 * the cells, are looked at: where there are many of 8 or 16 cells, side by side, a vector's width of them, all others one at a
 * time, cell by cell of the array.  Of equally frequent labels the smallest wins.
 *
 * Included once for each dtype by pyramid.h, which defines
 *     T          the labels
 *     C          unsigned counts, as wide as T or wider
 *     FN(name)   the name for this type
 *     SORT(a, n) the n labels in ascending order
 */

#define WIDTH (32 / (ptrdiff_t)sizeof(T)) /* windows side by side */

typedef struct {
    T *lo, *hi, *many; /* `many` is not 0 where there are more labels than lo and hi */
    C *count;          /* cells that are lo */
} FN(windows);

/* A thread's rows of a level: those of the result (which = 1), or those of its children that are being merged (0). */
CYPOOL_FN FN(windows) FN(rows)(const cypool_pyramid_part *part, int level, int which) {
    char *at = which ? part->row[level] : part->sums[level];
    FN(windows) w = {(T *)at, (T *)(at + part->width), (T *)(at + 2 * part->width), (C *)(at + 3 * part->width)};
    return w;
}

/* A window's many, count, lo and hi, of two windows: (lo, hi, many, count) and again.  All is loaded before anything is decided,
 * and gcc makes vectors of it. */
#define MERGE(to_many, to_count, to_lo, to_hi, one_lo, one_hi, one_many, one_count, two_lo, two_hi, two_many, two_count)         \
    do {                                                                                                                        \
        const T lo_a = one_lo, lo_b = two_lo, hi_a = one_hi, hi_b = two_hi, many_a = one_many, many_b = two_many;               \
        const C count_a = one_count, count_b = two_count;                                                                       \
        const T least = lo_a < lo_b ? lo_a : lo_b, most = hi_a < hi_b ? hi_b : hi_a;                                            \
        const T low = lo_a < lo_b ? lo_b : lo_a, high = hi_a < hi_b ? hi_a : hi_b; /* must be these two */                      \
        const T third = (low == least) | (low == most) ? (T)0 : (T)1, fourth = (high == most) | (high == least) ? (T)0 : (T)1;  \
        const C first = lo_a == least ? count_a : (C)0, second = lo_b == least ? count_b : (C)0;                                \
        to_many = (T)(many_a | many_b | third | fourth);                                                                        \
        to_count = (C)(first + second);                                                                                         \
        to_lo = least, to_hi = most;                                                                                            \
    } while (0)
#define MERGE_ROWS(TO, i, ONE, a, TWO, b)                                                                                       \
    MERGE(TO.many[i], TO.count[i], TO.lo[i], TO.hi[i], ONE.lo[a], ONE.hi[a], ONE.many[a], ONE.count[a], TWO.lo[b], TWO.hi[b],   \
          TWO.many[b], TWO.count[b])

/* A row's windows merged with those of another. */
CYPOOL_FN void FN(merge_rows)(FN(windows) to, FN(windows) from, ptrdiff_t n) {
    CYPOOL_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) MERGE_ROWS(to, i, to, i, from, i);
}

/* f neighbours of n, each of `lanes` elements, merged; the last may have fewer. */
static CYPOOL_APART void FN(merge_columns)(FN(windows) to, FN(windows) from, ptrdiff_t n, ptrdiff_t f, ptrdiff_t lanes) {
    const ptrdiff_t full = f == 2 && lanes == 1 ? n / 2 : 0;
    CYPOOL_INDEPENDENT for (ptrdiff_t j = 0; j < full; j++) MERGE_ROWS(to, j, from, 2 * j, from, 2 * j + 1);
    for (ptrdiff_t j = full; j * f < n; j++) {
        const ptrdiff_t at = j * f * lanes, taps = CYPOOL_LESS(f, n - j * f);
        for (ptrdiff_t c = 0; c < lanes; c++) {
            const ptrdiff_t i = j * lanes + c;
            to.lo[i] = from.lo[at + c], to.hi[i] = from.hi[at + c];
            to.many[i] = from.many[at + c], to.count[i] = from.count[at + c];
        }
        for (ptrdiff_t t = 1; t < taps; t++)
            CYPOOL_INDEPENDENT for (ptrdiff_t c = 0; c < lanes; c++)
                MERGE_ROWS(to, j * lanes + c, to, j * lanes + c, from, at + t * lanes + c);
    }
}

#define EQUAL(a, b) ((a) == (b) ? (T)1 : (T)0)
#define LEAST(a, b) ((a) < (b) ? (a) : (b))
#define MOST(a, b) ((a) < (b) ? (b) : (a))
#define EQUALS(v) (T)(EQUAL(a, v) + EQUAL(b, v) + EQUAL(c, v) + EQUAL(d, v))

/* The mode of 4 cells: the first if it has an equal, else that of a pair of the others; the smallest of two pairs, or of all. */
CYPOOL_FN T FN(mode_of_4)(T a, T b, T c, T d, T least) {
    const T pair = (b == c) | (b == d) ? b : c;
    const T others = (b == c) | (b == d) | (c == d) ? pair : least;
    const T tie = (b == c) | (b == d) | (c == d) ? pair : a;
    const T lower = LEAST(tie, a);
    return (a == b) | (a == c) | (a == d) ? lower : others;
}

/* Windows of 4 or 8 cells, two of each row, `step` and `aside` apart: their modes, and if `tell`, what a row tells of them.  Those of
 * 8 are marked if they have more than two labels, of which neither the smallest nor the largest has half of the cells: their
 * modes are still to be found. */
CYPOOL_FN void FN(modes_of_4)(T *to, FN(windows) w, const T *p, const T *q, ptrdiff_t n, const ptrdiff_t step,
                              const ptrdiff_t aside, const int tell) {
    CYPOOL_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) {
        const T a = p[step * i], b = p[step * i + aside], c = q[step * i], d = q[step * i + aside];
        const T ab = LEAST(a, b), cd = LEAST(c, d), lo = LEAST(ab, cd);
        to[i] = FN(mode_of_4)(a, b, c, d, lo);
        if (tell) {
            const T most = MOST(a, b), other = MOST(c, d), hi = MOST(most, other), low = EQUALS(lo), high = EQUALS(hi);
            w.lo[i] = lo, w.hi[i] = hi;
            w.count[i] = (C)low;
            w.many[i] = (T)(low + high) < (T)4 ? (T)1 : (T)0;
        }
    }
}

CYPOOL_FN void FN(modes_of_8)(T *to, T *marks, FN(windows) w, const T *const *rows, ptrdiff_t n, const ptrdiff_t step,
                              const ptrdiff_t aside, const int tell) {
    const T *p = rows[0], *q = rows[1], *r = rows[2], *s = rows[3];
    CYPOOL_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) {
        const T a = p[step * i], b = p[step * i + aside], c = q[step * i], d = q[step * i + aside];
        const T e = r[step * i], f = r[step * i + aside], g = s[step * i], h = s[step * i + aside];
        const T ab = LEAST(a, b), cd = LEAST(c, d), ef = LEAST(e, f), gh = LEAST(g, h), ad = LEAST(ab, cd), eh = LEAST(ef, gh);
        const T ba = MOST(a, b), dc = MOST(c, d), fe = MOST(e, f), hg = MOST(g, h), da = MOST(ba, dc), he = MOST(fe, hg);
        const T lo = LEAST(ad, eh), hi = MOST(da, he);
        const T low = (T)(EQUALS(lo) + EQUAL(e, lo) + EQUAL(f, lo) + EQUAL(g, lo) + EQUAL(h, lo));
        const T high = (T)(EQUALS(hi) + EQUAL(e, hi) + EQUAL(f, hi) + EQUAL(g, hi) + EQUAL(h, hi));
        to[i] = low < high ? hi : lo;
        const T many = (T)(low + high) < (T)8 ? (T)1 : (T)0;
        marks[i] = (T)(many & (low < (T)4 ? (T)1 : (T)0) & (high < (T)4 ? (T)1 : (T)0));
        if (tell) {
            w.many[i] = many;
            w.lo[i] = lo, w.hi[i] = hi;
            w.count[i] = (C)low;
        }
    }
}

/* What a row tells of one window. */
static void FN(count_one)(FN(windows) w, ptrdiff_t at, const T *cells, ptrdiff_t n) {
    T lo = cells[0], hi = cells[0], many = 0;
    ptrdiff_t low = 0;
    for (ptrdiff_t i = 1; i < n; i++)
        lo = LEAST(lo, cells[i]), hi = MOST(hi, cells[i]);
    for (ptrdiff_t i = 0; i < n; i++)
        low += cells[i] == lo, many = (T)(many | (T)((cells[i] != lo) & (cells[i] != hi)));
    w.lo[at] = lo, w.hi[at] = hi, w.many[at] = many, w.count[at] = (C)low;
}

#define EACH CYPOOL_AS_VECTOR for (ptrdiff_t i = 0; i < WIDTH; i++)

#define SWAP(k, l)                                                                                                              \
    EACH {                                                                                                                      \
        const T a = tap[k][i], b = tap[l][i];                                                                                   \
        tap[k][i] = a < b ? a : b;                                                                                              \
        tap[l][i] = a < b ? b : a;                                                                                              \
    }

/* Columns of 8 cells each, sorted by a network of 19 steps. */
CYPOOL_FN void FN(sort_8)(T tap[][WIDTH]) {
    SWAP(0, 1) SWAP(2, 3) SWAP(4, 5) SWAP(6, 7)
    SWAP(0, 2) SWAP(1, 3) SWAP(4, 6) SWAP(5, 7)
    SWAP(1, 2) SWAP(5, 6) SWAP(0, 4) SWAP(3, 7)
    SWAP(1, 5) SWAP(2, 6)
    SWAP(1, 4) SWAP(3, 6)
    SWAP(2, 4) SWAP(3, 5)
    SWAP(3, 4)
}

/* Columns of 16 cells each: two halves, sorted, are merged by Batcher's network. */
CYPOOL_FN void FN(sort_16)(T tap[][WIDTH]) {
    FN(sort_8)(tap);
    FN(sort_8)(tap + 8);
    for (int m = 0; m < 8; m++)
        SWAP(m, m + 8)
    for (int k = 4; k; k /= 2)
        for (int j = k; j + k < 16; j += 2 * k)
            for (int m = j; m < j + k; m++)
                SWAP(m, m + k)
}
#undef SWAP

/* The first of the longest runs of sorted columns. */
CYPOOL_FN void FN(longest_runs)(T *restrict to, const T tap[][WIDTH], const int taps) {
    T run[WIDTH], most[WIDTH], best[WIDTH];
    EACH run[i] = most[i] = 0, best[i] = tap[0][i];
    for (int t = 1; t < taps; t++)
        EACH {
            const T length = tap[t][i] == tap[t - 1][i] ? (T)(run[i] + 1) : (T)0;
            best[i] = length > most[i] ? tap[t][i] : best[i];
            most[i] = length > most[i] ? length : most[i];
            run[i] = length;
        }
    EACH to[i] = best[i];
}

#undef EACH

/* How many of n cells have this label. */
CYPOOL_FN ptrdiff_t FN(count)(const T *cells, ptrdiff_t n, T label) {
    ptrdiff_t found = 0;
    for (ptrdiff_t i = 0; i < n; i += 96) { /* as many as eight bits, signed, can count */
        const ptrdiff_t end = CYPOOL_LESS(i + 96, n);
        T some = 0;
        for (ptrdiff_t j = i; j < end; j++)
            some = (T)(some + EQUAL(cells[j], label));
        found += (ptrdiff_t)some;
    }
    return found;
}

CYPOOL_FN int FN(is_among)(T cell, const T *labels, int n) {
    int found = 0;
    for (int i = 0; i < n; i++)
        found |= cell == labels[i];
    return found;
}

/* The mode of n cells, which change places, and of `zeros` more: the label in the middle first, those of the corners of rows of
 * `cols`, then label by label until no other can win; those of many labels are sorted. */
static T FN(majority)(T *cells, ptrdiff_t n, ptrdiff_t zeros, ptrdiff_t cols) {
    T seen[CYPOOL_FEW_LABELS], best = zeros ? (T)0 : cells[n / 2];
    const ptrdiff_t corner[4] = {0, cols - 1, n - cols, n - 1};
    ptrdiff_t at = 0, most = FN(count)(cells, n, best), left = n - most;
    int labels = 1;
    seen[0] = best, most += zeros;
    for (int tried = 0; left > 0 && left >= most && labels < CYPOOL_FEW_LABELS; tried++) {
        ptrdiff_t i = at;
        if (tried < 4 && FN(is_among)(cells[i = corner[tried]], seen, labels))
            continue;
        if (tried >= 4) {
            while (FN(is_among)(cells[at], seen, labels))
                at++;
            i = at;
        }
        const T label = seen[labels++] = cells[i];
        const ptrdiff_t found = FN(count)(cells + at, n - at, label);
        left -= found;
        if (found > most || (found == most && label < best))
            most = found, best = label;
    }
    if (left == 0 || left < most)
        return best;
    ptrdiff_t rest = 0, run = 0;
    for (; at < n; at++)
        if (!FN(is_among)(cells[at], seen, labels))
            cells[rest++] = cells[at];
    SORT(cells, rest);
    for (at = 0; at < rest; at++) {
        run = at && cells[at] == cells[at - 1] ? run + 1 : 1;
        if (run > most || (run == most && cells[at] < best))
            most = run, best = cells[at];
    }
    return best;
}

/* The cells of a level's window in column x and lane c; how many there are. */
static ptrdiff_t FN(gather)(const cypool_pyramid *p, const cypool_pyramid_part *part, int level, ptrdiff_t z, ptrdiff_t y,
                            ptrdiff_t x, ptrdiff_t c) {
    const cypool_pyramid_level *l = &p->level[level], *all = &p->level[0];
    const ptrdiff_t z_end = CYPOOL_LESS((z + 1) * l->kz, all->z), y_end = CYPOOL_LESS((y + 1) * l->ky, all->y);
    const ptrdiff_t cols = CYPOOL_LESS(l->kx, all->x - x * l->kx), lanes = p->lanes;
    T *to = (T *)part->cells;
    for (ptrdiff_t i = z * l->kz; i < z_end; i++)
        for (ptrdiff_t j = y * l->ky; j < y_end; j++, to += cols) {
            const T *from = (const T *)(part->x + i * p->z_stride + j * p->y_stride) + x * l->kx * lanes + c;
            if (lanes > 1)
                for (ptrdiff_t k = 0; k < cols; k++)
                    to[k] = from[k * lanes];
            else if (cols == 2)
                memcpy(to, from, 2 * sizeof(T));
            else if (cols == 4)
                memcpy(to, from, 4 * sizeof(T));
            else if (cols == 8)
                memcpy(to, from, 8 * sizeof(T));
            else
                for (ptrdiff_t k = 0; k < cols; k++)
                    to[k] = from[k];
        }
    return to - (T *)part->cells;
}

/* The mode of the n cells of a level's window that were gathered, and of the zeros that fill it up. */
static T FN(window)(const cypool_pyramid *p, const cypool_pyramid_part *part, int level, ptrdiff_t n) {
    const cypool_pyramid_level *l = &p->level[level];
    const double zeros = p->pad ? (double)l->kz * (double)l->ky * (double)l->kx - (double)n : 0;
    return zeros > (double)n ? (T)0 : FN(majority)((T *)part->cells, n, (ptrdiff_t)zeros, CYPOOL_LESS(l->kx, n));
}

/* The cells of WIDTH windows of a level side by side, from element `begin` of the array's rows on: columns, or lanes of one. */
CYPOOL_FN int FN(gather_columns)(T tap[][WIDTH], const cypool_pyramid *p, const cypool_pyramid_part *part, int level, ptrdiff_t z,
                                 ptrdiff_t y, ptrdiff_t begin) {
    const cypool_pyramid_level *l = &p->level[level];
    int taps = 0;
    for (ptrdiff_t i = z * l->kz; i < (z + 1) * l->kz; i++)
        for (ptrdiff_t j = y * l->ky; j < (y + 1) * l->ky; j++) {
            const T *from = (const T *)(part->x + i * p->z_stride + j * p->y_stride) + begin;
            if (p->lanes == 1 && level == 1)
                CYPOOL_AS_VECTOR for (ptrdiff_t k = 0; k < WIDTH; k++)
                    tap[taps][k] = from[2 * k], tap[taps + 1][k] = from[2 * k + 1];
            else if (p->lanes == 1)
                CYPOOL_AS_VECTOR for (ptrdiff_t k = 0; k < WIDTH; k++)
                    tap[taps][k] = from[4 * k], tap[taps + 1][k] = from[4 * k + 1], tap[taps + 2][k] = from[4 * k + 2],
                    tap[taps + 3][k] = from[4 * k + 3];
            else
                for (ptrdiff_t t = 0; t < l->kx; t++)
                    CYPOOL_AS_VECTOR for (ptrdiff_t k = 0; k < WIDTH; k++)
                        tap[taps + t][k] = from[t * p->lanes + k];
            taps += (int)l->kx;
        }
    return taps;
}

/* The modes of WIDTH windows at once. */
static CYPOOL_APART void FN(pick)(const cypool_pyramid *p, const cypool_pyramid_part *part, int level, ptrdiff_t z, ptrdiff_t y,
                        ptrdiff_t begin, T *to) {
    T tap[16][WIDTH];
    const int taps = FN(gather_columns)(tap, p, part, level, z, y, begin);
    if (taps == 8) {
        FN(sort_8)(tap);
        FN(longest_runs)(to, (const T(*)[WIDTH])tap, 8);
    } else {
        FN(sort_16)(tap);
        FN(longest_runs)(to, (const T(*)[WIDTH])tap, 16);
    }
}

/* The modes of the marked windows of row (z, y) of a level. */
static CYPOOL_APART void FN(resolve)(const cypool_pyramid *p, const cypool_pyramid_part *part, int level, ptrdiff_t z, ptrdiff_t y,
                        const T *marks, T *to) {
    const cypool_pyramid_level *l = &p->level[level];
    const ptrdiff_t lanes = p->lanes, n = l->out_x * lanes, full = p->level[0].x / l->kx * lanes;
    const double taps = (double)l->kz * (double)l->ky * (double)l->kx;
    const int whole = (z + 1) * l->kz <= p->level[0].z && (y + 1) * l->ky <= p->level[0].y;
    const int small = taps == 8 * level;
    const int together = small && l->kx == 2 * level && whole && (lanes == 1 || lanes >= WIDTH);
    for (ptrdiff_t j = 0, some; j < n; j += some) {
        const ptrdiff_t end = lanes == 1 ? n : (j / lanes + 1) * lanes;
        some = CYPOOL_LESS(WIDTH, end - j);
        T any = 0;
        if (some == WIDTH)
            CYPOOL_AS_VECTOR for (ptrdiff_t i = 0; i < WIDTH; i++)
                any = (T)(any | marks[j + i]);
        else
            for (ptrdiff_t i = 0; i < some; i++)
                any = (T)(any | marks[j + i]);
        if (!any)
            continue;
        ptrdiff_t marked = 0;
        if (together && some == WIDTH)
            for (ptrdiff_t i = j; i < j + WIDTH; i++)
                marked += marks[i] != 0;
        if (marked > 1 && j + WIDTH <= full)
            FN(pick)(p, part, level, z, y, lanes == 1 ? l->kx * j : l->kx * (j - j % lanes) + j % lanes, to + j);
        else
            for (ptrdiff_t i = j; i < j + some; i++)
                if (marks[i])
                    to[i] = FN(window)(p, part, level, FN(gather)(p, part, level, z, y, i / lanes, i % lanes));
    }
}

/* Row (z, y) of the first level by two columns and two or four rows: modes and what it tells of its windows. */
static void FN(halve)(const cypool_pyramid *p, const cypool_pyramid_part *part, FN(windows) w, ptrdiff_t z, ptrdiff_t y, T *to) {
    const cypool_pyramid_level *l = &p->level[1];
    const ptrdiff_t full = p->level[0].x / 2, lanes = p->lanes, rows = p->fz * p->fy;
    const int tell = p->levels > 1;
    T *any = to ? to : (T *)part->sums[1], *marks = FN(rows)(part, 1, 0).many;
    const T *row[4] = {NULL};
    for (ptrdiff_t k = 0; k < rows; k++)
        row[k] = (const T *)(part->x + (z * p->fz + k / p->fy) * p->z_stride + (y * p->fy + k % p->fy) * p->y_stride);
    for (ptrdiff_t k = 0; k < rows && p->level[0].x * lanes * (ptrdiff_t)sizeof(T) <= CYPOOL_NEAR; k++)
        cypool_prefetch((const char *)row[k] + p->fy * p->y_stride, p->level[0].x * lanes * (ptrdiff_t)sizeof(T));
    if (lanes == 1 && rows == 2 && tell)
        FN(modes_of_4)(any, w, row[0], row[1], full, 2, 1, 1);
    else if (lanes == 1 && rows == 2)
        FN(modes_of_4)(any, w, row[0], row[1], full, 2, 1, 0);
    else if (lanes == 1 && tell)
        FN(modes_of_8)(any, marks, w, row, full, 2, 1, 1);
    else if (lanes == 1)
        FN(modes_of_8)(any, marks, w, row, full, 2, 1, 0);
    else
        for (ptrdiff_t x = 0; x < full; x++) {
            const FN(windows) here = {w.lo + x * lanes, w.hi + x * lanes, w.many + x * lanes, w.count + x * lanes};
            if (rows == 2)
                FN(modes_of_4)(any + x * lanes, here, row[0], row[1], lanes, 1, lanes, 1);
            else
                FN(modes_of_8)(any + x * lanes, marks + x * lanes, here, row, lanes, 1, lanes, 1);
            for (ptrdiff_t k = 0; k < rows; k++)
                row[k] += 2 * lanes;
        }
    if (2 * full < p->level[0].x) /* one column is left */
        for (ptrdiff_t c = 0, i = full * lanes; c < lanes; c++, i++) {
            const ptrdiff_t n = FN(gather)(p, part, 1, z, y, full, c);
            FN(count_one)(w, i, (const T *)part->cells, n);
            marks[i] = 0;
            if (p->pad)
                w.many[i] = (T)(w.many[i] | w.lo[i] | w.hi[i]);
            if (to && full < l->out_x)
                to[i] = FN(window)(p, part, 1, n);
        }
    if (to && rows == 4)
        FN(resolve)(p, part, 1, z, y, marks, to);
}

/* What row (z, y) of the first level tells of its windows: each cell is a window that is merged. */
static void FN(count_cells)(const cypool_pyramid *p, const cypool_pyramid_part *part, FN(windows) w, ptrdiff_t z, ptrdiff_t y) {
    const ptrdiff_t z_end = CYPOOL_LESS((z + 1) * p->fz, p->level[0].z), y_end = CYPOOL_LESS((y + 1) * p->fy, p->level[0].y);
    const ptrdiff_t n = p->level[0].x * p->lanes;
    const FN(windows) sums = FN(rows)(part, 1, 0);
    int more = 0;
    for (ptrdiff_t i = z * p->fz; i < z_end; i++)
        for (ptrdiff_t j = y * p->fy; j < y_end; j++, more = 1) {
            const T *cells = (const T *)(part->x + i * p->z_stride + j * p->y_stride);
            if (more) {
                CYPOOL_INDEPENDENT for (ptrdiff_t k = 0; k < n; k++)
                    MERGE(sums.many[k], sums.count[k], sums.lo[k], sums.hi[k], sums.lo[k], sums.hi[k], sums.many[k], sums.count[k],
                          cells[k], cells[k], 0, 1);
            } else
                for (ptrdiff_t k = 0; k < n; k++)
                    sums.lo[k] = sums.hi[k] = cells[k], sums.many[k] = 0, sums.count[k] = 1;
        }
    FN(merge_columns)(w, sums, p->level[0].x, p->fx, p->lanes);
}

/* The modes of n windows whose smallest label has half of the cells, or that have no third one; the others are marked. */
static CYPOOL_APART void FN(choose)(T *restrict to, T *restrict marks, const FN(windows) w, ptrdiff_t n, C taps) {
    const T *restrict lo = w.lo, *restrict hi = w.hi, *restrict many = w.many;
    const C *restrict count = w.count;
    CYPOOL_INDEPENDENT for (ptrdiff_t i = 0; i < n; i++) {
        const T low = lo[i], high = hi[i], mark = many[i];
        const T open = count[i] < (C)(taps - count[i]) ? (T)-1 : (T)0; /* two selects would become a branch */
        to[i] = (T)(low ^ ((low ^ high) & open));
        marks[i] = (T)(mark & open);
    }
}

/* Row (z, y) of a level: what it tells of its windows into w, their modes into the result, if they have a place. */
static void FN(level)(const cypool_pyramid *p, const cypool_pyramid_part *part, int level, ptrdiff_t z, ptrdiff_t y,
                      const FN(windows) w) {
    const cypool_pyramid_level *l = &p->level[level], *below = l - 1;
    const ptrdiff_t z_end = CYPOOL_LESS((z + 1) * p->fz, below->z), y_end = CYPOOL_LESS((y + 1) * p->fy, below->y);
    const ptrdiff_t lanes = p->lanes, n = l->x * lanes, full = p->level[0].x / l->kx * lanes;
    const ptrdiff_t rows = CYPOOL_LESS(l->kz, p->level[0].z - z * l->kz) * CYPOOL_LESS(l->ky, p->level[0].y - y * l->ky);
    const ptrdiff_t last = p->level[0].x - full / lanes * l->kx; /* columns of the last window, if it is not full */
    const int partial = (z + 1) * l->kz > p->level[0].z || (y + 1) * l->ky > p->level[0].y;
    T *to = NULL;
    if (z < l->out_z && y < l->out_y)
        to = (T *)l->out + ((part->plane * l->out_z + z) * l->out_y + y) * l->out_x * lanes;
    if (level == 1 && !partial && p->fx == 2 && (rows == 2 || rows == 4) && (lanes == 1 || lanes >= WIDTH)) {
        FN(halve)(p, part, w, z, y, to);
        return;
    }
    if (level == 1)
        FN(count_cells)(p, part, w, z, y);
    else {
        const FN(windows) sums = FN(rows)(part, level, 0), child = FN(rows)(part, level - 1, 1);
        int more = 0;
        for (ptrdiff_t i = z * p->fz; i < z_end; i++)
            for (ptrdiff_t j = y * p->fy; j < y_end; j++, more = 1) {
                FN(level)(p, part, level - 1, i, j, more ? child : sums);
                if (more)
                    FN(merge_rows)(sums, child, below->x * lanes);
            }
        FN(merge_columns)(w, sums, below->x, p->fx, lanes);
    }
    const int countless = (double)rows * (double)l->kx > (double)(C)-1; /* counts that may not fit are of no use */
    if (countless)
        for (ptrdiff_t i = 0; i < n; i++)
            w.many[i] = (T)(w.many[i] | (w.lo[i] ^ w.hi[i]));
    if (p->pad) /* windows that zeros fill up */
        for (ptrdiff_t i = partial ? 0 : full; i < n; i++)
            w.many[i] = (T)(w.many[i] | w.lo[i] | w.hi[i]);
    if (!to)
        return;
    const ptrdiff_t outs = l->out_x * lanes, whole = CYPOOL_LESS(full, outs);
    const FN(windows) ends = {w.lo + whole, w.hi + whole, w.many + whole, w.count + whole};
    T *marks = FN(rows)(part, level, 0).many;
    FN(choose)(to, marks, w, whole, (C)(rows * l->kx));
    FN(choose)(to + whole, marks + whole, ends, outs - whole, (C)(rows * last));
    FN(resolve)(p, part, level, z, y, countless || p->pad ? w.many : marks, to);
}

static void FN(modes)(const cypool_pyramid *p, const cypool_pyramid_part *part, int level, ptrdiff_t z, ptrdiff_t y) {
    FN(level)(p, part, level, z, y, FN(rows)(part, level, 1));
}

#undef T
#undef C
#undef FN
#undef SORT
#undef WIDTH
#undef MERGE
#undef MERGE_ROWS
#undef EQUAL
#undef EQUALS
#undef LEAST
#undef MOST
