// The float32 peak of the machine as reached: independent fused multiply-adds in registers, one process a thread.
//
// usage: peak THREADS      prints GFLOP/s

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHAINS = 12, STEPS = 1 << 25, ROUNDS = 9 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// GFLOP/s of the median of some rounds of about 50 ms, long enough for the clock to settle. `WIDTH` floats a register; CHAINS of them hide the latency of one.
#define PEAK(NAME, TARGET, WIDTH)                                                                  \
    TARGET static double NAME(void) {                                                              \
        typedef float lane __attribute__((vector_size(WIDTH * sizeof(float))));                    \
        lane a[CHAINS], m, c;                                                                      \
        for (int i = 0; i < WIDTH; i++) { m[i] = 0.999f; c[i] = 1e-3f; }                           \
        for (int k = 0; k < CHAINS; k++) a[k] = m;                                                 \
        double took[ROUNDS];                                                                       \
        for (int r = 0; r < ROUNDS; r++) {                                                         \
            double start = now();                                                                  \
            for (int s = 0; s < STEPS; s++) {                                                      \
                _Pragma("clang loop unroll(full)")                                                 \
                for (int k = 0; k < CHAINS; k++) a[k] = a[k] * m + c;                              \
            }                                                                                      \
            took[r] = now() - start;                                                               \
        }                                                                                          \
        volatile float sink = 0;                                                                   \
        for (int k = 0; k < CHAINS; k++) sink += a[k][0];                                          \
        qsort(took, ROUNDS, sizeof took[0], ascending);                                            \
        return 2e-9 * CHAINS * WIDTH * (double)STEPS / took[ROUNDS / 2];                           \
    }

#if defined(__x86_64__)
PEAK(peak512, __attribute__((target("avx512f,fma"))), 16)
PEAK(peak256, __attribute__((target("avx2,fma"))), 8)
#endif
PEAK(peak128, , 4)

static double peak(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return peak512();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return peak256();
#endif
    return peak128();
}

int main(int count, char **arguments) {
    int threads = count > 1 ? atoi(arguments[1]) : 1;
    int ends[2];
    if (threads < 1 || pipe(ends) != 0) return 70;
    for (int i = 0; i < threads; i++) {
        if (fork() == 0) {
            double found = peak();
            _exit(write(ends[1], &found, sizeof found) == sizeof found ? 0 : 70);
        }
    }
    double sum = 0, one;
    for (int i = 0; i < threads; i++) {
        if (read(ends[0], &one, sizeof one) != sizeof one) return 70;
        sum += one;
    }
    while (wait(NULL) > 0) {}
    printf("%.1f\n", sum);
    return 0;
}
