/**
 * What a TEntryList must hold that was joined: of every tree of every file the entries that any input has of it. How
 * blocks of entries are stored does not matter. Members: ROOT tree/tree/inc/TEntryList.h, TEntryListBlock.h.
 */
import { member, numberOf, targetOf, textOf } from '../../io/root/streamer/member.ts';
import { arrayOf, listItems } from '../../io/root/streamer/member-list.ts';
import type { ObjectNode, SpanNode, TargetNode } from '../../io/root/streamer/span-graph.ts';
import { compareNodes } from '../object/compare-graphs.ts';
import type { DifferenceList } from '../object/difference.ts';

/** Entries of a block. */
const BLOCK = 64_000;
const JOINED: ReadonlySet<string> = new Set(['fLists', 'fNBlocks', 'fBlocks', 'fN', 'fTreeName', 'fFileName']);

/** Entries of one tree, by block: a bit each, in bytes. Blocks without entries are left out: a list may have many of them. */
type Entries = Map<number, Uint8Array>;

/** True when a list has entries of a tree without a name: whether those of two inputs are entries of one tree is not known. */
export function hasEntriesOfNoTree(list: TargetNode): boolean {
  return partsOf(list).some((part) => nameOf(part) === ' of ' && numberOf(part, 'fN', 0, 0) > 0);
}

/** Holds a list against those it was made of. */
export function compareEntries(out: ObjectNode, inputs: readonly ObjectNode[], differences: DifferenceList): void {
  const [first] = inputs;
  if (first !== undefined) compareNodes(out, first, '', { tolerance: {}, skip: JOINED }, differences);
  const [found, expected] = [entriesOf([out]), entriesOf(inputs)];
  let total = 0;
  for (const name of new Set([...expected.keys(), ...found.keys()])) {
    const [mine, theirs] = [found.get(name) ?? new Map<number, Uint8Array>(), expected.get(name) ?? new Map<number, Uint8Array>()];
    const [count, wanted] = [countOf(mine), countOf(theirs)];
    total += count;
    const at = firstDifference(mine, theirs);
    if (count !== wanted) differences.add(name, `${count} entries`, `${wanted} entries`);
    else if (at >= 0) {
      differences.add(name, `${hasEntry(mine, at) ? 'has' : 'lacks'} entry ${at}`, `${hasEntry(theirs, at) ? 'has' : 'lacks'} it`);
    }
  }
  if (numberOf(out, 'fN') !== total && inputs.every(countsItsEntries)) differences.add('fN', numberOf(out, 'fN'), total);
}

/** False where ROOT counted wrongly while the list was filled: it does where entries of an earlier block follow those of a later one. */
function countsItsEntries(list: ObjectNode): boolean {
  let total = 0;
  for (const entries of entriesOf([list]).values()) total += countOf(entries);
  return numberOf(list, 'fN') === total;
}

function partsOf(list: TargetNode): TargetNode[] {
  const lists = targetOf(member(list, 'fLists'));
  return lists === null ? [list] : listItems(lists).flatMap(({ target }) => (target === null ? [] : partsOf(target)));
}

function nameOf(list: SpanNode): string {
  return `${textOf(list, 'fTreeName', '')} of ${textOf(list, 'fFileName', '')}`;
}

function entriesOf(lists: readonly ObjectNode[]): Map<string, Entries> {
  const all = new Map<string, Entries>();
  for (const part of lists.flatMap((list) => partsOf(list))) {
    const entries: Entries = all.get(nameOf(part)) ?? new Map();
    all.set(nameOf(part), entries);
    listItems(member(part, 'fBlocks') ?? part).forEach(({ target }, k) => target !== null && addBlock(entries, target, k));
  }
  return all;
}

/** fType 0: a bit per entry, in words of 16; else numbers of those that pass, or (not fPassing) of those that do not. */
function addBlock(entries: Entries, block: SpanNode, k: number): void {
  const array = arrayOf(block, 'fIndices');
  const view = array === null ? undefined : new DataView(array.bytes.buffer, array.bytes.byteOffset + array.start);
  const stored = Uint16Array.from({ length: array?.count ?? 0 }, (_, i) => view?.getUint16(2 * i) ?? 0);
  const isPassing = numberOf(block, 'fPassing') !== 0;
  if (isPassing && stored.length === 0) return;
  const bits = entries.get(k) ?? new Uint8Array(BLOCK / 8);
  entries.set(k, bits);
  if (numberOf(block, 'fType') === 0 && stored.length > 0) {
    stored.forEach((word, i) => {
      bits[2 * i] = (bits[2 * i] ?? 0) | (word & 0xff);
      bits[2 * i + 1] = (bits[2 * i + 1] ?? 0) | (word >> 8);
    });
  } else if (isPassing) for (const entry of stored) setEntry(bits, entry);
  else {
    const left = new Set(stored);
    for (let entry = 0; entry < BLOCK; entry++) if (!left.has(entry)) setEntry(bits, entry);
  }
}

function setEntry(bits: Uint8Array, entry: number): void {
  bits[entry >> 3] = (bits[entry >> 3] ?? 0) | (1 << (entry & 7));
}

function hasEntry(entries: Entries, entry: number): boolean {
  const at = entry % BLOCK;
  return (((entries.get(Math.floor(entry / BLOCK))?.[at >> 3] ?? 0) >> (at & 7)) & 1) === 1;
}

function countOf(entries: Entries): number {
  let count = 0;
  for (const bits of entries.values()) for (let byte of bits) for (; byte !== 0; byte &= byte - 1) count++;
  return count;
}

/** Number of the first entry that one has and the other has not; -1 if there is none. */
function firstDifference(a: Entries, b: Entries): number {
  for (const k of [...new Set([...a.keys(), ...b.keys()])].sort((x, y) => x - y)) {
    const [mine, theirs] = [a.get(k), b.get(k)];
    for (let i = 0; i < BLOCK / 8; i++) {
      const other = (mine?.[i] ?? 0) ^ (theirs?.[i] ?? 0);
      if (other !== 0) return k * BLOCK + 8 * i + 31 - Math.clz32(other & -other);
    }
  }
  return -1;
}
