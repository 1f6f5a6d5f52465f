// Recurrent layers: one layer in one direction over whole sequences, forward and backward.
//
//   B  sequences    T  steps of the longest    D  width of the input    H  width of the state
//   G  gates: RNN 1, GRU 3 (r z n), LSTM 4 (i f g o)
//   N  real steps of all sequences together
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mk_cell { MK_RNN_TANH, MK_RNN_RELU, MK_GRU, MK_LSTM } mk_cell;

/// One layer in one direction. Every array is in the table's element type and row-major.
typedef struct mk_recurrent_layer {
    mk_cell cell;
    /// 1: each sequence is read from its own last step to its first.
    int reverse;
    size_t batch, time, input, hidden;
    /// Real steps of each sequence, 0 … time; NULL: all of them.
    const int32_t *lengths;
    /// [G·H, D] and [G·H, H]; biases [G·H] or NULL.
    const void *weight_ih, *weight_hh, *bias_ih, *bias_hh;
    /// [B, T, D].
    const void *x;
    /// [B, H] or NULL: zeros. c0 is for the LSTM.
    const void *h0, *c0;
} mk_recurrent_layer;

/// Gradients. Those of the inputs are overwritten; NULL where not wanted.
typedef struct mk_recurrent_gradients {
    /// Of the output: rows `dy_row` elements apart, or NULL: zero. Of the last states [B, H], or NULL.
    const void *dy;
    ptrdiff_t dy_row;
    const void *dh_n, *dc_n;
    /// [B, T, D]; added to if `add_dx`, overwritten otherwise (padding: 0).
    void *dx;
    int add_dx;
    void *dweight_ih, *dweight_hh, *dbias_ih, *dbias_hh, *dh0, *dc0;
} mk_recurrent_gradients;

typedef struct mk_recurrent_table {
    /// Elements that `forward` leaves for `backward`.
    size_t (*saved_count)(const mk_recurrent_layer *layer);
    /// y: output of step t of sequence b at y + (b · T + t) · y_row, H elements, 0 beyond a sequence's length.
    /// h_n, c_n [B, H]: the states after the last step; c_n for the LSTM. saved: saved_count elements, or NULL.
    void (*forward)(const mk_recurrent_layer *layer, void *y, ptrdiff_t y_row, void *h_n, void *c_n, void *saved);
    void (*backward)(const mk_recurrent_layer *layer, const void *saved, const mk_recurrent_gradients *gradients);
} mk_recurrent_table;

#ifdef __cplusplus
}
#endif
