// Conversions between all element types. Half types go by way of float, whatever the machine has for them,
// with the same rounding everywhere.
#include "martlet_copy.h"

#include "martlet_runtime.h"

#include <stdbool.h>
#include <string.h>

typedef uint16_t bfloat16;
typedef uint16_t float16;

static inline uint32_t bits_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint16_t to_bfloat16(float value) {
    uint32_t bits = bits_of(value);
    uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? bits >> 16 | 0x40 : rounded);
}

static inline float from_bfloat16(uint16_t half) { return from_bits((uint32_t)half << 16); }

static inline uint16_t to_float16(float value) {
    const uint32_t bits = bits_of(value), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
    // Below 2^-14: adding 0.5 moves the wanted bits to the end of the mantissa, and the machine rounds them.
    const uint32_t subnormal = bits_of(from_bits(magnitude) + 0.5f) - 0x3f000000;
    // Otherwise the exponent is moved from bias 127 to 15 and 13 bits are rounded away.
    const uint32_t normal = (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
    const uint32_t special = magnitude > 0x7f800000 ? 0x7e00 : 0x7c00;
    uint32_t half = magnitude < 0x38800000 ? subnormal : normal;
    half = magnitude >= 0x477ff000 ? special : half;
    return (uint16_t)(sign | half);
}

static inline float from_float16(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16, magnitude = half & 0x7fff;
    const uint32_t normal = (magnitude << 13) + 0x38000000;
    const uint32_t special = magnitude << 13 | 0x7f800000;
    const uint32_t subnormal = bits_of((float)magnitude * 0x1p-24f);
    uint32_t bits = magnitude < 0x400 ? subnormal : normal;
    bits = magnitude >= 0x7c00 ? special : bits;
    return from_bits(sign | bits);
}

/// A real number within an integer type's range; NaN is 0.
#define TO_INTEGER(type, lowest, limit) \
    static inline type real_to_##type(double value) { \
        return value >= limit ? (type)(limit - 1) : value >= lowest ? (type)value : value != value ? 0 : (type)lowest; \
    }
TO_INTEGER(int32_t, -2147483648.0, 2147483648.0)
TO_INTEGER(int8_t, -128.0, 128.0)
TO_INTEGER(uint8_t, 0.0, 256.0)
static inline int64_t real_to_int64_t(double value) {
    return value >= 0x1p63 ? INT64_MAX : value >= -0x1p63 ? (int64_t)value : value != value ? 0 : INT64_MIN;
}

// What is read is one of three kinds: float, double, or int64_t; what is written depends on the kind.
#define READ_SAME(v) (v)
#define WRITE_REAL_INTEGER(type, v) _Generic((v), int64_t: (type)(v), default: real_to_##type((double)(v)))
#define WRITE_int64_t(v) WRITE_REAL_INTEGER(int64_t, v)
#define WRITE_int32_t(v) WRITE_REAL_INTEGER(int32_t, v)
#define WRITE_int8_t(v) WRITE_REAL_INTEGER(int8_t, v)
#define WRITE_uint8_t(v) WRITE_REAL_INTEGER(uint8_t, v)
#define WRITE_bool(v) ((v) != 0)
#define WRITE_float(v) ((float)(v))
#define WRITE_double(v) ((double)(v))
#define WRITE_bfloat16(v) to_bfloat16((float)(v))
#define WRITE_float16(v) to_float16((float)(v))

typedef struct {
    mk_dtype from, to;
    const void *x;
    void *y;
} cast_context;

#define LOOP(from_type, to_type, storage, read)                                          \
    {                                                                                    \
        const from_type *x = c->x;                                                       \
        storage *y = c->y;                                                               \
        for (size_t i = begin; i < end; i++) y[i] = (storage)WRITE_##to_type(read(x[i])); \
        break;                                                                           \
    }
#define FROM(label, from_type, read)                                     \
    case label:                                                          \
        switch (c->to) {                                                 \
        case MK_FLOAT32: LOOP(from_type, float, float, read)             \
        case MK_FLOAT64: LOOP(from_type, double, double, read)           \
        case MK_BFLOAT16: LOOP(from_type, bfloat16, uint16_t, read)      \
        case MK_FLOAT16: LOOP(from_type, float16, uint16_t, read)        \
        case MK_INT64: LOOP(from_type, int64_t, int64_t, read)           \
        case MK_INT32: LOOP(from_type, int32_t, int32_t, read)           \
        case MK_INT8: LOOP(from_type, int8_t, int8_t, read)              \
        case MK_UINT8: LOOP(from_type, uint8_t, uint8_t, read)           \
        case MK_BOOL: LOOP(from_type, bool, uint8_t, read)               \
        }                                                                \
        break;

static void cast_range(void *argument, size_t begin, size_t end) {
    const cast_context *c = argument;
    switch (c->from) {
        FROM(MK_FLOAT32, float, READ_SAME)
        FROM(MK_FLOAT64, double, READ_SAME)
        FROM(MK_BFLOAT16, uint16_t, from_bfloat16)
        FROM(MK_FLOAT16, uint16_t, from_float16)
        FROM(MK_INT64, int64_t, (int64_t))
        FROM(MK_INT32, int32_t, (int64_t))
        FROM(MK_INT8, int8_t, (int64_t))
        FROM(MK_UINT8, uint8_t, (int64_t))
        FROM(MK_BOOL, uint8_t, (int64_t))
    }
}

void mk_cast(mk_dtype from, const void *x, mk_dtype to, void *y, size_t n) {
    cast_context context = {from, to, x, y};
    mk_for(n, 32768, cast_range, &context);
}
