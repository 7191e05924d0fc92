/**
 * What THn and THnSparse have in common (THnBase; of old versions THnSparse alone): axes, entries and statistics.
 * Source: ROOT hist/hist/src/THnBase.cxx (AddInternal, CheckConsistency), and what hadd 6.40 makes of it.
 */
import { member, numberOf, setNumber } from '../../io/root/streamer/member.ts';
import { listItems, setArray } from '../../io/root/streamer/member-list.ts';
import type { ObjectNode } from '../../io/root/streamer/span-graph.ts';
import { axisDifference, axisOf, doublesOf, labelDifference, type Axis } from '../bins/axis.ts';
import { addDoubles, encodeCells } from '../bins/cells.ts';

/** Sums per dimension: of w*x and of w*x*x. */
const SUMS_BY_DIMENSION = ['fTsumwx', 'fTsumwx2'];

/** Axes of an object of n dimensions, by dimension. */
export function axesOf(node: ObjectNode): Axis[] {
  const list = member(node, 'fAxes');
  return listItems(list ?? node).flatMap(({ target }, k) => (target === null ? [] : [axisOf(target, `axis ${k}`)]));
}

/** Why the bins of two objects do not belong together, one sentence per axis. Labels of an object without bins do not matter. */
export function axesDifferences(sum: ObjectNode, next: ObjectNode): string[] {
  const [mine, theirs] = [axesOf(sum), axesOf(next)];
  if (mine.length !== theirs.length) return [`${theirs.length} dimensions instead of ${mine.length}`];
  const hasEntries = numberOf(next, 'fEntries') !== 0;
  return mine.flatMap((axis, k) => {
    const other = theirs[k] as Axis;
    const difference = axisDifference(axis, other) ?? (hasEntries ? labelDifference(axis, other) : undefined);
    return difference === undefined ? [] : [`axis ${k}: ${difference}`];
  });
}

/** True when squared weights are summed per bin; without, the squared error of a bin is its content. */
export function hasErrors(node: ObjectNode): boolean {
  return !(numberOf(node, 'fTsumw2') < 0);
}

/** Adds entries and statistics. An object without errors has none of the latter, and -1 in fTsumw2, which is no sum (ROOT adds it). */
export function addStatistics(sum: ObjectNode, next: ObjectNode): void {
  setNumber(sum, 'fEntries', numberOf(sum, 'fEntries') + numberOf(next, 'fEntries'));
  setNumber(sum, 'fTsumw', numberOf(sum, 'fTsumw') + numberOf(next, 'fTsumw'));
  if (hasErrors(next)) setNumber(sum, 'fTsumw2', numberOf(next, 'fTsumw2') + (hasErrors(sum) ? numberOf(sum, 'fTsumw2') : 0));
  for (const name of SUMS_BY_DIMENSION) {
    const [mine, theirs] = [doublesOf(sum, name), doublesOf(next, name)];
    if (theirs.length === 0) continue;
    if (mine.length === theirs.length) addDoubles(theirs, mine);
    setArray(sum, name, encodeCells(theirs));
  }
}
