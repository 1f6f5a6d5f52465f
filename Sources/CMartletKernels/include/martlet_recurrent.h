// Recurrent layers: one layer in one direction over whole sequences, forward and backward.
//
//   B  sequences    T  steps of the longest    D  width of the input    H  units
//   P  width of the state h: H, or that of the projection
//   G  gates: RNN 1, GRU 3 (r z n), LSTM 4 (i f g o)
//   N  real steps of all sequences together
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How weights are kept: in the table's element type, or quantised; see kernels/quantised.inc. MK_WEIGHTS_BFLOAT16 is not for a
/// layer: so the kernels pack plain weights for themselves where products are to be of bfloat16.
typedef enum mk_weight_type { MK_WEIGHTS_PLAIN, MK_WEIGHTS_INT8, MK_WEIGHTS_INT4, MK_WEIGHTS_BFLOAT16 } mk_weight_type;

/// MK_GRU resets after the product with the state (PyTorch, cuDNN), MK_GRU_RESET_FIRST before it (Cho et al. 2014).
typedef enum mk_cell { MK_RNN_TANH, MK_RNN_RELU, MK_GRU, MK_LSTM, MK_GRU_RESET_FIRST } mk_cell;

/// What a call makes: a layer's outputs and states; or only what the input's product gives, with its offsets (of the GRU all but
/// b_hn), as rows of G·H; or the outputs and states from such rows. Halves are not for training.
typedef enum mk_recurrent_stage { MK_RECURRENT_WHOLE, MK_RECURRENT_INPUT, MK_RECURRENT_STATE } mk_recurrent_stage;

/// One layer in one direction. Every array is in the table's element type and row-major.
typedef struct mk_recurrent_layer {
    mk_cell cell;
    /// 1: each sequence is read from its own last step to its first.
    int reverse;
    /// state: P; H but for an LSTM with a projection.
    size_t batch, time, input, hidden, state;
    /// Real steps of each sequence, 0 … time; NULL: all of them.
    const int32_t *lengths;
    /// [B, T]: at which times the real steps of each sequence are, ascending, as many as its length; NULL: 0, 1, 2 …
    const int32_t *positions;
    /// [G·H, D] and [G·H, P]; biases [G·H] or NULL.
    const void *weight_ih, *weight_hh, *bias_ih, *bias_hh;
    /// The LSTM's projection [P, H], or NULL; its peepholes [3·H] (i f o), or NULL.
    const void *weight_hr, *peephole;
    /// How the three weights are kept. MK_WEIGHTS_INT8: a byte a number, and a float32 scale for each row; MK_WEIGHTS_INT4: two
    /// numbers q + 8 a byte, the even one in its low half, and a float32 scale for each 32 numbers of each row. Not for training.
    mk_weight_type weights;
    const float *scale_ih, *scale_hh, *scale_hr;
    /// [B, T, D]; for MK_RECURRENT_STATE [B, T, G·H].
    const void *x;
    mk_recurrent_stage stage;
    /// [B, P] and [B, H], or NULL: zeros. c0 is for the LSTM.
    const void *h0, *c0;
    /// [B, P]: what the state is multiplied with before W_hh sees it, at every step; or NULL.
    const void *state_mask;
} mk_recurrent_layer;

/// Gradients. Those of the inputs are overwritten; NULL where not wanted.
typedef struct mk_recurrent_gradients {
    /// Of the output: rows `dy_row` elements apart, or NULL: zero. Of the last states [B, P] and [B, H], or NULL.
    const void *dy;
    ptrdiff_t dy_row;
    const void *dh_n, *dc_n;
    /// [B, T, D]; added to if `add_dx`, overwritten otherwise (padding: 0).
    void *dx;
    int add_dx;
    void *dweight_ih, *dweight_hh, *dbias_ih, *dbias_hh, *dweight_hr, *dpeephole, *dh0, *dc0;
} mk_recurrent_gradients;

/// A layer's weights as the steps read them, packed once for many calls: shared out in `parts` among the workers. Results do
/// not depend on it.
typedef struct mk_recurrent_packed {
    int parts;
    /// W_ih, W_hh, and the projection (or nothing).
    void *input, *state, *second;
} mk_recurrent_packed;

typedef struct mk_recurrent_table {
    /// Elements that `forward` leaves for `backward`.
    size_t (*saved_count)(const mk_recurrent_layer *layer);
    /// Bytes of the three arrays of a layer's packed weights, in so many parts.
    void (*packed_bytes)(const mk_recurrent_layer *layer, int parts, size_t bytes[3]);
    void (*pack)(const mk_recurrent_layer *layer, const mk_recurrent_packed *to);
    /// y: output of step t of sequence b at y + (b · T + t) · y_row, P elements, 0 where there is no real step.
    /// Of MK_RECURRENT_INPUT y has G·H elements, and there are no states.
    /// h_n [B, P], c_n [B, H]: the states after the last step; c_n for the LSTM. saved: saved_count elements, or NULL.
    /// packed: the weights packed before; or NULL, if they are not quantised.
    void (*forward)(const mk_recurrent_layer *layer, const mk_recurrent_packed *packed, void *y, ptrdiff_t y_row, void *h_n,
                    void *c_n, void *saved);
    void (*backward)(const mk_recurrent_layer *layer, const void *saved, const mk_recurrent_gradients *gradients);
} mk_recurrent_table;

#ifdef __cplusplus
}
#endif
