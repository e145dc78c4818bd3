/* Stands in for the CUDA language, so that a C++ compiler compiles cypool/cuda/kernels.cu and the host runs it.
 *
 * Blocks and threads are loops.  A kernel that shares memory or waits at a barrier does not compile here: whoever writes the
 * first one adds threads that can wait.
 */
#include <math.h>

#define CYPOOL_STAND_IN
#define __global__ static
#define __device__

struct Three {
    unsigned int x;
};

static thread_local Three blockIdx, threadIdx, blockDim, gridDim;

static inline float float_of_half(unsigned short bits) {
    _Float16 half;
    __builtin_memcpy(&half, &bits, 2);
    return (float)half;
}

static inline unsigned short half_of_float(float value) {
    _Float16 half = (_Float16)value;
    unsigned short bits;
    __builtin_memcpy(&bits, &half, 2);
    return bits;
}

static inline float float_of_bits(unsigned int bits) {
    float value;
    __builtin_memcpy(&value, &bits, 4);
    return value;
}

static inline unsigned int bits_of_float(float value) {
    unsigned int bits;
    __builtin_memcpy(&bits, &value, 4);
    return bits;
}

static inline void atomicMin(unsigned long long *at, unsigned long long value) {
    if (value < *at)
        *at = value;
}

/* Run a kernel whose arguments lie where `arguments` point, as cuLaunchKernel takes them. */
template <unsigned long... I> struct Numbers {};
template <unsigned long N, unsigned long... I> struct UpTo : UpTo<N - 1, N - 1, I...> {};
template <unsigned long... I> struct UpTo<0, I...> {
    typedef Numbers<I...> Type;
};

template <class... A, unsigned long... I>
static void launch(void (*kernel)(A...), unsigned int blocks, unsigned int threads, void **arguments, Numbers<I...>) {
    gridDim.x = blocks, blockDim.x = threads;
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++)
        for (threadIdx.x = 0; threadIdx.x < threads; threadIdx.x++)
            kernel(*(A *)arguments[I]...);
}

template <class... A> static void launch(void (*kernel)(A...), unsigned int blocks, unsigned int threads, void **arguments) {
    launch(kernel, blocks, threads, arguments, typename UpTo<sizeof...(A)>::Type());
}

/* A name as the device gives it, and the kernel. */
struct Entry {
    const char *name;
    void (*run)(unsigned int, unsigned int, void **);
};

#define KERNEL(...) {#__VA_ARGS__, [](unsigned int b, unsigned int t, void **a) { launch(&__VA_ARGS__, b, t, a); }}
