/**
 * Tests whether two histograms can be samples of one distribution. `chi2` and `ks` follow TH1::Chi2Test and
 * TH1/TH2/TH3::KolmogorovTest (N. Gagunashvili, arXiv:physics/0605123; ROOT hist/hist/src/TH1.cxx, TH2.cxx, TH3.cxx), `bins` is our own.
 */
import { cellsIn, type BinRange, type HistogramNumbers } from './histogram-numbers.ts';
import { chiSquareProbability, kolmogorovProbability, normalProbability } from './probability.ts';

/** What is held against each other: all bins with their weights; cumulative shares; the worst bin. */
export type CompatibilityTest = 'chi2' | 'ks' | 'bins';
/** All tests. */
export const COMPATIBILITY_TESTS: readonly CompatibilityTest[] = ['chi2', 'ks', 'bins'];

/** What a test found. */
export interface TestResult {
  /** Probability of a distance as large or larger between two samples of one distribution; NaN where contents are no numbers. */
  pValue: number;
  /** The distance: chi-square; largest distance of the cumulative shares; largest pull. */
  statistic: number;
  /** What the p-value was worked out of, as text. */
  detail: string;
}

/** A pair of histograms with equal axes. */
interface Pair {
  a: HistogramNumbers;
  b: HistogramNumbers;
  /** Cells that are looked at. */
  cells: Int32Array;
}

/** ROOT's loops over cells have the last axis innermost; what UW adds to empty bins depends on that. */
const ROOT_ORDER = [2, 1, 0] as const;

/** Runs a test on two histograms with equal axes. `flows`: underflow and overflow are bins like others. */
export function testCompatibility(test: CompatibilityTest, a: HistogramNumbers, b: HistogramNumbers, flows: boolean): TestResult {
  if (test === 'ks') return kolmogorovTest(a, b, flows);
  const ranges = flows || test === 'bins' ? a.axes.map(allBins) : a.axes;
  const pair = { a, b, cells: cellsIn(a.axes, ranges, ROOT_ORDER.slice(-a.axes.length)) };
  return test === 'chi2' ? chiSquareTest(pair) : binsTest(pair);
}

function allBins({ bins }: BinRange): { first: number; last: number } {
  return { first: 0, last: bins + 1 };
}

function sumOver(values: Float64Array, cells: Int32Array): number {
  let sum = 0;
  for (const cell of cells) sum += values[cell] as number;
  return sum;
}

/** One or both histograms without contents: nothing can be tested. */
function emptyResult(a: number, b: number, statistic: number): TestResult | undefined {
  if (a !== 0 && b !== 0) return undefined;
  return a === b ? { pValue: 1, statistic: 0, detail: 'both are empty' } : { pValue: 0, statistic, detail: 'one is empty' };
}

/** Sums of a chi-square. `fault`: why there is no finite one. */
interface ChiSquare {
  chi2: number;
  ndf: number;
  fault?: string;
}

function chiSquareTest(pair: Pair): TestResult {
  const { a, b, cells } = pair;
  const [sumA, sumB] = [sumOver(a.contents, cells), sumOver(b.contents, cells)];
  const empty = emptyResult(sumA, sumB, Infinity);
  if (empty !== undefined) return empty;
  const kind = weightsOf(a, b);
  const { chi2, ndf, fault } = CHI_SQUARES[kind](pair, sumA, sumB);
  if (fault !== undefined) return { pValue: 0, statistic: Infinity, detail: fault };
  return { pValue: chiSquareProbability(chi2, ndf), statistic: chi2, detail: `chi2 / ndf = ${shortNumber(chi2)} / ${ndf} (${kind})` };
}

/** ROOT's names: U for counts, W for weights, of the first and the second. */
function weightsOf(a: HistogramNumbers, b: HistogramNumbers): 'UU' | 'UW' | 'WW' {
  if (a.isProfile || !isUnweighted(a)) return 'WW';
  return isUnweighted(b) ? 'UU' : 'UW';
}

const CHI_SQUARES = { UU: unweighted, UW: halfWeighted, WW: weighted };

/** True when the sum of weights is the effective number of entries. */
function isUnweighted({ sumOfWeights, sumOfSquares }: HistogramNumbers): boolean {
  return Math.abs(sumOfWeights - (sumOfSquares === 0 ? 0 : sumOfWeights ** 2 / sumOfSquares)) < 1;
}

function unweighted({ a, b, cells }: Pair, sumA: number, sumB: number): ChiSquare {
  let [chi2, ndf] = [0, cells.length - 1];
  for (const cell of cells) {
    const [x, y] = [a.contents[cell] as number, b.contents[cell] as number];
    if (Math.trunc(x) === 0 && Math.trunc(y) === 0) ndf--;
    else chi2 += (sumB * x - sumA * y) ** 2 / (x + y);
  }
  return { chi2: chi2 / (sumA * sumB), ndf };
}

/** Counts that are added to a bin at most. */
const MAX_ADDED = 10_000;

/** Counts in the first, weights in the second. */
function halfWeighted({ a, b, cells }: Pair, sumA: number, sumB: number): ChiSquare {
  const squares = sumOver(b.squares, cells);
  let counts = sumA;
  let [chi2, ndf] = [0, cells.length - 1];
  for (const cell of cells) {
    const [x, y, square] = [a.contents[cell] as number, b.contents[cell] as number, b.squares[cell] as number];
    if (x * x === 0 && y * y === 0) {
      ndf--;
      continue;
    }
    const isBare = y * y === 0 && square === 0;
    if (isBare && !(squares > 0)) return { chi2: 0, ndf, fault: 'the second has bins without content and error' };
    const variance = isBare ? squares / sumB : square; // a bin without weights counts as one with one mean weight
    const estimate = probabilityOfBin(x, y, variance, counts, sumB);
    if (estimate === undefined) return { chi2: 0, ndf, fault: 'the second has a bin whose error is beyond all contents' };
    counts = estimate.counts;
    const [expectedX, expectedY] = [estimate.probability * counts, estimate.probability * sumB];
    chi2 += (estimate.x - expectedX) ** 2 / expectedX;
    if (variance > 0) chi2 += (y - expectedY) ** 2 / variance;
  }
  return { chi2, ndf };
}

/**
 * The probability of a bin that fits both contents best. Where it would be 0, a count is added to the bin until it is not;
 * it stays in the sum for the bins behind, as in ROOT. undefined where no number of counts helps.
 */
function probabilityOfBin(
  x: number,
  y: number,
  square: number,
  sumX: number,
  sumY: number,
): { probability: number; x: number; counts: number } | undefined {
  for (let added = 0; added < MAX_ADDED; added++) {
    const [count, counts] = [x + added, sumX + added];
    const linear = sumY * y - counts * square;
    const discriminant = linear * linear + 4 * sumY * sumY * count * square;
    const root = Math.sqrt(discriminant);
    if (linear * linear + count === 0 || linear + discriminant === 0 || linear + root === 0) continue;
    return { probability: (linear + root) / (2 * sumY * sumY), x: count, counts };
  }
  return undefined;
}

function weighted({ a, b, cells }: Pair, sumA: number, sumB: number): ChiSquare {
  if (sumOver(a.squares, cells) <= 0 && sumOver(b.squares, cells) <= 0) return { chi2: 0, ndf: 0, fault: 'all errors are 0' };
  let [chi2, ndf] = [0, cells.length - 1];
  for (const cell of cells) {
    const [x, y, squareX, squareY] = [
      a.contents[cell] as number,
      b.contents[cell] as number,
      a.squares[cell] as number,
      b.squares[cell] as number,
    ];
    if (x * x === 0 && y * y === 0) {
      ndf--;
      continue;
    }
    if (squareX === 0 && squareY === 0) return { chi2: 0, ndf, fault: 'both have a bin with content but without error' };
    chi2 += (sumB * x - sumA * y) ** 2 / (sumA ** 2 * squareY + sumB ** 2 * squareX);
  }
  return { chi2, ndf };
}

/** Orders in which the cells of 1, 2 and 3 dimensions are summed up, the fastest axis first; distances are averaged over them. */
const ORDERS: readonly (readonly (readonly number[])[])[] = [
  [],
  [[0]],
  [
    [1, 0],
    [0, 1],
  ],
  [
    [2, 1, 0],
    [1, 2, 0],
    [2, 0, 1],
    [0, 2, 1],
    [1, 0, 2],
    [0, 1, 2],
  ],
];

/**
 * Ranges of axes do not matter here. Two things are as they are in ROOT 6 although they look like slips, so that the p-values
 * are ROOT's: see `rootEntries`, and in three dimensions the distances are divided by the number of orders.
 */
function kolmogorovTest(a: HistogramNumbers, b: HistogramNumbers, flows: boolean): TestResult {
  const ranges = a.axes.map((axis) => (flows ? allBins(axis) : { first: 1, last: axis.bins }));
  const cells = cellsIn(a.axes, ranges);
  const [contentsA, contentsB] = a.axes.length === 1 ? [a.contents, b.contents] : [a.signedContents, b.signedContents];
  const [sumA, sumB] = [sumOver(contentsA, cells), sumOver(contentsB, cells)];
  const empty = emptyResult(sumA, sumB, 1);
  if (empty !== undefined) return empty;
  const [squareA, squareB] = [sumOver(a.squares.map(Math.abs), cells), sumOver(b.squares.map(Math.abs), cells)];
  if (!(squareA > 0) && !(squareB > 0)) return { pValue: 0, statistic: 1, detail: 'all errors are 0' };
  const orders = ORDERS[a.axes.length] ?? [];
  const distances = orders.map((order) => largestDistance(contentsA, contentsB, sumA, sumB, cellsIn(a.axes, ranges, order)));
  const isDivided = orders.length === 6;
  const distance = distances.reduce((sum, each) => sum + each, 0) / orders.length / (isDivided ? orders.length : 1);
  const entries = rootEntries(a.axes.length, [sumA, squareA], [sumB, squareB]);
  const detail = `largest distance ${shortNumber(distance)} of the cumulative shares${isDivided ? ', a sixth of it as in ROOT: chi2 says more' : ''}`;
  return { pValue: kolmogorovProbability(distance * Math.sqrt(entries)), statistic: distance, detail };
}

/**
 * Effective entries of both histograms together. A histogram without errors is a function: only the other one counts. TH2 has
 * the sum of weights of the second in the numerator, TH3 takes sums of weights throughout.
 */
function rootEntries(dimension: number, [sumA, squareA]: readonly [number, number], [sumB, squareB]: readonly [number, number]): number {
  const [a, b] = dimension === 3 ? [sumA, sumB] : [sumA ** 2 / squareA, sumB ** 2 / squareB];
  if (!(squareA > 0)) return b;
  return !(squareB > 0) ? a : (a * (dimension === 2 ? sumB : b)) / (a + b);
}

function largestDistance(a: Float64Array, b: Float64Array, sumA: number, sumB: number, cells: Int32Array): number {
  let [shareA, shareB, largest] = [0, 0, 0];
  for (const cell of cells) {
    shareA += (a[cell] as number) / sumA;
    shareB += (b[cell] as number) / sumB;
    largest = Math.max(largest, Math.abs(shareA - shareB));
  }
  return largest;
}

/**
 * The largest pull |x - y| / √(error² + error²) of all bins, flows included, nothing scaled. The p-value is the chance that
 * the largest of so many pulls is at least that: 1 - (1 - p)^n.
 */
function binsTest({ a, b, cells }: Pair): TestResult {
  let [largest, at, count] = [0, -1, 0];
  for (const cell of cells) {
    const [x, y] = [a.contents[cell] as number, b.contents[cell] as number];
    const square = Math.abs(a.squares[cell] as number) + Math.abs(b.squares[cell] as number);
    if (x === y && square === 0) continue;
    count++;
    const pull = x === y ? 0 : Math.abs(x - y) / Math.sqrt(square);
    if (!(pull <= largest)) [largest, at] = [pull, cell];
    if (Number.isNaN(pull)) break;
  }
  if (at < 0) return { pValue: 1, statistic: 0, detail: `equal in all ${count} bins with contents` };
  const pValue = -Math.expm1(count * Math.log1p(-normalProbability(largest)));
  return { pValue, statistic: largest, detail: `largest pull ${shortNumber(largest)} in fArray[${at}], of ${count} bins` };
}

/** Four digits. */
function shortNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}
