// 256 bits and multiply-add: x86 since 2013.
#include "../kernels/includes.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define MK_NAME avx2
#define mk_real float
#define MK_FLOAT64 0
#define MK_WIDTH 8
#define MK_REGISTERS 16
#define MK_HAS_FMA 1
#define MK_SIMD_INT8 2
#include "../kernels/table.inc"

#pragma clang attribute pop
#endif
