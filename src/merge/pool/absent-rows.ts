/**
 * Rows for inputs that lack a tree or RNTuple with one row per event (absent-stores.ts): as many as they have events,
 * and the index_ref these need.
 */
import { INDEX_NAME } from '../../io/pool/containers.ts';
import type { PoolContents } from '../../io/pool/pool-contents.ts';
import type { AbsentRows } from '../tree-changes.ts';
import type { AbsentEntries } from '../tuple-changes.ts';
import { absentIndexValues, rowCountOf } from './absent-stores.ts';
import { longEntry } from './bookkeeping-rows.ts';
import { asProblem, type PoolInput, type PoolProblem } from './pool-inputs.ts';
import type { Relocation } from './relocation.ts';

/** Rows of one input. */
interface MadeRows {
  pool: PoolInput;
  count: number;
  /** By row, as the merged file has them; undefined where the tree or RNTuple has none. */
  indexValues: readonly bigint[] | undefined;
}

/** Rows for one tree or RNTuple, and the inputs that have no index_ref for theirs. */
interface AbsentPlan {
  made: MadeRows[];
  problems: PoolProblem[];
}

/** Rows of all inputs that lack the tree or RNTuple `name`; `lacking`: how many each of them needs. */
export function planAbsentRows(
  name: string,
  lacking: ReadonlyMap<PoolContents, number>,
  inputs: readonly PoolInput[],
  relocation: Relocation,
): AbsentPlan {
  const problems: PoolProblem[] = [];
  const holder = inputs.find(({ contents }) => rowCountOf(contents, name) > 0) as PoolInput;
  const made = inputs.flatMap((pool): MadeRows[] => {
    const count = lacking.get(pool.contents);
    if (count === undefined) return [];
    let indexValues: bigint[] | undefined;
    asProblem(pool, problems, () => {
      indexValues = absentIndexValues(pool.contents, holder.contents, name)?.map((value) => relocation.indexOf(pool.contents, value));
    });
    return [{ pool, count, indexValues }];
  });
  return { made, problems };
}

/** The rows as changes of a tree, by input index. */
export function absentTreeRows(made: readonly MadeRows[]): Map<number, AbsentRows> {
  return new Map(
    made.map(({ pool, count, indexValues }) => [
      pool.input.index,
      { entryCount: count, entriesOf: (branch) => (branch === INDEX_NAME ? indexValues?.map(longEntry) : undefined) },
    ]),
  );
}

/** The rows as changes of an RNTuple, by input index. */
export function absentTupleEntries(made: readonly MadeRows[]): Map<number, AbsentEntries> {
  return new Map(
    made.map(({ pool, count, indexValues }) => [
      pool.input.index,
      {
        entryCount: count,
        valuesOf: (field) => (field === INDEX_NAME && indexValues !== undefined ? BigInt64Array.from(indexValues) : undefined),
      },
    ]),
  );
}
