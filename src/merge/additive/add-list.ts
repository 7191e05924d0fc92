/**
 * Lists: elements of one name and class are added; where names do not tell elements apart, those at the same place are.
 * What has no rule of addition is kept, once if its bytes are equal; what the first list lacks is appended. ROOT adds
 * by place alone and loses what is behind the first list's end.
 */
import { UnsupportedError } from '../../errors.ts';
import { listItems, setListItems } from '../../io/root/streamer/member-list.ts';
import { encodeGraph } from '../../io/root/streamer/encode.ts';
import { textOf } from '../../io/root/streamer/member.ts';
import { graphOfPart, type ObjectNode, type PointerNode, type SpanNode, type TargetNode } from '../../io/root/streamer/span-graph.ts';

const LISTS: ReadonlySet<string> = new Set(['TList', 'THashList', 'TSortedList', 'TObjArray', 'TOrdCollection']);

/** True for the classes `addList` knows. */
export function isList(className: string): boolean {
  return LISTS.has(className);
}

/** What is done with elements. */
export interface ElementRules {
  /** True when an object is added; others are kept. */
  isAdded(slot: PointerNode): boolean;
  /** Adds an object to another; `where`: names of lists and elements that lead there. */
  add(sum: TargetNode, next: TargetNode, where: string): void;
  /** Notes the class of an element that is kept. */
  keep(className: string): void;
  /** Notes that something does not fit. */
  refuse(code: string, where: string, reason: string): void;
}

/** Adds the elements of `next` to those of `sum`. UnsupportedError when an element that is kept is not understood. */
export function addList(sum: ObjectNode, next: ObjectNode, where: string, rules: ElementRules): void {
  const [mine, theirs] = [listItems(sum), listItems(next)];
  const isKept = (slot: PointerNode): boolean => slot.target !== null && !rules.isAdded(slot);
  const partners = partnersByName(mine, theirs, rules) ?? partnersByPlace(mine, theirs);
  if (partners === undefined) {
    return rules.refuse('elements-differ', where, `${theirs.length} elements whose names and classes are not those of the first`);
  }
  const copies = new Set(theirs.some(isKept) ? mine.filter(isKept).map(copyText) : []);
  const appended: PointerNode[] = [];
  theirs.forEach((slot, i) => {
    const partner = partners[i];
    if (slot.target === null) return;
    if (isKept(slot)) {
      rules.keep(slot.className);
      if (!copies.has(copyText(slot))) appended.push(slot);
    } else if (partner?.target == null) appended.push(slot);
    else rules.add(partner.target, slot.target, [where, nameOf(slot)].filter((name) => name !== '').join('/'));
  });
  if (appended.length > 0) setListItems(sum, [...mine, ...appended]);
}

/** The element of `mine` with the class and name of each of `theirs`; undefined when names do not tell elements apart. */
function partnersByName(
  mine: readonly PointerNode[],
  theirs: readonly PointerNode[],
  rules: ElementRules,
): (PointerNode | undefined)[] | undefined {
  const byName = index(mine, rules);
  if (byName === undefined || index(theirs, rules) === undefined) return undefined;
  return theirs.map((slot) => byName.get(identityOf(slot)));
}

function index(slots: readonly PointerNode[], rules: ElementRules): Map<string, PointerNode> | undefined {
  const byName = new Map<string, PointerNode>();
  for (const slot of slots) {
    if (slot.target === null || !rules.isAdded(slot)) continue;
    const identity = identityOf(slot);
    if (byName.has(identity)) return undefined;
    byName.set(identity, slot);
  }
  return byName;
}

function identityOf(slot: PointerNode): string {
  return `${slot.className}\0${slot.target === null ? '' : nameOf(slot.target)}`;
}

function partnersByPlace(mine: readonly PointerNode[], theirs: readonly PointerNode[]): (PointerNode | undefined)[] | undefined {
  const fits = mine.length === theirs.length && theirs.every((slot, i) => identityOf(slot) === identityOf(mine[i] as PointerNode));
  return fits ? [...mine] : undefined;
}

/** Class and bytes of the object as it would stand in a key of its own, a character per byte: equal for equal copies. */
function copyText({ className, target: root }: PointerNode): string {
  if (root === null) return className;
  if (root.kind !== 'object') throw new UnsupportedError(`${root.className} in a list was not understood`);
  return className + Buffer.from(encodeGraph(graphOfPart(root), { keylen: 0 })).toString('latin1');
}

/** Name of a TNamed; empty for others. */
export function nameOf(node: SpanNode): string {
  return textOf(node, 'fName', '');
}
