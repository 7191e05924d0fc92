/** A histogram in native numbers: what merging the general way works on. */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import { numberOf } from '../../io/root/streamer/member.ts';
import { arrayOf } from '../../io/root/streamer/member-list.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { AXIS_NAMES, decodeAxis, doublesOf, hasLimits, type Axis } from '../bins/axis.ts';
import { decodeCells, type Cells } from '../bins/cells.ts';
import type { HistogramKind } from './histogram-kind.ts';

/** Bit of TH1::fBits (kIsAverage): bins are averages, not sums. */
export const IS_AVERAGE: number = 1 << 18;
/** Bit of TH1::fBits (kIsNotW): weights do not switch fSumw2 on. */
const IS_NOT_WEIGHTED = 1 << 19;
/** TH1::EStatOverflows: kConsider. */
export const CONSIDER_OVERFLOWS = 1;

/** Fills that were not binned yet: `count` times (weight, coordinates…), `stride` doubles each, from `values[1]` on. */
export interface PendingFills {
  values: Float64Array;
  count: number;
  stride: number;
}

/** A decoded histogram. Arrays with 0 elements are not stored. */
export interface Histogram {
  readonly kind: HistogramKind;
  /** As many as dimensions. */
  readonly axes: readonly Axis[];
  readonly cells: Cells;
  /** Sum of squared weights per bin; profiles: sum of w*y*y. */
  sumw2: Float64Array;
  /** Profiles: sum of w, and of w*w, per bin. */
  binEntries: Float64Array;
  binSumw2: Float64Array;
  /** Values of `kind.statistics`. */
  statistics: Float64Array;
  entries: number;
  isAverage: boolean;
  isNotWeighted: boolean;
  /** Under- and overflow count in statistics. */
  countsOverflows: boolean;
  /** Limits of the profiled quantity; equal: none. */
  profileLimits: readonly [number, number];
  /** Doubles in fBuffer; 0: no buffer. */
  bufferLength: number;
  pending: PendingFills;
}

/** Decodes a walked histogram. CorruptFileError when sizes contradict each other, UnsupportedError when a part is opaque. */
export function decodeHistogram(graph: SpanGraph, kind: HistogramKind): Histogram {
  const { root } = graph;
  if (root.kind !== 'object') {
    throw new UnsupportedError(`${kind.className} cannot be decoded: ${graph.opaque[0]?.reason ?? 'no streamer info'}`);
  }
  const span = arrayOf(root, kind.arrayClass);
  if (span === null) throw new CorruptFileError(`${kind.className} has no ${kind.arrayClass}`);
  const axes = AXIS_NAMES.slice(0, kind.dimension).map((name) => decodeAxis(root, name));
  const bits = numberOf(root, 'fBits');
  const histogram: Histogram = {
    kind,
    axes,
    cells: decodeCells(kind.cellType, span),
    sumw2: doublesOf(root, 'fSumw2'),
    binEntries: kind.isProfile ? doublesOf(root, 'fBinEntries') : new Float64Array(0),
    binSumw2: kind.isProfile ? doublesOf(root, 'fBinSumw2') : new Float64Array(0),
    statistics: Float64Array.from(kind.statistics, (name) => numberOf(root, name, 0, 0)),
    entries: numberOf(root, 'fEntries'),
    isAverage: (bits & IS_AVERAGE) !== 0,
    isNotWeighted: (bits & IS_NOT_WEIGHTED) !== 0,
    countsOverflows: numberOf(root, 'fStatOverflows', 0, 0) === CONSIDER_OVERFLOWS,
    profileLimits: kind.isProfile
      ? [numberOf(root, kind.profileLimits[0] as string), numberOf(root, kind.profileLimits[1] as string)]
      : [0, 0],
    ...decodeBuffer(doublesOf(root, 'fBuffer'), kind),
  };
  checkSizes(histogram, numberOf(root, 'fNcells'));
  return histogram;
}

/** fBuffer[0] is the number of fills; negative: they were binned already, and the buffer is of no use any more. */
function decodeBuffer(values: Float64Array, kind: HistogramKind): Pick<Histogram, 'bufferLength' | 'pending'> {
  const stride = kind.dimension + (kind.isProfile ? 2 : 1);
  const count = Math.max(0, Math.trunc(values[0] ?? 0));
  if (count * stride + 1 > values.length && count > 0) {
    throw new CorruptFileError('fill buffer is shorter than it says', { expected: count * stride + 1, found: values.length });
  }
  return { bufferLength: values.length, pending: { values, count, stride } };
}

function checkSizes(h: Histogram, cells: number): void {
  const count = h.axes.reduce((product, axis) => product * (axis.nbins + 2), 1);
  if (cells !== count) throw new CorruptFileError('fNcells does not fit the axes', { expected: count, found: cells });
  const arrays: [string, { length: number }, boolean][] = [
    ['bins', h.cells, false],
    ['fSumw2', h.sumw2, !h.kind.isProfile],
    ['fBinEntries', h.binEntries, !h.kind.isProfile],
    ['fBinSumw2', h.binSumw2, true],
  ];
  for (const [name, array, optional] of arrays) {
    if (array.length !== count && !(optional && array.length === 0)) {
      throw new CorruptFileError(`${name} do not fit the axes`, { expected: count, found: array.length });
    }
  }
}

/** True when all axes have limits. */
export function allAxesHaveLimits(h: Histogram): boolean {
  return h.axes.every((axis) => hasLimits(axis));
}

/** True when nothing was ever filled: adding it changes nothing. */
export function isEmptyHistogram(h: Histogram): boolean {
  return !hasContents(h) && h.pending.count === 0 && h.statistics.every((v) => v === 0);
}

/** True when bins were filled or set. */
export function hasContents(h: Histogram): boolean {
  const isSet = (v: number | bigint): boolean => Number(v) !== 0;
  return h.entries !== 0 || h.cells.some(isSet) || h.sumw2.some(isSet) || h.binEntries.some(isSet);
}
