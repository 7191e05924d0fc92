/**
 * TEntryList: entries of one tree of one file are united; lists of different trees or files stand side by side in a
 * list for all of them, each with the name of its tree and file, so the numbers stay right. Source: ROOT
 * tree/tree/src/TEntryList.cxx (Add).
 */
import { UnsupportedError, isPoolMergeError } from '../../errors.ts';
import { LIST_VERSION, NEW_TOBJECT } from '../../io/root/streamer/root-object.ts';
import { member, numberOf, setNumber, setText, targetOf, textOf } from '../../io/root/streamer/member.ts';
import { listItems, setListItems, setPointer } from '../../io/root/streamer/member-list.ts';
import {
  ObjectNode,
  RawNode,
  frameNode,
  pointerNode,
  rawNode,
  spanSource,
  type PointerNode,
  type SpanNode,
  type TargetNode,
} from '../../io/root/streamer/span-graph.ts';
import { spanShape } from '../../io/root/streamer/span-shape.ts';
import { IS_REFERENCED, TypeCode } from '../../io/root/streamer/type-codes.ts';
import { passingCount, uniteBlocks } from './entry-blocks.ts';

/** TObject::fBits of an object that belongs to no directory: on the heap, not deleted. */
const ALIVE = 0x0300_0000;
/** Neither tree nor file. */
const NAMELESS = '\0';
const LIST_SIZE = spanShape({ fields: [{ name: 'size', type: TypeCode.int, offset: 0, count: 1, width: 4 }] });

/**
 * True when every list says of which tree its entries are: those of others would be numbers without meaning. False
 * where it cannot be told.
 */
export function namesTrees(list: TargetNode): boolean {
  try {
    return list.kind === 'object' && partsOf(list).every((part) => isBlank(part) || identityOf(part) !== NAMELESS);
  } catch (err) {
    if (isPoolMergeError(err, 'UNSUPPORTED')) return false;
    throw err;
  }
}

/** Adds the entries of `next`. */
export function addEntries(sum: ObjectNode, next: ObjectNode): void {
  if (isBlank(sum)) return takeOver(sum, next);
  const known = new Map(partsOf(sum).map((part) => [identityOf(part), part]));
  for (const part of partsOf(next)) {
    if (isBlank(part)) continue;
    const partner = known.get(identityOf(part));
    if (partner !== undefined) addCount(sum, uniteEntries(partner, part), partner);
    else {
      appendList(sum, part, known);
      addCount(sum, numberOf(part, 'fN'));
    }
  }
}

/** Names of tree and file. */
function identityOf(list: SpanNode): string {
  return `${textOf(list, 'fTreeName')}\0${textOf(list, 'fFileName')}`;
}

/** True for a list that was never given a tree, nor entries. */
function isBlank(list: ObjectNode): boolean {
  return identityOf(list) === NAMELESS && numberOf(list, 'fN') === 0 && targetOf(member(list, 'fLists')) === null;
}

/** The lists of single trees that a list is made of; itself, if it is one. */
function partsOf(list: ObjectNode): ObjectNode[] {
  const lists = targetOf(member(list, 'fLists'));
  if (lists === null) return [list];
  return listItems(lists).map(({ target }) => {
    if (target?.kind !== 'object' || targetOf(member(target, 'fLists')) !== null) {
      throw new UnsupportedError('lists of entries in a form that is not understood');
    }
    return target;
  });
}

function addCount(sum: ObjectNode, count: number, part?: ObjectNode): void {
  if (part !== sum) setNumber(sum, 'fN', numberOf(sum, 'fN') + count);
  if (part !== undefined) setNumber(part, 'fN', numberOf(part, 'fN') + count);
}

/** Everything but name and title. */
function takeOver(sum: ObjectNode, next: ObjectNode): void {
  for (const name of ['fTreeName', 'fFileName']) setText(sum, name, textOf(next, name));
  for (const name of ['fN', 'fNBlocks']) setNumber(sum, name, numberOf(next, name));
  for (const name of ['fLists', 'fBlocks']) setPointer(sum, name, targetOf(member(next, name)));
}

/** Entries of one tree, block by block; returns how many more there are. */
function uniteEntries(sum: ObjectNode, next: ObjectNode): number {
  const [mine, theirs] = [blocksOf(sum), blocksOf(next)];
  let added = 0;
  const united = [...mine];
  theirs.forEach((slot, i) => {
    if (slot.target === null) return;
    const own = mine[i]?.target;
    added += own == null ? passingCount(slot.target) : uniteBlocks(own, slot.target);
    if (own == null) united[i] = slot;
  });
  const blocks = targetOf(member(sum, 'fBlocks'));
  if (blocks === null) setPointer(sum, 'fBlocks', targetOf(member(next, 'fBlocks')));
  else if (added > 0) setListItems(blocks, united);
  setNumber(sum, 'fNBlocks', united.length);
  return added;
}

function blocksOf(list: ObjectNode): PointerNode[] {
  const blocks = member(list, 'fBlocks');
  return blocks === null ? [] : listItems(blocks);
}

/** Puts a list beside the others; the first one's own entries become one of them. */
function appendList(sum: ObjectNode, part: ObjectNode, known: Map<string, ObjectNode>): void {
  const lists = targetOf(member(sum, 'fLists'));
  if (lists !== null) setListItems(lists, [...listItems(lists), pointerNode('', part)]);
  else {
    const own = copyOf(sum);
    for (const name of ['fName', 'fTitle']) setText(own, name, '');
    setNumber(own, 'fBits', ALIVE | (numberOf(own, 'fBits') & IS_REFERENCED));
    setPointer(sum, 'fBlocks', null);
    setPointer(sum, 'fLists', newList([own, part]));
    known.set(identityOf(own), own);
  }
  known.set(identityOf(part), part);
}

/** A list with slots and bytes of its own; what its slots point to is shared. */
function copyOf(node: ObjectNode): ObjectNode {
  const copy = Object.assign(new ObjectNode(node.name, node.className, node.source, node.start), node);
  copy.children = node.children.map((child) => {
    if (child.kind === 'object') return copyOf(child);
    if (child.kind === 'pointer') return pointerNode(child.name, child.target, child.className);
    return Object.assign(new RawNode(child.shape, child.source, child.start, child.end, child.count), {
      replacement: child.replacement?.slice() ?? null,
    });
  });
  return copy;
}

function newList(items: readonly ObjectNode[]): ObjectNode {
  const list = frameNode('', 'TList', LIST_VERSION, [
    rawNode('TObject', NEW_TOBJECT, 'TObject'),
    rawNode('fName', new Uint8Array(1)),
    new RawNode(LIST_SIZE, spanSource(new Uint8Array(4), 0), 0, 4),
  ]);
  setListItems(
    list,
    items.map((item) => pointerNode('', item)),
  );
  return list;
}
