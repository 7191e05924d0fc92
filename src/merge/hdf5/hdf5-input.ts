/**
 * An HDF5 file as input: what is in it was looked at; it is opened again when rows are read, so that thousands of
 * inputs do not stay open.
 */
import { UnreadableFileError } from '../../errors.ts';
import { openSource } from '../../io/bytes/source.ts';
import { openHdf5, type Hdf5File, type Hdf5Object } from '../../io/hdf5/hdf5-file.ts';
import { isScalar } from '../../io/hdf5/hdf5-types.ts';
import { readStoredTypes } from '../../io/hdf5/stored-types.ts';
import { readConventions, type Conventions } from './conventions.ts';
import type { FormatInput } from '../format-merger.ts';

/** One input. */
export interface Hdf5Input extends FormatInput {
  readonly objects: ReadonlyMap<string, Hdf5Object>;
  /** Digests of the values of scalars, by path. */
  readonly scalars: ReadonlyMap<string, string>;
  /** Types of the datasets' elements as they are stored, by path, in more detail than the library tells. */
  readonly types: ReadonlyMap<string, string>;
  readonly conventions: Conventions;
  /** Runs something with the file open. @throws UnreadableFileError when it has changed meanwhile */
  withFile<T>(use: (file: Hdf5File) => Promise<T> | T): Promise<T>;
}

/** Looks at a file. @throws CorruptFileError, UnreadableFileError; UnsupportedError when h5wasm is not installed */
export async function openHdf5Input(path: string): Promise<Hdf5Input> {
  const file = await openHdf5(path);
  try {
    const objects = file.objects();
    const scalars = objects.flatMap(({ path: at, extent }): [string, string][] =>
      extent !== undefined && isScalar(extent) ? [[at, file.digest(at, extent)]] : [],
    );
    const sizeBytes = sizeOf(path);
    return {
      path,
      sizeBytes,
      objects: new Map(objects.map((object) => [object.path, object])),
      scalars: new Map(scalars),
      types: readStoredTypes(path, objects),
      conventions: readConventions(file, objects),
      withFile: (use) => withFile(path, sizeBytes, use),
      close: () => undefined,
    };
  } finally {
    file.close();
  }
}

function sizeOf(path: string): number {
  const source = openSource(path);
  source.close();
  return source.sizeBytes;
}

async function withFile<T>(path: string, sizeBytes: number, use: (file: Hdf5File) => Promise<T> | T): Promise<T> {
  if (sizeOf(path) !== sizeBytes) throw new UnreadableFileError('changed while it was being merged', { file: path });
  const file = await openHdf5(path);
  try {
    return await use(file);
  } finally {
    file.close();
  }
}
