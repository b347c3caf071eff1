// NEON's dot product: sdot over inputs less 128, tiles of 6×16.
#if defined(__aarch64__)
#pragma clang fp contract(off)
#include "int8.h"
#include <arm_neon.h>
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#define LANES 4
#include "vectors.inc"

typedef int8_t input;
typedef int8x16_t wide;

INLINE wide weights_at(const int8_t *from) { return vld1q_s8(from); }

INLINE wide input_at(const input *from) {
    int group;
    memcpy(&group, from, sizeof group);
    return vreinterpretq_s8_s32(vdupq_n_s32(group));
}

INLINE vi dot(vi sum, wide a, wide b) { return (vi)vdotq_s32((int32x4_t)sum, b, a); }

#define NV 4
#define GROUP 4
#define OFFSET 128
#define UNROLL 2
#define TABLE ww_int8_neon_dotprod
#include "int8.inc"
#pragma clang attribute pop
#endif
