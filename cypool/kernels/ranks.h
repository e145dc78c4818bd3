/* Order statistics and majorities of cells, for each work type: on columns side by side, and on one window's cells.
 *
 * Columns side by side are a block: row t holds tap t of every column, rows lie `pitch` bytes apart.  A program of compare
 * and exchange steps (cypool/networks.py) sorts all columns at once, as far as somebody wants to know.  One window's cells
 * are selected from by partitions.  Nothing here meets a NaN but `nan`: the callers see to that.
 */
#ifndef CYPOOL_RANKS_H
#define CYPOOL_RANKS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { CYPOOL_MOST_COLUMNS = 256, CYPOOL_FEW_CELLS = 20 };

typedef struct {
    void (*network)(char *block, ptrdiff_t pitch, ptrdiff_t cols, const int32_t *program, ptrdiff_t steps);
    int (*nan)(const char *cells, ptrdiff_t n);
    ptrdiff_t (*drop)(char *cells, ptrdiff_t n);
    /* blocks whose wanted rows are sorted */
    void (*blend)(double *out, const char *low, const char *high, ptrdiff_t cols, double weight);
    void (*top)(double *out, const char *block, ptrdiff_t pitch, ptrdiff_t cols, ptrdiff_t taps, ptrdiff_t k);
    void (*mode)(char *out, const char *block, ptrdiff_t pitch, ptrdiff_t cols, ptrdiff_t taps, int aside, uint64_t label);
    /* one window's cells, which change places */
    double (*rank)(char *cells, ptrdiff_t n, ptrdiff_t low, double weight);
    double (*largest)(char *cells, ptrdiff_t n, ptrdiff_t k);
    void (*majority)(char *out, char *cells, ptrdiff_t n, int aside, uint64_t label);
    /* gradients: `cells` in their places, `copy` to be moved, `at` where each cell lies in the plane */
    void (*give_rank)(double *plane, const char *cells, char *copy, const ptrdiff_t *at, ptrdiff_t n, ptrdiff_t low,
                      double weight, double g);
    void (*give_top)(double *plane, const char *cells, char *copy, const ptrdiff_t *at, ptrdiff_t n, ptrdiff_t k, double g);
    /* the same for columns side by side: `cells` in their places, the wanted rows of the sorted block; `at` is where the
     * first column's cells lie, `shift` how far behind it each column's, `dense` whether that is the column's number;
     * `give_tops` spoils the cells */
    void (*give_ranks)(double *plane, const char *cells, ptrdiff_t pitch, ptrdiff_t cols, ptrdiff_t taps, const char *low_row,
                       const char *high_row, ptrdiff_t low, double weight, const ptrdiff_t *at, const ptrdiff_t *shift,
                       const double *g);
    void (*give_tops)(double *plane, char *cells, ptrdiff_t pitch, ptrdiff_t cols, ptrdiff_t taps, const char *least_row,
                      ptrdiff_t k, const ptrdiff_t *at, const ptrdiff_t *shift, int dense, const double *g);
    ptrdiff_t (*last_nan)(const char *cells, ptrdiff_t n);
    ptrdiff_t (*drop_both)(char *cells, ptrdiff_t *at, ptrdiff_t n);
} cypool_ranks_t;

/* Columns of a block up to a whole vector: those behind hold anything, and nobody looks; remainders are slow as scalars. */
#define CYPOOL_WHOLE(cols) (((cols) + 15) & ~(ptrdiff_t)15)

/* The weighted mean of two neighbours: exact where they are equal, and where one has no weight. */
static inline double cypool_between(double low, double high, double weight) {
    return weight == 0 || low == high ? low : (1 - weight) * low + weight * high;
}

#define CYPOOL_RANKS(name, T, U)                                                                                       \
    static void name##_network(char *block, ptrdiff_t pitch, ptrdiff_t cols, const int32_t *program, ptrdiff_t steps) { \
        cols = CYPOOL_WHOLE(cols);                                                                                     \
        for (ptrdiff_t s = 0; s < steps; s++, program += 3) {                                                          \
            T *restrict a = (T *)(block + program[0] * pitch), *restrict b = (T *)(block + program[1] * pitch);        \
            if (program[2] == 0)                                                                                       \
                for (ptrdiff_t i = 0; i < cols; i++) {                                                                 \
                    T x = a[i], y = b[i];                                                                              \
                    a[i] = x < y ? x : y;                                                                              \
                    b[i] = x > y ? x : y;                                                                              \
                }                                                                                                      \
            else if (program[2] == 1)                                                                                  \
                for (ptrdiff_t i = 0; i < cols; i++) a[i] = a[i] < b[i] ? a[i] : b[i];                                 \
            else                                                                                                       \
                for (ptrdiff_t i = 0; i < cols; i++) b[i] = a[i] > b[i] ? a[i] : b[i];                                 \
        }                                                                                                              \
    }                                                                                                                  \
    static int name##_nan(const char *cells, ptrdiff_t n) {                                                            \
        const T *a = (const T *)cells;                                                                                 \
        U any = 0;                                                                                                     \
        for (ptrdiff_t i = 0; i < n; i++) any |= (U)(a[i] != a[i]);                                                    \
        return any != 0;                                                                                               \
    }                                                                                                                  \
    static ptrdiff_t name##_drop(char *cells, ptrdiff_t n) {                                                           \
        T *a = (T *)cells;                                                                                             \
        ptrdiff_t left = 0;                                                                                            \
        for (ptrdiff_t i = 0; i < n; i++)                                                                              \
            if (a[i] == a[i]) a[left++] = a[i];                                                                        \
        return left;                                                                                                   \
    }                                                                                                                  \
    static ptrdiff_t name##_drop_both(char *cells, ptrdiff_t *at, ptrdiff_t n) {                                       \
        T *a = (T *)cells;                                                                                             \
        ptrdiff_t left = 0;                                                                                            \
        for (ptrdiff_t i = 0; i < n; i++)                                                                              \
            if (a[i] == a[i]) a[left] = a[i], at[left++] = at[i];                                                      \
        return left;                                                                                                   \
    }                                                                                                                  \
    static ptrdiff_t name##_last_nan(const char *cells, ptrdiff_t n) {                                                 \
        const T *a = (const T *)cells;                                                                                 \
        while (n > 0 && a[n - 1] == a[n - 1]) n--;                                                                     \
        return n - 1;                                                                                                  \
    }                                                                                                                  \
    static void name##_blend(double *out, const char *low, const char *high, ptrdiff_t cols, double weight) {          \
        const T *a = (const T *)low, *b = (const T *)high;                                                             \
        if (weight == 0)                                                                                               \
            for (ptrdiff_t i = 0; i < cols; i++) out[i] = (double)a[i];                                                \
        else                                                                                                           \
            for (ptrdiff_t i = 0; i < cols; i++) out[i] = cypool_between((double)a[i], (double)b[i], weight);          \
    }                                                                                                                  \
    static void name##_top(double *out, const char *block, ptrdiff_t pitch, ptrdiff_t cols, ptrdiff_t taps,            \
                           ptrdiff_t k) {                                                                              \
        for (ptrdiff_t i = 0; i < cols; i++) out[i] = 0;                                                               \
        for (ptrdiff_t t = taps - 1; t >= taps - k; t--) {                                                             \
            const T *a = (const T *)(block + t * pitch);                                                               \
            for (ptrdiff_t i = 0; i < cols; i++) out[i] += (double)a[i];                                               \
        }                                                                                                              \
        for (ptrdiff_t i = 0; i < cols; i++) out[i] /= (double)k;                                                      \
    }                                                                                                                  \
    /* Runs of equal cells, in ascending order: the first of the longest wins.  A label set aside never wins. */       \
    static void name##_mode(char *out, const char *block, ptrdiff_t pitch, ptrdiff_t cols, ptrdiff_t taps, int aside,  \
                            uint64_t label) {                                                                          \
        U run[CYPOOL_MOST_COLUMNS], most[CYPOOL_MOST_COLUMNS];                                                         \
        T *restrict best = (T *)out;                                                                                   \
        T away = (T)label;                                                                                             \
        U counts = (U)!aside;                                                                                          \
        memcpy(out, block, (size_t)cols * sizeof(T));                                                                  \
        memset(run, 0, sizeof run);                                                                                    \
        memset(most, 0, sizeof most);                                                                                  \
        for (ptrdiff_t t = 0; t < taps; t++) {                                                                         \
            const T *a = (const T *)(block + t * pitch), *before = (const T *)(block + (t ? t - 1 : 0) * pitch);       \
            for (ptrdiff_t i = 0; i < cols; i++) {                                                                     \
                U length = (U)((a[i] == before[i] ? run[i] : (U)0) + (U)1);                                            \
                U wins = (U)((U)(length > most[i]) & (counts | (U)(a[i] != away)));                                    \
                run[i] = length;                                                                                       \
                most[i] = wins ? length : most[i];                                                                     \
                best[i] = wins ? a[i] : best[i];                                                                       \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static void name##_insertion(T *a, ptrdiff_t n) {                                                                  \
        for (ptrdiff_t i = 1; i < n; i++) {                                                                            \
            T x = a[i];                                                                                                \
            ptrdiff_t k = i;                                                                                           \
            for (; k > 0 && x < a[k - 1]; k--) a[k] = a[k - 1];                                                        \
            a[k] = x;                                                                                                  \
        }                                                                                                              \
    }                                                                                                                  \
    static void name##_sift(T *a, ptrdiff_t root, ptrdiff_t n) {                                                       \
        T x = a[root];                                                                                                 \
        for (ptrdiff_t child; (child = 2 * root + 1) < n; root = child) {                                              \
            if (child + 1 < n && a[child] < a[child + 1]) child++;                                                     \
            if (!(x < a[child])) break;                                                                                \
            a[root] = a[child];                                                                                        \
        }                                                                                                              \
        a[root] = x;                                                                                                   \
    }                                                                                                                  \
    static void name##_heap(T *a, ptrdiff_t n) {                                                                       \
        for (ptrdiff_t i = n / 2 - 1; i >= 0; i--) name##_sift(a, i, n);                                               \
        for (ptrdiff_t i = n - 1; i > 0; i--) {                                                                        \
            T x = a[0];                                                                                                \
            a[0] = a[i], a[i] = x;                                                                                     \
            name##_sift(a, 0, i);                                                                                      \
        }                                                                                                              \
    }                                                                                                                  \
    /* Parts by the median of three: cells before *left are no greater, cells after *right no less than the pivot. */  \
    static void name##_part(T *a, ptrdiff_t n, ptrdiff_t *left, ptrdiff_t *right) {                                    \
        T x = a[0], y = a[n / 2], z = a[n - 1];                                                                        \
        T pivot = x < y ? (y < z ? y : x < z ? z : x) : (x < z ? x : y < z ? z : y);                                   \
        ptrdiff_t i = 0, k = n - 1;                                                                                    \
        while (i <= k) {                                                                                               \
            while (a[i] < pivot) i++;                                                                                  \
            while (pivot < a[k]) k--;                                                                                  \
            if (i <= k) {                                                                                              \
                T swap = a[i];                                                                                         \
                a[i++] = a[k], a[k--] = swap;                                                                          \
            }                                                                                                          \
        }                                                                                                              \
        *left = k + 1, *right = i;                                                                                     \
    }                                                                                                                  \
    /* Cell r where it stands in order, no greater ones before it, no less ones behind.  Parts that do not shrink fast \
     * enough are sorted, so that no input takes quadratic time. */                                                    \
    static void name##_select(T *a, ptrdiff_t n, ptrdiff_t r) {                                                        \
        ptrdiff_t left, right, work = 8 * n;                                                                           \
        while (n > CYPOOL_FEW_CELLS) {                                                                                 \
            work -= n;                                                                                                 \
            if (work < 0) {                                                                                            \
                name##_heap(a, n);                                                                                     \
                return;                                                                                                \
            }                                                                                                          \
            name##_part(a, n, &left, &right);                                                                          \
            if (r < left)                                                                                              \
                n = left;                                                                                              \
            else if (r >= right)                                                                                       \
                a += right, n -= right, r -= right;                                                                    \
            else                                                                                                       \
                return;                                                                                                \
        }                                                                                                              \
        name##_insertion(a, n);                                                                                        \
    }                                                                                                                  \
    static void name##_sort(T *a, ptrdiff_t n, int depth) {                                                            \
        ptrdiff_t left, right;                                                                                         \
        while (n > CYPOOL_FEW_CELLS) {                                                                                 \
            if (depth-- == 0) {                                                                                        \
                name##_heap(a, n);                                                                                     \
                return;                                                                                                \
            }                                                                                                          \
            name##_part(a, n, &left, &right);                                                                          \
            name##_sort(a, left, depth);                                                                               \
            a += right, n -= right;                                                                                    \
        }                                                                                                              \
        name##_insertion(a, n);                                                                                        \
    }                                                                                                                  \
    static int name##_depth(ptrdiff_t n) {                                                                             \
        int depth = 2;                                                                                                 \
        for (; n > 1; n /= 2) depth += 2;                                                                              \
        return depth;                                                                                                  \
    }                                                                                                                  \
    /* Ranks low and low + 1; the cells behind rank low are no less, so the next is their least. */                    \
    static void name##_pair(T *a, ptrdiff_t n, ptrdiff_t low, double weight, T *first, T *second) {                    \
        name##_select(a, n, low);                                                                                      \
        *first = *second = a[low];                                                                                     \
        if (weight == 0 || low + 1 >= n) return;                                                                       \
        T next = a[low + 1];                                                                                           \
        for (ptrdiff_t i = low + 2; i < n; i++) next = a[i] < next ? a[i] : next;                                      \
        *second = next;                                                                                                \
    }                                                                                                                  \
    static double name##_rank(char *cells, ptrdiff_t n, ptrdiff_t low, double weight) {                                \
        T first, second;                                                                                               \
        name##_pair((T *)cells, n, low, weight, &first, &second);                                                      \
        return cypool_between((double)first, (double)second, weight);                                                  \
    }                                                                                                                  \
    static double name##_largest(char *cells, ptrdiff_t n, ptrdiff_t k) {                                              \
        T *a = (T *)cells;                                                                                             \
        double sum = 0;                                                                                                \
        name##_select(a, n, n - k);                                                                                    \
        name##_sort(a + n - k, k, name##_depth(k));                                                                    \
        for (ptrdiff_t i = n - 1; i >= n - k; i--) sum += (double)a[i];                                                \
        return sum / (double)k;                                                                                        \
    }                                                                                                                  \
    static void name##_majority(char *out, char *cells, ptrdiff_t n, int aside, uint64_t label) {                      \
        T *a = (T *)cells, best = a[0];                                                                                \
        ptrdiff_t run = 0, most = 0;                                                                                   \
        name##_sort(a, n, name##_depth(n));                                                                            \
        for (ptrdiff_t i = 0; i < n; i++) {                                                                            \
            run = i && a[i] == a[i - 1] ? run + 1 : 1;                                                                 \
            if (run > most && !(aside && a[i] == (T)label)) most = run, best = a[i];                                   \
        }                                                                                                              \
        memcpy(out, &best, sizeof best);                                                                               \
    }                                                                                                                  \
    /* The cell of rank r where equal cells count in row-major order. */                                               \
    static ptrdiff_t name##_place(const T *a, ptrdiff_t n, T value, ptrdiff_t r) {                                     \
        ptrdiff_t i;                                                                                                   \
        for (i = 0; i < n; i++) r -= a[i] < value;                                                                     \
        for (i = 0; i < n; i++)                                                                                        \
            if (a[i] == value && r-- == 0) break;                                                                      \
        return i;                                                                                                      \
    }                                                                                                                  \
    static void name##_give_rank(double *plane, const char *cells, char *copy, const ptrdiff_t *at, ptrdiff_t n,       \
                                 ptrdiff_t low, double weight, double g) {                                             \
        T first, second;                                                                                               \
        name##_pair((T *)copy, n, low, weight, &first, &second);                                                       \
        plane[at[name##_place((const T *)cells, n, first, low)]] += (1 - weight) * g;                                  \
        if (weight != 0) plane[at[name##_place((const T *)cells, n, second, low + 1)]] += weight * g;                  \
    }                                                                                                                  \
    static void name##_give_top(double *plane, const char *cells, char *copy, const ptrdiff_t *at, ptrdiff_t n,        \
                                ptrdiff_t k, double g) {                                                               \
        const T *a = (const T *)cells;                                                                                 \
        T least;                                                                                                       \
        ptrdiff_t i, equal = k;                                                                                        \
        name##_select((T *)copy, n, n - k);                                                                            \
        least = ((const T *)copy)[n - k];                                                                              \
        for (i = 0; i < n; i++) equal -= a[i] > least;                                                                 \
        for (i = 0; i < n; i++)                                                                                        \
            if (a[i] > least || (a[i] == least && equal-- > 0)) plane[at[i]] += g / (double)k;                         \
    }                                                                                                                  \
    /* Which tap of each column has rank r, equal cells counted in row-major order. */                                 \
    static void name##_places(U *tap, const char *cells, ptrdiff_t pitch, ptrdiff_t cols, ptrdiff_t taps,              \
                              const char *row, ptrdiff_t r) {                                                          \
        U left[CYPOOL_MOST_COLUMNS];                                                                                   \
        const T *value = (const T *)row;                                                                               \
        cols = CYPOOL_WHOLE(cols);                                                                                     \
        for (ptrdiff_t i = 0; i < cols; i++) left[i] = (U)r, tap[i] = 0;                                               \
        for (ptrdiff_t t = 0; t < taps; t++) {                                                                         \
            const T *a = (const T *)(cells + t * pitch);                                                               \
            for (ptrdiff_t i = 0; i < cols; i++) left[i] = (U)(left[i] - (U)(a[i] < value[i]));                        \
        }                                                                                                              \
        /* behind the wanted cell `left` wraps around, and there are too few taps to reach 0 again */                  \
        for (ptrdiff_t t = 0; t < taps; t++) {                                                                         \
            const T *a = (const T *)(cells + t * pitch);                                                               \
            for (ptrdiff_t i = 0; i < cols; i++) {                                                                     \
                U equal = (U)(a[i] == value[i]);                                                                       \
                tap[i] = (U)(equal & (U)(left[i] == 0)) ? (U)t : tap[i];                                               \
                left[i] = (U)(left[i] - equal);                                                                        \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static void name##_give_ranks(double *plane, const char *cells, ptrdiff_t pitch, ptrdiff_t cols, ptrdiff_t taps,   \
                                  const char *low_row, const char *high_row, ptrdiff_t low, double weight,             \
                                  const ptrdiff_t *at, const ptrdiff_t *shift, const double *g) {                      \
        U first[CYPOOL_MOST_COLUMNS], second[CYPOOL_MOST_COLUMNS];                                                     \
        name##_places(first, cells, pitch, cols, taps, low_row, low);                                                  \
        if (weight == 0) {                                                                                             \
            for (ptrdiff_t i = 0; i < cols; i++) plane[at[first[i]] + shift[i]] += g[i];                               \
            return;                                                                                                    \
        }                                                                                                              \
        name##_places(second, cells, pitch, cols, taps, high_row, low + 1);                                            \
        for (ptrdiff_t i = 0; i < cols; i++) {                                                                         \
            plane[at[first[i]] + shift[i]] += (1 - weight) * g[i];                                                     \
            plane[at[second[i]] + shift[i]] += weight * g[i];                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    /* Taps from the last to the first: so a cell of the plane takes from the windows in their order. */               \
    static void name##_give_tops(double *plane, char *cells, ptrdiff_t pitch, ptrdiff_t cols, ptrdiff_t taps,          \
                                 const char *least_row, ptrdiff_t k, const ptrdiff_t *at, const ptrdiff_t *shift,      \
                                 int dense, const double *g) {                                                         \
        U left[CYPOOL_MOST_COLUMNS];                                                                                   \
        double share[CYPOOL_MOST_COLUMNS];                                                                             \
        const T *least = (const T *)least_row;                                                                         \
        ptrdiff_t whole = CYPOOL_WHOLE(cols);                                                                          \
        for (ptrdiff_t i = 0; i < cols; i++) share[i] = g[i] / (double)k;                                              \
        for (ptrdiff_t i = 0; i < whole; i++) left[i] = (U)k;                                                          \
        for (ptrdiff_t t = 0; t < taps; t++) {                                                                         \
            const T *a = (const T *)(cells + t * pitch);                                                               \
            for (ptrdiff_t i = 0; i < whole; i++) left[i] = (U)(left[i] - (U)(a[i] > least[i]));                        \
        }                                                                                                              \
        for (ptrdiff_t t = 0; t < taps; t++) {                                                                         \
            const T *a = (const T *)(cells + t * pitch);                                                               \
            U *taken = (U *)(cells + t * pitch); /* in the cells' stead */                                             \
            for (ptrdiff_t i = 0; i < whole; i++) {                                                                    \
                U equal = (U)((U)(a[i] == least[i]) & (U)(left[i] != 0));                                              \
                left[i] = (U)(left[i] - equal);                                                                        \
                taken[i] = (U)(equal | (U)(a[i] > least[i]));                                                          \
            }                                                                                                          \
        }                                                                                                              \
        for (ptrdiff_t t = taps - 1; t >= 0; t--) {                                                                    \
            const U *taken = (const U *)(cells + t * pitch);                                                           \
            double *restrict to = plane + at[t];                                                                       \
            if (dense)                                                                                                 \
                for (ptrdiff_t i = 0; i < cols; i++) to[i] += taken[i] ? share[i] : 0;                                 \
            else                                                                                                       \
                for (ptrdiff_t i = 0; i < cols; i++) to[shift[i]] += taken[i] ? share[i] : 0;                          \
        }                                                                                                              \
    }

/* `call` on n columns from column i on, m of them at once.  Remainders are slow as scalars: the last chunk overlaps the one
 * before it, so `call` must change nothing when it meets a column again. */
#define CYPOOL_CHUNKS(call)                                                                                            \
    {                                                                                                                  \
        enum { m = 16 };                                                                                               \
        for (ptrdiff_t i = 0; i + m <= n; i += m) call;                                                                \
        if (n % m && n > m) {                                                                                          \
            ptrdiff_t i = n - m;                                                                                       \
            call;                                                                                                      \
        }                                                                                                              \
    }                                                                                                                  \
    if (n < 16) {                                                                                                      \
        ptrdiff_t i = 0, m = n;                                                                                        \
        call;                                                                                                          \
    }

/* The largest of cells times `sign` plus w, tap by tap: `best` so far, and whose tap it is. */
#define CYPOOL_RAISED(name, T, U)                                                                                      \
    /* Which tap each of n columns has chosen, among those so far: the first of equals, the last NaN; of none ~0. */   \
    static inline U name##_choice(T *best, U chosen, T x, U tap, U counts) {                                           \
        U nan = (U)(x != x), first = (U)(chosen == (U)-1);                                                             \
        U wins = (U)((U)(x > *best) | (nan & counts) | (first & (U)!nan));                                             \
        *best = wins ? x : *best;                                                                                      \
        return wins ? tap : chosen;                                                                                    \
    }                                                                                                                  \
    static inline void name##_choices(T *restrict best, U *restrict chosen, const T *restrict a, ptrdiff_t n, T s, T raise,\
                                      U tap, U counts) {                                                               \
        for (ptrdiff_t i = 0; i < n; i++) chosen[i] = name##_choice(best + i, chosen[i], s * a[i] + raise, tap, counts);\
    }                                                                                                                  \
    /* `raise` is one number, or with lanes > 1 one for each lane; -inf then takes no part. */                         \
    static void name##_choose(char *best_row, char *chosen_row, const char *cells, ptrdiff_t n, ptrdiff_t lanes, double sign,\
                              const double *raise, ptrdiff_t tap, int ignore) {                                        \
        T *best = (T *)best_row;                                                                                       \
        U *chosen = (U *)chosen_row;                                                                                   \
        const T *a = (const T *)cells;                                                                                 \
        T s = (T)sign, w = (T)raise[0];                                                                                \
        U counts = (U)!ignore, t = (U)tap;                                                                             \
        if (lanes == 1) {                                                                                              \
            CYPOOL_CHUNKS(name##_choices(best + i, chosen + i, a + i, m, s, w, t, counts))                             \
            return;                                                                                                    \
        }                                                                                                              \
        for (; n > 0; n -= lanes, a += lanes, best += lanes, chosen += lanes)                                          \
            for (ptrdiff_t i = 0; i < lanes; i++) {                                                                    \
                T most = best[i];                                                                                      \
                U next = name##_choice(&most, chosen[i], s * a[i] + (T)raise[i], t, counts);                           \
                U part = (U)(raise[i] != -INFINITY);                                                                   \
                best[i] = part ? most : best[i];                                                                       \
                chosen[i] = part ? next : chosen[i];                                                                   \
            }                                                                                                          \
    }                                                                                                                  \
    static void name##_begin(char *best, char *chosen, ptrdiff_t n) {                                                  \
        for (ptrdiff_t i = 0; i < n; i++) ((T *)best)[i] = -INFINITY;                                                  \
        memset(chosen, 255, (size_t)n * sizeof(U));                                                                    \
    }                                                                                                                  \
    static void name##_settle(double *restrict out, const char *best, const char *chosen, ptrdiff_t n, double sign,    \
                              double empty) {                                                                          \
        for (ptrdiff_t i = 0; i < n; i++) {                                                                            \
            double value = sign * (double)((const T *)best)[i];                                                        \
            out[i] = ((const U *)chosen)[i] != (U)-1 ? value : empty;                                                  \
        }                                                                                                              \
    }                                                                                                                  \
    /* Each column's gradient to the cell that it chose, and to that one's tap. */                                     \
    static void name##_give_chosen(double *plane, double *element, const char *chosen_row, ptrdiff_t cols, double sign,\
                                   const ptrdiff_t *at, const ptrdiff_t *shift, const ptrdiff_t *tap,                  \
                                   const ptrdiff_t *tap_shift, const double *g) {                                      \
        const U *chosen = (const U *)chosen_row;                                                                       \
        for (ptrdiff_t i = 0; i < cols; i++) {                                                                         \
            if (chosen[i] == (U)-1) continue;                                                                          \
            plane[at[chosen[i]] + shift[i]] += g[i];                                                                   \
            element[tap[chosen[i]] + tap_shift[i]] += sign * g[i];                                                     \
        }                                                                                                              \
    }
CYPOOL_RAISED(cypool_f32, float, uint32_t)
CYPOOL_RAISED(cypool_f64, double, uint64_t)

CYPOOL_RANKS(cypool_i8, int8_t, uint8_t)
CYPOOL_RANKS(cypool_u8, uint8_t, uint8_t)
CYPOOL_RANKS(cypool_i16, int16_t, uint16_t)
CYPOOL_RANKS(cypool_u16, uint16_t, uint16_t)
CYPOOL_RANKS(cypool_i32, int32_t, uint32_t)
CYPOOL_RANKS(cypool_u32, uint32_t, uint32_t)
CYPOOL_RANKS(cypool_i64, int64_t, uint64_t)
CYPOOL_RANKS(cypool_u64, uint64_t, uint64_t)
CYPOOL_RANKS(cypool_f32, float, uint32_t)
CYPOOL_RANKS(cypool_f64, double, uint64_t)

#define CYPOOL_RANKS_ROW(name)                                                                                         \
    {name##_network, name##_nan,      name##_drop,      name##_blend,    name##_top,      name##_mode,     name##_rank, \
     name##_largest, name##_majority, name##_give_rank, name##_give_top, name##_give_ranks, name##_give_tops,          \
     name##_last_nan, name##_drop_both}

/* In the order of the codes of rows.pxd. */
static const cypool_ranks_t cypool_ranks[10] = {
    CYPOOL_RANKS_ROW(cypool_i8),  CYPOOL_RANKS_ROW(cypool_u8),  CYPOOL_RANKS_ROW(cypool_i16), CYPOOL_RANKS_ROW(cypool_u16),
    CYPOOL_RANKS_ROW(cypool_i32), CYPOOL_RANKS_ROW(cypool_u32), CYPOOL_RANKS_ROW(cypool_i64), CYPOOL_RANKS_ROW(cypool_u64),
    CYPOOL_RANKS_ROW(cypool_f32), CYPOOL_RANKS_ROW(cypool_f64),
};

#endif
