/* Modes of one dtype at several resolutions: rows of labels that hand themselves from level to level, depth first.
 *
 * Most windows of a segmentation have one label.  So a row of a level is a row of labels, its windows' first cells, and a row of
 * marks that are not 0 where a window is mixed: the bitwise or of what its cells differ by.  A level's rows come from those of the
 * level below, for a window is mixed if one of its parts is, or if two parts have different labels.  Mixed windows alone are looked
 * at: those of 4 and 8 cells of the first level side by side, a vector's width of them, all others one at a time, cell by cell of the
 * array.  Of equally frequent labels the smallest wins.
 *
 * Included once for each dtype by pyramid.h, which defines
 *     T        the labels
 *     FN(name) the name for this type
 *     SORT(a, n) the n labels in ascending order
 */

#define WIDTH (32 / (ptrdiff_t)sizeof(T)) /* windows side by side */

/* differ = what rows differ by from the first one, elementwise (or what it was). */
CYPOOL_FN void FN(differences)(T *restrict differ, const T *restrict first, const T *restrict a, ptrdiff_t n, const int more) {
    if (more)
        for (ptrdiff_t i = 0; i < n; i++)
            differ[i] = (T)(differ[i] | (a[i] ^ first[i]));
    else
        for (ptrdiff_t i = 0; i < n; i++)
            differ[i] = (T)(a[i] ^ first[i]);
}

/* The same of a row of windows that may be mixed themselves. */
CYPOOL_FN void FN(mixtures)(T *restrict differ, const T *restrict first, const T *restrict a, const T *restrict mixed, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++)
        differ[i] = (T)(differ[i] | mixed[i] | (a[i] ^ first[i]));
}

/* Labels and marks of f neighbours of n, each of `lanes` elements; the last may have fewer. */
CYPOOL_FN void FN(join)(T *restrict label, T *restrict mixed, const T *restrict first, const T *restrict differ, ptrdiff_t n,
                        ptrdiff_t f, ptrdiff_t lanes) {
    const ptrdiff_t full = f == 2 && lanes == 1 ? n / 2 : 0;
    for (ptrdiff_t j = 0; j < full; j++) {
        label[j] = first[2 * j];
        mixed[j] = (T)(differ[2 * j] | differ[2 * j + 1] | (first[2 * j] ^ first[2 * j + 1]));
    }
    for (ptrdiff_t j = full; j * f < n; j++) {
        const T *a = first + j * f * lanes, *d = differ + j * f * lanes;
        const ptrdiff_t taps = CYPOOL_LESS(f, n - j * f);
        for (ptrdiff_t c = 0; c < lanes; c++)
            label[j * lanes + c] = a[c], mixed[j * lanes + c] = d[c];
        for (ptrdiff_t t = 1; t < taps; t++)
            for (ptrdiff_t c = 0; c < lanes; c++)
                mixed[j * lanes + c] = (T)(mixed[j * lanes + c] | d[t * lanes + c] | (a[t * lanes + c] ^ a[c]));
    }
}

/* Row (z, y) of the first level: a few columns at a time. */
static void FN(first_labels)(const cypool_pyramid *p, const cypool_pyramid_part *part, ptrdiff_t z, ptrdiff_t y) {
    const ptrdiff_t n = p->level[0].x, lanes = p->lanes, f = p->fx, block = CYPOOL_LESS(CYPOOL_COLUMNS / (f * lanes) + 1, n) * f;
    const ptrdiff_t z_end = CYPOOL_LESS((z + 1) * p->fz, p->level[0].z), y_end = CYPOOL_LESS((y + 1) * p->fy, p->level[0].y);
    T *differ = (T *)part->sums[1];
    for (ptrdiff_t x = 0; x < n; x += block) {
        const ptrdiff_t some = CYPOOL_LESS(block, n - x), at = x * lanes * (ptrdiff_t)sizeof(T), to = x / f * lanes;
        const T *first = (const T *)(part->x + z * p->fz * p->z_stride + y * p->fy * p->y_stride + at);
        int more = 0;
        for (ptrdiff_t i = z * p->fz; i < z_end; i++)
            for (ptrdiff_t j = y * p->fy; j < y_end; j++) {
                const T *cells = (const T *)(part->x + i * p->z_stride + j * p->y_stride + at);
                if (cells != first)
                    FN(differences)(differ, first, cells, some * lanes, more), more = 1;
            }
        if (!more)
            memset(differ, 0, (size_t)(some * lanes) * sizeof(T));
        FN(join)((T *)part->row[1] + to, (T *)part->mixed[1] + to, first, differ, some, f, lanes);
    }
}

#define EACH CYPOOL_AS_VECTOR for (ptrdiff_t i = 0; i < WIDTH; i++)

/* The modes of 4 cells each: a pair of the last three, and whether the first cell belongs to one. */
CYPOOL_FN void FN(mode_of_4)(T *restrict to, const T tap[][WIDTH]) {
    EACH {
        const T a = tap[0][i], b = tap[1][i], c = tap[2][i], d = tap[3][i];
        const T low = c < d ? c : d, lower = a < b ? a : b, least = low < lower ? low : lower;
        const T pair = (b == c) | (b == d) ? b : c; /* of the last three, if any two are equal */
        const T other = (b == c) | (b == d) | (c == d) ? pair : least;
        const T tie = (b == c) | (b == d) | (c == d) ? pair : a;
        const T least_pair = tie < a ? tie : a;
        to[i] = (a == b) | (a == c) | (a == d) ? least_pair : other;
    }
}

#define SWAP(k, l)                                                                                                              \
    EACH {                                                                                                                      \
        const T a = tap[k][i], b = tap[l][i];                                                                                   \
        tap[k][i] = a < b ? a : b;                                                                                              \
        tap[l][i] = a < b ? b : a;                                                                                              \
    }

/* The modes of 8 cells each, which change places: sorted, then the first of the longest runs. */
CYPOOL_FN void FN(mode_of_8)(T *restrict to, T tap[][WIDTH]) {
    T run[WIDTH], most[WIDTH], best[WIDTH];
    SWAP(0, 1) SWAP(2, 3) SWAP(4, 5) SWAP(6, 7)
    SWAP(0, 2) SWAP(1, 3) SWAP(4, 6) SWAP(5, 7)
    SWAP(1, 2) SWAP(5, 6) SWAP(0, 4) SWAP(3, 7)
    SWAP(1, 5) SWAP(2, 6)
    SWAP(1, 4) SWAP(3, 6)
    SWAP(2, 4) SWAP(3, 5)
    SWAP(3, 4)
    EACH run[i] = most[i] = 0, best[i] = tap[0][i];
    for (int t = 1; t < 8; t++)
        EACH {
            const T length = tap[t][i] == tap[t - 1][i] ? (T)(run[i] + 1) : (T)0;
            best[i] = length > most[i] ? tap[t][i] : best[i];
            most[i] = length > most[i] ? length : most[i];
            run[i] = length;
        }
    EACH to[i] = best[i];
}
#undef SWAP
#undef EACH

/* How many of n cells have this label. */
CYPOOL_FN ptrdiff_t FN(count)(const T *cells, ptrdiff_t n, T label) {
    ptrdiff_t found = 0, i = 0;
    for (; i + 64 <= n; i += 64) {
        uint8_t some = 0;
        for (ptrdiff_t j = 0; j < 64; j++)
            some = (uint8_t)(some + (cells[i + j] == label));
        found += some;
    }
    for (; i < n; i++)
        found += cells[i] == label;
    return found;
}

CYPOOL_FN int FN(is_among)(T cell, const T *labels, int n) {
    int found = 0;
    for (int i = 0; i < n; i++)
        found |= cell == labels[i];
    return found;
}

/* The mode of n cells, which change places, and of `zeros` more: label by label, those of many labels sorted. */
static T FN(majority)(T *cells, ptrdiff_t n, ptrdiff_t zeros) {
    T seen[CYPOOL_FEW_LABELS], best = 0;
    ptrdiff_t at = 0, left = n, most = 0;
    int labels = 0;
    if (zeros) {
        const ptrdiff_t found = FN(count)(cells, n, 0);
        left -= found, most = found + zeros, seen[labels++] = 0;
    }
    for (; left > 0 && left >= most && labels < CYPOOL_FEW_LABELS; at++) {
        while (FN(is_among)(cells[at], seen, labels))
            at++;
        const T label = seen[labels++] = cells[at];
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

/* The mode of a level's window in column x and lane c. */
static T FN(window)(const cypool_pyramid *p, const cypool_pyramid_part *part, int level, ptrdiff_t z, ptrdiff_t y, ptrdiff_t x,
                    ptrdiff_t c) {
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
    const ptrdiff_t n = to - (T *)part->cells;
    const double zeros = p->pad ? (double)l->kz * (double)l->ky * (double)l->kx - (double)n : 0;
    return zeros > (double)n ? (T)0 : FN(majority)((T *)part->cells, n, (ptrdiff_t)zeros);
}

/* A row's mixed windows of the first level from `begin` on, WIDTH at once: columns, or lanes of column x. */
CYPOOL_FN void FN(pick)(T *to, const cypool_pyramid *p, const cypool_pyramid_part *part, ptrdiff_t z, ptrdiff_t y, ptrdiff_t begin) {
    T tap[8][WIDTH];
    int taps = 0;
    for (ptrdiff_t i = z * p->fz; i < (z + 1) * p->fz; i++)
        for (ptrdiff_t j = y * p->fy; j < (y + 1) * p->fy; j++) {
            const T *from = (const T *)(part->x + i * p->z_stride + j * p->y_stride) + begin;
            if (p->lanes == 1)
                CYPOOL_AS_VECTOR for (ptrdiff_t k = 0; k < WIDTH; k++)
                    tap[taps][k] = from[2 * k], tap[taps + 1][k] = from[2 * k + 1];
            else
                CYPOOL_AS_VECTOR for (ptrdiff_t k = 0; k < WIDTH; k++)
                    tap[taps][k] = from[k], tap[taps + 1][k] = from[p->lanes + k];
            taps += 2;
        }
    if (taps == 4)
        FN(mode_of_4)(to, tap);
    else
        FN(mode_of_8)(to, tap);
}

/* Mixed windows of row (z, y) of a level, into the result's row. */
static void FN(resolve)(const cypool_pyramid *p, const cypool_pyramid_part *part, int level, ptrdiff_t z, ptrdiff_t y, T *to) {
    const cypool_pyramid_level *l = &p->level[level];
    const ptrdiff_t lanes = p->lanes, n = l->out_x * lanes, taps = p->fz * p->fy * 2;
    const int whole = (z + 1) * p->fz <= p->level[0].z && (y + 1) * p->fy <= p->level[0].y;
    const int together = level == 1 && p->fx == 2 && whole && (taps == 4 || taps == 8) && (lanes == 1 || lanes >= WIDTH);
    const ptrdiff_t full = p->level[0].x / 2 * lanes; /* elements of windows with both columns */
    const T *mixed = (const T *)part->mixed[level];
    for (ptrdiff_t j = 0, some; j < n; j += some) {
        const ptrdiff_t end = lanes == 1 ? n : (j / lanes + 1) * lanes;
        some = CYPOOL_LESS(WIDTH, end - j);
        T any = 0;
        if (some == WIDTH)
            CYPOOL_AS_VECTOR for (ptrdiff_t i = 0; i < WIDTH; i++)
                any = (T)(any | mixed[j + i]);
        else
            for (ptrdiff_t i = 0; i < some; i++)
                any = (T)(any | mixed[j + i]);
        if (!any)
            continue;
        if (together && some == WIDTH && j + WIDTH <= full)
            FN(pick)(to + j, p, part, z, y, lanes == 1 ? 2 * j : 2 * (j - j % lanes) + j % lanes);
        else
            for (ptrdiff_t i = j; i < j + some; i++)
                if (mixed[i])
                    to[i] = FN(window)(p, part, level, z, y, i / lanes, i % lanes);
    }
}

/* Row (z, y) of a level: its labels and marks into the part's rows of the level, its modes into the result, if it has a place. */
static void FN(modes)(const cypool_pyramid *p, const cypool_pyramid_part *part, int level, ptrdiff_t z, ptrdiff_t y) {
    const cypool_pyramid_level *l = &p->level[level], *below = l - 1;
    const ptrdiff_t z_end = CYPOOL_LESS((z + 1) * p->fz, below->z), y_end = CYPOOL_LESS((y + 1) * p->fy, below->y);
    const ptrdiff_t n = below->x * p->lanes, lanes = p->lanes;
    T *label = (T *)part->row[level], *mixed = (T *)part->mixed[level];
    if (level == 1)
        FN(first_labels)(p, part, z, y);
    else {
        T *first = (T *)part->first[level], *differ = (T *)part->sums[level];
        const T *labels = (const T *)part->row[level - 1], *marks = (const T *)part->mixed[level - 1];
        int more = 0;
        for (ptrdiff_t i = z * p->fz; i < z_end; i++)
            for (ptrdiff_t j = y * p->fy; j < y_end; j++) {
                FN(modes)(p, part, level - 1, i, j);
                if (more)
                    FN(mixtures)(differ, first, labels, marks, n);
                else {
                    memcpy(first, labels, (size_t)n * sizeof(T));
                    memcpy(differ, marks, (size_t)n * sizeof(T));
                }
                more = 1;
            }
        FN(join)(label, mixed, first, differ, below->x, p->fx, lanes);
    }
    if (p->pad) { /* windows that zeros fill up are mixed if their label is another */
        const int partial = (z + 1) * l->kz > p->level[0].z || (y + 1) * l->ky > p->level[0].y;
        for (ptrdiff_t i = partial ? 0 : p->level[0].x / l->kx * lanes; i < l->x * lanes; i++)
            mixed[i] = (T)(mixed[i] | label[i]);
    }
    if (z >= l->out_z || y >= l->out_y)
        return;
    T *to = (T *)l->out + ((part->plane * l->out_z + z) * l->out_y + y) * l->out_x * lanes;
    memcpy(to, label, (size_t)(l->out_x * lanes) * sizeof(T));
    FN(resolve)(p, part, level, z, y, to);
}

#undef T
#undef FN
#undef SORT
#undef WIDTH
