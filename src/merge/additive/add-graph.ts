/**
 * TGraph and its classes with errors: the points of the second follow those of the first, which gives all else.
 * Source: ROOT hist/hist/src/TGraph.cxx (DoMerge), TGraphErrors.cxx, TGraphAsymmErrors.cxx, TGraphBentErrors.cxx,
 * TGraphMultiErrors.cxx, whose DoMerge is meant to do so, too, but ends the process (ROOT 6.40).
 */
import { UnsupportedError } from '../../errors.ts';
import { isNull, member, numberOf, setNumber, targetOf } from '../../io/root/streamer/member.ts';
import { arrayOf, setArray, type ArraySpan } from '../../io/root/streamer/member-list.ts';
import { doublesOf } from '../bins/axis.ts';
import type { ObjectNode, SpanNode } from '../../io/root/streamer/span-graph.ts';

/** TGraph::fBits (kResetHisto): the stored frame is not that of the points any more. */
const RESET_FRAME = 1 << 17;
/** TGraph::fBits (kIsSortedX): TGraph::Eval looks for x as in a sorted list. ROOT keeps it. */
const SORTED = 1 << 19;
/** A graph with several kinds of errors in y. */
export const MULTI_ERRORS = 'TGraphMultiErrors';
/** Vectors of arrays with one value per point: an array for each kind of errors. */
const KINDS_OF_ERRORS = ['fEyL', 'fEyH'];
const POINTS = ['fX', 'fY'];
const ERRORS = ['fEXlow', 'fEXhigh', 'fEYlow', 'fEYhigh'];

/** Arrays with one value per point, by class. */
const ARRAYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['TGraph', POINTS],
  ['TGraphErrors', [...POINTS, 'fEX', 'fEY']],
  ['TGraphPolar', [...POINTS, 'fEX', 'fEY']],
  ['TGraphAsymmErrors', [...POINTS, ...ERRORS]],
  [MULTI_ERRORS, [...POINTS, 'fExL', 'fExH']],
  ['TGraphBentErrors', [...POINTS, ...ERRORS, 'fEXlowd', 'fEXhighd', 'fEYlowd', 'fEYhighd']],
]);

/** True for the classes `addGraph` knows. */
export function isGraph(className: string): boolean {
  return ARRAYS.has(className);
}

/** True when the points of all graphs with several kinds of errors can follow those of the first: they have as many kinds, or no points. */
export function haveSameKinds([first, ...others]: readonly SpanNode[]): boolean {
  const kindsOf = (graph: SpanNode | undefined): number => (graph?.kind === 'object' ? arraysOf(graph, 'fEyL').length : 0);
  return others.every((graph) => numberOf(graph, 'fNpoints') === 0 || kindsOf(graph) === kindsOf(first));
}

/**
 * Appends the points of `next` to `sum`. UnsupportedError when an array has not one value per point, or there are other kinds
 * of errors.
 */
export function addGraph(sum: ObjectNode, next: ObjectNode): void {
  if (numberOf(next, 'fNpoints') === 0) return;
  const joined = (ARRAYS.get(sum.className) ?? []).map((name) => [name, join(pointsOf(sum, name), pointsOf(next, name))] as const);
  const joinedErrors = sum.className === MULTI_ERRORS ? joinKinds(sum, next) : [];
  // Places on a canvas, of points that were drawn: drawing finds them anew.
  for (const name of ['fXpol', 'fYpol']) if (arrayOf(sum, name) !== null) setArray(sum, name, new Uint8Array(0));
  for (const [name, values] of joined) setArray(sum, name, values);
  for (const [array, values] of joinedErrors) setArray(array, 'fArray', values);
  if (!isSorted(sum)) setNumber(sum, 'fBits', (numberOf(sum, 'fBits') & ~SORTED) >>> 0);
  if (!isNull(member(sum, 'fHistogram'))) setNumber(sum, 'fBits', (numberOf(sum, 'fBits') | RESET_FRAME) >>> 0);
}

/** The arrays of `sum` of all kinds of errors, with what they shall hold. */
function joinKinds(sum: ObjectNode, next: ObjectNode): (readonly [ObjectNode, Uint8Array])[] {
  return KINDS_OF_ERRORS.flatMap((name) => {
    const [mine, theirs] = [arraysOf(sum, name), arraysOf(next, name)];
    if (mine.length !== theirs.length) {
      throw new UnsupportedError(`${theirs.length} kinds of errors in y, but ${mine.length} in the first`);
    }
    return mine.map((array, k) => {
      const other = theirs[k] as ObjectNode;
      return [array, join(checked(sum, name, arrayOf(array, 'fArray')), checked(next, name, arrayOf(other, 'fArray')))] as const;
    });
  });
}

/** The elements of a vector of TArrayD. */
function arraysOf(node: ObjectNode, name: string): ObjectNode[] {
  const vector = targetOf(member(node, name));
  return vector?.kind === 'object' ? vector.children.filter((child) => child.kind === 'object') : [];
}

/** True when no x is below the one before it. */
function isSorted(graph: ObjectNode): boolean {
  return doublesOf(graph, 'fX').every((x, i, all) => i === 0 || x >= (all[i - 1] as number));
}

function pointsOf(node: ObjectNode, name: string): ArraySpan {
  return checked(node, name, arrayOf(node, name));
}

function checked(node: ObjectNode, name: string, array: ArraySpan | null): ArraySpan {
  if (array === null || array.count !== numberOf(node, 'fNpoints')) {
    throw new UnsupportedError(`${node.className} has not one value of ${name} per point`);
  }
  return array;
}

function join(a: ArraySpan, b: ArraySpan): Uint8Array {
  if (a.width !== b.width) throw new UnsupportedError(`points of ${a.width} and of ${b.width} bytes`);
  return Buffer.concat([a, b].map(({ bytes, start, count, width }) => bytes.subarray(start, start + count * width)));
}
