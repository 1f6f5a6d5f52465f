// Linear layers for inference: weights packed once, and what follows a product done while its rows are near.
//
//   m  rows    k  numbers of a row of the input    n  numbers of a row of the output
#pragma once

#include "martlet_recurrent.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The most layers of a chain.
enum { MK_LINEAR_STEPS = 8 };

/// One layer of a chain: f(x Wᵀ + b), or that with rows added to it, normalised.
typedef struct mk_linear {
    /// How the packed weights are kept: MK_WEIGHTS_PLAIN, MK_WEIGHTS_INT8 or MK_WEIGHTS_BFLOAT16.
    mk_weight_type type;
    size_t n, k;
    const void *packed;
    /// [n], or NULL.
    const void *bias;
    /// f, an mk_unary_op; -1: none.
    int activation;
    /// What is added afterwards: rows [m, n], contiguous, or the output of the step `residual_step` of the chain; NULL and -1: nothing.
    const void *residual;
    int residual_step;
    /// Whether rows are then normalised, with mean 0 and variance 1 (see mk_nn_table); gamma and beta [n] may be NULL.
    int normalises;
    const void *gamma, *beta;
    double epsilon;
    /// [m, n], contiguous: where the output goes; NULL: only to the steps after this one.
    void *y;
} mk_linear;

typedef struct mk_linear_table {
    /// Bytes of packed weights [n, k].
    size_t (*packed_bytes)(mk_weight_type type, size_t n, size_t k);
    /// Packs weights: of the table's element type, W[i, p] at i · row + p · column, for MK_WEIGHTS_PLAIN and MK_WEIGHTS_BFLOAT16;
    /// bytes [n, k], contiguous, with a scale for each row, for MK_WEIGHTS_INT8.
    void (*pack)(mk_weight_type type, size_t n, size_t k, const void *weight, ptrdiff_t row, ptrdiff_t column, const float *scales,
                 void *packed);
    /// Runs a chain of at most MK_LINEAR_STEPS layers over m rows of x, `x_row` apart, each on what the one before gave. A row's
    /// bits depend neither on the other rows nor on the workers; those of MK_WEIGHTS_PLAIN are the same as of a product, an
    /// activation, a sum and a norm one after another.
    void (*run)(const mk_linear *steps, size_t count, size_t m, const void *x, ptrdiff_t x_row);
} mk_linear_table;

#ifdef __cplusplus
}
#endif
