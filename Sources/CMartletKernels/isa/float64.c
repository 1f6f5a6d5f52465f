// Doubles in plain C, one at a time, with the C library's functions: what gradient checks run on.
#include "../kernels/includes.h"

#define MK_NAME float64
#define mk_real double
#define MK_FLOAT64 1
#define MK_WIDTH 1
#define MK_REGISTERS 16
#define MK_HAS_FMA 0
#define MK_SIMD_INT8 0
#include "../kernels/table.inc"
