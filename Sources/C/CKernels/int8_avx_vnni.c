// AVX-VNNI, the vpdpbusd of 256 bits that processors without AVX-512 have: tiles of 6×16.
#if defined(__x86_64__)
#pragma clang fp contract(off)
#include "int8.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx2,avxvnni"))), apply_to = function)
#define LANES 8
#include "vectors.inc"

typedef uint8_t input;
typedef __m256i wide;

INLINE wide weights_at(const int8_t *from) { return _mm256_load_si256((const __m256i *)(const void *)from); }

INLINE wide input_at(const input *from) {
    int group;
    memcpy(&group, from, sizeof group);
    return _mm256_set1_epi32(group);
}

INLINE vi dot(vi sum, wide a, wide b) { return (vi)_mm256_dpbusd_avx_epi32((__m256i)sum, a, b); }

#define NV 2
#define GROUP 4
#define OFFSET 0
#define UNROLL 2
#define TABLE ww_int8_avx_vnni
#include "int8.inc"
#pragma clang attribute pop
#endif
