/** Values of dictionaries that no row uses, and the order of those that have one: rows alone do not tell of these. */
import type { ArrowValue } from '../../io/arrow/array-values.ts';
import type { DifferenceList } from '../object/difference.ts';
import type { ColumnIn } from './arrow-side.ts';

/** Values named in a note. */
const NAMED = 5;

/**
 * Adds a difference where dictionaries whose values have an order differ, and returns notes of values that one side lacks: where all rows are
 * equal, no row uses them.
 * @param right the same column in one file, or in all inputs of a merge
 * @param names what the sides are called
 */
export function compareDictionaries(
  left: ColumnIn,
  right: readonly ColumnIn[],
  names: readonly [string, string],
  differences: DifferenceList,
): string[] {
  if ([left, ...right].some(({ field }) => field.dictionary === undefined)) return [];
  const valuesOf = ({ side, index }: ColumnIn): Map<string, ArrowValue> =>
    new Map(side.columns.dictionaryValues(index).map((value) => [keyOf(value), value]));
  const [own, others] = [valuesOf(left), right.map(valuesOf)];
  const all = new Map(others.flatMap((each) => [...each]));
  const isOrdered = left.field.dictionary?.isOrdered === true;
  const isOneOrder = others.every((each) => each.size === 0 || [...each.keys()].join() === [...all.keys()].join());
  if (isOrdered && isOneOrder && [...own.keys()].join() !== [...all.keys()].join()) {
    differences.add('dictionary', [...own.values()], [...all.values()]);
    return [];
  }
  return [missingNote(own, all, names[0]), missingNote(all, own, names[1])].filter((note) => note !== undefined);
}

function missingNote(values: ReadonlyMap<string, ArrowValue>, among: ReadonlyMap<string, ArrowValue>, name: string): string | undefined {
  const missing = [...values.keys()].filter((key) => !among.has(key));
  if (missing.length === 0) return undefined;
  const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : '';
  return `only the dictionary ${name} has ${missing.slice(0, NAMED).join(', ')}${more}: not counted`;
}

function keyOf(value: ArrowValue): string {
  return (
    JSON.stringify(value, (_, each: unknown) =>
      typeof each === 'bigint' || each instanceof Uint8Array ? `${typeof each} ${String(each)}` : each,
    ) ?? ''
  );
}
