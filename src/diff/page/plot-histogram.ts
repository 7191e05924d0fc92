/** A histogram as it is drawn: axes, contents and errors of its bins, the numbers of its statistics box. */
import { numberOf, textOf } from '../../io/root/streamer/member.ts';
import type { SpanGraph, SpanNode } from '../../io/root/streamer/span-graph.ts';
import { storedValue } from '../histogram/cell-sum.ts';
import { AXES, binLabels, cellsOf, pendingFills } from '../histogram/histogram-cells.ts';
import { cellsIn, dimensionOf, profileCells, type NumberCells } from '../histogram/histogram-numbers.ts';

/** One axis with n bins. */
export interface PlotAxis {
  /** n + 1 edges. */
  edges: Float64Array;
  /** Label of each bin; empty when no bin has one. */
  labels: string[];
  title: string;
}

/** Arrays of a histogram by the name of their member; all have one value per cell, underflow and overflow included. */
type Arrays = ReadonlyMap<string, Float64Array>;

/** A histogram or profile, or the sum of several. */
export interface PlotHistogram extends NumberCells {
  className: string;
  title: string;
  isProfile: boolean;
  /** One per dimension. */
  axes: PlotAxis[];
  entries: number;
  /** Of x, from the sums kept with the fills, else from the bins; NaN where there is nothing. */
  mean: number;
  deviation: number;
  /** Fills that are in no bin yet. */
  pending: number;
}

/** Arrays that add, and what stands for one that an input does not keep: squared weights are the contents. */
const SUMMED_ARRAYS: readonly (readonly [name: string, instead: string | undefined])[] = [
  ['fArray', undefined],
  ['fSumw2', 'fArray'],
  ['fBinEntries', undefined],
  ['fBinSumw2', 'fBinEntries'],
];
const SUMMED_NUMBERS = ['fEntries', 'fTsumw', 'fTsumwx', 'fTsumwx2'];

/** The sum of histograms of one class with the same bins; undefined where their bins differ: there is no sum bin by bin. */
export function plotHistogram(parts: Iterable<SpanGraph>): PlotHistogram | undefined {
  let first: SpanNode | undefined;
  let className = '';
  let axes: PlotAxis[] = [];
  const arrays = new Map<string, Float64Array>();
  const numbers = SUMMED_NUMBERS.map(() => 0);
  let pending = 0;
  for (const graph of parts) {
    const { root } = graph;
    if (first === undefined) [first, className, axes] = [root, graph.className, axesOf(root, graph.className)];
    else if (graph.className !== className || !areSameAxes(axes, axesOf(root, className))) return undefined;
    addArrays(arrays, root);
    SUMMED_NUMBERS.forEach((name, i) => (numbers[i] = (numbers[i] ?? 0) + numberOf(root, name, 0, 0)));
    pending += pendingFills(root);
  }
  if (first === undefined) return undefined;
  const isProfile = className.startsWith('TProfile');
  const [entries = 0, weights = 0, sum = 0, squares = 0] = numbers;
  const cells = isProfile ? meanCells(arrays, numberOf(first, 'fErrorMode', 0, 0)) : plainCells(arrays);
  const histogram = { className, title: textOf(first, 'fTitle', ''), isProfile, axes, ...cells, entries, pending };
  return { ...histogram, ...(weights === 0 && !isProfile ? binMoments(histogram) : moments(weights, sum, squares)) };
}

function moments(weights: number, sum: number, squares: number): { mean: number; deviation: number } {
  const mean = weights === 0 ? NaN : sum / weights;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / weights - mean ** 2)) };
}

/** From the centres of the bins, as ROOT does it when the sums are not kept (TH1::GetStats). */
function binMoments(histogram: Omit<PlotHistogram, 'mean' | 'deviation'>): { mean: number; deviation: number } {
  const edges = histogram.axes[0]?.edges ?? new Float64Array(1);
  let [weights, sum, squares] = [0, 0, 0];
  projection(histogram, 0).values.forEach((weight, i) => {
    const x = ((edges[i] ?? 0) + (edges[i + 1] ?? 0)) / 2;
    weights += weight;
    sum += weight * x;
    squares += weight * x * x;
  });
  return moments(weights, sum, squares);
}

/** Adds the arrays of one more input. An array is kept from the first input on that has it. */
function addArrays(sums: Map<string, Float64Array>, root: SpanNode): void {
  const before = new Map(sums);
  for (const [name, instead] of SUMMED_ARRAYS) {
    const own = cellsOf(root, name);
    const sum = before.get(name) ?? (own === undefined || instead === undefined ? undefined : before.get(instead));
    const values = own?.values ?? (sum === undefined || instead === undefined ? undefined : cellsOf(root, instead)?.values);
    if (values === undefined) continue;
    sums.set(name, sum === undefined ? values : added(sum, values, name === 'fArray' ? own?.type : undefined));
  }
}

/** The sum of two arrays as their type holds it. */
function added(sum: Float64Array, values: Float64Array, type: number | undefined): Float64Array {
  return sum.map((value, i) => storedValue(type, value + (values[i] ?? 0)));
}

function plainCells(arrays: Arrays): NumberCells {
  const contents = arrays.get('fArray') ?? new Float64Array(0);
  return { contents, squares: arrays.get('fSumw2') ?? contents };
}

/** Means of a profile; a bin without entries has none. */
function meanCells(arrays: Arrays, errorMode: number): NumberCells {
  const { contents, squares } = profileCells((name) => arrays.get(name), errorMode);
  const entries = arrays.get('fBinEntries') ?? new Float64Array(0);
  return { contents: contents.map((value, i) => ((entries[i] ?? 0) === 0 ? NaN : value)), squares };
}

function axesOf(root: SpanNode, className: string): PlotAxis[] {
  return AXES.slice(0, dimensionOf(className)).map((axis) => {
    const [bins, low, high] = ['fNbins', 'fXmin', 'fXmax'].map((name) => numberOf(root, `${axis}.${name}`)) as [number, number, number];
    const edges =
      cellsOf(root, `${axis}.fXbins`)?.values ?? Float64Array.from({ length: bins + 1 }, (_, i) => low + (i * (high - low)) / bins);
    const named = new Map(binLabels(root, axis));
    return {
      edges,
      labels: named.size === 0 ? [] : Array.from({ length: bins }, (_, i) => named.get(i + 1) ?? ''),
      title: textOf(root, `${axis}.fTitle`, ''),
    };
  });
}

/** True where bins have the same edges. */
export function areSameAxes(a: readonly PlotAxis[], b: readonly PlotAxis[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ edges }, i) => edges.length === b[i]?.edges.length && edges.every((edge, k) => edge === b[i]?.edges[k]))
  );
}

/** Contents and errors of the bins without underflow and overflow, those of x next to each other. */
export function innerBins({ contents, squares, axes }: PlotHistogram): { values: Float64Array; errors: Float64Array } {
  const cells = innerCells(axes.map(({ edges }) => edges.length - 1));
  return {
    values: Float64Array.from(cells, (cell) => contents[cell] ?? NaN),
    errors: Float64Array.from(cells, (cell) => Math.sqrt(Math.abs(squares[cell] ?? 0))),
  };
}

/** Sums over the bins of all axes but one. */
export function projection(
  { contents, squares, axes }: Pick<PlotHistogram, 'contents' | 'squares' | 'axes'>,
  axis: number,
): { values: Float64Array; errors: Float64Array } {
  const bins = axes.map(({ edges }) => edges.length - 1);
  const count = bins[axis] ?? 0;
  const inner = bins.slice(0, axis).reduce((product, n) => product * n, 1);
  const [values, variances] = [new Float64Array(count), new Float64Array(count)];
  innerCells(bins).forEach((cell, i) => {
    const bin = Math.floor(i / inner) % count;
    values[bin] = (values[bin] ?? 0) + (contents[cell] ?? 0);
    variances[bin] = (variances[bin] ?? 0) + Math.abs(squares[cell] ?? 0);
  });
  return { values, errors: variances.map((variance) => Math.sqrt(variance)) };
}

/** Cells of the bins 1 to n of each axis, those of the first next to each other. */
function innerCells(bins: readonly number[]): Int32Array {
  const ranges = bins.map((count) => ({ bins: count, first: 1, last: count, isRange: false }));
  return cellsIn(ranges, ranges);
}
