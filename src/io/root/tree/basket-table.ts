/**
 * The baskets of one tree as columns: branch by branch, in the order of their entries. 20 bytes per
 * basket, no object each; trees of 10^6 baskets take 20 MB.
 */
import { CorruptFileError, UnsupportedError } from '../../../errors.ts';
import { decodeText, readI64 } from '../../bytes/big-endian.ts';
import { hasBuffer } from './embedded-basket.ts';
import { ABSENT, EMPTY_ARRAY } from './member-table.ts';
import { TypeCode } from '../streamer/type-codes.ts';
import type { BasketParts } from './basket.ts';
import type { MadeRows } from './made-rows.ts';
import { BRANCH } from './scan-layout.ts';
import type { EmbeddedBasket, TreeScan } from './tree-scan.ts';

/** Baskets of one tree. Branches are numbered as the caller's `order` says. */
export interface BasketTable {
  /** Baskets of branch b: [start[b], start[b + 1]). */
  start: Uint32Array;
  /** File offset of each basket's record; 0 for an embedded one. */
  seek: Float64Array;
  /** Bytes of the record (fNbytes) as the tree says; 0 where it does not say (old files) and for embedded ones. */
  bytes: Uint32Array;
  /** Sum of `bytes`. */
  storedBytes: number;
  /** Number of the basket's first entry within its branch. */
  firstEntry: Float64Array;
  /** Entries of each branch (fEntryNumber): where the next basket would start. */
  entryCount: Float64Array;
  /** Embedded baskets, ascending, with their index in the columns. */
  embedded: { basket: number; where: EmbeddedBasket }[];
  /** Baskets that no input holds, ascending, with their index in the columns; their offset is 0. */
  made: { basket: number; parts: () => BasketParts }[];
}

/**
 * Collects the baskets of a scanned tree. `order[b]` is the scan row of branch b. `made`: rows of branches that are not
 * taken from the scan, by b; a branch that has neither a row nor made rows is empty.
 * CorruptFileError where the basket arrays contradict each other.
 */
export function buildBasketTable(scan: TreeScan, order: ArrayLike<number>, made?: ReadonlyMap<number, MadeRows>): BasketTable {
  const embedded = embeddedByBranch(scan);
  const builder = new TableBuilder(scan, order.length, made);
  for (let b = 0; b < order.length; b++) {
    const row = order[b] as number;
    const rows = made?.get(b);
    if (rows !== undefined || row < 0) builder.addMade(b, rows);
    else builder.addBranch(b, row, embedded.get(row));
  }
  return builder.finish();
}

/** The `order` of a tree by itself: branch b is row b. */
export function ownOrder({ branches }: TreeScan): Int32Array {
  return Int32Array.from({ length: branches.count }, (_, row) => row);
}

function embeddedByBranch(scan: TreeScan): Map<number, Map<number, EmbeddedBasket>> {
  const byBranch = new Map<number, Map<number, EmbeddedBasket>>();
  for (const basket of scan.embedded) {
    if (!hasBuffer(scan.view, basket.start, basket.end)) continue; // groot lists the headers of baskets that lie in records
    let slots = byBranch.get(basket.branch);
    if (slots === undefined) {
      slots = new Map();
      byBranch.set(basket.branch, slots);
    }
    slots.set(basket.slot, basket);
  }
  return byBranch;
}

/** Name of a branch for messages. */
export function branchName(scan: TreeScan, row: number): string {
  return decodeText(textAt(scan, scan.branches.offset(row, BRANCH.fName)));
}

/** Class of the objects of a branch, of a member that of its parent (fClassName); empty for a branch that is no TBranchElement. */
export function branchClassName(scan: TreeScan, row: number): string {
  const at = scan.branches.offset(row, BRANCH.fClassName);
  return at === ABSENT || scan.branchClass[row] !== 'TBranchElement' ? '' : decodeText(textAt(scan, at));
}

/** Text of the TString at a payload index, a view. */
export function textAt(scan: TreeScan, at: number): Uint8Array {
  const short = scan.bytes[at] as number;
  const start = short < 255 ? at + 1 : at + 5;
  return scan.bytes.subarray(start, start + (short < 255 ? short : scan.view.getInt32(at + 1)));
}

class TableBuilder {
  readonly #scan: TreeScan;
  readonly #table: BasketTable;
  #count = 0;

  constructor(scan: TreeScan, branchCount: number, made: ReadonlyMap<number, MadeRows> | undefined) {
    this.#scan = scan;
    let capacity = countUpperBound(scan);
    for (const { baskets } of made?.values() ?? []) capacity += baskets.length;
    this.#table = {
      start: new Uint32Array(branchCount + 1),
      seek: new Float64Array(capacity),
      bytes: new Uint32Array(capacity),
      storedBytes: 0,
      firstEntry: new Float64Array(capacity),
      entryCount: new Float64Array(branchCount),
      embedded: [],
      made: [],
    };
  }

  /** A branch of made rows, or without any. */
  addMade(b: number, rows: MadeRows | undefined): void {
    const table = this.#table;
    table.start[b] = this.#count;
    table.entryCount[b] = rows?.entryCount ?? 0;
    for (const { firstEntry, parts } of rows?.baskets ?? []) {
      table.firstEntry[this.#count] = firstEntry;
      table.made.push({ basket: this.#count++, parts });
    }
  }

  addBranch(b: number, row: number, embedded: Map<number, EmbeddedBasket> | undefined): void {
    const { branches, view } = this.#scan;
    const table = this.#table;
    table.start[b] = this.#count;
    table.entryCount[b] = branches.number(view, row, BRANCH.fEntryNumber);
    const [written, slots] = [branches.number(view, row, BRANCH.fWriteBasket), branches.number(view, row, BRANCH.fMaxBaskets)];
    if (written < 0 || written > slots) this.#fail(row, 'fWriteBasket is out of range', `0 to ${slots}`, written);
    const firstEntry = branches.number(view, row, BRANCH.fFirstEntry);
    if (firstEntry !== 0) {
      throw new UnsupportedError(
        `branch ${branchName(this.#scan, row)} begins at entry ${firstEntry}, as those of pointers that are split by class (TTree::kSplitCollectionOfPointers)`,
      );
    }
    for (let slot = 0; slot < written; slot++) this.#addBasket(row, slot, true, undefined, embedded?.get(slot));
    this.#addBasket(row, written, written < slots, table.entryCount[b] as number, embedded?.get(written));
    this.#checkEntries(b, row);
  }

  /**
   * Adds the basket of a slot. An embedded one counts more than the arrays, which may hold anything then. The slot behind
   * the last written one (where `endEntry` is given) has a basket only if entries are left for it.
   */
  #addBasket(row: number, slot: number, inArrays: boolean, endEntry: number | undefined, where: EmbeddedBasket | undefined): void {
    const firstEntry = inArrays ? this.#element(row, BRANCH.fBasketEntry, slot) : 0;
    if (where === undefined && endEntry !== undefined && (!inArrays || firstEntry >= endEntry)) return;
    const seek = where === undefined ? this.#element(row, BRANCH.fBasketSeek, slot) : 0;
    if (where === undefined && seek === 0 && slot === 0 && this.#isSplit(row)) return;
    if (where === undefined && seek <= 0) this.#fail(row, `basket ${slot} has no place in the file`, 'an offset', seek);
    const bytes = where === undefined ? this.#element(row, BRANCH.fBasketBytes, slot) : 0;
    if (bytes < 0) this.#fail(row, `basket ${slot} has a negative length`, 'a number of bytes', bytes);
    const table = this.#table;
    const i = this.#count++;
    table.seek[i] = seek;
    table.bytes[i] = bytes;
    table.storedBytes += bytes;
    table.firstEntry[i] = firstEntry;
    if (where !== undefined) table.embedded.push({ basket: i, where });
  }

  /** A branch whose data are all in its sub-branches: files that hadd wrote count its entries without baskets. */
  #isSplit(row: number): boolean {
    const { branches, view, branchParent } = this.#scan;
    return branches.number(view, row, BRANCH.fTotBytes) === 0 && branchParent.includes(row);
  }

  #element(row: number, column: number, slot: number): number {
    const { branches, view } = this.#scan;
    const at = branches.offset(row, column) + 1;
    const type = branches.typeOf(row, column);
    switch (type) {
      case TypeCode.int:
        return view.getInt32(at + 4 * slot);
      case TypeCode.long:
      case TypeCode.long64:
        return readI64(view, at + 8 * slot);
      default:
        if ((type & EMPTY_ARRAY) !== 0) return 0;
        throw new UnsupportedError('basket array of an unknown type', { offset: at });
    }
  }

  #checkEntries(b: number, row: number): void {
    const { start, firstEntry, entryCount } = this.#table;
    let previous = 0;
    for (let i = start[b] as number; i < this.#count; i++) {
      const first = firstEntry[i] as number;
      if (i === start[b] && first !== 0) this.#fail(row, 'first basket does not start at entry 0', 0, first);
      if (first < previous) this.#fail(row, 'entries of the baskets do not ascend', `at least ${previous}`, first);
      previous = first;
    }
    if ((entryCount[b] as number) < previous) {
      this.#fail(row, 'fEntryNumber is below the last basket', `at least ${previous}`, entryCount[b] as number);
    }
  }

  #fail(row: number, what: string, expected: number | string, found: number): never {
    throw new CorruptFileError(`branch ${branchName(this.#scan, row)}: ${what}`, { expected, found });
  }

  finish(): BasketTable {
    const table = this.#table;
    const n = this.#count;
    table.start[table.start.length - 1] = n;
    table.seek = table.seek.slice(0, n);
    table.bytes = table.bytes.slice(0, n);
    table.firstEntry = table.firstEntry.slice(0, n);
    return table;
  }
}

function countUpperBound(scan: TreeScan): number {
  let sum = 0;
  for (let row = 0; row < scan.branches.count; row++) sum += Math.max(0, scan.branches.number(scan.view, row, BRANCH.fWriteBasket)) + 1;
  if (sum > scan.bytes.length) {
    throw new CorruptFileError('fWriteBasket is out of range', { expected: `at most ${scan.bytes.length}`, found: sum });
  }
  return sum;
}

/** Entries of a basket: up to the next one, or to the end of its branch. */
export function entriesOfBasket(table: BasketTable, basket: number): number {
  const { firstEntry, start, entryCount } = table;
  const first = firstEntry[basket] as number;
  const next = firstEntry[basket + 1];
  if (next !== undefined && next !== 0) return next - first; // another branch would start at 0
  const branch = branchOfBasket(table, basket);
  return (basket + 1 < (start[branch + 1] as number) ? (next as number) : (entryCount[branch] as number)) - first;
}

/** Branch of a basket, by bisection. */
export function branchOfBasket(table: BasketTable, basket: number): number {
  let [low, high] = [0, table.start.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((table.start[middle] as number) <= basket) low = middle;
    else high = middle - 1;
  }
  return low;
}
