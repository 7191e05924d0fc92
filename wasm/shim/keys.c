/*
 * One pass over the key images of a directory's list (src/io/root/container/key-table.ts). The columns of tens of thousands
 * of keys are filled before an engine would have compiled a loop in JavaScript.
 */
#include "status.h"
#include <stdint.h>
#include <string.h>

enum { SMALL_FIXED_BYTES = 26, BIG_FIXED_BYTES = 34, BIG_KEY_VERSION = 1000 };

static uint32_t be16(const uint8_t *p)
{
	uint16_t v;
	memcpy(&v, p, 2);
	return __builtin_bswap16(v);
}

static uint32_t be32(const uint8_t *p)
{
	uint32_t v;
	memcpy(&v, p, 4);
	return __builtin_bswap32(v);
}

static int64_t be64(const uint8_t *p)
{
	uint64_t v;
	memcpy(&v, p, 8);
	return (int64_t)__builtin_bswap64(v);
}

/* Position after the TString at `at`, which is at most `bytes`; UINT32_MAX when it is not all in the list. */
static uint32_t skip_text(const uint8_t *list, uint32_t bytes, uint32_t at)
{
	uint32_t head = 1, length;
	if (at >= bytes)
		return UINT32_MAX;
	length = list[at];
	if (length == 255) {
		if (bytes - at < 5)
			return UINT32_MAX;
		head = 5;
		length = be32(list + at + 1);
	}
	return length > bytes - at - head ? UINT32_MAX : at + head + length;
}

/* Columns by key, mirrored by KeyScan in src/io/codec/wasm.ts; `image_at` counts from the start of the list. */
struct columns {
	uint32_t *image_at, *name_at, *name_bytes, *run_key, *run_class_at;
	int32_t *nbytes;
	double *seek;
};

struct found {
	uint32_t keys, bytes, runs, irregular;
	double lowest, highest;
};

/*
 * Scans up to `count` images in the `bytes` bytes at `list`, which start at position `base` of the whole list; stops before the
 * first that is not all there. A run is a sequence of keys with one class name. Irregular: the length in a key is not that of
 * its image or of its record, or a negative number where there is none.
 */
EXPORT("scanKeys")
void scan_keys(const uint8_t *list, uint32_t bytes, uint32_t base, uint32_t count, const struct columns *to, struct found *found)
{
	uint32_t at = 0, i, runs = 0, class_at = 0, class_bytes = 0;
	int irregular = 0;
	double lowest = found->lowest, highest = found->highest;
	for (i = 0; i < count; i++) {
		const uint8_t *key = list + at;
		uint32_t fixed, class_start, name_start, title_start, end, head, keylen;
		int32_t nbytes;
		double seek;
		if (bytes - at < SMALL_FIXED_BYTES + 3)
			break;
		fixed = be16(key + 4) > BIG_KEY_VERSION ? BIG_FIXED_BYTES : SMALL_FIXED_BYTES;
		class_start = at + fixed;
		name_start = skip_text(list, bytes, class_start);
		title_start = name_start == UINT32_MAX ? UINT32_MAX : skip_text(list, bytes, name_start);
		end = title_start == UINT32_MAX ? UINT32_MAX : skip_text(list, bytes, title_start);
		if (end == UINT32_MAX)
			break;
		nbytes = (int32_t)be32(key);
		keylen = be16(key + 14);
		seek = fixed == BIG_FIXED_BYTES ? (double)be64(key + 18) : (double)be32(key + 18);
		irregular |= keylen != end - at || nbytes < (int32_t)keylen || (int32_t)be32(key + 6) < 0;
		if (seek < lowest)
			lowest = seek;
		if (seek + nbytes > highest)
			highest = seek + nbytes;
		head = list[name_start] == 255 ? 5 : 1;
		to->image_at[i] = base + at;
		to->name_at[i] = base + name_start + head;
		to->name_bytes[i] = title_start - name_start - head;
		to->nbytes[i] = nbytes;
		to->seek[i] = seek;
		if (runs == 0 || name_start - class_start != class_bytes || memcmp(list + class_start, list + class_at, class_bytes) != 0) {
			class_at = class_start;
			class_bytes = name_start - class_start;
			to->run_key[runs] = i;
			to->run_class_at[runs++] = base + class_at;
		}
		at = end;
	}
	found->keys = i;
	found->bytes = at;
	found->runs = runs;
	found->irregular = irregular;
	found->lowest = lowest;
	found->highest = highest;
}

static int same_bytes(const uint8_t *a, const uint8_t *b, uint32_t n)
{
	for (; n >= 8; a += 8, b += 8, n -= 8) {
		uint64_t x, y;
		memcpy(&x, a, 8);
		memcpy(&y, b, 8);
		if (x != y)
			return 0;
	}
	for (; n > 0; a++, b++, n--)
		if (*a != *b)
			return 0;
	return 1;
}

static void put16(uint8_t *p, uint32_t v)
{
	uint16_t be = __builtin_bswap16((uint16_t)v);
	memcpy(p, &be, 2);
}

static void put32(uint8_t *p, uint32_t v)
{
	v = __builtin_bswap32(v);
	memcpy(p, &v, 4);
}

static void put64(uint8_t *p, uint64_t v)
{
	v = __builtin_bswap64(v);
	memcpy(p, &v, 8);
}

/* Mirrored by RecordPlaces in src/io/root/container/record-block.ts. */
struct places {
	uint8_t *run, *images;      /* records with gaps between them; images of their keys without */
	uint32_t *at, *image_at;    /* where each record and image starts; of images also where the last ends */
	uint32_t *bytes, *cycle;    /* fNbytes; fCycle in the output */
	uint32_t first, count, packed, pid_offset;
	double position, seek_pdir; /* file offsets in the output: of run[0], and of the directory */
};

static void patch(uint8_t *key, int big, uint32_t cycle, uint64_t seek_key, uint64_t seek_pdir, uint32_t pid)
{
	put16(key + 16, cycle);
	if (big) {
		put64(key + 18, seek_key);
		put16(key + 26, pid);
		put16(key + 28, seek_pdir >> 32);
		put32(key + 30, (uint32_t)seek_pdir);
	} else {
		put32(key + 18, (uint32_t)seek_key);
		put32(key + 22, (uint32_t)seek_pdir);
	}
}

/*
 * Moves records together from `packed` on and gives them and their images new places, from record `first` on. Returns the number of
 * the first record whose header is not its image (where the owning directory lies is left out), `count` when there is none.
 */
EXPORT("placeRecords")
uint32_t place_records(struct places *p)
{
	uint32_t i, packed = p->packed;
	for (i = p->first; i < p->count; i++) {
		uint8_t *record = p->run + p->at[i], *image = p->images + p->image_at[i], *to = p->run + packed;
		uint32_t image_bytes = p->image_at[i + 1] - p->image_at[i];
		int big = be16(image + 4) > BIG_KEY_VERSION;
		uint32_t fixed = big ? BIG_FIXED_BYTES : SMALL_FIXED_BYTES, seek_end = big ? 28 : 22;
		uint32_t pid = big ? p->pid_offset + be16(image + 26) : 0;
		uint64_t position = (uint64_t)p->position + packed;
		if (image_bytes > p->bytes[i] || !same_bytes(record, image, seek_end) ||
		    !same_bytes(record + fixed, image + fixed, image_bytes - fixed))
			break;
		if (to != record)
			memmove(to, record, p->bytes[i]);
		patch(to, big, p->cycle[i], position, (uint64_t)p->seek_pdir, pid);
		patch(image, big, p->cycle[i], position, (uint64_t)p->seek_pdir, pid);
		packed += p->bytes[i];
	}
	p->packed = packed;
	return i;
}
