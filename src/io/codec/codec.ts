/** What a codec is: one compression algorithm on the shared memory, from address to address. */

/** Result of a decoder; values as in wasm/shim/status.h. */
export const DecodeStatus = {
  ok: 0,
  /** The stream breaks its format. */
  badData: 1,
  /** The stream holds fewer or more bytes than announced. */
  badSize: 2,
  /** The data do not agree with their checksum. */
  badChecksum: 3,
  /** Valid, but uses a feature that is not built in. */
  unsupported: 4,
} as const;

/** One compression algorithm. All sizes are bytes of one block, at most 16 MiB - 1. */
export interface Codec {
  /** Decompresses exactly `bytes` bytes at `at` to exactly `outBytes` bytes at `out`; returns a DecodeStatus. */
  decompress(at: number, bytes: number, out: number, outBytes: number): number;
  /**
   * Compresses; returns the size, or 0 if it exceeds `capacity`. `level` is ROOT's, 1 to 9; larger ones count as 9.
   * Needs an earlier `prepare` with this level and at least this size.
   */
  compress(level: number, at: number, bytes: number, out: number, capacity: number): number;
  /** Allocates what `compress` needs for blocks of up to `maxBytes` bytes at a level. May grow the memory. */
  prepare(level: number, maxBytes: number): void;
}
