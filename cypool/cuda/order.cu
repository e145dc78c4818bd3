/* Cells in order, on a GPU: which key has a rank, and where its cell stands.  `ranks.cu` makes operators of that.
 *
 * Cells are compared by keys, whole numbers in the order of the values; -0.0 has the key of 0.0.  A thread has one window, and
 * there are two ways to a rank's key.  `Ranks<T, 0>` halves the range of keys twice on each walk over the window, counting
 * cells: no window is too large, no type too wide, nothing is stored.  `Ranks<T, KEEP>` walks once and keeps the KEEP smallest
 * (or largest) keys, sorted, in registers; the host asks for it where wanted ranks lie that near an end.  `Ranks<T, -TEAM>` is
 * the first way with a window for a whole block, whose threads share its taps and add up what they count.  All find the same.
 */

#ifdef CYPOOL_STAND_IN
#define CYPOOL_UNROLL
#else
#define CYPOOL_UNROLL _Pragma("unroll") /* what is unrolled has its arrays in registers */
#endif

struct RankTerms { /* cypool.cuda.ranks.TERMS */
    double q, empty;
    long long k;
    unsigned long long label, empty_label;
    int method, ignore, aside, above, masked, unused;
};

enum { AT_LINEAR, AT_LOWER, AT_HIGHER, AT_NEAREST, AT_MIDPOINT }; /* in the order of cypool.ranks.METHODS */

/* ---- threads that share a window ------------------------------------------------------------------------------------- */

#define EACH_WINDOW(i, TEAM)                                                                                                \
    for (long long i = ((long long)blockIdx.x * blockDim.x + threadIdx.x) / TEAM; i < l.total;                              \
         i += (long long)gridDim.x * blockDim.x / TEAM)

/* The tap of this number, in row-major order. */
template <class Offset>
__device__ inline Tap<Offset> tap_numbered(const Layout &l, const Offset *tables, const Spot<Offset> &s, Offset number) {
    const int across = l.rank - 1, down = l.rank - 2;
    const Row<Offset> rows = row_at(tables, l.table[down], s.middle), columns = row_at(tables, l.table[across], s.last);
    const Tap<Offset> begin = {s.source, s.third, 0, 1.0, s.fourth, s.fifth, false};
    const Offset line = number / columns.count, lead = line / rows.count;
    const Offset i = line - lead * rows.count, j = number - line * columns.count;
    const Tap<Offset> tap = leading_tap<false>(l, tables, s.lead, lead, begin);
    const Tap<Offset> row = tap_along<false>(l, tables, down, tap, rows.first + i * (Offset)l.step[down]);
    return tap_along<false>(l, tables, across, row, columns.first + j * (Offset)l.step[across]);
}

enum { TEAM_ADDS, TEAM_MOST, TEAM_LEAST };

/* A block.  Visitors find a tap's number where its position in the plane would stand. */
template <int TEAM> struct Team {
    template <class Offset>
    static __device__ inline long long taps(const Layout &l, const Offset *tables, const Spot<Offset> &s) {
        long long taps = leading_taps(l, tables, s.lead);
        taps *= row_at(tables, l.table[l.rank - 2], s.middle).count;
        return taps * row_at(tables, l.table[l.rank - 1], s.last).count;
    }
    template <class Offset, class Visitor>
    static __device__ inline void walk(const Layout &l, const Offset *tables, const Spot<Offset> &s, Visitor &visitor) {
        const long long all = taps(l, tables, s);
        for (long long number = threadIdx.x; number < all; number += TEAM) {
            Tap<Offset> tap = tap_numbered(l, tables, s, (Offset)number);
            tap.plane = (Offset)number;
            visitor.visit(tap);
        }
    }
    template <class Offset>
    static __device__ inline Offset plane(const Layout &l, const Offset *tables, const Spot<Offset> &s, Offset number) {
        return number < 0 ? number : tap_numbered(l, tables, s, number).plane;
    }
    static __device__ inline bool first() {
        return threadIdx.x == 0;
    }
    /* Whole numbers, the same in any order. */
    template <class Number> static __device__ inline Number together(Number own, int how) {
        __shared__ unsigned long long all;
        __syncthreads(); /* everybody has read what was there */
        if (threadIdx.x == 0)
            all = how == TEAM_LEAST ? ~0ull : 0;
        __syncthreads();
        if (how == TEAM_ADDS)
            atomicAdd(&all, (unsigned long long)own);
        else if (how == TEAM_MOST)
            atomicMax(&all, (unsigned long long)own);
        else
            atomicMin(&all, (unsigned long long)own);
        __syncthreads();
        return (Number)all;
    }
    /* Added two by two. */
    static __device__ inline double added(double own) {
        __shared__ double parts[TEAM];
        __syncthreads();
        parts[threadIdx.x] = own;
        for (unsigned int half = TEAM / 2; half > 0; half /= 2) {
            __syncthreads();
            if (threadIdx.x < half)
                parts[threadIdx.x] += parts[threadIdx.x + half];
        }
        __syncthreads();
        return parts[0];
    }
};

template <> struct Team<1> {
    template <class Offset, class Visitor>
    static __device__ inline void walk(const Layout &l, const Offset *tables, const Spot<Offset> &s, Visitor &visitor) {
        ::walk<false>(l, tables, s, visitor);
    }
    template <class Offset>
    static __device__ inline Offset plane(const Layout &, const Offset *, const Spot<Offset> &, Offset plane) {
        return plane;
    }
    static __device__ inline bool first() {
        return true;
    }
    template <class Number> static __device__ inline Number together(Number own, int) {
        return own;
    }
    static __device__ inline double added(double own) {
        return own;
    }
};

/* ---- cells and walks -------------------------------------------------------------------------------------------------- */

/* The cells of x that count: neither masked nor, where windows without NaN or under nan="ignore" are walked, NaN. */
template <class T, class Offset> struct RankCells {
    typedef typename Ordered<T>::Key Key;
    const T *x;
    const unsigned char *valid;

    __device__ inline RankCells(const T *cells, const unsigned char *mask, const RankTerms &terms)
        : x(cells), valid(terms.masked ? mask : 0) {}

    __device__ inline bool counts(const Tap<Offset> &tap, Key *key) const {
        if (valid && !valid[tap.third])
            return false;
        T value = x[tap.source];
        *key = Ordered<T>::key(value);
        return !Ordered<T>::nan(value);
    }
};

/* How many cells there are, and the last NaN that spoils the window. */
template <class T, class Offset> struct Survey : RankCells<T, Offset> {
    typedef typename Ordered<T>::Key Key;
    bool ignore;
    Offset n, lost;

    __device__ inline Survey(const T *x, const unsigned char *valid, const RankTerms &terms)
        : RankCells<T, Offset>(x, valid, terms), ignore(terms.ignore), n(0), lost(-1) {}

    __device__ inline bool meets(const Tap<Offset> &tap, Key *key) {
        if (this->valid && !this->valid[tap.third])
            return false;
        T value = this->x[tap.source];
        if (Ordered<T>::nan(value)) {
            lost = ignore ? lost : tap.plane;
            return false;
        }
        *key = Ordered<T>::key(value);
        n++;
        return true;
    }

    /* What a window is in which nothing is to be found. */
    __device__ inline double without(const RankTerms &terms) const {
        return lost >= 0 ? (double)float_of_bits(0x7fc00000u) : terms.empty;
    }
};

/* Among cells that share their leading bits, how many are in the first, the first two, the first three quarters. */
template <class T, class Offset> struct Quarters : RankCells<T, Offset> {
    typedef typename Ordered<T>::Key Key;
    Key prefix;
    int shift;
    Offset one, two, three;

    __device__ inline void visit(const Tap<Offset> &tap) {
        Key key;
        if (!this->counts(tap, &key) || (key ^ prefix) >> shift >> 2)
            return;
        unsigned int quarter = (unsigned int)(key >> shift) & 3u;
        one += quarter < 1;
        two += quarter < 2;
        three += quarter < 3;
    }
};

/* Cells that are less than a key and equal to it, and the next key. */
template <class T, class Offset> struct Tally : RankCells<T, Offset> {
    typedef typename Ordered<T>::Key Key;
    Key key, next;
    Offset less, equal;
    bool any;

    __device__ inline Tally(const RankCells<T, Offset> &cells, Key of)
        : RankCells<T, Offset>(cells), key(of), next(0), less(0), equal(0), any(false) {}

    __device__ inline void visit(const Tap<Offset> &tap) {
        Key cell;
        if (!this->counts(tap, &cell))
            return;
        less += cell < key;
        equal += cell == key;
        if (cell > key && (!any || cell < next)) {
            next = cell;
            any = true;
        }
    }
};

template <int TEAM, class T, class Offset>
__device__ inline Tally<T, Offset> tally_of(const Layout &l, const Offset *tables, const Spot<Offset> &s,
                                            const RankCells<T, Offset> &cells, typename Ordered<T>::Key key) {
    Tally<T, Offset> tally(cells, key);
    Team<TEAM>::walk(l, tables, s, tally);
    tally.less = Team<TEAM>::together(tally.less, TEAM_ADDS);
    tally.equal = Team<TEAM>::together(tally.equal, TEAM_ADDS);
    tally.next = Team<TEAM>::together(tally.any ? tally.next : Ordered<T>::ALL, TEAM_LEAST);
    return tally;
}

/* Where the cell of a key stands that has so many equal ones before it in row-major order. */
template <class T, class Offset> struct Placed : RankCells<T, Offset> {
    typename Ordered<T>::Key key;
    Offset before, plane;

    __device__ inline void visit(const Tap<Offset> &tap) {
        typename Ordered<T>::Key cell;
        if (this->counts(tap, &cell) && cell == key && before-- == 0)
            plane = tap.plane;
    }
};

/* How many cells of a key have numbers that share their leading bits. */
template <class T, class Offset> struct Numbered : RankCells<T, Offset> {
    typename Ordered<T>::Key key;
    Offset prefix, n;
    int shift;

    __device__ inline void visit(const Tap<Offset> &tap) {
        typename Ordered<T>::Key cell;
        n += this->counts(tap, &cell) && cell == key && tap.plane >> shift == prefix >> shift;
    }
};

template <int TEAM, class T, class Offset>
__device__ inline Offset place_of_equal(const Layout &l, const Offset *tables, const Spot<Offset> &s,
                                        const RankCells<T, Offset> &cells, typename Ordered<T>::Key key, Offset before) {
    if constexpr (TEAM == 1) {
        Placed<T, Offset> placed = {{cells}, key, before, -1};
        Team<1>::walk(l, tables, s, placed);
        return placed.plane;
    } else { /* by its tap's number, a bit on each walk */
        Offset prefix = 0;
        int shift = -1;
        for (long long taps = Team<TEAM>::taps(l, tables, s); taps > 0; taps >>= 1)
            shift++;
        for (; shift >= 0; shift--) {
            Numbered<T, Offset> found = {{cells}, key, prefix, 0, shift};
            Team<TEAM>::walk(l, tables, s, found);
            found.n = Team<TEAM>::together(found.n, TEAM_ADDS);
            if (before >= found.n) {
                before -= found.n;
                prefix |= (Offset)1 << shift;
            }
        }
        return Team<TEAM>::plane(l, tables, s, prefix);
    }
}

/* ---- ranks ------------------------------------------------------------------------------------------------------------ */

/* Ranks of a window's cells, with the largest or smallest of them kept: flipped keys are in descending order. */
template <class T, int KEEP, class Offset, bool WALKS = (KEEP <= 0)> struct Ranks : Survey<T, Offset> {
    typedef typename Ordered<T>::Key Key;
    enum { TEAM = 1 };
    Key flip, kept[KEEP]; /* behind those that there are, the largest key */

    __device__ inline Ranks(const T *x, const unsigned char *valid, const RankTerms &terms)
        : Survey<T, Offset>(x, valid, terms), flip(terms.above ? Ordered<T>::ALL : 0) {
        CYPOOL_UNROLL
        for (int t = 0; t < KEEP; t++)
            kept[t] = Ordered<T>::ALL;
    }

    __device__ inline void visit(const Tap<Offset> &tap) {
        Key key;
        if (!this->meets(tap, &key))
            return;
        key ^= flip;
        if (key >= kept[KEEP - 1])
            return;
        CYPOOL_UNROLL
        for (int t = 0; t < KEEP; t++) {
            Key less = key < kept[t] ? key : kept[t];
            key = key < kept[t] ? kept[t] : key;
            kept[t] = less;
        }
    }

    __device__ inline void see(const Layout &l, const Offset *tables, const Spot<Offset> &s) {
        walk<false>(l, tables, s, *this);
    }

    __device__ inline Key of_rank(const Layout &, const Offset *, const Spot<Offset> &, Offset rank) const {
        Offset at = flip ? this->n - 1 - rank : rank;
        Key key = 0;
        CYPOOL_UNROLL
        for (int t = 0; t < KEEP; t++)
            key = t == at ? kept[t] : key;
        return key ^ flip;
    }

    /* The key of the rank behind one, whose own is known. */
    __device__ inline Key behind(const Layout &l, const Offset *tables, const Spot<Offset> &s, Offset rank, Key) const {
        return of_rank(l, tables, s, rank + 1);
    }

    /* The sum of the k largest cells, the largest first. */
    __device__ inline double largest(const Layout &, const Offset *, const Spot<Offset> &, Offset k) const {
        double sum = 0;
        CYPOOL_UNROLL
        for (int t = 0; t < KEEP; t++)
            if (t < k)
                sum += number_of<T>(kept[t] ^ flip);
        return sum;
    }

    /* The most frequent key, of equally frequent ones the least; all cells are kept. */
    __device__ inline Key majority(const Layout &, const Offset *, const Spot<Offset> &, bool aside, Key away) const {
        Key best = kept[0];
        Offset run = 0, most = 0;
        CYPOOL_UNROLL
        for (int t = 0; t < KEEP; t++) {
            run = t > 0 && kept[t] == kept[t > 0 ? t - 1 : 0] ? run + 1 : 1;
            if (t < this->n && run > most && !(aside && kept[t] == away)) {
                most = run;
                best = kept[t];
            }
        }
        return best;
    }
};

/* The sum and number of the cells beyond a key. */
template <class T, class Offset> struct Beyond : RankCells<T, Offset> {
    typedef typename Ordered<T>::Key Key;
    Key least;
    Offset n;
    double sum;

    __device__ inline void visit(const Tap<Offset> &tap) {
        Key key;
        if (this->counts(tap, &key) && key > least) {
            n++;
            sum += number_of<T>(key);
        }
    }
};

/* The canonical way, walks that count: of a thread, or of a team. */
template <class T, int MEMBERS, class Offset> struct Walked : Survey<T, Offset> {
    typedef typename Ordered<T>::Key Key;
    enum { TEAM = MEMBERS };
    Key least, most;

    __device__ inline Walked(const T *x, const unsigned char *valid, const RankTerms &terms)
        : Survey<T, Offset>(x, valid, terms), least(Ordered<T>::ALL), most(0) {}

    __device__ inline void visit(const Tap<Offset> &tap) {
        Key key;
        if (!this->meets(tap, &key))
            return;
        least = key < least ? key : least;
        most = key > most ? key : most;
    }

    __device__ inline void see(const Layout &l, const Offset *tables, const Spot<Offset> &s) {
        Team<TEAM>::walk(l, tables, s, *this);
        this->n = Team<TEAM>::together(this->n, TEAM_ADDS);
        this->lost = Team<TEAM>::together(this->lost + 1, TEAM_MOST) - 1;
        least = Team<TEAM>::together(least, TEAM_LEAST);
        most = Team<TEAM>::together(most, TEAM_MOST);
    }

    __device__ inline Key of_rank(const Layout &l, const Offset *tables, const Spot<Offset> &s, Offset rank) const {
        int shift = -2; /* of the highest pair of bits in which keys differ */
        for (Key differing = least ^ most; differing; differing >>= 2)
            shift += 2;
        if (shift < 0)
            return least;
        Key prefix = least >> shift >> 2 << shift << 2;
        for (; shift >= 0; shift -= 2) {
            Quarters<T, Offset> found = {{*this}, prefix, shift, 0, 0, 0};
            Team<TEAM>::walk(l, tables, s, found);
            found.one = Team<TEAM>::together(found.one, TEAM_ADDS);
            found.two = Team<TEAM>::together(found.two, TEAM_ADDS);
            found.three = Team<TEAM>::together(found.three, TEAM_ADDS);
            Key quarter = (rank >= found.one) + (rank >= found.two) + (rank >= found.three);
            rank -= quarter == 0 ? 0 : quarter == 1 ? found.one : quarter == 2 ? found.two : found.three;
            prefix |= quarter << shift;
        }
        return prefix;
    }

    __device__ inline Key behind(const Layout &l, const Offset *tables, const Spot<Offset> &s, Offset rank, Key key) const {
        const Tally<T, Offset> tally = tally_of<TEAM, T, Offset>(l, tables, s, *this, key);
        return rank + 1 < tally.less + tally.equal ? key : tally.next;
    }

    __device__ inline double largest(const Layout &l, const Offset *tables, const Spot<Offset> &s, Offset k) const {
        Key key = of_rank(l, tables, s, this->n - k);
        Beyond<T, Offset> beyond = {{*this}, key, 0, 0.0};
        Team<TEAM>::walk(l, tables, s, beyond);
        beyond.n = Team<TEAM>::together(beyond.n, TEAM_ADDS);
        return Team<TEAM>::added(beyond.sum) + (double)(k - beyond.n) * number_of<T>(key);
    }

    /* Labels in ascending order, until too few cells are left for another one to win. */
    __device__ inline Key majority(const Layout &l, const Offset *tables, const Spot<Offset> &s, bool aside, Key away) const {
        Key best = least, key = least;
        Offset most_cells = 0, left = this->n;
        while (left > most_cells) {
            const Tally<T, Offset> tally = tally_of<TEAM, T, Offset>(l, tables, s, *this, key);
            if (tally.equal > most_cells && !(aside && key == away)) {
                most_cells = tally.equal;
                best = key;
            }
            left -= tally.equal;
            key = tally.next;
        }
        return best;
    }
};

template <class T, int KEEP, class Offset> struct Ranks<T, KEEP, Offset, true> : Walked<T, KEEP < 0 ? -KEEP : 1, Offset> {
    using Walked<T, KEEP < 0 ? -KEEP : 1, Offset>::Walked;
};
