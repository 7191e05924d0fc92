/**
 * Histograms with their pending fills binned: those that wait in fBuffer when the histogram is written.
 * Sources: ROOT hist/hist/src, BufferFill, BufferEmpty and Fill of TH1, TH2, TH3, TProfile, TProfile2D, TProfile3D.
 */
import { findBin } from '../../io/root/histogram/axis.ts';
import { numberOf } from '../../io/root/streamer/member.ts';
import type { SpanNode } from '../../io/root/streamer/span-graph.ts';
import { TypeCode, isReal } from '../../io/root/streamer/type-codes.ts';
import { AXES, STATISTICS, cellsOf, pendingFills, type Cells } from './histogram-cells.ts';
import { countsOverflows, dimensionOf } from './histogram-numbers.ts';

/** TH1::kIsNotW in fBits: weights do not make the histogram keep their squares. */
const IS_NOT_WEIGHTED = 1 << 19;
/** Sums of each coordinate and of their products, in the order of the coordinates. */
const COORDINATES = ['x', 'y', 'z', 't'];

/** What a histogram holds, see `summaryOf`. */
export interface HistogramSummary {
  /** fEntries, then `STATISTICS`. */
  numbers: Float64Array;
  /** Values of an array member; undefined where it is empty or absent. */
  cells: (name: string) => Cells | undefined;
}

/** Contents and sums of a histogram. Pending fills are counted in the bins of `binned`, a histogram whose axes have limits. */
export function summaryOf(root: SpanNode, binned: SpanNode): HistogramSummary {
  const numbers = Float64Array.from(['fEntries', ...STATISTICS], (name) => numberOf(root, name, 0, 0));
  if (pendingFills(root) === 0 || lacksLimits(binned)) return { numbers, cells: (name) => cellsOf(root, name) };
  const filler = new Filler(root, binned, numbers);
  filler.fillAll();
  return { numbers, cells: (name) => filler.cells(name) };
}

/** True when an axis has no limits yet: they are found from the first fills. */
export function lacksLimits(root: SpanNode): boolean {
  return axesOf(root).some((axis) => numberOf(root, `${axis}.fXmin`) >= numberOf(root, `${axis}.fXmax`));
}

/** The pending fills: for each its weight and coordinates, the value of a profile last. */
export function waitingFills(root: SpanNode): Float64Array {
  const buffer = cellsOf(root, 'fBuffer')?.values;
  return buffer === undefined ? new Float64Array(0) : buffer.subarray(1, 1 + Math.max(0, buffer[0] as number) * strideOf(root));
}

function strideOf({ className }: SpanNode): number {
  return 1 + dimensionOf(className) + (isProfile(className) ? 1 : 0);
}

function isProfile(className: string): boolean {
  return className.startsWith('TProfile');
}

function axesOf(root: SpanNode): readonly string[] {
  return AXES.slice(0, dimensionOf(root.className));
}

class Filler {
  readonly #root: SpanNode;
  readonly #numbers: Float64Array;
  readonly #isProfile: boolean;
  readonly #hasIntegers: boolean;
  readonly #axes: readonly ((at: number) => number)[];
  readonly #binCounts: readonly number[];
  readonly #arrays: Map<string, Float64Array | undefined> = new Map();
  readonly #range: readonly [number, number];

  constructor(root: SpanNode, binned: SpanNode, numbers: Float64Array) {
    this.#root = root;
    this.#numbers = numbers;
    this.#isProfile = isProfile(root.className);
    this.#hasIntegers = !isReal(cellsOf(root, 'fArray')?.type ?? TypeCode.double);
    const axes = axesOf(root);
    this.#axes = axes.map((axis) => binFinder(binned, axis));
    this.#binCounts = axes.map((axis) => numberOf(binned, `${axis}.fNbins`));
    const letter = COORDINATES[axes.length]?.toUpperCase();
    this.#range = this.#isProfile ? [numberOf(root, `f${letter}min`), numberOf(root, `f${letter}max`)] : [0, 0];
    for (const name of ['fArray', 'fSumw2', 'fBinEntries', 'fBinSumw2']) this.#arrays.set(name, cellsOf(root, name)?.values);
  }

  cells(name: string): Cells | undefined {
    const values = this.#arrays.get(name);
    return values === undefined ? undefined : { values, type: cellsOf(this.#root, name)?.type ?? 0 };
  }

  fillAll(): void {
    const fills = waitingFills(this.#root);
    const stride = strideOf(this.#root);
    for (let at = 0; at < fills.length; at += stride) this.#fill(fills[at] as number, fills.subarray(at + 1, at + stride));
  }

  #fill(weight: number, at: Float64Array): void {
    const value = at[this.#axes.length] as number;
    const [low, high] = this.#range;
    if (this.#isProfile && low !== high && !(value >= low && value <= high)) return;
    const bins = this.#axes.map((find, k) => find(at[k] as number));
    const cell = bins.reduceRight((sum, bin, k) => sum * ((this.#binCounts[k] as number) + 2) + bin, 0);
    this.#add('fEntries', 1);
    this.#addToCells(cell, weight, value);
    const isInside = bins.every((bin, k) => bin > 0 && bin <= (this.#binCounts[k] as number));
    if (isInside || countsOverflows(this.#root)) this.#addStatistics(weight, at);
  }

  #addToCells(cell: number, weight: number, value: number): void {
    this.#keepSquares(weight);
    const contents = this.#isProfile ? weight * value : weight;
    this.#addTo('fArray', cell, this.#hasIntegers ? integerOf(contents) : contents);
    this.#addTo('fSumw2', cell, this.#isProfile ? weight * value * value : weight * weight);
    this.#addTo('fBinEntries', cell, weight);
    this.#addTo('fBinSumw2', cell, weight * weight);
  }

  /** The first weight that is not 1 makes a histogram keep the sums of squared weights: so far, the contents. */
  #keepSquares(weight: number): void {
    const [squares, contents] = this.#isProfile ? ['fBinSumw2', 'fBinEntries'] : ['fSumw2', 'fArray'];
    if (weight === 1 || this.#arrays.get(squares) !== undefined || (numberOf(this.#root, 'fBits', 0, 0) & IS_NOT_WEIGHTED) !== 0) return;
    this.#arrays.set(squares, this.#arrays.get(contents)?.map(Math.abs));
  }

  #addTo(name: string, cell: number, term: number): void {
    const values = this.#arrays.get(name);
    if (values !== undefined) values[cell] = (values[cell] as number) + term;
  }

  #addStatistics(w: number, at: Float64Array): void {
    this.#add('fTsumw', w);
    this.#add('fTsumw2', w * w);
    at.forEach((value, k) => {
      this.#add(`fTsumw${COORDINATES[k]}`, w * value);
      this.#add(`fTsumw${COORDINATES[k]}2`, w * value * value);
    });
    const [x, y, z] = [at[0] as number, at[1] as number, at[2] as number];
    if (this.#axes.length > 1) this.#add('fTsumwxy', w * x * y);
    if (this.#axes.length < 3) return;
    this.#add('fTsumwxz', w * x * z);
    this.#add('fTsumwyz', w * y * z);
  }

  #add(name: string, term: number): void {
    const i = name === 'fEntries' ? 0 : 1 + STATISTICS.indexOf(name);
    this.#numbers[i] = (this.#numbers[i] as number) + term;
  }
}

/** Integer bins drop the fraction of each weight, and weights that are no number. */
function integerOf(weight: number): number {
  return Number.isNaN(weight) ? 0 : Math.trunc(weight);
}

function binFinder(root: SpanNode, axis: string): (at: number) => number {
  const [fNbins, fXmin, fXmax] = [numberOf(root, `${axis}.fNbins`), numberOf(root, `${axis}.fXmin`), numberOf(root, `${axis}.fXmax`)];
  const bins = { fNbins, fXmin, fXmax, fXbins: cellsOf(root, `${axis}.fXbins`)?.values ?? [] };
  return (at) => findBin(bins, at);
}
