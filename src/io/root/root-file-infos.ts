/** The streamer infos of an open file. */
import type { InfoSet } from './streamer/info-set.ts';
import { bootstrapInfos, parseInfoSet } from './streamer/parse-infos.ts';
import type { RootFile } from './root-file.ts';

/** The streamer infos of a file, or only the built-in ones where it has none. */
export function readInfoSet(file: RootFile): InfoSet {
  const record = file.readInfos();
  return record === undefined ? bootstrapInfos() : parseInfoSet(record.payload, record.key.keylen);
}
