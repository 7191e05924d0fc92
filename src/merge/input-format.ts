/** Which format the inputs of a merge have. */
import { UnsupportedError, UsageError } from '../errors.ts';
import { fileFormatOf, type FileFormat } from '../io/bytes/file-format.ts';

/** Formats that are merged. */
export type MergeFormat = 'root' | 'arrow' | 'hdf5';

/** As messages name them. */
export const FORMAT_NAMES: Readonly<Record<FileFormat, string>> = {
  root: 'ROOT',
  arrow: 'Arrow',
  hdf5: 'HDF5',
  parquet: 'Parquet',
  feather1: 'Feather V1',
};

/**
 * The one format of all inputs, by their contents. What is not recognised is taken for whatever the others are; opening it says what is
 * wrong with it. Names ending in `.root` only are not looked into: opening does that, thousands of times faster than opening twice.
 * @throws UsageError for inputs of different formats, UnsupportedError for a format that is not merged
 */
export function inputFormat(paths: readonly string[]): MergeFormat {
  if (paths.every((path) => path.endsWith('.root'))) return 'root';
  const examples = new Map<FileFormat, string>();
  for (const path of paths) {
    const format = fileFormatOf(path);
    if (format !== undefined && !examples.has(format)) examples.set(format, path);
  }
  const kinds = [...examples].map(([format, path]) => `${path} is ${FORMAT_NAMES[format]}`);
  if (kinds.length > 1) throw new UsageError(`inputs of different formats cannot be merged: ${kinds.join(', ')}`);
  const [[format, path] = ['root' as const, '']] = examples;
  if (format === 'root' || format === 'arrow' || format === 'hdf5') return format;
  throw new UnsupportedError(`${FORMAT_NAMES[format]} files are not merged: only ROOT, HDF5 and Arrow (IPC) files are`, { file: path });
}
