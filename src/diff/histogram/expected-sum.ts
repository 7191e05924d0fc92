/**
 * What a summed histogram must hold, worked out from the inputs: contents, errors, entries and statistics are the
 * sums, everything else is that of the first input. Members: ROOT hist/hist/inc/TH1.h, TProfile.h.
 */
import { numberOf } from '../../io/root/streamer/member.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { TypeCode } from '../../io/root/streamer/type-codes.ts';
import { compareGraphs } from '../object/compare-graphs.ts';
import type { DifferenceList } from '../object/difference.ts';
import { AXES, AXIS_RANGE, STATISTICS, cellsOf, isSameAxis, labelsOf, pendingFills, type Cells } from './histogram-cells.ts';
import { lacksLimits, summaryOf, waitingFills } from './pending-fills.ts';
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
const SUMMED: readonly (readonly [name: string, instead: string])[] = [['fArray', ''], ['fSumw2', 'fArray'], ['fBinEntries', ''], ['fBinSumw2', 'fBinEntries']];
const ADDED = new Set([...STATISTICS, ...SUMMED.map(([name]) => name), '(fN)', 'fN', 'fEntries', 'fBufferSize', 'fBuffer']);
/** TH1::kIsAverage in fBits. */
const IS_AVERAGE = 1 << 18;
/** Relative rounding of one addition in single and double precision, with room for another order of adding. */
const FLOAT_STEP = 2 ** -23;
const DOUBLE_STEP = 2 ** -51;
/** Sums of integers end at these values, by type code (TArray's AddAt in TH1C, TH1S, TH1I). */
export const LIMITS: Readonly<Record<number, readonly [number, number]>> = { [TypeCode.char]: [-127, 127], [TypeCode.short]: [-32_767, 32_767], [TypeCode.int]: [-2_147_483_647, 2_147_483_647] };

/** Sums over the inputs, with the sum of the absolute values, which bounds the rounding. */
class Sum {
  values: Float64Array | undefined;
  sizes: Float64Array | undefined;
  /** Sums of integers of 64 bits. */
  exact: BigInt64Array | undefined;
  /** True when an input has these values itself. */
  isOwn = false;

  /** `exact`: the same values, where numbers cannot hold all of them. */
  add(values: Float64Array, exact?: BigInt64Array): void {
    const isFirst = this.values === undefined;
    this.values ??= new Float64Array(values.length);
    this.sizes ??= new Float64Array(values.length);
    this.exact = exact === undefined || (!isFirst && this.exact === undefined) ? undefined : exact.map((value, i) => value + (this.exact?.[i] ?? 0n));
    for (let i = 0; i < values.length; i++) {
      this.values[i] = (this.values[i] as number) + (values[i] as number);
      this.sizes[i] = (this.sizes[i] as number) + Math.abs(values[i] as number);
    }
  }
}

/** Holds the histogram `out` against the sum of `inputs`, which are read one after another. */
export function compareWithSum(out: SpanGraph, inputs: readonly (() => SpanGraph)[], differences: DifferenceList): SumComparison {
  const sums = new Map(['numbers', ...SUMMED.map(([name]) => name)].map((name) => [name, new Sum()]));
  const result: SumComparison = { left: numberOf(out.root, 'fEntries') + pendingFills(out.root), right: 0, notes: [], unjudged: undefined };
  const whole = summaryOf(out.root, out.root);
  let hasStatistics = true;
  for (const [i, read] of inputs.entries()) {
    const graph = read();
    const { root } = graph;
    if (i === 0) compareGraphs(out, graph, { tolerance: {}, skip: ADDED }, differences);
    result.right += numberOf(root, 'fEntries') + pendingFills(root);
    const { numbers, cells: cellsIn } = summaryOf(root, out.root);
    sums.get('numbers')?.add(numbers);
    const contents = cellsIn('fArray')?.values ?? new Float64Array(0);
    const isEmpty = contents.every((value) => value === 0);
    if (!isEmpty && numbers[1] === 0) hasStatistics = false;
    if (AXES.some((axis) => (numberOf(root, `${axis}.fBits`, 0, 0) & AXIS_RANGE) !== 0)) hasStatistics = false;
    result.unjudged ??= whyNot(out, graph, isEmpty);
    for (const [name, instead] of SUMMED) {
      const own = cellsIn(name);
      const sum = sums.get(name) as Sum;
      sum.isOwn ||= own !== undefined;
      const cells = own ?? (instead === '' || whole.cells(name) === undefined ? undefined : cellsIn(instead));
      if (cells !== undefined) addCells(sum, cells, name, out, differences);
    }
  }
  if (result.unjudged === undefined && lacksLimits(out.root)) return compareFills(out, inputs, result, differences);
  if (result.unjudged !== undefined) return onlyTotals(out, sums, result, differences);
  compareNumbers(whole.numbers, sums.get('numbers') as Sum, inputs.length, hasStatistics, differences);
  for (const [name] of SUMMED) compareCells(name, whole.cells(name), sums.get(name) as Sum, inputs.length, differences);
  if (!hasStatistics) result.notes.push('statistics are worked out from bins or a range: not compared');
  return result;
}

function addCells(sum: Sum, cells: Cells, name: string, out: SpanGraph, differences: DifferenceList): void {
  if (sum.values === undefined || sum.values.length === cells.values.length) sum.add(cells.values, cells.exact);
  else differences.add(`${name}.length`, cellsOf(out.root, name)?.values.length ?? 0, cells.values.length);
}

/** Why an input and the output cannot be compared bin by bin; undefined when they can. */
function whyNot(out: SpanGraph, input: SpanGraph, isEmpty: boolean): string | undefined {
  if ((numberOf(input.root, 'fBits', 0, 0) & IS_AVERAGE) !== 0) return 'bins are averages';
  for (const axis of AXES) {
    if (!lacksLimits(input.root) && !isSameAxis(out.root, input.root, axis)) return `${axis} differs between inputs and output`;
    if (!isEmpty && labelsOf(out.root, axis) !== labelsOf(input.root, axis)) return `labels of ${axis} differ between inputs and output`;
  }
  return undefined;
}

/** Without limits of the axes there are no bins yet: all fills must still wait, one input's after the other's. */
function compareFills(out: SpanGraph, inputs: readonly (() => SpanGraph)[], result: SumComparison, differences: DifferenceList): SumComparison {
  const expected = inputs.flatMap((read) => [...waitingFills(read().root)]);
  const found = waitingFills(out.root);
  if (found.length !== expected.length) differences.add('fBuffer.length', found.length, expected.length);
  else found.forEach((value, i) => value !== expected[i] && differences.add(`fBuffer[${i + 1}]`, value, expected[i] as number));
  return result;
}

/** Where bins do not correspond, their sum and the entries must still agree. */
function onlyTotals(out: SpanGraph, sums: ReadonlyMap<string, Sum>, result: SumComparison, differences: DifferenceList): SumComparison {
  if (result.left !== result.right) differences.add('fEntries', result.left, result.right);
  const total = (values: Float64Array | undefined): number => (values ?? new Float64Array(0)).reduce((sum, value) => sum + value, 0);
  const [found, expected] = [total(cellsOf(out.root, 'fArray')?.values), total(sums.get('fArray')?.values)];
  if (!isClose(found, expected, 0, { rel: 1e-6 })) differences.add('sum of all bins', found, expected);
  return result;
}

function compareNumbers(out: Float64Array, sum: Sum, inputCount: number, hasStatistics: boolean, differences: DifferenceList): void {
  ['fEntries', ...(hasStatistics ? STATISTICS : [])].forEach((name, i) => {
    const found = out[i] as number;
    const [expected, size] = [sum.values?.[i] ?? 0, sum.sizes?.[i] ?? 0];
    if (!isNear(found, expected, size * DOUBLE_STEP * (inputCount + 1))) differences.add(name, found, expected);
  });
}

function compareCells(name: string, out: Cells | undefined, sum: Sum, inputCount: number, differences: DifferenceList): void {
  if (out === undefined || sum.values === undefined || !sum.isOwn) {
    const [found, expected] = [out?.values.length ?? 0, sum.isOwn ? (sum.values?.length ?? 0) : 0];
    if (found !== expected) differences.add(`${name}.length`, found, expected);
    return;
  }
  if (out.values.length !== sum.values.length) return differences.add(`${name}.length`, out.values.length, sum.values.length);
  const step = out.type === TypeCode.float ? FLOAT_STEP : out.type === TypeCode.double ? DOUBLE_STEP : 0;
  const [low, high] = LIMITS[out.type] ?? [-Infinity, Infinity];
  out.values.forEach((found, i) => {
    const [whole, sumOfWhole] = [out.exact?.[i], sum.exact?.[i]];
    if (whole !== undefined && sumOfWhole !== undefined && whole !== sumOfWhole) differences.add(`fArray[${i}]`, whole, sumOfWhole);
    if (whole !== undefined && sumOfWhole !== undefined) return;
    const clamped = Math.min(high, Math.max(low, sum.values?.[i] as number));
    const expected = out.type === TypeCode.float ? Math.fround(clamped) : clamped;
    if (!isNear(found, expected, (sum.sizes?.[i] as number) * step * (inputCount + 1))) differences.add(name === 'fArray' ? `fArray[${i}]` : `${name}.fArray[${i}]`, found, expected);
  });
}

/** True within the rounding of a sum; 0 and -0 are the same sum. */
function isNear(found: number, expected: number, rounding: number): boolean {
  return found === expected || isClose(found, expected, 0, { abs: rounding });
}
