/** Which format files that are compared have. */
import { commonFormat, type SupportedFormat } from '../io/bytes/file-format.ts';

/**
 * The one format of all files, by their contents; see `commonFormat`.
 * @throws UsageError for files of different formats, UnsupportedError for a format that is not compared
 */
export function comparedFormat(paths: readonly string[]): SupportedFormat {
  return commonFormat(paths, { files: 'files', done: 'compared' });
}

/** The formats that files have, each with one of them. */
function formatsOf(paths: readonly string[]): Map<FileFormat, string> {
  const examples = new Map<FileFormat, string>();
  for (const path of paths) {
    const format = fileFormatOf(path);
    if (format !== undefined && !examples.has(format)) examples.set(format, path);
  }
  return examples;
}
