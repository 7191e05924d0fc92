/**
 * Sums histograms of one name the general way: in native numbers, with all rules of TH1::Merge.
 * Every input is read twice: first what must agree is compared and all disagreements are named, then
 * the contents are added one after the other, as hadd does, so that no input is half added.
 * Source: ROOT hist/hist/src/TH1Merger.cxx, hist/hist/src/TProfileHelper.h.
 */
import { UnsupportedError, invariant, withContext, type ErrorContext } from '../../errors.ts';
import { fieldOf, setNumber } from '../../io/root/streamer/member.ts';
import { arrayOf, setArray } from '../../io/root/streamer/member-list.ts';
import type { SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { AXIS_NAMES, type Axis } from '../bins/axis.ts';
import { addCells, addDoubles, cellsAsDoubles, emptyCells, encodeCells } from '../bins/cells.ts';
import { Comparison, type Disagreement } from './compare-histograms.ts';
import { absoluteCells, fillPending } from './fill.ts';
import { allAxesHaveLimits, decodeHistogram, type Histogram } from './histogram.ts';
import type { HistogramKind } from './histogram-kind.ts';
import { hasRange, statisticsOf } from './statistics.ts';

/** The walked payload of contribution `k`, read anew at each call. */
export type ReadContribution = (k: number) => SpanGraph;

/** What came of a sum. */
export interface SummedHistogram {
  /** The first contribution with the sums in it, ready to be encoded; undefined when there are disagreements. */
  graph: SpanGraph | undefined;
  disagreements: readonly Disagreement[];
  /** Number of bin additions that are not exact: saturated, or beyond 64 bits. */
  inexact: number;
}

/** Sums `count` contributions of a kind; errors of contribution `k` carry `contextOf(k)`. */
export function sumHistograms(
  kind: HistogramKind,
  count: number,
  read: ReadContribution,
  contextOf: (k: number) => ErrorContext = () => ({}),
): SummedHistogram {
  const decode = (k: number, graph?: SpanGraph): Histogram => withContext(contextOf(k), () => decodeHistogram(graph ?? read(k), kind));
  const comparison = new Comparison();
  for (let k = 0; k < count; k++) comparison.add(decode(k));
  const disagreements = comparison.finish();
  if (disagreements.length > 0) return { graph: undefined, disagreements, inexact: 0 };
  const graph = read(0);
  if (comparison.reference === undefined) {
    joinBuffers(graph, Array.from({ length: count }, (_, k) => decode(k)));
    return { graph, disagreements, inexact: 0 };
  }
  const sum = new Sum(comparison.reference);
  for (let k = 0; k < count; k++) sum.add(decode(k, k === 0 ? graph : undefined));
  sum.storeIn(graph, decode(0, graph));
  return { graph, disagreements, inexact: sum.inexact };
}

/** The sum of histograms of equal axes. */
class Sum {
  /** Has the axes of all. */
  readonly #reference: Histogram;
  #sum: Histogram | undefined;
  inexact = 0;

  constructor(reference: Histogram) {
    this.#reference = reference;
  }

  add(next: Histogram): void {
    const h = allAxesHaveLimits(next) ? next : { ...emptyLike(this.#reference), pending: next.pending };
    if (h.pending.count > 0) this.inexact += fillPending(h, h.pending);
    if (this.#sum === undefined) this.#sum = { ...h, statistics: statisticsOf(h) };
    else this.#addTo(this.#sum, h);
  }

  /** Squared errors are stored from the first input on that stores them; those of earlier ones are their contents. */
  #addTo(sum: Histogram, h: Histogram): void {
    sum.statistics = hasRange(sum) ? statisticsOf(sum) : sum.statistics;
    addDoubles(sum.statistics, statisticsOf(h));
    if (sum.kind.isProfile) {
      if (sum.binSumw2.length === 0 && h.binSumw2.length > 0) sum.binSumw2 = sum.binEntries.slice();
      if (sum.binSumw2.length > 0) addDoubles(sum.binSumw2, h.binSumw2.length > 0 ? h.binSumw2 : h.binEntries);
      addDoubles(sum.binEntries, h.binEntries);
    } else if (sum.sumw2.length === 0 && h.sumw2.length > 0) sum.sumw2 = absoluteCells(sum);
    if (sum.sumw2.length > 0) addDoubles(sum.sumw2, h.sumw2.length > 0 ? h.sumw2 : cellsAsDoubles(h.cells));
    this.inexact += addCells(h.kind.cellType, sum.cells, h.cells);
    sum.entries += h.entries;
  }

  /** Puts the sums into the graph of the first contribution, which `first` is the content of. */
  storeIn(graph: SpanGraph, first: Histogram): void {
    const { root } = graph;
    const sum = this.#sum;
    invariant(sum !== undefined, 'a sum without contributions');
    if (!allAxesHaveLimits(first)) sum.axes.forEach((axis, k) => storeAxis(graph, AXIS_NAMES[k] as string, axis));
    setArray(root, sum.kind.arrayClass, encodeCells(sum.cells));
    setNumber(root, 'fNcells', sum.cells.length);
    if (first.sumw2.length > 0 || sum.sumw2.length > 0) setArray(root, 'fSumw2', encodeCells(sum.sumw2));
    if (sum.kind.isProfile) setArray(root, 'fBinEntries', encodeCells(sum.binEntries));
    if (sum.binSumw2.length > 0) storeBinSumw2(graph, sum.binSumw2);
    sum.kind.statistics.forEach((name, k) => {
      // Profiles of old versions lack the sums of y; ROOT makes them from the bins when it reads.
      if (fieldOf(root, name) !== null) setNumber(root, name, sum.statistics[k] as number);
    });
    setNumber(root, 'fEntries', sum.entries);
    // ROOT refills a histogram from its buffer when it draws it: what was added would be gone.
    if (first.bufferLength > 0) setArray(root, 'fBuffer', new Uint8Array(0));
  }
}

function storeBinSumw2(graph: SpanGraph, values: Float64Array): void {
  if (arrayOf(graph.root, 'fBinSumw2') === null) {
    throw new UnsupportedError(`the first ${graph.className} is of a version that cannot store the squared weights of the others`);
  }
  setArray(graph.root, 'fBinSumw2', encodeCells(values));
}

function storeAxis(graph: SpanGraph, name: string, axis: Axis): void {
  setNumber(graph.root, `${name}.fNbins`, axis.nbins);
  setNumber(graph.root, `${name}.fXmin`, axis.xmin);
  setNumber(graph.root, `${name}.fXmax`, axis.xmax);
  setArray(graph.root, `${name}.fXbins`, encodeCells(axis.edges));
}

function emptyLike(h: Histogram): Histogram {
  return {
    ...h,
    cells: emptyCells(h.kind.cellType, h.cells.length),
    sumw2: new Float64Array(h.sumw2.length),
    binEntries: new Float64Array(h.binEntries.length),
    binSumw2: new Float64Array(h.binSumw2.length),
    statistics: new Float64Array(h.statistics.length),
    entries: 0,
    pending: { values: new Float64Array(0), count: 0, stride: 1 },
  };
}

/** Histograms without limits: the fills of all go into the buffer of the first, which has room for them. */
function joinBuffers(graph: SpanGraph, all: readonly Histogram[]): void {
  const first = all[0] as Histogram;
  if (first.bufferLength === 0) return;
  const joined = new Float64Array(first.bufferLength);
  let used = 1;
  for (const { pending } of all) {
    joined.set(pending.values.subarray(1, 1 + pending.count * pending.stride), used);
    used += pending.count * pending.stride;
    joined[0] = (joined[0] as number) + pending.count;
  }
  setArray(graph.root, 'fBuffer', encodeCells(joined));
}
