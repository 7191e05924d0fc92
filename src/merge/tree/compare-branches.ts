/** Do two branches of the same path hold the same? */
import { decodeText } from '../../io/bytes/big-endian.ts';
import type { InfoSet } from '../../io/root/streamer/info-set.ts';
import { countedBytes } from '../../io/root/streamer/type-codes.ts';
import { branchName, textAt } from '../../io/root/tree/basket-table.ts';
import { ABSENT, type MemberTable } from '../../io/root/tree/member-table.ts';
import { BRANCH, LEAF } from '../../io/root/tree/scan-layout.ts';
import type { TreeScan } from '../../io/root/tree/tree-scan.ts';
import { differingClass, sameChecksumLayout } from '../objects/class-layouts.ts';

/** A scanned tree and the infos of its file. */
export interface SchemaSide {
  scan: TreeScan;
  infos: InfoSet;
}

/** Names from the top branch down, joined by `/`. */
export function branchPath(scan: TreeScan, row: number): string {
  const parent = scan.branchParent[row] as number;
  return parent < 0 ? branchName(scan, row) : `${branchPath(scan, parent)}/${branchName(scan, row)}`;
}

/** A table of branches or leaves, with the tree whose bytes it points into. */
export interface ScannedTable {
  scan: TreeScan;
  table: MemberTable;
}

/** The branches of a tree. */
export function branchTable(scan: TreeScan): ScannedTable {
  return { scan, table: scan.branches };
}

/** True when two rows have the same text in a column, byte by byte, or both none. */
export function isSameText(
  { scan: a, table: tableA }: ScannedTable,
  rowA: number,
  { scan: b, table: tableB }: ScannedTable,
  rowB: number,
  column: number,
): boolean {
  const [atA, atB] = [tableA.offset(rowA, column), tableB.offset(rowB, column)];
  if (atA === ABSENT || atB === ABSENT) return atA === atB;
  const short = a.bytes[atA] as number;
  const size = short < 255 ? 1 + short : 5 + a.view.getInt32(atA + 1);
  for (let k = 0; k < size; k++) if (a.bytes[atA + k] !== b.bytes[atB + k]) return false;
  return true;
}

const ELEMENT_NUMBERS = ['fType', 'fStreamerType', 'fID'] as const;
const LEAF_NUMBERS = ['fLenType', 'fIsUnsigned', 'fType', 'fID'] as const;

/** Compares one branch with its counterpart; what differs goes into `differences`, in words. */
export class BranchComparison {
  readonly #a: SchemaSide;
  readonly #b: SchemaSide;
  readonly #rowA: number;
  readonly #rowB: number;
  readonly #differences: string[];

  constructor(a: SchemaSide, b: SchemaSide, rowA: number, rowB: number, differences: string[]) {
    this.#a = a;
    this.#b = b;
    this.#rowA = rowA;
    this.#rowB = rowB;
    this.#differences = differences;
  }

  compare(): void {
    const [a, b] = [this.#a.scan, this.#b.scan];
    const [classA, classB] = [a.branchClass[this.#rowA] as string, b.branchClass[this.#rowB] as string];
    if (classA !== classB) {
      this.#add(`is a ${classB} instead of a ${classA}`);
      return;
    }
    this.#compareFeatures();
    if (classA === 'TBranchElement' || classA === 'TBranchObject') this.#compareElement();
    this.#compareLeaves();
  }

  #add(what: string): void {
    this.#differences.push(`branch ${branchPath(this.#a.scan, this.#rowA)} ${what}`);
  }

  #number(side: SchemaSide, row: number, column: number): number {
    return side.scan.branches.number(side.scan.view, row, column);
  }

  /** ROOT keeps the features of the basket it read last: it reads baskets without them wrongly behind ones with them. */
  #compareFeatures(): void {
    const [bitsA, bitsB] = [ioBits(this.#a.scan, this.#rowA), ioBits(this.#b.scan, this.#rowB)];
    if (bitsA !== bitsB) this.#add(`has the I/O features ${bitsB} instead of ${bitsA}`);
    const [lengthA, lengthB] = [
      this.#number(this.#a, this.#rowA, BRANCH.fEntryOffsetLen),
      this.#number(this.#b, this.#rowB, BRANCH.fEntryOffsetLen),
    ];
    if (lengthA > 0 !== lengthB > 0) this.#add(lengthB > 0 ? 'has entries of varying size' : 'has entries of fixed size');
  }

  #compareElement(): void {
    const [a, b] = [this.#a, this.#b];
    for (const column of ['fClassName', 'fClonesName'] as const) {
      if (isSameText(branchTable(a.scan), this.#rowA, branchTable(b.scan), this.#rowB, BRANCH[column])) continue;
      const [held, first] = [this.#text(b, this.#rowB, column), this.#text(a, this.#rowA, column)];
      this.#add(`holds ${held === '' ? 'no class' : held} instead of ${first === '' ? 'none' : first}`);
      return;
    }
    for (const column of ELEMENT_NUMBERS) {
      const [x, y] = [this.#number(a, this.#rowA, BRANCH[column]), this.#number(b, this.#rowB, BRANCH[column])];
      if (x !== y) this.#add(`has ${column} ${y} instead of ${x}`);
    }
    this.#compareLayout();
  }

  /** The class of the branch, and the classes inside it, must have one layout per version. */
  #compareLayout(): void {
    const [a, b] = [this.#a, this.#b];
    if (a.infos === b.infos) return;
    const className = this.#text(a, this.#rowA, 'fClassName');
    const [x, y] = [this.#number(a, this.#rowA, BRANCH.fCheckSum) >>> 0, this.#number(b, this.#rowB, BRANCH.fCheckSum) >>> 0];
    if (!sameChecksumLayout(a.infos, b.infos, className, x, y)) {
      this.#add(`holds another layout of ${className} (checksum ${y.toString(16)} instead of ${x.toString(16)})`);
      return;
    }
    const differing = this.#differing(this.#rowA);
    const parent = a.scan.branchParent[this.#rowA] as number;
    if (parent >= 0 && this.#differing(parent) === differing) return; // said of the whole
    if (differing !== undefined) this.#add(`holds ${differing} in another layout`);
  }

  /** What differs in a branch of the first tree. */
  #differing(rowA: number): string | undefined {
    const [a, b] = [this.#a, this.#b];
    const isVirtual = a.scan.branchClass[rowA] === 'TBranchObject';
    return differingClass(a.infos, b.infos, {
      className: this.#text(a, rowA, 'fClassName'),
      clonesName: this.#text(a, rowA, 'fClonesName'),
      isVirtual,
    });
  }

  #text(side: SchemaSide, row: number, column: 'fClassName' | 'fClonesName'): string {
    const at = side.scan.branches.offset(row, BRANCH[column]);
    return at === ABSENT ? '' : decodeText(textAt(side.scan, at));
  }

  #compareLeaves(): void {
    const [a, b] = [this.#a.scan, this.#b.scan];
    const [countA, countB] = [a.leafCount[this.#rowA] as number, b.leafCount[this.#rowB] as number];
    if (countA !== countB) {
      this.#add(`has ${countB} leaves instead of ${countA}`);
      return;
    }
    const [startA, startB] = [a.leafStart[this.#rowA] as number, b.leafStart[this.#rowB] as number];
    for (let i = 0; i < countA; i++) this.#compareLeaf(a.leafList[startA + i] as number, b.leafList[startB + i] as number);
  }

  #compareLeaf(leafA: number, leafB: number): void {
    if (leafA < 0 || leafB < 0) return;
    const [a, b] = [this.#a.scan, this.#b.scan];
    const [classA, classB] = [a.leafClass[leafA] as string, b.leafClass[leafB] as string];
    if (classA !== classB) {
      this.#add(`has a ${classB} instead of a ${classA}`);
      return;
    }
    const [tableA, tableB] = [
      { scan: a, table: a.leaves },
      { scan: b, table: b.leaves },
    ];
    const same = (column: number): boolean => isSameText(tableA, leafA, tableB, leafB, column);
    if (!same(LEAF.fName) || !same(LEAF.fTitle)) this.#add(`has the leaf ${leafTitle(b, leafB)} instead of ${leafTitle(a, leafA)}`);
    else if (classA !== 'TLeafC') this.#compareLeafNumber(leafA, leafB, 'fLen');
    for (const column of LEAF_NUMBERS) this.#compareLeafNumber(leafA, leafB, column);
    if (counterName(a, leafA) !== counterName(b, leafB)) {
      this.#add(`is counted by ${counterName(b, leafB)} instead of ${counterName(a, leafA)}`);
    }
  }

  #compareLeafNumber(leafA: number, leafB: number, column: keyof typeof LEAF): void {
    const [a, b] = [this.#a.scan, this.#b.scan];
    const [x, y] = [a.leaves.number(a.view, leafA, LEAF[column]), b.leaves.number(b.view, leafB, LEAF[column])];
    if (x !== y) this.#add(`has a leaf with ${column} ${y} instead of ${x}`);
  }
}

/** TIOFeatures::fIOBits: the last byte of the framed member. 0 in trees without it. */
function ioBits(scan: TreeScan, row: number): number {
  const at = scan.branches.offset(row, BRANCH.fIOFeatures);
  if (at === ABSENT) return 0;
  const end = at + 4 + countedBytes(scan.view.getUint32(at));
  return scan.view.getUint8(end - 1);
}

function leafTitle(scan: TreeScan, leaf: number): string {
  return decodeText(textAt(scan, scan.leaves.offset(leaf, LEAF.fTitle)));
}

function counterName(scan: TreeScan, leaf: number): string {
  const counter = scan.leafCounter[leaf] as number;
  return counter < 0 ? 'nothing' : decodeText(textAt(scan, scan.leaves.offset(counter, LEAF.fName)));
}
