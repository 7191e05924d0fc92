/**
 * Recognises a tree that differs from a known one only in numbers: workers of one job write trees of
 * equal form. Where all bytes between the numbers are equal, branches, leaves and places are proven
 * equal, and the known scan serves for the other payload too.
 */
import { basicSize } from '../streamer/type-codes.ts';
import { ABSENT, EMPTY_ARRAY, type MemberTable } from './member-table.ts';
import { BRANCH, LEAF, TREE } from './scan-layout.ts';
import type { TreeScan } from './tree-scan.ts';

/** Numbers that may differ, by table. What must not differ (fEntryOffsetLen, fMaxBaskets, fFirstEntry) is not among them. */
const TREE_NUMBERS = [TREE.fEntries, TREE.fTotBytes, TREE.fZipBytes, TREE.fSavedBytes, TREE.fFlushedBytes, TREE.fAutoFlush];
const BRANCH_NUMBERS = [
  BRANCH.fCompress,
  BRANCH.fWriteBasket,
  BRANCH.fEntryNumber,
  BRANCH.fEntries,
  BRANCH.fTotBytes,
  BRANCH.fZipBytes,
  BRANCH.fMaximum,
];
const BRANCH_ARRAYS = [BRANCH.fBasketBytes, BRANCH.fBasketEntry, BRANCH.fBasketSeek];
const LEAF_NUMBERS = [LEAF.fMinimum, LEAF.fMaximum];
/** Gaps up to this size are compared byte by byte: a call costs more. */
const SHORT_BYTES = 24;

/** The form of one tree. */
export class TreeTemplate {
  readonly #scan: TreeScan;
  readonly #bytes: Buffer;
  /** Ranges that must be equal: (start, end) pairs, ascending. Empty: nothing can match. */
  readonly #fixed: Int32Array;

  constructor(scan: TreeScan) {
    this.#scan = scan;
    this.#bytes = asBuffer(scan.bytes);
    this.#fixed = fixedRanges(scan);
  }

  /** The scan of another payload, if that differs in numbers only; undefined: it must be scanned. */
  match(payload: Uint8Array, keylen: number): TreeScan | undefined {
    if (this.#fixed.length === 0 || payload.length !== this.#bytes.length || keylen !== this.#scan.keylen) return undefined;
    if (!this.#hasFixedBytes(asBuffer(payload))) return undefined;
    return { ...this.#scan, bytes: payload, view: new DataView(payload.buffer, payload.byteOffset, payload.byteLength) };
  }

  #hasFixedBytes(other: Buffer): boolean {
    const own = this.#bytes;
    for (let i = 0; i < this.#fixed.length; i += 2) {
      const [start, end] = [this.#fixed[i] as number, this.#fixed[i + 1] as number];
      if (end - start > SHORT_BYTES) {
        if (own.compare(other, start, end, start, end) !== 0) return false;
      } else for (let k = start; k < end; k++) if (own[k] !== other[k]) return false;
    }
    return true;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Start and size of a range in one number, so that sorting these sorts the ranges. */
const MAX_RANGE_BYTES = 2 ** 23;

/**
 * All numbers and basket arrays that may differ, as start * MAX_RANGE_BYTES + size, in no order; undefined when an
 * array is too large for that.
 */
function numbersOf(scan: TreeScan): number[] | undefined {
  const found: number[] = [];
  const add = (table: MemberTable, row: number, columns: readonly number[]): void => {
    for (const column of columns) {
      const at = table.offset(row, column);
      if (at !== ABSENT) found.push(at * MAX_RANGE_BYTES + basicSize(table.typeOf(row, column)));
    }
  };
  add(scan.tree, 0, TREE_NUMBERS);
  for (let row = 0; row < scan.branches.count; row++) {
    add(scan.branches, row, BRANCH_NUMBERS);
    const slots = scan.branches.number(scan.view, row, BRANCH.fMaxBaskets);
    for (const column of BRANCH_ARRAYS) {
      const type = scan.branches.typeOf(row, column);
      const bytes = slots * basicSize(type);
      if (bytes >= MAX_RANGE_BYTES) return undefined;
      if ((type & EMPTY_ARRAY) === 0) found.push((scan.branches.offset(row, column) + 1) * MAX_RANGE_BYTES + bytes);
    }
  }
  for (let row = 0; row < scan.leaves.count; row++) {
    add(scan.leaves, row, LEAF_NUMBERS);
    if (scan.leafClass[row] === 'TLeafC') add(scan.leaves, row, [LEAF.fLen]);
  }
  return found;
}

/** (start, end) pairs of what lies between the numbers; empty when nothing can match. */
function fixedRanges(scan: TreeScan): Int32Array {
  const numbers = scan.embedded.length > 0 ? undefined : numbersOf(scan);
  if (numbers === undefined) return new Int32Array(0);
  const fixed: number[] = [];
  let from = 0;
  for (const packed of Float64Array.from(numbers).sort()) {
    const start = Math.floor(packed / MAX_RANGE_BYTES);
    if (start > from) fixed.push(from, start);
    from = start + (packed % MAX_RANGE_BYTES);
  }
  if (scan.bytes.length > from) fixed.push(from, scan.bytes.length);
  return Int32Array.from(fixed);
}
