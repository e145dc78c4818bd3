/* Stands in for the CUDA language, so that a C++ compiler compiles cypool/cuda/kernels.cu and the host runs it.
 *
 * Blocks are a loop, and so are the threads of a block until one waits: it is left where it waits, on a stack of its own, and
 * another stack takes the threads behind it.  Each runs to the barrier before any passes it, in turns from the first thread on
 * and from the last, so that a barrier that is missing leaves somebody ahead, whose reads or writes then come too early.  A
 * barrier that not all threads of a block reach is an error.  Shared memory is static: a block finds in it what another left.
 */
#include <cstdlib>
#include <math.h>
#include <ucontext.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#define CYPOOL_STAND_IN
#define __global__ static
#define __device__
#define __shared__ static

struct Three {
    unsigned int x;
};

static thread_local Three blockIdx, threadIdx, blockDim, gridDim;

/* ---- threads that can wait ------------------------------------------------------------------------------------------- */

struct Stack {
    static const unsigned long BYTES = 1 << 16;
    ucontext_t context;
    char *bytes;
    unsigned int thread;
    bool waits;
};

struct Block {
    static const unsigned int MOST = 1024;
    Stack stacks[MOST];
    Stack *running;
    unsigned int used, next, threads;
    ucontext_t scheduler;
    void (*kernel)(void *);
    void *call;
    const void *bottom; /* of the scheduler's stack, for a sanitizer */
    unsigned long size;

    /* From one stack to another; a sanitizer wants to know. */
    void change(ucontext_t *from, ucontext_t *to, const void *bottom_there, unsigned long size_there) {
#ifdef __SANITIZE_ADDRESS__
        void *fake;
        __sanitizer_start_switch_fiber(&fake, bottom_there, size_there);
        swapcontext(from, to);
        arrived(fake);
#else
        (void)bottom_there, (void)size_there;
        swapcontext(from, to);
#endif
    }

    void arrived(void *fake) {
#ifdef __SANITIZE_ADDRESS__
        const void *from;
        unsigned long size_there;
        __sanitizer_finish_switch_fiber(fake, &from, &size_there);
        if (from < (const void *)stacks[0].bytes || from >= (const void *)(stacks[0].bytes + MOST * Stack::BYTES))
            bottom = from, size = size_there;
#else
        (void)fake;
#endif
    }

    void enter(Stack &stack) {
        running = &stack;
        threadIdx.x = stack.thread;
        change(&scheduler, &stack.context, stack.bytes, Stack::BYTES);
    }

    void leave(bool waits) {
        running->waits = waits;
        change(&running->context, &scheduler, bottom, size);
    }

    void wait() {
        Stack *own = running;
        own->thread = threadIdx.x;
        leave(true);
    }

    static void body();

    /* Threads until one waits, on a stack that nobody waits on. */
    void begin(Stack &stack) {
        getcontext(&stack.context);
        stack.context.uc_stack.ss_sp = stack.bytes;
        stack.context.uc_stack.ss_size = Stack::BYTES;
        stack.context.uc_link = nullptr;
        makecontext(&stack.context, body, 0);
        stack.thread = next;
        enter(stack);
    }

    /* 0, or 2 for a barrier that was not reached by all. */
    int run(unsigned int count) {
        static char *bytes = (char *)malloc(MOST * Stack::BYTES);
        threads = count, next = 0;
        for (used = 0; next < threads && used < MOST; used++) {
            stacks[used].bytes = bytes + used * Stack::BYTES;
            stacks[used].waits = false;
            stacks[0].bytes = bytes;
            begin(stacks[used]);
        }
        for (bool upwards = false;; upwards = !upwards) {
            unsigned int waiting = 0;
            for (unsigned int i = 0; i < used; i++)
                waiting += stacks[i].waits;
            if (waiting == 0)
                return 0;
            if (waiting != threads)
                return 2;
            for (unsigned int i = 0; i < used; i++)
                enter(stacks[upwards ? i : used - 1 - i]);
        }
    }
};

static Block block;

inline void Block::body() {
    block.arrived(nullptr);
    while (block.next < block.threads) {
        threadIdx.x = block.next++;
        block.kernel(block.call);
    }
    block.leave(false);
}

static inline void __syncthreads() {
    block.wait();
}

/* ---- instructions ---------------------------------------------------------------------------------------------------- */

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

static inline float __fmaf_rn(float a, float b, float c) {
    return __builtin_fmaf(a, b, c);
}

static inline void atomicAdd(unsigned long long *at, unsigned long long value) {
    *at += value;
}

static inline void atomicMin(unsigned long long *at, unsigned long long value) {
    if (value < *at)
        *at = value;
}

static inline void atomicMax(unsigned long long *at, unsigned long long value) {
    if (value > *at)
        *at = value;
}

/* Run a kernel whose arguments lie where `arguments` point, as cuLaunchKernel takes them. */
template <unsigned long... I> struct Numbers {};
template <unsigned long N, unsigned long... I> struct UpTo : UpTo<N - 1, N - 1, I...> {};
template <unsigned long... I> struct UpTo<0, I...> {
    typedef Numbers<I...> Type;
};

template <class... A> struct Call {
    void (*kernel)(A...);
    void **arguments;
};

template <class... A, unsigned long... I> static void one_thread(const Call<A...> &call, Numbers<I...>) {
    call.kernel(*(A *)call.arguments[I]...);
}

template <class... A> static void one_thread(void *call) {
    one_thread(*(const Call<A...> *)call, typename UpTo<sizeof...(A)>::Type());
}

template <class... A> static int launch(void (*kernel)(A...), unsigned int blocks, unsigned int threads, void **arguments) {
    Call<A...> call = {kernel, arguments};
    block.kernel = one_thread<A...>, block.call = &call;
    gridDim.x = blocks, blockDim.x = threads;
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++)
        if (int wrong = block.run(threads))
            return wrong;
    return 0;
}

/* A name as the device gives it, and the kernel. */
struct Entry {
    const char *name;
    int (*run)(unsigned int, unsigned int, void **);
};

#define KERNEL(...) {#__VA_ARGS__, [](unsigned int b, unsigned int t, void **a) { return launch(&__VA_ARGS__, b, t, a); }}
