/**
 * Headers of datasets, patched in place: what a dataset's extent is and where its data lie (HDF5 file format specification, "The Dataspace
 * Message", "The Data Layout Message"). The library can extend only datasets made for it; with these patches it can write
 * more rows into any.
 */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import {
  MESSAGE,
  SHARED,
  finishChunk,
  readHeader,
  withinHeader,
  type HeaderMessage,
  type HeaderPlace,
  type Patch,
} from './object-header.ts';
import { storedDatatype } from './stored-types.ts';
import { NO_ADDRESS } from './superblock.ts';

const LAYOUT = { compact: 0, contiguous: 1, chunked: 2, virtual: 3 } as const;
/** Flag of a message that the library would never change. */
const CONSTANT = 0x01;

/**
 * Patches a dataset to a new number of rows, which it may hold from then on. Unless `keepsRows`, it loses those it has: place for all
 * is found when they are written.
 * @throws UnsupportedError with the reason why rows cannot be added
 */
export function planExtension(place: HeaderPlace, rowCount: number): { keepsRows: boolean; patches: Patch[] } {
  return withinHeader(place, () => patchesFor(place, rowCount));
}

function patchesFor(place: HeaderPlace, rowCount: number): { keepsRows: boolean; patches: Patch[] } {
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
