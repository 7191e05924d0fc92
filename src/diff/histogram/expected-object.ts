/**
 * What objects beside histograms must hold that add up in a merge: histograms of n dimensions, efficiencies,
 * parameters, graphs, stacks, and lists of any of them. Worked out from the inputs by the rules of ROOT's classes.
 */
import { member, numberOf, targetOf } from '../../io/root/streamer/member.ts';
import { listItems } from '../../io/root/streamer/member-list.ts';
import { graphOfPart, type ObjectNode, type PointerNode, type SpanGraph, type TargetNode } from '../../io/root/streamer/span-graph.ts';
import { TOBJECT_PARTS, compareNodes } from '../object/compare-graphs.ts';
import { DifferenceList } from '../object/difference.ts';
import { contentKind } from '../object/file-objects.ts';
import { isClose } from '../object/tolerance.ts';
import { ElementSearch, nameIn } from './element-search.ts';
import { basePartName, compareDerived } from './expected-derived.ts';
import { compareDimensions, hasDimensions } from './expected-dimensions.ts';
import { compareEntries, hasEntriesOfNoTree } from './expected-entries.ts';
import { compareGraph, isGraph } from './expected-graph.ts';
import { compareParameter, isParameter } from './expected-parameter.ts';
import { comparePolygons, isOfPolygons } from './expected-polygons.ts';
import { compareStatistic, STATISTIC } from './expected-statistic.ts';
import { compareWithSum, type SumComparison } from './expected-sum.ts';

const LIST = /^(T(Hash|Sorted)?List|TObjArray|TOrdCollection)$/;
const PARTS: Readonly<Record<string, readonly string[]>> = { TEfficiency: ['fPassedHistogram', 'fTotalHistogram'], THStack: ['fHists'] };
/** TEfficiency::kUseWeights. */
const USES_WEIGHTS = 1 << 18;
const WEIGHT_TOLERANCE = { rel: 1e-12 };

const ENTRY_LIST = 'TEntryList';
/**
 * Classes whose Merge() ROOT calls, of which nothing but the number of entries is worked out here; of entry lists only
 * those without a tree.
 */
const OWN_RULE = /^(TEntryList|TEventList)$/;

/** True when several objects of the class may have become one. */
export function mayBeJoined(className: string): boolean {
  return isAddedClass(className) || LIST.test(className) || OWN_RULE.test(className);
}

/**
 * Why nothing can be said of what the class made of the inputs; undefined where it can. The number of entries must be
 * right in any case.
 */
export function whyNotWorkedOut(
  { root, className }: SpanGraph,
  inputs: readonly SpanGraph[],
  differences: DifferenceList,
): string | undefined {
  if (!OWN_RULE.test(className) || isJoinedEntryList(className, [root, ...inputs.map((input) => input.root)])) return undefined;
  const [found, expected] = [
    numberOf(root, 'fEntries', 0, 0),
    inputs.reduce((sum, input) => sum + numberOf(input.root, 'fEntries', 0, 0), 0),
  ];
  if (found !== expected) differences.add('fEntries', found, expected);
  return `merged by the rule of ${className}, which is not worked out here`;
}

/** True for entry lists whose union is known: those that say of which tree their entries are. */
function isJoinedEntryList(className: string, lists: readonly TargetNode[]): boolean {
  return className === ENTRY_LIST && !lists.some(hasEntriesOfNoTree);
}

/** True when a merge adds such objects: the class says so, and of lists an element. */
export function isAddedObject({ root }: SpanGraph): boolean {
  return LIST.test(root.className) ? listItems(root).some((slot) => holdsAdded(slot)) : isAddedClass(root.className);
}

function holdsAdded({ className, target }: PointerNode): boolean {
  if (target === null) return false;
  return LIST.test(className) ? listItems(target).some((slot) => holdsAdded(slot)) : isAddedElement({ className, target });
}

function isAddedElement({ className, target }: Pick<PointerNode, 'className' | 'target'>): boolean {
  return isAddedClass(className) || (target !== null && basePartName(target) !== undefined);
}

function isAddedClass(className: string): boolean {
  return (
    contentKind(className) === 'histogram' ||
    hasDimensions(className) ||
    isOfPolygons(className) ||
    className === STATISTIC ||
    className in PARTS ||
    isGraph(className) ||
    isParameter(className)
  );
}

/** Holds `out` against what the inputs, objects of its class, add up to; returns notes on what could not be compared. */
export function compareWithAdded(out: SpanGraph, inputs: readonly SpanGraph[], differences: DifferenceList): string[] {
  const comparer = new Comparer();
  const roots = inputs.map(({ root }) => root);
  comparer.compare(out.root, roots, '', differences);
  return [...comparer.notes];
}

class Comparer {
  readonly notes = new Set<string>();

  compare(out: TargetNode, inputs: readonly TargetNode[], path: string, differences: DifferenceList): void {
    const found = new DifferenceList(differences.max);
    const nodes = inputs.filter((node) => node.kind === 'object');
    const [first] = nodes;
    const base = basePartName(out);
    if (out.kind !== 'object' || first === undefined || nodes.length !== inputs.length) {
      this.notes.add(`${path || out.className} is not understood: not compared`);
    } else if (base !== undefined) this.#addNotes(compareDerived(graphOfPart(out), nodes.map(graphOfPart), base, found));
    else if (contentKind(out.className) === 'histogram') this.#compareHistogram(out, nodes, found);
    else if (hasDimensions(out.className)) compareDimensions(out, nodes, found);
    else if (out.className === ENTRY_LIST) compareEntries(out, nodes, found);
    else if (isOfPolygons(out.className)) comparePolygons(out, nodes, found);
    else if (out.className === STATISTIC) compareStatistic(out, nodes, first, found);
    else if (LIST.test(out.className)) this.#compareList(out, nodes, found);
    else if (out.className in PARTS) this.#compareParts(out, nodes, first, found);
    else if (isGraph(out.className)) compareGraph(out, nodes, first, found);
    else compareParameter(out, nodes, first, found);
    differences.addAll(found, path);
  }

  #compareHistogram(out: ObjectNode, inputs: readonly ObjectNode[], found: DifferenceList): void {
    const parts = inputs.map((node) => () => graphOfPart(node));
    this.#addNotes(compareWithSum(graphOfPart(out), parts, found));
  }

  #addNotes({ notes, unjudged }: SumComparison): void {
    for (const note of unjudged === undefined ? notes : [...notes, unjudged]) this.notes.add(note);
  }

  #compareParts(out: ObjectNode, inputs: readonly ObjectNode[], first: ObjectNode, found: DifferenceList): void {
    const names = PARTS[out.className] ?? [];
    compareNodes(out, first, '', { tolerance: {}, skip: new Set([...names, 'fWeight', ...TOBJECT_PARTS]) }, found);
    if (out.className === 'TEfficiency') compareWeights(out, inputs, found);
    for (const name of names) {
      const parts = inputs.flatMap((node) => targetOf(member(node, name)) ?? []);
      const own = targetOf(member(out, name));
      if (own !== null && parts.length > 0) this.compare(own, parts, name, found);
      else if (own !== null || parts.length > 0) found.add(name, own?.className ?? 'absent', parts[0]?.className ?? 'absent');
    }
  }

  /** Elements that add are told apart by name and class, or where names are repeated by their place among those of one name. */
  #compareList(out: ObjectNode, inputs: readonly ObjectNode[], found: DifferenceList): void {
    const left = new Map(elementsOf(out));
    const expected = new Map<string, PointerNode[]>();
    for (const [identity, slot] of inputs.flatMap(elementsOf)) {
      const known = expected.get(identity);
      if (known === undefined) expected.set(identity, [slot]);
      else known.push(slot);
    }
    const inOutput = new ElementSearch(listItems(out));
    const inInputs = new ElementSearch(inputs.flatMap((node) => listItems(node)));
    for (const [identity, slots] of expected) {
      const slot = left.get(identity);
      const [className = '', name = ''] = identity.split('\0');
      const targets = slots.flatMap(({ target }) => target ?? []);
      if (slots.some(isAddedElement) || LIST.test(className) || isJoinedEntryList(className, targets)) {
        if (slot?.target == null) found.add(name, 'absent', className);
        else this.compare(slot.target, targets, name, found);
        continue;
      }
      const lost = slots.filter((copy) => !inOutput.has(copy));
      if (lost.length > 0 && OWN_RULE.test(className) && slot !== undefined && slots.length > 1) {
        this.notes.add(`${name}: merged by the rule of ${className}, which is not worked out here`);
      } else for (const _ of lost) found.add(name, 'in no element', className);
    }
    for (const [identity, slot] of left) {
      if (!isExpected(slot, expected.has(identity), inInputs)) found.add(identity.split('\0')[1] ?? '', slot.className, 'in no input');
    }
  }
}

/** False for an element of a merged list that no input has. `isNamed`: whether one has an element of that class and name. */
function isExpected(slot: PointerNode, isNamed: boolean, inputs: ElementSearch): boolean {
  if (isNamed && (isAddedElement(slot) || LIST.test(slot.className) || OWN_RULE.test(slot.className))) return true;
  return !isAddedElement(slot) && inputs.has(slot);
}

/** Identity (class, name, count of that name so far) and slot of each element. */
function elementsOf(list: ObjectNode): [string, PointerNode][] {
  const seen = new Map<string, number>();
  return listItems(list).map((slot) => {
    const identity = nameIn(slot);
    const before = seen.get(identity) ?? 0;
    seen.set(identity, before + 1);
    return [`${identity}\0${before}`, slot];
  });
}

/** ROOT combines weights of whole efficiencies (1 and 1 become 0.5); keeping equal ones is right too. */
function compareWeights(out: ObjectNode, inputs: readonly ObjectNode[], found: DifferenceList): void {
  const weights = inputs.map((node) => numberOf(node, 'fWeight'));
  const combined = 1 / weights.reduce((sum, weight) => sum + 1 / weight, 0);
  const [weight, first] = [numberOf(out, 'fWeight'), weights[0] as number];
  if (weight !== first && !isClose(weight, combined, 0, WEIGHT_TOLERANCE)) found.add('fWeight', weight, first);
  const bits = [out, ...inputs].map((node) => (numberOf(node, 'fBits') & USES_WEIGHTS) !== 0);
  if (bits[0] === true && !bits.slice(1).includes(true)) found.add('fBits', 'weighted events', 'unweighted ones');
}
