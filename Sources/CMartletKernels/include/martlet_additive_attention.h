// Additive attention: a small network compares a query with each key.
//
//   B  sequences    T  queries of a sequence    S  its keys    A  width of the comparison    E  width of a value
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What is attended, and to what; all contiguous.
typedef struct mk_additive_attention {
    size_t batch, queries, keys, width, value_width;
    /// q [B, T, A], k [B, S, A], v [A], h [B, S, E].
    const void *q, *k, *v, *h;
    /// [B, S], 0: never attended to; or NULL: all are.
    const uint8_t *real;
    /// [B, T, S], and what it is multiplied with, [A]; or both NULL.
    const void *coverage, *coverage_weight;
} mk_additive_attention;

typedef struct mk_additive_attention_table {
    /// weights α [B, T, S] = softmax(Σ v tanh(q + k + coverage · coverage_weight)) over real keys, and y [B, T, E] = α h; both
    /// 0 for a sequence without any.
    void (*forward)(const mk_additive_attention *attention, void *y, void *weights);
    /// Gradients, from those of y and of the weights (either may be NULL: zero). `dk` and `dh`, of the shapes of k and h, are
    /// added to; `dq`, `dcoverage`, of the shapes of q and the coverage, and `dscores` [B, T, S], which is room to work in, are
    /// written; so are `dv` and `dcoverage_weight`, [B, A]: a part for each sequence. Those of the coverage are NULL without it.
    void (*backward)(const mk_additive_attention *attention, const void *weights, const void *dy, const void *dweights,
                     void *dscores, void *dq, void *dk, void *dv, void *dh, void *dcoverage, void *dcoverage_weight);
} mk_additive_attention_table;

#ifdef __cplusplus
}
#endif
