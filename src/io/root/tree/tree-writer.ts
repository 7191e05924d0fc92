/**
 * Writes a TTree: one branch per column, baskets as they fill, the tree object last. Members as ROOT 6 writes them (TTree v20,
 * TBranch v13); the rules for their values are in docs/format/tree.md.
 */
import { UsageError } from '../../../errors.ts';
import { Counters, checkColumns, refuseUnknown, type ColumnSpec } from '../column.ts';
import type { OutputPlace } from '../root-file-writer.ts';
import { encodeObject } from '../streamer/object-writer.ts';
import type { RootList, RootObject } from '../streamer/root-object.ts';
import { writerInfos } from '../streamer/writer-infos.ts';
import type { ClassLayout } from '../streamer/written-class.ts';
import { BranchWriter, type BasketOutput, type ReadBack, type TreeRow } from './branch-writer.ts';
import { partsOf, type ObjectColumn } from './object-column.ts';
import { treeObject, type TreeColumn } from './tree-members.ts';

/** What to write. */
export interface TreeSpec {
  name: string;
  title?: string;
  columns: readonly ColumnSpec[];
  /** Columns of objects, behind the others. */
  objects?: readonly ObjectColumn[];
  /** Bytes of a basket before compression. */
  basketBytes?: number;
  /**
   * Entries per cluster: after each such number all baskets are written. Negative: bytes after which the first cluster ends; its
   * number of entries then holds for all.
   */
  autoFlush?: number;
}

const BASKET_BYTES = 32_000;
/** ROOT's default: a cluster of 30 MB. */
const AUTO_FLUSH = -30_000_000;

/** A tree that is being written. */
export class TreeWriter {
  readonly name: string;
  readonly title: string;
  readonly basketBytes: number;
  readonly columns: readonly TreeColumn[];
  /** The branches that hold data. */
  readonly branches: readonly BranchWriter[];
  /** Classes of the objects it holds, and what they consist of. */
  readonly layouts: readonly ClassLayout[];
  autoFlush: number;
  /** Bytes of the baskets written when a cluster ended last. */
  flushedBytes = 0;
  entryCount = 0;
  /** Changes the data of each basket in place, at equal width, when the tree goes on in another file. */
  changeOnMove: ((data: Uint8Array) => void) | undefined;
  /** False: the tree begins without entries when it goes on in another file. */
  keepsEntries = true;
  readonly #names: ReadonlySet<string>;
  readonly #counters: Counters;
  #output: OutputPlace;
  #isFinished = false;

  /** UsageError for columns that do not fit together. */
  constructor(spec: TreeSpec, output: OutputPlace) {
    checkColumns(spec.columns);
    refuseBrackets(spec.columns);
    this.name = spec.name;
    this.title = spec.title ?? '';
    this.basketBytes = spec.basketBytes ?? BASKET_BYTES;
    this.autoFlush = spec.autoFlush ?? AUTO_FLUSH;
    if (!(this.basketBytes >= 100) || this.autoFlush === 0 || !Number.isInteger(this.autoFlush)) {
      throw new UsageError('basketBytes must be at least 100, autoFlush an integer other than 0');
    }
    const values = spec.columns.map((column) => ({ branches: [new BranchWriter(column, this.name, this.basketBytes)], object: undefined }));
    this.columns = [...values, ...(spec.objects ?? []).map((object) => this.#objectColumn(object))];
    this.branches = this.columns.flatMap(({ branches }) => branches);
    this.layouts = (spec.objects ?? []).flatMap(({ layout, parts = [] }) => [layout, ...parts]);
    this.#names = new Set([...spec.columns, ...(spec.objects ?? [])].map(({ name }) => name));
    this.#counters = new Counters(spec.columns);
    this.#output = output;
  }

  #objectColumn(object: ObjectColumn): TreeColumn {
    const branches = partsOf(object).map(({ column, part }) => new BranchWriter(column, this.name, this.basketBytes, part));
    return { branches, object };
  }

  get #baskets(): BasketOutput {
    const { writer, directory } = this.#output;
    return { sink: writer.sink, seekDir: directory.seekDir, compression: writer.options.compression, datime: writer.options.datime };
  }

  /** Appends an entry. UsageError when a value is missing, does not fit its column or has none; then no column got the entry. */
  fill(row: TreeRow): void {
    if (this.#isFinished) throw new UsageError(`tree ${this.name} is in a file that is closed`);
    refuseUnknown(`tree ${this.name}`, this.#names, row);
    this.#append(row, this.branches);
    this.entryCount++;
    for (const branch of this.branches) if (branch.isFull) branch.flush(this.#baskets);
    if (this.#clusterEnds()) this.#endCluster();
  }

  /** UsageError when an entry, or what it has for one object column, does not fit; nothing is appended. */
  check(row: TreeRow, object?: ObjectColumn): void {
    const branches = object === undefined ? this.branches : this.branchesOf(object);
    const before = branches.map(({ pendingBytes }) => pendingBytes);
    this.#append(row, branches);
    branches.forEach((branch, i) => branch.takeBack(before[i] as number));
  }

  /** The branches of an object column. */
  branchesOf(object: ObjectColumn): readonly BranchWriter[] {
    return this.columns.find((column) => column.object === object)?.branches ?? [];
  }

  #append(row: TreeRow, branches: readonly BranchWriter[]): void {
    const lengths = this.#counters.lengths(row);
    const bytesBefore: number[] = [];
    try {
      for (const branch of branches) {
        const { name, counter } = branch.column;
        const isPlain = branch.part === undefined;
        const own = isPlain ? lengths.get(name) : undefined;
        const before = branch.pendingBytes;
        branch.append(own ?? (isPlain ? row[name] : branch.valueIn(row)), counter === undefined ? 0 : (lengths.get(counter) ?? 0));
        bytesBefore.push(before);
        if (own !== undefined) branch.includeCount(own);
      }
    } catch (err) {
      bytesBefore.forEach((bytes, i) => branches[i]?.takeBack(bytes));
      throw err;
    }
  }

  #clusterEnds(): boolean {
    if (this.autoFlush > 0) return this.entryCount % this.autoFlush === 0;
    let bytes = 0;
    for (const branch of this.branches) bytes += branch.totBytes + branch.pendingBytes;
    return bytes >= -this.autoFlush;
  }

  #endCluster(): void {
    this.flush();
    if (this.autoFlush < 0) this.autoFlush = this.entryCount;
    this.flushedBytes = this.branches.reduce((sum, { zipBytes }) => sum + zipBytes, 0);
  }

  /** Writes the buffers of all branches as baskets. */
  flush(): void {
    for (const branch of this.branches) branch.flush(this.#baskets);
  }

  /** Classes of the objects the tree consists of, for the file's streamer infos. */
  get classNames(): string[] {
    const tree = treeObject(this);
    const leaves = (tree['fLeaves'] as RootList).arr.map((leaf) => leaf?._typename ?? '');
    const branches = (tree['fBranches'] as RootList).arr.map((branch) => branch?._typename ?? '');
    return ['TTree', ...branches, ...leaves];
  }

  /** Writes the rest of the baskets and the tree object into `slot` of its directory. */
  finish(slot: number): void {
    this.flush();
    this.#isFinished = true;
    const { writer, directory } = this.#output;
    const tree: RootObject = treeObject(this, writer.options.compression);
    const key = { className: Buffer.from('TTree'), name: Buffer.from(this.name), title: Buffer.from(this.title), cycle: 1 };
    writer.writeObject(directory, slot, key, (keylen) => encodeObject(tree, writerInfos(), keylen));
  }

  /**
   * Goes on in another file: what was written so far is written there again.
   * @param read gives bytes of the file that is left; undefined: start without entries
   */
  moveTo(output: OutputPlace, read: ReadBack | undefined): void {
    this.#output = output;
    if (read !== undefined && this.keepsEntries) {
      for (const branch of this.branches) branch.moveBaskets(this.#baskets, read, this.changeOnMove);
      return;
    }
    for (const branch of this.branches) branch.reset();
    [this.entryCount, this.flushedBytes] = [0, 0];
  }
}

/** A leaf whose title has brackets is an array of that many values to every reader. */
function refuseBrackets(columns: readonly ColumnSpec[]): void {
  const bracketed = columns.find(({ name }) => /[[\]]/.test(name));
  if (bracketed === undefined) return;
  throw new UsageError(
    `column name ${JSON.stringify(bracketed.name)} has brackets, which say how long an array is: that belongs into shape`,
  );
}
