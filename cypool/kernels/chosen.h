/* Gradients of selections, cell by cell: each takes the gradients of those windows around it that chose it.
 *
 * Here an index is a code: the number of the window's tap, or 255.  A cell looks at the codes of its holders, the windows that
 * hold it: each is to be the tap by which that window sees the cell.  The gradients of those that agree are added in row-major
 * order of the windows.  So nothing is scattered, each row of the result is made in vectors from left to right, once, and the
 * bits are those of `add` in scatter.h: adding 0.0 for those that do not agree changes nothing in a sum that starts at 0.0.
 *
 * Rows of codes have 255 on both sides, for windows that are not there.  Included by vectors_table.h behind planes.h, with the
 * same names defined, and SIZE, the bytes of A.
 */

#define L ((ptrdiff_t)(sizeof(V) / sizeof(A)))

/* Rows of outputs that hold a row's cells, in their order: gradients, codes, and the code of the leading tap's first tap. */
typedef struct {
    ptrdiff_t n, first; /* how many, the first one's number */
    const S *grad[CYPOOL_CHOSEN_TAPS];
    const uint8_t *code[CYPOOL_CHOSEN_TAPS];
    ptrdiff_t tap[CYPOOL_CHOSEN_TAPS];
} FN(holders);

/* The taps by which n rows of holders see the cells of phase q, `taps` in each row. */
CYPOOL_FN void FN(chosen_taps)(M *want, const cypool_chosen *p, const FN(holders) * rows, ptrdiff_t n, int q, ptrdiff_t taps) {
    for (ptrdiff_t h = 0; h < n; h++)
        for (ptrdiff_t t = 0; t < taps; t++)
            want[h * taps + t] = (M){0} + (CYPOOL_JOIN(cypool_o, SIZE))(rows->tap[h] + p->tap[q] - t * p->turn);
}
/* A vector of cells of a phase; their first holder in each row is output `at`. */
CYPOOL_FN V FN(chosen_cells)(const M *want, const S *const *grad, const uint8_t *const *code, ptrdiff_t n, ptrdiff_t at,
                             ptrdiff_t taps, ptrdiff_t step) {
    V v = {0}, nothing = {0}, grads;
    for (ptrdiff_t h = 0; h < n; h++)
        for (ptrdiff_t t = 0; t < taps; t++) {
            M chose = CYPOOL_JOIN(cypool_codes, SIZE)(code[h] + at + t * step) == want[h * taps + t];
            grads = LOAD(grad[h] + at + t * step);
            v = h + t ? v + (V)((M)grads & chose) : (V)((M)(grads + nothing) & chose); /* a sum of 0.0 and more is never -0.0 */
        }
    return v;
}

/* One or two vectors of a row to where they belong. */
CYPOOL_FN void FN(chosen_put)(char *to, P one, P two, const int both, const int streams) {
    if (streams)
        cypool_stream(to, one);
    else
        memcpy(to, &one, sizeof one);
    if (both && streams)
        cypool_stream(to + sizeof one, two);
    else if (both)
        memcpy(to + sizeof one, &two, sizeof two);
}
/* The last of a row: what reaches beyond it is written again later, or cut off. */
CYPOOL_FN void FN(chosen_end)(const cypool_chosen *p, char *to, P one, P two, const int both, ptrdiff_t left, const int cut) {
    P packed[2] = {one, two};
    if (!cut && !p->streams && to + (1 + both) * (ptrdiff_t)sizeof(P) <= p->out_limit)
        FN(chosen_put)(to, one, two, both, 0);
    else
        memcpy(to, packed, (size_t)left * sizeof(S));
}

CYPOOL_FN void FN(chosen_dense)(const cypool_chosen *p, char *out, const FN(holders) * rows, ptrdiff_t n, ptrdiff_t taps,
                                ptrdiff_t step, const int streams) {
    const ptrdiff_t columns = p->columns, full = columns - columns % L, first = p->first[0];
    const S *grad[CYPOOL_CHOSEN_TAPS];
    const uint8_t *code[CYPOOL_CHOSEN_TAPS];
    M want[CYPOOL_CHOSEN_TAPS];
    ptrdiff_t m;
    for (m = 0; m < n; m++) grad[m] = rows->grad[m], code[m] = rows->code[m];
    FN(chosen_taps)(want, p, rows, n, 0, taps);
    for (m = 0; m < full; m += L, out += sizeof(P)) {
        P packed = PACK(FN(chosen_cells)(want, grad, code, n, first + m, taps, step));
        FN(chosen_put)(out, packed, packed, 0, streams);
    }
    if (m < columns) {
        P packed = PACK(FN(chosen_cells)(want, grad, code, n, first + m, taps, step));
        FN(chosen_end)(p, out, packed, packed, 0, columns - m, 0);
    }
}

CYPOOL_FN void FN(chosen_pairs)(const cypool_chosen *p, char *out, const FN(holders) * rows, ptrdiff_t n, ptrdiff_t one,
                                ptrdiff_t two, ptrdiff_t step, const int streams) {
    const ptrdiff_t columns = p->columns, full = columns / (2 * L) * L, first = p->first[0], second = p->first[1];
    const S *grad[CYPOOL_CHOSEN_TAPS];
    const uint8_t *code[CYPOOL_CHOSEN_TAPS];
    M want[CYPOOL_CHOSEN_TAPS], wanted[CYPOOL_CHOSEN_TAPS];
    ptrdiff_t m;
    V a, b;
    for (m = 0; m < n; m++) grad[m] = rows->grad[m], code[m] = rows->code[m];
    FN(chosen_taps)(want, p, rows, n, 0, one);
    FN(chosen_taps)(wanted, p, rows, n, 1, two);
    for (m = 0; m < full; m += L, out += 2 * sizeof(P)) {
        a = FN(chosen_cells)(want, grad, code, n, first + m, one, step);
        b = FN(chosen_cells)(wanted, grad, code, n, second + m, two, step);
        FN(chosen_put)(out, PACK(LOW(a, b)), PACK(HIGH(a, b)), 1, streams);
    }
    if (2 * m < columns) {
        a = FN(chosen_cells)(want, grad, code, n, first + m, one, step);
        b = FN(chosen_cells)(wanted, grad, code, n, second + m, two, step);
        FN(chosen_end)(p, out, PACK(LOW(a, b)), PACK(HIGH(a, b)), 1, columns - 2 * m, 0);
    }
}

/* Two rows at once for strides of two, where all taps are known beforehand: what both rows need is loaded once (measured: half
 * the time of one row after the other).  `cells` is a vector of each phase of the first row and of the second. */
#define CYPOOL_TAKEN(code, grads, tap) ((V)((M)(grads) & ((code) == (M){0} + (tap))))
CYPOOL_FN void FN(chosen_by_two)(V *cells, const S *grad, const uint8_t *code) {
    M a = CYPOOL_JOIN(cypool_codes, SIZE)(code);
    V nothing = {0}, v = LOAD(grad) + nothing;
    for (int i = 0; i < 4; i++) cells[i] = CYPOOL_TAKEN(a, v, i);
}
/* By three taps a cell has one holder along an axis, by tap 1, or two, by taps 2 and 0: of the rows the second has two, of the
 * phases `two`. */
CYPOOL_FN void FN(chosen_by_three)(V *cells, const S *grad, const uint8_t *code, const S *grad_below, const uint8_t *code_below,
                                   const int two) {
    M a = CYPOOL_JOIN(cypool_codes, SIZE)(code), b = CYPOOL_JOIN(cypool_codes, SIZE)(code + 1);
    M c = CYPOOL_JOIN(cypool_codes, SIZE)(code_below), d = CYPOOL_JOIN(cypool_codes, SIZE)(code_below + 1);
    V nothing = {0}, va = LOAD(grad) + nothing, vb = LOAD(grad + 1) + nothing;
    V vc = LOAD(grad_below), vd = LOAD(grad_below + 1);
    cells[two] = CYPOOL_TAKEN(a, va, 5) + CYPOOL_TAKEN(b, vb, 3);
    cells[!two] = two ? CYPOOL_TAKEN(a, va, 4) : CYPOOL_TAKEN(b, vb, 4);
    cells[2 + two] = CYPOOL_TAKEN(a, va, 8) + CYPOOL_TAKEN(b, vb, 6) + CYPOOL_TAKEN(c, vc, 2) + CYPOOL_TAKEN(d, vd, 0);
    cells[2 + !two] = two ? CYPOOL_TAKEN(a, va, 7) + CYPOOL_TAKEN(c, vc, 1) : CYPOOL_TAKEN(b, vb, 7) + CYPOOL_TAKEN(d, vd, 1);
}
#undef CYPOOL_TAKEN

/* `pairs` pairs of rows.  `how`: 2 windows of two taps; 3 and 4 of three, phase 0 and phase 1 having two holders */
CYPOOL_FN void FN(chosen_quads)(const cypool_chosen *p, char *out, const FN(holders) * rows, ptrdiff_t pairs, const int how,
                                const int streams) {
    const ptrdiff_t columns = p->columns, full = columns / (2 * L) * L, at = p->first[0], pitch = p->pitch;
    const ptrdiff_t grad_row = p->grad_row, out_row = p->out_row;
    const char *from = (const char *)(rows[1].grad[0] + at);
    const char *from_below = how == 2 ? from : (const char *)(rows[1].grad[1] + at);
    const uint8_t *code = rows[1].code[0] + at, *code_below = how == 2 ? code : rows[1].code[1] + at;
    for (; pairs; pairs--) {
        const S *grad = (const S *)from, *below = (const S *)from_below;
        char *to = out, *next = out + out_row;
        ptrdiff_t m;
        V v[4];
        for (m = 0; m < full; m += L, to += 2 * sizeof(P), next += 2 * sizeof(P)) {
            if (how == 2)
                FN(chosen_by_two)(v, grad + m, code + m);
            else
                FN(chosen_by_three)(v, grad + m, code + m, below + m, code_below + m, how == 4);
            FN(chosen_put)(to, PACK(LOW(v[0], v[1])), PACK(HIGH(v[0], v[1])), 1, streams);
            FN(chosen_put)(next, PACK(LOW(v[2], v[3])), PACK(HIGH(v[2], v[3])), 1, streams);
        }
        if (2 * m < columns) {
            if (how == 2)
                FN(chosen_by_two)(v, grad + m, code + m);
            else
                FN(chosen_by_three)(v, grad + m, code + m, below + m, code_below + m, how == 4);
            /* the next row is there already */
            FN(chosen_end)(p, to, PACK(LOW(v[0], v[1])), PACK(HIGH(v[0], v[1])), 1, columns - 2 * m, 1);
            FN(chosen_end)(p, next, PACK(LOW(v[2], v[3])), PACK(HIGH(v[2], v[3])), 1, columns - 2 * m, 0);
        }
        from += grad_row, from_below += grad_row, code += pitch, code_below += pitch, out += 2 * out_row;
    }
}

#define CYPOOL_CHOSEN(how, ...)                                                                                        \
    do {                                                                                                               \
        if (p->streams)                                                                                                \
            FN(how)(p, out, rows, __VA_ARGS__, 1);                                                                     \
        else                                                                                                           \
            FN(how)(p, out, rows, __VA_ARGS__, 0);                                                                     \
    } while (0)
CYPOOL_FN void FN(chosen_row)(const cypool_chosen *p, char *out, const FN(holders) * rows) {
    const ptrdiff_t n = rows->n, one = p->holders[0], two = p->holders[1];
    if (p->phases == 2)
        CYPOOL_CHOSEN(chosen_pairs, n, one, two, p->step);
    else if (n == 3 && one == 3 && p->step == 1)
        CYPOOL_CHOSEN(chosen_dense, 3, 3, 1);
    else
        CYPOOL_CHOSEN(chosen_dense, n, one, p->step);
}
/* Whether a row of gradients may be read by vectors. */
CYPOOL_FN int FN(chosen_safe)(const cypool_chosen *p, const char *row) {
    return row - p->before * (ptrdiff_t)sizeof(S) >= p->grad_begin &&
           row + (p->pitch - p->before) * (ptrdiff_t)sizeof(S) <= p->grad_end;
}

/* Pairs of rows, of which `rows` hold the first two, of `most` cell rows, if there is a way to: how many pairs were made.  Codes
 * are there for output rows up to `ready`. */
static CYPOOL_APART ptrdiff_t FN(chosen_two)(const cypool_chosen *p, char *out, const FN(holders) * rows, ptrdiff_t most,
                                             const char *grad, ptrdiff_t mask, ptrdiff_t ready) {
    const ptrdiff_t shift = p->first[1] - p->first[0], o = rows[0].first;
    const int how = p->fused == 3 ? 4 - (int)shift : 2;
    ptrdiff_t pairs = 1, n;
    if (rows[0].n != 1 || rows[1].n != (how == 2 ? 1 : 2) || rows[0].code[0] != rows[1].code[0]) return 0;
    if (how == 2 ? shift != 0 || p->tap[0] != 0 || rows[0].tap[0] != 0 : shift != 0 && shift != 1) return 0;
    /* as many as lie one behind the other, in the ring and in memory that may be read */
    n = rows[1].n - 1;
    if (FN(chosen_safe)(p, grad + o * p->grad_row) && FN(chosen_safe)(p, grad + (o + n) * p->grad_row)) {
        pairs = most / 2;
        if (pairs > ready - n - o) pairs = ready - n - o;
        if (mask >= 0 && pairs > mask + 1 - n - (o & mask)) pairs = mask + 1 - n - (o & mask);
        if (pairs < 1) pairs = 1;
        while (pairs > 1 && !FN(chosen_safe)(p, grad + (o + n + pairs - 1) * p->grad_row)) pairs--;
    }
    if (how == 2)
        CYPOOL_CHOSEN(chosen_quads, pairs, 2);
    else if (how == 3)
        CYPOOL_CHOSEN(chosen_quads, pairs, 3);
    else
        CYPOOL_CHOSEN(chosen_quads, pairs, 4);
    return pairs;
}
#undef CYPOOL_CHOSEN

/* A row of gradients, or a copy of it where vectors would read what is not the array's. */
CYPOOL_FN const S *FN(chosen_grad)(const cypool_chosen *p, const char *row, ptrdiff_t slot) {
    S *copy = (S *)p->grads + slot * p->pitch + p->before;
    if (FN(chosen_safe)(p, row)) return (const S *)row;
    memcpy(copy, row, (size_t)p->outputs * sizeof(S));
    return copy;
}

/* The rows of holders of cell row m * lead_phases + q; copies of gradients are kept from `slot` on. */
CYPOOL_FN void FN(chosen_holders)(const cypool_chosen *p, FN(holders) * rows, const char *grad, const uint8_t *codes,
                                  ptrdiff_t mask, ptrdiff_t q, ptrdiff_t m, ptrdiff_t slot) {
    ptrdiff_t n = 0, t, o = p->lead_first[q] + m;
    for (t = 0; t < p->lead_holders[q]; t++, o += p->lead_step) {
        if (o < 0 || o >= p->rows) continue;
        if (!n) rows->first = o;
        rows->grad[n] = FN(chosen_grad)(p, grad + o * p->grad_row, slot + n);
        rows->code[n] = codes + (o & mask) * p->pitch + p->before;
        rows->tap[n++] = p->lead_tap[q] - t * p->lead_turn;
    }
    rows->n = n;
}

/* Cell rows y0..y1 of a plane; `out` is where y0 belongs.  Codes are there already, or are made of indices, some rows at once;
 * returns the output row with an index that does not belong, or -1. */
static int64_t FN(chosen)(const cypool_chosen *p, char *out, const char *grad, const char *index, const uint8_t *codes,
                          ptrdiff_t y0, ptrdiff_t y1) {
    ptrdiff_t y, o, n, mask = -1, q = y0 % p->lead_phases, m = y0 / p->lead_phases, next, end, last;
    FN(holders) rows[2];
    next = end = p->rows;
    if (!codes) {
        /* from the first output row whose window reaches y0 or a later row up to the last one that begins before y1 */
        codes = p->codes, mask = p->ring_mask;
        next = y0 + p->lead_before - p->lead_reach;
        next = next < 0 ? 0 : next / p->down.stride + 1;
        end = (y1 - 1 + p->lead_before) / p->down.stride + 1;
        end = end < p->rows ? end : p->rows;
    }
    for (y = y0; y < y1; y++, out += p->out_row) {
        last = y + 1 < y1 ? y + 1 : y; /* two rows at once, if that is possible */
        while (next < end && next * p->down.stride - p->lead_before <= last) { /* a block may be fewer rows than are begun */
            o = end - next < p->block ? end : next + p->block;
            int64_t bad = p->look(&p->down, &p->across, index, p->index_row, next, o, p->codes + p->before, p->pitch, mask);
            if (bad >= 0) return bad;
            next = o;
        }
        FN(chosen_holders)(p, rows, grad, codes, mask, q, m, 0);
        if (last > y && p->fused) {
            o = q + 1 == p->lead_phases;
            /* windows of up to three rows at strides of two: a row has two holders at most */
            FN(chosen_holders)(p, rows + 1, grad, codes, mask, o ? 0 : q + 1, m + o, 2);
            n = FN(chosen_two)(p, out, rows, y1 - y, grad, mask, next);
            if (n) {
                y += 2 * n - 1, m += n, out += (2 * n - 1) * p->out_row;
                continue;
            }
        }
        if (++q == p->lead_phases) q = 0, m++;
        FN(chosen_row)(p, out, rows);
    }
    return -1;
}

#undef L
