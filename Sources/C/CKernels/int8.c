// Products in int8: choosing the kernel, packing, and how the work is cut into tasks.
#include "int8.h"

#include <float.h>
#include <math.h>
#include <string.h>

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

#pragma clang fp contract(off)

bool ww_int8_available(ww_int8 kernel) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    switch (kernel) {
        case WW_INT8_AVX2: return __builtin_cpu_supports("avx2");
        case WW_INT8_AVX_VNNI: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("avxvnni");
        case WW_INT8_AVX512_VNNI: return ww_isa_available(WW_ISA_AVX512) && __builtin_cpu_supports("avx512vnni");
        default: break;
    }
#elif defined(__aarch64__)
    // Bits of the kernel's interface, which old headers lack: HWCAP_ASIMDDP, HWCAP2_I8MM.
    if (kernel == WW_INT8_NEON_DOTPROD) return (getauxval(AT_HWCAP) & (1ul << 20)) != 0;
    if (kernel == WW_INT8_NEON_I8MM) return (getauxval(AT_HWCAP2) & (1ul << 13)) != 0;
#endif
    return kernel == WW_INT8_PORTABLE;
}

const ww_int8_kernels *ww_int8_kernels_for(ww_int8 kernel) {
    switch (kernel) {
#if defined(__x86_64__)
        case WW_INT8_AVX2: return &ww_int8_avx2;
        case WW_INT8_AVX_VNNI: return &ww_int8_avx_vnni;
        case WW_INT8_AVX512_VNNI: return &ww_int8_avx512_vnni;
#elif defined(__aarch64__)
        case WW_INT8_NEON_DOTPROD: return &ww_int8_neon_dotprod;
        case WW_INT8_NEON_I8MM: return &ww_int8_neon_i8mm;
#endif
        default: return &ww_int8_portable;
    }
}

static size_t ceil_div(size_t a, size_t b) { return (a + b - 1) / b; }

static size_t padded_outputs(const ww_int8_kernels *kernels, size_t outputs) {
    return ceil_div(outputs, kernels->panel_width) * kernels->panel_width;
}

size_t ww_int8_packed_bytes(const ww_int8_kernels *kernels, size_t inputs, size_t outputs) {
    size_t depth = ceil_div(inputs, kernels->group) * kernels->group;
    return padded_outputs(kernels, outputs) * (sizeof(float) + sizeof(int32_t) + depth);
}

void ww_int8_pack_row(const ww_int8_kernels *kernels, void *packed, size_t inputs, size_t outputs, const float *row,
                      size_t output) {
    size_t padded = padded_outputs(kernels, outputs), width = kernels->panel_width, group = kernels->group;
    float top = 0;
    bool finite = true;
    for (size_t k = 0; k < inputs; k++) {
        float size = fabsf(row[k]);
        finite = finite && size <= FLT_MAX;
        top = size > top ? size : top;
    }
    float factor = finite && top >= WW_INT8_LEAST ? 127.0f / top : 0.0f;
    int8_t *to = (int8_t *)packed + padded * 8 + output / width * width * ceil_div(inputs, group) * group;
    int32_t sum = 0;
    for (size_t k = 0; k < inputs; k++) {
        float rounded = factor == 0.0f ? 0.0f : rintf(row[k] * factor);
        int32_t weight = rounded > 127.0f ? 127 : rounded < -127.0f ? -127 : (int32_t)rounded;
        to[(k / group * width + output % width) * group + k % group] = (int8_t)weight;
        sum += weight;
    }
    ((float *)packed)[output] = !finite ? NAN : factor == 0.0f ? 0.0f : top / 127.0f;
    ((int32_t *)packed)[padded + output] = sum;
}

struct int8_job {
    const ww_team *team;
    const ww_int8_kernels *kernels;
    ww_int8_rows quantised;
    float *c;
    const float *a;
    size_t ldc, lda, rows, panels, panels_per_task;
    const ww_weights *weights, *later;
    bool accumulate;
    ww_activation activation;
};

enum {
    ROWS_PER_TASK = 4,
    /// Rows that are quantised at a time, at most.
    ROWS = 512,
    ROWS_BYTES = WW_QUANTISED_BYTES - ROWS * (sizeof(float) + sizeof(int32_t)),
};

static void quantise_task(void *context, size_t index, float *scratch) {
    (void)scratch;
    const struct int8_job *job = context;
    size_t first = index * ROWS_PER_TASK;
    size_t end = first + ROWS_PER_TASK < job->rows ? first + ROWS_PER_TASK : job->rows;
    for (size_t r = first; r < end; r++) {
        job->kernels->quantise(&job->quantised, r, job->a + r * job->lda, job->weights->inputs);
    }
}

static void linear_task(void *context, size_t index, float *scratch) {
    (void)scratch;
    const struct int8_job *job = context;
    ww_panels task = ww_panels_of_task(job->team, index, job->panels, job->panels_per_task);
    job->kernels->linear_panels(job->c, job->ldc, &job->quantised, job->rows, job->weights, job->accumulate,
                                job->activation, job->later, task);
}

void ww_int8_linear(ww_team *team, float *c, size_t ldc, const float *a, size_t lda, size_t rows, const ww_weights *weights,
                    bool accumulate, ww_activation activation, const ww_weights *later) {
    const ww_int8_kernels *kernels = ww_int8_kernels_for(ww_team_int8(team));
    size_t panels = ceil_div(weights->outputs, kernels->panel_width);
    size_t row_bytes = ceil_div(weights->inputs, kernels->group) * kernels->group * kernels->input_bytes;
    // An odd number of cache lines, so that no two rows lie a multiple of 4 KiB apart.
    size_t stride = (row_bytes + 63) / 64 * 64 + (row_bytes + 63) / 64 % 2 * 64 + 64;
    size_t room = ROWS_BYTES / stride < ROWS ? ROWS_BYTES / stride : ROWS;
    size_t parts = ceil_div(rows, room);
    char *memory = ww_team_quantised(team);
    struct int8_job job = {team, kernels, {memory + ROWS * 8, (float *)memory, (int32_t *)memory + ROWS, stride}, c, a, ldc, lda,
                           0, panels, ww_panels_per_task(team, panels, kernels->panel_width), weights, later, accumulate,
                           activation};
    for (size_t part = 0; part < parts; part++) {
        job.rows = rows / parts + (part < rows % parts);
        ww_team_run(team, quantise_task, &job, ceil_div(job.rows, ROWS_PER_TASK));
        ww_team_run(team, linear_task, &job, ceil_div(panels, job.panels_per_task));
        job.a += job.rows * lda;
        job.c += job.rows * ldc;
    }
}
