/** Which format files that are compared have. */
import { UnsupportedError, UsageError } from '../errors.ts';
import { fileFormatOf, type FileFormat } from '../io/bytes/file-format.ts';
import { FORMAT_NAMES, type ComparedFormat } from './table/table-options.ts';

/**
 * The one format of all files, by their contents. What is not recognised is taken for whatever the others are; opening it says what is
 * wrong with it. Names ending in `.root` only are not looked into.
 * @throws UsageError for files of different formats, UnsupportedError for a format that is not compared
 */
export function comparedFormat(paths: readonly string[]): ComparedFormat {
  if (paths.every((path) => path.endsWith('.root'))) return 'root';
  const examples = new Map<FileFormat, string>();
  for (const path of paths) {
    const format = fileFormatOf(path);
    if (format !== undefined && !examples.has(format)) examples.set(format, path);
  }
  const kinds = [...examples].map(([format, path]) => `${path} is ${FORMAT_NAMES[format]}`);
  if (kinds.length > 1) throw new UsageError(`files of different formats cannot be compared: ${kinds.join(', ')}`);
  const [[format, path] = ['root' as const, '']] = examples;
  if (format === 'root' || format === 'arrow' || format === 'hdf5') return format;
  throw new UnsupportedError(`${FORMAT_NAMES[format]} files are not compared: only ROOT, HDF5 and Arrow (IPC) files are`, { file: path });
}
