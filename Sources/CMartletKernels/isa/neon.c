// 128 bits and multiply-add: every 64-bit ARM.
#include "../kernels/includes.h"
#if defined(__aarch64__)

#define MK_NAME neon
#define mk_real float
#define MK_FLOAT64 0
#define MK_WIDTH 4
#define MK_REGISTERS 32
#define MK_HAS_FMA 1
#define MK_SIMD_INT8 0
#include "../kernels/table.inc"
#endif
