/* XXH64 and XXH3-64, both with seed 0 as ROOT uses them. */
#define XXH_INLINE_ALL
#include "xxhash.h"
#include "status.h"

EXPORT("xxh64")
uint64_t xxh64(const void *p, uint32_t n)
{
	return XXH64(p, n, 0);
}

EXPORT("xxh3")
uint64_t xxh3(const void *p, uint32_t n)
{
	return XXH3_64bits(p, n);
}
