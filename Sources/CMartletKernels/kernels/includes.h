// What every kernel may use. Included before an instruction set is switched on, so that the
// functions of these headers stay plain.
#pragma once

#include "martlet_bfloat16.h"
#include "nd.h"
#include "tables.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif
