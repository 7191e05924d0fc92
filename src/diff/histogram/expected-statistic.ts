/**
 * What a TStatistic must hold that was summed: the sums over all values, as if all had been filled into it. Members:
 * ROOT math/mathcore/inc/TStatistic.h.
 */
import { numberOf } from '../../io/root/streamer/member.ts';
import type { ObjectNode } from '../../io/root/streamer/span-graph.ts';
import { compareNodes } from '../object/compare-graphs.ts';
import type { DifferenceList } from '../object/difference.ts';
import { isClose } from '../object/tolerance.ts';
import { compareMemberSums } from './rounding.ts';

/** The class `compareStatistic` knows. */
export const STATISTIC = 'TStatistic';
const SUMS = ['fN', 'fW', 'fW2', 'fM'];
const ADDED: ReadonlySet<string> = new Set([...SUMS, 'fM2', 'fMin', 'fMax']);

/** Holds a sum against the inputs it was made of, `first` among them. */
export function compareStatistic(out: ObjectNode, inputs: readonly ObjectNode[], first: ObjectNode, differences: DifferenceList): void {
  compareNodes(out, first, '', { tolerance: {}, skip: ADDED }, differences);
  const of = (name: string): number[] => inputs.map((input) => numberOf(input, name));
  compareMemberSums(SUMS, out, inputs, differences);
  for (const [name, limit] of [
    ['fMin', Math.min(...of('fMin'))],
    ['fMax', Math.max(...of('fMax'))],
  ] as const) {
    if (numberOf(out, name) !== limit) differences.add(name, numberOf(out, name), limit);
  }
  const [found, expected] = [squaresOf(out), inputs.reduce((sum, input) => sum + squaresOf(input), 0)];
  const size = inputs.reduce((sum, input) => sum + Math.abs(numberOf(input, 'fM2')) + Math.abs(squaresOf(input)), 0);
  if (!isClose(found, expected, 0, { abs: 1e-9 * size }) && !Object.is(found, expected)) {
    differences.add('fM2', numberOf(out, 'fM2'), expected - squaresOf(out) + numberOf(out, 'fM2'));
  }
}

/** Sum of w*v*v: squared distances from the mean, and the mean. */
function squaresOf(node: ObjectNode): number {
  const [weights, sum] = [numberOf(node, 'fW'), numberOf(node, 'fM')];
  return weights === 0 ? 0 : numberOf(node, 'fM2') + (sum * sum) / weights;
}
