/**
 * One row of metadata for all inputs, on request: into that of the first input which has just one, or else into the first row of
 * the first input, what is known to add up is summed and what is a set is united. Everything else stays as that row has it, and is named where inputs differ in it.
 *
 *   EventStreamInfo_p…             see stream-info-sum.ts
 *   LumiBlockCollection, xAOD::LumiBlockRangeAux…   see lumi-sum.ts
 *   xAOD::CutBookkeeperAux…        nAcceptedEvents, sumOfEventWeights, sumOfEventWeightsSquared added, element by element,
 *                                  if all else in it is equal
 *   …AuxDyn.sumOf…  vector<double> added where as many elements as that
 *
 * Source: layouts measured.
 */
import { decodeText } from '../../io/bytes/big-endian.ts';
import { INDEX_NAME } from '../../io/pool/containers.ts';
import { RowReader, type RowColumns } from '../../io/pool/row-columns.ts';
import { branchName, textAt } from '../../io/root/tree/basket-table.ts';
import { BranchCursor, type EntryBytes } from '../../io/root/tree/branch-cursor.ts';
import { BRANCH } from '../../io/root/tree/scan-layout.ts';
import type { TreeReader } from '../../io/root/tree/tree-reader.ts';
import { byteCountWord } from '../../io/root/streamer/type-codes.ts';
import { VECTOR_HEAD } from './grow-row.ts';
import { leadsToFirstRow } from './first-row.ts';
import { LUMI_COLLECTION, LUMI_RANGES, sumLumiCollections, sumLumiRanges, type RowSum } from './lumi-sum.ts';
import type { PoolInput } from './pool-inputs.ts';
import { isStreamInfo, sumStreamInfos } from './stream-info-sum.ts';
import type { RewriteTask } from './tree-rewrite.ts';

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
  if (base.tree.entryCount > 1 && !leadsToFirstRow(base.pool.contents, METADATA_TREE)) return `the first header of metadata of ${base.pool.input.path} refers to other rows than the first`;
  const others = trees.flatMap(({ tree }) => Array.from({ length: tree.entryCount }, (_, row) => ({ tree, row })).slice(tree === base.tree ? 1 : 0));
  return new SumPlanner(base.pool, base.tree, { others, inputCount: trees.length }).run();
}

/** A row of metadata of an input. */
interface MetadataRow {
  tree: TreeReader;
  row: number;
}

class SumPlanner {
  readonly #tree: TreeReader;
  readonly #others: readonly MetadataRow[];
  readonly #sum: MetadataSum;

  constructor(base: PoolInput, tree: TreeReader, { others, inputCount }: { others: readonly MetadataRow[]; inputCount: number }) {
    this.#tree = tree;
    this.#others = others;
    this.#sum = { base, isCut: tree.entryCount > 1, inputCount, rowCount: 1 + others.length, tasks: [], largestCounts: new Map(), summed: [], kept: new Map() };
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
    const className = classOf(this.#tree, branch);
    if (present.some(({ tree }) => classOf(tree, tree.branch(name) as number) !== className)) {
      this.#sum.kept.set(name, 'inputs have it in different classes');
      return;
    }
    if (isStreamInfo(className)) this.#addStreamInfo(branch, present);
    else if (className === LUMI_COLLECTION || className === LUMI_RANGES) this.#addLumi(branch, present);
    else if (!this.#addNumbers(branch, present) && !this.#others.every((other) => isEqual(this.#tree, branch, other))) this.#sum.kept.set(name, 'inputs differ in it');
  }

  #addStreamInfo(branch: number, others: readonly MetadataRow[]): void {
    const name = branchName(this.#tree.scan, branch);
    const [own, ...rows] = this.#rowsOf(branch, others);
    if (rows.some((columns) => [...own].some(([path, column]) => path.startsWith('m_eventTypes') && !sameBytes(column, columns.get(path))))) this.#sum.kept.set(`${name}: m_eventTypes`, 'inputs differ in it');
    const sum = sumStreamInfos(own, rows);
    if (sum !== undefined) this.#addRows(branch, sum);
    else this.#sum.kept.set(name, 'its number of events would not fit');
  }

  #addLumi(branch: number, others: readonly MetadataRow[]): void {
    const [own, ...rows] = this.#rowsOf(branch, others);
    const sum = classOf(this.#tree, branch) === LUMI_COLLECTION ? sumLumiCollections(own, rows) : sumLumiRanges(own, rows);
    if (sum !== undefined) this.#addRows(branch, sum);
    else this.#sum.kept.set(branchName(this.#tree.scan, branch), 'inputs disagree on the events of a range, or saw more than there are');
  }

  /** The row of a container in this tree and others. */
  #rowsOf(branch: number, others: readonly MetadataRow[]): [RowColumns, ...RowColumns[]] {
    const name = branchName(this.#tree.scan, branch);
    return [new RowReader(this.#tree, branch).columns(0), ...others.map(({ tree, row }) => new RowReader(tree, tree.branch(name) as number).columns(row))];
  }

  #addRows(branch: number, { patch, grown }: RowSum): void {
    if (grown !== undefined) this.#sum.largestCounts.set(grown.branch, grown.count);
    this.#sum.tasks.push({ kind: 'rows', branch, patch: (columns, row) => (row === 0 ? patch(columns) : undefined) });
    this.#sum.summed.push(branchName(this.#tree.scan, branch));
  }

  /** Adds vectors of numbers; false when something else differs. */
  #addNumbers(branch: number, others: readonly MetadataRow[]): boolean {
    const name = branchName(this.#tree.scan, branch);
    const own = { tree: this.#tree, row: 0 };
    const numbers = additiveBranches(own, branch);
    if (numbers.length === 0) return false;
    const theirs = others.map((other) => additiveBranches(other, other.tree.branch(name) as number));
    const isAlike = theirs.every((list, i) => list.length === numbers.length && sameRest(own, branch, numbers, others[i] as MetadataRow, list));
    if (!isAlike) return false;
    for (const branchOf of new Set(numbers.map((number) => number.branch))) {
      this.#sum.tasks.push({
        kind: 'data',
        branch: branchOf,
        patch: ({ data, bounds, firstEntry }) => {
          if (firstEntry > 0) return;
          for (const [i, number] of numbers.entries()) {
            if (number.branch !== branchOf) continue;
            for (const list of theirs) addInto(data, (bounds[0] as number) + number.at, number, (list[i] as AdditiveVector).values);
          }
        },
      });
    }
    this.#sum.summed.push(name);
    return true;
  }
}

function classOf(tree: TreeReader, branch: number): string {
  const at = tree.scan.branches.offset(branch, BRANCH.fClassName);
  return tree.scan.branchClass[branch] === 'TBranchElement' ? decodeText(textAt(tree.scan, at)) : '';
}

/** All branches below one that hold data, itself included. */
function dataBranches(tree: TreeReader, branch: number): number[] {
  const below = tree.children(branch).flatMap((child) => dataBranches(tree, child));
  return (tree.baskets.start[branch] as number) < (tree.baskets.start[branch + 1] as number) ? [branch, ...below] : below;
}

function entryOf({ tree, row }: MetadataRow, branch: number): Uint8Array {
  const { data, start, end } = new BranchCursor(tree, branch).entry(row);
  return data.subarray(start, end);
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

/** A vector of 8-byte numbers inside the entry of a branch. */
interface AdditiveVector {
  branch: number;
  isReal: boolean;
  /** Index of the first number in the entry, and how many there are. */
  at: number;
  count: number;
  values: DataView;
}

const ADDED_MEMBERS = ['nAcceptedEvents', 'sumOfEventWeights', 'sumOfEventWeightsSquared'] as const;

/** The vectors of a container that add up; empty for containers of other classes. */
function additiveBranches(of: MetadataRow, branch: number): AdditiveVector[] {
  const { tree } = of;
  const name = branchName(tree.scan, branch);
  const className = classOf(tree, branch);
  if (className === 'vector<double>' && /AuxDyn\.sumOf/.test(name)) return vectorsAtEnd(of, branch, [true]);
  if (!/^xAOD::CutBookkeeperAuxContainer_v1$/.test(className)) return [];
  const members = tree.children(branch);
  if (members.length === 0) return vectorsAtEnd(of, branch, [false, true, true]);
  return ADDED_MEMBERS.flatMap((member, i) => {
    const row = members.find((child) => branchName(tree.scan, child).endsWith(`.${member}`));
    return row === undefined ? [] : vectorsAtEnd(of, row, [i > 0]);
  });
}

/** The last members of an entry are vectors of 8-byte numbers, equally long: their byte counts tell how long. Empty if they are not. */
function vectorsAtEnd(of: MetadataRow, branch: number, isReal: readonly boolean[]): AdditiveVector[] {
  const entry = entryOf(of, branch);
  const view = new DataView(entry.buffer, entry.byteOffset, entry.length);
  for (let count = 0; isReal.length * (VECTOR_HEAD + 8 * count) <= entry.length; count++) {
    const step = VECTOR_HEAD + 8 * count;
    const first = entry.length - isReal.length * step;
    const isVector = (at: number): boolean => view.getUint32(at) === byteCountWord(step - 4) && view.getUint32(at + 6) === count;
    if (!isReal.every((_, i) => isVector(first + i * step))) continue;
    return isReal.map((real, i) => {
      const at = first + i * step + VECTOR_HEAD;
      return { branch, isReal: real, at, count, values: new DataView(view.buffer, view.byteOffset + at, 8 * count) };
    });
  }
  return [];
}

/** True when two containers agree in all bytes but the numbers, and have as many of these. */
function sameRest(own: MetadataRow, branch: number, numbers: readonly AdditiveVector[], other: MetadataRow, theirs: readonly AdditiveVector[]): boolean {
  const otherBranch = other.tree.branch(branchName(own.tree.scan, branch)) as number;
  const [a, b] = [dataBranches(own.tree, branch), dataBranches(other.tree, otherBranch)];
  const blank = (entry: Uint8Array, row: number, list: readonly AdditiveVector[]): Uint8Array => {
    const copy = entry.slice();
    for (const { branch: of, at, count } of list) if (of === row) copy.fill(0, at, at + 8 * count);
    return copy;
  };
  return a.length === b.length && a.every((row, i) => Buffer.compare(blank(entryOf(own, row), row, numbers), blank(entryOf(other, b[i] as number), b[i] as number, theirs)) === 0);
}

function addInto(data: Uint8Array, at: number, { isReal, count }: AdditiveVector, values: DataView): void {
  const view = new DataView(data.buffer, data.byteOffset + at, 8 * count);
  for (let i = 0; i < 8 * count; i += 8) {
    if (isReal) view.setFloat64(i, view.getFloat64(i) + values.getFloat64(i));
    else view.setBigUint64(i, view.getBigUint64(i) + values.getBigUint64(i));
  }
}
