// Counts heap allocations of the test process: the executable's own malloc comes before the C library's.
#ifndef WATCHWORD_ALLOCATION_COUNT_H
#define WATCHWORD_ALLOCATION_COUNT_H

#include <stdint.h>

/// Allocations (malloc, calloc, realloc, aligned ones) that the calling thread has made so far.
uint64_t allocation_count_of_thread(void);

/// The bytes of them, those included that were given back since.
uint64_t allocated_bytes_of_thread(void);

#endif
