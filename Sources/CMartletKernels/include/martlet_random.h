// Random numbers that are a function of (key, position): the same bits on every machine, in any order,
// on any number of threads. Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
//
// `counter` counts blocks of four 32-bit words. Filling n elements uses mk_random_blocks(n, words) blocks,
// with the words per element given below; the next call starts after them.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// The blocks used by n elements of `words` words each.
uint64_t mk_random_blocks(size_t n, int words);
/// The block of a key at a position.
void mk_random_block(uint64_t key, uint64_t counter, uint32_t words[4]);
/// The words of `blocks` blocks from a position on, block by block.
void mk_random_words(uint64_t key, uint64_t counter, size_t blocks, uint32_t *words);

/// Uniform in [0, 1): one word each, 24 bits.
void mk_random_uniform_float(uint64_t key, uint64_t counter, float *y, size_t n);
/// Uniform in [0, 1): two words each, 53 bits.
void mk_random_uniform_double(uint64_t key, uint64_t counter, double *y, size_t n);
/// Standard normal: one word each, by the inverse distribution function (Wichura 1988, AS 241).
void mk_random_normal_float(uint64_t key, uint64_t counter, float *y, size_t n);
/// Standard normal: two words each.
void mk_random_normal_double(uint64_t key, uint64_t counter, double *y, size_t n);
/// 1 with the given probability, else 0: one word each.
void mk_random_bernoulli(uint64_t key, uint64_t counter, double probability, uint8_t *y, size_t n);
/// Uniform in low ..< high, high > low: two words each.
void mk_random_integers(uint64_t key, uint64_t counter, int64_t low, int64_t high, int64_t *y, size_t n);
/// 0 ..< n in random order (Fisher and Yates): two words each.
void mk_random_permutation(uint64_t key, uint64_t counter, int64_t *y, size_t n);

/// The quantile function of the standard normal distribution, 0 < p < 1, to about 1 part in 10^16.
double mk_normal_quantile(double p);
