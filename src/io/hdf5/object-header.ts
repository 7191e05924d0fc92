/**
 * Object headers, read and patched in place (HDF5 file format specification, "Data Object Headers"). Fields are little-endian, offsets
 * and lengths have 8 bytes.
 */
import { CorruptFileError } from '../../errors.ts';
import type { Source } from '../bytes/source.ts';
import { lookup3 } from './checksum.ts';
import { readBytes } from './superblock.ts';

/** Types of messages. */
export const MESSAGE = {
  dataspace: 0x0001,
  linkInfo: 0x0002,
  datatype: 0x0003,
  link: 0x0006,
  externalFiles: 0x0007,
  layout: 0x0008,
  attribute: 0x000c,
  continuation: 0x0010,
  symbolTable: 0x0011,
  modificationTime: 0x0012,
  attributeInfo: 0x0015,
} as const;
/** Flag of a message whose content lies elsewhere. */
export const SHARED = 0x02;
/** Bytes that hold all of a header of version 2 up to its first message. */
const FIRST_BYTES = 48;
const MAX_CHUNKS = 1000;

/** A piece of a header in memory. */
export interface HeaderChunk {
  position: number;
  bytes: Buffer;
  /** Version 2: the last four bytes are a checksum of what precedes them. */
  hasChecksum: boolean;
}

/** A message. */
export interface HeaderMessage {
  type: number;
  flags: number;
  /** Index of the flags in the chunk. */
  flagsAt: number;
  chunk: HeaderChunk;
  /** Index of its content in the chunk. */
  at: number;
  size: number;
}

/** Bytes to be written over a file. */
export interface Patch {
  position: number;
  bytes: Uint8Array;
}

/** Where an object header lies. */
export interface HeaderPlace {
  source: Source;
  /** Position of the superblock: addresses in the file count from there. */
  basePosition: number;
  address: bigint;
}

/** Patch of a chunk that was changed: its checksum is made anew. */
export function finishChunk({ position, bytes, hasChecksum }: HeaderChunk): Patch {
  if (hasChecksum) bytes.writeUInt32LE(lookup3(bytes.subarray(0, bytes.length - 4)), bytes.length - 4);
  return { position, bytes };
}

/** Runs something that reads a header: a field beyond its end becomes a CorruptFileError. */
export function withinHeader<T>({ source, address }: HeaderPlace, run: () => T): T {
  try {
    return run();
  } catch (err) {
    if (!(err instanceof RangeError)) throw err;
    throw new CorruptFileError('object header is cut', { file: source.path, offset: Number(address), cause: err });
  }
}

/** All messages of a header; `first` is its first chunk. @throws CorruptFileError */
export function readHeader({ source, basePosition: base, address: at }: HeaderPlace): { first: HeaderChunk; messages: HeaderMessage[] } {
  const address = Number(at);
  const begin = readBytes(source, base + address, 16);
  const isVersion2 = begin.toString('latin1', 0, 4) === 'OHDR';
  if (!isVersion2 && begin[0] !== 1) throw new CorruptFileError('is no object header', { file: source.path, offset: base + address });
  const messages: HeaderMessage[] = [];
  const first = isVersion2 ? firstChunk2(source, base + address) : { chunk: firstChunk1(source, base + address, begin), at: 16 };
  const waiting = [first];
  for (let next = waiting.shift(), count = 0; next !== undefined; next = waiting.shift(), count++) {
    if (count > MAX_CHUNKS) throw new CorruptFileError('object header without end', { file: source.path, offset: base + address });
    const flags2 = isVersion2 ? (begin[5] ?? 0) : undefined;
    for (const message of messagesOf(next.chunk, next.at, flags2)) {
      messages.push(message);
      if (message.type === MESSAGE.continuation) waiting.push(continuation(source, base, message, isVersion2));
    }
  }
  return { first: first.chunk, messages };
}

function firstChunk1(source: Source, position: number, begin: Buffer): HeaderChunk {
  return { position, bytes: readBytes(source, position, 16 + begin.readUInt32LE(8)), hasChecksum: false };
}

/** Version 2: signature, version, flags, times, limits of attributes, then the size of the messages in 1, 2, 4 or 8 bytes. */
function firstChunk2(source: Source, position: number): { chunk: HeaderChunk; at: number } {
  const begin = readBytes(source, position, Math.min(FIRST_BYTES, source.sizeBytes - position));
  const flags = begin[5] ?? 0;
  const sizeAt = 6 + ((flags & 0x20) === 0 ? 0 : 16) + ((flags & 0x10) === 0 ? 0 : 4);
  const sizeBytes = 2 ** (flags & 3);
  const size = sizeBytes === 8 ? Number(begin.readBigUInt64LE(sizeAt)) : begin.readUIntLE(sizeAt, sizeBytes);
  const at = sizeAt + sizeBytes;
  return { chunk: { position, bytes: readBytes(source, position, at + size + 4), hasChecksum: true }, at };
}

function continuation(source: Source, base: number, { chunk, at }: HeaderMessage, isVersion2: boolean): { chunk: HeaderChunk; at: number } {
  if (at + 16 > chunk.bytes.length) throw new CorruptFileError('object header is cut', { file: source.path, offset: chunk.position + at });
  const position = base + Number(chunk.bytes.readBigUInt64LE(at));
  const bytes = readBytes(source, position, Number(chunk.bytes.readBigUInt64LE(at + 8)));
  return { chunk: { position, bytes, hasChecksum: isVersion2 }, at: isVersion2 ? 4 : 0 };
}

/** @param flags2 flags of a header of version 2 */
function* messagesOf(chunk: HeaderChunk, from: number, flags2: number | undefined): Generator<HeaderMessage> {
  const end = chunk.bytes.length - (chunk.hasChecksum ? 4 : 0);
  const headBytes = flags2 === undefined ? 8 : (flags2 & 4) === 0 ? 4 : 6;
  for (let at = from; at + headBytes <= end;) {
    const type = flags2 === undefined ? chunk.bytes.readUInt16LE(at) : (chunk.bytes[at] ?? 0);
    const size = chunk.bytes.readUInt16LE(at + (flags2 === undefined ? 2 : 1));
    const flagsAt = at + (flags2 === undefined ? 4 : 3);
    if (at + headBytes + size > end) {
      throw new CorruptFileError('message reaches beyond its object header', { offset: chunk.position + at });
    }
    yield { type, flags: chunk.bytes[flagsAt] ?? 0, flagsAt, chunk, at: at + headBytes, size };
    at += headBytes + size;
  }
}
