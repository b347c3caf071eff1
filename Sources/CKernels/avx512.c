// AVX-512: tiles of 6×64 (24 accumulators, 4 weights, the rest for what is read), blocks of K that fit 48 KiB.
#if defined(__x86_64__)
#include "team.h"
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,fma,f16c"))), apply_to = function)
#define LANES 16
#define NV 4
#define DEPTH 128
#define UNROLL 2
#define TABLE ww_kernels_avx512
#include "lanes.inc"
#pragma clang attribute pop
#endif
