/**
 * Histograms that a program books and fills: TH1, TH2, TH3 with cells of 8 to 64-bit integers, floats or doubles, and
 * TProfile, TProfile2D, TProfile3D. The object is the one JSROOT draws; filling changes it as ROOT's own Fill does, cell by cell and
 * sum by sum (ROOT hist/hist/src/TH1.cxx, TH2.cxx, TH3.cxx, TProfile*.cxx), so that a file written here equals one written there.
 */
import { UnsupportedError, UsageError } from '../../../errors.ts';
import type { RootObject } from '../streamer/root-object.ts';
import {
  addLabel,
  canExtend,
  createAxis,
  findBin,
  findLabel,
  isAlphanumeric,
  labelValue,
  stopExtending,
  type AxisObject,
  type AxisSpec,
} from './axis.ts';
import { Cells } from './cells.ts';
import { addDrawingMethods } from './drawing-methods.ts';
import { extendAxis, inflateAxis, type BinMove } from './growth.ts';
import {
  classParts,
  completeObject,
  rangeMembers,
  type Coordinate,
  type HistogramClass,
  type HistogramObject,
  type SumName,
} from './histogram-object.ts';

/** What to book. */
export interface HistogramSpec {
  className: HistogramClass;
  name: string;
  title?: string;
  /** One axis per dimension. */
  axes: readonly AxisSpec[];
  /** Keep the sums of squared weights from the start; else they are kept from the first weight that is not 1 on. */
  sumw2?: boolean;
  /** Profiles: values outside of [min, max] are not counted. */
  valueRange?: readonly [number, number];
}

/** fStatOverflows of a histogram whose statistics count what lies outside of its axes, too (TH1::kConsider). */
const CONSIDER_OVERFLOWS = 1;

/** What a coordinate counts with in the statistics; undefined: nothing. */
type Moment = number | undefined;

/** A histogram that can be filled. */
export class Histogram {
  readonly object: HistogramObject;
  readonly #dimension: number;
  /** The coordinate whose mean a profile keeps. */
  readonly #value: Coordinate | undefined;
  /** Members with the range of its values. */
  readonly #range: readonly [min: string, max: string] | undefined;
  readonly #axes: readonly AxisObject[];
  /** Which axes take unknown labels. */
  readonly #labelsGrow: readonly boolean[];
  readonly #cells: Cells;
  /** True for a histogram of ROOT whose first values wait in a buffer for an axis to be chosen from them. */
  readonly #isBuffered: boolean;

  /**
   * Takes an object as it is, one made by JSROOT's `createHistogram`, too: it is completed in place.
   * @param labelsGrow which axes take unknown labels; if left out, those that do in ROOT: where every bin has a label
   */
  constructor(object: RootObject, labelsGrow?: readonly boolean[]) {
    const parts = classParts(object._typename);
    this.#dimension = parts.dimension;
    this.#value = parts.value;
    this.#range = parts.value === undefined ? undefined : rangeMembers(parts.value);
    this.object = completeObject(object, parts);
    this.#axes = [this.object.fXaxis, this.object.fYaxis, this.object.fZaxis].slice(0, this.#dimension);
    this.#labelsGrow = labelsGrow ?? this.#axes.map(isAlphanumeric);
    this.#cells = new Cells(this.object, parts.cellType, this.#cellCount, this.#value !== undefined);
    this.#isBuffered = takeBuffer(this.object) > 0;
    addDrawingMethods(this.object, parts);
  }

  get name(): string {
    return this.object.fName;
  }

  get #cellCount(): number {
    return this.#axes.reduce((count, axis) => count * (axis.fNbins + 2), 1);
  }

  /**
   * Counts a value: one coordinate per axis, then the value of a profile, then the weight (1 if left out). A coordinate
   * may be a label of its axis; UsageError when the axis has no such label and does not grow, UnsupportedError for a histogram
   * whose values are still in a buffer.
   */
  fill(...values: readonly (number | string)[]): void {
    if (this.#isBuffered) {
      throw new UnsupportedError(`${this.name} keeps its values in a buffer until an axis is chosen: it cannot be filled`);
    }
    const count = this.#dimension + (this.#value === undefined ? 0 : 1);
    if (values.length < count || values.length > count + 1) {
      throw new UsageError(`${this.name} is filled with ${count} values and a weight, not with ${values.length}`);
    }
    const value = this.#value === undefined ? undefined : Number(values[count - 1]);
    if (value !== undefined && !this.#isInRange(value)) return;
    this.#refuseUnknownLabels(values);
    const weight = Number(values[count] ?? 1);
    const bins = this.#axes.map((axis, i) => this.#binOf(axis, i, values[i] as number | string));
    if (value === undefined) this.#cells.add(this.#cellOf(bins), weight);
    else this.#cells.addToProfile(this.#cellOf(bins), value, weight);
    this.object.fEntries++;
    const isInside = this.#axes.every((axis, i) => (bins[i] as number) >= 1 && (bins[i] as number) <= axis.fNbins);
    if (!isInside && this.object['fStatOverflows'] !== CONSIDER_OVERFLOWS) return;
    const moments = this.#axes.map((axis, i): Moment => (typeof values[i] === 'string' ? labelValue(axis, bins[i] as number) : values[i]));
    this.#addStatistics(moments, weight);
    if (this.#value !== undefined) this.#addMoments(this.#value, weight, value);
  }

  #isInRange(value: number): boolean {
    if (this.#range === undefined) return true;
    const [low, high] = [Number(this.object[this.#range[0]]), Number(this.object[this.#range[1]])];
    return low === high || (value >= low && value <= high);
  }

  #refuseUnknownLabels(values: readonly (number | string)[]): void {
    this.#axes.forEach((axis, i) => {
      const label = values[i];
      if (typeof label === 'string' && this.#labelsGrow[i] !== true && findLabel(axis, label) === undefined) {
        throw new UsageError(`axis ${String(axis['fName'])} has no label ${label}`);
      }
    });
  }

  /** The bin of a coordinate; the axis grows first where it has to. */
  #binOf(axis: AxisObject, i: number, at: number | string): number {
    if (typeof at === 'string') return findLabel(axis, at) ?? this.#addLabel(axis, i, at);
    const bin = findBin(axis, at);
    if ((bin >= 1 && bin <= axis.fNbins) || !canExtend(axis)) return bin;
    if (Number.isNaN(at)) {
      // ROOT takes it for a sign that ranges found by filling cannot be trusted.
      this.#axes.forEach(stopExtending);
      return bin;
    }
    const before = this.#binCounts;
    const move = extendAxis(axis, at);
    if (move === undefined) return bin;
    this.#rearrange(before, i, move);
    return findBin(axis, at);
  }

  #addLabel(axis: AxisObject, i: number, label: string): number {
    const before = this.#binCounts;
    if ((axis.fLabels?.arr.length ?? 0) >= axis.fNbins) this.#rearrange(before, i, inflateAxis(axis));
    return addLabel(axis, label);
  }

  /** Bins of each axis, outside ones included. */
  get #binCounts(): number[] {
    return this.#axes.map((axis) => axis.fNbins + 2);
  }

  /** Moves the cells after axis `i` has grown. */
  #rearrange(before: readonly number[], i: number, move: BinMove): void {
    this.#cells.rearrange(this.#cellCount, (cell) => {
      let rest = cell;
      const bins = before.map((count, axis) => {
        const bin = rest % count;
        rest = (rest - bin) / count;
        return axis === i ? (move[bin] as number) : bin;
      });
      return this.#cellOf(bins);
    });
  }

  #cellOf(bins: readonly number[]): number {
    const [nx, ny] = [this.object.fXaxis.fNbins + 2, this.object.fYaxis.fNbins + 2];
    return (bins[0] as number) + nx * ((bins[1] ?? 0) + ny * (bins[2] ?? 0));
  }

  #addStatistics([x, y, z]: readonly Moment[], w: number): void {
    this.#sum('fTsumw', w);
    this.#sum('fTsumw2', w * w);
    this.#addMoments('x', w, x);
    this.#addMoments('y', w, y);
    this.#addMoments('z', w, z);
    if (x !== undefined && y !== undefined) this.#sum('fTsumwxy', w * x * y);
    if (x !== undefined && z !== undefined) this.#sum('fTsumwxz', w * x * z);
    if (y !== undefined && z !== undefined) this.#sum('fTsumwyz', w * y * z);
  }

  #addMoments(coordinate: Coordinate, w: number, value: Moment): void {
    if (value === undefined) return;
    this.#sum(`fTsumw${coordinate}`, w * value);
    this.#sum(`fTsumw${coordinate}2`, w * value * value);
  }

  #sum(name: SumName, value: number): void {
    this.object[name] = (this.object[name] ?? 0) + value;
  }

  /** Keeps the sums of squared weights from now on. */
  sumw2(): void {
    this.#cells.keepSquares();
  }

  /** Empties cells and statistics; the booking stays. */
  reset(): void {
    this.object.fEntries = 0;
    for (const name of Object.keys(this.object)) if (name.startsWith('fTsumw')) this.object[name] = 0;
    this.#cells.reset();
  }
}

/**
 * Number of values in the buffer that are in no bin yet. A buffer whose values were binned (its first number, their count, is negative)
 * is dropped: ROOT would empty the bins to fill it on.
 */
function takeBuffer(object: HistogramObject): number {
  const count = Number((object['fBuffer'] as ArrayLike<number> | null)?.[0] ?? 0);
  if (count <= 0) Object.assign(object, { fBuffer: [], fBufferSize: 0 });
  return count;
}

/** Books a histogram. UsageError when class and axes do not fit together. */
export function createHistogram(spec: HistogramSpec): Histogram {
  const { className, name, title = '', axes, valueRange } = spec;
  const { dimension, value } = classParts(className);
  if (axes.length !== dimension) throw new UsageError(`a ${className} has ${dimension} axes, not ${axes.length}`);
  if (valueRange !== undefined && value === undefined) throw new UsageError(`a ${className} has no range of values, only profiles do`);
  const range = value === undefined ? {} : Object.fromEntries(rangeMembers(value).map((member, i) => [member, valueRange?.[i] ?? 0]));
  const object = {
    _typename: className,
    fName: name,
    fTitle: title,
    fXaxis: createAxis('xaxis', axes[0]),
    fYaxis: createAxis('yaxis', axes[1]),
    fZaxis: createAxis('zaxis', axes[2]),
  };
  const histogram = new Histogram(
    { ...object, ...range },
    axes.map((axis) => 'labels' in axis && axis.grow === true),
  );
  if (spec.sumw2 === true) histogram.sumw2();
  return histogram;
}
