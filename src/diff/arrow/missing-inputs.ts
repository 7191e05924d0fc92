/** Which inputs a merged table has no rows of, where that explains all that is missing. */
import { DifferenceList } from '../object/difference.ts';
import { ValueTally } from '../table/cells.ts';
import type { ArrowSide, ColumnIn } from './arrow-side.ts';
import { compareColumns } from './compare-columns.ts';

/** Most inputs that are looked for: each is found by comparing from the beginning. */
const MAX_MISSING = 20;

/**
 * The inputs whose rows are there, when these, in their order, are all rows of the merged table; undefined when whole inputs do not explain
 * what is missing.
 * @param columns those that are compared: of the merged table, and the same of each input
 */
export async function presentInputs(
  out: ArrowSide,
  inputs: readonly ArrowSide[],
  columns: readonly (readonly [ColumnIn, ReadonlyMap<ArrowSide, ColumnIn>])[],
  turn: () => Promise<void>,
): Promise<ArrowSide[] | undefined> {
  let present = [...inputs];
  for (let tries = 0; tries <= MAX_MISSING; tries++) {
    const surplus = rowsOf(present) - out.rowCount;
    if (surplus < 0) return undefined;
    const row = await firstDifference(columns, present, turn);
    if (row === undefined && surplus === 0) return present;
    const missing = inputAt(present, row ?? out.rowCount);
    if (missing === undefined || missing.rowCount === 0 || missing.rowCount > surplus) return undefined;
    present = present.filter((each) => each !== missing);
  }
  return undefined;
}

function rowsOf(sides: readonly ArrowSide[]): number {
  return sides.reduce((rows, { rowCount }) => rows + rowCount, 0);
}

/** The input in which a row of all lies. */
function inputAt(sides: readonly ArrowSide[], row: number): ArrowSide | undefined {
  let end = 0;
  return sides.find(({ rowCount }) => (end += rowCount) > row);
}

/** The first row in which a column differs. */
async function firstDifference(
  columns: readonly (readonly [ColumnIn, ReadonlyMap<ArrowSide, ColumnIn>])[],
  present: readonly ArrowSide[],
  turn: () => Promise<void>,
): Promise<number | undefined> {
  let first: number | undefined;
  for (const [merged, bySide] of columns) {
    const tally = new ValueTally(new DifferenceList(0), {});
    const ranges = first === undefined ? undefined : [{ first: 0, end: first }];
    await compareColumns(
      merged,
      present.flatMap((side) => bySide.get(side) ?? []),
      { tally, ranges, turn, isEnough: () => tally.differing > 0 },
    );
    first = tally.firstRow ?? first;
  }
  return first;
}
