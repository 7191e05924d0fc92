/** An HDF5 file: its objects with types, extents and attributes; rows of datasets in the memory of the library. */
import { createHash, type Hash } from 'node:crypto';
import { resolve } from 'node:path';
import { CorruptFileError, UnsupportedError, addContext, isPoolMergeError } from '../../errors.ts';
import { fileIdentity, openSource, type FileIdentity } from '../bytes/source.ts';
import {
  hdf5Reason,
  loadHdf5,
  noteFailure,
  noteHeld,
  requireWorking,
  type Hdf5Extent,
  type Hdf5Filter,
  type Hdf5Library,
} from './hdf5-library.ts';
import { hasPointers, hashValues, typeText } from './hdf5-types.ts';

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

/** Access modes of H5Fopen and H5Fcreate; `create` empties what is there. */
const MODES = { read: 0, write: 1, create: 2 } as const;
/** Types of objects (H5G_obj_t). */
const OBJECT_KINDS: readonly Hdf5Kind[] = ['group', 'dataset', 'datatype'];
/** Bytes of an address in the memory of the library. */
const POINTER_BYTES = 4;
/** Bytes of rows that are read at once, and the size from which on a value is compared in pieces. */
const SLICE_BYTES = 8 * 1024 * 1024;

/** What the library says when h5wasm asks it for an enum in little-endian order. */
const BIG_ENDIAN_ENUM = 'operation not allowed after enum members are defined';

/** Rows of a dataset. */
export interface RowRange {
  firstRow: number;
  rowCount: number;
}

/** An open file. */
export class Hdf5File {
  readonly path: string;
  readonly library: Hdf5Library;
  readonly #id: bigint;
  readonly #identity: FileIdentity;
  #isOpen = true;

  /** Use `openHdf5` or `openHdf5With`. */
  constructor(path: string, library: Hdf5Library, id: bigint, identity: FileIdentity) {
    this.path = path;
    this.#identity = identity;
    this.library = library;
    this.#id = id;
  }

  /** Number by which the library knows the file. */
  get id(): bigint {
    return this.#id;
  }

  /** All objects, parents before what they hold, each group in its own order; the root comes first. */
  objects(): Hdf5Object[] {
    const found: Hdf5Object[] = [];
    const known = new Map<bigint, string>();
    const visit = (path: string): void => {
      const object = this.call(path, () => this.#objectAt(path, known));
      found.push(object);
      if (object.kind !== 'group' || object.aliasOf !== undefined) return;
      for (const name of this.call(path, () => this.library.get_names(this.#id, path, false))) {
        visit(path === '/' ? `/${name}` : `${path}/${name}`);
      }
    };
    visit('/');
    return found;
  }

  #objectAt(path: string, known: Map<bigint, string>): Hdf5Object {
    const { library } = this;
    const blank = {
      path,
      address: 0n,
      aliasOf: undefined,
      target: '',
      extent: undefined,
      filters: [],
      attributes: new Map<string, Hdf5Attribute>(),
    };
    const soft = path === '/' ? null : library.get_symbolic_link(this.#id, path);
    if (soft !== null) return { ...blank, kind: 'soft link', target: soft };
    const { filename, obj_path: inside } = path === '/' ? {} : library.get_external_link(this.#id, path);
    if (filename !== undefined) return { ...blank, kind: 'external link', target: `${filename}:${inside}` };
    const kind = OBJECT_KINDS[library.get_type(this.#id, path)];
    if (kind === undefined) throw new UnsupportedError('is neither a group nor a dataset');
    const address = this.addressOf(path);
    const aliasOf = known.get(address);
    if (aliasOf !== undefined) return { ...blank, kind, address, aliasOf };
    known.set(address, path);
    return {
      ...blank,
      kind,
      address,
      target: kind === 'datatype' ? typeText(library.get_datatype_metadata(this.#id, path)) : '',
      extent: kind === 'dataset' ? library.get_dataset_metadata(this.#id, path) : undefined,
      filters: kind === 'dataset' ? library.get_dataset_filters(this.#id, path) : [],
      attributes: this.#attributes(path),
    };
  }

  /** Address of an object's header, from the superblock on. */
  addressOf(path: string): bigint {
    return this.call(path, () => Buffer.from(Uint8Array.from(this.library.create_object_reference(this.#id, path))).readBigUInt64LE(0));
  }

  #attributes(path: string): Map<string, Hdf5Attribute> {
    const { library } = this;
    return new Map(
      library.get_attribute_names(this.#id, path).map((name) => {
        const extent = library.get_attribute_metadata(this.#id, path, name);
        return [name, { extent, digest: this.#attributeDigest(path, name, extent) }];
      }),
    );
  }

  #attributeDigest(path: string, name: string, extent: Hdf5Extent): string {
    const hash = attributeHash(extent);
    this.withAttribute(path, name, extent, (at) => hashValues(this.library, hash, extent, at, extent.total_size));
    return hash.digest('hex');
  }

  /** Puts another value, little-endian, into an attribute of a type that h5wasm can make. */
  replaceAttribute(path: string, { name, extent }: { name: string; extent: Hdf5Extent }, bytes: Uint8Array): void {
    const { chunks: _chunks, maxshape: _maxshape, shape, ...type } = extent;
    this.#withMemory(bytes.length, (at) => {
      this.library.HEAPU8.set(bytes, at);
      this.call(path, () => {
        this.library.delete_attribute(this.#id, path, name);
        this.library.create_attribute(this.#id, path, name, BigInt(at), { ...type, shape: (shape ?? []).map(BigInt), maxshape: null });
      });
    });
  }

  /** Gives the value of an attribute, as long as `use` runs. */
  withAttribute<T>(path: string, name: string, extent: Hdf5Extent, use: (at: number) => T): T {
    const { library } = this;
    return this.#withMemory(extent.size * extent.total_size, (at) => {
      if (extent.total_size > 0) library.get_attribute_data(this.#id, path, name, BigInt(at));
      try {
        return use(at);
      } finally {
        if (hasPointers(extent) && extent.total_size > 0) library.reclaim_vlen_memory(this.#id, path, name, BigInt(at));
      }
    });
  }

  /**
   * Reads rows of a dataset (all of a scalar) piece by piece, and gives each, as long as `use` runs; all rows without `range`.
   * @param use gets the address of the rows in the memory of the library, the first row and their number
   */
  eachSlice(path: string, extent: Hdf5Extent, use: (at: number, firstRow: number, rowCount: number) => void, range?: RowRange): void {
    const shape = extent.shape ?? [0];
    const [rows = 1, ...rest] = shape;
    const rowElements = elementsOfRow(extent);
    const step = sliceRows(extent);
    const end = range === undefined ? rows : range.firstRow + range.rowCount;
    for (let row = range?.firstRow ?? 0; row < end && rowElements > 0; row += step) {
      const count = Math.min(step, end - row);
      this.#withMemory(count * rowElements * extent.size, (at) => {
        const selection =
          shape.length === 0
            ? undefined
            : { count: [count, ...rest].map(BigInt), offset: shape.map((_, i) => (i === 0 ? BigInt(row) : 0n)) };
        this.call(path, () => this.#read(path, selection, at));
        try {
          use(at, row, count);
        } finally {
          if (hasPointers(extent)) this.#reclaim(path, selection?.count, at);
        }
      });
    }
  }

  #read(path: string, selection: { count: bigint[]; offset: bigint[] } | undefined, at: number): void {
    this.library.get_dataset_data(
      this.#id,
      path,
      selection?.count ?? null,
      selection?.offset ?? null,
      selection?.count.map(() => 1n) ?? null,
      BigInt(at),
    );
  }

  #reclaim(path: string, count: bigint[] | undefined, at: number): void {
    if (count === undefined) this.library.reclaim_vlen_memory(this.#id, path, '', BigInt(at));
    else this.library.reclaim_vlen_memory_count(this.#id, path, '', BigInt(at), count);
  }

  /** Writes rows that lie in the memory of the library; of a scalar its value. */
  writeRows(path: string, extent: Hdf5Extent, firstRow: number, rowCount: number, at: number): void {
    const [, ...rest] = extent.shape ?? [];
    const isScalar = extent.shape?.length === 0;
    const count = [rowCount, ...rest].map(BigInt);
    const offset = [firstRow, ...rest.map(() => 0)].map(BigInt);
    this.call(path, () =>
      this.library.set_dataset_data(
        this.#id,
        path,
        isScalar ? null : count,
        isScalar ? null : offset,
        isScalar ? null : count.map(() => 1n),
        BigInt(at),
      ),
    );
  }

  /** Sets the number of rows of a dataset that has no limit. */
  resizeRows(path: string, { shape }: Hdf5Extent, rowCount: number): void {
    this.call(path, () => this.library.resize_dataset(this.#id, path, [rowCount, ...(shape ?? []).slice(1)].map(BigInt)));
  }

  /** Writes rows given as bytes, little-endian. */
  writeBytes(path: string, extent: Hdf5Extent, firstRow: number, rowCount: number, bytes: Uint8Array): void {
    this.#withMemory(bytes.length, (at) => {
      this.library.HEAPU8.set(bytes, at);
      this.writeRows(path, extent, firstRow, rowCount, at);
    });
  }

  /** Writes rows of texts of varying length: pointers, then the texts, each with a zero at its end. */
  writeTexts(path: string, extent: Hdf5Extent, firstRow: number, texts: readonly string[]): void {
    const encoded = texts.map((text) => Buffer.from(`${text}\0`));
    const pointersBytes = POINTER_BYTES * texts.length;
    this.#withMemory(
      encoded.reduce((sum, { length }) => sum + length, pointersBytes),
      (at) => {
        const view = new DataView(this.library.HEAPU8.buffer);
        let textAt = at + pointersBytes;
        for (const [i, bytes] of encoded.entries()) {
          view.setUint32(at + POINTER_BYTES * i, textAt, true);
          this.library.HEAPU8.set(bytes, textAt);
          textAt += bytes.length;
        }
        this.writeRows(path, extent, firstRow, texts.length, at);
      },
    );
  }

  /** A digest of the values of a dataset, or of some of its rows. */
  digest(path: string, extent: Hdf5Extent, range?: RowRange): string {
    const hash = createHash('sha256');
    const elements = elementsOfRow(extent);
    this.eachSlice(path, extent, (at, _, count) => hashValues(this.library, hash, extent, at, count * elements), range);
    return hash.digest('hex');
  }

  #withMemory<T>(bytes: number, use: (at: number) => T): T {
    const at = this.library._malloc(Math.max(bytes, 16));
    if (at === 0) throw new UnsupportedError(`${bytes} bytes do not fit into the memory of the HDF5 library`, { file: this.path });
    this.library.HEAPU8.fill(0, at, at + bytes);
    try {
      return use(at);
    } finally {
      this.library._free(at);
    }
  }

  /** Runs something of the library; what it throws becomes a CorruptFileError with file and path. */
  call<T>(objectPath: string, run: () => T): T {
    try {
      return run();
    } catch (err) {
      if (isPoolMergeError(err)) throw addContext(err, { file: this.path, objectPath });
      noteFailure(err);
      if (hdf5Reason(err) === BIG_ENDIAN_ENUM) {
        throw new UnsupportedError('holds an enum in big-endian order, which h5wasm cannot read', {
          file: this.path,
          objectPath,
          cause: err,
        });
      }
      noteHeld(this.#identity, this.path);
      throw new CorruptFileError(hdf5Reason(err), { file: this.path, objectPath, cause: err });
    }
  }

  /** Closes the file; what was written is in it from then on. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.call('/', () => this.library.close_file(this.#id));
  }
}

function attributeHash(extent: Hdf5Extent): Hash {
  return createHash('sha256').update(`${typeText(extent)} ${JSON.stringify(extent.shape)} `);
}

/** The digest of an attribute whose value, without pointers, is given as the library would give it. */
export function attributeDigest(extent: Hdf5Extent, bytes: Uint8Array): string {
  return attributeHash(extent).update(bytes).digest('hex');
}

/** Elements in a row: the product of all dimensions but the first. */
export function elementsOfRow({ shape }: Hdf5Extent): number {
  return (shape ?? []).slice(1).reduce((product, length) => product * length, 1);
}

/** Rows that are read at once: about SLICE_BYTES, whole chunks where there are any. */
export function sliceRows(extent: Hdf5Extent): number {
  const rows = Math.max(1, Math.floor(SLICE_BYTES / Math.max(1, elementsOfRow(extent) * extent.size)));
  const chunkRows = extent.chunks?.[0] ?? 1;
  return rows > chunkRows ? rows - (rows % chunkRows) : rows;
}

/** Opens a file. @throws UnreadableFileError, CorruptFileError; UnsupportedError when h5wasm is not installed */
export async function openHdf5(path: string, mode: 'read' | 'write' = 'read'): Promise<Hdf5File> {
  const source = openSource(path); // says clearly what the library says in its own words: no such file, no permission
  source.close();
  if (source.sizeBytes === 0) throw new CorruptFileError('file is empty', { file: path });
  return openHdf5With(await loadHdf5(), path, mode);
}

/** Opens or makes a file when the library is at hand; one that is made is there already, empty. @throws CorruptFileError */
export function openHdf5With(library: Hdf5Library, path: string, mode: keyof typeof MODES): Hdf5File {
  const identity = fileIdentity(path);
  requireWorking(identity, path);
  try {
    return new Hdf5File(path, library, library.open(resolve(path), MODES[mode], false, -1, -1), identity);
  } catch (err) {
    noteFailure(err);
    throw new CorruptFileError(`is no HDF5 file, was never closed, or is cut: ${hdf5Reason(err)}`, { file: path, cause: err });
  }
}
