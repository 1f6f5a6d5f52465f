// Strided copies and row look-ups on elements of any type.
//
// After dimensions are merged, the copy runs along rows of the innermost dimension. Where the source is
// contiguous along another dimension than the destination (a transpose), the two are copied in square
// tiles instead, so that each cache line is used in full.
#include "martlet_copy.h"

#include "../kernels/nd.h"
#include "martlet_runtime.h"

#include <string.h>

enum { tile = 32 };

typedef struct {
    int element_size;
    const char *source;
    char *destination;
    // Outer dimensions, then what one item copies: [rows, columns], the columns adjacent in the
    // destination and `column_step` apart in the source.
    int rank;
    ptrdiff_t sizes[MK_MAX_RANK], from[MK_MAX_RANK], to[MK_MAX_RANK];
    ptrdiff_t rows, row_from, row_to;
    ptrdiff_t columns, column_from, column_to;
    size_t row_tiles, column_tiles;
    ptrdiff_t row_tile, column_tile;
} copy_context;

#define COPY_BLOCK(type)                                                                                  \
    static void copy_##type(const copy_context *c, const type *source, type *destination, ptrdiff_t rows, \
                            ptrdiff_t columns) {                                                          \
        for (ptrdiff_t r = 0; r < rows; r++) {                                                            \
            const type *from = source + r * c->row_from;                                                  \
            type *to = destination + r * c->row_to;                                                       \
            if (c->column_from == 1 && c->column_to == 1)                                                 \
                memcpy(to, from, (size_t)columns * sizeof(type));                                         \
            else if (c->column_to == 1)                                                                   \
                for (ptrdiff_t i = 0; i < columns; i++) to[i] = from[i * c->column_from];                 \
            else                                                                                          \
                for (ptrdiff_t i = 0; i < columns; i++) to[i * c->column_to] = from[i * c->column_from];  \
        }                                                                                                 \
    }
COPY_BLOCK(uint8_t)
COPY_BLOCK(uint16_t)
COPY_BLOCK(uint32_t)
COPY_BLOCK(uint64_t)

/// Items are (outer position, tile of rows, tile of columns).
static void copy_range(void *argument, size_t begin, size_t end) {
    const copy_context *c = argument;
    for (size_t item = begin; item < end; item++) {
        ptrdiff_t column = (ptrdiff_t)(item % c->column_tiles) * c->column_tile;
        ptrdiff_t row = (ptrdiff_t)(item / c->column_tiles % c->row_tiles) * c->row_tile;
        size_t rest = item / c->column_tiles / c->row_tiles;
        ptrdiff_t from = row * c->row_from + column * c->column_from;
        ptrdiff_t to = row * c->row_to + column * c->column_to;
        for (int d = c->rank - 1; d >= 0; d--) {
            ptrdiff_t position = (ptrdiff_t)(rest % (size_t)c->sizes[d]);
            rest /= (size_t)c->sizes[d];
            from += position * c->from[d];
            to += position * c->to[d];
        }
        ptrdiff_t rows = c->rows - row < c->row_tile ? c->rows - row : c->row_tile;
        ptrdiff_t columns = c->columns - column < c->column_tile ? c->columns - column : c->column_tile;
        const char *source = c->source + from * c->element_size;
        char *destination = c->destination + to * c->element_size;
        switch (c->element_size) {
        case 1: copy_uint8_t(c, (const void *)source, (void *)destination, rows, columns); break;
        case 2: copy_uint16_t(c, (const void *)source, (void *)destination, rows, columns); break;
        case 4: copy_uint32_t(c, (const void *)source, (void *)destination, rows, columns); break;
        case 8: copy_uint64_t(c, (const void *)source, (void *)destination, rows, columns); break;
        }
    }
}

void mk_copy_strided(int element_size, int rank, const ptrdiff_t *sizes, const void *source,
                     const ptrdiff_t *source_strides, void *destination, const ptrdiff_t *destination_strides) {
    const ptrdiff_t *strides[MK_ND_OPERANDS] = {source_strides, destination_strides, NULL};
    mk_nd nd = mk_nd_make(rank, sizes, strides);
    if (nd.count == 0) return;
    copy_context c = {.element_size = element_size, .source = source, .destination = destination};
    const int last = nd.rank - 1;
    c.columns = nd.sizes[last];
    c.column_from = nd.strides[0][last];
    c.column_to = nd.strides[1][last];

    // The dimension to tile with the innermost: the one along which the source is contiguous, if it is another.
    int partner = last - 1;
    bool transpose = false;
    if (c.column_from != 1 && c.column_from != 0)
        for (int d = 0; d < last; d++)
            if (nd.strides[0][d] == 1 && nd.sizes[d] >= 4) partner = d, transpose = true;
    c.rows = partner >= 0 ? nd.sizes[partner] : 1;
    c.row_from = partner >= 0 ? nd.strides[0][partner] : 0;
    c.row_to = partner >= 0 ? nd.strides[1][partner] : 0;
    size_t outer = 1;
    for (int d = 0; d < last; d++) {
        if (d == partner) continue;
        c.sizes[c.rank] = nd.sizes[d];
        c.from[c.rank] = nd.strides[0][d];
        c.to[c.rank] = nd.strides[1][d];
        c.rank++;
        outer *= (size_t)nd.sizes[d];
    }
    c.column_tile = transpose ? tile : MK_GRAIN;
    c.row_tile = transpose ? tile : MK_GRAIN / (c.columns < MK_GRAIN ? c.columns : MK_GRAIN);
    c.row_tiles = (size_t)((c.rows + c.row_tile - 1) / c.row_tile);
    c.column_tiles = (size_t)((c.columns + c.column_tile - 1) / c.column_tile);
    const size_t items = outer * c.row_tiles * c.column_tiles;
    mk_for(items, MK_GRAIN / (nd.count / items + 1) + 1, copy_range, &c);
}

// MARK: Look-ups

typedef struct {
    const char *table;
    const int32_t *ids;
    char *y;
    size_t count, n, width;
    int element_size;
} gather_context;

static void gather_rows_range(void *argument, size_t begin, size_t end) {
    const gather_context *c = argument;
    for (size_t item = begin; item < end; item++) {
        size_t row = item / c->count * c->n + (size_t)c->ids[item % c->count];
        memcpy(c->y + item * c->width, c->table + row * c->width, c->width);
    }
}

void mk_gather_rows(const void *table, const int32_t *ids, void *y, size_t outer, size_t count, size_t table_rows,
                    size_t width_bytes) {
    gather_context context = {
        .table = table, .ids = ids, .y = y, .count = count, .n = table_rows, .width = width_bytes};
    mk_for(outer * count, 2 * MK_GRAIN / (width_bytes + 1) + 1, gather_rows_range, &context);
}

static void gather_along_range(void *argument, size_t begin, size_t end) {
    const gather_context *c = argument;
    const size_t inner = c->width, plane = c->count * inner;
#define CASE(size, type)                                                                                        \
    case size:                                                                                                  \
        for (size_t i = begin; i < end; i++)                                                                    \
            ((type *)(void *)c->y)[i] =                                                                         \
                ((const type *)(const void *)c->table)[(i / plane * c->n + (size_t)c->ids[i]) * inner + i % inner]; \
        break;
    switch (c->element_size) { CASE(1, uint8_t) CASE(2, uint16_t) CASE(4, uint32_t) CASE(8, uint64_t) }
#undef CASE
}

void mk_gather_along(int element_size, const void *x, const int32_t *ids, void *y, size_t outer, size_t count,
                     size_t n, size_t inner) {
    gather_context context = {
        .table = x, .ids = ids, .y = y, .count = count, .n = n, .width = inner, .element_size = element_size};
    mk_for(outer * count * inner, MK_GRAIN, gather_along_range, &context);
}

ptrdiff_t mk_find_outside(const int32_t *ids, size_t n, int64_t limit, int32_t allowed) {
    for (size_t i = 0; i < n; i++)
        if ((ids[i] < 0 || ids[i] >= limit) && ids[i] != allowed) return (ptrdiff_t)i;
    return -1;
}
