/* Whole planes at once: small windows over contiguous rows of one lane.
 *
 * What the row pipeline does row by row through a table of functions happens here in one call for all rows of a plane, or
 * of many planes: fold the leading taps into a row with padding on both sides, fold that row across its columns, finish
 * and store.  Borders are no special case, for the padding holds the operator's identity; rows shorter than a vector
 * read and write beyond their ends where the memory is the call's own.  Sums add in the pipeline's order, so the bits are
 * the same (docs/design/0007).
 *
 * This file is a template: vectors_table.h includes it once for each row of its table, with these names defined:
 *
 *   FN(name)          the name of this instance's function
 *   S, A, V           element in memory; of the accumulator; vector of the latter
 *   M, EVEN, ODD      as vectors.h picks every second element of V: vector of integers as wide as A, and functions of it
 *   LOAD(p)           S to V
 *   COMBINE(a, b)     the value so far and a new one
 *   COMBINE2(a, b, c) and two new ones
 *   IDENTITY          what changes nothing: -0.0 for sums of floats, for 0.0 + -0.0 is 0.0
 *   FINISH(p, v, j)   the division of column j's vector
 *   DIVISOR           type of a divisor, where there is a division
 *   LOW, HIGH         where gradients come this way: elements of two V in turn, the first and the second half of them
 *   QUARTER(one, two) the 2x2 windows of two rows, where there is a shorter way to them
 *   P, PACK(v)        vector of S, and V to P
 */

#define L ((ptrdiff_t)(sizeof(V) / sizeof(A)))

CYPOOL_FN V FN(at)(const A *a) {
    V v;
    memcpy(&v, a, sizeof v);
    return v;
}

CYPOOL_FN V FN(identity)(void) { /* not a sum with 0, which has lost the sign of -0.0 */
    A a[sizeof(V) / sizeof(A)];
    for (size_t i = 0; i < sizeof(V) / sizeof(A); i++) a[i] = IDENTITY;
    return FN(at)(a);
}

/* The leading taps of L cells: `taps` rows, `x_row` bytes apart. */
CYPOOL_FN V FN(lead)(const char *row, ptrdiff_t x_row, ptrdiff_t taps) {
    V v = LOAD((const S *)row);
    ptrdiff_t t;
    for (t = 1; t + 1 < taps; t += 2)
        v = COMBINE2(v, LOAD((const S *)(row + t * x_row)), LOAD((const S *)(row + (t + 1) * x_row)));
    return t < taps ? COMBINE(v, LOAD((const S *)(row + t * x_row))) : v;
}

CYPOOL_FN void FN(lead_row)(A *acc, const char *x, ptrdiff_t width, ptrdiff_t x_row, ptrdiff_t taps) {
    const char *end = x + (width - L) * (ptrdiff_t)sizeof(S), *row;
    V v;
    for (row = x; row <= end; row += L * (ptrdiff_t)sizeof(S), acc += L) {
        v = FN(lead)(row, x_row, taps);
        memcpy(acc, &v, sizeof v);
    }
    if (width % L) { /* the last vector once more, from the end */
        v = FN(lead)(end, x_row, taps);
        memcpy(acc + width % L - L, &v, sizeof v);
    }
}

/* More leading axes: their taps' rows one after the other. */
CYPOOL_FN void FN(lead_deep)(const cypool_planes *p, A *acc, const char *x, ptrdiff_t taps) {
    ptrdiff_t i, d, t;
    for (i = 0; i < p->width; i += L) {
        if (i > p->width - L) i = p->width - L;
        V v = FN(lead)(x + i * (ptrdiff_t)sizeof(S), p->x_row, taps);
        for (d = 1; d < p->n_deep; d++)
            for (t = 0; t < taps; t++)
                v = COMBINE(v, LOAD((const S *)(x + i * (ptrdiff_t)sizeof(S) + p->deep[d] + t * p->x_row)));
        memcpy(acc + i, &v, sizeof v);
    }
}

CYPOOL_FN V FN(load_short)(const cypool_planes *p, const char *row) {
    S cells[sizeof(V) / sizeof(A)];
    if (row + sizeof cells <= p->x_limit) return LOAD((const S *)row);
    memset(cells, 0, sizeof cells);
    memcpy(cells, row, (size_t)p->width * sizeof(S));
    return LOAD(cells);
}

/* Whether a vector may be read of each of so many rows, whichever of the first and the last one lies further back. */
CYPOOL_FN int FN(may_read)(const cypool_planes *p, const char *x, ptrdiff_t rows) {
    return (p->x_row < 0 ? x : x + (rows - 1) * p->x_row) + L * (ptrdiff_t)sizeof(S) <= p->x_limit;
}

/* A row shorter than a vector: what is loaded too much becomes padding. */
CYPOOL_FN void FN(lead_short)(const cypool_planes *p, A *acc, const char *x, ptrdiff_t taps) {
    ptrdiff_t d, t, i;
    V v, identity = FN(identity)();
    if (p->n_deep == 1 && FN(may_read)(p, x, taps)) {
        v = LOAD((const S *)x);
        for (t = 1; t < taps; t++) v = COMBINE(v, LOAD((const S *)(x + t * p->x_row)));
    } else {
        v = FN(load_short)(p, x);
        for (t = 1; t < taps; t++) v = COMBINE(v, FN(load_short)(p, x + t * p->x_row));
        for (d = 1; d < p->n_deep; d++)
            for (t = 0; t < taps; t++) v = COMBINE(v, FN(load_short)(p, x + p->deep[d] + t * p->x_row));
    }
    memcpy(acc, &v, sizeof v);
    for (i = 0; i < p->after; i += L) memcpy(acc + p->width + i, &identity, sizeof identity);
}

/* The taps of L outputs, `stride` cells apart: cell by cell for any stride.  A function, for it is long. */
static CYPOOL_APART V FN(gather)(const A *a, ptrdiff_t taps, ptrdiff_t stride, ptrdiff_t step) {
    V v = FN(at)(a), b = v;
    ptrdiff_t t, i;
    for (i = 0; i < L; i++) v[i] = a[i * stride];
    for (t = 1; t < taps; t++) {
        for (i = 0; i < L; i++) b[i] = a[t * step + i * stride];
        v = COMBINE(v, b);
    }
    return v;
}
/* By vectors where the literal `stride` is 1, 2 or, for a step of 1, 4; 0 stands for the call's stride, whatever that is. */
CYPOOL_FN V FN(across)(const cypool_planes *p, const A *a, ptrdiff_t taps, const int stride, ptrdiff_t step) {
    ptrdiff_t t;
    V v;
    if (stride == 1) {
        v = FN(at)(a);
        for (t = 1; t + 1 < taps; t += 2) v = COMBINE2(v, FN(at)(a + t * step), FN(at)(a + (t + 1) * step));
        return t < taps ? COMBINE(v, FN(at)(a + t * step)) : v;
    }
    if (stride == 2) {
        M low = (M)FN(at)(a), high = (M)FN(at)(a + L), odd;
        v = (V)EVEN(low, high);
        if (step == 1) {
            for (t = 1; t + 1 < taps; t += 2) {
                odd = ODD(low, high);
                low = (M)FN(at)(a + t + 1), high = (M)FN(at)(a + t + 1 + L);
                v = COMBINE2(v, (V)odd, (V)EVEN(low, high));
            }
            if (t < taps) v = COMBINE(v, (V)ODD(low, high));
        } else {
            for (t = 1; t < taps; t++)
                v = COMBINE(v, (V)EVEN((M)FN(at)(a + t * step), (M)FN(at)(a + t * step + L)));
        }
        return (V)cypool_in_order((cypool_vi64)v);
    }
    if (stride == 4) { /* every fourth: every second of every second */
        for (t = 0; t < taps; t += 4) {
            M one = (M)FN(at)(a + t), two = (M)FN(at)(a + t + L), three = (M)FN(at)(a + t + 2 * L), four = (M)FN(at)(a + t + 3 * L);
            M low = (M)cypool_in_order((cypool_vi64)EVEN(one, two)), high = (M)cypool_in_order((cypool_vi64)EVEN(three, four));
            M odd = (M)cypool_in_order((cypool_vi64)ODD(one, two)), odds = (M)cypool_in_order((cypool_vi64)ODD(three, four));
            v = t ? COMBINE(v, (V)EVEN(low, high)) : (V)EVEN(low, high);
            if (t + 1 < taps) v = COMBINE(v, (V)EVEN(odd, odds));
            if (t + 2 < taps) v = COMBINE(v, (V)ODD(low, high));
            if (t + 3 < taps) v = COMBINE(v, (V)ODD(odd, odds));
        }
        return (V)cypool_in_order((cypool_vi64)v);
    }
    return FN(gather)(a, taps, p->stride, step);
}

/* An output row of n columns, a vector and more, as vectors that `make(j)` yields: to memory, or past the cache. */
#define CYPOOL_PUT(p, out, n, make)                                                                                    \
    do {                                                                                                               \
        ptrdiff_t j_;                                                                                                  \
        P packed_;                                                                                                     \
        if ((p)->streams) {                                                                                            \
            for (j_ = 0; j_ + L <= (n); j_ += L) cypool_stream((out) + j_ * (ptrdiff_t)sizeof(S), make(j_));           \
            if (j_ < (n)) {                                                                                            \
                packed_ = make((n)-L);                                                                                 \
                cypool_stream_end((out) + ((n)-L) * (ptrdiff_t)sizeof(S), packed_,                                     \
                                  (j_ - (n) + L) * (ptrdiff_t)sizeof(S));                                              \
            }                                                                                                          \
            break;                                                                                                     \
        }                                                                                                              \
        for (j_ = 0; j_ + L <= (n); j_ += L) {                                                                         \
            packed_ = make(j_);                                                                                        \
            memcpy((out) + j_ * (ptrdiff_t)sizeof(S), &packed_, sizeof packed_);                                       \
        }                                                                                                              \
        if (j_ < (n)) { /* the last vector once more, from the end */                                                  \
            packed_ = make((n)-L);                                                                                     \
            memcpy((out) + ((n)-L) * (ptrdiff_t)sizeof(S), &packed_, sizeof packed_);                                  \
        }                                                                                                              \
    } while (0)

CYPOOL_FN void FN(across_row)(const cypool_planes *p, char *out, const A *acc, ptrdiff_t taps, const int stride,
                              ptrdiff_t step) {
    const ptrdiff_t apart = stride ? stride : p->stride;
#define CYPOOL_MAKE(j) PACK(FINISH(p, FN(across)(p, acc + (j) * apart, taps, stride, step), j))
    CYPOOL_PUT(p, out, p->columns, CYPOOL_MAKE);
#undef CYPOOL_MAKE
}

/* A row shorter than a vector: what is written too much is written again, or belongs to others. */
CYPOOL_FN void FN(put_few)(const cypool_planes *p, char *out, P packed) {
    if (out + sizeof packed <= p->out_limit)
        memcpy(out, &packed, sizeof packed);
    else
        memcpy(out, &packed, (size_t)p->columns * sizeof(S));
}
CYPOOL_FN void FN(across_few)(const cypool_planes *p, char *out, const A *acc, ptrdiff_t taps, const int stride,
                              ptrdiff_t step) {
    FN(put_few)(p, out, PACK(FINISH(p, FN(across)(p, acc, taps, stride, step), 0)));
}

/* Windows of 2x2 side by side, without a folded row between the two steps. */
CYPOOL_FN V FN(quarter)(const S *one, const S *two) {
#ifdef QUARTER
    return QUARTER(one, two);
#endif
    M low = (M)COMBINE(LOAD(one), LOAD(two)), high = (M)COMBINE(LOAD(one + L), LOAD(two + L));
    return (V)cypool_in_order((cypool_vi64)COMBINE((V)EVEN(low, high), (V)ODD(low, high)));
}
CYPOOL_FN void FN(quarter_row)(const cypool_planes *p, char *out, const char *x) {
    const S *one = (const S *)x, *two = (const S *)(x + p->x_row);
#define CYPOOL_MAKE(j) PACK(FINISH(p, FN(quarter)(one + 2 * (j), two + 2 * (j)), j))
    CYPOOL_PUT(p, out, p->columns, CYPOOL_MAKE);
#undef CYPOOL_MAKE
}

#ifdef DIVISOR
static CYPOOL_APART void FN(make_divisors)(const cypool_planes *call, double share) {
    const cypool_planes own = *call, *p = &own; /* as below */
    DIVISOR *d = (DIVISOR *)p->divisors;
    ptrdiff_t j, n = p->columns + (ptrdiff_t)(sizeof(V) / sizeof(A));
    for (j = 0; j < n; j++)
        d[j] = (DIVISOR)(p->divisor * share * (p->shares && j < p->columns ? p->shares[j] : p->share));
}
#endif
/* Those of a row whose factor is `share`; *made is the one that they are made for.  Seldom: registers are saved only then. */
CYPOOL_FN void FN(divisors)(const cypool_planes *call, const int mean, double share, double *made) {
#ifdef DIVISOR
    if (__builtin_expect(mean && *made != share, 0)) FN(make_divisors)(call, *made = share);
#else
    (void)call, (void)mean, (void)share, (void)made;
#endif
}

/* Input row y of the plane at x, or the identity in the padding. */
CYPOOL_FN V FN(row)(const cypool_planes *p, const char *x, ptrdiff_t y) {
    V identity = FN(identity)();
    return (size_t)y < (size_t)p->height ? LOAD((const S *)(x + y * p->x_row)) : identity;
}

/* n output rows from o on, column by column: rows that the next window needs again stay in registers. */
CYPOOL_FN void FN(lead_slide)(const cypool_planes *p, A *acc, const char *x, ptrdiff_t o, ptrdiff_t n, const int taps,
                              const int stride) {
    ptrdiff_t i, q, y;
    int t;
    V r[5], v;
    for (i = 0; i < p->width; i += L) {
        if (i && i > p->width - L) i = p->width - L; /* the last vector once more, from the end */
        const char *at = x + i * (ptrdiff_t)sizeof(S);
        A *to = acc + i;
        y = o * stride - p->lead_before;
        for (t = 0; t < taps - stride; t++) r[t] = FN(row)(p, at, y + t);
        for (q = 0; q < n; q++, y += stride, to += p->pitch) {
            for (t = taps > stride ? taps - stride : 0; t < taps; t++) r[t] = FN(row)(p, at, y + t);
            v = r[0];
            for (t = 1; t + 1 < taps; t += 2) v = COMBINE2(v, r[t], r[t + 1]);
            if (t < taps) v = COMBINE(v, r[t]);
            memcpy(to, &v, sizeof v);
            for (t = 0; t < taps - stride; t++) r[t] = r[t + stride];
        }
    }
}

CYPOOL_FN void FN(lead_each)(const cypool_planes *p, A *acc, const char *x, ptrdiff_t o, ptrdiff_t n) {
    const cypool_lead *lead = p->lead + o;
    ptrdiff_t i;
    for (; n; n--, lead++, acc += p->pitch) {
        if (!lead->taps) continue;
        const char *row = x + lead->offset, *ahead = row + p->ahead;
        if (p->ahead)
            for (i = 0; i < p->ahead_bytes; i += 64) cypool_ask(ahead + i);
        if (p->width < L)
            FN(lead_short)(p, acc, row, lead->taps);
        else if (p->n_deep > 1)
            FN(lead_deep)(p, acc, row, lead->taps);
        else if (lead->taps == 1)
            FN(lead_row)(acc, row, p->width, p->x_row, 1);
        else if (lead->taps == 2)
            FN(lead_row)(acc, row, p->width, p->x_row, 2);
        else if (lead->taps == 3)
            FN(lead_row)(acc, row, p->width, p->x_row, 3);
        else
            FN(lead_row)(acc, row, p->width, p->x_row, lead->taps);
    }
}

#ifdef LOW
/* The rows that m leading positions tap, divided as they are told: where row 0 would be. */
CYPOOL_FN const char *FN(divide)(const cypool_planes *p, const char *x, const cypool_lead *lead, ptrdiff_t m) {
    ptrdiff_t y, y0 = p->height, y1 = 0, i;
    A *d = (A *)((char *)p->divisors + 64), *to = (A *)p->divided;
    V v;
    for (i = 0; i < m; i++) {
        if (!lead[i].taps) continue;
        y = lead[i].offset / p->x_row;
        if (y < y0) y0 = y;
        if (y + lead[i].taps > y1) y1 = y + lead[i].taps;
    }
    for (y = y0; y < y1; y++, to = (A *)((char *)to + p->x_row)) {
        const S *from = (const S *)(x + y * p->x_line);
        if (*(double *)p->divisors != p->row_divisors[y]) {
            *(double *)p->divisors = p->row_divisors[y];
            for (i = 0; i < p->width; i++) d[i] = (A)(p->row_divisors[y] * (p->shares ? p->shares[i] : p->share));
            for (i = 0; i < L; i++) d[p->width + i] = 1;
        }
        if (p->width < L && (const char *)(from + L) > p->line_limit) {
            for (i = 0; i < p->width; i++) to[i] = (A)from[i] / d[i];
            continue;
        }
        for (i = 0; i < p->width; i += L) {
            if (i && i > p->width - L) i = p->width - L;
            v = LOAD(from + i) / FN(at)(d + i);
            memcpy(to + i, &v, sizeof v);
        }
    }
    return (const char *)p->divided - (y0 < y1 ? y0 * p->x_row : 0);
}
#endif

/* The rows of a block are folded along the leading axes first and across after that: a row that is read at once, shifted
 * by a tap, would wait for the stores.  Each step has a copy of the call, which no store can change: registers hold it. */
static CYPOOL_APART void FN(lead_block)(const cypool_planes *call, const char *x, ptrdiff_t at, ptrdiff_t n, ptrdiff_t o0,
                                        ptrdiff_t rows) {
    const cypool_planes own = *call, *p = &own;
    ptrdiff_t plane = at / rows, o = at % rows, m, i, r;
    A *acc = (A *)p->acc + p->before;
    V identity = FN(identity)();
    for (; n; n -= m, acc += m * p->pitch, plane++, o = 0) {
        const char *base = x + plane * p->x_plane;
        m = rows - o < n ? rows - o : n;
#ifdef LOW
        if (p->divided) base = FN(divide)(p, x + plane * p->x_plane, p->lead + o0 + o, m);
#endif
        /* a row shorter than a vector is read beyond its end, where that is memory of the call's */
        if (!p->lead_slide || (p->width < L && !FN(may_read)(p, base, p->height))) {
            FN(lead_each)(p, acc, base, o0 + o, m);
            continue;
        }
        if (p->lead_slide == 31)
            FN(lead_slide)(p, acc, base, o0 + o, m, 3, 1);
        else if (p->lead_slide == 32)
            FN(lead_slide)(p, acc, base, o0 + o, m, 3, 2);
        else if (p->lead_slide == 22)
            FN(lead_slide)(p, acc, base, o0 + o, m, 2, 2);
        else
            FN(lead_slide)(p, acc, base, o0 + o, m, 5, 1);
        if (p->width < L && p->after) {
            A *pad = acc + p->width;
            if (p->after <= L)
                for (r = 0; r < m; r++, pad += p->pitch) memcpy(pad, &identity, sizeof identity);
            else
                for (r = 0; r < m; r++, pad += p->pitch)
                    for (i = 0; i < p->after; i += L) memcpy(pad + i, &identity, sizeof identity);
        }
    }
}

#define CYPOOL_ACROSS(name, taps_, stride_, step_)                                                                     \
    static CYPOOL_APART void FN(name)(const cypool_planes *call, char *out, ptrdiff_t at, ptrdiff_t n, ptrdiff_t o0,   \
                                      ptrdiff_t rows, double *share) {                                                 \
        const cypool_planes own = *call, *p = &own;                                                                    \
        ptrdiff_t o = at % rows, r, turn = p->out_plane - rows * p->out_row;                                           \
        const A *acc = (const A *)p->acc;                                                                              \
        out += at / rows * p->out_plane + o * p->out_row;                                                              \
        for (r = 0; r < n; r++, acc += p->pitch, out += p->out_row) {                                                  \
            FN(divisors)(call, p->mean, p->lead[o0 + o].share, share);                                                 \
            if (p->columns < L)                                                                                        \
                FN(across_few)(p, out, acc, taps_, stride_, step_);                                                    \
            else                                                                                                       \
                FN(across_row)(p, out, acc, taps_, stride_, step_);                                                    \
            if (++o == rows) o = 0, out += turn;                                                                       \
        }                                                                                                              \
    }
CYPOOL_ACROSS(across_3_1, 3, 1, 1)
CYPOOL_ACROSS(across_3_2, 3, 2, 1)
CYPOOL_ACROSS(across_2_2, 2, 2, 1)
CYPOOL_ACROSS(across_1, p->taps, 1, p->step)
CYPOOL_ACROSS(across_2, p->taps, 2, p->step)
CYPOOL_ACROSS(across_4, p->taps, 4, 1)
CYPOOL_ACROSS(across_any, p->taps, 0, p->step)
#undef CYPOOL_ACROSS

#ifdef LOW
/* Cells of one phase, from their first holders on. */
CYPOOL_FN V FN(phase)(const cypool_planes *p, const A *a, ptrdiff_t taps, ptrdiff_t step, V d) {
    V v = taps ? FN(across)(p, a, taps, 1, step) : (V){0};
    return p->mean ? v / d : v;
}

CYPOOL_FN void FN(turns)(A *to, V a, V b) {
    V low = LOW(a, b), high = HIGH(a, b);
    memcpy(to, &low, sizeof low);
    memcpy(to + L, &high, sizeof high);
}

CYPOOL_FN void FN(two_phases)(const cypool_planes *p, A *to, const A *acc, ptrdiff_t one, ptrdiff_t two, ptrdiff_t step, V d) {
    const A *a = acc + p->first[0], *b = acc + p->first[1];
    ptrdiff_t m;
    for (m = 0; 2 * m < p->columns; m += L, to += 2 * L)
        FN(turns)(to, FN(phase)(p, a + m, one, step, d), FN(phase)(p, b + m, two, step, d));
}

/* The cells of a row: a dense vector of each phase, and these in turn. */
CYPOOL_FN void FN(phases)(const cypool_planes *p, A *to, const A *acc, V d) {
    const ptrdiff_t s = p->phases, *first = p->first, *holders = p->holders;
    ptrdiff_t m, q, i;
    int same = 1;
    V v[8];
    for (q = 1; q < s; q++) same &= first[q] == first[0] && holders[q] == holders[0];
    if (s == 1) {
        for (m = 0; m < p->columns; m += L) {
            v[0] = FN(phase)(p, acc + first[0] + m, holders[0], p->step, d);
            memcpy(to + m, v, sizeof(V));
        }
    } else if (s == 2 && same) {
        for (m = 0; 2 * m < p->columns; m += L, to += 2 * L) {
            v[0] = FN(phase)(p, acc + first[0] + m, holders[0], p->step, d);
            FN(turns)(to, v[0], v[0]);
        }
    } else if (s == 2 && p->step == 1 && holders[0] == 1 && holders[1] == 2) {
        FN(two_phases)(p, to, acc, 1, 2, 1, d);
    } else if (s == 2 && p->step == 1 && holders[0] == 2 && holders[1] == 1) {
        FN(two_phases)(p, to, acc, 2, 1, 1, d);
    } else if (s == 2) {
        FN(two_phases)(p, to, acc, holders[0], holders[1], p->step, d);
    } else {
        for (m = 0; m * s < p->columns; m += L, to += s * L) {
            for (q = 0; q < s; q++) v[q] = q && same ? v[0] : FN(phase)(p, acc + first[q] + m, holders[q], p->step, d);
            if (s == 4) {
                FN(turns)(to, LOW(v[0], v[2]), LOW(v[1], v[3]));
                FN(turns)(to + 2 * L, HIGH(v[0], v[2]), HIGH(v[1], v[3]));
                continue;
            }
            for (q = 0; q < s; q++)
                for (i = 0; i < L; i++) to[i * s + q] = v[q][i];
        }
    }
}

static CYPOOL_APART void FN(spread)(const cypool_planes *call, char *out, ptrdiff_t at, ptrdiff_t n, ptrdiff_t o0,
                                    ptrdiff_t rows, double *share) {
    const cypool_planes own = *call, *p = &own;
    ptrdiff_t plane = at / rows, o = at % rows, r, i;
    const A *acc = (const A *)p->acc;
    A *wide = (A *)p->wide, nothing = p->mean ? (A)0 / (A)p->divisor : 0;
    V d = (V){0} + (A)p->divisor;
    (void)share;
    for (r = 0; r < n; r++, acc += p->pitch) {
        const cypool_lead *lead = p->lead + o0 + o;
        /* windows side by side: their rows have the same gradient */
        if (!r || !o || lead[0].offset != lead[-1].offset || lead[0].taps != lead[-1].taps) {
            if (lead->taps) {
                FN(phases)(p, wide, acc, d);
                for (i = 0; i < p->n_lost; i++) wide[p->lost[i] - p->column0] = nothing;
            } else {
                for (i = 0; i < p->columns; i++) wide[i] = nothing;
            }
        }
#define CYPOOL_MAKE(j) PACK(FN(at)(wide + (j)))
        char *to = out + plane * p->out_plane + o * p->out_row;
        if (p->columns < L)
            FN(put_few)(p, to, CYPOOL_MAKE(0));
        else
            CYPOOL_PUT(p, to, p->columns, CYPOOL_MAKE);
#undef CYPOOL_MAKE
        if (++o == rows) o = 0, plane++;
    }
}
#endif
#undef CYPOOL_PUT

static CYPOOL_APART void FN(quarters)(const cypool_planes *call, char *out, const char *x, ptrdiff_t planes, ptrdiff_t o0,
                                      ptrdiff_t o1) {
    const cypool_planes own = *call, *p = &own;
    ptrdiff_t plane, o, i;
    double share = 0;
    FN(divisors)(call, p->mean, p->lead[o0].share, &share);
    for (plane = 0; plane < planes; plane++, out += p->out_plane, x += p->x_plane)
        for (o = o0; o < o1; o++) {
            const char *row = x + p->lead[o].offset, *ahead = row + p->ahead;
            if (p->ahead)
                for (i = 0; i < p->ahead_bytes; i += 64) cypool_ask(ahead + i);
            FN(quarter_row)(p, out + (o - o0) * p->out_row, row);
        }
}

static void FN(planes)(const cypool_planes *p, char *out, const char *x, ptrdiff_t planes, ptrdiff_t o0, ptrdiff_t o1) {
    ptrdiff_t rows = o1 - o0, total = planes * rows, at, r, i;
    double share = 0;
    int dense = p->step == 1;
    void (*across)(const cypool_planes *, char *, ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, double *) =
        p->stride == 1   ? (p->taps == 3 && dense ? FN(across_3_1) : FN(across_1))
        : p->stride == 2 ? (p->taps == 3 && dense   ? FN(across_3_2)
                            : p->taps == 2 && dense ? FN(across_2_2)
                                                    : FN(across_2))
                         : (p->stride == 4 && dense ? FN(across_4) : FN(across_any));
    if (p->quarters) {
        FN(quarters)(p, out, x, planes, o0, o1);
        return;
    }
#ifdef LOW
    if (p->phases) across = FN(spread);
    if (p->divided) *(double *)p->divisors = NAN;
#endif
    for (r = 0; r < p->block; r++) {
        A *acc = (A *)p->acc + r * p->pitch;
        for (i = 0; i < p->before; i++) acc[i] = IDENTITY;
        for (i = 0; i < p->after; i++) acc[p->before + p->width + i] = IDENTITY;
    }
    for (at = 0; at < total; at += p->block) {
        ptrdiff_t n = total - at < p->block ? total - at : p->block;
        FN(lead_block)(p, x, at, n, o0, rows);
        across(p, out, at, n, o0, rows, &share);
    }
}

#undef L
