/** How near a sum must be to what is expected: terms may have been added in another order. */
import { numberOf } from '../../io/root/streamer/member.ts';
import type { SpanNode } from '../../io/root/streamer/span-graph.ts';
import type { DifferenceList } from '../object/difference.ts';
import { isClose } from '../object/tolerance.ts';

/** Relative rounding of one addition in single precision, with room for another order of adding. */
export const FLOAT_STEP: number = 2 ** -23;
/** Of double precision. */
export const DOUBLE_STEP: number = 2 ** -51;

/** True within the rounding of a sum; 0 and -0 are the same sum. */
export function isNear(found: number, expected: number, rounding: number): boolean {
  return found === expected || isClose(found, expected, 0, { abs: rounding });
}

/** Holds a number against the sum of `parts`, to the rounding of double precision. */
export function compareSum(at: string, found: number, parts: readonly number[], differences: DifferenceList): void {
  const expected = parts.reduce((sum, value) => sum + value, 0);
  const size = parts.reduce((sum, value) => sum + Math.abs(value), 0);
  if (!isNear(found, expected, size * DOUBLE_STEP * (parts.length + 1))) differences.add(at, found, expected);
}

/** The same for members of an object, which must be the sums of those of the inputs. */
export function compareMemberSums(names: readonly string[], out: SpanNode, inputs: readonly SpanNode[], differences: DifferenceList): void {
  for (const name of names) {
    const parts = inputs.map((input) => numberOf(input, name));
    compareSum(name, numberOf(out, name), parts, differences);
  }
}
