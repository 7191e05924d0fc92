/**
 * What readers rely on to hold for all entries: the largest value a counter leaf ever had, the longest string of a TLeafC,
 * the most objects of a TClonesArray branch. The output needs the largest of all inputs, or readers
 * cut what exceeds it (rules 7 and 8 of docs/format/writing.md). And bits: whether entries refer to objects within them, whether
 * branches are read at all, whether entries have an order.
 */
import { ABSENT, type MemberTable } from '../../io/root/tree/member-table.ts';
import { BRANCH, LEAF, TREE } from '../../io/root/tree/scan-layout.ts';
import type { TreeScan } from '../../io/root/tree/tree-scan.ts';
import { basicSize } from '../../io/root/streamer/type-codes.ts';

/** Leaf classes whose limits are integers that count something. */
const RANGED = new Set(['TLeafB', 'TLeafS', 'TLeafI', 'TLeafL', 'TLeafG', 'TLeafC']);

/**
 * TBranch::kDoNotUseBufferMap in fBits: no entry refers to an object or class within it, so that readers keep no map of these,
 * or rather one for all entries together. Set until a fill needs the map (ROOT tree/tree/src/TBranch.cxx, FillImpl and GetEntry).
 */
const NO_BUFFER_MAP = 1 << 22;

/**
 * kDoNotProcess in fBits of a branch that was switched off (TTree::SetBranchStatus) when its tree was written: ROOT then reads
 * it in no entry. It must not hide what other inputs hold.
 */
const DO_NOT_PROCESS = 1 << 10;

/** TTree::kEntriesReshuffled in fBits: threads wrote the entries in any order, so that the tree can be no friend by entry number. */
const ENTRIES_RESHUFFLED = 1 << 19;
/** TBranch::kBranchObject and kBranchAny: readers enter each object of the branch into the map, which must be emptied between entries. */
const MAPPED_OBJECT = (1 << 15) | (1 << 17);

/** Limits of the leaves and branches of one tree over all inputs, by row of the first input's scan. */
export class LeafLimits {
  readonly #first: TreeScan;
  /** Leaf rows with limits; branch they are listed in, and their place in its list. */
  readonly #leaves: number[] = [];
  readonly #branchOf: number[] = [];
  readonly #placeOf: number[] = [];
  readonly #elements: number[] = [];
  readonly maximum: Float64Array;
  readonly minimum: Float64Array;
  /** fLen of TLeafC. */
  readonly length: Float64Array;
  /** fMaximum of TBranchElement by branch row. */
  readonly elementMaximum: Float64Array;
  /** fBits by branch row: those of the first input, without NO_BUFFER_MAP and DO_NOT_PROCESS where any input lacks it. */
  readonly branchBits: Int32Array;
  /** fBits of the tree: those of the first input, with ENTRIES_RESHUFFLED where any input has it. */
  treeBits: number;

  constructor(first: TreeScan) {
    this.#first = first;
    this.maximum = new Float64Array(first.leaves.count).fill(-Infinity);
    this.minimum = new Float64Array(first.leaves.count).fill(Infinity);
    this.length = new Float64Array(first.leaves.count);
    this.elementMaximum = new Float64Array(first.branches.count);
    this.treeBits = first.tree.number(first.view, 0, TREE.fBits);
    this.branchBits = Int32Array.from({ length: first.branches.count }, (_, row) => first.branches.number(first.view, row, BRANCH.fBits));
    for (let row = 0; row < first.branches.count; row++) {
      if (first.branches.offset(row, BRANCH.fMaximum) !== ABSENT) this.#elements.push(row);
      for (let i = 0; i < (first.leafCount[row] as number); i++) this.#addLeaf(row, i);
    }
  }

  #addLeaf(branch: number, place: number): void {
    const leaf = this.#first.leafList[(this.#first.leafStart[branch] as number) + place] as number;
    if (leaf < 0 || !RANGED.has(this.#first.leafClass[leaf] as string)) return;
    this.#leaves.push(leaf);
    this.#branchOf.push(branch);
    this.#placeOf.push(place);
  }

  /** Takes in the limits of an input; `order` gives its branch row for each row of the first. */
  include(scan: TreeScan, order: ArrayLike<number>): void {
    for (let n = 0; n < this.#leaves.length; n++) {
      const branch = order[this.#branchOf[n] as number] as number;
      if (branch < 0) continue;
      const leaf = scan.leafList[(scan.leafStart[branch] as number) + (this.#placeOf[n] as number)] as number;
      if (leaf >= 0) this.#includeLeaf(this.#leaves[n] as number, scan, leaf);
    }
    for (const row of this.#elements) {
      if ((order[row] as number) < 0) continue;
      const value = scan.branches.number(scan.view, order[row] as number, BRANCH.fMaximum);
      if (value > (this.elementMaximum[row] as number)) this.elementMaximum[row] = value;
    }
    this.#includeBits(scan, order);
  }

  #includeBits({ tree, branches, view }: TreeScan, order: ArrayLike<number>): void {
    this.treeBits |= tree.number(view, 0, TREE.fBits) & ENTRIES_RESHUFFLED;
    for (let row = 0; row < this.branchBits.length; row++) {
      const other = order[row] as number;
      if (other >= 0) this.branchBits[row]! &= branches.number(view, other, BRANCH.fBits) | ~(NO_BUFFER_MAP | DO_NOT_PROCESS);
    }
  }

  #includeLeaf(leaf: number, scan: TreeScan, other: number): void {
    const maximum = unsignedAware(scan, other, LEAF.fMaximum);
    const minimum = unsignedAware(scan, other, LEAF.fMinimum);
    const length = scan.leaves.number(scan.view, other, LEAF.fLen);
    if (maximum > (this.maximum[leaf] as number)) this.maximum[leaf] = maximum;
    if (minimum < (this.minimum[leaf] as number)) this.minimum[leaf] = minimum;
    if (length > (this.length[leaf] as number)) this.length[leaf] = length;
  }

  /** Takes in rows that are made for some branches: those with objects count as filled, though no input may have filled them. */
  includeMade(branches: Iterable<number>): void {
    for (const row of branches) if (((this.branchBits[row] as number) & MAPPED_OBJECT) !== 0) this.branchBits[row]! &= ~NO_BUFFER_MAP;
  }

  /** Takes in the number of elements of an entry of a branch that counts them (fMaximum of TBranchElement). */
  includeCount(branch: number, count: number): void {
    this.elementMaximum[branch] = Math.max(this.elementMaximum[branch] as number, count);
  }

  /** Takes in the longest text of a branch of one TLeafC: fLen and fMaximum count its end too. */
  includeText(branch: number, characters: number): void {
    const leaf = this.#first.leafList[this.#first.leafStart[branch] as number];
    if (leaf === undefined || this.#first.leafClass[leaf] !== 'TLeafC') return;
    this.maximum[leaf] = Math.max(this.maximum[leaf] as number, characters + 1);
    this.length[leaf] = Math.max(this.length[leaf] as number, characters + 1);
    this.minimum[leaf] = Math.min(this.minimum[leaf] as number, 0);
  }

  /** Leaf rows with limits. */
  get leaves(): readonly number[] {
    return this.#leaves;
  }

  /** Branch rows with limits. */
  get elements(): readonly number[] {
    return this.#elements;
  }

  /** A limit in the signed form its member has. */
  stored(leaf: number, value: number): number {
    const width = basicSize(this.#first.leaves.typeOf(leaf, LEAF.fMaximum));
    const span = 2 ** (8 * width);
    return value >= span / 2 ? value - span : value;
  }
}

/** A limit as its leaf means it: members are signed, values of unsigned leaves are not. */
function unsignedAware(scan: TreeScan, leaf: number, column: number): number {
  const table: MemberTable = scan.leaves;
  const value = table.number(scan.view, leaf, column);
  if (value >= 0 || table.number(scan.view, leaf, LEAF.fIsUnsigned) === 0) return value;
  return value + 2 ** (8 * basicSize(table.typeOf(leaf, column)));
}
