/* Windows that choose a cell by chance, each with the probability of its share of the window's sum, and what they choose on
 * average: for each work type, on a block (ranks.h) and on one window's cells.
 *
 * A cell's share is max(x, 0), in float64.  Shares are added in row-major order wherever a window is met, so that a window
 * has the same winner in a block, beside a border, and in every order of memory.
 */
#ifndef CYPOOL_DRAWN_H
#define CYPOOL_DRAWN_H

#include "ranks.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014: SplitMix64, whose n-th
 * number is a function of key + n * CYPOOL_GOLDEN alone. */
#define CYPOOL_GOLDEN UINT64_C(0x9E3779B97F4A7C15)

static inline uint64_t cypool_mixed(uint64_t z) {
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* u * total, u the 52 leading bits of a random number, in [0, 1); always less than the total, subnormal ones too. */
static inline double cypool_threshold(double total, uint64_t state) {
    union {
        uint64_t bits;
        double number;
    } u, below;
    double product;
    u.bits = (cypool_mixed(state) >> 12) | UINT64_C(0x3FF0000000000000);
    product = (u.number - 1) * total;
    below.number = total;
    below.bits -= 1;
    return product < total ? product : below.number;
}

static void cypool_thresholds(double *restrict threshold, const double *restrict total, uint64_t state, uint64_t step,
                              ptrdiff_t cols) {
    for (ptrdiff_t i = 0; i < cols; i++, state += step) threshold[i] = cypool_threshold(total[i], state);
}

typedef struct {
    /* of a block: sums of shares, and whether a window must be met by itself; the taps of winners; their cells */
    int (*totals)(double *total, const char *block, ptrdiff_t pitch, ptrdiff_t cols, ptrdiff_t taps);
    void (*winners)(uint64_t *tap, double *sum, const double *threshold, const char *block, ptrdiff_t pitch, ptrdiff_t cols,
                    ptrdiff_t taps);
    void (*picks)(char *out, const uint64_t *tap, const char *block, ptrdiff_t pitch, ptrdiff_t cols);
    /* what is chosen on average; 0: the window must be met by itself */
    void (*averages)(double *out, double *total, const char *block, ptrdiff_t pitch, ptrdiff_t cols, ptrdiff_t taps);
    /* of one window, whatever its cells, which lie `pitch` bytes apart */
    ptrdiff_t (*winner)(const char *cells, ptrdiff_t pitch, ptrdiff_t n, uint64_t state);
    double (*average)(const char *cells, ptrdiff_t pitch, ptrdiff_t n);
    void (*give_average)(double *plane, const char *cells, ptrdiff_t pitch, const ptrdiff_t *at, ptrdiff_t n, double g);
    /* the same for a block whose `averages` are known, those that are not 0; `at` is where the first column's cells lie,
     * `advance` how far from column to column */
    void (*give_averages)(double *plane, const char *block, ptrdiff_t pitch, ptrdiff_t cols, ptrdiff_t taps,
                          const double *average, double *total, const ptrdiff_t *at, ptrdiff_t advance, const double *g);
} cypool_drawn_t;

/* Sums of squares beyond these may have lost cells to the end of float64's range. */
#define CYPOOL_LEAST_SQUARES 0x1p-960
#define CYPOOL_MOST_SQUARES 0x1p960

#define CYPOOL_LARGEST 0x1.fffffffffffffp1023

enum { CYPOOL_PLAIN, CYPOOL_NAN, CYPOOL_INFINITE, CYPOOL_NO_SHARES };

#define CYPOOL_DRAWN(name, T, U)                                                                                       \
    static inline T name##_share(T x) { return 0 > x ? 0 : x; } /* NaN stays */                                        \
    /* n rows of a block in one pass, n a constant: sums then stay in registers from row to row */                     \
    static inline void name##_add(double *restrict total, const char *block, ptrdiff_t pitch, ptrdiff_t cols, int n,   \
                                  U *signs) {                                                                          \
        const T *restrict a = (const T *)block, *restrict b = (const T *)(block + (n > 1 ? pitch : 0));                \
        const T *restrict c = (const T *)(block + (n > 2 ? 2 * pitch : 0));                                            \
        U any = *signs;                                                                                                \
        for (ptrdiff_t i = 0; i < cols; i++) {                                                                         \
            U bits[3];                                                                                                 \
            double sum = total[i] + (double)name##_share(a[i]);                                                        \
            memcpy(bits, a + i, sizeof(U));                                                                            \
            any |= bits[0];                                                                                            \
            if (n > 1) sum += (double)name##_share(b[i]), memcpy(bits + 1, b + i, sizeof(U)), any |= bits[1];          \
            if (n > 2) sum += (double)name##_share(c[i]), memcpy(bits + 2, c + i, sizeof(U)), any |= bits[2];          \
            total[i] = sum;                                                                                            \
        }                                                                                                              \
        *signs = any;                                                                                                  \
    }                                                                                                                  \
    static int name##_totals(double *restrict total, const char *block, ptrdiff_t pitch, ptrdiff_t cols,               \
                             ptrdiff_t taps) {                                                                         \
        uint64_t nothing = 0, endless = 0;                                                                             \
        U signs = 0;                                                                                                   \
        for (ptrdiff_t i = 0; i < cols; i++) total[i] = 0;                                                             \
        for (ptrdiff_t t = 0; t < taps;) {                                                                             \
            const char *row = block + t * pitch;                                                                       \
            if (taps - t == 1) name##_add(total, row, pitch, cols, 1, &signs), t += 1;                                 \
            else if (taps - t == 2 || taps - t == 4) name##_add(total, row, pitch, cols, 2, &signs), t += 2;           \
            else name##_add(total, row, pitch, cols, 3, &signs), t += 3;                                               \
        }                                                                                                              \
        for (ptrdiff_t i = 0; i < cols; i++) {                                                                         \
            nothing |= (uint64_t)(total[i] == 0);                                                                      \
            endless |= (uint64_t)!(total[i] <= CYPOOL_LARGEST);                                                        \
        }                                                                                                              \
        /* of a window of zeros alone, which is frequent, the first cell is the largest, and is what `winners` finds */\
        return endless || (nothing && (T)-1 < 0 && signs >> (8 * sizeof(T) - 1));                                      \
    }                                                                                                                  \
    static inline void name##_count(uint64_t *restrict tap, double *restrict sum, const double *restrict threshold,    \
                                    const char *block, ptrdiff_t pitch, ptrdiff_t cols, int n) {                       \
        const T *restrict a = (const T *)block, *restrict b = (const T *)(block + (n > 1 ? pitch : 0));                \
        const T *restrict c = (const T *)(block + (n > 2 ? 2 * pitch : 0));                                            \
        for (ptrdiff_t i = 0; i < cols; i++) {                                                                         \
            double so_far = sum[i] + (double)name##_share(a[i]), most = threshold[i];                                  \
            uint64_t before = tap[i] + (uint64_t)(so_far <= most);                                                     \
            if (n > 1) so_far += (double)name##_share(b[i]), before += (uint64_t)(so_far <= most);                     \
            if (n > 2) so_far += (double)name##_share(c[i]), before += (uint64_t)(so_far <= most);                     \
            sum[i] = so_far;                                                                                           \
            tap[i] = before;                                                                                           \
        }                                                                                                              \
    }                                                                                                                  \
    static void name##_winners(uint64_t *restrict tap, double *restrict sum, const double *restrict threshold,         \
                               const char *block, ptrdiff_t pitch, ptrdiff_t cols, ptrdiff_t taps) {                   \
        for (ptrdiff_t i = 0; i < cols; i++) tap[i] = 0, sum[i] = 0;                                                   \
        for (ptrdiff_t t = 0; t < taps;) {                                                                             \
            const char *row = block + t * pitch;                                                                       \
            if (taps - t == 1) name##_count(tap, sum, threshold, row, pitch, cols, 1), t += 1;                         \
            else if (taps - t == 2 || taps - t == 4) name##_count(tap, sum, threshold, row, pitch, cols, 2), t += 2;   \
            else name##_count(tap, sum, threshold, row, pitch, cols, 3), t += 3;                                       \
        }                                                                                                              \
    }                                                                                                                  \
    static void name##_picks(char *out, const uint64_t *tap, const char *block, ptrdiff_t pitch, ptrdiff_t cols) {     \
        for (ptrdiff_t i = 0; i < cols; i++) ((T *)out)[i] = ((const T *)(block + (ptrdiff_t)tap[i] * pitch))[i];      \
    }                                                                                                                  \
    static void name##_averages(double *restrict out, double *restrict total, const char *block, ptrdiff_t pitch,      \
                                ptrdiff_t cols, ptrdiff_t taps) {                                                      \
        for (ptrdiff_t i = 0; i < cols; i++) out[i] = 0, total[i] = 0;                                                 \
        for (ptrdiff_t t = 0; t < taps; t++) {                                                                         \
            const T *restrict a = (const T *)(block + t * pitch);                                                      \
            for (ptrdiff_t i = 0; i < cols; i++) {                                                                     \
                double share = (double)name##_share(a[i]);                                                             \
                total[i] += share;                                                                                     \
                out[i] += share * share;                                                                               \
            }                                                                                                          \
        }                                                                                                              \
        for (ptrdiff_t i = 0; i < cols; i++) {                                                                         \
            double quotient = out[i] / total[i];                                                                       \
            out[i] = out[i] >= CYPOOL_LEAST_SQUARES ? out[i] <= CYPOOL_MOST_SQUARES ? quotient : 0 : 0;                \
        }                                                                                                              \
    }                                                                                                                  \
    static T name##_at(const char *cells, ptrdiff_t pitch, ptrdiff_t i) { return *(const T *)(cells + i * pitch); }    \
    static ptrdiff_t name##_largest_of(const char *cells, ptrdiff_t pitch, ptrdiff_t n) {                              \
        ptrdiff_t best = 0;                                                                                            \
        for (ptrdiff_t i = 1; i < n; i++)                                                                              \
            if (name##_at(cells, pitch, i) > name##_at(cells, pitch, best)) best = i;                                  \
        return best;                                                                                                   \
    }                                                                                                                  \
    /* A share where sums would overflow: of infinite cells if there are any, or else a small part of each. */         \
    static double name##_part(T x, int infinite) {                                                                     \
        return infinite ? (double)x > CYPOOL_LARGEST : (double)name##_share(x) * 0x1p-64;                              \
    }                                                                                                                  \
    static ptrdiff_t name##_winner(const char *cells, ptrdiff_t pitch, ptrdiff_t n, uint64_t state) {                  \
        double total = 0, sum = 0, threshold;                                                                          \
        ptrdiff_t i;                                                                                                   \
        int huge, infinite = 0;                                                                                        \
        for (i = 0; i < n; i++) total += (double)name##_share(name##_at(cells, pitch, i));                             \
        if (total == 0) return name##_largest_of(cells, pitch, n);                                                     \
        if (total != total) {                                                                                          \
            for (i = n - 1; name##_at(cells, pitch, i) == name##_at(cells, pitch, i);) i--;                            \
            return i;                                                                                                  \
        }                                                                                                              \
        huge = total > CYPOOL_LARGEST;                                                                                 \
        if (huge) {                                                                                                    \
            for (i = 0; i < n; i++) infinite |= (double)name##_at(cells, pitch, i) > CYPOOL_LARGEST;                   \
            for (total = 0, i = 0; i < n; i++) total += name##_part(name##_at(cells, pitch, i), infinite);             \
        }                                                                                                              \
        threshold = cypool_threshold(total, state);                                                                    \
        for (i = 0; i < n - 1; i++) {                                                                                  \
            T x = name##_at(cells, pitch, i);                                                                          \
            sum += huge ? name##_part(x, infinite) : (double)name##_share(x);                                          \
            if (sum > threshold) break;                                                                                \
        }                                                                                                              \
        return i;                                                                                                      \
    }                                                                                                                  \
    /* What kind of window it is; of a plain one total and average, both over a power of two. */                       \
    static int name##_moments(const char *cells, ptrdiff_t pitch, ptrdiff_t n, double *total, double *average,         \
                              double *scale) {                                                                         \
        double t = 0, squares = 0, most = 0;                                                                           \
        int exponent;                                                                                                  \
        for (ptrdiff_t i = 0; i < n; i++) {                                                                            \
            double share = (double)name##_share(name##_at(cells, pitch, i));                                           \
            t += share;                                                                                                \
            squares += share * share;                                                                                  \
            most = share > most ? share : most;                                                                        \
        }                                                                                                              \
        *scale = 1;                                                                                                    \
        if (t != t) return CYPOOL_NAN;                                                                                 \
        if (t == 0) return CYPOOL_NO_SHARES;                                                                           \
        if (most > CYPOOL_LARGEST) return CYPOOL_INFINITE;                                                             \
        if (!(squares >= CYPOOL_LEAST_SQUARES && squares <= CYPOOL_MOST_SQUARES)) {                                    \
            frexp(most, &exponent);                                                                                    \
            *scale = ldexp(1, exponent - 1);                                                                           \
            t = squares = 0;                                                                                           \
            for (ptrdiff_t i = 0; i < n; i++) {                                                                        \
                double share = (double)name##_share(name##_at(cells, pitch, i)) / *scale;                              \
                t += share;                                                                                            \
                squares += share * share;                                                                              \
            }                                                                                                          \
        }                                                                                                              \
        *total = t;                                                                                                    \
        *average = squares / t;                                                                                        \
        return CYPOOL_PLAIN;                                                                                           \
    }                                                                                                                  \
    static double name##_average(const char *cells, ptrdiff_t pitch, ptrdiff_t n) {                                    \
        double total, average, scale;                                                                                  \
        int kind = name##_moments(cells, pitch, n, &total, &average, &scale);                                          \
        if (kind == CYPOOL_NO_SHARES) return (double)name##_at(cells, pitch, name##_largest_of(cells, pitch, n));      \
        return kind == CYPOOL_PLAIN ? average * scale : kind == CYPOOL_NAN ? (double)NAN : (double)INFINITY;           \
    }                                                                                                                  \
    static void name##_give_average(double *plane, const char *cells, ptrdiff_t pitch, const ptrdiff_t *at, ptrdiff_t n,\
                                    double g) {                                                                        \
        double total, average, scale;                                                                                  \
        int kind = name##_moments(cells, pitch, n, &total, &average, &scale);                                          \
        if (kind == CYPOOL_NO_SHARES) {                                                                                \
            plane[at[name##_largest_of(cells, pitch, n)]] += g;                                                        \
            return;                                                                                                    \
        }                                                                                                              \
        for (ptrdiff_t i = 0; i < n; i++) {                                                                            \
            T x = name##_at(cells, pitch, i);                                                                          \
            if (!(x <= 0))                                                                                             \
                plane[at[i]] += kind == CYPOOL_PLAIN ? g / total * (2 * ((double)x / scale) - average) : (double)NAN;  \
        }                                                                                                              \
    }                                                                                                                  \
    static void name##_give_averages(double *plane, const char *block, ptrdiff_t pitch, ptrdiff_t cols, ptrdiff_t taps,\
                                     const double *average, double *total, const ptrdiff_t *at, ptrdiff_t advance,     \
                                     const double *g) {                                                                \
        double part[CYPOOL_MOST_COLUMNS];                                                                              \
        for (ptrdiff_t i = 0; i < cols; i++) total[i] = g[i] / total[i];                                               \
        for (ptrdiff_t t = 0; t < taps; t++) {                                                                         \
            const T *a = (const T *)(block + t * pitch);                                                               \
            double *to = plane + at[t];                                                                                \
            for (ptrdiff_t i = 0; i < cols; i++) {                                                                     \
                double term = total[i] * (2 * (double)a[i] - average[i]);                                              \
                part[i] = a[i] > 0 ? average[i] > 0 ? term : 0 : 0;                                                    \
            }                                                                                                          \
            for (ptrdiff_t i = 0; i < cols; i++) to[i * advance] += part[i];                                           \
        }                                                                                                              \
    }

CYPOOL_DRAWN(cypool_drawn_i8, int8_t, uint8_t)
CYPOOL_DRAWN(cypool_drawn_u8, uint8_t, uint8_t)
CYPOOL_DRAWN(cypool_drawn_i16, int16_t, uint16_t)
CYPOOL_DRAWN(cypool_drawn_u16, uint16_t, uint16_t)
CYPOOL_DRAWN(cypool_drawn_i32, int32_t, uint32_t)
CYPOOL_DRAWN(cypool_drawn_u32, uint32_t, uint32_t)
CYPOOL_DRAWN(cypool_drawn_i64, int64_t, uint64_t)
CYPOOL_DRAWN(cypool_drawn_u64, uint64_t, uint64_t)
CYPOOL_DRAWN(cypool_drawn_f32, float, uint32_t)
CYPOOL_DRAWN(cypool_drawn_f64, double, uint64_t)

#define CYPOOL_DRAWN_ROW(name)                                                                                         \
    {name##_totals, name##_winners, name##_picks,        name##_averages,                                              \
     name##_winner, name##_average, name##_give_average, name##_give_averages}

/* In the order of the codes of rows.pxd. */
static const cypool_drawn_t cypool_drawn[10] = {
    CYPOOL_DRAWN_ROW(cypool_drawn_i8),  CYPOOL_DRAWN_ROW(cypool_drawn_u8),  CYPOOL_DRAWN_ROW(cypool_drawn_i16),
    CYPOOL_DRAWN_ROW(cypool_drawn_u16), CYPOOL_DRAWN_ROW(cypool_drawn_i32), CYPOOL_DRAWN_ROW(cypool_drawn_u32),
    CYPOOL_DRAWN_ROW(cypool_drawn_i64), CYPOOL_DRAWN_ROW(cypool_drawn_u64), CYPOOL_DRAWN_ROW(cypool_drawn_f32),
    CYPOOL_DRAWN_ROW(cypool_drawn_f64),
};

#endif
