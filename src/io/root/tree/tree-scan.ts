/**
 * Scan of a tree object: one pass over its payload that finds every branch, leaf and embedded basket
 * and the members merging needs, by layouts compiled from the streamer infos. Nothing is converted;
 * the tables hold payload indices. About 1.5 µs per branch.
 */
import { CorruptFileError, UnsupportedError, addContext } from '../../../errors.ts';
import type { InfoSet } from '../streamer/info-set.ts';
import { TypeCode } from '../streamer/type-codes.ts';
import { EMPTY_ARRAY, MemberTable } from './member-table.ts';
import { TagCursor } from './tag-cursor.ts';
import { BRANCH, COLUMN_COUNTS, layoutCache, scanLayout, type LayoutCache, type ScanOp, type ScannedKind } from './scan-layout.ts';

/** A basket stored inside the tree object instead of in a record of its own. */
export interface EmbeddedBasket {
  /** Row of its branch. */
  branch: number;
  /** Its number within the branch. */
  slot: number;
  /** Payload range of the basket, its key header first. */
  start: number;
  end: number;
}

/** What a scan found. All positions are payload indices. */
export interface TreeScan {
  bytes: Uint8Array;
  view: DataView;
  /** Bytes of the key header in front of the payload: tags count from there. */
  keylen: number;
  /** One row. */
  tree: MemberTable;
  /** Rows in the order of the branches' appearance: a branch before those below it. */
  branches: MemberTable;
  branchClass: string[];
  /** Row of the branch this one is listed in; -1 for the tree's own, -2 for one met through a pointer only. */
  branchParent: number[];
  /** Row of the fBranchRef branch; -1 for none. */
  refBranch: number;
  leaves: MemberTable;
  leafClass: string[];
  /** Row of the leaf that counts this one; -1 for none. */
  leafCounter: number[];
  /** Leaf rows of branch b: `leafList` from `leafStart[b]`, `leafCount[b]` of them. */
  leafList: number[];
  leafStart: number[];
  leafCount: number[];
  embedded: EmbeddedBasket[];
  /** Rows of branches and leaves by the tag other objects refer to them with: slot index + keylen + 2. */
  branchByTag: Map<number, number>;
  leafByTag: Map<number, number>;
  /** True when the tree holds objects that were stepped over (index, user info, …): they may contain tags. */
  hasExtras: boolean;
  /** Byte-count words met: (index, end of what is counted) pairs. Only with `relocatable`. */
  frames: number[];
  /** Words that hold a tag. Only with `relocatable`. */
  tags: number[];
}

/** What a scan may collect beyond the members. */
export interface ScanOptions {
  /** Collect what splice.ts needs to encode the tree anew; default false. */
  relocatable?: boolean;
}

/** Parent of a branch that no fBranches list holds. */
const UNLISTED = -2;

/**
 * Scans the payload of a TTree (or TNtuple) key.
 * CorruptFileError (offset in the payload) where counts or byte counts do not fit; UnsupportedError for classes or
 * versions without known layout.
 */
export function scanTree(payload: Uint8Array, keylen: number, className: string, infos: InfoSet, options: ScanOptions = {}): TreeScan {
  const scanner = new TreeScanner(payload, keylen, infos, options.relocatable === true);
  try {
    scanner.framed('tree', className, scanner.out.tree, scanner.out.tree.addRow());
  } catch (err) {
    if (err instanceof RangeError) throw new CorruptFileError('tree object ends too early', { offset: scanner.pos, cause: err });
    throw addContext(err, { offset: scanner.pos });
  }
  if (scanner.pos !== payload.length) {
    throw new CorruptFileError('bytes left behind the tree object', { offset: scanner.pos, expected: payload.length, found: scanner.pos });
  }
  scanner.out.hasExtras = scanner.hasExtras;
  return scanner.out;
}

/** Rows the tables start with. */
const FIRST_ROWS = 64;

class TreeScanner extends TagCursor {
  readonly out: TreeScan;
  readonly #infos: InfoSet;
  readonly #layouts: LayoutCache;
  /** Row of the branch whose members are being read. */
  #branch = -1;

  constructor(bytes: Uint8Array, keylen: number, infos: InfoSet, relocatable: boolean) {
    super(bytes, keylen, relocatable);
    this.#infos = infos;
    this.#layouts = layoutCache(infos);
    this.out = {
      bytes,
      view: this.view,
      keylen,
      tree: new MemberTable(COLUMN_COUNTS.tree, 1),
      branches: new MemberTable(COLUMN_COUNTS.branch, FIRST_ROWS),
      branchClass: [],
      branchParent: [],
      refBranch: -1,
      leaves: new MemberTable(COLUMN_COUNTS.leaf, FIRST_ROWS),
      leafClass: [],
      leafCounter: [],
      leafList: [],
      leafStart: [],
      leafCount: [],
      embedded: [],
      branchByTag: new Map(),
      leafByTag: new Map(),
      hasExtras: false,
      frames: this.frames,
      tags: this.tags,
    };
  }

  /** Scans an object with byte count and version at the cursor into a row. */
  framed(kind: ScannedKind, className: string, table: MemberTable, row: number): void {
    const start = this.pos;
    const end = this.openFrame();
    const version = this.view.getInt16(start + 4);
    const layout = scanLayout(this.#layouts, this.#infos, kind, className, version);
    for (let i = 0; i < layout.length; i++) this.#run(layout[i] as ScanOp, kind, table, row);
    if (this.pos !== end) {
      throw new CorruptFileError(`byte count of ${className} does not match its members`, {
        offset: start,
        expected: this.pos - start - 4,
        found: end - start - 4,
      });
    }
  }

  #run(op: ScanOp, kind: ScannedKind, table: MemberTable, row: number): void {
    switch (op.kind) {
      case 'mark':
        table.set(row, op.column, this.pos + op.size, op.type);
        return;
      case 'skip':
        this.pos += op.size;
        return;
      case 'base':
        this.framed(kind, op.className, table, row);
        return;
      case 'branches':
        this.#branches();
        return;
      case 'leaves':
        this.#leaves();
        return;
      case 'baskets':
        this.#baskets();
        return;
      case 'leaf-pointer':
        this.out.leafCounter[row] = this.#leaf();
        return;
      case 'branch-pointer':
        this.#branchPointer(op, table, row);
        return;
      case 'tobject':
        if (op.column >= 0) table.set(row, op.column, this.objectBits(), op.type);
        this.skipTObject();
        return;
      default:
        if (op.column >= 0) table.set(row, op.column, this.pos, op.type);
        this.#step(op, table, row);
    }
  }

  /** Steps over a member whose place was remembered. */
  #step(op: ScanOp, table: MemberTable, row: number): void {
    switch (op.kind) {
      case 'string':
        this.skipString();
        return;
      case 'framed':
        this.pos = this.frameEnd(this.pos);
        return;
      case 'counted':
        this.pos += 4 + this.count(this.view.getInt32(this.pos)) * op.size;
        return;
      case 'pointer':
        this.skipPointer();
        return;
      default:
        this.#array(op, table, row);
    }
  }

  #array(op: ScanOp, table: MemberTable, row: number): void {
    if (op.counter < 0) throw new UnsupportedError('array with a counter that is not known', { offset: this.pos });
    const flag = this.view.getUint8(this.pos);
    const old = op.kind === 'old-array';
    const n = !old && flag === 0 ? 0 : this.count(table.number(this.view, row, op.counter));
    const wide = old && flag === 2;
    const type = wide ? TypeCode.long64 : op.type;
    if (op.column >= 0) table.set(row, op.column, this.pos, n === 0 ? type | EMPTY_ARRAY : type);
    this.pos += 1 + n * (wide ? 8 : op.size);
  }

  #branches(): void {
    const parent = this.#branch;
    const [count, end] = this.openArray();
    for (let i = 0; i < count; i++) this.#branchSlot(parent);
    this.#branch = parent;
    this.closeArray(end);
  }

  /** A pointer slot that holds a branch; returns its row, -1 for a null pointer. */
  #branchSlot(parent: number): number {
    const slot = this.pos;
    const className = this.openPointer();
    if (className === null) return -1;
    if (className === '') {
      const row = this.out.branchByTag.get(this.reference);
      if (row === undefined) throw new CorruptFileError('tag refers to no branch', { offset: slot });
      if (parent !== UNLISTED) this.out.branchParent[row] = parent;
      return row;
    }
    const row = this.out.branches.addRow();
    this.out.branchByTag.set(this.tagOf(slot), row);
    this.out.branchClass[row] = className;
    this.out.branchParent[row] = parent;
    this.out.leafStart[row] = 0;
    this.out.leafCount[row] = 0;
    this.#branch = row;
    this.framed('branch', className, this.out.branches, row);
    this.closeSlot(slot, className);
    return row;
  }

  /** Pointer to a branch that is normally listed elsewhere (fBranchCount), or to the reference branch. */
  #branchPointer(op: ScanOp, table: MemberTable, row: number): void {
    const at = this.pos;
    const outer = this.#branch;
    const found = this.#branchSlot(UNLISTED);
    this.#branch = outer;
    if (table !== this.out.tree) return;
    if (op.column >= 0) table.set(row, op.column, at, 0);
    this.out.refBranch = found;
  }

  #leaves(): void {
    const branch = this.#branch;
    const [count, end] = this.openArray();
    const rows: number[] = [];
    for (let i = 0; i < count; i++) rows.push(this.#leaf());
    this.closeArray(end);
    if (branch < 0) return; // the tree's own list repeats those of the branches
    this.out.leafStart[branch] = this.out.leafList.length;
    this.out.leafCount[branch] = rows.length;
    for (const row of rows) this.out.leafList.push(row);
  }

  /** A pointer slot that holds a leaf; returns its row, -1 for a null pointer. */
  #leaf(): number {
    const slot = this.pos;
    const className = this.openPointer();
    if (className === null) return -1;
    if (className === '') {
      const row = this.out.leafByTag.get(this.reference);
      if (row === undefined) throw new CorruptFileError('tag refers to no leaf', { offset: slot });
      return row;
    }
    const row = this.out.leaves.addRow();
    this.out.leafByTag.set(this.tagOf(slot), row);
    this.out.leafClass[row] = className;
    this.out.leafCounter[row] = -1;
    this.framed('leaf', className, this.out.leaves, row);
    this.closeSlot(slot, className);
    return row;
  }

  #baskets(): void {
    const branch = this.#branch;
    const [count, end] = this.openArray();
    this.out.branches.set(branch, BRANCH.fBaskets, this.pos - 8, TypeCode.int);
    this.out.branches.set(branch, BRANCH.fBasketsEnd, end, 0);
    for (let slot = 0; slot < count; slot++) {
      const at = this.pos;
      const className = this.openPointer(false);
      if (className === null) continue;
      if (className !== 'TBasket') throw new UnsupportedError(`basket of class ${className || 'given by a tag'}`, { offset: at });
      const start = this.pos;
      this.pos = this.frameEnd(at);
      this.out.embedded.push({ branch, slot, start, end: this.pos });
    }
    this.closeArray(end);
  }
}
