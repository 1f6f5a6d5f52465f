// What neural networks need beside products: softmax, losses, normalisation, embedding.
//
// Arrays are contiguous; `rows` rows of `n` elements unless said otherwise.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct mk_nn_table {
    /// y = softmax(x) over each row, or its logarithm.
    void (*softmax)(int logarithm, const void *x, void *y, size_t rows, size_t n);
    /// dx from y and dy; dx may be dy.
    void (*softmax_backward)(int logarithm, const void *y, const void *dy, void *dx, size_t rows, size_t n);
    /// y [rows] = log Σ exp x.
    void (*log_sum_exp)(const void *x, void *y, size_t rows, size_t n);
    /// dx = dy [rows] · softmax(x), from y = log_sum_exp(x).
    void (*log_sum_exp_backward)(const void *x, const void *y, const void *dy, void *dx, size_t rows, size_t n);
    /// positions [rows, k]: where the k largest of each row stand, the largest first, of equal ones the one in front; NaN counts
    /// as -∞. k <= n.
    void (*largest)(const void *x, int32_t *positions, size_t rows, size_t n, size_t k);

    /// losses [rows] = (1 - s) · -log p[label] + s / n · Σ -log p, and log_sums [rows] = log Σ exp x for the
    /// backward pass. A row whose label is `ignored` has the loss 0.
    void (*cross_entropy)(const void *x, const int32_t *labels, double smoothing, int32_t ignored, void *losses,
                          void *log_sums, size_t rows, size_t n);
    /// dx from the gradients of the losses [rows]; dx may be x.
    void (*cross_entropy_backward)(const void *x, const int32_t *labels, double smoothing, int32_t ignored,
                                   const void *log_sums, const void *dlosses, void *dx, size_t rows, size_t n);
    /// The losses, and in x's place their gradients times `share`; sums [n], if not NULL, gets the sum over the rows added to it.
    void (*cross_entropy_in_place)(void *x, const int32_t *labels, double smoothing, int32_t ignored, double share, void *losses,
                                   void *sums, size_t rows, size_t n);
    /// losses = log(1 + e^x) - t x: binary cross-entropy of logits x and targets t, element by element.
    void (*binary_cross_entropy)(const void *x, const void *targets, void *losses, size_t n);
    /// dx = (sigmoid(x) - t) · dlosses.
    void (*binary_cross_entropy_backward)(const void *x, const void *targets, const void *dlosses, void *dx,
                                          size_t n);

    /// y = (x - mean) / √(variance + epsilon) · gamma + beta over each row (Ba et al. 2016); mean and
    /// reciprocal deviation [rows] are kept. gamma and beta [n] may be NULL: 1 and 0.
    void (*layer_norm)(const void *x, const void *gamma, const void *beta, double epsilon, void *y, void *means,
                       void *reciprocals, size_t rows, size_t n);
    /// dx, dgamma and dbeta; the last two may be NULL. dx may be dy or x.
    void (*layer_norm_backward)(const void *x, const void *gamma, const void *means, const void *reciprocals,
                                const void *dy, void *dx, void *dgamma, void *dbeta, size_t rows, size_t n);
    /// y = x / √(mean(x²) + epsilon) · (gamma + offset) over each row (Zhang and Sennrich 2019); the reciprocal root
    /// [rows] is kept. gamma [n] may be NULL: a factor of 1.
    void (*rms_norm)(const void *x, const void *gamma, double offset, double epsilon, void *y, void *reciprocals,
                     size_t rows, size_t n);
    /// dx and dgamma, which may be NULL. dx may be dy or x.
    void (*rms_norm_backward)(const void *x, const void *gamma, double offset, const void *reciprocals, const void *dy,
                              void *dx, void *dgamma, size_t rows, size_t n);

    /// dtable [outer, table_rows, width]: for every id, the sum of the rows of dy [outer, count, width] that
    /// carry it, in their order; 0 for a row without one and for the row `padding` (-1: none). `add`: added to what is there.
    void (*scatter_rows)(const void *dy, const int32_t *ids, void *dtable, size_t outer, size_t count,
                         size_t table_rows, size_t width, int32_t padding, int add);
    /// y [outer, n, inner] += values [outer, count, inner] at the positions ids [outer, count, inner] along n.
    void (*scatter_along)(const void *values, const int32_t *ids, void *y, size_t outer, size_t count, size_t n,
                          size_t inner);
} mk_nn_table;
