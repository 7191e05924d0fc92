/**
 * Statistics of a histogram as TH1::GetStats and its overrides give them: the stored sums, or, when
 * a range is set on an axis or contents were set without fills, sums over the bins.
 * Source: ROOT hist/hist/src/{TH1,TH2,TH3,TProfile,TProfile2D,TProfile3D}.cxx.
 */
import { binCenter, type Axis } from '../bins/axis.ts';
import { cellsAsDoubles } from '../bins/cells.ts';
import type { Histogram } from './histogram.ts';
import type { HistogramKind } from './histogram-kind.ts';

/** Values of `kind.statistics`, as TH1::Merge sums them. */
export function statisticsOf(h: Histogram): Float64Array {
  if (areRecomputed(h)) {
    const sums = new Float64Array(h.kind.statistics.length);
    statisticsFromBins({ ...h, cells: cellsAsDoubles(h.cells) }, sums);
    return sums;
  }
  const stored = h.statistics.slice();
  if (h.kind.isProfile && h.kind.dimension === 1) completeOldProfile(h, stored);
  return stored;
}

/** True when the stored sums do not count; for profiles ROOT looks at fTsumw alone. */
function areRecomputed(h: Histogram): boolean {
  const unfilled = h.statistics[0] === 0 && (h.kind.isProfile || h.entries > 0);
  return unfilled || hasRange(h);
}

/** True when a range is set on an axis: statistics are those of the bins inside. */
export function hasRange(h: Histogram): boolean {
  return h.axes.some((axis) => axis.hasRange);
}

/** TProfile below version 4 did not store the sums of y: they come from the bins. */
function completeOldProfile(h: Histogram, statistics: Float64Array): void {
  if (statistics[4] !== 0 || statistics[5] !== 0) return;
  const { first, last } = shown(h.axes[0] as Axis);
  for (let bin = first; bin <= last; bin++) {
    statistics[4] = (statistics[4] as number) + Number(h.cells[bin]);
    statistics[5] = (statistics[5] as number) + (h.sumw2[bin] as number);
  }
}

function shown(axis: Axis): { first: number; last: number } {
  return axis.hasRange ? { first: axis.first, last: axis.last } : { first: 1, last: axis.nbins };
}

/** What sums over bins need of a histogram. Arrays may be longer than the number of bins. */
export interface BinArrays {
  readonly kind: HistogramKind;
  readonly axes: readonly Axis[];
  readonly countsOverflows: boolean;
  readonly cells: Float64Array;
  /** Length 0: not stored. */
  readonly sumw2: Float64Array;
  readonly binEntries: Float64Array;
  readonly binSumw2: Float64Array;
}

/** Bins that count along one axis, with their centres from index 0 on. */
interface Counted {
  first: number;
  last: number;
  centers: Float64Array;
}

/** Centres of the axes met last, by axis: neighbouring histograms often share them. */
const known: { axis: Axis | undefined; counted: Counted }[] = [0, 1, 2].map(() => ({
  axis: undefined,
  counted: { first: 0, last: 0, centers: new Float64Array(256) },
}));
const NO_AXIS: Counted = { first: 0, last: 0, centers: new Float64Array(1) };

function countedBins(axis: Axis | undefined, k: number, countsOverflows: boolean): Counted {
  if (axis === undefined) return NO_AXIS;
  const slot = known[k] as { axis: Axis | undefined; counted: Counted };
  if (axis.isShared && slot.axis === axis) return slot.counted;
  slot.axis = axis;
  const { counted } = slot;
  const { first, last } = shown(axis);
  const wide = countsOverflows && !axis.hasRange;
  counted.first = wide && first === 1 ? 0 : first;
  counted.last = wide && last === axis.nbins ? last + 1 : last;
  if (counted.centers.length <= counted.last) counted.centers = new Float64Array(2 * counted.last);
  // Labels on a growing axis have no position.
  const hasPositions = axis.labels === undefined || !axis.canExtend;
  for (let bin = counted.first; bin <= counted.last; bin++) counted.centers[bin] = hasPositions ? binCenter(axis, bin) : 0;
  return counted;
}

/** Statistics from the bins, into the first `kind.statistics.length` elements of `sums`. */
export function statisticsFromBins(h: BinArrays, sums: Float64Array): void {
  // TProfile3D::GetStats leaves outer bins out, whatever is asked for.
  const countsOverflows = h.countsOverflows && !(h.kind.isProfile && h.kind.dimension === 3);
  const x = countedBins(h.axes[0], 0, countsOverflows);
  const y = countedBins(h.axes[1], 1, countsOverflows);
  const z = countedBins(h.axes[2], 2, countsOverflows);
  const nx = (h.axes[0] as Axis).nbins + 2;
  const ny = (h.axes[1]?.nbins ?? -1) + 2;
  sums.fill(0);
  for (let k = z.first; k <= z.last; k++) {
    for (let j = y.first; j <= y.last; j++) {
      addRow(sums, h, nx * (j + ny * k), x, y.centers[j] as number, z.centers[k] as number);
    }
  }
}

/** One row of bins along x; products are formed in ROOT's order, so that they round as there. */
function addRow(sums: Float64Array, h: BinArrays, base: number, row: Counted, y: number, z: number): void {
  const { first, last, centers } = row;
  const { isProfile, dimension } = h.kind;
  const weights = isProfile ? h.binEntries : h.cells;
  const stored = isProfile ? h.binSumw2 : h.sumw2;
  const squares = stored.length > 0 ? stored : weights;
  // TH1 and TH3 square the bin's error again; TH2 takes the square, or the content even where it is negative.
  const squareAgain = !isProfile && dimension !== 2;
  const isContent = stored.length === 0;
  let w0 = sums[0] as number;
  let w2 = sums[1] as number;
  let wx = sums[2] as number;
  let wxx = sums[3] as number;
  for (let i = first; i <= last; i++) {
    const w = weights[base + i] as number;
    const x = centers[i] as number;
    let square = squares[base + i] as number;
    if (squareAgain) {
      const error = Math.sqrt(isContent ? Math.abs(square) : square);
      square = error * error;
    }
    w0 += w;
    w2 += square;
    wx += w * x;
    wxx += w * x * x;
  }
  sums[0] = w0;
  sums[1] = w2;
  sums[2] = wx;
  sums[3] = wxx;
  if (dimension > 1) addSidewards(sums, h, base, row, y, z);
  if (isProfile) addProfiled(sums, h, base + first, base + last);
}

function addSidewards(sums: Float64Array, h: BinArrays, base: number, { first, last, centers }: Counted, y: number, z: number): void {
  const weights = h.kind.isProfile ? h.binEntries : h.cells;
  const isSolid = h.kind.dimension > 2;
  for (let i = first; i <= last; i++) {
    const [w, x] = [weights[base + i] as number, centers[i] as number];
    add(sums, 4, w * y);
    add(sums, 5, w * y * y);
    add(sums, 6, w * x * y);
    if (!isSolid) continue;
    add(sums, 7, w * z);
    add(sums, 8, w * z * z);
    add(sums, 9, w * x * z);
    add(sums, 10, w * y * z);
  }
}

function addProfiled(sums: Float64Array, h: BinArrays, from: number, to: number): void {
  const at = h.kind.statistics.length - 2;
  for (let bin = from; bin <= to; bin++) {
    add(sums, at, h.cells[bin] as number);
    add(sums, at + 1, h.sumw2[bin] as number);
  }
}

function add(sums: Float64Array, k: number, value: number): void {
  sums[k] = (sums[k] as number) + value;
}
