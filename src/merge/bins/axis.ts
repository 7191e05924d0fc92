/**
 * Axes of histograms: decoding, comparison, and the bin arithmetic of TAxis.
 * Source: ROOT hist/hist/inc/TAxis.h, hist/hist/src/TAxis.cxx (FindBin, GetBinCenter, GetFirst, GetLast), and what
 * ROOT 6.40 was seen to do: its bins are exact at their edges, its centres are xmin + (bin - 0.5) * width.
 */
import { CorruptFileError } from '../../errors.ts';
import { findEqualBin, findUnequalBin } from '../../io/root/histogram/axis.ts';
import { numberOf, member, textOf } from '../../io/root/streamer/member.ts';
import { arrayOf, listItems } from '../../io/root/streamer/member-list.ts';
import type { SpanNode } from '../../io/root/streamer/span-graph.ts';

/** Bit of TAxis::fBits (kAxisRange): fFirst and fLast bound what is shown, and what statistics count. */
export const AXIS_RANGE: number = 1 << 11;
/** Bit of TAxis::fBits2 (kCanExtend). */
export const CAN_EXTEND: number = 1 << 1;
/** Bit of TAxis::fBits2 (kAlphanumeric): every bin has a label. */
const ALPHANUMERIC = 1 << 0;
/** Limits may differ by this part of a bin: the tolerance of TH1::Merge, measured with ROOT 6.40. */
const LIMIT_TOLERANCE = 1e-8;

/** Member names of the axes, by dimension. */
export const AXIS_NAMES = ['fXaxis', 'fYaxis', 'fZaxis'] as const;

/** A decoded axis. */
export interface Axis {
  /** Bins without under- and overflow. */
  nbins: number;
  xmin: number;
  xmax: number;
  /** Bin edges (nbins + 1), or empty for bins of equal width. */
  edges: Float64Array;
  /** A range is set: statistics count the bins from `first` to `last` only. */
  hasRange: boolean;
  first: number;
  last: number;
  canExtend: boolean;
  /** A value outside widens the axis; not so where bins are labels, which become more by names only (TAxis::FindBin). */
  grows: boolean;
  /** Label by bin number; undefined without a list of labels. */
  labels: ReadonlyMap<number, string> | undefined;
  /** The object stands for equal axes of several histograms: what is derived from it may be kept. */
  isShared?: true;
}

/** Decodes an axis member of a histogram. CorruptFileError when its bins are impossible. */
export function decodeAxis(histogram: SpanNode, name: string): Axis {
  const axis = member(histogram, name);
  if (axis === null) throw new CorruptFileError(`${histogram.className} has no ${name}`);
  return axisOf(axis, name);
}

/** Decodes a TAxis. CorruptFileError when its bins are impossible; `name` is what messages call it. */
export function axisOf(axis: SpanNode, name: string): Axis {
  const nbins = numberOf(axis, 'fNbins');
  const edges = doublesOf(axis, 'fXbins');
  if (nbins < 0 || (edges.length > 0 && edges.length !== nbins + 1)) {
    throw new CorruptFileError(`${name} has impossible bins`, { offset: axis.start, expected: nbins + 1, found: edges.length });
  }
  const bits2 = numberOf(axis, 'fBits2', 0, 0);
  return {
    nbins,
    xmin: numberOf(axis, 'fXmin'),
    xmax: numberOf(axis, 'fXmax'),
    edges,
    hasRange: (numberOf(axis, 'fBits') & AXIS_RANGE) !== 0,
    first: numberOf(axis, 'fFirst', 0, 0),
    last: numberOf(axis, 'fLast', 0, 0),
    canExtend: (bits2 & CAN_EXTEND) !== 0,
    grows: (bits2 & (CAN_EXTEND | ALPHANUMERIC)) === CAN_EXTEND,
    labels: decodeLabels(axis),
  };
}

/** A member array of f64, or of f32 as TAxis had before version 5. */
export function doublesOf(node: SpanNode, path: string): Float64Array {
  const span = arrayOf(node, path);
  if (span === null) return new Float64Array(0);
  const view = new DataView(span.bytes.buffer, span.bytes.byteOffset, span.bytes.byteLength);
  const values = new Float64Array(span.count);
  for (let i = 0; i < span.count; i++) {
    const at = span.start + i * span.width;
    values[i] = span.width === 4 ? view.getFloat32(at) : view.getFloat64(at);
  }
  return values;
}

/** fLabels is a list of TObjString whose fUniqueID is the bin. */
function decodeLabels(axis: SpanNode): ReadonlyMap<number, string> | undefined {
  const list = member(axis, 'fLabels');
  const items = list === null ? [] : listItems(list);
  if (items.length === 0) return undefined;
  const labels = new Map<number, string>();
  for (const item of items) {
    if (item.target === null) continue;
    const text = textOf(item.target, 'fString', '');
    if (text !== '') labels.set(numberOf(item.target, 'fUniqueID', 0, 0), text);
  }
  return labels;
}

/** True when an axis has limits; without, ROOT chooses them when enough fills are in the buffer. */
export function hasLimits(axis: Axis): boolean {
  return axis.xmin < axis.xmax;
}

/** Why two axes with limits cannot be added bin by bin, or undefined when they can. Labels are not looked at. */
export function axisDifference(a: Axis, b: Axis): string | undefined {
  if (a.nbins !== b.nbins) return `${b.nbins} bins instead of ${a.nbins}`;
  const width = (a.xmax - a.xmin) / a.nbins;
  if (!near(a.xmin, b.xmin, width) || !near(a.xmax, b.xmax, width)) {
    return `limits ${b.xmin} to ${b.xmax} instead of ${a.xmin} to ${a.xmax}`;
  }
  if (a.edges.length === 0 && b.edges.length === 0) return undefined;
  for (let i = 0; i <= a.nbins; i++) {
    const [edge, other] = [edgeOf(a, i), edgeOf(b, i)];
    if (!near(edge, other, narrowerBin(a, i))) return `bin edge ${i} at ${other} instead of ${edge}`;
  }
  return undefined;
}

/** Width of the narrower of the bins at an edge: bins of one axis may differ by many powers of ten. */
function narrowerBin(axis: Axis, i: number): number {
  const below = i > 0 ? edgeOf(axis, i) - edgeOf(axis, i - 1) : Infinity;
  const above = i < axis.nbins ? edgeOf(axis, i + 1) - edgeOf(axis, i) : Infinity;
  return Math.min(below, above);
}

/** True for limits or edges that are the same but for rounding; beside a bin without end they must be equal. */
function near(a: number, b: number, width: number): boolean {
  return a === b || (width !== Infinity && Math.abs(a - b) < LIMIT_TOLERANCE * width);
}

function edgeOf(axis: Axis, i: number): number {
  return axis.edges.length > 0 ? (axis.edges[i] as number) : axis.xmin + (i * (axis.xmax - axis.xmin)) / axis.nbins;
}

/** The first bin whose label differs, as a sentence; undefined when all labels agree bin by bin. */
export function labelDifference(a: Axis, b: Axis): string | undefined {
  if (a.labels === undefined && b.labels === undefined) return undefined;
  for (let bin = 1; bin <= a.nbins; bin++) {
    const [label, other] = [a.labels?.get(bin) ?? '', b.labels?.get(bin) ?? ''];
    if (label !== other) return `bin ${bin} is labelled '${other}' instead of '${label}'`;
  }
  return undefined;
}

/** Bin of a value: 0 underflow, nbins + 1 overflow; NaN is overflow. Equal bins are right to the last bit of their edges. */
export function findBin(axis: Axis, x: number): number {
  const { nbins, xmin, xmax, edges } = axis;
  if (x < xmin) return 0;
  if (!(x < xmax)) return nbins + 1;
  return edges.length > 0 ? findUnequalBin(edges, x) : findEqualBin(nbins, xmin, xmax, x);
}

/** Centre of a bin; under- and overflow are taken as one mean bin width wide. */
export function binCenter(axis: Axis, bin: number): number {
  if (axis.edges.length === 0 || bin < 1 || bin > axis.nbins) {
    return axis.xmin + (bin - 0.5) * ((axis.xmax - axis.xmin) / axis.nbins);
  }
  const low = axis.edges[bin - 1] as number;
  return low + 0.5 * ((axis.edges[bin] as number) - low);
}
