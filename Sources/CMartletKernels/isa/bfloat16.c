// Products of bfloat16: packing, two inner kernels, and the loops over blocks. What they promise: martlet_bfloat16.h.
//
//   line      a row of A or a column of B
//   panel     16 lines; a last panel is filled up with zeros
//   block     32 numbers of k of a panel, 1 KB; a last block is filled up with zeros
//
//   packed A  panels of blocks [16 lines][32 numbers]
//   packed B  panels of blocks [16 pairs of numbers][16 lines][2 numbers]
//
// So a block of either kind is the other one's transposed, as a square of 16 x 16 pairs. Both kernels make squares of 32 x 32
// sums, two panels by two:
//
//   AMX           four tiles of 16 x 16 sums; a tile of A and a tile of B for 16 · 16 · 32 multiply-adds an instruction
//   AVX-512 BF16  8 x 32 sums at a time; a pair of A to all lanes, by vectors of B of 16 pairs
//
// Sums ascend in k, in blocks of KC, each element for itself: bits depend neither on the number of threads nor on m and n.
#include "martlet_bfloat16.h"
#include "martlet_runtime.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PANEL = 16, BLOCK = 32, BLOCK_BYTES = PANEL * BLOCK * 2 };

static size_t round_up(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

static _Thread_local bool wanted;

bool mk_set_bfloat16(bool value) {
    bool before = wanted;
    wanted = value;
    return before;
}

bool mk_bfloat16_wanted(void) { return wanted && mk_bfloat16_way() != NULL; }

size_t mk_bfloat16_bytes(size_t lines, size_t k) { return round_up(lines, PANEL) * round_up(k, BLOCK) * 2; }

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <pthread.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

// MARK: Which way

static const char *way;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/// Whether the CPU has AMX for bfloat16, and the system lets this process use its tiles.
static bool may_use_amx(void) {
#if defined(__linux__)
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d >> 22 & 1) || !(d >> 24 & 1)) return false;
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
    return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
#else
    return false;
#endif
}

static void choose(void) {
    if (strncmp(mk_isa(), "avx512", 6) != 0 || !__builtin_cpu_supports("avx512bf16")) return;
    const char *asked = getenv("MARTLET_BFLOAT16");
    if (asked && strcmp(asked, "none") == 0) return;
    // Intel's vectors of bfloat16 are half as fast as its float32: there they are for who asks.
    if (asked && strcmp(asked, "avx512bf16") == 0) way = "avx512bf16";
    else if (may_use_amx()) way = "amx";
    else if (__builtin_cpu_is("amd")) way = "avx512bf16";
}

const char *mk_bfloat16_way(void) {
    pthread_once(&once, choose);
    return way;
}

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")))
#define AMX __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")))
#define INLINE static inline __attribute__((always_inline))

// MARK: Packing

/// Two vectors of 16 numbers as 32 of bfloat16: `low` first.
INLINE AVX512 __m512i halves(__m512 low, __m512 high) { return (__m512i)_mm512_cvtne2ps_pbh(high, low); }

/// The square of 16 x 16 pairs, transposed.
INLINE AVX512 void transpose(__m512i r[16]) {
#pragma clang loop unroll(full)
    for (int round = 1; round < 16; round *= 2) {
        __m512i s[16];
#pragma clang loop unroll(full)
        for (int i = 0; i < 8; i++) {
            typedef int32_t lanes __attribute__((vector_size(64)));
            lanes a = (lanes)r[i], b = (lanes)r[i + 8];
            s[2 * i] = (__m512i)__builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            s[2 * i + 1] = (__m512i)__builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) r[i] = s[i];
    }
}

/// What read_block reads; constants where a block is whole.
INLINE AVX512 void read_part(size_t lines, size_t count, const float *in, ptrdiff_t line, ptrdiff_t step, bool by_pairs,
                             __m512i r[16]) {
    __m512i interleaved = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4,
                                           19, 3, 18, 2, 17, 1, 16, 0);
    if (step == 1) {
        __mmask16 low = (__mmask16)(count >= 16 ? 0xffff : (1u << count) - 1);
        __mmask16 high = (__mmask16)(count >= 32 ? 0xffff : count > 16 ? (1u << (count - 16)) - 1 : 0);
#pragma clang loop unroll(full)
        for (size_t i = 0; i < 16; i++) {
            const float *at = in + (ptrdiff_t)i * line;
            r[i] = i < lines ? halves(_mm512_maskz_loadu_ps(low, at), _mm512_maskz_loadu_ps(high, at + 16)) : _mm512_setzero_si512();
        }
        if (by_pairs) transpose(r);
        return;
    }
    if (line == 1) {
        __mmask16 all = (__mmask16)(lines >= 16 ? 0xffff : (1u << lines) - 1);
#pragma clang loop unroll(full)
        for (size_t p = 0; p < 16; p++) {
            const float *at = in + (ptrdiff_t)(2 * p) * step;
            __m512 first = 2 * p < count ? _mm512_maskz_loadu_ps(all, at) : _mm512_setzero_ps();
            __m512 second = 2 * p + 1 < count ? _mm512_maskz_loadu_ps(all, at + step) : _mm512_setzero_ps();
            r[p] = _mm512_permutexvar_epi16(interleaved, halves(first, second));
        }
        if (!by_pairs) transpose(r);
        return;
    }
    float numbers[PANEL][BLOCK] = {{0}};
    for (size_t i = 0; i < lines; i++)
        for (size_t p = 0; p < count; p++) numbers[i][p] = in[(ptrdiff_t)i * line + (ptrdiff_t)p * step];
    for (size_t i = 0; i < 16; i++) r[i] = halves(_mm512_loadu_ps(numbers[i]), _mm512_loadu_ps(numbers[i] + 16));
    if (by_pairs) transpose(r);
}

/// The pairs of 16 lines and `count` <= 32 numbers, by lines or by pairs. Lines beyond `lines` are zero, numbers beyond `count` too.
INLINE AVX512 void read_block(size_t lines, size_t count, const float *in, ptrdiff_t line, ptrdiff_t step, bool by_pairs,
                              __m512i r[16]) {
    if (lines == PANEL && count == BLOCK) read_part(PANEL, BLOCK, in, line, step, by_pairs, r);
    else read_part(lines, count, in, line, step, by_pairs, r);
}

/// Packs number by number what begins or ends anywhere.
static void pack_left_anywhere(size_t lines, size_t first, size_t count, size_t k, const float *in, ptrdiff_t line, ptrdiff_t step,
                               uint16_t *out) {
    size_t blocks = round_up(k, BLOCK) / BLOCK, end = first + count == k ? blocks * BLOCK : first + count;
    for (size_t i = 0; i < round_up(lines, PANEL); i++)
        for (size_t p = first; p < end; p++) {
            uint32_t bits = 0;
            if (i < lines && p < k) memcpy(&bits, in + (ptrdiff_t)i * line + (ptrdiff_t)(p - first) * step, 4);
            bool is_number = (bits & 0x7fffffff) <= 0x7f800000;
            bits = is_number ? bits + 0x7fff + (bits >> 16 & 1) : bits | 0x400000;
            out[((i / PANEL * blocks + p / BLOCK) * PANEL + i % PANEL) * BLOCK + p % BLOCK] = (uint16_t)(bits >> 16);
        }
}

AVX512 void mk_bfloat16_pack_left(size_t lines, size_t first, size_t count, size_t k, const float *in, ptrdiff_t line,
                                  ptrdiff_t step, void *out) {
    size_t blocks = round_up(k, BLOCK) / BLOCK, end = first + count;
    if (first % PANEL != 0 || (end % PANEL != 0 && end < k)) {
        pack_left_anywhere(lines, first, count, k, in, line, step, out);
        return;
    }
    for (size_t i = 0; i < lines; i += PANEL) {
        char *panel = (char *)out + i / PANEL * blocks * BLOCK_BYTES;
        const float *from = in + (ptrdiff_t)i * line;
        size_t p = first;
        while (p < end) {
            // Half a block where one begins or ends within it: the other half may be another worker's.
            size_t offset = p % BLOCK, numbers = smaller(end - p, BLOCK - offset);
            bool low = offset == 0, high = offset + numbers > PANEL || end >= k;
            __m512i r[16];
            read_block(smaller(lines - i, PANEL), numbers, from + (ptrdiff_t)(p - first) * step, line, step, false, r);
            char *to = panel + p / BLOCK * BLOCK_BYTES;
            if (low && high)
                for (int q = 0; q < 16; q++) _mm512_storeu_si512(to + q * 64, r[q]);
            else
                for (int q = 0; q < 16; q++)
                    _mm256_storeu_si256((__m256i *)(to + q * 64 + (low ? 0 : 32)), _mm512_castsi512_si256(r[q]));
            p += numbers;
        }
    }
}

AVX512 void mk_bfloat16_pack_right(size_t lines, size_t k, const float *in, ptrdiff_t line, ptrdiff_t step, void *out) {
    char *to = out;
    for (size_t i = 0; i < lines; i += PANEL)
        for (size_t p = 0; p < k; p += BLOCK, to += BLOCK_BYTES) {
            __m512i r[16];
            read_block(smaller(lines - i, PANEL), smaller(k - p, BLOCK), in + (ptrdiff_t)i * line + (ptrdiff_t)p * step, line, step,
                       true, r);
            for (int q = 0; q < 16; q++) _mm512_storeu_si512(to + q * 64, r[q]);
        }
}

// MARK: Inner kernels

/// A square of sums in C: at most 32 rows and columns of it are there.
typedef struct {
    float *c;
    ptrdiff_t c_row;
    size_t rows, columns;
    int add;
    const float *bias;
} square;

/// Packed columns that are read next: `bytes` of each of two panels, `panel` bytes apart; none if `bytes` is 0.
typedef struct {
    const char *at;
    size_t panel, bytes;
} columns_next;

typedef struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_configuration;

AMX static void amx_begin(void) {
    tile_configuration c = {.palette = 1};
    for (int i = 0; i < 8; i++) c.row_bytes[i] = 64, c.rows[i] = 16;
    _tile_loadconfig(&c);
}
AMX static void amx_end(void) { _tile_release(); }

/// The sums that a part of the square, of 16 x 16, begins with where it is not whole.
static void edge_begin(const square *s, size_t row, size_t column, float edge[256]) {
    size_t rows = smaller(s->rows - row, 16), columns = smaller(s->columns - column, 16);
    memset(edge, 0, 256 * sizeof(float));
    for (size_t i = 0; i < rows && s->add; i++)
        memcpy(edge + 16 * i, s->c + (ptrdiff_t)(row + i) * s->c_row + column, columns * sizeof(float));
    for (size_t i = 0; i < rows && s->bias; i++)
        for (size_t j = 0; j < columns; j++) edge[16 * i + j] += s->bias[column + j];
}
static void edge_end(const square *s, size_t row, size_t column, const float edge[256]) {
    size_t rows = smaller(s->rows - row, 16), columns = smaller(s->columns - column, 16);
    for (size_t i = 0; i < rows; i++)
        memcpy(s->c + (ptrdiff_t)(row + i) * s->c_row + column, edge + 16 * i, columns * sizeof(float));
}

/// `down` x `across` panels, of `blocks` blocks each; the second panels are `a_panel` and `b_panel` bytes on. Constants where this
/// is inlined.
INLINE AMX void amx_square(int down, int across, size_t blocks, const char *a, size_t a_panel, const char *b, size_t b_panel,
                           const square *s) {
    float edge[256] __attribute__((aligned(64)));
    bool whole = s->rows == (size_t)down * 16 && s->columns == (size_t)across * 16 && !(s->add && s->bias);
    size_t row_bytes = (size_t)s->c_row * sizeof(float);
#define PLACE(i, j) (s->c + (ptrdiff_t)(16 * i) * s->c_row + 16 * j)
#define BEGIN(tile, i, j)                                             \
    if (i < down && j < across) {                                     \
        if (!whole) {                                                 \
            edge_begin(s, 16 * i, 16 * j, edge);                      \
            _tile_loadd(tile, edge, 64);                              \
        } else if (s->add) _tile_loadd(tile, PLACE(i, j), row_bytes); \
        else if (s->bias) _tile_loadd(tile, s->bias + 16 * j, 0);     \
        else _tile_zero(tile);                                        \
    }
    BEGIN(0, 0, 0)
    BEGIN(1, 0, 1)
    BEGIN(2, 1, 0)
    BEGIN(3, 1, 1)
    if (!s->add)
        for (size_t i = 0; i < s->rows; i++)
            for (int j = 0; j < across; j++) __builtin_prefetch(s->c + (ptrdiff_t)i * s->c_row + 16 * j, 1);
    for (size_t p = 0; p < blocks; p++, a += BLOCK_BYTES, b += BLOCK_BYTES) {
        _tile_loadd(4, a, 64);
        _tile_loadd(6, b, 64);
        _tile_dpbf16ps(0, 4, 6);
        if (across > 1) {
            _tile_loadd(7, b + b_panel, 64);
            _tile_dpbf16ps(1, 4, 7);
        }
        if (down > 1) {
            _tile_loadd(5, a + a_panel, 64);
            _tile_dpbf16ps(2, 5, 6);
            if (across > 1) _tile_dpbf16ps(3, 5, 7);
        }
    }
#define END(tile, i, j)                                          \
    if (i < down && j < across) {                                \
        if (whole) _tile_stored(tile, PLACE(i, j), row_bytes);   \
        else {                                                   \
            _tile_stored(tile, edge, 64);                        \
            edge_end(s, 16 * i, 16 * j, edge);                   \
        }                                                        \
    }
    END(0, 0, 0)
    END(1, 0, 1)
    END(2, 1, 0)
    END(3, 1, 1)
#undef PLACE
#undef BEGIN
#undef END
}

AMX static void amx_product(int down, int across, size_t blocks, const char *a, size_t a_panel, const char *b, size_t b_panel,
                            const square *s) {
    if (down > 1 && across > 1) amx_square(2, 2, blocks, a, a_panel, b, b_panel, s);
    else if (down > 1) amx_square(2, 1, blocks, a, a_panel, b, b_panel, s);
    else if (across > 1) amx_square(1, 2, blocks, a, a_panel, b, b_panel, s);
    else amx_square(1, 1, blocks, a, a_panel, b, b_panel, s);
}

/// Eight rows by `across` vectors of columns. What begins at `next` is fetched into the second-level cache meanwhile, `next_step`
/// bytes further for each pair of numbers of k.
INLINE AVX512 void vector_rows(int across, size_t blocks, const char *a, const char *b, size_t b_panel, size_t row, const square *s,
                               const char *next, size_t next_step) {
    __m512 sum[8][2];
    __mmask16 lanes[2];
    size_t rows = smaller(s->rows - row, 8);
#pragma clang loop unroll(full)
    for (int j = 0; j < 2; j++) {
        size_t columns = s->columns > 16 * (size_t)j ? smaller(s->columns - 16 * (size_t)j, 16) : 0;
        lanes[j] = (__mmask16)(columns >= 16 ? 0xffff : (1u << columns) - 1);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++)
#pragma clang loop unroll(full)
        for (int j = 0; j < 2; j++) {
            sum[i][j] = _mm512_setzero_ps();
            if ((size_t)i >= rows || j >= across) continue;
            if (s->add) sum[i][j] = _mm512_maskz_loadu_ps(lanes[j], s->c + (ptrdiff_t)(row + (size_t)i) * s->c_row + 16 * j);
            if (s->bias) sum[i][j] += _mm512_maskz_loadu_ps(lanes[j], s->bias + 16 * j);
        }
    for (size_t p = 0; p < blocks; p++, a += BLOCK_BYTES, b += BLOCK_BYTES)
        for (int q = 0; q < 16; q++, next += next_step) {
            __builtin_prefetch(next, 0, 2);
            __m512bh right[2];
#pragma clang loop unroll(full)
            for (int j = 0; j < 2; j++)
                if (j < across) right[j] = (__m512bh)_mm512_loadu_si512(b + (size_t)j * b_panel + q * 64);
#pragma clang loop unroll(full)
            for (int i = 0; i < 8; i++) {
                int32_t pair;
                memcpy(&pair, a + i * 64 + q * 4, 4);
                __m512bh left = (__m512bh)_mm512_set1_epi32(pair);
#pragma clang loop unroll(full)
                for (int j = 0; j < 2; j++)
                    if (j < across) sum[i][j] = _mm512_dpbf16_ps(sum[i][j], left, right[j]);
            }
        }
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++)
#pragma clang loop unroll(full)
        for (int j = 0; j < 2; j++)
            if ((size_t)i < rows && j < across)
                _mm512_mask_storeu_ps(s->c + (ptrdiff_t)(row + (size_t)i) * s->c_row + 16 * j, lanes[j], sum[i][j]);
}

AVX512 static void vector_product(int down, int across, size_t blocks, const char *a, size_t a_panel, const char *b, size_t b_panel,
                                  const square *s, size_t first, size_t rows, const columns_next *soon) {
    (void)down;
    const size_t tiles = (rows + 7) / 8;
    for (size_t row = 0; row < s->rows; row += 8) {
        const char *at = a + row / PANEL * a_panel + row % PANEL * 64, *next = b;
        size_t step = 0;
        if (soon->bytes > 0) {
            // The first half of the tiles fetches the first panel, the other one the second.
            const size_t place = 2 * ((first + row) / 8), second = place >= tiles;
            next = soon->at + second * soon->panel + soon->bytes * (place - second * tiles) / tiles;
            step = smaller(2 * soon->bytes / (tiles * blocks * 16), 64);
        }
        if (across > 1) vector_rows(2, blocks, at, b, b_panel, row, s, next, step);
        else vector_rows(1, blocks, at, b, b_panel, row, s, next, step);
    }
}

void mk_bfloat16_begin(void) {
    if (mk_bfloat16_way()[1] == 'm') amx_begin();
}
void mk_bfloat16_end(void) {
    if (mk_bfloat16_way()[1] == 'm') amx_end();
}

/// Numbers of k whose blocks of two panels of A and two of B stay near.
enum { KC = 512 };

/// Packed rows by packed columns, whose panels are `a_panel` and `b_panel` bytes apart; `blocks` of each panel are read. Vectors
/// fetch `next` during the last columns.
static void product(size_t rows, size_t columns, size_t blocks, const char *a, size_t a_panel, const char *b, size_t b_panel, float *c,
                    ptrdiff_t c_row, int add, const float *bias, columns_next next) {
    bool amx = mk_bfloat16_way()[1] == 'm';
    for (size_t j = 0; j < columns; j += 2 * PANEL) {
        const bool last = j + 2 * PANEL >= columns;
        const columns_next soon = last ? next : (columns_next){b + (j / PANEL + 2) * b_panel, b_panel, blocks * BLOCK_BYTES};
        for (size_t i = 0; i < rows; i += 2 * PANEL) {
            square s = {.c = c + (ptrdiff_t)i * c_row + (ptrdiff_t)j, .c_row = c_row, .rows = smaller(rows - i, 2 * PANEL),
                        .columns = smaller(columns - j, 2 * PANEL), .add = add, .bias = bias ? bias + j : NULL};
            const char *left = a + i / PANEL * a_panel, *right = b + j / PANEL * b_panel;
            int down = s.rows > PANEL ? 2 : 1, across = s.columns > PANEL ? 2 : 1;
            if (amx) amx_product(down, across, blocks, left, a_panel, right, b_panel, &s);
            else vector_product(down, across, blocks, left, a_panel, right, b_panel, &s, i, rows, &soon);
        }
    }
}

/// The first numbers of k of two panels of columns packed, as a product begins with them.
static columns_next begin_of(const char *packed, size_t k) {
    const size_t blocks = round_up(k, BLOCK) / BLOCK;
    return (columns_next){packed, blocks * BLOCK_BYTES, packed ? smaller(blocks, KC / BLOCK) * BLOCK_BYTES : 0};
}

void mk_bfloat16_product(size_t rows, size_t columns, size_t k, const void *left, const void *right, float *c, ptrdiff_t c_row,
                         int accumulate, const float *bias, const void *next, size_t next_k) {
    size_t blocks = round_up(k, BLOCK) / BLOCK, panel = blocks * BLOCK_BYTES;
    for (size_t depth = 0, count; depth < blocks; depth += count) {
        count = smaller(blocks - depth, KC / BLOCK);
        const char *b = (const char *)right + depth * BLOCK_BYTES;
        const size_t left_over = smaller(blocks - depth - count, KC / BLOCK);
        const columns_next soon =
            left_over > 0 ? (columns_next){b + count * BLOCK_BYTES, panel, left_over * BLOCK_BYTES} : begin_of(next, next_k);
        product(rows, columns, count, (const char *)left + depth * BLOCK_BYTES, panel, b, panel, c, c_row, accumulate || depth > 0,
                depth ? NULL : bias, soon);
    }
}

// MARK: Loops over blocks

/// Rows of A that a worker packs at a time, columns of B that are packed together; up to FEW rows the workers share the columns.
enum { MC = 128, NC = 2048, FEW = 64 };

typedef struct {
    size_t m, n, k;
    const float *a, *b, *bias;
    ptrdiff_t a_row, a_column, b_row, b_column, c_row;
    float *c;
    int accumulate;
    size_t kc;
    char *packed_a;  // a part for each worker
    char *packed_b;  // few rows: a part for each worker; many: one block, shared, or two in turn
    size_t a_part, b_part;
    bool is_double;        // many rows: whether there is room for two blocks of B
    size_t next_row[2];    // for a block of an even or odd number
    size_t next_panel[2];
    mk_barrier barrier;
} task;

static const float *place_a(const task *t, size_t row, size_t depth) {
    return t->a + (ptrdiff_t)row * t->a_row + (ptrdiff_t)depth * t->a_column;
}
static const float *place_b(const task *t, size_t depth, size_t column) {
    return t->b + (ptrdiff_t)depth * t->b_row + (ptrdiff_t)column * t->b_column;
}

/// Rows `row ..< row + rows`, packed, by columns, packed, of numbers depth ..< depth + k. The next rows begin with the same columns.
static void multiply(const task *t, size_t row, size_t rows, size_t column, size_t columns, size_t depth, size_t k, const char *a,
                     const char *b) {
    size_t blocks = round_up(k, BLOCK) / BLOCK;
    product(rows, columns, blocks, a, blocks * BLOCK_BYTES, b, blocks * BLOCK_BYTES,
            t->c + (ptrdiff_t)row * t->c_row + (ptrdiff_t)column, t->c_row, t->accumulate || depth > 0,
            t->bias && depth == 0 ? t->bias + column : NULL, begin_of(b, k));
}

static void few_rows(void *context, int worker, int workers) {
    const task *t = context;
    enum { TOGETHER = 2 * PANEL };
    size_t pieces = (t->n + TOGETHER - 1) / TOGETHER;
    size_t first = pieces * (size_t)worker / (size_t)workers, end = pieces * (size_t)(worker + 1) / (size_t)workers;
    char *a = t->packed_a + (size_t)worker * t->a_part, *b = t->packed_b + (size_t)worker * t->b_part;
    mk_bfloat16_begin();
    for (size_t depth = 0; depth < t->k && first < end; depth += t->kc) {
        size_t k = smaller(t->k - depth, t->kc);
        mk_bfloat16_pack_left(t->m, 0, k, k, place_a(t, 0, depth), t->a_row, t->a_column, a);
        for (size_t piece = first; piece < end; piece++) {
            size_t column = piece * TOGETHER, columns = smaller(t->n - column, TOGETHER);
            mk_bfloat16_pack_right(columns, k, place_b(t, depth, column), t->b_column, t->b_row, b);
            multiply(t, 0, t->m, column, columns, depth, k, a, b);
        }
    }
    mk_bfloat16_end();
}

/// A block of B: blocks of k within blocks of columns.
typedef struct {
    size_t column, columns, depth, k;
    char *packed;
    int turn;
} block;

static block block_at(const task *t, size_t number) {
    size_t depths = (t->k + t->kc - 1) / t->kc, column = number / depths * NC, depth = number % depths * t->kc;
    int turn = (int)(number % 2);
    return (block){column, smaller(t->n - column, NC), depth, smaller(t->k - depth, t->kc),
                   t->packed_b + (t->is_double && turn ? t->b_part : 0), turn};
}

static void pack_block(task *t, size_t number, int workers) {
    const block b = block_at(t, number);
    const size_t panels = (b.columns + PANEL - 1) / PANEL, bytes = mk_bfloat16_bytes(PANEL, b.k);
    for (size_t first, count; (count = mk_take_turn(&t->next_panel[b.turn], panels, 32, 4, 4, workers, &first)) > 0;)
        mk_bfloat16_pack_right(smaller(b.columns - first * PANEL, count * PANEL), b.k, place_b(t, b.depth, b.column + first * PANEL),
                               t->b_column, t->b_row, b.packed + first * bytes);
}

/// As matmul_many_rows: the next block of B is packed by those that have no more rows of this one.
static void many_rows(void *context, int worker, int workers) {
    task *t = context;
    char *a = t->packed_a + (size_t)worker * t->a_part;
    const size_t blocks = (t->n + NC - 1) / NC * ((t->k + t->kc - 1) / t->kc);
    mk_bfloat16_begin();
    if (t->is_double) pack_block(t, 0, workers);
    for (size_t number = 0; number < blocks; number++) {
        const block b = block_at(t, number);
        if (!t->is_double) pack_block(t, number, workers);
        mk_barrier_wait(&t->barrier, workers);
        if (worker == 0) {
            // Both were done with before the barrier, and are wanted after the next.
            __atomic_store_n(&t->next_row[1 - b.turn], 0, __ATOMIC_RELAXED);
            __atomic_store_n(&t->next_panel[b.turn], 0, __ATOMIC_RELAXED);
        }
        for (size_t row, rows; (rows = mk_take_turn(&t->next_row[b.turn], t->m, MC, 2 * PANEL, 2 * PANEL, workers, &row)) > 0;) {
            mk_bfloat16_pack_left(rows, 0, b.k, b.k, place_a(t, row, b.depth), t->a_row, t->a_column, a);
            multiply(t, row, rows, b.column, b.columns, b.depth, b.k, a, b.packed);
        }
        if (t->is_double && number + 1 < blocks) pack_block(t, number + 1, workers);
    }
    mk_bfloat16_end();
}

void mk_bfloat16_gemm(size_t m, size_t n, size_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b,
                      ptrdiff_t b_row, ptrdiff_t b_column, float *c, ptrdiff_t c_row, int accumulate, const float *bias) {
    task t = {.m = m, .n = n, .k = k, .a = a, .b = b, .bias = bias, .a_row = a_row, .a_column = a_column, .b_row = b_row,
              .b_column = b_column, .c_row = c_row, .c = c, .accumulate = accumulate};
    size_t depths = (k + KC - 1) / KC;
    t.kc = round_up((k + depths - 1) / depths, BLOCK);
    bool few = m <= FEW, small = (double)m * (double)n * (double)k < 1000000;
    const int threads = small ? 1 : mk_threads();
    t.a_part = mk_bfloat16_bytes(few ? m : MC, t.kc);
    t.b_part = mk_bfloat16_bytes(few ? 2 * PANEL : smaller(n, NC), t.kc);
    t.is_double = !few && threads > 1 && (depths > 1 || n > NC);
    size_t a_bytes = (size_t)threads * t.a_part, b_bytes = (few ? (size_t)threads : t.is_double ? 2 : 1) * t.b_part;
    t.packed_a = mk_allocate(a_bytes);
    t.packed_b = mk_allocate(b_bytes);
    if (small) (few ? few_rows : many_rows)(&t, 0, 1);
    else mk_run(threads, few ? few_rows : many_rows, &t);
    mk_free(t.packed_a, a_bytes);
    mk_free(t.packed_b, b_bytes);
}

#else

const char *mk_bfloat16_way(void) { return NULL; }
void mk_bfloat16_gemm(size_t m, size_t n, size_t k, const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b,
                      ptrdiff_t b_row, ptrdiff_t b_column, float *c, ptrdiff_t c_row, int accumulate, const float *bias) {
    (void)m, (void)n, (void)k, (void)a, (void)a_row, (void)a_column, (void)b, (void)b_row, (void)b_column, (void)c, (void)c_row;
    (void)accumulate, (void)bias;
    abort();
}
void mk_bfloat16_pack_left(size_t lines, size_t first, size_t count, size_t k, const float *in, ptrdiff_t line, ptrdiff_t step,
                           void *out) {
    (void)lines, (void)first, (void)count, (void)k, (void)in, (void)line, (void)step, (void)out;
    abort();
}
void mk_bfloat16_pack_right(size_t lines, size_t k, const float *in, ptrdiff_t line, ptrdiff_t step, void *out) {
    (void)lines, (void)k, (void)in, (void)line, (void)step, (void)out;
    abort();
}
void mk_bfloat16_product(size_t rows, size_t columns, size_t k, const void *left, const void *right, float *c, ptrdiff_t c_row,
                         int accumulate, const float *bias, const void *next, size_t next_k) {
    (void)rows, (void)columns, (void)k, (void)left, (void)right, (void)c, (void)c_row, (void)accumulate, (void)bias;
    (void)next, (void)next_k;
    abort();
}
void mk_bfloat16_begin(void) {}
void mk_bfloat16_end(void) {}

#endif
