// The target's own instruction set: NEON on arm64 (6×16 tiles over 32 registers), SSE2 on an old x86-64.
#define LANES 4
#define NV 4
#define DEPTH 384
#define UNROLL 2
#define WIDENED_ROWS MR
#define TABLE ww_kernels_portable
#include "lanes.inc"
