/** The streamer infos of open files. */
import { createHash } from 'node:crypto';
import { withContext } from '../../errors.ts';
import type { InfoSet } from './streamer/info-set.ts';
import { bootstrapInfos, parseInfoSet } from './streamer/parse-infos.ts';
import type { RootFile } from './root-file.ts';

/** Told of the object of a StreamerInfo record, and the length of its key, before it is parsed. */
export type InfoListener = (payload: Uint8Array, keylen: number) => void;

/**
 * The streamer infos of a file, or only the built-in ones where it has none. Errors, those of the listener too, name the file; their
 * offsets count in the record's object.
 */
export function readInfoSet(file: RootFile, listener?: InfoListener): InfoSet {
  const record = file.readInfos();
  if (record === undefined) return bootstrapInfos();
  return withContext({ file: file.path, objectPath: 'StreamerInfo' }, () => {
    listener?.(record.payload, record.key.keylen);
    return parseInfoSet(record.payload, record.key.keylen);
  });
}

/** Sets of infos by the stored bytes of their record: the thousand outputs of a job, opened together, share one. */
export class SharedInfos {
  readonly #known = new Map<string, InfoSet>();
  readonly #listener: InfoListener | undefined;

  /** `listener` is told of every distinct record. */
  constructor(listener?: InfoListener) {
    this.#listener = listener;
  }

  /** The same as `readInfoSet`; files with equal records are given the same set, which nobody may change. */
  infosOf(file: RootFile): InfoSet {
    const record = file.readStoredInfos();
    if (record === undefined) return bootstrapInfos();
    const { key, stored } = record;
    const id = `${key.keylen} ${key.objlen} ${createHash('sha256').update(stored).digest('base64')}`;
    const infos = this.#known.get(id) ?? readInfoSet(file, this.#listener);
    this.#known.set(id, infos);
    return infos;
  }
}
