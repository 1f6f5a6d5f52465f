// Which kernels to use: asked of the CPU once, narrowed by MARTLET_ISA.
#include "../kernels/tables.h"

#include <pthread.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name;
    const mk_kernels *table;
    bool (*supported)(void);
} candidate;

static bool always(void) { return true; }

#if defined(__x86_64__)
static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
static bool has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
static bool has_avx512vnni(void) { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }
#endif

// Narrowest first; the last supported one is the default.
static const candidate candidates[] = {
    {"scalar", &mk_kernels_scalar, always},
#if defined(__x86_64__)
    {"avx2", &mk_kernels_avx2, has_avx2},
    {"avx512", &mk_kernels_avx512, has_avx512},
    {"avx512vnni", &mk_kernels_avx512vnni, has_avx512vnni},
#elif defined(__aarch64__)
    {"neon", &mk_kernels_neon, always},
#endif
};
enum { candidate_count = sizeof candidates / sizeof candidates[0] };

static const candidate *chosen;
static char available[64];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void choose(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
#endif
    for (int i = 0; i < candidate_count; i++) {
        if (!candidates[i].supported()) continue;
        chosen = &candidates[i];
        if (available[0]) strcat(available, ",");
        strcat(available, candidates[i].name);
    }
    const char *wanted = getenv("MARTLET_ISA");
    if (!wanted || !wanted[0]) return;
    for (int i = 0; i < candidate_count; i++) {
        if (strcmp(candidates[i].name, wanted) == 0 && candidates[i].supported()) {
            chosen = &candidates[i];
            return;
        }
    }
    fprintf(stderr, "martlet: MARTLET_ISA=%s is not one of %s on this machine; using %s\n", wanted,
            available, chosen->name);
}

const char *mk_isa(void) {
    pthread_once(&once, choose);
    return chosen->name;
}

const char *mk_available_isas(void) {
    pthread_once(&once, choose);
    return available;
}

const mk_kernels *mk_float32(void) {
    pthread_once(&once, choose);
    return chosen->table;
}

const mk_kernels *mk_float64(void) { return &mk_kernels_float64; }

const mk_kernels *mk_float32_for(const char *isa) {
    pthread_once(&once, choose);
    for (int i = 0; i < candidate_count; i++)
        if (strcmp(candidates[i].name, isa) == 0 && candidates[i].supported())
            return candidates[i].table;
    return NULL;
}

bool mk_cpu_has(const char *feature) {
    pthread_once(&once, choose);
#if defined(__x86_64__)
#define ASK(name) \
    if (strcmp(feature, name) == 0) return __builtin_cpu_supports(name);
    ASK("sse4.2") ASK("avx") ASK("avx2") ASK("fma") ASK("f16c") ASK("avx512f") ASK("avx512bw")
    ASK("avx512dq") ASK("avx512vl") ASK("avx512vnni") ASK("avx512bf16") ASK("avxvnni")
#undef ASK
    unsigned a, b, c, d;
    if (strcmp(feature, "amx_bf16") == 0) return __get_cpuid_count(7, 0, &a, &b, &c, &d) && d >> 22 & 1;
#elif defined(__aarch64__)
    if (strcmp(feature, "neon") == 0) return true;
#endif
    return false;
}

void mk_cpu_name(char *name, size_t capacity) {
    if (capacity == 0) return;
    name[0] = 0;
#if defined(__linux__)
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[512];
    while (file && fgets(line, sizeof line, file)) {
        const char *value = strchr(line, ':');
        if (!value || strncmp(line, "model name", 10) != 0) continue;
        snprintf(name, capacity, "%s", value + 2);
        name[strcspn(name, "\n")] = 0;
        break;
    }
    if (file) fclose(file);
#endif
}
