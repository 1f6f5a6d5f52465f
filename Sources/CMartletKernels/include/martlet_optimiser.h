// Optimiser steps over one parameter buffer, fused: the formulas of PyTorch's SGD, Adam and AdamW.
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct mk_sgd_options {
    double learning_rate;
    double momentum;
    double dampening;
    /// L2: added to the gradient.
    double weight_decay;
    bool nesterov;
    /// The first step starts the velocity with the gradient itself, without dampening.
    bool first_step;
} mk_sgd_options;

typedef struct mk_adam_options {
    double learning_rate;
    double beta1, beta2;
    double epsilon;
    double weight_decay;
    /// true: AdamW (Loshchilov and Hutter 2019), the weights shrink by learning_rate · weight_decay.
    /// false: Adam (Kingma and Ba 2015), weight_decay · weight is added to the gradient.
    bool decoupled;
    /// Steps done, with this one: 1, 2, …
    long step;
} mk_adam_options;

typedef struct mk_optimiser_table {
    /// The velocity may be NULL without momentum.
    void (*sgd)(const mk_sgd_options *options, const void *gradient, void *velocity, void *weights, size_t n);
    /// m and v: the running means of the gradient and of its square, zeros before the first step.
    void (*adam)(const mk_adam_options *options, const void *gradient, void *m, void *v, void *weights, size_t n);
} mk_optimiser_table;
