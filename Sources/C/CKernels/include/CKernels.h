// The arithmetic of the encoder: packed matrix products, attention, layer normalisation.
//
// Why C: one function must be compiled for several instruction sets and chosen at run time (AVX-512, AVX2, or the
// target's own, such as NEON on arm64), which Swift cannot do. Kernels know no model. Every buffer belongs to the caller.
// Nothing here allocates once a team is made. Matrices are row-major Float; `ld` is the distance between rows in floats.
#ifndef WATCHWORD_CKERNELS_H
#define WATCHWORD_CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { WW_ISA_PORTABLE = 0, WW_ISA_AVX2 = 1, WW_ISA_AVX512 = 2 } ww_isa;
/// The kernels of int8 products. They follow from other instructions than those of floats: a processor of AVX2 may have
/// AVX-VNNI, one of AVX-512 may have no VNNI.
typedef enum {
    WW_INT8_PORTABLE = 0,
    WW_INT8_AVX2 = 1,
    WW_INT8_AVX_VNNI = 2,
    WW_INT8_AVX512_VNNI = 3,
    WW_INT8_NEON_DOTPROD = 4,
    WW_INT8_NEON_I8MM = 5
} ww_int8;
typedef struct {
    ww_isa isa;
    ww_int8 int8;
} ww_backend;
typedef enum { WW_F32 = 0, WW_F16 = 1, WW_BF16 = 2, WW_INT8 = 3 } ww_storage;
typedef enum { WW_IDENTITY = 0, WW_QUICK_GELU = 1, WW_GELU = 2 } ww_activation;

/// Whether this processor runs `isa`, and the best that it runs.
bool ww_isa_available(ww_isa isa);
ww_isa ww_isa_best(void);
/// Whether this processor has the instructions of `kernel`.
bool ww_int8_available(ww_int8 kernel);
/// Whether `kernel`, which the processor must have, computes a known product bit by bit as the scalar reference does.
bool ww_int8_proven(ww_int8 kernel);

/// A team of threads that share each operation's work. One caller at a time; the caller works too.
typedef struct ww_team ww_team;
/// NULL if there is no memory or no thread. `scratch_floats`: the largest `ww_attention_scratch` of any call.
ww_team *ww_team_create(int threads, ww_backend backend, size_t scratch_floats);
void ww_team_destroy(ww_team *team);
int ww_team_threads(const ww_team *team);

/// A weight matrix [outputs, inputs] as panels of outputs. In floats: K in blocks, in each block the panels one after
/// another, each panel k-major. In int8: `int8.h`. A product reads memory in one pass. Padded with zeros.
typedef struct {
    const void *panels;  // aligned to 64 bytes
    size_t bytes;        // of `panels`: ww_packed_bytes
    const float *bias;   // [outputs] or NULL
    size_t inputs, outputs;
    ww_storage storage;
} ww_weights;

/// The most inputs of a matrix in int8: with more, a sum could exceed 32 bits.
#define WW_INT8_INPUTS 65536

size_t ww_packed_bytes(ww_backend backend, ww_storage storage, size_t inputs, size_t outputs);
/// Packs rows [first, first + count) of a matrix whose rows are `source` (Float, `ld` apart) into `panels`, which are zeroed.
void ww_pack(ww_backend backend, void *panels, ww_storage storage, size_t inputs, size_t outputs, const float *source,
             size_t ld, size_t first, size_t count);

/// c [rows, outputs] = activation(a [rows, inputs] · Wᵀ + bias), or with `accumulate` c += a · Wᵀ + bias.
/// With weights in int8, each row of `a` is quantised first. The result is the same bit by bit on every kernel:
///   weight scale of an output: top / 127, where top = max |w|;  weight = rint(w · (127 / top)), in −127…127
///   row scale: range / 255, where range = max(0, a) − min(0, a);  zero = rint(−min(0, a) · (255 / range))
///   input = clamp(rint(a · (255 / range)) + zero, 0, 255)
///   value = Float(Σ (input − zero) · weight) · row scale · weight scale [+ c] [+ bias], then the activation.
/// The sum is exact. All else is rounded to Float at each step, ties to even, with no fused multiply-adds. A `top` or
/// `range` below 1e-30 counts as zero. A row with a value that is not finite, or a range that is not, gives NaN, and so
/// does such a row of W.
/// `later`: weights that are used soon and are prefetched meanwhile, since few rows cannot hide the wait for memory; or
/// NULL.
void ww_linear(ww_team *team, float *c, size_t ldc, const float *a, size_t lda, size_t rows, const ww_weights *weights,
               bool accumulate, ww_activation activation, const ww_weights *later);

/// Normalises rows. Output row r goes to row r + (r / group) · gap, which leaves a gap after each group.
void ww_layer_norm(ww_team *team, float *output, size_t ldo, const float *input, size_t ldi, size_t rows, size_t width,
                   const float *weight, const float *bias, float epsilon, size_t group, size_t gap);

/// Multi-head attention over `batches` independent sets: for each set and head, softmax(q·kᵀ·scale + key_bias)·v.
/// q, k, v, output point at head 0 of set 0; heads lie side by side in a row; set strides are in floats.
/// `key_bias` [batches, keys] or NULL: log multiplicities, −INFINITY for an absent key. `causal`: query i sees
/// keys 0…i.
typedef struct {
    float *output;
    const float *q, *k, *v, *key_bias;
    size_t ldo, ldq, ldk, ldv;
    size_t set_o, set_q, set_k, set_v, set_bias;
    size_t batches, heads, head_width, queries, keys;
    float scale;
    bool causal;
} ww_attention_args;

/// Floats of scratch that each thread needs for an attention of this size.
size_t ww_attention_scratch(ww_isa isa, size_t head_width, size_t keys);
void ww_attention(ww_team *team, const ww_attention_args *args);

/// Patches of byte pictures as rows of floats: picture [height, width, 3] → rows [(height/patch)·(width/patch),
/// patch·patch·3], each row its pixels in (y, x, channel) order.
void ww_patch_rows(ww_team *team, float *rows, size_t ld, const uint8_t *pixels, size_t pictures, size_t height,
                   size_t width, size_t patch);

void ww_activate(float *values, size_t count, ww_activation activation, ww_isa isa);

/// Multiply-adds in registers for about `seconds` on every thread: the machine's FMA peak in FLOP/s.
double ww_fma_peak(ww_team *team, double seconds);

/// Returns the allocator's free memory to the system. (malloc_trim, which Swift's Glibc module lacks.)
void ww_return_free_memory(void);

#endif
