/**
 * What THn and THnSparse have in common (THnBase; of old versions THnSparse alone): axes, entries and statistics.
 * Source: ROOT hist/hist/src/THnBase.cxx (AddInternal, CheckConsistency), and what hadd 6.40 makes of it.
 */
import { CorruptFileError } from '../../errors.ts';
import { member, numberOf, setNumber } from '../../io/root/streamer/member.ts';
import { arrayOf, listItems, setArray, setPointer } from '../../io/root/streamer/member-list.ts';
import type { ObjectNode } from '../../io/root/streamer/span-graph.ts';
import { axisDifference, axisOf, doublesOf, labelDifference, type Axis } from '../bins/axis.ts';
import { addDoubles, encodeCells } from '../bins/cells.ts';

/** Sums per dimension: of w*x and of w*x*x. */
const SUMS_BY_DIMENSION = ['fTsumwx', 'fTsumwx2'];

/** Axes of an object of n dimensions, by dimension. CorruptFileError unless there are as many as it says. */
export function axesOf(node: ObjectNode): Axis[] {
  const list = member(node, 'fAxes');
  const axes = listItems(list ?? node).flatMap(({ target }, k) => (target === null ? [] : [axisOf(target, `axis ${k}`)]));
  const expected = numberOf(node, 'fNdimensions', 0, axes.length);
  if (expected !== axes.length) throw new CorruptFileError('fNdimensions is not the number of axes', { expected, found: axes.length });
  return axes;
}

/**
 * Why the bins of two objects do not belong together, one sentence per axis. ROOT gives labels as bins are filled, so
 * an object without contents need not have those of others: `isEmpty` says so of both.
 */
export function axesDifferences(sum: ObjectNode, next: ObjectNode, isEmpty: readonly [sum: boolean, next: boolean]): string[] {
  const [mine, theirs] = [axesOf(sum), axesOf(next)];
  if (mine.length !== theirs.length) return [`${theirs.length} dimensions instead of ${mine.length}`];
  return mine.flatMap((axis, k) => {
    const other = theirs[k] as Axis;
    const countLabels = !isEmpty[1] && !(isEmpty[0] && axis.labels === undefined);
    const difference = axisDifference(axis, other) ?? (countLabels ? labelDifference(axis, other) : undefined);
    return difference === undefined ? [] : [`axis ${k}: ${difference}`];
  });
}

/** Gives the axes of an object without contents the labels that they lack and others have. */
export function takeLabels(sum: ObjectNode, next: ObjectNode): void {
  const others = listItems(member(next, 'fAxes') ?? next);
  listItems(member(sum, 'fAxes') ?? sum).forEach(({ target: axis }, k) => {
    const [mine, theirs] = [axis, others[k]?.target ?? null].map((each) => each && member(each, 'fLabels'));
    if (axis === null || mine?.kind !== 'pointer' || mine.target !== null || theirs?.kind !== 'pointer' || theirs.target === null) return;
    setPointer(axis, 'fLabels', theirs.target);
  });
}

/** True when no bin has contents. */
export function isEmptyDimensions(node: ObjectNode): boolean {
  if (numberOf(node, 'fEntries') !== 0) return false;
  const cells = arrayOf(node, 'fArray.fData');
  if (cells === null) return numberOf(node, 'fFilledBins') === 0;
  return cells.bytes.subarray(cells.start, cells.start + cells.count * cells.width).every((byte) => byte === 0);
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
