#include "team.h"

#include <malloc.h>

void ww_return_free_memory(void) { malloc_trim(0); }

size_t ww_attention_scratch(ww_isa isa, size_t head_width, size_t keys) {
    size_t width = ww_kernels_for(isa)->panel_width;
    size_t padded = (keys + width - 1) / width * width, values = (head_width + width - 1) / width * width;
    return padded * head_width + values * keys + WW_QUERY_ROWS * padded;
}
