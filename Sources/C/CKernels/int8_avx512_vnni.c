// AVX-512 VNNI: vpdpbusd of 512 bits, tiles of 6×64.
#if defined(__x86_64__)
#pragma clang fp contract(off)
#include "int8.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx512vnni"))), apply_to = function)
#define LANES 16
#include "vectors.inc"

typedef uint8_t input;
typedef __m512i wide;

INLINE wide weights_at(const int8_t *from) { return _mm512_load_si512(from); }

INLINE wide input_at(const input *from) {
    int group;
    memcpy(&group, from, sizeof group);
    return _mm512_set1_epi32(group);
}

INLINE vi dot(vi sum, wide a, wide b) { return (vi)_mm512_dpbusd_epi32((__m512i)sum, a, b); }

#define NV 4
#define GROUP 4
#define OFFSET 0
#define UNROLL 1
#define TABLE ww_int8_avx512_vnni
#include "int8.inc"
#pragma clang attribute pop
#endif
