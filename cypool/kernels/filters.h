/* Sums of rows, each times a number of its own: all that filters.pyx does to a row of a work type.
 *
 * Terms are added one after the other in the order given, whatever the groups in which they are added and the stride: a result's
 * bits depend on its terms alone. */
#ifndef CYPOOL_FILTERS_H
#define CYPOOL_FILTERS_H

#include <stddef.h>

#if defined(_MSC_VER)
#define CYPOOL_RESTRICT __restrict
#else
#define CYPOOL_RESTRICT restrict
#endif

#if defined(__GNUC__)
#define CYPOOL_ALWAYS inline __attribute__((always_inline))
#else
#define CYPOOL_ALWAYS inline
#endif

enum { CYPOOL_GROUP = 4 }; /* rows that are added in one pass */

#define CYPOOL_FILTERS(name, T)                                                                                        \
    static CYPOOL_ALWAYS T name##_better(T a, T b) {                                                                   \
        T best = b > a ? b : a;                                                                                        \
        return b != b ? b : best;                                                                                      \
    }                                                                                                                  \
    static CYPOOL_ALWAYS void name##_group(T *CYPOOL_RESTRICT out, const T *const *rows, const double *w, ptrdiff_t m, \
                                           ptrdiff_t n, int more, ptrdiff_t s) {                                       \
        const T *a = rows[0], *b = rows[m > 1], *c = rows[m > 2 ? 2 : 0], *d = rows[m > 3 ? 3 : 0];                    \
        const T u = (T)w[0], v = (T)w[m > 1], x = (T)w[m > 2 ? 2 : 0], y = (T)w[m > 3 ? 3 : 0];                        \
        ptrdiff_t i;                                                                                                   \
        if (more) {                                                                                                    \
            if (m == 1)                                                                                                \
                for (i = 0; i < n; i++) out[i] = out[i] + u * a[i * s];                                                \
            else if (m == 2)                                                                                           \
                for (i = 0; i < n; i++) out[i] = (out[i] + u * a[i * s]) + v * b[i * s];                               \
            else if (m == 3)                                                                                           \
                for (i = 0; i < n; i++) out[i] = ((out[i] + u * a[i * s]) + v * b[i * s]) + x * c[i * s];              \
            else                                                                                                       \
                for (i = 0; i < n; i++)                                                                                \
                    out[i] = (((out[i] + u * a[i * s]) + v * b[i * s]) + x * c[i * s]) + y * d[i * s];                 \
        } else if (m == 1)                                                                                             \
            for (i = 0; i < n; i++) out[i] = u * a[i * s];                                                             \
        else if (m == 2)                                                                                               \
            for (i = 0; i < n; i++) out[i] = u * a[i * s] + v * b[i * s];                                              \
        else if (m == 3)                                                                                               \
            for (i = 0; i < n; i++) out[i] = (u * a[i * s] + v * b[i * s]) + x * c[i * s];                             \
        else                                                                                                           \
            for (i = 0; i < n; i++) out[i] = ((u * a[i * s] + v * b[i * s]) + x * c[i * s]) + y * d[i * s];            \
    }                                                                                                                  \
    /* out[i] = the sum of w[r] * rows[r][i * s] over at most CYPOOL_GROUP rows, added to out[i] if `more`. */         \
    static void name##_sum(char *out, const char *const *rows, const double *w, ptrdiff_t m, ptrdiff_t n, int more,    \
                           ptrdiff_t s) {                                                                              \
        if (s == 1)                                                                                                    \
            name##_group((T *)out, (const T *const *)rows, w, m, n, more, 1);                                          \
        else if (s == 2)                                                                                               \
            name##_group((T *)out, (const T *const *)rows, w, m, n, more, 2);                                          \
        else                                                                                                           \
            name##_group((T *)out, (const T *const *)rows, w, m, n, more, s);                                          \
    }                                                                                                                  \
    /* The same for one element of each of some rows, whose terms lie in one row. */                                   \
    static void name##_column(char *out, const char *row, const ptrdiff_t *cells, const double *w, ptrdiff_t m, int more,\
                              ptrdiff_t rows, ptrdiff_t out_pitch, ptrdiff_t pitch) {                                  \
        T *to = (T *)out;                                                                                              \
        const T *a = (const T *)row;                                                                                   \
        for (ptrdiff_t r = 0; r < rows; r++, to += out_pitch, a += pitch) {                                            \
            T sum = more ? *to : 0;                                                                                    \
            ptrdiff_t t = 0;                                                                                           \
            if (!more && m > 0) sum = (T)w[0] * a[cells[0]], t = 1;                                                    \
            for (; t < m; t++) sum = sum + (T)w[t] * a[cells[t]];                                                      \
            *to = sum;                                                                                                 \
        }                                                                                                              \
    }                                                                                                                  \
    /* The larger of two rows; NaN is larger than every number.  `out` is a itself, or apart from both.  The last vector */\
    /* overlaps the one before it, for what is left over would take as long as all the rest. */                        \
    static void name##_larger(char *out, const char *a, const char *b, ptrdiff_t n) {                                  \
        T *CYPOOL_RESTRICT most = (T *)out;                                                                            \
        const T *p = (const T *)a, *q = (const T *)b;                                                                  \
        const ptrdiff_t whole = n & ~(ptrdiff_t)7, tail = n - 8;                                                       \
        ptrdiff_t i;                                                                                                   \
        if (a == out) {                                                                                                \
            for (i = 0; i < whole; i++) most[i] = name##_better(most[i], q[i]);                                        \
            if (whole && whole < n)                                                                                    \
                for (i = 0; i < 8; i++) most[tail + i] = name##_better(most[tail + i], q[tail + i]);                   \
            if (!whole)                                                                                                \
                for (i = 0; i < n; i++) most[i] = name##_better(most[i], q[i]);                                        \
        } else {                                                                                                       \
            for (i = 0; i < whole; i++) most[i] = name##_better(p[i], q[i]);                                           \
            if (whole && whole < n)                                                                                    \
                for (i = 0; i < 8; i++) most[tail + i] = name##_better(p[tail + i], q[tail + i]);                      \
            if (!whole)                                                                                                \
                for (i = 0; i < n; i++) most[i] = name##_better(p[i], q[i]);                                           \
        }                                                                                                              \
    }                                                                                                                  \
    /* A row of n elements from p dense ones, `room` elements apart, one of each in turn. */                           \
    static void name##_weave(char *out, const char *dense, ptrdiff_t n, ptrdiff_t p, ptrdiff_t room) {                 \
        T *CYPOOL_RESTRICT to = (T *)out;                                                                              \
        const T *a = (const T *)dense, *b = a + room;                                                                  \
        if (p == 2) {                                                                                                  \
            for (ptrdiff_t i = 0; i < n / 2; i++) to[2 * i] = a[i], to[2 * i + 1] = b[i];                              \
            if (n % 2) to[n - 1] = a[n / 2];                                                                           \
            return;                                                                                                    \
        }                                                                                                              \
        for (ptrdiff_t phase = 0; phase < p; phase++)                                                                  \
            for (ptrdiff_t i = 0; phase + i * p < n; i++) to[phase + i * p] = a[phase * room + i];                     \
    }

typedef struct {
    void (*sum)(char *out, const char *const *rows, const double *w, ptrdiff_t m, ptrdiff_t n, int more, ptrdiff_t s);
    void (*column)(char *out, const char *row, const ptrdiff_t *cells, const double *w, ptrdiff_t m, int more, ptrdiff_t rows,
                   ptrdiff_t out_pitch, ptrdiff_t pitch);
    void (*larger)(char *out, const char *a, const char *b, ptrdiff_t n);
    void (*weave)(char *out, const char *dense, ptrdiff_t n, ptrdiff_t p, ptrdiff_t room);
} cypool_filters_t;

CYPOOL_FILTERS(cypool_f32, float)
CYPOOL_FILTERS(cypool_f64, double)

#define CYPOOL_FILTERS_ROW(name) {name##_sum, name##_column, name##_larger, name##_weave}

/* Whether the work type is double. */
static const cypool_filters_t cypool_filters[2] = {CYPOOL_FILTERS_ROW(cypool_f32), CYPOOL_FILTERS_ROW(cypool_f64)};

/* sums[i] += g[i] * cells[i * s] */
static void cypool_products(double *CYPOOL_RESTRICT sums, const double *g, const double *cells, ptrdiff_t n, ptrdiff_t s) {
    if (s == 1)
        for (ptrdiff_t i = 0; i < n; i++) sums[i] += g[i] * cells[i];
    else
        for (ptrdiff_t i = 0; i < n; i++) sums[i] += g[i] * cells[i * s];
}

#endif
