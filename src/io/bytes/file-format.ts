/** What a file is, by its first bytes. */
import { PoolMergeError, UnsupportedError, UsageError } from '../../errors.ts';
import { openSource, type Source } from './source.ts';

/** Formats that are told apart. `feather1` is the format before Feather was Arrow's file format. */
export type FileFormat = 'root' | 'arrow' | 'hdf5' | 'parquet' | 'feather1';
/** Formats that are merged and compared. */
export type SupportedFormat = Extract<FileFormat, 'root' | 'arrow' | 'hdf5'>;

/** Formats as messages name them. */
export const FORMAT_NAMES: Readonly<Record<FileFormat, string>> = {
  root: 'ROOT',
  arrow: 'Arrow',
  hdf5: 'HDF5',
  parquet: 'Parquet',
  feather1: 'Feather V1',
};

const HDF5_SIGNATURE = '\x89HDF\r\n\x1a\n';
/**
 * An HDF5 file may have a user block before its signature: 0, 512, 1024, 2048 … bytes (HDF5 file format specification,
 * "Format Signature and Superblock").
 */
const HDF5_USER_BLOCKS: readonly number[] = [0, 512, 1024, 2048, 4096, 8192, 16_384];
/** `FF FF FF FF`, length of the metadata: an Arrow stream (Arrow columnar format, "Encapsulated message format"). */
const ARROW_CONTINUATION = '\xff\xff\xff\xff';
/** By leading bytes. */
const SIGNATURES: readonly (readonly [string, FileFormat])[] = [
  ['root', 'root'],
  ['ARROW1\0\0', 'arrow'],
  ['PAR1', 'parquet'],
  ['PARE', 'parquet'],
  ['FEA1', 'feather1'],
];

/**
 * The one format of all files, by their contents. What is not recognised is taken for whatever the others are; opening it says what is
 * wrong with it. Names ending in `.root` only are not looked into: opening does that, thousands of times faster than opening twice.
 * @param what what the files are and what is to be done with them, for messages
 * @throws UsageError for files of different formats, UnsupportedError for a format that is not supported
 */
export function commonFormat(paths: readonly string[], what: { files: string; done: string }): SupportedFormat {
  if (paths.every((path) => path.endsWith('.root'))) return 'root';
  const examples = new Map<FileFormat, string>();
  for (const path of paths) {
    const format = fileFormatOf(path);
    if (format !== undefined && !examples.has(format)) examples.set(format, path);
  }
  const kinds = [...examples].map(([format, path]) => `${path} is ${FORMAT_NAMES[format]}`);
  if (kinds.length > 1) throw new UsageError(`${what.files} of different formats cannot be ${what.done}: ${kinds.join(', ')}`);
  const [[format, path] = ['root' as const, '']] = examples;
  if (format === 'root' || format === 'arrow' || format === 'hdf5') return format;
  throw new UnsupportedError(`${FORMAT_NAMES[format]} files are not ${what.done}: only ROOT, HDF5 and Arrow (IPC) files are`, {
    file: path,
  });
}

/** The format of a file; undefined when it cannot be read or begins like none of them. */
export function fileFormatOf(path: string): FileFormat | undefined {
  let source: Source | undefined;
  try {
    source = openSource(path);
    return formatOfSource(source);
  } catch (err) {
    if (err instanceof PoolMergeError) return undefined; // whoever opens it as a file of some format says what is wrong
    throw err;
  } finally {
    source?.close();
  }
}

function formatOfSource(source: Source): FileFormat | undefined {
  const begin = textAt(source, 0).padEnd(HDF5_SIGNATURE.length, '\0');
  if (begin.startsWith(ARROW_CONTINUATION)) {
    return isMetadataLength(Buffer.from(begin, 'latin1').readInt32LE(4), source.sizeBytes) ? 'arrow' : undefined;
  }
  const known = SIGNATURES.find(([signature]) => begin.startsWith(signature));
  if (known !== undefined) return known[1];
  return HDF5_USER_BLOCKS.some((at) => textAt(source, at) === HDF5_SIGNATURE) ? 'hdf5' : undefined;
}

/** True for a length that the metadata of a first message can have: four bytes of FF alone are little proof. */
function isMetadataLength(length: number, sizeBytes: number): boolean {
  return length > 0 && length % 8 === 0 && length <= sizeBytes - 8;
}

/** Up to eight bytes as Latin-1 text. */
function textAt(source: Source, position: number): string {
  const length = Math.max(0, Math.min(HDF5_SIGNATURE.length, source.sizeBytes - position));
  return length === 0 ? '' : Buffer.from(source.read(position, length)).toString('latin1');
}
