/**
 * What changes in the first input's tree object to make it the merged one: numbers in place, and
 * ranges of other length. Everything not named here stays byte by byte as the first input had it.
 */
import { UnsupportedError } from '../../errors.ts';
import { BigEndianWriter, writeI64 } from '../../io/bytes/big-endian.ts';
import { NEW_TOBJECT } from '../../io/root/streamer/root-object.ts';
import { NEW_CLASS_TAG, basicSize, byteCountWord, countedBytes, isByteCount } from '../../io/root/streamer/type-codes.ts';
import { ABSENT, EMPTY_ARRAY, patchBasic, type MemberTable } from '../../io/root/tree/member-table.ts';
import { BRANCH, LEAF, TREE } from '../../io/root/tree/scan-layout.ts';
import type { SpanEdit } from '../../io/root/tree/splice.ts';
import { encodeTreeIndex } from '../../io/root/tree/tree-index.ts';
import { branchBaskets, encodeBasketArrays, type BranchBaskets } from './basket-arrays.ts';
import type { PlacedBaskets } from './placed-baskets.ts';
import type { TreeTarget } from './tree-target.ts';

/** Edits of a tree's payload. */
export interface TreeEdits {
  /** The payload with all numbers patched in place. */
  patched: Uint8Array;
  /** Where: (index, bytes) pairs. */
  numbers: number[];
  /** Ranges that get other bytes. */
  ranges: SpanEdit[];
}

/** Edits for the merged tree. `placed[i]`: where the baskets of part i went; `settings`: fCompress by branch row, where it changes. */
export function treeEdits(tree: TreeTarget, placed: readonly PlacedBaskets[], settings: Int32Array | undefined): TreeEdits {
  const editor = new TreeEditor(tree, placed);
  const sums = { total: 0, zip: 0 };
  for (let row = 0; row < tree.scan.branches.count; row++) {
    const baskets = editor.editBranch(row);
    if (settings !== undefined) editor.setBranch(row, BRANCH.fCompress, settings[row] as number);
    sums.total += baskets.totalBytes;
    sums.zip += baskets.zipBytes;
  }
  editor.setTree(TREE.fBits, tree.limits.treeBits);
  editor.setTree(TREE.fEntries, tree.entryCount);
  editor.setTree(TREE.fTotBytes, sums.total);
  editor.setTree(TREE.fZipBytes, sums.zip);
  editor.setTree(TREE.fFlushedBytes, tree.flushedBytes);
  editor.editClusters();
  editor.editIndex();
  editor.editUserInfo();
  editor.editLimits();
  return editor.edits;
}

class TreeEditor {
  readonly edits: TreeEdits;
  readonly #tree: TreeTarget;
  readonly #placed: readonly PlacedBaskets[];
  readonly #view: DataView;

  constructor(tree: TreeTarget, placed: readonly PlacedBaskets[]) {
    this.#tree = tree;
    this.#placed = placed;
    this.edits = { patched: tree.scan.bytes.slice(), numbers: [], ranges: [] };
    this.#view = new DataView(this.edits.patched.buffer);
  }

  /** Sets a number; members the object's version does not have are none of ours. */
  #set(table: MemberTable, row: number, column: number, value: number): void {
    const at = table.offset(row, column);
    if (at === ABSENT) return;
    const type = table.typeOf(row, column);
    patchBasic(this.#view, at, type, value);
    this.edits.numbers.push(at, basicSize(type));
  }

  setTree(column: number, value: number): void {
    this.#set(this.#tree.scan.tree, 0, column, value);
  }

  setBranch(row: number, column: number, value: number): void {
    this.#set(this.#tree.scan.branches, row, column, value);
  }

  /** A class without a member that every merged tree needs is one this file describes in its own way. */
  #replace(start: number, end: number, bytes: Uint8Array): void {
    if (start === ABSENT) {
      throw new UnsupportedError('the streamer infos describe a TTree or TBranch without a member that merging must change');
    }
    this.edits.ranges.push({ start, end, bytes });
  }

  editBranch(row: number): BranchBaskets {
    const baskets = branchBaskets(this.#tree, this.#placed, row);
    this.setBranch(row, BRANCH.fBits, this.#tree.limits.branchBits[row] as number);
    this.setBranch(row, BRANCH.fWriteBasket, baskets.count);
    this.setBranch(row, BRANCH.fMaxBaskets, baskets.slots);
    this.setBranch(row, BRANCH.fEntryNumber, baskets.entryNumber);
    this.setBranch(row, BRANCH.fEntries, this.#tree.branchEntries[row] as number);
    this.setBranch(row, BRANCH.fTotBytes, baskets.totalBytes);
    this.setBranch(row, BRANCH.fZipBytes, baskets.zipBytes);
    this.#emptyBasketList(row, baskets.count);
    this.#replaceBasketArrays(row, baskets);
    return baskets;
  }

  /** fBaskets: null slots only. ROOT's reader of TBranch up to version 9 looks at fWriteBasket + 1 of them unasked. */
  #emptyBasketList(row: number, count: number): void {
    const { branches } = this.#tree.scan;
    const bytes = new Uint8Array(8 + 4 * (count + 1));
    new DataView(bytes.buffer).setInt32(0, count + 1);
    this.#replace(branches.offset(row, BRANCH.fBaskets), branches.offset(row, BRANCH.fBasketsEnd), bytes);
  }

  #replaceBasketArrays(row: number, baskets: BranchBaskets): void {
    const { branches } = this.#tree.scan;
    const columns = [BRANCH.fBasketBytes, BRANCH.fBasketEntry, BRANCH.fBasketSeek];
    const [bytes, entry, seek] = columns.map((column) => basicSize(branches.typeOf(row, column) & ~EMPTY_ARRAY)) as [
      number,
      number,
      number,
    ];
    const arrays = encodeBasketArrays(this.#tree, this.#placed, row, baskets, { bytes, entry, seek });
    columns.forEach((column, k) => this.#replaceArray(branches, row, column, BRANCH.fMaxBaskets, arrays[k] as Uint8Array));
  }

  /** Replaces a counted array with its flag byte; its old length comes from the scan. */
  #replaceArray(table: MemberTable, row: number, column: number, counter: number, bytes: Uint8Array): void {
    const at = table.offset(row, column);
    const type = table.typeOf(row, column);
    const n = (type & EMPTY_ARRAY) === 0 ? table.number(this.#tree.scan.view, row, counter) : 0;
    this.#replace(at, at + 1 + n * basicSize(type & ~EMPTY_ARRAY), bytes);
  }

  editClusters(): void {
    const { clusters, scan } = this.#tree;
    this.setTree(TREE.fAutoFlush, clusters.autoFlush);
    if (scan.tree.offset(0, TREE.fNClusterRange) === ABSENT) return;
    this.setTree(TREE.fNClusterRange, clusters.end.length);
    this.#replaceArray(scan.tree, 0, TREE.fClusterRangeEnd, TREE.fNClusterRange, longs(clusters.end));
    this.#replaceArray(scan.tree, 0, TREE.fClusterSize, TREE.fNClusterRange, longs(clusters.size));
  }

  editIndex(): void {
    const { scan, index } = this.#tree;
    const at = scan.tree.offset(0, TREE.fTreeIndex);
    if (at === ABSENT || (scan.view.getUint32(at) === 0 && index === undefined)) return;
    this.#replacePointer(at, index === undefined ? new Uint8Array(4) : pointerTo('TTreeIndex', encodeTreeIndex(index)));
  }

  editUserInfo(): void {
    const { scan, userInfo } = this.#tree;
    const at = scan.tree.offset(0, TREE.fUserInfo);
    if (userInfo !== undefined && at !== ABSENT) this.#replacePointer(at, pointerTo('TList', encodeTextList(userInfo)));
  }

  /** Replaces a pointer slot and what it points to. */
  #replacePointer(at: number, bytes: Uint8Array): void {
    const word = this.#tree.scan.view.getUint32(at);
    this.#replace(at, isByteCount(word) ? at + 4 + countedBytes(word) : at + 4, bytes);
  }

  editLimits(): void {
    const { limits, scan } = this.#tree;
    for (const row of limits.elements) this.setBranch(row, BRANCH.fMaximum, limits.elementMaximum[row] as number);
    for (const leaf of limits.leaves) {
      const [maximum, minimum] = [limits.stored(leaf, limits.maximum[leaf] as number), limits.stored(leaf, limits.minimum[leaf] as number)];
      if (Number.isSafeInteger(maximum)) this.#set(scan.leaves, leaf, LEAF.fMaximum, maximum);
      if (Number.isSafeInteger(minimum)) this.#set(scan.leaves, leaf, LEAF.fMinimum, minimum);
      if (scan.leafClass[leaf] === 'TLeafC') this.#set(scan.leaves, leaf, LEAF.fLen, limits.length[leaf] as number);
    }
  }
}

/** A counted array of 64-bit values with its flag byte. */
function longs(values: readonly number[]): Uint8Array {
  if (values.length === 0) return new Uint8Array(1);
  const bytes = new Uint8Array(1 + 8 * values.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 1;
  values.forEach((value, i) => writeI64(view, 1 + 8 * i, value));
  return bytes;
}

/** A TList (version 5) of one TObjString (version 1), byte count first: TObject, name, size, the slot, its option. */
function encodeTextList(text: string): Uint8Array {
  const item = new BigEndianWriter(text.length + 32);
  item.raw(NEW_TOBJECT);
  item.tstring(text);
  const list = new BigEndianWriter(text.length + 128);
  list.raw(NEW_TOBJECT);
  list.tstring('');
  list.i32(1);
  list.raw(pointerTo('TObjString', framed(1, item.done())));
  list.u8(0);
  return framed(5, list.done());
}

/** Byte count, version, content. */
function framed(version: number, content: Uint8Array): Uint8Array {
  const w = new BigEndianWriter(content.length + 6);
  w.u32(byteCountWord(content.length + 2));
  w.u16(version);
  w.raw(content);
  return w.done();
}

/** A pointer slot with an object whose class is spelled out: byte count, new-class tag, name, object. */
function pointerTo(className: string, object: Uint8Array): Uint8Array {
  const name = Buffer.from(`${className}\0`, 'latin1');
  const bytes = new Uint8Array(8 + name.length + object.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, byteCountWord(bytes.length - 4));
  view.setUint32(4, NEW_CLASS_TAG);
  bytes.set(name, 8);
  bytes.set(object, 8 + name.length);
  return bytes;
}
