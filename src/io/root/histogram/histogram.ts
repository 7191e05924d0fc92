/**
 * Histograms that a program books and fills: TH1, TH2, TH3 with cells of 8, 16 or 32-bit integers, floats or doubles, and
 * TProfile. The object is the one JSROOT draws; filling changes it as ROOT's own Fill does, cell by cell and sum by sum
 * (ROOT hist/hist/src/TH1.cxx, TH2.cxx, TH3.cxx, TProfile.cxx), so that a file written here equals one written there.
 */
import { UnsupportedError, UsageError } from '../../../errors.ts';
import type { RootObject } from '../streamer/root-object.ts';
import { completeAxis, createAxis, findBin, findLabel, labelValue, type AxisObject, type AxisSpec } from './axis.ts';
import { Cells } from './cells.ts';

/** Classes that can be booked. */
export type HistogramClass = `TH${1 | 2 | 3}${'C' | 'S' | 'I' | 'F' | 'D'}` | 'TProfile';

/** What to book. */
export interface HistogramSpec {
  className: HistogramClass;
  name: string;
  title?: string;
  /** One axis per dimension; a TProfile has one. */
  axes: readonly AxisSpec[];
  /** Keep the sums of squared weights from the start; else they are kept from the first weight that is not 1 on. */
  sumw2?: boolean;
  /** TProfile: y values outside of [min, max] are not counted. */
  yRange?: readonly [number, number];
}

const BASE_MEMBERS = {
  fUniqueID: 0, fBits: 8, fLineColor: 602, fLineStyle: 1, fLineWidth: 1, fFillColor: 0, fFillStyle: 1001, fMarkerColor: 1, fMarkerStyle: 1,
  fMarkerSize: 1, fBarOffset: 0, fBarWidth: 1000, fEntries: 0, fTsumw: 0, fTsumw2: 0, fTsumwx: 0, fTsumwx2: 0, fMaximum: -1111, fMinimum: -1111,
  fNormFactor: 0, fOption: '', fBufferSize: 0, fBinStatErrOpt: 0, fStatOverflows: 2,
};
const MEMBERS: Readonly<Record<number, object>> = {
  1: {},
  2: { fScalefactor: 1, fTsumwy: 0, fTsumwy2: 0, fTsumwxy: 0 },
  3: { fTsumwy: 0, fTsumwy2: 0, fTsumwxy: 0, fTsumwz: 0, fTsumwz2: 0, fTsumwxz: 0, fTsumwyz: 0 },
};
const PROFILE_MEMBERS = { fErrorMode: 0, fYmin: 0, fYmax: 0, fTsumwy: 0, fTsumwy2: 0 };

/** Sums a fill adds to. */
type SumName = `fTsumw${'' | '2' | 'x' | 'x2' | 'y' | 'y2' | 'xy' | 'z' | 'z2' | 'xz' | 'yz'}`;

/** A histogram object, see root-object.ts. */
export interface HistogramObject extends RootObject, Partial<Record<SumName, number>> {
  fName: string;
  fTitle: string;
  fNcells: number;
  fEntries: number;
  fXaxis: AxisObject;
  fYaxis: AxisObject;
  fZaxis: AxisObject;
  fArray: ArrayLike<number>;
  fSumw2: ArrayLike<number>;
}

/** The bin of each coordinate, and what it counts with in the statistics (undefined: nothing). */
interface Hit {
  bins: number[];
  values: (number | undefined)[];
  /** Inside of all axes: only then the statistics count it. */
  inside: boolean;
}

/** A histogram that can be filled. */
export class Histogram {
  readonly object: HistogramObject;
  readonly #dimension: number;
  readonly #profile: boolean;
  readonly #axes: readonly AxisObject[];
  readonly #cells: Cells;

  /** Takes an object as it is, one made by JSROOT's `createHistogram`, too: it is completed in place. */
  constructor(object: RootObject) {
    const parts = /^TH([123])([CSIFD])$/.exec(object._typename);
    this.#profile = object._typename === 'TProfile';
    if (parts === null && !this.#profile) throw new UnsupportedError(`objects of class ${object._typename} are not filled`);
    this.#dimension = Number(parts?.[1] ?? 1);
    this.object = complete(object, this.#dimension, this.#profile);
    this.#axes = [this.object.fXaxis, this.object.fYaxis, this.object.fZaxis].slice(0, this.#dimension);
    const cellCount = this.#axes.reduce((count, axis) => count * (axis.fNbins + 2), 1);
    this.#cells = new Cells(this.object, parts?.[2] ?? 'D', cellCount, this.#profile);
  }

  get name(): string {
    return this.object.fName;
  }

  /**
   * Counts a value: one coordinate per axis, then the y value of a TProfile, then the weight (1 if left out). A coordinate
   * may be a label of its axis; UsageError when the axis has no such label.
   */
  fill(...values: readonly (number | string)[]): void {
    const count = this.#dimension + (this.#profile ? 1 : 0);
    if (values.length < count || values.length > count + 1) throw new UsageError(`${this.name} is filled with ${count} values and a weight, not with ${values.length}`);
    const weight = Number(values[count] ?? 1);
    if (this.#profile) this.#fillProfile(values[0] as number | string, Number(values[1]), weight);
    else this.#fillCells(values, weight);
  }

  #locate(values: readonly (number | string)[]): Hit {
    const hit: Hit = { bins: [], values: [], inside: true };
    this.#axes.forEach((axis, i) => {
      const value = values[i] as number | string;
      const bin = typeof value === 'string' ? findLabel(axis, value) : findBin(axis, value);
      hit.bins.push(bin);
      hit.values.push(typeof value === 'string' ? labelValue(axis, bin) : value);
      hit.inside &&= bin >= 1 && bin <= axis.fNbins;
    });
    return hit;
  }

  #cellOf(bins: readonly number[]): number {
    const [nx, ny] = [this.object.fXaxis.fNbins + 2, this.object.fYaxis.fNbins + 2];
    return (bins[0] as number) + nx * ((bins[1] ?? 0) + ny * (bins[2] ?? 0));
  }

  #fillCells(at: readonly (number | string)[], w: number): void {
    const hit = this.#locate(at);
    this.object.fEntries++;
    this.#cells.add(this.#cellOf(hit.bins), w);
    if (!hit.inside) return;
    const [x, y, z] = hit.values;
    this.#sum('fTsumw', w);
    this.#sum('fTsumw2', w * w);
    this.#addMoments('x', w, x);
    this.#addMoments('y', w, y);
    this.#addMoments('z', w, z);
    if (x !== undefined && y !== undefined) this.#sum('fTsumwxy', w * x * y);
    if (x !== undefined && z !== undefined) this.#sum('fTsumwxz', w * x * z);
    if (y !== undefined && z !== undefined) this.#sum('fTsumwyz', w * y * z);
  }

  #fillProfile(at: number | string, y: number, w: number): void {
    const [low, high] = [Number(this.object['fYmin']), Number(this.object['fYmax'])];
    if (low !== high && !(y >= low && y <= high)) return;
    const hit = this.#locate([at]);
    this.object.fEntries++;
    this.#cells.addToProfile(hit.bins[0] as number, y, w);
    if (!hit.inside) return;
    this.#sum('fTsumw', w);
    this.#sum('fTsumw2', w * w);
    this.#addMoments('x', w, hit.values[0]);
    this.#addMoments('y', w, y);
  }

  #addMoments(coordinate: 'x' | 'y' | 'z', w: number, value: number | undefined): void {
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

/** Books a histogram. UsageError when class and axes do not fit together. */
export function createHistogram(spec: HistogramSpec): Histogram {
  const { className, name, title = '', axes } = spec;
  const dimension = className === 'TProfile' ? 1 : Number(className[2]);
  if (axes.length !== dimension) throw new UsageError(`a ${className} has ${dimension} axes, not ${axes.length}`);
  const object = { _typename: className, fName: name, fTitle: title, fXaxis: createAxis('xaxis', axes[0]), fYaxis: createAxis('yaxis', axes[1]), fZaxis: createAxis('zaxis', axes[2]) };
  const [fYmin, fYmax] = spec.yRange ?? [0, 0];
  const histogram = new Histogram(className === 'TProfile' ? { ...object, fYmin, fYmax } : object);
  if (spec.sumw2 === true) histogram.sumw2();
  return histogram;
}

/** Gives an object the members it lacks; arrays and lists are new ones for each object. */
function complete(object: RootObject, dimension: number, profile: boolean): HistogramObject {
  const given = { ...object };
  Object.assign(object, { fName: '', fTitle: '', ...BASE_MEMBERS, ...MEMBERS[dimension], ...(profile ? PROFILE_MEMBERS : {}) });
  Object.assign(object, { fSumw2: [], fContour: [], fBuffer: [], fFunctions: emptyFunctions() }, given);
  const histogram = object as HistogramObject;
  for (const name of ['x', 'y', 'z'] as const) {
    const member = `f${name.toUpperCase() as 'X' | 'Y' | 'Z'}axis` as const;
    histogram[member] = completeAxis(`${name}axis`, given[member] as AxisObject | undefined);
  }
  const functions = histogram['fFunctions'] as { name?: string } | null;
  // JSROOT gives a list the name of its class.
  if (functions === null) histogram['fFunctions'] = emptyFunctions();
  else if (functions.name === 'TList' || functions.name === undefined) functions.name = '';
  return histogram;
}

/** The list of functions; ROOT guards it by a lock (TCollection::kUseRWLock), and stores that. */
function emptyFunctions(): RootObject {
  return { _typename: 'TList', fUniqueID: 0, fBits: 0x1_0000, name: '', arr: [], opt: [] };
}
