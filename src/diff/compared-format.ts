/** Which format files that are compared have. */
import { commonFormat, type SupportedFormat } from '../io/bytes/file-format.ts';

/**
 * The one format of all files, by their contents; see `commonFormat`.
 * @throws UsageError for files of different formats, UnsupportedError for a format that is not compared
 */
export function comparedFormat(paths: readonly string[]): SupportedFormat {
  return commonFormat(paths, { files: 'files', done: 'compared' });
}
