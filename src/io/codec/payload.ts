/**
 * Payloads of records, baskets and pages, compressed as ROOT compresses them. A payload is stored raw exactly if
 * its stored size equals its object size; else it is a sequence of blocks (block.ts) that adds up to it.
 *
 * The `…Into` functions work from address to address in `codecMemory()` and allocate nothing; the others take and
 * return arrays, and need no more shared memory than one block.
 */
import { CorruptFileError, invariant, UnsupportedError } from '../../errors.ts';
import { BLOCK_HEADER_BYTES, type BlockHeader, emptyBlockHeader, MAX_BLOCK_BYTES, parseBlockHeader, writeBlockHeader } from './block.ts';
import { DecodeStatus } from './codec.ts';
import { type Algorithm, type CompressionSetting, parseCompressionSetting } from './registry.ts';
import { codecMemory } from './wasm.ts';

/** ROOT never compresses payloads up to this size (io/io/src/TKey.cxx). */
export const LARGEST_RAW_BYTES = 256;

const header: BlockHeader = emptyBlockHeader();

function checkStored(storedBytes: number, objectBytes: number): void {
  if (storedBytes > objectBytes) {
    throw new CorruptFileError('payload is stored with more bytes than it has', {
      offset: 0,
      expected: `at most ${objectBytes}`,
      found: storedBytes,
    });
  }
}

function checkStatus(status: number, algorithm: Algorithm, offset: number, objectBytes: number): void {
  switch (status) {
    case DecodeStatus.ok:
      return;
    case DecodeStatus.badChecksum:
      throw new CorruptFileError(`${algorithm.tag} block: checksum does not match the data`, { offset });
    case DecodeStatus.badSize:
      throw new CorruptFileError(`${algorithm.tag} block does not hold exactly the announced ${objectBytes} bytes`, { offset });
    case DecodeStatus.unsupported:
      throw new UnsupportedError(`${algorithm.tag} block uses a feature that is not supported`, { offset });
    default:
      throw new CorruptFileError(`${algorithm.tag} block is damaged`, { offset });
  }
}

function checkComplete(missing: number, storedBytes: number, objectBytes: number): void {
  if (missing > 0) {
    throw new CorruptFileError('compressed payload ends too early', {
      offset: storedBytes,
      expected: objectBytes,
      found: objectBytes - missing,
    });
  }
}

/**
 * Decompresses the `storedBytes` bytes at `at` to exactly `objectBytes` bytes at `out`; the ranges must not overlap.
 * Throws CorruptFileError (offset in the payload) unless magic, sizes, stream and checksum are right;
 * UnsupportedError where the codec cannot run. What lies at `out` after an error is undefined.
 */
export function decompressInto(at: number, storedBytes: number, out: number, objectBytes: number): void {
  const { u8 } = codecMemory();
  if (storedBytes === objectBytes) {
    u8.copyWithin(out, at, at + storedBytes);
    return;
  }
  checkStored(storedBytes, objectBytes);
  const end = at + storedBytes;
  let missing = objectBytes;
  for (let next = at; next < end; next += BLOCK_HEADER_BYTES + header.compressedBytes) {
    const algorithm = parseBlockHeader(u8, next, end, missing, at, header);
    const target = out + objectBytes - missing;
    const status = algorithm.codec().decompress(next + BLOCK_HEADER_BYTES, header.compressedBytes, target, header.objectBytes);
    if (status !== DecodeStatus.ok) checkStatus(status, algorithm, next - at, header.objectBytes);
    missing -= header.objectBytes;
  }
  checkComplete(missing, storedBytes, objectBytes);
}

/**
 * Makes `compressInto` ready for a setting (100 * algorithm + level) and blocks of up to `maxBytes` bytes. May grow
 * the memory, see arena.ts. Throws UnsupportedError for an unknown setting or where the codec cannot run.
 */
export function prepareCompression(setting: number, maxBytes: number = MAX_BLOCK_BYTES): CompressionSetting {
  const parsed = parseCompressionSetting(setting);
  parsed.algorithm?.codec().prepare(parsed.level, Math.min(maxBytes, MAX_BLOCK_BYTES));
  return parsed;
}

/** Bytes `compressInto` needs at `out` for a payload: it falls back to a raw copy, so never more than that. */
export function maxCompressedBytes(objectBytes: number): number {
  return objectBytes;
}

/**
 * Uncompressed bytes per block of a payload: blocks of about equal size. ROOT fills all blocks but the last, and
 * then stores a payload of 16 MiB raw because its last block, of one byte, does not become smaller.
 */
function blockBytesOf(objectBytes: number): number {
  return Math.ceil(objectBytes / Math.ceil(objectBytes / MAX_BLOCK_BYTES));
}

/** Compresses one block with its header; returns the bytes written, 0 if not fewer than `bytes`. */
function compressBlock(algorithm: Algorithm, level: number, at: number, bytes: number, out: number): number {
  const capacity = bytes - BLOCK_HEADER_BYTES - 1;
  if (capacity <= 0) return 0;
  const size = algorithm.codec().compress(level, at, bytes, out + BLOCK_HEADER_BYTES, capacity);
  if (size === 0) return 0;
  writeBlockHeader(codecMemory().u8, out, algorithm, size, bytes);
  return BLOCK_HEADER_BYTES + size;
}

/**
 * Compresses `objectBytes` bytes at `at` to `out`, where `capacity` >= maxCompressedBytes(objectBytes) bytes are
 * free; the ranges must not overlap. Returns the stored size. As in ROOT the payload is copied raw (and
 * `objectBytes` returned) if it has at most 256 bytes or any of its blocks does not become smaller.
 * Throws InternalError unless `prepareCompression` was called with this setting and this size or a larger one.
 */
export function compressInto(setting: CompressionSetting, at: number, objectBytes: number, out: number, capacity: number): number {
  invariant(capacity >= maxCompressedBytes(objectBytes), 'room for compression is too small');
  const { algorithm, level } = setting;
  let stored = 0;
  if (algorithm !== undefined && objectBytes > LARGEST_RAW_BYTES) {
    const blockBytes = blockBytesOf(objectBytes);
    for (let done = 0; done < objectBytes; done += blockBytes) {
      const size = compressBlock(algorithm, level, at + done, Math.min(blockBytes, objectBytes - done), out + stored);
      stored = size === 0 ? 0 : stored + size;
      if (size === 0) break;
    }
  }
  if (stored > 0) return stored;
  codecMemory().u8.copyWithin(out, at, at + objectBytes);
  return objectBytes;
}

/** Decompresses block by block and hands each block's bytes (a view, valid during the call) to `take`. */
function eachBlock(stored: Uint8Array, objectBytes: number, take: (block: Uint8Array, at: number) => void): void {
  checkStored(stored.length, objectBytes);
  const memory = codecMemory();
  let missing = objectBytes;
  for (let next = 0; next < stored.length;) {
    const algorithm = parseBlockHeader(stored, next, stored.length, missing, 0, header);
    const { compressedBytes, objectBytes: blockBytes } = header;
    const body = next + BLOCK_HEADER_BYTES;
    const region = memory.alloc(compressedBytes + blockBytes);
    try {
      memory.u8.set(stored.subarray(body, body + compressedBytes), region);
      const out = region + compressedBytes;
      checkStatus(algorithm.codec().decompress(region, compressedBytes, out, blockBytes), algorithm, next, blockBytes);
      take(memory.u8.subarray(out, out + blockBytes), objectBytes - missing);
    } finally {
      memory.free(region);
    }
    missing -= blockBytes;
    next = body + compressedBytes;
  }
  checkComplete(missing, stored.length, objectBytes);
}

/** The headers of all blocks must announce `objectBytes` bytes: no memory is taken for a length that only damaged metadata have. */
function checkBlocks(stored: Uint8Array, objectBytes: number): void {
  checkStored(stored.length, objectBytes);
  let missing = objectBytes;
  for (let next = 0; next < stored.length; next += BLOCK_HEADER_BYTES + header.compressedBytes) {
    parseBlockHeader(stored, next, stored.length, missing, 0, header);
    missing -= header.objectBytes;
  }
  checkComplete(missing, stored.length, objectBytes);
}

/** The `objectBytes` bytes of a stored payload in a fresh array. Errors as `decompressInto`. */
export function decompress(stored: Uint8Array, objectBytes: number): Uint8Array {
  if (stored.length === objectBytes) return stored.slice();
  if (objectBytes > MAX_BLOCK_BYTES) checkBlocks(stored, objectBytes); // less is taken at once: decompressing finds the same
  const object = new Uint8Array(objectBytes);
  eachBlock(stored, objectBytes, (block, at) => object.set(block, at));
  return object;
}

/** The payload of a record. It is stored raw where it takes as many bytes or more (TKey::ReadObj): a view then. Errors as `decompressInto`. */
export function payloadOf(stored: Uint8Array, objectBytes: number): Uint8Array {
  return stored.length >= objectBytes ? stored.subarray(0, objectBytes) : decompress(stored, objectBytes);
}

/** Decompresses a stored payload only to see that it is sound. Errors as `decompressInto`. */
export function verifyPayload(stored: Uint8Array, objectBytes: number): void {
  if (stored.length !== objectBytes) eachBlock(stored, objectBytes, () => {});
}

/**
 * The stored form of a payload under a setting (100 * algorithm + level): blocks in a fresh array, or `payload`
 * itself if it is stored raw. Throws UnsupportedError as `prepareCompression`.
 */
export function compress(setting: number, payload: Uint8Array): Uint8Array {
  const { algorithm, level } = prepareCompression(setting, payload.length);
  if (algorithm === undefined || payload.length <= LARGEST_RAW_BYTES) return payload;
  const memory = codecMemory();
  const blocks: Uint8Array[] = [];
  const most = blockBytesOf(payload.length);
  return memory.withRegion(2 * most, (at) => {
    for (let done = 0; done < payload.length; done += most) {
      const block = payload.subarray(done, done + most);
      memory.u8.set(block, at);
      const size = compressBlock(algorithm, level, at, block.length, at + most);
      if (size === 0) return payload;
      blocks.push(memory.u8.slice(at + most, at + most + size));
    }
    return blocks.length === 1 ? (blocks[0] as Uint8Array) : concatenate(blocks);
  });
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
