// The tables of this build, one per instruction set; see isa/*.c.
#pragma once

#include "martlet_kernels.h"

extern const mk_kernels mk_kernels_scalar;
extern const mk_kernels mk_kernels_avx2;
extern const mk_kernels mk_kernels_avx512;
extern const mk_kernels mk_kernels_avx512vnni;
extern const mk_kernels mk_kernels_neon;
extern const mk_kernels mk_kernels_float64;
