/*
 * zlib streams (RFC 1950) and raw deflate streams (RFC 1951) over libdeflate's raw functions.
 * The two framing bytes and the Adler-32 trailer are handled here, because libdeflate's Adler-32 has
 * no WebAssembly SIMD form.
 */
#include "libdeflate.h"
#include "status.h"
#include <stdint.h>
#include <wasm_simd128.h>

#define ADLER_BASE 65521u
/* Steps of 16 bytes after which the 32-bit sums must be reduced (5552 bytes, as in zlib). */
#define ADLER_STEPS 345u

static uint32_t horizontal_sum(v128_t v)
{
	return wasm_u32x4_extract_lane(v, 0) + wasm_u32x4_extract_lane(v, 1) +
	       wasm_u32x4_extract_lane(v, 2) + wasm_u32x4_extract_lane(v, 3);
}

EXPORT("adler32")
uint32_t adler32(const uint8_t *p, uint32_t n)
{
	const v128_t weights_low = wasm_i16x8_const(16, 15, 14, 13, 12, 11, 10, 9);
	const v128_t weights_high = wasm_i16x8_const(8, 7, 6, 5, 4, 3, 2, 1);
	uint32_t s1 = 1, s2 = 0;
	while (n >= 16) {
		uint32_t steps = n / 16 < ADLER_STEPS ? n / 16 : ADLER_STEPS;
		v128_t sum = wasm_i32x4_const(0, 0, 0, 0);      /* bytes seen in this round */
		v128_t prefix = wasm_i32x4_const(0, 0, 0, 0);   /* `sum` before each step */
		v128_t weighted = wasm_i32x4_const(0, 0, 0, 0); /* within each step */
		n -= steps * 16;
		s2 += s1 * 16 * steps;
		for (; steps > 0; steps--, p += 16) {
			v128_t bytes = wasm_v128_load(p);
			prefix = wasm_i32x4_add(prefix, sum);
			sum = wasm_i32x4_add(sum, wasm_u32x4_extadd_pairwise_u16x8(
							  wasm_u16x8_extadd_pairwise_u8x16(bytes)));
			weighted = wasm_i32x4_add(
				weighted, wasm_i32x4_dot_i16x8(wasm_u16x8_extend_low_u8x16(bytes), weights_low));
			weighted = wasm_i32x4_add(
				weighted, wasm_i32x4_dot_i16x8(wasm_u16x8_extend_high_u8x16(bytes), weights_high));
		}
		s1 = (s1 + horizontal_sum(sum)) % ADLER_BASE;
		s2 = (s2 + 16 * (horizontal_sum(prefix) % ADLER_BASE) + horizontal_sum(weighted)) % ADLER_BASE;
	}
	for (; n > 0; n--) {
		s1 += *p++;
		s2 += s1;
	}
	return (s2 % ADLER_BASE) << 16 | s1 % ADLER_BASE;
}

/* libdeflate asks its allocator once per context: `region` is what the caller provided for it. */
static uint8_t *region;
static uint32_t region_bytes;
static uint32_t requested_bytes;

static void *region_malloc(size_t n)
{
	requested_bytes = n;
	return n <= region_bytes ? region : NULL;
}

static void region_free(void *p)
{
	(void)p;
}

static const struct libdeflate_options options = {
	.sizeof_options = sizeof(struct libdeflate_options),
	.malloc_func = region_malloc,
	.free_func = region_free,
};

/* Bytes of context that the decompressor (level < 0) or the compressor of a level needs. */
EXPORT("deflateContextBytes")
uint32_t deflate_context_bytes(int level)
{
	region = NULL;
	region_bytes = 0;
	if (level < 0)
		libdeflate_alloc_decompressor_ex(&options);
	else
		libdeflate_alloc_compressor_ex(level, &options);
	return requested_bytes;
}

/* Makes a context (level < 0: decompressor) in `bytes` bytes at `at`; NULL if they are too few. */
EXPORT("deflateContextInit")
void *deflate_context_init(int level, uint8_t *at, uint32_t bytes)
{
	region = at;
	region_bytes = bytes;
	if (level < 0)
		return libdeflate_alloc_decompressor_ex(&options);
	return libdeflate_alloc_compressor_ex(level, &options);
}

EXPORT("inflateRaw")
int inflate_raw(void *context, const uint8_t *in, uint32_t n, uint8_t *out, uint32_t out_bytes)
{
	size_t used;
	switch (libdeflate_deflate_decompress_ex(context, in, n, out, out_bytes, &used, NULL)) {
	case LIBDEFLATE_SUCCESS:
		return used == n ? DECODE_OK : DECODE_BAD_SIZE;
	case LIBDEFLATE_BAD_DATA:
		return DECODE_BAD_DATA;
	default:
		return DECODE_BAD_SIZE;
	}
}

static uint32_t load_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

EXPORT("inflateZlib")
int inflate_zlib(void *context, const uint8_t *in, uint32_t n, uint8_t *out, uint32_t out_bytes)
{
	int status;
	/* CMF: method 8, window <= 32 KiB; header a multiple of 31; FDICT (a preset dictionary) clear. */
	if (n < 6 || (in[0] & 0x0f) != 8 || in[0] >> 4 > 7 || (in[0] << 8 | in[1]) % 31 != 0 || (in[1] & 0x20) != 0)
		return DECODE_BAD_DATA;
	status = inflate_raw(context, in + 2, n - 6, out, out_bytes);
	if (status != DECODE_OK)
		return status;
	return load_be32(in + n - 4) == adler32(out, out_bytes) ? DECODE_OK : DECODE_BAD_CHECKSUM;
}

/* Returns the size of the zlib stream, 0 if it does not fit into `capacity` bytes. */
EXPORT("deflateZlib")
uint32_t deflate_zlib(void *context, int level, const uint8_t *in, uint32_t n, uint8_t *out, uint32_t capacity)
{
	uint32_t size, sum, header;
	if (capacity < 6)
		return 0;
	size = libdeflate_deflate_compress(context, in, n, out + 2, capacity - 6);
	if (size == 0)
		return 0;
	header = 0x7800 | (level < 2 ? 0 : level < 6 ? 1 : level < 8 ? 2 : 3) << 6;
	header += 31 - header % 31;
	out[0] = header >> 8;
	out[1] = header;
	sum = adler32(in, n);
	out += 2 + size;
	out[0] = sum >> 24;
	out[1] = sum >> 16;
	out[2] = sum >> 8;
	out[3] = sum;
	return size + 6;
}
