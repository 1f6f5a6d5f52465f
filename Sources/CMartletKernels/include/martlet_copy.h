// Moving elements about, whatever they mean: strided copies, conversions, looking rows up.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Element types.
typedef enum mk_dtype {
    MK_FLOAT32,
    MK_FLOAT64,
    MK_BFLOAT16,
    MK_FLOAT16,
    MK_INT64,
    MK_INT32,
    MK_INT8,
    MK_UINT8,
    MK_BOOL,
} mk_dtype;

/// Copies elements of 1, 2, 4 or 8 bytes from one strided layout to another. Strides count elements and may
/// be negative, or 0 in the source; the two must not overlap.
void mk_copy_strided(int element_size, int rank, const ptrdiff_t *sizes, const void *source,
                     const ptrdiff_t *source_strides, void *destination, const ptrdiff_t *destination_strides);

/// Converts n elements. Real numbers are rounded to nearest, halves to even; on the way to an integer they are
/// cut towards zero and held within its range, NaN becomes 0. Integers wrap. Anything but 0 is true.
void mk_cast(mk_dtype from, const void *x, mk_dtype to, void *y, size_t n);

/// y [outer, count, width] = rows `ids` of table [outer, table_rows, width], width in bytes.
void mk_gather_rows(const void *table, const int32_t *ids, void *y, size_t outer, size_t count, size_t table_rows,
                    size_t width_bytes);
/// y [outer, count, inner] = x [outer, n, inner] at the positions ids [outer, count, inner] along n.
void mk_gather_along(int element_size, const void *x, const int32_t *ids, void *y, size_t outer, size_t count,
                     size_t n, size_t inner);
/// The position of the first id outside 0 ..< limit, or -1; an id equal to `allowed` passes.
ptrdiff_t mk_find_outside(const int32_t *ids, size_t n, int64_t limit, int32_t allowed);
