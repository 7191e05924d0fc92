/**
 * Which members of a histogram's payload add, and by which rule a payload is summed.
 * Positions come from layout programs, so that a small histogram costs about 1 µs.
 */
import type { AddKernel, Kernels } from '../../io/codec/kernels.ts';
import type { LayoutSpan, ObjectLayout } from '../../io/root/streamer/layout.ts';
import { COUNTED_VERSION, TypeCode, countedBytes } from '../../io/root/streamer/type-codes.ts';
import { AXIS_RANGE, CAN_EXTEND } from '../bins/axis.ts';
import { cellBytes } from '../bins/cells.ts';
import { CONSIDER_OVERFLOWS, IS_AVERAGE } from './histogram.ts';
import type { HistogramKind } from './histogram-kind.ts';
import { addedMembers, doubleAt, memberPlaces, valueCount, type MemberPlaces, type Place } from './member-places.ts';
import { RecomputedStatistics } from './recomputed-statistics.ts';

/** Bytes of a frame: byte count and version. */
const FRAME_BYTES = 6;
/** fBits in a TNamed: behind the TNamed's frame, the TObject's version and fUniqueID. */
const NAMED_BITS_AT = FRAME_BYTES + 6;
/** fBits in a TAxis, whose first member is its TNamed. */
const AXIS_BITS_AT = FRAME_BYTES + NAMED_BITS_AT;
/** Most spans of a layout. */
export const MAX_SPANS = 32;

/** How a payload is to be summed. */
export type SumRule =
  /** By adding its additive members. */
  | 'add'
  /** So too, once the statistics were worked out from the bins (TH1::GetStats). */
  | 'recompute'
  /** By decoding it. */
  | 'decode';

/** The layout of one class version. Spans are (position, number of values) pairs, as ObjectLayout.scan gives them. */
export class AdditiveLayout {
  readonly kind: HistogramKind;
  readonly object: ObjectLayout;
  /** Indices of the additive spans, in the order of the stream. */
  readonly added: Int32Array;
  /** Kernel and bytes of one value, by span index. */
  readonly kernels: readonly (AddKernel | undefined)[];
  readonly widths: readonly number[];
  readonly #places: MemberPlaces;
  /** fBits from the payload's start. */
  readonly #bitsAt: number;
  readonly #recomputed: RecomputedStatistics;

  constructor(kind: HistogramKind, object: ObjectLayout, kernels: Kernels) {
    this.kind = kind;
    this.object = object;
    const { spans } = object;
    const added = new Set(addedMembers(kind));
    this.added = Int32Array.from(spans.keys()).filter((k) => spans[k]?.members.some((name) => added.has(name)));
    this.kernels = spans.map((span) => kernelOf(span, kernels));
    this.widths = spans.map((span) => span.width);
    this.#places = memberPlaces(kind, object);
    this.#bitsAt = FRAME_BYTES * classesBeforeNamed(kind) + NAMED_BITS_AT;
    this.#recomputed = new RecomputedStatistics(kind, object, this.#places);
  }

  /** False when a member that is needed is missing or of another type: then objects must be decoded. */
  get isComplete(): boolean {
    const { spans } = this.object;
    const { cells, sumw2, binEntries, ncells, barOffset, buffer, entries, statistics, axes } = this.#places;
    const needed = [cells, sumw2, ncells, barOffset, buffer, entries.span];
    if (this.kind.isProfile) needed.push(binEntries);
    const doubles = [entries, ...statistics, ...axes.flatMap(({ xmin, xmax, edges }) => [xmin, xmax, edges])];
    return (
      needed.every((span) => span >= 0) &&
      axes.every(({ nbins }) => nbins.span >= 0) &&
      doubles.every(({ span }) => span >= 0 && spans[span]?.type === TypeCode.double) &&
      this.added.every((span) => this.kernels[span] !== undefined) &&
      this.widths[cells] === cellBytes(this.kind.cellType) &&
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
    const { statistics, entries } = this.#places;
    const { isProfile, dimension } = this.kind;
    const sumOfWeights = doubleAt(view, at, statistics[0] as Place);
    if (sumOfWeights === 0 && (isProfile || doubleAt(view, at, entries) > 0)) {
      return this.#canRecompute(view, at) ? 'recompute' : 'decode';
    }
    // TProfile below version 4 did not store its sums of y.
    const isOldProfile = isProfile && dimension === 1 && doubleAt(view, at, statistics[4] as Place) === 0;
    return isOldProfile ? 'decode' : 'add';
  }

  /** No average, no buffer, axes with limits and without range, and as many cells in all arrays as the axes have. */
  #isRegular(view: DataView, start: number, at: Int32Array): boolean {
    if ((view.getUint16(start + this.#bitsAt - 6) & COUNTED_VERSION) !== 0) return false;
    if ((view.getUint32(start + this.#bitsAt) & IS_AVERAGE) !== 0) return false;
    if (valueCount(at, this.#places.buffer) > 0 || !this.#lengthsFit(view, at)) return false;
    // The axes stand one behind the other after fNcells, each with a byte count.
    let axis = (at[2 * this.#places.ncells] as number) + 4;
    for (const { xmin, xmax } of this.#places.axes) {
      if ((view.getUint16(axis + AXIS_BITS_AT - 6) & COUNTED_VERSION) !== 0) return false;
      if ((view.getUint32(axis + AXIS_BITS_AT) & AXIS_RANGE) !== 0) return false;
      if (!(doubleAt(view, at, xmin) < doubleAt(view, at, xmax))) return false;
      axis += 4 + countedBytes(view.getUint32(axis));
    }
    return true;
  }

  #lengthsFit(view: DataView, at: Int32Array): boolean {
    let cells = 1;
    for (const { nbins, edges } of this.#places.axes) {
      const bins = view.getInt32(at[2 * nbins.span] as number);
      if (valueCount(at, edges.span) !== 0 && valueCount(at, edges.span) !== bins + 1) return false;
      cells *= bins + 2;
    }
    const { isProfile } = this.kind;
    const places = this.#places;
    const sumw2 = valueCount(at, places.sumw2);
    const binSumw2 = places.binSumw2 < 0 ? 0 : valueCount(at, places.binSumw2);
    return (
      view.getInt32(at[2 * places.ncells] as number) === cells &&
      valueCount(at, places.cells) === cells &&
      (sumw2 === cells || (sumw2 === 0 && !isProfile)) &&
      (!isProfile || (valueCount(at, places.binEntries) === cells && (binSumw2 === cells || binSumw2 === 0)))
    );
  }

  /** Overflows that count, and axes that may carry labels without a position, are left to decoding. */
  #canRecompute(view: DataView, at: Int32Array): boolean {
    const { statOverflows, axes } = this.#places;
    if (statOverflows >= 0 && view.getInt32(at[2 * statOverflows] as number) === CONSIDER_OVERFLOWS) return false;
    return axes.every(({ bits2 }) => bits2.span < 0 || (view.getUint16(at[2 * bits2.span] as number) & CAN_EXTEND) === 0);
  }

  /** Works out the statistics of a payload with the rule 'recompute' from its bins, and stores them in it. */
  recompute(view: DataView, at: Int32Array): void {
    this.#recomputed.store(view, at);
  }

  /** Position and length in bytes of everything from fNcells to the last axis. */
  axesOf(at: Int32Array): { start: number; bytes: number } {
    const start = at[2 * this.#places.ncells] as number;
    return { start, bytes: (at[2 * this.#places.barOffset] as number) - start };
  }
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
