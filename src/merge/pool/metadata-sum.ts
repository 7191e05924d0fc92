/**
 * One row of metadata for all inputs, on request. It is the row of the first input that has just one, or else the first row
 * of the first input. What is known to add up is summed into it, and what is a set is united:
 *
 *   EventStreamInfo_p1 to _p3                                      stream-info-sum.ts
 *   LumiBlockCollection_p1, xAOD::LumiBlockRangeAuxContainer_v1    lumi-sum.ts
 *   xAOD::CutBookkeeperAuxContainer_v1, …AuxDyn.sumOf…             vector-sum.ts
 *
 * Everything else stays as that row has it, and is named where inputs differ in it.
 */
import { isPoolMergeError } from '../../errors.ts';
import { INDEX_NAME } from '../../io/pool/containers.ts';
import { RowReader, type RowColumns } from '../../io/pool/row-columns.ts';
import { branchClassName, branchName } from '../../io/root/tree/basket-table.ts';
import type { EntryBytes } from '../../io/root/tree/branch-cursor.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import { leadsToFirstRow } from './first-row.ts';
import type { RowSum } from './grow-row.ts';
import { LUMI_COLLECTION, LUMI_RANGES, sumLumiCollections, sumLumiRanges } from './lumi-sum.ts';
import type { PoolInput } from './pool-inputs.ts';
import { isStreamInfo, sumStreamInfos } from './stream-info-sum.ts';
import type { RewriteTask } from './tree-rewrite.ts';
import { addedVectors, dataBranches, entryOf, type MetadataRow } from './vector-sum.ts';

/** Tree of metadata; the trees of their headers begin with its name, too. */
export const METADATA_TREE = 'MetaData';

/** How metadata become one row. */
export interface MetadataSum {
  /** The input whose row it is. */
  base: PoolInput;
  /** True where that input has more rows: only its first one is left, of the metadata and of their headers. */
  isCut: boolean;
  /** Inputs with metadata, and rows these have. */
  inputCount: number;
  rowCount: number;
  /** Changes of that row. */
  tasks: RewriteTask[];
  /** Most elements of split collections that grew, by row of their branch. */
  largestCounts: Map<number, number>;
  /** Containers that were summed. */
  summed: string[];
  /** Containers that keep the values of that row though those of others should count, and why, by name. */
  kept: Map<string, string>;
}

/** Plans the sum; a reason when there can be none. */
export function planMetadataSum(inputs: readonly PoolInput[]): MetadataSum | string {
  const trees = inputs.flatMap((pool) => {
    const tree = pool.contents.containers.tree(METADATA_TREE)?.reader;
    return tree === undefined || tree.entryCount === 0 ? [] : [{ pool, tree }];
  });
  if (trees.length === 0) return 'no input has metadata';
  const base = trees.find(({ tree }) => tree.entryCount === 1) ?? (trees[0] as (typeof trees)[0]);
  if (base.tree.entryCount > 1 && !leadsToFirstRow(base.pool.contents, METADATA_TREE)) {
    return `the first header of metadata of ${base.pool.input.path} refers to other rows than the first`;
  }
  const others = trees.flatMap(({ tree }) =>
    Array.from({ length: tree.entryCount }, (_, row) => ({ tree, row })).slice(tree === base.tree ? 1 : 0),
  );
  return new SumPlanner(base.pool, base.tree, { others, inputCount: trees.length }).run();
}

/** Plans the sum container by container; to be used once. */
class SumPlanner {
  readonly #tree: TreeReader;
  readonly #others: readonly MetadataRow[];
  readonly #sum: MetadataSum;

  constructor(base: PoolInput, tree: TreeReader, { others, inputCount }: { others: readonly MetadataRow[]; inputCount: number }) {
    this.#tree = tree;
    this.#others = others;
    this.#sum = {
      base,
      isCut: tree.entryCount > 1,
      inputCount,
      rowCount: 1 + others.length,
      tasks: [],
      largestCounts: new Map(),
      summed: [],
      kept: new Map(),
    };
  }

  run(): MetadataSum {
    const names = new Set<string>();
    for (const branch of this.#tree.children(-1)) {
      const name = branchName(this.#tree.scan, branch);
      names.add(name);
      if (name !== INDEX_NAME) this.#addContainer(branch);
    }
    for (const { tree } of this.#others) {
      for (const branch of tree.children(-1)) {
        const name = branchName(tree.scan, branch);
        if (!names.has(name)) this.#sum.kept.set(name, 'that row lacks it');
      }
    }
    return this.#sum;
  }

  #addContainer(branch: number): void {
    const name = branchName(this.#tree.scan, branch);
    const present = this.#others.filter(({ tree }) => tree.branch(name) !== undefined);
    const className = branchClassName(this.#tree.scan, branch);
    if (present.some(({ tree }) => branchClassName(tree.scan, tree.branch(name) as number) !== className)) {
      this.#sum.kept.set(name, 'inputs have it in different classes');
      return;
    }
    if (isStreamInfo(className)) this.#ifKnown(name, () => this.#addStreamInfo(branch, present));
    else if (className === LUMI_COLLECTION || className === LUMI_RANGES) this.#ifKnown(name, () => this.#addLumi(branch, present));
    else {
      const isSettled = this.#addNumbers(branch, present) || this.#others.every((other) => isEqual(this.#tree, branch, other));
      if (!isSettled) this.#sum.kept.set(name, 'inputs differ in it');
    }
  }

  /**
   * Adds a container whose class is known by name; where its members are not stored as known, it is kept, and that is
   * told. Damage of a file is an error, which names it.
   */
  #ifKnown(name: string, add: () => void): void {
    try {
      add();
    } catch (err) {
      const isOtherLayout = isPoolMergeError(err, 'UNSUPPORTED') || (isPoolMergeError(err, 'CORRUPT_FILE') && err.file === undefined);
      if (!isOtherLayout) throw err;
      this.#sum.kept.set(name, `its members are not stored as known: ${err.reason}`);
    }
  }

  #addStreamInfo(branch: number, others: readonly MetadataRow[]): void {
    const name = branchName(this.#tree.scan, branch);
    const [own, ...rows] = this.#rowsOf(branch, others);
    const eventTypes = [...own].filter(([path]) => path.startsWith('m_eventTypes'));
    const isAlike = rows.every((columns) => eventTypes.every(([path, column]) => sameBytes(column, columns.get(path))));
    if (!isAlike) this.#sum.kept.set(`${name}: m_eventTypes`, 'inputs differ in it');
    const sum = sumStreamInfos(own, rows);
    if (sum !== undefined) this.#addRows(branch, sum);
    else this.#sum.kept.set(name, 'its number of events would not fit');
  }

  #addLumi(branch: number, others: readonly MetadataRow[]): void {
    const [own, ...rows] = this.#rowsOf(branch, others);
    const sum = branchClassName(this.#tree.scan, branch) === LUMI_COLLECTION ? sumLumiCollections(own, rows) : sumLumiRanges(own, rows);
    if (sum !== undefined) this.#addRows(branch, sum);
    else this.#sum.kept.set(branchName(this.#tree.scan, branch), 'inputs disagree on the events of a range, or saw more than there are');
  }

  /** The row of a container in this tree and others. */
  #rowsOf(branch: number, others: readonly MetadataRow[]): [RowColumns, ...RowColumns[]] {
    const name = branchName(this.#tree.scan, branch);
    return [
      new RowReader(this.#tree, branch).columns(0),
      ...others.map(({ tree, row }) => new RowReader(tree, tree.branch(name) as number).columns(row)),
    ];
  }

  #addRows(branch: number, { patch, grown }: RowSum): void {
    if (grown !== undefined) this.#sum.largestCounts.set(grown.branch, grown.count);
    this.#sum.tasks.push({ kind: 'rows', branch, patch: (columns, row) => (row === 0 ? patch(columns) : undefined) });
    this.#sum.summed.push(branchName(this.#tree.scan, branch));
  }

  /** Adds vectors of numbers; false when something else differs, or there are none. */
  #addNumbers(branch: number, others: readonly MetadataRow[]): boolean {
    const tasks = addedVectors({ tree: this.#tree, row: 0 }, branch, others);
    if (tasks.length === 0) return false;
    this.#sum.tasks.push(...tasks);
    this.#sum.summed.push(branchName(this.#tree.scan, branch));
    return true;
  }
}

/** True when a container of a tree's first row has the same bytes in another row. */
function isEqual(tree: TreeReader, branch: number, other: MetadataRow): boolean {
  const theirs = other.tree.branch(branchName(tree.scan, branch));
  if (theirs === undefined) return false;
  const [a, b] = [dataBranches(tree, branch), dataBranches(other.tree, theirs)];
  return a.length === b.length && a.every((own, i) => Buffer.compare(entryOf({ tree, row: 0 }, own), entryOf(other, b[i] as number)) === 0);
}

function sameBytes(a: EntryBytes, b: EntryBytes | undefined): boolean {
  return b !== undefined && Buffer.compare(a.data.subarray(a.start, a.end), b.data.subarray(b.start, b.end)) === 0;
}
