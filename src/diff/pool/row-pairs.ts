/** Rows of a POOL file beside those they come from. */
import { isPoolMergeError } from '../../errors.ts';
import { orUndefined } from './pool-headers.ts';
import type { PoolSides, SourceRow } from './pool-sides.ts';
import type { ReferenceJudge } from './reference-judge.ts';

/** What judging rows needs. */
export interface RowsContext {
  sides: PoolSides;
  judge: ReferenceJudge;
  /** Told after each row; throws to stop. */
  step: () => Promise<void>;
  /** False when rows may stand elsewhere: which form is that of a header is then told by what it says alone. */
  isInOrder: boolean;
}

/** Rows of one file. */
export interface ReadRows<T> {
  rowCount: number;
  /** Reads one. CorruptFileError or UnsupportedError where that cannot be. */
  read: (row: number) => T;
}

/**
 * Judges the rows of a store that can be read on both sides; one that cannot be read here, but there, is a
 * difference. `name`: what rows are called in differences. `theirs`: as of `forEachPair`.
 */
export async function judgePairs<T>(
  store: string,
  name: string,
  ours: ReadRows<T>,
  theirs: readonly (ReadRows<T> | undefined)[],
  { sides, judge, step }: RowsContext,
  compare: (at: string, ours: T, theirs: T, source: number) => void,
): Promise<void> {
  await forEachPair(ours.rowCount, sides.sourceRows(store), theirs, step, (row, other, source) => {
    const their = orUndefined(() => other.read(source.row));
    if (their === undefined) {
      judge.counts.unread++; // nothing is known of it
      return;
    }
    const at = `${name}[${row}]`;
    const our = readOurs(at, judge, () => ours.read(row));
    if (our !== undefined) compare(at, our, their, source.source);
  });
}

/**
 * Calls `judge` for each of the first `rowCount` rows on the left that belongs to a row on the right. `theirs`: what
 * is read of each file on the right, undefined for one that has nothing of the kind.
 */
export async function forEachPair<T>(
  rowCount: number,
  sources: readonly (SourceRow | undefined)[],
  theirs: readonly (T | undefined)[],
  step: RowsContext['step'],
  judge: (row: number, other: T, source: SourceRow) => void,
): Promise<void> {
  for (let row = 0; row < Math.min(rowCount, sources.length); row++) {
    const source = sources[row];
    const other = source && theirs[source.source];
    if (source === undefined || other === undefined) continue;
    judge(row, other, source);
    await step();
  }
}

/** What is read of the left side; a difference where it is damaged. */
export function readOurs<T>(at: string, judge: ReferenceJudge, read: () => T): T | undefined {
  try {
    return read();
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
    judge.lost(at, 1, err.reason);
    return undefined;
  }
}
