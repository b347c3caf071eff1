// AVX2 and FMA: tiles of 6×16 (12 accumulators, 2 weights, the rest for inputs), blocks of K that fit 32 KiB.
#if defined(__x86_64__)
#include "team.h"
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define LANES 8
#define NV 2
#define DEPTH 384
#define UNROLL 4
#define WIDENED_ROWS MR
#define TABLE ww_kernels_avx2
#include "lanes.inc"
#pragma clang attribute pop
#endif
