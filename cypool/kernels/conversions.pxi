# Rows between an array's strides, its storage dtype and the work dtype.  Included by rows.pyx.
#
# The storage dtype exists here alone: `gather` and `spread` know elements by their size, load and store know pairs of
# dtypes, the means divide and round on the way out.

# ---- between storage and work dtypes --------------------------------------------------------------------------

ctypedef fused S:                # storage types that C knows
    int8_t
    uint8_t
    int16_t
    uint16_t
    int32_t
    uint32_t
    int64_t
    uint64_t
    float
    double

ctypedef fused Wide:             # what they are converted to
    uint32_t
    int64_t
    uint64_t
    double

ctypedef fused Whole:
    int8_t
    uint8_t
    int16_t
    uint16_t
    int32_t
    uint32_t
    int64_t
    uint64_t


cdef void widen(Wide* dst, const S* src, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        dst[i] = <Wide> src[i]


cdef void narrow(S* dst, const Wide* src, Py_ssize_t n) noexcept nogil:
    """Back again; a 32-bit accumulator is read as signed, for it holds sums of either sign."""
    cdef Py_ssize_t i
    for i in range(n):
        if Wide is uint32_t:
            dst[i] = <S> <int32_t> src[i]
        else:
            dst[i] = <S> src[i]


cdef inline double divisor_at(double divisor, const double* shares, Py_ssize_t col) noexcept nogil:
    return divisor if shares == NULL else divisor * shares[col]


cdef void divide_real(Real* dst, const Real* src, Py_ssize_t cols, Py_ssize_t lanes, double divisor,
                      const double* shares, int rounding) noexcept nogil:
    cdef Py_ssize_t i, j
    cdef Real d = <Real> divisor
    if shares == NULL:
        for i in range(cols * lanes):
            dst[i] = src[i] / d
    elif lanes == 1:
        for i in range(cols):
            dst[i] = src[i] / <Real> (divisor * shares[i])
    else:
        for j in range(cols):
            d = <Real> (divisor * shares[j])
            for i in range(j * lanes, (j + 1) * lanes):
                dst[i] = src[i] / d


cdef void mean_double_float(float* dst, const double* src, Py_ssize_t cols, Py_ssize_t lanes, double divisor,
                            const double* shares, int rounding) noexcept nogil:
    """By the reciprocal: it errs by less than a float's rounding does, and a division of doubles costs more than the sum."""
    cdef Py_ssize_t i, j
    cdef double d
    for j in range(cols if shares != NULL else 1):
        d = 1.0 / divisor_at(divisor, shares, j)
        for i in range(j * lanes, (j + 1) * lanes if shares != NULL else cols * lanes):
            dst[i] = <float> (src[i] * d)


cdef inline Whole divide_small(Whole* tag, int32_t a, double d, int rounding) noexcept nogil:
    # |a| < 2**31 and the quotient is rounded once, so the distance to an integer or a half survives in double.
    cdef double q = a / d
    if rounding == TRUNC:
        return <Whole> <int64_t> q
    if rounding == FLOOR:
        return <Whole> <int64_t> floor(q)
    if rounding == NEAREST:
        return <Whole> <int64_t> rint(q)
    return <Whole> <int64_t> floor(q + 0.5)


cdef inline Whole divide_large(Whole* tag, uint64_t a, double divisor, int rounding) noexcept nogil:
    """Exact division of magnitudes; the sign is put back after rounding."""
    cdef bint negative = divisor < 0, away = False
    cdef uint64_t d = <uint64_t> (-divisor if negative else divisor), q, r
    if Whole is int8_t or Whole is int16_t or Whole is int32_t or Whole is int64_t:
        if <int64_t> a < 0:
            a = 0 - a
            negative = not negative
    q = a // d
    r = a - q * d
    if rounding == FLOOR:
        away = negative & (r > 0)
    elif rounding == NEAREST:
        away = (r > d - r) | ((r == d - r) & (q & 1))
    elif rounding == HALF_UP:
        away = (r > d - r) | ((r == d - r) & (not negative))
    q += away
    return <Whole> (0 - q if negative else q)


cdef void mean_small(Whole* dst, const uint32_t* src, Py_ssize_t cols, Py_ssize_t lanes, double divisor,
                     const double* shares, int rounding) noexcept nogil:
    cdef Py_ssize_t i, j
    cdef double d
    for j in range(cols if shares != NULL else 1):
        d = divisor_at(divisor, shares, j)
        for i in range(j * lanes, (j + 1) * lanes if shares != NULL else cols * lanes):
            if d == 0:
                dst[i] = 0
            elif rounding == TRUNC:
                dst[i] = divide_small(<Whole*> NULL, <int32_t> src[i], d, TRUNC)
            else:
                dst[i] = divide_small(<Whole*> NULL, <int32_t> src[i], d, rounding)


cdef void mean_large(Whole* dst, const uint64_t* src, Py_ssize_t cols, Py_ssize_t lanes, double divisor,
                     const double* shares, int rounding) noexcept nogil:
    cdef Py_ssize_t i, j
    cdef double d
    for j in range(cols):
        d = divisor_at(divisor, shares, j)
        for i in range(j * lanes, (j + 1) * lanes):
            dst[i] = 0 if d == 0 else divide_large(<Whole*> NULL, src[i], d, rounding)


# The halves convert by way of float, a few vectors at a time so that the detour stays in registers and L1.
cdef enum:
    PIECE = 256

cdef inline void half_to_double(double* dst, const uint16_t* src, Py_ssize_t n, bint brain) noexcept nogil:
    cdef float piece[PIECE]
    cdef Py_ssize_t i, start = 0, m
    while start < n:
        m = min(n - start, <Py_ssize_t> PIECE)
        if brain:
            cypool_bf16_row_float(piece, src + start, m)
        else:
            cypool_f16_row_float(piece, src + start, m)
        for i in range(m):
            dst[start + i] = piece[i]
        start += m


cdef inline void half_mean(uint16_t* dst, const Real* src, Py_ssize_t cols, Py_ssize_t lanes, double divisor,
                           const double* shares, bint brain) noexcept nogil:
    cdef float piece[PIECE]
    cdef Py_ssize_t i, start = 0, m, n = cols * lanes
    while start < n:
        m = min(n - start, <Py_ssize_t> PIECE)
        if shares == NULL:
            for i in range(m):
                piece[i] = <float> (src[start + i] / <Real> divisor)
        else:
            for i in range(m):
                piece[i] = <float> (src[start + i] / <Real> (divisor * shares[(start + i) // lanes]))
        if brain:
            cypool_float_row_bf16(dst + start, piece, m)
        else:
            cypool_float_row_f16(dst + start, piece, m)
        start += m


cdef void f16_to_double(double* dst, const uint16_t* src, Py_ssize_t n) noexcept nogil:
    half_to_double(dst, src, n, False)

cdef void bf16_to_double(double* dst, const uint16_t* src, Py_ssize_t n) noexcept nogil:
    half_to_double(dst, src, n, True)

cdef void f16_mean(uint16_t* dst, const Real* src, Py_ssize_t cols, Py_ssize_t lanes, double divisor,
                   const double* shares, int rounding) noexcept nogil:
    half_mean(dst, src, cols, lanes, divisor, shares, False)

cdef void bf16_mean(uint16_t* dst, const Real* src, Py_ssize_t cols, Py_ssize_t lanes, double divisor,
                    const double* shares, int rounding) noexcept nogil:
    half_mean(dst, src, cols, lanes, divisor, shares, True)

cdef void f16_store(uint16_t* dst, const Real* src, Py_ssize_t n) noexcept nogil:
    half_mean(dst, src, n, 1, 1.0, NULL, False)

cdef void bf16_store(uint16_t* dst, const Real* src, Py_ssize_t n) noexcept nogil:
    half_mean(dst, src, n, 1, 1.0, NULL, True)

cdef void f16_to_key(cypool_key* dst, const uint16_t* src, Py_ssize_t n) noexcept nogil:
    cypool_half_row_key(dst, src, n, 0x7c00, 1)

cdef void bf16_to_key(cypool_key* dst, const uint16_t* src, Py_ssize_t n) noexcept nogil:
    cypool_half_row_key(dst, src, n, 0x7f80, 1)

cdef void f16_to_minus_key(cypool_key* dst, const uint16_t* src, Py_ssize_t n) noexcept nogil:
    cypool_half_row_key(dst, src, n, 0x7c00, -1)

cdef void bf16_to_minus_key(cypool_key* dst, const uint16_t* src, Py_ssize_t n) noexcept nogil:
    cypool_half_row_key(dst, src, n, 0x7f80, -1)

cdef void f16_from_key(uint16_t* dst, const cypool_key* src, Py_ssize_t n) noexcept nogil:
    cypool_key_row_half(dst, src, n, 0x7c00, 1)

cdef void bf16_from_key(uint16_t* dst, const cypool_key* src, Py_ssize_t n) noexcept nogil:
    cypool_key_row_half(dst, src, n, 0x7f80, 1)

cdef void f16_from_minus_key(uint16_t* dst, const cypool_key* src, Py_ssize_t n) noexcept nogil:
    cypool_key_row_half(dst, src, n, 0x7c00, -1)

cdef void bf16_from_minus_key(uint16_t* dst, const cypool_key* src, Py_ssize_t n) noexcept nogil:
    cypool_key_row_half(dst, src, n, 0x7f80, -1)


# ---- between an array's strides and a contiguous row -------------------------------------------------------------

ctypedef fused Item:             # elements by size alone
    uint8_t
    uint16_t
    uint32_t
    uint64_t


cdef inline Item swapped(Item a) noexcept nogil:
    cdef Item out = 0
    cdef size_t i
    for i in range(sizeof(Item)):
        out = <Item> ((out << 8) | ((a >> (8 * i)) & 0xff))
    return out


cdef void gather(Item* dst, const char* src, Py_ssize_t cols, Py_ssize_t lanes, Py_ssize_t col_stride,
                 Py_ssize_t lane_stride, const Py_ssize_t* source, int swap) noexcept nogil:
    """memcpy, element by element, reads elements that are not aligned."""
    cdef Py_ssize_t j, lane
    cdef const char* at
    for j in range(cols):
        at = src + (j if source == NULL else source[j]) * col_stride
        if lane_stride == sizeof(Item):
            memcpy(dst, at, lanes * sizeof(Item))
        elif lane_stride == 2 * sizeof(Item):
            for lane in range(lanes):  # every other one: a distance that is known goes several at a time
                memcpy(dst + lane, at + 2 * lane * sizeof(Item), sizeof(Item))
        else:
            for lane in range(lanes):
                memcpy(dst + lane, at + lane * lane_stride, sizeof(Item))
        dst += lanes
    if swap:
        dst -= cols * lanes
        for j in range(cols * lanes):
            dst[j] = swapped(dst[j])


cdef void spread(char* dst, const Item* src, Py_ssize_t cols, Py_ssize_t lanes, Py_ssize_t col_stride,
                 Py_ssize_t lane_stride, int swap) noexcept nogil:
    cdef Py_ssize_t j, lane
    cdef Item value
    for j in range(cols):
        for lane in range(lanes):
            value = swapped(src[lane]) if swap else src[lane]
            memcpy(dst + j * col_stride + lane * lane_stride, &value, sizeof(Item))
        src += lanes
