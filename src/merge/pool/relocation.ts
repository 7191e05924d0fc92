/**
 * Where references of the inputs lead in the merged file. A reference to an input gets the merged file's FID, the
 * link id of its container there, and its row moved by the rows that earlier inputs have in that very container:
 * every container counts for itself. Rows found by index_ref stay as they are, unless two inputs used the same
 * process id. References to other files do not change.
 */
import { CorruptFileError, UnsupportedError } from '../../errors.ts';
import { BOOKKEEPING, containerPlace } from '../../io/pool/bookkeeping.ts';
import type { Container } from '../../io/pool/containers.ts';
import type { PoolContents } from '../../io/pool/pool-contents.ts';
import { Resolver, type Target } from '../../io/pool/resolve.ts';
import { TECHNOLOGY, parseToken, tokenOfReference, type Reference } from '../../io/pool/token.ts';
import type { AbsentStores } from './absent-stores.ts';
import type { MergedBookkeeping } from './bookkeeping-rows.ts';
import { IndexWords, withWord } from './index-words.ts';
import type { Move } from './move.ts';
import { mergedAncestors, fidsOf, type MergedAncestor, type PoolInput } from './pool-inputs.ts';
import { TokenMoves } from './token-moves.ts';

/** Trees and RNTuples, by name, of which the merged file does not simply have the rows of all inputs, one input after the other. */
export interface TreeChoices {
  /** The rows of one input stand for all. */
  single?: ReadonlySet<string>;
  /** Rows are made for inputs that have none. */
  absent?: AbsentStores;
  /** A filter leaves them out. */
  leftOut?: ReadonlySet<string>;
}

/** Moves references. */
export class Relocation {
  readonly fid: string;
  readonly #inputs: readonly PoolInput[];
  readonly #indices: ReadonlyMap<PoolContents, number>;
  /** By name of a container: its rows before each input, as far as they were asked for. */
  readonly #starts = new Map<string, number[]>();
  readonly #bookkeeping: MergedBookkeeping;
  /** FIDs of the inputs and of all files in them. */
  readonly #merged: ReadonlySet<string>;
  readonly #single: ReadonlySet<string>;
  readonly #absent: AbsentStores;
  readonly #leftOut: ReadonlySet<string>;
  readonly #resolver = new Resolver();
  readonly #words: IndexWords;
  readonly #moves = new Map<Target, Move>();
  readonly #ancestors: ReadonlyMap<string, MergedAncestor>;
  readonly #ancestorMoves = new Map<string, Move>();
  readonly #spaces = new Map<string, number>();
  #lastRow: { text: string; container: Container; row: number } | undefined;
  readonly #tokens = new TokenMoves(this);

  constructor(
    inputs: readonly PoolInput[],
    bookkeeping: MergedBookkeeping,
    { single = new Set(), absent = new Map(), leftOut = new Set() }: TreeChoices = {},
  ) {
    this.#single = single;
    this.#absent = absent;
    this.#leftOut = leftOut;
    this.fid = bookkeeping.fid;
    this.#inputs = inputs;
    this.#indices = new Map(inputs.map(({ contents }, i) => [contents, i]));
    this.#bookkeeping = bookkeeping;
    this.#merged = new Set(inputs.flatMap(fidsOf));
    this.#ancestors = mergedAncestors(inputs);
    for (const { contents } of inputs) this.#resolver.add(contents);
    this.#words = new IndexWords(inputs.map(({ contents }) => contents));
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
      if (run === undefined) {
        throw new CorruptFileError(
          `reference leads nowhere: ${contents.file.path} was merged from ${fid}, but knows no link ${reference.oid1} of it`,
        );
      }
      const own = this.moveOf({ ...reference, db: contents.fid, oid1: run.to + reference.oid1 - run.first }) as Move;
      const inputShift = own.byIndex ? 0 : run.shift;
      move = {
        ...own,
        inputShift,
        inputWords: ancestor.words,
        shift: own.shift + inputShift,
        rowCount: own.rowCount - inputShift,
        space: this.#spaces.size,
      };
      this.#spaces.set(key, move.space);
      this.#ancestorMoves.set(key, move);
    }
    return move;
  }

  /** The ancestor with a FID; undefined where the FID is that of an input, or of none. */
  ancestorOf(fid: string): MergedAncestor | undefined {
    return this.#ancestors.get(fid.toUpperCase());
  }

  /** All that is replaced in index_ref values of the file a move is for. */
  wordChanges({ inputWords, target }: Move): Map<bigint, bigint> {
    return this.#words.changesSince(inputWords, target.contents);
  }

  /** True for the FID of an input, or of a file that was joined or merged into one. */
  isMerged(fid: string): boolean {
    return this.#merged.has(fid.toUpperCase());
  }

  /** Link id in the merged file of what nothing refers to; undefined when it leads nowhere. */
  linkIdOf(reference: Reference): bigint | undefined {
    const target = this.#resolver.locate(reference);
    if (target === undefined || typeof target === 'string' || target.container.name === BOOKKEEPING.sections) return undefined;
    return this.#bookkeeping.linkIdOf(target.link);
  }

  #newMove(target: Target): Move {
    const { contents, container, link, technology, firstRow } = target;
    if (container.name === BOOKKEEPING.sections) {
      throw new CorruptFileError(`reference leads nowhere: the merged file has no ${BOOKKEEPING.sections}`);
    }
    const { tree } = containerPlace(container.name);
    if (this.#leftOut.has(tree)) throw new CorruptFileError(`reference leads to ${tree}, which a filter leaves out`);
    const shift = firstRow + this.startOf(contents, container);
    const rowCount = Math.min(target.rowCount, container.rowCount - firstRow);
    const byIndex = technology === TECHNOLOGY.treeIndex || technology === TECHNOLOGY.rntuple;
    return {
      target,
      oid1: this.#bookkeeping.linkIdOf(link),
      shift,
      inputShift: 0,
      inputWords: undefined,
      rowCount,
      byIndex,
      space: this.#spaceOf(target, shift, rowCount),
    };
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
    if (this.#single.has(tree)) return 0;
    const index = this.#indices.get(contents) as number;
    const starts = this.#starts.get(container.name) ?? [0];
    this.#starts.set(container.name, starts);
    for (let i = starts.length; i <= index; i++) {
      const { contents: earlier } = this.#inputs[i - 1] as PoolInput;
      const rows = earlier.containers.find(container.name)?.rowCount ?? earlier.containers.tree(tree)?.reader.entryCount ?? 0;
      starts.push((starts[i - 1] as number) + rows + (this.#absent.get(tree)?.get(earlier) ?? 0));
    }
    return starts[index] as number;
  }

  /** OID.second in the merged file. CorruptFileError when the reference leads to no row of its input. */
  rowOf(move: Move, oid2: bigint): bigint {
    if (!move.byIndex && oid2 >= 0n && oid2 < BigInt(move.rowCount)) return oid2 + BigInt(move.shift);
    const own = move.byIndex ? withWord(move.inputWords, oid2) : oid2 + BigInt(move.inputShift);
    const found = this.#resolver.follow(move.target, { oid2: own });
    if (found.status === 'dangling') throw new CorruptFileError(`reference leads nowhere: ${found.reason}`);
    if (!move.byIndex) return oid2 + BigInt(move.shift);
    const { contents, container } = move.target;
    return contents.containers.hasIndex(container, own) ? this.indexOf(contents, own) : this.#plainRowOf(move, oid2);
  }

  /** A row number in place of an index_ref value, which has a process id in its upper half. */
  #plainRowOf({ inputWords, shift, target }: Move, row: bigint): bigint {
    const isKnown = inputWords === undefined && !this.#words.hasZero;
    if (!isKnown) {
      throw new UnsupportedError(
        `a reference names row ${row} of ${target.container.name}, whose rows have an index_ref: where it goes is not clear`,
      );
    }
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
    if (found.status === 'foreign') {
      throw new CorruptFileError(`the form is in a file that is no input: ${tokenOfReference(reference).text}`);
    }
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
    return this.#words.moved(contents, index);
  }

  /** True when the input's index_ref values change. */
  renumbers(contents: PoolContents): boolean {
    return this.#words.changeIn(contents);
  }

  /** Token text in the merged file, of equal length; undefined for a token of another file. */
  moveToken(text: string): string | undefined {
    return this.#tokens.moved(text);
  }
}
