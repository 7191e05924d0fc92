/**
 * An HDF5 file as input: what is in it was looked at; it is opened again when rows are read, so that thousands of
 * inputs do not stay open.
 */
import { UnreadableFileError, UnsupportedError } from '../../errors.ts';
import { openSource } from '../../io/bytes/source.ts';
import { elementsOfRow, openHdf5, type Hdf5File } from '../../io/hdf5/hdf5-file.ts';
import type { Hdf5Object } from '../../io/hdf5/hdf5-object.ts';
import { isScalar, rowsOf } from '../../io/hdf5/hdf5-types.ts';
import { readStoredTypes } from '../../io/hdf5/stored-types.ts';
import { userBlockDigest } from '../../io/hdf5/user-block.ts';
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
  /** Digest of what precedes its superblock; empty where that is nothing. */
  readonly userBlock: string;
  /** Runs something with the file open. @throws UnreadableFileError when it has changed meanwhile */
  withFile<T>(use: (file: Hdf5File) => Promise<T> | T): Promise<T>;
}

/** Looks at a file. @throws CorruptFileError, UnreadableFileError; UnsupportedError when h5wasm is not installed */
export async function openHdf5Input(path: string): Promise<Hdf5Input> {
  const file = await openHdf5(path);
  try {
    const objects = file.objects();
    const sizeBytes = sizeOf(path);
    for (const object of objects) expectPossible(object, { path, sizeBytes });
    return {
      path,
      sizeBytes,
      objects: new Map(objects.map((object) => [object.path, object])),
      scalars: digestsOfScalars(file, objects),
      types: readStoredTypes(path, objects),
      conventions: file.call('/', () => readConventions(file, objects), MOST_TEXT_BYTES * objects.length),
      userBlock: userBlockDigest(path),
      withFile: (use) => withFile(path, sizeBytes, use),
      close: () => undefined,
    };
  } finally {
    file.close();
  }
}

/** More bytes than are in those attributes of an object that conventions are about. */
const MOST_TEXT_BYTES = 4096;

function digestsOfScalars(file: Hdf5File, objects: readonly Hdf5Object[]): Map<string, string> {
  const digests = new Map<string, string>();
  file.each(objects, ({ path, extent }) => {
    if (extent !== undefined && isScalar(extent)) digests.set(path, file.digest(path, extent));
  });
  return digests;
}

/** Rows of so many bytes are read in a minute or two, whatever they are. */
const LEAST_BYTES = 2 ** 36;
/** What filters pack best is zeros: deflate makes them a thousand times smaller. */
const MOST_PACKED = 4096;

/** Where an extent is damaged, rows that nobody has written would be read for years: they count as if they were there. */
function expectPossible({ path: objectPath, extent }: Hdf5Object, file: { path: string; sizeBytes: number }): void {
  if (extent === undefined || extent.virtual_sources !== undefined) return;
  const bytes = rowsOf(extent) * elementsOfRow(extent) * extent.size;
  if (bytes <= Math.max(LEAST_BYTES, MOST_PACKED * file.sizeBytes)) return;
  throw new UnsupportedError(
    `says that it has ${rowsOf(extent)} rows of ${bytes / rowsOf(extent)} bytes, in a file of ${file.sizeBytes} bytes`,
    {
      file: file.path,
      objectPath,
    },
  );
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
