/* Keys: whole numbers in the order of a type's values, by which `order.cu` compares cells; and doubles stored in a type. */

/* ---- keys ------------------------------------------------------------------------------------------------------------- */

template <int BYTES> struct KeyOf {
    typedef unsigned int Type;
};

template <> struct KeyOf<8> {
    typedef unsigned long long Type;
};

template <class T> struct Ordered {
    typedef typename KeyOf<sizeof(T)>::Type Key;
    typedef double Result; /* of what is not chosen but computed */
    enum { BITS = 8 * sizeof(T) };
    static constexpr Key ALL = (Key) ~(Key)0 >> (8 * sizeof(Key) - BITS), TOP = (Key)1 << (BITS - 1);
    static constexpr Key SIGN = (T)-1 < (T)1 ? TOP : 0;

    static __device__ inline bool nan(T) {
        return false;
    }
    static __device__ inline Key key(T x) {
        return ((Key)x & ALL) ^ SIGN;
    }
    static __device__ inline T value(Key key) {
        return (T)(key ^ SIGN);
    }
};

template <class T, class Raw, unsigned long long INFINITE> struct OrderedFloat {
    typedef typename KeyOf<sizeof(T)>::Type Key;
    typedef T Result;
    enum { BITS = 8 * sizeof(T) };
    static constexpr Key ALL = (Key) ~(Key)0 >> (8 * sizeof(Key) - BITS), TOP = (Key)1 << (BITS - 1);
    union Both {
        T value;
        Raw raw;
    };

    static __device__ inline Key raw(T x) {
        Both both;
        both.value = x;
        return both.raw;
    }
    static __device__ inline bool nan(T x) {
        return (raw(x) & ~TOP) > INFINITE;
    }
    static __device__ inline Key key(T x) {
        Key bits = raw(x);
        return bits == TOP ? TOP : bits & TOP ? ~bits & ALL : bits | TOP;
    }
    static __device__ inline T value(Key key) {
        Both both;
        both.raw = (Raw)(key & TOP ? key ^ TOP : ~key);
        return both.value;
    }
};

template <> struct Ordered<Half> : OrderedFloat<Half, unsigned short, 0x7c00> {};
template <> struct Ordered<Bfloat16> : OrderedFloat<Bfloat16, unsigned short, 0x7f80> {};
template <> struct Ordered<float> : OrderedFloat<float, unsigned int, 0x7f800000> {};
template <> struct Ordered<double> : OrderedFloat<double, unsigned long long, 0x7ff0000000000000> {};

template <class T> __device__ inline double number_of(typename Ordered<T>::Key key) {
    return (double)Storage<T>::load(Ordered<T>::value(key));
}

/* A double in a storage type, rounded once: a float on the way to a half is rounded to odd, which spoils no later rounding. */
template <class T> struct Once {
    static __device__ inline T store(double value) {
        return Storage<T>::store(value);
    }
};

__device__ inline float odd_float(double value) {
    float near = (float)value;
    double back = near;
    unsigned int bits = bits_of_float(near);
    if (back == value || value != value)
        return near;
    bits -= (back < 0 ? -back : back) > (value < 0 ? -value : value);
    return float_of_bits(bits | 1u);
}

template <> struct Once<Half> {
    static __device__ inline Half store(double value) {
        return Storage<Half>::store(odd_float(value));
    }
};

template <> struct Once<Bfloat16> {
    static __device__ inline Bfloat16 store(double value) {
        return Storage<Bfloat16>::store(odd_float(value));
    }
};
