/* ---- filters: windows whose taps have weights --------------------------------------------------------------------------- */

/* The matrices of cypool/filters.py, one for each pooled axis, as short as they are there: a row of the interior [lo, hi) is that
 * of its phase, with cells `advance` further on for each period.  At `table` of an axis stand seven numbers (enum), then where the
 * terms of each row begin, the terms' cells, and their taps; at `forward` of the array of doubles their weights.  A transposed
 * matrix has the windows for its cells.  `fifth` are the places of an element: weights of all taps, no product over the axes.
 */

enum { MATRIX_LO, MATRIX_HI, MATRIX_PERIOD, MATRIX_ADVANCE, MATRIX_ROWS, MATRIX_TERMS, MATRIX_OUTPUTS, MATRIX_BEGINS };

/* The terms of one output along one axis. */
template <class Offset> struct MatrixTerms {
    const Offset *cell, *tap;
    const double *weight;
    Offset count, shift;
};

template <class Offset>
__device__ inline MatrixTerms<Offset> terms_of(const Layout &l, const Offset *tables, const double *weights, int axis, Offset position) {
    const Offset *matrix = tables + (Offset)l.table[axis], *begins = matrix + MATRIX_BEGINS;
    const Offset *cells = begins + matrix[MATRIX_ROWS] + 1;
    Offset row = position, shift = 0;
    if (position >= matrix[MATRIX_HI])
        row = position - matrix[MATRIX_HI] + matrix[MATRIX_LO] + matrix[MATRIX_PERIOD];
    else if (position >= matrix[MATRIX_LO]) {
        Offset times = (position - matrix[MATRIX_LO]) / matrix[MATRIX_PERIOD];
        row = position - times * matrix[MATRIX_PERIOD];
        shift = times * matrix[MATRIX_ADVANCE];
    }
    Offset begin = begins[row];
    MatrixTerms<Offset> terms = {
        cells + begin, cells + matrix[MATRIX_TERMS] + begin, weights ? weights + l.forward[axis] + begin : 0,
        begins[row + 1] - begin, shift};
    return terms;
}

/* A tap and the next along one axis; `scale` cells of the plane lie between neighbours. */
template <class Offset>
__device__ inline Tap<Offset> term_along(const Layout &l, int axis, const MatrixTerms<Offset> &terms, Offset i, Tap<Offset> tap, Offset scale) {
    const int a = l.outer + axis;
    Offset cell = terms.cell[i] + terms.shift;
    tap.source += cell * (Offset)l.source[a];
    tap.fourth += cell * (Offset)l.fourth[a];
    tap.fifth += terms.tap[i] * (Offset)l.fifth[a];
    tap.plane += cell * scale;
    tap.share *= terms.weight ? terms.weight[i] : 1.0;
    tap.again = tap.again || (i > 0 && terms.cell[i - 1] == terms.cell[i]);
    return tap;
}

/* Show a visitor every term of an output in row-major order: `visit` with the last axis' weight for the share, and after each row
 * `row` with that of the other axes.
 */
template <class Offset, class Visitor>
__device__ inline void walk_terms(const Layout &l, const Offset *tables, const double *weights, const Spot<Offset> &s, Visitor &visitor) {
    const int across = l.rank - 1, down = l.rank - 2;
    const MatrixTerms<Offset> columns = terms_of(l, tables, weights, across, s.last), rows = terms_of(l, tables, weights, down, s.middle);
    Offset all = rows.count > 0 && columns.count > 0 ? 1 : 0, lead = s.lead;
    for (int axis = down - 1; axis >= 0; axis--) {
        Offset extent = (Offset)l.extent[l.outer + axis], before = lead / extent;
        all *= terms_of(l, tables, weights, axis, lead - before * extent).count;
        lead = before;
    }
    for (Offset number = 0; number < all; number++) {
        Tap<Offset> begin = {s.source, 0, 0, 1.0, s.fourth, s.fifth, false};
        Offset rest = number, width = (Offset)l.cells[across], scale = width * (Offset)l.cells[down];
        lead = s.lead;
        for (int axis = down - 1; axis >= 0; axis--) {
            Offset extent = (Offset)l.extent[l.outer + axis], before = lead / extent;
            const MatrixTerms<Offset> terms = terms_of(l, tables, weights, axis, lead - before * extent);
            begin = term_along(l, axis, terms, rest % terms.count, begin, scale);
            rest /= terms.count;
            scale *= (Offset)l.cells[axis];
            lead = before;
        }
        for (Offset i = 0; i < rows.count; i++) {
            Tap<Offset> row = term_along(l, down, rows, i, begin, width);
            const double share = row.share;
            row.share = 1.0;
            for (Offset j = 0; j < columns.count; j++)
                visitor.visit(term_along(l, across, columns, j, row, (Offset)1));
            visitor.row(share);
        }
    }
}

/* The sum of cells times weights, row by row; which of the taps see a valid cell, and what these weigh together. */
template <class T, class Sum, class Offset> struct Filtered {
    const T *x;        /* null: only which of the taps count */
    const bool *mask;  /* null: all cells are valid */
    Sum sum, in_row;
    double counted, counted_in_row;
    long long cells;

    __device__ inline void visit(const Tap<Offset> &tap) {
        if (mask && !mask[tap.fourth])
            return;
        cells++;
        if (x)
            in_row += (Sum)tap.share * (Sum)Storage<T>::load(x[tap.source]);
        if (mask)
            counted_in_row += tap.share;
    }

    __device__ inline void row(double share) {
        sum += (Sum)share * in_row;
        counted += share * counted_in_row;
        in_row = 0;
        counted_in_row = 0;
    }
};

/* A filter over x; or, transposed, what each cell gets, 0 where a mask of the cells says so. */
template <class T, class Sum, class Out, class Offset>
__global__ void cypool_filter(
    Layout l, const Offset *tables, const double *weights, const T *x, const bool *own, Out *out, int fills, Out nothing) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Filtered<T, Sum, Offset> found = {x, 0, 0, 0, 0.0, 0.0, 0};
        if (!own || own[s.fourth + s.fourth_pooled])
            walk_terms(l, tables, weights, s, found);
        out[s.target] = fills && found.cells == 0 ? nothing : Storage<Out>::store(found.sum);
    }
}

/* What a masked filter's sum is multiplied by: NaN where nothing counts.  `whole` is the sum of all taps' weights; taps that see
 * no cell at all count under `padded`: of each axis a vector says what share of the weights the others have.
 */
template <class Offset>
__device__ inline double renormalised(
    const Layout &l, const double *weights, const Spot<Offset> &s, double counted, double whole, int padded) {
    double seen = 1;
    Offset lead = s.lead;
    for (int axis = l.rank - 1; axis >= 0; axis--) {
        Offset position = axis == l.rank - 1 ? s.last : s.middle;
        if (axis < l.rank - 2) {
            Offset extent = (Offset)l.extent[l.outer + axis], before = lead / extent;
            position = lead - before * extent;
            lead = before;
        }
        seen *= weights[l.forward_step[axis] + position];
    }
    return over<double>(1.0, counted / whole + (padded ? 1 - seen : 0.0), 0);
}

/* A filter over the valid cells. */
template <class T, class Out, class Offset>
__global__ void cypool_filter_valid(
    Layout l, const Offset *tables, const double *weights, const T *x, const bool *mask, Out *out, double whole, int padded,
    int fills, Out nothing) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Filtered<T, double, Offset> found = {x, mask, 0.0, 0.0, 0.0, 0.0, 0};
        walk_terms(l, tables, weights, s, found);
        double result = found.sum * renormalised(l, weights, s, found.counted, whole, padded);
        out[s.target] = fills && found.cells == 0 ? nothing : Storage<Out>::store(result);
    }
}

/* What windows over valid cells send: their gradients, as the sums were multiplied. */
template <class T, class Offset>
__global__ void cypool_filter_sent(
    Layout l, const Offset *tables, const double *weights, const T *gradient, const bool *mask, double *out, double whole, int padded) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Filtered<T, double, Offset> found = {0, mask, 0.0, 0.0, 0.0, 0.0, 0};
        walk_terms(l, tables, weights, s, found);
        double sent = (double)Storage<T>::load(gradient[s.third + s.third_pooled]);
        out[s.target] = sent * renormalised(l, weights, s, found.counted, whole, padded);
    }
}

/* Of every tap of an element the sum of its cells times what comes back from their windows, in as many parts as `parts` says: the
 * target's pooled axes are the taps, its last axis the parts.
 */
template <class T, class Offset>
__global__ void cypool_element_gradient(
    Layout l, const Offset *tables, const T *x, const double *gradient, const bool *mask, double *out, int parts) {
    EACH_ELEMENT(i) {
        Spot<Offset> s = spot_of<Offset>(l, i);
        Offset all = 1;
        for (int axis = 0; axis < l.rank; axis++)
            all *= tables[(Offset)l.table[axis] + MATRIX_OUTPUTS];
        double sum = 0;
        for (Offset window = (Offset)(i % parts); window < all; window += parts) {
            Offset rest = window, lead = s.lead, at = s.source, from = s.third, counts = s.fourth;
            bool seen = true;
            for (int axis = l.rank - 1; axis >= 0 && seen; axis--) {
                Offset tap = axis == l.rank - 1 ? s.last : s.middle, outputs = tables[(Offset)l.table[axis] + MATRIX_OUTPUTS];
                if (axis < l.rank - 2) {
                    Offset extent = (Offset)l.extent[l.outer + axis], before = lead / extent;
                    tap = lead - before * extent;
                    lead = before;
                }
                Offset before = rest / outputs, position = rest - before * outputs;
                const MatrixTerms<Offset> terms = terms_of(l, tables, (const double *)0, axis, position);
                rest = before;
                seen = terms.count > 0 && tap >= terms.tap[0] && tap - terms.tap[0] < terms.count;
                if (seen) {
                    Offset cell = terms.cell[tap - terms.tap[0]] + terms.shift;
                    at += cell * (Offset)l.source[l.outer + axis];
                    counts += cell * (Offset)l.fourth[l.outer + axis];
                    from += position * (Offset)l.third[l.outer + axis];
                }
            }
            if (seen && (!mask || mask[counts]))
                sum += (double)Storage<T>::load(x[at]) * gradient[from];
        }
        out[s.target] = sum;
    }
}
