/**
 * What a TEntryList must hold that was joined: of every tree of every file the entries that any input has of it. How blocks of entries are stored
 * does not matter. Members: ROOT tree/tree/inc/TEntryList.h, TEntryListBlock.h.
 */
import { member, numberOf, targetOf, textOf } from '../../io/root/streamer/member.ts';
import { arrayOf, listItems } from '../../io/root/streamer/member-list.ts';
import type { ObjectNode, SpanNode, TargetNode } from '../../io/root/streamer/span-graph.ts';
import { compareNodes } from '../object/compare-graphs.ts';
import type { DifferenceList } from '../object/difference.ts';

/** Entries of a block. */
const BLOCK = 64_000;
const JOINED: ReadonlySet<string> = new Set(['fLists', 'fNBlocks', 'fBlocks', 'fN', 'fTreeName', 'fFileName']);

/** Entries of one tree: a bit each, in bytes. */
type Entries = Uint8Array;

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
    const [mine, theirs] = [found.get(name) ?? new Uint8Array(0), expected.get(name) ?? new Uint8Array(0)];
    const [count, wanted] = [countOf(mine), countOf(theirs)];
    total += count;
    const at = firstDifference(mine, theirs);
    if (count !== wanted) differences.add(name, `${count} entries`, `${wanted} entries`);
    else if (at >= 0) differences.add(name, `${hasEntry(mine, at) ? 'has' : 'lacks'} entry ${at}`, `${hasEntry(theirs, at) ? 'has' : 'lacks'} it`);
  }
  if (numberOf(out, 'fN') !== total) differences.add('fN', numberOf(out, 'fN'), total);
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
    const blocks = listItems(member(part, 'fBlocks') ?? part);
    let entries = all.get(nameOf(part)) ?? new Uint8Array(0);
    const room = (blocks.length * BLOCK) / 8;
    if (room > entries.length) {
      const larger = new Uint8Array(room);
      larger.set(entries);
      entries = larger;
    }
    blocks.forEach(({ target }, k) => target !== null && addBlock(entries, target, k * BLOCK));
    if (entries.length > 0) all.set(nameOf(part), entries);
  }
  return all;
}

/** fType 0: a bit per entry, in words of 16; else numbers of those that pass, or (not fPassing) of those that do not. */
function addBlock(entries: Entries, block: SpanNode, from: number): void {
  const array = arrayOf(block, 'fIndices');
  const view = array === null ? undefined : new DataView(array.bytes.buffer, array.bytes.byteOffset + array.start);
  const stored = Uint16Array.from({ length: array?.count ?? 0 }, (_, i) => view?.getUint16(2 * i) ?? 0);
  const isPassing = numberOf(block, 'fPassing') !== 0;
  if (numberOf(block, 'fType') === 0 && stored.length > 0) {
    stored.forEach((word, i) => {
      const at = from / 8 + 2 * i;
      entries[at] = (entries[at] as number) | (word & 0xff);
      entries[at + 1] = (entries[at + 1] as number) | (word >> 8);
    });
  } else if (isPassing) for (const entry of stored) setEntry(entries, from + entry);
  else {
    const left = new Set(stored);
    for (let entry = 0; entry < BLOCK; entry++) if (!left.has(entry)) setEntry(entries, from + entry);
  }
}

function setEntry(entries: Entries, entry: number): void {
  entries[entry >> 3] = (entries[entry >> 3] ?? 0) | (1 << (entry & 7));
}

function hasEntry(entries: Entries, entry: number): boolean {
  return (((entries[Math.floor(entry / 8)] ?? 0) >> (entry % 8)) & 1) === 1;
}

function countOf(entries: Entries): number {
  let count = 0;
  for (let byte of entries) for (; byte !== 0; byte &= byte - 1) count++;
  return count;
}

/** Number of the first entry that one has and the other has not; -1 if there is none. */
function firstDifference(a: Entries, b: Entries): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const other = (a[i] ?? 0) ^ (b[i] ?? 0);
    if (other !== 0) return 8 * i + 31 - Math.clz32(other & -other);
  }
  return -1;
}
