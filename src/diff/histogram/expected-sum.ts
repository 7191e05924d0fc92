/**
 * What a summed histogram must hold, worked out from the inputs: contents, errors, entries and statistics are the
 * sums, everything else is that of the first input. Members: ROOT hist/hist/inc/TH1.h, TProfile.h.
 */
import { numberOf } from '../../io/root/streamer/member.ts';
import type { SpanGraph, SpanNode } from '../../io/root/streamer/span-graph.ts';
import { TypeCode } from '../../io/root/streamer/type-codes.ts';
import { compareGraphs } from '../object/compare-graphs.ts';
import type { DifferenceList } from '../object/difference.ts';
import { isClose } from '../object/tolerance.ts';
import { BinPlaces, haveSameBins, lackLabels } from './bin-places.ts';
import { CellSum } from './cell-sum.ts';
import { AXES, AXIS_RANGE, STATISTICS, cellsOf, isSameAxis, labelsOf, pendingFills, type Cells } from './histogram-cells.ts';
import { lacksLimits, summaryOf, waitingFills, type HistogramSummary } from './pending-fills.ts';
import { DOUBLE_STEP, FLOAT_STEP, isNear } from './rounding.ts';

/** What came of holding a histogram against its inputs. */
export interface SumComparison {
  /** Entries of the output and of the inputs together. */
  left: number;
  right: number;
  /** What could not be compared, and why. */
  notes: string[];
  /** Set when nothing can be said of the sum: why. */
  unjudged: string | undefined;
}

/** Arrays that add, and what stands for one an input does not have; '': nothing does. */
const SUMMED: readonly (readonly [name: string, instead: string])[] = [
  ['fArray', ''],
  ['fSumw2', 'fArray'],
  ['fBinEntries', ''],
  ['fBinSumw2', 'fBinEntries'],
];
const ADDED = new Set([...STATISTICS, ...SUMMED.map(([name]) => name), '(fN)', 'fN', 'fEntries', 'fBufferSize', 'fBuffer']);
/** The same, where inputs have other axes. */
const GROWN = new Set([...ADDED, '(fNcells)', 'fNcells', ...AXES]);
const AVERAGES = 'bins are averages';
const DISPLACED = 'bins of an input have no place in the output';
/** TH1::kIsAverage in fBits. */
const IS_AVERAGE = 1 << 18;

/** Holds the histogram `out` against the sum of `inputs`, which are read one after another. */
export function compareWithSum(out: SpanGraph, inputs: readonly (() => SpanGraph)[], differences: DifferenceList): SumComparison {
  const sum = new ExpectedSum(out, differences);
  for (const read of inputs) sum.add(read());
  sum.compareRest();
  const { result } = sum;
  if (result.unjudged !== undefined) sum.compareTotals();
  else if (lacksLimits(out.root)) compareFills(out, inputs, differences);
  else sum.compareSums();
  return result;
}

/** Without limits of the axes there are no bins yet: all fills must still wait, one input's after the other's. */
function compareFills(out: SpanGraph, inputs: readonly (() => SpanGraph)[], differences: DifferenceList): void {
  const expected = inputs.flatMap((read) => [...waitingFills(read().root)]);
  const found = waitingFills(out.root);
  if (found.length !== expected.length) return differences.add('fBuffer.length', found.length, expected.length);
  found.forEach((value, i) => {
    if (value !== expected[i]) differences.add(`fBuffer[${i + 1}]`, value, expected[i]);
  });
}

/** Adds the inputs up, and holds the output against what came of it. */
class ExpectedSum {
  readonly result: SumComparison;
  readonly #out: SpanGraph;
  /** Contents and sums of the output. */
  readonly #whole: HistogramSummary;
  readonly #differences: DifferenceList;
  #first: SpanGraph | undefined;
  #inputCount = 0;
  /** fEntries and statistics. */
  readonly #numbers = new CellSum();
  readonly #arrays: ReadonlyMap<string, CellSum> = new Map(SUMMED.map(([name]) => [name, new CellSum()]));
  /** False where statistics are worked out from bins or a range. */
  #hasStatistics = true;
  /** False when inputs have other axes than the first one: merging may then change them. */
  #haveSameBins = true;

  constructor(out: SpanGraph, differences: DifferenceList) {
    this.#out = out;
    this.#whole = summaryOf(out.root, out.root);
    this.#differences = differences;
    this.result = { left: entriesOf(out.root), right: 0, notes: [], unjudged: undefined };
  }

  /** Adds an input. */
  add(input: SpanGraph): void {
    const { root } = input;
    this.#inputCount++;
    this.#first ??= input;
    if (input !== this.#first && !haveSameBins(this.#first.root, root)) this.#haveSameBins = false;
    this.result.right += entriesOf(root);
    const summary = summaryOf(root, this.#out.root);
    this.#numbers.add(summary.numbers);
    const isEmpty = (summary.cells('fArray')?.values ?? []).every((value) => value === 0);
    if (!this.#keepsStatistics(root, summary.numbers, isEmpty)) this.#hasStatistics = false;
    this.result.unjudged ??= whyNotByBin(this.#out.root, root, isEmpty);
    const places = this.#placesOf(root);
    for (const [name, instead] of SUMMED) this.#addArray(name, instead, summary, places);
  }

  /** False for an input whose statistics a merge works out anew, or that has none though it was filled. */
  #keepsStatistics(root: SpanNode, numbers: Float64Array, isEmpty: boolean): boolean {
    const [entries, weights] = numbers;
    const isFilled = !isEmpty || entries !== 0;
    if (isFilled && (weights === 0 || lacksSumsOfValues(root, numbers))) return false;
    return !AXES.some((axis) => hasRange(root, axis) || (!this.#haveSameBins && labelsOf(root, axis) !== ''));
  }

  /** Where the bins of an input are in the output; undefined: in the same places. */
  #placesOf(root: SpanNode): BinPlaces | undefined {
    const out = this.#out.root;
    if (lacksLimits(out) || lacksLimits(root) || pendingFills(root) > 0 || haveSameBins(out, root)) return undefined;
    return new BinPlaces(out, root);
  }

  #addArray(name: string, instead: string, summary: HistogramSummary, places: BinPlaces | undefined): void {
    const sum = this.#sumOf(name);
    const own = summary.cells(name);
    sum.isOwn ||= own !== undefined;
    sum.isFloat ||= own?.type === TypeCode.float;
    const mayStandIn = instead !== '' && this.#whole.cells(name) !== undefined;
    const cells = own ?? (mayStandIn ? summary.cells(instead) : undefined);
    if (cells === undefined) return;
    if (own === undefined) sum.addStandIn(cells.values);
    if (this.result.unjudged === AVERAGES) sum.addAverages(cells.values);
    if (places === undefined) return this.#addCells(name, cells);
    const moved = places.move(cells.values);
    if (moved instanceof Float64Array) return this.#addCells(name, { type: cells.type, values: moved });
    if (this.result.unjudged === undefined) this.#differences.add(moved.at, moved.found, moved.expected);
    this.result.unjudged ??= DISPLACED;
  }

  #addCells(name: string, { values, type, exact }: Cells): void {
    const sum = this.#sumOf(name);
    if (sum.values === undefined || sum.values.length === values.length) sum.add(values, name === 'fArray' ? type : undefined, exact);
    else this.#differences.add(`${name}.length`, cellsOf(this.#out.root, name)?.values.length ?? 0, values.length);
  }

  #sumOf(name: string): CellSum {
    return this.#arrays.get(name) as CellSum;
  }

  /** Holds everything that does not add against the first input. */
  compareRest(): void {
    const skip = this.#haveSameBins ? ADDED : GROWN;
    if (this.#first !== undefined) compareGraphs(this.#out, this.#first, { tolerance: {}, skip }, this.#differences);
  }

  /** Compares entries, statistics and all arrays. */
  compareSums(): void {
    this.#compareNumbers();
    for (const [name] of SUMMED) this.#compareArray(name, this.#whole.cells(name), this.#sumOf(name));
    if (!this.#hasStatistics) this.result.notes.push('statistics are worked out from bins or a range: not compared');
  }

  /** Where bins do not correspond, their sum and the entries must still agree. */
  compareTotals(): void {
    const { left, right, unjudged } = this.result;
    if (left !== right) this.#differences.add('fEntries', left, right);
    if (unjudged === AVERAGES) return this.#compareAverages();
    if (unjudged === DISPLACED) return;
    const total = (values: Float64Array | undefined): number => values?.reduce((sum, value) => sum + value, 0) ?? 0;
    const [found, expected] = [total(cellsOf(this.#out.root, 'fArray')?.values), total(this.#sumOf('fArray').values)];
    if (!isClose(found, expected, 0, { rel: 1e-6 })) this.#differences.add('sum of all bins', found, expected);
  }

  /** An average lies between the values it is made of; which weights it has is not worked out. */
  #compareAverages(): void {
    const { low, high } = this.#sumOf('fArray');
    cellsOf(this.#out.root, 'fArray')?.values.forEach((found, i) => {
      const [least, most] = [Math.min(0, low?.[i] ?? 0), Math.max(0, high?.[i] ?? 0)];
      const slack = FLOAT_STEP * Math.max(Math.abs(least), Math.abs(most));
      if (found < least - slack || found > most + slack) {
        this.#differences.add(`fArray[${i}]`, found, `an average of ${low?.[i]} to ${high?.[i]}`);
      }
    });
  }

  #compareNumbers(): void {
    const { values, sizes } = this.#numbers;
    ['fEntries', ...(this.#hasStatistics ? STATISTICS : [])].forEach((name, i) => {
      const [found, expected, size] = [this.#whole.numbers[i] as number, values?.[i] ?? 0, sizes?.[i] ?? 0];
      if (!isNear(found, expected, size * DOUBLE_STEP * (this.#inputCount + 1))) this.#differences.add(name, found, expected);
    });
  }

  #compareArray(name: string, out: Cells | undefined, sum: CellSum): void {
    const wanted = sum.isOwn ? (sum.values?.length ?? 0) : 0;
    const length = out?.values.length ?? 0;
    if (length !== wanted) return this.#differences.add(`${name}.length`, length, wanted);
    if (out === undefined || sum.values === undefined || !sum.isOwn) return;
    const step = this.#stepOf(out.type, sum);
    for (let i = 0; i < length; i++) {
      const [exact, expectedExact] = [out.exact?.[i], sum.exact?.[i]];
      if (exact !== undefined && expectedExact !== undefined) {
        if (exact !== expectedExact) this.#differences.add(`fArray[${i}]`, exact, expectedExact);
        continue;
      }
      const [found, expected] = [out.values[i] as number, sum.values[i] as number];
      if (!this.#isRight(found, i, sum, step)) {
        this.#differences.add(name === 'fArray' ? `fArray[${i}]` : `${name}.fArray[${i}]`, found, expected);
      }
    }
  }

  /** True for a value of bin `i` that is right, or of which nothing is known. */
  #isRight(found: number, i: number, sum: CellSum, step: number): boolean {
    // Squared errors begin with the contents so far.
    if (sum.isMixed && (this.#sumOf('fArray').ended.has(i) || sum.room[i] === Infinity)) return true;
    const expected = sum.values?.[i] as number;
    const rounding = (sum.sizes?.[i] as number) * step * (this.#inputCount + 1);
    const isWithinRoom = found > expected && found - expected <= (sum.room[i] ?? 0) + rounding;
    return isWithinRoom || isNear(found, expected, rounding);
  }

  /** Relative rounding of an addition. Squared errors that begin with contents are as exact as these. */
  #stepOf(type: number, sum: CellSum): number {
    if (type === TypeCode.float || (sum.isMixed && this.#sumOf('fArray').isFloat)) return FLOAT_STEP;
    return type === TypeCode.double ? DOUBLE_STEP : 0;
  }
}

/** Entries, with the fills that are in no bin yet. */
function entriesOf(root: SpanNode): number {
  return numberOf(root, 'fEntries') + pendingFills(root);
}

function hasRange(root: SpanNode, axis: string): boolean {
  return (numberOf(root, `${axis}.fBits`, 0, 0) & AXIS_RANGE) !== 0;
}

/** Profiles of one dimension did not store sums of the profiled values before version 4: ROOT takes them from the bins. */
function lacksSumsOfValues({ className }: SpanNode, numbers: Float64Array): boolean {
  return className === 'TProfile' && ['fTsumwy', 'fTsumwy2'].every((name) => numbers[1 + STATISTICS.indexOf(name)] === 0);
}

/** Why an input and the output cannot be compared bin by bin; undefined when they can. */
function whyNotByBin(out: SpanNode, input: SpanNode, isEmpty: boolean): string | undefined {
  if ((numberOf(input, 'fBits', 0, 0) & IS_AVERAGE) !== 0) return AVERAGES;
  const axis = isEmpty ? undefined : lackLabels(out, input);
  if (axis !== undefined) return `labels of ${axis} are not in all inputs`;
  const other = pendingFills(input) > 0 && !lacksLimits(input) ? AXES.find((each) => !isSameAxis(out, input, each)) : undefined;
  return other && `${other} differs between inputs and output`;
}
