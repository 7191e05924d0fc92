/** XXH3-64 (seed 0) as RNTuple uses it: behind anchors (big-endian), envelopes and pages (little-endian). */
import { CorruptFileError } from '../../../errors.ts';
import { xxh3, xxh3At } from '../../codec/hash.ts';

/** Bytes of a checksum. */
export const CHECKSUM_BYTES = 8;

/** Throws a CorruptFileError that begins with `what` unless `bytes` have the checksum `stored`. */
export function checkSum(what: string, bytes: Uint8Array, stored: bigint): void {
  compare(what, xxh3(bytes), stored);
}

/** `checkSum` for `bytes` bytes at an address of the codecs' memory. */
export function checkSumAt(what: string, at: number, bytes: number, stored: bigint): void {
  compare(what, xxh3At(at, bytes), stored);
}

function compare(what: string, found: bigint, stored: bigint): void {
  if (found !== stored) {
    throw new CorruptFileError(`${what} does not agree with its checksum`, { expected: hex(stored), found: hex(found) });
  }
}

function hex(checksum: bigint): string {
  return `0x${checksum.toString(16).padStart(16, '0')}`;
}

/** Bytes with their XXH3-64 behind them, little-endian: a page as it is written. */
export function withChecksum(bytes: Uint8Array): Uint8Array {
  const page = new Uint8Array(bytes.length + CHECKSUM_BYTES);
  page.set(bytes);
  new DataView(page.buffer).setBigUint64(bytes.length, xxh3(bytes), true);
  return page;
}
