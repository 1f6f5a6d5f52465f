// Scaled dot-product attention, fused, and rotary positions.
//
//   B  sequences    T  queries of a sequence    S  its keys
//   N  heads of the queries    G  heads of keys and values, N = G · R    K  width of a key    V  width of a value
//
// Query i of T stands at the position i + S - T, key j at j.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What is attended, and to what. Strides count elements; the innermost numbers (K, V) are contiguous.
typedef struct mk_attention {
    /// queries, keys: T and S, the largest where sequences differ.
    size_t batch, queries, keys, heads, groups, key_width, value_width;
    /// Sequences that lie one after another: T and S of each; NULL: they are T and S, and `*_batch` apart.
    const int32_t *query_counts, *key_counts;
    const void *q, *k, *v;
    ptrdiff_t q_batch, q_time, q_head, k_batch, k_time, k_head, v_batch, v_time, v_head;
    /// 1: a query sees keys up to its own position.
    int causal;
    /// 1: each query goes over the keys by itself, with the bits of a sequence that has it alone: for a few.
    int apart;
    /// A query sees keys less than this many positions away; -1: all.
    ptrdiff_t window;
    /// [B]: how many keys of each sequence are seen, or NULL: all.
    const int32_t *lengths;
    /// What products are multiplied with; what they are held within by a tanh afterwards, or 0: nothing.
    double scale, cap;
    /// [N, S + T - 1], contiguous, or NULL: added to the score of query i and key j, entry j - (i + S_b - T_b) + S - 1.
    const void *bias;
    /// 0: hidden. At b · visible_batch + n · visible_head + i · visible_query + j · visible_key; or NULL.
    const uint8_t *visible;
    ptrdiff_t visible_batch, visible_head, visible_query, visible_key;
    /// The probability with which a weight becomes 0, and the random numbers for it: of each row [B, T, N], ⌈S / 4⌉ blocks, a
    /// word a key.
    double dropout;
    uint64_t key, counter;
} mk_attention;

typedef struct mk_attention_table {
    /// y [B, T, N, V] = softmax(scale · q kᵀ + bias) v, 0 for a query that sees nothing. log_sums [B, T, N]: the logarithms to
    /// the base 2 of the softmax's sums, for the backward pass; ∞ for a query that sees nothing; or NULL.
    void (*forward)(const mk_attention *attention, void *y, void *log_sums);
    /// Gradients, contiguous, of the shapes of q, k, v; of the bias, or NULL. y and dy [B, T, N, V] are contiguous.
    void (*backward)(const mk_attention *attention, const void *y, const void *log_sums, const void *dy, void *dq, void *dk,
                     void *dv, void *dbias);
    /// y [rows, N, K], contiguous: x's rows, batch · time of them, turned by the angles position · frequency (Su et al. 2021).
    /// Of each head the first 2 · `pairs` numbers are turned: (2i, 2i + 1) if interleaved, else (i, i + pairs).
    /// positions [time], or [batch, time] if `positions_batch` is time. Cosine and sine are multiplied with `scale`;
    /// `inverse`: by the opposite angles, which is the gradient.
    void (*rotary)(size_t batch, size_t time, size_t heads, size_t width, const void *x, ptrdiff_t x_batch, ptrdiff_t x_time,
                   ptrdiff_t x_head, const int32_t *positions, size_t positions_batch, const void *frequencies, size_t pairs,
                   int interleaved, double scale, int inverse, void *y);
} mk_attention_table;

#ifdef __cplusplus
}
#endif
