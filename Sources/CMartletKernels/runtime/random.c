// Philox4x32-10 and what is drawn from it. Plain IEEE arithmetic without contraction and without the C
// library's functions, so that every machine type gives the same bits.
#include "martlet_random.h"

#include "martlet_runtime.h"

#include <math.h>
#include <string.h>

enum { batch = 64 };  // blocks generated together, so that the compiler can use vectors

/// Words of the blocks counter ..< counter + count, word w of block b at words[w][b].
static void philox(uint64_t key, uint64_t counter, int count, uint32_t words[4][batch]) {
    for (int b = 0; b < count; b++) {
        words[0][b] = (uint32_t)(counter + (uint64_t)b);
        words[1][b] = (uint32_t)((counter + (uint64_t)b) >> 32);
        words[2][b] = words[3][b] = 0;
    }
    uint32_t key0 = (uint32_t)key, key1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
        for (int b = 0; b < count; b++) {
            uint64_t product0 = (uint64_t)0xD2511F53u * words[0][b];
            uint64_t product1 = (uint64_t)0xCD9E8D57u * words[2][b];
            words[0][b] = (uint32_t)(product1 >> 32) ^ words[1][b] ^ key0;
            words[1][b] = (uint32_t)product1;
            words[2][b] = (uint32_t)(product0 >> 32) ^ words[3][b] ^ key1;
            words[3][b] = (uint32_t)product0;
        }
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
}

void mk_random_block(uint64_t key, uint64_t counter, uint32_t words[4]) {
    uint32_t block[4][batch];
    philox(key, counter, 1, block);
    for (int w = 0; w < 4; w++) words[w] = block[w][0];
}

void mk_random_words(uint64_t key, uint64_t counter, size_t blocks, uint32_t *words) {
    uint32_t together[4][batch];
    for (size_t first = 0; first < blocks; first += batch) {
        const int count = (int)(blocks - first < batch ? blocks - first : batch);
        philox(key, counter + first, count, together);
        for (int b = 0; b < count; b++)
            for (int w = 0; w < 4; w++) *words++ = together[w][b];
    }
}

uint64_t mk_random_blocks(size_t n, int words) { return ((uint64_t)n * (uint64_t)words + 3) / 4; }

// MARK: Normal numbers

/// The natural logarithm of 0 < x < 1 (normal numbers): x = 2^e m with √½ <= m < √2,
/// log m = 2 artanh((m - 1) / (m + 1)) by its series; the last term left out is below 2^-56 of the sum.
static double portable_log(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> 52 & 0x7ff) - 1023;
    bits = (bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.4142135623730951) m *= 0.5, exponent++;
    const double s = (m - 1) / (m + 1), s2 = s * s;
    double sum = 1.0 / 21;
    for (int odd = 19; odd >= 1; odd -= 2) sum = sum * s2 + 1.0 / odd;
    return exponent * 0.69314718055994531 + 2 * s * sum;
}

static double polynomial(const double *coefficients, int degree, double x) {
    double value = coefficients[degree];
    for (int i = degree - 1; i >= 0; i--) value = value * x + coefficients[i];
    return value;
}

double mk_normal_quantile(double p) {
    // Rational approximations of degree 7 in three regions (Wichura 1988, Applied Statistics 37, AS 241, PPND16).
    static const double central_over[] = {
        3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
        4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3};
    static const double central_under[] = {
        1.0,                     4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
        2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3};
    static const double middle_over[] = {
        1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
        1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double middle_under[] = {
        1.0,                       2.05319162663775882187e0,  1.67638483018380384940e0,  6.89767334985100004550e-1,
        1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9};
    static const double tail_over[] = {
        6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,  2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double tail_under[] = {
        1.0,                       5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15};
    const double q = p - 0.5;
    if (q >= -0.425 && q <= 0.425) {
        const double r = 0.180625 - q * q;
        return q * polynomial(central_over, 7, r) / polynomial(central_under, 7, r);
    }
    double r = sqrt(-portable_log(q < 0 ? p : 1 - p)), value;
    if (r <= 5) {
        r -= 1.6;
        value = polynomial(middle_over, 7, r) / polynomial(middle_under, 7, r);
    } else {
        r -= 5;
        value = polynomial(tail_over, 7, r) / polynomial(tail_under, 7, r);
    }
    return q < 0 ? -value : value;
}

// MARK: Filling

typedef struct {
    uint64_t key, counter;
    void *y;
    size_t n;
    uint32_t threshold;
    int64_t low;
    uint64_t span;
} fill_context;

/// Calls `store` with each element's words. Items are batches of blocks; an element takes 1 or 2 words.
#define FILL(name, words_each, type, expression)                                                    \
    static void name##_range(void *argument, size_t begin, size_t end) {                            \
        const fill_context *c = argument;                                                           \
        enum { per_block = 4 / words_each };                                                        \
        uint32_t words[4][batch];                                                                   \
        for (size_t item = begin; item < end; item++) {                                             \
            philox(c->key, c->counter + item * batch, batch, words);                                \
            size_t at = item * batch * per_block, last = at + batch * per_block;                    \
            if (last > c->n) last = c->n;                                                           \
            for (int i = 0; at < last; i++, at++) {                                                 \
                const uint32_t first = words[i % per_block * words_each][i / per_block];            \
                const uint32_t second = words[i % per_block * words_each + words_each - 1][i / per_block]; \
                (void)second;                                                                       \
                ((type *)c->y)[at] = expression;                                                    \
            }                                                                                       \
        }                                                                                           \
    }                                                                                               \
    static void name(fill_context context) {                                                        \
        size_t items = (context.n * words_each + 4 * batch - 1) / (4 * batch);                      \
        mk_for(items, 32, name##_range, &context);                                                  \
    }

static inline double uniform_53(uint32_t first, uint32_t second) {
    return (double)(((uint64_t)first << 32 | second) >> 11) * 0x1p-53;
}

static inline double open_53(uint32_t first, uint32_t second) {
    return ((double)(((uint64_t)first << 32 | second) >> 12) + 0.5) * 0x1p-52;
}

static inline int64_t integer_below(uint64_t span, uint32_t first, uint32_t second) {
    return (int64_t)(uint64_t)((unsigned __int128)((uint64_t)first << 32 | second) * span >> 64);
}

FILL(uniform_float, 1, float, (float)(first >> 8) * 0x1p-24f)
FILL(uniform_double, 2, double, uniform_53(first, second))
FILL(normal_float, 1, float, (float)mk_normal_quantile(((double)first + 0.5) * 0x1p-32))
FILL(normal_double, 2, double, mk_normal_quantile(open_53(first, second)))
FILL(bernoulli, 1, uint8_t, first < c->threshold)
FILL(integers, 2, int64_t, c->low + integer_below(c->span, first, second))

void mk_random_uniform_float(uint64_t key, uint64_t counter, float *y, size_t n) {
    uniform_float((fill_context){.key = key, .counter = counter, .y = y, .n = n});
}

void mk_random_uniform_double(uint64_t key, uint64_t counter, double *y, size_t n) {
    uniform_double((fill_context){.key = key, .counter = counter, .y = y, .n = n});
}

void mk_random_normal_float(uint64_t key, uint64_t counter, float *y, size_t n) {
    normal_float((fill_context){.key = key, .counter = counter, .y = y, .n = n});
}

void mk_random_normal_double(uint64_t key, uint64_t counter, double *y, size_t n) {
    normal_double((fill_context){.key = key, .counter = counter, .y = y, .n = n});
}

void mk_random_bernoulli(uint64_t key, uint64_t counter, double probability, uint8_t *y, size_t n) {
    if (probability >= 1) {
        memset(y, 1, n);
        return;
    }
    const double scaled = probability > 0 ? probability * 0x1p32 : 0;
    bernoulli((fill_context){.key = key, .counter = counter, .y = y, .n = n, .threshold = (uint32_t)scaled});
}

void mk_random_integers(uint64_t key, uint64_t counter, int64_t low, int64_t high, int64_t *y, size_t n) {
    integers((fill_context){
        .key = key, .counter = counter, .y = y, .n = n, .low = low, .span = (uint64_t)high - (uint64_t)low});
}

void mk_random_permutation(uint64_t key, uint64_t counter, int64_t *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = (int64_t)i;
    for (size_t i = n; i > 1; i--) {
        uint32_t words[4];
        mk_random_block(key, counter + (n - i) / 2, words);
        const size_t pair = (n - i) % 2 * 2;
        const int64_t other = integer_below(i, words[pair], words[pair + 1]);
        const int64_t moved = y[i - 1];
        y[i - 1] = y[other];
        y[other] = moved;
    }
}
