// Operations element by element: one operand, two operands with broadcasting, comparisons, selection.
//
// Sizes and strides count elements and may be negative or 0 (a broadcast dimension). Results are
// contiguous, in row-major order. An operand may be its own result if it is contiguous and of full size.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// The most dimensions a tensor may have.
enum { MK_MAX_RANK = 8 };

/// y = f(x). After the colon: what the gradient needs, x or y or neither.
typedef enum mk_unary_op {
    MK_NEGATE,       // :
    MK_EXP,          // : y
    MK_LOG,          // : x
    MK_SQRT,         // : y
    MK_RSQRT,        // : y
    MK_ABS,          // : x
    MK_TANH,         // : y
    MK_SIGMOID,      // : y
    MK_RELU,         // : y
    MK_SQUARE,       // : x
    MK_RECIPROCAL,   // : y
    MK_SIN,          // : x
    MK_COS,          // : x
    MK_ERF,          // : x
    MK_GELU,         // : x    x Φ(x), with the error function
    MK_GELU_TANH,    // : x    its approximation by tanh (Hendrycks and Gimpel 2016)
    MK_SILU,         // : x    x sigmoid(x)
    MK_SOFTPLUS,     // : x    log(1 + e^x)
    MK_LOG_SIGMOID,  // : x    log(sigmoid(x))
    MK_LOG1P,        // : x
    MK_EXPM1,        // : y
    MK_SIGN,         // : the gradient of this and the next ones is 0
    MK_FLOOR,
    MK_CEIL,
    MK_ROUND,        // halves to even
} mk_unary_op;

/// y = f(a, b).
typedef enum mk_binary_op {
    MK_ADD,
    MK_SUBTRACT,
    MK_MULTIPLY,
    MK_DIVIDE,
    MK_MAXIMUM,
    MK_MINIMUM,
    MK_POWER,
    MK_SQUARED_DIFFERENCE,  // (a - b)²
} mk_binary_op;

/// y = 1 if a ? b, else 0, as bytes.
typedef enum mk_compare_op {
    MK_EQUAL,
    MK_NOT_EQUAL,
    MK_LESS,
    MK_LESS_EQUAL,
    MK_GREATER,
    MK_GREATER_EQUAL,
} mk_compare_op;

typedef struct mk_elementwise_table {
    void (*unary)(mk_unary_op op, const void *x, void *y, size_t n);
    /// dx = f'(x) dy; x or y may be NULL where the gradient does not need it.
    void (*unary_backward)(mk_unary_op op, const void *x, const void *y, const void *dy, void *dx, size_t n);

    /// y = f(gate) up, f one of MK_SILU, MK_GELU, MK_GELU_TANH, MK_SIGMOID and MK_RELU.
    void (*gated)(mk_unary_op op, const void *gate, const void *up, void *y, size_t n);
    /// dgate = f'(gate) up dy and dup = f(gate) dy.
    void (*gated_backward)(mk_unary_op op, const void *gate, const void *up, const void *dy, void *dgate, void *dup,
                           size_t n);

    void (*binary)(mk_binary_op op, int rank, const ptrdiff_t *sizes, const void *a, const ptrdiff_t *a_strides,
                   const void *b, const ptrdiff_t *b_strides, void *y);
    /// The gradients of both operands before a broadcast one is summed: contiguous, of the size of dy
    /// (contiguous too). Either may be NULL. At a tie, maximum and minimum give each operand half.
    void (*binary_backward)(mk_binary_op op, int rank, const ptrdiff_t *sizes, const void *a,
                            const ptrdiff_t *a_strides, const void *b, const ptrdiff_t *b_strides,
                            const void *dy, void *da, void *db);
    void (*compare)(mk_compare_op op, int rank, const ptrdiff_t *sizes, const void *a,
                    const ptrdiff_t *a_strides, const void *b, const ptrdiff_t *b_strides, uint8_t *y);
    /// y = condition ? a : b.
    void (*select)(int rank, const ptrdiff_t *sizes, const uint8_t *condition,
                   const ptrdiff_t *condition_strides, const void *a, const ptrdiff_t *a_strides, const void *b,
                   const ptrdiff_t *b_strides, void *y);

    /// y = x within [low, high]; NaN stays.
    void (*clamp)(const void *x, double low, double high, void *y, size_t n);
    /// dx = dy where low <= x <= high, else 0.
    void (*clamp_backward)(const void *x, double low, double high, const void *dy, void *dx, size_t n);
    /// y = scale · x.
    void (*scale)(double scale, const void *x, void *y, size_t n);
    /// y += scale · x.
    void (*axpy)(double scale, const void *x, void *y, size_t n);
    /// y = mask ? scale · x : 0, the mask in bytes: dropout, forward and backward.
    void (*mask_scale)(double scale, const uint8_t *mask, const void *x, void *y, size_t n);
} mk_elementwise_table;
