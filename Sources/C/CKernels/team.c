#define _GNU_SOURCE
#include "team.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

// A product of a single frame takes some hundred microseconds, so a sleeping barrier would cost as much as it gains. A
// thread spins between products and sleeps only if no work has come for this many checks (about 100 µs).
enum { SPINS = 4000 };

struct member {
    ww_team *team;
    pthread_t thread;
    float *scratch;
};

struct ww_team {
    const ww_kernels *kernels;
    ww_int8 int8;
    void *quantised;  // [WW_QUANTISED_BYTES]
    int threads;
    ww_task task;
    void *context;
    // Work not yet claimed. A claim by compare-and-swap pins the job: the caller waits for `completed` to reach the
    // count before it publishes another, so the task and context that are read after a claim belong to that claim.
    _Alignas(64) _Atomic size_t remaining;
    _Alignas(64) _Atomic size_t completed;
    _Alignas(64) _Atomic uint32_t epoch;  // the futex that idle threads sleep on
    _Atomic int sleepers;
    _Atomic bool ending;
    struct member members[];  // [threads]; 0 is the caller
};

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static bool claim(ww_team *team, size_t *index) {
    size_t left = atomic_load_explicit(&team->remaining, memory_order_relaxed);
    while (left > 0) {
        if (atomic_compare_exchange_weak_explicit(&team->remaining, &left, left - 1, memory_order_acquire,
                                                  memory_order_relaxed)) {
            *index = left - 1;
            return true;
        }
    }
    return false;
}

static void work(ww_team *team, float *scratch) {
    size_t index;
    while (claim(team, &index)) {
        team->task(team->context, index, scratch);
        atomic_fetch_add_explicit(&team->completed, 1, memory_order_release);
    }
}

static void *member_main(void *argument) {
    struct member *self = argument;
    ww_team *team = self->team;
    for (;;) {
        int looks = 0;
        while (atomic_load_explicit(&team->remaining, memory_order_relaxed) == 0) {
            if (atomic_load_explicit(&team->ending, memory_order_relaxed)) return NULL;
            if (++looks < SPINS) {
                relax();
                continue;
            }
            uint32_t seen = atomic_load(&team->epoch);
            atomic_fetch_add(&team->sleepers, 1);
            // Checked again after `sleepers` has been raised, so that work published in between wakes this thread.
            if (atomic_load(&team->remaining) == 0 && !atomic_load(&team->ending)) {
                syscall(SYS_futex, &team->epoch, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
            }
            atomic_fetch_sub(&team->sleepers, 1);
            looks = 0;
        }
        work(team, self->scratch);
    }
}

static void wake(ww_team *team) {
    atomic_fetch_add(&team->epoch, 1);
    if (atomic_load(&team->sleepers) > 0) {
        syscall(SYS_futex, &team->epoch, FUTEX_WAKE_PRIVATE, 0x7fffffff, NULL, NULL, 0);
    }
}

void ww_team_run(ww_team *team, ww_task task, void *context, size_t count) {
    float *scratch = team->members[0].scratch;
    if (team->threads == 1 || count < 2) {
        // In the order in which several threads claim them.
        for (size_t i = count; i > 0; i--) task(context, i - 1, scratch);
        return;
    }
    team->task = task;
    team->context = context;
    atomic_store_explicit(&team->completed, 0, memory_order_relaxed);
    atomic_store(&team->remaining, count);
    wake(team);
    work(team, scratch);
    for (int looks = 0; atomic_load_explicit(&team->completed, memory_order_acquire) < count; looks++) {
        // With more threads than free cores, the thread that we wait for may need this core.
        if (looks < SPINS) relax(); else sched_yield();
    }
}

ww_team *ww_team_create(int threads, ww_backend backend, size_t scratch_floats) {
    if (threads < 1) threads = 1;
    size_t floats = scratch_floats + WW_PRODUCT_SCRATCH;
    ww_team *team = NULL;
    if (posix_memalign((void **)&team, 64, sizeof *team + (size_t)threads * sizeof(struct member)) != 0) return NULL;
    team->kernels = ww_kernels_for(ww_isa_available(backend.isa) ? backend.isa : ww_isa_best());
    team->int8 = ww_int8_available(backend.int8) ? backend.int8 : WW_INT8_PORTABLE;
    team->threads = 0;
    // Memory that is never touched costs nothing.
    if (posix_memalign(&team->quantised, 64, WW_QUANTISED_BYTES) != 0) {
        free(team);
        return NULL;
    }
    atomic_init(&team->remaining, 0);
    atomic_init(&team->completed, 0);
    atomic_init(&team->epoch, 0);
    atomic_init(&team->sleepers, 0);
    atomic_init(&team->ending, false);
    for (int i = 0; i < threads; i++) {
        struct member *member = &team->members[i];
        member->team = team;
        bool failed = posix_memalign((void **)&member->scratch, 64, floats * sizeof(float)) != 0;
        if (failed) member->scratch = NULL;
        if (!failed && i > 0) failed = pthread_create(&member->thread, NULL, member_main, member) != 0;
        if (failed) {
            free(member->scratch);
            ww_team_destroy(team);
            return NULL;
        }
        if (i > 0) pthread_setname_np(member->thread, "ww-kernels");
        team->threads = i + 1;
    }
    return team;
}

void ww_team_destroy(ww_team *team) {
    if (team == NULL) return;
    atomic_store(&team->ending, true);
    wake(team);
    for (int i = 0; i < team->threads; i++) {
        if (i > 0) pthread_join(team->members[i].thread, NULL);
        free(team->members[i].scratch);
    }
    free(team->quantised);
    free(team);
}

int ww_team_threads(const ww_team *team) { return team->threads; }
const ww_kernels *ww_team_kernels(const ww_team *team) { return team->kernels; }
ww_int8 ww_team_int8(const ww_team *team) { return team->int8; }
void *ww_team_quantised(ww_team *team) { return team->quantised; }
