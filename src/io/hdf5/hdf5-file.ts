/** An HDF5 file: its objects, and rows of datasets in the memory of the library. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { CorruptFileError } from '../../errors.ts';
import { openSource } from '../bytes/source.ts';
import { Hdf5Handle } from './hdf5-handle.ts';
import { hdf5Reason, isBroken, loadHdf5, noteFailure, requireWorking, type Hdf5Extent, type Hdf5Library } from './hdf5-library.ts';
import type { Hdf5Object } from './hdf5-object.ts';
import { hasPointers, hashValues, type ReferenceText } from './hdf5-types.ts';
import { addressOf, describeObjects, listObjects, type ListedObject } from './list-objects.ts';
import { referenceTexts } from './reference-texts.ts';
import { withTimeLimit } from './time-limit.ts';

/** Access modes of H5Fopen and H5Fcreate; `create` empties what is there. */
const MODES = { read: 0, write: 1, create: 2 } as const;
/** Bytes of an address in the memory of the library. */
const POINTER_BYTES = 4;
/** Bytes of rows that are read at once, and the size from which on a value is compared in pieces. */
const SLICE_BYTES = 8 * 1024 * 1024;
/** The library's memory holds two slices at a time, and what it works with itself; 2 GB are the most that it can get. */
const MOST_SLICE_BYTES = 256 * 1024 * 1024;

/** Rows of a dataset. */
export interface RowRange {
  firstRow: number;
  rowCount: number;
}

/** An open file. Use `openHdf5` or `openHdf5With`. */
export class Hdf5File extends Hdf5Handle {
  #listed: ListedObject[] | undefined;
  #texts: ReferenceText | undefined;

  /**
   * All objects, parents before what they hold, each group in its own order; the root comes first. Nobody may write the file.
   * @throws CorruptFileError also where the library would leave out links or attributes that it cannot read
   */
  objects(): Hdf5Object[] {
    return describeObjects(this, this.#list(), this.#referenceText);
  }

  #list(): ListedObject[] {
    if (this.#listed !== undefined) return this.#listed;
    const source = openSource(this.path);
    try {
      this.#listed = listObjects(this, source);
      return this.#listed;
    } finally {
      source.close();
    }
  }

  readonly #referenceText: ReferenceText = (reference) => {
    this.#texts ??= referenceTexts(this.path, this.#list());
    return this.#texts(reference);
  };

  /** Address of an object's header, from the superblock on. */
  addressOf(path: string): bigint {
    return this.call(path, () => addressOf(this, path));
  }

  /** Puts another value, little-endian, into an attribute of a type that h5wasm can make. */
  replaceAttribute(path: string, { name, extent }: { name: string; extent: Hdf5Extent }, bytes: Uint8Array): void {
    const { chunks: _chunks, maxshape: _maxshape, shape, ...type } = extent;
    this.withMemory(bytes.length, (at) => {
      this.library.HEAPU8.set(bytes, at);
      this.call(path, () => {
        this.library.delete_attribute(this.id, path, name);
        this.library.create_attribute(this.id, path, name, BigInt(at), { ...type, shape: (shape ?? []).map(BigInt), maxshape: null });
      });
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
      this.withMemory(count * rowElements * extent.size, (at) => {
        const selection =
          shape.length === 0
            ? undefined
            : { count: [count, ...rest].map(BigInt), offset: shape.map((_, i) => (i === 0 ? BigInt(row) : 0n)) };
        this.call(path, () => this.#read(path, selection, at), movedBytes(extent, count));
        try {
          use(at, row, count);
        } finally {
          if (hasPointers(extent) && !isBroken(this.library)) this.#reclaim(path, selection?.count, at);
        }
      });
    }
  }

  #read(path: string, selection: { count: bigint[]; offset: bigint[] } | undefined, at: number): void {
    this.library.get_dataset_data(
      this.id,
      path,
      selection?.count ?? null,
      selection?.offset ?? null,
      selection?.count.map(() => 1n) ?? null,
      BigInt(at),
    );
  }

  #reclaim(path: string, count: bigint[] | undefined, at: number): void {
    this.call(path, () =>
      count === undefined
        ? this.library.reclaim_vlen_memory(this.id, path, '', BigInt(at))
        : this.library.reclaim_vlen_memory_count(this.id, path, '', BigInt(at), count),
    );
  }

  /** Writes rows that lie in the memory of the library; of a scalar its value. */
  writeRows(path: string, extent: Hdf5Extent, firstRow: number, rowCount: number, at: number): void {
    const [, ...rest] = extent.shape ?? [];
    const isScalar = extent.shape?.length === 0;
    const count = [rowCount, ...rest].map(BigInt);
    const offset = [firstRow, ...rest.map(() => 0)].map(BigInt);
    const write = (): number =>
      this.library.set_dataset_data(
        this.id,
        path,
        isScalar ? null : count,
        isScalar ? null : offset,
        isScalar ? null : count.map(() => 1n),
        BigInt(at),
      );
    this.call(path, write, movedBytes(extent, rowCount));
  }

  /** Sets the number of rows of a dataset that has no limit. */
  resizeRows(path: string, { shape }: Hdf5Extent, rowCount: number): void {
    this.call(path, () => this.library.resize_dataset(this.id, path, [rowCount, ...(shape ?? []).slice(1)].map(BigInt)));
  }

  /** Writes rows given as bytes, little-endian. */
  writeBytes(path: string, extent: Hdf5Extent, firstRow: number, rowCount: number, bytes: Uint8Array): void {
    this.withMemory(bytes.length, (at) => {
      this.library.HEAPU8.set(bytes, at);
      this.writeRows(path, extent, firstRow, rowCount, at);
    });
  }

  /** Writes rows of texts of varying length: pointers, then the texts, each with a zero at its end. */
  writeTexts(path: string, extent: Hdf5Extent, firstRow: number, texts: readonly string[]): void {
    const encoded = texts.map((text) => Buffer.from(`${text}\0`));
    const pointersBytes = POINTER_BYTES * texts.length;
    this.withMemory(
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

  /** A digest of the values of a dataset, or of some of its rows; while it has references, nobody may write the file. */
  digest(path: string, extent: Hdf5Extent, range?: RowRange): string {
    const hash = createHash('sha256');
    const elements = elementsOfRow(extent);
    const context = { library: this.library, references: this.#referenceText };
    this.eachSlice(path, extent, (at, _, count) => hashValues(context, hash, extent, { at, count: count * elements }), range);
    return hash.digest('hex');
  }
}

/** Elements in a row: the product of all dimensions but the first. */
export function elementsOfRow({ shape }: Hdf5Extent): number {
  return (shape ?? []).slice(1).reduce((product, length) => product * length, 1);
}

/**
 * Rows that are read at once: about SLICE_BYTES, whole chunks where there are any. Larger chunks, too, are read as a whole, as far as memory
 * allows: each would be inflated again for every slice of it.
 */
export function sliceRows(extent: Hdf5Extent): number {
  const rowBytes = Math.max(1, elementsOfRow(extent) * extent.size);
  const rows = Math.max(1, Math.floor(SLICE_BYTES / rowBytes));
  const chunkRows = extent.chunks?.[0] ?? 1;
  if (rows > chunkRows) return rows - (rows % chunkRows);
  return chunkRows * rowBytes <= MOST_SLICE_BYTES ? chunkRows : rows;
}

/** Bytes that the library moves for so many rows: of a chunk always all. */
export function movedBytes(extent: Hdf5Extent, rowCount: number): number {
  const chunkElements = (extent.chunks ?? [0]).reduce((product, length) => product * length, 1);
  return (rowCount * elementsOfRow(extent) + chunkElements) * extent.size;
}

/** Opens a file. @throws UnreadableFileError, CorruptFileError; UnsupportedError when h5wasm is not installed */
export async function openHdf5(path: string, mode: 'read' | 'write' = 'read'): Promise<Hdf5File> {
  const source = openSource(path); // says clearly what the library says in its own words: no such file, no permission
  source.close();
  if (source.sizeBytes === 0) throw new CorruptFileError('file is empty', { file: path });
  return openHdf5With(await loadHdf5(path), path, mode);
}

/** Opens or makes a file when the library is at hand; one that is made is there already, empty. @throws CorruptFileError */
export function openHdf5With(library: Hdf5Library, path: string, mode: keyof typeof MODES): Hdf5File {
  requireWorking(library, path);
  try {
    return new Hdf5File(
      path,
      library,
      withTimeLimit(() => library.open(resolve(path), MODES[mode], false, -1, -1)),
    );
  } catch (err) {
    noteFailure(err, library, path);
    throw new CorruptFileError(`is no HDF5 file, was never closed, or is cut: ${hdf5Reason(err)}`, { file: path, cause: err });
  }
}
