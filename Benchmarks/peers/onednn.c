// A float32 product C [M, N] = A [M, K] · B [K, N], all row by row, by oneDNN's dnnl_sgemm: a peer of `martlet bench matmul`.
//
// usage: onednn MxNxK whole|slices THREADS SECONDS      prints JSON as timing.py does
//
//   whole    one call on oneDNN's own OpenMP threads (OMP_NUM_THREADS)
//   slices   one call for each of THREADS threads on a slice of N columns; run it with OMP_NUM_THREADS=1
//
// Needs oneDNN's header and library (Debian: libdnnl-dev); compile with -ldnnl -lpthread.

#include <dnnl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_THREADS = 64, MOST_CALLS = 1 << 20, WARM_UP = 10, AT_LEAST = 20 };

static long rows, columns, inner;
static float *left, *right, *out;
static int threads = 1;
static atomic_int turn, done;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/// The columns of one thread; the slices begin at lines of the cache.
static void slice(int thread) {
    long first = columns / 16 * thread / threads * 16;
    long end = thread + 1 == threads ? columns : columns / 16 * (thread + 1) / threads * 16;
    if (end > first)
        dnnl_sgemm('N', 'N', rows, end - first, inner, 1, left, inner, right + first, columns, 0, out + first, columns);
}

/// A thread that waits for its turn without sleeping, as the best pool would.
static void *helper(void *argument) {
    int seen = 0;
    for (;;) {
        int now_turn;
        while ((now_turn = atomic_load(&turn)) == seen) {}
        if (now_turn < 0) return NULL;
        seen = now_turn;
        slice((int)(long)argument);
        atomic_fetch_add(&done, 1);
    }
}

static void product(void) {
    atomic_store(&done, 1);
    atomic_fetch_add(&turn, 1);
    slice(0);
    while (atomic_load(&done) != threads) {}
}

static float *filled(long count) {
    float *numbers = aligned_alloc(64, (size_t)(count * 4 + 63) / 64 * 64);
    for (long i = 0; i < count; i++) numbers[i] = (float)rand() / (float)RAND_MAX - 0.5f;
    return numbers;
}

int main(int count, char **arguments) {
    if (count != 5 || sscanf(arguments[1], "%ldx%ldx%ld", &rows, &columns, &inner) != 3) {
        fprintf(stderr, "usage: onednn MxNxK whole|slices THREADS SECONDS\n");
        return 64;
    }
    if (strcmp(arguments[2], "slices") == 0) threads = atoi(arguments[3]);
    if (threads < 1 || threads > MOST_THREADS) return 64;
    left = filled(rows * inner), right = filled(inner * columns), out = filled(rows * columns);
    for (long i = 1; i < threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, helper, (void *)i) != 0) return 70;
    }
    for (int i = 0; i < WARM_UP; i++) product();
    double *times = malloc(MOST_CALLS * sizeof *times), end = now() + atof(arguments[4]);
    int calls = 0;
    while (calls < AT_LEAST || (now() < end && calls < MOST_CALLS)) {
        double start = now();
        product();
        times[calls++] = (now() - start) * 1e3;
    }
    qsort(times, (size_t)calls, sizeof *times, ascending);
    printf("{\"milliseconds\": {\"median\": %.6f, \"minimum\": %.6f, \"maximum\": %.6f}}\n", times[calls / 2], times[0],
           times[calls - 1]);
    atomic_store(&turn, -1);
    return 0;
}
