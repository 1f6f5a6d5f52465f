// Convolutions and pooling of planes: x [batch, in_channels, height, width], y [batch, out_channels, out_height, out_width].
//
// Arrays are contiguous. A convolution over time is one with planes of one row.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct mk_convolution {
    size_t batch;
    /// Channels of all groups together; each group reads in_channels / groups and writes out_channels / groups of them.
    size_t in_channels, out_channels, groups;
    size_t height, width;
    /// (height + 2 padding - dilation (kernel - 1) - 1) / stride + 1, rounded down; the width likewise.
    size_t out_height, out_width;
    size_t kernel_height, kernel_width;
    size_t stride_height, stride_width;
    /// Rows and columns of zeros (for a maximum: of nothing) on each side.
    size_t padding_height, padding_width;
    size_t dilation_height, dilation_width;
} mk_convolution;

typedef struct mk_convolution_table {
    /// y[b, o, p, q] = bias[o] + Σ_c,i,j weight[o, c, i, j] · x[b, c, p stride + i dilation - padding, q …]; the bias may be
    /// NULL. weight [out_channels, in_channels / groups, kernel_height, kernel_width].
    void (*forward)(const mk_convolution *shape, const void *x, const void *weight, const void *bias, void *y);
    /// The gradient of x.
    void (*backward_input)(const mk_convolution *shape, const void *weight, const void *dy, void *dx);
    /// The gradient of the weight.
    void (*backward_weight)(const mk_convolution *shape, const void *x, const void *dy, void *dweight);

    /// The largest element of each window (NaN if there is one), channel by channel; in `places` (of y's size, or NULL) which
    /// of the window's kernel_height · kernel_width elements it was, the first of equals.
    void (*maximum)(const mk_convolution *shape, const void *x, void *y, uint16_t *places);
    /// dx: each dy goes to the element that was the largest.
    void (*maximum_backward)(const mk_convolution *shape, const uint16_t *places, const void *dy, void *dx);
} mk_convolution_table;
