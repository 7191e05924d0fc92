/** Axes of histograms: booking them, and finding bins as TAxis does (ROOT hist/hist/src/TAxis.cxx). */
import { UsageError } from '../../../errors.ts';
import type { RootList, RootObject } from '../streamer/root-object.ts';

/**
 * Bins of equal width over [min, max); bins between ascending edges; or one bin per label over [0, number of bins).
 * With `grow` the axis takes what it does not hold, as ROOT's do after SetCanExtend: its range is doubled, or a label added.
 */
export type AxisSpec = { title?: string } & (RangeSpec | { edges: readonly number[] } | LabelSpec);

/** Bins of equal width. */
export interface RangeSpec {
  bins: number;
  min: number;
  max: number;
  grow?: boolean;
}

/** Bins with names. */
export interface LabelSpec {
  labels: readonly string[];
  /** An unknown label gets the next free bin; without one the number of bins is doubled. Default: it is an error. */
  grow?: boolean;
  /** Number of bins, some of which are still free; only with `grow`. Default: one per label. */
  bins?: number;
}

/** A TAxis, see root-object.ts. */
export interface AxisObject extends RootObject {
  fNbins: number;
  fXmin: number;
  fXmax: number;
  /** Edges of bins of unequal width, fNbins + 1 of them; empty for bins of equal width. */
  fXbins: ArrayLike<number>;
  /** TObjString items whose fUniqueID is the bin; null for an axis without labels. */
  fLabels: RootList | null;
}

/** Bit of fBits2: the axis grows (TAxis::kCanExtend). */
const CAN_EXTEND = 2;
/** fBits2 of an axis on which every bin has a label (TAxis::kAlphanumeric and kCanExtend). */
const ALPHANUMERIC = 3;

/** What an axis is when nothing is said of it, as ROOT 6 books it. */
const DEFAULT_AXIS = {
  fUniqueID: 0,
  fBits: 0,
  fTitle: '',
  fNdivisions: 510,
  fAxisColor: 1,
  fLabelColor: 1,
  fLabelFont: 42,
  fLabelOffset: 0.005,
  fLabelSize: 0.035,
  fTickLength: 0.03,
  fTitleOffset: 1,
  fTitleSize: 0.035,
  fTitleColor: 1,
  fTitleFont: 42,
  fNbins: 1,
  fXmin: 0,
  fXmax: 1,
  fFirst: 0,
  fLast: 0,
  fBits2: 0,
  fTimeDisplay: 0,
  fTimeFormat: '',
  fLabels: null,
  fModLabs: null,
};

/**
 * Books an axis named `xaxis`, `yaxis` or `zaxis`; without a spec the one of a dimension that is not used. UsageError
 * for an axis without range.
 */
export function createAxis(name: string, spec?: AxisSpec): AxisObject {
  const axis: AxisObject = { _typename: 'TAxis', fName: name, ...DEFAULT_AXIS, fXbins: [] };
  // In ROOT 6 the title of the y axis is placed by its drawing.
  if (name === 'yaxis') axis['fTitleOffset'] = 0;
  if (spec === undefined) return axis;
  axis['fTitle'] = spec.title ?? '';
  if ('edges' in spec) setEdges(axis, spec.edges);
  else if ('labels' in spec) setLabels(axis, spec);
  else setRange(axis, spec.bins, spec.min, spec.max);
  if ('min' in spec && spec.grow === true) axis['fBits2'] = CAN_EXTEND;
  return axis;
}

/** Members that an axis made elsewhere may lack. */
export function completeAxis(name: string, axis: Partial<AxisObject> | undefined): AxisObject {
  return { ...createAxis(name), ...axis };
}

function setRange(axis: AxisObject, bins: number, min: number, max: number): void {
  const width = (max - min) / bins;
  if (!Number.isInteger(bins) || bins < 1 || !(width > 0) || width === Infinity) {
    throw new UsageError(`an axis of ${bins} bins from ${min} to ${max} cannot be booked`);
  }
  Object.assign(axis, { fNbins: bins, fXmin: min, fXmax: max });
}

function setEdges(axis: AxisObject, edges: readonly number[]): void {
  const ascending = edges.every((edge, i) => i === 0 || edge > (edges[i - 1] as number));
  if (edges.length < 2 || !ascending) throw new UsageError('edges of bins must be ascending numbers, at least two');
  setRange(axis, edges.length - 1, edges[0] as number, edges.at(-1) as number);
  axis.fXbins = Float64Array.from(edges);
}

function setLabels(axis: AxisObject, { labels, grow, bins }: LabelSpec): void {
  if (new Set(labels).size !== labels.length) throw new UsageError('labels of an axis must differ');
  if (bins !== undefined && (grow !== true || bins < labels.length)) {
    throw new UsageError('an axis of labels has more bins than labels only when it grows, and never fewer');
  }
  const count = bins ?? Math.max(labels.length, grow === true ? 1 : 0);
  setRange(axis, count, 0, count);
  if (labels.length === 0) return;
  for (const label of labels) addLabel(axis, label);
}

/** Names the next bin, and makes the axis one of labels; the bin. */
export function addLabel(axis: AxisObject, label: string): number {
  axis.fLabels ??= { _typename: 'THashList', name: '', arr: [], opt: [] };
  axis['fBits2'] = Number(axis['fBits2']) | ALPHANUMERIC;
  const bin = axis.fLabels.arr.push({ _typename: 'TObjString', fUniqueID: axis.fLabels.arr.length + 1, fBits: 0, fString: label });
  axis.fLabels.opt?.push('');
  return bin;
}

/** True when a value outside makes the axis wider. */
export function canExtend(axis: AxisObject): boolean {
  return (Number(axis['fBits2']) & ALPHANUMERIC) === CAN_EXTEND;
}

/** True when the axis consists of labels. */
export function isAlphanumeric(axis: AxisObject): boolean {
  return (Number(axis['fBits2']) & ALPHANUMERIC) === ALPHANUMERIC;
}

/** The axis keeps its range from now on. */
export function stopExtending(axis: AxisObject): void {
  axis['fBits2'] = Number(axis['fBits2']) & ~CAN_EXTEND;
}

/** Bin of a value: 0 below the axis, fNbins + 1 from its end on and for NaN; edges belong to the bin above them. */
export function findBin({ fNbins, fXmin, fXmax, fXbins }: Pick<AxisObject, 'fNbins' | 'fXmin' | 'fXmax' | 'fXbins'>, x: number): number {
  if (x < fXmin) return 0;
  if (!(x < fXmax)) return fNbins + 1;
  return fXbins.length === 0 ? findEqualBin(fNbins, fXmin, fXmax, x) : findUnequalBin(fXbins, x);
}

/**
 * Bin of a value in [min, max) among bins of equal width. As in ROOT 6.40 a bin holds what lies between its edges as they are
 * computed, min + i × width: a quotient that was rounded over one of them is put right.
 */
export function findEqualBin(bins: number, min: number, max: number, x: number): number {
  const width = (max - min) / bins;
  const bin = 1 + (width > 0 ? Math.trunc((x - min) / width) : 0);
  if (x >= min + bin * width) return bin + 1;
  return x < min + (bin - 1) * width ? bin - 1 : bin;
}

/** Bin of a value between the first and the last of ascending edges. */
export function findUnequalBin(edges: ArrayLike<number>, x: number): number {
  let [low, high] = [0, edges.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((edges[middle] as number) <= x) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** Bin with a label; undefined when the axis has no such label. */
export function findLabel(axis: AxisObject, label: string): number | undefined {
  const item = axis.fLabels?.arr.find((object) => object?.['fString'] === label);
  return item === undefined || item === null ? undefined : Number(item['fUniqueID']);
}

/**
 * What a fill by label counts with in the statistics: the centre of the bin, or nothing (undefined) on an axis that consists
 * of labels, where a mean has no meaning (TH1::Fill with a name).
 */
export function labelValue(axis: AxisObject, bin: number): number | undefined {
  return isAlphanumeric(axis) ? undefined : binCentre(axis, bin);
}

/** The middle of a bin of the axis (TAxis::GetBinCenter). */
export function binCentre(
  { fNbins, fXmin, fXmax, fXbins }: Pick<AxisObject, 'fNbins' | 'fXmin' | 'fXmax' | 'fXbins'>,
  bin: number,
): number {
  if (fXbins.length === 0) return fXmin + (bin - 0.5) * ((fXmax - fXmin) / fNbins);
  const [low, high] = [fXbins[bin - 1] as number, fXbins[bin] as number];
  return low + 0.5 * (high - low);
}
