/** Types of datasets as they are stored, in more detail than the library tells. */
import { openSource } from '../bytes/source.ts';
import type { Hdf5Object } from './hdf5-file.ts';
import { readDatatype, superblockPosition } from './object-header.ts';

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
