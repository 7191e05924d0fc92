/** The streamer infos of open files. */
import { createHash } from 'node:crypto';
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

/** Sets of infos by the stored bytes of their record: the thousand outputs of a job, opened together, share one. */
export class SharedInfos {
  readonly #known = new Map<string, InfoSet>();

  /** The same as `readInfoSet`; files with equal records are given the same set, which nobody may change. */
  infosOf(file: RootFile): InfoSet {
    const record = file.readStoredInfos();
    if (record === undefined) return bootstrapInfos();
    const { key, stored } = record;
    const id = `${key.keylen} ${key.objlen} ${createHash('sha256').update(stored).digest('base64')}`;
    const infos = this.#known.get(id) ?? readInfoSet(file);
    this.#known.set(id, infos);
    return infos;
  }
}
