/**
 * Sums histograms of one name the general way: in native numbers, with all rules of TH1::Merge.
 * Every input is read twice: first what must agree is compared and all disagreements are named, then
 * the contents are added one after the other, as hadd does, so that no input is half added.
 * Source: ROOT hist/hist/src/TH1Merger.cxx, hist/hist/src/TProfileHelper.h.
 */
import { UnsupportedError, invariant, withContext, type ErrorContext } from '../../errors.ts';
import { fieldOf, member, numberOf, setNumber, targetOf } from '../../io/root/streamer/member.ts';
import { arrayOf, setArray, setPointer } from '../../io/root/streamer/member-list.ts';
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
    joinBuffers(
      graph,
      Array.from({ length: count }, (_, k) => decode(k)),
    );
    return { graph, disagreements, inexact: 0 };
  }
  const { labelled } = comparison;
  if (labelled !== undefined && labelled.contribution > 0) takeLabels(graph, labelled.axes, () => read(labelled.contribution));
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
    const h = allAxesHaveLimits(next) ? next : emptyOn(this.#reference, next);
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

/** Labels are given as bins are filled: those of an empty first one are those of the first that was filled. */
function takeLabels(graph: SpanGraph, axes: readonly Axis[], read: () => SpanGraph): void {
  if (axes.every(({ labels }) => labels === undefined)) return;
  const { root } = read();
  axes.forEach(({ labels }, k) => {
    const [mine, theirs] = [graph.root, root].map((each) => member(each, AXIS_NAMES[k] as string));
    if (labels === undefined || mine == null || theirs == null) return;
    setPointer(mine, 'fLabels', targetOf(member(theirs, 'fLabels')));
    if (fieldOf(mine, 'fBits2') !== null) setNumber(mine, 'fBits2', numberOf(theirs, 'fBits2', 0, 0));
  });
}

/** A histogram without limits before its fills are binned on the axes of another one. */
function emptyOn({ axes, cells }: Histogram, next: Histogram): Histogram {
  const { kind } = next;
  const zeros = ({ length }: Float64Array): Float64Array => new Float64Array(length === 0 ? 0 : cells.length);
  return {
    ...next,
    axes,
    cells: emptyCells(kind.cellType, cells.length),
    sumw2: zeros(next.sumw2),
    binEntries: zeros(next.binEntries),
    binSumw2: zeros(next.binSumw2),
  };
}

/** Histograms without limits: the fills of all wait in the buffer of the first, which becomes as large as they need. */
function joinBuffers(graph: SpanGraph, all: readonly Histogram[]): void {
  const [first] = all;
  invariant(first !== undefined, 'a sum without contributions');
  const { root } = graph;
  const { stride } = first.pending;
  const fills = all.reduce((sum, { pending }) => sum + pending.count, 0);
  if (fills > 0) {
    // ROOT empties a buffer when the next fill might not fit.
    const joined = new Float64Array(Math.max(first.bufferLength, 1 + (fills + 1) * stride));
    let used = 1;
    for (const { pending } of all) {
      joined.set(pending.values.subarray(1, 1 + pending.count * stride), used);
      used += pending.count * stride;
    }
    joined[0] = fills;
    setArray(root, 'fBuffer', encodeCells(joined));
  }
  const zeros = encodeCells(new Float64Array(first.cells.length));
  if (first.sumw2.length === 0 && all.some(({ sumw2 }) => sumw2.length > 0)) setArray(root, 'fSumw2', zeros);
  if (first.binSumw2.length === 0 && all.some(({ binSumw2 }) => binSumw2.length > 0)) {
    storeBinSumw2(graph, new Float64Array(first.cells.length));
  }
}
