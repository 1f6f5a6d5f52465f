// How unlikely observed values are under distributions that a network gives, with the slopes for its gradient.
//
// Arrays are contiguous, an element each. An observation that is NaN is missing: its loss and slopes are 0.
#pragma once

#include <stddef.h>

typedef enum {
    /// a: mean, b: standard deviation.
    MK_GAUSSIAN,
    /// a: location, b: scale, c: degrees of freedom.
    MK_STUDENT_T,
    /// a: mean m, b: dispersion d; the variance is m + d m². Observations are counts, at least 0.
    MK_NEGATIVE_BINOMIAL,
} mk_distribution;

typedef struct mk_likelihood_table {
    /// losses = -log p(y | a, b, c) element by element, and their derivatives by a, b and c, each where it is not NULL.
    void (*negative_log)(mk_distribution kind, const void *y, const void *a, const void *b, const void *c, void *losses,
                         void *da, void *db, void *dc, size_t n);
    /// losses [rows] = Σ over the levels of max(level (y - q), (level - 1)(y - q)) for quantiles q [rows, n], and their
    /// derivative by q where it is not NULL; where y = q it is ½ - level.
    void (*pinball)(const void *y, const void *quantiles, const double *levels, void *losses, void *dquantiles,
                    size_t rows, size_t n);
} mk_likelihood_table;
