/**
 * Bins fills that were still in a histogram's buffer when it was written.
 * Source: ROOT hist/hist/src, BufferEmpty and Fill of TH1 (DoFillN), TH2, TH3, TProfile, TProfile2D, TProfile3D.
 */
import { findBin, type Axis } from '../bins/axis.ts';
import { addToCell } from '../bins/cells.ts';
import type { Histogram, PendingFills } from './histogram.ts';

/** Bins all fills of `pending` in `h`, whose axes have limits; returns how many bins are not exact sums. */
export function fillPending(h: Histogram, pending: PendingFills): number {
  const { values, count, stride } = pending;
  let inexact = 0;
  for (let i = 0; i < count; i++) {
    const at = 1 + i * stride;
    inexact += fillOne(h, values[at] as number, values.subarray(at + 1, at + stride));
  }
  return inexact;
}

/** Bins one fill; `at` holds x, y, z, and for profiles the profiled value last. */
function fillOne(h: Histogram, weight: number, at: Float64Array): number {
  const value = h.kind.isProfile ? (at[h.kind.dimension] as number) : 0;
  if (h.kind.isProfile && isOutside(value, h.profileLimits)) return 0;
  h.entries += 1;
  let [bin, step, counts] = [0, 1, true];
  h.axes.forEach((axis, k) => {
    const index = findBin(axis, at[k] as number);
    bin += step * index;
    step *= axis.nbins + 2;
    counts &&= index > 0 && index <= axis.nbins;
  });
  const inexact = h.kind.isProfile ? fillProfileBin(h, bin, weight, value) : fillBin(h, bin, weight);
  if (counts || h.countsOverflows) addToStatistics(h, weight, at);
  return inexact;
}

function isOutside(value: number, [low, high]: readonly [number, number]): boolean {
  return low !== high && !(value >= low && value <= high);
}

function fillBin(h: Histogram, bin: number, weight: number): number {
  if (h.sumw2.length === 0 && weight !== 1 && !h.isNotWeighted) h.sumw2 = absoluteCells(h);
  if (h.sumw2.length > 0) h.sumw2[bin] = (h.sumw2[bin] as number) + weight * weight;
  return addToCell(h.kind.cellType, h.cells, bin, weight);
}

function fillProfileBin(h: Histogram, bin: number, weight: number, value: number): number {
  const inexact = addToCell(h.kind.cellType, h.cells, bin, weight * value);
  h.sumw2[bin] = (h.sumw2[bin] as number) + weight * value * value;
  if (h.binSumw2.length === 0 && weight !== 1 && !h.isNotWeighted) h.binSumw2 = h.binEntries.slice();
  if (h.binSumw2.length > 0) h.binSumw2[bin] = (h.binSumw2[bin] as number) + weight * weight;
  h.binEntries[bin] = (h.binEntries[bin] as number) + weight;
  return inexact;
}

function addToStatistics(h: Histogram, w: number, at: Float64Array): void {
  const { dimension, isProfile } = h.kind;
  const [x, y, z] = [at[0] as number, at[1] ?? 0, at[2] ?? 0];
  const terms = [w, w * w, w * x, w * x * x];
  if (dimension > 1) terms.push(w * y, w * y * y, w * x * y);
  if (dimension > 2) terms.push(w * z, w * z * z, w * x * z, w * y * z);
  if (isProfile) {
    const value = at[dimension] as number;
    terms.push(w * value, w * value * value);
  }
  terms.forEach((term, k) => (h.statistics[k] = (h.statistics[k] as number) + term));
}

/** Squared errors of unweighted fills: the contents. */
export function absoluteCells(h: Histogram): Float64Array {
  return Float64Array.from({ length: h.cells.length }, (_, i) => Math.abs(Number(h.cells[i])));
}

/** Smallest and largest coordinate of fills along one axis; NaN when one of them is NaN. */
export type Extent = readonly [low: number, high: number];

/** Extents of fills along each axis; without fills Infinity to -Infinity. */
export function extentsOf({ values, count, stride }: PendingFills, dimension: number): Extent[] {
  return Array.from({ length: dimension }, (_, k) => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = 0; i < count; i++) {
      const at = values[2 + i * stride + k] as number;
      low = Math.min(low, at);
      high = Math.max(high, at);
    }
    return [low, high];
  });
}

/** True when fills of these extents lie outside an axis that would grow to hold them. */
export function wouldGrow(axes: readonly Axis[], extents: readonly Extent[]): boolean {
  return axes.some((axis, k) => {
    const [low, high] = extents[k] as Extent;
    return axis.grows && low !== Infinity && !(low >= axis.xmin && high < axis.xmax);
  });
}
