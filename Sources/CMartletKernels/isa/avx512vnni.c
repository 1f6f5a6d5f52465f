// 512 bits, and sums of products of bytes in one instruction: Intel since Ice Lake, AMD since Zen 4.
#include "../kernels/includes.h"
#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"))), apply_to = function)

#define MK_NAME avx512vnni
#define mk_real float
#define MK_FLOAT64 0
#define MK_WIDTH 16
#define MK_REGISTERS 32
#define MK_HAS_FMA 1
#define MK_SIMD_INT8 4
#define MK_BFLOAT16 1
#include "../kernels/table.inc"

#pragma clang attribute pop
#endif
