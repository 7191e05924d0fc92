/**
 * Adds one object to another, by the rule of its class: histograms, also of n dimensions, efficiencies, parameters,
 * graphs, and lists and stacks of them element by element. The sum is the first object's graph with replaced bytes, so
 * all that is not added stays the first's.
 */
import { UnsupportedError } from '../../errors.ts';
import { member, numberOf, setNumber, targetOf } from '../../io/root/streamer/member.ts';
import { listItems } from '../../io/root/streamer/member-list.ts';
import {
  graphOfPart,
  type ObjectNode,
  type PointerNode,
  type SpanGraph,
  type SpanNode,
  type TargetNode,
} from '../../io/root/streamer/span-graph.ts';
import type { HistogramRules, Misfit } from '../histogram-rules.ts';
import { addEntries, namesTrees } from './add-entries.ts';
import { MULTI_ERRORS, addGraph, isGraph } from './add-graph.ts';
import { addList, isList, nameOf, type ElementRules } from './add-list.ts';
import { addParameter } from './add-parameter.ts';
import { beginDense } from './add-dense.ts';
import { addPolygonProfiles } from './add-polygon-profiles.ts';
import { addPolygons, polygonDifferences } from './add-polygons.ts';
import { addStatistic } from './add-statistic.ts';
import { beginSparse } from './add-sparse.ts';
import { axesDifferences, isEmptyDimensions, takeLabels } from './dimensions.ts';
import { RunningSums, type RunningSum } from './running-sums.ts';
import { histogramPart, membersBeside } from '../objects/histogram-part.ts';
import { familyOf, isDense, isSparse } from '../plan/class-family.ts';

const ENTRY_LIST = 'TEntryList';
/** TEfficiency::fBits: events are weighted (kUseWeights). */
const USES_WEIGHTS = 1 << 18;

/** True when an object is added; others are copies to keep. */
function isAdded({ className, target }: PointerNode): boolean {
  if (className === ENTRY_LIST) return target !== null && namesTrees(target);
  if (isList(className) || isGraph(className) || familyOf(className) === 'additive' || familyOf(className) === 'histogram') return true;
  return target !== null && histogramPart(target) !== undefined;
}

/**
 * True for an object of a class that is added by its contents only: a list with anything that is added, entries of
 * trees that have a name.
 */
export function addsByContents({ root, className }: SpanGraph): boolean {
  return className === ENTRY_LIST ? namesTrees(root) : holdsAdded(root);
}

/** True for the classes of such objects. */
export function mayAddByContents(className: string): boolean {
  return className === ENTRY_LIST || className === MULTI_ERRORS || isList(className);
}

/** True when an element of the list adds, in whatever depth. */
function holdsAdded(list: SpanNode): boolean {
  return listItems(list).some((slot) => slot.target !== null && (isList(slot.className) ? holdsAdded(slot.target) : isAdded(slot)));
}

/** Collects misfits; each object is added once, however many slots show it. */
export class Addition implements ElementRules {
  /** `reason` names the elements on the way. */
  readonly misfits: Misfit[] = [];
  /** Classes of elements that are kept as they are. */
  readonly kept: Set<string> = new Set();
  /** Classes derived from histograms that were added although members of their own differ. */
  readonly withOwnMembers: Set<string> = new Set();
  /** Bin additions that are not exact. */
  inexact = 0;
  readonly #done = new Set<TargetNode>();
  readonly #histograms: HistogramRules;
  readonly #sums: RunningSums;

  /** @param sums those of the target, which whoever adds puts into their graphs when all is added */
  constructor(histograms: HistogramRules, sums: RunningSums) {
    this.#histograms = histograms;
    this.#sums = sums;
  }

  isAdded(slot: PointerNode): boolean {
    return isAdded(slot);
  }

  /** Adds the object of `next` to that of `sum`, graphs of one class. UnsupportedError when a part is not understood. */
  addRoots(sum: SpanGraph, next: SpanGraph): void {
    this.add(sum.root, next.root, '');
  }

  /** @param where names of the elements that lead here, for messages */
  add(sum: TargetNode, next: TargetNode, where: string): void {
    if (this.#done.has(sum)) return;
    this.#done.add(sum);
    if (sum.kind !== 'object' || next.kind !== 'object') throw new UnsupportedError(`${sum.className} cannot be decoded`);
    const { className } = sum;
    const [part, other] = [histogramPart(sum), histogramPart(next)];
    if (part !== undefined && other !== undefined) this.#addDerived(sum, part, next, other, where);
    else if (familyOf(className) === 'histogram') this.#addHistogram(sum, next, where);
    else if (isSparse(className)) this.#addBins(sum, next, where, beginSparse);
    else if (isDense(className)) this.#addBins(sum, next, where, beginDense);
    else if (className === 'TH2Poly') this.#addPolygons(sum, next, where, addPolygons);
    else if (className === 'TProfile2Poly') this.#addPolygons(sum, next, where, addPolygonProfiles);
    else if (className === 'TStatistic') addStatistic(sum, next);
    else if (className === ENTRY_LIST) addEntries(sum, next);
    else if (className === 'TEfficiency') this.#addEfficiency(sum, next, where);
    else if (className === 'THStack') this.#addParts(sum, next, ['fHists'], where);
    else if (isList(className)) addList(sum, next, where, this);
    else if (isGraph(className)) addGraph(sum, next);
    else addParameter(sum, next);
  }

  keep(className: string): void {
    this.kept.add(className);
  }

  /** Notes why something does not fit. */
  refuse(code: string, where: string, reason: string): void {
    this.misfits.push({ code, reason: where === '' ? reason : `${where}: ${reason}` });
  }

  #addDerived(sum: ObjectNode, part: ObjectNode, next: ObjectNode, other: ObjectNode, where: string): void {
    if (membersBeside(sum, part) !== membersBeside(next, other)) this.withOwnMembers.add(sum.className);
    this.#addHistogram(part, other, where);
  }

  #addHistogram(sum: ObjectNode, next: ObjectNode, where: string): void {
    const { misfits, inexact } = this.#histograms.add(graphOfPart(sum), graphOfPart(next));
    this.inexact += inexact;
    for (const { code, reason } of misfits) this.refuse(code, where, reason);
  }

  #addBins(sum: ObjectNode, next: ObjectNode, where: string, begin: (first: ObjectNode) => RunningSum): void {
    const running = this.#sums.of(sum, begin);
    const isEmpty = [running.isEmpty(), isEmptyDimensions(next)] as const;
    const differences = axesDifferences(sum, next, isEmpty);
    for (const reason of differences) this.refuse('axes-differ', where, reason);
    if (differences.length > 0) return;
    if (isEmpty[0] && !isEmpty[1]) takeLabels(sum, next);
    this.inexact += running.add(next);
  }

  #addPolygons(sum: ObjectNode, next: ObjectNode, where: string, add: (sum: ObjectNode, next: ObjectNode) => void): void {
    const differences = polygonDifferences(sum, next);
    for (const reason of differences) this.refuse('axes-differ', where, reason);
    if (differences.length === 0) add(sum, next);
  }

  /** Weights of whole efficiencies matter where several are combined; workers of one job have the same. */
  #addEfficiency(sum: ObjectNode, next: ObjectNode, where: string): void {
    const [weight, other] = [numberOf(sum, 'fWeight'), numberOf(next, 'fWeight')];
    if (weight !== other) return this.refuse('weights-differ', where, `weight ${other}, but ${weight} in the first`);
    const bits = numberOf(sum, 'fBits');
    setNumber(sum, 'fBits', (bits | (numberOf(next, 'fBits') & USES_WEIGHTS)) >>> 0);
    this.#addParts(sum, next, ['fPassedHistogram', 'fTotalHistogram'], where);
  }

  #addParts(sum: ObjectNode, next: ObjectNode, names: readonly string[], where: string): void {
    for (const name of names) {
      const [mine, theirs] = [partOf(sum, name), partOf(next, name)];
      if (theirs === null) continue;
      if (mine === null) throw new UnsupportedError(`${sum.className} without ${name}, which another one has`);
      if (mine.className !== theirs.className) {
        this.refuse('class-differs', where, `${name} is a ${theirs.className}, but a ${mine.className} in the first`);
      } else this.add(mine, theirs, where === '' ? nameOf(mine) : `${where}/${nameOf(mine)}`);
    }
  }
}

function partOf(node: ObjectNode, name: string): TargetNode | null {
  return targetOf(member(node, name));
}
