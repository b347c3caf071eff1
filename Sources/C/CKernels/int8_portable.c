// The target's own instruction set: pairs of 16-bit products, which are pmaddwd on x86-64 and smull on arm64.
#pragma clang fp contract(off)
#define LANES 4
#include "vectors.inc"

typedef int16_t input;
typedef int16_t wide __attribute__((ext_vector_type(8)));
typedef int8_t packed_weights __attribute__((ext_vector_type(8), aligned(8)));

INLINE wide weights_at(const int8_t *from) { return __builtin_convertvector(*(const packed_weights *)from, wide); }

INLINE wide input_at(const input *from) {
    return (wide){from[0], from[1], from[0], from[1], from[0], from[1], from[0], from[1]};
}

INLINE vi dot(vi sum, wide a, wide b) {
    return sum + __builtin_convertvector(a.even, vi) * __builtin_convertvector(b.even, vi) +
           __builtin_convertvector(a.odd, vi) * __builtin_convertvector(b.odd, vi);
}

#define NV 4
#define GROUP 2
#define OFFSET 0
#define UNROLL 2
#define TABLE ww_int8_portable
#include "int8.inc"
