// Reductions of the middle dimension of x [outer, n, inner] to y [outer, inner].
//
// Sums are taken over chunks of fixed length, then over the chunks, so a result has the same bits
// whatever the number of threads, and its error grows with log n rather than n.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef enum mk_reduce_op {
    MK_REDUCE_SUM,
    MK_REDUCE_SUM_OF_SQUARES,
    MK_REDUCE_MAX,  // NaN if there is one; n must not be 0
    MK_REDUCE_MIN,
} mk_reduce_op;

typedef struct mk_reduce_table {
    /// y = scale · reduction (scale is used for sums only: 1/n makes a mean).
    void (*reduce)(mk_reduce_op op, double scale, const void *x, void *y, size_t outer, size_t n, size_t inner);
    /// The first position of the largest (or smallest) element; NaN counts as both.
    void (*arg_extreme)(int smallest, const void *x, int32_t *y, size_t outer, size_t n, size_t inner);
    /// dx = dy shared equally by the elements equal to y, 0 elsewhere: the gradient of max and min.
    void (*extreme_backward)(const void *x, const void *y, const void *dy, void *dx, size_t outer, size_t n,
                             size_t inner);
    /// The sum of all squares, in double: for gradient norms.
    double (*sum_of_squares)(const void *x, size_t n);
} mk_reduce_table;
