// The operations: how each one's work is cut into tasks for the team.
#include "int8.h"

#include <string.h>
#include <time.h>

bool ww_isa_available(ww_isa isa) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (isa == WW_ISA_AVX512) {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("fma");
    }
    if (isa == WW_ISA_AVX2) {
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    }
#endif
    return isa == WW_ISA_PORTABLE;
}

ww_isa ww_isa_best(void) {
    if (ww_isa_available(WW_ISA_AVX512)) return WW_ISA_AVX512;
    if (ww_isa_available(WW_ISA_AVX2)) return WW_ISA_AVX2;
    return WW_ISA_PORTABLE;
}

const ww_kernels *ww_kernels_for(ww_isa isa) {
#if defined(__x86_64__)
    if (isa == WW_ISA_AVX512) return &ww_kernels_avx512;
    if (isa == WW_ISA_AVX2) return &ww_kernels_avx2;
#endif
    return &ww_kernels_portable;
}

static size_t ceil_div(size_t a, size_t b) { return (a + b - 1) / b; }

size_t ww_packed_bytes(ww_backend backend, ww_storage storage, size_t inputs, size_t outputs) {
    if (storage == WW_INT8) return ww_int8_packed_bytes(ww_int8_kernels_for(backend.int8), inputs, outputs);
    size_t width = ww_kernels_for(backend.isa)->panel_width;
    return ceil_div(outputs, width) * width * inputs * (storage == WW_F32 ? sizeof(float) : sizeof(uint16_t));
}

static uint16_t bf16_from_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)((bits >> 16) | 0x40);  // a NaN stays one
    return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

void ww_pack(ww_backend backend, void *panels, ww_storage storage, size_t inputs, size_t outputs, const float *source,
             size_t ld, size_t first, size_t count) {
    if (storage == WW_INT8) {
        const ww_int8_kernels *kernels = ww_int8_kernels_for(backend.int8);
        for (size_t row = 0; row < count; row++) {
            ww_int8_pack_row(kernels, panels, inputs, outputs, source + row * ld, first + row);
        }
        return;
    }
    const ww_kernels *kernels = ww_kernels_for(backend.isa);
    size_t width = kernels->panel_width, depth = kernels->block_depth;
    size_t panel_count = ceil_div(outputs, width);
    for (size_t row = 0; row < count; row++) {
        size_t panel = (first + row) / width, lane = (first + row) % width;
        for (size_t start = 0; start < inputs; start += depth) {
            size_t kc = inputs - start < depth ? inputs - start : depth;
            size_t at = start * panel_count * width + panel * kc * width + lane;
            const float *from = source + row * ld + start;
            if (storage == WW_F32) {
                float *to = (float *)panels + at;
                for (size_t k = 0; k < kc; k++) to[k * width] = from[k];
            } else if (storage == WW_F16) {
                _Float16 *to = (_Float16 *)panels + at;
                for (size_t k = 0; k < kc; k++) to[k * width] = (_Float16)from[k];
            } else {
                uint16_t *to = (uint16_t *)panels + at;
                for (size_t k = 0; k < kc; k++) to[k * width] = bf16_from_float(from[k]);
            }
        }
    }
}

ww_panels ww_panels_of_task(const ww_team *team, size_t index, size_t panels, size_t per_task) {
    size_t first = index * per_task, count = panels - first < per_task ? panels - first : per_task;
    // Tasks are claimed from the last to the first, so a thread's next one is probably as many before as there are threads.
    size_t ahead = (size_t)ww_team_threads(team) * per_task;
    return (ww_panels){first, count, first >= ahead ? first - ahead : panels, first + ahead >= panels};
}

struct linear_job {
    const ww_team *team;
    const ww_kernels *kernels;
    float *c;
    const float *a;
    size_t ldc, lda, rows, panels, panels_per_task;
    const ww_weights *weights, *later;
    bool accumulate;
    ww_activation activation;
};

static void linear_task(void *context, size_t index, float *scratch) {
    const struct linear_job *job = context;
    ww_panels task = ww_panels_of_task(job->team, index, job->panels, job->panels_per_task);
    job->kernels->linear_panels(job->c, job->ldc, job->a, job->lda, job->rows, job->weights, job->accumulate,
                                job->activation, job->later, task, scratch);
}

size_t ww_panels_per_task(const ww_team *team, size_t panels, size_t panel_width) {
    // About 128 outputs a task, and at least four tasks a thread, so that a thread held up by the machine costs little.
    size_t per_task = 128 / panel_width, threads = (size_t)ww_team_threads(team);
    while (per_task > 1 && panels / per_task < 4 * threads) per_task /= 2;
    return per_task;
}

void ww_linear(ww_team *team, float *c, size_t ldc, const float *a, size_t lda, size_t rows, const ww_weights *weights,
               bool accumulate, ww_activation activation, const ww_weights *later) {
    if (weights->storage == WW_INT8) {
        ww_int8_linear(team, c, ldc, a, lda, rows, weights, accumulate, activation, later);
        return;
    }
    const ww_kernels *kernels = ww_team_kernels(team);
    size_t panels = ceil_div(weights->outputs, kernels->panel_width);
    size_t per_task = ww_panels_per_task(team, panels, kernels->panel_width);
    struct linear_job job = {team, kernels, c, a, ldc, lda, rows, panels, per_task, weights, later, accumulate, activation};
    ww_team_run(team, linear_task, &job, ceil_div(panels, per_task));
}

struct norm_job {
    const ww_kernels *kernels;
    float *output;
    const float *input, *weight, *bias;
    size_t ldo, ldi, rows, width, group, gap;
    float epsilon;
};

enum { ROWS_PER_TASK = 16 };

static void norm_task(void *context, size_t index, float *scratch) {
    (void)scratch;
    const struct norm_job *job = context;
    size_t first = index * ROWS_PER_TASK;
    size_t end = first + ROWS_PER_TASK < job->rows ? first + ROWS_PER_TASK : job->rows;
    for (size_t r = first; r < end; r++) {
        size_t at = r + r / job->group * job->gap;
        job->kernels->layer_norm(job->output + at * job->ldo, job->input + r * job->ldi, job->width, job->weight,
                                 job->bias, job->epsilon);
    }
}

void ww_layer_norm(ww_team *team, float *output, size_t ldo, const float *input, size_t ldi, size_t rows, size_t width,
                   const float *weight, const float *bias, float epsilon, size_t group, size_t gap) {
    struct norm_job job = {ww_team_kernels(team), output, input, weight, bias, ldo, ldi, rows, width, group, gap, epsilon};
    ww_team_run(team, norm_task, &job, ceil_div(rows, ROWS_PER_TASK));
}

struct attention_job {
    const ww_kernels *kernels;
    const ww_attention_args *args;
};

static void attention_task(void *context, size_t index, float *scratch) {
    const struct attention_job *job = context;
    job->kernels->attention(job->args, index / job->args->heads, index % job->args->heads, scratch);
}

void ww_attention(ww_team *team, const ww_attention_args *args) {
    struct attention_job job = {ww_team_kernels(team), args};
    ww_team_run(team, attention_task, &job, args->batches * args->heads);
}

struct patch_job {
    float *rows;
    const uint8_t *pixels;
    size_t ld, height, width, patch;
};

static void patch_task(void *context, size_t index, float *scratch) {
    (void)scratch;
    const struct patch_job *job = context;
    size_t across = job->width / job->patch, down = job->height / job->patch, run = job->patch * 3;
    size_t picture = index / down, row = index % down;
    const uint8_t *from = job->pixels + (picture * job->height + row * job->patch) * job->width * 3;
    for (size_t x = 0; x < across; x++) {
        float *to = job->rows + ((picture * down + row) * across + x) * job->ld;
        for (size_t y = 0; y < job->patch; y++) {
            const uint8_t *line = from + y * job->width * 3 + x * run;
            for (size_t i = 0; i < run; i++) to[y * run + i] = line[i];
        }
    }
}

void ww_patch_rows(ww_team *team, float *rows, size_t ld, const uint8_t *pixels, size_t pictures, size_t height,
                   size_t width, size_t patch) {
    struct patch_job job = {rows, pixels, ld, height, width, patch};
    ww_team_run(team, patch_task, &job, pictures * (height / patch));
}

void ww_activate(float *values, size_t count, ww_activation activation, ww_isa isa) {
    ww_kernels_for(isa)->activate(values, count, activation);
}

struct fma_job {
    const ww_kernels *kernels;
    size_t rounds;
};

static void fma_task(void *context, size_t index, float *scratch) {
    const struct fma_job *job = context;
    (void)index;
    scratch[0] = (float)job->kernels->fma(job->rounds);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double ww_fma_peak(ww_team *team, double seconds) {
    const ww_kernels *kernels = ww_team_kernels(team);
    size_t threads = (size_t)ww_team_threads(team);
    struct fma_job job = {kernels, 200000};
    double best = 0, start = now();
    // The best of many short bursts: a share is measured against what the machine can do, not against its noise.
    do {
        double before = now();
        ww_team_run(team, fma_task, &job, threads);
        double rate = (double)threads * (double)job.rounds * 10 * 2 * (double)(kernels->panel_width) / (now() - before);
        if (rate > best) best = rate;
    } while (now() - start < seconds);
    return best;
}
