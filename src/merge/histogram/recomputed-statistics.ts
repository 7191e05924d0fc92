/** Statistics that a payload does not store (TH1::GetStats works them out then): made from its bins, in memory. */
import type { ObjectLayout } from '../../io/root/streamer/layout.ts';
import { TypeCode } from '../../io/root/streamer/type-codes.ts';
import type { Axis } from '../bins/axis.ts';
import type { HistogramKind } from './histogram-kind.ts';
import { doubleAt, valueCount, type AxisPlaces, type MemberPlaces, type Place } from './member-places.ts';
import { statisticsFromBins, type BinArrays } from './statistics.ts';

/** Arrays of a histogram as doubles. */
interface Bins {
  cells: Float64Array;
  sumw2: Float64Array;
  binEntries: Float64Array;
  binSumw2: Float64Array;
}

const NONE = new Float64Array(0);
/** As many as the statistics of any kind. */
const sums = new Float64Array(13);
/** Used again for each payload. */
let buffers = roomFor(1024);

function roomFor(length: number): Bins {
  const make = (): Float64Array => new Float64Array(length);
  return { cells: make(), sumw2: make(), binEntries: make(), binSumw2: make() };
}

/** Works on payloads of one class version. */
export class RecomputedStatistics {
  readonly #spans: ObjectLayout['spans'];
  readonly #places: MemberPlaces;
  readonly #bins: BinArrays & Bins & { axes: Axis[] };

  constructor(kind: HistogramKind, { spans }: ObjectLayout, places: MemberPlaces) {
    this.#spans = spans;
    this.#places = places;
    this.#bins = { kind, axes: [], countsOverflows: false, cells: NONE, sumw2: NONE, binEntries: NONE, binSumw2: NONE };
  }

  /** Works out the statistics of a payload with the spans `at`, and stores them in it. */
  store(view: DataView, at: Int32Array): void {
    const { cells, sumw2, binEntries, binSumw2, axes, statistics } = this.#places;
    const length = valueCount(at, cells);
    if (buffers.cells.length < length) buffers = roomFor(length);
    const bins = this.#bins;
    for (let k = 0; k < axes.length; k++) bins.axes[k] = this.#axisOf(view, at, k);
    bins.cells = this.#read(view, at, cells, buffers.cells);
    bins.sumw2 = this.#read(view, at, sumw2, buffers.sumw2);
    bins.binEntries = this.#read(view, at, binEntries, buffers.binEntries);
    bins.binSumw2 = this.#read(view, at, binSumw2, buffers.binSumw2);
    statisticsFromBins(bins, sums);
    for (let k = 0; k < statistics.length; k++) {
      const { span, index } = statistics[k] as Place;
      view.setFloat64((at[2 * span] as number) + 8 * index, sums[k] as number);
    }
  }

  /** The axis of the last histogram where it is equal, so that its bin centres need not be worked out again. */
  #axisOf(view: DataView, at: Int32Array, k: number): Axis {
    const places = this.#places.axes[k] as AxisPlaces;
    const nbins = view.getInt32(at[2 * places.nbins.span] as number);
    const xmin = doubleAt(view, at, places.xmin);
    const xmax = doubleAt(view, at, places.xmax);
    const edgeCount = valueCount(at, places.edges.span);
    const last = this.#bins.axes[k];
    if (edgeCount === 0 && last?.nbins === nbins && last.xmin === xmin && last.xmax === xmax && last.edges.length === 0) return last;
    const edges = this.#read(view, at, places.edges.span, new Float64Array(edgeCount));
    return {
      nbins,
      xmin,
      xmax,
      edges,
      hasRange: false,
      first: 0,
      last: 0,
      canExtend: false,
      grows: false,
      labels: undefined,
      isShared: true,
    };
  }

  /** The values of a span as doubles, in `into`; an empty array when there are none. */
  #read(view: DataView, at: Int32Array, span: number, into: Float64Array): Float64Array {
    if (span < 0 || valueCount(at, span) === 0) return NONE;
    readDoubles(view, at[2 * span] as number, valueCount(at, span), this.#spans[span]?.type as number, into);
    return into;
  }
}

function readDoubles(view: DataView, at: number, n: number, type: number, into: Float64Array): void {
  switch (type) {
    case TypeCode.char:
      for (let i = 0; i < n; i++) into[i] = view.getInt8(at + i);
      return;
    case TypeCode.short:
      for (let i = 0; i < n; i++) into[i] = view.getInt16(at + 2 * i);
      return;
    case TypeCode.int:
      for (let i = 0; i < n; i++) into[i] = view.getInt32(at + 4 * i);
      return;
    case TypeCode.float:
      for (let i = 0; i < n; i++) into[i] = view.getFloat32(at + 4 * i);
      return;
    case TypeCode.double:
      for (let i = 0; i < n; i++) into[i] = view.getFloat64(at + 8 * i);
      return;
    default:
      for (let i = 0; i < n; i++) into[i] = Number(view.getBigInt64(at + 8 * i));
  }
}
