/**
 * Matching: which keys of which inputs are the same object of the output. Objects are addressed by
 * full path; inside a directory by the bytes of their name. Linear in the number of keys.
 */
import type { KeyTable } from '../../io/root/container/key-table.ts';
import type { DirectoryNode } from '../../io/root/root-file.ts';

/** The keys of one directory path in all inputs, grouped by name in order of first appearance. */
export interface NameGroups {
  /** The directory in each input that has it. */
  nodes: readonly (DirectoryNode | undefined)[];
  /** Number of distinct names. */
  count: number;
  /** Keys of group g: [start[g], start[g + 1]) in the columns below, in input order, then key order. */
  start: Uint32Array;
  input: Uint32Array;
  key: Uint32Array;
}

/** Groups the keys of one directory over all inputs that have it. */
export function groupByName(nodes: readonly (DirectoryNode | undefined)[]): NameGroups {
  const total = nodes.reduce((sum, node) => sum + (node?.keys.count ?? 0), 0);
  const matcher = new NameMatcher(nodes, total);
  const columns = { group: new Uint32Array(total), input: new Uint32Array(total), key: new Uint32Array(total) };
  let at = 0;
  nodes.forEach((node, i) => {
    if (node === undefined) return;
    matcher.startInput(i, node.keys);
    const { count } = node.keys;
    for (let k = 0; k < count; k++) {
      columns.group[at] = matcher.match(k);
      columns.input[at] = i;
      columns.key[at++] = k;
    }
  });
  return { nodes, ...sortByGroup(matcher.count, columns) };
}

/** Counting sort by group; stable, so that contributions stay in input order. */
function sortByGroup(
  count: number,
  { group, input, key }: { group: Uint32Array; input: Uint32Array; key: Uint32Array },
): Omit<NameGroups, 'nodes'> {
  const start = new Uint32Array(count + 1);
  if (count === group.length) {
    // Every name once: groups are numbered as they appear, so the columns are sorted.
    for (let g = 0; g <= count; g++) start[g] = g;
    return { count, start, input, key };
  }
  for (let i = 0; i < group.length; i++) start[(group[i] as number) + 1]! += 1;
  for (let g = 0; g < count; g++) start[g + 1]! += start[g] as number;
  const fill = start.slice(0, count);
  const sorted = { count, start, input: new Uint32Array(group.length), key: new Uint32Array(group.length) };
  for (let i = 0; i < group.length; i++) {
    const at = fill[group[i] as number]!++;
    sorted.input[at] = input[i] as number;
    sorted.key[at] = key[i] as number;
  }
  return sorted;
}

/**
 * Open addressing over (input, key) pairs. Workers write the same objects in the same order, so the
 * group after the last match is tried first; the hash is only for what differs.
 */
class NameMatcher {
  count = 0;
  readonly #nodes: readonly (DirectoryNode | undefined)[];
  /** The first key of each group, and the hash of its name; columns have room for one group per key. */
  readonly #firstInput: Uint32Array;
  readonly #firstKey: Uint32Array;
  readonly #hash: Uint32Array;
  /** Group + 1 by hash; 0 is empty. */
  readonly #table: Uint32Array;
  #inputIndex = 0;
  #keys: KeyTable | undefined;
  #next = 0;

  /** `keyCount`: keys of all nodes; there cannot be more groups. */
  constructor(nodes: readonly (DirectoryNode | undefined)[], keyCount: number) {
    this.#nodes = nodes;
    this.#firstInput = new Uint32Array(keyCount);
    this.#firstKey = new Uint32Array(keyCount);
    this.#hash = new Uint32Array(keyCount);
    this.#table = new Uint32Array(2 ** Math.ceil(Math.log2(2 * keyCount + 2)));
  }

  startInput(index: number, keys: KeyTable): void {
    this.#inputIndex = index;
    this.#keys = keys;
    this.#next = 0;
  }

  /** Group of key `k` of the current input. */
  match(k: number): number {
    const keys = this.#keys as KeyTable;
    const at = keys.nameAt[k] as number;
    const length = keys.nameBytes[k] as number;
    const guess = this.#next;
    if (guess < this.count && this.#isName(guess, keys.bytes, at, length)) {
      this.#next = guess + 1;
      return guess;
    }
    const hash = hashBytes(keys.bytes, at, length);
    const mask = this.#table.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#table[slot] as number;
      if (entry === 0) return this.#add(k, hash, slot);
      if (this.#hash[entry - 1] === hash && this.#isName(entry - 1, keys.bytes, at, length)) {
        this.#next = entry;
        return entry - 1;
      }
    }
  }

  #isName(group: number, bytes: Uint8Array, at: number, length: number): boolean {
    const other = (this.#nodes[this.#firstInput[group] as number] as DirectoryNode).keys;
    const otherKey = this.#firstKey[group] as number;
    if (other.nameBytes[otherKey] !== length) return false;
    const otherAt = other.nameAt[otherKey] as number;
    for (let i = 0; i < length; i++) {
      if (other.bytes[otherAt + i] !== bytes[at + i]) return false;
    }
    return true;
  }

  #add(k: number, hash: number, slot: number): number {
    const group = this.count++;
    this.#firstInput[group] = this.#inputIndex;
    this.#firstKey[group] = k;
    this.#hash[group] = hash;
    this.#table[slot] = group + 1;
    this.#next = group + 1;
    return group;
  }
}

/** FNV-1a, 32 bits, with a final mix so that the low bits depend on all of the name. */
function hashBytes(bytes: Uint8Array, at: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = at; i < at + length; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  hash ^= hash >>> 15;
  return hash >>> 0;
}
