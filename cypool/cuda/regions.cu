/* Region pooling: bins of boxes, by the rules of cypool/kernels/regions_bins.pxi.
 *
 * The host makes a `RegionBox` for each box, sorted by image.  Forward, a thread owns a bin of a channel and walks its cells or its
 * samples.  Backward, a thread owns a cell of a channel: it walks the boxes of its image in their order, skips those that
 * cannot touch the cell, and of the others looks at the bins near it alone, in row-major order; from a bin's samples follows
 * what the cell weighs in it.  Sums of gradients are double.
 *
 * What a maximum chose is one number: for whole cells the position in the plane, else (sample along y * samples along x + sample
 * along x) * 4 + corner; -1 if that was nothing or lies outside the image.
 */

enum { SAMPLES_MEAN, SAMPLES_MAX, CORNERS_MAX, CELLS_MEAN, CELLS_MAX }; /* as cypool.cuda.regions names them */

struct RegionBins { /* of a box along an axis */
    double start, size, samples; /* size: of a bin, for whole cells of the box; samples of a bin */
    long long from, end;         /* of the image's cells, those that bins may touch */
};

struct RegionBox {
    long long number, image, wide; /* wide: means add up in double */
    RegionBins axis[2];
};

struct Regions {
    long long total;
    long long channels, height, width;    /* of the image */
    long long lanes, bins[2];             /* of the result */
    long long image[4], pooled[4], codes[4]; /* strides in elements: outermost, channel, row, column */
    int sensitive, last, everywhere, tracked; /* last: threads go along channels; everywhere: a code names any cell */
};

/* ---- samples and cells of one axis ------------------------------------------------------------------------------------ */

__device__ inline double point_of(const RegionBins &a, double origin, double i) {
    return origin + (i + 0.5) * a.size / a.samples;
}

/* The first sample that is not below a bound, with ABOVE the first above it; all are `samples`. */
template <bool ABOVE> __device__ inline double first_sample(const RegionBins &a, double origin, double bound) {
    double i = a.size > 0 ? (bound - origin) / (a.size / a.samples) - 0.5 : 0;
    i = i > 0 ? (i < a.samples ? i : a.samples) : 0; /* of NaN 0 */
    i = (double)(long long)i;                        /* a guess, off by rounding */
    while (i > 0 && (ABOVE ? point_of(a, origin, i - 1) > bound : point_of(a, origin, i - 1) >= bound))
        i -= 1;
    while (i < a.samples && !(ABOVE ? point_of(a, origin, i) > bound : point_of(a, origin, i) >= bound))
        i += 1;
    return i;
}

struct RegionSample {
    long long low; /* the cell that has 1 - share; the next one has the share */
    double share;
    bool inside;
};

__device__ inline RegionSample sample_at(const RegionBins &a, double origin, long long extent, double i) {
    double at = point_of(a, origin, i);
    RegionSample s = {0, 0.0, at >= -1.0 && at <= (double)extent};
    if (s.inside && at > 0) {
        s.low = (long long)at;
        s.share = at - (double)s.low;
        if (s.low >= extent - 1) {
            s.low = extent - 1;
            s.share = 0;
        }
    }
    return s;
}

/* What a sample gives a cell. */
__device__ inline double part_of(const RegionSample &s, long long cell) {
    return !s.inside ? 0.0 : cell == s.low ? 1.0 - s.share : cell == s.low + 1 ? s.share : 0.0;
}

struct RegionRun {
    long long first, end;
};

/* The cells of a bin of whole cells, in the image. */
__device__ inline RegionRun cells_of(const RegionBins &a, long long bins, long long extent, long long bin) {
    long long start = (long long)a.start, cells = (long long)a.size;
    RegionRun run = {start + bin * cells / bins, start + ((bin + 1) * cells + bins - 1) / bins};
    run.first = run.first > 0 ? run.first : 0;
    run.end = run.end < extent ? run.end : extent;
    return run;
}

/* The bins that a cell may be in, of a box that may touch it. */
template <int OP> __device__ inline RegionRun bins_near(const RegionBins &a, long long bins, long long cell) {
    RegionRun run = {0, bins};
    if (OP == CELLS_MEAN || OP == CELLS_MAX) {
        long long cells = (long long)a.size, there = cell - (long long)a.start;
        if (there < 0 || there >= cells) {
            run.end = 0;
        } else {
            run.first = there * bins / cells;
            run.end = ((there + 1) * bins + cells - 1) / cells;
        }
    } else if (a.size > 0) { /* a little more than what can touch it, for bins are compared by rounded numbers */
        double first = ((double)cell - 1.001 - a.start) / a.size - 1, end = ((double)cell + 1.001 - a.start) / a.size + 2;
        run.first = first > 0 ? (first < (double)bins ? (long long)first : bins) : 0;
        run.end = end > 0 ? (end < (double)bins ? (long long)end : bins) : 0;
    }
    return run;
}

/* What a cell weighs in a mean's bin along one axis: 0 if it is not in it. */
template <int OP>
__device__ inline double weight_of(const RegionBins &a, long long bins, long long extent, long long bin, long long cell) {
    if (OP == CELLS_MEAN) {
        RegionRun cells = cells_of(a, bins, extent, bin);
        return cells.first <= cell && cell < cells.end;
    }
    double origin = a.start + (double)bin * a.size, weight = 0;
    double i = cell > 0 ? first_sample<true>(a, origin, (double)cell - 1) : first_sample<false>(a, origin, -1);
    const double end =
        cell < extent - 1 ? first_sample<false>(a, origin, (double)cell + 1) : first_sample<true>(a, origin, (double)extent);
    for (; i < end; i += 1)
        weight += part_of(sample_at(a, origin, extent, i), cell);
    return weight;
}

/* ---- elements --------------------------------------------------------------------------------------------------------- */

template <class Offset> struct RegionPlace {
    Offset outer, channel, row, column;
};

template <class Offset>
__device__ inline RegionPlace<Offset>
region_place(const Regions &l, long long element, long long channels, long long rows, long long columns) {
    Offset rest = (Offset)element, before;
    RegionPlace<Offset> p;
    if (l.last) {
        before = rest / (Offset)channels, p.channel = rest - before * (Offset)channels, rest = before;
    }
    before = rest / (Offset)columns, p.column = rest - before * (Offset)columns, rest = before;
    before = rest / (Offset)rows, p.row = rest - before * (Offset)rows, rest = before;
    if (!l.last) {
        before = rest / (Offset)channels, p.channel = rest - before * (Offset)channels, rest = before;
    }
    p.outer = rest;
    return p;
}

template <class Offset>
__device__ inline Offset region_offset(const long long *strides, Offset outer, Offset channel, Offset row, Offset column) {
    return outer * (Offset)strides[0] + channel * (Offset)strides[1] + row * (Offset)strides[2] + column * (Offset)strides[3];
}

/* A plane of the image, read as Real. */
template <class T, class Real, class Offset> struct RegionPlane {
    const T *cells;
    Offset row, column;

    __device__ inline Real at(long long y, long long x) const {
        return (Real)Storage<T>::load(cells[(Offset)y * row + (Offset)x * column]);
    }

    /* Along y first, as on the host; cells of weight 0 are not read. */
    __device__ inline Real along(const RegionSample &y, long long x) const {
        Real value = (Real)(1.0 - y.share) * at(y.low, x);
        return y.share > 0 ? value + (Real)y.share * at(y.low + 1, x) : value;
    }

    __device__ inline Real sample(const RegionSample &y, const RegionSample &x) const {
        Real value = (Real)(1.0 - x.share) * along(y, x.low);
        return x.share > 0 ? value + (Real)x.share * along(y, x.low + 1) : value;
    }
};

template <class Real> struct RegionResult {
    Real value;
    long long code;
    bool any;

    /* The first of equals stays, the last NaN wins. */
    __device__ inline void offer(Real a, long long which) {
        if (!any || a > value || a != a) {
            value = a;
            code = which;
            any = true;
        }
    }
};

/* ---- a bin ------------------------------------------------------------------------------------------------------------ */

template <int OP, class T, class Real, class Offset>
__device__ inline RegionResult<Real>
bin_of_cells(const Regions &l, const RegionBox &box, const RegionPlane<T, Real, Offset> &plane, long long py, long long px) {
    RegionResult<Real> result = {0, -1, false};
    const RegionRun ys = cells_of(box.axis[0], l.bins[0], l.height, py), xs = cells_of(box.axis[1], l.bins[1], l.width, px);
    for (long long y = ys.first; y < ys.end; y++)
        for (long long x = xs.first; x < xs.end; x++) {
            if (OP == CELLS_MEAN)
                result.value += plane.at(y, x);
            else
                result.offer(plane.at(y, x), y * l.width + x);
        }
    if (OP == CELLS_MEAN && ys.first < ys.end && xs.first < xs.end)
        result.value /= (Real)((double)(ys.end - ys.first) * (double)(xs.end - xs.first));
    return result;
}

/* Samples outside the image are 0 to a maximum: of those on either side of it along an axis one is as good as all. */
template <int OP, class T, class Real, class Offset>
__device__ inline RegionResult<Real>
bin_of_samples(const Regions &l, const RegionBox &box, const RegionPlane<T, Real, Offset> &plane, long long py, long long px) {
    const RegionBins &ay = box.axis[0], &ax = box.axis[1];
    RegionResult<Real> result = {0, -1, false};
    if (!(ay.samples > 0 && ax.samples > 0))
        return result;
    const double oy = ay.start + (double)py * ay.size, ox = ax.start + (double)px * ax.size;
    double y0 = first_sample<false>(ay, oy, -1), y1 = first_sample<true>(ay, oy, (double)l.height);
    double x0 = first_sample<false>(ax, ox, -1), x1 = first_sample<true>(ax, ox, (double)l.width);
    if (OP != SAMPLES_MEAN) {
        y0 -= y0 > 0, y1 += y1 < ay.samples;
        x0 -= x0 > 0, x1 += x1 < ax.samples;
    }
    for (double i = y0; i < y1; i += 1) {
        const RegionSample y = sample_at(ay, oy, l.height, i);
        for (double j = x0; j < x1; j += 1) {
            const RegionSample x = sample_at(ax, ox, l.width, j);
            const bool inside = y.inside && x.inside;
            const long long code = ((long long)i * (long long)ax.samples + (long long)j) * 4;
            if (OP == SAMPLES_MEAN) {
                result.value += plane.sample(y, x);
            } else if (!inside) {
                result.offer(0, -1);
            } else if (OP == SAMPLES_MAX) {
                result.offer(plane.sample(y, x), code);
            } else {
                for (int corner = 0; corner < 4; corner++) {
                    int dy = corner >> 1, dx = corner & 1;
                    double weight = (dy ? y.share : 1.0 - y.share) * (dx ? x.share : 1.0 - x.share);
                    if (weight == 0)
                        result.offer(0, -1);
                    else
                        result.offer((Real)weight * plane.at(y.low + dy, x.low + dx), code + corner);
                }
            }
        }
    }
    if (OP == SAMPLES_MEAN)
        result.value /= (Real)(ay.samples * ax.samples);
    return result;
}

template <int OP, class T, class Real, class Offset>
__device__ inline long long pool_bin(const Regions &l, const RegionBox &box, const T *cells, const RegionPlace<Offset> &p, T *out) {
    const RegionPlane<T, Real, Offset> plane = {cells, (Offset)l.image[2], (Offset)l.image[3]};
    RegionResult<Real> result;
    if (OP == CELLS_MEAN || OP == CELLS_MAX)
        result = bin_of_cells<OP>(l, box, plane, p.row, p.column);
    else
        result = bin_of_samples<OP>(l, box, plane, p.row, p.column);
    *out = Storage<T>::store(result.value);
    return result.code;
}

/* ---- kernels ---------------------------------------------------------------------------------------------------------- */

/* Every bin of every box and channel, and what a maximum chose if that is tracked. */
template <class T, int OP, class Offset>
__global__ void cypool_regions_pool(Regions l, const RegionBox *boxes, const T *x, T *out, long long *codes) {
    EACH_ELEMENT(i) {
        const RegionPlace<Offset> p = region_place<Offset>(l, i, l.lanes, l.bins[0], l.bins[1]);
        const RegionBox &box = boxes[p.outer];
        const Offset number = (Offset)box.number;
        const Offset channel = l.sensitive ? (p.channel * (Offset)l.bins[0] + p.row) * (Offset)l.bins[1] + p.column : p.channel;
        const T *cells = x + region_offset<Offset>(l.image, (Offset)box.image, channel, 0, 0);
        T *to = out + region_offset<Offset>(l.pooled, number, p.channel, p.row, p.column);
        long long code;
        if (box.wide)
            code = pool_bin<OP, T, double>(l, box, cells, p, to);
        else
            code = pool_bin<OP, T, typename Storage<T>::Value>(l, box, cells, p, to);
        if (l.tracked)
            codes[region_offset<Offset>(l.codes, number, p.channel, p.row, p.column)] = code;
    }
}

/* The share of a bin's gradient that a cell gets from what its maximum chose. */
template <int OP>
__device__ inline double share_of_code(
    const Regions &l, const RegionBox &box, long long code, long long py, long long px, long long y, long long x) {
    if (code < 0)
        return 0;
    if (OP == CELLS_MAX)
        return code == y * l.width + x;
    const RegionBins &ay = box.axis[0], &ax = box.axis[1];
    const long long which = code >> 2, across = (long long)ax.samples;
    const RegionSample sy = sample_at(ay, ay.start + (double)py * ay.size, l.height, (double)(which / across));
    const RegionSample sx = sample_at(ax, ax.start + (double)px * ax.size, l.width, (double)(which % across));
    if (OP == CORNERS_MAX && (y != sy.low + (code >> 1 & 1) || x != sx.low + (code & 1)))
        return 0;
    return part_of(sy, y) * part_of(sx, x);
}

/* The gradient of the image: for each cell the sum of what the bins of its image's boxes send it. */
template <class T, int OP, class Offset>
__global__ void cypool_regions_back(
    Regions l, const RegionBox *boxes, const long long *begins, const T *gradient, const long long *codes, T *out) {
    EACH_ELEMENT(i) {
        const RegionPlace<Offset> p = region_place<Offset>(l, i, l.channels, l.height, l.width);
        const Offset across = (Offset)l.bins[1], bin = l.sensitive ? p.channel % ((Offset)l.bins[0] * across) : 0;
        const Offset channel = l.sensitive ? p.channel / ((Offset)l.bins[0] * across) : p.channel;
        double sum = 0;
        for (long long k = begins[p.outer]; k < begins[p.outer + 1]; k++) {
            const RegionBox &box = boxes[k];
            const Offset number = (Offset)box.number;
            const RegionBins &ay = box.axis[0], &ax = box.axis[1];
            RegionRun ys = {0, l.bins[0]}, xs = {0, l.bins[1]};
            if (!l.everywhere) {
                if (p.row < ay.from || p.row >= ay.end || p.column < ax.from || p.column >= ax.end)
                    continue;
                ys = bins_near<OP>(ay, l.bins[0], p.row), xs = bins_near<OP>(ax, l.bins[1], p.column);
            }
            if (l.sensitive) {
                ys.first = bin / across, ys.end = ys.first + 1;
                xs.first = bin % across, xs.end = xs.first + 1;
            }
            for (long long py = ys.first; py < ys.end; py++) {
                const bool mean = OP == SAMPLES_MEAN || OP == CELLS_MEAN;
                const double down = mean ? weight_of<OP>(ay, l.bins[0], l.height, py, p.row) : 1.0;
                if (down == 0)
                    continue;
                for (long long px = xs.first; px < xs.end; px++) {
                    double share;
                    if (mean) {
                        double divisor = ay.samples * ax.samples;
                        if (OP == CELLS_MEAN) {
                            RegionRun h = cells_of(ay, l.bins[0], l.height, py), w = cells_of(ax, l.bins[1], l.width, px);
                            divisor = (double)(h.end - h.first) * (double)(w.end - w.first);
                        }
                        share = down * weight_of<OP>(ax, l.bins[1], l.width, px, p.column);
                        share = share == 0 ? 0 : share / divisor;
                    } else {
                        const Offset at = region_offset<Offset>(l.codes, number, channel, (Offset)py, (Offset)px);
                        share = share_of_code<OP>(l, box, codes[at], py, px, p.row, p.column);
                    }
                    const Offset at = region_offset<Offset>(l.pooled, number, channel, (Offset)py, (Offset)px);
                    if (share != 0)
                        sum += share * (double)Storage<T>::load(gradient[at]);
                }
            }
        }
        out[region_offset<Offset>(l.image, p.outer, p.channel, p.row, p.column)] = Storage<T>::store(sum);
    }
}

/* Whether a caller's positions name a cell of another bin than their own, which `everywhere` is for. */
template <class Offset>
__global__ void cypool_regions_strays(Regions l, const RegionBox *boxes, const long long *codes, unsigned long long *first) {
    EACH_ELEMENT(i) {
        const RegionPlace<Offset> p = region_place<Offset>(l, i, l.lanes, l.bins[0], l.bins[1]);
        const RegionBox &box = boxes[p.outer];
        const long long code = codes[region_offset<Offset>(l.codes, (Offset)box.number, p.channel, p.row, p.column)];
        const RegionRun ys = cells_of(box.axis[0], l.bins[0], l.height, p.row);
        const RegionRun xs = cells_of(box.axis[1], l.bins[1], l.width, p.column);
        const long long y = code / l.width, x = code % l.width;
        if (code >= 0 && (y < ys.first || y >= ys.end || x < xs.first || x >= xs.end))
            atomicMin(first, (unsigned long long)i);
    }
}
