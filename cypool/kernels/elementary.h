/* exp, log and pow of one element, branch-free, so that loops over rows of them become vectors on every instruction set.
 *
 * The same bits everywhere: additions, multiplications, divisions and shifts alone, and no contraction to fused operations.
 * Coefficients are minimax ones, made by Remez' exchange on the relative error of the function in 60 decimal digits
 * (mpmath) and rounded to double; the error of each polynomial stands beside it.  Measured errors, in units in the last
 * place of the result, over all exponents (tests/test_elementary.py):
 *
 *     pow2_f32           1.4   of 2**u; a u that is a product of two rounded numbers adds 1.25 abs(ln(2) u)
 *     exp_f32            1.9   where the result is normal: below 2**-125 it is 0
 *     log_f32            0.9   of normal positive numbers
 *     power_f32          2.1 + 1.1 abs(p): the logarithm has one part, so its error grows with p, and shrinks again in a root
 *     exp_f64            1.0   subnormal results included
 *     log_f64            0.9
 *     power_f64          1.5 + abs(p) / 60
 */
#ifndef CYPOOL_ELEMENTARY_H
#define CYPOOL_ELEMENTARY_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline float cypool_as_f32(uint32_t bits) { float f; memcpy(&f, &bits, 4); return f; }
static inline uint32_t cypool_bits_f32(float f) { uint32_t bits; memcpy(&bits, &f, 4); return bits; }
static inline double cypool_as_f64(uint64_t bits) { double f; memcpy(&f, &bits, 8); return f; }
static inline uint64_t cypool_bits_f64(double f) { uint64_t bits; memcpy(&bits, &f, 8); return bits; }

/* ---- float32: the whole number k nearest to u appears in the low bits of u + ROUND, with the exponent's bias ---------- */

#define CYPOOL_ROUND_F32 12583039.0f /* 3 * 2**22 + 127 */
#define CYPOOL_LEAST_F32 (-125.0f)   /* exponents between these give normal numbers */
#define CYPOOL_MOST_F32 127.0f

/* Callers hand over what they read from memory: with ends that gcc knows it computes both ends' results as constants and
 * makes three comparisons and two blends of what are two instructions (a third of an exponential's time). */
typedef struct { float least, most; } cypool_ends;

static inline float cypool_clamped_f32(float u, cypool_ends ends) { /* of a NaN the upper end */
    u = u < ends.most ? u : ends.most;
    return u > ends.least ? u : ends.least;
}

/* 2**f times the power of two that the low bits of t tell; f in [-0.5, 0.5], 2**-29.  Polynomials in float32 go by pairs of
 * coefficients: their steps wait for each other less, and it is that which bounds the time. */
static inline float cypool_exponential_f32(float f, float t) {
    float f2 = f * f, scale = cypool_as_f32(cypool_bits_f32(t) << 23);
    float first = 0x1.62e430cc931c9p-1f + 0x1.ebfbe0d7c7f66p-3f * f, second = 0x1.c6aecf113da27p-5f + 0x1.3b29a9da90715p-7f * f;
    float third = 0x1.5f47de8e535b2p-10f + 0x1.448febf9d1b28p-13f * f;
    return (1.0f + f * ((first + second * f2) + third * (f2 * f2))) * scale;
}

/* 2**u, u from -125 to 127 or what is nearest to it; of a NaN 2**127. */
static inline float cypool_pow2_f32(float u, cypool_ends ends) {
    float t, k;
    u = cypool_clamped_f32(u, ends);
    t = u + CYPOOL_ROUND_F32;
    k = t - CYPOOL_ROUND_F32;
    return cypool_exponential_f32(u - k, t);
}

/* exp(b x) = 2**k exp(b (x - k ln(2) / b)): c = b / ln(2), and ln(2) / b = c1 + c2, c1 of 16 bits, so that k c1 is exact.
 * The difference has no rounding to speak of, whatever b is.  0 below 2**-125, infinite above 2**127. */
static inline float cypool_exp_f32(float x, float c, float c1, float c2, cypool_ends ends) {
    float u = x * c, t = cypool_clamped_f32(u, ends) + CYPOOL_ROUND_F32, k = t - CYPOOL_ROUND_F32;
    float e = cypool_exponential_f32(((x - k * c1) - k * c2) * c, t);
    e = u > ends.most ? INFINITY : e;
    return u < ends.least ? 0.0f : e;
}

/* x = 2**e m, m from sqrt(1/2) to sqrt(2), e from -126: t = m - 1. */
static inline float cypool_split_f32(float x, float *e) {
    uint32_t bits = cypool_bits_f32(x);
    int32_t whole = (int32_t)(bits - 0x3f3504f3u) >> 23;
    *e = (float)whole;
    return cypool_as_f32(bits - ((uint32_t)whole << 23)) - 1.0f;
}

static inline float cypool_log_f32(float x) { /* normal positive numbers; 2**-30.3 */
    float e, t = cypool_split_f32(x, &e), t2 = t * t, t4 = t2 * t2;
    float q0 = 0x1.5555476c47729p-2f - 0x1.000006718ca9ap-2f * t, q1 = 0x1.99a4b52c77d87p-3f - 0x1.555c4d3d2a3adp-3f * t;
    float q2 = 0x1.23376858e64c5p-3f - 0x1.fc22090341efdp-4f * t, q3 = 0x1.e6f06c405821dp-4f - 0x1.de3c1233ebbc2p-4f * t;
    float q = (q0 + q1 * t2) + ((q2 + q3 * t2) + 0x1.14579f49f1eddp-4f * t4) * t4;
    return e * 0x1.62e4p-1f + (t + (t2 * (t * q - 0.5f) + e * 0x1.7f7d1cf79abcap-20f)); /* ln(2) in two parts, the first of 15 bits */
}

static inline float cypool_log2_f32(float t) { /* log2(1 + t), t from sqrt(1/2) - 1 to sqrt(2) - 1; 2**-27.9 */
    float t2 = t * t, t4 = t2 * t2;
    float q0 = 0x1.715476527774ap+0f - 0x1.715470a778eedp-1f * t, q1 = 0x1.ec7096a725274p-2f - 0x1.715a7670712bap-2f * t;
    float q2 = 0x1.277e374031fdcp-2f - 0x1.eabc858390837p-3f * t, q3 = 0x1.a30599cea4cb3p-3f - 0x1.874bebf755099p-3f * t;
    float q4 = 0x1.7d499d25ed225p-3f - 0x1.c25b2e6caf6a5p-4f * t;
    return t * ((q0 + q1 * t2) + ((q2 + q3 * t2) + q4 * t4) * t4);
}

/* x**p, of x = 2**e (1 + t) and l = log2(1 + t); x positive and normal or 0, infinite or NaN; p = high + low, high of 12 bits, so
 * that high e is exact.  A result below 2**-125 is 0 (that of an infinite x NaN), one above 2**127 infinite. */
static inline float cypool_split_power_f32(float x, float e, float l, float p, float high, float low, cypool_ends ends) {
    float a = high * e, rest = low * e + p * l, u = a + rest;
    float t = cypool_clamped_f32(u, ends) + CYPOOL_ROUND_F32, k = t - CYPOOL_ROUND_F32;
    float y = cypool_exponential_f32((a - k) + rest, t);
    y = u > ends.most ? x + INFINITY : y;
    return u < ends.least ? x - x : y;
}

static inline float cypool_power_f32(float x, float p, float high, float low, cypool_ends ends) {
    float e, l = cypool_log2_f32(cypool_split_f32(x, &e));
    return cypool_split_power_f32(x, e, l, p, high, low, ends);
}

/* The same for subnormal x too. */
static inline float cypool_any_power_f32(float x, float p, float high, float low, cypool_ends ends) {
    int small = x < 0x1p-126f;
    float e, l = cypool_log2_f32(cypool_split_f32(x * (small ? 0x1p24f : 1.0f), &e));
    return cypool_split_power_f32(x, e - (small ? 24.0f : 0.0f), l, p, high, low, ends);
}

/* The same where x and the result are known to be normal. */
static inline float cypool_normal_power_f32(float x, float p, float high, float low) {
    float e, l = cypool_log2_f32(cypool_split_f32(x, &e)), a = high * e, rest = low * e + p * l;
    float t = (a + rest) + CYPOOL_ROUND_F32, k = t - CYPOOL_ROUND_F32;
    return cypool_exponential_f32((a - k) + rest, t);
}

/* ---- float64, all numbers ------------------------------------------------------------------------------------------- */

#define CYPOOL_ROUND_F64 0x1.8p52
#define CYPOOL_BIASED_F64 (0x1.8p52 + 1023)

static inline double cypool_two_to_f64(double k) { /* k whole, -1022 to 1023 */
    return cypool_as_f64(cypool_bits_f64(k + CYPOOL_BIASED_F64) << 52);
}

/* 2**k exp(r), k whole, abs(r) <= ln(2) / 2; 2**-64 */
static inline double cypool_exponential_f64(double k, double r) {
    double q = 0x1.1f9e0a6bd583cp-29, half;
    q = q * r + 0x1.af6cda86b0098p-26;
    q = q * r + 0x1.27e4bf1ca7984p-22;
    q = q * r + 0x1.71ddef8c14696p-19;
    q = q * r + 0x1.a01a01b4606c5p-16;
    q = q * r + 0x1.a01a01b3be29ap-13;
    q = q * r + 0x1.6c16c16c1355ep-10;
    q = q * r + 0x1.111111110ebabp-7;
    q = q * r + 0x1.555555555555ep-5;
    q = q * r + 0x1.555555555555cp-3;
    q = q * r + 0.5;
    half = (k * 0.5 + CYPOOL_ROUND_F64) - CYPOOL_ROUND_F64;
    return (1.0 + (r + r * r * q)) * cypool_two_to_f64(half) * cypool_two_to_f64(k - half);
}

static inline double cypool_exp_f64(double x) {
    double k;
    x = x > 710.0 ? 710.0 : x;
    x = x < -746.0 ? -746.0 : x;
    k = (x * 0x1.71547652b82fep0 + CYPOOL_ROUND_F64) - CYPOOL_ROUND_F64;
    return cypool_exponential_f64(k, (x - k * 0x1.62e42feep-1) - k * 0x1.a39ef35793c76p-33);
}

/* x = 2**e m, m from sqrt(1/2) to sqrt(2), x positive: m - 1.  Subnormal numbers too. */
static inline double cypool_split_f64(double x, double *e) {
    int small = x < 0x1p-1022;
    uint64_t bits = cypool_bits_f64(x * (small ? 0x1p54 : 1.0)) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
    *e = cypool_as_f64((bits >> 52) | 0x4330000000000000u) - (small ? 0x1p52 + 1077 : 0x1p52 + 1023);
    return cypool_as_f64((bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1.0;
}

/* (atanh(s) / s - 1) / z * 2 for z = s * s, s from the square roots of 1/2 and 2; 2**-65.7 */
static inline double cypool_series_f64(double z) {
    double q = 0x1.0f6a9a0a86c07p-3;
    q = q * z + 0x1.0f5bf61903f2bp-3;
    q = q * z + 0x1.3b20b4dd2eea9p-3;
    q = q * z + 0x1.745cddff75befp-3;
    q = q * z + 0x1.c71c7259a9eb8p-3;
    q = q * z + 0x1.249249242aafdp-2;
    q = q * z + 0x1.9999999999e06p-2;
    return q * z + 0x1.5555555555555p-1;
}

static inline double cypool_log_f64(double x) {
    double e, f = cypool_split_f64(x, &e), s = f / (2.0 + f), z = s * s, half = 0.5 * f * f;
    double y = e * 0x1.62e42feep-1 - ((half - (s * (half + z * cypool_series_f64(z)) + e * 0x1.a39ef35793c76p-33)) - f);
    y = x < INFINITY ? y : x; /* NaN too */
    y = x == 0.0 ? -INFINITY : y;
    return x < 0.0 ? NAN : y;
}

static inline double cypool_high_f64(double x) { return cypool_as_f64(cypool_bits_f64(x) & 0xfffffffff8000000u); } /* 26 bits */
static inline double cypool_whole_f64(double x) { return (x + CYPOOL_ROUND_F64) - CYPOOL_ROUND_F64; }
static inline double cypool_fraction_f64(double x) { /* 0 of whole numbers */
    double size = fabs(x), rest = size - ((size + 0x1p52) - 0x1p52);
    return size < 0x1p52 ? rest : 0.0;
}

/* x**p as numpy.power, p finite and not 0; the logarithm and its product with p have two parts each. */
static inline double cypool_power_f64(double x, double p) {
    double size = fabs(x), e, f = cypool_split_f64(size, &e), d = 2.0 + f, over = 1.0 / d;
    /* s = f / d in two parts, the first short enough that its products are exact */
    double s = f * over, s_high = cypool_high_f64(s), d_high = cypool_high_f64(d), d_low = f - (d_high - 2.0);
    double s_low = over * ((f - s_high * d_high) - s_high * d_low), z = s * s;
    /* log2(1 + f) = 2 / ln(2) (s + s z / 2 series): 2 / ln(2) in two parts */
    double first = s_high * 0x1.7154764p+1;
    double second = (s_high * 0x1.2b82fe1777d1p-27 + s_low * 0x1.71547652b82fep+1) + s * z * cypool_series_f64(z) * 0x1.71547652b82fep+0;
    double sum = e + first, rest = (first - (sum - e)) + second, sum_high = cypool_high_f64(sum);
    double p_high = cypool_high_f64(p), a, b, u, k, y, odd, fraction;
    rest += sum - sum_high;
    a = p_high * sum_high;
    b = (p - p_high) * sum_high + p * rest;
    u = a + b;
    k = cypool_whole_f64(u > 1100.0 ? 1100.0 : u < -1100.0 ? -1100.0 : u);
    y = cypool_exponential_f64(k, ((a - k) + b) * 0x1.62e42fefa39efp-1);
    y = u > 1090.0 ? INFINITY : y;
    y = u < -1090.0 ? 0.0 : y;
    y = size == 0.0 ? (p > 0.0 ? 0.0 : INFINITY) : y;
    y = size == INFINITY ? (p > 0.0 ? INFINITY : 0.0) : y;
    /* negative numbers to whole powers; the sign of odd ones, of -0 too */
    fraction = cypool_fraction_f64(p);
    y = (x < 0.0) & (fraction != 0.0) & (size < INFINITY) ? NAN : y;
    odd = cypool_as_f64(cypool_bits_f64(y) | (cypool_bits_f64(x) & 0x8000000000000000u));
    y = (cypool_fraction_f64(p * 0.5) != 0.0) & (fraction == 0.0) ? odd : y;
    return x != x ? x : y;
}

#endif
