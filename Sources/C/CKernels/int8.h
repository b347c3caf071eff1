// Products of weights in int8, as CKernels.h defines them.
//
// A packed matrix: the scale of each output [padded], the sum of its weights [padded], then the panels. `padded`: outputs, up
// to whole panels. A panel holds K in groups, [groups][width][group], so that one instruction sums a group into its output.
#ifndef WATCHWORD_INT8_H
#define WATCHWORD_INT8_H

#include "team.h"

/// The quantised inputs of a product.
typedef struct {
    char *values;      // [rows], `stride` bytes apart, of the kernel's input type
    float *scales;     // [rows]
    int32_t *zeros;    // [rows], less the kernel's offset
    size_t stride;
} ww_int8_rows;

/// The kernels of one instruction set.
typedef struct {
    size_t panel_width, group, input_bytes;
    /// One row, padded with any values to whole groups, since the weights there are zeros.
    void (*quantise)(const ww_int8_rows *to, size_t row, const float *from, size_t inputs);
    void (*linear_panels)(float *c, size_t ldc, const ww_int8_rows *a, size_t rows, const ww_weights *weights,
                          bool accumulate, ww_activation activation, const ww_weights *later, ww_panels panels);
} ww_int8_kernels;

extern const ww_int8_kernels ww_int8_portable;
#if defined(__x86_64__)
extern const ww_int8_kernels ww_int8_avx2, ww_int8_avx_vnni, ww_int8_avx512_vnni;
#elif defined(__aarch64__)
extern const ww_int8_kernels ww_int8_neon_dotprod, ww_int8_neon_i8mm;
#endif

const ww_int8_kernels *ww_int8_kernels_for(ww_int8 kernel);

size_t ww_int8_packed_bytes(const ww_int8_kernels *kernels, size_t inputs, size_t outputs);
void ww_int8_pack_row(const ww_int8_kernels *kernels, void *packed, size_t inputs, size_t outputs, const float *row,
                      size_t output);
void ww_int8_linear(ww_team *team, float *c, size_t ldc, const float *a, size_t lda, size_t rows, const ww_weights *weights,
                    bool accumulate, ww_activation activation, const ww_weights *later);

/// A product by its definition in CKernels.h, one output after the other; `w` [outputs, inputs] in floats.
void ww_int8_reference(float *c, size_t ldc, const float *a, size_t lda, size_t rows, const float *w, size_t ldw,
                       size_t inputs, size_t outputs, const float *bias, bool accumulate, ww_activation activation);

/// A top or range below this counts as zero, so that its reciprocal stays finite.
#define WW_INT8_LEAST 1e-30f

#endif
