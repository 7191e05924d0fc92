/* Assertions are for debug builds of the upstream libraries. */
#ifndef assert
#define assert(condition) ((void)0)
#endif
