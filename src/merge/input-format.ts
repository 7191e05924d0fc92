/** Which format the inputs of a merge have. */
import { commonFormat, type SupportedFormat } from '../io/bytes/file-format.ts';

/** Formats that are merged. */
export type MergeFormat = SupportedFormat;

/**
 * The one format of all inputs, by their contents; see `commonFormat`.
 * @throws UsageError for inputs of different formats, UnsupportedError for a format that is not merged
 */
export function inputFormat(paths: readonly string[]): MergeFormat {
  return commonFormat(paths, { files: 'inputs', done: 'merged' });
}
