/** One branch read entry by entry, in any order; the basket read last stays in memory. */
import { CorruptFileError, addContext } from '../../../errors.ts';
import { branchName } from './basket-table.ts';
import { readBasketRows, type BasketRows } from './branch-rows.ts';
import type { TreeReader } from './tree-reader.ts';

/** Where the bytes of one entry of one branch lie. */
export interface EntryBytes {
  /** Branch and basket as numbered in the tree reader's scan and basket table. */
  branch: number;
  basket: number;
  /** Uncompressed data of the basket; the entry is [start, end). */
  data: Uint8Array;
  start: number;
  end: number;
}

/** Told of a basket when a cursor leaves it: its data may have been changed in place. */
export type LeaveBasket = (branch: number, rows: BasketRows) => void;

/** Reads entries of one branch. */
export class BranchCursor {
  readonly branch: number;
  /** Entries of the branch. */
  readonly entryCount: number;
  readonly #reader: TreeReader;
  readonly #leave: LeaveBasket | undefined;
  #rows: BasketRows | undefined;

  constructor(reader: TreeReader, branch: number, leave?: LeaveBasket) {
    this.#reader = reader;
    this.branch = branch;
    this.#leave = leave;
    this.entryCount = reader.baskets.entryCount[branch] as number;
  }

  /** Bytes of an entry; CorruptFileError when the branch has no such entry. */
  entry(index: number): EntryBytes {
    const rows = this.#basketOf(index);
    const i = index - rows.firstEntry;
    return {
      branch: this.branch,
      basket: rows.basket,
      data: rows.data,
      start: rows.bounds[i] as number,
      end: rows.bounds[i + 1] as number,
    };
  }

  /** Leaves the basket read last. */
  close(): void {
    if (this.#rows !== undefined) this.#leave?.(this.branch, this.#rows);
    this.#rows = undefined;
  }

  #basketOf(index: number): BasketRows {
    const held = this.#rows;
    if (held !== undefined && index >= held.firstEntry && index < held.firstEntry + held.count) return held;
    this.close();
    const { file, path, scan, baskets } = this.#reader;
    try {
      if (index < 0 || index >= this.entryCount) {
        throw new CorruptFileError('entry does not exist', { expected: `below ${this.entryCount}`, found: index });
      }
      const rows = readBasketRows(file, scan, baskets, this.#find(index));
      if (index - rows.firstEntry >= rows.count) throw new CorruptFileError('no basket holds the entry', { found: index });
      this.#rows = rows;
      return rows;
    } catch (err) {
      throw addContext(err, { file: file.path, objectPath: `${path}: branch ${branchName(scan, this.branch)}` });
    }
  }

  /** The last basket that begins at or before an entry, by bisection. */
  #find(index: number): number {
    const { start, firstEntry } = this.#reader.baskets;
    let [low, high] = [start[this.branch] as number, (start[this.branch + 1] as number) - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((firstEntry[middle] as number) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
