/** Objects of a report by what they mean: the worst first. */
import type { ObjectComparison, Verdict } from '../diff-report.ts';

/** All verdicts, the worst first. */
const SEVERITY: readonly Verdict[] = [
  'lost',
  'altered',
  'different',
  'added',
  'only-left',
  'only-right',
  'unjudged',
  'compatible',
  'right',
  'same',
];
/** Nothing is wrong with these. */
const GOOD: ReadonlySet<Verdict> = new Set(['same', 'right']);

/** By verdict, then by p-value, then by the number of differences; of equal ones in the order of the report. */
export function bySeverity(objects: readonly ObjectComparison[]): ObjectComparison[] {
  return objects.toSorted(
    (a, b) =>
      SEVERITY.indexOf(a.verdict) - SEVERITY.indexOf(b.verdict) || pValueOf(a) - pValueOf(b) || b.differenceCount - a.differenceCount,
  );
}

/** Where nothing was tested, or the test came to nothing: as suspicious as can be. */
function pValueOf({ compatibility }: ObjectComparison): number {
  return compatibility === undefined || Number.isNaN(compatibility.pValue) ? 0 : compatibility.pValue;
}

/** Verdicts that occur with their counts, the worst first. */
export function countsBySeverity(counts: Partial<Record<Verdict, number>>): [Verdict, number][] {
  return SEVERITY.flatMap((verdict): [Verdict, number][] => (counts[verdict] === undefined ? [] : [[verdict, counts[verdict]]]));
}

/** True when there is more to say of an object than its verdict. */
export function hasDetails({ verdict, differences, notes, compatibility }: ObjectComparison): boolean {
  return !GOOD.has(verdict) && (differences.length > 0 || notes.length > 0 || compatibility !== undefined);
}
