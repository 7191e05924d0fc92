/** A POOL file and the files it is held against, with what resolves references in each. */
import { isPoolMergeError, type PoolMergeError } from '../../errors.ts';
import { containerPlace } from '../../io/pool/bookkeeping.ts';
import type { Container } from '../../io/pool/containers.ts';
import { PoolContents } from '../../io/pool/pool-contents.ts';
import { readPoolFile } from '../../io/pool/pool-file.ts';
import { Resolver } from '../../io/pool/resolve.ts';
import type { EntryPairs } from '../entries/entry-selection.ts';
import type { DiffFile } from '../object/file-objects.ts';
import { METADATA, type KeptRows } from './kept-rows.ts';

/** One file as a POOL file. */
export interface PoolSide {
  contents: PoolContents;
  resolver: Resolver;
}

/** A row of a container: number of the file on the right side, and row there. */
export interface SourceRow {
  source: number;
  row: number;
}

/** The sides of one comparison. Rows of the right side count over all of its files, one after another. */
export class PoolSides {
  readonly left: PoolSide;
  readonly right: readonly PoolSide[];
  /** By name of a tree or RNTuple: row of the left side for each of the right one, -1 for none. Without it rows keep their numbers. */
  readonly #rows = new Map<string, Int32Array>();
  /** By name of a container: rows in the files on the right before each, and in all. */
  readonly #before = new Map<string, number[]>();
  readonly #made = new Map<string, number[]>();
  /** undefined: rows of metadata are those of all files, as other rows. */
  #kept: KeptRows | undefined;

  /** Throws CorruptFileError, UnsupportedError where bookkeeping cannot be read. */
  constructor(left: DiffFile, right: readonly DiffFile[]) {
    const contents = right.map(({ file, infos }) => new PoolContents(file, infos));
    this.left = sideOf(new PoolContents(left.file, left.infos), []);
    this.right = contents.map((each) => sideOf(each, contents));
  }

  /** True for a tree or RNTuple whose rows were found to stand elsewhere. */
  isMoved(store: string): boolean {
    return this.#rows.has(store);
  }

  /** Of trees of metadata rows of one file are left. */
  keepRows(kept: KeptRows): void {
    this.#kept = kept;
  }

  /** Whose rows of a tree or RNTuple are left, where it is not all of them: number of the file, and how many of its rows. */
  keptRows(store: string): { source: number; rowCount: number } | undefined {
    if (this.#kept === undefined || !store.startsWith(METADATA)) return undefined;
    return { source: this.#kept.source, rowCount: this.#kept.cut.has(store) ? 1 : Infinity };
  }

  /** Keeps which rows of a tree or RNTuple belong together. */
  setPairs(store: string, pairs: EntryPairs): void {
    const rows = new Int32Array(this.right.reduce((sum, _, i) => sum + this.#entriesIn(i, store), 0)).fill(-1);
    for (let i = 0; i < pairs.left.length; i++) rows[pairs.right[i] as number] = pairs.left[i] as number;
    this.#rows.set(store, rows);
  }

  /** Row of the left side that belongs to a row of a container on the right; -1 for none. */
  rowOf({ source, row }: SourceRow, container: string): number {
    const store = containerPlace(container).tree;
    const kept = this.keptRows(store);
    if (kept !== undefined) return source === kept.source && row < kept.rowCount ? row : -1;
    const joined = this.#rowsBefore(source, container) + row;
    const rows = this.#rows.get(store);
    return rows === undefined ? joined : (rows[joined] ?? -1);
  }

  /** Rows of the right side in order: for each row of the left side where it comes from; undefined for none. */
  sourceRows(container: string): (SourceRow | undefined)[] {
    const rows: (SourceRow | undefined)[] = [];
    this.right.forEach((_, source) => {
      const count = this.#rowsIn(source, container);
      for (let row = 0; row < count; row++) {
        const at = this.rowOf({ source, row }, container);
        if (at >= 0) rows[at] = { source, row };
      }
    });
    return rows;
  }

  /** Rows in the files on the right before number `source`. */
  #rowsBefore(source: number, container: string): number {
    let before = this.#before.get(container);
    if (before === undefined) {
      before = [0];
      this.right.forEach((_, i) => before?.push((before.at(-1) as number) + this.#rowsIn(i, container)));
      this.#before.set(container, before);
    }
    return before[source] as number;
  }

  /** A file whose tree lacks the branch has rows all the same: those of the tree; one without any has those that were made. */
  #rowsIn(source: number, container: string): number {
    return this.right[source]?.contents.containers.find(container)?.rowCount || this.#entriesIn(source, containerPlace(container).tree);
  }

  #entriesIn(source: number, store: string): number {
    const side = this.right[source];
    return side === undefined ? 0 : entriesIn(side.contents, store) || this.madeEntries(source, store);
  }

  /**
   * Entries that were made for a file without this tree or RNTuple: one for each of its events, where the left side has as
   * many entries as that makes; else none.
   */
  madeEntries(source: number, store: string): number {
    let made = this.#made.get(store);
    if (made === undefined) {
      const [entries, events] = [
        this.right.map(({ contents }) => entriesIn(contents, store)),
        this.right.map(({ contents }) => eventCount(contents)),
      ];
      const filled = entries.map((count, i) => (count === 0 ? (events[i] as number) : 0));
      const sum = [...entries, ...filled].reduce((total, count) => total + count, 0);
      made = sum === entriesIn(this.left.contents, store) ? filled : entries.map(() => 0);
      this.#made.set(store, made);
    }
    return made[source] ?? 0;
  }
}

function eventCount(contents: PoolContents): number {
  return contents
    .headerContainers()
    .reduce((most, { container, kind }) => (kind === 'event' ? Math.max(most, container.rowCount) : most), 0);
}

function sideOf(contents: PoolContents, all: readonly PoolContents[]): PoolSide {
  const resolver = new Resolver((fid) =>
    all.find(({ bookkeeping }) => [bookkeeping.fid, ...bookkeeping.earlierFids].some((each) => each.toUpperCase() === fid)),
  );
  resolver.add(contents);
  return { contents, resolver };
}

function entriesIn({ containers }: PoolContents, store: string): number {
  return containers.tree(store)?.reader.entryCount ?? containers.tuple(store)?.entryCount ?? 0;
}

/** The container of a name in each file that has it. */
export function containersOf(sides: PoolSides, name: string): { left: Container | undefined; right: (Container | undefined)[] } {
  return { left: sides.left.contents.containers.find(name), right: sides.right.map(({ contents }) => contents.containers.find(name)) };
}

/** Why references of a POOL file cannot be followed. */
export interface UnreadablePart {
  /** Path of the object that cannot be read; '' where it is the whole file. */
  path: string;
  reason: string;
}

/**
 * Opens both sides; undefined when not all files are POOL files, or bookkeeping of one on the right cannot be read;
 * the reason when only that of the left one cannot.
 */
export function openPoolSides(left: DiffFile, right: readonly DiffFile[]): PoolSides | UnreadablePart | undefined {
  if (![left, ...right].every(({ isPool }) => isPool)) return undefined;
  const faults = [left, ...right].map(faultOf);
  const [fault] = faults;
  if (faults.slice(1).some((each) => each !== undefined)) return undefined;
  return fault === undefined ? new PoolSides(left, right) : { path: fault.objectPath ?? '', reason: fault.message };
}

/** Why the bookkeeping of a file cannot be read. */
function faultOf({ file, infos }: DiffFile): PoolMergeError | undefined {
  try {
    readPoolFile(file, infos);
    return undefined;
  } catch (err) {
    if (!isPoolMergeError(err, 'CORRUPT_FILE', 'UNSUPPORTED')) throw err;
    return err;
  }
}
