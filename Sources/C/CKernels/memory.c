#include "team.h"

#include <malloc.h>

void ww_return_free_memory(void) {
    // The end of a thread's arena is beyond malloc_trim. It goes back when a block beside it is freed, above a threshold that
    // would grow to twice the largest block ever freed: 64 MiB.
    mallopt(M_TRIM_THRESHOLD, 256 << 10);
    malloc_trim(0);
}

size_t ww_attention_scratch(ww_isa isa, size_t head_width, size_t keys) {
    size_t width = ww_kernels_for(isa)->panel_width;
    size_t padded = (keys + width - 1) / width * width, values = (head_width + width - 1) / width * width;
    return padded * head_width + values * keys + WW_QUERY_ROWS * padded;
}
