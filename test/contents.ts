/** What a file holds, object by object, as plain values: for tests that compare files. */
import { createHash } from 'node:crypto';
import { joinPath, openRootFile } from '../src/io/root/root-file.ts';
import { isRNTupleClass } from '../src/io/root/rntuple/anchor.ts';
import { bootstrapInfos, parseInfoSet } from '../src/io/root/streamer/parse-infos.ts';
import type { InfoSet } from '../src/io/root/streamer/info-set.ts';
import { walkObject } from '../src/io/root/streamer/walk.ts';
import { familyOf } from '../src/merge/plan/class-family.ts';
import { decodeHistogram } from '../src/merge/histogram/histogram.ts';
import { histogramKind } from '../src/merge/histogram/histogram-kind.ts';
import { tupleContents } from './unit/rntuple/tuple-contents.ts';
import { treeContents } from './unit/tree/tree-contents.ts';

/** Numbers of a histogram; fills that are still in its buffer count as such. */
export interface HistogramContents {
  cells: number[];
  sumw2: number[];
  binEntries: number[];
  statistics: number[];
  entries: number;
  pendingFills: number;
}

/** One object: its key's class and title, and what it holds by kind. */
export interface ObjectContents {
  className: string;
  title: string;
  /** Hash of the payload; absent for trees and RNTuples, whose payloads name file offsets. */
  digest?: string;
  histogram?: HistogramContents;
  /** Tree: data and entry ends of every branch; RNTuple: pages of every column. */
  data?: unknown;
}

/** All objects of a file by `path;cycle`, in the order of the key lists; of trees the newest cycle only. */
export function fileContents(path: string): Map<string, ObjectContents> {
  using file = openRootFile(path);
  const record = file.readInfos();
  const infos = record === undefined ? bootstrapInfos() : parseInfoSet(record.payload, record.key.keylen);
  const all = new Map<string, ObjectContents>();
  for (const directory of file.directories) {
    const { keys } = directory;
    for (let i = 0; i < keys.count; i++) {
      const [className, title, name] = [keys.className(i), keys.title(i), joinPath(directory.path, keys.name(i))];
      const place = `${name};${keys.cycle(i)}`;
      if (directory.children.has(i)) all.set(place, { className: 'TDirectory', title });
      else if (isRNTupleClass(className)) all.set(place, { className, title, data: withoutOrder(tupleContents(path, name)) });
      else if (familyOf(className) === 'tree') all.set(place, { className, title, data: treeContents(path, name.slice(1)) });
      else all.set(place, { className, title, ...payloadContents(file.readObject(directory, i), infos) });
    }
  }
  return all;
}

function payloadContents(
  { key, payload }: { key: { className: string; keylen: number }; payload: Uint8Array },
  infos: InfoSet,
): Pick<ObjectContents, 'digest' | 'histogram'> {
  const digest = createHash('sha256').update(payload).digest('hex');
  const kind = histogramKind(key.className);
  if (kind === undefined) return { digest };
  const h = decodeHistogram(walkObject(payload, key.keylen, key.className, infos), kind);
  const [cells, sumw2, binEntries, statistics] = [h.cells, h.sumw2, h.binEntries, h.statistics].map((array) => Array.from(array, Number));
  return {
    digest,
    histogram: { cells, sumw2, binEntries, statistics, entries: h.entries, pendingFills: h.pending.count } as HistogramContents,
  };
}

/** First element indexes depend on how clusters were cut; pages and entries are the contents. */
function withoutOrder({ entries, pages }: ReturnType<typeof tupleContents>): unknown {
  return { entries, pages: Object.fromEntries(pages) };
}
