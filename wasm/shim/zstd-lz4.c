/*
 * Zstandard frames, and LZ4 blocks behind an 8-byte big-endian XXH64 of the block (ROOT's L4 form,
 * core/lz4/src/ZipLZ4.cxx). All contexts lie in regions the caller provides.
 */
#define ZSTD_STATIC_LINKING_ONLY
#define LZ4_STATIC_LINKING_ONLY
#define LZ4_HC_STATIC_LINKING_ONLY
#include "lz4.h"
#include "lz4hc.h"
#include "status.h"
#include "zstd.h"
#include "zstd_errors.h"
#include <stdint.h>
#include <string.h>

/* zstd's own copy of the hash, linked under its namespace. */
uint64_t ZSTD_XXH64(const void *input, size_t length, uint64_t seed);

EXPORT("zstdDecoderBytes")
uint32_t zstd_decoder_bytes(void)
{
	return ZSTD_estimateDCtxSize();
}

EXPORT("zstdDecoderInit")
void *zstd_decoder_init(void *region, uint32_t bytes)
{
	return ZSTD_initStaticDCtx(region, bytes);
}

EXPORT("zstdDecompress")
int zstd_decompress(void *context, const uint8_t *in, uint32_t n, uint8_t *out, uint32_t out_bytes)
{
	size_t size = ZSTD_decompressDCtx(context, out, out_bytes, in, n);
	if (!ZSTD_isError(size))
		return size == out_bytes ? DECODE_OK : DECODE_BAD_SIZE;
	switch (ZSTD_getErrorCode(size)) {
	case ZSTD_error_dstSize_tooSmall:
		return DECODE_BAD_SIZE;
	case ZSTD_error_checksum_wrong:
		return DECODE_BAD_CHECKSUM;
	case ZSTD_error_version_unsupported:
	case ZSTD_error_frameParameter_unsupported:
	case ZSTD_error_dictionary_wrong:
		return DECODE_UNSUPPORTED;
	default:
		return DECODE_BAD_DATA;
	}
}

/* Bytes of context to compress any input of at most `max_bytes` bytes: zstd has parameters per size tier. */
EXPORT("zstdEncoderBytes")
uint32_t zstd_encoder_bytes(int level, uint32_t max_bytes)
{
	static const uint32_t tiers[] = {16 << 10, 128 << 10, 256 << 10, UINT32_MAX};
	size_t most = 0;
	for (int i = 0; i < 4; i++) {
		uint32_t size = tiers[i] < max_bytes ? tiers[i] : max_bytes;
		size_t bytes = ZSTD_estimateCCtxSize_usingCParams(ZSTD_getCParams(level, size, 0));
		if (bytes > most)
			most = bytes;
	}
	return most;
}

EXPORT("zstdEncoderInit")
void *zstd_encoder_init(void *region, uint32_t bytes)
{
	return ZSTD_initStaticCCtx(region, bytes);
}

/* Returns the size of the frame, 0 if it does not fit, -1 if the context is too small. */
EXPORT("zstdCompress")
int32_t zstd_compress(void *context, int level, const uint8_t *in, uint32_t n, uint8_t *out, uint32_t capacity)
{
	size_t size = ZSTD_compressCCtx(context, out, capacity, in, n, level);
	if (!ZSTD_isError(size))
		return (int32_t)size;
	return ZSTD_getErrorCode(size) == ZSTD_error_dstSize_tooSmall ? 0 : -1;
}

#define LZ4_HASH_BYTES 8

EXPORT("lz4Decompress")
int lz4_decompress(const uint8_t *in, uint32_t n, uint8_t *out, uint32_t out_bytes)
{
	uint64_t stored;
	int size;
	if (n < LZ4_HASH_BYTES)
		return DECODE_BAD_DATA;
	memcpy(&stored, in, LZ4_HASH_BYTES);
	in += LZ4_HASH_BYTES;
	n -= LZ4_HASH_BYTES;
	if (__builtin_bswap64(stored) != ZSTD_XXH64(in, n, 0))
		return DECODE_BAD_CHECKSUM;
	size = LZ4_decompress_safe((const char *)in, (char *)out, n, out_bytes);
	if (size < 0)
		return DECODE_BAD_DATA;
	return (uint32_t)size == out_bytes ? DECODE_OK : DECODE_BAD_SIZE;
}

/* Levels from here on use the HC compressor, as ROOT does. */
#define LZ4_FIRST_HC_LEVEL 4

EXPORT("lz4EncoderBytes")
uint32_t lz4_encoder_bytes(int level)
{
	return level >= LZ4_FIRST_HC_LEVEL ? LZ4_sizeofStateHC() : LZ4_sizeofState();
}

/* Returns the size of hash and block, 0 if they do not fit. */
EXPORT("lz4Compress")
uint32_t lz4_compress(void *state, int level, const uint8_t *in, uint32_t n, uint8_t *out, uint32_t capacity)
{
	char *block = (char *)out + LZ4_HASH_BYTES;
	uint64_t hash;
	int size;
	if (capacity <= LZ4_HASH_BYTES)
		return 0;
	capacity -= LZ4_HASH_BYTES;
	if (level >= LZ4_FIRST_HC_LEVEL)
		size = LZ4_compress_HC_extStateHC(state, (const char *)in, block, n, capacity, level);
	else
		size = LZ4_compress_fast_extState(state, (const char *)in, block, n, capacity, 1);
	if (size <= 0)
		return 0;
	hash = __builtin_bswap64(ZSTD_XXH64(block, size, 0));
	memcpy(out, &hash, LZ4_HASH_BYTES);
	return LZ4_HASH_BYTES + size;
}
