// Runtime: which instruction set, how many workers, where memory comes from.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Instruction sets

/// The instruction set in use: the widest the CPU has, narrowed by MARTLET_ISA=scalar|avx2|avx512|avx512vnni|neon.
const char *mk_isa(void);
/// Comma-separated instruction sets that this build can run on this CPU, narrowest first.
const char *mk_available_isas(void);
/// Whether the CPU has a feature, by its usual name: "avx2", "avx512f", "avx512vnni", "avx512bf16", "neon" …
bool mk_cpu_has(const char *feature);
/// Fills `name` with the CPU's own name; an empty string where it cannot be known.
void mk_cpu_name(char *name, size_t capacity);

// MARK: Workers

/// A piece of work done by all workers together. `worker` is 0 …< `workers`. A task must give the
/// same bits for every number of workers, because a busy pool runs it with one.
typedef void (*mk_task)(void *context, int worker, int workers);
/// Runs `task` on at most so many workers, the calling thread among them; returns when all are done. `threads` is what the
/// caller read of mk_threads(), and made room for: the setting may change at any time.
/// If the pool is busy with another caller's task, or this is a worker already, the caller runs it alone.
void mk_run(int threads, mk_task task, void *context);
/// The same for a task whose threads start tasks of their own: each runs them alone, and the last one with the help of those that
/// are done.
void mk_run_side_by_side(int threads, mk_task task, void *context);

/// A range of work: items `begin ..< end`.
typedef void (*mk_range)(void *context, size_t begin, size_t end);
/// Splits 0 ..< count over the workers in runs of at least `grain` items (multiples of `grain`, but for the last).
void mk_for(size_t count, size_t grain, mk_range body, void *context);

/// Threads in use: MARTLET_THREADS, or the cores this process may use.
int mk_threads(void);
/// The same for what this thread starts now: 1, if it is to run that alone.
int mk_threads_here(void);
/// Sets the number of threads (1 … 64) for later work of the whole process. Results do not depend on it.
void mk_set_threads(int threads);

/// 1: what this thread starts runs on it alone, from now on; 0: on all; gives what it was before, which may be another number.
int mk_set_alone(int alone);

/// A barrier for the workers of one task; zero-initialise it, one per task.
typedef struct mk_barrier {
    int arrived;
    int generation;
} mk_barrier;
/// Waits until all `workers` have arrived. Writes before it are seen by all after it.
void mk_barrier_wait(mk_barrier *barrier, int workers);

/// A worker's turn at what is left of 0 ..< end, of which `*next` is the first not taken: gives how many it takes, 0 where
/// none are left, and the first of them. It takes at most `most`, and fewer towards the end, though at least `least`, so that
/// all workers end at the same time even where one is held up. All but the last turn are multiples of `unit`, if `most` and
/// `least` are.
size_t mk_take_turn(size_t *next, size_t end, size_t most, size_t least, size_t unit, int workers, size_t *first);

/// Waits until `*counter`, which another worker of the task writes with release, is more than `value`.
void mk_wait_above(const int *counter, int value);

// MARK: Memory

/// Memory for `bytes` bytes, 64-byte aligned, not zeroed; aborts with a message if there is none.
void *mk_allocate(size_t bytes);
/// Gives back what mk_allocate(bytes) returned; kept for the next one of that size class.
void mk_free(void *pointer, size_t bytes);
/// The same of memory of which little may ever be touched: only what is touched takes room, page by page. Counted as neither in use
/// nor kept. From the system at each call, if it is large.
void *mk_allocate_sparse(size_t bytes);
/// Gives back what mk_allocate_sparse(bytes) returned, to the system.
void mk_free_sparse(void *pointer, size_t bytes);
/// Bytes in use and bytes kept for reuse.
void mk_memory_statistics(size_t *in_use, size_t *kept);
/// The most bytes that were asked for and in use at once since the last call with `from_now`, which begins anew.
size_t mk_memory_peak(bool from_now);
/// Bytes of the whole process that are in memory now; 0 where the system does not tell.
size_t mk_resident_bytes(void);
/// Returns kept memory to the system.
void mk_trim_memory(void);

#ifdef __cplusplus
}
#endif
