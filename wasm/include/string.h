/* The C library functions the codecs use; clang lowers them to memory.copy and memory.fill. */
#ifndef POOL_MERGE_STRING_H
#define POOL_MERGE_STRING_H
#include <stddef.h>
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
#endif
