/**
 * The merged tree's object: the first input's span graph with new basket arrays, sums and limits.
 * Everything that is not named here stays byte by byte as the first input had it.
 */
import { UnsupportedError, invariant } from '../../errors.ts';
import { writeI64 } from '../../io/bytes/big-endian.ts';
import { fieldOf, member, setNumber } from '../../io/root/streamer/member.ts';
import { arrayOf, listItems, setArray, setListItems } from '../../io/root/streamer/member-list.ts';
import { pointerNode, rawNode, type ObjectNode, type PointerNode, type SpanGraph } from '../../io/root/streamer/span-graph.ts';
import { TAG_SHIFT } from '../../io/root/streamer/type-codes.ts';
import { encodeTreeIndex } from '../../io/root/tree/tree-index.ts';
import type { PlacedBaskets } from './placed-baskets.ts';
import { referenceTableNode, setProcessGuids } from './reference-table.ts';
import type { TreeTarget } from './tree-target.ts';

/** fMaxBaskets of ROOT is never below 10. */
const MIN_BASKET_SLOTS = 10;

/** Sums over one or all branches. */
interface Sums {
  totalBytes: number;
  zipBytes: number;
}

/**
 * Edits the graph of the first input's tree into that of the merged one. `placed[i]` says where the baskets of part i
 * went; `settings` is the compression of each branch, where it changes.
 */
export function editTree(graph: SpanGraph, tree: TreeTarget, placed: readonly PlacedBaskets[], settings: Int32Array | undefined): void {
  const root = graph.root;
  invariant(root.kind === 'object', 'a tree is an object');
  const editor = new TreeEditor(tree, placed, settings);
  editor.editBranches(root);
  setNumber(root, 'fEntries', tree.entryCount);
  setNumber(root, 'fTotBytes', editor.sums.totalBytes);
  setNumber(root, 'fZipBytes', editor.sums.zipBytes);
  setIfPresent(root, 'fFlushedBytes', tree.flushedBytes);
  setClusters(root, tree);
  setIndex(root, tree);
  const table = referenceTableNode(graph);
  if (table !== undefined && tree.processGuids !== undefined) setProcessGuids(table, tree.processGuids);
}

function setIfPresent(node: ObjectNode, name: string, value: number): void {
  if (fieldOf(node, name) !== null) setNumber(node, name, value);
}

function setClusters(root: ObjectNode, tree: TreeTarget): void {
  const { end, size, autoFlush } = tree.clusters;
  setIfPresent(root, 'fAutoFlush', autoFlush);
  const before = arrayOf(root, 'fClusterRangeEnd');
  if (before === null || (before.count === 0 && end.length === 0)) return;
  setArray(root, 'fClusterRangeEnd', longs(end));
  setArray(root, 'fClusterSize', longs(size));
}

function longs(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => writeI64(view, 8 * i, value));
  return bytes;
}

function setIndex(root: ObjectNode, tree: TreeTarget): void {
  const slot = member(root, 'fTreeIndex');
  if (slot?.kind !== 'pointer') return;
  const replaced = tree.index === undefined ? pointerNode('fTreeIndex', null) : pointerNode('fTreeIndex', rawNode('', encodeTreeIndex(tree.index), 'TTreeIndex'));
  Object.assign(slot, replaced);
}

class TreeEditor {
  readonly sums: Sums = { totalBytes: 0, zipBytes: 0 };
  readonly #tree: TreeTarget;
  readonly #placed: readonly PlacedBaskets[];
  readonly #settings: Int32Array | undefined;
  readonly #limitedLeaves: ReadonlySet<number>;
  readonly #limitedBranches: ReadonlySet<number>;

  constructor(tree: TreeTarget, placed: readonly PlacedBaskets[], settings: Int32Array | undefined) {
    this.#tree = tree;
    this.#placed = placed;
    this.#settings = settings;
    this.#limitedLeaves = new Set(tree.limits.leaves);
    this.#limitedBranches = new Set(tree.limits.elements);
  }

  /** Edits the branches listed in an object's fBranches, those below them, and fBranchRef. */
  editBranches(node: ObjectNode): void {
    const list = member(node, 'fBranches');
    const slots = list === null ? [] : listItems(list);
    const reference = member(node, 'fBranchRef');
    if (reference?.kind === 'pointer') slots.push(reference);
    for (const slot of slots) if (slot.target?.kind === 'object') this.#editBranch(slot, slot.target);
  }

  #editBranch(slot: PointerNode, branch: ObjectNode): void {
    const row = this.#tree.scan.branchByTag.get(slot.start + slot.source.keylen + TAG_SHIFT);
    if (row === undefined) throw new UnsupportedError('tree lists one branch several times', { offset: slot.start });
    const count = this.#setBaskets(branch, row);
    setNumber(branch, 'fWriteBasket', count);
    setNumber(branch, 'fEntryNumber', this.#entryNumber(row));
    setNumber(branch, 'fEntries', this.#tree.branchEntries[row] as number);
    if (this.#settings !== undefined) setNumber(branch, 'fCompress', this.#settings[row] as number);
    if (this.#limitedBranches.has(row)) setNumber(branch, 'fMaximum', this.#tree.limits.elementMaximum[row] as number);
    const baskets = member(branch, 'fBaskets');
    if (baskets !== null) setListItems(baskets, []);
    this.#editLeaves(branch);
    this.editBranches(branch);
  }

  #entryNumber(row: number): number {
    return this.#tree.parts.reduce((sum, part) => sum + (part.baskets.entryCount[row] as number), 0);
  }

  /** Writes the three basket arrays, sums their bytes, returns the number of baskets. */
  #setBaskets(branch: ObjectNode, row: number): number {
    const baskets = this.#collect(row);
    const slots = Math.max(MIN_BASKET_SLOTS, baskets.seek.length + 1);
    const entries = [...baskets.firstEntry, this.#entryNumber(row)];
    setArray(branch, 'fBasketBytes', packed(branch, 'fBasketBytes', baskets.bytes, slots));
    setArray(branch, 'fBasketEntry', packed(branch, 'fBasketEntry', entries, slots));
    setArray(branch, 'fBasketSeek', packed(branch, 'fBasketSeek', baskets.seek, slots));
    setNumber(branch, 'fMaxBaskets', slots);
    setNumber(branch, 'fTotBytes', baskets.totalBytes);
    setNumber(branch, 'fZipBytes', baskets.zipBytes);
    this.sums.totalBytes += baskets.totalBytes;
    this.sums.zipBytes += baskets.zipBytes;
    return baskets.seek.length;
  }

  /** The baskets of a branch over all parts, entries counted from the start of the merged branch. */
  #collect(row: number): Sums & { seek: number[]; bytes: number[]; firstEntry: number[] } {
    const all = { seek: [] as number[], bytes: [] as number[], firstEntry: [] as number[], totalBytes: 0, zipBytes: 0 };
    let entries = 0;
    this.#tree.parts.forEach(({ baskets }, p) => {
      const { seek, bytes, totalBytes } = this.#placed[p] as PlacedBaskets;
      for (let i = baskets.start[row] as number; i < (baskets.start[row + 1] as number); i++) {
        if (seek[i] === 0) continue;
        all.seek.push(seek[i] as number);
        all.bytes.push(bytes[i] as number);
        all.firstEntry.push(entries + (baskets.firstEntry[i] as number));
        all.totalBytes += totalBytes[i] as number;
        all.zipBytes += bytes[i] as number;
      }
      entries += baskets.entryCount[row] as number;
    });
    return all;
  }

  #editLeaves(branch: ObjectNode): void {
    const list = member(branch, 'fLeaves');
    for (const slot of list === null ? [] : listItems(list)) {
      const row = this.#tree.scan.leafByTag.get(slot.start + slot.source.keylen + TAG_SHIFT) ?? this.#referredLeaf(slot);
      if (row !== undefined && this.#limitedLeaves.has(row) && slot.target?.kind === 'object') this.#setLimits(slot.target, row);
    }
  }

  /** A leaf that stands where another leaf's counter points to it. */
  #referredLeaf(slot: PointerNode): number | undefined {
    return slot.form === 'reference' ? this.#tree.scan.leafByTag.get(slot.source.view.getUint32(slot.start)) : undefined;
  }

  #setLimits(leaf: ObjectNode, row: number): void {
    const { limits } = this.#tree;
    const [maximum, minimum] = [limits.stored(row, limits.maximum[row] as number), limits.stored(row, limits.minimum[row] as number)];
    if (Number.isSafeInteger(maximum)) setNumber(leaf, 'fMaximum', maximum);
    if (Number.isSafeInteger(minimum)) setNumber(leaf, 'fMinimum', minimum);
    if (leaf.className === 'TLeafC') setNumber(leaf, 'fLen', limits.length[row] as number);
  }
}

/** Values in the width the branch's version has for an array, filled up with zeros. */
function packed(branch: ObjectNode, name: string, values: readonly number[], slots: number): Uint8Array {
  const width = arrayOf(branch, name)?.width ?? 8;
  const bytes = new Uint8Array(width * slots);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (width === 8) writeI64(view, 8 * i, value);
    else if (value <= 0x7fff_ffff) view.setInt32(4 * i, value);
    else throw new UnsupportedError(`value ${value} does not fit ${name} of this version of TBranch`);
  }
  return bytes;
}
