// AVX2 without VNNI: inputs and weights widened to 16 bits, as vpmaddubsw would saturate. Tiles of 6×16.
#if defined(__x86_64__)
#pragma clang fp contract(off)
#include "int8.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define LANES 8
#include "vectors.inc"

typedef int16_t input;
typedef __m256i wide;

INLINE wide weights_at(const int8_t *from) { return _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)(const void *)from)); }

INLINE wide input_at(const input *from) {
    int pair;
    memcpy(&pair, from, sizeof pair);
    return _mm256_set1_epi32(pair);
}

INLINE vi dot(vi sum, wide a, wide b) { return sum + (vi)_mm256_madd_epi16(a, b); }

#define NV 2
#define GROUP 2
#define OFFSET 0
#define UNROLL 2
#define TABLE ww_int8_avx2
#include "int8.inc"
#pragma clang attribute pop
#endif
