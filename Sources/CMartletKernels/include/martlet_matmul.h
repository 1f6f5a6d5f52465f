// Matrix products.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Matrix products of one element type; strides are in elements and may be anything, also 0.
///
/// Every element of C is one chain of multiply-adds in ascending k, cut into blocks of a fixed length whose
/// sums are added in order. So its bits depend neither on the number of threads nor on m and n: a row of a
/// batch has the same product alone as among others.
typedef struct mk_matmul_table {
    /// C [m, n] = A [m, k] · B [k, n]  (+ C, if accumulate)  (+ bias [n], if not NULL).
    /// C's rows are contiguous, `c_row` elements apart. Uses the worker pool.
    void (*gemm)(size_t m, size_t n, size_t k, const void *a, ptrdiff_t a_row, ptrdiff_t a_column,
                 const void *b, ptrdiff_t b_row, ptrdiff_t b_column, void *c, ptrdiff_t c_row,
                 int accumulate, const void *bias);
} mk_matmul_table;

#ifdef __cplusplus
}
#endif
