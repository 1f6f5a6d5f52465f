// Four floats at a time with what every CPU of this architecture has: the reference for the others.
#include "../kernels/includes.h"

#define MK_NAME scalar
#define mk_real float
#define MK_FLOAT64 0
#define MK_WIDTH 4
#define MK_REGISTERS 16
#define MK_HAS_FMA 0
#define MK_SIMD_INT8 0
#include "../kernels/table.inc"

