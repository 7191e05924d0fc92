/** What a TGraph must hold that was joined: the points of all inputs, in their order. Rules: ROOT hist/hist/src/TGraph.cxx. */
import { member, numberOf, readValue } from '../../io/root/streamer/member.ts';
import { arrayOf } from '../../io/root/streamer/member-list.ts';
import type { ObjectNode } from '../../io/root/streamer/span-graph.ts';
import { TOBJECT_PARTS, compareNodes } from '../object/compare-graphs.ts';
import type { DifferenceList } from '../object/difference.ts';

const GRAPH = /^TGraph(Errors|AsymmErrors|BentErrors|MultiErrors|Polar)?$/;
/** Arrays that TGraph and its classes may have, one value per point. */
const POINT_ARRAYS = 'fX fY fEX fEY fEXlow fEXhigh fEYlow fEYhigh fEXlowd fEXhighd fEYlowd fEYhighd fExL fExH'.split(' ');
/** Vectors of such arrays (TGraphMultiErrors). */
const ARRAYS_OF_KINDS = ['fEyL', 'fEyH'];
/** Places on a canvas. */
const DRAWN = ['fXpol', 'fYpol'];
const JOINED: ReadonlySet<string> = new Set([...POINT_ARRAYS, ...ARRAYS_OF_KINDS, ...DRAWN, 'fNpoints', ...TOBJECT_PARTS]);
/** TGraph::kIsSortedX. */
const SORTED = 1 << 19;

/** True for the classes `compareGraph` knows. */
export function isGraph(className: string): boolean {
  return GRAPH.test(className);
}

/** Holds a graph against those it was made of, `first` among them. */
export function compareGraph(out: ObjectNode, inputs: readonly ObjectNode[], first: ObjectNode, found: DifferenceList): void {
  compareNodes(out, first, '', { tolerance: {}, skip: JOINED }, found);
  for (const name of POINT_ARRAYS) {
    const [own = [], ...parts] = [out, ...inputs].map((node) => valuesOf(node, name));
    compareJoined(name, own, parts.flat(), found);
  }
  for (const name of ARRAYS_OF_KINDS) {
    const [own = [], ...parts] = [out, ...inputs.filter(hasPoints)].map((node) => arraysOf(node, name));
    for (const each of parts) if (each.length !== own.length) found.add(`${name}.size`, own.length, each.length);
    own.forEach((values, kind) =>
      compareJoined(
        `${name}[${kind}]`,
        values,
        parts.flatMap((each) => each[kind] ?? []),
        found,
      ),
    );
  }
  if ((numberOf(out, 'fBits') & SORTED) !== 0 && isSorted(first) && !isSorted(out)) {
    found.add('fBits', 'sorted by x', 'points in another order');
  }
}

function compareJoined(name: string, own: readonly number[], joined: readonly number[], found: DifferenceList): void {
  if (own.length !== joined.length) return found.add(`${name}.length`, own.length, joined.length);
  joined.forEach((value, i) => {
    if (!Object.is(value, own[i])) found.add(`${name}[${i}]`, own[i], value);
  });
}

function isSorted(graph: ObjectNode): boolean {
  return valuesOf(graph, 'fX').every((value, i, all) => !(value < (all[i - 1] ?? value)));
}

function hasPoints(graph: ObjectNode): boolean {
  return numberOf(graph, 'fNpoints') > 0;
}

/** Values of each TArrayD of a vector. */
function arraysOf(node: ObjectNode, name: string): number[][] {
  const vector = member(node, name);
  if (vector?.kind !== 'object') return [];
  return vector.children.flatMap((child) => (child.kind === 'object' ? [valuesOf(child, 'fArray')] : []));
}

function valuesOf(node: ObjectNode, name: string): number[] {
  const array = arrayOf(node, name);
  if (array === null) return [];
  const view = new DataView(array.bytes.buffer, array.bytes.byteOffset, array.bytes.length);
  return Array.from({ length: array.count }, (_, i) => readValue(view, array.start + i * array.width, array.type, array.width));
}
