/* No heap: every context lies in a region the caller provides, so these always report failure. */
#ifndef POOL_MERGE_STDLIB_H
#define POOL_MERGE_STDLIB_H
#include <stddef.h>
void *malloc(size_t n);
void *calloc(size_t count, size_t size);
void free(void *p);
#endif
