/** Lists what is in an HDF5 file: all objects and links with their attributes. */
import { createHash, type Hash } from 'node:crypto';
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import type { Source } from '../bytes/source.ts';
import type { Hdf5Handle } from './hdf5-handle.ts';
import type { Hdf5Extent } from './hdf5-library.ts';
import type { Hdf5Attribute, Hdf5Kind, Hdf5Object } from './hdf5-object.ts';
import { hashValues, typeText, type ReferenceText } from './hdf5-types.ts';
import { readStoredObject } from './stored-object.ts';
import { superblockPosition } from './superblock.ts';

/** Types of objects (H5G_obj_t). */
const OBJECT_KINDS: readonly Hdf5Kind[] = ['group', 'dataset', 'datatype'];

/** An object or link with what is not yet said of it. */
export interface ListedObject extends Hdf5Object {
  /** Attributes that its header counts. */
  attributeCount: number;
}

/** A name that is still to be looked at. */
interface Name {
  path: string;
  /** True when it is known to be no soft or external link: to ask the library takes ever longer the deeper it lies. */
  isHard: boolean;
}

/**
 * All objects and links, parents before what they hold, each group in its own order; the root comes first.
 * @param source the same file, which nobody writes
 */
export function listObjects(file: Hdf5Handle, source: Source): ListedObject[] {
  const found: ListedObject[] = [];
  const known = new Map<bigint, ListedObject>();
  const waiting: Name[] = [{ path: '/', isHard: true }];
  const reader = new ObjectReader(file, source);
  file.inBatches(() => {
    const name = waiting.pop();
    if (name === undefined) return false;
    const { object, links } = file.call(name.path, () => reader.read(name, known));
    found.push(object);
    for (const link of links.toReversed()) waiting.push(link);
    return true;
  });
  return found;
}

class ObjectReader {
  readonly #file: Hdf5Handle;
  readonly #source: Source;
  readonly #basePosition: number;

  constructor(file: Hdf5Handle, source: Source) {
    this.#file = file;
    this.#source = source;
    this.#basePosition = superblockPosition(source);
  }

  /** @param known the objects met before, by address; gets another one */
  read({ path, isHard }: Name, known: Map<bigint, ListedObject>): { object: ListedObject; links: Name[] } {
    const link = isHard ? undefined : this.#linkAt(path);
    if (link !== undefined) return { object: link, links: [] };
    const address = addressOf(this.#file, path);
    const first = known.get(address);
    if (first !== undefined) return { object: { ...blank(path, first.kind), address, aliasOf: first.path }, links: [] };
    const { kind, links, attributeCount } = readStoredObject({ source: this.#source, basePosition: this.#basePosition, address });
    if (kind === undefined) throw new UnsupportedError('is neither a group nor a dataset');
    const object = { ...blank(path, kind), address, attributeCount };
    known.set(address, object);
    return { object, links: kind === 'group' ? this.#linksOf(path, links) : [] };
  }

  #linkAt(path: string): ListedObject | undefined {
    const { library, id } = this.#file;
    const soft = library.get_symbolic_link(id, path);
    if (soft !== null) return { ...blank(path, 'soft link'), target: soft };
    const { filename, obj_path: inside } = library.get_external_link(id, path);
    if (filename !== undefined) return { ...blank(path, 'external link'), target: `${filename}:${inside}` };
    if (OBJECT_KINDS[library.get_type(id, path)] === undefined) throw new UnsupportedError('is neither a group nor a dataset');
    return undefined;
  }

  #linksOf(path: string, { count, areHard: isHard }: { count: number; areHard: boolean }): Name[] {
    const names = this.#file.library.get_names(this.#file.id, path, false);
    expectAll('links', names.length, count);
    return names.map((name) => ({ path: path === '/' ? `/${name}` : `${path}/${name}`, isHard }));
  }
}

function expectAll(what: string, count: number, expected: number): void {
  if (count !== expected) throw new CorruptFileError(`its ${what} cannot all be listed`, { expected, found: count });
}

function blank(path: string, kind: Hdf5Kind): ListedObject {
  return {
    path,
    kind,
    address: 0n,
    aliasOf: undefined,
    target: '',
    extent: undefined,
    filters: [],
    attributes: new Map(),
    attributeCount: 0,
  };
}

/** Address of an object's header, from the superblock on. */
export function addressOf({ library, id }: Hdf5Handle, path: string): bigint {
  return Buffer.from(Uint8Array.from(library.create_object_reference(id, path))).readBigUInt64LE(0);
}

/** Objects with their types, extents, filters and attributes. */
export function describeObjects(file: Hdf5Handle, listed: readonly ListedObject[], references: ReferenceText): Hdf5Object[] {
  const described: Hdf5Object[] = [];
  file.each(listed, (object) => described.push(file.call(object.path, () => describeObject(file, object, references))));
  return described;
}

function describeObject(file: Hdf5Handle, { attributeCount, ...object }: ListedObject, references: ReferenceText): Hdf5Object {
  const { library, id } = file;
  const { kind, path, aliasOf, address } = object;
  if (address === 0n || aliasOf !== undefined) return object;
  return {
    ...object,
    target: kind === 'datatype' ? typeText(library.get_datatype_metadata(id, path)) : '',
    extent: kind === 'dataset' ? checkedExtent(library.get_dataset_metadata(id, path)) : undefined,
    filters: kind === 'dataset' ? library.get_dataset_filters(id, path) : [],
    attributes: attributesOf(file, object, { attributeCount, references }),
  };
}

/** The library gives lengths as floating-point numbers. */
function checkedExtent(extent: Hdf5Extent): Hdf5Extent {
  const beyond = extent.shape?.find((length) => length > Number.MAX_SAFE_INTEGER);
  if (beyond !== undefined) throw new CorruptFileError(`has a dimension of ${beyond}, more than any file holds`);
  return extent;
}

function attributesOf(
  file: Hdf5Handle,
  { path }: Hdf5Object,
  { attributeCount, references }: { attributeCount: number; references: ReferenceText },
): Map<string, Hdf5Attribute> {
  const { library, id } = file;
  const names = library.get_attribute_names(id, path);
  expectAll('attributes', names.length, attributeCount);
  return new Map(
    names.map((name) => {
      const extent = library.get_attribute_metadata(id, path, name);
      const hash = attributeHash(extent);
      file.withAttribute(path, name, extent, (at) => hashValues({ library, references }, hash, extent, { at, count: extent.total_size }));
      return [name, { extent, digest: hash.digest('hex') }];
    }),
  );
}

function attributeHash(extent: Hdf5Extent): Hash {
  return createHash('sha256').update(`${typeText(extent)} ${JSON.stringify(extent.shape)} `);
}

/** The digest of an attribute whose value, without pointers, is given as the library would give it. */
export function attributeDigest(extent: Hdf5Extent, bytes: Uint8Array): string {
  return attributeHash(extent).update(bytes).digest('hex');
}
