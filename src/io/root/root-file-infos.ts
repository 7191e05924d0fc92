/** The streamer infos of an open file. */
import { withContext } from '../../errors.ts';
import type { InfoSet } from './streamer/info-set.ts';
import { bootstrapInfos, parseInfoSet } from './streamer/parse-infos.ts';
import type { RootFile } from './root-file.ts';

/**
 * The streamer infos of a file, or only the built-in ones where it has none. Errors name the file; their offsets count
 * in the record's object.
 */
export function readInfoSet(file: RootFile): InfoSet {
  const record = file.readInfos();
  if (record === undefined) return bootstrapInfos();
  return withContext({ file: file.path, objectPath: 'StreamerInfo' }, () => parseInfoSet(record.payload, record.key.keylen));
}
