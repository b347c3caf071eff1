// NEON's matrix product: usmmla sums eight inputs of two rows by two outputs, tiles of 6×16.
#if defined(__aarch64__)
#pragma clang fp contract(off)
#include "int8.h"
#include <arm_neon.h>
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("i8mm"))), apply_to = function)
#define LANES 4
#define NV 4
#define GROUP 8
#define OFFSET 0
#define OWN_TILE
#include "vectors.inc"

typedef uint8_t input;

// Eight inputs of a row and of the next; the last of an odd number of rows stands beside itself.
INLINE uint8x16_t inputs_of_pair(const int mr, int pair, const input *a, size_t lda) {
    int second = 2 * pair + 1 < mr ? 2 * pair + 1 : 2 * pair;
    return vcombine_u8(vld1_u8(a + (size_t)(2 * pair) * lda), vld1_u8(a + (size_t)second * lda));
}

INLINE void tile_sums(const int mr, vi sum[6][NV], const input *a, size_t lda, const int8_t *b, size_t groups, fetch ahead,
                      fetch later) {
    const int pairs = (mr + 1) / 2;
    int32x4_t sums[3][2 * NV];
#pragma clang loop unroll(full)
    for (int i = 0; i < pairs; i++) {
#pragma clang loop unroll(full)
        for (int j = 0; j < 2 * NV; j++) sums[i][j] = vdupq_n_s32(0);
    }
    const size_t fetched = 8;
    size_t each = fetches_each(&ahead, &later, (groups + fetched - 1) / fetched);
    for (size_t g = 0; g < groups; g++) {
        if (g % fetched == 0) fetch_some(&ahead, &later, each);
        uint8x16_t inputs[3];
#pragma clang loop unroll(full)
        for (int i = 0; i < pairs; i++) inputs[i] = inputs_of_pair(mr, i, a + g * GROUP, lda);
#pragma clang loop unroll(full)
        for (int j = 0; j < 2 * NV; j++) {
            int8x16_t weights = vld1q_s8(b + (g * LANES * NV + (size_t)j * 2) * GROUP);
#pragma clang loop unroll(full)
            for (int i = 0; i < pairs; i++) sums[i][j] = vusmmlaq_s32(sums[i][j], inputs[i], weights);
        }
    }
    // The sums of two rows stand side by side.
#pragma clang loop unroll(full)
    for (int i = 0; i < mr; i++) {
#pragma clang loop unroll(full)
        for (int j = 0; j < NV; j++) {
            int32x4_t left = sums[i / 2][2 * j], right = sums[i / 2][2 * j + 1];
            sum[i][j] = (vi)(i % 2 == 0 ? vcombine_s32(vget_low_s32(left), vget_low_s32(right))
                                        : vcombine_s32(vget_high_s32(left), vget_high_s32(right)));
        }
    }
}

#define TABLE ww_int8_neon_i8mm
#include "int8.inc"
#pragma clang attribute pop
#endif
