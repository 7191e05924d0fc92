/* The types alone: nothing here prints. */
#include <stdint.h>
