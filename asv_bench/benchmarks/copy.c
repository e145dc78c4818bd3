/* The yardstick: memcpy by a team of exactly `threads` threads, one piece each; compiled by measure.py when it is used.
   Returns the size of the team. */
#include <omp.h>
#include <stddef.h>
#include <string.h>

#define LINE 64 /* bytes; no two threads write into one line of the cache */

int cypool_bench_copy(char *target, const char *source, size_t bytes, int threads)
{
    int team = 1;
    if (threads == 1) {
        memcpy(target, source, bytes);
        return team;
    }
#pragma omp parallel num_threads(threads)
    {
        size_t rank = omp_get_thread_num(), size = omp_get_num_threads();
        size_t lines = (bytes + LINE - 1) / LINE;
        size_t begin = lines * rank / size * LINE, end = lines * (rank + 1) / size * LINE;
        end = end < bytes ? end : bytes;
        if (begin < end)
            memcpy(target + begin, source + begin, end - begin);
        if (rank == 0)
            team = (int)size;
    }
    return team;
}
