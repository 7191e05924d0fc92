/**
 * TH2Poly: contents of bins that are the same polygons in the same order, of the nine regions around them, squared
 * weights, entries and statistics. Source: ROOT hist/hist/src/TH2Poly.cxx (Add, which compares the rectangles around
 * the polygons only), hist/hist/inc/TH2Poly.h.
 */
import { UnsupportedError } from '../../errors.ts';
import { encodeGraph } from '../../io/root/streamer/encode.ts';
import { member, numberOf, setNumber, targetOf } from '../../io/root/streamer/member.ts';
import { arrayOf, listItems, setArray } from '../../io/root/streamer/member-list.ts';
import { graphOfPart, type ObjectNode, type SpanNode } from '../../io/root/streamer/span-graph.ts';
import { axisDifference, decodeAxis, doublesOf } from '../bins/axis.ts';
import { addDoubles, encodeCells } from '../bins/cells.ts';

/** Regions of fOverflow: eight around the limits of the axes, and what is inside of them, but in no polygon. */
const OVERFLOWS = 9;
const SUMS = ['fEntries', 'fTsumw', 'fTsumw2', 'fTsumwx', 'fTsumwx2', 'fTsumwy', 'fTsumwy2', 'fTsumwxy'];
const AXES = [
  ['x', 'fXaxis'],
  ['y', 'fYaxis'],
] as const;

/** Why the bins of two objects do not belong together; empty when they do. */
export function polygonDifferences(sum: ObjectNode, next: ObjectNode): string[] {
  const axes = AXES.flatMap(([name, path]) => {
    const difference = axisDifference(decodeAxis(sum, path), decodeAxis(next, path));
    return difference === undefined ? [] : [`${name} axis: ${difference}`];
  });
  const [mine, theirs] = [binsOf(sum), binsOf(next)];
  if (mine.length !== theirs.length) return [...axes, `${theirs.length} polygons instead of ${mine.length}`];
  const other = mine.flatMap((bin, i) => (polygonText(bin) === polygonText(theirs[i] as ObjectNode) ? [] : [i + 1]));
  if (other.length === 0) return axes;
  return [
    ...axes,
    other.length === 1 ? `bin ${other[0]} is another polygon` : `${other.length} bins are other polygons, the first is bin ${other[0]}`,
  ];
}

/** Adds an object of the same polygons. */
export function addPolygons(sum: ObjectNode, next: ObjectNode): void {
  addSquares(sum, next);
  for (let k = 0; k < OVERFLOWS; k++) setNumber(sum, 'fOverflow', numberOf(sum, 'fOverflow', k) + numberOf(next, 'fOverflow', k), k);
  const theirs = binsOf(next);
  binsOf(sum).forEach((bin, i) => setNumber(bin, 'fContent', numberOf(bin, 'fContent') + numberOf(theirs[i] as ObjectNode, 'fContent')));
  for (const name of SUMS) setNumber(sum, name, numberOf(sum, name) + numberOf(next, name));
}

/** Before contents change: an object that stores no squared weights counts with its contents. */
function addSquares(sum: ObjectNode, next: ObjectNode): void {
  const [mine, theirs] = [doublesOf(sum, 'fSumw2'), doublesOf(next, 'fSumw2')];
  if (mine.length + theirs.length === 0) return;
  const squares = mine.length > 0 ? mine : contentsOf(sum).map(Math.abs);
  const others = theirs.length > 0 ? theirs : contentsOf(next);
  if (squares.length !== others.length) {
    throw new UnsupportedError(`squared weights of ${others.length} bins, but of ${squares.length} in the first`);
  }
  addDoubles(squares, others);
  setArray(sum, 'fSumw2', encodeCells(squares));
}

/** In the order of fSumw2. */
function contentsOf(node: ObjectNode): Float64Array {
  const overflows = Array.from({ length: OVERFLOWS }, (_, k) => numberOf(node, 'fOverflow', k));
  return Float64Array.from([...overflows, ...binsOf(node).map((bin) => numberOf(bin, 'fContent'))]);
}

/** Bins of polygons of a TH2Poly or TProfile2Poly, in their order. UnsupportedError when one cannot be decoded. */
export function binsOf(node: ObjectNode): ObjectNode[] {
  return listItems(member(node, 'fBins') ?? node).flatMap(({ target }) => {
    if (target?.kind !== 'object') throw new UnsupportedError(`a ${node.className} with a bin that is not understood`);
    return [target];
  });
}

/**
 * Equal for equal polygons: the vertices of a graph, or of all graphs of a TMultiGraph; of anything else the whole
 * object, a character per byte.
 */
function polygonText(bin: ObjectNode): string {
  const polygon = targetOf(member(bin, 'fPoly'));
  if (polygon?.kind !== 'object') throw new UnsupportedError('a bin without a polygon that is understood');
  return shapeText(polygon);
}

function shapeText(shape: ObjectNode): string {
  const graphs = member(shape, 'fGraphs');
  if (graphs !== null) {
    return listItems(graphs)
      .map(({ target }) => (target?.kind === 'object' ? shapeText(target) : ''))
      .join(';');
  }
  const vertices = verticesText(shape);
  return vertices ?? Buffer.from(encodeGraph(graphOfPart(shape), { keylen: 0 })).toString('latin1');
}

function verticesText(shape: SpanNode): string | undefined {
  const [x, y] = [arrayOf(shape, 'fX'), arrayOf(shape, 'fY')];
  return x === null || y === null ? undefined : `${doublesOf(shape, 'fX').join()} ${doublesOf(shape, 'fY').join()}`;
}
