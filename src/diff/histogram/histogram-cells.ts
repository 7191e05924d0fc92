/** Contents, axes and labels of a histogram's span graph as numbers. Members: ROOT hist/hist/inc/TH1.h, TAxis.h. */
import { member, numberOf, readValue, targetOf, textOf } from '../../io/root/streamer/member.ts';
import type { SpanNode } from '../../io/root/streamer/span-graph.ts';
import { basicSize, isReal, isUnsigned } from '../../io/root/streamer/type-codes.ts';
import { isClose } from '../object/tolerance.ts';

/** The axes of every histogram, used or not. */
export const AXES: readonly ['fXaxis', 'fYaxis', 'fZaxis'] = ['fXaxis', 'fYaxis', 'fZaxis'];
/** Sums that a histogram keeps of its fills. */
export const STATISTICS: readonly string[] = [
  'fTsumw',
  'fTsumw2',
  'fTsumwx',
  'fTsumwx2',
  'fTsumwy',
  'fTsumwy2',
  'fTsumwxy',
  'fTsumwz',
  'fTsumwz2',
  'fTsumwxz',
  'fTsumwyz',
  'fTsumwt',
  'fTsumwt2',
];
/** Arrays with a value per cell: contents, squared weights; of profiles weights and their squares. */
export const ARRAYS: readonly string[] = ['fArray', 'fSumw2', 'fBinEntries', 'fBinSumw2'];
/** TAxis::kAxisRange in fBits: fFirst and fLast limit what is looked at. */
export const AXIS_RANGE: number = 1 << 11;
/** Share of a bin's width that edges of equal axes may be apart. */
const EDGE_TOLERANCE = 1e-8;

/** Values of an array member. */
export interface Cells {
  values: Float64Array;
  /** Type code of the stored values. */
  type: number;
  /** The same values of integers of 64 bits, which numbers hold up to 2^53 only. */
  exact?: BigInt64Array | BigUint64Array;
}

/** Values of an array member (a TArray, a vector, or behind a pointer); undefined where it is empty or absent. */
export function cellsOf(root: SpanNode, name: string): Cells | undefined {
  const found = member(root, name);
  const node = found?.kind === 'object' ? (member(found, 'fArray') ?? member(found, 'values')) : found;
  if (node?.kind !== 'raw' || node.count === 0 || node.end === node.start) return undefined;
  const width = node.width || basicSize(node.type);
  const from = node.end - node.count * width;
  const { view } = node.source;
  const cells: Cells = {
    type: node.type,
    values: Float64Array.from({ length: node.count }, (_, i) => readValue(view, from + i * width, node.type, width)),
  };
  if (width !== 8 || isReal(node.type)) return cells;
  if (isUnsigned(node.type)) cells.exact = BigUint64Array.from({ length: node.count }, (_, i) => view.getBigUint64(from + i * width));
  else cells.exact = BigInt64Array.from({ length: node.count }, (_, i) => view.getBigInt64(from + i * width));
  return cells;
}

/** Fills in fBuffer that are in no bin: its first value is their number; negative when they are in the bins, too. */
export function pendingFills(root: SpanNode): number {
  return Math.max(0, cellsOf(root, 'fBuffer')?.values[0] ?? 0);
}

/** A member of an axis, by the name of the axis; empty: of what is an axis itself. */
function within(axis: string, name: string): string {
  return axis === '' ? name : `${axis}.${name}`;
}

/** True when both histograms have the same bins along an axis; with an empty name they are axes themselves. */
export function isSameAxis(a: SpanNode, b: SpanNode, axis: string): boolean {
  const [bins, low, high] = ['fNbins', 'fXmin', 'fXmax'].map((name) => [
    numberOf(a, within(axis, name)),
    numberOf(b, within(axis, name)),
  ]) as [number[], number[], number[]];
  if (bins[0] !== bins[1]) return false;
  const abs = (Math.abs((high[0] as number) - (low[0] as number)) / Math.max(1, bins[0] as number)) * EDGE_TOLERANCE;
  if (![low, high].every(([x, y]) => isClose(x as number, y as number, 0, { abs }))) return false;
  const [edgesA, edgesB] = [a, b].map((root) => cellsOf(root, within(axis, 'fXbins'))?.values ?? new Float64Array(0)) as [
    Float64Array,
    Float64Array,
  ];
  return (
    edgesA.length === edgesB.length &&
    edgesA.every((edge, i) => isClose(edge, edgesB[i] as number, 0, { abs: EDGE_TOLERANCE * narrowerBin(edgesA, i) }))
  );
}

/** Width of the narrower bin at an edge; 0 beside bins without end only. */
function narrowerBin(edges: Float64Array, i: number): number {
  const widths = [i - 1, i].map((bin) => (edges[bin + 1] ?? Infinity) - (edges[bin] ?? -Infinity));
  const width = Math.min(...widths);
  return Number.isFinite(width) ? width : 0;
}

/** Labels with their bins, in the order of the bins, as text. */
export function labelsOf(root: SpanNode, axis: string): string {
  const labels = binLabels(root, axis);
  return labels.length === 0 ? '' : JSON.stringify(labels);
}

/** Numbers of bins with their labels, in the order of the bins. */
export function binLabels(root: SpanNode, axis: string): (readonly [bin: number, label: string])[] {
  const list = targetOf(member(root, within(axis, 'fLabels')));
  if (list?.kind !== 'object') return [];
  const labels = list.children.flatMap((child) =>
    child.kind === 'pointer' && child.target?.kind === 'object'
      ? [[numberOf(child.target, 'fUniqueID', 0, 0), textOf(child.target, 'fString', '')] as const]
      : [],
  );
  return labels.sort(([a], [b]) => a - b);
}
