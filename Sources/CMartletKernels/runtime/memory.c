// A caching allocator. Training asks for the same sizes at every step; handing pages back to the
// system and faulting them in again costs more than the arithmetic on them.
//
// Size classes: 64-byte multiples with at most 1/8 of waste (three bits of mantissa). Blocks of at
// least `large` bytes are mapped on 2 MB boundaries, so that the system may use huge pages; their
// classes are the powers of two, so that batches of any lengths share blocks. Of such a block only
// the pages that were touched are in memory.
// What is in use and what is kept for later are together at most a quarter and `spare` more than was
// ever in use; beyond that, the large blocks that have lain longest go back to the system: sizes that
// only the beginning of a program asks for do not stand in the way of those of its every step.
//
// Sparse blocks have small pages, which are not shared by what is filled and what is not; they are not kept, as pages that
// were touched once would stay.
#include "martlet_runtime.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <mach/mach.h>
#endif

enum { class_count = 64 * 8 };
static const size_t large = (size_t)4 << 20;
static const size_t huge_page = (size_t)2 << 20;
static const size_t spare = (size_t)256 << 20;

typedef struct block {
    struct block *next;
    size_t size;
    unsigned long long freed;  // when, counted in frees
} block;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static block *kept_blocks[class_count];
static size_t used_bytes, kept_bytes, most_used;
static unsigned long long frees;
// What was asked for, without what rounding adds to it.
static size_t asked_bytes, asked_peak;

/// The class of a size, and the size of its blocks.
static int size_class(size_t bytes, size_t *rounded) {
    if (bytes < 64) bytes = 64;
    if (bytes >= large) {
        int exponent = 64 - __builtin_clzll((unsigned long long)bytes - 1);
        *rounded = (size_t)1 << exponent;
        return exponent * 8;
    }
    int exponent = 63 - __builtin_clzll((unsigned long long)bytes);
    size_t step = exponent >= 9 ? (size_t)1 << (exponent - 3) : 64;
    size_t size = (bytes + step - 1) / step * step;
    *rounded = size;
    exponent = 63 - __builtin_clzll((unsigned long long)size);
    step = exponent >= 9 ? (size_t)1 << (exponent - 3) : 64;
    return exponent * 8 + (int)((size - ((size_t)1 << exponent)) / step);
}

static size_t mapped_size(size_t size) { return (size + huge_page - 1) / huge_page * huge_page; }

static void *from_system(size_t size) {
    if (size < large) {
        void *pointer = NULL;
        return posix_memalign(&pointer, 64, size) == 0 ? pointer : NULL;
    }
    size_t length = mapped_size(size);
    char *base = mmap(NULL, length + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) return NULL;
    char *aligned = (char *)(((uintptr_t)base + huge_page - 1) / huge_page * huge_page);
    if (aligned > base) munmap(base, (size_t)(aligned - base));
    size_t tail = (size_t)(base + length + huge_page - (aligned + length));
    if (tail) munmap(aligned + length, tail);
#if defined(MADV_HUGEPAGE)
    madvise(aligned, length, MADV_HUGEPAGE);
#endif
    return aligned;
}

static void to_system(void *pointer, size_t size) {
    if (size < large) free(pointer);
    else munmap(pointer, mapped_size(size));
}

void *mk_allocate(size_t bytes) {
    size_t size;
    int index = size_class(bytes, &size);
    pthread_mutex_lock(&lock);
    block *found = kept_blocks[index];
    if (found) {
        kept_blocks[index] = found->next;
        kept_bytes -= size;
    }
    used_bytes += size;
    if (used_bytes > most_used) most_used = used_bytes;
    asked_bytes += bytes;
    if (asked_bytes > asked_peak) asked_peak = asked_bytes;
    pthread_mutex_unlock(&lock);
    if (found) return found;
    void *pointer = from_system(size);
    if (!pointer) {
        mk_trim_memory();
        pointer = from_system(size);
    }
    if (!pointer) {
        fprintf(stderr, "martlet: out of memory: %zu bytes asked for, %zu in use\n", bytes, used_bytes);
        abort();
    }
    return pointer;
}

static bool fits(size_t size) { return used_bytes + kept_bytes + size <= most_used + most_used / 4 + spare; }

/// Takes out of what is kept the large block that has lain longest; NULL if there is none. Called with `lock` held.
static block *take_oldest(void) {
    block **oldest = NULL;
    for (int index = (63 - __builtin_clzll((unsigned long long)large)) * 8; index < class_count; index += 8)
        for (block **place = &kept_blocks[index]; *place; place = &(*place)->next)
            if (!oldest || (*place)->freed < (*oldest)->freed) oldest = place;
    if (!oldest) return NULL;
    block *found = *oldest;
    *oldest = found->next;
    kept_bytes -= found->size;
    return found;
}

void mk_free(void *pointer, size_t bytes) {
    if (!pointer) return;
    size_t size;
    int index = size_class(bytes, &size);
    pthread_mutex_lock(&lock);
    used_bytes -= size;
    asked_bytes -= bytes;
    block *dismissed = NULL;
    while (size >= large && !fits(size)) {
        block *oldest = take_oldest();
        if (!oldest) break;
        oldest->next = dismissed;
        dismissed = oldest;
    }
    bool keep = fits(size);
    if (keep) {
        block *freed = pointer;
        *freed = (block){kept_blocks[index], size, ++frees};
        kept_blocks[index] = freed;
        kept_bytes += size;
    }
    pthread_mutex_unlock(&lock);
    if (!keep) to_system(pointer, size);
    while (dismissed) {
        block *next = dismissed->next;
        to_system(dismissed, dismissed->size);
        dismissed = next;
    }
}

void *mk_allocate_sparse(size_t bytes) {
    if (bytes < large) return mk_allocate(bytes);
    for (int attempt = 0; attempt < 2; attempt++) {
        void *pointer = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (pointer != MAP_FAILED) {
#if defined(MADV_NOHUGEPAGE)
            madvise(pointer, bytes, MADV_NOHUGEPAGE);
#endif
            return pointer;
        }
        mk_trim_memory();
    }
    fprintf(stderr, "martlet: out of memory: %zu bytes of address space asked for\n", bytes);
    abort();
}

void mk_free_sparse(void *pointer, size_t bytes) {
    if (bytes < large) mk_free(pointer, bytes);
    else munmap(pointer, bytes);
}

void mk_memory_statistics(size_t *in_use, size_t *kept) {
    pthread_mutex_lock(&lock);
    *in_use = used_bytes;
    *kept = kept_bytes;
    pthread_mutex_unlock(&lock);
}

size_t mk_memory_peak(bool from_now) {
    pthread_mutex_lock(&lock);
    size_t peak = asked_peak;
    if (from_now) asked_peak = asked_bytes;
    pthread_mutex_unlock(&lock);
    return peak;
}

size_t mk_resident_bytes(void) {
#if defined(__APPLE__)
    mach_task_basic_info_data_t told;
    mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
    int failed = task_info(mach_task_self(), MACH_TASK_BASIC_INFO, (task_info_t)&told, &count);
    return failed ? 0 : (size_t)told.resident_size;
#else
    FILE *file = fopen("/proc/self/statm", "r");  // pages: all, then those in memory
    unsigned long long all, resident = 0;
    if (file) {
        if (fscanf(file, "%llu %llu", &all, &resident) != 2) resident = 0;
        fclose(file);
    }
    return (size_t)resident * (size_t)sysconf(_SC_PAGESIZE);
#endif
}

void mk_trim_memory(void) {
    for (int index = 0; index < class_count; index++) {
        pthread_mutex_lock(&lock);
        block *first = kept_blocks[index];
        kept_blocks[index] = NULL;
        size_t step = index / 8 >= 9 ? (size_t)1 << (index / 8 - 3) : 64;
        size_t size = ((size_t)1 << (index / 8)) + (size_t)(index % 8) * step;
        for (block *each = first; each; each = each->next) kept_bytes -= size;
        pthread_mutex_unlock(&lock);
        while (first) {
            block *next = first->next;
            to_system(first, size);
            first = next;
        }
    }
}
