/** A branch or column of two sides whose entries are held against each other. */
import type { DifferenceList } from '../object/difference.ts';
import type { EntryCache, EntrySource } from './entry-access.ts';
import type { EntryChunk, EntryPlace } from './entry-streams.ts';

/** One side of a branch or column. */
export interface StreamSide {
  /** Its entries (a column: elements) in order. */
  chunks: () => Iterable<EntryChunk>;
  /** Its entries in any order. */
  entries: (cache: EntryCache) => EntrySource;
}

/** A branch or column that both sides have. */
export interface StreamPair {
  name: string;
  left: StreamSide;
  right: StreamSide;
  /** Adds how two entries with different bytes differ, unless they do not. `numbers`: those of the entries on both sides. */
  judge: (
    at: string,
    left: EntryPlace,
    right: EntryPlace,
    differences: DifferenceList,
    numbers: readonly [left: number, right: number],
  ) => void;
}
