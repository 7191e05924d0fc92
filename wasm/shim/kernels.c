/*
 * Arithmetic in place on big-endian arrays, and comparison. `n` counts elements; pointers need no alignment.
 * The saturating adds follow TH1C, TH1S and TH1I::AddBinContent (ROOT hist/hist/src/TH1.cxx) and return the
 * number of elements whose result is not the exact sum.
 */
#include "status.h"
#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

static v128_t swap16(v128_t v)
{
	return wasm_i8x16_swizzle(v, wasm_i8x16_const(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
}

static v128_t swap32(v128_t v)
{
	return wasm_i8x16_swizzle(v, wasm_i8x16_const(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}

static v128_t swap64(v128_t v)
{
	return wasm_i8x16_swizzle(v, wasm_i8x16_const(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8));
}

static v128_t add_f32(v128_t a, v128_t b, uint32_t *inexact)
{
	(void)inexact;
	return swap32(wasm_f32x4_add(swap32(a), swap32(b)));
}

static v128_t add_f64(v128_t a, v128_t b, uint32_t *inexact)
{
	(void)inexact;
	return swap64(wasm_f64x2_add(swap64(a), swap64(b)));
}

/* Limits -127 and 127: -128 is not a value TH1C stores. */
static v128_t add_i8(v128_t a, v128_t b, uint32_t *inexact)
{
	v128_t stored = wasm_i8x16_max(wasm_i8x16_add_sat(a, b), wasm_i8x16_splat(-127));
	*inexact += __builtin_popcount(wasm_i8x16_bitmask(wasm_i8x16_ne(stored, wasm_i8x16_add(a, b))));
	return stored;
}

/* Limits -32767 and 32767. */
static v128_t add_i16(v128_t a_be, v128_t b_be, uint32_t *inexact)
{
	v128_t a = swap16(a_be), b = swap16(b_be);
	v128_t stored = wasm_i16x8_max(wasm_i16x8_add_sat(a, b), wasm_i16x8_splat(-32767));
	*inexact += __builtin_popcount(wasm_i16x8_bitmask(wasm_i16x8_ne(stored, wasm_i16x8_add(a, b))));
	return swap16(stored);
}

/*
 * Limits -2147483647 and 2147483647 for sums beyond them; a sum that equals a limit leaves the
 * element as it was (TH1I stores only sums strictly inside, and clips only those strictly outside).
 */
static v128_t add_i32(v128_t a_be, v128_t b_be, uint32_t *inexact)
{
	const v128_t max = wasm_i32x4_splat(INT32_MAX), min = wasm_i32x4_splat(-INT32_MAX);
	const v128_t lowest = wasm_i32x4_splat(INT32_MIN);
	v128_t a = swap32(a_be), b = swap32(b_be);
	v128_t sum = wasm_i32x4_add(a, b);
	v128_t wrapped = wasm_i32x4_shr(wasm_v128_and(wasm_v128_xor(a, sum), wasm_v128_xor(b, sum)), 31);
	v128_t beyond = wasm_v128_or(wrapped, wasm_i32x4_eq(sum, lowest));
	v128_t limit = wasm_v128_bitselect(min, max, wasm_i32x4_shr(a, 31));
	v128_t equal = wasm_v128_or(wasm_i32x4_eq(sum, max), wasm_i32x4_eq(sum, min));
	v128_t stored;
	limit = wasm_v128_bitselect(limit, min, wrapped); /* INT32_MIN without wrapping is below -INT32_MAX */
	stored = wasm_v128_bitselect(a, sum, equal);
	stored = wasm_v128_bitselect(limit, stored, beyond);
	*inexact += __builtin_popcount(
		wasm_i32x4_bitmask(wasm_v128_or(wrapped, wasm_i32x4_ne(stored, sum))));
	return swap32(stored);
}

/*
 * Exact, limits -(2^63 - 1) and 2^63 - 1 where the sum does not fit. TH1L means the same, but its own sum
 * wraps before it is compared, and passes through double, exact up to 2^53 only.
 */
static v128_t add_i64(v128_t a_be, v128_t b_be, uint32_t *inexact)
{
	v128_t a = swap64(a_be), b = swap64(b_be);
	v128_t sum = wasm_i64x2_add(a, b);
	v128_t wrapped = wasm_i64x2_shr(wasm_v128_and(wasm_v128_xor(a, sum), wasm_v128_xor(b, sum)), 63);
	v128_t limit = wasm_v128_bitselect(wasm_i64x2_splat(-INT64_MAX), wasm_i64x2_splat(INT64_MAX), wasm_i64x2_shr(a, 63));
	*inexact += __builtin_popcount(wasm_i64x2_bitmask(wrapped));
	return swap64(wasm_v128_bitselect(limit, sum, wrapped));
}

/*
 * Four vectors are loaded before the first is stored: the compiler may not reorder them, the arrays could overlap.
 * The tail goes through buffers of zeros: 0 + 0 is exact for every type.
 */
#define ADD_KERNEL(export, name, width)                                                           \
	EXPORT(export)                                                                            \
	uint32_t name##_kernel(uint8_t *to, const uint8_t *from, uint32_t n)                      \
	{                                                                                         \
		uint32_t inexact = 0, bytes = n * width;                                          \
		for (; bytes >= 64; bytes -= 64, to += 64, from += 64) {                          \
			v128_t a0 = wasm_v128_load(to), a1 = wasm_v128_load(to + 16);             \
			v128_t a2 = wasm_v128_load(to + 32), a3 = wasm_v128_load(to + 48);        \
			v128_t b0 = wasm_v128_load(from), b1 = wasm_v128_load(from + 16);         \
			v128_t b2 = wasm_v128_load(from + 32), b3 = wasm_v128_load(from + 48);    \
			wasm_v128_store(to, name(a0, b0, &inexact));                              \
			wasm_v128_store(to + 16, name(a1, b1, &inexact));                         \
			wasm_v128_store(to + 32, name(a2, b2, &inexact));                         \
			wasm_v128_store(to + 48, name(a3, b3, &inexact));                         \
		}                                                                                 \
		for (; bytes >= 16; bytes -= 16, to += 16, from += 16)                            \
			wasm_v128_store(to, name(wasm_v128_load(to), wasm_v128_load(from), &inexact)); \
		if (bytes > 0) {                                                                  \
			uint8_t a[16] = {0}, b[16] = {0};                                         \
			memcpy(a, to, bytes);                                                     \
			memcpy(b, from, bytes);                                                   \
			wasm_v128_store(a, name(wasm_v128_load(a), wasm_v128_load(b), &inexact)); \
			memcpy(to, a, bytes);                                                     \
		}                                                                                 \
		return inexact;                                                                   \
	}

ADD_KERNEL("addF32", add_f32, 4)
ADD_KERNEL("addF64", add_f64, 8)
ADD_KERNEL("addI8", add_i8, 1)
ADD_KERNEL("addI16", add_i16, 2)
ADD_KERNEL("addI32", add_i32, 4)
ADD_KERNEL("addI64", add_i64, 8)

static uint32_t first_difference(const uint8_t *a, const uint8_t *b, uint32_t from, uint32_t n)
{
	for (; from < n; from++)
		if (a[from] != b[from])
			return from + 1;
	return 0;
}

/* 0 if the n bytes are equal, else 1 + index of the first difference. */
EXPORT("compareBytes")
uint32_t compare_bytes(const uint8_t *a, const uint8_t *b, uint32_t n)
{
	uint32_t i = 0;
	for (; i + 64 <= n; i += 64) {
		v128_t d0 = wasm_v128_xor(wasm_v128_load(a + i), wasm_v128_load(b + i));
		v128_t d1 = wasm_v128_xor(wasm_v128_load(a + i + 16), wasm_v128_load(b + i + 16));
		v128_t d2 = wasm_v128_xor(wasm_v128_load(a + i + 32), wasm_v128_load(b + i + 32));
		v128_t d3 = wasm_v128_xor(wasm_v128_load(a + i + 48), wasm_v128_load(b + i + 48));
		if (wasm_v128_any_true(wasm_v128_or(wasm_v128_or(d0, d1), wasm_v128_or(d2, d3))))
			return first_difference(a, b, i, n);
	}
	for (; i + 8 <= n; i += 8) {
		uint64_t x, y;
		memcpy(&x, a + i, 8);
		memcpy(&y, b + i, 8);
		if (x != y)
			break;
	}
	return first_difference(a, b, i, n);
}
