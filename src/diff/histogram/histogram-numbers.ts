/** What statistical tests need of a histogram, as ROOT's own accessors give it. */
import { numberOf } from '../../io/root/streamer/member.ts';
import type { SpanGraph, SpanNode } from '../../io/root/streamer/span-graph.ts';
import { AXES, AXIS_RANGE, cellsOf } from './histogram-cells.ts';

/** Bins of one axis: [first, last], of which 0 is the underflow and `bins + 1` the overflow. */
export interface BinRange {
  bins: number;
  first: number;
  last: number;
  /** Set with TAxis::SetRange. */
  isRange: boolean;
}

/** One histogram; cell of bins i, j, k: i + (nx + 2) (j + (ny + 2) k). */
export interface HistogramNumbers {
  isProfile: boolean;
  /** One per dimension. */
  axes: readonly BinRange[];
  /** Contents of the cells; of a profile the means, 0 where weights are not above 0 (TH1::RetrieveBinContent). */
  contents: Float64Array;
  /** The same with the means of bins of negative weight (TProfile::GetBinContent). */
  signedContents: Float64Array;
  /** Squared errors (TH1::GetBinErrorSqUnchecked): below 0 where the content is and no errors are kept. */
  squares: Float64Array;
  /** Sums of weights and of squared weights over all fills inside of the axes (TH1::GetStats). */
  sumOfWeights: number;
  sumOfSquares: number;
}

/** TProfile::EErrorType. */
const ErrorMode = { mean: 0, spread: 1, integer: 2, gauss: 3 } as const;
/** fStatOverflows of a histogram whose statistics count what is outside of its axes (TH1::kConsider). */
const CONSIDER_OVERFLOWS = 1;

/** True when statistics count fills outside of the axes. */
export function countsOverflows(root: SpanNode): boolean {
  return numberOf(root, 'fStatOverflows', 0, 0) === CONSIDER_OVERFLOWS;
}

/** Number of axes of a histogram class. */
export function dimensionOf(className: string): number {
  return Number(/^T(?:H|Profile)([123])/.exec(className)?.[1] ?? 1);
}

/** False for profiles whose errors are spreads, or weights taken for errors. */
export function hasMeanErrors({ root, className }: SpanGraph): boolean {
  return !className.startsWith('TProfile') || numberOf(root, 'fErrorMode', 0, ErrorMode.mean) === ErrorMode.mean;
}

/** Numbers of a histogram or profile without pending fills. */
export function histogramNumbers({ root, className }: SpanGraph): HistogramNumbers {
  const axes = AXES.slice(0, dimensionOf(className)).map((axis) => binRange(root, axis));
  const isProfile = className.startsWith('TProfile');
  const cells = isProfile
    ? profileCells((name) => cellsOf(root, name)?.values, numberOf(root, 'fErrorMode', 0, ErrorMode.mean))
    : plainCells(root);
  return { isProfile, axes, ...cells, ...statistics(root, axes, cells, isProfile) };
}

function binRange(root: SpanNode, axis: string): BinRange {
  const bins = numberOf(root, `${axis}.fNbins`);
  if ((numberOf(root, `${axis}.fBits`, 0, 0) & AXIS_RANGE) === 0) return { bins, first: 1, last: bins, isRange: false };
  return { bins, first: numberOf(root, `${axis}.fFirst`), last: numberOf(root, `${axis}.fLast`), isRange: true };
}

/** Contents and squared errors of all cells. */
export type NumberCells = Pick<HistogramNumbers, 'contents' | 'squares'>;
type SignedCells = Pick<HistogramNumbers, 'contents' | 'signedContents' | 'squares'>;

function plainCells(root: SpanNode): SignedCells {
  const contents = cellsOf(root, 'fArray')?.values ?? new Float64Array(0);
  return { contents, signedContents: contents, squares: cellsOf(root, 'fSumw2')?.values ?? contents };
}

/** Means and their errors (TProfileHelper::GetBinError) from the arrays of a profile by member; `mode`: its fErrorMode. */
export function profileCells(arrayOf: (name: string) => Float64Array | undefined, mode: number): SignedCells {
  const [sums, squaredSums, weights] = ['fArray', 'fSumw2', 'fBinEntries'].map((name) => arrayOf(name) ?? new Float64Array(0)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const squaredWeights = arrayOf('fBinSumw2');
  const signedContents = sums.map((sum, i) => (weights[i] === 0 ? 0 : sum / (weights[i] as number)));
  const contents = signedContents.map((mean, i) => ((weights[i] as number) > 0 ? mean : 0));
  const squares = sums.map((sum, i) => {
    const weight = weights[i] as number;
    if (weight === 0) return 0;
    const effective = effectiveEntries(weight, squaredWeights && (squaredWeights[i] ?? 0));
    return profileVariance(mode, weight, effective, Math.abs((squaredSums[i] as number) / weight - (sum / weight) ** 2));
  });
  return { contents, signedContents, squares };
}

/** Entries that weights amount to; without their squares each weight counts as so many. */
function effectiveEntries(weight: number, squaredWeights: number | undefined): number {
  if (squaredWeights === undefined) return weight;
  return squaredWeights > 0 ? weight ** 2 / squaredWeights : 0;
}

function profileVariance(mode: number, weight: number, effective: number, spread: number): number {
  if (mode === ErrorMode.gauss) return weight > 0 ? 1 / weight : Number.NaN;
  if (mode === ErrorMode.integer && spread === 0) return 1 / (12 * effective);
  return mode === ErrorMode.spread ? spread : spread / effective;
}

/** The sums kept with the fills, or those of the bins where there are none or only a range counts. */
function statistics(
  root: SpanNode,
  axes: readonly BinRange[],
  cells: NumberCells,
  isProfile: boolean,
): { sumOfWeights: number; sumOfSquares: number } {
  const kept = numberOf(root, 'fTsumw', 0, 0);
  const areKept = kept !== 0 || (!isProfile && numberOf(root, 'fEntries', 0, 0) <= 0);
  const isRange = axes.some((axis) => axis.isRange);
  if (areKept && !isRange) return { sumOfWeights: kept, sumOfSquares: numberOf(root, 'fTsumw2', 0, 0) };
  const weights = isProfile ? (cellsOf(root, 'fBinEntries')?.values ?? new Float64Array(0)) : cells.contents;
  const squares = isProfile ? (cellsOf(root, 'fBinSumw2')?.values ?? weights) : cells.squares;
  const withFlows = countsOverflows(root);
  const ranges = axes.map((axis) => (axis.isRange || !withFlows ? axis : { ...axis, first: 0, last: axis.bins + 1 }));
  let [sumOfWeights, sumOfSquares] = [0, 0];
  for (const cell of cellsIn(axes, ranges)) {
    sumOfWeights += weights[cell] as number;
    sumOfSquares += Math.abs(squares[cell] as number);
  }
  return { sumOfWeights, sumOfSquares };
}

/** Indices of the cells in a range of bins per axis, those of the axis named first in `order` fastest; default: x fastest. */
export function cellsIn(
  axes: readonly BinRange[],
  ranges: readonly Pick<BinRange, 'first' | 'last'>[],
  order: readonly number[] = axes.map((_, i) => i),
): Int32Array {
  let cells = Int32Array.of(0);
  for (const axis of order.toReversed()) {
    const step = axes.slice(0, axis).reduce((product, { bins }) => product * (bins + 2), 1);
    const { first, last } = ranges[axis] ?? { first: 1, last: 0 };
    const count = Math.max(0, last - first + 1);
    const next = new Int32Array(cells.length * count);
    cells.forEach((base, i) => {
      for (let k = 0; k < count; k++) next[i * count + k] = base + (first + k) * step;
    });
    cells = next;
  }
  return cells;
}
