/* What C must ask the platform: instruction sets, forks, OpenMP's absence. */
#ifndef CYPOOL_PLATFORM_H
#define CYPOOL_PLATFORM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#define CYPOOL_OPENMP _OPENMP
#else
#define CYPOOL_OPENMP 0
static inline int omp_get_max_threads(void) { return 1; }
static inline int omp_get_thread_num(void) { return 0; }
#endif

/* The highest x86-64 level of 1 and 3 that the processor has and the operating system saves the registers of; 0 on
 * other architectures. */
#if defined(__x86_64__) || defined(_M_X64)
#if defined(_MSC_VER)
#include <intrin.h>
static void cypool_cpuid(unsigned leaf, unsigned r[4]) { __cpuidex((int *)r, (int)leaf, 0); }
static unsigned long long cypool_xcr0(void) { return _xgetbv(0); }
#else
#include <cpuid.h>
static void cypool_cpuid(unsigned leaf, unsigned r[4]) {
    r[0] = r[1] = r[2] = r[3] = 0;
    __get_cpuid_count(leaf, 0, &r[0], &r[1], &r[2], &r[3]);
}
static unsigned long long cypool_xcr0(void) {
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return ((unsigned long long)high << 32) | low;
}
#endif
static int cypool_x86_level(void) {
    const unsigned leaf1_ecx = (1u << 12) | (1u << 22) | (1u << 27) | (1u << 28) | (1u << 29); /* fma movbe osxsave avx f16c */
    const unsigned leaf7_ebx = (1u << 3) | (1u << 5) | (1u << 8);                              /* bmi1 avx2 bmi2 */
    unsigned r[4];
    cypool_cpuid(1, r);
    if ((r[2] & leaf1_ecx) != leaf1_ecx || (cypool_xcr0() & 6) != 6) return 1;
    cypool_cpuid(7, r);
    if ((r[1] & leaf7_ebx) != leaf7_ebx) return 1;
    cypool_cpuid(0x80000001u, r);
    return (r[2] & (1u << 5)) ? 3 : 1; /* lzcnt */
}
#else
static int cypool_x86_level(void) { return 0; }
#endif

/* After fork() an OpenMP runtime's worker threads are gone, and a parallel region may wait for them for ever.  The C
 * handler sees every fork, also those that Python does not know of; the child then computes on one thread. */
static volatile int cypool_forked = 0;
#if !defined(_WIN32)
#include <pthread.h>
static void cypool_after_fork(void) { cypool_forked = 1; }
static int cypool_watch_forks(void) { return pthread_atfork(0, 0, cypool_after_fork); }
#else
static int cypool_watch_forks(void) { return 0; }
#endif

/* Asks for `bytes` from p on, which may lie beyond the array: a prefetch never faults. */
static inline void cypool_prefetch(const char *p, ptrdiff_t bytes) {
#if defined(__GNUC__)
    for (ptrdiff_t i = 0; i < bytes; i += 64) __builtin_prefetch((const void *)((uintptr_t)p + (uintptr_t)i), 0, 2);
#else
    (void)p, (void)bytes;
#endif
}

/* Orders stores that went past the cache before what follows. */
#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
static inline void cypool_fence(void) { _mm_sfence(); }

/* Copies n bytes that nobody reads again soon past the cache: lines are not fetched to be overwritten. */
static inline void cypool_copy_past(char *to, const char *from, ptrdiff_t n) {
    ptrdiff_t i = (ptrdiff_t)(-(uintptr_t)to & 63), k;
    if (n < 256) i = n;
    memcpy(to, from, (size_t)i);
    for (; i + 64 <= n; i += 64)
        for (k = 0; k < 64; k += 16)
            _mm_stream_si128((__m128i *)(to + i + k), _mm_loadu_si128((const __m128i *)(from + i + k)));
    memcpy(to + i, from + i, (size_t)(n - i));
}
#else
static inline void cypool_fence(void) {}
static inline void cypool_copy_past(char *to, const char *from, ptrdiff_t n) { memcpy(to, from, (size_t)n); }
#endif

/* A context manager's wish for this Python thread alone. */
#if defined(_MSC_VER)
static __declspec(thread) int cypool_local_threads = 0;
#else
static __thread int cypool_local_threads = 0;
#endif

#if defined(__clang__)
#define CYPOOL_COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define CYPOOL_COMPILER "gcc " __VERSION__
#elif defined(_MSC_VER)
#define CYPOOL_STRING_(x) #x
#define CYPOOL_STRING(x) CYPOOL_STRING_(x)
#define CYPOOL_COMPILER "msvc " CYPOOL_STRING(_MSC_FULL_VER)
#else
#define CYPOOL_COMPILER "unknown"
#endif

#endif
