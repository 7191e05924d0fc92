/**
 * TGraph and its classes with errors: the points of the second follow those of the first, which gives all else.
 * Source: ROOT hist/hist/src/TGraph.cxx (DoMerge), TGraphErrors.cxx, TGraphAsymmErrors.cxx, TGraphBentErrors.cxx.
 */
import { UnsupportedError } from '../../errors.ts';
import { isNull, member, numberOf, setNumber } from '../../io/root/streamer/member.ts';
import { arrayOf, setArray, type ArraySpan } from '../../io/root/streamer/member-list.ts';
import { doublesOf } from '../bins/axis.ts';
import type { ObjectNode } from '../../io/root/streamer/span-graph.ts';

/** TGraph::fBits (kResetHisto): the stored frame is not that of the points any more. */
const RESET_FRAME = 1 << 17;
/** TGraph::fBits (kIsSortedX): TGraph::Eval looks for x as in a sorted list. ROOT keeps it. */
const SORTED = 1 << 19;
const POINTS = ['fX', 'fY'];
const ERRORS = ['fEXlow', 'fEXhigh', 'fEYlow', 'fEYhigh'];

/** Arrays with one value per point, by class. */
const ARRAYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['TGraph', POINTS],
  ['TGraphErrors', [...POINTS, 'fEX', 'fEY']],
  ['TGraphPolar', [...POINTS, 'fEX', 'fEY']],
  ['TGraphAsymmErrors', [...POINTS, ...ERRORS]],
  ['TGraphBentErrors', [...POINTS, ...ERRORS, 'fEXlowd', 'fEXhighd', 'fEYlowd', 'fEYhighd']],
]);

/** True for the classes `addGraph` knows. */
export function isGraph(className: string): boolean {
  return ARRAYS.has(className);
}

/** Appends the points of `next` to `sum`. UnsupportedError when an array has not one value per point. */
export function addGraph(sum: ObjectNode, next: ObjectNode): void {
  if (numberOf(next, 'fNpoints') === 0) return;
  const joined = (ARRAYS.get(sum.className) ?? []).map((name) => [name, join(pointsOf(sum, name), pointsOf(next, name))] as const);
  // Places on a canvas, of points that were drawn: drawing finds them anew.
  for (const name of ['fXpol', 'fYpol']) if (arrayOf(sum, name) !== null) setArray(sum, name, new Uint8Array(0));
  for (const [name, values] of joined) setArray(sum, name, values);
  if (!isSorted(sum)) setNumber(sum, 'fBits', (numberOf(sum, 'fBits') & ~SORTED) >>> 0);
  if (!isNull(member(sum, 'fHistogram'))) setNumber(sum, 'fBits', (numberOf(sum, 'fBits') | RESET_FRAME) >>> 0);
}

/** True when no x is below the one before it. */
function isSorted(graph: ObjectNode): boolean {
  return doublesOf(graph, 'fX').every((x, i, all) => i === 0 || x >= (all[i - 1] as number));
}

function pointsOf(node: ObjectNode, name: string): ArraySpan {
  const array = arrayOf(node, name);
  if (array === null || array.count !== numberOf(node, 'fNpoints')) {
    throw new UnsupportedError(`${node.className} has not one value of ${name} per point`);
  }
  return array;
}

function join(a: ArraySpan, b: ArraySpan): Uint8Array {
  if (a.width !== b.width) throw new UnsupportedError(`points of ${a.width} and of ${b.width} bytes`);
  return Buffer.concat([a, b].map(({ bytes, start, count, width }) => bytes.subarray(start, start + count * width)));
}
