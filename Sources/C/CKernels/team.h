// The team's internals, which the kernels use.
#ifndef WATCHWORD_TEAM_H
#define WATCHWORD_TEAM_H

#include "CKernels.h"

typedef void (*ww_task)(void *context, size_t index, float *scratch);

/// Runs task(context, i, scratch) for every i below count, on all threads; returns when all are done.
void ww_team_run(ww_team *team, ww_task task, void *context, size_t count);

/// How many of a product's panels make a task.
size_t ww_panels_per_task(const ww_team *team, size_t panels, size_t panel_width);

enum {
    /// Rows of queries that attention scores at a time, so that their scores fit the cache.
    WW_QUERY_ROWS = 48,
    /// Floats of scratch that a product may use on each thread: a panel block in Float, [DEPTH][NR] in lanes.inc.
    WW_PRODUCT_SCRATCH = 64 * 1024,
    /// Of a team's memory for quantised inputs. Products of more rows than fit are cut, each part with the weights again.
    WW_QUANTISED_BYTES = 1 << 20,
};

/// The panels of one task of a product.
typedef struct {
    size_t first, count;
    size_t next;  // the panel that the same thread needs after them, probably; as many as there are if none
    bool cold;    // no thread has fetched the first one ahead
} ww_panels;

/// The panels of task `index`, where each has `per_task` of all `panels`.
ww_panels ww_panels_of_task(const ww_team *team, size_t index, size_t panels, size_t per_task);

/// The kernels of one instruction set.
typedef struct {
    size_t panel_width, block_depth;
    void (*linear_panels)(float *c, size_t ldc, const float *a, size_t lda, size_t rows, const ww_weights *weights,
                          bool accumulate, ww_activation activation, const ww_weights *later, ww_panels task,
                          float *scratch);
    void (*layer_norm)(float *output, const float *input, size_t width, const float *weight, const float *bias,
                       float epsilon);
    void (*attention)(const ww_attention_args *args, size_t set, size_t head, float *scratch);
    void (*activate)(float *values, size_t count, ww_activation activation);
    double (*fma)(size_t rounds);
} ww_kernels;

extern const ww_kernels ww_kernels_portable;
#if defined(__x86_64__)
extern const ww_kernels ww_kernels_avx2;
extern const ww_kernels ww_kernels_avx512;
#endif

const ww_kernels *ww_kernels_for(ww_isa isa);
ww_int8 ww_team_int8(const ww_team *team);
/// Memory of the team for the quantised inputs of a product: WW_QUANTISED_BYTES, aligned to 64 bytes.
void *ww_team_quantised(ww_team *team);
const ww_kernels *ww_team_kernels(const ww_team *team);

#endif
