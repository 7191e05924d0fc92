/** Values of metadata against their sums. */
import type { DifferenceList } from '../object/difference.ts';
import type { RowValue } from './metadata-classes.ts';

/** Relative rounding of a sum of reals, for each one added. */
const ROUNDING = 2 ** -52;

/** Judges texts in any order, as often; numbers place by place, to the rounding of a sum of `rowCount` reals. */
export function judgeValues(
  at: string,
  ours: readonly RowValue[],
  expected: readonly RowValue[],
  rowCount: number,
  differences: DifferenceList,
): void {
  if (ours.length !== expected.length) differences.add(`${at}, count`, ours.length, expected.length);
  if (expected.some((value) => typeof value === 'string')) {
    const [extra, lost] = [without(ours, expected), without(expected, ours)];
    if (extra.length > 0 || lost.length > 0) differences.add(at, extra.length > 0 ? extra : 'absent', lost.length > 0 ? lost : 'absent');
    return;
  }
  expected.forEach((value, i) => {
    const our = ours[i];
    if (our !== undefined && our !== value && !isRounded(our, value, rowCount)) {
      differences.add(expected.length === 1 ? at : `${at}[${i}]`, our, value);
    }
  });
}

function isRounded(a: unknown, b: unknown, rowCount: number): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return false;
  return (
    Object.is(a, b) || (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) <= rowCount * ROUNDING * Math.max(Math.abs(a), Math.abs(b))
  );
}

/** What is in a list more often than in another one. */
function without(list: readonly RowValue[], others: readonly RowValue[]): RowValue[] {
  const rest = [...others];
  return list.filter((value) => {
    const at = rest.indexOf(value);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}
