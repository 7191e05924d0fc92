/**
 * Object headers of datasets, read and patched in place: what a dataset's extent is and where its data lie (HDF5 file format
 * specification, "Data Object Headers"). The library can extend only datasets made for it; with these patches it
 * can write more rows into any. Fields are little-endian, offsets and lengths have 8 bytes.
 */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import type { Source } from '../bytes/source.ts';
import { lookup3 } from './checksum.ts';
import { datatypeText } from './datatype-text.ts';

const MESSAGE = {
  modificationTime: 0x0012,
  dataspace: 0x0001,
  datatype: 0x0003,
  externalFiles: 0x0007,
  layout: 0x0008,
  continuation: 0x0010,
} as const;
const LAYOUT = { compact: 0, contiguous: 1, chunked: 2, virtual: 3 } as const;
/** Flag of a message that the library would never change. */
const CONSTANT = 0x01;
/** Flag of a message whose content lies elsewhere. */
const SHARED = 0x02;
/** Kind of a shared message that lies in a heap; others are that of a named datatype. */
const IN_HEAP = 1;
const MAX_CHUNKS = 1000;

/** A piece of a header in memory. */
interface HeaderChunk {
  position: number;
  bytes: Buffer;
  /** Version 2: the last four bytes are a checksum of what precedes them. */
  hasChecksum: boolean;
}

interface HeaderMessage {
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

/** Bytes of the longest superblock there is. */
const SUPERBLOCK_BYTES = 96;
/** No address: place is found at the first write. */
const NO_ADDRESS = 0xffff_ffff_ffff_ffffn;

/** Position of the superblock. @throws CorruptFileError; UnsupportedError for offsets or lengths of other than 8 bytes */
export function superblockPosition(source: Source): number {
  for (let at = 0; at + SUPERBLOCK_BYTES <= source.sizeBytes; at = at === 0 ? 512 : at * 2) {
    const bytes = source.read(at, 16);
    if (Buffer.from(bytes.subarray(0, 8)).toString('latin1') !== '\x89HDF\r\n\x1a\n') continue;
    const [offsets, lengths] = (bytes[8] ?? 0) < 2 ? [bytes[13], bytes[14]] : [bytes[9], bytes[10]];
    if (offsets !== 8 || lengths !== 8) {
      throw new UnsupportedError(`its addresses have ${offsets} bytes and its lengths ${lengths}, not 8`, { file: source.path });
    }
    return at;
  }
  throw new CorruptFileError('has no HDF5 superblock', { file: source.path });
}

/**
 * Address of the header in which files since superblock version 2 tell how they manage their space; undefined where there is none.
 * @param basePosition see superblockPosition
 */
export function superblockExtension(source: Source, basePosition: number): bigint | undefined {
  const bytes = readBytes(source, basePosition, 28); // signature, version, sizes, flags, base address, this one
  const address = (bytes[8] ?? 0) < 2 ? NO_ADDRESS : bytes.readBigUInt64LE(20);
  return address === NO_ADDRESS ? undefined : address;
}

/**
 * Patches a dataset to a new number of rows, which it may hold from then on. Unless `keepsRows`, it loses those it has: place for all
 * is found when they are written.
 * @throws UnsupportedError with the reason why rows cannot be added
 */
export function planExtension(place: HeaderPlace, rowCount: number): { keepsRows: boolean; patches: Patch[] } {
  const { messages } = readHeader(place);
  const find = (type: number): HeaderMessage | undefined => messages.find((message) => message.type === type);
  const [space, layout] = [find(MESSAGE.dataspace), find(MESSAGE.layout)];
  if (space === undefined || layout === undefined) {
    throw new CorruptFileError('dataset without dataspace or layout', { file: place.source.path, offset: Number(place.address) });
  }
  if (find(MESSAGE.externalFiles) !== undefined) throw new UnsupportedError('its data lie in another file');
  if (((space.flags | layout.flags) & SHARED) !== 0) throw new UnsupportedError('its dataspace is shared with other objects');
  const elementsBefore = elementCountOf(space);
  const elementCount = patchRows(space, rowCount);
  const keepsRows = patchLayout(layout, elementCount * elementBytes(place, layout, { datatype: find(MESSAGE.datatype), elementsBefore }));
  const changed = new Set([space.chunk, layout.chunk]);
  return { keepsRows, patches: [...changed].map(finishChunk) };
}

/**
 * The type of a dataset's elements as it is stored, see datatypeText; undefined where it lies in a heap for messages
 * that objects share.
 */
export function readDatatype(place: HeaderPlace): string | undefined {
  const message = storedDatatype(place, datatypeOf(place));
  return message === undefined ? undefined : datatypeText(message.chunk.bytes.subarray(message.at, message.at + message.size));
}

/** The message that holds a datatype: that of a named one lies in the header of its own object; undefined where it lies in a heap. */
function storedDatatype(place: HeaderPlace, message: HeaderMessage): HeaderMessage | undefined {
  const {
    chunk: { bytes },
    at,
    flags,
  } = message;
  if ((flags & SHARED) === 0) return message;
  const [version, kind] = [bytes[at] ?? 0, bytes[at + 1]];
  if (version >= 3 && kind === IN_HEAP) return undefined;
  return datatypeOf({ ...place, address: bytes.readBigUInt64LE(at + (version === 1 ? 8 : 2)) });
}

function datatypeOf(place: HeaderPlace): HeaderMessage {
  const message = readHeader(place).messages.find(({ type }) => type === MESSAGE.datatype);
  if (message === undefined) {
    throw new CorruptFileError('object without datatype', { file: place.source.path, offset: Number(place.address) });
  }
  return message;
}

/** Version, class, address and size: the layout of contiguous data; more bytes do not matter. */
const CONTIGUOUS_BYTES = 18;

/** Patches where the data lie; false when that is nowhere now. */
function patchLayout(layout: HeaderMessage, dataBytes: number): boolean {
  const { chunk, at, flagsAt } = layout;
  const [version, layoutClass] = [chunk.bytes[at] ?? 0, chunk.bytes[at + 1] ?? 0];
  if (version < 3 || version > 5) throw new UnsupportedError(`its layout has version ${version}`);
  if (layoutClass === LAYOUT.virtual) throw new UnsupportedError('it is virtual: its data lie in other datasets');
  if (layoutClass === LAYOUT.compact && layout.size < CONTIGUOUS_BYTES) {
    throw new UnsupportedError('it is stored inside of its header (compact), which has no place for an address');
  }
  if (layoutClass === LAYOUT.compact) chunk.bytes[at + 1] = LAYOUT.contiguous;
  if (layoutClass === LAYOUT.chunked && version === 3) return true; // the index, a B-tree of version 1, is made for any size
  chunk.bytes[flagsAt] = layout.flags & ~CONSTANT; // as that of a dataset whose place was there from its beginning
  if (layoutClass === LAYOUT.chunked) patchChunkIndex(layout);
  else patchContiguous(layout, dataBytes);
  return false;
}

/** Sets the first dimension and its limit; returns the number of elements from then on. */
function patchRows(space: HeaderMessage, rowCount: number): number {
  const { bytes } = space.chunk;
  const { rank, dimensionsAt, hasLimits } = dimensionsOf(space);
  if (rank === 0) throw new UnsupportedError('it is a scalar');
  bytes.writeBigUInt64LE(BigInt(rowCount), dimensionsAt);
  if (hasLimits) bytes.writeBigUInt64LE(BigInt(rowCount), dimensionsAt + 8 * rank);
  return elementCountOf(space);
}

/** Version 1 has five reserved bytes after version, rank and flags, version 2 the type. */
function dimensionsOf({ chunk: { bytes }, at }: HeaderMessage): { rank: number; dimensionsAt: number; hasLimits: boolean } {
  return { rank: bytes[at + 1] ?? 0, dimensionsAt: at + (bytes[at] === 1 ? 8 : 4), hasLimits: ((bytes[at + 2] ?? 0) & 1) !== 0 };
}

function elementCountOf(space: HeaderMessage): number {
  const { rank, dimensionsAt } = dimensionsOf(space);
  let count = 1;
  for (let i = 0; i < rank; i++) count *= Number(space.chunk.bytes.readBigUInt64LE(dimensionsAt + 8 * i));
  return count;
}

/** Bytes of an element as stored; where its datatype lies in a heap they follow from the size of the data. */
function elementBytes(
  place: HeaderPlace,
  layout: HeaderMessage,
  { datatype, elementsBefore }: { datatype: HeaderMessage | undefined; elementsBefore: number },
): number {
  const stored = datatype === undefined ? undefined : storedDatatype(place, datatype);
  if (stored !== undefined) return stored.chunk.bytes.readUInt32LE(stored.at + 4);
  const { chunk, at } = layout;
  const layoutClass = chunk.bytes[at + 1];
  if (layoutClass !== LAYOUT.contiguous && layoutClass !== LAYOUT.compact) return 0;
  if (elementsBefore === 0) throw new UnsupportedError('it is empty, shares its datatype in a heap, and is stored contiguously');
  return (
    (layoutClass === LAYOUT.compact ? chunk.bytes.readUInt16LE(at + 2) : Number(chunk.bytes.readBigUInt64LE(at + 10))) / elementsBefore
  );
}

/** Types of chunk index since layout version 4. */
const INDEX = { single: 1, implicit: 2, fixedArray: 3 } as const;
/** Bytes of parameters by type: implicit, fixed array, extensible array, B-tree of version 2. */
const INDEX_PARAMETER_BYTES: Readonly<Record<number, number>> = { 2: 0, 3: 1, 4: 5, 5: 6 };
/** Flag of a single chunk that filters have made smaller; 12 bytes of parameters say how. */
const FILTERED_SINGLE = 0x02;
/** The library's own choice for fixed arrays. */
const PAGE_BITS = 10;

/**
 * Since layout version 4 the index of chunks is made for the limits of the dataset: it must be made anew. In place of a single chunk
 * comes an index for many that takes no more bytes: a fixed array, or, where there are no parameters, the implicit one.
 */
function patchChunkIndex({ chunk: { bytes }, at }: HeaderMessage): void {
  // version, class, flags, number of dimensions, bytes of each, dimensions
  const typeAt = at + 5 + (bytes[at + 3] ?? 0) * (bytes[at + 4] ?? 0);
  if (bytes[typeAt] === INDEX.single) {
    const flags = bytes[at + 2] ?? 0;
    bytes[at + 2] = flags & ~FILTERED_SINGLE;
    bytes[typeAt] = (flags & FILTERED_SINGLE) === 0 ? INDEX.implicit : INDEX.fixedArray;
    if (bytes[typeAt] === INDEX.fixedArray) bytes[typeAt + 1] = PAGE_BITS;
  }
  const parameterBytes = INDEX_PARAMETER_BYTES[bytes[typeAt] ?? 0];
  if (parameterBytes === undefined) throw new UnsupportedError(`the index of its chunks has the unknown type ${bytes[typeAt]}`);
  bytes.writeBigUInt64LE(NO_ADDRESS, typeAt + 1 + parameterBytes);
}

function patchContiguous({ chunk, at }: HeaderMessage, dataBytes: number): void {
  chunk.bytes.writeBigUInt64LE(NO_ADDRESS, at + 2);
  chunk.bytes.writeBigUInt64LE(BigInt(dataBytes), at + 10);
}

/** Bytes of the four times in a header of version 2, after signature, version and flags. */
const TIMES_AT = 6;
const TIMES_BYTES = 16;

/**
 * Gives an object the times that it has in another file, so that output does not depend on when it is written; zero without `model`.
 * @param model the header of the same object in another file
 */
export function planTimes(header: HeaderPlace, model: HeaderPlace | undefined): Patch[] {
  const { messages, first } = readHeader(header);
  const other = model === undefined ? undefined : readHeader(model);
  const changed = new Set<HeaderChunk>();
  if (hasTimes(first)) {
    const times =
      other !== undefined && hasTimes(other.first)
        ? other.first.bytes.subarray(TIMES_AT, TIMES_AT + TIMES_BYTES)
        : new Uint8Array(TIMES_BYTES);
    first.bytes.set(times, TIMES_AT);
    changed.add(first);
  }
  const time = messages.find(({ type }) => type === MESSAGE.modificationTime);
  const otherTime = other?.messages.find(({ type }) => type === MESSAGE.modificationTime);
  if (time !== undefined) {
    time.chunk.bytes.writeUInt32LE(otherTime?.chunk.bytes.readUInt32LE(otherTime.at + 4) ?? 0, time.at + 4);
    changed.add(time.chunk);
  }
  return [...changed].map(finishChunk);
}

function hasTimes({ bytes, hasChecksum }: HeaderChunk): boolean {
  return hasChecksum && ((bytes[5] ?? 0) & 0x20) !== 0;
}

function finishChunk({ position, bytes, hasChecksum }: HeaderChunk): Patch {
  if (hasChecksum) bytes.writeUInt32LE(lookup3(bytes.subarray(0, bytes.length - 4)), bytes.length - 4);
  return { position, bytes };
}

function readHeader({ source, basePosition: base, address: at }: HeaderPlace): { first: HeaderChunk; messages: HeaderMessage[] } {
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

function readBytes(source: Source, position: number, length: number): Buffer {
  return Buffer.from(Uint8Array.from(source.read(position, length)));
}

function firstChunk1(source: Source, position: number, begin: Buffer): HeaderChunk {
  return { position, bytes: readBytes(source, position, 16 + begin.readUInt32LE(8)), hasChecksum: false };
}

/** Version 2: signature, version, flags, times, limits of attributes, then the size of the messages in 1, 2, 4 or 8 bytes. */
function firstChunk2(source: Source, position: number): { chunk: HeaderChunk; at: number } {
  const begin = readBytes(source, position, 48);
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
