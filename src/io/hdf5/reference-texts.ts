/**
 * What references of a file lead to, as texts that can be compared between files. Source: HDF5 file format specification, "Global Heap",
 * and the encoding of references up to HDF5 1.10: that of an object is its address, that of a region lies in a heap.
 */
import { openSource, type Source } from '../bytes/source.ts';
import { CorruptFileError } from '../../errors.ts';
import type { Hdf5Object } from './hdf5-object.ts';
import type { ReferenceText } from './hdf5-types.ts';
import { regionText } from './region-text.ts';
import { readBytes, superblockPosition } from './superblock.ts';

/** Bytes of a reference to an object. */
const OBJECT_BYTES = 8;

/**
 * Gives the texts of references in a file; objects are told by the first of their names.
 * @param path the file, which nobody writes
 * @param objects all objects of it
 */
export function referenceTexts(path: string, objects: readonly Hdf5Object[]): ReferenceText {
  const names = new Map(objects.flatMap(({ address, aliasOf, path: name }) => (aliasOf === undefined ? [[address, name] as const] : [])));
  const nameOf = (address: bigint): string => names.get(address) ?? `an object without name at ${address}`;
  return (reference) => {
    const address = reference.readBigUInt64LE(0);
    if (address === 0n) return 'nothing';
    if (reference.length === OBJECT_BYTES) return nameOf(address);
    const region = readRegion(path, address, reference.readUInt32LE(OBJECT_BYTES));
    return `${nameOf(region.readBigUInt64LE(0))} ${regionText(region.subarray(OBJECT_BYTES))}`;
  };
}

/** Signature, version, reserved, then the size of the collection. */
const COLLECTION_HEAD_BYTES = 16;
/** Index, number of references, reserved, then the size of the object. */
const ITEM_HEAD_BYTES = 16;

/** Address of an object, then which of its elements. */
function readRegion(path: string, address: bigint, index: number): Buffer {
  const source = openSource(path);
  try {
    return readItem(source, superblockPosition(source) + Number(address), index);
  } finally {
    source.close();
  }
}

function readItem(source: Source, position: number, index: number): Buffer {
  const head = readBytes(source, position, COLLECTION_HEAD_BYTES);
  const end = position + (head.toString('latin1', 0, 4) === 'GCOL' ? Number(head.readBigUInt64LE(8)) : 0);
  for (let at = position + COLLECTION_HEAD_BYTES; at + ITEM_HEAD_BYTES <= end;) {
    const item = readBytes(source, at, ITEM_HEAD_BYTES);
    const [found, size] = [item.readUInt16LE(0), Number(item.readBigUInt64LE(8))];
    if (found === index && size >= OBJECT_BYTES) return readBytes(source, at + ITEM_HEAD_BYTES, size);
    if (found === 0) break; // free space up to the end
    at += ITEM_HEAD_BYTES + Math.ceil(size / 8) * 8;
  }
  throw new CorruptFileError(`its heap has no item ${index}`, { file: source.path, offset: position });
}
