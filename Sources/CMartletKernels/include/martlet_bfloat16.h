// Products of float32 matrices whose numbers are rounded to bfloat16 as they are read; sums are float32.
//
// On CPUs with AMX tiles (Intel since Sapphire Rapids) or AVX-512 BF16 (AMD since Zen 4, Intel since Cooper Lake). Rounding is to
// the nearest, halves to even; numbers smaller than the smallest normal one count as 0.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How this machine, with the instruction set in use, multiplies bfloat16: "amx", "avx512bf16", or NULL: it cannot, or not faster
/// than float32. MARTLET_BFLOAT16=avx512bf16 takes the vectors wherever they are, MARTLET_BFLOAT16=none neither.
const char *mk_bfloat16_way(void);

/// Whether products of float32 matrices that this thread starts are rounded so from now on, where the machine can; gives what it
/// was before. Products of at most two rows, or of little work, stay float32's.
bool mk_set_bfloat16(bool wanted);
/// Whether this thread wants it, and the machine can.
bool mk_bfloat16_wanted(void);

/// C [m, n] = A [m, k] · B [k, n]  (+ C, if accumulate)  (+ bias [n], if not NULL); as mk_matmul_table's, of float32.
void mk_bfloat16_gemm(size_t m, size_t n, size_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b,
                      ptrdiff_t b_row, ptrdiff_t b_column, float *c, ptrdiff_t c_row, int accumulate, const float *bias);

// The parts, for kernels that keep an operand packed. Lines are rows of A or columns of B, in panels of 16; numbers of k come in
// blocks of 32; what is missing of both is zero.

/// Bytes of `lines` packed lines of `k` numbers.
size_t mk_bfloat16_bytes(size_t lines, size_t k);
/// Packs `lines` lines of numbers first ..< first + count of k: lines are `line` apart, their numbers `step`. Other numbers of
/// the same blocks are left as they are, as other workers may pack them; those beyond k become zero with the last one before.
/// Fast where `first`, and `first + count` if it is not k, are multiples of 16.
void mk_bfloat16_pack_left(size_t lines, size_t first, size_t count, size_t k, const float *in, ptrdiff_t line, ptrdiff_t step,
                           void *out);
/// Packs all numbers of `lines` columns.
void mk_bfloat16_pack_right(size_t lines, size_t k, const float *in, ptrdiff_t line, ptrdiff_t step, void *out);
/// C [rows, columns] (+)= packed rows · packed columns (+ bias), on this thread alone; between begin and end. `next`, if not NULL, are
/// packed columns of `next_k` numbers that are multiplied soon: vectors fetch the first 32 of them meanwhile.
void mk_bfloat16_product(size_t rows, size_t columns, size_t k, const void *left, const void *right, float *c, ptrdiff_t c_row,
                         int accumulate, const float *bias, const void *next, size_t next_k);
/// What a thread does before and after such products.
void mk_bfloat16_begin(void);
void mk_bfloat16_end(void);

#ifdef __cplusplus
}
#endif
