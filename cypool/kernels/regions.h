/* Runs of four-byte cells of several channels, turned so that the channels are neighbours: 4 x 4 at a time where the
 * processor can.  Columns advance slowest, for the channels' cache lines are then asked for together. */
#ifndef CYPOOL_REGIONS_H
#define CYPOOL_REGIONS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__) || defined(_M_X64)
#include <xmmintrin.h>
#define CYPOOL_TURNS 1

static void cypool_turn(char *to, const char *from, ptrdiff_t cols, ptrdiff_t lanes, ptrdiff_t lane) {
    float *out = (float *)to;
    ptrdiff_t col = 0, k, i;
    for (;;) {
        for (k = 0; k + 4 <= lanes; k += 4) {
            const char *at = from + 4 * col + k * lane;
            float *o = out + col * lanes + k;
            __m128 a = _mm_loadu_ps((const float *)at), b = _mm_loadu_ps((const float *)(at + lane));
            __m128 c = _mm_loadu_ps((const float *)(at + 2 * lane)), d = _mm_loadu_ps((const float *)(at + 3 * lane));
            _MM_TRANSPOSE4_PS(a, b, c, d);
            _mm_storeu_ps(o, a);
            _mm_storeu_ps(o + lanes, b);
            _mm_storeu_ps(o + 2 * lanes, c);
            _mm_storeu_ps(o + 3 * lanes, d);
        }
        for (; k < lanes; k++)
            for (i = 0; i < 4; i++) memcpy(out + (col + i) * lanes + k, from + 4 * (col + i) + k * lane, 4);
        if (col + 4 >= cols) break;
        col = col + 8 <= cols ? col + 4 : cols - 4; /* the last four may overlap those before */
    }
}
#else
#define CYPOOL_TURNS 0
static void cypool_turn(char *to, const char *from, ptrdiff_t cols, ptrdiff_t lanes, ptrdiff_t lane) {
    (void)to, (void)from, (void)cols, (void)lanes, (void)lane;
}
#endif

#endif
