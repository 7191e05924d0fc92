/**
 * Where the additive members of a histogram's payload stand in memory, and how they are added.
 * Positions come from layout programs, so that a small histogram costs about 1 µs.
 */
import type { AddKernel, Kernels } from '../../io/codec/kernels.ts';
import type { LayoutSpan, ObjectLayout } from '../../io/root/streamer/layout.ts';
import { TypeCode, countedBytes } from '../../io/root/streamer/type-codes.ts';
import { AXIS_NAMES, AXIS_RANGE, CAN_EXTEND, type Axis } from '../bins/axis.ts';
import { cellBytes } from '../bins/cells.ts';
import { CONSIDER_OVERFLOWS, IS_AVERAGE } from './histogram.ts';
import type { HistogramKind } from './histogram-kind.ts';
import { statisticsFromBins, type BinArrays } from './statistics.ts';

/** Bytes of a frame: byte count and version. */
const FRAME_BYTES = 6;
/** fBits in a TNamed: behind the TNamed's frame, the TObject's version and fUniqueID. */
const NAMED_BITS_AT = FRAME_BYTES + 6;
/** fBits in a TAxis, whose first member is its TNamed. */
const AXIS_BITS_AT = FRAME_BYTES + NAMED_BITS_AT;
/** In a TObject's version word: a byte count stands before it, so that positions differ. */
const COUNTED_VERSION = 0x4000;
/** Most spans of a layout. */
export const MAX_SPANS = 32;

/** Members that add, but for those of `HistogramKind.statistics`. */
const ADDED = ['fArray', 'fSumw2', 'fBinEntries', 'fBinSumw2', 'fEntries'];
/** Members that are looked at. */
const INSPECTED = ['fNcells', 'fBarOffset', 'fBuffer', 'fStatOverflows'];
const INSPECTED_OF_AXIS = ['fNbins', 'fXmin', 'fXmax', 'fXbins', 'fBits2'];

/** How a payload is to be summed. */
export type SumRule =
  /** By adding its additive members. */
  | 'add'
  /** So too, once the statistics were worked out from the bins (TH1::GetStats). */
  | 'recompute'
  /** By decoding it. */
  | 'decode';

/** A member: its span, and its index in it; span -1: the class has no such member. */
interface Place {
  span: number;
  index: number;
}

/** Paths a layout program is asked for. */
export function wantedMembers(kind: HistogramKind): string[] {
  const ofAxes = AXIS_NAMES.slice(0, kind.dimension).flatMap((axis) => INSPECTED_OF_AXIS.map((name) => `${axis}.${name}`));
  return [...ADDED, ...kind.statistics, ...INSPECTED, ...ofAxes];
}

/** The layout of one class version. Spans are (position, number of values) pairs, as ObjectLayout.scan gives them. */
export class AdditiveLayout {
  readonly kind: HistogramKind;
  readonly object: ObjectLayout;
  /** Indices of the additive spans, in the order of the stream. */
  readonly added: Int32Array;
  /** Kernel and bytes of one value, by span index. */
  readonly kernels: readonly (AddKernel | undefined)[];
  readonly widths: readonly number[];
  /** Spans that were asked for, or -1. */
  readonly #cells: number;
  readonly #sumw2: number;
  readonly #binEntries: number;
  readonly #binSumw2: number;
  readonly #ncells: number;
  readonly #barOffset: number;
  readonly #buffer: number;
  readonly #statOverflows: number;
  readonly #entries: Place;
  readonly #statistics: readonly Place[];
  readonly #axes: readonly AxisPlaces[];
  /** fBits from the payload's start. */
  readonly #bitsAt: number;
  /** What `recompute` works on. */
  readonly #bins: BinArrays & { axes: Axis[]; cells: Float64Array; sumw2: Float64Array; binEntries: Float64Array; binSumw2: Float64Array };

  constructor(kind: HistogramKind, object: ObjectLayout, kernels: Kernels) {
    this.kind = kind;
    this.object = object;
    this.#bins = { kind, axes: [], countsOverflows: false, cells: NONE, sumw2: NONE, binEntries: NONE, binSumw2: NONE };
    const { spans } = object;
    const additive = new Set([...ADDED, ...kind.statistics]);
    this.added = Int32Array.from(spans.keys()).filter((k) => spans[k]?.members.some((name) => additive.has(name)));
    this.kernels = spans.map((span) => kernelOf(span, kernels));
    this.widths = spans.map((span) => span.width);
    this.#cells = this.#place('fArray').span;
    this.#sumw2 = this.#place('fSumw2').span;
    this.#binEntries = this.#place('fBinEntries').span;
    this.#binSumw2 = this.#place('fBinSumw2').span;
    this.#ncells = this.#place('fNcells').span;
    this.#barOffset = this.#place('fBarOffset').span;
    this.#buffer = this.#place('fBuffer').span;
    this.#statOverflows = this.#place('fStatOverflows').span;
    this.#entries = this.#place('fEntries');
    this.#statistics = kind.statistics.map((name) => this.#place(name));
    this.#axes = AXIS_NAMES.slice(0, kind.dimension).map((axis) => this.#axisPlaces(axis));
    this.#bitsAt = FRAME_BYTES * classesBeforeNamed(kind) + NAMED_BITS_AT;
  }

  #place(member: string): Place {
    const span = this.object.spans.findIndex((each) => each.members.includes(member));
    return { span, index: span < 0 ? 0 : (this.object.spans[span]?.members.indexOf(member) as number) };
  }

  #axisPlaces(axis: string): AxisPlaces {
    const [nbins, xmin, xmax, edges, bits2] = INSPECTED_OF_AXIS.map((name) => this.#place(`${axis}.${name}`)) as [
      Place,
      Place,
      Place,
      Place,
      Place,
    ];
    return { nbins, xmin, xmax, edges, bits2 };
  }

  /** False when a member that is needed is missing or of another type: then objects must be decoded. */
  get isComplete(): boolean {
    const { spans } = this.object;
    const needed = [this.#cells, this.#sumw2, this.#ncells, this.#barOffset, this.#buffer, this.#entries.span];
    if (this.kind.isProfile) needed.push(this.#binEntries);
    const doubles = [this.#entries, ...this.#statistics, ...this.#axes.flatMap(({ xmin, xmax, edges }) => [xmin, xmax, edges])];
    return (
      needed.every((span) => span >= 0) &&
      this.#axes.every(({ nbins }) => nbins.span >= 0) &&
      doubles.every(({ span }) => span >= 0 && spans[span]?.type === TypeCode.double) &&
      this.added.every((span) => this.kernels[span] !== undefined) &&
      this.widths[this.#cells] === cellBytes(this.kind.cellType) &&
      spans.length <= MAX_SPANS
    );
  }

  /** True when the spans of both layouts hold the same members, so that they can be added to each other. */
  agreesWith(other: AdditiveLayout): boolean {
    if (this === other) return true;
    const { spans } = other.object;
    return (
      spans.length === this.object.spans.length &&
      this.object.spans.every((span, k) => span.type === spans[k]?.type && span.members.join() === spans[k]?.members.join())
    );
  }

  /** Rule for a payload at `start` whose spans `at` were scanned. */
  ruleOf(view: DataView, start: number, at: Int32Array): SumRule {
    return this.#isRegular(view, start, at) ? this.ruleOfRegular(view, at) : 'decode';
  }

  /** Rule for a payload that equals one with the rule 'add' or 'recompute' but for its numbers. */
  ruleOfRegular(view: DataView, at: Int32Array): SumRule {
    const sumw = this.#double(view, at, this.#statistics[0] as Place);
    const { isProfile, dimension } = this.kind;
    if (sumw === 0 && (isProfile || this.#double(view, at, this.#entries) > 0)) {
      return this.#canRecompute(view, at) ? 'recompute' : 'decode';
    }
    // TProfile below version 4 did not store its sums of y.
    const isOldProfile = isProfile && dimension === 1 && this.#double(view, at, this.#statistics[4] as Place) === 0;
    return isOldProfile ? 'decode' : 'add';
  }

  #double(view: DataView, at: Int32Array, { span, index }: Place): number {
    return view.getFloat64((at[2 * span] as number) + 8 * index);
  }

  /** No average, no buffer, axes with limits and without range, and arrays of fitting lengths. */
  #isRegular(view: DataView, start: number, at: Int32Array): boolean {
    if ((view.getUint16(start + this.#bitsAt - 6) & COUNTED_VERSION) !== 0) return false;
    if ((view.getUint32(start + this.#bitsAt) & IS_AVERAGE) !== 0) return false;
    if (count(at, this.#buffer) > 0 || !this.#lengthsFit(view, at)) return false;
    // The axes stand one behind the other after fNcells, each with a byte count.
    let axis = (at[2 * this.#ncells] as number) + 4;
    for (const { xmin, xmax } of this.#axes) {
      if ((view.getUint16(axis + AXIS_BITS_AT - 6) & COUNTED_VERSION) !== 0) return false;
      if ((view.getUint32(axis + AXIS_BITS_AT) & AXIS_RANGE) !== 0) return false;
      if (!(this.#double(view, at, xmin) < this.#double(view, at, xmax))) return false;
      axis += 4 + countedBytes(view.getUint32(axis));
    }
    return true;
  }

  #lengthsFit(view: DataView, at: Int32Array): boolean {
    let cells = 1;
    for (const { nbins, edges } of this.#axes) {
      const bins = view.getInt32(at[2 * nbins.span] as number);
      if (count(at, edges.span) !== 0 && count(at, edges.span) !== bins + 1) return false;
      cells *= bins + 2;
    }
    const { isProfile } = this.kind;
    const [sumw2, binSumw2] = [count(at, this.#sumw2), this.#binSumw2 < 0 ? 0 : count(at, this.#binSumw2)];
    return (
      count(at, this.#cells) === cells &&
      (sumw2 === cells || (sumw2 === 0 && !isProfile)) &&
      (!isProfile || (count(at, this.#binEntries) === cells && (binSumw2 === cells || binSumw2 === 0)))
    );
  }

  /** Overflows that count, and axes that may carry labels without a position, are left to decoding. */
  #canRecompute(view: DataView, at: Int32Array): boolean {
    if (this.#statOverflows >= 0 && view.getInt32(at[2 * this.#statOverflows] as number) === CONSIDER_OVERFLOWS) return false;
    return this.#axes.every(({ bits2 }) => bits2.span < 0 || (view.getUint16(at[2 * bits2.span] as number) & CAN_EXTEND) === 0);
  }

  /** Works out the statistics of a payload with the rule 'recompute' from its bins, and stores them in it. */
  recompute(view: DataView, at: Int32Array): void {
    const length = count(at, this.#cells);
    if (buffers.cells.length < length) buffers = roomFor(length);
    const bins = this.#bins;
    for (let k = 0; k < this.#axes.length; k++) bins.axes[k] = this.#axisOf(view, at, k);
    bins.cells = this.#read(view, at, this.#cells, buffers.cells);
    bins.sumw2 = this.#read(view, at, this.#sumw2, buffers.sumw2);
    bins.binEntries = this.#read(view, at, this.#binEntries, buffers.binEntries);
    bins.binSumw2 = this.#read(view, at, this.#binSumw2, buffers.binSumw2);
    statisticsFromBins(bins, sums);
    for (let k = 0; k < this.#statistics.length; k++) {
      const { span, index } = this.#statistics[k] as Place;
      view.setFloat64((at[2 * span] as number) + 8 * index, sums[k] as number);
    }
  }

  /** The axis of the last histogram where it is equal, so that its bin centres need not be worked out again. */
  #axisOf(view: DataView, at: Int32Array, k: number): Axis {
    const places = this.#axes[k] as AxisPlaces;
    const nbins = view.getInt32(at[2 * places.nbins.span] as number);
    const xmin = this.#double(view, at, places.xmin);
    const xmax = this.#double(view, at, places.xmax);
    const n = count(at, places.edges.span);
    const last = this.#bins.axes[k];
    if (n === 0 && last?.nbins === nbins && last.xmin === xmin && last.xmax === xmax && last.edges.length === 0) return last;
    const edges = this.#read(view, at, places.edges.span, new Float64Array(n));
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
    if (span < 0 || count(at, span) === 0) return NONE;
    readDoubles(view, at[2 * span] as number, count(at, span), this.object.spans[span]?.type as number, into);
    return into;
  }

  /** Position and length in bytes of everything from fNcells to the last axis. */
  axesOf(at: Int32Array): { start: number; bytes: number } {
    const start = at[2 * this.#ncells] as number;
    return { start, bytes: (at[2 * this.#barOffset] as number) - start };
  }
}

interface AxisPlaces {
  nbins: Place;
  xmin: Place;
  xmax: Place;
  edges: Place;
  bits2: Place;
}

const NONE = new Float64Array(0);
const sums = new Float64Array(13);
/** Bins as doubles, used again by each `recompute`. */
let buffers = roomFor(1024);

function roomFor(length: number): { cells: Float64Array; sumw2: Float64Array; binEntries: Float64Array; binSumw2: Float64Array } {
  const make = (): Float64Array => new Float64Array(length);
  return { cells: make(), sumw2: make(), binEntries: make(), binSumw2: make() };
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

function count(at: Int32Array, span: number): number {
  return at[2 * span + 1] as number;
}

/** Frames in front of the TNamed: the class itself and its bases down to TH1. */
function classesBeforeNamed(kind: HistogramKind): number {
  if (kind.isProfile) return kind.dimension === 1 ? 3 : 4;
  return kind.dimension === 1 ? 2 : 3;
}

function kernelOf(span: LayoutSpan, kernels: Kernels): AddKernel | undefined {
  switch (span.type) {
    case TypeCode.char:
      return kernels.addI8;
    case TypeCode.short:
      return kernels.addI16;
    case TypeCode.int:
      return kernels.addI32;
    case TypeCode.long64:
      return kernels.addI64;
    case TypeCode.float:
      return kernels.addF32;
    case TypeCode.double:
      return kernels.addF64;
    default:
      return undefined;
  }
}
