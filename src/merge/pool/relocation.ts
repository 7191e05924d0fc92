/**
 * Where references of the inputs lead in the merged file. A reference to an input gets the merged file's FID, the
 * link id of its container there, and its row moved by the rows that earlier inputs have in that very container:
 * every container counts for itself. Rows found by index_ref stay as they are, unless two inputs used the same
 * process id. References to other files do not change.
 */
import { CorruptFileError, UnsupportedError, isPoolMergeError } from '../../errors.ts';
import { BOOKKEEPING, FIRST_STORED_LINK, containerPlace } from '../../io/pool/bookkeeping.ts';
import { COUNTER_BITS, treeIndexValues, tupleIndexValues, type Container } from '../../io/pool/containers.ts';
import type { PoolContents } from '../../io/pool/pool-contents.ts';
import { Resolver, type Target } from '../../io/pool/resolve.ts';
import { TECHNOLOGY, formatToken, parseToken, tokenOfReference, type Reference } from '../../io/pool/token.ts';
import type { AbsentStores } from './absent-stores.ts';
import type { MergedBookkeeping } from './bookkeeping-rows.ts';
import { addLink, type Ancestor } from './ledger.ts';
import { fidsOf, type PoolInput } from './pool-inputs.ts';

const COUNTER_MASK = (1n << COUNTER_BITS) - 1n;

/** Where the references to one container of one input go. */
export interface Move {
  target: Target;
  /** Link id in the merged file. */
  oid1: bigint;
  /** Added to row numbers; of that, what leads to the row of the input, where the reference names a file merged into it. */
  shift: number;
  before: number;
  /** Upper halves of index_ref values that were replaced when that file was merged. */
  words: ReadonlyMap<bigint, bigint> | undefined;
  /** Row numbers below this exist in the input. */
  rowCount: number;
  /** True where OID.second is an index_ref value. */
  byIndex: boolean;
  /** Moves of one space exist for the same rows and move them alike: containers of one tree, mostly. */
  space: number;
}

/** Trees and RNTuples that are not all inputs' rows one behind the other. */
export interface TreeChoices {
  /** One input's rows are taken for all. */
  single?: ReadonlySet<string>;
  /** Rows are made. */
  absent?: AbsentStores;
  /** A filter leaves them out. */
  leftOut?: ReadonlySet<string>;
}

/** Moves references. */
export class Relocation {
  readonly fid: string;
  readonly #inputs: readonly PoolInput[];
  readonly #bookkeeping: MergedBookkeeping;
  /** The input every known FID stands for; the first of equal ones. */
  readonly #inputByFid: ReadonlyMap<string, PoolInput>;
  readonly #single: ReadonlySet<string>;
  readonly #absent: AbsentStores;
  readonly #leftOut: ReadonlySet<string>;
  readonly #resolver = new Resolver();
  readonly #indexWords: ReadonlyMap<PoolContents, ReadonlyMap<bigint, bigint>>;
  readonly #hasZeroWord: boolean;
  readonly #moves = new Map<Target, Move>();
  readonly #ancestors = new Map<string, { contents: PoolContents; ancestor: Ancestor }>();
  readonly #ancestorMoves = new Map<string, Move>();
  readonly #spaces = new Map<string, number>();
  #lastRow: { text: string; container: Container; row: number } | undefined;
  #tokenForm: { length: number; head: string; newHead: string; tail: string; move: Move } | undefined;
  #lastToken: { text: string; moved: string | undefined } | undefined;

  constructor(inputs: readonly PoolInput[], bookkeeping: MergedBookkeeping, { single = new Set(), absent = new Map(), leftOut = new Set() }: TreeChoices = {}) {
    this.#single = single;
    this.#absent = absent;
    this.#leftOut = leftOut;
    this.fid = bookkeeping.fid;
    this.#inputs = inputs;
    this.#bookkeeping = bookkeeping;
    this.#inputByFid = new Map([...inputs].reverse().flatMap((input) => fidsOf(input).map((name) => [name, input] as const)));
    for (const { contents, ancestors } of inputs) {
      this.#resolver.add(contents);
      for (const ancestor of ancestors) this.#ancestors.set(ancestor.fid, { contents, ancestor });
    }
    // a file that is an input itself stands for itself
    for (const { contents: { fid, bookkeeping: own } } of inputs) for (const name of [fid, ...own.earlierFids]) this.#ancestors.delete(name.toUpperCase());
    const words = inputs.map(({ contents }) => indexWords(contents));
    this.#hasZeroWord = words.some((used) => used.has(0n));
    this.#indexWords = renumberIndexWords(inputs, words);
  }

  /** The move of a reference; undefined for one to another file. CorruptFileError when it leads to no container of its input. */
  moveOf(reference: Reference): Move | undefined {
    const target = this.#resolver.locate(reference);
    if (target === undefined) return this.#ancestorMove(reference);
    if (typeof target === 'string') throw new CorruptFileError(`reference leads nowhere: ${target}`);
    let move = this.#moves.get(target);
    if (move === undefined) {
      move = this.#newMove(target);
      this.#moves.set(target, move);
    }
    return move;
  }

  /** The move of a reference to a file that was merged into one of the inputs; undefined when it was not. */
  #ancestorMove(reference: Reference): Move | undefined {
    const fid = reference.db.toUpperCase();
    const found = this.#ancestors.get(fid);
    if (found === undefined) return undefined;
    const key = `${fid} ${reference.oid1} ${reference.classId} ${reference.container}`;
    let move = this.#ancestorMoves.get(key);
    if (move === undefined) {
      const { contents, ancestor } = found;
      const run = ancestor.runs.find(({ first, count }) => reference.oid1 >= first && reference.oid1 < first + BigInt(count));
      if (run === undefined) throw new CorruptFileError(`reference leads nowhere: ${contents.file.path} was merged from ${fid}, but knows no link ${reference.oid1} of it`);
      const own = this.moveOf({ ...reference, db: contents.fid, oid1: run.to + reference.oid1 - run.first }) as Move;
      const before = own.byIndex ? 0 : run.shift;
      move = { ...own, before, words: ancestor.words, shift: own.shift + before, rowCount: own.rowCount - before, space: this.#spaces.size };
      this.#spaces.set(key, move.space);
      this.#ancestorMoves.set(key, move);
    }
    return move;
  }

  /** What the merged file is to remember of all inputs and of what they were merged from. */
  ledger(): Ancestor[] {
    return this.#inputs.flatMap((pool) => {
      const { fid, bookkeeping } = pool.contents;
      const sections = bookkeeping.sections.filter(({ container }) => container === BOOKKEEPING.links);
      return [
        ...pool.ancestors.filter((ancestor) => this.#ancestors.get(ancestor.fid)?.ancestor === ancestor).map((ancestor) => this.#remember(ancestor.fid, ancestor.runs.flatMap(idsOf))),
        ...bookkeeping.earlierFids.map((earlier, i) => this.#remember(earlier, idsOf({ first: FIRST_STORED_LINK, count: sections[i]?.length ?? 0 }))),
        this.#remember(fid, [...bookkeeping.linkById.keys()]),
      ];
    });
  }

  #remember(fid: string, ids: readonly bigint[]): Ancestor {
    const runs: Ancestor['runs'] = [];
    let words: ReadonlyMap<bigint, bigint> = new Map();
    for (const id of [...ids].sort((a, b) => (a < b ? -1 : 1))) {
      const move = this.#moveOfLink(fid, id);
      if (move === undefined) continue;
      addLink(runs, id, move.oid1, move.byIndex ? 0 : move.shift);
      words = this.#wordsOf(move);
    }
    return { fid: fid.toUpperCase(), runs, words: new Map(words) };
  }

  /** Where the references with a link id go, whatever their class; undefined where they lead nowhere. */
  #moveOfLink(fid: string, oid1: bigint): Move | undefined {
    const classId = this.#classOfLink(fid, oid1);
    try {
      return classId === undefined ? undefined : this.moveOf({ db: fid, container: '', classId, technology: TECHNOLOGY.tree, oid1, oid2: 0n });
    } catch (err) {
      if (isPoolMergeError(err, 'CORRUPT_FILE')) return undefined;
      throw err;
    }
  }

  #classOfLink(fid: string, oid1: bigint): string | undefined {
    const pool = this.#inputByFid.get(fid.toUpperCase());
    const { bookkeeping } = (pool as PoolInput).contents;
    const run = this.#ancestors.get(fid.toUpperCase())?.ancestor.runs.find(({ first, count }) => oid1 >= first && oid1 < first + BigInt(count));
    if (run !== undefined) return bookkeeping.linkById.get(run.to + oid1 - run.first)?.token.classId;
    const section = bookkeeping.earlierFids.findIndex((earlier) => earlier.toUpperCase() === fid.toUpperCase());
    if (section < 0) return bookkeeping.linkById.get(oid1)?.token.classId;
    const offset = bookkeeping.sections.filter(({ container }) => container === BOOKKEEPING.links)[section]?.offset ?? 0;
    return bookkeeping.links[Number(oid1 - FIRST_STORED_LINK) + offset]?.token.classId;
  }

  /** Replaced words of index_ref, those of former merges and of this one in a row. */
  #wordsOf({ words, target }: Move): ReadonlyMap<bigint, bigint> {
    const now = this.#indexWords.get(target.contents);
    const all = new Map([...(words ?? [])].map(([from, to]) => [from, now?.get(to) ?? to]));
    for (const [from, to] of now ?? []) if (!all.has(from)) all.set(from, to);
    return all;
  }

  /** True for the FID of an input, or of a file that was joined into one. */
  isMerged(fid: string): boolean {
    return this.#inputByFid.has(fid.toUpperCase());
  }

  /** Link id in the merged file of what nothing refers to; undefined when it leads nowhere. */
  linkIdOf(reference: Reference): bigint | undefined {
    const target = this.#resolver.locate(reference);
    if (target === undefined || typeof target === 'string' || target.container.name === BOOKKEEPING.sections) return undefined;
    return this.#bookkeeping.linkIdOf(target.link);
  }

  #newMove(target: Target): Move {
    const { contents, container, link, technology, firstRow } = target;
    if (container.name === BOOKKEEPING.sections) throw new CorruptFileError(`reference leads nowhere: the merged file has no ${BOOKKEEPING.sections}`);
    const { tree } = containerPlace(container.name);
    if (this.#leftOut.has(tree)) throw new CorruptFileError(`reference leads to ${tree}, which a filter leaves out`);
    const shift = firstRow + this.startOf(contents, container);
    const rowCount = Math.min(target.rowCount, container.rowCount - firstRow);
    const byIndex = technology === TECHNOLOGY.treeIndex || technology === TECHNOLOGY.rntuple;
    return { target, oid1: this.#bookkeeping.linkIdOf(link), shift, before: 0, words: undefined, rowCount, byIndex, space: this.#spaceOf(target, shift, rowCount) };
  }

  #spaceOf({ contents, container, technology, firstRow }: Target, shift: number, rowCount: number): number {
    const { store } = container;
    const owner = store.kind === 'tree' ? store.tree.path : store.tuple.source.path;
    const key = [contents.file.path, owner, technology, firstRow, shift, rowCount].join('\0');
    const space = this.#spaces.get(key) ?? this.#spaces.size;
    this.#spaces.set(key, space);
    return space;
  }

  /** Rows of a container in the inputs before the one given: branches an input lacks are filled to its entries. */
  startOf(contents: PoolContents, container: Container): number {
    const { tree } = containerPlace(container.name);
    let rows = 0;
    if (this.#single.has(tree)) return 0;
    const made = this.#absent.get(tree);
    for (const { contents: earlier } of this.#inputs) {
      if (earlier === contents) break;
      rows += earlier.containers.find(container.name)?.rowCount ?? earlier.containers.tree(tree)?.reader.entryCount ?? 0;
      rows += made?.get(earlier) ?? 0;
    }
    return rows;
  }

  /** OID.second in the merged file. CorruptFileError when the reference leads to no row of its input. */
  rowOf(move: Move, oid2: bigint): bigint {
    if (!move.byIndex && oid2 >= 0n && oid2 < BigInt(move.rowCount)) return oid2 + BigInt(move.shift);
    const own = move.byIndex ? withWord(move.words, oid2) : oid2 + BigInt(move.before);
    const found = this.#resolver.follow(move.target, { oid2: own });
    if (found.status === 'dangling') throw new CorruptFileError(`reference leads nowhere: ${found.reason}`);
    if (!move.byIndex) return oid2 + BigInt(move.shift);
    const { contents, container } = move.target;
    return contents.containers.hasIndex(container, own) ? this.indexOf(contents, own) : this.#plainRowOf(move, oid2);
  }

  /** A row number in place of an index_ref value, which has a process id in its upper half. */
  #plainRowOf({ words, shift, target }: Move, row: bigint): bigint {
    const isKnown = words === undefined && !this.#hasZeroWord;
    if (!isKnown) throw new UnsupportedError(`a reference names row ${row} of ${target.container.name}, whose rows have an index_ref: where it goes is not clear`);
    return row + BigInt(shift);
  }

  /** Container and row in its input of the form a token names. CorruptFileError when it leads nowhere, or into a file that is no input. */
  formRowOfToken(text: string): { container: Container; row: number } {
    if (this.#lastRow?.text !== text) this.#lastRow = { text, ...this.formRowOf(parseToken(text)) };
    return this.#lastRow;
  }

  /** The same of any reference to a form. */
  formRowOf(reference: Reference): { container: Container; row: number } {
    const found = this.#resolver.resolve(reference);
    if (found.status === 'foreign') throw new CorruptFileError(`the form is in a file that is no input: ${tokenOfReference(reference).text}`);
    if (found.status === 'dangling') throw new CorruptFileError(`the reference to the form leads nowhere: ${found.reason}`);
    return { container: found.container, row: found.row };
  }

  /** Token of a form in the merged file; undefined where its row is found by index_ref: a placement finds it there, too. */
  placedFormToken(reference: Reference): string | undefined {
    const move = this.moveOf(reference);
    if (move === undefined) return undefined;
    const { contents, container } = move.target;
    if (move.byIndex && contents.containers.hasIndex(container, reference.oid2)) return undefined;
    return tokenOfReference({ ...reference, db: this.fid, oid1: move.oid1, oid2: this.rowOf(move, reference.oid2) }).text;
  }

  /** An index_ref value of an input in the merged file. */
  indexOf(contents: PoolContents, index: bigint): bigint {
    return withWord(this.#indexWords.get(contents), index);
  }

  /** True when the input's index_ref values change. */
  renumbers(contents: PoolContents): boolean {
    return this.#indexWords.has(contents);
  }

  /** Token text in the merged file, of equal length; undefined for a token of another file. */
  moveToken(text: string): string | undefined {
    if (this.#lastToken?.text !== text) this.#lastToken = { text, moved: this.#tokenLike(text) ?? this.#moveToken(text) };
    return this.#lastToken.moved;
  }

  /** Tokens of one container differ in the row alone: what is before and behind it is taken from the token before. */
  #tokenLike(text: string): string | undefined {
    const like = this.#tokenForm;
    if (like === undefined || text.length !== like.length || !text.startsWith(like.head) || !text.endsWith(like.tail)) return undefined;
    const digits = text.slice(like.head.length, text.length - like.tail.length);
    const row = /^[0-9A-F]+$/.test(digits) ? Number.parseInt(digits, 16) : -1;
    if (row < 0 || row >= like.move.rowCount) return undefined;
    return like.newHead + (row + like.move.shift).toString(16).toUpperCase().padStart(digits.length, '0') + like.tail;
  }

  #moveToken(text: string): string | undefined {
    const token = parseToken(text);
    const move = this.moveOf(token);
    if (move === undefined) return undefined;
    const moved = formatToken({ ...token, db: this.fid, oid1: move.oid1, oid2: this.rowOf(move, token.oid2) });
    if (moved.length !== text.length) throw new CorruptFileError('token does not keep its length', { expected: text.length, found: moved.length });
    const tail = `]${token.aux}`;
    const rowAt = text.length - tail.length - token.oidDigits;
    if (!move.byIndex && token.oidDigits === 16) this.#tokenForm = { length: text.length, head: text.slice(0, rowAt), newHead: moved.slice(0, rowAt), tail, move };
    return moved;
  }
}

/** Throws CorruptFileError when a reference of the header in a row of a container leads to another row of it. */
export function checkSelf(move: Move | undefined, container: Container, oid2: bigint, row: number): void {
  if (move === undefined || move.target.container !== container) return;
  const { contents: { containers }, firstRow } = move.target;
  const isByIndex = move.byIndex && containers.hasIndex(container, oid2);
  const [found, own] = isByIndex ? [oid2, containers.indexOf(container, row)] : [oid2 + BigInt(firstRow + move.before), BigInt(row)];
  if (found !== own) throw new CorruptFileError("the header's reference to itself leads to another row", { expected: String(own), found: found.toString() });
}

/** An index_ref value with its upper half replaced, if it is among those that are. */
function withWord(words: ReadonlyMap<bigint, bigint> | undefined, index: bigint): bigint {
  const word = words?.get(index >> COUNTER_BITS);
  return word === undefined ? index : (word << COUNTER_BITS) | (index & COUNTER_MASK);
}

function idsOf({ first, count }: { first: bigint; count: number }): bigint[] {
  return Array.from({ length: count }, (_, i) => first + BigInt(i));
}

/** For inputs that share a process id with an earlier one: a free one for each of those it shares. */
function renumberIndexWords(inputs: readonly PoolInput[], wordsOf: readonly ReadonlySet<bigint>[]): Map<PoolContents, Map<bigint, bigint>> {
  const used = new Set<bigint>();
  const all = new Set(wordsOf.flatMap((words) => [...words]));
  let free = 1n;
  const renumbered = new Map<PoolContents, Map<bigint, bigint>>();
  inputs.forEach(({ contents }, i) => {
    const words = wordsOf[i] as ReadonlySet<bigint>;
    const shared = [...words].filter((word) => used.has(word));
    const map = new Map<bigint, bigint>();
    for (const word of shared) {
      while (all.has(free)) free++;
      all.add(free);
      map.set(word, free);
    }
    if (map.size > 0) renumbered.set(contents, map);
    for (const word of words) used.add(map.get(word) ?? word);
  });
  return renumbered;
}

/** Process ids in the index_ref values of the containers of a file. */
function indexWords(contents: PoolContents): Set<bigint> {
  const words = new Set<bigint>();
  const seen = new Set<object>();
  for (const { token } of contents.localLinks()) {
    if (token.technology !== TECHNOLOGY.treeIndex && token.technology !== TECHNOLOGY.rntuple) continue;
    const store = contents.containers.find(token.container)?.store;
    const owner = store?.kind === 'tree' ? store.tree : store?.tuple;
    if (store === undefined || owner === undefined || seen.has(owner)) continue;
    seen.add(owner);
    const values = store.kind === 'tree' ? treeIndexValues(store.tree) : tupleIndexValues(store.tuple);
    for (const value of values) words.add(value >> COUNTER_BITS);
  }
  return words;
}
