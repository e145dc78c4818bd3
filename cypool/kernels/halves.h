/* float16 and bfloat16 rows: conversion to and from float and double, and order-preserving 16-bit keys.
 *
 * A key is the value as a sign-and-magnitude integer: keys compare as the values do, -0.0 and +0.0 share one, every
 * NaN is CYPOOL_KEY_NAN, above all others, and CYPOOL_KEY_NOTHING, below all others, stands for an empty window.
 * Minima negate on the way in and out and use the maximum.
 * All loops are branch-free so that the compiler vectorises them; F16C serves float16 where the level has it.
 */
#ifndef CYPOOL_HALVES_H
#define CYPOOL_HALVES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__F16C__) || (defined(_MSC_VER) && defined(__AVX2__))
#include <immintrin.h>
#define CYPOOL_F16C 1
#endif

typedef int16_t cypool_key;
#define CYPOOL_KEY_NAN 32767
#define CYPOOL_KEY_NOTHING (-32767)

static inline float cypool_bits_float(uint32_t bits) { float f; memcpy(&f, &bits, 4); return f; }
static inline uint32_t cypool_float_bits(float f) { uint32_t bits; memcpy(&bits, &f, 4); return bits; }

static inline float cypool_f16_float(uint16_t h) {
    /* Scaling by a power of two makes subnormals and normals alike; infinities and NaN are patched by a select. */
    uint32_t sign = (uint32_t)(h & 0x8000u) << 16, rest = (uint32_t)(h & 0x7fffu) << 13;
    uint32_t finite = cypool_float_bits(cypool_bits_float(rest) * 0x1p112f);
    uint32_t special = rest | 0x7f800000u;
    return cypool_bits_float(sign | (rest >= 0x0f800000u ? special : finite));
}

static inline uint16_t cypool_float_f16(float f) {
    uint32_t bits = cypool_float_bits(f), sign = (bits >> 16) & 0x8000u, rest = bits & 0x7fffffffu;
    /* subnormal results: adding 0.5 leaves the rounded significand in the low bits */
    uint32_t small = cypool_float_bits(cypool_bits_float(rest) + 0.5f) - 0x3f000000u;
    /* normal results: round to nearest, ties to even, then move the exponent's bias */
    uint32_t normal = (rest + 0xfffu + ((rest >> 13) & 1u) - 0x38000000u) >> 13;
    uint32_t large = rest > 0x7f800000u ? 0x7e00u : 0x7c00u;
    uint32_t half = rest < 0x38800000u ? small : normal;
    return (uint16_t)(sign | (rest >= 0x477ff000u ? large : half));
}

static inline float cypool_bf16_float(uint16_t h) { return cypool_bits_float((uint32_t)h << 16); }

static inline uint16_t cypool_float_bf16(float f) {
    uint32_t bits = cypool_float_bits(f);
    uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    return (uint16_t)((bits & 0x7fffffffu) > 0x7f800000u ? (bits >> 16) | 0x40u : rounded);
}

static void cypool_f16_row_float(float *out, const uint16_t *in, ptrdiff_t n) {
    ptrdiff_t i = 0;
#ifdef CYPOOL_F16C
    for (; i + 8 <= n; i += 8)
        _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(in + i))));
#endif
    for (; i < n; i++) out[i] = cypool_f16_float(in[i]);
}

static void cypool_float_row_f16(uint16_t *out, const float *in, ptrdiff_t n) {
    ptrdiff_t i = 0;
#ifdef CYPOOL_F16C
    for (; i + 8 <= n; i += 8)
        _mm_storeu_si128((__m128i *)(out + i),
                         _mm256_cvtps_ph(_mm256_loadu_ps(in + i), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
#endif
    for (; i < n; i++) out[i] = cypool_float_f16(in[i]);
}

static void cypool_bf16_row_float(float *out, const uint16_t *in, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) out[i] = cypool_bf16_float(in[i]);
}

static void cypool_float_row_bf16(uint16_t *out, const float *in, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) out[i] = cypool_float_bf16(in[i]);
}

/* `infinity` is the magnitude of the format's infinity; `sign` is 1 for maxima and -1 for minima. */
static inline void cypool_half_row_key(cypool_key *out, const uint16_t *in, ptrdiff_t n, int16_t infinity,
                                       int16_t sign) {
    for (ptrdiff_t i = 0; i < n; i++) {
        int16_t bits = (int16_t)in[i], magnitude = (int16_t)(bits & 0x7fff);
        int16_t flip = (int16_t)((bits >> 15) ^ (sign >> 15)); /* 0 or -1 */
        int16_t key = (int16_t)((magnitude ^ flip) - flip);
        out[i] = magnitude > infinity ? CYPOOL_KEY_NAN : key;
    }
}

static inline void cypool_key_row_half(uint16_t *out, const cypool_key *in, ptrdiff_t n, int16_t infinity,
                                       int16_t sign) {
    for (ptrdiff_t i = 0; i < n; i++) {
        int16_t raw = in[i], key = raw < -infinity ? (int16_t)-infinity : raw, below = (int16_t)(key >> 15), magnitude = (int16_t)((key ^ below) - below);
        int16_t signbit = (int16_t)((below ^ (sign >> 15)) & -(magnitude != 0) & (int16_t)0x8000);
        uint16_t nan = (uint16_t)(infinity | (infinity >> 1)); /* a quiet NaN of the format */
        uint16_t bits = (uint16_t)(magnitude | signbit);
        out[i] = key == CYPOOL_KEY_NAN ? nan : bits;
    }
}

#endif
