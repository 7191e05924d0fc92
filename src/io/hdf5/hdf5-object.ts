/** What is in an HDF5 file: objects, links and attributes. */
import type { Hdf5Extent, Hdf5Filter } from './hdf5-library.ts';

/** An attribute: type, extent and value as one text; equal texts, equal attributes. */
export interface Hdf5Attribute {
  extent: Hdf5Extent;
  digest: string;
}

/** What a link leads to. */
export type Hdf5Kind = 'group' | 'dataset' | 'datatype' | 'soft link' | 'external link';

/** An object, or a link that leads out of the tree. */
export interface Hdf5Object {
  path: string;
  kind: Hdf5Kind;
  /** Address of the object header, from the superblock on; 0 for links. */
  address: bigint;
  /** Path under which the object was met first, when this is another name of it. */
  aliasOf: string | undefined;
  /** Where a link leads; type of a named datatype as text. */
  target: string;
  /** Only datasets. */
  extent: Hdf5Extent | undefined;
  filters: readonly Hdf5Filter[];
  attributes: ReadonlyMap<string, Hdf5Attribute>;
}
