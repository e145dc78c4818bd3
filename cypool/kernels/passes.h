/* What the algebra around windowed sums does to rows of cells and of totals, in float32 (elementary.h has the functions).
 *
 * A pass is a function over n elements of some inputs and outputs; `powers.pyx` brings the rows.  Those over cells make the
 * terms that a windowed sum adds up, or multiply what its adjoint gave by their slopes; those over totals finish, and return
 * 1 where a total cannot be trusted: outside [LEAST, MOST].
 *
 * Trusted totals.  A term below 2**-125 counts as 0, which is less than 2**-45 of a total of at least LEAST, and half a unit
 * in the last place only for a million such terms.  Below MOST neither terms nor what is multiplied by them overflow.  A
 * total of 0 is exact where no cell but 0 had a term below 2**-125: passes that make terms return 1 where one had.
 */
#ifndef CYPOOL_PASSES_H
#define CYPOOL_PASSES_H

#include <float.h>

#include "elementary.h"

#define CYPOOL_LEAST_TOTAL 0x1p-80f
#define CYPOOL_MOST_TOTAL 0x1p100f
#define CYPOOL_LEAST_PULL 0x1p-100f /* of what is spread by the adjoint; its products with terms lose nothing then */
#define CYPOOL_MOST_PULL 0x1p100f
#define CYPOOL_LEAST_TERM 0x1p-125f
#define CYPOOL_CANCELLED 0x1p-24 /* what must be left of a sum of squares for a difference of such to be trusted */

typedef struct {
    float b, c, c1, c2;           /* the exponent of exponentials: see cypool_exp_f32 */
    float p, p_high, p_low;       /* of powers */
    float d, d_high, d_low;       /* p - 1 */
    float r, r_high, r_low;       /* 1 / p */
    float floor;                  /* cells of powers count as at least this; 0: by their magnitude, -1: none is negative */
    float factor;                 /* of totals */
    cypool_ends ends;             /* of exponents in float32 */
    int twice, twice_less;        /* 2 p and 2 p - 2 where powers are products and roots, else -1 */
} cypool_constants;

typedef int (*cypool_pass_t)(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n);

static inline float cypool_upper_f32(double x) { return cypool_as_f32(cypool_bits_f32((float)x) & 0xfffff000u); } /* 12 bits */
static inline void cypool_two_parts(double x, float *whole, float *high, float *low) {
    *whole = (float)x;
    *high = cypool_upper_f32(x);
    *low = (float)(x - (double)*high);
}
static inline int cypool_twice(double p) { return p == 1 || p == 1.5 || p == 2 || p == 2.5 || p == 3 || p == 4 || p == 0 || p == 0.5 ? (int)(2 * p) : -1; }

static void cypool_set_constants(cypool_constants *k, double b, double floor, double factor) {
    const double ln2 = 0x1.62e42fefa39efp-1;
    k->b = (float)b;
    k->c = (float)(b / ln2);
    k->c1 = cypool_as_f32(cypool_bits_f32((float)(ln2 / b)) & 0xffffff00u); /* 16 bits: times k they have 23 */
    k->c2 = (float)(ln2 / b - (double)k->c1);
    cypool_two_parts(b, &k->p, &k->p_high, &k->p_low);
    cypool_two_parts(b - 1, &k->d, &k->d_high, &k->d_low);
    cypool_two_parts(1 / b, &k->r, &k->r_high, &k->r_low);
    k->floor = (float)floor;
    if ((double)k->floor < floor) k->floor = nextafterf(k->floor, INFINITY); /* so that x < floor means the same */
    k->factor = (float)factor;
    k->ends.least = CYPOOL_LEAST_F32;
    k->ends.most = CYPOOL_MOST_F32;
    k->twice = cypool_twice(b);
    k->twice_less = cypool_twice(b - 1);
}

#define CYPOOL_IN(i) ((const float *)in[i])
/* Outputs may be inputs, element by element. */
#if defined(__clang__)
#define CYPOOL_EACH _Pragma("clang loop vectorize(assume_safety)") for (ptrdiff_t i = 0; i < n; i++)
#elif defined(__GNUC__)
#define CYPOOL_EACH _Pragma("GCC ivdep") for (ptrdiff_t i = 0; i < n; i++)
#else
#define CYPOOL_EACH for (ptrdiff_t i = 0; i < n; i++)
#endif

/* ---- cells to terms ---- */

/* The sign bit is set where x is not in [least, most], both positive: NaN and negative numbers are not.  Such words are
 * or-ed; a reduction of truth values would not become vectors. */
static inline uint32_t cypool_outside(float x, float least, float most) {
    uint32_t bits = cypool_bits_f32(x);
    return (bits - cypool_bits_f32(least)) | (cypool_bits_f32(most) - bits);
}

static int cypool_pass_exp(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *x = CYPOOL_IN(0);
    float *e = (float *)out[0], c = k->c;
    const cypool_ends ends = k->ends;
    CYPOOL_EACH e[i] = cypool_pow2_f32(x[i] * c, ends); /* the product's rounding is one of the result's, see the table of 0010 */
    return 0;
}

static int cypool_pass_weigh(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *x = CYPOOL_IN(0);
    float *e = (float *)out[0], *u = (float *)out[1], c = k->c, c1 = k->c1, c2 = k->c2;
    const cypool_ends ends = k->ends;
    CYPOOL_EACH {
        float cell = x[i], term = cypool_exp_f32(cell, c, c1, c2, ends);
        e[i] = term;
        u[i] = term * cell;
    }
    return 0;
}

/* The same weighed by a second array's exponentials, or by terms that there are.  1 where a product lost digits to the end of the range. */
static inline uint32_t cypool_vanished(float product, float cell, float term) {
    return cypool_outside((cell == 0.0f) | (term == 0.0f) ? 1.0f : fabsf(product), CYPOOL_LEAST_TERM, FLT_MAX);
}

static int cypool_pass_weigh_again(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *x = CYPOOL_IN(0), *e = CYPOOL_IN(1);
    float *u = (float *)out[0];
    uint32_t lost = 0;
    (void)k;
    CYPOOL_EACH {
        float cell = x[i], term = e[i], product = term * cell;
        lost |= cypool_vanished(product, cell, term);
        u[i] = product;
    }
    return (int)(lost >> 31);
}

static int cypool_pass_weigh_by(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *x = CYPOOL_IN(0), *z = CYPOOL_IN(1);
    float *e = (float *)out[0], *u = (float *)out[1], c = k->c, c1 = k->c1, c2 = k->c2;
    const cypool_ends ends = k->ends;
    uint32_t lost = 0;
    CYPOOL_EACH {
        float cell = x[i], term = cypool_exp_f32(z[i], c, c1, c2, ends), product = term * cell;
        lost |= cypool_vanished(product, cell, term);
        e[i] = term;
        u[i] = product;
    }
    return (int)(lost >> 31);
}

/* Distances and their squares, in float64: of float32 cells they neither overflow nor vanish. */
static int cypool_pass_deviate(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const double *x = (const double *)in[0], *from = (const double *)in[1];
    double *d = (double *)out[0], *squares = (double *)out[1];
    (void)k;
    CYPOOL_EACH {
        double one = x[i] - from[i];
        d[i] = one;
        squares[i] = one * one;
    }
    return 0;
}

static inline float cypool_half_power(float x, int twice) { /* twice is a constant where this is inlined */
    switch (twice) {
    case 0: return 1.0f;
    case 1: return sqrtf(x);
    case 2: return x;
    case 3: return x * sqrtf(x);
    case 4: return x * x;
    case 5: return x * x * sqrtf(x);
    case 6: return x * x * x;
    default: return (x * x) * (x * x);
    }
}

/* Runs a loop with `twice` as a constant, or the general one. */
#define CYPOOL_BY_POWER(value, loop, general) \
    switch (value) { \
    case 0: { enum { twice = 0 }; loop } break; \
    case 1: { enum { twice = 1 }; loop } break; \
    case 2: { enum { twice = 2 }; loop } break; \
    case 3: { enum { twice = 3 }; loop } break; \
    case 4: { enum { twice = 4 }; loop } break; \
    case 5: { enum { twice = 5 }; loop } break; \
    case 6: { enum { twice = 6 }; loop } break; \
    case 8: { enum { twice = 8 }; loop } break; \
    default: { general } \
    }

static int cypool_pass_raise(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *x = CYPOOL_IN(0);
    float *e = (float *)out[0], p = k->p, high = k->p_high, low = k->p_low, least = k->floor;
    const cypool_ends ends = k->ends;
    int lost = 0;
#define CYPOOL_LOOP(value) \
    if (least > 0) { \
        CYPOOL_EACH { float size = x[i] < least ? least : x[i]; e[i] = value; } \
    } else if (least < 0) { \
        CYPOOL_EACH { \
            float size = fabsf(x[i]), term = value; \
            lost |= (term < CYPOOL_LEAST_TERM) & (size > 0.0f); \
            e[i] = x[i] < 0.0f ? NAN : term; /* spoils the total, which is then distrusted */ \
        } \
    } else { \
        CYPOOL_EACH { \
            float size = fabsf(x[i]), term = value; \
            lost |= (term < CYPOOL_LEAST_TERM) & (size > 0.0f); \
            e[i] = term; \
        } \
    }
    CYPOOL_BY_POWER(k->twice, CYPOOL_LOOP(cypool_half_power(size, twice)), CYPOOL_LOOP(cypool_power_f32(size, p, high, low, ends)))
#undef CYPOOL_LOOP
    return lost;
}

/* ---- totals to results ---- */

static inline uint32_t cypool_distrusted(float total) { return cypool_outside(total, CYPOOL_LEAST_TOTAL, CYPOOL_MOST_TOTAL); }
static inline uint32_t cypool_unspread(float pull, float g) {
    return cypool_outside(g == 0.0f ? 1.0f : fabsf(pull), CYPOOL_LEAST_PULL, CYPOOL_MOST_PULL);
}

static int cypool_pass_log(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *t = CYPOOL_IN(0);
    float *y = (float *)out[0], over = k->r;
    uint32_t bad = 0;
    CYPOOL_EACH {
        float total = t[i];
        bad |= cypool_distrusted(total);
        y[i] = cypool_log_f32(total) * over;
    }
    return (int)(bad >> 31);
}

static inline float cypool_cube_root(float x) { /* of 0 and of normal positive numbers: a guess by a third of the bits, two steps of Halley's */
    float y = cypool_as_f32((uint32_t)(int32_t)((float)(int32_t)cypool_bits_f32(x) * (1.0f / 3.0f)) + 0x2a517d3cu), y3 = y * y * y;
    y *= (y3 + (x + x)) / ((y3 + y3) + x);
    y3 = y * y * y;
    return y - y * ((y3 - x) / ((y3 + y3) + x)); /* the same as above: a small correction, whose error is smaller still */
}

static inline float cypool_root(float total, int twice, float r, float high, float low) {
    switch (twice) {
    case 2: return total;
    case 3: total = cypool_cube_root(total); return total * total;
    case 4: return sqrtf(total);
    case 6: return cypool_cube_root(total);
    case 8: return sqrtf(sqrtf(total));
    default: return cypool_normal_power_f32(total, r, high, low);
    }
}

static int cypool_pass_root(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *t = CYPOOL_IN(0);
    float *y = (float *)out[0], r = k->r, high = k->r_high, low = k->r_low, factor = k->factor;
    float nothing = k->floor > 0 ? 0.0f : 1.0f; /* what a total of 0 is taken for */
    uint32_t bad = 0;
    /* selects of 0 are written as products: gcc makes branches of two selects by one condition */
#define CYPOOL_LOOP(twice) \
    CYPOOL_EACH { \
        float total = t[i] * factor, dead = total == 0.0f ? 1.0f : 0.0f, safe = total + dead * nothing; \
        bad |= cypool_distrusted(safe); \
        y[i] = cypool_root(safe, twice, r, high, low) * (1.0f - dead); \
    }
    switch (k->twice) {
    case 2: CYPOOL_LOOP(2) break;
    case 3: CYPOOL_LOOP(3) break;
    case 4: CYPOOL_LOOP(4) break;
    case 6: CYPOOL_LOOP(6) break;
    case 8: CYPOOL_LOOP(8) break;
    default: CYPOOL_LOOP(-1)
    }
#undef CYPOOL_LOOP
    return (int)(bad >> 31);
}

static int cypool_pass_divide(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *t = CYPOOL_IN(0), *u = CYPOOL_IN(1);
    float *y = (float *)out[0];
    uint32_t bad = 0;
    (void)k;
    CYPOOL_EACH {
        float total = t[i], ratio = u[i] / total;
        bad |= cypool_distrusted(total) | cypool_outside(fabsf(ratio) + 1.0f, 1.0f, FLT_MAX);
        y[i] = ratio;
    }
    return (int)(bad >> 31);
}

/* Variances of the mean of distances and that of their squares; bad where they cancel, unless all are 0. */
#define CYPOOL_SPREAD(more) \
    const double *m = (const double *)in[0], *q = (const double *)in[1], *share = (const double *)in[2]; \
    uint64_t bad = 0; \
    CYPOOL_EACH { \
        double mean = m[i], square = q[i], rest = square - mean * mean; \
        double kept = rest - CYPOOL_CANCELLED * square, y = sqrt((rest > 0.0 ? rest : 0.0) * share[i]); \
        /* the sign bit: of what is not positive, NaN too; squares that are 0 lack nothing */ \
        bad |= (cypool_bits_f64(square == 0.0 ? 1.0 : kept) - 1) | (cypool_bits_f64(INFINITY) - cypool_bits_f64(square == 0.0 ? 1.0 : kept)); \
        more \
    } \
    (void)k; \
    return (int)(bad >> 63)

static int cypool_pass_spread(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    double *to = (double *)out[0];
    CYPOOL_SPREAD(to[i] = y;);
}

/* ---- totals and gradients to what the adjoint spreads, and to each window's part of the exponent's gradient ---- */

static int cypool_pass_pull_log(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *t = CYPOOL_IN(0), *g = CYPOOL_IN(1);
    float *pull = (float *)out[0], *by = (float *)out[1];
    uint32_t bad = 0;
    (void)k;
    CYPOOL_EACH {
        float total = t[i], to = g[i], down = to / total;
        bad |= cypool_distrusted(total) | cypool_unspread(down, to);
        pull[i] = down;
        by[i] = cypool_log_f32(total) * to;
    }
    return (int)(bad >> 31);
}

#define CYPOOL_PULL_ROOT(more) \
    CYPOOL_EACH { \
        float total = t[i] * factor, dead = total == 0.0f ? 1.0f : 0.0f, safe = total + dead * nothing, to = g[i] * (1.0f - dead); \
        float root = cypool_root(safe, twice, r, high, low), down = root * (to / safe) * factor; \
        bad |= cypool_distrusted(safe) | cypool_unspread(down, to); \
        pull[i] = down; \
        more \
    }

static int cypool_pass_pull_root(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *t = CYPOOL_IN(0), *g = CYPOOL_IN(1);
    float *pull = (float *)out[0], r = k->r, high = k->r_high, low = k->r_low, factor = k->factor;
    float nothing = k->floor > 0 ? 0.0f : 1.0f; /* what a total of 0 is taken for */
    uint32_t bad = 0;
    switch (k->twice) {
    case 2: { enum { twice = 2 }; CYPOOL_PULL_ROOT(;) } break;
    case 3: { enum { twice = 3 }; CYPOOL_PULL_ROOT(;) } break;
    case 4: { enum { twice = 4 }; CYPOOL_PULL_ROOT(;) } break;
    case 6: { enum { twice = 6 }; CYPOOL_PULL_ROOT(;) } break;
    case 8: { enum { twice = 8 }; CYPOOL_PULL_ROOT(;) } break;
    default: { enum { twice = -1 }; CYPOOL_PULL_ROOT(;) }
    }
    return (int)(bad >> 31);
}

static int cypool_pass_pull_mean(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *t = CYPOOL_IN(0), *g = CYPOOL_IN(1);
    float *pull = (float *)out[0], *by = (float *)out[1], r = k->r, high = k->r_high, low = k->r_low, factor = k->factor;
    float nothing = k->floor > 0 ? 0.0f : 1.0f;
    uint32_t bad = 0;
    if (k->twice == 6) { /* the usual order */
        enum { twice = 6 };
        CYPOOL_PULL_ROOT(by[i] = cypool_log_f32(safe) * (root * to);)
    } else {
        enum { twice = -1 };
        CYPOOL_PULL_ROOT(by[i] = cypool_log_f32(safe) * (root * to);)
    }
    return (int)(bad >> 31);
}

static int cypool_pass_pull_divide(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *t = CYPOOL_IN(0), *u = CYPOOL_IN(1), *g = CYPOOL_IN(2);
    float *pull = (float *)out[0], *second = (float *)out[1];
    uint32_t bad = 0;
    (void)k;
    CYPOOL_EACH {
        float total = t[i], to = g[i], down = to / total, ratio = u[i] / total;
        bad |= cypool_distrusted(total) | cypool_unspread(down, to) | cypool_outside(fabsf(ratio) + 1.0f, 1.0f, FLT_MAX);
        pull[i] = down;
        second[i] = down * ratio;
    }
    return (int)(bad >> 31);
}

static int cypool_pass_pull_average(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *t = CYPOOL_IN(0), *u = CYPOOL_IN(1), *g = CYPOOL_IN(2);
    float *pull = (float *)out[0], *second = (float *)out[1];
    uint32_t bad = 0;
    (void)k;
    CYPOOL_EACH {
        float total = t[i], to = g[i], down = to / total, ratio = u[i] / total, both = down * ratio;
        bad |= cypool_distrusted(total) | cypool_unspread(down, to) | cypool_outside(fabsf(ratio) + 1.0f, 1.0f, FLT_MAX);
        bad |= cypool_unspread(both, down * (ratio == 0.0f ? 0.0f : 1.0f));
        pull[i] = down;
        second[i] = both;
    }
    return (int)(bad >> 31);
}

static int cypool_pass_pull_spread(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const double *g = (const double *)in[3];
    double *pull = (double *)out[0], *second = (double *)out[1];
    CYPOOL_SPREAD(double down = y > 0.0 ? g[i] * share[i] / y : 0.0; pull[i] = down; second[i] = down * mean;);
}

/* ---- cells and what the adjoint gave to gradients, and to each cell's part of the exponent's gradient; a cell to which no
 * window gave anything gets nothing, whatever it is ---- */

/* value, or 0 where `by` is 0, whatever the value; a select would become a branch. */
static inline float cypool_unless_zero(float value, float by) {
    return cypool_as_f32(cypool_bits_f32(value) & (0u - (uint32_t)(by != 0.0f)));
}

static int cypool_pass_give_exp(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *x = CYPOOL_IN(0), *e = CYPOOL_IN(1), *s = CYPOOL_IN(2);
    float *to = (float *)out[0], *by = (float *)out[1];
    (void)k;
    CYPOOL_EACH {
        float slope = cypool_unless_zero(e[i] * s[i], s[i]);
        to[i] = slope;
        by[i] = cypool_unless_zero(slope * x[i], slope);
    }
    return 0;
}

static int cypool_pass_give_weigh(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *x = CYPOOL_IN(0), *e = CYPOOL_IN(1), *s = CYPOOL_IN(2), *u = CYPOOL_IN(3);
    float *to = (float *)out[0], *by = (float *)out[1], b = k->b;
    CYPOOL_EACH {
        float cell = x[i], term = cypool_unless_zero(e[i], fabsf(s[i]) + fabsf(u[i])), apart = cell * s[i] - u[i];
        to[i] = cypool_unless_zero(term * (s[i] + b * apart), term);
        by[i] = cypool_unless_zero(term * cell * apart, term);
    }
    return 0;
}

static int cypool_pass_give_average(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *x = CYPOOL_IN(0), *e = CYPOOL_IN(1), *s = CYPOOL_IN(2), *u = CYPOOL_IN(3);
    float *to = (float *)out[0], *by = (float *)out[1];
    (void)k;
    CYPOOL_EACH {
        float term = cypool_unless_zero(e[i], fabsf(s[i]) + fabsf(u[i])), apart = x[i] * s[i] - u[i];
        to[i] = cypool_unless_zero(term * s[i], term);
        by[i] = cypool_unless_zero(term * apart, term);
    }
    return 0;
}

static int cypool_pass_give_spread(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const double *d = (const double *)in[0], *s = (const double *)in[1], *u = (const double *)in[2];
    double *to = (double *)out[0];
    (void)k;
    CYPOOL_EACH {
        double given = d[i] * s[i] - u[i];
        to[i] = (s[i] != 0.0) | (u[i] != 0.0) ? given : 0.0;
    }
    return 0;
}

static int cypool_pass_give_power(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *x = CYPOOL_IN(0), *s = CYPOOL_IN(1);
    float *to = (float *)out[0], d = k->d, high = k->d_high, low = k->d_low;
    const cypool_ends ends = k->ends;
#define CYPOOL_LOOP(value) \
    CYPOOL_EACH { \
        float size = fabsf(x[i]), slope = value * s[i]; \
        slope = x[i] < 0.0f ? -slope : slope; \
        to[i] = (size == 0.0f) | (s[i] == 0.0f) ? 0.0f : slope; \
    }
    CYPOOL_BY_POWER(k->twice_less, CYPOOL_LOOP(cypool_half_power(size, twice)), CYPOOL_LOOP(cypool_any_power_f32(size, d, high, low, ends)))
#undef CYPOOL_LOOP
    return 0;
}

static int cypool_pass_give_mean(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) {
    const float *x = CYPOOL_IN(0), *s = CYPOOL_IN(1);
    float *to = (float *)out[0], *by = (float *)out[1], d = k->d, high = k->d_high, low = k->d_low, least = k->floor;
    const cypool_ends ends = k->ends;
#define CYPOOL_LOOP(raised, logarithm) \
    CYPOOL_EACH { \
        float cell = x[i], size = cell < least ? least : cell, e, l = cypool_log2_f32(cypool_split_f32(size, &e)); \
        float slope = raised * s[i], part; \
        (void)e, (void)l; \
        slope = s[i] == 0.0f ? 0.0f : slope; \
        part = slope * size * logarithm; \
        to[i] = cell < least ? 0.0f : slope; \
        by[i] = slope == 0.0f ? 0.0f : part; \
    }
    CYPOOL_BY_POWER(k->twice_less, CYPOOL_LOOP(cypool_half_power(size, twice), cypool_log_f32(size)),
                    CYPOOL_LOOP(cypool_split_power_f32(size, e, l, d, high, low, ends), ((e + l) * 0x1.62e42fefa39efp-1f)))
#undef CYPOOL_LOOP
    return 0;
}

/* ---- rows of functions: float64 and, for the tests, float32 ---- */

#define CYPOOL_ROWS(name, type, value) \
    static int cypool_pass_##name(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) { \
        const type *x = (const type *)in[0], *p = (const type *)in[1]; \
        type *y = (type *)out[0]; \
        const cypool_constants c = *k; \
        (void)c, (void)p; \
        CYPOOL_EACH y[i] = value; \
        return 0; \
    }
CYPOOL_ROWS(exp_f64, double, cypool_exp_f64(x[i]))
CYPOOL_ROWS(log_f64, double, cypool_log_f64(x[i]))
CYPOOL_ROWS(power_f64, double, cypool_power_f64(x[i], p[i]))
CYPOOL_ROWS(exp_f32, float, cypool_exp_f32(x[i], c.c, c.c1, c.c2, c.ends))
CYPOOL_ROWS(log_f32, float, cypool_log_f32(x[i]))
CYPOOL_ROWS(power_f32, float, cypool_power_f32(x[i], c.p, c.p_high, c.p_low, c.ends))

/* ---- gates and mixtures: a part whose proportion is 0 adds nothing, even where it is infinite ---- */

#define CYPOOL_MIXED(suffix, type, exponential, abs_) \
    static int cypool_pass_sigmoid_##suffix(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) { \
        const type *x = (const type *)in[0]; \
        type *y = (type *)out[0]; \
        const cypool_constants c = *k; \
        (void)c; \
        CYPOOL_EACH { \
            type score = x[i], size = -abs_(score), small = exponential; \
            y[i] = (score < 0 ? small : (type)1) / ((type)1 + small); \
        } \
        return 0; \
    } \
    static int cypool_pass_mix_##suffix(const cypool_constants *k, const void *const *in, void *const *out, ptrdiff_t n) { \
        const type *most = (const type *)in[0], *mean = (const type *)in[1], *share = (const type *)in[2]; \
        type *y = (type *)out[0]; \
        (void)k; \
        CYPOOL_EACH { \
            type a = share[i], rest = (type)1 - a, first = most[i] * a, second = mean[i] * rest; \
            y[i] = (a == 0 ? (type)0 : first) + (rest == 0 ? (type)0 : second); \
        } \
        return 0; \
    }
CYPOOL_MIXED(f32, float, cypool_exp_f32(size, c.c, c.c1, c.c2, c.ends), fabsf)
CYPOOL_MIXED(f64, double, cypool_exp_f64(size), fabs)

/* Numbers of inputs and of outputs, and whether they are float64. */
typedef struct {
    const char *name;
    cypool_pass_t run;
    int in, out, wide;
} cypool_pass_row;

#define CYPOOL_ROW(name, in, out, wide) {#name, cypool_pass_##name, in, out, wide}
static const cypool_pass_row cypool_passes[] = {
    CYPOOL_ROW(exp, 1, 1, 0), CYPOOL_ROW(weigh, 1, 2, 0), CYPOOL_ROW(raise, 1, 1, 0),
    CYPOOL_ROW(log, 1, 1, 0), CYPOOL_ROW(divide, 2, 1, 0), CYPOOL_ROW(root, 1, 1, 0),
    CYPOOL_ROW(pull_log, 2, 2, 0), CYPOOL_ROW(pull_divide, 3, 2, 0), CYPOOL_ROW(pull_root, 2, 1, 0), CYPOOL_ROW(pull_mean, 2, 2, 0),
    CYPOOL_ROW(give_exp, 3, 2, 0), CYPOOL_ROW(give_weigh, 4, 2, 0), CYPOOL_ROW(give_power, 2, 1, 0), CYPOOL_ROW(give_mean, 2, 2, 0),
    CYPOOL_ROW(weigh_by, 2, 2, 0), CYPOOL_ROW(weigh_again, 2, 1, 0), CYPOOL_ROW(pull_average, 3, 2, 0), CYPOOL_ROW(give_average, 4, 2, 0),
    CYPOOL_ROW(deviate, 2, 2, 1), CYPOOL_ROW(spread, 3, 1, 1), CYPOOL_ROW(pull_spread, 4, 2, 1), CYPOOL_ROW(give_spread, 3, 1, 1),
    CYPOOL_ROW(sigmoid_f32, 1, 1, 0), CYPOOL_ROW(sigmoid_f64, 1, 1, 1), CYPOOL_ROW(mix_f32, 3, 1, 0), CYPOOL_ROW(mix_f64, 3, 1, 1),
    CYPOOL_ROW(exp_f32, 1, 1, 0), CYPOOL_ROW(log_f32, 1, 1, 0), CYPOOL_ROW(power_f32, 1, 1, 0),
    CYPOOL_ROW(exp_f64, 1, 1, 1), CYPOOL_ROW(log_f64, 1, 1, 1), CYPOOL_ROW(power_f64, 2, 1, 1),
};
enum { CYPOOL_PASSES = sizeof cypool_passes / sizeof cypool_passes[0] };

#endif
