/**
 * What a summed histogram must hold, worked out from the inputs: contents, errors, entries and statistics are the
 * sums, everything else is that of the first input. Members: ROOT hist/hist/inc/TH1.h, TProfile.h.
 */
import { numberOf } from '../../io/root/streamer/member.ts';
import type { SpanGraph, SpanNode } from '../../io/root/streamer/span-graph.ts';
import { TypeCode } from '../../io/root/streamer/type-codes.ts';
import { compareGraphs } from '../object/compare-graphs.ts';
import type { DifferenceList } from '../object/difference.ts';
import { AXES, AXIS_RANGE, STATISTICS, cellsOf, isSameAxis, labelsOf, pendingFills, type Cells } from './histogram-cells.ts';
import { BinPlaces, haveSameBins, lackLabels } from './bin-places.ts';
import { lacksLimits, summaryOf, waitingFills, type HistogramSummary } from './pending-fills.ts';
import { isClose } from '../object/tolerance.ts';

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

/** Arrays that add, and what stands for one an input does not have. */
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
/** Relative rounding of one addition in single precision, with room for another order of adding. */
export const FLOAT_STEP: number = 2 ** -23;
/** Of double precision. */
export const DOUBLE_STEP: number = 2 ** -51;
const LONG_LIMIT = 2n ** 63n - 1n;
/** Sums of integers end at these values, by type code (TArray's AddAt in TH1C, TH1S, TH1I; TH1L, where ROOT's sums begin again). */
export const LIMITS: Readonly<Record<number, readonly [number, number]>> = {
  [TypeCode.char]: [-127, 127],
  [TypeCode.short]: [-32_767, 32_767],
  [TypeCode.int]: [-2_147_483_647, 2_147_483_647],
  [TypeCode.long64]: [-Number(LONG_LIMIT), Number(LONG_LIMIT)],
};

/** Sums over the inputs, with the sum of the absolute values, which bounds the rounding. */
class Sum {
  values: Float64Array | undefined;
  sizes: Float64Array | undefined;
  /** Sums of integers of 64 bits. */
  exact: BigInt64Array | undefined;
  /** Smallest and largest value of all; only where averages are added. */
  low: Float64Array | undefined;
  high: Float64Array | undefined;
  /** True when an input has these values itself. */
  isOwn = false;
  /**
   * By how much more a value may be: squared errors of negative contents are these or their opposite, by the order of
   * adding (TH1::Sumw2, TH1::GetBinErrorSqUnchecked).
   */
  readonly room: number[] = [];
  /** Bins whose sum reached the end of their type. */
  readonly ended: Set<number> = new Set();
  /** True for values in single precision. */
  isFloat = false;
  /** True when something stood for the values of an input. */
  isMixed = false;

  /** `exact`: the same values, where numbers cannot hold all of them. `stored`: what of a sum is stored, after each addition. */
  add(values: Float64Array, stored: (value: number) => number = (value) => value, exact?: Cells['exact']): void {
    const isFirst = this.values === undefined;
    this.values ??= new Float64Array(values.length);
    this.sizes ??= new Float64Array(values.length);
    this.exact =
      exact === undefined || (!isFirst && this.exact === undefined)
        ? undefined
        : BigInt64Array.from(exact, (value, i) => longSum(value, this.exact?.[i] ?? 0n));
    for (let i = 0; i < values.length; i++) {
      const value = (this.values[i] as number) + (values[i] as number);
      this.values[i] = stored(value);
      if (!isClose(value, this.values[i] as number, 0, { rel: 1e-6 })) this.ended.add(i);
      this.sizes[i] = (this.sizes[i] as number) + Math.abs(values[i] as number);
    }
  }

  addAverages(values: Float64Array): void {
    this.low = this.low?.map((value, i) => Math.min(value, values[i] as number)) ?? values;
    this.high = this.high?.map((value, i) => Math.max(value, values[i] as number)) ?? values;
  }
}

/** What bins of a type hold of a sum. */
function storedValue(type: number, value: number): number {
  const [low, high] = LIMITS[type] ?? [-Infinity, Infinity];
  return type === TypeCode.float ? Math.fround(value) : Math.min(high, Math.max(low, value));
}

/** The sum of two integers of 64 bits, which ends where the type does. */
function longSum(a: bigint, b: bigint): bigint {
  const sum = a + b;
  if (BigInt.asIntN(64, sum) === sum) return sum;
  return sum < 0n ? -LONG_LIMIT : LONG_LIMIT;
}

/** What is known of the inputs when all have been read. */
interface Inputs {
  sums: ReadonlyMap<string, Sum>;
  /** False where statistics are worked out from bins or a range. */
  hasStatistics: boolean;
  /** False when inputs have other axes than the first one: merging may then change them. */
  haveSameBins: boolean;
}

/** Holds the histogram `out` against the sum of `inputs`, which are read one after another. */
export function compareWithSum(out: SpanGraph, inputs: readonly (() => SpanGraph)[], differences: DifferenceList): SumComparison {
  const result: SumComparison = { left: numberOf(out.root, 'fEntries') + pendingFills(out.root), right: 0, notes: [], unjudged: undefined };
  const whole = summaryOf(out.root, out.root);
  const known: Inputs = {
    sums: new Map(['numbers', ...SUMMED.map(([name]) => name)].map((name) => [name, new Sum()])),
    hasStatistics: true,
    haveSameBins: true,
  };
  let first: SpanGraph | undefined;
  for (const read of inputs) {
    const graph = read();
    first ??= graph;
    if (graph !== first && !haveSameBins(first.root, graph.root)) known.haveSameBins = false;
    addInput(out, graph, whole, known, result, differences);
  }
  if (first !== undefined) compareGraphs(out, first, { tolerance: {}, skip: known.haveSameBins ? ADDED : GROWN }, differences);
  if (result.unjudged === undefined && lacksLimits(out.root)) return compareFills(out, inputs, result, differences);
  if (result.unjudged !== undefined) return onlyTotals(out, known.sums, result, differences);
  compareNumbers(whole.numbers, known.sums.get('numbers') as Sum, inputs.length, known.hasStatistics, differences);
  const contents = known.sums.get('fArray') as Sum;
  for (const [name] of SUMMED) compareCells(name, whole.cells(name), known.sums.get(name) as Sum, contents, inputs.length, differences);
  if (!known.hasStatistics) result.notes.push('statistics are worked out from bins or a range: not compared');
  return result;
}

function addInput(
  out: SpanGraph,
  { root }: SpanGraph,
  whole: HistogramSummary,
  known: Inputs,
  result: SumComparison,
  differences: DifferenceList,
): void {
  result.right += numberOf(root, 'fEntries') + pendingFills(root);
  const { numbers, cells: cellsIn } = summaryOf(root, out.root);
  known.sums.get('numbers')?.add(numbers);
  const isEmpty = (cellsIn('fArray')?.values ?? []).every((value) => value === 0);
  if ((!isEmpty || numbers[0] !== 0) && (numbers[1] === 0 || lacksSumsOfValues(root, numbers))) known.hasStatistics = false;
  if (
    AXES.some((axis) => (numberOf(root, `${axis}.fBits`, 0, 0) & AXIS_RANGE) !== 0 || (!known.haveSameBins && labelsOf(root, axis) !== ''))
  ) {
    known.hasStatistics = false;
  }
  result.unjudged ??= whyNot(out.root, root, isEmpty);
  const places =
    lacksLimits(out.root) || lacksLimits(root) || pendingFills(root) > 0 || haveSameBins(out.root, root)
      ? undefined
      : new BinPlaces(out.root, root);
  for (const [name, instead] of SUMMED) {
    const own = cellsIn(name);
    const sum = known.sums.get(name) as Sum;
    sum.isOwn ||= own !== undefined;
    const cells = own ?? (instead === '' || whole.cells(name) === undefined ? undefined : cellsIn(instead));
    if (cells === undefined) continue;
    sum.isMixed ||= own === undefined;
    sum.isFloat ||= own?.type === TypeCode.float;
    if (own === undefined) for (const [i, value] of cells.values.entries()) if (value < 0) sum.room[i] = (sum.room[i] ?? 0) - 2 * value;
    if (result.unjudged === AVERAGES) sum.addAverages(cells.values);
    const moved = places === undefined ? cells.values : places.move(cells.values);
    if (moved instanceof Float64Array) {
      addCells(sum, places === undefined ? cells : { type: cells.type, values: moved }, name, out, differences);
    } else {
      if (result.unjudged === undefined) differences.add(moved.at, moved.found, moved.expected);
      result.unjudged ??= DISPLACED;
    }
  }
}

/** Profiles of one dimension did not store sums of the profiled values before version 4: ROOT takes them from the bins. */
function lacksSumsOfValues({ className }: SpanNode, numbers: Float64Array): boolean {
  return className === 'TProfile' && ['fTsumwy', 'fTsumwy2'].every((name) => numbers[1 + STATISTICS.indexOf(name)] === 0);
}

function addCells(sum: Sum, cells: Cells, name: string, out: SpanGraph, differences: DifferenceList): void {
  if (sum.values === undefined || sum.values.length === cells.values.length) {
    sum.add(cells.values, name === 'fArray' ? (value) => storedValue(cells.type, value) : undefined, cells.exact);
  } else differences.add(`${name}.length`, cellsOf(out.root, name)?.values.length ?? 0, cells.values.length);
}

/** Why an input and the output cannot be compared bin by bin; undefined when they can. */
function whyNot(out: SpanNode, input: SpanNode, isEmpty: boolean): string | undefined {
  if ((numberOf(input, 'fBits', 0, 0) & IS_AVERAGE) !== 0) return AVERAGES;
  const axis = isEmpty ? undefined : lackLabels(out, input);
  if (axis !== undefined) return `labels of ${axis} are not in all inputs`;
  const other = pendingFills(input) > 0 && !lacksLimits(input) ? AXES.find((each) => !isSameAxis(out, input, each)) : undefined;
  return other && `${other} differs between inputs and output`;
}

/** Without limits of the axes there are no bins yet: all fills must still wait, one input's after the other's. */
function compareFills(
  out: SpanGraph,
  inputs: readonly (() => SpanGraph)[],
  result: SumComparison,
  differences: DifferenceList,
): SumComparison {
  const expected = inputs.flatMap((read) => [...waitingFills(read().root)]);
  const found = waitingFills(out.root);
  if (found.length !== expected.length) differences.add('fBuffer.length', found.length, expected.length);
  else found.forEach((value, i) => value !== expected[i] && differences.add(`fBuffer[${i + 1}]`, value, expected[i] as number));
  return result;
}

/** Where bins do not correspond, their sum and the entries must still agree. */
function onlyTotals(out: SpanGraph, sums: ReadonlyMap<string, Sum>, result: SumComparison, differences: DifferenceList): SumComparison {
  if (result.left !== result.right) differences.add('fEntries', result.left, result.right);
  if (result.unjudged === AVERAGES) return averages(out, sums.get('fArray') as Sum, result, differences);
  if (result.unjudged === DISPLACED) return result;
  const total = (values: Float64Array | undefined): number => (values ?? new Float64Array(0)).reduce((sum, value) => sum + value, 0);
  const [found, expected] = [total(cellsOf(out.root, 'fArray')?.values), total(sums.get('fArray')?.values)];
  if (!isClose(found, expected, 0, { rel: 1e-6 })) differences.add('sum of all bins', found, expected);
  return result;
}

/** An average lies between the values it is made of; which weights it has is not worked out. */
function averages(out: SpanGraph, { low, high }: Sum, result: SumComparison, differences: DifferenceList): SumComparison {
  for (const [i, found] of cellsOf(out.root, 'fArray')?.values.entries() ?? []) {
    const [least, most] = [Math.min(0, low?.[i] ?? 0), Math.max(0, high?.[i] ?? 0)];
    const slack = FLOAT_STEP * Math.max(Math.abs(least), Math.abs(most));
    if (found < least - slack || found > most + slack) differences.add(`fArray[${i}]`, found, `an average of ${low?.[i]} to ${high?.[i]}`);
  }
  return result;
}

function compareNumbers(out: Float64Array, sum: Sum, inputCount: number, hasStatistics: boolean, differences: DifferenceList): void {
  ['fEntries', ...(hasStatistics ? STATISTICS : [])].forEach((name, i) => {
    const found = out[i] as number;
    const [expected, size] = [sum.values?.[i] ?? 0, sum.sizes?.[i] ?? 0];
    if (!isNear(found, expected, size * DOUBLE_STEP * (inputCount + 1))) differences.add(name, found, expected);
  });
}

function compareCells(
  name: string,
  out: Cells | undefined,
  sum: Sum,
  contents: Sum,
  inputCount: number,
  differences: DifferenceList,
): void {
  if (out === undefined || sum.values === undefined || !sum.isOwn) {
    const [found, expected] = [out?.values.length ?? 0, sum.isOwn ? (sum.values?.length ?? 0) : 0];
    if (found !== expected) differences.add(`${name}.length`, found, expected);
    return;
  }
  if (out.values.length !== sum.values.length) return differences.add(`${name}.length`, out.values.length, sum.values.length);
  const step = stepOf(out.type, sum, contents);
  out.values.forEach((found, i) => {
    const [whole, sumOfWhole] = [out.exact?.[i], sum.exact?.[i]];
    if (whole !== undefined && sumOfWhole !== undefined && whole !== sumOfWhole) differences.add(`fArray[${i}]`, whole, sumOfWhole);
    if (whole !== undefined && sumOfWhole !== undefined) return;
    const expected = sum.values?.[i] as number;
    const rounding = (sum.sizes?.[i] as number) * step * (inputCount + 1);
    const isWithin = found > expected && found - expected <= (sum.room[i] ?? 0) + rounding;
    // Squared errors begin with the contents so far.
    const isUnknown = sum.isMixed && (contents.ended.has(i) || sum.room[i] === Infinity);
    if (!isUnknown && !isWithin && !isNear(found, expected, rounding)) {
      differences.add(name === 'fArray' ? `fArray[${i}]` : `${name}.fArray[${i}]`, found, expected);
    }
  });
}

/** Relative rounding of an addition. Squared errors that begin with contents are as exact as these. */
function stepOf(type: number, sum: Sum, contents: Sum): number {
  if (type === TypeCode.float || (sum.isMixed && contents.isFloat)) return FLOAT_STEP;
  return type === TypeCode.double ? DOUBLE_STEP : 0;
}

/** Holds a number against the sum of `parts`, to the rounding of double precision. */
export function compareSum(at: string, found: number, parts: readonly number[], differences: DifferenceList): void {
  const [expected, size] = [parts.reduce((sum, value) => sum + value, 0), parts.reduce((sum, value) => sum + Math.abs(value), 0)];
  if (!isNear(found, expected, size * DOUBLE_STEP * (parts.length + 1))) differences.add(at, found, expected);
}

/** True within the rounding of a sum; 0 and -0 are the same sum. */
export function isNear(found: number, expected: number, rounding: number): boolean {
  return found === expected || isClose(found, expected, 0, { abs: rounding });
}
