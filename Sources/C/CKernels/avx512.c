// AVX-512: tiles of 6×64 (24 accumulators, 4 weights, the rest for inputs). Blocks of K of 256: the panel comes from the
// second-level cache and is prefetched in time; shorter blocks, which fit the first level, measured slower.
#if defined(__x86_64__)
#include "team.h"
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,fma,f16c"))), apply_to = function)
#define LANES 16
#define NV 4
#define DEPTH 256
#define UNROLL 2
#define WIDENED_ROWS SIZE_MAX
#define TABLE ww_kernels_avx512
#include "lanes.inc"
#pragma clang attribute pop
#endif
