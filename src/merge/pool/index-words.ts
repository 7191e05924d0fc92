/**
 * Upper halves ("words") of index_ref values. The upper 32 bits are the process id of the writer. Where two inputs used the
 * same one, the later input gets a free one in the merged file: else two rows would carry the same index_ref.
 */
import { COUNTER_BITS, treeIndexValues, tupleIndexValues } from '../../io/pool/containers.ts';
import type { PoolContents } from '../../io/pool/pool-contents.ts';
import { TECHNOLOGY } from '../../io/pool/token.ts';

const COUNTER_MASK = (1n << COUNTER_BITS) - 1n;

/** Words that are replaced, with what replaces them. */
export type WordChanges = ReadonlyMap<bigint, bigint>;

/** The words of all inputs, and those of the merged file. */
export class IndexWords {
  /** True when an input has index_ref values without process id: these look like row numbers. */
  readonly hasZero: boolean;
  /** Of the inputs where something is replaced. */
  readonly #changes: ReadonlyMap<PoolContents, WordChanges>;

  constructor(inputs: readonly PoolContents[]) {
    const words = inputs.map(wordsOf);
    this.hasZero = words.some((used) => used.has(0n));
    this.#changes = replaceShared(inputs, words);
  }

  /** An index_ref value of an input in the merged file. */
  moved(contents: PoolContents, index: bigint): bigint {
    return withWord(this.#changes.get(contents), index);
  }

  /** True when index_ref values of the input change. */
  changeIn(contents: PoolContents): boolean {
    return this.#changes.has(contents);
  }

  /** All changes of words on the way from a file that was merged into an input (`earlier`) over that input into the merged file. */
  changesSince(earlier: WordChanges | undefined, contents: PoolContents): Map<bigint, bigint> {
    const now = this.#changes.get(contents);
    const all = new Map([...(earlier ?? [])].map(([from, to]) => [from, now?.get(to) ?? to]));
    for (const [from, to] of now ?? []) if (!all.has(from)) all.set(from, to);
    return all;
  }
}

/** An index_ref value with its upper half replaced, if it is among those that are. */
export function withWord(changes: WordChanges | undefined, index: bigint): bigint {
  const word = changes?.get(index >> COUNTER_BITS);
  return word === undefined ? index : (word << COUNTER_BITS) | (index & COUNTER_MASK);
}

/** For inputs that share a word with an earlier one: a free word for each of those they share. */
function replaceShared(inputs: readonly PoolContents[], wordsOfInputs: readonly ReadonlySet<bigint>[]): Map<PoolContents, WordChanges> {
  const used = new Set<bigint>();
  const all = new Set(wordsOfInputs.flatMap((words) => [...words]));
  let free = 1n;
  const changes = new Map<PoolContents, WordChanges>();
  inputs.forEach((contents, i) => {
    const words = wordsOfInputs[i] as ReadonlySet<bigint>;
    const own = new Map<bigint, bigint>();
    for (const word of words) {
      if (!used.has(word)) continue;
      while (all.has(free)) free++;
      all.add(free);
      own.set(word, free);
    }
    if (own.size > 0) changes.set(contents, own);
    for (const word of words) used.add(own.get(word) ?? word);
  });
  return changes;
}

/** Words in the index_ref values of the trees and RNTuples of a file. */
function wordsOf(contents: PoolContents): Set<bigint> {
  const words = new Set<bigint>();
  const seen = new Set<object>();
  for (const { token } of contents.localLinks()) {
    if (token.technology !== TECHNOLOGY.treeIndex && token.technology !== TECHNOLOGY.rntuple) continue;
    const store = contents.containers.find(token.container)?.store;
    if (store === undefined) continue;
    const owner = store.kind === 'tree' ? store.tree : store.tuple;
    if (seen.has(owner)) continue;
    seen.add(owner);
    const values = store.kind === 'tree' ? treeIndexValues(store.tree) : tupleIndexValues(store.tuple);
    for (const value of values) words.add(value >> COUNTER_BITS);
  }
  return words;
}
