// Loops over n-dimensional operands: dimensions are merged where the strides of all operands allow
// it, and a flat range of the result is walked row by row.
#pragma once

#include "martlet_elementwise.h"

#include <stdbool.h>

enum { MK_ND_OPERANDS = 3 };
/// Elements below which splitting over threads does not pay.
enum { MK_GRAIN = 32768 };

typedef struct mk_nd {
    int rank;  // at least 1
    ptrdiff_t sizes[MK_MAX_RANK];
    ptrdiff_t strides[MK_ND_OPERANDS][MK_MAX_RANK];
    size_t count;  // elements in all
} mk_nd;

/// Merges the dimensions of `operands` operands; unused stride lists are NULL.
static inline mk_nd mk_nd_make(int rank, const ptrdiff_t *sizes, const ptrdiff_t *const strides[MK_ND_OPERANDS]) {
    mk_nd nd = {.rank = 0, .count = 1};
    for (int d = 0; d < rank; d++) {
        nd.count *= (size_t)sizes[d];
        if (sizes[d] == 1) continue;
        bool merge = nd.rank > 0;
        for (int o = 0; o < MK_ND_OPERANDS && merge; o++)
            if (strides[o]) merge = nd.strides[o][nd.rank - 1] == strides[o][d] * sizes[d];
        int slot = merge ? nd.rank - 1 : nd.rank++;
        nd.sizes[slot] = merge ? nd.sizes[slot] * sizes[d] : sizes[d];
        for (int o = 0; o < MK_ND_OPERANDS; o++) nd.strides[o][slot] = strides[o] ? strides[o][d] : 0;
    }
    if (nd.rank == 0) {
        nd.rank = 1;
        nd.sizes[0] = 1;
        for (int o = 0; o < MK_ND_OPERANDS; o++) nd.strides[o][0] = 1;
    }
    return nd;
}

/// A run of a row: elements of the result from `index` on, and where the operands stand.
typedef struct mk_nd_cursor {
    size_t index;
    size_t length;
    ptrdiff_t offset[MK_ND_OPERANDS];
    ptrdiff_t position[MK_MAX_RANK];
} mk_nd_cursor;

/// The first run of the flat range that begins at `begin`.
static inline mk_nd_cursor mk_nd_start(const mk_nd *nd, size_t begin, size_t end) {
    mk_nd_cursor cursor = {.index = begin};
    size_t rest = begin;
    for (int d = nd->rank - 1; d >= 0; d--) {
        cursor.position[d] = (ptrdiff_t)(rest % (size_t)nd->sizes[d]);
        rest /= (size_t)nd->sizes[d];
        for (int o = 0; o < MK_ND_OPERANDS; o++) cursor.offset[o] += cursor.position[d] * nd->strides[o][d];
    }
    size_t left = (size_t)(nd->sizes[nd->rank - 1] - cursor.position[nd->rank - 1]);
    cursor.length = left < end - begin ? left : end - begin;
    return cursor;
}

/// The next run; false at the end of the range.
static inline bool mk_nd_next(const mk_nd *nd, mk_nd_cursor *cursor, size_t end) {
    cursor->index += cursor->length;
    if (cursor->index >= end) return false;
    int d = nd->rank - 1;
    for (int o = 0; o < MK_ND_OPERANDS; o++) cursor->offset[o] -= cursor->position[d] * nd->strides[o][d];
    cursor->position[d] = 0;
    for (d--; d >= 0; d--) {
        for (int o = 0; o < MK_ND_OPERANDS; o++) cursor->offset[o] += nd->strides[o][d];
        if (++cursor->position[d] < nd->sizes[d]) break;
        for (int o = 0; o < MK_ND_OPERANDS; o++) cursor->offset[o] -= nd->sizes[d] * nd->strides[o][d];
        cursor->position[d] = 0;
    }
    size_t row = (size_t)nd->sizes[nd->rank - 1];
    cursor->length = row < end - cursor->index ? row : end - cursor->index;
    return true;
}
