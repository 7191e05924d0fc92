/** Types of datasets as they are stored, in more detail than the library tells. */
import { CorruptFileError } from '../../errors.ts';
import { openSource } from '../bytes/source.ts';
import { datatypeText } from './datatype-text.ts';
import type { Hdf5Object } from './hdf5-object.ts';
import { MESSAGE, SHARED, readHeader, withinHeader, type HeaderMessage, type HeaderPlace } from './object-header.ts';
import { superblockPosition } from './superblock.ts';

/** Kind of a shared message that lies in a heap; others are that of a named datatype. */
const IN_HEAP = 1;

/** Types of datasets as they are stored, by path; see datatypeText. Second names of an object are left out. */
export function readStoredTypes(path: string, objects: readonly Hdf5Object[]): Map<string, string> {
  const types = new Map<string, string>();
  const source = openSource(path);
  try {
    const basePosition = superblockPosition(source);
    for (const { path: at, kind, aliasOf, address } of objects) {
      const type = kind === 'dataset' && aliasOf === undefined ? readDatatype({ source, basePosition, address }) : undefined;
      if (type !== undefined) types.set(at, type);
    }
  } finally {
    source.close();
  }
  return types;
}

/**
 * The type of a dataset's elements as it is stored, see datatypeText; undefined where it lies in a heap for messages
 * that objects share.
 */
function readDatatype(place: HeaderPlace): string | undefined {
  return withinHeader(place, () => {
    const message = storedDatatype(place, datatypeOf(place));
    return message === undefined ? undefined : datatypeText(message.chunk.bytes.subarray(message.at, message.at + message.size));
  });
}

/** The message that holds a datatype: that of a named one lies in the header of its own object; undefined where it lies in a heap. */
export function storedDatatype(place: HeaderPlace, message: HeaderMessage): HeaderMessage | undefined {
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
