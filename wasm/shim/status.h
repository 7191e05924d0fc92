/* Result codes of all decoders, mirrored by DecodeStatus in src/io/codec/wasm.ts. */
#ifndef POOL_MERGE_STATUS_H
#define POOL_MERGE_STATUS_H
#define EXPORT(name) __attribute__((export_name(name)))
enum status {
	DECODE_OK = 0,
	DECODE_BAD_DATA = 1,     /* the stream breaks its format */
	DECODE_BAD_SIZE = 2,     /* the stream holds fewer or more bytes than announced */
	DECODE_BAD_CHECKSUM = 3, /* the data do not agree with their checksum */
	DECODE_UNSUPPORTED = 4   /* valid, but uses a feature that is not built in */
};
#endif
