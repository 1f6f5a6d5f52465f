// The worker pool: threads spin for some microseconds after a task, because the next one usually
// follows at once, then sleep on a condition. One caller uses the pool at a time; another one that
// comes meanwhile runs its task alone, so nothing ever waits for a foreign task.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "martlet_runtime.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { max_threads = 64, spins_before_sleep = 4000, spins_before_yield = 2000 };

static pthread_mutex_t caller = PTHREAD_MUTEX_INITIALIZER;  // who may use the pool
static pthread_mutex_t sleep_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static mk_task current_task;
static void *current_context;
static int current_workers;
static _Atomic unsigned epoch;  // grows by one with each task
static _Atomic int pending;     // workers that have not finished the current task
static _Atomic int sleepers;    // helper threads that wait on `wake`
static int started;             // helper threads that exist (guarded by `caller`)
static _Atomic int thread_setting;

/// Who runs this thread's tasks.
enum { WITH_ALL, ALONE, WITH_IDLE };
static _Thread_local int company = WITH_ALL;

// What the last of threads that work side by side shares with those that are done.
static mk_task shared_task;
static void *shared_context;
static int shared_owner, shared_workers;
static _Thread_local int number;       // this thread's among those side by side
static _Atomic unsigned shared_epoch;  // grows by one with each task
static _Atomic int shared_pending;     // threads that have not finished it
static _Atomic int busy;               // threads that are not done

static inline void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static int usable_cores(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) cores = CPU_COUNT(&set);
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");  // a container's quota: "200000 100000"
    long quota, period;
    if (file) {
        if (fscanf(file, "%ld %ld", &quota, &period) == 2 && period > 0) {
            long limit = (quota + period - 1) / period;
            if (limit >= 1 && limit < cores) cores = limit;
        }
        fclose(file);
    }
#endif
    return cores < 1 ? 1 : cores > max_threads ? max_threads : (int)cores;
}

static void read_setting(void) {
    const char *text = getenv("MARTLET_THREADS");
    int threads = usable_cores();
    if (text && text[0]) {
        char *end;
        long value = strtol(text, &end, 10);
        if (*end == 0 && value >= 1 && value <= max_threads) threads = (int)value;
        else
            fprintf(stderr, "martlet: MARTLET_THREADS=%s is not a number from 1 to %d; using %d\n", text,
                    max_threads, threads);
    }
    int unset = 0;
    atomic_compare_exchange_strong(&thread_setting, &unset, threads);
}

int mk_threads(void) {
    pthread_once(&once, read_setting);
    return atomic_load(&thread_setting);
}

int mk_threads_here(void) {
    bool alone = company == ALONE || (company == WITH_IDLE && atomic_load_explicit(&busy, memory_order_acquire) != 1);
    return alone ? 1 : mk_threads();
}

void mk_set_threads(int threads) {
    pthread_once(&once, read_setting);
    atomic_store(&thread_setting, threads < 1 ? 1 : threads > max_threads ? max_threads : threads);
}

int mk_set_alone(int alone) {
    int before = company;
    company = alone;
    return before;
}

/// Waits until `*count` is 0.
static void wait_for_none(_Atomic int *count) {
    for (int spins = 0; atomic_load_explicit(count, memory_order_acquire) != 0; spins++) {
        if (spins < spins_before_yield) pause_briefly();
        else sched_yield();
    }
}

static void *worker_main(void *argument) {
    int index = (int)((uintptr_t)argument & 0xff);
    unsigned seen = (unsigned)((uintptr_t)argument >> 8);  // the epoch it was started in
    company = ALONE;
    for (;;) {
        unsigned now;
        int spins = 0;
        while ((now = atomic_load_explicit(&epoch, memory_order_acquire)) == seen) {
            if (++spins < spins_before_sleep) {
                pause_briefly();
                continue;
            }
            pthread_mutex_lock(&sleep_lock);
            atomic_fetch_add(&sleepers, 1);
            while (atomic_load(&epoch) == seen) pthread_cond_wait(&wake, &sleep_lock);
            atomic_fetch_sub(&sleepers, 1);
            pthread_mutex_unlock(&sleep_lock);
        }
        seen = now;
        if (index < current_workers) current_task(current_context, index, current_workers);
        atomic_fetch_sub_explicit(&pending, 1, memory_order_release);
    }
    return NULL;
}

/// Starts helper threads until there are `wanted`; gives the number there is. Called with `caller` held.
static int ensure_started(int wanted) {
    while (started < wanted) {
        pthread_t thread;
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        pthread_attr_setstacksize(&attributes, (size_t)1 << 20);
        uintptr_t argument = (uintptr_t)atomic_load(&epoch) << 8 | (uintptr_t)(started + 1);
        int failed = pthread_create(&thread, &attributes, worker_main, (void *)argument);
        pthread_attr_destroy(&attributes);
        if (failed) break;
        started++;
    }
    return started;
}

/// Runs a task together with the threads that are done with theirs, if all others are; false: they are not.
static bool run_with_idle(int threads, mk_task task, void *context) {
    if (atomic_load_explicit(&busy, memory_order_acquire) != 1) return false;
    shared_task = task;
    shared_context = context;
    shared_owner = number;
    shared_workers = current_workers < threads ? current_workers : threads;
    atomic_store(&shared_pending, current_workers - 1);
    atomic_fetch_add(&shared_epoch, 1);
    company = ALONE;
    task(context, 0, shared_workers);
    company = WITH_IDLE;
    wait_for_none(&shared_pending);
    return true;
}

/// Runs a task on all threads, of which the caller is the first; false: it is to run alone.
static bool run_with_all(int threads, mk_task task, void *context) {
    if (pthread_mutex_trylock(&caller) != 0) return false;
    int helpers = ensure_started(threads - 1);
    int workers = helpers + 1 < threads ? helpers + 1 : threads;
    current_task = task;
    current_context = context;
    current_workers = workers;
    atomic_store(&busy, workers);
    atomic_store(&pending, helpers);
    atomic_fetch_add(&epoch, 1);
    if (atomic_load(&sleepers) > 0) {
        pthread_mutex_lock(&sleep_lock);
        pthread_cond_broadcast(&wake);
        pthread_mutex_unlock(&sleep_lock);
    }
    company = ALONE;
    task(context, 0, workers);
    company = WITH_ALL;
    wait_for_none(&pending);
    pthread_mutex_unlock(&caller);
    return true;
}

void mk_run(int threads, mk_task task, void *context) {
    if (threads > 1 && company == WITH_ALL && run_with_all(threads, task, context)) return;
    if (threads > 1 && company == WITH_IDLE && run_with_idle(threads, task, context)) return;
    task(context, 0, 1);
}

typedef struct {
    mk_task task;
    void *context;
} side_by_side;

/// Runs a thread's part, and then helps the last of the others with its tasks.
static void run_part(void *argument, int worker, int workers) {
    const side_by_side *all = argument;
    number = worker;
    company = WITH_IDLE;
    all->task(all->context, worker, workers);
    company = ALONE;
    // Nothing is shared before the last of the others sees that this one is done.
    unsigned seen = atomic_load(&shared_epoch);
    atomic_fetch_sub(&busy, 1);
    for (int spins = 0;;) {
        if (atomic_load_explicit(&shared_epoch, memory_order_acquire) != seen) {
            seen++;
            int index = worker < shared_owner ? worker + 1 : worker;
            if (index < shared_workers) shared_task(shared_context, index, shared_workers);
            atomic_fetch_sub_explicit(&shared_pending, 1, memory_order_release);
            spins = 0;
        } else if (atomic_load_explicit(&busy, memory_order_acquire) == 0) {
            break;
        } else if (++spins < spins_before_yield) {
            pause_briefly();
        } else {
            sched_yield();
        }
    }
}

void mk_run_side_by_side(int threads, mk_task task, void *context) {
    side_by_side all = {task, context};
    if (threads > 1 && company == WITH_ALL && run_with_all(threads, run_part, &all)) return;
    task(context, 0, 1);
}

typedef struct {
    mk_range body;
    void *context;
    size_t count, grain;
} range_task;

static void run_range(void *argument, int worker, int workers) {
    const range_task *range = argument;
    size_t runs = (range->count + range->grain - 1) / range->grain;
    size_t begin = runs * (size_t)worker / (size_t)workers * range->grain;
    size_t end = runs * (size_t)(worker + 1) / (size_t)workers * range->grain;
    if (end > range->count) end = range->count;
    if (begin < end) range->body(range->context, begin, end);
}

void mk_for(size_t count, size_t grain, mk_range body, void *context) {
    if (count == 0) return;
    if (grain == 0) grain = 1;
    if (count <= grain) {
        body(context, 0, count);
        return;
    }
    range_task range = {body, context, count, grain};
    mk_run(mk_threads(), run_range, &range);
}

void mk_barrier_wait(mk_barrier *barrier, int workers) {
    if (workers == 1) return;
    int generation = __atomic_load_n(&barrier->generation, __ATOMIC_ACQUIRE);
    if (__atomic_add_fetch(&barrier->arrived, 1, __ATOMIC_ACQ_REL) == workers) {
        __atomic_store_n(&barrier->arrived, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&barrier->generation, generation + 1, __ATOMIC_RELEASE);
        return;
    }
    for (int spins = 0; __atomic_load_n(&barrier->generation, __ATOMIC_ACQUIRE) == generation; spins++) {
        if (spins < spins_before_yield) pause_briefly();
        else sched_yield();
    }
}

size_t mk_take_turn(size_t *next, size_t end, size_t most, size_t least, size_t unit, int workers, size_t *first) {
    size_t at = __atomic_load_n(next, __ATOMIC_RELAXED), count;
    do {
        if (at >= end) return 0;
        const size_t left = end - at, share = (left / (2 * (size_t)workers) + unit - 1) / unit * unit;
        count = share < least ? least : share;
        if (count > most) count = most;
        if (count > left) count = left;
    } while (!__atomic_compare_exchange_n(next, &at, at + count, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    *first = at;
    return count;
}

void mk_wait_above(const int *counter, int value) {
    for (int spins = 0; __atomic_load_n(counter, __ATOMIC_ACQUIRE) <= value; spins++) {
        if (spins < spins_before_yield) pause_briefly();
        else sched_yield();
    }
}
