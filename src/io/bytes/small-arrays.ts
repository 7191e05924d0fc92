/**
 * Many small arrays in few buffers. A buffer of its own costs an array of some tens of bytes several hundred more, which adds up where
 * each of 10^5 directories keeps half a dozen. A buffer lives as long as any array in it: what is kept together belongs here.
 */

/** Bytes of a buffer that arrays share. */
const SHARED_BYTES = 0x1_0000;
/** Larger arrays get a buffer of their own. */
const MAX_SMALL_BYTES = 0x1000;
/** Larger ones are not copied: what the copy saves is less than what waits to be collected. */
const MAX_COPIED_BYTES = 512;
const ALIGNMENT = 8;

/** A part of a buffer, zeroed; `start` is a multiple of 8. */
export interface Room {
  readonly buffer: ArrayBuffer;
  readonly start: number;
}

let shared = new ArrayBuffer(0);
let used = 0;

/** Room for `bytes` bytes. */
export function roomFor(bytes: number): Room {
  if (bytes > MAX_SMALL_BYTES) return { buffer: new ArrayBuffer(bytes), start: 0 };
  if (used + bytes > shared.byteLength) {
    shared = new ArrayBuffer(SHARED_BYTES);
    used = 0;
  }
  const start = used;
  used += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  return { buffer: shared, start };
}

/** The bytes in a place where keeping them costs little: a copy of small ones. */
export function compact(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MAX_COPIED_BYTES) return bytes;
  const { buffer, start } = roomFor(bytes.length);
  const copy = new Uint8Array(buffer, start, bytes.length);
  copy.set(bytes);
  return copy;
}
