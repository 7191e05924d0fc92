/*
 * xz streams with the LZMA2 filter alone, as ROOT writes them (core/lzma/src/ZipLZMA.c): one block, CRC32.
 * Every call allocates from a region of the caller, from its start.
 */
#include "lzma.h"
#include "status.h"
#include <stdint.h>

struct region {
	uint8_t *next;
	uint8_t *end;
};

static void *region_alloc(void *opaque, size_t count, size_t size)
{
	struct region *r = opaque;
	uint64_t bytes = ((uint64_t)count * size + 15) & ~(uint64_t)15;
	uint8_t *at = r->next;
	if (bytes > (uint64_t)(r->end - r->next))
		return NULL;
	r->next += bytes;
	return at;
}

static void region_free(void *opaque, void *p)
{
	(void)opaque;
	(void)p;
}

/* Allowance for everything beside the dictionary and the match finder: coder states, block and index. */
#define STATE_BYTES (128u << 10)
#define SMALLEST_DICTIONARY 4096u

/* Bytes of region that xzDecompress needs for `out_bytes` bytes of output. */
EXPORT("xzDecoderBytes")
uint32_t xz_decoder_bytes(uint32_t out_bytes)
{
	return STATE_BYTES + out_bytes + SMALLEST_DICTIONARY;
}

static int decode_status(lzma_ret ret)
{
	switch (ret) {
	case LZMA_OK:
	case LZMA_STREAM_END:
		return DECODE_OK;
	case LZMA_OPTIONS_ERROR:
	case LZMA_UNSUPPORTED_CHECK:
	case LZMA_MEM_ERROR:
		return DECODE_UNSUPPORTED;
	case LZMA_BUF_ERROR:
		return DECODE_BAD_SIZE;
	default:
		return DECODE_BAD_DATA;
	}
}

/* Decodes one block. Its dictionary is cut to the output's size: no match can reach further back. */
static lzma_ret decode_block(lzma_check check, const lzma_allocator *a, lzma_index_hash *index, const uint8_t *in,
			     size_t *in_pos, size_t n, uint8_t *out, size_t *out_pos, size_t out_bytes)
{
	lzma_filter filters[LZMA_FILTERS_MAX + 1];
	lzma_block block = {.version = 1, .check = check, .filters = filters};
	lzma_ret ret;
	block.header_size = lzma_block_header_size_decode(in[*in_pos]);
	if (n - *in_pos < block.header_size)
		return LZMA_DATA_ERROR;
	ret = lzma_block_header_decode(&block, a, in + *in_pos);
	if (ret != LZMA_OK)
		return ret;
	if (filters[0].id == LZMA_FILTER_LZMA2) {
		lzma_options_lzma *lzma2 = filters[0].options;
		uint32_t enough = out_bytes < SMALLEST_DICTIONARY ? SMALLEST_DICTIONARY : (uint32_t)out_bytes;
		if (lzma2->dict_size > enough)
			lzma2->dict_size = enough;
	}
	*in_pos += block.header_size;
	ret = lzma_block_buffer_decode(&block, a, in, in_pos, n, out, out_pos, out_bytes);
	if (ret != LZMA_OK)
		return ret;
	return lzma_index_hash_append(index, lzma_block_unpadded_size(&block), block.uncompressed_size);
}

EXPORT("xzDecompress")
int xz_decompress(uint8_t *region, uint32_t region_bytes, const uint8_t *in, uint32_t n, uint8_t *out,
		  uint32_t out_bytes)
{
	struct region r = {region, region + region_bytes};
	lzma_allocator a = {region_alloc, region_free, &r};
	lzma_stream_flags header, footer;
	lzma_index_hash *index;
	size_t in_pos = LZMA_STREAM_HEADER_SIZE, out_pos = 0;
	lzma_ret ret;
	if (n < 2 * LZMA_STREAM_HEADER_SIZE)
		return DECODE_BAD_DATA;
	ret = lzma_stream_header_decode(&header, in);
	if (ret != LZMA_OK)
		return decode_status(ret);
	if (!lzma_check_is_supported(header.check))
		return DECODE_UNSUPPORTED;
	index = lzma_index_hash_init(NULL, &a);
	if (index == NULL)
		return DECODE_UNSUPPORTED;
	while (in_pos < n && in[in_pos] != 0) { /* a zero byte begins the index */
		ret = decode_block(header.check, &a, index, in, &in_pos, n, out, &out_pos, out_bytes);
		if (ret != LZMA_OK)
			return decode_status(ret);
	}
	do {
		ret = in_pos < n ? lzma_index_hash_decode(index, in, &in_pos, n) : LZMA_DATA_ERROR;
	} while (ret == LZMA_OK);
	if (ret != LZMA_STREAM_END || n - in_pos < LZMA_STREAM_HEADER_SIZE)
		return DECODE_BAD_DATA;
	ret = lzma_stream_footer_decode(&footer, in + in_pos);
	if (ret != LZMA_OK)
		return decode_status(ret);
	footer.version = header.version;
	if (footer.backward_size != lzma_index_hash_size(index) || lzma_stream_flags_compare(&header, &footer) != LZMA_OK)
		return DECODE_BAD_DATA;
	return in_pos + LZMA_STREAM_HEADER_SIZE == n && out_pos == out_bytes ? DECODE_OK : DECODE_BAD_SIZE;
}

/* ROOT caps a preset's dictionary at a quarter of the input. */
static int encoder_options(lzma_options_lzma *options, int level, uint32_t n)
{
	uint32_t quarter = n / 4 < SMALLEST_DICTIONARY ? SMALLEST_DICTIONARY : n / 4;
	if (lzma_lzma_preset(options, level))
		return 0;
	if (options->dict_size > quarter)
		options->dict_size = quarter;
	return 1;
}

/* Bytes of region that xzCompress needs for `n` bytes of input; 0 for an unknown level. */
EXPORT("xzEncoderBytes")
uint32_t xz_encoder_bytes(int level, uint32_t n)
{
	lzma_options_lzma options;
	lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
	if (!encoder_options(&options, level, n))
		return 0;
	return STATE_BYTES + (uint32_t)lzma_raw_encoder_memusage(filters);
}

/* Returns the size of the stream, 0 if it does not fit, -1 if the region is too small or the level unknown. */
EXPORT("xzCompress")
int32_t xz_compress(uint8_t *region, uint32_t region_bytes, int level, const uint8_t *in, uint32_t n, uint8_t *out,
		    uint32_t capacity)
{
	struct region r = {region, region + region_bytes};
	lzma_allocator a = {region_alloc, region_free, &r};
	lzma_options_lzma options;
	lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
	size_t size = 0;
	lzma_ret ret;
	if (!encoder_options(&options, level, n))
		return -1;
	ret = lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, &a, in, n, out, &size, capacity);
	if (ret == LZMA_OK)
		return (int32_t)size;
	return ret == LZMA_BUF_ERROR ? 0 : -1;
}
