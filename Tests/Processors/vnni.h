// vpdpbusd in C, by Intel's description, so that the kernels that use it run on a processor of AVX2: each sum of 32 bits gains
// four unsigned bytes times four signed ones. Stands in for <immintrin.h> there; `run` makes the copies.
#include <immintrin.h>
#include <string.h>

typedef int lanes_of_16 __attribute__((vector_size(64)));

#define AVX2 __attribute__((target("avx2"), always_inline)) static inline

AVX2 void add_products(int *sums, const unsigned char *a, const signed char *b, int lanes) {
    for (int i = 0; i < 4 * lanes; i++) sums[i / 4] += (int)a[i] * (int)b[i];
}

AVX2 lanes_of_16 dot_of_16(lanes_of_16 sum, lanes_of_16 a, lanes_of_16 b) {
    add_products((int *)&sum, (const unsigned char *)&a, (const signed char *)&b, 16);
    return sum;
}

AVX2 __m256i dot_of_8(__m256i sum, __m256i a, __m256i b) {
    int sums[8];
    memcpy(sums, &sum, sizeof sums);
    add_products(sums, (const unsigned char *)&a, (const signed char *)&b, 8);
    memcpy(&sum, sums, sizeof sums);
    return sum;
}

AVX2 lanes_of_16 aligned_load(const void *from) {
    lanes_of_16 value;
    if ((unsigned long)from % sizeof value != 0) __builtin_trap();
    memcpy(&value, from, sizeof value);
    return value;
}

AVX2 lanes_of_16 all_of_16(int value) { return (lanes_of_16){0} + value; }

#define __m512i lanes_of_16
#define _mm512_dpbusd_epi32 dot_of_16
#define _mm512_load_si512 aligned_load
#define _mm512_set1_epi32 all_of_16
#define _mm256_dpbusd_avx_epi32 dot_of_8
