// The C core of Martlet: kernels on raw memory, chosen once for the machine's instruction set.
//
//   runtime.h      instruction sets, worker pool, allocator
//   elementwise.h  … and the other kernel families: one header, one table and one kernels/<family>.inc each
//
// A family's table is filled once per instruction set (isa/*.c include every kernels/*.inc with
// another vector type) and once for doubles, in plain C, which gradient checks use. The two share
// their types: data is `void *`, in the table's element type, and scalars are doubles.
#pragma once

#include "martlet_additive_attention.h"
#include "martlet_attention.h"
#include "martlet_bfloat16.h"
#include "martlet_matmul.h"
#include "martlet_convolution.h"
#include "martlet_copy.h"
#include "martlet_elementwise.h"
#include "martlet_likelihood.h"
#include "martlet_linear.h"
#include "martlet_nn.h"
#include "martlet_optimiser.h"
#include "martlet_random.h"
#include "martlet_recurrent.h"
#include "martlet_reduce.h"
#include "martlet_runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Every kernel of one element type on one instruction set.
typedef struct mk_kernels {
    /// "avx512vnni", "avx512", "avx2", "neon", "scalar" or "float64".
    const char *name;
    /// The size of one element in bytes: 4 or 8.
    int element_size;
    mk_matmul_table matmul;
    mk_linear_table linear;
    mk_convolution_table convolution;
    mk_elementwise_table elementwise;
    mk_reduce_table reduce;
    mk_nn_table nn;
    mk_likelihood_table likelihood;
    mk_optimiser_table optimiser;
    mk_recurrent_table recurrent;
    mk_attention_table attention;
    mk_additive_attention_table additive_attention;
} mk_kernels;

/// The float32 kernels of the chosen instruction set (see mk_isa).
const mk_kernels *mk_float32(void);
/// The float64 kernels: plain C on every machine, for checks.
const mk_kernels *mk_float64(void);
/// The float32 kernels of a named instruction set, or NULL if this build or machine lacks it.
const mk_kernels *mk_float32_for(const char *isa);

#ifdef __cplusplus
}
#endif
