/**
 * Blocks of a compressed payload. A payload is a sequence of blocks, each at most 16 MiB - 1 once decompressed:
 *
 *   field            width  unit and meaning                         (source: ROOT core/zip/src/RZip.cxx)
 *   tag              2      letters of the algorithm, see registry.ts
 *   method           1      depends on the algorithm
 *   compressed size  u24    little-endian; bytes after this header
 *   object size      u24    little-endian; bytes once decompressed
 */
import { CorruptFileError } from '../../errors.ts';
import { type Algorithm, algorithmOfTag } from './registry.ts';

/** Bytes of a block header. */
export const BLOCK_HEADER_BYTES = 9;
/** Largest number of uncompressed bytes in a block: what 24 bits hold. */
export const MAX_BLOCK_BYTES = 0xff_ffff;

/** A block header, filled in place by `parseBlockHeader` so that a scan of many blocks allocates nothing. */
export interface BlockHeader {
  algorithm: Algorithm | undefined;
  /** Bytes after the header. */
  compressedBytes: number;
  objectBytes: number;
}

/** A header to pass to `parseBlockHeader`. */
export function emptyBlockHeader(): BlockHeader {
  return { algorithm: undefined, compressedBytes: 0, objectBytes: 0 };
}

function u24(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
}

/**
 * Reads the header at index `at` into `header`; returns its algorithm. `end`: index past the payload's last byte;
 * `objectBytes`: uncompressed bytes the payload still owes; `payloadStart`: index of the payload's first byte.
 * Throws CorruptFileError with the offset in the payload unless tag, method and both sizes fit.
 */
export function parseBlockHeader(
  bytes: Uint8Array,
  at: number,
  end: number,
  objectBytes: number,
  payloadStart: number,
  header: BlockHeader,
): Algorithm {
  const offset = at - payloadStart;
  const available = end - at - BLOCK_HEADER_BYTES;
  if (available < 0) {
    throw new CorruptFileError('compressed block ends too early', {
      offset,
      expected: `${BLOCK_HEADER_BYTES} bytes of header`,
      found: `${end - at} bytes`,
    });
  }
  const found = algorithmOfTag(bytes[at] as number, bytes[at + 1] as number);
  if (found === undefined || found.method !== bytes[at + 2]) throw unknownBlock(bytes, at, offset);
  header.algorithm = found;
  header.compressedBytes = u24(bytes, at + 3);
  header.objectBytes = u24(bytes, at + 6);
  if (header.compressedBytes > available || header.compressedBytes === 0) {
    throw new CorruptFileError('compressed size of the block does not fit', {
      offset,
      expected: `1 to ${available} bytes`,
      found: header.compressedBytes,
    });
  }
  if (header.objectBytes > objectBytes || header.objectBytes === 0) {
    throw new CorruptFileError('uncompressed size of the block does not fit', {
      offset,
      expected: `1 to ${objectBytes} bytes`,
      found: header.objectBytes,
    });
  }
  return found;
}

/**
 * Checks what the first block of a payload in [at, end) announces, without decompressing: the header fits, and if there is no second
 * block it announces all `objectBytes` bytes. Errors as `parseBlockHeader`.
 */
export function checkFirstBlock(bytes: Uint8Array, at: number, end: number, objectBytes: number, header: BlockHeader): void {
  parseBlockHeader(bytes, at, end, objectBytes, at, header);
  if (header.compressedBytes === end - at - BLOCK_HEADER_BYTES && header.objectBytes !== objectBytes) {
    throw new CorruptFileError('uncompressed size of the only block does not fit', {
      offset: 0,
      expected: `${objectBytes} bytes`,
      found: header.objectBytes,
    });
  }
}

function unknownBlock(bytes: Uint8Array, at: number, offset: number): CorruptFileError {
  const hex = Array.from(bytes.subarray(at, at + 3), (byte) => byte.toString(16).padStart(2, '0'));
  return new CorruptFileError('no compressed block', { offset, expected: 'ZL, CS, XZ, L4 or ZS', found: `bytes ${hex.join(' ')}` });
}

/** Writes the header of a block at index `at`. */
export function writeBlockHeader(bytes: Uint8Array, at: number, algorithm: Algorithm, compressedBytes: number, objectBytes: number): void {
  bytes[at] = algorithm.tag.charCodeAt(0);
  bytes[at + 1] = algorithm.tag.charCodeAt(1);
  bytes[at + 2] = algorithm.method;
  for (let i = 0; i < 3; i++) {
    bytes[at + 3 + i] = compressedBytes >>> (8 * i);
    bytes[at + 6 + i] = objectBytes >>> (8 * i);
  }
}
